#include "config.h"

#include "jinja/pprint.h"

#include "jinja/number.h"
#include "jinja/sort.h"

#define WIDTH 80

static int put(struct jinja_run *run, struct value v, int indent, int allowance,
               int depth, struct buf *out);

/* As repr(), but with the keys of dicts sorted. */
static int plain(struct jinja_run *run, struct value v, int depth, struct buf *out);

/* sorted() by pprint's key: what can't be compared keeps its place by type name. */
static int sorted_keys(struct jinja_run *run, struct value dict, struct value *out)
{
    struct err ignored;

    if (jinja_to_list(run, dict, out) != 0) {
        return -1;
    }
    if (sort_by(run, *out, *out, false) != 0) {
        return jinja_catch(run, &ignored) ? jinja_to_list(run, dict, out) : -1;
    }
    return 0;
}

static int plain_dict(struct jinja_run *run, struct value v, int depth, struct buf *out)
{
    struct value keys;

    if (sorted_keys(run, v, &keys) != 0) {
        return -1;
    }
    buf_addc(out, '{');
    for (size_t i = 0; i < value_list_count(keys); i++) {
        struct value key = value_list_at(keys, i);
        buf_adds(out, i > 0 ? ", " : "");
        if (plain(run, key, depth + 1, out) != 0) {
            return -1;
        }
        buf_adds(out, ": ");
        if (plain(run, value_dict_get_value(v, key), depth + 1, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, '}');
    return 0;
}

static int plain(struct jinja_run *run, struct value v, int depth, struct buf *out)
{
    if (run_step(run) != 0 || depth > 100) {
        return depth > 100 ? jinja_raise(run, "RecursionError",
                                         "maximum recursion depth exceeded")
                           : -1;
    }
    if (v.type == VALUE_DICT) {
        return plain_dict(run, v, depth, out);
    }
    if (!is_sequence(v)) {
        return jinja_repr(run, v, out);
    }
    buf_addc(out, v.type == VALUE_LIST ? '[' : '(');
    for (uint32_t i = 0; i < v.as.list->count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        if (plain(run, v.as.list->items[i], depth + 1, out) != 0) {
            return -1;
        }
    }
    if (v.type == VALUE_TUPLE && v.as.list->count == 1) {
        buf_addc(out, ',');
    }
    buf_addc(out, v.type == VALUE_LIST ? ']' : ')');
    return 0;
}

static void next_line(int indent, struct buf *out)
{
    buf_adds(out, ",\n");
    buf_pad(out, ' ', (size_t)indent);
}

static int put_dict(struct jinja_run *run, struct value v, int indent, int allowance,
                    int depth, struct buf *out)
{
    struct value keys;

    if (sorted_keys(run, v, &keys) != 0) {
        return -1;
    }
    buf_addc(out, '{');
    size_t count = value_list_count(keys);
    for (size_t i = 0; i < count; i++) {
        struct value key = value_list_at(keys, i);
        size_t from = out->len;
        if (i > 0) {
            next_line(indent + 1, out);
            from = out->len;
        }
        if (plain(run, key, depth + 1, out) != 0) {
            return -1;
        }
        buf_adds(out, ": ");
        int used = (int)text_length(out->data + from, out->len - from);
        if (put(run, value_dict_get_value(v, key), indent + 1 + used,
                i + 1 == count ? allowance + 1 : 1, depth + 1, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, '}');
    return 0;
}

static int put_items(struct jinja_run *run, struct value v, int indent, int allowance,
                     int depth, struct buf *out)
{
    uint32_t count = v.as.list->count;
    const char *close = v.type == VALUE_LIST ? "]" : count == 1 ? ",)" : ")";

    buf_addc(out, v.type == VALUE_LIST ? '[' : '(');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            next_line(indent + 1, out);
        }
        if (put(run, v.as.list->items[i], indent + 1,
                i + 1 == count ? allowance + (int)strlen(close) : 1, depth + 1,
                out) != 0) {
            return -1;
        }
    }
    buf_adds(out, close);
    return 0;
}

static int put(struct jinja_run *run, struct value v, int indent, int allowance,
               int depth, struct buf *out)
{
    size_t from = out->len;

    if (plain(run, v, depth, out) != 0) {
        return -1;
    }
    int64_t length = (int64_t)text_length(out->data + from, out->len - from);
    bool container = v.type == VALUE_DICT || is_sequence(v);
    if (length <= WIDTH - indent - allowance || !container || depth > 50) {
        return 0;
    }
    buf_truncate(out, from);
    return v.type == VALUE_DICT ? put_dict(run, v, indent, allowance, depth, out)
                                : put_items(run, v, indent, allowance, depth, out);
}

int pprint_value(struct jinja_run *run, struct value v, struct value *out)
{
    size_t mark;
    struct buf *text = scratch_begin(run, &mark);

    if (put(run, v, 0, 0, 0, text) != 0) {
        return -1;
    }
    *out = scratch_take(run, mark);
    return 0;
}
