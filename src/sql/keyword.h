/*
 * Words that the grammar of Flink SQL knows; not for other rooms. KW_x is the code of a
 * word x; the table is sorted by name.
 */
#ifndef SQL_KEYWORD_H
#define SQL_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/keyword_table.h"

#define KEYWORD_BASE 1000

enum sql_keyword {
    KW_BEFORE_FIRST = KEYWORD_BASE - 1,
#define X(name, flags) KW_##name,
    SQL_KEYWORDS(X)
#undef X
        KW_AFTER_LAST
};

enum sql_keyword_flag {
    KEYWORD_RESERVED = 1, /* must be quoted to be an identifier */
    KEYWORD_CALLABLE = 2, /* reserved, but name(…) is a function call */
    KEYWORD_BARE = 4,     /* a function without parentheses, or a literal */
};

/* The code of a word in any case, 0 when the grammar doesn't know it. */
int sql_keyword_find(const char *word, size_t len);
/* The word in upper case; static. */
const char *sql_keyword_text(int code);
bool sql_keyword_is(int code, enum sql_keyword_flag flag);

#endif
