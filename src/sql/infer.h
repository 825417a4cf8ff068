/*
 * Types of a statement's columns, found offline: scopes, names, Flink's typing rules,
 * changelog kinds, upsert keys and column lineage. Rules: Flink 2.3 as asked through
 * its own planner (tests/golden/sql/types).
 *
 * What can't be told for certain is of type unknown; it is never guessed.
 */
#ifndef SQL_INFER_H
#define SQL_INFER_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/catalog.h"
#include "sql/type.h"

struct arena;
struct err;

/* A source column that feeds an output column. */
struct sql_source {
    const struct sql_table *table; /* as the catalog gave it */
    const char *column;
};

struct sql_result_column {
    const char *name;
    const struct sql_type *type; /* root SQL_TYPE_UNKNOWN when it can't be told */
    enum sql_column_kind kind;   /* of a column that CREATE TABLE declares */
    bool hidden;
    const struct sql_source *sources;
    size_t source_count;
};

enum sql_infer_flags {
    SQL_INFER_UNKNOWN_TABLES = 1,    /* a table that isn't found has unknown columns;
                                        without it that is an error */
    SQL_INFER_UNKNOWN_FUNCTIONS = 2, /* likewise functions */
    SQL_INFER_NO_LINEAGE = 4,        /* leave `sources` empty */
};

struct sql_infer_options {
    const struct sql_catalog *catalog; /* may be NULL: no tables */
    unsigned flags;
};

struct sql_result {
    struct sql_result_column *columns;
    size_t column_count;
    bool columns_known; /* false when even their number isn't, e.g. `*` of an unknown
                           table: `columns` then holds what is known */

    unsigned changes; /* enum sql_change bits that a reader sees; 0 = not known */
    bool insert_only; /* meaningful when `changes` is known */
    const struct sql_key *upsert_keys; /* a key without columns: at most one row */
    size_t upsert_key_count;
    bool upsert_keys_known;
    bool bounded; /* reads nothing that goes on for ever */

    const struct sql_table *target;  /* of INSERT INTO, or NULL */
    const struct sql_table *created; /* what CREATE TABLE/VIEW would make, or NULL */
    const struct sql_table *const *reads; /* relations read, each once */
    size_t read_count;

    /* Set when the types are known, but the planner would refuse the statement (sink
       mismatch, updates into an append-only table …); Flink's wording. */
    const char *plan_error;
    /* Set when the parser didn't understand the statement, which Flink would most
       likely refuse; nothing else is known then. */
    const struct err *problem;
};

/*
 * Types one statement: SELECT, WITH, VALUES, INSERT INTO, CREATE TABLE [AS], CREATE
 * VIEW, CREATE MATERIALIZED TABLE, EXPLAIN and DESCRIBE of them; a statement of another
 * kind gives no columns with `columns_known` false. Results live in the arena and in
 * the catalog. -1 and ERR_SQL with position, message and hint when Flink would refuse
 * it.
 */
int sql_infer(struct arena *arena, const char *text, size_t len,
              const struct sql_infer_options *options, struct sql_result *out,
              struct err *err);

/* As sql_infer() for a parsed statement; `text` is what it was parsed from. */
struct sql_statement;
int sql_infer_statement(struct arena *arena, const struct sql_statement *statement,
                        const char *text, size_t len,
                        const struct sql_infer_options *options, struct sql_result *out,
                        struct err *err);

#endif
