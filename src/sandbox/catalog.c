#include "config.h"

#include "sandbox/catalog.h"

#include <string.h>

#include "base/str.h"
#include "sandbox/catalog_key.h"

/* Finds an environment by id or display name. */
static bool find_environment(struct sandbox *sandbox, struct arena *arena,
                             const char *text, struct catalog_name *out)
{
    struct err err = {0};
    sqlite3_stmt *row = db_query(&sandbox->db, &err,
                                 "SELECT id, name, read_only FROM environment"
                                 " WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1",
                                 "s", text);
    bool found = row != NULL && sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        out->env = db_column(row, 0, arena);
        out->env_name = db_column(row, 1, arena);
        out->read_only = sqlite3_column_int(row, 2) != 0;
    }
    sqlite3_reset(row);
    return found;
}

static bool find_database(struct sandbox *sandbox, struct arena *arena,
                          const char *text, struct catalog_name *out)
{
    struct err err = {0};
    if (strcmp(text, "INFORMATION_SCHEMA") == 0) {
        out->database = "INFORMATION_SCHEMA";
        out->database_id = NULL;
        return true;
    }
    sqlite3_stmt *row =
        db_query(&sandbox->db, &err,
                 "SELECT id, name FROM database WHERE env = ?1 AND (name = ?2 OR id ="
                 " ?2) ORDER BY name <> ?2",
                 "ss", out->env, text);
    bool found = row != NULL && sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        out->database_id = db_column(row, 0, arena);
        out->database = db_column(row, 1, arena);
    }
    sqlite3_reset(row);
    return found;
}

enum catalog_outcome catalog_resolve(struct sandbox *sandbox, struct arena *arena,
                                     const struct catalog_context *context,
                                     const char *const *parts, size_t count,
                                     struct catalog_name *out)
{
    const char *catalog = count > 2 ? parts[count - 3] : context->catalog;
    const char *database = count > 1 ? parts[count - 2] : context->database;

    *out = (struct catalog_name){.name = count > 0 ? parts[count - 1] : ""};
    if (count > 3 || catalog == NULL || catalog[0] == '\0') {
        return CATALOG_NO_CURRENT;
    }
    if (!find_environment(sandbox, arena, catalog, out)) {
        return CATALOG_NO_CATALOG;
    }
    if (database == NULL || database[0] == '\0') {
        return CATALOG_NO_CURRENT;
    }
    return find_database(sandbox, arena, database, out) ? CATALOG_FOUND
                                                        : CATALOG_NO_DATABASE;
}

const char *catalog_message(struct arena *arena, enum catalog_outcome outcome,
                            const struct catalog_context *context,
                            const char *const *parts, size_t count)
{
    const char *catalog = count > 2 ? parts[count - 3] : context->catalog;
    const char *database = count > 1 ? parts[count - 2] : context->database;
    switch (outcome) {
    case CATALOG_NO_CATALOG:
        return arena_printf(
            arena,
            "A catalog with name or id '%s' cannot be resolved. Possible reasons:\n"
            "\t1. You might not have permissions to access it.\n"
            "\t2. The catalog might not exist.\n"
            "\t3. There might be multiple catalogs with the same name.",
            catalog);
    case CATALOG_NO_DATABASE:
        return arena_printf(arena,
                            "A database with name '%s' does not exist, or you have no "
                            "permissions to access it in catalog '%s'.",
                            database, catalog);
    case CATALOG_NO_CURRENT:
        return "A current, valid database has not been set. Set the properties "
               "'sql.current-catalog' and 'sql.current-database', or use fully "
               "qualified names.";
    default:
        return arena_printf(arena,
                            "Table (or view) '%s' does not exist or you do not have "
                            "permission to access it.\nUsing current catalog '%s' and "
                            "current database '%s'.",
                            count > 0 ? parts[count - 1] : "",
                            context->catalog != NULL ? context->catalog : "",
                            context->database != NULL ? context->database : "");
    }
}

const char *catalog_option(const struct sql_table *table, const char *key)
{
    for (size_t i = 0; i < table->option_count; i++) {
        if (strcmp(table->options[i].key, key) == 0) {
            return table->options[i].value;
        }
    }
    return NULL;
}

