/* Syntax of Flink's SQL statements as Confluent Cloud has them, for \h. */
#ifndef SHELL_SYNTAX_H
#define SHELL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct syntax {
    const char *name; /* "CREATE TABLE" */
    const char *summary;
    const char *text;
};

/* Static. */
const struct syntax *syntax_all(size_t *count);
/*
 * Help for all statements that start with `name` (letter case aside), or the list of
 * them when it is "". False when there is none.
 */
bool syntax_help(const char *name, struct buf *out);

#endif
