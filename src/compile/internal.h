/* What the files of this room share. */
#ifndef COMPILE_INTERNAL_H
#define COMPILE_INTERNAL_H

#include "base/map.h"
#include "compile/compile.h"
#include "jinja/jinja.h"
#include "project/artifact.h"
#include "project/project.h"

#define COMPILE_DBT_VERSION "1.11.16"

struct compiler {
    struct compile_options options;
    struct project_hooks hooks;
    struct jinja_env *env;
    struct project *project; /* loaded or being loaded; NULL before */
    struct arena arena;      /* what was compiled */
    struct arena scratch;    /* one render */
    char invocation_id[40];
    int64_t started_at_ms;
    uint32_t *stamps; /* by node index: last list of CTEs that has it; heap */
    size_t stamp_count;
    uint32_t stamp;
    size_t kept; /* renders whose memory stays, since they may have changed `graph` */
    int depth;   /* of ephemeral models being compiled */
    struct value graph; /* `graph` at run time, once asked for; in `arena` */
};

/* ---- contexts ------------------------------------------------------------------- */

enum context_mode {
    CONTEXT_PARSE, /* a node's body while loading: refs are captured, execute is false
                    */
    CONTEXT_NAME,  /* generate_schema_name and its like */
    CONTEXT_RUN,
    CONTEXT_YAML /* only the base names */
};

/* One render: who asks, and what it leaves behind. Its memory is the scratch arena. */
struct context {
    struct compiler *compiler;
    struct project *project;
    const struct package *package; /* whose macros, vars and refs count first */
    struct node *node;             /* NULL outside of nodes */
    enum context_mode mode;
    enum project_yaml yaml; /* CONTEXT_YAML: where the text stands */
    bool native;            /* as_bool and the like convert */
    bool operation;         /* a hook of the project: no ref to ephemeral models */
    const char *sql;        /* `sql` and `compiled_code` in hooks, or NULL */
    struct value extra;     /* dict of more names, before all others; or undefined */
    struct value results;   /* dict of stored results; undefined until the first */
    struct value test_args; /* _dbt_generic_test_kwargs, once asked for */
    struct unit *unit;      /* a unit test's substitutions, or NULL */
    struct node *resolved;  /* what the last ref() or source() meant */
    struct value columns;   /* list of columns that any relation has; or undefined */
    struct node **ctes;     /* ephemeral models referenced, each once */
    size_t cte_count;
    size_t cte_cap;
    struct jinja_scope scope;   /* extra names, macros, packages, then: */
    struct jinja_scope members; /* the table of names */
    struct jinja_scope builtin; /* macros of dbt and dbt_confluent */
};

void context_init(struct context *context, struct compiler *compiler,
                  struct project *project, const struct package *package,
                  struct node *node, enum context_mode mode);

/* Forgets what a render left in the scratch arena since `mark`, unless one since
 * `kept` (compiler->kept then) has to stay. */
void context_release(struct compiler *compiler, struct arena_mark mark, size_t kept);

/* The context a function runs in. */
static inline struct context *context_of(const struct jinja_run *run)
{
    return jinja_user(run);
}

/* Renders in the scratch arena. Text without markup is copied. */
int context_render(struct context *context, const char *text, size_t len,
                   const char *file, int line, struct buf *out, struct err *err);
int context_render_native(struct context *context, const char *text, size_t len,
                          const char *file, int line, struct value *out,
                          struct err *err);
/* Renders a string while another render goes on (var(), render()). */
int context_render_inside(struct context *context, struct jinja_run *run,
                          const char *text, size_t len, bool native, struct value *out);
/* A macro as a value of this context. 0/-1. */
int context_bind(struct context *context, struct jinja_run *run, struct macro *macro,
                 struct value *out);
/* The macro parsed; once. NULL with err set. */
const struct jinja_macro *context_macro(struct compiler *compiler,
                                        struct project *project, struct macro *macro,
                                        struct err *err);
/* Shows a text of log(), print() or warn(). */
void context_print(const struct context *context, const char *text);
/* Whether the server can be asked; raises when not. `what` is for the message. */
const struct compile_connection *context_connection(struct jinja_run *run,
                                                    const char *what);

/* Sorted tables of names; their functions get a struct context. */
extern const struct jinja_def context_defs[];
extern const size_t context_def_count;
extern const struct jinja_def context_yaml_defs[];
extern const size_t context_yaml_def_count;

