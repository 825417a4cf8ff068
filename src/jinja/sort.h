/* Stable sorting by keys, and the keys that filters sort by. */
#ifndef JINJA_SORT_H
#define JINJA_SORT_H

#include "jinja/internal.h"

/* Sorts `items` (a list) in place by the parallel list `keys`, as sorted() does. */
int sort_by(struct jinja_run *run, struct value items, struct value keys, bool reverse);

/* `attribute` of filters: "a.b.0" or an index; missing or none = the item itself. */
int sort_attribute(struct jinja_run *run, struct value item, struct value attribute,
                   struct value fallback, struct value *out);
/* Lower case unless it is no string. */
struct value sort_ignore_case(struct jinja_run *run, struct value v);

#endif
