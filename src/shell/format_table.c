/* Aligned, expanded and markdown tables. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "shell/format_impl.h"

struct lines {
    const char *hline;
    const char *vline;
    /* left, middle, right joints of the top, heading and bottom rule */
    const char *joints[3][3];
    const char *more; /* the cell goes on in the next line */
};

static const struct lines line_styles[] = {
    [FORMAT_ASCII] = {"-",
                      "|",
                      {{"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}},
                      "+"},
    [FORMAT_UNICODE] = {"─",
                        "│",
                        {{"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}},
                        "↵"},
};

static const struct lines *style(const struct format *format)
{
    return &line_styles[format->options->linestyle];
}

static void repeat(struct buf *out, const char *text, size_t count)
{
    while (count-- > 0) {
        buf_adds(out, text);
    }
}

/* A rule of the table; `row` is 0 top, 1 below the heading, 2 bottom. */
static void add_rule(struct format *format, int row)
{
    const struct lines *lines = style(format);
    int border = format->options->border;
    struct buf *out = &format->out;

    if (border == 2) {
        buf_adds(out, lines->joints[row][0]);
    }
    for (size_t i = 0; i < format->column_count; i++) {
        if (i > 0) {
            buf_adds(out, border == 0 ? " " : lines->joints[row][1]);
        }
        repeat(out, lines->hline, format->widths[i] + (border > 0 ? 2 : 0));
    }
    if (border == 2) {
        buf_adds(out, lines->joints[row][2]);
    }
    buf_addc(out, '\n');
}

/* Cuts the line that begins at *text; moves *text on, NULL after the last one. */
static const char *next_line(const char **text, size_t *rest, size_t width, size_t *len)
{
    const char *start = *text;
    const char *end = memchr(start, '\n', *rest);
    size_t n = end != NULL ? (size_t)(end - start) : *rest;
    size_t skip = end != NULL ? 1 : 0;

    if (width > 0 && str_width(start, n) > width) {
        size_t fit = str_fit(start, n, width);
        n = fit > 0 ? fit : n;
        skip = 0;
        end = start;
    }
    *len = n;
    *text = end != NULL ? start + n + skip : NULL;
    *rest -= n + skip;
    return start;
}

struct cursor {
    const char *text; /* NULL: used up */
    size_t rest;
};

static void add_padded(struct format *format, size_t column, const char *text,
                       size_t len, char align, bool last)
{
    struct buf *out = &format->out;
    size_t width = str_width(text, len);
    size_t room = format->widths[column] > width ? format->widths[column] - width : 0;
    size_t left = align == 'r' ? room : align == 'c' ? room / 2 : 0;

    buf_pad(out, ' ', left);
    buf_add(out, text, len);
    if (!last || format->options->border == 2) {
        buf_pad(out, ' ', room - left);
    }
}

static void add_row(struct format *format, struct cursor *cursors, bool heading)
{
    const struct lines *lines = style(format);
    int border = format->options->border;
    struct buf *out = &format->out;
    bool wrap = format->options->kind == FORMAT_WRAPPED;
    bool more = true;

    while (more) {
        more = false;
        buf_adds(out, border == 2 ? lines->vline : "");
        for (size_t i = 0; i < format->column_count; i++) {
            bool last = i + 1 == format->column_count;
            size_t len = 0;
            const char *text = "";
            bool number = format->columns[i].kind == FORMAT_NUMBER;
            if (cursors[i].text != NULL) {
                text = next_line(&cursors[i].text, &cursors[i].rest,
                                 wrap ? format->widths[i] : 0, &len);
            }
            bool goes_on = cursors[i].text != NULL;
            buf_adds(out, border > 0 ? " " : "");
            add_padded(format, i, text, len,
                       heading  ? 'c'
                       : number ? 'r'
                                : 'l',
                       last && !heading && !goes_on);
            if (goes_on) {
                buf_adds(out, lines->more);
                more = true;
            } else if (border == 2 || heading || !last) {
                buf_addc(out, ' ');
            }
            if (border > 0 && (!last || border == 2)) {
                buf_adds(out, lines->vline);
            }
        }
        buf_addc(out, '\n');
    }
}

/* Narrows the widest columns until the table fits the screen. */
static void wrap_columns(struct format *format)
{
    size_t total = 0;
    size_t screen = (size_t)format->options->width;

    if (format->options->kind != FORMAT_WRAPPED || screen == 0) {
        return;
    }
    for (size_t i = 0; i < format->column_count; i++) {
        total += format->widths[i] + 3;
    }
    while (total > screen) {
        size_t widest = 0;
        for (size_t i = 1; i < format->column_count; i++) {
            widest = format->widths[i] > format->widths[widest] ? i : widest;
        }
        if (format->column_count == 0 || format->widths[widest] <= 8) {
            return;
        }
        format->widths[widest]--;
        total--;
    }
}

static void add_title(struct format *format)
{
    size_t total = 0;
    const char *title = format->options->title;
    size_t width;

    if (title == NULL || format->options->tuples_only) {
        return;
    }
    for (size_t i = 0; i < format->column_count; i++) {
        total += format->widths[i] + 3;
    }
    width = str_width(title, strlen(title));
    buf_pad(&format->out, ' ', total > width ? (total - width) / 2 : 0);
    buf_adds(&format->out, title);
    buf_addc(&format->out, '\n');
}

static void aligned_begin(struct format *format)
{
    struct arena arena = {0};
    struct cursor *cursors;

    wrap_columns(format);
    add_title(format);
    if (format->options->border == 2) {
        add_rule(format, 0);
    }
    if (format->options->tuples_only) {
        return;
    }
    cursors = arena_array(&arena, struct cursor, format->column_count + 1);
    for (size_t i = 0; i < format->column_count; i++) {
        const char *name = format->columns[i].name;
        cursors[i] = (struct cursor){name, strlen(name)};
    }
    add_row(format, cursors, true);
    add_rule(format, 1);
    arena_fini(&arena);
}

static void aligned_page(struct format *format)
{
    struct arena arena = {0};
    struct cursor *cursors =
        arena_array(&arena, struct cursor, format->column_count + 1);

    wrap_columns(format);
    for (size_t r = 0; r < format->held_count; r++) {
        for (size_t i = 0; i < format->column_count; i++) {
            cursors[i].text =
                format_text(format, &format->held[r].cells[i], &cursors[i].rest);
        }
        add_row(format, cursors, false);
        format_drain(format, false);
    }
    arena_fini(&arena);
}

static void add_footer(struct format *format, const char *footer)
{
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    if (text != NULL) {
        buf_adds(&format->out, text);
        buf_addc(&format->out, '\n');
    }
}

static void aligned_end(struct format *format, const char *footer)
{
    if (format->options->border == 2) {
        add_rule(format, 2);
    }
    add_footer(format, footer);
    buf_addc(&format->out, '\n');
}

const struct format_ops format_aligned = {
    .pages = true, .begin = aligned_begin, .page = aligned_page, .end = aligned_end};

static void expanded_begin(struct format *format)
{
    add_title(format);
}

static size_t widest(const size_t *widths, size_t count)
{
    size_t width = 0;

    for (size_t i = 0; i < count; i++) {
        width = widths[i] > width ? widths[i] : width;
    }
    return width;
}

static size_t name_width(const struct format *format)
{
    size_t width = 0;

    for (size_t i = 0; i < format->column_count; i++) {
        const char *name = format->columns[i].name;
        size_t w = format_text_width(name, strlen(name));
        width = w > width ? w : width;
    }
    return width;
}

static void record_line(struct format *format, size_t number, size_t names, size_t data)
{
    const struct lines *lines = style(format);
    int border = format->options->border;
    struct buf *out = &format->out;
    char label[64];
    size_t used;

    if (format->options->tuples_only) {
        if (number > 1) {
            buf_addc(out, '\n');
        }
        return;
    }
    if (border == 0) {
        buf_addf(out, "* Record %zu\n", number);
        return;
    }
    snprintf(label, sizeof(label), "[ RECORD %zu ]", number);
    buf_adds(out, border == 2 ? lines->joints[number == 1 ? 0 : 1][0] : "");
    buf_adds(out, lines->hline);
    buf_adds(out, label);
    used = strlen(label) + 1;
    if (names + data + 3 > 200) {
        data = names + 3 < 200 ? 197 - names : 0;
    }
    for (size_t at = used; at < names + data + (border == 2 ? 5 : 4); at++) {
        bool joint = at == names + (border == 2 ? 2 : 1);
        buf_adds(out, joint ? lines->joints[number == 1 ? 0 : 1][1] : lines->hline);
    }
    buf_adds(out, border == 2 ? lines->joints[number == 1 ? 0 : 1][2] : "");
    buf_addc(out, '\n');
}

static void expanded_cell(struct format *format, size_t column,
                          const struct format_cell *cell, size_t names, size_t data)
{
    const struct lines *lines = style(format);
    int border = format->options->border;
    struct buf *out = &format->out;
    const char *name = format->columns[column].name;
    struct cursor at = {0};
    bool first = true;

    at.text = format_text(format, cell, &at.rest);
    while (at.text != NULL) {
        size_t len;
        const char *text = next_line(&at.text, &at.rest, 0, &len);
        size_t shown = first ? str_width(name, strlen(name)) : 0;
        buf_adds(out, border == 2 ? lines->vline : "");
        buf_adds(out, border == 2 ? " " : "");
        buf_adds(out, first ? name : "");
        buf_pad(out, ' ', names > shown ? names - shown : 0);
        buf_addc(out, ' ');
        if (border > 0) {
            buf_adds(out, lines->vline);
            buf_addc(out, ' ');
        }
        buf_add(out, text, len);
        if (border == 2) {
            size_t w = str_width(text, len);
            buf_pad(out, ' ', data > w ? data - w : 0);
            buf_addc(out, ' ');
            buf_adds(out, lines->vline);
        } else if (at.text != NULL) {
            size_t w = str_width(text, len);
            size_t screen = (size_t)format->options->width;
            bool fits = screen == 0 || names + data + 4 <= screen;
            buf_pad(out, ' ', fits && data > w ? data - w : 0);
            buf_adds(out, lines->more);
        }
        buf_addc(out, '\n');
        first = false;
    }
}

static void expanded_page(struct format *format)
{
    size_t names = name_width(format);
    size_t data = 0;

    for (size_t r = 0; r < format->held_count; r++) {
        for (size_t i = 0; i < format->column_count; i++) {
            size_t len;
            const char *text = format_text(format, &format->held[r].cells[i], &len);
            size_t width = format_text_width(text, len);
            data = width > data ? width : data;
        }
    }
    for (size_t r = 0; r < format->held_count; r++) {
        record_line(format, format->rows - format->held_count + r + 1, names, data);
        for (size_t i = 0; i < format->column_count; i++) {
            expanded_cell(format, i, &format->held[r].cells[i], names, data);
        }
        format_drain(format, false);
    }
    format->widths[0] = data;
}

static void expanded_end(struct format *format, const char *footer)
{
    const struct lines *lines = style(format);

    if (format->rows > 0 && format->options->border == 2) {
        struct buf *out = &format->out;
        buf_adds(out, lines->joints[2][0]);
        repeat(out, lines->hline, name_width(format) + 2);
        buf_adds(out, lines->joints[2][1]);
        repeat(out, lines->hline, widest(format->widths, 1) + 2);
        buf_adds(out, lines->joints[2][2]);
        buf_addc(out, '\n');
    }
    if (format->rows == 0 || (footer != NULL && footer[0] != '\0')) {
        add_footer(format, footer);
    }
    buf_addc(&format->out, '\n');
}

const struct format_ops format_expanded = {
    .pages = true, .begin = expanded_begin, .page = expanded_page, .end = expanded_end};

static void markdown_cell(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '|' || text[i] == '\\') {
            buf_addc(out, '\\');
        }
        if (text[i] == '\n') {
            buf_adds(out, "<br>");
        } else if (text[i] == '<') {
            buf_adds(out, "&lt;");
        } else if (text[i] != '\r') {
            buf_addc(out, text[i]);
        }
    }
}

static void markdown_begin(struct format *format)
{
    struct buf *out = &format->out;

    if (format->options->tuples_only) {
        return;
    }
    if (format->options->title != NULL) {
        buf_addf(out, "**%s**\n\n", format->options->title);
    }
    for (size_t i = 0; i < format->column_count; i++) {
        buf_adds(out, i == 0 ? "| " : " | ");
        markdown_cell(out, format->columns[i].name, strlen(format->columns[i].name));
    }
    buf_adds(out, " |\n|");
    for (size_t i = 0; i < format->column_count; i++) {
        buf_adds(out, format->columns[i].kind == FORMAT_NUMBER ? " ---: |" : " --- |");
    }
    buf_addc(out, '\n');
}

static void markdown_row(struct format *format, const struct format_cell *cells,
                         size_t index)
{
    (void)index;
    for (size_t i = 0; i < format->column_count; i++) {
        size_t len;
        const char *text = format_text(format, &cells[i], &len);
        buf_adds(&format->out, i == 0 ? "| " : " | ");
        markdown_cell(&format->out, text, len);
    }
    buf_adds(&format->out, " |\n");
}

static void markdown_end(struct format *format, const char *footer)
{
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    if (text != NULL) {
        buf_addf(&format->out, "\n%s\n", text);
    }
}

const struct format_ops format_markdown = {
    .begin = markdown_begin, .row = markdown_row, .end = markdown_end};
