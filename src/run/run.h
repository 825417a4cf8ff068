/*
 * The runner: executes a plan's actions. It knows steps, not materializations, and
 * talks to the cloud through a table of functions, so that its tests need neither a
 * server nor time.
 *
 * One action is one node in progress; at most `threads` at once. An action starts when
 * everything it needs has succeeded, lowest (level, unique_id) first. Its steps run in
 * order; the first failure ends it (steps marked `always` still run) and skips
 * everything that needs it.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <signal.h>

#include "flink/catalog.h"
#include "flink/results.h"
#include "plan/step.h"

/*
 * The cloud as the runner sees it. Every call answers later, through its callback, from
 * within turn(); semantics and ownership are those of the flink functions of the same
 * name. run_transport_flink() fills it for a real connection.
 */
struct run_transport {
    void *context;
    int64_t (*now_ms)(void *context);
    /* Waits at most `timeout_ms` for answers and calls back; -1 ends the run. */
    int (*turn)(void *context, int timeout_ms, struct err *err);
    /* The callbacks of what is open with this `arg` are not wanted any more. */
    void (*forget)(void *context, const void *arg);
    void (*create)(void *context, const struct flink_submit *submit,
                   flink_statement_fn *done, void *arg);
    void (*get)(void *context, const char *name, flink_statement_fn *done, void *arg);
    void (*set_stopped)(void *context, const char *name, bool stopped,
                        flink_statement_fn *done, void *arg);
    void (*delete_statement)(void *context, const char *name, flink_done_fn *done,
                             void *arg);
    void (*list)(void *context, const struct flink_filter *filter,
                 flink_progress_fn *each, flink_done_fn *done, void *arg);
    void (*rows)(void *context, const struct flink_statement *statement,
                 size_t max_rows, flink_rows_fn *done, void *arg);
    void (*exceptions)(void *context, const char *name, flink_exceptions_fn *done,
                       void *arg);
    void (*relation_exists)(void *context, const char *database, const char *schema,
                            const char *name, flink_exists_fn *done, void *arg);
    /* A fresh statement name, in `arena`. */
    char *(*new_name)(void *context, struct arena *arena);
};

/* `client` is borrowed. */
void run_transport_flink(struct flink_client *client, struct run_transport *out);

/* dbt's words for results are given by run_status_name(). */
enum run_status {
    RUN_PENDING, /* not started */
    RUN_RUNNING,
    RUN_SUCCESS,
    RUN_ERROR,
    RUN_SKIPPED,     /* something it needs failed, or --fail-fast */
    RUN_PASS,        /* tests */
    RUN_WARN,        /* a test that only warns */
    RUN_FAIL,        /* a test that found rows */
    RUN_NO_CHANGE,   /* the plan had nothing to do: success for dbt */
    RUN_INTERRUPTED, /* Ctrl-C or the run's time-out: not started, or not finished */
};

/* "success", "error", "skipped", "pass", "warn", "fail"; static. */
const char *run_status_name(enum run_status status);

/* A statement that the run created, stopped, resumed or read; the latest comes last. */
struct run_statement {
    const char *name;
    const char *summary; /* the step's */
    enum flink_phase phase;
    const char *phase_text;
    const char *detail;
};

/* What became of one action; strings live in the report's arena. */
struct run_result {
    const struct plan_action *action;
    enum run_status status;
    const char *message; /* dbt's `message`: "Phase.COMPLETED", "Got 2 results, …" */
    struct err err;      /* ERROR, FAIL: with file, line and hint */
    const char *skipped_for; /* unique_id of what failed, for SKIPPED */
    int64_t started_ms;      /* since 1970; 0: never */
    int64_t finished_ms;
    int64_t started_run_ms; /* on the transport's clock */
    double seconds;
    int thread;      /* 1..threads, for "Thread-N" */
    size_t failures; /* tests: failing rows */
    bool has_failures;
    size_t rows; /* QUERY: rows read */
    size_t step; /* index of the step that is running, or ended it */
    struct run_statement *statements;
    size_t statement_count;
    struct plan_note *notes; /* server warnings, exceptions, state limits, retries */
    size_t note_count;
};

struct run_report {
    struct arena arena;
    struct run_result *results; /* one per action, in the plan's order */
    size_t count;
    size_t status_counts[RUN_INTERRUPTED + 1];
    int64_t started_ms; /* since 1970 */
    int64_t finished_ms;
    double seconds;
    bool interrupted;
    bool timed_out;
    size_t polls; /* requests that asked for phases */
};

/* What happens, as it happens; the shell shows it. Any function may be NULL. */
struct run_listener {
    void *context;
    void (*run_started)(void *context, const struct run_report *report);
    void (*node_started)(void *context, const struct run_result *result, size_t index,
                         size_t total);
    /* A step was submitted; `step` counts from 0. */
    void (*step_started)(void *context, const struct run_result *result,
                         const struct step *step);
    /* A statement's phase or detail changed. `waiting` says why nothing moves ("the
       compute pool is exhausted", "again in 10s: …"), or is NULL. */
    void (*phase_changed)(void *context, const struct run_result *result,
                          const struct run_statement *statement, const char *waiting);
    void (*note)(void *context, const struct run_result *result,
                 const struct plan_note *note);
    void (*rows)(void *context, const struct run_result *result,
                 const struct flink_rows *rows);
    void (*node_finished)(void *context, const struct run_result *result, size_t index,
                          size_t total);
    /* At most every 100 ms, for live views. */
    void (*tick)(void *context, const struct run_report *report);
    /* Ctrl-C was noticed: `level` 1 starts nothing new, 2 leaves at once. */
    void (*interrupted)(void *context, const struct run_report *report, int level);
    void (*run_finished)(void *context, const struct run_report *report);
};

/* Zero and NULL mean the default. */
struct run_options {
    int threads; /* 4 */
    bool fail_fast;
    const char *run_id;    /* value of the label that all statements get */
    const char *command;   /* for messages */
    double timeout_s;      /* whole run; none */
    double node_timeout_s; /* per action without its own; 3000 */
    size_t max_rows;       /* of a QUERY step; 10,000 */
    struct value labels;   /* dict: added to every statement */
    const volatile sig_atomic_t *interrupts; /* how often Ctrl-C was pressed */
};

/*
 * Label of all statements that a run submits: its value is the run's id, '-', and a
 * number that grows every RUN_BATCH statements, so that one page of a listing shows all
 * that can be in flight.
 */
#define RUN_LABEL "user.confluent.io/cflowsh-run"
#define RUN_BATCH 64

/*
 * Executes the actions. 0 when every one succeeded or only warned; -1 with `err` (the
 * first failure, ERR_INTERRUPTED, or ERR_LIMIT after the time-out). `report` is filled
 * in either case and freed with run_report_free(). DRIFT and REFUSE actions fail with
 * their message and no step; SAME and WAIT succeed at once.
 */
int run_execute(const struct plan_action *actions, size_t count,
                const struct run_options *options,
                const struct run_transport *transport,
                const struct run_listener *listener, struct run_report *report,
                struct err *err);
void run_report_free(struct run_report *report);

#endif
