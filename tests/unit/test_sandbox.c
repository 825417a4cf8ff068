/* The sandbox without a socket: requests through route_handle(), an injected clock. */
#include "config.h"

#include "cmocka_all.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/execute_impl.h"
#include "sandbox/options.h"
#include "sandbox/route.h"
#include "value/json.h"

#define ORG   "00000000-0000-4000-8000-000000000000"
#define PLACE "/sql/v1/organizations/" ORG "/environments/env-sandbox"
#define P     PLACE "/statements"

struct world {
    struct options options;
    struct sandbox sandbox;
    int64_t now;
    struct arena arena;
    struct http_response res;
    int names;
};

static int64_t read_clock(void *context)
{
    return ((struct world *)context)->now;
}

static int set_up(void **state)
{
    char words[][16] = {"cflowsh-sandbox", "--seed", "7", "--pending", "20"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], NULL};
    struct world *w = calloc(1, sizeof(*w));
    struct err err = {0};
    optind = 0;
    w->now = 1767323045000; /* 2026-01-02 03:04:05 */
    assert_int_equal(options_parse(&w->options, 5, argv, &err), OPTIONS_RUN);
    assert_int_equal(sandbox_init(&w->sandbox, &w->options.settings, &err), 0);
    w->sandbox.clock = read_clock;
    w->sandbox.clock_context = w;
    assert_int_equal(options_apply(&w->options, &w->sandbox, &err), 0);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    buf_fini(&w->res.body);
    sandbox_fini(&w->sandbox);
    options_fini(&w->options);
    arena_fini(&w->arena);
    free(w);
    return 0;
}

/* Sends a request; `target` may have a query string of plain characters. */
static int call(struct world *w, const char *method, const char *target,
                const char *body)
{
    struct http_request req = {
        .arena = &w->arena,
        .method = method,
        .base = "http://127.0.0.1:1",
        .auth = "Basic azpz",
        .request_id = "id",
        .body = body != NULL ? body : "",
        .body_len = body != NULL ? strlen(body) : 0,
    };
    struct route route;
    char *path = arena_strdup(&w->arena, target);
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    while (query != NULL && *query != '\0') {
        char *next = strchr(query, '&');
        char *value = strchr(query, '=');
        if (next != NULL) {
            *next++ = '\0';
        }
        *value = '\0';
        req.args[req.arg_count++] = (struct http_arg){query, value + 1};
        query = next;
    }
    req.path = path;
    buf_fini(&w->res.body);
    w->res = (struct http_response){0};
    route_find(&req, &route);
    route_handle(&w->sandbox, &req, &route, &w->res);
    return w->res.status;
}

static const char *body(struct world *w)
{
    return buf_str(&w->res.body);
}

static struct value json(struct world *w)
{
    struct value v = {0};
    struct err err = {0};
    json_parse(body(w), w->res.body.len, "reply", &w->arena, &v, &err);
    assert_string_equal(err.msg, "");
    return v;
}

static const char *field(struct world *w, const char *section, const char *name)
{
    return value_cstr(value_dict_get(value_dict_get(json(w), section), name), "");
}

/* Submits a statement; the reply is left in `res`, the name in the arena. */
static const char *submit(struct world *w, const char *sql, const char *more)
{
    struct buf text = BUF_INIT;
    const char *name = arena_printf(&w->arena, "s%d", w->names++);
    buf_addf(&text, "{\"name\":\"%s\",\"spec\":{\"statement\":", name);
    json_write_str(sql, strlen(sql), 0, &text);
    buf_addf(&text,
             ",\"properties\":{\"sql.current-catalog\":\"env-sandbox\","
             "\"sql.current-database\":\"main\"%s}}}",
             more);
    int status = call(w, "POST", P, buf_str(&text));
    buf_fini(&text);
    assert_int_equal(status, 201);
    return name;
}

static const char *url(struct world *w, const char *name, const char *rest)
{
    return arena_printf(&w->arena, P "/%s%s", name, rest);
}

