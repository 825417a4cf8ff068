#include "config.h"

#include "plan/model.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
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

static int check_ignore_list(struct value list, struct err *err)
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

static int check_unknown(const struct node *node, struct value ignore, struct err *err)
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

static int check_supported(const struct node *node, const char *materialization,
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

/* An option's value as text; NULL when a Kafka option can't have such a value. */
static const char *option_text(struct value v, struct arena *arena)
{
    struct buf out = BUF_INIT;

    switch (v.type) {
    case VALUE_BOOL:
        buf_adds(&out, v.as.b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_addf(&out, "%" PRId64, v.as.i);
        break;
    case VALUE_FLOAT:
        value_float_text(v.as.f, &out);
        break;
    case VALUE_STRING:
        buf_add(&out, v.as.s, v.len);
        break;
    default:
        return NULL;
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static int read_options(const struct node *node, struct arena *arena,
                        struct model_config *out, struct err *err)
{
    struct value with = node_config(node, "with");
    size_t at = 0;
    const struct value_pair *pair;

    if (!value_is_null(with) && !value_is(with, VALUE_DICT)) {
        return err_set(err, ERR_COMPILE, "'with' config must be a mapping, got %s",
                       value_type_name(with));
    }
    out->options = arena_array(arena, struct drift_option, value_dict_count(with) + 1);
    while ((pair = value_dict_next(with, &at)) != NULL) {
        const char *key = option_text(pair->key, arena);
        const char *text = option_text(pair->value, arena);
        if (key == NULL || text == NULL) {
            return err_set(err, ERR_COMPILE,
                           "'with' value of '%s' must be a string, number or boolean, "
                           "got %s",
                           key != NULL ? key : "?", value_type_name(pair->value));
        }
        out->options[out->option_count++] = (struct drift_option){key, text};
    }
    return 0;
}

/* `connector` comes last, or replaces the value that `with` has. */
static int read_connector(const struct node *node, const char *materialization,
                          struct arena *arena, struct model_config *out,
                          struct err *err)
{
    struct value connector = node_config(node, "connector");

    if (!str_eq(materialization, "streaming_source")) {
        return 0;
    }
    const char *text = option_text(connector, arena);
    if (!value_is_null(connector) && text == NULL) {
        return err_set(err, ERR_COMPILE, "'connector' config must be a string, got %s",
                       value_type_name(connector));
    }
    if (text == NULL || text[0] == '\0') {
        return err_set(err, ERR_COMPILE,
                       "'connector' must be specified in 'streaming_source' "
                       "materialization");
    }
    for (size_t i = 0; i < out->option_count; i++) {
        if (str_eq(out->options[i].key, "connector")) {
            out->options[i].value = text;
            return 0;
        }
    }
    out->options[out->option_count++] = (struct drift_option){"connector", text};
    return 0;
}

static int read_buckets(struct value buckets, struct arena *arena,
                        struct model_config *out, struct err *err)
{
    if (value_is_null(buckets)) {
        return 0;
    }
    if (!value_is(buckets, VALUE_INT) || buckets.as.i <= 0 || buckets.as.i > 1000000) {
        const char *text = option_text(buckets, arena);
        return err_set(err, ERR_COMPILE,
                       "'distributed_by.buckets' must be a positive integer; got: %s",
                       text != NULL ? text : value_type_name(buckets));
    }
    out->buckets = (int)buckets.as.i;
    return 0;
}

static int read_distribution_columns(struct value columns, struct arena *arena,
                                     struct model_config *out, struct err *err)
{
    size_t count = value_list_count(columns);

    if (count == 0) {
        return err_set(err, ERR_COMPILE,
                       "'distributed_by' config must be a mapping with a non-empty "
                       "'columns' list of column names");
    }
    out->distribution_columns = arena_array(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = value_cstr(value_list_at(columns, i), "");
        if (name[0] == '\0') {
            return err_set(err, ERR_COMPILE,
                           "'distributed_by.columns' must contain only non-empty "
                           "strings");
        }
        if (strchr(name, '`') != NULL) {
            return err_set(err, ERR_COMPILE,
                           "'distributed_by.columns' must not contain backtick "
                           "characters; got: %s",
                           name);
        }
        out->distribution_columns[i] = name;
    }
    out->distribution_column_count = count;
    return 0;
}

static int read_distribution(const struct node *node, struct arena *arena,
                             struct model_config *out, struct err *err)
{
    struct value v = node_config(node, "distributed_by");
    const char *unknown = NULL;
    size_t at = 0;
    const struct value_pair *pair;

    if (value_is_null(v)) {
        return 0;
    }
    if (!value_is(v, VALUE_DICT)) {
        return err_set(err, ERR_COMPILE,
                       "'distributed_by' config must be a mapping with a non-empty "
                       "'columns' list of column names");
    }
    while ((pair = value_dict_next(v, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "?");
        if (!str_eq(key, "columns") && !str_eq(key, "buckets") &&
            (unknown == NULL || strcmp(key, unknown) < 0)) {
            unknown = key;
        }
    }
    if (read_distribution_columns(value_dict_get(v, "columns"), arena, out, err) != 0 ||
        read_buckets(value_dict_get(v, "buckets"), arena, out, err) != 0) {
        return -1;
    }
    if (unknown != NULL) {
        return err_set(err, ERR_COMPILE,
                       "'distributed_by' has unknown key '%s'. Allowed keys: "
                       "'columns', 'buckets'",
                       unknown);
    }
    return 0;
}

static int read_policies(const struct node *node, struct model_config *out,
                         struct err *err)
{
    static const char *const policies[] = {"warn", "fail", "ignore", "replace"};
    struct value schema = node_config(node, "on_schema_drift");
    struct value query = node_config(node, "on_query_drift");

    if (!value_is_null(schema)) {
        const char *text = value_cstr(schema, "?");
        if (str_eq(text, "ignore")) {
            out->on_schema_drift = MODEL_DRIFT_IGNORE;
        } else if (!str_eq(text, "fail")) {
            return err_set(err, ERR_COMPILE,
                           "Invalid value for on_schema_drift ('%s'). Expected "
                           "'ignore' or 'fail'.",
                           text);
        }
    }
    if (value_is_null(query)) {
        return 0;
    }
    for (size_t i = 0; i < COUNT(policies); i++) {
        if (str_eq(value_cstr(query, "?"), policies[i])) {
            out->on_query_drift = (enum model_query_policy)i;
            return 0;
        }
    }
    return err_set(err, ERR_COMPILE,
                   "Invalid value for on_query_drift ('%s'). Expected 'warn', 'fail', "
                   "'ignore' or 'replace'.",
                   value_cstr(query, "?"));
}

static int read_pool(const struct node *node, struct model_config *out, struct err *err)
{
    struct value pool = node_config(node, "compute_pool_id");

    if (value_is_null(pool)) {
        return 0;
    }
    if (!value_is_str(pool)) {
        return err_set(err, ERR_COMPILE, "compute_pool_id must be a string, got %s",
                       value_is(pool, VALUE_INT) ? "int" : value_type_name(pool));
    }
    if (pool.len > 0) {
        out->compute_pool_id = pool.as.s;
    }
    return 0;
}

static int read_properties(const struct node *node, struct model_config *out,
                           struct err *err)
{
    static const char *const reserved[] = {"sql.current-catalog",
                                           "sql.current-database", "sql.snapshot.mode"};
    struct value v = node_config(node, "statement_properties");
    size_t at = 0;
    const struct value_pair *pair;

    if (value_is_null(v)) {
        return 0;
    }
    if (!value_is(v, VALUE_DICT)) {
        return err_set(err, ERR_COMPILE,
                       "properties must be a dict or StatementProperties, got %s",
                       value_is_str(v) ? "str" : value_type_name(v));
    }
    while ((pair = value_dict_next(v, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "?");
        uint8_t type = pair->value.type;
        for (size_t i = 0; i < COUNT(reserved); i++) {
            if (str_eq(key, reserved[i])) {
                return err_set(err, ERR_COMPILE, "'%s' is a reserved system property.",
                               key);
            }
        }
        if (type != VALUE_STRING && type != VALUE_INT && type != VALUE_BOOL) {
            return err_set(err, ERR_COMPILE,
                           "properties values must be str, int, or bool, got %s for "
                           "key '%s'",
                           type == VALUE_FLOAT ? "float" : value_type_name(pair->value),
                           key);
        }
    }
    out->statement_properties = v;
    return 0;
}

enum start_argument { START_NONE, START_OPTIONAL, START_REQUIRED };

static const struct {
    const char *keyword;
    enum start_argument argument;
} start_modes[] = {
    {"FROM_BEGINNING", START_NONE},
    {"FROM_NOW", START_OPTIONAL},
    {"FROM_TIMESTAMP", START_REQUIRED},
    {"RESUME_OR_FROM_BEGINNING", START_NONE},
    {"RESUME_OR_FROM_NOW", START_OPTIONAL},
    {"RESUME_OR_FROM_TIMESTAMP", START_REQUIRED},
};

static int invalid_start_mode(const char *text, struct err *err)
{
    return err_set(
        err, ERR_COMPILE,
        "'%s' is not a valid value for 'start_mode'.\nAccepted forms are: "
        "FROM_BEGINNING, FROM_NOW, FROM_NOW(INTERVAL '<n>' <unit>), "
        "FROM_TIMESTAMP('<timestamp>'), RESUME_OR_FROM_BEGINNING, RESUME_OR_FROM_NOW, "
        "RESUME_OR_FROM_NOW(INTERVAL '<n>' <unit>), "
        "RESUME_OR_FROM_TIMESTAMP('<timestamp>').",
        text);
}

/* Quoted literals, word characters and blanks: nothing that could end the clause. */
static bool safe_argument(const char *arg, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (arg[i] == '\'') {
            for (i++; i < len && arg[i] != '\''; i++) {
            }
            if (i >= len) {
                return false;
            }
        } else if (!isalnum((unsigned char)arg[i]) && arg[i] != '_' && arg[i] != ' ' &&
                   arg[i] != '\t') {
            return false;
        }
    }
    return true;
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && isspace((unsigned char)(*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && isspace((unsigned char)(*text)[*len - 1])) {
        (*len)--;
    }
}

static int render_start_mode(const char *keyword, const char *arg, size_t len,
                             const char *text, struct arena *arena, const char **out,
                             struct err *err)
{
    for (size_t i = 0; i < COUNT(start_modes); i++) {
        if (!str_ieq(start_modes[i].keyword, keyword)) {
            continue;
        }
        const char *name = start_modes[i].keyword;
        if (len == 0 && start_modes[i].argument == START_REQUIRED) {
            return err_set(err, ERR_COMPILE,
                           "'start_mode' %s requires an argument, e.g. %s('...').",
                           name, name);
        }
        if (len > 0 && start_modes[i].argument == START_NONE) {
            return err_set(err, ERR_COMPILE,
                           "'start_mode' %s does not take an argument.", name);
        }
        *out = len > 0 ? arena_printf(arena, "%s(%.*s)", name, (int)len, arg) : name;
        return 0;
    }
    return invalid_start_mode(text, err);
}

static int read_start_mode(const struct node *node, struct arena *arena,
                           struct model_config *out, struct err *err)
{
    struct value v = node_config(node, "start_mode");

    if (value_is_null(v)) {
        return 0;
    }
    const char *text = option_text(v, arena);
    if (text == NULL) {
        return invalid_start_mode(value_type_name(v), err);
    }
    const char *p = text;
    size_t len = strlen(text);
    trim(&p, &len);
    size_t word = 0;
    while (word < len && (isalpha((unsigned char)p[word]) || p[word] == '_')) {
        word++;
    }
    const char *keyword = arena_strndup(arena, p, word);
    const char *arg = p + word;
    size_t arg_len = len - word;
    trim(&arg, &arg_len);
    if (arg_len > 0) {
        if (arg[0] != '(' || arg[arg_len - 1] != ')' || arg_len < 2) {
            return invalid_start_mode(text, err);
        }
        arg++;
        arg_len -= 2;
        trim(&arg, &arg_len);
        if (str_eq_n(arg, arg_len, "''")) {
            arg_len = 0;
        }
    }
    if (word == 0 || !safe_argument(arg, arg_len)) {
        return invalid_start_mode(text, err);
    }
    return render_start_mode(keyword, arg, arg_len, text, arena, &out->start_mode, err);
}

static int check_materialized_table_keys(const struct node *node, struct err *err)
{
    static const char *const keys[] = {"freshness_interval", "partition_by",
                                       "refresh_mode"};
    struct buf names = BUF_INIT;
    int count = 0;

    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!value_is_null(node_config(node, keys[i]))) {
            buf_addf(&names, "%s'%s'", count++ > 0 ? ", " : "", keys[i]);
        }
    }
    int rc = 0;
    if (count > 0) {
        rc = err_set(err, ERR_COMPILE,
                     "%s %s not supported by the 'materialized_table' materialization "
                     "for Confluent Flink.\nSupported config options include: "
                     "compute_pool_id, contract, distributed_by, "
                     "ignore_unsupported_config, start_mode, statement_name, "
                     "statement_properties, tableflow, with.",
                     buf_str(&names), count == 1 ? "is" : "are");
    }
    buf_fini(&names);
    return rc;
}

static int read_full_refresh(const struct node *node, struct model_config *out,
                             struct err *err)
{
    struct value v = node_config(node, "full_refresh");

    out->full_refresh = -1;
    if (value_is_null(v)) {
        return 0;
    }
    if (!value_is(v, VALUE_BOOL)) {
        return err_set(err, ERR_COMPILE, "'full_refresh' must be true or false, got %s",
                       value_type_name(v));
    }
    out->full_refresh = v.as.b;
    return 0;
}

int model_config_read(const struct node *node, const char *materialization,
                      struct arena *arena, struct model_config *out, struct err *err)
{
    struct value ignore = node_config(node, "ignore_unsupported_config");
    struct value name = node_config(node, "statement_name");

    *out = (struct model_config){0};
    if (check_ignore_list(ignore, err) != 0 ||
        check_supported(node, materialization, ignore, err) != 0 ||
        check_unknown(node, ignore, err) != 0) {
        return -1;
    }
    if (!value_is_null(name) && !value_is_str(name)) {
        return err_set(err, ERR_COMPILE, "'statement_name' must be a string, got %s",
                       value_type_name(name));
    }
    out->statement_name = value_cstr(name, NULL);
    out->contract = node->contract_enforced;
    if (str_eq(materialization, "materialized_table") &&
        (read_start_mode(node, arena, out, err) != 0 ||
         check_materialized_table_keys(node, err) != 0)) {
        return -1;
    }
    if (read_distribution(node, arena, out, err) != 0 ||
        read_options(node, arena, out, err) != 0 ||
        read_connector(node, materialization, arena, out, err) != 0 ||
        read_policies(node, out, err) != 0 || read_pool(node, out, err) != 0 ||
        read_properties(node, out, err) != 0 ||
        read_full_refresh(node, out, err) != 0) {
        return -1;
    }
    return 0;
}
