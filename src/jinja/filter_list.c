/* Filters over sequences. */
#include "config.h"

#include "jinja/internal.h"

#include "jinja/number.h"
#include "jinja/objects.h"
#include "jinja/sort.h"

#define SORT_ASCENDING false

static int filter_list(struct jinja_call *call, struct value *a, struct value *out)
{
    return jinja_to_list(call->run, a[0], out);
}

static int filter_length(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t n = value_length(a[0]);

    if (n < 0) {
        return jinja_raise(call->run, "TypeError", "object of type '%s' has no len()",
                           jinja_type_name(a[0]));
    }
    *out = value_int(n);
    return 0;
}

static int filter_first(struct jinja_call *call, struct value *a, struct value *out)
{
    struct iter it;
    int more = iter_init(call->run, a[0], &it);

    if (more == 0) {
        more = iter_next(call->run, &it, out);
    }
    if (more == 0) {
        *out = jinja_undefined(call->run, "", "No first item, sequence was empty.");
    }
    return more < 0 ? -1 : 0;
}

/* What reversed() refuses. */
static bool is_reversible(struct value v)
{
    if (v.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)v.as.obj->class;
        return class->next != NULL && class->length != NULL;
    }
    return v.type == VALUE_STRING || is_sequence(v) || v.type == VALUE_DICT ||
           v.type == VALUE_UNDEFINED;
}

static int filter_last(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value list = a[0];

    if (!is_reversible(a[0])) {
        return jinja_raise(call->run, "TypeError", "'%s' object is not reversible",
                           jinja_type_name(a[0]));
    }
    if (!is_sequence(list) && jinja_to_list(call->run, a[0], &list) != 0) {
        return -1;
    }
    size_t n = value_list_count(list);
    *out = n > 0 ? value_list_at(list, n - 1)
                 : jinja_undefined(call->run, "", "No last item, sequence was empty.");
    return 0;
}

static int filter_random(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    int64_t n = value_length(a[0]);

    if (n < 0) {
        return jinja_raise(run, "TypeError", "object of type '%s' has no len()",
                           jinja_type_name(a[0]));
    }
    if (n == 0) {
        *out = jinja_undefined(run, "", "No random item, sequence was empty.");
        return 0;
    }
    run->random ^= run->random << 13;
    run->random ^= run->random >> 7;
    run->random ^= run->random << 17;
    return value_item(run, a[0], value_int((int64_t)(run->random % (uint64_t)n)), out);
}

static int filter_reverse(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value list;
    struct value reversed;

    if (a[0].type == VALUE_STRING) {
        return value_slice(call->run, a[0], value_none(), value_none(), value_int(-1),
                           out);
    }
    if (jinja_to_list(call->run, a[0], &list) != 0) {
        if (a[0].type != VALUE_OBJECT) {
            err_clear(call->run->err);
            return jinja_raise(call->run, "FilterArgumentError",
                               "argument must be iterable");
        }
        return -1;
    }
    size_t n = value_list_count(list);
    reversed = value_list_new(call->arena, n);
    for (size_t i = n; i-- > 0;) {
        value_list_push(reversed, value_list_at(list, i));
    }
    *out = is_reversible(a[0]) ? generator_over(call->arena, "reversed", reversed)
                               : reversed;
    return 0;
}

/* ---- keys
 * ------------------------------------------------------------------------------ */

static int key_of(struct jinja_run *run, struct value item, struct value attribute,
                  struct value fallback, bool case_sensitive, struct value *out)
{
    if (sort_attribute(run, item, attribute, fallback, out) != 0) {
        return -1;
    }
    if (!case_sensitive) {
        *out = sort_ignore_case(run, *out);
    }
    return 0;
}

static int keys_of(struct jinja_run *run, struct value items, struct value attribute,
                   struct value fallback, bool case_sensitive, struct value *out)
{
    size_t n = value_list_count(items);

    *out = value_list_new(run->arena, n);
    for (size_t i = 0; i < n; i++) {
        struct value key;
        if (run_step(run) != 0 || key_of(run, value_list_at(items, i), attribute,
                                         fallback, case_sensitive, &key) != 0) {
            return -1;
        }
        value_list_push(*out, key);
    }
    return 0;
}

