/* The REST client against a server that gives prepared, often nasty, answers. */
#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "canned_server.h"
#include "flink/catalog.h"

#define P "/sql/v1/organizations/org-1/environments/env-1"

/* A statement of the given phase; what is in `more` goes into its status. */
#define STATEMENT_OF(name, sql, phase, more)                                           \
    "{\"name\":\"" name "\",\"metadata\":{\"uid\":\"u\",\"resource_version\":\"7\","   \
    "\"labels\":{}},\"spec\":{\"statement\":\"" sql                                    \
    "\",\"properties\":{\"sql.current-catalog\":\"env-1\","                            \
    "\"sql.current-database\":\"db\"},\"stopped\":false},\"status\":{\"phase\":"       \
    "\"" phase "\"," more "\"detail\":\"\"}}"
#define STATEMENT(phase) STATEMENT_OF("s1", "SELECT 1", phase, TRAITS)
#define TRAITS                                                                         \
    "\"traits\":{\"sql_kind\":\"SELECT\",\"is_bounded\":true,\"is_append_only\":true," \
    "\"upsert_columns\":null,\"schema\":{\"columns\":[{\"name\":\"a\",\"type\":{"      \
    "\"type\":\"INTEGER\",\"nullable\":false}}]}},"
#define ERRORS(detail) "{\"errors\":[{\"status\":\"400\",\"detail\":\"" detail "\"}]}"

struct bench {
    struct canned_server server;
    struct flink_config config;
    struct flink_client *client;
    struct arena arena;
    struct err err;
};

static void open_client(struct bench *bench)
{
    bench->client = flink_client_new(&bench->config, NULL, &bench->err);
    assert_non_null(bench->client);
}

static struct bench *start(const struct canned_reply *replies, size_t count)
{
    static struct bench bench;

    bench = (struct bench){0};
    canned_start(&bench.server, replies, count);
    bench.config = (struct flink_config){.endpoint = bench.server.url,
                                         .organization_id = "org-1",
                                         .environment_id = "env-1",
                                         .database = "db",
                                         .api_key = "key",
                                         .api_secret = "s3cret-s3cret",
                                         .user_agent = "test/1"};
    open_client(&bench);
    return &bench;
}

#define START(...)                                                                     \
    static const struct canned_reply replies[] = {__VA_ARGS__};                        \
    struct bench *bench = start(replies, sizeof(replies) / sizeof(*replies));          \
    (void)state

static void stop(struct bench *bench)
{
    flink_client_free(bench->client);
    canned_stop(&bench->server);
    arena_fini(&bench->arena);
}

static const struct canned_request *request(struct bench *bench, int i)
{
    return &bench->server.seen->requests[i];
}

/* "GET /statements/s1" with the common prefix left out. */
static void assert_request(struct bench *bench, int i, const char *expected)
{
    const struct canned_request *seen = request(bench, i);
    char text[8300];

    assert_true(bench->server.seen->count > i);
    assert_true(str_starts(seen->path, P));
    snprintf(text, sizeof(text), "%s %s", seen->method, seen->path + strlen(P));
    assert_string_equal(text, expected);
    assert_true(seen->authorized);
}

#define assert_requests(bench, n) assert_int_equal((bench)->server.seen->count, n)

static int get(struct bench *bench, struct flink_statement *out)
{
    return flink_statement_get(bench->client, "s1", &bench->arena, out, &bench->err);
}

static int create(struct bench *bench, struct flink_statement *out)
{
    struct flink_submit submit = {.name = "s1", .sql = "SELECT 1"};

    return flink_statement_create(bench->client, &submit, &bench->arena, out,
                                  &bench->err);
}

/* ---- requests ---- */

static void test_get(void **state)
{
    START({.body = STATEMENT("RUNNING")});
    struct flink_statement statement;

    assert_int_equal(get(bench, &statement), 0);
    assert_int_equal(statement.phase, FLINK_PHASE_RUNNING);
    assert_string_equal(statement.sql, "SELECT 1");
    assert_string_equal(statement.resource_version, "7");
    assert_string_equal(statement.traits.columns[0].type.text, "INT");
    assert_request(bench, 0, "GET /statements/s1");
    assert_string_equal(request(bench, 0)->agent, "test/1");
    stop(bench);
}

