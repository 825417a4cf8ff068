/* Parts of submit.c: one submission, and the kinds of statements. */
#ifndef SANDBOX_SUBMIT_IMPL_H
#define SANDBOX_SUBMIT_IMPL_H

#include "sandbox/catalog.h"
#include "sandbox/submit.h"
#include "sql/infer.h"
#include "sql/parse.h"

struct submission {
    struct sandbox *sandbox;
    struct arena *arena;
    struct statement *st;
    const char *text; /* what `tree` was parsed from; the statement's SQL mostly */
    struct value properties;
    struct catalog_context context;
    bool snapshot; /* sql.snapshot.mode = now */
    bool dry_run;
    const char *detail; /* why the statement is refused */
    struct sql_statement *tree;
    struct catalog_view view;
    struct sql_result result;
    int64_t rows; /* result rows so far */
    struct err *err;
};

/* All of these return 0 accepted, 1 refused with `detail`, -1 `err`. */
typedef int submit_handler(struct submission *s);

/* Sets the detail; returns 1. */
int submit_refuse(struct submission *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Refuses with the text for a name that isn't there. */
int submit_refuse_name(struct submission *s, enum catalog_outcome outcome,
                       const struct sql_name *name);
/* Types a piece of SQL of the statement (`start` to `end`) into `result`. */
int submit_infer(struct submission *s, const char *text, size_t len,
                 struct sql_result *result);
/* The statement's own text from `start` to `end`, in the arena. */
const char *submit_text(struct submission *s, struct sql_span at);

/* Completes a name; refuses with the proper text when that fails. */
int submit_resolve(struct submission *s, const struct sql_name *name,
                   struct catalog_name *out);
/* Resolves and loads; `*found` tells whether it is there. */
int submit_load(struct submission *s, const struct sql_name *name,
                struct catalog_relation *out, bool *found);
/* Refuses changes of read-only catalogs, INFORMATION_SCHEMA and busy relations. */
int submit_check_writable(struct submission *s, const struct catalog_name *name,
                          const struct catalog_relation *relation);
/* The parts of a name as strings in the arena. */
const char *const *submit_parts(struct submission *s, const struct sql_name *name);

/* A result set of texts: names, then rows. `types` may be NULL: all STRING. */
void submit_columns(struct submission *s, const char *const *names, size_t count);
int submit_row(struct submission *s, const char *const *values, size_t count);
/* The result set that `result` describes. */
void submit_result_schema(struct submission *s, const struct sql_result *result);

/* DDL completes at once and has no result set. */
void submit_ddl_traits(struct submission *s);

/* statements, by file */
submit_handler submit_select;       /* submit_query.c */
submit_handler submit_insert;       /* submit_query.c */
submit_handler submit_set;          /* submit_query.c */
submit_handler submit_explain;      /* submit_explain.c */
submit_handler submit_information;  /* submit_information.c */
submit_handler submit_create_table; /* submit_create.c: also AS and materialized */
submit_handler submit_create_view;
submit_handler submit_drop;  /* submit_drop.c */
submit_handler submit_alter; /* submit_alter.c */
submit_handler submit_show;  /* submit_show.c */
submit_handler submit_show_create;
submit_handler submit_describe;

/* Whether the query reads INFORMATION_SCHEMA (and then nothing else may be read). */
bool submit_reads_information(const struct sql_query *query);

/* One writer of a table: the query runs, or ran, on behalf of the statement. */
int submit_write(struct submission *s, const struct catalog_relation *target,
                 const struct sql_ident_list *columns, const struct sql_query *query,
                 const struct sql_result *result);

/* Adds Confluent's hidden `$rowtime`, and a watermark on it when there is none. */
void submit_add_rowtime(struct submission *s, struct catalog_relation *rel);

/* table_options.c: checks and adds defaults. */
int submit_table_options(struct submission *s, struct catalog_relation *relation,
                         const struct sql_option_list *given);

#endif
