/* STATEMENT and QUERY steps: submit, follow the phase, read what there is to read. */
#include "config.h"

#include "run/machine.h"

#include <string.h>

#include "base/str.h"

/* A new statement may be DEGRADED this long before that counts as running, with a
   warning. */
#define DEGRADED_GRACE_MS 30000
#define MAX_ROWS          10000

static const struct step *current(const struct run_node *node)
{
    return &node->action->steps[node->step];
}

static enum flink_wait wait_of(const struct step *step)
{
    if (step->kind == STEP_QUERY) {
        return FLINK_WAIT_RESULTS;
    }
    return step->wait == STEP_WAIT_COMPLETED ? FLINK_WAIT_COMPLETED
                                             : FLINK_WAIT_RUNNING;
}

/* ---- the submission ---- */

static size_t add_part(struct buf *out, const char *sql, const char *mark,
                       const char *text)
{
    const char *hit = strstr(sql, mark);

    if (hit == NULL) {
        return 0;
    }
    buf_add(out, sql, (size_t)(hit - sql));
    buf_adds(out, text);
    return (size_t)(hit - sql) + strlen(mark);
}

/* Puts `text` in place of the first `mark`: the plan writes each at most once, ahead
   of the model's own text. */
static const char *put_in(struct arena *arena, const char *sql, const char *mark,
                          const char *text)
{
    struct buf out = BUF_INIT;
    size_t used = add_part(&out, sql, mark, text);

    if (used == 0) {
        return sql;
    }
    buf_adds(&out, sql + used);
    const char *result = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return result;
}

const char *run_step_sql(struct run_node *node, struct err *err)
{
    struct arena *arena = &node->run->report->arena;
    const char *sql = current(node)->sql;

    if (sql == NULL) {
        err_set(err, ERR_INTERNAL, "a step of the plan has no SQL");
        return NULL;
    }
    if (node->names != NULL) {
        sql = put_in(arena, sql, STEP_MARK_DEFINITIONS, node->definitions);
        return put_in(arena, sql, STEP_MARK_NAMES, node->names);
    }
    return sql;
}

static void add_labels(struct value to, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *pair; (pair = value_dict_next(from, &at)) != NULL;) {
        if (value_is_str(pair->key)) {
            value_dict_put(to, pair->key.as.s, pair->value);
        }
    }
}

void run_make_submit(struct run_node *node, const char *name, int batch,
                     struct arena *arena, struct flink_submit *out)
{
    const struct step *step = current(node);
    struct value labels = value_dict_new(arena, 4);

    add_labels(labels, node->run->options->labels);
    add_labels(labels, step->labels);
    if (batch >= 0) {
        value_dict_put(labels, RUN_LABEL,
                       value_str(run_poll_label(node->run, batch, arena)));
    }
    *out = (struct flink_submit){
        .name = name,
        .sql = node->sql,
        .compute_pool_id = step->compute_pool_id,
        .properties = step->properties,
        .labels = labels,
        .hidden = step->hidden,
        .snapshot = step->snapshot,
        .temporary = step->kind == STEP_QUERY || step->delete_when_done,
    };
}

/* ---- what is known of statements ---- */

/* The record of the statement, which becomes the last one: the one that counts. */
static struct run_statement *record_of(struct run_node *node, const char *name)
{
    struct run_result *result = node->result;
    struct arena *arena = &node->run->report->arena;
    struct run_statement *statements = result->statements;
    size_t size = sizeof(*result->statements);
    size_t count = result->statement_count;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(statements[i].name, name) == 0) {
            struct run_statement found = statements[i];
            memmove(&statements[i], &statements[i + 1], (count - i - 1) * size);
            statements[count - 1] = found;
            return &statements[count - 1];
        }
    }
    result->statements =
        arena_realloc(arena, result->statements, result->statement_count * size,
                      (result->statement_count + 1) * size);
    struct run_statement *record = &result->statements[result->statement_count++];
    *record = (struct run_statement){
        .name = arena_strdup(arena, name), .phase_text = "", .detail = ""};
    return record;
}

void run_statement_seen(struct run_node *node, const struct flink_statement *statement)
{
    const struct run_listener *listener = node->run->listener;
    struct arena *arena = &node->run->report->arena;
    struct run_statement *record = record_of(node, statement->name);
    bool exhausted = statement->phase == FLINK_PHASE_PENDING &&
                     strcmp(statement->scaling_state, "POOL_EXHAUSTED") == 0;
    const char *detail = exhausted ? "POOL_EXHAUSTED" : statement->detail;

    record->summary = current(node)->summary;
    if (strcmp(record->phase_text, statement->phase_text) == 0 &&
        strcmp(record->detail, detail) == 0) {
        return;
    }
    record->phase = statement->phase;
    record->phase_text = arena_strdup(arena, statement->phase_text);
    record->detail = arena_strdup(arena, detail);
    if (listener->phase_changed != NULL) {
        listener->phase_changed(listener->context, node->result, record,
                                exhausted ? "the compute pool is exhausted: the "
                                            "statement starts once there is room"
                                          : NULL);
    }
    run_note_statement(node, statement);
}

static void deleted(void *context, const struct flink_error *error)
{
    struct run *run = context;

    (void)error;
    run->background--;
}

void run_delete_later(struct run *run, const char *name)
{
    run->background++;
    run->transport->delete_statement(run->transport->context, name, deleted, run);
}

/* ---- rows ---- */

static void take_rows(struct run_node *node, const struct flink_rows *rows)
{
    const struct run_listener *listener = node->run->listener;
    struct run_result *result = node->result;
    const struct step *step = current(node);

    result->rows = rows->count;
    if (step->test != NULL) {
        run_judge(step->test, rows, &node->run->report->arena, result);
        node->verdict = result->status;
        result->status = RUN_RUNNING;
    }
    if (listener->rows != NULL) {
        listener->rows(listener->context, result, rows);
    }
}

