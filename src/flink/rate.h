/* The client's own rate limit: two sliding windows over the times of past requests. */
#ifndef FLINK_RATE_H
#define FLINK_RATE_H

#include <stddef.h>
#include <stdint.h>

struct flink_rate {
    int64_t *times; /* ring of the last `cap` requests; heap */
    size_t cap;
    size_t count; /* requests so far */
    size_t per_second;
    size_t per_minute;
};

/* 0 or less means no such limit. */
void flink_rate_init(struct flink_rate *rate, int per_second, int per_minute);
void flink_rate_fini(struct flink_rate *rate);
/* Milliseconds until a request may be sent; 0 = now. */
int64_t flink_rate_wait(const struct flink_rate *rate, int64_t now_ms);
/* Counts a request that is sent now. */
void flink_rate_take(struct flink_rate *rate, int64_t now_ms);

#endif
