#include "config.h"

#include "plan/materialize.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "compile/statement_name.h"

static void add_columns(struct buf *sql, struct materialize *m)
{
    const struct plan_model *model = m->model;
    bool declared = model->config.contract && model->columns_complete;

    if (!declared && model->primary_key_count == 0) {
        return;
    }
    buf_adds(sql, " (");
    for (size_t i = 0; declared && i < model->column_count; i++) {
        const struct model_column *column = &model->columns[i];
        buf_addf(sql, "%s\n  %s %s%s%s", i > 0 ? "," : "",
                 model_quote(m->arena, column->name), column->data_type,
                 column->not_null ? " NOT NULL" : "", column->extra);
    }
    if (model->primary_key_count > 0) {
        buf_addf(sql, "%s\n  %s", declared ? "," : "", model->primary_key_clause);
    }
    buf_adds(sql, "\n)");
}

/* One statement does it all: the server compares, evolves or leaves the table alone. */
static void create_or_alter(struct materialize *m)
{
    const struct plan_model *model = m->model;
    struct err err = {0};
    struct buf sql = BUF_INIT;

    buf_addf(&sql, "CREATE OR ALTER MATERIALIZED TABLE %s", model->relation_text);
    add_columns(&sql, m);
    buf_addf(&sql, "\n%s%s%s", model_relation_comment(model, m->arena),
             model_distribution_clause(&model->config, m->arena),
             model_with_clause(&model->config, m->arena));
    if (model->config.start_mode != NULL) {
        buf_addf(&sql, "START_MODE = %s\n", model->config.start_mode);
    }
    buf_addf(&sql, "AS %s", model->sql);
    const char *suffix =
        arena_printf(m->arena, "%s-%s", model->statement, m->settings->invocation_id);
    const char *name = statement_name_sanitise(suffix, m->arena, &err);
    struct step *step = action_statement(m, name, "CREATE OR ALTER MATERIALIZED TABLE",
                                         arena_strdup(m->arena, buf_str(&sql)));
    step->properties = model->config.statement_properties;
    step->delete_when_done = true;
    buf_fini(&sql);
}

static void refuse_conversion(struct materialize *m)
{
    action_refuse(m, PLAN_REFUSE, "a regular table or view of that name exists",
                  "Model '%s' already exists as a regular table or view, which cannot "
                  "be converted to a materialized table.\nRun with --full-refresh to "
                  "drop it and recreate it as a materialized table (for tables this "
                  "permanently deletes the backing Kafka topic and its data).",
                  m->model->node->name);
}

static bool same_pool(const struct materialize *m)
{
    const char *want = m->model->config.compute_pool_id;
    const char *have = m->existing->compute_pool_id;

    return want == NULL || have == NULL || str_eq(want, have);
}

/* What the model says about the table itself, next to what is there. */
static bool same_table(struct materialize *m)
{
    struct drift_relation desired;

    action_desired(m, &desired);
    desired.columns_known = desired.columns_known && m->model->columns_complete;
    desired.primary_key_known = m->model->primary_key_count > 0;
    desired.watermark_known = false;
    drift_compare(&desired, &m->existing->drift, 0, m->arena, &m->action->drift);
    return m->action->drift.failing == 0;
}

static void update(struct materialize *m, const char *why)
{
    action_decide(m, PLAN_UPDATE, "CREATE OR ALTER: %s", why);
    create_or_alter(m);
}

static void changed_query(struct materialize *m)
{
    m->action->query_before = m->existing->definition;
    m->action->query_after = m->model->sql + strspn(m->model->sql, " \t\r\n");
    switch (m->model->config.on_query_drift) {
    case MODEL_QUERY_IGNORE:
        action_decide(m, PLAN_SAME, "its query differs; on_query_drift is ignore");
        break;
    case MODEL_QUERY_FAIL:
        action_refuse(m, PLAN_DRIFT, "the table's query differs from the model",
                      "Query drift detected for %s: the materialized table's query "
                      "differs from the model, and on_query_drift is 'fail'.",
                      m->model->relation_text);
        break;
    case MODEL_QUERY_WARN:
    case MODEL_QUERY_REPLACE:
        update(m, "its query differs from the model");
        break;
    }
}

/* One that exists; the statement that dbt sends every time is left out when it would do
 * nothing, as far as that can be told. */
static void alter(struct materialize *m)
{
    if (m->existing->definition == NULL) {
        update(m, "its query is not known here; the server leaves an unchanged one "
                  "alone");
    } else if (!action_same_query(m->existing->definition, m->model->sql)) {
        changed_query(m);
    } else if (!same_table(m)) {
        update(m, "columns, options or keys differ from the model");
    } else if (!same_pool(m)) {
        update(m, arena_printf(m->arena, "it runs in pool %s, the model says %s",
                               m->existing->compute_pool_id,
                               m->model->config.compute_pool_id));
    } else {
        action_decide(m, PLAN_SAME, "materialized table");
    }
}

void materialize_materialized_table(struct materialize *m)
{
    if (action_foreign_statement(m)) {
        return;
    }
    if (m->existing == NULL) {
        action_decide(m, PLAN_CREATE, "materialized table");
        create_or_alter(m);
        return;
    }
    if (m->refresh) {
        action_decide(m, PLAN_REFRESH, "drop the %s and its data, then create",
                      action_kind_name(m->existing->drift.kind));
        action_check(m, m->model->sql);
        action_drop(m);
        create_or_alter(m);
        return;
    }
    if (m->existing->drift.kind != DRIFT_MATERIALIZED_TABLE) {
        refuse_conversion(m);
        return;
    }
    alter(m);
}
