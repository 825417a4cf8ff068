/* modules.datetime and modules.pytz, and run_started_at. */
#include "config.h"

#include "compile/datetime.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "compile/duration.h"
#include "compile/internal.h"
#include "compile/moment.h"

enum kind { DATETIME, DATE, TIME };

struct moment_object {
    struct value_object base;
    enum kind kind;
    struct moment at;
};

static const struct jinja_class datetime_class, date_class, time_class;
static const struct jinja_class *const classes[] = {&datetime_class, &date_class,
                                                    &time_class};

/* ---- making values
 * ------------------------------------------------------------------- */

static struct value moment_value(struct arena *arena, enum kind kind,
                                 const struct moment *at)
{
    struct moment_object *object = arena_new(arena, struct moment_object);

    object->base.class = &classes[kind]->base;
    object->kind = kind;
    object->at = *at;
    return jinja_object_value(&object->base);
}

static const struct moment_object *moment_from(struct value v)
{
    bool is = jinja_is_a(v, &datetime_class) || jinja_is_a(v, &date_class) ||
              jinja_is_a(v, &time_class);

    return is ? (const struct moment_object *)v.as.obj : NULL;
}

/* ---- constructors
 * ----------------------------------------------------------------------- */

static const char *const part_names[] = {"year",   "month",  "day",        "hour",
                                         "minute", "second", "microsecond"};

static int *part_of(struct moment *moment, size_t i)
{
    int *parts[] = {&moment->year,       &moment->month,  &moment->day,
                    &moment->hour,       &moment->minute, &moment->second,
                    &moment->microsecond};

    return parts[i];
}

/* Sets parts `first` to `last` - 1 from positional and keyword arguments. */
static int set_parts(struct jinja_call *call, struct moment *at, size_t first,
                     size_t last)
{
    for (size_t i = 0; i < call->arg_count + call->kwarg_count; i++) {
        bool positional = i < call->arg_count;
        struct value v =
            positional ? call->args[i] : call->kwargs[i - call->arg_count].value;
        size_t part = first + i;
        if (!positional) {
            const char *name = value_cstr(call->kwargs[i - call->arg_count].name, "");
            for (part = first; part < last && strcmp(name, part_names[part]) != 0;) {
                part++;
            }
            if (part == last && strcmp(name, "tzinfo") == 0) {
                at->zone = at->abbreviation = zone_name(v);
                continue;
            }
        }
        if (part >= last || !value_is(v, VALUE_INT)) {
            if (positional && part == last && zone_name(v) != NULL) {
                at->zone = at->abbreviation = zone_name(v);
                continue;
            }
            return jinja_raise(call->run, "TypeError",
                               "%s() got an argument that is no integer or has no such "
                               "name",
                               call->name);
        }
        *part_of(at, part) = v.as.i > 99999999 || v.as.i < -1 ? -1 : (int)v.as.i;
    }
    if (!moment_valid(at)) {
        return jinja_raise(call->run, "ValueError", "%s is out of range", call->name);
    }
    return 0;
}

