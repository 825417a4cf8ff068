#include "config.h"

#include "shell/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/term.h"
#include "base/xmalloc.h"
#include "shell/format_impl.h"

#define DRAIN_BYTES ((size_t)64 * 1024)

static const char *const kind_names[] = {
#define X(name, text) [FORMAT_##name] = text,
    FORMAT_KINDS(X)
#undef X
};

const char *format_kind_name(enum format_kind kind)
{
    return kind_names[kind];
}

bool format_kind_parse(const char *text, enum format_kind *out)
{
    size_t len = strlen(text);
    int found = 0;

    for (int i = 0; i < FORMAT_KIND_COUNT; i++) {
        if (str_ieq(kind_names[i], text)) {
            *out = (enum format_kind)i;
            return true;
        }
        if (len > 0 && strncmp(kind_names[i], text, len) == 0) {
            *out = (enum format_kind)i;
            found++;
        }
    }
    return found == 1;
}

static const struct format_ops *ops(const struct format *format)
{
    static const struct format_ops *const all[] = {
        [FORMAT_ALIGNED] = &format_aligned,     [FORMAT_WRAPPED] = &format_aligned,
        [FORMAT_UNALIGNED] = &format_unaligned, [FORMAT_CSV] = &format_csv,
        [FORMAT_JSON] = &format_json,           [FORMAT_JSONL] = &format_jsonl,
        [FORMAT_MARKDOWN] = &format_markdown,   [FORMAT_HTML] = &format_html,
    };
    enum format_kind kind = format->options->kind;

    if (format->expanded && (kind == FORMAT_ALIGNED || kind == FORMAT_WRAPPED)) {
        return &format_expanded;
    }
    return all[kind];
}

void format_drain(struct format *format, bool force)
{
    if (format->out.len == 0 || (!force && format->out.len < DRAIN_BYTES)) {
        return;
    }
    if (!format->failed &&
        format->sink(format->context, format->out.data, format->out.len) != 0) {
        format->failed = true;
    }
    buf_reset(&format->out);
}

/* Clean copy of a cell's text in `arena`. */
static const char *clean(struct arena *arena, const char *text, size_t *len, bool lines)
{
    size_t i = 0;
    char *copy;

    while (i < *len && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f &&
           (unsigned char)text[i] != 0xc2) {
        i++;
    }
    if (i == *len) {
        return text;
    }
    copy = arena_alloc(arena, *len * 4 + 8);
    *len = term_sanitize(text, *len, lines, copy, *len * 4 + 8);
    return copy;
}

struct format *format_new(const struct format_options *options,
                          const struct format_column *columns, size_t count,
                          format_sink *sink, void *context)
{
    struct format *format = xcalloc(1, sizeof(*format));

    format->options = options;
    format->sink = sink;
    format->context = context;
    format->column_count = count;
    format->columns = arena_array(&format->arena, struct format_column, count + 1);
    format->widths = arena_array(&format->arena, size_t, count + 1);
    format->shown = arena_array(&format->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(columns[i].name);
        const char *name = arena_strdup(&format->arena, columns[i].name);
        if (options->sanitize) {
            name = clean(&format->arena, name, &len, true);
        }
        format->columns[i] = (struct format_column){name, columns[i].kind};
        format->widths[i] = format_text_width(name, len);
    }
    format->held = arena_array(&format->arena, struct format_held, FORMAT_PAGE_ROWS);
    format->expanded = options->expanded == FORMAT_EXPANDED_ON;
    format->decided = options->expanded != FORMAT_EXPANDED_AUTO;
    return format;
}

void format_free(struct format *format)
{
    if (format == NULL) {
        return;
    }
    buf_fini(&format->out);
    arena_fini(&format->page);
    arena_fini(&format->arena);
    free(format);
}

size_t format_rows(const struct format *format)
{
    return format->rows;
}

