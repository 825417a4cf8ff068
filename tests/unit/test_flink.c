/* The parts of the REST client that need no server: decoding, encoding, rules. */
#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flink/catalog_decode.h"
#include "flink/rate.h"
#include "flink/submit.h"
#include "flink/temporary.h"
#include "value/json.h"

static struct value parse(struct arena *arena, const char *text)
{
    struct value v = value_undefined();
    struct err err = {0};

    assert_int_equal(json_parse(text, strlen(text), "a test", arena, &v, &err), 0);
    return v;
}

/* ---- types ---- */

static void test_types(void **state)
{
    static const struct {
        const char *json;
        const char *text; /* or the start of the message, after '!' */
        bool numeric;
    } cases[] = {
        {"{\"type\":\"INTEGER\",\"nullable\":true}", "INT", true},
        {"{\"type\":\"VARCHAR\",\"nullable\":true,\"length\":2147483647}",
         "VARCHAR(2147483647)", false},
        {"{\"type\":\"CHAR\",\"nullable\":false,\"length\":8}", "CHAR(8)", false},
        {"{\"type\":\"DECIMAL\",\"nullable\":true,\"precision\":10,\"scale\":2}",
         "DECIMAL(10, 2)", true},
        {"{\"type\":\"TIME_WITHOUT_TIME_ZONE\",\"nullable\":true,\"precision\":0}",
         "TIME(0)", false},
        {"{\"type\":\"TIMESTAMP_WITHOUT_TIME_ZONE\",\"nullable\":true,\"precision\":3}",
         "TIMESTAMP(3)", false},
        {"{\"type\":\"TIMESTAMP_WITH_LOCAL_TIME_ZONE\",\"nullable\":true,"
         "\"precision\":3}",
         "TIMESTAMP(3) WITH LOCAL TIME ZONE", false},
        {"{\"type\":\"INTERVAL_YEAR_MONTH\",\"nullable\":true,\"precision\":2,"
         "\"resolution\":\"YEAR_TO_MONTH\"}",
         "INTERVAL YEAR(2) TO MONTH", false},
        {"{\"type\":\"INTERVAL_DAY_TIME\",\"nullable\":true,\"precision\":2,"
         "\"fractional_precision\":3,\"resolution\":\"DAY_TO_SECOND\"}",
         "INTERVAL DAY(2) TO SECOND(3)", false},
        {"{\"type\":\"ARRAY\",\"nullable\":true,\"element_type\":{\"type\":\"BIGINT\","
         "\"nullable\":false}}",
         "ARRAY<BIGINT NOT NULL>", false},
        {"{\"type\":\"MAP\",\"nullable\":true,\"key_type\":{\"type\":\"INTEGER\","
         "\"nullable\":false},\"value_type\":{\"type\":\"DATE\",\"nullable\":true}}",
         "MAP<INT NOT NULL, DATE>", false},
        {"{\"type\":\"MULTISET\",\"nullable\":true,\"element_type\":{\"type\":"
         "\"BOOLEAN\",\"nullable\":true}}",
         "MULTISET<BOOLEAN>", false},
        {"{\"type\":\"ROW\",\"nullable\":true,\"fields\":[{\"name\":\"a`b\","
         "\"field_type\":{\"type\":\"DOUBLE\",\"nullable\":true}},{\"name\":\"c\","
         "\"field_type\":{\"type\":\"BINARY\",\"nullable\":false,\"length\":4}}]}",
         "ROW<`a``b` DOUBLE, `c` BINARY(4) NOT NULL>", false},
        {"{\"type\":\"VARIANT\",\"nullable\":true}", "VARIANT", false},
        {"{\"nullable\":true}", "!the server sent a type without 'type'", false},
        {"{\"type\":\"ARRAY\",\"nullable\":true}",
         "!the server sent a type without 'element_type'", false},
        {"{\"type\":\"DECIMAL\",\"nullable\":true,\"precision\":\"10\"}",
         "!the server sent a type whose 'precision' is not an integer", false},
        {"{\"type\":\"INTEGER\",\"nullable\":1}",
         "!the server sent a type whose 'nullable' is not true or false", false},
        {"7", "!the server sent a column without a type", false},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct flink_type type;
        struct err err = {0};
        bool bad = cases[i].text[0] == '!';
        assert_int_equal(
            flink_type_decode(parse(&arena, cases[i].json), &arena, &type, &err),
            bad ? -1 : 0);
        if (bad) {
            assert_memory_equal(err.msg, cases[i].text + 1, strlen(cases[i].text) - 1);
            continue;
        }
        assert_string_equal(type.text, cases[i].text);
        assert_int_equal(flink_type_numeric(&type), cases[i].numeric);
    }
    arena_fini(&arena);
}