static void got_rows(void *context, const struct flink_rows *rows,
                     const struct flink_error *error)
{
    struct run_node *node = context;

    run_delete_later(node->run, node->statement_name);
    if (rows == NULL) {
        run_step_fail(node, &error->err);
        return;
    }
    take_rows(node, rows);
    if (node->verdict == RUN_ERROR) {
        struct err err = node->result->err;
        err_clear(&node->result->err);
        run_step_fail(node, &err);
    } else {
        run_step_done(node);
    }
}

static void read_rows(struct run_node *node, const struct flink_statement *statement)
{
    const struct run_transport *transport = node->run->transport;
    size_t max = node->run->options->max_rows;

    run_watch_stop(node);
    transport->rows(transport->context, statement, max > 0 ? max : MAX_ROWS, got_rows,
                    node);
}

/* ---- the end ---- */

static void succeeded(struct run_node *node, const struct flink_statement *statement)
{
    const struct step *step = current(node);

    if (step->kind == STEP_QUERY && statement->traits.has_schema) {
        read_rows(node, statement);
        return;
    }
    if (step->kind == STEP_QUERY ||
        (step->delete_when_done && statement->phase == FLINK_PHASE_COMPLETED)) {
        run_delete_later(node->run, node->statement_name);
    }
    run_step_done(node);
}

static void failed_finally(struct run_node *node, struct err *err)
{
    bool query = current(node)->kind == STEP_QUERY;

    if (run_step_retry(node, node->statement_name, err, run_submit)) {
        return;
    }
    run_explain(node, err);
    if (query) {
        run_delete_later(node->run, node->statement_name);
    }
    run_step_fail(node, err);
}

/* The statement failed without a word: its newest exception tells more. */
static void got_exceptions(void *context, const struct flink_exception *items,
                           size_t count, const struct flink_error *error)
{
    struct run_node *node = context;
    struct err err = {0};

    if (error == NULL && count > 0) {
        err_set(&err, ERR_SERVER, "statement '%s' failed: %s", node->statement_name,
                items[0].message[0] != '\0' ? items[0].message : items[0].name);
    } else {
        err_set(&err, ERR_SERVER,
                "statement '%s' failed, and the server does not say "
                "why",
                node->statement_name);
    }
    failed_finally(node, &err);
}

static void failed(struct run_node *node, const struct flink_statement *statement,
                   struct err *err)
{
    const struct run_transport *transport = node->run->transport;

    run_watch_stop(node);
    if (statement->phase == FLINK_PHASE_FAILED && statement->detail[0] == '\0') {
        transport->exceptions(transport->context, node->statement_name, got_exceptions,
                              node);
    } else {
        failed_finally(node, err);
    }
}

/* DEGRADED often passes; when it lasts, the statement does run, after all. */
static bool degraded_long(struct run_node *node,
                          const struct flink_statement *statement)
{
    int64_t now = run_now(node->run);

    if (statement->phase != FLINK_PHASE_DEGRADED) {
        node->degraded_ms = 0;
        return false;
    }
    if (node->degraded_ms == 0) {
        node->degraded_ms = now > 0 ? now : 1;
    }
    return current(node)->kind == STEP_STATEMENT &&
           current(node)->wait == STEP_WAIT_RUNNING &&
           now - node->degraded_ms >= DEGRADED_GRACE_MS;
}

void run_submit_news(struct run_node *node, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    const struct step *step = current(node);
    struct err err = {0};

    if (statement == NULL) {
        err = error->err;
        if (error->status == 404) {
            err_wrap(&err, "statement '%s' was deleted by somebody else",
                     node->statement_name);
        }
        run_step_fail(node, &err);
        return;
    }
    run_statement_seen(node, statement);
    switch (flink_statement_ready(statement, wait_of(step), step->snapshot, &err)) {
    case FLINK_READY:
        succeeded(node, statement);
        return;
    case FLINK_FAILED:
        failed(node, statement, &err);
        return;
    case FLINK_NOT_YET:
        break;
    }
    if (step->wait == STEP_WAIT_NONE && step->kind == STEP_STATEMENT) {
        run_step_done(node);
    } else if (degraded_long(node, statement)) {
        run_node_note(node, true, "statement '%s' is DEGRADED: %s", statement->name,
                      statement->detail);
        run_step_done(node);
    }
}

static void created(void *context, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    struct run_node *node = context;
    struct err err;

    if (statement == NULL) {
        err = error->err;
        if (!error->exists && !error->lost &&
            run_step_retry(node, NULL, &err, run_submit)) {
            return;
        }
        run_explain(node, &err);
        run_step_fail(node, &err);
        return;
    }
    run_watch_start(node, node->statement_name, wait_of(current(node)),
                    node->watch.batch);
    run_submit_news(node, statement, NULL);
}

void run_submit(struct run_node *node)
{
    const struct run_transport *transport = node->run->transport;
    struct arena *kept = &node->run->report->arena;
    struct arena arena = {0};
    struct flink_submit submit;
    struct err err = {0};

    node->sql = run_step_sql(node, &err);
    if (node->sql == NULL) {
        run_step_fail(node, &err);
        return;
    }
    if (node->statement_name == NULL) {
        node->statement_name = current(node)->statement_name != NULL
                                   ? current(node)->statement_name
                                   : transport->new_name(transport->context, kept);
    }
    node->watch.batch = run_poll_batch(&node->run->poller);
    run_make_submit(node, node->statement_name, node->watch.batch, &arena, &submit);
    transport->create(transport->context, &submit, created, node);
    arena_fini(&arena);
}
