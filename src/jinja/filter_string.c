/* Filters over text. */
#include "config.h"

#include "jinja/strings.h"

#include <unictype.h>
#include <unistr.h>

#include "jinja/format.h"
#include "jinja/sort.h"
#include "jinja/urlize.h"
#include "jinja/wrap.h"

/* soft_str(): strings as they are (Markup too), else str(). */
static int soft_str(struct jinja_call *call, struct value *v)
{
    return jinja_to_str(call->run, *v, v);
}

static struct value unmarked(struct value v)
{
    v.flags = 0;
    return v;
}

#define CASE_FILTER(name)                                                              \
    static int filter_##name(struct jinja_call *call, struct value *a,                 \
                             struct value *out)                                        \
    {                                                                                  \
        if (soft_str(call, &a[0]) != 0) {                                              \
            return -1;                                                                 \
        }                                                                              \
        *out = string_##name(call->run, a[0]);                                         \
        return 0;                                                                      \
    }
CASE_FILTER(upper)
CASE_FILTER(lower)
CASE_FILTER(capitalize)
#undef CASE_FILTER

static bool begins_word_after(char c)
{
    return c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
}

/* As Jinja's: a word begins after white space and -({[<. */
static int filter_title(struct jinja_call *call, struct value *a, struct value *out)
{
    struct buf text = BUF_INIT;
    bool begin = true;

    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    const struct value s = unmarked(a[0]);
    size_t word = 0;
    for (size_t at = 0; at <= s.len;) {
        ucs4_t c = ' ';
        size_t n = at < s.len
                       ? (size_t)u8_mbtouc(&c, (const uint8_t *)s.as.s + at, s.len - at)
                       : 1;
        bool separator =
            at == s.len || text_is_space(c) || (c < 0x80 && begins_word_after((char)c));
        if (begin && !separator) {
            struct value first =
                string_upper(call->run, string_part(call->run, s, at, at + n));
            buf_add(&text, first.as.s, first.len);
            word = at + n;
            begin = false;
        } else if (separator) {
            if (!begin) {
                struct value rest =
                    string_lower(call->run, string_part(call->run, s, word, at));
                buf_add(&text, rest.as.s, rest.len);
            }
            begin = true;
            buf_add(&text, s.as.s + at, at < s.len ? n : 0);
        }
        at += n;
    }
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static int filter_string(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = a[0];
    return soft_str(call, out);
}

static int filter_trim(struct jinja_call *call, struct value *a, struct value *out)
{
    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    if (!is_missing(a[1]) && a[1].type != VALUE_NONE && a[1].type != VALUE_STRING) {
        return jinja_raise(call->run, "TypeError", "strip arg must be None or str");
    }
    *out = string_strip(call->run, a[0], a[1], true, true);
    return 0;
}

static int filter_center(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t width = 80;

    if (soft_str(call, &a[0]) != 0 ||
        (!is_missing(a[1]) && value_index(call->run, a[1], &width) != 0)) {
        return -1;
    }
    return string_pad(call->run, a[0], width, " ", '^', out);
}

static int filter_replace(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t count = -1;

    if (soft_str(call, &a[0]) != 0 || soft_str(call, &a[1]) != 0 ||
        soft_str(call, &a[2]) != 0 ||
        (a[3].type > VALUE_NONE && value_index(call->run, a[3], &count) != 0)) {
        return -1;
    }
    int rc = string_replace(call->run, unmarked(a[0]), unmarked(a[1]), unmarked(a[2]),
                            count, out);
    out->flags = 0;
    return rc;
}

static int filter_join(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value items;
    struct value separator = is_missing(a[1]) ? value_str_n("", 0) : a[1];

    if (soft_str(call, &separator) != 0) {
        return -1;
    }
    if (is_missing(a[2]) || a[2].type == VALUE_NONE) {
        items = a[0];
        if (!is_sequence(items) && jinja_to_list(call->run, a[0], &items) != 0) {
            if (a[0].type != VALUE_OBJECT) {
                err_clear(call->run->err);
                return jinja_raise(call->run, "TypeError",
                                   "'%s' object is not iterable",
                                   jinja_type_name(a[0]));
            }
            return -1;
        }
    } else {
        struct iter it;
        struct value item;
        int more;
        items = value_list_new(call->arena, 4);
        if (iter_init(call->run, a[0], &it) != 0) {
            return -1;
        }
        while ((more = iter_next(call->run, &it, &item)) > 0) {
            if (sort_attribute(call->run, item, a[2], value_none(), &item) != 0) {
                return -1;
            }
            value_list_push(items, item);
        }
        if (more < 0) {
            return -1;
        }
    }
    return string_join(call->run, separator, items, true, out);
}

static int filter_format(struct jinja_call *call, struct value *a, struct value *out)
{
    if (value_list_count(a[1]) > 0 && value_dict_count(a[2]) > 0) {
        return jinja_raise(call->run, "FilterArgumentError",
                           "can't handle positional and keyword arguments at the same"
                           " time");
    }
    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    return format_percent(call->run, a[0], value_dict_count(a[2]) > 0 ? a[2] : a[1],
                          out);
}

/* ---- markup
 * ------------------------------------------------------------------------------- */

struct value markup_escape(struct jinja_run *run, struct value v)
{
    static const char special[] = "&<>\"'";
    static const char *const escaped[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
    size_t mark;

    if (v.type != VALUE_STRING || (v.flags & VALUE_MARKUP) != 0) {
        return v;
    }
    if (strpbrk(v.as.s, special) == NULL && memchr(v.as.s, '\0', v.len) == NULL) {
        v.flags = VALUE_MARKUP;
        return v;
    }
    struct buf *text = scratch_begin(run, &mark);
    for (uint32_t i = 0; i < v.len; i++) {
        const char *found = v.as.s[i] != '\0' ? strchr(special, v.as.s[i]) : NULL;
        if (found != NULL) {
            buf_adds(text, escaped[found - special]);
        } else {
            buf_addc(text, v.as.s[i]);
        }
    }
    v = scratch_take(run, mark);
    v.flags = VALUE_MARKUP;
    return v;
}

static int filter_escape(struct jinja_call *call, struct value *a, struct value *out)
{
    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    *out = markup_escape(call->run, a[0]);
    return 0;
}

static int filter_forceescape(struct jinja_call *call, struct value *a,
                              struct value *out)
{
    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    *out = markup_escape(call->run, unmarked(a[0]));
    return 0;
}

static int filter_safe(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = a[0];
    if (soft_str(call, out) != 0) {
        return -1;
    }
    out->flags |= VALUE_MARKUP;
    return 0;
}

/* &lt; and the like, as html.unescape() for what templates hold. */
static size_t unescape_one(const char *s, size_t len, struct buf *out)
{
    static const struct {
        const char *name;
        const char *text;
    } entities[] = {{"&amp;", "&"},       {"&lt;", "<"},         {"&gt;", ">"},
                    {"&quot;", "\""},     {"&apos;", "'"},       {"&nbsp;", "\u00a0"},
                    {"&copy;", "\u00a9"}, {"&raquo;", "\u00bb"}, {"&laquo;", "\u00ab"}};
    uint8_t utf8[6];

    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        size_t n = strlen(entities[i].name);
        if (len >= n && memcmp(s, entities[i].name, n) == 0) {
            buf_adds(out, entities[i].text);
            return n;
        }
    }
    if (len < 4 || s[1] != '#') {
        return 0;
    }
    bool hex = (s[2] | 0x20) == 'x';
    uint32_t c = 0;
    size_t at = hex ? 3 : 2;
    size_t first = at;
    while (at < len && at < first + 8) {
        char d = s[at];
        int digit = d >= '0' && d <= '9' ? d - '0'
                    : hex && (d | 0x20) >= 'a' && (d | 0x20) <= 'f'
                        ? (d | 0x20) - 'a' + 10
                        : -1;
        if (digit < 0) {
            break;
        }
        c = c * (hex ? 16 : 10) + (uint32_t)digit;
        at++;
    }
    int n = at > first ? u8_uctomb(utf8, c, 6) : -1;
    if (n < 0) {
        return 0;
    }
    buf_add(out, (char *)utf8, (size_t)n);
    return at < len && s[at] == ';' ? at + 1 : at;
}

/* Position behind the tag or comment at `at`, or 0 when it is not closed. */
static size_t tag_end(const char *s, size_t len, size_t at)
{
    bool comment = len - at >= 4 && memcmp(s + at, "<!--", 4) == 0;
    const char *close =
        comment ? memmem(s + at, len - at, "-->", 3) : memchr(s + at, '>', len - at);

    return close != NULL ? (size_t)(close - s) + (comment ? 3 : 1) : 0;
}

static void without_tags(struct value v, struct buf *out)
{
    for (size_t at = 0; at < v.len;) {
        size_t end = v.as.s[at] == '<' ? tag_end(v.as.s, v.len, at) : 0;
        if (end != 0) {
            at = end;
            continue;
        }
        if (v.as.s[at] == '<') { /* nothing behind it is closed either */
            buf_add(out, v.as.s + at, v.len - at);
            return;
        }
        buf_addc(out, v.as.s[at++]);
    }
}

static int filter_striptags(struct jinja_call *call, struct value *a, struct value *out)
{
    struct buf plain = BUF_INIT;
    size_t mark;

    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    without_tags(a[0], &plain);
    struct value words;
    struct value text = value_copy_str_n(call->arena, buf_str(&plain), plain.len);
    buf_fini(&plain);
    string_split(call->run, text, value_none(), -1, false, &words);
    if (string_join(call->run, value_str_n(" ", 1), words, false, &text) != 0) {
        return -1;
    }
    struct buf *result = scratch_begin(call->run, &mark);
    for (size_t at = 0; at < text.len;) {
        size_t n = text.as.s[at] == '&'
                       ? unescape_one(text.as.s + at, text.len - at, result)
                       : 0;
        if (n == 0) {
            buf_addc(result, text.as.s[at]);
            n = 1;
        }
        at += n;
    }
    *out = scratch_take(call->run, mark);
    return 0;
}

static bool bad_in_key(char c)
{
    return strchr(" \t\n\r\f\v/>=", c) != NULL;
}

static int filter_xmlattr(struct jinja_call *call, struct value *a, struct value *out)
{
    struct buf text = BUF_INIT;
    size_t at = 0;

    if (a[0].type != VALUE_DICT) {
        return a[0].type == VALUE_UNDEFINED
                   ? undefined_raise(call->run, a[0])
                   : jinja_raise(call->run, "AttributeError",
                                 "'%s' object has no attribute 'items'",
                                 jinja_type_name(a[0]));
    }
    for (const struct value_pair *p; (p = value_dict_next(a[0], &at)) != NULL;) {
        struct value key = p->key;
        struct value value = p->value;
        if (value_is_null(value)) {
            continue;
        }
        if (soft_str(call, &key) != 0 || soft_str(call, &value) != 0) {
            buf_fini(&text);
            return -1;
        }
        for (uint32_t i = 0; i < key.len; i++) {
            if (bad_in_key(key.as.s[i])) {
                struct buf shown = BUF_INIT;
                text_repr(key.as.s, key.len, &shown);
                jinja_raise(call->run, "ValueError",
                            "Invalid character in attribute name: %s", buf_str(&shown));
                buf_fini(&shown);
                buf_fini(&text);
                return -1;
            }
        }
        key = markup_escape(call->run, key);
        value = markup_escape(call->run, value);
        buf_addf(&text, "%s%s=\"", text.len > 0 ? " " : "", key.as.s);
        buf_add(&text, value.as.s, value.len);
        buf_addc(&text, '"');
    }
    bool space = (is_missing(a[1]) || jinja_truth(a[1])) && text.len > 0;
    *out =
        value_str(arena_printf(call->arena, "%s%s", space ? " " : "", buf_str(&text)));
    out->flags = call->run->autoescape ? VALUE_MARKUP : 0;
    buf_fini(&text);
    return 0;
}

/* ---- lines and words
 * ----------------------------------------------------------------------- */

static int bad_indent(struct jinja_run *run, struct value v)
{
    if (v.type == VALUE_LIST) { /* += adds the newline to it */
        return jinja_raise(run, "AttributeError",
                           "'list' object has no attribute 'splitlines'");
    }
    return v.type == VALUE_TUPLE
               ? jinja_raise(run, "TypeError",
                             "can only concatenate tuple (not \"str\") to tuple")
               : jinja_raise(run, "TypeError",
                             "unsupported operand type(s) for +=: '%s' and 'str'",
                             jinja_type_name(v));
}

static int filter_indent(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value indent = value_str_n("    ", 4);
    bool first = !is_missing(a[2]) && jinja_truth(a[2]);
    bool blank = !is_missing(a[3]) && jinja_truth(a[3]);
    size_t mark;

    if (a[0].type != VALUE_STRING) {
        return a[0].type == VALUE_UNDEFINED ? undefined_raise(call->run, a[0])
                                            : bad_indent(call->run, a[0]);
    }
    if (a[1].type == VALUE_STRING) {
        indent = a[1];
    } else if (!is_missing(a[1]) &&
               op_binary(call->run, '*', value_str_n(" ", 1), a[1], &indent) != 0) {
        return -1;
    }
    struct value with_newline;
    if (op_binary(call->run, '+', unmarked(a[0]), value_str_n("\n", 1),
                  &with_newline) != 0) {
        return -1;
    }
    struct value lines = string_splitlines(call->run, with_newline, false);
    if (run_reserve(call->run, value_list_count(lines) * (indent.len + 1)) != 0) {
        return -1;
    }
    struct buf *text = scratch_begin(call->run, &mark);
    for (size_t i = 0; i < value_list_count(lines); i++) {
        struct value line = value_list_at(lines, i);
        if (i > 0) {
            buf_addc(text, '\n');
        }
        if (i == 0 ? first : blank || line.len > 0) {
            buf_add(text, indent.as.s, indent.len);
        }
        buf_add(text, line.as.s, line.len);
    }
    *out = scratch_take(call->run, mark);
    out->flags = a[0].flags;
    return 0;
}

static int filter_truncate(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t length = 255;
    int64_t leeway = 5;
    struct value end = is_missing(a[3]) ? value_str_n("...", 3) : a[3];

    if ((!is_missing(a[1]) && value_index(call->run, a[1], &length) != 0) ||
        (a[4].type > VALUE_NONE && value_index(call->run, a[4], &leeway) != 0)) {
        return -1;
    }
    int64_t end_length = value_length(end);
    int64_t size = value_length(a[0]);
    if (length < end_length) {
        return jinja_raise(call->run, "AssertionError",
                           "expected length >= %lld, got %lld", (long long)end_length,
                           (long long)length);
    }
    if (leeway < 0) {
        return jinja_raise(call->run, "AssertionError",
                           "expected leeway >= 0, got %lld", (long long)leeway);
    }
    if (size < 0) {
        return jinja_raise(call->run, "TypeError", "object of type '%s' has no len()",
                           jinja_type_name(a[0]));
    }
    if (size <= length + leeway) {
        *out = a[0];
        return 0;
    }
    if (a[0].type != VALUE_STRING) {
        return jinja_raise(call->run, "AttributeError",
                           "'%s' object has no attribute 'rsplit'",
                           jinja_type_name(a[0]));
    }
    struct value head = string_slice(call->run, a[0], 0, length - end_length);
    if (is_missing(a[2]) || !jinja_truth(a[2])) {
        struct value parts;
        if (string_split(call->run, head, value_str_n(" ", 1), 1, true, &parts) != 0) {
            return -1;
        }
        head = value_list_at(parts, 0);
    }
    return op_binary(call->run, '+', head, end, out);
}

static int filter_wordwrap(struct jinja_call *call, struct value *a, struct value *out)
{
    struct wrap_options o = {.width = 79, .break_long = true, .break_hyphens = true};
    struct value separator = a[3].type == VALUE_STRING ? a[3] : value_str_n("\n", 1);
    struct buf text = BUF_INIT;

    if (a[0].type == VALUE_UNDEFINED) {
        return undefined_raise(call->run, a[0]);
    }
    if (a[0].type != VALUE_STRING) {
        return jinja_raise(call->run, "AttributeError",
                           "'%s' object has no attribute 'splitlines'",
                           jinja_type_name(a[0]));
    }
    if (!is_missing(a[1]) && value_index(call->run, a[1], &o.width) != 0) {
        return -1;
    }
    if (o.width <= 0) {
        return jinja_raise(call->run, "ValueError", "invalid width %lld (must be > 0)",
                           (long long)o.width);
    }
    o.break_long = is_missing(a[2]) || jinja_truth(a[2]);
    o.break_hyphens = is_missing(a[4]) || jinja_truth(a[4]);
    struct value lines = string_splitlines(call->run, a[0], false);
    for (size_t i = 0; i < value_list_count(lines); i++) {
        if (i > 0) {
            buf_add(&text, separator.as.s, separator.len);
        }
        wrap_line(value_list_at(lines, i), &o, separator, &text);
    }
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static int filter_wordcount(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t words = 0;
    bool inside = false;

    if (soft_str(call, &a[0]) != 0) {
        return -1;
    }
    for (size_t at = 0; at < a[0].len;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)a[0].as.s + at, a[0].len - at);
        bool word = c == '_' || string_is_alnum(c);
        words += word && !inside;
        inside = word;
    }
    *out = value_int(words);
    return 0;
}

