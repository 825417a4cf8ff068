#include "config.h"

#include "sandbox/submit_impl.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "sandbox/execute.h"

#define DEFAULT_BUCKETS 6

static bool is_faker(const struct sql_table *table)
{
    const char *connector = catalog_option(table, "connector");
    return connector != NULL && strcmp(connector, "faker") == 0;
}

/* Confluent's hidden `$rowtime`, and the watermark on it when there is none. */
void submit_add_rowtime(struct submission *s, struct catalog_relation *rel)
{
    struct sql_table *table = &rel->table;
    struct sql_column *columns =
        arena_array(s->arena, struct sql_column, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = table->columns[i];
    }
    const struct sql_type *type =
        sql_type_new(s->arena, SQL_TYPE_TIMESTAMP_LTZ, 3, 0, false);
    if (table->watermark_column == NULL) {
        type = sql_type_time_attr(s->arena, type, SQL_TIME_ROWTIME);
        table->watermark_column = "$rowtime";
        table->watermark_expression = "`SOURCE_WATERMARK`()";
        rel->watermark_hidden = true;
    }
    columns[table->column_count++] = (struct sql_column){
        .name = "$rowtime",
        .type = type,
        .kind = SQL_COLUMN_METADATA,
        .hidden = true,
        .is_virtual = true,
        .metadata_key = "rowtime",
        .comment = "SYSTEM",
    };
    table->columns = columns;
}

static const char *key_name(struct submission *s, const struct sql_table *table,
                            const struct sql_table_def *def)
{
    struct buf name = BUF_INIT;
    for (size_t i = 0; i < def->constraint_count; i++) {
        if (def->constraints[i].primary_key && def->constraints[i].name.text != NULL) {
            return def->constraints[i].name.text;
        }
    }
    buf_adds(&name, "PK");
    for (size_t i = 0; i < table->primary_key_count; i++) {
        buf_addf(&name, "_%s", table->columns[table->primary_key[i]].name);
    }
    const char *text = arena_strdup(s->arena, buf_str(&name));
    buf_fini(&name);
    return text;
}

/* Key columns lead the schema, in key order. */
static int check_key_order(struct submission *s, const struct sql_table *table)
{
    bool lead[2] = {true, true};
    for (size_t i = 0; i < table->distribution_count; i++) {
        lead[0] = lead[0] && table->distribution[i] == i;
    }
    if (!lead[0]) {
        return submit_refuse(s, "Key columns must appear at the beginning of the table "
                                "schema. Also, DISTRIBUTED BY key names must be in the "
                                "same order as the key schema columns.");
    }
    return 0;
}

static int distribute(struct submission *s, struct catalog_relation *rel,
                      const struct sql_distribution_def *def)
{
    struct sql_table *table = &rel->table;
    if (def->method != NULL && strcmp(def->method, "HASH") != 0) {
        return submit_refuse(s,
                             "Distribution method '%s' is not supported. Only HASH "
                             "is.",
                             def->method);
    }
    if (def->buckets < 0 || def->buckets > 10000) {
        return submit_refuse(s, "The number of buckets must be between 1 and 10000.");
    }
    if (is_faker(table) && !def->present) {
        table->buckets = 0;
        return 0;
    }
    if (table->buckets == 0) {
        table->buckets = DEFAULT_BUCKETS;
    }
    if (table->distribution_count == 0 && table->primary_key_count > 0) {
        table->distribution = table->primary_key;
        table->distribution_count = table->primary_key_count;
    }
    return check_key_order(s, table);
}

