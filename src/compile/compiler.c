/* A compiler's life: engine, filters, options. */
#include "config.h"

#include "compile/internal.h"

#include <stdlib.h>
#include <string.h>

#include <uuid/uuid.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmalloc.h"

static const char *const materialization_options[] = {"default", "=adapter",
                                                      "@supported_languages", NULL};
static const struct jinja_tag tags[] = {
    {"materialization", JINJA_TAG_OPTIONS, materialization_options},
    {"docs", JINJA_TAG_NAME, NULL},
    {"test", JINJA_TAG_SIGNATURE, NULL},
};
static const struct jinja_config jinja_settings = {
    .tags = tags,
    .tag_count = sizeof tags / sizeof tags[0],
    .macro_prefix = "dbt_macro__",
    .typed_params = true,
};

/* as_bool, as_number, as_native: convert in YAML and test arguments only. */
static int filter_convert(struct jinja_call *call, struct value *out)
{
    struct value v = call->arg_count > 0 ? call->args[0] : value_undefined();
    const char *wanted = call->context;

    *out = v;
    if (!context_of(call->run)->native) {
        return 0;
    }
    if (jinja_to_str(call->run, v, &v) != 0) {
        return -1;
    }
    struct value literal = value_undefined();
    jinja_literal(call->arena, v.as.s, v.len, &literal);
    *out = value_is(literal, VALUE_UNDEFINED) ? v : literal;
    bool number = value_is(*out, VALUE_INT) || value_is(*out, VALUE_FLOAT) ||
                  value_is(*out, VALUE_BIGINT);
    if ((strcmp(wanted, "bool") == 0 && !value_is(*out, VALUE_BOOL)) ||
        (strcmp(wanted, "number") == 0 && !number)) {
        return jinja_raise(call->run, "JinjaRenderingError",
                           "Could not convert value '%s' into type '%s'", v.as.s,
                           wanted);
    }
    return 0;
}

static int filter_text(struct jinja_call *call, struct value *out)
{
    *out = call->arg_count > 0 ? call->args[0] : value_undefined();
    return context_of(call->run)->native ? jinja_to_str(call->run, *out, out) : 0;
}

static int filter_is_list(struct jinja_call *call, struct value *out)
{
    *out = value_bool(call->arg_count > 0 && value_is(call->args[0], VALUE_LIST));
    return 0;
}

static void add_filters(struct jinja_env *env)
{
    static char boolean[] = "bool", number[] = "number", native[] = "native";

    jinja_add_filter(env, "as_bool", filter_convert, boolean);
    jinja_add_filter(env, "as_number", filter_convert, number);
    jinja_add_filter(env, "as_native", filter_convert, native);
    jinja_add_filter(env, "as_text", filter_text, NULL);
    jinja_add_filter(env, "is_list", filter_is_list, NULL);
}

static void set_options(struct compiler *compiler,
                        const struct compile_options *options)
{
    compiler->options = options != NULL ? *options : (struct compile_options){0};
    compiler->started_at_ms = compiler->options.started_at_ms != 0
                                  ? compiler->options.started_at_ms
                                  : clock_wall_ms();
    if (compiler->options.invocation_id != NULL) {
        str_copy(compiler->invocation_id, sizeof compiler->invocation_id,
                 compiler->options.invocation_id);
    } else {
        uuid_t id;
        uuid_generate(id);
        uuid_unparse_lower(id, compiler->invocation_id);
    }
}

struct compiler *compile_new(const struct compile_options *options)
{
    struct compiler *compiler = xcalloc(1, sizeof *compiler);

    set_options(compiler, options);
    compiler->env = jinja_env_new(&jinja_settings);
    add_filters(compiler->env);
    load_hooks_init(compiler);
    return compiler;
}

void compile_free(struct compiler *compiler)
{
    if (compiler == NULL) {
        return;
    }
    jinja_env_free(compiler->env);
    arena_fini(&compiler->arena);
    arena_fini(&compiler->scratch);
    free(compiler->stamps);
    free(compiler);
}

const struct project_hooks *compile_hooks(struct compiler *compiler)
{
    return &compiler->hooks;
}

static void forget(struct compiler *compiler)
{
    struct project *project = compiler->project;

    for (size_t i = 0; project != NULL && i < project->node_count; i++) {
        project->nodes[i]->compiled = NULL;
    }
    arena_reset(&compiler->arena);
    arena_reset(&compiler->scratch);
    compiler->graph = value_undefined();
}

void compile_reset(struct compiler *compiler, const struct compile_options *options)
{
    forget(compiler);
    set_options(compiler, options);
}

void compile_attach(struct compiler *compiler, const struct project *project)
{
    compiler->project = (struct project *)project;
    forget(compiler);
}
