/* Dates and times as text: isoformat() and strftime(), and back. */
#include "config.h"

#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile/moment.h"

/* ---- writing --------------------------------------------------------------------- */

static void add_offset(int offset, const char *colon, struct buf *out)
{
    int seconds = abs(offset);

    buf_addf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', seconds / 3600, colon,
             seconds / 60 % 60);
    if (seconds % 60 != 0) {
        buf_addf(out, "%s%02d", colon, seconds % 60);
    }
}

void moment_iso_date(const struct moment *m, struct buf *out)
{
    buf_addf(out, "%04d-%02d-%02d", m->year, m->month, m->day);
}

bool moment_iso_time(const struct moment *m, const char *spec, struct buf *out)
{
    bool full = strcmp(spec, "auto") == 0 ? m->microsecond != 0
                                          : strcmp(spec, "microseconds") == 0;
    bool milli = strcmp(spec, "milliseconds") == 0;

    buf_addf(out, "%02d", m->hour);
    if (strcmp(spec, "hours") != 0) {
        buf_addf(out, ":%02d", m->minute);
        if (strcmp(spec, "minutes") != 0) {
            buf_addf(out, ":%02d", m->second);
            if (!full && !milli && strcmp(spec, "auto") != 0 &&
                strcmp(spec, "seconds") != 0) {
                return false;
            }
        }
    }
    if (full) {
        buf_addf(out, ".%06d", m->microsecond);
    } else if (milli) {
        buf_addf(out, ".%03d", m->microsecond / 1000);
    }
    if (m->zone != NULL) {
        add_offset(m->offset, ":", out);
    }
    return true;
}

/* What Python replaces before the C library sees the format. */
static void add_own(const struct moment *m, char code, struct buf *out)
{
    if (code == 'f') {
        buf_addf(out, "%06d", m->microsecond);
    } else if (m->zone != NULL && code == 'z') {
        add_offset(m->offset, "", out);
    } else if (m->zone != NULL) {
        buf_adds(out, m->abbreviation);
    }
}

void moment_format(const struct moment *m, const char *format, struct buf *out)
{
    static locale_t locale;
    struct buf own = BUF_INIT;
    struct tm tm = {.tm_year = m->year - 1900,
                    .tm_mon = m->month - 1,
                    .tm_mday = m->day,
                    .tm_hour = m->hour,
                    .tm_min = m->minute,
                    .tm_sec = m->second,
                    .tm_wday = (moment_weekday(m) + 1) % 7,
                    .tm_yday = moment_yearday(m) - 1,
                    .tm_isdst = -1};

    if (locale == (locale_t)0) {
        locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    }
    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '%' && p[1] != '\0' && strchr("fzZ", p[1]) != NULL) {
            add_own(m, *++p, &own);
        } else {
            buf_addc(&own, *p);
            if (*p == '%' && p[1] != '\0') {
                buf_addc(&own, *++p);
            }
        }
    }
    size_t most = own.len * 256 + 1;
    char *text = malloc(most > 1 << 20 ? 1 << 20 : most);
    if (text != NULL && own.len > 0) {
        buf_add(out, text,
                strftime_l(text, most > 1 << 20 ? 1 << 20 : most, buf_str(&own), &tm,
                           locale));
    }
    free(text);
    buf_fini(&own);
}

/* ---- reading --------------------------------------------------------------------- */

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

/* "Z", "+01:00", "-0330", "+01:30:15" */
bool moment_parse_offset(const char **text, struct moment *out)
{
    int hours;
    int minutes;
    int seconds = 0;

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
    const char *rest = *text + (**text == ':');
    if (isdigit((unsigned char)*rest) && parse_digits(&rest, 2, &seconds)) {
        *text = rest;
    }
    out->offset = sign * (hours * 3600 + minutes * 60 + seconds);
    out->zone = out->abbreviation = MOMENT_FIXED;
    return true;
}

/* "2024-01-02", "20240102" */
static bool parse_iso_date(const char **s, struct moment *out)
{
    bool dashes = false;

    if (!parse_digits(s, 4, &out->year)) {
        return false;
    }
    if (**s == '-') {
        dashes = true;
        (*s)++;
    }
    return parse_digits(s, 2, &out->month) && (!dashes || *(*s)++ == '-') &&
           parse_digits(s, 2, &out->day);
}

static bool parse_iso_clock(const char **s, struct moment *out)
{
    if (!parse_digits(s, 2, &out->hour)) {
        return false;
    }
    bool colons = **s == ':';
    int *const parts[] = {&out->minute, &out->second};
    for (int i = 0; i < 2; i++) {
        if (colons ? **s != ':' : !isdigit((unsigned char)**s)) {
            break;
        }
        *s += colons;
        if (!parse_digits(s, 2, parts[i])) {
            return false;
        }
    }
    if (**s == '.' || **s == ',') {
        (*s)++;
        if (!parse_fraction(s, &out->microsecond)) {
            return false;
        }
        while (isdigit((unsigned char)**s)) { /* beyond microseconds */
            (*s)++;
        }
    }
    return **s == '\0' || moment_parse_offset(s, out);
}

bool moment_parse_iso(const char *text, enum moment_iso parts, struct moment *out)
{
    const char *s = text;

    *out = (struct moment){.year = 1, .month = 1, .day = 1};
    if (parts == MOMENT_ISO_TIME) {
        s += *s == 'T';
        return parse_iso_clock(&s, out) && *s == '\0';
    }
    if (!parse_iso_date(&s, out)) {
        return false;
    }
    if (*s == '\0' || parts == MOMENT_ISO_DATE) {
        return *s == '\0';
    }
    s++;
    return parse_iso_clock(&s, out) && *s == '\0';
}
