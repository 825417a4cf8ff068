/*
 * Inside of the parser; not for other rooms. The text is cut into an array of tokens
 * first. A failure is sticky: it moves the parser to the END token, so that every loop
 * ends and productions need not check each step; sql_p_report() tells of the first one.
 * Productions always return a node.
 */
#ifndef SQL_PARSER_H
#define SQL_PARSER_H

#include "base/arena.h"
#include "base/err.h"
#include "sql/ast.h"
#include "sql/keyword.h"
#include "sql/scan.h"

/*
 * Token codes: ASCII and enum sql_punctuation for punctuation, these for the rest, and
 * from KEYWORD_BASE on for words that the grammar knows.
 */
enum sql_code {
    T_END = 400,
    T_WORD,
    T_QUOTED,
    T_STRING,
    T_BINARY,
    T_INTEGER,
    T_DECIMAL,
    T_APPROXIMATE,
    T_HINT,
    T_BAD,
};

/* What a word turned out to be. */
enum sql_role { ROLE_NONE, ROLE_NAME, ROLE_FUNCTION, ROLE_KEYWORD };

struct code_token {
    uint32_t start;
    uint32_t end;
    int16_t code;
    uint8_t role; /* enum sql_role, once it was taken */
};

struct failure {
    bool set;
    bool certain;         /* no server would take the text */
    size_t token;         /* where; index into tokens */
    const char *expected; /* or NULL */
    const char *message;  /* instead of "found …, expected …", or NULL */
    const char *hint;     /* or NULL */
};

struct parser {
    struct arena *arena;
    const char *text;
    size_t len;
    struct code_token *tokens; /* the last one is T_END */
    size_t count;              /* T_END included */
    size_t pos;
    uint32_t last_end; /* end of the token taken last */
    unsigned depth;
    bool in_query; /* the grammar of queries is known well */
    struct failure failure;
    struct failure note; /* see sql_p_note() */
};

/* Tokens. */

int sql_p_begin(struct parser *p, struct arena *arena, const char *text, size_t len,
                size_t start, size_t end, struct err *err);
static inline const struct code_token *sql_p_at(const struct parser *p, size_t ahead)
{
    size_t at = p->pos + ahead;

    return &p->tokens[at < p->count ? at : p->count - 1];
}
static inline int sql_p_code(const struct parser *p, size_t ahead)
{
    return sql_p_at(p, ahead)->code;
}
static inline uint32_t sql_p_start(const struct parser *p)
{
    return p->tokens[p->pos].start;
}
static inline bool sql_p_is(const struct parser *p, int code)
{
    return p->tokens[p->pos].code == code;
}
void sql_p_take(struct parser *p);
/* Takes a token whose meaning only the server knows. */
void sql_p_skip(struct parser *p);
/* Takes the token if it is `code`. */
bool sql_p_accept(struct parser *p, int code);
/* Takes both tokens or none. */
bool sql_p_accept2(struct parser *p, int first, int second);
void sql_p_expect(struct parser *p, int code);
void sql_p_fail(struct parser *p, const char *expected);
/* A failure that Flink would see too, but other servers perhaps not. */
void sql_p_doubt(struct parser *p, const char *message, const char *hint);
/*
 * Remembers that Flink would refuse what is understood here; parsing goes on. The first
 * one counts.
 */
void sql_p_note(struct parser *p, const char *message, const char *hint);
/* One level deeper; false (and a failure) beyond SQL_MAX_DEPTH. Always leave again. */
bool sql_p_enter(struct parser *p);
void sql_p_leave(struct parser *p);
struct sql_span sql_p_span(const struct parser *p, uint32_t start);
/* Whether the token is a word of any kind, or a quoted identifier. */
bool sql_p_is_word(const struct parser *p, size_t ahead);
/* Whether the token can be an identifier. */
bool sql_p_is_ident(const struct parser *p, size_t ahead);
/* Whether the word, known to the grammar or not, is `word`. */
bool sql_p_is_text(const struct parser *p, size_t ahead, const char *word);
bool sql_p_accept_text(struct parser *p, const char *word);
/* The text of a word that is a keyword here, in upper case. */
const char *sql_p_upper(struct parser *p, size_t ahead);
/* The text of a span as written. */
const char *sql_p_source(struct parser *p, struct sql_span span);
/*
 * Fills `err` from the failure: "syntax error: found …, expected …" with position and
 * hint. `err` may be one in the arena.
 */
void sql_p_report(struct parser *p, struct err *err);
/* Decides whether the failure is one for every server. */
bool sql_p_certain(struct parser *p);

/*
 * Makes room for one more zeroed item in an array of the arena that holds `count`.
 * Arrays grow by doubling, and only through this function.
 */
void *sql_p_grow(struct parser *p, const void *items, size_t count, size_t size);
#define SQL_P_PUSH(p, items, count)                                                    \
    ((items) = sql_p_grow((p), (items), (count), sizeof(*(items))), (count)++,         \
     &(items)[(count)-1])

/* Small things. */