/* Runs in snapshot mode to its end and gives the rows as JSON, or the failure. */
static const char *rows(struct world *w, const char *sql)
{
    const char *name = submit(w, sql, ",\"sql.snapshot.mode\":\"now\"");
    if (strcmp(field(w, "status", "phase"), "FAILED") == 0) {
        return field(w, "status", "detail");
    }
    w->now += 100;
    assert_int_equal(call(w, "GET", url(w, name, "/results"), NULL), 200);
    struct buf out = BUF_INIT;
    struct value data = value_dict_get(value_dict_get(json(w), "results"), "data");
    struct err err = {0};
    for (size_t i = 0; i < value_list_count(data); i++) {
        json_write(value_dict_get(value_list_at(data, i), "row"), 0, &out, &err);
    }
    const char *text = arena_strdup(&w->arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void test_requests(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *method;
        const char *target;
        const char *body;
        int status;
        const char *says;
    } cases[] = {
        {"GET", "/nope", NULL, 404, "nothing at"},
        {"GET", P "/none", NULL, 404, "Statement resource=none does not exist"},
        {"PUT", P, "{}", 405, "not allowed"},
        {"POST", P, NULL, 400, "no body"},
        {"POST", P, "{", 400, "request body"},
        {"POST", P, "[]", 400, "not a JSON object"},
        {"POST", P, "{}", 422, "'name' is required"},
        {"POST", P, "{\"name\":\"a\"}", 422, "'spec' is required"},
        {"POST", P, "{\"name\":\"a\",\"spec\":{}}", 422, "'statement' is required"},
        {"POST", P, "{\"name\":\"A_b\",\"spec\":{\"statement\":\"SELECT 1\"}}", 422,
         "lower-case"},
        {"POST", P, "{\"name\":\"a-\",\"spec\":{\"statement\":\"SELECT 1\"}}", 422,
         "lower-case"},
        {"POST", P, "{\"name\":1,\"spec\":{\"statement\":\"SELECT 1\"}}", 422, "/name"},
        {"POST", P, "{\"name\":\"a\",\"spec\":{\"sql\":\"SELECT 1\"}}", 422,
         "unknown field 'sql'"},
        {"POST", P, "{\"name\":\"a\",\"spec\":{\"statement\":\"x\",\"stopped\":1}}",
         422, "/spec/stopped"},
        {"POST", P,
         "{\"name\":\"a\",\"spec\":{\"statement\":\"x\",\"properties\":{\"p\":[]}}}",
         422, "/spec/properties/p"},
        {"POST", P,
         "{\"name\":\"a\",\"spec\":{\"statement\":\"x\",\"compute_pool_id\":\"l\"}}",
         400, "logical compute pool=l not found"},
        {"GET", P "?page_size=0", NULL, 400, "page_size"},
        {"GET", P "?page_size=101", NULL, 400, "page_size"},
        {"GET", P "?page_token=zz", NULL, 400, "page_token"},
        {"GET", P "?label_selector=x", NULL, 400, "label_selector"},
        {"GET", "/sql/v1/organizations/x/environments/env-sandbox/statements", NULL,
         400, "not a UUID"},
        {"GET",
         "/sql/v1/organizations/11111111-0000-4000-8000-000000000000/environments/"
         "env-sandbox/statements",
         NULL, 403, "no access"},
        {"GET", "/sql/v1/organizations/" ORG "/environments/env-x/statements", NULL,
         404, "Environment resource=env-x"},
        {"GET", "/sql/v1/organizations/" ORG "/environments/examples/statements", NULL,
         404, "Environment"},
        {"GET", "/org/v2/environments", NULL, 200, "env-sandbox"},
        {"GET", "/cmk/v2/clusters?environment=env-sandbox", NULL, 200, "analytics"},
        {"POST", "/sandbox/faults", "{\"nope\":1}", 422, "no fault"},
        {"POST", "/sandbox/faults", "{\"429\":101}", 422, "rate"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int status = call(w, cases[i].method, cases[i].target, cases[i].body);
        if (status != cases[i].status || strstr(body(w), cases[i].says) == NULL) {
            fail_msg("case %zu: %d %s", i, status, body(w));
        }
    }
}

static void test_life(void **state)
{
    struct world *w = *state;
    submit(w, "CREATE TABLE src (id INT) WITH ('connector' = 'faker')", "");
    assert_string_equal(field(w, "status", "phase"), "PENDING");
    const char *name = submit(w, "CREATE TABLE t AS SELECT id FROM src", "");
    assert_string_equal(field(w, "metadata", "resource_version"), "2");
    assert_int_equal(
        call(w, "POST", P, "{\"name\":\"s1\",\"spec\":{\"statement\":\"SELECT 1\"}}"),
        409);
    assert_non_null(strstr(w->res.location, "/statements/s1"));
    w->now += 20;
    call(w, "GET", url(w, name, ""), NULL);
    assert_string_equal(field(w, "status", "phase"), "RUNNING");
    assert_int_equal(
        call(w, "PATCH", url(w, name, ""),
             "[{\"op\":\"REPLACE\",\"path\":\"/spec/stopped\",\"value\":true}]"),
        200);
    assert_string_equal(field(w, "status", "phase"), "STOPPING");
    w->now += 50;
    call(w, "GET", url(w, name, ""), NULL);
    assert_string_equal(field(w, "status", "phase"), "STOPPED");
    const char *now = arena_strdup(&w->arena, body(w));
    const char *stale = "{\"name\":\"s1\",\"metadata\":{\"resource_version\":\"1\"},"
                        "\"spec\":{\"stopped\":false}}";
    assert_int_equal(call(w, "PUT", url(w, name, ""), stale), 409);
    char *resume = arena_strdup(&w->arena, now);
    memcpy(strstr(resume, "\"stopped\":true"), "\"stopped\":null", 14);
    assert_int_equal(call(w, "PUT", url(w, name, ""), resume), 400);
    assert_int_equal(call(w, "PUT", url(w, name, ""),
                          "{\"name\":\"s1\",\"spec\":{\"stopped\":true}}"),
                     400);
    assert_int_equal(call(w, "PUT", url(w, name, ""), now), 202);
    assert_int_equal(w->res.body.len, 0);
    assert_int_equal(
        call(w, "PATCH", url(w, name, ""),
             "[{\"op\":\"replace\",\"path\":\"/spec/stopped\",\"value\":false}]"),
        200);
    assert_string_equal(field(w, "status", "phase"), "PENDING");
    assert_int_equal(call(w, "DELETE", url(w, name, ""), NULL), 202);
    call(w, "GET", url(w, name, ""), NULL);
    assert_string_equal(field(w, "status", "phase"), "DELETING");
    w->now += 50;
    assert_int_equal(call(w, "GET", url(w, name, ""), NULL), 404);
    assert_int_equal(call(w, "DELETE", url(w, name, ""), NULL), 404);
}

static void test_patch(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *patch;
        int status;
    } cases[] = {
        {"{}", 400},
        {"[1]", 422},
        {"[{\"op\":\"replace\",\"path\":\"/spec/stopped\"}]", 422},
        {"[{\"op\":\"replace\",\"path\":\"/spec/stopped\",\"value\":1}]", 422},
        {"[{\"op\":\"replace\",\"path\":\"/spec/stopped\",\"value\":true,\"x\":1}]",
         422},
        {"[{\"op\":\"remove\",\"path\":\"/spec/stopped\"}]", 422},
        {"[{\"op\":\"replace\",\"path\":\"/spec/statement\",\"value\":\"x\"}]", 422},
        {"[{\"op\":\"test\",\"path\":\"/spec/stopped\",\"value\":true}]", 409},
        {"[{\"op\":\"TEST\",\"path\":\"/spec/stopped\",\"value\":false}]", 200},
        {"[]", 200},
    };
    const char *name = submit(w, "SELECT 1", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int status = call(w, "PATCH", url(w, name, ""), cases[i].patch);
        if (status != cases[i].status) {
            fail_msg("case %zu: %d %s", i, status, body(w));
        }
    }
}

static void test_paging(void **state)
{
    struct world *w = *state;
    int seen = 0;
    for (int i = 0; i < 25; i++) {
        submit(w, "SELECT 1", "");
    }
    const char *target = P "?page_size=10";
    while (target[0] != '\0') {
        assert_int_equal(call(w, "GET", target, NULL), 200);
        seen += (int)value_list_count(value_dict_get(json(w), "data"));
        target = field(w, "metadata", "next");
        target += strncmp(target, "http://127.0.0.1:1", 18) == 0 ? 18 : 0;
    }
    assert_int_equal(seen, 25);
}

/* A statement and the rows that it gives, NULL when they don't matter. */
struct row_case {
    const char *sql;
    const char *rows;
};

static void check_rows(struct world *w, const struct row_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = rows(w, cases[i].sql);
        if (cases[i].rows != NULL && strcmp(got, cases[i].rows) != 0) {
            fail_msg("%s\n gave %s\n not  %s", cases[i].sql, got, cases[i].rows);
        }
    }
}

