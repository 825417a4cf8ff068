/* Words in lines that fit the screen. */
#ifndef SHELL_WRAP_H
#define SHELL_WRAP_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends the words of `text` and a newline: from `column` of the line that was begun,
 * at `indent` or further right, in lines of at most `width` columns that begin at
 * `indent`. A word that is longer stays whole.
 */
void wrap_words(struct buf *out, const char *text, size_t column, size_t indent,
                size_t width);

#endif
