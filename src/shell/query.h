/* SQL at the prompt: what the shell answers itself, and what goes to the server. */
#ifndef SHELL_QUERY_H
#define SHELL_QUERY_H

#include "base/err.h"

struct shell;

/*
 * Runs one statement and shows its result. SET, RESET, USE, BEGIN and COMMIT are
 * answered here; everything else becomes a foreground statement that is deleted
 * afterwards, unless it is one that goes on (INSERT, CREATE TABLE AS …).
 */
int query_run(struct shell *shell, const char *sql, struct err *err);

#endif
