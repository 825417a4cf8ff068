#include "config.h"

#include "flink/type.h"

#include <string.h>

#include "base/str.h"
#include "flink/field.h"

#define MAX_DEPTH  50
#define MAX_FIELDS 10000

/* ---- the text of atoms ---- */

enum parameters { NO_PARAMETERS, LENGTH, PRECISION, PRECISION_SCALE };

static const struct {
    const char *name;
    const char *text;
    enum parameters parameters;
    int default1; /* of length or precision */
    const char *suffix;
    bool numeric;
} atoms[] = {
    {"CHAR", "CHAR", LENGTH, 1, "", false},
    {"VARCHAR", "VARCHAR", LENGTH, 2147483647, "", false},
    {"BOOLEAN", "BOOLEAN", NO_PARAMETERS, 0, "", false},
    {"BINARY", "BINARY", LENGTH, 1, "", false},
    {"VARBINARY", "VARBINARY", LENGTH, 2147483647, "", false},
    {"DECIMAL", "DECIMAL", PRECISION_SCALE, 10, "", true},
    {"TINYINT", "TINYINT", NO_PARAMETERS, 0, "", true},
    {"SMALLINT", "SMALLINT", NO_PARAMETERS, 0, "", true},
    {"INTEGER", "INT", NO_PARAMETERS, 0, "", true},
    {"BIGINT", "BIGINT", NO_PARAMETERS, 0, "", true},
    {"FLOAT", "FLOAT", NO_PARAMETERS, 0, "", true},
    {"DOUBLE", "DOUBLE", NO_PARAMETERS, 0, "", true},
    {"DATE", "DATE", NO_PARAMETERS, 0, "", false},
    {"TIME_WITHOUT_TIME_ZONE", "TIME", PRECISION, 0, "", false},
    {"TIMESTAMP_WITHOUT_TIME_ZONE", "TIMESTAMP", PRECISION, 6, "", false},
    {"TIMESTAMP_WITH_TIME_ZONE", "TIMESTAMP", PRECISION, 6, " WITH TIME ZONE", false},
    {"TIMESTAMP_WITH_LOCAL_TIME_ZONE", "TIMESTAMP", PRECISION, 6,
     " WITH LOCAL TIME ZONE", false},
};

#define ATOM_COUNT (sizeof(atoms) / sizeof(*atoms))

