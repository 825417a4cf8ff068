/*
 * The tree of a Flink SQL statement. All nodes and texts live in the arena given to the
 * parser. Texts are UTF-8 and NUL-terminated; identifiers are without their quotes,
 * strings without theirs; both keep their case. Counts of absent lists are 0, pointers
 * to absent parts NULL.
 */
#ifndef SQL_AST_H
#define SQL_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Byte offsets into the parsed text: from `start` up to, not including, `end`. */
struct sql_span {
    uint32_t start;
    uint32_t end;
};

struct sql_ident {
    const char *text; /* NULL when there is none, e.g. no alias */
    bool quoted;
    struct sql_span at;
};

/* A name of one or more parts: t, db.t, cat.db.t; r.x.y in expressions. */
struct sql_name {
    const struct sql_ident *parts;
    size_t count;
    struct sql_span at;
};

struct sql_ident_list {
    const struct sql_ident *items;
    size_t count;
};

struct sql_expr;
struct sql_query;
struct sql_from;
struct sql_statement;

struct sql_expr_list {
    struct sql_expr **items;
    size_t count;
};

/* A type as written, not yet resolved. */

enum sql_nullability { SQL_NULL_UNSAID, SQL_NULLABLE, SQL_NOT_NULL };
enum sql_zone { SQL_ZONE_UNSAID, SQL_ZONE_WITHOUT, SQL_ZONE_WITH, SQL_ZONE_LOCAL };

struct sql_field_spec {
    struct sql_ident name;
    const struct sql_type_spec *type;
    const char *comment; /* or NULL */
};

struct sql_type_spec {
    /*
     * The type's word in upper case, as written: "INT", "INTEGER", "STRING", "DECIMAL",
     * "DEC", "TIMESTAMP", "TIMESTAMP_LTZ", "ARRAY", "MAP", "MULTISET", "ROW", "RAW",
     * "STRUCTURED", "INTERVAL", "DESCRIPTOR" …; "DOUBLE" for DOUBLE PRECISION,
     * "VARCHAR" for CHARACTER VARYING, "VARBINARY" for BINARY VARYING, "CHAR" for
     * CHARACTER. NULL for a user-defined type, whose name is then in `udt`.
     */
    const char *name;
    struct sql_name udt;
    int64_t args[2]; /* length or precision, scale; beyond INT32_MAX it is capped */
    size_t arg_count;
    enum sql_zone zone;              /* of TIME and TIMESTAMP */
    struct sql_type_spec **elements; /* ARRAY, MULTISET: 1; MAP: key, value */
    size_t element_count;
    struct sql_field_spec *fields; /* ROW, STRUCTURED */
    size_t field_count;
    const char **strings; /* RAW('class', 'snapshot'), STRUCTURED<'class', …> */
    size_t string_count;
    const char *unit_from; /* INTERVAL DAY(2) TO SECOND(3): "DAY", "SECOND" */
    const char *unit_to;   /* or NULL; precisions are in args */
    enum sql_nullability nullability;
    struct sql_span at;
};

/* Expressions. */

/*
 * enum suffix, name in dumps, and what the node holds:
 * - args of CASE: operand or NULL, then WHEN, THEN pairs, last ELSE or NULL (the only
 *   kind with NULL among its args)
 */
