/* Names of templates: extra names, macros, packages, dbt's members, built-in macros. */
#include "config.h"

#include "compile/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* ---- macros ---------------------------------------------------------------------- */

const struct jinja_macro *context_macro(struct compiler *compiler,
                                        struct project *project, struct macro *macro,
                                        struct err *err)
{
    if (macro->compiled == NULL) {
        struct jinja_macro *parsed = NULL;
        const char *file = macro->file == NULL          ? ""
                           : macro->file->shown != NULL ? macro->file->shown
                                                        : macro->file->path;
        if (jinja_parse_macro(compiler->env, macro->text, macro->len, file, macro->line,
                              &project->arena, &parsed, err) != 0) {
            return NULL;
        }
        parsed->user = macro;
        macro->compiled = parsed;
    }
    return macro->compiled;
}

int context_bind(struct context *context, struct jinja_run *run, struct macro *macro,
                 struct value *out)
{
    const struct jinja_macro *parsed =
        context_macro(context->compiler, context->project, macro, jinja_error(run));

    if (parsed == NULL) {
        return -1;
    }
    *out = jinja_bind_macro(jinja_arena(run), parsed, &context->scope);
    return 0;
}

/* ---- packages as names: dbt_utils.star() ------------------------------------------
 */

struct package_object {
    struct value_object base;
    struct context *context;
    const char *name;
};

static int package_member(struct value_object *self, struct jinja_run *run,
                          const char *name, struct value *out)
{
    struct package_object *object = (struct package_object *)self;
    struct macro *macro =
        project_package_macro(object->context->project, object->name, name);

    if (unit_macro(object->context, run, object->name, name, out)) {
        return 1;
    }
    if (macro == NULL) {
        return 0;
    }
    return context_bind(object->context, run, macro, out) == 0 ? 1 : -1;
}

static int package_getattr(struct value_object *self, struct jinja_run *run,
                           const struct jinja_name *name, struct value *out)
{
    return package_member(self, run, name->s, out);
}

static int package_getitem(struct value_object *self, struct jinja_run *run,
                           struct value key, struct value *out)
{
    return value_is_str(key) ? package_member(self, run, key.as.s, out) : 0;
}

static int package_contains(struct value_object *self, struct jinja_run *run,
                            struct value x)
{
    struct value ignored;

    return package_getitem(self, run, x, &ignored);
}

static const struct jinja_class package_class = {
    .base = {.name = "dict"},
    .getattr = package_getattr,
    .getitem = package_getitem,
    .contains = package_contains,
    .mapping = true,
};

static struct value package_value(struct context *context, struct arena *arena,
                                  const char *name)
{
    struct package_object *object = arena_new(arena, struct package_object);

    object->base.class = &package_class.base;
    object->context = context;
    object->name = arena_strdup(arena, name);
    return jinja_object_value(&object->base);
}

/* ---- scopes -------------------------------------------------------------------------
 */

/* Extra names, the user's macros, packages. */
static int find_own(void *data, struct jinja_run *run, const struct jinja_name *name,
                    struct value *out)
{
    struct context *context = data;

    if (value_is(context->extra, VALUE_DICT)) {
        struct value found = value_dict_get_n(context->extra, name->s, name->len);
        if (!value_is(found, VALUE_UNDEFINED)) {
            *out = found;
            return 1;
        }
    }
    if (unit_macro(context, run, NULL, name->s, out)) {
        return 1;
    }
    struct macro *macro = project_macro(context->project, context->package, name->s);
    if (macro != NULL && !macro->package->is_builtin) {
        return context_bind(context, run, macro, out) == 0 ? 1 : -1;
    }
    struct package *package = project_package(context->project, name->s);
    if (package != NULL &&
        (!package->is_builtin || strcmp(package->name, "dbt") == 0)) {
        *out = package_value(context, jinja_arena(run), package->name);
        return 1;
    }
    return 0;
}

static int find_builtin(void *data, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    struct context *context = data;
    struct macro *macro = project_macro(context->project, context->package, name->s);

    if (macro == NULL) {
        return 0;
    }
    return context_bind(context, run, macro, out) == 0 ? 1 : -1;
}

void context_init(struct context *context, struct compiler *compiler,
                  struct project *project, const struct package *package,
                  struct node *node, enum context_mode mode)
{
    memset(context, 0, sizeof *context);
    context->compiler = compiler;
    context->project = project;
    context->package = package;
    context->node = node;
    context->mode = mode;
    if (mode == CONTEXT_YAML) {
        context->native = true;
        context->scope = jinja_scope_table(&compiler->scratch, context_yaml_defs,
                                           context_yaml_def_count, context, NULL);
        return;
    }
    context->builtin = (struct jinja_scope){find_builtin, context, NULL};
    context->members = jinja_scope_table(&compiler->scratch, context_defs,
                                         context_def_count, context, &context->builtin);
    context->scope = (struct jinja_scope){find_own, context, &context->members};
}

void context_release(struct compiler *compiler, struct arena_mark mark, size_t kept)
{
    if (compiler->kept == kept) {
        arena_rewind(&compiler->scratch, mark);
    }
}

/* ---- rendering ------------------------------------------------------------------- */

/* dbt marks macros that the node calls itself, while parsing and while compiling; those
 * that macros call are theirs. */
static void on_macro(void *user, struct jinja_run *run, const struct jinja_macro *macro)
{
    struct context *context = user;

    if ((context->mode == CONTEXT_PARSE || context->mode == CONTEXT_RUN) &&
        context->node != NULL && context->unit == NULL && !context->operation &&
        jinja_macro_depth(run) == 0 && macro->user != NULL) {
        node_add_macro(context->project, context->node, macro->user);
    }
}

