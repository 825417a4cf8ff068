/* The table of names that dbt puts into a template's context (dbt 1.11, context/). */
#include "config.h"

#include "compile/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- plain values ------------------------------------------------------------------
 */

static int get_execute(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_bool(((struct context *)data)->mode == CONTEXT_RUN);
    return 0;
}

static int get_target(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = ((struct context *)data)->project->profile.target;
    return 0;
}

static int get_dbt_version(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_str(COMPILE_DBT_VERSION);
    return 0;
}

static int get_invocation_id(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_str(((struct context *)data)->compiler->invocation_id);
    return 0;
}

static int get_thread_id(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_str("MainThread");
    return 0;
}

static int get_project_name(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_str(((struct context *)data)->project->name);
    return 0;
}

static int get_none(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_none();
    return 0;
}

static int get_empty_dict(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    *out = value_dict_new(jinja_arena(run), 1);
    return 0;
}

static int get_sql(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = context->sql != NULL ? value_str(context->sql) : value_none();
    return 0;
}

static int get_database(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = value_str(context->node != NULL && context->node->database != NULL
                         ? context->node->database
                         : context->project->profile.environment_id);
    return 0;
}

static int get_schema(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = value_str(context->node != NULL && context->node->schema != NULL
                         ? context->node->schema
                         : context->project->profile.dbname);
    return 0;
}

static int get_selected(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    *out = context->compiler->selected;
    if (value_is(*out, VALUE_UNDEFINED)) {
        *out = value_list_new(jinja_arena(run), 1);
    }
    return 0;
}

static int get_context(void *data, struct jinja_run *run, struct value *out);
static int get_builtins(void *data, struct jinja_run *run, struct value *out);

/* ---- the node ----------------------------------------------------------------------
 */

static int get_model(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;
    struct arena *arena = jinja_arena(run);

    if (context->node == NULL) {
        *out = value_dict_new(arena, 1);
        return 0;
    }
    *out = artifact_node(context->project, context->node, NULL, arena);
    if (context->sql != NULL) {
        value_dict_put(*out, "compiled", value_bool(true));
        value_dict_put(*out, "compiled_code", value_str(context->sql));
        value_dict_put(*out, "compiled_sql", value_str(context->sql));
    }
    return 0;
}

static int get_hooks(struct context *context, struct jinja_run *run, const char *key,
                     struct value *out)
{
    struct value hooks =
        context->node != NULL ? node_config(context->node, key) : value_undefined();

    *out = value_is(hooks, VALUE_LIST) && context->node->type != NODE_TEST
               ? hooks
               : value_list_new(jinja_arena(run), 1);
    return 0;
}

static int get_pre_hooks(void *data, struct jinja_run *run, struct value *out)
{
    return get_hooks(data, run, "pre-hook", out);
}

static int get_post_hooks(void *data, struct jinja_run *run, struct value *out)
{
    return get_hooks(data, run, "post-hook", out);
}

/* ---- the graph
 * ----------------------------------------------------------------------- */

static const char *const graph_keys[] = {"exposures",       "functions",    "groups",
                                         "metrics",         "nodes",        "sources",
                                         "semantic_models", "saved_queries"};

static struct value build_graph(struct compiler *compiler,
                                const struct project *project)
{
    struct arena *arena = &compiler->arena;
    struct value graph = value_dict_new(arena, 8);

    for (size_t i = 0; i < sizeof graph_keys / sizeof graph_keys[0]; i++) {
        value_dict_put(graph, graph_keys[i], value_dict_new(arena, 8));
    }
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        const char *key = node->type == NODE_SOURCE     ? "sources"
                          : node->type == NODE_EXPOSURE ? "exposures"
                                                        : "nodes";
        if (node->type == NODE_UNIT_TEST || node->type == NODE_SQL_OPERATION) {
            continue;
        }
        value_dict_put(value_dict_get(graph, key), node->unique_id,
                       artifact_node(project, node, NULL, arena));
    }
    return graph;
}

static int get_graph(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    if (context->mode != CONTEXT_RUN) {
        *out = value_dict_new(jinja_arena(run), 1);
        return 0;
    }
    if (!value_is(context->compiler->graph, VALUE_DICT)) {
        context->compiler->graph = build_graph(context->compiler, context->project);
    }
    *out = context->compiler->graph;
    return 0;
}

/* ---- flags
 * ---------------------------------------------------------------------------- */

struct flags_object {
    struct value_object base;
    struct value dict;
};

static int flags_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    (void)run;
    *out = value_dict_get_n(((struct flags_object *)self)->dict, name->s, name->len);
    return value_is(*out, VALUE_UNDEFINED) ? 0 : 1;
}

