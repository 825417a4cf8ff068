#include "config.h"

#include "sql/parser.h"

#include <string.h>

/* Types that take fields or elements, and the words after others. */

static void type_args(struct parser *p, struct sql_type_spec *spec)
{
    if (!sql_p_accept(p, '(')) {
        return;
    }
    while (!sql_p_is(p, ')') && spec->arg_count < 2) {
        int64_t value = sql_p_integer(p);

        spec->args[spec->arg_count++] = value > INT32_MAX ? INT32_MAX : value;
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
    sql_p_expect(p, ')');
}

static void nullability(struct parser *p, struct sql_type_spec *spec)
{
    if (sql_p_accept2(p, KW_NOT, KW_NULL)) {
        spec->nullability = SQL_NOT_NULL;
    } else if (sql_p_is(p, KW_NULL) && sql_p_code(p, 1) != KW_ON) {
        sql_p_take(p); /* RETURNING INT NULL ON EMPTY has no NULL of the type */
        spec->nullability = SQL_NULLABLE;
    }
}

static void add_element(struct parser *p, struct sql_type_spec *spec,
                        struct sql_type_spec *element)
{
    *SQL_P_PUSH(p, spec->elements, spec->element_count) = element;
}

/* < … > of ARRAY, MULTISET and MAP. */
static void elements(struct parser *p, struct sql_type_spec *spec)
{
    if (!sql_p_accept(p, '<')) {
        return;
    }
    do {
        add_element(p, spec, sql_p_type(p));
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, '>');
}

static void field(struct parser *p, struct sql_type_spec *spec)
{
    struct sql_field_spec field = {0};

    field.name = sql_p_ident(p);
    sql_p_accept(p, ':');
    field.type = sql_p_type(p);
    if (sql_p_is(p, T_STRING)) {
        field.comment = sql_p_string(p, NULL);
    } else if (sql_p_is(p, KW_COMMENT) && sql_p_code(p, 1) == T_STRING) {
        sql_p_take(p);
        field.comment = sql_p_string(p, NULL);
    }
    *SQL_P_PUSH(p, spec->fields, spec->field_count) = field;
}

/* ROW<…>, ROW(…), STRUCTURED<'class', …>. */
static void fields(struct parser *p, struct sql_type_spec *spec)
{
    int close = sql_p_is(p, '(') ? ')' : '>';

    if (!sql_p_is(p, '(') && !sql_p_is(p, '<') && !sql_p_is(p, SQL_P_NOT_EQUAL)) {
        return;
    }
    if (sql_p_accept(p, SQL_P_NOT_EQUAL)) { /* ROW<> */
        return;
    }
    sql_p_take(p);
    if (sql_p_is(p, T_STRING)) {
        *SQL_P_PUSH(p, spec->strings, spec->string_count) = sql_p_string(p, NULL);
        sql_p_accept(p, ',');
    }
    while (!sql_p_is(p, close)) {
        field(p, spec);
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
    sql_p_expect(p, close);
}

/* RAW('class', 'serializer'). */
static void strings(struct parser *p, struct sql_type_spec *spec)
{
    if (!sql_p_accept(p, '(')) {
        return;
    }
    do {
        *SQL_P_PUSH(p, spec->strings, spec->string_count) = sql_p_string(p, NULL);
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, ')');
}

static void zone(struct parser *p, struct sql_type_spec *spec)
{
    if (sql_p_is(p, KW_WITHOUT) && sql_p_code(p, 1) == KW_TIME) {
        spec->zone = SQL_ZONE_WITHOUT;
    } else if (sql_p_is(p, KW_WITH) && sql_p_code(p, 1) == KW_LOCAL) {
        spec->zone = SQL_ZONE_LOCAL;
        sql_p_take(p);
    } else if (sql_p_is(p, KW_WITH) && sql_p_code(p, 1) == KW_TIME) {
        spec->zone = SQL_ZONE_WITH;
    } else {
        return;
    }
    sql_p_take(p);
    sql_p_expect(p, KW_TIME);
    sql_p_expect(p, KW_ZONE);
}

static void interval(struct parser *p, struct sql_type_spec *spec)
{
    struct sql_interval unit = {0};

    sql_p_unit(p, &unit);
    spec->unit_from = unit.from;
    spec->unit_to = unit.to;
    if (unit.from_precision >= 0 || unit.to_precision >= 0) {
        spec->args[0] = unit.from_precision;
        spec->args[1] = unit.to_precision;
        spec->arg_count = 2;
    }
}

enum shape { SHAPE_SCALAR, SHAPE_TIME, SHAPE_ELEMENTS, SHAPE_FIELDS, SHAPE_STRINGS };

static const struct {
    const char *name;
    const char *canonical; /* or NULL: the name */
    enum shape shape;
} types[] = {
    {"ANY", NULL, SHAPE_SCALAR},         {"ARRAY", NULL, SHAPE_ELEMENTS},
    {"BIGINT", NULL, SHAPE_SCALAR},      {"BINARY", NULL, SHAPE_SCALAR},
    {"BITMAP", NULL, SHAPE_SCALAR},      {"BOOLEAN", NULL, SHAPE_SCALAR},
    {"BYTES", NULL, SHAPE_SCALAR},       {"CHAR", NULL, SHAPE_SCALAR},
    {"CHARACTER", "CHAR", SHAPE_SCALAR}, {"DATE", NULL, SHAPE_SCALAR},
    {"DEC", NULL, SHAPE_SCALAR},         {"DECIMAL", NULL, SHAPE_SCALAR},
    {"DOUBLE", NULL, SHAPE_SCALAR},      {"FLOAT", NULL, SHAPE_SCALAR},
    {"GEOMETRY", NULL, SHAPE_SCALAR},    {"INT", NULL, SHAPE_SCALAR},
    {"INTEGER", NULL, SHAPE_SCALAR},     {"MAP", NULL, SHAPE_ELEMENTS},
    {"MULTISET", NULL, SHAPE_ELEMENTS},  {"NULL", NULL, SHAPE_SCALAR},
    {"NUMERIC", NULL, SHAPE_SCALAR},     {"RAW", NULL, SHAPE_STRINGS},
    {"REAL", NULL, SHAPE_SCALAR},        {"ROW", NULL, SHAPE_FIELDS},
    {"SMALLINT", NULL, SHAPE_SCALAR},    {"STRING", NULL, SHAPE_SCALAR},
    {"STRUCTURED", NULL, SHAPE_FIELDS},  {"TIME", NULL, SHAPE_TIME},
    {"TIMESTAMP", NULL, SHAPE_TIME},     {"TIMESTAMP_LTZ", NULL, SHAPE_SCALAR},
    {"TINYINT", NULL, SHAPE_SCALAR},     {"VARBINARY", NULL, SHAPE_SCALAR},
    {"VARCHAR", NULL, SHAPE_SCALAR},     {"VARIANT", NULL, SHAPE_SCALAR},
};

/* DOUBLE PRECISION, CHARACTER VARYING, BINARY VARYING. */
static void second_word(struct parser *p, struct sql_type_spec *spec)
{
    if (strcmp(spec->name, "DOUBLE") == 0) {
        sql_p_accept(p, KW_PRECISION);
    } else if (strcmp(spec->name, "CHAR") == 0 && sql_p_accept(p, KW_VARYING)) {
        spec->name = "VARCHAR";
    } else if (strcmp(spec->name, "BINARY") == 0 && sql_p_accept(p, KW_VARYING)) {
        spec->name = "VARBINARY";
    }
}

static void builtin(struct parser *p, struct sql_type_spec *spec, size_t index)
{
    spec->name =
        types[index].canonical != NULL ? types[index].canonical : types[index].name;
    sql_p_accept_text(p, types[index].name);
    second_word(p, spec);
    switch (types[index].shape) {
    case SHAPE_ELEMENTS:
        elements(p, spec);
        return;
    case SHAPE_FIELDS:
        fields(p, spec);
        return;
    case SHAPE_STRINGS:
        strings(p, spec);
        return;
    default:
        break;
    }
    type_args(p, spec);
    if (types[index].shape == SHAPE_TIME) {
        zone(p, spec);
    }
    if (sql_p_accept2(p, KW_CHARACTER, KW_SET)) {
        sql_p_ident(p);
    }
}

static bool is_user_type(const struct parser *p)
{
    return sql_p_is(p, T_QUOTED) || (sql_p_is_word(p, 0) && sql_p_code(p, 1) == '.');
}

static void type_name(struct parser *p, struct sql_type_spec *spec)
{
    if (sql_p_accept(p, KW_INTERVAL)) {
        spec->name = "INTERVAL";
        interval(p, spec);
        return;
    }
    if (!is_user_type(p)) {
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            if (sql_p_is_text(p, 0, types[i].name)) {
                builtin(p, spec, i);
                return;
            }
        }
    }
    if (!sql_p_is_ident(p, 0)) {
        sql_p_fail(p, "a type");
        return;
    }
    spec->udt = sql_p_name(p);
}

/* INT ARRAY, INT NOT NULL MULTISET: collections written after their element. */
static struct sql_type_spec *collections(struct parser *p, struct sql_type_spec *spec)
{
    while (sql_p_is(p, KW_ARRAY) || sql_p_is(p, KW_MULTISET)) {
        struct sql_type_spec *outer = arena_new(p->arena, struct sql_type_spec);

        if (!sql_p_enter(p)) {
            break;
        }
        outer->name = sql_keyword_text(sql_p_code(p, 0));
        outer->at.start = spec->at.start;
        sql_p_take(p);
        add_element(p, outer, spec);
        nullability(p, outer);
        outer->at = sql_p_span(p, outer->at.start);
        spec = outer;
    }
    return spec;
}

struct sql_type_spec *sql_p_type(struct parser *p)
{
    struct sql_type_spec *spec = arena_new(p->arena, struct sql_type_spec);
    unsigned depth = p->depth;

    spec->at.start = sql_p_start(p);
    if (sql_p_enter(p)) {
        type_name(p, spec);
        nullability(p, spec);
        spec->at = sql_p_span(p, spec->at.start);
        spec = collections(p, spec);
    }
    p->depth = depth;
    return spec;
}
