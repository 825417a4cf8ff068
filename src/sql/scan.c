#include "config.h"

#include "sql/scan.h"

#include <string.h>

#include "base/str.h"

enum char_class { CLASS_OTHER, CLASS_BLANK, CLASS_LETTER, CLASS_DIGIT };

static enum char_class class_of(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return CLASS_DIGIT;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
        c >= 0x80) {
        return CLASS_LETTER;
    }
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
        return CLASS_BLANK;
    }
    return CLASS_OTHER;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte `ahead` of the scanner's position, 0 beyond the end. */
static char peek(const struct sql_scanner *s, size_t ahead)
{
    return ahead < s->len - s->pos ? s->text[s->pos + ahead] : 0;
}

void sql_scan_init(struct sql_scanner *scanner, const char *text, size_t len)
{
    *scanner = (struct sql_scanner){.text = text, .len = len};
}

static struct sql_token finish(struct sql_scanner *s, enum sql_token_kind kind,
                               size_t length)
{
    struct sql_token token = {.kind = kind, .start = s->pos, .end = s->pos + length};

    s->pos = token.end;
    return token;
}

/*
 * A token that ends with the quote `quote`, doubled inside; `prefix` bytes come before
 * the opening one.
 */
static struct sql_token scan_quoted(struct sql_scanner *s, size_t prefix, char quote,
                                    enum sql_token_kind kind, enum sql_token_kind bad)
{
    size_t at = s->pos + prefix + 1;

    for (;;) {
        const char *hit = at < s->len ? memchr(s->text + at, quote, s->len - at) : NULL;

        if (hit == NULL) {
            return finish(s, bad, s->len - s->pos);
        }
        at = (size_t)(hit - s->text) + 1;
        if (at >= s->len || s->text[at] != quote) {
            return finish(s, kind, at - s->pos);
        }
        at++;
    }
}

static struct sql_token scan_string(struct sql_scanner *s, size_t prefix,
                                    enum sql_token_kind kind)
{
    return scan_quoted(s, prefix, '\'', kind, SQL_TOKEN_BAD_STRING);
}

static struct sql_token scan_number(struct sql_scanner *s)
{
    size_t n = 0;
    size_t exponent;
    enum sql_token_kind kind = SQL_TOKEN_INTEGER;

    while (is_digit(peek(s, n))) {
        n++;
    }
    if (peek(s, n) == '.' && peek(s, n + 1) != '.') {
        kind = SQL_TOKEN_DECIMAL;
        n++;
        while (is_digit(peek(s, n))) {
            n++;
        }
    }
    if (peek(s, n) == 'e' || peek(s, n) == 'E') {
        exponent = n + 1;
        if (peek(s, exponent) == '+' || peek(s, exponent) == '-') {
            exponent++;
        }
        if (is_digit(peek(s, exponent))) {
            kind = SQL_TOKEN_APPROXIMATE;
            n = exponent;
            while (is_digit(peek(s, n))) {
                n++;
            }
        }
    }
    return finish(s, kind, n);
}

/* E'…': a backslash escapes the byte after it. */
static struct sql_token scan_c_string(struct sql_scanner *s)
{
    size_t at = s->pos + 2;

    while (at < s->len) {
        if (s->text[at] == '\\') {
            at += 2;
        } else if (s->text[at] != '\'') {
            at++;
        } else if (at + 1 < s->len && s->text[at + 1] == '\'') {
            at += 2;
        } else {
            return finish(s, SQL_TOKEN_STRING, at + 1 - s->pos);
        }
    }
    return finish(s, SQL_TOKEN_BAD_STRING, s->len - s->pos);
}

/* A word, or a string that a letter introduces: X'…', N'…', E'…', U&'…', _latin1'…'. */
static struct sql_token scan_word(struct sql_scanner *s)
{
    size_t n = 1;
    char first = s->text[s->pos];

    if ((first == 'u' || first == 'U') && peek(s, 1) == '&' && peek(s, 2) == '\'') {
        return scan_string(s, 2, SQL_TOKEN_STRING);
    }
    while (s->pos + n < s->len) {
        enum char_class class = class_of((unsigned char)s->text[s->pos + n]);

        if (class != CLASS_LETTER && class != CLASS_DIGIT) {
            break;
        }
        n++;
    }
    if (peek(s, n) == '\'') {
        if (n == 1 && (first == 'x' || first == 'X')) {
            return scan_string(s, 1, SQL_TOKEN_BINARY);
        }
        if (n == 1 && (first == 'e' || first == 'E')) {
            return scan_c_string(s);
        }
        if ((n == 1 && (first == 'n' || first == 'N')) || (n > 1 && first == '_')) {
            return scan_string(s, n, SQL_TOKEN_STRING);
        }
    }
    return finish(s, SQL_TOKEN_WORD, n);
}

