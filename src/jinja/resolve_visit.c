/* Which names a frame uses, in the order in which Jinja's compiler meets them. */
#include "config.h"

#include "jinja/resolve.h"

#include "base/str.h"

int resolve_fail(struct resolver *r, const char *type, int line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(r->err, ERR_COMPILE, fmt, ap);
    va_end(ap);
    str_copy(r->err->type, sizeof(r->err->type), type);
    r->err->line = line;
    return -1;
}

int resolve_check_stack(struct resolver *r, const struct node *node)
{
    char here = 0;

    if (r->stack_base - &here > RESOLVE_MAX_STACK) {
        return resolve_fail(r, "RecursionError", node->line,
                            "template is nested too deeply");
    }
    return 0;
}

/* ---- symbols -------------------------------------------------------------------- */

struct symbol *resolve_find(const struct scope *scope, const struct jinja_name *name)
{
    for (; scope != NULL; scope = scope->outer) {
        struct symbol *found = map_get_n(&scope->symbols, name->s, name->len);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static struct symbol *define(struct resolver *r, struct scope *scope,
                             const struct jinja_name *name, enum load_kind load,
                             int line)
{
    struct symbol *symbol = arena_new(&r->scratch, struct symbol);

    symbol->load = load;
    symbol->function = scope->function;
    symbol->name = *name;
    symbol->line = line;
    map_put_n(&scope->symbols, name->s, name->len, symbol);
    return symbol;
}

void resolve_load(struct resolver *r, struct scope *scope,
                  const struct jinja_name *name, int line)
{
    if (resolve_find(scope, name) == NULL) {
        define(r, scope, name, LOAD_RESOLVE, line);
    }
}

void resolve_param(struct resolver *r, struct scope *scope,
                   const struct jinja_name *name, int line)
{
    struct symbol *own = map_get_n(&scope->symbols, name->s, name->len);

    if (own == NULL) {
        own = define(r, scope, name, LOAD_PARAM, line);
    }
    own->load = LOAD_PARAM;
    own->stored = true;
}

/* In a branch of an if the name may stay unset: then it is what it was outside. */
static void symbol_store(struct resolver *r, struct scope *scope,
                         const struct jinja_name *name, int line, bool in_branch)
{
    struct symbol *own = map_get_n(&scope->symbols, name->s, name->len);

    if (own == NULL) {
        const struct symbol *outer = resolve_find(scope->outer, name);
        own = define(r, scope, name,
                     outer != NULL ? LOAD_ALIAS
                     : in_branch   ? LOAD_RESOLVE
                                   : LOAD_UNDEFINED,
                     line);
        own->alias = outer;
    }
    own->stored = true;
}

/* ---- which names a frame uses, in Jinja's order --------------------------------- */

int resolve_visit_list(struct resolver *r, struct scope *scope,
                       const struct node_list *list, bool in_branch)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (resolve_visit(r, scope, list->items[i], in_branch) != 0) {
            return -1;
        }
    }
    return 0;
}

static int visit_args(struct resolver *r, struct scope *scope,
                      const struct node_args *args)
{
    if (resolve_visit_list(r, scope, &args->positional, false) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        if (resolve_visit(r, scope, args->kwargs[i].value, false) != 0) {
            return -1;
        }
    }
    return resolve_visit(r, scope, args->dyn_args, false) == 0
               ? resolve_visit(r, scope, args->dyn_kwargs, false)
               : -1;
}

/* A target: names are stored, or are parameters of the frame. */
void resolve_visit_target(struct resolver *r, struct scope *scope,
                          const struct node *node, bool param, bool in_branch)
{
    if (node->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < node->as.list.count; i++) {
            resolve_visit_target(r, scope, node->as.list.items[i], param, in_branch);
        }
    } else if (node->kind == NODE_NSREF) {
        resolve_load(r, scope, &node->as.name.id, node->line);
    } else if (param) {
        resolve_param(r, scope, &node->as.name.id, node->line);
    } else {
        symbol_store(r, scope, &node->as.name.id, node->line, in_branch);
    }
}

