/*
 * Finds out where each name's value will be, so that rendering needs no look-ups by
 * name. The rules are those of Jinja2's compiler: every for, with, macro, call, filter
 * and set block is a frame of its own; a name that a frame sets is its own, starting as
 * a copy of what the frames around it know under that name; names that nobody sets come
 * from the scope.
 */
#include "config.h"

#include "jinja/resolve.h"

#include <stdlib.h>

#include "base/str.h"

/* ---- frames --------------------------------------------------------------------- */

static void scope_init(struct scope *scope, struct scope *outer,
                       struct function *function)
{
    *scope = (struct scope){.outer = outer, .function = function};
}

static uint32_t global_index(struct resolver *r, const struct symbol *symbol)
{
    struct jinja_template *t = r->template;
    uintptr_t known =
        (uintptr_t)map_get_n(&r->globals, symbol->name.s, symbol->name.len);

    if (known != 0) {
        return (uint32_t)known - 1;
    }
    if (t->global_count == r->global_cap) {
        uint32_t cap = r->global_cap != 0 ? r->global_cap * 2 : 8;
        t->globals =
            arena_realloc(r->arena, t->globals, r->global_cap * sizeof(*t->globals),
                          cap * sizeof(*t->globals));
        t->global_lines = arena_realloc(r->arena, t->global_lines,
                                        r->global_cap * sizeof(int), cap * sizeof(int));
        r->global_cap = cap;
    }
    t->globals[t->global_count] = symbol->name;
    t->global_lines[t->global_count] = symbol->line + t->first_line - 1;
    map_put_n(&r->globals, symbol->name.s, symbol->name.len,
              (void *)(uintptr_t)++t->global_count);
    return t->global_count - 1;
}

static struct place symbol_place(const struct function *from,
                                 const struct symbol *symbol)
{
    struct place place = {.global = symbol->global, .slot = symbol->slot};

    for (; !symbol->global && from != symbol->function; from = from->outer) {
        place.hops++;
    }
    return place;
}

/* Gives every symbol its slot and writes down what entering the frame must do. */
static void scope_finish(struct resolver *r, struct scope *scope, struct frame *frame)
{
    frame->loads = arena_array(r->arena, struct frame_load, scope->symbols.count);
    for (size_t i = 0; i < scope->symbols.count; i++) {
        struct symbol *s = scope->symbols.entries[i].value;
        if (s->load == LOAD_RESOLVE && !s->stored) {
            s->global = true;
            s->slot = global_index(r, s);
            continue;
        }
        s->slot = scope->function->slots++;
        if (s->load == LOAD_PARAM) {
            continue;
        }
        struct frame_load *load = &frame->loads[frame->count++];
        load->slot = s->slot;
        if (s->load == LOAD_UNDEFINED) {
            load->missing = true;
        } else if (s->load == LOAD_ALIAS) {
            load->from = symbol_place(scope->function, s->alias);
        } else {
            load->from = (struct place){.global = true, .slot = global_index(r, s)};
        }
    }
}

/* ---- names get their places ------------------------------------------------------ */

static int place_expr(struct resolver *r, struct scope *scope, struct node *node,
                      bool soft);
static int place_body(struct resolver *r, struct scope *scope,
                      const struct node_list *list, bool soft);

static int place_name(struct resolver *r, const struct scope *scope, struct node *node)
{
    const struct symbol *symbol = resolve_find(scope, &node->as.name.id);

    if (symbol == NULL) {
        resolve_load(r, r->root, &node->as.name.id, node->line);
        struct symbol *added = resolve_find(r->root, &node->as.name.id);
        added->global = true;
        added->slot = global_index(r, added);
        symbol = added;
    }
    node->as.name.place = symbol_place(scope->function, symbol);
    if (node->as.name.use == NAME_STORE && r->for_depth > 0 &&
        str_eq(node->as.name.id.s, "loop")) {
        return resolve_fail(r, "TemplateAssertionError", node->line,
                            "Can't assign to special loop variable in for-loop target");
    }
    return 0;
}

static int place_list(struct resolver *r, struct scope *scope,
                      const struct node_list *list, bool soft)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (place_expr(r, scope, list->items[i], soft) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool all_constant(const struct node_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!list->items[i]->constant) {
            return false;
        }
    }
    return true;
}

static bool is_constant(const struct node *node)
{
    return node == NULL || node->constant;
}

