/*
 * What exists in an environment, read from INFORMATION_SCHEMA in a few requests however
 * many relations there are.
 */
#ifndef FLINK_CATALOG_H
#define FLINK_CATALOG_H

#include "base/map.h"
#include "flink/results.h"

enum flink_relation_kind {
    FLINK_TABLE,
    FLINK_VIEW,
    FLINK_MATERIALIZED_TABLE,
    FLINK_EXTERNAL_TABLE, /* and any type not known here */
    FLINK_SYSTEM_TABLE
};

struct flink_catalog_column {
    const char *name;
    const char *type;    /* FULL_DATA_TYPE without a top-level NOT NULL */
    const char *comment; /* "" when there is none */
    bool nullable;
    bool hidden;            /* $rowtime */
    bool computed;          /* `expression` tells how */
    bool metadata;          /* METADATA column */
    bool is_virtual;        /* metadata that is not written */
    const char *expression; /* "" when there is none */
    const char *metadata_key;
    int position;     /* from 1 */
    int distribution; /* position in DISTRIBUTED BY, from 1; 0: not in it */
    int key;          /* position in the primary key, from 1; 0: not in it */
};

struct flink_relation {
    enum flink_relation_kind kind;
    const char *database; /* environment id */
    const char *schema;
    const char *name;
    const char *type; /* TABLE_TYPE as the server says */
    const char *comment;
    struct flink_catalog_column *columns; /* by position; hidden ones too */
    size_t column_count;
    struct flink_pair *options; /* by key */
    size_t option_count;
    bool distributed;
    int buckets;               /* 0: not known */
    const char **distribution; /* column names in order */
    size_t distribution_count;
    const char **primary_key;
    size_t primary_key_count;
    bool watermarked;
    bool watermark_hidden; /* the default one, on $rowtime */
    const char *watermark_column;
    const char *watermark_expression;
    const char *definition; /* of a view, "" when not known */
};

struct flink_catalog {
    const char *database;
    const char **schemas; /* of those asked for (or all), the ones that exist */
    size_t schema_count;
    struct flink_relation *relations; /* by schema, then name, bytewise */
    size_t count;
    bool keys_known;        /* false: the server could not tell primary keys */
    bool definitions_known; /* false: nor view definitions */
};

struct flink_catalog_query {
    const char *database;       /* environment id; NULL: the client's */
    const char *const *schemas; /* NULL: all */
    size_t schema_count;
    const char *const *names; /* only these relations; NULL: all */
    size_t name_count;        /* more than 200: all are read and filtered here */
    bool relations_only;      /* no columns, options, keys and definitions */
    struct value labels;      /* of the statements that are submitted */
};

/*
 * One UNION ALL statement (two more when the server knows no keys or views), its rows
 * and its deletion: about four requests. An incomplete answer is an error (ERR_SERVER),
 * never an empty catalog. `out` in `arena`.
 */
typedef void flink_catalog_fn(void *context, const struct flink_catalog *catalog,
                              const struct flink_error *error);
int flink_catalog_read(struct flink_client *client,
                       const struct flink_catalog_query *query, struct arena *arena,
                       struct flink_catalog *out, struct err *err);
/* As above; `catalog` is allocated in `arena`, which must outlive the operation. */
void flink_catalog_read_async(struct flink_client *client,
                              const struct flink_catalog_query *query,
                              struct arena *arena, flink_catalog_fn *done,
                              void *context);

/* The relation of that name, or NULL. Names compare exactly. */
const struct flink_relation *flink_catalog_find(const struct flink_catalog *catalog,
                                                const char *schema, const char *name);

/* Whether a relation is in the catalog right now; one small statement. */
typedef void flink_exists_fn(void *context, bool exists,
                             const struct flink_error *error);
void flink_relation_exists_async(struct flink_client *client, const char *database,
                                 const char *schema, const char *name,
                                 flink_exists_fn *done, void *context);

/* Environments (catalogs) and databases, for \l and \dn. */
struct flink_database {
    const char *catalog_id;
    const char *catalog;
    const char *schema_id;
    const char *schema;
};
int flink_databases(struct flink_client *client, const char *database,
                    struct arena *arena, struct flink_database **out, size_t *count,
                    struct err *err);
/* schema and schema_id are "". */
int flink_catalogs(struct flink_client *client, struct arena *arena,
                   struct flink_database **out, size_t *count, struct err *err);

#endif
