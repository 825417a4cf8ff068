#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "jinja/jinja.h"
#include "value/json.h"

/* What a template gave: its text, or the error's type. */
struct outcome {
    struct buf text;
    struct err err;
    int rc;
};

static struct jinja_env *plain;

static int setup(void **state)
{
    (void)state;
    plain = jinja_env_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jinja_env_free(plain);
    return 0;
}

static void render(const struct jinja_env *env, const char *source, size_t len,
                   struct value context, bool native, struct arena *arena,
                   struct outcome *o)
{
    struct jinja_scope scope = jinja_scope_dict(context, NULL);
    struct jinja_options options = {.scope = &scope, .arena = arena};
    struct jinja_template *t;
    struct value v;

    o->rc = jinja_parse(env, source, len, "t", 1, arena, &t, &o->err);
    if (o->rc == 0 && native) {
        o->rc = jinja_render_native(t, &options, &v, &o->err);
        if (o->rc == 0) {
            o->rc = jinja_repr_text(env, v, arena, &o->text, &o->err);
        }
    } else if (o->rc == 0) {
        o->rc = jinja_render(t, &options, &o->text, &o->err);
    }
}

/* One recorded answer of Jinja2: see tests/clients/jinja/compare.py. */
static bool check_golden(struct value want, struct value context, struct arena *arena,
                         int number)
{
    struct outcome o = {0};
    struct value source = value_dict_get(want, "source");
    struct value output = value_dict_get(want, "output");
    struct value error = value_dict_get(want, "error");
    bool same;

    render(plain, source.as.s, source.len, value_clone(arena, context),
           value_is_true(value_dict_get(want, "native"), false), arena, &o);
    if (output.type == VALUE_STRING) {
        same = o.rc == 0 && o.text.len == output.len &&
               memcmp(buf_str(&o.text), output.as.s, output.len) == 0;
    } else {
        struct value line = value_dict_get(error, "line");
        same = o.rc != 0 &&
               strcmp(value_cstr(value_dict_get(error, "type"), ""), o.err.type) == 0 &&
               (line.type != VALUE_INT || line.as.i == o.err.line);
    }
    if (!same) {
        print_message("line %d: %s\n  gave %s%s %s:%d\n", number, source.as.s,
                      buf_str(&o.text), o.err.type, o.err.msg, o.err.line);
    }
    buf_fini(&o.text);
    return same;
}

static void test_golden(void **state)
{
    char path[4096];
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    struct arena contexts = {0};
    struct arena arena = {0};
    struct value context = value_none();
    struct err err = {0};
    int number = 0;
    int failed = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/tests/golden/jinja/cases.jsonl",
             getenv("TOP_SRCDIR") != NULL ? getenv("TOP_SRCDIR") : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((len = getline(&line, &cap, file)) > 0) {
        struct value v;
        number++;
        assert_int_equal(json_parse(line, (size_t)len, path,
                                    number == 1 ? &contexts : &arena, &v, &err),
                         0);
        if (number == 1) {
            context = value_dict_get(v, "context");
            continue;
        }
        failed += !check_golden(v, context, &arena, number);
        arena_reset(&arena);
    }
    fclose(file);
    free(line);
    arena_fini(&arena);
    arena_fini(&contexts);
    assert_true(number > 1000);
    assert_int_equal(failed, 0);
}

/* Templates that must be stopped; the type of the error that stops them. */
static void test_limits(void **state)
{
    static const struct {
        const char *source;
        const char *type;
    } cases[] = {
        {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"},
        {"{{ 'a' * 10 ** 10 }}", "MemoryError"},
        {"{{ [0] * 10 ** 10 }}", "MemoryError"},
        {"{{ 2 ** 10000000000 }}", "MemoryError"},
        {"{{ 'x'|center(100000000000) }}", "MemoryError"},
        {"{{ 'x'.ljust(100000000000) }}", "MemoryError"},
        {"{{ '%1000000000d' % 1 }}", "ValueError"},
        {"{{ '{:1000000000}'.format(1) }}", "ValueError"},
        {"{{ range(100001) }}", "OverflowError"},
        {"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor "
         "%}",
         "LimitError"},
        {"{% set ns = namespace(s='aaaaaaaaaa') %}{% for a in range(99) %}"
         "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
         "MemoryError"},
        {"{% for a in range(99999) %}{% for b in range(99999) "
         "%}aaaaaaaaaaaaaaaaaaaaaaaa"
         "{% endfor %}{% endfor %}",
         "LimitError"},
        {"{% set l = [1] %}{% for x in l %}{% do l.append(x) %}{% endfor %}",
         "LimitError"},
        {"{% set l = [] %}{% do l.append(l) %}{{ l == [l] }}{{ l }}", ""},
        {"{% set l = [] %}{% set m = [l] %}{% do l.append(m) %}{{ l }}",
         "RecursionError"},
        {"{% for x in [[[]]] recursive %}{{ loop([x]) }}{% endfor %}",
         "RecursionError"},
    };
    struct jinja_config config = {.limits = {.steps = 3000000,
                                             .memory = (size_t)256 << 20,
                                             .output = (size_t)2 << 30}};
    struct jinja_env *env = jinja_env_new(&config);
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome o = {0};
        render(env, cases[i].source, strlen(cases[i].source), value_none(), false,
               &arena, &o);
        assert_string_equal(o.err.type, cases[i].type);
        buf_fini(&o.text);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    jinja_env_free(env);
}

/* ---- what hosts do
 * ----------------------------------------------------------------------- */

static int host_return(struct jinja_call *call, struct value *out)
{
    (void)out;
    return jinja_return(call->run, call->args[0]);
}

static int host_fail(struct jinja_call *call, struct value *out)
{
    (void)out;
    return err_set(jinja_error(call->run), ERR_REFUSED, "not allowed: %s",
                   value_cstr(call->args[0], "?"));
}

static int host_greet(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", JINJA_REQUIRED},
                                                {"greeting", JINJA_OPTIONAL}};
    struct value a[2];

    if (jinja_args(call, params, 2, a) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "%s %s",
                                  jinja_is_missing(a[1]) ? "hi" : value_cstr(a[1], "?"),
                                  value_cstr(a[0], "?")));
    return 0;
}

