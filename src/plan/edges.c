#include "config.h"

#include "plan/planner.h"

#include <string.h>

#include "base/str.h"

/* ---- edges ---- */

struct edges {
    struct planner *planner;
    struct plan_action *action;
    struct map seen; /* unique ids visited */
    size_t cap;
};

static void add_need(struct edges *edges, const struct plan_action *on)
{
    struct plan_action *action = edges->action;
    size_t size = sizeof(*action->needs);

    if (action->need_count == edges->cap) {
        size_t grown = edges->cap != 0 ? edges->cap * 2 : 4;
        action->needs = arena_realloc(edges->planner->arena, action->needs,
                                      edges->cap * size, grown * size);
        edges->cap = grown;
    }
    action->needs[action->need_count++] = (size_t)(on - edges->planner->plan->actions);
}

/* The nearest planned ancestors; what has no action (ephemerals) is looked through. */
static void visit_parents(struct edges *edges, const struct node *node, int depth)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        const struct node *parent = node->parents.items[i];
        if (map_put(&edges->seen, parent->unique_id, (void *)parent) != NULL) {
            continue;
        }
        const struct planner_item *item =
            map_get(&edges->planner->by_node, parent->unique_id);
        if (item != NULL && item->action != NULL) {
            add_need(edges, item->action);
        } else if (depth < 10000) {
            visit_parents(edges, parent, depth + 1);
        }
    }
}

/*
 * In a build, what is downstream of a tested node waits for its tests (dbt 1.11),
 * unless the test reads something downstream itself.
 */
static void visit_tests(struct edges *edges, const struct node *node)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        const struct node *parent = node->parents.items[i];
        for (size_t j = 0; j < parent->children.count; j++) {
            const struct node *test = parent->children.items[j];
            if (test->type != NODE_TEST || test->level > node->level || test == node) {
                continue;
            }
            const struct planner_item *item =
                map_get(&edges->planner->by_node, test->unique_id);
            if (item != NULL && item->action != NULL &&
                map_put(&edges->seen, test->unique_id, (void *)test) == NULL) {
                add_need(edges, item->action);
            }
        }
    }
}

static bool is_operation(const struct plan_action *action, const char *when)
{
    return str_eq(action->resource_type, "operation") &&
           strstr(action->name, when) != NULL;
}

static void need(struct planner *planner, struct plan_action *action, size_t on)
{
    size_t size = sizeof(*action->needs);
    size_t *needs = arena_alloc(planner->arena, (action->need_count + 1) * size);

    if (action->need_count > 0) {
        memcpy(needs, action->needs, action->need_count * size);
    }
    needs[action->need_count++] = on;
    action->needs = needs;
}

/* Hooks of a kind run one after the other; returns the last one, or `count`. */
static size_t chain_operations(struct planner *planner, const char *when)
{
    struct plan *plan = planner->plan;
    size_t last = plan->count;

    for (size_t i = 0; i < plan->count; i++) {
        if (is_operation(&plan->actions[i], when)) {
            if (last < plan->count) {
                need(planner, &plan->actions[i], last);
            }
            last = i;
        }
    }
    return last;
}

static void need_everything(struct planner *planner, struct plan_action *action)
{
    struct plan *plan = planner->plan;

    action->needs = arena_array(planner->arena, size_t, plan->count);
    action->need_count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (!is_operation(&plan->actions[i], "on-run-end")) {
            action->needs[action->need_count++] = i;
        }
    }
    action->regardless = true;
}

/*
 * on-run-start comes before everything (when it fails, nodes run all the same:
 * dbt 1.11), on-run-end after everything, however that went.
 */
static void link_operations(struct planner *planner)
{
    struct plan *plan = planner->plan;
    size_t first_end = plan->count;

    for (size_t i = plan->count; i-- > 0;) {
        first_end = is_operation(&plan->actions[i], "on-run-end") ? i : first_end;
    }
    size_t last_start = chain_operations(planner, "on-run-start");
    chain_operations(planner, "on-run-end");
    for (size_t i = 0; i < plan->count; i++) {
        struct plan_action *action = &plan->actions[i];
        if (is_operation(action, "on-run-start")) {
            action->tolerated = true;
        } else if (!is_operation(action, "on-run-end")) {
            if (last_start < plan->count && action->need_count == 0) {
                need(planner, action, last_start);
            }
        }
    }
    if (first_end < plan->count) {
        need_everything(planner, &plan->actions[first_end]);
    }
}

void plan_link(struct planner *planner)
{
    bool build = str_eq(planner->options->command, "build");

    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (item->action == NULL) {
            continue;
        }
        struct edges edges = {.planner = planner, .action = item->action};
        visit_parents(&edges, item->node, 0);
        if (build && item->node->type != NODE_TEST &&
            item->node->type != NODE_UNIT_TEST) {
            visit_tests(&edges, item->node);
        }
        map_fini(&edges.seen);
    }
    link_operations(planner);
}

/* ---- the order of losses ---- */

/* Where the relation is dropped; step_count when it isn't. */
static size_t drop_step(const struct plan_action *action)
{
    size_t i = 0;

    while (i < action->step_count && (action->steps[i].summary == NULL ||
                                      !str_starts(action->steps[i].summary, "DROP "))) {
        i++;
    }
    return i;
}

/* Steps that go before the drop of the action whose index is the list's. */
struct moved {
    const struct step **steps;
    size_t count;
    size_t cap;
};

static void move_step(struct planner *planner, struct moved *moved,
                      const struct step *step)
{
    size_t size = sizeof(struct step *);

    if (moved->count == moved->cap) {
        size_t grown = moved->cap != 0 ? moved->cap * 2 : 4;
        moved->steps = arena_realloc(planner->arena, moved->steps, moved->cap * size,
                                     grown * size);
        moved->cap = grown;
    }
    moved->steps[moved->count++] = step;
}

static void insert_steps(struct planner *planner, struct plan_action *action,
                         const struct moved *moved)
{
    size_t at = drop_step(action);
    struct step *steps =
        arena_array(planner->arena, struct step, action->step_count + moved->count);

    memcpy(steps, action->steps, at * sizeof(*steps));
    for (size_t i = 0; i < moved->count; i++) {
        steps[at + i] = *moved->steps[i];
    }
    memcpy(steps + at + moved->count, action->steps + at,
           (action->step_count - at) * sizeof(*steps));
    action->steps = steps;
    action->step_count += moved->count;
}

/*
 * A table that is dropped loses its readers first: where both are refreshed, the
 * reader's INSERT is stopped before the table that it reads is dropped, not after.
 */
void plan_order_losses(struct planner *planner)
{
    struct plan *plan = planner->plan;
    struct moved *moved = arena_array(planner->arena, struct moved, plan->count + 1);

    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_action *reader = &plan->actions[i];
        for (size_t j = 0; reader->verb == PLAN_REFRESH && j < reader->need_count;
             j++) {
            size_t read = reader->needs[j];
            for (size_t k = 0;
                 plan->actions[read].verb == PLAN_REFRESH && k < drop_step(reader);
                 k++) {
                if (reader->steps[k].kind == STEP_STOP ||
                    reader->steps[k].kind == STEP_DELETE) {
                    move_step(planner, &moved[read], &reader->steps[k]);
                }
            }
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (moved[i].count > 0) {
            insert_steps(planner, &plan->actions[i], &moved[i]);
        }
    }
}
