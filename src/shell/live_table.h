/* Streaming results in table mode: the current rows, redrawn in place. */
#ifndef SHELL_LIVE_TABLE_H
#define SHELL_LIVE_TABLE_H

#include <stdbool.h>

#include "flink/results.h"

struct shell;

/* Whether data goes to a terminal that can be redrawn, and a person watches. */
bool live_table_possible(struct shell *shell);

/*
 * Reads and redraws until Ctrl-C, the end, or `max_rows` changes (0: no limit). What
 * was on the screen last stays there. Keeps at most LIVE_TABLE_ROWS rows: the newest.
 */
int live_table_run(struct shell *shell, struct flink_cursor *cursor,
                   const struct flink_statement *statement, long max_rows, size_t *rows,
                   struct err *err);

/*
 * The same where nobody watches: reads until `max_rows` rows are there (0: no limit),
 * the end, or silence, and writes the table once.
 */
int live_table_collect(struct shell *shell, struct flink_cursor *cursor,
                       const struct flink_statement *statement, long max_rows,
                       size_t *rows, struct err *err);

/* \gset: the one row that is there in the end, into variables. */
int live_table_store(struct shell *shell, struct flink_cursor *cursor,
                     const struct flink_statement *statement, const char *prefix,
                     struct err *err);

#define LIVE_TABLE_ROWS 10000

#endif