static size_t find_atom(const char *name)
{
    size_t i = 0;

    while (i < ATOM_COUNT && strcmp(atoms[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* "DAY_TO_SECOND" with precisions 2 and 3: "INTERVAL DAY(2) TO SECOND(3)". */
static void interval_text(struct field_reader *reader, struct value json,
                          const char *name, struct buf *out)
{
    const char *resolution = field_text(reader, json, "resolution", false);
    int precision = (int)field_int(reader, json, "precision", -1);
    int fraction = (int)field_int(reader, json, "fractional_precision", -1);

    if (resolution[0] == '\0') {
        resolution = strcmp(name, "INTERVAL_YEAR_MONTH") == 0 ? "YEAR_TO_MONTH"
                                                              : "DAY_TO_SECOND";
    }
    const char *to = strstr(resolution, "_TO_");
    int first = to != NULL ? (int)(to - resolution) : (int)strlen(resolution);
    buf_addf(out, "INTERVAL %.*s", first, resolution);
    if (precision >= 0 && strncmp(resolution, "SECOND", 6) != 0) {
        buf_addf(out, "(%d)", precision);
    }
    if (to != NULL) {
        buf_addf(out, " TO %s", to + 4);
    }
    if (fraction >= 0 && str_ends(resolution, "SECOND")) {
        buf_addf(out, "(%d)", fraction);
    }
}

static void atom_text(struct field_reader *reader, struct value json, const char *name,
                      struct buf *out)
{
    size_t i = find_atom(name);

    if (i == ATOM_COUNT) {
        if (str_starts(name, "INTERVAL_")) {
            interval_text(reader, json, name, out);
        } else {
            buf_adds(out, name);
        }
        return;
    }
    buf_adds(out, atoms[i].text);
    if (atoms[i].parameters == LENGTH) {
        buf_addf(out, "(%d)",
                 (int)field_int(reader, json, "length", atoms[i].default1));
    } else if (atoms[i].parameters != NO_PARAMETERS) {
        buf_addf(out, "(%d",
                 (int)field_int(reader, json, "precision", atoms[i].default1));
        if (atoms[i].parameters == PRECISION_SCALE) {
            buf_addf(out, ", %d", (int)field_int(reader, json, "scale", 0));
        }
        buf_addc(out, ')');
    }
    buf_adds(out, atoms[i].suffix);
}

/* ---- decoding ---- */

static void decode(struct field_reader *reader, struct value json, int depth,
                   struct flink_type *out);

static const struct flink_type *
decode_child(struct field_reader *reader, struct value json, const char *key, int depth)
{
    struct flink_type *child = arena_new(reader->arena, struct flink_type);

    decode(reader, field_object(reader, json, key, true), depth + 1, child);
    return child;
}

static void decode_fields(struct field_reader *reader, struct value json, int depth,
                          struct flink_type *out)
{
    struct value list = field_list(reader, json, "fields");
    size_t count = value_list_count(list);
    struct flink_column *fields =
        arena_array(reader->arena, struct flink_column, count);

    if (count > MAX_FIELDS) {
        err_set(reader->err, ERR_SERVER, "the server sent a type of %zu fields", count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(list, i);
        fields[i].name = field_text(reader, item, "name", true);
        decode(reader, field_object(reader, item, "field_type", true), depth + 1,
               &fields[i].type);
    }
    out->fields = fields;
    out->field_count = count;
}

static void add_child_text(const struct flink_type *child, struct buf *out)
{
    buf_adds(out, child->text);
    buf_adds(out, child->nullable ? "" : " NOT NULL");
}

static void container_text(const struct flink_type *type, struct value json,
                           struct buf *out)
{
    if (strcmp(type->name, "STRUCTURED_TYPE") == 0) {
        const char *class = value_cstr(value_dict_get(json, "class_name"), "");
        if (class[0] != '\0') {
            buf_adds(out, class);
            return;
        }
    }
    buf_adds(out, type->shape == FLINK_ROW ? "ROW" : type->name);
    buf_addc(out, '<');
    if (type->shape != FLINK_ROW) {
        add_child_text(type->key, out);
        if (type->value != NULL) {
            buf_adds(out, ", ");
            add_child_text(type->value, out);
        }
    }
    for (size_t i = 0; i < type->field_count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        flink_quote_name(type->fields[i].name, out);
        buf_addc(out, ' ');
        add_child_text(&type->fields[i].type, out);
    }
    buf_addc(out, '>');
}

static enum flink_type_shape shape_of(const char *name)
{
    static const struct {
        const char *name;
        enum flink_type_shape shape;
    } shapes[] = {
        {"ARRAY", FLINK_ARRAY}, {"MULTISET", FLINK_MULTISET},   {"MAP", FLINK_MAP},
        {"ROW", FLINK_ROW},     {"STRUCTURED_TYPE", FLINK_ROW},
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            return shapes[i].shape;
        }
    }
    return FLINK_ATOM;
}

static void decode(struct field_reader *reader, struct value json, int depth,
                   struct flink_type *out)
{
    struct buf text = BUF_INIT;
    struct value nullable = value_dict_get(json, "nullable");

    *out = (struct flink_type){.name = "", .text = "", .nullable = true};
    if (depth > MAX_DEPTH) {
        err_set(reader->err, ERR_SERVER,
                "the server sent a type that is nested deeper "
                "than %d",
                MAX_DEPTH);
    }
    if (reader->err->code != ERR_NONE) {
        return;
    }
    out->name = field_text(reader, json, "type", true);
    out->nullable = value_is_null(nullable) || field_bool(reader, json, "nullable");
    out->shape = shape_of(out->name);
    if (out->shape == FLINK_ROW) {
        decode_fields(reader, json, depth, out);
    } else if (out->shape == FLINK_MAP) {
        out->key = decode_child(reader, json, "key_type", depth);
        out->value = decode_child(reader, json, "value_type", depth);
    } else if (out->shape != FLINK_ATOM) {
        out->key = decode_child(reader, json, "element_type", depth);
    }
    if (reader->err->code != ERR_NONE) {
        return;
    }
    if (out->shape == FLINK_ATOM) {
        atom_text(reader, json, out->name, &text);
    } else {
        container_text(out, json, &text);
    }
    out->text = arena_strdup(reader->arena, buf_str(&text));
    buf_fini(&text);
}

int flink_type_decode(struct value json, struct arena *arena, struct flink_type *out,
                      struct err *err)
{
    struct field_reader reader = {.what = "type", .arena = arena, .err = err};

    if (err->code == ERR_NONE && !value_is(json, VALUE_DICT)) {
        err_set(err, ERR_SERVER, "the server sent a column without a type");
    }
    if (err->code == ERR_NONE) {
        decode(&reader, json, 0, out);
    }
    return err->code == ERR_NONE ? 0 : -1;
}

bool flink_type_numeric(const struct flink_type *type)
{
    size_t i = find_atom(type->name);

    return i < ATOM_COUNT && atoms[i].numeric;
}

/* ---- cells ---- */

static bool cell_ok(const struct flink_type *type, struct value cell);

static bool list_ok(struct value list, const struct flink_type *item)
{
    size_t count = value_list_count(list);

    for (size_t i = 0; i < count; i++) {
        if (!cell_ok(item, value_list_at(list, i))) {
            return false;
        }
    }
    return true;
}

/* [[key, value], …]; a multiset's value is its count. */
static bool map_ok(struct value list, const struct flink_type *key,
                   const struct flink_type *item)
{
    size_t count = value_list_count(list);

    for (size_t i = 0; i < count; i++) {
        struct value pair = value_list_at(list, i);
        if (!value_is(pair, VALUE_LIST) || value_list_count(pair) != 2 ||
            !cell_ok(key, value_list_at(pair, 0)) ||
            (item != NULL ? !cell_ok(item, value_list_at(pair, 1))
                          : !value_is_str(value_list_at(pair, 1)))) {
            return false;
        }
    }
    return true;
}

static bool row_ok(struct value list, const struct flink_type *type)
{
    if (value_list_count(list) != type->field_count) {
        return false;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (!cell_ok(&type->fields[i].type, value_list_at(list, i))) {
            return false;
        }
    }
    return true;
}

static bool cell_ok(const struct flink_type *type, struct value cell)
{
    if (value_is(cell, VALUE_NONE)) {
        return true;
    }
    if (type->shape == FLINK_ATOM) {
        return value_is_str(cell);
    }
    if (!value_is(cell, VALUE_LIST)) {
        return false;
    }
    switch (type->shape) {
    case FLINK_ARRAY:
        return list_ok(cell, type->key);
    case FLINK_MULTISET:
        return map_ok(cell, type->key, NULL);
    case FLINK_MAP:
        return map_ok(cell, type->key, type->value);
    default:
        return row_ok(cell, type);
    }
}

int flink_cell_check(const struct flink_type *type, struct value cell,
                     const char *column, struct err *err)
{
    if (cell_ok(type, cell)) {
        return 0;
    }
    return err_set(err, ERR_SERVER,
                   "the server sent a value for column '%s' that is no %s", column,
                   type->text);
}

static void inner_text(const struct flink_type *type, struct value cell,
                       struct buf *out)
{
    if (value_is_null(cell)) {
        buf_adds(out, "NULL");
    } else {
        flink_cell_text(type, cell, out);
    }
}

static void pair_text(const struct flink_type *type, struct value pair, struct buf *out)
{
    inner_text(type->key, value_list_at(pair, 0), out);
    buf_addc(out, '=');
    if (type->value != NULL) {
        inner_text(type->value, value_list_at(pair, 1), out);
    } else {
        buf_adds(out, value_cstr(value_list_at(pair, 1), ""));
    }
}

void flink_cell_text(const struct flink_type *type, struct value cell, struct buf *out)
{
    static const char brackets[] = "  []{}{}()"; /* two for each shape */
    size_t count = value_list_count(cell);

    if (value_is_null(cell)) {
        return;
    }
    if (type->shape == FLINK_ATOM) {
        buf_add(out, value_cstr(cell, ""), cell.len);
        return;
    }
    buf_addc(out, brackets[2 * type->shape]);
    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(cell, i);
        buf_adds(out, i > 0 ? ", " : "");
        if (type->shape == FLINK_ARRAY) {
            inner_text(type->key, item, out);
        } else if (type->shape == FLINK_ROW) {
            inner_text(&type->fields[i].type, item, out);
        } else {
            pair_text(type, item, out);
        }
    }
    buf_addc(out, brackets[2 * type->shape + 1]);
}

/* ---- quoting ---- */

static void quote(const char *text, char mark, struct buf *out)
{
    buf_addc(out, mark);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == mark) {
            buf_addc(out, mark);
        }
        buf_addc(out, *p);
    }
    buf_addc(out, mark);
}

void flink_quote_name(const char *name, struct buf *out)
{
    quote(name, '`', out);
}

void flink_quote_text(const char *text, struct buf *out)
{
    quote(text, '\'', out);
}