static void test_rows(void **state)
{
    struct world *w = *state;
    static const struct row_case cases[] = {
        {"CREATE TABLE t (k INT NOT NULL, v STRING, PRIMARY KEY (k) NOT ENFORCED)", ""},
        {"INSERT INTO t VALUES (1, 'a'), (2, 'b'), (1, 'c')", ""},
        {"SELECT * FROM t ORDER BY k", "[\"1\",\"c\"][\"2\",\"b\"]"},
        {"SELECT COUNT(*), MAX(v) FROM t WHERE k > 1", "[\"1\",\"b\"]"},
        {"SELECT COUNT(*) FROM t WHERE k > 9", "[\"0\"]"},
        {"SELECT a.v || b.v FROM t a JOIN t b ON a.k < b.k", "[\"cb\"]"},
        {"SELECT 7 / 2, CAST(7 AS DOUBLE) / 2, CAST(1 AS DECIMAL(10, 2))",
         "[\"3\",\"3.5\",\"1.00\"]"},
        {"SELECT 1 / 0", "Division by zero"},
        {"SELECT CAST(1E7 AS DOUBLE), TRUE, CAST(NULL AS INT)",
         "[\"1.0E7\",\"TRUE\",null]"},
        {"SELECT DATE '2024-02-28' + INTERVAL '2' DAY", "[\"2024-03-01\"]"},
        {"SELECT TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1' MONTH",
         "[\"2024-02-29 10:00:00\"]"},
        {"SELECT ARRAY[1, 2], MAP['a', 1], ROW(1, 'x')",
         "[[\"1\",\"2\"],[[\"a\",\"1\"]],[\"1\",\"x\"]]"},
        {"SELECT k, ROW_NUMBER() OVER (ORDER BY k DESC) FROM t ORDER BY k",
         "[\"1\",\"2\"][\"2\",\"1\"]"},
        {"SELECT SUM(x) FROM (VALUES (1), (2)) AS v(x) UNION ALL SELECT 5",
         "[\"3\"][\"5\"]"},
        {"SELECT window_start, SUM(x) FROM TABLE(TUMBLE((SELECT * FROM (VALUES "
         "(TIMESTAMP '2024-01-01 00:00:01', 1), (TIMESTAMP '2024-01-01 00:01:01', 2)) "
         "AS v(ts, x)), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, "
         "window_end",
         NULL},
        {"SELECT PARSE_JSON('{\"a\": [1, 2.5, null], \"b\": \"x\"}')",
         "[[1,[[\"a\",[2,[[4,\"1\"],[10,\"2.5\"],[0]]]],[\"b\",[11,\"x\"]]]]]"},
        {"SELECT COLLECT(x) FROM (VALUES ('p'), ('p')) AS v(x)", "[[[\"p\",\"2\"]]]"},
        {"CREATE VIEW vw AS SELECT k + 1 AS k1 FROM t", ""},
        {"SELECT k1 FROM vw ORDER BY 1", "[\"2\"][\"3\"]"},
        {"SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = "
         "'main' "
         "AND TABLE_TYPE <> 'VIEW'",
         "[\"t\"]"},
        {"SELECT DISTINCT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES`", NULL},
        {"DROP VIEW vw", ""},
        {"SHOW TABLES", "[\"t\"]"},
    };
    check_rows(w, cases, sizeof(cases) / sizeof(*cases));
}

