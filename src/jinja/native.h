/*
 * Native rendering: parts of a template that keep their type; and the text of blocks,
 * macros and recursive loops, which Jinja joins by another rule.
 */
#ifndef JINJA_NATIVE_H
#define JINJA_NATIVE_H

#include "jinja/internal.h"

struct native {
    struct value parts; /* list */
    bool text_open;     /* the last part is constant text that may be added to */
};

void native_init(struct native *native, struct arena *arena);
int native_add(struct jinja_run *run, struct native *native, struct value v,
               bool constant);
int native_result(struct jinja_run *run, struct native *native, struct value *out);

/* The output of a part of the template that becomes a value. */
struct capture {
    struct native *outer; /* of the render around it; NULL when it is no native one */
    struct native own;
    size_t mark;
};

void capture_begin(struct jinja_run *run, struct capture *capture);
/*
 * Ends it; after errors with `rc` -1. Gives the text, Markup where autoescape
 * is on. In native renders all parts must be strings already, as in "".join(): else
 * TypeError.
 */
int capture_end(struct jinja_run *run, struct capture *capture, int rc,
                struct value *out);

#endif
