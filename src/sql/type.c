#include "config.h"

#include "sql/type.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static const struct {
    const char *data_type;
    const char *rest;
} ROOTS[] = {
#define X(name, data_type, rest) {data_type, rest},
    SQL_TYPE_ROOTS(X)
#undef X
};

static const struct sql_type UNKNOWN = {.root = SQL_TYPE_UNKNOWN, .nullable = true};

const struct sql_type *sql_type_unknown(void)
{
    return &UNKNOWN;
}

static struct sql_type *new_type(struct arena *arena, enum sql_type_root root,
                                 bool nullable)
{
    struct sql_type *type = arena_new(arena, struct sql_type);
    type->root = (uint8_t)root;
    type->nullable = nullable;
    return type;
}

const struct sql_type *sql_type_new(struct arena *arena, enum sql_type_root root,
                                    int precision, int scale, bool nullable)
{
    struct sql_type *type = new_type(arena, root, nullable);
    switch (root) {
    case SQL_TYPE_DECIMAL:
        type->precision = precision;
        type->scale = scale;
        break;
    case SQL_TYPE_CHAR:
    case SQL_TYPE_VARCHAR:
    case SQL_TYPE_BINARY:
    case SQL_TYPE_VARBINARY:
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_TIMESTAMP_TZ:
    case SQL_TYPE_TIMESTAMP_LTZ:
        type->precision = precision;
        break;
    default:
        break;
    }
    return type;
}

/* Counts the parts of a new nested type; unknown when there are too many. */
static const struct sql_type *weighed(struct sql_type *type)
{
    uint32_t weight = 1 + (type->element ? type->element->weight : 0) +
                      (type->key ? type->key->weight : 0);
    for (size_t i = 0; i < type->field_count && weight <= SQL_TYPE_MAX_WEIGHT; i++) {
        weight += 1 + type->fields[i].type->weight;
    }
    type->weight = weight;
    return weight > SQL_TYPE_MAX_WEIGHT ? &UNKNOWN : type;
}

const struct sql_type *sql_type_array(struct arena *arena,
                                      const struct sql_type *element, bool nullable)
{
    struct sql_type *type = new_type(arena, SQL_TYPE_ARRAY, nullable);
    type->element = element;
    return weighed(type);
}

const struct sql_type *sql_type_multiset(struct arena *arena,
                                         const struct sql_type *element, bool nullable)
{
    struct sql_type *type = new_type(arena, SQL_TYPE_MULTISET, nullable);
    type->element = element;
    return weighed(type);
}

const struct sql_type *sql_type_map(struct arena *arena, const struct sql_type *key,
                                    const struct sql_type *value, bool nullable)
{
    struct sql_type *type = new_type(arena, SQL_TYPE_MAP, nullable);
    type->key = key;
    type->element = value;
    return weighed(type);
}

const struct sql_type *sql_type_row(struct arena *arena,
                                    const struct sql_type_field *fields, size_t count,
                                    bool nullable)
{
    struct sql_type *type = new_type(arena, SQL_TYPE_ROW, nullable);
    type->fields = fields;
    type->field_count = count;
    return weighed(type);
}

const struct sql_type *sql_type_nullable(struct arena *arena,
                                         const struct sql_type *type, bool nullable)
{
    if (type->nullable == nullable || type->root == SQL_TYPE_UNKNOWN) {
        return type;
    }
    struct sql_type *copy = arena_new(arena, struct sql_type);
    *copy = *type;
    copy->nullable = nullable;
    return copy;
}

const struct sql_type *sql_type_time_attr(struct arena *arena,
                                          const struct sql_type *type,
                                          enum sql_time_attr attr)
{
    if (type->time_attr == attr || type->root == SQL_TYPE_UNKNOWN) {
        return type;
    }
    struct sql_type *copy = arena_new(arena, struct sql_type);
    *copy = *type;
    copy->time_attr = (uint8_t)attr;
    return copy;
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

const struct sql_type *sql_type_copy(struct arena *arena, const struct sql_type *type)
{
    if (!type || type->root == SQL_TYPE_UNKNOWN) {
        return type ? &UNKNOWN : NULL;
    }
    struct sql_type *copy = arena_new(arena, struct sql_type);
    *copy = *type;
    copy->element = sql_type_copy(arena, type->element);
    copy->key = sql_type_copy(arena, type->key);
    copy->name = copy_text(arena, type->name);
    if (type->field_count) {
        struct sql_type_field *fields =
            arena_array(arena, struct sql_type_field, type->field_count);
        for (size_t i = 0; i < type->field_count; i++) {
            fields[i].name = arena_strdup(arena, type->fields[i].name);
            fields[i].type = sql_type_copy(arena, type->fields[i].type);
            fields[i].comment = copy_text(arena, type->fields[i].comment);
        }
        copy->fields = fields;
    }
    return copy;
}

const char *sql_type_rest_name(enum sql_type_root root)
{
    return (unsigned)root < SQL_TYPE_ROOT_COUNT ? ROOTS[root].rest : "UNKNOWN";
}

const char *sql_type_root_name(enum sql_type_root root)
{
    return (unsigned)root < SQL_TYPE_ROOT_COUNT ? ROOTS[root].data_type : "UNKNOWN";
}

enum sql_type_root sql_type_root_of(const char *name)
{
    for (unsigned i = 0; i < SQL_TYPE_ROOT_COUNT; i++) {
        if (str_ieq(name, ROOTS[i].rest) || str_ieq(name, ROOTS[i].data_type)) {
            return (enum sql_type_root)i;
        }
    }
    return SQL_TYPE_UNKNOWN;
}

static bool fields_equal(const struct sql_type *a, const struct sql_type *b)
{
    if (a->field_count != b->field_count) {
        return false;
    }
    for (size_t i = 0; i < a->field_count; i++) {
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            !sql_type_equal(a->fields[i].type, b->fields[i].type, true)) {
            return false;
        }
    }
    return true;
}

bool sql_type_equal(const struct sql_type *a, const struct sql_type *b, bool with_null)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->root != b->root || a->precision != b->precision ||
        a->scale != b->scale || (with_null && a->nullable != b->nullable)) {
        return false;
    }
    if ((a->name || b->name) && (!a->name || !b->name || !str_eq(a->name, b->name))) {
        return false;
    }
    return sql_type_equal(a->element, b->element, true) &&
           sql_type_equal(a->key, b->key, true) && fields_equal(a, b);
}

bool sql_type_has_unknown(const struct sql_type *type)
{
    if (!type) {
        return false;
    }
    if (type->root == SQL_TYPE_UNKNOWN || sql_type_has_unknown(type->element) ||
        sql_type_has_unknown(type->key)) {
        return true;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (sql_type_has_unknown(type->fields[i].type)) {
            return true;
        }
    }
    return false;
}
