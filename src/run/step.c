#include "config.h"

#include "run/machine.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "run/retry.h"

static const struct step *current(const struct run_node *node)
{
    return &node->action->steps[node->step];
}

static void carry_out(struct run_node *node)
{
    static void (*const functions[])(struct run_node *) = {
        [STEP_STATEMENT] = run_submit, [STEP_CHECK] = run_check,
        [STEP_LEARN] = run_check,      [STEP_QUERY] = run_submit,
        [STEP_STOP] = run_change,      [STEP_RESUME] = run_change,
        [STEP_DELETE] = run_change,    [STEP_WAIT_GONE] = run_change,
    };

    functions[current(node)->kind](node);
}

void run_watch_news(struct run_node *node, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    enum step_kind kind = current(node)->kind;

    if (kind == STEP_STATEMENT || kind == STEP_QUERY) {
        run_submit_news(node, statement, error);
    } else {
        run_change_news(node, statement, error);
    }
}

static void end(struct run_node *node)
{
    if (!node->failed) {
        run_node_end(node, node->verdict);
    } else if (node->result->err.code == ERR_INTERRUPTED) {
        run_node_end(node, RUN_INTERRUPTED);
    } else {
        run_node_end(node, RUN_ERROR);
    }
}

void run_step_begin(struct run_node *node)
{
    const struct plan_action *action = node->action;
    const struct run_listener *listener = node->run->listener;

    while (node->step < action->step_count && node->failed && !current(node)->always) {
        node->step++;
    }
    if (node->step >= action->step_count) {
        end(node);
        return;
    }
    node->attempt = 1;
    node->degraded_ms = 0;
    node->wake_delay_ms = 0;
    node->statement_name = NULL;
    node->sql = NULL;
    node->last_detail[0] = '\0';
    node->step_started_ms = run_now(node->run);
    node->result->step = node->step;
    if (listener->step_started != NULL) {
        listener->step_started(listener->context, node->result, current(node));
    }
    carry_out(node);
}

void run_step_done(struct run_node *node)
{
    const struct step *step = current(node);

    run_watch_stop(node);
    if (step->kind == STEP_STATEMENT && step->summary != NULL &&
        str_starts(step->summary, "DROP")) {
        node->dropped = true;
    }
    node->step++;
    if (node->run->interrupts > 0 && !node->failed &&
        node->step < node->action->step_count) {
        err_set(&node->result->err, ERR_INTERRUPTED,
                "interrupted after step %zu of %zu", node->step,
                node->action->step_count);
        node->failed = true;
    }
    run_step_begin(node);
}

void run_step_fail(struct run_node *node, const struct err *err)
{
    run_watch_stop(node);
    if (!node->failed) {
        node->result->err = *err;
        node->failed = true;
    } else {
        run_node_note(node, true, "cleaning up failed: %s", err->msg);
    }
    node->step++;
    run_step_begin(node);
}

void run_step_abandon(struct run_node *node, const struct err *err)
{
    const struct run_transport *transport = node->run->transport;

    transport->forget(transport->context, node);
    node->watch.asked = false;
    node->wake_ms = 0;
    run_step_fail(node, err);
}

void run_step_sleep(struct run_node *node, int64_t delay_ms, const char *why,
                    void (*wake)(struct run_node *node))
{
    const struct run_listener *listener = node->run->listener;
    struct run_statement nothing = {
        .name = "", .summary = current(node)->summary, .phase_text = "", .detail = ""};
    size_t count = node->result->statement_count;
    char delay[CLOCK_ISO_SIZE];
    char waiting[256];

    node->wake_ms = run_now(node->run) + delay_ms;
    node->wake = wake;
    if (why != NULL && listener->phase_changed != NULL) {
        clock_duration(delay_ms, delay);
        snprintf(waiting, sizeof(waiting), "%s; again in %s", why, delay);
        listener->phase_changed(
            listener->context, node->result,
            count > 0 ? &node->result->statements[count - 1] : &nothing, waiting);
    }
}

bool run_step_retry(struct run_node *node, const char *name, struct err *err,
                    void (*again)(struct run_node *node))
{
    struct run_retry retry = run_retry_class(err->msg, node->dropped);

    if (node->attempt < retry.limit && node->run->interrupts == 0) {
        run_watch_stop(node);
        run_node_note(node, false, "%s: attempt %d of %d failed", retry.why,
                      node->attempt, retry.limit);
        if (name != NULL) {
            run_delete_later(node->run, name);
        }
        node->attempt++;
        run_step_sleep(node, retry.delay_ms, retry.why, again);
        return true;
    }
    if (retry.advice != NULL) {
        err_hint(err, "%s", retry.advice);
    }
    return false;
}
