#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"

#define MAX_OVERLAP 10000 /* windows that one row may be in */

/* Arguments of a window table function, by position or by name. */
struct window {
    const struct sql_expr *data;
    const struct sql_expr *time;
    int64_t sizes[3]; /* microseconds; TUMBLE {size}, HOP {slide, size}, … */
    size_t size_count;
    int64_t offset;
};

static int read_interval(struct xlate *x, const struct sql_expr *expr, int64_t *out)
{
    struct buf text = BUF_INIT;
    const struct sql_type *type = NULL;
    int rc = xlate_expr(x, NULL, expr, &text, &type);
    *out = strtoll(buf_str(&text), NULL, 10);
    buf_fini(&text);
    if (rc == 0 && (type == NULL || type->root != SQL_TYPE_INTERVAL_DAY_TIME)) {
        rc = xlate_fail(x, "a window of months");
    }
    return rc;
}

static int read_named(struct xlate *x, const struct sql_expr *arg, struct window *out)
{
    static const char *const names[] = {"SLIDE", "STEP", "GAP", "SIZE"};
    const char *name = arg->name.parts[0].text;
    const struct sql_expr *value = arg->args[0];
    if (str_ieq(name, "DATA")) {
        out->data = value;
        return 0;
    }
    if (str_ieq(name, "TIMECOL")) {
        out->time = value;
        return 0;
    }
    if (str_ieq(name, "OFFSET")) {
        return read_interval(x, value, &out->offset);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (str_ieq(name, names[i])) {
            size_t at = i < 3 ? 0 : 1;
            out->size_count = out->size_count > at + 1 ? out->size_count : at + 1;
            return read_interval(x, value, &out->sizes[at]);
        }
    }
    return xlate_fail(x, "the window argument %s", name);
}

static int read_window(struct xlate *x, const struct sql_expr *call, struct window *out)
{
    *out = (struct window){0};
    for (size_t i = 0; i < call->arg_count; i++) {
        const struct sql_expr *arg = call->args[i];
        int rc = 0;
        if (arg->kind == SQL_EXPR_NAMED_ARG) {
            rc = read_named(x, arg, out);
        } else if (arg->kind == SQL_EXPR_TABLE_ARG) {
            out->data = arg;
        } else if (arg->kind == SQL_EXPR_DESCRIPTOR) {
            out->time = arg;
        } else if (out->size_count < 3) {
            rc = read_interval(x, arg, &out->sizes[out->size_count++]);
        }
        if (rc != 0) {
            return -1;
        }
    }
    if (out->data == NULL || out->data->table_arg == NULL || out->time == NULL ||
        out->time->arg_count != 1 || out->size_count == 0) {
        return xlate_fail(x, "this window");
    }
    return 0;
}

/* Start and end of the windows of time `t`, and where the rows come from. */
static int add_bounds(struct xlate *x, const char *name, const struct window *w,
                      const char *t, const char **start, const char **end,
                      const char **series)
{
    int64_t step = w->sizes[0];
    int64_t size = w->sizes[w->size_count > 1 ? 1 : 0];
    if (str_ieq(name, "TUMBLE")) {
        size = w->sizes[w->sizes[0] != 0 ? 0 : 1];
        step = size;
    }
    if (step <= 0 || size <= 0 || size / step > MAX_OVERLAP) {
        return xlate_fail(x, "a window of this size");
    }
    const char *base = arena_printf(
        x->arena, "fl_window(%s,%lld,%lld)", t,
        (long long)(str_ieq(name, "CUMULATE") ? size : step), (long long)w->offset);
    *series = arena_printf(x->arena,
                           " JOIN (WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT "
                           "k+1 FROM n WHERE k+1 < %lld) SELECT k FROM n) AS s",
                           (long long)((size + step - 1) / step));
    if (str_ieq(name, "TUMBLE")) {
        *series = "";
        *start = base;
        *end = arena_printf(x->arena, "%s+%lld", base, (long long)size);
    } else if (str_ieq(name, "HOP")) {
        *start = arena_printf(x->arena, "%s-s.k*%lld", base, (long long)step);
        *end = arena_printf(x->arena, "%s+%lld", *start, (long long)size);
    } else if (str_ieq(name, "CUMULATE")) {
        *start = base;
        *end = arena_printf(x->arena, "%s+min((s.k+1)*%lld,%lld)", base,
                            (long long)step, (long long)size);
    } else {
        return xlate_fail(x, "the table function %s", name);
    }
    return 0;
}

