#include "config.h"

#include "cmocka_all.h"

#include "drift/drift.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct drift_column two_columns[] = {
    {.name = "id", .type = "INT"},
    {.name = "name", .type = "STRING"},
};

static struct drift_relation table(const struct drift_column *columns, size_t count)
{
    return (struct drift_relation){
        .kind = DRIFT_TABLE,
        .columns = columns,
        .column_count = count,
        .columns_known = true,
    };
}

/* Compares and checks the joined texts of the differences, notes marked by '~'. */
static void check(const struct drift_relation *desired,
                  const struct drift_relation *observed, unsigned flags,
                  const char *expected)
{
    struct arena arena = {0};
    struct drift_list list;
    struct buf text = BUF_INIT;

    drift_compare(desired, observed, flags, &arena, &list);
    for (size_t i = 0; i < list.count; i++) {
        buf_addf(&text, "%s%s\n", list.items[i].note ? "~" : "", list.items[i].text);
    }
    assert_string_equal(buf_str(&text), expected);
    buf_fini(&text);
    arena_fini(&arena);
}

static void test_columns(void **state)
{
    static const struct drift_column existing[] = {
        {.name = "old", .type = "INT"},
        {.name = "name", .type = "VARCHAR(2147483647)"},
        {.name = "id", .type = "BIGINT"},
    };
    static const struct drift_column reordered[] = {
        {.name = "name", .type = "VARCHAR(2147483647)"},
        {.name = "id", .type = "INT NOT NULL"},
    };
    struct drift_relation want = table(two_columns, COUNT(two_columns));
    struct drift_relation have = table(existing, COUNT(existing));
    struct drift_relation same = table(reordered, COUNT(reordered));

    (void)state;
    check(&want, &have, 0,
          "column removed: 'old'\n"
          "column type: 'id' existing='BIGINT', expected='INT'\n");
    check(&have, &want, 0,
          "column added: 'old'\n"
          "column type: 'id' existing='INT', expected='BIGINT'\n");
    check(&want, &same, 0, "");
}

static void test_unknown_type_matches(void **state)
{
    static const struct drift_column unknown[] = {
        {.name = "id", .type = NULL},
        {.name = "name", .type = "STRING"},
    };
    struct drift_relation want = table(unknown, COUNT(unknown));
    struct drift_relation have = table(two_columns, COUNT(two_columns));

    (void)state;
    check(&want, &have, 0, "");
}

static void test_options(void **state)
{
    static const struct drift_option wanted[] = {
        {"kafka.retention.time", "7 d"},
        {"scan.startup.mode", "latest-offset"},
        {"changelog.mode", "append"},
        {"custom", "True"},
    };
    static const struct drift_option existing[] = {
        {"changelog.mode", "append"},
        {"connector", "confluent"},
        {"custom", "true"},
        {"kafka.retention.size", "10 mb"},
        {"kafka.retention.time", "604800000 ms"},
        {"number-of-rows", "5"},
        {"something.new", "x"},
        {"fields.id.expression", "#{number.positive}"},
        {"scan.startup.mode", "earliest-offset"},
    };
    struct drift_relation want = table(two_columns, COUNT(two_columns));
    struct drift_relation have = table(two_columns, COUNT(two_columns));

    (void)state;
    want.options = wanted;
    want.option_count = COUNT(wanted);
    have.options = existing;
    have.option_count = COUNT(existing);
    check(&want, &have, 0,
          "option: 'scan.startup.mode' existing='earliest-offset', "
          "expected='latest-offset'\n"
          "option removed: 'kafka.retention.size' existing='10 mb', "
          "expected='0 bytes'\n"
          "option removed: 'number-of-rows' existing='5', expected='<not set>'\n"
          "~option removed: 'something.new' existing='x', expected='<not set>'\n");
    check(&want, &have, DRIFT_COLUMNS_ONLY, "");
}

static void test_distribution(void **state)
{
    static const char *const by_id[] = {"id"};
    static const char *const by_name[] = {"name"};
    struct drift_relation want = table(two_columns, COUNT(two_columns));
    struct drift_relation have = table(two_columns, COUNT(two_columns));

    (void)state;
    want.distributed = true;
    want.distribution_columns = by_id;
    want.distribution_column_count = 1;
    want.buckets = 4;
    check(&want, &have, 0,
          "distribution: existing=<none>, expected={'columns': ['id'], "
          "'buckets': 4}\n");
    have.distributed = true;
    have.distribution_columns = by_name;
    have.distribution_column_count = 1;
    have.buckets = 6;
    check(&want, &have, 0,
          "distribution columns: existing=['name'], expected=['id']\n"
          "distribution buckets: existing=6, expected=4\n");
    want.distributed = false;
    check(&want, &have, 0,
          "distribution removed: existing=['name'], expected=<none>\n");
    have.primary_key = by_name;
    have.primary_key_count = 1;
    check(&want, &have, 0, "");
}

static void test_key_watermark_comment(void **state)
{
    static const char *const by_id[] = {"id"};
    struct drift_relation want = table(two_columns, COUNT(two_columns));
    struct drift_relation have = table(two_columns, COUNT(two_columns));

    (void)state;
    want.primary_key_known = true;
    want.watermark_known = true;
    want.watermark_column = "ts";
    want.watermark_expression = "ts - INTERVAL '5' SECOND";
    want.comment = "new";
    have.primary_key_known = true;
    have.primary_key = by_id;
    have.primary_key_count = 1;
    have.watermark_known = true;
    have.watermark_column = "ts";
    have.watermark_expression = "`ts` - interval '5' SECOND";
    check(&want, &have, 0,
          "primary key: existing=['id'], expected=[]\n"
          "~comment: existing='', expected='new'\n");
    have.watermark_column = NULL;
    want.primary_key_known = false;
    want.comment = NULL;
    check(&want, &have, 0,
          "watermark: existing=<none>, expected=ts AS ts - INTERVAL '5' SECOND\n");
}

static void test_option_values(void **state)
{
    (void)state;
    assert_true(drift_option_equal("7 d", "604800000 ms"));
    assert_true(drift_option_equal("1 h", "60min"));
    assert_true(drift_option_equal("2 mb", "2097152 bytes"));
    assert_true(drift_option_equal("TRUE", "true"));
    assert_true(drift_option_equal("10", "10.0"));
    assert_false(drift_option_equal("7 d", "8 d"));
    assert_false(drift_option_equal("append", "Append"));
    assert_false(drift_option_equal("", "0"));
}

static void test_message(void **state)
{
    static const struct drift_column existing[] = {{.name = "id", .type = "BIGINT"}};
    struct drift_relation want = table(two_columns, 1);
    struct drift_relation have = table(existing, 1);
    struct arena arena = {0};
    struct drift_list list;
    struct buf out = BUF_INIT;

    (void)state;
    drift_compare(&want, &have, 0, &arena, &list);
    drift_message(&list, "`e`.`d`.`t`", &out);
    assert_string_equal(buf_str(&out),
                        "Schema drift detected for `e`.`d`.`t`:\n"
                        "  - column type: 'id' existing='BIGINT', expected='INT'\n"
                        "Use --full-refresh to recreate the table.");
    buf_fini(&out);
    arena_fini(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_unknown_type_matches),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_key_watermark_comment),
        cmocka_unit_test(test_option_values),
        cmocka_unit_test(test_message),
    };

    return cmocka_run_group_tests_name("drift", tests, NULL, NULL);
}
