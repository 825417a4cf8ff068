/* strptime(): the format becomes a regular expression, as in Python's _strptime. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pcre2.h>

#include "compile/moment.h"

static const char months[] = "january|february|march|april|may|june|july|august|"
                             "september|october|november|december";
static const char short_months[] = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";
static const char days[] = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
static const char short_days[] = "mon|tue|wed|thu|fri|sat|sun";

static const struct {
    char code;
    const char *pattern;
} directives[] = {
    {'d', "3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]"},
    {'f', "[0-9]{1,6}"},
    {'H', "2[0-3]|[0-1]\\d|\\d"},
    {'I', "1[0-2]|0[1-9]|[1-9]"},
    {'G', "\\d\\d\\d\\d"},
    {'j', "36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]"},
    {'m', "1[0-2]|0[1-9]|[1-9]"},
    {'M', "[0-5]\\d|\\d"},
    {'S', "6[0-1]|[0-5]\\d|\\d"},
    {'U', "5[0-3]|[0-4]\\d|\\d"},
    {'W', "5[0-3]|[0-4]\\d|\\d"},
    {'w', "[0-6]"},
    {'u', "[1-7]"},
    {'V', "5[0-3]|0[1-9]|[1-4]\\d|\\d"},
    {'y', "\\d\\d"},
    {'Y', "\\d\\d\\d\\d"},
    {'z', "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|(?-i:Z)"},
    {'A', days},
    {'a', short_days},
    {'B', months},
    {'b', short_months},
    {'p', "am|pm"},
    {'Z', "utc|gmt"},
};

/* ---- the pattern ----------------------------------------------------------------- */

static int add_pattern(const char *format, const char *whole, struct buf *out,
                       struct buf *why);

static int add_directive(char code, const char *whole, struct buf *out, struct buf *why)
{
    if (code == '%') {
        buf_addc(out, '%');
        return 0;
    }
    if (code == 'c') {
        return add_pattern("%a %b %d %H:%M:%S %Y", whole, out, why);
    }
    if (code == 'x' || code == 'X') {
        return add_pattern(code == 'x' ? "%m/%d/%y" : "%H:%M:%S", whole, out, why);
    }
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        if (directives[i].code == code) {
            buf_addf(out, "(?<%c>%s)", code, directives[i].pattern);
            return 0;
        }
    }
    buf_addf(why, "'%c' is a bad directive in format '%s'", code, whole);
    return -1;
}

