/* What follows `is`. */
#include "config.h"

#include "jinja/number.h"
#include "jinja/strings.h"

static int yes(struct value *out, bool b)
{
    *out = value_bool(b);
    return 0;
}

static int remainder_is(struct jinja_call *call, struct value v, struct value by,
                        int64_t want, struct value *out)
{
    struct value rest;

    if (op_binary(call->run, '%', v, by, &rest) != 0) {
        return -1;
    }
    return yes(out, value_equal(rest, value_int(want)));
}

static int test_odd(struct jinja_call *call, struct value *a, struct value *out)
{
    return remainder_is(call, a[0], value_int(2), 1, out);
}

static int test_even(struct jinja_call *call, struct value *a, struct value *out)
{
    return remainder_is(call, a[0], value_int(2), 0, out);
}

static int test_divisibleby(struct jinja_call *call, struct value *a, struct value *out)
{
    return remainder_is(call, a[0], a[1], 0, out);
}

#define TYPE_TEST(name, condition)                                                     \
    static int test_##name(struct jinja_call *call, struct value *a,                   \
                           struct value *out)                                          \
    {                                                                                  \
        const struct value v = a[0];                                                   \
        (void)call;                                                                    \
        return yes(out, condition);                                                    \
    }
TYPE_TEST(defined, v.type != VALUE_UNDEFINED)
TYPE_TEST(undefined, v.type == VALUE_UNDEFINED)
TYPE_TEST(none, v.type == VALUE_NONE)
TYPE_TEST(boolean, v.type == VALUE_BOOL)
TYPE_TEST(false, v.type == VALUE_BOOL && !v.as.b)
TYPE_TEST(true, v.type == VALUE_BOOL && v.as.b)
TYPE_TEST(integer, v.type == VALUE_INT || v.type == VALUE_BIGINT)
TYPE_TEST(float, v.type == VALUE_FLOAT)
TYPE_TEST(string, v.type == VALUE_STRING)
TYPE_TEST(number, is_number(v))
TYPE_TEST(callable, jinja_callable(v))
TYPE_TEST(escaped, v.type == VALUE_STRING && (v.flags & VALUE_MARKUP) != 0)
#undef TYPE_TEST

static const struct jinja_class *class_of(struct value v)
{
    return v.type == VALUE_OBJECT ? (const void *)v.as.obj->class : NULL;
}

static int test_mapping(struct jinja_call *call, struct value *a, struct value *out)
{
    const struct jinja_class *class = class_of(a[0]);

    (void)call;
    return yes(out, a[0].type == VALUE_DICT || (class != NULL && class->mapping));
}

static int test_sequence(struct jinja_call *call, struct value *a, struct value *out)
{
    const struct jinja_class *class = class_of(a[0]);

    (void)call;
    return yes(out, a[0].type == VALUE_STRING || is_sequence(a[0]) ||
                        a[0].type == VALUE_DICT || a[0].type == VALUE_UNDEFINED ||
                        (class != NULL && (class->sequence || class->mapping)));
}

static int test_iterable(struct jinja_call *call, struct value *a, struct value *out)
{
    const struct jinja_class *class = class_of(a[0]);

    (void)call;
    return yes(out, a[0].type == VALUE_STRING || is_sequence(a[0]) ||
                        a[0].type == VALUE_DICT || a[0].type == VALUE_UNDEFINED ||
                        (class != NULL && class->next != NULL));
}

static int test_lower(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value text;

    return jinja_to_str(call->run, a[0], &text) == 0 ? yes(out, string_is_lower(text))
                                                     : -1;
}

static int test_upper(struct jinja_call *call, struct value *a, struct value *out)
{
    struct value text;

    return jinja_to_str(call->run, a[0], &text) == 0 ? yes(out, string_is_upper(text))
                                                     : -1;
}

static int test_sameas(struct jinja_call *call, struct value *a, struct value *out)
{
    (void)call;
    if (a[0].type != a[1].type) {
        return yes(out, false);
    }
    switch (a[0].type) {
    case VALUE_UNDEFINED:
        return yes(out, a[0].as.undef == a[1].as.undef);
    case VALUE_LIST:
    case VALUE_TUPLE:
        return yes(out, a[0].as.list == a[1].as.list);
    case VALUE_DICT:
        return yes(out, a[0].as.dict == a[1].as.dict);
    case VALUE_OBJECT:
        return yes(out, a[0].as.obj == a[1].as.obj);
    default:
        return yes(out, value_equal(a[0], a[1]));
    }
}

