/* What the files of this room share: the run, its nodes, what they wait for. */
#ifndef RUN_MACHINE_H
#define RUN_MACHINE_H

#include "base/map.h"
#include "run/run.h"

struct run;

/* Waiting for a statement to reach a phase; see poll.c. */
struct run_watch {
    const char *name;
    enum flink_wait wait;
    bool active;
    bool asked; /* a GET is under way */
    int batch;  /* of this run, to be listed together; -1: not of this run */
    int64_t started_ms;
    int64_t due_ms;
    int64_t asked_ms;
    int64_t listed_ms; /* when the newest listing that showed it was asked for */
};

/* One action while it is carried out. */
struct run_node {
    struct run *run;
    const struct plan_action *action;
    struct run_result *result;
    size_t order;      /* rank by (level, unique_id) */
    size_t needs_left; /* actions that have not ended yet */
    size_t *dependents;
    size_t dependent_count;
    bool started;
    bool ended;
    size_t step;
    bool failed;                /* only steps marked `always` are left */
    enum run_status verdict;    /* unless something fails */
    struct flink_error pending; /* STOP, RESUME: what the server said */
    bool dropped;               /* an earlier step dropped the relation */
    int attempt;                /* of the step, from 1 */
    int64_t deadline_ms;
    int64_t degraded_ms;   /* since when the statement is DEGRADED; 0: it is not */
    int64_t wake_ms;       /* when to try again; 0: nothing to wake for */
    int64_t wake_delay_ms; /* WAIT_GONE: the last delay */
    int64_t step_started_ms;
    void (*wake)(struct run_node *node);
    struct run_watch watch;
    const char *statement_name; /* of the step that is carried out */
    const char *sql;            /* as submitted */
    const char *definitions;    /* learnt; see STEP_MARK_DEFINITIONS */
    const char *names;
    char last_detail[160]; /* to report changes once */
    struct map noted;      /* warnings that were reported */
};

#define RUN_DURATIONS 8

struct run_poller {
    struct run *run;
    size_t submitted;             /* statements so far: gives the batch */
    bool listing_fails;           /* then each statement is asked for */
    struct run_listing *listings; /* under way */
    /* how long recent waits took, by what was waited for */
    int64_t durations[FLINK_WAIT_GONE + 1][RUN_DURATIONS];
    size_t duration_count[FLINK_WAIT_GONE + 1];
};

struct run {
    const struct run_options *options;
    const struct run_transport *transport;
    const struct run_listener *listener;
    struct run_report *report;
    struct run_node *nodes;
    size_t count;
    struct run_node **ready; /* heap by order */
    size_t ready_count;
    struct run_node **active;
    size_t active_count;
    size_t threads;
    size_t ended;
    size_t started;    /* for the index shown to people */
    size_t background; /* deletions that nobody waits for */
    bool *slots;       /* threads in use */
    bool stopping;     /* nothing new is started: fail-fast, Ctrl-C, time-out */
    int interrupts;
    int64_t deadline_ms; /* 0: none */
    int64_t ticked_ms;
    struct run_poller poller;
    struct err first; /* the first failure */
};

/* scheduler.c */
int64_t run_now(const struct run *run);

/* node.c */
/* Nothing keeps the node from starting any more. */
void run_push_ready(struct run *run, struct run_node *node);
/* Starts as many as the threads allow. */
void run_start_ready(struct run *run);
/* Writes down how a node that is not in progress ended. */
void run_node_finish(struct run_node *node, enum run_status status);
/* Ends the node's action; what needs it becomes ready or is skipped. */
void run_node_end(struct run_node *node, enum run_status status);
void run_node_note(struct run_node *node, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* step.c */
/* Carries out node->step and the steps that follow. */
void run_step_begin(struct run_node *node);
/* The step has succeeded: on to the next. */
void run_step_done(struct run_node *node);
/* The step has failed: clean up and end. */
void run_step_fail(struct run_node *node, const struct err *err);
/* Gives up what the step waits for, then as run_step_fail(). */
void run_step_abandon(struct run_node *node, const struct err *err);
/* `wake` is called `delay_ms` from now; people are told why. */
void run_step_sleep(struct run_node *node, int64_t delay_ms, const char *why,
                    void (*wake)(struct run_node *node));
/*
 * When the failure is one that passes: deletes the failed statement `name` (or NULL)
 * and calls `again` later. False: it is final, and `err` has got advice.
 */
bool run_step_retry(struct run_node *node, const char *name, struct err *err,
                    void (*again)(struct run_node *node));

/* submit.c: STATEMENT and QUERY */
void run_submit(struct run_node *node);
void run_submit_news(struct run_node *node, const struct flink_statement *statement,
                     const struct flink_error *error);
/* Marks replaced; in the report's arena. Sets ERR_INTERNAL when nothing was learnt. */
const char *run_step_sql(struct run_node *node, struct err *err);
/* The submission of the node's step under a name; its labels are made in `arena`. */
void run_make_submit(struct run_node *node, const char *name, int batch,
                     struct arena *arena, struct flink_submit *out);
/* Keeps and tells what a statement's phase is. */
void run_statement_seen(struct run_node *node, const struct flink_statement *statement);
/* Deletes without waiting for it; failures don't matter. */
void run_delete_later(struct run *run, const char *name);

/* change.c: STOP, RESUME, DELETE, WAIT_GONE */
void run_change(struct run_node *node);
void run_change_news(struct run_node *node, const struct flink_statement *statement,
                     const struct flink_error *error);

/* check.c: CHECK and LEARN */
void run_check(struct run_node *node);
/*
 * Definitions and names for the marks, from what the server says (`learnt`, may be 0)
 * and what the step knows. -1 when neither gives every column a type.
 */
int run_learn(const struct step *step, const struct flink_column *learnt, size_t count,
              struct arena *arena, const char **definitions, const char **names,
              struct err *err);

/* judge.c: what the rows of a test mean */
void run_judge(const struct step_test *test, const struct flink_rows *rows,
               struct arena *arena, struct run_result *result);

/* explain.c */
/* Points the error at the model's compiled line that the server complains about. */
void run_explain(const struct run_node *node, struct err *err);
/* Warnings, state limits and the like of a statement, each reported once. */
void run_note_statement(struct run_node *node, const struct flink_statement *statement);

/* poll.c */
void run_poll_init(struct run_poller *poller, struct run *run);
void run_poll_fini(struct run_poller *poller);
/* Batch number for a statement that is being submitted. */
int run_poll_batch(struct run_poller *poller);
/* Value of RUN_LABEL for the batch, in `arena`. */
char *run_poll_label(const struct run *run, int batch, struct arena *arena);
void run_watch_start(struct run_node *node, const char *name, enum flink_wait wait,
                     int batch);
void run_watch_stop(struct run_node *node);
/* Asks for whatever is due; returns milliseconds until something is, at most `max`. */
int64_t run_poll(struct run_poller *poller, int64_t max_ms);
/* step.c: what poll.c calls with news; `statement` NULL: error is set. */
void run_watch_news(struct run_node *node, const struct flink_statement *statement,
                    const struct flink_error *error);

#endif
