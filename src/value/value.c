#include "config.h"

#include "value/value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "value/bigint.h"

#define MAX_DEPTH   200
#define SMALL_DICT  8 /* up to here dicts are searched without slots */
#define FIRST_ITEMS 4

struct value value_str(const char *s)
{
    return value_str_n(s, strlen(s));
}

struct value value_copy_str_n(struct arena *arena, const char *s, size_t len)
{
    return value_str_n(arena_strndup(arena, s, len), len);
}

struct value value_copy_str(struct arena *arena, const char *s)
{
    return value_copy_str_n(arena, s, strlen(s));
}

const char *value_cstr(struct value v, const char *fallback)
{
    return v.type == VALUE_STRING ? v.as.s : fallback;
}

bool value_is_true(struct value v, bool fallback)
{
    return v.type == VALUE_BOOL ? v.as.b : fallback;
}

/* ---- lists --------------------------------------------------------------------- */

static struct value sequence_new(struct arena *arena, size_t cap, enum value_type type)
{
    struct value_list *list = arena_alloc(arena, sizeof(*list));

    *list = (struct value_list){.arena = arena, .cap = (uint32_t)cap};
    if (cap > 0) {
        list->items = arena_alloc(arena, cap * sizeof(struct value));
    }
    return (struct value){.type = (uint8_t)type, .as.list = list};
}

struct value value_list_new(struct arena *arena, size_t cap)
{
    return sequence_new(arena, cap, VALUE_LIST);
}

struct value value_tuple_new(struct arena *arena, size_t cap)
{
    return sequence_new(arena, cap, VALUE_TUPLE);
}

void value_list_push(struct value v, struct value item)
{
    struct value_list *list = v.as.list;

    if (list->count == list->cap) {
        uint32_t cap = list->cap != 0 ? list->cap * 2 : FIRST_ITEMS;
        list->items =
            arena_realloc(list->arena, list->items, list->cap * sizeof(struct value),
                          cap * sizeof(struct value));
        list->cap = cap;
    }
    list->items[list->count++] = item;
}

static bool is_sequence(struct value v)
{
    return v.type == VALUE_LIST || v.type == VALUE_TUPLE;
}

size_t value_list_count(struct value list)
{
    return is_sequence(list) ? list.as.list->count : 0;
}

struct value value_list_at(struct value list, size_t index)
{
    if (index >= value_list_count(list)) {
        return value_undefined();
    }
    return list.as.list->items[index];
}

/* ---- dicts --------------------------------------------------------------------- */

struct value value_dict_new(struct arena *arena, size_t cap)
{
    struct value_dict *dict = arena_alloc(arena, sizeof(*dict));

    *dict = (struct value_dict){.arena = arena};
    if (cap > 0 && cap <= SMALL_DICT) {
        dict->pairs = arena_alloc(arena, cap * sizeof(*dict->pairs));
        dict->cap = (uint32_t)cap;
    }
    return (struct value){.type = VALUE_DICT, .as.dict = dict};
}

/* Where an entry was removed. */
static bool is_hole(const struct value_pair *pair)
{
    return pair->key.type == VALUE_UNDEFINED && pair->key.as.undef == NULL;
}

static bool key_matches(const struct value_pair *pair, struct value key, uint32_t hash)
{
    if (pair->hash != hash || is_hole(pair)) {
        return false;
    }
    if (pair->key.type == VALUE_STRING && key.type == VALUE_STRING) {
        return pair->key.len == key.len &&
               (pair->key.as.s == key.as.s ||
                memcmp(pair->key.as.s, key.as.s, key.len) == 0);
    }
    return value_equal(pair->key, key);
}

static struct value_pair *dict_find(const struct value_dict *dict, struct value key,
                                    uint32_t hash)
{
    if (dict->slots == NULL) {
        for (uint32_t i = 0; i < dict->used; i++) {
            if (key_matches(&dict->pairs[i], key, hash)) {
                return &dict->pairs[i];
            }
        }
        return NULL;
    }
    uint32_t mask = dict->slot_count - 1;
    for (uint32_t i = hash & mask; dict->slots[i] != 0; i = (i + 1) & mask) {
        struct value_pair *pair = &dict->pairs[dict->slots[i] - 1];
        if (key_matches(pair, key, hash)) {
            return pair;
        }
    }
    return NULL;
}