static void add_columns(struct xlate *x, const struct xrel *source, struct xrel *rel,
                        const struct sql_type *time)
{
    static const char *const names[] = {"window_start", "window_end", "window_time"};
    size_t count = source->count;
    rel->columns = arena_array(x->arena, struct xcolumn, count + 3);
    memcpy(rel->columns, source->columns, count * sizeof(*rel->columns));
    for (size_t i = 0; i < 3; i++) {
        rel->columns[count + i].name = names[i];
        rel->columns[count + i].type =
            i < 2 || time == NULL ? xlate_type(x, SQL_TYPE_TIMESTAMP) : time;
    }
    rel->columns[count + 1].window_end = true;
    rel->count = count + 3;
    rel->windowed = true;
}

/* What the sessions are kept apart by. */
static int session_keys(struct xlate *x, const struct xscope *scope,
                        const struct sql_table_arg *arg, const char **keys)
{
    struct buf out = BUF_INIT;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < arg->partition_by.count; i++) {
        buf_adds(&out, i == 0 ? "" : ",");
        rc = xlate_expr(x, scope, arg->partition_by.items[i], &out, NULL);
    }
    *keys = xlate_keep(x, &out);
    return rc;
}

/*
 * Sessions: a row begins one when no row before it is within the gap. The rows with
 * their number n of the session, then each session's bounds.
 */
static int add_session(struct xlate *x, const struct window *w,
                       const struct xscope *own, const char *from, const char *t,
                       struct buf *out)
{
    const struct xrel *source = own->rels[0];
    const char *keys;
    long long gap = (long long)w->sizes[0];
    if (gap <= 0) {
        return xlate_fail(x, "a window of this size");
    }
    if (session_keys(x, own, w->data->table_arg, &keys) != 0) {
        return -1;
    }
    buf_adds(out, "(SELECT ");
    for (size_t i = 0; i < source->count; i++) {
        buf_addf(out, "c%zu, ", i);
    }
    buf_addf(
        out,
        "s0 AS c%zu, e0 AS c%zu, e0-1000 AS c%zu, max(t) OVER () AS w, a FROM "
        "(SELECT *, min(t) OVER s AS s0, max(t) OVER s + %lld AS e0 FROM (SELECT *, "
        "sum(b) OVER (PARTITION BY k ORDER BY t, o) AS n FROM (SELECT *, ",
        source->count, source->count + 1, source->count + 2, gap);
    buf_addf(
        out,
        "ifnull(t - lag(t) OVER (PARTITION BY k ORDER BY t, o) > %lld, 1) AS b FROM "
        "(SELECT f%d.*, %s AS t, dense_rank() OVER (ORDER BY %s) AS k, "
        "row_number() OVER () AS o FROM %s WHERE %s IS NOT NULL))) WINDOW s AS "
        "(PARTITION BY k, n)))",
        gap, source->number, t, *keys != '\0' ? keys : "1", from, t);
    return 0;
}

/* The rows with the bounds of each window they are in. */
static void add_rows(const struct xrel *source, const char *from, const char *t,
                     const char *start, const char *end, const char *series,
                     struct buf *out)
{
    size_t count = source->count;
    buf_adds(out, "(SELECT ");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "f%d.c%zu AS c%zu, ", source->number, i, i);
    }
    buf_addf(out, "%s AS c%zu, %s AS c%zu, %s-1000 AS c%zu, max(%s) OVER () AS w, ",
             start, count, end, count + 1, end, count + 2, t);
    buf_addf(out, "f%d.a AS a FROM %s%s WHERE %s IS NOT NULL", source->number, from,
             series, t);
    if (series[0] != '\0') {
        buf_addf(out, " AND %s < %s AND %s >= %s", t, end, t, start);
    }
    buf_addc(out, ')');
}

int xlate_window(struct xlate *x, const struct sql_expr *call, struct xscope *scope,
                 struct xrel *rel, struct buf *out)
{
    const char *name = call->name.parts[call->name.count - 1].text;
    struct window w;
    struct xscope own = {.outer = scope->outer};
    struct buf from = BUF_INIT;
    struct buf time = BUF_INIT;
    const struct sql_type *type = NULL;
    const char *start = "";
    const char *end = "";
    const char *series = "";

    if (read_window(x, call, &w) != 0 ||
        xlate_from(x, w.data->table_arg->input, &own, &from) != 0) {
        buf_fini(&from);
        return -1;
    }
    int rc = xlate_expr(x, &own, w.time->args[0], &time, &type);
    const char *t = xlate_keep(x, &time);
    const struct xrel *source = own.rels[0];
    if (rc == 0 && str_ieq(name, "SESSION")) {
        rc = add_session(x, &w, &own, buf_str(&from), t, out);
    } else if (rc == 0) {
        rc = add_bounds(x, name, &w, t, &start, &end, &series);
        if (rc == 0) {
            add_rows(source, buf_str(&from), t, start, end, series, out);
        }
    }
    if (rc == 0) {
        add_columns(x, source, rel, type);
    }
    buf_fini(&from);
    return rc;
}
