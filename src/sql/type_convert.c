/* What may be compared, cast and assigned. */
#include "config.h"

#include <string.h>

#include "sql/type_family.h"
#include "sql/type_rules.h"

bool sql_type_comparable(const struct sql_type *a, const struct sql_type *b)
{
    enum sql_family x = sql_family_of(a);
    enum sql_family y = sql_family_of(b);
    if (sql_type_is_unknown(a) || sql_type_is_unknown(b)) {
        return true;
    }
    if (x == SQL_FAMILY_NULL || y == SQL_FAMILY_NULL) {
        return true;
    }
    if (sql_type_is_numeric(a) && sql_type_is_numeric(b)) {
        return true;
    }
    bool simple_a =
        x != SQL_FAMILY_NESTED && x != SQL_FAMILY_BINARY && x != SQL_FAMILY_OTHER;
    bool simple_b =
        y != SQL_FAMILY_NESTED && y != SQL_FAMILY_BINARY && y != SQL_FAMILY_OTHER;
    if ((x == SQL_FAMILY_CHAR && simple_b) || (y == SQL_FAMILY_CHAR && simple_a)) {
        return true;
    }
    if (x == SQL_FAMILY_NESTED || x == SQL_FAMILY_OTHER) {
        return a->root == b->root && a->field_count == b->field_count;
    }
    return x == y;
}

static bool castable_time(enum sql_family from, enum sql_family to, bool number)
{
    bool text = from == SQL_FAMILY_CHAR || from == SQL_FAMILY_BINARY;
    if (from == SQL_FAMILY_TIMESTAMP || text || from == to) {
        return true;
    }
    return to == SQL_FAMILY_TIMESTAMP &&
           (number || from == SQL_FAMILY_DATE || from == SQL_FAMILY_TIME);
}

static bool castable_nested(const struct sql_type *from, const struct sql_type *to)
{
    if (sql_type_is(to, SQL_TYPE_ARRAY) && sql_type_is_char(from)) {
        return true;
    }
    if (from->root != to->root || from->field_count != to->field_count) {
        return false;
    }
    for (size_t i = 0; i < from->field_count; i++) {
        if (!sql_type_castable(from->fields[i].type, to->fields[i].type)) {
            return false;
        }
    }
    return (!from->key || sql_type_castable(from->key, to->key)) &&
           (!from->element || sql_type_castable(from->element, to->element));
}

bool sql_type_castable(const struct sql_type *from, const struct sql_type *to)
{
    enum sql_family x = sql_family_of(from);
    enum sql_family y = sql_family_of(to);
    bool number = sql_type_is_numeric(from);
    if (sql_type_is_unknown(from) || sql_type_is_unknown(to) || x == SQL_FAMILY_NULL) {
        return true;
    }
    switch (y) {
    case SQL_FAMILY_CHAR:
        return x != SQL_FAMILY_OTHER;
    case SQL_FAMILY_BOOLEAN:
        return number || x == SQL_FAMILY_BOOLEAN || x == SQL_FAMILY_CHAR;
    case SQL_FAMILY_BINARY:
        return x == SQL_FAMILY_CHAR || x == SQL_FAMILY_BINARY;
    case SQL_FAMILY_INTEGER:
    case SQL_FAMILY_DECIMAL:
    case SQL_FAMILY_APPROX:
        return number || x == SQL_FAMILY_BOOLEAN || x == SQL_FAMILY_CHAR ||
               x == SQL_FAMILY_TIMESTAMP;
    case SQL_FAMILY_DATE:
    case SQL_FAMILY_TIME:
    case SQL_FAMILY_TIMESTAMP:
        return castable_time(x, y, number);
    case SQL_FAMILY_MONTHS:
    case SQL_FAMILY_MILLIS:
        return sql_type_is_exact(from) || x == SQL_FAMILY_CHAR || x == y;
    case SQL_FAMILY_NESTED:
        return castable_nested(from, to);
    default:
        return from->root == to->root;
    }
}

static bool assignable_nested(const struct sql_type *from, const struct sql_type *to)
{
    if (from->root != to->root || from->field_count != to->field_count) {
        return false;
    }
    for (size_t i = 0; i < from->field_count; i++) {
        if (!sql_type_assignable(from->fields[i].type, to->fields[i].type)) {
            return false;
        }
    }
    return (!from->key || sql_type_assignable(from->key, to->key)) &&
           (!from->element || sql_type_assignable(from->element, to->element));
}

bool sql_type_assignable(const struct sql_type *from, const struct sql_type *to)
{
    enum sql_family x = sql_family_of(from);
    enum sql_family y = sql_family_of(to);
    if (sql_type_is_unknown(from) || sql_type_is_unknown(to) || x == SQL_FAMILY_NULL) {
        return true;
    }
    if (sql_type_is_numeric(from) && sql_type_is_numeric(to)) {
        return true;
    }
    if (x == SQL_FAMILY_NESTED || y == SQL_FAMILY_NESTED) {
        return assignable_nested(from, to);
    }
    if (x == SQL_FAMILY_OTHER || y == SQL_FAMILY_OTHER) {
        return from->root == to->root;
    }
    if (x == SQL_FAMILY_TIMESTAMP && (y == SQL_FAMILY_DATE || y == SQL_FAMILY_TIME)) {
        return sql_type_is(from, SQL_TYPE_TIMESTAMP);
    }
    return x == y;
}

/* Smallest integer and DECIMAL first: a narrower number fits a wider one. */
static bool implicit_number(const struct sql_type *from, const struct sql_type *to)
{
    if (sql_type_is_integer(from) && sql_type_is_integer(to)) {
        return from->root <= to->root;
    }
    if (sql_type_is_approx(to)) {
        return sql_type_is_exact(from) || from->root <= to->root;
    }
    return sql_type_is(to, SQL_TYPE_DECIMAL) && sql_type_is_exact(from);
}

bool sql_type_implicit(const struct sql_type *from, const struct sql_type *to)
{
    if (sql_type_is_unknown(from) || sql_type_is_unknown(to) ||
        sql_type_is(from, SQL_TYPE_NULL)) {
        return true;
    }
    if (sql_type_is_numeric(from) && sql_type_is_numeric(to)) {
        return implicit_number(from, to);
    }
    if (sql_family_of(from) == SQL_FAMILY_NESTED) {
        return from->root == to->root && assignable_nested(from, to);
    }
    return sql_family_of(from) == sql_family_of(to);
}
