/* Compilers, and nodes to SQL. */
#include "config.h"

#include "compile/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uuid/uuid.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "compile/seed.h"
#include "compile/statement_name.h"

/* ---- a compiler ---------------------------------------------------------------------
 */

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
    compiler->selected = value_undefined();
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

/* ---- relations, names and paths
 * ------------------------------------------------------- */

static void fill_relation(struct compiler *compiler, const struct node *node,
                          struct compile_relation *out)
{
    struct arena *arena = &compiler->arena;
    struct buf text = BUF_INIT;
    struct relation *relation = node_is_ephemeral(node)
                                    ? relation_of_ephemeral(arena, node->alias)
                                    : relation_of_node(arena, compiler->project, node);

    relation_render(relation, &text);
    out->database = relation->part[RELATION_DATABASE];
    out->schema = relation->part[RELATION_SCHEMA];
    out->identifier = relation->part[RELATION_IDENTIFIER];
    out->text = arena_strdup(arena, buf_str(&text));
    out->type = node_is_ephemeral(node)                        ? COMPILE_RELATION_CTE
                : strcmp(node_materialized(node), "view") == 0 ? COMPILE_RELATION_VIEW
                                                               : COMPILE_RELATION_TABLE;
    buf_fini(&text);
}

int compile_relation_of(struct compiler *compiler, const struct node *node,
                        struct compile_relation *out, struct err *err)
{
    if (compiler->project == NULL) {
        return err_set(err, ERR_INTERNAL, "no project is attached to the compiler");
    }
    fill_relation(compiler, node, out);
    return 0;
}

int compile_statement_name(struct compiler *compiler, const struct node *node,
                           const char *suffix, struct buf *out, struct err *err)
{
    const char *name = statement_name_make(
        node_config_str(node, "statement_name", NULL),
        compiler->project->profile.statement_name_prefix, compiler->project->name,
        node->name, suffix, &compiler->arena, err);

    if (name == NULL) {
        return -1;
    }
    buf_adds(out, name);
    return 0;
}

const char *compiled_path(struct compiler *compiler, const struct node *node)
{
    const struct project *project = compiler->project;
    const char *target = project->target_path;
    size_t root = strlen(project->root);

    if (node->file == NULL || node->type == NODE_SOURCE || node->type == NODE_SEED ||
        node->type == NODE_EXPOSURE || node->type == NODE_SNAPSHOT) {
        return NULL;
    }
    if (strncmp(target, project->root, root) == 0 && target[root] == '/') {
        target += root + 1;
    }
    const char *file = node->file->path;
    const char *path = node->path != NULL ? node->path : file;
    if (strcmp(path_base(path), path_base(file)) == 0) {
        return arena_printf(&compiler->arena, "%s/compiled/%s/%s", target,
                            node->package->name, file);
    }
    return arena_printf(&compiler->arena, "%s/compiled/%s/%s/%s", target,
                        node->package->name, file, path);
}

static struct compile_hook *read_hooks(struct compiler *compiler,
                                       const struct node *node, const char *key,
                                       size_t *count)
{
    struct value list = node_config(node, key);

    *count = value_list_count(list);
    struct compile_hook *hooks =
        arena_array(&compiler->arena, struct compile_hook, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        struct value hook = value_list_at(list, i);
        hooks[i].sql = value_cstr(
            value_is(hook, VALUE_DICT) ? value_dict_get(hook, "sql") : hook, "");
        hooks[i].transaction = value_is_true(value_dict_get(hook, "transaction"), true);
        hooks[i].index = (int)i;
    }
    return hooks;
}

/* ---- nodes
 * ------------------------------------------------------------------------------ */

static bool has_sql(const struct node *node)
{
    return node->type != NODE_SEED && node->type != NODE_SOURCE &&
           node->type != NODE_EXPOSURE && node->type != NODE_UNIT_TEST;
}

/* Renders a body into the compiler's arena; `*ctes` are in the scratch arena. */
static int render_body(struct compiler *compiler, struct node *node,
                       struct compiled *compiled, struct node ***ctes,
                       size_t *cte_count, struct err *err)
{
    struct context context;
    struct buf text = BUF_INIT;

    *cte_count = 0;
    if (!jinja_has_markup(node->raw_code, node->raw_code_len)) {
        compiled->body = node->raw_code;
        compiled->sql_len = node->raw_code_len;
        return 0;
    }
    context_init(&context, compiler, compiler->project, node->package, node,
                 CONTEXT_RUN);
    context.operation = node->type == NODE_OPERATION;
    int status =
        context_render(&context, node->raw_code, node->raw_code_len, "", 1, &text, err);
    if (status != 0) {
        if (err->file[0] == '\0') {
            node_locate(node, err);
        }
    } else {
        compiled->body = arena_strndup(&compiler->arena, buf_str(&text), text.len);
        compiled->sql_len = text.len;
        *ctes = context.ctes;
        *cte_count = context.cte_count;
    }
    buf_fini(&text);
    return status;
}

static bool has_cte(const struct compiled *compiled, const char *unique_id)
{
    for (size_t i = 0; i < compiled->cte_count; i++) {
        if (strcmp(compiled->ctes[i].unique_id, unique_id) == 0) {
            return true;
        }
    }
    return false;
}

static void add_cte(struct compiler *compiler, struct compiled *compiled,
                    const struct compile_cte *cte)
{
    size_t count = compiled->cte_count;

    if (has_cte(compiled, cte->unique_id)) {
        return;
    }
    if ((count & (count - 1)) == 0) {
        compiled->ctes =
            arena_realloc(&compiler->arena, compiled->ctes, count * sizeof *cte,
                          (count != 0 ? 2 * count : 1) * sizeof *cte);
    }
    compiled->ctes[compiled->cte_count++] = *cte;
}

