/*
 * Drift: how a relation that exists differs from the one that the project describes.
 * Pure: two descriptions in, a list of differences out. The texts are those of
 * dbt-confluent 0.4.1 where it detects the difference too.
 */
#ifndef DRIFT_DRIFT_H
#define DRIFT_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum drift_relation_kind {
    DRIFT_ABSENT,
    DRIFT_TABLE,
    DRIFT_VIEW,
    DRIFT_MATERIALIZED_TABLE,
    DRIFT_EXTERNAL
};

struct drift_column {
    const char *name;
    const char *type; /* Flink's serializable form; NULL = unknown, matches any type */
    const char *comment;
    bool not_null;
    bool nullability_known; /* a query's nullability is not comparable with a table's */
};

struct drift_option {
    const char *key;
    const char *value;
};

struct drift_relation {
    enum drift_relation_kind kind;
    const struct drift_column *columns; /* visible ones, in order */
    size_t column_count;
    bool columns_known;
    const struct drift_option *options;
    size_t option_count;
    bool distributed;
    const char *const *distribution_columns;
    size_t distribution_column_count;
    int buckets; /* 0: not said */
    const char *const *primary_key;
    size_t primary_key_count;
    bool primary_key_known;       /* desired: the model says what the key is */
    const char *watermark_column; /* NULL: none, or the hidden default one */
    const char *watermark_expression;
    bool watermark_known;
    const char *comment;
    /* desired: SQL of the project that alters the relation further (post-hooks);
     * options and watermarks that it names are not compared. NULL: none */
    const char *altered_by;
};

#define DRIFT_KINDS(X)                                                                 \
    X(COLUMN_ADDED, "column added")                                                    \
    X(COLUMN_REMOVED, "column removed")                                                \
    X(COLUMN_TYPE, "column type")                                                      \
    X(COLUMN_NULLABILITY, "column nullability")                                        \
    X(OPTION, "option")                                                                \
    X(OPTION_REMOVED, "option removed")                                                \
    X(DISTRIBUTION, "distribution")                                                    \
    X(DISTRIBUTION_COLUMNS, "distribution columns")                                    \
    X(DISTRIBUTION_BUCKETS, "distribution buckets")                                    \
    X(PRIMARY_KEY, "primary key")                                                      \
    X(WATERMARK, "watermark")                                                          \
    X(COMMENT, "comment")

enum drift_kind {
#define X(name, text) DRIFT_##name,
    DRIFT_KINDS(X)
#undef X
};

struct drift_difference {
    enum drift_kind kind;
    bool note;            /* reported, but not a reason to fail */
    const char *name;     /* column or option, "" where there is none */
    const char *existing; /* "" where there is none */
    const char *expected;
    const char *text; /* one line, e.g. "column type: 'id' existing='BIGINT', …" */
};

struct drift_list {
    struct drift_difference *items; /* in the arena */
    size_t count;
    size_t failing; /* how many are not notes */
};

enum drift_flags {
    DRIFT_COLUMNS_ONLY = 1, /* on_schema_drift: ignore, before a restart */
};

/*
 * Compares. Order of the result: columns added, removed, types (each sorted by name),
 * options in config order, removed options, distribution, primary key, watermark, and
 * comments as notes. Option values compare as Flink understands them (durations, sizes,
 * booleans); server defaults and options that only the server sets are no drift.
 */
void drift_compare(const struct drift_relation *desired,
                   const struct drift_relation *observed, unsigned flags,
                   struct arena *arena, struct drift_list *out);

/*
 * "Schema drift detected for R:" with every failing difference and the advice, as the
 * adapter prints it.
 */
void drift_message(const struct drift_list *list, const char *relation,
                   struct buf *out);

/* Whether two values of an option mean the same ("7 d" and "604800000 ms"). */
bool drift_option_equal(const char *a, const char *b);
/*
 * The value the server gives `key` when nobody sets it, or NULL when it has none.
 * `upsert` tells whether the changelog mode is upsert, which changes some defaults.
 */
const char *drift_option_default(const char *key, bool upsert);

/*
 * Whether two types in serializable form are the same; blanks after commas and STRING
 * against VARCHAR(2147483647) make no difference, top-level NOT NULL is left out.
 */
bool drift_type_equal(const char *a, const char *b);

#endif