static void test_deep_type(void **state)
{
    struct arena arena = {0};
    struct buf json = BUF_INIT;
    struct flink_type type;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 60; i++) {
        buf_adds(&json, "{\"type\":\"ARRAY\",\"nullable\":true,\"element_type\":");
    }
    buf_adds(&json, "{\"type\":\"INTEGER\",\"nullable\":true}");
    buf_pad(&json, '}', 60);
    assert_int_equal(
        flink_type_decode(parse(&arena, buf_str(&json)), &arena, &type, &err), -1);
    assert_string_equal(err.msg,
                        "the server sent a type that is nested deeper than 50");
    buf_fini(&json);
    arena_fini(&arena);
}

/* ---- cells ---- */

#define INT_TYPE    "{\"type\":\"INTEGER\",\"nullable\":true}"
#define STRING_TYPE "{\"type\":\"VARCHAR\",\"nullable\":true,\"length\":9}"

static void test_cells(void **state)
{
    static const struct {
        const char *type;
        const char *cell;
        const char *text; /* NULL: refused */
    } cases[] = {
        {INT_TYPE, "\"42\"", "42"},
        {INT_TYPE, "null", ""},
        {INT_TYPE, "42", NULL},
        {INT_TYPE, "[\"42\"]", NULL},
        {"{\"type\":\"ARRAY\",\"nullable\":true,\"element_type\":" INT_TYPE "}",
         "[\"1\",null,\"3\"]", "[1, NULL, 3]"},
        {"{\"type\":\"ARRAY\",\"nullable\":true,\"element_type\":" INT_TYPE "}",
         "\"[1]\"", NULL},
        {"{\"type\":\"MAP\",\"nullable\":true,\"key_type\":" STRING_TYPE
         ",\"value_type\":" INT_TYPE "}",
         "[[\"a\",\"1\"],[\"b\",null]]", "{a=1, b=NULL}"},
        {"{\"type\":\"MAP\",\"nullable\":true,\"key_type\":" STRING_TYPE
         ",\"value_type\":" INT_TYPE "}",
         "[[\"a\"]]", NULL},
        {"{\"type\":\"MULTISET\",\"nullable\":true,\"element_type\":" STRING_TYPE "}",
         "[[\"a\",\"2\"]]", "{a=2}"},
        {"{\"type\":\"ROW\",\"nullable\":true,\"fields\":[{\"name\":\"a\","
         "\"field_type\":" INT_TYPE "},{\"name\":\"b\",\"field_type\":" STRING_TYPE
         "}]}",
         "[\"1\",null]", "(1, NULL)"},
        {"{\"type\":\"ROW\",\"nullable\":true,\"fields\":[{\"name\":\"a\","
         "\"field_type\":" INT_TYPE "}]}",
         "[\"1\",\"2\"]", NULL},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct flink_type type;
        struct err err = {0};
        struct buf text = BUF_INIT;
        struct value cell = parse(&arena, cases[i].cell);
        assert_int_equal(
            flink_type_decode(parse(&arena, cases[i].type), &arena, &type, &err), 0);
        assert_int_equal(flink_cell_check(&type, cell, "c", &err),
                         cases[i].text != NULL ? 0 : -1);
        if (cases[i].text != NULL) {
            flink_cell_text(&type, cell, &text);
            assert_string_equal(buf_str(&text), cases[i].text);
        }
        buf_fini(&text);
    }
    arena_fini(&arena);
}

