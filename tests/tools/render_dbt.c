/* The functions and modules that dbt gives to every template. */
#include "config.h"

#include "compile/internal.h"
#include "render_scope.h"

struct jinja_scope render_scope(struct value context, struct arena *arena)
{
    static const struct jinja_def defs[] = {
        {"fromjson", func_fromjson, NULL},
        {"fromyaml", func_fromyaml, NULL},
        {"local_md5", func_local_md5, NULL},
        {"modules", NULL, modules_object},
        {"set", func_set, NULL},
        {"set_strict", func_set_strict, NULL},
        {"tojson", func_tojson, NULL},
        {"toyaml", func_toyaml, NULL},
        {"zip", func_zip, NULL},
        {"zip_strict", func_zip_strict, NULL},
    };
    struct jinja_scope *base = arena_new(arena, struct jinja_scope);

    *base = jinja_scope_table(arena, defs, sizeof(defs) / sizeof(defs[0]), NULL, NULL);
    return jinja_scope_dict(context, base);
}