static void test_decimals(void **state)
{
    static const struct row_case cases[] = {
        {"CREATE TABLE pay (id INT, amount DECIMAL(20, 4), r ROW<d DECIMAL(5, 2)>, a "
         "ARRAY<DECIMAL(6, 3)>, PRIMARY KEY (id) NOT ENFORCED)",
         ""},
        {"INSERT INTO pay VALUES (1, 12.5, ROW(CAST(1.25 AS DECIMAL(5, 2))), "
         "ARRAY[CAST(1.125 AS DECIMAL(6, 3))]), (2, 1234567890123456.7891, ROW(CAST(2 "
         "AS DECIMAL(5, 2))), ARRAY[CAST(9.5 AS DECIMAL(6, 3))])",
         ""},
        {"SELECT 0.1 + 0.2, 1.00 / 3.00, 1.5 * 1.5, 5.25 % 2, -0.5",
         "[\"0.3\",\"0.333333\",\"2.25\",\"1.25\",\"-0.5\"]"},
        {"SELECT CAST('123456789012345678901234567.89' AS DECIMAL(38, 2)) + 0.01",
         "[\"123456789012345678901234567.90\"]"},
        {"SELECT CAST(99.995 AS DECIMAL(4, 2)), CAST(-0.125 AS DECIMAL(4, 2)), "
         "CAST(61.9 AS INT), CAST(CAST(61.2 AS DECIMAL(10, 2)) AS STRING)",
         "[null,\"-0.13\",\"61\",\"61.20\"]"},
        {"SELECT ROUND(12.345, 2), TRUNCATE(12.349, 2), CEIL(1.2), FLOOR(-1.2), "
         "ABS(-3.5), SIGN(-2.5), MOD(7.5, 2)",
         "[\"12.35\",\"12.34\",\"2\",\"-2\",\"3.5\",\"-1.0\",\"1.5\"]"},
        {"SELECT SUM(amount), AVG(amount), MAX(amount) FROM pay",
         "[\"1234567890123469.2891\",\"617283945061734.644550\",\"1234567890123456."
         "7891\"]"},
        {"SELECT r, a, r.d + 1, a[1] * 2 FROM pay WHERE amount < 100 AND amount = "
         "12.50",
         "[[\"1.25\"],[\"1.125\"],\"2.25\",\"2.250\"]"},
        {"SELECT v FROM pay CROSS JOIN UNNEST(a) AS u(v) ORDER BY v DESC",
         "[\"9.500\"][\"1.125\"]"},
        {"SELECT x FROM (VALUES (1.1), (10.25), (-3.4), (0), (-0.5)) AS t(x) WHERE x > "
         "-1 ORDER BY x",
         "[\"-0.50\"][\"0.00\"][\"1.10\"][\"10.25\"]"},
        {"SELECT COALESCE(x, 0), GREATEST(x, 5), CASE WHEN x > 2 THEN x ELSE 0 END "
         "FROM (VALUES (1.0)) AS t(x)",
         "[\"1.0\",\"5.0\",\"0.0\"]"},
        {"SELECT id FROM pay WHERE id IN (1.0, 3)", "[\"1\"]"},
        {"SELECT 1 UNION ALL SELECT 2.5", "[\"1.0\"][\"2.5\"]"},
    };
    check_rows(*state, cases, sizeof(cases) / sizeof(*cases));
}

