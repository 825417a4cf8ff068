/* Filters over anything: default, numbers, map and select, JSON. */
#include "config.h"

#include "jinja/internal.h"

#include <math.h>

#include "jinja/format.h"
#include "jinja/json_text.h"
#include "jinja/number.h"
#include "jinja/objects.h"
#include "jinja/pprint.h"
#include "jinja/sort.h"
#include "jinja/strings.h"

static int filter_default(struct jinja_call *call, struct value *a, struct value *out)
{
    bool replace = a[0].type == VALUE_UNDEFINED ||
                   (!is_missing(a[2]) && jinja_truth(a[2]) && !jinja_truth(a[0]));

    (void)call;
    *out = !replace ? a[0] : is_missing(a[1]) ? value_str_n("", 0) : a[1];
    return 0;
}

static int filter_attr(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;

    if (a[1].type != VALUE_STRING) {
        return jinja_raise(run, "TypeError", "attribute name must be string, not '%s'",
                           jinja_type_name(a[1]));
    }
    if (a[0].type == VALUE_UNDEFINED &&
        (a[0].as.undef == NULL || !a[0].as.undef->permissive)) {
        if (strncmp(a[1].as.s, "__", 2) != 0) {
            return undefined_raise(run, a[0]);
        }
        *out = undefined_new(run, NULL, &a[0], a[1]);
        return 0;
    }
    if (a[0].type == VALUE_DICT &&
        run->env->methods[METHODS_DICT][attr_find(a[1].as.s, a[1].len)] == NULL &&
        strncmp(a[1].as.s, "__", 2) != 0) {
        *out = undefined_new(run, NULL, &a[0], a[1]);
        return 0;
    }
    return jinja_getattr(run, a[0], a[1].as.s, out);
}

static int filter_abs(struct jinja_call *call, struct value *a, struct value *out)
{
    if (a[0].type == VALUE_OBJECT) {
        const struct jinja_class *class = (const void *)a[0].as.obj->class;
        if (class->absolute != NULL) {
            return class->absolute(a[0].as.obj, call->run, out);
        }
    }
    if (!is_number(a[0])) {
        return jinja_raise(call->run, "TypeError", "bad operand type for abs(): '%s'",
                           jinja_type_name(a[0]));
    }
    bool negative = number_order(a[0], value_int(0)) == -1 ||
                    (a[0].type == VALUE_FLOAT && signbit(a[0].as.f));
    return number_unary(call->run, negative ? '-' : '+', a[0], out);
}

/* int(float(v)), what the int filter tries last: 1/0/-1. */
static int int_from_float_text(struct jinja_run *run, struct value v, struct value *out)
{
    double f;

    if (v.type != VALUE_STRING || !number_parse_float(v.as.s, v.len, &f) ||
        !isfinite(f)) {
        return 0;
    }
    return number_truncate(run, f, out) == 0 ? 1 : -1;
}

static int filter_int(struct jinja_call *call, struct value *a, struct value *out)
{
    int64_t base = a[2].type == VALUE_INT ? a[2].as.i : 10;
    struct value fallback = is_missing(a[1]) ? value_int(0) : a[1];

    switch (a[0].type) {
    case VALUE_UNDEFINED:
        return undefined_raise(call->run, a[0]);
    case VALUE_STRING: {
        bool valid_base = base == 0 || (base >= 2 && base <= 36);
        if (valid_base &&
            number_parse_int(call->run, a[0].as.s, a[0].len, (int)base, out) > 0) {
            return 0;
        }
        int found = int_from_float_text(call->run, a[0], out);
        if (found == 0) {
            *out = fallback;
        }
        return found < 0 ? -1 : 0;
    }
    case VALUE_FLOAT:
        if (isinf(a[0].as.f)) {
            return number_truncate(call->run, a[0].as.f, out);
        }
        if (isnan(a[0].as.f)) {
            *out = fallback;
            return 0;
        }
        return number_truncate(call->run, a[0].as.f, out);
    case VALUE_BOOL:
        *out = value_int(a[0].as.b);
        return 0;
    case VALUE_INT:
    case VALUE_BIGINT:
        *out = a[0];
        return 0;
    default:
        *out = fallback;
        return 0;
    }
}

