#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool is_refable(const struct node *node)
{
    return node->type == NODE_MODEL || node->type == NODE_SEED ||
           node->type == NODE_SNAPSHOT;
}

static void add_entry(struct project *project, struct map *map, char *key,
                      struct node *node)
{
    struct node_list *list = map_get(map, key);

    if (list == NULL) {
        list = arena_new(&project->arena, struct node_list);
        map_put(map, key, list);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == node) {
            return;
        }
    }
    node_list_add(&project->arena, list, node);
}

static void add_name(struct project *project, struct map *map, const char *name,
                     struct node *node)
{
    struct arena *arena = &project->arena;

    add_entry(project, map, project_key(arena, name, NULL, NULL), node);
    add_entry(project, map, project_key(arena, node->package->name, name, NULL), node);
}

/* A versioned model answers to name.vN; the latest one to the bare name too. */
static void add_ref(struct project *project, struct map *map, struct node *node)
{
    if (value_is_null(node->version)) {
        add_name(project, map, node->name, node);
        return;
    }
    struct buf text = BUF_INIT;
    buf_addf(&text, "%s.", node->name);
    node_version_text(node->version, &text);
    add_name(project, map, arena_strdup(&project->arena, buf_str(&text)), node);
    buf_fini(&text);
    if (value_equal(node->version, node->latest_version)) {
        add_name(project, map, node->name, node);
    }
}

static void add_source(struct project *project, struct map *map, struct node *node)
{
    struct arena *arena = &project->arena;
    const char *source = node->source->source_name;

    add_entry(project, map, project_key(arena, source, node->name, NULL), node);
    add_entry(project, map, project_key(arena, node->package->name, source, node->name),
              node);
}

void project_index_refs(struct project *project)
{
    struct project_index *index = project->index;

    map_fini(&index->refs);
    map_fini(&index->sources);
    map_fini(&index->disabled_refs);
    map_fini(&index->disabled_sources);
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (is_refable(node)) {
            add_ref(project, &index->refs, node);
        } else if (node->type == NODE_SOURCE) {
            add_source(project, &index->sources, node);
        }
    }
    for (size_t i = 0; i < project->disabled.count; i++) {
        struct node *node = project->disabled.items[i];
        if (is_refable(node)) {
            add_ref(project, &index->disabled_refs, node);
        } else if (node->type == NODE_SOURCE) {
            add_source(project, &index->disabled_sources, node);
        }
    }
}

/* Looks `name` up in one package, or in all when `package` is NULL. */
static const struct node_list *look_up(const struct map *map, const char *package,
                                       const char *name)
{
    struct buf key = BUF_INIT;

    if (package == NULL) {
        return map_get(map, name);
    }
    buf_addf(&key, "%s\1%s", package, name);
    const struct node_list *found = map_get_n(map, buf_str(&key), key.len);
    buf_fini(&key);
    return found;
}

/* The packages that are searched, in order; NULL is any. Returns how many. */
static size_t search_packages(const struct project *project, const struct package *from,
                              const char *package, const char **out)
{
    if (package != NULL) {
        out[0] = package;
        return 1;
    }
    size_t count = 0;
    bool own_first = value_is_true(
        value_dict_get(project->flags, "require_ref_searches_node_package_before_root"),
        false);
    if (from != project->package && own_first) {
        out[count++] = from->name;
    }
    out[count++] = project->name;
    if (from != project->package && !own_first) {
        out[count++] = from->name;
    }
    out[count++] = NULL;
    return count;
}

static enum project_found search(const struct project *project, const struct map *map,
                                 const struct map *disabled, const struct package *from,
                                 const char *package, const char *name,
                                 struct node **out)
{
    const char *packages[3];
    size_t count = search_packages(project, from, package, packages);
    bool is_disabled = false;

    for (size_t i = 0; i < count; i++) {
        const struct node_list *list = look_up(map, packages[i], name);
        if (list != NULL) {
            *out = list->items[0];
            return packages[i] == NULL && list->count > 1 ? PROJECT_AMBIGUOUS
                                                          : PROJECT_FOUND;
        }
        is_disabled = is_disabled || look_up(disabled, packages[i], name) != NULL;
    }
    return is_disabled ? PROJECT_IS_DISABLED : PROJECT_MISSING;
}

