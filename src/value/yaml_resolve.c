#include "config.h"

#include "value/yaml_resolve.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct word {
    const char *text;
    enum yaml_kind kind;
    bool truth;
};

static const struct word words[] = {
    {"", YAML_KIND_NULL, false},      {"~", YAML_KIND_NULL, false},
    {"null", YAML_KIND_NULL, false},  {"Null", YAML_KIND_NULL, false},
    {"NULL", YAML_KIND_NULL, false},  {"yes", YAML_KIND_BOOL, true},
    {"Yes", YAML_KIND_BOOL, true},    {"YES", YAML_KIND_BOOL, true},
    {"no", YAML_KIND_BOOL, false},    {"No", YAML_KIND_BOOL, false},
    {"NO", YAML_KIND_BOOL, false},    {"true", YAML_KIND_BOOL, true},
    {"True", YAML_KIND_BOOL, true},   {"TRUE", YAML_KIND_BOOL, true},
    {"false", YAML_KIND_BOOL, false}, {"False", YAML_KIND_BOOL, false},
    {"FALSE", YAML_KIND_BOOL, false}, {"on", YAML_KIND_BOOL, true},
    {"On", YAML_KIND_BOOL, true},     {"ON", YAML_KIND_BOOL, true},
    {"off", YAML_KIND_BOOL, false},   {"Off", YAML_KIND_BOOL, false},
    {"OFF", YAML_KIND_BOOL, false},   {"<<", YAML_KIND_MERGE, false},
    {"=", YAML_KIND_VALUE, false},
};

static const struct word *find_word(const char *s, size_t len)
{
    for (size_t i = 0; len <= 5 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_n(s, len, words[i].text)) {
            return &words[i];
        }
    }
    return NULL;
}

/* A cursor over a scalar; the take functions move it and say whether they did. */
struct scan {
    const char *p;
    const char *end;
};

static bool take(struct scan *s, const char *set)
{
    if (s->p < s->end && *s->p != '\0' && strchr(set, *s->p) != NULL) {
        s->p++;
        return true;
    }
    return false;
}

static size_t take_all(struct scan *s, const char *set)
{
    size_t count = 0;

    while (take(s, set)) {
        count++;
    }
    return count;
}

/* Between `min` and `max` digits. */
static bool take_digits(struct scan *s, size_t min, size_t max)
{
    size_t count = 0;

    while (count < max && take(s, "0123456789")) {
        count++;
    }
    return count >= min;
}

static bool at_end(const struct scan *s)
{
    return s->p == s->end;
}

#define DIGITS  "0123456789"
#define DIGITS_ "0123456789_"

/* (:[0-5]?[0-9])+ */
static bool take_sexagesimal(struct scan *s)
{
    size_t groups = 0;

    while (take(s, ":")) {
        if (take(s, "012345")) {
            take(s, DIGITS);
        } else if (!take(s, DIGITS)) {
            return false;
        }
        groups++;
    }
    return groups > 0;
}

static bool take_exponent(struct scan *s)
{
    if (!take(s, "eE")) {
        return true;
    }
    return take(s, "+-") && take_all(s, DIGITS) > 0;
}

static bool is_float(const char *text, size_t len)
{
    struct scan s = {text, text + len};
    bool sign = take(&s, "+-");

    if (take(&s, ".")) {
        size_t rest = (size_t)(s.end - s.p);
        if (rest == 3 && (memcmp(s.p, "inf", 3) == 0 || memcmp(s.p, "Inf", 3) == 0 ||
                          memcmp(s.p, "INF", 3) == 0)) {
            return true;
        }
        if (rest == 3 && !sign &&
            (memcmp(s.p, "nan", 3) == 0 || memcmp(s.p, "NaN", 3) == 0 ||
             memcmp(s.p, "NAN", 3) == 0)) {
            return true;
        }
        if (sign || !take(&s, DIGITS)) {
            return false;
        }
        take_all(&s, DIGITS_);
        return take_exponent(&s) && at_end(&s);
    }
    if (!take(&s, DIGITS)) {
        return false;
    }
    take_all(&s, DIGITS_);
    if (s.p < s.end && *s.p == ':') {
        if (!take_sexagesimal(&s) || !take(&s, ".")) {
            return false;
        }
        take_all(&s, DIGITS_);
        return at_end(&s);
    }
    if (!take(&s, ".")) {
        return false;
    }
    take_all(&s, DIGITS_);
    return take_exponent(&s) && at_end(&s);
}

