#include "config.h"

#include "plan/plan.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "value/json.h"

#define PLAN_FILE_FORMAT 1
#define PLAN_FILE_MAX    ((size_t)256 * 1024 * 1024)

/* ---- writing ---- */

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

/* ---- reading: a plan file is input like any other, so every field is checked ---- */

struct reading {
    struct arena *arena;
    const char *path;
    struct err *err;
    bool bad;
};

static void fail(struct reading *r, const char *key)
{
    if (!r->bad) {
        err_set(r->err, ERR_PROJECT, "%s is not a plan file: '%s' is missing or wrong",
                r->path, key);
        r->bad = true;
    }
}

static const char *get_text(struct reading *r, struct value dict, const char *key,
                            bool required)
{
    struct value v = value_dict_get(dict, key);

    if (value_is_str(v) && strlen(v.as.s) == v.len) {
        return v.as.s;
    }
    if (required || !value_is_null(v)) {
        fail(r, key);
        return "";
    }
    return NULL;
}

static bool get_bool(struct reading *r, struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    if (!value_is(v, VALUE_BOOL)) {
        fail(r, key);
        return false;
    }
    return v.as.b;
}

static int get_int(struct reading *r, struct value dict, const char *key, int max)
{
    struct value v = value_dict_get(dict, key);

    if (!value_is(v, VALUE_INT) || v.as.i < 0 || v.as.i > max) {
        fail(r, key);
        return 0;
    }
    return (int)v.as.i;
}

static struct value get_list(struct reading *r, struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    if (!value_is(v, VALUE_LIST)) {
        fail(r, key);
        return value_list_new(r->arena, 0);
    }
    return v;
}

static struct step_relation get_relation(struct reading *r, struct value dict)
{
    struct value v = value_dict_get(dict, "relation");

    return (struct step_relation){get_text(r, v, "database", false),
                                  get_text(r, v, "schema", false),
                                  get_text(r, v, "identifier", false)};
}

static enum step_kind get_kind(struct reading *r, struct value dict)
{
    const char *name = get_text(r, dict, "kind", true);

    for (int i = 0; i <= STEP_WAIT_GONE; i++) {
        if (str_eq(step_kind_name((enum step_kind)i), name)) {
            return (enum step_kind)i;
        }
    }
    fail(r, "kind");
    return STEP_CHECK;
}

static const struct step_test *get_test(struct reading *r, struct value dict)
{
    struct value v = value_dict_get(dict, "test");

    if (value_is_null(v)) {
        return NULL;
    }
    struct step_test *test = arena_new(r->arena, struct step_test);
    test->severity_error = get_bool(r, v, "severity_error");
    test->warn_if = get_text(r, v, "warn_if", true);
    test->error_if = get_text(r, v, "error_if", true);
    test->unit_test = get_bool(r, v, "unit_test");
    return test;
}

static void get_columns(struct reading *r, struct value dict, struct step *step)
{
    struct value list = get_list(r, dict, "columns");
    size_t count = value_list_count(list);
    struct step_column *columns = arena_array(r->arena, struct step_column, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct value v = value_list_at(list, i);
        columns[i] = (struct step_column){
            get_text(r, v, "name", true), get_text(r, v, "declared", false),
            get_text(r, v, "inferred", false), get_bool(r, v, "not_null")};
    }
    step->columns = columns;
    step->column_count = count;
}

static struct value get_dict(struct reading *r, struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    if (!value_is_null(v) && !value_is(v, VALUE_DICT)) {
        fail(r, key);
    }
    return value_is(v, VALUE_DICT) ? v : value_undefined();
}

static void get_step(struct reading *r, struct value v, struct step *step)
{
    *step = (struct step){
        .kind = get_kind(r, v),
        .statement_name = get_text(r, v, "statement_name", false),
        .summary = get_text(r, v, "summary", true),
        .sql = get_text(r, v, "sql", false),
        .compute_pool_id = get_text(r, v, "compute_pool_id", false),
        .properties = get_dict(r, v, "properties"),
        .labels = get_dict(r, v, "labels"),
        .wait = (enum step_wait)get_int(r, v, "wait", STEP_WAIT_NONE),
        .hidden = get_bool(r, v, "hidden"),
        .snapshot = get_bool(r, v, "snapshot"),
        .not_found_ok = get_bool(r, v, "not_found_ok"),
        .delete_when_done = get_bool(r, v, "delete_when_done"),
        .always = get_bool(r, v, "always"),
        .relation = get_relation(r, v),
        .test = get_test(r, v),
        .undo = get_text(r, v, "undo", true),
    };
    get_columns(r, v, step);
    bool needs_sql = step->kind == STEP_STATEMENT || step->kind == STEP_CHECK ||
                     step->kind == STEP_LEARN || step->kind == STEP_QUERY;
    bool needs_name = step->kind == STEP_STOP || step->kind == STEP_RESUME ||
                      step->kind == STEP_DELETE;
    if ((needs_sql && step->sql == NULL) ||
        (needs_name && step->statement_name == NULL)) {
        fail(r, needs_sql ? "sql" : "statement_name");
    }
}

