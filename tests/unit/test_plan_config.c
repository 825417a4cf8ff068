#include "config.h"

#include "cmocka_all.h"

#include <string.h>

#include "plan/model.h"
#include "value/json.h"

struct config_case {
    const char *materialization;
    const char *config; /* JSON */
    const char *error;  /* NULL: accepted */
};

#define START_FORMS                                                                    \
    "\nAccepted forms are: FROM_BEGINNING, FROM_NOW, FROM_NOW(INTERVAL '<n>' "         \
    "<unit>), "                                                                        \
    "FROM_TIMESTAMP('<timestamp>'), RESUME_OR_FROM_BEGINNING, RESUME_OR_FROM_NOW, "    \
    "RESUME_OR_FROM_NOW(INTERVAL '<n>' <unit>), "                                      \
    "RESUME_OR_FROM_TIMESTAMP('<timestamp>')."
#define COLLISION                                                                      \
    "\nIf this is intentional (e.g. a coincidental name collision with your own "      \
    "custom config read by another macro), add the key to "                            \
    "config(ignore_unsupported_config=[...])."

/* The texts are those of dbt-confluent 0.4.1 where it refuses the same. */
static const struct config_case cases[] = {
    {"view", "{}", NULL},
    {"streaming_source", "{}",
     "'connector' must be specified in 'streaming_source' materialization"},
    {"streaming_source", "{\"connector\": [\"a\"]}",
     "'connector' config must be a string, got list"},
    {"view", "{\"with\": {\"a\": 1}, \"connector\": \"x\"}",
     "Unsupported config:\n"
     "  - 'connector' is not supported for the 'view' materialization (supported on: "
     "'streaming_source').\n"
     "  - 'with' is not supported for the 'view' materialization (supported on: "
     "'materialized_table', 'streaming_source', 'streaming_table')." COLLISION},
    {"view", "{\"with\": {\"a\": 1}, \"ignore_unsupported_config\": [\"with\"]}", NULL},
    {"view", "{\"ignore_unsupported_config\": \"with\"}",
     "'ignore_unsupported_config' config must be a list of config key name strings."},
    {"streaming_table", "{\"with\": \"x\"}",
     "'with' config must be a mapping, got string"},
    {"streaming_table", "{\"with\": {\"a\": null}}",
     "'with' value of 'a' must be a string, number or boolean, got none"},
    {"streaming_table", "{\"on_shema_drift\": \"fail\"}",
     "unknown config key 'on_shema_drift'"},
    {"streaming_table", "{\"on_schema_drift\": \"x\"}",
     "Invalid value for on_schema_drift ('x'). Expected 'ignore' or 'fail'."},
    {"streaming_table", "{\"on_query_drift\": \"x\"}",
     "Invalid value for on_query_drift ('x'). Expected 'warn', 'fail', 'ignore' or "
     "'replace'."},
    {"table", "{\"distributed_by\": {}}",
     "'distributed_by' config must be a mapping with a non-empty 'columns' list of "
     "column names"},
    {"table", "{\"distributed_by\": {\"columns\": [\"\"]}}",
     "'distributed_by.columns' must contain only non-empty strings"},
    {"table", "{\"distributed_by\": {\"columns\": [\"a`\"]}}",
     "'distributed_by.columns' must not contain backtick characters; got: a`"},
    {"table", "{\"distributed_by\": {\"columns\": [\"a\"], \"buckets\": 0}}",
     "'distributed_by.buckets' must be a positive integer; got: 0"},
    {"table", "{\"distributed_by\": {\"columns\": [\"a\"], \"bb\": 1}}",
     "'distributed_by' has unknown key 'bb'. Allowed keys: 'columns', 'buckets'"},
    {"table", "{\"compute_pool_id\": 5}", "compute_pool_id must be a string, got int"},
    {"streaming_table", "{\"statement_properties\": \"x\"}",
     "properties must be a dict or StatementProperties, got str"},
    {"streaming_table", "{\"statement_properties\": {\"sql.x\": 1.5}}",
     "properties values must be str, int, or bool, got float for key 'sql.x'"},
    {"streaming_table", "{\"statement_properties\": {\"sql.current-catalog\": \"a\"}}",
     "'sql.current-catalog' is a reserved system property."},
    {"materialized_table", "{\"start_mode\": \"x\"}",
     "'x' is not a valid value for 'start_mode'." START_FORMS},
    {"materialized_table", "{\"start_mode\": \"\"}",
     "'' is not a valid value for 'start_mode'." START_FORMS},
    {"materialized_table", "{\"start_mode\": \"from_timestamp\"}",
     "'start_mode' FROM_TIMESTAMP requires an argument, e.g. FROM_TIMESTAMP('...')."},
    {"materialized_table", "{\"start_mode\": \"FROM_BEGINNING('a')\"}",
     "'start_mode' FROM_BEGINNING does not take an argument."},
    {"materialized_table", "{\"start_mode\": \"FROM_NOW(1); DROP TABLE x\"}",
     "'FROM_NOW(1); DROP TABLE x' is not a valid value for 'start_mode'." START_FORMS},
    {"materialized_table", "{\"freshness_interval\": \"1\", \"partition_by\": \"a\"}",
     "'freshness_interval', 'partition_by' are not supported by the "
     "'materialized_table' materialization for Confluent Flink.\nSupported config "
     "options include: compute_pool_id, contract, distributed_by, "
     "ignore_unsupported_config, start_mode, statement_name, statement_properties, "
     "tableflow, with."},
    {"view", "{\"full_refresh\": \"yes\"}",
     "'full_refresh' must be true or false, got string"},
};

