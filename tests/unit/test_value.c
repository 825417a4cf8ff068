#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "value/value.h"

static void test_float_text(void **state)
{
    static const struct {
        double f;
        const char *text;
    } cases[] = {{0, "0.0"},
                 {-0.0, "-0.0"},
                 {1, "1.0"},
                 {0.1, "0.1"},
                 {1e15, "1000000000000000.0"},
                 {1e16, "1e+16"},
                 {123456789.123, "123456789.123"},
                 {1e-4, "0.0001"},
                 {1e-5, "1e-05"},
                 {1.5e300, "1.5e+300"},
                 {5e-324, "5e-324"},
                 {2.0 / 3, "0.6666666666666666"},
                 {-2.5, "-2.5"},
                 {INFINITY, "inf"},
                 {-INFINITY, "-inf"},
                 {NAN, "nan"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = BUF_INIT;
        value_float_text(cases[i].f, &out);
        assert_string_equal(buf_str(&out), cases[i].text);
        buf_fini(&out);
    }
}

static void test_dict(void **state)
{
    struct arena arena = {0};
    struct value dict = value_dict_new(&arena, 0);
    char name[16];
    size_t at = 0;
    int next = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "k%d", i);
        value_dict_put(dict, arena_strdup(&arena, name), value_int(i));
    }
    for (int i = 0; i < 1000; i += 2) {
        snprintf(name, sizeof(name), "k%d", i);
        assert_true(value_dict_remove(dict, value_str(name)));
        assert_false(value_dict_remove(dict, value_str(name)));
    }
    value_dict_put(dict, "k0", value_int(5000));
    assert_int_equal(value_dict_count(dict), 501);
    assert_int_equal(value_dict_get(dict, "k0").as.i, 5000);
    assert_int_equal(value_dict_get(dict, "k999").as.i, 999);
    assert_int_equal(value_dict_get(dict, "k2").type, VALUE_UNDEFINED);
    for (const struct value_pair *pair; (pair = value_dict_next(dict, &at)) != NULL;) {
        next++;
        assert_int_equal(pair->value.as.i, next <= 500 ? next * 2 - 1 : 5000);
    }
    arena_fini(&arena);
}

/* Python: 1 == 1.0 == True, and equal keys are one key. */
static void test_equal(void **state)
{
    struct arena arena = {0};
    struct value dict = value_dict_new(&arena, 0);
    struct value big = value_bigint_parse(&arena, "1180591620717411303424", 10);
    struct value list = value_list_new(&arena, 0);

    (void)state;
    value_dict_put_value(dict, value_int(1), value_str("a"));
    value_dict_put_value(dict, value_bool(true), value_str("b"));
    value_dict_put_value(dict, value_float(1.0), value_str("c"));
    value_dict_put_value(dict, value_float(1180591620717411303424.0), value_str("d"));
    value_dict_put_value(dict, big, value_str("e"));
    assert_int_equal(value_dict_count(dict), 2);
    assert_string_equal(value_dict_get_value(dict, value_int(1)).as.s, "c");
    assert_string_equal(value_dict_get_value(dict, big).as.s, "e");
    assert_false(value_equal(value_int(1), value_str("1")));
    assert_false(value_equal(value_float(NAN), value_float(NAN)));
    assert_false(
        value_equal(value_int(9007199254740993), value_float(9007199254740992.0)));
    value_list_push(list,
                    list); /* a list in itself is compared without end otherwise */
    assert_true(value_equal(list, list));
    assert_false(value_hashable(list));
    arena_fini(&arena);
}

static void test_bigint(void **state)
{
    struct arena arena = {0};
    struct buf out = BUF_INIT;

    (void)state;
    struct value v = value_bigint_parse(&arena, "-123456789012345678901234567890", 10);
    assert_int_equal(v.type, VALUE_BIGINT);
    value_bigint_text(value_clone(&arena, v), &out);
    assert_string_equal(buf_str(&out), "-123456789012345678901234567890");
    assert_int_equal(value_bigint_parse(&arena, "ff", 16).as.i, 255);
    assert_int_equal(value_bigint_parse(&arena, "12x", 10).type, VALUE_UNDEFINED);
    buf_fini(&out);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float_text),
        cmocka_unit_test(test_dict),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_bigint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
