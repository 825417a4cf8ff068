/* Dates and times as Python's datetime module counts and writes them. */
#include "config.h"

#include "compile/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/path.h"

#define EPOCH_ORDINAL 719163 /* 1970-01-01 */

/* ---- the calendar -----------------------------------------------------------------
 */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int moment_yearday(const struct moment *moment)
{
    int day = moment->day;

    for (int month = 1; month < moment->month; month++) {
        day += days_in_month(moment->year, month);
    }
    return day;
}

const char *moment_fault(const struct moment *m)
{
    if (m->month < 1 || m->month > 12) {
        return m->year < 1 || m->year > 9999 ? "year %d is out of range"
                                             : "month must be in 1..12";
    }
    return m->year < 1 || m->year > 9999 ? "year %d is out of range"
           : m->day < 1 || m->day > days_in_month(m->year, m->month)
               ? "day is out of range for month"
           : m->hour < 0 || m->hour > 23     ? "hour must be in 0..23"
           : m->minute < 0 || m->minute > 59 ? "minute must be in 0..59"
           : m->second < 0 || m->second > 59 ? "second must be in 0..59"
           : m->microsecond < 0 || m->microsecond > 999999
               ? "microsecond must be in 0..999999"
               : NULL;
}

bool moment_valid(const struct moment *moment)
{
    return moment_fault(moment) == NULL;
}

int64_t moment_ordinal(const struct moment *moment)
{
    int64_t year = moment->year - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + moment_yearday(moment);
}

int moment_weekday(const struct moment *moment)
{
    return (int)((moment_ordinal(moment) + 6) % 7);
}

int64_t moment_to_us(const struct moment *m)
{
    int64_t seconds = m->hour * INT64_C(3600) + m->minute * 60 + m->second;

    return (moment_ordinal(m) - 1) * MOMENT_US_PER_DAY +
           seconds * MOMENT_US_PER_SECOND + m->microsecond;
}

bool moment_set_us(struct moment *m, int64_t us)
{
    if (us < 0 || us >= INT64_C(3652059) * MOMENT_US_PER_DAY) {
        return false;
    }
    int64_t day = us / MOMENT_US_PER_DAY, rest = us % MOMENT_US_PER_DAY;
    int year = (int)(day * 400 / 146097) + 1;
    struct moment first = {.year = year, .month = 1, .day = 1};

    while (moment_ordinal(&first) - 1 > day) {
        first.year--;
    }
    while (moment_ordinal(&first) - 1 + (is_leap(first.year) ? 366 : 365) <= day) {
        first.year++;
    }
    int left = (int)(day - (moment_ordinal(&first) - 1));
    int month = 1;
    while (left >= days_in_month(first.year, month)) {
        left -= days_in_month(first.year, month++);
    }
    m->year = first.year;
    m->month = month;
    m->day = left + 1;
    m->hour = (int)(rest / (3600 * MOMENT_US_PER_SECOND));
    m->minute = (int)(rest / (60 * MOMENT_US_PER_SECOND) % 60);
    m->second = (int)(rest / MOMENT_US_PER_SECOND % 60);
    m->microsecond = (int)(rest % MOMENT_US_PER_SECOND);
    return true;
}

int64_t moment_epoch_us(const struct moment *moment)
{
    int offset = moment->zone != NULL ? moment->offset : 0;

    return moment_to_us(moment) - (EPOCH_ORDINAL - 1) * MOMENT_US_PER_DAY -
           offset * MOMENT_US_PER_SECOND;
}

/* ---- zones ----------------------------------------------------------------------- */

bool moment_zone_exists(const char *zone)
{
    char path[256];

    if (strcmp(zone, "UTC") == 0) {
        return true;
    }
    if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, "..") != NULL ||
        strlen(zone) > 100) {
        return false;
    }
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    return path_exists(path) && !path_is_dir(path);
}

/* Runs `convert` while the C library's zone is `zone`. */
static bool in_zone(const char *zone, bool (*convert)(struct tm *tm, time_t *t),
                    struct tm *tm, time_t *t)
{
    const char *set = getenv("TZ");
    char *saved = set != NULL ? strdup(set) : NULL;

    setenv("TZ", zone, 1);
    tzset();
    bool ok = convert(tm, t);
    if (saved != NULL) {
        setenv("TZ", saved, 1);
    } else {
        unsetenv("TZ");
    }
    tzset();
    free(saved);
    return ok;
}

static bool to_local(struct tm *tm, time_t *t)
{
    return localtime_r(t, tm) != NULL;
}

/* The time that the clock shows so: standard time when it does twice or never, unless
 * tm_isdst asks for summer time. */
