#include "config.h"

#include "shell/dag.h"

#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "value/json.h"

#define DEPTH_MAX 60

struct dag {
    const struct dag_options *options;
    struct buf *out;
    struct map inside;  /* unique ids of the selection */
    struct map written; /* ids that were drawn */
    struct buf prefix;
};

static bool is_inside(const struct dag *dag, const struct node *node)
{
    return map_get(&dag->inside, node->unique_id) != NULL;
}

static bool has_parent_inside(const struct dag *dag, const struct node *node)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        if (is_inside(dag, node->parents.items[i])) {
            return true;
        }
    }
    return false;
}

static enum term_style style_of(const char *phase)
{
    static const struct {
        const char *phase;
        enum term_style style;
    } styles[] = {
        {"RUNNING", TERM_GREEN},  {"COMPLETED", TERM_GREEN}, {"FAILED", TERM_RED},
        {"FAILING", TERM_RED},    {"DEGRADED", TERM_YELLOW}, {"PENDING", TERM_CYAN},
        {"STOPPED", TERM_YELLOW},
    };

    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        if (str_eq(styles[i].phase, phase)) {
            return styles[i].style;
        }
    }
    return TERM_PLAIN;
}

static const char *kind_of(const struct node *node)
{
    const char *materialized = node_materialized(node);

    return node->type == NODE_MODEL && materialized[0] != '\0'
               ? materialized
               : node_type_name(node->type);
}

static void add_label(struct dag *dag, const struct node *node, bool again)
{
    const struct dag_options *options = dag->options;
    const char *phase = options->phases != NULL
                            ? phases_text(options->phases, options->shell, node)
                            : "";
    const char *on = options->term != NULL && phase[0] != '\0'
                         ? term_style(options->term, style_of(phase))
                         : "";
    const char *dim = options->term != NULL ? term_style(options->term, TERM_DIM) : "";
    const char *off =
        options->term != NULL ? term_style(options->term, TERM_PLAIN) : "";

    if (node->type == NODE_SOURCE && node->source != NULL) {
        buf_addf(dag->out, "%s%s.%s%s", on, node->source->source_name, node->name, off);
    } else {
        buf_addf(dag->out, "%s%s%s", on, node->name, off);
    }
    if (again) {
        buf_adds(dag->out, options->unicode ? " ↑" : " ^");
    } else {
        buf_addf(dag->out, "  %s%s%s%s%s", dim, kind_of(node),
                 phase[0] != '\0' ? ", " : "", phase, off);
    }
    buf_addc(dag->out, '\n');
}

static void add_tree(struct dag *dag, const struct node *node, int depth);

static void add_children(struct dag *dag, const struct node *node, int depth)
{
    bool unicode = dag->options->unicode;
    size_t total = 0;
    size_t seen = 0;

    for (size_t i = 0; i < node->children.count; i++) {
        total += is_inside(dag, node->children.items[i]);
    }
    for (size_t i = 0; i < node->children.count; i++) {
        size_t before = dag->prefix.len;
        if (!is_inside(dag, node->children.items[i])) {
            continue;
        }
        bool last = ++seen == total;
        buf_adds(dag->out, buf_str(&dag->prefix));
        buf_adds(dag->out, unicode ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- "));
        buf_adds(&dag->prefix, last ? "   " : unicode ? "│  " : "|  ");
        add_tree(dag, node->children.items[i], depth + 1);
        buf_truncate(&dag->prefix, before);
    }
}

static void add_tree(struct dag *dag, const struct node *node, int depth)
{
    bool again = map_get(&dag->written, node->unique_id) != NULL;

    map_put(&dag->written, node->unique_id, (void *)node);
    add_label(dag, node, again);
    if (!again && depth < DEPTH_MAX) {
        add_children(dag, node, depth);
    }
}

static void write_tree(struct dag *dag, const struct node_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!has_parent_inside(dag, list->items[i])) {
            add_tree(dag, list->items[i], 0);
        }
    }
}

static void write_dot(struct dag *dag, const struct node_list *list)
{
    buf_adds(dag->out, "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        buf_addf(dag->out, "  \"%s\" [label=\"%s\\n%s\"];\n", node->unique_id,
                 node->name, kind_of(node));
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        for (size_t p = 0; p < node->parents.count; p++) {
            if (is_inside(dag, node->parents.items[p])) {
                buf_addf(dag->out, "  \"%s\" -> \"%s\";\n",
                         node->parents.items[p]->unique_id, node->unique_id);
            }
        }
    }
    buf_adds(dag->out, "}\n");
}

static void write_mermaid(struct dag *dag, const struct node_list *list)
{
    buf_adds(dag->out, "flowchart LR\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        buf_addf(dag->out, "  n%u[\"%s<br/>%s\"]\n", node->index, node->name,
                 kind_of(node));
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        for (size_t p = 0; p < node->parents.count; p++) {
            if (is_inside(dag, node->parents.items[p])) {
                buf_addf(dag->out, "  n%u --> n%u\n", node->parents.items[p]->index,
                         node->index);
            }
        }
    }
}

static void json_text(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", name);
    json_write_str(value, strlen(value), 0, out);
}

static void json_ids(struct dag *dag, const char *name, const struct node_list *list)
{
    bool first = true;

    buf_addf(dag->out, ",\"%s\":[", name);
    for (size_t i = 0; i < list->count; i++) {
        const char *id = list->items[i]->unique_id;
        if (is_inside(dag, list->items[i])) {
            buf_adds(dag->out, first ? "" : ",");
            json_write_str(id, strlen(id), 0, dag->out);
            first = false;
        }
    }
    buf_addc(dag->out, ']');
}

static void write_json(struct dag *dag, const struct node_list *list)
{
    const struct dag_options *options = dag->options;

    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        buf_addc(dag->out, '{');
        json_text(dag->out, "unique_id", node->unique_id);
        json_text(dag->out, "name", node->name);
        json_text(dag->out, "materialization", kind_of(node));
        if (options->phases != NULL) {
            json_text(dag->out, "status",
                      phases_text(options->phases, options->shell, node));
        }
        json_ids(dag, "parents", &node->parents);
        json_ids(dag, "children", &node->children);
        buf_adds(dag->out, "}\n");
    }
}

void dag_write(const struct node_list *list, const struct dag_options *options,
               struct buf *out)
{
    struct dag dag = {.options = options, .out = out};

    for (size_t i = 0; i < list->count; i++) {
        map_put(&dag.inside, list->items[i]->unique_id, list->items[i]);
    }
    switch (options->style) {
    case DAG_TREE:
        write_tree(&dag, list);
        break;
    case DAG_DOT:
        write_dot(&dag, list);
        break;
    case DAG_MERMAID:
        write_mermaid(&dag, list);
        break;
    case DAG_JSON:
        write_json(&dag, list);
        break;
    }
    map_fini(&dag.inside);
    map_fini(&dag.written);
    buf_fini(&dag.prefix);
}
