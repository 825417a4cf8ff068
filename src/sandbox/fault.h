/*
 * Faults on demand: what shall go wrong, how often, and for which requests. All random
 * choices come from one seeded generator, so a run can be repeated.
 */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/buf.h"
#include "value/value.h"

/* name in options and in JSON */
#define FAULT_NUMBERS(X)                                                               \
    X(latency, "latency")               /* ms added to every reply */                  \
    X(jitter, "jitter")                 /* ms at random on top */                      \
    X(retry_after, "retry-after")       /* seconds in Retry-After of a 429 or 503 */   \
    X(slow_chunk, "slow-bytes")         /* bytes a time of a slow body */              \
    X(slow_delay, "slow-delay")         /* ms between them */                          \
    X(pool_exhausted, "pool-exhausted") /* ms from now without capacity */             \
    X(being_modified, "being-modified") /* next N changes of a relation refused */     \
    X(topic_missing, "topic-missing")   /* next N reads of a table refused */          \
    X(statement_fail, "statement-fail") /* ms until the next statement fails */        \
    X(statement_degrade, "statement-degrade") /* ms until it is DEGRADED */            \
    X(submit_fail, "submit-fail") /* next N statements fail when submitted */          \
    X(conflict, "conflict")       /* next N changes answered 409 */                    \
    X(clock_skew, "clock-skew")   /* ms added to the clock, may be negative */         \
    X(fail_at, "fail-at")         /* the Nth request from now is cut */                \
    X(limit, "limit")             /* faults by rate end after so many; 0: never */

/* Per cent of requests that meet the fault. */
#define FAULT_RATES(X)                                                                 \
    X(rate_429, "429")                                                                 \
    X(rate_500, "500")                                                                 \
    X(rate_502, "502")                                                                 \
    X(rate_503, "503")                                                                 \
    X(reset_before, "reset-before")                                                    \
    X(reset_after, "reset-after")                                                      \
    X(truncate, "truncate")                                                            \
    X(slow, "slow")

struct fault_state {
#define X(field, name) int64_t field;
    FAULT_NUMBERS(X)
#undef X
#define X(field, name) double field;
    FAULT_RATES(X)
#undef X
    bool fail_after;    /* fail_at: cut after the request took effect */
    int64_t pool_until; /* ms since 1970 */
    int64_t served;     /* requests since the faults were set */
    int64_t fired;      /* faults by rate so far */
    char method[8];     /* only requests of this method, or "" */
    char route[64];     /* only routes whose name contains this, or "" */
    char message[256];  /* detail of statements made to fail, or "" */
    uint64_t random;
};

/* What happens to one request. */
enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,       /* answered with `status`, nothing done */
    FAULT_RESET_BEFORE, /* connection cut, nothing done */
    FAULT_RESET_AFTER,  /* done, then cut */
    FAULT_TRUNCATE,     /* half of the body, then cut */
    FAULT_SLOW,         /* the body trickles */
};

struct fault_choice {
    enum fault_kind kind;
    int status;
    int64_t delay; /* ms before the reply */
};

/* Everything off. */
void fault_init(struct fault_state *fault, uint64_t seed);
/*
 * Sets one fault by name from text: a number (rates are per cent), "N:before" or
 * "N:after" for fail-at, text for method, route and message. Sets ERR_USAGE.
 */
int fault_set(struct fault_state *fault, const char *name, const char *value,
              int64_t now, struct err *err);
/* Decides about a request; counts it. */
void fault_choose(struct fault_state *fault, const char *method, const char *route,
                  struct fault_choice *out);
/* Appends the settings as a JSON object. */
void fault_write(const struct fault_state *fault, struct buf *out);

#endif
