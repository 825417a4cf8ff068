/* Line differences of two texts, for showing what changed in a query. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include <stddef.h>

enum diff_kind { DIFF_SAME, DIFF_REMOVED, DIFF_ADDED };

/* One line without its end, which is not NUL-terminated. */
typedef void diff_fn(void *context, enum diff_kind kind, const char *line, size_t len);

/*
 * Calls `fn` for every line of both texts in order: a shortest edit script, removals
 * before additions. Texts whose differing parts are longer than DIFF_LINES_MAX lines
 * are shown as wholly removed and added.
 */
#define DIFF_LINES_MAX 2000
void diff_lines(const char *before, const char *after, diff_fn *fn, void *context);

#endif
