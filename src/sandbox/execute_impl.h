/*
 * From a query's tree to SQL for SQLite. Columns are positional: every translated query
 * gives c0, c1, … and `a`, the moment (microseconds) at which the row came about.
 *
 * Values inside SQLite: BOOLEAN 0/1; integers; DECIMAL as a sortable text (decimal.h);
 * FLOAT and DOUBLE as REAL; DATE days, TIME milliseconds, timestamps and day-time
 * intervals microseconds, year-month intervals months; BYTES as text x'…'; collections
 * and rows as JSON arrays.
 */
#ifndef SANDBOX_EXECUTE_IMPL_H
#define SANDBOX_EXECUTE_IMPL_H

#include <sqlite3.h>

#include "base/buf.h"
#include "sandbox/catalog.h"
#include "sandbox/execute.h"
#include "sql/ast.h"
#include "sql/type.h"

#define EXECUTE_MAX_DEPTH  48
#define EXECUTE_MAX_SQL    ((size_t)4 * 1024 * 1024)
#define EXECUTE_MAX_FAKER  200000 /* rows of one faker source */
#define TIME_DAY_US        86400000000LL
#define EXECUTE_MAX_RESULT 200000 /* rows of one result */

struct xcolumn {
    const char *name;
    const struct sql_type *type; /* NULL: not known */
    bool hidden;
    bool window_end; /* of a window table function */
};

/* Something in FROM: f<number>.c<i> are its columns. */
struct xrel {
    const char *name; /* alias or table name, or NULL */
    int number;
    struct xcolumn *columns;
    size_t count;
    const char *const *exprs;     /* SQL of the columns where it isn't f<number>.c<i> */
    bool no_moment;               /* has no column `a` */
    bool windowed;                /* has `w`, the watermark */
    const struct sql_expr *as_of; /* FOR SYSTEM_TIME AS OF: has versions, v to w */
};

struct xscope {
    struct xrel **rels;
    size_t count;
    size_t cap;
    const struct xscope *outer;
    const struct sql_select *select; /* whose WINDOW clause is meant, or NULL */
    /* keys that the grouping set at hand leaves out: NULL outside of aggregates */
    const struct sql_expr *const *absent;
    size_t absent_count;
};

struct xcte {
    const char *name;
    const struct sql_ident_list *columns;
    const struct sql_query *query;
    const struct xcte *next; /* those before it */
};

/* A relation that was put into the WITH list. */
struct xmemo {
    int64_t relation;
    bool versions;
    int64_t seed;
    int64_t start;
    int number;
    struct xcolumn *columns;
    size_t count;
    struct xmemo *next;
};

struct xlate {
    struct sandbox *sandbox;
    struct arena *arena;
    struct catalog_context context;
    int64_t seed;  /* of faker sources: who reads */
    int64_t start; /* ms since 1970 */
    int64_t now;
    bool snapshot; /* sources have ended: all windows are closed */
    bool batch;    /* snapshot mode: an aggregate of nothing is a row */
    bool first;    /* only the first row of each source */
    bool versions; /* all versions of each key, not just the latest */
    int64_t zone;  /* microseconds that local time is ahead of UTC */
    int next;      /* numbers for aliases */
    int depth;
    struct buf with; /* "r1 AS (…), " */
    struct xmemo *memo;
    const struct xcte *ctes;
    const char *offsets; /* JSON: rows of tables to pass over, or NULL */
    const char *reason;  /* why it can't be executed */
};

struct xquery {
    const char *sql; /* in the arena */
    struct xcolumn *columns;
    size_t count;
};