static int check_metadata(struct submission *s, const struct catalog_relation *rel)
{
    static const char *const keys[] = {
        "headers", "timestamp", "leader-epoch",   "offset", "partition",
        "raw-key", "raw-value", "timestamp-type", "topic",  "rowtime",
    };
    for (size_t i = 0; i < rel->table.column_count; i++) {
        const struct sql_column *column = &rel->table.columns[i];
        const char *key =
            column->metadata_key != NULL ? column->metadata_key : column->name;
        bool known = false;
        if (column->kind != SQL_COLUMN_METADATA) {
            continue;
        }
        for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            known = known || strcmp(keys[k], key) == 0;
        }
        bool writable = strcmp(key, "headers") == 0 || strcmp(key, "timestamp") == 0;
        if (!known || (!writable && !column->is_virtual)) {
            return submit_refuse(
                s,
                "Invalid metadata key '%s' in column '%s' of table '%s.%s.%s'.\nThe "
                "DynamicTableSink class '%s' supports the following metadata keys for "
                "writing: headers, timestamp",
                key, column->name, rel->name.env_name, rel->name.database,
                rel->name.name,
                "io.confluent.flink.table.connectors.ConfluentManagedTableSink");
        }
    }
    return 0;
}

/* A dropped table's topic may linger, and then it must fit. */
static int check_topic(struct submission *s, const struct catalog_relation *rel)
{
    int64_t now = sandbox_now(s->sandbox);
    int64_t buckets =
        db_int(&s->sandbox->db, -1,
               "SELECT buckets FROM topic WHERE env = ? AND db = ? AND"
               " name = ? AND until > ?",
               "sssi", rel->name.env, rel->name.database_id, rel->name.name, now);
    if (buckets >= 0 && buckets != rel->table.buckets) {
        return submit_refuse(s,
                             "Cannot create table '%s': a topic with the same name "
                             "already exists with different partitions or "
                             "configurations",
                             rel->name.name);
    }
    return 0;
}

static int exists(struct submission *s, const struct catalog_name *name)
{
    return submit_refuse(s,
                         "Could not execute CreateTable in path `%s`.`%s`.`%s`: failed "
                         "creating table: table already exists",
                         name->env_name, name->database, name->name);
}

/* The key of a materialized table comes from its query: its GROUP BY columns, when they
 * lead the schema and can't be null. */
static void infer_key(struct submission *s, struct catalog_relation *rel)
{
    const struct sql_result *result = &s->result;
    if (rel->table.primary_key_count > 0 || result->upsert_key_count == 0 ||
        result->insert_only || result->upsert_keys[0].count == 0) {
        return;
    }
    const struct sql_key *key = &result->upsert_keys[0];
    for (size_t i = 0; i < key->count; i++) {
        if (key->columns[i] != i || i >= rel->table.column_count ||
            rel->table.columns[i].type->nullable) {
            return;
        }
    }
    rel->table.primary_key = key->columns;
    rel->table.primary_key_count = key->count;
}

/* Completes what was inferred to a table as the cloud would keep it. */
static int finish_table(struct submission *s, struct catalog_relation *rel,
                        const struct sql_table_def *def)
{
    rel->table = *s->result.created;
    rel->table.name = rel->name.name;
    if (rel->table.watermark_column != NULL &&
        strcmp(rel->table.watermark_column, "$rowtime") == 0) {
        rel->table.watermark_column = NULL;
        rel->table.watermark_expression = NULL;
    }
    if (rel->table.columns_unknown) {
        return submit_refuse(s, "The columns of the table can't be told.");
    }
    if (def->partitioned) {
        return submit_refuse(s, "PARTITIONED BY is not supported. Use DISTRIBUTED BY.");
    }
    if (def->materialized && !def->distribution.present) {
        infer_key(s, rel);
    }
    int rc = submit_table_options(s, rel, &def->options);
    if (rc == 0) {
        rc = check_metadata(s, rel);
    }
    if (rc == 0) {
        rc = distribute(s, rel, &def->distribution);
    }
    if (rc == 0 && rel->table.primary_key_count > 0) {
        rel->pk_name = key_name(s, &rel->table, def);
    }
    if (rc == 0) {
        submit_add_rowtime(s, rel);
    }
    return rc;
}

