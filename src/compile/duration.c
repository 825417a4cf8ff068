/* timedelta of modules.datetime. */
#include "config.h"

#include "compile/duration.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "compile/moment.h"

/* Nearly 300,000 years, what 64 bits hold; Python has ten times that. */
#define DURATION_MAX_US 9.2e18

struct delta_object {
    struct value_object base;
    int64_t us;
};

static const struct jinja_class delta_class;

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

static void duration_text(int64_t us, struct buf *out)
{
    int64_t days = us / MOMENT_US_PER_DAY, rest = us % MOMENT_US_PER_DAY;

    if (rest < 0) {
        rest += MOMENT_US_PER_DAY;
        days--;
    }
    if (days != 0) {
        buf_addf(out, "%lld day%s, ", (long long)days,
                 days == 1 || days == -1 ? "" : "s");
    }
    int64_t seconds = rest / MOMENT_US_PER_SECOND;
    buf_addf(out, "%lld:%02lld:%02lld", (long long)(seconds / 3600),
             (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    if (rest % MOMENT_US_PER_SECOND != 0) {
        buf_addf(out, ".%06lld", (long long)(rest % MOMENT_US_PER_SECOND));
    }
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
        return duration_limit(jinja_arena(run), name->s, out);
    }
    return 1;
}

static int delta_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)run;
    duration_text(((struct delta_object *)self)->us, out);
    return 0;
}

static bool delta_equal(const struct value_object *self, struct value other)
{
    return jinja_is_a(other, &delta_class) &&
           ((const struct delta_object *)self)->us ==
               ((struct delta_object *)other.as.obj)->us;
}

static int delta_compare(struct value_object *self, struct jinja_run *run,
                         struct value other, int *order)
{
    (void)run;
    if (!jinja_is_a(other, &delta_class)) {
        return 0;
    }
    int64_t a = ((struct delta_object *)self)->us;
    int64_t b = ((struct delta_object *)other.as.obj)->us;
    *order = a < b ? -1 : a > b;
    return 1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* A timedelta of so many microseconds as a float says: 1/-1. */
static int put_rounded(struct jinja_run *run, double us, struct value *out)
{
    if (!(fabs(us) < DURATION_MAX_US)) {
        return jinja_raise(run, "OverflowError", "timedelta is too large");
    }
    *out = duration_value(jinja_arena(run), (int64_t)nearbyint(us));
    return 1;
}

/* delta OP delta: 1/0/-1. */
static int binary_deltas(struct jinja_run *run, char op, int64_t a, int64_t b,
                         struct value *out)
{
    int64_t sum;

    if (op == '+' || op == '-') {
        bool over = op == '+' ? __builtin_add_overflow(a, b, &sum)
                              : __builtin_sub_overflow(a, b, &sum);
        if (over) {
            return jinja_raise(run, "OverflowError", "timedelta is too large");
        }
        *out = duration_value(jinja_arena(run), sum);
        return 1;
    }
    if (op != '/' && op != 'f' && op != '%') {
        return 0;
    }
    if (b == 0) {
        return jinja_raise(run, "ZeroDivisionError",
                           op == '/'   ? "division by zero"
                           : op == 'f' ? "integer division or modulo by zero"
                                       : "integer modulo by zero");
    }
    if (op == '/') {
        *out = value_float((double)a / (double)b);
    } else if (op == 'f') {
        *out = value_int(floor_div(a, b));
    } else {
        *out = duration_value(jinja_arena(run), a - floor_div(a, b) * b);
    }
    return 1;
}

/* delta OP number: 1/0/-1. */
static int binary_number(struct jinja_run *run, char op, int64_t us, struct value v,
                         struct value *out)
{
    int64_t product;
    double number;
    bool integer = value_is(v, VALUE_INT);

