/* ref(), source(), this, var(), env_var() and doc(). */
#include "config.h"

#include "compile/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "value/json.h"

/* ---- this
 * ---------------------------------------------------------------------------- */

static struct relation *relation_of_this(struct context *context, struct arena *arena)
{
    const struct node *node = context->node;
    const struct profile *profile = &context->project->profile;

    if (node->database != NULL && node->schema != NULL && node->alias != NULL) {
        return relation_of_node(arena, context->project, node);
    }
    return relation_new(
        arena, node->database != NULL ? node->database : profile->environment_id,
        node->schema != NULL ? node->schema : profile->dbname,
        node->alias != NULL ? node->alias : node->name, NULL);
}

int resolve_this(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    if (context->node == NULL || context->node->type == NODE_OPERATION) {
        *out = value_none();
        return 0;
    }
    const char *fixture =
        context->unit != NULL ? unit_name(context->unit, context->node) : NULL;
    if (fixture != NULL) {
        *out = relation_value(relation_of_ephemeral(jinja_arena(run), fixture));
        return 0;
    }
    *out = relation_value(relation_of_this(context, jinja_arena(run)));
    return 0;
}

/* ---- ref() -------------------------------------------------------------------------
 */

static void add_cte(struct context *context, struct node *node)
{
    for (size_t i = 0; i < context->cte_count; i++) {
        if (context->ctes[i] == node) {
            return;
        }
    }
    if (context->cte_count == context->cte_cap) {
        size_t cap = context->cte_cap != 0 ? context->cte_cap * 2 : 8;
        context->ctes = arena_realloc(&context->compiler->scratch, context->ctes,
                                      context->cte_cap * sizeof(struct node *),
                                      cap * sizeof(struct node *));
        context->cte_cap = cap;
    }
    context->ctes[context->cte_count++] = node;
}

static bool is_parent(const struct node *node, const struct node *target)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        if (node->parents.items[i] == target) {
            return true;
        }
    }
    return false;
}

/* dbt's RefBadContextError. */
static int raise_unseen(struct jinja_run *run, const struct node *node,
                        const struct node_ref *ref)
{
    struct buf args = BUF_INIT;

    if (ref->package != NULL) {
        buf_addf(&args, "'%s', ", ref->package);
    }
    buf_addf(&args, "'%s'", ref->name);
    if (!value_is_null(ref->version)) {
        buf_adds(&args, ",version='");
        jinja_str(run, ref->version, &args);
        buf_addc(&args, '\'');
    }
    jinja_raise(run, "CompilationError",
                "dbt was unable to infer all dependencies for the model \"%s\".\n"
                "This typically happens when ref() is placed within a conditional "
                "block.\n\nTo fix this, add the following hint to the top of the model "
                "\"%s\":\n\n-- depends_on: {{ ref(%s) }}",
                node->name, node->name, buf_str(&args));
    buf_fini(&args);
    return -1;
}

/* In a unit test every ref and source reads a fixture. */
static int ref_in_unit_test(struct jinja_call *call, struct context *context,
                            const struct node *target, struct value *out)
{
    const char *name = unit_name(context->unit, target);

    if (context->unit->resolving) {
        *out = value_str("");
        return 0;
    }
    if (name == NULL) {
        return jinja_raise(call->run, "CompilationError",
                           "unit test '%s' gives no rows for %s, which the model reads",
                           context->unit->test->name, target->unique_id);
    }
    *out = relation_value(relation_of_ephemeral(call->arena, name));
    return 0;
}

/* Whether a ref() means the relation of --defer's manifest, `*entry`. 1/0/-1. */
static int is_deferred(struct jinja_call *call, const struct context *context,
                       const struct node *target, struct value *entry)
{
    const struct compile_options *options = &context->compiler->options;
    struct compile_relation found = {0};

    if (!options->defer || target->relation_name == NULL) {
        return 0;
    }
    *entry = value_dict_get(value_dict_get(options->state, "nodes"), target->unique_id);
    if (!value_is(*entry, VALUE_DICT)) {
        return 0;
    }
    if (options->favor_state) {
        bool selected = false;
        for (size_t i = 0; i < value_list_count(options->selected); i++) {
            selected =
                selected || strcmp(value_cstr(value_list_at(options->selected, i), ""),
                                   target->unique_id) == 0;
        }
        if (!selected) {
            return 1;
        }
    }
    const struct compile_connection *connection =
        context_connection(call->run, "--defer");
    if (connection == NULL ||
        connection->get_relation(connection->context, target->database, target->schema,
                                 target->alias, call->arena, &found,
                                 jinja_error(call->run)) != 0) {
        return -1;
    }
    return found.identifier == NULL;
}

