#include "config.h"

#include "plan/plan.h"

#include "base/path.h"
#include "value/json.h"

static void put_text(struct value dict, const char *key, const char *text)
{
    value_dict_put(dict, key, text != NULL ? value_str(text) : value_none());
}

static struct value relation_value(struct arena *arena, const struct step_relation *r)
{
    struct value dict = value_dict_new(arena, 3);

    put_text(dict, "database", r->database);
    put_text(dict, "schema", r->schema);
    put_text(dict, "identifier", r->identifier);
    return dict;
}

static struct value columns_value(struct arena *arena, const struct step *step)
{
    struct value list = value_list_new(arena, step->column_count);

    for (size_t i = 0; i < step->column_count; i++) {
        struct value dict = value_dict_new(arena, 4);
        put_text(dict, "name", step->columns[i].name);
        put_text(dict, "declared", step->columns[i].declared);
        put_text(dict, "inferred", step->columns[i].inferred);
        value_dict_put(dict, "not_null", value_bool(step->columns[i].not_null));
        value_list_push(list, dict);
    }
    return list;
}

static struct value test_value(struct arena *arena, const struct step_test *test)
{
    struct value dict = value_dict_new(arena, 4);

    value_dict_put(dict, "severity_error", value_bool(test->severity_error));
    put_text(dict, "warn_if", test->warn_if);
    put_text(dict, "error_if", test->error_if);
    value_dict_put(dict, "unit_test", value_bool(test->unit_test));
    return dict;
}

static struct value or_none(struct value v)
{
    return value_is(v, VALUE_UNDEFINED) ? value_none() : v;
}

static struct value step_value(struct arena *arena, const struct step *step)
{
    struct value dict = value_dict_new(arena, 16);

    put_text(dict, "kind", step_kind_name(step->kind));
    put_text(dict, "statement_name", step->statement_name);
    put_text(dict, "summary", step->summary);
    put_text(dict, "sql", step->sql);
    put_text(dict, "compute_pool_id", step->compute_pool_id);
    value_dict_put(dict, "properties", or_none(step->properties));
    value_dict_put(dict, "labels", or_none(step->labels));
    value_dict_put(dict, "wait", value_int(step->wait));
    value_dict_put(dict, "hidden", value_bool(step->hidden));
    value_dict_put(dict, "snapshot", value_bool(step->snapshot));
    value_dict_put(dict, "not_found_ok", value_bool(step->not_found_ok));
    value_dict_put(dict, "delete_when_done", value_bool(step->delete_when_done));
    value_dict_put(dict, "always", value_bool(step->always));
    value_dict_put(dict, "relation", relation_value(arena, &step->relation));
    value_dict_put(dict, "test",
                   step->test != NULL ? test_value(arena, step->test) : value_none());
    value_dict_put(dict, "columns", columns_value(arena, step));
    put_text(dict, "undo", step->undo);
    return dict;
}

static struct value differences_value(struct arena *arena,
                                      const struct drift_list *drift)
{
    struct value list = value_list_new(arena, drift->count);

    for (size_t i = 0; i < drift->count; i++) {
        struct value dict = value_dict_new(arena, 6);
        value_dict_put(dict, "kind", value_int(drift->items[i].kind));
        value_dict_put(dict, "note", value_bool(drift->items[i].note));
        put_text(dict, "name", drift->items[i].name);
        put_text(dict, "existing", drift->items[i].existing);
        put_text(dict, "expected", drift->items[i].expected);
        put_text(dict, "text", drift->items[i].text);
        value_list_push(list, dict);
    }
    return list;
}

static struct value notes_value(struct arena *arena, const struct plan_action *action)
{
    struct value list = value_list_new(arena, action->note_count);

    for (size_t i = 0; i < action->note_count; i++) {
        struct value dict = value_dict_new(arena, 2);
        value_dict_put(dict, "warning", value_bool(action->notes[i].warning));
        put_text(dict, "text", action->notes[i].text);
        value_list_push(list, dict);
    }
    return list;
}

static struct value action_value(struct arena *arena, const struct plan_action *action)
{
    struct value dict = value_dict_new(arena, 24);
    struct value steps = value_list_new(arena, action->step_count);
    struct value needs = value_list_new(arena, action->need_count);

    for (size_t i = 0; i < action->step_count; i++) {
        value_list_push(steps, step_value(arena, &action->steps[i]));
    }
    for (size_t i = 0; i < action->need_count; i++) {
        value_list_push(needs, value_int((int64_t)action->needs[i]));
    }
    put_text(dict, "action", plan_verb_name(action->verb));
    put_text(dict, "unique_id", action->unique_id);
    put_text(dict, "name", action->name);
    put_text(dict, "resource_type", action->resource_type);
    put_text(dict, "materialization", action->materialization);
    put_text(dict, "relation_name", action->relation_text);
    value_dict_put(dict, "relation", relation_value(arena, &action->relation));
    put_text(dict, "reason", action->reason);
    put_text(dict, "error", action->error);
    put_text(dict, "compiled_path", action->compiled_path);
    put_text(dict, "compiled_code", action->compiled_sql);
    value_dict_put(dict, "differences", differences_value(arena, &action->drift));
    put_text(dict, "query_before", action->query_before);
    put_text(dict, "query_after", action->query_after);
    value_dict_put(dict, "notes", notes_value(arena, action));
    value_dict_put(dict, "needs", needs);
    value_dict_put(dict, "level", value_int(action->level));
    value_dict_put(dict, "tolerated", value_bool(action->tolerated));
    value_dict_put(dict, "regardless", value_bool(action->regardless));
    put_text(dict, "observed", action->observed);
    value_dict_put(dict, "steps", steps);
    return dict;
}

struct value plan_to_value(const struct plan *plan, struct arena *arena)
{
    struct value dict = value_dict_new(arena, 12);
    struct value actions = value_list_new(arena, plan->count);

    for (size_t i = 0; i < plan->count; i++) {
        value_list_push(actions, action_value(arena, &plan->actions[i]));
    }
    value_dict_put(dict, "format", value_int(PLAN_FILE_FORMAT));
    put_text(dict, "created_at", plan->created_at);
    put_text(dict, "command", plan->command);
    put_text(dict, "target", plan->target);
    put_text(dict, "environment", plan->environment);
    put_text(dict, "endpoint", plan->endpoint);
    value_dict_put(dict, "full_refresh", value_bool(plan->full_refresh));
    value_dict_put(dict, "offline", value_bool(plan->offline));
    put_text(dict, "fingerprint", plan->fingerprint);
    value_dict_put(dict, "actions", actions);
    return dict;
}

int plan_save(const struct plan *plan, const char *path, struct err *err)
{
    struct arena arena = {0};
    struct buf out = BUF_INIT;

    int rc = json_write(plan_to_value(plan, &arena), JSON_INDENT, &out, err);
    if (rc == 0) {
        buf_addc(&out, '\n');
        rc = path_write(path, buf_str(&out), out.len, 0600, err);
    }
    buf_fini(&out);
    arena_fini(&arena);
    return rc;
}
