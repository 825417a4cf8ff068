/* The methods of Python's str. */
#include "config.h"

#include "jinja/strings.h"

#include <unictype.h>
#include <unistr.h>

#include "jinja/format.h"

static int want_text(struct jinja_call *call, struct value v, const char *what)
{
    if (v.type == VALUE_STRING) {
        return 0;
    }
    return jinja_raise(call->run, "TypeError", "%s() %s must be str, not %s",
                       call->name, what,
                       v.type == VALUE_NONE ? "None" : jinja_type_name(v));
}

/* How methods complain that name no argument. */
static int want_plain_text(struct jinja_call *call, struct value v)
{
    return v.type == VALUE_STRING
               ? 0
               : jinja_raise(call->run, "TypeError", "must be str, not %s",
                             jinja_type_name(v));
}

static int want_index(struct jinja_call *call, struct value v, int64_t fallback,
                      int64_t *out)
{
    *out = fallback;
    return is_missing(v) ? 0 : value_index(call->run, v, out);
}

#define CASE_METHOD(name)                                                              \
    static int str_##name(struct jinja_call *call, struct value *a, struct value *out) \
    {                                                                                  \
        *out = string_##name(call->run, a[0]);                                         \
        return 0;                                                                      \
    }
CASE_METHOD(upper)
CASE_METHOD(lower)
CASE_METHOD(casefold)
CASE_METHOD(capitalize)
CASE_METHOD(swapcase)
CASE_METHOD(title)
#undef CASE_METHOD

static int strip(struct jinja_call *call, struct value *a, bool left, bool right,
                 struct value *out)
{
    if (!is_missing(a[1]) && a[1].type != VALUE_NONE && a[1].type != VALUE_STRING) {
        return jinja_raise(call->run, "TypeError", "%s arg must be None or str",
                           call->name);
    }
    *out = string_strip(call->run, a[0], a[1], left, right);
    return 0;
}

static int str_strip(struct jinja_call *call, struct value *a, struct value *out)
{
    return strip(call, a, true, true, out);
}

static int str_lstrip(struct jinja_call *call, struct value *a, struct value *out)
{
    return strip(call, a, true, false, out);
}

static int str_rstrip(struct jinja_call *call, struct value *a, struct value *out)
{
    return strip(call, a, false, true, out);
}

static int split(struct jinja_call *call, struct value *a, bool right,
                 struct value *out)
{
    int64_t max;

    return want_index(call, a[2], -1, &max) == 0
               ? string_split(call->run, a[0], a[1], max, right, out)
               : -1;
}

static int str_split(struct jinja_call *call, struct value *a, struct value *out)
{
    return split(call, a, false, out);
}

static int str_rsplit(struct jinja_call *call, struct value *a, struct value *out)
{
    return split(call, a, true, out);
}

static int str_splitlines(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t keep;

    if (want_index(call, a[1], 0, &keep) != 0) {
        return -1;
    }
    *out = string_splitlines(call->run, a[0], keep != 0);
    return 0;
}

static int str_replace(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t count;

    if (want_text(call, a[1], "argument 1") != 0 ||
        want_text(call, a[2], "argument 2") != 0 ||
        want_index(call, a[3], -1, &count) != 0) {
        return -1;
    }
    if ((a[0].flags & VALUE_MARKUP) != 0) {
        a[1] = markup_escape(call->run, a[1]);
        a[2] = markup_escape(call->run, a[2]);
    }
    return string_replace(call->run, a[0], a[1], a[2], count, out);
}

/* The part of the string that start and end select, in bytes. */
struct range_of {
    size_t from;
    size_t to;
    bool valid;
};

static int part_of(struct jinja_call *call, struct value s, struct value start,
                   struct value end, struct range_of *out)
{
    int64_t length = (int64_t)text_length(s.as.s, s.len);
    int64_t from = 0;
    int64_t to = length;

