#include "config.h"

#include "plan/model_config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *config_text(struct value v, struct arena *arena)
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
        const char *key = config_text(pair->key, arena);
        const char *text = config_text(pair->value, arena);
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
    const char *text = config_text(connector, arena);
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
        const char *text = config_text(buckets, arena);
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
    if (config_check_ignore_list(ignore, err) != 0 ||
        config_check_supported(node, materialization, ignore, err) != 0 ||
        config_check_unknown(node, ignore, err) != 0) {
        return -1;
    }
    if (!value_is_null(name) && !value_is_str(name)) {
        return err_set(err, ERR_COMPILE, "'statement_name' must be a string, got %s",
                       value_type_name(name));
    }
    out->statement_name = value_cstr(name, NULL);
    out->contract = node->contract_enforced;
    struct value docs = node_config(node, "persist_docs");
    out->persist_relation = value_is_true(value_dict_get(docs, "relation"), false);
    out->persist_columns = value_is_true(value_dict_get(docs, "columns"), false);
    out->grants = value_dict_count(node_config(node, "grants")) > 0;
    if (str_eq(materialization, "materialized_table") &&
        (config_read_start_mode(node, arena, out, err) != 0 ||
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
