/* Types of literals, and questions about the shape of expressions. */
#include "config.h"

#include "sql/infer_impl.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* Digits of a number without sign; false when it is no whole number up to 2^63-1. */
static bool whole_number(const char *text, unsigned long long *out)
{
    unsigned long long value = 0;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9' || value > (9223372036854775807ULL - 9) / 10 + 1) {
            return false;
        }
        value = value * 10 + (unsigned)(*p - '0');
    }
    *out = value;
    return value <= 9223372036854775807ULL;
}

static const struct sql_type *number_type(struct infer *in, const struct sql_expr *expr)
{
    const char *text = expr->text;
    unsigned long long value;
    if (strpbrk(text, "eE")) {
        return sql_type_new(in->arena, SQL_TYPE_DOUBLE, 0, 0, false);
    }
    const char *point = strchr(text, '.');
    if (point && !point[1]) {
        text = arena_strndup(in->arena, text, (size_t)(point - text));
        point = NULL;
    }
    if (!point) {
        if (!whole_number(text, &value)) {
            return infer_error(in, expr->at, "numeric literal '%s' out of range", text);
        }
        return sql_type_new(in->arena,
                            value <= 2147483647 ? SQL_TYPE_INT : SQL_TYPE_BIGINT, 0, 0,
                            false);
    }
    size_t digits = strlen(text) - 1;
    size_t scale = strlen(point + 1);
    if (digits > SQL_TYPE_MAX_DECIMAL) {
        return infer_error(in, expr->at, "numeric literal '%s' out of range", text);
    }
    return sql_type_new(in->arena, SQL_TYPE_DECIMAL, digits ? (int)digits : 1,
                        (int)scale, false);
}

/* Length as Java counts it: UTF-16 units. */
static int utf16_length(const char *text, size_t len)
{
    int units = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c & 0xC0) != 0x80) {
            units += c >= 0xF0 ? 2 : 1;
        }
    }
    return units;
}

static int fraction_digits(const char *text)
{
    const char *point = strrchr(text, '.');
    int digits = 0;
    for (const char *p = point ? point + 1 : ""; *p >= '0' && *p <= '9'; p++) {
        digits++;
    }
    return digits > 9 ? 9 : digits;
}

static bool valid_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, end = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end]) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || leap);
}

static bool valid_time(const char *text)
{
    int hour, minute, second;
    return sscanf(text, "%2d:%2d:%2d", &hour, &minute, &second) == 3 && hour >= 0 &&
           hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

static const struct sql_type *interval_type(struct infer *in,
                                            const struct sql_expr *expr)
{
    const char *unit = expr->interval.from ? expr->interval.from : "";
    bool months =
        str_ieq(unit, "YEAR") || str_ieq(unit, "MONTH") || str_ieq(unit, "QUARTER");
    return sql_type_new(
        in->arena, months ? SQL_TYPE_INTERVAL_YEAR_MONTH : SQL_TYPE_INTERVAL_DAY_TIME,
        0, 0, false);
}

const struct sql_type *expr_literal(struct infer *in, const struct sql_expr *expr)
{
    struct arena *arena = in->arena;
    const char *text = expr->text ? expr->text : "";
    enum sql_type_root stamp = SQL_TYPE_TIMESTAMP;
    switch (expr->kind) {
    case SQL_EXPR_NULL:
        return sql_type_new(arena, SQL_TYPE_NULL, 0, 0, true);
    case SQL_EXPR_BOOLEAN:
        return sql_type_new(arena, SQL_TYPE_BOOLEAN, 0, 0, str_ieq(text, "UNKNOWN"));
    case SQL_EXPR_NUMBER:
        return number_type(in, expr);
    case SQL_EXPR_STRING:
        return sql_type_new(arena, SQL_TYPE_CHAR, utf16_length(text, expr->text_len), 0,
                            false);
    case SQL_EXPR_BINARY:
        return sql_type_new(arena, SQL_TYPE_BINARY, (int)(expr->text_len / 2), 0,
                            false);
    case SQL_EXPR_DATE:
        return valid_date(text)
                   ? sql_type_new(arena, SQL_TYPE_DATE, 0, 0, false)
                   : infer_error(in, expr->at, "illegal DATE literal '%s'", text);
    case SQL_EXPR_TIME:
        if (!valid_time(text)) {
            return infer_error(in, expr->at, "illegal TIME literal '%s'", text);
        }
        return sql_type_new(arena, SQL_TYPE_TIME, fraction_digits(text), 0, false);
    case SQL_EXPR_TIMESTAMP:
        if (expr->zone == SQL_ZONE_LOCAL) {
            stamp = SQL_TYPE_TIMESTAMP_LTZ;
        } else if (expr->zone == SQL_ZONE_WITH) {
            stamp = SQL_TYPE_TIMESTAMP_TZ;
        }
        return sql_type_new(arena, stamp, fraction_digits(text), 0, false);
    case SQL_EXPR_INTERVAL:
        return interval_type(in, expr);
    default:
        return sql_type_unknown();
    }
}

bool expr_is_literal(const struct sql_expr *expr)
{
    switch (expr->kind) {
    case SQL_EXPR_NULL:
    case SQL_EXPR_BOOLEAN:
    case SQL_EXPR_NUMBER:
    case SQL_EXPR_STRING:
    case SQL_EXPR_BINARY:
    case SQL_EXPR_DATE:
    case SQL_EXPR_TIME:
    case SQL_EXPR_TIMESTAMP:
    case SQL_EXPR_INTERVAL:
        return true;
    case SQL_EXPR_UNARY:
        return expr_is_literal(expr->args[0]);
    default:
        return false;
    }
}

bool expr_is_aggregate(const struct sql_expr *expr)
{
    if (expr->kind != SQL_EXPR_CALL || expr->call->over || expr->name.count != 1) {
        return false;
    }
    const struct sql_builtin *fn = sql_builtin_find(expr->name.parts[0].text);
    return fn && (fn->flags & SQL_FN_AGGREGATE);
}

bool expr_is_over(const struct sql_expr *expr)
{
    return expr->kind == SQL_EXPR_CALL && expr->call->over;
}

static bool any_of(const struct sql_expr *expr, bool (*is)(const struct sql_expr *))
{
    if (is(expr)) {
        return true;
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i] && any_of(expr->args[i], is)) {
            return true;
        }
    }
    return false;
}

