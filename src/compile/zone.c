/* Time zones: pytz.timezone() and the offsets that strptime() reads. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "compile/datetime_object.h"
#include "compile/duration.h"

/* The zone itself as pytz.timezone() gives it, or as a moment has it: with the offset
 * that is in force then. */
struct zone_object {
    struct value_object base;
    const char *name;
    bool in_force;
    struct moment at; /* offset and abbreviation */
};

static const struct jinja_class zone_class, utc_class, fixed_class;

static bool is_zone(struct value v)
{
    return jinja_is_a(v, &zone_class) || jinja_is_a(v, &utc_class) ||
           jinja_is_a(v, &fixed_class);
}

static struct zone_object *zone_new(struct arena *arena, const char *name)
{
    struct zone_object *zone = arena_new(arena, struct zone_object);

    zone->base.class = strcmp(name, "UTC") == 0          ? &utc_class.base
                       : strcmp(name, MOMENT_FIXED) == 0 ? &fixed_class.base
                                                         : &zone_class.base;
    zone->name = arena_strdup(arena, name);
    return zone;
}

struct value zone_value(struct arena *arena, const char *name)
{
    struct zone_object *zone = zone_new(arena, name);

    moment_zone_first(&zone->at, name, arena);
    return jinja_object_value(&zone->base);
}

struct value zone_of(struct arena *arena, const struct moment *at)
{
    if (at->zone == NULL) {
        return value_none();
    }
    struct zone_object *zone = zone_new(arena, at->zone);
    zone->in_force = true;
    zone->at = *at;
    return jinja_object_value(&zone->base);
}

bool zone_attach(struct arena *arena, struct value v, struct moment *at)
{
    (void)arena;
    if (!is_zone(v)) {
        return false;
    }
    const struct zone_object *zone = (const struct zone_object *)(void *)v.as.obj;
    at->zone = zone->name;
    at->offset = zone->at.offset;
    at->abbreviation = zone->at.abbreviation;
    return true;
}

bool zone_convert(struct arena *arena, struct value v, struct moment *at)
{
    if (!is_zone(v)) {
        return false;
    }
    const struct zone_object *zone = (const struct zone_object *)(void *)v.as.obj;
    if (!jinja_is_a(v, &fixed_class)) {
        return moment_to_zone(at, zone->name, arena);
    }
    int64_t us =
        moment_to_us(at) - (at->zone != NULL ? at->offset : 0) * MOMENT_US_PER_SECOND;
    return zone_attach(arena, v, at) &&
           moment_set_us(at, us + at->offset * MOMENT_US_PER_SECOND);
}

const char *zone_fixed(struct arena *arena, struct moment *at)
{
    int seconds = abs(at->offset);

    at->abbreviation =
        at->offset == 0 ? "UTC"
        : seconds % 60 == 0
            ? arena_printf(arena, "UTC%c%02d:%02d", at->offset < 0 ? '-' : '+',
                           seconds / 3600, seconds / 60 % 60)
            : arena_printf(arena, "UTC%c%02d:%02d:%02d", at->offset < 0 ? '-' : '+',
                           seconds / 3600, seconds / 60 % 60, seconds % 60);
    return MOMENT_FIXED;
}

/* ---- methods --------------------------------------------------------------------- */

/* A datetime as the first argument. */
static const struct moment_object *want_datetime(struct jinja_call *call)
{
    const struct moment_object *from =
        call->arg_count > 0 ? datetime_from(call->args[0]) : NULL;

    if (from == NULL || from->kind != KIND_DATETIME) {
        jinja_raise(call->run, "TypeError", "%s() needs a datetime", call->name);
        return NULL;
    }
    return from;
}

