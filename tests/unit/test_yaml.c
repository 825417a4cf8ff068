/* JSON and YAML: what is read, what is written, what is refused. */
#include "config.h"

#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "value/json.h"
#include "value/yaml.h"

static void assert_json(const char *text, const char *expected, unsigned flags)
{
    struct arena arena = {0};
    struct err err = {0};
    struct buf out = BUF_INIT;
    struct value v;

    assert_int_equal(json_parse(text, strlen(text), "test", &arena, &v, &err), 0);
    assert_int_equal(json_write(v, flags, &out, &err), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_fini(&out);
    arena_fini(&arena);
}

static void test_json_round_trip(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
        unsigned flags;
    } cases[] = {
        {"{\"a\": [1, 2.5, null, true]}", "{\"a\":[1,2.5,null,true]}", JSON_COMPACT},
        {"{\"b\":1,\"a\":{}}", "{\"a\": {}, \"b\": 1}", JSON_PYTHON | JSON_SORT_KEYS},
        {"[\"\\u00e9\\ud83d\\ude00\"]", "[\"\xc3\xa9\xf0\x9f\x98\x80\"]", JSON_COMPACT},
        {"[\"\\u00e9\\ud83d\\ude00\"]", "[\"\\u00e9\\ud83d\\ude00\"]", JSON_ASCII},
        {"\"\\ud800\"", "\"?\"", JSON_COMPACT},
        {"\"\\udc00x\\udfff\"", "\"\xef\xbf\xbdx\xef\xbf\xbd\"", JSON_COMPACT},
        {"\"a\\u0000b\\n\"", "\"a\\u0000b\\n\"", JSON_COMPACT},
        {"123456789012345678901234567890", "123456789012345678901234567890", 0},
        {"[-0.0, 1e400, 1E-5]", "[-0.0,null,1e-05]", JSON_COMPACT},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}", JSON_COMPACT},
        {"[{}, []]", "[\n  {},\n  []\n]", JSON_INDENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_json(cases[i].text, cases[i].expected, cases[i].flags);
    }
}

static void test_json_refused(void **state)
{
    static const char *const texts[] = {
        "",          "[1,]",   "{\"a\" 1}", "[1 2]",   "01",   "1.",       "nul",
        "\"\\x\"",   "\"\n\"", "\"abc",     "{1:2}",   "[1]]", "\"\xff\"", "-",
        "\"\\u12\"", "[",      "NaN",       "{\"a\":", "'a'",  "+1"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct value v;
        assert_int_equal(
            json_parse(texts[i], strlen(texts[i]), "test", &arena, &v, &err), -1);
        assert_int_equal(err.code, ERR_SERVER);
        arena_fini(&arena);
    }
}

static void test_json_depth(void **state)
{
    char text[1001];
    struct arena arena = {0};
    struct err err = {0};
    struct value v;

    (void)state;
    memset(text, '[', 1000);
    assert_int_equal(json_parse(text, 1000, "test", &arena, &v, &err), -1);
    arena_fini(&arena);
}

/* The document as JSON, or the message of what is wrong. */
static char *load(const char *text)
{
    struct arena arena = {0};
    struct err err = {0};
    struct buf out = BUF_INIT;
    struct yaml_doc doc;

    if (yaml_parse(text, strlen(text), "f.yml", &arena, &doc, &err) != 0) {
        buf_addf(&out, "%d:%d %s", err.line, err.column, err.msg);
    } else {
        json_write(doc.root, JSON_PYTHON, &out, &err);
        for (const struct yaml_warning *w = doc.warnings; w != NULL; w = w->next) {
            buf_addf(&out, " %d:%d %s", w->at.line, w->at.column, w->message);
        }
    }
    arena_fini(&arena);
    return buf_take(&out);
}

