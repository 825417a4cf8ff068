/* A line for each column, laid out as psql 15 does. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "shell/format_impl.h"

/* What the page at hand is laid out by. */
struct layout {
    size_t names;     /* width of the names */
    size_t data;      /* width of the data */
    bool names_break; /* a name has several lines */
    bool data_breaks; /* a cell has, or gets, several lines */
};

static void expanded_begin(struct format *format)
{
    if (format->options->title != NULL && !format->options->tuples_only) {
        buf_addf(&format->out, "%s\n", format->options->title);
    }
}

static bool has_lines(const char *text, size_t len)
{
    return memchr(text, '\n', len) != NULL;
}

static size_t number_width(size_t number)
{
    char text[32];

    return (size_t)snprintf(text, sizeof(text), "%zu", number);
}

/* Width of the shortest line that has room for "[ RECORD n ]". */
static size_t record_width(const struct format *format)
{
    static const size_t around[] = {9, 12, 15};

    if (format->options->tuples_only) {
        return 0;
    }
    return number_width(format->rows) + around[format->options->border];
}

/* What stands between and around name and data. */
static size_t spacer_width(const struct format *format, const struct layout *layout)
{
    int border = format->options->border;
    size_t width = border == 0 ? 1 + layout->names_break : border == 1 ? 3 : 7;

    return width + (layout->data_breaks && border < 2);
}

/* The data's width: what it needs, what the record's line needs, what there is. */
static size_t fit_data(const struct format *format, const struct layout *layout)
{
    size_t record = record_width(format);
    size_t fixed = layout->names + spacer_width(format, layout);
    size_t width = fixed + layout->data;
    size_t least = fixed + 3;
    size_t screen = (size_t)format->options->width;

    width = width < record ? record : width;
    least = least < record ? record : least;
    if (format->options->kind != FORMAT_WRAPPED || screen == 0 || screen >= width) {
        return width - fixed;
    }
    return (screen < least ? least : screen) - fixed;
}

static struct layout lay_out(const struct format *format)
{
    struct layout layout = {.data = format->data_width,
                            .data_breaks = format->data_breaks};
    size_t data;

    for (size_t i = 0; i < format->column_count; i++) {
        const char *name = format->columns[i].name;
        size_t width = format_text_width(name, strlen(name));
        layout.names = width > layout.names ? width : layout.names;
        layout.names_break |= has_lines(name, strlen(name));
        for (size_t r = 0; r < format->held_count; r++) {
            size_t len;
            const char *text = format_text(format, &format->held[r].cells[i], &len);
            width = format_text_width(text, len);
            layout.data = width > layout.data ? width : layout.data;
            layout.data_breaks |= has_lines(text, len);
        }
    }
    data = fit_data(format, &layout);
    if (data < layout.data && !layout.data_breaks) {
        layout.data_breaks = true;
        data = fit_data(format, &layout);
    }
    layout.data = data;
    return layout;
}

/* The line above a record (0: none is named) or below the last; as add_rule()'s row. */
static void add_rule(struct format *format, const struct layout *layout, size_t number,
                     int row)
{
    const struct format_lines *lines = format_lines(format);
    struct buf *out = &format->out;
    int border = format->options->border;
    const char *dash = border > 0 ? lines->hline : " ";
    char label[64] = "";
    size_t at;
    size_t joint = layout->names + (border == 2 ? 2 : 1);
    size_t end = layout->names + layout->data + (border == 0 ? 0 : (size_t)border + 2);

    if (number > 0) {
        snprintf(label, sizeof(label), border == 0 ? "* Record %zu" : "[ RECORD %zu ]",
                 number);
    }
    buf_adds(out, border == 2 ? lines->joints[row][0] : "");
    buf_adds(out, border > 0 ? dash : "");
    buf_adds(out, label);
    at = strlen(label) + (border > 0);
    for (; at < end; at++) {
        buf_adds(out, border > 0 && at == joint ? lines->joints[row][1] : dash);
    }
    if (border == 2) {
        buf_adds(out, dash);
        buf_adds(out, lines->joints[row][2]);
    }
    buf_addc(out, '\n');
}

