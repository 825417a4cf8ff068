#include "config.h"

#include "jinja/json_text.h"

#include <math.h>

#include "jinja/sort.h"
#include "value/json.h"

#define MAX_DEPTH 200

static int write_json(struct jinja_run *run, struct value v, int depth,
                      const struct json_style *style, struct buf *out);

static void new_line(int depth, const struct json_style *style, struct buf *out)
{
    if (style->indent >= 0) {
        buf_addc(out, '\n');
        buf_pad(out, ' ', (size_t)(depth * style->indent));
    }
}

static void write_float(double f, struct buf *out)
{
    if (isfinite(f)) {
        value_float_text(f, out);
    } else {
        buf_adds(out, isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity");
    }
}

static int write_list(struct jinja_run *run, struct value v, int depth,
                      const struct json_style *style, struct buf *out)
{
    size_t count = value_list_count(v);

    buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_adds(out, style->indent >= 0 ? "," : ", ");
        }
        new_line(depth + 1, style, out);
        if (run_step(run) != 0 ||
            write_json(run, value_list_at(v, i), depth + 1, style, out) != 0) {
            return -1;
        }
    }
    if (count > 0) {
        new_line(depth, style, out);
    }
    buf_addc(out, ']');
    return 0;
}

static int write_key(struct jinja_run *run, struct value key, struct buf *out)
{
    if (key.type == VALUE_STRING) {
        json_write_str(key.as.s, key.len, JSON_PYTHON, out);
        return 0;
    }
    if (key.type != VALUE_NONE && !is_number(key)) {
        return jinja_raise(run, "TypeError",
                           "keys must be str, int, float, bool or None, not %s",
                           jinja_type_name(key));
    }
    buf_addc(out, '"');
    if (key.type == VALUE_NONE) {
        buf_adds(out, "null");
    } else if (key.type == VALUE_BOOL) {
        buf_adds(out, key.as.b ? "true" : "false");
    } else if (key.type == VALUE_FLOAT) {
        write_float(key.as.f, out);
    } else if (jinja_str(run, key, out) != 0) {
        return -1;
    }
    buf_addc(out, '"');
    return 0;
}

static int sorted_keys(struct jinja_run *run, struct value dict, bool sort,
                       struct value *out)
{
    if (jinja_to_list(run, dict, out) != 0) {
        return -1;
    }
    return sort ? sort_by(run, *out, *out, false) : 0;
}

static int write_dict(struct jinja_run *run, struct value v, int depth,
                      const struct json_style *style, struct buf *out)
{
    struct value keys;

    if (sorted_keys(run, v, style->sort_keys, &keys) != 0) {
        return -1;
    }
    buf_addc(out, '{');
    for (size_t i = 0; i < value_list_count(keys); i++) {
        struct value key = value_list_at(keys, i);
        if (i > 0) {
            buf_adds(out, style->indent >= 0 ? "," : ", ");
        }
        new_line(depth + 1, style, out);
        if (run_step(run) != 0 || write_key(run, key, out) != 0) {
            return -1;
        }
        buf_adds(out, ": ");
        if (write_json(run, value_dict_get_value(v, key), depth + 1, style, out) != 0) {
            return -1;
        }
    }
    if (value_list_count(keys) > 0) {
        new_line(depth, style, out);
    }
    buf_addc(out, '}');
    return 0;
}

static int write_object(struct jinja_run *run, struct value v, int depth,
                        const struct json_style *style, struct buf *out)
{
    struct value plain = value_undefined();
    int found = 0;

    if (v.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)v.as.obj->class;
        found = class->plain != NULL ? class->plain(v.as.obj, run, &plain) : 0;
    }
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        const char *name = jinja_type_name(v);
        const char *dot = strrchr(name, '.');
        return jinja_raise(run, "TypeError",
                           "Object of type %s is not JSON serializable",
                           dot != NULL ? dot + 1 : name);
    }
    return write_json(run, plain, depth + 1, style, out);
}

static int write_json(struct jinja_run *run, struct value v, int depth,
                      const struct json_style *style, struct buf *out)
{
    if (depth > MAX_DEPTH) {
        return jinja_raise(run, "ValueError", "Circular reference detected");
    }
    switch (v.type) {
    case VALUE_NONE:
        buf_adds(out, "null");
        return 0;
    case VALUE_BOOL:
        buf_adds(out, v.as.b ? "true" : "false");
        return 0;
    case VALUE_FLOAT:
        write_float(v.as.f, out);
        return 0;
    case VALUE_INT:
    case VALUE_BIGINT:
        return jinja_str(run, v, out);
    case VALUE_STRING:
        json_write_str(v.as.s, v.len, JSON_PYTHON, out);
        return 0;
    case VALUE_LIST:
    case VALUE_TUPLE:
        return write_list(run, v, depth, style, out);
    case VALUE_DICT:
        return write_dict(run, v, depth, style, out);
    default:
        return write_object(run, v, depth, style, out);
    }
}

int jinja_to_json(struct jinja_run *run, struct value v, bool sort_keys,
                  struct buf *out)
{
    struct json_style style = {.sort_keys = sort_keys, .indent = -1};

    return write_json(run, v, 0, &style, out);
}

int json_text(struct jinja_run *run, struct value v, const struct json_style *style,
              struct buf *out)
{
    return write_json(run, v, 0, style, out);
}
