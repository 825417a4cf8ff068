/* Aligned and wrapped tables, laid out as psql 15 does. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "shell/format_impl.h"

const struct format_lines *format_lines(const struct format *format)
{
    static const struct format_lines styles[] = {
        [FORMAT_ASCII] =
            {"-", "|", {{"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}}, "+", "."},
        [FORMAT_UNICODE] =
            {"─", "│", {{"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}}, "↵", "…"},
    };

    return &styles[format->options->linestyle];
}

void format_repeat(struct buf *out, const char *text, size_t count)
{
    while (count-- > 0) {
        buf_adds(out, text);
    }
}

const char *format_piece(struct format_cursor *cursor, size_t width, size_t *len,
                         size_t *used)
{
    const char *start = cursor->text;
    const char *end = memchr(start, '\n', cursor->rest);
    size_t n = end != NULL ? (size_t)(end - start) : cursor->rest;

    *used = str_width(start, n);
    if (width > 0 && *used > width) {
        size_t fit = str_fit(start, n, width);
        for (size_t more = width + 1; fit == 0; more++) {
            fit = str_fit(start, n, more);
        }
        cursor->mark = fit < n ? FORMAT_MARK_WRAP : FORMAT_MARK_NONE;
        *used = str_width(start, fit);
        if (fit < n) {
            end = start + fit;
        }
        n = fit;
    } else {
        cursor->mark = FORMAT_MARK_NONE;
    }
    *len = n;
    if (end == NULL) {
        *cursor = (struct format_cursor){NULL, 0, FORMAT_MARK_NONE};
        return start;
    }
    if (cursor->mark == FORMAT_MARK_NONE) {
        cursor->mark = FORMAT_MARK_NEWLINE;
        end++;
    }
    cursor->rest -= (size_t)(end - start);
    cursor->text = end;
    return start;
}

/* A rule of the table; `row` is 0 top, 1 below the heading, 2 bottom. */
static void add_rule(struct format *format, int row)
{
    const struct format_lines *lines = format_lines(format);
    int border = format->options->border;
    struct buf *out = &format->out;

    if (border == 2) {
        buf_adds(out, lines->joints[row][0]);
    }
    for (size_t i = 0; i < format->column_count; i++) {
        if (i > 0) {
            buf_adds(out, border == 0 ? " " : lines->joints[row][1]);
        }
        format_repeat(out, lines->hline, format->shown[i] + (border > 0 ? 2 : 0));
    }
    if (border == 2) {
        buf_adds(out, lines->joints[row][2]);
    }
    buf_addc(out, '\n');
}

/* What the borders add to the columns' widths. */
static size_t border_width(const struct format *format)
{
    size_t n = format->column_count;

    switch (format->options->border) {
    case 0:
        return n;
    case 1:
        return n > 0 ? n * 3 - 1 : 0;
    default:
        return n * 3 + 1;
    }
}

static size_t total_width(const struct format *format, const size_t *widths)
{
    size_t total = border_width(format);

    for (size_t i = 0; i < format->column_count; i++) {
        total += widths[i];
    }
    return total;
}

size_t format_table_width(const struct format *format)
{
    return total_width(format, format->widths);
}

/*
 * The column that is wider than its heading and whose widest cell stands out most from
 * the average; column_count when there is none.
 */
static size_t worst_column(const struct format *format, const size_t *headings,
                           const double *averages)
{
    size_t worst = format->column_count;
    double most = 0;

    for (size_t i = 0; i < format->column_count; i++) {
        double ratio;
        if (averages[i] < 1 || format->shown[i] <= headings[i]) {
            continue;
        }
        ratio =
            (double)format->shown[i] / averages[i] + (double)format->widths[i] * 0.01;
        if (ratio > most) {
            most = ratio;
            worst = i;
        }
    }
    return worst;
}

/* Narrows columns until the table fits the screen, never below their headings. */
static void wrap_columns(struct format *format)
{
    size_t screen = (size_t)format->options->width;
    size_t total = total_width(format, format->shown);
    size_t *headings = arena_array(&format->arena, size_t, format->column_count + 1);
    double *averages = arena_array(&format->arena, double, format->column_count + 1);
    size_t worst;

    for (size_t i = 0; i < format->column_count; i++) {
        const char *name = format->columns[i].name;
        size_t sum = 0;
        headings[i] = format_text_width(name, strlen(name));
        for (size_t r = 0; r < format->held_count; r++) {
            size_t len;
            const char *text = format_text(format, &format->held[r].cells[i], &len);
            sum += format_text_width(text, len);
        }
        averages[i] = format->held_count > 0 ? (double)(sum / format->held_count) : 0;
    }
    if (screen < total_width(format, headings)) {
        return;
    }
    while (total > screen &&
           (worst = worst_column(format, headings, averages)) < format->column_count) {
        format->shown[worst]--;
        total--;
    }
}

static bool wraps(const struct format *format)
{
    return format->options->kind == FORMAT_WRAPPED && format->options->width > 0;
}

static void set_widths(struct format *format)
{
    memcpy(format->shown, format->widths,
           format->column_count * sizeof(format->shown[0]));
}

