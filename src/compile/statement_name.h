/* Statement names, bit for bit those of dbt-confluent 0.4.1. */
#ifndef COMPILE_STATEMENT_NAME_H
#define COMPILE_STATEMENT_NAME_H

#include "base/arena.h"
#include "base/err.h"

#define STATEMENT_NAME_MAX 100

/*
 * Lower-cases (Unicode), replaces what is not [a-z0-9-] by '-', strips leading '-', and
 * appends 6 hex digits of the MD5 of `name` when characters were replaced or the result
 * is longer than 100. NULL and ERR_COMPILE when nothing is left. In the arena.
 */
const char *statement_name_sanitise(const char *name, struct arena *arena,
                                    struct err *err);

/*
 * The deterministic name of a model's statement: `override` + `suffix` when the model
 * sets statement_name, else `prefix` + project + "-" + model + suffix, sanitised.
 */
const char *statement_name_make(const char *override, const char *prefix,
                                const char *project, const char *model,
                                const char *suffix, struct arena *arena,
                                struct err *err);

#endif
