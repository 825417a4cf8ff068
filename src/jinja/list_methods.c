/* The methods of Python's list, tuple and dict. */
#include "config.h"

#include "jinja/internal.h"

#include "jinja/objects.h"
#include "jinja/sort.h"

static int list_append(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    value_list_push(a[0], a[1]);
    *out = value_none();
    return 0;
}

static int list_extend(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value items;

    if (jinja_to_list(call->run, a[1], &items) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(items); i++) {
        value_list_push(a[0], value_list_at(items, i));
    }
    *out = value_none();
    return 0;
}

static int list_insert(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value_list *list = a[0].as.list;
    int64_t at;

    if (value_index(call->run, a[1], &at) != 0) {
        return -1;
    }
    at = at < 0 ? at + list->count : at;
    at = at < 0 ? 0 : at > list->count ? list->count : at;
    value_list_push(a[0], a[2]);
    memmove(&list->items[at + 1], &list->items[at],
            (list->count - 1 - (size_t)at) * sizeof(struct value));
    list->items[at] = a[2];
    *out = value_none();
    return 0;
}

static void remove_at(struct value_list *list, size_t at)
{
    list->count--;
    memmove(&list->items[at], &list->items[at + 1],
            (list->count - at) * sizeof(struct value));
}

static int list_pop(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value_list *list = a[0].as.list;
    int64_t at = -1;

    if (!is_missing(a[1]) && value_index(call->run, a[1], &at) != 0) {
        return -1;
    }
    if (list->count == 0) {
        return jinja_raise(call->run, "IndexError", "pop from empty list");
    }
    at = at < 0 ? at + list->count : at;
    if (at < 0 || at >= list->count) {
        return jinja_raise(call->run, "IndexError", "pop index out of range");
    }
    *out = list->items[at];
    remove_at(list, (size_t)at);
    return 0;
}

static int64_t position_of(struct value list, struct value x, int64_t from, int64_t to)
{
    int64_t count = (int64_t)value_list_count(list);

    from = from < 0 ? (from + count < 0 ? 0 : from + count) : from;
    to = to < 0 ? to + count : to;
    for (int64_t i = from; i < count && i < to; i++) {
        if (value_equal(list.as.list->items[i], x)) {
            return i;
        }
    }
    return -1;
}

static int list_remove(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t at = position_of(a[0], a[1], 0, INT64_MAX);

    if (at < 0) {
        return jinja_raise(call->run, "ValueError", "list.remove(x): x not in list");
    }
    remove_at(a[0].as.list, (size_t)at);
    *out = value_none();
    return 0;
}

static int list_index(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t from = 0;
    int64_t to = INT64_MAX;
    size_t mark;

    for (int i = 2; i < 4; i++) {
        if (!is_missing(a[i]) && !is_integer(a[i])) {
            return jinja_raise(call->run, "TypeError",
                               "slice indices must be integers or have an __index__"
                               " method");
        }
    }
    if ((!is_missing(a[2]) && value_index(call->run, a[2], &from) != 0) ||
        (!is_missing(a[3]) && value_index(call->run, a[3], &to) != 0)) {
        return -1;
    }
    int64_t at = position_of(a[0], a[1], from, to);
    if (at >= 0) {
        *out = value_int(at);
        return 0;
    }
    if (a[0].type == VALUE_TUPLE) {
        return jinja_raise(call->run, "ValueError", "tuple.index(x): x not in tuple");
    }
    struct buf *text = scratch_begin(call->run, &mark);
    if (jinja_repr(call->run, a[1], text) != 0) {
        return -1;
    }
    struct value shown = scratch_take(call->run, mark);
    return jinja_raise(call->run, "ValueError", "%s is not in list", shown.as.s);
}

static int list_count(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t n = 0;

    (void)call;
    for (uint32_t i = 0; i < a[0].as.list->count; i++) {
        n += value_equal(a[0].as.list->items[i], a[1]);
    }
    *out = value_int(n);
    return 0;
}

static int list_clear(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    a[0].as.list->count = 0;
    *out = value_none();
    return 0;
}

static int list_copy(struct jinja_call *call, struct value *a, struct value *out)
{
    return jinja_to_list(call->run, a[0], out);
}

