#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"

int xlate_fail(struct xlate *x, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (x->reason == NULL) {
        x->reason = arena_vprintf(x->arena, fmt, ap);
    }
    va_end(ap);
    return -1;
}

struct xrel *xscope_add(struct xlate *x, struct xscope *scope, const char *name)
{
    struct xrel *rel = arena_new(x->arena, struct xrel);
    rel->name = name;
    rel->number = x->next++;
    if (scope->count == scope->cap) {
        size_t cap = scope->cap > 0 ? scope->cap * 2 : 4;
        scope->rels =
            arena_realloc(x->arena, scope->rels, scope->cap * sizeof(*scope->rels),
                          cap * sizeof(*scope->rels));
        scope->cap = cap;
    }
    scope->rels[scope->count++] = rel;
    return rel;
}

/* Keeps what a buffer holds in the arena. */
static const char *keep(struct xlate *x, struct buf *out)
{
    const char *text = arena_strdup(x->arena, buf_str(out));
    if (out->overflow) {
        xlate_fail(x, "the query is too large");
    }
    buf_fini(out);
    return text;
}

/* The moment of a row that all of a scope's relations make up. */
static void add_moment(struct xlate *x, const struct xscope *scope, struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < scope->count; i++) {
        count += scope->rels[i]->no_moment ? 0 : 1;
    }
    if (count == 0) {
        buf_addf(out, "%lld", (long long)x->start * 1000);
        return;
    }
    buf_adds(out, count > 1 ? "max(" : "");
    const char *separator = "";
    for (size_t i = 0; i < scope->count; i++) {
        if (!scope->rels[i]->no_moment) {
            buf_addf(out, "%sifnull(f%d.a,0)", separator, scope->rels[i]->number);
            separator = ",";
        }
    }
    buf_adds(out, count > 1 ? ")" : "");
}

struct items {
    struct xcolumn *columns;
    const char **sql;
    size_t count;
    size_t cap;
};

static void add_item(struct xlate *x, struct items *items, const char *name,
                     const struct sql_type *type, const char *sql)
{
    if (items->count == items->cap) {
        size_t cap = items->cap > 0 ? items->cap * 2 : 16;
        items->columns = arena_realloc(x->arena, items->columns,
                                       items->cap * sizeof(*items->columns),
                                       cap * sizeof(*items->columns));
        items->sql =
            arena_realloc(x->arena, items->sql, items->cap * sizeof(*items->sql),
                          cap * sizeof(*items->sql));
        items->cap = cap;
    }
    items->columns[items->count] = (struct xcolumn){.name = name, .type = type};
    items->sql[items->count++] = sql;
}

static const char *column_sql(struct xlate *x, const struct xrel *rel, size_t at)
{
    return rel->exprs != NULL ? rel->exprs[at]
                              : arena_printf(x->arena, "f%d.c%zu", rel->number, at);
}

static int expand_star(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, struct items *items)
{
    const char *only =
        expr->name.count > 0 ? expr->name.parts[expr->name.count - 1].text : NULL;
    bool any = false;
    for (size_t r = 0; r < scope->count; r++) {
        const struct xrel *rel = scope->rels[r];
        if (only != NULL && (rel->name == NULL || strcmp(rel->name, only) != 0)) {
            continue;
        }
        any = true;
        for (size_t i = 0; i < rel->count; i++) {
            if (!rel->columns[i].hidden) {
                add_item(x, items, rel->columns[i].name, rel->columns[i].type,
                         column_sql(x, rel, i));
                items->columns[items->count - 1].window_end =
                    rel->columns[i].window_end;
            }
        }
    }
    return any ? 0 : xlate_fail(x, "'*' without a table");
}

static int make_items(struct xlate *x, const struct xscope *scope,
                      const struct sql_select *select, struct items *items)
{
    for (size_t i = 0; i < select->item_count; i++) {
        const struct sql_select_item *item = &select->items[i];
        struct buf sql = BUF_INIT;
        const struct sql_type *type = NULL;
        if (item->expr->kind == SQL_EXPR_STAR) {
            if (expand_star(x, scope, item->expr, items) != 0) {
                return -1;
            }
            continue;
        }
        int rc = xlate_expr(x, scope, item->expr, &sql, &type);
        const char *text = keep(x, &sql);
        if (rc != 0) {
            return -1;
        }
        const char *name = item->alias.text;
        if (name == NULL && item->expr->kind == SQL_EXPR_COLUMN) {
            name = item->expr->name.parts[item->expr->name.count - 1].text;
        }
        if (name == NULL) {
            name = arena_printf(x->arena, "EXPR$%zu", i);
        }
        add_item(x, items, name, type, text);
    }
    return 0;
}

