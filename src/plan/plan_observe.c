#include "config.h"

#include "plan/planner.h"

#include <string.h>

#include "base/str.h"

/* ---- observing ---- */

static void add_schema(struct planner *planner, struct map *seen,
                       struct observe_schema *schemas, size_t *count,
                       const struct node *node)
{
    if (node->relation_name == NULL || node->schema == NULL || node->database == NULL) {
        return;
    }
    char *key = arena_printf(planner->arena, "%s.%s", node->database, node->schema);
    if (map_put(seen, key, key) == NULL) {
        schemas[(*count)++] = (struct observe_schema){node->database, node->schema};
    }
}

static int observe_all_relations(struct planner *planner, struct err *err)
{
    struct map seen = {0};
    const struct project *project = planner->project;
    bool whole = planner->options->orphans || planner->options->prune;
    size_t max = planner->count + (whole ? project->node_count + 1 : 0);

    for (size_t i = 0; i < planner->count; i++) {
        max += planner->items[i].node->parents.count;
    }
    struct observe_schema *schemas =
        arena_array(planner->arena, struct observe_schema, max + 1);
    size_t count = 0;
    for (size_t i = 0; i < planner->count; i++) {
        const struct node *node = planner->items[i].node;
        add_schema(planner, &seen, schemas, &count, node);
        for (size_t j = 0; j < node->parents.count; j++) {
            add_schema(planner, &seen, schemas, &count, node->parents.items[j]);
        }
    }
    for (size_t i = 0; whole && i < project->node_count; i++) {
        add_schema(planner, &seen, schemas, &count, project->nodes[i]);
    }
    if (whole && count == 0) {
        schemas[count++] = (struct observe_schema){project->profile.environment_id,
                                                   project->profile.dbname};
    }
    map_fini(&seen);
    return observe_relations(planner->connection->client, schemas, count,
                             planner->settings.labels, &planner->observed, err);
}

static bool exists_as_seed(const struct planner_item *item)
{
    return item->node->type == NODE_SEED && item->existing != NULL;
}

/* Whether the model's relation will be dropped and made anew, as far as that shows. */
static bool may_be_dropped(struct planner *planner, const struct planner_item *item)
{
    const char *definition = item->existing->definition;

    if (planner_refreshes(planner, item)) {
        return true;
    }
    return item->existing->drift.kind == DRIFT_VIEW &&
           str_eq(item->model.materialization, "view") &&
           (definition == NULL || !action_same_query(definition, item->model.sql));
}

/*
 * Whether a statement matters that the labelled listing did not show: the INSERT of a
 * table that is there, or one of somebody else's that has the name of the statement
 * that is to make a relation again. Nothing may be dropped before that is known.
 */
static bool needs_full_listing(struct planner *planner)
{
    if (planner->options->orphans || planner->options->prune) {
        return true;
    }
    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (exists_as_seed(item)) {
            return true; /* its readers */
        }
        if (item->is_model && item->existing != NULL &&
            observed_statement(&planner->observed, item->model.statement) == NULL &&
            (str_eq(item->model.materialization, "streaming_table") ||
             may_be_dropped(planner, item))) {
            return true;
        }
    }
    return false;
}

static bool needs_statements(const struct planner *planner)
{
    for (size_t i = 0; i < planner->count; i++) {
        const struct planner_item *item = &planner->items[i];
        if (item->is_model || exists_as_seed(item)) {
            return true;
        }
    }
    return planner->options->orphans || planner->options->prune;
}

static void check_schemas(struct planner *planner)
{
    struct map seen = {0};

    for (size_t i = 0; i < planner->count; i++) {
        const struct node *node = planner->items[i].node;
        struct err err = {0};
        bool stores = node->type == NODE_TEST && node->relation_name != NULL &&
                      (planner->options->store_failures ||
                       node_config_bool(node, "store_failures", false));
        bool builds = planner->items[i].is_model || node->type == NODE_SEED || stores;
        if (!builds) {
            continue;
        }
        char *key = arena_printf(planner->arena, "%s.%s", node->database, node->schema);
        if (map_put(&seen, key, key) == NULL &&
            observed_check_schema(&planner->observed, node->database, node->schema,
                                  &err) != 0) {
            err_list_add(planner->errors, &err);
        }
    }
    map_fini(&seen);
}

static void find_existing(struct planner *planner)
{
    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (item->node->relation_name != NULL) {
            struct step_relation name = {item->node->database, item->node->schema,
                                         item->node->alias};
            item->existing = observed_relation(&planner->observed, &name);
        }
    }
}

