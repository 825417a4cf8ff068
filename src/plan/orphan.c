#include "config.h"

#include "plan/planner.h"

#include <string.h>

#include "base/str.h"
#include "compile/statement_name.h"

/*
 * How it is known that something is the project's. Only a label proves it; the rest is
 * listed with its source, and dropped only when that is asked for too.
 */
enum proof { PROOF_NAME, PROOF_FILE, PROOF_LABEL };

/* A relation that the project has no longer, with the statements that write it. */
struct orphan {
    const char *key;                      /* "env.db.name" */
    const struct plan_relation *relation; /* NULL: gone */
    const struct plan_statement **statements;
    size_t count;
    size_t cap;
    enum proof proof;
    const struct owned_relation *owned; /* PROOF_FILE */
};

struct orphan_search {
    struct planner *planner;
    struct map relations;  /* of the project's nodes, by key */
    struct map statements; /* names that they use */
    struct map schemas;    /* "env.db" that they are in */
    struct map orphans;    /* by key -> struct orphan */
};

/* ---- what the project has ---- */

static void add_statement_names(struct orphan_search *search, const struct node *node)
{
    static const char *const suffixes[] = {"", "-ddl"};
    const struct project *project = search->planner->project;
    const char *override = node_config_str(node, "statement_name", NULL);

    for (size_t j = 0; j < 2 && node->type == NODE_MODEL; j++) {
        struct err err = {0};
        const char *statement = statement_name_make(
            override, project->profile.statement_name_prefix, project->name, node->name,
            suffixes[j], search->planner->arena, &err);
        if (statement != NULL) {
            map_put(&search->statements, statement, (void *)node);
        }
    }
}

static void add_schema(struct orphan_search *search, const char *database,
                       const char *schema)
{
    char *key = arena_printf(search->planner->arena, "%s.%s", database, schema);

    map_put(&search->schemas, key, key);
}

static void collect_nodes(struct orphan_search *search)
{
    const struct project *project = search->planner->project;

    add_schema(search, project->profile.environment_id, project->profile.dbname);
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if (node->relation_name == NULL) {
            continue;
        }
        struct step_relation name = {node->database, node->schema, node->alias};
        map_put(&search->relations, plan_relation_key(search->planner->arena, &name),
                (void *)node);
        add_schema(search, node->database, node->schema);
        add_statement_names(search, node);
    }
}

/* Other databases may be another target's: none of this project's business here. */
static bool is_in_reach(struct orphan_search *search, const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot != NULL && map_get_n(&search->schemas, key, (size_t)(dot - key)) != NULL;
}

/* ---- what is left of what it had ---- */

static struct orphan *orphan_of(struct orphan_search *search, const char *key)
{
    struct orphan *orphan = map_get(&search->orphans, key);

    if (orphan == NULL) {
        orphan = arena_new(search->planner->arena, struct orphan);
        orphan->key = key;
        orphan->relation = map_get(&search->planner->observed.relations, key);
        map_put(&search->orphans, key, orphan);
    }
    return orphan;
}

static bool is_labelled(struct planner *planner, const struct plan_statement *statement)
{
    const char *target = planner->project->profile.target_name;

    return statement->project != NULL &&
           str_eq(statement->project, planner->project->name) &&
           (statement->profile_target == NULL ||
            str_eq(statement->profile_target, target));
}

static bool named_like_ours(struct planner *planner,
                            const struct plan_statement *statement)
{
    struct err err = {0};
    const char *name = statement->name;
    const char *start = statement_name_sanitise(
        arena_printf(planner->arena, "%s%s",
                     planner->project->profile.statement_name_prefix,
                     planner->project->name),
        planner->arena, &err);

    return statement->project == NULL && start != NULL && str_starts(name, start) &&
           name[strlen(start)] == '-';
}

/*
 * A finished CREATE whose relation is gone says nothing any more; \prune takes it along
 * when a label proves that it is the project's.
 */
