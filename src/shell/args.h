/*
 * Words of a backslash command: split at blanks; single and double quotes keep blanks,
 * '' and "" inside mean the quote itself, \n \t \\ work inside single quotes; :name,
 * :'name' and :"name" are replaced outside of quotes; `program` gives its output. An
 * unquoted backslash at the start of a word begins the next command. As psql.
 */
#ifndef SHELL_ARGS_H
#define SHELL_ARGS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "shell/vars.h"

struct args {
    const char **words; /* in the arena, NULL-terminated */
    size_t count;
    const char *rest; /* where the next command or SQL text begins */
};

#define ARGS_MAX 10000

/*
 * `text` is the line after the command's name. `vars` NULL: nothing is replaced.
 * ERR_USAGE: a quote is not closed, or too many words.
 */
int args_split(const char *text, const struct vars *vars, struct arena *arena,
               struct args *out, struct err *err);

/*
 * Replaces a variable reference at `text` (which starts with ':'): appends the value
 * and returns the bytes consumed; 0 when it is no reference to a set variable. With
 * :'name' the value is a SQL string, with :"name" it stands between two `name_quote`.
 */
size_t args_variable(const char *text, const struct vars *vars, char name_quote,
                     struct buf *out);

#endif
