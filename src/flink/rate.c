#include "config.h"

#include "flink/rate.h"

#include <stdlib.h>

#include "base/xmalloc.h"

/* A little more than a second and a minute: requests don't travel equally fast, and
   what counts is when they arrive. */
#define SECOND_MS 1040
#define MINUTE_MS 60500

void flink_rate_init(struct flink_rate *rate, int per_second, int per_minute)
{
    *rate = (struct flink_rate){0};
    rate->per_second = per_second > 0 ? (size_t)per_second : 0;
    rate->per_minute = per_minute > 0 ? (size_t)per_minute : 0;
    rate->cap =
        rate->per_second > rate->per_minute ? rate->per_second : rate->per_minute;
    if (rate->cap > 0) {
        rate->times = xcalloc(rate->cap, sizeof(*rate->times));
    }
}

void flink_rate_fini(struct flink_rate *rate)
{
    free(rate->times);
    *rate = (struct flink_rate){0};
}

/* How long until the `limit`-th last request is `window_ms` ago. */
static int64_t window_wait(const struct flink_rate *rate, size_t limit,
                           int64_t window_ms, int64_t now_ms)
{
    if (limit == 0 || rate->count < limit) {
        return 0;
    }
    int64_t free_at = rate->times[(rate->count - limit) % rate->cap] + window_ms;
    return free_at > now_ms ? free_at - now_ms : 0;
}

int64_t flink_rate_wait(const struct flink_rate *rate, int64_t now_ms)
{
    int64_t second = window_wait(rate, rate->per_second, SECOND_MS, now_ms);
    int64_t minute = window_wait(rate, rate->per_minute, MINUTE_MS, now_ms);

    return second > minute ? second : minute;
}

void flink_rate_take(struct flink_rate *rate, int64_t now_ms)
{
    if (rate->cap > 0) {
        rate->times[rate->count++ % rate->cap] = now_ms;
    }
}
