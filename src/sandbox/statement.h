/*
 * Statements: the rows of the store, their life, and their JSON form.
 *
 * A statement's phase changes with time. What comes next and when is stored with it
 * (`next_phase`, `next_at`); life_sweep() makes due what is due before each request, so
 * there are no timers and a restart loses nothing.
 */
#ifndef SANDBOX_STATEMENT_H
#define SANDBOX_STATEMENT_H

#include "base/arena.h"
#include "sandbox/sandbox.h"

#define STATEMENT_PHASES(X)                                                            \
    X(PENDING)                                                                         \
    X(RUNNING)                                                                         \
    X(COMPLETED)                                                                       \
    X(DELETING)                                                                        \
    X(FAILED)                                                                          \
    X(STOPPING)                                                                        \
    X(STOPPED)                                                                         \
    X(DEGRADED)

enum statement_phase {
#define X(name) STATEMENT_##name,
    STATEMENT_PHASES(X)
#undef X
        STATEMENT_GONE /* as `next_phase`: the row is removed */
};

/* Where the result rows of a statement come from. */
enum statement_source {
    STATEMENT_SOURCE_NONE,   /* no result set */
    STATEMENT_SOURCE_ROWS,   /* computed when submitted, in result_row */
    STATEMENT_SOURCE_STREAM, /* computed again at each read, differences appended */
    STATEMENT_SOURCE_BATCH,  /* computed once, when its sources have ended */
};

struct statement {
    int64_t id; /* 0 = not stored */
    const char *env;
    const char *name;
    const char *uid;
    const char *sql;
    const char *properties; /* JSON object as sent */
    const char *labels;     /* JSON object */
    const char *pool;
    const char *principal;
    bool stopped;
    const char *mode; /* execution_mode */
    int64_t version;
    int64_t created; /* all times: ms since 1970 */
    int64_t updated;
    enum statement_phase phase;
    const char *detail;
    enum statement_phase next_phase;
    int64_t next_at; /* 0 = nothing is going to happen */
    const char *next_detail;
    const char *kind; /* sql_kind; NULL = no traits */
    bool bounded;
    bool append_only;
    const char *upsert;   /* JSON array, or NULL */
    const char *schema;   /* JSON object, or NULL */
    const char *warnings; /* JSON array, or NULL */
    const char *offsets;  /* JSON object, or NULL */
    int64_t offsets_at;
    int64_t ended;
    int64_t finish_at;   /* when a RUNNING statement completes; 0 = never by itself */
    const char *scaling; /* NULL = OK */
    int64_t started;     /* when it began to read its sources */
    enum statement_source source;
    int64_t relation;    /* table that it writes, or 0 */
    const char *catalog; /* current catalog and database */
    const char *database;
    const char *resource; /* materialized table: "database-id/name", or NULL */
};

const char *statement_phase_name(enum statement_phase phase);
/* COMPLETED, FAILED or STOPPED. */
bool statement_is_terminal(enum statement_phase phase);

/* Loads one; 1 found, 0 not there, -1 error. Strings live in the arena. */
int statement_find(struct sandbox *sandbox, struct arena *arena, const char *env,
                   const char *name, struct statement *out, struct err *err);
int statement_load(struct sandbox *sandbox, struct arena *arena, int64_t id,
                   struct statement *out, struct err *err);
/* Reads a row of "SELECT <STATEMENT_COLUMNS> FROM statement". */
struct sqlite3_stmt;
void statement_read(struct sqlite3_stmt *row, struct arena *arena,
                    struct statement *out);
#define STATEMENT_COLUMNS                                                              \
    "id, env, name, uid, sql, properties, labels, pool, principal, stopped, mode,"     \
    " version, created, updated, phase, detail, next_phase, next_at, next_detail,"     \
    " kind, bounded, append_only, upsert, schema, warnings, offsets, offsets_at,"      \
    " ended, finish_at, scaling, started, source, relation, catalog, db, resource"

/* Stores a new one and sets `id`, or saves all that can change and counts `version`. */
int statement_insert(struct sandbox *sandbox, struct statement *st, struct err *err);
int statement_save(struct sandbox *sandbox, struct statement *st, struct err *err);
/* Removes the row, its labels, exceptions and results. */
int statement_remove(struct sandbox *sandbox, int64_t id, struct err *err);
int statement_add_exception(struct sandbox *sandbox, int64_t id, const char *name,
                            const char *message, struct err *err);
/* Appends to `warnings`. */
void statement_warn(struct statement *st, struct arena *arena, int64_t now,
                    const char *severity, const char *reason, const char *message);

/* Appends the Statement object. `base` as in struct http_request. */
void statement_write(const struct sandbox *sandbox, const struct statement *st,
                     const char *base, struct arena *arena, struct buf *out);

/* statement_json.c: appends a member of a JSON object; times as ISO 8601. */
void reply_add_str(struct buf *out, const char *name, const char *value);
void reply_add_time(struct buf *out, const char *name, int64_t at);

/* life.c */

/* Brings all statements up to now. */
int life_sweep(struct sandbox *sandbox, struct err *err);
/* Sets the phases of a statement that was just submitted and isn't FAILED. */
int life_start(struct sandbox *sandbox, struct statement *st, struct err *err);
/* Stops, resumes and deletes; saves the statement. */
int life_stop(struct sandbox *sandbox, struct statement *st, struct err *err);
int life_resume(struct sandbox *sandbox, struct statement *st, struct err *err);
int life_delete(struct sandbox *sandbox, struct statement *st, struct err *err);
/* A SELECT was read: it isn't idle. */
int life_touch(struct sandbox *sandbox, struct statement *st, struct err *err);

#endif
