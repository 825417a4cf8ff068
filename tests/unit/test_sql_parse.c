#include "config.h"

#include "cmocka_all.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/canonical.h"
#include "sql/keyword.h"
#include "sql/parse.h"
#include "sql/render.h"

static void test_keywords(void **state)
{
    (void)state;
    for (int code = KEYWORD_BASE; code < KW_AFTER_LAST; code++) {
        const char *text = sql_keyword_text(code);

        assert_int_equal(sql_keyword_find(text, strlen(text)), code);
    }
    assert_int_equal(sql_keyword_find("select", 6), KW_SELECT);
    assert_int_equal(sql_keyword_find("selec", 5), 0);
    assert_int_equal(sql_keyword_find("", 0), 0);
    assert_true(sql_is_reserved("Value", 5));
    assert_false(sql_is_reserved("name", 4));
}

struct pair {
    const char *a;
    const char *b;
    bool same;
};

static const struct pair pairs[] = {
    {"SELECT a FROM t", "select  a\n from t;", true},
    {"SELECT a FROM t", "SELECT `a` /* x */ FROM `t` -- y", true},
    {"SELECT a FROM t", "SELECT A FROM t", false},
    {"SELECT 'a' FROM t", "SELECT 'A' FROM t", false},
    {"SELECT 'a b'", "SELECT 'a  b'", false},
    {"SELECT count(*) FROM t", "SELECT `COUNT`(*) FROM t", true},
    {"SELECT cast(a AS string) FROM t", "SELECT CAST(a AS STRING) FROM t", true},
    {"SELECT a b FROM t", "SELECT a AS b FROM t", false},
    {"SELECT 1", "SELECT 1.0", false},
    {"SELECT - -1", "SELECT --1\n1", false},
    {"SELECT a.b FROM a", "SELECT a . `b` FROM a", true},
    {"SELECT `a.b` FROM a", "SELECT a.b FROM a", false},
    {"SELECT a FROM t WHERE x IN (1,2)", "SELECT a FROM t WHERE x IN ( 1 , 2 )", true},
    {"SELECT `a``b`", "SELECT `a`` b`", false},
    {"SELECT name AS first FROM t", "SELECT `name` as `first` FROM t", true},
    {"SELECT name AS first FROM t", "SELECT NAME AS first FROM t", false},
    {"SELECT value FROM t", "select `value` from t", false},
};

static void test_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        bool same = sql_fingerprint(pairs[i].a, strlen(pairs[i].a)) ==
                    sql_fingerprint(pairs[i].b, strlen(pairs[i].b));

        if (same != pairs[i].same) {
            fail_msg("%s | %s", pairs[i].a, pairs[i].b);
        }
    }
}

/* Canonical text is its own canonical text. */
static void test_canonical_is_stable(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct buf once = BUF_INIT;
        struct buf twice = BUF_INIT;

        assert_int_equal(sql_canonical(pairs[i].a, strlen(pairs[i].a), &once), 0);
        assert_int_equal(sql_canonical(buf_str(&once), once.len, &twice), 0);
        assert_string_equal(buf_str(&once), buf_str(&twice));
        buf_fini(&once);
        buf_fini(&twice);
    }
}

static void test_positions(void **state)
{
    static const char text[] = "SELECT (a + (b)) * 2 AS c FROM db.t WHERE x";
    struct arena arena = {0};
    struct sql_statement *statement;
    struct err err = {0};
    const struct sql_expr *product;

    (void)state;
    assert_int_equal(sql_parse(&arena, text, sizeof(text) - 1, &statement, &err), 0);
    product = statement->query->select->items[0].expr;
    assert_int_equal(product->at.start, 7);
    assert_int_equal(product->at.end, 20);
    assert_int_equal(product->args[0]->at.start, 8);
    assert_int_equal(product->args[0]->at.end, 15);
    assert_int_equal(product->args[0]->outer.start, 7);
    assert_int_equal(product->args[0]->outer.end, 16);
    assert_int_equal(statement->query->select->from->table.at.start, 31);
    assert_int_equal(statement->query->select->from->table.parts[1].at.start, 34);
    assert_int_equal(statement->at.end, sizeof(text) - 1);
    arena_fini(&arena);
}

