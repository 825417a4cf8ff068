#include "config.h"

#include "sandbox/submit_impl.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ?1 environment, ?2 database id, ?3 LIKE pattern or NULL, ?4 1 for NOT LIKE */
#define LIKE(column) " AND (?3 IS NULL OR (" column " LIKE ?3) <> ?4)"

static const struct {
    enum sql_statement_kind kind;
    const char *headings[6];
    const char *sql; /* NULL: there are none here */
    bool needs_database;
} shows[] = {
    {SQL_STATEMENT_SHOW_CATALOGS,
     {"Catalog Name", "Catalog ID"},
     "SELECT name, id FROM environment WHERE 1" LIKE("name") " ORDER BY name",
     false},
    {SQL_STATEMENT_SHOW_DATABASES,
     {"database name", "database id"},
     "SELECT name, id FROM database WHERE env = ?1" LIKE("name") " ORDER BY name",
     false},
    {SQL_STATEMENT_SHOW_TABLES,
     {"table name"},
     "SELECT name FROM relation WHERE env = ?1 AND db = ?2" LIKE(
         "name") " ORDER BY name",
     true},
    {SQL_STATEMENT_SHOW_VIEWS,
     {"view name"},
     "SELECT name FROM relation WHERE env = ?1 AND db = ?2 AND kind = 1" LIKE(
         "name") " ORDER BY name",
     true},
    {SQL_STATEMENT_SHOW_MATERIALIZED_TABLES,
     {"materialized table name"},
     "SELECT name FROM relation WHERE env = ?1 AND db = ?2 AND kind = 2" LIKE(
         "name") " ORDER BY name",
     true},
    {SQL_STATEMENT_SHOW_FUNCTIONS, {"function name"}, NULL, false},
    {SQL_STATEMENT_SHOW_CONNECTIONS, {"Name"}, NULL, false},
    {SQL_STATEMENT_SHOW_MODELS, {"Model Name"}, NULL, false},
    {SQL_STATEMENT_SHOW_AGENTS, {"Agent Name"}, NULL, false},
    {SQL_STATEMENT_SHOW_TOOLS, {"Tool Name"}, NULL, false},
    {SQL_STATEMENT_SHOW_JOBS,
     {"Name", "Phase", "Statement", "Compute Pool", "Creation Time", "Detail"},
     "SELECT name, CASE phase WHEN 0 THEN 'PENDING' WHEN 1 THEN 'RUNNING' WHEN 2 THEN"
     " 'COMPLETED' WHEN 3 THEN 'DELETING' WHEN 4 THEN 'FAILED' WHEN 5 THEN 'STOPPING'"
     " WHEN 6 THEN 'STOPPED' ELSE 'DEGRADED' END, sql, pool,"
     " strftime('%Y-%m-%d %H:%M:%S', created / 1000, 'unixepoch'), detail FROM"
     " statement WHERE env = ?1" LIKE("name") " ORDER BY id",
     false},
    {SQL_STATEMENT_SHOW_CURRENT_CATALOG, {"current catalog name"}, NULL, false},
    {SQL_STATEMENT_SHOW_CURRENT_DATABASE, {"current database name"}, NULL, true},
};

/* Environment and database that FROM names, or the current ones. */
static int place(struct submission *s, bool needs_database, struct catalog_name *out)
{
    const struct sql_show *show = s->tree->show;
    struct sql_name none = {0};
    const struct sql_name *from = show != NULL ? &show->from : &none;
    struct sql_ident parts[4] = {0};
    struct sql_name name = {.parts = parts};

    if (needs_database || s->tree->kind != SQL_STATEMENT_SHOW_DATABASES) {
        for (size_t i = 0; i < from->count && i < 2; i++) {
            parts[name.count++] = from->parts[i];
        }
        parts[name.count++].text = "";
    } else if (from->count == 1) {
        parts[0] = from->parts[0];
        parts[1].text = "INFORMATION_SCHEMA";
        parts[2].text = "";
        name.count = 3;
    } else {
        parts[0].text = "INFORMATION_SCHEMA";
        parts[1].text = "";
        name.count = 2;
    }
    if (!needs_database && name.count == 1) {
        parts[0].text = "INFORMATION_SCHEMA";
        parts[1].text = "";
        name.count = 2;
    }
    return submit_resolve(s, &name, out);
}

static int run(struct submission *s, const char *sql, const struct catalog_name *name,
               size_t columns)
{
    const struct sql_show *show = s->tree->show;
    const char *values[6];
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(s->sandbox->db.handle, sql, -1, &row, NULL) != SQLITE_OK) {
        return err_set(s->err, ERR_INTERNAL, "%s",
                       sqlite3_errmsg(s->sandbox->db.handle));
    }
    sqlite3_bind_text(row, 1, name->env, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, name->database_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 3, show != NULL ? show->like : NULL, -1, SQLITE_STATIC);
    sqlite3_bind_int(row, 4, show != NULL && show->negated);
    int rc = 0;
    while (rc == 0 && sqlite3_step(row) == SQLITE_ROW) {
        for (size_t i = 0; i < columns; i++) {
            values[i] = (const char *)sqlite3_column_text(row, (int)i);
        }
        rc = submit_row(s, values, columns);
    }
    sqlite3_finalize(row);
    return rc;
}