static int visit_if(struct resolver *r, struct scope *scope, struct node *node)
{
    const struct node_list *otherwise = &node->as.branch->otherwise;
    bool first = true;

    for (; node != NULL; node = node->as.branch->elif) {
        if (resolve_visit(r, scope, node->as.branch->test, !first) != 0 ||
            resolve_visit_list(r, scope, &node->as.branch->body, true) != 0) {
            return -1;
        }
        first = false;
    }
    return resolve_visit_list(r, scope, otherwise, true);
}

static int visit_expression(struct resolver *r, struct scope *scope, struct node *node)
{
    switch (node->kind) {
    case NODE_NAME:
        resolve_load(r, scope, &node->as.name.id, node->line);
        return 0;
    case NODE_TUPLE:
    case NODE_LIST:
    case NODE_DICT:
    case NODE_CONCAT:
        return resolve_visit_list(r, scope, &node->as.list, false);
    case NODE_COMPARE:
        for (uint32_t i = 0; i < node->as.compare.count; i++) {
            if (resolve_visit(r, scope, node->as.compare.parts[i].operand, false) !=
                0) {
                return -1;
            }
        }
        return resolve_visit(r, scope, node->as.compare.first, false);
    case NODE_GETATTR:
        return resolve_visit(r, scope, node->as.attr.object, false);
    case NODE_CALL:
        return resolve_visit(r, scope, node->as.call.callee, false) == 0
                   ? visit_args(r, scope, node->as.call.args)
                   : -1;
    case NODE_FILTER:
    case NODE_TEST:
        return resolve_visit(r, scope, node->as.filter.operand, false) == 0
                   ? visit_args(r, scope, node->as.filter.args)
                   : -1;
    case NODE_CONST:
    case NODE_NSREF:
        return 0;
    default: /* those with up to four operands */
        return resolve_visit(r, scope, node->as.sub.a, false) == 0 &&
                       resolve_visit(r, scope, node->as.sub.b, false) == 0 &&
                       resolve_visit(r, scope, node->as.sub.c, false) == 0
                   ? resolve_visit(r, scope, node->as.sub.d, false)
                   : -1;
    }
}

int resolve_visit(struct resolver *r, struct scope *scope, struct node *node,
                  bool in_branch)
{
    if (node == NULL) {
        return 0;
    }
    if (resolve_check_stack(r, node) != 0) {
        return -1;
    }
    switch (node->kind) {
    case NODE_PRINT:
    case NODE_DO:
        return resolve_visit(r, scope, node->as.sub.a, false);
    case NODE_IF:
        return visit_if(r, scope, node);
    case NODE_FOR:
        return resolve_visit(r, scope, node->as.loop->iter, false);
    case NODE_SET:
        if (resolve_visit(r, scope, node->as.set->value, false) != 0) {
            return -1;
        }
        resolve_visit_target(r, scope, node->as.set->target, false, in_branch);
        return 0;
    case NODE_SET_BLOCK:
        resolve_visit_target(r, scope, node->as.set->target, false, in_branch);
        return 0;
    case NODE_MACRO:
        symbol_store(r, scope, &node->as.macro->name, node->line, in_branch);
        return 0;
    case NODE_CALL_BLOCK:
        return resolve_visit(r, scope, node->as.call_block->call, false);
    case NODE_FILTER_BLOCK:
        return resolve_visit(r, scope, node->as.filter_block->filter, false);
    case NODE_WITH:
        return resolve_visit_list(r, scope, &node->as.with->values, false);
    case NODE_DATA:
    case NODE_BREAK:
    case NODE_CONTINUE:
    case NODE_BLOCK:
    case NODE_SCOPE:
    case NODE_LOADER:
        return 0;
    default:
        return visit_expression(r, scope, node);
    }
}
