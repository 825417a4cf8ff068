/* Groups of a regular expression: captures, names, conditions, flags. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include <unictype.h>
#include <unistr.h>

#include "compile/regex_parser.h"

#define MAX_NESTING 200

int parser_reference(struct parser *p, const char *start, const char *digits,
                     long group)
{
    if ((size_t)group >= p->out->count) {
        return fail(p, digits, "invalid group reference %ld", group);
    }
    if (p->out->close_order[group] == 0) {
        return fail(p, start, "cannot refer to an open group");
    }
    buf_addf(p->text, "\\g{%ld}", group);
    return 0;
}

/* A group's name up to `close`, checked to be an identifier. */
static int parse_name(struct parser *p, char close, struct value *out)
{
    const char *start = p->at;
    const char *found = memchr(start, close, (size_t)(p->end - start));

    if (found == start || start == p->end) {
        return fail(p, start, "missing group name");
    }
    if (found == NULL) {
        return fail(p, start, "missing %c, unterminated name", close);
    }
    size_t len = (size_t)(found - start);
    *out = value_copy_str_n(jinja_arena(p->run), start, len);
    p->at = found + 1;
    for (const char *at = start; at < found;) {
        ucs4_t c;
        int n = u8_mbtoucr(&c, (const uint8_t *)at, (size_t)(found - at));
        if (n <= 0 || !(c == '_' || (at == start ? uc_is_property_xid_start(c)
                                                 : uc_is_property_xid_continue(c)))) {
            return fail(p, start, "bad character in group name '%s'", out->as.s);
        }
        at += n;
    }
    return 0;
}

/* The content of a group and its ')'. */
static int parse_inside(struct parser *p, const char *open)
{
    if (++p->depth > MAX_NESTING) {
        return jinja_raise(p->run, "RecursionError",
                           "groups are nested too deeply in a regular expression");
    }
    bool verbose = p->verbose;
    if (parser_alternatives(p) != 0) {
        return -1;
    }
    p->verbose = verbose;
    p->depth--;
    if (!parser_accept(p, ')')) {
        return fail(p, open, "missing ), unterminated subpattern");
    }
    buf_addc(p->text, ')');
    return 0;
}

static int capture(struct parser *p, const char *open)
{
    size_t group = p->out->count;

    if (group >= REGEX_MAX_GROUPS) {
        return fail(p, open, "too many groups");
    }
    p->out->count++;
    buf_addc(p->text, '(');
    if (parse_inside(p, open) != 0) {
        return -1;
    }
    p->out->close_order[group] = (uint16_t)++p->closed;
    return 0;
}

/* Behind "(?P". */
static int parse_named(struct parser *p, const char *open)
{
    struct value name;
    const char *start;

    if (parser_accept(p, '<')) {
        start = p->at;
        if (parse_name(p, '>', &name) != 0) {
            return -1;
        }
        struct value known = value_dict_get_value(p->out->names, name);
        if (value_is(known, VALUE_INT)) {
            return fail(p, start,
                        "redefinition of group name '%s' as group %zu; was group %lld",
                        name.as.s, p->out->count, (long long)known.as.i);
        }
        value_dict_put_value(p->out->names, name, value_int((int64_t)p->out->count));
        return capture(p, open);
    }
    if (parser_accept(p, '=')) {
        start = p->at;
        if (parse_name(p, ')', &name) != 0) {
            return -1;
        }
        struct value known = value_dict_get_value(p->out->names, name);
        if (!value_is(known, VALUE_INT)) {
            return fail(p, start, "unknown group name '%s'", name.as.s);
        }
        return parser_reference(p, start, start, (long)known.as.i);
    }
    if (p->at >= p->end) {
        return fail(p, p->at, "unexpected end of pattern");
    }
    return fail(p, open + 1, "unknown extension ?P%.*s",
                (int)parser_char_size(p, p->at), p->at);
}

/* Behind "(?(": the group that is asked about. */
static int parse_condition(struct parser *p, const char *open)
{
    const char *start = p->at;
    long group = 0;

    if (p->at < p->end && isdigit((unsigned char)*p->at)) {
        while (p->at < p->end && isdigit((unsigned char)*p->at) && group < 100000) {
            group = group * 10 + (*p->at++ - '0');
        }
        if (!parser_accept(p, ')')) {
            return fail(p, start, "missing ), unterminated name");
        }
    } else {
        struct value name;
        if (parse_name(p, ')', &name) != 0) {
            return -1;
        }
        struct value known = value_dict_get_value(p->out->names, name);
        if (!value_is(known, VALUE_INT)) {
            return fail(p, start, "unknown group name '%s'", name.as.s);
        }
        group = (long)known.as.i;
    }
    if (group == 0) {
        return fail(p, start, "bad group number");
    }
    if ((long)p->out->condition < group) {
        p->out->condition = (size_t)group;
        p->out->condition_at = (size_t)(start - p->start);
    }
    buf_addf(p->text, "(?(%ld)", group);
    return parse_inside(p, open);
}

