/* The SQL that says what the body of a materialized table says. */
#include "config.h"

#include "sandbox/api_table.h"

#include <string.h>

void table_quote(struct buf *out, char quote, const char *text)
{
    buf_addc(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote) {
            buf_addc(out, quote);
        }
        buf_addc(out, *text);
    }
    buf_addc(out, quote);
}

static void add_names(struct buf *out, struct value list)
{
    buf_addc(out, '(');
    for (size_t i = 0; i < value_list_count(list); i++) {
        buf_adds(out, i > 0 ? ", " : "");
        table_quote(out, '`', value_cstr(value_list_at(list, i), ""));
    }
    buf_addc(out, ')');
}

/* One column: physical `name type`, computed `name AS expression`, metadata. */
static void add_column(struct buf *out, struct value column)
{
    const char *expression = value_cstr(value_dict_get(column, "expression"), NULL);
    const char *key = value_cstr(value_dict_get(column, "metadata_key"), NULL);
    table_quote(out, '`', value_cstr(value_dict_get(column, "name"), ""));
    if (expression != NULL) {
        buf_addf(out, " AS %s", expression);
        return;
    }
    struct value type = value_dict_get(column, "type");
    buf_addf(out, " %s",
             value_cstr(value_is_str(type) ? type : value_dict_get(type, "type"), ""));
    if (key != NULL) {
        buf_adds(out, " METADATA FROM ");
        table_quote(out, '\'', key);
        bool virtual = value_is_true(value_dict_get(column, "virtual"), false);
        buf_adds(out, virtual ? " VIRTUAL" : "");
    }
}

/* Columns, watermark and key in parentheses, when there are any. */
static void add_elements(struct buf *out, struct value spec)
{
    struct value columns = value_dict_get(spec, "columns");
    struct value watermark = value_dict_get(spec, "watermark");
    struct value constraints = value_dict_get(spec, "constraints");
    const char *separator = " (";
    for (size_t i = 0; i < value_list_count(columns); i++, separator = ", ") {
        buf_adds(out, separator);
        add_column(out, value_list_at(columns, i));
    }
    const char *time = value_cstr(value_dict_get(watermark, "column_name"), "");
    if (time[0] != '\0') {
        buf_addf(out, "%sWATERMARK FOR ", separator);
        table_quote(out, '`', time);
        buf_addf(out, " AS %s",
                 value_cstr(value_dict_get(watermark, "expression"), ""));
        separator = ", ";
    }
    for (size_t i = 0; i < value_list_count(constraints); i++, separator = ", ") {
        buf_addf(out, "%sPRIMARY KEY ", separator);
        add_names(out, value_dict_get(value_list_at(constraints, i), "column_names"));
        buf_adds(out, " NOT ENFORCED");
    }
    buf_adds(out, separator[0] == ',' ? ")" : "");
}

void table_distribution_sql(struct buf *out, const struct sql_table *table)
{
    if (table->buckets <= 0) {
        return;
    }
    buf_adds(out, " DISTRIBUTED ");
    for (size_t i = 0; i < table->distribution_count; i++) {
        buf_adds(out, i == 0 ? "BY (" : ", ");
        table_quote(out, '`', table->columns[table->distribution[i]].name);
    }
    buf_addf(out, "%sINTO %d BUCKETS", table->distribution_count > 0 ? ") " : "",
             table->buckets);
}

void table_create_sql(struct buf *out, const char *name, struct value spec)
{
    struct value distribution = value_dict_get(spec, "distribution");
    struct value options = value_dict_get(spec, "table_options");
    const struct value_pair *pair;
    size_t at = 0;
    const char *separator = " WITH (";
    if (!value_is(distribution, VALUE_DICT)) {
        distribution = value_dict_get(spec, "distributed_by");
    }
    buf_adds(out, "CREATE MATERIALIZED TABLE ");
    table_quote(out, '`', name);
    add_elements(out, spec);
    struct value keys = value_dict_get(distribution, "column_names");
    struct value buckets = value_dict_get(distribution, "buckets");
    if (value_list_count(keys) > 0) {
        buf_adds(out, " DISTRIBUTED BY ");
        add_names(out, keys);
        if (value_is(buckets, VALUE_INT) && buckets.as.i > 0) {
            buf_addf(out, " INTO %lld BUCKETS", (long long)buckets.as.i);
        }
    }
    while ((pair = http_next(options, &at)) != NULL) {
        buf_adds(out, separator);
        table_quote(out, '\'', value_cstr(pair->key, ""));
        buf_adds(out, " = ");
        table_quote(out, '\'', value_cstr(pair->value, ""));
        separator = ", ";
    }
    buf_addf(out, "%s AS %s", separator[0] == ',' ? ")" : "",
             value_cstr(value_dict_get(spec, "query"), ""));
}
