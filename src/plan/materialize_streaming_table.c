#include "config.h"

#include "plan/materialize.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "plan/model_config.h"

static const struct model_column *declared(const struct plan_model *model,
                                           const char *name)
{
    for (size_t i = 0; i < model->column_count; i++) {
        if (str_eq(model->columns[i].name, name)) {
            return &model->columns[i];
        }
    }
    return NULL;
}

/* Whether the query's columns are certain and are just the declared ones. */
static bool query_matches_declared(struct materialize *m)
{
    const struct plan_model *model = m->model;

    if (!m->query.known || m->query.count != model->column_count) {
        return false;
    }
    for (size_t i = 0; i < m->query.count; i++) {
        if (declared(model, m->query.items[i].name) == NULL) {
            return false;
        }
    }
    return true;
}

static bool needs_learning(struct materialize *m)
{
    return !m->model->columns_complete || !query_matches_declared(m);
}

static void add_definition(struct buf *sql, struct materialize *m,
                           const struct model_column *column)
{
    buf_addf(sql, "%s %s%s%s%s", model_quote(m->arena, column->name), column->data_type,
             column->not_null ? " NOT NULL" : "", column->extra,
             model_comment(m->arena, "\n    COMMENT ",
                           m->model->config.persist_columns ? column->comment : ""));
}

static const char *create_sql(struct materialize *m)
{
    const struct plan_model *model = m->model;
    struct buf sql = BUF_INIT;

    buf_addf(&sql, "CREATE TABLE %s (\n  ", model->relation_text);
    if (model->columns_complete) {
        for (size_t i = 0; i < model->column_count; i++) {
            buf_adds(&sql, i > 0 ? ",\n  " : "");
            add_definition(&sql, m, &model->columns[i]);
        }
    } else {
        buf_adds(&sql, STEP_MARK_DEFINITIONS);
    }
    if (model->primary_key_count > 0) {
        buf_addf(&sql, ",\n  %s", model->primary_key_clause);
    }
    buf_addf(&sql, "%s\n)\n%s%s%s", model->extra_constraints,
             model_relation_comment(model, m->arena),
             model_distribution_clause(&model->config, m->arena),
             model_with_clause(&model->config, m->arena));
    const char *text = arena_strdup(m->arena, buf_str(&sql));
    buf_fini(&sql);
    return text;
}

/*
 * The INSERT names its columns in the order of the SELECT, so that a reordered SELECT
 * can't put values into the wrong column.
 */
static const char *insert_sql(struct materialize *m, bool table_exists)
{
    const struct plan_model *model = m->model;
    struct buf sql = BUF_INIT;
    bool known = table_exists ? m->query.known : !needs_learning(m);

    buf_addf(&sql, "INSERT INTO %s (", model->relation_text);
    if (known) {
        for (size_t i = 0; i < m->query.count; i++) {
            buf_addf(&sql, "%s%s", i > 0 ? ", " : "",
                     model_quote(m->arena, m->query.items[i].name));
        }
    } else {
        buf_adds(&sql, STEP_MARK_NAMES);
    }
    buf_addf(&sql, ")\n%s", model->sql);
    const char *text = arena_strdup(m->arena, buf_str(&sql));
    buf_fini(&sql);
    return text;
}

static const char *inferred_type(struct materialize *m, const char *name)
{
    for (size_t i = 0; i < m->query.count; i++) {
        if (str_eq(m->query.items[i].name, name)) {
            return m->query.items[i].type;
        }
    }
    return NULL;
}

/* What the project itself says about the columns that the server is asked for. */
static void add_learn(struct materialize *m)
{
    const struct plan_model *model = m->model;
    size_t max = model->column_count + m->query.count + 1;
    struct step_column *columns = arena_array(m->arena, struct step_column, max);
    size_t count = 0;

    for (size_t i = 0; i < model->column_count; i++) {
        const struct model_column *from = &model->columns[i];
        columns[count++] = (struct step_column){
            from->name, from->data_type, inferred_type(m, from->name), from->not_null};
    }
    for (size_t i = 0; i < m->query.count; i++) {
        const char *name = m->query.items[i].name;
        if (declared(model, name) == NULL && !model->columns_complete) {
            columns[count++] =
                (struct step_column){name, NULL, m->query.items[i].type, false};
        }
    }
    struct step *step = action_step(m, STEP_LEARN, "LEARN COLUMNS");
    step->sql = model->sql;
    step->hidden = true;
    step->columns = columns;
    step->column_count = count;
}

static struct step *add_insert(struct materialize *m, const char *name,
                               bool table_exists)
{
    struct step *step =
        action_statement(m, name, "INSERT", insert_sql(m, table_exists));

    step->properties = m->model->config.statement_properties;
    step->wait = m->settings->no_wait ? STEP_WAIT_NONE : STEP_WAIT_RUNNING;
    return step;
}

struct step *action_insert(struct materialize *m, const char *name)
{
    return add_insert(m, name, true);
}

