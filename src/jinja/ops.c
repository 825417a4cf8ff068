/* Python's operators. */
#include "config.h"

#include "jinja/internal.h"

#include "jinja/format.h"
#include "jinja/number.h"

static int unsupported(struct jinja_run *run, char op, struct value a, struct value b)
{
    const char *text = op == 'f'   ? "//"
                       : op == 'p' ? "** or pow()"
                       : op == '+' ? "+"
                       : op == '-' ? "-"
                       : op == '*' ? "*"
                       : op == '/' ? "/"
                                   : "%";

    return jinja_raise(run, "TypeError",
                       "unsupported operand type(s) for %s: '%s' and '%s'", text,
                       jinja_type_name(a), jinja_type_name(b));
}

static int concat_text(struct jinja_run *run, struct value a, struct value b,
                       struct value *out)
{
    if (((a.flags | b.flags) & VALUE_MARKUP) != 0) {
        a = markup_escape(run, a);
        b = markup_escape(run, b);
    }
    size_t len = (size_t)a.len + b.len;
    char *text = run_alloc_text(run, len);
    if (text == NULL) {
        return -1;
    }
    memcpy(text, a.as.s, a.len);
    memcpy(text + a.len, b.as.s, b.len);
    *out = value_str_n(text, len);
    out->flags = (uint8_t)(a.flags | b.flags);
    return 0;
}

static int concat_items(struct jinja_run *run, struct value a, struct value b,
                        struct value *out)
{
    size_t count = (size_t)a.as.list->count + b.as.list->count;

    if (run_reserve(run, count * sizeof(struct value)) != 0) {
        return -1;
    }
    *out = a.type == VALUE_LIST ? value_list_new(run->arena, count)
                                : value_tuple_new(run->arena, count);
    for (uint32_t i = 0; i < a.as.list->count; i++) {
        value_list_push(*out, a.as.list->items[i]);
    }
    for (uint32_t i = 0; i < b.as.list->count; i++) {
        value_list_push(*out, b.as.list->items[i]);
    }
    return 0;
}

static int add(struct jinja_run *run, struct value a, struct value b, struct value *out)
{
    if (a.type == VALUE_STRING) {
        if (b.type == VALUE_STRING) {
            return concat_text(run, a, b, out);
        }
        return (a.flags & VALUE_MARKUP) != 0
                   ? unsupported(run, '+', a, b)
                   : jinja_raise(run, "TypeError",
                                 "can only concatenate str (not \"%s\") to str",
                                 jinja_type_name(b));
    }
    if (is_sequence(a)) {
        if (a.type == b.type) {
            return concat_items(run, a, b, out);
        }
        return jinja_raise(run, "TypeError",
                           "can only concatenate %s (not \"%s\") to %s",
                           jinja_type_name(a), jinja_type_name(b), jinja_type_name(a));
    }
    return unsupported(run, '+', a, b);
}

static int repeat(struct jinja_run *run, struct value v, struct value times,
                  struct value *out)
{
    int64_t n = times.type == VALUE_BOOL ? times.as.b : times.as.i;
    size_t unit = v.type == VALUE_STRING ? v.len : v.as.list->count;

    if (times.type == VALUE_BIGINT) {
        return jinja_raise(run, "OverflowError",
                           "cannot fit 'int' into an index-sized integer");
    }
    n = n < 0 || unit == 0 ? 0 : n;
    if (n > 0 &&
        (uint64_t)n > UINT32_MAX / (v.type == VALUE_STRING ? unit : unit * 16)) {
        return jinja_raise(run, "MemoryError", "template needs too much memory");
    }
    size_t total = unit * (size_t)n;
    if (v.type == VALUE_STRING) {
        char *text = run_alloc_text(run, total);
        if (text == NULL) {
            return -1;
        }
        for (size_t at = 0; at < total; at += unit) {
            memcpy(text + at, v.as.s, unit);
        }
        *out = value_str_n(text, total);
        out->flags = v.flags;
        return 0;
    }
    if (run_reserve(run, total * sizeof(struct value)) != 0) {
        return -1;
    }
    *out = v.type == VALUE_LIST ? value_list_new(run->arena, total)
                                : value_tuple_new(run->arena, total);
    for (size_t i = 0; i < total; i++) {
        value_list_push(*out, v.as.list->items[i % unit]);
    }
    return 0;
}

