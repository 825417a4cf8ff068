#include "config.h"

#include "cmocka_all.h"

#include <string.h>

#include "compile/statement_name.h"

struct name_case {
    const char *name;
    const char *expected;
};

/* Recorded from dbt-confluent 0.4.1. */
static const struct name_case cases[] = {
    {"dbt-shop-orders", "dbt-shop-orders"},
    {"dbt-shop-Orders", "dbt-shop-orders"},
    {"dbt-shop_proj-stg_orders", "dbt-shop-proj-stg-orders-1cf4cb"},
    {"dbt-shop_proj-stg_orders-ddl", "dbt-shop-proj-stg-orders-ddl-a4c58c"},
    {"My_Name", "my-name-bebf55"},
    {"My_Name-ddl", "my-name-ddl-026a70"},
    {"_a_b", "a-b-2c336e"},
    {"é-x", "x-0a9941"},
    {"dbt-shop_proj-mt-01234567-89ab-cdef-0123-456789abcdef",
     "dbt-shop-proj-mt-01234567-89ab-cdef-0123-456789abcdef-7d5965"},
};

static void test_recorded_names(void **state)
{
    struct arena arena = {0};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(statement_name_sanitise(cases[i].name, &arena, &err),
                            cases[i].expected);
    }
    arena_fini(&arena);
}

static void test_long_names(void **state)
{
    struct arena arena = {0};
    struct err err = {0};
    char name[256];

    (void)state;
    memset(name, 'a', 101);
    name[101] = '\0';
    const char *out = statement_name_sanitise(name, &arena, &err);
    assert_int_equal(strlen(out), 100);
    assert_string_equal(out + 93, "-681d73");
    memcpy(name, "dbt-", 4);
    for (int i = 0; i < 50; i++) {
        memcpy(name + 4 + i * 3, "a_b", 4);
    }
    out = statement_name_sanitise(name, &arena, &err);
    assert_string_equal(out + 93, "-e9f598");
    arena_fini(&arena);
}

static void test_refused_names(void **state)
{
    struct arena arena = {0};
    struct err err = {0};

    (void)state;
    assert_null(statement_name_sanitise("", &arena, &err));
    assert_string_equal(err.msg, "Statement name cannot be empty");
    err_clear(&err);
    assert_null(statement_name_sanitise("__", &arena, &err));
    assert_string_equal(
        err.msg,
        "Statement name must contain at least one alphanumeric character: '__'");
    arena_fini(&arena);
}

static void test_override(void **state)
{
    struct arena arena = {0};
    struct err err = {0};

    (void)state;
    assert_string_equal(
        statement_name_make("My_Name", "dbt-", "shop", "orders", "-ddl", &arena, &err),
        "my-name-ddl-026a70");
    assert_string_equal(
        statement_name_make(NULL, "dbt-", "shop", "orders", "", &arena, &err),
        "dbt-shop-orders");
    arena_fini(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_names),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_override),
    };

    return cmocka_run_group_tests_name("statement_name", tests, NULL, NULL);
}
