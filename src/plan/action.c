#include "config.h"

#include "plan/materialize.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sql/canonical.h"
#include "sql/parse.h"

const char *plan_relation_key(struct arena *arena, const struct step_relation *relation)
{
    return arena_printf(arena, "%s.%s.%s", relation->database, relation->schema,
                        relation->identifier);
}

void action_decide(struct materialize *m, enum plan_verb verb, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    m->action->verb = verb;
    m->action->reason = arena_vprintf(m->arena, fmt, ap);
    va_end(ap);
}

void action_refuse(struct materialize *m, enum plan_verb verb, const char *reason,
                   const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    m->action->verb = verb;
    m->action->reason = reason;
    m->action->error = arena_vprintf(m->arena, fmt, ap);
    m->action->step_count = 0;
    va_end(ap);
}

void action_note(struct materialize *m, bool warning, const char *fmt, ...)
{
    struct plan_action *action = m->action;
    size_t size = sizeof(*action->notes);
    va_list ap;

    va_start(ap, fmt);
    action->notes = arena_realloc(m->arena, action->notes, action->note_count * size,
                                  (action->note_count + 1) * size);
    action->notes[action->note_count++] =
        (struct plan_note){warning, arena_vprintf(m->arena, fmt, ap)};
    va_end(ap);
}

struct step *action_step(struct materialize *m, enum step_kind kind,
                         const char *summary)
{
    struct plan_action *action = m->action;
    size_t size = sizeof(*action->steps);

    action->steps = arena_realloc(m->arena, action->steps, action->step_count * size,
                                  (action->step_count + 1) * size);
    struct step *step = &action->steps[action->step_count++];
    *step = (struct step){
        .kind = kind,
        .summary = summary,
        .compute_pool_id = m->model->config.compute_pool_id,
        .labels = m->settings->labels,
        .wait = STEP_WAIT_COMPLETED,
        .relation = m->model->relation,
        .undo = "",
    };
    return step;
}

struct step *action_statement(struct materialize *m, const char *name,
                              const char *summary, const char *sql)
{
    struct step *step = action_step(m, STEP_STATEMENT, summary);

    step->statement_name = name;
    step->sql = sql;
    return step;
}

void action_check(struct materialize *m, const char *sql)
{
    struct step *step = action_step(m, STEP_CHECK, "CHECK");

    step->sql = sql;
    step->hidden = true;
}

static void delete_statement(struct materialize *m, const char *name)
{
    struct step *step = action_step(m, STEP_DELETE, "DELETE STATEMENT");

    step->statement_name = name;
    step->not_found_ok = true;
    step->undo = "a deleted statement loses its state and its position in its sources";
}

void action_delete_inserts(struct materialize *m)
{
    if (m->statement != NULL) {
        delete_statement(m, m->statement->name);
    }
    for (size_t i = 0; i < m->writer_count; i++) {
        if (m->writers[i] != m->statement && m->writers[i]->labelled) {
            delete_statement(m, m->writers[i]->name);
        }
    }
}

void action_delete_statements(struct materialize *m)
{
    action_delete_inserts(m);
    if (m->statement_ddl != NULL) {
        delete_statement(m, m->statement_ddl->name);
    }
}

/* One that has not begun is deleted: it has no rows to lose or to write twice. */
static void stop_statement(struct materialize *m,
                           const struct plan_statement *statement)
{
    if (str_eq(statement->phase, "PENDING")) {
        delete_statement(m, statement->name);
    } else if (statement->state == PLAN_STATEMENT_LIVE ||
               statement->state == PLAN_STATEMENT_DEGRADED) {
        struct step *step = action_step(m, STEP_STOP, "STOP");
        step->statement_name = statement->name;
        step->not_found_ok = true;
    }
}

static void stop_writers(struct materialize *m)
{
    if (m->statement != NULL) {
        stop_statement(m, m->statement);
    }
    for (size_t i = 0; i < m->writer_count; i++) {
        if (m->writers[i] != m->statement && m->writers[i]->labelled) {
            stop_statement(m, m->writers[i]);
        }
    }
}

