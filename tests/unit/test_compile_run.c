#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "compile/compile.h"
#include "project/project.h"

/* A project in a temporary directory, and a server that answers what it is told. */
struct fixture {
    char dir[64];
    struct compiler *compiler;
    struct project *project;
    struct arena arena;
    char asked[1024]; /* what the connection was asked, joined by '\n' */
    char printed[256];
};

static void write_text(struct fixture *f, const char *name, const char *text)
{
    struct err err = {0};
    char *path = path_join(&f->arena, f->dir, name);

    assert_int_equal(path_mkdirs(path_dir(&f->arena, path), &err), 0);
    assert_int_equal(path_write_soon(path, text, strlen(text), 0644, &err), 0);
}

static void note(struct fixture *f, const char *text)
{
    size_t len = strlen(f->asked);

    snprintf(f->asked + len, sizeof f->asked - len, "%s%s", len > 0 ? "\n" : "", text);
}

static int fake_execute(void *context, const struct compile_statement *statement,
                        struct arena *arena, struct compile_table *out, struct err *err)
{
    struct fixture *f = context;

    note(f, statement->sql);
    if (strstr(statement->sql, "fail") != NULL) {
        return err_set(err, ERR_SERVER, "the server says no");
    }
    out->column_count = 2;
    out->columns = arena_array(arena, const char *, 2);
    out->columns[0] = "id";
    out->columns[1] = "name";
    out->row_count = 2;
    out->rows = arena_array(arena, struct value, 4);
    out->rows[0] = value_int(1);
    out->rows[1] = value_str("one");
    out->rows[2] = value_int(2);
    out->rows[3] = value_none();
    out->message = "Phase.COMPLETED";
    return 0;
}

static int fake_relation(void *context, const char *database, const char *schema,
                         const char *identifier, struct arena *arena,
                         struct compile_relation *out, struct err *err)
{
    (void)err;
    note(context,
         arena_printf(arena, "relation %s.%s.%s", database, schema, identifier));
    if (strcmp(identifier, "there") == 0) {
        *out = (struct compile_relation){.database = database,
                                         .schema = schema,
                                         .identifier = "there",
                                         .text = "",
                                         .type = COMPILE_RELATION_VIEW};
    }
    return 0;
}

static int fake_relations(void *context, const char *database, const char *schema,
                          struct arena *arena, struct compile_relation **out,
                          size_t *count, struct err *err)
{
    (void)context;
    (void)err;
    *out = arena_new(arena, struct compile_relation);
    **out = (struct compile_relation){.database = database,
                                      .schema = schema,
                                      .identifier = "listed",
                                      .type = COMPILE_RELATION_TABLE};
    *count = 1;
    return 0;
}

static int fake_columns(void *context, const struct compile_relation *relation,
                        struct arena *arena, struct compile_column **out, size_t *count,
                        struct err *err)
{
    (void)err;
    note(context, arena_printf(arena, "columns %s", relation->text));
    *out = arena_array(arena, struct compile_column, 2);
    (*out)[0] = (struct compile_column){"id", "BIGINT"};
    (*out)[1] = (struct compile_column){"name", "VARCHAR(10)"};
    *count = 2;
    return 0;
}

static void fake_print(void *context, const char *text)
{
    struct fixture *f = context;

    snprintf(f->printed, sizeof f->printed, "%s", text);
}

static const char profiles[] =
    "p:\n  target: dev\n  outputs:\n    dev: {type: confluent, organization_id: o, "
    "environment_id: env-1, dbname: db, cloud_provider: aws, cloud_region: r, "
    "flink_api_key: k, flink_api_secret: s}\n";

static void fixture_load(struct fixture *f, struct compile_connection *connection,
                         const struct compile_options *options)
{
    struct project_options where = {.project_dir = f->dir, .profiles_dir = f->dir};
    struct err_list errors = {0};

    *connection = (struct compile_connection){
        f, fake_execute, fake_relation, fake_relations, fake_columns, fake_print};
    f->compiler = compile_new(options);
    f->project = project_load(&where, compile_hooks(f->compiler), &errors);
    if (f->project == NULL) {
        print_error("%s\n", errors.count > 0 ? errors.items[0].msg : "?");
    }
    assert_non_null(f->project);
    compile_attach(f->compiler, f->project);
    err_list_fini(&errors);
}

static void fixture_begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/cflowsh-compile-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    write_text(f, "dbt_project.yml", "name: shop\nprofile: p\nversion: '1.0'\n");
    write_text(f, "profiles.yml", profiles);
}

static void fixture_end(struct fixture *f)
{
    char command[128];

    project_free(f->project);
    compile_free(f->compiler);
    arena_fini(&f->arena);
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
}

