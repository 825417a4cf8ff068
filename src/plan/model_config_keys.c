#include "config.h"

#include "plan/model_config.h"

#include <string.h>

#include "base/str.h"

enum support {
    TABLE = 1,
    VIEW = 2,
    STREAMING_SOURCE = 4,
    STREAMING_TABLE = 8,
    MATERIALIZED_TABLE = 16,
};

#define EVERY  (TABLE | VIEW | STREAMING_SOURCE | STREAMING_TABLE | MATERIALIZED_TABLE)
#define TABLES (EVERY & ~VIEW)

struct named_support {
    const char *name;
    unsigned where;
};

static const struct named_support materializations[] = {
    {"materialized_table", MATERIALIZED_TABLE},
    {"streaming_source", STREAMING_SOURCE},
    {"streaming_table", STREAMING_TABLE},
    {"table", TABLE},
    {"view", VIEW},
};

/* The adapter's keys and ours, sorted. */
static const struct named_support adapter_keys[] = {
    {"compute_pool_id", EVERY},
    {"connector", STREAMING_SOURCE},
    {"distributed_by", TABLES},
    {"execution_mode", EVERY},
    {"freshness_interval", MATERIALIZED_TABLE},
    {"ignore_unsupported_config", EVERY},
    {"on_query_drift", VIEW | STREAMING_TABLE},
    {"on_schema_drift", TABLE | STREAMING_SOURCE | STREAMING_TABLE},
    {"partition_by", MATERIALIZED_TABLE},
    {"refresh_mode", MATERIALIZED_TABLE},
    {"start_mode", MATERIALIZED_TABLE},
    {"statement_name", EVERY},
    {"statement_properties", STREAMING_TABLE | MATERIALIZED_TABLE},
    {"tableflow", TABLES},
    {"with", STREAMING_SOURCE | STREAMING_TABLE | MATERIALIZED_TABLE},
};

/* Keys of dbt 1.11 that any node may have. */
static const char *const dbt_keys[] = {
    "access",
    "alias",
    "batch_size",
    "begin",
    "cluster_by",
    "column_types",
    "concurrent_batches",
    "contract",
    "database",
    "delimiter",
    "docs",
    "enabled",
    "event_time",
    "freshness",
    "full_refresh",
    "grants",
    "group",
    "incremental_strategy",
    "inserts_only",
    "lookback",
    "materialized",
    "meta",
    "on_configuration_change",
    "on_error",
    "on_schema_change",
    "packages",
    "persist_docs",
    "post-hook",
    "post_hook",
    "pre-hook",
    "pre_hook",
    "quote_columns",
    "quoting",
    "schema",
    "sql_header",
    "static_analysis",
    "tags",
    "transient",
    "unique_key",
    "description",
    "name",
    "version",
    "store_failures",
    "store_failures_as",
    "severity",
    "limit",
    "where",
    "fail_calc",
    "warn_if",
    "error_if",
    "columns",
    "latest_version",
    "constraints",
    "deprecation_date",
    "project",
    "snapshot_meta_column_names",
    "strategy",
    "target_schema",
    "target_database",
    "updated_at",
    "check_cols",
    "invalidate_hard_deletes",
    "hard_deletes",
    "dbt_valid_to_current",
    "python_version",
    "submission_method",
    "model_root_path",
    "table_format",
    "incremental_predicates",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static unsigned support_of(const char *materialization)
{
    for (size_t i = 0; i < COUNT(materializations); i++) {
        if (str_eq(materializations[i].name, materialization)) {
            return materializations[i].where;
        }
    }
    return 0;
}

static const struct named_support *find_key(const char *key)
{
    for (size_t i = 0; i < COUNT(adapter_keys); i++) {
        if (str_eq(adapter_keys[i].name, key)) {
            return &adapter_keys[i];
        }
    }
    return NULL;
}

static bool is_dbt_key(const char *key)
{
    for (size_t i = 0; i < COUNT(dbt_keys); i++) {
        if (str_eq(dbt_keys[i], key)) {
            return true;
        }
    }
    return false;
}

static const char *nearest_key(const char *key)
{
    const char *names[COUNT(adapter_keys) + COUNT(dbt_keys)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(adapter_keys); i++) {
        names[count++] = adapter_keys[i].name;
    }
    for (size_t i = 0; i < COUNT(dbt_keys); i++) {
        names[count++] = dbt_keys[i];
    }
    return str_nearest(key, names, count);
}

static bool ignored(struct value list, const char *key)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_eq(value_cstr(value_list_at(list, i), ""), key)) {
            return true;
        }
    }
    return false;
}

/* "'a', 'b'" of the materializations that take a key, for the message. */
static void add_supported(struct buf *out, unsigned where)
{
    bool first = true;

    for (size_t i = 0; i < COUNT(materializations); i++) {
        if ((materializations[i].where & where) != 0) {
            buf_addf(out, "%s'%s'", first ? "" : ", ", materializations[i].name);
            first = false;
        }
    }
}

int config_check_ignore_list(struct value list, struct err *err)
{
    bool ok = value_is_null(list) || value_is(list, VALUE_LIST) ||
              value_is(list, VALUE_TUPLE);

    for (size_t i = 0; ok && i < value_list_count(list); i++) {
        ok = value_is_str(value_list_at(list, i));
    }
    return ok ? 0
              : err_set(err, ERR_COMPILE,
                        "'ignore_unsupported_config' config must be a list of config "
                        "key name strings.");
}

int config_check_unknown(const struct node *node, struct value ignore, struct err *err)
{
    size_t at = 0;
    const struct value_pair *pair;

    while ((pair = value_dict_next(node->config, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        if (value_is_null(pair->value) || find_key(key) != NULL || is_dbt_key(key) ||
            ignored(ignore, key)) {
            continue;
        }
        err_set(err, ERR_COMPILE, "unknown config key '%s'", key);
        str_copy(err->type, sizeof(err->type), "");
        const char *near = nearest_key(key);
        if (near != NULL) {
            err_hint(err, "did you mean '%s'?", near);
        } else {
            err_hint(err,
                     "put keys of your own under 'meta', or add '%s' to "
                     "config(ignore_unsupported_config=[...])",
                     key);
        }
        return -1;
    }
    return 0;
}

int config_check_supported(const struct node *node, const char *materialization,
                           struct value ignore, struct err *err)
{
    unsigned where = support_of(materialization);
    struct buf lines = BUF_INIT;

    if (where == 0) {
        return 0;
    }
    for (size_t i = 0; i < COUNT(adapter_keys); i++) {
        const struct named_support *key = &adapter_keys[i];
        if ((key->where & where) != 0 || value_is_null(node_config(node, key->name)) ||
            ignored(ignore, key->name)) {
            continue;
        }
        buf_addf(&lines,
                 "\n  - '%s' is not supported for the '%s' materialization (supported "
                 "on: ",
                 key->name, materialization);
        add_supported(&lines, key->where);
        buf_adds(&lines, ").");
    }
    int rc = 0;
    if (lines.len > 0) {
        rc = err_set(err, ERR_COMPILE,
                     "Unsupported config:%s\nIf this is intentional (e.g. a "
                     "coincidental name collision with your own custom config read by "
                     "another macro), add the key to "
                     "config(ignore_unsupported_config=[...]).",
                     buf_str(&lines));
    }
    buf_fini(&lines);
    return rc;
}
