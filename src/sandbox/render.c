#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/submit_impl.h"

static void add_string(struct buf *out, const char *text)
{
    buf_addc(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buf_addc(out, '\'');
        }
        buf_addc(out, *text);
    }
    buf_addc(out, '\'');
}

static void add_ident(struct buf *out, const char *text)
{
    buf_addc(out, '`');
    for (; *text != '\0'; text++) {
        if (*text == '`') {
            buf_addc(out, '`');
        }
        buf_addc(out, *text);
    }
    buf_addc(out, '`');
}

static void add_name(struct buf *out, const struct catalog_name *name)
{
    add_ident(out, name->env_name);
    buf_addc(out, '.');
    add_ident(out, name->database);
    buf_addc(out, '.');
    add_ident(out, name->name);
}

static void add_column(struct buf *out, const struct sql_column *column)
{
    add_ident(out, column->name);
    buf_addc(out, ' ');
    if (column->kind == SQL_COLUMN_COMPUTED) {
        buf_addf(out, "AS %s", column->expression != NULL ? column->expression : "");
    } else {
        sql_type_render(out, column->type, SQL_TYPE_FORM_SERIAL, true);
    }
    if (column->kind == SQL_COLUMN_METADATA) {
        buf_adds(out, " METADATA");
        if (column->metadata_key != NULL) {
            buf_adds(out, " FROM ");
            add_string(out, column->metadata_key);
        }
        buf_adds(out, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->comment != NULL) {
        buf_adds(out, " COMMENT ");
        add_string(out, column->comment);
    }
}

static void add_key_list(struct buf *out, const struct sql_table *table,
                         const size_t *columns, size_t count)
{
    buf_addc(out, '(');
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        add_ident(out, table->columns[columns[i]].name);
    }
    buf_addc(out, ')');
}

static void add_elements(struct buf *out, const struct catalog_relation *rel)
{
    const struct sql_table *table = &rel->table;
    const char *separator = "\n  ";
    buf_adds(out, " (");
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].hidden) {
            buf_adds(out, separator);
            add_column(out, &table->columns[i]);
            separator = ",\n  ";
        }
    }
    if (table->watermark_column != NULL && !rel->watermark_hidden) {
        buf_adds(out, separator);
        buf_adds(out, "WATERMARK FOR ");
        add_ident(out, table->watermark_column);
        buf_addf(out, " AS %s", table->watermark_expression);
    }
    if (table->primary_key_count > 0) {
        buf_adds(out, separator);
        buf_adds(out, "CONSTRAINT ");
        add_ident(out, rel->pk_name != NULL ? rel->pk_name : "PK");
        buf_adds(out, " PRIMARY KEY ");
        add_key_list(out, table, table->primary_key, table->primary_key_count);
        buf_adds(out, " NOT ENFORCED");
    }
    buf_adds(out, "\n)");
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct sql_option *)a)->key,
                  ((const struct sql_option *)b)->key);
}

static void add_options(struct buf *out, const struct sql_table *table)
{
    struct arena arena = {0};
    struct sql_option *sorted =
        arena_array(&arena, struct sql_option, table->option_count + 1);
    memcpy(sorted, table->options, table->option_count * sizeof(*sorted));
    qsort(sorted, table->option_count, sizeof(*sorted), by_key);
    buf_adds(out, "\nWITH (");
    for (size_t i = 0; i < table->option_count; i++) {
        buf_adds(out, i > 0 ? ",\n  " : "\n  ");
        add_string(out, sorted[i].key);
        buf_adds(out, " = ");
        add_string(out, sorted[i].value);
    }
    buf_adds(out, "\n)");
    arena_fini(&arena);
}

static void render_table(const struct catalog_relation *rel, struct buf *out)
{
    const struct sql_table *table = &rel->table;
    bool materialized = table->kind == SQL_TABLE_MATERIALIZED;
    buf_adds(out, materialized ? "CREATE MATERIALIZED TABLE " : "CREATE TABLE ");
    add_name(out, &rel->name);
    add_elements(out, rel);
    if (table->comment != NULL) {
        buf_adds(out, "\nCOMMENT ");
        add_string(out, table->comment);
    }
    if (table->buckets > 0) {
        buf_adds(out, "\nDISTRIBUTED ");
        if (table->distribution_count > 0) {
            buf_adds(out, "BY HASH");
            add_key_list(out, table, table->distribution, table->distribution_count);
            buf_addc(out, ' ');
        }
        buf_addf(out, "INTO %d BUCKETS", table->buckets);
    }
    if (table->option_count > 0) {
        add_options(out, table);
    }
    if (materialized && table->query != NULL) {
        buf_addf(out, "\nAS %s", table->query);
    }
}

static void render_view(const struct catalog_relation *rel, struct buf *out)
{
    buf_adds(out, "CREATE VIEW ");
    add_name(out, &rel->name);
    buf_adds(out, " (");
    for (size_t i = 0; i < rel->table.column_count; i++) {
        buf_adds(out, i > 0 ? ",\n  " : "\n  ");
        add_ident(out, rel->table.columns[i].name);
    }
    buf_adds(out, "\n)");
    if (rel->table.comment != NULL) {
        buf_adds(out, "\nCOMMENT ");
        add_string(out, rel->table.comment);
    }
    buf_addf(out, "\nAS %s", rel->table.query != NULL ? rel->table.query : "");
}

void render_create(const struct catalog_relation *relation, struct buf *out)
{
    if (relation->table.kind == SQL_TABLE_VIEW) {
        render_view(relation, out);
    } else {
        render_table(relation, out);
    }
}
