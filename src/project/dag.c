#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"

static bool has_parent(const struct node *node, const struct node *parent)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        if (node->parents.items[i] == parent) {
            return true;
        }
    }
    return false;
}

/* Nodes outside of the graph have parents, but are nobody's children. */
static void add_edge(struct loader *loader, struct node *parent, struct node *child,
                     bool both)
{
    if (!has_parent(child, parent)) {
        node_list_add(loader->arena, &child->parents, parent);
        if (both) {
            node_list_add(loader->arena, &parent->children, child);
        }
    }
}

/* Whether the group or package lets `node` see `target`; sets the error when not. */
static int check_access(struct loader *loader, const struct node *node,
                        const struct node *target, uint32_t offset)
{
    struct err err = {0};
    const char *access = NULL;
    const char *scope = NULL;

    if (target->type != NODE_MODEL || node->type == NODE_SQL_OPERATION) {
        return 0;
    }
    if (target->access == NODE_PRIVATE && target->group != NULL &&
        (node->group == NULL || !str_eq(node->group, target->group))) {
        access = "private";
        scope = "group";
    } else if (target->access != NODE_PUBLIC && node->package != target->package &&
               value_is_true(value_dict_get(target->package->config, "restrict-access"),
                             false)) {
        access = "protected";
        scope = "package";
    }
    if (access == NULL) {
        return 0;
    }
    err_set(&err, ERR_PROJECT,
            "Node %s attempted to reference node %s, which is not allowed because the "
            "referenced node is %s to the '%s' %s.",
            node->unique_id, target->unique_id, access,
            str_eq(scope, "group") ? target->group : target->package->name, scope);
    if (offset != UINT32_MAX) {
        err_locate(node->raw_code, node->raw_code_len, offset, &err.line, &err.column);
    }
    node_locate(node, &err);
    loader_error(loader, &err);
    return -1;
}

/* A missing target takes a test out of the graph, and is an error for the others. */
static void missing(struct loader *loader, struct node *node, struct err *err)
{
    if (node->type != NODE_TEST) {
        loader_error(loader, err);
        return;
    }
    node->enabled = false;
    node->dropped = true;
    if (strstr(err->msg, "is disabled") == NULL) {
        err_list_add(&loader->project->warnings, err);
    }
    err_clear(err);
}

void project_resolve(struct loader *loader, struct node *node, bool edges)
{
    struct project *project = loader->project;

    for (size_t i = 0; i < node->source_count; i++) {
        struct node_source_ref *ref = &node->sources[i];
        struct err err = {0};
        enum project_found found = project_source(project, node->package, ref->source,
                                                  ref->table, &ref->target);
        if (found != PROJECT_FOUND) {
            ref->target = NULL;
            project_source_error(project, node, ref, found, &err);
            missing(loader, node, &err);
        } else {
            add_edge(loader, ref->target, node, edges);
        }
    }
    for (size_t i = 0; i < node->ref_count; i++) {
        struct node_ref *ref = &node->refs[i];
        struct err err = {0};
        enum project_found found = project_ref(project, node->package, ref->package,
                                               ref->name, ref->version, &ref->target);
        if (found != PROJECT_FOUND) {
            ref->target = NULL;
            project_ref_error(project, node, ref, found, &err);
            if (found == PROJECT_AMBIGUOUS) {
                loader_error(loader, &err);
            }
            missing(loader, node, &err);
        } else if (check_access(loader, node, ref->target, ref->offset) == 0) {
            add_edge(loader, ref->target, node, edges);
        }
    }
    if (node->unit_test != NULL && node->unit_test->tested != NULL) {
        add_edge(loader, node->unit_test->tested, node, edges);
    }
    node->linked = true;
}

/* Takes disabled nodes out again, edges included. */
static void drop_disabled(struct loader *loader)
{
    struct project *project = loader->project;
    size_t before = project->node_count;

    project_index_nodes(loader);
    if (project->node_count == before) {
        return;
    }
    for (size_t i = 0; i < project->node_count; i++) {
        struct node_list *children = &project->nodes[i]->children;
        size_t kept = 0;
        for (size_t k = 0; k < children->count; k++) {
            if (children->items[k]->enabled) {
                children->items[kept++] = children->items[k];
            }
        }
        children->count = kept;
    }
}

/* ---- order and cycles ---- */

/* Kahn's algorithm; levels are longest paths. Returns how many nodes were ordered. */
static size_t set_levels(struct project *project)
{
    size_t count = project->node_count;
    uint32_t *open = xcalloc(count + 1, sizeof(*open));
    struct node **queue = xcalloc(count + 1, sizeof(*queue));
    size_t head = 0;
    size_t tail = 0;

    for (size_t i = 0; i < count; i++) {
        struct node *node = project->nodes[i];
        node->level = 0;
        open[i] = (uint32_t)node->parents.count;
        if (open[i] == 0) {
            queue[tail++] = node;
        }
    }
    while (head < tail) {
        const struct node *node = queue[head++];
        for (size_t i = 0; i < node->children.count; i++) {
            struct node *child = node->children.items[i];
            if (child->level < node->level + 1) {
                child->level = node->level + 1;
            }
            if (--open[child->index] == 0) {
                queue[tail++] = child;
            }
        }
    }
    /* What is left in a cycle is marked by its level. */
    for (size_t i = 0; i < count; i++) {
        if (open[i] > 0) {
            project->nodes[i]->level = UINT32_MAX;
        }
    }
    free(open);
    free(queue);
    return tail;
}