static const char *sql_of(struct fixture *f, const char *unique_id, struct err *err)
{
    const struct compiled *compiled =
        compile_node(f->compiler, project_node(f->project, unique_id), err);

    return compiled != NULL ? compiled->sql : NULL;
}

struct query_case {
    const char *model;
    const char *sql;
    const char *asked;
};

static const struct query_case query_cases[] = {
    {"{% set t = run_query('select a') %}{% if execute %}{{ t.columns[0].values() }} "
     "{{ t.columns['name'].values() }} {{ t.rows[1]['id'] }} {{ t.rows | length }} "
     "{{ t.column_names }} {% for row in t %}{{ row }};{% endfor %}{% endif %}",
     "(1, 2) ('one', None) 2 2 ('id', 'name') <agate.Row: (1, 'one')>;<agate.Row: (2, "
     "None)>;",
     "\n    select a\n  "},
    {"{% call statement('x', fetch_result=true) %}select b{% endcall %}{{ "
     "load_result('x')['data'] if execute }}",
     "[(1, 'one'), (2, None)]", "select b"},
    {"{{ adapter.get_relation('d', 's', 'there').is_view }} {{ "
     "adapter.get_relation('d', 's', 'gone') }}",
     "True None", "relation d.s.there\nrelation d.s.gone"},
    {"{% for c in adapter.get_columns_in_relation(this) %}{{ c.quoted }} {{ c.dtype }} "
     "{{ c.is_integer() }},{% endfor %}",
     "`id` BIGINT True,`name` VARCHAR(10) False,", "columns `env-1`.`db`.`m`"},
    {"{% for r in adapter.list_relations('d', 's') %}{{ r }}{% endfor %}",
     "`d`.`s`.`listed`", ""},
    {"{{ dbt.get_intervals_between('a', 'b', 'day') }}", "1",
     "\n\n        select datediff(\n        day,\n        a,\n        b\n        )"},
};

static void test_queries(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof query_cases / sizeof query_cases[0]; i++) {
        struct fixture f;
        struct compile_connection connection;
        struct err err = {0};
        struct compile_options options = {.connection = &connection};
        fixture_begin(&f);
        write_text(&f, "models/m.sql", query_cases[i].model);
        fixture_load(&f, &connection, &options);
        const char *sql = sql_of(&f, "model.shop.m", &err);
        assert_string_equal(err.msg, "");
        assert_string_equal(sql, query_cases[i].sql);
        assert_string_equal(f.asked, query_cases[i].asked);
        fixture_end(&f);
    }
}

static void test_refusals(void **state)
{
    struct fixture f;
    struct compile_connection connection;
    struct err err = {0};
    struct compile_options offline = {0}, online = {.connection = &connection};

    (void)state;
    fixture_begin(&f);
    write_text(&f, "models/asks.sql", "{{ run_query('select 1') }}");
    write_text(&f, "models/fails.sql", "{{ run_query('fail') }}");
    write_text(&f, "models/drops.sql", "{{ adapter.drop_relation(this) }}");
    write_text(&f, "models/twice.sql",
               "{% call statement('x') %}1{% endcall %}{{ load_result('x') is none }}"
               "{{ load_result('x') if execute }}");
    fixture_load(&f, &connection, &offline);
    assert_null(sql_of(&f, "model.shop.asks", &err));
    assert_int_equal(err.code, ERR_CONNECTION);
    compile_reset(f.compiler, &online);
    err_clear(&err);
    assert_null(sql_of(&f, "model.shop.fails", &err));
    assert_int_equal(err.code, ERR_SERVER);
    assert_string_equal(err.msg, "the server says no");
    err_clear(&err);
    assert_null(sql_of(&f, "model.shop.drops", &err));
    assert_int_equal(err.code, ERR_COMPILE);
    err_clear(&err);
    assert_null(sql_of(&f, "model.shop.twice", &err));
    assert_non_null(strstr(err.msg, "has already been loaded into a variable"));
    fixture_end(&f);
}

