/* datetime.IsoCalendarDate: year, week and weekday of ISO 8601. */
#include "config.h"

#include <string.h>

#include "compile/datetime_object.h"

struct iso_week {
    struct value_object base;
    int64_t parts[3];
};

static const char *const names[] = {"year", "week", "weekday"};

static int iso_getattr(struct value_object *self, struct jinja_run *run,
                       const struct jinja_name *name, struct value *out)
{
    (void)run;
    for (int i = 0; i < 3; i++) {
        if (strcmp(name->s, names[i]) == 0) {
            *out = value_int(((struct iso_week *)self)->parts[i]);
            return 1;
        }
    }
    return 0;
}

static int iso_getitem(struct value_object *self, struct jinja_run *run,
                       struct value key, struct value *out)
{
    (void)run;
    if (!value_is(key, VALUE_INT) || key.as.i < -3 || key.as.i > 2) {
        return 0;
    }
    *out = value_int(
        ((struct iso_week *)self)->parts[key.as.i < 0 ? key.as.i + 3 : key.as.i]);
    return 1;
}

static int64_t iso_length(struct value_object *self)
{
    (void)self;
    return 3;
}

static int iso_next(struct value_object *self, struct jinja_run *run, size_t *at,
                    struct value *out)
{
    (void)run;
    if (*at >= 3) {
        return 0;
    }
    *out = value_int(((struct iso_week *)self)->parts[(*at)++]);
    return 1;
}

static int iso_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const int64_t *parts = ((struct iso_week *)self)->parts;

    (void)run;
    buf_addf(out, "datetime.IsoCalendarDate(year=%d, week=%d, weekday=%d)",
             (int)parts[0], (int)parts[1], (int)parts[2]);
    return 0;
}

static const struct jinja_class iso_class = {
    .base = {.name = "datetime.IsoCalendarDate"},
    .qualified = true,
    .sequence = true,
    .getattr = iso_getattr,
    .getitem = iso_getitem,
    .length = iso_length,
    .next = iso_next,
    .repr = iso_repr,
};

struct value iso_week_value(struct arena *arena, const struct moment *at)
{
    struct iso_week *week = arena_new(arena, struct iso_week);
    int year;
    int number;

    moment_iso_week(at, &year, &number);
    week->base.class = &iso_class.base;
    week->parts[0] = year;
    week->parts[1] = number;
    week->parts[2] = moment_weekday(at) + 1;
    return jinja_object_value(&week->base);
}
