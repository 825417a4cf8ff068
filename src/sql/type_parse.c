#include "config.h"

#include "sql/type.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/ast.h"
#include "sql/parse.h"

/* A word of a type: its root, and what its missing argument means. */
static const struct type_word {
    const char *word;
    enum sql_type_root root;
    int precision; /* default */
    int max;       /* larger arguments are cut to this; 0 = takes none */
    int min;
} WORDS[] = {
    {"ARRAY", SQL_TYPE_ARRAY, 0, 0, 0},
    {"BIGINT", SQL_TYPE_BIGINT, 0, 0, 0},
    {"BINARY", SQL_TYPE_BINARY, 1, SQL_TYPE_MAX_LENGTH, 0},
    {"BITMAP", SQL_TYPE_BITMAP, 0, 0, 0},
    {"BOOLEAN", SQL_TYPE_BOOLEAN, 0, 0, 0},
    {"BYTES", SQL_TYPE_VARBINARY, SQL_TYPE_MAX_LENGTH, 0, 0},
    {"CHAR", SQL_TYPE_CHAR, 1, SQL_TYPE_MAX_LENGTH, 0},
    {"DATE", SQL_TYPE_DATE, 0, 0, 0},
    {"DEC", SQL_TYPE_DECIMAL, 10, SQL_TYPE_MAX_DECIMAL, 1},
    {"DECIMAL", SQL_TYPE_DECIMAL, 10, SQL_TYPE_MAX_DECIMAL, 1},
    {"DESCRIPTOR", SQL_TYPE_DESCRIPTOR, 0, 0, 0},
    {"DOUBLE", SQL_TYPE_DOUBLE, 0, 0, 0},
    {"FLOAT", SQL_TYPE_FLOAT, 0, 0, 0},
    {"INT", SQL_TYPE_INT, 0, 0, 0},
    {"INTEGER", SQL_TYPE_INT, 0, 0, 0},
    {"MAP", SQL_TYPE_MAP, 0, 0, 0},
    {"MULTISET", SQL_TYPE_MULTISET, 0, 0, 0},
    {"NULL", SQL_TYPE_NULL, 0, 0, 0},
    {"NUMERIC", SQL_TYPE_DECIMAL, 10, SQL_TYPE_MAX_DECIMAL, 1},
    {"RAW", SQL_TYPE_RAW, 0, 0, 0},
    {"ROW", SQL_TYPE_ROW, 0, 0, 0},
    {"SMALLINT", SQL_TYPE_SMALLINT, 0, 0, 0},
    {"STRING", SQL_TYPE_VARCHAR, SQL_TYPE_MAX_LENGTH, 0, 0},
    {"STRUCTURED", SQL_TYPE_STRUCTURED, 0, 0, 0},
    {"TIME", SQL_TYPE_TIME, 0, 3, 0},
    {"TIMESTAMP", SQL_TYPE_TIMESTAMP, 6, 9, 0},
    {"TIMESTAMP_LTZ", SQL_TYPE_TIMESTAMP_LTZ, 6, 9, 0},
    {"TIMESTAMP_TZ", SQL_TYPE_TIMESTAMP_TZ, 6, 9, 0},
    {"TINYINT", SQL_TYPE_TINYINT, 0, 0, 0},
    {"VARBINARY", SQL_TYPE_VARBINARY, SQL_TYPE_MAX_LENGTH, SQL_TYPE_MAX_LENGTH, 0},
    {"VARCHAR", SQL_TYPE_VARCHAR, SQL_TYPE_MAX_LENGTH, SQL_TYPE_MAX_LENGTH, 0},
    {"VARIANT", SQL_TYPE_VARIANT, 0, 0, 0},
};

static const struct type_word *find_word(const char *name)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_ieq(WORDS[i].word, name)) {
            return &WORDS[i];
        }
    }
    return NULL;
}

static const struct sql_type *unsupported(const struct sql_type_spec *spec,
                                          struct err *err)
{
    static const char *words[sizeof WORDS / sizeof *WORDS];
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        words[i] = WORDS[i].word;
    }
    err_set(err, ERR_SQL, "type is not supported: %s", spec->name);
    const char *near = str_nearest(spec->name, words, sizeof WORDS / sizeof *WORDS);
    if (near) {
        err_hint(err, "did you mean %s?", near);
    }
    return NULL;
}

static bool spec_nullable(const struct sql_type_spec *spec)
{
    return spec->nullability != SQL_NOT_NULL;
}

static const struct sql_type *from_spec(struct arena *arena,
                                        const struct sql_type_spec *spec, int depth,
                                        struct err *err);

static const struct sql_type *interval_of(struct arena *arena,
                                          const struct sql_type_spec *spec)
{
    const char *unit = spec->unit_from ? spec->unit_from : "";
    bool months =
        str_ieq(unit, "YEAR") || str_ieq(unit, "MONTH") || str_ieq(unit, "QUARTER");
    return sql_type_new(
        arena, months ? SQL_TYPE_INTERVAL_YEAR_MONTH : SQL_TYPE_INTERVAL_DAY_TIME, 0, 0,
        spec_nullable(spec));
}

