/*
 * One tagged value for YAML, JSON and Jinja. Values are 16 bytes and passed by value;
 * strings, lists and dicts live in an arena that outlives the value. Dicts keep
 * insertion order and are hashed. Python's rules for equality, truth and text (dbt is
 * Python): 1 == 1.0 == True are one dict key.
 */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum value_type {
    VALUE_UNDEFINED, /* zeroed memory is undefined */
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_BIGINT, /* integers beyond 64 bits; arithmetic on them is jinja's */
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_TUPLE,
    VALUE_DICT,
    VALUE_OBJECT /* callables and host objects: jinja/object.h gives their class */
};

enum value_flags {
    VALUE_MARKUP = 1, /* string: markupsafe.Markup, as the tojson filter returns */
};

struct value_list;
struct value_dict;
struct value_bigint;    /* bigint.h */
struct value_undefined; /* defined by jinja: what was undefined, for the message */
struct value_object;

struct value {
    uint8_t type;  /* enum value_type */
    uint8_t flags; /* enum value_flags */
    uint32_t len;  /* strings: bytes; NUL bytes are allowed inside */
    union {
        bool b;
        int64_t i;
        double f;
        const char *s; /* UTF-8, NUL-terminated too; borrowed from an arena */
        struct value_list *list;
        struct value_dict *dict;
        struct value_bigint *big;
        struct value_undefined *undef;
        struct value_object *obj;
    } as;
};

/*
 * What values of type VALUE_OBJECT point to: the first member of every host object. The
 * class says how to compare; jinja/object.h continues it with what templates can do.
 */
struct value_class {
    const char *name; /* for messages: "datetime.date" */
    /* Python's ==; `other` may be of any type. NULL = equal when identical. */
    bool (*equal)(const struct value_object *self, struct value other);
    /* Equal objects hash equally. NULL = by identity. */
    uint32_t (*hash)(const struct value_object *self);
    bool unhashable;
};

struct value_object {
    const struct value_class *class;
};

struct value_list { /* also tuples, which nobody changes */
    struct arena *arena;
    struct value *items;
    uint32_t count;
    uint32_t cap;
};

struct value_pair {
    struct value key; /* of a removed entry undefined, with `as.undef` NULL */
    struct value value;
    uint32_t hash;
};

struct value_dict {
    struct arena *arena;
    struct value_pair
        *pairs;      /* insertion order, with holes where entries were removed */
    uint32_t *slots; /* index + 1 into pairs; NULL while there are few pairs */
    uint32_t used;   /* pairs in use, holes included: iterate up to here */
    uint32_t count;  /* entries */
    uint32_t cap;
    uint32_t slot_count;
};

/* Where YAML found a value; see yaml.h. */

static inline struct value value_none(void)
{
    return (struct value){.type = VALUE_NONE};
}

static inline struct value value_undefined(void)
{
    return (struct value){.type = VALUE_UNDEFINED};
}

static inline struct value value_bool(bool b)
{
    return (struct value){.type = VALUE_BOOL, .as.b = b};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.type = VALUE_INT, .as.i = i};
}

static inline struct value value_float(double f)
{
    return (struct value){.type = VALUE_FLOAT, .as.f = f};
}

/* Borrows `s`, which must end with a NUL byte and outlive the value. */
static inline struct value value_str_n(const char *s, size_t len)
{
    return (struct value){.type = VALUE_STRING, .len = (uint32_t)len, .as.s = s};
}

struct value value_str(const char *s); /* borrows */
/* Copies into the arena. */
struct value value_copy_str(struct arena *arena, const char *s);
struct value value_copy_str_n(struct arena *arena, const char *s, size_t len);
struct value value_list_new(struct arena *arena, size_t cap);
struct value value_tuple_new(struct arena *arena, size_t cap);
struct value value_dict_new(struct arena *arena, size_t cap);

static inline bool value_is(struct value v, enum value_type type)
{
    return v.type == type;
}

static inline bool value_is_str(struct value v)
{
    return v.type == VALUE_STRING;
}

/* None or undefined. */
static inline bool value_is_null(struct value v)
{
    return v.type <= VALUE_NONE;
}

/* The string, or `fallback` when `v` is none. */
const char *value_cstr(struct value v, const char *fallback);
bool value_is_true(struct value v, bool fallback); /* bools only; else `fallback` */

/* Lists and tuples. */
void value_list_push(struct value list, struct value item);
size_t value_list_count(struct value list); /* 0 for anything else */
struct value value_list_at(struct value list, size_t index);

/* Dicts. `value_dict_get` returns undefined for a missing key or a non-dict. */
struct value value_dict_get(struct value dict, const char *key);
struct value value_dict_get_n(struct value dict, const char *key, size_t len);
struct value value_dict_get_value(struct value dict, struct value key);
/* The entry's value in place, or NULL; `dict` is a dict, `hash` is value_hash(key). */
const struct value *value_dict_find(struct value dict, struct value key, uint32_t hash);
bool value_dict_has(struct value dict, const char *key);
/* `key` is borrowed: it must outlive the dict. */
void value_dict_put(struct value dict, const char *key, struct value item);
void value_dict_put_value(struct value dict, struct value key, struct value item);
/* Returns false when there was none. Keeps the order of the rest. */
bool value_dict_remove(struct value dict, struct value key);
size_t value_dict_count(struct value dict); /* 0 for anything else */
/*
 * Iterates in insertion order: start with `*at` = 0, stop on NULL (at once for anything
 * but a dict). Entries may not be added while iterating.
 */
const struct value_pair *value_dict_next(struct value dict, size_t *at);

/* Whether the value can be a dict key: no list or dict, nor a tuple with one. */
bool value_hashable(struct value v);
/* For strings map_hash() of the bytes. */
uint32_t value_hash(struct value v);
/* Python's ==. Two undefined values are equal. Nesting beyond 200 is not looked at. */
bool value_equal(struct value a, struct value b);

/* Deep copy into `arena`; objects are shared. Depth is limited: deeper is cut to none.
 */
struct value value_clone(struct arena *arena, struct value v);

/*
 * Big integers as decimal text, and back; a value that fits becomes VALUE_INT. Digits
 * that are none in `base` (2 to 36) give undefined; a leading '-' is allowed.
 */
struct value value_bigint_parse(struct arena *arena, const char *digits, int base);
void value_bigint_text(struct value v, struct buf *out);

/* repr(float) of Python: shortest text that reads back the same ("1.0", "1e-05"). */
void value_float_text(double f, struct buf *out);

/* Name for messages: "string", "integer", "list" … static. */
const char *value_type_name(struct value v);

#endif