/* Attributes "a,b.c": a list of keys per item. */
static int multi_key(struct jinja_run *run, struct value item, struct value attribute,
                     bool case_sensitive, struct value *out)
{
    const char *part = attribute.as.s;
    const char *end = part + attribute.len;

    *out = value_list_new(run->arena, 2);
    while (part != NULL) {
        const char *comma = memchr(part, ',', (size_t)(end - part));
        size_t len = (size_t)((comma != NULL ? comma : end) - part);
        struct value key;
        if (key_of(run, item, value_copy_str_n(run->arena, part, len), value_none(),
                   case_sensitive, &key) != 0) {
            return -1;
        }
        value_list_push(*out, key);
        part = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

/* Jinja compares lists of keys, in which what is equal is never put in order: that
 * matters for keys that have none, as undefined values. */
static struct value as_lists(struct jinja_run *run, struct value keys)
{
    bool simple = true;

    for (size_t i = 0; i < value_list_count(keys) && simple; i++) {
        struct value key = value_list_at(keys, i);
        simple = key.type == VALUE_STRING || key.type == VALUE_INT;
    }
    if (simple) {
        return keys;
    }
    struct value lists = value_list_new(run->arena, value_list_count(keys));
    for (size_t i = 0; i < value_list_count(keys); i++) {
        struct value list = value_list_new(run->arena, 1);
        value_list_push(list, value_list_at(keys, i));
        value_list_push(lists, list);
    }
    return lists;
}

static int filter_sort(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    struct value keys;
    bool sensitive = jinja_truth(a[2]);

    if (jinja_to_list(run, a[0], out) != 0) {
        return -1;
    }
    if (a[3].type != VALUE_STRING || memchr(a[3].as.s, ',', a[3].len) == NULL) {
        if (keys_of(run, *out, a[3], value_none(), sensitive, &keys) != 0) {
            return -1;
        }
        return sort_by(run, *out, as_lists(run, keys), jinja_truth(a[1]));
    }
    size_t n = value_list_count(*out);
    keys = value_list_new(run->arena, n);
    for (size_t i = 0; i < n; i++) {
        struct value key;
        if (multi_key(run, value_list_at(*out, i), a[3], sensitive, &key) != 0) {
            return -1;
        }
        value_list_push(keys, key);
    }
    return sort_by(run, *out, keys, jinja_truth(a[1]));
}

static int filter_dictsort(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    bool by_value = a[2].type == VALUE_STRING && strcmp(a[2].as.s, "value") == 0;
    struct value items;
    struct value keys;

    if (!is_missing(a[2]) && !by_value &&
        (a[2].type != VALUE_STRING || strcmp(a[2].as.s, "key") != 0)) {
        return jinja_raise(run, "FilterArgumentError",
                           "You can only sort by either \"key\" or \"value\"");
    }
    if (a[0].type == VALUE_UNDEFINED) {
        return undefined_raise(run, a[0]);
    }
    if (a[0].type != VALUE_DICT) {
        return jinja_raise(run, "AttributeError",
                           "'%s' object has no attribute 'items'",
                           jinja_type_name(a[0]));
    }
    items = view_new(run->arena, a[0], VIEW_ITEMS);
    if (jinja_to_list(run, items, out) != 0 ||
        keys_of(run, *out, value_int(by_value ? 1 : 0), value_none(), jinja_truth(a[1]),
                &keys) != 0) {
        return -1;
    }
    return sort_by(run, *out, keys, jinja_truth(a[3]));
}

struct unique_state {
    struct iter it;
    struct value seen;
    struct value attribute;
    bool case_sensitive;
};

static int unique_next(struct jinja_run *run, void *state, struct value *out)
{
    struct unique_state *s = state;
    struct value key;
    int more;

    while ((more = iter_next(run, &s->it, out)) > 0) {
        if (run_step(run) != 0 || key_of(run, *out, s->attribute, value_none(),
                                         s->case_sensitive, &key) != 0) {
            return -1;
        }
        if (!value_hashable(key)) {
            return jinja_raise(run, "TypeError", "unhashable type: '%s'",
                               jinja_type_name(key));
        }
        if (value_dict_find(s->seen, key, value_hash(key)) == NULL) {
            value_dict_put_value(s->seen, key, value_none());
            return 1;
        }
    }
    return more;
}

static int filter_unique(struct jinja_call *call, struct value *a, struct value *out)
{
    struct unique_state *s = arena_new(call->arena, struct unique_state);

    if (iter_init(call->run, a[0], &s->it) != 0) {
        return -1;
    }
    s->seen = value_dict_new(call->arena, 8);
    s->case_sensitive = jinja_truth(a[1]);
    s->attribute = a[2];
    *out = generator_new(call->arena, "sync_do_unique", unique_next, s);
    return 0;
}

static int min_or_max(struct jinja_call *call, struct value *a, bool max,
                      struct value *out)
{
    struct jinja_run *run = call->run;
    struct iter it;
    struct value item;
    struct value best;
    struct value key;
    bool any = false;
    int more;

    if (iter_init(run, a[0], &it) != 0) {
        return -1;
    }
    while ((more = iter_next(run, &it, &item)) > 0) {
        int order = -1;
        if (run_step(run) != 0 ||
            key_of(run, item, a[2], value_none(), jinja_truth(a[1]), &key) != 0) {
            return -1;
        }
        if (any && value_order(run, key, best, max ? ">" : "<", &order) != 0) {
            return -1;
        }
        order = order == NUMBER_UNORDERED ? 0 : max ? -order : order;
        if (!any || order < 0) {
            best = key;
            *out = item;
            any = true;
        }
    }
    if (!any && more == 0) {
        *out = jinja_undefined(run, "", "No aggregated item, sequence was empty.");
    }
    return more;
}

static int filter_min(struct jinja_call *call, struct value *a, struct value *out)
{
    return min_or_max(call, a, false, out);
}

static int filter_max(struct jinja_call *call, struct value *a, struct value *out)
{
    return min_or_max(call, a, true, out);
}

static int filter_sum(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    struct iter it;
    struct value item;
    int more;

    *out = is_missing(a[2]) ? value_int(0) : a[2];
    if (out->type == VALUE_STRING) {
        return jinja_raise(run, "TypeError",
                           "sum() can't sum strings [use ''.join(seq) instead]");
    }
    if (iter_init(run, a[0], &it) != 0) {
        return -1;
    }
    while ((more = iter_next(run, &it, &item)) > 0) {
        if (run_step(run) != 0 ||
            sort_attribute(run, item, a[1], value_none(), &item) != 0 ||
            op_binary(run, '+', *out, item, out) != 0) {
            return -1;
        }
    }
    return more;
}

/* ---- groups
 * ----------------------------------------------------------------------------- */

struct batch_state {
    struct iter it;
    int64_t size;
    struct value fill;
    bool done;
};

static int batch_next(struct jinja_run *run, void *state, struct value *out)
{
    struct batch_state *s = state;
    struct value item;
    int more = 1;

    if (s->done) {
        return 0;
    }
    *out = value_list_new(run->arena, 4);
    while ((int64_t)value_list_count(*out) != s->size &&
           (more = iter_next(run, &s->it, &item)) > 0) {
        if (run_step(run) != 0) {
            return -1;
        }
        value_list_push(*out, item);
    }
    if (more < 0) {
        return -1;
    }
    s->done = more == 0;
    if (value_list_count(*out) == 0) {
        return 0;
    }
    while (!value_is_null(s->fill) && (int64_t)value_list_count(*out) < s->size) {
        if (run_step(run) != 0) {
            return -1;
        }
        value_list_push(*out, s->fill);
    }
    return 1;
}

static int filter_batch(struct jinja_call *call, struct value *a, struct value *out)
{
    struct batch_state *s = arena_new(call->arena, struct batch_state);

    if (iter_init(call->run, a[0], &s->it) != 0) {
        return -1;
    }
    s->size = a[1].type == VALUE_INT ? a[1].as.i : -1;
    s->fill = a[2];
    *out = generator_new(call->arena, "do_batch", batch_next, s);
    return 0;
}

static int filter_slice(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value items;
    struct value slices = value_list_new(call->arena, 4);
    int64_t n;

    if (jinja_to_list(call->run, a[0], &items) != 0 ||
        value_index(call->run, a[1], &n) != 0) {
        return -1;
    }
    if (n == 0) {
        return jinja_raise(call->run, "ZeroDivisionError",
                           "integer division or modulo by zero");
    }
    int64_t length = (int64_t)value_list_count(items);
    int64_t per = n > 0 ? length / n : 0;
    int64_t extra = n > 0 ? length % n : 0;
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        struct value slice = value_list_new(call->arena, (size_t)per + 1);
        for (int64_t j = 0; j < per + (i < extra ? 1 : 0); j++) {
            value_list_push(slice, value_list_at(items, (size_t)at++));
        }
        if (!value_is_null(a[2]) && i >= extra) {
            value_list_push(slice, a[2]);
        }
        if (run_step(call->run) != 0) {
            return -1;
        }
        value_list_push(slices, slice);
    }
    *out = generator_over(call->arena, "sync_do_slice", slices);
    return 0;
}

struct group {
    struct value_object base;
    struct value pair; /* tuple of grouper and list */
};

static int group_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    const struct group *g = (const void *)self;

    (void)run;
    if (strcmp(name->s, "grouper") == 0) {
        *out = value_list_at(g->pair, 0);
        return 1;
    }
    if (strcmp(name->s, "list") == 0) {
        *out = value_list_at(g->pair, 1);
        return 1;
    }
    return 0;
}