static int add_pattern(const char *format, const char *whole, struct buf *out,
                       struct buf *why)
{
    for (const char *p = format; *p != '\0'; p++) {
        if (isspace((unsigned char)*p)) {
            while (isspace((unsigned char)p[1])) {
                p++;
            }
            buf_adds(out, "\\s+");
        } else if (*p != '%') {
            if (strchr("\\.^$*+?(){}[]|", *p) != NULL) {
                buf_addc(out, '\\');
            }
            buf_addc(out, *p);
        } else if (p[1] == '\0') {
            buf_addf(why, "stray %% in format '%s'", whole);
            return -1;
        } else if (add_directive(*++p, whole, out, why) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the result ------------------------------------------------------------------ */

struct fields {
    const pcre2_code *code;
    pcre2_match_data *data;
    const char *text;
};

/* The text of a directive; its length, or 0 when the format has it not. */
static size_t field(const struct fields *f, char code, const char **start)
{
    char name[2] = {code, '\0'};
    int group = pcre2_substring_number_from_name(f->code, (PCRE2_SPTR)name);

    if (group <= 0) {
        return 0;
    }
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(f->data) + 2 * group;
    *start = f->text + span[0];
    return span[0] != PCRE2_UNSET ? span[1] - span[0] : 0;
}

/* A number, or `fallback`. */
static int number(const struct fields *f, char code, int fallback)
{
    const char *s;
    size_t len = field(f, code, &s);
    char digits[8] = "";

    if (len == 0 || len >= sizeof(digits)) {
        return fallback;
    }
    memcpy(digits, s, len);
    return (int)strtol(digits, NULL, 10);
}

/* Which of the names it is, by the first three letters; -1 when it is not there. */
static int name_index(const struct fields *f, char code, const char *names)
{
    const char *s;

    if (field(f, code, &s) == 0) {
        return -1;
    }
    for (int i = 0; *names != '\0'; i++) {
        if (strncasecmp(s, names, 3) == 0) {
            return i;
        }
        names += strcspn(names, "|");
        names += *names == '|';
    }
    return -1;
}

static int either(int a, int b)
{
    return a >= 0 ? a : b;
}

/* Monday is 0; -1 when no directive tells. */
static int weekday_of(const struct fields *f)
{
    int named = either(name_index(f, 'A', short_days), name_index(f, 'a', short_days));
    int from_sunday = number(f, 'w', -1);
    int iso = number(f, 'u', -1);

    return named >= 0         ? named
           : from_sunday >= 0 ? (from_sunday + 6) % 7
           : iso >= 0         ? iso - 1
                              : -1;
}

/* Moves to a day of the year, which may be outside of it. */
static void set_yearday(struct moment *out, int yearday)
{
    struct moment at = {.year = out->year, .month = 1, .day = 1};

    if (moment_set_us(&at, moment_to_us(&at) + (yearday - 1) * MOMENT_US_PER_DAY)) {
        out->year = at.year;
        out->month = at.month;
        out->day = at.day;
    }
}

/* Days that are told by the week: %U, %W, or %G with %V. */
static void set_week_day(const struct fields *f, int weekday, struct moment *out)
{
    int sunday_week = number(f, 'U', -1);
    int week = either(sunday_week, number(f, 'W', -1));
    int iso_year = number(f, 'G', -1);
    int iso_week = number(f, 'V', -1);

    if (iso_year > 0 && iso_week > 0) {
        out->year = iso_year;
        struct moment fourth = {.year = iso_year, .month = 1, .day = 4};
        set_yearday(out,
                    iso_week * 7 + weekday + 1 - (moment_weekday(&fourth) + 1 + 3));
    } else if (week >= 0) {
        struct moment first = {.year = out->year, .month = 1, .day = 1};
        int start = sunday_week >= 0 ? 1 : 0; /* weeks begin on Sunday */
        int first_day = (moment_weekday(&first) + start) % 7;
        int day = (weekday + start) % 7;
        int week0 = (7 - first_day) % 7;
        set_yearday(out,
                    week == 0 ? 1 + day - first_day : 1 + week0 + 7 * (week - 1) + day);
    }
}

static void read_clock(const struct fields *f, struct moment *out)
{
    const char *s;
    int hour = number(f, 'I', -1);
    size_t digits = field(f, 'f', &s);

    out->hour = number(f, 'H', 0);
    if (hour >= 0) {
        bool afternoon = field(f, 'p', &s) > 0 && tolower((unsigned char)*s) == 'p';
        out->hour = hour % 12 + (afternoon ? 12 : 0);
    }
    out->minute = number(f, 'M', 0);
    out->second = number(f, 'S', 0);
    out->microsecond = number(f, 'f', 0);
    for (; digits > 0 && digits < 6; digits++) {
        out->microsecond *= 10;
    }
    if (field(f, 'z', &s) > 0) {
        moment_parse_offset(&s, out);
    }
}

static void read_date(const struct fields *f, struct moment *out)
{
    int two_digits = number(f, 'y', -1);
    int month =
        either(name_index(f, 'B', short_months), name_index(f, 'b', short_months));
    int weekday = weekday_of(f);
    int yearday = number(f, 'j', -1);

    out->year = number(f, 'Y', 1900);
    if (two_digits >= 0) {
        out->year = two_digits + (two_digits <= 68 ? 2000 : 1900);
    }
    out->month = month >= 0 ? month + 1 : number(f, 'm', 1);
    out->day = number(f, 'd', 1);
    if (out->year < 1 || out->year > 9999) {
        return;
    }
    if (yearday > 0) {
        set_yearday(out, yearday);
    } else if (weekday >= 0) {
        set_week_day(f, weekday, out);
    }
}

int moment_parse(const char *text, const char *format, struct moment *out,
                 struct buf *why)
{
    struct buf pattern = BUF_INIT;
    struct fields f = {.text = text};
    PCRE2_SIZE offset;
    int error;

    *out = (struct moment){.year = 1900, .month = 1, .day = 1};
    if (add_pattern(format, format, &pattern, why) != 0) {
        buf_fini(&pattern);
        return -1;
    }
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)buf_str(&pattern), pattern.len,
                      PCRE2_ANCHORED | PCRE2_CASELESS, &error, &offset, NULL);
    buf_fini(&pattern);
    if (code == NULL) {
        buf_adds(why, "a directive stands twice in the format");
        return -1;
    }
    f.code = code;
    f.data = pcre2_match_data_create_from_pattern(code, NULL);
    int found = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, f.data, NULL);
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(f.data);
    if (found < 0) {
        buf_addf(why, "time data '%s' does not match format '%s'", text, format);
    } else if (span[1] != strlen(text)) {
        buf_addf(why, "unconverted data remains: %s", text + span[1]);
    } else {
        read_date(&f, out);
        read_clock(&f, out);
    }
    pcre2_match_data_free(f.data);
    pcre2_code_free(code);
    return why->len == 0 ? 0 : -1;
}