static int flags_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    size_t at = 0;
    const struct value_pair *pair;
    const char *comma = "";

    buf_adds(out, "Namespace(");
    while ((pair = value_dict_next(((struct flags_object *)self)->dict, &at)) != NULL) {
        buf_addf(out, "%s%s=", comma, value_cstr(pair->key, ""));
        if (jinja_repr(run, pair->value, out) != 0) {
            return -1;
        }
        comma = ", ";
    }
    buf_addc(out, ')');
    return 0;
}

static const struct jinja_class flags_class = {
    .base = {.name = "Namespace"},
    .getattr = flags_getattr,
    .repr = flags_repr,
};

static const struct {
    const char *name;
    signed char value; /* -1: none */
} flag_defaults[] = {
    {"CACHE_SELECTED_ONLY", 0},
    {"DEBUG", 0},
    {"FAIL_FAST", 0},
    {"INTROSPECT", 1},
    {"PARTIAL_PARSE", 1},
    {"PRINT", 1},
    {"QUIET", 0},
    {"SEND_ANONYMOUS_USAGE_STATS", 0},
    {"STATIC_PARSER", 1},
    {"STORE_FAILURES", 0},
    {"USE_COLORS", 1},
    {"USE_EXPERIMENTAL_PARSER", 0},
    {"VERSION_CHECK", 1},
    {"WARN_ERROR", -1},
    {"WRITE_JSON", 1},
};

static int get_flags(void *data, struct jinja_run *run, struct value *out)
{
    const struct context *context = data;
    const struct compile_options *options = &context->compiler->options;
    struct arena *arena = jinja_arena(run);
    struct flags_object *flags = arena_new(arena, struct flags_object);
    struct value dict = value_dict_new(arena, 32);

    for (size_t i = 0; i < sizeof flag_defaults / sizeof flag_defaults[0]; i++) {
        value_dict_put(dict, flag_defaults[i].name,
                       flag_defaults[i].value < 0
                           ? value_none()
                           : value_bool(flag_defaults[i].value != 0));
    }
    value_dict_put(dict, "EMPTY", value_bool(options->empty));
    value_dict_put(dict, "FULL_REFRESH", value_bool(options->full_refresh));
    value_dict_put(dict, "INDIRECT_SELECTION", value_str("eager"));
    value_dict_put(dict, "LOG_FORMAT", value_str("default"));
    value_dict_put(dict, "PRINTER_WIDTH", value_int(80));
    value_dict_put(dict, "WHICH",
                   value_str(options->which != NULL ? options->which : "compile"));
    flags->base.class = &flags_class.base;
    flags->dict = dict;
    *out = jinja_object_value(&flags->base);
    return 0;
}

/* ---- functions
 * ------------------------------------------------------------------------ */

static int call_print(struct jinja_call *call, bool show, struct value message)
{
    const struct compile_connection *connection =
        context_of(call->run)->compiler->options.connection;
    struct value text;

    if (jinja_to_str(call->run, message, &text) != 0) {
        return -1;
    }
    if (show && connection != NULL && connection->print != NULL) {
        connection->print(connection->context, text.as.s);
    }
    return 0;
}

static int call_log(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"msg", 0}, {"info", JINJA_OPTIONAL}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    *out = value_str("");
    return call_print(call, jinja_truth(args[1]), args[0]);
}

static int call_print_info(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"msg", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    *out = value_str("");
    return call_print(call, true, arg);
}

static int call_render(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"string", 0}};
    struct value arg;
    const char *text;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "string", arg, &text) != 0) {
        return -1;
    }
    return context_render_inside(context_of(call->run), call->run, text, arg.len, false,
                                 out);
}

static int call_write(struct jinja_call *call, struct value *out)
{
    (void)call;
    *out = value_str("");
    return 0;
}

static int call_try(struct jinja_call *call, struct value *out)
{
    struct err ignored;

    if (call->arg_count < 2) {
        return jinja_raise(call->run, "TypeError",
                           "try_or_compiler_error() missing 2 required positional "
                           "arguments: 'message_if_exception' and 'func'");
    }
    if (jinja_call_value(call->run, call->args[1], call->args + 2, call->arg_count - 2,
                         call->kwargs, call->kwarg_count, out) == 0) {
        return 0;
    }
    if (!jinja_catch(call->run, &ignored)) {
        return -1;
    }
    struct value message;
    if (jinja_to_str(call->run, call->args[0], &message) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "CompilationError", "%s", message.as.s);
}

