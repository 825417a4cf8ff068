/* DECIMAL in SQLite: operators, rounding and aggregates, exact. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"

bool execute_decimal_of(sqlite3_value *v, struct decimal *d)
{
    char number[40];
    const char *text = (const char *)sqlite3_value_text(v);
    switch (sqlite3_value_type(v)) {
    case SQLITE_NULL:
        return false;
    case SQLITE_FLOAT:
        snprintf(number, sizeof(number), "%.17g", sqlite3_value_double(v));
        return decimal_parse(d, number);
    default:
        return text != NULL && (decimal_decode(d, text) || decimal_parse(d, text));
    }
}

void execute_decimal_give(sqlite3_context *ctx, const struct decimal *d)
{
    struct buf out = BUF_INIT;
    decimal_encode(d, &out);
    sqlite3_result_text(ctx, buf_str(&out), (int)out.len, SQLITE_TRANSIENT);
    buf_fini(&out);
}

/* Gives NULL, as Flink does, when the number has too many digits. */
static void give_fitting(sqlite3_context *ctx, struct decimal *d, int precision,
                         int scale)
{
    if (decimal_fit(d, precision, scale)) {
        execute_decimal_give(ctx, d);
    }
}

/* (operator, a, b, precision, scale) */
static void fl_dec_op(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal a;
    struct decimal b;
    int scale = sqlite3_value_int(args[4]);
    (void)count;
    decimal_init(&a, 0);
    decimal_init(&b, 0);
    if (execute_decimal_of(args[1], &a) && execute_decimal_of(args[2], &b)) {
        if (decimal_apply(&a, *(const char *)sqlite3_value_text(args[0]), &b, scale)) {
            give_fitting(ctx, &a, sqlite3_value_int(args[3]), scale);
        } else {
            sqlite3_result_error(ctx, "Division by zero", -1);
        }
    }
    decimal_free(&a);
    decimal_free(&b);
}

/* (x): integers and others in the form of a DECIMAL */
static void fl_dec(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    (void)count;
    decimal_init(&d, 0);
    if (execute_decimal_of(args[0], &d)) {
        execute_decimal_give(ctx, &d);
    }
    decimal_free(&d);
}

static void fl_dec_double(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    (void)count;
    decimal_init(&d, 0);
    if (execute_decimal_of(args[0], &d)) {
        sqlite3_result_double(ctx, decimal_double(&d));
    }
    decimal_free(&d);
}

/* (x, scale): plain text */
static void fl_dec_text(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    struct buf out = BUF_INIT;
    (void)count;
    decimal_init(&d, 0);
    if (execute_decimal_of(args[0], &d)) {
        decimal_write(&d, sqlite3_value_int(args[1]), &out);
        sqlite3_result_text(ctx, buf_str(&out), (int)out.len, SQLITE_TRANSIENT);
    }
    buf_fini(&out);
    decimal_free(&d);
}

/* (x, digits, enum decimal_cut) */
static void fl_dec_cut(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    sqlite3_int64 digits = sqlite3_value_int64(args[1]);
    (void)count;
    decimal_init(&d, 0);
    if (sqlite3_value_type(args[1]) != SQLITE_NULL && execute_decimal_of(args[0], &d)) {
        digits = digits > 76 ? 76 : digits < -76 ? -76 : digits;
        decimal_cut(&d, (long)digits, (enum decimal_cut)sqlite3_value_int(args[2]));
        give_fitting(ctx, &d, SQL_TYPE_MAX_DECIMAL, d.scale > 0 ? (int)d.scale : 0);
    }
    decimal_free(&d);
}

static void fl_dec_abs(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    (void)count;
    decimal_init(&d, 0);
    if (execute_decimal_of(args[0], &d)) {
        mpz_abs(d.unscaled, d.unscaled);
        execute_decimal_give(ctx, &d);
    }
    decimal_free(&d);
}

