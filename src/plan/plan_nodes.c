#include "config.h"

#include "plan/planner.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "plan/statement_sql.h"
#include "sql/scan.h"

#define TEST_ROWS_MAX 500

static const char *keep(struct planner *planner, struct buf *sql)
{
    const char *text = arena_strdup(planner->arena, buf_str(sql));

    buf_fini(sql);
    return text;
}

/* ---- hooks ---- */

/* A hook as a step; a hook of nothing, BEGIN or COMMIT gives none. */
static bool hook_step(struct planner *planner, const char *sql, struct step *out)
{
    struct statement_sql facts;
    const struct profile *profile = &planner->project->profile;

    if (statement_sql_is_no_op(sql)) {
        return false;
    }
    statement_sql_read(sql, profile->environment_id, profile->dbname, planner->arena,
                       &facts);
    *out = (struct step){
        .kind = STEP_STATEMENT,
        .summary = "HOOK",
        .sql = sql,
        .labels = planner->settings.labels,
        .wait = facts.insert ? STEP_WAIT_RUNNING : STEP_WAIT_COMPLETED,
        .delete_when_done = true,
        .undo = "",
    };
    return true;
}

static int render_hooks(struct planner *planner, struct planner_item *item,
                        const struct compile_hook *hooks, size_t count,
                        bool transaction, struct step *steps, size_t *step_count,
                        struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct buf sql = BUF_INIT;
        if (hooks[i].transaction != transaction) {
            continue;
        }
        if (compile_hook_sql(planner->compiler, item->compiled, &hooks[i], &sql, err) !=
            0) {
            buf_fini(&sql);
            return -1;
        }
        if (hook_step(planner, keep(planner, &sql), &steps[*step_count])) {
            (*step_count)++;
        }
    }
    return 0;
}

int plan_hooks(struct planner *planner, struct planner_item *item, struct err *err)
{
    const struct compiled *compiled = item->compiled;
    struct plan_action *action = item->action;

    if (compiled == NULL || action == NULL || action->step_count == 0) {
        return 0;
    }
    size_t max =
        action->step_count + compiled->pre_hook_count + compiled->post_hook_count;
    struct step *steps = arena_array(planner->arena, struct step, max + 1);
    size_t count = 0;
    const struct compile_hook *pre = compiled->pre_hooks;
    const struct compile_hook *post = compiled->post_hooks;
    size_t n = compiled->pre_hook_count;
    size_t m = compiled->post_hook_count;

    if (n + m == 0) {
        return 0;
    }
    if (render_hooks(planner, item, pre, n, false, steps, &count, err) != 0 ||
        render_hooks(planner, item, pre, n, true, steps, &count, err) != 0) {
        return -1;
    }
    memcpy(steps + count, action->steps, action->step_count * sizeof(*steps));
    count += action->step_count;
    if (render_hooks(planner, item, post, m, true, steps, &count, err) != 0 ||
        render_hooks(planner, item, post, m, false, steps, &count, err) != 0) {
        return -1;
    }
    action->steps = steps;
    action->step_count = count;
    return 0;
}

int plan_operation(struct planner *planner, struct planner_item *item, struct err *err)
{
    struct buf sql = BUF_INIT;
    struct step step;

    if (compile_operation_sql(planner->compiler, item->node, value_none(), &sql, err) !=
        0) {
        buf_fini(&sql);
        return -1;
    }
    struct plan_action *action = planner_action(planner, item);
    const char *text = keep(planner, &sql);
    action->reason = "hook";
    action->compiled_sql = text;
    if (hook_step(planner, text, &step)) {
        action->steps = arena_new(planner->arena, struct step);
        action->steps[0] = step;
        action->step_count = 1;
    }
    return 0;
}

/* ---- tests ---- */

static const char *config_text(struct planner *planner, const struct node *node,
                               const char *key, const char *fallback)
{
    return arena_strdup(planner->arena, node_config_str(node, key, fallback));
}

static struct step_test *make_test(struct planner *planner, const struct node *node)
{
    struct step_test *test = arena_new(planner->arena, struct step_test);
    const char *severity = node_config_str(node, "severity", "error");

    test->severity_error = str_ieq(severity, "error");
    test->warn_if = config_text(planner, node, "warn_if", "!= 0");
    test->error_if = config_text(planner, node, "error_if", "!= 0");
    return test;
}

/* The failing rows go into a table of their own, which the test then counts. */
static const char *store_failures(struct planner *planner, struct plan_action *action,
                                  const struct compiled *compiled)
{
    const char *relation = action->relation_text;
    char *drop = arena_printf(planner->arena, "DROP TABLE IF EXISTS %s", relation);
    char *create = arena_printf(planner->arena, "CREATE TABLE %s AS (\n%s\n)", relation,
                                compiled->sql);

    struct step *step =
        planner_step(planner, action, STEP_STATEMENT, "DROP TABLE", drop);
    step->hidden = true;
    step->delete_when_done = true;
    step = planner_step(planner, action, STEP_STATEMENT, "CREATE TABLE AS", create);
    step->snapshot = true;
    step->delete_when_done = true;
    return arena_printf(planner->arena, "select * from %s", relation);
}

int plan_test(struct planner *planner, struct planner_item *item, struct err *err)
{
    struct buf sql = BUF_INIT;
    struct plan_action *action = planner_action(planner, item);
    bool stored = planner->options->store_failures ||
                  node_config_bool(item->node, "store_failures", false);
    const char *main_sql = item->compiled->sql;

    action->reason = "test";
    action->tolerated =
        str_ieq(node_config_str(item->node, "severity", "error"), "warn");
    if (stored && action->relation_text[0] != '\0') {
        main_sql = store_failures(planner, action, item->compiled);
    }
    if (compile_test_sql(planner->compiler, item->compiled, main_sql, &sql, err) != 0) {
        buf_fini(&sql);
        return -1;
    }
    struct step *step =
        planner_step(planner, action, STEP_QUERY, "TEST", keep(planner, &sql));
    step->snapshot = true;
    step->hidden = true;
    step->test = make_test(planner, item->node);
    return 0;
}

/*
 * The fixtures become CTEs of the one query that compares actual and expected rows: no
 * tables are made, and in snapshot mode a plain timestamp serves as a time attribute.
 */
static const char *unit_test_sql(struct planner *planner,
                                 const struct compile_unit_test *test)
{
    struct buf sql = BUF_INIT;
    struct sql_with_place place;

    sql_find_with(test->query, strlen(test->query), &place);
    for (size_t i = 0; i < test->fixture_count; i++) {
        buf_addf(&sql, "%s%s AS (\n%s\n)\n", i == 0 ? "WITH " : ",",
                 test->fixtures[i].name, test->fixtures[i].sql);
    }
    bool merge = test->fixture_count > 0 && place.has_with;
    buf_addf(&sql, "%s%s", merge ? "," : "", test->query + (merge ? place.insert : 0));
    return keep(planner, &sql);
}

int plan_unit_test(struct planner *planner, struct planner_item *item, struct err *err)
{
    struct compile_unit_test test;

    if (compile_unit_test(planner->compiler, item->node, &test, err) != 0) {
        return -1;
    }
    struct plan_action *action = planner_action(planner, item);
    action->reason = "unit test";
    struct step *step = planner_step(planner, action, STEP_QUERY, "UNIT TEST",
                                     unit_test_sql(planner, &test));
    struct step_test *judge = make_test(planner, item->node);
    judge->unit_test = true;
    step->test = judge;
    step->snapshot = true;
    step->hidden = true;
    return 0;
}
