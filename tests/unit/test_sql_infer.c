#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/functions.h"
#include "sql/infer.h"

/* Types: text, serializable form, summary, JSON. */
static const struct {
    const char *text;
    const char *serial;
    const char *summary;
    const char *json;
} type_cases[] = {
    {"int", "INT", "INT", "{\"type\":\"INTEGER\",\"nullable\":true}"},
    {"INTEGER NOT NULL", "INT NOT NULL", "INT NOT NULL",
     "{\"type\":\"INTEGER\",\"nullable\":false}"},
    {"STRING", "VARCHAR(2147483647)", "STRING",
     "{\"type\":\"VARCHAR\",\"nullable\":true,\"length\":2147483647}"},
    {"DEC(10,2)", "DECIMAL(10, 2)", "DECIMAL(10, 2)",
     "{\"type\":\"DECIMAL\",\"nullable\":true,\"precision\":10,\"scale\":2}"},
    {"DECIMAL(40, 2)", "DECIMAL(38, 2)", "DECIMAL(38, 2)",
     "{\"type\":\"DECIMAL\",\"nullable\":true,\"precision\":38,\"scale\":2}"},
    {"TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP(3) WITH LOCAL TIME ZONE",
     "TIMESTAMP_LTZ(3)",
     "{\"type\":\"TIMESTAMP_WITH_LOCAL_TIME_ZONE\",\"nullable\":true,\"precision\":3}"},
    {"TIMESTAMP_LTZ(3) *ROWTIME*", "TIMESTAMP(3) WITH LOCAL TIME ZONE",
     "TIMESTAMP_LTZ(3) *ROWTIME*",
     "{\"type\":\"TIMESTAMP_WITH_LOCAL_TIME_ZONE\",\"nullable\":true,\"precision\":3}"},
    {"BYTES", "VARBINARY(2147483647)", "BYTES",
     "{\"type\":\"VARBINARY\",\"nullable\":true,\"length\":2147483647}"},
    {"ARRAY<INT NOT NULL> NOT NULL", "ARRAY<INT NOT NULL> NOT NULL",
     "ARRAY<INT NOT NULL> NOT NULL",
     "{\"type\":\"ARRAY\",\"nullable\":false,\"element_type\":{\"type\":\"INTEGER\","
     "\"nullable\":false}}"},
    {"MAP<STRING, ROW<`a``b` INT, c DOUBLE 'it''s'>>",
     "MAP<VARCHAR(2147483647), ROW<`a``b` INT, `c` DOUBLE 'it''s'>>",
     "MAP<STRING, ROW<`a``b` INT, `c` DOUBLE 'it''s'>>",
     "{\"type\":\"MAP\",\"nullable\":true,\"key_type\":{\"type\":\"VARCHAR\","
     "\"nullable\":"
     "true,\"length\":2147483647},\"value_type\":{\"type\":\"ROW\",\"nullable\":true,"
     "\"fields\":[{\"name\":\"a`b\",\"field_type\":{\"type\":\"INTEGER\",\"nullable\":"
     "true}}"
     ",{\"name\":\"c\",\"field_type\":{\"type\":\"DOUBLE\",\"nullable\":true},"
     "\"description\":\"it's\"}]}}"},
    {"INTERVAL DAY TO SECOND", "INTERVAL SECOND(3)", "INTERVAL SECOND(3)",
     "{\"type\":\"INTERVAL_DAY_TIME\",\"nullable\":true,\"precision\":2,"
     "\"fractional_precision\":3,\"resolution\":\"SECOND\"}"},
};

static void test_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof type_cases / sizeof *type_cases; i++) {
        struct arena arena = {0};
        struct buf json = BUF_INIT;
        struct err err = {0};
        const char *text = type_cases[i].text;
        const struct sql_type *type = sql_type_parse(&arena, text, strlen(text), &err);
        assert_non_null(type);
        const char *serial = sql_type_text(&arena, type, SQL_TYPE_FORM_SERIAL, true);
        assert_string_equal(serial, type_cases[i].serial);
        assert_string_equal(sql_type_text(&arena, type, SQL_TYPE_FORM_SUMMARY, true),
                            type_cases[i].summary);
        sql_type_render_json(&json, type);
        assert_string_equal(buf_str(&json), type_cases[i].json);
        const struct sql_type *again =
            sql_type_parse(&arena, serial, strlen(serial), &err);
        assert_true(again && sql_type_equal(type, again, true));
        assert_true(sql_type_equal(sql_type_copy(&arena, type), type, true));
        buf_fini(&json);
        arena_fini(&arena);
    }
}