static void dict_link(struct value_dict *dict, uint32_t index)
{
    uint32_t mask = dict->slot_count - 1;
    uint32_t i = dict->pairs[index].hash & mask;

    while (dict->slots[i] != 0) {
        i = (i + 1) & mask;
    }
    dict->slots[i] = index + 1;
}

/* Closes the holes and doubles the room when more than half of it is in use. */
static void dict_grow(struct value_dict *dict)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < dict->used; i++) {
        if (!is_hole(&dict->pairs[i])) {
            dict->pairs[kept++] = dict->pairs[i];
        }
    }
    dict->used = kept;
    if (kept * 2 >= dict->cap) {
        uint32_t cap = dict->cap != 0 ? dict->cap * 2 : FIRST_ITEMS;
        dict->pairs =
            arena_realloc(dict->arena, dict->pairs, dict->cap * sizeof(*dict->pairs),
                          cap * sizeof(*dict->pairs));
        dict->cap = cap;
    }
    if (dict->cap <= SMALL_DICT) {
        return;
    }
    if (dict->slot_count < dict->cap * 2) {
        dict->slot_count = 16;
        while (dict->slot_count < dict->cap * 2) {
            dict->slot_count *= 2;
        }
        dict->slots = arena_alloc(dict->arena, dict->slot_count * sizeof(uint32_t));
    }
    memset(dict->slots, 0, dict->slot_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < dict->used; i++) {
        dict_link(dict, i);
    }
}

void value_dict_put_value(struct value v, struct value key, struct value item)
{
    struct value_dict *dict = v.as.dict;
    uint32_t hash = value_hash(key);
    struct value_pair *pair = dict_find(dict, key, hash);

    if (pair != NULL) {
        pair->value = item;
        return;
    }
    if (dict->used == dict->cap) {
        dict_grow(dict);
    }
    dict->pairs[dict->used] = (struct value_pair){key, item, hash};
    dict->used++;
    dict->count++;
    if (dict->slots != NULL) {
        dict_link(dict, dict->used - 1);
    }
}

void value_dict_put(struct value dict, const char *key, struct value item)
{
    value_dict_put_value(dict, value_str(key), item);
}

struct value value_dict_get_value(struct value dict, struct value key)
{
    if (dict.type != VALUE_DICT) {
        return value_undefined();
    }
    const struct value_pair *pair = dict_find(dict.as.dict, key, value_hash(key));
    return pair != NULL ? pair->value : value_undefined();
}

const struct value *value_dict_find(struct value dict, struct value key, uint32_t hash)
{
    const struct value_pair *pair = dict_find(dict.as.dict, key, hash);

    return pair != NULL ? &pair->value : NULL;
}

struct value value_dict_get_n(struct value dict, const char *key, size_t len)
{
    return value_dict_get_value(dict, value_str_n(key, len));
}

struct value value_dict_get(struct value dict, const char *key)
{
    return value_dict_get_value(dict, value_str(key));
}

bool value_dict_has(struct value dict, const char *key)
{
    struct value k = value_str(key);

    return dict.type == VALUE_DICT && dict_find(dict.as.dict, k, value_hash(k)) != NULL;
}

bool value_dict_remove(struct value v, struct value key)
{
    struct value_dict *dict = v.as.dict;
    struct value_pair *pair = dict_find(dict, key, value_hash(key));

    if (pair == NULL) {
        return false;
    }
    pair->key = value_undefined();
    pair->value = value_undefined();
    dict->count--;
    if (dict->slots == NULL && pair == &dict->pairs[dict->used - 1]) {
        dict->used--;
    }
    return true;
}

size_t value_dict_count(struct value dict)
{
    return dict.type == VALUE_DICT ? dict.as.dict->count : 0;
}

