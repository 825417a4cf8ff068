/* What the files that make a plan share; nothing outside of this room needs it. */
#ifndef PLAN_PLANNER_H
#define PLAN_PLANNER_H

#include "plan/columns.h"
#include "plan/materialize.h"
#include "plan/observe.h"
#include "plan/plan.h"

/* A selected node on its way to an action. */
struct planner_item {
    const struct node *node;
    const struct compiled *compiled; /* NULL for sources and exposures */
    bool is_model;                   /* `model` is filled */
    struct plan_model model;
    struct plan_columns query;
    const struct plan_relation *existing;
    struct plan_action *action; /* NULL for ephemerals */
};

struct planner {
    struct project *project;
    struct compiler *compiler;
    const struct plan_connection *connection;
    const struct plan_options *options;
    struct plan *plan;
    struct arena *arena; /* the plan's */
    struct plan_settings settings;
    struct observed observed;
    struct columns *columns;
    struct planner_item *items;
    size_t count;
    struct map by_node; /* unique_id -> struct planner_item */
    struct err_list *errors;
};

/* Whether the node's existing relation is to be dropped and recreated. */
bool planner_refreshes(const struct planner *planner, const struct planner_item *item);

/* Fills the parts of an action that every kind of node has. */
struct plan_action *planner_action(struct planner *planner, struct planner_item *item);
struct step *planner_step(struct planner *planner, struct plan_action *action,
                          enum step_kind kind, const char *summary, const char *sql);

/* plan_observe.c: relations, statements, columns. */
int plan_observe(struct planner *planner, struct err *err);
/* From what the last plan observed, when that is known. */
void plan_observe_offline(struct planner *planner);
void plan_infer_columns(struct planner *planner);
/* Whether the plan needs the server's word on the columns of the model's query. */
bool plan_wants_dry_run(struct planner *planner, const struct planner_item *item);
int plan_dry_run_columns(struct planner *planner, struct err *err);

/*
 * definition.c: the queries of existing views and materialized tables that the catalog
 * did not tell and a decision rests on.
 */
int plan_read_definitions(struct planner *planner, struct err *err);

/*
 * snapshot.c: what the last plan observed, kept in the target folder as a cache for
 * offline plans. Saving fails silently; loading returns false when there is none for
 * this environment.
 */
void plan_snapshot_save(struct planner *planner);
bool plan_snapshot_load(struct planner *planner, const char **observed_at);

/* edges.c: what waits for what. */
void plan_link(struct planner *planner);
void plan_order_losses(struct planner *planner);

/* plan_nodes.c: actions of seeds, data tests, unit tests and operations. */
int plan_seed(struct planner *planner, struct planner_item *item, struct err *err);
int plan_test(struct planner *planner, struct planner_item *item, struct err *err);
int plan_unit_test(struct planner *planner, struct planner_item *item, struct err *err);
int plan_operation(struct planner *planner, struct planner_item *item, struct err *err);
/* Puts pre- and post-hooks around the steps of an action that has some. */
int plan_hooks(struct planner *planner, struct planner_item *item, struct err *err);

/* orphan.c: what the project made and no longer has. */
void plan_orphans(struct planner *planner);

/*
 * owned.c: what the project owned when it was planned before, kept in the target
 * folder, because the cloud does not say who made a view, say, or a seed. It is a hint,
 * not a proof, and shown with its source.
 */
struct owned_relation {
    struct step_relation name;
    const char *node;   /* unique_id of the node that it belonged to */
    const char *since;  /* when it was seen last */
    const char *source; /* "target/…", for people */
};
/* "env.db.name" -> struct owned_relation, in the plan's arena; nothing is an error. */
void plan_owned_load(struct planner *planner, struct map *out);
/* Adds what this plan leaves in the project's hands; failing is silent. */
void plan_owned_save(struct planner *planner);

/* digest.c: what was observed about an action, and the plan's fingerprint. */
void plan_digest_action(struct planner *planner, const struct planner_item *item);
void plan_digest(struct plan *plan);
#define PLAN_DIGEST_SIZE 33
/* Digest of the SQL of steps, hex, into PLAN_DIGEST_SIZE bytes. */
void plan_digest_sql(const struct step *steps, size_t count, char *out);

#endif
