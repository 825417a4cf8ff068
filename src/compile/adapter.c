/* `adapter` and `api`: what dbt-confluent's adapter offers to macros. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "compile/constraint.h"
#include "compile/statement_name.h"

/* ---- dispatch -----------------------------------------------------------------------
 */

static int call_dispatch(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"macro_name", 0},
                                                {"macro_namespace", JINJA_OPTIONAL},
                                                {"packages", JINJA_OPTIONAL}};
    struct context *context = context_of(call->run);
    struct value args[3];
    const char *name;

    if (jinja_args(call, params, 3, args) != 0 ||
        jinja_want_str(call, "macro_name", args[0], &name) != 0) {
        return -1;
    }
    const char *dot = strchr(name, '.');
    if (dot != NULL) {
        return jinja_raise(call->run, "CompilationError",
                           "In adapter.dispatch, got a macro name of \"%s\", but \".\" "
                           "is not a valid macro name component. Did you mean "
                           "`adapter.dispatch(\"%s\", macro_namespace=\"%.*s\")`?",
                           name, dot + 1, (int)(dot - name), name);
    }
    if (!value_is_null(args[2])) {
        return jinja_raise(call->run, "CompilationError",
                           "The \"packages\" argument of adapter.dispatch() has been "
                           "deprecated.\nUse the \"macro_namespace\" argument "
                           "instead.\n\nRaised during dispatch for: %s",
                           name);
    }
    if (!value_is_null(args[1]) && !value_is_str(args[1])) {
        struct value text;
        if (jinja_to_str(call->run, args[1], &text) != 0) {
            return -1;
        }
        return jinja_raise(call->run, "CompilationError",
                           "In adapter.dispatch, got a <class '%s'> macro_namespace "
                           "argument (\"%s\"), but macro_namespace should be None or a "
                           "string.",
                           jinja_type_name(args[1]), text.as.s);
    }
    struct macro *macro =
        project_dispatch(context->project, context->package, name,
                         value_cstr(args[1], NULL), jinja_error(call->run));
    return macro != NULL ? context_bind(context, call->run, macro, out) : -1;
}

/* ---- names
 * ---------------------------------------------------------------------------- */

static int call_type(struct jinja_call *call, struct value *out)
{
    (void)call;
    *out = value_str("confluent");
    return 0;
}

static int call_quote(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"identifier", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "`%s`", arg.as.s));
    return 0;
}

static int call_quote_as_configured(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"identifier", 0}, {"quote_key", 0}};
    const struct context *context = context_of(call->run);
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_to_str(call->run, args[0], &args[0]) != 0) {
        return -1;
    }
    struct value quoting = value_dict_get(context->project->package->config, "quoting");
    struct value wanted = value_dict_get_value(quoting, args[1]);
    *out = args[0];
    if (value_is_null(wanted) || jinja_truth(wanted)) {
        *out = value_str(arena_printf(call->arena, "`%s`", args[0].as.s));
    }
    return 0;
}

static int call_quote_seed_column(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"column", 0},
                                                {"quote_config", JINJA_OPTIONAL}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_to_str(call->run, args[0], &args[0]) != 0) {
        return -1;
    }
    if (!value_is_null(args[1]) && !value_is(args[1], VALUE_BOOL)) {
        return jinja_raise(call->run, "CompilationError",
                           "The seed configuration value of \"quote_columns\" has an "
                           "invalid type %s",
                           jinja_type_name(args[1]));
    }
    *out = args[0];
    if (value_is_null(args[1]) || args[1].as.b) {
        *out = value_str(arena_printf(call->arena, "`%s`", args[0].as.s));
    }
    return 0;
}

