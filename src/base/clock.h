/* Time. Code that waits takes a struct clock, so that its tests need no sleep. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
    /* Milliseconds from an arbitrary start; never goes back. */
    int64_t (*now_ms)(void *context);
    void *context;
};

/* CLOCK_MONOTONIC. */
extern const struct clock clock_system;

int64_t clock_now_ms(const struct clock *clock);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

#define CLOCK_ISO_SIZE 32
/* "2026-01-02T03:04:05.678Z" into `out` of CLOCK_ISO_SIZE bytes. */
void clock_iso(int64_t wall_ms, char *out);
/* Parses RFC 3339; returns -1 when it is none. */
int64_t clock_parse_iso(const char *text);

/* "850ms", "12.3s", "4m05s", "3h12m", "2d04h" into `out` of CLOCK_ISO_SIZE bytes. */
void clock_duration(int64_t ms, char *out);

#endif
