/* What jinja_render and dbt_render differ in: the names that templates see. */
#ifndef TESTS_RENDER_SCOPE_H
#define TESTS_RENDER_SCOPE_H

#include "jinja/jinja.h"

/* The names of the dict `context`, then the tool's own. In `arena`. */
struct jinja_scope render_scope(struct value context, struct arena *arena);

#endif
