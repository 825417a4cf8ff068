#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"

/* CAST and the functions of dates and times. */

#define DAY_US 86400000000LL

static bool any_null(int count, sqlite3_value **args)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL) {
            return true;
        }
    }
    return false;
}

static const char *text_of(sqlite3_value *v)
{
    const char *text = (const char *)sqlite3_value_text(v);
    return text != NULL ? text : "";
}

static void give(sqlite3_context *ctx, struct buf *out)
{
    sqlite3_result_text(ctx, buf_str(out), (int)out->len, SQLITE_TRANSIENT);
    buf_fini(out);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static bool is_integer(int root)
{
    return root == SQL_TYPE_TINYINT || root == SQL_TYPE_SMALLINT ||
           root == SQL_TYPE_INT || root == SQL_TYPE_BIGINT;
}

static bool is_timestamp(int root)
{
    return root == SQL_TYPE_TIMESTAMP || root == SQL_TYPE_TIMESTAMP_LTZ ||
           root == SQL_TYPE_TIMESTAMP_TZ;
}

/* Anything to text, as CAST(x AS STRING) writes it. */
static void to_text(sqlite3_value *v, int from, int precision, struct buf *out)
{
    int64_t i = sqlite3_value_int64(v);
    if (from == SQL_TYPE_BOOLEAN) {
        buf_adds(out, i != 0 ? "TRUE" : "FALSE");
    } else if (from == SQL_TYPE_DATE) {
        time_write_date(i, out);
    } else if (from == SQL_TYPE_TIME) {
        time_write_time(i, precision, out);
    } else if (is_timestamp(from)) {
        time_write_timestamp(i, precision, out);
    } else if (from == SQL_TYPE_DECIMAL && sqlite3_value_type(v) == SQLITE_FLOAT) {
        buf_addf(out, "%.10g", sqlite3_value_double(v));
    } else {
        buf_adds(out, text_of(v));
    }
}

struct target {
    int root;
    int precision;
    int scale;
};

static bool cast_text(sqlite3_context *ctx, sqlite3_value *v, int from, int precision,
                      const struct target *to)
{
    struct buf out = BUF_INIT;
    to_text(v, from, precision, &out);
    if (to->precision > 0 && to->precision != SQL_TYPE_MAX_LENGTH &&
        out.len > (size_t)to->precision) {
        size_t at = 0;
        for (int n = 0; n < to->precision && at < out.len; n++) {
            for (at++; at < out.len && ((unsigned char)out.data[at] & 0xc0) == 0x80;) {
                at++;
            }
        }
        buf_truncate(&out, at);
    }
    give(ctx, &out);
    return true;
}

static bool cast_number(sqlite3_context *ctx, sqlite3_value *v, const struct target *to)
{
    double d = sqlite3_value_double(v);
    if (sqlite3_value_type(v) == SQLITE_TEXT) {
        const char *text = text_of(v);
        char *end;
        while (isspace((unsigned char)*text)) {
            text++;
        }
        d = strtod(text, &end);
        while (isspace((unsigned char)*end)) {
            end++;
        }
        if (end == text || *end != '\0') {
            return false;
        }
    }
    if (is_integer(to->root)) {
        bool whole = sqlite3_value_type(v) == SQLITE_INTEGER;
        sqlite3_result_int64(ctx, whole ? sqlite3_value_int64(v)
                                  : sqlite3_value_type(v) == SQLITE_TEXT
                                      ? strtoll(text_of(v), NULL, 10)
                                      : (int64_t)d);
    } else if (to->root == SQL_TYPE_DECIMAL) {
        double scale = pow(10, to->scale);
        sqlite3_result_double(ctx, round(d * scale) / scale);
    } else {
        sqlite3_result_double(ctx, to->root == SQL_TYPE_FLOAT ? (float)d : d);
    }
    return true;
}

static bool cast_boolean(sqlite3_context *ctx, sqlite3_value *v)
{
    const char *text = text_of(v);
    if (sqlite3_value_type(v) != SQLITE_TEXT) {
        sqlite3_result_int(ctx, sqlite3_value_double(v) != 0);
        return true;
    }
    bool yes = str_ieq(text, "true") || str_ieq(text, "t") || strcmp(text, "1") == 0;
    bool no = str_ieq(text, "false") || str_ieq(text, "f") || strcmp(text, "0") == 0;
    sqlite3_result_int(ctx, yes);
    return yes || no;
}

static bool cast_time(sqlite3_context *ctx, sqlite3_value *v, int from,
                      const struct target *to)
{
    int64_t number = sqlite3_value_int64(v);
    bool text = sqlite3_value_type(v) == SQLITE_TEXT;
    if (to->root == SQL_TYPE_DATE) {
        if (text && !time_parse_date(text_of(v), &number)) {
            return false;
        }
        number = is_timestamp(from) ? floor_div(number, DAY_US) : number;
    } else if (to->root == SQL_TYPE_TIME) {
        if (text && !time_parse_time(text_of(v), &number)) {
            return false;
        }
        if (is_timestamp(from)) {
            number = (number - floor_div(number, DAY_US) * DAY_US) / 1000;
        }
    } else {
        if (text && !time_parse_timestamp(text_of(v), &number)) {
            return false;
        }
        number = from == SQL_TYPE_DATE ? number * DAY_US : number;
        if (to->precision < 6) {
            int64_t unit = (int64_t)pow(10, 6 - to->precision);
            number = floor_div(number, unit) * unit;
        }
    }
    sqlite3_result_int64(ctx, number);
    return true;
}

/* (value, from root, from precision, to root, to precision, to scale) */
static bool cast(sqlite3_context *ctx, sqlite3_value **args)
{
    int from = sqlite3_value_int(args[1]);
    struct target to = {sqlite3_value_int(args[3]), sqlite3_value_int(args[4]),
                        sqlite3_value_int(args[5])};
    switch (to.root) {
    case SQL_TYPE_CHAR:
    case SQL_TYPE_VARCHAR:
        return cast_text(ctx, args[0], from, sqlite3_value_int(args[2]), &to);
    case SQL_TYPE_BOOLEAN:
        return cast_boolean(ctx, args[0]);
    case SQL_TYPE_DATE:
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_TIMESTAMP_LTZ:
    case SQL_TYPE_TIMESTAMP_TZ:
        return cast_time(ctx, args[0], from, &to);
    case SQL_TYPE_TINYINT:
    case SQL_TYPE_SMALLINT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
    case SQL_TYPE_DECIMAL:
    case SQL_TYPE_FLOAT:
    case SQL_TYPE_DOUBLE:
        return cast_number(ctx, args[0], &to);
    default:
        sqlite3_result_value(ctx, args[0]);
        return true;
    }
}

static void fl_cast(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    char message[256];
    (void)count;
    if (any_null(1, args) || cast(ctx, args)) {
        return;
    }
    snprintf(message, sizeof(message), "Cannot cast '%.100s' to %s", text_of(args[0]),
             sql_type_root_name((enum sql_type_root)sqlite3_value_int(args[3])));
    sqlite3_result_error(ctx, message, -1);
}

static void fl_try_cast(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    (void)count;
    if (!any_null(1, args) && !cast(ctx, args)) {
        sqlite3_result_null(ctx);
    }
}

static int64_t add_months(int64_t days, int64_t months)
{
    int64_t year;
    int month;
    int day;
    time_civil(days, &year, &month, &day);
    int64_t all = year * 12 + month - 1 + months;
    year = floor_div(all, 12);
    month = (int)(all - year * 12) + 1;
    int64_t next =
        month == 12 ? time_days(year + 1, 1, 1) : time_days(year, month + 1, 1);
    int last = (int)(next - time_days(year, month, 1));
    return time_days(year, month, day < last ? day : last);
}

/* (value, months, is date) */
static void fl_add_months(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    int64_t v = sqlite3_value_int64(args[0]);
    int64_t months = sqlite3_value_int64(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    int64_t days = date ? v : floor_div(v, DAY_US);
    int64_t moved = add_months(days, months);
    sqlite3_result_int64(ctx, date ? moved : moved * DAY_US + (v - days * DAY_US));
}

/* (unit, value, is date) */
static void fl_extract(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t year;
    int month;
    int day;
    if (any_null(count, args)) {
        return;
    }
    const char *unit = text_of(args[0]);
    int64_t v = sqlite3_value_int64(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    int64_t days = date ? v : floor_div(v, DAY_US);
    int64_t rest = date ? 0 : (v - days * DAY_US) / 1000;
    time_civil(days, &year, &month, &day);
    int64_t weekday = ((days + 3) % 7 + 7) % 7; /* Monday is 0 */
    int64_t thursday = days - weekday + 3;
    int64_t week_year;
    int ignored;
    time_civil(thursday, &week_year, &ignored, &ignored);
    const struct {
        const char *unit;
        int64_t value;
    } units[] = {
        {"YEAR", year},
        {"QUARTER", (month + 2) / 3},
        {"MONTH", month},
        {"WEEK", (thursday - time_days(week_year, 1, 1)) / 7 + 1},
        {"DAY", day},
        {"DAYOFMONTH", day},
        {"DAYOFWEEK", (weekday + 1) % 7 + 1},
        {"DOW", (weekday + 1) % 7 + 1},
        {"DAYOFYEAR", days - time_days(year, 1, 1) + 1},
        {"DOY", days - time_days(year, 1, 1) + 1},
        {"HOUR", rest / 3600000},
        {"MINUTE", rest / 60000 % 60},
        {"SECOND", rest / 1000 % 60},
        {"MILLISECOND", rest % 60000},
        {"EPOCH", days * 86400 + rest / 1000},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(units[i].unit, unit) == 0) {
            sqlite3_result_int64(ctx, units[i].value);
        }
    }
}

static int64_t unit_us(const char *unit)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {
        {"MILLISECOND", 1000},  {"SECOND", 1000000}, {"MINUTE", 60000000},
        {"HOUR", 3600000000LL}, {"DAY", DAY_US},     {"WEEK", 7 * DAY_US},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(units[i].unit, unit) == 0) {
            return units[i].us;
        }
    }
    return 0;
}