static int call_statement_name(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"model_name", 0},
        {"project_name", 0},
        {"suffix", JINJA_OPTIONAL},
        {"statement_name_override", JINJA_OPTIONAL}};
    const struct context *context = context_of(call->run);
    struct value args[4];

    if (jinja_args(call, params, 4, args) != 0) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        if (!value_is_null(args[i]) &&
            jinja_to_str(call->run, args[i], &args[i]) != 0) {
            return -1;
        }
    }
    const char *name = statement_name_make(
        jinja_truth(args[3]) ? args[3].as.s : NULL,
        context->project->profile.statement_name_prefix, value_cstr(args[1], ""),
        value_cstr(args[0], ""), value_cstr(args[2], ""), call->arena,
        jinja_error(call->run));
    if (name == NULL) {
        return -1;
    }
    *out = value_str(name);
    return 0;
}

static int call_escape(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0}};
    struct value arg;
    struct buf text = BUF_INIT;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    for (const char *s = arg.as.s; *s != '\0'; s++) {
        buf_adds(&text, *s == '\'' ? "''" : "");
        if (*s != '\'') {
            buf_addc(&text, *s);
        }
    }
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static int call_check_name(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"identifier", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "__dbt_tmp_schema_check_%s", arg.as.s));
    return 0;
}

/* ---- asking the server -------------------------------------------------------------
 */

static bool is_parsing(const struct jinja_call *call)
{
    return context_of(call->run)->mode != CONTEXT_RUN;
}

static const char *relation_type_name(enum compile_relation_type type)
{
    static const char *const names[] = {
        [COMPILE_RELATION_NONE] = NULL,
        [COMPILE_RELATION_TABLE] = "table",
        [COMPILE_RELATION_VIEW] = "view",
        [COMPILE_RELATION_MATERIALIZED_VIEW] = "materialized_view",
        [COMPILE_RELATION_CTE] = "cte",
        [COMPILE_RELATION_EXTERNAL] = "external",
    };

    return names[type];
}

static struct value found_relation(struct jinja_call *call,
                                   const struct compile_relation *found)
{
    return relation_value(relation_new(call->arena, found->database, found->schema,
                                       found->identifier,
                                       relation_type_name(found->type)));
}

static int call_get_relation(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"database", 0}, {"schema", 0}, {"identifier", 0}};
    struct value args[3];
    struct compile_relation found = {0};

    *out = value_none();
    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    if (is_parsing(call)) {
        return 0;
    }
    const struct compile_connection *connection =
        context_connection(call->run, "adapter.get_relation()");
    if (connection == NULL ||
        connection->get_relation(connection->context, value_cstr(args[0], NULL),
                                 value_cstr(args[1], NULL), value_cstr(args[2], NULL),
                                 call->arena, &found, jinja_error(call->run)) != 0) {
        return -1;
    }
    if (found.identifier != NULL) {
        *out = found_relation(call, &found);
    }
    return 0;
}

static int call_list_relations(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"database", 0},
                                                {"schema", JINJA_OPTIONAL}};
    struct value args[2];
    struct compile_relation *found = NULL;
    size_t count = 0;

    *out = value_list_new(call->arena, 8);
    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    const struct relation *schema = relation_from(args[0]);
    if (schema != NULL) {
        args[0] = schema->part[0] != NULL ? value_str(schema->part[0]) : value_none();
        args[1] = schema->part[1] != NULL ? value_str(schema->part[1]) : value_none();
    }
    if (is_parsing(call)) {
        return 0;
    }
    const struct compile_connection *connection =
        context_connection(call->run, "adapter.list_relations()");
    if (connection == NULL ||
        connection->list_relations(connection->context, value_cstr(args[0], NULL),
                                   value_cstr(args[1], NULL), call->arena, &found,
                                   &count, jinja_error(call->run)) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        value_list_push(*out, found_relation(call, &found[i]));
    }
    return 0;
}

