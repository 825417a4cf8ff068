#include "config.h"

#include "render_scope.h"

struct jinja_scope render_scope(struct value context, struct arena *arena)
{
    (void)arena;
    return jinja_scope_dict(context, NULL);
}