static void test_groups(void **state)
{
    static const struct row_case cases[] = {
        {"SELECT k, g, SUM(v), GROUPING(k), GROUPING(k, g) FROM (VALUES ('a', 'x', 1), "
         "('a', 'y', 2), ('b', 'x', 3)) AS t(k, g, v) GROUP BY CUBE (k, g)",
         "[\"a\",\"x\",\"1\",\"0\",\"0\"][\"a\",\"y\",\"2\",\"0\",\"0\"][\"b\",\"x\","
         "\"3\",\"0\",\"0\"][null,\"x\",\"4\",\"1\",\"2\"][null,\"y\",\"2\",\"1\","
         "\"2\"][\"a\",null,\"3\",\"0\",\"1\"][\"b\",null,\"3\",\"0\",\"1\"][null,null,"
         "\"6\",\"1\",\"3\"]"},
        {"SELECT k, SUM(v) AS s FROM (VALUES ('a', 'x', 1), ('a', 'y', 2), ('b', 'x', "
         "3)) AS t(k, g, v) GROUP BY ROLLUP (k) HAVING SUM(v) > 3 ORDER BY s",
         "[null,\"6\"]"},
        {"SELECT g, k, MAX(k) FROM (VALUES ('a', 'x', 1), ('a', 'y', 2), ('b', 'x', "
         "3)) AS t(k, g, v) GROUP BY GROUPING SETS ((t.k), (g), ())",
         "[null,\"a\",\"a\"][null,\"b\",\"b\"][\"x\",null,\"b\"][\"y\",null,\"a\"]["
         "null,null,\"b\"]"},
        {"SELECT k, UPPER(g), COUNT(*) FROM (VALUES ('a', 'x', 1), ('a', 'y', 2), "
         "('b', 'x', 3)) AS t(k, g, v) GROUP BY k, ROLLUP (UPPER(g))",
         "[\"a\",\"X\",\"1\"][\"a\",\"Y\",\"1\"][\"b\",\"X\",\"1\"][\"a\",null,\"2\"]["
         "\"b\",null,\"1\"]"},
        {"SELECT v, SUM(v) OVER w FROM (VALUES ('a', 'x', 1), ('a', 'y', 2), ('b', "
         "'x', 3)) AS t(k, g, v) WINDOW w AS (PARTITION BY k ORDER BY v)",
         "[\"1\",\"1\"][\"2\",\"3\"][\"3\",\"3\"]"},
        {"SELECT k FROM (VALUES ('a', 'x', 1), ('a', 'y', 2), ('b', 'x', 3)) AS t(k, "
         "g, v) INTERSECT ALL SELECT k FROM (VALUES ('a'), ('a')) AS u(k)",
         "[\"a\"][\"a\"]"},
    };
    check_rows(*state, cases, sizeof(cases) / sizeof(*cases));
}

