#include "config.h"

#include "project/node.h"

#include <string.h>
#include <time.h>

#include "base/path.h"
#include "base/str.h"
#include "project/internal.h"

const char *node_type_name(enum node_type type)
{
    static const char *const names[] = {
#define X(name, text) text,
        NODE_TYPES(X)
#undef X
    };

    return names[type];
}

int node_type_parse(const char *name)
{
    for (int i = 0; i < NODE_TYPE_COUNT; i++) {
        if (str_eq(name, node_type_name((enum node_type)i))) {
            return i;
        }
    }
    return str_eq(name, "data_test") ? NODE_TEST : -1;
}

struct value node_config(const struct node *node, const char *key)
{
    return value_dict_get(node->config, key);
}

const char *node_config_str(const struct node *node, const char *key,
                            const char *fallback)
{
    struct value v = node_config(node, key);

    return v.type == VALUE_STRING ? v.as.s : fallback;
}

bool node_config_bool(const struct node *node, const char *key, bool fallback)
{
    return value_is_true(node_config(node, key), fallback);
}

const char *node_materialized(const struct node *node)
{
    return node_config_str(node, "materialized", "");
}

bool node_is_ephemeral(const struct node *node)
{
    return node->type == NODE_MODEL && str_eq(node_materialized(node), "ephemeral");
}

const struct node_column *node_column(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->column_count; i++) {
        if (str_eq(node->columns[i].name, name)) {
            return &node->columns[i];
        }
    }
    return NULL;
}

void node_version_text(struct value version, struct buf *out)
{
    if (!value_is_null(version)) {
        buf_addc(out, 'v');
        project_python_str(version, out);
    }
}

/* Arrays in the arena that grow by doubling: at powers of two. */
static void *grow(struct arena *arena, void *items, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0) {
        return items;
    }
    return arena_realloc(arena, items, count * size,
                         (count != 0 ? count * 2 : 1) * size);
}

void node_add_ref(struct project *project, struct node *node, const char *package,
                  const char *name, struct value version, uint32_t offset)
{
    if (version.type == VALUE_UNDEFINED) {
        version = value_none();
    }
    node->refs =
        grow(&project->arena, node->refs, node->ref_count, sizeof(struct node_ref));
    node->refs[node->ref_count++] = (struct node_ref){
        .package = package != NULL ? arena_strdup(&project->arena, package) : NULL,
        .name = arena_strdup(&project->arena, name),
        .version = value_clone(&project->arena, version),
        .offset = offset};
}

void node_add_source(struct project *project, struct node *node, const char *source,
                     const char *table, uint32_t offset)
{
    node->sources = grow(&project->arena, node->sources, node->source_count,
                         sizeof(struct node_source_ref));
    node->sources[node->source_count++] =
        (struct node_source_ref){.source = arena_strdup(&project->arena, source),
                                 .table = arena_strdup(&project->arena, table),
                                 .offset = offset};
}

void node_add_macro(struct project *project, struct node *node, struct macro *macro)
{
    for (size_t i = 0; i < node->macro_count; i++) {
        if (node->macros[i] == macro) {
            return;
        }
    }
    node->macros =
        grow(&project->arena, node->macros, node->macro_count, sizeof(struct macro *));
    node->macros[node->macro_count++] = macro;
}

int node_add_config(struct project *project, struct node *node, struct value kwargs,
                    struct err *err)
{
    struct value copy = value_clone(&project->arena, kwargs);

    if (value_dict_has(kwargs, "pre_hook") && value_dict_has(kwargs, "pre-hook")) {
        return err_set(err, ERR_COMPILE,
                       "Got conflicting configs: pre-hook and pre_hook are the same");
    }
    if (config_call_merge(&project->arena, &node->config_call, copy, err) != 0) {
        err->code = ERR_COMPILE;
        return -1;
    }
    node->unrendered_config_call = node->config_call;
    return 0;
}

void node_describe(const struct node *node, struct buf *out)
{
    const char *type = node_type_name(node->type);

    buf_addc(out, (char)(type[0] - 'a' + 'A'));
    buf_addf(out, "%s '%s' (%s)", type + 1, node->unique_id,
             node->file != NULL ? node->file->path : "");
}

void node_locate(const struct node *node, struct err *err)
{
    if (err->code == ERR_NONE) {
        return;
    }
    if (err->file[0] == '\0' && node->file != NULL) {
        int line = err->line > 0 ? err->line + node->raw_code_line - 1 : 0;
        int column = err->column;
        err->line = 0;
        if (node->test != NULL && node->test->generic) {
            line = node->patch_line;
            column = 0;
        }
        project_locate(err, node->file, line, column);
    }
}

struct node *project_new_node(struct loader *loader, enum node_type type,
                              struct package *package, const char *name)
{
    struct node *node = arena_new(loader->arena, struct node);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    node->type = type;
    node->package = package;
    node->name = name;
    node->alias = name;
    node->enabled = true;
    node->database = loader->project->profile.environment_id;
    node->schema = loader->project->profile.dbname;
    node->language = "sql";
    node->raw_code = "";
    node->checksum = "";
    node->checksum_name = "sha256";
    node->description = "";
    node->raw_code_line = 1;
    node->access = NODE_PROTECTED;
    node->version = value_none();
    node->latest_version = value_none();
    node->deprecation_date = value_none();
    node->config = value_undefined();
    node->constraints = project_empty_list(loader);
    node->created_at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    node->unique_id = arena_printf(loader->arena, "%s.%s.%s", node_type_name(type),
                                   package->name, name);
    node_list_add(loader->arena, &loader->all, node);
    return node;
}

void node_set_fqn(struct loader *loader, struct node *node, const char *relative,
                  const char *name)
{
    size_t count = 2;

    for (const char *p = relative; *p != '\0'; p++) {
        count += *p == '/';
    }
    const char **fqn = arena_array(loader->arena, const char *, count);
    size_t n = 0;
    fqn[n++] = node->package->name;
    const char *p = relative;
    for (const char *slash; (slash = strchr(p, '/')) != NULL; p = slash + 1) {
        fqn[n++] = arena_strndup(loader->arena, p, (size_t)(slash - p));
    }
    fqn[n++] = name;
    node->fqn = fqn;
    node->fqn_count = n;
}
