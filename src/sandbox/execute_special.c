/* Calls with a form of their own: EXTRACT, FLOOR and CEIL to a unit, TIMESTAMPDIFF,
 * TIMESTAMPADD, TRIM, POSITION, the time now. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"
#include "sql/type_rules.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool is_date(const struct sql_type *type)
{
    return type != NULL && type->root == SQL_TYPE_DATE;
}

static int call_extract(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, const char *name, struct buf *out,
                        const struct sql_type **type)
{
    /* EXTRACT(unit FROM x), or unit(x) */
    size_t at = expr->arg_count - 1;
    const char *unit = at > 0 ? expr->args[0]->text : name;
    const char *value;
    const struct sql_type *from = NULL;
    if (xlate_sub(x, scope, expr->args[at], &value, &from) != 0) {
        return -1;
    }
    buf_addf(out, "fl_extract('%s',%s,%d)", unit, value, is_date(from));
    *type = xlate_type(x, SQL_TYPE_BIGINT);
    return 0;
}

static int call_floor(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, const char *name, struct buf *out,
                      const struct sql_type **type)
{
    bool up = name[0] == 'C';
    const char *value;
    if (xlate_sub(x, scope, expr->args[0], &value, type) != 0) {
        return -1;
    }
    if (expr->arg_count == 2 && expr->args[1]->kind == SQL_EXPR_KEYWORD) {
        buf_addf(out, "fl_floor_time(%s,'%s',%d,%d)", value, expr->args[1]->text,
                 is_date(*type), up);
    } else {
        bool exact = sql_type_is(*type, SQL_TYPE_DECIMAL);
        buf_addf(out,
                 exact ? "fl_dec_cut(%s,0,%d)"
                 : up  ? "ceil(%s)"
                       : "floor(%s)",
                 value, up ? DECIMAL_CEILING : DECIMAL_FLOOR);
        *type = exact ? sql_type_new(x->arena, SQL_TYPE_DECIMAL, (*type)->precision, 0,
                                     true)
                      : *type;
    }
    return 0;
}

static int call_timestampdiff(struct xlate *x, const struct xscope *scope,
                              const struct sql_expr *expr, const char *name,
                              struct buf *out, const struct sql_type **type)
{
    (void)name;
    const char *a;
    const char *b;
    const struct sql_type *at = NULL;
    const struct sql_type *bt = NULL;
    if (xlate_sub(x, scope, expr->args[1], &a, &at) != 0 ||
        xlate_sub(x, scope, expr->args[2], &b, &bt) != 0) {
        return -1;
    }
    buf_addf(out, "fl_timestampdiff('%s',%s%s,%s%s)", expr->args[0]->text, a,
             is_date(at) ? "*86400000000" : "", b, is_date(bt) ? "*86400000000" : "");
    *type = xlate_type(x, SQL_TYPE_INT);
    return 0;
}

static int call_timestampadd(struct xlate *x, const struct xscope *scope,
                             const struct sql_expr *expr, const char *name,
                             struct buf *out, const struct sql_type **type)
{
    (void)name;
    const char *count;
    const char *value;
    if (xlate_sub(x, scope, expr->args[1], &count, NULL) != 0 ||
        xlate_sub(x, scope, expr->args[2], &value, type) != 0) {
        return -1;
    }
    buf_addf(out, "fl_timestampadd('%s',%s,%s,%d)", expr->args[0]->text, count, value,
             is_date(*type));
    return 0;
}

static int call_trim(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, const char *name, struct buf *out,
                     const struct sql_type **type)
{
    (void)name;
    *type = xlate_type(x, SQL_TYPE_VARCHAR);
    const char *value;
    const char *chars = "' '";
    bool word = expr->args[0]->kind == SQL_EXPR_KEYWORD;
    const char *side = word ? expr->args[0]->text : "BOTH";
    if (xlate_sub(x, scope, expr->args[expr->arg_count - 1], &value, NULL) != 0 ||
        (expr->arg_count == 3 &&
         xlate_sub(x, scope, expr->args[1], &chars, NULL) != 0)) {
        return -1;
    }
    buf_addf(out, "%s(%s,%s)",
             strcmp(side, "LEADING") == 0    ? "ltrim"
             : strcmp(side, "TRAILING") == 0 ? "rtrim"
                                             : "trim",
             value, chars);
    return 0;
}