void plan_observe_offline(struct planner *planner)
{
    if (plan_snapshot_load(planner, &planner->plan->observed_at)) {
        find_existing(planner);
    }
}

int plan_observe(struct planner *planner, struct err *err)
{
    struct flink_client *client = planner->connection->client;

    if (observe_all_relations(planner, err) != 0) {
        return -1;
    }
    check_schemas(planner);
    find_existing(planner);
    if (!needs_statements(planner)) {
        return 0;
    }
    const char *label = arena_printf(planner->arena, PLAN_LABEL_PREFIX "%s",
                                     planner->project->profile.statement_label);
    if (observe_statements(client, label, &planner->observed, err) != 0) {
        return -1;
    }
    if (plan_read_definitions(planner, err) != 0 ||
        (needs_full_listing(planner) &&
         observe_statements(client, NULL, &planner->observed, err) != 0)) {
        return -1;
    }
    plan_snapshot_save(planner);
    return 0;
}

/* ---- columns ---- */

void plan_infer_columns(struct planner *planner)
{
    const struct profile *profile = &planner->project->profile;

    planner->columns = columns_new(profile->environment_id, profile->dbname);
    for (size_t i = 0; i < planner->observed.relations.count; i++) {
        columns_add_existing(planner->columns,
                             planner->observed.relations.entries[i].value);
    }
    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (!item->is_model) {
            continue;
        }
        if (!str_eq(item->model.materialization, "streaming_source")) {
            columns_infer(planner->columns, item->model.sql, planner->arena,
                          &item->query);
        }
        columns_add_model(planner->columns, &item->model, &item->query);
    }
}

/* Whether the plan needs the server's word on the columns of the model's query. */
bool plan_wants_dry_run(struct planner *planner, const struct planner_item *item)
{
    static const char *const kinds[] = {"streaming_table", "table"};

    if (!item->is_model || item->existing == NULL ||
        item->existing->drift.kind != DRIFT_TABLE || planner_refreshes(planner, item) ||
        item->model.config.on_schema_drift == MODEL_DRIFT_IGNORE) {
        return false;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (str_eq(item->model.materialization, kinds[i])) {
            return !item->model.columns_complete;
        }
    }
    return false;
}

/* The server's words, which may have several lines, on one. */
static const char *one_line(struct arena *arena, const char *text)
{
    char *line = arena_strdup(arena, text);
    char *to = line;

    for (const char *p = text; *p != '\0'; p++) {
        bool blank = *p == ' ' || *p == '\n' || *p == '\r' || *p == '\t';
        if (!blank) {
            *to++ = *p;
        } else if (to > line && to[-1] != ' ') {
            *to++ = ' ';
        }
    }
    *to = '\0';
    return line;
}

static void take_server_columns(struct planner *planner, struct planner_item *item,
                                const struct flink_dry_run *run)
{
    const struct flink_traits *traits = &run->statement.traits;

    if (!run->valid || !traits->known || !traits->has_schema) {
        item->query.note =
            run->valid || run->unknown
                ? "the server did not tell the columns; types inferred offline"
                : arena_printf(planner->arena, "the server refuses the query: %s",
                               one_line(planner->arena, run->err.msg));
        return;
    }
    struct drift_column *columns =
        arena_array(planner->arena, struct drift_column, traits->column_count + 1);
    for (size_t i = 0; i < traits->column_count; i++) {
        columns[i] = (struct drift_column){
            .name = traits->columns[i].name,
            .type = traits->columns[i].type.text,
        };
    }
    item->query =
        (struct plan_columns){columns, traits->column_count, true, true, true, NULL};
}

int plan_dry_run_columns(struct planner *planner, struct err *err)
{
    struct flink_dry_run *runs =
        arena_array(planner->arena, struct flink_dry_run, planner->count + 1);
    struct planner_item **items =
        arena_array(planner->arena, struct planner_item *, planner->count + 1);
    size_t count = 0;

    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (plan_wants_dry_run(planner, item)) {
            items[count] = item;
            runs[count++].submit = (struct flink_submit){
                .sql = item->model.sql,
                .compute_pool_id = item->model.config.compute_pool_id,
                .labels = planner->settings.labels,
                .hidden = true,
            };
        }
    }
    if (count == 0) {
        return 0;
    }
    if (flink_dry_run(planner->connection->client, runs, count, planner->arena, err) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        take_server_columns(planner, items[i], &runs[i]);
    }
    return 0;
}
