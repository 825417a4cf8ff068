#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* ---- defaults: the fields of dbt 1.11's config classes, in their order ---- */

enum kind {
    D_NONE,
    D_TRUE,
    D_FALSE,
    D_STR,
    D_INT,
    D_LIST,
    D_DICT,
    D_DOCS,
    D_CONTRACT,
    D_FRESHNESS
};

enum types {
    T_NODE = 1,  /* models, seeds, analyses, operations … */
    T_MODEL = 2, /* models only */
    T_SEED = 4,
    T_TEST = 8,
    T_SOURCE = 16,
    T_EXPOSURE = 32,
    T_UNIT = 64
};

static const struct {
    const char *key;
    enum kind kind;
    const char *text;
    unsigned types;
} defaults[] = {
    {"tags", D_LIST, NULL, T_UNIT},
    {"meta", D_DICT, NULL, T_UNIT},
    {"enabled", D_TRUE, NULL, T_NODE | T_TEST | T_SOURCE | T_EXPOSURE | T_UNIT},
    {"event_time", D_NONE, NULL, T_SOURCE},
    {"freshness", D_FRESHNESS, NULL, T_SOURCE},
    {"loaded_at_field", D_NONE, NULL, T_SOURCE},
    {"loaded_at_query", D_NONE, NULL, T_SOURCE},
    {"meta", D_DICT, NULL, T_SOURCE},
    {"tags", D_LIST, NULL, T_SOURCE | T_EXPOSURE},
    {"meta", D_DICT, NULL, T_EXPOSURE},
    {"static_analysis", D_NONE, NULL, T_SOURCE | T_UNIT},
    {"alias", D_NONE, NULL, T_NODE | T_TEST},
    {"schema", D_NONE, NULL, T_NODE},
    {"schema", D_STR, "dbt_test__audit", T_TEST},
    {"database", D_NONE, NULL, T_NODE | T_TEST},
    {"tags", D_LIST, NULL, T_NODE | T_TEST},
    {"meta", D_DICT, NULL, T_NODE | T_TEST},
    {"group", D_NONE, NULL, T_NODE | T_TEST},
    {"static_analysis", D_NONE, NULL, T_NODE | T_TEST},
    {"materialized", D_STR, "view", T_NODE},
    {"materialized", D_STR, "test", T_TEST},
    {"severity", D_STR, "ERROR", T_TEST},
    {"store_failures", D_NONE, NULL, T_TEST},
    {"store_failures_as", D_NONE, NULL, T_TEST},
    {"where", D_NONE, NULL, T_TEST},
    {"limit", D_NONE, NULL, T_TEST},
    {"fail_calc", D_STR, "count(*)", T_TEST},
    {"warn_if", D_STR, "!= 0", T_TEST},
    {"error_if", D_STR, "!= 0", T_TEST},
    {"incremental_strategy", D_NONE, NULL, T_NODE},
    {"batch_size", D_NONE, NULL, T_NODE},
    {"lookback", D_INT, NULL, T_NODE},
    {"begin", D_NONE, NULL, T_NODE},
    {"persist_docs", D_DICT, NULL, T_NODE},
    {"post-hook", D_LIST, NULL, T_NODE},
    {"pre-hook", D_LIST, NULL, T_NODE},
    {"quoting", D_DICT, NULL, T_NODE},
    {"column_types", D_DICT, NULL, T_NODE},
    {"full_refresh", D_NONE, NULL, T_NODE},
    {"unique_key", D_NONE, NULL, T_NODE},
    {"on_schema_change", D_STR, "ignore", T_NODE},
    {"on_configuration_change", D_STR, "apply", T_NODE},
    {"grants", D_DICT, NULL, T_NODE},
    {"packages", D_LIST, NULL, T_NODE},
    {"docs", D_DOCS, NULL, T_NODE},
    {"contract", D_CONTRACT, NULL, T_NODE},
    {"event_time", D_NONE, NULL, T_NODE},
    {"concurrent_batches", D_NONE, NULL, T_NODE},
    {"delimiter", D_STR, ",", T_SEED},
    {"quote_columns", D_NONE, NULL, T_SEED},
    {"access", D_STR, "protected", T_MODEL},
    {"freshness", D_NONE, NULL, T_MODEL},
};

static unsigned types_of(enum node_type type)
{
    switch (type) {
    case NODE_MODEL:
        return T_NODE | T_MODEL;
    case NODE_SEED:
        return T_NODE | T_SEED;
    case NODE_TEST:
        return T_TEST;
    case NODE_SOURCE:
        return T_SOURCE;
    case NODE_EXPOSURE:
        return T_EXPOSURE;
    case NODE_UNIT_TEST:
        return T_UNIT;
    default:
        return T_NODE;
    }
}

static struct value pair_dict(struct arena *arena, const char *a, struct value va,
                              const char *b, struct value vb)
{
    struct value dict = value_dict_new(arena, 2);

    value_dict_put(dict, a, va);
    value_dict_put(dict, b, vb);
    return dict;
}

struct value config_default_freshness(struct arena *arena)
{
    struct value dict = value_dict_new(arena, 3);

    value_dict_put(dict, "warn_after",
                   pair_dict(arena, "count", value_none(), "period", value_none()));
    value_dict_put(dict, "error_after",
                   pair_dict(arena, "count", value_none(), "period", value_none()));
    value_dict_put(dict, "filter", value_none());
    return dict;
}

