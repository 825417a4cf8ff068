/* Types of result columns: the DataType object of the REST API, and cells as text. */
#ifndef FLINK_TYPE_H
#define FLINK_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

enum flink_type_shape {
    FLINK_ATOM,     /* a string or null */
    FLINK_ARRAY,    /* element */
    FLINK_MULTISET, /* element, count */
    FLINK_MAP,      /* key, value */
    FLINK_ROW       /* fields; also structured types */
};

struct flink_type {
    enum flink_type_shape shape;
    const char *name; /* as in the API: "VARCHAR", "TIMESTAMP_WITHOUT_TIME_ZONE" */
    const char *text; /* Flink's serializable form without top-level NOT NULL:
                         "VARCHAR(2147483647)", "ROW<`a` INT NOT NULL>" */
    bool nullable;
    const struct flink_type *key; /* also the element of an array or multiset */
    const struct flink_type *value;
    const struct flink_column *fields;
    size_t field_count;
};

struct flink_column {
    const char *name;
    struct flink_type type;
};

/*
 * Decodes a DataType object (depth at most 50). A type name that is not known stays as
 * it is, as an atom. ERR_SERVER when the object is malformed.
 */
int flink_type_decode(struct value json, struct arena *arena, struct flink_type *out,
                      struct err *err);

/* Whether cells of the type are numbers: for right alignment and JSON output. */
bool flink_type_numeric(const struct flink_type *type);

/*
 * Checks that a cell has the shape of its type (ERR_SERVER otherwise; `column` for the
 * message).
 */
int flink_cell_check(const struct flink_type *type, struct value cell,
                     const char *column, struct err *err);

/*
 * Appends a cell as Flink's CAST to STRING shows it: atoms as they came, `[a, b]` for
 * arrays, `{k=v}` for maps and multisets, `(a, b)` for rows, NULL inside of those. A
 * top-level null appends nothing.
 */
void flink_cell_text(const struct flink_type *type, struct value cell, struct buf *out);

/* The name quoted with backquotes, inner ones doubled. */
void flink_quote_name(const char *name, struct buf *out);
/* The text as an SQL string literal. */
void flink_quote_text(const char *text, struct buf *out);

#endif