/* All return 0, or -1 with `reason`. */
int xlate_fail(struct xlate *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int xlate_query(struct xlate *x, const struct sql_query *query,
                const struct xscope *outer, struct xquery *out);
int xlate_select(struct xlate *x, const struct sql_query *query,
                 const struct xscope *outer, struct xquery *out);
/* The columns that a SELECT or VALUES makes, and their SQL. */
struct xitems {
    struct xcolumn *columns;
    const char **sql;
    size_t count;
    size_t cap;
};
void xitems_add(struct xlate *x, struct xitems *items, const char *name,
                const struct sql_type *type, const char *sql);
/* The item that ORDER BY means by a name or number, or -1. */
int xlate_output(const struct xitems *items, const struct sql_expr *expr);
/* ORDER BY; `scope` is NULL where only the items can be named. */
int xlate_order(struct xlate *x, const struct xscope *scope,
                const struct sql_query *query, const struct xitems *items,
                struct buf *out);
int xlate_limit(struct xlate *x, const struct sql_query *query, struct buf *out);
/* GROUP BY all columns, keeping the latest moment: DISTINCT and UNION. */
const char *xlate_distinct(struct xlate *x, const char *sql, size_t count);
/* Keeps what a buffer holds in the arena; the buffer is freed. */
const char *xlate_keep(struct xlate *x, struct buf *out);
int xlate_from(struct xlate *x, const struct sql_from *from, struct xscope *scope,
               struct buf *out);
int xlate_expr(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               struct buf *out, const struct sql_type **type);
/* Likewise, to a text in the arena. */
int xlate_sub(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
              const char **sql, const struct sql_type **type);
int xlate_literal(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                  const struct sql_type **type);
int xlate_operator(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out,
                   const struct sql_type **type);
int xlate_unary(struct xlate *x, const struct xscope *scope,
                const struct sql_expr *expr, struct buf *out,
                const struct sql_type **type);
/* AND, OR, IS, BETWEEN, IN, LIKE. */
int xlate_predicate(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, struct buf *out);
int xlate_call(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               struct buf *out, const struct sql_type **type);
/* Aggregates and window functions: 1 when the call is none. `name` in upper case. */
int xlate_aggregate(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, const char *name, struct buf *out,
                    const struct sql_type **type);
/* What has a form of its own: EXTRACT, FLOOR to a unit, TRIM, the time now … */
int xlate_special(struct xlate *x, const struct xscope *scope,
                  const struct sql_expr *expr, const char *name, struct buf *out,
                  const struct sql_type **type);

/* Numbers of one kind where another one is wanted; the SQL itself when nothing is to be
 * done. xlate_comparable(): one side of a comparison as the other side wants it,
 * strings beside numbers and times read as such. */
const char *xlate_decimal(struct xlate *x, const char *sql,
                          const struct sql_type *type);
const char *xlate_double(struct xlate *x, const char *sql, const struct sql_type *type);
const char *xlate_as(struct xlate *x, const char *sql, const struct sql_type *from,
                     const struct sql_type *to);
const char *xlate_comparable(struct xlate *x, const char *sql,
                             const struct sql_type *own, const struct sql_type *other);
/* TUMBLE, HOP, CUMULATE, SESSION; the relation's SQL is a subquery without alias. */
int xlate_window(struct xlate *x, const struct sql_expr *call, struct xscope *scope,
                 struct xrel *rel, struct buf *out);
/* A stored relation as subquery "(…)" or name; columns with hidden ones. */
int xlate_relation(struct xlate *x, const struct sql_name *name, struct xrel *rel,
                   struct buf *out);
int xlate_relation_id(struct xlate *x, int64_t id, struct xrel *rel, struct buf *out);
/* As xlate_relation(), with all versions of each key; columns v and w tell from when to
 * when each holds, w is NULL for the last. A subquery without alias. */
int xlate_versions(struct xlate *x, const struct sql_name *name, struct xrel *rel,
                   struct buf *out);
/* SELECT of one writer: p<i> for the table's physical columns, a, o. */
#define XLATE_WRITER_COLUMNS "statement, query, columns, started, catalog, db, offsets"
int xlate_writer(struct xlate *x, const struct catalog_relation *rel, sqlite3_stmt *row,
                 struct buf *out);
/* A CAST: appends the conversion of `sql` from one type to another. */
int xlate_cast(struct xlate *x, const char *sql, const struct sql_type *from,
               const struct sql_type *to, bool safe, struct buf *out);
const struct sql_type *xlate_type(struct xlate *x, enum sql_type_root root);
/* Whether the call is an aggregate function (without OVER). */
bool xlate_is_aggregate(const struct sql_expr *expr);
bool xlate_has_aggregate(const struct sql_expr *expr);
/* Whether GROUP BY has grouping sets; their keys, set by set. */
bool xgroup_has_sets(const struct sql_select *select);
struct xgroup {
    const struct sql_expr **keys;
    size_t count;
};
int xgroup_sets(struct xlate *x, const struct sql_select *select, struct xgroup **sets,
                size_t *count);
/* The keys of `all` that `set` doesn't have. */
void xgroup_absent(struct xlate *x, const struct xgroup *all, const struct xgroup *set,
                   struct xscope *scope);
bool xgroup_is_absent(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr);
/* The scope as aggregates see it. */
struct xscope xscope_whole(const struct xscope *scope);
struct xrel *xscope_add(struct xlate *x, struct xscope *scope, const char *name);
void xlate_string(struct buf *out, const char *text);

/* A scalar function of ours for SQLite. */
struct xfunction {
    const char *name;
    int args; /* -1: any number */
    void (*call)(sqlite3_context *, int, sqlite3_value **);
};
/* execute_func.c: makes them known; SQLITE_OK or not. */
int execute_add_functions(sqlite3 *handle, const struct xfunction *list, size_t count);

/* execute_decimal.c: the functions of DECIMAL. */
int execute_decimal_functions(sqlite3 *handle);
struct decimal;
/* A value as a number: false for NULL and what is none. */
bool execute_decimal_of(sqlite3_value *v, struct decimal *d);
void execute_decimal_give(sqlite3_context *ctx, const struct decimal *d);

/* execute_func.c: Flink's functions for SQLite, all of them. */
int execute_functions(sqlite3 *handle);
/* Arguments and results of them: "" for NULL; whether one is NULL; the buffer's text,
 * which is freed. */
const char *func_text(sqlite3_value *v);
bool func_null(int count, sqlite3_value **args);
void func_give(sqlite3_context *ctx, struct buf *out);
/* Those of strings, of regular expressions, of JSON, of CAST and of times. */
int execute_text_functions(sqlite3 *handle);
int execute_regex_functions(sqlite3 *handle);
int execute_cast_functions(sqlite3 *handle);
int execute_time_functions(sqlite3 *handle);
int execute_json_functions(sqlite3 *handle);

/* execute_zone.c */

/* The session's time zone by the statement's properties (JSON), as microseconds ahead
 * of UTC at a time; false when it is none that is known. */
bool zone_of(const char *properties, int64_t now_ms, int64_t *us);

/* The same for "Europe/Berlin", "UTC" or "GMT+05:30". */
bool zone_named(const char *zone, int64_t now_ms, int64_t *us);

/* execute_cell.c */

/* Appends a column of a row in the REST form. */
void cell_write(sqlite3_stmt *row, int column, const struct sql_type *type,
                struct buf *out);
/* Double.toString() of Java: 1.0, 1.0E7, 1.0E-4, NaN, Infinity. */
void cell_double(double d, bool single, struct buf *out);
/* Appends it in the form in which rows are stored. */
void cell_store(sqlite3_stmt *row, int column, struct buf *out);

/* execute_variant.c */

/* Whether a text is JSON, as PARSE_JSON wants it. */
bool variant_is_valid(const char *json);
/* Appends a VARIANT, given as JSON text, in the REST form: a tree of [code, value]. */
void variant_write(const char *json, struct buf *out);

/* faker.c */

/* Whether the expression can be computed; `*why` tells what can't. */
bool faker_check(struct arena *arena, const char *expression, const char **why);
/* Appends the value of row `index` as text; false for NULL by null-rate. */
bool faker_value(const char *expression, double null_rate, uint64_t seed, int64_t index,
                 int64_t at_ms, struct buf *out);

/* execute_time.c: text and numbers of dates and times. */
bool time_parse_date(const char *text, int64_t *days);
bool time_parse_time(const char *text, int64_t *ms);
bool time_parse_timestamp(const char *text, int64_t *us);
void time_write_date(int64_t days, struct buf *out);
void time_write_time(int64_t ms, int precision, struct buf *out);
void time_write_timestamp(int64_t us, int precision, struct buf *out);
/* a / b rounded down. */
int64_t time_floor_div(int64_t a, int64_t b);
/* Civil date of days since 1970 and back. */
void time_civil(int64_t days, int64_t *year, int *month, int *day);
int64_t time_days(int64_t year, int month, int day);
/* By a pattern of Java's DateTimeFormatter (yMdHmsS and literals). */
void time_format(int64_t us, const char *pattern, struct buf *out);
bool time_parse(const char *text, const char *pattern, int64_t *us);

#endif
