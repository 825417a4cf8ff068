/* timedelta and tzinfo of modules.datetime and modules.pytz. */
#include "config.h"

#include "compile/duration.h"

#include <math.h>
#include <string.h>

#include "compile/moment.h"

struct delta_object {
    struct value_object base;
    int64_t us;
};

struct zone_object {
    struct value_object base;
    const char *name;
};

static const struct jinja_class delta_class, zone_class;

bool number_from(struct value v, double *out)
{
    *out = value_is(v, VALUE_INT) ? (double)v.as.i : v.as.f;
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT);
}

struct value duration_value(struct arena *arena, int64_t us)
{
    struct delta_object *object = arena_new(arena, struct delta_object);

    object->base.class = &delta_class.base;
    object->us = us;
    return jinja_object_value(&object->base);
}

bool duration_from(struct value v, int64_t *us)
{
    if (!jinja_is_a(v, &delta_class)) {
        return false;
    }
    *us = ((struct delta_object *)v.as.obj)->us;
    return true;
}

int duration_new(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"days", JINJA_OPTIONAL},         {"seconds", JINJA_OPTIONAL},
        {"microseconds", JINJA_OPTIONAL}, {"milliseconds", JINJA_OPTIONAL},
        {"minutes", JINJA_OPTIONAL},      {"hours", JINJA_OPTIONAL},
        {"weeks", JINJA_OPTIONAL}};
    static const double unit[] = {86400e6, 1e6, 1, 1e3, 60e6, 3600e6, 604800e6};
    struct value args[7];
    double us = 0, number;

    if (jinja_args(call, params, 7, args) != 0) {
        return -1;
    }
    for (int i = 0; i < 7; i++) {
        if (jinja_is_missing(args[i])) {
            continue;
        }
        if (!number_from(args[i], &number)) {
            return jinja_raise(call->run, "TypeError",
                               "unsupported type for timedelta %s component: %s",
                               params[i].name, jinja_type_name(args[i]));
        }
        us += number * unit[i];
    }
    if (fabs(us) > 8e18) {
        return jinja_raise(call->run, "OverflowError", "timedelta is too large");
    }
    *out = duration_value(call->arena, (int64_t)llround(us));
    return 0;
}

struct value zone_value(struct arena *arena, const char *name)
{
    struct zone_object *object = arena_new(arena, struct zone_object);

    object->base.class = &zone_class.base;
    object->name = arena_strdup(arena, name);
    return jinja_object_value(&object->base);
}

const char *zone_name(struct value v)
{
    return jinja_is_a(v, &zone_class) ? ((struct zone_object *)v.as.obj)->name : NULL;
}

/* ---- timedelta
 * -------------------------------------------------------------------------- */

static int call_total_seconds(struct jinja_call *call, struct value *out)
{
    *out = value_float((double)((struct delta_object *)call->context)->us / 1e6);
    return 0;
}

static int delta_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    int64_t us = ((struct delta_object *)self)->us;
    int64_t days = us / MOMENT_US_PER_DAY, rest = us % MOMENT_US_PER_DAY;

    if (rest < 0) {
        rest += MOMENT_US_PER_DAY;
        days--;
    }
    if (strcmp(name->s, "days") == 0) {
        *out = value_int(days);
    } else if (strcmp(name->s, "seconds") == 0) {
        *out = value_int(rest / MOMENT_US_PER_SECOND);
    } else if (strcmp(name->s, "microseconds") == 0) {
        *out = value_int(rest % MOMENT_US_PER_SECOND);
    } else if (strcmp(name->s, "total_seconds") == 0) {
        *out = jinja_function_value(jinja_arena(run), "total_seconds",
                                    call_total_seconds, self);
    } else {
        return 0;
    }
    return 1;
}

static int delta_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)run;
    moment_duration_text(((struct delta_object *)self)->us, out);
    return 0;
}

static bool delta_equal(const struct value_object *self, struct value other)
{
    return jinja_is_a(other, &delta_class) &&
           ((const struct delta_object *)self)->us ==
               ((struct delta_object *)other.as.obj)->us;
}

static int delta_compare(struct value_object *self, struct value other, int *order)
{
    if (!jinja_is_a(other, &delta_class)) {
        return 0;
    }
    int64_t a = ((struct delta_object *)self)->us;
    int64_t b = ((struct delta_object *)other.as.obj)->us;
    *order = a < b ? -1 : a > b;
    return 1;
}

static int delta_binary(struct value_object *self, struct jinja_run *run, char op,
                        struct value other, bool reversed, struct value *out)
{
    int64_t us = ((struct delta_object *)self)->us;
    double number;

    if (jinja_is_a(other, &delta_class)) {
        int64_t right = ((struct delta_object *)other.as.obj)->us;
        if (op == '/' && right != 0) {
            *out = value_float((double)us / (double)right);
            return 1;
        }
        if (op != '+' && op != '-') {
            return 0;
        }
        *out = duration_value(jinja_arena(run), op == '+' ? us + right : us - right);
        return 1;
    }
    if (!number_from(other, &number) || (op == '/' && (reversed || number == 0)) ||
        (op != '*' && op != '/')) {
        return 0;
    }
    double result = op == '*' ? (double)us * number : (double)us / number;
    *out = duration_value(jinja_arena(run), (int64_t)llround(result));
    return 1;
}

static bool delta_truth(struct value_object *self)
{
    return ((struct delta_object *)self)->us != 0;
}

static const struct jinja_class delta_class = {
    .base = {.name = "datetime.timedelta", .equal = delta_equal, .unhashable = true},
    .getattr = delta_getattr,
    .str = delta_str,
    .truth = delta_truth,
    .compare = delta_compare,
    .binary = delta_binary,
};

/* ---- zones
 * ---------------------------------------------------------------------------- */

static int zone_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    if (strcmp(name->s, "zone") == 0) {
        *out = value_str(((struct zone_object *)self)->name);
        return 1;
    }
    if (strcmp(name->s, "localize") == 0) {
        *out =
            jinja_function_value(jinja_arena(run), "localize", datetime_localize, self);
        return 1;
    }
    return 0;
}

static int zone_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)run;
    buf_adds(out, ((struct zone_object *)self)->name);
    return 0;
}

static const struct jinja_class zone_class = {
    .base = {.name = "tzinfo"},
    .getattr = zone_getattr,
    .str = zone_str,
};
