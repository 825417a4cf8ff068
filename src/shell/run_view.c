#include "config.h"

#include "shell/run_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/run_json.h"
#include "shell/shell.h"

#define DETAIL_SIZE 160
#define REDRAW_MS   100

/* A node in progress, for the live view. */
struct line {
    const struct run_result *result;
    char detail[DETAIL_SIZE];
};

struct run_view {
    struct shell *shell;
    struct run_listener listener;
    struct line *lines; /* nodes in progress */
    size_t count;
    size_t cap;
    size_t total;
    size_t finished;
    size_t failed;
    size_t name_width;
    int drawn;
    bool live;
    const char *ending; /* Ctrl-C */
};

static const char *kind_of(const struct plan_action *action)
{
    bool materialized =
        action->materialization != NULL && action->materialization[0] != '\0';

    return materialized ? action->materialization : action->resource_type;
}

static void safe(const char *text, char *out, size_t size)
{
    size_t len;

    text = text != NULL ? text : "";
    len = strcspn(text, "\n");
    term_sanitize(text, len, false, out, size);
}

static void add_clock(struct buf *out)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm tm;

    localtime_r(&now, &tm);
    buf_addf(out, "%02d:%02d:%02d  ", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* As str_fit() for text with colour sequences, which take no room. */
static size_t fit_styled(const char *text, size_t len, size_t columns)
{
    size_t at = 0;

    while (at < len) {
        const char *escape = memchr(text + at, '\033', len - at);
        size_t plain = escape != NULL ? (size_t)(escape - text) - at : len - at;
        size_t fit = str_fit(text + at, plain, columns);
        at += fit;
        if (fit < plain) {
            return at;
        }
        columns -= str_width(text + at - fit, fit);
        while (at < len && text[at] == '\033') {
            const char *end = memchr(text + at, 'm', len - at);
            at = end != NULL ? (size_t)(end - text) + 1 : len;
        }
    }
    return at;
}

static void write_whole(struct run_view *view, const struct buf *text)
{
    fprintf(view->shell->print.out, "%s\n", buf_str(text));
    fflush(view->shell->print.out);
}

/* On a terminal a line stays one line. */
static void write_line(struct run_view *view, const struct buf *text)
{
    struct print *print = &view->shell->print;
    size_t width = (size_t)print->term.width;
    size_t len = text->len;

    if (print_to_terminal(print) && width > 20) {
        len = fit_styled(buf_str(text), text->len, width - 1);
    }
    fwrite(buf_str(text), 1, len, print->out);
    if (len < text->len) {
        fputs(term_style(&print->term, TERM_PLAIN), print->out);
    }
    fputc('\n', print->out);
    fflush(print->out);
}

/* ---- the live view ---- */

static void erase(struct run_view *view)
{
    const struct terminal *term = &view->shell->print.term;
    FILE *out = view->shell->print.out;

    for (int i = 0; i < view->drawn; i++) {
        fputs(term->seq_up, out);
    }
    fprintf(out, "\r%s", view->drawn > 0 ? term->seq_clear_down : "");
    view->drawn = 0;
}

static void put_cut(struct run_view *view, const struct buf *text)
{
    size_t width = (size_t)view->shell->print.term.width;
    size_t len = str_fit(buf_str(text), text->len, width > 1 ? width - 1 : 1);

    fwrite(buf_str(text), 1, len, view->shell->print.out);
    fputc('\n', view->shell->print.out);
    view->drawn++;
}

static void add_progress(struct run_view *view, const struct line *line,
                         struct buf *text)
{
    const struct run_result *result = line->result;
    char name[256];
    char elapsed[CLOCK_ISO_SIZE];
    size_t used;

    safe(result->action->name, name, sizeof(name));
    used = str_width(name, strlen(name));
    clock_duration(clock_wall_ms() - result->started_ms, elapsed);
    buf_addf(text, "  %s %s", plan_verb_mark(result->action->verb), name);
    buf_pad(text, ' ', used < view->name_width ? view->name_width - used : 0);
    buf_addf(text, "  %7s  %s", elapsed, line->detail);
}

static void redraw(struct run_view *view)
{
    struct print *print = &view->shell->print;
    struct buf text = BUF_INIT;
    size_t room;
    size_t shown;

    if (!view->live) {
        return;
    }
    print_resize(print);
    room = print->term.height > 3 ? (size_t)print->term.height - 3 : 1;
    shown = view->count < room ? view->count : room;
    erase(view);
    for (size_t i = 0; i < shown; i++) {
        buf_reset(&text);
        add_progress(view, &view->lines[i], &text);
        put_cut(view, &text);
    }
    buf_reset(&text);
    buf_addf(&text, "%zu of %zu done", view->finished, view->total);
    if (view->failed > 0) {
        buf_addf(&text, ", %zu failed", view->failed);
    }
    buf_addf(&text, ", %zu in progress%s", view->count,
             view->ending != NULL ? view->ending : "");
    put_cut(view, &text);
    fflush(print->out);
    buf_fini(&text);
}

static struct line *line_of(struct run_view *view, const struct run_result *result)
{
    for (size_t i = 0; i < view->count; i++) {
        if (view->lines[i].result == result) {
            return &view->lines[i];
        }
    }
    return NULL;
}

static void set_detail(struct run_view *view, const struct run_result *result,
                       const char *a, const char *b, const char *c)
{
    struct line *line = line_of(view, result);
    char parts[3][DETAIL_SIZE];

    if (line != NULL) {
        safe(a, parts[0], sizeof(parts[0]));
        safe(b, parts[1], sizeof(parts[1]));
        safe(c, parts[2], sizeof(parts[2]));
        snprintf(line->detail, sizeof(line->detail), "%.60s %.60s%s%.30s", parts[0],
                 parts[1], parts[2][0] != '\0' ? ": " : "", parts[2]);
    }
}

/* ---- what happens ---- */

static bool is_narrow(const struct run_view *view)
{
    return view->live && view->shell->print.term.width < 60;
}

static void add_place(struct buf *out, const struct run_view *view, size_t index,
                      size_t total)
{
    if (!view->live) {
        add_clock(out);
    }
    buf_addf(out, is_narrow(view) ? "%zu/%zu " : "%zu of %zu ", index, total);
}

static void on_node_started(void *context, const struct run_result *result,
                            size_t index, size_t total)
{
    struct run_view *view = context;
    struct buf text = BUF_INIT;
    char name[256];

    if (view->count == view->cap) {
        view->cap = view->cap == 0 ? 16 : view->cap * 2;
        view->lines = xreallocarray(view->lines, view->cap, sizeof(view->lines[0]));
    }
    view->lines[view->count++] = (struct line){.result = result};
    safe(result->action->name, name, sizeof(name));
    if (str_width(name, strlen(name)) > view->name_width) {
        view->name_width = str_width(name, strlen(name));
    }
    if (view->live) {
        redraw(view);
    } else {
        add_place(&text, view, index, total);
        buf_addf(&text, "START %s %s", kind_of(result->action), name);
        write_line(view, &text);
    }
    buf_fini(&text);
}

static void on_step_started(void *context, const struct run_result *result,
                            const struct step *step)
{
    set_detail(context, result, step->summary, step->statement_name, NULL);
}

static void on_phase_changed(void *context, const struct run_result *result,
                             const struct run_statement *statement, const char *waiting)
{
    struct run_view *view = context;
    struct buf text = BUF_INIT;
    char name[256];
    char detail[DETAIL_SIZE];

    safe(result->action->name, name, sizeof(name));
    safe(waiting != NULL ? waiting : statement->detail, detail, sizeof(detail));
    set_detail(view, result, statement->summary, statement->phase_text,
               waiting != NULL ? waiting : statement->detail);
    if (!view->live) {
        add_clock(&text);
        buf_addf(&text, "  %s: %s %s %s%s%s", name,
                 statement->summary != NULL ? statement->summary : "", statement->name,
                 statement->phase_text, detail[0] != '\0' ? ": " : "", detail);
        write_line(view, &text);
    }
    buf_fini(&text);
}

static void on_note(void *context, const struct run_result *result,
                    const struct plan_note *note)
{
    struct run_view *view = context;
    struct buf text = BUF_INIT;
    char words[1024];

    safe(note->text, words, sizeof(words));
    if (view->live) {
        erase(view);
    }
    add_clock(&text);
    buf_addf(&text, "  %s: %s%s", result->action->name,
             note->warning ? "warning: " : "", words);
    write_whole(view, &text);
    redraw(view);
    buf_fini(&text);
}

struct ending {
    const char *word;
    enum term_style style;
};

static struct ending ending_of(const struct run_result *result)
{
    static const struct ending endings[] = {
        [RUN_PENDING] = {"PENDING", TERM_DIM},
        [RUN_RUNNING] = {"RUNNING", TERM_DIM},
        [RUN_SUCCESS] = {"OK", TERM_GREEN},
        [RUN_ERROR] = {"ERROR", TERM_RED},
        [RUN_SKIPPED] = {"SKIP", TERM_YELLOW},
        [RUN_PASS] = {"PASS", TERM_GREEN},
        [RUN_WARN] = {"WARN", TERM_YELLOW},
        [RUN_FAIL] = {"FAIL", TERM_RED},
        [RUN_NO_CHANGE] = {"OK", TERM_DIM},
        [RUN_INTERRUPTED] = {"CANCELLED", TERM_YELLOW},
    };

    return endings[result->status];
}

/* dbt's "Phase.RUNNING" without the class. */
static const char *shown_message(const struct run_result *result)
{
    if (result->message == NULL) {
        return "";
    }
    return result->message + (str_starts(result->message, "Phase.") ? 6 : 0);
}

static void add_ending(struct buf *text, const struct run_view *view,
                       const struct run_result *result, const char *name)
{
    const struct terminal *term = &view->shell->print.term;
    bool colored = view->shell->print.out == stdout;
    struct ending ending = ending_of(result);
    bool bad = result->status == RUN_ERROR || result->status == RUN_FAIL;
    char words[512];

    safe(bad ? "" : shown_message(result), words, sizeof(words));
    buf_addf(text, "%s%s%s %s ", colored ? term_style(term, ending.style) : "",
             ending.word, colored ? term_style(term, TERM_PLAIN) : "",
             plan_verb_name(result->action->verb));
    if (is_narrow(view)) {
        buf_addf(text, "%s [%.2fs]", name, result->seconds);
        return;
    }
    buf_addf(text, "%s %s  [%s%sin %.2fs]", kind_of(result->action), name, words,
             words[0] != '\0' ? " " : "", result->seconds);
}

static void on_node_finished(void *context, const struct run_result *result,
                             size_t index, size_t total)
{
    struct run_view *view = context;
    struct line *line = line_of(view, result);
    struct buf text = BUF_INIT;
    char name[256];
    bool bad = result->status == RUN_ERROR || result->status == RUN_FAIL;

    if (line != NULL) {
        size_t at = (size_t)(line - view->lines);
        memmove(line, line + 1, (view->count - at - 1) * sizeof(*line));
        view->count--;
    }
    view->finished++;
    view->failed += bad;
    safe(result->action->name, name, sizeof(name));
    if (view->live) {
        erase(view);
    }
    add_place(&text, view, index, total);
    add_ending(&text, view, result, name);
    write_line(view, &text);
    redraw(view);
    buf_fini(&text);
}

static void on_tick(void *context, const struct run_report *report)
{
    (void)report;
    redraw(context);
}

static void on_interrupted(void *context, const struct run_report *report, int level)
{
    struct run_view *view = context;

    (void)report;
    view->ending = "; ending: nothing new is started";
    if (!view->live) {
        print_note(&view->shell->print,
                   level == 1 ? "Interrupted: starting nothing new; what runs in the "
                                "cloud keeps running. Ctrl-C again leaves at once."
                              : "Interrupted again: leaving.");
    }
}

static void on_run_finished(void *context, const struct run_report *report)
{
    struct run_view *view = context;

    (void)report;
    if (view->live) {
        erase(view);
        fputs(view->shell->print.term.seq_show_cursor, view->shell->print.out);
        view->live = false;
    }
}

struct run_view *run_view_new(struct shell *shell, size_t total)
{
    struct run_view *view = xcalloc(1, sizeof(*view));

    view->shell = shell;
    view->total = total;
    if (print_is_json(&shell->print)) {
        view->listener = run_json_listener(shell);
        return view;
    }
    view->live = print_to_terminal(&shell->print) && shell->print.term.redraw;
    view->listener = (struct run_listener){
        .context = view,
        .node_started = on_node_started,
        .step_started = on_step_started,
        .phase_changed = on_phase_changed,
        .note = on_note,
        .node_finished = on_node_finished,
        .tick = on_tick,
        .interrupted = on_interrupted,
        .run_finished = on_run_finished,
    };
    if (view->live) {
        fputs(shell->print.term.seq_hide_cursor, shell->print.out);
    }
    return view;
}

void run_view_free(struct run_view *view)
{
    if (view->live) {
        erase(view);
        fputs(view->shell->print.term.seq_show_cursor, view->shell->print.out);
    }
    free(view->lines);
    free(view);
}

const struct run_listener *run_view_listener(struct run_view *view)
{
    return &view->listener;
}

static void list_running(struct shell *shell, const struct run_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct run_result *result = &report->results[i];
        for (size_t k = 0; k < result->statement_count; k++) {
            const struct run_statement *statement = &result->statements[k];
            if (!flink_phase_terminal(statement->phase) &&
                result->status == RUN_INTERRUPTED) {
                print_note(&shell->print, "  still %s in the cloud: %s",
                           statement->phase_text, statement->name);
            }
        }
    }
}

void run_view_summary(struct shell *shell, const struct run_report *report)
{
    const size_t *n = report->status_counts;
    size_t bad = n[RUN_ERROR] + n[RUN_FAIL];

    fflush(shell->print.out);
    for (size_t i = 0; i < report->count; i++) {
        const struct run_result *result = &report->results[i];
        if (result->status == RUN_ERROR || result->status == RUN_FAIL) {
            shell_report(shell, &result->err);
        }
    }
    list_running(shell, report);
    if (print_is_json(&shell->print)) {
        run_json_summary(shell, report);
        return;
    }
    print_data(
        &shell->print,
        "Done in %.1fs. PASS=%zu WARN=%zu ERROR=%zu SKIP=%zu NO-OP=%zu%s TOTAL=%zu\n",
        report->seconds, n[RUN_SUCCESS] + n[RUN_PASS], n[RUN_WARN], bad, n[RUN_SKIPPED],
        n[RUN_NO_CHANGE], n[RUN_INTERRUPTED] > 0 ? " CANCELLED" : "", report->count);
}