static const char *const bad_types[] = {"REAL",       "INT(",           "DECIMAL(2, 3)",
                                        "ARRAY",      "MAP<INT>",       "INT NOT",
                                        "DECIMAL(0)", "ROW<a>",         "",
                                        "TEXT",       "ARRAY<INT, INT>"};

static void test_bad_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_types / sizeof *bad_types; i++) {
        struct arena arena = {0};
        struct err err = {0};
        assert_null(sql_type_parse(&arena, bad_types[i], strlen(bad_types[i]), &err));
        assert_int_equal(err.code, ERR_SQL);
        assert_string_not_equal(err.msg, "");
        arena_fini(&arena);
    }
}

static void test_type_names(void **state)
{
    (void)state;
    assert_string_equal(sql_type_rest_name(SQL_TYPE_TIMESTAMP),
                        "TIMESTAMP_WITHOUT_TIME_ZONE");
    assert_int_equal(sql_type_root_of("INTEGER"), SQL_TYPE_INT);
    assert_int_equal(sql_type_root_of("no such"), SQL_TYPE_UNKNOWN);
}

static void test_functions_sorted(void **state)
{
    (void)state;
    for (size_t i = 0; sql_builtin_at(i); i++) {
        assert_ptr_equal(sql_builtin_find(sql_builtin_at(i)->name), sql_builtin_at(i));
    }
    assert_null(sql_builtin_find("LENGTH"));
    assert_string_equal(sql_builtin_nearest("uper"), "UPPER");
}

static const char *const setup[] = {
    "CREATE TABLE orders (id INT NOT NULL, customer STRING, total DECIMAL(10, 2), "
    "ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)",
    "CREATE TABLE customers (name STRING NOT NULL, tier STRING, PRIMARY KEY (name) NOT "
    "ENFORCED)",
    "CREATE VIEW totals AS SELECT customer, SUM(total) AS spent FROM orders GROUP BY "
    "customer",
    "CREATE TABLE sink (id INT NOT NULL, total DECIMAL(10, 2)) WITH ('changelog.mode' "
    "= "
    "'append')",
};

struct fixture {
    struct arena arena;
    struct sql_memory *memory;
    struct sql_catalog catalog;
    struct sql_result result;
    struct err err;
};

static void begin(struct fixture *f, unsigned flags)
{
    memset(f, 0, sizeof *f);
    f->memory = sql_memory_new("cat", "db", flags);
    for (size_t i = 0; i < sizeof setup / sizeof *setup; i++) {
        assert_int_equal(
            sql_memory_apply(f->memory, setup[i], strlen(setup[i]), &f->err), 0);
    }
}

static void end(struct fixture *f)
{
    sql_memory_free(f->memory);
    arena_fini(&f->arena);
}

static int infer(struct fixture *f, const char *text, unsigned flags)
{
    struct sql_infer_options options = {.flags = flags};
    f->catalog = sql_memory_catalog(f->memory);
    options.catalog = &f->catalog;
    err_clear(&f->err);
    return sql_infer(&f->arena, text, strlen(text), &options, &f->result, &f->err);
}

static const char *columns(struct fixture *f)
{
    const char *text = "";
    for (size_t i = 0; i < f->result.column_count; i++) {
        const struct sql_result_column *column = &f->result.columns[i];
        text = arena_printf(
            &f->arena, "%s%s%s %s", text, i ? ", " : "", column->name,
            sql_type_text(&f->arena, column->type, SQL_TYPE_FORM_SUMMARY, true));
    }
    return text;
}

