#include "config.h"

#include "sandbox/submit_impl.h"

#include <string.h>

#include "base/buf.h"

/* Works out the new columns by typing "CREATE TABLE … (what is added) LIKE t". */
static int retype(struct submission *s, struct catalog_relation *rel,
                  const char *definition)
{
    bool list = definition[0] == '(';
    const char *sql =
        arena_printf(s->arena, "CREATE TABLE `x` %s%s%s LIKE `%s`.`%s`.`%s`",
                     list ? "" : "(", definition, list ? "" : ")", rel->name.env,
                     rel->name.database_id, rel->name.name);
    struct sql_result result;
    int rc = submit_infer(s, sql, strlen(sql), &result);
    if (rc != 0) {
        return rc;
    }
    struct sql_table made = *result.created;
    rel->table.columns = made.columns;
    rel->table.column_count = made.column_count;
    rel->table.watermark_column = made.watermark_column;
    rel->table.watermark_expression = made.watermark_expression;
    rel->watermark_hidden = false;
    if (made.watermark_column != NULL &&
        strcmp(made.watermark_column, "$rowtime") == 0) {
        rel->table.watermark_column = NULL;
    }
    submit_add_rowtime(s, rel);
    return 0;
}

/* What follows the first word of the action. */
static const char *after_word(struct submission *s, struct sql_span at)
{
    const char *text = submit_text(s, at);
    text += strcspn(text, " \t\r\n(");
    return text + strspn(text, " \t\r\n");
}

static int add(struct submission *s, struct catalog_relation *rel,
               const struct sql_alter *alter)
{
    const struct sql_table_def *def = alter->elements;
    if (def->watermark_count > 0) {
        return submit_refuse(s, "All tables declare a system-provided watermark by "
                                "default. Use ALTER TABLE MODIFY for custom "
                                "watermarks.");
    }
    if (def->constraint_count > 0 || def->distribution.present) {
        return submit_refuse(s, "ALTER TABLE ADD supports only metadata and computed "
                                "columns.");
    }
    for (size_t i = 0; i < def->column_count; i++) {
        if (def->columns[i].kind == SQL_DEF_PHYSICAL) {
            return submit_refuse(s,
                                 "Adding the physical column '%s' is not supported. "
                                 "Only metadata and computed columns can be added.",
                                 def->columns[i].name.text);
        }
    }
    return retype(s, rel, after_word(s, alter->at));
}

static int modify(struct submission *s, struct catalog_relation *rel,
                  const struct sql_alter *alter)
{
    const struct sql_table_def *def = alter->elements;
    if (def->watermark_count != 1 || def->column_count > 0 ||
        def->constraint_count > 0 || def->distribution.present) {
        return submit_refuse(s, "ALTER TABLE MODIFY supports only watermarks.");
    }
    return retype(s, rel, after_word(s, alter->at));
}

static size_t find_column(const struct sql_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return i;
        }
    }
    return SQL_NO_COLUMN;
}

static bool is_in(const size_t *columns, size_t count, size_t column)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i] == column) {
            return true;
        }
    }
    return false;
}

static void shift(struct submission *s, const size_t **columns, size_t count,
                  size_t removed)
{
    size_t *out = arena_array(s->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        out[i] = (*columns)[i] - ((*columns)[i] > removed ? 1 : 0);
    }
    *columns = out;
}

static int drop_column(struct submission *s, struct catalog_relation *rel,
                       const char *name)
{
    struct sql_table *table = &rel->table;
    size_t at = find_column(table, name);
    if (at == SQL_NO_COLUMN || table->columns[at].hidden) {
        return submit_refuse(s, "The column '%s' does not exist in the table.", name);
    }
    if (is_in(table->primary_key, table->primary_key_count, at) ||
        is_in(table->distribution, table->distribution_count, at) ||
        (table->watermark_column != NULL &&
         strcmp(table->watermark_column, name) == 0)) {
        return submit_refuse(s,
                             "The column '%s' is used by the primary key, the "
                             "distribution or the watermark and can't be dropped.",
                             name);
    }
    struct sql_column *columns =
        arena_array(s->arena, struct sql_column, table->column_count);
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (i != at) {
            columns[count++] = table->columns[i];
        }
    }
    table->columns = columns;
    table->column_count = count;
    shift(s, &table->primary_key, table->primary_key_count, at);
    shift(s, &table->distribution, table->distribution_count, at);
    return 0;
}

static int drop_watermark(struct submission *s, struct catalog_relation *rel)
{
    struct sql_table *table = &rel->table;
    struct sql_column *columns =
        arena_array(s->arena, struct sql_column, table->column_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].hidden) {
            columns[count] = table->columns[i];
            columns[count].type =
                sql_type_time_attr(s->arena, columns[count].type, SQL_TIME_NONE);
            count++;
        }
    }
    table->columns = columns;
    table->column_count = count;
    table->watermark_column = NULL;
    table->watermark_expression = NULL;
    submit_add_rowtime(s, rel);
    return 0;
}

