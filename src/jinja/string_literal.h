/* The meaning of string literals, as Python's unicode-escape codec sees it. */
#ifndef JINJA_STRING_LITERAL_H
#define JINJA_STRING_LITERAL_H

#include "value/value.h"

/* The text between the quotes. On failure `*problem` says why (static text). */
struct value string_literal(const char *s, size_t len, struct arena *arena,
                            const char **problem);

#endif
