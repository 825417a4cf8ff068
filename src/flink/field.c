#include "config.h"

#include "flink/field.h"

#include <inttypes.h>

static void mismatch(struct field_reader *reader, const char *key, struct value found,
                     const char *wanted)
{
    err_set(reader->err, ERR_SERVER,
            value_is_null(found)
                ? "the server sent a %s without '%s'"
                : "the server sent a %s whose '%s' is not %s but %s %s",
            reader->what, key, wanted, value_type_name(found)[0] == 'i' ? "an" : "a",
            value_type_name(found));
}

const char *field_text(struct field_reader *reader, struct value object,
                       const char *key, bool required)
{
    struct value v = value_dict_get(object, key);

    if (value_is_str(v) && (v.len > 0 || !required)) {
        return v.as.s;
    }
    if (!value_is_null(v) || required) {
        mismatch(reader, key, v, "a non-empty string");
    }
    return "";
}

bool field_bool(struct field_reader *reader, struct value object, const char *key)
{
    struct value v = value_dict_get(object, key);

    if (!value_is_null(v) && !value_is(v, VALUE_BOOL)) {
        mismatch(reader, key, v, "true or false");
    }
    return value_is_true(v, false);
}

int64_t field_int(struct field_reader *reader, struct value object, const char *key,
                  int64_t fallback)
{
    struct value v = value_dict_get(object, key);

    if (value_is(v, VALUE_INT)) {
        return v.as.i;
    }
    if (!value_is_null(v)) {
        mismatch(reader, key, v, "an integer");
    }
    return fallback;
}

struct value field_object(struct field_reader *reader, struct value object,
                          const char *key, bool required)
{
    struct value v = value_dict_get(object, key);

    if (value_is(v, VALUE_DICT)) {
        return v;
    }
    if (!value_is_null(v) || required) {
        mismatch(reader, key, v, "an object");
    }
    return value_undefined();
}

struct value field_list(struct field_reader *reader, struct value object,
                        const char *key)
{
    struct value v = value_dict_get(object, key);

    if (value_is(v, VALUE_LIST)) {
        return v;
    }
    if (!value_is_null(v)) {
        mismatch(reader, key, v, "a list");
    }
    return value_undefined();
}

static const char *scalar_text(struct arena *arena, struct value v)
{
    switch (v.type) {
    case VALUE_STRING:
        return v.as.s;
    case VALUE_BOOL:
        return v.as.b ? "true" : "false";
    case VALUE_INT:
        return arena_printf(arena, "%" PRId64, v.as.i);
    case VALUE_FLOAT:
        return arena_printf(arena, "%.17g", v.as.f);
    case VALUE_NONE:
        return "";
    default:
        return NULL;
    }
}

struct flink_pairs field_pairs(struct field_reader *reader, struct value object,
                               const char *key)
{
    struct value map = field_object(reader, object, key, false);
    struct flink_pairs pairs = {0};
    size_t at = 0;

    pairs.items =
        arena_array(reader->arena, struct flink_pair, value_dict_count(map) + 1);
    for (const struct value_pair *pair; (pair = value_dict_next(map, &at)) != NULL;) {
        const char *text = scalar_text(reader->arena, pair->value);
        if (text == NULL) {
            mismatch(reader, pair->key.as.s, pair->value, "a string");
            continue;
        }
        pairs.items[pairs.count++] = (struct flink_pair){pair->key.as.s, text};
    }
    return pairs;
}