static int new_datetime(struct jinja_call *call, struct value *out)
{
    struct moment at = {0};

    if (set_parts(call, &at, 0, 7) != 0) {
        return -1;
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static int new_date(struct jinja_call *call, struct value *out)
{
    struct moment at = {0};

    if (set_parts(call, &at, 0, 3) != 0) {
        return -1;
    }
    *out = moment_value(call->arena, DATE, &at);
    return 0;
}

static int new_time(struct jinja_call *call, struct value *out)
{
    struct moment at = {.year = 1, .month = 1, .day = 1};

    if (set_parts(call, &at, 3, 7) != 0) {
        return -1;
    }
    *out = moment_value(call->arena, TIME, &at);
    return 0;
}

/* ---- class methods
 * ----------------------------------------------------------------------- */

static void utc_now(struct moment *at)
{
    struct moment epoch = {.year = 1970, .month = 1, .day = 1};

    *at = epoch;
    moment_set_us(at, moment_to_us(&epoch) + clock_wall_ms() * 1000);
}

static int class_now(struct jinja_call *call, struct value *out)
{
    struct moment at;
    const char *zone = call->arg_count > 0     ? zone_name(call->args[0])
                       : call->kwarg_count > 0 ? zone_name(call->kwargs[0].value)
                                               : NULL;

    utc_now(&at);
    if (zone != NULL && !moment_to_zone(&at, zone, call->arena)) {
        return jinja_raise(call->run, "UnknownTimeZoneError", "'%s'", zone);
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static int class_today(struct jinja_call *call, struct value *out)
{
    struct moment at;

    utc_now(&at);
    at.hour = at.minute = at.second = at.microsecond = 0;
    *out = moment_value(call->arena, DATE, &at);
    return 0;
}

static int class_strptime(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"date_string", 0}, {"format", 0}};
    struct value args[2];
    const char *text, *format;
    struct moment at;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_want_str(call, "strptime() argument 1", args[0], &text) != 0 ||
        jinja_want_str(call, "strptime() argument 2", args[1], &format) != 0) {
        return -1;
    }
    if (!moment_parse(text, format, &at)) {
        return jinja_raise(call->run, "ValueError",
                           "time data '%s' does not match format '%s'", text, format);
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static int from_iso(struct jinja_call *call, enum kind kind, struct value *out)
{
    static const struct jinja_param params[] = {{"date_string", 0}};
    struct value arg;
    const char *text;
    struct moment at;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "fromisoformat: argument", arg, &text) != 0) {
        return -1;
    }
    if (!moment_parse_iso(text, &at)) {
        return jinja_raise(call->run, "ValueError", "Invalid isoformat string: '%s'",
                           text);
    }
    *out = moment_value(call->arena, kind, &at);
    return 0;
}

static int datetime_from_iso(struct jinja_call *call, struct value *out)
{
    return from_iso(call, DATETIME, out);
}

static int date_from_iso(struct jinja_call *call, struct value *out)
{
    return from_iso(call, DATE, out);
}

static int class_from_timestamp(struct jinja_call *call, struct value *out)
{
    struct moment at = {.year = 1970, .month = 1, .day = 1};
    double seconds;

    if (call->arg_count < 1 || !number_from(call->args[0], &seconds) ||
        !moment_set_us(&at, moment_to_us(&at) + (int64_t)llround(seconds * 1e6))) {
        return jinja_raise(call->run, "ValueError", "timestamp is out of range");
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static int class_combine(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"date", 0}, {"time", 0}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    const struct moment_object *date = moment_from(args[0]);
    const struct moment_object *time = moment_from(args[1]);
    if (date == NULL || time == NULL) {
        return jinja_raise(call->run, "TypeError",
                           "combine() arguments must be a date and a time");
    }
    struct moment at = time->at;
    at.year = date->at.year;
    at.month = date->at.month;
    at.day = date->at.day;
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

/* ---- methods
 * --------------------------------------------------------------------------- */

static struct value text_value(struct arena *arena, struct buf *text)
{
    struct value v = value_copy_str_n(arena, buf_str(text), text->len);

    buf_fini(text);
    return v;
}

static void iso_text(const struct moment_object *object, char between, struct buf *out)
{
    if (object->kind != TIME) {
        moment_iso_date(&object->at, out);
    }
    if (object->kind == DATETIME) {
        buf_addc(out, between);
    }
    if (object->kind != DATE) {
        moment_iso_time(&object->at, out);
    }
}

static int call_isoformat(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"sep", JINJA_OPTIONAL},
                                                {"timespec", JINJA_OPTIONAL}};
    struct value args[2];
    struct buf text = BUF_INIT;

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    iso_text(call->context, value_cstr(args[0], "T")[0], &text);
    *out = text_value(call->arena, &text);
    return 0;
}

static int call_strftime(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"format", 0}};
    const struct moment_object *self = call->context;
    struct value arg;
    const char *format;
    struct buf text = BUF_INIT;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "strftime() argument 1", arg, &format) != 0) {
        return -1;
    }
    moment_format(&self->at, format, &text);
    *out = text_value(call->arena, &text);
    return 0;
}

static int call_date(struct jinja_call *call, struct value *out)
{
    struct moment at = ((struct moment_object *)call->context)->at;

    at.hour = at.minute = at.second = at.microsecond = 0;
    at.zone = NULL;
    *out = moment_value(call->arena, DATE, &at);
    return 0;
}

static int call_time(struct jinja_call *call, struct value *out)
{
    struct moment at = ((struct moment_object *)call->context)->at;

    at.year = at.month = at.day = 1;
    at.zone = NULL;
    *out = moment_value(call->arena, TIME, &at);
    return 0;
}

static int call_weekday(struct jinja_call *call, struct value *out)
{
    *out = value_int(moment_weekday(&((struct moment_object *)call->context)->at) +
                     (strcmp(call->name, "isoweekday") == 0));
    return 0;
}

static int call_toordinal(struct jinja_call *call, struct value *out)
{
    *out = value_int(moment_ordinal(&((struct moment_object *)call->context)->at));
    return 0;
}

static int call_timestamp(struct jinja_call *call, struct value *out)
{
    *out = value_float(
        (double)moment_epoch_us(&((struct moment_object *)call->context)->at) / 1e6);
    return 0;
}

static int call_replace(struct jinja_call *call, struct value *out)
{
    const struct moment_object *self = call->context;
    struct moment at = self->at;
    size_t first = self->kind == TIME ? 3 : 0, last = self->kind == DATE ? 3 : 7;

    if (set_parts(call, &at, first, last) != 0) {
        return -1;
    }
    *out = moment_value(call->arena, self->kind, &at);
    return 0;
}

