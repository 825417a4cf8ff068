/*
 * Arenas: memory that is freed all at once. One arena per lifetime (project, one
 * render, one result page). Allocation never fails; blocks are kept by arena_reset().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *head; /* block that is being filled */
    char *next;
    char *end;
    size_t total; /* bytes handed out since the last reset */
};

/* A position to go back to; see arena_rewind(). */
struct arena_mark {
    struct arena_block *head;
    char *next;
    size_t total;
};

/* A zeroed struct arena is valid and empty, so arena_init() is optional. */
void arena_init(struct arena *arena);
void arena_fini(struct arena *arena);
/* Forgets everything; the largest block is kept for the next use. */
void arena_reset(struct arena *arena);

/* Bytes aligned for any object, not zeroed. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_zalloc(struct arena *arena, size_t size);
/*
 * Grows the allocation `ptr` of `old_size` bytes; in place when it was the last one.
 * `ptr` may be NULL.
 */
void *arena_realloc(struct arena *arena, void *ptr, size_t old_size, size_t new_size);
/* Copies; the results end with a NUL byte. */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

struct arena_mark arena_mark(const struct arena *arena);
/* Forgets everything that was allocated since the mark was taken. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

#define arena_new(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))
#define arena_array(arena, type, count)                                                \
    ((type *)arena_zalloc((arena), sizeof(type) * (size_t)(count)))

#endif