static struct relation *deferred_relation(struct arena *arena, struct value entry)
{
    return relation_new(arena, value_cstr(value_dict_get(entry, "database"), NULL),
                        value_cstr(value_dict_get(entry, "schema"), NULL),
                        value_cstr(value_dict_get(entry, "alias"), NULL), NULL);
}

static int ref_at_run(struct jinja_call *call, struct context *context,
                      const struct node_ref *ref, struct value *out)
{
    struct node *target = NULL;
    enum project_found found =
        project_ref(context->project, context->package, ref->package, ref->name,
                    ref->version, &target);

    if (found != PROJECT_FOUND) {
        return project_ref_error(context->project, context->node, ref, found,
                                 jinja_error(call->run));
    }
    context->resolved = target;
    if (context->unit != NULL) {
        return ref_in_unit_test(call, context, target, out);
    }
    if (context->operation && node_is_ephemeral(target)) {
        return jinja_raise(call->run, "CompilationError",
                           "Operations can not ref() ephemeral nodes, but %s is "
                           "ephemeral",
                           target->name);
    }
    if (context->node != NULL && !context->operation && target != context->node &&
        !is_parent(context->node, target)) {
        return raise_unseen(call->run, context->node, ref);
    }
    struct relation *relation;
    struct value entry = value_undefined();
    int deferred = is_deferred(call, context, target, &entry);
    if (deferred < 0) {
        return -1;
    }
    if (node_is_ephemeral(target)) {
        add_cte(context, target);
        relation = relation_of_ephemeral(call->arena, target->alias);
    } else if (deferred == 1) {
        relation = deferred_relation(call->arena, entry);
    } else {
        relation = relation_of_node(call->arena, context->project, target);
    }
    relation->limited = context->compiler->options.empty;
    *out = relation_value(relation);
    return 0;
}

static int ref_arguments(struct jinja_call *call, struct node_ref *ref)
{
    struct value name = value_undefined(), package = value_none();

    if (call->arg_count == 1) {
        name = call->args[0];
    } else if (call->arg_count == 2) {
        package = call->args[0];
        name = call->args[1];
    } else {
        return jinja_raise(call->run, "CompilationError",
                           "ref() takes at most two arguments (%zu given)",
                           call->arg_count);
    }
    ref->version = value_none();
    for (size_t i = 0; i < call->kwarg_count; i++) {
        const char *key = value_cstr(call->kwargs[i].name, "");
        bool named = strcmp(key, "version") == 0;
        if ((named || strcmp(key, "v") == 0) && jinja_truth(call->kwargs[i].value) &&
            (named || value_is_null(ref->version))) {
            ref->version = call->kwargs[i].value;
        }
    }
    if (!value_is_str(name)) {
        return jinja_raise(call->run, "CompilationError",
                           "The name argument to ref() must be a string, got <class "
                           "'%s'>",
                           jinja_type_name(name));
    }
    if (!value_is_str(package) && !value_is_null(package)) {
        return jinja_raise(call->run, "CompilationError",
                           "The package argument to ref() must be a string or None, "
                           "got <class '%s'>",
                           jinja_type_name(package));
    }
    enum value_type type = ref->version.type;
    if (type != VALUE_NONE && type != VALUE_STRING && type != VALUE_INT &&
        type != VALUE_FLOAT && type != VALUE_BOOL) {
        return jinja_raise(
            call->run, "CompilationError",
            "The version argument to ref() must be a string, int, float, "
            "or None - got <class '%s'>",
            jinja_type_name(ref->version));
    }
    ref->name = name.as.s;
    ref->package = value_cstr(package, NULL);
    ref->offset = UINT32_MAX;
    return 0;
}

