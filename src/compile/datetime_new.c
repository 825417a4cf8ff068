/* Making datetime, date and time values: constructors and class methods. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "compile/datetime_object.h"
#include "compile/duration.h"

#define EPOCH ((struct moment){.year = 1970, .month = 1, .day = 1})

/* ---- constructors ---------------------------------------------------------------- */

const char *const datetime_part_names[] = {"year",   "month",  "day",        "hour",
                                           "minute", "second", "microsecond"};

size_t datetime_first_part(enum moment_kind kind)
{
    return kind == KIND_TIME ? 3 : 0;
}

size_t datetime_end_part(enum moment_kind kind)
{
    return kind == KIND_DATE ? 3 : 7;
}

int *datetime_part(struct moment *moment, size_t i)
{
    int *parts[] = {&moment->year,       &moment->month,  &moment->day,
                    &moment->hour,       &moment->minute, &moment->second,
                    &moment->microsecond};

    return parts[i];
}

int datetime_check(struct jinja_run *run, const struct moment *at)
{
    const char *fault = moment_fault(at);

    if (fault == NULL) {
        return 0;
    }
    return strncmp(fault, "year", 4) == 0
               ? jinja_raise(run, "ValueError", "year %d is out of range", at->year)
               : jinja_raise(run, "ValueError", "%s", fault);
}

static int set_zone(struct jinja_call *call, struct value v, struct moment *at)
{
    if (value_is(v, VALUE_NONE)) {
        at->zone = NULL;
        return 0;
    }
    return zone_attach(call->arena, v, at)
               ? 0
               : jinja_raise(call->run, "TypeError",
                             "tzinfo argument must be None or of a tzinfo subclass, not"
                             " type '%s'",
                             jinja_type_name(v));
}

static int set_part(struct jinja_call *call, struct value v, int *part)
{
    if (!value_is(v, VALUE_INT) && !value_is(v, VALUE_BOOL)) {
        return jinja_raise(call->run, "TypeError",
                           "'%s' object cannot be interpreted as an integer",
                           jinja_type_name(v));
    }
    int64_t n = value_is(v, VALUE_BOOL) ? v.as.b : v.as.i;
    *part = n > INT32_MAX || n < INT32_MIN ? -1 : (int)n;
    return 0;
}

/* The parameter of a keyword; `count` when there is none. */
static size_t find_part(const char *name, size_t first, size_t end, size_t count)
{
    for (size_t i = first; i < end; i++) {
        if (strcmp(name, datetime_part_names[i]) == 0) {
            return i - first;
        }
    }
    return end < 7                       ? count
           : strcmp(name, "tzinfo") == 0 ? end - first
           : strcmp(name, "fold") == 0   ? end - first + 1
                                         : count;
}

int datetime_set_parts(struct jinja_call *call, const char *function,
                       enum moment_kind kind, size_t required, struct moment *at)
{
    size_t first = datetime_first_part(kind);
    size_t end = datetime_end_part(kind);
    size_t count = end - first + (kind == KIND_DATE ? 0 : 2);
    size_t most = kind == KIND_DATE ? count : count - 1; /* fold is a keyword */
    bool given[9] = {false};
    bool named = strcmp(function, "function") != 0;

    if (call->arg_count + call->kwarg_count > count || call->arg_count > most) {
        bool all = call->arg_count <= most;
        return jinja_raise(
            call->run, "TypeError", "%s%s takes at most %zu %sargument%s (%zu given)",
            function, named ? "()" : "", all ? count : most, all ? "" : "positional ",
            count == 1 ? "" : "s", call->arg_count + (all ? call->kwarg_count : 0));
    }
    for (size_t i = 0; i < call->arg_count + call->kwarg_count; i++) {
        size_t k = i - call->arg_count;
        bool keyword = i >= call->arg_count;
        struct value v = keyword ? call->kwargs[k].value : call->args[i];
        const char *name = keyword ? value_cstr(call->kwargs[k].name, "") : "";
        size_t part = keyword ? find_part(name, first, end, count) : i;
        if (part >= count) {
            return jinja_raise(call->run, "TypeError",
                               "'%s' is an invalid keyword argument for %s%s", name,
                               named ? function : "this function", named ? "()" : "");
        }
        int fold = 0;
        given[part] = true;
        if (part == end - first
                ? set_zone(call, v, at) != 0
                : set_part(call, v,
                           part > end - first ? &fold
                                              : datetime_part(at, first + part)) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < required; i++) {
        if (!given[i]) {
            return jinja_raise(call->run, "TypeError",
                               "%s missing required argument '%s' (pos %zu)", function,
                               datetime_part_names[first + i], i + 1);
        }
    }
    return datetime_check(call->run, at);
}

/* ---- class methods --------------------------------------------------------------- */

/* The argument that is a time zone, None or not given: `*zone` undefined. */
static int want_zone(struct jinja_call *call, struct value v, struct value *zone)
{
    struct moment ignored = {0};

    *zone = value_undefined();
    if (jinja_is_missing(v) || value_is(v, VALUE_NONE)) {
        return 0;
    }
    *zone = v;
    return zone_attach(call->arena, v, &ignored)
               ? 0
               : jinja_raise(call->run, "TypeError",
                             "tzinfo argument must be None or of a tzinfo subclass, not"
                             " type '%s'",
                             jinja_type_name(v));
}

/* A moment of UTC, in the zone, or without one as the clock here shows it. */
static int put_moment(struct jinja_call *call, int64_t epoch_us, struct value zone,
                      struct value *out)
{
    struct moment at = EPOCH;