/* ---- unit tests
 * ---------------------------------------------------------------------- */

struct unit_input {
    const struct node *node;
    const char *name; /* of the table that takes its place */
};

struct unit {
    const struct node *test;
    struct unit_input *inputs;
    size_t count;
    bool resolving;      /* ref() may mean anything: an input's name is looked up */
    struct value macros; /* overrides: dicts, or undefined */
    struct value vars;
    struct value env_vars;
};

/* The name that stands for a node in a unit test, or NULL when it is no input. */
const char *unit_name(const struct unit *unit, const struct node *node);
/* An overridden macro: gives its value whatever it is called with. */
bool unit_macro(const struct context *context, struct jinja_run *run,
                const char *package, const char *name, struct value *out);

/* ---- members, by file -------------------------------------------------------------
 */

/* context_value.c, context_func.c */
int context_get_arguments(void *data, struct jinja_run *run, struct value *out);
int context_get_column(void *data, struct jinja_run *run, struct value *out);
int context_get_database(void *data, struct jinja_run *run, struct value *out);
int context_get_dbt_version(void *data, struct jinja_run *run, struct value *out);
int context_get_empty_dict(void *data, struct jinja_run *run, struct value *out);
int context_get_execute(void *data, struct jinja_run *run, struct value *out);
int context_get_flags(void *data, struct jinja_run *run, struct value *out);
int context_get_graph(void *data, struct jinja_run *run, struct value *out);
int context_get_invocation_id(void *data, struct jinja_run *run, struct value *out);
int context_get_model(void *data, struct jinja_run *run, struct value *out);
int context_get_none(void *data, struct jinja_run *run, struct value *out);
int context_get_post_hooks(void *data, struct jinja_run *run, struct value *out);
int context_get_pre_hooks(void *data, struct jinja_run *run, struct value *out);
int context_get_project_name(void *data, struct jinja_run *run, struct value *out);
int context_get_schema(void *data, struct jinja_run *run, struct value *out);
int context_get_selected(void *data, struct jinja_run *run, struct value *out);
int context_get_sql(void *data, struct jinja_run *run, struct value *out);
int context_get_target(void *data, struct jinja_run *run, struct value *out);
int context_get_thread_id(void *data, struct jinja_run *run, struct value *out);
int context_get_validation(void *data, struct jinja_run *run, struct value *out);
int context_call_adapter_macro(struct jinja_call *call, struct value *out);
int context_call_log(struct jinja_call *call, struct value *out);
int context_call_print_info(struct jinja_call *call, struct value *out);
int context_call_refused(struct jinja_call *call, struct value *out);
int context_call_render(struct jinja_call *call, struct value *out);
int context_call_try(struct jinja_call *call, struct value *out);
int context_call_write(struct jinja_call *call, struct value *out);

/* base_func.c: functions without context of a project */
int func_diff_of_two_dicts(struct jinja_call *call, struct value *out);
int func_fromjson(struct jinja_call *call, struct value *out);
int func_fromyaml(struct jinja_call *call, struct value *out);
int func_local_md5(struct jinja_call *call, struct value *out);
int func_return(struct jinja_call *call, struct value *out);
int func_set(struct jinja_call *call, struct value *out);
int func_set_strict(struct jinja_call *call, struct value *out);
int func_tojson(struct jinja_call *call, struct value *out);
int func_toyaml(struct jinja_call *call, struct value *out);
int func_zip(struct jinja_call *call, struct value *out);
int func_zip_strict(struct jinja_call *call, struct value *out);

/* resolve.c: ref, source, this, var, env_var, doc */
int resolve_ref(struct jinja_call *call, struct value *out);
int resolve_source(struct jinja_call *call, struct value *out);
int resolve_doc(struct jinja_call *call, struct value *out);
int resolve_env_var(struct jinja_call *call, struct value *out);
int resolve_this(void *context, struct jinja_run *run, struct value *out);
int resolve_var(void *context, struct jinja_run *run, struct value *out);

/* config_object.c */
int config_object(void *context, struct jinja_run *run, struct value *out);
/* The node's config value with a default; meta_get() looks into meta. */

/* adapter.c, exceptions.c, modules.c */
int adapter_object(void *context, struct jinja_run *run, struct value *out);
int api_object(void *context, struct jinja_run *run, struct value *out);
int exceptions_object(void *context, struct jinja_run *run, struct value *out);
int modules_object(void *context, struct jinja_run *run, struct value *out);
int run_started_at(void *context, struct jinja_run *run, struct value *out);

