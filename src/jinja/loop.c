/* for loops and their `loop` variable. */
#include "config.h"

#include "jinja/internal.h"
#include "jinja/native.h"

/* What a loop runs over: an iterable, seen through the loop's condition. */
struct source {
    struct iter it;
    const struct node_for *loop; /* with a test, or NULL */
    struct activation *act;
};

struct loop_value {
    struct value_object base;
    struct source source;
    struct value iterable; /* undefined when its length says nothing */
    int64_t index0;
    int64_t length; /* -1 = not known */
    int64_t depth0;
    struct value before;
    struct value current;
    struct value after;
    bool peeked;
    bool ended;        /* peeked and found nothing */
    struct value rest; /* list read ahead to find the length, or undefined */
    size_t rest_at;
    struct value changed;    /* tuple, or undefined */
    const struct node *node; /* recursive loops */
    struct activation *outer;
};

static int source_next(struct jinja_run *run, struct source *s, struct value *out)
{
    struct value test;

    for (;;) {
        int more = iter_next(run, &s->it, out);
        if (more <= 0 || s->loop == NULL) {
            return more;
        }
        if (run_step(run) != 0) {
            return -1;
        }
        const struct node *at = run->at;
        run->at = s->loop->test;
        if (exec_assign(run, s->act, s->loop->test_target, *out) != 0 ||
            eval(run, s->act, s->loop->test, &test) != 0) {
            return -1;
        }
        run->at = at;
        if (jinja_truth(test)) {
            return 1;
        }
    }
}

static int pull(struct jinja_run *run, struct loop_value *l, struct value *out)
{
    if (l->rest.type == VALUE_LIST) {
        *out = value_list_at(l->rest, l->rest_at);
        return l->rest_at++ < value_list_count(l->rest) ? 1 : 0;
    }
    return source_next(run, &l->source, out);
}

static int peek(struct jinja_run *run, struct loop_value *l)
{
    if (!l->peeked) {
        int more = pull(run, l, &l->after);
        if (more < 0) {
            return -1;
        }
        l->peeked = true;
        l->ended = more == 0;
    }
    return 0;
}

static int advance(struct jinja_run *run, struct loop_value *l, struct value *out)
{
    int more;

    if (l->peeked) {
        more = l->ended ? 0 : 1;
        *out = l->after;
        l->peeked = l->ended;
    } else {
        more = pull(run, l, out);
    }
    if (more > 0) {
        l->index0++;
        l->before = l->current;
        l->current = *out;
    }
    return more;
}

static int loop_length(struct jinja_run *run, struct loop_value *l, int64_t *out)
{
    if (l->length < 0 && l->source.loop == NULL) {
        l->length = value_length(l->iterable);
    }
    if (l->length < 0) {
        struct value list = value_list_new(run->arena, 8);
        struct value v;
        int more;
        while ((more = pull(run, l, &v)) > 0) {
            if (run_step(run) != 0) {
                return -1;
            }
            value_list_push(list, v);
        }
        if (more < 0) {
            return -1;
        }
        l->rest = list;
        l->rest_at = 0;
        l->length = (int64_t)value_list_count(list) + l->index0 + 1 +
                    (l->peeked && !l->ended ? 1 : 0);
    }
    *out = l->length;
    return 0;
}

static int loop_cycle(struct jinja_call *call, struct value *out)
{
    struct loop_value *l = call->context;

    if (call->arg_count == 0) {
        return jinja_raise(call->run, "TypeError", "no items for cycling given");
    }
    *out = call->args[(uint64_t)l->index0 % call->arg_count];
    return 0;
}

static int loop_changed(struct jinja_call *call, struct value *out)
{
    struct loop_value *l = call->context;
    struct value now = value_tuple_new(call->arena, call->arg_count);

    for (size_t i = 0; i < call->arg_count; i++) {
        value_list_push(now, call->args[i]);
    }
    bool same = l->changed.type == VALUE_TUPLE && value_equal(l->changed, now);
    if (!same) {
        l->changed = now;
    }
    *out = value_bool(!same);
    return 0;
}

