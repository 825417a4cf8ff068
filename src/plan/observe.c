#include "config.h"

#include "plan/observe.h"

#include <string.h>

#include "base/str.h"
#include "flink/temporary.h"
#include "plan/statement_sql.h"

void observed_init(struct observed *observed, struct arena *arena)
{
    *observed = (struct observed){.arena = arena};
}

void observed_fini(struct observed *observed)
{
    map_fini(&observed->relations);
    map_fini(&observed->schemas);
    map_fini(&observed->by_name);
    map_fini(&observed->writers);
}

static enum drift_relation_kind relation_kind(enum flink_relation_kind kind)
{
    switch (kind) {
    case FLINK_TABLE:
        return DRIFT_TABLE;
    case FLINK_VIEW:
        return DRIFT_VIEW;
    case FLINK_MATERIALIZED_TABLE:
        return DRIFT_MATERIALIZED_TABLE;
    case FLINK_EXTERNAL_TABLE:
    case FLINK_SYSTEM_TABLE:
        break;
    }
    return DRIFT_EXTERNAL;
}

static void convert_columns(struct arena *arena, const struct flink_relation *from,
                            struct drift_relation *to)
{
    struct drift_column *columns =
        arena_array(arena, struct drift_column, from->column_count + 1);

    for (size_t i = 0; i < from->column_count; i++) {
        const struct flink_catalog_column *column = &from->columns[i];
        if (column->hidden) {
            continue;
        }
        columns[to->column_count++] = (struct drift_column){
            .name = column->name,
            .type = column->type,
            .comment = column->comment,
            .not_null = !column->nullable,
            .nullability_known = !column->computed && !column->metadata,
        };
    }
    to->columns = columns;
    to->columns_known = to->column_count > 0;
}

static void convert_options(struct arena *arena, const struct flink_relation *from,
                            struct drift_relation *to)
{
    struct drift_option *options =
        arena_array(arena, struct drift_option, from->option_count + 1);

    for (size_t i = 0; i < from->option_count; i++) {
        options[i] =
            (struct drift_option){from->options[i].key, from->options[i].value};
    }
    to->options = options;
    to->option_count = from->option_count;
}

static void add_relation(struct observed *observed, const struct flink_relation *from,
                         bool keys_known)
{
    struct arena *arena = observed->arena;
    struct plan_relation *to = arena_new(arena, struct plan_relation);

    to->name = (struct step_relation){from->database, from->schema, from->name};
    to->key = plan_relation_key(arena, &to->name);
    to->text =
        arena_printf(arena, "%s.%s.%s", model_quote(arena, from->database),
                     model_quote(arena, from->schema), model_quote(arena, from->name));
    to->definition = from->definition[0] != '\0' ? from->definition : NULL;
    to->drift = (struct drift_relation){
        .kind = relation_kind(from->kind),
        .distributed = from->distributed,
        .distribution_columns = from->distribution,
        .distribution_column_count = from->distribution_count,
        .buckets = from->buckets,
        .primary_key = from->primary_key,
        .primary_key_count = from->primary_key_count,
        .primary_key_known = keys_known,
        .watermark_known = true,
        .comment = from->comment,
    };
    if (from->watermarked && !from->watermark_hidden &&
        !str_eq(from->watermark_column, "$rowtime")) {
        to->drift.watermark_column = from->watermark_column;
        to->drift.watermark_expression = from->watermark_expression;
    }
    convert_columns(arena, from, &to->drift);
    convert_options(arena, from, &to->drift);
    map_put(&observed->relations, to->key, to);
}

/* One environment's databases. */
static int read_database(struct flink_client *client, const char *database,
                         const char **schemas, size_t count, struct value labels,
                         struct observed *observed, struct err *err)
{
    struct flink_catalog catalog;
    struct flink_catalog_query query = {
        .database = database,
        .schemas = schemas,
        .schema_count = count,
        .labels = labels,
    };

    if (flink_catalog_read(client, &query, observed->arena, &catalog, err) != 0) {
        return -1;
    }
    observed->definitions_known = catalog.definitions_known;
    for (size_t i = 0; i < catalog.schema_count; i++) {
        char *key =
            arena_printf(observed->arena, "%s.%s", database, catalog.schemas[i]);
        map_put(&observed->schemas, key, key);
    }
    for (size_t i = 0; i < catalog.count; i++) {
        add_relation(observed, &catalog.relations[i], catalog.keys_known);
    }
    return 0;
}

int observe_relations(struct flink_client *client, const struct observe_schema *schemas,
                      size_t count, struct value labels, struct observed *observed,
                      struct err *err)
{
    const char **names = arena_array(observed->arena, const char *, count + 1);
    bool *done = arena_array(observed->arena, bool, count + 1);

    for (size_t i = 0; i < count; i++) {
        if (done[i]) {
            continue;
        }
        size_t n = 0;
        for (size_t j = i; j < count; j++) {
            if (str_eq(schemas[i].database, schemas[j].database)) {
                names[n++] = schemas[j].schema;
                done[j] = true;
            }
        }
        if (read_database(client, schemas[i].database, names, n, labels, observed,
                          err) != 0) {
            return -1;
        }
    }
    return 0;
}