static int place_args(struct resolver *r, struct scope *scope, struct node_args *args,
                      bool soft, bool *constant)
{
    if (place_list(r, scope, &args->positional, soft) != 0) {
        return -1;
    }
    *constant = all_constant(&args->positional);
    for (uint32_t i = 0; i < args->kwarg_count; i++) {
        for (uint32_t j = 0; j < i && j < 64; j++) {
            if (str_eq(args->kwargs[i].name.as.s, args->kwargs[j].name.as.s)) {
                return resolve_fail(r, "SyntaxError", args->kwargs[i].value->line,
                                    "keyword argument repeated: %s",
                                    args->kwargs[i].name.as.s);
            }
        }
        if (place_expr(r, scope, args->kwargs[i].value, soft) != 0) {
            return -1;
        }
        *constant = *constant && args->kwargs[i].value->constant;
    }
    if (place_expr(r, scope, args->dyn_args, soft) != 0 ||
        place_expr(r, scope, args->dyn_kwargs, soft) != 0) {
        return -1;
    }
    *constant =
        *constant && is_constant(args->dyn_args) && is_constant(args->dyn_kwargs);
    return 0;
}

static int place_filter(struct resolver *r, struct scope *scope, struct node *node,
                        bool soft)
{
    bool constant;
    const struct builtin *builtin = node->as.filter.builtin;

    if (builtin == NULL && !soft) {
        return resolve_fail(
            r, "TemplateAssertionError", node->line, "No %s named '%s'.",
            node->kind == NODE_FILTER ? "filter" : "test", node->as.filter.name);
    }
    if (place_expr(r, scope, node->as.filter.operand, soft) != 0 ||
        place_args(r, scope, node->as.filter.args, soft, &constant) != 0) {
        return -1;
    }
    node->constant = constant && builtin != NULL && !builtin->contextual &&
                     node->as.filter.operand != NULL &&
                     node->as.filter.operand->constant;
    return 0;
}

static int place_compare(struct resolver *r, struct scope *scope, struct node *node,
                         bool soft)
{
    if (place_expr(r, scope, node->as.compare.first, soft) != 0) {
        return -1;
    }
    node->constant = node->as.compare.first->constant;
    for (uint32_t i = 0; i < node->as.compare.count; i++) {
        struct node *operand = node->as.compare.parts[i].operand;
        if (place_expr(r, scope, operand, soft) != 0) {
            return -1;
        }
        node->constant = node->constant && operand->constant;
    }
    return 0;
}

static int place_expr(struct resolver *r, struct scope *scope, struct node *node,
                      bool soft)
{
    bool constant;

    if (node == NULL) {
        return 0;
    }
    if (resolve_check_stack(r, node) != 0) {
        return -1;
    }
    switch (node->kind) {
    case NODE_CONST:
        node->constant = true;
        return 0;
    case NODE_NAME:
    case NODE_NSREF:
        return place_name(r, scope, node);
    case NODE_TUPLE:
    case NODE_LIST:
    case NODE_DICT:
    case NODE_CONCAT:
        if (place_list(r, scope, &node->as.list, soft) != 0) {
            return -1;
        }
        node->constant = all_constant(&node->as.list);
        return 0;
    case NODE_COMPARE:
        return place_compare(r, scope, node, soft);
    case NODE_GETATTR:
        if (place_expr(r, scope, node->as.attr.object, soft) != 0) {
            return -1;
        }
        node->constant = node->as.attr.object->constant;
        return 0;
    case NODE_CALL:
        return place_expr(r, scope, node->as.call.callee, soft) == 0
                   ? place_args(r, scope, node->as.call.args, soft, &constant)
                   : -1;
    case NODE_FILTER:
    case NODE_TEST:
        return place_filter(r, scope, node, soft);
    default:
        soft = soft || node->kind == NODE_COND;
        if (place_expr(r, scope, node->as.sub.a, soft) != 0 ||
            place_expr(r, scope, node->as.sub.b, soft) != 0 ||
            place_expr(r, scope, node->as.sub.c, soft) != 0 ||
            place_expr(r, scope, node->as.sub.d, soft) != 0) {
            return -1;
        }
        node->constant = is_constant(node->as.sub.a) && is_constant(node->as.sub.b) &&
                         is_constant(node->as.sub.c) && is_constant(node->as.sub.d);
        return 0;
    }
}

static int place_if(struct resolver *r, struct scope *scope, struct node *node)
{
    const struct node_list *otherwise = &node->as.branch->otherwise;

    for (; node != NULL; node = node->as.branch->elif) {
        r->mark = node->line;
        if (place_expr(r, scope, node->as.branch->test, true) != 0 ||
            place_body(r, scope, &node->as.branch->body, true) != 0) {
            return -1;
        }
    }
    return place_body(r, scope, otherwise, true);
}