static const struct sql_type *fields_of(struct arena *arena,
                                        const struct sql_type_spec *spec,
                                        enum sql_type_root root, int depth,
                                        struct err *err)
{
    struct sql_type_field *fields =
        arena_array(arena, struct sql_type_field, spec->field_count + 1);
    for (size_t i = 0; i < spec->field_count; i++) {
        fields[i].name = spec->fields[i].name.text;
        fields[i].comment = spec->fields[i].comment;
        fields[i].type = from_spec(arena, spec->fields[i].type, depth + 1, err);
        if (!fields[i].type) {
            return NULL;
        }
    }
    struct sql_type *type = arena_new(arena, struct sql_type);
    type->root = (uint8_t)root;
    type->nullable = spec_nullable(spec);
    type->fields = fields;
    type->field_count = spec->field_count;
    type->name = spec->string_count ? spec->strings[0] : NULL;
    return type;
}

static const struct sql_type *nested_of(struct arena *arena,
                                        const struct sql_type_spec *spec,
                                        enum sql_type_root root, int depth,
                                        struct err *err)
{
    size_t need = root == SQL_TYPE_MAP ? 2 : 1;
    const struct sql_type *parts[2] = {NULL, NULL};
    if (root == SQL_TYPE_ROW || root == SQL_TYPE_STRUCTURED || root == SQL_TYPE_RAW) {
        return fields_of(arena, spec, root, depth, err);
    }
    if (spec->element_count != need) {
        err_set(err, ERR_SQL, "%s takes %zu types", spec->name, need);
        return NULL;
    }
    for (size_t i = 0; i < need; i++) {
        parts[i] = from_spec(arena, spec->elements[i], depth + 1, err);
        if (!parts[i]) {
            return NULL;
        }
    }
    struct sql_type *type = arena_new(arena, struct sql_type);
    type->root = (uint8_t)root;
    type->nullable = spec_nullable(spec);
    type->key = need == 2 ? parts[0] : NULL;
    type->element = parts[need - 1];
    return type;
}

static const struct sql_type *simple_of(struct arena *arena,
                                        const struct sql_type_spec *spec,
                                        const struct type_word *word, struct err *err)
{
    enum sql_type_root root = word->root;
    int64_t precision = word->precision;
    int64_t scale = spec->arg_count > 1 ? spec->args[1] : 0;
    if (spec->arg_count > 0 && word->max > 0) {
        precision = spec->args[0];
        if (precision < word->min) {
            err_set(err, ERR_SQL, "%s needs at least %d, not %lld", spec->name,
                    word->min, (long long)precision);
            return NULL;
        }
        precision = precision > word->max ? word->max : precision;
    }
    if (root == SQL_TYPE_DECIMAL && scale > precision) {
        err_set(err, ERR_SQL, "DECIMAL scale %lld is above its precision %lld",
                (long long)scale, (long long)precision);
        return NULL;
    }
    if (root == SQL_TYPE_TIMESTAMP && spec->zone == SQL_ZONE_LOCAL) {
        root = SQL_TYPE_TIMESTAMP_LTZ;
    } else if (root == SQL_TYPE_TIMESTAMP && spec->zone == SQL_ZONE_WITH) {
        root = SQL_TYPE_TIMESTAMP_TZ;
    }
    return sql_type_new(arena, root, (int)precision, (int)scale, spec_nullable(spec));
}

static const struct sql_type *from_spec(struct arena *arena,
                                        const struct sql_type_spec *spec, int depth,
                                        struct err *err)
{
    if (depth > SQL_TYPE_MAX_DEPTH) {
        err_set(err, ERR_LIMIT, "type is nested too deep");
        return NULL;
    }
    if (!spec->name) {
        const struct sql_ident *last = &spec->udt.parts[spec->udt.count - 1];
        err_set(err, ERR_SQL, "type '%s' is not known", last->text);
        return NULL;
    }
    if (str_ieq(spec->name, "INTERVAL")) {
        return interval_of(arena, spec);
    }
    const struct type_word *word = find_word(spec->name);
    if (!word) {
        return unsupported(spec, err);
    }
    switch (word->root) {
    case SQL_TYPE_ARRAY:
    case SQL_TYPE_MULTISET:
    case SQL_TYPE_MAP:
    case SQL_TYPE_ROW:
    case SQL_TYPE_STRUCTURED:
    case SQL_TYPE_RAW:
        return nested_of(arena, spec, word->root, depth, err);
    default:
        return simple_of(arena, spec, word, err);
    }
}

const struct sql_type *sql_type_from_spec(struct arena *arena,
                                          const struct sql_type_spec *spec,
                                          struct err *err)
{
    return from_spec(arena, spec, 0, err);
}

/* Cuts "*ROWTIME*" and the like off the end. */
static size_t without_mark(const char *text, size_t len, enum sql_time_attr *attr)
{
    static const struct {
        const char *mark;
        enum sql_time_attr attr;
    } marks[] = {{"*ROWTIME*", SQL_TIME_ROWTIME}, {"*PROCTIME*", SQL_TIME_PROCTIME}};
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n')) {
        len--;
    }
    *attr = SQL_TIME_NONE;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(marks[i].mark);
        if (len > n && memcmp(text + len - n, marks[i].mark, n) == 0) {
            *attr = marks[i].attr;
            return len - n;
        }
    }
    return len;
}

const struct sql_type *sql_type_parse(struct arena *arena, const char *text, size_t len,
                                      struct err *err)
{
    enum sql_time_attr attr;
    struct sql_type_spec *spec;
    len = without_mark(text, len, &attr);
    if (sql_parse_type(arena, text, len, &spec, err) < 0) {
        return NULL;
    }
    const struct sql_type *type = from_spec(arena, spec, 0, err);
    if (!type) {
        err_at_offset(err, "", text, len, spec->at.start);
        return NULL;
    }
    return sql_type_time_attr(arena, type, attr);
}