/*
 * The CREATE TABLE stays once it is COMPLETED (the server forgets it after 30 days):
 * its labels tell whose table it is when the project has it no longer.
 */
static void add_create_and_insert(struct materialize *m)
{
    action_statement(m, m->model->statement_ddl, "CREATE TABLE", create_sql(m));
    add_insert(m, m->model->statement, false);
}

static void refresh(struct materialize *m)
{
    action_decide(m, PLAN_REFRESH, "drop the %s and its data, then create",
                  action_kind_name(m->existing->drift.kind));
    if (needs_learning(m)) {
        add_learn(m);
    } else {
        action_check(m, m->model->sql);
    }
    action_drop(m);
    add_create_and_insert(m);
}

/* The table is there, nothing writes to it: start the INSERT from scratch. */
static void start(struct materialize *m, const char *why)
{
    action_decide(m, PLAN_START, "INSERT %s %s", m->model->statement, why);
    action_note(m, true,
                "the INSERT reads its sources from the beginning and adds to the rows "
                "that the table has; \\refresh %s empties the table first",
                m->model->node->name);
    action_delete_inserts(m);
    if (!m->query.known) {
        add_learn(m);
    }
    add_insert(m, m->model->statement, true);
}

static void resume(struct materialize *m, const struct plan_statement *statement)
{
    action_decide(m, PLAN_RESUME, "INSERT %s is STOPPED", statement->name);
    struct step *step = action_step(m, STEP_RESUME, "RESUME");
    step->statement_name = statement->name;
    step->wait = m->settings->no_wait ? STEP_WAIT_NONE : STEP_WAIT_RUNNING;
}

static void set_query_drift(struct materialize *m,
                            const struct plan_statement *statement)
{
    m->action->query_before = statement->query;
    m->action->query_after = m->model->sql + strspn(m->model->sql, " \t\r\n");
}

/* What to do about a statement whose query is not the model's. */
static void changed_query(struct materialize *m, const struct plan_statement *statement)
{
    const char *state =
        statement->state == PLAN_STATEMENT_STOPPED ? "stopped" : "running";

    set_query_drift(m, statement);
    switch (m->model->config.on_query_drift) {
    case MODEL_QUERY_IGNORE:
        action_decide(m, PLAN_SAME, "its query differs; on_query_drift is ignore");
        if (statement->state == PLAN_STATEMENT_STOPPED) {
            resume(m, statement);
        }
        break;
    case MODEL_QUERY_FAIL:
        action_refuse(
            m, PLAN_DRIFT,
            arena_printf(m->arena, "the %s INSERT differs from the model", state),
            "Query drift detected for %s: the %s INSERT '%s' differs from "
            "the model, and on_query_drift is 'fail'.",
            m->model->relation_text, state, statement->name);
        break;
    case MODEL_QUERY_REPLACE:
        action_replace(m, statement);
        break;
    case MODEL_QUERY_WARN:
        action_decide(m, PLAN_CHANGED,
                      "the %s INSERT differs from the model (\\plan -v shows the diff)",
                      state);
        action_note(m, true,
                    "%s keeps its old query: \\refresh %s rebuilds the table; "
                    "on_query_drift='replace' swaps the INSERT",
                    m->model->relation_text, m->model->node->name);
        break;
    }
}

static bool same_query(struct materialize *m, const struct plan_statement *statement)
{
    return statement->query == NULL ||
           action_same_query(statement->query, m->model->sql);
}

/* Settings that the model changed since the INSERT was started: it keeps the old ones.
 */
