/* CAST and TRY_CAST, for SQLite. */
#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"

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
    } else if (from == SQL_TYPE_DECIMAL) {
        struct decimal d;
        decimal_init(&d, 0);
        if (execute_decimal_of(v, &d)) {
            decimal_write(&d, precision, out);
        }
        decimal_free(&d);
    } else if (from == SQL_TYPE_FLOAT || from == SQL_TYPE_DOUBLE) {
        cell_double(sqlite3_value_double(v), from == SQL_TYPE_FLOAT, out);
    } else {
        buf_adds(out, func_text(v));
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
    func_give(ctx, &out);
    return true;
}

static int64_t integer_limit(int root)
{
    return root == SQL_TYPE_TINYINT    ? INT8_MAX
           : root == SQL_TYPE_SMALLINT ? INT16_MAX
           : root == SQL_TYPE_INT      ? INT32_MAX
                                       : INT64_MAX;
}

/* Integers, decimals and texts, exactly; the fraction is cut off. */
static bool cast_integer(sqlite3_context *ctx, sqlite3_value *v,
                         const struct target *to)
{
    struct decimal d;
    decimal_init(&d, 0);
    bool ok = execute_decimal_of(v, &d);
    if (ok) {
        decimal_cut(&d, 0, DECIMAL_TRUNCATE);
        ok = decimal_fit(&d, 19, 0) && mpz_fits_slong_p(d.unscaled);
    }
    int64_t number = ok ? mpz_get_si(d.unscaled) : 0;
    decimal_free(&d);
    int64_t limit = integer_limit(to->root);
    if (ok && sqlite3_value_type(v) != SQLITE_TEXT) {
        /* numbers wrap around, texts don't fit */
        number = to->root == SQL_TYPE_TINYINT    ? (int8_t)number
                 : to->root == SQL_TYPE_SMALLINT ? (int16_t)number
                 : to->root == SQL_TYPE_INT      ? (int32_t)number
                                                 : number;
    }
    ok = ok && number <= limit && number >= -limit - 1;
    if (ok) {
        sqlite3_result_int64(ctx, number);
    }
    return ok;
}

/* From floating point as Java does: the nearest integer there is. */
static void cast_floating(sqlite3_context *ctx, double d, const struct target *to)
{
    int64_t limit =
        integer_limit(to->root == SQL_TYPE_BIGINT ? SQL_TYPE_BIGINT : SQL_TYPE_INT);
    int64_t number = isnan(d)                  ? 0
                     : d >= (double)limit      ? limit
                     : d <= -(double)limit - 1 ? -limit - 1
                                               : (int64_t)d;
    number = to->root == SQL_TYPE_TINYINT    ? (int8_t)number
             : to->root == SQL_TYPE_SMALLINT ? (int16_t)number
                                             : number;
    sqlite3_result_int64(ctx, number);
}

static bool cast_decimal(sqlite3_context *ctx, sqlite3_value *v,
                         const struct target *to)
{
    struct decimal d;
    decimal_init(&d, 0);
    bool number = execute_decimal_of(v, &d);
    if (number && decimal_fit(&d, to->precision, to->scale)) {
        execute_decimal_give(ctx, &d);
    } else if (number) {
        sqlite3_result_null(ctx);
    }
    decimal_free(&d);
    return number;
}

static bool cast_number(sqlite3_context *ctx, sqlite3_value *v, int from,
                        const struct target *to)
{
    double d = sqlite3_value_double(v);
    if (to->root == SQL_TYPE_DECIMAL) {
        return cast_decimal(ctx, v, to);
    }
    if (is_integer(to->root)) {
        if (sqlite3_value_type(v) == SQLITE_FLOAT) {
            cast_floating(ctx, d, to);
            return true;
        }
        return cast_integer(ctx, v, to);
    }
    if (from == SQL_TYPE_DECIMAL) {
        struct decimal exact;
        decimal_init(&exact, 0);
        d = execute_decimal_of(v, &exact) ? decimal_double(&exact) : d;
        decimal_free(&exact);
    } else if (sqlite3_value_type(v) == SQLITE_TEXT) {
        char *end;
        d = strtod(func_text(v), &end);
        if (end == func_text(v) || end[strspn(end, " \t\r\n")] != '\0') {
            return false;
        }
    }
    sqlite3_result_double(ctx, to->root == SQL_TYPE_FLOAT ? (float)d : d);
    return true;
}

static bool cast_boolean(sqlite3_context *ctx, sqlite3_value *v)
{
    const char *text = func_text(v);
    struct decimal d;
    decimal_init(&d, 0);
    bool exact = decimal_decode(&d, text);
    int sign = mpz_sgn(d.unscaled);
    decimal_free(&d);
    if (exact || sqlite3_value_type(v) != SQLITE_TEXT) {
        sqlite3_result_int(ctx, exact ? sign != 0 : sqlite3_value_double(v) != 0);
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
        if (text && !time_parse_date(func_text(v), &number)) {
            return false;
        }
        number = is_timestamp(from) ? time_floor_div(number, TIME_DAY_US) : number;
    } else if (to->root == SQL_TYPE_TIME) {
        if (text && !time_parse_time(func_text(v), &number)) {
            return false;
        }
        if (is_timestamp(from)) {
            number =
                (number - time_floor_div(number, TIME_DAY_US) * TIME_DAY_US) / 1000;
        }
    } else {
        if (text && !time_parse_timestamp(func_text(v), &number)) {
            return false;
        }
        number = from == SQL_TYPE_DATE ? number * TIME_DAY_US : number;
        if (to->precision < 6) {
            int64_t unit = (int64_t)pow(10, 6 - to->precision);
            number = time_floor_div(number, unit) * unit;
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
        return cast_number(ctx, args[0], from, &to);
    default:
        sqlite3_result_value(ctx, args[0]);
        return true;
    }
}

static void fl_cast(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    char message[256];
    (void)count;
    if (func_null(1, args) || cast(ctx, args)) {
        return;
    }
    snprintf(message, sizeof(message), "Cannot cast '%.100s' to %s", func_text(args[0]),
             sql_type_root_name((enum sql_type_root)sqlite3_value_int(args[3])));
    sqlite3_result_error(ctx, message, -1);
}

static void fl_try_cast(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    (void)count;
    if (!func_null(1, args) && !cast(ctx, args)) {
        sqlite3_result_null(ctx);
    }
}

int execute_cast_functions(sqlite3 *handle)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    return sqlite3_create_function(handle, "fl_cast", 6, flags, NULL, fl_cast, NULL,
                                   NULL) |
           sqlite3_create_function(handle, "fl_try_cast", 6, flags, NULL, fl_try_cast,
                                   NULL, NULL);
}
