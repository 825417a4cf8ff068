/* Which action runs when, and the loop that drives them. */
#include "config.h"

#include "run/machine.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmalloc.h"
#include "flink/temporary.h"

#define THREADS_DEFAULT   4
#define THREADS_MAX       1000
#define TURN_MS           100
#define TICK_MS           100
#define BACKGROUND_MAX_MS 10000
#define LEFT_PAGES_MAX    5

static const struct run_listener no_listener;

int64_t run_now(const struct run *run)
{
    return run->transport->now_ms(run->transport->context);
}

/* ---- what time and the user ask for ---- */

static void time_out(struct run_node *node)
{
    struct err err = {0};
    char after[CLOCK_ISO_SIZE];
    size_t count = node->result->statement_count;

    clock_duration(run_now(node->run) - node->result->started_run_ms, after);
    if (count > 0) {
        const struct run_statement *last = &node->result->statements[count - 1];
        err_set(&err, ERR_LIMIT,
                "not finished after %s: statement '%s' is still %s%s%s", after,
                last->name, last->phase_text, last->detail[0] != '\0' ? ": " : "",
                last->detail);
        err_hint(&err, "the statement was left as it is; running again goes on from "
                       "there");
    } else {
        err_set(&err, ERR_LIMIT, "not finished after %s", after);
    }
    run_step_abandon(node, &err);
}

static void look_at_clock(struct run *run)
{
    int64_t now = run_now(run);

    for (size_t i = run->active_count; i-- > 0;) {
        struct run_node *node = run->active[i];
        if (node->deadline_ms <= now && !node->failed) {
            node->deadline_ms = now + 60000; /* for cleaning up */
            time_out(node);
        } else if (node->wake_ms != 0 && node->wake_ms <= now) {
            node->wake_ms = 0;
            node->wake(node);
        }
        if (i > run->active_count) {
            i = run->active_count;
        }
    }
}

/* Gives up those that only sleep until they try again. */
static void wake_for_interrupt(struct run *run)
{
    struct err err = {0};

    err_set(&err, ERR_INTERRUPTED, "interrupted");
    for (size_t i = run->active_count; i-- > 0;) {
        if (i < run->active_count && run->active[i]->wake_ms != 0) {
            run_step_abandon(run->active[i], &err);
        }
    }
}

static void look_at_interrupts(struct run *run)
{
    const volatile sig_atomic_t *flag = run->options->interrupts;
    int level = flag != NULL ? *flag : 0;

    if (level <= run->interrupts) {
        return;
    }
    run->interrupts = level;
    run->stopping = true;
    run->report->interrupted = true;
    if (run->listener->interrupted != NULL) {
        run->listener->interrupted(run->listener->context, run->report,
                                   level > 1 ? 2 : 1);
    }
    wake_for_interrupt(run);
}

static bool out_of_time(struct run *run)
{
    if (run->deadline_ms == 0 || run_now(run) < run->deadline_ms) {
        return false;
    }
    run->report->timed_out = true;
    return true;
}

static int next_turn_ms(struct run *run)
{
    int64_t now = run_now(run);
    int64_t ms = run_poll(&run->poller, TURN_MS);

    for (size_t i = 0; i < run->active_count; i++) {
        int64_t wake = run->active[i]->wake_ms;
        if (wake != 0 && wake - now < ms) {
            ms = wake - now;
        }
    }
    return ms > 0 ? (int)ms : 0;
}

static void tick(struct run *run)
{
    int64_t now = run_now(run);

    if (run->listener->tick != NULL && now - run->ticked_ms >= TICK_MS) {
        run->ticked_ms = now;
        run->listener->tick(run->listener->context, run->report);
    }
}

static bool more_to_do(const struct run *run)
{
    return run->active_count > 0 || (run->ready_count > 0 && !run->stopping);
}

