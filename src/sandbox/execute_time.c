#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/execute_impl.h"

#define DAY_US    86400000000LL
#define SECOND_US 1000000LL

int64_t time_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void time_civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static bool digits(const char **at, int max, int64_t *out)
{
    int count = 0;
    *out = 0;
    while (count < max && isdigit((unsigned char)**at)) {
        *out = *out * 10 + (**at - '0');
        (*at)++;
        count++;
    }
    return count > 0;
}

static bool scan_date(const char **at, int64_t *days)
{
    int64_t y;
    int64_t m;
    int64_t d;
    if (!digits(at, 9, &y) || *(*at)++ != '-' || !digits(at, 2, &m) ||
        *(*at)++ != '-' || !digits(at, 2, &d) || m < 1 || m > 12 || d < 1 || d > 31) {
        return false;
    }
    *days = time_days(y, (int)m, (int)d);
    return true;
}

/* HH:MM[:SS[.fraction]] as microseconds */
static bool scan_time(const char **at, int64_t *us)
{
    int64_t h;
    int64_t m;
    int64_t s = 0;
    if (!digits(at, 2, &h) || **at != ':') {
        return false;
    }
    (*at)++;
    if (!digits(at, 2, &m)) {
        return false;
    }
    if (**at == ':') {
        (*at)++;
        if (!digits(at, 2, &s)) {
            return false;
        }
    }
    *us = ((h * 60 + m) * 60 + s) * SECOND_US;
    if (**at == '.') {
        int64_t unit = SECOND_US / 10;
        for ((*at)++; isdigit((unsigned char)**at); (*at)++) {
            *us += (**at - '0') * unit;
            unit /= 10;
        }
    }
    return h < 24 && m < 60 && s < 60;
}

bool time_parse_date(const char *text, int64_t *days)
{
    return scan_date(&text, days) && (*text == '\0' || *text == ' ' || *text == 'T');
}

bool time_parse_time(const char *text, int64_t *ms)
{
    int64_t us;
    bool ok = scan_time(&text, &us) && *text == '\0';
    *ms = ok ? us / 1000 : 0;
    return ok;
}

bool time_parse_timestamp(const char *text, int64_t *us)
{
    int64_t days;
    int64_t rest = 0;
    if (!scan_date(&text, &days)) {
        return false;
    }
    if (*text == ' ' || *text == 'T') {
        text++;
        if (!scan_time(&text, &rest)) {
            return false;
        }
    }
    *us = days * DAY_US + rest;
    return *text == '\0' || *text == 'Z';
}

void time_write_date(int64_t days, struct buf *out)
{
    int64_t year;
    int month;
    int day;
    time_civil(days, &year, &month, &day);
    buf_addf(out, "%04lld-%02d-%02d", (long long)year, month, day);
}

static void write_clock(int64_t us, int precision, struct buf *out)
{
    int64_t s = us / SECOND_US;
    char fraction[16];
    buf_addf(out, "%02lld:%02lld:%02lld", (long long)(s / 3600),
             (long long)(s / 60 % 60), (long long)(s % 60));
    if (precision > 0) {
        snprintf(fraction, sizeof(fraction), "%06lld000", (long long)(us % SECOND_US));
        fraction[precision > 9 ? 9 : precision] = '\0';
        buf_addf(out, ".%s", fraction);
    }
}

void time_write_time(int64_t ms, int precision, struct buf *out)
{
    write_clock(ms * 1000, precision, out);
}

int64_t time_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

void time_write_timestamp(int64_t us, int precision, struct buf *out)
{
    int64_t days = time_floor_div(us, DAY_US);
    time_write_date(days, out);
    buf_addc(out, ' ');
    write_clock(us - days * DAY_US, precision, out);
}

static void format_field(int64_t us, char letter, int width, struct buf *out)
{
    int64_t days = time_floor_div(us, DAY_US);
    int64_t rest = us - days * DAY_US;
    int64_t year;
    int month;
    int day;
    char fraction[16];
    time_civil(days, &year, &month, &day);
    switch (letter) {
    case 'y':
    case 'u':
        buf_addf(out, "%0*lld", width, (long long)(width == 2 ? year % 100 : year));
        break;
    case 'M':
        buf_addf(out, "%0*d", width > 2 ? 2 : width, month);
        break;
    case 'd':
        buf_addf(out, "%0*d", width, day);
        break;
    case 'H':
        buf_addf(out, "%0*lld", width, (long long)(rest / (3600 * SECOND_US)));
        break;
    case 'm':
        buf_addf(out, "%0*lld", width, (long long)(rest / (60 * SECOND_US) % 60));
        break;
    case 's':
        buf_addf(out, "%0*lld", width, (long long)(rest / SECOND_US % 60));
        break;
    default:
        snprintf(fraction, sizeof(fraction), "%06lld000",
                 (long long)(rest % SECOND_US));
        buf_add(out, fraction, (size_t)(width > 9 ? 9 : width));
        break;
    }
}

void time_format(int64_t us, const char *pattern, struct buf *out)
{
    while (*pattern != '\0') {
        if (*pattern == '\'') {
            const char *end = strchr(pattern + 1, '\'');
            size_t len =
                end != NULL ? (size_t)(end - pattern - 1) : strlen(pattern + 1);
            buf_add(out, pattern + 1, len);
            pattern += len + (end != NULL ? 2 : 1);
            continue;
        }
        int width = 1;
        while (pattern[width] == *pattern) {
            width++;
        }
        if (strchr("yuMdHmsS", *pattern) != NULL) {
            format_field(us, *pattern, width, out);
        } else {
            buf_add(out, pattern, (size_t)width);
        }
        pattern += width;
    }
}

bool time_parse(const char *text, const char *pattern, int64_t *us)
{
    int64_t field[128] = {0};
    field['y'] = 1970;
    field['M'] = 1;
    field['d'] = 1;
    int64_t fraction = 0;
    while (*pattern != '\0') {
        int width = 1;
        while (pattern[width] == *pattern) {
            width++;
        }
        if (strchr("yuMdHms", *pattern) != NULL) {
            char letter = *pattern == 'u' ? 'y' : *pattern;
            if (!digits(&text, width > 1 ? width : 9, &field[(int)letter])) {
                return false;
            }
        } else if (*pattern == 'S') {
            int64_t unit = SECOND_US / 10;
            for (; isdigit((unsigned char)*text); text++) {
                fraction += (*text - '0') * unit;
                unit /= 10;
            }
        } else if (*pattern == '\'') {
            width = 1;
        } else if (strncmp(text, pattern, (size_t)width) == 0) {
            text += width;
        } else {
            return false;
        }
        pattern += width;
    }
    if (field['M'] < 1 || field['M'] > 12 || field['d'] < 1 || field['d'] > 31) {
        return false;
    }
    *us = time_days(field['y'], (int)field['M'], (int)field['d']) * DAY_US +
          ((field['H'] * 60 + field['m']) * 60 + field['s']) * SECOND_US + fraction;
    return *text == '\0';
}
