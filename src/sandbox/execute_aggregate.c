/* Aggregates, over groups and windows, and what can only stand with OVER. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/type_rules.h"

/* Types of results: a root, the argument's, or one that is worked out. */
enum result { RESULT_ROOT, RESULT_ARG, RESULT_WIDE, RESULT_ARRAY, RESULT_MULTISET };

static const struct {
    const char *name;
    const char *sql;
    const char *decimal; /* for a DECIMAL argument, or NULL: takes it as it is */
    enum result result;
    enum sql_type_root root;
} aggregates[] = {
    {"COUNT", "count", NULL, RESULT_ROOT, SQL_TYPE_BIGINT},
    {"SUM", "sum", "fl_dec_sum", RESULT_WIDE, SQL_TYPE_UNKNOWN},
    {"MIN", "min", NULL, RESULT_ARG, SQL_TYPE_UNKNOWN},
    {"MAX", "max", NULL, RESULT_ARG, SQL_TYPE_UNKNOWN},
    {"AVG", "avg", "fl_dec_avg", RESULT_WIDE, SQL_TYPE_UNKNOWN},
    {"LISTAGG", "group_concat", NULL, RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"FIRST_VALUE", "fl_first", NULL, RESULT_ARG, SQL_TYPE_UNKNOWN},
    {"LAST_VALUE", "fl_last", NULL, RESULT_ARG, SQL_TYPE_UNKNOWN},
    {"COLLECT", "fl_collect", NULL, RESULT_MULTISET, SQL_TYPE_UNKNOWN},
    {"ARRAY_AGG", "json_group_array", NULL, RESULT_ARRAY, SQL_TYPE_UNKNOWN},
    {"JSON_ARRAYAGG", "json_group_array", NULL, RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"JSON_OBJECTAGG", "json_group_object", NULL, RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"STDDEV_POP", "fl_stddev_pop", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"STDDEV_SAMP", "fl_stddev", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"STDDEV", "fl_stddev", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VAR_POP", "fl_var_pop", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VAR_SAMP", "fl_var", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VARIANCE", "fl_var", "", RESULT_ROOT, SQL_TYPE_DOUBLE},
};

static const struct {
    const char *name;
    enum sql_type_root root;
} window_functions[] = {
    {"ROW_NUMBER", SQL_TYPE_BIGINT}, {"RANK", SQL_TYPE_BIGINT},
    {"DENSE_RANK", SQL_TYPE_BIGINT}, {"PERCENT_RANK", SQL_TYPE_DOUBLE},
    {"CUME_DIST", SQL_TYPE_DOUBLE},  {"NTILE", SQL_TYPE_BIGINT},
    {"LAG", SQL_TYPE_UNKNOWN},       {"LEAD", SQL_TYPE_UNKNOWN},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *name_of(const struct sql_expr *expr)
{
    return expr->name.count > 0 ? expr->name.parts[expr->name.count - 1].text : "";
}

bool xlate_is_aggregate(const struct sql_expr *expr)
{
    if (expr->kind != SQL_EXPR_CALL || expr->call->over != NULL) {
        return false;
    }
    for (size_t i = 0; i < COUNT(aggregates); i++) {
        if (str_ieq(aggregates[i].name, name_of(expr))) {
            return true;
        }
    }
    return false;
}

bool xlate_has_aggregate(const struct sql_expr *expr)
{
    if (expr == NULL) {
        return false;
    }
    bool has = xlate_is_aggregate(expr);
    for (size_t i = 0; !has && i < expr->arg_count; i++) {
        has = xlate_has_aggregate(expr->args[i]);
    }
    return has;
}

static int add_orders(struct xlate *x, const struct xscope *scope,
                      const struct sql_order_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        buf_adds(out, i > 0 ? "," : " ORDER BY ");
        if (xlate_expr(x, scope, list->items[i].expr, out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, list->items[i].descending ? " DESC" : "");
    }
    return 0;
}

static int add_bound(struct xlate *x, const struct xscope *scope,
                     const struct sql_bound *bound, struct buf *out)
{
    switch (bound->kind) {
    case SQL_BOUND_UNBOUNDED_PRECEDING:
        buf_adds(out, "UNBOUNDED PRECEDING");
        return 0;
    case SQL_BOUND_UNBOUNDED_FOLLOWING:
        buf_adds(out, "UNBOUNDED FOLLOWING");
        return 0;
    case SQL_BOUND_PRECEDING:
    case SQL_BOUND_FOLLOWING:
        if (xlate_expr(x, scope, bound->offset, out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, bound->kind == SQL_BOUND_PRECEDING ? " PRECEDING" : " FOLLOWING");
        return 0;
    default:
        buf_adds(out, "CURRENT ROW");
        return 0;
    }
}

/* The window that OVER w or OVER (w …) begins with, or NULL. */
static const struct sql_window *named_window(const struct xscope *scope,
                                             const char *name)
{
    const struct sql_select *select = scope != NULL ? scope->select : NULL;
    for (size_t i = 0; name != NULL && select != NULL && i < select->window_count;
         i++) {
        if (strcmp(select->windows[i].name.text, name) == 0) {
            return &select->windows[i];
        }
    }
    return NULL;
}

static int add_over(struct xlate *x, const struct xscope *scope,
                    const struct sql_window *over, struct buf *out)
{
    const struct sql_window *base = named_window(scope, over->base.text);
    if (over->base.text != NULL && (base == NULL || base->base.text != NULL)) {
        return xlate_fail(x, "the window %s", over->base.text);
    }
    const struct sql_window *keys =
        base != NULL && base->partition_by.count > 0 ? base : over;
    const struct sql_window *orders =
        base != NULL && base->order_by.count > 0 ? base : over;
    const struct sql_window *frame =
        base != NULL && base->unit != SQL_FRAME_NONE ? base : over;
    buf_adds(out, " OVER (");
    for (size_t i = 0; i < keys->partition_by.count; i++) {
        buf_adds(out, i > 0 ? "," : "PARTITION BY ");
        if (xlate_expr(x, scope, keys->partition_by.items[i], out, NULL) != 0) {
            return -1;
        }
    }
    if (add_orders(x, scope, &orders->order_by, out) != 0) {
        return -1;
    }
    if (frame->unit != SQL_FRAME_NONE) {
        bool upper = frame->upper.kind != SQL_BOUND_NONE;
        buf_addf(out, " %s %s", frame->unit == SQL_FRAME_ROWS ? "ROWS" : "RANGE",
                 upper ? "BETWEEN " : "");
        if (add_bound(x, scope, &frame->lower, out) != 0) {
            return -1;
        }
        buf_adds(out, upper ? " AND " : "");
        if (upper && add_bound(x, scope, &frame->upper, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, ')');
    return 0;
}

/* COUNT(DISTINCT a, b): rows in which none of them is NULL. */
static void count_several(size_t count, const char **sql, struct buf *out)
{
    buf_adds(out, "CASE WHEN ");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s IS NULL", i > 0 ? " OR " : "", sql[i]);
    }
    buf_adds(out, " THEN NULL ELSE json_array(");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s", i > 0 ? "," : "", sql[i]);
    }
    buf_adds(out, ") END");
}

static int add_args(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, size_t at, struct buf *out,
                    const struct sql_type **first)
{
    const char **sql = arena_array(x->arena, const char *, expr->arg_count + 1);
    const struct sql_type *type;
    const char *as = aggregates[at].decimal;
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i]->kind == SQL_EXPR_STAR) {
            sql[i] = "*";
            continue;
        }
        if (xlate_sub(x, scope, expr->args[i], &sql[i], &type) != 0) {
            return -1;
        }
        if (as != NULL && *as == '\0') {
            sql[i] = xlate_double(x, sql[i], type);
        }
        *first = i == 0 ? type : *first;
    }
    if (strcmp(aggregates[at].sql, "count") == 0 && expr->arg_count > 1) {
        count_several(expr->arg_count, sql, out);
        return 0;
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_addf(out, "%s%s", i > 0 ? "," : "", sql[i]);
    }
    return 0;
}

