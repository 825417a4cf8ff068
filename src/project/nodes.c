#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

static const struct resource {
    enum node_type type;
    const char *paths;
    const char *ext;
} resources[] = {
    {NODE_MODEL, "model-paths", ".sql"},
    {NODE_SNAPSHOT, "snapshot-paths", ".sql"},
    {NODE_ANALYSIS, "analysis-paths", ".sql"},
    {NODE_TEST, "test-paths", ".sql"},
    {NODE_SEED, "seed-paths", ".csv"},
    {NODE_MODEL, "model-paths",
     ".py"}, /* part of the graph; compiling one is refused */
};

static int check_file_name(struct loader *loader, const struct node *node)
{
    for (const char *p = node->name; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            return loader_fail(loader, node->file, 0, 0, "rename the file",
                               "the name of a %s holds control characters",
                               node_type_name(node->type));
        }
    }
    return 0;
}

void node_set_body(struct loader *loader, struct node *node)
{
    const char *text = node->file->text;
    size_t len = node->file->len;

    if (text == NULL) {
        return;
    }
    project_strip(&text, &len);
    node->raw_code_line = 1;
    for (const char *p = node->file->text; p < text; p++) {
        node->raw_code_line += *p == '\n';
    }
    node->raw_code = arena_strndup(loader->arena, text, len);
    node->raw_code_len = len;
}

/* The name of a file without folders and extension. */
static char *stem(struct arena *arena, const char *relative, const char *ext)
{
    const char *name = path_base(relative);

    return arena_strndup(arena, name, strlen(name) - strlen(ext));
}

static void set_paths(struct loader *loader, struct node *node,
                      const struct found_file *found)
{
    const char *relative = found->relative;

    if (node->type == NODE_ANALYSIS) {
        relative = arena_printf(loader->arena, "analysis/%s", relative);
    }
    node->path = relative;
    node_set_fqn(loader, node, relative, node->name);
}

/* A wrong config points at the first config() call, when it has no place yet. */
static void locate_config(const struct node *node, struct err *err)
{
    static const char call[] = "config(";
    const char *at = err->line == 0 ? strstr(node->raw_code, call) : NULL;

    if (at != NULL) {
        err_locate(node->raw_code, node->raw_code_len, (size_t)(at - node->raw_code),
                   &err->line, &err->column);
    }
}

/* The name in {% snapshot NAME %}, or the file's when there is no such tag. */
static const char *snapshot_name(struct loader *loader, const struct project_file *file,
                                 const char *fallback)
{
    static const char word[] = "snapshot";
    const char *at = file->text != NULL ? strstr(file->text, "{%") : NULL;

    if (at == NULL) {
        return fallback;
    }
    at += 2 + strspn(at + 2, "-+ \t\n");
    if (strncmp(at, word, sizeof(word) - 1) != 0) {
        return fallback;
    }
    at += sizeof(word) - 1;
    at += strspn(at, " \t\n");
    size_t len = strcspn(at, " \t\n-%");
    return len > 0 ? arena_strndup(loader->arena, at, len) : fallback;
}

/* Python models and snapshots are part of the graph, but compiling them is refused. */
static bool is_opaque(const struct resource *resource)
{
    return str_eq(resource->ext, ".py") || resource->type == NODE_SNAPSHOT;
}

static int make_node(struct loader *loader, struct package *package,
                     const struct resource *resource, const struct found_file *found)
{
    struct err err = {0};
    struct project_file *file = project_read_file(
        loader, package,
        arena_printf(loader->arena, "%s/%s", found->searched, found->relative),
        resource->type != NODE_SEED, &err);

    if (file == NULL) {
        loader_error(loader, &err);
        return -1;
    }
    const char *name = stem(loader->arena, found->relative, resource->ext);
    if (resource->type == NODE_SNAPSHOT) {
        name = snapshot_name(loader, file, name);
    }
    struct node *node = project_new_node(loader, resource->type, package, name);
    node->file = file;
    node->checksum = file->checksum;
    set_paths(loader, node, found);
    if (check_file_name(loader, node) != 0) {
        return -1;
    }
    node_set_body(loader, node);
    node->language = str_eq(resource->ext, ".py") ? "python" : node->language;
    if ((!is_opaque(resource) && node_capture(loader, node, &err) != 0) ||
        node_configure(loader, node, NULL, &err) != 0) {
        locate_config(node, &err);
        node_locate(node, &err);
        node->enabled = true;
        loader_error(loader, &err);
        return -1;
    }
    config_check_keys(loader, node, node->config_call, node->file, node->raw_code_line);
    return 0;
}