static int filter_float(struct jinja_call *call, struct value *a, struct value *out)
{
    double f;

    if (a[0].type == VALUE_UNDEFINED) {
        return undefined_raise(call->run, a[0]);
    }
    if (is_number(a[0])) {
        if (number_float(call->run, a[0], &f) != 0) {
            return -1;
        }
    } else if (a[0].type != VALUE_STRING ||
               !number_parse_float(a[0].as.s, a[0].len, &f)) {
        *out = is_missing(a[1]) ? value_float(0) : a[1];
        return 0;
    }
    *out = value_float(f);
    return 0;
}

/* round() of Python: half to even, exact in decimal. */
static int round_common(struct jinja_run *run, struct value v, int64_t digits,
                        struct value *out)
{
    struct buf text = BUF_INIT;

    if (v.type != VALUE_FLOAT) {
        struct value unit;
        struct value half;
        struct value rest;
        *out = v.type == VALUE_BOOL ? value_int(v.as.b) : v;
        if (digits >= 0) {
            return 0;
        }
        if (digits < -5000) {
            *out = value_int(0);
            return 0;
        }
        /* to the nearest multiple of 10**-digits, halves to the even one */
        if (op_binary(run, 'p', value_int(10), value_int(-digits), &unit) != 0 ||
            op_binary(run, '%', *out, unit, &rest) != 0 ||
            op_binary(run, '*', rest, value_int(2), &half) != 0 ||
            op_binary(run, '-', *out, rest, out) != 0) {
            return -1;
        }
        int order = number_order(half, unit);
        if (order == 0) {
            struct value times;
            if (op_binary(run, 'f', *out, unit, &times) != 0 ||
                op_binary(run, '%', times, value_int(2), &times) != 0) {
                return -1;
            }
            order = jinja_truth(times) ? 1 : -1;
        }
        return order > 0 ? op_binary(run, '+', *out, unit, out) : 0;
    }
    if (!isfinite(v.as.f) || digits > 320) {
        *out = v;
        return 0;
    }
    if (digits < 0) {
        double unit = digits < -308 ? INFINITY : pow(10, (double)-digits);
        double scaled = isinf(unit) ? 0 : nearbyint(v.as.f / unit) * unit;
        *out = value_float(scaled);
        return 0;
    }
    format_fixed(v.as.f, (int)digits, &text);
    double f = v.as.f;
    number_parse_float(text.data, text.len, &f);
    buf_fini(&text);
    *out = value_float(f);
    return 0;
}

static int filter_round(struct jinja_call *call, struct value *a, struct value *out)
{
    struct jinja_run *run = call->run;
    const char *method = a[2].type == VALUE_STRING ? a[2].as.s : "common";
    int64_t digits = 0;
    bool up = strcmp(method, "ceil") == 0;

    if ((!is_missing(a[2]) && a[2].type != VALUE_STRING) ||
        (strcmp(method, "common") != 0 && !up && strcmp(method, "floor") != 0)) {
        return jinja_raise(run, "FilterArgumentError",
                           "method must be common, ceil or floor");
    }
    if (a[0].type == VALUE_UNDEFINED && strcmp(method, "common") != 0) {
        return undefined_raise(run, a[0]);
    }
    if (strcmp(method, "common") == 0 && !is_number(a[0])) {
        return jinja_raise(run, "TypeError", "type %s doesn't define __round__ method",
                           jinja_type_name(a[0]));
    }
    if (!is_missing(a[1]) && value_index(run, a[1], &digits) != 0) {
        return -1;
    }
    if (strcmp(method, "common") == 0) {
        return round_common(run, a[0], digits, out);
    }
    struct value scale;
    struct value v;
    double f;
    if (op_binary(run, 'p', value_int(10), value_int(digits), &scale) != 0 ||
        op_binary(run, '*', a[0], scale, &v) != 0) {
        return -1;
    }
    if (!is_number(v)) {
        return jinja_raise(run, "TypeError", "must be real number, not %s",
                           jinja_type_name(v));
    }
    if (v.type == VALUE_FLOAT) {
        f = up ? ceil(v.as.f) : floor(v.as.f);
        if (number_truncate(run, f, &v) != 0) {
            return -1;
        }
    }
    return op_binary(run, '/', v, scale, out);
}

