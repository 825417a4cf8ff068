#include "config.h"

#include "sql/scan.h"

#include "sql/split.h"

/* Tokens of one statement, one ahead. */
struct walk {
    const char *text;
    struct sql_scanner scanner;
    struct sql_token token;
    size_t end; /* of the statement */
};

static void step(struct walk *w)
{
    w->token = sql_scan_next(&w->scanner);
    if (w->token.start >= w->end) {
        w->token.kind = SQL_TOKEN_END;
        w->token.op = 0;
        w->token.start = w->token.end = w->end;
    }
}

static bool at_word(const struct walk *w, const char *word)
{
    return sql_token_is(&w->token, w->text, word);
}

/* Skips what is in the parenthesis, if the token opens one. */
static void skip_parenthesis(struct walk *w)
{
    size_t depth = 0;

    do {
        if (w->token.op == '(') {
            depth++;
        } else if (w->token.op == ')') {
            depth--;
        }
        step(w);
    } while (depth > 0 && w->token.kind != SQL_TOKEN_END);
}

static bool starts_query(const struct walk *w)
{
    return at_word(w, "SELECT") || at_word(w, "WITH") || at_word(w, "VALUES");
}

/* Whether the parenthesis at the token holds a query, however deep. */
static bool opens_query(const struct walk *w)
{
    struct walk ahead = *w;

    while (ahead.token.op == '(') {
        step(&ahead);
    }
    return starts_query(&ahead);
}

/*
 * INSERT INTO t [hints] [PARTITION (…)] [(columns)] query: the first query word, or the
 * first parenthesis that holds a query.
 */
static void find_insert_query(struct walk *w)
{
    step(w);
    while (w->token.kind != SQL_TOKEN_END && !starts_query(w)) {
        if (w->token.op != '(') {
            step(w);
        } else if (opens_query(w)) {
            return;
        } else {
            skip_parenthesis(w);
        }
    }
}

/*
 * CREATE or ALTER …: the query after the first AS outside of parentheses. A quoted or
 * dotted AS is a name; `AS 'class'` of a function isn't followed by a query.
 */
static void find_as_query(struct walk *w)
{
    bool as = false;
    bool dot = false;

    while (w->token.kind != SQL_TOKEN_END) {
        if (as && (starts_query(w) || (w->token.op == '(' && opens_query(w)))) {
            return;
        }
        as = at_word(w, "AS") && !dot;
        dot = w->token.op == '.';
        if (w->token.op == '(') {
            skip_parenthesis(w);
        } else {
            step(w);
        }
    }
}

/* EXPLAIN [PLAN FOR | ESTIMATED_COST, CHANGELOG_MODE …], EXECUTE. */
static bool skip_explain(struct walk *w)
{
    if (!at_word(w, "EXPLAIN") && !at_word(w, "EXECUTE")) {
        return true;
    }
    step(w);
    while (w->token.kind != SQL_TOKEN_END && !starts_query(w) && w->token.op != '(') {
        if (at_word(w, "STATEMENT")) {
            return false;
        }
        if (at_word(w, "INSERT") || at_word(w, "CREATE") || at_word(w, "ALTER")) {
            break;
        }
        step(w);
    }
    return true;
}

static void find_query(struct walk *w)
{
    if (!skip_explain(w)) {
        w->token.kind = SQL_TOKEN_END;
    } else if (starts_query(w) || (w->token.op == '(' && opens_query(w))) {
        return;
    } else if (at_word(w, "INSERT") || at_word(w, "UPSERT")) {
        find_insert_query(w);
    } else if (at_word(w, "CREATE") || at_word(w, "ALTER")) {
        find_as_query(w);
    } else {
        w->token.kind = SQL_TOKEN_END;
    }
}

void sql_find_with(const char *text, size_t len, struct sql_with_place *out)
{
    struct walk walk = {.text = text};
    struct sql_piece piece;

    sql_split_next(text, len, 0, &piece);
    *out = (struct sql_with_place){.statement = piece.empty ? len : piece.start,
                                   .end = piece.end,
                                   .next = piece.next};
    sql_scan_init(&walk.scanner, text, len);
    walk.scanner.pos = piece.start;
    walk.end = piece.end;
    step(&walk);
    find_query(&walk);
    if (walk.token.kind == SQL_TOKEN_END) {
        out->query = out->insert = out->end;
        return;
    }
    out->query = out->insert = walk.token.start;
    if (!at_word(&walk, "WITH")) {
        return;
    }
    out->has_with = true;
    out->insert = walk.token.end;
    step(&walk);
    if (at_word(&walk, "RECURSIVE")) {
        out->recursive = true;
        out->insert = walk.token.end;
    }
}
