/* Attributes, items, slices, iteration and length of values. */
#include "config.h"

#include "jinja/internal.h"
#include "jinja/number.h"

#include <unistr.h>

static const struct jinja_class *class_of(struct value v)
{
    return (const void *)v.as.obj->class;
}

/* ---- attributes -------------------------------------------------------------------
 */

/* Names that every Python object has and the sandbox refuses. */
static bool is_dunder(const char *name, size_t len)
{
    static const char *const names[] = {
        "__class__",  "__delattr__",   "__dir__",         "__doc__",
        "__eq__",     "__format__",    "__ge__",          "__getattribute__",
        "__gt__",     "__hash__",      "__init__",        "__init_subclass__",
        "__le__",     "__lt__",        "__ne__",          "__new__",
        "__reduce__", "__reduce_ex__", "__repr__",        "__setattr__",
        "__sizeof__", "__str__",       "__subclasshook__"};

    if (len < 5 || name[0] != '_' || name[1] != '_') {
        return false;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            return true;
        }
    }
    return false;
}

static struct value unsafe(struct jinja_run *run, struct value object, const char *name)
{
    struct value v = undefined_new(
        run,
        arena_printf(run->arena, "access to attribute '%s' of '%s' object is unsafe.",
                     name, jinja_type_name(object)),
        &object, value_copy_str(run->arena, name));

    v.as.undef->exception = "SecurityError";
    return v;
}

const struct builtin *value_method(const struct jinja_run *run, struct value object,
                                   int id)
{
    switch (object.type) {
    case VALUE_STRING:
        return run->env->methods[METHODS_STR][id];
    case VALUE_LIST:
        return run->env->methods[METHODS_LIST][id];
    case VALUE_DICT:
        return run->env->methods[METHODS_DICT][id];
    case VALUE_TUPLE:
        return run->env->methods[METHODS_TUPLE][id];
    default:
        return NULL;
    }
}

static int undefined_attr(struct jinja_run *run, struct value object, struct value name,
                          struct value *out)
{
    if (object.as.undef == NULL || !object.as.undef->permissive) {
        if (name.type == VALUE_STRING && (strncmp(name.as.s, "_undefined_", 11) == 0 ||
                                          is_dunder(name.as.s, name.len))) {
            *out = unsafe(run, object, name.as.s);
            return 0;
        }
        return undefined_raise(run, object);
    }
    *out = undefined_new(run, object.as.undef->hint, NULL, name);
    out->as.undef->permissive = true;
    return 0;
}

/* The attribute proper: 1/0/-1. */
static int own_attr(struct jinja_run *run, struct value object,
                    const struct jinja_name *name, int id, struct value *out)
{
    const struct builtin *method = value_method(run, object, id);

    if (method != NULL) {
        *out = builtin_value_new(run->arena, method, object);
        return 1;
    }
    if (name->s[0] == '_' && is_dunder(name->s, name->len)) {
        *out = unsafe(run, object, name->s);
        return 1;
    }
    if (object.type == VALUE_OBJECT && name->s[0] != '_' &&
        class_of(object)->getattr != NULL) {
        return class_of(object)->getattr(object.as.obj, run, name, out);
    }
    return is_number(object) ? number_attr(run, object, id, out) : 0;
}

int value_attr(struct jinja_run *run, struct value object,
               const struct jinja_name *name, int id, struct value *out)
{
    struct value key = value_str_n(name->s, name->len);
    int found;

    if (object.type == VALUE_DICT && run->env->methods[METHODS_DICT][id] == NULL &&
        name->s[0] != '_') {
        const struct value *item = value_dict_find(object, key, name->hash);
        if (LIKELY(item != NULL)) {
            *out = *item;
            return 0;
        }
        *out = undefined_new(run, NULL, &object, key);
        return 0;
    }
    if (object.type == VALUE_UNDEFINED) {
        return undefined_attr(run, object, key, out);
    }
    found = own_attr(run, object, name, id, out);
    if (found == 0) {
        found = value_subscript(run, object, key, out);
    }
    if (found == 0) {
        *out = undefined_new(run, NULL, &object, key);
    }
    return found < 0 ? -1 : 0;
}