    if ((!is_missing(start) &&
         slice_bound(call->run, start, 0, length, 0, length + 1, &from) != 0) ||
        (!is_missing(end) &&
         slice_bound(call->run, end, length, length, 0, length, &to) != 0)) {
        return -1;
    }
    out->valid = from <= to && from <= length;
    out->from = text_offset(s.as.s, s.len, (size_t)(from > length ? length : from));
    out->to = text_offset(s.as.s, s.len, (size_t)to);
    return 0;
}

static const char *find_last(const char *s, size_t len, struct value what)
{
    for (size_t at = len - what.len + 1; what.len <= len && at-- > 0;) {
        if (memcmp(s + at, what.as.s, what.len) == 0) {
            return s + at;
        }
    }
    return NULL;
}

/* Index in characters, or -1. */
static int find(struct jinja_call *call, struct value *a, bool last, int64_t *out)
{
    struct range_of part;

    *out = -1;
    if (part_of(call, a[0], a[2], a[3], &part) != 0 ||
        want_plain_text(call, a[1]) != 0) {
        return -1;
    }
    if (!part.valid) {
        return 0;
    }
    const char *s = a[0].as.s + part.from;
    const char *found = last ? find_last(s, part.to - part.from, a[1])
                        : a[1].len == 0
                            ? s
                            : memmem(s, part.to - part.from, a[1].as.s, a[1].len);
    if (found != NULL) {
        *out = (int64_t)text_length(a[0].as.s, (size_t)(found - a[0].as.s));
    }
    return 0;
}

static int found_value(struct jinja_call *call, struct value *a, bool last, bool must,
                       struct value *out)
{
    int64_t at;

    if (find(call, a, last, &at) != 0) {
        return -1;
    }
    if (at < 0 && must) {
        return jinja_raise(call->run, "ValueError", "substring not found");
    }
    *out = value_int(at);
    return 0;
}

static int str_find(struct jinja_call *call, struct value *a, struct value *out)
{
    return found_value(call, a, false, false, out);
}

static int str_rfind(struct jinja_call *call, struct value *a, struct value *out)
{
    return found_value(call, a, true, false, out);
}

static int str_index(struct jinja_call *call, struct value *a, struct value *out)
{
    return found_value(call, a, false, true, out);
}

static int str_rindex(struct jinja_call *call, struct value *a, struct value *out)
{
    return found_value(call, a, true, true, out);
}

static int str_count(struct jinja_call *call, struct value *a, struct value *out)
{
    struct range_of part;
    int64_t n = 0;

    if (part_of(call, a[0], a[2], a[3], &part) != 0 ||
        want_plain_text(call, a[1]) != 0) {
        return -1;
    }
    const char *at = a[0].as.s + part.from;
    const char *end = a[0].as.s + part.to;
    if (a[1].len == 0) {
        n = part.valid ? (int64_t)text_length(at, (size_t)(end - at)) + 1 : 0;
    } else {
        while (at < end &&
               (at = memmem(at, (size_t)(end - at), a[1].as.s, a[1].len)) != NULL) {
            n++;
            at += a[1].len;
        }
    }
    *out = value_int(n);
    return 0;
}

static bool affix_matches(struct value s, const struct range_of *part,
                          struct value what, bool suffix)
{
    if (!part->valid || part->to - part->from < what.len) {
        return false;
    }
    size_t at = suffix ? part->to - what.len : part->from;
    return memcmp(s.as.s + at, what.as.s, what.len) == 0;
}

static int affix(struct jinja_call *call, struct value *a, bool suffix,
                 struct value *out)
{
    struct range_of part;
    bool found = false;

    if (part_of(call, a[0], a[2], a[3], &part) != 0) {
        return -1;
    }
    if (a[1].type != VALUE_STRING && a[1].type != VALUE_TUPLE) {
        return jinja_raise(call->run, "TypeError",
                           "%s first arg must be str or a tuple of str, not %s",
                           call->name, jinja_type_name(a[1]));
    }
    for (size_t i = 0; a[1].type == VALUE_TUPLE && i < value_list_count(a[1]); i++) {
        struct value one = value_list_at(a[1], i);
        if (one.type != VALUE_STRING) {
            return jinja_raise(call->run, "TypeError",
                               "tuple for %s must only contain str, not %s", call->name,
                               jinja_type_name(one));
        }
        found = found || affix_matches(a[0], &part, one, suffix);
    }
    *out = value_bool(
        a[1].type == VALUE_STRING ? affix_matches(a[0], &part, a[1], suffix) : found);
    return 0;
}

