/* Functions that templates have without a host: range, dict, namespace and others. */
#include "config.h"

#include "jinja/objects.h"

/* ---- range
 * --------------------------------------------------------------------------- */

static int global_range(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t n[3] = {0, 0, 1};
    size_t count = value_list_count(a[0]);

    if (count == 0 || count > 3) {
        return jinja_raise(call->run, "TypeError", "range expected at %s, got %zu",
                           count == 0 ? "least 1 argument" : "most 3 arguments", count);
    }
    for (size_t i = 0; i < count; i++) {
        if (value_index(call->run, value_list_at(a[0], i), &n[i]) != 0) {
            return -1;
        }
    }
    if (count == 1) {
        n[1] = n[0];
        n[0] = 0;
    }
    if (n[2] == 0) {
        return jinja_raise(call->run, "ValueError", "range() arg 3 must not be zero");
    }
    *out = range_new(call->arena, n[0], n[1], n[2]);
    int64_t most = call->run->env->limits.range;
    if (value_length(*out) > most) {
        return jinja_raise(call->run, "OverflowError",
                           "Range too big. The sandbox blocks ranges larger than"
                           " MAX_RANGE (%lld).",
                           (long long)most);
    }
    return 0;
}

static int global_dict(struct jinja_call *call, struct value *a, struct value *out)
{
    *out = value_dict_new(call->arena, value_dict_count(a[1]));
    if (value_list_count(a[0]) > 1) {
        return jinja_raise(call->run, "TypeError",
                           "dict expected at most 1 argument, got %zu",
                           value_list_count(a[0]));
    }
    if (value_list_count(a[0]) == 1 &&
        dict_update_from(call->run, *out, value_list_at(a[0], 0)) != 0) {
        return -1;
    }
    return dict_update_from(call->run, *out, a[1]);
}

/* ---- namespace
 * ------------------------------------------------------------------------ */

struct namespace
{
    struct value_object base;
    struct value attrs;
};

static int namespace_getattr(struct value_object *self, struct jinja_run *run,
                             const struct jinja_name *name, struct value *out)
{
    const struct namespace *ns = (const void *)self;
    const struct value *found =
        value_dict_find(ns->attrs, value_str_n(name->s, name->len), name->hash);

    (void)run;
    if (found != NULL) {
        *out = *found;
    }
    return found != NULL;
}

static int namespace_setattr(struct value_object *self, struct jinja_run *run,
                             const struct jinja_name *name, struct value v)
{
    const struct namespace *ns = (const void *)self;

    return dict_put(run, ns->attrs, value_str_n(name->s, name->len), v);
}

static int namespace_repr(struct value_object *self, struct jinja_run *run,
                          struct buf *out)
{
    const struct namespace *ns = (const void *)self;

    buf_adds(out, "<Namespace ");
    if (run_stack(run) != 0 || jinja_repr(run, ns->attrs, out) != 0) {
        return -1;
    }
    buf_addc(out, '>');
    return 0;
}

const struct jinja_class namespace_class = {
    .base = {.name = "jinja2.utils.Namespace"},
    .getattr = namespace_getattr,
    .setattr = namespace_setattr,
    .repr = namespace_repr,
};

static int global_namespace(struct jinja_call *call, struct value *a, struct value *out)
{
    struct namespace *ns = arena_new(call->arena, struct namespace);

    ns->base.class = &namespace_class.base;
    *out = jinja_object_value(&ns->base);
    return global_dict(call, a, &ns->attrs);
}

/* ---- cycler and joiner
 * ----------------------------------------------------------------- */

struct cycler {
    struct value_object base;
    struct value items;
    size_t pos;
};

static int cycler_next(struct jinja_call *call, struct value *out)
{
    struct cycler *c = call->context;

    *out = value_list_at(c->items, c->pos);
    c->pos = (c->pos + 1) % value_list_count(c->items);
    return 0;
}

