/* Durations and time zones of templates: timedelta and tzinfo. */
#ifndef COMPILE_DURATION_H
#define COMPILE_DURATION_H

#include "compile/moment.h"
#include "jinja/object.h"

/* A timedelta of so many microseconds. */
struct value duration_value(struct arena *arena, int64_t us);
/* Whether `v` is a timedelta; `*us` gets its length. */
bool duration_from(struct value v, int64_t *us);
/* timedelta(days=…, …) */
int duration_new(struct jinja_call *call, struct value *out);
/* timedelta.min, .max and .resolution: 1/0. */
int duration_limit(struct arena *arena, const char *name, struct value *out);

/* A zone of the tz database; `name` is copied. */
struct value zone_value(struct arena *arena, const char *name);
/* The zone that a moment has, or None. */
struct value zone_of(struct arena *arena, const struct moment *at);
/* Gives the moment the zone `v` as its tzinfo. False when `v` is none. */
bool zone_attach(struct arena *arena, struct value v, struct moment *at);
/* Moves the moment into the zone `v`. False when that can't be. */
bool zone_convert(struct arena *arena, struct value v, struct moment *at);
/* The zone of a moment whose offset was read from text; sets its abbreviation. */
const char *zone_fixed(struct arena *arena, struct moment *at);

/* int or float. */
bool number_from(struct value v, double *out);

#endif