    if (!moment_set_us(&at, moment_to_us(&at) + epoch_us)) {
        return jinja_raise(call->run, "ValueError", "year is out of range");
    }
    if (value_is(zone, VALUE_UNDEFINED)) {
        moment_to_local(&at);
    } else if (!zone_convert(call->arena, zone, &at)) {
        return jinja_raise(call->run, "OverflowError", "date value out of range");
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int class_now(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"tz", JINJA_OPTIONAL}};
    struct value arg;
    struct value zone;

    return jinja_args(call, params, 1, &arg) != 0 || want_zone(call, arg, &zone) != 0
               ? -1
               : put_moment(call, clock_wall_ms() * 1000, zone, out);
}

static int class_today(struct jinja_call *call, struct value *out)
{
    return jinja_args(call, NULL, 0, NULL) != 0
               ? -1
               : put_moment(call, clock_wall_ms() * 1000, value_undefined(), out);
}

static int class_utcnow(struct jinja_call *call, struct value *out)
{
    struct moment at = EPOCH;

    if (jinja_args(call, NULL, 0, NULL) != 0) {
        return -1;
    }
    moment_set_us(&at, moment_to_us(&at) + clock_wall_ms() * 1000);
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int date_today(struct jinja_call *call, struct value *out)
{
    if (class_today(call, out) != 0) {
        return -1;
    }
    struct moment at = datetime_from(*out)->at;
    at.hour = at.minute = at.second = at.microsecond = 0;
    *out = datetime_value(call->arena, KIND_DATE, &at);
    return 0;
}

/* A positional string of a method. */
static int want_text(struct jinja_call *call, size_t i, const char **out)
{
    if (!value_is_str(call->args[i])) {
        return jinja_raise(call->run, "TypeError",
                           "%s() argument %zu must be str, not %s", call->name, i + 1,
                           value_is(call->args[i], VALUE_NONE)
                               ? "None"
                               : jinja_type_name(call->args[i]));
    }
    *out = call->args[i].as.s;
    return 0;
}

static int class_strptime(struct jinja_call *call, struct value *out)
{
    const char *text;
    const char *format;
    struct moment at;
    struct buf why = BUF_INIT;

    if (call->kwarg_count > 0) {
        return jinja_raise(call->run, "TypeError",
                           "datetime.strptime() takes no keyword arguments");
    }
    if (call->arg_count != 2) {
        return jinja_raise(call->run, "TypeError",
                           "strptime() takes exactly 2 arguments (%zu given)",
                           call->arg_count);
    }
    if (want_text(call, 0, &text) != 0 || want_text(call, 1, &format) != 0) {
        return -1;
    }
    int rc = moment_parse(text, format, &at, &why);
    if (rc != 0) {
        jinja_raise(call->run, "ValueError", "%s", buf_str(&why));
    }
    buf_fini(&why);
    if (rc != 0 || datetime_check(call->run, &at) != 0) {
        return -1;
    }
    at.zone = at.zone != NULL ? zone_fixed(call->arena, &at) : NULL;
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int from_iso(struct jinja_call *call, enum moment_kind kind, struct value *out)
{
    static const enum moment_iso forms[] = {MOMENT_ISO_DATETIME, MOMENT_ISO_DATE,
                                            MOMENT_ISO_TIME};
    static const struct jinja_param params[] = {{"date_string", 0}};
    struct value arg;
    struct moment at;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (!value_is_str(arg)) {
        return jinja_raise(call->run, "TypeError",
                           "fromisoformat: argument must be str");
    }
    if (!moment_parse_iso(arg.as.s, forms[kind], &at)) {
        return jinja_raise(call->run, "ValueError", "Invalid isoformat string: '%s'",
                           arg.as.s);
    }
    if (datetime_check(call->run, &at) != 0) {
        return -1;
    }
    at.zone = at.zone != NULL ? zone_fixed(call->arena, &at) : NULL;
    *out = datetime_value(call->arena, kind, &at);
    return 0;
}

static int datetime_from_iso(struct jinja_call *call, struct value *out)
{
    return from_iso(call, KIND_DATETIME, out);
}

static int date_from_iso(struct jinja_call *call, struct value *out)
{
    return from_iso(call, KIND_DATE, out);
}

static int time_from_iso(struct jinja_call *call, struct value *out)
{
    return from_iso(call, KIND_TIME, out);
}

static int want_timestamp(struct jinja_call *call, struct value v, int64_t *us)
{
    double seconds;

    if (!number_from(v, &seconds)) {
        return jinja_raise(call->run, "TypeError",
                           "'%s' object cannot be interpreted as an integer",
                           jinja_type_name(v));
    }
    if (!(fabs(seconds) < 1e12)) {
        return jinja_raise(call->run, "OverflowError",
                           "timestamp out of range for platform time_t");
    }
    *us = (int64_t)nearbyint(seconds * 1e6);
    return 0;
}

static int class_from_timestamp(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"timestamp", 0},
                                                {"tz", JINJA_OPTIONAL}};
    struct value args[2];
    struct value zone;
    int64_t us;

    return jinja_args(call, params, 2, args) != 0 ||
                   want_zone(call, args[1], &zone) != 0 ||
                   want_timestamp(call, args[0], &us) != 0
               ? -1
               : put_moment(call, us, zone, out);
}

static int class_utc_from_timestamp(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"timestamp", 0}};
    struct moment at = EPOCH;
    struct value arg;
    int64_t us;

    if (jinja_args(call, params, 1, &arg) != 0 || want_timestamp(call, arg, &us) != 0) {
        return -1;
    }
    if (!moment_set_us(&at, moment_to_us(&at) + us)) {
        return jinja_raise(call->run, "ValueError", "year is out of range");
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int from_ordinal(struct jinja_call *call, enum moment_kind kind,
                        struct value *out)
{
    static const struct jinja_param params[] = {{"ordinal", 0}};
    struct moment at = {0};
    struct value arg;
    int day = 0;

    if (jinja_args(call, params, 1, &arg) != 0 || set_part(call, arg, &day) != 0) {
        return -1;
    }
    if (day < 1) {
        return jinja_raise(call->run, "ValueError", "ordinal must be >= 1");
    }
    if (!moment_set_us(&at, (day - 1) * MOMENT_US_PER_DAY)) {
        return jinja_raise(call->run, "ValueError", "year is out of range");
    }
    *out = datetime_value(call->arena, kind, &at);
    return 0;
}

static int datetime_from_ordinal(struct jinja_call *call, struct value *out)
{
    return from_ordinal(call, KIND_DATETIME, out);
}

static int date_from_ordinal(struct jinja_call *call, struct value *out)
{
    return from_ordinal(call, KIND_DATE, out);
}

static int class_combine(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"date", 0}, {"time", 0}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    const struct moment_object *date = datetime_from(args[0]);
    const struct moment_object *time = datetime_from(args[1]);
    if (date == NULL || date->kind == KIND_TIME) {
        return jinja_raise(call->run, "TypeError",
                           "combine() argument 1 must be datetime.date, not %s",
                           jinja_type_name(args[0]));
    }
    if (time == NULL || time->kind != KIND_TIME) {
        return jinja_raise(call->run, "TypeError",
                           "combine() argument 2 must be datetime.time, not %s",
                           jinja_type_name(args[1]));
    }
    struct moment at = time->at;
    at.year = date->at.year;
    at.month = date->at.month;
    at.day = date->at.day;
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

jinja_function datetime_class_method(enum moment_kind kind, const char *name)
{
    static const struct {
        enum moment_kind kind;
        const char *name;
        jinja_function function;
    } table[] = {
        {KIND_DATETIME, "combine", class_combine},
        {KIND_DATETIME, "fromisoformat", datetime_from_iso},
        {KIND_DATETIME, "fromordinal", datetime_from_ordinal},
        {KIND_DATETIME, "fromtimestamp", class_from_timestamp},
        {KIND_DATETIME, "now", class_now},
        {KIND_DATETIME, "strptime", class_strptime},
        {KIND_DATETIME, "today", class_today},
        {KIND_DATETIME, "utcfromtimestamp", class_utc_from_timestamp},
        {KIND_DATETIME, "utcnow", class_utcnow},
        {KIND_DATE, "fromisoformat", date_from_iso},
        {KIND_DATE, "fromordinal", date_from_ordinal},
        {KIND_DATE, "today", date_today},
        {KIND_TIME, "fromisoformat", time_from_iso},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].kind == kind && strcmp(table[i].name, name) == 0) {
            return table[i].function;
        }
    }
    return NULL;
}

int datetime_limit(struct arena *arena, enum moment_kind kind, const char *name,
                   struct value *out)
{
    struct moment at = {.year = 1, .month = 1, .day = 1};

    if (strcmp(name, "resolution") == 0) {
        *out = duration_value(arena, kind == KIND_DATE ? MOMENT_US_PER_DAY : 1);
        return 1;
    }
    if (strcmp(name, "max") == 0) {
        at = (struct moment){9999, 12, 31, 23, 59, 59, 999999, NULL, 0, NULL, false};
    } else if (strcmp(name, "min") != 0) {
        return 0;
    }
    *out = datetime_value(arena, kind, &at);
    return 1;
}
