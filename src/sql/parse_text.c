#include "config.h"

#include "sql/parser.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define MAX_PARTS 100 /* of a name, so that keys of names stay short */

/* Copies the inside of a quoted token, its doubled quotes made single. */
static char *unquote(struct arena *arena, const char *text, size_t len, char quote,
                     size_t *out_len)
{
    char *out = arena_alloc(arena, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        out[n++] = text[i];
        if (text[i] == quote) {
            i++;
        }
    }
    out[n] = '\0';
    *out_len = n;
    return out;
}

struct sql_ident sql_p_ident(struct parser *p)
{
    const struct code_token *token = sql_p_at(p, 0);
    struct sql_ident ident = {.text = "", .at = {token->start, token->end}};
    size_t len;

    if (!sql_p_is_ident(p, 0)) {
        if (token->code >= KEYWORD_BASE) {
            sql_p_fail(p, "a name");
            if (p->failure.hint == NULL && p->failure.token + 1 < p->count) {
                p->failure.hint = arena_printf(
                    p->arena, "%s is a reserved word: as a name it is written `%.*s`",
                    sql_keyword_text(token->code), (int)(token->end - token->start),
                    p->text + token->start);
            }
        } else {
            sql_p_fail(p, "a name");
        }
        return ident;
    }
    if (token->code == T_QUOTED) {
        ident.quoted = true;
        ident.text = unquote(p->arena, p->text + token->start + 1,
                             token->end - token->start - 2, '`', &len);
    } else {
        ident.text =
            arena_strndup(p->arena, p->text + token->start, token->end - token->start);
    }
    p->tokens[p->pos].role = ROLE_NAME;
    sql_p_take(p);
    return ident;
}

struct sql_ident sql_p_alias(struct parser *p)
{
    if (sql_p_accept(p, KW_AS) || sql_p_is_ident(p, 0)) {
        return sql_p_ident(p);
    }
    return (struct sql_ident){0};
}

struct sql_name sql_p_name(struct parser *p)
{
    struct sql_name name = {0};
    struct sql_ident *parts = NULL;
    uint32_t start = sql_p_start(p);

    do {
        struct sql_ident part = sql_p_ident(p);

        *SQL_P_PUSH(p, parts, name.count) = part;
        if (name.count > MAX_PARTS) {
            sql_p_doubt(p, "a name has too many parts", NULL);
        }
    } while (sql_p_is(p, '.') && sql_p_code(p, 1) != '*' && sql_p_accept(p, '.'));
    name.parts = parts;
    name.at = sql_p_span(p, start);
    return name;
}

struct sql_ident_list sql_p_idents(struct parser *p)
{
    struct sql_ident_list list = {0};
    struct sql_ident *items = NULL;

    sql_p_expect(p, '(');
    if (!sql_p_is(p, ')')) {
        do {
            struct sql_ident ident = sql_p_ident(p);

            *SQL_P_PUSH(p, items, list.count) = ident;
        } while (sql_p_accept(p, ','));
    }
    sql_p_expect(p, ')');
    list.items = items;
    return list;
}

int64_t sql_p_integer(struct parser *p)
{
    const struct code_token *token = sql_p_at(p, 0);
    int64_t value = 0;

    if (token->code != T_INTEGER) {
        sql_p_fail(p, "a number");
        return 0;
    }
    for (uint32_t i = token->start; i < token->end; i++) {
        if (value < INT64_MAX / 10 - 1) {
            value = value * 10 + (p->text[i] - '0');
        }
    }
    sql_p_take(p);
    return value;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void add_utf8(struct buf *out, unsigned code)
{
    if (code < 0x80) {
        buf_addc(out, (char)code);
    } else if (code < 0x800) {
        buf_addc(out, (char)(0xc0 | code >> 6));
        buf_addc(out, (char)(0x80 | (code & 0x3f)));
    } else {
        buf_addc(out, (char)(0xe0 | code >> 12));
        buf_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buf_addc(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* The four hex digits at `s`, or -1. */
static int hex4(const char *s, size_t len)
{
    int value = 0;

    if (len < 4) {
        return -1;
    }
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(s[i]);

        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* U&'…': \XXXX is a character, the escape character twice is itself. */
static const char *decode_unicode(struct parser *p, const char *s, size_t len,
                                  char escape, size_t *out_len)
{
    struct buf buf = BUF_INIT;
    const char *out;

    for (size_t i = 0; i < len; i++) {
        int code = s[i] == escape ? hex4(s + i + 1, len - i - 1) : -1;

        if (code >= 0) {
            add_utf8(&buf, (unsigned)code);
            i += 4;
        } else {
            buf_addc(&buf, s[i]);
            if (s[i] == escape && i + 1 < len && s[i + 1] == escape) {
                i++;
            }
        }
    }
    *out_len = buf.len;
    out = arena_strndup(p->arena, buf_str(&buf), buf.len);
    buf_fini(&buf);
    return out;
}

/* E'…': the escapes of C that Flink's lexer knows. */
static const char *decode_c(struct parser *p, const char *s, size_t len,
                            size_t *out_len)
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    char *out = arena_alloc(p->arena, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        const char *known;

        if (s[i] == '\'' && i + 1 < len) {
            i++; /* written twice */
        }
        if (s[i] != '\\' || i + 1 == len) {
            out[n++] = s[i];
            continue;
        }
        i++;
        known = s[i] == '\0' ? NULL : strchr(from, s[i]);
        out[n++] = known != NULL ? to[known - from] : s[i];
    }
    out[n] = '\0';
    *out_len = n;
    return out;
}

/* The value of one string token. */
static const char *string_value(struct parser *p, const struct code_token *token,
                                size_t *len)
{
    const char *text = p->text + token->start;
    size_t size = token->end - token->start;
    const char *quote = memchr(text, '\'', size);
    size_t prefix = quote == NULL ? 0 : (size_t)(quote - text);
    char *value;

    if (prefix == 1 && (text[0] == 'E' || text[0] == 'e')) {
        return decode_c(p, text + prefix + 1, size - prefix - 2, len);
    }
    value = unquote(p->arena, text + prefix + 1, size - prefix - 2, '\'', len);
    if (prefix == 2 && text[1] == '&') {
        char escape = '\\';

        if (sql_p_is_text(p, 0, "UESCAPE") && sql_p_code(p, 1) == T_STRING) {
            escape = p->text[sql_p_at(p, 1)->start + 1];
            sql_p_take(p);
            sql_p_take(p);
        }
        return decode_unicode(p, value, *len, escape, len);
    }
    return value;
}

const char *sql_p_string(struct parser *p, size_t *len)
{
    struct buf joined = BUF_INIT;
    size_t ignored;
    const char *value;

    if (len == NULL) {
        len = &ignored;
    }
    *len = 0;
    if (!sql_p_is(p, T_STRING)) {
        sql_p_fail(p, "a string");
        return "";
    }
    sql_p_take(p);
    value = string_value(p, &p->tokens[p->pos - 1], len);
    if (!sql_p_is(p, T_STRING)) {
        return value;
    }
    buf_add(&joined, value, *len);
    while (sql_p_is(p, T_STRING)) {
        sql_p_take(p);
        value = string_value(p, &p->tokens[p->pos - 1], len);
        buf_add(&joined, value, *len);
    }
    *len = joined.len;
    value = arena_strndup(p->arena, buf_str(&joined), joined.len);
    buf_fini(&joined);
    return value;
}
