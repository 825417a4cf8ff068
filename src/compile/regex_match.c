/* re.Match, and the replacement texts of sub(). */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "compile/regex.h"

static const struct jinja_class match_class;

struct value match_new(struct arena *arena, struct pattern *pattern,
                       struct value subject, const size_t *spans, size_t from,
                       size_t to)
{
    struct match *match = arena_new(arena, struct match);

    match->base.class = &match_class.base;
    match->pattern = pattern;
    match->subject = subject;
    match->count = pattern->syntax.count;
    match->spans = arena_array(arena, size_t, 2 * match->count);
    memcpy(match->spans, spans, 2 * match->count * sizeof *spans);
    match->from = from;
    match->to = to;
    return jinja_object_value(&match->base);
}

struct value match_group(struct arena *arena, const struct match *match, size_t group,
                         struct value fallback)
{
    size_t start = match->spans[2 * group];
    size_t end = match->spans[2 * group + 1];

    if (start == PCRE2_UNSET) {
        return fallback;
    }
    return value_copy_str_n(arena, match->subject.as.s + start,
                            end > start ? end - start : 0);
}

/* ---- groups ---------------------------------------------------------------------- */

/* 1 = found, 0 = no such group. */
static int find_group(const struct match *match, struct value key, size_t *out)
{
    if (value_is_str(key)) {
        key = value_dict_get_value(match->pattern->syntax.names, key);
    }
    int64_t n = value_is(key, VALUE_BOOL)  ? key.as.b
                : value_is(key, VALUE_INT) ? key.as.i
                                           : -1;
    *out = (size_t)n;
    return n >= 0 && (size_t)n < match->count;
}

static int want_group(struct jinja_call *call, struct value key, size_t *out)
{
    return find_group(call->context, key, out)
               ? 0
               : jinja_raise(call->run, "IndexError", "no such group");
}

static int call_group(struct jinja_call *call, struct value *out)
{
    const struct match *match = call->context;
    struct value tuple = value_tuple_new(call->arena, call->arg_count + 1);
    size_t group = 0;

    for (size_t i = 0; i < call->arg_count; i++) {
        if (want_group(call, call->args[i], &group) != 0) {
            return -1;
        }
        value_list_push(tuple, match_group(call->arena, match, group, value_none()));
    }
    *out = call->arg_count > 1 ? tuple
                               : match_group(call->arena, match, group, value_none());
    return 0;
}

static int read_default(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"default", JINJA_OPTIONAL}};

    if (jinja_args(call, params, 1, out) != 0) {
        return -1;
    }
    *out = jinja_is_missing(*out) ? value_none() : *out;
    return 0;
}

static int call_groups(struct jinja_call *call, struct value *out)
{
    const struct match *match = call->context;
    struct value fallback;

    if (read_default(call, &fallback) != 0) {
        return -1;
    }
    *out = value_tuple_new(call->arena, match->count);
    for (size_t i = 1; i < match->count; i++) {
        value_list_push(*out, match_group(call->arena, match, i, fallback));
    }
    return 0;
}

static int call_groupdict(struct jinja_call *call, struct value *out)
{
    const struct match *match = call->context;
    const struct value_pair *pair;
    struct value fallback;
    size_t at = 0;

    if (read_default(call, &fallback) != 0) {
        return -1;
    }
    *out = value_dict_new(call->arena, 4);
    while ((pair = value_dict_next(match->pattern->syntax.names, &at)) != NULL) {
        value_dict_put_value(
            *out, pair->key,
            match_group(call->arena, match, (size_t)pair->value.as.i, fallback));
    }
    return 0;
}

/* ---- positions, which Python counts in characters -------------------------------- */

static struct value characters(const struct match *match, size_t bytes)
{
    return value_int(
        bytes == PCRE2_UNSET
            ? -1
            : (int64_t)u8_mbsnlen((const uint8_t *)match->subject.as.s, bytes));
}

static struct value span_of(struct arena *arena, const struct match *match,
                            size_t group)
{
    struct value tuple = value_tuple_new(arena, 2);

    value_list_push(tuple, characters(match, match->spans[2 * group]));
    value_list_push(tuple, characters(match, match->spans[2 * group + 1]));
    return tuple;
}

