/* Dates and times as Python's datetime module counts and writes them. */
#ifndef COMPILE_MOMENT_H
#define COMPILE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

/* The zone of an offset that is no zone of the tz database. */
#define MOMENT_FIXED         "fixed offset"
#define MOMENT_US_PER_SECOND INT64_C(1000000)
#define MOMENT_US_PER_DAY    (INT64_C(86400) * MOMENT_US_PER_SECOND)

/* Of the proleptic Gregorian calendar, years 1 to 9999. */
struct moment {
    int year, month, day; /* 1-based */
    int hour, minute, second, microsecond;
    const char *zone;         /* name ("UTC", "Europe/Paris"); NULL: naive */
    int offset;               /* seconds east of UTC, when there is a zone */
    const char *abbreviation; /* "UTC", "CET"; in an arena */
    bool summer;              /* whether that is summer time */
};

/* What is out of its range, as Python says it ("%d" is the year); NULL: nothing. */
const char *moment_fault(const struct moment *moment);
/* Whether all parts are in their ranges. */
bool moment_valid(const struct moment *moment);
/* Days since 0001-01-01, which is day 1 (date.toordinal()). */
int64_t moment_ordinal(const struct moment *moment);
/* Monday is 0. */
int moment_weekday(const struct moment *moment);
/* 1 to 366. */
int moment_yearday(const struct moment *moment);
/* Year and week of ISO 8601. */
void moment_iso_week(const struct moment *moment, int *year, int *week);
/* Microseconds since 0001-01-01 00:00:00, as the clock on the wall shows it. */
int64_t moment_to_us(const struct moment *moment);
/* The reverse; keeps the zone. False when the year is out of range. */
bool moment_set_us(struct moment *moment, int64_t us);
/* Microseconds since 1970 UTC; naive moments are taken as UTC. */
int64_t moment_epoch_us(const struct moment *moment);
/* The same, but naive moments are taken as what the clock here shows. */
int64_t moment_timestamp_us(const struct moment *moment);
/* Moves into a zone of the tz database. False when there is no such zone. */
bool moment_to_zone(struct moment *moment, const char *zone, struct arena *arena);
/*
 * Sets the zone of a naive moment without moving it (pytz' localize()); `summer`
 * decides about an hour that comes twice.
 */
bool moment_localize(struct moment *moment, const char *zone, bool summer,
                     struct arena *arena);
/* Sets the zone as pytz' zones stand for themselves: with their first offset, which is
 * that of local mean time. */
void moment_zone_first(struct moment *moment, const char *zone, struct arena *arena);
/* From UTC to the machine's own zone, staying naive. */
void moment_to_local(struct moment *moment);
/* Whether the tz database has the zone. */
bool moment_zone_exists(const char *zone);

/* "2024-02-29T13:05:06.000001+00:00"; without the parts that don't apply. */
void moment_iso_date(const struct moment *moment, struct buf *out);
/* `spec`: "auto", "seconds", "milliseconds"…; false when it is unknown. */
bool moment_iso_time(const struct moment *moment, const char *spec, struct buf *out);
/* strftime() of Python in the C locale. */
void moment_format(const struct moment *moment, const char *format, struct buf *out);
/*
 * strptime(). On errors NULL-terminated text in `why`: what Python says. 0/-1. The
 * result may still have parts out of range.
 */
int moment_parse(const char *text, const char *format, struct moment *out,
                 struct buf *why);
/* The end of an ISO time: "Z", "+01:00"; moves on. */
bool moment_parse_offset(const char **text, struct moment *out);

enum moment_iso { MOMENT_ISO_DATETIME, MOMENT_ISO_DATE, MOMENT_ISO_TIME };

/* fromisoformat(): "2024-01-02", "2024-01-02T03:04:05.678+01:00". Parts may be out of
 * range. */
bool moment_parse_iso(const char *text, enum moment_iso parts, struct moment *out);

#endif
