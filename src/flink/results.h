/* Reading the rows of a statement: a cursor over result pages, one page in memory. */
#ifndef FLINK_RESULTS_H
#define FLINK_RESULTS_H

#include "flink/statement.h"

enum flink_op { FLINK_INSERT, FLINK_UPDATE_BEFORE, FLINK_UPDATE_AFTER, FLINK_DELETED };

struct flink_row {
    enum flink_op op;
    const struct value *cells; /* one per column: string, none or list; see type.h */
};

struct flink_page {
    const struct flink_row *rows;
    size_t count;
    bool last; /* nothing comes after this page */
};

struct flink_cursor;

/*
 * Opens a cursor over a statement that has a result set (ERR_USAGE otherwise). Nothing
 * is sent yet. Copies what it needs. Free it with flink_cursor_free(), at any time.
 */
struct flink_cursor *flink_cursor_new(struct flink_client *client,
                                      const struct flink_statement *statement,
                                      struct err *err);
/* A page under way is dropped, its callback not called. NULL is fine. */
void flink_cursor_free(struct flink_cursor *cursor);

const struct flink_column *flink_cursor_columns(const struct flink_cursor *cursor,
                                                size_t *count);

/* `page` and what it holds are valid until the next fetch; NULL when `error` is set. */
typedef void flink_page_fn(void *context, const struct flink_page *page,
                           const struct flink_error *error);

/*
 * Fetches the next page. An empty page that is not the last means that there is nothing
 * yet: the following fetch waits 100 ms and more, up to 1 s, by itself. "Not ready"
 * answers (409) are waited out. Errors: ERR_NOT_FOUND when the statement is gone,
 * ERR_SERVER for malformed rows or pages that repeat.
 */
void flink_cursor_fetch_async(struct flink_cursor *cursor, flink_page_fn *done,
                              void *context);
/*
 * Blocking form. With `timeout_ms` >= 0 an answer that takes longer gives an empty page
 * (the request goes on, the next call gets its answer); -1 waits as long as it takes.
 */
int flink_cursor_fetch(struct flink_cursor *cursor, int timeout_ms,
                       struct flink_page *page, struct err *err);

/* All rows of a statement that ends, changelog applied. */
struct flink_rows {
    const struct flink_column *columns;
    size_t column_count;
    struct flink_row *rows;
    size_t count;
    bool truncated; /* there were more than `max_rows`, or it never ends */
};

typedef void flink_rows_fn(void *context, const struct flink_rows *rows,
                           const struct flink_error *error);

/*
 * Reads everything up to `max_rows` (0 = 1,000,000) into memory; updates and deletes
 * are applied, by upsert key where there is one, else by whole row. A result that never
 * ends is read for 20 seconds.
 */
void flink_rows_async(struct flink_client *client,
                      const struct flink_statement *statement, size_t max_rows,
                      flink_rows_fn *done, void *context);
int flink_rows(struct flink_client *client, const struct flink_statement *statement,
               size_t max_rows, struct arena *arena, struct flink_rows *out,
               struct err *err);

/*
 * Submit, wait, read, delete: for metadata and tests. The statement is deleted whatever
 * happens, without waiting for it. `progress` may be NULL.
 */
int flink_query(struct flink_client *client, const struct flink_submit *submit,
                size_t max_rows, struct arena *arena, struct flink_rows *out,
                struct err *err);
void flink_query_async(struct flink_client *client, const struct flink_submit *submit,
                       size_t max_rows, flink_rows_fn *done, void *context);

#endif