int resolve_ref(struct jinja_call *call, struct value *out)
{
    struct context *context = context_of(call->run);
    struct node_ref ref = {0};

    if (ref_arguments(call, &ref) != 0) {
        return -1;
    }
    if (context->mode == CONTEXT_RUN) {
        return ref_at_run(call, context, &ref, out);
    }
    if (context->node == NULL) {
        *out = value_none();
        return 0;
    }
    if (context->mode == CONTEXT_PARSE) {
        node_add_ref(context->project, context->node, ref.package, ref.name,
                     ref.version, ref.offset);
    }
    *out = relation_value(relation_of_this(context, call->arena));
    return 0;
}

/* ---- source() -------------------------------------------------------------------- */

static int source_argument(struct jinja_call *call, size_t at, const char *what,
                           const char **out)
{
    if (!value_is_str(call->args[at])) {
        return jinja_raise(call->run, "CompilationError",
                           "The %s argument to source() must be a string, got <class "
                           "'%s'>",
                           what, jinja_type_name(call->args[at]));
    }
    *out = call->args[at].as.s;
    return 0;
}

int resolve_source(struct jinja_call *call, struct value *out)
{
    struct context *context = context_of(call->run);
    struct node_source_ref ref = {.offset = UINT32_MAX};
    struct node *target = NULL;

    if (call->arg_count != 2) {
        return jinja_raise(call->run, "CompilationError",
                           "source() takes exactly two arguments (%zu given)",
                           call->arg_count);
    }
    if (source_argument(call, 0, "source name (first)", &ref.source) != 0 ||
        source_argument(call, 1, "table name (second)", &ref.table) != 0) {
        return -1;
    }
    if (context->mode != CONTEXT_RUN) {
        if (context->node == NULL) {
            *out = value_none();
            return 0;
        }
        if (context->mode == CONTEXT_PARSE) {
            node_add_source(context->project, context->node, ref.source, ref.table,
                            ref.offset);
        }
        *out = relation_value(relation_of_this(context, call->arena));
        return 0;
    }
    enum project_found found = project_source(context->project, context->package,
                                              ref.source, ref.table, &target);
    if (found != PROJECT_FOUND) {
        return project_source_error(context->project, context->node, &ref, found,
                                    jinja_error(call->run));
    }
    context->resolved = target;
    if (context->unit != NULL) {
        return ref_in_unit_test(call, context, target, out);
    }
    struct relation *relation = relation_of_node(call->arena, context->project, target);
    relation->limited = context->compiler->options.empty;
    *out = relation_value(relation);
    return 0;
}

/* ---- var() -------------------------------------------------------------------------
 */

static struct value var_raw(const struct context *context, const char *name)
{
    if (context->unit != NULL && value_dict_has(context->unit->vars, name)) {
        return value_dict_get(context->unit->vars, name);
    }
    if (context->package != NULL && context->yaml != PROJECT_YAML_PROJECT) {
        return project_var(context->project, context->package, name);
    }
    return value_dict_get(context->project->cli_vars, name);
}

/* json.dumps(indent=4): our writer's two blanks a level, doubled. */
static void pretty_vars(struct value vars, struct buf *out)
{
    struct buf text = BUF_INIT;
    struct err err = {0};
    bool start = false;

    if (json_write(vars, JSON_INDENT | JSON_ASCII | JSON_SORT_KEYS, &text, &err) != 0) {
        buf_adds(out, "{}");
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (start && c == ' ') {
            buf_addc(out, ' ');
        } else {
            start = c == '\n';
        }
        buf_addc(out, c);
    }
    buf_fini(&text);
}

static int raise_missing_var(struct jinja_run *run, struct context *context,
                             const char *name)
{
    struct buf text = BUF_INIT;
    struct value vars =
        context->package != NULL
            ? project_vars(context->project, context->package, jinja_arena(run))
            : context->project->cli_vars;

    pretty_vars(vars, &text);
    jinja_raise(run, "CompilationError",
                "Required var '%s' not found in config:\nVars supplied to %s = %s",
                name, context->node != NULL ? context->node->name : "<Configuration>",
                buf_str(&text));
    buf_fini(&text);
    return -1;
}