/* ---- URLs
 * -----------------------------------------------------------------------------------
 */

static void url_quote(struct value v, bool query, struct buf *out)
{
    for (uint32_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.as.s[i];
        bool safe = (c >= '0' && c <= '9') ||
                    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                    (c < 0x80 && c != 0 && strchr(query ? "_.-~" : "_.-~/", c) != NULL);
        if (safe) {
            buf_addc(out, (char)c);
        } else if (query && c == ' ') {
            buf_addc(out, '+');
        } else {
            buf_addf(out, "%%%02X", c);
        }
    }
}

static int quote_pair(struct jinja_call *call, struct value key, struct value v,
                      struct buf *out)
{
    if (soft_str(call, &key) != 0 || soft_str(call, &v) != 0) {
        return -1;
    }
    if (out->len > 0) {
        buf_addc(out, '&');
    }
    url_quote(key, true, out);
    buf_addc(out, '=');
    url_quote(v, true, out);
    return 0;
}

static int quote_pairs(struct jinja_call *call, struct value v, struct buf *out)
{
    struct iter it;
    struct value pair;
    struct value items[2];
    size_t at = 0;
    int more;

    if (v.type == VALUE_DICT) {
        for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
            if (quote_pair(call, p->key, p->value, out) != 0) {
                return -1;
            }
        }
        return 0;
    }
    if (iter_init(call->run, v, &it) != 0) {
        return -1;
    }
    while ((more = iter_next(call->run, &it, &pair)) > 0) {
        if (value_unpack(call->run, pair, 2, items) != 0 ||
            quote_pair(call, items[0], items[1], out) != 0) {
            return -1;
        }
    }
    return more;
}

