/* The runner against a fake cloud on a clock that only moves when it waits. */
#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "fake_cloud.h"
#include "run/machine.h"
#include "run/retry.h"

/* ---- a small language for plans ---- */

#define MAX_ACTIONS 64
#define MAX_STEPS   6

struct bench {
    struct fake_cloud cloud;
    struct run_transport transport;
    struct run_options options;
    struct run_listener listener;
    struct run_report report;
    struct err err;
    struct plan_action actions[MAX_ACTIONS];
    struct step steps[MAX_ACTIONS][MAX_STEPS];
    char ids[MAX_ACTIONS][16];
    size_t needs[MAX_ACTIONS][4];
    size_t count;
    struct buf events;
    size_t in_progress;
    size_t in_progress_max;
    volatile sig_atomic_t interrupts;
};

static void on_node_started(void *context, const struct run_result *result,
                            size_t index, size_t total)
{
    struct bench *bench = context;

    (void)index;
    (void)total;
    buf_addf(&bench->events, "start %s\n", result->action->unique_id);
    if (++bench->in_progress > bench->in_progress_max) {
        bench->in_progress_max = bench->in_progress;
    }
}

static void on_phase(void *context, const struct run_result *result,
                     const struct run_statement *statement, const char *waiting)
{
    struct bench *bench = context;

    (void)result;
    buf_addf(&bench->events, "%s %s%s%s\n", statement->name, statement->phase_text,
             waiting != NULL ? ": " : "", waiting != NULL ? waiting : "");
}

static void on_note(void *context, const struct run_result *result,
                    const struct plan_note *note)
{
    struct bench *bench = context;

    (void)result;
    buf_addf(&bench->events, "note %s\n", note->text);
}

static void on_node_finished(void *context, const struct run_result *result,
                             size_t index, size_t total)
{
    struct bench *bench = context;

    (void)index;
    (void)total;
    bench->in_progress -= result->started_ms != 0;
    buf_addf(&bench->events, "end %s %s\n", result->action->unique_id,
             run_status_name(result->status));
}

static void on_interrupted(void *context, const struct run_report *report, int level)
{
    struct bench *bench = context;

    (void)report;
    buf_addf(&bench->events, "interrupted %d\n", level);
}

static struct bench *setup(void)
{
    static struct bench bench;

    bench = (struct bench){0};
    fake_cloud_init(&bench.cloud);
    bench.cloud.interrupts = &bench.interrupts;
    fake_cloud_transport(&bench.cloud, &bench.transport);
    bench.options = (struct run_options){
        .threads = 4, .run_id = "r1", .interrupts = &bench.interrupts};
    bench.listener = (struct run_listener){
        .context = &bench,
        .node_started = on_node_started,
        .phase_changed = on_phase,
        .note = on_note,
        .node_finished = on_node_finished,
        .interrupted = on_interrupted,
    };
    return &bench;
}

static void teardown(struct bench *bench)
{
    run_report_free(&bench->report);
    fake_cloud_fini(&bench->cloud);
    buf_fini(&bench->events);
}

/* An action without steps; the id is its letter. */
static struct plan_action *add(struct bench *bench, const char *id)
{
    size_t i = bench->count++;

    snprintf(bench->ids[i], sizeof(bench->ids[i]), "%s", id);
    bench->actions[i] = (struct plan_action){
        .verb = PLAN_CREATE,
        .unique_id = bench->ids[i],
        .name = bench->ids[i],
        .steps = bench->steps[i],
        .needs = bench->needs[i],
    };
    return &bench->actions[i];
}

static struct step *add_step(struct plan_action *action, enum step_kind kind,
                             const char *name, const char *sql)
{
    struct step *step = &action->steps[action->step_count++];

    *step = (struct step){.kind = kind,
                          .statement_name = name,
                          .sql = sql,
                          .summary = "STEP",
                          .wait = STEP_WAIT_COMPLETED,
                          .undo = ""};
    return step;
}

/* A model of one DDL statement that is named as the model. */
static struct plan_action *add_model(struct bench *bench, const char *id)
{
    struct plan_action *action = add(bench, id);

