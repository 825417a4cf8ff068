#include "config.h"

#include "sql/type_rules.h"

#include <string.h>

#include "base/arena.h"
#include "sql/type_family.h"

static const unsigned char FAMILIES[SQL_TYPE_ROOT_COUNT] = {
    [SQL_TYPE_NULL] = SQL_FAMILY_NULL,
    [SQL_TYPE_CHAR] = SQL_FAMILY_CHAR,
    [SQL_TYPE_VARCHAR] = SQL_FAMILY_CHAR,
    [SQL_TYPE_BOOLEAN] = SQL_FAMILY_BOOLEAN,
    [SQL_TYPE_BINARY] = SQL_FAMILY_BINARY,
    [SQL_TYPE_VARBINARY] = SQL_FAMILY_BINARY,
    [SQL_TYPE_DECIMAL] = SQL_FAMILY_DECIMAL,
    [SQL_TYPE_TINYINT] = SQL_FAMILY_INTEGER,
    [SQL_TYPE_SMALLINT] = SQL_FAMILY_INTEGER,
    [SQL_TYPE_INT] = SQL_FAMILY_INTEGER,
    [SQL_TYPE_BIGINT] = SQL_FAMILY_INTEGER,
    [SQL_TYPE_FLOAT] = SQL_FAMILY_APPROX,
    [SQL_TYPE_DOUBLE] = SQL_FAMILY_APPROX,
    [SQL_TYPE_DATE] = SQL_FAMILY_DATE,
    [SQL_TYPE_TIME] = SQL_FAMILY_TIME,
    [SQL_TYPE_TIMESTAMP] = SQL_FAMILY_TIMESTAMP,
    [SQL_TYPE_TIMESTAMP_TZ] = SQL_FAMILY_TIMESTAMP,
    [SQL_TYPE_TIMESTAMP_LTZ] = SQL_FAMILY_TIMESTAMP,
    [SQL_TYPE_INTERVAL_YEAR_MONTH] = SQL_FAMILY_MONTHS,
    [SQL_TYPE_INTERVAL_DAY_TIME] = SQL_FAMILY_MILLIS,
    [SQL_TYPE_ARRAY] = SQL_FAMILY_NESTED,
    [SQL_TYPE_MULTISET] = SQL_FAMILY_NESTED,
    [SQL_TYPE_MAP] = SQL_FAMILY_NESTED,
    [SQL_TYPE_ROW] = SQL_FAMILY_NESTED,
    [SQL_TYPE_STRUCTURED] = SQL_FAMILY_NESTED,
};

enum sql_family sql_family_of(const struct sql_type *type)
{
    return (enum sql_family)FAMILIES[type->root];
}

bool sql_type_is_integer(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_INTEGER;
}

bool sql_type_is_exact(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_INTEGER ||
           sql_family_of(type) == SQL_FAMILY_DECIMAL;
}

bool sql_type_is_approx(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_APPROX;
}

bool sql_type_is_numeric(const struct sql_type *type)
{
    return sql_type_is_exact(type) || sql_type_is_approx(type);
}

bool sql_type_is_char(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_CHAR;
}

bool sql_type_is_binary(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_BINARY;
}

bool sql_type_is_timestamp(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_TIMESTAMP;
}

bool sql_type_is_datetime(const struct sql_type *type)
{
    enum sql_family family = sql_family_of(type);
    return family == SQL_FAMILY_DATE || family == SQL_FAMILY_TIME ||
           family == SQL_FAMILY_TIMESTAMP;
}

bool sql_type_is_interval(const struct sql_type *type)
{
    return sql_family_of(type) == SQL_FAMILY_MONTHS ||
           sql_family_of(type) == SQL_FAMILY_MILLIS;
}

const struct sql_type *sql_type_string(struct arena *arena, bool nullable)
{
    return sql_type_new(arena, SQL_TYPE_VARCHAR, SQL_TYPE_MAX_LENGTH, 0, nullable);
}

