#include "config.h"

#include "plan/planner.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "plan/statement_sql.h"

static bool is_resource(const struct planner_item *item, enum node_type type)
{
    return item->node->type == type;
}

bool planner_refreshes(const struct planner *planner, const struct planner_item *item)
{
    struct value set = node_config(item->node, "full_refresh");

    return value_is(set, VALUE_BOOL) ? set.as.b : planner->options->full_refresh;
}

struct plan_action *planner_action(struct planner *planner, struct planner_item *item)
{
    const struct node *node = item->node;
    struct plan_action *action = &planner->plan->actions[planner->plan->count++];

    *action = (struct plan_action){
        .verb = PLAN_RUN,
        .unique_id = arena_strdup(planner->arena, node->unique_id),
        .name = arena_strdup(planner->arena, node->name),
        .resource_type = node_type_name(node->type),
        .materialization = arena_strdup(planner->arena, node_materialized(node)),
        .relation_text = node->relation_name != NULL
                             ? arena_strdup(planner->arena, node->relation_name)
                             : "",
        .reason = "",
        .compiled_path = "",
        .level = (int)node->level,
    };
    if (node->relation_name != NULL) {
        action->relation =
            (struct step_relation){arena_strdup(planner->arena, node->database),
                                   arena_strdup(planner->arena, node->schema),
                                   arena_strdup(planner->arena, node->alias)};
    }
    if (item->compiled != NULL && item->compiled->sql != NULL) {
        action->compiled_sql = arena_strdup(planner->arena, item->compiled->sql);
        action->compiled_path = item->compiled->path != NULL
                                    ? arena_strdup(planner->arena, item->compiled->path)
                                    : "";
    }
    item->action = action;
    return action;
}

struct step *planner_step(struct planner *planner, struct plan_action *action,
                          enum step_kind kind, const char *summary, const char *sql)
{
    size_t size = sizeof(*action->steps);

    action->steps =
        arena_realloc(planner->arena, action->steps, action->step_count * size,
                      (action->step_count + 1) * size);
    struct step *step = &action->steps[action->step_count++];
    *step = (struct step){
        .kind = kind,
        .summary = summary,
        .sql = sql,
        .labels = planner->settings.labels,
        .wait = STEP_WAIT_COMPLETED,
        .relation = action->relation,
        .undo = "",
    };
    return step;
}

/* ---- compiling and checking ---- */

static int unknown_materialization(const struct node *node, struct err *err)
{
    static const char *const known[] = {"view",
                                        "table",
                                        "streaming_table",
                                        "streaming_source",
                                        "materialized_table",
                                        "ephemeral"};
    const char *name = node_materialized(node);
    const char *near = str_nearest(name, known, sizeof(known) / sizeof(known[0]));

    err_set(err, ERR_COMPILE,
            "No materialization '%s' was found for adapter confluent! (searched types "
            "'default' and 'confluent')",
            name);
    if (near != NULL) {
        err_hint(err, "did you mean '%s'?", near);
    }
    err->line = 1;
    err->column = 1;
    node_locate(node, err);
    return -1;
}

static int prepare_model(struct planner *planner, struct planner_item *item,
                         struct err *err)
{
    if (materialize_find(node_materialized(item->node)) == NULL) {
        return unknown_materialization(item->node, err);
    }
    item->is_model = true;
    return plan_model_make(planner->project, item->node, item->compiled, planner->arena,
                           &item->model, err);
}

/*
 * Relation names go into SQL between backquotes just as dbt renders them, unescaped, so
 * one that would end its quoting is refused; dbt-confluent does so for columns only.
 */
static int check_relation_name(const struct node *node, struct err *err)
{
    const char *const parts[] = {node->database, node->schema, node->alias};

    for (size_t i = 0; node->relation_name != NULL && i < 3; i++) {
        for (const char *p = parts[i] != NULL ? parts[i] : ""; *p != '\0'; p++) {
            if (*p == '`' || (unsigned char)*p < 0x20 || *p == 0x7f) {
                err_set(err, ERR_REFUSED,
                        "the name of relation %s must not contain backtick or control "
                        "characters",
                        node->relation_name);
                err_hint(err, "its last part is the 'alias', or the name of the file");
                err->line = 1;
                err->column = 1;
                node_locate(node, err);
                return -1;
            }
        }
    }
    return 0;
}