    add_step(action, STEP_STATEMENT, action->unique_id, "CREATE TABLE t");
    return action;
}

static void need(struct bench *bench, struct plan_action *action, size_t needed)
{
    size_t i = (size_t)(action - bench->actions);

    bench->needs[i][action->need_count++] = needed;
    if (action->level <= bench->actions[needed].level) {
        action->level = bench->actions[needed].level + 1;
    }
}

static int execute(struct bench *bench)
{
    return run_execute(bench->actions, bench->count, &bench->options, &bench->transport,
                       &bench->listener, &bench->report, &bench->err);
}

static const struct run_result *result(struct bench *bench, size_t i)
{
    return &bench->report.results[i];
}

#define assert_events(bench, text)                                                     \
    assert_non_null(strstr(buf_str(&(bench)->events), text))
#define assert_no_events(bench, text)                                                  \
    assert_null(strstr(buf_str(&(bench)->events), text))
#define assert_status(bench, i, expected)                                              \
    assert_string_equal(run_status_name(result(bench, i)->status), expected)

/* ---- order ---- */

static void test_order(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->options.threads = 1;
    struct plan_action *d = add_model(bench, "d");
    add_model(bench, "b");
    add_model(bench, "a");
    struct plan_action *c = add_model(bench, "c");
    need(bench, c, 1);
    need(bench, d, 3);
    d->level = 2;
    assert_int_equal(execute(bench), 0);
    assert_events(bench, "start a");
    const char *expected[] = {"start a", "start b", "start c", "start d"};
    const char *at = buf_str(&bench->events);
    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, expected[i]);
        assert_non_null(at);
    }
    assert_int_equal(bench->in_progress_max, 1);
    assert_string_equal(result(bench, 0)->message, "Phase.COMPLETED");
    teardown(bench);
}

static void test_threads(void **state)
{
    struct bench *bench = setup();
    char id[16];

    (void)state;
    bench->options.threads = 5;
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof(id), "m%02d", i);
        add_model(bench, id);
    }
    assert_int_equal(execute(bench), 0);
    assert_int_equal(bench->in_progress_max, 5);
    assert_int_equal(bench->report.status_counts[RUN_SUCCESS], 20);
    /* 4 waves of (50 ms + 500 ms + an answer); listings, not 20 series of GETs */
    assert_true(bench->report.seconds < 4 * 0.7);
    assert_true(bench->report.polls < 20);
    assert_true(bench->cloud.lists > 0);
    teardown(bench);
}

static void test_polling_is_learnt(void **state)
{
    struct bench *bench = setup();
    char id[16];

    (void)state;
    bench->options.threads = 1;
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof(id), "m%02d", i);
        add_model(bench, id);
    }
    assert_int_equal(execute(bench), 0);
    assert_true(bench->report.polls <= 20 * 2 + 5);
    /* at best 20 x (25 ms there, 500 ms, 25 ms back) */
    assert_true(bench->report.seconds < 20 * 0.55 * 1.1);
    teardown(bench);
}

static void test_listing_fails(void **state)
{
    for (int empty = 0; empty < 2; empty++) {
        struct bench *bench = setup();
        char id[16];

        (void)state;
        bench->cloud.list_fails = empty == 0;
        bench->cloud.list_empty = empty == 1;
        for (int i = 0; i < 8; i++) {
            snprintf(id, sizeof(id), "m%02d", i);
            add_model(bench, id);
        }
        assert_int_equal(execute(bench), 0);
        assert_true(bench->cloud.gets >= 8);
        assert_true(bench->cloud.lists >= 1);
        if (empty == 0) {
            assert_int_equal(bench->cloud.lists, 1 + 1); /* and what others left */
        }
        teardown(bench);
    }
}

static void test_nothing_to_do(void **state)
{
    struct bench *bench = setup();

    (void)state;
    struct plan_action *same = add(bench, "same");
    same->verb = PLAN_SAME;
    need(bench, add_model(bench, "m"), 0);
    assert_int_equal(execute(bench), 0);
    assert_status(bench, 0, "success");
    assert_string_equal(result(bench, 0)->message, "SKIP");
    assert_int_equal(bench->cloud.creates, 1);
    teardown(bench);
}