static int get_columns(struct jinja_call *call, struct value v, struct value *out)
{
    const struct relation *relation = relation_from(v);
    struct compile_column *columns = NULL;
    size_t count = 0;

    *out = value_list_new(call->arena, 8);
    if (is_parsing(call)) {
        return 0;
    }
    if (value_is(context_of(call->run)->columns, VALUE_LIST)) {
        *out = context_of(call->run)->columns;
        return 0;
    }
    if (relation == NULL) {
        return jinja_raise(call->run, "CompilationError",
                           "'adapter.get_columns_in_relation' expects a relation, got "
                           "%s",
                           jinja_type_name(v));
    }
    const struct compile_connection *connection =
        context_connection(call->run, "adapter.get_columns_in_relation()");
    struct buf text = BUF_INIT;
    relation_render(relation, &text);
    struct compile_relation wanted = {
        .database = relation->part[RELATION_DATABASE],
        .schema = relation->part[RELATION_SCHEMA],
        .identifier = relation->part[RELATION_IDENTIFIER],
        .text = arena_strdup(call->arena, buf_str(&text)),
    };
    buf_fini(&text);
    if (connection == NULL ||
        connection->get_columns(connection->context, &wanted, call->arena, &columns,
                                &count, jinja_error(call->run)) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        value_list_push(
            *out, column_value(call->arena, columns[i].name, columns[i].data_type));
    }
    return 0;
}

static int call_get_columns(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"relation", 0}};
    struct value arg;

    return jinja_args(call, params, 1, &arg) != 0 ? -1 : get_columns(call, arg, out);
}

static int column_name(struct jinja_call *call, struct value column, const char **out)
{
    struct value name;

    if (jinja_getattr(call->run, column, "name", &name) != 0) {
        return -1;
    }
    *out = value_cstr(name, "");
    return 0;
}

/* Columns of the first relation that the second has not. */
static int call_missing_columns(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"from_relation", 0},
                                                {"to_relation", 0}};
    struct value args[2], from, to;

    if (jinja_args(call, params, 2, args) != 0 ||
        get_columns(call, args[0], &from) != 0 ||
        get_columns(call, args[1], &to) != 0) {
        return -1;
    }
    struct value known = value_dict_new(call->arena, value_list_count(to) + 1);
    const char *name;
    for (size_t i = 0; i < value_list_count(to); i++) {
        if (column_name(call, value_list_at(to, i), &name) != 0) {
            return -1;
        }
        value_dict_put(known, name, value_bool(true));
    }
    *out = value_list_new(call->arena, 4);
    for (size_t i = 0; i < value_list_count(from); i++) {
        if (column_name(call, value_list_at(from, i), &name) != 0) {
            return -1;
        }
        if (!value_dict_has(known, name)) {
            value_list_push(*out, value_list_at(from, i));
        }
    }
    return 0;
}

static int call_check_schema(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"database", 0}, {"schema", 0}};
    struct value args[2];
    struct compile_relation *found = NULL;
    size_t count = 0;

    *out = value_bool(false);
    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (is_parsing(call)) {
        return 0;
    }
    const struct compile_connection *connection =
        context_connection(call->run, "adapter.check_schema_exists()");
    if (connection == NULL) {
        return -1;
    }
    *out = value_bool(
        connection->list_relations(connection->context, value_cstr(args[0], NULL),
                                   value_cstr(args[1], NULL), call->arena, &found,
                                   &count, jinja_error(call->run)) == 0);
    return value_is_true(*out, false) ? 0 : -1;
}

/* ---- changing things: only plans do that -------------------------------------------
 */

static int call_changes(struct jinja_call *call, struct value *out)
{
    *out = value_none();
    if (is_parsing(call)) {
        return 0;
    }
    return jinja_raise(call->run, "CompilationError",
                       "adapter.%s() is not available: relations and statements are "
                       "changed by the plan only",
                       call->name);
}

static int call_nothing(struct jinja_call *call, struct value *out)
{
    (void)call;
    *out = value_str("");
    return 0;
}

/* ---- constraints and types
 * ------------------------------------------------------------ */