/* Behind "(?<". */
static int parse_lookbehind(struct parser *p, const char *open)
{
    if (p->at >= p->end) {
        return fail(p, p->at, "unexpected end of pattern");
    }
    if (*p->at != '=' && *p->at != '!') {
        return fail(p, open + 1, "unknown extension ?<%.*s",
                    (int)parser_char_size(p, p->at), p->at);
    }
    buf_addf(p->text, "(?<%c", *p->at++);
    return parse_inside(p, open);
}

static unsigned flag_of(char c)
{
    switch (c) {
    case 'i':
        return REGEX_IGNORECASE;
    case 'm':
        return REGEX_MULTILINE;
    case 's':
        return REGEX_DOTALL;
    case 'x':
        return REGEX_VERBOSE;
    case 'a':
        return REGEX_ASCII;
    case 'u':
        return REGEX_UNICODE;
    default:
        return 0;
    }
}

/* Letters of flags. */
static unsigned read_flags(struct parser *p)
{
    unsigned flags = 0;

    while (p->at < p->end && flag_of(*p->at) != 0) {
        flags |= flag_of(*p->at++);
    }
    return flags;
}

/* (?i) for the whole pattern, (?i-s:…) for a part. Behind "(?". */
static int parse_flags(struct parser *p, const char *open)
{
    const char *letters = p->at;
    unsigned on = read_flags(p);
    unsigned off = 0;

    if (on != 0 && parser_accept(p, ')')) {
        if (open != p->start) {
            return fail(p, open, "global flags not at the start of the expression");
        }
        p->out->flags |= on;
        p->verbose = p->verbose || (on & REGEX_VERBOSE) != 0;
        return 0;
    }
    if (parser_accept(p, '-')) {
        off = read_flags(p);
        if (off == 0) {
            return p->at < p->end && isalpha((unsigned char)*p->at)
                       ? fail(p, p->at, "unknown flag")
                       : fail(p, p->at, "missing flag");
        }
    }
    if (!parser_accept(p, ':')) {
        if (p->at >= p->end) {
            return fail(p, p->at, "missing -, : or )");
        }
        return p->at == letters ? fail(p, open + 1, "unknown extension ?%.*s",
                                       (int)parser_char_size(p, p->at), p->at)
                                : fail(p, p->at,
                                       isalpha((unsigned char)*p->at) ? "unknown flag"
                                       : off != 0                     ? "missing :"
                                                  : "missing -, : or )");
    }
    if (((on | off) & (REGEX_ASCII | REGEX_UNICODE)) != 0) {
        return fail(p, letters,
                    "the flags 'a' and 'u' are supported for the whole"
                    " pattern only");
    }
    buf_adds(p->text, "(?");
    for (const char *c = letters; c < p->at; c++) {
        if (*c != 'x') { /* blanks are left out here */
            buf_addc(p->text, *c);
        }
    }
    bool verbose = p->verbose;
    p->verbose = (on & REGEX_VERBOSE) != 0    ? true
                 : (off & REGEX_VERBOSE) != 0 ? false
                                              : verbose;
    int rc = parse_inside(p, open);
    p->verbose = verbose;
    return rc;
}

/* Behind '('. `*last` says what a quantifier would repeat. */
int parser_group(struct parser *p, enum last *last)
{
    const char *open = p->at - 1;
    enum last before = *last;

    *last = LAST_ITEM;
    if (!parser_accept(p, '?')) {
        return capture(p, open);
    }
    if (p->at >= p->end) {
        return fail(p, p->at, "unexpected end of pattern");
    }
    char c = *p->at;
    switch (c) {
    case 'P':
        p->at++;
        return parse_named(p, open);
    case ':':
    case '=':
    case '!':
    case '>':
        p->at++;
        buf_addf(p->text, "(?%c", c);
        return parse_inside(p, open);
    case '<':
        p->at++;
        return parse_lookbehind(p, open);
    case '(':
        p->at++;
        return parse_condition(p, open);
    case '#':
        p->at = memchr(p->at, ')', (size_t)(p->end - p->at));
        *last = before;
        if (p->at == NULL) {
            return fail(p, open, "missing ), unterminated comment");
        }
        p->at++;
        return 0;
    default: {
        size_t written = p->text->len;
        int rc = parse_flags(p, open);
        *last = p->text->len == written ? before : LAST_ITEM;
        return rc;
    }
    }
}