static void test_cycle(void **state)
{
    struct bench *bench = setup();

    (void)state;
    struct plan_action *a = add_model(bench, "a");
    struct plan_action *b = add_model(bench, "b");
    need(bench, a, 1);
    need(bench, b, 0);
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_INTERNAL);
    assert_int_equal(bench->cloud.requests, 0);
    teardown(bench);
}

/* ---- failures ---- */

static const struct fake_rule bad_rule = {.name = "bad", .detail = "no such column"};

static void test_skip(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &bad_rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "bad");
    need(bench, add_model(bench, "child"), 0);
    need(bench, add_model(bench, "grandchild"), 1);
    add_model(bench, "other");
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_SERVER);
    assert_string_equal(bench->err.msg, "statement 'bad' failed: no such column");
    assert_status(bench, 0, "error");
    assert_status(bench, 1, "skipped");
    assert_status(bench, 2, "skipped");
    assert_string_equal(result(bench, 2)->skipped_for, "bad");
    assert_status(bench, 3, "success");
    assert_int_equal(bench->cloud.creates, 2);
    teardown(bench);
}

static void test_tolerated(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &bad_rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "bad")->tolerated = true;
    need(bench, add_model(bench, "child"), 0);
    assert_int_equal(execute(bench), -1);
    assert_status(bench, 1, "success");
    teardown(bench);
}

static void test_fail_fast(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &bad_rule;
    bench->cloud.rule_count = 1;
    bench->options.threads = 2;
    bench->options.fail_fast = true;
    add_model(bench, "bad");
    add_model(bench, "busy");
    add_model(bench, "later");
    assert_int_equal(execute(bench), -1);
    assert_status(bench, 1, "success");
    assert_status(bench, 2, "skipped");
    teardown(bench);
}

static void test_refused(void **state)
{
    struct bench *bench = setup();

    (void)state;
    struct plan_action *action = add(bench, "a");
    action->verb = PLAN_DRIFT;
    action->error = "Schema drift detected for R:";
    need(bench, add_model(bench, "b"), 0);
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_DRIFT);
    assert_status(bench, 1, "skipped");
    assert_int_equal(bench->cloud.requests, 0);
    teardown(bench);
}

static void test_silent_failure(void **state)
{
    static const struct fake_rule rule = {.name = "m", .silent = true};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "m");
    assert_int_equal(execute(bench), -1);
    assert_string_equal(bench->err.msg, "statement 'm' failed: it broke in the middle");
    teardown(bench);
}

static void test_create_error(void **state)
{
    static const struct fake_rule rule = {.name = "m", .create_status = 422};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "m");
    assert_int_equal(execute(bench), -1);
    assert_status(bench, 0, "error");
    assert_int_equal(bench->cloud.creates, 1);
    teardown(bench);
}

static void test_cleanup(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &bad_rule;
    bench->cloud.rule_count = 1;
    struct plan_action *action = add_model(bench, "bad");
    add_step(action, STEP_STATEMENT, "never", "CREATE TABLE u");
    add_step(action, STEP_STATEMENT, "drop-it", "DROP TABLE u")->always = true;
    assert_int_equal(execute(bench), -1);
    assert_null(strstr(buf_str(&bench->cloud.log), "never"));
    assert_non_null(strstr(buf_str(&bench->cloud.log), "POST drop-it"));
    assert_status(bench, 0, "error");
    assert_string_equal(result(bench, 0)->err.msg,
                        "statement 'bad' failed: no such column");
    teardown(bench);
}

static void test_loop_breaks(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.turn_fails_at = 5;
    add_model(bench, "a");
    need(bench, add_model(bench, "b"), 0);
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_INTERNAL);
    assert_status(bench, 0, "error");
    assert_status(bench, 1, "skipped");
    teardown(bench);
}

/* ---- retries ---- */