/* Depth first, dependencies first, each once (dbt's _recursively_prepend_ctes). */
static int add_ephemeral(struct compiler *compiler, struct compiled *compiled,
                         struct node *node, struct err *err)
{
    const struct compiled *inner = compile_node(compiler, node, err);

    if (inner == NULL) {
        return -1;
    }
    for (size_t i = 0; i < inner->cte_count; i++) {
        add_cte(compiler, compiled, &inner->ctes[i]);
    }
    struct compile_cte cte = {
        .unique_id = node->unique_id,
        .name = arena_printf(&compiler->arena, "__dbt__cte__%s", node->alias),
        .sql = inner->body,
    };
    add_cte(compiler, compiled, &cte);
    return 0;
}

static int fill_sql(struct compiler *compiler, struct node *node,
                    struct compiled *compiled, struct err *err)
{
    struct node **ctes = NULL;
    size_t count = 0;
    struct buf text = BUF_INIT;

    if (render_body(compiler, node, compiled, &ctes, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_ephemeral(compiler, compiled, ctes[i], err) != 0) {
            return -1;
        }
    }
    compiled->sql = compiled->body;
    if (compiled->cte_count > 0) {
        inject_ctes(compiled->body, compiled->sql_len, compiled->ctes,
                    compiled->cte_count, &text);
        compiled->sql = arena_strndup(&compiler->arena, buf_str(&text), text.len);
        compiled->sql_len = text.len;
        buf_fini(&text);
    }
    return 0;
}

const struct compiled *compile_node(struct compiler *compiler, const struct node *node,
                                    struct err *err)
{
    struct node *owned = (struct node *)node;
    struct arena_mark mark = arena_mark(&compiler->scratch);

    if (compiler->project == NULL) {
        err_set(err, ERR_INTERNAL, "no project is attached to the compiler");
        return NULL;
    }
    if (owned->compiled != NULL) {
        return owned->compiled;
    }
    struct compiled *compiled = arena_new(&compiler->arena, struct compiled);
    compiled->node = node;
    compiled->sql = compiled->body = "";
    fill_relation(compiler, node, &compiled->relation);
    compiled->path = compiled_path(compiler, node);
    compiled->pre_hooks =
        read_hooks(compiler, node, "pre-hook", &compiled->pre_hook_count);
    compiled->post_hooks =
        read_hooks(compiler, node, "post-hook", &compiled->post_hook_count);
    int status = has_sql(node) ? fill_sql(compiler, owned, compiled, err) : 0;
    arena_rewind(&compiler->scratch, mark);
    if (status != 0) {
        return NULL;
    }
    owned->compiled = compiled;
    return compiled;
}

int compile_all(struct compiler *compiler, struct node *const *nodes, size_t count,
                struct err_list *errors)
{
    size_t before = errors->count + errors->dropped;

    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        if (compile_node(compiler, nodes[i], &err) == NULL) {
            err_list_add(errors, &err);
        }
    }
    return errors->count + errors->dropped == before ? 0 : -1;
}

/* ---- writing
 * --------------------------------------------------------------------------- */

/* Whether the file is there with that very content. */
static bool has_content(const char *path, const char *text, size_t len)
{
    struct stat st;
    struct buf old = BUF_INIT;
    struct err ignored = {0};

    if (stat(path, &st) != 0 || (size_t)st.st_size != len) {
        return false;
    }
    bool same = path_read(path, 0, &old, &ignored) == 0 && old.len == len &&
                memcmp(buf_str(&old), text, len) == 0;
    buf_fini(&old);
    return same;
}

static int write_file(struct compiler *compiler, const struct compiled *compiled,
                      struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);

    if (compiled->path == NULL || compiled->sql_len == 0) {
        return 0;
    }
    const char *path =
        path_join(&compiler->scratch, compiler->project->root, compiled->path);
    const char *dir = path_dir(&compiler->scratch, path);
    int status = path_is_dir(dir) ? 0 : path_mkdirs(dir, err);
    if (status == 0 && !has_content(path, compiled->sql, compiled->sql_len)) {
        status = path_write_soon(path, compiled->sql, compiled->sql_len, 0644, err);
    }
    arena_rewind(&compiler->scratch, mark);
    return status;
}

int compile_write(struct compiler *compiler, const struct compiled *compiled,
                  struct err *err)
{
    for (size_t i = 0; i < compiled->cte_count; i++) {
        const struct node *node =
            project_node(compiler->project, compiled->ctes[i].unique_id);
        if (node != NULL && node->compiled != NULL &&
            write_file(compiler, node->compiled, err) != 0) {
            return -1;
        }
    }
    return write_file(compiler, compiled, err);
}

/* ---- hooks, operations, ad hoc
 * --------------------------------------------------------- */

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
    struct context context;

    context_init(&context, compiler, compiler->project, compiled->node->package,
                 (struct node *)compiled->node, CONTEXT_RUN);
    context.sql = compiled->sql;
    int status = render_stripped(&context, hook->sql, out, err);
    arena_rewind(&compiler->scratch, mark);
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
    if (status != 0 && err->file[0] == '\0') {
        node_locate(operation, err);
    }
    arena_rewind(&compiler->scratch, mark);
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
        arena_rewind(&compiler->scratch, mark);
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
    arena_rewind(&compiler->scratch, mark);
    return status;
}

/* ---- tests and seeds
 * ------------------------------------------------------------------- */

int compile_test_sql(struct compiler *compiler, const struct compiled *test,
                     const char *main_sql, struct buf *out, struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);
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
    arena_rewind(&compiler->scratch, mark);
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
