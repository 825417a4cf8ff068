/*
 * Python's regular expressions as PCRE2 writes them. The rules and the messages are
 * those of CPython 3.11's re._parser; what PCRE2 knows beyond them is refused.
 */
#include "config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unictype.h>
#include <uniname.h>
#include <unistr.h>

#include "base/buf.h"
#include "compile/regex_parser.h"

#define MAX_REPEAT 65535 /* of PCRE2 */

/* ---- errors ---------------------------------------------------------------------- */

int regex_error(struct jinja_run *run, const char *text, const char *at,
                const char *fmt, ...)
{
    struct buf message = BUF_INIT;
    char what[256];
    size_t column = u8_mbsnlen((const uint8_t *)text, (size_t)(at - text));
    size_t line = 1;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    buf_addf(&message, "%s at position %zu", what, column);
    if (strchr(text, '\n') != NULL) {
        const char *from = text;
        for (const char *nl; (nl = memchr(from, '\n', (size_t)(at - from))) != NULL;) {
            from = nl + 1;
            line++;
        }
        buf_addf(&message, " (line %zu, column %zu)", line,
                 u8_mbsnlen((const uint8_t *)from, (size_t)(at - from)) + 1);
    }
    jinja_raise(run, "error", "%s", buf_str(&message));
    buf_fini(&message);
    return -1;
}

/* ---- characters ------------------------------------------------------------------ */

