/* The in-memory catalog: tables that DDL statements made. */
#include "config.h"

#include "sql/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "sql/infer_impl.h"
#include "sql/parse.h"

struct sql_memory {
    struct arena arena; /* everything below */
    unsigned flags;
    const char *catalog;
    const char *database;
    struct map tables;    /* path → struct sql_table; NULL once dropped */
    struct map functions; /* path → struct sql_function */
};

struct sql_memory *sql_memory_new(const char *catalog, const char *database,
                                  unsigned flags)
{
    struct sql_memory *memory = xcalloc(1, sizeof *memory);
    memory->flags = flags;
    memory->catalog = arena_strdup(&memory->arena, catalog);
    memory->database = arena_strdup(&memory->arena, database);
    return memory;
}

void sql_memory_free(struct sql_memory *memory)
{
    if (!memory) {
        return;
    }
    map_fini(&memory->tables);
    map_fini(&memory->functions);
    arena_fini(&memory->arena);
    free(memory);
}

/* "catalog\037database\037name" of a name of up to three parts, in `buf`. */
static const char *path_of(const struct sql_memory *memory, const char *const *parts,
                           size_t count, struct buf *buf)
{
    const char *catalog = count > 2 ? parts[count - 3] : memory->catalog;
    const char *database = count > 1 ? parts[count - 2] : memory->database;
    buf_reset(buf);
    buf_addf(buf, "%s\037%s\037%s", catalog, database, parts[count - 1]);
    return buf_str(buf);
}

static void *look_up(const struct sql_memory *memory, const struct map *map,
                     const char *const *parts, size_t count)
{
    struct buf buf = BUF_INIT;
    void *found = NULL;
    if (count > 0 && count <= 3) {
        found = map_get(map, path_of(memory, parts, count, &buf));
    }
    buf_fini(&buf);
    return found;
}