static const struct sql_type *result_type(struct xlate *x, size_t at,
                                          const struct sql_type *arg)
{
    bool exact = sql_type_is(arg, SQL_TYPE_DECIMAL);
    switch (aggregates[at].result) {
    case RESULT_ARRAY:
        return sql_type_array(x->arena, arg, true);
    case RESULT_MULTISET:
        return sql_type_multiset(x->arena, arg, true);
    case RESULT_ROOT:
        return xlate_type(x, aggregates[at].root);
    case RESULT_WIDE:
        if (exact) {
            bool average = strcmp(aggregates[at].name, "AVG") == 0;
            int scale = average && arg->scale < 6 ? 6 : arg->scale;
            return sql_type_new(x->arena, SQL_TYPE_DECIMAL, SQL_TYPE_MAX_DECIMAL, scale,
                                true);
        }
        return arg;
    default:
        return arg;
    }
}

static int call_aggregate(struct xlate *x, const struct xscope *scope,
                          const struct sql_expr *expr, size_t at, struct buf *out,
                          const struct sql_type **type)
{
    struct xscope whole = xscope_whole(scope);
    const struct sql_type *arg = sql_type_unknown();
    const char *sql = aggregates[at].sql;
    bool over = expr->call->over != NULL;
    struct buf args = BUF_INIT;
    int rc = add_args(x, &whole, expr, at, &args, &arg);
    if (over && strcmp(sql, "fl_first") == 0) {
        sql = "first_value";
    } else if (over && strcmp(sql, "fl_last") == 0) {
        sql = "last_value";
    } else if (sql_type_is(arg, SQL_TYPE_DECIMAL) && aggregates[at].decimal != NULL &&
               *aggregates[at].decimal != '\0') {
        sql = aggregates[at].decimal;
    }
    bool average = strcmp(sql, "avg") == 0 && sql_type_is_integer(arg);
    buf_addf(out, "%s%s(%s%s)", average ? "CAST(" : "", sql,
             expr->call->distinct ? "DISTINCT " : "", buf_str(&args));
    buf_fini(&args);
    if (rc == 0 && expr->call->filter != NULL) {
        buf_adds(out, " FILTER (WHERE ");
        rc = xlate_expr(x, &whole, expr->call->filter, out, NULL);
        buf_addc(out, ')');
    }
    if (rc == 0 && over) {
        rc = add_over(x, scope, expr->call->over, out);
    }
    buf_adds(out, average ? " AS INTEGER)" : "");
    *type = result_type(x, at, arg);
    return rc;
}

