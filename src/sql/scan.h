/*
 * Scanner of Flink SQL: cuts text into tokens without allocating or copying. Every
 * byte of the text belongs to exactly one token or to the blanks and comments between.
 *
 * Rules: the lexer of Flink 2.x's parser (Calcite, back-quote flavour): '…' strings
 * with doubled quotes, U&'…', _charset'…', N'…', X'…', E'…' with backslashes; `…`
 * identifiers with doubled back quotes; `--` and `//` comments to the end of the line,
 * block comments, which don't nest; hints.
 */
#ifndef SQL_SCAN_H
#define SQL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* enum suffix, name for messages */
#define SQL_TOKENS(X)                                                                  \
    X(END, "end of text")                                                              \
    X(WORD, "word")            /* keyword or bare identifier */                        \
    X(QUOTED, "identifier")    /* `…` */                                             \
    X(STRING, "string")        /* '…', with any prefix */                            \
    X(BINARY, "binary string") /* X'…' */                                            \
    X(INTEGER, "number")       /* 12 */                                                \
    X(DECIMAL, "number")       /* 1.5, .5, 1. */                                       \
    X(APPROXIMATE, "number")   /* 1e3 */                                               \
    X(PUNCTUATION, "operator") /* see `op` */                                          \
    X(HINT_BEGIN, "hint")      /* slash-star-plus */                                   \
    X(COMMENT, "comment")      /* only from sql_scan_raw() */                          \
    X(BLANK, "blank")          /* only from sql_scan_raw() */                          \
    X(BAD_STRING, "unterminated string")                                               \
    X(BAD_QUOTED, "unterminated identifier")                                           \
    X(BAD_COMMENT, "unterminated comment")                                             \
    X(BAD_BYTE, "character that SQL doesn't know")

enum sql_token_kind {
#define X(name, text) SQL_TOKEN_##name,
    SQL_TOKENS(X)
#undef X
};

/* Operators of several characters; single ones are their own ASCII code. */
enum sql_punctuation {
    SQL_P_NOT_EQUAL = 256, /* <> or != */
    SQL_P_LESS_EQUAL,
    SQL_P_GREATER_EQUAL,
    SQL_P_CONCAT,       /* || */
    SQL_P_ARROW,        /* => */
    SQL_P_LAMBDA,       /* -> */
    SQL_P_DOUBLE_COLON, /* :: */
    SQL_P_DOUBLE_DOT,   /* .. */
    SQL_P_HINT_END,     /* star-slash, only while a hint is open */
};

struct sql_token {
    enum sql_token_kind kind;
    int op;       /* of PUNCTUATION: an ASCII code or enum sql_punctuation; else 0 */
    size_t start; /* bytes */
    size_t end;
};

/* A zeroed scanner with `text` and `len` set is ready. */
struct sql_scanner {
    const char *text;
    size_t len;
    size_t pos;
    bool in_hint; /* between HINT_BEGIN and its end */
};

void sql_scan_init(struct sql_scanner *scanner, const char *text, size_t len);
/*
 * The next token, blanks and comments skipped; SQL_TOKEN_END at the end, again and
 * again. BAD_… tokens reach to the end of the text, BAD_BYTE is one character.
 */
struct sql_token sql_scan_next(struct sql_scanner *scanner);
/* As sql_scan_next(), with blanks and comments as tokens: for highlighting. */
struct sql_token sql_scan_raw(struct sql_scanner *scanner);

/* Name of a kind for messages ("string"); static. */
const char *sql_token_kind_name(enum sql_token_kind kind);
/* Whether the token is the bare word `word`, in any case. */
bool sql_token_is(const struct sql_token *token, const char *text, const char *word);

/*
 * Where common table expressions can be put in front of a statement's query, for the
 * statement that starts at the beginning of `text` (comments before it are skipped):
 * SELECT, VALUES, WITH, INSERT INTO … SELECT, CREATE … AS SELECT, EXPLAIN of these.
 */
struct sql_with_place {
    bool has_with;    /* the query starts with WITH [RECURSIVE] */
    bool recursive;   /* … RECURSIVE */
    size_t statement; /* offset of the statement's first token; `len` when none */
    size_t query;     /* offset of the query's first token (WITH, SELECT, VALUES,
                         parenthesis); equals `end` when the statement has no query */
    size_t insert;    /* after WITH [RECURSIVE], or `query`: new CTEs go here */
    size_t end;       /* end of the statement's last token, its `;` not counted */
    size_t next;      /* start of what follows, after the `;` if there is one */
};
void sql_find_with(const char *text, size_t len, struct sql_with_place *out);

#endif
