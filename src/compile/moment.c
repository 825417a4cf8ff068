/* Dates and times as Python's datetime module counts and writes them. */
#include "config.h"

#include "compile/moment.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/path.h"

#define EPOCH_ORDINAL 719163 /* 1970-01-01 */

static const char *const month_names[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
static const char *const day_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};

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

static int day_of_year(const struct moment *moment)
{
    int day = moment->day;

    for (int month = 1; month < moment->month; month++) {
        day += days_in_month(moment->year, month);
    }
    return day;
}

bool moment_valid(const struct moment *m)
{
    return m->year >= 1 && m->year <= 9999 && m->month >= 1 && m->month <= 12 &&
           m->day >= 1 && m->day <= days_in_month(m->year, m->month) && m->hour >= 0 &&
           m->hour <= 23 && m->minute >= 0 && m->minute <= 59 && m->second >= 0 &&
           m->second <= 59 && m->microsecond >= 0 && m->microsecond <= 999999;
}

int64_t moment_ordinal(const struct moment *moment)
{
    int64_t year = moment->year - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year(moment);
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

static bool from_local(struct tm *tm, time_t *t)
{
    tm->tm_isdst = -1;
    *t = mktime(tm);
    return *t != (time_t)-1 && to_local(tm, t);
}

static void set_zone(struct moment *moment, const char *zone, const struct tm *tm,
                     struct arena *arena)
{
    moment->zone = arena_strdup(arena, zone);
    moment->offset = (int)tm->tm_gmtoff;
    moment->abbreviation =
        arena_strdup(arena, strcmp(zone, "UTC") == 0 ? "UTC" : tm->tm_zone);
}

bool moment_to_zone(struct moment *moment, const char *zone, struct arena *arena)
{
    int64_t us = moment_epoch_us(moment);
    int64_t sub =
        ((us % MOMENT_US_PER_SECOND) + MOMENT_US_PER_SECOND) % MOMENT_US_PER_SECOND;
    time_t t = (time_t)((us - sub) / MOMENT_US_PER_SECOND);
    struct tm tm = {0};

    if (!moment_zone_exists(zone) || !in_zone(zone, to_local, &tm, &t)) {
        return false;
    }
    set_zone(moment, zone, &tm, arena);
    return moment_set_us(moment, us + (EPOCH_ORDINAL - 1) * MOMENT_US_PER_DAY +
                                     moment->offset * MOMENT_US_PER_SECOND);
}

bool moment_localize(struct moment *moment, const char *zone, struct arena *arena)
{
    struct tm tm = {.tm_year = moment->year - 1900,
                    .tm_mon = moment->month - 1,
                    .tm_mday = moment->day,
                    .tm_hour = moment->hour,
                    .tm_min = moment->minute,
                    .tm_sec = moment->second};
    time_t t = 0;

    if (!moment_zone_exists(zone) || !in_zone(zone, from_local, &tm, &t)) {
        return false;
    }
    set_zone(moment, zone, &tm, arena);
    return true;
}

/* ---- text -------------------------------------------------------------------------
 */

static void add_offset(int offset, const char *colon, struct buf *out)
{
    int minutes = abs(offset) / 60;

    buf_addf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', minutes / 60, colon,
             minutes % 60);
}

void moment_iso_date(const struct moment *m, struct buf *out)
{
    buf_addf(out, "%04d-%02d-%02d", m->year, m->month, m->day);
}

void moment_iso_time(const struct moment *m, struct buf *out)
{
    buf_addf(out, "%02d:%02d:%02d", m->hour, m->minute, m->second);
    if (m->microsecond != 0) {
        buf_addf(out, ".%06d", m->microsecond);
    }
    if (m->zone != NULL) {
        add_offset(m->offset, ":", out);
    }
}

/* Weeks of the year, counted from the first `first` day (0 = Monday, 6 = Sunday). */
static int week_of_year(const struct moment *moment, int first)
{
    int weekday = (moment_weekday(moment) - first + 7) % 7;

    return (day_of_year(moment) + 6 - weekday) / 7;
}