static void test_name_is_encoded(void **state)
{
    START({.body = STATEMENT("RUNNING")});
    struct flink_statement statement;

    assert_int_equal(flink_statement_get(bench->client, "a/../b?x#y", &bench->arena,
                                         &statement, &bench->err),
                     0);
    assert_request(bench, 0, "GET /statements/a%2F..%2Fb%3Fx%23y");
    stop(bench);
}

static void test_retries(void **state)
{
    START({.status = 503}, {.action = CANNED_CLOSE},
          {.status = 429, .headers = "Retry-After: 1\r\n"},
          {.body = STATEMENT("RUNNING"), .action = CANNED_TRUNCATE},
          {.body = STATEMENT("RUNNING")});
    struct flink_statement statement;
    int64_t before = clock_now_ms(&clock_system);

    assert_int_equal(get(bench, &statement), 0);
    assert_requests(bench, 5);
    assert_true(clock_now_ms(&clock_system) - before >= 1000);
    assert_in_range(flink_client_stats(bench->client)->retries, 3, 4);
    assert_int_equal(flink_client_stats(bench->client)->throttled, 1);
    stop(bench);
}

static void test_errors(void **state)
{
    static const struct {
        struct canned_reply reply;
        enum err_code code;
        const char *message;
        const char *hint; /* part of it */
    } cases[] = {
        {{.status = 404, .body = ERRORS("Statement resource=s1 does not exist")},
         ERR_NOT_FOUND,
         "Statement resource=s1 does not exist (HTTP 404)",
         ""},
        {{.status = 401,
          .headers = "WWW-Authenticate: Basic error=\"invalid_key\", "
                     "error_description=\"no such key\"\r\n"},
         ERR_CREDENTIALS,
         "the API key or its secret was not accepted (HTTP 401): no such key",
         "check the key"},
        {{.status = 403,
          .body = ERRORS("nope, s3cret-s3cret is not it: a2V5OnMzY3JldC1zM2NyZXQ=")},
         ERR_CREDENTIALS,
         "the API key's owner may not do this (HTTP 403): nope, *** is not it: ***",
         "FlinkDeveloper"},
        {{.status = 400,
          .body = "{\"errors\":[{\"detail\":\"a\",\"source\":{\"pointer\":\"/x\"}},"
                  "{\"title\":\"b\"},{\"code\":\"c\"},{}]}"},
         ERR_SERVER,
         "a (/x); b; c (HTTP 400)",
         ""},
        {{.body = "<html><title>Log in</title>"},
         ERR_SERVER,
         "the server answered with a web page, not with JSON: <html><title>Log "
         "in</title>",
         "proxy"},
        {{.status = 400, .body = "<html>"},
         ERR_SERVER,
         "the server answered with a web page, not with JSON: <html> (HTTP 400)",
         ""},
        {{.body = "{\"name\":\"s1\",\"spec\":"},
         ERR_SERVER,
         "the server's answer",
         "cut off"},
        {{.body = ""}, ERR_SERVER, "the server's answer (HTTP 200) is empty", ""},
        {{.body = "[1]"}, ERR_SERVER, "the server's answer is not JSON: [1]", ""},
        {{.body = "{\"name\":7}"},
         ERR_SERVER,
         "the server sent a statement whose 'name' is not a non-empty string but an "
         "integer",
         ""},
        {{.body = "{\"name\":\"s1\",\"spec\":{}}"},
         ERR_SERVER,
         "the server sent a statement without 'status'",
         ""},
        {{.body = "{\"name\":\"s1\",\"spec\":{},\"status\":{\"phase\":null}}"},
         ERR_SERVER,
         "the server sent a statement without 'phase'",
         ""},
        {{.status = 302, .headers = "Location: http://127.0.0.1:1/x\r\n"},
         ERR_SERVER,
         "the server redirects to another host (http://127.0.0.1:1)",
         "nothing was sent there"},
        {{.action = CANNED_HUGE},
         ERR_SERVER,
         "the server's answer is larger than 64 MiB; it was not read",
         ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = start(&cases[i].reply, 1);
        struct flink_statement statement;
        assert_int_equal(get(bench, &statement), -1);
        assert_int_equal(bench->err.code, cases[i].code);
        if (!str_starts(bench->err.msg, cases[i].message)) {
            assert_string_equal(bench->err.msg, cases[i].message);
        }
        assert_non_null(strstr(bench->err.hint, cases[i].hint));
        assert_requests(bench, 1);
        stop(bench);
    }
}

static void test_redirect(void **state)
{
    START({.status = 307, .headers = "Location: " P "/statements/s2\r\n"},
          {.body = STATEMENT("RUNNING")});
    struct flink_statement statement;

    assert_int_equal(get(bench, &statement), 0);
    assert_request(bench, 1, "GET /statements/s2");
    stop(bench);
}

static void test_redirect_loop(void **state)
{
    static struct canned_reply replies[10];

    (void)state;
    for (int i = 0; i < 10; i++) {
        replies[i] = (struct canned_reply){
            .status = 302, .headers = "Location: " P "/statements/s1\r\n"};
    }
    struct bench *bench = start(replies, 10);
    struct flink_statement statement;
    assert_int_equal(get(bench, &statement), -1);
    assert_requests(bench, 6);
    assert_string_equal(bench->err.msg, "the server redirects without end");
    stop(bench);
}

static void test_no_connection(void **state)
{
    START({.status = 200});
    struct flink_statement statement;

    canned_stop(&bench->server);
    canned_start(&bench->server, replies, 0); /* another port */
    assert_int_equal(get(bench, &statement), -1);
    assert_int_equal(bench->err.code, ERR_CONNECTION);
    assert_non_null(strstr(bench->err.hint, "network"));
    stop(bench);
}

static void test_time_out(void **state)
{
    START({.action = CANNED_HANG}, {.body = STATEMENT("RUNNING")});
    struct flink_statement statement;

    flink_client_free(bench->client);
    bench->config.request_timeout_ms = 200;
    open_client(bench);
    assert_int_equal(get(bench, &statement), 0);
    assert_requests(bench, 2);
    stop(bench);
}

static void test_interrupt(void **state)
{
    START({.action = CANNED_HANG});
    static volatile sig_atomic_t flag = 1;
    struct flink_statement statement;

    flink_client_set_interrupt(bench->client, &flag);
    assert_int_equal(get(bench, &statement), -1);
    assert_int_equal(bench->err.code, ERR_INTERRUPTED);
    stop(bench);
}

static void test_config(void **state)
{
    static const struct {
        struct flink_config config;
        enum err_code code;
    } cases[] = {
        {{.endpoint = "http://flink.example.com",
          .organization_id = "o",
          .environment_id = "e",
          .api_key = "k",
          .api_secret = "s"},
         ERR_USAGE},
        {{.endpoint = "ftp://127.0.0.1",
          .organization_id = "o",
          .environment_id = "e",
          .api_key = "k",
          .api_secret = "s"},
         ERR_USAGE},
        {{.endpoint = "https://x", .organization_id = "o", .environment_id = "e"},
         ERR_CREDENTIALS},
        {{.endpoint = "https://x", .api_key = "k", .api_secret = "s"}, ERR_USAGE},
        {{.organization_id = "o",
          .environment_id = "e",
          .api_key = "k",
          .api_secret = "s"},
         ERR_USAGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct err err = {0};
        assert_null(flink_client_new(&cases[i].config, NULL, &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

/* ---- creating exactly once ---- */

static void test_create(void **state)
{
    START({.status = 201, .body = STATEMENT("PENDING")});
    struct flink_statement statement;

    assert_int_equal(create(bench, &statement), 0);
    assert_request(bench, 0, "POST /statements");
    assert_string_equal(request(bench, 0)->type, "application/json");
    assert_string_equal(
        request(bench, 0)->body,
        "{\"name\":\"s1\",\"organization_id\":\"org-1\",\"environment_id\":\"env-1\","
        "\"metadata\":{\"labels\":{}},\"spec\":{\"statement\":\"SELECT 1\","
        "\"properties\":{\"sql.current-catalog\":\"env-1\",\"sql.current-database\":"
        "\"db\"},\"stopped\":false}}");
    stop(bench);
}

/* What the server answers when a POST's answer was lost, and what has to follow. */
static const struct {
    const char *name;
    struct canned_reply replies[6];
    const char *requests; /* first letters of the methods */
    enum err_code code;
} lost[] = {
    {"it was created",
     {{.action = CANNED_CLOSE}, {.body = STATEMENT("RUNNING")}},
     "PG",
     ERR_NONE},
    {"it was not",
     {{.action = CANNED_CLOSE}, {.status = 404}, {.body = STATEMENT("PENDING")}},
     "PGP",
     ERR_NONE},
    {"it was created late",
     {{.action = CANNED_CLOSE},
      {.status = 404},
      {.status = 409},
      {.body = STATEMENT("PENDING")}},
     "PGPG",
     ERR_NONE},
    {"a garbled answer",
     {{.status = 201, .body = "<html>"}, {.body = STATEMENT("RUNNING")}},
     "PG",
     ERR_NONE},
    {"a truncated answer",
     {{.status = 201, .body = "{", .action = CANNED_TRUNCATE},
      {.body = STATEMENT("RUNNING")}},
     "PG",
     ERR_NONE},
    {"a gateway's error",
     {{.status = 502}, {.status = 404}, {.status = 201, .body = STATEMENT("PENDING")}},
     "PGP",
     ERR_NONE},
    {"the look-up needs a second try",
     {{.status = 500}, {.status = 503}, {.body = STATEMENT("RUNNING")}},
     "PGG",
     ERR_NONE},
    {"another's statement",
     {{.action = CANNED_CLOSE},
      {.body = STATEMENT_OF("s1", "SELECT 2", "RUNNING", TRAITS)}},
     "PG",
     ERR_CONFLICT},
    {"the name is taken",
     {{.status = 409}, {.body = STATEMENT("RUNNING")}},
     "PG",
     ERR_CONFLICT},
    {"the name is being released",
     {{.status = 409},
      {.body = STATEMENT("DELETING")},
      {.status = 201, .body = STATEMENT("PENDING")}},
     "PGP",
     ERR_NONE},
    {"the name was released meanwhile",
     {{.status = 409}, {.status = 404}, {.status = 201, .body = STATEMENT("PENDING")}},
     "PGP",
     ERR_NONE},
    {"throttled",
     {{.status = 429, .headers = "Retry-After: 0\r\n"},
      {.status = 201, .body = STATEMENT("PENDING")}},
     "PP",
     ERR_NONE},
    {"refused", {{.status = 422, .body = ERRORS("no")}}, "P", ERR_SERVER},
    {"the look-up is not allowed",
     {{.action = CANNED_CLOSE}, {.status = 401}},
     "PG",
     ERR_CONNECTION},
};

static void test_lost_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
        struct bench *bench = start(lost[i].replies, 6);
        struct flink_statement statement;
        char seen[8] = "";
        print_message("%s\n", lost[i].name);
        assert_int_equal(create(bench, &statement), lost[i].code == ERR_NONE ? 0 : -1);
        assert_int_equal(bench->err.code, lost[i].code);
        for (int j = 0; j < bench->server.seen->count && j < 7; j++) {
            seen[j] = request(bench, j)->method[0];
            seen[j + 1] = '\0';
        }
        assert_string_equal(seen, lost[i].requests);
        stop(bench);
    }
}

/* curl itself must not repeat a POST when a kept connection dies. */
static void test_kept_connection_dies(void **state)
{
    START({.body = STATEMENT("RUNNING")}, {.action = CANNED_CLOSE},
          {.body = STATEMENT("RUNNING")});
    struct flink_statement statement;

    assert_int_equal(get(bench, &statement), 0);
    assert_int_equal(create(bench, &statement), 0);
    assert_requests(bench, 3);
    assert_request(bench, 1, "POST /statements");
    assert_request(bench, 2, "GET /statements/s1");
    stop(bench);
}

static void test_bad_submissions(void **state)
{
    START({.status = 201});
    static const struct flink_submit submits[] = {
        {.name = "Upper", .sql = "SELECT 1"},
        {.name = "-x", .sql = "SELECT 1"},
        {.name = "", .sql = "SELECT 1"},
        {.name = "s1", .sql = ""},
        {.name = "s1"},
    };
    struct flink_statement statement;
    struct value properties = value_dict_new(&bench->arena, 1);
    struct flink_submit reserved = {
        .name = "s1", .sql = "SELECT 1", .properties = properties};

    for (size_t i = 0; i < sizeof(submits) / sizeof(*submits); i++) {
        err_clear(&bench->err);
        assert_int_equal(flink_statement_create(bench->client, &submits[i],
                                                &bench->arena, &statement, &bench->err),
                         -1);
        assert_int_equal(bench->err.code, ERR_USAGE);
    }
    value_dict_put(properties, "sql.current-catalog", value_str("x"));
    err_clear(&bench->err);
    assert_int_equal(flink_statement_create(bench->client, &reserved, &bench->arena,
                                            &statement, &bench->err),
                     -1);
    assert_string_equal(bench->err.msg,
                        "'sql.current-catalog' is a reserved system property.");
    assert_requests(bench, 0);
    stop(bench);
}

/* ---- stop, delete ---- */

static void test_stop(void **state)
{
    START({.status = 409}, {.body = STATEMENT("STOPPING")});

    assert_int_equal(
        flink_statement_set_stopped(bench->client, "s1", true, &bench->err), 0);
    assert_request(bench, 1, "PATCH /statements/s1");
    assert_string_equal(request(bench, 1)->type, "application/json-patch+json");
    assert_string_equal(
        request(bench, 1)->body,
        "[{\"op\":\"replace\",\"path\":\"/spec/stopped\",\"value\":true}]");
    stop(bench);
}

static void test_stop_without_patch(void **state)
{
    START({.status = 405}, {.body = STATEMENT("RUNNING")}, {.status = 409},
          {.body = STATEMENT("RUNNING")}, {.status = 202},
          {.body = STATEMENT("STOPPING")});

    assert_int_equal(
        flink_statement_set_stopped(bench->client, "s1", true, &bench->err), 0);
    assert_requests(bench, 6);
    assert_request(bench, 4, "PUT /statements/s1");
    assert_non_null(strstr(request(bench, 4)->body, "\"stopped\":true"));
    assert_non_null(strstr(request(bench, 4)->body, "\"resource_version\":\"7\""));
    stop(bench);
}

static void test_delete(void **state)
{
    static const struct {
        struct canned_reply replies[2];
        int rc;
    } cases[] = {
        {{{.status = 202}}, 0},
        {{{.status = 204}}, 0},
        {{{.status = 404}}, -1},
        {{{.action = CANNED_CLOSE}, {.status = 404}}, 0},
        {{{.status = 503}, {.status = 404}}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = start(cases[i].replies, 2);
        assert_int_equal(flink_statement_delete(bench->client, "s1", &bench->err),
                         cases[i].rc);
        stop(bench);
    }
}

/* ---- waiting ---- */

static void count_phases(void *context, const struct flink_statement *statement)
{
    (void)statement;
    (*(int *)context)++;
}

static void test_wait(void **state)
{
    START({.body = STATEMENT("PENDING")}, {.body = STATEMENT("PENDING")},
          {.body = STATEMENT("HIBERNATING")}, {.body = STATEMENT("RUNNING")},
          {.body = STATEMENT("COMPLETED")});
    int phases = 0;
    struct flink_wait_options options = {
        .wait = FLINK_WAIT_COMPLETED, .progress = count_phases, .context = &phases};
    struct flink_statement statement;

    assert_int_equal(flink_statement_wait(bench->client, "s1", &options, &bench->arena,
                                          &statement, &bench->err),
                     0);
    assert_requests(bench, 5);
    assert_int_equal(phases, 4);
    stop(bench);
}

static void test_wait_fails(void **state)
{
    START({.body = STATEMENT_OF("s1", "SELECT 1", "FAILED", "")},
          {.body = "{\"data\":[{\"name\":\"X\",\"message\":\"it broke\"}]}"});
    struct flink_wait_options options = {0};

    assert_int_equal(flink_statement_wait(bench->client, "s1", &options, &bench->arena,
                                          NULL, &bench->err),
                     -1);
    assert_string_equal(bench->err.msg, "statement 's1' failed: it broke");
    assert_request(bench, 1, "GET /statements/s1/exceptions");
    stop(bench);
}

static void test_wait_gone(void **state)
{
    START({.body = STATEMENT("DELETING")}, {.status = 404});
    struct flink_wait_options options = {.wait = FLINK_WAIT_GONE};

    assert_int_equal(flink_statement_wait(bench->client, "s1", &options, &bench->arena,
                                          NULL, &bench->err),
                     0);
    stop(bench);
}

static void test_wait_time_out(void **state)
{
    START({.body = STATEMENT("PENDING")}, {.body = STATEMENT("PENDING")},
          {.body = STATEMENT("PENDING")}, {.body = STATEMENT("PENDING")},
          {.body = STATEMENT("PENDING")});
    struct flink_wait_options options = {.timeout_ms = 200};

    assert_int_equal(flink_statement_wait(bench->client, "s1", &options, &bench->arena,
                                          NULL, &bench->err),
                     -1);
    assert_int_equal(bench->err.code, ERR_LIMIT);
    stop(bench);
}

static void test_dry_run(void **state)
{
    START({.status = 201, .body = STATEMENT("PENDING")},
          {.status = 201, .body = STATEMENT("COMPLETED")});
    struct flink_dry_run run = {.submit = {.name = "s1", .sql = "SELECT 1"}};

    assert_int_equal(flink_dry_run(bench->client, &run, 1, &bench->arena, &bench->err),
                     0);
    assert_true(run.valid);
    assert_int_equal(run.statement.traits.column_count, 1);
    assert_non_null(strstr(request(bench, 0)->body, "\"sql.dry-run\":\"true\""));
    stop(bench);
}

/* ---- listing ---- */

#define PAGE(next, data) "{\"metadata\":{\"next\":\"" next "\"},\"data\":[" data "]}"

static void test_list(void **state)
{
    START({.body = PAGE("https://elsewhere.example/x?page_token=a%2Fb",
                        STATEMENT("RUNNING"))},
          {.body = PAGE("", STATEMENT("COMPLETED"))});
    struct flink_filter filter = {.label_key = "user.confluent.io/x"};
    struct flink_statement *statements;
    size_t count;

    assert_int_equal(flink_statement_list(bench->client, &filter, &bench->arena,
                                          &statements, &count, &bench->err),
                     0);
    assert_int_equal(count, 2);
    assert_int_equal(statements[1].phase, FLINK_PHASE_COMPLETED);
    assert_request(bench, 0,
                   "GET /statements?page_size=100&label_selector=user.confluent.io%2Fx"
                   "%3Dtrue");
    assert_request(bench, 1,
                   "GET /statements?page_size=100&label_selector=user.confluent.io%2Fx"
                   "%3Dtrue&page_token=a%2Fb");
    stop(bench);
}

static void test_bad_lists(void **state)
{
    static const struct {
        struct canned_reply replies[3];
        const char *message;
    } cases[] = {
        {{{.body = PAGE("http://x?page_token=a", "")},
          {.body = PAGE("http://x?page_token=b", "")},
          {.body = PAGE("http://x?page_token=a", "")}},
         "the server sends the same page of statements again"},
        {{{.body = PAGE("http://x?other=a", "")}},
         "the server sent a list of statements whose 'next' has no page token"},
        {{{.body = "{\"data\":{}}"}},
         "the server sent a list of statements whose 'data' is not a list but a "},
        {{{.body = PAGE("", "7")}}, "the server sent a statement that is an integer"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = start(cases[i].replies, 3);
        struct flink_statement *statements;
        size_t count;
        assert_int_equal(flink_statement_list(bench->client, NULL, &bench->arena,
                                              &statements, &count, &bench->err),
                         -1);
        assert_true(str_starts(bench->err.msg, cases[i].message));
        assert_int_equal(count, 0);
        stop(bench);
    }
}

/* ---- results ---- */

#define ROWS(next, rows)                                                               \
    "{\"metadata\":{\"next\":\"" next "\"},\"results\":{\"data\":[" rows "]}}"
#define ROW(n) "{\"row\":[\"" n "\"]}"

static int rows_of(struct bench *bench, struct flink_rows *out)
{
    struct flink_statement statement;

    if (get(bench, &statement) != 0) {
        return -1;
    }
    return flink_rows(bench->client, &statement, 0, &bench->arena, out, &bench->err);
}

static void test_rows(void **state)
{
    START({.body = STATEMENT("RUNNING")}, {.status = 409, .body = ERRORS("not ready")},
          {.body = STATEMENT("RUNNING")}, {.body = ROWS("http://x/?page_token=a", "")},
          {.body = ROWS("http://x/?page_token=a", "")},
          {.body = ROWS("http://x/?page_token=b", ROW("1") "," ROW("2"))},
          {.body = ROWS("", ROW("3"))}, {.body = STATEMENT("COMPLETED")});
    struct flink_rows rows;

    assert_int_equal(rows_of(bench, &rows), 0);
    assert_int_equal(rows.count, 3);
    assert_string_equal(value_cstr(rows.rows[2].cells[0], ""), "3");
    assert_request(bench, 6, "GET /statements/s1/results?page_token=b");
    assert_requests(bench, 8);
    stop(bench);
}

static void test_bad_rows(void **state)
{
    static const struct {
        struct canned_reply replies[4];
        const char *message;
    } cases[] = {
        {{{.body = STATEMENT("COMPLETED")},
          {.body = ROWS("http://x/?page_token=a", ROW("1"))},
          {.body = ROWS("http://x/?page_token=a", ROW("1"))}},
         "the server sends the same page of results of 's1' again"},
        {{{.body = STATEMENT("COMPLETED")},
          {.body = ROWS("", "{\"row\":[\"1\",\"2\"]}")}},
         "the server sent a row of 2 values for 1 columns"},
        {{{.body = STATEMENT("COMPLETED")},
          {.body = ROWS("", "{\"op\":9,\"row\":[\"1\"]}")}},
         "the server sent a row with the unknown change 9"},
        {{{.body = STATEMENT("COMPLETED")}, {.body = ROWS("", "{\"row\":[7]}")}},
         "the server sent a value for column 'a' that is no INT"},
        {{{.body = STATEMENT("COMPLETED")},
          {.body = ROWS("", "{\"op\":3,\"row\":[\"1\"]}")}},
         "the server sent a change in a result that only grows"},
        {{{.body = STATEMENT("COMPLETED")}, {.body = "{\"results\":[]}"}},
         "the server sent a result page whose 'results' is not an object but a list"},
        {{{.body = STATEMENT("RUNNING")},
          {.body = ROWS("", ROW("1"))},
          {.body = STATEMENT("FAILED")},
          {.body = "{}"}},
         "statement 's1' failed"},
        {{{.body = STATEMENT("RUNNING")}, {.status = 404}},
         "there is nothing of that name (HTTP 404)"},
        {{{.body = STATEMENT_OF("s1", "DROP", "COMPLETED", "\"traits\":null,")}},
         "statement 's1' has no result rows"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = start(cases[i].replies, 4);
        struct flink_rows rows;
        assert_int_equal(rows_of(bench, &rows), -1);
        assert_string_equal(bench->err.msg, cases[i].message);
        stop(bench);
    }
}

#define CHANGELOG(upsert)                                                              \
    STATEMENT_OF("s1", "SELECT 1", "COMPLETED",                                        \
                 "\"traits\":{\"sql_kind\":\"SELECT\",\"is_bounded\":true,"            \
                 "\"is_append_only\":false,\"upsert_columns\":" upsert                 \
                 ",\"schema\":{\"columns\":[{\"name\":\"k\",\"type\":{\"type\":"       \
                 "\"INTEGER\",\"nullable\":true}},{\"name\":\"v\",\"type\":{\"type\":" \
                 "\"INTEGER\",\"nullable\":true}}]}},")
#define CHANGE(op, k, v) "{\"op\":" op ",\"row\":[" k "," v "]}"

/* Updates and deletes are applied, by key or by whole row. */
static void test_changelog(void **state)
{
    static const struct {
        struct canned_reply replies[2];
        const char *rows; /* "k=v " in order; NULL: an error */
    } cases[] = {
        {{{.body = CHANGELOG("[0]")},
          {.body = ROWS(
               "",
               CHANGE("0", "\"1\"", "\"a\"") "," CHANGE(
                   "0", "\"2\"",
                   "\"b\"") "," CHANGE("2", "\"1\"",
                                       "\"c\"") "," CHANGE("3", "\"2\"",
                                                           "\"b\"") "," CHANGE("2",
                                                                               "\"3\"",
                                                                               "nul"
                                                                               "l"))}},
         "1=c 3= "},
        {{{.body = CHANGELOG("null")},
          {.body = ROWS("", CHANGE("0", "\"1\"", "\"a\"") "," CHANGE(
                                "0", "\"1\"",
                                "\"a\"") "," CHANGE("1", "\"1\"",
                                                    "\"a\"") "," CHANGE("2", "\"1\"",
                                                                        "\"b\""))}},
         "1=a 1=b "},
        {{{.body = CHANGELOG("null")},
          {.body = ROWS("", CHANGE("3", "\"1\"", "\"a\""))}},
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = start(cases[i].replies, 2);
        struct flink_rows rows;
        struct buf text = BUF_INIT;
        int rc = rows_of(bench, &rows);
        assert_int_equal(rc, cases[i].rows != NULL ? 0 : -1);
        for (size_t j = 0; rc == 0 && j < rows.count; j++) {
            buf_addf(&text, "%s=%s ", value_cstr(rows.rows[j].cells[0], ""),
                     value_cstr(rows.rows[j].cells[1], ""));
        }
        if (rc == 0) {
            assert_string_equal(buf_str(&text), cases[i].rows);
        }
        buf_fini(&text);
        stop(bench);
    }
}

static void test_cursor_times_out(void **state)
{
    START({.body = STATEMENT("RUNNING")}, {.body = ROWS("http://x/?page_token=a", "")},
          {.body = ROWS("http://x/?page_token=b", ROW("1"))});
    struct flink_statement statement;
    struct flink_page page;

    assert_int_equal(get(bench, &statement), 0);
    struct flink_cursor *cursor =
        flink_cursor_new(bench->client, &statement, &bench->err);
    assert_int_equal(flink_cursor_fetch(cursor, 1000, &page, &bench->err), 0);
    assert_int_equal(page.count, 0);
    assert_false(page.last);
    /* the next answer takes 100 ms at least */
    assert_int_equal(flink_cursor_fetch(cursor, 10, &page, &bench->err), 0);
    assert_int_equal(page.count, 0);
    while (flink_client_turn(bench->client, 100, &bench->err) > 0) {
    }
    assert_int_equal(flink_cursor_fetch(cursor, 0, &page, &bench->err), 0);
    assert_int_equal(page.count, 1);
    flink_cursor_free(cursor);
    stop(bench);
}

static void test_query(void **state)
{
    START({.status = 201, .body = STATEMENT("COMPLETED")}, {.body = ROWS("", ROW("1"))},
          {.status = 202});
    struct flink_submit submit = {.name = "s1", .sql = "SELECT 1"};
    struct flink_rows rows;

    assert_int_equal(
        flink_query(bench->client, &submit, 0, &bench->arena, &rows, &bench->err), 0);
    assert_int_equal(rows.count, 1);
    flink_client_free(bench->client);
    bench->client = NULL;
    assert_request(bench, 2, "DELETE /statements/s1");
    assert_requests(bench, 3);
    stop(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_name_is_encoded),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_redirect_loop),
        cmocka_unit_test(test_no_connection),
        cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_lost_answers),
        cmocka_unit_test(test_kept_connection_dies),
        cmocka_unit_test(test_bad_submissions),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_stop_without_patch),
        cmocka_unit_test(test_delete),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_wait_fails),
        cmocka_unit_test(test_wait_gone),
        cmocka_unit_test(test_wait_time_out),
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_bad_lists),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_changelog),
        cmocka_unit_test(test_cursor_times_out),
        cmocka_unit_test(test_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
