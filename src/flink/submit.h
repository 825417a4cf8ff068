/* What files of this room share about submissions. */
#ifndef FLINK_SUBMIT_H
#define FLINK_SUBMIT_H

#include "flink/statement.h"

/*
 * Whether the statement is the one that the POST body asked for: same SQL, and every
 * property and label of the body.
 */
bool flink_submit_matches(const char *body, size_t len,
                          const struct flink_statement *statement);

/* "/statements/NAME" percent-encoded, then `rest`, on the heap. */
char *flink_statement_path(const char *name, const char *rest);

/* Parses a reply's body as a statement, in `arena`. */
int flink_statement_parse(const struct flink_reply *reply, struct arena *arena,
                          struct flink_statement *out, struct err *err);

/* Milliseconds until a statement is asked after again, `elapsed_ms` after its start. */
int64_t flink_poll_interval(int64_t elapsed_ms);

/* As flink_statement_wait(). */
void flink_wait_async(struct flink_client *client,
                      const struct flink_statement *statement,
                      const struct flink_wait_options *options,
                      flink_statement_fn *done, void *context);

#endif
