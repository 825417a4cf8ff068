/* Unit tests: fixtures, the tested SQL over them, and the comparing query. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "compile/seed.h"

/* ---- substitutions ------------------------------------------------------------------
 */

const char *unit_name(const struct unit *unit, const struct node *node)
{
    for (size_t i = 0; i < unit->count; i++) {
        if (unit->inputs[i].node == node) {
            return unit->inputs[i].name;
        }
    }
    return NULL;
}

static int call_constant(struct jinja_call *call, struct value *out)
{
    *out = *(struct value *)call->context;
    return 0;
}

bool unit_macro(const struct context *context, struct jinja_run *run,
                const char *package, const char *name, struct value *out)
{
    struct arena *arena = jinja_arena(run);

    if (context->unit == NULL || value_dict_count(context->unit->macros) == 0) {
        return false;
    }
    const char *key =
        package != NULL ? arena_printf(arena, "%s.%s", package, name) : name;
    struct value *constant = arena_new(arena, struct value);
    *constant = value_dict_get(context->unit->macros, key);
    if (value_is(*constant, VALUE_UNDEFINED)) {
        return false;
    }
    *out = jinja_function_value(arena, "macro", call_constant, constant);
    return true;
}

/* ---- inputs
 * --------------------------------------------------------------------------- */

/* Everything one unit test needs while it is compiled. */
struct job {
    struct compiler *compiler;
    struct arena *arena; /* of the results */
    struct node *test;
    struct node *model;
    struct unit unit;
    struct err *err;
};

static void begin_context(struct context *context, struct job *job, struct node *node)
{
    context_init(context, job->compiler, job->compiler->project, job->model->package,
                 node, CONTEXT_RUN);
    context->unit = &job->unit;
}

/* The node of "ref('a')", "source('s', 't')" or "this"; NULL with err set. */
static struct node *input_node(struct job *job, const char *input)
{
    struct context context;
    struct buf text = BUF_INIT;

    while (*input == ' ') {
        input++;
    }
    if (str_starts(input, "this") && strspn(input + 4, " ") == strlen(input + 4)) {
        return job->model;
    }
    begin_context(&context, job, job->test);
    char *template = arena_printf(&job->compiler->scratch, "{{ %s }}", input);
    job->unit.resolving = true;
    int status =
        context_render(&context, template, strlen(template), "", 1, &text, job->err);
    job->unit.resolving = false;
    buf_fini(&text);
    if (status == 0 && context.resolved == NULL) {
        err_set(job->err, ERR_COMPILE,
                "Unit test given inputs must be either a 'ref', 'source' or 'this' "
                "call. Got: '%s'.",
                input);
    }
    return status == 0 ? context.resolved : NULL;
}

/* Text of tests/fixtures/NAME.EXT of the test's package. */
static int read_fixture(struct job *job, const char *name, const char *ext,
                        struct buf *out)
{
    const struct package *package = job->test->package;
    struct value paths = value_dict_get(package->config, "test-paths");
    struct arena *scratch = &job->compiler->scratch;

    for (size_t i = 0; i < value_list_count(paths) || i == 0; i++) {
        const char *dir = value_cstr(value_list_at(paths, i), "tests");
        const char *path = arena_printf(scratch, "%s/%s/fixtures/%s.%s", package->root,
                                        dir, name, ext);
        if (strstr(name, "..") == NULL && path_exists(path)) {
            return path_read(path, 0, out, job->err);
        }
    }
    return err_set(job->err, ERR_COMPILE,
                   "Could not find the file of fixture '%s' for unit test '%s'", name,
                   job->test->name);
}

static const char *seed_path(const struct node *node)
{
    return node->type == NODE_SEED && node->file != NULL ? node->file->full : NULL;
}

struct fixture_rows {
    struct value rows; /* list of dicts, unless … */
    const char *sql;   /* … the fixture is SQL */
};

