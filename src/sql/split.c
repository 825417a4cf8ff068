#include "config.h"

#include "sql/split.h"

#include "sql/scan.h"

/* What the splitter remembers between two tokens. */
struct splitter {
    const char *text;
    struct sql_token before; /* the token before, END at the beginning */
    bool after_set;          /* the two tokens before are STATEMENT SET */
    bool block;              /* inside STATEMENT SET BEGIN … END */
    size_t cases;            /* open CASE … END inside the block */
    size_t parentheses;      /* open ones, brackets too */
};

static void note_word(struct splitter *s, const struct sql_token *token)
{
    bool set = s->after_set;

    s->after_set = sql_token_is(token, s->text, "SET") &&
                   sql_token_is(&s->before, s->text, "STATEMENT");
    if (s->before.op == '.') {
        return;
    }
    if (!s->block) {
        s->block = set && sql_token_is(token, s->text, "BEGIN");
        return;
    }
    if (sql_token_is(token, s->text, "CASE")) {
        s->cases++;
    } else if (sql_token_is(token, s->text, "END")) {
        if (s->cases > 0) {
            s->cases--;
        } else {
            s->block = false;
        }
    }
}

static void note(struct splitter *s, const struct sql_token *token)
{
    if (token->kind == SQL_TOKEN_WORD) {
        note_word(s, token);
    } else if (token->op == '(' || token->op == '[') {
        s->parentheses++;
    } else if ((token->op == ')' || token->op == ']') && s->parentheses > 0) {
        s->parentheses--;
    } else if (token->op == ';') {
        /* A CASE or a parenthesis left open is the statement's own mistake. */
        s->cases = 0;
        s->parentheses = 0;
    }
    s->before = *token;
}

static enum sql_inside inside_of(const struct splitter *s, bool in_hint, bool empty)
{
    if (s->before.kind == SQL_TOKEN_BAD_STRING) {
        return SQL_INSIDE_STRING;
    }
    if (s->before.kind == SQL_TOKEN_BAD_QUOTED) {
        return SQL_INSIDE_QUOTED;
    }
    if (s->before.kind == SQL_TOKEN_BAD_COMMENT || in_hint) {
        return SQL_INSIDE_COMMENT;
    }
    if (s->parentheses > 0) {
        return SQL_INSIDE_PARENTHESIS;
    }
    if (s->block) {
        return SQL_INSIDE_BLOCK;
    }
    return empty ? SQL_INSIDE_NOTHING : SQL_INSIDE_STATEMENT;
}

enum sql_inside sql_split_next(const char *text, size_t len, size_t from,
                               struct sql_piece *out)
{
    struct sql_scanner scanner;
    struct splitter splitter = {.text = text};
    struct sql_token token;

    sql_scan_init(&scanner, text, len);
    scanner.pos = from < len ? from : len;
    *out = (struct sql_piece){.start = scanner.pos, .end = scanner.pos, .empty = true};
    for (;;) {
        token = sql_scan_next(&scanner);
        if (token.kind == SQL_TOKEN_END || (token.op == ';' && !splitter.block)) {
            break;
        }
        if (token.kind != SQL_TOKEN_BAD_COMMENT || !out->empty) {
            if (out->empty) {
                out->start = token.start;
                out->empty = false;
            }
            out->end = token.end;
        }
        note(&splitter, &token);
    }
    out->next = token.end;
    if (out->empty) {
        out->start = out->end = token.start;
    }
    out->inside = token.op == ';' ? SQL_COMPLETE
                                  : inside_of(&splitter, scanner.in_hint, out->empty);
    return out->inside;
}

enum sql_inside sql_split_state(const char *text, size_t len)
{
    struct sql_piece piece;
    enum sql_inside last = SQL_INSIDE_NOTHING;
    size_t at = 0;

    for (;;) {
        enum sql_inside inside = sql_split_next(text, len, at, &piece);

        if (inside != SQL_COMPLETE) {
            return inside == SQL_INSIDE_NOTHING ? last : inside;
        }
        last = SQL_COMPLETE;
        at = piece.next;
    }
}
