#include "config.h"

#include "plan/plan.h"

#include <string.h>

#include "base/map.h"
#include "base/str.h"

/* ---- has anything changed since? ---- */

/* Orphans that are only listed do not count: nothing happens to them. */
static int compare_plans(const struct plan *saved, const struct plan *now,
                         struct err *err)
{
    struct buf changed = BUF_INIT;
    struct map by_id = {0};
    size_t count = 0;

    for (size_t i = 0; i < now->count; i++) {
        map_put(&by_id, now->actions[i].unique_id, &now->actions[i]);
    }
    for (size_t i = 0; i < saved->count; i++) {
        const struct plan_action *other = map_get(&by_id, saved->actions[i].unique_id);
        if (saved->actions[i].verb != PLAN_ORPHAN &&
            (other == NULL || !str_eq(saved->actions[i].observed, other->observed))) {
            count++;
            if (count <= 10) {
                buf_addf(&changed, "%s%s", count > 1 ? ", " : "",
                         saved->actions[i].name);
            }
        }
    }
    int rc = 0;
    if (count > 0) {
        err_set(err, ERR_CONFLICT,
                "the environment has changed since the plan was made at %s: %s%s",
                saved->created_at, buf_str(&changed), count > 10 ? " and more" : "");
        err_hint(err, "make a new plan; nothing was changed");
        rc = -1;
    }
    buf_fini(&changed);
    map_fini(&by_id);
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
