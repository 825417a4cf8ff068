/* Python's textwrap.wrap(), for one line. */
#ifndef JINJA_WRAP_H
#define JINJA_WRAP_H

#include "jinja/internal.h"

struct wrap_options {
    int64_t width; /* characters, above 0 */
    bool break_long;
    bool break_hyphens;
};

/* Appends the wrapped line, its parts joined by `separator`. */
void wrap_line(struct value line, const struct wrap_options *o, struct value separator,
               struct buf *out);

#endif
