#include "config.h"

#include "plan/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "sql/infer.h"

struct columns {
    struct sql_memory *memory;
};

struct columns *columns_new(const char *catalog, const char *database)
{
    struct columns *columns = xcalloc(1, sizeof(*columns));

    columns->memory = sql_memory_new(catalog, database, SQL_MEMORY_ROWTIME);
    return columns;
}

void columns_free(struct columns *columns)
{
    if (columns != NULL) {
        sql_memory_free(columns->memory);
        free(columns);
    }
}

static const struct sql_type *column_type(struct arena *arena, const char *text,
                                          bool not_null)
{
    struct err err = {0};
    const struct sql_type *type =
        text != NULL ? sql_type_parse(arena, text, strlen(text), &err) : NULL;

    if (type == NULL) {
        return sql_type_unknown();
    }
    return not_null ? sql_type_nullable(arena, type, false) : type;
}

static void put_table(struct columns *columns, const struct step_relation *name,
                      const struct drift_column *items, size_t count, bool known,
                      enum sql_table_kind kind)
{
    struct arena arena = {0};
    struct sql_column *list = arena_array(&arena, struct sql_column, count + 1);

    for (size_t i = 0; i < count; i++) {
        list[i] = (struct sql_column){
            .name = items[i].name,
            .type = column_type(&arena, items[i].type, items[i].not_null),
        };
    }
    struct sql_table table = {
        .catalog = name->database,
        .database = name->schema,
        .name = name->identifier,
        .kind = kind,
        .columns = list,
        .column_count = count,
        .columns_unknown = !known,
    };
    sql_memory_put(columns->memory, &table);
    arena_fini(&arena);
}

void columns_add_existing(struct columns *columns, const struct plan_relation *relation)
{
    const struct drift_relation *drift = &relation->drift;

    put_table(columns, &relation->name, drift->columns, drift->column_count,
              drift->columns_known,
              drift->kind == DRIFT_VIEW ? SQL_TABLE_VIEW : SQL_TABLE_TABLE);
}

/* A streaming_source's body is DDL: the catalog reads it itself. */
static bool add_source(struct columns *columns, const struct plan_model *model)
{
    struct buf sql = BUF_INIT;
    struct err err = {0};

    buf_addf(&sql, "DROP TABLE IF EXISTS %s", model->relation_text);
    sql_memory_apply(columns->memory, buf_str(&sql), sql.len, &err);
    err_clear(&err);
    buf_reset(&sql);
    buf_addf(&sql, "CREATE TABLE %s (\n%s\n)", model->relation_text, model->sql);
    bool ok = sql_memory_apply(columns->memory, buf_str(&sql), sql.len, &err) == 0;
    buf_fini(&sql);
    return ok;
}

static void add_declared(struct columns *columns, const struct plan_model *model)
{
    struct arena arena = {0};
    struct drift_column *items =
        arena_array(&arena, struct drift_column, model->column_count + 1);

    for (size_t i = 0; i < model->column_count; i++) {
        items[i] = (struct drift_column){.name = model->columns[i].name,
                                         .type = model->columns[i].data_type,
                                         .not_null = model->columns[i].not_null};
    }
    put_table(columns, &model->relation, items, model->column_count, true,
              SQL_TABLE_TABLE);
    arena_fini(&arena);
}

void columns_add_model(struct columns *columns, const struct plan_model *model,
                       const struct plan_columns *query)
{
    bool view = str_eq(model->materialization, "view");

    if (str_eq(model->materialization, "streaming_source")) {
        if (!add_source(columns, model)) {
            put_table(columns, &model->relation, NULL, 0, false, SQL_TABLE_TABLE);
        }
    } else if (model->columns_complete && !view) {
        add_declared(columns, model);
    } else {
        put_table(columns, &model->relation, query->items, query->count, query->known,
                  view ? SQL_TABLE_VIEW : SQL_TABLE_TABLE);
    }
}

void columns_infer(struct columns *columns, const char *query, struct arena *arena,
                   struct plan_columns *out)
{
    struct arena scratch = {0};
    struct err err = {0};
    struct sql_result result;
    struct sql_catalog catalog = sql_memory_catalog(columns->memory);
    struct sql_infer_options options = {
        .catalog = &catalog,
        .flags = SQL_INFER_UNKNOWN_TABLES | SQL_INFER_UNKNOWN_FUNCTIONS |
                 SQL_INFER_NO_LINEAGE,
    };

    *out = (struct plan_columns){0};
    if (sql_infer(&scratch, query, strlen(query), &options, &result, &err) != 0) {
        out->note = arena_strdup(arena, err.msg);
        arena_fini(&scratch);
        return;
    }
    struct drift_column *items =
        arena_array(arena, struct drift_column, result.column_count + 1);
    out->known = result.columns_known;
    out->types_known = result.columns_known;
    for (size_t i = 0; i < result.column_count; i++) {
        const struct sql_type *type = result.columns[i].type;
        bool known = !sql_type_has_unknown(type);
        items[i] = (struct drift_column){
            .name = arena_strdup(arena, result.columns[i].name),
            .type =
                known ? sql_type_text(arena, type, SQL_TYPE_FORM_SERIAL, false) : NULL,
            .not_null = !type->nullable,
        };
        out->types_known = out->types_known && known;
    }
    out->items = items;
    out->count = result.column_count;
    arena_fini(&scratch);
}
