#include "config.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

/* FNV-1a with a final mix, so that power-of-two tables use all bits. */
uint32_t map_hash(const char *data, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)data[i]) * 16777619u;
    }
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    h ^= h >> 12;
    return h;
}

void map_fini(struct map *map)
{
    free(map->entries);
    free(map->slots);
    *map = (struct map){0};
}

static struct map_entry *find(const struct map *map, const char *key, size_t len,
                              uint32_t hash)
{
    if (map->slot_count == 0) {
        return NULL;
    }
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask; map->slots[i] != 0; i = (i + 1) & mask) {
        struct map_entry *entry = &map->entries[map->slots[i] - 1];
        if (entry->hash == hash && entry->len == len &&
            memcmp(entry->key, key, len) == 0) {
            return entry;
        }
    }
    return NULL;
}

void *map_get_n(const struct map *map, const char *key, size_t len)
{
    struct map_entry *entry = find(map, key, len, map_hash(key, len));

    return entry != NULL ? entry->value : NULL;
}

void *map_get(const struct map *map, const char *key)
{
    return map_get_n(map, key, strlen(key));
}

static void link_entry(struct map *map, size_t index)
{
    size_t mask = map->slot_count - 1;
    size_t i = map->entries[index].hash & mask;

    while (map->slots[i] != 0) {
        i = (i + 1) & mask;
    }
    map->slots[i] = (uint32_t)index + 1;
}

static void grow(struct map *map)
{
    map->cap = map->cap != 0 ? map->cap * 2 : 8;
    map->entries = xreallocarray(map->entries, map->cap, sizeof(*map->entries));
    map->slot_count = map->cap * 2;
    free(map->slots);
    map->slots = xcalloc(map->slot_count, sizeof(*map->slots));
    for (size_t i = 0; i < map->count; i++) {
        link_entry(map, i);
    }
}

void *map_put_n(struct map *map, const char *key, size_t len, void *value)
{
    uint32_t hash = map_hash(key, len);
    struct map_entry *entry = find(map, key, len, hash);

    if (entry != NULL) {
        void *old = entry->value;
        entry->value = value;
        return old;
    }
    if (map->count == map->cap) {
        grow(map);
    }
    map->entries[map->count] = (struct map_entry){key, len, hash, value};
    link_entry(map, map->count++);
    return NULL;
}

void *map_put(struct map *map, const char *key, void *value)
{
    return map_put_n(map, key, strlen(key), value);
}