static int not_a_float(struct jinja_run *run, struct value v)
{
    struct buf shown = BUF_INIT;

    if (v.type != VALUE_STRING) {
        return jinja_raise(
            run, "TypeError",
            "float() argument must be a string or a real number, not '%s'",
            jinja_type_name(v));
    }
    text_repr(v.as.s, v.len, &shown);
    jinja_raise(run, "ValueError", "could not convert string to float: %s",
                buf_str(&shown));
    buf_fini(&shown);
    return -1;
}

static int filter_filesizeformat(struct jinja_call *call, struct value *a,
                                 struct value *out)
{
    static const char letters[] = "kMGTPEZY";
    bool binary = jinja_truth(a[1]);
    double base = binary ? 1024 : 1000;
    double unit = base;
    struct value v;
    size_t mark;
    int i = 0;

    if (filter_float(call, (struct value[]){a[0], value_none()}, &v) != 0) {
        return -1;
    }
    if (v.type != VALUE_FLOAT) {
        return not_a_float(call->run, a[0]);
    }
    struct buf *text = scratch_begin(call->run, &mark);
    if (v.as.f == 1) {
        buf_adds(text, "1 Byte");
    } else if (v.as.f < base) {
        struct value whole;
        if (number_truncate(call->run, v.as.f, &whole) != 0 ||
            jinja_str(call->run, whole, text) != 0) {
            return -1;
        }
        buf_adds(text, " Bytes");
    } else {
        while (i < 7 && v.as.f >= unit * base) {
            unit *= base;
            i++;
        }
        format_fixed(v.as.f / unit, 1, text);
        buf_addf(text, " %c%sB", binary && i == 0 ? 'K' : letters[i],
                 binary ? "i" : "");
    }
    *out = scratch_take(call->run, mark);
    return 0;
}

/* ---- map, select, reject
 * ------------------------------------------------------------------ */

struct map_state {
    struct iter it;
    const struct builtin *builtin; /* NULL: by attribute, or the item's truth */
    struct value attribute;
    struct value fallback;
    struct value *args; /* args[0] is the item */
    size_t arg_count;
    struct jinja_kwarg *kwargs;
    size_t kwarg_count;
    bool want;           /* select: what the test must give */
    const char *failure; /* raised when the first item is asked for */
};

static int apply(struct jinja_run *run, struct map_state *s, struct value item,
                 struct value *out)
{
    struct jinja_call call = {.run = run,
                              .arena = run->arena,
                              .args = s->args,
                              .arg_count = s->arg_count,
                              .kwargs = s->kwargs,
                              .kwarg_count = s->kwarg_count};

    s->args[0] = item;
    return builtin_call(s->builtin, &call, out);
}

static int check_failure(struct jinja_run *run, const struct map_state *s)
{
    if (s->failure == NULL) {
        return 0;
    }
    return jinja_raise(run,
                       strncmp(s->failure, "No ", 3) == 0 ? "TemplateRuntimeError"
                                                          : "FilterArgumentError",
                       "%s", s->failure);
}

