/*
 * Which failures pass by themselves: dbt-confluent 0.4.1's classes, and the lingering
 * topic of a table that was just dropped.
 */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_retry {
    int limit;          /* attempts in all; 0: never again */
    int64_t delay_ms;   /* before the next one */
    const char *why;    /* for people, or NULL */
    const char *advice; /* to be appended to the final message, or NULL */
};

/*
 * Looks at the server's words (case does not matter). `dropped` tells that an earlier
 * step dropped the relation.
 */
struct run_retry run_retry_class(const char *detail, bool dropped);

#endif