static int loop(struct run *run, struct err *err)
{
    for (;;) {
        look_at_interrupts(run);
        if (run->interrupts > 1 || out_of_time(run)) {
            return 0;
        }
        run_start_ready(run);
        if (!more_to_do(run)) {
            return 0;
        }
        if (run->transport->turn(run->transport->context, next_turn_ms(run), err) < 0) {
            return -1;
        }
        look_at_clock(run);
        tick(run);
    }
}

/* ---- leaving nothing behind ---- */

static void maybe_left(void *context, const struct flink_statement *statement)
{
    if (flink_statement_left_behind(statement)) {
        run_delete_later(context, statement->name);
    }
}

static void left_listed(void *context, const struct flink_error *error)
{
    struct run *run = context;

    (void)error;
    run->background--;
}

/*
 * Temporary statements of processes that died are deleted; a run that changed nothing
 * does not spend a request on it.
 */
static void clean_up_after_others(struct run *run)
{
    const struct flink_filter filter = {.label_key = FLINK_TEMPORARY_LABEL,
                                        .label_value = "true",
                                        .max_pages = LEFT_PAGES_MAX};

    if (run->poller.submitted == 0 || run->interrupts > 0 || run->report->timed_out) {
        return;
    }
    run->background++;
    run->transport->list(run->transport->context, &filter, maybe_left, left_listed,
                         run);
}

/* Lets deletions finish that nobody waited for. */
static void wait_background(struct run *run)
{
    int64_t until = run_now(run) + BACKGROUND_MAX_MS;
    struct err err = {0};

    while (run->background > 0 && run->interrupts < 2 && run_now(run) < until) {
        look_at_interrupts(run);
        if (run->transport->turn(run->transport->context, TURN_MS, &err) < 0) {
            break;
        }
    }
}

/* ---- from actions to nodes ---- */

static int by_level_and_id(const void *a, const void *b)
{
    const struct plan_action *x = (*(struct run_node *const *)a)->action;
    const struct plan_action *y = (*(struct run_node *const *)b)->action;

    return x->level != y->level ? (x->level > y->level) - (x->level < y->level)
                                : strcmp(x->unique_id, y->unique_id);
}

static void set_order(struct run *run)
{
    struct run_node **sorted = xcalloc(run->count + 1, sizeof(struct run_node *));

    for (size_t i = 0; i < run->count; i++) {
        sorted[i] = &run->nodes[i];
    }
    if (run->count > 1) {
        qsort(sorted, run->count, sizeof(struct run_node *), by_level_and_id);
    }
    for (size_t i = 0; i < run->count; i++) {
        sorted[i]->order = i;
    }
    free(sorted);
}

static int set_dependents(struct run *run, struct err *err)
{
    struct arena *arena = &run->report->arena;

    for (size_t i = 0; i < run->count; i++) {
        const struct plan_action *action = run->nodes[i].action;
        for (size_t j = 0; j < action->need_count; j++) {
            if (action->needs[j] >= run->count || action->needs[j] == i) {
                return err_set(err, ERR_INTERNAL, "the plan's dependencies are broken");
            }
            run->nodes[action->needs[j]].dependent_count++;
        }
        run->nodes[i].needs_left = action->need_count;
    }
    for (size_t i = 0; i < run->count; i++) {
        run->nodes[i].dependents =
            arena_array(arena, size_t, run->nodes[i].dependent_count);
        run->nodes[i].dependent_count = 0;
    }
    for (size_t i = 0; i < run->count; i++) {
        const struct plan_action *action = run->nodes[i].action;
        for (size_t j = 0; j < action->need_count; j++) {
            struct run_node *needed = &run->nodes[action->needs[j]];
            needed->dependents[needed->dependent_count++] = i;
        }
    }
    return 0;
}

