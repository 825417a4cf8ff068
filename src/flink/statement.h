/*
 * Statements of the REST API sql/v1: the object, and everything one does with it.
 */
#ifndef FLINK_STATEMENT_H
#define FLINK_STATEMENT_H

#include "flink/flink.h"
#include "flink/type.h"

#define FLINK_PHASES(X)                                                                \
    X(PENDING)                                                                         \
    X(RUNNING)                                                                         \
    X(COMPLETED)                                                                       \
    X(DELETING)                                                                        \
    X(FAILING)                                                                         \
    X(FAILED)                                                                          \
    X(STOPPING)                                                                        \
    X(STOPPED)                                                                         \
    X(DEGRADED)

enum flink_phase {
    FLINK_PHASE_UNKNOWN, /* one that this program has not heard of: neither good nor
                            bad, never terminal */
#define X(name) FLINK_PHASE_##name,
    FLINK_PHASES(X)
#undef X
};

/* "RUNNING"; static. */
const char *flink_phase_name(enum flink_phase phase);
enum flink_phase flink_phase_parse(const char *text);
/* COMPLETED, FAILED, STOPPED. */
bool flink_phase_terminal(enum flink_phase phase);

struct flink_pair {
    const char *key;
    const char *value;
};

struct flink_pairs {
    struct flink_pair *items;
    size_t count;
};

/* The value for `key`, or NULL. */
const char *flink_pairs_get(const struct flink_pairs *pairs, const char *key);

struct flink_warning {
    const char *severity; /* "LOW", "MODERATE", "CRITICAL" or what the server says */
    const char *reason;   /* "MISSING_WINDOW_START_END" */
    const char *message;
    const char *created_at;
};

struct flink_traits {
    bool known;           /* false: null or absent, which is not yet an answer */
    const char *sql_kind; /* "INSERT_INTO" … or "" */
    bool bounded;
    bool append_only;
    bool has_schema; /* a result set can be read */
    const struct flink_column *columns;
    size_t column_count;
    const size_t *upsert_columns; /* positions; NULL when there are none */
    size_t upsert_count;
};

/* Everything lives in one arena. Text that the server left out is "". */
struct flink_statement {
    const char *name;
    const char *uid;
    const char *resource_version;
    const char *created_at;
    const char *updated_at;
    struct flink_pairs labels;
    const char *sql;
    struct flink_pairs properties; /* numbers and booleans as text */
    const char *compute_pool_id;
    const char *principal;
    const char *execution_mode;
    bool stopped; /* spec.stopped: somebody asked for it */
    enum flink_phase phase;
    const char *phase_text; /* as the server spells it */
    const char *detail;
    const char *scaling_state;     /* "OK", "POOL_EXHAUSTED" … */
    const char *state_limit_state; /* "APPROACHING_SOFT_LIMIT" … */
    const char *state_limit_detail;
    struct flink_warning *warnings;
    size_t warning_count;
    struct flink_traits traits;
    const char *network_kind;
    struct flink_pairs latest_offsets; /* topic -> "partition:0,offset:100;…" */
    const char *latest_offsets_timestamp;
    const char *end_time;
    const char *duration; /* ISO 8601 */
    struct value json;    /* the whole object as the server sent it */
};

/*
 * Decodes one object, checking every type. ERR_SERVER when it is not what sql/v1 says.
 * The statement borrows from `json`.
 */
int flink_statement_decode(struct value json, struct arena *arena,
                           struct flink_statement *out, struct err *err);
/* Deep copy. */
void flink_statement_copy(struct arena *arena, const struct flink_statement *from,
                          struct flink_statement *to);

/* What to submit. NULL and zero mean the client's defaults. */
struct flink_submit {
    const char *name; /* NULL: made up */
    const char *sql;
    const char *compute_pool_id;
    const char *principal;
    const char *database;    /* sql.current-database */
    struct value properties; /* dict of string -> string, int or bool, or undefined */
    struct value labels;     /* dict of full key -> string, or undefined */
    bool hidden;             /* label user.confluent.io/hidden */
    bool temporary;          /* will be deleted by this process; see temporary.h */
    bool snapshot;           /* sql.snapshot.mode = now */
    bool dry_run;            /* sql.dry-run = true: nothing is stored or started */
};

/*
 * Checks a submission and appends the POST body. ERR_USAGE: a bad name, a property of
 * the wrong type or one that only the client may set (sql.current-catalog,
 * sql.current-database, sql.snapshot.mode), SQL above 4 MiB.
 */
int flink_submit_encode(const struct flink_client *client,
                        const struct flink_submit *submit, struct buf *out,
                        struct err *err);

/*
 * Letters a-z, digits, '-' (and '.'), starting with a letter or digit, 1 to 100 of
 * them; a trailing '-' passes, because dbt-confluent makes such names.
 */
bool flink_name_valid(const char *name);

/* `statement` is valid during the call; NULL when `error` is set. */
typedef void flink_statement_fn(void *context, const struct flink_statement *statement,
                                const struct flink_error *error);
typedef void flink_done_fn(void *context, const struct flink_error *error);

/*
 * Creates a statement and reports the server's first answer (often PENDING). One
 * statement at most comes into being: when the answer to the POST is lost, the name is
 * looked up and what is found is compared (SQL, properties, labels) before anything is
 * sent again. A name whose old owner is still being deleted is waited for. Error with
 * `exists` set: somebody else's statement has the name; it was not touched.
 */
void flink_statement_create_async(struct flink_client *client,
                                  const struct flink_submit *submit,
                                  flink_statement_fn *done, void *context);