/* statement.c: results of statements */
int statement_load_result(struct jinja_call *call, struct value *out);
int statement_store_result(struct jinja_call *call, struct value *out);
int statement_store_raw_result(struct jinja_call *call, struct value *out);
int statement_load_agate_table(struct jinja_call *call, struct value *out);
int statement_execute(struct jinja_call *call, struct value *out);

/* ---- relations and columns ----------------------------------------------------- */

enum { RELATION_DATABASE, RELATION_SCHEMA, RELATION_IDENTIFIER, RELATION_PARTS };

struct relation {
    struct value_object base;
    const char *part[RELATION_PARTS]; /* NULL: not set */
    bool include[RELATION_PARTS];
    bool quote[RELATION_PARTS];
    const char *type; /* "view" …; NULL */
    bool limited;     /* --empty */
    bool is_schema;   /* information_schema() */
    const char *view; /* of the information schema; NULL */
};

/* A new relation, everything included and quoted; in `arena`. */
struct relation *relation_new(struct arena *arena, const char *database,
                              const char *schema, const char *identifier,
                              const char *type);
/* The relation of a node or source, with the quoting it has. */
struct relation *relation_of_node(struct arena *arena, const struct project *project,
                                  const struct node *node);
struct relation *relation_of_ephemeral(struct arena *arena, const char *alias);
/* Applies a quoting dict: {database: false, …}. */
void relation_apply_quoting(struct relation *relation, struct value quoting);
void relation_render(const struct relation *relation, struct buf *out);
/* str(): as render, or the empty subquery of --empty. */
void relation_text(const struct relation *relation, struct buf *out);
struct value relation_value(struct relation *relation);
/* The relation of a value, or NULL. */
struct relation *relation_from(struct value v);
/* `api.Relation` and `api.Column`: callable classes. */
struct value relation_class_value(struct arena *arena);
struct value column_class_value(struct arena *arena);
struct value column_value(struct arena *arena, const char *name, const char *type);
/* The name of what column_value() made; borrowed. */
const char *column_name_of(struct value column);

/* ---- tables ---------------------------------------------------------------------- */

/* An agate.Table over `table`, which must outlive it. */
struct value table_value(struct arena *arena, const struct compile_table *table);
const struct compile_table *table_from(struct value v);

/* ---- the rest ------------------------------------------------------------------- */

extern const struct project_builtin compile_builtins[];
extern const size_t compile_builtin_count;

/* Fills in the hooks that loading calls. */
void load_hooks_init(struct compiler *compiler);

/*
 * The parse_macro hook: parses the macro and fills in macro->uses with what it calls,
 * as dbt 1.11 guesses from its text (clients/jinja_static.py): plain and dotted names,
 * and what adapter.dispatch() finds. 0/-1: a syntax error, a dispatch without target.
 */
int macro_uses_find(void *compiler, struct project *project, struct macro *macro,
                    struct err *err);

/* record.c: an object with the dict's keys as attributes, printed as NAME(a=1, …). */
extern const struct jinja_class record_namespace, record_policy, record_path;
struct value record_value(struct arena *arena, const struct jinja_class *class,
                          struct value dict);

/* A set as Python prints it: an object over a list without duplicates. */
struct value set_value(struct arena *arena, struct value list);

/* Rendered keyword arguments of a generic test. 0/-1. */
int test_arguments(void *context, struct jinja_run *run, struct value *out);

/*
 * Puts `ctes` in front of the query of `body`. Appends the result. Right where dbt is
 * not: WITH ORDINALITY, several statements, comments that hold "with".
 */
void inject_ctes(const char *body, size_t len, const struct compile_cte *ctes,
                 size_t count, struct buf *out);

/* target/compiled path of a node, relative to the project; NULL without SQL. */
const char *compiled_path(struct compiler *compiler, const struct node *node);

/* Says where in the node's file an error of its body is. */
void context_locate(struct err *err, const struct node *node);
/* A copy without objects, which live no longer than a render: their text stands for
 * them (without a `run` their class's name). `depth` is 0. */
struct value context_detach(struct arena *arena, struct jinja_run *run, struct value v,
                            int depth);
/* Adds "called by model NAME (FILE)" to a macro stack that isn't empty. */
void context_blame(struct err *err, const struct node *node);
/* dbt's words for an error of a template, its hint included. */
void context_explain(struct err *err);

#endif
