/* Statements of macros and their results: adapter.execute(), load_result(). */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

/* {response, data, table} as dbt's AttrDict. */
static struct value result_value(struct arena *arena, struct value response,
                                 struct value table)
{
    static const struct compile_table nothing = {0};
    const struct compile_table *rows = table_from(table);
    struct value result = value_dict_new(arena, 3);
    struct value data = value_list_new(arena, rows != NULL ? rows->row_count + 1 : 1);

    for (size_t i = 0; rows != NULL && i < rows->row_count; i++) {
        struct value row = value_tuple_new(arena, rows->column_count);
        for (size_t k = 0; k < rows->column_count; k++) {
            value_list_push(row, rows->rows[i * rows->column_count + k]);
        }
        value_list_push(data, row);
    }
    value_dict_put(result, "response", response);
    value_dict_put(result, "data", data);
    value_dict_put(result, "table",
                   rows != NULL ? table : table_value(arena, &nothing));
    return result;
}

static int store(struct jinja_call *call, struct value name, struct value response,
                 struct value table)
{
    struct context *context = context_of(call->run);

    if (!value_is_str(name)) {
        return jinja_raise(call->run, "TypeError", "name must be str, not %s",
                           jinja_type_name(name));
    }
    if (!value_is(context->results, VALUE_DICT)) {
        context->results = value_dict_new(call->arena, 4);
    }
    value_dict_put(context->results, name.as.s,
                   result_value(call->arena, response, table));
    return 0;
}

int statement_store_result(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"name", 0}, {"response", 0}, {"agate_table", JINJA_OPTIONAL}};
    struct value args[3];

    *out = value_str("");
    return jinja_args(call, params, 3, args) != 0
               ? -1
               : store(call, args[0], args[1], args[2]);
}

int statement_store_raw_result(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0},
                                                {"message", JINJA_OPTIONAL},
                                                {"code", JINJA_OPTIONAL},
                                                {"rows_affected", JINJA_OPTIONAL},
                                                {"agate_table", JINJA_OPTIONAL}};
    struct value args[5];

    *out = value_str("");
    return jinja_args(call, params, 5, args) != 0
               ? -1
               : store(call, args[0], args[1], args[4]);
}

/* A result can be loaded once, "main" always. */
int statement_load_result(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0}};
    struct context *context = context_of(call->run);
    struct value name;
    const char *text;

    if (jinja_args(call, params, 1, &name) != 0 ||
        jinja_want_str(call, "name", name, &text) != 0) {
        return -1;
    }
    *out = value_dict_get(context->results, text);
    if (value_is(*out, VALUE_UNDEFINED)) {
        *out = value_none();
        return 0;
    }
    if (value_is(*out, VALUE_NONE)) {
        return jinja_raise(call->run, "CompilationError",
                           "The 'statement' result named '%s' has already been loaded "
                           "into a variable",
                           text);
    }
    if (strcmp(text, "main") != 0) {
        value_dict_put(context->results, text, value_none());
    }
    return 0;
}

static void pair(struct jinja_call *call, struct value a, struct value b,
                 struct value *out)
{
    *out = value_tuple_new(call->arena, 2);
    value_list_push(*out, a);
    value_list_push(*out, b);
}

static const char *text_or_null(struct value v)
{
    return value_is_str(v) && v.len > 0 ? v.as.s : NULL;
}

int statement_execute(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"sql", 0},
        {"auto_begin", JINJA_OPTIONAL},
        {"fetch", JINJA_OPTIONAL},
        {"limit", JINJA_OPTIONAL},
        {"execution_mode", JINJA_OPTIONAL},
        {"hidden", JINJA_OPTIONAL},
        {"statement_name", JINJA_OPTIONAL},
        {"compute_pool_id", JINJA_OPTIONAL},
        {"statement_properties", JINJA_OPTIONAL},
    };
    struct value args[9];
    struct compile_table *table = arena_new(call->arena, struct compile_table);
    const char *sql;

    if (jinja_args(call, params, 9, args) != 0 ||
        jinja_want_str(call, "sql", args[0], &sql) != 0) {
        return -1;
    }
    if (context_of(call->run)->mode != CONTEXT_RUN) {
        pair(call, value_str(""), table_value(call->arena, table), out);
        return 0;
    }
    struct compile_statement statement = {
        .sql = sql,
        .fetch = jinja_truth(args[2]),
        .limit = value_is(args[3], VALUE_INT) ? (long)args[3].as.i : -1,
        .execution_mode = text_or_null(args[4]),
        .hidden = jinja_truth(args[5]),
        .statement_name = text_or_null(args[6]),
        .compute_pool_id = text_or_null(args[7]),
        .properties = args[8],
    };
    const struct compile_connection *connection =
        context_connection(call->run, "a statement of a macro (run_query(), "
                                      "{% call statement %})");
    if (connection == NULL ||
        connection->execute(connection->context, &statement, call->arena, table,
                            jinja_error(call->run)) != 0) {
        return -1;
    }
    pair(call, value_str(table->message != NULL ? table->message : ""),
         table_value(call->arena, table), out);
    return 0;
}

/* ---- seeds as tables
 * ------------------------------------------------------------------ */

static struct value seed_cell(const struct compile_seed_column *column,
                              const char *cell)
{
    if (cell == NULL) {
        return value_none();
    }
    if (column->type == COMPILE_SEED_BOOLEAN) {
        return value_bool(cell[0] == 't');
    }
    return value_str(cell);
}

int statement_load_agate_table(struct jinja_call *call, struct value *out)
{
    struct context *context = context_of(call->run);
    struct compile_table *table = arena_new(call->arena, struct compile_table);
    struct compile_seed seed = {0};

    if (context->node == NULL || context->node->type != NODE_SEED) {
        return jinja_raise(call->run, "CompilationError",
                           "can only load_agate_table for seeds (got a %s)",
                           context->node != NULL ? node_type_name(context->node->type)
                                                 : "macro");
    }
    if (compile_seed_read(context->compiler, context->node, call->arena, &seed,
                          jinja_error(call->run)) != 0) {
        return -1;
    }
    table->column_count = seed.column_count;
    table->row_count = seed.row_count;
    table->columns = arena_array(call->arena, const char *, seed.column_count + 1);
    table->rows =
        arena_array(call->arena, struct value, seed.column_count * seed.row_count + 1);
    for (size_t i = 0; i < seed.column_count; i++) {
        table->columns[i] = seed.columns[i].name;
        for (size_t row = 0; row < seed.row_count; row++) {
            size_t at = row * seed.column_count + i;
            table->rows[at] = seed_cell(&seed.columns[i], seed.cells[at]);
        }
    }
    *out = table_value(call->arena, table);
    return 0;
}
