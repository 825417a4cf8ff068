/*
 * Relations that a statement reads and writes, found by the names in its tree alone.
 * Names of common table expressions are resolved away. (Which source columns feed an
 * output column: sql_infer(), which knows the tables.)
 */
#ifndef SQL_LINEAGE_H
#define SQL_LINEAGE_H

#include <stddef.h>

#include "sql/ast.h"

struct arena;

struct sql_relation {
    struct sql_name name; /* as written, with its position; 1 or more parts */
};

struct sql_lineage {
    struct sql_relation *reads; /* each name once, where it is mentioned first */
    size_t read_count;
    struct sql_relation *mentions; /* every mention of what is read, in order of the
                                      tree */
    size_t mention_count;
    struct sql_relation *writes; /* targets of INSERT, CREATE TABLE AS …, each once */
    size_t write_count;
};

/*
 * Fills `out`; everything lives in the arena or in the tree. What a statement creates
 * from a query counts as written (CREATE TABLE AS, CREATE VIEW, CREATE MATERIALIZED
 * TABLE); so do the table that it creates, alters, drops, deletes from or updates.
 */
void sql_lineage_of(struct arena *arena, const struct sql_statement *statement,
                    struct sql_lineage *out);
/* Likewise for a query alone; nothing is written. */
void sql_lineage_of_query(struct arena *arena, const struct sql_query *query,
                          struct sql_lineage *out);

#endif