static int neighbour(struct jinja_run *run, struct loop_value *l, int id,
                     struct value *out)
{
    if (id == ATTR_previtem) {
        *out = l->index0 == 0 ? jinja_undefined(run, "", "there is no previous item")
                              : l->before;
        return 1;
    }
    if (peek(run, l) != 0) {
        return -1;
    }
    if (id == ATTR_last) {
        *out = value_bool(l->ended);
    } else {
        *out = l->ended ? jinja_undefined(run, "", "there is no next item") : l->after;
    }
    return 1;
}

static int counted(struct jinja_run *run, struct loop_value *l, int id,
                   struct value *out)
{
    int64_t length;

    if (loop_length(run, l, &length) != 0) {
        return -1;
    }
    *out = value_int(id == ATTR_length     ? length
                     : id == ATTR_revindex ? length - l->index0
                                           : length - l->index0 - 1);
    return 1;
}

static int loop_attr(struct value_object *self, struct jinja_run *run, int id,
                     struct value *out)
{
    struct loop_value *l = (struct loop_value *)(void *)self;

    switch (id) {
    case ATTR_index:
        *out = value_int(l->index0 + 1);
        return 1;
    case ATTR_index0:
        *out = value_int(l->index0);
        return 1;
    case ATTR_first:
        *out = value_bool(l->index0 == 0);
        return 1;
    case ATTR_depth:
        *out = value_int(l->depth0 + 1);
        return 1;
    case ATTR_depth0:
        *out = value_int(l->depth0);
        return 1;
    case ATTR_last:
    case ATTR_previtem:
    case ATTR_nextitem:
        return neighbour(run, l, id, out);
    case ATTR_length:
    case ATTR_revindex:
    case ATTR_revindex0:
        return counted(run, l, id, out);
    case ATTR_cycle:
        *out = jinja_function_value(run->arena, "cycle", loop_cycle, l);
        return 1;
    case ATTR_changed:
        *out = jinja_function_value(run->arena, "changed", loop_changed, l);
        return 1;
    default:
        return 0;
    }
}

static int loop_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    return loop_attr(self, run, attr_find(name->s, name->len), out);
}

static int loop_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    struct loop_value *l = (struct loop_value *)(void *)self;
    int64_t length;

    if (loop_length(run, l, &length) != 0) {
        return -1;
    }
    buf_addf(out, "<LoopContext %lld/%lld>", (long long)l->index0 + 1,
             (long long)length);
    return 0;
}

static int loop_next(struct value_object *self, struct jinja_run *run, size_t *at,
                     struct value *out)
{
    struct value item;
    int more = advance(run, (struct loop_value *)(void *)self, &item);

    (void)at;
    if (more > 0) {
        *out = value_tuple_new(run->arena, 2);
        value_list_push(*out, item);
        value_list_push(*out, jinja_object_value(self));
    }
    return more;
}

static int64_t loop_len(struct value_object *self)
{
    const struct loop_value *l = (struct loop_value *)(void *)self;

    return l->length >= 0 ? l->length : value_length(l->iterable);
}

static int run_recursive(struct jinja_run *run, struct activation *outer,
                         const struct node *node, struct value iterable, int64_t depth0,
                         struct value *out);

static int loop_call(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"iterable", 0}};
    struct loop_value *l = call->context;
    struct value iterable;

    if (jinja_args(call, params, 1, &iterable) != 0) {
        return -1;
    }
    if (l->node == NULL) {
        return jinja_raise(
            call->run, "TypeError",
            "The loop must have the 'recursive' marker to be called recursively.");
    }
    return run_recursive(call->run, l->outer, l->node, iterable, l->depth0 + 1, out);
}

const struct jinja_class loop_class = {
    .base = {.name = "jinja2.runtime.LoopContext"},
    .getattr = loop_getattr,
    .repr = loop_repr,
    .next = loop_next,
    .length = loop_len,
    .call = loop_call,
};

static enum flow run_else(struct jinja_run *run, struct activation *act,
                          const struct node_for *loop)
{
    if (loop->otherwise.count == 0) {
        return FLOW_OK;
    }
    return frame_enter(run, act, &loop->else_frame) == 0
               ? exec_list(run, act, &loop->otherwise)
               : FLOW_ERROR;
}

/* One pass over the body. As in Jinja, a pass that ends early does not count as one
 * when it comes to the else part. */
