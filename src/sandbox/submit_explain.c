#include "config.h"

#include "sandbox/submit_impl.h"

#include <string.h>

#include "base/buf.h"

/* A plan in the cloud's form: a tree of numbered nodes, then what is said of each. The
 * shape follows the statement, not an optimiser. */

#define MAX_NODES 256
#define MAX_DEPTH 64

struct node {
    const char *kind;
    const char *detail; /* further line, or NULL */
    int number;
    struct node *children[8];
    size_t child_count;
};

struct plan {
    struct submission *s;
    struct node *order[MAX_NODES]; /* by number */
    int count;
    int depth;
};

static struct node *node_new(struct plan *plan, const char *kind, const char *detail)
{
    struct node *node = arena_new(plan->s->arena, struct node);
    node->kind = kind;
    node->detail = detail;
    return node;
}

static void number(struct plan *plan, struct node *node)
{
    if (plan->count < MAX_NODES) {
        plan->order[plan->count++] = node;
    }
    node->number = plan->count;
}

static struct node *over(struct plan *plan, const char *kind, struct node *child)
{
    struct node *node = node_new(plan, kind, NULL);
    if (child != NULL) {
        node->children[node->child_count++] = child;
    }
    number(plan, node);
    return node;
}

static struct node *query_node(struct plan *plan, const struct sql_query *query);

static struct node *scan_node(struct plan *plan, const struct sql_name *name)
{
    struct catalog_name full;
    const char *kind =
        plan->s->snapshot ? "BatchTableSourceScan" : "StreamTableSourceScan";
    struct node *node = node_new(plan, kind, NULL);
    if (submit_resolve(plan->s, name, &full) == 0) {
        node->detail = arena_printf(plan->s->arena, "Table: `%s`.`%s`.`%s`",
                                    full.env_name, full.database, full.name);
    }
    plan->s->detail = NULL;
    number(plan, node);
    return node;
}

static struct node *from_node(struct plan *plan, const struct sql_from *from)
{
    if (from == NULL || ++plan->depth > MAX_DEPTH) {
        return NULL;
    }
    struct node *node = NULL;
    switch (from->kind) {
    case SQL_FROM_TABLE:
        node = scan_node(plan, &from->table);
        break;
    case SQL_FROM_QUERY:
        node = query_node(plan, from->query);
        break;
    case SQL_FROM_JOIN: {
        struct node *left = from_node(plan, from->left);
        struct node *right = from_node(plan, from->right);
        node = over(plan, "StreamJoin", left);
        if (right != NULL) {
            node->children[node->child_count++] = right;
        }
        break;
    }
    case SQL_FROM_MATCH:
        node = over(plan, "StreamMatch", from_node(plan, from->left));
        break;
    case SQL_FROM_FUNCTION:
        node = over(plan, "StreamWindowTableFunction", NULL);
        break;
    default:
        node = over(plan, "StreamCorrelate", NULL);
        break;
    }
    plan->depth--;
    return node;
}

static struct node *select_node(struct plan *plan, const struct sql_select *select)
{
    struct node *node = select->from != NULL ? from_node(plan, select->from)
                                             : over(plan, "StreamValues", NULL);
    if (select->grouped || select->distinct) {
        node = over(plan, "StreamGroupAggregate", over(plan, "StreamExchange", node));
    }
    return over(plan, "StreamCalc", node);
}