static bool is_int(const char *text, size_t len)
{
    struct scan s = {text, text + len};

    take(&s, "+-");
    if (take(&s, "0")) {
        if (at_end(&s)) {
            return true;
        }
        const char *set = "01234567_";
        if (take(&s, "b")) {
            set = "01_";
        } else if (take(&s, "x")) {
            set = "0123456789abcdefABCDEF_";
        }
        return take_all(&s, set) > 0 && at_end(&s);
    }
    if (!take(&s, "123456789")) {
        return false;
    }
    take_all(&s, DIGITS_);
    return at_end(&s) || (take_sexagesimal(&s) && at_end(&s));
}

static bool is_timestamp(const char *text, size_t len)
{
    struct scan s = {text, text + len};

    if (!take_digits(&s, 4, 4) || !take(&s, "-") || !take_digits(&s, 1, 2) ||
        !take(&s, "-") || !take_digits(&s, 1, 2)) {
        return false;
    }
    if (at_end(&s)) {
        return len == 10;
    }
    if (!take(&s, "Tt") && take_all(&s, " \t") == 0) {
        return false;
    }
    if (!take_digits(&s, 1, 2) || !take(&s, ":") || !take_digits(&s, 2, 2) ||
        !take(&s, ":") || !take_digits(&s, 2, 2)) {
        return false;
    }
    if (take(&s, ".")) {
        take_all(&s, DIGITS);
    }
    if (at_end(&s)) {
        return true;
    }
    take_all(&s, " \t");
    if (take(&s, "Z")) {
        return at_end(&s);
    }
    if (!take(&s, "+-") || !take_digits(&s, 1, 2)) {
        return false;
    }
    bool colon = take(&s, ":");
    bool minutes = take_digits(&s, 2, 2);
    return at_end(&s) && (minutes || !colon);
}

enum yaml_kind yaml_resolve(const char *s, size_t len)
{
    const struct word *word = find_word(s, len);

    if (word != NULL) {
        return word->kind;
    }
    if (strchr("+-.0123456789", s[0]) == NULL) {
        return YAML_KIND_STR;
    }
    if (is_float(s, len)) {
        return YAML_KIND_FLOAT;
    }
    if (is_int(s, len)) {
        return YAML_KIND_INT;
    }
    return is_timestamp(s, len) ? YAML_KIND_TIMESTAMP : YAML_KIND_STR;
}

/* The scalar without underscores, NUL-terminated, in the arena. */
static char *without_underscores(const char *s, size_t len, struct arena *arena)
{
    char *copy = arena_alloc(arena, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] != '_') {
            copy[n++] = s[i];
        }
    }
    copy[n] = '\0';
    return copy;
}

static struct value signed_int(struct arena *arena, bool minus, const char *digits,
                               int base)
{
    char *text = arena_printf(arena, "%s%s", minus ? "-" : "", digits);

    return value_bigint_parse(arena, text, base);
}

static double sexagesimal(const char *digits)
{
    double value = 0;

    for (const char *p = digits; p != NULL;) {
        char *end;
        value = value * 60 + strtod(p, &end);
        p = *end == ':' ? end + 1 : NULL;
    }
    return value;
}

static struct value construct_int(const char *s, size_t len, struct arena *arena)
{
    const char *text = without_underscores(s, len, arena);
    bool minus = *text == '-';

    if (*text == '-' || *text == '+') {
        text++;
    }
    if (strchr(text, ':') != NULL) {
        double value = sexagesimal(text);
        if (value < 9e15) {
            return value_int((int64_t)(minus ? -value : value));
        }
        return value_float(minus ? -value : value);
    }
    if (text[0] == '0' && text[1] == 'b') {
        return signed_int(arena, minus, text[2] != '\0' ? text + 2 : "0", 2);
    }
    if (text[0] == '0' && text[1] == 'x') {
        return signed_int(arena, minus, text[2] != '\0' ? text + 2 : "0", 16);
    }
    return signed_int(arena, minus, text, text[0] == '0' ? 8 : 10);
}

static struct value construct_float(const char *s, size_t len, struct arena *arena)
{
    const char *text = without_underscores(s, len, arena);
    double sign = *text == '-' ? -1 : 1;

