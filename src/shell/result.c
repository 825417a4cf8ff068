/* Rows on the screen: whole results, and streams as they come. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "flink/results.h"
#include "shell/live_table.h"
#include "shell/query.h"
#include "shell/shell.h"
#include "sql/parse.h"
#include "value/json.h"

#define FETCH_TIMEOUT_MS 250

struct result {
    struct shell *shell;
    struct flink_cursor *cursor;
    const struct flink_column *columns;
    size_t column_count;
    bool ops; /* a first column says what each row is: changelog mode */
    bool json;
    long max_rows;
    size_t limit; /* LIMIT of the query itself, when no more rows can follow; 0: none */
    size_t rows;
    struct print_table *table;
    struct arena page;
    const char *why; /* ended before the last row */
};

static const char *const op_names[] = {"+I", "-U", "+U", "-D"};

static void json_of(const struct flink_type *type, struct value cell, struct buf *out);

static void json_atom(const struct flink_type *type, struct value cell, struct buf *out)
{
    const char *text = value_cstr(cell, "");
    const char *end = text + strspn(text, "+-.0123456789eE");

    if (flink_type_numeric(type) && cell.len > 0 && *end == '\0' && text[0] != '+' &&
        text[0] != '.') {
        buf_add(out, text, cell.len);
    } else if (str_eq(type->name, "BOOLEAN")) {
        buf_adds(out, str_ieq(text, "true") ? "true" : "false");
    } else {
        json_write_str(text, cell.len, 0, out);
    }
}

static void json_row(const struct flink_type *type, struct value cell, struct buf *out)
{
    buf_addc(out, '{');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct flink_column *field = &type->fields[i];
        buf_adds(out, i > 0 ? "," : "");
        json_write_str(field->name, strlen(field->name), 0, out);
        buf_addc(out, ':');
        json_of(&field->type, value_list_at(cell, i), out);
    }
    buf_addc(out, '}');
}

