/* What the files of the inference share. Not for others. */
#ifndef SQL_INFER_IMPL_H
#define SQL_INFER_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sql/ast.h"
#include "sql/functions.h"
#include "sql/infer.h"
#include "sql/type.h"

struct arena;
struct err;

/* Equal texts; NULL equals nothing. */
static inline bool text_eq(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

#define INFER_MAX_DEPTH   400   /* nesting of queries, views and expressions */
#define INFER_MAX_COLUMNS 20000 /* of one relation */
#define INFER_MAX_GROUPS  2000  /* expressions of one GROUP BY */
#define INFER_MAX_KEYS    8     /* upsert keys that are followed */

/* What a column is to window operators. */
enum window_role { WINDOW_NONE, WINDOW_START, WINDOW_END, WINDOW_TIME };

/* What is behind a column of ROW_NUMBER() and the like, for Top-N queries. */
struct ranking {
    size_t *partition; /* positions in the relation; SQL_NO_COLUMN for one left out */
    size_t partition_count;
    bool ascending; /* of the first ORDER BY */
    bool append;    /* the input is append-only */
    bool window;    /* PARTITION BY has window_start and window_end */
    bool ties;      /* RANK and DENSE_RANK: several rows may share a number */
    const struct sql_key *keys; /* upsert keys of the input */
    size_t key_count;
};

struct rel_column {
    const char *name;
    const struct sql_type *type;
    const struct sql_source *sources;
    size_t source_count;
    uint8_t role; /* enum window_role */
    bool hidden;
    const struct ranking *ranking; /* or NULL */
    bool doubled;                  /* another column of the relation has its name */
};

/* A relation: what a query, a table or a join yields. */
struct rel {
    struct rel_column *columns;
    size_t count;
    bool unknown;                        /* there are columns that aren't known */
    unsigned changes;                    /* enum sql_change; 0 = not known */
    struct sql_key keys[INFER_MAX_KEYS]; /* upsert keys */
    size_t key_count;
    bool keys_known;
    bool soft_keys; /* they come from a Top-N: DISTINCT doesn't trust them */
    bool bounded;
    struct rel_column **sorted;               /* by name; made when it is needed */
    bool session;                             /* windowed by SESSION, … */
    const struct sql_expr_list *session_keys; /* … PARTITION BY these */
};

/* A relation in FROM under its alias. Its columns are `offset`… of the joined row. */
struct space {
    const char *alias;             /* NULL: none, e.g. a subquery without */
    const struct sql_table *table; /* for cat.db.t.column; or NULL */
    struct rel *rel;
    size_t offset;
    bool nullable; /* on the outer side of a join */
};

/* A column that USING or NATURAL merged; it stands for both sides. */
struct merged {
    const char *name; /* NULL: stands for a column that a former USING merged */
    const struct sql_type *type;
    size_t left; /* positions in the joined row */
    size_t right;
};

/* The names that an expression sees. */
struct scope {
    struct space *spaces;
    size_t count;
    size_t cap;
    size_t width; /* columns of the joined row */
    struct merged *merged;
    size_t merged_count;
    struct scope *parent;             /* of the query around a correlated subquery */
    const struct sql_window *windows; /* WINDOW name AS (…) */
    size_t window_count;
    const struct match_scope *match; /* inside MATCH_RECOGNIZE */
};

struct match_scope {
    const struct sql_match *match;
    struct rel *input;
};

/* A resolved column reference. */
struct column_ref {
    struct scope *scope;
    struct space *space; /* NULL: a merged column, or unknown */
    size_t index;        /* in the space; for a merged column its number */
    size_t used; /* parts of the name that the column took; the rest is fields */
    const struct sql_type *type;
    const struct rel_column *column; /* or NULL */
};

/* WITH name AS (…). */
struct cte {
    const char *name;
    struct rel *rel; /* NULL while it isn't typed */
    const struct sql_cte *ast;
    struct cte *next;
};

/* GROUP BY of a select. */
struct grouping {
    struct sql_expr **exprs; /* all grouping expressions */
    uint32_t *hashes;        /* expr_hash() of each */
    size_t *positions;       /* scope_position() of each */
    bool *optional;          /* missing in some grouping set: nullable */
    size_t count;
    bool written;            /* GROUP BY was written */
    bool simple;             /* no grouping sets */
    bool keyed;              /* every set has a key: aggregates see at least one row */
    struct sql_expr *window; /* TUMBLE(…), HOP(…), SESSION(…), or NULL */
    const struct sql_type *window_type; /* of its time column */
};

struct infer {
    struct arena *arena;
    const struct sql_catalog *catalog;
    unsigned flags;
    const char *text;
    size_t len;
    struct err *err;
    struct cte *ctes;
    int depth;
    const struct sql_table **reads;
    struct rel **rels; /* of each of them; shared, not to be changed */
    size_t read_count;
    size_t read_cap;
    const char *plan_error;
    bool semi;        /* the next subquery is a positive IN or EXISTS of WHERE */
    bool sub_updates; /* a subquery of this select makes its rows be updated */
    bool quiet;       /* a trial: errors aren't kept */
};

/* Where source columns of an expression are gathered. */
struct sources {
    struct sql_source *items;
    size_t count;
    size_t cap;
};

/* How an expression is looked at. */
struct view {
    struct infer *in;
    struct scope *scope;
    const struct grouping *group; /* NULL: not grouped */
    bool in_aggregate;            /* inside the arguments of an aggregate */
    bool in_over;
    bool in_call;            /* an argument of a function */
    bool aggregates;         /* aggregate functions may stand here */
    const char *clause;      /* "WHERE", "GROUP BY", "ON" … when they may not */
    struct sources *sources; /* or NULL */
};

/* infer.c */

/* Sets ERR_SQL at a span; returns NULL so that a type function can return it. */
void *infer_error(struct infer *in, struct sql_span at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes that the planner would refuse what the validator takes. First one wins. */
void infer_refuse(struct infer *in, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool infer_enter(struct infer *in, struct sql_span at);
void infer_leave(struct infer *in);
/* The table of that name: of the catalog, or unknown when that is allowed. */
const struct sql_table *infer_lookup(struct infer *in, const struct sql_name *name);
/* The table as a relation, noted as read; follows views. Shared by all its uses. */
struct rel *infer_table(struct infer *in, const struct sql_name *name);
struct rel *infer_table_rel(struct infer *in, const struct sql_table *table);

/* infer_name.c */
int scope_find(struct view *view, const struct sql_name *name, struct column_ref *out);
/* Type of a field path `rest` within `type`; NULL and an error when there is none. */
const struct sql_type *scope_fields(struct infer *in, const struct sql_type *type,
                                    const struct sql_ident *parts, size_t count);
void scope_add(struct infer *in, struct scope *scope, const char *alias,
               const struct sql_table *table, struct rel *rel);
struct space *scope_space(struct scope *scope, const struct sql_name *name);
/* Column `i` of the joined row with the nullability of outer joins. */
const struct sql_type *scope_type(struct infer *in, const struct space *space,
                                  size_t i);
void sources_add(struct infer *in, struct sources *sources,
                 const struct rel_column *column);
/* Position in the joined row of a plain column reference; SQL_NO_COLUMN else. */
size_t scope_position(struct view *view, const struct sql_expr *expr);

/* infer_expr.c */

/* The type of an expression, or NULL with an error. */
const struct sql_type *infer_expr(struct view *view, const struct sql_expr *expr);
/* As infer_expr(), an untyped NULL being an error. */
const struct sql_type *infer_typed(struct view *view, const struct sql_expr *expr);
int infer_condition(struct view *view, const struct sql_expr *expr);
/* Whether two expressions are the same, names resolved. */
bool expr_same(struct view *view, const struct sql_expr *a, const struct sql_expr *b);
/* Equal for expressions that expr_same() may call the same. */
uint32_t expr_hash(const struct sql_expr *expr);
bool expr_is_aggregate(const struct sql_expr *expr);
bool expr_is_over(const struct sql_expr *expr);
bool expr_has_aggregate(const struct sql_expr *expr);
bool expr_has_over(const struct sql_expr *expr);
bool expr_is_literal(const struct sql_expr *expr);
const struct sql_type *expr_literal(struct infer *in, const struct sql_expr *expr);

/* infer_call.c */
const struct sql_type *infer_call(struct view *view, const struct sql_expr *expr);

/* infer_from.c */
int infer_from(struct infer *in, struct scope *scope, const struct sql_from *from,
               struct rel *joined);

/* infer_window.c */
struct rel *infer_window_function(struct infer *in, const struct sql_expr *call);

/* infer_match.c */
struct rel *infer_match(struct infer *in, struct scope *parent,
                        const struct sql_from *from);

/* infer_query.c */
struct rel *infer_query(struct infer *in, const struct sql_query *query,
                        struct scope *parent);
/* infer_select.c */
struct rel *infer_select(struct infer *in, const struct sql_query *query,
                         struct scope *parent);

/* infer_ddl.c */

/* What CREATE TABLE makes; `*query` is the relation of AS, if any. */
struct sql_table *infer_table_def(struct infer *in, const struct sql_table_def *def,
                                  struct rel **query);
/* Adds or replaces columns, keys and watermarks of `table`, as ALTER TABLE does. */
struct sql_table *infer_table_elements(struct infer *in, struct sql_table *table,
                                       const struct sql_table_def *def);
/* Works out changes and boundedness from options and keys. */
void infer_table_changes(struct sql_table *table);
struct sql_table *infer_view_def(struct infer *in, const struct sql_view_def *def,
                                 struct rel **query);

/* infer_operator.c */

const struct sql_type *infer_boolean(struct view *view, bool nullable);
/* BOOLEAN, an untyped NULL, or unknown. */
bool infer_is_boolean(const struct sql_type *type);
/* A row of several values can be NULL in parts. */
bool infer_may_be_null(const struct sql_expr *expr, const struct sql_type *type);
/* One for each kind of expression; NULL with the error when Flink would refuse it. */
const struct sql_type *infer_unary(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_operator(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_minus_date(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_logic(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_is(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_like(struct view *view, const struct sql_expr *expr);
const struct sql_type *infer_between(struct view *view, const struct sql_expr *expr);

/* infer_insert.c */

/* The rows that go into the sink, in its order; what the planner refuses is noted. */
struct rel *infer_insert(struct infer *in, const struct sql_insert *insert,
                         const struct sql_table **target);

/* infer_alter.c */

/* The table as it is after an ALTER statement. */
struct sql_table *infer_alter(struct infer *in, const struct sql_alter *alter,
                              const struct sql_table *table);

/* infer_rank.c */

/* Notes what ranks the rows, for the columns of ROW_NUMBER() and the like. */
struct ranked {
    struct view *view;
    const struct sql_select *select;
    struct rel *out;
    const size_t *origins;
    const struct sql_expr **exprs;
    const struct rel *from;
};
void rank_columns(const struct ranked *in);
/* What a WHERE clause that bounds a rank does to the changes and keys of FROM. */
void rank_filter(struct view *view, const struct sql_expr *where, struct rel *from);

/* infer_change.c */
struct rel *rel_new(struct infer *in, size_t columns);
void rel_copy_changes(struct rel *to, const struct rel *from);
void rel_add_key(struct infer *in, struct rel *rel, const size_t *columns,
                 size_t count);
/* `base`, or with a number behind if `used` has it; the result is put into `used`. */
struct map;
const char *unique_name(struct infer *in, struct map *used, const char *base);
/* Marks columns whose names aren't unique. */
void rel_mark_doubles(struct rel *rel);
/* Makes the names of the columns distinct as Flink does: a, a0, a1. */
void rel_unique_names(struct infer *in, struct rel *rel);

#endif
