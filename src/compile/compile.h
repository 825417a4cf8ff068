/*
 * Compiling: a project's nodes to SQL text, as dbt 1.11 with the confluent adapter
 * does.
 *
 * Life of a compiler: compile_new(), then the project is loaded with the hooks of
 * compile_hooks() (loading renders every node once, to find its refs, sources and
 * config), then any number of compile_…() calls. Results live in the compiler until
 * compile_reset() or compile_free(); nothing here writes files but compile_write().
 *
 * Not for several threads at once.
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

struct project;
struct project_hooks; /* project/project.h */
struct node;
struct compiler;

/* ---- relations, columns, tables ------------------------------------------------ */

enum compile_relation_type {
    COMPILE_RELATION_NONE, /* unknown */
    COMPILE_RELATION_TABLE,
    COMPILE_RELATION_VIEW,
    COMPILE_RELATION_MATERIALIZED_VIEW,
    COMPILE_RELATION_CTE, /* an ephemeral model */
    COMPILE_RELATION_EXTERNAL
};

/* Parts are NULL when they are not part of the name. */
struct compile_relation {
    const char *database; /* environment id, "env-…" */
    const char *schema;   /* database of Flink: the Kafka cluster's display name */
    const char *identifier;
    const char *text; /* as it stands in SQL: `env-1`.`db`.`orders`; "" for none */
    enum compile_relation_type type;
};

struct compile_column {
    const char *name;
    const char *data_type; /* as the server spells it: "VARCHAR(2147483647)" */
};

/* What a statement returned, for run_query() and friends. */
struct compile_table {
    const char **columns;
    size_t column_count;
    struct value *rows; /* row_count * column_count, row by row */
    size_t row_count;
    const char *message; /* adapter response, e.g. "Phase.COMPLETED" */
};

/* ---- the way to the server ----------------------------------------------------- */

/* Arguments of a statement() call or adapter.execute(); NULL or none when not given. */
struct compile_statement {
    const char *sql;
    const char *statement_name;
    const char *execution_mode;
    const char *compute_pool_id;
    struct value properties; /* dict, or none */
    bool fetch;
    bool hidden;
    long limit; /* rows; -1 = no limit */
};

/*
 * How macros reach the server while a node is compiled or a hook rendered. Everything
 * returned is allocated in `arena`. A callback returns 0, or -1 with `err` set. Offline
 * there is no connection: what needs one is refused with ERR_CONNECTION.
 */
struct compile_connection {
    void *context;
    int (*execute)(void *context, const struct compile_statement *statement,
                   struct arena *arena, struct compile_table *out, struct err *err);
    /* `out->type` COMPILE_RELATION_NONE and `out->identifier` NULL when there is none.
     */
    int (*get_relation)(void *context, const char *database, const char *schema,
                        const char *identifier, struct arena *arena,
                        struct compile_relation *out, struct err *err);
    int (*list_relations)(void *context, const char *database, const char *schema,
                          struct arena *arena, struct compile_relation **out,
                          size_t *count, struct err *err);
    int (*get_columns)(void *context, const struct compile_relation *relation,
                       struct arena *arena, struct compile_column **out, size_t *count,
                       struct err *err);
    /* As `print` of struct compile_options, which is asked when this is NULL. */
    void (*print)(void *context, const char *text);
};

/* ---- a compiler ---------------------------------------------------------------- */

struct compile_options {
    const struct compile_connection *connection; /* NULL = offline; borrowed */
    const char *which;         /* flags.WHICH: "compile", "run"…; NULL = "compile" */
    const char *invocation_id; /* a UUID; NULL = a new one */
    int64_t started_at_ms;     /* run_started_at; 0 = now */
    bool full_refresh;         /* flags.FULL_REFRESH */
    bool empty;                /* --empty: refs and sources read no rows */
    bool store_failures;       /* flags.STORE_FAILURES */
    bool defer;                /* --defer: see `state` */
    bool favor_state;          /* --favor-state */
    /*
     * With `defer`: the manifest to fall back to (artifact_load_state()). A ref() to a
     * node that is in it, too, means its relation there when the own one doesn't exist
     * (the connection is asked), or with favor_state when it isn't selected.
     */
    struct value state;
    struct value selected; /* list of unique ids: selected_resources; or undefined */
    /* log(info=true), print() and exceptions.warn() of macros; NULL: dropped. */
    void (*print)(void *context, const char *text);
    void *print_context;
};

/* Never NULL. Copies the options (their strings and the connection are borrowed). */
struct compiler *compile_new(const struct compile_options *options);
void compile_free(struct compiler *compiler);

/* What project_load() calls while loading; owned by the compiler. */
const struct project_hooks *compile_hooks(struct compiler *compiler);

/* Changes the options of later compilations and forgets what was compiled. */
void compile_reset(struct compiler *compiler, const struct compile_options *options);

/* Says which project the other calls are about (project_load() has succeeded). */
void compile_attach(struct compiler *compiler, const struct project *project);

/* ---- nodes --------------------------------------------------------------------- */

/* A pre- or post-hook, rendered by compile_hook_sql() when it is due. */
struct compile_hook {
    const char *sql;  /* Jinja source */
    bool transaction; /* false: H0 of dbt-confluent, run outside */
    int index;
};

/* An ephemeral model that a node's SQL starts with. */
struct compile_cte {
    const char *unique_id;
    const char *name; /* __dbt__cte__NAME */
    const char *sql;  /* the model's own SQL, without its CTEs */
};