struct sql_ident sql_p_ident(struct parser *p);
/* An identifier after AS, or one that may follow without it; text NULL when none. */
struct sql_ident sql_p_alias(struct parser *p);
struct sql_name sql_p_name(struct parser *p);
struct sql_ident_list sql_p_idents(struct parser *p); /* ( a, b ) */
struct sql_span sql_p_list_span(struct sql_span first, struct sql_span last);
/* A string's value; adjacent strings are one. */
const char *sql_p_string(struct parser *p, size_t *len);
int64_t sql_p_integer(struct parser *p);

/* Expressions. */

struct sql_expr *sql_p_expr_new(struct parser *p, enum sql_expr_kind kind,
                                uint32_t start);
void sql_p_arg(struct parser *p, struct sql_expr *expr, struct sql_expr *arg);
/* Ends a node: sets its end and checks its height. */
struct sql_expr *sql_p_close(struct parser *p, struct sql_expr *expr);
struct sql_expr *sql_p_expr(struct parser *p);
struct sql_expr *sql_p_unary(struct parser *p);
/* Operators of `min` binding power or more after an operand. */
struct sql_expr *sql_p_operators(struct parser *p, struct sql_expr *left, int min);
struct sql_expr *sql_p_primary(struct parser *p);
/* A `*` alone, which is no operand. */
struct sql_expr *sql_p_star(struct parser *p);
/* [index] and .field after a primary. */
struct sql_expr *sql_p_postfix(struct parser *p, struct sql_expr *expr);
struct sql_expr *sql_p_call(struct parser *p, struct sql_name name, uint32_t start);
struct sql_expr *sql_p_call_new(struct parser *p, struct sql_name name, uint32_t start);
/* FILTER, OVER and the like after the closing parenthesis. */
struct sql_expr *sql_p_call_end(struct parser *p, struct sql_expr *expr);
/* Words with arguments of their own grammar; NULL when the token is none. */
struct sql_expr *sql_p_special(struct parser *p);
/* Whether `code`( has arguments of their own grammar. */
bool sql_p_is_special(int code);
struct sql_expr_list sql_p_expr_list(struct parser *p);
struct sql_order_list sql_p_order_list(struct parser *p);
struct sql_window *sql_p_window(struct parser *p, struct sql_window *window);
bool sql_p_at_operator(const struct parser *p);
bool sql_p_unit(struct parser *p, struct sql_interval *out);

/*
 * In a parenthesis: a query, or an expression or list of them. Takes both parentheses.
 * Exactly one of the two is set.
 */
struct sql_inner {
    struct sql_query *query;
    struct sql_expr *expr;
};
struct sql_inner sql_p_parenthesis(struct parser *p);
/* What a parenthesis may hold, without the parenthesis. */
struct sql_inner sql_p_inner(struct parser *p);
struct sql_expr *sql_p_scalar(struct parser *p, struct sql_query *query);

/* Types. */
struct sql_type_spec *sql_p_type(struct parser *p);

/* Queries. */
bool sql_p_starts_query(const struct parser *p, size_t ahead);
/* Whether, any parentheses skipped, a query begins here. */
bool sql_p_opens_query(const struct parser *p);
struct sql_query *sql_p_query(struct parser *p);
/* Set operations, ORDER BY and LIMIT after a query term. */
struct sql_query *sql_p_query_tail(struct parser *p, struct sql_query *query);
bool sql_p_at_query_tail(const struct parser *p);
struct sql_from *sql_p_from(struct parser *p);
struct sql_from *sql_p_table_primary(struct parser *p);
void sql_p_close_from(struct parser *p, struct sql_from *from);
struct sql_hint_list sql_p_hints(struct parser *p);
void sql_p_match(struct parser *p, struct sql_match *match);
struct sql_select_item *sql_p_items(struct parser *p, size_t *count);

/* Statements. */
struct sql_option_list sql_p_options(struct parser *p); /* ('k' = 'v', …) */
void sql_p_table_elements(struct parser *p, struct sql_table_def *def);
/* A column without a type stands only among others like it, and only when `bare`. */
void sql_p_require_types(struct parser *p, const struct sql_table_def *def, bool bare);
void sql_p_table_clauses(struct parser *p, struct sql_table_def *def);
void sql_p_distribution(struct parser *p, struct sql_distribution_def *out);
struct sql_column_def *sql_p_column(struct parser *p, struct sql_table_def *def);
void sql_p_create(struct parser *p, struct sql_statement *out);
void sql_p_drop(struct parser *p, struct sql_statement *out);
void sql_p_alter(struct parser *p, struct sql_statement *out);
void sql_p_show(struct parser *p, struct sql_statement *out);
void sql_p_use(struct parser *p, struct sql_statement *out);
void sql_p_set(struct parser *p, struct sql_statement *out);
void sql_p_describe(struct parser *p, struct sql_statement *out);
void sql_p_insert(struct parser *p, struct sql_statement *out);
void sql_p_statement(struct parser *p, struct sql_statement *out);

#endif
