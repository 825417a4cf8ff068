/* What can be seen in a template without rendering it. */
#include "config.h"

#include "jinja/internal.h"

struct look {
    const struct jinja_template *template;
    struct arena *arena;
    bool (*visit)(void *context, const struct jinja_static_call *call);
    void *context;
    bool stopped;
    int conditional;
};

static void look_list(struct look *l, const struct node_list *list);
static void look_at(struct look *l, const struct node *node);

/* The value of a literal; false when it is none. */
static bool constant(struct arena *arena, const struct node *node, struct value *out)
{
    struct value item;

    switch (node->kind) {
    case NODE_CONST:
        *out = node->as.value;
        return true;
    case NODE_UNARY:
        if (!constant(arena, node->as.sub.a, out)) {
            return false;
        }
        if (node->op == '-' && out->type == VALUE_INT && out->as.i != INT64_MIN) {
            out->as.i = -out->as.i;
            return true;
        }
        if (node->op == '-' && out->type == VALUE_FLOAT) {
            out->as.f = -out->as.f;
            return true;
        }
        return false;
    case NODE_LIST:
    case NODE_TUPLE:
        *out = node->kind == NODE_LIST ? value_list_new(arena, node->as.list.count)
                                       : value_tuple_new(arena, node->as.list.count);
        for (uint32_t i = 0; i < node->as.list.count; i++) {
            if (!constant(arena, node->as.list.items[i], &item)) {
                return false;
            }
            value_list_push(*out, item);
        }
        return true;
    case NODE_DICT:
        *out = value_dict_new(arena, node->as.list.count / 2);
        for (uint32_t i = 0; i + 1 < node->as.list.count; i += 2) {
            struct value key;
            if (!constant(arena, node->as.list.items[i], &key) ||
                !constant(arena, node->as.list.items[i + 1], &item) ||
                !value_hashable(key)) {
                return false;
            }
            value_dict_put_value(*out, key, item);
        }
        return true;
    default:
        return false;
    }
}

/* "a.b.c" of a chain of attributes of a name; NULL when it is something else. */
static const char *dotted(struct arena *arena, const struct node *node)
{
    if (node->kind == NODE_NAME) {
        return node->as.name.id.s;
    }
    if (node->kind != NODE_GETATTR) {
        return NULL;
    }
    const char *object = dotted(arena, node->as.attr.object);
    return object != NULL ? arena_printf(arena, "%s.%s", object, node->as.attr.name.s)
                          : NULL;
}

static void report(struct look *l, const struct node *node)
{
    const struct node_args *args = node->as.call.args;
    struct jinja_static_call call = {
        .name = dotted(l->arena, node->as.call.callee),
        .line = node->line + l->template->first_line - 1,
        .constant = args->dyn_args == NULL && args->dyn_kwargs == NULL,
        .conditional = l->conditional > 0,
        .args = value_list_new(l->arena, args->positional.count),
        .kwargs = value_dict_new(l->arena, args->kwarg_count)};
    struct value v;

    if (call.name == NULL) {
        return;
    }
    for (uint32_t i = 0; i < args->positional.count; i++) {
        bool literal = constant(l->arena, args->positional.items[i], &v);
        call.constant = call.constant && literal;
        value_list_push(call.args, literal ? v : value_undefined());
    }
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        bool literal = constant(l->arena, args->kwargs[i].value, &v);
        call.constant = call.constant && literal;
        value_dict_put_value(call.kwargs, args->kwargs[i].name,
                             literal ? v : value_undefined());
    }
    l->stopped = !l->visit(l->context, &call);
}

static void look_args(struct look *l, const struct node_args *args)
{
    look_list(l, &args->positional);
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        look_at(l, args->kwargs[i].value);
    }
    look_at(l, args->dyn_args);
    look_at(l, args->dyn_kwargs);
}

static void look_inside(struct look *l, const struct node_list *list)
{
    l->conditional++;
    look_list(l, list);
    l->conditional--;
}

static void look_macro(struct look *l, const struct node_macro *macro)
{
    l->conditional++;
    for (uint32_t i = 0; i < macro->params.count; i++) {
        look_at(l, macro->defaults[i]);
    }
    look_list(l, &macro->body);
    l->conditional--;
}

