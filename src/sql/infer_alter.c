/* ALTER TABLE: the table as it is afterwards. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static size_t column_at(const struct sql_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (text_eq(table->columns[i].name, name)) {
            return i;
        }
    }
    return SQL_NO_COLUMN;
}

static struct sql_table *copy_of(struct infer *in, const struct sql_table *table,
                                 size_t extra)
{
    struct sql_table *copy = arena_new(in->arena, struct sql_table);
    *copy = *table;
    struct sql_column *columns =
        arena_array(in->arena, struct sql_column, table->column_count + extra + 1);
    if (table->column_count > 0) {
        memcpy(columns, table->columns, table->column_count * sizeof *columns);
    }
    copy->columns = columns;
    return copy;
}

static void put_option(struct infer *in, struct sql_table *table,
                       const struct sql_option_def *def)
{
    struct sql_option *options =
        arena_array(in->arena, struct sql_option, table->option_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < table->option_count; i++) {
        if (!text_eq(table->options[i].key, def->key)) {
            options[n++] = table->options[i];
        }
    }
    if (def->value) {
        options[n++] = (struct sql_option){def->key, def->value};
    }
    table->options = options;
    table->option_count = n;
}

/* Removes column `at`; keys that held it are gone. */
static void drop_column(struct infer *in, struct sql_table *table, size_t at)
{
    struct sql_column *columns = (struct sql_column *)table->columns;
    memmove(&columns[at], &columns[at + 1],
            (table->column_count - at - 1) * sizeof *columns);
    table->column_count--;
    size_t *key = arena_array(in->arena, size_t, table->primary_key_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < table->primary_key_count; i++) {
        if (table->primary_key[i] != at) {
            key[n++] = table->primary_key[i] - (table->primary_key[i] > at);
        }
    }
    table->primary_key = key;
    table->primary_key_count = n;
}

static int drop_columns(struct infer *in, struct sql_table *table,
                        const struct sql_ident_list *names)
{
    for (size_t i = 0; i < names->count; i++) {
        size_t at = column_at(table, names->items[i].text);
        if (at == SQL_NO_COLUMN) {
            infer_error(in, names->items[i].at, "the column '%s' does not exist",
                        names->items[i].text);
            return -1;
        }
        drop_column(in, table, at);
    }
    return 0;
}

/*
 * Columns, keys and watermarks of ADD and MODIFY, made as CREATE TABLE would make them
 * beside the columns that are there.
 */
static struct sql_table *with_elements(struct infer *in, const struct sql_table *table,
                                       const struct sql_alter *alter)
{
    const struct sql_table_def *elements = alter->elements;
    for (size_t i = 0; i < elements->column_count; i++) {
        size_t at = column_at(table, elements->columns[i].name.text);
        bool add = alter->kind == SQL_ALTER_ADD;
        if ((at != SQL_NO_COLUMN) == add) {
            return infer_error(in, elements->columns[i].at,
                               add ? "column '%s' already exists in the table"
                                   : "column '%s' does not exist in the table",
                               elements->columns[i].name.text);
        }
    }
    return infer_table_elements(in, copy_of(in, table, 0), elements);
}

static void rename_column(struct sql_table *table, size_t at, const char *name)
{
    struct sql_column *columns = (struct sql_column *)table->columns;
    if (text_eq(table->watermark_column, columns[at].name)) {
        table->watermark_column = name;
    }
    columns[at].name = name;
}

struct sql_table *infer_alter(struct infer *in, const struct sql_alter *alter,
                              const struct sql_table *table)
{
    struct sql_table *copy = copy_of(in, table, 0);
    switch (alter->kind) {
    case SQL_ALTER_ADD:
    case SQL_ALTER_MODIFY:
        return alter->elements ? with_elements(in, table, alter) : copy;
    case SQL_ALTER_DROP_COLUMNS:
        return drop_columns(in, copy, &alter->names) < 0 ? NULL : copy;
    case SQL_ALTER_DROP_PRIMARY_KEY:
    case SQL_ALTER_DROP_CONSTRAINT:
        copy->primary_key_count = 0;
        return copy;
    case SQL_ALTER_DROP_WATERMARK:
        copy->watermark_column = NULL;
        copy->watermark_expression = NULL;
        for (size_t i = 0; i < copy->column_count; i++) {
            struct sql_column *column = (struct sql_column *)&copy->columns[i];
            if (column->type->time_attr == SQL_TIME_ROWTIME) {
                column->type =
                    sql_type_time_attr(in->arena, column->type, SQL_TIME_NONE);
            }
        }
        return copy;
    case SQL_ALTER_RENAME:
        if (alter->new_name.count > 0) {
            copy->name = alter->new_name.parts[alter->new_name.count - 1].text;
        }
        return copy;
    case SQL_ALTER_RENAME_COLUMN: {
        size_t at = alter->names.count ? column_at(copy, alter->names.items[0].text)
                                       : SQL_NO_COLUMN;
        if (at == SQL_NO_COLUMN || alter->new_name.count == 0) {
            return infer_error(in, alter->at, "the column to rename does not exist");
        }
        rename_column(copy, at, alter->new_name.parts[0].text);
        return copy;
    }
    case SQL_ALTER_SET:
    case SQL_ALTER_RESET:
        for (size_t i = 0; i < alter->options.count; i++) {
            put_option(in, copy, &alter->options.items[i]);
        }
        infer_table_changes(copy);
        return copy;
    default:
        return copy;
    }
}
