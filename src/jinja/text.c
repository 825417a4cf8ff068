/* str(), repr(), truth and type names of values; UTF-8 by characters. */
#include "config.h"

#include "jinja/internal.h"

#include <stdio.h>
#include <unictype.h>
#include <unistr.h>

#define MAX_REPR_DEPTH 200

/* ---- characters -------------------------------------------------------------------
 */

size_t text_length(const char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return n;
}

size_t text_offset(const char *s, size_t len, size_t index)
{
    size_t i = 0;

    while (index > 0 && i < len) {
        i += text_char_size((unsigned char)s[i]);
        index--;
    }
    return i < len ? i : len;
}

bool text_is_space(uint32_t c)
{
    if (c < 0x80) {
        return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
    }
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool text_is_printable(uint32_t c)
{
    if (c < 0x7f) {
        return c >= 0x20;
    }
    if (c == ' ') {
        return true;
    }
    return !uc_is_general_category_withtable(
        c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
               UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Cn | UC_CATEGORY_MASK_Zl |
               UC_CATEGORY_MASK_Zp | UC_CATEGORY_MASK_Zs);
}

static void repr_char(uint32_t c, const char *s, size_t n, char quote, struct buf *out)
{
    switch (c) {
    case '\n':
        buf_adds(out, "\\n");
        return;
    case '\r':
        buf_adds(out, "\\r");
        return;
    case '\t':
        buf_adds(out, "\\t");
        return;
    case '\\':
        buf_adds(out, "\\\\");
        return;
    default:
        break;
    }
    if (c == (unsigned char)quote) {
        buf_addc(out, '\\');
        buf_addc(out, quote);
    } else if (text_is_printable(c)) {
        buf_add(out, s, n);
    } else if (c < 0x100) {
        buf_addf(out, "\\x%02x", (unsigned)c);
    } else if (c < 0x10000) {
        buf_addf(out, "\\u%04x", (unsigned)c);
    } else {
        buf_addf(out, "\\U%08x", (unsigned)c);
    }
}

void text_repr(const char *s, size_t len, struct buf *out)
{
    bool single = memchr(s, '\'', len) != NULL;
    char quote = single && memchr(s, '"', len) == NULL ? '"' : '\'';
    size_t from = 0;

    buf_addc(out, quote);
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c < 0x7f && c != '\\' && c != (unsigned char)quote) {
            i++;
            continue;
        }
        ucs4_t uc;
        int n = u8_mbtouc(&uc, (const uint8_t *)s + i, len - i);
        buf_add(out, s + from, i - from);
        repr_char(uc, s + i, (size_t)n, quote, out);
        i += (size_t)n;
        from = i;
    }
    buf_add(out, s + from, len - from);
    buf_addc(out, quote);
}