/* (value, unit, is date, up) */
static void fl_floor_time(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t year;
    int month;
    int day;
    if (any_null(count, args)) {
        return;
    }
    const char *unit = text_of(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    bool up = sqlite3_value_int(args[3]) != 0;
    int64_t v = sqlite3_value_int64(args[0]) * (date ? DAY_US : 1);
    int64_t step = unit_us(unit);
    int64_t low = v;
    int64_t high = v;
    if (step > 0) {
        int64_t shift = strcmp(unit, "WEEK") == 0 ? 3 * DAY_US : 0;
        low = floor_div(v + shift, step) * step - shift;
        high = low == v ? v : low + step;
    } else {
        time_civil(floor_div(v, DAY_US), &year, &month, &day);
        int64_t months = strcmp(unit, "YEAR") == 0      ? 12
                         : strcmp(unit, "QUARTER") == 0 ? 3
                                                        : 1;
        month = (int)((month - 1) / months * months) + 1;
        low = time_days(year, month, 1) * DAY_US;
        high = low == v ? v : add_months(low / DAY_US, months) * DAY_US;
    }
    v = up ? high : low;
    sqlite3_result_int64(ctx, date ? floor_div(v, DAY_US) : v);
}

static int64_t month_count(const char *unit)
{
    return strcmp(unit, "YEAR") == 0      ? 12
           : strcmp(unit, "QUARTER") == 0 ? 3
           : strcmp(unit, "MONTH") == 0   ? 1
                                          : 0;
}

/* (unit, a, b): whole units from a to b */
static void fl_timestampdiff(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    const char *unit = text_of(args[0]);
    int64_t a = sqlite3_value_int64(args[1]);
    int64_t b = sqlite3_value_int64(args[2]);
    int64_t us = unit_us(unit);
    if (us > 0) {
        sqlite3_result_int64(ctx, (b - a) / us);
        return;
    }
    int64_t per = month_count(unit);
    int64_t months = (b - a) / (30 * DAY_US + DAY_US * 7 / 16);
    int64_t days = floor_div(a, DAY_US);
    int64_t rest = a - days * DAY_US;
    int64_t sign = b >= a ? 1 : -1;
    for (int64_t guess = months + 2 * sign;; guess -= sign) {
        int64_t at = add_months(days, guess) * DAY_US + rest;
        if (guess * sign <= 0 || (sign > 0 ? at <= b : at >= b)) {
            months = guess;
            break;
        }
    }
    sqlite3_result_int64(ctx, per > 0 ? months / per : 0);
}

/* (unit, count, value, is date) */
static void fl_timestampadd(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    const char *unit = text_of(args[0]);
    int64_t n = sqlite3_value_int64(args[1]);
    int64_t v = sqlite3_value_int64(args[2]);
    bool date = sqlite3_value_int(args[3]) != 0;
    int64_t months = month_count(unit);
    if (months > 0) {
        int64_t days = date ? v : floor_div(v, DAY_US);
        int64_t moved = add_months(days, n * months);
        sqlite3_result_int64(ctx, date ? moved : moved * DAY_US + (v - days * DAY_US));
        return;
    }
    int64_t us = n * unit_us(unit);
    sqlite3_result_int64(ctx, date ? v + us / DAY_US : v + us);
}

/* (time, size, offset): start of the window that the time is in */
static void fl_window(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    int64_t size = sqlite3_value_int64(args[1]);
    int64_t offset = sqlite3_value_int64(args[2]);
    int64_t t = sqlite3_value_int64(args[0]) - offset;
    sqlite3_result_int64(ctx, floor_div(t, size > 0 ? size : 1) * size + offset);
}

static void fl_unix_timestamp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || any_null(count, args)) {
        return;
    }
    const char *pattern = count > 1 ? text_of(args[1]) : "yyyy-MM-dd HH:mm:ss";
    if (time_parse(text_of(args[0]), pattern, &us)) {
        sqlite3_result_int64(ctx, floor_div(us, 1000000));
    }
}

