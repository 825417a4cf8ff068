/* Expressions. */
#include "config.h"

#include "jinja/internal.h"

#include "jinja/fast.h"
#include "jinja/number.h"

static struct activation *outwards(struct activation *act, unsigned hops)
{
    while (hops-- > 0) {
        act = act->outer;
    }
    return act;
}

/* A name that comes from the scope, the first time it is used. */
static int load_global(struct jinja_run *run, struct activation *act, uint32_t index)
{
    struct module *module = act->module;
    const struct jinja_name *name = &module->template->globals[index];
    struct value v = {0};
    int found = jinja_scope_find(run, module->scope, name, &v);

    if (found < 0) {
        run_host_failed(run, name->s);
        return -1;
    }
    if (found == 0 && strcmp(name->s, "self") == 0) {
        v = self_new(run, act);
    } else if (found == 0 || is_missing(v)) {
        v = undefined_name(run, name);
    }
    module->globals[index] = v;
    return 0;
}

int place_load(struct jinja_run *run, struct activation *act, struct place place,
               struct value *out)
{
    if (!place.global) {
        *out = outwards(act, place.hops)->slots[place.slot];
        return 0;
    }
    struct module *module = act->module;
    if (UNLIKELY(is_missing(module->globals[place.slot])) &&
        load_global(run, act, place.slot) != 0) {
        return -1;
    }
    *out = module->globals[place.slot];
    return 0;
}

static int eval_name(struct jinja_run *run, struct activation *act,
                     const struct node *node, struct value *out)
{
    struct place place = node->as.name.place;

    if (LIKELY(!place.global && place.hops == 0)) {
        *out = act->slots[place.slot];
    } else if (place_load(run, act, place, out) != 0) {
        return -1;
    }
    if (UNLIKELY(is_missing(*out))) {
        *out = undefined_name(run, &node->as.name.id);
    }
    return 0;
}

static int eval_items(struct jinja_run *run, struct activation *act,
                      const struct node *node, struct value *out)
{
    uint32_t count = node->as.list.count;
    struct value list = node->kind == NODE_LIST ? value_list_new(run->arena, count)
                                                : value_tuple_new(run->arena, count);

    for (uint32_t i = 0; i < count; i++) {
        struct value *item = &list.as.list->items[i];
        if (eval(run, act, node->as.list.items[i], item) != 0) {
            return -1;
        }
        list.as.list->count++;
    }
    *out = list;
    return 0;
}

static int eval_dict(struct jinja_run *run, struct activation *act,
                     const struct node *node, struct value *out)
{
    struct value dict = value_dict_new(run->arena, node->as.list.count / 2);

    for (uint32_t i = 0; i + 1 < node->as.list.count; i += 2) {
        struct value key;
        struct value item;
        if (eval(run, act, node->as.list.items[i], &key) != 0 ||
            eval(run, act, node->as.list.items[i + 1], &item) != 0 ||
            dict_put(run, dict, key, item) != 0) {
            return -1;
        }
    }
    *out = dict;
    return 0;
}

static int eval_cond(struct jinja_run *run, struct activation *act,
                     const struct node *node, struct value *out)
{
    struct value test;

    if (eval(run, act, node->as.sub.a, &test) != 0) {
        return -1;
    }
    if (jinja_truth(test)) {
        return eval(run, act, node->as.sub.b, out);
    }
    if (node->as.sub.c != NULL) {
        return eval(run, act, node->as.sub.c, out);
    }
    *out = undefined_new(run,
                         arena_printf(run->arena,
                                      "the inline if-expression on line %d evaluated to"
                                      " false and no else section was defined.",
                                      node->line),
                         NULL, value_none());
    return 0;
}

static int eval_compare(struct jinja_run *run, struct activation *act,
                        const struct node *node, struct value *out)
{
    struct value left;
    struct value right;
    bool holds = true;

    if (eval(run, act, node->as.compare.first, &left) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < node->as.compare.count && holds; i++) {
        const struct compare_part *part = &node->as.compare.parts[i];
        if (eval(run, act, part->operand, &right) != 0 ||
            op_compare(run, part->op, left, right, &holds) != 0) {
            return -1;
        }
        left = right;
    }
    *out = value_bool(holds);
    return 0;
}

/* Jinja writes a constant base into Python code as it prints, so that of -3 ** x the
 * sign comes last. */
static int power_of_constant(struct jinja_run *run, struct value base, struct value x,
                             struct value *out)
{
    bool negative = is_number(base) && base.type != VALUE_BOOL &&
                    number_order(base, value_int(0)) < 0;

    if (!negative) {
        return op_binary(run, 'p', base, x, out);
    }
    return op_unary(run, '-', base, &base) == 0 &&
                   op_binary(run, 'p', base, x, out) == 0
               ? op_unary(run, '-', *out, out)
               : -1;
}

