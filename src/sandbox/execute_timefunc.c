#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"

/* Flink's functions of dates and times, for SQLite. */

static int64_t add_months(int64_t days, int64_t months)
{
    int64_t year;
    int month;
    int day;
    time_civil(days, &year, &month, &day);
    int64_t all = year * 12 + month - 1 + months;
    year = time_floor_div(all, 12);
    month = (int)(all - year * 12) + 1;
    int64_t next =
        month == 12 ? time_days(year + 1, 1, 1) : time_days(year, month + 1, 1);
    int last = (int)(next - time_days(year, month, 1));
    return time_days(year, month, day < last ? day : last);
}

/* (value, months, is date) */
static void fl_add_months(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    int64_t v = sqlite3_value_int64(args[0]);
    int64_t months = sqlite3_value_int64(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    int64_t days = date ? v : time_floor_div(v, TIME_DAY_US);
    int64_t moved = add_months(days, months);
    sqlite3_result_int64(ctx,
                         date ? moved : moved * TIME_DAY_US + (v - days * TIME_DAY_US));
}

/* (unit, value, is date) */
static void fl_extract(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t year;
    int month;
    int day;
    if (func_null(count, args)) {
        return;
    }
    const char *unit = func_text(args[0]);
    int64_t v = sqlite3_value_int64(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    int64_t days = date ? v : time_floor_div(v, TIME_DAY_US);
    int64_t rest = date ? 0 : (v - days * TIME_DAY_US) / 1000;
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
        {"MILLISECOND", 1000},  {"SECOND", 1000000},  {"MINUTE", 60000000},
        {"HOUR", 3600000000LL}, {"DAY", TIME_DAY_US}, {"WEEK", 7 * TIME_DAY_US},
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
    if (func_null(count, args)) {
        return;
    }
    const char *unit = func_text(args[1]);
    bool date = sqlite3_value_int(args[2]) != 0;
    bool up = sqlite3_value_int(args[3]) != 0;
    int64_t v = sqlite3_value_int64(args[0]) * (date ? TIME_DAY_US : 1);
    int64_t step = unit_us(unit);
    int64_t low = v;
    int64_t high = v;
    if (step > 0) {
        int64_t shift = strcmp(unit, "WEEK") == 0 ? 3 * TIME_DAY_US : 0;
        low = time_floor_div(v + shift, step) * step - shift;
        high = low == v ? v : low + step;
    } else {
        time_civil(time_floor_div(v, TIME_DAY_US), &year, &month, &day);
        int64_t months = strcmp(unit, "YEAR") == 0      ? 12
                         : strcmp(unit, "QUARTER") == 0 ? 3
                                                        : 1;
        month = (int)((month - 1) / months * months) + 1;
        low = time_days(year, month, 1) * TIME_DAY_US;
        high = low == v ? v : add_months(low / TIME_DAY_US, months) * TIME_DAY_US;
    }
    v = up ? high : low;
    sqlite3_result_int64(ctx, date ? time_floor_div(v, TIME_DAY_US) : v);
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
    if (func_null(count, args)) {
        return;
    }
    const char *unit = func_text(args[0]);
    int64_t a = sqlite3_value_int64(args[1]);
    int64_t b = sqlite3_value_int64(args[2]);
    int64_t us = unit_us(unit);
    if (us > 0) {
        sqlite3_result_int64(ctx, (b - a) / us);
        return;
    }
    int64_t per = month_count(unit);
    int64_t months = (b - a) / (30 * TIME_DAY_US + TIME_DAY_US * 7 / 16);
    int64_t days = time_floor_div(a, TIME_DAY_US);
    int64_t rest = a - days * TIME_DAY_US;
    int64_t sign = b >= a ? 1 : -1;
    for (int64_t guess = months + 2 * sign;; guess -= sign) {
        int64_t at = add_months(days, guess) * TIME_DAY_US + rest;
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
    if (func_null(count, args)) {
        return;
    }
    const char *unit = func_text(args[0]);
    int64_t n = sqlite3_value_int64(args[1]);
    int64_t v = sqlite3_value_int64(args[2]);
    bool date = sqlite3_value_int(args[3]) != 0;
    int64_t months = month_count(unit);
    if (months > 0) {
        int64_t days = date ? v : time_floor_div(v, TIME_DAY_US);
        int64_t moved = add_months(days, n * months);
        sqlite3_result_int64(
            ctx, date ? moved : moved * TIME_DAY_US + (v - days * TIME_DAY_US));
        return;
    }
    int64_t us = n * unit_us(unit);
    sqlite3_result_int64(ctx, date ? v + us / TIME_DAY_US : v + us);
}

/* (time, size, offset): start of the window that the time is in */
static void fl_window(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    int64_t size = sqlite3_value_int64(args[1]);
    int64_t offset = sqlite3_value_int64(args[2]);
    int64_t t = sqlite3_value_int64(args[0]) - offset;
    sqlite3_result_int64(ctx, time_floor_div(t, size > 0 ? size : 1) * size + offset);
}

static void fl_unix_timestamp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || func_null(count, args)) {
        return;
    }
    const char *pattern = count > 1 ? func_text(args[1]) : "yyyy-MM-dd HH:mm:ss";
    if (time_parse(func_text(args[0]), pattern, &us)) {
        sqlite3_result_int64(ctx, time_floor_div(us, 1000000));
    }
}

static void fl_from_unixtime(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (count > 0 && !func_null(count, args)) {
        time_format(sqlite3_value_int64(args[0]) * 1000000,
                    count > 1 ? func_text(args[1]) : "yyyy-MM-dd HH:mm:ss", &out);
        func_give(ctx, &out);
    }
}

static void fl_date_format(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    int64_t us;
    if (count < 2 || func_null(count, args)) {
        return;
    }
    us = sqlite3_value_int64(args[0]);
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT &&
        !time_parse_timestamp(func_text(args[0]), &us)) {
        return;
    }
    time_format(us, func_text(args[1]), &out);
    func_give(ctx, &out);
}

static void fl_to_timestamp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || func_null(count, args)) {
        return;
    }
    bool ok = count > 1 ? time_parse(func_text(args[0]), func_text(args[1]), &us)
                        : time_parse_timestamp(func_text(args[0]), &us);
    if (ok) {
        sqlite3_result_int64(ctx, us);
    }
}

static void fl_to_timestamp_ltz(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (count == 0 || func_null(count, args)) {
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

/* CONVERT_TZ(text, from, to) */
static void fl_convert_tz(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    int64_t us;
    int64_t from;
    int64_t to;
    if (func_null(count, args) || !time_parse_timestamp(func_text(args[0]), &us) ||
        !zone_named(func_text(args[1]), us / 1000, &from) ||
        !zone_named(func_text(args[2]), (us - from) / 1000, &to)) {
        return;
    }
    time_format(us - from + to, "yyyy-MM-dd HH:mm:ss", &out);
    func_give(ctx, &out);
}

static void fl_to_date(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    int64_t us;
    if (count == 0 || func_null(count, args)) {
        return;
    }
    if (time_parse(func_text(args[0]), count > 1 ? func_text(args[1]) : "yyyy-MM-dd",
                   &us)) {
        sqlite3_result_int64(ctx, time_floor_div(us, TIME_DAY_US));
    }
}

int execute_time_functions(sqlite3 *handle)
{
    static const struct xfunction functions[] = {
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
        {"fl_convert_tz", 3, fl_convert_tz},
        {"fl_to_date", -1, fl_to_date},
    };
    return execute_add_functions(handle, functions,
                                 sizeof(functions) / sizeof(*functions));
}