static int list_reverse(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value_list *list = a[0].as.list;

    (void)call;
    for (uint32_t i = 0; i < list->count / 2; i++) {
        struct value swap = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = swap;
    }
    *out = value_none();
    return 0;
}

static int list_sort(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value keys = a[0];

    if (!is_missing(a[1]) && a[1].type != VALUE_NONE) {
        keys = value_list_new(call->arena, a[0].as.list->count);
        for (uint32_t i = 0; i < a[0].as.list->count; i++) {
            struct value key;
            if (jinja_call_value(call->run, a[1], &a[0].as.list->items[i], 1, NULL, 0,
                                 &key) != 0) {
                return -1;
            }
            value_list_push(keys, key);
        }
    }
    *out = value_none();
    return sort_by(call->run, a[0], keys, jinja_truth(a[2]));
}

const struct builtin_def jinja_list_methods[] = {
    {"append", NULL, list_append, "l x", ARGS_C, false},
    {"clear", NULL, list_clear, "l", ARGS_C, false},
    {"copy", NULL, list_copy, "l", ARGS_C, false},
    {"count", NULL, list_count, "l x", ARGS_C, false},
    {"extend", NULL, list_extend, "l items", ARGS_C, false},
    {"index", NULL, list_index, "l x start? stop?", ARGS_C, false},
    {"insert", NULL, list_insert, "l index x", ARGS_C, false},
    {"pop", NULL, list_pop, "l index?", ARGS_C, false},
    {"remove", NULL, list_remove, "l x", ARGS_C, false},
    {"reverse", NULL, list_reverse, "l", ARGS_C, false},
    {"sort", NULL, list_sort, "l key! reverse!", ARGS_C, false},
    {NULL, NULL, NULL, NULL, 0, false},
};

const struct builtin_def jinja_tuple_methods[] = {
    {"count", NULL, list_count, "l x", ARGS_C, false},
    {"index", NULL, list_index, "l x start? stop?", ARGS_C, false},
    {NULL, NULL, NULL, NULL, 0, false},
};

/* ---- dict
 * ------------------------------------------------------------------------------ */

static int want_key(struct jinja_call *call, struct value key)
{
    return value_hashable(key)
               ? 0
               : jinja_raise(call->run, "TypeError", "unhashable type: '%s'",
                             jinja_type_name(key));
}

static int dict_get(struct jinja_call *call, struct value *a, struct value *out)
{
    if (a[1].type != VALUE_STRING && want_key(call, a[1]) != 0) {
        return -1;
    }
    const struct value *found = value_dict_find(a[0], a[1], value_hash(a[1]));
    *out = found != NULL ? *found : is_missing(a[2]) ? value_none() : a[2];
    return 0;
}

static int dict_items(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = view_new(call->arena, a[0], VIEW_ITEMS);
    return 0;
}

static int dict_keys(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = view_new(call->arena, a[0], VIEW_KEYS);
    return 0;
}

static int dict_values(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = view_new(call->arena, a[0], VIEW_VALUES);
    return 0;
}

static int key_error(struct jinja_call *call, struct value key)
{
    size_t mark;
    struct buf *text = scratch_begin(call->run, &mark);

    if (jinja_repr(call->run, key, text) != 0) {
        return -1;
    }
    struct value shown = scratch_take(call->run, mark);
    return jinja_raise(call->run, "KeyError", "%s", shown.as.s);
}

static int dict_pop(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_key(call, a[1]) != 0) {
        return -1;
    }
    const struct value *found = value_dict_find(a[0], a[1], value_hash(a[1]));
    if (found == NULL) {
        *out = a[2];
        return is_missing(a[2]) ? key_error(call, a[1]) : 0;
    }
    *out = *found;
    value_dict_remove(a[0], a[1]);
    return 0;
}

static int dict_popitem(struct jinja_call *call, struct value *a, struct value *out)
{
    const struct value_dict *dict = a[0].as.dict;

    for (uint32_t i = dict->used; i-- > 0;) {
        struct value_pair pair = dict->pairs[i];
        if (!is_missing(pair.key)) {
            *out = value_tuple_new(call->arena, 2);
            value_list_push(*out, pair.key);
            value_list_push(*out, pair.value);
            value_dict_remove(a[0], pair.key);
            return 0;
        }
    }
    return jinja_raise(call->run, "KeyError", "'popitem(): dictionary is empty'");
}

