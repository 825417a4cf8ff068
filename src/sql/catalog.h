/*
 * What the type inference knows about tables, views and functions: a callback interface
 * that any source of schemas can serve, and an in-memory catalog that is built by
 * applying DDL statements (the desired tables of a project, or the set-up of a test).
 */
#ifndef SQL_CATALOG_H
#define SQL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/type.h"

enum sql_column_kind { SQL_COLUMN_PHYSICAL, SQL_COLUMN_COMPUTED, SQL_COLUMN_METADATA };

struct sql_column {
    const char *name;
    const struct sql_type *type; /* with nullability and time attribute */
    enum sql_column_kind kind;
    bool hidden;              /* left out of SELECT * (Confluent's $rowtime) */
    bool is_virtual;          /* METADATA VIRTUAL: can be read, not written */
    const char *metadata_key; /* FROM 'key', or NULL */
    const char *expression;   /* SQL text of a computed column, or NULL */
    const char *comment;      /* or NULL */
};

/* Bits: the kinds of changes that a relation emits. */
enum sql_change {
    SQL_CHANGE_INSERT = 1,
    SQL_CHANGE_UPDATE_BEFORE = 2,
    SQL_CHANGE_UPDATE_AFTER = 4,
    SQL_CHANGE_DELETE = 8,
};
#define SQL_CHANGES_APPEND SQL_CHANGE_INSERT
#define SQL_CHANGES_UPSERT                                                             \
    (SQL_CHANGE_INSERT | SQL_CHANGE_UPDATE_AFTER | SQL_CHANGE_DELETE)
#define SQL_CHANGES_RETRACT                                                            \
    (SQL_CHANGE_INSERT | SQL_CHANGE_UPDATE_BEFORE | SQL_CHANGE_UPDATE_AFTER |          \
     SQL_CHANGE_DELETE)

/* A set of columns, by position. */
struct sql_key {
    const size_t *columns;
    size_t count;
};

enum sql_table_kind {
    SQL_TABLE_TABLE,
    SQL_TABLE_VIEW,
    SQL_TABLE_MATERIALIZED, /* MATERIALIZED TABLE */
    SQL_TABLE_SYSTEM,       /* INFORMATION_SCHEMA */
};

struct sql_option {
    const char *key;
    const char *value;
};

#define SQL_NO_COLUMN ((size_t)-1)

/*
 * A relation. Zeroed fields mean "none". All pointers are borrowed from the catalog and
 * must outlive the inference.
 */
struct sql_table {
    const char *catalog;
    const char *database;
    const char *name;
    enum sql_table_kind kind;

    const struct sql_column *columns; /* in order; hidden ones included */
    size_t column_count;
    /* The columns aren't known: every name is taken as a column of unknown type, and
       `query` (for a view) is inferred when it is there. */
    bool columns_unknown;

    const size_t *primary_key; /* positions in `columns` */
    size_t primary_key_count;
    const size_t *distribution; /* positions of DISTRIBUTED BY columns */
    size_t distribution_count;
    int buckets; /* 0 when not said */

    const char *watermark_column;     /* name as written, or NULL; may be hidden */
    const char *watermark_expression; /* SQL text, or NULL */

    unsigned changes; /* enum sql_change bits; 0 = not known, taken as append-only when
                         there is no primary key, else upsert */
    bool bounded;     /* ends by itself: number-of-rows, VALUES, INFORMATION_SCHEMA */
    const struct sql_key *upsert_keys; /* of a view; a table's is its primary key */
    size_t upsert_key_count;

    const char *query;   /* SQL text of a view or materialized table, or NULL */
    const char *comment; /* or NULL */
    const struct sql_option *options;
    size_t option_count;
};

/* What is known of a user-defined function or model. */
struct sql_function {
    const char *name;
    const struct sql_type *result; /* NULL = unknown */
    bool aggregate;
    bool table; /* a table function: result is a ROW type */
};

/*
 * The callback interface. Each returns 1 and fills `out` when the thing is there, 0
 * when it is not, -1 with `err` on a failure. `parts` is the name as written, 1 to 3
 * parts, unquoted; the catalog completes it with its current catalog and database.
 * Callbacks other than find_table may be NULL.
 */
struct err;
struct sql_catalog {
    void *ctx;
    const char *current_catalog; /* for messages; may be NULL */
    const char *current_database;
    int (*find_table)(void *ctx, const char *const *parts, size_t count,
                      struct sql_table *out, struct err *err);
    int (*find_function)(void *ctx, const char *const *parts, size_t count,
                         struct sql_function *out, struct err *err);
    /* Calls `fn` for every table name that a misspelling may have meant. */
    void (*each_table)(void *ctx, void (*fn)(void *arg, const char *name), void *arg);
};

struct sql_memory; /* the in-memory catalog */

/* Flags of sql_memory_new(). */
enum sql_memory_flags {
    SQL_MEMORY_ROWTIME = 1, /* every table gets Confluent's hidden `$rowtime` column
                               and, when it declares no watermark, one on it */
};

/* An empty catalog whose current catalog and database are the given ones. Heap. */
struct sql_memory *sql_memory_new(const char *catalog, const char *database,
                                  unsigned flags);
void sql_memory_free(struct sql_memory *memory);

/*
 * Applies one DDL statement: CREATE/ALTER/DROP of tables, views, materialized tables,
 * databases, catalogs, functions and models; USE; SET (ignored). Types of views and
 * CREATE TABLE AS are inferred. A statement of any other kind is an error ERR_SQL, and
 * so is one that Flink would refuse; the catalog stays as it was then.
 */
int sql_memory_apply(struct sql_memory *memory, const char *text, size_t len,
                     struct err *err);
/* Adds or replaces a table; everything is copied. */
void sql_memory_put(struct sql_memory *memory, const struct sql_table *table);
/* The table, borrowed until the next change, or NULL. */
const struct sql_table *sql_memory_find(const struct sql_memory *memory,
                                        const char *const *parts, size_t count);
/* The callback interface on this catalog; valid as long as it. */
struct sql_catalog sql_memory_catalog(struct sql_memory *memory);

#endif
