/* The table of names that dbt puts into a template's context (dbt 1.11, context/). */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

static int get_context(void *data, struct jinja_run *run, struct value *out);
static int get_builtins(void *data, struct jinja_run *run, struct value *out);

/* ---- tables: sorted by name ---------------------------------------------------------
 */

const struct jinja_def context_defs[] = {
    {"_dbt_generic_test_kwargs", NULL, test_arguments},
    {"adapter", NULL, adapter_object},
    {"adapter_macro", context_call_adapter_macro, NULL},
    {"api", NULL, api_object},
    {"builtins", NULL, get_builtins},
    {"column", NULL, context_get_column},
    {"compiled_code", NULL, context_get_sql},
    {"config", NULL, config_object},
    {"context", NULL, get_context},
    {"database", NULL, context_get_database},
    {"dbt_metadata_envs", NULL, context_get_empty_dict},
    {"dbt_version", NULL, context_get_dbt_version},
    {"defer_relation", NULL, context_get_none},
    {"diff_of_two_dicts", func_diff_of_two_dicts, NULL},
    {"env", NULL, context_get_target},
    {"env_var", resolve_env_var, NULL},
    {"exceptions", NULL, exceptions_object},
    {"execute", NULL, context_get_execute},
    {"flags", NULL, context_get_flags},
    {"fromjson", func_fromjson, NULL},
    {"fromyaml", func_fromyaml, NULL},
    {"function", context_call_refused, NULL},
    {"graph", NULL, context_get_graph},
    {"invocation_args_dict", NULL, context_get_arguments},
    {"invocation_id", NULL, context_get_invocation_id},
    {"load_agate_table", statement_load_agate_table, NULL},
    {"load_result", statement_load_result, NULL},
    {"local_md5", func_local_md5, NULL},
    {"log", context_call_log, NULL},
    {"metric", context_call_refused, NULL},
    {"model", NULL, context_get_model},
    {"modules", NULL, modules_object},
    {"post_hooks", NULL, context_get_post_hooks},
    {"pre_hooks", NULL, context_get_pre_hooks},
    {"print", context_call_print_info, NULL},
    {"project_name", NULL, context_get_project_name},
    {"ref", resolve_ref, NULL},
    {"render", context_call_render, NULL},
    {"return", func_return, NULL},
    {"run_started_at", NULL, run_started_at},
    {"schema", NULL, context_get_schema},
    {"selected_resources", NULL, context_get_selected},
    {"set", func_set, NULL},
    {"set_strict", func_set_strict, NULL},
    {"source", resolve_source, NULL},
    {"sql", NULL, context_get_sql},
    {"store_raw_result", statement_store_raw_result, NULL},
    {"store_result", statement_store_result, NULL},
    {"submit_python_job", context_call_refused, NULL},
    {"target", NULL, context_get_target},
    {"this", NULL, resolve_this},
    {"thread_id", NULL, context_get_thread_id},
    {"tojson", func_tojson, NULL},
    {"toyaml", func_toyaml, NULL},
    {"try_or_compiler_error", context_call_try, NULL},
    {"validation", NULL, context_get_validation},
    {"var", NULL, resolve_var},
    {"write", context_call_write, NULL},
    {"zip", func_zip, NULL},
    {"zip_strict", func_zip_strict, NULL},
};
const size_t context_def_count = sizeof context_defs / sizeof context_defs[0];

const struct jinja_def context_yaml_defs[] = {
    {"builtins", NULL, get_builtins},
    {"context", NULL, get_context},
    {"dbt_version", NULL, context_get_dbt_version},
    {"diff_of_two_dicts", func_diff_of_two_dicts, NULL},
    {"doc", resolve_doc, NULL},
    {"env_var", resolve_env_var, NULL},
    {"flags", NULL, context_get_flags},
    {"fromjson", func_fromjson, NULL},
    {"fromyaml", func_fromyaml, NULL},
    {"invocation_id", NULL, context_get_invocation_id},
    {"local_md5", func_local_md5, NULL},
    {"log", context_call_log, NULL},
    {"modules", NULL, modules_object},
    {"print", context_call_print_info, NULL},
    {"project_name", NULL, context_get_project_name},
    {"return", func_return, NULL},
    {"run_started_at", NULL, run_started_at},
    {"set", func_set, NULL},
    {"set_strict", func_set_strict, NULL},
    {"target", NULL, context_get_target},
    {"thread_id", NULL, context_get_thread_id},
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

static int names_contains(struct value_object *self, struct jinja_run *run,
                          struct value x)
{
    struct value ignored;

    return names_getitem(self, run, x, &ignored);
}

static const struct jinja_class names_class = {
    .base = {.name = "dict"},
    .getattr = names_attr,
    .getitem = names_getitem,
    .contains = names_contains,
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