static enum plan_verb get_verb(struct reading *r, struct value dict)
{
    const char *name = get_text(r, dict, "action", true);

    for (int i = 0; i <= PLAN_DROP; i++) {
        if (str_eq(plan_verb_name((enum plan_verb)i), name)) {
            return (enum plan_verb)i;
        }
    }
    fail(r, "action");
    return PLAN_REFUSE;
}

static void get_drift(struct reading *r, struct value dict, struct drift_list *out)
{
    struct value list = get_list(r, dict, "differences");
    size_t count = value_list_count(list);

    out->items = arena_array(r->arena, struct drift_difference, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct value v = value_list_at(list, i);
        out->items[out->count++] = (struct drift_difference){
            .kind = (enum drift_kind)get_int(r, v, "kind", DRIFT_COMMENT),
            .note = get_bool(r, v, "note"),
            .name = get_text(r, v, "name", true),
            .existing = get_text(r, v, "existing", true),
            .expected = get_text(r, v, "expected", true),
            .text = get_text(r, v, "text", true),
        };
        out->failing += out->items[i].note ? 0 : 1;
    }
}

static void get_notes(struct reading *r, struct value dict, struct plan_action *action)
{
    struct value list = get_list(r, dict, "notes");

    action->note_count = value_list_count(list);
    action->notes = arena_array(r->arena, struct plan_note, action->note_count + 1);
    for (size_t i = 0; i < action->note_count; i++) {
        struct value v = value_list_at(list, i);
        action->notes[i] =
            (struct plan_note){get_bool(r, v, "warning"), get_text(r, v, "text", true)};
    }
}

static void get_needs(struct reading *r, struct value dict, size_t actions,
                      struct plan_action *action)
{
    struct value list = get_list(r, dict, "needs");
    size_t count = value_list_count(list);

    action->needs = arena_array(r->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct value v = value_list_at(list, i);
        if (!value_is(v, VALUE_INT) || v.as.i < 0 || (size_t)v.as.i >= actions) {
            fail(r, "needs");
            return;
        }
        action->needs[action->need_count++] = (size_t)v.as.i;
    }
}

static void get_action(struct reading *r, struct value v, size_t actions,
                       struct plan_action *action)
{
    struct value steps = get_list(r, v, "steps");

    *action = (struct plan_action){
        .verb = get_verb(r, v),
        .unique_id = get_text(r, v, "unique_id", true),
        .name = get_text(r, v, "name", true),
        .resource_type = get_text(r, v, "resource_type", true),
        .materialization = get_text(r, v, "materialization", true),
        .relation_text = get_text(r, v, "relation_name", true),
        .relation = get_relation(r, v),
        .reason = get_text(r, v, "reason", true),
        .error = get_text(r, v, "error", false),
        .compiled_path = get_text(r, v, "compiled_path", true),
        .compiled_sql = get_text(r, v, "compiled_code", false),
        .query_before = get_text(r, v, "query_before", false),
        .query_after = get_text(r, v, "query_after", false),
        .level = get_int(r, v, "level", 1000000),
        .tolerated = get_bool(r, v, "tolerated"),
        .regardless = get_bool(r, v, "regardless"),
    };
    str_copy(action->observed, sizeof(action->observed),
             get_text(r, v, "observed", true));
    get_drift(r, v, &action->drift);
    get_notes(r, v, action);
    get_needs(r, v, actions, action);
    action->step_count = value_list_count(steps);
    action->steps = arena_array(r->arena, struct step, action->step_count + 1);
    for (size_t i = 0; i < action->step_count && !r->bad; i++) {
        get_step(r, value_list_at(steps, i), &action->steps[i]);
    }
}