/* ---- statements ---- */

static void test_statement(void **state)
{
    static const char json[] =
        "{\"name\":\"s1\",\"metadata\":{\"labels\":{\"a\":\"b\"},\"uid\":\"u\"},"
        "\"spec\":{\"statement\":\"SELECT 1\",\"properties\":{\"x\":1,\"y\":true},"
        "\"stopped\":true},\"status\":{\"phase\":\"STOPPED\",\"scaling_status\":{"
        "\"scaling_state\":\"OK\"},\"state_limit_status\":{\"state_limit_state\":"
        "\"APPROACHING_SOFT_LIMIT\",\"detail\":\"d\"},\"warnings\":[{\"severity\":"
        "\"LOW\",\"reason\":\"R\",\"message\":\"m\"}],\"latest_offsets\":{\"t\":"
        "\"partition:0,offset:1\"},\"traits\":{\"sql_kind\":\"SELECT\","
        "\"is_bounded\":false,\"is_append_only\":false,\"upsert_columns\":[0],"
        "\"schema\":{\"columns\":[{\"name\":\"a\",\"type\":" INT_TYPE "}]}}}}";
    struct arena arena = {0};
    struct flink_statement first;
    struct flink_statement copy;
    struct err err = {0};

    (void)state;
    assert_int_equal(flink_statement_decode(parse(&arena, json), &arena, &first, &err),
                     0);
    flink_statement_copy(&arena, &first, &copy);
    assert_string_equal(flink_pairs_get(&copy.labels, "a"), "b");
    assert_null(flink_pairs_get(&copy.labels, "z"));
    assert_string_equal(flink_pairs_get(&copy.properties, "x"), "1");
    assert_string_equal(flink_pairs_get(&copy.properties, "y"), "true");
    assert_true(copy.stopped);
    assert_int_equal(copy.phase, FLINK_PHASE_STOPPED);
    assert_string_equal(copy.state_limit_state, "APPROACHING_SOFT_LIMIT");
    assert_string_equal(copy.warnings[0].message, "m");
    assert_string_equal(flink_pairs_get(&copy.latest_offsets, "t"),
                        "partition:0,offset:1");
    assert_int_equal(copy.traits.upsert_columns[0], 0);
    assert_string_equal(copy.compute_pool_id, "");
    arena_fini(&arena);
}

static void test_bad_statements(void **state)
{
#define SHELL(status)                                                                  \
    "{\"name\":\"s\",\"spec\":{},\"status\":{\"phase\":\"P\"," status "}}"
    static const char *const cases[] = {
        "[]",
        "{}",
        "{\"name\":\"\",\"spec\":{},\"status\":{\"phase\":\"P\"}}",
        "{\"name\":\"s\",\"spec\":[],\"status\":{\"phase\":\"P\"}}",
        "{\"name\":\"s\",\"spec\":{\"statement\":1},\"status\":{\"phase\":\"P\"}}",
        "{\"name\":\"s\",\"spec\":{\"stopped\":\"no\"},\"status\":{\"phase\":\"P\"}}",
        "{\"name\":\"s\",\"spec\":{\"properties\":{\"a\":[]}},\"status\":{\"phase\":"
        "\"P\"}}",
        SHELL("\"detail\":7"),
        SHELL("\"traits\":[]"),
        SHELL("\"traits\":{\"is_bounded\":1}"),
        SHELL("\"traits\":{\"schema\":{\"columns\":{}}}"),
        SHELL("\"traits\":{\"schema\":{\"columns\":[{\"name\":\"a\"}]}}"),
        SHELL("\"traits\":{\"upsert_columns\":[-1]}"),
        SHELL("\"traits\":{\"upsert_columns\":[1],\"schema\":{\"columns\":[{\"name\":"
              "\"a\",\"type\":" INT_TYPE "}]}}"),
        SHELL("\"warnings\":{}"),
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct flink_statement statement;
        struct err err = {0};
        assert_int_equal(
            flink_statement_decode(parse(&arena, cases[i]), &arena, &statement, &err),
            -1);
        assert_int_equal(err.code, ERR_SERVER);
    }
    arena_fini(&arena);
}

