#include "config.h"

#include "jinja/strings.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

struct value string_part(struct jinja_run *run, struct value s, size_t from, size_t to)
{
    struct value part = value_copy_str_n(run->arena, s.as.s + from, to - from);

    part.flags = s.flags;
    return part;
}

struct value string_slice(struct jinja_run *run, struct value s, int64_t from,
                          int64_t to)
{
    struct value out;
    struct value a = value_int(from);
    struct value b = value_int(to);

    if (value_slice(run, s, a, b, value_none(), &out) != 0) {
        out = value_str_n("", 0);
    }
    return out;
}

/* ---- case ---------------------------------------------------------------------------
 */

static uint32_t next_char(struct value s, size_t *at)
{
    ucs4_t c;

    *at += (size_t)u8_mbtouc(&c, (const uint8_t *)s.as.s + *at, s.len - *at);
    return c;
}

static bool is_ascii(struct value s)
{
    for (uint32_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.as.s[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

typedef uint8_t *case_function(const uint8_t *s, size_t n, const char *language,
                               uninorm_t form, uint8_t *out, size_t *len);

static struct value convert(struct jinja_run *run, struct value s,
                            case_function *function)
{
    size_t len = 0;
    uint8_t *text = function((const uint8_t *)s.as.s, s.len, "", NULL, NULL, &len);
    struct value v =
        value_copy_str_n(run->arena, text != NULL ? (char *)text : "", len);

    free(text);
    v.flags = s.flags;
    return v;
}

static struct value ascii_case(struct jinja_run *run, struct value s, char first,
                               char last)
{
    struct value v = value_copy_str_n(run->arena, s.as.s, s.len);
    char *text = (char *)v.as.s;

    for (uint32_t i = 0; i < v.len; i++) {
        if (text[i] >= first && text[i] <= last) {
            text[i] = (char)(text[i] ^ 0x20);
        }
    }
    v.flags = s.flags;
    return v;
}

struct value string_upper(struct jinja_run *run, struct value s)
{
    return is_ascii(s) ? ascii_case(run, s, 'a', 'z') : convert(run, s, u8_toupper);
}

struct value string_lower(struct jinja_run *run, struct value s)
{
    return is_ascii(s) ? ascii_case(run, s, 'A', 'Z') : convert(run, s, u8_tolower);
}

struct value string_casefold(struct jinja_run *run, struct value s)
{
    return is_ascii(s) ? ascii_case(run, s, 'A', 'Z') : convert(run, s, u8_casefold);
}

static struct value concat(struct jinja_run *run, struct value a, struct value b)
{
    size_t mark;
    struct buf *text = scratch_begin(run, &mark);

    buf_add(text, a.as.s, a.len);
    buf_add(text, b.as.s, b.len);
    return scratch_take(run, mark);
}

struct value string_capitalize(struct jinja_run *run, struct value s)
{
    size_t at = 0;

    if (s.len == 0) {
        return s;
    }
    next_char(s, &at);
    struct value head = convert(run, string_part(run, s, 0, at), u8_totitle);
    struct value all = string_lower(run, s);
    size_t lower_head = 0;
    next_char(all, &lower_head);
    /* the first character's lower case may be longer than one character */
    struct value first = string_lower(run, string_part(run, s, 0, at));
    lower_head = first.len;
    struct value v = concat(
        run, head,
        string_part(run, all, lower_head < all.len ? lower_head : all.len, all.len));
    v.flags = s.flags;
    return v;
}

static bool is_cased(uint32_t c)
{
    return uc_is_property(c, UC_PROPERTY_UPPERCASE) ||
           uc_is_property(c, UC_PROPERTY_LOWERCASE) ||
           uc_is_general_category(c, UC_TITLECASE_LETTER);
}

struct value string_swapcase(struct jinja_run *run, struct value s)
{
    size_t mark;
    struct value parts = value_list_new(run->arena, 8);

    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = next_char(s, &at);
        struct value one = string_part(run, s, from, at);
        if (uc_is_property(c, UC_PROPERTY_UPPERCASE)) {
            one = string_lower(run, one);
        } else if (uc_is_property(c, UC_PROPERTY_LOWERCASE)) {
            one = string_upper(run, one);
        }
        value_list_push(parts, one);
    }
    struct buf *text = scratch_begin(run, &mark);
    for (uint32_t i = 0; i < parts.as.list->count; i++) {
        buf_add(text, parts.as.list->items[i].as.s, parts.as.list->items[i].len);
    }
    struct value v = scratch_take(run, mark);
    v.flags = s.flags;
    return v;
}

struct value string_title(struct jinja_run *run, struct value s)
{
    struct buf text = BUF_INIT;
    bool previous = false;

    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = next_char(s, &at);
        struct value one = string_part(run, s, from, at);
        if (is_cased(c)) {
            one = previous ? string_lower(run, one) : convert(run, one, u8_totitle);
        }
        buf_add(&text, one.as.s, one.len);
        previous = is_cased(c);
    }
    struct value v = value_copy_str_n(run->arena, buf_str(&text), text.len);
    buf_fini(&text);
    v.flags = s.flags;
    return v;
}

/* ---- kinds of characters
 * -------------------------------------------------------------- */

bool string_is_alnum(uint32_t c)
{
    return uc_is_general_category_withtable(c,
                                            UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_Nd) ||
           uc_digit_value(c) >= 0 || uc_is_property_numeric(c) ||
           uc_numeric_value(c).denominator != 0;
}

static bool cased_as(struct value s, bool upper)
{
    bool any = false;

    for (size_t at = 0; at < s.len;) {
        uint32_t c = next_char(s, &at);
        bool is_upper = uc_is_property(c, UC_PROPERTY_UPPERCASE);
        bool is_lower = uc_is_property(c, UC_PROPERTY_LOWERCASE);
        if ((upper ? is_lower : is_upper) ||
            uc_is_general_category(c, UC_TITLECASE_LETTER)) {
            return false;
        }
        any = any || (upper ? is_upper : is_lower);
    }
    return any;
}

bool string_is_upper(struct value s)
{
    return cased_as(s, true);
}

bool string_is_lower(struct value s)
{
    return cased_as(s, false);
}

bool string_is_digits(struct value s)
{
    for (size_t at = 0; at < s.len;) {
        if (uc_digit_value(next_char(s, &at)) < 0) {
            return false;
        }
    }
    return s.len > 0;
}

/* ---- stripping, splitting, replacing
 * --------------------------------------------------- */

static bool in_chars(uint32_t c, struct value chars)
{
    if (chars.type != VALUE_STRING) {
        return text_is_space(c);
    }
    for (size_t at = 0; at < chars.len;) {
        if (next_char(chars, &at) == c) {
            return true;
        }
    }
    return false;
}

static size_t last_char(struct value s, size_t end)
{
    do {
        end--;
    } while (end > 0 && ((unsigned char)s.as.s[end] & 0xc0) == 0x80);
    return end;
}

struct value string_strip(struct jinja_run *run, struct value s, struct value chars,
                          bool left, bool right)
{
    size_t from = 0;
    size_t to = s.len;

    while (left && from < to) {
        size_t at = from;
        if (!in_chars(next_char(s, &at), chars)) {
            break;
        }
        from = at;
    }
    while (right && to > from) {
        size_t start = last_char(s, to);
        size_t at = start;
        if (!in_chars(next_char(s, &at), chars)) {
            break;
        }
        to = start;
    }
    return string_part(run, s, from, to);
}

static size_t count_of(struct value s, struct value what, int64_t max)
{
    size_t n = 0;
    const char *at = s.as.s;
    const char *end = s.as.s + s.len;

    while ((max < 0 || (int64_t)n < max) &&
           (at = memmem(at, (size_t)(end - at), what.as.s, what.len)) != NULL) {
        n++;
        at += what.len;
    }
    return n;
}

/* Between all characters, as "abc".replace("", "-"). */
static int replace_empty(struct jinja_run *run, struct value s, struct value new,
                         int64_t count, struct value *out)
{
    size_t mark;
    size_t n = text_length(s.as.s, s.len) + 1;

    if (run_reserve(run, n * new.len + s.len) != 0) {
        return -1;
    }
    struct buf *text = scratch_begin(run, &mark);
    for (size_t at = 0; at < s.len;) {
        size_t size = text_char_size((unsigned char)s.as.s[at]);
        if (count != 0) {
            buf_add(text, new.as.s, new.len);
            count -= count > 0;
        }
        buf_add(text, s.as.s + at, size);
        at += size;
    }
    if (count != 0) {
        buf_add(text, new.as.s, new.len);
    }
    *out = scratch_take(run, mark);
    return 0;
}

int string_replace(struct jinja_run *run, struct value s, struct value old,
                   struct value new, int64_t count, struct value *out)
{
    if (old.len == 0) {
        return replace_empty(run, s, new, count, out);
    }
    size_t n = count_of(s, old, count);
    if (n == 0) {
        *out = s;
        return 0;
    }
    char *text = run_alloc_text(run, s.len - n * old.len + n * new.len);
    if (text == NULL) {
        return -1;
    }
    *out = value_str_n(text, s.len - n * old.len + n * new.len);
    out->flags = s.flags;
    const char *at = s.as.s;
    const char *end = s.as.s + s.len;
    for (; n > 0; n--) {
        const char *found = memmem(at, (size_t)(end - at), old.as.s, old.len);
        memcpy(text, at, (size_t)(found - at));
        text += found - at;
        memcpy(text, new.as.s, new.len);
        text += new.len;
        at = found + old.len;
    }
    memcpy(text, at, (size_t)(end - at));
    return 0;
}

static size_t skip_space(struct value s, size_t at)
{
    while (at < s.len) {
        size_t next = at;
        if (!text_is_space(next_char(s, &next))) {
            break;
        }
        at = next;
    }
    return at;
}

static size_t skip_word(struct value s, size_t at)
{
    while (at < s.len) {
        size_t next = at;
        if (text_is_space(next_char(s, &next))) {
            break;
        }
        at = next;
    }
    return at;
}

static void reverse(struct value list)
{
    struct value_list *l = list.as.list;

    for (uint32_t i = 0; i < l->count / 2; i++) {
        struct value swap = l->items[i];
        l->items[i] = l->items[l->count - 1 - i];
        l->items[l->count - 1 - i] = swap;
    }
}

static void split_space(struct jinja_run *run, struct value s, int64_t max,
                        struct value list)
{
    size_t at = skip_space(s, 0);

    while (at < s.len) {
        if (max >= 0 && (int64_t)value_list_count(list) >= max) {
            value_list_push(list, string_part(run, s, at, s.len));
            return;
        }
        size_t end = skip_word(s, at);
        value_list_push(list, string_part(run, s, at, end));
        at = skip_space(s, end);
    }
}

/* Goes left from `end` over characters that are white space, or are not. */
static size_t skip_left(struct value s, size_t end, bool space)
{
    while (end > 0) {
        size_t at = last_char(s, end);
        size_t next = at;
        if (text_is_space(next_char(s, &next)) != space) {
            break;
        }
        end = at;
    }
    return end;
}

static void rsplit_space(struct jinja_run *run, struct value s, int64_t max,
                         struct value list)
{
    size_t end;

    for (end = skip_left(s, s.len, true); end > 0; end = skip_left(s, end, true)) {
        if ((int64_t)value_list_count(list) >= max) {
            value_list_push(list, string_part(run, s, 0, end));
            break;
        }
        size_t start = skip_left(s, end, false);
        value_list_push(list, string_part(run, s, start, end));
        end = start;
    }
    reverse(list);
}

static void split_text(struct jinja_run *run, struct value s, struct value sep,
                       int64_t max, struct value list)
{
    size_t at = 0;

    while (max < 0 || (int64_t)value_list_count(list) < max) {
        const char *found = memmem(s.as.s + at, s.len - at, sep.as.s, sep.len);
        if (found == NULL) {
            break;
        }
        size_t end = (size_t)(found - s.as.s);
        value_list_push(list, string_part(run, s, at, end));
        at = end + sep.len;
    }
    value_list_push(list, string_part(run, s, at, s.len));
}

static void rsplit_text(struct jinja_run *run, struct value s, struct value sep,
                        int64_t max, struct value list)
{
    size_t end = s.len;
    size_t at = end;

    while (at >= sep.len && (int64_t)value_list_count(list) < max) {
        if (memcmp(s.as.s + at - sep.len, sep.as.s, sep.len) == 0) {
            value_list_push(list, string_part(run, s, at, end));
            at -= sep.len;
            end = at;
        } else {
            at--;
        }
    }
    value_list_push(list, string_part(run, s, 0, end));
    reverse(list);
}

int string_split(struct jinja_run *run, struct value s, struct value separator,
                 int64_t max, bool from_right, struct value *out)
{
    *out = value_list_new(run->arena, 4);
    if (is_missing(separator) || separator.type == VALUE_NONE) {
        if (from_right && max >= 0) {
            rsplit_space(run, s, max, *out);
        } else {
            split_space(run, s, max, *out);
        }
        return 0;
    }
    if (separator.type != VALUE_STRING) {
        return jinja_raise(run, "TypeError", "must be str or None, not %s",
                           jinja_type_name(separator));
    }
    if (separator.len == 0) {
        return jinja_raise(run, "ValueError", "empty separator");
    }
    if (from_right && max >= 0) {
        rsplit_text(run, s, separator, max, *out);
    } else {
        split_text(run, s, separator, max, *out);
    }
    return 0;
}

static bool is_line_end(uint32_t c)
{
    return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
           c == 0x2028 || c == 0x2029;
}

struct value string_splitlines(struct jinja_run *run, struct value s, bool keep)
{
    struct value lines = value_list_new(run->arena, 4);
    size_t start = 0;

    for (size_t at = 0; at < s.len;) {
        size_t end = at;
        uint32_t c = next_char(s, &at);
        if (!is_line_end(c)) {
            continue;
        }
        if (c == '\r' && at < s.len && s.as.s[at] == '\n') {
            at++;
        }
        value_list_push(lines, string_part(run, s, start, keep ? at : end));
        start = at;
    }
    if (start < s.len) {
        value_list_push(lines, string_part(run, s, start, s.len));
    }
    return lines;
}

int string_pad(struct jinja_run *run, struct value s, int64_t width, const char *fill,
               char where, struct value *out)
{
    int64_t length = (int64_t)text_length(s.as.s, s.len);
    int64_t missing = width - length;
    size_t unit = strlen(fill);

    if (missing <= 0) {
        *out = s;
        return 0;
    }
    if (missing > INT32_MAX || run_reserve(run, (size_t)missing * unit + s.len) != 0) {
        return jinja_raise(run, "MemoryError", "template needs too much memory");
    }
    int64_t left = where == '<'   ? 0
                   : where == '>' ? missing
                                  : missing / 2 + (missing & width & 1);
    char *text = run_alloc_text(run, s.len + (size_t)missing * unit);
    if (text == NULL) {
        return -1;
    }
    *out = value_str_n(text, s.len + (size_t)missing * unit);
    out->flags = s.flags;
    for (int64_t i = 0; i < left; i++, text += unit) {
        memcpy(text, fill, unit);
    }
    memcpy(text, s.as.s, s.len);
    text += s.len;
    for (int64_t i = left; i < missing; i++, text += unit) {
        memcpy(text, fill, unit);
    }
    return 0;
}

int string_join(struct jinja_run *run, struct value separator, struct value items,
                bool convert_items, struct value *out)
{
    size_t mark;
    struct buf *text = scratch_begin(run, &mark);

    for (size_t i = 0; i < value_list_count(items); i++) {
        struct value item = value_list_at(items, i);
        if (i > 0) {
            buf_add(text, separator.as.s, separator.len);
        }
        if (item.type != VALUE_STRING && !convert_items) {
            return jinja_raise(run, "TypeError",
                               "sequence item %zu: expected str instance, %s found", i,
                               jinja_type_name(item));
        }
        if (run_step(run) != 0 || jinja_str(run, item, text) != 0) {
            return -1;
        }
    }
    *out = scratch_take(run, mark);
    return 0;
}
