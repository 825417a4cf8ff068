/*
 * Columns that the queries of a plan's models yield, found without a server: the
 * desired tables of the project and those that exist make a catalog for the inference
 * of sql.
 */
#ifndef PLAN_COLUMNS_H
#define PLAN_COLUMNS_H

#include "plan/materialize.h"
#include "sql/catalog.h"

struct columns; /* heap */

struct columns *columns_new(const char *catalog, const char *database);
void columns_free(struct columns *columns);

/* Makes a relation that exists known. */
void columns_add_existing(struct columns *columns,
                          const struct plan_relation *relation);
/*
 * Makes what the model will be known (columns as declared, or as inferred), replacing
 * what exists. `query` is what columns_infer() gave.
 */
void columns_add_model(struct columns *columns, const struct plan_model *model,
                       const struct plan_columns *query);

/* Names and types of the query's columns as far as they can be told. In `arena`. */
void columns_infer(struct columns *columns, const char *query, struct arena *arena,
                   struct plan_columns *out);

#endif
