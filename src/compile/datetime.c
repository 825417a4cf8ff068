/* modules.datetime and modules.pytz: datetime, date and time values; run_started_at. */
#include "config.h"

#include "compile/datetime.h"

#include <string.h>

#include "compile/datetime_object.h"
#include "compile/duration.h"
#include "compile/internal.h"

static const struct jinja_class datetime_class, date_class, time_class;
static const struct jinja_class *const classes[] = {&datetime_class, &date_class,
                                                    &time_class};

/* ---- making values --------------------------------------------------------------- */

struct value datetime_value(struct arena *arena, enum moment_kind kind,
                            const struct moment *at)
{
    struct moment_object *object = arena_new(arena, struct moment_object);

    object->base.class = &classes[kind]->base;
    object->kind = kind;
    object->at = *at;
    return jinja_object_value(&object->base);
}

const struct moment_object *datetime_from(struct value v)
{
    bool is = jinja_is_a(v, &datetime_class) || jinja_is_a(v, &date_class) ||
              jinja_is_a(v, &time_class);

    return is ? (const struct moment_object *)(void *)v.as.obj : NULL;
}

static const struct moment *at_of(const struct jinja_call *call)
{
    return &((const struct moment_object *)call->context)->at;
}

static struct value text_value(struct arena *arena, struct buf *text)
{
    struct value v = value_copy_str_n(arena, buf_str(text), text->len);

    buf_fini(text);
    return v;
}

/* ---- methods: text --------------------------------------------------------------- */

static bool iso_text(const struct moment_object *object, const char *between,
                     const char *spec, struct buf *out)
{
    if (object->kind != KIND_TIME) {
        moment_iso_date(&object->at, out);
    }
    if (object->kind == KIND_DATETIME) {
        buf_adds(out, between);
    }
    return object->kind == KIND_DATE || moment_iso_time(&object->at, spec, out);
}

static int call_isoformat(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"sep", JINJA_OPTIONAL},
                                                {"timespec", JINJA_OPTIONAL}};
    const struct moment_object *self = call->context;
    size_t first = self->kind == KIND_DATETIME ? 0 : 1;
    struct value args[2] = {value_undefined(), value_undefined()};
    struct buf text = BUF_INIT;

    if (jinja_args(call, params + first, self->kind == KIND_DATE ? 0 : 2 - first,
                   args + first) != 0) {
        return -1;
    }
    if (!iso_text(self, value_cstr(args[0], "T"), value_cstr(args[1], "auto"), &text)) {
        buf_fini(&text);
        return jinja_raise(call->run, "ValueError", "Unknown timespec value");
    }
    *out = text_value(call->arena, &text);
    return 0;
}

/* What strftime() takes for the day of a time. */
static struct moment with_day(const struct moment_object *object)
{
    struct moment at = object->at;

    if (object->kind == KIND_TIME) {
        at.year = 1900;
    }
    return at;
}

static int call_strftime(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"format", 0}};
    struct moment at = with_day(call->context);
    struct value arg;
    struct buf text = BUF_INIT;

    if (call->arg_count + call->kwarg_count == 0) {
        return jinja_raise(call->run, "TypeError",
                           "strftime() missing required argument 'format' (pos 1)");
    }
    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (!value_is_str(arg)) {
        return jinja_raise(call->run, "TypeError",
                           "strftime() argument 1 must be str, not %s",
                           value_is(arg, VALUE_NONE) ? "None" : jinja_type_name(arg));
    }
    moment_format(&at, arg.as.s, &text);
    *out = text_value(call->arena, &text);
    return 0;
}

static int call_ctime(struct jinja_call *call, struct value *out)
{
    struct buf text = BUF_INIT;

    moment_format(at_of(call), "%a %b %e %H:%M:%S ", &text);
    buf_addf(&text, "%04d", at_of(call)->year);
    *out = text_value(call->arena, &text);
    return 0;
}

/* ---- methods: parts -------------------------------------------------------------- */

static int call_date(struct jinja_call *call, struct value *out)
{
    struct moment at = *at_of(call);

    at.hour = at.minute = at.second = at.microsecond = 0;
    at.zone = NULL;
    *out = datetime_value(call->arena, KIND_DATE, &at);
    return 0;
}

static int call_timetz(struct jinja_call *call, struct value *out)
{
    struct moment at = *at_of(call);

    at.year = at.month = at.day = 1;
    *out = datetime_value(call->arena, KIND_TIME, &at);
    return 0;
}

static int call_time(struct jinja_call *call, struct value *out)
{
    struct moment at = *at_of(call);

    at.year = at.month = at.day = 1;
    at.zone = NULL;
    *out = datetime_value(call->arena, KIND_TIME, &at);
    return 0;
}

