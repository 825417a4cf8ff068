/* Operators and predicates. */
#include "config.h"

#include <string.h>

#include "sandbox/execute_impl.h"
#include "sql/type_rules.h"

const char *xlate_decimal(struct xlate *x, const char *sql, const struct sql_type *type)
{
    return sql_type_is(type, SQL_TYPE_DECIMAL)
               ? sql
               : arena_printf(x->arena, "fl_dec(%s)", sql);
}

const char *xlate_double(struct xlate *x, const char *sql, const struct sql_type *type)
{
    return sql_type_is(type, SQL_TYPE_DECIMAL)
               ? arena_printf(x->arena, "fl_dec_double(%s)", sql)
               : sql;
}

const char *xlate_as(struct xlate *x, const char *sql, const struct sql_type *from,
                     const struct sql_type *to)
{
    if (to == NULL || from->root == to->root || sql_type_is(from, SQL_TYPE_NULL)) {
        return sql;
    }
    if (sql_type_is(to, SQL_TYPE_DECIMAL) && sql_type_is_integer(from)) {
        return xlate_decimal(x, sql, from);
    }
    if (sql_type_is_approx(to)) {
        return xlate_double(x, sql, from);
    }
    return sql;
}

/* + and - where a date or a timestamp is one side. */
static bool time_arithmetic(struct xlate *x, enum sql_op op, const char *left,
                            const struct sql_type *lt, const char *right,
                            const struct sql_type *rt, struct buf *out,
                            const struct sql_type **type)
{
    enum sql_type_root l = (enum sql_type_root)lt->root;
    enum sql_type_root r = (enum sql_type_root)rt->root;
    const char *sign = op == SQL_OP_MINUS ? "-" : "+";
    if (r == SQL_TYPE_DATE || sql_type_is_timestamp(rt)) {
        if (l == SQL_TYPE_INTERVAL_DAY_TIME || l == SQL_TYPE_INTERVAL_YEAR_MONTH) {
            return time_arithmetic(x, op, right, rt, left, lt, out, type);
        }
        if (op == SQL_OP_MINUS && (l == SQL_TYPE_DATE || sql_type_is_timestamp(lt))) {
            buf_addf(out, "(%s-%s)%s", left, right,
                     l == SQL_TYPE_DATE && r == SQL_TYPE_DATE ? "*86400000000" : "");
            *type = xlate_type(x, SQL_TYPE_INTERVAL_DAY_TIME);
            return true;
        }
        return false;
    }
    if (l != SQL_TYPE_DATE && !sql_type_is_timestamp(lt)) {
        return false;
    }
    *type = lt;
    if (r == SQL_TYPE_INTERVAL_YEAR_MONTH) {
        buf_addf(out, "fl_add_months(%s,%s%s,%d)", left, op == SQL_OP_MINUS ? "-" : "",
                 right, l == SQL_TYPE_DATE);
        return true;
    }
    if (r != SQL_TYPE_INTERVAL_DAY_TIME) {
        return false;
    }
    buf_addf(out, "(%s%s%s%s)", left, sign, right,
             l == SQL_TYPE_DATE ? "/86400000000" : "");
    return true;
}

const char *xlate_comparable(struct xlate *x, const char *sql,
                             const struct sql_type *own, const struct sql_type *other)
{
    if (sql_type_is_char(own) &&
        (sql_type_is_datetime(other) || sql_type_is_numeric(other))) {
        struct buf out = BUF_INIT;
        xlate_cast(x, sql, own, other, true, &out);
        sql = arena_strdup(x->arena, buf_str(&out));
        buf_fini(&out);
        return sql;
    }
    if (sql_type_is(other, SQL_TYPE_DATE) && sql_type_is_timestamp(own)) {
        return arena_printf(x->arena, "(%s/86400000000)", sql);
    }
    return xlate_as(x, sql, own, other);
}