static struct node *clone_target(struct resolver *r, const struct node *node)
{
    struct node *copy = arena_new(r->arena, struct node);

    *copy = *node;
    if (node->kind == NODE_TUPLE) {
        copy->as.list.items = arena_array(r->arena, struct node *, node->as.list.count);
        for (uint32_t i = 0; i < node->as.list.count; i++) {
            copy->as.list.items[i] = clone_target(r, node->as.list.items[i]);
        }
    }
    return copy;
}

static int place_for_test(struct resolver *r, struct scope *outer,
                          struct function *function, struct node_for *loop)
{
    struct scope scope;

    scope_init(&scope, outer, function);
    loop->test_target = clone_target(r, loop->target);
    resolve_visit_target(r, &scope, loop->target, true, false);
    int rc = resolve_visit(r, &scope, loop->test, false);
    if (rc == 0) {
        scope_finish(r, &scope, &loop->test_frame);
        r->mark = loop->test->line;
        rc = place_expr(r, &scope, loop->test_target, false) == 0
                 ? place_expr(r, &scope, loop->test, false)
                 : -1;
    }
    map_fini(&scope.symbols);
    return rc;
}

static int place_for_else(struct resolver *r, struct scope *outer,
                          struct function *function, struct node_for *loop)
{
    struct scope scope;

    scope_init(&scope, outer, function);
    int rc = resolve_visit_list(r, &scope, &loop->otherwise, false);
    if (rc == 0) {
        scope_finish(r, &scope, &loop->else_frame);
        rc = place_body(r, &scope, &loop->otherwise, false);
    }
    map_fini(&scope.symbols);
    return rc;
}

static const struct jinja_name *known_name(int bit)
{
    static struct jinja_name names[] = {
        {"loop", 4, 0}, {"caller", 6, 0}, {"kwargs", 6, 0}, {"varargs", 7, 0}};

    return &names[bit];
}

static int place_for_body(struct resolver *r, struct scope *outer,
                          struct function *function, struct node *node)
{
    struct node_for *loop = node->as.loop;
    struct scope scope;

    scope_init(&scope, outer, function);
    if (loop->extended) {
        resolve_param(r, &scope, known_name(0), node->line);
    }
    resolve_visit_target(r, &scope, loop->target, true, false);
    int rc = resolve_visit_list(r, &scope, &loop->body, false);
    if (rc == 0) {
        scope_finish(r, &scope, &loop->frame);
        if (loop->extended) {
            loop->loop_slot = resolve_find(&scope, known_name(0))->slot;
        }
        r->for_depth++;
        r->loop_depth++;
        r->mark = node->line;
        rc = place_expr(r, &scope, loop->target, false) == 0
                 ? place_body(r, &scope, &loop->body, false)
                 : -1;
        r->loop_depth--;
        r->for_depth--;
    }
    map_fini(&scope.symbols);
    return rc;
}

static int place_for(struct resolver *r, struct scope *outer, struct node *node,
                     bool soft)
{
    struct node_for *loop = node->as.loop;
    struct function own = {.outer = outer->function};
    struct function *function = loop->recursive ? &own : outer->function;
    int loops = r->loop_depth;

    loop->extended = loop->extended || loop->recursive;
    if (loop->recursive) {
        r->loop_depth = 0;
    }
    if (loop->test != NULL && place_for_test(r, outer, function, loop) != 0) {
        return -1;
    }
    r->mark = node->line;
    if (place_expr(r, outer, loop->iter, soft) != 0 ||
        place_for_body(r, outer, function, node) != 0 ||
        place_for_else(r, outer, function, loop) != 0) {
        return -1;
    }
    r->loop_depth = loops;
    loop->slot_count = function->slots;
    return 0;
}

static int place_params(struct resolver *r, struct scope *scope,
                        struct node_macro *macro)
{
    for (uint32_t i = 0; i < macro->params.count; i++) {
        struct node *param = macro->params.items[i];
        if (place_name(r, scope, param) != 0 ||
            place_expr(r, scope, macro->defaults[i], false) != 0) {
            return -1;
        }
        const char *name = param->as.name.id.s;
        macro->explicit_caller = macro->explicit_caller || str_eq(name, "caller");
        if (str_eq(name, "caller") && macro->uses_caller &&
            macro->defaults[i] == NULL) {
            return resolve_fail(
                r, "TemplateAssertionError", macro->macro->line,
                "When defining macros or call blocks the special \"caller\""
                " argument must be omitted or be given a default.");
        }
    }
    return 0;
}

