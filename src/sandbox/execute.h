/* Rows: what statements read and write, computed by SQLite as of now. */
#ifndef SANDBOX_EXECUTE_H
#define SANDBOX_EXECUTE_H

#include "sandbox/catalog.h"
#include "sandbox/statement.h"
#include "sql/ast.h"
#include "sql/infer.h"

/*
 * A SELECT was submitted. Bounded ones over what is already there are computed at once.
 * What can't be executed gets a warning. 1 with `detail` when it fails right away, as
 * 1/0 does.
 */
int execute_select(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   const struct sql_query *query, const struct sql_result *result,
                   bool snapshot, const char **detail, struct err *err);

struct execute_write {
    const struct catalog_relation *target;
    const struct sql_ident_list *columns; /* INSERT INTO t (…), or NULL */
    const struct sql_query *query;
    const char *text; /* of the query */
    const struct sql_result *result;
    const char *offsets; /* JSON: where to go on in the sources, or NULL */
    int64_t finish_at;   /* 0: runs until it is stopped */
    bool snapshot;
};
/*
 * A statement writes to a table: at once when it is bounded and its sources are there,
 * else from when it runs until it ends. 1 with `detail` when it fails right away.
 */
int execute_start_write(struct sandbox *sandbox, struct arena *arena,
                        struct statement *st, const struct execute_write *write,
                        const char **detail, struct err *err);

/* Stores the rows that a materialized table has, before its query changes. */
int execute_keep(struct sandbox *sandbox, struct arena *arena,
                 const struct catalog_relation *relation, struct err *err);

/* A statement starts to run, or runs again. */
int execute_attach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err);
/* A statement ends or stops: what it has written so far stays in its table. */
int execute_detach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err);
/* Appends the changes since the last call to the statement's result rows. */
int execute_poll(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 struct err *err);
/* The last of them, when all sources have ended. */
int execute_finish(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err);

#endif
