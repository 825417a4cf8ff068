/*
 * Materializations: pure functions (model, what exists, flags) → action with its reason
 * and steps. No I/O; each has a table of unit tests.
 */
#ifndef PLAN_MATERIALIZE_H
#define PLAN_MATERIALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/model.h"
#include "plan/step.h"

/* What the phases of a statement mean to a plan. */
enum plan_statement_state {
    PLAN_STATEMENT_LIVE,      /* PENDING, RUNNING */
    PLAN_STATEMENT_DEGRADED,  /* DEGRADED: alive, but it needs a look */
    PLAN_STATEMENT_COMPLETED, /* COMPLETED */
    PLAN_STATEMENT_STOPPED,   /* STOPPED */
    PLAN_STATEMENT_FAILED,    /* FAILED */
    PLAN_STATEMENT_MOVING /* STOPPING, DELETING, FAILING, or a phase unknown to us */
};

/* A statement that the observation found. */
struct plan_statement {
    const char *name;
    enum plan_statement_state state;
    const char *phase; /* as the server says it */
    const char *detail;
    const char *sql;
    const char
        *query; /* the query of an INSERT, CREATE … AS or view; NULL for others */
    const char *target; /* "env.db.table" that it writes or makes; NULL for none */
    const char *compute_pool_id;
    struct value properties;
    const char *project;        /* cflowsh's labels: the project that made it … */
    const char *profile_target; /* … and the profile's target; or NULL */
    const char *load;   /* of a seed: digest of the rows whose load it ends; or NULL */
    bool labelled;      /* carries our label or the adapter's */
    bool has_offsets;   /* latest_offsets are there */
    bool insert;        /* INSERT INTO … query */
    bool ddl;           /* CREATE …, finished as soon as it is COMPLETED */
    const char **reads; /* "env.db.table" of what it reads */
    size_t read_count;
};

/* A relation that the observation found. */
struct plan_relation {
    const char *key; /* "env.db.name" */
    struct step_relation name;
    const char *text; /* `env`.`db`.`name` */
    struct drift_relation drift;
    /* query of a view or materialized table, when the server tells; else NULL */
    const char *definition;
    const char *compute_pool_id; /* of a materialized table, when it is told; or NULL */
};

/* Columns that a query yields. */
struct plan_columns {
    const struct drift_column *items; /* types NULL where they are not known */
    size_t count;
    bool known;       /* number and names are certain */
    bool types_known; /* all types too */
    bool from_server; /* by dry-run; else inferred offline */
    const char *note; /* why not from the server, for people; or NULL */
};

struct plan_settings {
    const char *prefix;        /* of made-up statement names */
    struct value labels;       /* dict: every statement carries them */
    const char *invocation_id; /* suffix of materialized table statements */
    bool no_wait;
};

struct materialize {
    struct arena *arena;
    const struct plan_settings *settings;
    const struct plan_model *model;
    const struct plan_relation *existing;       /* NULL: absent */
    const struct plan_statement *statement;     /* named N, or NULL */
    const struct plan_statement *statement_ddl; /* named N(-ddl), or NULL */
    /* INSERTs into the relation that are not over, N included */
    const struct plan_statement *const *writers;
    size_t writer_count;
    struct plan_columns query;
    bool refresh; /* drop and recreate */
    struct plan_action *action;
};

typedef void materialize_fn(struct materialize *m);

materialize_fn materialize_view;
materialize_fn materialize_table;
materialize_fn materialize_streaming_table;
materialize_fn materialize_streaming_source;
materialize_fn materialize_materialized_table;

/* The function for config.materialized, or NULL. */
materialize_fn *materialize_find(const char *materialization);

/* ---- action.c: what the materializations share ---- */

/* Sets verb and reason. */
void action_decide(struct materialize *m, enum plan_verb verb, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Sets verb REFUSE (or DRIFT), reason and the whole message. */
void action_refuse(struct materialize *m, enum plan_verb verb, const char *reason,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void action_note(struct materialize *m, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends a step; labels, pool and relation are filled in. */
struct step *action_step(struct materialize *m, enum step_kind kind,
                         const char *summary);
struct step *action_statement(struct materialize *m, const char *name,
                              const char *summary, const char *sql);
/* Dry-runs `sql` before anything is dropped. */
void action_check(struct materialize *m, const char *sql);
/* Deletes N, N(-ddl) and other INSERTs of ours as far as they exist. */
void action_delete_statements(struct materialize *m);
/* As above, but leaves N(-ddl), which tells who made the table. */
void action_delete_inserts(struct materialize *m);
/*
 * Drops what exists, by its kind: stops what writes it, drops it, and deletes N,
 * N(-ddl) and other INSERTs of ours then. In this order, because a run that is cut
 * short before the drop leaves a statement that can be resumed: one that was deleted
 * would be started anew, and write all of its rows a second time.
 */
void action_drop(struct materialize *m);

/*
 * Refuses when a statement named N or N(-ddl) is somebody else's: it writes another
 * relation, or nothing that is known. Returns whether it refused.
 */
bool action_foreign_statement(struct materialize *m);
/* Refuses when the relation is of another kind than the model makes. */
bool action_wrong_kind(struct materialize *m, enum drift_relation_kind kind);
/*
 * Compares columns, options and so on; sets DRIFT and its message when something
 * failing differs. `desired` is the model's table. Returns whether it did.
 */
bool action_drift(struct materialize *m, const struct drift_relation *desired,
                  unsigned flags);

/* The relation that the model describes; unknown columns are left unknown. */
void action_desired(struct materialize *m, struct drift_relation *out);

/* "TABLE", "VIEW" …; for messages. */
const char *action_kind_name(enum drift_relation_kind kind);

/* streaming_table: the INSERT of the model, into a table that exists. */
struct step *action_insert(struct materialize *m, const char *name);

/*
 * replace.c: stops `old`, starts the model's INSERT from its offsets under the next
 * name (N-2, N-3 …) and deletes `old`; or refuses with the reason when state or columns
 * would be lost.
 */
void action_replace(struct materialize *m, const struct plan_statement *old);

/* Whether two queries are the same in canonical form. */
bool action_same_query(const char *a, const char *b);

/* "env.db.name" of a relation. In the arena. */
const char *plan_relation_key(struct arena *arena,
                              const struct step_relation *relation);

#endif