static bool is_special_test(const struct found_file *found)
{
    return str_starts(found->relative, "generic/") ||
           str_starts(found->relative, "fixtures/");
}

static void load_dir(struct loader *loader, struct package *package,
                     const struct resource *resource, const char *dir)
{
    struct err err = {0};
    const struct found_list *list = project_walk(loader, package, dir, &err);

    if (list == NULL) {
        loader_error(loader, &err);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct found_file *found = &list->items[i];
        if (project_file_matches(found->relative, resource->ext) &&
            (resource->type != NODE_TEST || !is_special_test(found))) {
            make_node(loader, package, resource, found);
        }
    }
}

void project_load_nodes(struct loader *loader)
{
    struct project *project = loader->project;

    for (size_t i = 0; i < project->package_count; i++) {
        struct package *package = project->packages[i];
        if (package->is_builtin) {
            continue;
        }
        for (size_t r = 0; r < sizeof(resources) / sizeof(resources[0]); r++) {
            struct value paths = package_paths(loader, package, resources[r].paths);
            for (size_t k = 0; k < value_list_count(paths); k++) {
                load_dir(loader, package, &resources[r], value_list_at(paths, k).as.s);
            }
        }
    }
}

/* ---- on-run-start, on-run-end ---- */

static void make_hook(struct loader *loader, struct package *package, const char *key,
                      size_t index, struct value sql)
{
    struct err err = {0};
    struct arena *arena = loader->arena;
    char *name = arena_printf(arena, "%s-%s-%zu", package->name, key, index);
    struct node *node = project_new_node(loader, NODE_OPERATION, package, name);
    const char *text = sql.as.s;
    size_t len = sql.len;

    project_strip(&text, &len);
    node->file = arena_new(arena, struct project_file);
    *node->file = *package->file;
    node->file->path = "./dbt_project.yml";
    node->raw_code = arena_strndup(arena, text, len);
    node->raw_code_len = len;
    node->checksum = package->file->checksum;
    struct yaml_position at = {0};
    yaml_key_position(package->doc, package->doc->root, key, &at);
    node->raw_code_line = at.line > 0 ? at.line : 1;
    node->hook_index = (int)index;
    node->path = arena_printf(arena, "hooks/%s.sql", name);
    node_set_fqn(loader, node, node->path, name);
    node->extra_tags = value_list_new(arena, 1);
    value_list_push(node->extra_tags, value_str(key));
    if (node_capture(loader, node, &err) != 0 ||
        node_configure(loader, node, NULL, &err) != 0) {
        project_locate_yaml(&err, package->file, at.line, 0);
        loader_error(loader, &err);
    }
}

void project_load_hooks(struct loader *loader)
{
    static const char *const keys[] = {"on-run-start", "on-run-end"};
    struct project *project = loader->project;

    for (size_t i = 0; i < project->package_count; i++) {
        struct package *package = project->packages[i];
        for (size_t k = 0; !package->is_builtin && k < 2; k++) {
            struct value hooks = project_listify(
                loader->arena, value_dict_get(package->config, keys[k]));
            for (size_t n = 0; n < value_list_count(hooks); n++) {
                if (value_list_at(hooks, n).type == VALUE_STRING) {
                    make_hook(loader, package, keys[k], n, value_list_at(hooks, n));
                }
            }
        }
    }
}
