/* STOP, RESUME, DELETE and WAIT_GONE steps. */
#include "config.h"

#include "run/machine.h"

#define GONE_FIRST_MS   1000
#define GONE_MAX_MS     10000
#define GONE_TIMEOUT_MS 120000
#define RESUME_GRACE_MS 60000 /* it may still show STOPPED that long */

static const struct step *current(const struct run_node *node)
{
    return &node->action->steps[node->step];
}

/* ---- stop and resume ---- */

static void stop_news(struct run_node *node, const struct flink_statement *statement)
{
    struct err err = {0};

    if (flink_phase_terminal(statement->phase)) {
        run_step_done(node);
    } else if (node->pending.err.code != ERR_NONE) {
        err = node->pending.err;
        err_wrap(&err, "statement '%s' can't be stopped", node->statement_name);
        run_step_fail(node, &err);
    }
}

static void resume_news(struct run_node *node, const struct flink_statement *statement)
{
    struct err err = {0};
    int64_t elapsed = run_now(node->run) - node->step_started_ms;

    if (node->pending.err.code != ERR_NONE && statement->stopped) {
        err = node->pending.err;
        err_wrap(&err, "statement '%s' can't be resumed", node->statement_name);
        run_step_fail(node, &err);
        return;
    }
    if ((statement->phase == FLINK_PHASE_STOPPED ||
         statement->phase == FLINK_PHASE_STOPPING) &&
        !statement->stopped && elapsed < RESUME_GRACE_MS) {
        return; /* asked for, not yet begun */
    }
    switch (flink_statement_ready(statement, FLINK_WAIT_RUNNING, false, &err)) {
    case FLINK_READY:
        run_step_done(node);
        break;
    case FLINK_FAILED:
        run_step_fail(node, &err);
        break;
    case FLINK_NOT_YET:
        if (current(node)->wait == STEP_WAIT_NONE) {
            run_step_done(node);
        }
        break;
    }
}

static void missing(struct run_node *node, const struct flink_error *error)
{
    if (current(node)->not_found_ok) {
        run_step_done(node);
    } else {
        run_step_fail(node, &error->err);
    }
}

static void changed(void *context, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    struct run_node *node = context;
    bool stop = current(node)->kind == STEP_STOP;

    node->pending = (struct flink_error){0};
    if (statement == NULL && error->status == 404) {
        missing(node, error);
        return;
    }
    if (statement == NULL) {
        /* perhaps it is stopped, or runs, already: ask */
        node->pending = *error;
    }
    run_watch_start(node, node->statement_name,
                    stop ? FLINK_WAIT_STOPPED : FLINK_WAIT_RUNNING, -1);
    if (statement == NULL) {
        node->watch.due_ms = node->watch.started_ms;
    } else {
        run_change_news(node, statement, NULL);
    }
}

/* ---- delete ---- */

static void delete_news(struct run_node *node, const struct flink_error *error)
{
    if (error != NULL && (error->status == 404 || error->status == 403)) {
        run_step_done(node);
    } else if (error != NULL) {
        run_step_fail(node, &error->err);
    }
}

static void deleted(void *context, const struct flink_error *error)
{
    struct run_node *node = context;

    if (error == NULL) {
        run_watch_start(node, node->statement_name, FLINK_WAIT_GONE, -1);
    } else if (error->status == 403) {
        run_node_note(node, true,
                      "the server refused (403) to delete statement '%s': under "
                      "compute-pool-scoped roles that is its answer for one that is "
                      "missing or lives in another pool; it is taken as missing",
                      node->statement_name);
        run_step_done(node);
    } else if (error->status == 404) {
        missing(node, error);
    } else {
        run_step_fail(node, &error->err);
    }
}

/* ---- wait until a relation is gone ---- */

static void ask_gone(struct run_node *node);

static void gone_known(void *context, bool exists, const struct flink_error *error)
{
    struct run_node *node = context;
    const struct step_relation *relation = &current(node)->relation;
    struct err err = {0};

    if (error != NULL) {
        run_step_fail(node, &error->err);
    } else if (!exists) {
        run_step_done(node);
    } else if (run_now(node->run) - node->step_started_ms >= GONE_TIMEOUT_MS) {
        err_set(&err, ERR_SERVER,
                "Dropped materialized table `%s`.`%s`.`%s` is still listed in the "
                "catalog after 120s; its asynchronous teardown is lagging.",
                relation->database, relation->schema, relation->identifier);
        err_hint(&err, "\\retry once it is gone");
        run_step_fail(node, &err);
    } else {
        int64_t ms = node->wake_delay_ms * 2;
        ms = ms < GONE_FIRST_MS ? GONE_FIRST_MS : ms;
        node->wake_delay_ms = ms > GONE_MAX_MS ? GONE_MAX_MS : ms;
        run_step_sleep(node, node->wake_delay_ms, "the dropped table is still listed",
                       ask_gone);
    }
}

static void ask_gone(struct run_node *node)
{
    const struct run_transport *transport = node->run->transport;
    const struct step_relation *relation = &current(node)->relation;

    transport->relation_exists(transport->context, relation->database, relation->schema,
                               relation->identifier, gone_known, node);
}

/* ---- all of them ---- */

void run_change_news(struct run_node *node, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    if (statement != NULL) {
        run_statement_seen(node, statement);
    }
    if (current(node)->kind == STEP_DELETE) {
        delete_news(node, error);
    } else if (statement == NULL && error->status == 404) {
        missing(node, error);
    } else if (statement == NULL) {
        run_step_fail(node, &error->err);
    } else if (current(node)->kind == STEP_STOP) {
        stop_news(node, statement);
    } else {
        resume_news(node, statement);
    }
}

void run_change(struct run_node *node)
{
    const struct run_transport *transport = node->run->transport;
    const struct step *step = current(node);

    node->statement_name = step->statement_name;
    switch (step->kind) {
    case STEP_STOP:
    case STEP_RESUME:
        transport->set_stopped(transport->context, step->statement_name,
                               step->kind == STEP_STOP, changed, node);
        break;
    case STEP_DELETE:
        transport->delete_statement(transport->context, step->statement_name, deleted,
                                    node);
        break;
    default:
        ask_gone(node);
        break;
    }
}
