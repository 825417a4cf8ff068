/*
 * What a statement means: it is checked, typed and, if it changes the catalog, carried
 * out. Phases come afterwards (life.c).
 */
#ifndef SANDBOX_SUBMIT_H
#define SANDBOX_SUBMIT_H

#include "sandbox/statement.h"
#include "value/value.h"

/*
 * Fills in kind, traits, source and finish_at of a statement that was just stored, and
 * applies what DDL does. `properties` is the parsed object. 0: accepted; 1: the user's
 * mistake, `detail` in the arena says what as the cloud would; -1: `err`.
 */
int submit_statement(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                     struct value properties, const char **detail, struct err *err);

#endif