static void look_statement(struct look *l, const struct node *node)
{
    switch (node->kind) {
    case NODE_IF:
        for (const struct node *n = node; n != NULL; n = n->as.branch->elif) {
            l->conditional += n != node;
            look_at(l, n->as.branch->test);
            l->conditional -= n != node;
            look_inside(l, &n->as.branch->body);
        }
        look_inside(l, &node->as.branch->otherwise);
        break;
    case NODE_FOR:
        look_at(l, node->as.loop->iter);
        l->conditional++;
        look_at(l, node->as.loop->test);
        l->conditional--;
        look_inside(l, &node->as.loop->body);
        look_inside(l, &node->as.loop->otherwise);
        break;
    case NODE_SET:
    case NODE_SET_BLOCK:
        look_at(l, node->as.set->value);
        look_list(l, &node->as.set->body);
        break;
    case NODE_MACRO:
        look_macro(l, node->as.macro);
        break;
    case NODE_CALL_BLOCK:
        look_at(l, node->as.call_block->call);
        look_macro(l, node->as.call_block->body);
        break;
    case NODE_FILTER_BLOCK:
        look_at(l, node->as.filter_block->filter);
        look_list(l, &node->as.filter_block->body);
        break;
    case NODE_WITH:
        look_list(l, &node->as.with->values);
        look_list(l, &node->as.with->body);
        break;
    case NODE_BLOCK:
    case NODE_SCOPE:
        look_list(l, &node->as.block->body);
        break;
    case NODE_PRINT:
    case NODE_DO:
        look_at(l, node->as.sub.a);
        break;
    default:
        break;
    }
}

static void look_sub(struct look *l, const struct node *node)
{
    bool maybe =
        node->kind == NODE_COND || node->kind == NODE_AND || node->kind == NODE_OR;

    look_at(l, node->as.sub.a);
    l->conditional += maybe;
    look_at(l, node->as.sub.b);
    look_at(l, node->as.sub.c);
    look_at(l, node->as.sub.d);
    l->conditional -= maybe;
}

static void look_at(struct look *l, const struct node *node)
{
    if (node == NULL || l->stopped) {
        return;
    }
    switch (node->kind) {
    case NODE_CONST:
    case NODE_NAME:
    case NODE_NSREF:
        break;
    case NODE_TUPLE:
    case NODE_LIST:
    case NODE_DICT:
    case NODE_CONCAT:
        look_list(l, &node->as.list);
        break;
    case NODE_COMPARE:
        look_at(l, node->as.compare.first);
        for (uint32_t i = 0; i < node->as.compare.count; i++) {
            look_at(l, node->as.compare.parts[i].operand);
        }
        break;
    case NODE_GETATTR:
        look_at(l, node->as.attr.object);
        break;
    case NODE_CALL:
        report(l, node);
        look_at(l, node->as.call.callee);
        look_args(l, node->as.call.args);
        break;
    case NODE_FILTER:
    case NODE_TEST:
        look_at(l, node->as.filter.operand);
        look_args(l, node->as.filter.args);
        break;
    default:
        if (node->kind >= NODE_DATA) {
            look_statement(l, node);
        } else {
            look_sub(l, node);
        }
    }
}

static void look_list(struct look *l, const struct node_list *list)
{
    for (uint32_t i = 0; i < list->count && !l->stopped; i++) {
        look_at(l, list->items[i]);
    }
}

void jinja_visit_calls(const struct jinja_template *template, struct arena *arena,
                       bool (*visit)(void *context,
                                     const struct jinja_static_call *call),
                       void *context)
{
    struct look l = {
        .template = template, .arena = arena, .visit = visit, .context = context};

    look_list(&l, &template->body);
}

void jinja_visit_names(const struct jinja_template *template,
                       bool (*visit)(void *context, const char *name, int line),
                       void *context)
{
    for (uint32_t i = 0; i < template->global_count; i++) {
        if (!visit(context, template->globals[i].s, template->global_lines[i])) {
            return;
        }
    }
}