static int call_now(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, const char *name, struct buf *out,
                    const struct sql_type **type)
{
    (void)scope;
    (void)expr;
    bool date = strcmp(name, "CURRENT_DATE") == 0;
    bool time = strcmp(name, "CURRENT_TIME") == 0 || strcmp(name, "LOCALTIME") == 0;
    bool local = strcmp(name, "LOCALTIMESTAMP") == 0;
    int64_t us = x->start * 1000 + (local || date || time ? x->zone : 0);
    *type = xlate_type(x, date    ? SQL_TYPE_DATE
                          : time  ? SQL_TYPE_TIME
                          : local ? SQL_TYPE_TIMESTAMP
                                  : SQL_TYPE_TIMESTAMP_LTZ);
    buf_addf(out, "%lld",
             (long long)(date   ? us / 86400000000LL
                         : time ? us / 1000 % 86400000
                                : us));
    return 0;
}

/* ABS, SIGN, ROUND and TRUNCATE, exact for a DECIMAL. */
static int call_number(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, const char *name, struct buf *out,
                       const struct sql_type **type)
{
    const char *value;
    const char *digits = "0";
    bool cut = strcmp(name, "TRUNCATE") == 0;
    bool round = cut || strcmp(name, "ROUND") == 0;
    if (xlate_sub(x, scope, expr->args[0], &value, type) != 0 ||
        (round && expr->arg_count > 1 &&
         xlate_sub(x, scope, expr->args[1], &digits, NULL) != 0)) {
        return -1;
    }
    bool exact = sql_type_is(*type, SQL_TYPE_DECIMAL);
    if (!round) {
        bool abs = strcmp(name, "ABS") == 0;
        buf_addf(out, "%s(%s)",
                 !exact ? (abs ? "abs" : "sign") : (abs ? "fl_dec_abs" : "fl_dec_sign"),
                 value);
        return 0;
    }
    if (!exact) {
        buf_addf(out, "%s(%s,%s)", cut ? "fl_truncate" : "fl_round", value, digits);
        return 0;
    }
    buf_addf(out, "fl_dec_cut(%s,%s,%d)", value, digits,
             cut ? DECIMAL_TRUNCATE : DECIMAL_HALF_UP);
    bool literal = expr->arg_count < 2 || expr->args[1]->kind == SQL_EXPR_NUMBER;
    if (literal) {
        *type = sql_type_round(x->arena, *type, (int)strtol(digits, NULL, 10));
    }
    return 0;
}

/* NULLIF(a, b) and IF(c, a, b) */
static int call_choice(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, const char *name, struct buf *out,
                       const struct sql_type **type)
{
    (void)name;
    const char *sql[3];
    const struct sql_type *types[3];
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (xlate_sub(x, scope, expr->args[i], &sql[i], &types[i]) != 0) {
            return -1;
        }
    }
    if (expr->arg_count == 2) {
        *type = types[0];
        buf_addf(out, "(CASE WHEN %s = %s THEN NULL ELSE %s END)",
                 xlate_comparable(x, sql[0], types[0], types[1]),
                 xlate_comparable(x, sql[1], types[1], types[0]), sql[0]);
        return 0;
    }
    *type = sql_type_common(x->arena, types[1], types[2]);
    *type = *type != NULL ? *type : types[1];
    buf_addf(out, "iif(%s,%s,%s)", sql[0], xlate_as(x, sql[1], types[1], *type),
             xlate_as(x, sql[2], types[2], *type));
    return 0;
}

/* JSON_OBJECT(KEY k VALUE v, …) and JSON_ARRAY(v, …) */
static int call_json(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, const char *name, struct buf *out,
                     const struct sql_type **type)
{
    bool object = strcmp(name, "JSON_OBJECT") == 0;
    const char *on_null = expr->call->on_null;
    bool absent = on_null != NULL ? strcmp(on_null, "ABSENT") == 0 : !object;
    *type = xlate_type(x, SQL_TYPE_VARCHAR);
    buf_addf(out, "fl_json_make(%d", (object ? 1 : 0) + (absent ? 2 : 0));
    for (size_t i = 0; i < expr->arg_count; i++) {
        const char *value;
        const struct sql_type *vt = NULL;
        if (xlate_sub(x, scope, expr->args[i], &value, &vt) != 0) {
            return -1;
        }
        const struct sql_expr *arg = expr->args[i];
        bool json = arg->kind == SQL_EXPR_CALL && arg->name.count == 1 &&
                    (str_ieq(arg->name.parts[0].text, "JSON_OBJECT") ||
                     str_ieq(arg->name.parts[0].text, "JSON_ARRAY"));
        if (sql_type_is(vt, SQL_TYPE_DECIMAL)) {
            value = arena_printf(x->arena, "fl_dec_text(%s,%d)", value, vt->scale);
        } else if (sql_type_is_datetime(vt)) {
            struct buf text = BUF_INIT;
            xlate_cast(x, value, vt, xlate_type(x, SQL_TYPE_VARCHAR), true, &text);
            value = arena_strdup(x->arena, buf_str(&text));
            buf_fini(&text);
        }
        json = json || sql_type_is(vt, SQL_TYPE_DECIMAL) || vt->element != NULL;
        buf_addf(out, ",%s,%d", value,
                 json                                ? 1
                 : sql_type_is(vt, SQL_TYPE_BOOLEAN) ? 2
                                                     : 0);
    }
    buf_addc(out, ')');
    return 0;
}

