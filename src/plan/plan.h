/*
 * Plans: the decision what to do about each selected node, as data. plan_make() is the
 * only way to a change in the cloud: \plan prints its result, --out saves it, \run,
 * \refresh, \seed, \test, \build and \prune hand it to run.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "compile/compile.h"
#include "flink/flink.h"
#include "plan/step.h"
#include "project/project.h"

struct plan {
    struct arena arena; /* everything in the plan, strings included */
    struct plan_action *actions;
    size_t count;
    size_t verb_counts[PLAN_DROP + 1];
    char
        fingerprint[65]; /* hex SHA-256 of everything observed that the plan rests on */
    char created_at[32];
    const char *command; /* "run", "seed", "test", "build", "refresh", "prune" */
    const char *target;
    const char *environment;
    const char *endpoint;
    bool full_refresh;
    bool offline;            /* made without a server, from what was observed last */
    const char *observed_at; /* offline: when that was; NULL when never */
    size_t requests;         /* HTTP requests that making it took */
};

/* What a refresh of the selected models would hurt; see plan_blast_radius(). */
struct plan_reader {
    const char *dropped;   /* relation that would be dropped */
    const char *statement; /* running statement that reads it */
    const char *model;     /* unique_id when it belongs to this project, else "" */
    const char *writes;    /* relation that the statement writes, or "" */
};

struct plan_options {
    const char *command;
    struct node *const *nodes; /* selected, in DAG order */
    size_t node_count;
    bool full_refresh;
    bool offline;
    bool no_wait;
    bool store_failures;
    bool orphans;          /* also list what the project no longer has */
    bool prune;            /* make steps that drop the orphans that carry our label */
    bool prune_unlabelled; /* … and those that only have a name like ours */
    const char
        *run_id; /* label of this run; also names materialized table statements */
};

struct plan_connection {
    struct flink_client *client; /* NULL when offline */
    const struct flink_config *config;
};

/*
 * Compiles, observes (a few requests, see observe.h), decides, and fills `plan`, which
 * the caller frees with plan_free() also after an error. An action that can't be
 * carried out is part of the plan (DRIFT, REFUSE); `errors` are for what makes planning
 * impossible, all that are found: models that don't compile, wrong configuration, no
 * connection, a missing database, two nodes that share a statement name.
 */
int plan_make(struct project *project, struct compiler *compiler,
              const struct plan_connection *connection,
              const struct plan_options *options, struct plan *plan,
              struct err_list *errors);
void plan_free(struct plan *plan);

/* Whether executing the plan would change anything (exit status 2 of \plan). */
bool plan_has_changes(const struct plan *plan);

/*
 * Running statements that read relations which the plan drops, inside and outside of
 * the project. In `arena`.
 */
int plan_blast_radius(const struct plan *plan, struct project *project,
                      const struct plan_connection *connection, struct arena *arena,
                      struct plan_reader **readers, size_t *count, struct err *err);

/* Version of the format of saved plans. */
#define PLAN_FILE_FORMAT 1

/* The plan as the JSON value that plan_save() writes; borrows from the plan. */
struct value plan_to_value(const struct plan *plan, struct arena *arena);

/* Saved plans, JSON; format in cflowsh-project(5). Written whole or not at all. */
int plan_save(const struct plan *plan, const char *path, struct err *err);
int plan_load(const char *path, struct plan *plan, struct err *err);
/*
 * Observes again and compares with the loaded plan's fingerprint: 0 when nothing
 * changed; else ERR_CONFLICT with what did.
 */
int plan_verify(const struct plan *plan, struct project *project,
                struct compiler *compiler, const struct plan_connection *connection,
                struct err_list *errors);

#endif