bool expr_has_aggregate(const struct sql_expr *expr)
{
    return any_of(expr, expr_is_aggregate);
}

bool expr_has_over(const struct sql_expr *expr)
{
    return any_of(expr, expr_is_over);
}

static bool same_names(const struct sql_name *a, const struct sql_name *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!text_eq(a->parts[i].text, b->parts[i].text)) {
            return false;
        }
    }
    return true;
}

static bool same_call(const struct sql_expr *a, const struct sql_expr *b)
{
    return a->name.count == 1 && b->name.count == 1 &&
           str_ieq(a->name.parts[0].text, b->name.parts[0].text) &&
           a->call->distinct == b->call->distinct && !a->call->over && !b->call->over &&
           !a->call->filter && !b->call->filter;
}

static bool same_column(struct view *view, const struct sql_expr *a,
                        const struct sql_expr *b)
{
    if (same_names(&a->name, &b->name)) {
        return true;
    }
    size_t x = scope_position(view, a);
    return x != SQL_NO_COLUMN && x == scope_position(view, b);
}

static bool same_types(const struct sql_type_spec *a, const struct sql_type_spec *b)
{
    if (!a || !b) {
        return a == b;
    }
    return (a->name == b->name || text_eq(a->name, b->name)) &&
           a->arg_count == b->arg_count && a->args[0] == b->args[0] &&
           a->args[1] == b->args[1] && a->zone == b->zone && a->element_count == 0 &&
           b->element_count == 0;
}

static uint32_t mix(uint32_t hash, uint32_t value)
{
    return (hash ^ value) * 16777619U;
}

static uint32_t mix_text(uint32_t hash, const char *text)
{
    for (; text && *text; text++) {
        hash = mix(hash, (unsigned char)*text | 0x20U);
    }
    return hash;
}

uint32_t expr_hash(const struct sql_expr *expr)
{
    uint32_t hash = mix(mix(2166136261U, (uint32_t)expr->kind), (uint32_t)expr->op);
    hash = mix(hash, (uint32_t)expr->arg_count);
    if (expr->name.count > 0) {
        hash = mix_text(hash, expr->name.parts[expr->name.count - 1].text);
    }
    hash = mix_text(hash, expr->text);
    for (size_t i = 0; i < expr->arg_count; i++) {
        hash = mix(hash, expr->args[i] ? expr_hash(expr->args[i]) : 1);
    }
    return hash;
}

bool expr_same(struct view *view, const struct sql_expr *a, const struct sql_expr *b)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind || a->op != b->op || a->negated != b->negated ||
        a->arg_count != b->arg_count || a->query || b->query) {
        return false;
    }
    if (a->kind == SQL_EXPR_COLUMN) {
        return same_column(view, a, b);
    }
    if ((a->text || b->text) && !text_eq(a->text, b->text)) {
        return false;
    }
    if (a->kind == SQL_EXPR_CALL ? !same_call(a, b) : !same_names(&a->name, &b->name)) {
        return false;
    }
    if (!same_types(a->type, b->type)) {
        return false;
    }
    for (size_t i = 0; i < a->arg_count; i++) {
        if (!expr_same(view, a->args[i], b->args[i])) {
            return false;
        }
    }
    return true;
}
