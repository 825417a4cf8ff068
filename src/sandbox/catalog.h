/*
 * Environments, databases and relations, as rows of the state. Catalog and database
 * names resolve by display name or by id, table names exactly.
 */
#ifndef SANDBOX_CATALOG_H
#define SANDBOX_CATALOG_H

#include "sandbox/sandbox.h"
#include "sql/catalog.h"

/* A name that was completed; `database_id` is NULL for INFORMATION_SCHEMA. */
struct catalog_name {
    const char *env; /* environment id */
    const char *env_name;
    const char *database_id;
    const char *database;
    const char *name;
    bool read_only;
};

/* Where names that aren't complete belong. "" when not set. */
struct catalog_context {
    const char *catalog; /* id or name, as the statement's properties say */
    const char *database;
};

struct catalog_relation {
    int64_t id;
    struct sql_table table; /* catalog and database are display names */
    struct catalog_name name;
    const char *pk_name;
    bool watermark_hidden;
    struct catalog_context context; /* of a view's query */
    const char *busy;               /* statement that is changing it, or NULL */
    int64_t busy_until;
    int64_t version;
    int64_t created;
};

/* What can be wrong with a name, for the message. */
enum catalog_outcome {
    CATALOG_FOUND,
    CATALOG_NO_CURRENT, /* no catalog or database given nor set */
    CATALOG_NO_CATALOG,
    CATALOG_NO_DATABASE,
    CATALOG_NO_TABLE,
    CATALOG_ERROR, /* `err` */
};

/* Completes a name of 1 to 3 parts; the table need not be there. */
enum catalog_outcome catalog_resolve(struct sandbox *sandbox, struct arena *arena,
                                     const struct catalog_context *context,
                                     const char *const *parts, size_t count,
                                     struct catalog_name *out);
/* The text that the cloud gives for an outcome. */
const char *catalog_message(struct arena *arena, enum catalog_outcome outcome,
                            const struct catalog_context *context,
                            const char *const *parts, size_t count);

/* Loads a relation; 1 found, 0 not, -1 error. Also those of INFORMATION_SCHEMA. */
int catalog_load(struct sandbox *sandbox, struct arena *arena,
                 const struct catalog_name *name, struct catalog_relation *out,
                 struct err *err);
int catalog_load_id(struct sandbox *sandbox, struct arena *arena, int64_t id,
                    struct catalog_relation *out, struct err *err);
/* Stores a new relation (id 0) and sets its id, or rewrites what is stored. */
int catalog_store(struct sandbox *sandbox, struct catalog_relation *relation,
                  struct err *err);
int catalog_drop(struct sandbox *sandbox, int64_t id, struct err *err);

const char *catalog_option(const struct sql_table *table, const char *key);

/* The callback interface of src/sql on the stored catalog. */
struct catalog_view {
    struct sandbox *sandbox;
    struct arena *arena; /* tables that were found live here */
    struct catalog_context context;
    struct sql_catalog sql;
    /* The name that was looked up last and not found, for the message. */
    enum catalog_outcome missing;
    const char *missing_parts[3];
    size_t missing_count;
};
void catalog_view_init(struct catalog_view *view, struct sandbox *sandbox,
                       struct arena *arena, const struct catalog_context *context);

/* render.c: CREATE statement of a relation as SHOW CREATE prints it. */
void render_create(const struct catalog_relation *relation, struct buf *out);

/* information.c */

/* Creates the SQLite views and the table of system columns. */
int information_init(struct sandbox *sandbox, struct err *err);
/* A table of INFORMATION_SCHEMA; false when there is none of that name. */
bool information_table(struct arena *arena, const char *name, struct sql_table *out);

/* examples.c: creates the catalog `examples`. */
int examples_init(struct sandbox *sandbox, struct err *err);

#endif
