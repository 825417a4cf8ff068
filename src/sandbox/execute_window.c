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
    static const char *const names[] = {"SLIDE", "STEP", "SIZE"};
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
            size_t at = i < 2 ? 0 : 1;
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
    const char *t = arena_strdup(x->arena, buf_str(&time));
    buf_fini(&time);
    if (rc == 0) {
        rc = add_bounds(x, name, &w, t, &start, &end, &series);
    }
    if (rc == 0) {
        const struct xrel *source = own.rels[0];
        size_t count = source->count;
        buf_adds(out, "(SELECT ");
        for (size_t i = 0; i < count; i++) {
            buf_addf(out, "f%d.c%zu AS c%zu, ", source->number, i, i);
        }
        buf_addf(out, "%s AS c%zu, %s AS c%zu, %s-1000 AS c%zu, max(%s) OVER () AS w, ",
                 start, count, end, count + 1, end, count + 2, t);
        buf_addf(out, "f%d.a AS a FROM %s%s WHERE %s IS NOT NULL", source->number,
                 buf_str(&from), series, t);
        if (series[0] != '\0') {
            buf_addf(out, " AND %s < %s AND %s >= %s", t, end, t, start);
        }
        buf_addc(out, ')');
        add_columns(x, source, rel, type);
    }
    buf_fini(&from);
    return rc;
}