static int want_hashable(struct jinja_call *call, struct value v)
{
    return value_hashable(v) ? 0
                             : jinja_raise(call->run, "TypeError",
                                           "unhashable type: '%s'", jinja_type_name(v));
}

static int test_filter(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_hashable(call, a[0]) != 0) {
        return -1;
    }
    return yes(out, a[0].type == VALUE_STRING &&
                        env_filter(call->run->env, a[0].as.s) != NULL);
}

static int test_test(struct jinja_call *call, struct value *a, struct value *out)
{
    if (want_hashable(call, a[0]) != 0) {
        return -1;
    }
    return yes(out, a[0].type == VALUE_STRING &&
                        env_test(call->run->env, a[0].as.s) != NULL);
}

#define COMPARE_TEST(name, op)                                                         \
    static int test_##name(struct jinja_call *call, struct value *a,                   \
                           struct value *out)                                          \
    {                                                                                  \
        bool holds;                                                                    \
        return op_compare(call->run, op, a[0], a[1], &holds) == 0 ? yes(out, holds)    \
                                                                  : -1;                \
    }
COMPARE_TEST(eq, COMPARE_EQ)
COMPARE_TEST(ne, COMPARE_NE)
COMPARE_TEST(gt, COMPARE_GT)
COMPARE_TEST(ge, COMPARE_GE)
COMPARE_TEST(lt, COMPARE_LT)
COMPARE_TEST(le, COMPARE_LE)
COMPARE_TEST(in, COMPARE_IN)
#undef COMPARE_TEST

const struct builtin_def jinja_tests[] = {
    {"odd", "test_odd", test_odd, "value", 0, false},
    {"even", "test_even", test_even, "value", 0, false},
    {"divisibleby", "test_divisibleby", test_divisibleby, "value num", 0, false},
    {"defined", "test_defined", test_defined, "value", 0, false},
    {"undefined", "test_undefined", test_undefined, "value", 0, false},
    {"filter", "test_filter", test_filter, "value", 1, false},
    {"test", "test_test", test_test, "value", 1, false},
    {"none", "test_none", test_none, "value", 0, false},
    {"boolean", "test_boolean", test_boolean, "value", 0, false},
    {"false", "test_false", test_false, "value", 0, false},
    {"true", "test_true", test_true, "value", 0, false},
    {"integer", "test_integer", test_integer, "value", 0, false},
    {"float", "test_float", test_float, "value", 0, false},
    {"lower", "test_lower", test_lower, "value", 0, false},
    {"upper", "test_upper", test_upper, "value", 0, false},
    {"string", "test_string", test_string, "value", 0, false},
    {"mapping", "test_mapping", test_mapping, "value", 0, false},
    {"number", "test_number", test_number, "value", 0, false},
    {"sequence", "test_sequence", test_sequence, "value", 0, false},
    {"iterable", "test_iterable", test_iterable, "value", 0, false},
    {"callable", "callable", test_callable, "value", 0, false},
    {"sameas", "test_sameas", test_sameas, "value other", 0, false},
    {"escaped", "test_escaped", test_escaped, "value", 0, false},
    {"in", "test_in", test_in, "value seq", 0, false},
    {"==", "eq", test_eq, "a b", 0, false},
    {"eq", "eq", test_eq, "a b", 0, false},
    {"equalto", "eq", test_eq, "a b", 0, false},
    {"!=", "ne", test_ne, "a b", 0, false},
    {"ne", "ne", test_ne, "a b", 0, false},
    {">", "gt", test_gt, "a b", 0, false},
    {"gt", "gt", test_gt, "a b", 0, false},
    {"greaterthan", "gt", test_gt, "a b", 0, false},
    {">=", "ge", test_ge, "a b", 0, false},
    {"ge", "ge", test_ge, "a b", 0, false},
    {"<", "lt", test_lt, "a b", 0, false},
    {"lt", "lt", test_lt, "a b", 0, false},
    {"lessthan", "lt", test_lt, "a b", 0, false},
    {"<=", "le", test_le, "a b", 0, false},
    {"le", "le", test_le, "a b", 0, false},
    {NULL, NULL, NULL, NULL, 0, false},
};