static int group_getitem(struct value_object *self, struct jinja_run *run,
                         struct value key, struct value *out)
{
    const struct group *g = (const void *)self;

    return value_subscript(run, g->pair, key, out);
}

static int group_next(struct value_object *self, struct jinja_run *run, size_t *at,
                      struct value *out)
{
    const struct group *g = (const void *)self;

    (void)run;
    if (*at >= 2) {
        return 0;
    }
    *out = value_list_at(g->pair, (*at)++);
    return 1;
}

static int64_t group_length(struct value_object *self)
{
    (void)self;
    return 2;
}

static int group_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct group *g = (const void *)self;

    return jinja_repr(run, g->pair, out);
}

static bool group_equal(const struct value_object *self, struct value other)
{
    const struct group *g = (const void *)self;

    if (other.type == VALUE_OBJECT && other.as.obj->class == self->class) {
        other = ((const struct group *)(void *)other.as.obj)->pair;
    }
    return value_equal(g->pair, other);
}

static const struct jinja_class group_class = {
    .base = {.name = "jinja2.filters._GroupTuple", .equal = group_equal},
    .getattr = group_getattr,
    .getitem = group_getitem,
    .next = group_next,
    .length = group_length,
    .repr = group_repr,
    .sequence = true,
};

static struct value group_new(struct arena *arena, struct value key, struct value items)
{
    struct group *g = arena_new(arena, struct group);