    if (*text == '-' || *text == '+') {
        text++;
    }
    if (str_ieq(text, ".inf")) {
        return value_float(sign * INFINITY);
    }
    if (str_ieq(text, ".nan")) {
        return value_float(NAN);
    }
    if (strchr(text, ':') != NULL) {
        return value_float(sign * sexagesimal(text));
    }
    return value_float(sign * strtod(text, NULL));
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static int check_date(int year, int month, int day, struct err *err)
{
    if (year < 1) {
        return err_set(err, ERR_PROJECT, "year %d is out of range", year);
    }
    if (month < 1 || month > 12) {
        return err_set(err, ERR_PROJECT, "month must be in 1..12");
    }
    if (day < 1 || day > days_of_month(year, month)) {
        return err_set(err, ERR_PROJECT, "day is out of range for month");
    }
    return 0;
}

/* Microseconds of ".25…"; `*p` is moved behind the digits. */
static int fraction_us(const char **p)
{
    int us = 0;
    int digits = 0;

    if (**p != '.') {
        return 0;
    }
    for ((*p)++; **p >= '0' && **p <= '9'; (*p)++) {
        if (digits < 6) {
            us = us * 10 + (**p - '0');
            digits++;
        }
    }
    for (; digits < 6; digits++) {
        us *= 10;
    }
    return us;
}

static void format_zone(const char *p, struct buf *out)
{
    p += strspn(p, " \t");
    if (*p == 'Z') {
        buf_adds(out, "+00:00");
    } else if (*p == '+' || *p == '-') {
        char *end;
        long hours = strtol(p + 1, &end, 10);
        long minutes = 0;
        if (end - (p + 1) > 2) {
            minutes = hours % 100;
            hours /= 100;
        } else if (*end != '\0') {
            minutes = strtol(*end == ':' ? end + 1 : end, NULL, 10);
        }
        buf_addf(out, "%c%02ld:%02ld", hours == 0 && minutes == 0 ? '+' : *p, hours,
                 minutes);
    }
}

static int construct_timestamp(const char *s, size_t len, struct arena *arena,
                               struct value *out, struct err *err)
{
    const char *text = arena_strndup(arena, s, len);
    char *p;
    long part[6] = {0};

    part[0] = strtol(text, &p, 10);
    part[1] = strtol(p + 1, &p, 10);
    part[2] = strtol(p + 1, &p, 10);
    if (check_date((int)part[0], (int)part[1], (int)part[2], err) != 0) {
        return -1;
    }
    struct buf buf = {.max = 256};
    buf_addf(&buf, "%04ld-%02ld-%02ld", part[0], part[1], part[2]);
    if (*p != '\0') {
        p += strspn(p, "Tt \t");
        part[3] = strtol(p, &p, 10);
        part[4] = strtol(p + 1, &p, 10);
        part[5] = strtol(p + 1, &p, 10);
        if (part[3] > 23 || part[4] > 59 || part[5] > 59) {
            buf_fini(&buf);
            return err_set(err, ERR_PROJECT, "%s",
                           part[3] > 23   ? "hour must be in 0..23"
                           : part[4] > 59 ? "minute must be in 0..59"
                                          : "second must be in 0..59");
        }
        const char *rest = p;
        int us = fraction_us(&rest);
        buf_addf(&buf, "T%02ld:%02ld:%02ld", part[3], part[4], part[5]);
        if (us != 0) {
            buf_addf(&buf, ".%06d", us);
        }
        format_zone(rest, &buf);
    }
    *out = value_copy_str_n(arena, buf_str(&buf), buf.len);
    buf_fini(&buf);
    return 0;
}

static int construct_bool(const char *s, size_t len, struct value *out, struct err *err)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].kind == YAML_KIND_BOOL && str_ieq_n(s, len, words[i].text)) {
            *out = value_bool(words[i].truth);
            return 0;
        }
    }
    return err_set(err, ERR_PROJECT, "not a boolean");
}

int yaml_construct(enum yaml_kind kind, const char *s, size_t len, struct arena *arena,
                   struct value *out, struct err *err)
{
    switch (kind) {
    case YAML_KIND_NULL:
        *out = value_none();
        return 0;
    case YAML_KIND_BOOL:
        return construct_bool(s, len, out, err);
    case YAML_KIND_INT:
        if (!is_int(s, len)) {
            return err_set(err, ERR_PROJECT, "not an integer");
        }
        *out = construct_int(s, len, arena);
        return 0;
    case YAML_KIND_FLOAT:
        if (!is_float(s, len) && !is_int(s, len)) {
            return err_set(err, ERR_PROJECT, "not a number");
        }
        *out = construct_float(s, len, arena);
        return 0;
    case YAML_KIND_TIMESTAMP:
        if (!is_timestamp(s, len)) {
            return err_set(err, ERR_PROJECT, "not a date or time");
        }
        return construct_timestamp(s, len, arena, out, err);
    case YAML_KIND_STR:
    case YAML_KIND_MERGE:
    case YAML_KIND_VALUE:
        break;
    }
    *out = value_copy_str_n(arena, s, len);
    return 0;
}
