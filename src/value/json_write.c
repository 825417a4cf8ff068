#include "config.h"

#include "value/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/xmalloc.h"

#define MAX_DEPTH 200

static void write_unicode(ucs4_t uc, struct buf *out)
{
    if (uc >= 0x10000) {
        uc -= 0x10000;
        buf_addf(out, "\\u%04x\\u%04x", 0xd800 + (unsigned)(uc >> 10),
                 0xdc00 + (unsigned)(uc & 0x3ff));
    } else {
        buf_addf(out, "\\u%04x", (unsigned)uc);
    }
}

static void write_control(unsigned char c, struct buf *out)
{
    static const char bytes[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(bytes, c) : NULL;

    if (found != NULL) {
        buf_addc(out, '\\');
        buf_addc(out, names[found - bytes]);
    } else {
        buf_addf(out, "\\u%04x", c);
    }
}

void json_write_str(const char *s, size_t len, unsigned flags, struct buf *out)
{
    bool ascii = (flags & (JSON_ASCII | JSON_PYTHON)) != 0;
    size_t from = 0;
    size_t i = 0;

    buf_addc(out, '"');
    while (i < len) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && (c < 0x80 || !ascii)) {
            i += 1;
            continue;
        }
        buf_add(out, s + from, i - from);
        if (c < 0x80) {
            write_control(c, out);
            i++;
        } else {
            ucs4_t uc;
            int n = u8_mbtouc(&uc, (const uint8_t *)s + i, len - i);
            write_unicode(uc, out);
            i += (size_t)n;
        }
        from = i;
    }
    buf_add(out, s + from, len - from);
    buf_addc(out, '"');
}

static void write_float(double f, unsigned flags, struct buf *out)
{
    if (isfinite(f)) {
        value_float_text(f, out);
    } else if ((flags & JSON_PYTHON) == 0) {
        buf_adds(out, "null");
    } else {
        buf_adds(out, isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity");
    }
}

static int write_scalar(struct value v, unsigned flags, struct buf *out,
                        struct err *err)
{
    switch (v.type) {
    case VALUE_NONE:
        buf_adds(out, "null");
        return 0;
    case VALUE_BOOL:
        buf_adds(out, v.as.b ? "true" : "false");
        return 0;
    case VALUE_INT:
        buf_addf(out, "%lld", (long long)v.as.i);
        return 0;
    case VALUE_BIGINT:
        value_bigint_text(v, out);
        return 0;
    case VALUE_FLOAT:
        write_float(v.as.f, flags, out);
        return 0;
    case VALUE_STRING:
        json_write_str(v.as.s, v.len, flags, out);
        return 0;
    default:
        return err_set(err, ERR_INTERNAL, "a value of type %s has no JSON form",
                       value_type_name(v));
    }
}

static void write_break(int depth, unsigned flags, struct buf *out)
{
    if ((flags & JSON_INDENT) != 0) {
        buf_addc(out, '\n');
        buf_pad(out, ' ', (size_t)depth * 2);
    }
}

static void write_comma(unsigned flags, struct buf *out)
{
    buf_adds(out, (flags & (JSON_PYTHON | JSON_INDENT)) == JSON_PYTHON ? ", " : ",");
}

static int write_any(struct value v, int depth, unsigned flags, struct buf *out,
                     struct err *err);

static int write_list(struct value v, int depth, unsigned flags, struct buf *out,
                      struct err *err)
{
    size_t count = value_list_count(v);

    buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            write_comma(flags, out);
        }
        write_break(depth + 1, flags, out);
        if (write_any(value_list_at(v, i), depth + 1, flags, out, err) != 0) {
            return -1;
        }
    }
    if (count > 0) {
        write_break(depth, flags, out);
    }
    buf_addc(out, ']');
    return 0;
}

static int write_pair(const struct value_pair *pair, int depth, unsigned flags,
                      struct buf *out, struct err *err)
{
    if (pair->key.type == VALUE_STRING) {
        json_write_str(pair->key.as.s, pair->key.len, flags, out);
    } else {
        buf_addc(out, '"');
        if (write_scalar(pair->key, flags | JSON_PYTHON, out, err) != 0) {
            return -1;
        }
        buf_addc(out, '"');
    }
    buf_adds(out, (flags & (JSON_PYTHON | JSON_INDENT)) != 0 ? ": " : ":");
    return write_any(pair->value, depth + 1, flags, out, err);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct value *x = &(*(const struct value_pair *const *)a)->key;
    const struct value *y = &(*(const struct value_pair *const *)b)->key;

    if (x->type != VALUE_STRING || y->type != VALUE_STRING) {
        if (x->type == VALUE_INT && y->type == VALUE_INT) {
            return (x->as.i > y->as.i) - (x->as.i < y->as.i);
        }
        return (int)x->type - (int)y->type;
    }
    int order = memcmp(x->as.s, y->as.s, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static const struct value_pair **sorted_pairs(struct value v, bool sort)
{
    const struct value_pair **pairs =
        xcalloc(value_dict_count(v) + 1, sizeof(const struct value_pair *));
    size_t count = 0;
    size_t at = 0;

    for (const struct value_pair *pair; (pair = value_dict_next(v, &at)) != NULL;) {
        pairs[count++] = pair;
    }
    if (sort && count > 1) {
        qsort(pairs, count, sizeof(const struct value_pair *), compare_pairs);
    }
    return pairs;
}

static int write_dict(struct value v, int depth, unsigned flags, struct buf *out,
                      struct err *err)
{
    const struct value_pair **pairs = sorted_pairs(v, (flags & JSON_SORT_KEYS) != 0);
    int rc = 0;

    buf_addc(out, '{');
    for (size_t i = 0; pairs[i] != NULL && rc == 0; i++) {
        if (i > 0) {
            write_comma(flags, out);
        }
        write_break(depth + 1, flags, out);
        rc = write_pair(pairs[i], depth, flags, out, err);
    }
    if (pairs[0] != NULL) {
        write_break(depth, flags, out);
    }
    buf_addc(out, '}');
    free(pairs);
    return rc;
}

static int write_any(struct value v, int depth, unsigned flags, struct buf *out,
                     struct err *err)
{
    if (v.type != VALUE_LIST && v.type != VALUE_TUPLE && v.type != VALUE_DICT) {
        return write_scalar(v, flags, out, err);
    }
    if (depth >= MAX_DEPTH) {
        return err_set(err, ERR_LIMIT, "a value is nested too deeply for JSON");
    }
    if (out->overflow) {
        return err_set(err, ERR_LIMIT, "the JSON text would be too large");
    }
    return v.type == VALUE_DICT ? write_dict(v, depth, flags, out, err)
                                : write_list(v, depth, flags, out, err);
}

int json_write(struct value v, unsigned flags, struct buf *out, struct err *err)
{
    if (write_any(v, 0, flags, out, err) != 0) {
        return -1;
    }
    if (out->overflow) {
        return err_set(err, ERR_LIMIT, "the JSON text would be too large");
    }
    return 0;
}
