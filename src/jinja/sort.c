#include "config.h"

#include "jinja/sort.h"

#include "jinja/number.h"
#include "jinja/strings.h"

struct entry {
    struct value key;
    struct value item;
};

/* Merges two sorted runs; takes from the right only what is smaller. */
static int merge(struct jinja_run *run, struct entry *from, struct entry *to,
                 size_t low, size_t mid, size_t high, bool reverse)
{
    size_t i = low;
    size_t j = mid;

    for (size_t k = low; k < high; k++) {
        int order = 0;
        if (i < mid && j < high) {
            if (run_step(run) != 0 ||
                value_order(run, reverse ? from[i].key : from[j].key,
                            reverse ? from[j].key : from[i].key, "<", &order) != 0) {
                return -1;
            }
            to[k] = order < 0 && order != NUMBER_UNORDERED ? from[j++] : from[i++];
        } else {
            to[k] = i < mid ? from[i++] : from[j++];
        }
    }
    return 0;
}

int sort_by(struct jinja_run *run, struct value items, struct value keys, bool reverse)
{
    size_t count = value_list_count(items);
    struct entry *a = arena_alloc(run->arena, (count + 1) * sizeof(*a));
    struct entry *b = arena_alloc(run->arena, (count + 1) * sizeof(*b));

    for (size_t i = 0; i < count; i++) {
        a[i] = (struct entry){value_list_at(keys, i), value_list_at(items, i)};
    }
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += width * 2) {
            size_t mid = low + width < count ? low + width : count;
            size_t high = low + width * 2 < count ? low + width * 2 : count;
            if (merge(run, a, b, low, mid, high, reverse) != 0) {
                return -1;
            }
        }
        struct entry *swap = a;
        a = b;
        b = swap;
    }
    for (size_t i = 0; i < count; i++) {
        items.as.list->items[i] = a[i].item;
    }
    return 0;
}

static bool all_digits(const char *s, size_t len)
{
    return string_is_digits(value_str_n(s, len));
}

static int one_part(struct jinja_run *run, struct value item, const char *part,
                    size_t len, struct value *out)
{
    struct value key = value_copy_str_n(run->arena, part, len);

    if (all_digits(part, len)) {
        key = value_bigint_parse(run->arena, key.as.s, 10);
    }
    return value_item(run, item, key, out);
}

int sort_attribute(struct jinja_run *run, struct value item, struct value attribute,
                   struct value fallback, struct value *out)
{
    *out = item;
    if (attribute.type == VALUE_NONE || is_missing(attribute)) {
        return 0;
    }
    if (attribute.type != VALUE_STRING) {
        if (value_item(run, item, attribute, out) != 0) {
            return -1;
        }
    }
    const char *part = attribute.type == VALUE_STRING ? attribute.as.s : NULL;
    const char *end = part != NULL ? part + attribute.len : NULL;
    while (part != NULL) {
        const char *dot = memchr(part, '.', (size_t)(end - part));
        size_t len = (size_t)((dot != NULL ? dot : end) - part);
        if (one_part(run, *out, part, len, out) != 0) {
            return -1;
        }
        if (out->type == VALUE_UNDEFINED && !value_is_null(fallback)) {
            *out = fallback;
        }
        part = dot != NULL ? dot + 1 : NULL;
    }
    if (out->type == VALUE_UNDEFINED && !value_is_null(fallback)) {
        *out = fallback;
    }
    return 0;
}

struct value sort_ignore_case(struct jinja_run *run, struct value v)
{
    return v.type == VALUE_STRING ? string_lower(run, v) : v;
}