static void fl_dec_sign(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct decimal d;
    (void)count;
    decimal_init(&d, 0);
    if (execute_decimal_of(args[0], &d)) {
        struct decimal sign;
        decimal_init(&sign, mpz_sgn(d.unscaled));
        execute_decimal_give(ctx, &sign);
        decimal_free(&sign);
    }
    decimal_free(&d);
}

/* SUM and AVG, over groups and windows. */
struct total {
    bool ready;
    struct decimal sum;
    sqlite3_int64 count;
};

static void total_add(sqlite3_context *ctx, sqlite3_value *v, char op)
{
    struct total *total = sqlite3_aggregate_context(ctx, sizeof(*total));
    struct decimal d;
    if (total == NULL) {
        return;
    }
    if (!total->ready) {
        decimal_init(&total->sum, 0);
        total->ready = true;
    }
    decimal_init(&d, 0);
    if (execute_decimal_of(v, &d)) {
        decimal_apply(&total->sum, op, &d, 0);
        total->count += op == '+' ? 1 : -1;
    }
    decimal_free(&d);
}

static void total_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    (void)count;
    total_add(ctx, args[0], '+');
}

static void total_inverse(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    (void)count;
    total_add(ctx, args[0], '-');
}

static void sum_value(sqlite3_context *ctx)
{
    struct total *total = sqlite3_aggregate_context(ctx, 0);
    struct decimal d;
    if (total == NULL || !total->ready || total->count == 0) {
        return;
    }
    mpz_init_set(d.unscaled, total->sum.unscaled);
    d.scale = total->sum.scale;
    give_fitting(ctx, &d, SQL_TYPE_MAX_DECIMAL,
                 d.scale < 0                      ? 0
                 : d.scale > SQL_TYPE_MAX_DECIMAL ? SQL_TYPE_MAX_DECIMAL
                                                  : (int)d.scale);
    decimal_free(&d);
}

static void avg_value(sqlite3_context *ctx)
{
    struct total *total = sqlite3_aggregate_context(ctx, 0);
    struct decimal d;
    struct decimal count;
    if (total == NULL || !total->ready || total->count == 0) {
        return;
    }
    mpz_init_set(d.unscaled, total->sum.unscaled);
    d.scale = total->sum.scale;
    decimal_init(&count, (long)total->count);
    long scale = d.scale > 6 ? d.scale : 6;
    scale = scale > SQL_TYPE_MAX_DECIMAL ? SQL_TYPE_MAX_DECIMAL : scale;
    decimal_apply(&d, '/', &count, (int)scale);
    give_fitting(ctx, &d, SQL_TYPE_MAX_DECIMAL, (int)scale);
    decimal_free(&count);
    decimal_free(&d);
}

static void total_end(sqlite3_context *ctx)
{
    struct total *total = sqlite3_aggregate_context(ctx, 0);
    if (total != NULL && total->ready) {
        decimal_free(&total->sum);
        total->ready = false;
    }
}

static void sum_final(sqlite3_context *ctx)
{
    sum_value(ctx);
    total_end(ctx);
}

static void avg_final(sqlite3_context *ctx)
{
    avg_value(ctx);
    total_end(ctx);
}

int execute_decimal_functions(sqlite3 *handle)
{
    static const struct xfunction functions[] = {
        {"fl_dec", 1, fl_dec},           {"fl_dec_op", 5, fl_dec_op},
        {"fl_dec_text", 2, fl_dec_text}, {"fl_dec_double", 1, fl_dec_double},
        {"fl_dec_cut", 3, fl_dec_cut},   {"fl_dec_abs", 1, fl_dec_abs},
        {"fl_dec_sign", 1, fl_dec_sign},
    };
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int rc = execute_add_functions(handle, functions,
                                   sizeof(functions) / sizeof(*functions));
    rc |=
        sqlite3_create_window_function(handle, "fl_dec_sum", 1, flags, NULL, total_step,
                                       sum_final, sum_value, total_inverse, NULL);
    rc |=
        sqlite3_create_window_function(handle, "fl_dec_avg", 1, flags, NULL, total_step,
                                       avg_final, avg_value, total_inverse, NULL);
    return rc;
}
