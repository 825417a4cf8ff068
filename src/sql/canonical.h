/*
 * A canonical text of a statement, for telling whether two texts mean the same query:
 * white space, comments, case of keywords, types and function names, and quoting of
 * identifiers don't count; everything else does (identifiers are case-sensitive in
 * Flink, strings and numbers are kept as written). Works on what a user wrote and on
 * what a server gives back.
 */
#ifndef SQL_CANONICAL_H
#define SQL_CANONICAL_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Appends the canonical text of one statement, on one line, without a `;` at the end.
 * Names come in back quotes. What isn't understood is kept token by token: only
 * reserved words lose their case there. -1, with nothing appended, when it can't even
 * be cut into tokens (unterminated string, unbalanced parentheses).
 */
int sql_canonical(const char *text, size_t len, struct buf *out);

/* 64-bit fingerprint (FNV-1a) of the canonical text; 0 when there is none. */
uint64_t sql_fingerprint(const char *text, size_t len);

#endif