static int prepare_item(struct planner *planner, struct planner_item *item,
                        struct err *err)
{
    const struct node *node = item->node;

    if (is_resource(item, NODE_SOURCE) || is_resource(item, NODE_EXPOSURE) ||
        is_resource(item, NODE_UNIT_TEST) || is_resource(item, NODE_OPERATION)) {
        return 0;
    }
    if (check_relation_name(node, err) != 0) {
        return -1;
    }
    item->compiled = compile_node(planner->compiler, node, err);
    if (item->compiled == NULL) {
        return -1;
    }
    if (is_resource(item, NODE_MODEL) && !node_is_ephemeral(node)) {
        return prepare_model(planner, item, err);
    }
    return 0;
}

static void prepare(struct planner *planner)
{
    planner->items =
        arena_array(planner->arena, struct planner_item, planner->options->node_count);
    planner->count = planner->options->node_count;
    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        struct err err = {0};
        item->node = planner->options->nodes[i];
        map_put(&planner->by_node, item->node->unique_id, item);
        if (prepare_item(planner, item, &err) != 0) {
            err_list_add(planner->errors, &err);
        }
    }
}

/* Two models that would fight for one statement are refused before anything happens. */
static void check_names(struct planner *planner)
{
    struct map names = {0};

    for (size_t i = 0; i < planner->count; i++) {
        struct planner_item *item = &planner->items[i];
        if (!item->is_model || item->model.statement == NULL) {
            continue;
        }
        const char *own[] = {item->model.statement, item->model.statement_ddl};
        for (size_t j = 0; j < 2; j++) {
            const struct planner_item *other = map_put(&names, own[j], (void *)item);
            if (other != NULL && other != item) {
                struct err err = {0};
                err_set(&err, ERR_REFUSED,
                        "models '%s' and '%s' would share the statement name '%s'",
                        other->node->unique_id, item->node->unique_id, own[j]);
                err_hint(&err, "set 'statement_name' in the config of one of them");
                err_list_add(planner->errors, &err);
            }
        }
    }
    map_fini(&names);
}

/* ---- deciding ---- */

static void decide_model(struct planner *planner, struct planner_item *item)
{
    struct plan_action *action = planner_action(planner, item);
    const struct plan_model *model = &item->model;
    const struct observed_writers *writers =
        observed_writers(&planner->observed, &model->relation);
    struct materialize m = {
        .arena = planner->arena,
        .settings = &planner->settings,
        .model = model,
        .existing = item->existing,
        .statement = observed_statement(&planner->observed, model->statement),
        .statement_ddl = observed_statement(&planner->observed, model->statement_ddl),
        .writers = writers->items,
        .writer_count = writers->count,
        .query = item->query,
        .refresh = planner_refreshes(planner, item),
        .action = action,
    };

    action->notes = model->notes;
    action->note_count = model->note_count;
    if (item->query.note != NULL && plan_wants_dry_run(planner, item)) {
        action_note(&m, true, "%s", item->query.note);
    }
    materialize_find(model->materialization)(&m);
}

static int decide(struct planner *planner, struct planner_item *item, struct err *err)
{
    switch (item->node->type) {
    case NODE_MODEL:
        if (node_is_ephemeral(item->node)) {
            return 0;
        }
        decide_model(planner, item);
        break;
    case NODE_SEED:
        if (plan_seed(planner, item, err) != 0) {
            return -1;
        }
        break;
    case NODE_TEST:
        return plan_test(planner, item, err);
    case NODE_UNIT_TEST:
        return plan_unit_test(planner, item, err);
    case NODE_OPERATION:
        return plan_operation(planner, item, err);
    default:
        return 0;
    }
    return plan_hooks(planner, item, err);
}

/* ---- the whole ---- */

/* Values of labels are letters, digits, '-', '_' and '.'. */
static bool label_fits(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t len = text != NULL ? strlen(text) : 0;

    return len > 0 && len <= 63 && strspn(text, letters) == len;
}