static int check_start_mode(struct submission *s, const struct sql_start_mode *mode)
{
    static const char *const modes[] = {
        "FROM_BEGINNING",           "FROM_NOW",           "FROM_TIMESTAMP",
        "RESUME_OR_FROM_BEGINNING", "RESUME_OR_FROM_NOW", "RESUME_OR_FROM_TIMESTAMP",
    };
    if (mode->mode == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i], mode->mode) == 0) {
            return 0;
        }
    }
    return submit_refuse(s, "Unsupported START_MODE '%s'.", mode->mode);
}

static bool same_columns(const struct sql_table *a, const struct sql_table *b)
{
    bool same = a->column_count == b->column_count;
    for (size_t i = 0; same && i < a->column_count; i++) {
        same = strcmp(a->columns[i].name, b->columns[i].name) == 0 &&
               sql_type_equal(a->columns[i].type, b->columns[i].type, true);
    }
    return same;
}

/* CREATE OR ALTER of one that is there: evolution has its rules. */
static int check_evolution(struct submission *s, const struct catalog_relation *old,
                           const struct catalog_relation *rel)
{
    for (size_t i = 0; i < old->table.column_count; i++) {
        const struct sql_column *column = &old->table.columns[i];
        const struct sql_column *now = NULL;
        for (size_t k = 0; k < rel->table.column_count; k++) {
            if (strcmp(rel->table.columns[k].name, column->name) == 0) {
                now = &rel->table.columns[k];
            }
        }
        if (column->hidden || column->kind != SQL_COLUMN_PHYSICAL) {
            continue;
        }
        if (now == NULL && !column->type->nullable) {
            return submit_refuse(
                s, "dropping a non-nullable, persisted column is not supported");
        }
        if (now != NULL && !sql_type_equal(now->type, column->type, false)) {
            return submit_refuse(
                s,
                "Modifying type of a persisted column is not supported. Column '%s' "
                "has "
                "the type '%s', and '%s' after the change.",
                column->name,
                sql_type_text(s->arena, column->type, SQL_TYPE_FORM_SUMMARY, true),
                sql_type_text(s->arena, now->type, SQL_TYPE_FORM_SUMMARY, true));
        }
    }
    if (old->table.buckets != rel->table.buckets) {
        return submit_refuse(s,
                             "Changing the distribution of materialized table '%s' "
                             "is not supported.",
                             rel->name.name);
    }
    return 0;
}

/* The rows of a materialized table come from its query; its key from GROUP BY. */
static void materialize_traits(struct submission *s, struct catalog_relation *rel)
{
    rel->table.kind = SQL_TABLE_MATERIALIZED;
    rel->context = s->context;
    if (rel->table.changes == 0 || !s->result.insert_only) {
        rel->table.changes =
            rel->table.primary_key_count > 0 ? SQL_CHANGES_UPSERT : s->result.changes;
    }
    s->st->resource =
        arena_printf(s->arena, "%s/%s", rel->name.database_id, rel->name.name);
}

static int store_materialized(struct submission *s, struct catalog_relation *rel,
                              const struct catalog_relation *old, bool found)
{
    materialize_traits(s, rel);
    submit_ddl_traits(s);
    if (!found) {
        return catalog_store(s->sandbox, rel, s->err);
    }
    int rc = check_evolution(s, old, rel);
    if (rc != 0) {
        return rc;
    }
    bool same = same_columns(&old->table, &rel->table) && old->table.query != NULL &&
                strcmp(old->table.query, rel->table.query) == 0;
    /* a changed query starts over; what an append-only one gave stays */
    bool keeps = !same && old->table.changes == SQL_CHANGES_APPEND &&
                 old->table.primary_key_count == 0;
    if (keeps && execute_keep(s->sandbox, s->arena, old, s->err) != 0) {
        return -1;
    }
    rel->id = old->id;
    rel->created = same ? old->created : sandbox_now(s->sandbox);
    rel->version = same ? old->version : old->version + 1;
    return catalog_store(s->sandbox, rel, s->err);
}