int flink_statement_create(struct flink_client *client,
                           const struct flink_submit *submit, struct arena *arena,
                           struct flink_statement *out, struct err *err);

/* error->status 404: there is none; 403 may mean the same under pool-scoped roles. */
void flink_statement_get_async(struct flink_client *client, const char *name,
                               flink_statement_fn *done, void *context);
/* ERR_NOT_FOUND when there is none. */
int flink_statement_get(struct flink_client *client, const char *name,
                        struct arena *arena, struct flink_statement *out,
                        struct err *err);

/*
 * Stops or resumes (JSON patch of spec.stopped); reports the statement as the server
 * then shows it, mostly not yet STOPPED.
 */
void flink_statement_set_stopped_async(struct flink_client *client, const char *name,
                                       bool stopped, flink_statement_fn *done,
                                       void *context);
int flink_statement_set_stopped(struct flink_client *client, const char *name,
                                bool stopped, struct err *err);

/*
 * Deletes; done when the server has accepted it, not when it is gone (see
 * FLINK_WAIT_GONE). 404 is an error with that status.
 */
void flink_statement_delete_async(struct flink_client *client, const char *name,
                                  flink_done_fn *done, void *context);
int flink_statement_delete(struct flink_client *client, const char *name,
                           struct err *err);

/* ---- waiting ---- */

enum flink_wait {
    FLINK_WAIT_AUTO,      /* as RESULTS for a query, RUNNING for a continuous INSERT,
                             COMPLETED for everything else */
    FLINK_WAIT_COMPLETED, /* DDL, bounded statements */
    FLINK_WAIT_RUNNING,   /* RUNNING, or already COMPLETED */
    FLINK_WAIT_RESULTS,   /* rows can be fetched */
    FLINK_WAIT_STOPPED,   /* terminal */
    FLINK_WAIT_GONE       /* 404 */
};

enum flink_ready { FLINK_NOT_YET, FLINK_READY, FLINK_FAILED };

/*
 * Whether the statement is where one waits for it to be. FAILED sets `err` to the
 * server's words. DEGRADED, FAILING and unknown phases are NOT_YET: they can turn.
 * PENDING with POOL_EXHAUSTED is NOT_YET too: the server starts it when it can.
 */
enum flink_ready flink_statement_ready(const struct flink_statement *statement,
                                       enum flink_wait wait, bool snapshot,
                                       struct err *err);

/* Called on each change of phase or detail while a blocking call waits. */
typedef void flink_progress_fn(void *context, const struct flink_statement *statement);

struct flink_wait_options {
    enum flink_wait wait;
    bool snapshot;
    int64_t timeout_ms; /* 0 = 3,000,000 */
    flink_progress_fn *progress;
    void *context;
};

/*
 * Polls until ready: soon at first, then at growing intervals (a fifth of the time
 * waited, 100 ms to 5 s, with jitter). ERR_SERVER when the statement failed, with its
 * newest exception when the server gives no detail; ERR_LIMIT after the time-out. `out`
 * may be NULL.
 */
int flink_statement_wait(struct flink_client *client, const char *name,
                         const struct flink_wait_options *options, struct arena *arena,
                         struct flink_statement *out, struct err *err);

/* Creates, then waits. A statement that fails stays, for \errors. */
int flink_statement_execute(struct flink_client *client,
                            const struct flink_submit *submit,
                            const struct flink_wait_options *options,
                            struct arena *arena, struct flink_statement *out,
                            struct err *err);

/* ---- dry-run ---- */

struct flink_dry_run {
    struct flink_submit submit;       /* in; dry_run need not be set */
    bool valid;                       /* out: the server accepted it */
    bool unknown;                     /* out: it did not judge (PENDING) */
    struct flink_statement statement; /* out: traits; when there was an answer */
    struct err err;                   /* out: why not */
};

/*
 * Runs all of them side by side. -1 only when the connection as a whole failed or was
 * interrupted; what the server said about each is in its `err`.
 */
int flink_dry_run(struct flink_client *client, struct flink_dry_run *runs, size_t count,
                  struct arena *arena, struct err *err);

/* ---- listing ---- */

struct flink_filter {
    const char *label_key; /* full key, e.g. "user.confluent.io/dbt-confluent" */
    const char *label_value;
    const char *compute_pool_id;
    const char *name_prefix; /* applied here, not by the server */
    size_t max_pages;        /* 0 = 1000 */
};

/* Calls `each` per statement (valid during the call), page by page, then `done`. */
void flink_statement_list_async(struct flink_client *client,
                                const struct flink_filter *filter,
                                flink_progress_fn *each, flink_done_fn *done,
                                void *context);
/*
 * All of them, in `arena`, in the server's order. A page that repeats, or more pages
 * than allowed: ERR_SERVER, ERR_LIMIT. `filter` NULL: everything.
 */
int flink_statement_list(struct flink_client *client, const struct flink_filter *filter,
                         struct arena *arena, struct flink_statement **out,
                         size_t *count, struct err *err);

/* ---- exceptions ---- */

struct flink_exception {
    const char *name;
    const char *message;
    const char *timestamp;
};

/* Newest first; the server keeps ten. */
typedef void flink_exceptions_fn(void *context, const struct flink_exception *items,
                                 size_t count, const struct flink_error *error);
void flink_statement_exceptions_async(struct flink_client *client, const char *name,
                                      flink_exceptions_fn *done, void *context);
int flink_statement_exceptions(struct flink_client *client, const char *name,
                               struct arena *arena, struct flink_exception **out,
                               size_t *count, struct err *err);

#endif
