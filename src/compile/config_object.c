/* `config`: records at parse, looks up at run time. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

/* dbt's words for pre_hook beside pre-hook. */
static int check_hooks(struct jinja_call *call, struct value options)
{
    static const char *const names[][2] = {{"pre_hook", "pre-hook"},
                                           {"post_hook", "post-hook"}};

    for (size_t i = 0; i < 2; i++) {
        if (value_dict_has(options, names[i][0]) &&
            value_dict_has(options, names[i][1])) {
            return jinja_raise(call->run, "CompilationError",
                               "Invalid config, has conflicting keys \"%s\" and \"%s\"",
                               names[i][0], names[i][1]);
        }
    }
    return 0;
}

/* config(...): one positional dict, or keywords. */
static int call_config(struct jinja_call *call, struct value *out)
{
    struct context *context = context_of(call->run);
    struct value options = value_undefined();

    *out = value_str("");
    if (context->mode != CONTEXT_PARSE || context->node == NULL) {
        return 0;
    }
    if (call->arg_count == 1 && call->kwarg_count == 0) {
        options = call->args[0];
    } else if (call->arg_count == 0 && call->kwarg_count > 0) {
        options = value_dict_new(call->arena, call->kwarg_count);
        for (size_t i = 0; i < call->kwarg_count; i++) {
            value_dict_put_value(options, call->kwargs[i].name, call->kwargs[i].value);
        }
    }
    if (!value_is(options, VALUE_DICT)) {
        return jinja_raise(call->run, "CompilationError",
                           "Invalid inline model config");
    }
    if (check_hooks(call, options) != 0) {
        return -1;
    }
    options = context_detach(call->arena, call->run, options, 0);
    return node_add_config(context->project, context->node, options,
                           jinja_error(call->run));
}

static int call_set(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0}, {"value", 0}};
    struct context *context = context_of(call->run);
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    *out = value_str("");
    if (context->mode != CONTEXT_PARSE || context->node == NULL) {
        return 0;
    }
    struct value options = value_dict_new(call->arena, 1);
    value_dict_put_value(options, args[0], args[1]);
    options = context_detach(call->arena, call->run, options, 0);
    return node_add_config(context->project, context->node, options,
                           jinja_error(call->run));
}

/* "pre_hook" and "pre-hook" are one key; the config has the latter. */
static const char *config_key(const char *name)
{
    return strcmp(name, "pre_hook") == 0    ? "pre-hook"
           : strcmp(name, "post_hook") == 0 ? "post-hook"
                                            : name;
}

static struct value lookup(const struct context *context, const char *name, bool meta)
{
    if (context->node == NULL) {
        return value_undefined();
    }
    if (meta) {
        return value_dict_get(node_config(context->node, "meta"), name);
    }
    return value_dict_get(context->node->config, config_key(name));
}

static int validate(struct jinja_call *call, struct value validator, struct value v)
{
    struct value ignored;

    if (value_is_null(validator)) {
        return 0;
    }
    return jinja_call_value(call->run, validator, &v, 1, NULL, 0, &ignored);
}

static int config_get(struct jinja_call *call, bool meta, struct value *out)
{
    static const struct jinja_param params[] = {
        {"name", 0}, {"default", JINJA_OPTIONAL}, {"validator", JINJA_OPTIONAL}};
    const struct context *context = context_of(call->run);
    struct value args[3];
    const char *name;

    if (jinja_args(call, params, 3, args) != 0 ||
        jinja_want_str(call, "name", args[0], &name) != 0) {
        return -1;
    }
    if (context->mode == CONTEXT_PARSE) {
        *out = value_str("");
        return 0;
    }
    *out = value_clone(call->arena, lookup(context, name, meta));
    if (value_is(*out, VALUE_UNDEFINED)) {
        *out = jinja_is_missing(args[1]) ? value_none() : args[1];
    }
    return value_is_null(args[1]) ? 0 : validate(call, args[2], *out);
}

static int config_require(struct jinja_call *call, bool meta, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0},
                                                {"validator", JINJA_OPTIONAL}};
    const struct context *context = context_of(call->run);
    struct value args[2];
    const char *name;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_want_str(call, "name", args[0], &name) != 0) {
        return -1;
    }
    if (context->mode == CONTEXT_PARSE) {
        *out = value_str("");
        return 0;
    }
    *out = value_clone(call->arena, lookup(context, name, meta));
    if (value_is(*out, VALUE_UNDEFINED)) {
        return jinja_raise(call->run, "CompilationError",
                           "Model '%s' does not define a required config parameter "
                           "'%s'.",
                           context->node != NULL ? context->node->unique_id : "", name);
    }
    return validate(call, args[1], *out);
}

static int call_get(struct jinja_call *call, struct value *out)
{
    return config_get(call, false, out);
}

static int call_meta_get(struct jinja_call *call, struct value *out)
{
    return config_get(call, true, out);
}

static int call_require(struct jinja_call *call, struct value *out)
{
    return config_require(call, false, out);
}

static int call_meta_require(struct jinja_call *call, struct value *out)
{
    return config_require(call, true, out);
}

static int persist_docs(struct jinja_call *call, const char *key, struct value *out)
{
    const struct context *context = context_of(call->run);

    *out = value_bool(false);
    if (context->mode == CONTEXT_PARSE) {
        return 0;
    }
    struct value docs = lookup(context, "persist_docs", false);
    if (!value_is_null(docs) && !value_is(docs, VALUE_DICT)) {
        return jinja_raise(call->run, "CompilationError",
                           "Invalid value provided for 'persist_docs'. Expected dict "
                           "but received <class '%s'>",
                           jinja_type_name(docs));
    }
    struct value wanted = value_dict_get(docs, key);
    if (!value_is(wanted, VALUE_UNDEFINED)) {
        *out = wanted;
    }
    return 0;
}

static int call_persist_relation(struct jinja_call *call, struct value *out)
{
    return persist_docs(call, "relation", out);
}

static int call_persist_columns(struct jinja_call *call, struct value *out)
{
    return persist_docs(call, "columns", out);
}

static const struct {
    const char *name;
    jinja_function function;
} methods[] = {
    {"get", call_get},
    {"meta_get", call_meta_get},
    {"meta_require", call_meta_require},
    {"persist_column_docs", call_persist_columns},
    {"persist_relation_docs", call_persist_relation},
    {"require", call_require},
    {"set", call_set},
};

static int config_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(name->s, methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), methods[i].name,
                                        methods[i].function, self);
            return 1;
        }
    }
    return 0;
}

static const struct jinja_class config_class = {
    .base = {.name = "RuntimeConfigObject"},
    .getattr = config_getattr,
    .call = call_config,
};

int config_object(void *context, struct jinja_run *run, struct value *out)
{
    static struct value_object object = {&config_class.base};

    (void)context;
    (void)run;
    *out = jinja_object_value(&object);
    return 0;
}
