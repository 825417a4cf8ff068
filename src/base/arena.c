#include "config.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

#define FIRST_BLOCK ((size_t)4096)
#define MAX_BLOCK   ((size_t)1024 * 1024)

struct arena_block {
    struct arena_block *prev;
    size_t size;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

static void free_blocks(struct arena_block *block, const struct arena_block *until)
{
    while (block != until) {
        struct arena_block *prev = block->prev;
        free(block);
        block = prev;
    }
}

void arena_fini(struct arena *arena)
{
    free_blocks(arena->head, NULL);
    *arena = (struct arena){0};
}

void arena_reset(struct arena *arena)
{
    if (arena->head == NULL) {
        return;
    }
    free_blocks(arena->head->prev, NULL);
    arena->head->prev = NULL;
    arena->next = arena->head->data;
    arena->end = arena->head->data + arena->head->size;
    arena->total = 0;
}

static size_t align_up(size_t size)
{
    size_t align = alignof(max_align_t);

    return (size + align - 1) & ~(align - 1);
}

static void add_block(struct arena *arena, size_t size)
{
    size_t want = arena->head != NULL ? arena->head->size * 2 : FIRST_BLOCK;

    if (want > MAX_BLOCK) {
        want = MAX_BLOCK;
    }
    if (want < size) {
        want = size;
    }
    struct arena_block *block = xmalloc(sizeof(*block) + want);
    block->prev = arena->head;
    block->size = want;
    arena->head = block;
    arena->next = block->data;
    arena->end = block->data + want;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        abort();
    }
    size = align_up(size != 0 ? size : 1);
    if (arena->head == NULL || (size_t)(arena->end - arena->next) < size) {
        add_block(arena, size);
    }
    void *ptr = arena->next;
    arena->next += size;
    arena->total += size;
    return ptr;
}

void *arena_zalloc(struct arena *arena, size_t size)
{
    void *ptr = arena_alloc(arena, size);

    memset(ptr, 0, size);
    return ptr;
}

void *arena_realloc(struct arena *arena, void *ptr, size_t old_size, size_t new_size)
{
    if (ptr == NULL) {
        return arena_alloc(arena, new_size);
    }
    if (new_size <= old_size) {
        return ptr;
    }
    size_t old_aligned = align_up(old_size != 0 ? old_size : 1);
    size_t grow = align_up(new_size) - old_aligned;
    if ((char *)ptr + old_aligned == arena->next &&
        (size_t)(arena->end - arena->next) >= grow) {
        arena->next += grow;
        arena->total += grow;
        return ptr;
    }
    void *copy = arena_alloc(arena, new_size);
    memcpy(copy, ptr, old_size);
    return copy;
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
    char *copy = arena_alloc(arena, n + 1);

    if (n != 0) {
        memcpy(copy, s, n);
    }
    copy[n] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
    return arena_strndup(arena, s, strlen(s));
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0) {
        n = 0;
    }
    char *out = arena_alloc(arena, (size_t)n + 1);
    out[0] = '\0';
    vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    return out;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *out = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return out;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->head, arena->next, arena->total};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    if (mark.head == NULL) {
        arena_reset(arena);
        return;
    }
    free_blocks(arena->head, mark.head);
    arena->head = mark.head;
    arena->next = mark.next;
    arena->end = mark.head->data + mark.head->size;
    arena->total = mark.total;
}