/* ---- readiness ---- */

static void test_ready(void **state)
{
    enum { SCHEMA = 1, BOUNDED = 2, APPEND = 4, NO_TRAITS = 8, SNAPSHOT = 16 };
    static const struct {
        const char *phase;
        const char *kind;
        int traits;
        enum flink_wait wait;
        enum flink_ready ready;
    } cases[] = {
        /* dbt-confluent.md 1, put right */
        {"COMPLETED", "CREATE_TABLE", 0, FLINK_WAIT_AUTO, FLINK_READY},
        {"RUNNING", "CREATE_TABLE", 0, FLINK_WAIT_AUTO, FLINK_NOT_YET},
        {"RUNNING", "CREATE_OR_ALTER_MATERIALIZED_TABLE", 0, FLINK_WAIT_AUTO,
         FLINK_NOT_YET},
        {"RUNNING", "CREATE_TABLE_AS", 0, FLINK_WAIT_AUTO, FLINK_READY},
        {"RUNNING", "CREATE_TABLE_AS", SNAPSHOT, FLINK_WAIT_AUTO, FLINK_NOT_YET},
        {"RUNNING", "INSERT_INTO", APPEND, FLINK_WAIT_AUTO, FLINK_READY},
        {"RUNNING", "INSERT_INTO", NO_TRAITS, FLINK_WAIT_AUTO, FLINK_NOT_YET},
        {"RUNNING", "SELECT", SCHEMA | APPEND, FLINK_WAIT_AUTO, FLINK_READY},
        {"RUNNING", "SELECT", SCHEMA | BOUNDED, FLINK_WAIT_AUTO, FLINK_NOT_YET},
        {"RUNNING", "SELECT", SCHEMA | BOUNDED | APPEND, FLINK_WAIT_AUTO, FLINK_READY},
        {"COMPLETED", "SELECT", SCHEMA | BOUNDED, FLINK_WAIT_AUTO, FLINK_READY},
        {"PENDING", "SELECT", SCHEMA, FLINK_WAIT_AUTO, FLINK_NOT_YET},
        {"DEGRADED", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_NOT_YET},
        {"FAILING", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_NOT_YET},
        {"HIBERNATING", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_NOT_YET},
        {"RUNNING", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_READY},
        {"COMPLETED", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_READY},
        {"RUNNING", "INSERT_INTO", 0, FLINK_WAIT_COMPLETED, FLINK_NOT_YET},
        {"FAILED", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_FAILED},
        {"STOPPED", "INSERT_INTO", 0, FLINK_WAIT_RUNNING, FLINK_FAILED},
        {"FAILED", "INSERT_INTO", 0, FLINK_WAIT_STOPPED, FLINK_READY},
        {"STOPPING", "INSERT_INTO", 0, FLINK_WAIT_STOPPED, FLINK_NOT_YET},
        {"COMPLETED", "INSERT_INTO", 0, FLINK_WAIT_GONE, FLINK_NOT_YET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int traits = cases[i].traits;
        struct flink_statement statement = {
            .name = "s",
            .phase = flink_phase_parse(cases[i].phase),
            .detail = "",
            .traits = {.known = (traits & NO_TRAITS) == 0,
                       .sql_kind = cases[i].kind,
                       .has_schema = (traits & SCHEMA) != 0,
                       .bounded = (traits & BOUNDED) != 0,
                       .append_only = (traits & APPEND) != 0},
        };
        struct err err = {0};
        assert_int_equal(flink_statement_ready(&statement, cases[i].wait,
                                               (traits & SNAPSHOT) != 0, &err),
                         cases[i].ready);
        assert_int_equal(err.code != ERR_NONE, cases[i].ready == FLINK_FAILED);
    }
}

/* ---- what died and left something behind ---- */

static void test_left_behind(void **state)
{
    static const struct {
        const char *phase;
        const char *kind;
        bool hidden;
        bool ours; /* labelled with this process, which lives */
        bool left;
    } cases[] = {
        {"COMPLETED", "CREATE_TABLE", false, false, true},
        {"COMPLETED", "CREATE_TABLE", false, true, false},
        {"FAILED", "CREATE_TABLE", false, false, false},
        {"FAILED", "SELECT", true, false, true},
        {"RUNNING", "SELECT", true, false, true},
        {"RUNNING", "INSERT_INTO", true, false, false},
        {"PENDING", "DROP_TABLE", true, false, false},
    };
    char alive[FLINK_PROCESS_SIZE];
    char gone[FLINK_PROCESS_SIZE];

    (void)state;
    flink_process_name(alive);
    assert_false(flink_process_gone(alive));
    assert_false(flink_process_gone("00000000-1-1"));
    assert_false(flink_process_gone("nonsense"));
    snprintf(gone, sizeof(gone), "%.8s-%ld-1", alive, (long)getpid());
    assert_true(flink_process_gone(gone)); /* the id was used again since */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct flink_pair labels[] = {
            {FLINK_TEMPORARY_LABEL, "true"},
            {FLINK_PROCESS_LABEL, cases[i].ours ? alive : gone},
            {"user.confluent.io/hidden", "true"},
        };
        struct flink_statement statement = {
            .phase = flink_phase_parse(cases[i].phase),
            .created_at = "",
            .labels = {labels, cases[i].hidden ? 3 : 2},
            .traits = {.known = true, .sql_kind = cases[i].kind},
        };
        assert_int_equal(flink_statement_left_behind(&statement), cases[i].left);
    }
}