static int eval_binary(struct jinja_run *run, struct activation *act,
                       const struct node *node, struct value *out)
{
    struct value a;
    struct value b;
    int64_t result;

    if (run_stack(run) != 0 || eval(run, act, node->as.sub.a, &a) != 0 ||
        eval(run, act, node->as.sub.b, &b) != 0) {
        return -1;
    }
    if (LIKELY(a.type == VALUE_INT && b.type == VALUE_INT)) {
        bool done = false;
        switch (node->op) {
        case '+':
            done = !__builtin_add_overflow(a.as.i, b.as.i, &result);
            break;
        case '-':
            done = !__builtin_sub_overflow(a.as.i, b.as.i, &result);
            break;
        case '*':
            done = !__builtin_mul_overflow(a.as.i, b.as.i, &result);
            break;
        default:
            break;
        }
        if (done) {
            *out = value_int(result);
            return 0;
        }
    }
    if (node->op == 'p' && node->as.sub.a->constant && !node->as.sub.b->constant) {
        return power_of_constant(run, a, b, out);
    }
    return op_binary(run, (char)node->op, a, b, out);
}

static int eval_concat(struct jinja_run *run, struct activation *act,
                       const struct node *node, struct value *out)
{
    struct value small[8];
    uint32_t count = node->as.list.count;
    struct value *parts =
        count <= 8 ? small : arena_alloc(run->arena, count * sizeof(*parts));
    size_t total = 0;

    if (run_stack(run) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (eval(run, act, node->as.list.items[i], &parts[i]) != 0) {
            return -1;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].type != VALUE_STRING &&
            jinja_to_str(run, parts[i], &parts[i]) != 0) {
            return -1;
        }
        total += parts[i].len;
    }
    char *text = run_alloc_text(run, total);
    if (text == NULL) {
        return -1;
    }
    *out = value_str_n(text, total);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(text, parts[i].as.s, parts[i].len);
        text += parts[i].len;
    }
    return 0;
}

static int eval_attr(struct jinja_run *run, struct activation *act,
                     const struct node *node, struct value *out)
{
    struct value object;

    if (eval(run, act, node->as.attr.object, &object) != 0) {
        return -1;
    }
    return value_attr(run, object, &node->as.attr.name, node->as.attr.id, out);
}

static int eval_item(struct jinja_run *run, struct activation *act,
                     const struct node *node, struct value *out)
{
    struct value object;
    struct value key;

    if (eval(run, act, node->as.sub.a, &object) != 0 ||
        eval(run, act, node->as.sub.b, &key) != 0) {
        return -1;
    }
    return value_item(run, object, key, out);
}

static int eval_slice(struct jinja_run *run, struct activation *act,
                      const struct node *node, struct value *out)
{
    const struct node *parts[3] = {node->as.sub.b, node->as.sub.c, node->as.sub.d};
    struct value object = value_undefined();
    struct value bounds[3];

    if (node->as.sub.a == NULL) {
        return jinja_raise(run, "TypeError",
                           "slices in a tuple of keys are not supported");
    }
    if (eval(run, act, node->as.sub.a, &object) != 0) {
        return -1;
    }
    for (int i = 0; i < 3; i++) {
        bounds[i] = value_none();
        if (parts[i] != NULL && eval(run, act, parts[i], &bounds[i]) != 0) {
            return -1;
        }
    }
    int rc = value_slice(run, object, bounds[0], bounds[1], bounds[2], out);
    if (rc != 0 && run->folding && strcmp(run->err->type, "TypeError") == 0 &&
        jinja_catch(run, NULL)) { /* Jinja's own item access */
        *out = undefined_new(run, NULL, &object, value_str("slice"));
        return 0;
    }
    return rc;
}

static int add_dyn_args(struct jinja_run *run, struct call_args *out, struct value v)
{
    struct iter it;
    struct value item;
    int more;

    if (iter_init(run, v, &it) != 0) {
        err_clear(run->err);
        return jinja_raise(run, "TypeError",
                           "Value after * must be an iterable, not %s",
                           jinja_type_name(v));
    }
    struct value list = value_list_new(run->arena, out->count + 4);
    for (size_t i = 0; i < out->count; i++) {
        value_list_push(list, out->args[i]);
    }
    while ((more = iter_next(run, &it, &item)) > 0) {
        if (run_step(run) != 0) {
            return -1;
        }
        value_list_push(list, item);
    }
    out->args = list.as.list->items;
    out->count = list.as.list->count;
    return more;
}