int submit_show(struct submission *s)
{
    size_t at = 0;
    size_t columns = 0;
    struct catalog_name name;
    while (at < COUNT(shows) && shows[at].kind != s->tree->kind) {
        at++;
    }
    while (columns < COUNT(shows[at].headings) && shows[at].headings[columns] != NULL) {
        columns++;
    }
    int rc = place(s, shows[at].needs_database, &name);
    if (rc != 0) {
        return rc;
    }
    submit_columns(s, shows[at].headings, columns);
    if (shows[at].sql != NULL) {
        return run(s, shows[at].sql, &name, columns);
    }
    if (s->tree->kind == SQL_STATEMENT_SHOW_CURRENT_CATALOG) {
        return submit_row(s, &name.env_name, 1);
    }
    if (s->tree->kind == SQL_STATEMENT_SHOW_CURRENT_DATABASE) {
        return submit_row(s, &name.database, 1);
    }
    return 0;
}

int submit_show_create(struct submission *s)
{
    static const struct {
        enum sql_statement_kind kind;
        enum sql_table_kind table;
        const char *heading;
    } kinds[] = {
        {SQL_STATEMENT_SHOW_CREATE_TABLE, SQL_TABLE_TABLE, "SHOW CREATE TABLE"},
        {SQL_STATEMENT_SHOW_CREATE_VIEW, SQL_TABLE_VIEW, "SHOW CREATE VIEW"},
        {SQL_STATEMENT_SHOW_CREATE_MATERIALIZED_TABLE, SQL_TABLE_MATERIALIZED,
         "SHOW CREATE MATERIALIZED TABLE"},
    };
    const struct sql_object_def *def = s->tree->object;
    struct catalog_relation rel;
    bool found = false;
    size_t at = 0;
    while (kinds[at].kind != s->tree->kind) {
        at++;
    }
    int rc = submit_load(s, &def->name, &rel, &found);
    if (rc != 0) {
        return rc;
    }
    if (!found || rel.table.kind == SQL_TABLE_SYSTEM) {
        return submit_refuse_name(s, CATALOG_NO_TABLE, &def->name);
    }
    bool view = rel.table.kind == SQL_TABLE_VIEW;
    if (view != (kinds[at].table == SQL_TABLE_VIEW)) {
        return submit_refuse(s, "%s is not supported for '%s': it is a %s.",
                             kinds[at].heading, rel.name.name, view ? "view" : "table");
    }
    struct buf out = BUF_INIT;
    render_create(&rel, &out);
    const char *text = buf_str(&out);
    submit_columns(s, &kinds[at].heading, 1);
    rc = submit_row(s, &text, 1);
    buf_fini(&out);
    return rc;
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

static const char *extras(struct submission *s, const struct sql_table *table,
                          size_t at)
{
    const struct sql_column *column = &table->columns[at];
    struct buf out = BUF_INIT;
    if (is_in(table->primary_key, table->primary_key_count, at)) {
        buf_adds(&out, "PRIMARY KEY");
    }
    if (is_in(table->distribution, table->distribution_count, at)) {
        buf_addf(&out, "%sBUCKET KEY", out.len > 0 ? ", " : "");
    }
    if (column->kind == SQL_COLUMN_METADATA) {
        buf_addf(&out, "%sMETADATA", out.len > 0 ? ", " : "");
        if (column->metadata_key != NULL && !column->hidden) {
            buf_addf(&out, " FROM '%s'", column->metadata_key);
        }
        buf_adds(&out, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->kind == SQL_COLUMN_COMPUTED && column->expression != NULL) {
        buf_addf(&out, "%sAS %s", out.len > 0 ? ", " : "", column->expression);
    }
    if (table->watermark_column != NULL &&
        strcmp(table->watermark_column, column->name) == 0) {
        buf_addf(&out, "%sWATERMARK AS %s", out.len > 0 ? ", " : "",
                 table->watermark_expression);
    }
    const char *text = arena_strdup(s->arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

int submit_describe(struct submission *s)
{
    static const char *const headings[] = {"Column Name", "Data Type", "Nullable",
                                           "Extras", "Comment"};
    const struct sql_object_def *def = s->tree->object;
    struct catalog_relation rel;
    bool found = false;
    int rc = submit_load(s, &def->name, &rel, &found);
    if (rc == 0 && !found) {
        rc = submit_refuse_name(s, CATALOG_NO_TABLE, &def->name);
    }
    size_t columns = def->extended ? 5 : 4;
    if (rc == 0) {
        submit_columns(s, headings, columns);
    }
    for (size_t i = 0; rc == 0 && i < rel.table.column_count; i++) {
        const struct sql_column *column = &rel.table.columns[i];
        const struct sql_type *type =
            def->extended ? column->type
                          : sql_type_time_attr(s->arena, column->type, SQL_TIME_NONE);
        const char *values[] = {
            column->name,
            sql_type_text(s->arena, type, SQL_TYPE_FORM_SUMMARY, false),
            column->type->nullable ? "NULL" : "NOT NULL",
            extras(s, &rel.table, i),
            column->comment,
        };
        if (!column->hidden || def->extended) {
            rc = submit_row(s, values, columns);
        }
    }
    return rc;
}