static int call_adapter_macro(struct jinja_call *call, struct value *out)
{
    struct value name = value_str("");

    (void)out;
    if (call->arg_count > 0 && jinja_to_str(call->run, call->args[0], &name) != 0) {
        return -1;
    }
    return jinja_raise(
        call->run, "CompilationError",
        "The \"adapter_macro\" macro has been deprecated. Instead, use the "
        "`adapter.dispatch` method to find a macro and call the result.  For more "
        "information, see: "
        "https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch) adapter_macro "
        "was called for: %s",
        name.as.s);
}

static int call_refused(struct jinja_call *call, struct value *out)
{
    (void)out;
    return jinja_raise(call->run, "CompilationError",
                       "%s() is not supported: dbt-confluent has no metrics, functions "
                       "or Python models",
                       call->name);
}

/* ---- validation
 * ------------------------------------------------------------------------ */

static int validate_value(struct jinja_call *call, struct value *out)
{
    struct value *allowed = call->context;
    struct buf text = BUF_INIT;
    int status = 0;

    *out = value_none();
    if (call->arg_count != 1) {
        return jinja_raise(call->run, "TypeError", "inner() takes 1 argument");
    }
    for (size_t i = 0; i < value_list_count(*allowed); i++) {
        if (value_equal(value_list_at(*allowed, i), call->args[0])) {
            return 0;
        }
    }
    for (size_t i = 0; i < value_list_count(*allowed) && status == 0; i++) {
        buf_adds(&text, i > 0 ? "," : "");
        status = jinja_str(call->run, value_list_at(*allowed, i), &text);
    }
    struct value got;
    if (status == 0 && jinja_to_str(call->run, call->args[0], &got) == 0) {
        jinja_raise(call->run, "DbtValidationError",
                    "Expected value \"%s\" to be one of %s", got.as.s, buf_str(&text));
    }
    buf_fini(&text);
    return -1;
}

static int validation_any(struct jinja_call *call, struct value *out)
{
    struct value *allowed = arena_new(call->arena, struct value);

    *allowed = value_list_new(call->arena, call->arg_count + 1);
    for (size_t i = 0; i < call->arg_count; i++) {
        value_list_push(*allowed, call->args[i]);
    }
    *out = jinja_function_value(call->arena, "inner", validate_value, allowed);
    return 0;
}

static int get_validation(void *data, struct jinja_run *run, struct value *out)
{
    static const struct jinja_def defs[] = {{"any", validation_any, NULL}};

    *out = jinja_module_value(jinja_arena(run), "AttrDict", defs, 1, data);
    return 0;
}

static int get_column(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    *out = column_class_value(jinja_arena(run));
    return 0;
}

/* ---- tables: sorted by name ---------------------------------------------------------
 */

const struct jinja_def context_defs[] = {
    {"_dbt_generic_test_kwargs", NULL, test_arguments},
    {"adapter", NULL, adapter_object},
    {"adapter_macro", call_adapter_macro, NULL},
    {"api", NULL, api_object},
    {"builtins", NULL, get_builtins},
    {"column", NULL, get_column},
    {"compiled_code", NULL, get_sql},
    {"config", NULL, config_object},
    {"context", NULL, get_context},
    {"database", NULL, get_database},
    {"dbt_metadata_envs", NULL, get_empty_dict},
    {"dbt_version", NULL, get_dbt_version},
    {"defer_relation", NULL, get_none},
    {"diff_of_two_dicts", func_diff_of_two_dicts, NULL},
    {"env", NULL, get_target},
    {"env_var", resolve_env_var, NULL},
    {"exceptions", NULL, exceptions_object},
    {"execute", NULL, get_execute},
    {"flags", NULL, get_flags},
    {"fromjson", func_fromjson, NULL},
    {"fromyaml", func_fromyaml, NULL},
    {"function", call_refused, NULL},
    {"graph", NULL, get_graph},
    {"invocation_args_dict", NULL, get_empty_dict},
    {"invocation_id", NULL, get_invocation_id},
    {"load_agate_table", statement_load_agate_table, NULL},
    {"load_result", statement_load_result, NULL},
    {"local_md5", func_local_md5, NULL},
    {"log", call_log, NULL},
    {"metric", call_refused, NULL},
    {"model", NULL, get_model},
    {"modules", NULL, modules_object},
    {"post_hooks", NULL, get_post_hooks},
    {"pre_hooks", NULL, get_pre_hooks},
    {"print", call_print_info, NULL},
    {"project_name", NULL, get_project_name},
    {"ref", resolve_ref, NULL},
    {"render", call_render, NULL},
    {"return", func_return, NULL},
    {"run_started_at", NULL, run_started_at},
    {"schema", NULL, get_schema},
    {"selected_resources", NULL, get_selected},
    {"set", func_set, NULL},
    {"set_strict", func_set_strict, NULL},
    {"source", resolve_source, NULL},
    {"sql", NULL, get_sql},
    {"store_raw_result", statement_store_raw_result, NULL},
    {"store_result", statement_store_result, NULL},
    {"submit_python_job", call_refused, NULL},
    {"target", NULL, get_target},
    {"this", NULL, resolve_this},
    {"thread_id", NULL, get_thread_id},
    {"tojson", func_tojson, NULL},
    {"toyaml", func_toyaml, NULL},
    {"try_or_compiler_error", call_try, NULL},
    {"validation", NULL, get_validation},
    {"var", NULL, resolve_var},
    {"write", call_write, NULL},
    {"zip", func_zip, NULL},
    {"zip_strict", func_zip_strict, NULL},
};
const size_t context_def_count = sizeof context_defs / sizeof context_defs[0];