#define SQL_EXPRS(X)                                                                     \
    X(NULL, "null")           /* NULL */                                                 \
    X(BOOLEAN, "boolean")     /* text "TRUE", "FALSE" or "UNKNOWN" */                    \
    X(NUMBER, "number")       /* text as written: 1, 1.50, 1e0 */                        \
    X(STRING, "string")       /* text: its value */                                      \
    X(BINARY, "binary")       /* X'01AB': text "01AB" */                                 \
    X(DATE, "date")           /* DATE '…': text */                                     \
    X(TIME, "time")           /* TIME '…': text */                                     \
    X(TIMESTAMP, "timestamp") /* TIMESTAMP '…': text; `zone` for WITH … */           \
    X(INTERVAL, "interval")   /* INTERVAL [-]'…' unit: text, negated, interval; when   \
                                 it isn't a string: args {value} */                      \
    X(PARAMETER, "parameter") /* ? */                                                    \
    X(DEFAULT, "default")     /* DEFAULT */                                              \
    X(COLUMN, "column")       /* name: column, alias.column, column.field … */         \
    X(STAR, "star")           /* *, t.*: name is what stands before the `.*` */          \
    X(KEYWORD, "keyword")   /* text in upper case: unit or flag, e.g. SECOND, BOTH */    \
    X(CALL, "call")         /* name, args, call */                                       \
    X(CAST, "cast")         /* args {value}, type */                                     \
    X(TRY_CAST, "try-cast") /* args {value}, type */                                     \
    X(CASE, "case")         /* see above */                                              \
    X(UNARY, "unary")       /* op PLUS, MINUS, NOT; args {x} */                          \
    X(OPERATOR, "operator") /* op, args {left, right} */                                 \
    X(LOGIC, "logic")       /* op AND or OR; args two or more: a AND b AND c */          \
    X(IS, "is")             /* op IS_…, negated; args {x} or {x, y} */                 \
    X(BETWEEN, "between")   /* negated, symmetric; args {x, low, high} */                \
    X(LIKE, "like")     /* op LIKE, SIMILAR …, negated; {x, pattern[, escape]} */      \
    X(IN, "in")         /* negated; args {x, v…}, or args {x} and query */             \
    X(EXISTS, "exists") /* query */                                                      \
    X(UNIQUE, "unique") /* query */                                                      \
    X(QUANTIFIED, "quantified") /* x op ANY|SOME|ALL (…): op, text "ANY", "SOME",      \
                                   "ALL"; args {x, v…}, or args {x} and query */       \
    X(SUBQUERY, "subquery")     /* query as a value */                                   \
    X(ROW, "row")               /* ROW(…) or (a, b): args; `explicit` with ROW */      \
    X(ARRAY, "array")           /* ARRAY[…]: args, or ARRAY(query): query */           \
    X(MAP, "map")               /* MAP[k, v, …]: args, or MAP(query) */                \
    X(MULTISET, "multiset")     /* MULTISET[…]: args, or MULTISET(query) */            \
    X(MINUS_DATE, "minus-date") /* (a - b) DAY: args {a, b}, interval */                 \
    X(ELEMENT, "element")       /* args {collection, index} */                           \
    X(FIELD, "field")           /* (expr).f.g, f(x).g, x[1].g: args {x}, name; the       \
                                   name's last part is "*" for (expr).* */               \
    X(NAMED_ARG, "named-arg")   /* name => value: name, args {value} */                  \
    X(DESCRIPTOR, "descriptor") /* DESCRIPTOR(a, b): args, columns */                    \
    X(TABLE_ARG, "table-arg") /* TABLE t [PARTITION BY …] [ORDER BY …]: table_arg */ \
    X(MODEL_ARG, "model-arg") /* MODEL m as argument: name */                            \
    X(OPAQUE, "opaque")       /* a clause only the server knows: text as written */

enum sql_expr_kind {
#define X(name, text) SQL_EXPR_##name,
    SQL_EXPRS(X)
#undef X
        SQL_EXPR_KIND_COUNT
};

/* enum suffix, spelling */
#define SQL_OPS(X)                                                                     \
    X(NONE, "")                                                                        \
    X(PLUS, "+")                                                                       \
    X(MINUS, "-")                                                                      \
    X(TIMES, "*")                                                                      \
    X(DIVIDE, "/")                                                                     \
    X(MODULO, "%")                                                                     \
    X(CONCAT, "||")                                                                    \
    X(EQ, "=")                                                                         \
    X(NE, "<>")                                                                        \
    X(LT, "<")                                                                         \
    X(LE, "<=")                                                                        \
    X(GT, ">")                                                                         \
    X(GE, ">=")                                                                        \
    X(NOT, "NOT")                                                                      \
    X(AND, "AND")                                                                      \
    X(OR, "OR")                                                                        \
    X(LIKE, "LIKE")                                                                    \
    X(ILIKE, "ILIKE")                                                                  \
    X(RLIKE, "RLIKE")                                                                  \
    X(SIMILAR, "SIMILAR TO")                                                           \
    X(IS_NULL, "NULL")                                                                 \
    X(IS_TRUE, "TRUE")                                                                 \
    X(IS_FALSE, "FALSE")                                                               \
    X(IS_UNKNOWN, "UNKNOWN")                                                           \
    X(IS_JSON, "JSON") /* IS JSON VALUE too */                                         \
    X(IS_JSON_OBJECT, "JSON OBJECT")                                                   \
    X(IS_JSON_ARRAY, "JSON ARRAY")                                                     \
    X(IS_JSON_SCALAR, "JSON SCALAR")                                                   \
    X(IS_DISTINCT, "DISTINCT FROM")                                                    \
    X(IS_A_SET, "A SET")                                                               \
    X(IS_EMPTY, "EMPTY")                                                               \
    X(MEMBER, "MEMBER OF")                                                             \
    X(SUBMULTISET, "SUBMULTISET OF")                                                   \
    X(MULTISET_UNION, "MULTISET UNION")                                                \
    X(MULTISET_UNION_ALL, "MULTISET UNION ALL")                                        \
    X(MULTISET_INTERSECT, "MULTISET INTERSECT")                                        \
    X(MULTISET_INTERSECT_ALL, "MULTISET INTERSECT ALL")                                \
    X(MULTISET_EXCEPT, "MULTISET EXCEPT")                                              \
    X(MULTISET_EXCEPT_ALL, "MULTISET EXCEPT ALL")                                      \
    X(OVERLAPS, "OVERLAPS")                                                            \
    X(CONTAINS, "CONTAINS")                                                            \
    X(PERIOD_EQUALS, "EQUALS")                                                         \
    X(PRECEDES, "PRECEDES")                                                            \
    X(IMMEDIATELY_PRECEDES, "IMMEDIATELY PRECEDES")                                    \
    X(SUCCEEDS, "SUCCEEDS")                                                            \
    X(IMMEDIATELY_SUCCEEDS, "IMMEDIATELY SUCCEEDS")                                    \
    X(AT_ZONE, "AT TIME ZONE")