    g->base.class = &group_class.base;
    g->pair = value_tuple_new(arena, 2);
    value_list_push(g->pair, key);
    value_list_push(g->pair, items);
    return jinja_object_value(&g->base);
}

static int filter_groupby(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    bool sensitive = jinja_truth(a[3]);
    struct value items;
    struct value keys;
    struct value group = value_none();
    struct value last = value_none();

    if (jinja_to_list(run, a[0], &items) != 0 ||
        keys_of(run, items, a[1], a[2], sensitive, &keys) != 0 ||
        sort_by(run, items, keys, SORT_ASCENDING) != 0 ||
        keys_of(run, items, a[1], a[2], sensitive, &keys) != 0) {
        return -1;
    }
    *out = value_list_new(run->arena, 4);
    for (size_t i = 0; i < value_list_count(items); i++) {
        struct value item = value_list_at(items, i);
        struct value key = value_list_at(keys, i);
        if (i == 0 || !value_equal(key, last)) {
            struct value shown = key;
            last = key;
            if (!sensitive && sort_attribute(run, item, a[1], a[2], &shown) != 0) {
                return -1;
            }
            group = value_list_new(run->arena, 4);
            value_list_push(*out, group_new(run->arena, shown, group));
        }
        value_list_push(group, item);
    }
    return 0;
}

static int filter_items(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value list = value_list_new(call->arena, 0);

    if (a[0].type == VALUE_DICT) {
        struct value view = view_new(call->arena, a[0], VIEW_ITEMS);
        if (jinja_to_list(call->run, view, &list) != 0) {
            return -1;
        }
    } else if (a[0].type != VALUE_UNDEFINED) {
        return jinja_raise(call->run, "TypeError",
                           "Can only get item pairs from a mapping.");
    }
    *out = generator_over(call->arena, "do_items", list);
    return 0;
}

const struct builtin_def jinja_list_filters[] = {
    {"batch", "do_batch", filter_batch, "value linecount fill_with?", 0, false},
    {"count", "len", filter_length, "obj", 0, false},
    {"dictsort", "do_dictsort", filter_dictsort, "value case_sensitive? by? reverse?",
     0, false},
    {"first", "sync_do_first", filter_first, "seq", 1, false},
    {"groupby", "sync_do_groupby", filter_groupby,
     "value attribute default? case_sensitive?", 1, false},
    {"items", "do_items", filter_items, "value", 0, false},
    {"last", "do_last", filter_last, "seq", 1, false},
    {"length", "len", filter_length, "obj", 0, false},
    {"list", "sync_do_list", filter_list, "value", 0, false},
    {"max", "do_max", filter_max, "value case_sensitive? attribute?", 1, false},
    {"min", "do_min", filter_min, "value case_sensitive? attribute?", 1, false},
    {"random", "do_random", filter_random, "seq", 1, true},
    {"reverse", "do_reverse", filter_reverse, "value", 0, false},
    {"slice", "sync_do_slice", filter_slice, "value slices fill_with?", 0, false},
    {"sort", "do_sort", filter_sort, "value reverse? case_sensitive? attribute?", 1,
     false},
    {"sum", "sync_do_sum", filter_sum, "iterable attribute? start?", 1, false},
    {"unique", "sync_do_unique", filter_unique, "value case_sensitive? attribute?", 1,
     false},
    {NULL, NULL, NULL, NULL, 0, false},
};
