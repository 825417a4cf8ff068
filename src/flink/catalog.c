#include "config.h"

#include "flink/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "flink/catalog_decode.h"
#include "flink/client.h"

#define NAMES_MAX 200 /* more: everything is read and filtered here */
#define TEXTS     10
#define NUMBERS   2

/* ---- the query ---- */

/*
 * One branch of the UNION ALL: where its columns come from. What is missing becomes a
 * null of the column's type. Only what INFORMATION_SCHEMA allows: projections, WHERE,
 * AND and OR, CAST, UNION ALL.
 */
struct section {
    const char *name;
    const char *table;
    const char *schema;   /* column */
    const char *relation; /* column, or NULL */
    const char *catalog;  /* column */
    const char *texts[TEXTS];
    const char *numbers[NUMBERS];
};

static const struct section sections[] = {
    {"SCHEMA", "SCHEMATA", "SCHEMA_NAME", NULL, "CATALOG_ID", {NULL}, {NULL}},
    {"TABLE",
     "TABLES",
     "TABLE_SCHEMA",
     "TABLE_NAME",
     "TABLE_CATALOG_ID",
     {"TABLE_TYPE", "IS_MATERIALIZED", "IS_DISTRIBUTED", "IS_WATERMARKED",
      "WATERMARK_COLUMN", "WATERMARK_EXPRESSION", "WATERMARK_IS_HIDDEN", "COMMENT"},
     {"DISTRIBUTION_BUCKETS"}},
    {"COLUMN",
     "COLUMNS",
     "TABLE_SCHEMA",
     "TABLE_NAME",
     "TABLE_CATALOG_ID",
     {"COLUMN_NAME", "FULL_DATA_TYPE", "IS_NULLABLE", "IS_HIDDEN", "IS_GENERATED",
      "GENERATION_EXPRESSION", "IS_METADATA", "METADATA_KEY", "IS_PERSISTED",
      "COMMENT"},
     {"ORDINAL_POSITION", "DISTRIBUTION_ORDINAL_POSITION"}},
    {"OPTION",
     "TABLE_OPTIONS",
     "TABLE_SCHEMA",
     "TABLE_NAME",
     "TABLE_CATALOG_ID",
     {"OPTION_KEY", "OPTION_VALUE"},
     {NULL}},
    {"KEY",
     "KEY_COLUMN_USAGE",
     "TABLE_SCHEMA",
     "TABLE_NAME",
     "TABLE_CATALOG_ID",
     {"CONSTRAINT_NAME", "COLUMN_NAME"},
     {"ORDINAL_POSITION"}},
    {"VIEW",
     "VIEWS",
     "TABLE_SCHEMA",
     "TABLE_NAME",
     "TABLE_CATALOG_ID",
     {"VIEW_DEFINITION"},
     {NULL}},
};

enum { BASIC = 2, CORE = 4, KEYS = 4, VIEWS = 5, ALL = 6 };

static void add_name(const char *name, const char *alias, const char *type,
                     struct buf *out)
{
    if (name != NULL) {
        flink_quote_name(name, out);
    } else {
        buf_addf(out, "CAST(NULL AS %s)", type);
    }
    buf_addf(out, " AS `%s`", alias);
}

static void add_projection(const struct section *section, struct buf *out)
{
    char alias[16];

    buf_addf(out, "SELECT '%s' AS `section`, ", section->name);
    add_name(section->schema, "s", "STRING", out);
    buf_adds(out, ", ");
    add_name(section->relation, "t", "STRING", out);
    for (int i = 0; i < TEXTS; i++) {
        snprintf(alias, sizeof(alias), "c%d", i + 1);
        buf_adds(out, ", ");
        add_name(section->texts[i], alias, "STRING", out);
    }
    for (int i = 0; i < NUMBERS; i++) {
        snprintf(alias, sizeof(alias), "n%d", i + 1);
        buf_adds(out, ", ");
        add_name(section->numbers[i], alias, "INT", out);
    }
}

/* " AND (`column` = 'a' OR `column` = 'b')" */
static void add_choice(const char *column, const char *const *values, size_t count,
                       struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i == 0 ? " AND (" : " OR ");
        flink_quote_name(column, out);
        buf_adds(out, " = ");
        flink_quote_text(values[i], out);
    }
    buf_adds(out, count > 0 ? ")" : "");
}

static void add_section(const struct section *section, const char *database,
                        const struct flink_catalog_query *query, struct buf *out)
{
    add_projection(section, out);
    buf_adds(out, " FROM ");
    flink_quote_name(database, out);
    buf_addf(out, ".`INFORMATION_SCHEMA`.`%s` WHERE ", section->table);
    flink_quote_name(section->catalog, out);
    buf_adds(out, " = ");
    flink_quote_text(database, out);
    if (query->schemas != NULL) {
        add_choice(section->schema, query->schemas, query->schema_count, out);
    } else {
        buf_addf(out, " AND `%s` <> 'INFORMATION_SCHEMA'", section->schema);
    }
    if (section->relation != NULL && query->names != NULL &&
        query->name_count <= NAMES_MAX) {
        add_choice(section->relation, query->names, query->name_count, out);
    }
}

