#include "config.h"

#include "sql/parser.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sql/parse.h"

static int code_of(const struct sql_token *token, const char *text)
{
    static const int codes[] = {
        [SQL_TOKEN_END] = T_END,         [SQL_TOKEN_QUOTED] = T_QUOTED,
        [SQL_TOKEN_STRING] = T_STRING,   [SQL_TOKEN_BINARY] = T_BINARY,
        [SQL_TOKEN_INTEGER] = T_INTEGER, [SQL_TOKEN_DECIMAL] = T_DECIMAL,
        [SQL_TOKEN_HINT_BEGIN] = T_HINT, [SQL_TOKEN_APPROXIMATE] = T_APPROXIMATE,
        [SQL_TOKEN_BAD_BYTE] = T_BAD,    [SQL_TOKEN_BAD_STRING] = T_BAD,
        [SQL_TOKEN_BAD_QUOTED] = T_BAD,  [SQL_TOKEN_BAD_COMMENT] = T_BAD,
    };
    int keyword;

    if (token->kind == SQL_TOKEN_PUNCTUATION) {
        return token->op;
    }
    if (token->kind != SQL_TOKEN_WORD) {
        return codes[token->kind];
    }
    keyword = sql_keyword_find(text + token->start, token->end - token->start);
    return keyword == 0 ? T_WORD : keyword;
}

static int bad_token(const char *text, size_t len, const struct sql_token *token,
                     struct err *err)
{
    err_set(err, ERR_SQL, "syntax error: %s", sql_token_kind_name(token->kind));
    err_at_offset(err, NULL, text, len, token->start);
    switch (token->kind) {
    case SQL_TOKEN_BAD_STRING:
        err_hint(err, "a string ends with ', and a ' inside it is written twice");
        break;
    case SQL_TOKEN_BAD_QUOTED:
        err_hint(err, "an identifier that begins with ` ends with `");
        break;
    default:
        err_hint(err, "a comment that begins with /* ends with */");
        break;
    }
    return -1;
}

static int unbalanced(const char *text, size_t len, const struct sql_token *token,
                      bool open, struct err *err)
{
    if (open) {
        err_set(err, ERR_SQL, "syntax error: '%c' is never closed", token->op);
    } else {
        err_set(err, ERR_SQL, "syntax error: '%c' closes nothing", token->op);
    }
    err_at_offset(err, NULL, text, len, token->start);
    return -1;
}

/* The parentheses and brackets that are open. */
struct nesting {
    struct sql_token *open;
    size_t count;
};

static int check_nesting(struct parser *p, struct nesting *nesting, size_t len,
                         const struct sql_token *token, struct err *err)
{
    if (token->op == '(' || token->op == '[') {
        *SQL_P_PUSH(p, nesting->open, nesting->count) = *token;
    } else if (token->op == ')' || token->op == ']') {
        int opener = token->op == ')' ? '(' : '[';

        if (nesting->count == 0) {
            return unbalanced(p->text, len, token, false, err);
        }
        if (nesting->open[nesting->count - 1].op != opener) {
            return unbalanced(p->text, len, &nesting->open[nesting->count - 1], true,
                              err);
        }
        nesting->count--;
    }
    return 0;
}

int sql_p_begin(struct parser *p, struct arena *arena, const char *text, size_t len,
                size_t start, size_t end, struct err *err)
{
    struct sql_scanner scanner;
    struct sql_token token;
    struct code_token *tokens = NULL;
    struct nesting nesting = {0};
    size_t cap = 0;

    *p = (struct parser){.arena = arena, .text = text, .len = len};
    if (len > SQL_MAX_TEXT) {
        return err_set(err, ERR_LIMIT, "SQL text is longer than %d bytes",
                       SQL_MAX_TEXT);
    }
    sql_scan_init(&scanner, text, end);
    scanner.pos = start;
    do {
        token = sql_scan_next(&scanner);
        if (token.kind >= SQL_TOKEN_BAD_STRING && token.kind <= SQL_TOKEN_BAD_COMMENT) {
            return bad_token(text, len, &token, err);
        }
        if (check_nesting(p, &nesting, len, &token, err) != 0) {
            return -1;
        }
        if (p->count == cap) {
            size_t more = cap == 0 ? 64 + (end - start) / 6 : cap * 2;

            tokens = arena_realloc(arena, tokens, cap * sizeof(*tokens),
                                   more * sizeof(*tokens));
            cap = more;
        }
        tokens[p->count++] =
            (struct code_token){.start = (uint32_t)token.start,
                                .end = (uint32_t)token.end,
                                .code = (int16_t)code_of(&token, text)};
    } while (token.kind != SQL_TOKEN_END);
    p->tokens = tokens;
    if (nesting.count > 0) {
        return unbalanced(text, len, &nesting.open[nesting.count - 1], true, err);
    }
    p->last_end = p->tokens[0].start;
    return 0;
}