static bool from_local(struct tm *tm, time_t *t)
{
    int first = tm->tm_isdst > 0;

    for (int i = 0; i < 2; i++) {
        struct tm tried = *tm;
        struct tm back;
        tried.tm_isdst = i == 0 ? first : !first;
        *t = mktime(&tried);
        if (localtime_r(t, &back) != NULL && back.tm_hour == tm->tm_hour &&
            back.tm_min == tm->tm_min && back.tm_mday == tm->tm_mday &&
            (i == 1 || back.tm_isdst == first)) {
            *tm = back;
            return true;
        }
    }
    struct tm never = *tm;
    never.tm_isdst = first;
    *t = mktime(&never);
    long offset = (long)(timegm(tm) - *t);
    to_local(&never, t);
    time_t winter = *t - 86400; /* for the zone's name */
    to_local(&never, first ? t : &winter);
    tm->tm_gmtoff = offset;
    tm->tm_zone = never.tm_zone;
    return true;
}

static void set_zone(struct moment *moment, const char *zone, const struct tm *tm,
                     struct arena *arena)
{
    moment->zone = arena_strdup(arena, zone);
    moment->offset = (int)tm->tm_gmtoff;
    moment->summer = tm->tm_isdst > 0;
    moment->abbreviation =
        arena_strdup(arena, strcmp(zone, "UTC") == 0 ? "UTC" : tm->tm_zone);
}

/* Rounded down, before 1970 too. */
static time_t whole_seconds(int64_t us)
{
    int64_t sub =
        ((us % MOMENT_US_PER_SECOND) + MOMENT_US_PER_SECOND) % MOMENT_US_PER_SECOND;

    return (time_t)((us - sub) / MOMENT_US_PER_SECOND);
}

bool moment_to_zone(struct moment *moment, const char *zone, struct arena *arena)
{
    int64_t us = moment_epoch_us(moment);
    time_t t = whole_seconds(us);
    struct tm tm = {0};

    if (!moment_zone_exists(zone) || !in_zone(zone, to_local, &tm, &t)) {
        return false;
    }
    set_zone(moment, zone, &tm, arena);
    return moment_set_us(moment, us + (EPOCH_ORDINAL - 1) * MOMENT_US_PER_DAY +
                                     moment->offset * MOMENT_US_PER_SECOND);
}

bool moment_localize(struct moment *moment, const char *zone, bool summer,
                     struct arena *arena)
{
    struct tm tm = {.tm_year = moment->year - 1900,
                    .tm_mon = moment->month - 1,
                    .tm_mday = moment->day,
                    .tm_hour = moment->hour,
                    .tm_min = moment->minute,
                    .tm_sec = moment->second,
                    .tm_isdst = summer};
    time_t t = 0;

    if (!moment_zone_exists(zone) || !in_zone(zone, from_local, &tm, &t)) {
        return false;
    }
    set_zone(moment, zone, &tm, arena);
    return true;
}

void moment_to_local(struct moment *moment)
{
    int64_t us = moment_epoch_us(moment);
    time_t t = whole_seconds(us);
    struct tm tm;

    if (localtime_r(&t, &tm) != NULL) {
        moment_set_us(moment, us + (EPOCH_ORDINAL - 1) * MOMENT_US_PER_DAY +
                                  tm.tm_gmtoff * MOMENT_US_PER_SECOND);
    }
}

void moment_zone_first(struct moment *moment, const char *zone, struct arena *arena)
{
    struct moment early = {.year = 1800, .month = 1, .day = 1};

    moment->zone = moment->abbreviation = arena_strdup(arena, zone);
    moment->offset = 0;
    if (moment_to_zone(&early, zone, arena)) {
        moment->abbreviation = early.abbreviation;
        moment->offset = (early.offset + (early.offset < 0 ? -30 : 30)) / 60 * 60;
    }
}

void moment_iso_week(const struct moment *moment, int *year, int *week)
{
    int weekday = moment_weekday(moment);
    struct moment thursday = *moment;

    moment_set_us(&thursday, moment_to_us(moment) + (3 - weekday) * MOMENT_US_PER_DAY);
    *year = thursday.year;
    *week = (moment_yearday(&thursday) - 1) / 7 + 1;
}

int64_t moment_timestamp_us(const struct moment *moment)
{
    struct tm tm = {.tm_year = moment->year - 1900,
                    .tm_mon = moment->month - 1,
                    .tm_mday = moment->day,
                    .tm_hour = moment->hour,
                    .tm_min = moment->minute,
                    .tm_sec = moment->second,
                    .tm_isdst = -1};

    return moment->zone != NULL
               ? moment_epoch_us(moment)
               : (int64_t)mktime(&tm) * MOMENT_US_PER_SECOND + moment->microsecond;
}