static int call_localize(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"dt", 0}, {"is_dst", JINJA_OPTIONAL}};
    const struct zone_object *zone = call->context;
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    const struct moment_object *from = want_datetime(call);
    if (from == NULL) {
        return -1;
    }
    if (from->at.zone != NULL) {
        return jinja_raise(call->run, "ValueError",
                           "Not naive datetime (tzinfo is already set)");
    }
    struct moment at = from->at;
    if (!moment_localize(&at, zone->name, value_is_true(args[1], false), call->arena)) {
        return jinja_raise(call->run, "ValueError", "this time can't be localized");
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

static int call_normalize(struct jinja_call *call, struct value *out)
{
    const struct zone_object *zone = call->context;
    const struct moment_object *from = want_datetime(call);

    if (from == NULL) {
        return -1;
    }
    if (from->at.zone == NULL) {
        return jinja_raise(call->run, "ValueError", "Naive time - no tzinfo set");
    }
    struct moment at = from->at;
    if (!moment_to_zone(&at, zone->name, call->arena)) {
        return jinja_raise(call->run, "OverflowError", "date value out of range");
    }
    *out = datetime_value(call->arena, KIND_DATETIME, &at);
    return 0;
}

/* utcoffset, dst and tzname of a naive datetime. */
static int about(struct jinja_call *call, struct moment *at)
{
    const struct zone_object *zone = call->context;

    if (call->arg_count == 0 || value_is(call->args[0], VALUE_NONE)) {
        *at = zone->at;
        return 0;
    }
    const struct moment_object *from = want_datetime(call);
    if (from == NULL) {
        return -1;
    }
    *at = from->at;
    return moment_localize(at, zone->name, false, call->arena)
               ? 0
               : jinja_raise(call->run, "ValueError", "this time can't be localized");
}

static int call_utcoffset(struct jinja_call *call, struct value *out)
{
    struct moment at;

    if (about(call, &at) != 0) {
        return -1;
    }
    *out = duration_value(call->arena, at.offset * MOMENT_US_PER_SECOND);
    return 0;
}

static int call_tzname(struct jinja_call *call, struct value *out)
{
    struct moment at;

    if (about(call, &at) != 0) {
        return -1;
    }
    *out = value_copy_str(call->arena, at.abbreviation);
    return 0;
}

static int zone_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    static const struct {
        const char *name;
        jinja_function function;
    } methods[] = {{"localize", call_localize},
                   {"normalize", call_normalize},
                   {"tzname", call_tzname},
                   {"utcoffset", call_utcoffset}};

    if (strcmp(name->s, "zone") == 0) {
        *out = value_str(((struct zone_object *)self)->name);
        return self->class != &fixed_class.base;
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(name->s, methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), methods[i].name,
                                        methods[i].function, self);
            return 1;
        }
    }
    return 0;
}

static int zone_str(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct zone_object *zone = (const struct zone_object *)self;

    (void)run;
    buf_adds(out,
             self->class == &fixed_class.base ? zone->at.abbreviation : zone->name);
    return 0;
}

static int utc_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)self;
    (void)run;
    buf_adds(out, "<UTC>");
    return 0;
}

static int fixed_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    int offset = ((struct zone_object *)self)->at.offset;

    if (offset == 0) {
        buf_adds(out, "datetime.timezone.utc");
        return 0;
    }
    buf_adds(out, "datetime.timezone(");
    struct value delta =
        duration_value(jinja_arena(run), offset * MOMENT_US_PER_SECOND);
    if (jinja_repr(run, delta, out) != 0) {
        return -1;
    }
    buf_addc(out, ')');
    return 0;
}

/* <DstTzInfo 'Europe/Berlin' CEST+2:00:00 DST> */
static int zone_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct zone_object *zone = (const struct zone_object *)self;
    struct value offset =
        duration_value(jinja_arena(run), zone->at.offset * MOMENT_US_PER_SECOND);

    buf_addf(out, "<DstTzInfo '%s' %s%s", zone->name, zone->at.abbreviation,
             zone->at.offset >= 0 ? "+" : "");
    if (jinja_str(run, offset, out) != 0) {
        return -1;
    }
    buf_addf(out, " %s>", zone->in_force && zone->at.summer ? "DST" : "STD");
    return 0;
}

static bool zone_equal(const struct value_object *self, struct value other)
{
    const struct zone_object *a = (const struct zone_object *)self;

    if (!is_zone(other) || other.as.obj->class != self->class) {
        return false;
    }
    const struct zone_object *b = (const struct zone_object *)(void *)other.as.obj;
    return strcmp(a->name, b->name) == 0 && a->at.offset == b->at.offset;
}

static const struct jinja_class zone_class = {
    .base = {.name = "pytz.tzfile.zone", .equal = zone_equal, .unhashable = true},
    .getattr = zone_getattr,
    .str = zone_str,
    .repr = zone_repr,
};
static const struct jinja_class utc_class = {
    .base = {.name = "pytz.UTC", .equal = zone_equal, .unhashable = true},
    .getattr = zone_getattr,
    .str = zone_str,
    .repr = utc_repr,
};
static const struct jinja_class fixed_class = {
    .base = {.name = "datetime.timezone", .equal = zone_equal, .unhashable = true},
    .getattr = zone_getattr,
    .str = zone_str,
    .repr = fixed_repr,
};