static int str_startswith(struct jinja_call *call, struct value *a, struct value *out)
{
    return affix(call, a, false, out);
}

static int str_endswith(struct jinja_call *call, struct value *a, struct value *out)
{
    return affix(call, a, true, out);
}

static int str_removeprefix(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_text(call, a[1], "argument") != 0) {
        return -1;
    }
    struct range_of all = {0, a[0].len, true};
    *out = affix_matches(a[0], &all, a[1], false)
               ? string_part(call->run, a[0], a[1].len, a[0].len)
               : a[0];
    return 0;
}

static int str_removesuffix(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_text(call, a[1], "argument") != 0) {
        return -1;
    }
    struct range_of all = {0, a[0].len, true};
    *out = affix_matches(a[0], &all, a[1], true)
               ? string_part(call->run, a[0], 0, a[0].len - a[1].len)
               : a[0];
    return 0;
}

static int partition(struct jinja_call *call, struct value *a, bool last,
                     struct value *out)
{
    struct value empty = value_str_n("", 0);

    if (want_plain_text(call, a[1]) != 0) {
        return -1;
    }
    if (a[1].len == 0) {
        return jinja_raise(call->run, "ValueError", "empty separator");
    }
    empty.flags = a[0].flags;
    const char *found = last ? find_last(a[0].as.s, a[0].len, a[1])
                             : memmem(a[0].as.s, a[0].len, a[1].as.s, a[1].len);
    *out = value_tuple_new(call->arena, 3);
    if (found == NULL) {
        value_list_push(*out, last ? empty : a[0]);
        value_list_push(*out, empty);
        value_list_push(*out, last ? a[0] : empty);
        return 0;
    }
    size_t at = (size_t)(found - a[0].as.s);
    value_list_push(*out, string_part(call->run, a[0], 0, at));
    value_list_push(*out, string_part(call->run, a[0], at, at + a[1].len));
    value_list_push(*out, string_part(call->run, a[0], at + a[1].len, a[0].len));
    return 0;
}

static int str_partition(struct jinja_call *call, struct value *a, struct value *out)
{
    return partition(call, a, false, out);
}

static int str_rpartition(struct jinja_call *call, struct value *a, struct value *out)
{
    return partition(call, a, true, out);
}

static int str_join(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value items;

    if (jinja_to_list(call->run, a[1], &items) != 0) {
        if (a[1].type != VALUE_OBJECT && a[1].type != VALUE_UNDEFINED) {
            err_clear(call->run->err);
            return jinja_raise(call->run, "TypeError", "can only join an iterable");
        }
        return -1;
    }
    bool markup = (a[0].flags & VALUE_MARKUP) != 0;
    for (size_t i = 0; markup && i < value_list_count(items); i++) {
        items.as.list->items[i] = markup_escape(call->run, items.as.list->items[i]);
    }
    if (string_join(call->run, a[0], items, false, out) != 0) {
        return -1;
    }
    out->flags = a[0].flags;
    return 0;
}

static int pad(struct jinja_call *call, struct value *a, char where, struct value *out)
{
    int64_t width;

    if (value_index(call->run, a[1], &width) != 0) {
        return -1;
    }
    if (!is_missing(a[2]) &&
        (a[2].type != VALUE_STRING || text_length(a[2].as.s, a[2].len) != 1)) {
        return jinja_raise(call->run, "TypeError",
                           "The fill character must be exactly one character long");
    }
    return string_pad(call->run, a[0], width, is_missing(a[2]) ? " " : a[2].as.s, where,
                      out);
}

static int str_center(struct jinja_call *call, struct value *a, struct value *out)
{
    return pad(call, a, '^', out);
}

static int str_ljust(struct jinja_call *call, struct value *a, struct value *out)
{
    return pad(call, a, '<', out);
}

static int str_rjust(struct jinja_call *call, struct value *a, struct value *out)
{
    return pad(call, a, '>', out);
}