static int position(struct jinja_call *call, size_t *group)
{
    static const struct jinja_param params[] = {
        {"group", JINJA_OPTIONAL | JINJA_POSITIONAL_ONLY}};
    struct value key;

    *group = 0;
    if (jinja_args(call, params, 1, &key) != 0) {
        return -1;
    }
    return jinja_is_missing(key) ? 0 : want_group(call, key, group);
}

static int call_start(struct jinja_call *call, struct value *out)
{
    const struct match *match = call->context;
    size_t group;

    if (position(call, &group) != 0) {
        return -1;
    }
    *out = characters(match, match->spans[2 * group]);
    return 0;
}

static int call_end(struct jinja_call *call, struct value *out)
{
    const struct match *match = call->context;
    size_t group;

    if (position(call, &group) != 0) {
        return -1;
    }
    *out = characters(match, match->spans[2 * group + 1]);
    return 0;
}

static int call_span(struct jinja_call *call, struct value *out)
{
    size_t group;

    if (position(call, &group) != 0) {
        return -1;
    }
    *out = span_of(call->arena, call->context, group);
    return 0;
}

/* ---- replacement texts ----------------------------------------------------------- */

static int add_group(struct jinja_run *run, const struct match *match, size_t group,
                     struct buf *out)
{
    struct value v = match_group(jinja_arena(run), match, group, value_str_n("", 0));

    buf_add(out, v.as.s, v.len);
    return 0;
}

/* Behind "\g": a name or number in angle brackets. */
static int expand_named(struct jinja_run *run, const struct match *match,
                        const char *text, const char **at, struct buf *out)
{
    const char *start = *at + 1;
    size_t group;

    if (**at != '<') {
        return regex_error(run, text, *at, "missing <");
    }
    const char *close = strchr(start, '>');
    if (close == start || *start == '\0') {
        return regex_error(run, text, start, "missing group name");
    }
    if (close == NULL) {
        return regex_error(run, text, start, "missing >, unterminated name");
    }
    size_t len = (size_t)(close - start);
    struct value name = value_copy_str_n(jinja_arena(run), start, len);
    *at = close + 1;
    if (strspn(name.as.s, "0123456789") == len) {
        unsigned long n = strtoul(name.as.s, NULL, 10);
        return n < match->count
                   ? add_group(run, match, n, out)
                   : regex_error(run, text, start, "invalid group reference %lu", n);
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)start[i];
        if (c < 0x80 && c != '_' && !(isalnum(c) && (i > 0 || !isdigit(c)))) {
            return regex_error(run, text, start, "bad character in group name '%s'",
                               name.as.s);
        }
    }
    return find_group(match, name, &group)
               ? add_group(run, match, group, out)
               : jinja_raise(run, "IndexError", "unknown group name '%s'", name.as.s);
}

/* Behind a backslash: \1 to \99, or an octal number. */
static int expand_number(struct jinja_run *run, const struct match *match,
                         const char *text, const char **at, struct buf *out)
{
    const char *digits = *at;
    size_t octal = strspn(digits, "01234567");
    unsigned long n = 0;

    if (*digits == '0' || octal >= 3) {
        octal = octal > 3 ? 3 : octal;
        for (size_t i = 0; i < octal; i++) {
            n = n * 8 + (unsigned long)(digits[i] - '0');
        }
        *at += octal;
        if (n > 0377) {
            return regex_error(run, text, digits - 1,
                               "octal escape value \\%.3s outside of range 0-0o377",
                               digits);
        }
        uint8_t utf8[6];
        int size = u8_uctomb(utf8, (ucs4_t)n, sizeof(utf8));
        buf_add(out, (const char *)utf8, size > 0 ? (size_t)size : 0);
        return 0;
    }
    n = (unsigned long)(*(*at)++ - '0');
    if (isdigit((unsigned char)**at)) {
        n = n * 10 + (unsigned long)(*(*at)++ - '0');
    }
    return n < match->count
               ? add_group(run, match, n, out)
               : regex_error(run, text, digits, "invalid group reference %lu", n);
}