/* SET and RESET: the options as if the table were created with them. */
static int change_options(struct submission *s, struct catalog_relation *rel,
                          const struct sql_option_list *list, bool reset)
{
    struct sql_table *table = &rel->table;
    struct sql_option *options =
        arena_array(s->arena, struct sql_option, table->option_count + list->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < table->option_count; i++) {
        bool gone = false;
        for (size_t k = 0; k < list->count; k++) {
            gone = gone || strcmp(list->items[k].key, table->options[i].key) == 0;
        }
        if (!gone) {
            options[count++] = table->options[i];
        }
    }
    for (size_t k = 0; k < list->count; k++) {
        const char *key = list->items[k].key;
        const char *old = catalog_option(table, key);
        if (strcmp(key, "connector") == 0) {
            return submit_refuse(s, "The option 'connector' can't be changed.");
        }
        if (reset && old == NULL) {
            return submit_refuse(s, "The option '%s' is not set.", key);
        }
        if (!reset) {
            options[count++] = (struct sql_option){key, list->items[k].value};
        }
    }
    table->options = options;
    table->option_count = count;
    return submit_table_options(s, rel, list);
}

static int rename_relation(struct submission *s, struct catalog_relation *rel,
                           const struct sql_alter *alter)
{
    struct catalog_relation other;
    bool found = false;
    if (rel->table.kind == SQL_TABLE_TABLE) {
        return submit_refuse(s, "Renaming a table is not supported.");
    }
    int rc = submit_load(s, &alter->new_name, &other, &found);
    if (rc != 0) {
        return rc;
    }
    if (found) {
        return submit_refuse(s, "Table (or view) %s already exists.", other.name.name);
    }
    rel->name.name = other.name.name;
    return 0;
}

static int change_view(struct submission *s, struct catalog_relation *rel,
                       const struct sql_alter *alter)
{
    const char *query = submit_text(s, alter->query->at);
    const char *sql = arena_printf(s->arena, "CREATE VIEW `x` AS %s", query);
    struct sql_result result;
    int rc = submit_infer(s, sql, strlen(sql), &result);
    if (rc != 0) {
        return rc;
    }
    rel->table.columns = result.created->columns;
    rel->table.column_count = result.created->column_count;
    rel->table.query = query;
    rel->table.changes = result.changes;
    rel->table.bounded = result.bounded;
    rel->context = s->context;
    return 0;
}

static int apply(struct submission *s, struct catalog_relation *rel,
                 const struct sql_alter *alter)
{
    bool view = rel->table.kind == SQL_TABLE_VIEW;
    switch (alter->kind) {
    case SQL_ALTER_ADD:
        return view ? submit_refuse(s, "A view has no columns of its own.")
                    : add(s, rel, alter);
    case SQL_ALTER_MODIFY:
        return modify(s, rel, alter);
    case SQL_ALTER_DROP_WATERMARK:
        return drop_watermark(s, rel);
    case SQL_ALTER_SET:
        return change_options(s, rel, &alter->options, false);
    case SQL_ALTER_RESET:
        return change_options(s, rel, &alter->options, true);
    case SQL_ALTER_RENAME:
        return rename_relation(s, rel, alter);
    case SQL_ALTER_AS:
        return change_view(s, rel, alter);
    case SQL_ALTER_SUSPEND:
        return 0;
    case SQL_ALTER_DROP_COLUMNS:
        for (size_t i = 0; i < alter->names.count; i++) {
            int rc = drop_column(s, rel, alter->names.items[i].text);
            if (rc != 0) {
                return rc;
            }
        }
        return 0;
    default:
        return submit_refuse(s, "This form of ALTER is not supported.");
    }
}

/* ALTER MATERIALIZED TABLE t … AS query: as CREATE OR ALTER would do it. */
static int redefine(struct submission *s)
{
    struct err wrong = {0};
    const char *text = submit_text(s, s->tree->at);
    s->text = arena_printf(s->arena, "CREATE OR %s", text);
    if (sql_parse(s->arena, s->text, strlen(s->text), &s->tree, &wrong) != 0 ||
        s->tree->table == NULL) {
        return submit_refuse(s, "SQL parse failed. %s", wrong.msg);
    }
    return submit_create_table(s);
}

int submit_alter(struct submission *s)
{
    const struct sql_alter *alter = s->tree->alter;
    struct catalog_relation rel;
    bool found = false;
    int rc = submit_load(s, &alter->name, &rel, &found);

    submit_ddl_traits(s);
    if (rc == 0 && !found && alter->if_exists) {
        return 0;
    }
    if (rc == 0 && !found) {
        rc = submit_refuse_name(s, CATALOG_NO_TABLE, &alter->name);
    }
    if (rc == 0) {
        rc = submit_check_writable(s, &rel.name, &rel);
    }
    if (rc != 0) {
        return rc;
    }
    bool materialized = s->tree->kind == SQL_STATEMENT_ALTER_MATERIALIZED_TABLE;
    if (materialized && rel.table.kind != SQL_TABLE_MATERIALIZED) {
        return submit_refuse(s, "'%s' is not a materialized table.", rel.name.name);
    }
    if (materialized &&
        (alter->kind == SQL_ALTER_AS || alter->kind == SQL_ALTER_REDEFINE)) {
        return redefine(s);
    }
    rc = apply(s, &rel, alter);
    if (rc == 0) {
        rel.version++;
        rc = catalog_store(s->sandbox, &rel, s->err);
    }
    return rc;
}
