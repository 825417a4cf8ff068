/* Families of types that Flink's rules treat alike; for type_rules.c, type_convert.c.
 */
#ifndef SQL_TYPE_FAMILY_H
#define SQL_TYPE_FAMILY_H

#include "sql/type.h"

enum sql_family {
    SQL_FAMILY_OTHER,
    SQL_FAMILY_NULL,
    SQL_FAMILY_CHAR,
    SQL_FAMILY_BOOLEAN,
    SQL_FAMILY_BINARY,
    SQL_FAMILY_INTEGER,
    SQL_FAMILY_DECIMAL,
    SQL_FAMILY_APPROX,
    SQL_FAMILY_DATE,
    SQL_FAMILY_TIME,
    SQL_FAMILY_TIMESTAMP,
    SQL_FAMILY_MONTHS,
    SQL_FAMILY_MILLIS,
    SQL_FAMILY_NESTED,
};

enum sql_family sql_family_of(const struct sql_type *type);

static inline bool sql_type_is_unknown(const struct sql_type *type)
{
    return type->root == SQL_TYPE_UNKNOWN;
}

#endif
