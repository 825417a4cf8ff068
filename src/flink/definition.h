/* What materialized tables and views are defined by, as the server tells it. */
#ifndef FLINK_DEFINITION_H
#define FLINK_DEFINITION_H

#include "flink/statement.h"

struct flink_definition {
    const char *database; /* in: environment id */
    const char *schema;   /* in */
    const char *name;     /* in */
    bool view;            /* in: else it is a materialized table */
    const char *sql;      /* out: CREATE … AS query; or NULL */
    const char *query; /* out: the query alone, where that is what is told; or NULL */
    const char *compute_pool_id; /* out: of the running query; or NULL */
};

/*
 * Asks for the definitions of materialized tables with one listing of the resource
 * `materialized-tables` (one request for each hundred of them), and of those that it
 * does not tell, and of views, with SHOW CREATE, side by side. What can't be told stays
 * NULL: that is no error. -1 only when the connection failed or was interrupted.
 * `labels` are those of the statements; results are in `arena`.
 */
int flink_definitions_read(struct flink_client *client, struct flink_definition *items,
                           size_t count, struct value labels, struct arena *arena,
                           struct err *err);

#endif
