#include "config.h"

#include "jinja/objects.h"

#include <stdio.h>

/* ---- generators --------------------------------------------------------------------
 */

struct generator {
    struct value_object base;
    const char *name;
    generator_next next;
    void *state;
    bool done;
};

static int generator_step(struct value_object *self, struct jinja_run *run, size_t *at,
                          struct value *out)
{
    struct generator *g = (struct generator *)(void *)self;

    (void)at;
    if (g->done) {
        return 0;
    }
    int more = g->next(run, g->state, out);
    g->done = more <= 0;
    return more;
}

static int generator_repr(struct value_object *self, struct jinja_run *run,
                          struct buf *out)
{
    const struct generator *g = (const void *)self;

    (void)run;
    buf_addf(out, "<generator object %s>", g->name);
    return 0;
}

static bool always_true(struct value_object *self)
{
    (void)self;
    return true;
}

const struct jinja_class generator_class = {
    .base = {.name = "generator"},
    .next = generator_step,
    .repr = generator_repr,
    .truth = always_true,
};

struct value generator_new(struct arena *arena, const char *name, generator_next next,
                           void *state)
{
    struct generator *g = arena_new(arena, struct generator);

    g->base.class = &generator_class.base;
    g->name = name;
    g->next = next;
    g->state = state;
    return jinja_object_value(&g->base);
}

struct list_state {
    struct value list;
    size_t at;
};

static int list_state_next(struct jinja_run *run, void *state, struct value *out)
{
    struct list_state *s = state;

    (void)run;
    if (s->at >= value_list_count(s->list)) {
        return 0;
    }
    *out = value_list_at(s->list, s->at++);
    return 1;
}

struct value generator_over(struct arena *arena, const char *name, struct value list)
{
    struct list_state *s = arena_new(arena, struct list_state);

    s->list = list;
    return generator_new(arena, name, list_state_next, s);
}

/* ---- range -------------------------------------------------------------------------
 */

struct range {
    struct value_object base;
    int64_t start;
    int64_t stop;
    int64_t step;
    int64_t count;
};

static int64_t range_length(struct value_object *self)
{
    return ((const struct range *)(void *)self)->count;
}

static int range_next(struct value_object *self, struct jinja_run *run, size_t *at,
                      struct value *out)
{
    const struct range *r = (const void *)self;

    (void)run;
    if ((int64_t)*at >= r->count) {
        return 0;
    }
    *out = value_int(r->start + (int64_t)(*at)++ * r->step);
    return 1;
}

static int range_getitem(struct value_object *self, struct jinja_run *run,
                         struct value key, struct value *out)
{
    const struct range *r = (const void *)self;

    (void)run;
    if (key.type != VALUE_INT) {
        return 0;
    }
    int64_t i = key.as.i < 0 ? key.as.i + r->count : key.as.i;
    if (i < 0 || i >= r->count) {
        return 0;
    }
    *out = value_int(r->start + i * r->step);
    return 1;
}

static int range_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    const struct range *r = (const void *)self;

    (void)run;
    if (strcmp(name->s, "start") == 0) {
        *out = value_int(r->start);
    } else if (strcmp(name->s, "stop") == 0) {
        *out = value_int(r->stop);
    } else if (strcmp(name->s, "step") == 0) {
        *out = value_int(r->step);
    } else {
        return 0;
    }
    return 1;
}

static int range_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct range *r = (const void *)self;

    (void)run;
    buf_addf(out, "range(%lld, %lld", (long long)r->start, (long long)r->stop);
    if (r->step != 1) {
        buf_addf(out, ", %lld", (long long)r->step);
    }
    buf_addc(out, ')');
    return 0;
}

static const struct jinja_class range_class;

static bool range_equal(const struct value_object *self, struct value other)
{
    const struct range *a = (const void *)self;

    if (!jinja_is_a(other, &range_class)) {
        return false;
    }
    const struct range *b = (const void *)other.as.obj;
    return a->count == b->count && (a->count == 0 || a->start == b->start) &&
           (a->count <= 1 || a->step == b->step);
}

