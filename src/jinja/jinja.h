/*
 * Jinja 2: parses templates once, renders them many times. Follows Jinja2 3.1 in a
 * SandboxedEnvironment with the `do` and `loopcontrols` extensions, with autoescape
 * off; no include, import or extends, since there is no loader. The deliberate
 * differences stand in cflowsh-project(5).
 *
 *   struct jinja_env *env = jinja_env_new(NULL);
 *   struct jinja_template *t;
 *   if (jinja_parse(env, text, len, "a.sql", 1, &arena, &t, &err) != 0) …
 *   struct jinja_options options = {.scope = &scope, .arena = &render_arena};
 *   if (jinja_render(t, &options, &out, &err) != 0) …
 *
 * Templates are immutable and hold no values of a render. Everything a render makes
 * lives in its arena. One thread per environment.
 */
#ifndef JINJA_JINJA_H
#define JINJA_JINJA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "jinja/object.h"
#include "value/value.h"

struct jinja_env;
struct jinja_template;
struct jinja_macro;

/* ---- environment -------------------------------------------------------------------
 */

/* How the head of a block tag that defines a callable is written. */
enum jinja_tag_form {
    JINJA_TAG_SIGNATURE, /* {% test NAME(a, b=1) %}: as macro */
    JINJA_TAG_NAME,      /* {% docs NAME %}: no arguments */
    JINJA_TAG_OPTIONS    /* {% materialization NAME, default, adapter='x' %} */
};

/* A tag beside `macro` that defines a callable, from {% NAME … %} to {% endNAME %}. */
struct jinja_tag {
    const char *name;
    enum jinja_tag_form form;
    /* JINJA_TAG_OPTIONS: names that may follow, ending with NULL. A name that starts
     * with
     * '=' takes a value. A name that starts with '@' takes one too, and becomes a
     * parameter of the body with that value as its default. */
    const char *const *options;
};

struct jinja_limits {
    size_t output;  /* bytes a render may write; 0 = 64 MiB */
    size_t memory;  /* bytes of arena a render may take; 0 = 1 GiB */
    uint64_t steps; /* statements, iterations and calls; 0 = 100 million */
    int depth;      /* macro calls in each other; 0 = 400 */
    int64_t range;  /* items of range(); 0 = 100,000, as Jinja's sandbox */
    size_t text;    /* bytes of a template; 0 = 16 MiB */
};

struct jinja_config {
    const struct jinja_tag *tags; /* static table, or NULL */
    size_t tag_count;
    /* Goes before the names of macros that a template defines: `dbt_macro__`; or NULL.
     */
    const char *macro_prefix;
    bool typed_params; /* {% macro m(a: List[int]) %} */
    struct jinja_limits limits;
};

/* `config` may be NULL: plain Jinja. Never NULL; its tables are borrowed. */
struct jinja_env *jinja_env_new(const struct jinja_config *config);
void jinja_env_free(struct jinja_env *env);

/*
 * Adds or replaces a filter (the filtered value is args[0]) or a test (gives a bool).
 * `name` is borrowed. To be called before anything is parsed.
 */
void jinja_add_filter(struct jinja_env *env, const char *name, jinja_function function,
                      void *context);
void jinja_add_test(struct jinja_env *env, const char *name, jinja_function function,
                    void *context);

/* ---- templates --------------------------------------------------------------------
 */

/* Whether the text holds any Jinja delimiter: `{{ {% {# }} %} #}`. */
bool jinja_has_markup(const char *text, size_t len);

/*
 * Parses. `text` is copied; `file` too, for messages; `first_line` is the number of the
 * text's first line in that file. The template lives in `arena`. Errors: ERR_COMPILE
 * with type TemplateSyntaxError (or TemplateAssertionError: unknown filter or test),
 * file, line, column and the line's text; ERR_LIMIT.
 */
int jinja_parse(const struct jinja_env *env, const char *text, size_t len,
                const char *file, int first_line, struct arena *arena,
                struct jinja_template **out, struct err *err);

/* A call that the text contains: `ref('a')`, `config(x=1)`, `ns.f()`. */
struct jinja_static_call {
    const char *name; /* dotted: "config.get"; borrowed from the template */
    int line;
    bool constant;       /* all arguments are literals */
    bool conditional;    /* inside if, for, a macro or a conditional expression */
    struct value args;   /* list: undefined for what is no literal */
    struct value kwargs; /* dict: likewise */
};

/*
 * Calls `visit` for every call of a plain or dotted name, in the order of the text,
 * until it returns false. The values live in `arena`.
 */
void jinja_visit_calls(const struct jinja_template *template, struct arena *arena,
                       bool (*visit)(void *context,
                                     const struct jinja_static_call *call),
                       void *context);

/* Names that the template reads from its scope (not set by itself), each once. */
void jinja_visit_names(const struct jinja_template *template,
                       bool (*visit)(void *context, const char *name, int line),
                       void *context);

/* ---- scopes ------------------------------------------------------------------------
 */

/*
 * Where names come from. `lookup` is asked the first time that a template uses the
 * name: 1 with `*out` set, 0 = not here (then `next` is asked, at last the engine's
 * own: range, dict, namespace, cycler, joiner, lipsum), -1 = error raised. Nothing is
 * copied, so a scope over thousands of macros costs nothing. Scope and contexts are
 * borrowed for the render; for a bound macro as long as the bound value is used.
 */
struct jinja_scope {
    int (*lookup)(void *context, struct jinja_run *run, const struct jinja_name *name,
                  struct value *out);
    void *context;
    const struct jinja_scope *next;
};

/* A scope over the string keys of a dict (borrowed, may change between renders). */
struct jinja_scope jinja_scope_dict(struct value dict, const struct jinja_scope *next);

