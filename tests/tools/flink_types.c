/*
 * Reads JSON lines {"id","setup":[DDL…],"query","confluent"?}, writes {"id","columns":
 * [{"name","type","nullable"}],"insert_only","upsert_keys"} or {"id","error"}. The type
 * of a column that can't be told is "unknown". Equal set-ups in a row share one
 * catalog.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/infer.h"
#include "value/json.h"

/* The catalog of a set-up, kept for the lines that follow. */
struct session {
    struct sql_memory *memory;
    char *key;
    struct err err; /* of the set-up */
};

static void apply_setup(struct session *session, struct value setup, bool confluent)
{
    struct buf key = BUF_INIT;
    buf_addc(&key, confluent ? 'C' : 'A');
    for (size_t i = 0; i < value_list_count(setup); i++) {
        buf_adds(&key, value_cstr(value_list_at(setup, i), ""));
        buf_addc(&key, '\n');
    }
    if (session->key && str_eq(session->key, buf_str(&key))) {
        buf_fini(&key);
        return;
    }
    free(session->key);
    session->key = buf_take(&key);
    sql_memory_free(session->memory);
    session->memory = sql_memory_new("cat", "db", confluent ? SQL_MEMORY_ROWTIME : 0);
    err_clear(&session->err);
    for (size_t i = 0; i < value_list_count(setup); i++) {
        const char *ddl = value_cstr(value_list_at(setup, i), "");
        if (sql_memory_apply(session->memory, ddl, strlen(ddl), &session->err) < 0) {
            return;
        }
    }
}

static void add_string(struct buf *out, const char *text)
{
    json_write_str(text, strlen(text), JSON_COMPACT, out);
}

static void add_columns(struct buf *out, struct arena *arena,
                        const struct sql_result *result)
{
    bool first = true;
    buf_adds(out, ",\"columns\":[");
    for (size_t i = 0; i < result->column_count; i++) {
        const struct sql_result_column *column = &result->columns[i];
        if (column->hidden && result->created) {
            continue;
        }
        bool unknown = sql_type_has_unknown(column->type);
        buf_adds(out, first ? "{\"name\":" : ",{\"name\":");
        first = false;
        add_string(out, column->name);
        buf_adds(out, ",\"type\":");
        add_string(out, unknown ? "unknown"
                                : sql_type_text(arena, column->type,
                                                SQL_TYPE_FORM_SERIAL, false));
        buf_addf(out, ",\"nullable\":%s}",
                 unknown                  ? "null"
                 : column->type->nullable ? "true"
                                          : "false");
    }
    buf_addc(out, ']');
    if (!result->columns_known) {
        buf_adds(out, ",\"columns_known\":false");
    }
}

static void add_keys(struct buf *out, const struct sql_result *result)
{
    buf_adds(out, ",\"upsert_keys\":[");
    for (size_t k = 0; k < result->upsert_key_count; k++) {
        buf_adds(out, k ? ",[" : "[");
        for (size_t i = 0; i < result->upsert_keys[k].count; i++) {
            if (i) {
                buf_addc(out, ',');
            }
            add_string(out, result->columns[result->upsert_keys[k].columns[i]].name);
        }
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

static void add_result(struct buf *out, struct arena *arena,
                       const struct sql_result *result)
{
    bool plan = result->changes != 0 && !result->created;
    add_columns(out, arena, result);
    if (plan) {
        buf_addf(out, ",\"insert_only\":%s", result->insert_only ? "true" : "false");
    }
    if (plan && result->upsert_keys_known) {
        add_keys(out, result);
    }
    if (result->plan_error) {
        buf_adds(out, ",\"plan_error\":");
        add_string(out, result->plan_error);
    }
}

static void add_error(struct buf *out, const struct err *err)
{
    buf_adds(out, ",\"error\":");
    add_string(out, err->msg);
    if (err->line) {
        buf_addf(out, ",\"line\":%d,\"column\":%d", err->line, err->column);
    }
    if (err->hint[0]) {
        buf_adds(out, ",\"hint\":");
        add_string(out, err->hint);
    }
}

static void answer(struct session *session, struct value question, struct arena *arena,
                   struct buf *out)
{
    struct err err = {0};
    struct sql_result result;
    const char *query = value_cstr(value_dict_get(question, "query"), "");
    apply_setup(session, value_dict_get(question, "setup"),
                value_is_true(value_dict_get(question, "confluent"), false));
    buf_adds(out, "{\"id\":");
    if (json_write(value_dict_get(question, "id"), JSON_COMPACT, out, &err) < 0) {
        err_clear(&err);
        buf_adds(out, "null");
    }
    if (session->err.code != ERR_NONE) {
        add_error(out, &session->err);
        buf_addc(out, '}');
        return;
    }
    struct sql_catalog catalog = sql_memory_catalog(session->memory);
    struct sql_infer_options options = {.catalog = &catalog};
    if (sql_infer(arena, query, strlen(query), &options, &result, &err) < 0) {
        add_error(out, &err);
    } else if (result.problem) {
        add_error(out, result.problem);
    } else {
        add_result(out, arena, &result);
    }
    buf_addc(out, '}');
}

int main(void)
{
    struct session session = {0};
    struct arena arena = {0};
    struct buf out = BUF_INIT;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int status = 0;
    while ((len = getline(&line, &cap, stdin)) >= 0) {
        struct err err = {0};
        struct value question;
        arena_reset(&arena);
        buf_reset(&out);
        if (json_parse(line, (size_t)len, "line", &arena, &question, &err) < 0) {
            fprintf(stderr, "flink_types: %s\n", err.msg);
            status = 1;
            continue;
        }
        answer(&session, question, &arena, &out);
        puts(buf_str(&out));
    }
    sql_memory_free(session.memory);
    free(session.key);
    free(line);
    arena_fini(&arena);
    buf_fini(&out);
    return status;
}