static void fl_from_unixtime(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (count > 0 && !any_null(count, args)) {
        time_format(sqlite3_value_int64(args[0]) * 1000000,
                    count > 1 ? text_of(args[1]) : "yyyy-MM-dd HH:mm:ss", &out);
        give(ctx, &out);
    }
}

static void fl_date_format(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    int64_t us;
    if (count < 2 || any_null(count, args)) {
        return;
    }
    us = sqlite3_value_int64(args[0]);
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT &&
        !time_parse_timestamp(text_of(args[0]), &us)) {
        return;
    }
    time_format(us, text_of(args[1]), &out);
    give(ctx, &out);
}

static void fl_to_timestamp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || any_null(count, args)) {
        return;
    }
    bool ok = count > 1 ? time_parse(text_of(args[0]), text_of(args[1]), &us)
                        : time_parse_timestamp(text_of(args[0]), &us);
    if (ok) {
        sqlite3_result_int64(ctx, us);
    }
}

static void fl_to_timestamp_ltz(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (count == 0 || any_null(count, args)) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT) {
        fl_to_timestamp(ctx, count > 1 ? 2 : 1, args);
        return;
    }
    bool seconds = count > 1 && sqlite3_value_int(args[1]) == 0;
    sqlite3_result_int64(ctx,
                         sqlite3_value_int64(args[0]) * (seconds ? 1000000 : 1000));
}