static void test_times(void **state)
{
    static const struct row_case cases[] = {
        {"CREATE TABLE ev (id INT, k STRING, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS "
         "ts)",
         ""},
        {"INSERT INTO ev VALUES (1, 'a', TO_TIMESTAMP_LTZ(0, 3)), (2, 'a', "
         "TO_TIMESTAMP_LTZ(60000, 3)), (3, 'a', TO_TIMESTAMP_LTZ(600000, 3)), (4, 'b', "
         "TO_TIMESTAMP_LTZ(360000, 3))",
         ""},
        {"CREATE TABLE rates (k STRING, rate INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR "
         "ts AS ts, PRIMARY KEY (k) NOT ENFORCED)",
         ""},
        {"INSERT INTO rates VALUES ('a', 1, TO_TIMESTAMP_LTZ(0, 3)), ('a', 2, "
         "TO_TIMESTAMP_LTZ(50000, 3)), ('b', 3, TO_TIMESTAMP_LTZ(400000, 3))",
         ""},
        {"SELECT window_start, window_end, k, COUNT(*) FROM TABLE(SESSION(TABLE ev "
         "PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' MINUTES)) GROUP BY "
         "window_start, window_end, k",
         "[\"1970-01-01 00:00:00.000\",\"1970-01-01 "
         "00:06:00.000\",\"a\",\"2\"][\"1970-01-01 00:06:00.000\",\"1970-01-01 "
         "00:11:00.000\",\"b\",\"1\"][\"1970-01-01 00:10:00.000\",\"1970-01-01 "
         "00:15:00.000\",\"a\",\"1\"]"},
        {"SELECT window_start, COUNT(*) FROM SESSION(TABLE ev, DESCRIPTOR(ts), "
         "INTERVAL '5' MINUTES) GROUP BY window_start, window_end",
         "[\"1970-01-01 00:00:00.000\",\"4\"]"},
        {"SELECT e.id, r.rate FROM ev AS e LEFT JOIN rates FOR SYSTEM_TIME AS OF e.ts "
         "AS r ON e.k = r.k ORDER BY id",
         "[\"1\",\"1\"][\"2\",\"2\"][\"3\",\"2\"][\"4\",null]"},
        {"SELECT a.id, b.id FROM ev a JOIN ev b ON a.k = b.k AND b.ts BETWEEN a.ts AND "
         "a.ts + INTERVAL '1' MINUTE AND a.id <> b.id",
         "[\"1\",\"2\"]"},
        {"SELECT id, COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL "
         "'2' MINUTE PRECEDING AND CURRENT ROW) FROM ev ORDER BY id",
         "[\"1\",\"1\"][\"2\",\"2\"][\"3\",\"1\"][\"4\",\"1\"]"},
    };
    check_rows(*state, cases, sizeof(cases) / sizeof(*cases));
}

static void test_functions(void **state)
{
    static const struct row_case cases[] = {
        {"SELECT REGEXP_REPLACE('a-1', '([a-z])-(\\d)', '$2$1'), "
         "REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2), REGEXP('ab', '^a.'), 'abc' "
         "SIMILAR TO 'a_(b|c)'",
         "[\"1a\",\"bar\",\"TRUE\",\"TRUE\"]"},
        {"SELECT SPLIT('a,b', ','), TO_BASE64('hello'), FROM_BASE64('aGVsbG8='), "
         "SHA1('a'), URL_ENCODE('a b&'), URL_DECODE('a+b%26'), LOCATE('a', 'banana', "
         "3)",
         "[[\"a\",\"b\"],\"aGVsbG8=\",\"hello\","
         "\"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\",\"a+b%26\",\"a b&\",\"4\"]"},
        {"SELECT ARRAY_CONTAINS(ARRAY[1, 2], 2), ARRAY_DISTINCT(ARRAY[1, 1, 2]), "
         "ARRAY_JOIN(ARRAY['a', 'b'], '-'), ARRAY_MAX(ARRAY[3, 5]), MAP_KEYS(MAP['a', "
         "1]), ARRAY_SLICE(ARRAY[1, 2, 3], 2, 3)",
         "[\"TRUE\",[\"1\",\"2\"],\"a-b\",\"5\",[\"a\"],[\"2\",\"3\"]]"},
        {"SELECT JSON_OBJECT(KEY 'a' VALUE 1.50, KEY 'b' VALUE TRUE), JSON_ARRAY(1, "
         "'x', NULL), JSON_QUERY('{\"a\":[1]}', '$.a'), JSON_EXISTS('{\"a\":1}', "
         "'$.b')",
         "[\"{\\\"a\\\":1.50,\\\"b\\\":true}\",\"[1,\\\"x\\\"]\",\"[1]\",\"FALSE\"]"},
        {"SELECT CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'GMT-05:00'), TYPEOF(1.5), 5 "
         "BETWEEN SYMMETRIC 9 AND 1",
         "[\"2019-12-31 19:00:00\",\"DECIMAL(2, 1) NOT NULL\",\"TRUE\"]"},
    };
    check_rows(*state, cases, sizeof(cases) / sizeof(*cases));
}

