/* The config of a node: trees of dbt_project.yml, properties, config() calls. */
#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct value copy_dict(struct arena *arena, struct value from)
{
    struct value dict = value_dict_new(arena, value_dict_count(from));
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, p->value);
    }
    return dict;
}

static const char *tree_key(enum node_type type)
{
    switch (type) {
    case NODE_SEED:
        return "seeds";
    case NODE_SNAPSHOT:
        return "snapshots";
    case NODE_SOURCE:
        return "sources";
    case NODE_TEST:
        return "data_tests";
    case NODE_EXPOSURE:
        return "exposures";
    case NODE_UNIT_TEST:
        return "unit_tests";
    default:
        return "models";
    }
}

/* The config keys of one level: "+key" always, "key" unless it is a folder. */
static struct value level_config(struct loader *loader, struct value level)
{
    struct map *cache = &loader->project->index->default_configs;
    const void *at = level.as.dict;
    struct value *found = map_get_n(cache, (const char *)&at, sizeof(at));

    if (found != NULL) {
        return *found;
    }
    struct value dict = value_dict_new(loader->arena, 4);
    size_t next = 0;
    for (const struct value_pair *p; (p = value_dict_next(level, &next)) != NULL;) {
        const char *key = value_cstr(p->key, NULL);
        if (key == NULL) {
            continue;
        }
        if (*key == '+') {
            key += 1 + strspn(key + 1, " ");
            value_dict_put(dict, key, p->value);
        } else if (p->value.type != VALUE_DICT) {
            value_dict_put(dict, key, p->value);
        }
    }
    struct {
        const void *key;
        struct value value;
    } *entry = arena_alloc(loader->arena, sizeof(*entry));
    entry->key = at;
    entry->value = dict;
    map_put_n(cache, (const char *)&entry->key, sizeof(entry->key), &entry->value);
    return dict;
}

#define MAX_LEVELS 64

/* The levels that apply to the node, from the top; returns how many. */
static size_t find_levels(struct value tree, const struct node *node,
                          struct value *levels)
{
    size_t count = 0;

    if (tree.type != VALUE_DICT) {
        return 0;
    }
    levels[count++] = tree;
    for (size_t i = 0; i < node->fqn_count && count < MAX_LEVELS; i++) {
        struct value next = value_dict_get(tree, node->fqn[i]);
        if (next.type != VALUE_DICT) {
            break;
        }
        levels[count++] = next;
        tree = next;
    }
    return count;
}

static int merge_tree(struct loader *loader, struct value config, struct value tree,
                      const struct node *node, struct err *err)
{
    struct value levels[MAX_LEVELS];
    size_t count = find_levels(tree, node, levels);

    for (size_t i = 0; i < count; i++) {
        if (config_merge(loader->arena, config, level_config(loader, levels[i]), err) !=
            0) {
            project_locate(err, loader->project->package->file, 1, 0);
            return -1;
        }
    }
    return 0;
}

/* What all nodes of a type in one folder share; never changed once it is made. */
struct shared_config {
    struct {
        const void *level;
        const void *package;
        uint64_t type;
    } key;
    struct value base;  /* defaults and the package's own tree */
    struct value final; /* base with hooks and tests finished; undefined at first */
    struct value unrendered; /* undefined at first */
};

static struct shared_config *shared_config(struct loader *loader,
                                           const struct node *node, struct err *err)
{
    struct map *cache = &loader->project->index->default_configs;
    struct value tree = value_dict_get(node->package->config, tree_key(node->type));
    struct value levels[MAX_LEVELS];
    size_t count = find_levels(tree, node, levels);
    struct shared_config make = {.key = {count > 0 ? levels[count - 1].as.dict : NULL,
                                         node->package, node->type}};
    struct shared_config *found =
        map_get_n(cache, (const char *)&make.key, sizeof(make.key));

    if (found != NULL) {
        return found;
    }
    make.base = config_defaults(loader->arena, node->type);
    if (merge_tree(loader, make.base, tree, node, err) != 0) {
        return NULL;
    }
    found = arena_new(loader->arena, struct shared_config);
    *found = make;
    map_put_n(cache, (const char *)&found->key, sizeof(found->key), found);
    return found;
}

int node_configure_base(struct loader *loader, struct node *node, struct err *err)
{
    const struct shared_config *shared = shared_config(loader, node, err);

    if (shared == NULL) {
        return -1;
    }
    node->config = shared->base;
    node->tags = value_dict_get(node->config, "tags");
    node->meta = value_dict_get(node->config, "meta");
    return 0;
}

static void merge_plain(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, p->key, p->value);
    }
}

static void merge_raw_tree(struct loader *loader, struct value into,
                           const struct package *package, const struct node *node)
{
    struct value levels[MAX_LEVELS];
    size_t count =
        find_levels(value_dict_get(package->raw, tree_key(node->type)), node, levels);

    for (size_t i = 0; i < count; i++) {
        merge_plain(into, level_config(loader, levels[i]));
    }
}

static void set_unrendered(struct loader *loader, struct node *node,
                           const struct patch *patch, struct shared_config *shared)
{
    if (shared != NULL && shared->unrendered.type == VALUE_DICT) {
        node->unrendered_config = shared->unrendered;
        return;
    }
    struct value dict = value_dict_new(loader->arena, 4);
    merge_raw_tree(loader, dict, node->package, node);
    if (patch != NULL) {
        merge_plain(dict, patch->config);
    }
    merge_plain(dict, node->unrendered_config_call);
    if (!node->package->is_root) {
        merge_raw_tree(loader, dict, loader->project->package, node);
    }
    node->unrendered_config = dict;
    if (shared != NULL) {
        shared->unrendered = dict;
    }
}

