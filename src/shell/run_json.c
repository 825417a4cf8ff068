#include "config.h"

#include "shell/run_json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "shell/shell.h"
#include "value/json.h"

static void add_text(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, ",\"%s\":", name);
    if (value == NULL) {
        buf_adds(out, "null");
    } else {
        json_write_str(value, strlen(value), 0, out);
    }
}

static void begin(struct buf *out, const char *event, const struct run_result *result)
{
    char now[CLOCK_ISO_SIZE];

    clock_iso(clock_wall_ms(), now);
    buf_addf(out, "{\"event\":\"%s\",\"time\":\"%s\"", event, now);
    if (result != NULL) {
        add_text(out, "unique_id", result->action->unique_id);
        add_text(out, "name", result->action->name);
    }
}

static void end(struct shell *shell, struct buf *out)
{
    fprintf(shell->print.out, "%s}\n", buf_str(out));
    fflush(shell->print.out);
    buf_fini(out);
}

static void on_node_started(void *context, const struct run_result *result,
                            size_t index, size_t total)
{
    struct buf text = BUF_INIT;

    begin(&text, "node_started", result);
    buf_addf(&text, ",\"index\":%zu,\"total\":%zu", index, total);
    end(context, &text);
}

static void on_step_started(void *context, const struct run_result *result,
                            const struct step *step)
{
    struct buf text = BUF_INIT;

    begin(&text, "step_started", result);
    add_text(&text, "step", step_kind_name(step->kind));
    add_text(&text, "summary", step->summary);
    add_text(&text, "statement", step->statement_name);
    end(context, &text);
}

static void on_phase_changed(void *context, const struct run_result *result,
                             const struct run_statement *statement, const char *waiting)
{
    struct buf text = BUF_INIT;

    begin(&text, "phase", result);
    add_text(&text, "statement", statement->name);
    add_text(&text, "phase", statement->phase_text);
    add_text(&text, "detail", statement->detail);
    add_text(&text, "waiting", waiting);
    end(context, &text);
}

static void on_note(void *context, const struct run_result *result,
                    const struct plan_note *note)
{
    struct buf text = BUF_INIT;

    begin(&text, "note", result);
    buf_addf(&text, ",\"warning\":%s", note->warning ? "true" : "false");
    add_text(&text, "text", note->text);
    end(context, &text);
}

static void on_node_finished(void *context, const struct run_result *result,
                             size_t index, size_t total)
{
    struct buf text = BUF_INIT;

    (void)index;
    (void)total;
    begin(&text, "node_finished", result);
    add_text(&text, "action", plan_verb_name(result->action->verb));
    add_text(&text, "status", run_status_name(result->status));
    add_text(&text, "message", result->message);
    buf_addf(&text, ",\"seconds\":%.3f", result->seconds);
    if (result->has_failures) {
        buf_addf(&text, ",\"failures\":%zu", result->failures);
    }
    if (result->err.code != ERR_NONE) {
        add_text(&text, "error", result->err.msg);
    }
    end(context, &text);
}

static void on_interrupted(void *context, const struct run_report *report, int level)
{
    struct buf text = BUF_INIT;

    (void)report;
    begin(&text, "interrupted", NULL);
    buf_addf(&text, ",\"level\":%d", level);
    end(context, &text);
}

struct run_listener run_json_listener(struct shell *shell)
{
    return (struct run_listener){
        .context = shell,
        .node_started = on_node_started,
        .step_started = on_step_started,
        .phase_changed = on_phase_changed,
        .note = on_note,
        .node_finished = on_node_finished,
        .interrupted = on_interrupted,
    };
}

void run_json_summary(struct shell *shell, const struct run_report *report)
{
    struct buf text = BUF_INIT;
    bool first = true;

    begin(&text, "run_finished", NULL);
    buf_addf(&text, ",\"seconds\":%.3f,\"counts\":{", report->seconds);
    for (int i = 0; i <= RUN_INTERRUPTED; i++) {
        const char *name = i == RUN_INTERRUPTED ? "interrupted"
                           : i == RUN_NO_CHANGE ? "no change"
                                                : run_status_name((enum run_status)i);
        if (report->status_counts[i] > 0) {
            buf_addf(&text, "%s\"%s\":%zu", first ? "" : ",", name,
                     report->status_counts[i]);
            first = false;
        }
    }
    buf_addc(&text, '}');
    end(shell, &text);
}
