/* Python's string formatting: "%s" % x, "{}".format(x), and format specs. */
#ifndef JINJA_FORMAT_H
#define JINJA_FORMAT_H

#include "jinja/internal.h"

int format_percent(struct jinja_run *run, struct value format, struct value args,
                   struct value *out);
/* str.format: `kwargs` is a dict; also format_map. */
int format_braces(struct jinja_run *run, struct value format, const struct value *args,
                  size_t count, struct value kwargs, struct value *out);
/* Appends format(v, spec). */
int format_spec(struct jinja_run *run, struct value v, const char *spec, size_t len,
                struct buf *out);
/* Fixed notation with `decimals` places, as "%.*f" of Python. */
void format_fixed(double f, int decimals, struct buf *out);

#endif
