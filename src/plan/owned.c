#include "config.h"

#include "plan/planner.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "value/json.h"

#define OWNED_FORMAT 1
#define FILE_MAX     ((size_t)128 * 1024 * 1024)
#define OWNED_FILE   "cflowsh_relations.json"

static bool read_json(struct planner *planner, const char *name, struct value *out)
{
    const char *path =
        arena_printf(planner->arena, "%s/%s", planner->project->target_path, name);
    struct buf text = BUF_INIT;
    struct err err = {0};

    bool ok =
        path_read(path, FILE_MAX, &text, &err) == 0 &&
        json_parse(buf_str(&text), text.len, path, planner->arena, out, &err) == 0;
    buf_fini(&text);
    return ok;
}

static const char *get(struct value dict, const char *key)
{
    return value_cstr(value_dict_get(dict, key), NULL);
}

static void add(struct planner *planner, struct map *out,
                const struct owned_relation *owned)
{
    const struct step_relation *name = &owned->name;

    if (name->database == NULL || name->schema == NULL || name->identifier == NULL) {
        return;
    }
    const char *key = plan_relation_key(planner->arena, name);
    if (map_get(out, key) == NULL) {
        struct owned_relation *kept = arena_new(planner->arena, struct owned_relation);
        *kept = *owned;
        kept->node = owned->node != NULL ? owned->node : "";
        kept->since = owned->since != NULL ? owned->since : "";
        map_put(out, key, kept);
    }
}

/* What earlier plans wrote down. */
static void load_own(struct planner *planner, struct map *out)
{
    struct value root;

    if (!read_json(planner, OWNED_FILE, &root) ||
        !str_eq(value_cstr(value_dict_get(root, "project"), ""),
                planner->project->name)) {
        return;
    }
    struct value list = value_dict_get(root, "relations");
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value v = value_list_at(list, i);
        struct owned_relation owned = {
            .name = {get(v, "database"), get(v, "schema"), get(v, "identifier")},
            .node = get(v, "node"),
            .since = get(v, "seen_at"),
            .source = "target/" OWNED_FILE,
        };
        add(planner, out, &owned);
    }
}

/* What the last command, dbt's too, found in the project. */
static void load_manifest(struct planner *planner, struct map *out)
{
    struct value root;
    const struct value_pair *pair;
    size_t at = 0;

    if (!read_json(planner, "manifest.json", &root)) {
        return;
    }
    struct value metadata = value_dict_get(root, "metadata");
    if (!str_eq(value_cstr(value_dict_get(metadata, "project_name"), ""),
                planner->project->name)) {
        return;
    }
    struct value nodes = value_dict_get(root, "nodes");
    while ((pair = value_dict_next(nodes, &at)) != NULL) {
        const char *type = value_cstr(value_dict_get(pair->value, "resource_type"), "");
        struct owned_relation owned = {
            .name = {get(pair->value, "database"), get(pair->value, "schema"),
                     get(pair->value, "alias")},
            .node = get(pair->value, "unique_id"),
            .since = get(metadata, "generated_at"),
            .source = "target/manifest.json",
        };
        if ((str_eq(type, "model") || str_eq(type, "seed")) &&
            get(pair->value, "relation_name") != NULL) {
            add(planner, out, &owned);
        }
    }
}

void plan_owned_load(struct planner *planner, struct map *out)
{
    load_own(planner, out);
    load_manifest(planner, out);
}

/* ---- writing ---- */

/* Whether the node's relation is the project's once the plan has been carried out. */
static bool is_owned(const struct plan_action *action)
{
    return action->relation.identifier != NULL && action->verb != PLAN_REFUSE &&
           action->verb != PLAN_DRIFT &&
           (str_eq(action->resource_type, "model") ||
            str_eq(action->resource_type, "seed"));
}

static void collect(struct planner *planner, struct map *out)
{
    const struct plan *plan = planner->plan;
    struct map before = {0};

    for (size_t i = 0; i < plan->count; i++) {
        if (is_owned(&plan->actions[i])) {
            struct owned_relation owned = {.name = plan->actions[i].relation,
                                           .node = plan->actions[i].unique_id,
                                           .since = plan->created_at};
            add(planner, out, &owned);
        }
    }
    load_own(planner, &before);
    for (size_t i = 0; i < before.count; i++) {
        const struct owned_relation *owned = before.entries[i].value;
        const char *schema = arena_printf(planner->arena, "%s.%s", owned->name.database,
                                          owned->name.schema);
        /* what was looked for and is gone need not be remembered */
        if (map_get(&planner->observed.schemas, schema) == NULL ||
            observed_relation(&planner->observed, &owned->name) != NULL) {
            add(planner, out, owned);
        }
    }
    map_fini(&before);
}

static struct value to_value(struct arena *arena, const struct owned_relation *owned)
{
    struct value dict = value_dict_new(arena, 5);

    value_dict_put(dict, "database", value_str(owned->name.database));
    value_dict_put(dict, "schema", value_str(owned->name.schema));
    value_dict_put(dict, "identifier", value_str(owned->name.identifier));
    value_dict_put(dict, "node", value_str(owned->node));
    value_dict_put(dict, "seen_at", value_str(owned->since));
    return dict;
}

void plan_owned_save(struct planner *planner)
{
    struct arena *arena = planner->arena;
    struct map owned = {0};
    struct buf out = BUF_INIT;
    struct err err = {0};

    collect(planner, &owned);
    struct value root = value_dict_new(arena, 3);
    struct value list = value_list_new(arena, owned.count);
    for (size_t i = 0; i < owned.count; i++) {
        value_list_push(list, to_value(arena, owned.entries[i].value));
    }
    value_dict_put(root, "format", value_int(OWNED_FORMAT));
    value_dict_put(root, "project", value_str(planner->project->name));
    value_dict_put(root, "relations", list);
    const char *path =
        arena_printf(arena, "%s/" OWNED_FILE, planner->project->target_path);
    if (json_write(root, JSON_COMPACT, &out, &err) == 0 &&
        path_mkdirs(planner->project->target_path, &err) == 0) {
        path_write(path, buf_str(&out), out.len, 0600, &err);
    }
    buf_fini(&out);
    map_fini(&owned);
}