static int add_kwarg(struct jinja_run *run, struct call_args *out, size_t *cap,
                     struct value name, struct value v)
{
    for (size_t i = 0; i < out->kwarg_count; i++) {
        if (value_equal(out->kwargs[i].name, name)) {
            return jinja_raise(run, "TypeError",
                               "got multiple values for keyword argument '%s'",
                               name.as.s);
        }
    }
    if (out->kwarg_count == *cap) {
        size_t room = *cap * 2 + 4;
        struct jinja_kwarg *more = arena_alloc(run->arena, room * sizeof(*more));
        memcpy(more, out->kwargs, out->kwarg_count * sizeof(*more));
        out->kwargs = more;
        *cap = room;
    }
    out->kwargs[out->kwarg_count++] = (struct jinja_kwarg){name, v};
    return 0;
}

static int add_dyn_kwargs(struct jinja_run *run, struct call_args *out, size_t *cap,
                          struct value v)
{
    size_t at = 0;

    if (v.type != VALUE_DICT) {
        return jinja_raise(
            run, "TypeError",
            "jinja2.sandbox.SandboxedEnvironment.call() argument after **"
            " must be a mapping, not %s",
            jinja_type_name(v));
    }
    for (const struct value_pair *pair; (pair = value_dict_next(v, &at)) != NULL;) {
        if (pair->key.type != VALUE_STRING) {
            return jinja_raise(run, "TypeError", "keywords must be strings");
        }
        if (add_kwarg(run, out, cap, pair->key, pair->value) != 0) {
            return -1;
        }
    }
    return 0;
}

int eval_args(struct jinja_run *run, struct activation *act,
              const struct node_args *args, const struct value *first,
              const struct value *caller, struct call_args *out)
{
    size_t count = args->positional.count + (first != NULL ? 1 : 0);
    size_t cap = 4;
    struct value v;

    out->args = count <= 8 ? out->small : arena_alloc(run->arena, count * sizeof(v));
    out->kwargs = out->small_kwargs;
    out->count = 0;
    out->kwarg_count = 0;
    if (first != NULL) {
        out->args[out->count++] = *first;
    }
    for (uint32_t i = 0; i < args->positional.count; i++) {
        if (eval(run, act, args->positional.items[i], &out->args[out->count]) != 0) {
            return -1;
        }
        out->count++;
    }
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        if (eval(run, act, args->kwargs[i].value, &v) != 0 ||
            add_kwarg(run, out, &cap, args->kwargs[i].name, v) != 0) {
            return -1;
        }
    }
    if (caller != NULL &&
        add_kwarg(run, out, &cap, value_str_n("caller", 6), *caller) != 0) {
        return -1;
    }
    if (args->dyn_args != NULL &&
        (eval(run, act, args->dyn_args, &v) != 0 || add_dyn_args(run, out, v) != 0)) {
        return -1;
    }
    if (args->dyn_kwargs != NULL && (eval(run, act, args->dyn_kwargs, &v) != 0 ||
                                     add_dyn_kwargs(run, out, &cap, v) != 0)) {
        return -1;
    }
    return 0;
}

int eval_call(struct jinja_run *run, struct activation *act, const struct node *node,
              const struct value *caller, struct value *out)
{
    const struct node *callee = node->as.call.callee;
    struct call_args args;
    struct value function;

    if (run_stack(run) != 0) {
        return -1;
    }
    if (callee->kind == NODE_GETATTR) {
        struct value object;
        if (eval(run, act, callee->as.attr.object, &object) != 0) {
            return -1;
        }
        const struct builtin *method = value_method(run, object, callee->as.attr.id);
        if (method != NULL) {
            return eval_args(run, act, node->as.call.args, &object, caller, &args) == 0
                       ? method_call(run, method, object, &args, out)
                       : -1;
        }
        if (value_attr(run, object, &callee->as.attr.name, callee->as.attr.id,
                       &function) != 0) {
            return -1;
        }
    } else if (eval(run, act, callee, &function) != 0) {
        return -1;
    }
    if (eval_args(run, act, node->as.call.args, NULL, caller, &args) != 0) {
        return -1;
    }
    return value_call(run, function, &args, out);
}

int eval_call_print(struct jinja_run *run, struct activation *act,
                    const struct node *node)
{
    const struct node *callee = node->as.call.callee;
    struct call_args args;
    struct value function;

    if (callee->kind != NODE_NAME || eval_name(run, act, callee, &function) != 0) {
        return callee->kind != NODE_NAME ? 0 : -1;
    }
    bool bound = jinja_is_a(function, &bound_class);
    if (!bound && !jinja_is_a(function, &macro_class)) {
        return 0;
    }
    if (run_stack(run) != 0 ||
        eval_args(run, act, node->as.call.args, NULL, NULL, &args) != 0) {
        return -1;
    }
    int rc = bound ? bound_print(run, function, &args)
                   : macro_invoke(run, (const void *)function.as.obj, &args);
    return rc == 0 ? 1 : -1;
}

