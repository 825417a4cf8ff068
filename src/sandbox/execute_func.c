#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define UNUSED (void)count

const char *func_text(sqlite3_value *v)
{
    const char *text = (const char *)sqlite3_value_text(v);
    return text != NULL ? text : "";
}

bool func_null(int count, sqlite3_value **args)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL) {
            return true;
        }
    }
    return false;
}

void func_give(sqlite3_context *ctx, struct buf *out)
{
    sqlite3_result_text(ctx, buf_str(out), (int)out->len, SQLITE_TRANSIENT);
    buf_fini(out);
}

/* (a, b, whether both are integers) */
static void fl_div(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    int64_t a = sqlite3_value_int64(args[0]);
    int64_t b = sqlite3_value_int64(args[1]);
    if (!sqlite3_value_int(args[2])) {
        sqlite3_result_double(ctx, sqlite3_value_double(args[0]) /
                                       sqlite3_value_double(args[1]));
    } else if (b == 0) {
        sqlite3_result_error(ctx, "Division by zero", -1);
    } else {
        sqlite3_result_int64(ctx, b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b);
    }
}

static void fl_mod(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    if (sqlite3_value_double(args[1]) == 0) {
        sqlite3_result_error(ctx, "Division by zero", -1);
    } else if (sqlite3_value_type(args[0]) == SQLITE_INTEGER &&
               sqlite3_value_type(args[1]) == SQLITE_INTEGER) {
        int64_t b = sqlite3_value_int64(args[1]);
        sqlite3_result_int64(ctx, b == -1 ? 0 : sqlite3_value_int64(args[0]) % b);
    } else {
        sqlite3_result_double(
            ctx, fmod(sqlite3_value_double(args[0]), sqlite3_value_double(args[1])));
    }
}

static void round_to(sqlite3_context *ctx, int count, sqlite3_value **args, bool cut)
{
    if (func_null(count, args)) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER) {
        sqlite3_result_int64(ctx, sqlite3_value_int64(args[0]));
        return;
    }
    double scale = pow(10, count > 1 ? sqlite3_value_int(args[1]) : 0);
    double v = sqlite3_value_double(args[0]) * scale;
    sqlite3_result_double(ctx, (cut ? trunc(v) : round(v)) / scale);
}

static void fl_round(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    round_to(ctx, count, args, false);
}

static void fl_truncate(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    round_to(ctx, count, args, true);
}

/* (expression, null rate, seed, index, at ms) */
static void fl_faker(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    UNUSED;
    if (faker_value(func_text(args[0]), sqlite3_value_double(args[1]),
                    (uint64_t)sqlite3_value_int64(args[2]),
                    sqlite3_value_int64(args[3]), sqlite3_value_int64(args[4]), &out)) {
        func_give(ctx, &out);
    }
    buf_fini(&out);
}

struct moments {
    double sum;
    double square;
    int64_t count;
};

static void moments_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct moments *m = sqlite3_aggregate_context(ctx, sizeof(*m));
    UNUSED;
    if (m != NULL && sqlite3_value_type(args[0]) != SQLITE_NULL) {
        double v = sqlite3_value_double(args[0]);
        m->sum += v;
        m->square += v * v;
        m->count++;
    }
}

/* User data: "p" population, "s" sample; upper case: the root of it. */
static void moments_final(sqlite3_context *ctx)
{
    const struct moments *m = sqlite3_aggregate_context(ctx, 0);
    char kind = *(const char *)sqlite3_user_data(ctx);
    if (m == NULL || m->count < (tolower((unsigned char)kind) == 's' ? 2 : 1)) {
        return;
    }
    double n = (double)m->count;
    double spread = m->square - m->sum * m->sum / n;
    double v =
        (spread > 0 ? spread : 0) / (tolower((unsigned char)kind) == 's' ? n - 1 : n);
    sqlite3_result_double(ctx, isupper((unsigned char)kind) ? sqrt(v) : v);
}

struct kept {
    sqlite3_value *value;
};

static void kept_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct kept *k = sqlite3_aggregate_context(ctx, sizeof(*k));
    bool last = *(const char *)sqlite3_user_data(ctx) == 'l';
    UNUSED;
    if (k != NULL && (last || k->value == NULL)) {
        sqlite3_value_free(k->value);
        k->value = sqlite3_value_dup(args[0]);
    }
}

