#include "config.h"

#include "shell/live_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/query.h"
#include "shell/shell.h"

#define REDRAW_MS 200

/* A row that is there now. The key decides which one an update means. */
struct live_row {
    char *key; /* heap */
    char **texts;
};

struct live_table {
    struct shell *shell;
    const struct flink_column *columns;
    size_t column_count;
    const struct flink_traits *traits;
    struct live_row *rows; /* oldest first; a ring would save moves of rare trims */
    size_t count;
    size_t cap;
    size_t changes;
    size_t dropped;
    int drawn; /* lines on the screen */
};

bool live_table_possible(struct shell *shell)
{
    return shell->options.interactive && print_to_terminal(&shell->print) &&
           shell->print.term.redraw && shell->print.format.kind == FORMAT_ALIGNED;
}

static void row_free(struct live_table *live, struct live_row *row)
{
    for (size_t i = 0; i < live->column_count; i++) {
        free(row->texts[i]);
    }
    free(row->texts);
    free(row->key);
}

static char *row_key(const struct live_table *live, const struct flink_row *row)
{
    const struct flink_traits *traits = live->traits;
    size_t n =
        traits->upsert_columns != NULL ? traits->upsert_count : live->column_count;
    struct buf key = BUF_INIT;

    for (size_t i = 0; i < n; i++) {
        size_t at = traits->upsert_columns != NULL ? traits->upsert_columns[i] : i;
        struct buf text = BUF_INIT;
        if (at < live->column_count) {
            flink_cell_text(&live->columns[at].type, row->cells[at], &text);
        }
        buf_addf(&key, "%zu:", text.len);
        buf_add(&key, buf_str(&text), text.len);
        buf_fini(&text);
    }
    return buf_take(&key);
}

static size_t find(const struct live_table *live, const char *key)
{
    for (size_t i = live->count; i > 0; i--) {
        if (strcmp(live->rows[i - 1].key, key) == 0) {
            return i - 1;
        }
    }
    return SIZE_MAX;
}

static void remove_at(struct live_table *live, size_t at)
{
    row_free(live, &live->rows[at]);
    memmove(&live->rows[at], &live->rows[at + 1],
            (live->count - at - 1) * sizeof(live->rows[0]));
    live->count--;
}

static void fill(struct live_table *live, struct live_row *out,
                 const struct flink_row *row, char *key)
{
    out->key = key;
    out->texts = xcalloc(live->column_count + 1, sizeof(out->texts[0]));
    for (size_t i = 0; i < live->column_count; i++) {
        struct buf text = BUF_INIT;
        if (!value_is_null(row->cells[i])) {
            flink_cell_text(&live->columns[i].type, row->cells[i], &text);
            out->texts[i] = buf_take(&text);
        }
    }
}

static void apply(struct live_table *live, const struct flink_row *row)
{
    char *key = row_key(live, row);
    bool keyed = live->traits->upsert_columns != NULL;
    bool add = row->op == FLINK_INSERT || row->op == FLINK_UPDATE_AFTER;
    size_t at =
        live->traits->append_only || (!keyed && add) ? SIZE_MAX : find(live, key);

    live->changes++;
    if (!add) {
        /* with a key, the update that follows finds its row by it */
        if (at != SIZE_MAX && (row->op == FLINK_DELETED || !keyed)) {
            remove_at(live, at);
        }
        free(key);
        return;
    }
    if (at != SIZE_MAX) {
        row_free(live, &live->rows[at]);
        fill(live, &live->rows[at], row, key);
        return;
    }
    if (live->count == LIVE_TABLE_ROWS) {
        remove_at(live, 0);
        live->dropped++;
    }
    if (live->count == live->cap) {
        live->cap = live->cap == 0 ? 64 : live->cap * 2;
        live->rows = xreallocarray(live->rows, live->cap, sizeof(live->rows[0]));
    }
    fill(live, &live->rows[live->count++], row, key);
}

static int collect(void *context, const char *data, size_t len)
{
    buf_add(context, data, len);
    return 0;
}

