/* What is rendered beside nodes: hooks, operations, ad hoc text, test queries. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "compile/seed.h"

static int render_stripped(struct context *context, const char *text, struct buf *out,
                           struct err *err)
{
    struct buf rendered = BUF_INIT;
    int status = context_render(context, text, strlen(text), "", 1, &rendered, err);
    const char *s = buf_str(&rendered);
    size_t len = rendered.len;

    while (len > 0 && strchr(" \t\r\n", s[0]) != NULL) {
        s++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL) {
        len--;
    }
    if (status == 0) {
        buf_add(out, s, len);
    }
    buf_fini(&rendered);
    return status;
}

int compile_hook_sql(struct compiler *compiler, const struct compiled *compiled,
                     const struct compile_hook *hook, struct buf *out, struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct context context;

    context_init(&context, compiler, compiler->project, compiled->node->package,
                 (struct node *)compiled->node, CONTEXT_RUN);
    context.sql = compiled->sql;
    int status = render_stripped(&context, hook->sql, out, err);
    context_release(compiler, mark, kept);
    return status != 0 ? err_wrap(err, "hook %d of %s", hook->index + 1,
                                  compiled->node->unique_id)
                       : 0;
}

static struct value used_schemas(struct compiler *compiler, bool with_database)
{
    const struct project *project = compiler->project;
    struct arena *arena = &compiler->scratch;
    struct value seen = value_dict_new(arena, 8), list = value_list_new(arena, 8);

    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if ((node->type != NODE_MODEL && node->type != NODE_SEED) ||
            node->relation_name == NULL) {
            continue;
        }
        const char *key =
            with_database ? arena_printf(arena, "%s\n%s", node->database, node->schema)
                          : node->schema;
        if (value_dict_has(seen, key)) {
            continue;
        }
        value_dict_put(seen, key, value_bool(true));
        struct value item = value_str(node->schema);
        if (with_database) {
            item = value_tuple_new(arena, 2);
            value_list_push(item, value_str(node->database));
            value_list_push(item, value_str(node->schema));
        }
        value_list_push(list, item);
    }
    return list;
}

int compile_operation_sql(struct compiler *compiler, const struct node *operation,
                          struct value results, struct buf *out, struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct context context;

    context_init(&context, compiler, compiler->project, operation->package,
                 (struct node *)operation, CONTEXT_RUN);
    context.operation = true;
    if (strstr(operation->name, "-on-run-end-") != NULL) {
        context.extra = value_dict_new(&compiler->scratch, 3);
        value_dict_put(context.extra, "schemas", used_schemas(compiler, false));
        value_dict_put(context.extra, "database_schemas", used_schemas(compiler, true));
        value_dict_put(context.extra, "results",
                       value_is(results, VALUE_LIST)
                           ? results
                           : value_list_new(&compiler->scratch, 1));
    }
    int status = render_stripped(&context, operation->raw_code, out, err);
    if (status != 0) {
        context_locate(err, operation);
    }
    context_release(compiler, mark, kept);
    return status;
}

int compile_eval(struct compiler *compiler, const char *text, size_t len,
                 struct buf *out, struct err *err)
{
    if (compiler->project == NULL) {
        return err_set(err, ERR_INTERNAL, "no project is attached to the compiler");
    }
    struct node *node =
        project_add_inline(compiler->project, "inline_query", text, len, err);
    if (node == NULL) {
        return -1;
    }
    const struct compiled *compiled = compile_node(compiler, node, err);
    if (compiled == NULL) {
        return -1;
    }
    buf_add(out, compiled->sql, compiled->sql_len);
    return 0;
}

int compile_call(struct compiler *compiler, const char *name, struct value arguments,
                 struct buf *out, struct err *err)
{
    struct project *project = compiler->project;
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    const char *dot = strchr(name, '.');
    struct context context;
    size_t at = 0, count = 0;
    const struct value_pair *pair;

    const char *package =
        dot != NULL ? arena_strndup(&compiler->scratch, name, (size_t)(dot - name))
                    : NULL;
    struct macro *macro = dot != NULL ? project_package_macro(project, package, dot + 1)
                                      : project_macro(project, project->package, name);
    if (macro == NULL) {
        context_release(compiler, mark, kept);
        return err_set(err, ERR_COMPILE,
                       "dbt could not find a macro with the name '%s' in any package",
                       name);
    }
    context_init(&context, compiler, project, project->package, NULL, CONTEXT_RUN);
    context.operation = true;
    struct jinja_kwarg *kwargs = arena_array(&compiler->scratch, struct jinja_kwarg,
                                             value_dict_count(arguments) + 1);
    while ((pair = value_dict_next(arguments, &at)) != NULL) {
        kwargs[count++] = (struct jinja_kwarg){pair->key, pair->value};
    }
    struct jinja_options options = {
        .scope = &context.scope, .arena = &compiler->scratch, .user = &context};
    const struct jinja_macro *parsed = context_macro(compiler, project, macro, err);
    struct value result = value_undefined();
    int status = -1;
    if (parsed != NULL) {
        struct value bound =
            jinja_bind_macro(&compiler->scratch, parsed, &context.scope);
        status = jinja_call(compiler->env, &options, bound, NULL, 0, kwargs, count,
                            &result, err);
    }
    if (status != 0) {
        context_explain(err);
    } else if (value_is_str(result)) {
        buf_add(out, result.as.s, result.len);
    }
    context_release(compiler, mark, kept);
    return status;
}

/* ---- tests and seeds
 * ------------------------------------------------------------------- */

int compile_test_sql(struct compiler *compiler, const struct compiled *test,
                     const char *main_sql, struct buf *out, struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct context context;
    static const char call[] =
        "{{ get_test_sql(main_sql, config.get('fail_calc'), config.get('warn_if'), "
        "config.get('error_if'), limit=none) }}";
    static const char limited[] = "{{ get_limit_subquery_sql(main_sql, "
                                  "config.get('limit')) }}";
    struct buf body = BUF_INIT;

    context_init(&context, compiler, compiler->project, test->node->package,
                 (struct node *)test->node, CONTEXT_RUN);
    context.sql = test->sql;
    context.extra = value_dict_new(&compiler->scratch, 1);
    value_dict_put(context.extra, "main_sql", value_str(main_sql));
    int status = context_render(&context, limited, strlen(limited), "", 1, &body, err);
    if (status == 0) {
        value_dict_put(context.extra, "main_sql",
                       value_copy_str_n(&compiler->scratch, buf_str(&body), body.len));
        status = context_render(&context, call, strlen(call), "", 1, out, err);
    }
    buf_fini(&body);
    context_release(compiler, mark, kept);
    return status;
}

int compile_seed_read(struct compiler *compiler, const struct node *seed,
                      struct arena *arena, struct compile_seed *out, struct err *err)
{
    const char *delimiter = node_config_str(seed, "delimiter", ",");

    (void)compiler;
    out->node = seed;
    if (strlen(delimiter) != 1) {
        return err_set(err, ERR_COMPILE,
                       "the delimiter of seed '%s' must be one character, not '%s'",
                       seed->name, delimiter);
    }
    return seed_read(seed->file->full, seed->file->shown, delimiter[0],
                     node_config(seed, "column_types"), arena, out, err);
}