enum project_found project_ref(const struct project *project,
                               const struct package *from, const char *package,
                               const char *name, struct value version,
                               struct node **out)
{
    const struct project_index *index = project->index;
    struct buf key = {.max = 1024};

    *out = NULL;
    buf_adds(&key, name);
    if (!value_is_null(version)) {
        buf_addc(&key, '.');
        node_version_text(version, &key);
    }
    enum project_found found = search(project, &index->refs, &index->disabled_refs,
                                      from, package, buf_str(&key), out);
    buf_fini(&key);
    return found;
}

enum project_found project_source(const struct project *project,
                                  const struct package *from, const char *source,
                                  const char *table, struct node **out)
{
    const struct project_index *index = project->index;
    char name[512];

    *out = NULL;
    if ((size_t)snprintf(name, sizeof(name), "%s\1%s", source, table) >= sizeof(name)) {
        return PROJECT_MISSING;
    }
    return search(project, &index->sources, &index->disabled_sources, from, NULL, name,
                  out);
}

/* ---- messages ---- */

/* Where `word` stands in quotes in the node's code; UINT32_MAX when nowhere. */
static uint32_t quoted_offset(const struct node *node, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 1; i + len < node->raw_code_len; i++) {
        char before = node->raw_code[i - 1];
        if ((before == '\'' || before == '"') && node->raw_code[i + len] == before &&
            memcmp(node->raw_code + i, word, len) == 0) {
            return (uint32_t)i - 1;
        }
    }
    return UINT32_MAX;
}

/*
 * The line and column of the call in the node's file; `word` is its argument, for calls
 * whose place is not known.
 */
static void locate_ref(const struct node *node, const char *word, uint32_t offset,
                       struct err *err)
{
    if (offset == UINT32_MAX && node->raw_code != NULL) {
        offset = quoted_offset(node, word);
    }
    if (offset != UINT32_MAX && offset <= node->raw_code_len &&
        (node->test == NULL || !node->test->generic)) {
        err_locate(node->raw_code, node->raw_code_len, offset, &err->line,
                   &err->column);
    }
    if (offset == UINT32_MAX && node->patch_file != NULL && node->patch_line > 0) {
        project_locate(err, node->patch_file, node->patch_line, 0);
        return;
    }
    node_locate(node, err);
}

void project_locate_ref(const struct node *node, const struct node_ref *ref,
                        struct err *err)
{
    locate_ref(node, ref->name, ref->offset, err);
}

static const char *nearest_ref(const struct project *project, const char *name)
{
    const struct map *refs = &project->index->refs;
    const char **names = malloc((refs->count + 1) * sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; names != NULL && i < refs->count; i++) {
        if (memchr(refs->entries[i].key, '\1', refs->entries[i].len) == NULL) {
            names[count++] = refs->entries[i].key;
        }
    }
    const char *near = names != NULL ? str_nearest(name, names, count) : NULL;
    free(names);
    return near;
}

static void begin_message(const struct node *node, const char *kind, struct buf *out)
{
    node_describe(node, out);
    buf_addf(out, " depends on a %s named '", kind);
}

static int ambiguous(const struct project *project, const struct node *node,
                     const struct node_ref *ref, struct err *err)
{
    const struct node_list *list = look_up(&project->index->refs, NULL, ref->name);
    struct buf ids = {.max = 1024};
    struct buf packages = {.max = 512};

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        buf_addf(&ids, "%s'%s'", i > 0 ? ", " : "", list->items[i]->unique_id);
        buf_addf(&packages, "%s'%s'", i > 0 ? " or " : "",
                 list->items[i]->package->name);
    }
    err_set(err, ERR_PROJECT,
            "When referencing '%s', dbt found nodes in multiple packages: %s\n"
            "To fix this, use two-argument 'ref', with the package name first: %s",
            ref->name, buf_str(&ids), buf_str(&packages));
    buf_fini(&ids);
    buf_fini(&packages);
    project_locate_ref(node, ref, err);
    return -1;
}

int project_ref_error(const struct project *project, const struct node *node,
                      const struct node_ref *ref, enum project_found found,
                      struct err *err)
{
    struct buf msg = {.max = 2000};

