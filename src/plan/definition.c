#include "config.h"

#include "plan/planner.h"

#include "base/str.h"
#include "flink/definition.h"
#include "plan/statement_sql.h"

static bool is_wanted(const struct planner *planner, const struct planner_item *item)
{
    const struct plan_relation *existing = item->existing;

    if (!item->is_model || existing == NULL || existing->definition != NULL ||
        planner_refreshes(planner, item)) {
        return false;
    }
    return (existing->drift.kind == DRIFT_VIEW &&
            str_eq(item->model.materialization, "view")) ||
           (existing->drift.kind == DRIFT_MATERIALIZED_TABLE &&
            str_eq(item->model.materialization, "materialized_table"));
}

/* The query that the server told, as it is or inside a CREATE statement. */
static const char *query_of(struct planner *planner,
                            const struct flink_definition *told)
{
    struct statement_sql sql;

    if (told->query != NULL || told->sql == NULL) {
        return told->query;
    }
    statement_sql_read(told->sql, told->database, told->schema, planner->arena, &sql);
    return sql.query;
}

int plan_read_definitions(struct planner *planner, struct err *err)
{
    struct flink_definition *asked =
        arena_array(planner->arena, struct flink_definition, planner->count + 1);
    struct plan_relation **relations =
        arena_array(planner->arena, struct plan_relation *, planner->count + 1);
    size_t count = 0;

    for (size_t i = 0; i < planner->count; i++) {
        const struct plan_relation *existing = planner->items[i].existing;
        if (is_wanted(planner, &planner->items[i])) {
            relations[count] = map_get(&planner->observed.relations, existing->key);
            asked[count++] = (struct flink_definition){
                .database = existing->name.database,
                .schema = existing->name.schema,
                .name = existing->name.identifier,
                .view = existing->drift.kind == DRIFT_VIEW,
            };
        }
    }
    if (flink_definitions_read(planner->connection->client, asked, count,
                               planner->settings.labels, planner->arena, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        relations[i]->definition = query_of(planner, &asked[i]);
        relations[i]->compute_pool_id = asked[i].compute_pool_id;
    }
    return 0;
}
