#include "config.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t monotonic_ms(void *context)
{
    struct timespec ts;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock clock_system = {monotonic_ms, NULL};

int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock->context);
}

int64_t clock_wall_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_iso(int64_t wall_ms, char *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char date[24];

    gmtime_r(&seconds, &tm);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, CLOCK_ISO_SIZE, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

int64_t clock_parse_iso(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    if (rest == NULL) {
        return -1;
    }
    int64_t ms = 0;
    if (*rest == '.') {
        int64_t scale = 100;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
            ms += (*rest - '0') * scale;
            scale /= 10;
        }
    }
    int64_t offset = 0;
    int hours;
    int minutes;
    if ((*rest == '+' || *rest == '-') &&
        sscanf(rest + 1, "%2d:%2d", &hours, &minutes) == 2) {
        offset = ((int64_t)hours * 60 + minutes) * 60000 * (*rest == '-' ? -1 : 1);
    } else if (*rest != 'Z' && *rest != 'z') {
        return -1;
    }
    return (int64_t)timegm(&tm) * 1000 + ms - offset;
}

void clock_duration(int64_t ms, char *out)
{
    int64_t s = ms / 1000;

    if (ms < 1000) {
        snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 "ms", ms);
    } else if (s < 60) {
        snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
    } else if (s < 3600) {
        snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    } else if (s < 86400) {
        snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 "h%02" PRId64 "m", s / 3600,
                 s % 3600 / 60);
    } else {
        snprintf(out, CLOCK_ISO_SIZE, "%" PRId64 "d%02" PRId64 "h", s / 86400,
                 s % 86400 / 3600);
    }
}
