#include "config.h"

#include "flink/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "flink/client.h"

#define TIMEOUT_MS      3000000
#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS 5000

int64_t flink_poll_interval(int64_t elapsed_ms)
{
    int64_t ms = elapsed_ms / 5;

    ms = ms < INTERVAL_MIN_MS ? INTERVAL_MIN_MS : ms;
    return ms > INTERVAL_MAX_MS ? INTERVAL_MAX_MS : ms;
}

struct wait {
    struct flink_task op;
    struct flink_client *client;
    char *name;
    struct flink_wait_options options;
    int64_t started_ms;
    enum flink_phase phase; /* last seen, for progress */
    char detail[256];
    struct flink_error error;
    flink_statement_fn *done;
};

static void ask(void *context);

static void wait_free(struct flink_task *op)
{
    struct wait *wait = (struct wait *)op;

    free(wait->name);
    free(wait);
}

static void deliver(struct wait *wait, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    flink_task_close(wait->client, &wait->op);
    if (!wait->op.dropped) {
        wait->done((void *)wait->op.context, statement, error);
    }
    wait_free(&wait->op);
}

/* The statement failed without a word: its newest exception tells more. */
static void explained(void *context, const struct flink_exception *items, size_t count,
                      const struct flink_error *error)
{
    struct wait *wait = context;

    if (error == NULL && count > 0) {
        size_t len = strlen(wait->error.err.msg);
        snprintf(wait->error.err.msg + len, sizeof(wait->error.err.msg) - len, ": %s",
                 items[0].message[0] != '\0' ? items[0].message : items[0].name);
    }
    deliver(wait, NULL, &wait->error);
}

static void report_progress(struct wait *wait, const struct flink_statement *statement)
{
    if (wait->options.progress == NULL || wait->op.dropped ||
        (wait->phase == statement->phase &&
         strncmp(wait->detail, statement->detail, sizeof(wait->detail) - 1) == 0)) {
        return;
    }
    wait->phase = statement->phase;
    str_copy(wait->detail, sizeof(wait->detail), statement->detail);
    wait->options.progress(wait->options.context, statement);
}

static void time_out(struct wait *wait, const struct flink_statement *statement)
{
    char waited[CLOCK_ISO_SIZE];

    clock_duration(wait->options.timeout_ms, waited);
    err_set(&wait->error.err, ERR_LIMIT, "statement '%s' is still %s after %s%s%s",
            wait->name, statement->phase_text, waited,
            statement->detail[0] != '\0' ? ": " : "", statement->detail);
    deliver(wait, NULL, &wait->error);
}

static void look(struct wait *wait, const struct flink_statement *statement)
{
    int64_t elapsed = flink_now(wait->client) - wait->started_ms;

    report_progress(wait, statement);
    switch (flink_statement_ready(statement, wait->options.wait, wait->options.snapshot,
                                  &wait->error.err)) {
    case FLINK_READY:
        deliver(wait, statement, NULL);
        return;
    case FLINK_FAILED:
        if (statement->detail[0] == '\0') {
            flink_statement_exceptions_async(wait->client, wait->name, explained, wait);
        } else {
            deliver(wait, NULL, &wait->error);
        }
        return;
    case FLINK_NOT_YET:
        break;
    }
    if (elapsed >= wait->options.timeout_ms) {
        time_out(wait, statement);
        return;
    }
    flink_timer_start(wait->client,
                      flink_jitter(wait->client, flink_poll_interval(elapsed)), ask,
                      wait);
}

static void answered(void *context, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    struct wait *wait = context;

    if (statement != NULL) {
        look(wait, statement);
    } else if (error->status == 404 && wait->options.wait == FLINK_WAIT_GONE) {
        deliver(wait, NULL, NULL);
    } else {
        deliver(wait, NULL, error);
    }
}

static void ask(void *context)
{
    struct wait *wait = context;

    flink_statement_get_async(wait->client, wait->name, answered, wait);
}

static struct wait *wait_new(struct flink_client *client, const char *name,
                             const struct flink_wait_options *options,
                             flink_statement_fn *done, void *context)
{
    struct wait *wait = xcalloc(1, sizeof(*wait));

    wait->client = client;
    wait->name = xstrdup(name);
    wait->options = *options;
    if (wait->options.timeout_ms <= 0) {
        wait->options.timeout_ms = TIMEOUT_MS;
    }
    wait->started_ms = flink_now(client);
    wait->done = done;
    flink_task_open(client, &wait->op, context, wait_free);
    return wait;
}

void flink_wait_async(struct flink_client *client,
                      const struct flink_statement *statement,
                      const struct flink_wait_options *options,
                      flink_statement_fn *done, void *context)
{
    look(wait_new(client, statement->name, options, done, context), statement);
}

/* ---- blocking forms ---- */

struct blocking {
    bool done;
    int rc;
    struct arena *arena;
    struct flink_statement *out;
    struct err *err;
};

static void finish(void *context, const struct flink_statement *statement,
                   const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->done = true;
    if (error != NULL) {
        *blocking->err = error->err;
        blocking->rc = -1;
    } else if (statement != NULL && blocking->out != NULL) {
        flink_statement_copy(blocking->arena, statement, blocking->out);
    }
}

static void finish_plain(void *context, const struct flink_error *error)
{
    finish(context, NULL, error);
}

static int run(struct flink_client *client, struct blocking *blocking)
{
    if (flink_client_run(client, &blocking->done, blocking->err) != 0) {
        flink_client_forget(client, blocking);
        return -1;
    }
    return blocking->rc;
}

int flink_statement_create(struct flink_client *client,
                           const struct flink_submit *submit, struct arena *arena,
                           struct flink_statement *out, struct err *err)
{
    struct blocking blocking = {.arena = arena, .out = out, .err = err};

    flink_statement_create_async(client, submit, finish, &blocking);
    return run(client, &blocking);
}

int flink_statement_get(struct flink_client *client, const char *name,
                        struct arena *arena, struct flink_statement *out,
                        struct err *err)
{
    struct blocking blocking = {.arena = arena, .out = out, .err = err};

    flink_statement_get_async(client, name, finish, &blocking);
    return run(client, &blocking);
}

int flink_statement_set_stopped(struct flink_client *client, const char *name,
                                bool stopped, struct err *err)
{
    struct blocking blocking = {.err = err};

    flink_statement_set_stopped_async(client, name, stopped, finish, &blocking);
    return run(client, &blocking);
}

int flink_statement_delete(struct flink_client *client, const char *name,
                           struct err *err)
{
    struct blocking blocking = {.err = err};

    flink_statement_delete_async(client, name, finish_plain, &blocking);
    return run(client, &blocking);
}

int flink_statement_wait(struct flink_client *client, const char *name,
                         const struct flink_wait_options *options, struct arena *arena,
                         struct flink_statement *out, struct err *err)
{
    struct blocking blocking = {.arena = arena, .out = out, .err = err};

    ask(wait_new(client, name, options, finish, &blocking));
    return run(client, &blocking);
}

int flink_statement_execute(struct flink_client *client,
                            const struct flink_submit *submit,
                            const struct flink_wait_options *options,
                            struct arena *arena, struct flink_statement *out,
                            struct err *err)
{
    struct arena scratch = {0};
    struct flink_statement created;
    struct blocking blocking = {.arena = arena, .out = out, .err = err};
    int rc = flink_statement_create(client, submit, &scratch, &created, err);

    if (rc == 0) {
        flink_wait_async(client, &created, options, finish, &blocking);
        rc = run(client, &blocking);
    }
    arena_fini(&scratch);
    return rc;
}
