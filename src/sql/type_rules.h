/*
 * Flink's rules about types in expressions: promotion, arithmetic, comparing, casting.
 * Internal to the inference. Two rules for a common type exist in Flink and differ:
 * that of the validator (CASE, UNION, VALUES, IF, ARRAY[], MAP[]) and that of Flink's
 * own functions (COALESCE, IFNULL, GREATEST, ARRAY_CONCAT …).
 */
#ifndef SQL_TYPE_RULES_H
#define SQL_TYPE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/type.h"

struct arena;

bool sql_type_is_integer(const struct sql_type *type);
bool sql_type_is_exact(const struct sql_type *type);  /* integers and DECIMAL */
bool sql_type_is_approx(const struct sql_type *type); /* FLOAT, DOUBLE */
bool sql_type_is_numeric(const struct sql_type *type);
bool sql_type_is_char(const struct sql_type *type);
bool sql_type_is_binary(const struct sql_type *type);
bool sql_type_is_timestamp(const struct sql_type *type); /* with or without zone */
bool sql_type_is_datetime(const struct sql_type *type);
bool sql_type_is_interval(const struct sql_type *type);
static inline bool sql_type_is(const struct sql_type *type, enum sql_type_root root)
{
    return type->root == root;
}

/* The longest VARCHAR. */
const struct sql_type *sql_type_string(struct arena *arena, bool nullable);

/*
 * The common type by the validator's rule; NULL when there is none, unknown when one of
 * them is or when the rule isn't known for the pair. Not symmetric: FLOAT with DOUBLE
 * and timestamps of different kinds depend on the order. Nullable when one of them is.
 */
const struct sql_type *sql_type_common(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b);
/* The same by the rule of Flink's functions. */
const struct sql_type *sql_type_merge(struct arena *arena, const struct sql_type *a,
                                      const struct sql_type *b);

/*
 * Type of `a op b` for op one of + - * / %; NULL when the operator doesn't apply. '%'
 * is MOD, too.
 */
const struct sql_type *sql_type_arith(struct arena *arena, char op,
                                      const struct sql_type *a,
                                      const struct sql_type *b);
/* Type of `a || b`; NULL when it doesn't apply. */
const struct sql_type *sql_type_concat(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b);
/* Type of ROUND and TRUNCATE of a DECIMAL to `digits`. */
const struct sql_type *sql_type_round(struct arena *arena, const struct sql_type *type,
                                      int digits);

/* Whether a comparison operator takes the two. True when one is unknown. */
bool sql_type_comparable(const struct sql_type *a, const struct sql_type *b);
/* Whether CAST accepts it. True when one is unknown. */
bool sql_type_castable(const struct sql_type *from, const struct sql_type *to);
/* Whether INSERT INTO takes a query column of type `from` for a sink column `to`. */
bool sql_type_assignable(const struct sql_type *from, const struct sql_type *to);
/* Whether Flink's functions take `from` where `to` is declared, without a CAST. */
bool sql_type_implicit(const struct sql_type *from, const struct sql_type *to);

#endif