static enum flow run_body(struct jinja_run *run, struct activation *act,
                          const struct node_for *loop, struct value item, bool *any)
{
    if (run_step(run) != 0 || frame_enter(run, act, &loop->frame) != 0 ||
        exec_assign(run, act, loop->target, item) != 0) {
        return FLOW_ERROR;
    }
    enum flow flow = exec_list(run, act, &loop->body);
    *any = *any || flow == FLOW_OK;
    return flow == FLOW_CONTINUE ? FLOW_OK : flow;
}

static int source_init(struct jinja_run *run, struct source *s, struct activation *act,
                       const struct node_for *loop, struct value iterable)
{
    s->loop = loop->test != NULL ? loop : NULL;
    s->act = act;
    if (s->loop != NULL && frame_enter(run, act, &loop->test_frame) != 0) {
        return -1;
    }
    return iter_init(run, iterable, &s->it);
}

static enum flow run_simple(struct jinja_run *run, struct activation *act,
                            const struct node *node, struct value iterable)
{
    const struct node_for *loop = node->as.loop;
    struct source source;
    struct value item;
    enum flow flow = FLOW_OK;
    bool any = false;
    int more;

    if (source_init(run, &source, act, loop, iterable) != 0) {
        return FLOW_ERROR;
    }
    while ((more = source_next(run, &source, &item)) > 0) {
        flow = run_body(run, act, loop, item, &any);
        if (flow != FLOW_OK) {
            return flow == FLOW_BREAK ? (any ? FLOW_OK : run_else(run, act, loop))
                                      : flow;
        }
        run->at = node;
    }
    if (more < 0) {
        return FLOW_ERROR;
    }
    return any ? FLOW_OK : run_else(run, act, loop);
}

static enum flow run_extended(struct jinja_run *run, struct activation *act,
                              const struct node *node, struct value iterable,
                              int64_t depth0)
{
    const struct node_for *loop = node->as.loop;
    struct loop_value *l = arena_new(run->arena, struct loop_value);
    enum flow flow = FLOW_OK;
    struct value item;
    bool any = false;
    int more;

    l->base.class = &loop_class.base;
    l->iterable = iterable;
    l->index0 = -1;
    l->length = -1;
    l->depth0 = depth0;
    if (loop->recursive) {
        l->node = node;
        l->outer = act->outer;
    }
    if (source_init(run, &l->source, act, loop, iterable) != 0) {
        return FLOW_ERROR;
    }
    while ((more = advance(run, l, &item)) > 0) {
        act->slots[loop->loop_slot] = jinja_object_value(&l->base);
        flow = run_body(run, act, loop, item, &any);
        if (flow != FLOW_OK) {
            return flow == FLOW_BREAK ? (any ? FLOW_OK : run_else(run, act, loop))
                                      : flow;
        }
        run->at = node;
    }
    if (more < 0) {
        return FLOW_ERROR;
    }
    return any ? FLOW_OK : run_else(run, act, loop);
}

static int run_recursive(struct jinja_run *run, struct activation *outer,
                         const struct node *node, struct value iterable, int64_t depth0,
                         struct value *out)
{
    const struct module *module = run->module;
    const struct node *at = run->at;
    struct capture capture;

    if (run_enter(run) != 0) {
        return -1;
    }
    struct activation *act =
        activation_new(run, outer, outer->module, node->as.loop->slot_count);
    run->module = outer->module;
    run->at = node;
    capture_begin(run, &capture);
    enum flow flow = run_extended(run, act, node, iterable, depth0);
    run_leave(run);
    if (capture_end(run, &capture, flow == FLOW_ERROR ? -1 : 0, out) != 0) {
        return -1;
    }
    run->module = module;
    run->at = at;
    return 0;
}

int exec_for(struct jinja_run *run, struct activation *act, const struct node *node)
{
    const struct node_for *loop = node->as.loop;
    struct value iterable;

    if (eval(run, act, loop->iter, &iterable) != 0) {
        return FLOW_ERROR;
    }
    if (loop->recursive) {
        struct value text;
        if (run_recursive(run, act, node, iterable, 0, &text) != 0) {
            return FLOW_ERROR;
        }
        return print_value(run, text, false) == 0 ? FLOW_OK : FLOW_ERROR;
    }
    return loop->extended ? run_extended(run, act, node, iterable, 0)
                          : run_simple(run, act, node, iterable);
}
