/* From a request to a reply: routes, credentials, organization and environment. */
#ifndef SANDBOX_ROUTE_H
#define SANDBOX_ROUTE_H

#include "sandbox/http.h"
#include "sandbox/sandbox.h"

/* enum suffix, name in /sandbox/requests, in the log and for the fault `route` */
#define ROUTES(X)                                                                      \
    X(NONE, "none")                                                                    \
    X(STATEMENTS, "statements")                                                        \
    X(STATEMENT, "statement")                                                          \
    X(RESULTS, "results")                                                              \
    X(EXCEPTIONS, "exceptions")                                                        \
    X(NEIGHBOUR, "neighbour") /* lists of the control plane */                         \
    X(TABLES, "materialized-tables")                                                   \
    X(DATABASE_TABLES, "materialized-tables-of-database")                              \
    X(TABLE, "materialized-table")                                                     \
    X(VERSIONS, "materialized-table-versions")                                         \
    X(CONTROL, "sandbox") /* the sandbox's own calls; never faulted or counted */

enum route_id {
#define X(id, name) ROUTE_##id,
    ROUTES(X)
#undef X
        ROUTE_COUNT
};

struct route {
    enum route_id id;
    const char *organization; /* in the request's arena; NULL where there is none */
    const char *environment;
    const char *name; /* statement, table; or what follows the prefix */
    const char *database;
    const char *version; /* of a table, or NULL */
};

const char *route_name(enum route_id id);
/* Tells which route a request is for. */
void route_find(const struct http_request *req, struct route *out);
/*
 * Handles a request, in a transaction of its own. 0 with an answer of any status; -1
 * never: what goes wrong inside is answered with a 500.
 */
int route_handle(struct sandbox *sandbox, const struct http_request *req,
                 const struct route *route, struct http_response *res);

#endif
