/* A tree of the SQL parser as one line of nested lists, for golden files. */
#ifndef TESTS_SQL_DUMP_H
#define TESTS_SQL_DUMP_H

#include "sql/parse.h"

struct buf;

void sql_dump_statement(struct buf *out, const struct sql_statement *value);
void sql_dump_query(struct buf *out, const struct sql_query *value);
void sql_dump_expr(struct buf *out, const struct sql_expr *value);

#endif
