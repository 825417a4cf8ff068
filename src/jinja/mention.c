#include "config.h"

#include "jinja/mention.h"

#include "base/str.h"

/*
 * A name counts as used in a body when it is read there before anything sets it, in the
 * order of the tree. That composes: of what an inner part reads, the outer part sees
 * what it has not set itself so far.
 */
struct mention {
    unsigned read;
    unsigned set;
    const char *stack_base;
    struct err *err;
    bool failed;
};

static void walk(struct mention *m, const struct node *node);

static unsigned bit_of(const char *name)
{
    static const char *const names[] = {"loop", "caller", "kwargs", "varargs"};

    for (unsigned i = 0; i < 4; i++) {
        if (str_eq(names[i], name)) {
            return 1u << i;
        }
    }
    return 0;
}

static void walk_list(struct mention *m, const struct node_list *list)
{
    for (uint32_t i = 0; i < list->count && !m->failed; i++) {
        walk(m, list->items[i]);
    }
}

/* Walks a body on its own, then adds it to what is around it. */
static unsigned walk_inner(struct mention *m, const struct node_list *body)
{
    struct mention inner = {.stack_base = m->stack_base, .err = m->err};

    walk_list(&inner, body);
    m->read |= inner.read & ~m->set;
    m->set |= inner.set;
    m->failed = m->failed || inner.failed;
    return inner.read;
}

static void walk_args(struct mention *m, const struct node_args *args)
{
    walk_list(m, &args->positional);
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        walk(m, args->kwargs[i].value);
    }
    walk(m, args->dyn_args);
    walk(m, args->dyn_kwargs);
}

static void walk_macro(struct mention *m, struct node_macro *macro)
{
    walk_list(m, &macro->params);
    for (uint32_t i = 0; i < macro->params.count; i++) {
        walk(m, macro->defaults[i]);
    }
    unsigned read = walk_inner(m, &macro->body);
    macro->uses_caller = (read & 1u << MENTION_BIT_CALLER) != 0;
    macro->uses_kwargs = (read & 1u << MENTION_BIT_KWARGS) != 0;
    macro->uses_varargs = (read & 1u << MENTION_BIT_VARARGS) != 0;
}

static void walk_for(struct mention *m, struct node_for *loop)
{
    walk(m, loop->target);
    walk(m, loop->iter);
    loop->extended = (walk_inner(m, &loop->body) & 1u << MENTION_BIT_LOOP) != 0;
    walk_list(m, &loop->otherwise);
    walk(m, loop->test);
}

static void walk_if(struct mention *m, const struct node *node)
{
    const struct node_list *otherwise = &node->as.branch->otherwise;

    for (; node != NULL; node = node->as.branch->elif) {
        walk(m, node->as.branch->test);
        walk_list(m, &node->as.branch->body);
    }
    walk_list(m, otherwise);
}

static void walk_statement(struct mention *m, const struct node *node)
{
    switch (node->kind) {
    case NODE_IF:
        walk_if(m, node);
        break;
    case NODE_FOR:
        walk_for(m, node->as.loop);
        break;
    case NODE_SET:
    case NODE_SET_BLOCK:
        walk(m, node->as.set->target);
        walk(m, node->as.set->value);
        walk_list(m, &node->as.set->body);
        break;
    case NODE_MACRO:
        walk_macro(m, node->as.macro);
        break;
    case NODE_CALL_BLOCK:
        walk(m, node->as.call_block->call);
        walk_macro(m, node->as.call_block->body);
        break;
    case NODE_FILTER_BLOCK:
        walk_list(m, &node->as.filter_block->body);
        walk(m, node->as.filter_block->filter);
        break;
    case NODE_WITH:
        walk_list(m, &node->as.with->targets);
        walk_list(m, &node->as.with->values);
        walk_list(m, &node->as.with->body);
        break;
    case NODE_SCOPE:
        walk_list(m, &node->as.block->body);
        break;
    case NODE_BLOCK: {
        struct mention inner = {.stack_base = m->stack_base, .err = m->err};
        walk_list(&inner, &node->as.block->body);
        m->failed = m->failed || inner.failed;
        if (node->as.block->scoped) { /* may use `loop` in a template that extends */
            m->read |= (1u << MENTION_BIT_LOOP) & ~m->set;
        }
        break;
    }
    case NODE_PRINT:
    case NODE_DO:
        walk(m, node->as.sub.a);
        break;
    default:
        break;
    }
}

static void walk_name(struct mention *m, const struct node *node)
{
    unsigned bit = bit_of(node->as.name.id.s);

    if (node->as.name.use == NAME_LOAD) {
        m->read |= bit & ~m->set;
    } else {
        m->set |= bit;
    }
}

static void walk(struct mention *m, const struct node *node)
{
    char here = 0;

    if (node == NULL || m->failed) {
        return;
    }
    if (m->stack_base - &here > RESOLVE_MAX_STACK) {
        m->failed = true;
        err_set(m->err, ERR_COMPILE, "template is nested too deeply");
        str_copy(m->err->type, sizeof(m->err->type), "RecursionError");
        m->err->line = node->line;
        return;
    }
    switch (node->kind) {
    case NODE_NAME:
        walk_name(m, node);
        break;
    case NODE_CONST:
    case NODE_NSREF:
        break;
    case NODE_TUPLE:
    case NODE_LIST:
    case NODE_DICT:
    case NODE_CONCAT:
        walk_list(m, &node->as.list);
        break;
    case NODE_COMPARE:
        walk(m, node->as.compare.first);
        for (uint32_t i = 0; i < node->as.compare.count; i++) {
            walk(m, node->as.compare.parts[i].operand);
        }
        break;
    case NODE_GETATTR:
        walk(m, node->as.attr.object);
        break;
    case NODE_CALL:
        walk(m, node->as.call.callee);
        walk_args(m, node->as.call.args);
        break;
    case NODE_FILTER:
    case NODE_TEST:
        walk(m, node->as.filter.operand);
        walk_args(m, node->as.filter.args);
        break;
    default:
        if (node->kind >= NODE_DATA) {
            walk_statement(m, node);
            break;
        }
        walk(m, node->as.sub.a);
        walk(m, node->as.sub.b);
        walk(m, node->as.sub.c);
        walk(m, node->as.sub.d);
    }
}

int mention_mark(const struct node_list *body, struct err *err)
{
    char here = 0;
    struct mention m = {.stack_base = &here, .err = err};

    walk_list(&m, body);
    return m.failed ? -1 : 0;
}
