#include "config.h"

#include "sandbox/submit_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MAX_OPTIONS  512

/* Options of Confluent's tables; `fallback` is what is put in, NULL nothing. */
static const struct {
    const char *key;
    const char *fallback;
} known[] = {
    {"changelog.mode", "append"},
    {"connector", "confluent"},
    {"error-handling.log.target", NULL},
    {"error-handling.mode", NULL},
    {"kafka.cleanup-policy", "delete"},
    {"kafka.compaction.time", NULL},
    {"kafka.consumer.isolation-level", NULL},
    {"kafka.max-message-size", "2097164 bytes"},
    {"kafka.message-timestamp-type", NULL},
    {"kafka.producer.compression.type", NULL},
    {"kafka.retention.size", "0 bytes"},
    {"kafka.retention.time", "604800000 ms"},
    {"key.fields-prefix", NULL},
    {"key.format", NULL},
    {"late-handling.mode", NULL},
    {"late-handling.log.target", NULL},
    {"scan.bounded.mode", "unbounded"},
    {"scan.bounded.specific-offsets", NULL},
    {"scan.bounded.timestamp-millis", NULL},
    {"scan.startup.mode", "earliest-offset"},
    {"scan.startup.specific-offsets", NULL},
    {"scan.startup.timestamp-millis", NULL},
    {"value.fields-include", NULL},
    {"value.format", "avro-registry"},
};

static const struct {
    const char *key;
    const char *values; /* separated by blanks */
} values[] = {
    {"changelog.mode", "append upsert retract"},
    {"kafka.cleanup-policy", "delete compact delete-compact"},
    {"scan.startup.mode",
     "earliest-offset latest-offset timestamp specific-offsets group-offsets"},
    {"scan.bounded.mode", "unbounded latest-offset timestamp specific-offsets"},
    {"value.format",
     "avro-registry json-registry proto-registry raw avro-debezium-registry "
     "json-debezium-registry proto-debezium-registry"},
    {"key.format", "avro-registry json-registry proto-registry raw"},
    {"value.fields-include", "all except-key"},
    {"kafka.consumer.isolation-level", "read-committed read-uncommitted"},
    {"error-handling.mode", "fail ignore log"},
};

struct options {
    struct sql_option *items;
    size_t count;
};

static struct sql_option *find(struct options *options, const char *key)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->items[i].key, key) == 0) {
            return &options->items[i];
        }
    }
    return NULL;
}

static void set(struct options *options, const char *key, const char *value)
{
    struct sql_option *option = find(options, key);
    if (option == NULL && options->count < MAX_OPTIONS) {
        option = &options->items[options->count++];
        option->key = key;
    }
    if (option != NULL) {
        option->value = value;
    }
}

static void set_default(struct options *options, const char *key, const char *value)
{
    if (find(options, key) == NULL) {
        set(options, key, value);
    }
}

static bool is_prefix_option(const char *key)
{
    static const char *const prefixes[] = {
        "key.avro-registry.",
        "value.avro-registry.",
        "key.json-registry.",
        "value.json-registry.",
        "key.proto-registry.",
        "value.proto-registry.",
        "value.avro-debezium-registry.",
        "value.json-debezium-registry.",
        "value.proto-debezium-registry.",
    };
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        if (str_starts(key, prefixes[i])) {
            return true;
        }
    }
    return false;
}

static bool is_known(const char *key)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        if (strcmp(known[i].key, key) == 0) {
            return true;
        }
    }
    return is_prefix_option(key);
}

static int check_value(struct submission *s, const char *key, const char *value)
{
    for (size_t i = 0; i < COUNT(values); i++) {
        if (strcmp(values[i].key, key) != 0) {
            continue;
        }
        const char *at = values[i].values;
        while (*at != '\0') {
            size_t len = strcspn(at, " ");
            if (str_eq_n(at, len, value)) {
                return 0;
            }
            at += len + (at[len] == ' ' ? 1 : 0);
        }
        return submit_refuse(s,
                             "Invalid value for option '%s'.\n\nCaused by: Could not "
                             "parse value '%s' for key '%s'. Expected one of: [%s]",
                             key, value, key, values[i].values);
    }
    return 0;
}

static int unsupported(struct submission *s, const char *connector, const char *key)
{
    return submit_refuse(s,
                         "Unsupported options found for '%s'.\n\nUnsupported "
                         "options:\n\n%s",
                         connector, key);
}

