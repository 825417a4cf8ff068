#include "config.h"

#include "sql/canonical.h"

#include <string.h>

#include "base/buf.h"
#include "sql/parser.h"
#include "sql/render.h"

static void add_upper(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf_addc(out, text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A')
                                                       : text[i]);
    }
}

/* An identifier without its quotes. */
static void add_name(struct buf *out, const struct code_token *token, const char *text)
{
    if (token->code != T_QUOTED) {
        buf_add(out, text + token->start, token->end - token->start);
        return;
    }
    for (uint32_t i = token->start + 1; i + 1 < token->end; i++) {
        buf_addc(out, text[i]);
        if (text[i] == '`') {
            i++;
        }
    }
}

/* Whether `name`( is read as a call like any other without quotes too. */
static bool is_free(const char *name, size_t len)
{
    int code = sql_keyword_find(name, len);

    if (code != 0 && sql_p_is_special(code)) {
        return false;
    }
    return sql_is_plain_identifier(name, len) || sql_keyword_is(code, KEYWORD_CALLABLE);
}

/*
 * Names of functions are found in any case; quotes only matter when the name has a
 * grammar of its own (`TRIM`(a, b) is not TRIM(a FROM b)).
 */
static void add_function(struct buf *out, const struct code_token *token,
                         const char *text)
{
    struct buf name = BUF_INIT;
    struct buf upper = BUF_INIT;

    add_name(&name, token, text);
    add_upper(&upper, buf_str(&name), name.len);
    if (token->code == T_QUOTED && !is_free(buf_str(&upper), upper.len)) {
        sql_quote_identifier(out, buf_str(&upper), upper.len);
    } else {
        buf_add(out, buf_str(&upper), upper.len);
    }
    buf_fini(&name);
    buf_fini(&upper);
}

static void add_token(struct buf *out, const struct code_token *token, const char *text)
{
    struct buf name = BUF_INIT;

    if (token->role == ROLE_FUNCTION) {
        add_function(out, token, text);
    } else if (token->role == ROLE_NAME || token->code == T_QUOTED) {
        add_name(&name, token, text);
        sql_quote_identifier(out, buf_str(&name), name.len);
    } else if (token->role == ROLE_KEYWORD ||
               sql_keyword_is(token->code, KEYWORD_RESERVED)) {
        add_upper(out, text + token->start, token->end - token->start);
    } else {
        buf_add(out, text + token->start, token->end - token->start);
    }
    buf_fini(&name);
}

static bool is_word(const struct code_token *token)
{
    return token->code == T_WORD || token->code == T_QUOTED ||
           token->code >= KEYWORD_BASE;
}

/* Whether a blank stands between two tokens; never where it would make another one. */
static bool apart(const struct code_token *left, const struct code_token *right)
{
    if (left->code == '.') {
        return !is_word(right) && right->code != '*';
    }
    if (right->code == '.') {
        return !is_word(left) && left->code != ')' && left->code != ']';
    }
    if (left->code == '(' || left->code == '[') {
        return false;
    }
    if (right->code == '(' || right->code == '[') {
        return left->role != ROLE_FUNCTION && left->role != ROLE_NAME;
    }
    return right->code != ')' && right->code != ']' && right->code != ',' &&
           right->code != ';';
}

static void parse_roles(struct parser *p)
{
    struct sql_statement statement = {0};

    if (p->count < 2) {
        return;
    }
    sql_p_statement(p, &statement);
    while (sql_p_accept(p, ';')) {
    }
    if (!sql_p_is(p, T_END)) {
        sql_p_fail(p, "");
    }
}

int sql_canonical(const char *text, size_t len, struct buf *out)
{
    struct arena arena = {0};
    struct parser parser;
    struct err err = {0};
    size_t count;

    if (sql_p_begin(&parser, &arena, text, len, 0, len, &err) != 0) {
        arena_fini(&arena);
        return -1;
    }
    parse_roles(&parser);
    count = parser.count - 1;
    while (count > 0 && parser.tokens[count - 1].code == ';') {
        count--;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && apart(&parser.tokens[i - 1], &parser.tokens[i])) {
            buf_addc(out, ' ');
        }
        add_token(out, &parser.tokens[i], text);
    }
    arena_fini(&arena);
    return 0;
}

uint64_t sql_fingerprint(const char *text, size_t len)
{
    struct buf canonical = BUF_INIT;
    uint64_t hash = UINT64_C(14695981039346656037);

    if (sql_canonical(text, len, &canonical) != 0) {
        return 0;
    }
    for (size_t i = 0; i < canonical.len; i++) {
        hash = (hash ^ (unsigned char)canonical.data[i]) * UINT64_C(1099511628211);
    }
    buf_fini(&canonical);
    return hash;
}