enum sql_op {
#define X(name, text) SQL_OP_##name,
    SQL_OPS(X)
#undef X
        SQL_OP_COUNT
};

/* DAY(2) TO SECOND(3) of an interval literal. */
struct sql_interval {
    const char *from;   /* upper case, singular: YEAR MONTH DAY HOUR MINUTE SECOND WEEK
                           QUARTER */
    const char *to;     /* or NULL */
    int from_precision; /* -1 = not said */
    int to_precision;   /* likewise; of fractional seconds */
};

enum sql_nulls { SQL_NULLS_UNSAID, SQL_NULLS_FIRST, SQL_NULLS_LAST };

struct sql_order {
    struct sql_expr *expr;
    bool descending;
    enum sql_nulls nulls;
};

struct sql_order_list {
    struct sql_order *items;
    size_t count;
};

enum sql_frame_unit { SQL_FRAME_NONE, SQL_FRAME_ROWS, SQL_FRAME_RANGE };
enum sql_bound_kind {
    SQL_BOUND_NONE, /* no upper bound was written */
    SQL_BOUND_UNBOUNDED_PRECEDING,
    SQL_BOUND_PRECEDING,
    SQL_BOUND_CURRENT_ROW,
    SQL_BOUND_FOLLOWING,
    SQL_BOUND_UNBOUNDED_FOLLOWING,
};

struct sql_bound {
    enum sql_bound_kind kind;
    struct sql_expr *offset; /* of PRECEDING and FOLLOWING */
};

/* OVER (…), OVER name, and the definitions of WINDOW name AS (…). */
struct sql_window {
    struct sql_ident name; /* of a definition */
    struct sql_ident base; /* OVER w, or OVER (w …) */
    bool bare;             /* OVER w without parentheses */
    struct sql_expr_list partition_by;
    struct sql_order_list order_by;
    enum sql_frame_unit unit;
    struct sql_bound lower;
    struct sql_bound upper;
    struct sql_span at;
};

enum sql_null_treatment {
    SQL_NULLS_TREATMENT_UNSAID,
    SQL_IGNORE_NULLS,
    SQL_RESPECT_NULLS
};

/*
 * What a call has beside name and args. The SQL-standard forms with words between the
 * arguments come as plain args: EXTRACT(YEAR FROM x) {KEYWORD YEAR, x}; TRIM(BOTH 'a'
 * FROM x) {KEYWORD BOTH, 'a' or NULL literal left out, x}: {KEYWORD, chars, x} or
 * {KEYWORD, x}, and plain TRIM(x) {x}; SUBSTRING(x FROM a FOR b) {x, a, b}; POSITION(a
 * IN b FROM n) {a, b, n}; OVERLAY(x PLACING y FROM a FOR b) {x, y, a, b}; CEIL(x TO
 * HOUR) {x, KEYWORD HOUR}; TIMESTAMPDIFF(SECOND, a, b) {KEYWORD, a, b}; JSON_OBJECT(KEY
 * k VALUE v) {k, v}; CONVERT/TRANSLATE(x USING cs) {x, KEYWORD cs}; COUNT(*) {STAR}.
 */
struct sql_call {
    bool no_parentheses; /* CURRENT_TIMESTAMP */
    bool distinct;
    bool all;
    bool final;                           /* FINAL f(x) in MATCH_RECOGNIZE */
    bool running;                         /* RUNNING f(x) */
    struct sql_order_list order_by;       /* inside the parentheses */
    struct sql_order_list within_group;   /* WITHIN GROUP (ORDER BY …) */
    struct sql_expr_list within_distinct; /* WITHIN DISTINCT (…) */
    struct sql_expr *filter;
    struct sql_window *over;
    enum sql_null_treatment nulls;
    /* JSON functions; texts in upper case, NULL when not said. */
    const struct sql_type_spec *returning;
    const char *wrapper; /* "WITHOUT", "WITH CONDITIONAL", "WITH UNCONDITIONAL" … */
    const char
        *on_empty; /* "NULL", "ERROR", "DEFAULT", "EMPTY ARRAY", "EMPTY OBJECT" */
    const char *on_error; /* likewise; of JSON_EXISTS also "TRUE", "FALSE", "UNKNOWN" */
    const char *on_null;  /* "NULL" or "ABSENT" */
    struct sql_expr *empty_default;
    struct sql_expr *error_default;
};

