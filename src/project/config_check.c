/* Types of config values: what dbt 1.11 refuses by the schemas of its config classes.
 */
#include "config.h"

#include "project/internal.h"

#include "base/str.h"

/* The fields with one type, in the order in which they are checked. */
static const struct {
    const char *key;
    enum value_type type;
    bool nullable;
    const char *name; /* in JSON schema */
} fields[] = {
    {"enabled", VALUE_BOOL, false, "boolean"},
    {"materialized", VALUE_STRING, false, "string"},
    {"alias", VALUE_STRING, true, "string"},
    {"schema", VALUE_STRING, true, "string"},
    {"database", VALUE_STRING, true, "string"},
    {"group", VALUE_STRING, true, "string"},
    {"full_refresh", VALUE_BOOL, true, "boolean"},
    {"meta", VALUE_DICT, false, "object"},
    {"persist_docs", VALUE_DICT, false, "object"},
    {"quoting", VALUE_DICT, false, "object"},
    {"column_types", VALUE_DICT, false, "object"},
    {"docs", VALUE_DICT, false, "object"},
    {"contract", VALUE_DICT, false, "object"},
    {"where", VALUE_STRING, true, "string"},
    {"limit", VALUE_INT, true, "integer"},
    {"fail_calc", VALUE_STRING, false, "string"},
    {"warn_if", VALUE_STRING, false, "string"},
    {"error_if", VALUE_STRING, false, "string"},
    {"store_failures", VALUE_BOOL, true, "boolean"},
    {"delimiter", VALUE_STRING, false, "string"},
    {"quote_columns", VALUE_BOOL, true, "boolean"},
};

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

int config_validate(const struct node *node, struct value config, struct err *err)
{
    struct value docs = value_dict_get(config, "docs");
    struct value contract = value_dict_get(config, "contract");

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (check_type(config, fields[i].key, fields[i].type, fields[i].nullable,
                       fields[i].name, err) != 0) {
            return -1;
        }
    }
    if (check_type(docs, "show", VALUE_BOOL, false, "boolean", err) != 0 ||
        check_type(contract, "enforced", VALUE_BOOL, false, "boolean", err) != 0 ||
        check_str_list(value_dict_get(config, "tags"), "tags", err) != 0) {
        return -1;
    }
    return node->type == NODE_TEST ? check_severity(config, err) : 0;
}
