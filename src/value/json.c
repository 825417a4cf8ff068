#include "config.h"

#include "value/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/str.h"
#include "base/xmalloc.h"

#define MAX_DEPTH 200

struct reader {
    const char *text;
    const char *at;
    const char *end;
    const char *what;
    struct arena *arena;
    struct err *err;
    int depth;
};

static int fail(struct reader *r, const char *message)
{
    int line;
    int column;

    err_locate(r->text, (size_t)(r->end - r->text), (size_t)(r->at - r->text), &line,
               &column);
    return err_set(r->err, ERR_SERVER, "%s: %s at line %d column %d", r->what, message,
                   line, column);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')) {
        r->at++;
    }
}

/* Four hex digits at `p`, or -1. */
static int hex4(const char *p, const char *end)
{
    int value = 0;

    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* After "\u": appends the character; a surrogate without its mate becomes U+FFFD. */
static int read_escape_u(struct reader *r, char **out)
{
    int unit = hex4(r->at, r->end);
    uint8_t utf8[6];

    if (unit < 0) {
        return fail(r, "invalid \\u escape");
    }
    r->at += 4;
    ucs4_t uc = (ucs4_t)unit;
    if (uc >= 0xd800 && uc < 0xdc00 && r->end - r->at >= 6 && r->at[0] == '\\' &&
        r->at[1] == 'u') {
        int low = hex4(r->at + 2, r->end);
        if (low >= 0xdc00 && low < 0xe000) {
            uc = 0x10000 + ((uc - 0xd800) << 10) + ((ucs4_t)low - 0xdc00);
            r->at += 6;
        }
    }
    if (uc >= 0xd800 && uc < 0xe000) {
        uc = 0xfffd;
    }
    int n = u8_uctomb(utf8, uc, sizeof(utf8));
    memcpy(*out, utf8, (size_t)n);
    *out += n;
    return 0;
}

static int read_escape(struct reader *r, char **out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";

    if (r->at == r->end) {
        return fail(r, "unterminated string");
    }
    char c = *r->at++;
    if (c == 'u') {
        return read_escape_u(r, out);
    }
    const char *found = c != '\0' ? strchr(names, c) : NULL;
    if (found == NULL) {
        r->at--;
        return fail(r, "invalid escape");
    }
    *(*out)++ = bytes[found - names];
    return 0;
}

/* `at` is behind the opening quote. An escape is never shorter than what it means. */
static int read_string(struct reader *r, struct value *out)
{
    const char *p = r->at;

    while (p < r->end && *p != '"') {
        p += *p == '\\' && p + 1 < r->end ? 2 : 1;
    }
    if (p >= r->end) {
        r->at = r->end;
        return fail(r, "unterminated string");
    }
    char *copy = arena_alloc(r->arena, (size_t)(p - r->at) + 1);
    char *w = copy;
    while (*r->at != '"') {
        unsigned char c = (unsigned char)*r->at;
        if (c < 0x20) {
            return fail(r, "control character in a string");
        }
        r->at++;
        if (c != '\\') {
            *w++ = (char)c;
        } else if (read_escape(r, &w) != 0) {
            return -1;
        }
    }
    r->at++;
    *w = '\0';
    *out = value_str_n(copy, (size_t)(w - copy));
    return 0;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

/* The end of the number that starts at `p`, or NULL when it is none. */
static const char *scan_number(const char *p, const char *end, bool *is_float)
{
    if (p < end && *p == '-') {
        p++;
    }
    const char *digits = p;
    p = skip_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return NULL;
    }
    if (p < end && *p == '.') {
        *is_float = true;
        digits = ++p;
        p = skip_digits(p, end);
        if (p == digits) {
            return NULL;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        *is_float = true;
        p++;
        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }
        digits = p;
        p = skip_digits(p, end);
        if (p == digits) {
            return NULL;
        }
    }
    return p;
}

static int read_number(struct reader *r, struct value *out)
{
    bool is_float = false;
    const char *end = scan_number(r->at, r->end, &is_float);

    if (end == NULL) {
        return fail(r, "invalid value");
    }
    char small[64];
    size_t len = (size_t)(end - r->at);
    char *text = small;
    if (len >= sizeof(small)) {
        text = arena_strndup(r->arena, r->at, len);
    } else {
        str_copy_n(small, sizeof(small), r->at, len);
    }
    if (is_float) {
        *out = value_float(strtod(text, NULL));
    } else {
        errno = 0;
        long long i = strtoll(text, NULL, 10);
        *out = errno == 0 ? value_int(i) : value_bigint_parse(r->arena, text, 10);
    }
    r->at = end;
    return 0;
}

static int read_value(struct reader *r, struct value *out);

static int read_list(struct reader *r, struct value *out)
{
    *out = value_list_new(r->arena, 0);
    skip_blanks(r);
    if (r->at < r->end && *r->at == ']') {
        r->at++;
        return 0;
    }
    for (;;) {
        struct value item;
        if (read_value(r, &item) != 0) {
            return -1;
        }
        value_list_push(*out, item);
        skip_blanks(r);
        if (r->at == r->end || (*r->at != ',' && *r->at != ']')) {
            return fail(r, "expected ',' or ']'");
        }
        if (*r->at++ == ']') {
            return 0;
        }
    }
}

static int read_dict(struct reader *r, struct value *out)
{
    *out = value_dict_new(r->arena, 0);
    skip_blanks(r);
    if (r->at < r->end && *r->at == '}') {
        r->at++;
        return 0;
    }
    for (;;) {
        struct value key;
        struct value item;
        skip_blanks(r);
        if (r->at == r->end || *r->at != '"') {
            return fail(r, "expected a string as key");
        }
        r->at++;
        if (read_string(r, &key) != 0) {
            return -1;
        }
        skip_blanks(r);
        if (r->at == r->end || *r->at != ':') {
            return fail(r, "expected ':'");
        }
        r->at++;
        if (read_value(r, &item) != 0) {
            return -1;
        }
        value_dict_put_value(*out, key, item);
        skip_blanks(r);
        if (r->at == r->end || (*r->at != ',' && *r->at != '}')) {
            return fail(r, "expected ',' or '}'");
        }
        if (*r->at++ == '}') {
            return 0;
        }
    }
}

static int read_word(struct reader *r, struct value *out)
{
    static const struct {
        const char *word;
        size_t len;
        struct value value;
    } words[] = {
        {"true", 4, {.type = VALUE_BOOL, .as.b = true}},
        {"false", 5, {.type = VALUE_BOOL, .as.b = false}},
        {"null", 4, {.type = VALUE_NONE}},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((size_t)(r->end - r->at) >= words[i].len &&
            memcmp(r->at, words[i].word, words[i].len) == 0) {
            r->at += words[i].len;
            *out = words[i].value;
            return 0;
        }
    }
    return read_number(r, out);
}

static int read_value(struct reader *r, struct value *out)
{
    int rc;

    skip_blanks(r);
    if (r->at == r->end) {
        return fail(r, "unexpected end");
    }
    switch (*r->at) {
    case '"':
        r->at++;
        return read_string(r, out);
    case '[':
    case '{':
        if (r->depth == MAX_DEPTH) {
            return fail(r, "nested too deeply");
        }
        r->depth++;
        rc = *r->at++ == '[' ? read_list(r, out) : read_dict(r, out);
        r->depth--;
        return rc;
    default:
        return read_word(r, out);
    }
}

int json_parse(const char *text, size_t len, const char *what, struct arena *arena,
               struct value *out, struct err *err)
{
    struct reader r = {text, text, text + len, what, arena, err, 0};
    const uint8_t *bad = u8_check((const uint8_t *)text, len);

    if (bad != NULL) {
        r.at = (const char *)bad;
        return fail(&r, "not valid UTF-8");
    }
    if (read_value(&r, out) != 0) {
        return -1;
    }
    skip_blanks(&r);
    if (r.at != r.end) {
        return fail(&r, "text behind the value");
    }
    return 0;
}

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