/* ---- submissions ---- */

static void test_names(void **state)
{
    static const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"a", true},
        {"dbt-shop-orders", true},
        {"dbt-shop-stg--", true},
        {"9.x", true},
        {"-a", false},
        {".a", false},
        {"A", false},
        {"a_b", false},
        {"", false},
        {"a b", false},
        {"a/b", false},
        {"\xc3\xa4", false},
    };
    char name[102];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(flink_name_valid(cases[i].name), cases[i].valid);
    }
    memset(name, 'a', 101);
    name[101] = '\0';
    assert_false(flink_name_valid(name));
    name[100] = '\0';
    assert_true(flink_name_valid(name));
}

static void test_encode(void **state)
{
    struct flink_config config = {.endpoint = "https://x",
                                  .organization_id = "o",
                                  .environment_id = "env-1",
                                  .database = "db",
                                  .api_key = "k",
                                  .api_secret = "s",
                                  .compute_pool_id = "lfcp-1"};
    struct err err = {0};
    struct arena arena = {0};
    struct buf body = BUF_INIT;
    struct value properties = value_dict_new(&arena, 4);
    struct value labels = value_dict_new(&arena, 4);
    struct flink_client *client = flink_client_new(&config, NULL, &err);
    struct flink_submit submit = {.name = "s",
                                  .sql = "SELECT '\"\n\\'",
                                  .properties = properties,
                                  .labels = labels,
                                  .principal = "sa-1",
                                  .hidden = true,
                                  .snapshot = true};

    (void)state;
    value_dict_put(properties, "sql.a", value_bool(true));
    value_dict_put(properties, "sql.b", value_int(-7));
    value_dict_put(properties, "sql.c", value_str("x"));
    value_dict_put(labels, "l", value_str("true"));
    assert_int_equal(flink_submit_encode(client, &submit, &body, &err), 0);
    assert_string_equal(
        buf_str(&body),
        "{\"name\":\"s\",\"organization_id\":\"o\",\"environment_id\":\"env-1\","
        "\"metadata\":{\"labels\":{\"l\":\"true\",\"user.confluent.io/hidden\":"
        "\"true\"}},\"spec\":{\"statement\":\"SELECT '\\\"\\n\\\\'\",\"properties\":{"
        "\"sql.current-catalog\":\"env-1\",\"sql.current-database\":\"db\","
        "\"sql.snapshot.mode\":\"now\",\"sql.a\":\"true\",\"sql.b\":\"-7\",\"sql.c\":"
        "\"x\"},\"compute_pool_id\":\"lfcp-1\",\"principal\":\"sa-1\",\"stopped\":"
        "false}}");
    value_dict_put(properties, "sql.d", value_float(1.5));
    assert_int_equal(flink_submit_encode(client, &submit, &body, &err), -1);
    assert_string_equal(
        err.msg,
        "properties values must be str, int, or bool, got float for key 'sql.d'");
    flink_client_free(client);
    buf_fini(&body);
    arena_fini(&arena);
}

