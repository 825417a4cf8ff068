#include "config.h"

#include "plan/materialize.h"

#include "base/buf.h"

/* CREATE TABLE … AS, in snapshot mode: it reads what is there now and then ends. */
static void create(struct materialize *m)
{
    const struct plan_model *model = m->model;
    struct buf sql = BUF_INIT;

    buf_addf(&sql, "CREATE TABLE %s", model->relation_text);
    if (model->primary_key_count > 0) {
        buf_addf(&sql, " (\n  %s\n)", model->primary_key_clause);
    }
    buf_addf(&sql, "\n%s%sAS (\n", model_relation_comment(model, m->arena),
             model_distribution_clause(&model->config, m->arena));
    if (model->config.contract && model->columns_complete) {
        buf_adds(&sql, "SELECT ");
        for (size_t i = 0; i < model->column_count; i++) {
            buf_addf(&sql, "%s%s", i > 0 ? ", " : "",
                     model_quote(m->arena, model->columns[i].name));
        }
        buf_addf(&sql, " FROM (\n%s\n) AS model_subq\n)", model->sql);
    } else {
        buf_addf(&sql, "%s\n)", model->sql);
    }
    struct step *step = action_statement(m, model->statement, "CREATE TABLE AS",
                                         arena_strdup(m->arena, buf_str(&sql)));
    step->snapshot = true;
    buf_fini(&sql);
}

static void refuse_half_made(struct materialize *m)
{
    action_refuse(m, PLAN_REFUSE, "its CREATE TABLE AS failed half-way",
                  "%s exists, but the statement '%s' that should have filled it "
                  "FAILED: %s\nRun \\refresh %s to drop the table and build it again.",
                  m->model->relation_text, m->statement->name, m->statement->detail,
                  m->model->node->name);
}

void materialize_table(struct materialize *m)
{
    struct drift_relation desired;

    if (action_foreign_statement(m)) {
        return;
    }
    if (m->existing == NULL) {
        action_decide(m, PLAN_CREATE, "table from its query, as of now");
        action_delete_statements(m);
        create(m);
        return;
    }
    if (m->refresh) {
        action_decide(m, PLAN_REFRESH, "drop the %s and its data, then create",
                      action_kind_name(m->existing->drift.kind));
        action_check(m, m->model->sql);
        action_drop(m);
        create(m);
        return;
    }
    if (action_wrong_kind(m, DRIFT_TABLE)) {
        return;
    }
    if (m->statement != NULL && m->statement->state == PLAN_STATEMENT_FAILED) {
        refuse_half_made(m);
        return;
    }
    if (m->model->config.on_schema_drift == MODEL_DRIFT_FAIL) {
        action_desired(m, &desired);
        desired.primary_key_known = m->model->primary_key_count > 0;
        if (action_drift(m, &desired, 0)) {
            return;
        }
    }
    for (size_t i = 0; i < m->writer_count; i++) {
        action_note(m, true,
                    "statement '%s' still writes into this table; dbt's 'table' has no "
                    "running INSERT (\\stop %s ends it)",
                    m->writers[i]->name, m->writers[i]->name);
    }
    action_decide(m, PLAN_SAME, "table");
}
