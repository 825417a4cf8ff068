/* Unaligned, CSV, JSON and HTML. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "shell/format_impl.h"
#include "value/json.h"

static void unaligned_begin(struct format *format)
{
    const struct format_options *options = format->options;

    if (options->tuples_only) {
        return;
    }
    if (options->title != NULL) {
        buf_adds(&format->out, options->title);
        buf_adds(&format->out, options->recordsep);
    }
    if (format->expanded) {
        return;
    }
    for (size_t i = 0; i < format->column_count; i++) {
        buf_adds(&format->out, i > 0 ? options->fieldsep : "");
        buf_adds(&format->out, format->columns[i].name);
    }
    buf_adds(&format->out, options->recordsep);
}

static void unaligned_row(struct format *format, const struct format_cell *cells,
                          size_t index)
{
    const struct format_options *options = format->options;

    bool titled = options->title != NULL && !options->tuples_only;

    if (format->expanded && (index > 0 || titled)) {
        buf_adds(&format->out, options->recordsep);
    }
    for (size_t i = 0; i < format->column_count; i++) {
        size_t len;
        const char *text = format_text(format, &cells[i], &len);
        if (format->expanded) {
            buf_adds(&format->out, format->columns[i].name);
            buf_adds(&format->out, options->fieldsep);
        } else if (i > 0) {
            buf_adds(&format->out, options->fieldsep);
        }
        buf_add(&format->out, text, len);
        if (format->expanded) {
            buf_adds(&format->out, options->recordsep);
        }
    }
    if (!format->expanded) {
        buf_adds(&format->out, options->recordsep);
    }
}

static void unaligned_end(struct format *format, const char *footer)
{
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    if (text != NULL && (!format->expanded || footer != NULL)) {
        buf_adds(&format->out, text);
        buf_addc(&format->out, '\n');
    }
}

const struct format_ops format_unaligned = {
    .begin = unaligned_begin, .row = unaligned_row, .end = unaligned_end};

static void csv_cell(struct format *format, const char *text, size_t len)
{
    struct buf *out = &format->out;
    bool quote = (len == 2 && memcmp(text, "\\.", 2) == 0);

    for (size_t i = 0; i < len && !quote; i++) {
        quote = text[i] == format->options->csv_fieldsep || text[i] == '"' ||
                text[i] == '\n' || text[i] == '\r';
    }
    if (!quote) {
        buf_add(out, text, len);
        return;
    }
    buf_addc(out, '"');
    for (size_t i = 0; i < len; i++) {
        buf_adds(out, text[i] == '"' ? "\"" : "");
        buf_addc(out, text[i]);
    }
    buf_addc(out, '"');
}

static void csv_begin(struct format *format)
{
    if (format->options->tuples_only || format->expanded) {
        return;
    }
    for (size_t i = 0; i < format->column_count; i++) {
        if (i > 0) {
            buf_addc(&format->out, format->options->csv_fieldsep);
        }
        csv_cell(format, format->columns[i].name, strlen(format->columns[i].name));
    }
    buf_addc(&format->out, '\n');
}

static void csv_row(struct format *format, const struct format_cell *cells,
                    size_t index)
{
    (void)index;
    for (size_t i = 0; i < format->column_count; i++) {
        size_t len;
        const char *text = format_text(format, &cells[i], &len);
        if (format->expanded) {
            csv_cell(format, format->columns[i].name, strlen(format->columns[i].name));
        }
        if (i > 0 || format->expanded) {
            buf_addc(&format->out, format->options->csv_fieldsep);
        }
        csv_cell(format, text, len);
        if (format->expanded) {
            buf_addc(&format->out, '\n');
        }
    }
    if (!format->expanded) {
        buf_addc(&format->out, '\n');
    }
}

static void no_end(struct format *format, const char *footer)
{
    (void)format;
    (void)footer;
}

const struct format_ops format_csv = {
    .begin = csv_begin, .row = csv_row, .end = no_end};

/* Whether the text is a number in JSON's own grammar. */
static bool is_json_number(const char *text, size_t len)
{
    size_t i = len > 0 && text[0] == '-' ? 1 : 0;
    size_t digits = i;

    while (i < len && text[i] >= '0' && text[i] <= '9') {
        i++;
    }
    if (i == digits || (text[digits] == '0' && i > digits + 1)) {
        return false;
    }
    if (i < len && text[i] == '.') {
        digits = ++i;
        while (i < len && text[i] >= '0' && text[i] <= '9') {
            i++;
        }
        if (i == digits) {
            return false;
        }
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < len && (text[i] == '-' || text[i] == '+');
        digits = i;
        while (i < len && text[i] >= '0' && text[i] <= '9') {
            i++;
        }
        if (i == digits) {
            return false;
        }
    }
    return i == len;
}

