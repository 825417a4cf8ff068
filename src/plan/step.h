/*
 * Steps and actions: what a plan consists of. Plain data, written by the
 * materializations, printed by \plan, saved by --out and executed by run, which knows
 * nothing else.
 */
#ifndef PLAN_STEP_H
#define PLAN_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "drift/drift.h"
#include "value/value.h"

#define STEP_KINDS(X)                                                                  \
    X(STATEMENT) /* submit `sql` under `statement_name` and wait as `wait` says */     \
    X(CHECK)     /* submit with sql.dry-run: must be accepted; changes nothing */      \
    X(LEARN)     /* as CHECK; the answer's columns fill the marks in later steps */    \
    X(QUERY)     /* submit, read all rows, judge by `test` or just report; delete */   \
    X(STOP)      /* stop the statement and wait until it is stopped */                 \
    X(RESUME)    /* resume a stopped statement and wait until it runs */               \
    X(DELETE)    /* delete the statement and wait until it is gone */                  \
    X(WAIT_GONE) /* wait until `relation` is no longer in the catalog (120 s) */

enum step_kind {
#define X(name) STEP_##name,
    STEP_KINDS(X)
#undef X
};

/*
 * A streaming_table whose columns nobody declared learns them from the server: a LEARN
 * step dry-runs the model's SELECT once what it reads exists, and run puts the columns
 * into the `sql` of the later steps of the same action, in place of the marks below.
 * The step's own `columns` add to what the server says: a declared type wins over the
 * learnt one, `not_null` adds NOT NULL. When the answer has no schema, they stand in
 * for it if each has a declared or an inferred type, and the listener is told; else the
 * action fails.
 */
#define STEP_MARK_DEFINITIONS "/*+columns*/" /* `a` INT, `b` VARCHAR(2147483647) */
#define STEP_MARK_NAMES       "/*+names*/"   /* `a`, `b` */

enum step_wait {
    STEP_WAIT_COMPLETED, /* DDL, snapshot and bounded statements */
    STEP_WAIT_RUNNING,   /* a continuous INSERT: RUNNING, or already COMPLETED */
    STEP_WAIT_NONE       /* accepted is enough (--no-wait) */
};

struct step_relation {
    const char *database; /* environment id */
    const char *schema;   /* Kafka cluster's display name */
    const char *identifier;
};

struct step_column {
    const char *name;
    const char *declared; /* type that the project declares, or NULL */
    const char *inferred; /* type found offline, or NULL */
    bool not_null;
};

/* How the rows of a test's QUERY step are judged; dbt 1.11 data tests. */
struct step_test {
    bool severity_error; /* else severity is warn */
    const char *warn_if; /* for the message: "!= 0" */
    const char *error_if;
    bool unit_test; /* rows are actual and expected rows to compare */
};

struct step {
    enum step_kind kind;
    const char *statement_name;  /* NULL: run makes up `<prefix><uuid>` */
    const char *sql;             /* STATEMENT, CHECK, QUERY */
    const char *summary;         /* "CREATE TABLE", "INSERT", "DROP VIEW" … */
    const char *compute_pool_id; /* NULL: the connection's */
    struct value properties;     /* dict or undefined: string -> string, int or bool */
    struct value labels;         /* dict or undefined: full key -> string */
    enum step_wait wait;
    bool hidden;                       /* user.confluent.io/hidden */
    bool snapshot;                     /* sql.snapshot.mode = now */
    bool not_found_ok;                 /* DELETE, STOP, RESUME: 404 is success */
    bool delete_when_done;             /* delete the statement once it has COMPLETED */
    bool always;                       /* clean-up: runs even after a failed step */
    struct step_relation relation;     /* what the step makes, drops or waits for */
    const struct step_test *test;      /* QUERY of a test */
    const struct step_column *columns; /* LEARN */
    size_t column_count;
    const char *undo; /* note for people: what is lost or how to go back; "" or text */
};

/* mark in \plan, name, past participle for the summary line */
#define PLAN_VERBS(X)                                                                  \
    X(CREATE, "+", "create", "to create")                                              \
    X(START, "^", "start", "to start")                                                 \
    X(RESUME, "^", "resume", "to resume")                                              \
    X(REPLACE, "~", "replace", "to replace")                                           \
    X(UPDATE, "~", "update", "to update")                                              \
    X(REFRESH, "-/+", "refresh", "to refresh")                                         \
    X(DRIFT, "!", "drift", "drifted")                                                  \
    X(CHANGED, "?", "changed", "changed")                                              \
    X(SAME, "=", "same", "the same")                                                   \
    X(WAIT, ".", "wait", "in transition")                                              \
    X(REFUSE, "x", "refuse", "refused")                                                \
    X(RUN, ">", "run", "to run") /* tests, seeds, hooks */                             \
    X(ORPHAN, "-", "orphan", "no longer in the project")                               \
    X(DROP, "-", "drop", "to drop")

enum plan_verb {
#define X(name, mark, text, summary) PLAN_##name,
    PLAN_VERBS(X)
#undef X
};

struct plan_note {
    bool warning; /* else information */
    const char *text;
};

/* What happens to one node. Everything lives in the plan's arena. */
struct plan_action {
    enum plan_verb verb;
    const char *unique_id;
    const char *name;
    const char *resource_type;   /* "model", "seed", "test", "operation" … */
    const char *materialization; /* "view", "streaming_table" …, or "" */
    const char *relation_text;   /* `env`.`db`.`name`, or "" */
    struct step_relation relation;
    const char *reason;        /* one line */
    const char *error;         /* DRIFT, REFUSE: the whole message; else NULL */
    const char *compiled_path; /* file to show server errors against, or "" */
    const char *compiled_sql;  /* the model's SQL, for carets; or NULL */
    struct drift_list drift;
    const char *query_before; /* query drift: what runs … */
    const char *query_after;  /* … and what the model says; else NULL */
    struct plan_note *notes;
    size_t note_count;
    struct step *steps; /* executed in order; the first failure ends the action */
    size_t step_count;
    size_t *needs; /* indices of actions that must succeed first */
    size_t need_count;
    int level;         /* topological level, for the order of starting */
    bool tolerated;    /* its failure does not skip what needs it */
    bool regardless;   /* starts once what it needs is over, however that went */
    double timeout_s;  /* 0: the run's default */
    char observed[17]; /* digest of what existed when the action was decided */
};

/* Mark and words of a verb; static. */
const char *plan_verb_mark(enum plan_verb verb);
const char *plan_verb_name(enum plan_verb verb);
const char *plan_verb_summary(enum plan_verb verb);
const char *step_kind_name(enum step_kind kind);

#endif