static int call_weekday(struct jinja_call *call, struct value *out)
{
    *out = value_int(moment_weekday(at_of(call)));
    return 0;
}

static int call_isoweekday(struct jinja_call *call, struct value *out)
{
    *out = value_int(moment_weekday(at_of(call)) + 1);
    return 0;
}

static int call_isocalendar(struct jinja_call *call, struct value *out)
{
    *out = iso_week_value(call->arena, at_of(call));
    return 0;
}

static int call_toordinal(struct jinja_call *call, struct value *out)
{
    *out = value_int(moment_ordinal(at_of(call)));
    return 0;
}

static int call_timestamp(struct jinja_call *call, struct value *out)
{
    *out = value_float((double)moment_timestamp_us(at_of(call)) / 1e6);
    return 0;
}

static int call_replace(struct jinja_call *call, struct value *out)
{
    const struct moment_object *self = call->context;
    struct moment at = self->at;

    if (datetime_set_parts(call, "replace", self->kind, 0, &at) != 0) {
        return -1;
    }
    *out = datetime_value(call->arena, self->kind, &at);
    return 0;
}

/* ---- methods: the zone ----------------------------------------------------------- */

static int call_utcoffset(struct jinja_call *call, struct value *out)
{
    const struct moment *at = at_of(call);

    *out = at->zone != NULL
               ? duration_value(call->arena, at->offset * MOMENT_US_PER_SECOND)
               : value_none();
    return 0;
}

static int call_dst(struct jinja_call *call, struct value *out)
{
    const struct moment *at = at_of(call);

    *out =
        at->zone == NULL || strcmp(at->zone, MOMENT_FIXED) == 0
            ? value_none()
            : duration_value(call->arena, at->summer ? 3600 * MOMENT_US_PER_SECOND : 0);
    return 0;
}

static int call_tzname(struct jinja_call *call, struct value *out)
{
    const struct moment *at = at_of(call);

    *out =
        at->zone != NULL ? value_copy_str(call->arena, at->abbreviation) : value_none();
    return 0;
}

static int call_astimezone(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"tz", JINJA_OPTIONAL}};
    struct moment at = {.year = 1970, .month = 1, .day = 1, .zone = "UTC"};
    struct value zone;

    if (jinja_args(call, params, 1, &zone) != 0) {
        return -1;
    }
    moment_set_us(&at, moment_to_us(&at) + moment_timestamp_us(at_of(call)));
    if (jinja_is_missing(zone) || value_is(zone, VALUE_NONE)) {
        struct moment utc = at;
        at.zone = NULL;
        moment_to_local(&at);
        at.offset =
            (int)((moment_to_us(&at) - moment_to_us(&utc)) / MOMENT_US_PER_SECOND);
        at.zone = zone_fixed(call->arena, &at);
    } else if (!zone_convert(call->arena, zone, &at)) {
        return jinja_raise(call->run, "TypeError",
                           "tzinfo argument must be None or of a tzinfo subclass, not"
                           " type '%s'",
                           jinja_type_name(zone));
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

/* ---- attributes ------------------------------------------------------------------ */

static const struct {
    const char *name;
    jinja_function function;
    unsigned kinds; /* bits: 1 << kind */
} methods[] = {
    {"astimezone", call_astimezone, 1},
    {"ctime", call_ctime, 3},
    {"date", call_date, 1},
    {"dst", call_dst, 5},
    {"isocalendar", call_isocalendar, 3},
    {"isoformat", call_isoformat, 7},
    {"isoweekday", call_isoweekday, 3},
    {"replace", call_replace, 7},
    {"strftime", call_strftime, 7},
    {"time", call_time, 1},
    {"timestamp", call_timestamp, 1},
    {"timetz", call_timetz, 1},
    {"toordinal", call_toordinal, 3},
    {"tzname", call_tzname, 5},
    {"utcoffset", call_utcoffset, 5},
    {"weekday", call_weekday, 3},
};

static int moment_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    struct moment_object *object = (struct moment_object *)self;

    for (size_t i = datetime_first_part(object->kind);
         i < datetime_end_part(object->kind); i++) {
        if (strcmp(name->s, datetime_part_names[i]) == 0) {
            *out = value_int(*datetime_part(&object->at, i));
            return 1;
        }
    }
    if (strcmp(name->s, "tzinfo") == 0 && object->kind != KIND_DATE) {
        *out = zone_of(jinja_arena(run), &object->at);
        return 1;
    }
    if (strcmp(name->s, "fold") == 0 && object->kind != KIND_DATE) {
        *out = value_int(0);
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
    jinja_function made = datetime_class_method(object->kind, name->s);
    if (made != NULL) {
        *out = jinja_function_value(jinja_arena(run), name->s, made, NULL);
        return 1;
    }
    return datetime_limit(jinja_arena(run), object->kind, name->s, out);
}

static int moment_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)run;
    iso_text((struct moment_object *)self, " ", "auto", out);
    return 0;
}