static int map_next(struct jinja_run *run, void *state, struct value *out)
{
    struct map_state *s = state;
    struct value item;

    if (run_step(run) != 0) {
        return -1;
    }
    int more = iter_next(run, &s->it, &item);
    if (more <= 0) {
        return more;
    }
    if (check_failure(run, s) != 0) {
        return -1;
    }
    int rc = s->builtin != NULL
                 ? apply(run, s, item, out)
                 : sort_attribute(run, item, s->attribute, s->fallback, out);
    return rc == 0 ? 1 : -1;
}

static int select_next(struct jinja_run *run, void *state, struct value *out)
{
    struct map_state *s = state;
    struct value subject;
    struct value result;
    int more;

    while ((more = iter_next(run, &s->it, out)) > 0) {
        if (run_step(run) != 0 || check_failure(run, s) != 0 ||
            sort_attribute(run, *out, s->attribute, value_none(), &subject) != 0) {
            return -1;
        }
        result = subject;
        if (s->builtin != NULL && apply(run, s, subject, &result) != 0) {
            return -1;
        }
        if (jinja_truth(result) == s->want) {
            return 1;
        }
    }
    return more;
}

/* The name at args[off] of filter or test, and what follows it. */
static void take_builtin(struct jinja_call *call, struct map_state *s,
                         struct value args, size_t off, bool filter)
{
    struct value name = value_list_at(args, off);
    size_t count = value_list_count(args);

    s->arg_count = count - off;
    s->args = arena_array(call->arena, struct value, s->arg_count + 1);
    for (size_t i = off + 1; i < count; i++) {
        s->args[i - off] = value_list_at(args, i);
    }
    if (name.type == VALUE_STRING) {
        s->builtin = filter ? env_filter(call->run->env, name.as.s)
                            : env_test(call->run->env, name.as.s);
    }
    if (s->builtin == NULL) {
        struct buf shown = BUF_INIT;
        if (jinja_repr(call->run, name, &shown) == 0) {
            s->failure = arena_printf(call->arena, "No %s named %s.",
                                      filter ? "filter" : "test", buf_str(&shown));
        }
        buf_fini(&shown);
    }
}

static void take_kwargs(struct jinja_call *call, struct map_state *s,
                        struct value kwargs)
{
    size_t at = 0;

    s->kwargs =
        arena_array(call->arena, struct jinja_kwarg, value_dict_count(kwargs) + 1);
    for (const struct value_pair *p; (p = value_dict_next(kwargs, &at)) != NULL;) {
        s->kwargs[s->kwarg_count++] = (struct jinja_kwarg){p->key, p->value};
    }
}

static struct map_state *map_begin(struct jinja_call *call, struct value v)
{
    struct map_state *s = arena_new(call->arena, struct map_state);

    if (!jinja_truth(v) && v.type != VALUE_OBJECT) {
        v = value_list_new(call->arena, 0);
    }
    s->attribute = value_none();
    s->fallback = value_none();
    return iter_init(call->run, v, &s->it) == 0 ? s : NULL;
}

static int filter_map(struct jinja_call *call, struct value *a, struct value *out)
{
    struct map_state *s = map_begin(call, a[0]);

    if (s == NULL) {
        return -1;
    }
    if (value_list_count(a[1]) == 0 && value_dict_has(a[2], "attribute")) {
        s->attribute = value_dict_get(a[2], "attribute");
        s->fallback = value_dict_get(a[2], "default");
        value_dict_remove(a[2], value_str("attribute"));
        value_dict_remove(a[2], value_str("default"));
        size_t at = 0;
        const struct value_pair *extra = value_dict_next(a[2], &at);
        if (extra != NULL) {
            s->failure = arena_printf(call->arena, "Unexpected keyword argument '%s'",
                                      extra->key.as.s);
        }
    } else if (value_list_count(a[1]) == 0) {
        s->failure = "map requires a filter argument";
    } else {
        take_builtin(call, s, a[1], 0, true);
        take_kwargs(call, s, a[2]);
    }
    *out = generator_new(call->arena, "sync_do_map", map_next, s);
    return 0;
}