static int call_position(struct xlate *x, const struct xscope *scope,
                         const struct sql_expr *expr, const char *name, struct buf *out,
                         const struct sql_type **type)
{
    const char *a;
    const char *b;
    (void)name;
    if (xlate_sub(x, scope, expr->args[0], &a, NULL) != 0 ||
        xlate_sub(x, scope, expr->args[1], &b, NULL) != 0) {
        return -1;
    }
    buf_addf(out, "instr(%s,%s)", b, a);
    *type = xlate_type(x, SQL_TYPE_INT);
    return 0;
}

static int call_mod(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, const char *name, struct buf *out,
                    const struct sql_type **type)
{
    struct sql_expr modulo = *expr;
    (void)name;
    modulo.kind = SQL_EXPR_OPERATOR;
    modulo.op = SQL_OP_MODULO;
    return xlate_operator(x, scope, &modulo, out, type);
}

static int call_typeof(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, const char *name, struct buf *out,
                       const struct sql_type **type)
{
    const char *value;
    const struct sql_type *of;
    (void)name;
    if (xlate_sub(x, scope, expr->args[0], &value, &of) != 0) {
        return -1;
    }
    xlate_string(out, sql_type_text(x->arena, of, SQL_TYPE_FORM_SERIAL, true));
    *type = xlate_type(x, SQL_TYPE_VARCHAR);
    return 0;
}

static const struct {
    const char *name;
    size_t min; /* arguments */
    size_t max;
    int (*call)(struct xlate *, const struct xscope *, const struct sql_expr *,
                const char *, struct buf *, const struct sql_type **);
} calls[] = {
    {"CURRENT_TIMESTAMP", 0, 1, call_now},
    {"NOW", 0, 0, call_now},
    {"LOCALTIMESTAMP", 0, 1, call_now},
    {"CURRENT_DATE", 0, 0, call_now},
    {"CURRENT_TIME", 0, 1, call_now},
    {"LOCALTIME", 0, 1, call_now},
    {"CURRENT_ROW_TIMESTAMP", 0, 0, call_now},
    {"PROCTIME", 0, 0, call_now},
    {"YEAR", 1, 1, call_extract},
    {"QUARTER", 1, 1, call_extract},
    {"MONTH", 1, 1, call_extract},
    {"WEEK", 1, 1, call_extract},
    {"HOUR", 1, 1, call_extract},
    {"MINUTE", 1, 1, call_extract},
    {"SECOND", 1, 1, call_extract},
    {"DAYOFMONTH", 1, 1, call_extract},
    {"DAYOFWEEK", 1, 1, call_extract},
    {"DAYOFYEAR", 1, 1, call_extract},
    {"EXTRACT", 2, 2, call_extract},
    {"FLOOR", 1, 2, call_floor},
    {"CEIL", 1, 2, call_floor},
    {"CEILING", 1, 2, call_floor},
    {"TIMESTAMPDIFF", 3, 3, call_timestampdiff},
    {"TIMESTAMPADD", 3, 3, call_timestampadd},
    {"TRIM", 1, 3, call_trim},
    {"POSITION", 2, 2, call_position},
    {"LOCATE", 2, 2, call_position},
    {"ABS", 1, 1, call_number},
    {"SIGN", 1, 1, call_number},
    {"ROUND", 1, 2, call_number},
    {"TRUNCATE", 1, 2, call_number},
    {"NULLIF", 2, 2, call_choice},
    {"IF", 3, 3, call_choice},
    {"MOD", 2, 2, call_mod},
    {"TYPEOF", 1, 2, call_typeof},
    {"JSON_OBJECT", 0, SIZE_MAX, call_json},
    {"JSON_ARRAY", 0, SIZE_MAX, call_json},
};

int xlate_special(struct xlate *x, const struct xscope *scope,
                  const struct sql_expr *expr, const char *name, struct buf *out,
                  const struct sql_type **type)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        if (strcmp(calls[i].name, name) == 0 && expr->arg_count >= calls[i].min &&
            expr->arg_count <= calls[i].max) {
            return calls[i].call(x, scope, expr, name, out, type);
        }
    }
    return xlate_fail(x, "the function %s", name);
}
