/* Values of a context: the node, the graph, flags, the run. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

int context_get_execute(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_bool(((struct context *)data)->mode == CONTEXT_RUN);
    return 0;
}

int context_get_target(void *data, struct jinja_run *run, struct value *out)
{
    *out = value_clone(jinja_arena(run),
                       ((struct context *)data)->project->profile.target);
    return 0;
}

int context_get_dbt_version(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_str(COMPILE_DBT_VERSION);
    return 0;
}

int context_get_invocation_id(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_str(((struct context *)data)->compiler->invocation_id);
    return 0;
}

int context_get_thread_id(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_str("MainThread");
    return 0;
}

int context_get_project_name(void *data, struct jinja_run *run, struct value *out)
{
    (void)run;
    *out = value_str(((struct context *)data)->project->name);
    return 0;
}

int context_get_none(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    (void)run;
    *out = value_none();
    return 0;
}

int context_get_empty_dict(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    *out = value_dict_new(jinja_arena(run), 1);
    return 0;
}

int context_get_sql(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = context->sql != NULL ? value_str(context->sql) : value_none();
    return 0;
}

int context_get_database(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = value_str(context->node != NULL && context->node->database != NULL
                         ? context->node->database
                         : context->project->profile.environment_id);
    return 0;
}

int context_get_schema(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    (void)run;
    *out = value_str(context->node != NULL && context->node->schema != NULL
                         ? context->node->schema
                         : context->project->profile.dbname);
    return 0;
}

/* Of the arguments of dbt's command line only the command: the rest is no such thing
 * here. */
int context_get_arguments(void *data, struct jinja_run *run, struct value *out)
{
    const struct compile_options *options =
        &((struct context *)data)->compiler->options;

    *out = value_dict_new(jinja_arena(run), 1);
    value_dict_put(*out, "which",
                   value_str(options->which != NULL ? options->which : "compile"));
    return 0;
}

int context_get_selected(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    *out = value_clone(jinja_arena(run), context->compiler->options.selected);
    if (value_is(*out, VALUE_UNDEFINED)) {
        *out = value_list_new(jinja_arena(run), 1);
    }
    return 0;
}

/* ---- the node ----------------------------------------------------------------------
 */

/* dbt's to_dict(omit_none=True): without nulls, but for what users wrote in meta. */
static struct value without_nulls(struct arena *arena, struct value v, int depth)
{
    size_t at = 0;
    const struct value_pair *pair;

    if (depth > 10) {
        return v;
    }
    if (value_is(v, VALUE_LIST)) {
        struct value list = value_list_new(arena, value_list_count(v) + 1);
        for (size_t i = 0; i < value_list_count(v); i++) {
            value_list_push(list, without_nulls(arena, value_list_at(v, i), depth + 1));
        }
        return list;
    }
    if (!value_is(v, VALUE_DICT)) {
        return v;
    }
    struct value dict = value_dict_new(arena, value_dict_count(v) + 4);
    while ((pair = value_dict_next(v, &at)) != NULL) {
        bool meta = strcmp(value_cstr(pair->key, ""), "meta") == 0;
        if (!value_is_null(pair->value)) {
            value_dict_put_value(dict, pair->key,
                                 meta ? value_clone(arena, pair->value)
                                      : without_nulls(arena, pair->value, depth + 1));
        }
    }
    return dict;
}

int context_get_model(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;
    struct arena *arena = jinja_arena(run);

    if (context->node == NULL) {
        *out = value_dict_new(arena, 1);
        return 0;
    }
    *out = without_nulls(
        arena, artifact_node(context->project, context->node, NULL, arena), 0);
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
               ? value_clone(jinja_arena(run), hooks)
               : value_list_new(jinja_arena(run), 1);
    return 0;
}

int context_get_pre_hooks(void *data, struct jinja_run *run, struct value *out)
{
    return get_hooks(data, run, "pre-hook", out);
}

int context_get_post_hooks(void *data, struct jinja_run *run, struct value *out)
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
                       value_clone(arena, artifact_node(project, node, NULL, arena)));
    }
    return graph;
}

int context_get_graph(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    if (context->mode != CONTEXT_RUN) {
        *out = value_dict_new(jinja_arena(run), 1);
        return 0;
    }
    context->compiler->kept++;
    if (!value_is(context->compiler->graph, VALUE_DICT)) {
        context->compiler->graph = build_graph(context->compiler, context->project);
    }
    *out = context->compiler->graph;
    return 0;
}

/* ---- flags
 * ---------------------------------------------------------------------------- */

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
    {"USE_COLORS", 1},
    {"USE_EXPERIMENTAL_PARSER", 0},
    {"VERSION_CHECK", 1},
    {"WARN_ERROR", -1},
    {"WRITE_JSON", 1},
};

int context_get_flags(void *data, struct jinja_run *run, struct value *out)
{
    const struct context *context = data;
    const struct compile_options *options = &context->compiler->options;
    struct arena *arena = jinja_arena(run);
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
    value_dict_put(dict, "STORE_FAILURES", value_bool(options->store_failures));
    value_dict_put(dict, "WHICH",
                   value_str(options->which != NULL ? options->which : "compile"));
    *out = record_value(arena, &record_namespace, dict);
    return 0;
}
