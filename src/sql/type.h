/*
 * Flink's logical types with nullability: parsing, rendering and comparing.
 *
 * A type is immutable and lives in the arena that it was made in; everything it points
 * to lives at least as long. Rules: Flink 2.x `LogicalType`, its serializable string
 * form, and the DataType object of the REST API sql/v1.
 */
#ifndef SQL_TYPE_H
#define SQL_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;

/* enum suffix, name in INFORMATION_SCHEMA's DATA_TYPE, name in the REST API */
#define SQL_TYPE_ROOTS(X)                                                              \
    X(UNKNOWN, "UNKNOWN", "UNKNOWN") /* can't be told offline; never a guess */        \
    X(NULL, "NULL", "NULL")          /* an untyped NULL */                             \
    X(CHAR, "CHAR", "CHAR")                                                            \
    X(VARCHAR, "VARCHAR", "VARCHAR")                                                   \
    X(BOOLEAN, "BOOLEAN", "BOOLEAN")                                                   \
    X(BINARY, "BINARY", "BINARY")                                                      \
    X(VARBINARY, "VARBINARY", "VARBINARY")                                             \
    X(DECIMAL, "DECIMAL", "DECIMAL")                                                   \
    X(TINYINT, "TINYINT", "TINYINT")                                                   \
    X(SMALLINT, "SMALLINT", "SMALLINT")                                                \
    X(INT, "INTEGER", "INTEGER")                                                       \
    X(BIGINT, "BIGINT", "BIGINT")                                                      \
    X(FLOAT, "FLOAT", "FLOAT")                                                         \
    X(DOUBLE, "DOUBLE", "DOUBLE")                                                      \
    X(DATE, "DATE", "DATE")                                                            \
    X(TIME, "TIME_WITHOUT_TIME_ZONE", "TIME_WITHOUT_TIME_ZONE")                        \
    X(TIMESTAMP, "TIMESTAMP_WITHOUT_TIME_ZONE", "TIMESTAMP_WITHOUT_TIME_ZONE")         \
    X(TIMESTAMP_TZ, "TIMESTAMP_WITH_TIME_ZONE", "TIMESTAMP_WITH_TIME_ZONE")            \
    X(TIMESTAMP_LTZ, "TIMESTAMP_WITH_LOCAL_TIME_ZONE",                                 \
      "TIMESTAMP_WITH_LOCAL_TIME_ZONE")                                                \
    X(INTERVAL_YEAR_MONTH, "INTERVAL_YEAR_MONTH", "INTERVAL_YEAR_MONTH")               \
    X(INTERVAL_DAY_TIME, "INTERVAL_DAY_TIME", "INTERVAL_DAY_TIME")                     \
    X(ARRAY, "ARRAY", "ARRAY")                                                         \
    X(MULTISET, "MULTISET", "MULTISET")                                                \
    X(MAP, "MAP", "MAP")                                                               \
    X(ROW, "ROW", "ROW")                                                               \
    X(STRUCTURED, "STRUCTURED_TYPE", "STRUCTURED_TYPE")                                \
    X(RAW, "RAW", "RAW")                                                               \
    X(VARIANT, "VARIANT", "VARIANT")                                                   \
    X(BITMAP, "BITMAP", "BITMAP")                                                      \
    X(SYMBOL, "SYMBOL", "SYMBOL")             /* keyword arguments; never a column */  \
    X(DESCRIPTOR, "DESCRIPTOR", "DESCRIPTOR") /* DESCRIPTOR(col); never a column */

enum sql_type_root {
#define X(name, data_type, rest) SQL_TYPE_##name,
    SQL_TYPE_ROOTS(X)
#undef X
        SQL_TYPE_ROOT_COUNT
};

#define SQL_TYPE_MAX_LENGTH  2147483647 /* STRING is VARCHAR(this), BYTES VARBINARY */
#define SQL_TYPE_MAX_DECIMAL 38
#define SQL_TYPE_MAX_DEPTH   64 /* nesting of ARRAY, MAP, ROW that is understood */

/* What a TIMESTAMP or TIMESTAMP_LTZ column is to event-time operators. */
enum sql_time_attr { SQL_TIME_NONE, SQL_TIME_ROWTIME, SQL_TIME_PROCTIME };

struct sql_type_field {
    const char *name;
    const struct sql_type *type;
    const char *comment; /* or NULL */
};

struct sql_type {
    uint8_t root; /* enum sql_type_root */
    bool nullable;
    uint8_t time_attr; /* enum sql_time_attr; not part of equality */
    int32_t precision; /* length of CHAR, VARCHAR, BINARY, VARBINARY; digits of DECIMAL;
                          fractional digits of TIME and timestamps */
    int32_t scale;     /* of DECIMAL */
    const struct sql_type *element;      /* of ARRAY and MULTISET; value of MAP */
    const struct sql_type *key;          /* of MAP */
    const struct sql_type_field *fields; /* of ROW and STRUCTURED */
    size_t field_count;
    const char *name; /* class of STRUCTURED and RAW, else NULL */
    uint32_t weight;  /* parts of a nested type; see SQL_TYPE_MAX_WEIGHT */
};

