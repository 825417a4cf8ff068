/* Template text to tokens, one at a time, as Jinja2's lexer splits it. */
#ifndef JINJA_LEX_H
#define JINJA_LEX_H

#include "base/arena.h"
#include "base/err.h"
#include "value/value.h"

/* name, how Jinja describes it in messages */
#define LEX_TOKENS(X)                                                                  \
    X(EOF, "end of template")                                                          \
    X(DATA, "template data / text")                                                    \
    X(VARIABLE_BEGIN, "begin of print statement")                                      \
    X(VARIABLE_END, "end of print statement")                                          \
    X(BLOCK_BEGIN, "begin of statement block")                                         \
    X(BLOCK_END, "end of statement block")                                             \
    X(NAME, "name")                                                                    \
    X(STRING, "string")                                                                \
    X(INTEGER, "integer")                                                              \
    X(FLOAT, "float")                                                                  \
    X(ADD, "+")                                                                        \
    X(SUB, "-")                                                                        \
    X(MUL, "*")                                                                        \
    X(DIV, "/")                                                                        \
    X(FLOORDIV, "//")                                                                  \
    X(MOD, "%")                                                                        \
    X(POW, "**")                                                                       \
    X(TILDE, "~")                                                                      \
    X(LBRACKET, "[")                                                                   \
    X(RBRACKET, "]")                                                                   \
    X(LPAREN, "(")                                                                     \
    X(RPAREN, ")")                                                                     \
    X(LBRACE, "{")                                                                     \
    X(RBRACE, "}")                                                                     \
    X(EQ, "==")                                                                        \
    X(NE, "!=")                                                                        \
    X(GT, ">")                                                                         \
    X(GTEQ, ">=")                                                                      \
    X(LT, "<")                                                                         \
    X(LTEQ, "<=")                                                                      \
    X(ASSIGN, "=")                                                                     \
    X(DOT, ".")                                                                        \
    X(COLON, ":")                                                                      \
    X(PIPE, "|")                                                                       \
    X(COMMA, ",")                                                                      \
    X(SEMICOLON, ";")

enum lex_type {
#define X(name, text) LEX_##name,
    LEX_TOKENS(X)
#undef X
};

struct lex_token {
    enum lex_type type;
    int line; /* from 1, within the text */
    uint32_t offset;
    const char *s; /* as it stands in the text */
    uint32_t len;
    struct value value; /* STRING, INTEGER, FLOAT: what it means */
};

enum lex_state { LEX_IN_TEXT, LEX_IN_VARIABLE, LEX_IN_BLOCK };

#define LEX_MAX_NESTING 200

struct lexer {
    const char *text; /* newlines are \n only */
    size_t len;
    size_t pos;
    int line;
    enum lex_state state;
    struct lex_token pending;      /* the tag behind the text just given; EOF = none */
    char closers[LEX_MAX_NESTING]; /* brackets that are open */
    int depth;
    struct arena *arena;
    struct err *err;
};

/* \r\n and \r become \n, and one newline at the very end goes; in the arena. */
char *lex_normalize(const char *text, size_t len, struct arena *arena, size_t *out_len);

/* Only an expression: the text starts inside of {{ and has no end. */
void lexer_init(struct lexer *lexer, const char *text, size_t len, enum lex_state state,
                struct arena *arena, struct err *err);
/* Errors: TemplateSyntaxError with the line in `err->line`. */
int lexer_next(struct lexer *lexer, struct lex_token *out);

/* "end of print statement", "+", or the name itself. */
const char *lex_describe_type(enum lex_type type);

#endif
