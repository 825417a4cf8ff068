/* Statements that the shell answers itself: SET, RESET, USE, BEGIN, COMMIT, ROLLBACK.
 */
#ifndef SHELL_QUERY_LOCAL_H
#define SHELL_QUERY_LOCAL_H

#include <stdbool.h>

#include "base/err.h"

struct shell;

/* Settings that are meant for the shell; see cflowsh(1), VARIABLES. */
#define STATEMENT_NAME  "client.statement-name"
#define SERVICE_ACCOUNT "client.service-account"
#define RESULTS_TIMEOUT "client.results-timeout"

/* Whether the statement is one of these; if so it was run, with `result` 0 or -1. */
bool query_local(struct shell *shell, const char *sql, int *result, struct err *err);

#endif