static void test_retry_classes(void **state)
{
    static const struct {
        const char *detail;
        bool dropped;
        int limit;
        bool advice;
    } cases[] = {
        {"Materialized table is currently being modified by statement: s1", false, 12,
         false},
        {"The table 't' was found, but its Kafka topic does not exist; this may be due "
         "to delayed deletion",
         false, 12, false},
        {"failed creating table: table already exists", false, 0, false},
        {"Cannot create table because the Schema Registry subject 't-value' doesn't "
         "match the existing one.",
         false, 0, true},
        {"A topic with the same name already exists with different partitions or "
         "configurations",
         false, 0, false},
        {"A topic with the same name already exists with different partitions or "
         "configurations",
         true, 12, false},
        {"Column 'n' not found in any table", true, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct run_retry retry = run_retry_class(cases[i].detail, cases[i].dropped);
        assert_int_equal(retry.limit, cases[i].limit);
        assert_int_equal(retry.advice != NULL, cases[i].advice);
    }
}

static void test_retry_passes(void **state)
{
    static const struct fake_rule rule = {
        .name = "m", .detail = "it is being modified by x", .fail_times = 2};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "m");
    assert_int_equal(execute(bench), 0);
    assert_int_equal(bench->cloud.creates, 3);
    assert_int_equal(bench->cloud.deletes, 2);
    assert_events(bench, "again in 10.0s");
    assert_true(bench->report.seconds > 20 && bench->report.seconds < 23);
    teardown(bench);
}

static void test_retry_gives_up(void **state)
{
    static const struct fake_rule rule = {.name = "m",
                                          .detail = "Kafka topic does not exist"};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "m");
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->cloud.creates, 12);
    assert_int_equal(bench->cloud.deletes, 11); /* the last failure stays */
    teardown(bench);
}

static void test_pool_exhausted(void **state)
{
    static const struct fake_rule rule = {.name = "m", .exhausted_ms = 40000};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    add_model(bench, "m");
    assert_int_equal(execute(bench), 0);
    assert_events(bench, "m PENDING: the compute pool is exhausted");
    assert_int_equal(bench->cloud.creates, 1);
    assert_int_equal(bench->cloud.deletes, 0);
    assert_true(bench->report.polls < 40);
    teardown(bench);
}

/* ---- waiting ---- */

static void test_running_and_degraded(void **state)
{
    static const struct fake_rule rules[] = {
        {.name = "short", .degraded_ms = 5000},
        {.name = "long", .degraded_ms = -1},
    };
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = rules;
    bench->cloud.rule_count = 2;
    for (size_t i = 0; i < 2; i++) {
        struct plan_action *action = add(bench, rules[i].name);
        add_step(action, STEP_STATEMENT, action->unique_id, "INSERT INTO t")->wait =
            STEP_WAIT_RUNNING;
    }
    assert_int_equal(execute(bench), 0);
    assert_string_equal(result(bench, 0)->message, "Phase.RUNNING");
    assert_events(bench, "note statement 'long' is DEGRADED: restarting");
    assert_no_events(bench, "note statement 'short'");
    teardown(bench);
}

static void test_no_wait(void **state)
{
    struct bench *bench = setup();

    (void)state;
    struct plan_action *action = add(bench, "m");
    add_step(action, STEP_STATEMENT, "m", "INSERT INTO t")->wait = STEP_WAIT_NONE;
    assert_int_equal(execute(bench), 0);
    assert_int_equal(bench->cloud.creates, 1);
    assert_int_equal(bench->cloud.gets, 0);
    teardown(bench);
}

static void test_unknown_phase(void **state)
{
    static const struct fake_rule rule = {.name = "m", .strange = "HIBERNATING"};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    bench->options.node_timeout_s = 60;
    add_model(bench, "m");
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_LIMIT);
    assert_non_null(strstr(bench->err.msg, "HIBERNATING"));
    assert_events(bench, "note statement 'm' is in a phase that is not known here");
    assert_true(bench->report.seconds < 62);
    teardown(bench);
}

