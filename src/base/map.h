/*
 * Hash maps from byte strings to pointers, in insertion order. Keys are borrowed: they
 * must live as long as the map (put them in the same arena). No removal.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
    const char *key;
    size_t len;
    uint32_t hash;
    void *value;
};

struct map {
    struct map_entry *entries; /* heap, owned; 0..count-1 in insertion order */
    uint32_t *slots;           /* heap, owned; index + 1 into entries, 0 = free */
    size_t count;
    size_t cap;
    size_t slot_count;
};

/* A zeroed struct map is valid and empty. */
void map_fini(struct map *map);
/* The value for `key`, or NULL. */
void *map_get(const struct map *map, const char *key);
void *map_get_n(const struct map *map, const char *key, size_t len);
/* Sets the value; returns the previous one or NULL. */
void *map_put(struct map *map, const char *key, void *value);
void *map_put_n(struct map *map, const char *key, size_t len, void *value);

/* The hash that all hashed look-ups here use. */
uint32_t map_hash(const char *data, size_t len);

#endif