/* TABLE t | TABLE(query) | (query) as an argument of a table function. */
struct sql_table_arg {
    struct sql_from *input; /* a table or a subquery */
    struct sql_expr_list partition_by;
    struct sql_order_list order_by;
    bool partitioned; /* PARTITION BY or DISTRIBUTE BY was written */
};

struct sql_expr {
    enum sql_expr_kind kind;
    enum sql_op op;
    bool negated;          /* NOT BETWEEN, NOT IN, NOT LIKE, IS NOT; INTERVAL -'1' */
    bool symmetric;        /* BETWEEN SYMMETRIC */
    bool explicit;         /* ROW(…) rather than (…) */
    bool parentheses;      /* written in parentheses of its own: (r).x isn't r.x */
    enum sql_zone zone;    /* TIMESTAMP WITH LOCAL TIME ZONE '…', AT TIME ZONE */
    struct sql_span at;    /* its own parentheses not included */
    struct sql_span outer; /* with its own parentheses */
    uint16_t height;       /* levels below; at most about 1000 */
    struct sql_expr **args;
    size_t arg_count;
    const char *text;
    size_t text_len;
    struct sql_name name;
    struct sql_query *query;
    const struct sql_type_spec *type;
    struct sql_call *call; /* never NULL for SQL_EXPR_CALL */
    struct sql_table_arg *table_arg;
    struct sql_interval interval;
};

/* Queries. */

/* A hint: OPTIONS('k' = 'v'), BROADCAST(t), STATE_TTL('a' = '1d'). */
struct sql_hint {
    struct sql_ident name;
    struct sql_ident *keys; /* arguments: text of identifiers and strings … */
    const char **values;    /* … and what stands after their `=`, or NULL */
    size_t count;
    struct sql_span at;
};

struct sql_hint_list {
    struct sql_hint *items;
    size_t count;
};

struct sql_select_item {
    struct sql_expr *expr;
    struct sql_ident alias;
};

enum sql_group_kind {
    SQL_GROUP_EXPRS, /* a, or (a, b), or () */
    SQL_GROUP_ROLLUP,
    SQL_GROUP_CUBE,
    SQL_GROUP_SETS, /* GROUPING SETS */
};

struct sql_group {
    enum sql_group_kind kind;
    struct sql_expr_list exprs; /* of EXPRS */
    bool parentheses;           /* of EXPRS */
    struct sql_group *children; /* of the others */
    size_t child_count;
    struct sql_span at;
};

struct sql_select {
    struct sql_hint_list hints;
    bool stream; /* SELECT STREAM, which Flink ignores */
    bool distinct;
    bool all;
    struct sql_select_item *items;
    size_t item_count;
    struct sql_from *from; /* NULL without FROM */
    struct sql_expr *where;
    bool grouped; /* GROUP BY was written */
    bool group_distinct;
    struct sql_group *groups;
    size_t group_count;
    struct sql_expr *having;
    struct sql_window *windows;
    size_t window_count;
    struct sql_expr *qualify;
};

struct sql_cte {
    struct sql_ident name;
    struct sql_ident_list columns;
    struct sql_query *query;
    struct sql_span at;
};

enum sql_query_kind {
    SQL_QUERY_SELECT,
    SQL_QUERY_VALUES,
    SQL_QUERY_TABLE,  /* TABLE t */
    SQL_QUERY_SET,    /* UNION, INTERSECT, EXCEPT */
    SQL_QUERY_NESTED, /* (query) whose own WITH, ORDER BY or LIMIT an outer one follows:
                         inputs[0] */
};

enum sql_set_op { SQL_UNION, SQL_INTERSECT, SQL_EXCEPT };

struct sql_query {
    enum sql_query_kind kind;
    struct sql_span at; /* with WITH and ORDER BY, without own parentheses */
    bool recursive;
    struct sql_cte *ctes;
    size_t cte_count;
    struct sql_select *select; /* of SELECT */
    struct sql_expr_list rows; /* of VALUES: each a ROW, explicit or not, or for a row
                                  without parentheses its one expression */
    struct sql_name table;     /* of TABLE */
    enum sql_set_op set_op;    /* of SET */
    bool set_all;
    struct sql_query **inputs; /* of SET: two or more, a UNION ALL b UNION ALL c is one
                                  node, evaluated from the left; of NESTED: one */
    size_t input_count;
    struct sql_order_list order_by;
    struct sql_expr *limit; /* LIMIT or FETCH; NULL also for LIMIT ALL */
    struct sql_expr *offset;
    bool parentheses; /* written in parentheses */
    uint16_t height;  /* levels below; at most about 1000 */
};