static int call_column_constraints(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"raw_columns", 0}};
    struct value arg;

    return jinja_args(call, params, 1, &arg) != 0
               ? -1
               : constraint_columns(arg, call->arena, out, jinja_error(call->run));
}

static int call_model_constraints(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"raw_constraints", 0}};
    struct value arg;

    return jinja_args(call, params, 1, &arg) != 0
               ? -1
               : constraint_model(arg, call->arena, out, jinja_error(call->run));
}

static int call_convert_type(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"agate_table", 0}, {"col_idx", 0}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    const struct compile_table *table = table_from(args[0]);
    *out = value_str("STRING");
    if (table == NULL || !value_is(args[1], VALUE_INT)) {
        return 0;
    }
    size_t at = (size_t)args[1].as.i;
    for (size_t row = 0; row < table->row_count && at < table->column_count; row++) {
        struct value cell = table->rows[row * table->column_count + at];
        if (!value_is_null(cell)) {
            *out = value_str(value_is(cell, VALUE_INT)     ? "INT"
                             : value_is(cell, VALUE_FLOAT) ? "FLOAT"
                             : value_is(cell, VALUE_BOOL)  ? "boolean"
                                                           : "STRING");
            break;
        }
    }
    return 0;
}

static int get_relation_class(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = relation_class_value(jinja_arena(run));
    return 0;
}

static int get_column_class(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = column_class_value(jinja_arena(run));
    return 0;
}

/* ---- the objects; tables sorted by name
 * ---------------------------------------------- */

static const struct jinja_def adapter_defs[] = {
    {"Column", NULL, get_column_class},
    {"Relation", NULL, get_relation_class},
    {"add_query", call_changes, NULL},
    {"cache_added", call_nothing, NULL},
    {"cache_dropped", call_nothing, NULL},
    {"cache_renamed", call_nothing, NULL},
    {"check_schema_exists", call_check_schema, NULL},
    {"commit", call_nothing, NULL},
    {"convert_type", call_convert_type, NULL},
    {"create_schema", call_changes, NULL},
    {"defer_drop", call_changes, NULL},
    {"delete_statement", call_changes, NULL},
    {"dispatch", call_dispatch, NULL},
    {"drop_relation", call_changes, NULL},
    {"drop_schema", call_changes, NULL},
    {"ensure_tableflow_config", call_changes, NULL},
    {"escape_string_literal", call_escape, NULL},
    {"execute", statement_execute, NULL},
    {"expand_target_column_types", call_changes, NULL},
    {"generate_schema_check_temp_name", call_check_name, NULL},
    {"get_columns_in_relation", call_get_columns, NULL},
    {"get_missing_columns", call_missing_columns, NULL},
    {"get_relation", call_get_relation, NULL},
    {"get_statement_name", call_statement_name, NULL},
    {"list_relations", call_list_relations, NULL},
    {"list_relations_without_caching", call_list_relations, NULL},
    {"quote", call_quote, NULL},
    {"quote_as_configured", call_quote_as_configured, NULL},
    {"quote_seed_column", call_quote_seed_column, NULL},
    {"rename_relation", call_changes, NULL},
    {"render_raw_columns_constraints", call_column_constraints, NULL},
    {"render_raw_model_constraints", call_model_constraints, NULL},
    {"truncate_relation", call_changes, NULL},
    {"type", call_type, NULL},
};

int adapter_object(void *context, struct jinja_run *run, struct value *out)
{
    *out = jinja_module_value(jinja_arena(run), "RuntimeDatabaseWrapper", adapter_defs,
                              sizeof adapter_defs / sizeof adapter_defs[0], context);
    return 0;
}

int api_object(void *context, struct jinja_run *run, struct value *out)
{
    static const struct jinja_def defs[] = {{"Column", NULL, get_column_class},
                                            {"Relation", NULL, get_relation_class}};

    *out = jinja_module_value(jinja_arena(run), "dict", defs, 2, context);
    return 0;
}