const struct jinja_def context_yaml_defs[] = {
    {"builtins", NULL, get_builtins},
    {"context", NULL, get_context},
    {"dbt_version", NULL, get_dbt_version},
    {"diff_of_two_dicts", func_diff_of_two_dicts, NULL},
    {"doc", resolve_doc, NULL},
    {"env_var", resolve_env_var, NULL},
    {"flags", NULL, get_flags},
    {"fromjson", func_fromjson, NULL},
    {"fromyaml", func_fromyaml, NULL},
    {"invocation_id", NULL, get_invocation_id},
    {"local_md5", func_local_md5, NULL},
    {"log", call_log, NULL},
    {"modules", NULL, modules_object},
    {"print", call_print_info, NULL},
    {"project_name", NULL, get_project_name},
    {"return", func_return, NULL},
    {"run_started_at", NULL, run_started_at},
    {"set", func_set, NULL},
    {"set_strict", func_set_strict, NULL},
    {"target", NULL, get_target},
    {"thread_id", NULL, get_thread_id},
    {"tojson", func_tojson, NULL},
    {"toyaml", func_toyaml, NULL},
    {"var", NULL, resolve_var},
    {"zip", func_zip, NULL},
    {"zip_strict", func_zip_strict, NULL},
};
const size_t context_yaml_def_count =
    sizeof context_yaml_defs / sizeof context_yaml_defs[0];

/* ---- `context` and `builtins`: the names as a dict ----------------------------------
 */

struct names_object {
    struct value_object base;
    const struct jinja_scope *scope;
};

static int names_find(struct value_object *self, struct jinja_run *run, const char *s,
                      size_t len, struct value *out)
{
    struct jinja_name name = {s, (uint32_t)len, map_hash(s, len)};

    return jinja_scope_find(run, ((struct names_object *)self)->scope, &name, out);
}

static int names_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    return names_find(self, run, name->s, name->len, out);
}

static int names_getitem(struct value_object *self, struct jinja_run *run,
                         struct value key, struct value *out)
{
    return value_is_str(key) ? names_find(self, run, key.as.s, key.len, out) : 0;
}

static int names_get(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"key", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct value args[2];
    int found = 0;

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (value_is_str(args[0])) {
        found = names_find(call->context, call->run, args[0].as.s, args[0].len, out);
    }
    if (found == 0) {
        *out = jinja_is_missing(args[1]) ? value_none() : args[1];
    }
    return found < 0 ? -1 : 0;
}

static int names_keys(struct jinja_call *call, struct value *out)
{
    *out = value_list_new(call->arena, context_def_count);
    for (size_t i = 0; i < context_def_count; i++) {
        value_list_push(*out, value_str(context_defs[i].name));
    }
    return 0;
}

static int names_attr(struct value_object *self, struct jinja_run *run,
                      const struct jinja_name *name, struct value *out)
{
    if (strcmp(name->s, "get") == 0 || strcmp(name->s, "keys") == 0) {
        *out = jinja_function_value(jinja_arena(run), name->s,
                                    name->s[0] == 'g' ? names_get : names_keys, self);
        return 1;
    }
    return names_getattr(self, run, name, out);
}

static const struct jinja_class names_class = {
    .base = {.name = "dict"},
    .getattr = names_attr,
    .getitem = names_getitem,
    .mapping = true,
};

static int names_value(struct jinja_run *run, const struct jinja_scope *scope,
                       struct value *out)
{
    struct names_object *names = arena_new(jinja_arena(run), struct names_object);

    names->base.class = &names_class.base;
    names->scope = scope;
    *out = jinja_object_value(&names->base);
    return 0;
}

static int get_context(void *data, struct jinja_run *run, struct value *out)
{
    return names_value(run, &((struct context *)data)->scope, out);
}

static int get_builtins(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    return names_value(
        run, context->mode == CONTEXT_YAML ? &context->scope : &context->members, out);
}