static int moment_repr(struct value_object *self, struct jinja_run *run,
                       struct buf *out)
{
    struct moment_object *object = (struct moment_object *)self;
    size_t first = datetime_first_part(object->kind);
    size_t end = datetime_end_part(object->kind);

    while (end > 5 && *datetime_part(&object->at, end - 1) == 0) {
        end--; /* as Python: no zero seconds and microseconds at the end */
    }
    buf_addf(out, "%s(", self->class->name);
    for (size_t i = first; i < end; i++) {
        buf_addf(out, "%s%d", i > first ? ", " : "", *datetime_part(&object->at, i));
    }
    if (object->at.zone != NULL) {
        buf_adds(out, ", tzinfo=");
        if (jinja_repr(run, zone_of(jinja_arena(run), &object->at), out) != 0) {
            return -1;
        }
    }
    buf_addc(out, ')');
    return 0;
}

static int moment_format_spec(struct value_object *self, struct jinja_run *run,
                              const char *spec, size_t len, struct buf *out)
{
    struct moment at = with_day((struct moment_object *)self);

    (void)run;
    (void)len;
    moment_format(&at, spec, out);
    return 0;
}

/* ---- comparing and counting ------------------------------------------------------ */

/* Microseconds that tell moments of a kind apart: of UTC when there is a zone. */
static int64_t moment_key(const struct moment_object *object)
{
    const struct moment *at = &object->at;

    return moment_to_us(at) -
           (at->zone != NULL ? at->offset * MOMENT_US_PER_SECOND : 0);
}

static bool moment_equal(const struct value_object *self, struct value other)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = datetime_from(other);

    return b != NULL && a->kind == b->kind &&
           (a->at.zone != NULL) == (b->at.zone != NULL) &&
           moment_key(a) == moment_key(b);
}

static uint32_t moment_hash(const struct value_object *self)
{
    int64_t key = moment_key((const struct moment_object *)self);

    return map_hash((const char *)&key, sizeof key);
}

static int moment_compare(struct value_object *self, struct jinja_run *run,
                          struct value other, int *order)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = datetime_from(other);

    if (b != NULL && a->kind != b->kind && a->kind != KIND_TIME &&
        b->kind != KIND_TIME) {
        return jinja_raise(run, "TypeError",
                           "can't compare datetime.datetime to datetime.date");
    }
    if (b == NULL || a->kind != b->kind) {
        return 0;
    }
    if ((a->at.zone != NULL) != (b->at.zone != NULL)) {
        return jinja_raise(run, "TypeError",
                           "can't compare offset-naive and offset-aware %s",
                           a->kind == KIND_TIME ? "times" : "datetimes");
    }
    *order = moment_key(a) < moment_key(b) ? -1 : moment_key(a) > moment_key(b);
    return 1;
}

static int subtract(const struct moment_object *a, const struct moment_object *b,
                    struct jinja_run *run, struct value *out)
{
    if (a->kind != b->kind || a->kind == KIND_TIME) {
        return 0;
    }
    if ((a->at.zone != NULL) != (b->at.zone != NULL)) {
        return jinja_raise(run, "TypeError",
                           "can't subtract offset-naive and offset-aware datetimes");
    }
    *out = duration_value(jinja_arena(run), moment_key(a) - moment_key(b));
    return 1;
}

/* moment - moment, moment ± timedelta */
static int moment_binary(struct value_object *self, struct jinja_run *run, char op,
                         struct value other, bool reversed, struct value *out)
{
    const struct moment_object *a = (const struct moment_object *)self;
    const struct moment_object *b = datetime_from(other);
    int64_t us = 0;

    if (op == '-' && b != NULL && !reversed) {
        return subtract(a, b, run, out);
    }
    if ((op != '+' && op != '-') || !duration_from(other, &us) ||
        (op == '-' && reversed) || a->kind == KIND_TIME) {
        return 0;
    }
    struct moment at = a->at;
    int64_t sum = 0;
    if (a->kind == KIND_DATE) { /* whole days, those of timedelta.days */
        int64_t rest = (us % MOMENT_US_PER_DAY + MOMENT_US_PER_DAY) % MOMENT_US_PER_DAY;
        us -= rest;
    }
    if (__builtin_add_overflow(moment_to_us(&at), op == '-' ? -us : us, &sum) ||
        !moment_set_us(&at, sum)) {
        return jinja_raise(run, "OverflowError", "date value out of range");
    }
    *out = datetime_value(jinja_arena(run), a->kind, &at);
    return 1;
}