int jinja_getattr(struct jinja_run *run, struct value obj, const char *name,
                  struct value *out)
{
    struct jinja_name n = {arena_strdup(run->arena, name), (uint32_t)strlen(name), 0};

    n.hash = map_hash(n.s, n.len);
    return value_attr(run, obj, &n, (int)attr_find(n.s, n.len), out);
}

/* ---- items ------------------------------------------------------------------------
 */

static bool as_index(struct value key, int64_t *out)
{
    *out = key.type == VALUE_BOOL ? key.as.b : key.as.i;
    return key.type == VALUE_INT || key.type == VALUE_BOOL;
}

static struct value char_at(struct jinja_run *run, struct value text, size_t index)
{
    size_t from = text_offset(text.as.s, text.len, index);
    struct value v = value_copy_str_n(run->arena, text.as.s + from,
                                      text_char_size((unsigned char)text.as.s[from]));

    v.flags = text.flags;
    return v;
}

int value_subscript(struct jinja_run *run, struct value object, struct value key,
                    struct value *out)
{
    int64_t index;
    int64_t count;

    switch (object.type) {
    case VALUE_DICT: {
        if (!value_hashable(key)) {
            return 0;
        }
        const struct value *found = value_dict_find(object, key, value_hash(key));
        if (found != NULL) {
            *out = *found;
        }
        return found != NULL;
    }
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_STRING:
        if (!as_index(key, &index)) {
            return 0;
        }
        count = value_length(object);
        index += index < 0 ? count : 0;
        if (index < 0 || index >= count) {
            return 0;
        }
        *out = object.type == VALUE_STRING ? char_at(run, object, (size_t)index)
                                           : object.as.list->items[index];
        return 1;
    case VALUE_OBJECT:
        return class_of(object)->getitem != NULL
                   ? class_of(object)->getitem(object.as.obj, run, key, out)
                   : 0;
    default:
        return 0;
    }
}

int value_item(struct jinja_run *run, struct value object, struct value key,
               struct value *out)
{
    int found;

    if (object.type == VALUE_UNDEFINED) {
        return undefined_attr(run, object, key, out);
    }
    found = value_subscript(run, object, key, out);
    if (found == 0 && key.type == VALUE_STRING) {
        struct jinja_name name = {key.as.s, key.len, map_hash(key.as.s, key.len)};
        found = own_attr(run, object, &name, (int)attr_find(name.s, name.len), out);
    }
    if (found == 0) {
        *out = undefined_new(run, NULL, &object, key);
    }
    return found < 0 ? -1 : 0;
}

int jinja_getitem(struct jinja_run *run, struct value obj, struct value key,
                  struct value *out)
{
    return value_item(run, obj, key, out);
}

/* ---- slices -----------------------------------------------------------------------
 */

int value_index(struct jinja_run *run, struct value v, int64_t *out)
{
    if (as_index(v, out)) {
        return 0;
    }
    if (v.type == VALUE_UNDEFINED) {
        return jinja_raise(run, "TypeError",
                           "'Undefined' object cannot be interpreted as an integer");
    }
    if (v.type == VALUE_BIGINT) {
        return jinja_raise(run, "OverflowError",
                           "Python int too large to convert to C ssize_t");
    }
    return jinja_raise(run, "TypeError",
                       "'%s' object cannot be interpreted as an integer",
                       jinja_type_name(v));
}