static void test_part(void **state)
{
    static const char text[] = "SELECT 1; SELECT x y z";
    struct arena arena = {0};
    struct sql_statement *statement;
    struct err err = {0};

    (void)state;
    assert_int_equal(sql_parse_part(&arena, text, sizeof(text) - 1, 9, sizeof(text) - 1,
                                    &statement, &err),
                     0);
    assert_int_equal(statement->kind, SQL_STATEMENT_UNKNOWN);
    assert_int_equal(statement->named, SQL_STATEMENT_SELECT);
    assert_null(statement->query);
    assert_int_equal(statement->problem->column, 22);
    arena_fini(&arena);
}

static void test_table_elements(void **state)
{
    static const char text[] =
        "id INT NOT NULL COMMENT 'the key',\n"
        "total DECIMAL(10, 2), twice AS total * 2,\n"
        "at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,\n"
        "WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND,\n"
        "CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED";
    static const char quoted[] = "id INT, `at` TIMESTAMP(3)";
    struct arena arena = {0};
    struct sql_table_def *def;
    struct err err = {0};

    (void)state;
    /* AT is a reserved word. */
    assert_int_equal(
        sql_parse_table_elements(&arena, text, sizeof(text) - 1, &def, &err), -1);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 1);
    assert_non_null(strstr(err.hint, "`at`"));
    err_clear(&err);
    assert_int_equal(
        sql_parse_table_elements(&arena, quoted, sizeof(quoted) - 1, &def, &err), 0);
    assert_int_equal(def->column_count, 2);
    assert_string_equal(def->columns[1].name.text, "at");
    assert_int_equal(sql_parse_table_elements(&arena, "", 0, &def, &err), 0);
    assert_int_equal(def->column_count, 0);
    arena_fini(&arena);
}

/* `count` copies of `part` between `head` and `tail`. */
static enum sql_statement_kind parse_repeated(const char *head, const char *part,
                                              size_t count, const char *tail)
{
    struct arena arena = {0};
    struct buf text = BUF_INIT;
    struct sql_statement *statement;
    struct err err = {0};
    enum sql_statement_kind kind = SQL_STATEMENT_END;

    buf_adds(&text, head);
    for (size_t i = 0; i < count; i++) {
        buf_adds(&text, part);
    }
    buf_adds(&text, tail);
    if (sql_parse(&arena, buf_str(&text), text.len, &statement, &err) == 0) {
        kind = statement->kind;
    }
    buf_fini(&text);
    arena_fini(&arena);
    return kind;
}