const struct value_pair *value_dict_next(struct value v, size_t *at)
{
    const struct value_dict *dict = v.as.dict;

    while (v.type == VALUE_DICT && *at < dict->used) {
        const struct value_pair *pair = &dict->pairs[(*at)++];
        if (!is_hole(pair)) {
            return pair;
        }
    }
    return NULL;
}

/* ---- hashing and equality ------------------------------------------------------ */

static bool hashable(struct value v, int depth)
{
    switch (v.type) {
    case VALUE_LIST:
    case VALUE_DICT:
        return false;
    case VALUE_OBJECT:
        return !v.as.obj->class->unhashable;
    case VALUE_TUPLE:
        if (depth >= MAX_DEPTH) {
            return false;
        }
        for (uint32_t i = 0; i < v.as.list->count; i++) {
            if (!hashable(v.as.list->items[i], depth + 1)) {
                return false;
            }
        }
        return true;
    default:
        return true;
    }
}

bool value_hashable(struct value v)
{
    return hashable(v, 0);
}

static uint32_t hash_u64(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    return (uint32_t)x;
}

static uint32_t hash_bigint(const struct value_bigint *big)
{
    uint64_t h = big->size < 0 ? 1 : 0;

    for (int i = 0; i < abs(big->size); i++) {
        h = (h ^ big->limbs[i]) * 0x9e3779b97f4a7c15ull;
    }
    return hash_u64(h);
}

static bool fits_int64(double f)
{
    return f >= -9223372036854775808.0 && f < 9223372036854775808.0;
}

static uint32_t hash_float(double f)
{
    uint64_t bits;

    if (floor(f) == f && isfinite(f)) {
        if (fits_int64(f)) {
            return hash_u64((uint64_t)(int64_t)f);
        }
        mpz_t z;
        struct arena scratch = {0};
        mpz_init_set_d(z, f);
        uint32_t hash = hash_bigint(value_from_mpz(&scratch, z).as.big);
        mpz_clear(z);
        arena_fini(&scratch);
        return hash;
    }
    memcpy(&bits, &f, sizeof(bits));
    return hash_u64(bits);
}

static uint32_t hash_value(struct value v, int depth)
{
    switch (v.type) {
    case VALUE_STRING:
        return map_hash(v.as.s, v.len);
    case VALUE_BOOL:
        return hash_u64(v.as.b ? 1 : 0);
    case VALUE_INT:
        return hash_u64((uint64_t)v.as.i);
    case VALUE_FLOAT:
        return hash_float(v.as.f);
    case VALUE_BIGINT:
        return hash_bigint(v.as.big);
    case VALUE_OBJECT:
        if (v.as.obj->class->hash != NULL) {
            return v.as.obj->class->hash(v.as.obj);
        }
        return hash_u64((uint64_t)(uintptr_t)v.as.obj);
    case VALUE_TUPLE: {
        uint32_t h = 0x345678;
        for (uint32_t i = 0; depth < MAX_DEPTH && i < v.as.list->count; i++) {
            h = h * 1000003u ^ hash_value(v.as.list->items[i], depth + 1);
        }
        return h;
    }
    default:
        return v.type;
    }
}

uint32_t value_hash(struct value v)
{
    return hash_value(v, 0);
}

static bool equal_numbers(struct value a, struct value b)
{
    if (a.type == VALUE_BOOL) {
        a = value_int(a.as.b);
    }
    if (b.type == VALUE_BOOL) {
        b = value_int(b.as.b);
    }
    if (a.type > b.type) {
        struct value swap = a;
        a = b;
        b = swap;
    }
    if (a.type == VALUE_INT && b.type == VALUE_INT) {
        return a.as.i == b.as.i;
    }
    if (a.type == VALUE_FLOAT) {
        return a.as.f == b.as.f;
    }
    if (a.type == VALUE_INT && b.type == VALUE_FLOAT) {
        return fits_int64(b.as.f) && floor(b.as.f) == b.as.f &&
               (int64_t)b.as.f == a.as.i;
    }
    if (a.type == VALUE_BIGINT) {
        mpz_t x;
        mpz_t y;
        value_bigint_view(a, x);
        if (b.type == VALUE_FLOAT) {
            return isfinite(b.as.f) && mpz_cmp_d(x, b.as.f) == 0;
        }
        value_bigint_view(b, y);
        return mpz_cmp(x, y) == 0;
    }
    return false;
}