static int store_table(struct submission *s, struct catalog_relation *rel,
                       const struct sql_table_def *def)
{
    int rc = check_topic(s, rel);
    if (rc == 0) {
        rc = catalog_store(s->sandbox, rel, s->err);
    }
    submit_ddl_traits(s);
    if (rc != 0 || def->query == NULL) {
        return rc;
    }
    rc = submit_write(s, rel, NULL, def->query, &s->result);
    s->st->finish_at = s->result.bounded || s->snapshot ? 1 : 0;
    return rc;
}

int submit_create_table(struct submission *s)
{
    const struct sql_table_def *def = s->tree->table;
    struct catalog_relation old;
    bool found = false;

    if (def->temporary) {
        return submit_refuse(s, "Temporary tables are not supported.");
    }
    if (def->query != NULL && submit_reads_information(def->query)) {
        return submit_refuse(s, "INFORMATION_SCHEMA can't be read by this statement.");
    }
    int rc = submit_load(s, &def->name, &old, &found);
    if (rc == 0) {
        rc = submit_check_writable(s, &old.name, found ? &old : NULL);
    }
    if (rc == 0 && found && def->if_not_exists) {
        submit_ddl_traits(s);
        return 0;
    }
    bool alters = found && def->or_alter && old.table.kind == SQL_TABLE_MATERIALIZED;
    if (rc == 0 && found && !alters) {
        rc = exists(s, &old.name);
    }
    if (rc == 0) {
        rc = check_start_mode(s, &def->start_mode);
    }
    if (rc == 0) {
        rc = submit_infer(s, s->text, strlen(s->text), &s->result);
    }
    if (rc != 0) {
        return rc;
    }
    if (s->result.created == NULL) {
        return submit_refuse(s, "SQL validation failed. The table can't be typed.");
    }
    struct catalog_relation rel = {.name = old.name};
    rc = finish_table(s, &rel, def);
    if (rc != 0) {
        return rc;
    }
    return def->materialized ? store_materialized(s, &rel, &old, alters)
                             : store_table(s, &rel, def);
}

int submit_create_view(struct submission *s)
{
    const struct sql_view_def *def = s->tree->view;
    struct catalog_relation old;
    bool found = false;

    if (def->temporary) {
        return submit_refuse(s, "Temporary views are not supported.");
    }
    if (submit_reads_information(def->query)) {
        return submit_refuse(s, "INFORMATION_SCHEMA can't be read by this statement.");
    }
    int rc = submit_load(s, &def->name, &old, &found);
    if (rc == 0) {
        rc = submit_check_writable(s, &old.name, NULL);
    }
    if (rc == 0 && found && def->if_not_exists) {
        submit_ddl_traits(s);
        return 0;
    }
    if (rc == 0 && found && !def->or_replace && !def->or_alter) {
        rc = exists(s, &old.name);
    }
    if (rc == 0) {
        rc = submit_infer(s, s->text, strlen(s->text), &s->result);
    }
    if (rc != 0) {
        return rc;
    }
    struct catalog_relation rel = {.name = old.name, .context = s->context};
    rel.table = *s->result.created;
    rel.table.name = rel.name.name;
    rel.table.kind = SQL_TABLE_VIEW;
    rel.table.query = submit_text(s, def->query->at);
    rel.table.changes = s->result.changes;
    rel.table.bounded = s->result.bounded;
    rel.table.upsert_keys = s->result.upsert_keys;
    rel.table.upsert_key_count = s->result.upsert_key_count;
    rel.table.comment = def->comment;
    rel.table.options = NULL;
    rel.table.option_count = 0;
    if (found) {
        rel.id = old.id;
        rel.created = old.created;
    }
    submit_ddl_traits(s);
    return catalog_store(s->sandbox, &rel, s->err);
}
