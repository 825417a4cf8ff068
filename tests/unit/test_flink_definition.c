/* Definitions of materialized tables and views, as servers may or may not tell them. */
#include "config.h"

#include "cmocka_all.h"

#include <string.h>

#include "base/str.h"
#include "canned_server.h"
#include "flink/definition.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIST(data, next)                                                               \
    "{\"kind\":\"MaterializedTableList\",\"metadata\":{\"next\":\"" next               \
    "\"},\"data\":[" data "]}"
#define TABLE(name, schema, query)                                                     \
    "{\"name\":\"" name "\",\"spec\":{\"query\":\"" query                              \
    "\",\"compute_pool_id\":\"lfcp-9\",\"session_options\":{"                          \
    "\"sql.current-database\":\"" schema "\"}},\"status\":{\"version\":1}}"
#define SHOWN                                                                          \
    "{\"name\":\"q\",\"metadata\":{\"uid\":\"u\"},\"spec\":{\"statement\":\"x\"},"     \
    "\"status\":{\"phase\":\"COMPLETED\",\"traits\":{\"sql_kind\":\"SHOW\","           \
    "\"is_bounded\":true,\"is_append_only\":true,\"schema\":{\"columns\":[{\"name\":"  \
    "\"c\",\"type\":{\"type\":\"VARCHAR\",\"nullable\":false,\"length\":2147483647}}]" \
    "}}}}"
#define ROW                                                                            \
    "{\"results\":{\"data\":[{\"row\":[\"CREATE MATERIALIZED TABLE `a` AS SELECT 1\"]" \
    "}]},\"metadata\":{}}"
#define NOT_FOUND                                                                      \
    {                                                                                  \
        .status = 404, .body = "{\"errors\":[{\"detail\":\"no\"}]}"                    \
    }
#define SHOW_CREATE                                                                    \
    {.status = 201, .body = SHOWN}, {.body = ROW},                                     \
    {                                                                                  \
        .status = 202                                                                  \
    }

struct bench {
    struct canned_server server;
    struct flink_client *client;
    struct arena arena;
    struct err err;
};

static int read_all(struct bench *bench, const struct canned_reply *replies,
                    size_t count, struct flink_definition *items, size_t item_count)
{
    *bench = (struct bench){0};
    canned_start(&bench->server, replies, count);
    struct flink_config config = {.endpoint = bench->server.url,
                                  .organization_id = "org-1",
                                  .environment_id = "env-1",
                                  .database = "db",
                                  .api_key = "key",
                                  .api_secret = "s3cret-s3cret"};
    bench->client = flink_client_new(&config, NULL, &bench->err);
    assert_non_null(bench->client);
    return flink_definitions_read(bench->client, items, item_count, value_undefined(),
                                  &bench->arena, &bench->err);
}

static void end(struct bench *bench)
{
    flink_client_free(bench->client);
    canned_stop(&bench->server);
    arena_fini(&bench->arena);
}

#define READ(items, ...)                                                               \
    static const struct canned_reply replies[] = {__VA_ARGS__};                        \
    struct bench bench;                                                                \
    (void)state;                                                                       \
    int rc = read_all(&bench, replies, COUNT(replies), items, COUNT(items))

static bool asked_for(const struct bench *bench, int i, const char *method,
                      const char *part)
{
    const struct canned_request *seen = &bench->server.seen->requests[i];

    return str_eq(seen->method, method) &&
           (strstr(seen->path, part) != NULL || strstr(seen->body, part) != NULL);
}

static void test_listing_tells(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL},
                                       {"env-1", "db", "b", false, NULL, NULL, NULL}};
    READ(items,
         {.body = LIST(TABLE("a", "", "SELECT 1"),
                       "https://x/materialized-tables?page_token=p2")},
         {.body = LIST(TABLE("b", "", "SELECT 2"), "")});

    assert_int_equal(rc, 0);
    assert_string_equal(items[0].query, "SELECT 1");
    assert_string_equal(items[1].query, "SELECT 2");
    assert_string_equal(items[1].compute_pool_id, "lfcp-9");
    assert_int_equal(bench.server.seen->count, 2);
    assert_true(asked_for(&bench, 1, "GET", "page_token=p2"));
    end(&bench);
}

/* The resource knows clusters by id only: a name that occurs twice proves nothing. */
static void test_namesakes(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL}};
    READ(items,
         {.body = LIST(TABLE("a", "other", "SELECT 1") "," TABLE("a", "db", "SELECT 2"),
                       "")});

    assert_int_equal(rc, 0);
    assert_string_equal(items[0].query, "SELECT 2");
    end(&bench);
}

static void test_unknown_namesakes(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL}};
    READ(items,
         {.body = LIST(TABLE("a", "", "SELECT 1") "," TABLE("a", "", "SELECT 2"), "")},
         SHOW_CREATE);

    assert_int_equal(rc, 0);
    assert_null(items[0].query);
    assert_string_equal(items[0].sql, "CREATE MATERIALIZED TABLE `a` AS SELECT 1");
    end(&bench);
}

static void test_show_create_instead(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL}};
    READ(items, NOT_FOUND, SHOW_CREATE);

    assert_int_equal(rc, 0);
    assert_string_equal(items[0].sql, "CREATE MATERIALIZED TABLE `a` AS SELECT 1");
    assert_true(asked_for(&bench, 1, "POST",
                          "SHOW CREATE MATERIALIZED TABLE `env-1`.`db`.`a`"));
    end(&bench);
}

static void test_views_are_shown(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "v", true, NULL, NULL, NULL}};
    READ(items, SHOW_CREATE);

    assert_int_equal(rc, 0);
    assert_non_null(items[0].sql);
    assert_true(asked_for(&bench, 0, "POST", "SHOW CREATE VIEW `env-1`.`db`.`v`"));
    end(&bench);
}

/* Neither the one nor the other: nothing is known, and that is no failure. */
static void test_nothing_tells(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL}};
    READ(items, {.body = LIST("{\"name\":7}", "")},
         {.status = 400, .body = "{\"errors\":[{\"detail\":\"unsupported\"}]}"});

    assert_int_equal(rc, 0);
    assert_null(items[0].query);
    assert_null(items[0].sql);
    end(&bench);
}

static void test_wrong_key(void **state)
{
    struct flink_definition items[] = {{"env-1", "db", "a", false, NULL, NULL, NULL}};
    READ(items, {.status = 401, .body = "{}"}, {.status = 401, .body = "{}"});

    assert_int_equal(rc, -1);
    assert_int_equal(bench.err.code, ERR_CREDENTIALS);
    end(&bench);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(test_listing_tells),     CASE(test_namesakes),
        CASE(test_unknown_namesakes), CASE(test_show_create_instead),
        CASE(test_views_are_shown),   CASE(test_nothing_tells),
        CASE(test_wrong_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