static void test_materialized(void **state)
{
    struct world *w = *state;
    rows(w, "CREATE TABLE src (id INT, v STRING)");
    const char *tables = PLACE "/databases/main/materialized-tables";
    const char *one = PLACE "/databases/main/materialized-tables/mt";
    assert_int_equal(call(w, "GET", one, NULL), 404);
    assert_int_equal(call(w, "POST", tables, "{\"name\":\"mt\",\"spec\":{}}"), 422);
    const char *create =
        "{\"name\":\"mt\",\"spec\":{\"query\":\"SELECT id, COUNT(*) AS c FROM src "
        "GROUP "
        "BY id\",\"distribution\":{\"column_names\":[\"id\"],\"buckets\":3},"
        "\"principal\":\"sa-1\"}}";
    assert_int_equal(call(w, "POST", tables, create), 201);
    assert_non_null(strstr(w->res.location, "/materialized-tables/mt"));
    assert_string_equal(field(w, "spec", "principal"), "sa-1");
    assert_string_equal(field(w, "status", "phase"), "RUNNING");
    assert_int_equal(call(w, "POST", tables, create), 409);
    const char *change =
        "{\"spec\":{\"query\":\"SELECT id, COUNT(*) AS c FROM src WHERE "
        "id > 1 GROUP BY id\",\"stopped\":true}}";
    assert_int_equal(call(w, "PUT", one, change), 200);
    assert_string_equal(field(w, "status", "phase"), "STOPPED");
    assert_non_null(strstr(body(w), "\"buckets\":3"));
    assert_int_equal(call(w, "GET", PLACE "/materialized-tables", NULL), 200);
    assert_non_null(strstr(body(w), "\"name\":\"mt\""));
    call(w, "GET", PLACE "/databases/main/materialized-tables/mt/versions", NULL);
    assert_int_equal(value_list_count(value_dict_get(json(w), "data")), 2);
    assert_int_equal(
        call(w, "GET", PLACE "/databases/main/materialized-tables/mt/versions/3", NULL),
        404);
    assert_int_equal(call(w, "DELETE", one, NULL), 202);
    assert_int_equal(call(w, "DELETE", one, NULL), 404);
}

static void test_refusals(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *sql;
        const char *detail;
    } cases[] = {
        {"SELECT * FROM x",
         "SQL validation failed. Error from line 1, column 15 to line 1, column 15.\n\n"
         "Caused by: Table (or view) 'x' does not exist or you do not have permission "
         "to access it.\nUsing current catalog 'env-sandbox' and current database "
         "'main'."},
        {"SELEC 1", "SQL parse failed."},
        {"CREATE TABLE t (a INT) WITH ('connector' = 'kafka')", "Could not find any"},
        {"CREATE TABLE t (a INT) WITH ('nope' = '1')", "Unsupported options found"},
        {"CREATE TABLE t (a INT, b INT) DISTRIBUTED BY HASH(b) INTO 2 BUCKETS",
         "Key columns must appear at the beginning"},
        {"CREATE TABLE t (a INT METADATA FROM 'topic')",
         "Invalid metadata key 'topic'"},
        {"CREATE TABLE `x`.`y`.`z` (a INT)", "A catalog with name or id 'x'"},
        {"CREATE TABLE `nodb`.`z` (a INT)", "A database with name 'nodb'"},
        {"DROP TABLE zz", "does not exist"},
        {"INSERT INTO examples.marketplace.orders SELECT * FROM "
         "examples.marketplace.orders",
         "read-only"},
        {"SELECT COUNT(*) FROM INFORMATION_SCHEMA.`TABLES`", "not supported"},
        {"SELECT 1 FROM INFORMATION_SCHEMA.`TABLES` ORDER BY 1", "ORDER BY"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        (void)submit(w, cases[i].sql, "");
        const char *detail = field(w, "status", "detail");
        if (strcmp(field(w, "status", "phase"), "FAILED") != 0 ||
            strncmp(detail, cases[i].detail, strlen(cases[i].detail)) != 0) {
            if (strstr(detail, cases[i].detail) == NULL) {
                fail_msg("%s\n gave %s", cases[i].sql, body(w));
            }
        }
    }
}