const struct sql_table *sql_memory_find(const struct sql_memory *memory,
                                        const char *const *parts, size_t count)
{
    return look_up(memory, &memory->tables, parts, count);
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static const size_t *copy_positions(struct arena *arena, const size_t *from,
                                    size_t count)
{
    size_t *copy = arena_array(arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = from[i];
    }
    return copy;
}

static void copy_columns(struct arena *arena, struct sql_table *copy)
{
    struct sql_column *columns =
        arena_array(arena, struct sql_column, copy->column_count + 2);
    for (size_t i = 0; i < copy->column_count; i++) {
        columns[i] = copy->columns[i];
        columns[i].name = arena_strdup(arena, copy->columns[i].name);
        columns[i].type = sql_type_copy(arena, copy->columns[i].type);
        columns[i].metadata_key = copy_text(arena, copy->columns[i].metadata_key);
        columns[i].expression = copy_text(arena, copy->columns[i].expression);
        columns[i].comment = copy_text(arena, copy->columns[i].comment);
    }
    copy->columns = columns;
}

static struct sql_table *copy_table(struct sql_memory *memory,
                                    const struct sql_table *table)
{
    struct arena *arena = &memory->arena;
    struct sql_table *copy = arena_new(arena, struct sql_table);
    *copy = *table;
    copy->catalog =
        arena_strdup(arena, table->catalog ? table->catalog : memory->catalog);
    copy->database =
        arena_strdup(arena, table->database ? table->database : memory->database);
    copy->name = arena_strdup(arena, table->name);
    copy_columns(arena, copy);
    copy->primary_key =
        copy_positions(arena, table->primary_key, table->primary_key_count);
    copy->distribution =
        copy_positions(arena, table->distribution, table->distribution_count);
    copy->watermark_column = copy_text(arena, table->watermark_column);
    copy->watermark_expression = copy_text(arena, table->watermark_expression);
    copy->query = copy_text(arena, table->query);
    copy->comment = copy_text(arena, table->comment);
    struct sql_key *keys =
        arena_array(arena, struct sql_key, table->upsert_key_count + 1);
    for (size_t i = 0; i < table->upsert_key_count; i++) {
        keys[i].count = table->upsert_keys[i].count;
        keys[i].columns =
            copy_positions(arena, table->upsert_keys[i].columns, keys[i].count);
    }
    copy->upsert_keys = keys;
    struct sql_option *options =
        arena_array(arena, struct sql_option, table->option_count + 1);
    for (size_t i = 0; i < table->option_count; i++) {
        options[i].key = copy_text(arena, table->options[i].key);
        options[i].value = copy_text(arena, table->options[i].value);
    }
    copy->options = options;
    return copy;
}

/* Confluent's hidden column, and the watermark on it when the table declares none. */
static void add_rowtime(struct sql_memory *memory, struct sql_table *table)
{
    struct sql_column *columns = (struct sql_column *)table->columns;
    for (size_t i = 0; i < table->column_count; i++) {
        if (text_eq(columns[i].name, "$rowtime")) {
            return;
        }
    }
    const struct sql_type *type =
        sql_type_new(&memory->arena, SQL_TYPE_TIMESTAMP_LTZ, 3, 0, false);
    if (!table->watermark_column) {
        type = sql_type_time_attr(&memory->arena, type, SQL_TIME_ROWTIME);
        table->watermark_column = "$rowtime";
        table->watermark_expression = "SOURCE_WATERMARK()";
    }
    columns[table->column_count++] = (struct sql_column){.name = "$rowtime",
                                                         .type = type,
                                                         .kind = SQL_COLUMN_METADATA,
                                                         .hidden = true,
                                                         .is_virtual = true};
}

void sql_memory_put(struct sql_memory *memory, const struct sql_table *table)
{
    struct sql_table *copy = copy_table(memory, table);
    struct buf buf = BUF_INIT;
    if ((memory->flags & SQL_MEMORY_ROWTIME) && copy->kind != SQL_TABLE_VIEW &&
        copy->kind != SQL_TABLE_SYSTEM && !copy->columns_unknown) {
        add_rowtime(memory, copy);
    }
    const char *parts[3] = {copy->catalog, copy->database, copy->name};
    const char *path = arena_strdup(&memory->arena, path_of(memory, parts, 3, &buf));
    map_put(&memory->tables, path, copy);
    buf_fini(&buf);
}

static int find_table(void *ctx, const char *const *parts, size_t count,
                      struct sql_table *out, struct err *err)
{
    const struct sql_table *table = sql_memory_find(ctx, parts, count);
    (void)err;
    if (table) {
        *out = *table;
    }
    return table ? 1 : 0;
}

static int find_function(void *ctx, const char *const *parts, size_t count,
                         struct sql_function *out, struct err *err)
{
    struct sql_memory *memory = ctx;
    const struct sql_function *function =
        look_up(memory, &memory->functions, parts, count);
    (void)err;
    if (function) {
        *out = *function;
    }
    return function ? 1 : 0;
}

static void each_table(void *ctx, void (*fn)(void *arg, const char *name), void *arg)
{
    struct sql_memory *memory = ctx;
    for (size_t i = 0; i < memory->tables.count; i++) {
        const struct sql_table *table = memory->tables.entries[i].value;
        if (table) {
            fn(arg, table->name);
        }
    }
}

struct sql_catalog sql_memory_catalog(struct sql_memory *memory)
{
    return (struct sql_catalog){.ctx = memory,
                                .current_catalog = memory->catalog,
                                .current_database = memory->database,
                                .find_table = find_table,
                                .find_function = find_function,
                                .each_table = each_table};
}

/* One statement that is applied. */
struct applying {
    struct sql_memory *memory;
    struct infer in;
    struct sql_catalog catalog;
    const struct sql_statement *statement;
};

static const struct sql_table *existing(struct applying *a, const struct sql_name *name)
{
    const char *parts[4];
    size_t count = name->count < 4 ? name->count : 4;
    for (size_t i = 0; i < count; i++) {
        parts[i] = name->parts[i].text;
    }
    return sql_memory_find(a->memory, parts, count);
}

static int refuse_existing(struct applying *a, const struct sql_name *name)
{
    infer_error(&a->in, name->at, "table (or view) '%s' already exists",
                name->parts[name->count - 1].text);
    return -1;
}

static int create_table(struct applying *a)
{
    const struct sql_table_def *def = a->statement->table;
    struct rel *query;
    if (existing(a, &def->name) && !def->or_replace && !def->or_alter) {
        return def->if_not_exists ? 0 : refuse_existing(a, &def->name);
    }
    struct sql_table *table = infer_table_def(&a->in, def, &query);
    if (!table) {
        return -1;
    }
    sql_memory_put(a->memory, table);
    return 0;
}

static int create_view(struct applying *a)
{
    const struct sql_view_def *def = a->statement->view;
    struct rel *query;
    if (existing(a, &def->name) && !def->or_replace && !def->or_alter) {
        return def->if_not_exists ? 0 : refuse_existing(a, &def->name);
    }
    struct sql_table *table = infer_view_def(&a->in, def, &query);
    if (!table) {
        return -1;
    }
    sql_memory_put(a->memory, table);
    return 0;
}

static void forget(struct applying *a, const struct sql_table *table)
{
    struct buf buf = BUF_INIT;
    const char *parts[3] = {table->catalog, table->database, table->name};
    const char *path =
        arena_strdup(&a->memory->arena, path_of(a->memory, parts, 3, &buf));
    map_put(&a->memory->tables, path, NULL);
    buf_fini(&buf);
}

static int drop_table(struct applying *a)
{
    const struct sql_object_def *object = a->statement->object;
    const struct sql_table *table = existing(a, &object->name);
    if (table) {
        forget(a, table);
        return 0;
    }
    if (object->if_exists) {
        return 0;
    }
    infer_error(&a->in, object->name.at, "table (or view) '%s' does not exist",
                object->name.parts[object->name.count - 1].text);
    return -1;
}

static int alter_table(struct applying *a)
{
    const struct sql_alter *alter = a->statement->alter;
    const struct sql_table *table = existing(a, &alter->name);
    if (!table) {
        if (alter->if_exists) {
            return 0;
        }
        infer_error(&a->in, alter->name.at, "table (or view) '%s' does not exist",
                    alter->name.parts[alter->name.count - 1].text);
        return -1;
    }
    if (alter->query) {
        struct sql_view_def def = {.name = alter->name, .query = alter->query};
        struct rel *query;
        struct sql_table *changed = infer_view_def(&a->in, &def, &query);
        if (changed) {
            changed->kind = table->kind;
            sql_memory_put(a->memory, changed);
        }
        return changed ? 0 : -1;
    }
    struct sql_table *changed = infer_alter(&a->in, alter, table);
    if (!changed) {
        return -1;
    }
    if (!text_eq(changed->name, table->name)) {
        forget(a, table);
    }
    sql_memory_put(a->memory, changed);
    return 0;
}

static int create_function(struct applying *a)
{
    const struct sql_object_def *object = a->statement->object;
    struct arena *arena = &a->memory->arena;
    struct buf buf = BUF_INIT;
    const char *parts[3];
    size_t count = object->name.count < 3 ? object->name.count : 3;
    for (size_t i = 0; i < count; i++) {
        parts[i] = object->name.parts[i].text;
    }
    struct sql_function *function = arena_new(arena, struct sql_function);
    function->name = arena_strdup(arena, parts[count - 1]);
    map_put(&a->memory->functions,
            arena_strdup(arena, path_of(a->memory, parts, count, &buf)), function);
    buf_fini(&buf);
    return 0;
}

static int use(struct applying *a)
{
    struct sql_memory *memory = a->memory;
    const struct sql_name *name = &a->statement->object->name;
    bool catalog = a->statement->kind == SQL_STATEMENT_USE_CATALOG;
    const char *last = arena_strdup(&memory->arena, name->parts[name->count - 1].text);
    if (catalog) {
        memory->catalog = last;
        memory->database = "default";
        return 0;
    }
    memory->database = last;
    if (name->count > 1) {
        memory->catalog = arena_strdup(&memory->arena, name->parts[0].text);
    }
    return 0;
}

static int apply(struct applying *a)
{
    switch (a->statement->kind) {
    case SQL_STATEMENT_CREATE_TABLE:
    case SQL_STATEMENT_CREATE_TABLE_AS:
    case SQL_STATEMENT_CREATE_MATERIALIZED_TABLE:
    case SQL_STATEMENT_CREATE_OR_ALTER_MATERIALIZED_TABLE:
        return create_table(a);
    case SQL_STATEMENT_CREATE_VIEW:
        return create_view(a);
    case SQL_STATEMENT_DROP_TABLE:
    case SQL_STATEMENT_DROP_MATERIALIZED_TABLE:
    case SQL_STATEMENT_DROP_VIEW:
        return drop_table(a);
    case SQL_STATEMENT_ALTER_TABLE:
    case SQL_STATEMENT_ALTER_MATERIALIZED_TABLE:
    case SQL_STATEMENT_ALTER_VIEW:
        return alter_table(a);
    case SQL_STATEMENT_CREATE_FUNCTION:
        return create_function(a);
    case SQL_STATEMENT_USE:
    case SQL_STATEMENT_USE_CATALOG:
        return use(a);
    case SQL_STATEMENT_CREATE_DATABASE:
    case SQL_STATEMENT_CREATE_CATALOG:
    case SQL_STATEMENT_CREATE_MODEL:
    case SQL_STATEMENT_CREATE_CONNECTION:
    case SQL_STATEMENT_CREATE_AGENT:
    case SQL_STATEMENT_CREATE_TOOL:
    case SQL_STATEMENT_DROP_FUNCTION:
    case SQL_STATEMENT_DROP_DATABASE:
    case SQL_STATEMENT_DROP_MODEL:
    case SQL_STATEMENT_SET:
    case SQL_STATEMENT_RESET:
    case SQL_STATEMENT_EMPTY:
        return 0;
    default:
        return err_set(a->in.err, ERR_SQL,
                       "a statement of this kind doesn't change a catalog");
    }
}

int sql_memory_apply(struct sql_memory *memory, const char *text, size_t len,
                     struct err *err)
{
    struct arena scratch = {0};
    struct sql_statement *statement;
    int result = sql_parse(&scratch, text, len, &statement, err);
    if (result == 0 && statement->problem) {
        *err = *statement->problem;
        result = -1;
    }
    if (result == 0) {
        struct applying a = {.memory = memory,
                             .catalog = sql_memory_catalog(memory),
                             .statement = statement};
        a.in = (struct infer){.arena = &scratch,
                              .catalog = &a.catalog,
                              .text = text,
                              .len = len,
                              .err = err};
        result = apply(&a);
    }
    arena_fini(&scratch);
    return result;
}
