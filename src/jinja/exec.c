/* Statements. */
#include "config.h"

#include "jinja/internal.h"

#include "jinja/native.h"

struct activation *activation_new(struct jinja_run *run, struct activation *outer,
                                  struct module *module, uint32_t slots)
{
    size_t size = sizeof(struct activation) + slots * sizeof(struct value);
    struct activation *act = arena_zalloc(run->arena, size);

    act->outer = outer;
    act->module = module;
    return act;
}

int frame_enter(struct jinja_run *run, struct activation *act,
                const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct frame_load *load = &frame->loads[i];
        if (load->missing) {
            act->slots[load->slot] = value_undefined();
        } else if (place_load(run, act, load->from, &act->slots[load->slot]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* buf_add() without a call for what fits. */
static inline void append(struct buf *out, const char *s, size_t len)
{
    size_t max = out->max != 0 ? out->max : BUF_MAX_DEFAULT;

    if (LIKELY(out->cap - out->len > len && out->len + len <= max && !out->overflow)) {
        memcpy(out->data + out->len, s, len);
        out->len += len;
        out->data[out->len] = '\0';
    } else {
        buf_add(out, s, len);
    }
}

int emit(struct jinja_run *run, struct value v)
{
    if (LIKELY(v.type == VALUE_STRING)) {
        append(run->out, v.as.s, v.len);
        return 0;
    }
    if (v.type == VALUE_INT) {
        int_text(v.as.i, run->out);
        return 0;
    }
    return jinja_str(run, v, run->out);
}

static int assign_tuple(struct jinja_run *run, struct activation *act,
                        const struct node_list *targets, struct value v)
{
    struct value *items =
        arena_alloc(run->arena, (targets->count + 1) * sizeof(*items));

    if (value_unpack(run, v, targets->count, items) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < targets->count; i++) {
        if (exec_assign(run, act, targets->items[i], items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static struct value *slot_of(struct activation *act, struct place place)
{
    for (unsigned hops = place.hops; hops > 0; hops--) {
        act = act->outer;
    }
    return &act->slots[place.slot];
}

static int assign_attr(struct jinja_run *run, struct activation *act,
                       const struct node *target, struct value v)
{
    struct value object;

    if (place_load(run, act, target->as.name.place, &object) != 0) {
        return -1;
    }
    const struct jinja_class *class = (const void *)object.as.obj->class;
    return class->setattr(object.as.obj, run, &target->as.name.attr, v);
}

int exec_assign(struct jinja_run *run, struct activation *act,
                const struct node *target, struct value v)
{
    if (LIKELY(target->kind == NODE_NAME)) {
        *slot_of(act, target->as.name.place) = v;
        return 0;
    }
    if (target->kind == NODE_NSREF) {
        return assign_attr(run, act, target, v);
    }
    if (is_sequence(v) && v.as.list->count == target->as.list.count) {
        for (uint32_t i = 0; i < v.as.list->count; i++) {
            if (exec_assign(run, act, target->as.list.items[i], v.as.list->items[i]) !=
                0) {
                return -1;
            }
        }
        return 0;
    }
    return assign_tuple(run, act, &target->as.list, v);
}

/* Before anything is evaluated: objects whose attributes are set must be namespaces. */
static int check_namespaces(struct jinja_run *run, struct activation *act,
                            const struct node *set, const struct node *target)
{
    struct value object;

    if (target->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < target->as.list.count; i++) {
            if (check_namespaces(run, act, set, target->as.list.items[i]) != 0) {
                return -1;
            }
        }
        return 0;
    }
    if (target->kind != NODE_NSREF) {
        return 0;
    }
    if (place_load(run, act, target->as.name.place, &object) != 0) {
        return -1;
    }
    if (object.type == VALUE_OBJECT &&
        ((const struct jinja_class *)object.as.obj->class)->setattr != NULL) {
        return 0;
    }
    struct node before = *set;
    before.line = set->as.set->line_before != 0 ? set->as.set->line_before : set->line;
    run->at = &before;
    jinja_raise(run, "TemplateRuntimeError",
                "cannot assign attribute on non-namespace object");
    run->at = set;
    return -1;
}

int exec_capture(struct jinja_run *run, struct activation *act,
                 const struct node_list *body, struct value *out)
{
    struct capture capture;

    capture_begin(run, &capture);
    enum flow flow = exec_list(run, act, body);
    int rc = capture_end(run, &capture, flow == FLOW_ERROR ? -1 : 0, out);
    return rc != 0 ? FLOW_ERROR : (int)flow;
}

static enum flow exec_set(struct jinja_run *run, struct activation *act,
                          const struct node *node)
{
    struct value v;

    if (check_namespaces(run, act, node, node->as.set->target) != 0 ||
        eval(run, act, node->as.set->value, &v) != 0) {
        return FLOW_ERROR;
    }
    return exec_assign(run, act, node->as.set->target, v) == 0 ? FLOW_OK : FLOW_ERROR;
}

static enum flow exec_set_block(struct jinja_run *run, struct activation *act,
                                const struct node *node)
{
    struct value v;

    if (frame_enter(run, act, &node->as.set->frame) != 0) {
        return FLOW_ERROR;
    }
    int flow = exec_capture(run, act, &node->as.set->body, &v);
    if (flow != FLOW_OK) {
        return (enum flow)flow;
    }
    run->at = node;
    if (node->as.set->value != NULL &&
        eval_filter(run, act, node->as.set->value, &v, &v) != 0) {
        return FLOW_ERROR;
    }
    return exec_assign(run, act, node->as.set->target, v) == 0 ? FLOW_OK : FLOW_ERROR;
}

static enum flow exec_if(struct jinja_run *run, struct activation *act,
                         const struct node *node)
{
    const struct node_list *otherwise = &node->as.branch->otherwise;
    struct value test;

    for (; node != NULL; node = node->as.branch->elif) {
        run->at = node;
        if (eval(run, act, node->as.branch->test, &test) != 0) {
            return FLOW_ERROR;
        }
        if (jinja_truth(test)) {
            return exec_list(run, act, &node->as.branch->body);
        }
    }
    return exec_list(run, act, otherwise);
}

int print_value(struct jinja_run *run, struct value v, bool constant)
{
    if (run->native != NULL) { /* where Jinja does not escape */
        return native_add(run, run->native, v, constant);
    }
    if (UNLIKELY(run->autoescape)) {
        if (jinja_to_str(run, v, &v) != 0) {
            return -1;
        }
        v = markup_escape(run, v);
    }
    return emit(run, v);
}

/* A constant that is printed: when evaluating it at compile time fails, Jinja leaves it
 * for the render. */
static int eval_constant(struct jinja_run *run, struct activation *act,
                         const struct node *node, struct value *out)
{
    run->folding = true;
    int rc = eval(run, act, node, out);
    run->folding = false;
    if (rc == 0 || !jinja_catch(run, NULL)) {
        return rc;
    }
    return eval(run, act, node, out);
}

static enum flow exec_print(struct jinja_run *run, struct activation *act,
                            const struct node *node)
{
    const struct node *value = node->as.sub.a;
    struct value v;

    if (value->kind == NODE_CALL && run->native == NULL) {
        int rc = eval_call_print(run, act, value);
        if (rc != 0) {
            return rc > 0 ? FLOW_OK : FLOW_ERROR;
        }
    }
    int rc = value->constant ? eval_constant(run, act, value, &v)
                             : eval(run, act, value, &v);
    if (rc != 0 || print_value(run, v, value->constant) != 0) {
        return FLOW_ERROR;
    }
    return FLOW_OK;
}

static enum flow exec_call_block(struct jinja_run *run, struct activation *act,
                                 const struct node *node)
{
    struct value caller = macro_new(run, act, node->as.call_block->body);
    struct value v;

    if (eval_call(run, act, node->as.call_block->call, &caller, &v) != 0 ||
        print_value(run, v, false) != 0) {
        return FLOW_ERROR;
    }
    return FLOW_OK;
}

static enum flow exec_filter_block(struct jinja_run *run, struct activation *act,
                                   const struct node *node)
{
    struct value v;

    if (frame_enter(run, act, &node->as.filter_block->frame) != 0) {
        return FLOW_ERROR;
    }
    int flow = exec_capture(run, act, &node->as.filter_block->body, &v);
    if (flow != FLOW_OK) {
        return (enum flow)flow;
    }
    run->at = node;
    if (eval_filter(run, act, node->as.filter_block->filter, &v, &v) != 0 ||
        print_value(run, v, false) != 0) {
        return FLOW_ERROR;
    }
    return FLOW_OK;
}

static enum flow exec_with(struct jinja_run *run, struct activation *act,
                           const struct node *node)
{
    const struct node_list *values = &node->as.with->values;
    struct value *v = arena_alloc(run->arena, (values->count + 1) * sizeof(*v));

    for (uint32_t i = 0; i < values->count; i++) {
        if (eval(run, act, values->items[i], &v[i]) != 0) {
            return FLOW_ERROR;
        }
    }
    if (frame_enter(run, act, &node->as.with->frame) != 0) {
        return FLOW_ERROR;
    }
    for (uint32_t i = 0; i < values->count; i++) {
        if (exec_assign(run, act, node->as.with->targets.items[i], v[i]) != 0) {
            return FLOW_ERROR;
        }
    }
    return exec_list(run, act, &node->as.with->body);
}

static enum flow exec_block(struct jinja_run *run, struct activation *act,
                            const struct node *node)
{
    struct activation *root = act;

    if (node->as.block->required) {
        jinja_raise(run, "TemplateRuntimeError", "Required block '%s' not found",
                    node->as.block->name.s);
        return FLOW_ERROR;
    }
    while (root->outer != NULL && !node->as.block->scoped) {
        root = root->outer;
    }
    struct activation *own =
        activation_new(run, root, act->module, node->as.block->slot_count);
    if (run_enter(run) != 0 || frame_enter(run, own, &node->as.block->frame) != 0) {
        return FLOW_ERROR;
    }
    enum flow flow = exec_list(run, own, &node->as.block->body);
    run_leave(run);
    return flow;
}

/* ---- self ------------------------------------------------------------------------ */

struct self_value {
    struct value_object base;
    struct activation *root;
};

struct block_value {
    struct activation *root;
    const struct node *node;
};

static int block_call(struct jinja_call *call, struct value *out)
{
    const struct block_value *b = call->context;
    const struct node *at = call->run->at;
    struct capture capture;

    capture_begin(call->run, &capture);
    enum flow flow = exec_block(call->run, b->root, b->node);
    if (capture_end(call->run, &capture, flow == FLOW_ERROR ? -1 : 0, out) != 0) {
        return -1;
    }
    call->run->at = at;
    return 0;
}

static int self_getitem(struct value_object *self, struct jinja_run *run,
                        struct value key, struct value *out)
{
    const struct self_value *s = (const void *)self;
    const struct node_list *blocks = &s->root->module->template->blocks;

    for (uint32_t i = 0; i < blocks->count && key.type == VALUE_STRING; i++) {
        const struct jinja_name *name = &blocks->items[i]->as.block->name;
        if (name->len == key.len && memcmp(name->s, key.as.s, key.len) == 0) {
            struct block_value *b = arena_new(run->arena, struct block_value);
            *b = (struct block_value){s->root, blocks->items[i]};
            *out = jinja_function_value(run->arena, name->s, block_call, b);
            return 1;
        }
    }
    return 0;
}

static int self_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    (void)self;
    (void)run;
    buf_adds(out, "<TemplateReference None>");
    return 0;
}

static const struct jinja_class self_class = {
    .base = {.name = "jinja2.runtime.TemplateReference"},
    .getitem = self_getitem,
    .repr = self_repr,
};

struct value self_new(struct jinja_run *run, struct activation *act)
{
    struct self_value *s = arena_new(run->arena, struct self_value);

    while (act->outer != NULL) {
        act = act->outer;
    }
    s->base.class = &self_class.base;
    s->root = act;
    return jinja_object_value(&s->base);
}

static enum flow exec_autoescape(struct jinja_run *run, struct activation *act,
                                 const struct node *node)
{
    bool before = run->autoescape;
    struct value v;

    if (frame_enter(run, act, &node->as.block->frame) != 0 ||
        eval(run, act, node->as.block->autoescape, &v) != 0) {
        return FLOW_ERROR;
    }
    run->autoescape = jinja_truth(v);
    enum flow flow = exec_list(run, act, &node->as.block->body);
    run->autoescape = before;
    return flow;
}

static enum flow exec_node(struct jinja_run *run, struct activation *act,
                           const struct node *node)
{
    struct value v;

    switch (node->kind) {
    case NODE_IF:
        return exec_if(run, act, node);
    case NODE_FOR:
        return (enum flow)exec_for(run, act, node);
    case NODE_SET:
        return exec_set(run, act, node);
    case NODE_SET_BLOCK:
        return exec_set_block(run, act, node);
    case NODE_MACRO:
        *slot_of(act, node->as.macro->target) = macro_new(run, act, node->as.macro);
        return FLOW_OK;
    case NODE_CALL_BLOCK:
        return exec_call_block(run, act, node);
    case NODE_FILTER_BLOCK:
        return exec_filter_block(run, act, node);
    case NODE_WITH:
        return exec_with(run, act, node);
    case NODE_DO:
        return eval(run, act, node->as.sub.a, &v) == 0 ? FLOW_OK : FLOW_ERROR;
    case NODE_BREAK:
        return FLOW_BREAK;
    case NODE_CONTINUE:
        return FLOW_CONTINUE;
    case NODE_BLOCK:
        return exec_block(run, act, node);
    case NODE_SCOPE:
        return exec_autoescape(run, act, node);
    default:
        jinja_raise(run, "TypeError", "no loader for this environment specified");
        return FLOW_ERROR;
    }
}

/* Prints a name that is known to be a string, the commonest print statement of all. */
static inline bool print_string_name(struct jinja_run *run, struct activation *act,
                                     const struct node *value)
{
    const struct place place = value->as.name.place;

    if (value->kind != NODE_NAME || run->native != NULL || run->autoescape ||
        place.hops != 0) {
        return false;
    }
    const struct value *v =
        place.global ? &act->module->globals[place.slot] : &act->slots[place.slot];
    if (v->type != VALUE_STRING) {
        return false;
    }
    append(run->out, v->as.s, v->len);
    return true;
}

enum flow exec_list(struct jinja_run *run, struct activation *act,
                    const struct node_list *list)
{
    if (UNLIKELY(run->native != NULL)) {
        run->native->text_open = false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        enum flow flow = FLOW_OK;
        if (node->kind == NODE_DATA) {
            if (UNLIKELY(run->native != NULL)) {
                if (native_add(run, run->native, node->as.value, true) != 0) {
                    return FLOW_ERROR;
                }
            } else {
                append(run->out, node->as.value.as.s, node->as.value.len);
            }
            continue;
        }
        if (node->kind == NODE_PRINT && print_string_name(run, act, node->as.sub.a)) {
            continue;
        }
        run->at = node;
        if (run_step(run) != 0) {
            return FLOW_ERROR;
        }
        if (node->kind == NODE_PRINT) {
            flow = exec_print(run, act, node);
        } else {
            flow = exec_node(run, act, node);
            if (run->native != NULL) {
                run->native->text_open = false;
            }
        }
        if (flow != FLOW_OK) {
            return flow;
        }
    }
    return FLOW_OK;
}