static void test_run_timeout(void **state)
{
    static const struct fake_rule rule = {.name = "m", .run_ms = 1000000};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    bench->options.timeout_s = 30;
    add_model(bench, "m");
    need(bench, add_model(bench, "n"), 0);
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_LIMIT);
    assert_true(bench->report.timed_out);
    assert_int_equal(result(bench, 1)->status, RUN_INTERRUPTED);
    teardown(bench);
}

static void test_interrupt_once(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->options.threads = 1;
    bench->cloud.interrupt_ms[0] = 1000 + 200;
    struct plan_action *action = add_model(bench, "a");
    add_step(action, STEP_STATEMENT, "a2", "INSERT INTO t");
    add_model(bench, "b");
    assert_int_equal(execute(bench), -1);
    assert_int_equal(bench->err.code, ERR_INTERRUPTED);
    assert_events(bench, "interrupted 1");
    assert_events(bench, "a COMPLETED"); /* what was under way is followed */
    assert_int_equal(bench->cloud.creates, 1);
    assert_int_equal(result(bench, 0)->status, RUN_INTERRUPTED);
    assert_int_equal(result(bench, 1)->status, RUN_INTERRUPTED);
    teardown(bench);
}

static void test_interrupt_twice(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.interrupt_ms[0] = 1000 + 200;
    bench->cloud.interrupt_ms[1] = 1000 + 210;
    add_model(bench, "a");
    assert_int_equal(execute(bench), -1);
    assert_events(bench, "interrupted 2");
    assert_no_events(bench, "a COMPLETED");
    assert_true(bench->report.seconds < 0.4);
    teardown(bench);
}

static void test_interrupt_while_retrying(void **state)
{
    static const struct fake_rule rule = {.name = "m", .detail = "being modified"};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    bench->cloud.interrupt_ms[0] = 1000 + 3000;
    add_model(bench, "m");
    assert_int_equal(execute(bench), -1);
    assert_int_equal(result(bench, 0)->status, RUN_INTERRUPTED);
    assert_true(bench->report.seconds < 4);
    teardown(bench);
}

/* ---- steps that change what exists ---- */

static void test_delete_waits(void **state)
{
    struct bench *bench = setup();

    (void)state;
    bench->cloud.delete_ms = 3000;
    fake_cloud_add(&bench->cloud, "m");
    struct plan_action *action = add(bench, "m");
    add_step(action, STEP_DELETE, "m", NULL);
    add_step(action, STEP_STATEMENT, "m", "CREATE TABLE t");
    assert_int_equal(execute(bench), 0);
    assert_int_equal(bench->cloud.creates, 1);
    assert_true(bench->report.seconds > 3);
    teardown(bench);
}