static void add_name(struct format *format, const struct layout *layout,
                     struct format_cursor *name)
{
    struct buf *out = &format->out;
    int border = format->options->border;
    bool spaced = border > 0 || layout->names_break;
    size_t len = 0;
    size_t used = 0;
    const char *text = "";

    buf_adds(out, border == 2 ? " " : "");
    if (name->text != NULL) {
        text = format_piece(name, 0, &len, &used);
    }
    buf_add(out, text, len);
    buf_pad(out, ' ', layout->names - used);
    if (spaced) {
        buf_adds(out, name->text != NULL ? format_lines(format)->newline : " ");
    }
}

static void add_data(struct format *format, const struct layout *layout,
                     struct format_cursor *data)
{
    const struct format_lines *lines = format_lines(format);
    struct buf *out = &format->out;
    bool framed = format->options->border == 2;
    size_t len;
    size_t used;
    const char *text;

    buf_adds(out, data->mark == FORMAT_MARK_WRAP ? lines->wrapped : " ");
    text = format_piece(data, layout->data, &len, &used);
    buf_add(out, text, len);
    if (framed || data->mark != FORMAT_MARK_NONE) {
        buf_pad(out, ' ', layout->data > used ? layout->data - used : 0);
        buf_adds(out, data->mark == FORMAT_MARK_WRAP      ? lines->wrapped
                      : data->mark == FORMAT_MARK_NEWLINE ? lines->newline
                                                          : " ");
    }
}

static void add_field(struct format *format, const struct layout *layout, size_t column,
                      const struct format_cell *cell)
{
    const struct format_lines *lines = format_lines(format);
    struct buf *out = &format->out;
    int border = format->options->border;
    const char *title = format->columns[column].name;
    struct format_cursor name = {title, strlen(title), FORMAT_MARK_NONE};
    struct format_cursor data = {0};

    data.text = format_text(format, cell, &data.rest);
    while (name.text != NULL || data.text != NULL) {
        buf_adds(out, border == 2 ? lines->vline : "");
        add_name(format, layout, &name);
        buf_adds(out, border > 0 ? lines->vline : "");
        if (data.text != NULL) {
            add_data(format, layout, &data);
        } else if (border == 2) {
            buf_pad(out, ' ', layout->data + 2);
        }
        buf_adds(out, border == 2 ? lines->vline : "");
        buf_addc(out, '\n');
    }
}

static void expanded_page(struct format *format)
{
    struct layout layout = lay_out(format);
    size_t first = format->rows - format->held_count;
    bool bare = format->options->tuples_only;

    format->data_width = layout.data;
    format->data_breaks = layout.data_breaks;
    for (size_t r = 0; r < format->held_count; r++) {
        size_t number = first + r + 1;
        if (!bare || number > 1 || format->options->border == 2) {
            add_rule(format, &layout, bare ? 0 : number, number == 1 ? 0 : 1);
        }
        for (size_t i = 0; i < format->column_count; i++) {
            add_field(format, &layout, i, &format->held[r].cells[i]);
        }
        format_drain(format, false);
    }
}

static void expanded_end(struct format *format, const char *footer)
{
    struct layout layout = lay_out(format);
    bool own = footer != NULL && footer[0] != '\0';
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    if (format->rows > 0 && format->options->border == 2) {
        add_rule(format, &layout, 0, 2);
    }
    if (text != NULL && (format->rows == 0 || own)) {
        buf_adds(&format->out,
                 format->rows > 0 && format->options->border < 2 ? "\n" : "");
        buf_addf(&format->out, "%s\n", text);
    }
    buf_addc(&format->out, '\n');
}

const struct format_ops format_expanded = {
    .pages = true, .begin = expanded_begin, .page = expanded_page, .end = expanded_end};