/* What stands in FROM. */

enum sql_from_kind {
    SQL_FROM_TABLE,
    SQL_FROM_QUERY,    /* (query), VALUES in it too; `lateral` */
    SQL_FROM_FUNCTION, /* TABLE(f(…)), LATERAL TABLE(f(…)), f(…): call; `lateral` */
    SQL_FROM_UNNEST,   /* UNNEST(…): exprs, with_ordinality */
    SQL_FROM_JOIN,     /* left, right */
    SQL_FROM_MATCH,    /* input MATCH_RECOGNIZE (…): left, match */
};

enum sql_join_kind {
    SQL_JOIN_COMMA,
    SQL_JOIN_CROSS,
    SQL_JOIN_INNER,
    SQL_JOIN_LEFT,
    SQL_JOIN_RIGHT,
    SQL_JOIN_FULL,
};

enum sql_pattern_kind {
    SQL_PATTERN_VARIABLE,
    SQL_PATTERN_SEQUENCE,
    SQL_PATTERN_ALTERNATIVE,
    SQL_PATTERN_PERMUTE,
    SQL_PATTERN_EXCLUDE, /* {- … -} */
};

struct sql_pattern {
    enum sql_pattern_kind kind;
    struct sql_ident variable;
    struct sql_pattern **children;
    size_t child_count;
    bool quantified;
    int min;
    int max; /* -1 = no bound */
    bool reluctant;
    struct sql_span at;
};

enum sql_after_match {
    SQL_AFTER_UNSAID,
    SQL_AFTER_NEXT_ROW,
    SQL_AFTER_PAST_LAST_ROW,
    SQL_AFTER_FIRST, /* SKIP TO FIRST variable */
    SQL_AFTER_LAST,  /* SKIP TO LAST variable, SKIP TO variable */
};

enum sql_rows_per_match { SQL_ROWS_UNSAID, SQL_ROWS_ONE, SQL_ROWS_ALL };

struct sql_define {
    struct sql_ident name;
    struct sql_expr *expr;
    struct sql_ident_list members; /* of SUBSET */
};

struct sql_match {
    struct sql_expr_list partition_by;
    struct sql_order_list order_by;
    struct sql_select_item *measures;
    size_t measure_count;
    enum sql_rows_per_match rows;
    enum sql_after_match after;
    struct sql_ident after_variable;
    struct sql_pattern *pattern;
    bool strict_start; /* ^ */
    bool strict_end;   /* $ */
    struct sql_expr *within;
    struct sql_define *subsets;
    size_t subset_count;
    struct sql_define *defines;
    size_t define_count;
};

struct sql_from {
    enum sql_from_kind kind;
    struct sql_span at;
    struct sql_ident alias;
    struct sql_ident_list columns; /* AS t (a, b) */
    bool lateral;
    bool parentheses; /* a join in parentheses */

    struct sql_name table; /* of TABLE */
    struct sql_hint_list hints;
    struct sql_expr *system_time; /* FOR SYSTEM_TIME AS OF */
    const char *sample;           /* text of TABLESAMPLE …, or NULL */
    const char *pivot;            /* text of PIVOT … or UNPIVOT …, which streaming
                                     tables don't know, or NULL */

    struct sql_query *query;    /* of QUERY */
    struct sql_expr *call;      /* of FUNCTION: a CALL */
    bool table_keyword;         /* TABLE(f(…)) rather than f(…) */
    struct sql_expr_list exprs; /* of UNNEST */
    bool with_ordinality;

    enum sql_join_kind join; /* of JOIN */
    bool natural;
    struct sql_from *left; /* of JOIN and MATCH */
    struct sql_from *right;
    struct sql_expr *on;
    struct sql_ident_list using_columns;
    bool has_using;
    struct sql_match *match;
    uint16_t height; /* levels below; at most about 1000 */
};

/* Statements. */