static struct value default_value(struct arena *arena, enum kind kind, const char *text)
{
    switch (kind) {
    case D_NONE:
        return value_none();
    case D_TRUE:
    case D_FALSE:
        return value_bool(kind == D_TRUE);
    case D_STR:
        return value_str(text);
    case D_INT:
        return value_int(1);
    case D_LIST:
        return value_list_new(arena, 0);
    case D_DICT:
        return value_dict_new(arena, 0);
    case D_DOCS:
        return pair_dict(arena, "show", value_bool(true), "node_color", value_none());
    case D_CONTRACT:
        return pair_dict(arena, "enforced", value_bool(false), "alias_types",
                         value_bool(true));
    case D_FRESHNESS:
        return config_default_freshness(arena);
    }
    return value_none();
}

static struct value make_defaults(struct arena *arena, enum node_type type)
{
    struct value dict = value_dict_new(arena, 32);
    unsigned types = types_of(type);

    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if ((defaults[i].types & types) != 0) {
            value_dict_put(dict, defaults[i].key,
                           default_value(arena, defaults[i].kind, defaults[i].text));
        }
    }
    if (type == NODE_SEED) {
        value_dict_put(dict, "materialized", value_str("seed"));
    }
    return dict;
}

static struct value copy_dict(struct arena *arena, struct value from)
{
    struct value dict = value_dict_new(arena, value_dict_count(from));
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, p->value);
    }
    return dict;
}

/* ---- the tree of dbt_project.yml ---- */

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
    make.base = make_defaults(loader->arena, node->type);
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

/* store_failures and store_failures_as follow each other. */
static void finish_test(struct value config)
{
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

static int check_str_list(struct value v, const char *key, struct err *err)
{
    for (size_t i = 0; i < value_list_count(v); i++) {
        struct value item = value_list_at(v, i);
        if (item.type != VALUE_STRING) {
            struct buf text = {.max = 256};
            project_python_repr(item, &text);
            err_set(err, ERR_PROJECT, "%s is not of type 'string' (in config '%s')",
                    buf_str(&text), key);
            buf_fini(&text);
            return -1;
        }
    }
    return 0;
}

static int check_type(struct value config, const char *key, enum value_type type,
                      bool null_too, const char *name, struct err *err)
{
    struct value v = value_dict_get(config, key);

    if (v.type == type || v.type == VALUE_UNDEFINED || (null_too && value_is_null(v))) {
        return 0;
    }
    struct buf text = {.max = 256};
    project_python_repr(v, &text);
    err_set(err, ERR_PROJECT, "%s is not of type '%s' (config '%s')", buf_str(&text),
            name, key);
    buf_fini(&text);
    return -1;
}

static int check_severity(struct value config, struct err *err)
{
    const char *severity = value_cstr(value_dict_get(config, "severity"), "ERROR");

    if (!str_ieq(severity, "error") && !str_ieq(severity, "warn")) {
        return err_set(err, ERR_PROJECT,
                       "Severity must be either 'warn' or 'error'. Got '%s'", severity);
    }
    return 0;
}

static int validate(const struct node *node, struct value config, struct err *err)
{
    if (check_type(config, "enabled", VALUE_BOOL, false, "boolean", err) != 0 ||
        check_type(config, "materialized", VALUE_STRING, false, "string", err) != 0 ||
        check_type(config, "alias", VALUE_STRING, true, "string", err) != 0 ||
        check_type(config, "schema", VALUE_STRING, true, "string", err) != 0 ||
        check_type(config, "database", VALUE_STRING, true, "string", err) != 0 ||
        check_type(config, "group", VALUE_STRING, true, "string", err) != 0 ||
        check_type(config, "full_refresh", VALUE_BOOL, true, "boolean", err) != 0 ||
        check_type(config, "meta", VALUE_DICT, false, "object", err) != 0 ||
        check_str_list(value_dict_get(config, "tags"), "tags", err) != 0) {
        return -1;
    }
    return node->type == NODE_TEST ? check_severity(config, err) : 0;
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
    return validate(node, config, err);
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

/* ---- keys that look misspelt ---- */

/* What dbt-confluent reads beside dbt's own keys. */
static const char *const adapter_keys[] = {
    "statement_name",
    "compute_pool_id",
    "distributed_by",
    "tableflow",
    "on_schema_drift",
    "with",
    "connector",
    "statement_properties",
    "start_mode",
    "execution_mode",
    "sql_header",
    "ignore_unsupported_config",
    "freshness_interval",
    "partition_by",
    "refresh_mode",
    "pre_hook",
    "post_hook",
    "environment_id",
    "dbname",
};

#define KEY_COUNT                                                                      \
    (sizeof(defaults) / sizeof(defaults[0]) +                                          \
     sizeof(adapter_keys) / sizeof(adapter_keys[0]))

static size_t known_keys(const char **out)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if ((defaults[i].types & (T_NODE | T_MODEL | T_TEST)) != 0) {
            out[count++] = defaults[i].key;
        }
    }
    for (size_t i = 0; i < sizeof(adapter_keys) / sizeof(adapter_keys[0]); i++) {
        out[count++] = adapter_keys[i];
    }
    return count;
}

static bool is_known(const char *key, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(key, known[i])) {
            return true;
        }
    }
    return false;
}

/* dbt takes any key; one that is nearly a known one is most likely meant to be it. */
void config_check_keys(struct loader *loader, const struct node *node,
                       struct value config, const struct project_file *file, int line)
{
    const char *known[KEY_COUNT];
    size_t count = 0;
    size_t at = 0;

    if (node->type != NODE_MODEL) {
        return;
    }
    for (const struct value_pair *p; (p = value_dict_next(config, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        count = count == 0 ? known_keys(known) : count;
        if (is_known(key, known, count) || strlen(key) < 3) {
            continue;
        }
        const char *near = str_nearest(key, known, count);
        if (near != NULL) {
            loader_warn(loader, file, line,
                        "config '%s' of %s is not known: did you mean '%s'?", key,
                        node->unique_id, near);
        }
    }
}
