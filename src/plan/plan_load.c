#include "config.h"

#include "plan/plan.h"

#include <string.h>

#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "value/json.h"

#define PLAN_FILE_MAX ((size_t)256 * 1024 * 1024)

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

/* Labels and properties: texts, or (properties) whole numbers and booleans too. */
static struct value get_dict(struct reading *r, struct value dict, const char *key,
                             bool only_text)
{
    struct value v = value_dict_get(dict, key);
    const struct value_pair *pair;
    size_t at = 0;

    if (value_is_null(v)) {
        return value_undefined();
    }
    if (!value_is(v, VALUE_DICT)) {
        fail(r, key);
        return value_undefined();
    }
    while ((pair = value_dict_next(v, &at)) != NULL) {
        bool number =
            value_is(pair->value, VALUE_INT) || value_is(pair->value, VALUE_BOOL);
        if (!value_is_str(pair->value) && (only_text || !number)) {
            fail(r, key);
        }
    }
    return v;
}

static void get_step(struct reading *r, struct value v, struct step *step)
{
    *step = (struct step){
        .kind = get_kind(r, v),
        .statement_name = get_text(r, v, "statement_name", false),
        .summary = get_text(r, v, "summary", true),
        .sql = get_text(r, v, "sql", false),
        .compute_pool_id = get_text(r, v, "compute_pool_id", false),
        .properties = get_dict(r, v, "properties", false),
        .labels = get_dict(r, v, "labels", true),
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
    if (step->kind == STEP_WAIT_GONE &&
        (step->relation.database == NULL || step->relation.schema == NULL ||
         step->relation.identifier == NULL)) {
        fail(r, "relation");
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

/* Each node once, and nothing that waits for itself: what needs nothing goes first. */
static void check_order(struct reading *r, const struct plan *plan)
{
    struct map ids = {0};
    size_t *waiting = arena_array(r->arena, size_t, plan->count + 1);
    size_t *first = arena_array(r->arena, size_t, plan->count + 2);
    size_t *ready = arena_array(r->arena, size_t, plan->count + 1);
    size_t edges = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_action *action = &plan->actions[i];
        if (map_put(&ids, action->unique_id, (void *)action) != NULL) {
            fail(r, "unique_id");
        }
        waiting[i] = action->need_count;
        edges += action->need_count;
        for (size_t j = 0; j < action->need_count; j++) {
            first[action->needs[j] + 1]++;
        }
    }
    map_fini(&ids);
    for (size_t i = 0; i < plan->count; i++) {
        first[i + 1] += first[i];
    }
    size_t *next = arena_array(r->arena, size_t, plan->count + 1);
    size_t *readers = arena_array(r->arena, size_t, edges + 1);
    for (size_t i = 0; i < plan->count; i++) {
        for (size_t j = 0; j < plan->actions[i].need_count; j++) {
            size_t on = plan->actions[i].needs[j];
            readers[first[on] + next[on]++] = i;
        }
    }
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (waiting[i] == 0) {
            ready[count++] = i;
        }
    }
    for (size_t done = 0; done < count; done++) {
        for (size_t k = first[ready[done]]; k < first[ready[done] + 1]; k++) {
            if (--waiting[readers[k]] == 0) {
                ready[count++] = readers[k];
            }
        }
    }
    if (count < plan->count) {
        fail(r, "needs");
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
    if (!r->bad) {
        check_order(r, plan);
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