/* Where the node refers to its parent. */
static void locate_parent(const struct node *node, const struct node *parent,
                          struct err *err)
{
    for (size_t i = 0; i < node->ref_count; i++) {
        if (node->refs[i].target == parent) {
            project_locate_ref(node, &node->refs[i], err);
            return;
        }
    }
    node_locate(node, err);
}

/* Walks up from a node that is in or behind a cycle until a node comes again. */
static void report_cycle(struct loader *loader)
{
    struct project *project = loader->project;
    uint32_t *seen = xcalloc(project->node_count + 1, sizeof(*seen));
    struct node **path = xcalloc(project->node_count + 1, sizeof(*path));
    size_t length = 0;
    struct node *node = NULL;
    struct err err = {0};

    for (size_t i = 0; i < project->node_count && node == NULL; i++) {
        if (project->nodes[i]->level == UINT32_MAX) {
            node = project->nodes[i];
        }
    }
    while (node != NULL && seen[node->index] == 0) {
        seen[node->index] = (uint32_t)length + 1;
        path[length++] = node;
        struct node *next = NULL;
        for (size_t i = 0; i < node->parents.count && next == NULL; i++) {
            if (node->parents.items[i]->level == UINT32_MAX) {
                next = node->parents.items[i];
            }
        }
        node = next;
    }
    if (node != NULL) {
        struct buf text = {.max = 1900};
        size_t first = seen[node->index] - 1;
        buf_adds(&text, node->unique_id);
        for (size_t i = length; i-- > first;) {
            buf_addf(&text, " --> %s", path[i]->unique_id);
        }
        err_set(&err, ERR_PROJECT, "Found a cycle: %s", buf_str(&text));
        buf_fini(&text);
        locate_parent(node, length - first > 1 ? path[first + 1] : node, &err);
        loader_error(loader, &err);
    }
    free(seen);
    free(path);
}

static int compare_order(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a;
    const struct node *y = *(struct node *const *)b;

    if (x->level != y->level) {
        return x->level < y->level ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static void set_order(struct project *project)
{
    project->order =
        arena_array(&project->arena, struct node *, project->node_count + 1);
    memcpy(project->order, project->nodes, project->node_count * sizeof(struct node *));
    if (project->node_count > 1) {
        qsort(project->order, project->node_count, sizeof(struct node *),
              compare_order);
    }
}

/* ---- names that collide ---- */

static void duplicate_name(struct loader *loader, const struct node *a,
                           const struct node *b)
{
    struct arena *arena = loader->arena;
    const char *type = node_type_name(a->type);
    const char *name = a->name;
    const char *plural = arena_printf(arena, "%ss", type);

    if (a->type == NODE_SOURCE) {
        name = arena_printf(arena, "%s_%s", a->source->source_name, a->name);
    } else if (a->type == NODE_TEST && a->test->generic) {
        name = arena_printf(arena, "%s\" defined on %s%s%s\"%s", a->name,
                            a->test->column_name != NULL ? "column \"" : "",
                            a->test->column_name != NULL ? a->test->column_name : "",
                            a->test->column_name != NULL ? "\" in " : "",
                            a->test->file_key_name);
    } else if (a->type == NODE_ANALYSIS) {
        plural = "analyses";
    }
    loader_fail(loader, b->file, b->patch_line, 0,
                arena_printf(arena, "change the name of one of them: %s (%s), %s (%s)",
                             a->unique_id, a->file->path, b->unique_id, b->file->path),
                "dbt found two %s with the name \"%s\".", plural, name);
}

static void check_unique(struct loader *loader)
{
    struct project *project = loader->project;
    struct map relations = {0};

    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (i > 0 && str_eq(project->nodes[i - 1]->unique_id, node->unique_id)) {
            duplicate_name(loader, project->nodes[i - 1], node);
            continue;
        }
        if (node->relation_name == NULL || node->type == NODE_SOURCE ||
            node->type == NODE_TEST) {
            continue;
        }
        const struct node *other = map_put(&relations, node->relation_name, node);
        if (other != NULL) {
            loader_fail(loader, node->file, 0, 0,
                        arena_printf(loader->arena,
                                     "change the configuration of one of these "
                                     "resources: %s (%s), %s (%s)",
                                     other->unique_id, other->file->path,
                                     node->unique_id, node->file->path),
                        "dbt found two resources with the database representation "
                        "\"%s\".",
                        node->relation_name);
        }
    }
    map_fini(&relations);
}

static int compare_children(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a;
    const struct node *y = *(struct node *const *)b;

    return (x->index > y->index) - (x->index < y->index);
}

void project_link(struct loader *loader)
{
    struct project *project = loader->project;

    project_index_nodes(loader);
    project_index_refs(project);
    check_unique(loader);
    if (loader->errors->count > 0) {
        return;
    }
    for (size_t i = 0; i < project->node_count; i++) {
        project_resolve(loader, project->nodes[i], true);
    }
    drop_disabled(loader);
    for (size_t i = 0; i < project->node_count; i++) {
        struct node_list *children = &project->nodes[i]->children;
        if (children->count > 1) {
            qsort(children->items, children->count, sizeof(struct node *),
                  compare_children);
        }
    }
    if (loader->errors->count == 0 && set_levels(project) < project->node_count) {
        report_cycle(loader);
    }
    set_order(project);
}