static void set_settings(struct planner *planner)
{
    const struct profile *profile = &planner->project->profile;
    struct value labels = value_dict_new(planner->arena, 3);

    value_dict_put(
        labels,
        arena_printf(planner->arena, PLAN_LABEL_PREFIX "%s", profile->statement_label),
        value_str("true"));
    value_dict_put(labels, PLAN_LABEL_PROJECT,
                   value_copy_str(planner->arena, planner->project->name));
    if (label_fits(profile->target_name)) {
        value_dict_put(labels, PLAN_LABEL_TARGET,
                       value_copy_str(planner->arena, profile->target_name));
    }
    planner->settings = (struct plan_settings){
        .prefix = profile->statement_name_prefix,
        .labels = labels,
        .invocation_id = planner->project->invocation_id,
        .no_wait = planner->options->no_wait,
    };
}

static void describe_plan(struct planner *planner)
{
    struct plan *plan = planner->plan;
    const struct profile *profile = &planner->project->profile;

    clock_iso(clock_wall_ms(), plan->created_at);
    plan->command = arena_strdup(&plan->arena, planner->options->command);
    plan->target = arena_strdup(&plan->arena, profile->target_name);
    plan->environment = arena_strdup(&plan->arena, profile->environment_id);
    plan->endpoint = arena_strdup(&plan->arena, profile->endpoint);
    plan->full_refresh = planner->options->full_refresh;
    plan->offline = planner->options->offline;
}

static void make_actions(struct planner *planner)
{
    struct plan *plan = planner->plan;

    /* room for the orphans too, which come from what was observed */
    size_t max = planner->count + planner->observed.by_name.count +
                 planner->observed.relations.count;
    plan->actions = arena_array(planner->arena, struct plan_action, max + 1);
    for (size_t i = 0; i < planner->count; i++) {
        struct err err = {0};
        if (decide(planner, &planner->items[i], &err) != 0) {
            err_list_add(planner->errors, &err);
        }
        if (planner->items[i].action != NULL) {
            plan_digest_action(planner, &planner->items[i]);
        }
    }
    plan_link(planner);
    plan_order_losses(planner);
    if (planner->options->orphans || planner->options->prune) {
        plan_orphans(planner);
    }
    for (size_t i = 0; i < plan->count; i++) {
        plan->verb_counts[plan->actions[i].verb]++;
    }
    plan_digest(plan);
    if (!planner->options->offline) {
        plan_owned_save(planner);
    }
}

static void make(struct planner *planner)
{
    struct err err = {0};

    set_settings(planner);
    describe_plan(planner);
    prepare(planner);
    check_names(planner);
    if (planner->errors->count > 0) {
        return;
    }
    if (planner->options->offline) {
        plan_observe_offline(planner);
    } else if (plan_observe(planner, &err) != 0) {
        err_list_add(planner->errors, &err);
        return;
    }
    if (planner->errors->count > 0) {
        return;
    }
    plan_infer_columns(planner);
    if (!planner->options->offline && plan_dry_run_columns(planner, &err) != 0) {
        err_list_add(planner->errors, &err);
        return;
    }
    make_actions(planner);
}

int plan_make(struct project *project, struct compiler *compiler,
              const struct plan_connection *connection,
              const struct plan_options *options, struct plan *plan,
              struct err_list *errors)
{
    size_t before = errors->count;
    struct planner planner = {
        .project = project,
        .compiler = compiler,
        .connection = connection,
        .options = options,
        .plan = plan,
        .errors = errors,
    };

    *plan = (struct plan){0};
    planner.arena = &plan->arena;
    observed_init(&planner.observed, planner.arena);
    size_t requests =
        options->offline ? 0 : flink_client_stats(connection->client)->requests;
    make(&planner);
    if (!options->offline) {
        plan->requests = flink_client_stats(connection->client)->requests - requests;
    }
    columns_free(planner.columns);
    observed_fini(&planner.observed);
    map_fini(&planner.by_node);
    return errors->count == before ? 0 : -1;
}

void plan_free(struct plan *plan)
{
    arena_fini(&plan->arena);
    *plan = (struct plan){0};
}

bool plan_has_changes(const struct plan *plan)
{
    return plan->verb_counts[PLAN_SAME] + plan->verb_counts[PLAN_ORPHAN] +
               plan->verb_counts[PLAN_WAIT] <
           plan->count;
}