void action_drop(struct materialize *m)
{
    static const struct {
        const char *summary;
        const char *sql;
        const char *undo;
    } drops[] = {
        [DRIFT_TABLE] = {"DROP TABLE", "DROP TABLE IF EXISTS %s",
                         "the table's topic and its data are lost"},
        [DRIFT_VIEW] = {"DROP VIEW", "DROP VIEW IF EXISTS %s", ""},
        [DRIFT_MATERIALIZED_TABLE] = {"DROP MATERIALIZED TABLE",
                                      "DROP MATERIALIZED TABLE IF EXISTS %s",
                                      "the table's topic and its data are lost"},
        [DRIFT_EXTERNAL] = {"DROP TABLE", "DROP TABLE IF EXISTS %s",
                            "the table's topic and its data are lost"},
    };
    enum drift_relation_kind kind = m->existing->drift.kind;

    stop_writers(m);
    char *sql = arena_printf(m->arena, drops[kind].sql, m->model->relation_text);
    struct step *step = action_statement(m, NULL, drops[kind].summary, sql);
    step->hidden = true;
    step->delete_when_done = true;
    step->undo = drops[kind].undo;
    if (kind == DRIFT_MATERIALIZED_TABLE) {
        action_step(m, STEP_WAIT_GONE, "WAIT UNTIL DROPPED");
    }
    action_delete_statements(m);
}

/* Writes another relation, or none that is known and carries no label of ours. */
static bool is_foreign(struct materialize *m, const struct plan_statement *statement)
{
    const char *key = plan_relation_key(m->arena, &m->model->relation);

    if (statement == NULL) {
        return false;
    }
    return statement->target != NULL ? !str_eq(statement->target, key)
                                     : !statement->labelled;
}

bool action_foreign_statement(struct materialize *m)
{
    const struct plan_statement *foreign = is_foreign(m, m->statement) ? m->statement
                                           : is_foreign(m, m->statement_ddl)
                                               ? m->statement_ddl
                                               : NULL;

    if (foreign == NULL) {
        return false;
    }
    const char *what =
        foreign->target != NULL
            ? arena_printf(m->arena,
                           "belongs to another relation: it writes %s, not %s",
                           foreign->target, m->model->relation_text)
            : arena_printf(m->arena, "is somebody else's: it does not write %s",
                           m->model->relation_text);
    action_refuse(m, PLAN_REFUSE, "its statement name is taken",
                  "statement '%s' exists and %s\nSet 'statement_name' in the model's "
                  "config, or another statement_name_prefix in the profile, so that "
                  "the two differ.",
                  foreign->name, what);
    return true;
}

const char *action_kind_name(enum drift_relation_kind kind)
{
    static const char *const names[] = {
        [DRIFT_ABSENT] = "nothing",
        [DRIFT_TABLE] = "table",
        [DRIFT_VIEW] = "view",
        [DRIFT_MATERIALIZED_TABLE] = "materialized table",
        [DRIFT_EXTERNAL] = "external table",
    };

    return names[kind];
}

static void refuse_materialized_table(struct materialize *m)
{
    action_refuse(
        m, PLAN_REFUSE, "a materialized table of that name exists",
        "%s exists as a Flink materialized table, which cannot be managed by this "
        "model's materialization. Either set materialized='materialized_table' on the "
        "model, or run with --full-refresh to drop it and recreate the relation "
        "(dropping a materialized table permanently deletes the backing Kafka topic "
        "and "
        "its data; its Schema Registry subjects are NOT deleted and may block the "
        "recreate under the same name until removed).",
        m->model->relation_text);
}

bool action_wrong_kind(struct materialize *m, enum drift_relation_kind kind)
{
    enum drift_relation_kind have = m->existing->drift.kind;

    if (have == kind) {
        return false;
    }
    if (have == DRIFT_MATERIALIZED_TABLE) {
        refuse_materialized_table(m);
        return true;
    }
    const char *reason =
        arena_printf(m->arena, "a %s of that name exists", action_kind_name(have));
    const char *loss =
        have == DRIFT_VIEW
            ? ""
            : " This permanently deletes the backing Kafka topic and its "
              "data.";
    action_refuse(m, PLAN_REFUSE, reason,
                  "%s exists as a %s, but the model makes a %s; nothing was changed.\n"
                  "Run with --full-refresh (or \\refresh %s) to drop it and create the "
                  "%s.%s",
                  m->model->relation_text, action_kind_name(have),
                  action_kind_name(kind), m->model->node->name, action_kind_name(kind),
                  loss);
    return true;
}