static int read_config(const char *materialization, const char *json,
                       struct arena *arena, struct model_config *config,
                       struct err *err)
{
    static struct node node;

    node = (struct node){.name = "m"};
    assert_int_equal(json_parse(json, strlen(json), "config", arena, &node.config, err),
                     0);
    return model_config_read(&node, materialization, arena, config, err);
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct model_config config;
        int rc = read_config(cases[i].materialization, cases[i].config, &arena, &config,
                             &err);
        assert_string_equal(err.msg, cases[i].error != NULL ? cases[i].error : "");
        assert_int_equal(rc, cases[i].error != NULL ? -1 : 0);
        arena_fini(&arena);
    }
}

static void test_suggestion(void **state)
{
    struct arena arena = {0};
    struct err err = {0};
    struct model_config config;

    (void)state;
    read_config("streaming_source", "{\"conector\": \"faker\"}", &arena, &config, &err);
    assert_string_equal(err.hint, "did you mean 'connector'?");
    arena_fini(&arena);
}

static void test_options(void **state)
{
    struct arena arena = {0};
    struct err err = {0};
    struct model_config config;

    (void)state;
    assert_int_equal(
        read_config("streaming_source",
                    "{\"connector\": \"faker\", \"with\": {\"a\": true, \"b\": 1.5, "
                    "\"connector\": \"x\", \"c'\": \"it's\", \"d\": 7}}",
                    &arena, &config, &err),
        0);
    assert_string_equal(model_with_clause(&config, &arena),
                        "WITH (\n  'a' = 'true',\n  'b' = '1.5',\n"
                        "  'connector' = 'faker',\n  'c''' = 'it''s',\n"
                        "  'd' = '7'\n)\n");
    arena_fini(&arena);
}

static void test_start_modes(void **state)
{
    static const struct {
        const char *json;
        const char *expected;
    } modes[] = {
        {"{\"start_mode\": \" from_now \"}", "FROM_NOW"},
        {"{\"start_mode\": \"FROM_NOW()\"}", "FROM_NOW"},
        {"{\"start_mode\": \"FROM_NOW('')\"}", "FROM_NOW"},
        {"{\"start_mode\": \"from_now( INTERVAL '1' DAY )\"}",
         "FROM_NOW(INTERVAL '1' DAY)"},
        {"{\"start_mode\": \"RESUME_OR_FROM_TIMESTAMP('2024-01-01')\"}",
         "RESUME_OR_FROM_TIMESTAMP('2024-01-01')"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct model_config config;
        assert_int_equal(
            read_config("materialized_table", modes[i].json, &arena, &config, &err), 0);
        assert_string_equal(config.start_mode, modes[i].expected);
        arena_fini(&arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_suggestion),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_start_modes),
    };

    return cmocka_run_group_tests_name("plan config", tests, NULL, NULL);
}