const char *format_text(const struct format *format, const struct format_cell *cell,
                        size_t *len)
{
    const char *text = cell->text;

    if (text == NULL) {
        text = format->options->null_text != NULL ? format->options->null_text : "";
        *len = strlen(text);
        return text;
    }
    *len = cell->len;
    return text;
}

size_t format_text_width(const char *text, size_t len)
{
    size_t width = 0;

    for (;;) {
        const char *end = memchr(text, '\n', len);
        size_t n = end != NULL ? (size_t)(end - text) : len;
        size_t w = str_width(text, n);
        width = w > width ? w : width;
        if (end == NULL) {
            return width;
        }
        text = end + 1;
        len -= n + 1;
    }
}

const char *format_footer(struct format *format, const char *footer, char *space,
                          size_t size)
{
    if (format->options->tuples_only || !format->options->footer) {
        return NULL;
    }
    if (footer != NULL) {
        return footer[0] != '\0' ? footer : NULL;
    }
    snprintf(space, size, format->rows == 1 ? "(%zu row)" : "(%zu rows)", format->rows);
    return space;
}

static void write_page(struct format *format)
{
    const struct format_ops *how;

    for (size_t r = 0; r < format->held_count; r++) {
        for (size_t i = 0; i < format->column_count; i++) {
            size_t len;
            const char *text = format_text(format, &format->held[r].cells[i], &len);
            size_t width = format_text_width(text, len);
            format->widths[i] = width > format->widths[i] ? width : format->widths[i];
        }
    }
    if (!format->decided) {
        format->decided = true;
        format->expanded = format->options->width > 0 && format->column_count > 1 &&
                           format_table_width(format) > (size_t)format->options->width;
    }
    how = ops(format);
    if (!format->begun) {
        format->begun = true;
        how->begin(format);
    }
    if (how->page != NULL) {
        how->page(format);
    } else {
        size_t first = format->rows - format->held_count;
        for (size_t r = 0; r < format->held_count; r++) {
            how->row(format, format->held[r].cells, first + r);
        }
    }
    format->held_count = 0;
    arena_reset(&format->page);
    format_drain(format, false);
}

/* JSON and CSV cells keep their bytes: their own quoting makes JSON harmless. */
static bool must_clean(const struct format *format)
{
    return format->options->sanitize && format->options->kind != FORMAT_JSON &&
           format->options->kind != FORMAT_JSONL;
}

static void hold(struct format *format, const struct format_cell *cells)
{
    size_t n = format->column_count;
    struct format_cell *copy = arena_array(&format->page, struct format_cell, n + 1);

    for (size_t i = 0; i < n; i++) {
        copy[i] = cells[i];
        if (cells[i].text == NULL) {
            continue;
        }
        copy[i].text = arena_strndup(&format->page, cells[i].text, cells[i].len);
        if (must_clean(format)) {
            copy[i].text = clean(&format->page, copy[i].text, &copy[i].len, true);
        }
        if (cells[i].json != NULL) {
            copy[i].json = arena_strdup(&format->page, cells[i].json);
        }
    }
    format->held[format->held_count++].cells = copy;
}

int format_row(struct format *format, const struct format_cell *cells)
{
    bool pages = ops(format)->pages || !format->decided;

    if (format->failed) {
        return -1;
    }
    hold(format, cells);
    format->rows++;
    if (!pages || format->held_count == FORMAT_PAGE_ROWS ||
        format->page.total > FORMAT_PAGE_BYTES) {
        write_page(format);
    }
    return format->failed ? -1 : 0;
}

int format_flush(struct format *format)
{
    if (format->held_count > 0) {
        write_page(format);
    }
    format_drain(format, true);
    return format->failed ? -1 : 0;
}

int format_end(struct format *format, const char *footer)
{
    if (format->held_count > 0 || !format->begun) {
        write_page(format);
    }
    ops(format)->end(format, footer);
    format_drain(format, true);
    return format->failed ? -1 : 0;
}