static void test_matches(void **state)
{
    static const char body[] =
        "{\"metadata\":{\"labels\":{\"l\":\"1\"}},\"spec\":{\"statement\":\"S\","
        "\"properties\":{\"p\":\"1\"}}}";
    static const struct {
        const char *sql, *property, *label;
        bool same;
    } cases[] = {
        {"S", "1", "1", true},
        {"T", "1", "1", false},
        {"S", "2", "1", false},
        {"S", "1", "2", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct flink_pair properties[] = {{"other", "x"}, {"p", cases[i].property}};
        struct flink_pair labels[] = {{"l", cases[i].label}};
        struct flink_statement statement = {
            .sql = cases[i].sql, .properties = {properties, 2}, .labels = {labels, 1}};
        assert_int_equal(flink_submit_matches(body, strlen(body), &statement),
                         cases[i].same);
    }
}

/* ---- the rate limit ---- */

static void test_rate(void **state)
{
    struct flink_rate rate;
    int64_t now = 5000;
    int64_t times[1500];

    (void)state;
    flink_rate_init(&rate, 50, 1000);
    for (int i = 0; i < 1500; i++) {
        now += flink_rate_wait(&rate, now);
        assert_int_equal(flink_rate_wait(&rate, now), 0);
        flink_rate_take(&rate, now);
        times[i] = now;
        if (i >= 50) {
            assert_true(times[i] - times[i - 50] > 1000);
        }
        if (i >= 1000) {
            assert_true(times[i] - times[i - 1000] > 60000);
        }
    }
    assert_true(times[999] - times[0] < 21000);
    flink_rate_fini(&rate);
    flink_rate_init(&rate, -1, -1);
    flink_rate_take(&rate, 1);
    assert_int_equal(flink_rate_wait(&rate, 1), 0);
    flink_rate_fini(&rate);
}

/* ---- the catalog ---- */

static void add_row(struct catalog_builder *builder, struct arena *arena,
                    const char *cells, int rc)
{
    struct flink_column columns[CATALOG_COLUMNS] = {{0}};
    struct value list = parse(arena, cells);
    struct value row[CATALOG_COLUMNS];
    struct flink_row item = {FLINK_INSERT, row};
    struct flink_rows rows = {columns, CATALOG_COLUMNS, &item, 1, false};
    struct err err = {0};

    for (size_t i = 0; i < CATALOG_COLUMNS; i++) {
        row[i] = i < value_list_count(list) ? value_list_at(list, i) : value_none();
    }
    assert_int_equal(catalog_builder_add(builder, &rows, &err), rc);
}

static void test_catalog(void **state)
{
    static const char *const cells[] = {
        "[\"OPTION\",\"db\",\"t\",\"connector\",\"confluent\"]",
        "[\"COLUMN\",\"db\",\"t\",\"v\",\"VARCHAR(2147483647)\",\"YES\",\"NO\",\"NO\","
        "null,\"NO\",null,\"YES\",\"note\",\"2\",null]",
        "[\"COLUMN\",\"db\",\"t\",\"id\",\"INT NOT NULL\",\"NO\",\"NO\",\"NO\",null,"
        "\"NO\",null,\"YES\",null,\"1\",\"1\"]",
        "[\"COLUMN\",\"db\",\"t\",\"$rowtime\",\"TIMESTAMP(3) WITH LOCAL TIME ZONE\","
        "\"NO\",\"YES\",\"NO\",null,\"YES\",\"timestamp\",\"NO\",null,\"3\",null]",
        "[\"SCHEMA\",\"db\"]",
        "[\"TABLE\",\"db\",\"t\",\"BASE TABLE\",\"NO\",\"YES\",\"YES\",\"$rowtime\","
        "\"SOURCE_WATERMARK()\",\"YES\",\"c\",null,null,\"6\"]",
        "[\"TABLE\",\"db\",\"a\",\"VIEW\",\"NO\"]",
        "[\"VIEW\",\"db\",\"a\",\"SELECT 1\"]",
        "[\"TABLE\",\"db\",\"m\",\"BASE TABLE\",\"YES\"]",
        "[\"KEY\",\"db\",\"t\",\"PK_id\",\"id\",null,null,null,null,null,null,null,"
        "null,\"1\"]",
        "[\"COLUMN\",\"db\",\"ghost\",\"x\",\"INT\"]",
    };
    struct arena arena = {0};
    struct flink_catalog_query query = {0};
    struct flink_catalog catalog = {.database = "env-1"};
    struct catalog_builder *builder = catalog_builder_new(&arena, &query);

    (void)state;
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        add_row(builder, &arena, cells[i], 0);
    }
    add_row(builder, &arena, "[\"OTHER\",\"db\",\"t\"]", -1);
    add_row(builder, &arena, "[\"TABLE\",null,\"t\"]", -1);
    catalog_builder_finish(builder, &catalog);
    catalog_builder_free(builder);
    assert_int_equal(catalog.schema_count, 1);
    assert_int_equal(catalog.count, 3);
    assert_string_equal(catalog.relations[0].name, "a");
    assert_string_equal(catalog.relations[0].definition, "SELECT 1");
    const struct flink_relation *t = flink_catalog_find(&catalog, "db", "t");
    assert_non_null(t);
    assert_null(flink_catalog_find(&catalog, "db", "ghost"));
    assert_int_equal(t->kind, FLINK_TABLE);
    assert_int_equal(t->buckets, 6);
    assert_string_equal(t->comment, "c");
    assert_true(t->watermark_hidden);
    assert_string_equal(t->columns[0].name, "id");
    assert_string_equal(t->columns[0].type, "INT");
    assert_false(t->columns[0].nullable);
    assert_int_equal(t->columns[0].key, 1);
    assert_string_equal(t->columns[1].comment, "note");
    assert_true(t->columns[2].hidden && t->columns[2].is_virtual);
    assert_int_equal(t->distribution_count, 1);
    assert_string_equal(t->distribution[0], "id");
    assert_string_equal(t->primary_key[0], "id");
    assert_string_equal(t->options[0].value, "confluent");
    assert_int_equal(flink_catalog_find(&catalog, "db", "m")->kind,
                     FLINK_MATERIALIZED_TABLE);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),          cmocka_unit_test(test_deep_type),
        cmocka_unit_test(test_cells),          cmocka_unit_test(test_statement),
        cmocka_unit_test(test_bad_statements), cmocka_unit_test(test_ready),
        cmocka_unit_test(test_left_behind),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_encode),         cmocka_unit_test(test_matches),
        cmocka_unit_test(test_rate),           cmocka_unit_test(test_catalog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