static int filter_urlencode(struct jinja_call *call, struct value *a, struct value *out)
{
    struct buf text = BUF_INIT;
    int rc = 0;

    if (a[0].type == VALUE_STRING || a[0].type == VALUE_NONE || is_number(a[0])) {
        rc = soft_str(call, &a[0]);
        if (rc == 0) {
            url_quote(a[0], false, &text);
        }
    } else {
        rc = quote_pairs(call, a[0], &text);
    }
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return rc;
}

/* rel: the words given and "noopener", sorted. */
static int rel_words(struct jinja_call *call, struct value rel, bool nofollow,
                     struct value *out)
{
    struct value words;
    struct value all = value_list_new(call->arena, 4);
    struct value seen = value_dict_new(call->arena, 4);

    if (rel.type != VALUE_STRING) {
        rel = value_str_n("", 0);
    }
    if (string_split(call->run, rel, value_none(), -1, false, &words) != 0) {
        return -1;
    }
    value_list_push(words, value_str("noopener"));
    if (nofollow) {
        value_list_push(words, value_str("nofollow"));
    }
    for (size_t i = 0; i < value_list_count(words); i++) {
        struct value word = value_list_at(words, i);
        if (value_dict_find(seen, word, value_hash(word)) == NULL) {
            value_dict_put_value(seen, word, value_none());
            value_list_push(all, word);
        }
    }
    return sort_by(call->run, all, all, false) == 0
               ? string_join(call->run, value_str_n(" ", 1), all, false, out)
               : -1;
}

