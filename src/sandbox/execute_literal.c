/* Literals: numbers, times and intervals. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"

static int expr_decimal(struct xlate *x, const char *text, struct buf *out,
                        const struct sql_type **type)
{
    struct decimal d;
    const char *point = strchr(text, '.');
    int scale = point != NULL ? (int)strlen(point + 1) : 0;
    const char *digits = text + strspn(text, "0");
    int precision = (int)strlen(digits) - (point != NULL ? 1 : 0);
    precision = precision < scale ? scale : precision;
    decimal_init(&d, 0);
    bool ok = precision <= SQL_TYPE_MAX_DECIMAL && decimal_parse(&d, text);
    if (ok) {
        buf_addc(out, '\'');
        decimal_encode(&d, out);
        buf_addc(out, '\'');
    }
    decimal_free(&d);
    *type = sql_type_new(x->arena, SQL_TYPE_DECIMAL, precision > 0 ? precision : 1,
                         scale, false);
    return ok ? 0 : xlate_fail(x, "the number %s", text);
}

static int expr_number(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                       const struct sql_type **type)
{
    if (strpbrk(expr->text, "eE") != NULL) {
        *type = sql_type_new(x->arena, SQL_TYPE_DOUBLE, 0, 0, false);
        buf_adds(out, expr->text);
        return 0;
    }
    errno = 0;
    long long number = strtoll(expr->text, NULL, 10);
    if (strchr(expr->text, '.') != NULL || errno == ERANGE) {
        return expr_decimal(x, expr->text, out, type);
    }
    *type = sql_type_new(x->arena, number > INT32_MAX ? SQL_TYPE_BIGINT : SQL_TYPE_INT,
                         0, 0, false);
    buf_addf(out, "%lld", number);
    return 0;
}

static int expr_time(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                     const struct sql_type **type)
{
    int64_t number = 0;
    bool ok;
    if (expr->kind == SQL_EXPR_DATE) {
        *type = xlate_type(x, SQL_TYPE_DATE);
        ok = time_parse_date(expr->text, &number);
    } else if (expr->kind == SQL_EXPR_TIME) {
        *type = xlate_type(x, SQL_TYPE_TIME);
        ok = time_parse_time(expr->text, &number);
    } else {
        const char *point = strchr(expr->text, '.');
        int precision = point != NULL ? (int)strlen(point + 1) : 0;
        *type = sql_type_new(x->arena,
                             expr->zone == SQL_ZONE_LOCAL ? SQL_TYPE_TIMESTAMP_LTZ
                                                          : SQL_TYPE_TIMESTAMP,
                             precision, 0, false);
        ok = time_parse_timestamp(expr->text, &number);
    }
    buf_addf(out, "%lld", (long long)number);
    return ok ? 0 : xlate_fail(x, "the literal '%s'", expr->text);
}

static const struct {
    const char *unit;
    int64_t us;
    int64_t months;
} units[] = {
    {"SECOND", 1000000, 0},
    {"MINUTE", 60000000, 0},
    {"HOUR", 3600000000LL, 0},
    {"DAY", 86400000000LL, 0},
    {"WEEK", 7 * 86400000000LL, 0},
    {"MONTH", 0, 1},
    {"QUARTER", 0, 3},
    {"YEAR", 0, 12},
};

static int expr_interval(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                         const struct sql_type **type)
{
    const char *text = expr->text;
    int64_t sign = expr->negated ? -1 : 1;
    if (text == NULL || expr->interval.from == NULL) {
        return xlate_fail(x, "an INTERVAL that is no literal");
    }
    if (*text == '-') {
        sign = -sign;
        text++;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(units[i].unit, expr->interval.from) != 0) {
            continue;
        }
        if (units[i].months > 0) {
            int64_t months = strtoll(text, NULL, 10) * units[i].months;
            const char *dash = strchr(text, '-');
            months += expr->interval.to != NULL && dash != NULL
                          ? strtoll(dash + 1, NULL, 10)
                          : 0;
            *type = xlate_type(x, SQL_TYPE_INTERVAL_YEAR_MONTH);
            buf_addf(out, "%lld", (long long)(sign * months));
            return 0;
        }
        double us = 0;
        int64_t unit = units[i].us;
        const char *at = text;
        char *end;
        for (;;) {
            us += strtod(at, &end) * (double)unit;
            if (end == at || *end == '\0') {
                break;
            }
            unit = unit == 86400000000LL ? 3600000000LL : unit / 60;
            at = end + 1;
        }
        *type = xlate_type(x, SQL_TYPE_INTERVAL_DAY_TIME);
        buf_addf(out, "%lld", (long long)sign * (long long)us);
        return 0;
    }
    return xlate_fail(x, "this INTERVAL");
}

int xlate_literal(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                  const struct sql_type **type)
{
    switch (expr->kind) {
    case SQL_EXPR_NUMBER:
        return expr_number(x, expr, out, type);
    case SQL_EXPR_INTERVAL:
        return expr_interval(x, expr, out, type);
    default:
        return expr_time(x, expr, out, type);
    }
}
