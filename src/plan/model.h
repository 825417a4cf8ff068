/*
 * What the materializations see of a model: plain data made from the compiled node,
 * with the adapter's configuration checked and typed. Configuration keys, their values
 * and the texts of errors are those of dbt-confluent 0.4.1.
 */
#ifndef PLAN_MODEL_H
#define PLAN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "compile/compile.h"
#include "drift/drift.h"
#include "plan/step.h"
#include "project/project.h"

enum model_drift_policy { MODEL_DRIFT_FAIL, MODEL_DRIFT_IGNORE };

enum model_query_policy {
    MODEL_QUERY_WARN,
    MODEL_QUERY_FAIL,
    MODEL_QUERY_IGNORE,
    MODEL_QUERY_REPLACE
};

/* A column that the project declares. */
struct model_column {
    const char *name;
    const char *data_type; /* NULL: not declared */
    const char *comment;   /* "" */
    const char *extra;     /* custom constraint, verbatim, or "" */
    bool not_null;
    bool primary_key;
    bool unique;
};

struct model_config {
    struct drift_option *options; /* with, then connector; values as SQL strings */
    size_t option_count;
    const char **distribution_columns;
    size_t distribution_column_count; /* 0: not distributed */
    int buckets;                      /* 0: not said */
    enum model_drift_policy on_schema_drift;
    enum model_query_policy on_query_drift;
    const char *statement_name;        /* NULL: made from the names */
    const char *compute_pool_id;       /* NULL: the profile's */
    struct value statement_properties; /* dict, or undefined */
    const char *start_mode;            /* "FROM_BEGINNING" …, or NULL */
    int full_refresh;                  /* 1, 0, or -1 when not set */
    bool contract;
    bool persist_relation; /* persist_docs: the description becomes a COMMENT */
    bool persist_columns;
    bool grants; /* configured, but Confluent Cloud has none in SQL */
};

struct plan_model {
    const struct node *node;
    const struct compiled *compiled;
    const char *materialization;
    struct step_relation relation;
    const char *relation_text; /* `env`.`db`.`name` */
    const char *sql;           /* compiled, without blanks and ';' at its end */
    struct model_config config;
    struct model_column *columns; /* as declared */
    size_t column_count;
    bool columns_complete; /* there are columns, and each has a data_type */
    const char
        *primary_key_clause; /* CONSTRAINT … PRIMARY KEY (…) NOT ENFORCED, or "" */
    const char **primary_key;
    size_t primary_key_count;
    const char *extra_constraints; /* other model-level ones, ", …" or "" */
    const char *statement;         /* N */
    const char *statement_ddl;     /* N(-ddl) */
    struct plan_note *notes;
    size_t note_count;
};

/*
 * Checks the configuration and makes the model, in `arena`. Errors (ERR_REFUSED,
 * ERR_COMPILE) carry the file and, when the key can be found, line and caret.
 */
int plan_model_make(struct project *project, const struct node *node,
                    const struct compiled *compiled, struct arena *arena,
                    struct plan_model *out, struct err *err);

void plan_model_note(struct plan_model *model, struct arena *arena, bool warning,
                     const char *text);

/* model_config.c: reads and checks what `plan_model_make` puts into `config`. */
int model_config_read(const struct node *node, const char *materialization,
                      struct arena *arena, struct model_config *out, struct err *err);

/* " DISTRIBUTED BY HASH(`a`, `b`) INTO 4 BUCKETS", or "". In the arena. */
const char *model_distribution_clause(const struct model_config *config,
                                      struct arena *arena);
/* " WITH ( 'k' = 'v', … )", or "". In the arena. */
const char *model_with_clause(const struct model_config *config, struct arena *arena);

/*
 * `lead`, then the text as a string literal; "" when the text is empty. In the arena.
 */
const char *model_comment(struct arena *arena, const char *lead, const char *text);
/* "COMMENT '…'" and a line end when persist_docs asks for it, or "". In the arena. */
const char *model_relation_comment(const struct plan_model *model, struct arena *arena);

/* `name`, with backquotes inside doubled. In the arena. */
const char *model_quote(struct arena *arena, const char *name);

#endif
