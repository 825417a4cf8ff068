/* Shared by the format_*.c files only. */
#ifndef SHELL_FORMAT_IMPL_H
#define SHELL_FORMAT_IMPL_H

#include "base/arena.h"
#include "shell/format.h"

struct format_held {
    struct format_cell *cells;
};

struct format {
    const struct format_options *options;
    struct format_column *columns;
    size_t column_count;
    format_sink *sink;
    void *context;
    struct buf out;
    bool failed;
    bool expanded;
    bool decided; /* whether `expanded` is final */
    bool begun;   /* the heading is written */
    size_t rows;
    size_t *widths;    /* of columns, in screen columns */
    size_t *shown;     /* the same as they are written: wrapped ones are narrower */
    size_t data_width; /* expanded: of all cells so far */
    bool data_breaks;  /* expanded: a cell had several lines */
    struct arena page; /* cells that are held back */
    struct format_held *held;
    size_t held_count;
    struct arena arena; /* columns, widths */
};

/* One per format; unused functions are NULL. */
struct format_ops {
    bool pages; /* holds rows back to align them */
    void (*begin)(struct format *format);
    void (*row)(struct format *format, const struct format_cell *cells, size_t index);
    void (*page)(struct format *format);
    void (*end)(struct format *format, const char *footer);
};

extern const struct format_ops format_aligned;
extern const struct format_ops format_expanded;
extern const struct format_ops format_unaligned;
extern const struct format_ops format_csv;
extern const struct format_ops format_json;
extern const struct format_ops format_jsonl;
extern const struct format_ops format_markdown;
extern const struct format_ops format_html;

/* What tables are drawn with. */
struct format_lines {
    const char *hline;
    const char *vline;
    const char *joints[3][3]; /* top, heading, bottom; left, middle, right */
    const char *newline;      /* the cell goes on in its next line */
    const char *wrapped;      /* the line was cut, before and behind the cut */
};

const struct format_lines *format_lines(const struct format *format);
void format_repeat(struct buf *out, const char *text, size_t count);

/* How what is left of a cell follows on what was written. */
enum format_mark { FORMAT_MARK_NONE, FORMAT_MARK_WRAP, FORMAT_MARK_NEWLINE };

struct format_cursor {
    const char *text; /* NULL: used up */
    size_t rest;      /* bytes */
    enum format_mark mark;
};

/*
 * The next piece of a cell that is not used up: up to a newline, and to `width` screen
 * columns unless that is 0. `*used` is how wide it is.
 */
const char *format_piece(struct format_cursor *cursor, size_t width, size_t *len,
                         size_t *used);
/* Width of the rows so far as an aligned table, borders and all. */
size_t format_table_width(const struct format *format);

/* Hands `out` to the sink once it is large, or at once with `force`. */
void format_drain(struct format *format, bool force);
/* Cell's text, or the null text. */
const char *format_text(const struct format *format, const struct format_cell *cell,
                        size_t *len);
/* Columns of the widest line of a text with newlines. */
size_t format_text_width(const char *text, size_t len);
/* "(N rows)" or the caller's footer; NULL when there is none to show. */
const char *format_footer(struct format *format, const char *footer, char *space,
                          size_t size);

#endif