static int str_zfill(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t width;
    struct value rest = a[0];
    bool sign = a[0].len > 0 && (a[0].as.s[0] == '-' || a[0].as.s[0] == '+');

    if (value_index(call->run, a[1], &width) != 0) {
        return -1;
    }
    if (sign) {
        rest = string_part(call->run, a[0], 1, a[0].len);
        width--;
    }
    if (string_pad(call->run, rest, width, "0", '>', out) != 0) {
        return -1;
    }
    if (sign) {
        *out = value_str(arena_printf(call->arena, "%c%s", a[0].as.s[0], out->as.s));
    }
    return 0;
}

static int str_expandtabs(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t size;
    int64_t column = 0;
    size_t mark;

    if (want_index(call, a[1], 8, &size) != 0) {
        return -1;
    }
    if (size > 10000) {
        return jinja_raise(call->run, "OverflowError", "result too long");
    }
    struct buf *text = scratch_begin(call->run, &mark);
    for (uint32_t i = 0; i < a[0].len; i++) {
        char c = a[0].as.s[i];
        if (c == '\t') {
            int64_t n = size > 0 ? size - column % size : 0;
            buf_pad(text, ' ', (size_t)n);
            column += n;
            continue;
        }
        buf_addc(text, c);
        column = c == '\n' || c == '\r'              ? 0
                 : ((unsigned char)c & 0xc0) == 0x80 ? column
                                                     : column + 1;
    }
    *out = scratch_take(call->run, mark);
    out->flags = a[0].flags;
    return 0;
}

static int str_format(struct jinja_call *call, struct value *a, struct value *out)
{
    return format_braces(call->run, a[0], a[1].as.list->items, value_list_count(a[1]),
                         a[2], out);
}

static int str_format_map(struct jinja_call *call, struct value *a, struct value *out)
{
    return format_braces(call->run, a[0], NULL, 0, a[1], out);
}

/* ---- is…
 * ------------------------------------------------------------------------------ */

static bool all_chars(struct value s, bool (*is)(uint32_t c))
{
    for (size_t at = 0; at < s.len;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)s.as.s + at, s.len - at);
        if (!is(c)) {
            return false;
        }
    }
    return true;
}

static bool is_alpha(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
}

static bool is_decimal(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Nd);
}

static bool is_digit(uint32_t c)
{
    return uc_digit_value(c) >= 0;
}

static bool is_numeric(uint32_t c)
{
    return uc_digit_value(c) >= 0 || uc_numeric_value(c).denominator != 0;
}

static bool is_ascii(uint32_t c)
{
    return c < 0x80;
}

#define IS_METHOD(name, is, when_empty)                                                \
    static int str_##name(struct jinja_call *call, struct value *a, struct value *out) \
    {                                                                                  \
        (void)call;                                                                    \
        *out = value_bool(a[0].len > 0 ? all_chars(a[0], is) : (when_empty));          \
        return 0;                                                                      \
    }
IS_METHOD(isalpha, is_alpha, false)
IS_METHOD(isalnum, string_is_alnum, false)
IS_METHOD(isdecimal, is_decimal, false)
IS_METHOD(isdigit, is_digit, false)
IS_METHOD(isnumeric, is_numeric, false)
IS_METHOD(isspace, text_is_space, false)
IS_METHOD(isprintable, text_is_printable, true)
IS_METHOD(isascii, is_ascii, true)
#undef IS_METHOD

static int str_isupper(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    *out = value_bool(string_is_upper(a[0]));
    return 0;
}

static int str_islower(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    *out = value_bool(string_is_lower(a[0]));
    return 0;
}

static int str_istitle(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value title = string_title(call->run, a[0]);
    struct value lower = string_lower(call->run, a[0]);
    struct value upper = string_upper(call->run, a[0]);

    *out = value_bool(value_equal(title, a[0]) && !value_equal(lower, upper));
    return 0;
}