static bool format_date(const struct moment *m, char code, struct buf *out)
{
    switch (code) {
    case 'Y':
        buf_addf(out, "%d", m->year);
        return true;
    case 'y':
        buf_addf(out, "%02d", m->year % 100);
        return true;
    case 'm':
        buf_addf(out, "%02d", m->month);
        return true;
    case 'd':
        buf_addf(out, "%02d", m->day);
        return true;
    case 'e':
        buf_addf(out, "%2d", m->day);
        return true;
    case 'j':
        buf_addf(out, "%03d", day_of_year(m));
        return true;
    case 'B':
        buf_adds(out, month_names[m->month - 1]);
        return true;
    case 'b':
    case 'h':
        buf_add(out, month_names[m->month - 1], 3);
        return true;
    case 'A':
        buf_adds(out, day_names[moment_weekday(m)]);
        return true;
    case 'a':
        buf_add(out, day_names[moment_weekday(m)], 3);
        return true;
    case 'w':
        buf_addf(out, "%d", (moment_weekday(m) + 1) % 7);
        return true;
    case 'u':
        buf_addf(out, "%d", moment_weekday(m) + 1);
        return true;
    case 'U':
        buf_addf(out, "%02d", week_of_year(m, 6));
        return true;
    case 'W':
        buf_addf(out, "%02d", week_of_year(m, 0));
        return true;
    default:
        return false;
    }
}

static bool format_time(const struct moment *m, char code, struct buf *out)
{
    switch (code) {
    case 'H':
        buf_addf(out, "%02d", m->hour);
        return true;
    case 'I':
        buf_addf(out, "%02d", (m->hour + 11) % 12 + 1);
        return true;
    case 'M':
        buf_addf(out, "%02d", m->minute);
        return true;
    case 'S':
        buf_addf(out, "%02d", m->second);
        return true;
    case 'f':
        buf_addf(out, "%06d", m->microsecond);
        return true;
    case 'p':
        buf_adds(out, m->hour < 12 ? "AM" : "PM");
        return true;
    case 's':
        buf_addf(out, "%lld", (long long)(moment_epoch_us(m) / MOMENT_US_PER_SECOND));
        return true;
    case 'z':
        if (m->zone != NULL) {
            add_offset(m->offset, "", out);
        }
        return true;
    case 'Z':
        buf_adds(out, m->zone != NULL ? m->abbreviation : "");
        return true;
    default:
        return false;
    }
}

static const char *shorthand(char code)
{
    switch (code) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    default:
        return NULL;
    }
}

void moment_format(const struct moment *moment, const char *format, struct buf *out)
{
    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%' || p[1] == '\0') {
            buf_addc(out, *p);
            continue;
        }
        p++;
        bool bare = *p == '-' && p[1] != '\0'; /* %-d: without leading zeros */
        size_t before = out->len;
        p += bare;
        if (*p == '%') {
            buf_addc(out, '%');
        } else if (shorthand(*p) != NULL) {
            moment_format(moment, shorthand(*p), out);
        } else if (!format_date(moment, *p, out) && !format_time(moment, *p, out)) {
            buf_addc(out, '%');
            buf_addc(out, *p);
        }
        if (bare && out->len > before + 1) {
            size_t zeros = 0, len = out->len - before;
            while (zeros + 1 < len && out->data[before + zeros] == '0') {
                zeros++;
            }
            memmove(out->data + before, out->data + before + zeros, len - zeros);
            buf_truncate(out, out->len - zeros);
        }
    }
}

/* ---- parsing ----------------------------------------------------------------------
 */

static bool parse_digits(const char **text, int max, int *out)
{
    int n = 0;

    *out = 0;
    while (n < max && isdigit((unsigned char)**text)) {
        *out = *out * 10 + (*(*text)++ - '0');
        n++;
    }
    return n > 0;
}

/* A name of the list, whole or by its first three letters. */
static bool parse_name(const char **text, const char *const *names, int count, int *out)
{
    for (int i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        if (strncasecmp(*text, names[i], len) == 0 ||
            (len = 3, strncasecmp(*text, names[i], 3) == 0)) {
            *text += len;
            *out = i;
            return true;
        }
    }
    return false;
}

static bool parse_fraction(const char **text, int *out)
{
    int scale = 100000;

    *out = 0;
    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    for (; isdigit((unsigned char)**text) && scale > 0; (*text)++, scale /= 10) {
        *out += (**text - '0') * scale;
    }
    return true;
}

/* "Z", "+01:00", "-0330" */
static bool parse_offset(const char **text, struct moment *out)
{
    int hours, minutes;

    if (**text == 'Z') {
        (*text)++;
        out->zone = out->abbreviation = "UTC";
        return true;
    }
    int sign = **text == '-' ? -1 : 1;
    if (**text != '+' && **text != '-') {
        return false;
    }
    (*text)++;
    if (!parse_digits(text, 2, &hours)) {
        return false;
    }
    *text += **text == ':';
    if (!parse_digits(text, 2, &minutes)) {
        return false;
    }
    out->offset = sign * (hours * 3600 + minutes * 60);
    out->zone = out->abbreviation = out->offset == 0 ? "UTC" : "UTC offset";
    return true;
}

struct parsed {
    struct moment *moment;
    int half; /* of the day: -1 unknown, 0 AM, 1 PM */
    int yearday;
};