/* varargs and the like become parameters when the body mentions them. */
static void add_special(struct resolver *r, struct scope *scope,
                        struct node_macro *macro, int bit, bool *used)
{
    for (uint32_t i = 0; *used && i < macro->params.count; i++) {
        if (str_eq(macro->params.items[i]->as.name.id.s, known_name(bit)->s)) {
            *used = bit == MENTION_BIT_CALLER;
            return;
        }
    }
    if (*used) {
        resolve_param(r, scope, known_name(bit), macro->macro->line);
    }
}

static uint32_t special_slot(const struct scope *scope, int bit, bool used)
{
    return used ? resolve_find(scope, known_name(bit))->slot : 0;
}

static int place_macro_parts(struct resolver *r, struct scope *scope,
                             struct node_macro *macro)
{
    for (uint32_t i = 0; i < macro->params.count; i++) {
        const struct node *param = macro->params.items[i];
        resolve_param(r, scope, &param->as.name.id, param->line);
    }
    for (uint32_t i = 0; i < macro->params.count; i++) {
        if (resolve_visit(r, scope, macro->defaults[i], false) != 0) {
            return -1;
        }
    }
    add_special(r, scope, macro, MENTION_BIT_CALLER, &macro->uses_caller);
    add_special(r, scope, macro, MENTION_BIT_KWARGS, &macro->uses_kwargs);
    add_special(r, scope, macro, MENTION_BIT_VARARGS, &macro->uses_varargs);
    if (resolve_visit_list(r, scope, &macro->body, false) != 0) {
        return -1;
    }
    scope_finish(r, scope, &macro->frame);
    macro->caller_slot = special_slot(scope, MENTION_BIT_CALLER, macro->uses_caller);
    macro->kwargs_slot = special_slot(scope, MENTION_BIT_KWARGS, macro->uses_kwargs);
    macro->varargs_slot = special_slot(scope, MENTION_BIT_VARARGS, macro->uses_varargs);
    macro->macro->accepts_caller = macro->uses_caller;
    macro->macro->accepts_kwargs = macro->uses_kwargs;
    macro->macro->accepts_varargs = macro->uses_varargs;
    return place_params(r, scope, macro) == 0
               ? place_body(r, scope, &macro->body, false)
               : -1;
}

static int place_macro(struct resolver *r, struct scope *outer,
                       struct node_macro *macro, int line)
{
    struct function function = {.outer = outer->function};
    struct scope scope;
    int loops = r->loop_depth;

    r->loop_depth = 0;
    r->mark = line;
    scope_init(&scope, outer, &function);
    int rc = place_macro_parts(r, &scope, macro);
    map_fini(&scope.symbols);
    macro->slot_count = function.slots;
    r->loop_depth = loops;
    return rc;
}

/* A frame that is no function: `params` are its own, `list` its body. */
static int place_frame(struct resolver *r, struct scope *outer,
                       const struct node_list *params, struct node *filter,
                       const struct node_list *list, struct frame *frame)
{
    struct scope scope;

    scope_init(&scope, outer, outer->function);
    for (uint32_t i = 0; params != NULL && i < params->count; i++) {
        resolve_visit_target(r, &scope, params->items[i], true, false);
    }
    int rc = resolve_visit_list(r, &scope, list, false);
    if (rc == 0 && filter != NULL) {
        rc = resolve_visit(r, &scope, filter, false);
    }
    if (rc == 0) {
        scope_finish(r, &scope, frame);
        for (uint32_t i = 0; rc == 0 && params != NULL && i < params->count; i++) {
            rc = place_expr(r, &scope, params->items[i], false);
        }
    }
    if (rc == 0) {
        rc = place_body(r, &scope, list, false);
    }
    if (rc == 0 && filter != NULL) {
        rc = place_expr(r, &scope, filter, false);
    }
    map_fini(&scope.symbols);
    return rc;
}

