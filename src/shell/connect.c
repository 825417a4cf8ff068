#include "config.h"

#include "shell/connect.h"

#include <string.h>

#include "base/str.h"
#include "flink/catalog.h"
#include "flink/results.h"
#include "shell/session.h"
#include "shell/shell.h"

#define ROWS_MAX 100000

static struct value cell_value(struct arena *arena, const struct flink_type *type,
                               struct value cell)
{
    struct buf text = BUF_INIT;
    struct value out;

    if (value_is_null(cell)) {
        return value_none();
    }
    flink_cell_text(type, cell, &text);
    out = value_copy_str_n(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return out;
}

static void copy_rows(const struct flink_rows *rows, struct arena *arena,
                      struct compile_table *out)
{
    size_t n = rows->column_count;

    out->columns = arena_array(arena, const char *, n + 1);
    out->column_count = n;
    out->row_count = rows->count;
    out->rows = arena_array(arena, struct value, n * rows->count + 1);
    for (size_t i = 0; i < n; i++) {
        out->columns[i] = arena_strdup(arena, rows->columns[i].name);
    }
    for (size_t r = 0; r < rows->count; r++) {
        for (size_t i = 0; i < n; i++) {
            out->rows[r * n + i] =
                cell_value(arena, &rows->columns[i].type, rows->rows[r].cells[i]);
        }
    }
}

static int on_execute(void *context, const struct compile_statement *statement,
                      struct arena *arena, struct compile_table *out, struct err *err)
{
    struct shell *shell = context;
    struct flink_client *client;
    const char *mode = statement->execution_mode;
    struct flink_submit submit = {
        .name = statement->statement_name,
        .sql = statement->sql,
        .compute_pool_id = statement->compute_pool_id,
        .properties = statement->properties,
        .hidden = statement->hidden,
        .snapshot = mode != NULL && str_starts(mode, "snapshot"),
    };
    struct flink_wait_options wait = {.snapshot = submit.snapshot};
    struct flink_statement done;
    struct flink_rows rows = {0};
    size_t limit = statement->limit >= 0 ? (size_t)statement->limit : ROWS_MAX;

    *out = (struct compile_table){.message = ""};
    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    if (statement->fetch) {
        if (flink_query(client, &submit, limit, arena, &rows, err) != 0) {
            return -1;
        }
        copy_rows(&rows, arena, out);
        out->message = "Phase.COMPLETED";
        return 0;
    }
    if (flink_statement_execute(client, &submit, &wait, arena, &done, err) != 0) {
        return -1;
    }
    out->message = arena_printf(arena, "Phase.%s", done.phase_text);
    return 0;
}

static enum compile_relation_type type_of(enum flink_relation_kind kind)
{
    switch (kind) {
    case FLINK_TABLE:
    case FLINK_MATERIALIZED_TABLE:
        return COMPILE_RELATION_TABLE;
    case FLINK_VIEW:
        return COMPILE_RELATION_VIEW;
    case FLINK_EXTERNAL_TABLE:
    case FLINK_SYSTEM_TABLE:
        break;
    }
    return COMPILE_RELATION_EXTERNAL;
}

static void copy_relation(const struct flink_relation *from, struct arena *arena,
                          struct compile_relation *out)
{
    out->database = from->database;
    out->schema = from->schema;
    out->identifier = from->name;
    out->text = project_relation_name(arena, from->database, from->schema, from->name,
                                      value_undefined());
    out->type = type_of(from->kind);
}

static int read_catalog(struct shell *shell, const char *database, const char *schema,
                        const char *name, bool columns, struct arena *arena,
                        struct flink_catalog *out, struct err *err)
{
    struct flink_client *client;
    struct flink_catalog_query query = {
        .database = database,
        .schemas = schema != NULL ? &schema : NULL,
        .schema_count = schema != NULL ? 1 : 0,
        .names = name != NULL ? &name : NULL,
        .name_count = name != NULL ? 1 : 0,
        .relations_only = !columns,
    };

    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    return flink_catalog_read(client, &query, arena, out, err);
}

static int on_get_relation(void *context, const char *database, const char *schema,
                           const char *identifier, struct arena *arena,
                           struct compile_relation *out, struct err *err)
{
    struct flink_catalog catalog;
    const struct flink_relation *found;

    *out = (struct compile_relation){.type = COMPILE_RELATION_NONE};
    if (read_catalog(context, database, schema, identifier, false, arena, &catalog,
                     err) != 0) {
        return -1;
    }
    found = flink_catalog_find(&catalog, schema, identifier);
    if (found != NULL) {
        copy_relation(found, arena, out);
    }
    return 0;
}

static int on_list_relations(void *context, const char *database, const char *schema,
                             struct arena *arena, struct compile_relation **out,
                             size_t *count, struct err *err)
{
    struct flink_catalog catalog;

    if (read_catalog(context, database, schema, NULL, false, arena, &catalog, err) !=
        0) {
        return -1;
    }
    *out = arena_array(arena, struct compile_relation, catalog.count + 1);
    *count = catalog.count;
    for (size_t i = 0; i < catalog.count; i++) {
        copy_relation(&catalog.relations[i], arena, &(*out)[i]);
    }
    return 0;
}

static int on_get_columns(void *context, const struct compile_relation *relation,
                          struct arena *arena, struct compile_column **out,
                          size_t *count, struct err *err)
{
    struct flink_catalog catalog;
    const struct flink_relation *found;

    *out = NULL;
    *count = 0;
    if (read_catalog(context, relation->database, relation->schema,
                     relation->identifier, true, arena, &catalog, err) != 0) {
        return -1;
    }
    found = flink_catalog_find(&catalog, relation->schema, relation->identifier);
    if (found == NULL) {
        return 0;
    }
    *out = arena_array(arena, struct compile_column, found->column_count + 1);
    for (size_t i = 0; i < found->column_count; i++) {
        if (!found->columns[i].hidden) {
            (*out)[(*count)++] =
                (struct compile_column){found->columns[i].name, found->columns[i].type};
        }
    }
    return 0;
}

static void on_print(void *context, const char *text)
{
    struct shell *shell = context;

    print_note(&shell->print, "%s", text);
}

void connect_init(struct compile_connection *connection, struct shell *shell)
{
    *connection = (struct compile_connection){
        .context = shell,
        .execute = on_execute,
        .get_relation = on_get_relation,
        .list_relations = on_list_relations,
        .get_columns = on_get_columns,
        .print = on_print,
    };
}