/* Errors: text, message, line, column, hint. */
static const struct {
    const char *text;
    const char *message;
    int line;
    int column;
    const char *hint;
} error_cases[] = {
    {"SELECT custmer FROM orders", "column 'custmer' not found in any table", 1, 8,
     "did you mean 'customer'?"},
    {"SELECT o.custmer\nFROM orders o", "column 'custmer' not found in table 'o'", 1,
     10, "did you mean 'customer'?"},
    {"SELECT 1\nFROM order_s", "object 'order_s' not found", 2, 6,
     "did you mean 'orders'?"},
    {"SELECT UPER(customer) FROM orders", "no match found for function signature UPER",
     1, 8, "did you mean UPPER?"},
    {"SELECT UPPER(id) FROM orders",
     "cannot apply 'UPPER' to arguments of type 'UPPER(<INT>)'", 1, 8, ""},
    {"SELECT UPPER(customer, 1) FROM orders",
     "invalid number of arguments to function 'UPPER'", 1, 8, ""},
    {"SELECT customer, COUNT(*) FROM orders",
     "expression 'customer' is not being grouped", 1, 8, ""},
    {"SELECT id FROM orders WHERE COUNT(*) > 1",
     "aggregate expression is illegal in WHERE clause", 1, 29, ""},
    {"SELECT id, name FROM orders o JOIN orders p ON o.id = p.id",
     "column 'id' is ambiguous", 1, 8, ""},
    {"SELECT ROW_NUMBER() FROM orders", "OVER clause is necessary for window functions",
     1, 8, ""},
    {"INSERT INTO sink (idd) SELECT id FROM orders", "unknown target column 'idd'", 1,
     19, ""},
    {"SELECT CAST(ts AS BOOLEAN) FROM orders",
     "cast function cannot convert value of type TIMESTAMP(3) WITH LOCAL TIME ZONE to "
     "type BOOLEAN",
     1, 8, ""},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_cases / sizeof *error_cases; i++) {
        struct fixture f;
        begin(&f, 0);
        assert_int_equal(infer(&f, error_cases[i].text, 0), -1);
        assert_string_equal(f.err.msg, error_cases[i].message);
        assert_string_equal(f.err.hint, error_cases[i].hint);
        assert_int_equal(f.err.line, error_cases[i].line);
        assert_int_equal(f.err.column, error_cases[i].column);
        end(&f);
    }
}

static void test_unknown(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(infer(&f,
                           "SELECT n.a, n.a + 1 AS b, o.id FROM nowhere n JOIN "
                           "orders o ON n.a = o.id",
                           SQL_INFER_UNKNOWN_TABLES),
                     0);
    assert_string_equal(columns(&f), "a unknown, b unknown, id INT NOT NULL");
    assert_true(f.result.columns_known);
    assert_int_equal(f.result.changes, 0);
    assert_int_equal(
        infer(&f, "SELECT *, 1 AS x FROM nowhere", SQL_INFER_UNKNOWN_TABLES), 0);
    assert_false(f.result.columns_known);
    assert_int_equal(infer(&f,
                           "SELECT my_function(id) AS f, CAST(g(id) AS INT) AS g, "
                           "TRY_CAST(g(id) AS INT) AS h FROM orders",
                           SQL_INFER_UNKNOWN_FUNCTIONS),
                     0);
    assert_string_equal(columns(&f), "f unknown, g unknown, h INT");
    assert_int_equal(infer(&f, "SELECT AI_COMPLETE('m', customer) AS a FROM orders", 0),
                     0);
    assert_string_equal(columns(&f), "a unknown");
    end(&f);
}

static void test_lineage(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(infer(&f,
                           "SELECT o.id, UPPER(o.customer) || c.tier AS who, COUNT(*) "
                           "AS n FROM orders o JOIN customers c ON o.customer = c.name "
                           "GROUP BY o.id, UPPER(o.customer) || c.tier",
                           0),
                     0);
    assert_int_equal(f.result.read_count, 2);
    assert_string_equal(f.result.reads[0]->name, "orders");
    assert_int_equal(f.result.columns[0].source_count, 1);
    assert_string_equal(f.result.columns[0].sources[0].column, "id");
    assert_int_equal(f.result.columns[1].source_count, 2);
    assert_string_equal(f.result.columns[1].sources[1].table->name, "customers");
    assert_string_equal(f.result.columns[1].sources[1].column, "tier");
    assert_int_equal(f.result.columns[2].source_count, 0);
    assert_false(f.result.insert_only);
    end(&f);
}

static void test_sink(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(
        infer(&f, "INSERT INTO sink SELECT customer, total FROM orders", 0), 0);
    assert_string_equal(
        f.result.plan_error,
        "Column types of query result and sink for 'cat.db.sink' do not match.\n"
        "Cause: Incompatible types for sink column 'id' at position 0.\n\n"
        "Query schema: [customer: STRING, total: DECIMAL(10, 2)]\n"
        "Sink schema:  [id: INT NOT NULL, total: DECIMAL(10, 2)]");
    assert_int_equal(infer(&f, "INSERT INTO sink SELECT id FROM orders", 0), 0);
    assert_non_null(strstr(f.result.plan_error, "Different number of columns."));
    assert_int_equal(infer(&f,
                           "INSERT INTO sink SELECT id, SUM(total) FROM orders GROUP "
                           "BY id",
                           0),
                     0);
    assert_non_null(strstr(f.result.plan_error, "doesn't support consuming update"));
    assert_int_equal(infer(&f, "INSERT INTO sink SELECT id, total FROM orders", 0), 0);
    assert_null(f.result.plan_error);
    assert_string_equal(f.result.target->name, "sink");
    end(&f);
}