static bool is_history(const struct plan_statement *statement, bool labelled,
                       const struct planner *planner)
{
    return statement->ddl && !(labelled && planner->options->prune) &&
           map_get(&planner->observed.relations, statement->target) == NULL;
}

static void consider_statement(struct orphan_search *search,
                               const struct plan_statement *statement)
{
    struct planner *planner = search->planner;
    bool labelled = is_labelled(planner, statement);

    if (statement->target == NULL || !is_in_reach(search, statement->target) ||
        (!labelled && !named_like_ours(planner, statement)) ||
        map_get(&search->relations, statement->target) != NULL ||
        map_get(&search->statements, statement->name) != NULL ||
        is_history(statement, labelled, planner)) {
        return;
    }
    struct orphan *orphan = orphan_of(search, statement->target);
    size_t size = sizeof(*orphan->statements);
    if (orphan->count == orphan->cap) {
        size_t grown = orphan->cap != 0 ? orphan->cap * 2 : 4;
        orphan->statements = arena_realloc(planner->arena, orphan->statements,
                                           orphan->cap * size, grown * size);
        orphan->cap = grown;
    }
    orphan->statements[orphan->count++] = statement;
    orphan->proof = labelled ? PROOF_LABEL : orphan->proof;
}

static void consider_owned(struct orphan_search *search, const char *key,
                           const struct owned_relation *owned)
{
    if (!is_in_reach(search, key) || map_get(&search->relations, key) != NULL ||
        map_get(&search->planner->observed.relations, key) == NULL) {
        return;
    }
    struct orphan *orphan = orphan_of(search, key);
    if (orphan->proof == PROOF_NAME) {
        orphan->proof = PROOF_FILE;
        orphan->owned = owned;
    }
}

static void search_all(struct orphan_search *search)
{
    const struct observed *observed = &search->planner->observed;
    struct map owned = {0};

    for (size_t i = 0; i < observed->by_name.count; i++) {
        consider_statement(search, observed->by_name.entries[i].value);
    }
    plan_owned_load(search->planner, &owned);
    for (size_t i = 0; i < owned.count; i++) {
        consider_owned(search, owned.entries[i].key, owned.entries[i].value);
    }
    map_fini(&owned);
}

/* ---- actions ---- */

static const char *reason_of(struct planner *planner, const struct orphan *orphan)
{
    struct buf out = BUF_INIT;

    for (size_t i = 0; i < orphan->count; i++) {
        buf_addf(&out, "%s%s (%s)",
                 i > 0                ? ", "
                 : orphan->count == 1 ? "statement "
                                      : "statements ",
                 orphan->statements[i]->name, orphan->statements[i]->phase);
    }
    if (orphan->relation != NULL) {
        buf_addf(&out, "%s%s", orphan->count > 0 ? " and its " : "",
                 action_kind_name(orphan->relation->drift.kind));
    }
    if (orphan->proof == PROOF_FILE) {
        buf_addf(&out, " of %s, says %s of %s", orphan->owned->node,
                 orphan->owned->source, orphan->owned->since);
    } else if (orphan->proof == PROOF_NAME) {
        buf_adds(&out, "; known by its name only, it may be another project's");
    }
    const char *text = arena_strdup(planner->arena, buf_str(&out));
    buf_fini(&out);
    return text;
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

    struct step *step = planner_step(
        planner, action, STEP_STATEMENT, arena_printf(planner->arena, "DROP %s", kind),
        arena_printf(planner->arena, "DROP %s IF EXISTS %s", kind, relation->text));
    step->hidden = true;
    step->delete_when_done = true;
    step->undo = relation->drift.kind == DRIFT_VIEW
                     ? ""
                     : "the table's topic and its data are lost";
}