static int str_isidentifier(struct jinja_call *call, struct value *a, struct value *out)
{
    bool valid = a[0].len > 0;

    (void)call;
    for (size_t at = 0; at < a[0].len && valid;) {
        bool first = at == 0;
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)a[0].as.s + at, a[0].len - at);
        valid = c == '_' ||
                (first ? uc_is_property_xid_start(c) : uc_is_property_xid_continue(c));
    }
    *out = value_bool(valid);
    return 0;
}

const struct builtin_def jinja_str_methods[] = {
    {"capitalize", NULL, str_capitalize, "s", ARGS_C, false},
    {"casefold", NULL, str_casefold, "s", ARGS_C, false},
    {"center", NULL, str_center, "s width fillchar?", ARGS_C, false},
    {"count", NULL, str_count, "s sub start? end?", ARGS_PARSED, false},
    {"endswith", NULL, str_endswith, "s suffix start? end?", ARGS_PARSED, false},
    {"expandtabs", NULL, str_expandtabs, "s tabsize?", ARGS_KEYWORDS, false},
    {"find", NULL, str_find, "s sub start? end?", ARGS_PARSED, false},
    {"format", NULL, str_format, "s *args **kwargs", ARGS_C, false},
    {"format_map", NULL, str_format_map, "s mapping", ARGS_C, false},
    {"index", NULL, str_index, "s sub start? end?", ARGS_PARSED, false},
    {"isalnum", NULL, str_isalnum, "s", ARGS_C, false},
    {"isalpha", NULL, str_isalpha, "s", ARGS_C, false},
    {"isascii", NULL, str_isascii, "s", ARGS_C, false},
    {"isdecimal", NULL, str_isdecimal, "s", ARGS_C, false},
    {"isdigit", NULL, str_isdigit, "s", ARGS_C, false},
    {"isidentifier", NULL, str_isidentifier, "s", ARGS_C, false},
    {"islower", NULL, str_islower, "s", ARGS_C, false},
    {"isnumeric", NULL, str_isnumeric, "s", ARGS_C, false},
    {"isprintable", NULL, str_isprintable, "s", ARGS_C, false},
    {"isspace", NULL, str_isspace, "s", ARGS_C, false},
    {"istitle", NULL, str_istitle, "s", ARGS_C, false},
    {"isupper", NULL, str_isupper, "s", ARGS_C, false},
    {"join", NULL, str_join, "s iterable", ARGS_C, false},
    {"ljust", NULL, str_ljust, "s width fillchar?", ARGS_C, false},
    {"lower", NULL, str_lower, "s", ARGS_C, false},
    {"lstrip", NULL, str_lstrip, "s chars?", ARGS_C, false},
    {"partition", NULL, str_partition, "s sep", ARGS_C, false},
    {"removeprefix", NULL, str_removeprefix, "s prefix", ARGS_C, false},
    {"removesuffix", NULL, str_removesuffix, "s suffix", ARGS_C, false},
    {"replace", NULL, str_replace, "s old new count?", ARGS_C, false},
    {"rfind", NULL, str_rfind, "s sub start? end?", ARGS_PARSED, false},
    {"rindex", NULL, str_rindex, "s sub start? end?", ARGS_PARSED, false},
    {"rjust", NULL, str_rjust, "s width fillchar?", ARGS_C, false},
    {"rpartition", NULL, str_rpartition, "s sep", ARGS_C, false},
    {"rsplit", NULL, str_rsplit, "s sep? maxsplit?", ARGS_KEYWORDS, false},
    {"rstrip", NULL, str_rstrip, "s chars?", ARGS_C, false},
    {"split", NULL, str_split, "s sep? maxsplit?", ARGS_KEYWORDS, false},
    {"splitlines", NULL, str_splitlines, "s keepends?", ARGS_KEYWORDS, false},
    {"startswith", NULL, str_startswith, "s prefix start? end?", ARGS_PARSED, false},
    {"strip", NULL, str_strip, "s chars?", ARGS_C, false},
    {"swapcase", NULL, str_swapcase, "s", ARGS_C, false},
    {"title", NULL, str_title, "s", ARGS_C, false},
    {"upper", NULL, str_upper, "s", ARGS_C, false},
    {"zfill", NULL, str_zfill, "s width", ARGS_C, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
