#include "config.h"

#include "plan/materialize.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "sql/catalog.h"

static const char *create_sql(struct materialize *m, const char *relation)
{
    const struct model_config *config = &m->model->config;

    return arena_printf(m->arena, "CREATE TABLE %s (\n%s\n)\n%s%s", relation,
                        m->model->sql, model_distribution_clause(config, m->arena),
                        model_with_clause(config, m->arena));
}

static void create(struct materialize *m)
{
    /* stays once it is COMPLETED: its labels tell whose table it is */
    action_statement(m, m->model->statement, "CREATE TABLE",
                     create_sql(m, m->model->relation_text));
}

static void fill_columns(struct materialize *m, const struct sql_table *table,
                         struct drift_relation *out)
{
    struct drift_column *columns =
        arena_array(m->arena, struct drift_column, table->column_count + 1);

    out->column_count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *from = &table->columns[i];
        if (from->hidden) {
            continue;
        }
        bool known = !sql_type_has_unknown(from->type);
        columns[out->column_count++] = (struct drift_column){
            .name = arena_strdup(m->arena, from->name),
            .type =
                known ? sql_type_text(m->arena, from->type, SQL_TYPE_FORM_SERIAL, false)
                      : NULL,
            .comment =
                from->comment != NULL ? arena_strdup(m->arena, from->comment) : NULL,
            .not_null = !from->type->nullable,
            .nullability_known = from->kind == SQL_COLUMN_PHYSICAL && known,
        };
    }
    out->columns = columns;
    out->columns_known = !table->columns_unknown;
}

static void fill_keys(struct materialize *m, const struct sql_table *table,
                      struct drift_relation *out)
{
    const char **key =
        arena_array(m->arena, const char *, table->primary_key_count + 1);

    for (size_t i = 0; i < table->primary_key_count; i++) {
        key[i] = arena_strdup(m->arena, table->columns[table->primary_key[i]].name);
    }
    out->primary_key = key;
    out->primary_key_count = table->primary_key_count;
    out->watermark_known = true;
    if (table->watermark_column != NULL) {
        out->watermark_column = arena_strdup(m->arena, table->watermark_column);
        out->watermark_expression =
            table->watermark_expression != NULL
                ? arena_strdup(m->arena, table->watermark_expression)
                : NULL;
    }
}

/* The body of the model is DDL: what it describes is read off a parsed CREATE TABLE. */
static void describe(struct materialize *m, struct drift_relation *out)
{
    const struct step_relation *relation = &m->model->relation;
    const char *parts[] = {relation->database, relation->schema, relation->identifier};
    struct err err = {0};
    struct sql_memory *memory = sql_memory_new(relation->database, relation->schema, 0);
    const char *sql = create_sql(m, m->model->relation_text);

    action_desired(m, out);
    out->columns_known = false;
    out->primary_key_known = false;
    out->watermark_known = false;
    if (sql_memory_apply(memory, sql, strlen(sql), &err) == 0) {
        const struct sql_table *table = sql_memory_find(memory, parts, 3);
        if (table != NULL) {
            fill_columns(m, table, out);
            fill_keys(m, table, out);
            out->primary_key_known = true;
        }
    } else {
        action_note(m, false, "columns are not compared: %s", err.msg);
    }
    sql_memory_free(memory);
}

static const char *connector(const struct model_config *config)
{
    for (size_t i = 0; i < config->option_count; i++) {
        if (str_eq(config->options[i].key, "connector")) {
            return config->options[i].value;
        }
    }
    return "";
}

void materialize_streaming_source(struct materialize *m)
{
    struct drift_relation desired;

    if (action_foreign_statement(m)) {
        return;
    }
    if (m->existing == NULL) {
        action_decide(m, PLAN_CREATE, "connector %s", connector(&m->model->config));
        action_delete_statements(m);
        create(m);
        return;
    }
    if (m->refresh) {
        action_decide(m, PLAN_REFRESH, "drop the %s and its data, then create",
                      action_kind_name(m->existing->drift.kind));
        action_check(
            m, create_sql(m, model_quote(m->arena,
                                         arena_printf(m->arena, "%s__cflowsh_check",
                                                      m->model->relation.identifier))));
        action_drop(m);
        create(m);
        return;
    }
    if (action_wrong_kind(m, DRIFT_TABLE)) {
        return;
    }
    if (m->model->config.on_schema_drift == MODEL_DRIFT_FAIL) {
        describe(m, &desired);
        if (action_drift(m, &desired, 0)) {
            return;
        }
    }
    action_decide(m, PLAN_SAME, "table");
}
