/*
 * The connection to the Flink SQL REST API (sql/v1) of Confluent Cloud, or of anything
 * that speaks it: one curl multi handle with timers, driven by one thread. Operations
 * come in two forms: `…_async` takes a callback, and the plain form runs the loop until
 * the answer is there.
 *
 * Rules that hold for every request: TLS is verified; the credentials go to the
 * configured origin only (scheme, host, port; redirects and page links that lead
 * elsewhere are refused) and never into a message or the log; replies have a ceiling
 * and every field's type is checked; 429 and Retry-After are obeyed; the client itself
 * keeps to the documented rate limit.
 */
#ifndef FLINK_FLINK_H
#define FLINK_FLINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "value/value.h"

/* Copied by flink_client_new(). Strings may be NULL unless said otherwise. */
struct flink_config {
    const char *endpoint;        /* "https://flink.eu-west-1.aws.confluent.cloud"; http
                                    only for loopback */
    const char *organization_id; /* required */
    const char *environment_id;  /* required; "env-…": also the current catalog */
    const char *database;        /* Kafka cluster's display name; current database */
    const char *api_key;         /* Flink or global API key, required */
    const char *api_secret;      /* required */
    const char *compute_pool_id; /* default of statements */
    const char *principal;       /* "sa-…": statements run as it */
    const char *name_prefix;     /* of made-up statement names; default "cflowsh-" */
    const char *user_agent;      /* default "cflowsh/<version>" */
    const char *ca_file;         /* PEM bundle; default: the system's */
    int64_t connect_timeout_ms;  /* 0 = 10,000 */
    int64_t request_timeout_ms;  /* 0 = 60,000: one HTTP exchange */
    int rate_per_second;         /* 0 = 50, -1 = unlimited */
    int rate_per_minute;         /* 0 = 1000, -1 = unlimited */
    int max_concurrent;          /* 0 = 100: HTTP exchanges at once */
};

struct flink_client; /* one per connection; not for several threads at once */

/* Totals since the client was made. */
struct flink_stats {
    size_t requests;  /* HTTP requests sent, retries included */
    size_t retries;   /* of them, sent again after a failure or a 429 */
    size_t throttled; /* 429 answers */
    size_t waited_ms; /* spent waiting for the rate limit, summed over requests */
    uint64_t bytes_in;
};

/* Why an operation failed, beyond the text. */
struct flink_error {
    int status;  /* of HTTP; 0 when there was no answer */
    bool lost;   /* the request may have been acted on: the answer never came */
    bool exists; /* 409 of a create: another statement has the name */
    struct err err;
};

/*
 * Checks the configuration (ERR_USAGE, ERR_CREDENTIALS with a hint) and makes a client;
 * nothing is sent. NULL on error. `clock` is borrowed; NULL = clock_system.
 */
struct flink_client *flink_client_new(const struct flink_config *config,
                                      const struct clock *clock, struct err *err);
/*
 * Drops what is in flight without calling back; only deletions get up to 3 s to finish,
 * unless the interrupt flag is raised. NULL is fine.
 */
void flink_client_free(struct flink_client *client);

/* The configuration in use, defaults filled in; key and secret are NULL in it. */
const struct flink_config *flink_client_config(const struct flink_client *client);
const struct flink_stats *flink_client_stats(const struct flink_client *client);

/*
 * `flag` is read while waiting: once it is not 0, blocking calls end with
 * ERR_INTERRUPTED (what was sent stays sent). NULL: never.
 */
void flink_client_set_interrupt(struct flink_client *client,
                                const volatile sig_atomic_t *flag);

/*
 * One turn of the loop: sends what is due, receives, calls back, fires timers; waits at
 * most `timeout_ms` for something to happen. Returns the number of operations and
 * timers that are still open, -1 with ERR_INTERNAL when curl fails.
 */
int flink_client_turn(struct flink_client *client, int timeout_ms, struct err *err);

/*
 * Turns until `*done`; -1 with ERR_INTERRUPTED when the interrupt flag was raised. Any
 * number of asynchronous operations may be open meanwhile.
 */
int flink_client_run(struct flink_client *client, const bool *done, struct err *err);

/*
 * The callbacks of all open operations and timers with this context will not be called
 * any more; the requests themselves go on (a POST that was sent is not undone).
 */
void flink_client_forget(struct flink_client *client, const void *context);

/* Calls `fn` once, `delay_ms` from now. */
typedef void flink_timer_fn(void *context);
void flink_timer_start(struct flink_client *client, int64_t delay_ms,
                       flink_timer_fn *fn, void *context);

/* ---- raw requests: for \status -v, tests, and whatever has no call of its own ---- */

enum flink_method { FLINK_GET, FLINK_POST, FLINK_PUT, FLINK_PATCH, FLINK_DELETE };

struct flink_reply {
    int status;
    const char *body; /* NUL-terminated */
    size_t len;
    const char *location; /* header, or NULL */
};

/*
 * `reply` is valid during the call; NULL when `error` is set. A status outside of
 * 200…299 is an error.
 */
typedef void flink_reply_fn(void *context, const struct flink_reply *reply,
                            const struct flink_error *error);

/*
 * `path` follows /sql/v1/organizations/O/environments/E and starts with '/', already
 * percent-encoded, with its query string; `body` is JSON or NULL. GET, DELETE and PATCH
 * are sent again after transport errors, 429, 500, 502, 503 and 504; POST and PUT only
 * when they can't have been acted on (429, no connection).
 */
void flink_request_async(struct flink_client *client, enum flink_method method,
                         const char *path, const char *body, size_t len,
                         flink_reply_fn *done, void *context);

/* GET, parsed; `out` in `arena`. */
int flink_get_json(struct flink_client *client, const char *path, struct arena *arena,
                   struct value *out, struct err *err);

/*
 * A prefix and a random uuid, in `arena`: a name that nobody has. `prefix` NULL: the
 * configured one.
 */
char *flink_name_new(const struct flink_client *client, const char *prefix,
                     struct arena *arena);

#endif