void sql_p_take(struct parser *p)
{
    if (p->tokens[p->pos].code >= KEYWORD_BASE && p->tokens[p->pos].role == ROLE_NONE) {
        p->tokens[p->pos].role = ROLE_KEYWORD;
    }
    sql_p_skip(p);
}

void sql_p_skip(struct parser *p)
{
    if (p->pos + 1 < p->count) {
        p->last_end = p->tokens[p->pos].end;
        p->pos++;
    }
}

bool sql_p_accept(struct parser *p, int code)
{
    if (!sql_p_is(p, code)) {
        return false;
    }
    sql_p_take(p);
    return true;
}

bool sql_p_accept2(struct parser *p, int first, int second)
{
    if (!sql_p_is(p, first) || sql_p_code(p, 1) != second) {
        return false;
    }
    sql_p_take(p);
    sql_p_take(p);
    return true;
}

static const char *code_name(struct parser *p, int code)
{
    switch (code) {
    case SQL_P_ARROW:
        return "'=>'";
    case T_STRING:
        return "a string";
    case T_INTEGER:
        return "a number";
    case T_END:
        return "the end of the statement";
    default:
        break;
    }
    if (code >= KEYWORD_BASE) {
        return sql_keyword_text(code);
    }
    return arena_printf(p->arena, "'%c'", code);
}

void sql_p_expect(struct parser *p, int code)
{
    if (!sql_p_accept(p, code)) {
        sql_p_fail(p, code_name(p, code));
    }
}

static void stop(struct parser *p)
{
    p->failure.set = true;
    p->failure.token = p->pos;
    p->pos = p->count - 1;
}

void sql_p_fail(struct parser *p, const char *expected)
{
    if (!p->failure.set) {
        p->failure.expected = expected;
        p->failure.certain = p->in_query;
        stop(p);
    }
}

void sql_p_doubt(struct parser *p, const char *message, const char *hint)
{
    if (!p->failure.set) {
        p->failure.message = message;
        p->failure.hint = hint;
        stop(p);
    }
}

void sql_p_note(struct parser *p, const char *message, const char *hint)
{
    if (!p->failure.set && !p->note.set) {
        p->note = (struct failure){
            .set = true, .token = p->pos, .message = message, .hint = hint};
    }
}

bool sql_p_enter(struct parser *p)
{
    p->depth++;
    if (p->depth > SQL_MAX_DEPTH) {
        sql_p_doubt(p, "the statement is nested too deeply", NULL);
        return false;
    }
    return true;
}

void sql_p_leave(struct parser *p)
{
    p->depth--;
}

struct sql_span sql_p_span(const struct parser *p, uint32_t start)
{
    return (struct sql_span){start, p->last_end > start ? p->last_end : start};
}

struct sql_span sql_p_list_span(struct sql_span first, struct sql_span last)
{
    return (struct sql_span){first.start, last.end};
}

bool sql_p_is_word(const struct parser *p, size_t ahead)
{
    int code = sql_p_code(p, ahead);

    return code == T_WORD || code == T_QUOTED || code >= KEYWORD_BASE;
}

bool sql_p_is_ident(const struct parser *p, size_t ahead)
{
    int code = sql_p_code(p, ahead);

    return code == T_WORD || code == T_QUOTED ||
           (code >= KEYWORD_BASE && !sql_keyword_is(code, KEYWORD_RESERVED));
}

bool sql_p_is_text(const struct parser *p, size_t ahead, const char *word)
{
    const struct code_token *token = sql_p_at(p, ahead);

    return (token->code == T_WORD || token->code >= KEYWORD_BASE) &&
           str_ieq_n(p->text + token->start, token->end - token->start, word);
}

bool sql_p_accept_text(struct parser *p, const char *word)
{
    if (!sql_p_is_text(p, 0, word)) {
        return false;
    }
    p->tokens[p->pos].role = ROLE_KEYWORD;
    sql_p_take(p);
    return true;
}

const char *sql_p_upper(struct parser *p, size_t ahead)
{
    struct code_token *token = &p->tokens[p->pos + ahead];
    char *out;

    if (token->code != T_QUOTED && token->role == ROLE_NONE) {
        token->role = ROLE_KEYWORD;
    }
    if (token->code >= KEYWORD_BASE) {
        return sql_keyword_text(token->code);
    }
    out = arena_strndup(p->arena, p->text + token->start, token->end - token->start);
    for (char *c = out; *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
    return out;
}

const char *sql_p_source(struct parser *p, struct sql_span span)
{
    return arena_strndup(p->arena, p->text + span.start, span.end - span.start);
}

void *sql_p_grow(struct parser *p, const void *items, size_t count, size_t size)
{
    char *grown = (char *)(uintptr_t)items;

    if ((count & (count - 1)) == 0) {
        grown = arena_realloc(p->arena, grown, count * size,
                              (count == 0 ? 1 : count * 2) * size);
    }
    memset(grown + count * size, 0, size);
    return grown;
}
