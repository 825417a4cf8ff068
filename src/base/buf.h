/*
 * Growing byte strings with a ceiling. Once an append would pass the ceiling the buffer
 * is marked `overflow` and takes nothing more, so a chain of appends is checked once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL-terminated once anything was appended; heap, owned */
    size_t len;
    size_t cap;
    size_t max; /* bytes; 0 = BUF_MAX_DEFAULT */
    bool overflow;
};

#define BUF_MAX_DEFAULT ((size_t)256 * 1024 * 1024)
#define BUF_INIT                                                                       \
    {                                                                                  \
        0                                                                              \
    }

void buf_init(struct buf *buf, size_t max);
void buf_fini(struct buf *buf);
/* Empties the buffer and clears `overflow`; memory is kept. */
void buf_reset(struct buf *buf);
/* Cuts to `len` bytes; longer than the content means no change. */
void buf_truncate(struct buf *buf, size_t len);
/* Makes room for `extra` more bytes; false when that passes the ceiling. */
bool buf_reserve(struct buf *buf, size_t extra);
void buf_add(struct buf *buf, const char *data, size_t len);
void buf_adds(struct buf *buf, const char *s);
void buf_addc(struct buf *buf, char c);
/* Adds `count` copies of `c`. */
void buf_pad(struct buf *buf, char c, size_t count);
void buf_addf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *buf, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* The content as a string; "" when empty. Borrowed until the next change. */
const char *buf_str(const struct buf *buf);
/* Hands the heap string (never NULL) to the caller and leaves the buffer empty. */
char *buf_take(struct buf *buf);

#endif
