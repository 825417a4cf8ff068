#include "config.h"

#include "jinja/string_literal.h"

#include <stdio.h>
#include <string.h>
#include <uniname.h>
#include <unistr.h>

struct unescaper {
    const char *at;
    const char *end;
    char *out;
    const char *problem;
};

static void put(struct unescaper *u, ucs4_t c)
{
    if (c >= 0xd800 && c < 0xe000) {
        c = 0xfffd; /* UTF-8 has no lone surrogates */
    }
    u->out += u8_uctomb((uint8_t *)u->out, c, 6);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

static void hex_escape(struct unescaper *u, int digits, const char *problem)
{
    ucs4_t c = 0;

    for (int i = 0; i < digits; i++) {
        int d = u->at < u->end ? hex_digit(*u->at) : -1;
        if (d < 0) {
            u->problem = problem;
            return;
        }
        c = c * 16 + (ucs4_t)d;
        u->at++;
    }
    if (c > 0x10ffff) {
        u->problem = "illegal Unicode character";
        return;
    }
    put(u, c);
}

static void octal_escape(struct unescaper *u, char first)
{
    ucs4_t c = (ucs4_t)(first - '0');

    for (int i = 0; i < 2 && u->at < u->end && *u->at >= '0' && *u->at <= '7'; i++) {
        c = c * 8 + (ucs4_t)(*u->at++ - '0');
    }
    put(u, c);
}

static void named_escape(struct unescaper *u)
{
    char name[128];
    const char *close = u->at < u->end && *u->at == '{'
                            ? memchr(u->at, '}', (size_t)(u->end - u->at))
                            : NULL;

    if (close == NULL || close == u->at + 1) {
        u->problem = "malformed \\N character escape";
        return;
    }
    size_t len = (size_t)(close - u->at - 1);
    ucs4_t c = UNINAME_INVALID;
    if (len < sizeof(name)) {
        memcpy(name, u->at + 1, len);
        name[len] = '\0';
        c = unicode_name_character(name);
    }
    if (c == UNINAME_INVALID) {
        u->problem = "unknown Unicode character name";
        return;
    }
    u->at = close + 1;
    put(u, c);
}

/* Python escapes what is not ASCII before it decodes, so that a backslash in front of
 * it yields that escape's text. */
static void escaped_wide(struct unescaper *u)
{
    ucs4_t c;
    int n = u8_mbtouc(&c, (const uint8_t *)u->at, (size_t)(u->end - u->at));

    u->at += n;
    u->out += snprintf(u->out, 16,
                       c < 0x100     ? "\\x%02x"
                       : c < 0x10000 ? "\\u%04x"
                                     : "\\U%08x",
                       (unsigned)c);
}

static void escape(struct unescaper *u)
{
    static const char names[] = "\\'\"abfnrtv";
    static const char bytes[] = "\\'\"\a\b\f\n\r\t\v";
    char c = *u->at;

    if ((unsigned char)c >= 0x80) {
        escaped_wide(u);
        return;
    }
    u->at++;
    const char *found = c != '\0' ? strchr(names, c) : NULL;
    if (found != NULL) {
        *u->out++ = bytes[found - names];
    } else if (c >= '0' && c <= '7') {
        octal_escape(u, c);
    } else if (c == 'x') {
        hex_escape(u, 2, "truncated \\xXX escape");
    } else if (c == 'u') {
        hex_escape(u, 4, "truncated \\uXXXX escape");
    } else if (c == 'U') {
        hex_escape(u, 8, "truncated \\UXXXXXXXX escape");
    } else if (c == 'N') {
        named_escape(u);
    } else if (c != '\n') {
        *u->out++ = '\\';
        *u->out++ = c;
    }
}

struct value string_literal(const char *s, size_t len, struct arena *arena,
                            const char **problem)
{
    if (memchr(s, '\\', len) == NULL) {
        return value_copy_str_n(arena, s, len);
    }
    char *copy = arena_alloc(arena, len * 6 + 1);
    struct unescaper u = {s, s + len, copy, NULL};
    while (u.at < u.end && u.problem == NULL) {
        if (*u.at != '\\') {
            *u.out++ = *u.at++;
        } else if (++u.at == u.end) {
            u.problem = "\\ at end of string";
        } else {
            escape(&u);
        }
    }
    *problem = u.problem;
    *u.out = '\0';
    return value_str_n(copy, (size_t)(u.out - copy));
}
