/* What a plan reads off the SQL text of a statement, through the parser of sql. */
#ifndef PLAN_STATEMENT_SQL_H
#define PLAN_STATEMENT_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct statement_sql {
    bool insert;        /* INSERT INTO … query */
    bool ddl;           /* CREATE, ALTER, DROP */
    const char *target; /* "env.db.name" that it writes or creates, or NULL */
    const char *query;  /* text of its query, or NULL */
    const char **reads; /* "env.db.name" of what it reads */
    size_t read_count;
};

/*
 * Parses `sql`; names are completed by the current catalog and database. What can't be
 * parsed gives an empty answer. Everything in `arena`.
 */
void statement_sql_read(const char *sql, const char *catalog, const char *database,
                        struct arena *arena, struct statement_sql *out);

/*
 * Why the query keeps state that a new statement would not have ("GROUP BY", "JOIN" …),
 * or NULL when each row goes through it by itself. Static.
 */
const char *statement_sql_state(const char *query);

/* BEGIN, COMMIT, ROLLBACK and empty text: accepted, nothing to send. */
bool statement_sql_is_no_op(const char *sql);

#endif
