/*
 * Observation: what exists in the cloud, as far as a plan needs to know, in a number of
 * requests that does not grow with the number of models: one catalog query for each
 * environment, one labelled statement listing (and one full listing when a statement
 * that matters is not among the labelled ones). Only dry-runs of models whose columns
 * nobody declared come on top.
 */
#ifndef PLAN_OBSERVE_H
#define PLAN_OBSERVE_H

#include "base/map.h"
#include "flink/catalog.h"
#include "flink/statement.h"
#include "plan/materialize.h"

/* Start of the keys of labels that Confluent Cloud lets users set. */
#define PLAN_LABEL_PREFIX "user.confluent.io/"
/* Every statement of a plan carries the project's name and the profile's target. */
#define PLAN_LABEL_PROJECT PLAN_LABEL_PREFIX "cflowsh"
#define PLAN_LABEL_TARGET  PLAN_LABEL_PREFIX "cflowsh-target"
/* The last statement of a seed's load: digest of its columns and rows. */
#define PLAN_LABEL_SEED PLAN_LABEL_PREFIX "cflowsh-seed"

struct observed {
    struct arena *arena;
    struct map relations; /* "env.db.name" -> struct plan_relation */
    struct map schemas;   /* "env.db" -> itself */
    struct map by_name;   /* statement name -> struct plan_statement */
    struct map writers;   /* "env.db.name" -> struct observed_writers */
    bool definitions_known;
    bool listed_all; /* the listing held every statement, not just the labelled ones */
};

struct observed_writers {
    const struct plan_statement **items;
    size_t count;
};

/* A database (environment, Kafka cluster) that the plan looks into. */
struct observe_schema {
    const char *database;
    const char *schema;
};

void observed_init(struct observed *observed, struct arena *arena);
void observed_fini(struct observed *observed);

/* Reads the relations of the given databases. */
int observe_relations(struct flink_client *client, const struct observe_schema *schemas,
                      size_t count, struct value labels, struct observed *observed,
                      struct err *err);

/*
 * Lists statements: those with the label (full key, value "true"), or all when
 * `label_key` is NULL. May be called twice; the later listing adds to the first.
 * Temporary statements of processes that died are left out, and deleted.
 */
int observe_statements(struct flink_client *client, const char *label_key,
                       struct observed *observed, struct err *err);

/* Adds one statement, which lives in the arena. */
void observed_add_statement(struct observed *observed,
                            const struct plan_statement *statement);

/* NULL when there is none. */
const struct plan_relation *observed_relation(const struct observed *observed,
                                              const struct step_relation *name);
const struct plan_statement *observed_statement(const struct observed *observed,
                                                const char *name);
/* INSERTs into the relation that are not over. */
const struct observed_writers *observed_writers(const struct observed *observed,
                                                const struct step_relation *name);

/* "Schema 's' does not exist in Confluent Cloud …", when it does not. */
int observed_check_schema(const struct observed *observed, const char *database,
                          const char *schema, struct err *err);

#endif