/* Declared columns first, with what the query knows where nothing is declared. */
static void desired_columns(struct materialize *m, struct drift_relation *out)
{
    const struct plan_model *model = m->model;
    bool only_declared = model->columns_complete;
    bool creates = str_eq(model->materialization, "streaming_table");
    size_t count = only_declared ? model->column_count : m->query.count;
    struct drift_column *columns =
        arena_array(m->arena, struct drift_column, count + 1);

    for (size_t i = 0; i < model->column_count && only_declared; i++) {
        const struct model_column *from = &model->columns[i];
        columns[i] = (struct drift_column){
            .name = from->name,
            .type = from->data_type,
            .comment = from->comment,
            .not_null = from->not_null,
            .nullability_known = creates && from->extra[0] == '\0',
        };
    }
    for (size_t i = 0; i < m->query.count && !only_declared; i++) {
        columns[i] = m->query.items[i];
        for (size_t j = 0; j < model->column_count; j++) {
            const struct model_column *declared = &model->columns[j];
            if (str_eq(declared->name, columns[i].name)) {
                columns[i].type =
                    declared->data_type != NULL ? declared->data_type : columns[i].type;
                columns[i].comment = declared->comment;
            }
        }
        columns[i].nullability_known = false;
    }
    out->columns = columns;
    out->column_count = count;
    out->columns_known = only_declared || m->query.known;
}

/* The model's hooks as they are written, and what constraints it adds verbatim. */
static const char *altering_sql(struct materialize *m)
{
    const struct plan_model *model = m->model;
    const struct compiled *compiled = model->compiled;
    struct buf out = BUF_INIT;

    buf_adds(&out, model->extra_constraints != NULL ? model->extra_constraints : "");
    for (size_t i = 0; compiled != NULL && i < compiled->post_hook_count; i++) {
        buf_addf(&out, "\n%s", compiled->post_hooks[i].sql);
    }
    const char *text = arena_strdup(m->arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

void action_desired(struct materialize *m, struct drift_relation *out)
{
    const struct plan_model *model = m->model;

    *out = (struct drift_relation){
        .kind = DRIFT_TABLE,
        .options = model->config.options,
        .option_count = model->config.option_count,
        .distributed = model->config.distribution_column_count > 0,
        .distribution_columns = model->config.distribution_columns,
        .distribution_column_count = model->config.distribution_column_count,
        .buckets = model->config.buckets,
        .primary_key = model->primary_key,
        .primary_key_count = model->primary_key_count,
        .primary_key_known = true,
        .watermark_known = true,
        .comment = model->node->description,
        .altered_by = altering_sql(m),
    };
    desired_columns(m, out);
}

bool action_drift(struct materialize *m, const struct drift_relation *desired,
                  unsigned flags)
{
    struct buf message = BUF_INIT;

    drift_compare(desired, &m->existing->drift, flags, m->arena, &m->action->drift);
    if (m->action->drift.failing == 0) {
        return false;
    }
    const struct drift_list *list = &m->action->drift;
    const char *first = "";
    for (size_t i = 0; i < list->count && first[0] == '\0'; i++) {
        first = list->items[i].note ? "" : list->items[i].text;
    }
    drift_message(list, m->model->relation_text, &message);
    const char *reason =
        list->failing == 1
            ? first
            : arena_printf(m->arena, "%s (and %zu more)", first, list->failing - 1);
    action_refuse(m, PLAN_DRIFT, reason, "%s", buf_str(&message));
    buf_fini(&message);
    return true;
}

/* The canonical text, without parentheses around the query as a whole. */
static bool canonical_query(const char *text, struct buf *out)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_query *query;
    size_t start = 0;
    size_t end = strlen(text);

    if (sql_parse_query(&arena, text, end, &query, &err) == 0) {
        start = query->at.start;
        end = query->at.end;
    }
    arena_fini(&arena);
    return sql_canonical(text + start, end - start, out) == 0;
}

bool action_same_query(const char *a, const char *b)
{
    struct buf x = BUF_INIT;
    struct buf y = BUF_INIT;

    bool same = canonical_query(a, &x) && canonical_query(b, &y) &&
                str_eq(buf_str(&x), buf_str(&y));
    buf_fini(&x);
    buf_fini(&y);
    return same;
}

materialize_fn *materialize_find(const char *materialization)
{
    static const struct {
        const char *name;
        materialize_fn *fn;
    } table[] = {
        {"view", materialize_view},
        {"table", materialize_table},
        {"streaming_table", materialize_streaming_table},
        {"streaming_source", materialize_streaming_source},
        {"materialized_table", materialize_materialized_table},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (str_eq(table[i].name, materialization)) {
            return table[i].fn;
        }
    }
    return NULL;
}
