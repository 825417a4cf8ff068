#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/type_rules.h"

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

const char *xlate_keep(struct xlate *x, struct buf *out)
{
    const char *text = arena_strdup(x->arena, buf_str(out));
    if (out->overflow) {
        xlate_fail(x, "the query is too large");
    }
    buf_fini(out);
    return text;
}

/* The common type of two, or the first when there is none. */
static const struct sql_type *both_types(struct xlate *x, const struct sql_type *a,
                                         const struct sql_type *b)
{
    if (a == NULL || b == NULL) {
        return a == NULL ? b : a;
    }
    const struct sql_type *both = sql_type_common(x->arena, a, b);
    return both != NULL ? both : a;
}

static int xlate_values(struct xlate *x, const struct sql_query *query,
                        struct xquery *out)
{
    struct buf sql = BUF_INIT;
    struct xitems items = {0};
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
                xitems_add(x, &items, arena_printf(x->arena, "EXPR$%zu", i), type, "");
            } else if (i < items.count) {
                items.columns[i].type = both_types(x, items.columns[i].type, type);
            }
        }
        buf_addc(&rows, ')');
    }
    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < items.count; i++) {
        /* integers among decimals */
        bool exact = sql_type_is(items.columns[i].type, SQL_TYPE_DECIMAL);
        buf_addf(&sql, exact ? "fl_dec(column%zu) AS c%zu, " : "column%zu AS c%zu, ",
                 i + 1, i);
    }
    buf_addf(&sql, "%lld AS a FROM (VALUES %s)", (long long)x->start * 1000,
             buf_str(&rows));
    buf_fini(&rows);
    out->sql = xlate_keep(x, &sql);
    out->columns = items.columns;
    out->count = items.count;
    return rc;
}

/* `SELECT c0, c1 … FROM (sql)`; numbers as the set's columns have them. */
static void add_input(struct xlate *x, const struct xquery *input,
                      const struct xquery *set, bool moment, bool counted,
                      struct buf *out)
{
    buf_adds(out, "SELECT ");
    for (size_t i = 0; i < input->count; i++) {
        const char *column = arena_printf(x->arena, "c%zu", i);
        const struct sql_type *type = input->columns[i].type != NULL
                                          ? input->columns[i].type
                                          : sql_type_unknown();
        buf_addf(out, "%s%s AS c%zu", i > 0 ? ", " : "",
                 i < set->count ? xlate_as(x, column, type, set->columns[i].type)
                                : column,
                 i);
    }
    buf_adds(out, moment ? ", a" : "");
    for (size_t i = 0; counted && i < input->count; i++) {
        buf_addf(out, "%sc%zu", i > 0 ? ", " : ", row_number() OVER (PARTITION BY ", i);
    }
    buf_addf(out, "%s FROM (%s)", counted ? ") AS k" : "", input->sql);
}

static int set_inputs(struct xlate *x, const struct sql_query *query,
                      const struct xscope *outer, struct xquery *inputs,
                      struct xquery *out)
{
    for (size_t i = 0; i < query->input_count; i++) {
        if (xlate_query(x, query->inputs[i], outer, &inputs[i]) != 0) {
            return -1;
        }
    }
    out->count = inputs[0].count;
    out->columns = arena_array(x->arena, struct xcolumn, out->count + 1);
    for (size_t c = 0; c < out->count; c++) {
        out->columns[c] = inputs[0].columns[c];
        for (size_t i = 1; i < query->input_count && c < inputs[i].count; i++) {
            out->columns[c].type =
                both_types(x, out->columns[c].type, inputs[i].columns[c].type);
        }
    }
    return 0;
}

static int xlate_set(struct xlate *x, const struct sql_query *query,
                     const struct xscope *outer, struct xquery *out)
{
    struct buf sql = BUF_INIT;
    bool all = query->set_op == SQL_UNION;
    bool counted = !all && query->set_all; /* the k-th of equal rows with the k-th */
    struct xquery *inputs =
        arena_array(x->arena, struct xquery, query->input_count + 1);
    if (set_inputs(x, query, outer, inputs, out) != 0) {
        return -1;
    }
    for (size_t i = 0; i < query->input_count; i++) {
        buf_adds(&sql, i == 0                           ? ""
                       : all                            ? " UNION ALL "
                       : query->set_op == SQL_INTERSECT ? " INTERSECT "
                                                        : " EXCEPT ");
        add_input(x, &inputs[i], out, all, counted, &sql);
    }
    const char *text = xlate_keep(x, &sql);
    if (!all) {
        struct xquery rows = {text, out->columns, out->count};
        struct buf wrapped = BUF_INIT;
        add_input(x, &rows, out, false, false, &wrapped);
        text = arena_printf(x->arena, "SELECT *, %lld AS a FROM (%s)",
                            (long long)x->start * 1000, xlate_keep(x, &wrapped));
    } else if (!query->set_all) {
        text = xlate_distinct(x, text, out->count);
    }
    out->sql = text;
    return 0;
}

/* TABLE t */
static int xlate_table(struct xlate *x, const struct sql_query *query,
                       struct xquery *out)
{
    struct sql_expr star = {.kind = SQL_EXPR_STAR};
    struct sql_select_item item = {.expr = &star};
    struct sql_from from = {.kind = SQL_FROM_TABLE, .table = query->table};
    struct sql_select select = {.items = &item, .item_count = 1, .from = &from};
    struct sql_query all = {.kind = SQL_QUERY_SELECT, .select = &select};
    return xlate_select(x, &all, NULL, out);
}

/* ORDER BY and LIMIT of what isn't a plain SELECT. */
static int add_tail(struct xlate *x, const struct sql_query *query, struct xquery *out)
{
    struct buf sql = BUF_INIT;
    struct xitems items = {.columns = out->columns, .count = out->count};
    if (query->order_by.count == 0 && query->limit == NULL && query->offset == NULL) {
        return 0;
    }
    buf_addf(&sql, "SELECT * FROM (%s)", out->sql);
    int rc = xlate_order(x, NULL, query, &items, &sql) == 0
                 ? xlate_limit(x, query, &sql)
                 : -1;
    out->sql = xlate_keep(x, &sql);
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
        rc = xlate_table(x, query, out);
        break;
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
