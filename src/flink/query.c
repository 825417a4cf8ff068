/* Whole queries: submit, wait, read, delete; and the blocking forms. */
#include "config.h"

#include "flink/results.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "flink/client.h"
#include "flink/submit.h"

struct query {
    struct flink_task op;
    struct flink_client *client;
    char *name;
    size_t max_rows;
    flink_rows_fn *done;
};

static void query_free(struct flink_task *op)
{
    struct query *query = (struct query *)op;

    free(query->name);
    free(query);
}

static void deleted(void *context, const struct flink_error *error)
{
    (void)context;
    (void)error;
}

static void query_deliver(struct query *query, const struct flink_rows *rows,
                          const struct flink_error *error)
{
    if (query->name != NULL) {
        flink_statement_delete_async(query->client, query->name, deleted, NULL);
    }
    flink_task_close(query->client, &query->op);
    if (!query->op.dropped) {
        query->done((void *)query->op.context, rows, error);
    }
    query_free(&query->op);
}

static void query_rows(void *context, const struct flink_rows *rows,
                       const struct flink_error *error)
{
    query_deliver(context, rows, error);
}

static void query_ready(void *context, const struct flink_statement *statement,
                        const struct flink_error *error)
{
    struct query *query = context;

    if (statement == NULL || query->op.dropped) {
        query_deliver(query, NULL, error);
        return;
    }
    flink_rows_async(query->client, statement, query->max_rows, query_rows, query);
}

static void query_created(void *context, const struct flink_statement *statement,
                          const struct flink_error *error)
{
    struct query *query = context;
    struct flink_wait_options options = {.wait = FLINK_WAIT_RESULTS,
                                         .timeout_ms = 300000};

    if (statement == NULL) {
        query_deliver(query, NULL, error);
        return;
    }
    query->name = xstrdup(statement->name);
    flink_wait_async(query->client, statement, &options, query_ready, query);
}

void flink_query_async(struct flink_client *client, const struct flink_submit *submit,
                       size_t max_rows, flink_rows_fn *done, void *context)
{
    struct query *query = xcalloc(1, sizeof(*query));
    struct flink_submit temporary = *submit;

    temporary.temporary = true;
    query->client = client;
    query->max_rows = max_rows;
    query->done = done;
    flink_task_open(client, &query->op, context, query_free);
    flink_statement_create_async(client, &temporary, query_created, query);
}

/* ---- blocking forms ---- */

struct blocking {
    bool done;
    int rc;
    struct arena *arena;
    struct flink_rows *out;
    struct err *err;
};

static struct flink_type copy_type(struct arena *arena, const struct flink_type *from)
{
    struct flink_type to = *from;
    struct flink_column *fields =
        arena_array(arena, struct flink_column, from->field_count + 1);

    to.name = arena_strdup(arena, from->name);
    to.text = arena_strdup(arena, from->text);
    if (from->key != NULL) {
        struct flink_type *key = arena_new(arena, struct flink_type);
        *key = copy_type(arena, from->key);
        to.key = key;
    }
    if (from->value != NULL) {
        struct flink_type *value = arena_new(arena, struct flink_type);
        *value = copy_type(arena, from->value);
        to.value = value;
    }
    for (size_t i = 0; i < from->field_count; i++) {
        fields[i].name = arena_strdup(arena, from->fields[i].name);
        fields[i].type = copy_type(arena, &from->fields[i].type);
    }
    to.fields = fields;
    return to;
}

static void copy_rows(struct arena *arena, const struct flink_rows *from,
                      struct flink_rows *to)
{
    struct flink_column *columns =
        arena_array(arena, struct flink_column, from->column_count + 1);
    struct flink_row *rows = arena_array(arena, struct flink_row, from->count + 1);

    for (size_t i = 0; i < from->column_count; i++) {
        columns[i].name = arena_strdup(arena, from->columns[i].name);
        columns[i].type = copy_type(arena, &from->columns[i].type);
    }
    for (size_t i = 0; i < from->count; i++) {
        struct value *cells = arena_array(arena, struct value, from->column_count + 1);
        for (size_t j = 0; j < from->column_count; j++) {
            cells[j] = value_clone(arena, from->rows[i].cells[j]);
        }
        rows[i] = (struct flink_row){.op = from->rows[i].op, .cells = cells};
    }
    *to = *from;
    to->columns = columns;
    to->rows = rows;
}

static void finish(void *context, const struct flink_rows *rows,
                   const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->done = true;
    if (error != NULL) {
        *blocking->err = error->err;
        blocking->rc = -1;
    } else {
        copy_rows(blocking->arena, rows, blocking->out);
    }
}

static int run(struct flink_client *client, struct blocking *blocking)
{
    if (flink_client_run(client, &blocking->done, blocking->err) != 0) {
        flink_client_forget(client, blocking);
        return -1;
    }
    return blocking->rc;
}

int flink_rows(struct flink_client *client, const struct flink_statement *statement,
               size_t max_rows, struct arena *arena, struct flink_rows *out,
               struct err *err)
{
    struct blocking blocking = {.arena = arena, .out = out, .err = err};

    flink_rows_async(client, statement, max_rows, finish, &blocking);
    return run(client, &blocking);
}

int flink_query(struct flink_client *client, const struct flink_submit *submit,
                size_t max_rows, struct arena *arena, struct flink_rows *out,
                struct err *err)
{
    struct blocking blocking = {.arena = arena, .out = out, .err = err};

    flink_query_async(client, submit, max_rows, finish, &blocking);
    return run(client, &blocking);
}
