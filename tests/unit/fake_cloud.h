/*
 * A cloud for tests of the runner: answers after a latency on a clock that only moves
 * when somebody waits. What statements do is told by rules.
 */
#ifndef TESTS_FAKE_CLOUD_H
#define TESTS_FAKE_CLOUD_H

#include "base/buf.h"
#include "run/run.h"

/* What happens to the statements of one name; zeroed fields mean "as usual". */
struct fake_rule {
    const char *name;
    int64_t run_ms;       /* until RUNNING or COMPLETED */
    const char *detail;   /* FAILED with it, the first `fail_times` times … */
    int fail_times;       /* … or always, when 0 and `detail` is set */
    bool silent;          /* FAILED without a detail: only an exception tells */
    int create_status;    /* HTTP error of the POST */
    int64_t exhausted_ms; /* PENDING with POOL_EXHAUSTED that long */
    int64_t degraded_ms;  /* DEGRADED that long before it runs; -1: for ever */
    const char *strange;  /* phase that it stays in for ever */
    bool no_schema;       /* of a dry-run */
    const char *dry_run_phase;
    int delete_status;
    int stop_status;
    int64_t gone_ms; /* relation: listed that long after the first question */
};

struct fake_statement {
    char name[128];
    char label[64];
    bool bounded; /* COMPLETED instead of RUNNING */
    int64_t created_ms;
    int64_t deleted_ms; /* 0: not deleted */
    int64_t stopped_ms; /* 0: not stopped */
    int attempt;        /* how many of the name there were before */
    const struct fake_rule *rule;
};

struct fake_event;

struct fake_cloud {
    int64_t now;
    int64_t latency_ms; /* of a request, there and back */
    int64_t run_ms;     /* of a statement without a rule */
    int64_t delete_ms;  /* from DELETE to 404 */
    const struct fake_rule *rules;
    size_t rule_count;
    const struct flink_rows *rows;      /* what queries return */
    const struct flink_column *columns; /* of dry-runs */
    size_t column_count;
    bool list_fails;
    bool list_empty;   /* the label is not honoured: nothing is found */
    int turn_fails_at; /* turn() number that fails; 0: none */
    volatile sig_atomic_t *interrupts;
    int64_t interrupt_ms[2]; /* when they are raised; 0: never */
    /* seen */
    size_t requests;
    size_t creates, gets, lists, deletes, stops, queries, checks;
    size_t turns;
    size_t live_max; /* requests at once */
    struct buf log;  /* "time what name" lines */
    struct fake_statement *statements;
    size_t statement_count;
    struct fake_event *events;
    size_t names;
    int64_t first_gone_ms;
};

void fake_cloud_init(struct fake_cloud *cloud);
void fake_cloud_fini(struct fake_cloud *cloud);
void fake_cloud_transport(struct fake_cloud *cloud, struct run_transport *out);
/* The newest statement of the name that is not deleted, or NULL. */
struct fake_statement *fake_cloud_find(struct fake_cloud *cloud, const char *name);
/* A statement that exists before the run. */
struct fake_statement *fake_cloud_add(struct fake_cloud *cloud, const char *name);

#endif