static bool parse_code(const char **text, char code, struct parsed *parsed)
{
    struct moment *m = parsed->moment;
    int ignored;

    switch (code) {
    case 'Y':
        return parse_digits(text, 4, &m->year);
    case 'y':
        if (!parse_digits(text, 2, &m->year)) {
            return false;
        }
        m->year += m->year < 69 ? 2000 : 1900;
        return true;
    case 'm':
        return parse_digits(text, 2, &m->month);
    case 'd':
        return parse_digits(text, 2, &m->day);
    case 'j':
        return parse_digits(text, 3, &parsed->yearday);
    case 'H':
    case 'I':
        return parse_digits(text, 2, &m->hour);
    case 'M':
        return parse_digits(text, 2, &m->minute);
    case 'S':
        return parse_digits(text, 2, &m->second);
    case 'f':
        return parse_fraction(text, &m->microsecond);
    case 'z':
        return parse_offset(text, m);
    case 'p':
        parsed->half = strncasecmp(*text, "PM", 2) == 0;
        *text += 2;
        return parsed->half || strncasecmp(*text - 2, "AM", 2) == 0;
    case 'b':
    case 'B':
        if (!parse_name(text, month_names, 12, &m->month)) {
            return false;
        }
        m->month++;
        return true;
    case 'a':
    case 'A':
        return parse_name(text, day_names, 7, &ignored);
    default:
        return false;
    }
}

static bool parse_text(const char **text, const char *format, struct parsed *parsed)
{
    for (const char *p = format; *p != '\0'; p++) {
        if (isspace((unsigned char)*p)) {
            while (isspace((unsigned char)**text)) {
                (*text)++;
            }
        } else if (*p != '%' || p[1] == '%') {
            p += *p == '%';
            if (*(*text)++ != *p) {
                return false;
            }
        } else if (shorthand(*++p) != NULL) {
            if (!parse_text(text, shorthand(*p), parsed)) {
                return false;
            }
        } else if (*p == '\0' || !parse_code(text, *p, parsed)) {
            return false;
        }
    }
    return true;
}

bool moment_parse(const char *text, const char *format, struct moment *out)
{
    struct parsed parsed = {.moment = out, .half = -1};

    *out = (struct moment){.year = 1900, .month = 1, .day = 1};
    if (!parse_text(&text, format, &parsed) || *text != '\0') {
        return false;
    }
    if (parsed.half >= 0) {
        out->hour = out->hour % 12 + 12 * parsed.half;
    }
    if (parsed.yearday > 0) {
        struct moment first = {.year = out->year, .month = 1, .day = 1};
        if (!moment_valid(&first) ||
            !moment_set_us(&first, moment_to_us(&first) +
                                       (parsed.yearday - 1) * MOMENT_US_PER_DAY)) {
            return false;
        }
        out->month = first.month;
        out->day = first.day;
    }
    return moment_valid(out);
}

bool moment_parse_iso(const char *text, struct moment *out)
{
    const char *s = text;

    *out = (struct moment){0};
    if (!parse_digits(&s, 4, &out->year) || *s++ != '-' ||
        !parse_digits(&s, 2, &out->month) || *s++ != '-' ||
        !parse_digits(&s, 2, &out->day)) {
        return false;
    }
    if (*s == '\0') {
        return moment_valid(out);
    }
    s++;
    if (!parse_digits(&s, 2, &out->hour)) {
        return false;
    }
    if (*s == ':' && (s++, !parse_digits(&s, 2, &out->minute))) {
        return false;
    }
    if (*s == ':' && (s++, !parse_digits(&s, 2, &out->second))) {
        return false;
    }
    if ((*s == '.' || *s == ',') && (s++, !parse_fraction(&s, &out->microsecond))) {
        return false;
    }
    if (*s != '\0' && !parse_offset(&s, out)) {
        return false;
    }
    return *s == '\0' && moment_valid(out);
}

void moment_duration_text(int64_t us, struct buf *out)
{
    int64_t days = us / MOMENT_US_PER_DAY, rest = us % MOMENT_US_PER_DAY;

    if (rest < 0) {
        rest += MOMENT_US_PER_DAY;
        days--;
    }
    if (days != 0) {
        buf_addf(out, "%lld day%s, ", (long long)days,
                 days == 1 || days == -1 ? "" : "s");
    }
    int64_t seconds = rest / MOMENT_US_PER_SECOND;
    buf_addf(out, "%lld:%02lld:%02lld", (long long)(seconds / 3600),
             (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    if (rest % MOMENT_US_PER_SECOND != 0) {
        buf_addf(out, ".%06lld", (long long)(rest % MOMENT_US_PER_SECOND));
    }
}