static int multiply(struct jinja_run *run, struct value a, struct value b,
                    struct value *out)
{
    bool a_seq = a.type == VALUE_STRING || is_sequence(a);
    bool b_seq = b.type == VALUE_STRING || is_sequence(b);

    if (a_seq && is_integer(b)) {
        return repeat(run, a, b, out);
    }
    if (b_seq && is_integer(a)) {
        return repeat(run, b, a, out);
    }
    if (a_seq || b_seq) {
        return jinja_raise(run, "TypeError",
                           "can't multiply sequence by non-int of type '%s'",
                           jinja_type_name(a_seq ? b : a));
    }
    return unsupported(run, '*', a, b);
}

/* Objects may know the operation: 1/0/-1. */
static int object_binary(struct jinja_run *run, char op, struct value a, struct value b,
                         struct value *out)
{
    int rc = 0;

    if (a.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)a.as.obj->class;
        rc =
            class->binary != NULL ? class->binary(a.as.obj, run, op, b, false, out) : 0;
    }
    if (rc == 0 && b.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)b.as.obj->class;
        rc = class->binary != NULL ? class->binary(b.as.obj, run, op, a, true, out) : 0;
    }
    return rc;
}

int op_binary(struct jinja_run *run, char op, struct value a, struct value b,
              struct value *out)
{
    if (is_number(a) && is_number(b)) {
        return number_binary(run, op, a, b, out);
    }
    if (a.type == VALUE_STRING && op == '%') {
        return format_percent(run, a, b, out);
    }
    if (a.type == VALUE_UNDEFINED) {
        return undefined_raise(run, a);
    }
    if (b.type == VALUE_UNDEFINED) {
        return undefined_raise(run, b);
    }
    int rc = object_binary(run, op, a, b, out);
    if (rc != 0) {
        return rc > 0 ? 0 : -1;
    }
    switch (op) {
    case '+':
        return add(run, a, b, out);
    case '*':
        return multiply(run, a, b, out);
    default:
        return unsupported(run, op, a, b);
    }
}

int op_unary(struct jinja_run *run, char op, struct value v, struct value *out)
{
    if (is_number(v)) {
        return number_unary(run, op, v, out);
    }
    if (v.type == VALUE_UNDEFINED) {
        return undefined_raise(run, v);
    }
    const struct jinja_class *class =
        v.type == VALUE_OBJECT ? (const void *)v.as.obj->class : NULL;
    if (class != NULL && class->negate != NULL) {
        *out = v;
        return op == '-' ? class->negate(v.as.obj, run, out) : 0;
    }
    return jinja_raise(run, "TypeError", "bad operand type for unary %c: '%s'", op,
                       jinja_type_name(v));
}

/* ---- comparison -------------------------------------------------------------------
 */

static int compare_bytes(struct value a, struct value b)
{
    int order = memcmp(a.as.s, b.as.s, a.len < b.len ? a.len : b.len);

    return order != 0 ? (order > 0) - (order < 0) : (a.len > b.len) - (a.len < b.len);
}

static int order_items(struct jinja_run *run, struct value a, struct value b,
                       const char *op, int *order)
{
    const struct value_list *x = a.as.list;
    const struct value_list *y = b.as.list;

    for (uint32_t i = 0; i < x->count && i < y->count; i++) {
        if (!value_equal(x->items[i], y->items[i])) {
            return run_stack(run) == 0
                       ? value_order(run, x->items[i], y->items[i], op, order)
                       : -1;
        }
    }
    *order = (x->count > y->count) - (x->count < y->count);
    return 0;
}

