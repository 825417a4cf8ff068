/* Which macros a macro calls, guessed from its text (dbt's clients/jinja_static.py). */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "base/str.h"

struct uses {
    struct project *project;
    struct macro *macro;
    struct macro **found; /* in the project's arena */
    size_t count;
    size_t cap;
    struct err *err;
};

static void add(struct uses *uses, struct macro *macro)
{
    if (macro == NULL) {
        return;
    }
    for (size_t i = 0; i < uses->count; i++) {
        if (uses->found[i] == macro) {
            return;
        }
    }
    if (uses->count == uses->cap) {
        size_t cap = uses->cap > 0 ? uses->cap * 2 : 8;
        struct macro **grown = arena_array(&uses->project->arena, struct macro *, cap);
        if (uses->count > 0) {
            memcpy(grown, uses->found, uses->count * sizeof(struct macro *));
        }
        uses->found = grown;
        uses->cap = cap;
    }
    uses->found[uses->count++] = macro;
}

/* A call of `name`, written without a package. */
static void add_plain(struct uses *uses, const char *name)
{
    if (!str_eq(name, uses->macro->name)) {
        add(uses,
            project_macro_anywhere(uses->project, uses->macro->package->name, name));
    }
}

static bool add_dispatched(struct uses *uses, const struct jinja_static_call *call)
{
    struct value name = value_dict_get(call->kwargs, "macro_name");
    struct value namespace = value_dict_get(call->kwargs, "macro_namespace");

    if (value_list_count(call->args) > 0) {
        name = value_list_at(call->args, 0);
    }
    if (value_list_count(call->args) > 1) {
        namespace = value_list_at(call->args, 1);
    }
    if (!value_is_str(name)) {
        return true; /* computed: nothing to see */
    }
    add_plain(uses, name.as.s);
    struct macro *macro = project_dispatch(uses->project, NULL, name.as.s,
                                           value_cstr(namespace, NULL), uses->err);
    if (macro == NULL) {
        uses->err->line = call->line;
        return false;
    }
    add(uses, macro);
    return true;
}

/* Whether dbt's own context has the name, so that it is no macro's. */
static bool is_member(const char *name)
{
    static const char *const calls[] = {"config", "ref", "source"};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (str_eq(name, calls[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < context_yaml_def_count; i++) {
        if (str_eq(name, context_yaml_defs[i].name)) {
            return !str_eq(name, "doc");
        }
    }
    return false;
}

static bool visit(void *context, const struct jinja_static_call *call)
{
    struct uses *uses = context;
    const char *dot = strchr(call->name, '.');
    char package[256];

    if (dot == NULL) {
        if (!is_member(call->name)) {
            add_plain(uses, call->name);
        }
        return true;
    }
    size_t len = (size_t)(dot - call->name);
    if (strchr(dot + 1, '.') != NULL || len >= sizeof package) {
        return true;
    }
    memcpy(package, call->name, len);
    package[len] = '\0';
    if (!str_eq(package, "adapter")) {
        add(uses, project_macro_anywhere(uses->project, package, dot + 1));
        return true;
    }
    return !str_eq(dot + 1, "dispatch") || add_dispatched(uses, call);
}

int macro_uses_find(void *data, struct project *project, struct macro *macro,
                    struct err *err)
{
    struct compiler *compiler = data;
    struct arena_mark mark = arena_mark(&compiler->scratch);
    struct uses uses = {.project = project, .macro = macro, .err = err};
    const struct jinja_macro *parsed = context_macro(compiler, project, macro, err);

    if (parsed == NULL && str_eq(err->type, "TemplateAssertionError")) {
        err_clear(err); /* an unknown filter or test: Jinja tells when it is called */
        return 0;
    }
    if (parsed == NULL) {
        return -1;
    }
    jinja_visit_calls(parsed->template, &compiler->scratch, visit, &uses);
    arena_rewind(&compiler->scratch, mark);
    macro->uses = uses.found;
    macro->use_count = uses.count;
    return err->code != 0 ? -1 : 0;
}
