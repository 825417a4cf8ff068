#include "config.h"

#include "plan/materialize.h"

static void create(struct materialize *m)
{
    const char *comment = model_relation_comment(m->model, m->arena);
    const char *sql =
        arena_printf(m->arena, "CREATE VIEW %s%s%sAS (\n%s\n)", m->model->relation_text,
                     comment[0] != '\0' ? "\n" : " ", comment, m->model->sql);
    struct step *step = action_statement(m, m->model->statement, "CREATE VIEW", sql);

    step->delete_when_done = true;
}

static void recreate(struct materialize *m)
{
    action_check(m, m->model->sql);
    action_drop(m);
    create(m);
}

/*
 * A view holds no data, so a changed one is simply made anew, as dbt does; the SELECT
 * is dry-run first, so that a broken model does not leave us without the old view.
 */
void materialize_view(struct materialize *m)
{
    if (action_foreign_statement(m)) {
        return;
    }
    if (m->existing == NULL) {
        action_decide(m, PLAN_CREATE, "view");
        action_delete_statements(m);
        create(m);
        return;
    }
    if (!m->refresh && action_wrong_kind(m, DRIFT_VIEW)) {
        return;
    }
    if (m->refresh) {
        action_decide(m, PLAN_REFRESH, "drop the %s, then create the view",
                      action_kind_name(m->existing->drift.kind));
        recreate(m);
        return;
    }
    const char *running = m->existing->definition != NULL
                              ? m->existing->definition
                              : (m->statement != NULL ? m->statement->query : NULL);
    if (running != NULL && action_same_query(running, m->model->sql)) {
        action_decide(m, PLAN_SAME, "view");
        return;
    }
    m->action->query_before = running;
    m->action->query_after = running != NULL ? m->model->sql : NULL;
    if (running != NULL && m->model->config.on_query_drift == MODEL_QUERY_IGNORE) {
        action_decide(m, PLAN_SAME, "its query differs; on_query_drift is ignore");
        return;
    }
    if (running != NULL && m->model->config.on_query_drift == MODEL_QUERY_FAIL) {
        action_refuse(m, PLAN_DRIFT, "the view's query differs from the model",
                      "Query drift detected for %s: the view's query differs from the "
                      "model, and on_query_drift is 'fail'.",
                      m->model->relation_text);
        return;
    }
    action_decide(m, PLAN_REPLACE, "%s",
                  running != NULL ? "the view's query differs from the model"
                                  : "the view's query is not known here");
    recreate(m);
}