bool parser_accept(struct parser *p, char c)
{
    if (p->at >= p->end || *p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

/* Bytes of the character at `at`. */
size_t parser_char_size(const struct parser *p, const char *at)
{
    int n = u8_mblen((const uint8_t *)at, (size_t)(p->end - at));

    return n > 0 ? (size_t)n : 1;
}

/* As a character of its own, in or outside of a set. */
static void add_literal(struct parser *p, uint32_t c)
{
    if (c < 0x80 && (isalnum((int)c) || c == '_')) {
        buf_addc(p->text, (char)c);
    } else {
        buf_addf(p->text, "\\x{%x}", c);
    }
}

static uint32_t next_char(struct parser *p)
{
    ucs4_t c = 0;
    int n = u8_mbtoucr(&c, (const uint8_t *)p->at, (size_t)(p->end - p->at));

    p->at += n > 0 ? n : 1;
    return c;
}

/* Exactly `count` hexadecimal digits, behind \x, \u or \U. */
static int hex_escape(struct parser *p, const char *start, int count, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (p->at >= p->end || !isxdigit((unsigned char)*p->at)) {
            return fail(p, start, "incomplete escape %.*s", (int)(p->at - start),
                        start);
        }
        char digit[2] = {*p->at++, '\0'};
        *out = *out * 16 + (uint32_t)strtoul(digit, NULL, 16);
    }
    if (*out > 0x10ffff || (*out >= 0xd800 && *out < 0xe000)) {
        return fail(p, start, "bad escape %.*s", (int)(p->at - start), start);
    }
    return 0;
}

/* \N{BULLET}: 1/-1. */
static int named_escape(struct parser *p, const char *start, uint32_t *out)
{
    char name[UNINAME_MAX + 1];

    p->at++;
    if (!parser_accept(p, '{')) {
        return fail(p, start, "missing {");
    }
    const char *close = memchr(p->at, '}', (size_t)(p->end - p->at));
    size_t len = close != NULL ? (size_t)(close - p->at) : 0;
    if (len == 0) {
        return close == NULL ? fail(p, p->at, "missing }, unterminated name")
                             : fail(p, p->at, "missing character name");
    }
    if (len <= UNINAME_MAX) {
        memcpy(name, p->at, len);
        name[len] = '\0';
        *out = unicode_name_character(name);
    }
    if (len > UNINAME_MAX || *out == UNINAME_INVALID) {
        return fail(p, start, "undefined character name '%.*s'", (int)len, p->at);
    }
    p->at = close + 1;
    return 1;
}

/* \n and its like, \x41: 1 = `*out` is the character, 0 = something else, -1. */
static int char_escape(struct parser *p, const char *start, uint32_t *out)
{
    static const char simple[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    char c = *p->at;

    for (size_t i = 0; i < sizeof(simple) - 1; i += 2) {
        if (c == simple[i]) {
            p->at++;
            *out = (unsigned char)simple[i + 1];
            return 1;
        }
    }
    if (c == 'N') {
        return named_escape(p, start, out);
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) {
        return 0;
    }
    p->at++;
    return hex_escape(p, start, digits, out) == 0 ? 1 : -1;
}

static int octal_escape(struct parser *p, const char *start, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 3 && p->at < p->end && *p->at >= '0' && *p->at <= '7'; i++) {
        *out = *out * 8 + (uint32_t)(*p->at++ - '0');
    }
    return *out <= 0377 ? 0
                        : fail(p, start,
                               "octal escape value %.*s outside of range"
                               " 0-0o377",
                               (int)(p->at - start), start);
}

static int bad_escape(struct parser *p, const char *start)
{
    size_t n = p->at < p->end ? parser_char_size(p, p->at) : 0;

    return n == 0 ? fail(p, start, "bad escape (end of pattern)")
                  : fail(p, start, "bad escape \\%.*s", (int)n, p->at);
}

/* \d \D \w \W, and \s \S with the separators that Python counts as white space. */
static bool add_class(struct parser *p, char c, bool in_set)
{
    if (strchr("dDwWsS", c) == NULL) {
        return false;
    }
    if ((c == 's' || c == 'S') && (p->out->flags & REGEX_ASCII) == 0 &&
        (c == 's' || !in_set)) {
        buf_addf(p->text, "%s\\s\\x1c-\\x1f\\x85%s",
                 in_set     ? ""
                 : c == 's' ? "["
                            : "[^",
                 in_set ? "" : "]");
    } else {
        buf_addf(p->text, "\\%c", c);
    }
    p->at++;
    return true;
}

/* ---- sets ------------------------------------------------------------------------ */

/* One end of a range: 1 = a character, 0 = a class that is written already, -1. */
static int set_item(struct parser *p, uint32_t *out)
{
    const char *start = p->at;

    if (!parser_accept(p, '\\')) {
        *out = next_char(p);
        return 1;
    }
    if (p->at >= p->end) {
        return bad_escape(p, start);
    }
    if (add_class(p, *p->at, true)) {
        return 0;
    }
    if (*p->at >= '0' && *p->at <= '7') {
        return octal_escape(p, start, out) == 0 ? 1 : -1;
    }
    int found = char_escape(p, start, out);
    if (found != 0) {
        return found;
    }
    if (isalnum((unsigned char)*p->at)) {
        return bad_escape(p, start);
    }
    *out = next_char(p);
    return 1;
}

/* Behind '['. */
static int parse_set(struct parser *p)
{
    const char *open = p->at - 1;
    bool first = true;

    buf_adds(p->text, parser_accept(p, '^') ? "[^" : "[");
    for (;; first = false) {
        const char *start = p->at;
        uint32_t low;
        uint32_t high;
        if (p->at >= p->end) {
            return fail(p, open, "unterminated character set");
        }
        if (!first && parser_accept(p, ']')) {
            buf_addc(p->text, ']');
            return 0;
        }
        int kind = set_item(p, &low);
        if (kind < 0) {
            return -1;
        }
        if (kind > 0) {
            add_literal(p, low);
        }
        if (p->end - p->at < 2 || p->at[0] != '-' || p->at[1] == ']') {
            continue;
        }
        p->at++;
        size_t mark = p->text->len;
        int other = set_item(p, &high);
        if (other < 0) {
            return -1;
        }
        if (kind == 0 || other == 0 || high < low) {
            return fail(p, start, "bad character range %.*s", (int)(p->at - start),
                        start);
        }
        buf_truncate(p->text, mark);
        buf_addc(p->text, '-');
        add_literal(p, high);
    }
}

/* ---- quantifiers ----------------------------------------------------------------- */

/* {n}, {n,}, {,m}, {n,m} behind the '{': 1 = read, 0 = not one of them, -1. */
static int parse_counts(struct parser *p, long *low, long *high)
{
    const char *here = p->at;
    const char *at = p->at;
    bool comma = false;
    bool any = false;

    *low = 0;
    *high = -1;
    for (; at < p->end && *at != '}'; at++) {
        if (*at == ',' && !comma) {
            comma = true;
            *high = -1;
            any = false;
        } else if (isdigit((unsigned char)*at)) {
            long *n = comma ? high : low;
            *n = (any ? *n : 0) * 10 + (*at - '0');
            any = true;
            if (*n > MAX_REPEAT) {
                return jinja_raise(p->run, "OverflowError",
                                   "the repetition number is too large");
            }
        } else {
            return 0;
        }
    }
    if (at >= p->end || at == here) {
        return 0;
    }
    p->at = at + 1;
    *high = comma ? *high : *low;
    if (*high >= 0 && *high < *low) {
        return fail(p, here, "min repeat greater than max repeat");
    }
    return 1;
}

/* Behind a quantifier's first character. 1 = a literal '{' after all. */
static int parse_quantifier(struct parser *p, enum last *last)
{
    const char *start = p->at - 1;
    long low;
    long high;

    if (*start == '{') {
        int found = parse_counts(p, &low, &high);
        if (found <= 0) {
            if (found == 0) {
                add_literal(p, '{');
                *last = LAST_ITEM;
            }
            return found;
        }
    }
    if (*last == LAST_NOTHING || *last == LAST_POSITION) {
        return fail(p, start, "nothing to repeat");
    }
    if (*last == LAST_REPEAT) {
        return fail(p, start, "multiple repeat");
    }
    if (*start != '{') {
        buf_addc(p->text, *start);
    } else if (high < 0) {
        buf_addf(p->text, "{%ld,}", low);
    } else {
        buf_addf(p->text, "{%ld,%ld}", low, high);
    }
    if (p->at < p->end && (*p->at == '?' || *p->at == '+')) {
        buf_addc(p->text, *p->at++);
    }
    *last = LAST_REPEAT;
    return 0;
}

/* ---- expressions ----------------------------------------------------------------- */

/* \1 to \99, or an octal number. */
static int parse_number(struct parser *p, const char *start)
{
    size_t octal = strspn(p->at, "01234567");
    uint32_t c;

    if (*p->at == '0' || octal >= 3) {
        if (octal_escape(p, start, &c) != 0) {
            return -1;
        }
        add_literal(p, c);
        return 0;
    }
    const char *digits = p->at;
    long group = *p->at++ - '0';
    if (p->at < p->end && isdigit((unsigned char)*p->at)) {
        group = group * 10 + (*p->at++ - '0');
    }
    return parser_reference(p, start, digits, group);
}

/* Behind a backslash, outside of sets. */
static int parse_escape(struct parser *p, enum last *last)
{
    const char *start = p->at - 1;
    uint32_t c = 0;

    *last = LAST_ITEM;
    if (p->at >= p->end) {
        return bad_escape(p, start);
    }
    if (isdigit((unsigned char)*p->at)) {
        return parse_number(p, start);
    }
    if (strchr("AbBZ", *p->at) != NULL && *p->at != '\0') {
        buf_adds(p->text, *p->at == 'Z' ? "\\z" : "");
        buf_addf(p->text, *p->at == 'Z' ? "" : "\\%c", *p->at);
        p->at++;
        *last = LAST_POSITION;
        return 0;
    }
    if (*p->at != '\0' && add_class(p, *p->at, false)) {
        return 0;
    }
    int found = char_escape(p, start, &c);
    if (found == 0) {
        if (isalpha((unsigned char)*p->at)) {
            return bad_escape(p, start);
        }
        c = next_char(p);
    }
    if (found >= 0) {
        add_literal(p, c);
    }
    return found < 0 ? -1 : 0;
}

/* One item: 0/-1. */
static int parse_item(struct parser *p, enum last *last)
{
    char c = *p->at++;

    switch (c) {
    case '\\':
        return parse_escape(p, last);
    case '[':
        *last = LAST_ITEM;
        return parse_set(p);
    case '(':
        return parser_group(p, last);
    case '*':
    case '+':
    case '?':
    case '{':
        return parse_quantifier(p, last);
    case '^':
    case '$':
        buf_addc(p->text, c);
        *last = LAST_POSITION;
        return 0;
    case '.':
        buf_addc(p->text, c);
        *last = LAST_ITEM;
        return 0;
    default:
        p->at--;
        add_literal(p, next_char(p));
        *last = LAST_ITEM;
        return 0;
    }
}

int parser_alternatives(struct parser *p)
{
    enum last last = LAST_NOTHING;

    while (p->at < p->end && *p->at != ')') {
        if (parser_accept(p, '|')) {
            buf_addc(p->text, '|');
            last = LAST_NOTHING;
        } else if (p->verbose && memchr(" \t\n\r\v\f", *p->at, 6) != NULL) {
            p->at++;
        } else if (p->verbose && *p->at == '#') {
            const char *newline = memchr(p->at, '\n', (size_t)(p->end - p->at));
            p->at = newline != NULL ? newline + 1 : p->end;
        } else if (parse_item(p, &last) != 0) {
            return -1;
        }
    }
    return 0;
}

int regex_translate(struct jinja_run *run, struct value pattern, unsigned flags,
                    struct regex_syntax *out, struct buf *text)
{
    struct parser p = {.run = run,
                       .start = pattern.as.s,
                       .at = pattern.as.s,
                       .end = pattern.as.s + pattern.len,
                       .verbose = (flags & REGEX_VERBOSE) != 0,
                       .out = out,
                       .text = text};

    *out = (struct regex_syntax){
        .names = value_dict_new(jinja_arena(run), 4), .count = 1, .flags = flags};
    if (parser_alternatives(&p) != 0) {
        return -1;
    }
    if (p.at < p.end) {
        return fail(&p, p.at, "unbalanced parenthesis");
    }
    if (out->condition >= out->count) {
        return fail(&p, p.start + out->condition_at, "invalid group reference %zu",
                    out->condition);
    }
    if ((out->flags & REGEX_ASCII) != 0 && (out->flags & REGEX_UNICODE) != 0) {
        return jinja_raise(run, "ValueError",
                           "ASCII and UNICODE flags are incompatible");
    }
    return 0;
}