/* Sections from `first` up to, not including, `end`. */
static char *make_sql(const char *database, const struct flink_catalog_query *query,
                      size_t first, size_t end)
{
    struct buf sql = BUF_INIT;

    for (size_t i = first; i < end; i++) {
        buf_adds(&sql, i > first ? " UNION ALL " : "");
        add_section(&sections[i], database, query, &sql);
    }
    return buf_take(&sql);
}

/* ---- reading ---- */

struct reading {
    struct flink_task op;
    struct flink_client *client;
    struct flink_catalog_query query; /* deep copy, in `memory` */
    struct arena memory;
    struct arena *arena; /* of the result */
    struct catalog_builder *builder;
    struct flink_catalog *catalog;
    size_t open; /* queries under way */
    struct flink_error error;
    flink_catalog_fn *done;
};

static void reading_free(struct flink_task *op)
{
    struct reading *reading = (struct reading *)op;

    catalog_builder_free(reading->builder);
    arena_fini(&reading->memory);
    free(reading);
}

static void deliver(struct reading *reading)
{
    const struct flink_error *error = &reading->error;
    bool failed = error->err.code != ERR_NONE;

    if (!failed) {
        catalog_builder_finish(reading->builder, reading->catalog);
    }
    flink_task_close(reading->client, &reading->op);
    if (!reading->op.dropped) {
        reading->done((void *)reading->op.context, failed ? NULL : reading->catalog,
                      failed ? error : NULL);
    }
    reading_free(&reading->op);
}

static void start(struct reading *reading, size_t first, size_t end,
                  flink_rows_fn *done)
{
    char *sql = make_sql(reading->catalog->database, &reading->query, first, end);
    struct flink_submit submit = {
        .sql = sql, .hidden = true, .labels = reading->query.labels};

    reading->open++;
    flink_query_async(reading->client, &submit, 0, done, reading);
    free(sql);
}

static void take(struct reading *reading, const struct flink_rows *rows,
                 const struct flink_error *error)
{
    if (rows == NULL) {
        if (reading->error.err.code == ERR_NONE) {
            reading->error = *error;
            err_wrap(&reading->error.err, "the catalog can't be read");
        }
    } else {
        catalog_builder_add(reading->builder, rows, &reading->error.err);
    }
}

static void ended(struct reading *reading)
{
    if (--reading->open == 0) {
        deliver(reading);
    }
}

static void got_core(void *context, const struct flink_rows *rows,
                     const struct flink_error *error)
{
    take(context, rows, error);
    ended(context);
}

/* Keys and view definitions are worth having, not worth failing for. */
static void got_keys(void *context, const struct flink_rows *rows,
                     const struct flink_error *error)
{
    struct reading *reading = context;

    reading->catalog->keys_known = rows != NULL;
    if (rows != NULL) {
        take(reading, rows, error);
    }
    ended(reading);
}

static void got_views(void *context, const struct flink_rows *rows,
                      const struct flink_error *error)
{
    struct reading *reading = context;

    reading->catalog->definitions_known = rows != NULL;
    if (rows != NULL) {
        take(reading, rows, error);
    }
    ended(reading);
}

static void got_all(void *context, const struct flink_rows *rows,
                    const struct flink_error *error)
{
    struct reading *reading = context;

    if (rows == NULL && error->err.code == ERR_SERVER && !reading->op.dropped) {
        start(reading, 0, CORE, got_core);
        start(reading, KEYS, KEYS + 1, got_keys);
        start(reading, VIEWS, VIEWS + 1, got_views);
        ended(reading);
        return;
    }
    reading->catalog->keys_known = true;
    reading->catalog->definitions_known = true;
    take(reading, rows, error);
    ended(reading);
}

static const char *const *copy_strings(struct arena *arena, const char *const *from,
                                       size_t count)
{
    const char **to = arena_array(arena, const char *, count + 1);

    for (size_t i = 0; i < count; i++) {
        to[i] = arena_strdup(arena, from[i]);
    }
    return from == NULL ? NULL : to;
}

void flink_catalog_read_async(struct flink_client *client,
                              const struct flink_catalog_query *query,
                              struct arena *arena, flink_catalog_fn *done,
                              void *context)
{
    struct reading *reading = xcalloc(1, sizeof(*reading));
    struct flink_catalog_query *copy = &reading->query;

    reading->client = client;
    reading->arena = arena;
    reading->done = done;
    *copy = *query;
    copy->schemas = copy_strings(&reading->memory, query->schemas, query->schema_count);
    copy->names = copy_strings(&reading->memory, query->names, query->name_count);
    copy->labels = value_clone(&reading->memory, query->labels);
    reading->builder = catalog_builder_new(arena, copy);
    reading->catalog = arena_new(arena, struct flink_catalog);
    reading->catalog->database =
        arena_strdup(arena, query->database != NULL ? query->database
                                                    : client->config.environment_id);
    flink_task_open(client, &reading->op, context, reading_free);
    if (query->relations_only) {
        start(reading, 0, BASIC, got_core);
    } else {
        start(reading, 0, ALL, got_all);
    }
}

