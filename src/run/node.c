/* The life of an action in a run: ready, started, ended; what that means for others. */
#include "config.h"

#include "run/machine.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmalloc.h"

#define NODE_TIMEOUT_S 3000.0

/* ---- notes and failures ---- */

void run_node_note(struct run_node *node, bool warning, const char *fmt, ...)
{
    const struct run_listener *listener = node->run->listener;
    struct arena *arena = &node->run->report->arena;
    struct run_result *result = node->result;
    size_t size = sizeof(*result->notes);
    va_list ap;

    va_start(ap, fmt);
    result->notes = arena_realloc(arena, result->notes, result->note_count * size,
                                  (result->note_count + 1) * size);
    struct plan_note *note = &result->notes[result->note_count++];
    *note = (struct plan_note){warning, arena_vprintf(arena, fmt, ap)};
    va_end(ap);
    if (listener->note != NULL) {
        listener->note(listener->context, result, note);
    }
}

/* ---- ready actions: a heap by order ---- */

void run_push_ready(struct run *run, struct run_node *node)
{
    size_t i = run->ready_count++;

    run->ready[i] = node;
    while (i > 0 && run->ready[i]->order < run->ready[(i - 1) / 2]->order) {
        struct run_node *parent = run->ready[(i - 1) / 2];
        run->ready[(i - 1) / 2] = run->ready[i];
        run->ready[i] = parent;
        i = (i - 1) / 2;
    }
}

static struct run_node *pop_ready(struct run *run)
{
    struct run_node **heap = run->ready;
    struct run_node *top = heap[0];
    size_t count = --run->ready_count;

    heap[0] = heap[count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++) {
            if (heap[child]->order < heap[least]->order) {
                least = child;
            }
        }
        if (least == i) {
            return top;
        }
        struct run_node *node = heap[i];
        heap[i] = heap[least];
        heap[least] = node;
        i = least;
    }
}

/* ---- ends ---- */

void run_node_finish(struct run_node *node, enum run_status status)
{
    struct run *run = node->run;
    struct run_result *result = node->result;

    node->ended = true;
    run->ended++;
    result->status = status;
    result->finished_ms = clock_wall_ms();
    if (result->started_ms != 0) {
        result->seconds = (double)(run_now(run) - result->started_run_ms) / 1000.0;
    }
    run->report->status_counts[status]++;
    if (result->message == NULL) {
        result->message = result->err.code != ERR_NONE
                              ? arena_strdup(&run->report->arena, result->err.msg)
                          : status == RUN_NO_CHANGE ? "SKIP"
                                                    : "";
    }
    if (result->err.code != ERR_NONE && run->first.code == ERR_NONE &&
        status != RUN_WARN) {
        run->first = result->err;
    }
    if (run->listener->node_finished != NULL) {
        run->listener->node_finished(run->listener->context, result, run->ended,
                                     run->count);
    }
}

static bool is_success(const struct run_node *node)
{
    enum run_status status = node->result->status;

    return status == RUN_SUCCESS || status == RUN_PASS || status == RUN_WARN ||
           status == RUN_NO_CHANGE || node->action->tolerated;
}

static void release(struct run *run, struct run_node *dependent)
{
    if (--dependent->needs_left == 0 && !dependent->ended) {
        run_push_ready(run, dependent);
    }
}

/* Everything that needs the node, directly or not, is skipped. */
static void skip_dependents(struct run_node *from)
{
    struct run *run = from->run;
    struct run_node **stack = xcalloc(run->count + 1, sizeof(struct run_node *));
    size_t depth = 0;
    const char *cause = from->action->unique_id;

    stack[depth++] = from;
    while (depth > 0) {
        struct run_node *node = stack[--depth];
        for (size_t i = 0; i < node->dependent_count; i++) {
            struct run_node *dependent = &run->nodes[node->dependents[i]];
            if (dependent->action->regardless) {
                release(run, dependent);
                continue;
            }
            if (dependent->ended || dependent->started) {
                continue;
            }
            dependent->result->skipped_for = cause;
            run_node_finish(dependent, RUN_SKIPPED);
            stack[depth++] = dependent;
        }
    }
    free(stack);
}

static void release_dependents(struct run_node *node)
{
    struct run *run = node->run;

    for (size_t i = 0; i < node->dependent_count; i++) {
        release(run, &run->nodes[node->dependents[i]]);
    }
}

static void leave_active(struct run_node *node)
{
    struct run *run = node->run;

    for (size_t i = 0; i < run->active_count; i++) {
        if (run->active[i] == node) {
            run->active[i] = run->active[--run->active_count];
            run->slots[node->result->thread - 1] = false;
            return;
        }
    }
}

static void set_message(struct run_node *node, enum run_status status)
{
    struct run_result *result = node->result;

    if (status == RUN_SUCCESS && result->statement_count > 0) {
        const struct run_statement *last =
            &result->statements[result->statement_count - 1];
        result->message =
            arena_printf(&node->run->report->arena, "Phase.%s", last->phase_text);
    }
}

void run_node_end(struct run_node *node, enum run_status status)
{
    struct run *run = node->run;

    run_watch_stop(node);
    leave_active(node);
    set_message(node, status);
    run_node_finish(node, status);
    map_fini(&node->noted);
    if (is_success(node)) {
        release_dependents(node);
    } else if (status == RUN_INTERRUPTED) {
        run->stopping = true;
    } else {
        skip_dependents(node);
        run->stopping = run->stopping || run->options->fail_fast;
    }
}

/* ---- starts ---- */

static int take_slot(struct run *run)
{
    size_t slot = 0;

    while (run->slots[slot]) {
        slot++;
    }
    run->slots[slot] = true;
    return (int)slot + 1;
}

/* DRIFT and REFUSE: the plan knew. */
static void fail_planned(struct run_node *node)
{
    const struct plan_action *action = node->action;

    err_set(&node->result->err, action->verb == PLAN_DRIFT ? ERR_DRIFT : ERR_REFUSED,
            "%s", action->error);
    run_node_end(node, RUN_ERROR);
}

static void start_node(struct run *run, struct run_node *node)
{
    const struct plan_action *action = node->action;
    double timeout = action->timeout_s > 0              ? action->timeout_s
                     : run->options->node_timeout_s > 0 ? run->options->node_timeout_s
                                                        : NODE_TIMEOUT_S;
    int64_t now = run_now(run);

    node->started = true;
    node->result->thread = take_slot(run);
    node->result->status = RUN_RUNNING;
    node->result->started_ms = clock_wall_ms();
    node->result->started_run_ms = now;
    node->deadline_ms = now + (int64_t)(timeout * 1000);
    run->active[run->active_count++] = node;
    run->started++;
    if (run->listener->node_started != NULL) {
        run->listener->node_started(run->listener->context, node->result, run->started,
                                    run->count);
    }
    if (action->error != NULL) {
        fail_planned(node);
    } else if (action->step_count == 0) {
        run_node_end(node, RUN_NO_CHANGE);
    } else {
        node->verdict = RUN_SUCCESS;
        run_step_begin(node);
    }
}

void run_start_ready(struct run *run)
{
    while (run->ready_count > 0 && run->active_count < run->threads && !run->stopping) {
        struct run_node *node = pop_ready(run);
        if (!node->ended) {
            start_node(run, node);
        }
    }
}