/* GROUP BY; also finds whether a window's end is among the keys. */
static int add_group(struct xlate *x, const struct xscope *scope,
                     const struct sql_select *select, struct buf *out)
{
    const char *separator = " GROUP BY ";
    for (size_t g = 0; g < select->group_count; g++) {
        const struct sql_group *group = &select->groups[g];
        if (group->kind != SQL_GROUP_EXPRS) {
            return xlate_fail(x, "ROLLUP, CUBE and GROUPING SETS");
        }
        for (size_t i = 0; i < group->exprs.count; i++) {
            const struct sql_expr *expr = group->exprs.items[i];
            buf_adds(out, separator);
            separator = ", ";
            /* a bare number would be an ordinal to SQLite */
            bool literal = expr->kind == SQL_EXPR_NUMBER;
            buf_adds(out, literal ? "+" : "");
            if (xlate_expr(x, scope, expr, out, NULL) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static bool groups_by(const struct sql_select *select, const char *name)
{
    for (size_t g = 0; g < select->group_count; g++) {
        const struct sql_expr_list *list = &select->groups[g].exprs;
        for (size_t i = 0; i < list->count; i++) {
            const struct sql_name *column = &list->items[i]->name;
            if (list->items[i]->kind == SQL_EXPR_COLUMN &&
                strcmp(column->parts[column->count - 1].text, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Streaming windows come out once the watermark has passed their end. */
static void add_closed(struct xlate *x, const struct xscope *scope,
                       const struct sql_select *select, bool *having, struct buf *out)
{
    if (x->snapshot || !groups_by(select, "window_start") ||
        !groups_by(select, "window_end")) {
        return;
    }
    for (size_t r = 0; r < scope->count; r++) {
        const struct xrel *rel = scope->rels[r];
        for (size_t i = 0; rel->windowed && i < rel->count; i++) {
            if (rel->columns[i].window_end) {
                buf_addf(out, "%s f%d.c%zu <= max(f%d.w)", *having ? " AND" : " HAVING",
                         rel->number, i, rel->number);
                *having = true;
            }
        }
    }
}

static int find_output(const struct items *items, const struct sql_expr *expr)
{
    if (expr->kind == SQL_EXPR_NUMBER) {
        long at = strtol(expr->text, NULL, 10);
        return at >= 1 && (size_t)at <= items->count ? (int)at - 1 : -1;
    }
    if (expr->kind == SQL_EXPR_COLUMN && expr->name.count == 1) {
        for (size_t i = 0; i < items->count; i++) {
            if (strcmp(items->columns[i].name, expr->name.parts[0].text) == 0) {
                return (int)i;
            }
        }
    }
    return -1;
}

static int add_order(struct xlate *x, const struct xscope *scope,
                     const struct sql_query *query, const struct items *items,
                     struct buf *out)
{
    for (size_t i = 0; i < query->order_by.count; i++) {
        const struct sql_order *order = &query->order_by.items[i];
        int at = find_output(items, order->expr);
        buf_adds(out, i > 0 ? ", " : " ORDER BY ");
        if (at >= 0) {
            buf_addf(out, "c%d", at);
        } else if (scope == NULL) {
            return xlate_fail(x, "ORDER BY an expression after a set operation");
        } else if (xlate_expr(x, scope, order->expr, out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, order->descending ? " DESC" : "");
        if (order->nulls != SQL_NULLS_UNSAID) {
            buf_adds(out,
                     order->nulls == SQL_NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST");
        }
    }
    return 0;
}

static int add_limit(struct xlate *x, const struct sql_query *query, struct buf *out)
{
    if (query->limit == NULL && query->offset == NULL) {
        return 0;
    }
    buf_adds(out, " LIMIT ");
    if (query->limit == NULL) {
        buf_adds(out, "-1");
    } else if (xlate_expr(x, NULL, query->limit, out, NULL) != 0) {
        return -1;
    }
    if (query->offset != NULL) {
        buf_adds(out, " OFFSET ");
        return xlate_expr(x, NULL, query->offset, out, NULL);
    }
    return 0;
}

static bool is_grouped(const struct sql_select *select)
{
    bool grouped = select->grouped || select->having != NULL;
    for (size_t i = 0; !grouped && i < select->item_count; i++) {
        grouped = xlate_has_aggregate(select->items[i].expr);
    }
    return grouped;
}

static int finish_select(struct xlate *x, const struct sql_query *query,
                         const struct xscope *scope, const struct items *items,
                         bool grouped, struct buf *from, struct buf *sql)
{
    const struct sql_select *select = query->select;
    bool having = select->having != NULL;
    buf_adds(sql, "SELECT ");
    for (size_t i = 0; i < items->count; i++) {
        buf_addf(sql, "%s AS c%zu, ", items->sql[i], i);
    }
    buf_adds(sql, grouped ? "ifnull(max(" : "");
    add_moment(x, scope, sql);
    buf_adds(sql, grouped ? "),0) AS a" : " AS a");
    buf_adds(sql, buf_str(from));
    if (select->where != NULL) {
        buf_adds(sql, " WHERE ");
        if (xlate_expr(x, scope, select->where, sql, NULL) != 0) {
            return -1;
        }
    }
    if (add_group(x, scope, select, sql) != 0) {
        return -1;
    }
    if (having) {
        buf_adds(sql, " HAVING (");
        if (xlate_expr(x, scope, select->having, sql, NULL) != 0) {
            return -1;
        }
        buf_addc(sql, ')');
    }
    if (grouped && select->group_count > 0) {
        add_closed(x, scope, select, &having, sql);
    } else if (grouped && !x->batch) {
        /* streaming: no row before the first one came in */
        buf_adds(sql, having ? " AND count(*) > 0" : " HAVING count(*) > 0");
    }
    if (select->distinct) {
        return 0;
    }
    return add_order(x, scope, query, items, sql) == 0 ? add_limit(x, query, sql) : -1;
}

/* GROUP BY all columns, keeping the latest moment: DISTINCT and UNION. */
static const char *distinct(struct xlate *x, const char *sql, size_t count)
{
    struct buf out = BUF_INIT;
    buf_adds(&out, "SELECT ");
    for (size_t i = 0; i < count; i++) {
        buf_addf(&out, "c%zu, ", i);
    }
    buf_addf(&out, "max(a) AS a FROM (%s)", sql);
    for (size_t i = 0; i < count; i++) {
        buf_addf(&out, "%sc%zu", i > 0 ? ", " : " GROUP BY ", i);
    }
    return keep(x, &out);
}

static int xlate_select(struct xlate *x, const struct sql_query *query,
                        const struct xscope *outer, struct xquery *out)
{
    const struct sql_select *select = query->select;
    struct xscope scope = {.outer = outer};
    struct items items = {0};
    struct buf from = BUF_INIT;
    struct buf sql = BUF_INIT;
    int rc = 0;

    buf_init(&sql, EXECUTE_MAX_SQL);
    if (select->window_count > 0 || select->qualify != NULL) {
        return xlate_fail(x, "WINDOW and QUALIFY");
    }
    if (select->from != NULL) {
        buf_adds(&from, " FROM ");
        rc = xlate_from(x, select->from, &scope, &from);
    }
    if (rc == 0) {
        rc = make_items(x, &scope, select, &items);
    }
    if (rc == 0) {
        rc = finish_select(x, query, &scope, &items, is_grouped(select), &from, &sql);
    }
    buf_fini(&from);
    out->sql = keep(x, &sql);
    out->columns = items.columns;
    out->count = items.count;
    if (rc == 0 && select->distinct) {
        struct buf rest = BUF_INIT;
        buf_adds(&rest, distinct(x, out->sql, items.count));
        rc = add_order(x, NULL, query, &items, &rest) == 0 ? add_limit(x, query, &rest)
                                                           : -1;
        out->sql = keep(x, &rest);
    }
    return rc;
}

static int xlate_values(struct xlate *x, const struct sql_query *query,
                        struct xquery *out)
{
    struct buf sql = BUF_INIT;
    struct items items = {0};
    int rc = 0;
    buf_init(&sql, EXECUTE_MAX_SQL * 4);
    struct buf rows = BUF_INIT;
    for (size_t r = 0; rc == 0 && r < query->rows.count; r++) {
        const struct sql_expr *row = query->rows.items[r];
        bool is_row = row->kind == SQL_EXPR_ROW;
        size_t count = is_row ? row->arg_count : 1;
        buf_adds(&rows, r > 0 ? ",(" : "(");
        for (size_t i = 0; rc == 0 && i < count; i++) {
            const struct sql_type *type = NULL;
            buf_adds(&rows, i > 0 ? "," : "");
            rc = xlate_expr(x, NULL, is_row ? row->args[i] : row, &rows, &type);
            if (r == 0) {
                add_item(x, &items, arena_printf(x->arena, "EXPR$%zu", i), type, "");
            }
        }
        buf_addc(&rows, ')');
    }
    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < items.count; i++) {
        buf_addf(&sql, "column%zu AS c%zu, ", i + 1, i);
    }
    buf_addf(&sql, "%lld AS a FROM (VALUES %s)", (long long)x->start * 1000,
             buf_str(&rows));
    buf_fini(&rows);
    out->sql = keep(x, &sql);
    out->columns = items.columns;
    out->count = items.count;
    return rc;
}

static void add_columns(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%sc%zu", i > 0 ? ", " : "", i);
    }
}

static int xlate_set(struct xlate *x, const struct sql_query *query,
                     const struct xscope *outer, struct xquery *out)
{
    struct buf sql = BUF_INIT;
    bool all = query->set_op == SQL_UNION;
    const char *word = query->set_op == SQL_INTERSECT ? " INTERSECT " : " EXCEPT ";
    if (!all && query->set_all) {
        return xlate_fail(x, "INTERSECT ALL and EXCEPT ALL");
    }
    for (size_t i = 0; i < query->input_count; i++) {
        struct xquery input;
        if (xlate_query(x, query->inputs[i], outer, &input) != 0) {
            buf_fini(&sql);
            return -1;
        }
        if (i == 0) {
            out->columns = input.columns;
            out->count = input.count;
        }
        buf_adds(&sql, i == 0 ? "SELECT " : all ? " UNION ALL SELECT " : word);
        buf_adds(&sql, i > 0 && !all ? "SELECT " : "");
        add_columns(&sql, input.count);
        buf_addf(&sql, "%s FROM (%s)", all ? ", a" : "", input.sql);
    }
    const char *text = keep(x, &sql);
    if (!all) {
        text = arena_printf(x->arena, "SELECT *, %lld AS a FROM (%s)",
                            (long long)x->start * 1000, text);
    } else if (!query->set_all) {
        text = distinct(x, text, out->count);
    }
    out->sql = text;
    return 0;
}

/* ORDER BY and LIMIT of what isn't a plain SELECT. */
static int add_tail(struct xlate *x, const struct sql_query *query, struct xquery *out)
{
    struct buf sql = BUF_INIT;
    struct items items = {.columns = out->columns, .count = out->count};
    if (query->order_by.count == 0 && query->limit == NULL && query->offset == NULL) {
        return 0;
    }
    buf_addf(&sql, "SELECT * FROM (%s)", out->sql);
    int rc =
        add_order(x, NULL, query, &items, &sql) == 0 ? add_limit(x, query, &sql) : -1;
    out->sql = keep(x, &sql);
    return rc;
}

static int xlate_body(struct xlate *x, const struct sql_query *query,
                      const struct xscope *outer, struct xquery *out)
{
    int rc;
    switch (query->kind) {
    case SQL_QUERY_SELECT:
        return xlate_select(x, query, outer, out);
    case SQL_QUERY_VALUES:
        rc = xlate_values(x, query, out);
        break;
    case SQL_QUERY_SET:
        rc = xlate_set(x, query, outer, out);
        break;
    case SQL_QUERY_NESTED:
        rc = xlate_query(x, query->inputs[0], outer, out);
        break;
    default:
        return xlate_fail(x, "TABLE t as a query");
    }
    return rc == 0 ? add_tail(x, query, out) : -1;
}

int xlate_query(struct xlate *x, const struct sql_query *query,
                const struct xscope *outer, struct xquery *out)
{
    const struct xcte *before = x->ctes;
    if (++x->depth > EXECUTE_MAX_DEPTH) {
        return xlate_fail(x, "the query is nested too deeply");
    }
    if (query->recursive) {
        return xlate_fail(x, "WITH RECURSIVE");
    }
    for (size_t i = 0; i < query->cte_count; i++) {
        struct xcte *cte = arena_new(x->arena, struct xcte);
        cte->name = query->ctes[i].name.text;
        cte->columns = &query->ctes[i].columns;
        cte->query = query->ctes[i].query;
        cte->next = x->ctes;
        x->ctes = cte;
    }
    int rc = xlate_body(x, query, outer, out);
    x->ctes = before;
    x->depth--;
    return rc;
}