static struct jinja_options options_of(struct context *context)
{
    return (struct jinja_options){
        .scope = &context->scope,
        .arena = &context->compiler->scratch,
        .permissive = context->mode == CONTEXT_PARSE,
        .user = context,
        .on_macro = on_macro,
    };
}

void context_locate(struct err *err, const struct node *node)
{
    if (err->file[0] == '\0' && node != NULL) {
        err->source[0] = '\0'; /* of the body: the file's line has what is around it */
        node_locate(node, err);
    }
}

void context_blame(struct err *err, const struct node *node)
{
    size_t len = strlen(err->trace);

    if (len > 0 && node != NULL && len + 2 < sizeof err->trace) {
        snprintf(err->trace + len, sizeof err->trace - len, "%scalled by %s %s (%s)",
                 err->trace[len - 1] == '\n' ? "" : "\n", node_type_name(node->type),
                 node->name, node->file != NULL ? node->file->path : "");
    }
}

void context_explain(struct err *err)
{
    if (strcmp(err->type, "UndefinedError") == 0) {
        err_hint(err, "This can happen when calling a macro that does not exist. Check "
                      "for typos and/or install package dependencies with \"dbt "
                      "deps\".");
    }
}

int context_render(struct context *context, const char *text, size_t len,
                   const char *file, int line, struct buf *out, struct err *err)
{
    struct jinja_template *template;
    struct jinja_options options = options_of(context);

    if (!jinja_has_markup(text, len)) {
        buf_add(out, text, len);
        return 0;
    }
    if (jinja_parse(context->compiler->env, text, len, file, line,
                    &context->compiler->scratch, &template, err) != 0 ||
        jinja_render(template, &options, out, err) != 0) {
        context_explain(err);
        context_blame(err, context->node);
        return -1;
    }
    return 0;
}

int context_render_native(struct context *context, const char *text, size_t len,
                          const char *file, int line, struct value *out,
                          struct err *err)
{
    struct jinja_template *template;
    struct jinja_options options = options_of(context);

    context->native = true;
    if (jinja_parse(context->compiler->env, text, len, file, line,
                    &context->compiler->scratch, &template, err) != 0 ||
        jinja_render_native(template, &options, out, err) != 0) {
        context_explain(err);
        return -1;
    }
    return 0;
}

int context_render_inside(struct context *context, struct jinja_run *run,
                          const char *text, size_t len, bool native, struct value *out)
{
    struct jinja_template *template;
    struct jinja_options options = options_of(context);
    struct err *err = jinja_error(run);
    struct buf rendered = BUF_INIT;
    bool was_native = context->native;

    if (!jinja_has_markup(text, len)) {
        *out = value_copy_str_n(jinja_arena(run), text, len);
        return 0;
    }
    options.parent = run;
    if (jinja_parse(context->compiler->env, text, len, jinja_current_file(run),
                    jinja_current_line(run), jinja_arena(run), &template, err) != 0) {
        return -1;
    }
    context->native = native;
    int status = native ? jinja_render_native(template, &options, out, err)
                        : jinja_render(template, &options, &rendered, err);
    context->native = was_native;
    if (!native && status == 0) {
        *out = value_copy_str_n(jinja_arena(run), buf_str(&rendered), rendered.len);
    }
    buf_fini(&rendered);
    return status;
}

void context_print(const struct context *context, const char *text)
{
    const struct compile_options *options = &context->compiler->options;

    if (options->connection != NULL && options->connection->print != NULL) {
        options->connection->print(options->connection->context, text);
    } else if (options->print != NULL) {
        options->print(options->print_context, text);
    }
}

const struct compile_connection *context_connection(struct jinja_run *run,
                                                    const char *what)
{
    struct context *context = context_of(run);
    const struct compile_connection *connection = context->compiler->options.connection;

    if (connection == NULL || context->mode != CONTEXT_RUN) {
        err_set(jinja_error(run), ERR_CONNECTION,
                "%s has to ask the server, but this is done offline", what);
        err_hint(jinja_error(run),
                 "guard it with {%% if execute %%}, or run it against a target");
        return NULL;
    }
    return connection;
}

#define DETACH_DEPTH 50

struct value context_detach(struct arena *arena, struct jinja_run *run, struct value v,
                            int depth)
{
    size_t at = 0;
    const struct value_pair *pair;
    struct buf text = BUF_INIT;

    if (depth > DETACH_DEPTH) {
        return value_none();
    }
    if (value_is(v, VALUE_OBJECT)) {
        struct err ignored;
        bool ok = run != NULL && jinja_str(run, v, &text) == 0;
        if (run != NULL && !ok) {
            jinja_catch(run, &ignored);
        }
        v = value_copy_str(arena, ok ? buf_str(&text) : v.as.obj->class->name);
        buf_fini(&text);
        return v;
    }
    if (value_is(v, VALUE_LIST) || value_is(v, VALUE_TUPLE)) {
        size_t count = value_list_count(v);
        struct value list = value_is(v, VALUE_LIST) ? value_list_new(arena, count + 1)
                                                    : value_tuple_new(arena, count);
        for (size_t i = 0; i < count; i++) {
            value_list_push(list,
                            context_detach(arena, run, value_list_at(v, i), depth + 1));
        }
        return list;
    }
    if (!value_is(v, VALUE_DICT)) {
        return v;
    }
    struct value dict = value_dict_new(arena, value_dict_count(v) + 1);
    while ((pair = value_dict_next(v, &at)) != NULL) {
        value_dict_put_value(dict, pair->key,
                             context_detach(arena, run, pair->value, depth + 1));
    }
    return dict;
}
