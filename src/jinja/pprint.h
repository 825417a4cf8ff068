/* pprint.pformat() at a width of 80. */
#ifndef JINJA_PPRINT_H
#define JINJA_PPRINT_H

#include "jinja/internal.h"

int pprint_value(struct jinja_run *run, struct value v, struct value *out);

#endif