static void test_long_and_deep(void **state)
{
    static const struct {
        const char *head;
        const char *part;
        size_t count;
        const char *tail;
        enum sql_statement_kind kind;
    } cases[] = {
        {"SELECT a", " + a", 900, "", SQL_STATEMENT_SELECT},
        {"SELECT a", " + a", 100000, "", SQL_STATEMENT_UNKNOWN},
        {"SELECT a", " AND a", 100000, "", SQL_STATEMENT_SELECT},
        {"SELECT a", ", a", 100000, "", SQL_STATEMENT_SELECT},
        {"SELECT ", "- ", 100000, "a", SQL_STATEMENT_UNKNOWN},
        {"SELECT ", "NOT ", 100000, "a", SQL_STATEMENT_UNKNOWN},
        {"SELECT ", "FINAL ", 100000, "a", SQL_STATEMENT_UNKNOWN},
        {"SELECT ", "INTERVAL ", 100000, "a", SQL_STATEMENT_UNKNOWN},
        {"SELECT a LIKE ", "b LIKE ", 100000, "c", SQL_STATEMENT_UNKNOWN},
        {"SELECT a", "[1]", 100000, "", SQL_STATEMENT_UNKNOWN},
        {"SELECT a", ".b", 100000, "", SQL_STATEMENT_UNKNOWN},
        {"SELECT 1", " UNION ALL SELECT 1", 100000, "", SQL_STATEMENT_SELECT},
        {"SELECT 1", " UNION SELECT 1 EXCEPT SELECT 1", 100000, "",
         SQL_STATEMENT_UNKNOWN},
        {"SELECT * FROM a", " JOIN a ON TRUE", 100000, "", SQL_STATEMENT_UNKNOWN},
        {"SELECT * FROM a", " JOIN a ON TRUE", 500, "", SQL_STATEMENT_SELECT},
        {"INSERT INTO t VALUES (1)", ", (1, 'a')", 100000, "",
         SQL_STATEMENT_INSERT_INTO},
        {"CREATE TABLE t (a INT", ", a INT", 100000, ")", SQL_STATEMENT_CREATE_TABLE},
        {"CREATE TABLE t (a ", "ARRAY<", 100000, "INT)", SQL_STATEMENT_UNKNOWN},
        {"CREATE TABLE t (a INT", " ARRAY", 100000, ")", SQL_STATEMENT_UNKNOWN},
        {"", "EXPLAIN ", 100000, "SELECT 1", SQL_STATEMENT_UNKNOWN},
        {"", "EXECUTE ", 100000, "SELECT 1", SQL_STATEMENT_UNKNOWN},
        {"SELECT 1", ";", 100000, "", SQL_STATEMENT_SELECT},
        {"SELECT ", "'a' ", 100000, "", SQL_STATEMENT_SELECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum sql_statement_kind kind =
            parse_repeated(cases[i].head, cases[i].part, cases[i].count, cases[i].tail);

        if (kind != cases[i].kind) {
            fail_msg("%s %s: %s", cases[i].head, cases[i].part,
                     sql_statement_kind_name(kind));
        }
    }
}

static enum sql_statement_kind parse_nested(const char *head, const char *open,
                                            const char *middle, const char *close,
                                            size_t depth)
{
    struct buf tail = BUF_INIT;
    enum sql_statement_kind kind;

    buf_adds(&tail, middle);
    for (size_t i = 0; i < depth; i++) {
        buf_adds(&tail, close);
    }
    kind = parse_repeated(head, open, depth, buf_str(&tail));
    buf_fini(&tail);
    return kind;
}

static void test_nesting(void **state)
{
    static const struct {
        const char *head;
        const char *open;
        const char *middle;
        const char *close;
    } cases[] = {
        {"SELECT ", "(", "1", ")"},
        {"SELECT ", "f(", "1", ")"},
        {"SELECT a", "[b", "", "]"},
        {"SELECT * FROM ", "(SELECT * FROM ", "t", ")"},
        {"SELECT * FROM ", "(", "t JOIN u ON TRUE", ")"},
        {"", "(", "SELECT 1", ")"},
        {"SELECT ", "CASE WHEN a THEN ", "1", " END"},
        {"", "WITH a AS (", "SELECT 1", ") SELECT * FROM a"},
        {"SELECT a FROM t GROUP BY ", "ROLLUP (", "a", ")"},
        {"SELECT a FROM t WHERE ", "x IN (", "1", ")"},
        {"SELECT a FROM t WHERE ", "EXISTS (SELECT ", "1", ")"},
        {"SELECT * FROM t MATCH_RECOGNIZE (PATTERN (", "(", "A", ")"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool match = strstr(cases[i].head, "MATCH") != NULL;

        if (!match) {
            assert_int_equal(parse_nested(cases[i].head, cases[i].open, cases[i].middle,
                                          cases[i].close, 30),
                             SQL_STATEMENT_SELECT);
        }
        parse_nested(cases[i].head, cases[i].open, cases[i].middle, cases[i].close,
                     100000);
    }
}

static void test_quoting(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    sql_quote_identifier(&out, "a`b", 3);
    sql_quote_string(&out, "it's", 4);
    assert_string_equal(buf_str(&out), "`a``b`'it''s'");
    assert_true(sql_is_plain_identifier("a_1", 3));
    assert_false(sql_is_plain_identifier("1a", 2));
    assert_false(sql_is_plain_identifier("select", 6));
    assert_false(sql_is_plain_identifier("", 0));
    buf_fini(&out);
}

static void test_names(void **state)
{
    struct arena arena = {0};
    struct sql_name name;
    struct err err = {0};

    (void)state;
    assert_int_equal(sql_parse_name(&arena, "`env-1`.db.t", 12, &name, &err), 0);
    assert_int_equal(name.count, 3);
    assert_string_equal(name.parts[0].text, "env-1");
    assert_int_equal(sql_parse_name(&arena, "a b", 3, &name, &err), -1);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_canonical_is_stable),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_part),
        cmocka_unit_test(test_table_elements),
        cmocka_unit_test(test_long_and_deep),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