void int_text(int64_t i, struct buf *out)
{
    char digits[24];
    char *p = digits + sizeof(digits);
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

    do {
        *--p = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    if (i < 0) {
        *--p = '-';
    }
    buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

/* ---- truth and types --------------------------------------------------------------
 */

bool jinja_truth(struct value v)
{
    switch (v.type) {
    case VALUE_BOOL:
        return v.as.b;
    case VALUE_INT:
        return v.as.i != 0;
    case VALUE_BIGINT:
        return true;
    case VALUE_FLOAT:
        return v.as.f != 0;
    case VALUE_STRING:
        return v.len > 0;
    case VALUE_LIST:
    case VALUE_TUPLE:
        return v.as.list->count > 0;
    case VALUE_DICT:
        return v.as.dict->count > 0;
    case VALUE_OBJECT: {
        const struct jinja_class *class = (const void *)v.as.obj->class;
        if (class->truth != NULL) {
            return class->truth(v.as.obj);
        }
        return class->length == NULL || class->length(v.as.obj) != 0;
    }
    default:
        return false;
    }
}

const char *jinja_type_name(struct value v)
{
    static const char *const names[] = {
        [VALUE_UNDEFINED] = "Undefined", [VALUE_NONE] = "NoneType",
        [VALUE_BOOL] = "bool",           [VALUE_INT] = "int",
        [VALUE_BIGINT] = "int",          [VALUE_FLOAT] = "float",
        [VALUE_STRING] = "str",          [VALUE_LIST] = "list",
        [VALUE_TUPLE] = "tuple",         [VALUE_DICT] = "dict",
    };

    if (v.type == VALUE_OBJECT) {
        const char *dot = strrchr(v.as.obj->class->name, '.');
        return dot != NULL && !((const struct jinja_class *)v.as.obj->class)->qualified
                   ? dot + 1
                   : v.as.obj->class->name;
    }
    if (v.type == VALUE_STRING && (v.flags & VALUE_MARKUP) != 0) {
        return "Markup";
    }
    return names[v.type];
}

/* ---- str and repr -----------------------------------------------------------------
 */

static int repr_value(struct jinja_run *run, struct value v, int depth,
                      struct buf *out);

static int repr_items(struct jinja_run *run, struct value v, int depth, struct buf *out)
{
    buf_addc(out, v.type == VALUE_LIST ? '[' : '(');
    for (uint32_t i = 0; i < v.as.list->count; i++) {
        if (i > 0) {
            buf_adds(out, ", ");
        }
        struct value item = v.as.list->items[i];
        if (item.type == VALUE_LIST && item.as.list == v.as.list) {
            buf_adds(out, "[...]");
        } else if (run_step(run) != 0 || repr_value(run, item, depth + 1, out) != 0) {
            return -1;
        }
    }
    if (v.type == VALUE_TUPLE && v.as.list->count == 1) {
        buf_addc(out, ',');
    }
    buf_addc(out, v.type == VALUE_LIST ? ']' : ')');
    return 0;
}

static int repr_dict(struct jinja_run *run, struct value v, int depth, struct buf *out)
{
    size_t at = 0;
    bool first = true;

    buf_addc(out, '{');
    for (const struct value_pair *pair; (pair = value_dict_next(v, &at)) != NULL;) {
        if (!first) {
            buf_adds(out, ", ");
        }
        first = false;
        if (run_step(run) != 0 || repr_value(run, pair->key, depth + 1, out) != 0) {
            return -1;
        }
        buf_adds(out, ": ");
        if (pair->value.type == VALUE_DICT && pair->value.as.dict == v.as.dict) {
            buf_adds(out, "{...}");
        } else if (repr_value(run, pair->value, depth + 1, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, '}');
    return 0;
}

static int repr_object(struct jinja_run *run, struct value v, struct buf *out)
{
    const struct jinja_class *class = (const void *)v.as.obj->class;

    if (class->repr != NULL) {
        return class->repr(v.as.obj, run, out);
    }
    buf_addf(out, "<%s object>", class->base.name);
    return 0;
}

static int big_text(struct jinja_run *run, struct value v, struct buf *out)
{
    size_t mark = out->len;

    value_bigint_text(v, out);
    if (out->len - mark > 4301) {
        buf_truncate(out, mark);
        return jinja_raise(run, "ValueError",
                           "Exceeds the limit (4300 digits) for integer string"
                           " conversion; use sys.set_int_max_str_digits() to increase"
                           " the limit");
    }
    return 0;
}

static int repr_value(struct jinja_run *run, struct value v, int depth, struct buf *out)
{
    if (depth > MAX_REPR_DEPTH) {
        return jinja_raise(run, "RecursionError",
                           "maximum recursion depth exceeded while getting the repr of"
                           " an object");
    }
    switch (v.type) {
    case VALUE_UNDEFINED:
        buf_adds(out, "Undefined");
        return 0;
    case VALUE_NONE:
        buf_adds(out, "None");
        return 0;
    case VALUE_BOOL:
        buf_adds(out, v.as.b ? "True" : "False");
        return 0;
    case VALUE_INT:
        int_text(v.as.i, out);
        return 0;
    case VALUE_BIGINT:
        return big_text(run, v, out);
    case VALUE_FLOAT:
        value_float_text(v.as.f, out);
        return 0;
    case VALUE_STRING:
        if ((v.flags & VALUE_MARKUP) != 0) {
            buf_adds(out, "Markup(");
            text_repr(v.as.s, v.len, out);
            buf_addc(out, ')');
        } else {
            text_repr(v.as.s, v.len, out);
        }
        return 0;
    case VALUE_LIST:
    case VALUE_TUPLE:
        return repr_items(run, v, depth, out);
    case VALUE_DICT:
        return repr_dict(run, v, depth, out);
    default:
        return run_stack(run) == 0 ? repr_object(run, v, out) : -1;
    }
}

int jinja_repr(struct jinja_run *run, struct value v, struct buf *out)
{
    return repr_value(run, v, 0, out);
}

int jinja_str(struct jinja_run *run, struct value v, struct buf *out)
{
    if (v.type == VALUE_STRING) {
        buf_add(out, v.as.s, v.len);
        return 0;
    }
    if (v.type == VALUE_UNDEFINED) {
        return 0;
    }
    if (v.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)v.as.obj->class;
        if (class->str != NULL) {
            return class->str(v.as.obj, run, out);
        }
    }
    return repr_value(run, v, 0, out);
}

int jinja_to_str(struct jinja_run *run, struct value v, struct value *out)
{
    size_t mark;

    if (v.type == VALUE_STRING) {
        *out = v;
        return 0;
    }
    struct buf *text = scratch_begin(run, &mark);
    if (jinja_str(run, v, text) != 0) {
        return -1;
    }
    *out = scratch_take(run, mark);
    return 0;
}