static const struct jinja_def host_defs[] = {
    {"fail", host_fail, NULL},
    {"greet", host_greet, NULL},
    {"return", host_return, NULL},
};

struct macros {
    struct value dict;
    struct arena arena;
    struct jinja_env *env;
    struct jinja_scope names;
    struct jinja_scope functions;
};

static void macros_init(struct macros *m, const char *file)
{
    static const char *const tags[] = {"macro", "test", NULL};
    static const struct jinja_tag test_tag = {"test", JINJA_TAG_SIGNATURE, NULL};
    struct jinja_config config = {.tags = &test_tag,
                                  .tag_count = 1,
                                  .macro_prefix = "dbt_macro__",
                                  .typed_params = true};
    struct jinja_blocks blocks;
    struct err err = {0};

    *m = (struct macros){.env = jinja_env_new(&config)};
    m->dict = value_dict_new(&m->arena, 4);
    m->functions = jinja_scope_table(&m->arena, host_defs, 3, NULL, NULL);
    m->names = jinja_scope_dict(m->dict, &m->functions);
    assert_int_equal(jinja_extract_blocks(file, strlen(file), "m.sql", tags, &m->arena,
                                          &blocks, &err),
                     0);
    for (size_t i = 0; i < blocks.count; i++) {
        struct jinja_macro *macro;
        assert_int_equal(
            jinja_parse_macro(m->env, blocks.items[i].text, blocks.items[i].len,
                              "m.sql", blocks.items[i].line, &m->arena, &macro, &err),
            0);
        value_dict_put(m->dict, macro->name,
                       jinja_bind_macro(&m->arena, macro, &m->names));
    }
}

static void macros_fini(struct macros *m)
{
    jinja_env_free(m->env);
    arena_fini(&m->arena);
}

static void test_bound_macros(void **state)
{
    static const struct {
        const char *source;
        const char *text; /* or the error's message */
    } cases[] = {
        {"{{ add(1, 2) + 1 }}", "4"},
        {"{{ text(5) }}", " five: 5 "},
        {"{% set secret = 1 %}{{ sees() }}", "False"},
        {"{{ nested() }}", "[1, 2]"},
        {"{{ greet('you') }} {{ greet(name='me', greeting='yo') }}", "hi you yo me"},
        {"{{ greet() }}", "greet() missing 1 required positional argument: 'name'"},
        {"{{ greet('a', x=1) }}", "greet() got an unexpected keyword argument 'x'"},
        {"{{ calls_fail() }}", "not allowed: x"},
        {"{{ missing_one.x }}", "'missing_one' is undefined"},
        {"{% call wraps() %}{{ return('early') }}{% endcall %}!", "early!"},
        {"{{ typed(1) }}", "1"},
        {"{{ a_test(3) }}", "3"},
    };
    static const char file[] =
        "{% set ignored = 1 %}{# {% macro no() %} #}\n"
        "{%- macro add(a, b) -%}{{ return(a + b) }}{%- endmacro -%}\n"
        "{% macro text(x) %} five: {{ x }} {% endmacro %}\n"
        "{% macro sees() %}{{ secret is defined }}{% endmacro %}\n"
        "{% macro nested() %}{{ return([1, add(1, 1)]) }}{% endmacro %}\n"
        "{% macro calls_fail() %}\n\n{{ fail('x') }}{% endmacro %}\n"
        "{% macro wraps() %}before {{ caller() }} after{% endmacro %}\n"
        "{% macro typed(a: Dict[str, List[int]] = none, b: int = 2) %}{{ a }}"
        "{% endmacro %}\n"
        "{% test a_test(x) %}{{ x }}{% endtest %}\n"
        "{% raw %}{% macro raw() %}{% endmacro %}{% endraw %}";
    struct macros m;

    (void)state;
    macros_init(&m, file);
    assert_int_equal(value_dict_count(m.dict), 8);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct jinja_options options = {.scope = &m.names, .arena = &m.arena};
        struct jinja_template *t;
        struct buf out = BUF_INIT;
        struct err err = {0};
        assert_int_equal(jinja_parse(m.env, cases[i].source, strlen(cases[i].source),
                                     "t", 1, &m.arena, &t, &err),
                         0);
        int rc = jinja_render(t, &options, &out, &err);
        assert_string_equal(rc == 0 ? buf_str(&out) : err.msg, cases[i].text);
        if (strcmp(cases[i].text, "not allowed: x") == 0) {
            assert_int_equal(err.code, ERR_REFUSED);
            assert_string_equal(err.file, "m.sql");
            assert_int_equal(err.line, 8);
            assert_string_equal(err.trace, "in macro calls_fail (m.sql)");
        }
        buf_fini(&out);
    }
    macros_fini(&m);
}

