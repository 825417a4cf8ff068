/* Macros: of a template, of call blocks, and those bound to a scope by a host. */
#include "config.h"

#include "jinja/internal.h"
#include "jinja/native.h"

struct bound_value {
    struct value_object base;
    const struct jinja_macro *macro;
    const struct jinja_scope *scope;
    uint64_t run_id;       /* of the render that `module` belongs to */
    struct module *module; /* names already looked up in that render */
};

struct value macro_new(struct jinja_run *run, struct activation *act,
                       const struct node_macro *node)
{
    struct macro_value *m = arena_new(run->arena, struct macro_value);

    m->base.class = &macro_class.base;
    m->node = node;
    m->act = act;
    m->name = node->name.s;
    return jinja_object_value(&m->base);
}

/* The parameter that the keyword names, or -1. */
static int find_param(const struct node_macro *node, struct value name)
{
    for (uint32_t i = 0; i < node->params.count; i++) {
        const struct jinja_name *id = &node->params.items[i]->as.name.id;
        if (id->len == name.len && memcmp(id->s, name.as.s, name.len) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int surplus_keyword(struct jinja_run *run, const char *name,
                           const struct value kwargs)
{
    struct buf text = BUF_INIT;
    struct value first = kwargs.as.dict->pairs[0].key;

    if (name == NULL) {
        buf_adds(&text, "None");
    } else {
        text_repr(name, strlen(name), &text);
    }
    if (value_dict_has(kwargs, "caller")) {
        jinja_raise(run, "TypeError",
                    "macro %s was invoked with two values for the special caller"
                    " argument. This is most likely a bug.",
                    buf_str(&text));
    } else {
        jinja_raise(run, "TypeError", "macro %s takes no keyword argument '%s'",
                    buf_str(&text), first.as.s);
    }
    buf_fini(&text);
    return -1;
}

static int surplus_positional(struct jinja_run *run, const char *name, uint32_t most)
{
    struct buf text = BUF_INIT;

    if (name == NULL) {
        buf_adds(&text, "None");
    } else {
        text_repr(name, strlen(name), &text);
    }
    jinja_raise(run, "TypeError", "macro %s takes not more than %u argument(s)",
                buf_str(&text), most);
    buf_fini(&text);
    return -1;
}

/* Puts the arguments into their slots; what is left over stays missing. */
static int bind(struct jinja_run *run, const struct node_macro *node, const char *name,
                const struct call_args *args, struct activation *act)
{
    uint32_t count = node->params.count;
    uint32_t given = args->count < count ? (uint32_t)args->count : count;
    bool found_caller = given == count && node->explicit_caller;
    struct value caller = value_undefined();
    struct value rest = value_undefined();

    for (uint32_t i = 0; i < given; i++) {
        act->slots[node->params.items[i]->as.name.place.slot] = args->args[i];
    }
    for (uint32_t i = given; i < count && node->explicit_caller; i++) {
        found_caller =
            found_caller || strcmp(node->params.items[i]->as.name.id.s, "caller") == 0;
    }
    for (size_t i = 0; i < args->kwarg_count; i++) {
        const struct jinja_kwarg *kwarg = &args->kwargs[i];
        int param = find_param(node, kwarg->name);
        if (param >= 0 && (uint32_t)param >= given) {
            act->slots[node->params.items[param]->as.name.place.slot] = kwarg->value;
        } else if (node->uses_caller && !found_caller && kwarg->name.len == 6 &&
                   memcmp(kwarg->name.as.s, "caller", 6) == 0) {
            caller = kwarg->value;
        } else {
            if (rest.type != VALUE_DICT) {
                rest = value_dict_new(run->arena, args->kwarg_count);
            }
            value_dict_put_value(rest, kwarg->name, kwarg->value);
        }
    }
    if (node->uses_caller && !found_caller) {
        act->slots[node->caller_slot] =
            is_missing(caller) || caller.type == VALUE_NONE
                ? undefined_new(run, "No caller defined", NULL, value_str("caller"))
                : caller;
    }
    if (node->uses_kwargs) {
        act->slots[node->kwargs_slot] =
            rest.type == VALUE_DICT ? rest : value_dict_new(run->arena, 0);
    } else if (rest.type == VALUE_DICT) {
        return surplus_keyword(run, name, rest);
    }
    if (node->uses_varargs) {
        struct value varargs = value_tuple_new(run->arena, args->count - given);
        for (size_t i = given; i < args->count; i++) {
            value_list_push(varargs, args->args[i]);
        }
        act->slots[node->varargs_slot] = varargs;
    } else if (args->count > count) {
        return surplus_positional(run, name, count);
    }
    return 0;
}

static int set_defaults(struct jinja_run *run, struct activation *act,
                        const struct node_macro *node)
{
    for (uint32_t i = 0; i < node->params.count; i++) {
        const struct node *param = node->params.items[i];
        struct value *slot = &act->slots[param->as.name.place.slot];
        if (!is_missing(*slot)) {
            continue;
        }
        if (node->defaults[i] != NULL) {
            if (eval(run, act, node->defaults[i], slot) != 0) {
                return -1;
            }
            continue;
        }
        *slot =
            undefined_new(run,
                          arena_printf(run->arena, "parameter '%s' was not provided",
                                       param->as.name.id.s),
                          NULL, value_str(param->as.name.id.s));
    }
    return 0;
}

/* The statement that stands for a macro's head, for errors in its defaults. */
static void enter_head(struct jinja_run *run, struct node *head,
                       const struct node_macro *node)
{
    *head = (struct node){.line = node->macro->line -
                                  node->macro->template->first_line + 1};
    run->at = head;
}

/* Renders into run->out; or, when there is a capture, into `*out`. */
static int invoke(struct jinja_run *run, const struct node_macro *node,
                  const char *name, struct activation *outer, struct module *module,
                  const struct call_args *args, struct capture *capture,
                  struct value *out)
{
    const struct module *caller_module = run->module;
    const struct node *caller_at = run->at;
    struct node head;

    struct activation *act = activation_new(run, outer, module, node->slot_count);
    if (bind(run, node, name, args, act) != 0 || run_enter(run) != 0) {
        return -1;
    }
    run->module = module;
    enter_head(run, &head, node);
    int rc = frame_enter(run, act, &node->frame);
    if (rc == 0) {
        rc = set_defaults(run, act, node);
    }
    if (rc == 0) {
        rc = exec_list(run, act, &node->body) == FLOW_ERROR ? -1 : 0;
    }
    if (rc == 0 && capture != NULL) {
        rc = capture_end(run, capture, 0, out);
    }
    run_leave(run);
    run->module = caller_module;
    run->at = caller_at;
    return rc;
}

int macro_invoke(struct jinja_run *run, const struct macro_value *macro,
                 const struct call_args *args)
{
    return invoke(run, macro->node, macro->name, macro->act, macro->act->module, args,
                  NULL, NULL);
}

static struct call_args args_of(const struct jinja_call *call)
{
    return (struct call_args){.args = (struct value *)call->args,
                              .count = call->arg_count,
                              .kwargs = (struct jinja_kwarg *)call->kwargs,
                              .kwarg_count = call->kwarg_count};
}

static int macro_call(struct jinja_call *call, struct value *out)
{
    const struct macro_value *macro = call->context;
    struct call_args args = args_of(call);
    struct capture capture;

    capture_begin(call->run, &capture);
    int rc = invoke(call->run, macro->node, macro->name, macro->act, macro->act->module,
                    &args, &capture, out);
    call->run->native = capture.outer;
    return rc;
}

static int macro_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    const struct macro_value *m = (const void *)self;

    if (strcmp(name->s, "name") == 0) {
        *out = m->name != NULL ? value_str(m->name) : value_none();
    } else if (strcmp(name->s, "arguments") == 0) {
        *out = value_tuple_new(run->arena, m->node->params.count);
        for (uint32_t i = 0; i < m->node->params.count; i++) {
            value_list_push(*out, value_str(m->node->params.items[i]->as.name.id.s));
        }
    } else if (strcmp(name->s, "catch_kwargs") == 0) {
        *out = value_bool(m->node->uses_kwargs);
    } else if (strcmp(name->s, "catch_varargs") == 0) {
        *out = value_bool(m->node->uses_varargs);
    } else if (strcmp(name->s, "caller") == 0) {
        *out = value_bool(m->node->uses_caller);
    } else {
        return 0;
    }
    return 1;
}

static int macro_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    const struct macro_value *m = (const void *)self;

    (void)run;
    if (m->name == NULL) {
        buf_adds(out, "<Macro anonymous>");
    } else {
        buf_addf(out, "<Macro '%s'>", m->name);
    }
    return 0;
}

const struct jinja_class macro_class = {
    .base = {.name = "jinja2.runtime.Macro"},
    .getattr = macro_getattr,
    .call = macro_call,
    .repr = macro_repr,
};

/* ---- bound macros -----------------------------------------------------------------
 */

static struct module *bound_module(struct jinja_run *run, struct bound_value *b)
{
    if (b->run_id != run->id) {
        b->module = module_new(run, b->macro->template, b->scope, false);
        b->run_id = run->id;
    }
    return b->module;
}

/* 1 = a value was returned, 0 = text was written, -1 = raised. */
static int bound_run(struct jinja_run *run, struct bound_value *b,
                     const struct call_args *args, struct value *out)
{
    const struct node_macro *node = b->macro->template->first_macro;
    struct bound_frame frame = {run->bound, b->macro};
    const struct module *module = run->module;
    const struct node *at = run->at;
    struct native *native = run->native;
    int depth = run->depth;
    struct module *own = bound_module(run, b);

    if (run->on_macro != NULL) {
        run->on_macro(run->user, run, b->macro);
    }
    struct activation *root =
        activation_new(run, NULL, own, b->macro->template->slot_count);
    root->slots[node->target.slot] = jinja_object_value(&b->base);
    run->bound = &frame;
    run->bound_depth++;
    run->native = NULL; /* they are templates of their own, which give text */
    int rc = invoke(run, node, node->name.s, root, own, args, NULL, NULL);
    run->native = native;
    run->bound = frame.outer;
    run->bound_depth--;
    if (rc == 0) {
        return 0;
    }
    run->module = module;
    run->at = at;
    if (run->stop != STOP_RETURN) {
        return -1;
    }
    run->depth = depth;
    run->stop = STOP_NONE;
    *out = run->returned;
    return 1;
}

static int bound_call(struct jinja_call *call, struct value *out)
{
    struct call_args args = args_of(call);
    size_t mark = call->run->out->len;
    int rc = bound_run(call->run, call->context, &args, out);

    if (rc == 0) {
        *out = scratch_take(call->run, mark);
    } else if (rc > 0) {
        buf_truncate(call->run->out, mark);
    }
    return rc < 0 ? -1 : 0;
}

int bound_print(struct jinja_run *run, struct value bound, const struct call_args *args)
{
    size_t mark = run->out->len;
    struct value v;
    int rc = bound_run(run, (struct bound_value *)(void *)bound.as.obj, args, &v);

    if (rc > 0) {
        buf_truncate(run->out, mark);
        return emit(run, v);
    }
    return rc;
}

static int bound_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    const struct bound_value *b = (const void *)self;

    (void)run;
    if (strcmp(name->s, "name") != 0) {
        return 0;
    }
    *out = value_str(b->macro->name);
    return 1;
}

const struct jinja_class bound_class = {
    .base = {.name = "jinja2.runtime.Macro"},
    .getattr = bound_getattr,
    .call = bound_call,
};

struct value jinja_bind_macro(struct arena *arena, const struct jinja_macro *macro,
                              const struct jinja_scope *scope)
{
    struct bound_value *b = arena_new(arena, struct bound_value);

    b->base.class = &bound_class.base;
    b->macro = macro;
    b->scope = scope;
    return jinja_object_value(&b->base);
}

const struct jinja_macro *jinja_bound_macro(struct value v)
{
    return jinja_is_a(v, &bound_class)
               ? ((const struct bound_value *)(void *)v.as.obj)->macro
               : NULL;
}

int jinja_parse_macro(const struct jinja_env *env, const char *text, size_t len,
                      const char *file, int first_line, struct arena *arena,
                      struct jinja_macro **out, struct err *err)
{
    struct jinja_template *template;

    if (jinja_parse(env, text, len, file, first_line, arena, &template, err) != 0) {
        return -1;
    }
    if (template->first_macro == NULL) {
        err_set(err, ERR_COMPILE, "no macro is defined here");
        err_at(err, file, first_line, 1);
        return -1;
    }
    *out = template->first_macro->macro;
    return 0;
}