static struct node *query_node(struct plan *plan, const struct sql_query *query)
{
    struct node *node = NULL;
    if (query == NULL || ++plan->depth > MAX_DEPTH) {
        return NULL;
    }
    if (query->kind == SQL_QUERY_SELECT) {
        node = select_node(plan, query->select);
    } else if (query->kind == SQL_QUERY_VALUES) {
        node = over(plan, "StreamValues", NULL);
    } else if (query->kind == SQL_QUERY_TABLE) {
        node = scan_node(plan, &query->table);
    } else {
        struct node *inputs[8];
        size_t count = 0;
        for (size_t i = 0; i < query->input_count && count < 8; i++) {
            inputs[count] = query_node(plan, query->inputs[i]);
            count += inputs[count] != NULL ? 1 : 0;
        }
        node = over(plan, query->kind == SQL_QUERY_SET ? "StreamUnion" : "StreamCalc",
                    NULL);
        for (size_t i = 0; i < count; i++) {
            node->children[node->child_count++] = inputs[i];
        }
    }
    if (query->limit != NULL || query->order_by.count > 0) {
        node = over(plan, query->order_by.count > 0 ? "StreamSortLimit" : "StreamLimit",
                    node);
    }
    plan->depth--;
    return node;
}

static void write_tree(const struct node *node, int depth, struct buf *out)
{
    if (depth > 0) {
        buf_pad(out, ' ', (size_t)depth * 2);
        buf_adds(out, "+- ");
    }
    buf_addf(out, "%s [%d]\n", node->kind, node->number);
    for (size_t i = 0; i < node->child_count; i++) {
        write_tree(node->children[i], depth + 1, out);
    }
}

static const char *mode_of(unsigned changes)
{
    if (changes == 0 || changes == SQL_CHANGES_APPEND) {
        return "append";
    }
    return (changes & SQL_CHANGE_UPDATE_BEFORE) != 0 ? "retract" : "upsert";
}

static void write_details(const struct plan *plan, struct buf *out)
{
    const char *mode = mode_of(plan->s->result.changes);
    buf_adds(out, "\n== Physical Details ==\n");
    for (int i = 0; i < plan->count; i++) {
        const struct node *node = plan->order[i];
        bool top = i == plan->count - 1;
        buf_addf(out, "\n[%d] %s\n", node->number, node->kind);
        if (node->detail != NULL) {
            buf_addf(out, "%s\n", node->detail);
        }
        buf_addf(out, "Changelog mode: %s\nState size: low\n", top ? mode : "append");
    }
}

static int write_plan(struct submission *s, const struct sql_query *query,
                      const char *sink)
{
    static const char *const heading[] = {"Physical Plan"};
    struct plan plan = {.s = s};
    struct buf out = BUF_INIT;
    struct node *top = over(&plan, "StreamSink", query_node(&plan, query));
    top->detail = arena_printf(s->arena, "Table: %s", sink);
    buf_adds(&out, "== Physical Plan ==\n\n");
    write_tree(top, 0, &out);
    write_details(&plan, &out);
    const char *text = buf_str(&out);
    submit_columns(s, heading, 1);
    int rc = submit_row(s, &text, 1);
    buf_fini(&out);
    return rc;
}

int submit_explain(struct submission *s)
{
    const struct sql_statement *child =
        s->tree->child_count > 0 ? s->tree->children[0] : NULL;
    const char *sink = "Foreground";
    const struct sql_query *query = NULL;

    if (child == NULL) {
        return submit_refuse(s, "EXPLAIN needs a statement.");
    }
    if (child->kind == SQL_STATEMENT_STATEMENT_SET && child->child_count > 0) {
        child = child->children[0];
    }
    const char *text = submit_text(s, child->at);
    int rc = submit_infer(s, text, strlen(text), &s->result);
    if (rc != 0) {
        return rc;
    }
    if (child->query != NULL) {
        query = child->query;
    } else if (child->insert != NULL) {
        struct catalog_name name;
        query = child->insert->query;
        rc = submit_resolve(s, &child->insert->target, &name);
        if (rc != 0) {
            return rc;
        }
        sink = arena_printf(s->arena, "`%s`.`%s`.`%s`", name.env_name, name.database,
                            name.name);
    } else if (child->table != NULL) {
        query = child->table->query;
    }
    return query != NULL ? write_plan(s, query, sink)
                         : submit_refuse(s, "EXPLAIN is supported for SELECT, INSERT "
                                            "INTO and CREATE TABLE AS statements.");
}