static void test_dry_run(void **state)
{
    struct world *w = *state;
    submit(w, "SELECT 1 AS a", ",\"sql.dry-run\":\"true\"");
    assert_string_equal(field(w, "status", "phase"), "COMPLETED");
    assert_string_equal(field(w, "metadata", "uid"), "");
    assert_non_null(strstr(body(w), "\"name\":\"a\""));
    assert_int_equal(call(w, "GET", P "/s0", NULL), 404);
    submit(w, "CREATE TABLE dry (a INT)", ",\"sql.dry-run\":\"true\"");
    assert_string_equal(rows(w, "SHOW TABLES"), "");
    submit(w, "SELECT * FROM nope", ",\"sql.dry-run\":\"true\"");
    assert_string_equal(field(w, "status", "phase"), "FAILED");
}

static void test_changelog(void **state)
{
    struct world *w = *state;
    submit(w,
           "CREATE TABLE src (id INT) WITH ('connector' = 'faker', 'rows-per-second' = "
           "'10')",
           "");
    const char *name = submit(w, "SELECT COUNT(*) AS c FROM src", "");
    assert_non_null(strstr(body(w), "\"is_append_only\":false"));
    w->now += 120;
    call(w, "GET", url(w, name, "/results"), NULL);
    assert_non_null(strstr(body(w), "{\"op\":0,\"row\":[\"1\"]}"));
    assert_non_null(
        strstr(body(w), "{\"op\":1,\"row\":[\"1\"]},{\"op\":2,\"row\":[\"2\"]}"));
    const char *next = field(w, "metadata", "next") + strlen("http://127.0.0.1:1");
    w->now += 1000;
    call(w, "GET", next, NULL);
    assert_non_null(
        strstr(body(w), "{\"op\":1,\"row\":[\"2\"]},{\"op\":2,\"row\":[\"12\"]}"));
    const char *again = arena_strdup(&w->arena, body(w));
    call(w, "GET", next, NULL);
    assert_string_equal(body(w), again);
}

static void test_faults(void **state)
{
    struct world *w = *state;
    struct fault_choice choice;
    struct err err = {0};
    assert_int_equal(call(w, "POST", "/sandbox/faults",
                          "{\"fail-at\":\"2:after\",\"method\":\"GET\"}"),
                     200);
    fault_choose(&w->sandbox.fault, "POST", "statements", &choice);
    assert_int_equal(choice.kind, FAULT_NONE);
    fault_choose(&w->sandbox.fault, "GET", "statements", &choice);
    assert_int_equal(choice.kind, FAULT_NONE);
    fault_choose(&w->sandbox.fault, "GET", "statements", &choice);
    assert_int_equal(choice.kind, FAULT_RESET_AFTER);
    assert_int_equal(call(w, "DELETE", "/sandbox/faults", NULL), 200);
    assert_int_equal(fault_set(&w->sandbox.fault, "503", "100", 0, &err), 0);
    fault_choose(&w->sandbox.fault, "GET", "statements", &choice);
    assert_int_equal(choice.status, 503);
    call(w, "DELETE", "/sandbox/faults", NULL);
    assert_int_equal(
        call(w, "POST", "/sandbox/faults", "{\"submit-fail\":1,\"message\":\"no\"}"),
        200);
    submit(w, "SELECT 1", "");
    assert_string_equal(field(w, "status", "detail"), "no");
}

static void test_faker(void **state)
{
    static const struct {
        const char *expression;
        bool known;
    } cases[] = {
        {"#{number.numberBetween '1','9'}", true},
        {"#{Name.full_name}", true},
        {"id-#{Internet.uuid}", true},
        {"#{regexify '(a|b){2}[0-9]{3}'}", true},
        {"#{Options.option 'x','y'}", true},
        {"#{Nope.nope}", false},
        {"#{number.numberBetween '1'", false},
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *why = NULL;
        struct buf a = BUF_INIT;
        struct buf b = BUF_INIT;
        assert_int_equal(faker_check(&w->arena, cases[i].expression, &why),
                         cases[i].known);
        faker_value(cases[i].expression, 0, 3, 4, 0, &a);
        faker_value(cases[i].expression, 0, 3, 4, 0, &b);
        assert_string_equal(buf_str(&a), buf_str(&b));
        buf_fini(&a);
        buf_fini(&b);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        T(test_requests),  T(test_life),      T(test_patch),        T(test_paging),
        T(test_rows),      T(test_decimals),  T(test_materialized), T(test_groups),
        T(test_times),     T(test_functions), T(test_refusals),     T(test_dry_run),
        T(test_changelog), T(test_faults),    T(test_faker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
