/* Python's numbers: integers of any size and floats. */
#ifndef JINJA_NUMBER_H
#define JINJA_NUMBER_H

#include "jinja/internal.h"

#define NUMBER_UNORDERED 2 /* a NaN is involved */

int number_binary(struct jinja_run *run, char op, struct value a, struct value b,
                  struct value *out);
int number_unary(struct jinja_run *run, char op, struct value v, struct value *out);
int number_order(struct value a, struct value b); /* -1, 0, 1, NUMBER_UNORDERED */

/* Attributes of numbers: 1 = found, 0 = not. */
int number_attr(struct jinja_run *run, struct value v, int id, struct value *out);

/* A number as float: raises OverflowError when it is too large. */
int number_float(struct jinja_run *run, struct value v, double *out);
/* int() of a float. */
int number_truncate(struct jinja_run *run, double f, struct value *out);
/* int(text, base) and float(text) of Python: 1 = read, 0 = not a number. */
int number_parse_int(struct jinja_run *run, const char *s, size_t len, int base,
                     struct value *out);
int number_parse_float(const char *s, size_t len, double *out);

#endif
