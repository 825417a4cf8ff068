/* Durations and time zones of templates; the parts of datetime.c that need no moment.
 */
#ifndef COMPILE_DURATION_H
#define COMPILE_DURATION_H

#include "jinja/object.h"

/* A timedelta of so many microseconds. */
struct value duration_value(struct arena *arena, int64_t us);
/* Whether `v` is a timedelta; `*us` gets its length. */
bool duration_from(struct value v, int64_t *us);
/* timedelta(days=…, …) */
int duration_new(struct jinja_call *call, struct value *out);

/* A zone of the tz database; `name` is copied. */
struct value zone_value(struct arena *arena, const char *name);
/* The zone's name, or NULL when `v` is none. */
const char *zone_name(struct value v);
/* datetime.c: zone.localize(moment) */
int datetime_localize(struct jinja_call *call, struct value *out);

/* int or float. */
bool number_from(struct value v, double *out);

#endif
