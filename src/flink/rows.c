/* Reading all rows of a statement, changelog applied. */
#include "config.h"

#include "flink/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xmalloc.h"
#include "flink/client.h"
#include "flink/submit.h"

#define ROWS_MAX    1000000
#define CHANGES_MAX 20000000
/* A result that never ends is read this long; dbt-confluent asks four times in 20 s. */
#define UNBOUNDED_MS 20000
/* Empty pages in a row after which a bounded statement is looked at: once it has
   COMPLETED, as many more mean that its result has no end. */
#define EMPTY_MAX 8

/* ---- rows ---- */

/* A row's place among the kept ones; equal rows are chained. */
struct kept {
    size_t index;
    struct kept *below;
};

struct reading {
    struct flink_task op;
    struct flink_client *client;
    struct flink_cursor *cursor;
    struct arena arena;
    struct flink_rows rows;
    size_t cap;
    size_t max_rows;
    size_t changes;
    int empty;        /* pages in a row */
    int64_t until_ms; /* of an unbounded result; 0: to its end */
    bool append_only;
    bool bounded;
    bool completed; /* when reading began: then all rows were there */
    char *name;
    const size_t *key;
    size_t key_count;
    struct map index; /* key or whole row -> struct kept, when not append-only */
    bool *gone;       /* parallel to rows */
    struct buf text;
    flink_rows_fn *done;
};

static void reading_free(struct flink_task *op)
{
    struct reading *reading = (struct reading *)op;

    flink_cursor_free(reading->cursor);
    free(reading->rows.rows);
    free(reading->gone);
    free(reading->name);
    buf_fini(&reading->text);
    map_fini(&reading->index);
    arena_fini(&reading->arena);
    free(reading);
}

static void deliver(struct reading *reading, const struct flink_error *error)
{
    flink_task_close(reading->client, &reading->op);
    if (!reading->op.dropped) {
        reading->done((void *)reading->op.context,
                      error == NULL ? &reading->rows : NULL, error);
    }
    reading_free(&reading->op);
}

/* The key columns as text with lengths, so that no two keys run together. */
static const char *row_key(struct reading *reading, const struct flink_row *row,
                           size_t *len)
{
    size_t count =
        reading->key_count > 0 ? reading->key_count : reading->rows.column_count;

    buf_reset(&reading->text);
    for (size_t i = 0; i < count; i++) {
        size_t column = reading->key_count > 0 ? reading->key[i] : i;
        size_t start = reading->text.len;
        if (value_is_null(row->cells[column])) {
            buf_adds(&reading->text, "-;");
            continue;
        }
        flink_cell_text(&reading->rows.columns[column].type, row->cells[column],
                        &reading->text);
        buf_addf(&reading->text, ";%zu;", reading->text.len - start);
    }
    *len = reading->text.len;
    return buf_str(&reading->text);
}

static void keep_row(struct reading *reading, const struct flink_row *row, size_t at)
{
    size_t columns = reading->rows.column_count;
    struct value *cells = arena_array(&reading->arena, struct value, columns + 1);

    for (size_t i = 0; i < columns; i++) {
        cells[i] = value_clone(&reading->arena, row->cells[i]);
    }
    reading->rows.rows[at] = (struct flink_row){.op = FLINK_INSERT, .cells = cells};
}

static size_t append_row(struct reading *reading, const struct flink_row *row)
{
    if (reading->rows.count == reading->cap) {
        reading->cap = reading->cap > 0 ? reading->cap * 2 : 64;
        reading->rows.rows = xreallocarray(reading->rows.rows, reading->cap,
                                           sizeof(*reading->rows.rows));
        reading->gone =
            xreallocarray(reading->gone, reading->cap, sizeof(*reading->gone));
    }
    size_t at = reading->rows.count++;
    reading->gone[at] = false;
    keep_row(reading, row, at);
    return at;
}

static int remove_row(struct reading *reading, struct kept *kept, const char *key,
                      size_t len, struct err *err)
{
    if (kept == NULL) {
        return err_set(err, ERR_SERVER,
                       "the server took back a row that it had not sent");
    }
    reading->gone[kept->index] = true;
    map_put_n(&reading->index, key, len, kept->below);
    return 0;
}

static int apply(struct reading *reading, const struct flink_row *row, struct err *err)
{
    bool adds = row->op == FLINK_INSERT || row->op == FLINK_UPDATE_AFTER;
    size_t len;

    if (reading->append_only) {
        if (row->op != FLINK_INSERT) {
            return err_set(err, ERR_SERVER,
                           "the server sent a change in a result that only grows");
        }
        append_row(reading, row);
        return 0;
    }
    const char *key = row_key(reading, row, &len);
    struct kept *kept = map_get_n(&reading->index, key, len);
    if (!adds && row->op == FLINK_UPDATE_BEFORE && reading->key_count > 0) {
        return 0; /* what comes after it replaces the row in place */
    }
    if (!adds) {
        return remove_row(reading, kept, key, len, err);
    }
    if (kept != NULL && reading->key_count > 0) {
        keep_row(reading, row, kept->index);
        return 0;
    }
    struct kept *fresh = arena_new(&reading->arena, struct kept);
    *fresh = (struct kept){append_row(reading, row), kept};
    map_put_n(&reading->index, arena_strndup(&reading->arena, key, len), len, fresh);
    return 0;
}