static bool equal_values(struct value a, struct value b, int depth);

static bool equal_dicts(struct value a, struct value b, int depth)
{
    size_t at = 0;

    if (a.as.dict->count != b.as.dict->count) {
        return false;
    }
    for (const struct value_pair *pair; (pair = value_dict_next(a, &at)) != NULL;) {
        const struct value_pair *other = dict_find(b.as.dict, pair->key, pair->hash);
        if (other == NULL || !equal_values(pair->value, other->value, depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool equal_lists(struct value a, struct value b, int depth)
{
    if (a.as.list->count != b.as.list->count) {
        return false;
    }
    for (uint32_t i = 0; i < a.as.list->count; i++) {
        if (!equal_values(a.as.list->items[i], b.as.list->items[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

static bool is_number(struct value v)
{
    return v.type >= VALUE_BOOL && v.type <= VALUE_FLOAT;
}

static bool equal_values(struct value a, struct value b, int depth)
{
    if (is_number(a) && is_number(b)) {
        return equal_numbers(a, b);
    }
    if (a.type == VALUE_OBJECT && a.as.obj->class->equal != NULL) {
        return a.as.obj->class->equal(a.as.obj, b);
    }
    if (b.type == VALUE_OBJECT && b.as.obj->class->equal != NULL) {
        return b.as.obj->class->equal(b.as.obj, a);
    }
    if (a.type != b.type || depth >= MAX_DEPTH) {
        return false;
    }
    switch (a.type) {
    case VALUE_STRING:
        return a.len == b.len && memcmp(a.as.s, b.as.s, a.len) == 0;
    case VALUE_LIST:
    case VALUE_TUPLE:
        return a.as.list == b.as.list || equal_lists(a, b, depth);
    case VALUE_DICT:
        return a.as.dict == b.as.dict || equal_dicts(a, b, depth);
    case VALUE_OBJECT:
        return a.as.obj == b.as.obj;
    default:
        return true;
    }
}

bool value_equal(struct value a, struct value b)
{
    return equal_values(a, b, 0);
}

/* ---- copies -------------------------------------------------------------------- */

static struct value clone_bigint(struct arena *arena, struct value v)
{
    size_t size =
        sizeof(struct value_bigint) + (size_t)abs(v.as.big->size) * sizeof(mp_limb_t);
    struct value_bigint *copy = arena_alloc(arena, size);

    memcpy(copy, v.as.big, size);
    v.as.big = copy;
    return v;
}

static struct value clone(struct arena *arena, struct value v, int depth)
{
    struct value copy;
    size_t at = 0;

    switch (v.type) {
    case VALUE_STRING:
        copy = value_copy_str_n(arena, v.as.s, v.len);
        copy.flags = v.flags;
        return copy;
    case VALUE_BIGINT:
        return clone_bigint(arena, v);
    case VALUE_LIST:
    case VALUE_TUPLE:
        if (depth >= MAX_DEPTH) {
            return value_none();
        }
        copy = sequence_new(arena, v.as.list->count, v.type);
        for (uint32_t i = 0; i < v.as.list->count; i++) {
            value_list_push(copy, clone(arena, v.as.list->items[i], depth + 1));
        }
        return copy;
    case VALUE_DICT:
        if (depth >= MAX_DEPTH) {
            return value_none();
        }
        copy = value_dict_new(arena, v.as.dict->count);
        for (const struct value_pair *pair; (pair = value_dict_next(v, &at)) != NULL;) {
            value_dict_put_value(copy, clone(arena, pair->key, depth + 1),
                                 clone(arena, pair->value, depth + 1));
        }
        return copy;
    case VALUE_UNDEFINED:
        return value_undefined();
    default:
        return v;
    }
}

struct value value_clone(struct arena *arena, struct value v)
{
    return clone(arena, v, 0);
}

/* ---- numbers ------------------------------------------------------------------- */

struct value value_from_mpz(struct arena *arena, const mpz_t z)
{
    if (mpz_fits_slong_p(z)) {
        return value_int(mpz_get_si(z));
    }
    size_t count = mpz_size(z);
    struct value_bigint *big =
        arena_alloc(arena, sizeof(*big) + count * sizeof(mp_limb_t));
    big->size = mpz_sgn(z) < 0 ? -(int)count : (int)count;
    memcpy(big->limbs, mpz_limbs_read(z), count * sizeof(mp_limb_t));
    return (struct value){.type = VALUE_BIGINT, .as.big = big};
}

void value_bigint_view(struct value v, mpz_t out)
{
    mpz_roinit_n(out, v.as.big->limbs, v.as.big->size);
}

struct value value_bigint_parse(struct arena *arena, const char *digits, int base)
{
    mpz_t z;
    struct value v = value_undefined();

    mpz_init(z);
    if (mpz_set_str(z, digits, base) == 0) {
        v = value_from_mpz(arena, z);
    }
    mpz_clear(z);
    return v;
}

void value_bigint_text(struct value v, struct buf *out)
{
    mpz_t z;

    value_bigint_view(v, z);
    size_t room = mpz_sizeinbase(z, 10) + 2;
    if (buf_reserve(out, room)) {
        mpz_get_str(out->data + out->len, 10, z);
        out->len += strlen(out->data + out->len);
    }
}

/* Puts `digits` with the point after `point` of them, as repr(float) places it. */
static void place_point(const char *digits, int count, int point, struct buf *out)
{
    if (point <= -4 || point > 16) {
        buf_addc(out, digits[0]);
        if (count > 1) {
            buf_addc(out, '.');
            buf_add(out, digits + 1, (size_t)count - 1);
        }
        buf_addf(out, "e%c%02d", point - 1 < 0 ? '-' : '+', abs(point - 1));
    } else if (point <= 0) {
        buf_adds(out, "0.");
        buf_pad(out, '0', (size_t)-point);
        buf_add(out, digits, (size_t)count);
    } else if (count <= point) {
        buf_add(out, digits, (size_t)count);
        buf_pad(out, '0', (size_t)(point - count));
        buf_adds(out, ".0");
    } else {
        buf_add(out, digits, (size_t)point);
        buf_addc(out, '.');
        buf_add(out, digits + point, (size_t)(count - point));
    }
}

void value_float_text(double f, struct buf *out)
{
    char text[40];
    char digits[20];
    int count = 0;

    if (!isfinite(f)) {
        buf_adds(out, isnan(f) ? "nan" : f > 0 ? "inf" : "-inf");
        return;
    }
    if (fabs(f) < 1e15 && floor(f) == f && !(f == 0 && signbit(f))) {
        buf_addf(out, "%lld.0", (long long)f);
        return;
    }
    /* subnormal numbers have fewer than 15 digits to tell apart */
    for (int precision = fabs(f) < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, fabs(f));
        if (strtod(text, NULL) == fabs(f)) {
            break;
        }
    }
    const char *exponent = strchr(text, 'e');
    for (const char *p = text; p < exponent; p++) {
        if (*p != '.' && *p != ',') {
            digits[count++] = *p;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    if (signbit(f)) {
        buf_addc(out, '-');
    }
    if (f == 0) {
        buf_adds(out, "0.0");
        return;
    }
    place_point(digits, count, atoi(exponent + 1) + 1, out);
}

const char *value_type_name(struct value v)
{
    static const char *const names[] = {
        [VALUE_UNDEFINED] = "undefined", [VALUE_NONE] = "none",
        [VALUE_BOOL] = "boolean",        [VALUE_INT] = "integer",
        [VALUE_BIGINT] = "integer",      [VALUE_FLOAT] = "float",
        [VALUE_STRING] = "string",       [VALUE_LIST] = "list",
        [VALUE_TUPLE] = "tuple",         [VALUE_DICT] = "dict",
        [VALUE_OBJECT] = "object",
    };

    return v.type <= VALUE_OBJECT ? names[v.type] : "value";
}
