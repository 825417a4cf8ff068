#include "config.h"

#include "plan/materialize.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compile/statement_name.h"
#include "plan/statement_sql.h"

#define OFFSET_PROPERTY "sql.tables.initial-offset-from"

/* N-2 after N, N-3 after N-2 …: a name that shows which one it replaces. */
static const char *next_name(struct materialize *m, const char *current)
{
    const char *base = m->model->statement;
    size_t len = strlen(base);
    long number = 1;
    struct err err = {0};

    if (strncmp(current, base, len) == 0 && current[len] == '-') {
        number = strtol(current + len + 1, NULL, 10);
    }
    return statement_name_sanitise(
        arena_printf(m->arena, "%s-%ld", base, (number > 0 ? number : 1) + 1), m->arena,
        &err);
}

/* Why the new INSERT can't take over where the old one stopped; NULL when it can. */
static const char *unsafe(struct materialize *m, const struct plan_statement *old)
{
    const char *state = statement_sql_state(m->model->sql);

    if (state != NULL) {
        return arena_printf(m->arena,
                            "its new query uses %s, whose state can't be carried over",
                            state);
    }
    state =
        old->query != NULL ? statement_sql_state(old->query) : "SQL that is not known";
    if (state != NULL) {
        return arena_printf(m->arena,
                            "the old query uses %s, whose state can't be carried over",
                            state);
    }
    if (!m->query.known) {
        return "the columns of its new query are not known";
    }
    for (size_t i = 0; i < m->query.count; i++) {
        bool found = false;
        for (size_t j = 0; j < m->existing->drift.column_count; j++) {
            found = found ||
                    str_eq(m->query.items[i].name, m->existing->drift.columns[j].name);
        }
        if (!found) {
            return arena_printf(m->arena, "the table has no column '%s'",
                                m->query.items[i].name);
        }
    }
    return NULL;
}

static struct value with_offsets(struct materialize *m, const char *from)
{
    struct value properties = m->model->config.statement_properties;
    struct value dict = value_is(properties, VALUE_DICT)
                            ? value_clone(m->arena, properties)
                            : value_dict_new(m->arena, 1);

    value_dict_put(dict, OFFSET_PROPERTY, value_copy_str(m->arena, from));
    return dict;
}

void action_replace(struct materialize *m, const struct plan_statement *old)
{
    const char *why = unsafe(m, old);
    bool failed = old->state == PLAN_STATEMENT_FAILED;

    if (why != NULL) {
        action_refuse(
            m, PLAN_REFUSE, "the INSERT can't be replaced safely",
            "INSERT '%s' into %s can't be replaced: %s.\n\\refresh %s rebuilds "
            "the table from the beginning.",
            old->name, m->model->relation_text, why, m->model->node->name);
        return;
    }
    const char *name = next_name(m, old->name);
    action_decide(m, PLAN_REPLACE, "INSERT %s takes over from %s at its offsets", name,
                  old->name);
    action_note(m, false, "dbt would not recognise %s and start another INSERT", name);
    if (!failed && old->state != PLAN_STATEMENT_STOPPED) {
        struct step *stop = action_step(m, STEP_STOP, "STOP");
        stop->statement_name = old->name;
        stop->undo = "\\resume goes on with the old query";
    }
    struct step *insert = action_insert(m, name);
    insert->properties = with_offsets(m, old->name);
    insert->wait = STEP_WAIT_RUNNING;
    struct step *drop = action_step(m, STEP_DELETE, "DELETE STATEMENT");
    drop->statement_name = old->name;
    drop->not_found_ok = true;
}