/* store_failures and store_failures_as follow each other; a limit may be text. */
static void finish_test(struct value config)
{
    struct value limit = value_dict_get(config, "limit");
    char *end = NULL;

    if (limit.type == VALUE_STRING) {
        long long number = strtoll(limit.as.s, &end, 10);
        if (end != limit.as.s && *end == '\0') {
            value_dict_put(config, "limit", value_int(number));
        }
    }
    struct value as = value_dict_get(config, "store_failures_as");
    struct value store = value_dict_get(config, "store_failures");

    if (!value_is_null(as)) {
        value_dict_put(config, "store_failures",
                       value_bool(!str_eq(value_cstr(as, ""), "ephemeral")));
    } else if (store.type == VALUE_BOOL) {
        value_dict_put(config, "store_failures_as",
                       value_str(store.as.b ? "table" : "ephemeral"));
    }
}

static int finish_config(struct loader *loader, const struct node *node,
                         struct value config, struct err *err)
{
    if (config_mangle_hooks(loader->arena, config, err) != 0) {
        return -1;
    }
    if (node->type == NODE_TEST) {
        finish_test(config);
    }
    return config_validate(node, config, err);
}

/* The config of a node that says nothing of its own: shared by its folder. */
static int common_config(struct loader *loader, struct node *node,
                         struct shared_config *shared, struct err *err)
{
    if (shared->final.type != VALUE_DICT) {
        struct value config = copy_dict(loader->arena, shared->base);
        if (finish_config(loader, node, config, err) != 0) {
            return -1;
        }
        shared->final = config;
    }
    node->config = shared->final;
    set_unrendered(loader, node, NULL, shared);
    return 0;
}

static int own_config(struct loader *loader, struct node *node,
                      const struct patch *patch, const struct shared_config *shared,
                      struct err *err)
{
    struct value config = copy_dict(loader->arena, shared->base);

    if (patch != NULL && config_merge(loader->arena, config, patch->config, err) != 0) {
        return -1;
    }
    if (config_merge(loader->arena, config, node->config_call, err) != 0) {
        return -1;
    }
    if (!node->package->is_root &&
        merge_tree(
            loader, config,
            value_dict_get(loader->project->package->config, tree_key(node->type)),
            node, err) != 0) {
        return -1;
    }
    if (finish_config(loader, node, config, err) != 0) {
        return -1;
    }
    node->config = config;
    set_unrendered(loader, node, patch, NULL);
    return 0;
}

/* The whole config of a node, without its names. */
static int full_config(struct loader *loader, struct node *node,
                       const struct patch *patch, struct err *err)
{
    struct shared_config *shared = shared_config(loader, node, err);
    bool own = (patch != NULL && value_dict_count(patch->config) > 0) ||
               value_dict_count(node->config_call) > 0;

    if (shared == NULL) {
        return -1;
    }
    return own || !node->package->is_root ? own_config(loader, node, patch, shared, err)
                                          : common_config(loader, node, shared, err);
}

/* The config's tags without duplicates, in front of those that the node has already. */
static void set_tags(struct loader *loader, struct node *node)
{
    struct value own = node->tags;
    struct value from = value_dict_get(node->config, "tags");

    if (value_list_count(own) == 0 && value_list_count(from) < 2) {
        node->tags = from;
        return;
    }
    struct value list =
        value_list_new(loader->arena, value_list_count(from) + value_list_count(own));
    const struct value lists[] = {own, from};

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < value_list_count(lists[k]); i++) {
            struct value tag = value_list_at(lists[k], i);
            bool known = false;
            for (size_t n = 0; n < value_list_count(list) && !known; n++) {
                known = value_equal(value_list_at(list, n), tag);
            }
            if (!known) {
                value_list_push(list, tag);
            }
        }
    }
    node->tags = list;
}

static int set_access(struct node *node, struct err *err)
{
    static const char *const names[] = {"private", "protected", "public"};
    const char *access =
        value_cstr(value_dict_get(node->config, "access"), "protected");

    node->access = NODE_PROTECTED;
    for (size_t i = 0; i < 3; i++) {
        if (str_eq(access, names[i])) {
            node->access = (enum node_access)i;
            return 0;
        }
    }
    return err_set(err, ERR_PROJECT,
                   "Node %s has an invalid value (%s) for the access field",
                   node->unique_id, access);
}

int node_configure(struct loader *loader, struct node *node, const struct patch *patch,
                   struct err *err)
{
    /* A patch comes second, and adds to the tags of the first time. */
    if (patch == NULL) {
        node->tags = node->extra_tags;
    }
    if (full_config(loader, node, patch, err) != 0) {
        return -1;
    }
    set_tags(loader, node);
    node->meta = value_dict_get(node->config, "meta");
    node->docs = value_dict_get(node->config, "docs");
    node->enabled = value_is_true(value_dict_get(node->config, "enabled"), true);
    node->group = value_cstr(value_dict_get(node->config, "group"), NULL);
    node->contract_enforced = value_is_true(
        value_dict_get(value_dict_get(node->config, "contract"), "enforced"), false);
    if (node->type == NODE_MODEL && set_access(node, err) != 0) {
        return -1;
    }
    return node_set_names(loader, node, err);
}