static int confluent_options(struct submission *s, struct sql_table *table,
                             struct options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct sql_option *option = &options->items[i];
        if (!is_known(option->key)) {
            return unsupported(s, "confluent", option->key);
        }
        int rc = check_value(s, option->key, option->value);
        if (rc != 0) {
            return rc;
        }
    }
    bool keyed = table->primary_key_count > 0 || table->distribution_count > 0;
    bool updates =
        table->primary_key_count > 0 ||
        (table->query != NULL && !s->result.insert_only && s->result.changes != 0);
    if (table->primary_key_count > 0) {
        set_default(options, "changelog.mode", "upsert");
    } else if (updates) {
        set_default(options, "changelog.mode", "retract");
    }
    if (keyed) {
        set_default(options, "key.format", "avro-registry");
    }
    for (size_t i = 0; i < COUNT(known); i++) {
        if (known[i].fallback != NULL) {
            set_default(options, known[i].key, known[i].fallback);
        }
    }
    const char *mode = find(options, "changelog.mode")->value;
    if (strcmp(mode, "upsert") == 0 && table->primary_key_count == 0) {
        return submit_refuse(s, "A changelog mode 'upsert' requires a PRIMARY KEY.");
    }
    return 0;
}

/* Expressions of columns that have none, by type, as the cloud fills them in. */
static const char *faker_default(const struct sql_type *type)
{
    switch (type->root) {
    case SQL_TYPE_TINYINT:
        return "#{number.numberBetween '-128','127'}";
    case SQL_TYPE_SMALLINT:
        return "#{number.numberBetween '-32768','32767'}";
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        return "#{number.numberBetween '-2147483648','2147483647'}";
    case SQL_TYPE_FLOAT:
    case SQL_TYPE_DOUBLE:
    case SQL_TYPE_DECIMAL:
        return "#{number.randomDouble '3','-1000','1000'}";
    case SQL_TYPE_BOOLEAN:
        return "#{bool.bool}";
    case SQL_TYPE_DATE:
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_TIMESTAMP_LTZ:
        return "#{date.past '15','SECONDS'}";
    default:
        return "#{Lorem.characters '10'}";
    }
}

static bool is_faker_option(const struct sql_table *table, const char *key)
{
    static const char *const plain[] = {"connector", "rows-per-second",
                                        "number-of-rows", "changelog.mode"};
    static const char *const endings[] = {".expression", ".null-rate", ".length"};
    for (size_t i = 0; i < COUNT(plain); i++) {
        if (strcmp(plain[i], key) == 0) {
            return true;
        }
    }
    if (!str_starts(key, "fields.")) {
        return false;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i].name;
        size_t len = strlen(name);
        if (strncmp(key + 7, name, len) != 0) {
            continue;
        }
        for (size_t k = 0; k < COUNT(endings); k++) {
            if (str_ends(key + 7 + len, endings[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_number(const char *text)
{
    char *end;
    long long number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && number >= 0;
}

static int faker_options(struct submission *s, struct sql_table *table,
                         struct options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct sql_option *option = &options->items[i];
        if (!is_faker_option(table, option->key)) {
            return unsupported(s, "faker", option->key);
        }
        bool number = strcmp(option->key, "rows-per-second") == 0 ||
                      strcmp(option->key, "number-of-rows") == 0;
        if (number && !is_number(option->value)) {
            return submit_refuse(s, "Invalid value '%s' for option '%s'.",
                                 option->value, option->key);
        }
    }
    set_default(options, "changelog.mode", "append");
    set_default(options, "rows-per-second", "10");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->kind == SQL_COLUMN_PHYSICAL) {
            set_default(options,
                        arena_printf(s->arena, "fields.%s.expression", column->name),
                        faker_default(column->type));
        }
    }
    table->bounded = find(options, "number-of-rows") != NULL;
    return 0;
}

static unsigned changes_of(const char *mode)
{
    if (strcmp(mode, "upsert") == 0) {
        return SQL_CHANGES_UPSERT;
    }
    return strcmp(mode, "retract") == 0 ? SQL_CHANGES_RETRACT : SQL_CHANGES_APPEND;
}

int submit_table_options(struct submission *s, struct catalog_relation *relation,
                         const struct sql_option_list *given)
{
    struct sql_table *table = &relation->table;
    struct options options = {
        .items = arena_array(s->arena, struct sql_option, MAX_OPTIONS)};
    (void)given;
    for (size_t i = 0; i < table->option_count; i++) {
        set(&options, table->options[i].key, table->options[i].value);
    }
    struct sql_option *connector = find(&options, "connector");
    int rc;
    if (connector != NULL && strcmp(connector->value, "faker") == 0) {
        rc = faker_options(s, table, &options);
    } else if (connector != NULL && strcmp(connector->value, "confluent") != 0) {
        return submit_refuse(s,
                             "Could not find any factory for identifier '%s' that "
                             "implements 'org.apache.flink.table.factories."
                             "DynamicTableFactory'.\n\nAvailable factory identifiers "
                             "are:\n\nconfluent\nfaker",
                             connector->value);
    } else {
        rc = confluent_options(s, table, &options);
    }
    if (rc != 0) {
        return rc;
    }
    table->options = options.items;
    table->option_count = options.count;
    table->changes = changes_of(find(&options, "changelog.mode")->value);
    const char *mode = catalog_option(table, "scan.bounded.mode");
    table->bounded = table->bounded || (mode != NULL && strcmp(mode, "unbounded") != 0);
    return 0;
}