/* Writes at most `height` lines of the text, cut to the screen's width. */
static int write_lines(struct live_table *live, const char *text, int height)
{
    FILE *out = live->shell->print.out;
    size_t width = (size_t)live->shell->print.term.width;
    int lines = 0;

    while (*text != '\0' && lines < height) {
        size_t len = strcspn(text, "\n");
        fwrite(text, 1, str_fit(text, len, width > 1 ? width - 1 : width), out);
        fprintf(out, "%s\n", live->shell->print.term.seq_clear_line);
        text += len + (text[len] == '\n');
        lines++;
    }
    return lines;
}

static void fill_columns(const struct live_table *live, struct format_column *columns)
{
    for (size_t i = 0; i < live->column_count; i++) {
        bool number = flink_type_numeric(&live->columns[i].type);
        columns[i] = (struct format_column){live->columns[i].name,
                                            number ? FORMAT_NUMBER : FORMAT_TEXT};
    }
}

static void draw(struct live_table *live, bool final)
{
    struct print *print = &live->shell->print;
    struct format_options options = print->format;
    struct arena arena = {0};
    struct buf text = BUF_INIT;
    struct format_column *columns =
        arena_array(&arena, struct format_column, live->column_count + 1);
    struct format_cell *cells =
        arena_array(&arena, struct format_cell, live->column_count + 1);
    int room = print->term.height - 5;
    size_t shown = room > 1 ? (size_t)room : 1;
    size_t first = live->count > shown ? live->count - shown : 0;
    struct format *format;
    char footer[128];

    fill_columns(live, columns);
    options.sanitize = true;
    options.expanded = FORMAT_EXPANDED_OFF;
    format = format_new(&options, columns, live->column_count, collect, &text);
    for (size_t r = first; r < live->count; r++) {
        for (size_t i = 0; i < live->column_count; i++) {
            const char *cell = live->rows[r].texts[i];
            cells[i] = (struct format_cell){.text = cell,
                                            .len = cell != NULL ? strlen(cell) : 0};
        }
        format_row(format, cells);
    }
    if (print->term.width < 60) {
        snprintf(footer, sizeof(footer), "(%zu row%s%s)", live->count,
                 live->count == 1 ? "" : "s", final ? "" : "; Ctrl-C stops");
    } else {
        snprintf(footer, sizeof(footer), "(%zu row%s%s, %zu change%s%s)", live->count,
                 live->count == 1 ? "" : "s",
                 first > 0 ? ", the last of them shown" : "", live->changes,
                 live->changes == 1 ? "" : "s", final ? "" : "; Ctrl-C stops");
    }
    format_end(format, footer);
    format_free(format);
    for (int i = 0; i < live->drawn; i++) {
        fputs(print->term.seq_up, print->out);
    }
    fputc('\r', print->out);
    live->drawn = write_lines(live, buf_str(&text), print->term.height - 1);
    fputs(print->term.seq_clear_down, print->out);
    fflush(print->out);
    buf_fini(&text);
    arena_fini(&arena);
}

static int run(struct live_table *live, struct flink_cursor *cursor, long max_rows,
               struct err *err)
{
    struct flink_page page = {0};
    int64_t drawn_at = 0;
    bool fresh = true;

    while (!page.last && shell_interrupts == 0 &&
           (max_rows <= 0 || live->changes < (size_t)max_rows)) {
        int64_t now;
        if (flink_cursor_fetch(cursor, REDRAW_MS, &page, err) != 0) {
            if (err->code == ERR_INTERRUPTED) {
                err_clear(err);
                return 0;
            }
            return -1;
        }
        for (size_t i = 0; i < page.count; i++) {
            if (max_rows > 0 && live->changes >= (size_t)max_rows) {
                break;
            }
            apply(live, &page.rows[i]);
            fresh = true;
        }
        now = clock_now_ms(&clock_system);
        if (fresh && now - drawn_at >= REDRAW_MS) {
            print_resize(&live->shell->print);
            draw(live, false);
            drawn_at = now;
            fresh = false;
        }
    }
    return 0;
}

static void live_fini(struct live_table *live)
{
    while (live->count > 0) {
        row_free(live, &live->rows[--live->count]);
    }
    free(live->rows);
}

int live_table_run(struct shell *shell, struct flink_cursor *cursor,
                   const struct flink_statement *statement, long max_rows, size_t *rows,
                   struct err *err)
{
    struct live_table live = {.shell = shell, .traits = &statement->traits};
    int result;

