/*
 * Where a statement ends. Works on any text, also one that doesn't parse; semicolons in
 * strings, quoted identifiers, comments and BEGIN … END blocks (EXECUTE STATEMENT SET
 * BEGIN … END) don't end a statement.
 */
#ifndef SQL_SPLIT_H
#define SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/* What the text ends inside of, for the prompt. */
enum sql_inside {
    SQL_INSIDE_NOTHING,     /* nothing but blanks and comments */
    SQL_INSIDE_STATEMENT,   /* a statement that no `;` has ended yet */
    SQL_INSIDE_STRING,      /* '… */
    SQL_INSIDE_QUOTED,      /* `… */
    SQL_INSIDE_COMMENT,     /* block comment */
    SQL_INSIDE_PARENTHESIS, /* ( or [ */
    SQL_INSIDE_BLOCK,       /* BEGIN … END */
    SQL_COMPLETE,           /* a statement ended by `;` was found */
};

struct sql_piece {
    size_t start; /* first token; comments before it are left out */
    size_t end;   /* after the last token, `;` not included */
    size_t next;  /* after the `;`, or the end of the text */
    enum sql_inside inside;
    bool empty; /* no token at all between the semicolons */
};

/*
 * Finds the statement that begins at or after `from`. SQL_COMPLETE when a `;` ended it.
 * Otherwise the text ended first: `inside` tells in what, and start, end cover what was
 * there. At the end of the text: SQL_INSIDE_NOTHING, empty.
 *
 * A `;` inside a parenthesis that was left open ends the statement all the same: the
 * parser then tells what is missing, and what follows isn't swallowed.
 */
enum sql_inside sql_split_next(const char *text, size_t len, size_t from,
                               struct sql_piece *out);

/* What `text` ends inside of when read as a script: the state of its last piece. */
enum sql_inside sql_split_state(const char *text, size_t len);

#endif