static int select_or_reject(struct jinja_call *call, struct value *a, bool want,
                            bool by_attribute, struct value *out)
{
    struct map_state *s = map_begin(call, a[0]);
    size_t off = by_attribute ? 1 : 0;
    size_t count = value_list_count(a[1]);

    if (s == NULL) {
        return -1;
    }
    s->want = want;
    if (by_attribute && count == 0) {
        s->failure = "Missing parameter for attribute name";
    } else if (by_attribute) {
        s->attribute = value_list_at(a[1], 0);
    }
    if (count > off) {
        take_builtin(call, s, a[1], off, false);
        take_kwargs(call, s, a[2]);
    }
    *out = generator_new(call->arena, "select_or_reject", select_next, s);
    return 0;
}

static int filter_select(struct jinja_call *call, struct value *a, struct value *out)
{
    return select_or_reject(call, a, true, false, out);
}

static int filter_reject(struct jinja_call *call, struct value *a, struct value *out)
{
    return select_or_reject(call, a, false, false, out);
}

static int filter_selectattr(struct jinja_call *call, struct value *a,
                             struct value *out)
{
    return select_or_reject(call, a, true, true, out);
}

static int filter_rejectattr(struct jinja_call *call, struct value *a,
                             struct value *out)
{
    return select_or_reject(call, a, false, true, out);
}

/* ---- output forms
 * --------------------------------------------------------------------------- */

static int filter_tojson(struct jinja_call *call, struct value *a, struct value *out)
{
    struct json_style style = {.sort_keys = true, .indent = -1};
    struct buf json = BUF_INIT;
    size_t mark;

    if (a[1].type == VALUE_INT) {
        style.indent = a[1].as.i < 0 ? 0 : a[1].as.i > 100 ? 100 : (int)a[1].as.i;
    }
    json.max = call->run->env->limits.output;
    int rc = json_text(call->run, a[0], &style, &json);
    struct buf *text = scratch_begin(call->run, &mark);
    for (size_t i = 0; rc == 0 && i < json.len; i++) {
        char c = json.data[i];
        if (c == '<' || c == '>' || c == '&' || c == '\'') {
            buf_addf(text, "\\u%04x", (unsigned)c);
        } else {
            buf_addc(text, c);
        }
    }
    buf_fini(&json);
    *out = scratch_take(call->run, mark);
    out->flags = VALUE_MARKUP;
    return rc;
}

static int filter_pprint(struct jinja_call *call, struct value *a, struct value *out)
{
    return pprint_value(call->run, a[0], out);
}

const struct builtin_def jinja_misc_filters[] = {
    {"abs", "abs", filter_abs, "x", 0, false},
    {"attr", "do_attr", filter_attr, "obj name", 1, false},
    {"d", "do_default", filter_default, "value default_value? boolean?", 0, false},
    {"default", "do_default", filter_default, "value default_value? boolean?", 0,
     false},
    {"filesizeformat", "do_filesizeformat", filter_filesizeformat, "value binary?", 0,
     false},
    {"float", "do_float", filter_float, "value default?", 0, false},
    {"int", "do_int", filter_int, "value default? base?", 0, false},
    {"map", "sync_do_map", filter_map, "value *args **kwargs", 1, true},
    {"pprint", "do_pprint", filter_pprint, "value", 0, false},
    {"reject", "sync_do_reject", filter_reject, "value *args **kwargs", 1, true},
    {"rejectattr", "sync_do_rejectattr", filter_rejectattr, "value *args **kwargs", 1,
     true},
    {"round", "do_round", filter_round, "value precision? method?", 0, false},
    {"select", "sync_do_select", filter_select, "value *args **kwargs", 1, true},
    {"selectattr", "sync_do_selectattr", filter_selectattr, "value *args **kwargs", 1,
     true},
    {"tojson", "do_tojson", filter_tojson, "value indent?", 1, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