static void drop_gone(struct reading *reading)
{
    size_t kept = 0;

    for (size_t i = 0; i < reading->rows.count; i++) {
        if (!reading->gone[i]) {
            reading->rows.rows[kept++] = reading->rows.rows[i];
        }
    }
    reading->rows.count = kept;
}

static void finish_rows(struct reading *reading)
{
    drop_gone(reading);
    if (reading->rows.count > reading->max_rows) {
        reading->rows.count = reading->max_rows;
        reading->rows.truncated = true;
    }
    deliver(reading, NULL);
}

/* Pages may end because the statement did: then rows are missing. */
static void verified(void *context, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    struct reading *reading = context;
    struct flink_error failed = {0};

    if (statement == NULL) {
        deliver(reading, error);
    } else if (statement->phase == FLINK_PHASE_FAILED ||
               (statement->phase == FLINK_PHASE_STOPPED && reading->bounded)) {
        flink_statement_ready(statement, FLINK_WAIT_COMPLETED, false, &failed.err);
        deliver(reading, &failed);
    } else {
        finish_rows(reading);
    }
}

static void got_page(void *context, const struct flink_page *page,
                     const struct flink_error *error);

static void looked_at(void *context, const struct flink_statement *statement,
                      const struct flink_error *error)
{
    struct reading *reading = context;

    if (statement == NULL) {
        deliver(reading, error);
        return;
    }
    reading->completed = statement->phase == FLINK_PHASE_COMPLETED;
    reading->empty = 0;
    flink_cursor_fetch_async(reading->cursor, got_page, reading);
}

/* Another page after this one, which was not the last. */
static void go_on(struct reading *reading, bool empty)
{
    struct flink_error endless = {0};

    reading->empty = empty ? reading->empty + 1 : 0;
    if (!reading->bounded || reading->empty < EMPTY_MAX) {
        flink_cursor_fetch_async(reading->cursor, got_page, reading);
    } else if (!reading->completed) {
        flink_statement_get_async(reading->client, reading->name, looked_at, reading);
    } else {
        err_set(&endless.err, ERR_SERVER,
                "statement '%s' has COMPLETED, but the server gives no end of its "
                "results",
                reading->name);
        deliver(reading, &endless);
    }
}

static void got_page(void *context, const struct flink_page *page,
                     const struct flink_error *error)
{
    struct reading *reading = context;
    struct flink_error bad = {0};

    if (page == NULL) {
        deliver(reading, error);
        return;
    }
    for (size_t i = 0; i < page->count && bad.err.code == ERR_NONE; i++) {
        if ((reading->append_only && reading->rows.count >= reading->max_rows) ||
            ++reading->changes > CHANGES_MAX) {
            reading->rows.truncated = true;
            break;
        }
        apply(reading, &page->rows[i], &bad.err);
    }
    if (reading->until_ms != 0 && !page->last &&
        flink_now(reading->client) >= reading->until_ms) {
        reading->rows.truncated = true;
    }
    if (bad.err.code != ERR_NONE) {
        deliver(reading, &bad);
    } else if (reading->rows.truncated || reading->op.dropped ||
               (page->last && reading->completed)) {
        finish_rows(reading);
    } else if (page->last) {
        flink_statement_get_async(reading->client, reading->name, verified, reading);
    } else {
        go_on(reading, page->count == 0);
    }
}

static void take_shape(struct reading *reading, const struct flink_statement *statement)
{
    const struct flink_traits *traits = &statement->traits;
    size_t *key = arena_array(&reading->arena, size_t, traits->upsert_count + 1);

    for (size_t i = 0; i < traits->upsert_count; i++) {
        key[i] = traits->upsert_columns[i];
    }
    reading->key = key;
    reading->key_count = traits->upsert_count;
    reading->append_only = traits->append_only;
    reading->bounded = traits->bounded;
    reading->completed = statement->phase == FLINK_PHASE_COMPLETED;
    reading->name = xstrdup(statement->name);
    if (!traits->bounded) {
        reading->until_ms = flink_now(reading->client) + UNBOUNDED_MS;
    }
    reading->rows.columns =
        flink_cursor_columns(reading->cursor, &reading->rows.column_count);
}

struct early {
    struct reading *reading;
    struct flink_error error;
};

static void fail_early(void *context)
{
    struct early *early = context;

    deliver(early->reading, &early->error);
    free(early);
}

void flink_rows_async(struct flink_client *client,
                      const struct flink_statement *statement, size_t max_rows,
                      flink_rows_fn *done, void *context)
{
    struct reading *reading = xcalloc(1, sizeof(*reading));
    struct early *early = xcalloc(1, sizeof(*early));

    reading->client = client;
    reading->done = done;
    reading->max_rows = max_rows > 0 ? max_rows : ROWS_MAX;
    flink_task_open(client, &reading->op, context, reading_free);
    reading->cursor = flink_cursor_new(client, statement, &early->error.err);
    if (reading->cursor == NULL) {
        early->reading = reading;
        flink_timer_start(client, 0, fail_early, early);
        return;
    }
    free(early);
    take_shape(reading, statement);
    flink_cursor_fetch_async(reading->cursor, got_page, reading);
}