static void get_plan(struct reading *r, struct value root, struct plan *plan)
{
    struct value actions = get_list(r, root, "actions");

    if (get_int(r, root, "format", 1000) != PLAN_FILE_FORMAT) {
        fail(r, "format");
    }
    plan->command = get_text(r, root, "command", true);
    plan->target = get_text(r, root, "target", true);
    plan->environment = get_text(r, root, "environment", true);
    plan->endpoint = get_text(r, root, "endpoint", true);
    plan->full_refresh = get_bool(r, root, "full_refresh");
    plan->offline = get_bool(r, root, "offline");
    str_copy(plan->created_at, sizeof(plan->created_at),
             get_text(r, root, "created_at", true));
    str_copy(plan->fingerprint, sizeof(plan->fingerprint),
             get_text(r, root, "fingerprint", true));
    plan->count = value_list_count(actions);
    plan->actions = arena_array(r->arena, struct plan_action, plan->count + 1);
    for (size_t i = 0; i < plan->count && !r->bad; i++) {
        get_action(r, value_list_at(actions, i), plan->count, &plan->actions[i]);
        plan->verb_counts[plan->actions[i].verb]++;
    }
}

int plan_load(const char *path, struct plan *plan, struct err *err)
{
    struct buf text = BUF_INIT;
    struct value root;

    *plan = (struct plan){0};
    struct reading r = {&plan->arena, path, err, false};
    int rc = path_read(path, PLAN_FILE_MAX, &text, err);
    if (rc == 0) {
        rc = json_parse(buf_str(&text), text.len, path, &plan->arena, &root, err);
    }
    if (rc == 0) {
        get_plan(&r, root, plan);
        rc = r.bad ? -1 : 0;
    }
    buf_fini(&text);
    return rc;
}

/* ---- has anything changed since? ---- */

static int compare_plans(const struct plan *saved, const struct plan *now,
                         struct err *err)
{
    struct buf changed = BUF_INIT;
    size_t count = 0;

    for (size_t i = 0; i < saved->count && i < now->count; i++) {
        if (!str_eq(saved->actions[i].observed, now->actions[i].observed)) {
            count++;
            if (count <= 10) {
                buf_addf(&changed, "%s%s", count > 1 ? ", " : "",
                         saved->actions[i].name);
            }
        }
    }
    int rc = 0;
    if (count > 0 || saved->count != now->count) {
        err_set(err, ERR_CONFLICT,
                "the environment has changed since the plan was made at %s: %s%s",
                saved->created_at, buf_str(&changed), count > 10 ? " and more" : "");
        err_hint(err, "make a new plan; nothing was changed");
        rc = -1;
    }
    buf_fini(&changed);
    return rc;
}

static int check_place(const struct plan *plan, const struct project *project,
                       struct err *err)
{
    const struct profile *profile = &project->profile;

    if (plan->offline) {
        return err_set(err, ERR_REFUSED,
                       "the plan was made offline: it can't be executed");
    }
    if (!str_eq(plan->environment, profile->environment_id)) {
        return err_set(err, ERR_REFUSED, "the plan was made for environment %s, not %s",
                       plan->environment, profile->environment_id);
    }
    return 0;
}

int plan_verify(const struct plan *plan, struct project *project,
                struct compiler *compiler, const struct plan_connection *connection,
                struct err_list *errors)
{
    struct err err = {0};
    struct arena arena = {0};
    struct plan now = {0};
    struct node **nodes = arena_array(&arena, struct node *, plan->count + 1);
    size_t count = 0;

    int rc = check_place(plan, project, &err);
    for (size_t i = 0; rc == 0 && i < plan->count; i++) {
        if (str_eq(plan->actions[i].resource_type, "orphan")) {
            continue;
        }
        nodes[count] = project_node(project, plan->actions[i].unique_id);
        if (nodes[count++] == NULL) {
            rc = err_set(&err, ERR_CONFLICT, "%s is no longer in the project",
                         plan->actions[i].unique_id);
        }
    }
    if (rc != 0) {
        err_list_add(errors, &err);
    } else {
        struct plan_options options = {
            .command = plan->command,
            .nodes = nodes,
            .node_count = count,
            .full_refresh = plan->full_refresh,
            .prune = str_eq(plan->command, "prune"),
        };
        rc = plan_make(project, compiler, connection, &options, &now, errors);
        if (rc == 0 && compare_plans(plan, &now, &err) != 0) {
            err_list_add(errors, &err);
            rc = -1;
        }
        plan_free(&now);
    }
    arena_fini(&arena);
    return rc;
}