static void note_settings(struct materialize *m, const struct plan_statement *writer)
{
    struct value want = m->model->config.statement_properties;
    const char *pool = m->model->config.compute_pool_id;
    size_t at = 0;
    const struct value_pair *pair;

    if (pool != NULL && writer->compute_pool_id != NULL &&
        !str_eq(writer->compute_pool_id, pool)) {
        action_note(m, true, "INSERT %s runs in pool %s, the model says %s",
                    writer->name, writer->compute_pool_id, pool);
    }
    while ((pair = value_dict_next(want, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        const char *expected = config_text(pair->value, m->arena);
        const char *existing =
            value_cstr(value_dict_get(writer->properties, key), NULL);
        if (expected != NULL &&
            (existing == NULL || !drift_option_equal(existing, expected))) {
            action_note(m, true, "INSERT %s has '%s' = '%s', the model says '%s'",
                        writer->name, key, existing != NULL ? existing : "<not set>",
                        expected);
        }
    }
}

static void judge_live(struct materialize *m, const struct plan_statement *writer)
{
    if (writer->state == PLAN_STATEMENT_DEGRADED) {
        action_note(m, true, "INSERT %s is DEGRADED: %s", writer->name, writer->detail);
    }
    if (!same_query(m, writer)) {
        changed_query(m, writer);
        return;
    }
    action_decide(m, PLAN_SAME, "INSERT %s is %s", writer->name, writer->phase);
    if (writer != m->statement) {
        action_note(
            m, false,
            "adopted: INSERT %s feeds the table; dbt would not recognise it and "
            "start another one",
            writer->name);
    }
    note_settings(m, writer);
}

static void judge_failed(struct materialize *m, const struct plan_statement *statement)
{
    if (statement->has_offsets) {
        action_replace(m, statement);
        return;
    }
    action_note(m, true, "INSERT %s FAILED: %s", statement->name, statement->detail);
    start(m, "has FAILED");
}

static void judge_statement(struct materialize *m,
                            const struct plan_statement *statement)
{
    switch (statement->state) {
    case PLAN_STATEMENT_LIVE:
    case PLAN_STATEMENT_DEGRADED:
        judge_live(m, statement);
        break;
    case PLAN_STATEMENT_COMPLETED:
        if (same_query(m, statement)) {
            action_decide(m, PLAN_SAME, "INSERT %s is COMPLETED", statement->name);
        } else {
            changed_query(m, statement);
        }
        break;
    case PLAN_STATEMENT_STOPPED:
        if (same_query(m, statement)) {
            resume(m, statement);
        } else {
            changed_query(m, statement);
        }
        break;
    case PLAN_STATEMENT_FAILED:
        judge_failed(m, statement);
        break;
    case PLAN_STATEMENT_MOVING:
        action_decide(m, PLAN_WAIT, "INSERT %s is %s: run again once it has settled",
                      statement->name, statement->phase);
        break;
    }
}

static bool is_alive(const struct plan_statement *statement)
{
    return statement->state == PLAN_STATEMENT_LIVE ||
           statement->state == PLAN_STATEMENT_DEGRADED ||
           statement->state == PLAN_STATEMENT_MOVING;
}

/* The statement that counts: one that is alive, else N, else a stopped other one. */
static const struct plan_statement *pick(struct materialize *m, size_t *alive)
{
    const struct plan_statement *best = m->statement;

    *alive = 0;
    for (size_t i = 0; i < m->writer_count; i++) {
        const struct plan_statement *writer = m->writers[i];
        if (is_alive(writer)) {
            (*alive)++;
        }
        if (best == NULL || (is_alive(writer) && !is_alive(best))) {
            best = writer;
        }
    }
    return best;
}

/* N is still there although its replacement runs: the last replacement was cut short.
 */
static void finish_replacement(struct materialize *m,
                               const struct plan_statement *statement)
{
    const struct plan_statement *old = m->statement;

    if (m->action->verb != PLAN_SAME || old == NULL || old == statement ||
        old->state != PLAN_STATEMENT_STOPPED) {
        return;
    }
    action_decide(m, PLAN_UPDATE, "delete %s, which %s has replaced", old->name,
                  statement->name);
    struct step *drop = action_step(m, STEP_DELETE, "DELETE STATEMENT");
    drop->statement_name = old->name;
    drop->not_found_ok = true;
}

static void judge(struct materialize *m)
{
    size_t alive;
    const struct plan_statement *statement = pick(m, &alive);

    if (statement == NULL) {
        start(m, "is missing");
        return;
    }
    if (alive > 1) {
        action_note(
            m, true,
            "%zu INSERTs write into the table; \\ps lists them, \\kill ends the "
            "ones that are not wanted",
            alive);
    }
    judge_statement(m, statement);
    finish_replacement(m, statement);
}

static bool refused_columns(struct materialize *m)
{
    const struct plan_model *model = m->model;

    if (!m->query.known || !model->columns_complete ||
        m->query.count == model->column_count) {
        return false;
    }
    action_refuse(m, PLAN_REFUSE, "its query and its declared columns do not match",
                  "the query of '%s' yields %zu columns, but %zu are declared for it",
                  model->node->name, m->query.count, model->column_count);
    return true;
}

void materialize_streaming_table(struct materialize *m)
{
    struct drift_relation desired;
    bool columns_only = m->model->config.on_schema_drift == MODEL_DRIFT_IGNORE;

    if (action_foreign_statement(m) || refused_columns(m)) {
        return;
    }
    if (m->existing == NULL) {
        action_decide(m, PLAN_CREATE, "table, then INSERT %s", m->model->statement);
        action_delete_statements(m);
        if (needs_learning(m)) {
            add_learn(m);
        }
        add_create_and_insert(m);
        return;
    }
    if (m->refresh) {
        refresh(m);
        return;
    }
    if (action_wrong_kind(m, DRIFT_TABLE)) {
        return;
    }
    action_desired(m, &desired);
    if (!columns_only && action_drift(m, &desired, 0)) {
        return;
    }
    judge(m);
    bool restarts = m->action->verb == PLAN_START || m->action->verb == PLAN_REPLACE;
    if (columns_only && restarts) {
        action_drift(m, &desired, DRIFT_COLUMNS_ONLY);
    }
}