static int load_columns(struct sandbox *sandbox, struct arena *arena, int64_t id,
                        struct sql_table *table, struct err *err)
{
    int64_t count =
        db_int(&sandbox->db, 0,
               "SELECT count(*) FROM relation_column WHERE relation = ?", "i", id);
    struct sql_column *columns = arena_array(arena, struct sql_column, count + 1);
    size_t *pk = arena_array(arena, size_t, count + 1);
    size_t *distribution = arena_array(arena, size_t, count + 1);
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT name, type, kind, hidden, is_virtual,"
                                 " metadata_key, expression, comment, pk, distribution"
                                 " FROM relation_column WHERE relation = ? ORDER BY"
                                 " position",
                                 "i", id);
    if (row == NULL) {
        return -1;
    }
    for (size_t i = 0; (int64_t)i < count && sqlite3_step(row) == SQLITE_ROW; i++) {
        const char *type = (const char *)sqlite3_column_text(row, 1);
        struct err bad = {0};
        columns[i] = (struct sql_column){
            .name = db_column(row, 0, arena),
            .type = sql_type_parse(arena, type, strlen(type), &bad),
            .kind = (enum sql_column_kind)sqlite3_column_int(row, 2),
            .hidden = sqlite3_column_int(row, 3) != 0,
            .is_virtual = sqlite3_column_int(row, 4) != 0,
            .metadata_key = db_column(row, 5, arena),
            .expression = db_column(row, 6, arena),
            .comment = db_column(row, 7, arena),
        };
        if (columns[i].type == NULL) {
            columns[i].type = sql_type_unknown();
        }
        int key = sqlite3_column_int(row, 8);
        if (key > 0 && key <= count) {
            pk[key - 1] = i;
            table->primary_key_count++;
        }
        key = sqlite3_column_int(row, 9);
        if (key > 0 && key <= count) {
            distribution[key - 1] = i;
            table->distribution_count++;
        }
    }
    sqlite3_reset(row);
    table->columns = columns;
    table->column_count = (size_t)count;
    table->primary_key = pk;
    table->distribution = distribution;
    return 0;
}

static int load_options(struct sandbox *sandbox, struct arena *arena, int64_t id,
                        struct sql_table *table, struct err *err)
{
    int64_t count =
        db_int(&sandbox->db, 0,
               "SELECT count(*) FROM relation_option WHERE relation = ?", "i", id);
    struct sql_option *options = arena_array(arena, struct sql_option, count + 1);
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT key, value FROM relation_option WHERE relation"
                                 " = ? ORDER BY key",
                                 "i", id);
    if (row == NULL) {
        return -1;
    }
    while ((int64_t)table->option_count < count && sqlite3_step(row) == SQLITE_ROW) {
        options[table->option_count].key = db_column(row, 0, arena);
        options[table->option_count++].value = db_column(row, 1, arena);
    }
    sqlite3_reset(row);
    table->options = options;
    return 0;
}

static void read_relation(sqlite3_stmt *row, struct arena *arena,
                          struct catalog_relation *out)
{
    const char *upsert = (const char *)sqlite3_column_text(row, 16);
    *out = (struct catalog_relation){
        .id = sqlite3_column_int64(row, 0),
        .name =
            {
                .env = db_column(row, 1, arena),
                .env_name = db_column(row, 2, arena),
                .read_only = sqlite3_column_int(row, 3) != 0,
                .database_id = db_column(row, 4, arena),
                .database = db_column(row, 5, arena),
                .name = db_column(row, 6, arena),
            },
        .watermark_hidden = sqlite3_column_int(row, 12) != 0,
        .pk_name = db_column(row, 13, arena),
        .context = {.catalog = db_column(row, 17, arena),
                    .database = db_column(row, 18, arena)},
        .busy = db_column(row, 19, arena),
        .busy_until = sqlite3_column_int64(row, 20),
        .version = sqlite3_column_int64(row, 21),
        .created = sqlite3_column_int64(row, 22),
    };
    struct sql_table *table = &out->table;
    table->catalog = out->name.env_name;
    table->database = out->name.database;
    table->name = out->name.name;
    table->kind = (enum sql_table_kind)sqlite3_column_int(row, 7);
    table->comment = db_column(row, 8, arena);
    table->buckets = sqlite3_column_int(row, 9);
    table->watermark_column = db_column(row, 10, arena);
    table->watermark_expression = db_column(row, 11, arena);
    table->query = db_column(row, 14, arena);
    table->changes = (unsigned)sqlite3_column_int(row, 15);
    table->bounded = sqlite3_column_int(row, 23) != 0;
    catalog_read_keys(arena, upsert, table);
}