static int dict_setdefault(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_key(call, a[1]) != 0) {
        return -1;
    }
    const struct value *found = value_dict_find(a[0], a[1], value_hash(a[1]));
    *out = found != NULL ? *found : is_missing(a[2]) ? value_none() : a[2];
    return found != NULL ? 0 : dict_put(call->run, a[0], a[1], *out);
}

/* One item of a list of pairs. */
static int put_pair(struct jinja_run *run, struct value dict, struct value pair,
                    size_t index)
{
    struct value items;

    if (jinja_to_list(run, pair, &items) != 0) {
        if (pair.type != VALUE_OBJECT) {
            err_clear(run->err);
            return jinja_raise(
                run, "TypeError",
                "cannot convert dictionary update sequence element #%zu to"
                " a sequence",
                index);
        }
        return -1;
    }
    if (value_list_count(items) != 2) {
        return jinja_raise(
            run, "ValueError",
            "dictionary update sequence element #%zu has length %zu; 2 is"
            " required",
            index, value_list_count(items));
    }
    return dict_put(run, dict, value_list_at(items, 0), value_list_at(items, 1));
}

int dict_update_from(struct jinja_run *run, struct value dict, struct value from)
{
    size_t at = 0;
    struct iter it;
    struct value pair;
    int more;

    if (from.type == VALUE_DICT) {
        uint32_t used = from.as.dict->used;
        for (const struct value_pair *p;
             at < used && (p = value_dict_next(from, &at)) != NULL;) {
            struct value_pair copy = *p;
            value_dict_put_value(dict, copy.key, copy.value);
        }
        return 0;
    }
    if (from.type == VALUE_UNDEFINED) { /* asked for its keys() */
        return undefined_raise(run, from);
    }
    if (iter_init(run, from, &it) != 0) {
        return -1;
    }
    for (size_t i = 0; (more = iter_next(run, &it, &pair)) > 0; i++) {
        if (run_step(run) != 0 || put_pair(run, dict, pair, i) != 0) {
            return -1;
        }
    }
    return more;
}

static int dict_update(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = value_none();
    if (!is_missing(a[1]) && dict_update_from(call->run, a[0], a[1]) != 0) {
        return -1;
    }
    return dict_update_from(call->run, a[0], a[2]);
}

static int dict_copy(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = value_dict_new(call->arena, value_dict_count(a[0]));
    return dict_update_from(call->run, *out, a[0]);
}

static int dict_clear(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    *a[0].as.dict = (struct value_dict){.arena = a[0].as.dict->arena};
    *out = value_none();
    return 0;
}

static int dict_fromkeys(struct jinja_call *call, struct value *a, struct value *out)
{
    struct iter it;
    struct value key;
    int more;

    *out = value_dict_new(call->arena, 4);
    if (iter_init(call->run, a[1], &it) != 0) {
        return -1;
    }
    while ((more = iter_next(call->run, &it, &key)) > 0) {
        if (run_step(call->run) != 0 ||
            dict_put(call->run, *out, key, is_missing(a[2]) ? value_none() : a[2]) !=
                0) {
            return -1;
        }
    }
    return more;
}

const struct builtin_def jinja_dict_methods[] = {
    {"clear", NULL, dict_clear, "d", ARGS_C, false},
    {"copy", NULL, dict_copy, "d", ARGS_C, false},
    {"fromkeys", NULL, dict_fromkeys, "d iterable value?", ARGS_C, false},
    {"get", "get", dict_get, "d key default?", ARGS_C, false},
    {"items", NULL, dict_items, "d", ARGS_C, false},
    {"keys", NULL, dict_keys, "d", ARGS_C, false},
    {"pop", "pop", dict_pop, "d key default?", ARGS_C, false},
    {"popitem", NULL, dict_popitem, "d", ARGS_C, false},
    {"setdefault", "setdefault", dict_setdefault, "d key default?", ARGS_C, false},
    {"update", "update", dict_update, "d other? **kw", ARGS_C, false},
    {"values", NULL, dict_values, "d", ARGS_C, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