static int cycler_reset(struct jinja_call *call, struct value *out)
{
    ((struct cycler *)call->context)->pos = 0;
    *out = value_none();
    return 0;
}

static int cycler_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    struct cycler *c = (struct cycler *)(void *)self;

    if (strcmp(name->s, "next") == 0) {
        *out = jinja_function_value(run->arena, "next", cycler_next, c);
    } else if (strcmp(name->s, "reset") == 0) {
        *out = jinja_function_value(run->arena, "reset", cycler_reset, c);
    } else if (strcmp(name->s, "current") == 0) {
        *out = value_list_at(c->items, c->pos);
    } else if (strcmp(name->s, "items") == 0) {
        *out = c->items;
    } else if (strcmp(name->s, "pos") == 0) {
        *out = value_int((int64_t)c->pos);
    } else {
        return 0;
    }
    return 1;
}

static const struct jinja_class cycler_class = {
    .base = {.name = "jinja2.utils.Cycler"},
    .getattr = cycler_getattr,
};

static int global_cycler(struct jinja_call *call, struct value *a, struct value *out)
{
    struct cycler *c = arena_new(call->arena, struct cycler);

    if (value_list_count(a[0]) == 0) {
        return jinja_raise(call->run, "RuntimeError",
                           "at least one item has to be"
                           " provided");
    }
    c->base.class = &cycler_class.base;
    c->items = a[0];
    *out = jinja_object_value(&c->base);
    return 0;
}

struct joiner {
    struct value_object base;
    struct value separator;
    bool used;
};

static int joiner_call(struct jinja_call *call, struct value *out)
{
    struct joiner *j = call->context;

    *out = j->used ? j->separator : value_str_n("", 0);
    j->used = true;
    return 0;
}

static int joiner_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    const struct joiner *j = (const void *)self;

    (void)run;
    if (strcmp(name->s, "sep") == 0) {
        *out = j->separator;
    } else if (strcmp(name->s, "used") == 0) {
        *out = value_bool(j->used);
    } else {
        return 0;
    }
    return 1;
}

static const struct jinja_class joiner_class = {
    .base = {.name = "jinja2.utils.Joiner"},
    .getattr = joiner_getattr,
    .call = joiner_call,
};

static int global_joiner(struct jinja_call *call, struct value *a, struct value *out)
{
    struct joiner *j = arena_new(call->arena, struct joiner);

    j->base.class = &joiner_class.base;
    j->separator = is_missing(a[0]) ? value_str_n(", ", 2) : a[0];
    *out = jinja_object_value(&j->base);
    return 0;
}

static int global_lipsum(struct jinja_call *call, struct value *a, struct value *out)
{
    static const char words[] =
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor";
    bool html = is_missing(a[1]) || jinja_truth(a[1]);
    int64_t n = a[0].type == VALUE_INT ? a[0].as.i : 5;
    size_t mark;

    if (n > 1000) {
        return jinja_raise(call->run, "OverflowError", "too many paragraphs");
    }
    struct buf *text = scratch_begin(call->run, &mark);
    for (int64_t i = 0; i < n; i++) {
        buf_addf(text, "%s%s%s.%s", i > 0 ? (html ? "\n" : "\n\n") : "",
                 html ? "<p>" : "", words, html ? "</p>" : "");
    }
    *out = scratch_take(call->run, mark);
    out->flags = html ? VALUE_MARKUP : 0;
    return 0;
}

const struct builtin_def jinja_globals[] = {
    {"cycler", "Cycler", global_cycler, "*items", 0, false},
    {"dict", NULL, global_dict, "*args **kwargs", 0, false},
    {"joiner", "Joiner", global_joiner, "sep?", 0, false},
    {"lipsum", "generate_lorem_ipsum", global_lipsum, "n? html? min? max?", 0, false},
    {"namespace", "Namespace", global_namespace, "*args **kwargs", 0, false},
    {"range", "range", global_range, "*args", 0, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