int slice_bound(struct jinja_run *run, struct value v, int64_t fallback, int64_t length,
                int64_t low, int64_t high, int64_t *out)
{
    if (v.type == VALUE_NONE) {
        *out = fallback;
        return 0;
    }
    if (v.type == VALUE_BIGINT) { /* as far as can be */
        v = value_int(number_order(v, value_int(0)) < 0 ? -length - 1 : length);
    }
    if (v.type != VALUE_INT && v.type != VALUE_BOOL) {
        return jinja_raise(run, "TypeError",
                           "slice indices must be integers or None or have an"
                           " __index__ method");
    }
    as_index(v, out);
    if (*out < 0) {
        *out = *out < -length ? -1 - length : *out;
        *out += length;
    }
    *out = *out < low ? low : *out > high ? high : *out;
    return 0;
}

/* The parts of a string, by characters. */
static int slice_text(struct jinja_run *run, struct value v, int64_t start,
                      int64_t stop, int64_t step, struct value *out)
{
    size_t mark;

    if (step == 1) {
        size_t from = text_offset(v.as.s, v.len, (size_t)start);
        size_t to = stop > start ? from + text_offset(v.as.s + from, v.len - from,
                                                      (size_t)(stop - start))
                                 : from;
        *out = value_copy_str_n(run->arena, v.as.s + from, to - from);
        out->flags = v.flags;
        return 0;
    }
    struct value chars;
    if (jinja_to_list(run, v, &chars) != 0) {
        return -1;
    }
    struct buf *text = scratch_begin(run, &mark);
    for (int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
        struct value c = chars.as.list->items[i];
        buf_add(text, c.as.s, c.len);
    }
    *out = scratch_take(run, mark);
    out->flags = v.flags;
    return 0;
}

int value_slice(struct jinja_run *run, struct value object, struct value start,
                struct value stop, struct value step, struct value *out)
{
    int64_t length = value_length(object);
    int64_t from;
    int64_t to;
    int64_t by = 1;

    if (object.type == VALUE_UNDEFINED) {
        return undefined_attr(run, object, value_none(), out);
    }
    if (object.type == VALUE_OBJECT && class_of(object)->sequence && length >= 0) {
        if (jinja_to_list(run, object, &object) != 0) {
            return -1;
        }
    }
    if (!is_sequence(object) && object.type != VALUE_STRING) {
        return object.type == VALUE_DICT
                   ? jinja_raise(run, "TypeError", "unhashable type: 'slice'")
                   : jinja_raise(run, "TypeError", "'%s' object is not subscriptable",
                                 jinja_type_name(object));
    }
    if (step.type == VALUE_BIGINT) {
        by = number_order(step, value_int(0)) < 0 ? -length - 1 : length + 1;
    } else if (step.type != VALUE_NONE && !as_index(step, &by)) {
        return jinja_raise(run, "TypeError",
                           "slice indices must be integers or None or have an"
                           " __index__ method");
    }
    if (by == 0) {
        return jinja_raise(run, "ValueError", "slice step cannot be zero");
    }
    int64_t low = by > 0 ? 0 : -1;
    int64_t high = by > 0 ? length : length - 1;
    if (slice_bound(run, start, by > 0 ? 0 : length - 1, length, low, high, &from) !=
            0 ||
        slice_bound(run, stop, by > 0 ? length : -1, length, low, high, &to) != 0) {
        return -1;
    }
    by = by > length ? length + 1 : by < -length ? -length - 1 : by;
    if (object.type == VALUE_STRING) {
        return slice_text(run, object, from, to, by, out);
    }
    *out = object.type == VALUE_TUPLE ? value_tuple_new(run->arena, 0)
                                      : value_list_new(run->arena, 0);
    for (int64_t i = from; by > 0 ? i < to : i > to; i += by) {
        value_list_push(*out, object.as.list->items[i]);
    }
    return 0;
}

/* ---- iteration --------------------------------------------------------------------
 */

int iter_init(struct jinja_run *run, struct value v, struct iter *it)
{
    *it = (struct iter){.v = v};
    switch (v.type) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_STRING:
    case VALUE_UNDEFINED:
        return 0;
    case VALUE_DICT:
        it->count = v.as.dict->count;
        return 0;
    case VALUE_OBJECT:
        if (class_of(v)->next != NULL) {
            return 0;
        }
        break;
    default:
        break;
    }
    return jinja_raise(run, "TypeError", "'%s' object is not iterable",
                       jinja_type_name(v));
}