/*
 * Types share parts, so that a short query can name an enormous type. One of more parts
 * than this is unknown.
 */
#define SQL_TYPE_MAX_WEIGHT 20000

/* How sql_type_render() writes a type. */
enum sql_type_form {
    /* Flink's asSerializableString(): VARCHAR(2147483647), ROW<`f` INT>,
       TIMESTAMP(3) WITH LOCAL TIME ZONE; INFORMATION_SCHEMA's FULL_DATA_TYPE and
       SHOW CREATE TABLE. Intervals have none in Flink; written INTERVAL SECOND(3) and
       INTERVAL MONTH. */
    SQL_TYPE_FORM_SERIAL,
    /* asSummaryString(): STRING, BYTES, TIMESTAMP_LTZ(3), with *ROWTIME* and *PROCTIME*
       marks, ROW<`f` INT>; what DESCRIBE prints. */
    SQL_TYPE_FORM_SUMMARY,
};

/* Makes a type. `precision` and `scale` are ignored by roots that have none. */
const struct sql_type *sql_type_new(struct arena *arena, enum sql_type_root root,
                                    int precision, int scale, bool nullable);
const struct sql_type *sql_type_array(struct arena *arena,
                                      const struct sql_type *element, bool nullable);
const struct sql_type *sql_type_multiset(struct arena *arena,
                                         const struct sql_type *element, bool nullable);
const struct sql_type *sql_type_map(struct arena *arena, const struct sql_type *key,
                                    const struct sql_type *value, bool nullable);
/* `fields` is borrowed, not copied. */
const struct sql_type *sql_type_row(struct arena *arena,
                                    const struct sql_type_field *fields, size_t count,
                                    bool nullable);
/* The unknown type; static, nullable. */
const struct sql_type *sql_type_unknown(void);

/* The same type with another outer nullability; `type` itself when that is the same. */
const struct sql_type *sql_type_nullable(struct arena *arena,
                                         const struct sql_type *type, bool nullable);
/* The same type with another time attribute. */
const struct sql_type *sql_type_time_attr(struct arena *arena,
                                          const struct sql_type *type,
                                          enum sql_time_attr attr);
/* A deep copy, so that a type can outlive its arena. */
const struct sql_type *sql_type_copy(struct arena *arena, const struct sql_type *type);

/*
 * Parses a type as Flink writes it, in any of its forms: "INT NOT NULL", "STRING",
 * "DECIMAL(10, 2)", "TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3) *ROWTIME*",
 * "ROW<`a` INT, b STRING 'comment'>", "ARRAY<INT NOT NULL>", "INT ARRAY",
 * "STRUCTURED<'class', `a` INT>", "INTERVAL SECOND(3)". Keywords in any case, blanks
 * free. NULL and ERR_SQL with a message when the text is no type; err's column is that
 * of the offending byte.
 */
const struct sql_type *sql_type_parse(struct arena *arena, const char *text, size_t len,
                                      struct err *err);

/*
 * Resolves a type as it stands in a parsed statement. Out-of-range lengths are cut as
 * Flink cuts them: TIMESTAMP(10) is (9), DECIMAL(39, 2) is (38, 2). A user-defined type
 * is unknown. NULL and ERR_SQL for a type that Flink doesn't know (REAL) or allow.
 */
struct sql_type_spec;
const struct sql_type *sql_type_from_spec(struct arena *arena,
                                          const struct sql_type_spec *spec,
                                          struct err *err);

/* Writes the type; with `not_null` a " NOT NULL" follows an outer type that is so. */
void sql_type_render(struct buf *buf, const struct sql_type *type,
                     enum sql_type_form form, bool not_null);
/* As sql_type_render(); the text lives in the arena. */
const char *sql_type_text(struct arena *arena, const struct sql_type *type,
                          enum sql_type_form form, bool not_null);

/*
 * Writes the REST API's DataType object as JSON: {"type":"VARCHAR","nullable":true,
 * "length":2147483647}; precision, scale, element_type, key_type, value_type, fields
 * [{"name","field_type","description"}], resolution and fractional_precision as due.
 */
void sql_type_render_json(struct buf *buf, const struct sql_type *type);

/* Name of a root in the REST API ("INTEGER", "TIMESTAMP_WITHOUT_TIME_ZONE"); static. */
const char *sql_type_rest_name(enum sql_type_root root);
/* Name of a root in INFORMATION_SCHEMA.COLUMNS.DATA_TYPE ("VARCHAR"); static. */
const char *sql_type_root_name(enum sql_type_root root);
/* The root of a REST or DATA_TYPE name, SQL_TYPE_UNKNOWN for others. */
enum sql_type_root sql_type_root_of(const char *name);

/* Whether two types are the same; the outer nullability counts if `with_null`. */
bool sql_type_equal(const struct sql_type *a, const struct sql_type *b, bool with_null);
/* Whether the type or a part of it is unknown. */
bool sql_type_has_unknown(const struct sql_type *type);

#endif