static int call_astimezone(struct jinja_call *call, struct value *out)
{
    const struct moment_object *self = call->context;
    struct moment at = self->at;
    const char *zone = call->arg_count > 0 ? zone_name(call->args[0]) : "UTC";

    if (zone == NULL || !moment_to_zone(&at, zone, call->arena)) {
        return jinja_raise(call->run, "TypeError",
                           "tzinfo argument must be a time zone");
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static const struct {
    const char *name;
    jinja_function function;
    unsigned kinds; /* bits: 1 << kind */
} methods[] = {
    {"astimezone", call_astimezone, 1},
    {"date", call_date, 1},
    {"isoformat", call_isoformat, 7},
    {"isoweekday", call_weekday, 3},
    {"replace", call_replace, 7},
    {"strftime", call_strftime, 7},
    {"time", call_time, 1},
    {"timestamp", call_timestamp, 1},
    {"toordinal", call_toordinal, 3},
    {"weekday", call_weekday, 3},
};

static int moment_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    struct moment_object *object = (struct moment_object *)self;
    size_t first = object->kind == TIME ? 3 : 0, last = object->kind == DATE ? 3 : 7;

    for (size_t i = first; i < last; i++) {
        if (strcmp(name->s, part_names[i]) == 0) {
            *out = value_int(*part_of(&object->at, i));
            return 1;
        }
    }
    if (strcmp(name->s, "tzinfo") == 0 && object->kind != DATE) {
        *out = object->at.zone != NULL ? zone_value(jinja_arena(run), object->at.zone)
                                       : value_none();
        return 1;
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(name->s, methods[i].name) == 0 &&
            (methods[i].kinds & (1u << object->kind)) != 0) {
            *out = jinja_function_value(jinja_arena(run), methods[i].name,
                                        methods[i].function, object);
            return 1;
        }
    }
    return 0;
}

static int moment_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)run;
    iso_text((struct moment_object *)self, ' ', out);
    return 0;
}

static int moment_repr(struct value_object *self, struct jinja_run *run,
                       struct buf *out)
{
    struct moment_object *object = (struct moment_object *)self;
    size_t first = object->kind == TIME ? 3 : 0, last = object->kind == DATE ? 3 : 7;

    (void)run;
    while (last > 5 && *part_of(&object->at, last - 1) == 0) {
        last--; /* as Python: no zero seconds and microseconds at the end */
    }
    buf_addf(out, "%s(", self->class->name);
    for (size_t i = first; i < last; i++) {
        buf_addf(out, "%s%d", i > first ? ", " : "", *part_of(&object->at, i));
    }
    buf_addc(out, ')');
    return 0;
}

static int64_t moment_key(const struct moment_object *object)
{
    return object->at.zone != NULL
               ? moment_epoch_us(&object->at) + MOMENT_US_PER_DAY * 719162
               : moment_to_us(&object->at);
}

static bool moment_equal(const struct value_object *self, struct value other)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = moment_from(other);

    return b != NULL && a->kind == b->kind && moment_key(a) == moment_key(b);
}

static uint32_t moment_hash(const struct value_object *self)
{
    int64_t key = moment_key((const struct moment_object *)self);

    return map_hash((const char *)&key, sizeof key);
}

static int moment_compare(struct value_object *self, struct value other, int *order)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = moment_from(other);

    if (b == NULL || a->kind != b->kind) {
        return 0;
    }
    *order = moment_key(a) < moment_key(b) ? -1 : moment_key(a) > moment_key(b);
    return 1;
}

/* moment - moment, moment ± timedelta */
static int moment_binary(struct value_object *self, struct jinja_run *run, char op,
                         struct value other, bool reversed, struct value *out)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = moment_from(other);

    if (op == '-' && b != NULL && !reversed && a->kind == b->kind) {
        *out = duration_value(jinja_arena(run), moment_key(a) - moment_key(b));
        return 1;
    }
    int64_t us = 0;
    if ((op != '+' && op != '-') || !duration_from(other, &us) ||
        (op == '-' && reversed) || a->kind == TIME) {
        return 0;
    }
    struct moment at = a->at;
    int64_t sum = 0;
    if (__builtin_add_overflow(moment_to_us(&at), op == '-' ? -us : us, &sum)) {
        sum = -1;
    }
    if (a->kind == DATE && sum >= 0) {
        sum -= sum % MOMENT_US_PER_DAY;
    }
    if (!moment_set_us(&at, sum)) {
        return jinja_raise(run, "OverflowError", "date value out of range");
    }
    *out = moment_value(jinja_arena(run), a->kind, &at);
    return 1;
}

