#include "config.h"

#include "jinja/attr.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define X(name) #name,
    JINJA_ATTRS(X)
#undef X
};

enum attr_id attr_find(const char *name, size_t len)
{
    size_t low = 0;
    size_t high = sizeof(names) / sizeof(names[0]);

    while (low < high) {
        size_t mid = (low + high) / 2;
        size_t other = strlen(names[mid]);
        int order = memcmp(name, names[mid], len < other ? len : other);
        if (order == 0 && len == other) {
            return (enum attr_id)(mid + 1);
        }
        order = order != 0 ? order : len > other ? 1 : -1;
        if (order > 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return ATTR_NONE;
}