#define RELATION_QUERY                                                                 \
    "SELECT r.id, r.env, e.name, e.read_only, r.db, d.name, r.name, r.kind,"           \
    " r.comment, r.buckets, r.watermark_column, r.watermark, r.watermark_hidden,"      \
    " r.pk_name, r.query, r.changes, r.upsert, r.catalog, r.current_db, r.busy,"       \
    " r.busy_until, r.version, r.created, r.bounded FROM relation r"                   \
    " JOIN environment e ON e.id = r.env JOIN database d ON d.id = r.db"

static int load(struct sandbox *sandbox, struct arena *arena, sqlite3_stmt *row,
                struct catalog_relation *out, struct err *err)
{
    if (row == NULL) {
        return -1;
    }
    int found = sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        read_relation(row, arena, out);
    }
    sqlite3_reset(row);
    if (found && (load_columns(sandbox, arena, out->id, &out->table, err) != 0 ||
                  load_options(sandbox, arena, out->id, &out->table, err) != 0)) {
        return -1;
    }
    return found;
}

int catalog_load(struct sandbox *sandbox, struct arena *arena,
                 const struct catalog_name *name, struct catalog_relation *out,
                 struct err *err)
{
    if (name->database_id == NULL) {
        *out = (struct catalog_relation){.name = *name};
        if (!information_table(arena, name->name, &out->table)) {
            return 0;
        }
        out->table.catalog = name->env_name;
        return 1;
    }
    return load(sandbox, arena,
                db_query(&sandbox->db, err,
                         RELATION_QUERY " WHERE r.env = ? AND r.db = ? AND r.name = ?",
                         "sss", name->env, name->database_id, name->name),
                out, err);
}

int catalog_load_id(struct sandbox *sandbox, struct arena *arena, int64_t id,
                    struct catalog_relation *out, struct err *err)
{
    return load(sandbox, arena,
                db_query(&sandbox->db, err, RELATION_QUERY " WHERE r.id = ?", "i", id),
                out, err);
}

int catalog_drop(struct sandbox *sandbox, int64_t id, struct err *err)
{
    static const char *const deletes[] = {
        "DELETE FROM relation_column WHERE relation = ?",
        "DELETE FROM relation_option WHERE relation = ?",
        "DELETE FROM table_row WHERE relation = ?",
        "DELETE FROM writer WHERE relation = ?",
        "DELETE FROM materialized WHERE relation = ?",
        "DELETE FROM relation_version WHERE relation = ?",
        "DELETE FROM relation WHERE id = ?",
    };
    for (size_t i = 0; i < sizeof(deletes) / sizeof(*deletes); i++) {
        if (db_run(&sandbox->db, err, deletes[i], "i", id) != 0) {
            return -1;
        }
    }
    return 0;
}

static int find_table(void *ctx, const char *const *parts, size_t count,
                      struct sql_table *out, struct err *err)
{
    struct catalog_view *view = ctx;
    struct catalog_name name;
    struct catalog_relation relation;
    int found = 0;
    enum catalog_outcome outcome = catalog_resolve(view->sandbox, view->arena,
                                                   &view->context, parts, count, &name);
    if (outcome == CATALOG_FOUND) {
        found = catalog_load(view->sandbox, view->arena, &name, &relation, err);
        outcome = CATALOG_NO_TABLE;
    }
    if (found > 0) {
        *out = relation.table;
    } else if (found == 0) {
        view->missing = outcome;
        view->missing_count = count < 3 ? count : 3;
        for (size_t i = 0; i < view->missing_count; i++) {
            view->missing_parts[i] =
                arena_strdup(view->arena, parts[count - view->missing_count + i]);
        }
    }
    return found;
}

void catalog_view_init(struct catalog_view *view, struct sandbox *sandbox,
                       struct arena *arena, const struct catalog_context *context)
{
    *view =
        (struct catalog_view){.sandbox = sandbox, .arena = arena, .context = *context};
    view->sql = (struct sql_catalog){
        .ctx = view,
        .current_catalog = context->catalog,
        .current_database = context->database,
        .find_table = find_table,
    };
}