struct compiled {
    const struct node *node;
    const char *sql;  /* with ephemeral CTEs; "" for seeds and sources */
    const char *body; /* as rendered, before CTEs were put in */
    size_t sql_len;
    struct compile_cte *ctes; /* all of them, dependencies first */
    size_t cte_count;
    struct compile_relation relation;
    struct compile_hook *pre_hooks;
    size_t pre_hook_count;
    struct compile_hook *post_hooks;
    size_t post_hook_count;
    const char
        *path; /* target/compiled/PKG/…, relative to the project; NULL for none */
};

/*
 * Compiles a node (once; later calls return the same struct, owned by the compiler):
 * models, tests, analyses, snapshots; seeds only get relation and hooks. NULL with
 * ERR_COMPILE in dbt's words, file and line, and the macro stack in `trace`.
 */
const struct compiled *compile_node(struct compiler *compiler, const struct node *node,
                                    struct err *err);

/* Compiles many; goes on after errors and adds them to `errors`. 0 when all are well.
 */
int compile_all(struct compiler *compiler, struct node *const *nodes, size_t count,
                struct err_list *errors);

/*
 * Writes the SQL to target/compiled (and that of its ephemeral models), as dbt does.
 * Nothing happens for nodes without SQL.
 */
int compile_write(struct compiler *compiler, const struct compiled *compiled,
                  struct err *err);

/* Renders a hook now: the connection may be asked. Appends the SQL, stripped. */
int compile_hook_sql(struct compiler *compiler, const struct compiled *compiled,
                     const struct compile_hook *hook, struct buf *out, struct err *err);

/* Name of the relation a node is built as; text in the compiler's memory. */
int compile_relation_of(struct compiler *compiler, const struct node *node,
                        struct compile_relation *out, struct err *err);

/*
 * The statement name of dbt-confluent for a model (facts: dbt-confluent §4), e.g.
 * suffix "-ddl". Appends it.
 */
int compile_statement_name(struct compiler *compiler, const struct node *node,
                           const char *suffix, struct buf *out, struct err *err);

/* ---- tests --------------------------------------------------------------------- */

/*
 * The query of a data test: failures, should_warn, should_error (dbt-confluent §8).
 * `main_sql` is the test's own SQL, or `select * from R` over stored failures.
 */
int compile_test_sql(struct compiler *compiler, const struct compiled *test,
                     const char *main_sql, struct buf *out, struct err *err);

/* One input of a unit test. */
struct compile_fixture {
    const char *name;      /* of the CTE: __dbt__cte__NAME */
    const char *unique_id; /* of the node or source it stands for */
    struct compile_relation original;
    const char *sql; /* `select cast(…) as a, … union all select …` */
};

/* A unit test: fixtures apart from the tested SQL (dbt-confluent §11, 15). */
struct compile_unit_test {
    const struct node *node;
    const struct node *model;
    struct compile_fixture *fixtures;
    size_t fixture_count;
    const char *main_sql;     /* tested model's SQL over the CTE names */
    const char *expected_sql; /* the expected rows as a select */
    const char *query;        /* actual and expected, tagged actual_or_expected */
    const char **columns;     /* compared columns */
    size_t column_count;
};

/*
 * Compiles a unit test. `columns` of relations come from the connection when there is
 * one, else from declared columns; a column whose type is unknown is not cast.
 */
int compile_unit_test(struct compiler *compiler, const struct node *test,
                      struct compile_unit_test *out, struct err *err);

/* ---- seeds --------------------------------------------------------------------- */

enum compile_seed_type { /* agate's column types */
                         COMPILE_SEED_NUMBER,
                         COMPILE_SEED_DATE,
                         COMPILE_SEED_DATETIME,
                         COMPILE_SEED_BOOLEAN,
                         COMPILE_SEED_TEXT
};

struct compile_seed_column {
    const char *name;
    enum compile_seed_type type;
    const char *declared; /* from config column_types, or NULL */
    bool has_nulls;
    bool integral; /* NUMBER: no value has decimals */
    int precision; /* NUMBER: digits of the widest value */
    int scale;     /* NUMBER: most decimals of any value */
};

/* A cell is NULL or text: numbers as decimal digits without groups, dates
 * "2024-01-02", times "2024-01-02 03:04:05.000000", booleans "true"/"false". */
struct compile_seed {
    const struct node *node;
    struct compile_seed_column *columns;
    size_t column_count;
    const char **cells; /* row by row */
    size_t row_count;
};

/* Reads and types a seed's CSV into `arena`. Ceilings: 64 MiB, 1000 columns. */
int compile_seed_read(struct compiler *compiler, const struct node *seed,
                      struct arena *arena, struct compile_seed *out, struct err *err);

/* ---- whole project ------------------------------------------------------------- */

/* on-run-start and on-run-end: packages alphabetically, root last. */
struct compile_operation {
    const struct node *node;
    const char *name; /* "pkg-on-run-start-0" */
    const char *sql;  /* Jinja source; compile_operation_sql() renders */
    int index;
};

/* `results` is what on-run-end sees as `results`, a list of dicts; none otherwise. */
int compile_operation_sql(struct compiler *compiler, const struct node *operation,
                          struct value results, struct buf *out, struct err *err);

/* ---- ad hoc -------------------------------------------------------------------- */

/*
 * Renders Jinja text in the root project's run-time context (\eval, \preview of inline
 * SQL); refs to ephemeral models become CTEs. Appends the text.
 */
int compile_eval(struct compiler *compiler, const char *text, size_t len,
                 struct buf *out, struct err *err);

/*
 * Calls macro "name" or "package.name" with keyword arguments (dict or none) and
 * appends the text of its result (run-operation).
 */
int compile_call(struct compiler *compiler, const char *macro, struct value arguments,
                 struct buf *out, struct err *err);

#endif
