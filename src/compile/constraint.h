/* Column and table constraints of a contract as DDL (dbt-confluent §3, "cols"). */
#ifndef COMPILE_CONSTRAINT_H
#define COMPILE_CONSTRAINT_H

#include "base/err.h"
#include "value/value.h"

/*
 * "name type constraint…" for each value of the dict `columns` ({name, data_type,
 * quote, constraints}), as a list of strings in `arena`. Names are unquoted unless
 * `quote` is true. ERR_COMPILE when a constraint has no known type.
 */
int constraint_columns(struct value columns, struct arena *arena, struct value *out,
                       struct err *err);

/* The constraints of a model, a list of dicts, as a list of strings. */
int constraint_model(struct value constraints, struct arena *arena, struct value *out,
                     struct err *err);

#endif
