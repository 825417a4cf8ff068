/*
 * The keys of configs: their defaults, which are the fields of dbt 1.11's config
 * classes in their order, and those that look misspelt.
 */
#include "config.h"

#include "project/internal.h"

#include <string.h>

#include "base/str.h"

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

struct value config_defaults(struct arena *arena, enum node_type type)
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
