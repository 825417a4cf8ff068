/* SQL at the prompt: what the shell answers itself, and what goes to the server. */
#ifndef SHELL_QUERY_H
#define SHELL_QUERY_H

#include "base/arena.h"
#include "base/err.h"
#include "flink/flink.h"
#include "flink/results.h"

struct shell;

/*
 * Runs one statement and shows its result. SET, RESET, USE, BEGIN and COMMIT are
 * answered here; everything else becomes a statement of its own. It is deleted
 * afterwards unless it is one that goes on (INSERT, CREATE TABLE AS …).
 */
int query_run(struct shell *shell, const char *sql, struct err *err);

/* As query_run() for SQL that is known to go to the server: \preview. */
int query_send(struct shell *shell, const struct flink_submit *submit, long max_rows,
               struct err *err);

/*
 * Points the error at the place that the server's words name ("line 2, column 9", "at
 * line 2, column 9"), with the line of `sql` for the caret.
 */
void query_locate_error(const char *sql, struct err *err);

/*
 * As query_locate_error() for what was typed, and a hint: misspelt keywords, names that
 * nearly exist. Nothing is refused because of what is found here.
 */
void query_explain_error(struct shell *shell, const char *sql, struct err *err);

/* A submission with the session's settings, in `arena`; `sql` is borrowed. */
struct flink_submit query_submit(struct shell *shell, const char *sql,
                                 struct arena *arena);

/* Shows the result of a statement that has one; see result.c. */
struct result_options {
    long max_rows;   /* 0: all */
    const char *sql; /* for errors */
};
int result_show(struct shell *shell, struct flink_client *client,
                const struct flink_statement *statement,
                const struct result_options *options, struct err *err);
/* \gset: the one row into variables. */
int result_store(struct shell *shell, struct flink_client *client,
                 const struct flink_statement *statement, struct err *err);
/* A cell with its text in the arena, and its JSON where JSON is written. */
struct format_cell;
void result_cell(const struct flink_type *type, struct value cell, bool json,
                 struct arena *arena, struct format_cell *out);

/*
 * A type as DESCRIBE writes it: STRING for VARCHAR(2147483647), TIMESTAMP_LTZ(3). The
 * text itself where it is no type that Flink knows.
 */
const char *query_type_text(struct arena *arena, const char *type);

#endif
