#include "config.h"

#include "flink/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "flink/client.h"
#include "flink/field.h"
#include "flink/submit.h"

#define EMPTY_MIN_MS     100
#define EMPTY_MAX_MS     1000
#define NOT_READY_MAX_MS 600000
#define RECENT           8 /* tokens that must not come back with rows */

struct flink_cursor {
    struct flink_client *client;
    char *name;
    struct arena meta; /* columns */
    const struct flink_column *columns;
    size_t column_count;
    struct arena arena; /* the current page */
    struct flink_page page;
    char *token; /* of the page to fetch; NULL at first */
    char *recent[RECENT];
    size_t recent_next;
    int64_t wait_ms;      /* before the next fetch */
    int64_t not_ready_ms; /* waited for results to be ready, in total */
    bool fetching;
    bool ended;
    bool kept; /* an answer came while nobody waited for it */
    struct flink_error kept_error;
    flink_page_fn *done; /* NULL: nobody waits */
    void *context;
};

struct flink_cursor *flink_cursor_new(struct flink_client *client,
                                      const struct flink_statement *statement,
                                      struct err *err)
{
    struct flink_statement copy;

    if (!statement->traits.has_schema) {
        err_set(err, ERR_USAGE, "statement '%s' has no result rows", statement->name);
        return NULL;
    }
    struct flink_cursor *cursor = xcalloc(1, sizeof(*cursor));
    cursor->client = client;
    cursor->name = xstrdup(statement->name);
    flink_statement_copy(&cursor->meta, statement, &copy);
    cursor->columns = copy.traits.columns;
    cursor->column_count = copy.traits.column_count;
    return cursor;
}

void flink_cursor_free(struct flink_cursor *cursor)
{
    if (cursor == NULL) {
        return;
    }
    flink_client_forget(cursor->client, cursor);
    for (size_t i = 0; i < RECENT; i++) {
        free(cursor->recent[i]);
    }
    free(cursor->token);
    free(cursor->name);
    arena_fini(&cursor->arena);
    arena_fini(&cursor->meta);
    free(cursor);
}

const struct flink_column *flink_cursor_columns(const struct flink_cursor *cursor,
                                                size_t *count)
{
    *count = cursor->column_count;
    return cursor->columns;
}

/* ---- decoding ---- */

static int decode_row(struct flink_cursor *cursor, struct value item,
                      struct flink_row *out, struct err *err)
{
    struct field_reader reader = {.what = "row", .arena = &cursor->arena, .err = err};
    int64_t op = field_int(&reader, item, "op", FLINK_INSERT);
    struct value row = field_list(&reader, item, "row");
    size_t count = value_list_count(row);

    if (err->code == ERR_NONE && (op < FLINK_INSERT || op > FLINK_DELETED)) {
        err_set(err, ERR_SERVER, "the server sent a row with the unknown change %d",
                (int)op);
    }
    if (err->code == ERR_NONE && count != cursor->column_count) {
        err_set(err, ERR_SERVER, "the server sent a row of %zu values for %zu columns",
                count, cursor->column_count);
    }
    if (err->code != ERR_NONE) {
        return -1;
    }
    struct value *cells = arena_array(&cursor->arena, struct value, count + 1);
    for (size_t i = 0; i < count; i++) {
        cells[i] = value_list_at(row, i);
        if (flink_cell_check(&cursor->columns[i].type, cells[i],
                             cursor->columns[i].name, err) != 0) {
            return -1;
        }
    }
    *out = (struct flink_row){.op = (enum flink_op)op, .cells = cells};
    return 0;
}

static int decode_rows(struct flink_cursor *cursor, struct value json, struct err *err)
{
    struct field_reader reader = {
        .what = "result page", .arena = &cursor->arena, .err = err};
    struct value results = field_object(&reader, json, "results", false);
    struct value data = field_list(&reader, results, "data");
    size_t count = value_list_count(data);
    struct flink_row *rows = arena_array(&cursor->arena, struct flink_row, count + 1);

    for (size_t i = 0; i < count && err->code == ERR_NONE; i++) {
        decode_row(cursor, value_list_at(data, i), &rows[i], err);
    }
    cursor->page = (struct flink_page){.rows = rows, .count = count};
    return err->code == ERR_NONE ? 0 : -1;
}

/* Keeps the token of the next page; the same page with rows again is an error. */
static void take_token(struct flink_cursor *cursor, const char *token, struct err *err)
{
    bool repeated = false;

    for (size_t i = 0; i < RECENT; i++) {
        repeated = repeated ||
                   (cursor->recent[i] != NULL && strcmp(cursor->recent[i], token) == 0);
    }
    if (repeated && cursor->page.count > 0) {
        err_set(err, ERR_SERVER,
                "the server sends the same page of results of '%s' again",
                cursor->name);
        return;
    }
    if (!repeated) {
        free(cursor->recent[cursor->recent_next % RECENT]);
        cursor->recent[cursor->recent_next++ % RECENT] = xstrdup(token);
    }
    free(cursor->token);
    cursor->token = xstrdup(token);
}

static int decode_page(struct flink_cursor *cursor, const struct flink_reply *reply,
                       struct err *err)
{
    struct field_reader reader = {.what = "result page", .err = err};
    struct value json;