static void test_delete_missing(void **state)
{
    static const struct {
        bool ok;
        int status;
        int rc;
    } cases[] = {{true, 0, 0}, {false, 0, -1}, {false, 403, 0}, {true, 500, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fake_rule rule = {.name = "m", .delete_status = cases[i].status};
        struct bench *bench = setup();

        bench->cloud.rules = &rule;
        bench->cloud.rule_count = 1;
        struct plan_action *action = add(bench, "m");
        add_step(action, STEP_DELETE, "m", NULL)->not_found_ok = cases[i].ok;
        assert_int_equal(execute(bench), cases[i].rc);
        teardown(bench);
    }
}

static void test_stop_and_resume(void **state)
{
    struct bench *bench = setup();

    (void)state;
    fake_cloud_add(&bench->cloud, "old");
    struct plan_action *stop = add(bench, "stop");
    add_step(stop, STEP_STOP, "old", NULL);
    struct plan_action *resume = add(bench, "then");
    add_step(resume, STEP_RESUME, "old", NULL)->wait = STEP_WAIT_RUNNING;
    need(bench, resume, 0);
    assert_int_equal(execute(bench), 0);
    assert_events(bench, "old STOPPING");
    assert_events(bench, "old STOPPED");
    assert_events(bench, "old RUNNING");
    teardown(bench);
}

static void test_stop_missing(void **state)
{
    struct bench *bench = setup();

    (void)state;
    add_step(add(bench, "a"), STEP_STOP, "old", NULL)->not_found_ok = true;
    add_step(add(bench, "b"), STEP_STOP, "old", NULL);
    assert_int_equal(execute(bench), -1);
    assert_status(bench, 0, "success");
    assert_status(bench, 1, "error");
    teardown(bench);
}

static void test_stop_already_stopped(void **state)
{
    static const struct fake_rule rule = {.name = "old", .stop_status = 422};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    fake_cloud_add(&bench->cloud, "old")->bounded = true;
    bench->cloud.now += 10000; /* it has COMPLETED */
    add_step(add(bench, "a"), STEP_STOP, "old", NULL);
    assert_int_equal(execute(bench), 0);
    teardown(bench);
}

static void test_wait_gone(void **state)
{
    static const struct {
        int64_t gone_ms;
        int rc;
    } cases[] = {{0, 0}, {20000, 0}, {500000, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fake_rule rule = {.name = "t", .gone_ms = cases[i].gone_ms};
        struct bench *bench = setup();

        bench->cloud.rules = &rule;
        bench->cloud.rule_count = 1;
        struct step *step = add_step(add(bench, "a"), STEP_WAIT_GONE, NULL, NULL);
        step->relation = (struct step_relation){"env-1", "db", "t"};
        assert_int_equal(execute(bench), cases[i].rc);
        if (cases[i].rc != 0) {
            assert_non_null(strstr(bench->err.msg,
                                   "Dropped materialized table `env-1`.`db`.`t` is "
                                   "still listed in the catalog after 120s"));
        }
        teardown(bench);
    }
}

static void test_background_delete(void **state)
{
    struct bench *bench = setup();

    (void)state;
    struct plan_action *action = add(bench, "m");
    add_step(action, STEP_STATEMENT, NULL, "DROP TABLE t")->delete_when_done = true;
    assert_int_equal(execute(bench), 0);
    assert_int_equal(bench->cloud.deletes, 1);
    assert_non_null(strstr(buf_str(&bench->cloud.log), "DELETE new-1"));
    assert_true(bench->cloud.statements[0].deleted_ms != 0);
    teardown(bench);
}

/* ---- dry-runs ---- */

static const struct flink_column learnt[] = {
    {"id", {.name = "INTEGER", .text = "INT"}},
    {"na`me", {.name = "VARCHAR", .text = "VARCHAR(2147483647)", .nullable = true}},
};

static void add_learning(struct bench *bench, const struct step_column *columns,
                         size_t count)
{
    struct plan_action *action = add(bench, "m");
    struct step *step = add_step(action, STEP_LEARN, NULL, "SELECT 1");

    step->columns = columns;
    step->column_count = count;
    add_step(action, STEP_STATEMENT, "m",
             "CREATE TABLE learnt (\n  /*+columns*/, PRIMARY KEY (`id`) NOT ENFORCED)");
    add_step(action, STEP_STATEMENT, "n", "INSERT INTO learnt (/*+names*/)\nSELECT 1")
        ->wait = STEP_WAIT_RUNNING;
}

static void test_learn(void **state)
{
    static const struct step_column columns[] = {{"id", "BIGINT", "INT", true}};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.columns = learnt;
    bench->cloud.column_count = 2;
    add_learning(bench, columns, 1);
    assert_int_equal(execute(bench), 0);
    assert_non_null(strstr(buf_str(&bench->cloud.log),
                           "CREATE TABLE learnt (\n  `id` BIGINT NOT NULL, `na``me` "
                           "VARCHAR(2147483647), PRIMARY KEY"));
    assert_non_null(
        strstr(buf_str(&bench->cloud.log), "INSERT INTO learnt (`id`, `na``me`)\n"));
    teardown(bench);
}

static void test_learn_offline(void **state)
{
    static const struct fake_rule rule = {.name = "dry-run", .no_schema = true};
    static const struct step_column typed[] = {{"id", NULL, "INT", true},
                                               {"v", "STRING", NULL, false}};
    static const struct step_column untyped[] = {{"id", NULL, "INT", true},
                                                 {"v", NULL, NULL, false}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bench *bench = setup();
        bench->cloud.rules = &rule;
        bench->cloud.rule_count = 1;
        add_learning(bench, i == 0 ? typed : untyped, 2);
        assert_int_equal(execute(bench), i == 0 ? 0 : -1);
        if (i == 0) {
            assert_events(bench, "note the server gave no schema");
            assert_non_null(strstr(buf_str(&bench->cloud.log),
                                   "(\n  `id` INT NOT NULL, `v` STRING,"));
        } else {
            assert_non_null(strstr(bench->err.msg, "column 'v'"));
            assert_int_equal(bench->cloud.creates, 0);
        }
        teardown(bench);
    }
}

static void test_check(void **state)
{
    static const struct {
        const char *phase;
        const char *detail;
        int rc;
        size_t checks;
    } cases[] = {
        {"COMPLETED", NULL, 0, 1},
        {"FAILED", "no such table", -1, 1},
        {"PENDING", NULL, -1, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fake_rule rule = {.name = "dry-run",
                                 .dry_run_phase = cases[i].phase,
                                 .detail = cases[i].detail};
        struct bench *bench = setup();

        bench->cloud.rules = &rule;
        bench->cloud.rule_count = 1;
        struct plan_action *action = add(bench, "m");
        add_step(action, STEP_CHECK, NULL, "CREATE VIEW v AS SELECT 1");
        add_step(action, STEP_STATEMENT, NULL, "DROP VIEW v");
        assert_int_equal(execute(bench), cases[i].rc);
        assert_int_equal(bench->cloud.checks, cases[i].checks);
        assert_int_equal(bench->cloud.creates, cases[i].rc == 0);
        teardown(bench);
    }
}

/* ---- tests ---- */

static struct value text(const char *s)
{
    return s == NULL ? value_none() : value_str(s);
}

static void test_data_tests(void **state)
{
    static const struct flink_column columns[] = {
        {.name = "failures"}, {.name = "should_warn"}, {.name = "should_error"}};
    static const struct {
        bool error;
        const char *cells[3];
        const char *status;
        const char *message;
        int rc;
    } cases[] = {
        {true, {"0", "FALSE", "FALSE"}, "pass", "", 0},
        {true,
         {"2", "TRUE", "TRUE"},
         "fail",
         "Got 2 results, configured to fail if != 0",
         -1},
        {true,
         {"1", "TRUE", "FALSE"},
         "warn",
         "Got 1 result, configured to warn if > 0",
         0},
        {false,
         {"2", "TRUE", "TRUE"},
         "warn",
         "Got 2 results, configured to warn if > 0",
         0},
        {true, {NULL, "TRUE", "TRUE"}, "error", NULL, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct step_test test = {cases[i].error, "> 0", "!= 0", false};
        struct value cells[3] = {text(cases[i].cells[0]), text(cases[i].cells[1]),
                                 text(cases[i].cells[2])};
        struct flink_row row = {FLINK_INSERT, cells};
        struct flink_rows rows = {columns, 3, &row, 1, false};
        struct bench *bench = setup();

        bench->cloud.rows = &rows;
        add_step(add(bench, "t"), STEP_QUERY, NULL, "SELECT 1")->test = &test;
        assert_int_equal(execute(bench), cases[i].rc);
        assert_status(bench, 0, cases[i].status);
        if (cases[i].message != NULL) {
            assert_string_equal(result(bench, 0)->message, cases[i].message);
        }
        assert_int_equal(bench->cloud.deletes, 1);
        teardown(bench);
    }
}

static void test_unit_tests(void **state)
{
    static const struct flink_column columns[] = {{.name = "id"},
                                                  {.name = "ACTUAL_OR_EXPECTED"}};
    struct value cells[4][2] = {{text("1"), text("actual")},
                                {text(NULL), text("actual")},
                                {text(NULL), text("expected")},
                                {text("1"), text("expected")}};
    struct flink_row list[4];
    struct flink_rows rows = {columns, 2, list, 4, false};
    struct step_test test = {true, "!= 0", "!= 0", true};

    (void)state;
    for (int i = 0; i < 4; i++) {
        list[i] = (struct flink_row){FLINK_INSERT, cells[i]};
    }
    for (int i = 0; i < 2; i++) {
        struct bench *bench = setup();
        cells[3][0] = text(i == 0 ? "1" : "2");
        bench->cloud.rows = &rows;
        add_step(add(bench, "t"), STEP_QUERY, NULL, "SELECT 1")->test = &test;
        assert_int_equal(execute(bench), i == 0 ? 0 : -1);
        if (i == 1) {
            assert_string_equal(result(bench, 0)->message,
                                "actual differs from expected:\n  actual   id: 1\n  "
                                "expected id: 2");
        }
        teardown(bench);
    }
}

/* ---- where the server complains ---- */

static void test_compiled_line(void **state)
{
    static const struct fake_rule rule = {
        .name = "m",
        .detail =
            "SQL validation failed. Error from line 3, column 3 to line 3, column "
            "8.\n\nCaused by: Column 'amuont' not found"};
    struct bench *bench = setup();

    (void)state;
    bench->cloud.rules = &rule;
    bench->cloud.rule_count = 1;
    struct plan_action *action = add(bench, "m");
    action->compiled_sql = "select\n  amuont\nfrom t";
    action->compiled_path = "target/compiled/m.sql";
    add_step(action, STEP_STATEMENT, "m",
             "INSERT INTO x (a)\nselect\n  amuont\nfrom t");
    assert_int_equal(execute(bench), -1);
    assert_string_equal(bench->err.file, "target/compiled/m.sql");
    assert_int_equal(bench->err.line, 2);
    assert_int_equal(bench->err.column, 3);
    assert_string_equal(bench->err.source, "  amuont");
    teardown(bench);
}

static void test_many(void **state)
{
    (void)state;
    /* a chain of 20,000 actions that have nothing to do: no recursion, no waiting */
    enum { COUNT = 20000 };
    static struct plan_action actions[COUNT];
    static size_t needs[COUNT];
    struct bench *bench = setup();

    for (size_t i = 0; i < COUNT; i++) {
        needs[i] = i > 0 ? i - 1 : 0;
        actions[i] = (struct plan_action){.verb = PLAN_SAME,
                                          .unique_id = "m",
                                          .level = (int)i,
                                          .needs = &needs[i],
                                          .need_count = i > 0};
    }
    assert_int_equal(run_execute(actions, COUNT, &bench->options, &bench->transport,
                                 NULL, &bench->report, &bench->err),
                     0);
    assert_int_equal(bench->report.status_counts[RUN_NO_CHANGE], COUNT);
    assert_int_equal(bench->cloud.requests, 0);
    teardown(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_polling_is_learnt),
        cmocka_unit_test(test_listing_fails),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_tolerated),
        cmocka_unit_test(test_fail_fast),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_silent_failure),
        cmocka_unit_test(test_create_error),
        cmocka_unit_test(test_cleanup),
        cmocka_unit_test(test_loop_breaks),
        cmocka_unit_test(test_retry_classes),
        cmocka_unit_test(test_retry_passes),
        cmocka_unit_test(test_retry_gives_up),
        cmocka_unit_test(test_pool_exhausted),
        cmocka_unit_test(test_running_and_degraded),
        cmocka_unit_test(test_no_wait),
        cmocka_unit_test(test_unknown_phase),
        cmocka_unit_test(test_run_timeout),
        cmocka_unit_test(test_interrupt_once),
        cmocka_unit_test(test_interrupt_twice),
        cmocka_unit_test(test_interrupt_while_retrying),
        cmocka_unit_test(test_delete_waits),
        cmocka_unit_test(test_delete_missing),
        cmocka_unit_test(test_stop_and_resume),
        cmocka_unit_test(test_stop_missing),
        cmocka_unit_test(test_stop_already_stopped),
        cmocka_unit_test(test_wait_gone),
        cmocka_unit_test(test_background_delete),
        cmocka_unit_test(test_learn),
        cmocka_unit_test(test_learn_offline),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_data_tests),
        cmocka_unit_test(test_unit_tests),
        cmocka_unit_test(test_compiled_line),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
