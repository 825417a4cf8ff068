/* Markdown tables, as GitHub reads them. */
#include "config.h"

#include <string.h>

#include "shell/format_impl.h"

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
