/* Relations, their upsert keys and column names. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"

struct rel *rel_new(struct infer *in, size_t columns)
{
    struct rel *rel = arena_new(in->arena, struct rel);
    rel->columns = arena_array(in->arena, struct rel_column, columns + 1);
    rel->count = columns;
    return rel;
}

void rel_copy_changes(struct rel *to, const struct rel *from)
{
    to->changes = from->changes;
    to->bounded = from->bounded;
    to->session = from->session;
    to->session_keys = from->session_keys;
    to->keys_known = from->keys_known;
    to->soft_keys = from->soft_keys;
    to->key_count = from->key_count;
    memcpy(to->keys, from->keys, sizeof to->keys);
}

static bool key_has(const struct sql_key *key, size_t column)
{
    for (size_t i = 0; i < key->count; i++) {
        if (key->columns[i] == column) {
            return true;
        }
    }
    return false;
}

static bool same_key(const struct sql_key *a, const struct sql_key *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!key_has(b, a->columns[i])) {
            return false;
        }
    }
    return true;
}

void rel_add_key(struct infer *in, struct rel *rel, const size_t *columns, size_t count)
{
    size_t *copy = arena_array(in->arena, size_t, count + 1);
    struct sql_key key = {copy, 0};
    for (size_t i = 0; i < count; i++) {
        if (!key_has(&key, columns[i])) {
            copy[key.count++] = columns[i];
        }
    }
    for (size_t i = 1; i < key.count; i++) {
        for (size_t k = i; k > 0 && copy[k - 1] > copy[k]; k--) {
            size_t swap = copy[k];
            copy[k] = copy[k - 1];
            copy[k - 1] = swap;
        }
    }
    for (size_t i = 0; i < rel->key_count; i++) {
        if (same_key(&rel->keys[i], &key)) {
            return;
        }
    }
    if (rel->key_count < INFER_MAX_KEYS) {
        rel->keys[rel->key_count++] = key;
    }
}

const char *unique_name(struct infer *in, struct map *used, const char *base)
{
    size_t *next = map_get(used, base);
    const char *name = base;
    while (next && map_get(used, name)) {
        name = arena_printf(in->arena, "%s%zu", base, (*next)++);
    }
    map_put(used, name, arena_new(in->arena, size_t));
    return name;
}

void rel_mark_doubles(struct rel *rel)
{
    struct map used = {0};
    for (size_t i = 0; i < rel->count; i++) {
        struct rel_column *first =
            map_put(&used, rel->columns[i].name, &rel->columns[i]);
        rel->columns[i].doubled = first != NULL;
        if (first) {
            first->doubled = true;
        }
    }
    map_fini(&used);
}

void rel_unique_names(struct infer *in, struct rel *rel)
{
    struct map used = {0};
    for (size_t i = 0; i < rel->count; i++) {
        rel->columns[i].name = unique_name(in, &used, rel->columns[i].name);
    }
    map_fini(&used);
}