static void json_cell(struct format *format, size_t column,
                      const struct format_cell *cell)
{
    struct buf *out = &format->out;
    enum format_cell_kind kind = format->columns[column].kind;

    if (cell->text == NULL) {
        buf_adds(out, "null");
    } else if (cell->json != NULL) {
        buf_adds(out, cell->json);
    } else if (kind == FORMAT_NUMBER && is_json_number(cell->text, cell->len)) {
        buf_add(out, cell->text, cell->len);
    } else if (kind == FORMAT_BOOL && str_ieq_n(cell->text, cell->len, "true")) {
        buf_adds(out, "true");
    } else if (kind == FORMAT_BOOL && str_ieq_n(cell->text, cell->len, "false")) {
        buf_adds(out, "false");
    } else {
        json_write_str(cell->text, cell->len, 0, out);
    }
}

static void json_object(struct format *format, const struct format_cell *cells)
{
    struct buf *out = &format->out;

    buf_addc(out, '{');
    for (size_t i = 0; i < format->column_count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        json_write_str(format->columns[i].name, strlen(format->columns[i].name), 0,
                       out);
        buf_addc(out, ':');
        json_cell(format, i, &cells[i]);
    }
    buf_addc(out, '}');
}

static void no_begin(struct format *format)
{
    (void)format;
}

static void jsonl_row(struct format *format, const struct format_cell *cells,
                      size_t index)
{
    (void)index;
    json_object(format, cells);
    buf_addc(&format->out, '\n');
}

const struct format_ops format_jsonl = {
    .begin = no_begin, .row = jsonl_row, .end = no_end};

static void json_begin(struct format *format)
{
    buf_addc(&format->out, '[');
}

static void json_row(struct format *format, const struct format_cell *cells,
                     size_t index)
{
    buf_adds(&format->out, index > 0 ? ",\n " : "");
    json_object(format, cells);
}

static void json_end(struct format *format, const char *footer)
{
    (void)footer;
    buf_adds(&format->out, "]\n");
}

const struct format_ops format_json = {
    .begin = json_begin, .row = json_row, .end = json_end};

static void html_text(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        case '\n':
            buf_adds(out, "<br />\n");
            break;
        default:
            buf_addc(out, text[i]);
        }
    }
}

static void html_begin(struct format *format)
{
    const struct format_options *options = format->options;
    struct buf *out = &format->out;

    buf_addf(out, "<table border=\"%d\"", options->border);
    if (options->tableattr != NULL) {
        buf_addf(out, " %s", options->tableattr);
    }
    buf_adds(out, ">\n");
    if (options->title != NULL && !options->tuples_only) {
        buf_adds(out, "  <caption>");
        html_text(out, options->title, strlen(options->title));
        buf_adds(out, "</caption>\n");
    }
    if (options->tuples_only || format->expanded) {
        return;
    }
    buf_adds(out, "  <tr>\n");
    for (size_t i = 0; i < format->column_count; i++) {
        buf_adds(out, "    <th align=\"center\">");
        html_text(out, format->columns[i].name, strlen(format->columns[i].name));
        buf_adds(out, "</th>\n");
    }
    buf_adds(out, "  </tr>\n");
}

static void html_row(struct format *format, const struct format_cell *cells,
                     size_t index)
{
    struct buf *out = &format->out;

    if (format->expanded && format->options->tuples_only) {
        buf_adds(out, "\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n");
    } else if (format->expanded) {
        buf_addf(out,
                 "\n  <tr><td colspan=\"2\" align=\"center\">Record %zu</td></tr>\n",
                 index + 1);
    }
    buf_adds(out, format->expanded ? "" : "  <tr valign=\"top\">\n");
    for (size_t i = 0; i < format->column_count; i++) {
        bool number = format->columns[i].kind == FORMAT_NUMBER;
        size_t len;
        const char *text = format_text(format, &cells[i], &len);
        if (format->expanded) {
            buf_adds(out, "  <tr valign=\"top\">\n    <th>");
            html_text(out, format->columns[i].name, strlen(format->columns[i].name));
            buf_adds(out, "</th>\n");
        }
        buf_addf(out, "    <td align=\"%s\">", number ? "right" : "left");
        if (strspn(text, " \t") == len) {
            buf_adds(out, "&nbsp; ");
        } else {
            html_text(out, text, len);
        }
        buf_adds(out, format->expanded ? "</td>\n  </tr>\n" : "</td>\n");
    }
    buf_adds(out, format->expanded ? "" : "  </tr>\n");
}

static void html_end(struct format *format, const char *footer)
{
    char space[64];
    const char *text = format_footer(format, footer, space, sizeof(space));

    buf_adds(&format->out, "</table>\n");
    if (text != NULL && (!format->expanded || footer != NULL)) {
        buf_adds(&format->out, "<p>");
        html_text(&format->out, text, strlen(text));
        buf_adds(&format->out, "<br />\n</p>");
    }
    buf_addc(&format->out, '\n');
}

const struct format_ops format_html = {
    .begin = html_begin, .row = html_row, .end = html_end};
