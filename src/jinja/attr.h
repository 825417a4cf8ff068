/* Attribute names that the engine itself knows, numbered when a template is parsed. */
#ifndef JINJA_ATTR_H
#define JINJA_ATTR_H

#include <stddef.h>

#define JINJA_ATTRS(X)                                                                 \
    X(append)                                                                          \
    X(as_integer_ratio)                                                                \
    X(bit_count)                                                                       \
    X(bit_length)                                                                      \
    X(capitalize)                                                                      \
    X(casefold)                                                                        \
    X(center)                                                                          \
    X(changed)                                                                         \
    X(clear)                                                                           \
    X(conjugate)                                                                       \
    X(copy)                                                                            \
    X(count)                                                                           \
    X(cycle)                                                                           \
    X(denominator)                                                                     \
    X(depth)                                                                           \
    X(depth0)                                                                          \
    X(encode)                                                                          \
    X(endswith)                                                                        \
    X(expandtabs)                                                                      \
    X(extend)                                                                          \
    X(find)                                                                            \
    X(first)                                                                           \
    X(format)                                                                          \
    X(format_map)                                                                      \
    X(fromkeys)                                                                        \
    X(get)                                                                             \
    X(hex)                                                                             \
    X(imag)                                                                            \
    X(index)                                                                           \
    X(index0)                                                                          \
    X(insert)                                                                          \
    X(is_integer)                                                                      \
    X(isalnum)                                                                         \
    X(isalpha)                                                                         \
    X(isascii)                                                                         \
    X(isdecimal)                                                                       \
    X(isdigit)                                                                         \
    X(isidentifier)                                                                    \
    X(islower)                                                                         \
    X(isnumeric)                                                                       \
    X(isprintable)                                                                     \
    X(isspace)                                                                         \
    X(istitle)                                                                         \
    X(isupper)                                                                         \
    X(items)                                                                           \
    X(join)                                                                            \
    X(keys)                                                                            \
    X(last)                                                                            \
    X(length)                                                                          \
    X(ljust)                                                                           \
    X(lower)                                                                           \
    X(lstrip)                                                                          \
    X(nextitem)                                                                        \
    X(numerator)                                                                       \
    X(partition)                                                                       \
    X(pop)                                                                             \
    X(popitem)                                                                         \
    X(previtem)                                                                        \
    X(real)                                                                            \
    X(remove)                                                                          \
    X(removeprefix)                                                                    \
    X(removesuffix)                                                                    \
    X(replace)                                                                         \
    X(reverse)                                                                         \
    X(revindex)                                                                        \
    X(revindex0)                                                                       \
    X(rfind)                                                                           \
    X(rindex)                                                                          \
    X(rjust)                                                                           \
    X(rpartition)                                                                      \
    X(rsplit)                                                                          \
    X(rstrip)                                                                          \
    X(setdefault)                                                                      \
    X(sort)                                                                            \
    X(split)                                                                           \
    X(splitlines)                                                                      \
    X(startswith)                                                                      \
    X(strip)                                                                           \
    X(striptags)                                                                       \
    X(swapcase)                                                                        \
    X(title)                                                                           \
    X(translate)                                                                       \
    X(unescape)                                                                        \
    X(update)                                                                          \
    X(upper)                                                                           \
    X(values)                                                                          \
    X(zfill)

enum attr_id {
    ATTR_NONE,
#define X(name) ATTR_##name,
    JINJA_ATTRS(X)
#undef X
        ATTR_COUNT
};

/* ATTR_NONE when the engine does not know the name. */
enum attr_id attr_find(const char *name, size_t len);

#endif