static void test_yaml(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"", "null"},
        {"a: yes\nb: Off\nc: y\n", "{\"a\": true, \"b\": false, \"c\": \"y\"}"},
        {"[010, 0o10, 0x1F, 0b101, 1_000, 08]", "[8, \"0o10\", 31, 5, 1000, \"08\"]"},
        {"[12:30:45, 1:60, -190:20:30]", "[45045, \"1:60\", -685230]"},
        {"[1e3, 1.0e+3, 1., .5, 1.5e3, 20:30.15]",
         "[\"1e3\", 1000.0, 1.0, 0.5, \"1.5e3\", 1230.15]"},
        {"[.inf, -.Inf, .NaN, +.nan]", "[Infinity, -Infinity, NaN, \"+.nan\"]"},
        {"[~, null, Null, NULL, '', ]", "[null, null, null, null, \"\"]"},
        {"[2020-01-02, 2020-1-2, 2020-01-02 03:04:05.5 -1]",
         "[\"2020-01-02\", \"2020-1-2\", \"2020-01-02T03:04:05.500000-01:00\"]"},
        {"[99999999999999999999, -0]", "[99999999999999999999, 0]"},
        {"a: !!str 1\nb: !!int \"2\"\nc: !!float 3\n",
         "{\"a\": \"1\", \"b\": 2, \"c\": 3.0}"},
        {"x: &a {p: 1, q: 2}\ny: {<<: *a, q: 3}\n",
         "{\"x\": {\"p\": 1, \"q\": 2}, \"y\": {\"p\": 1, \"q\": 3}}"},
        {"a: &a {p: 1}\nb: &b {p: 2, r: 3}\nc:\n  <<: [*a, *b]\n",
         "{\"a\": {\"p\": 1}, \"b\": {\"p\": 2, \"r\": 3}, \"c\": {\"p\": 1, \"r\": "
         "3}}"},
        {"a: 1\nb: 2\na: 3\n", "{\"a\": 3, \"b\": 2} 3:1 duplicate key 'a'"},
        {"on: 1\n", "{\"true\": 1}"},
        {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\": \"x\\ny\\n\", \"b\": \"x y\"}"},
        {"a: 'it''s'\nb: \"\\u00e9\\t\"\n", "{\"a\": \"it's\", \"b\": \"\\u00e9\\t\"}"},
        {"a: [1\n", "2:1 while parsing a flow sequence, did not find expected ',' or "
                    "']'"},
        {"a: b: c\n", "1:5 mapping values are not allowed in this context"},
        {"a: *x\n", "1:4 found undefined alias 'x'"},
        {"a: &a [*a]\n", "1:8 found recursive alias 'a'"},
        {"a: &a 1\nb: &a 2\n", "2:4 found duplicate anchor 'a'"},
        {"? [1]\n: 2\n", "1:3 found unhashable key"},
        {"a: !x 1\n", "1:4 could not determine a constructor for the tag '!x'"},
        {"a: =\n", "1:4 could not determine a constructor for the tag "
                   "'tag:yaml.org,2002:value'"},
        {"a: 2020-13-01\n", "1:4 month must be in 1..12"},
        {"a: {<<: 1}\n", "1:9 expected a mapping or list of mappings for merging"},
        {"a\n---\nb\n",
         "2:1 expected a single document in the stream, but found another "
         "document"},
        {"a: \xff\n", "1:4 not valid UTF-8"},
        {"\ta: 1\n",
         "1:1 while scanning for the next token, found character that cannot "
         "start any token"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = load(cases[i].text);
        assert_string_equal(got, cases[i].expected);
        free(got);
    }
}

static void test_yaml_bombs(void **state)
{
    struct buf text = BUF_INIT;
    char *got;

    (void)state;
    buf_adds(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 20; i++) {
        buf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++) {
            buf_addf(&text, "*a%d,", i - 1);
        }
        buf_adds(&text, "]\n");
    }
    got = load(buf_str(&text));
    assert_non_null(strstr(got, "aliases expand to too many values"));
    free(got);
    buf_reset(&text);
    buf_pad(&text, '[', 300);
    got = load(buf_str(&text));
    assert_non_null(strstr(got, "nested too deeply"));
    free(got);
    buf_fini(&text);
}

static void test_yaml_positions(void **state)
{
    static const char text[] =
        "models:\n  - name: a\n    columns: [x, y]\n  - name: b\n";
    struct arena arena = {0};
    struct err err = {0};
    struct yaml_doc doc;
    struct yaml_position at;

    (void)state;
    assert_int_equal(yaml_parse(text, strlen(text), "f", &arena, &doc, &err), 0);
    struct value models = value_dict_get(doc.root, "models");
    assert_true(yaml_key_position(&doc, doc.root, "models", &at));
    assert_int_equal(at.line, 1);
    assert_true(yaml_item_position(&doc, models, 1, &at));
    assert_int_equal(at.line, 4);
    assert_int_equal(at.column, 5);
    struct value first = value_list_at(models, 0);
    assert_true(yaml_value_position(&doc, first, "columns", &at));
    assert_int_equal(at.line, 3);
    assert_int_equal(at.column, 14);
    assert_true(yaml_item_position(&doc, value_dict_get(first, "columns"), 1, &at));
    assert_int_equal(at.column, 18);
    assert_false(yaml_key_position(&doc, first, "nope", &at));
    assert_false(yaml_item_position(&doc, models, 2, &at));
    arena_fini(&arena);
}

static void test_yaml_write(void **state)
{
    static const struct {
        const char *json;
        const char *expected;
    } cases[] = {
        {"{\"b\": 1, \"a\": [1.0, null, true, \"x\"]}",
         "a:\n- 1.0\n- null\n- true\n- x\nb: 1\n"},
        {"[\"yes\", \"1\", \"\", \"a: b\", \"1.5\", \"~\"]",
         "- 'yes'\n- '1'\n- ''\n- 'a: b'\n- '1.5'\n- '~'\n"},
        {"{\"e\": {}, \"l\": []}", "e: {}\nl: []\n"},
        {"1e100", "1.0e+100\n...\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct buf out = BUF_INIT;
        struct value v;
        assert_int_equal(
            json_parse(cases[i].json, strlen(cases[i].json), "t", &arena, &v, &err), 0);
        assert_int_equal(yaml_write(v, true, &out, &err), 0);
        assert_string_equal(buf_str(&out), cases[i].expected);
        buf_fini(&out);
        arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_round_trip), cmocka_unit_test(test_json_refused),
        cmocka_unit_test(test_json_depth),      cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_yaml_bombs),      cmocka_unit_test(test_yaml_positions),
        cmocka_unit_test(test_yaml_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