/* ---- one relation ---- */

struct existence {
    struct flink_task op;
    struct flink_client *client;
    flink_exists_fn *done;
};

static void existence_free(struct flink_task *op)
{
    free(op);
}

static void existence_known(void *context, const struct flink_rows *rows,
                            const struct flink_error *error)
{
    struct existence *existence = context;

    flink_task_close(existence->client, &existence->op);
    if (!existence->op.dropped) {
        existence->done((void *)existence->op.context, rows != NULL && rows->count > 0,
                        error);
    }
    free(existence);
}

void flink_relation_exists_async(struct flink_client *client, const char *database,
                                 const char *schema, const char *name,
                                 flink_exists_fn *done, void *context)
{
    struct existence *existence = xcalloc(1, sizeof(*existence));
    const char *catalog = database != NULL ? database : client->config.environment_id;
    struct buf sql = BUF_INIT;

    existence->client = client;
    existence->done = done;
    flink_task_open(client, &existence->op, context, existence_free);
    buf_adds(&sql, "SELECT `TABLE_NAME` FROM ");
    flink_quote_name(catalog, &sql);
    buf_adds(&sql, ".`INFORMATION_SCHEMA`.`TABLES` WHERE `TABLE_CATALOG_ID` = ");
    flink_quote_text(catalog, &sql);
    buf_adds(&sql, " AND `TABLE_SCHEMA` = ");
    flink_quote_text(schema, &sql);
    buf_adds(&sql, " AND `TABLE_NAME` = ");
    flink_quote_text(name, &sql);
    struct flink_submit submit = {.sql = sql.data, .hidden = true};
    flink_query_async(client, &submit, 10, existence_known, existence);
    buf_fini(&sql);
}

/* ---- blocking forms ---- */

struct blocking {
    bool done;
    struct flink_catalog *out;
    struct err *err;
    int rc;
};

static void finish(void *context, const struct flink_catalog *catalog,
                   const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->done = true;
    if (catalog != NULL) {
        *blocking->out = *catalog;
    } else {
        *blocking->err = error->err;
        blocking->rc = -1;
    }
}

int flink_catalog_read(struct flink_client *client,
                       const struct flink_catalog_query *query, struct arena *arena,
                       struct flink_catalog *out, struct err *err)
{
    struct blocking blocking = {.out = out, .err = err};

    flink_catalog_read_async(client, query, arena, finish, &blocking);
    if (flink_client_run(client, &blocking.done, err) != 0) {
        flink_client_forget(client, &blocking);
        return -1;
    }
    return blocking.rc;
}

/* Reads a query of `width` text columns into databases. */
static int read_databases(struct flink_client *client, const char *sql, size_t width,
                          struct arena *arena, struct flink_database **out,
                          size_t *count, struct err *err)
{
    struct flink_submit submit = {.sql = sql, .hidden = true};
    struct flink_rows rows;

    *count = 0;
    if (flink_query(client, &submit, 0, arena, &rows, err) != 0) {
        return -1;
    }
    if (rows.column_count != width) {
        return err_set(err, ERR_SERVER, "the server answered with %zu columns, not %zu",
                       rows.column_count, width);
    }
    *out = arena_array(arena, struct flink_database, rows.count + 1);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++) {
        const struct value *cells = rows.rows[i].cells;
        (*out)[i] = (struct flink_database){
            .catalog_id = value_cstr(cells[0], ""),
            .catalog = value_cstr(cells[1], ""),
            .schema_id = width > 2 ? value_cstr(cells[2], "") : "",
            .schema = width > 3 ? value_cstr(cells[3], "") : "",
        };
    }
    return 0;
}

int flink_databases(struct flink_client *client, const char *database,
                    struct arena *arena, struct flink_database **out, size_t *count,
                    struct err *err)
{
    struct buf sql = BUF_INIT;

    buf_adds(&sql, "SELECT `CATALOG_ID`, `CATALOG_NAME`, `SCHEMA_ID`, `SCHEMA_NAME` "
                   "FROM ");
    flink_quote_name(database != NULL ? database : client->config.environment_id, &sql);
    buf_adds(&sql, ".`INFORMATION_SCHEMA`.`SCHEMATA` WHERE `SCHEMA_NAME` <> "
                   "'INFORMATION_SCHEMA'");
    int rc = read_databases(client, sql.data, 4, arena, out, count, err);
    buf_fini(&sql);
    return rc;
}

int flink_catalogs(struct flink_client *client, struct arena *arena,
                   struct flink_database **out, size_t *count, struct err *err)
{
    struct buf sql = BUF_INIT;

    buf_adds(&sql, "SELECT `CATALOG_ID`, `CATALOG_NAME` FROM ");
    flink_quote_name(client->config.environment_id, &sql);
    buf_adds(&sql, ".`INFORMATION_SCHEMA`.`CATALOGS`");
    int rc = read_databases(client, sql.data, 2, arena, out, count, err);
    buf_fini(&sql);
    return rc;
}
