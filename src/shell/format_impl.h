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
