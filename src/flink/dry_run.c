#include "config.h"

#include "flink/submit.h"

#include "flink/client.h"

/* A server that has not made up its mind is asked again this often. */
#define UNKNOWN_MAX 3
#define UNKNOWN_MS  500

struct batch {
    struct flink_client *client;
    struct arena *arena;
    size_t open;
    bool done;
    struct err connection;
};

struct item {
    struct batch *batch;
    struct flink_dry_run *run;
    int unknown;
};

static void submit(void *context);

static void answered(void *context, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    struct item *item = context;
    struct flink_dry_run *run = item->run;

    if (statement != NULL && !flink_phase_terminal(statement->phase) &&
        statement->phase != FLINK_PHASE_RUNNING && ++item->unknown < UNKNOWN_MAX) {
        flink_timer_start(item->batch->client, UNKNOWN_MS * item->unknown, submit,
                          item);
        return;
    }
    if (statement != NULL) {
        flink_statement_copy(item->batch->arena, statement, &run->statement);
        run->valid = statement->phase == FLINK_PHASE_COMPLETED ||
                     statement->phase == FLINK_PHASE_RUNNING;
        run->unknown = !run->valid && statement->phase != FLINK_PHASE_FAILED;
        if (run->unknown) {
            err_set(&run->err, ERR_SERVER,
                    "the server did not say whether the statement is valid (%s)",
                    statement->phase_text);
        } else if (!run->valid) {
            err_set(&run->err, ERR_SERVER, "%s",
                    statement->detail[0] != '\0' ? statement->detail
                                                 : "the server refused the statement");
        }
    } else {
        run->err = error->err;
        if (error->err.code == ERR_CONNECTION || error->err.code == ERR_CREDENTIALS) {
            item->batch->connection = error->err;
        }
    }
    item->batch->done = --item->batch->open == 0;
}

static void submit(void *context)
{
    struct item *item = context;

    flink_statement_create_async(item->batch->client, &item->run->submit, answered,
                                 item);
}

int flink_dry_run(struct flink_client *client, struct flink_dry_run *runs, size_t count,
                  struct arena *arena, struct err *err)
{
    struct batch batch = {
        .client = client, .arena = arena, .open = count, .done = count == 0};
    struct item *items = arena_array(arena, struct item, count);

    for (size_t i = 0; i < count; i++) {
        runs[i].submit.dry_run = true;
        items[i] = (struct item){.batch = &batch, .run = &runs[i]};
        submit(&items[i]);
    }
    if (flink_client_run(client, &batch.done, err) != 0) {
        for (size_t i = 0; i < count; i++) {
            flink_client_forget(client, &items[i]);
        }
        return -1;
    }
    if (batch.connection.code != ERR_NONE) {
        *err = batch.connection;
        return -1;
    }
    return 0;
}