int iter_next(struct jinja_run *run, struct iter *it, struct value *out)
{
    const struct value v = it->v;

    switch (v.type) {
    case VALUE_LIST:
    case VALUE_TUPLE:
        if (it->at >= v.as.list->count) {
            return 0;
        }
        *out = v.as.list->items[it->at++];
        return 1;
    case VALUE_DICT: {
        if (v.as.dict->count != it->count) {
            return jinja_raise(run, "RuntimeError",
                               "dictionary changed size during iteration");
        }
        const struct value_pair *pair = value_dict_next(v, &it->at);
        if (pair != NULL) {
            *out = pair->key;
        }
        return pair != NULL;
    }
    case VALUE_STRING: {
        if (it->at >= v.len) {
            return 0;
        }
        size_t n = text_char_size((unsigned char)v.as.s[it->at]);
        *out = value_copy_str_n(run->arena, v.as.s + it->at, n);
        it->at += n;
        return 1;
    }
    case VALUE_OBJECT:
        return class_of(v)->next(v.as.obj, run, &it->at, out);
    default:
        return 0;
    }
}

int jinja_to_list(struct jinja_run *run, struct value v, struct value *out)
{
    struct iter it;
    struct value item;
    int more;

    if (iter_init(run, v, &it) != 0) {
        return -1;
    }
    int64_t count = value_length(v);
    *out = value_list_new(run->arena, count > 0 && count < 100000 ? (size_t)count : 0);
    while ((more = iter_next(run, &it, &item)) > 0) {
        if (run_step(run) != 0) {
            return -1;
        }
        value_list_push(*out, item);
    }
    return more;
}

int value_unpack(struct jinja_run *run, struct value v, uint32_t want,
                 struct value *items)
{
    struct iter it;
    struct value extra;
    uint32_t got = 0;
    int more = 1;

    if (iter_init(run, v, &it) != 0) {
        if (v.type != VALUE_OBJECT) {
            err_clear(run->err);
            jinja_raise(run, "TypeError", "cannot unpack non-iterable %s object",
                        jinja_type_name(v));
        }
        return -1;
    }
    while (got < want && (more = iter_next(run, &it, &items[got])) > 0) {
        got++;
    }
    if (more > 0) {
        more = iter_next(run, &it, &extra);
    }
    if (more > 0) {
        return jinja_raise(run, "ValueError", "too many values to unpack (expected %u)",
                           want);
    }
    if (more == 0 && got < want) {
        return jinja_raise(run, "ValueError",
                           "not enough values to unpack (expected %u, got %u)", want,
                           got);
    }
    return more;
}

int64_t value_length(struct value v)
{
    switch (v.type) {
    case VALUE_STRING:
        return (int64_t)text_length(v.as.s, v.len);
    case VALUE_LIST:
    case VALUE_TUPLE:
        return v.as.list->count;
    case VALUE_DICT:
        return v.as.dict->count;
    case VALUE_UNDEFINED:
        return 0;
    case VALUE_OBJECT:
        return class_of(v)->length != NULL ? class_of(v)->length(v.as.obj) : -1;
    default:
        return -1;
    }
}

int dict_put(struct jinja_run *run, struct value dict, struct value key,
             struct value item)
{
    if (UNLIKELY(key.type != VALUE_STRING && !value_hashable(key))) {
        return jinja_raise(run, "TypeError", "unhashable type: '%s'",
                           jinja_type_name(key));
    }
    if (UNLIKELY(dict.as.dict->count >= 1u << 26)) {
        return jinja_raise(run, "MemoryError", "dict is too large");
    }
    value_dict_put_value(dict, key, item);
    return 0;
}
