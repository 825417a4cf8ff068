#include "config.h"

#include "compile/refuse.h"

#include "base/str.h"

static const struct {
    const char *materialization;
    const char *text;
} refusals[] = {
    {"incremental",
     "This adapter (confluent) does not support incremental materialization.\n"
     "Use 'streaming_table': its INSERT runs continuously, so every run is "
     "incremental."},
    {"materialized_view",
     "This adapter (confluent) does not support materialized_view materialization.\n"
     "Use 'streaming_table' or 'materialized_table': Flink keeps their contents up to "
     "date."},
    {"snapshot",
     "Snapshots are not supported on Confluent Cloud for Apache Flink: they need "
     "MERGE.\n"
     "Use a 'streaming_table' with 'changelog.mode' = 'append', which keeps every "
     "version of a row."},
};

static const char python[] =
    "Python models are not supported on Confluent Cloud for Apache Flink.\n"
    "Write the model in SQL, with a user-defined function where SQL is not enough.";

static const char *refusal(const struct node *node)
{
    const char *materialization =
        node->type == NODE_SNAPSHOT ? "snapshot" : node_materialized(node);

    if (node->type != NODE_MODEL && node->type != NODE_SNAPSHOT) {
        return NULL;
    }
    if (node->language != NULL && str_eq(node->language, "python")) {
        return python;
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (str_eq(refusals[i].materialization, materialization)) {
            return refusals[i].text;
        }
    }
    return NULL;
}

int compile_refuse(const struct node *node, struct err *err)
{
    const char *text = refusal(node);

    if (text == NULL) {
        return 0;
    }
    err_set(err, ERR_REFUSED, "%s '%s': %s", node_type_name(node->type), node->name,
            text);
    err->line = 1;
    err->column = 1;
    node_locate(node, err);
    return -1;
}
