/*
 * Tables in every output format, written row by row. Aligned and markdown output is
 * aligned in pages: rows are held until FORMAT_PAGE_ROWS of them are there, so that a
 * result of any length takes constant memory; later pages never get narrower columns.
 */
#ifndef SHELL_FORMAT_H
#define SHELL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define FORMAT_KINDS(X)                                                                \
    X(ALIGNED, "aligned")                                                              \
    X(WRAPPED, "wrapped")                                                              \
    X(UNALIGNED, "unaligned")                                                          \
    X(CSV, "csv")                                                                      \
    X(JSON, "json")   /* one array of objects */                                       \
    X(JSONL, "jsonl") /* one object per line */                                        \
    X(MARKDOWN, "markdown")                                                            \
    X(HTML, "html")

enum format_kind {
#define X(name, text) FORMAT_##name,
    FORMAT_KINDS(X)
#undef X
        FORMAT_KIND_COUNT
};

enum format_expanded { FORMAT_EXPANDED_OFF, FORMAT_EXPANDED_ON, FORMAT_EXPANDED_AUTO };
enum format_linestyle { FORMAT_ASCII, FORMAT_UNICODE };

/* What \pset sets. Strings are owned by struct print. */
struct format_options {
    enum format_kind kind;
    enum format_expanded expanded;
    enum format_linestyle linestyle;
    int border; /* 0-2 */
    bool tuples_only;
    bool footer;
    const char *null_text;
    const char *fieldsep;
    const char *recordsep;
    const char *title;     /* NULL: none */
    const char *tableattr; /* html; NULL: none */
    char csv_fieldsep;
    int width;     /* columns of the screen; 0: unlimited */
    bool sanitize; /* cells go to a terminal: make control bytes harmless */
};

enum format_cell_kind {
    FORMAT_TEXT,
    FORMAT_NUMBER, /* right-aligned; a JSON number when it is one */
    FORMAT_BOOL,   /* TRUE/FALSE; a JSON boolean */
    FORMAT_NESTED  /* the cell's text is JSON already where `json` says so */
};

struct format_column {
    const char *name;
    enum format_cell_kind kind;
};

struct format_cell {
    const char *text; /* NULL: SQL NULL */
    size_t len;
    const char *json; /* the value as JSON text for JSON formats; NULL: by kind */
};

#define FORMAT_PAGE_ROWS  1000
#define FORMAT_PAGE_BYTES ((size_t)8 * 1024 * 1024)

/* Receives finished output; returns -1 when nobody reads it any more. */
typedef int format_sink(void *context, const char *data, size_t len);

struct format; /* a table that is being written */

/* `columns` are copied; `options` are borrowed until format_free(). */
struct format *format_new(const struct format_options *options,
                          const struct format_column *columns, size_t count,
                          format_sink *sink, void *context);
/* Returns -1 once the sink has failed. */
int format_row(struct format *format, const struct format_cell *cells);
/* Writes what is held back, so that it can be seen. */
int format_flush(struct format *format);
/*
 * Ends the table. `footer` NULL means "(N rows)". Returns -1 when the sink has failed.
 */
int format_end(struct format *format, const char *footer);
void format_free(struct format *format);
size_t format_rows(const struct format *format);

/* By name or unique prefix; false when there is none or more than one. */
bool format_kind_parse(const char *text, enum format_kind *out);
const char *format_kind_name(enum format_kind kind);

#endif