/* Rows of a `given` or `expect` entry, whatever form they are in. */
static int read_rows(struct job *job, struct value entry, const struct node *node,
                     struct fixture_rows *out)
{
    const char *format = value_cstr(value_dict_get(entry, "format"), "dict");
    const char *fixture = value_cstr(value_dict_get(entry, "fixture"), NULL);
    struct value rows = value_dict_get(entry, "rows");
    struct buf text = BUF_INIT;
    int status = 0;

    *out = (struct fixture_rows){.rows = value_list_new(job->arena, 1)};
    if (fixture != NULL) {
        status = read_fixture(job, fixture, strcmp(format, "sql") == 0 ? "sql" : "csv",
                              &text);
    } else if (value_is_str(rows)) {
        buf_add(&text, rows.as.s, rows.len);
    } else if (value_is_null(rows) && node != NULL && seed_path(node) != NULL) {
        status = path_read(seed_path(node), 0, &text, job->err);
        format = "csv";
    }
    if (status == 0 && strcmp(format, "sql") == 0) {
        out->sql = arena_strdup(job->arena, buf_str(&text));
    } else if (status == 0 && text.len > 0) {
        status = seed_parse_rows(buf_str(&text), text.len, job->test->name, job->arena,
                                 &out->rows, job->err);
    } else if (value_is(rows, VALUE_LIST)) {
        out->rows = rows;
    }
    buf_fini(&text);
    return status;
}

/* dbt: the first row without nulls comes first, for its types. */
static struct value promote_full_row(struct arena *arena, struct value rows)
{
    struct value ordered = value_list_new(arena, value_list_count(rows) + 1);
    size_t full = 0;

    for (size_t i = 0; i < value_list_count(rows); i++) {
        struct value row = value_list_at(rows, i);
        size_t at = 0;
        const struct value_pair *pair;
        bool has_null = false;
        while ((pair = value_dict_next(row, &at)) != NULL) {
            has_null = has_null || value_is_null(pair->value);
        }
        if (!has_null) {
            full = i;
            break;
        }
    }
    for (size_t i = 0; i < value_list_count(rows); i++) {
        size_t from = i == 0 ? full : i == full ? 0 : i;
        value_list_push(ordered, value_list_at(rows, from));
    }
    return ordered;
}

/* ---- columns ------------------------------------------------------------------------
 */

static const char *seed_type(struct arena *arena,
                             const struct compile_seed_column *column)
{
    if (column->declared != NULL) {
        return column->declared;
    }
    switch (column->type) {
    case COMPILE_SEED_NUMBER:
        return column->integral ? column->precision > 18 ? "DECIMAL(38, 0)" : "BIGINT"
                                : arena_printf(arena, "DECIMAL(%d, %d)",
                                               column->precision, column->scale);
    case COMPILE_SEED_DATE:
        return "DATE";
    case COMPILE_SEED_DATETIME:
        return "TIMESTAMP(6)";
    case COMPILE_SEED_BOOLEAN:
        return "BOOLEAN";
    case COMPILE_SEED_TEXT:
        break;
    }
    return "STRING";
}