    if (found == PROJECT_AMBIGUOUS) {
        return ambiguous(project, node, ref, err);
    }
    begin_message(node, "node", &msg);
    buf_addf(&msg, "%s' ", ref->name);
    if (!value_is_null(ref->version)) {
        buf_adds(&msg, "with version '");
        project_python_str(ref->version, &msg);
        buf_adds(&msg, "' ");
    }
    if (ref->package != NULL) {
        buf_addf(&msg, "in package or project '%s' ", ref->package);
    }
    buf_adds(&msg, found == PROJECT_IS_DISABLED ? "which is disabled"
                                                : "which was not found");
    err_set(err, ERR_PROJECT, "%s", buf_str(&msg));
    buf_fini(&msg);
    const char *near =
        found == PROJECT_MISSING ? nearest_ref(project, ref->name) : NULL;
    if (near != NULL && !str_eq(near, ref->name)) {
        err_hint(err, "did you mean '%s'?", near);
    } else if (near != NULL && !value_is_null(ref->version)) {
        err_hint(err, "the model exists, but not in that version");
    } else if (ref->package != NULL && project_package(project, ref->package) == NULL) {
        err_hint(err, "there is no package '%s' here; \\deps installs packages",
                 ref->package);
    }
    project_locate_ref(node, ref, err);
    return -1;
}

static const char *nearest_source(const struct project *project, const char *source,
                                  const char *table, struct arena *arena)
{
    const char **names =
        arena_array(arena, const char *, project->index->sources.count + 1);
    char *wanted = arena_printf(arena, "%s.%s", source, table);
    size_t count = 0;

    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if (node->type == NODE_SOURCE && count < project->index->sources.count) {
            names[count++] =
                arena_printf(arena, "%s.%s", node->source->source_name, node->name);
        }
    }
    return str_nearest(wanted, names, count);
}

int project_source_error(const struct project *project, const struct node *node,
                         const struct node_source_ref *ref, enum project_found found,
                         struct err *err)
{
    struct buf msg = {.max = 2000};
    struct arena arena = {0};

    begin_message(node, "source", &msg);
    buf_addf(&msg, "%s.%s' %s", ref->source, ref->table,
             found == PROJECT_IS_DISABLED ? "which is disabled"
                                          : "which was not found");
    err_set(err, ERR_PROJECT, "%s", buf_str(&msg));
    const char *near = nearest_source(project, ref->source, ref->table, &arena);
    if (near != NULL && found == PROJECT_MISSING) {
        err_hint(err, "did you mean '%s'?", near);
    }
    buf_fini(&msg);
    arena_fini(&arena);
    locate_ref(node, ref->table, ref->offset, err);
    return -1;
}

/* ---- NAME of a command ---- */

static int rank(const struct node *node, const char *name)
{
    char versioned[512];
    struct buf version = {.max = 128};

    if (str_eq(node->unique_id, name)) {
        return 0;
    }
    if (str_eq(node->name, name)) {
        return node->type == NODE_MODEL &&
                       (value_is_null(node->version) ||
                        value_equal(node->version, node->latest_version))
                   ? 1
               : node->type == NODE_SOURCE ? 4
                                           : 2;
    }
    node_version_text(node->version, &version);
    snprintf(versioned, sizeof(versioned), "%s.%s", node->name, buf_str(&version));
    bool is_version = version.len > 0 && str_eq(versioned, name);
    buf_fini(&version);
    if (is_version) {
        return 1;
    }
    if (node->source != NULL) {
        snprintf(versioned, sizeof(versioned), "%s.%s", node->source->source_name,
                 node->name);
        return str_eq(versioned, name) ? 2 : -1;
    }
    return str_eq(node->alias, name) ? 3 : -1;
}

size_t project_find(const struct project *project, const char *name,
                    struct arena *arena, struct node ***items)
{
    struct node_list list = {0};

    for (int wanted = 0; wanted <= 4; wanted++) {
        for (size_t i = 0; i < project->node_count; i++) {
            if (rank(project->nodes[i], name) == wanted) {
                node_list_add(arena, &list, project->nodes[i]);
            }
        }
    }
    *items = list.items;
    return list.count;
}