static void add_cell(struct format *format, size_t i, struct format_cursor *cursor)
{
    const struct format_lines *lines = format_lines(format);
    struct buf *out = &format->out;
    int border = format->options->border;
    bool last = i + 1 == format->column_count;
    bool number = format->columns[i].kind == FORMAT_NUMBER;
    size_t len = 0;
    size_t used = 0;
    size_t room = format->shown[i];
    const char *text = "";

    if (border > 0) {
        buf_adds(out, cursor->mark == FORMAT_MARK_WRAP ? lines->wrapped : " ");
    }
    if (cursor->text != NULL) {
        text = format_piece(cursor, format->shown[i], &len, &used);
    } else {
        number = false;
    }
    room -= used < room ? used : room;
    buf_pad(out, ' ', number ? room : 0);
    buf_add(out, text, len);
    if (!number && (border == 2 || !last || cursor->mark != FORMAT_MARK_NONE)) {
        buf_pad(out, ' ', room);
    }
    if (cursor->mark == FORMAT_MARK_WRAP) {
        buf_adds(out, lines->wrapped);
    } else if (cursor->mark == FORMAT_MARK_NEWLINE) {
        buf_adds(out, lines->newline);
    } else if (border == 2 || !last) {
        buf_addc(out, ' ');
    }
    if (border > 0 && !last) {
        buf_adds(out, lines->vline);
    }
}

static void add_row(struct format *format, struct format_cursor *cursors)
{
    const struct format_lines *lines = format_lines(format);
    const char *edge = format->options->border == 2 ? lines->vline : "";
    bool more = true;

    while (more) {
        more = false;
        buf_adds(&format->out, edge);
        for (size_t i = 0; i < format->column_count; i++) {
            add_cell(format, i, &cursors[i]);
            more |= cursors[i].text != NULL;
        }
        buf_adds(&format->out, edge);
        buf_addc(&format->out, '\n');
    }
}

static void add_heading_line(struct format *format, struct format_cursor *cursors)
{
    const struct format_lines *lines = format_lines(format);
    int border = format->options->border;
    struct buf *out = &format->out;

    buf_adds(out, border == 2 ? lines->vline : "");
    for (size_t i = 0; i < format->column_count; i++) {
        size_t len = 0;
        size_t used = 0;
        size_t room;
        const char *text = "";
        if (cursors[i].text != NULL) {
            text = format_piece(&cursors[i], 0, &len, &used);
        }
        room = format->shown[i] > used ? format->shown[i] - used : 0;
        buf_adds(out, border > 0 ? " " : "");
        buf_pad(out, ' ', room / 2);
        buf_add(out, text, len);
        buf_pad(out, ' ', room - room / 2);
        buf_adds(out, cursors[i].text != NULL ? lines->newline : " ");
        if (border > 0 && i + 1 < format->column_count) {
            buf_adds(out, lines->vline);
        }
    }
    buf_adds(out, border == 2 ? lines->vline : "");
    buf_addc(out, '\n');
}

static void add_heading(struct format *format)
{
    struct arena arena = {0};
    struct format_cursor *cursors =
        arena_array(&arena, struct format_cursor, format->column_count + 1);
    bool more = true;

    for (size_t i = 0; i < format->column_count; i++) {
        const char *name = format->columns[i].name;
        cursors[i] = (struct format_cursor){name, strlen(name), FORMAT_MARK_NONE};
    }
    while (more) {
        add_heading_line(format, cursors);
        more = false;
        for (size_t i = 0; i < format->column_count; i++) {
            more |= cursors[i].text != NULL;
        }
    }
    add_rule(format, 1);
    arena_fini(&arena);
}

static void add_title(struct format *format)
{
    const char *title = format->options->title;
    size_t total = total_width(format, format->shown);
    size_t width = title != NULL ? format_text_width(title, strlen(title)) : 0;

    if (title != NULL) {
        buf_pad(&format->out, ' ', total > width ? (total - width) / 2 : 0);
        buf_adds(&format->out, title);
        buf_addc(&format->out, '\n');
    }
}

static void aligned_begin(struct format *format)
{
    set_widths(format);
    if (wraps(format)) {
        wrap_columns(format);
    }
    if (format->options->tuples_only) {
        return;
    }
    add_title(format);
    if (format->options->border == 2) {
        add_rule(format, 0);
    }
    add_heading(format);
}

static void aligned_page(struct format *format)
{
    struct arena arena = {0};
    struct format_cursor *cursors =
        arena_array(&arena, struct format_cursor, format->column_count + 1);

    /* columns of later pages only get wider, wrapped ones not even that */
    if (!wraps(format)) {
        set_widths(format);
    }
    for (size_t r = 0; r < format->held_count; r++) {
        for (size_t i = 0; i < format->column_count; i++) {
            cursors[i].text =
                format_text(format, &format->held[r].cells[i], &cursors[i].rest);
            cursors[i].mark = FORMAT_MARK_NONE;
        }
        add_row(format, cursors);
        format_drain(format, false);
    }
    arena_fini(&arena);
}

static void aligned_end(struct format *format, const char *footer)
{
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    if (format->options->border == 2) {
        add_rule(format, 2);
    }
    if (text != NULL) {
        buf_addf(&format->out, "%s\n", text);
    }
    buf_addc(&format->out, '\n');
}

const struct format_ops format_aligned = {
    .pages = true, .begin = aligned_begin, .page = aligned_page, .end = aligned_end};