static int call_window(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, size_t at, struct buf *out,
                       const struct sql_type **type)
{
    const struct sql_type *first = NULL;
    if (expr->call->over == NULL) {
        return xlate_fail(x, "%s without OVER", window_functions[at].name);
    }
    buf_addf(out, "%s(", window_functions[at].name);
    for (size_t i = 0; i < expr->arg_count; i++) {
        const char *arg;
        const struct sql_type *own;
        if (xlate_sub(x, scope, expr->args[i], &arg, &own) != 0) {
            return -1;
        }
        buf_addf(out, "%s%s", i > 0 ? "," : "",
                 i == 2 ? xlate_as(x, arg, own, first) : arg);
        first = i == 0 ? own : first;
    }
    buf_addc(out, ')');
    *type = window_functions[at].root != SQL_TYPE_UNKNOWN
                ? xlate_type(x, window_functions[at].root)
                : first;
    return add_over(x, scope, expr->call->over, out);
}

/* GROUPING(a, b): a bit for each key that the grouping set leaves out. */
static int call_grouping(struct xlate *x, const struct xscope *scope,
                         const struct sql_expr *expr, struct buf *out,
                         const struct sql_type **type)
{
    unsigned long long bits = 0;
    for (size_t i = 0; i < expr->arg_count; i++) {
        bits = bits << 1 | (xgroup_is_absent(x, scope, expr->args[i]) ? 1 : 0);
    }
    buf_addf(out, "%llu", bits);
    *type = xlate_type(x, SQL_TYPE_BIGINT);
    return 0;
}

int xlate_aggregate(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, const char *name, struct buf *out,
                    const struct sql_type **type)
{
    for (size_t i = 0; i < COUNT(aggregates); i++) {
        if (strcmp(aggregates[i].name, name) == 0) {
            return call_aggregate(x, scope, expr, i, out, type);
        }
    }
    for (size_t i = 0; i < COUNT(window_functions); i++) {
        if (strcmp(window_functions[i].name, name) == 0) {
            return call_window(x, scope, expr, i, out, type);
        }
    }
    if (strcmp(name, "GROUPING") == 0 || strcmp(name, "GROUPING_ID") == 0) {
        return call_grouping(x, scope, expr, out, type);
    }
    return 1;
}
