/* Links around URLs and addresses in text. */
#ifndef JINJA_URLIZE_H
#define JINJA_URLIZE_H

#include "jinja/internal.h"

struct urlize_options {
    int64_t limit;          /* characters of a link's text; -1 = all */
    const char *attributes; /* ` rel="…" target="…"`, escaped */
    struct value schemes;   /* list of further prefixes that make a link, or none */
};

/* Appends the text, escaped, with links. */
void urlize(struct jinja_run *run, struct value text, const struct urlize_options *o,
            struct buf *out);

#endif
