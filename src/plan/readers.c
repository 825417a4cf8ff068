#include "config.h"

#include "plan/planner.h"

#include <string.h>

#include "base/str.h"
#include "plan/statement_sql.h"

struct reader_search {
    const struct plan *plan;
    struct project *project;
    struct arena *arena;
    struct map dropped; /* "env.db.name" -> relation text */
    struct map models;  /* "env.db.name" -> struct node */
    struct plan_reader *readers;
    size_t count;
    size_t cap;
};

static void collect_dropped(struct reader_search *search)
{
    for (size_t i = 0; i < search->plan->count; i++) {
        const struct plan_action *action = &search->plan->actions[i];
        bool drops = false;
        for (size_t j = 0; j < action->step_count; j++) {
            drops = drops || (action->steps[j].summary != NULL &&
                              str_starts(action->steps[j].summary, "DROP "));
        }
        if (drops && action->verb != PLAN_REPLACE) {
            map_put(&search->dropped,
                    plan_relation_key(search->arena, &action->relation),
                    (void *)action->relation_text);
        }
    }
}

static void collect_models(struct reader_search *search)
{
    for (size_t i = 0; i < search->project->node_count; i++) {
        const struct node *node = search->project->nodes[i];
        if (node->relation_name != NULL) {
            struct step_relation name = {node->database, node->schema, node->alias};
            map_put(&search->models, plan_relation_key(search->arena, &name),
                    (void *)node);
        }
    }
}

static void add_reader(struct reader_search *search, const char *dropped,
                       const struct flink_statement *statement, const char *writes)
{
    if (search->count == search->cap) {
        size_t grown = search->cap != 0 ? search->cap * 2 : 8;
        search->readers = arena_realloc(search->arena, search->readers,
                                        search->cap * sizeof(*search->readers),
                                        grown * sizeof(*search->readers));
        search->cap = grown;
    }
    const struct node *node = writes != NULL ? map_get(&search->models, writes) : NULL;
    search->readers[search->count++] = (struct plan_reader){
        .dropped = dropped,
        .statement = statement->name,
        .model = node != NULL ? node->unique_id : "",
        .writes = writes != NULL ? writes : "",
    };
}

static void check_statement(struct reader_search *search,
                            const struct flink_statement *statement,
                            const struct profile *profile)
{
    struct statement_sql sql;
    const char *catalog =
        flink_pairs_get(&statement->properties, "sql.current-catalog");
    const char *database =
        flink_pairs_get(&statement->properties, "sql.current-database");

    if (flink_phase_terminal(statement->phase)) {
        return;
    }
    statement_sql_read(
        statement->sql, catalog != NULL ? catalog : profile->environment_id,
        database != NULL ? database : profile->dbname, search->arena, &sql);
    for (size_t i = 0; i < sql.read_count; i++) {
        const char *dropped = map_get(&search->dropped, sql.reads[i]);
        bool is_dropped_too =
            sql.target != NULL && map_get(&search->dropped, sql.target) != NULL;
        if (dropped != NULL && !is_dropped_too) {
            add_reader(search, dropped, statement, sql.target);
        }
    }
}

int plan_blast_radius(const struct plan *plan, struct project *project,
                      const struct plan_connection *connection, struct arena *arena,
                      struct plan_reader **readers, size_t *count, struct err *err)
{
    struct reader_search search = {.plan = plan, .project = project, .arena = arena};
    struct flink_statement *list;
    size_t n;
    int rc = 0;

    *readers = NULL;
    *count = 0;
    collect_dropped(&search);
    if (search.dropped.count > 0) {
        collect_models(&search);
        rc = flink_statement_list(connection->client, NULL, arena, &list, &n, err);
        for (size_t i = 0; rc == 0 && i < n; i++) {
            check_statement(&search, &list[i], &project->profile);
        }
    }
    map_fini(&search.dropped);
    map_fini(&search.models);
    *readers = search.readers;
    *count = search.count;
    return rc;
}
