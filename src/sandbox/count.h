/* Counts of requests served, by method and route: tests of clients ask for them. */
#ifndef SANDBOX_COUNT_H
#define SANDBOX_COUNT_H

#include <stdint.h>

#include "base/buf.h"
#include "sandbox/route.h"

#define COUNT_METHODS 6

struct count_table {
    int64_t count[ROUTE_COUNT][COUNT_METHODS];
    int64_t total;
    int64_t status[600];
};

/* Counts a request that was answered with `status`, 0 when it was cut. */
void count_add(struct count_table *table, enum route_id route, const char *method,
               int status);
/* Appends {"total":…,"by_route":{"GET statements":…},"by_status":{"200":…}}. */
void count_write(const struct count_table *table, struct buf *out);

#endif
