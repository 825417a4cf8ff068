/* Visiting every node of a tree, parents before children, in order of the text. */
#ifndef SQL_WALK_H
#define SQL_WALK_H

#include <stdbool.h>

#include "sql/ast.h"

/* Every callback may be NULL. Those that return false keep out what is below a node. */
struct sql_visitor {
    void *ctx;
    bool (*expr)(void *ctx, const struct sql_expr *expr);
    bool (*query)(void *ctx, const struct sql_query *query);
    bool (*from)(void *ctx, const struct sql_from *from);
    /* Before and after the query of a common table expression. */
    void (*enter_cte)(void *ctx, const struct sql_query *query,
                      const struct sql_cte *cte);
    void (*leave_cte)(void *ctx, const struct sql_query *query,
                      const struct sql_cte *cte);
    void (*leave_query)(void *ctx, const struct sql_query *query);
};

/* All take NULL for nothing. */
void sql_walk_expr(const struct sql_visitor *visitor, const struct sql_expr *expr);
void sql_walk_query(const struct sql_visitor *visitor, const struct sql_query *query);
void sql_walk_from(const struct sql_visitor *visitor, const struct sql_from *from);
/* Queries and expressions of a statement, those of the statements inside it too. */
void sql_walk_statement(const struct sql_visitor *visitor,
                        const struct sql_statement *statement);

#endif