/* enum suffix; the REST API's sql_kind spells them alike */
#define SQL_STATEMENTS(X)                                                              \
    X(UNKNOWN)                                                                         \
    X(EMPTY)                                                                           \
    X(SELECT) /* any query */                                                          \
    X(INSERT_INTO)                                                                     \
    X(STATEMENT_SET)                                                                   \
    X(CREATE_TABLE)                                                                    \
    X(CREATE_TABLE_AS)                                                                 \
    X(CREATE_MATERIALIZED_TABLE)                                                       \
    X(CREATE_OR_ALTER_MATERIALIZED_TABLE)                                              \
    X(CREATE_VIEW)                                                                     \
    X(CREATE_FUNCTION)                                                                 \
    X(CREATE_MODEL)                                                                    \
    X(CREATE_CONNECTION)                                                               \
    X(CREATE_AGENT)                                                                    \
    X(CREATE_TOOL)                                                                     \
    X(CREATE_CATALOG)                                                                  \
    X(CREATE_DATABASE)                                                                 \
    X(ALTER_TABLE)                                                                     \
    X(ALTER_MATERIALIZED_TABLE)                                                        \
    X(ALTER_VIEW)                                                                      \
    X(ALTER_FUNCTION)                                                                  \
    X(ALTER_MODEL)                                                                     \
    X(ALTER_CONNECTION)                                                                \
    X(ALTER_AGENT)                                                                     \
    X(ALTER_TOOL)                                                                      \
    X(ALTER_CATALOG)                                                                   \
    X(ALTER_DATABASE)                                                                  \
    X(DROP_TABLE)                                                                      \
    X(DROP_MATERIALIZED_TABLE)                                                         \
    X(DROP_VIEW)                                                                       \
    X(DROP_FUNCTION)                                                                   \
    X(DROP_MODEL)                                                                      \
    X(DROP_CONNECTION)                                                                 \
    X(DROP_AGENT)                                                                      \
    X(DROP_TOOL)                                                                       \
    X(DROP_CATALOG)                                                                    \
    X(DROP_DATABASE)                                                                   \
    X(SHOW_CATALOGS)                                                                   \
    X(SHOW_CURRENT_CATALOG)                                                            \
    X(SHOW_DATABASES)                                                                  \
    X(SHOW_CURRENT_DATABASE)                                                           \
    X(SHOW_TABLES)                                                                     \
    X(SHOW_MATERIALIZED_TABLES)                                                        \
    X(SHOW_VIEWS)                                                                      \
    X(SHOW_FUNCTIONS)                                                                  \
    X(SHOW_MODELS)                                                                     \
    X(SHOW_CONNECTIONS)                                                                \
    X(SHOW_AGENTS)                                                                     \
    X(SHOW_TOOLS)                                                                      \
    X(SHOW_JOBS)                                                                       \
    X(SHOW_COLUMNS)                                                                    \
    X(SHOW_PARTITIONS)                                                                 \
    X(SHOW_PROCEDURES)                                                                 \
    X(SHOW_MODULES)                                                                    \
    X(SHOW_JARS)                                                                       \
    X(SHOW_CREATE_TABLE)                                                               \
    X(SHOW_CREATE_MATERIALIZED_TABLE)                                                  \
    X(SHOW_CREATE_VIEW)                                                                \
    X(SHOW_CREATE_FUNCTION)                                                            \
    X(SHOW_CREATE_MODEL)                                                               \
    X(SHOW_CREATE_CONNECTION)                                                          \
    X(SHOW_CREATE_AGENT)                                                               \
    X(SHOW_CREATE_TOOL)                                                                \
    X(SHOW_CREATE_CATALOG)                                                             \
    X(DESCRIBE_TABLE)                                                                  \
    X(DESCRIBE_FUNCTION)                                                               \
    X(DESCRIBE_MODEL)                                                                  \
    X(DESCRIBE_CONNECTION)                                                             \
    X(DESCRIBE_AGENT)                                                                  \
    X(DESCRIBE_TOOL)                                                                   \
    X(DESCRIBE_CATALOG)                                                                \
    X(DESCRIBE_DATABASE)                                                               \
    X(DESCRIBE_JOB)                                                                    \
    X(EXPLAIN)                                                                         \
    X(USE) /* USE db: a database */                                                    \
    X(USE_CATALOG)                                                                     \
    X(USE_MODULES)                                                                     \
    X(SET)                                                                             \
    X(RESET)                                                                           \
    X(UPDATE)                                                                          \
    X(DELETE)                                                                          \
    X(TRUNCATE_TABLE)                                                                  \
    X(ANALYZE_TABLE)                                                                   \
    X(CALL)                                                                            \
    X(EXECUTE) /* EXECUTE INSERT …: inner */                                         \
    X(COMPILE_PLAN)                                                                    \
    X(EXECUTE_PLAN)                                                                    \
    X(LOAD_MODULE)                                                                     \
    X(UNLOAD_MODULE)                                                                   \
    X(ADD_JAR)                                                                         \
    X(REMOVE_JAR)                                                                      \
    X(STOP_JOB)                                                                        \
    X(BEGIN_STATEMENT_SET)                                                             \
    X(END)

enum sql_statement_kind {
#define X(name) SQL_STATEMENT_##name,
    SQL_STATEMENTS(X)
#undef X
        SQL_STATEMENT_KIND_COUNT
};