static struct sql_token scan_line_comment(struct sql_scanner *s)
{
    size_t rest = s->len - s->pos;
    const char *end = memchr(s->text + s->pos, '\n', rest);

    return finish(s, SQL_TOKEN_COMMENT,
                  end == NULL ? rest : (size_t)(end - s->text) - s->pos);
}

static struct sql_token scan_block_comment(struct sql_scanner *s)
{
    size_t at = s->pos + 2;

    while (at + 1 < s->len) {
        const char *star = memchr(s->text + at, '*', s->len - 1 - at);

        if (star == NULL) {
            break;
        }
        at = (size_t)(star - s->text) + 1;
        if (s->text[at] == '/') {
            return finish(s, SQL_TOKEN_COMMENT, at + 1 - s->pos);
        }
    }
    return finish(s, SQL_TOKEN_BAD_COMMENT, s->len - s->pos);
}

static struct sql_token scan_blank(struct sql_scanner *s)
{
    size_t n = 1;

    while (s->pos + n < s->len &&
           class_of((unsigned char)s->text[s->pos + n]) == CLASS_BLANK) {
        n++;
    }
    return finish(s, SQL_TOKEN_BLANK, n);
}

static struct sql_token scan_punctuation(struct sql_scanner *s)
{
    static const struct {
        char text[3];
        int op;
    } doubles[] = {
        {"<>", SQL_P_NOT_EQUAL},  {"!=", SQL_P_NOT_EQUAL},
        {"<=", SQL_P_LESS_EQUAL}, {">=", SQL_P_GREATER_EQUAL},
        {"||", SQL_P_CONCAT},     {"=>", SQL_P_ARROW},
        {"->", SQL_P_LAMBDA},     {"::", SQL_P_DOUBLE_COLON},
        {"..", SQL_P_DOUBLE_DOT},
    };
    struct sql_token token;
    char first = s->text[s->pos];
    char second = peek(s, 1);

    if (s->in_hint && first == '*' && second == '/') {
        s->in_hint = false;
        token = finish(s, SQL_TOKEN_PUNCTUATION, 2);
        token.op = SQL_P_HINT_END;
        return token;
    }
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        if (doubles[i].text[0] == first && doubles[i].text[1] == second) {
            token = finish(s, SQL_TOKEN_PUNCTUATION, 2);
            token.op = doubles[i].op;
            return token;
        }
    }
    if (first == 0 || strchr("()[]{},;.+-*/%=<>?:|&^~", first) == NULL) {
        return finish(s, SQL_TOKEN_BAD_BYTE, 1);
    }
    token = finish(s, SQL_TOKEN_PUNCTUATION, 1);
    token.op = first;
    return token;
}

static struct sql_token scan_other(struct sql_scanner *s)
{
    char next = peek(s, 1);
    struct sql_token token;

    switch (s->text[s->pos]) {
    case '\'':
        return scan_string(s, 0, SQL_TOKEN_STRING);
    case '`':
        return scan_quoted(s, 0, '`', SQL_TOKEN_QUOTED, SQL_TOKEN_BAD_QUOTED);
    case '.':
        if (is_digit(next)) {
            return scan_number(s);
        }
        break;
    case '-':
        if (next == '-') {
            return scan_line_comment(s);
        }
        break;
    case '/':
        if (next == '/') {
            return scan_line_comment(s);
        }
        if (next == '*' && peek(s, 2) == '+') {
            token = finish(s, SQL_TOKEN_HINT_BEGIN, 3);
            s->in_hint = true;
            return token;
        }
        if (next == '*') {
            return scan_block_comment(s);
        }
        break;
    default:
        break;
    }
    return scan_punctuation(s);
}

struct sql_token sql_scan_raw(struct sql_scanner *scanner)
{
    if (scanner->pos >= scanner->len) {
        return finish(scanner, SQL_TOKEN_END, 0);
    }
    switch (class_of((unsigned char)scanner->text[scanner->pos])) {
    case CLASS_BLANK:
        return scan_blank(scanner);
    case CLASS_LETTER:
        return scan_word(scanner);
    case CLASS_DIGIT:
        return scan_number(scanner);
    default:
        return scan_other(scanner);
    }
}

struct sql_token sql_scan_next(struct sql_scanner *scanner)
{
    struct sql_token token;

    do {
        token = sql_scan_raw(scanner);
    } while (token.kind == SQL_TOKEN_BLANK || token.kind == SQL_TOKEN_COMMENT);
    return token;
}

const char *sql_token_kind_name(enum sql_token_kind kind)
{
    static const char *const names[] = {
#define X(name, text) text,
        SQL_TOKENS(X)
#undef X
    };

    return names[kind];
}

bool sql_token_is(const struct sql_token *token, const char *text, const char *word)
{
    return token->kind == SQL_TOKEN_WORD &&
           str_ieq_n(text + token->start, token->end - token->start, word);
}