    arena_reset(&cursor->arena);
    if (flink_reply_json(reply->body, reply->len, &cursor->arena, &json, err) != 0 ||
        decode_rows(cursor, json, err) != 0) {
        return -1;
    }
    struct value metadata = field_object(&reader, json, "metadata", false);
    const char *next = field_text(&reader, metadata, "next", false);
    if (next[0] == '\0') {
        cursor->page.last = true;
        cursor->ended = true;
        return err->code == ERR_NONE ? 0 : -1;
    }
    char *token = flink_url_parameter(next, "page_token", &cursor->arena);
    if (token == NULL || token[0] == '\0') {
        return err_set(err, ERR_SERVER,
                       "the server sent a result page whose 'next' has no page token");
    }
    take_token(cursor, token, err);
    return err->code == ERR_NONE ? 0 : -1;
}

/* ---- fetching ---- */

static void send_fetch(void *context);

static void deliver(struct flink_cursor *cursor, const struct flink_error *error)
{
    flink_page_fn *done = cursor->done;

    cursor->fetching = false;
    if (done == NULL) {
        cursor->kept = true;
        cursor->kept_error = error != NULL ? *error : (struct flink_error){0};
        return;
    }
    cursor->done = NULL;
    done(cursor->context, error == NULL ? &cursor->page : NULL, error);
}

static void grow_wait(struct flink_cursor *cursor)
{
    int64_t ms = cursor->wait_ms * 3 / 2;

    ms = ms < EMPTY_MIN_MS ? EMPTY_MIN_MS : ms;
    cursor->wait_ms = ms > EMPTY_MAX_MS ? EMPTY_MAX_MS : ms;
}

/* The results are not ready: has the statement failed? */
static void checked(void *context, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    struct flink_cursor *cursor = context;
    struct flink_error failed = {0};

    if (statement == NULL) {
        deliver(cursor, error);
        return;
    }
    if (flink_statement_ready(statement, FLINK_WAIT_RESULTS, false, &failed.err) ==
        FLINK_FAILED) {
        deliver(cursor, &failed);
        return;
    }
    grow_wait(cursor);
    cursor->not_ready_ms += cursor->wait_ms;
    if (cursor->not_ready_ms > NOT_READY_MAX_MS) {
        err_set(&failed.err, ERR_LIMIT, "the results of '%s' do not become ready (%s)",
                cursor->name, statement->phase_text);
        deliver(cursor, &failed);
        return;
    }
    flink_timer_start(cursor->client, cursor->wait_ms, send_fetch, cursor);
}

static void fetched(void *context, const struct flink_reply *reply,
                    const struct flink_error *error)
{
    struct flink_cursor *cursor = context;
    struct flink_error bad = {0};

    if (reply == NULL) {
        if (error->status == 409) {
            flink_statement_get_async(cursor->client, cursor->name, checked, cursor);
        } else {
            deliver(cursor, error);
        }
        return;
    }
    bad.status = reply->status;
    if (decode_page(cursor, reply, &bad.err) != 0) {
        deliver(cursor, &bad);
        return;
    }
    if (cursor->page.count > 0) {
        cursor->wait_ms = 0;
    } else {
        grow_wait(cursor);
    }
    deliver(cursor, NULL);
}

static void send_fetch(void *context)
{
    struct flink_cursor *cursor = context;
    char *base = flink_statement_path(cursor->name, "/results");
    struct buf path = BUF_INIT;

    buf_adds(&path, base);
    if (cursor->token != NULL) {
        buf_adds(&path, "?page_token=");
        flink_url_encode(cursor->token, &path);
    }
    flink_request_async(cursor->client, FLINK_GET, path.data, NULL, 0, fetched, cursor);
    buf_fini(&path);
    free(base);
}

/* Gives what is there already: the end, or the answer that nobody waited for. */
static void give_known(void *context)
{
    struct flink_cursor *cursor = context;
    bool failed = cursor->kept && cursor->kept_error.err.code != ERR_NONE;

    if (!cursor->kept) {
        cursor->page = (struct flink_page){.last = true};
    }
    cursor->kept = false;
    deliver(cursor, failed ? &cursor->kept_error : NULL);
}

void flink_cursor_fetch_async(struct flink_cursor *cursor, flink_page_fn *done,
                              void *context)
{
    cursor->done = done;
    cursor->context = context;
    if (cursor->fetching) {
        return;
    }
    cursor->fetching = true;
    if (cursor->ended || cursor->kept) {
        flink_timer_start(cursor->client, 0, give_known, cursor);
    } else if (cursor->wait_ms > 0) {
        flink_timer_start(cursor->client, cursor->wait_ms, send_fetch, cursor);
    } else {
        send_fetch(cursor);
    }
}

/* ---- blocking form ---- */

struct blocking {
    bool done;
    bool timed_out;
    struct flink_page *page;
    struct err *err;
    int rc;
};

static void got(void *context, const struct flink_page *page,
                const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->done = true;
    if (error != NULL) {
        *blocking->err = error->err;
        blocking->rc = -1;
    } else {
        *blocking->page = *page;
    }
}

static void time_out(void *context)
{
    struct blocking *blocking = context;

    blocking->timed_out = true;
    blocking->done = true;
}

int flink_cursor_fetch(struct flink_cursor *cursor, int timeout_ms,
                       struct flink_page *page, struct err *err)
{
    struct blocking blocking = {.page = page, .err = err};

    *page = (struct flink_page){0};
    flink_cursor_fetch_async(cursor, got, &blocking);
    if (timeout_ms >= 0) {
        flink_timer_start(cursor->client, timeout_ms, time_out, &blocking);
    }
    if (flink_client_run(cursor->client, &blocking.done, err) != 0) {
        blocking.rc = -1;
    }
    flink_client_forget(cursor->client, &blocking);
    cursor->done = NULL;
    return blocking.rc;
}