static int filter_urlize(struct jinja_call *call, struct value *a, struct value *out)
{
    struct urlize_options o = {.limit = -1, .schemes = value_none()};
    struct value rel;
    struct value target = a[3];
    struct buf text = BUF_INIT;

    if (soft_str(call, &a[0]) != 0 ||
        (a[1].type > VALUE_NONE && value_index(call->run, a[1], &o.limit) != 0) ||
        rel_words(call, a[4], jinja_truth(a[2]), &rel) != 0 ||
        (a[5].type > VALUE_NONE && jinja_to_list(call->run, a[5], &o.schemes) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(o.schemes); i++) {
        struct value scheme = value_list_at(o.schemes, i);
        size_t n = scheme.type == VALUE_STRING ? strcspn(scheme.as.s, ":") : 0;
        if (n < 2 || strspn(scheme.as.s + n, ":/") != scheme.len - n ||
            scheme.len - n == 0 || scheme.len - n > 3) {
            return jinja_raise(call->run, "FilterArgumentError",
                               "'%s' is not a valid URI scheme prefix.",
                               value_cstr(scheme, ""));
        }
    }
    rel = markup_escape(call->run, rel);
    target = target.type == VALUE_STRING ? markup_escape(call->run, target) : target;
    o.attributes =
        arena_printf(call->arena, " rel=\"%s\"%s%s%s", rel.as.s,
                     target.type == VALUE_STRING ? " target=\"" : "",
                     value_cstr(target, ""), target.type == VALUE_STRING ? "\"" : "");
    urlize(call->run, a[0], &o, &text);
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

const struct builtin_def jinja_string_filters[] = {
    {"capitalize", "do_capitalize", filter_capitalize, "s", 0, false},
    {"center", "do_center", filter_center, "value width?", 0, false},
    {"e", "escape", filter_escape, "s", 0, false},
    {"escape", "escape", filter_escape, "s", 0, false},
    {"forceescape", "do_forceescape", filter_forceescape, "value", 0, false},
    {"format", "do_format", filter_format, "value *args **kwargs", 0, false},
    {"indent", "do_indent", filter_indent, "s width? first? blank?", 0, false},
    {"join", "sync_do_join", filter_join, "value d? attribute?", 1, false},
    {"lower", "do_lower", filter_lower, "s", 0, false},
    {"replace", "do_replace", filter_replace, "s old new count?", 1, false},
    {"safe", "do_mark_safe", filter_safe, "value", 0, false},
    {"string", "soft_str", filter_string, "s", 0, false},
    {"striptags", "do_striptags", filter_striptags, "value", 0, false},
    {"title", "do_title", filter_title, "s", 0, false},
    {"trim", "do_trim", filter_trim, "value chars?", 0, false},
    {"truncate", "do_truncate", filter_truncate, "s length? killwords? end? leeway?", 1,
     false},
    {"upper", "do_upper", filter_upper, "s", 0, false},
    {"urlencode", "do_urlencode", filter_urlencode, "value", 0, false},
    {"urlize", "do_urlize", filter_urlize,
     "value trim_url_limit? nofollow? target? rel? extra_schemes?", 1, false},
    {"wordcount", "do_wordcount", filter_wordcount, "s", 0, false},
    {"wordwrap", "do_wordwrap", filter_wordwrap,
     "s width? break_long_words? wrapstring? break_on_hyphens?", 1, false},
    {"xmlattr", "do_xmlattr", filter_xmlattr, "d autospace?", 1, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