static int unknown_builtin(struct jinja_run *run, const struct node *node)
{
    return jinja_raise(run, "TemplateRuntimeError", "No %s named '%s' found.",
                       node->kind == NODE_FILTER ? "filter" : "test",
                       node->as.filter.name);
}

static int builtin_apply(struct jinja_run *run, const struct node *node,
                         const struct call_args *args, struct value *out)
{
    struct jinja_call call = {.run = run,
                              .arena = run->arena,
                              .name = node->as.filter.name,
                              .args = args->args,
                              .arg_count = args->count,
                              .kwargs = args->kwargs,
                              .kwarg_count = args->kwarg_count};

    return builtin_call(node->as.filter.builtin, &call, out);
}

int eval_filter(struct jinja_run *run, struct activation *act, const struct node *node,
                const struct value *input, struct value *out)
{
    struct call_args args;
    struct value operand;

    if (run_stack(run) != 0) {
        return -1;
    }
    if (node->as.filter.operand != NULL) {
        int rc = node->as.filter.operand->kind == NODE_FILTER
                     ? eval_filter(run, act, node->as.filter.operand, input, &operand)
                     : eval(run, act, node->as.filter.operand, &operand);
        if (rc != 0) {
            return -1;
        }
    } else {
        operand = *input;
    }
    if (eval_args(run, act, node->as.filter.args, &operand, NULL, &args) != 0) {
        return -1;
    }
    return node->as.filter.builtin != NULL ? builtin_apply(run, node, &args, out)
                                           : unknown_builtin(run, node);
}

int eval_test(struct jinja_run *run, struct activation *act, const struct node *node,
              bool *out)
{
    struct call_args args;
    struct value operand;
    struct value result;

    if (run_stack(run) != 0 || eval(run, act, node->as.filter.operand, &operand) != 0) {
        return -1;
    }
    const struct node_args *given = node->as.filter.args;
    if (given->positional.count == 0 && given->kwarg_count == 0 &&
        given->dyn_args == NULL && given->dyn_kwargs == NULL &&
        fast_test(node->as.filter.builtin, operand, out)) {
        *out = *out != (node->op != 0);
        return 0;
    }
    if (eval_args(run, act, node->as.filter.args, &operand, NULL, &args) != 0) {
        return -1;
    }
    if (node->as.filter.builtin == NULL) {
        return unknown_builtin(run, node);
    }
    if (builtin_apply(run, node, &args, &result) != 0) {
        return -1;
    }
    *out = jinja_truth(result) != (node->op != 0);
    return 0;
}

int eval(struct jinja_run *run, struct activation *act, const struct node *node,
         struct value *out)
{
    struct value v;
    bool flag;

    switch ((enum node_kind)node->kind) {
    case NODE_CONST:
        *out = node->as.value;
        return 0;
    case NODE_NAME:
        return eval_name(run, act, node, out);
    case NODE_TUPLE:
    case NODE_LIST:
        return eval_items(run, act, node, out);
    case NODE_DICT:
        return eval_dict(run, act, node, out);
    case NODE_COND:
        return eval_cond(run, act, node, out);
    case NODE_OR:
    case NODE_AND:
        if (run_stack(run) != 0 || eval(run, act, node->as.sub.a, &v) != 0) {
            return -1;
        }
        if (jinja_truth(v) == (node->kind == NODE_OR)) {
            *out = v;
            return 0;
        }
        return eval(run, act, node->as.sub.b, out);
    case NODE_NOT:
        if (eval(run, act, node->as.sub.a, &v) != 0) {
            return -1;
        }
        *out = value_bool(!jinja_truth(v));
        return 0;
    case NODE_COMPARE:
        return eval_compare(run, act, node, out);
    case NODE_BINARY:
        return eval_binary(run, act, node, out);
    case NODE_CONCAT:
        return eval_concat(run, act, node, out);
    case NODE_UNARY:
        return eval(run, act, node->as.sub.a, &v) == 0
                   ? op_unary(run, (char)node->op, v, out)
                   : -1;
    case NODE_GETATTR:
        return eval_attr(run, act, node, out);
    case NODE_GETITEM:
        return eval_item(run, act, node, out);
    case NODE_SLICE:
        return eval_slice(run, act, node, out);
    case NODE_CALL:
        return eval_call(run, act, node, NULL, out);
    case NODE_FILTER:
        return eval_filter(run, act, node, NULL, out);
    case NODE_TEST:
        if (eval_test(run, act, node, &flag) != 0) {
            return -1;
        }
        *out = value_bool(flag);
        return 0;
    default:
        return jinja_raise(run, "RuntimeError", "not an expression");
    }
}