static void fl_to_date(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || any_null(count, args)) {
        return;
    }
    if (time_parse(text_of(args[0]), count > 1 ? text_of(args[1]) : "yyyy-MM-dd",
                   &us)) {
        sqlite3_result_int64(ctx, floor_div(us, DAY_US));
    }
}

int execute_time_functions(sqlite3 *handle)
{
    static const struct {
        const char *name;
        int args;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"fl_cast", 6, fl_cast},
        {"fl_try_cast", 6, fl_try_cast},
        {"fl_add_months", 3, fl_add_months},
        {"fl_extract", 3, fl_extract},
        {"fl_floor_time", 4, fl_floor_time},
        {"fl_timestampdiff", 3, fl_timestampdiff},
        {"fl_timestampadd", 4, fl_timestampadd},
        {"fl_window", 3, fl_window},
        {"fl_unix_timestamp", -1, fl_unix_timestamp},
        {"fl_from_unixtime", -1, fl_from_unixtime},
        {"fl_date_format", -1, fl_date_format},
        {"fl_to_timestamp", -1, fl_to_timestamp},
        {"fl_to_timestamp_ltz", -1, fl_to_timestamp_ltz},
        {"fl_to_date", -1, fl_to_date},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        rc |= sqlite3_create_function(handle, functions[i].name, functions[i].args,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                      functions[i].call, NULL, NULL);
    }
    return rc;
}
