/* Which loops use `loop`, and which macros `caller`, `kwargs` and `varargs`. */
#ifndef JINJA_MENTION_H
#define JINJA_MENTION_H

#include "base/err.h"
#include "jinja/node.h"

enum mention_bit {
    MENTION_BIT_LOOP,
    MENTION_BIT_CALLER,
    MENTION_BIT_KWARGS,
    MENTION_BIT_VARARGS
};

/* How deep the stack may grow over one template's tree, in bytes. */
#define RESOLVE_MAX_STACK ((ptrdiff_t)2 * 1024 * 1024)

/* Sets `extended` of loops and `uses_…` of macros and call blocks. */
int mention_mark(const struct node_list *body, struct err *err);

#endif