/* Digits of an exact number: integers count as DECIMAL. */
static void decimal_of(const struct sql_type *type, int *precision, int *scale)
{
    *scale = 0;
    switch ((enum sql_type_root)type->root) {
    case SQL_TYPE_TINYINT:
        *precision = 3;
        break;
    case SQL_TYPE_SMALLINT:
        *precision = 5;
        break;
    case SQL_TYPE_INT:
        *precision = 10;
        break;
    case SQL_TYPE_BIGINT:
        *precision = 19;
        break;
    default:
        *precision = type->precision;
        *scale = type->scale;
        break;
    }
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* Arithmetic results that pass 38 digits lose scale, but not below 6. */
static const struct sql_type *decimal_adjusted(struct arena *arena, int precision,
                                               int scale, bool nullable)
{
    if (precision > SQL_TYPE_MAX_DECIMAL) {
        int digits = precision - scale;
        scale = max_int(SQL_TYPE_MAX_DECIMAL - digits, min_int(scale, 6));
        precision = SQL_TYPE_MAX_DECIMAL;
    }
    return sql_type_new(arena, SQL_TYPE_DECIMAL, precision, scale, nullable);
}

static const struct sql_type *arith_decimal(struct arena *arena, char op,
                                            const struct sql_type *a,
                                            const struct sql_type *b, bool nullable)
{
    int p1, s1, p2, s2;
    decimal_of(a, &p1, &s1);
    decimal_of(b, &p2, &s2);
    int scale, precision;
    switch (op) {
    case '*':
        scale = s1 + s2;
        precision = p1 + p2 + 1;
        break;
    case '/':
        scale = max_int(6, s1 + p2 + 1);
        precision = p1 - s1 + s2 + scale;
        break;
    case '%':
        if (s1 == 0 && s2 == 0) {
            return sql_type_nullable(arena, b, nullable);
        }
        scale = max_int(s1, s2);
        precision = min_int(p1 - s1, p2 - s2) + scale;
        break;
    default:
        scale = max_int(s1, s2);
        precision = max_int(p1 - s1, p2 - s2) + scale + 1;
        break;
    }
    return decimal_adjusted(arena, precision, scale, nullable);
}

static const struct sql_type *arith_number(struct arena *arena, char op,
                                           const struct sql_type *a,
                                           const struct sql_type *b)
{
    bool nullable = a->nullable || b->nullable;
    bool approx_a = sql_type_is_approx(a);
    bool approx_b = sql_type_is_approx(b);
    if (approx_a || approx_b) {
        if (op == '%') {
            return NULL;
        }
        if (sql_type_is(a, SQL_TYPE_DECIMAL) || sql_type_is(b, SQL_TYPE_DECIMAL)) {
            return sql_type_new(arena, SQL_TYPE_DOUBLE, 0, 0, nullable);
        }
        return sql_type_nullable(arena, approx_a ? a : b, nullable);
    }
    if (sql_type_is(a, SQL_TYPE_DECIMAL) || sql_type_is(b, SQL_TYPE_DECIMAL)) {
        return arith_decimal(arena, op, a, b, nullable);
    }
    if (op == '%') {
        return sql_type_nullable(arena, b, nullable);
    }
    return sql_type_nullable(arena, a->root >= b->root ? a : b, nullable);
}

/* DATE, TIME or timestamp with an interval; interval with interval or number. */
static const struct sql_type *arith_time(struct arena *arena, char op,
                                         const struct sql_type *a,
                                         const struct sql_type *b)
{
    bool nullable = a->nullable || b->nullable;
    bool span_a = sql_type_is_interval(a);
    bool span_b = sql_type_is_interval(b);
    const struct sql_type *result = NULL;
    if (op == '*' && span_b && sql_type_is_numeric(a)) {
        result = b;
    } else if ((op == '*' || op == '/') && span_a && sql_type_is_numeric(b)) {
        result = a;
    } else if ((op == '+' || op == '-') && span_a && a->root == b->root) {
        result = a;
    } else if ((op == '+' || op == '-') && span_b && sql_type_is_datetime(a)) {
        result = a;
    } else if (op == '+' && span_a && sql_type_is_datetime(b)) {
        result = b;
    }
    if (!result) {
        return NULL;
    }
    result = sql_type_time_attr(arena, result, SQL_TIME_NONE);
    return sql_type_nullable(arena, result, nullable);
}

const struct sql_type *sql_type_arith(struct arena *arena, char op,
                                      const struct sql_type *a,
                                      const struct sql_type *b)
{
    if (sql_type_is_unknown(a) || sql_type_is_unknown(b)) {
        return sql_type_unknown();
    }
    if (sql_type_is_numeric(a) && sql_type_is_numeric(b)) {
        return arith_number(arena, op, a, b);
    }
    return arith_time(arena, op, a, b);
}

const struct sql_type *sql_type_concat(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b)
{
    if (sql_type_is_unknown(a) || sql_type_is_unknown(b)) {
        return sql_type_unknown();
    }
    bool nullable = a->nullable || b->nullable;
    if (sql_family_of(a) != sql_family_of(b)) {
        return NULL;
    }
    if (sql_type_is(a, SQL_TYPE_ARRAY) && sql_type_is(b, SQL_TYPE_ARRAY)) {
        return sql_type_common(arena, a, b);
    }
    bool chars = sql_type_is_char(a);
    if (!chars && !sql_type_is_binary(a)) {
        return NULL;
    }
    enum sql_type_root fixed = chars ? SQL_TYPE_CHAR : SQL_TYPE_BINARY;
    enum sql_type_root varying = chars ? SQL_TYPE_VARCHAR : SQL_TYPE_VARBINARY;
    long long length = (long long)a->precision + b->precision;
    if (length > SQL_TYPE_MAX_LENGTH) {
        length = SQL_TYPE_MAX_LENGTH;
    }
    bool both = a->root == fixed && b->root == fixed;
    return sql_type_new(arena, both ? fixed : varying, (int)length, 0, nullable);
}

const struct sql_type *sql_type_round(struct arena *arena, const struct sql_type *type,
                                      int digits)
{
    int precision = type->precision;
    int scale = type->scale;
    if (digits >= scale) {
        return type;
    }
    if (digits < 0) {
        precision = min_int(SQL_TYPE_MAX_DECIMAL, precision - scale + 1);
        return sql_type_new(arena, SQL_TYPE_DECIMAL, precision, 0, type->nullable);
    }
    precision = min_int(SQL_TYPE_MAX_DECIMAL, precision - scale + 1 + digits);
    return sql_type_new(arena, SQL_TYPE_DECIMAL, precision, digits, type->nullable);
}

/* Common DECIMAL: all integer digits, the largest scale, cut to 38 at the scale. */
static const struct sql_type *common_exact(struct arena *arena,
                                           const struct sql_type *a,
                                           const struct sql_type *b, bool nullable)
{
    if (sql_type_is_integer(a) && sql_type_is_integer(b)) {
        return sql_type_nullable(arena, a->root >= b->root ? a : b, nullable);
    }
    int p1, s1, p2, s2;
    decimal_of(a, &p1, &s1);
    decimal_of(b, &p2, &s2);
    int digits = max_int(p1 - s1, p2 - s2);
    int scale = max_int(s1, s2);
    if (digits + scale > SQL_TYPE_MAX_DECIMAL) {
        scale = SQL_TYPE_MAX_DECIMAL - digits;
    }
    return sql_type_new(arena, SQL_TYPE_DECIMAL, digits + scale, scale, nullable);
}

/* CHAR, VARCHAR, BINARY, VARBINARY: fixed only when both are and of one length. */
static const struct sql_type *common_length(struct arena *arena,
                                            const struct sql_type *a,
                                            const struct sql_type *b, bool nullable)
{
    if (a->root == b->root && a->precision == b->precision) {
        return sql_type_nullable(arena, a, nullable);
    }
    return sql_type_new(arena,
                        sql_type_is_char(a) ? SQL_TYPE_VARCHAR : SQL_TYPE_VARBINARY,
                        max_int(a->precision, b->precision), 0, nullable);
}

typedef const struct sql_type *common_fn(struct arena *arena, const struct sql_type *a,
                                         const struct sql_type *b);

static const struct sql_type *common_row(struct arena *arena, const struct sql_type *a,
                                         const struct sql_type *b, bool nullable,
                                         common_fn *common)
{
    if (a->field_count != b->field_count) {
        return NULL;
    }
    struct sql_type_field *fields =
        arena_array(arena, struct sql_type_field, a->field_count);
    for (size_t i = 0; i < a->field_count; i++) {
        fields[i] = a->fields[i];
        fields[i].type = common(arena, a->fields[i].type, b->fields[i].type);
        if (!fields[i].type) {
            return NULL;
        }
    }
    return sql_type_row(arena, fields, a->field_count, nullable);
}

static const struct sql_type *common_nested(struct arena *arena,
                                            const struct sql_type *a,
                                            const struct sql_type *b, bool nullable,
                                            common_fn *common)
{
    if (a->root != b->root) {
        return NULL;
    }
    if (sql_type_equal(a, b, false)) {
        return sql_type_nullable(arena, a, nullable);
    }
    if (sql_type_is(a, SQL_TYPE_ROW)) {
        return common_row(arena, a, b, nullable, common);
    }
    if (!a->element || !b->element) {
        return NULL;
    }
    const struct sql_type *element = common(arena, a->element, b->element);
    const struct sql_type *key = a->key ? common(arena, a->key, b->key) : NULL;
    if (!element || (a->key && !key)) {
        return NULL;
    }
    if (key) {
        return sql_type_map(arena, key, element, nullable);
    }
    return a->root == SQL_TYPE_ARRAY ? sql_type_array(arena, element, nullable)
                                     : sql_type_multiset(arena, element, nullable);
}

/* What both rules agree on. `*done` says whether the answer is final. */
static const struct sql_type *common_simple(struct arena *arena,
                                            const struct sql_type *a,
                                            const struct sql_type *b, bool *done)
{
    bool nullable = a->nullable || b->nullable;
    *done = true;
    if (sql_type_is_unknown(a) || sql_type_is_unknown(b)) {
        return sql_type_unknown();
    }
    if (sql_type_is(a, SQL_TYPE_NULL)) {
        return sql_type_nullable(arena, b, true);
    }
    if (sql_type_is(b, SQL_TYPE_NULL)) {
        return sql_type_nullable(arena, a, true);
    }
    if (sql_type_is_exact(a) && sql_type_is_exact(b)) {
        return common_exact(arena, a, b, nullable);
    }
    if ((sql_type_is_char(a) && sql_type_is_char(b)) ||
        (sql_type_is_binary(a) && sql_type_is_binary(b))) {
        return common_length(arena, a, b, nullable);
    }
    if (sql_family_of(a) == sql_family_of(b) &&
        sql_family_of(a) != SQL_FAMILY_TIMESTAMP &&
        sql_family_of(a) != SQL_FAMILY_APPROX &&
        sql_family_of(a) != SQL_FAMILY_NESTED) {
        if (a->root != b->root) {
            return NULL;
        }
        const struct sql_type *wider = a->precision >= b->precision ? a : b;
        return sql_type_nullable(arena, wider, nullable);
    }
    *done = false;
    return NULL;
}

static const struct sql_type *common_timestamp(struct arena *arena,
                                               const struct sql_type *a,
                                               const struct sql_type *b, bool nullable)
{
    enum sql_type_root root = (enum sql_type_root)a->root;
    if (a->precision != b->precision) {
        root = (enum sql_type_root)b->root;
    }
    const struct sql_type *type =
        sql_type_new(arena, root, max_int(a->precision, b->precision), 0, nullable);
    return a->time_attr == b->time_attr && a->root == b->root
               ? sql_type_time_attr(arena, type, (enum sql_time_attr)a->time_attr)
               : type;
}

const struct sql_type *sql_type_common(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b)
{
    bool done;
    const struct sql_type *type = common_simple(arena, a, b, &done);
    if (done) {
        return type;
    }
    bool nullable = a->nullable || b->nullable;
    if (sql_type_is_numeric(a) && sql_type_is_numeric(b)) {
        return arith_number(arena, '+', a, b);
    }
    if (sql_type_is_timestamp(a) && sql_type_is_timestamp(b)) {
        return common_timestamp(arena, a, b, nullable);
    }
    if (sql_type_is_datetime(a) && sql_type_is_integer(b)) {
        return sql_type_nullable(arena, a, nullable);
    }
    if (sql_type_is_exact(a) && sql_type_is_datetime(b)) {
        return sql_type_nullable(arena, b, nullable);
    }
    return sql_family_of(a) == SQL_FAMILY_NESTED
               ? common_nested(arena, a, b, nullable, sql_type_common)
               : NULL;
}

static const struct sql_type *merge_number(struct arena *arena,
                                           const struct sql_type *a,
                                           const struct sql_type *b, bool nullable)
{
    if (sql_type_is(a, SQL_TYPE_DOUBLE) || sql_type_is(b, SQL_TYPE_DOUBLE) ||
        (sql_type_is(a, SQL_TYPE_FLOAT) && sql_type_is(b, SQL_TYPE_DECIMAL))) {
        return sql_type_new(arena, SQL_TYPE_DOUBLE, 0, 0, nullable);
    }
    return sql_type_new(arena, SQL_TYPE_FLOAT, 0, 0, nullable);
}

static const struct sql_type *merge_datetime(struct arena *arena,
                                             const struct sql_type *a,
                                             const struct sql_type *b, bool nullable)
{
    if (sql_type_is_timestamp(a) && sql_type_is_timestamp(b)) {
        return sql_type_new(arena,
                            (enum sql_type_root)(a->root > b->root ? a->root : b->root),
                            max_int(a->precision, b->precision), 0, nullable);
    }
    const struct sql_type *stamp = sql_type_is_timestamp(a) ? a : b;
    const struct sql_type *other = stamp == a ? b : a;
    if (!sql_type_is(stamp, SQL_TYPE_TIMESTAMP)) {
        return NULL;
    }
    return sql_type_nullable(arena, other, nullable);
}

const struct sql_type *sql_type_merge(struct arena *arena, const struct sql_type *a,
                                      const struct sql_type *b)
{
    bool done;
    const struct sql_type *type = common_simple(arena, a, b, &done);
    if (done) {
        return type;
    }
    bool nullable = a->nullable || b->nullable;
    if (sql_type_is_numeric(a) && sql_type_is_numeric(b)) {
        return merge_number(arena, a, b, nullable);
    }
    if (sql_type_is_datetime(a) && sql_type_is_datetime(b)) {
        return merge_datetime(arena, a, b, nullable);
    }
    if (sql_type_is_interval(a) && !sql_type_is_interval(b)) {
        return sql_type_unknown();
    }
    return sql_family_of(a) == SQL_FAMILY_NESTED
               ? common_nested(arena, a, b, nullable, sql_type_merge)
               : NULL;
}
