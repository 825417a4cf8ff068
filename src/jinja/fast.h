/* Short cuts for the tests that templates use all the time. */
#ifndef JINJA_FAST_H
#define JINJA_FAST_H

#include "jinja/internal.h"

enum fast_test { FAST_NOTHING, FAST_DEFINED, FAST_UNDEFINED, FAST_NONE, FAST_STRING };

/* False when the test must be called. */
static inline bool fast_test(const struct builtin *builtin, struct value v, bool *out)
{
    if (builtin == NULL) {
        return false;
    }
    switch (builtin->fast) {
    case FAST_DEFINED:
        *out = v.type != VALUE_UNDEFINED;
        return true;
    case FAST_UNDEFINED:
        *out = v.type == VALUE_UNDEFINED;
        return true;
    case FAST_NONE:
        *out = v.type == VALUE_NONE;
        return true;
    case FAST_STRING:
        *out = v.type == VALUE_STRING;
        return true;
    default:
        return false;
    }
}

#endif
