/* CHECK and LEARN steps: dry-runs. */
#include "config.h"

#include "run/machine.h"

#include <string.h>

#include "base/str.h"

/* A server that has not made up its mind is asked again. */
#define UNKNOWN_MAX      4
#define UNKNOWN_DELAY_MS 1000

static const struct step *current(const struct run_node *node)
{
    return &node->action->steps[node->step];
}

/* ---- columns ---- */

static const struct step_column *known(const struct step *step, const char *name)
{
    for (size_t i = 0; i < step->column_count; i++) {
        if (strcmp(step->columns[i].name, name) == 0) {
            return &step->columns[i];
        }
    }
    return NULL;
}

static void add_column(const char *name, const char *type, bool not_null,
                       struct buf *definitions, struct buf *names)
{
    const char *comma = names->len > 0 ? ", " : "";

    buf_adds(names, comma);
    flink_quote_name(name, names);
    buf_adds(definitions, comma);
    flink_quote_name(name, definitions);
    buf_addf(definitions, " %s%s", type, not_null ? " NOT NULL" : "");
}

static int add_known(const struct step *step, struct buf *definitions,
                     struct buf *names, struct err *err)
{
    for (size_t i = 0; i < step->column_count; i++) {
        const struct step_column *column = &step->columns[i];
        const char *type =
            column->declared != NULL ? column->declared : column->inferred;
        if (type == NULL) {
            return err_set(err, ERR_SERVER,
                           "the server gave no schema for the query, and the type of "
                           "column '%s' can't be told offline",
                           column->name);
        }
        add_column(column->name, type, column->not_null, definitions, names);
    }
    return step->column_count > 0
               ? 0
               : err_set(err, ERR_SERVER,
                         "the server gave no schema for the query, and its columns "
                         "can't be told offline");
}

int run_learn(const struct step *step, const struct flink_column *learnt, size_t count,
              struct arena *arena, const char **definitions, const char **names,
              struct err *err)
{
    struct buf definition_text = BUF_INIT;
    struct buf name_text = BUF_INIT;
    int rc = 0;

    for (size_t i = 0; i < count; i++) {
        const struct step_column *column = known(step, learnt[i].name);
        const char *type = column != NULL && column->declared != NULL
                               ? column->declared
                               : learnt[i].type.text;
        add_column(learnt[i].name, type, column != NULL && column->not_null,
                   &definition_text, &name_text);
    }
    if (count == 0) {
        rc = add_known(step, &definition_text, &name_text, err);
    }
    *definitions = arena_strdup(arena, buf_str(&definition_text));
    *names = arena_strdup(arena, buf_str(&name_text));
    buf_fini(&definition_text);
    buf_fini(&name_text);
    return rc;
}

static void learn(struct run_node *node, const struct flink_statement *statement)
{
    const struct step *step = current(node);
    size_t count = statement != NULL ? statement->traits.column_count : 0;
    struct err err = {0};

    if (run_learn(step, count > 0 ? statement->traits.columns : NULL, count,
                  &node->run->report->arena, &node->definitions, &node->names,
                  &err) != 0) {
        node->names = NULL;
        err_hint(&err, "declare the model's columns with their data types in YAML");
        run_step_fail(node, &err);
        return;
    }
    if (count == 0) {
        run_node_note(node, true,
                      "the server gave no schema for the query: the types of the "
                      "columns were inferred offline");
    }
    run_step_done(node);
}

/* ---- the answer ---- */

/* A server that took no notice of sql.dry-run has started it: take it back. */
static void undo(struct run_node *node, const struct flink_statement *statement)
{
    if (statement->uid[0] != '\0' && !flink_phase_terminal(statement->phase)) {
        run_delete_later(node->run, statement->name);
    }
}

static void unknown(struct run_node *node, const struct flink_statement *statement)
{
    struct err err = {0};

    if (node->attempt < UNKNOWN_MAX) {
        run_step_sleep(node, UNKNOWN_DELAY_MS * node->attempt++,
                       "the server has not judged the statement yet", run_check);
    } else if (current(node)->kind == STEP_LEARN) {
        learn(node, NULL);
    } else {
        err_set(&err, ERR_SERVER,
                "the server does not say whether the statement is valid (%s)",
                statement->phase_text);
        run_step_fail(node, &err);
    }
}

static void refused(struct run_node *node, struct err *err)
{
    if (!run_step_retry(node, NULL, err, run_check)) {
        run_explain(node, err);
        run_step_fail(node, err);
    }
}

static void answered(void *context, const struct flink_statement *statement,
                     const struct flink_error *error)
{
    struct run_node *node = context;
    struct err err = {0};

    if (statement == NULL) {
        err = error->err;
        refused(node, &err);
        return;
    }
    undo(node, statement);
    if (statement->phase == FLINK_PHASE_FAILED) {
        err_set(&err, ERR_SERVER, "%s",
                statement->detail[0] != '\0' ? statement->detail
                                             : "the server refused the statement");
        refused(node, &err);
    } else if (statement->phase != FLINK_PHASE_COMPLETED &&
               statement->phase != FLINK_PHASE_RUNNING) {
        unknown(node, statement);
    } else if (current(node)->kind == STEP_LEARN) {
        learn(node, statement);
    } else {
        run_step_done(node);
    }
}

void run_check(struct run_node *node)
{
    const struct run_transport *transport = node->run->transport;
    struct arena arena = {0};
    struct flink_submit submit;
    struct err err = {0};

    node->sql = run_step_sql(node, &err);
    if (node->sql == NULL) {
        run_step_fail(node, &err);
        return;
    }
    run_make_submit(node, transport->new_name(transport->context, &arena), -1, &arena,
                    &submit);
    submit.dry_run = true;
    submit.hidden = true;
    transport->create(transport->context, &submit, answered, node);
    arena_fini(&arena);
}