static int seed_columns(struct job *job, const struct node *node, struct value *out)
{
    struct arena *scratch = &job->compiler->scratch;
    struct compile_seed seed = {0};

    if (compile_seed_read(job->compiler, node, scratch, &seed, job->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < seed.column_count; i++) {
        value_list_push(*out, column_value(scratch, seed.columns[i].name,
                                           seed_type(scratch, &seed.columns[i])));
    }
    return 0;
}

/* Columns of a node's relation as a list: the server's, else declared ones, else those
 * that the rows name, without types. */
static int columns_of(struct job *job, const struct node *node, struct value rows,
                      struct value *out)
{
    const struct compile_connection *connection = job->compiler->options.connection;
    struct compile_column *found = NULL;
    struct compile_relation relation = {0};
    size_t count = 0, at = 0;
    const struct value_pair *pair;

    *out = value_list_new(&job->compiler->scratch, 8);
    if (compile_relation_of(job->compiler, node, &relation, job->err) != 0) {
        return -1;
    }
    if (connection != NULL &&
        connection->get_columns(connection->context, &relation, &job->compiler->scratch,
                                &found, &count, job->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        value_list_push(*out, column_value(&job->compiler->scratch, found[i].name,
                                           found[i].data_type));
    }
    for (size_t i = 0; count == 0 && i < node->column_count; i++) {
        const char *type = node->columns[i].data_type;
        value_list_push(*out,
                        column_value(&job->compiler->scratch, node->columns[i].name,
                                     type != NULL ? type : ""));
    }
    if (value_list_count(*out) > 0) {
        return 0;
    }
    if (node->type == NODE_SEED) {
        return seed_columns(job, node, out);
    }
    while ((pair = value_dict_next(value_list_at(rows, 0), &at)) != NULL) {
        value_list_push(
            *out, column_value(&job->compiler->scratch, value_cstr(pair->key, ""), ""));
    }
    return 0;
}

/* ---- rendering the parts ------------------------------------------------------------
 */

/* Renders `template` with `names` in the context of `node`; trimmed, in job->arena. */
static int render_part(struct job *job, struct node *node, struct value names,
                       struct value columns, const char *template, const char **out)
{
    struct context context;
    struct buf text = BUF_INIT;

    begin_context(&context, job, node);
    context.unit = NULL;
    context.extra = names;
    context.columns = columns;
    int status =
        context_render(&context, template, strlen(template), "", 1, &text, job->err);
    const char *s = buf_str(&text);
    size_t len = text.len;
    while (len > 0 && strchr(" \t\r\n", *s) != NULL) {
        s++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL) {
        len--;
    }
    *out = arena_strndup(job->arena, s, len);
    buf_fini(&text);
    return status;
}

static int render_fixture(struct job *job, struct value given, struct unit_input *input,
                          struct compile_fixture *out)
{
    struct fixture_rows rows;
    struct value columns, names = value_dict_new(&job->compiler->scratch, 2);
    struct node *node = (struct node *)input->node;

    out->unique_id = node->unique_id;
    out->name = arena_printf(job->arena, "__dbt__cte__%s", input->name);
    if (compile_relation_of(job->compiler, node, &out->original, job->err) != 0 ||
        read_rows(job, given, node, &rows) != 0) {
        return -1;
    }
    if (rows.sql != NULL) {
        out->sql = rows.sql;
        return 0;
    }
    rows.rows = promote_full_row(&job->compiler->scratch, rows.rows);
    if (columns_of(job, node, rows.rows, &columns) != 0) {
        return -1;
    }
    value_dict_put(names, "rows", rows.rows);
    return render_part(job, node, names, columns, "{{ get_fixture_sql(rows, none) }}",
                       &out->sql);
}

static int render_main(struct job *job, const char **out)
{
    struct context context;
    struct buf text = BUF_INIT;
    struct node *model = job->model;

    begin_context(&context, job, model);
    int status = context_render(&context, model->raw_code, model->raw_code_len, "", 1,
                                &text, job->err);
    if (status != 0) {
        context_locate(job->err, model);
    }
    *out = arena_strndup(job->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return status;
}

/* Expected rows as SQL, compared columns, and the query. */
static int render_query(struct job *job, struct compile_unit_test *out)
{
    struct fixture_rows rows;
    struct value columns;
    struct arena *scratch = &job->compiler->scratch;
    struct value names = value_dict_new(scratch, 8);
    struct value quoted = value_list_new(scratch, 8);

    if (read_rows(job, job->test->unit_test->expect, NULL, &rows) != 0) {
        return -1;
    }
    rows.rows = promote_full_row(scratch, rows.rows);
    if (columns_of(job, job->model, rows.rows, &columns) != 0) {
        return -1;
    }
    struct value first = value_list_at(rows.rows, 0);
    size_t at = 0, most = value_dict_count(first) + value_list_count(columns);
    const struct value_pair *pair;
    out->columns = arena_array(job->arena, const char *, most + 1);
    while ((pair = value_dict_next(first, &at)) != NULL) {
        out->columns[out->column_count++] = value_cstr(pair->key, "");
    }
    for (size_t i = 0; value_dict_count(first) == 0 && i < value_list_count(columns);
         i++) {
        out->columns[out->column_count++] = column_name_of(value_list_at(columns, i));
    }
    if (out->column_count == 0 && rows.sql == NULL) {
        err_set(job->err, ERR_COMPILE,
                "unit test '%s' expects no rows, and the columns of '%s' are not known",
                job->test->name, job->model->name);
        err_hint(job->err, "declare the model's columns in its properties");
        return -1;
    }
    for (size_t i = 0; i < out->column_count; i++) {
        value_list_push(quoted,
                        value_str(arena_printf(scratch, "`%s`", out->columns[i])));
    }
    value_dict_put(names, "rows", rows.rows);
    value_dict_put(names, "columns", columns);
    out->expected_sql = rows.sql;
    if (rows.sql == NULL && render_part(job, job->test, names, columns,
                                        "{{ _expected_of_columns(rows, columns) }}",
                                        &out->expected_sql) != 0) {
        return -1;
    }
    value_dict_put(names, "main_sql", value_str(out->main_sql));
    value_dict_put(names, "expected_sql", value_str(out->expected_sql));
    value_dict_put(names, "quoted", quoted);
    return render_part(job, job->test, names, columns,
                       "{{ get_unit_test_sql(main_sql, expected_sql, quoted) }}",
                       &out->query);
}

static int find_inputs(struct job *job)
{
    struct value given = job->test->unit_test->given;
    size_t count = value_list_count(given);

    job->unit.inputs = arena_array(job->arena, struct unit_input, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *text =
            value_cstr(value_dict_get(value_list_at(given, i), "input"), "");
        struct node *node = input_node(job, text);
        if (node == NULL) {
            return err_wrap(job->err, "unit test '%s'", job->test->name);
        }
        job->unit.inputs[i].node = node;
        job->unit.inputs[i].name =
            node->type == NODE_SOURCE
                ? arena_printf(job->arena, "%s__%s", node->source->source_name,
                               node->name)
                : node->alias;
    }
    job->unit.count = count;
    return 0;
}

static int compile_parts(struct job *job, struct compile_unit_test *out)
{
    struct value given = job->test->unit_test->given;

    if (find_inputs(job) != 0) {
        return -1;
    }
    out->fixture_count = job->unit.count;
    out->fixtures =
        arena_array(job->arena, struct compile_fixture, job->unit.count + 1);
    for (size_t i = 0; i < job->unit.count; i++) {
        if (render_fixture(job, value_list_at(given, i), &job->unit.inputs[i],
                           &out->fixtures[i]) != 0) {
            return -1;
        }
    }
    if (render_main(job, &out->main_sql) != 0) {
        return -1;
    }
    return render_query(job, out);
}

int compile_unit_test(struct compiler *compiler, const struct node *test,
                      struct compile_unit_test *out, struct err *err)
{
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;

    *out = (struct compile_unit_test){.node = test};
    if (test->unit_test == NULL || test->unit_test->tested == NULL) {
        return err_set(err, ERR_COMPILE, "'%s' is no unit test of a known model",
                       test->name);
    }
    struct value overrides = test->unit_test->overrides;
    struct job job = {
        .compiler = compiler,
        .arena = &compiler->arena,
        .test = (struct node *)test,
        .model = test->unit_test->tested,
        .unit = {.test = test,
                 .macros = value_dict_get(overrides, "macros"),
                 .vars = value_dict_get(overrides, "vars"),
                 .env_vars = value_dict_get(overrides, "env_vars")},
        .err = err,
    };
    out->model = job.model;
    int status = compile_parts(&job, out);
    context_release(compiler, mark, kept);
    return status;
}