#define MOMENT_CLASS(python_name)                                                      \
    {                                                                                  \
        .base = {.name = python_name, .equal = moment_equal, .hash = moment_hash},     \
        .getattr = moment_getattr, .str = moment_str, .repr = moment_repr,             \
        .compare = moment_compare, .binary = moment_binary,                            \
    }

static const struct jinja_class datetime_class = MOMENT_CLASS("datetime.datetime");
static const struct jinja_class date_class = MOMENT_CLASS("datetime.date");
static const struct jinja_class time_class = MOMENT_CLASS("datetime.time");

int datetime_localize(struct jinja_call *call, struct value *out)
{
    const char *zone = zone_name(jinja_object_value(call->context));
    const struct moment_object *from =
        call->arg_count > 0 ? moment_from(call->args[0]) : NULL;

    if (from == NULL || from->kind != DATETIME) {
        return jinja_raise(call->run, "TypeError", "localize() needs a datetime");
    }
    struct moment at = from->at;
    if (!moment_localize(&at, zone, call->arena)) {
        return jinja_raise(call->run, "ValueError", "this time can't be localized");
    }
    *out = moment_value(call->arena, DATETIME, &at);
    return 0;
}

static int call_timezone(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"zone", 0}};
    struct value arg;
    const char *name;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "zone", arg, &name) != 0) {
        return -1;
    }
    if (!moment_zone_exists(name)) {
        return jinja_raise(call->run, "UnknownTimeZoneError", "'%s'", name);
    }
    *out = zone_value(call->arena, name);
    return 0;
}

static int get_utc(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = zone_value(jinja_arena(run), "UTC");
    return 0;
}

/* ---- the modules: classes are callables with attributes
 * -------------------------------- */

struct type_object {
    struct value_object base;
    jinja_function construct;
    const struct jinja_def *defs;
    size_t count;
};

static int type_call(struct jinja_call *call, struct value *out)
{
    return ((struct type_object *)call->context)->construct(call, out);
}

static int type_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    const struct type_object *type = (const struct type_object *)self;

    for (size_t i = 0; i < type->count; i++) {
        if (strcmp(name->s, type->defs[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), type->defs[i].name,
                                        type->defs[i].function, self);
            return 1;
        }
    }
    return 0;
}

static const struct jinja_class type_class = {
    .base = {.name = "type"},
    .getattr = type_getattr,
    .call = type_call,
};

static const struct jinja_def datetime_defs[] = {
    {"combine", class_combine, NULL},
    {"fromisoformat", datetime_from_iso, NULL},
    {"fromtimestamp", class_from_timestamp, NULL},
    {"now", class_now, NULL},
    {"strptime", class_strptime, NULL},
    {"today", class_now, NULL},
    {"utcfromtimestamp", class_from_timestamp, NULL},
    {"utcnow", class_now, NULL},
};
static const struct jinja_def date_defs[] = {{"fromisoformat", date_from_iso, NULL},
                                             {"today", class_today, NULL}};

static struct type_object types[] = {
    {{&type_class.base}, new_date, date_defs, 2},
    {{&type_class.base}, new_datetime, datetime_defs, 8},
    {{&type_class.base}, new_time, NULL, 0},
    {{&type_class.base}, duration_new, NULL, 0},
};

static int get_date(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = jinja_object_value(&types[0].base);
    return 0;
}

static int get_datetime(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = jinja_object_value(&types[1].base);
    return 0;
}

static int get_time(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = jinja_object_value(&types[2].base);
    return 0;
}

static int get_delta(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = jinja_object_value(&types[3].base);
    return 0;
}

static int get_timezone(void *context, struct jinja_run *run, struct value *out)
{
    static const struct jinja_def defs[] = {{"utc", NULL, get_utc}};

    *out = jinja_module_value(jinja_arena(run), "timezone", defs, 1, context);
    return 0;
}

struct value datetime_module(struct arena *arena)
{
    static const struct jinja_def defs[] = {{"date", NULL, get_date},
                                            {"datetime", NULL, get_datetime},
                                            {"time", NULL, get_time},
                                            {"timedelta", NULL, get_delta},
                                            {"timezone", NULL, get_timezone}};

    return jinja_module_value(arena, "dict", defs, 5, NULL);
}

struct value pytz_module(struct arena *arena)
{
    static const struct jinja_def defs[] = {{"UTC", NULL, get_utc},
                                            {"timezone", call_timezone, NULL},
                                            {"utc", NULL, get_utc}};

    return jinja_module_value(arena, "dict", defs, 3, NULL);
}

int run_started_at(void *data, struct jinja_run *run, struct value *out)
{
    const struct context *context = data;
    struct moment at = {.year = 1970, .month = 1, .day = 1};

    moment_set_us(&at, moment_to_us(&at) + context->compiler->started_at_ms * 1000);
    at.zone = at.abbreviation = "UTC";
    *out = moment_value(jinja_arena(run), DATETIME, &at);
    return 0;
}
