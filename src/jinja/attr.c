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
        int order = strncmp(name, names[mid], len);
        if (order == 0 && names[mid][len] == '\0') {
            return (enum attr_id)(mid + 1);
        }
        if (order > 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return ATTR_NONE;
}