    if (!number_from(v, &number) ||
        (op != '*' && op != '/' && !(op == 'f' && integer))) {
        return 0;
    }
    if (op == '*') {
        if (integer && !__builtin_mul_overflow(us, v.as.i, &product)) {
            *out = duration_value(jinja_arena(run), product);
            return 1;
        }
        return put_rounded(run, (double)us * number, out);
    }
    if (number == 0) {
        return jinja_raise(run, "ZeroDivisionError",
                           op == 'f' || integer ? "integer division or modulo by zero"
                                                : "division by zero");
    }
    if (op == 'f') {
        *out = duration_value(jinja_arena(run), floor_div(us, v.as.i));
        return 1;
    }
    return put_rounded(run, (double)us / number, out);
}

static int delta_binary(struct value_object *self, struct jinja_run *run, char op,
                        struct value other, bool reversed, struct value *out)
{
    int64_t us = ((struct delta_object *)self)->us;
    int64_t right;

    if (duration_from(other, &right)) {
        return binary_deltas(run, op, us, right, out);
    }
    return reversed && op != '*' ? 0 : binary_number(run, op, us, other, out);
}

static int delta_negate(struct value_object *self, struct jinja_run *run,
                        struct value *out)
{
    *out = duration_value(jinja_arena(run), -((struct delta_object *)self)->us);
    return 0;
}

static int delta_absolute(struct value_object *self, struct jinja_run *run,
                          struct value *out)
{
    int64_t us = ((struct delta_object *)self)->us;

    *out = duration_value(jinja_arena(run), us < 0 ? -us : us);
    return 0;
}

static uint32_t delta_hash(const struct value_object *self)
{
    int64_t us = ((const struct delta_object *)self)->us;

    return map_hash((const char *)&us, sizeof us);
}

/* datetime.timedelta(days=1, seconds=2) */
static int delta_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    int64_t us = ((struct delta_object *)self)->us;
    int64_t days = floor_div(us, MOMENT_US_PER_DAY);
    int64_t rest = us - days * MOMENT_US_PER_DAY;
    int64_t parts[] = {days, rest / MOMENT_US_PER_SECOND, rest % MOMENT_US_PER_SECOND};
    static const char *const names[] = {"days", "seconds", "microseconds"};
    const char *before = "";

    (void)run;
    buf_adds(out, "datetime.timedelta(");
    for (int i = 0; i < 3; i++) {
        if (parts[i] != 0) {
            buf_addf(out, "%s%s=%lld", before, names[i], (long long)parts[i]);
            before = ", ";
        }
    }
    buf_adds(out, us == 0 ? "0)" : ")");
    return 0;
}

static bool delta_truth(struct value_object *self)
{
    return ((struct delta_object *)self)->us != 0;
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

    if (call->arg_count + call->kwarg_count > 7) {
        return jinja_raise(call->run, "TypeError",
                           "__new__() takes at most 7 arguments (%zu given)",
                           call->arg_count + call->kwarg_count);
    }
    for (size_t i = 0; i < call->kwarg_count; i++) {
        const char *name = value_cstr(call->kwargs[i].name, "");
        size_t known = 0;
        while (known < 7 && strcmp(name, params[known].name) != 0) {
            known++;
        }
        if (known == 7) {
            return jinja_raise(call->run, "TypeError",
                               "'%s' is an invalid keyword argument for __new__()",
                               name);
        }
    }
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
    if (fabs(us) >= 1e9 * 86400e6) {
        return jinja_raise(call->run, "OverflowError",
                           "days=%.0f; must have magnitude <= 999999999",
                           floor(us / 86400e6));
    }
    return put_rounded(call->run, us, out) == 1 ? 0 : -1;
}

int duration_limit(struct arena *arena, const char *name, struct value *out)
{
    if (strcmp(name, "resolution") != 0) {
        return 0;
    }
    *out = duration_value(arena, 1);
    return 1;
}

static const struct jinja_class delta_class = {
    .base = {.name = "datetime.timedelta", .equal = delta_equal, .hash = delta_hash},
    .qualified = true,
    .negate = delta_negate,
    .absolute = delta_absolute,
    .repr = delta_repr,
    .getattr = delta_getattr,
    .str = delta_str,
    .truth = delta_truth,
    .compare = delta_compare,
    .binary = delta_binary,
};