static int place_block(struct resolver *r, struct scope *around, struct node *node)
{
    struct scope *outer = node->as.block->scoped ? around : r->root;
    const struct jinja_name *name = &node->as.block->name;

    if (map_put_n(&r->blocks, name->s, name->len, node) != NULL) {
        return resolve_fail(r, "TemplateAssertionError", node->line,
                            "block '%s' defined twice", name->s);
    }

    struct function function = {.outer = outer->function};
    struct scope scope;
    int loops = r->loop_depth;

    r->loop_depth = 0;
    scope_init(&scope, outer, &function);
    int rc = resolve_visit_list(r, &scope, &node->as.block->body, false);
    if (rc == 0) {
        scope_finish(r, &scope, &node->as.block->frame);
        rc = place_body(r, &scope, &node->as.block->body, false);
    }
    node->as.block->slot_count = function.slots;
    map_fini(&scope.symbols);
    r->loop_depth = loops;
    return rc;
}

static int place_set(struct resolver *r, struct scope *scope, struct node *node,
                     bool soft)
{
    node->as.set->line_before = r->mark;
    if (node->kind == NODE_SET_BLOCK &&
        place_frame(r, scope, NULL, node->as.set->value, &node->as.set->body,
                    &node->as.set->frame) != 0) {
        return -1;
    }
    r->mark = node->line;
    if (node->kind == NODE_SET &&
        place_expr(r, scope, node->as.set->value, soft) != 0) {
        return -1;
    }
    return place_expr(r, scope, node->as.set->target, soft);
}

static int place_statement(struct resolver *r, struct scope *scope, struct node *node,
                           bool soft)
{
    switch (node->kind) {
    case NODE_PRINT:
    case NODE_DO:
        r->mark = node->line;
        return place_expr(r, scope, node->as.sub.a, soft);
    case NODE_IF:
        return place_if(r, scope, node);
    case NODE_FOR:
        return place_for(r, scope, node, soft);
    case NODE_SET:
    case NODE_SET_BLOCK:
        return place_set(r, scope, node, soft);
    case NODE_MACRO:
        if (place_macro(r, scope, node->as.macro, node->line) != 0) {
            return -1;
        }
        node->as.macro->target =
            symbol_place(scope->function, resolve_find(scope, &node->as.macro->name));
        return 0;
    case NODE_CALL_BLOCK:
        if (place_macro(r, scope, node->as.call_block->body, node->line) != 0) {
            return -1;
        }
        r->mark = node->line;
        return place_expr(r, scope, node->as.call_block->call, soft);
    case NODE_FILTER_BLOCK:
        if (place_frame(r, scope, NULL, node->as.filter_block->filter,
                        &node->as.filter_block->body,
                        &node->as.filter_block->frame) != 0) {
            return -1;
        }
        r->mark = node->line;
        return 0;
    case NODE_WITH:
        node->line = r->mark != 0 ? r->mark : node->line;
        return place_list(r, scope, &node->as.with->values, soft) == 0
                   ? place_frame(r, scope, &node->as.with->targets, NULL,
                                 &node->as.with->body, &node->as.with->frame)
                   : -1;
    case NODE_BLOCK:
        return place_block(r, scope, node);
    case NODE_SCOPE:
        return place_frame(r, scope, NULL, node->as.block->autoescape,
                           &node->as.block->body, &node->as.block->frame);
    case NODE_BREAK:
    case NODE_CONTINUE:
        r->mark = node->line;
        if (r->loop_depth == 0) {
            return resolve_fail(r, "SyntaxError", node->line,
                                node->kind == NODE_BREAK
                                    ? "'break' outside loop"
                                    : "'continue' not properly in loop");
        }
        return 0;
    default:
        return 0;
    }
}

static int place_body(struct resolver *r, struct scope *scope,
                      const struct node_list *list, bool soft)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (resolve_check_stack(r, list->items[i]) != 0 ||
            place_statement(r, scope, list->items[i], soft) != 0) {
            return -1;
        }
    }
    return 0;
}

int resolve_template(struct jinja_template *template, struct arena *arena,
                     struct err *err)
{
    char here = 0;
    struct function function = {0};
    struct scope root;
    struct resolver r = {.template = template,
                         .arena = arena,
                         .err = err,
                         .root = &root,
                         .stack_base = &here};

    if (mention_mark(&template->body, err) != 0) {
        return -1;
    }
    scope_init(&root, NULL, &function);
    int rc = resolve_visit_list(&r, &root, &template->body, false);
    if (rc == 0) {
        scope_finish(&r, &root, &template->frame);
        rc = place_body(&r, &root, &template->body, false);
    }
    template->slot_count = function.slots;
    map_fini(&root.symbols);
    map_fini(&r.globals);
    map_fini(&r.blocks);
    arena_fini(&r.scratch);
    return rc;
}
