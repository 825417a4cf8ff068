/* What the rows of a test mean; dbt 1.11. */
#include "config.h"

#include "run/machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define SHOWN_ROWS 20

static size_t find_column(const struct flink_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        if (strcasecmp(rows->columns[i].name, name) == 0) {
            return i;
        }
    }
    return rows->column_count;
}

static bool is_true(struct value v)
{
    return strcasecmp(value_cstr(v, ""), "true") == 0;
}

/* ---- data tests ---- */

static void judge_counts(const struct step_test *test, const struct flink_rows *rows,
                         struct arena *arena, struct run_result *result)
{
    const struct value *cells = rows->rows[0].cells;
    size_t failures = find_column(rows, "failures");
    bool warn = is_true(cells[find_column(rows, "should_warn")]);
    bool error = is_true(cells[find_column(rows, "should_error")]);
    long long count = strtoll(value_cstr(cells[failures], "0"), NULL, 10);

    result->failures = count > 0 ? (size_t)count : 0;
    result->has_failures = true;
    if (test->severity_error && error) {
        result->status = RUN_FAIL;
    } else {
        result->status = warn ? RUN_WARN : RUN_PASS;
    }
    if (result->status != RUN_PASS) {
        result->message = arena_printf(
            arena, "Got %lld result%s, configured to %s if %s", count,
            count == 1 ? "" : "s", result->status == RUN_FAIL ? "fail" : "warn",
            result->status == RUN_FAIL ? test->error_if : test->warn_if);
    }
}

/* ---- unit tests ---- */

static const char *row_text(const struct flink_rows *rows, size_t index, size_t skip,
                            struct arena *arena)
{
    struct buf text = BUF_INIT;

    for (size_t i = 0; i < rows->column_count; i++) {
        struct value cell = rows->rows[index].cells[i];
        if (i == skip) {
            continue;
        }
        buf_addf(&text, "%s%s: ", text.len > 0 ? ", " : "", rows->columns[i].name);
        if (value_is_null(cell)) {
            buf_adds(&text, "NULL");
        } else {
            flink_cell_text(&rows->columns[i].type, cell, &text);
        }
    }
    const char *copy = arena_strdup(arena, buf_str(&text));
    buf_fini(&text);
    return copy;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct side {
    const char **rows;
    size_t count;
};

static void sort_side(struct side *side)
{
    if (side->count > 1) {
        qsort(side->rows, side->count, sizeof(*side->rows), by_text);
    }
}

/* Writes the rows that only one side has; returns how many. */
static size_t compare_sides(const struct side *actual, const struct side *expected,
                            struct buf *out)
{
    size_t differences = 0;

    for (size_t i = 0, j = 0; i < actual->count || j < expected->count;) {
        int order = i == actual->count     ? 1
                    : j == expected->count ? -1
                                           : strcmp(actual->rows[i], expected->rows[j]);
        if (order == 0) {
            i++;
            j++;
            continue;
        }
        if (differences++ < SHOWN_ROWS) {
            buf_addf(out, "\n  %s %s", order < 0 ? "actual  " : "expected",
                     order < 0 ? actual->rows[i] : expected->rows[j]);
        }
        i += order < 0;
        j += order > 0;
    }
    if (differences > SHOWN_ROWS) {
        buf_addf(out, "\n  and %zu more", differences - SHOWN_ROWS);
    }
    return differences;
}

static void judge_rows(const struct flink_rows *rows, size_t which, struct arena *arena,
                       struct run_result *result)
{
    struct side sides[2] = {{arena_array(arena, const char *, rows->count + 1), 0},
                            {arena_array(arena, const char *, rows->count + 1), 0}};
    struct buf out = BUF_INIT;

    for (size_t i = 0; i < rows->count; i++) {
        const char *text = value_cstr(rows->rows[i].cells[which], "");
        struct side *side = &sides[strncasecmp(text, "expected", 8) == 0];
        side->rows[side->count++] = row_text(rows, i, which, arena);
    }
    sort_side(&sides[0]);
    sort_side(&sides[1]);
    buf_adds(&out, "actual differs from expected:");
    result->failures = compare_sides(&sides[0], &sides[1], &out) > 0;
    result->has_failures = true;
    result->status = result->failures > 0 ? RUN_FAIL : RUN_PASS;
    if (result->failures > 0) {
        result->message = arena_strdup(arena, buf_str(&out));
    }
    buf_fini(&out);
}

static void misshapen(struct run_result *result, const char *wanted)
{
    err_set(&result->err, ERR_SERVER, "the test's query did not return %s", wanted);
    result->status = RUN_ERROR;
}

void run_judge(const struct step_test *test, const struct flink_rows *rows,
               struct arena *arena, struct run_result *result)
{
    if (test->unit_test) {
        size_t which = find_column(rows, "actual_or_expected");
        if (which == rows->column_count) {
            misshapen(result, "a column 'actual_or_expected'");
        } else if (rows->truncated) {
            misshapen(result, "few enough rows to compare them");
        } else {
            judge_rows(rows, which, arena, result);
        }
    } else if (rows->count != 1 ||
               find_column(rows, "failures") == rows->column_count ||
               find_column(rows, "should_warn") == rows->column_count ||
               find_column(rows, "should_error") == rows->column_count ||
               value_is_null(rows->rows[0].cells[find_column(rows, "failures")])) {
        misshapen(result, "one row of failures, should_warn and should_error");
    } else {
        judge_counts(test, rows, arena, result);
    }
    if (result->status == RUN_FAIL) {
        err_set(&result->err, ERR_SERVER, "%s", result->message);
    }
}
