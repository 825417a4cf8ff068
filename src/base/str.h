/* Small string helpers that libc lacks. Lengths are bytes; text is UTF-8. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* Copies with truncation at a character boundary; always terminates. */
void str_copy(char *dst, size_t size, const char *src);
void str_copy_n(char *dst, size_t size, const char *src, size_t len);

bool str_eq(const char *a, const char *b);
/* ASCII case-insensitive. */
bool str_ieq(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* Whether the `len` bytes at `s` are exactly `word`. */
bool str_eq_n(const char *s, size_t len, const char *word);
bool str_ieq_n(const char *s, size_t len, const char *word);

/* Columns that the text takes on a terminal (East Asian width, combining marks). */
size_t str_width(const char *s, size_t len);
/* Bytes of the longest prefix that takes at most `columns` columns. */
size_t str_fit(const char *s, size_t len, size_t columns);

/*
 * The candidate nearest to `word` by edit distance, or NULL when none is near enough to
 * be a plausible misspelling. Borrowed from `candidates`.
 */
const char *str_nearest(const char *word, const char *const *candidates, size_t count);

#endif
