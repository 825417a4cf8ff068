/*
 * The sandbox as one object: its state, its settings and its clock. Everything runs on
 * one thread; nothing here knows of sockets.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sandbox/db.h"
#include "sandbox/fault.h"

/* Settings that the options and the config file give; strings outlive the sandbox. */
struct sandbox_settings {
    const char *state; /* file, or NULL: in memory */
    const char *organization;
    const char *principal;
    const char *default_pool; /* what `spec.compute_pool_id` becomes when unset */
    const char *const *keys;  /* "key:secret" pairs; none: any is taken */
    size_t key_count;
    int64_t pending_min; /* ms that a statement stays PENDING … */
    int64_t pending_max;
    int64_t stop_delay;    /* ms from STOPPING to STOPPED */
    int64_t delete_delay;  /* ms from DELETING to 404 */
    int64_t topic_delay;   /* ms until a dropped table's topic is gone */
    int64_t retention;     /* ms that a finished statement is kept */
    int64_t idle_timeout;  /* ms until a SELECT that nobody reads is stopped */
    int64_t results_delay; /* ms after RUNNING while results answer 409 */
    int page_rows;         /* rows of a result page */
    uint64_t seed;         /* 0: at random */
};

struct count_table;

struct sandbox {
    struct sandbox_settings settings;
    struct db db;
    struct fault_state fault;
    struct count_table *counts;      /* heap, owned */
    uint64_t random;                 /* state of the generator */
    int64_t (*clock)(void *context); /* ms since 1970 */
    void *clock_context;
};

/* Fills in the defaults that the man page names. */
void sandbox_defaults(struct sandbox_settings *settings);
/* Opens the state. Sets ERR_IO. The settings are copied, not their strings. */
int sandbox_init(struct sandbox *sandbox, const struct sandbox_settings *settings,
                 struct err *err);
void sandbox_fini(struct sandbox *sandbox);

/*
 * Adds an environment, a database or a compute pool unless it is there. Empty `id`: one
 * is made from the name. `max_cfu` is how many statements a pool runs at once.
 */
int sandbox_add_environment(struct sandbox *sandbox, const char *id, const char *name,
                            struct err *err);
int sandbox_add_database(struct sandbox *sandbox, const char *env, const char *id,
                         const char *name, struct err *err);
int sandbox_add_pool(struct sandbox *sandbox, const char *env, const char *id,
                     int max_cfu, struct err *err);

/* Milliseconds since 1970 UTC, clock skew included. */
int64_t sandbox_now(const struct sandbox *sandbox);
/* A number from `low` to `high`, both included, from the seeded generator. */
int64_t sandbox_random(struct sandbox *sandbox, int64_t low, int64_t high);
/* A random UUID from the seeded generator into 37 bytes. */
void sandbox_uuid(struct sandbox *sandbox, char *out);

#endif
