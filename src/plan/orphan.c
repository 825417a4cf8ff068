#include "config.h"

#include "plan/planner.h"

#include <string.h>

#include "base/str.h"
#include "compile/statement_name.h"

/* What the project's nodes own: relation keys and statement names. */
struct owned {
    struct map relations;
    struct map statements;
};

static void collect_owned(struct planner *planner, struct owned *owned)
{
    const struct project *project = planner->project;
    const char *prefix = project->profile.statement_name_prefix;

    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        struct err err = {0};
        if (node->relation_name == NULL) {
            continue;
        }
        struct step_relation name = {node->database, node->schema, node->alias};
        const char *key = plan_relation_key(planner->arena, &name);
        map_put(&owned->relations, key, (void *)node);
        const char *override = node_config_str(node, "statement_name", NULL);
        static const char *const suffixes[] = {"", "-ddl"};
        for (size_t j = 0; j < 2 && node->type == NODE_MODEL; j++) {
            const char *statement =
                statement_name_make(override, prefix, project->name, node->name,
                                    suffixes[j], planner->arena, &err);
            if (statement != NULL) {
                map_put(&owned->statements, statement, (void *)node);
            }
        }
    }
}

static bool named_like_ours(struct planner *planner, const char *name)
{
    struct err err = {0};
    const char *start = statement_name_sanitise(
        arena_printf(planner->arena, "%s%s",
                     planner->project->profile.statement_name_prefix,
                     planner->project->name),
        planner->arena, &err);

    return start != NULL && str_starts(name, start) && name[strlen(start)] == '-';
}

static const char *last_part(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot != NULL ? dot + 1 : key;
}

static void drop_relation(struct planner *planner, struct plan_action *action,
                          const struct plan_relation *relation)
{
    static const char *const kinds[] = {
        [DRIFT_TABLE] = "TABLE",
        [DRIFT_VIEW] = "VIEW",
        [DRIFT_MATERIALIZED_TABLE] = "MATERIALIZED TABLE",
        [DRIFT_EXTERNAL] = "TABLE",
    };
    const char *kind = kinds[relation->drift.kind];

    action->relation = relation->name;
    action->relation_text = relation->text;
    struct step *step = planner_step(
        planner, action, STEP_STATEMENT, arena_printf(planner->arena, "DROP %s", kind),
        arena_printf(planner->arena, "DROP %s IF EXISTS %s", kind, relation->text));
    step->hidden = true;
    step->delete_when_done = true;
    step->undo = "the table's topic and its data are lost";
}

static void add_orphan(struct planner *planner, const struct plan_statement *statement,
                       bool labelled)
{
    struct plan *plan = planner->plan;
    struct plan_action *action = &plan->actions[plan->count++];
    const struct plan_relation *relation =
        map_get(&planner->observed.relations, statement->target);
    bool prune =
        planner->options->prune && (labelled || planner->options->prune_unlabelled);

    *action = (struct plan_action){
        .verb = prune ? PLAN_DROP : PLAN_ORPHAN,
        .unique_id = arena_printf(planner->arena, "orphan.%s", statement->name),
        .name = last_part(statement->target),
        .resource_type = "orphan",
        .materialization = "",
        .relation_text = relation != NULL ? relation->text : "",
        .compiled_path = "",
    };
    action->reason = arena_printf(
        planner->arena, "statement %s (%s)%s%s", statement->name, statement->phase,
        relation != NULL ? " and its table" : "",
        labelled ? "" : "; known by its name only, it may be another project's");
    if (!prune) {
        return;
    }
    struct step *step =
        planner_step(planner, action, STEP_DELETE, "DELETE STATEMENT", NULL);
    step->statement_name = statement->name;
    step->not_found_ok = true;
    if (relation != NULL) {
        drop_relation(planner, action, relation);
    }
}

static bool is_ours_by_label(struct planner *planner,
                             const struct plan_statement *statement)
{
    return statement->project != NULL &&
           str_eq(statement->project, planner->project->name);
}

void plan_orphans(struct planner *planner)
{
    struct owned owned = {0};

    collect_owned(planner, &owned);
    for (size_t i = 0; i < planner->observed.by_name.count; i++) {
        const struct plan_statement *statement =
            planner->observed.by_name.entries[i].value;
        bool labelled = is_ours_by_label(planner, statement);
        if (statement->target == NULL ||
            (!labelled && !named_like_ours(planner, statement->name)) ||
            map_get(&owned.relations, statement->target) != NULL ||
            map_get(&owned.statements, statement->name) != NULL) {
            continue;
        }
        add_orphan(planner, statement, labelled);
    }
    map_fini(&owned.relations);
    map_fini(&owned.statements);
}