/* 'key' = 'value'. */
struct sql_option_def {
    const char *key;
    const char *value; /* NULL in RESET ('key') */
    struct sql_span key_at;
    struct sql_span value_at;
};

struct sql_option_list {
    struct sql_option_def *items;
    size_t count;
    bool present; /* WITH (…) was written */
    struct sql_span at;
};

enum sql_def_kind { SQL_DEF_PHYSICAL, SQL_DEF_COMPUTED, SQL_DEF_METADATA };

struct sql_column_def {
    enum sql_def_kind kind;
    struct sql_ident name;
    const struct sql_type_spec *type; /* NULL for computed columns, and for the bare
                                         names of CREATE TABLE t (a, b) AS … */
    struct sql_expr *expr;            /* of COMPUTED */
    const char *metadata_key;         /* FROM 'key', or NULL */
    bool is_virtual;
    bool primary_key; /* `a INT PRIMARY KEY NOT ENFORCED` */
    bool unique;
    const char *comment; /* or NULL */
    struct sql_span at;
    /* ALTER TABLE ADD/MODIFY: FIRST, AFTER column */
    bool first;
    struct sql_ident after;
};

/* WATERMARK FOR a.b AS expr */
struct sql_watermark_def {
    struct sql_name column;
    struct sql_expr *expr;
    struct sql_span at;
};

enum sql_enforcement { SQL_ENFORCEMENT_UNSAID, SQL_ENFORCED, SQL_NOT_ENFORCED };

struct sql_constraint_def {
    struct sql_ident name; /* CONSTRAINT name, or none */
    bool primary_key;      /* else UNIQUE */
    struct sql_ident_list columns;
    enum sql_enforcement enforcement;
    struct sql_span at;
};

/* DISTRIBUTED [BY [HASH|RANGE] (…)] [INTO n BUCKETS] */
struct sql_distribution_def {
    bool present;
    const char *method; /* "HASH", "RANGE" or NULL */
    struct sql_ident_list columns;
    int64_t buckets; /* 0 = not said */
    struct sql_span at;
};

/* LIKE t (INCLUDING ALL, OVERWRITING OPTIONS): texts in upper case */
struct sql_like_option {
    const char *mode; /* "INCLUDING", "EXCLUDING", "OVERWRITING" */
    const char *what; /* "ALL", "CONSTRAINTS", "DISTRIBUTION", "GENERATED", "METADATA",
                         "OPTIONS", "PARTITIONS", "WATERMARKS" */
};

struct sql_like_def {
    bool present;
    struct sql_name table;
    struct sql_like_option *options;
    size_t option_count;
};

/* START_MODE = FROM_NOW(INTERVAL '1' DAY) */
struct sql_start_mode {
    const char *mode;     /* upper case; NULL when there is none */
    struct sql_expr *arg; /* or NULL */
    struct sql_span at;
};

/* CREATE TABLE, CREATE TABLE AS, CREATE [OR ALTER] MATERIALIZED TABLE */
struct sql_table_def {
    struct sql_name name;
    bool temporary;
    bool or_replace;
    bool or_alter;
    bool materialized;
    bool if_not_exists;
    bool has_elements;              /* ( … ) was written */
    struct sql_column_def *columns; /* in order */
    size_t column_count;
    struct sql_watermark_def *watermarks;
    size_t watermark_count;
    struct sql_constraint_def *constraints; /* out-of-line ones, and those written in a
                                               column's definition */
    size_t constraint_count;
    const char *comment; /* or NULL */
    struct sql_distribution_def distribution;
    struct sql_ident_list partitioned_by;
    bool partitioned;
    struct sql_option_list options;
    struct sql_like_def like;
    struct sql_start_mode start_mode;
    struct sql_expr *freshness; /* FRESHNESS = INTERVAL … of Apache Flink */
    const char *refresh_mode;   /* "FULL", "CONTINUOUS" or NULL */
    struct sql_query *query;    /* AS …, or NULL */
};

/* CREATE VIEW and ALTER VIEW … AS */
struct sql_view_def {
    struct sql_name name;
    bool temporary;
    bool or_replace;
    bool or_alter;
    bool if_not_exists;
    struct sql_column_def *columns; /* names and comments */
    size_t column_count;
    const char *comment;
    struct sql_query *query;
};

enum sql_insert_kind { SQL_INSERT_INTO, SQL_INSERT_OVERWRITE };

struct sql_insert {
    enum sql_insert_kind kind;
    bool upsert; /* UPSERT INTO */
    struct sql_name target;
    struct sql_hint_list hints;
    struct sql_option_list partition; /* PARTITION (k = v): keys; values as written */
    struct sql_ident_list columns;    /* dotted names keep their first part only */
    bool has_columns;
    struct sql_query *query;
    const char *on_conflict; /* "ERROR", "NOTHING", "DEDUPLICATE" or NULL */
};