int value_order(struct jinja_run *run, struct value a, struct value b, const char *op,
                int *order)
{
    if (is_number(a) && is_number(b)) {
        *order = number_order(a, b);
        return 0;
    }
    if (a.type == VALUE_STRING && b.type == VALUE_STRING) {
        *order = compare_bytes(a, b);
        return 0;
    }
    if (a.type == b.type && is_sequence(a)) {
        return order_items(run, a, b, op, order);
    }
    if (a.type == VALUE_UNDEFINED || b.type == VALUE_UNDEFINED) {
        return undefined_raise(run, a.type == VALUE_UNDEFINED ? a : b);
    }
    if (a.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)a.as.obj->class;
        int found =
            class->compare != NULL ? class->compare(a.as.obj, run, b, order) : 0;
        if (found != 0) {
            return found > 0 ? 0 : -1;
        }
    }
    return jinja_raise(run, "TypeError",
                       "'%s' not supported between instances of '%s' and '%s'", op,
                       jinja_type_name(a), jinja_type_name(b));
}

static int contains_text(struct jinja_run *run, struct value text, struct value x,
                         bool *out)
{
    if (x.type != VALUE_STRING) {
        return jinja_raise(run, "TypeError",
                           "'in <string>' requires string as left operand, not %s",
                           jinja_type_name(x));
    }
    *out = x.len == 0 || memmem(text.as.s, text.len, x.as.s, x.len) != NULL;
    return 0;
}

static int contains_by_iterating(struct jinja_run *run, struct value container,
                                 struct value x, bool *out)
{
    struct iter it;
    struct value item;
    int more;

    if (iter_init(run, container, &it) != 0) {
        err_clear(run->err);
        return jinja_raise(run, "TypeError", "argument of type '%s' is not iterable",
                           jinja_type_name(container));
    }
    while ((more = iter_next(run, &it, &item)) > 0) {
        if (run_step(run) != 0) {
            return -1;
        }
        if (value_equal(item, x)) {
            *out = true;
            return 0;
        }
    }
    return more;
}

int value_contains(struct jinja_run *run, struct value container, struct value x,
                   bool *out)
{
    *out = false;
    if (container.type == VALUE_STRING) {
        return contains_text(run, container, x, out);
    }
    if (container.type == VALUE_DICT) {
        if (!value_hashable(x)) {
            return jinja_raise(run, "TypeError", "unhashable type: '%s'",
                               jinja_type_name(x));
        }
        *out = value_dict_find(container, x, value_hash(x)) != NULL;
        return 0;
    }
    if (container.type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)container.as.obj->class;
        if (class->contains != NULL) {
            int rc = class->contains(container.as.obj, run, x);
            *out = rc > 0;
            return rc < 0 ? -1 : 0;
        }
    }
    return contains_by_iterating(run, container, x, out);
}

int op_compare(struct jinja_run *run, enum compare_op op, struct value a,
               struct value b, bool *out)
{
    static const char *const names[] = {"==", "!=", "<", "<=", ">", ">="};
    int order;

    switch (op) {
    case COMPARE_EQ:
        *out = value_equal(a, b);
        return 0;
    case COMPARE_NE:
        *out = !value_equal(a, b);
        return 0;
    case COMPARE_IN:
        return value_contains(run, b, a, out);
    case COMPARE_NOT_IN:
        if (value_contains(run, b, a, out) != 0) {
            return -1;
        }
        *out = !*out;
        return 0;
    default:
        break;
    }
    if (LIKELY(a.type == VALUE_INT && b.type == VALUE_INT)) {
        order = (a.as.i > b.as.i) - (a.as.i < b.as.i);
    } else if (value_order(run, a, b, names[op], &order) != 0) {
        return -1;
    } else if (order == NUMBER_UNORDERED) {
        *out = false;
        return 0;
    }
    *out = op == COMPARE_LT   ? order < 0
           : op == COMPARE_LE ? order <= 0
           : op == COMPARE_GT ? order > 0
                              : order >= 0;
    return 0;
}
