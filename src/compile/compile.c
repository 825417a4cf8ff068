/* Nodes to SQL, and that to files. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/xmalloc.h"
#include "compile/refuse.h"
#include "compile/statement_name.h"

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
    file += strncmp(file, "./", 2) == 0 ? 2 : 0;
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
        context_locate(err, node);
    } else {
        compiled->body = arena_strndup(&compiler->arena, buf_str(&text), text.len);
        compiled->sql_len = text.len;
        *ctes = context.ctes;
        *cte_count = context.cte_count;
    }
    buf_fini(&text);
    return status;
}

#define MAX_CTES  1000
#define MAX_DEPTH 1000

/* Marks nodes with the number of the list that they are in, so that a list knows its
 * members without being searched. */
static void begin_list(struct compiler *compiler)
{
    size_t count = compiler->project->node_count + 1;

    if (compiler->stamp_count < count) {
        compiler->stamps = xreallocarray(compiler->stamps, count, sizeof(uint32_t));
        memset(compiler->stamps, 0, count * sizeof(uint32_t));
        compiler->stamp_count = count;
        compiler->stamp = 0;
    }
    compiler->stamp++;
}

static void add_cte(struct compiler *compiler, struct compiled *compiled,
                    const struct compile_cte *cte)
{
    const struct node *node = project_node(compiler->project, cte->unique_id);
    size_t count = compiled->cte_count;

    if (node == NULL || node->index >= compiler->stamp_count ||
        compiler->stamps[node->index] == compiler->stamp) {
        return;
    }
    compiler->stamps[node->index] = compiler->stamp;
    if ((count & (count - 1)) == 0) {
        compiled->ctes =
            arena_realloc(&compiler->arena, compiled->ctes, count * sizeof *cte,
                          (count != 0 ? 2 * count : 1) * sizeof *cte);
    }
    compiled->ctes[compiled->cte_count++] = *cte;
}

/* Depth first, dependencies first, each once (dbt's _recursively_prepend_ctes). */
static int collect_ctes(struct compiler *compiler, struct compiled *compiled,
                        struct node **nodes, size_t count, struct err *err)
{
    if (compiler->depth >= MAX_DEPTH) {
        return err_set(err, ERR_LIMIT, "ephemeral models are nested more than %d deep",
                       MAX_DEPTH);
    }
    compiler->depth++;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = compile_node(compiler, nodes[i], err) == NULL ? -1 : 0;
    }
    compiler->depth--;
    begin_list(compiler);
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct compiled *inner = nodes[i]->compiled;
        for (size_t k = 0; k < inner->cte_count; k++) {
            add_cte(compiler, compiled, &inner->ctes[k]);
        }
        struct compile_cte cte = {
            .unique_id = nodes[i]->unique_id,
            .name = inner->relation.identifier,
            .sql = inner->body,
        };
        add_cte(compiler, compiled, &cte);
    }
    if (status == 0 && compiled->cte_count > MAX_CTES) {
        status = err_set(err, ERR_LIMIT, "'%s' needs more than %d ephemeral models",
                         compiled->node->name, MAX_CTES);
    }
    return status;
}

static int fill_sql(struct compiler *compiler, struct node *node,
                    struct compiled *compiled, struct err *err)
{
    struct node **ctes = NULL;
    size_t count = 0;
    struct buf text = BUF_INIT;

    if (render_body(compiler, node, compiled, &ctes, &count, err) != 0 ||
        (count > 0 && collect_ctes(compiler, compiled, ctes, count, err) != 0)) {
        return -1;
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
    size_t kept = compiler->kept;

    if (compiler->project == NULL) {
        err_set(err, ERR_INTERNAL, "no project is attached to the compiler");
        return NULL;
    }
    if (owned->compiled != NULL) {
        return owned->compiled;
    }
    if (compile_refuse(node, err) != 0) {
        return NULL;
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
    context_release(compiler, mark, kept);
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
    size_t kept = compiler->kept;

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
    context_release(compiler, mark, kept);
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
