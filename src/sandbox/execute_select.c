/* SELECT: its items, groups, order. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/execute_impl.h"

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

void xitems_add(struct xlate *x, struct xitems *items, const char *name,
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
                       const struct sql_expr *expr, struct xitems *items)
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
                xitems_add(x, items, rel->columns[i].name, rel->columns[i].type,
                           column_sql(x, rel, i));
                items->columns[items->count - 1].window_end =
                    rel->columns[i].window_end;
            }
        }
    }
    return any ? 0 : xlate_fail(x, "'*' without a table");
}

static int make_items(struct xlate *x, const struct xscope *scope,
                      const struct sql_select *select, struct xitems *items)
{
    for (size_t i = 0; i < select->item_count; i++) {
        const struct sql_select_item *item = &select->items[i];
        struct buf sql = (struct buf)BUF_INIT;
        const struct sql_type *type = NULL;
        if (item->expr->kind == SQL_EXPR_STAR) {
            if (expand_star(x, scope, item->expr, items) != 0) {
                return -1;
            }
            continue;
        }
        int rc = xlate_expr(x, scope, item->expr, &sql, &type);
        const char *text = xlate_keep(x, &sql);
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
        xitems_add(x, items, name, type, text);
    }
    return 0;
}

/* GROUP BY the keys of one grouping set. */
static int add_group(struct xlate *x, const struct xscope *scope,
                     const struct xgroup *set, struct buf *out)
{
    for (size_t i = 0; i < set->count; i++) {
        /* a bare number would be an ordinal to SQLite */
        bool literal = set->keys[i]->kind == SQL_EXPR_NUMBER;
        buf_addf(out, "%s%s", i == 0 ? " GROUP BY " : ", ", literal ? "+" : "");
        if (xlate_expr(x, scope, set->keys[i], out, NULL) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool groups_by(const struct xgroup *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct sql_name *column = &set->keys[i]->name;
        if (set->keys[i]->kind == SQL_EXPR_COLUMN &&
            strcmp(column->parts[column->count - 1].text, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Streaming windows come out once the watermark has passed their end. */
static void add_closed(struct xlate *x, const struct xscope *scope,
                       const struct xgroup *set, bool *having, struct buf *out)
{
    if (x->snapshot || !groups_by(set, "window_start") ||
        !groups_by(set, "window_end")) {
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

int xlate_output(const struct xitems *items, const struct sql_expr *expr)
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

int xlate_order(struct xlate *x, const struct xscope *scope,
                const struct sql_query *query, const struct xitems *items,
                struct buf *out)
{
    for (size_t i = 0; i < query->order_by.count; i++) {
        const struct sql_order *order = &query->order_by.items[i];
        int at = xlate_output(items, order->expr);
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

int xlate_limit(struct xlate *x, const struct sql_query *query, struct buf *out)
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

/* SELECT, FROM, WHERE, GROUP BY one grouping set and HAVING. */
static int add_select(struct xlate *x, const struct sql_select *select,
                      const struct xscope *scope, const struct xgroup *set,
                      const char *from, struct xitems *items, struct buf *sql)
{
    bool having = select->having != NULL;
    bool grouped = is_grouped(select);
    if (make_items(x, scope, select, items) != 0) {
        return -1;
    }
    buf_adds(sql, "SELECT ");
    for (size_t i = 0; i < items->count; i++) {
        buf_addf(sql, "%s AS c%zu, ", items->sql[i], i);
    }
    buf_adds(sql, grouped ? "ifnull(max(" : "");
    add_moment(x, scope, sql);
    buf_addf(sql, "%s%s", grouped ? "),0) AS a" : " AS a", from);
    if (select->where != NULL) {
        buf_adds(sql, " WHERE ");
        if (xlate_expr(x, scope, select->where, sql, NULL) != 0) {
            return -1;
        }
    }
    if (add_group(x, scope, set, sql) != 0) {
        return -1;
    }
    if (having) {
        buf_adds(sql, " HAVING (");
        if (xlate_expr(x, scope, select->having, sql, NULL) != 0) {
            return -1;
        }
        buf_addc(sql, ')');
    }
    if (grouped && set->count > 0) {
        add_closed(x, scope, set, &having, sql);
    } else if (grouped && !x->batch) {
        /* streaming: no row before the first one came in */
        buf_adds(sql, having ? " AND count(*) > 0" : " HAVING count(*) > 0");
    }
    return 0;
}

/* The parts of all grouping sets, one after the other. */
static int add_sets(struct xlate *x, const struct sql_select *select,
                    struct xscope *scope, const struct xgroup *sets, size_t count,
                    const char *from, struct xitems *items, struct buf *sql)
{
    struct xgroup all = {0};
    size_t keys = 0;
    for (size_t i = 0; i < count; i++) {
        keys += sets[i].count;
    }
    all.keys = arena_array(x->arena, const struct sql_expr *, keys + 1);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sets[i].count; k++) {
            all.keys[all.count++] = sets[i].keys[k];
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct xscope part = *scope;
        buf_adds(sql, i > 0 ? " UNION ALL " : "");
        *items = (struct xitems){0};
        xgroup_absent(x, &all, &sets[i], &part);
        if (add_select(x, select, &part, &sets[i], from, items, sql) != 0) {
            return -1;
        }
    }
    return 0;
}

const char *xlate_distinct(struct xlate *x, const char *sql, size_t count)
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
    return xlate_keep(x, &out);
}

/* The rows again, so that what follows sees c0, c1, … */
static const char *wrap(struct xlate *x, const char *sql)
{
    return arena_printf(x->arena, "SELECT * FROM (%s)", sql);
}

int xlate_select(struct xlate *x, const struct sql_query *query,
                 const struct xscope *outer, struct xquery *out)
{
    const struct sql_select *select = query->select;
    struct xscope scope = {.outer = outer, .select = select};
    struct xitems items = {0};
    struct xgroup *sets;
    size_t count;
    struct buf from = BUF_INIT;
    struct buf sql = (struct buf)BUF_INIT;
    int rc = 0;

    buf_init(&sql, EXECUTE_MAX_SQL);
    if (select->qualify != NULL) {
        return xlate_fail(x, "QUALIFY");
    }
    if (select->from != NULL) {
        buf_adds(&from, " FROM ");
        rc = xlate_from(x, select->from, &scope, &from);
    }
    bool several = xgroup_has_sets(select);
    if (rc == 0) {
        rc = xgroup_sets(x, select, &sets, &count);
    }
    if (rc == 0) {
        rc =
            several
                ? add_sets(x, select, &scope, sets, count, buf_str(&from), &items, &sql)
                : add_select(x, select, &scope, &sets[0], buf_str(&from), &items, &sql);
    }
    buf_fini(&from);
    if (rc == 0 && (several || select->distinct)) {
        const char *rows = xlate_keep(x, &sql);
        sql = (struct buf)BUF_INIT;
        buf_init(&sql, EXECUTE_MAX_SQL);
        buf_adds(&sql, select->distinct ? xlate_distinct(x, rows, items.count)
                                        : wrap(x, rows));
    }
    if (rc == 0) {
        bool plain = !several && !select->distinct;
        rc = xlate_order(x, plain ? &scope : NULL, query, &items, &sql) == 0
                 ? xlate_limit(x, query, &sql)
                 : -1;
    }
    out->sql = xlate_keep(x, &sql);
    out->columns = items.columns;
    out->count = items.count;
    return rc;
}