/* + - * / % of numbers. */
static void number_arithmetic(struct xlate *x, enum sql_op op, const char *left,
                              const struct sql_type *lt, const char *right,
                              const struct sql_type *rt, struct buf *out,
                              const struct sql_type **type)
{
    static const char letters[SQL_OP_COUNT] = {
        [SQL_OP_PLUS] = '+',   [SQL_OP_MINUS] = '-',  [SQL_OP_TIMES] = '*',
        [SQL_OP_DIVIDE] = '/', [SQL_OP_MODULO] = '%',
    };
    *type = sql_type_arith(x->arena, letters[op], lt, rt);
    if (*type == NULL) {
        *type = sql_type_unknown();
    }
    bool either =
        sql_type_is(lt, SQL_TYPE_DECIMAL) || sql_type_is(rt, SQL_TYPE_DECIMAL);
    if (either && !sql_type_is_approx(lt) && !sql_type_is_approx(rt)) {
        bool exact = sql_type_is(*type, SQL_TYPE_DECIMAL);
        bool integer = sql_type_is_integer(*type);
        buf_addf(out, "%sfl_dec_op('%c',%s,%s,%d,%d)%s",
                 integer ? "CAST(fl_dec_text(" : "", letters[op], left, right,
                 exact ? (*type)->precision : SQL_TYPE_MAX_DECIMAL,
                 exact     ? (*type)->scale
                 : integer ? 0
                           : 18,
                 integer ? ",0) AS INTEGER)" : "");
        return;
    }
    left = xlate_double(x, left, lt);
    right = xlate_double(x, right, rt);
    if (op == SQL_OP_DIVIDE || op == SQL_OP_MODULO) {
        bool ints = sql_type_is_integer(lt) && sql_type_is_integer(rt);
        buf_addf(out, "%s(%s,%s,%d)", op == SQL_OP_DIVIDE ? "fl_div" : "fl_mod", left,
                 right, ints);
    } else {
        buf_addf(out, "(%s%c%s)", left, letters[op], right);
    }
}

int xlate_operator(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out,
                   const struct sql_type **type)
{
    static const char *const words[SQL_OP_COUNT] = {
        [SQL_OP_EQ] = "=",  [SQL_OP_NE] = "<>", [SQL_OP_LT] = "<",
        [SQL_OP_LE] = "<=", [SQL_OP_GT] = ">",  [SQL_OP_GE] = ">=",
    };
    const char *left;
    const char *right;
    const struct sql_type *lt = NULL;
    const struct sql_type *rt = NULL;
    if (xlate_sub(x, scope, expr->args[0], &left, &lt) != 0 ||
        xlate_sub(x, scope, expr->args[1], &right, &rt) != 0) {
        return -1;
    }
    if ((expr->op == SQL_OP_PLUS || expr->op == SQL_OP_MINUS) &&
        time_arithmetic(x, expr->op, left, lt, right, rt, out, type)) {
        return 0;
    }
    if (expr->op >= SQL_OP_PLUS && expr->op <= SQL_OP_MODULO) {
        number_arithmetic(x, expr->op, left, lt, right, rt, out, type);
        return 0;
    }
    if (expr->op == SQL_OP_CONCAT && !sql_type_is(lt, SQL_TYPE_ARRAY)) {
        const struct sql_type *text = sql_type_concat(x->arena, lt, rt);
        *type = text != NULL ? text : xlate_type(x, SQL_TYPE_VARCHAR);
        buf_addf(out, "(%s||%s)", left, right);
        return 0;
    }
    if (words[expr->op] == NULL) {
        return xlate_fail(x, "this operator");
    }
    *type = xlate_type(x, SQL_TYPE_BOOLEAN);
    buf_addf(out, "(%s%s%s)", xlate_comparable(x, left, lt, rt), words[expr->op],
             xlate_comparable(x, right, rt, lt));
    return 0;
}

static int expr_is(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out)
{
    const char *left;
    const char *right;
    const char *not = expr->negated ? "NOT " : "";
    if (xlate_sub(x, scope, expr->args[0], &left, NULL) != 0) {
        return -1;
    }
    switch (expr->op) {
    case SQL_OP_IS_NULL:
    case SQL_OP_IS_UNKNOWN:
        buf_addf(out, "(%s IS %sNULL)", left, not );
        return 0;
    case SQL_OP_IS_TRUE:
    case SQL_OP_IS_FALSE:
        buf_addf(out, "(%s IS %s%d)", left, not, expr->op == SQL_OP_IS_TRUE);
        return 0;
    case SQL_OP_IS_DISTINCT:
        if (xlate_sub(x, scope, expr->args[1], &right, NULL) != 0) {
            return -1;
        }
        buf_addf(out, "(%s IS %s%s)", left, expr->negated ? "" : "NOT ", right);
        return 0;
    case SQL_OP_IS_JSON:
        buf_addf(out, "(%sjson_valid(%s))", not, left);
        return 0;
    default:
        return xlate_fail(x, "this IS predicate");
    }
}

static int expr_between(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    const char *low;
    const char *high;
    const struct sql_type *type = NULL;
    const struct sql_type *lt = NULL;
    const struct sql_type *ht = NULL;
    if (xlate_sub(x, scope, expr->args[0], &value, &type) != 0 ||
        xlate_sub(x, scope, expr->args[1], &low, &lt) != 0 ||
        xlate_sub(x, scope, expr->args[2], &high, &ht) != 0) {
        return -1;
    }
    low = xlate_comparable(x, low, lt, type);
    high = xlate_comparable(x, high, ht, type);
    buf_addf(out, "(%s %sBETWEEN ", value, expr->negated ? "NOT " : "");
    buf_addf(out, expr->symmetric ? "min(%s,%s) AND max(%s,%s))" : "%s AND %s)", low,
             high, low, high);
    return 0;
}

