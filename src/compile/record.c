/* Python's dataclasses and namespaces, as templates see them. */
#include "config.h"

#include "compile/internal.h"

struct record_object {
    struct value_object base;
    struct value dict;
};

static int record_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    (void)run;
    *out = value_dict_get_n(((struct record_object *)self)->dict, name->s, name->len);
    return value_is(*out, VALUE_UNDEFINED) ? 0 : 1;
}

static int record_repr(struct value_object *self, struct jinja_run *run,
                       struct buf *out)
{
    size_t at = 0;
    const struct value_pair *pair;
    const char *comma = "";

    buf_addf(out, "%s(", self->class->name);
    while ((pair = value_dict_next(((struct record_object *)self)->dict, &at)) !=
           NULL) {
        buf_addf(out, "%s%s=", comma, value_cstr(pair->key, ""));
        if (jinja_repr(run, pair->value, out) != 0) {
            return -1;
        }
        comma = ", ";
    }
    buf_addc(out, ')');
    return 0;
}

const struct jinja_class record_namespace = {
    .base = {.name = "Namespace"}, .getattr = record_getattr, .repr = record_repr};
const struct jinja_class record_policy = {
    .base = {.name = "Policy"}, .getattr = record_getattr, .repr = record_repr};
const struct jinja_class record_path = {
    .base = {.name = "Path"}, .getattr = record_getattr, .repr = record_repr};

struct value record_value(struct arena *arena, const struct jinja_class *class,
                          struct value dict)
{
    struct record_object *record = arena_new(arena, struct record_object);

    record->base.class = &class->base;
    record->dict = dict;
    return jinja_object_value(&record->base);
}