static void test_created(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(infer(&f,
                           "CREATE TABLE x (PRIMARY KEY (id) NOT ENFORCED) DISTRIBUTED "
                           "BY HASH(id) INTO 3 BUCKETS AS SELECT id, total FROM orders",
                           0),
                     0);
    assert_int_equal(f.result.created->primary_key_count, 1);
    assert_int_equal(f.result.created->buckets, 3);
    assert_string_equal(f.result.created->query, "SELECT id, total FROM orders");
    assert_int_equal(infer(&f, "EXPLAIN SELECT spent FROM totals", 0), 0);
    assert_string_equal(columns(&f), "spent DECIMAL(38, 2)");
    end(&f);
}

/* DDL that is applied one after another, and what `t` is then. */
static const struct {
    const char *ddl;
    const char *columns; /* of SELECT * FROM t; NULL when t is gone */
} ddl_cases[] = {
    {"CREATE TABLE t (a INT, b STRING)", "a INT, b STRING"},
    {"CREATE TABLE IF NOT EXISTS t (z INT)", "a INT, b STRING"},
    {"ALTER TABLE t ADD c AS a + 1", "a INT, b STRING, c INT"},
    {"ALTER TABLE t ADD (d TIMESTAMP(3), WATERMARK FOR d AS d)",
     "a INT, b STRING, c INT, d TIMESTAMP(3) *ROWTIME*"},
    {"ALTER TABLE t DROP WATERMARK", "a INT, b STRING, c INT, d TIMESTAMP(3)"},
    {"ALTER TABLE t DROP c", "a INT, b STRING, d TIMESTAMP(3)"},
    {"ALTER TABLE t RENAME b TO bb", "a INT, bb STRING, d TIMESTAMP(3)"},
    {"ALTER TABLE t SET ('changelog.mode' = 'retract')",
     "a INT, bb STRING, d TIMESTAMP(3)"},
    {"DROP TABLE t", NULL},
    {"DROP TABLE IF EXISTS t", NULL},
    {"CREATE TABLE t LIKE customers", "name STRING NOT NULL, tier STRING"},
    {"CREATE OR REPLACE TABLE t AS SELECT id FROM orders", "id INT NOT NULL"},
    {"CREATE FUNCTION f AS 'com.example.F'", "id INT NOT NULL"},
    {"USE other", NULL},
};

static void test_ddl(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    for (size_t i = 0; i < sizeof ddl_cases / sizeof *ddl_cases; i++) {
        const char *ddl = ddl_cases[i].ddl;
        err_clear(&f.err);
        assert_int_equal(sql_memory_apply(f.memory, ddl, strlen(ddl), &f.err), 0);
        int got = infer(&f, "SELECT * FROM t", 0);
        assert_int_equal(got, ddl_cases[i].columns ? 0 : -1);
        if (ddl_cases[i].columns) {
            assert_string_equal(columns(&f), ddl_cases[i].columns);
        }
    }
    const char *bad = "CREATE TABLE cat.db.t (a INT)";
    err_clear(&f.err);
    assert_int_equal(sql_memory_apply(f.memory, bad, strlen(bad), &f.err), -1);
    assert_string_equal(f.err.msg, "table (or view) 't' already exists");
    end(&f);
}

static void test_rowtime(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, SQL_MEMORY_ROWTIME);
    assert_int_equal(infer(&f, "SELECT *, `$rowtime` FROM customers", 0), 0);
    assert_string_equal(columns(&f), "name STRING NOT NULL, tier STRING, $rowtime "
                                     "TIMESTAMP_LTZ(3) NOT NULL *ROWTIME*");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),      cmocka_unit_test(test_bad_types),
        cmocka_unit_test(test_type_names), cmocka_unit_test(test_functions_sorted),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_lineage),    cmocka_unit_test(test_sink),
        cmocka_unit_test(test_created),    cmocka_unit_test(test_ddl),
        cmocka_unit_test(test_rowtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
