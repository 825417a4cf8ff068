/* Native rendering: parts of a template that keep their type. */
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

#endif