/* A scope over a table sorted by name; functions get `context`. In `arena`. */
struct jinja_scope jinja_scope_table(struct arena *arena, const struct jinja_def *defs,
                                     size_t count, void *context,
                                     const struct jinja_scope *next);

/* Asks scope after scope, then the engine's own names: 1/0/-1. */
int jinja_scope_find(struct jinja_run *run, const struct jinja_scope *scope,
                     const struct jinja_name *name, struct value *out);

/* ---- rendering ---------------------------------------------------------------------
 */

struct jinja_options {
    const struct jinja_scope *scope; /* NULL: only the engine's own names */
    struct arena *arena;             /* for everything the render makes */
    /* Undefined names of this template (not of macros it calls) swallow attributes,
     * items and calls instead of raising: dbt's parse mode. */
    bool permissive;
    const volatile sig_atomic_t *interrupted; /* ERR_INTERRUPTED once not 0; or NULL */
    void *user;                               /* for jinja_user() */
    /* Called when a bound macro is entered, with jinja_macro_depth() before it; or
     * NULL. */
    void (*on_macro)(void *user, struct jinja_run *run,
                     const struct jinja_macro *macro);
    /* Set when a host function renders while a render is going on: shares its limits,
     * depth and macro stack; arena, interrupted, user and on_macro are taken from it.
     */
    struct jinja_run *parent;
};

/*
 * Appends the text. Errors: code ERR_COMPILE (a host function's own code stays) with
 * type (the Python exception's name: UndefinedError, TypeError…), message, file, line,
 * the line's text and the stack of bound macros in `err->trace`, innermost first: "in
 * macro NAME (FILE)" and "called by macro NAME (FILE)" lines; ERR_LIMIT;
 * ERR_INTERRUPTED. On errors `out` holds what was written so far.
 */
int jinja_render(const struct jinja_template *template,
                 const struct jinja_options *options, struct buf *out, struct err *err);

/*
 * Native rendering: a single expression keeps its type, several parts are joined as
 * text, nothing gives "". As dbt's YAML rendering (a constant like {{ 1 }} is text).
 */
int jinja_render_native(const struct jinja_template *template,
                        const struct jinja_options *options, struct value *out,
                        struct err *err);

/* Renders a single expression, without braces; for REPLs and defaults. */
int jinja_eval(const struct jinja_env *env, const char *expression,
               const struct jinja_options *options, struct value *out, struct err *err);

/* Python's ast.literal_eval of a text; `*out` is undefined when it is no literal. */
void jinja_literal(struct arena *arena, const char *text, size_t len,
                   struct value *out);

/* Appends Python's repr() of a value that a render gave, outside of any render. */
int jinja_repr_text(const struct jinja_env *env, struct value v, struct arena *arena,
                    struct buf *out, struct err *err);

/* Calls a callable value outside of any render (hooks, generate_… macros). */
int jinja_call(const struct jinja_env *env, const struct jinja_options *options,
               struct value callable, const struct value *args, size_t arg_count,
               const struct jinja_kwarg *kwargs, size_t kwarg_count, struct value *out,
               struct err *err);

/* ---- files of macros ----------------------------------------------------------------
 */

/* A top-level {% TAG NAME … %} … {% endTAG %} of a file. Texts are borrowed. */
struct jinja_block {
    const char *tag;  /* "macro", "docs" … as found, in the arena */
    const char *name; /* "" when the tag has none */
    const char *text; /* from {% to the end of {% endTAG %} */
    size_t len;
    const char *body; /* between the two tags */
    size_t body_len;
    size_t offset; /* of `text` in the file */
    int line;      /* of the block's first line in the file, from 1 */
};

struct jinja_blocks {
    struct jinja_block *items; /* in the arena */
    size_t count;
};

/*
 * Finds the blocks of the tags in `tags` (ending with NULL), as dbt's block lexer does:
 * everything outside is ignored, comments and raw are skipped, blocks inside of if/for
 * are an error. `text` must outlive the result. Errors: ERR_COMPILE with file and line.
 */
int jinja_extract_blocks(const char *text, size_t len, const char *file,
                         const char *const *tags, struct arena *arena,
                         struct jinja_blocks *out, struct err *err);

struct jinja_macro_param {
    const char *name;
    const char *type; /* "Dict[str,int]", or NULL */
    bool has_default;
};

/* One macro, compiled alone. Immutable; all strings live as long as the template. */
struct jinja_macro {
    const char *name; /* as written: without macro_prefix */
    const char *tag;  /* "macro", "test" … */
    const char *file;
    int line;
    const struct jinja_template *template;
    struct jinja_macro_param *params;
    size_t param_count;
    /* JINJA_TAG_OPTIONS: dict of what the head said, flags as true. */
    struct value options;
    bool accepts_varargs; /* the body mentions varargs, kwargs or caller */
    bool accepts_kwargs;
    bool accepts_caller;
    void *user; /* the host's; NULL at first */
};

/*
 * Parses the text of one block (jinja_block.text) and gives its macro; `*out` NULL
 * never on success. The first macro in the text counts.
 */
int jinja_parse_macro(const struct jinja_env *env, const char *text, size_t len,
                      const char *file, int first_line, struct arena *arena,
                      struct jinja_macro **out, struct err *err);

/*
 * A callable value: a call renders the macro with `scope` for its free names (so it
 * never sees variables of the caller) and gives its text, or what jinja_return() was
 * given. The value lives in `arena` and may be used by any number of renders.
 */
struct value jinja_bind_macro(struct arena *arena, const struct jinja_macro *macro,
                              const struct jinja_scope *scope);

/* The macro behind a bound value, or NULL. */
const struct jinja_macro *jinja_bound_macro(struct value v);

#endif
