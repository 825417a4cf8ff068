/* Parts of api_table.c: materialized tables as resources. */
#ifndef SANDBOX_API_TABLE_H
#define SANDBOX_API_TABLE_H

#include "sandbox/api.h"
#include "sandbox/catalog.h"

/* What a resource has beside the relation. */
struct table_extra {
    const char *pool;
    const char *principal;
    bool stopped;
    int64_t serial; /* changes of the above, for resource_version */
    int64_t updated;
};

/* Loads it, or the defaults when nothing was stored. */
int table_extra(struct sandbox *sandbox, struct arena *arena,
                const struct catalog_relation *rel, struct table_extra *out,
                struct err *err);
/* The address of a table with `rest` behind it; in the request's arena. */
const char *table_url(const struct sandbox *sandbox, const struct http_request *req,
                      const struct catalog_relation *rel, const char *rest);
int table_write(struct sandbox *sandbox, const struct http_request *req,
                const struct catalog_relation *rel, struct buf *out, struct err *err);
/* `row` is version, statement, created. */
void table_write_version(struct sandbox *sandbox, const struct http_request *req,
                         const struct catalog_relation *rel, sqlite3_stmt *row,
                         struct buf *out);

/* Appends a name or a string in its quotes, which are doubled inside. */
void table_quote(struct buf *out, char quote, const char *text);
/* Appends DISTRIBUTED … as the table has it; nothing when it isn't. */
void table_distribution_sql(struct buf *out, const struct sql_table *table);
/* Appends CREATE MATERIALIZED TABLE … AS query. */
void table_create_sql(struct buf *out, const char *name, struct value spec);

#endif