    live.columns = flink_cursor_columns(cursor, &live.column_count);
    fputs(shell->print.term.seq_hide_cursor, shell->print.out);
    result = run(&live, cursor, max_rows, err);
    if (result == 0) {
        print_resize(&shell->print);
        draw(&live, true);
    }
    fputs(shell->print.term.seq_show_cursor, shell->print.out);
    fflush(shell->print.out);
    *rows = live.count;
    live_fini(&live);
    return result;
}

/* Why reading ended before the last row; NULL: it did not. */
static int collect_rows(struct live_table *live, struct flink_cursor *cursor,
                        long max_rows, const char **why, struct err *err)
{
    struct flink_page page = {0};
    int64_t silence = vars_number(&live->shell->vars, "STREAM_TIMEOUT", 10) * 1000;
    int64_t last = clock_now_ms(&clock_system);

    *why = NULL;
    while (!page.last) {
        if (max_rows > 0 && live->count >= (size_t)max_rows) {
            *why = "more rows were not fetched";
            return 0;
        }
        if (flink_cursor_fetch(cursor, REDRAW_MS, &page, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < page.count; i++) {
            apply(live, &page.rows[i]);
        }
        if (page.count > 0) {
            last = clock_now_ms(&clock_system);
        } else if (silence > 0 && clock_now_ms(&clock_system) - last > silence) {
            *why = "no more changes came";
            return 0;
        }
    }
    return 0;
}

static void write_table(struct live_table *live, long max_rows, const char *why)
{
    struct arena arena = {0};
    struct format_column *columns =
        arena_array(&arena, struct format_column, live->column_count + 1);
    struct format_cell *cells =
        arena_array(&arena, struct format_cell, live->column_count + 1);
    size_t count =
        max_rows > 0 && (size_t)max_rows < live->count ? (size_t)max_rows : live->count;
    struct print_table *table;
    char footer[128];

    fill_columns(live, columns);
    table = print_table_begin(&live->shell->print, columns, live->column_count, NULL);
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < live->column_count; i++) {
            const char *cell = live->rows[r].texts[i];
            cells[i] = (struct format_cell){.text = cell,
                                            .len = cell != NULL ? strlen(cell) : 0};
        }
        if (print_table_row(table, cells) != 0) {
            break;
        }
    }
    snprintf(footer, sizeof(footer), "(%zu row%s%s%s)", count, count == 1 ? "" : "s",
             why != NULL ? "; " : "", why != NULL ? why : "");
    print_table_end(table, footer);
    arena_fini(&arena);
}

int live_table_collect(struct shell *shell, struct flink_cursor *cursor,
                       const struct flink_statement *statement, long max_rows,
                       size_t *rows, struct err *err)
{
    struct live_table live = {.shell = shell, .traits = &statement->traits};
    const char *why;
    int result;

    live.columns = flink_cursor_columns(cursor, &live.column_count);
    result = collect_rows(&live, cursor, max_rows, &why, err);
    if (result != 0 && err->code == ERR_INTERRUPTED && shell->options.interactive) {
        err_clear(err);
        why = "cancelled";
        result = 0;
    }
    if (result == 0) {
        write_table(&live, max_rows, why);
    }
    *rows = live.count;
    live_fini(&live);
    return result;
}

int live_table_store(struct shell *shell, struct flink_cursor *cursor,
                     const struct flink_statement *statement, const char *prefix,
                     struct err *err)
{
    struct live_table live = {.shell = shell, .traits = &statement->traits};
    const char *why;
    int result;

    live.columns = flink_cursor_columns(cursor, &live.column_count);
    result = collect_rows(&live, cursor, 0, &why, err);
    if (result == 0 && live.count != 1) {
        result = err_set(err, ERR_SQL, "%s for \\gset",
                         live.count == 0 ? "no rows returned"
                                         : "more than one row returned");
    }
    for (size_t i = 0; result == 0 && i < live.column_count; i++) {
        struct buf name = BUF_INIT;
        buf_addf(&name, "%s%s", prefix, live.columns[i].name);
        result =
            live.rows[0].texts[i] != NULL
                ? vars_set(&shell->vars, buf_str(&name), live.rows[0].texts[i], err)
                : vars_unset(&shell->vars, buf_str(&name), err);
        buf_fini(&name);
    }
    live_fini(&live);
    return result;
}