/* Arrays are lists, rows objects, maps and multisets lists of pairs. */
static void json_of(const struct flink_type *type, struct value cell, struct buf *out)
{
    if (value_is_null(cell)) {
        buf_adds(out, "null");
        return;
    }
    if (type->shape == FLINK_ATOM) {
        json_atom(type, cell, out);
        return;
    }
    if (type->shape == FLINK_ROW) {
        json_row(type, cell, out);
        return;
    }
    buf_addc(out, '[');
    for (size_t i = 0; i < value_list_count(cell); i++) {
        struct value item = value_list_at(cell, i);
        buf_adds(out, i > 0 ? "," : "");
        if (type->shape == FLINK_ARRAY) {
            json_of(type->key, item, out);
            continue;
        }
        buf_addc(out, '[');
        json_of(type->key, value_list_at(item, 0), out);
        buf_addc(out, ',');
        if (type->value != NULL) {
            json_of(type->value, value_list_at(item, 1), out);
        } else {
            buf_adds(out, value_cstr(value_list_at(item, 1), "0"));
        }
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

void result_cell(const struct flink_type *type, struct value cell, bool json,
                 struct arena *arena, struct format_cell *out)
{
    struct buf text = BUF_INIT;

    *out = (struct format_cell){0};
    if (value_is_null(cell)) {
        return;
    }
    flink_cell_text(type, cell, &text);
    out->len = text.len;
    out->text = arena_strndup(arena, buf_str(&text), text.len);
    if (json) {
        buf_reset(&text);
        json_of(type, cell, &text);
        out->json = arena_strndup(arena, buf_str(&text), text.len);
    }
    buf_fini(&text);
}

static struct format_column *format_columns(const struct result *result,
                                            struct arena *arena, size_t *count)
{
    size_t extra = result->ops ? 1 : 0;
    struct format_column *columns =
        arena_array(arena, struct format_column, result->column_count + 1);

    if (extra > 0) {
        columns[0] = (struct format_column){"op", FORMAT_TEXT};
    }
    for (size_t i = 0; i < result->column_count; i++) {
        const struct flink_column *column = &result->columns[i];
        columns[i + extra] = (struct format_column){
            column->name,
            flink_type_numeric(&column->type) ? FORMAT_NUMBER : FORMAT_TEXT};
    }
    *count = result->column_count + extra;
    return columns;
}

static int add_row(struct result *result, const struct flink_row *row)
{
    size_t extra = result->ops ? 1 : 0;
    struct format_cell *cells =
        arena_array(&result->page, struct format_cell, result->column_count + 1);

    if (extra > 0) {
        cells[0] = (struct format_cell){.text = op_names[row->op & 3], .len = 2};
    }
    for (size_t i = 0; i < result->column_count; i++) {
        result_cell(&result->columns[i].type, row->cells[i], result->json,
                    &result->page, &cells[i + extra]);
    }
    result->rows++;
    return print_table_row(result->table, cells);
}

/* LIMIT n of an insert-only query: after n rows nothing can come, though it runs on. */
static size_t literal_limit(const char *sql)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *tree;
    size_t limit = 0;

    if (sql_parse(&arena, sql, strlen(sql), &tree, &err) == 0 && tree->query != NULL &&
        tree->query->limit != NULL && tree->query->limit->kind == SQL_EXPR_NUMBER) {
        limit = strtoul(tree->query->limit->text, NULL, 10);
    }
    arena_fini(&arena);
    return limit;
}

static bool is_full(struct result *result)
{
    if (result->limit > 0 && result->rows >= result->limit) {
        return true;
    }
    if (result->max_rows > 0 && result->rows >= (size_t)result->max_rows) {
        result->why = "more rows were not fetched";
        return true;
    }
    return false;
}

/* Rows as they come, until the end, the limit, Ctrl-C or silence. */
static int stream(struct result *result, bool endless, struct err *err)
{
    struct shell *shell = result->shell;
    bool watched = shell->options.interactive;
    int64_t silence = vars_number(&shell->vars, "STREAM_TIMEOUT", 10) * 1000;
    int64_t last = clock_now_ms(&clock_system);
    struct flink_page page = {0};

    while (!page.last && !is_full(result)) {
        if (shell_interrupts != 0) {
            result->why = "cancelled";
            return watched ? 0 : err_set(err, ERR_INTERRUPTED, "interrupted");
        }
        if (flink_cursor_fetch(result->cursor, FETCH_TIMEOUT_MS, &page, err) != 0) {
            if (err->code == ERR_INTERRUPTED && watched) {
                err_clear(err);
                result->why = "cancelled";
                return 0;
            }
            return -1;
        }
        arena_reset(&result->page);
        for (size_t i = 0; i < page.count && !is_full(result); i++) {
            if (add_row(result, &page.rows[i]) != 0) {
                return 0;
            }
        }
        if (page.count > 0) {
            last = clock_now_ms(&clock_system);
        } else if (endless && !watched && silence > 0 &&
                   clock_now_ms(&clock_system) - last > silence) {
            result->why = "no more rows came";
            return 0;
        }
        if (endless && page.count > 0 && print_table_flush(result->table) != 0) {
            return 0;
        }
    }
    return 0;
}

static void end_table(struct result *result)
{
    char footer[128];
    const char *why = result->why;

    if (why == NULL) {
        print_table_end(result->table, NULL);
        return;
    }
    snprintf(footer, sizeof(footer),
             result->rows == 1 ? "(%zu row; %s)" : "(%zu rows; %s)", result->rows, why);
    print_table_end(result->table, footer);
}

static int show_stream(struct result *result, bool endless, bool insert_only,
                       const char *sql, struct err *err)
{
    struct arena arena = {0};
    size_t count;
    struct format_column *columns = format_columns(result, &arena, &count);
    int status;

    result->table = print_table_begin(&result->shell->print, columns, count, NULL);
    result->limit = endless && insert_only ? literal_limit(sql) : 0;
    status = stream(result, endless, err);
    end_table(result);
    arena_fini(&result->page);
    arena_fini(&arena);
    return status;
}

/* A result that ends: its changes are applied before anything is shown. */
static int show_applied(struct result *result, struct flink_client *client,
                        const struct flink_statement *statement, struct err *err)
{
    struct arena arena = {0};
    struct flink_rows rows;
    size_t count;
    size_t limit = result->max_rows > 0 ? (size_t)result->max_rows : 0;
    int status = flink_rows(client, statement, limit, &arena, &rows, err);

    if (status == 0) {
        result->table = print_table_begin(&result->shell->print,
                                          format_columns(result, &arena, &count),
                                          result->column_count, NULL);
        for (size_t i = 0; i < rows.count; i++) {
            if (add_row(result, &rows.rows[i]) != 0) {
                break;
            }
        }
        result->why = rows.truncated ? "more rows were not fetched" : NULL;
        end_table(result);
    }
    arena_fini(&result->page);
    arena_fini(&arena);
    return status;
}

int result_show(struct shell *shell, struct flink_client *client,
                const struct flink_statement *statement,
                const struct result_options *options, struct err *err)
{
    const struct flink_traits *traits = &statement->traits;
    bool ends = traits->bounded || statement->phase == FLINK_PHASE_COMPLETED;
    struct result result = {.shell = shell,
                            .json = print_is_json(&shell->print),
                            .max_rows = options->max_rows};
    char number[32];
    int status;

    result.cursor = flink_cursor_new(client, statement, err);
    if (result.cursor == NULL) {
        return -1;
    }
    result.columns = flink_cursor_columns(result.cursor, &result.column_count);
    if (ends && !traits->append_only && !shell->print.changelog) {
        flink_cursor_free(result.cursor);
        result.columns = traits->columns;
        result.cursor = NULL;
        status = show_applied(&result, client, statement, err);
    } else if (!ends && !shell->print.changelog && live_table_possible(shell)) {
        status = live_table_run(shell, result.cursor, statement, options->max_rows,
                                &result.rows, err);
    } else if (!ends && !shell->print.changelog && !traits->append_only) {
        status = live_table_collect(shell, result.cursor, statement, options->max_rows,
                                    &result.rows, err);
    } else {
        result.ops = shell->print.changelog;
        status = show_stream(&result, !ends, traits->append_only, options->sql, err);
    }
    flink_cursor_free(result.cursor);
    snprintf(number, sizeof(number), "%zu", result.rows);
    vars_put(&shell->vars, "ROW_COUNT", number);
    return status;
}

int result_store(struct shell *shell, struct flink_client *client,
                 const struct flink_statement *statement, struct err *err)
{
    struct flink_cursor *cursor = flink_cursor_new(client, statement, err);
    int result = -1;

    if (cursor != NULL) {
        result = live_table_store(shell, cursor, statement, shell->query_prefix, err);
    }
    flink_cursor_free(cursor);
    return result;
}