#define MOMENT_CLASS(python_name)                                                      \
    {                                                                                  \
        .base = {.name = python_name, .equal = moment_equal, .hash = moment_hash},     \
        .getattr = moment_getattr, .str = moment_str, .repr = moment_repr,             \
        .compare = moment_compare, .binary = moment_binary,                            \
        .format = moment_format_spec, .qualified = true,                               \
    }

static const struct jinja_class datetime_class = MOMENT_CLASS("datetime.datetime");
static const struct jinja_class date_class = MOMENT_CLASS("datetime.date");
static const struct jinja_class time_class = MOMENT_CLASS("datetime.time");

/* ---- the classes: callables with attributes -------------------------------------- */

static int new_datetime(struct jinja_call *call, struct value *out)
{
    struct moment at = {0};

    if (datetime_set_parts(call, "function", KIND_DATETIME, 3, &at) != 0) {
        return -1;
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int new_date(struct jinja_call *call, struct value *out)
{
    struct moment at = {0};

    if (datetime_set_parts(call, "function", KIND_DATE, 3, &at) != 0) {
        return -1;
    }
    *out = datetime_value(call->arena, KIND_DATE, &at);
    return 0;
}

static int new_time(struct jinja_call *call, struct value *out)
{
    struct moment at = {.year = 1, .month = 1, .day = 1};

    if (datetime_set_parts(call, "function", KIND_TIME, 0, &at) != 0) {
        return -1;
    }
    *out = datetime_value(call->arena, KIND_TIME, &at);
    return 0;
}

struct type_object {
    struct value_object base;
    jinja_function construct;
    int kind; /* enum moment_kind, or -1: timedelta */
};

static int type_call(struct jinja_call *call, struct value *out)
{
    return ((struct type_object *)call->context)->construct(call, out);
}

static int type_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    const struct type_object *type = (const struct type_object *)self;

    if (type->kind < 0) {
        return duration_limit(jinja_arena(run), name->s, out);
    }
    jinja_function method =
        datetime_class_method((enum moment_kind)type->kind, name->s);
    if (method != NULL) {
        *out = jinja_function_value(jinja_arena(run), name->s, method, self);
        return 1;
    }
    return datetime_limit(jinja_arena(run), (enum moment_kind)type->kind, name->s, out);
}

static const struct jinja_class type_class = {
    .base = {.name = "type"},
    .getattr = type_getattr,
    .call = type_call,
};

struct value datetime_module(struct arena *arena)
{
    static struct type_object types[] = {
        {{&type_class.base}, new_date, KIND_DATE},
        {{&type_class.base}, new_datetime, KIND_DATETIME},
        {{&type_class.base}, new_time, KIND_TIME},
        {{&type_class.base}, duration_new, -1},
    };
    static const char *const names[] = {"date", "datetime", "time", "timedelta"};
    struct value module = value_dict_new(arena, 4);

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        value_dict_put(module, names[i], jinja_object_value(&types[i].base));
    }
    return module;
}

/* ---- modules.pytz ---------------------------------------------------------------- */

static int call_timezone(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"zone", 0}};
    struct value arg;
    struct value shown;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (value_is_str(arg) && moment_zone_exists(arg.as.s)) {
        *out = zone_value(call->arena, arg.as.s);
        return 0;
    }
    if (value_is(arg, VALUE_NONE)) {
        return jinja_raise(call->run, "UnknownTimeZoneError", "None");
    }
    if (jinja_to_str(call->run, arg, &shown) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "UnknownTimeZoneError",
                       value_is_str(arg) ? "'%s'" : "%s", shown.as.s);
}

struct value pytz_module(struct arena *arena)
{
    struct value module = value_dict_new(arena, 2);

    value_dict_put(module, "timezone",
                   jinja_function_value(arena, "timezone", call_timezone, NULL));
    value_dict_put(module, "utc", zone_value(arena, "UTC"));
    return module;
}

int run_started_at(void *data, struct jinja_run *run, struct value *out)
{
    const struct context *context = data;
    struct moment at = {.year = 1970, .month = 1, .day = 1};

    moment_set_us(&at, moment_to_us(&at) + context->compiler->started_at_ms * 1000);
    at.zone = at.abbreviation = "UTC";
    *out = datetime_value(jinja_arena(run), KIND_DATETIME, &at);
    return 0;
}
