/* What the files behind modules.datetime share: datetime, date and time values. */
#ifndef COMPILE_DATETIME_OBJECT_H
#define COMPILE_DATETIME_OBJECT_H

#include "compile/moment.h"
#include "jinja/jinja.h"

enum moment_kind { KIND_DATETIME, KIND_DATE, KIND_TIME };

struct moment_object {
    struct value_object base;
    enum moment_kind kind;
    struct moment at;
};

struct value datetime_value(struct arena *arena, enum moment_kind kind,
                            const struct moment *at);
/* What isocalendar() gives: a tuple whose items have names. */
struct value iso_week_value(struct arena *arena, const struct moment *at);
/* NULL when `v` is something else. */
const struct moment_object *datetime_from(struct value v);

/* The parts that a kind has: of the seven from year to microsecond. */
size_t datetime_first_part(enum moment_kind kind);
size_t datetime_end_part(enum moment_kind kind);
extern const char *const datetime_part_names[];
int *datetime_part(struct moment *moment, size_t i);

/* Raises ValueError when a part is out of its range. */
int datetime_check(struct jinja_run *run, const struct moment *at);
/* Sets parts from the call's arguments, as a constructor does; `function` is its name
 * in messages. `required`: of the parts, from the first. */
int datetime_set_parts(struct jinja_call *call, const char *function,
                       enum moment_kind kind, size_t required, struct moment *at);

/* datetime.min, .max and .resolution, of values and of the classes: 1/0. */
int datetime_limit(struct arena *arena, enum moment_kind kind, const char *name,
                   struct value *out);
/* strptime, now, fromisoformat … of a class: NULL when there is none. */
jinja_function datetime_class_method(enum moment_kind kind, const char *name);

#endif