static void change_statement(struct planner *planner, struct plan_action *action,
                             enum step_kind kind, const char *name)
{
    struct step *step = planner_step(
        planner, action, kind, kind == STEP_STOP ? "STOP" : "DELETE STATEMENT", NULL);

    step->statement_name = name;
    step->not_found_ok = true;
}

/* The statements go last: they tell whose the relation is, should this be cut short. */
static void add_drop(struct planner *planner, struct plan_action *action,
                     const struct orphan *orphan)
{
    for (size_t i = 0; i < orphan->count && orphan->relation != NULL; i++) {
        const struct plan_statement *statement = orphan->statements[i];
        if (str_eq(statement->phase, "RUNNING") ||
            statement->state == PLAN_STATEMENT_DEGRADED) {
            change_statement(planner, action, STEP_STOP, statement->name);
        }
    }
    if (orphan->relation != NULL) {
        drop_relation(planner, action, orphan->relation);
    }
    for (size_t i = 0; i < orphan->count; i++) {
        change_statement(planner, action, STEP_DELETE, orphan->statements[i]->name);
    }
}

static void add_note(struct planner *planner, struct plan_action *action, bool warning,
                     const char *text)
{
    size_t size = sizeof(*action->notes);

    action->notes =
        arena_realloc(planner->arena, action->notes, action->note_count * size,
                      (action->note_count + 1) * size);
    action->notes[action->note_count++] = (struct plan_note){warning, text};
}

/* Running statements of others that read what is to be dropped. */
static void note_readers(struct orphan_search *search, struct plan_action *action,
                         const struct orphan *orphan)
{
    const struct map *all = &search->planner->observed.by_name;

    for (size_t i = 0; i < all->count; i++) {
        const struct plan_statement *reader = all->entries[i].value;
        bool runs = reader->state == PLAN_STATEMENT_LIVE ||
                    reader->state == PLAN_STATEMENT_DEGRADED;
        bool goes_too =
            reader->target != NULL && map_get(&search->orphans, reader->target) != NULL;
        for (size_t j = 0; runs && !goes_too && j < reader->read_count; j++) {
            if (str_eq(reader->reads[j], orphan->key)) {
                add_note(search->planner, action, true,
                         arena_printf(search->planner->arena,
                                      "running statement %s reads it", reader->name));
                break;
            }
        }
    }
}

static void add_action(struct orphan_search *search, const struct orphan *orphan)
{
    struct planner *planner = search->planner;
    struct plan_action *action = &planner->plan->actions[planner->plan->count++];
    bool sure = orphan->proof == PROOF_LABEL;
    bool drops =
        planner->options->prune && (sure || planner->options->prune_unlabelled);

    *action = (struct plan_action){
        .verb = drops ? PLAN_DROP : PLAN_ORPHAN,
        .unique_id =
            arena_printf(planner->arena, "orphan.%s",
                         orphan->count > 0 ? orphan->statements[0]->name : orphan->key),
        .name = strrchr(orphan->key, '.') + 1,
        .resource_type = "orphan",
        .materialization = "",
        .relation_text = "",
        .reason = reason_of(planner, orphan),
        .compiled_path = "",
    };
    if (orphan->relation != NULL) {
        action->relation = orphan->relation->name;
        action->relation_text = orphan->relation->text;
    }
    note_readers(search, action, orphan);
    if (drops) {
        add_drop(planner, action, orphan);
    } else if (planner->options->prune) {
        add_note(planner, action, false,
                 "no label proves that it is this project's; \\prune --unlabelled "
                 "drops it too");
    }
}

void plan_orphans(struct planner *planner)
{
    struct orphan_search search = {.planner = planner};

    collect_nodes(&search);
    search_all(&search);
    for (size_t i = 0; i < search.orphans.count; i++) {
        add_action(&search, search.orphans.entries[i].value);
    }
    map_fini(&search.relations);
    map_fini(&search.statements);
    map_fini(&search.schemas);
    map_fini(&search.orphans);
}