static int expr_in(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    struct xquery query;
    const struct sql_type *type = NULL;
    const struct sql_type *it = NULL;
    if (xlate_sub(x, scope, expr->args[0], &value, &type) != 0) {
        return -1;
    }
    if (expr->query != NULL) {
        if (xlate_query(x, expr->query, scope, &query) != 0) {
            return -1;
        }
        it = query.count > 0 && query.columns[0].type != NULL ? query.columns[0].type
                                                              : sql_type_unknown();
        buf_addf(out, "(%s %sIN (SELECT %s FROM (%s)))",
                 xlate_comparable(x, value, type, it), expr->negated ? "NOT " : "",
                 xlate_comparable(x, "c0", it, type), query.sql);
        return 0;
    }
    struct buf items = BUF_INIT;
    const char **sql = arena_array(x->arena, const char *, expr->arg_count + 1);
    const struct sql_type **types =
        arena_array(x->arena, const struct sql_type *, expr->arg_count + 1);
    bool exact = false;
    int rc = 0;
    for (size_t i = 1; rc == 0 && i < expr->arg_count; i++) {
        rc = xlate_sub(x, scope, expr->args[i], &sql[i], &types[i]);
        exact = exact || (rc == 0 && sql_type_is(types[i], SQL_TYPE_DECIMAL));
    }
    if (exact && sql_type_is_integer(type)) {
        value = xlate_decimal(x, value, type);
        type = xlate_type(x, SQL_TYPE_DECIMAL);
    }
    for (size_t i = 1; rc == 0 && i < expr->arg_count; i++) {
        buf_addf(&items, "%s%s", i > 1 ? "," : "",
                 xlate_comparable(x, sql[i], types[i], type));
    }
    buf_addf(out, "(%s %sIN (%s))", value, expr->negated ? "NOT " : "",
             buf_str(&items));
    buf_fini(&items);
    return rc;
}

static int expr_like(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    const char *pattern;
    const char *escape = NULL;
    if (xlate_sub(x, scope, expr->args[0], &value, NULL) != 0 ||
        xlate_sub(x, scope, expr->args[1], &pattern, NULL) != 0 ||
        (expr->arg_count > 2 &&
         xlate_sub(x, scope, expr->args[2], &escape, NULL) != 0)) {
        return -1;
    }
    if (expr->op == SQL_OP_SIMILAR || expr->op == SQL_OP_RLIKE) {
        buf_addf(out, "(%s%s(%s,%s))", expr->negated ? "NOT " : "",
                 expr->op == SQL_OP_RLIKE ? "fl_regexp" : "fl_similar", value, pattern);
        return 0;
    }
    const char *fold = expr->op == SQL_OP_ILIKE ? "lower" : "";
    buf_addf(out, "(%s(%s) %sLIKE %s(%s)", fold, value, expr->negated ? "NOT " : "",
             fold, pattern);
    if (escape != NULL) {
        buf_addf(out, " ESCAPE %s", escape);
    }
    buf_addc(out, ')');
    return 0;
}

int xlate_predicate(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, struct buf *out)
{
    switch (expr->kind) {
    case SQL_EXPR_IS:
        return expr_is(x, scope, expr, out);
    case SQL_EXPR_BETWEEN:
        return expr_between(x, scope, expr, out);
    case SQL_EXPR_LIKE:
        return expr_like(x, scope, expr, out);
    case SQL_EXPR_IN:
        return expr_in(x, scope, expr, out);
    default:
        buf_addc(out, '(');
        for (size_t i = 0; i < expr->arg_count; i++) {
            buf_adds(out, i == 0 ? "" : expr->op == SQL_OP_AND ? " AND " : " OR ");
            if (xlate_expr(x, scope, expr->args[i], out, NULL) != 0) {
                return -1;
            }
        }
        buf_addc(out, ')');
        return 0;
    }
}

int xlate_unary(struct xlate *x, const struct xscope *scope,
                const struct sql_expr *expr, struct buf *out,
                const struct sql_type **type)
{
    const char *value;
    if (xlate_sub(x, scope, expr->args[0], &value, type) != 0) {
        return -1;
    }
    if (expr->op == SQL_OP_MINUS && sql_type_is(*type, SQL_TYPE_DECIMAL)) {
        buf_addf(out, "fl_dec_op('-',0,%s,%d,%d)", value, (*type)->precision,
                 (*type)->scale);
        return 0;
    }
    buf_addf(out, "(%s %s)",
             expr->op == SQL_OP_NOT     ? "NOT"
             : expr->op == SQL_OP_MINUS ? "-"
                                        : "+",
             value);
    return 0;
}
