/* A SELECT while it is typed; shared by infer_select.c and infer_keys.c only. */
#ifndef SQL_INFER_SELECT_H
#define SQL_INFER_SELECT_H

#include "base/map.h"
#include "sql/infer_impl.h"

struct selecting {
    struct infer *in;
    const struct sql_query *query;
    const struct sql_select *select;
    struct scope scope;
    struct rel from; /* the joined rows: changes and keys only */
    struct grouping group;
    bool aggregated;
    struct rel *out;
    size_t *origins; /* of each output column: position in the joined row, or none */
    const struct sql_expr **exprs; /* of each output column; NULL for those of a star */
    size_t cap;
    struct map names; /* of the output, for stars */
};

/* Set changes and keys of the output: of a grouped select, of another, of DISTINCT. */
void select_aggregate_changes(struct selecting *s);
void select_plain_changes(struct selecting *s);
void select_distinct_changes(struct selecting *s);

#endif