static void kept_final(sqlite3_context *ctx)
{
    struct kept *k = sqlite3_aggregate_context(ctx, 0);
    if (k != NULL && k->value != NULL) {
        sqlite3_result_value(ctx, k->value);
        sqlite3_value_free(k->value);
    }
}

/* COLLECT: elements and how often each came, as JSON. */
struct collected {
    struct map counts; /* JSON text -> count as a pointer */
    struct arena arena;
};

static void collect_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct collected **slot = sqlite3_aggregate_context(ctx, sizeof(*slot));
    struct buf text = BUF_INIT;
    UNUSED;
    if (slot == NULL) {
        return;
    }
    if (*slot == NULL) {
        *slot = xcalloc(1, sizeof(**slot));
    }
    if (sqlite3_value_type(args[0]) == SQLITE_NULL) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT) {
        json_write_str(func_text(args[0]), strlen(func_text(args[0])), 0, &text);
    } else {
        buf_adds(&text, func_text(args[0]));
    }
    uintptr_t times = (uintptr_t)map_get(&(*slot)->counts, buf_str(&text));
    const char *key =
        times == 0 ? arena_strdup(&(*slot)->arena, buf_str(&text)) : buf_str(&text);
    map_put(&(*slot)->counts, key, (void *)(times + 1));
    buf_fini(&text);
}

static void collect_final(sqlite3_context *ctx)
{
    struct collected **slot = sqlite3_aggregate_context(ctx, 0);
    struct buf out = BUF_INIT;
    if (slot == NULL || *slot == NULL) {
        return;
    }
    buf_addc(&out, '[');
    for (size_t i = 0; i < (*slot)->counts.count; i++) {
        const struct map_entry *entry = &(*slot)->counts.entries[i];
        buf_addf(&out, "%s[%s,%llu]", i > 0 ? "," : "", entry->key,
                 (unsigned long long)(uintptr_t)entry->value);
    }
    buf_addc(&out, ']');
    map_fini(&(*slot)->counts);
    arena_fini(&(*slot)->arena);
    free(*slot);
    func_give(ctx, &out);
}

static const struct xfunction functions[] = {
    {"fl_div", 3, fl_div},     {"fl_mod", 3, fl_mod},
    {"fl_round", 2, fl_round}, {"fl_truncate", 2, fl_truncate},
    {"fl_faker", 5, fl_faker},
};

static const struct {
    const char *name;
    const char *kind;
} spreads[] = {
    {"fl_stddev_pop", "P"},
    {"fl_stddev", "S"},
    {"fl_var_pop", "p"},
    {"fl_var", "s"},
};

int execute_add_functions(sqlite3 *handle, const struct xfunction *list, size_t count)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; i < count; i++) {
        rc |= sqlite3_create_function(handle, list[i].name, list[i].args,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                      list[i].call, NULL, NULL);
    }
    return rc;
}

int execute_functions(sqlite3 *handle)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int rc = execute_time_functions(handle) | execute_decimal_functions(handle) |
             execute_text_functions(handle) | execute_regex_functions(handle) |
             execute_json_functions(handle) | execute_cast_functions(handle);
    rc |= execute_add_functions(handle, functions,
                                sizeof(functions) / sizeof(*functions));
    for (size_t i = 0; i < sizeof(spreads) / sizeof(*spreads); i++) {
        rc |= sqlite3_create_function(handle, spreads[i].name, 1, flags,
                                      (void *)(uintptr_t)spreads[i].kind, NULL,
                                      moments_step, moments_final);
    }
    rc |= sqlite3_create_function(handle, "fl_collect", 1, flags, NULL, NULL,
                                  collect_step, collect_final);
    rc |= sqlite3_create_function(handle, "fl_first", 1, flags, (void *)(uintptr_t) "f",
                                  NULL, kept_step, kept_final);
    rc |= sqlite3_create_function(handle, "fl_last", 1, flags, (void *)(uintptr_t) "l",
                                  NULL, kept_step, kept_final);
    return rc == SQLITE_OK ? 0 : -1;
}