/* enum suffix; one action of an ALTER statement */
#define SQL_ALTERS(X)                                                                  \
    X(OTHER)        /* not understood: see `at` */                                     \
    X(ADD)          /* ADD …: elements */                                            \
    X(MODIFY)       /* MODIFY …: elements */                                         \
    X(DROP_COLUMNS) /* names */                                                        \
    X(DROP_PRIMARY_KEY)                                                                \
    X(DROP_CONSTRAINT) /* names */                                                     \
    X(DROP_WATERMARK)                                                                  \
    X(DROP_DISTRIBUTION)                                                               \
    X(RENAME)        /* RENAME TO new_name */                                          \
    X(RENAME_COLUMN) /* names {old}, new_name */                                       \
    X(SET)           /* options */                                                     \
    X(RESET)         /* options, values NULL */                                        \
    X(AS)            /* query */                                                       \
    X(REDEFINE)      /* ALTER MATERIALIZED TABLE t (…) … AS query: elements */     \
    X(SUSPEND)                                                                         \
    X(RESUME) /* options */                                                            \
    X(REFRESH)                                                                         \
    X(COMMENT) /* text */

enum sql_alter_kind {
#define X(name) SQL_ALTER_##name,
    SQL_ALTERS(X)
#undef X
};

struct sql_alter {
    enum sql_alter_kind kind;
    struct sql_name name; /* what is altered */
    bool if_exists;
    bool temporary;
    struct sql_table_def *elements; /* ADD, MODIFY: columns, watermarks, constraints,
                                       distribution; REDEFINE: all */
    struct sql_ident_list names;
    struct sql_name new_name;
    struct sql_option_list options;
    struct sql_query *query;
    const char *text;
    struct sql_span at; /* of the action */
};

/* DROP, SHOW CREATE, DESCRIBE, USE, and the CREATE of smaller things. */
struct sql_object_def {
    struct sql_name name;
    bool temporary;
    bool system; /* TEMPORARY SYSTEM FUNCTION */
    bool or_replace;
    bool or_alter;
    bool if_exists; /* IF EXISTS, or IF NOT EXISTS in CREATE */
    bool cascade;
    bool extended;          /* DESCRIBE EXTENDED */
    const char *class_name; /* CREATE FUNCTION … AS 'class' */
    const char *language;
    const char **jars; /* USING JAR '…' */
    size_t jar_count;
    const char *comment;
    struct sql_option_list options;
    struct sql_column_def *inputs; /* CREATE MODEL INPUT (…) */
    size_t input_count;
    struct sql_column_def *outputs;
    size_t output_count;
    struct sql_span body; /* what follows, when only the server knows it */
};

/* SHOW …: filters */
struct sql_show {
    struct sql_name from; /* FROM|IN name */
    bool negated;         /* NOT LIKE */
    const char *like;     /* pattern or NULL */
    bool ilike;
    bool user; /* SHOW USER FUNCTIONS */
    bool full; /* SHOW FULL MODULES */
};

struct sql_setting {
    const char *key; /* NULL: SET or RESET alone */
    const char *value;
    struct sql_span key_at;
    struct sql_span value_at;
};

struct sql_statement {
    enum sql_statement_kind kind;
    /* Of UNKNOWN: the kind that the first words promise, or UNKNOWN. Else `kind`. */
    enum sql_statement_kind named;
    struct sql_span at; /* first to last token, without `;` */

    struct sql_query *query;   /* SELECT */
    struct sql_insert *insert; /* INSERT_INTO */
    struct sql_table_def
        *table; /* CREATE_TABLE, CREATE_TABLE_AS, CREATE_[…]MATERIALIZED */
    struct sql_view_def *view; /* CREATE_VIEW */
    struct sql_alter *alter;   /* ALTER_… */
    struct sql_object_def *object; /* other CREATE_…, DROP_…, SHOW_CREATE_…, DESCRIBE_…,
                                      USE, USE_CATALOG */
    struct sql_show *show;         /* SHOW_… */
    struct sql_setting *setting;     /* SET, RESET */
    struct sql_statement **children; /* STATEMENT_SET: INSERTs; EXPLAIN, EXECUTE: one */
    size_t child_count;
    const char *details; /* EXPLAIN: "PLAN FOR", "ESTIMATED_COST, …" or NULL */

    /*
     * Of UNKNOWN: message, position and hint of what stopped the parser, or NULL. Of
     * another kind: something that is understood here but that Flink's parser refuses
     * (`!=`, a reserved word as alias), or NULL.
     */
    struct err *problem;
};

#endif