static void test_block_errors(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"{% macro a() %}", "Reached EOF without finding a close tag for macro"},
        {"{% if x %}{% macro a() %}{% endmacro %}{% endif %}",
         "Got a block definition inside control flow."},
        {"{% endif %}",
         "Got an unexpected control flow end tag, got endif but never saw a"
         " preceeding if"},
        {"{% if x %}{% endfor %}", "Got an unexpected control flow end tag"},
        {"{% macro a() %}{% macro b() %}", "Got nested tags: macro"},
        {"{{ 'open", "unexpected EOF, expected string"},
        {"{% macro a('x", "unexpected EOF, expected string"},
        {"{# open", "unexpected EOF, expected #}"},
    };
    static const char *const tags[] = {"macro", NULL};
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct jinja_blocks blocks;
        struct err err = {0};
        assert_int_equal(jinja_extract_blocks(cases[i].text, strlen(cases[i].text), "f",
                                              tags, &arena, &blocks, &err),
                         -1);
        assert_memory_equal(err.msg, cases[i].message, strlen(cases[i].message));
        assert_int_equal(err.line, 1);
    }
    arena_fini(&arena);
}

static bool collect(void *context, const struct jinja_static_call *call)
{
    struct buf *out = context;
    struct err err = {0};

    buf_addf(out, "%s%s%s", call->name, call->constant ? "" : "?",
             call->conditional ? "!" : "");
    if (call->constant) {
        json_write(call->args, 0, out, &err);
        json_write(call->kwargs, 0, out, &err);
    }
    buf_addc(out, ' ');
    return true;
}

static void test_static_calls(void **state)
{
    static const char source[] =
        "{{ config(a=1, b=['x', -2]) }}{{ ref('m') }}{% if x %}{{ source('a', y) }}"
        "{% endif %}{{ ns.f(ref('n')) }}{{ x or g() }}";
    struct arena arena = {0};
    struct jinja_template *t;
    struct buf out = BUF_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        jinja_parse(plain, source, strlen(source), "t", 1, &arena, &t, &err), 0);
    jinja_visit_calls(t, &arena, collect, &out);
    assert_string_equal(buf_str(&out),
                        "config[]{\"a\":1,\"b\":[\"x\",-2]} ref[\"m\"]{} "
                        "source?! ns.f? ref[\"n\"]{} g![]{} ");
    buf_fini(&out);
    arena_fini(&arena);
}

static void test_permissive(void **state)
{
    static const char source[] = "{{ a.b.c['d'](1).e }}|{{ a.b is defined }}";
    struct arena arena = {0};
    struct jinja_options options = {.arena = &arena, .permissive = true};
    struct jinja_template *t;
    struct buf out = BUF_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        jinja_parse(plain, source, strlen(source), "t", 1, &arena, &t, &err), 0);
    assert_int_equal(jinja_render(t, &options, &out, &err), 0);
    assert_string_equal(buf_str(&out), "|False");
    buf_fini(&out);
    arena_fini(&arena);
}

static void test_literal(void **state)
{
    static const struct {
        const char *text;
        const char *repr; /* NULL: no literal */
    } cases[] = {{"1", "1"},
                 {"-1.5", "-1.5"},
                 {"'a'", "'a'"},
                 {"True", "True"},
                 {"[1, 'b',]", "[1, 'b']"},
                 {"{'a': (1,)}", "{'a': (1,)}"},
                 {"1, 2", "(1, 2)"},
                 {"a", NULL},
                 {"", NULL},
                 {"1 2", NULL},
                 {"(1)", "1"},
                 {"007", NULL},
                 {"None", "None"},
                 {"truex", NULL}};
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = BUF_INIT;
        struct err err = {0};
        struct value v;
        jinja_literal(&arena, cases[i].text, strlen(cases[i].text), &v);
        if (cases[i].repr == NULL) {
            assert_int_equal(v.type, VALUE_UNDEFINED);
        } else {
            assert_int_equal(jinja_repr_text(plain, v, &arena, &out, &err), 0);
            assert_string_equal(buf_str(&out), cases[i].repr);
        }
        buf_fini(&out);
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),       cmocka_unit_test(test_limits),
        cmocka_unit_test(test_bound_macros), cmocka_unit_test(test_block_errors),
        cmocka_unit_test(test_static_calls), cmocka_unit_test(test_permissive),
        cmocka_unit_test(test_literal),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