static const struct jinja_class range_class = {
    .base = {.name = "range", .equal = range_equal},
    .getattr = range_getattr,
    .getitem = range_getitem,
    .length = range_length,
    .next = range_next,
    .repr = range_repr,
    .sequence = true,
};

struct value range_new(struct arena *arena, int64_t start, int64_t stop, int64_t step)
{
    struct range *r = arena_new(arena, struct range);
    __int128 span = step > 0 ? (__int128)stop - start : (__int128)start - stop;
    __int128 by = step > 0 ? step : -(__int128)step;

    r->base.class = &range_class.base;
    r->start = start;
    r->stop = stop;
    r->step = step;
    __int128 count = span > 0 ? (span + by - 1) / by : 0;
    r->count = count > INT64_MAX ? INT64_MAX : (int64_t)count;
    return jinja_object_value(&r->base);
}

bool is_range(struct value v)
{
    return jinja_is_a(v, &range_class);
}

/* ---- dict views --------------------------------------------------------------------
 */

struct view {
    struct value_object base;
    struct value dict;
    enum view_kind kind;
    uint32_t count; /* when iteration began */
};

static int64_t view_length(struct value_object *self)
{
    return (int64_t)value_dict_count(((const struct view *)(void *)self)->dict);
}

static int view_next(struct value_object *self, struct jinja_run *run, size_t *at,
                     struct value *out)
{
    struct view *v = (struct view *)(void *)self;

    if (*at == 0) {
        v->count = v->dict.as.dict->count;
    } else if (v->count != v->dict.as.dict->count) {
        return jinja_raise(run, "RuntimeError",
                           "dictionary changed size during iteration");
    }
    const struct value_pair *pair = value_dict_next(v->dict, at);
    if (pair == NULL) {
        return 0;
    }
    if (v->kind == VIEW_ITEMS) {
        *out = value_tuple_new(run->arena, 2);
        value_list_push(*out, pair->key);
        value_list_push(*out, pair->value);
    } else {
        *out = v->kind == VIEW_KEYS ? pair->key : pair->value;
    }
    return 1;
}

static int view_contains(struct value_object *self, struct jinja_run *run,
                         struct value x)
{
    const struct view *v = (const void *)self;
    size_t at = 0;

    if (v->kind == VIEW_KEYS) {
        bool found;
        return value_contains(run, v->dict, x, &found) == 0 ? found : -1;
    }
    for (const struct value_pair *pair;
         (pair = value_dict_next(v->dict, &at)) != NULL;) {
        if (v->kind == VIEW_VALUES
                ? value_equal(pair->value, x)
                : value_list_count(x) == 2 &&
                      value_equal(pair->key, value_list_at(x, 0)) &&
                      value_equal(pair->value, value_list_at(x, 1))) {
            return 1;
        }
    }
    return 0;
}

static int view_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    struct value list;

    if (jinja_to_list(run, jinja_object_value(self), &list) != 0) {
        return -1;
    }
    buf_addf(out, "%s(", self->class->name);
    if (jinja_repr(run, list, out) != 0) {
        return -1;
    }
    buf_addc(out, ')');
    return 0;
}

static const struct jinja_class view_classes[] = {
    [VIEW_KEYS] = {.base = {.name = "dict_keys", .unhashable = true},
                   .length = view_length,
                   .next = view_next,
                   .contains = view_contains,
                   .repr = view_repr},
    [VIEW_VALUES] = {.base = {.name = "dict_values"},
                     .length = view_length,
                     .next = view_next,
                     .contains = view_contains,
                     .repr = view_repr},
    [VIEW_ITEMS] = {.base = {.name = "dict_items", .unhashable = true},
                    .length = view_length,
                    .next = view_next,
                    .contains = view_contains,
                    .repr = view_repr},
};

struct value view_new(struct arena *arena, struct value dict, enum view_kind kind)
{
    struct view *v = arena_new(arena, struct view);

    v->base.class = &view_classes[kind].base;
    v->dict = dict;
    v->kind = kind;
    return jinja_object_value(&v->base);
}