static int call_var(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"var_name", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct context *context = context_of(call->run);
    struct value args[2];
    const char *name;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_want_str(call, "var_name", args[0], &name) != 0) {
        return -1;
    }
    struct value raw = var_raw(context, name);
    if (!value_is(raw, VALUE_UNDEFINED)) {
        if (value_is_str(raw) && jinja_has_markup(raw.as.s, raw.len) &&
            (context->mode != CONTEXT_YAML)) {
            return context_render_inside(context, call->run, raw.as.s, raw.len, false,
                                         out);
        }
        *out = value_clone(call->arena, raw);
        return 0;
    }
    if (!jinja_is_missing(args[1])) {
        *out = args[1];
        return 0;
    }
    if (context->mode == CONTEXT_PARSE) {
        *out = value_none();
        return 0;
    }
    return raise_missing_var(call->run, context, name);
}

static int call_has_var(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"var_name", 0}};
    struct value arg;
    const char *name;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "var_name", arg, &name) != 0) {
        return -1;
    }
    *out = value_bool(!value_is(var_raw(context_of(call->run), name), VALUE_UNDEFINED));
    return 0;
}

static int var_getattr(struct value_object *self, struct jinja_run *run,
                       const struct jinja_name *name, struct value *out)
{
    (void)self;
    if (strcmp(name->s, "has_var") != 0) {
        return 0;
    }
    *out = jinja_function_value(jinja_arena(run), "has_var", call_has_var, NULL);
    return 1;
}

static const struct jinja_class var_class = {
    .base = {.name = "Var"},
    .getattr = var_getattr,
    .call = call_var,
};

int resolve_var(void *data, struct jinja_run *run, struct value *out)
{
    static struct value_object var = {&var_class.base};

    (void)data;
    (void)run;
    *out = jinja_object_value(&var);
    return 0;
}

/* ---- env_var()
 * ----------------------------------------------------------------------- */

int resolve_env_var(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"var", 0},
                                                {"default", JINJA_OPTIONAL}};
    const struct context *context = context_of(call->run);
    struct value args[2];
    const char *name;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_want_str(call, "var", args[0], &name) != 0) {
        return -1;
    }
    bool secrets =
        context->mode == CONTEXT_YAML && (context->yaml == PROJECT_YAML_PROFILES ||
                                          context->yaml == PROJECT_YAML_PACKAGES);
    if (str_starts(name, "DBT_ENV_SECRET") && !secrets) {
        return jinja_raise(call->run, "ParsingError",
                           "Secret env vars are allowed only in profiles.yml or "
                           "packages.yml. Found '%s' referenced elsewhere.",
                           name);
    }
    if (context->unit != NULL && value_dict_has(context->unit->env_vars, name)) {
        return jinja_to_str(call->run, value_dict_get(context->unit->env_vars, name),
                            out);
    }
    const char *value = getenv(name);
    if (value != NULL) {
        *out = value_copy_str(call->arena, value);
        return 0;
    }
    if (!value_is_null(args[1])) {
        *out = args[1];
        return 0;
    }
    return jinja_raise(call->run, "ParsingError",
                       "Env var required but not provided: '%s'", name);
}

/* ---- doc()
 * --------------------------------------------------------------------------- */

int resolve_doc(struct jinja_call *call, struct value *out)
{
    const struct context *context = context_of(call->run);
    const char *name, *package = NULL;

    if (context->yaml != PROJECT_YAML_DESCRIPTION) {
        return jinja_raise(call->run, "UndefinedError", "'doc' is undefined");
    }
    if (call->arg_count != 1 && call->arg_count != 2) {
        return jinja_raise(call->run, "CompilationError",
                           "doc() takes at most two arguments (%zu given)",
                           call->arg_count);
    }
    if (jinja_want_str(call, "name", call->args[call->arg_count - 1], &name) != 0 ||
        (call->arg_count == 2 &&
         jinja_want_str(call, "package", call->args[0], &package) != 0)) {
        return -1;
    }
    const struct doc *doc =
        project_doc(context->project, context->package, package, name);
    if (doc == NULL) {
        return jinja_raise(
            call->run, "CompilationError",
            "Documentation depends on doc '%s' %s%s%swhich was not found", name,
            package != NULL ? "in package '" : "", package != NULL ? package : "",
            package != NULL ? "' " : "");
    }
    *out = value_str(doc->contents);
    return 0;
}