static int init(struct run *run, const struct plan_action *actions, struct err *err)
{
    struct run_report *report = run->report;
    int threads = run->options->threads > 0 ? run->options->threads : THREADS_DEFAULT;

    run->threads = (size_t)(threads < THREADS_MAX ? threads : THREADS_MAX);
    run->nodes = xcalloc(run->count + 1, sizeof(*run->nodes));
    run->ready = xcalloc(run->count + 1, sizeof(struct run_node *));
    run->active = xcalloc(run->threads + 1, sizeof(struct run_node *));
    run->slots = xcalloc(run->threads + 1, sizeof(bool));
    report->results = arena_array(&report->arena, struct run_result, run->count + 1);
    report->count = run->count;
    report->started_ms = clock_wall_ms();
    for (size_t i = 0; i < run->count; i++) {
        report->results[i].action = &actions[i];
        run->nodes[i].run = run;
        run->nodes[i].action = &actions[i];
        run->nodes[i].result = &report->results[i];
    }
    run->ticked_ms = run_now(run);
    if (run->options->timeout_s > 0) {
        run->deadline_ms = run->ticked_ms + (int64_t)(run->options->timeout_s * 1000);
    }
    run_poll_init(&run->poller, run);
    set_order(run);
    if (set_dependents(run, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < run->count; i++) {
        if (run->nodes[i].needs_left == 0) {
            run_push_ready(run, &run->nodes[i]);
        }
    }
    return 0;
}

/* What was cut short, and what was never begun. */
static void end_rest(struct run *run, const struct err *why)
{
    while (run->active_count > 0) {
        struct run_node *node = run->active[0];
        run->transport->forget(run->transport->context, node);
        node->result->err = *why;
        run_node_end(node, why->code == ERR_INTERRUPTED ? RUN_INTERRUPTED : RUN_ERROR);
    }
    for (size_t i = 0; i < run->count; i++) {
        if (!run->nodes[i].ended) {
            run_node_finish(&run->nodes[i],
                            run->report->interrupted || run->report->timed_out
                                ? RUN_INTERRUPTED
                                : RUN_SKIPPED);
        }
    }
}

static void fini(struct run *run)
{
    run_poll_fini(&run->poller);
    run->transport->forget(run->transport->context, run);
    for (size_t i = 0; i < run->count; i++) {
        map_fini(&run->nodes[i].noted);
    }
    free(run->nodes);
    free(run->ready);
    free(run->active);
    free(run->slots);
}

static int set_result(struct run *run, const struct err *cut, struct err *err)
{
    if (run->report->timed_out) {
        return err_set(err, ERR_LIMIT, "the run was given up after %.0f seconds",
                       run->options->timeout_s);
    }
    if (run->report->interrupted) {
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    }
    if (cut->code != ERR_NONE || run->first.code != ERR_NONE) {
        *err = cut->code != ERR_NONE ? *cut : run->first;
        return -1;
    }
    return err->code == ERR_NONE ? 0 : -1;
}

int run_execute(const struct plan_action *actions, size_t count,
                const struct run_options *options,
                const struct run_transport *transport,
                const struct run_listener *listener, struct run_report *report,
                struct err *err)
{
    struct run run = {
        .options = options,
        .transport = transport,
        .listener = listener != NULL ? listener : &no_listener,
        .report = report,
        .count = count,
    };
    struct err cut = {0};

    *report = (struct run_report){0};
    if (init(&run, actions, err) == 0) {
        int64_t started = run.ticked_ms;
        if (run.listener->run_started != NULL) {
            run.listener->run_started(run.listener->context, report);
        }
        if (loop(&run, &cut) == 0 && run.active_count > 0) {
            err_set(&cut, ERR_INTERRUPTED, "interrupted");
        } else if (run.ended < run.count && !run.stopping && !report->timed_out) {
            err_set(&cut, ERR_INTERNAL, "the plan's dependencies form a cycle");
        }
        end_rest(&run, &cut);
        clean_up_after_others(&run);
        wait_background(&run);
        report->finished_ms = clock_wall_ms();
        report->seconds = (double)(run_now(&run) - started) / 1000.0;
        set_result(&run, &cut, err);
        if (run.listener->run_finished != NULL) {
            run.listener->run_finished(run.listener->context, report);
        }
    }
    fini(&run);
    return err->code == ERR_NONE ? 0 : -1;
}