static void test_hooks_and_text(void **state)
{
    struct fixture f;
    struct compile_connection connection;
    struct err err = {0};
    struct compile_options options = {.connection = &connection};
    struct buf out = BUF_INIT;

    (void)state;
    fixture_begin(&f);
    write_text(&f, "macros/m.sql",
               "{% macro greet(who='you') %}{{ log('hi ' ~ who, info=true) }}hello {{ "
               "who }}{% endmacro %}");
    write_text(&f, "models/e.sql", "{{ config(materialized='ephemeral') }}select 1");
    write_text(&f, "models/m.sql",
               "{{ config(post_hook=\"  insert into log select '{{ this.name }}', "
               "{{ (sql or '') | length }} \") }}select * from {{ ref('e') }}");
    fixture_load(&f, &connection, &options);
    const struct compiled *compiled =
        compile_node(f.compiler, project_node(f.project, "model.shop.m"), &err);
    assert_non_null(compiled);
    assert_string_equal(compiled->sql, "with __dbt__cte__e as (\nselect 1\n) select * "
                                       "from __dbt__cte__e");
    assert_string_equal(compiled->body, "select * from __dbt__cte__e");
    assert_string_equal(compiled->path, "target/compiled/shop/models/m.sql");
    assert_string_equal(compiled->relation.text, "`env-1`.`db`.`m`");
    assert_int_equal(compiled->post_hook_count, 1);
    assert_int_equal(
        compile_hook_sql(f.compiler, compiled, compiled->post_hooks, &out, &err), 0);
    assert_string_equal(buf_str(&out), "insert into log select 'm', 62");
    buf_reset(&out);
    const char text[] = "select * from {{ ref('e') }} -- {{ target.schema }}";
    assert_int_equal(compile_eval(f.compiler, text, strlen(text), &out, &err), 0);
    assert_string_equal(buf_str(&out), "with __dbt__cte__e as (\nselect 1\n) select * "
                                       "from __dbt__cte__e -- db");
    buf_reset(&out);
    struct value arguments = value_dict_new(&f.arena, 1);
    value_dict_put(arguments, "who", value_str("me"));
    assert_int_equal(compile_call(f.compiler, "shop.greet", arguments, &out, &err), 0);
    assert_string_equal(buf_str(&out), "hello me");
    assert_string_equal(f.printed, "hi me");
    assert_int_equal(compile_call(f.compiler, "nope", value_none(), &out, &err), -1);
    err_clear(&err);
    assert_int_equal(compile_eval(f.compiler, "{{ 1 + }}", 9, &out, &err), -1);
    buf_fini(&out);
    fixture_end(&f);
}

static void test_defer(void **state)
{
    struct fixture f;
    struct compile_connection connection;
    struct err err = {0};

    (void)state;
    fixture_begin(&f);
    write_text(&f, "models/there.sql", "select 1");
    write_text(&f, "models/gone.sql", "select 1");
    write_text(&f, "models/m.sql", "{{ ref('there') }} {{ ref('gone') }}");
    struct value nodes = value_dict_new(&f.arena, 2);
    struct value state_dict = value_dict_new(&f.arena, 1);
    static const char *const ids[] = {"model.shop.there", "model.shop.gone"};
    for (int i = 0; i < 2; i++) {
        struct value entry = value_dict_new(&f.arena, 3);
        value_dict_put(entry, "database", value_str("env-p"));
        value_dict_put(entry, "schema", value_str("prod"));
        value_dict_put(entry, "alias", value_str(ids[i] + strlen("model.shop.")));
        value_dict_put(nodes, ids[i], entry);
    }
    value_dict_put(state_dict, "nodes", nodes);
    struct compile_options options = {
        .connection = &connection, .defer = true, .state = state_dict};
    fixture_load(&f, &connection, &options);
    assert_string_equal(sql_of(&f, "model.shop.m", &err),
                        "`env-1`.`db`.`there` `env-p`.`prod`.`gone`");
    options.favor_state = true;
    options.selected = value_list_new(&f.arena, 1);
    value_list_push(options.selected, value_str("model.shop.gone"));
    compile_reset(f.compiler, &options);
    assert_string_equal(sql_of(&f, "model.shop.m", &err),
                        "`env-p`.`prod`.`there` `env-p`.`prod`.`gone`");
    fixture_end(&f);
}

/* A chain of ephemeral models that is too long to be compiled is refused. */
static void test_deep_chain(void **state)
{
    struct fixture f;
    struct compile_connection connection;
    struct compile_options options = {0};
    struct err err = {0};
    char name[64], text[128];

    (void)state;
    fixture_begin(&f);
    for (int i = 0; i < 1200; i++) {
        snprintf(name, sizeof name, "models/e%d.sql", i);
        snprintf(text, sizeof text,
                 "{{ config(materialized='ephemeral') }}{{ ref('e%d') }}", i + 1);
        write_text(&f, name, text);
    }
    write_text(&f, "models/e1200.sql", "select 1");
    fixture_load(&f, &connection, &options);
    assert_non_null(sql_of(&f, "model.shop.e600", &err));
    assert_null(sql_of(&f, "model.shop.e0", &err));
    assert_int_equal(err.code, ERR_LIMIT);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_hooks_and_text), cmocka_unit_test(test_defer),
        cmocka_unit_test(test_deep_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
