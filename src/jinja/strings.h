/* What Python's str can do, for methods and filters alike. Results are new strings. */
#ifndef JINJA_STRINGS_H
#define JINJA_STRINGS_H

#include "jinja/internal.h"

struct value string_upper(struct jinja_run *run, struct value s);
struct value string_lower(struct jinja_run *run, struct value s);
struct value string_casefold(struct jinja_run *run, struct value s);
struct value string_capitalize(struct jinja_run *run, struct value s);
struct value string_swapcase(struct jinja_run *run, struct value s);
struct value string_title(struct jinja_run *run, struct value s); /* str.title() */

/* strip() of the characters in `chars`; none or missing: white space. */
struct value string_strip(struct jinja_run *run, struct value s, struct value chars,
                          bool left, bool right);
/* `count` < 0 = all. */
int string_replace(struct jinja_run *run, struct value s, struct value old,
                   struct value new, int64_t count, struct value *out);
/* Lists of strings; `separator` none or missing = white space; `max` < 0 = no limit. */
int string_split(struct jinja_run *run, struct value s, struct value separator,
                 int64_t max, bool from_right, struct value *out);
struct value string_splitlines(struct jinja_run *run, struct value s, bool keep);
/* Pads to `width` characters: `where` '<', '>' or '^' (as str.center). */
int string_pad(struct jinja_run *run, struct value s, int64_t width, const char *fill,
               char where, struct value *out);
/* A part of the same text, sharing its bytes only through a copy. */
struct value string_part(struct jinja_run *run, struct value s, size_t from, size_t to);
/* Characters `from` to `to`, counted as in slices (negative from the end). */
struct value string_slice(struct jinja_run *run, struct value s, int64_t from,
                          int64_t to);
/* sep.join(items of a list), each item str()ed when `convert`. */
int string_join(struct jinja_run *run, struct value separator, struct value items,
                bool convert, struct value *out);
bool string_is_upper(struct value s);
bool string_is_lower(struct value s);
bool string_is_alnum(uint32_t c); /* of one character */
bool string_is_digits(struct value s);

#endif