static enum plan_statement_state statement_state(enum flink_phase phase)
{
    switch (phase) {
    case FLINK_PHASE_PENDING:
    case FLINK_PHASE_RUNNING:
        return PLAN_STATEMENT_LIVE;
    case FLINK_PHASE_DEGRADED:
        return PLAN_STATEMENT_DEGRADED;
    case FLINK_PHASE_COMPLETED:
        return PLAN_STATEMENT_COMPLETED;
    case FLINK_PHASE_STOPPED:
        return PLAN_STATEMENT_STOPPED;
    case FLINK_PHASE_FAILED:
        return PLAN_STATEMENT_FAILED;
    case FLINK_PHASE_DELETING:
    case FLINK_PHASE_FAILING:
    case FLINK_PHASE_STOPPING:
    case FLINK_PHASE_UNKNOWN:
        break;
    }
    return PLAN_STATEMENT_MOVING;
}

static void add_writer(struct observed *observed, const struct plan_statement *writer)
{
    struct arena *arena = observed->arena;
    struct observed_writers *list = map_get(&observed->writers, writer->target);

    if (list == NULL) {
        list = arena_new(arena, struct observed_writers);
        map_put(&observed->writers, writer->target, list);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i]->name, writer->name)) {
            return;
        }
    }
    list->items = arena_realloc(arena, list->items, list->count * sizeof(void *),
                                (list->count + 1) * sizeof(void *));
    list->items[list->count++] = writer;
}

void observed_add_statement(struct observed *observed,
                            const struct plan_statement *statement)
{
    map_put(&observed->by_name, statement->name, (void *)statement);
    if (statement->insert && statement->target != NULL &&
        statement->state != PLAN_STATEMENT_COMPLETED &&
        statement->state != PLAN_STATEMENT_FAILED) {
        add_writer(observed, statement);
    }
}

static struct value properties_value(struct arena *arena,
                                     const struct flink_pairs *pairs)
{
    struct value dict = value_dict_new(arena, pairs->count);

    for (size_t i = 0; i < pairs->count; i++) {
        value_dict_put(dict, pairs->items[i].key, value_str(pairs->items[i].value));
    }
    return dict;
}

static const char *or_default(const char *text, const char *fallback)
{
    return text != NULL && text[0] != '\0' ? text : fallback;
}

static void add_statement(struct observed *observed, const struct flink_config *config,
                          const struct flink_statement *from, bool labelled,
                          struct plan_statement *to)
{
    struct statement_sql sql;
    const char *catalog = flink_pairs_get(&from->properties, "sql.current-catalog");
    const char *database = flink_pairs_get(&from->properties, "sql.current-database");

    statement_sql_read(from->sql, or_default(catalog, config->environment_id),
                       or_default(database, config->database), observed->arena, &sql);
    *to = (struct plan_statement){
        .name = from->name,
        .state = statement_state(from->phase),
        .phase = from->phase_text,
        .detail = from->detail,
        .sql = from->sql,
        .query = sql.query,
        .target = sql.target,
        .compute_pool_id = from->compute_pool_id,
        .properties = properties_value(observed->arena, &from->properties),
        .project = flink_pairs_get(&from->labels, PLAN_LABEL_PROJECT),
        .load = flink_pairs_get(&from->labels, PLAN_LABEL_SEED),
        .profile_target = flink_pairs_get(&from->labels, PLAN_LABEL_TARGET),
        .labelled = labelled,
        .has_offsets = from->latest_offsets.count > 0,
        .insert = sql.insert,
        .ddl = sql.ddl,
        .reads = sql.reads,
        .read_count = sql.read_count,
    };
    observed_add_statement(observed, to);
}

static void deleted(void *context, const struct flink_error *error)
{
    (void)context;
    (void)error;
}

int observe_statements(struct flink_client *client, const char *label_key,
                       struct observed *observed, struct err *err)
{
    struct flink_filter filter = {.label_key = label_key, .label_value = "true"};
    struct flink_statement *list;
    size_t count;

    if (flink_statement_list(client, label_key != NULL ? &filter : NULL,
                             observed->arena, &list, &count, err) != 0) {
        return -1;
    }
    struct plan_statement *statements =
        arena_array(observed->arena, struct plan_statement, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct plan_statement *known = map_get(&observed->by_name, list[i].name);
        if (known == NULL && flink_statement_left_behind(&list[i])) {
            flink_statement_delete_async(client, list[i].name, deleted, NULL);
        } else if (known == NULL) {
            add_statement(observed, flink_client_config(client), &list[i],
                          label_key != NULL, &statements[i]);
        }
    }
    observed->listed_all = observed->listed_all || label_key == NULL;
    return 0;
}

const struct plan_relation *observed_relation(const struct observed *observed,
                                              const struct step_relation *name)
{
    return map_get(&observed->relations, plan_relation_key(observed->arena, name));
}

const struct plan_statement *observed_statement(const struct observed *observed,
                                                const char *name)
{
    return map_get(&observed->by_name, name);
}

const struct observed_writers *observed_writers(const struct observed *observed,
                                                const struct step_relation *name)
{
    static const struct observed_writers none = {0};
    const struct observed_writers *found =
        map_get(&observed->writers, plan_relation_key(observed->arena, name));

    return found != NULL ? found : &none;
}

int observed_check_schema(const struct observed *observed, const char *database,
                          const char *schema, struct err *err)
{
    if (map_get(&observed->schemas,
                arena_printf(observed->arena, "%s.%s", database, schema)) != NULL) {
        return 0;
    }
    err_set(err, ERR_NOT_FOUND,
            "Schema '%s' does not exist in Confluent Cloud. Schemas (Kafka clusters) "
            "must be created in Confluent Cloud before use. This adapter does not "
            "support schema creation.",
            schema);
    err_hint(err, "environment %s; \\dn lists its databases", database);
    return -1;
}