int match_expand(struct jinja_run *run, const struct match *match, struct value text,
                 struct buf *out)
{
    static const char simple[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    const char *end = text.as.s + text.len;

    for (const char *at = text.as.s; at < end;) {
        const char *start = at;
        if (*at++ != '\\') {
            buf_addc(out, *start);
            continue;
        }
        if (at >= end) {
            return regex_error(run, text.as.s, start, "bad escape (end of pattern)");
        }
        const char *known = NULL;
        for (size_t i = 0; i < sizeof(simple) - 1 && known == NULL; i += 2) {
            known = *at == simple[i] ? &simple[i + 1] : NULL;
        }
        int rc = 0;
        if (known != NULL) {
            buf_addc(out, *known);
            at++;
        } else if (*at == 'g') {
            at++;
            rc = expand_named(run, match, text.as.s, &at, out);
        } else if (isdigit((unsigned char)*at)) {
            rc = expand_number(run, match, text.as.s, &at, out);
        } else if (isalpha((unsigned char)*at)) {
            rc = regex_error(run, text.as.s, start, "bad escape \\%c", *at);
        } else {
            buf_addc(out, '\\');
        }
        if (rc != 0) {
            return -1;
        }
    }
    return 0;
}

static int call_expand(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"template", 0}};
    struct buf text = BUF_INIT;
    struct value template;
    const char *checked;

    if (jinja_args(call, params, 1, &template) != 0 ||
        jinja_want_str(call, "template", template, &checked) != 0) {
        return -1;
    }
    int rc = match_expand(call->run, call->context, template, &text);
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return rc;
}

/* ---- the class ------------------------------------------------------------------- */

/* The group that was closed last, or 0: the one that ends last; of several the one
 * that the pattern closes last. */
static size_t last_group(const struct match *match)
{
    const uint16_t *order = match->pattern->syntax.close_order;
    size_t last = 0;

    for (size_t i = 1; i < match->count; i++) {
        size_t end = match->spans[2 * i + 1];
        size_t best = match->spans[2 * last + 1];
        if (match->spans[2 * i] != PCRE2_UNSET &&
            (last == 0 || end > best || (end == best && order[i] > order[last]))) {
            last = i;
        }
    }
    return last;
}

static struct value name_of(const struct match *match, size_t group)
{
    const struct value_pair *pair;
    size_t at = 0;

    while ((pair = value_dict_next(match->pattern->syntax.names, &at)) != NULL) {
        if ((size_t)pair->value.as.i == group) {
            return pair->key;
        }
    }
    return value_none();
}

static int match_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    static const struct {
        const char *name;
        jinja_function function;
    } methods[] = {
        {"end", call_end},       {"expand", call_expand},       {"group", call_group},
        {"groups", call_groups}, {"groupdict", call_groupdict}, {"span", call_span},
        {"start", call_start},
    };
    const struct match *match = (const struct match *)self;
    size_t last = last_group(match);

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(name->s, methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), methods[i].name,
                                        methods[i].function, self);
            return 1;
        }
    }
    if (strcmp(name->s, "string") == 0) {
        *out = match->subject;
    } else if (strcmp(name->s, "re") == 0) {
        *out = pattern_value(match->pattern);
    } else if (strcmp(name->s, "pos") == 0) {
        *out = characters(match, match->from);
    } else if (strcmp(name->s, "endpos") == 0) {
        *out = characters(match, match->to);
    } else if (strcmp(name->s, "lastindex") == 0) {
        *out = last > 0 ? value_int((int64_t)last) : value_none();
    } else if (strcmp(name->s, "lastgroup") == 0) {
        *out = name_of(match, last);
    } else {
        return 0;
    }
    return 1;
}

static int match_getitem(struct value_object *self, struct jinja_run *run,
                         struct value key, struct value *out)
{
    const struct match *match = (const struct match *)self;
    size_t group;

    if (!find_group(match, key, &group)) {
        return 0;
    }
    *out = match_group(jinja_arena(run), match, group, value_none());
    return 1;
}

static int match_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct match *match = (const struct match *)self;
    struct arena *arena = jinja_arena(run);

    buf_adds(out, "<re.Match object; span=");
    if (jinja_repr(run, span_of(arena, match, 0), out) != 0) {
        return -1;
    }
    buf_adds(out, ", match=");
    if (jinja_repr(run, match_group(arena, match, 0, value_none()), out) != 0) {
        return -1;
    }
    buf_addc(out, '>');
    return 0;
}

static const struct jinja_class match_class = {
    .base = {.name = "re.Match"},
    .getattr = match_getattr,
    .getitem = match_getitem,
    .repr = match_repr,
};
