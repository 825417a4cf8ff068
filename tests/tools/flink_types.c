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
    bool kept = session->key && value_is_null(setup);
    if (kept || (session->key && str_eq(session->key, buf_str(&key)))) {
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
    bool view = result->created && result->created->kind == SQL_TABLE_VIEW;
    bool plan = result->changes != 0 && !view;
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

/* Types a question; 0 with `result`, -1 with `err`. */
static int type_question(struct session *session, struct value question,
                         struct arena *arena, struct sql_result *result,
                         struct err *err)
{
    const char *query = value_cstr(value_dict_get(question, "query"), "");
    apply_setup(session, value_dict_get(question, "setup"),
                value_is_true(value_dict_get(question, "confluent"), false));
    if (session->err.code != ERR_NONE) {
        *err = session->err;
        return -1;
    }
    struct sql_catalog *catalog = arena_new(arena, struct sql_catalog);
    *catalog = sql_memory_catalog(session->memory);
    struct sql_infer_options options = {.catalog = catalog};
    if (sql_infer(arena, query, strlen(query), &options, result, err) < 0) {
        return -1;
    }
    if (result->problem) {
        *err = *result->problem;
        return -1;
    }
    return 0;
}

static void answer(struct session *session, struct value question, struct arena *arena,
                   struct buf *out)
{
    struct err err = {0};
    struct sql_result result;
    buf_adds(out, "{\"id\":");
    if (json_write(value_dict_get(question, "id"), JSON_COMPACT, out, &err) < 0) {
        err_clear(&err);
        buf_adds(out, "null");
    }
    if (type_question(session, question, arena, &result, &err) < 0) {
        add_error(out, &err);
    } else {
        add_result(out, arena, &result);
    }
    buf_addc(out, '}');
}

/* What a comparison counted. */
struct score {
    size_t questions, refused, accepted; /* refused wrongly, accepted wrongly */
    size_t columns, right, wrong, unknown;
    size_t changes, changes_right;
    size_t keys, keys_right;
};

static void compare_columns(struct score *score, struct arena *arena, struct value want,
                            const struct sql_result *got, struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < value_list_count(want); i++) {
        struct value column = value_list_at(want, i);
        const char *name = value_cstr(value_dict_get(column, "name"), "");
        const char *type = value_cstr(value_dict_get(column, "type"), "");
        bool nullable = value_is_true(value_dict_get(column, "nullable"), false);
        while (at < got->column_count && got->columns[at].hidden && got->created) {
            at++;
        }
        const struct sql_result_column *ours =
            at < got->column_count ? &got->columns[at++] : NULL;
        const char *text =
            ours ? sql_type_text(arena, ours->type, SQL_TYPE_FORM_SERIAL, false)
                 : "nothing";
        score->columns++;
        if (!ours ? !got->columns_known : sql_type_has_unknown(ours->type)) {
            score->unknown++;
        } else if (ours && str_eq(ours->name, name) && str_eq(text, type) &&
                   ours->type->nullable == nullable) {
            score->right++;
        } else {
            score->wrong++;
            buf_addf(out, "  want %s %s%s, got %s %s%s\n", name, type,
                     nullable ? "" : " NOT NULL", ours ? ours->name : "", text,
                     !ours || ours->type->nullable ? "" : " NOT NULL");
        }
    }
}

/* Whether one of our keys is exactly the columns of `want`. */
static bool has_key(const struct sql_result *got, struct value want)
{
    for (size_t k = 0; k < got->upsert_key_count; k++) {
        const struct sql_key *key = &got->upsert_keys[k];
        size_t hits = 0;
        for (size_t i = 0; i < value_list_count(want); i++) {
            const char *name = value_cstr(value_list_at(want, i), "");
            for (size_t c = 0; c < key->count; c++) {
                hits += str_eq(got->columns[key->columns[c]].name, name);
            }
        }
        if (hits == key->count && key->count == value_list_count(want)) {
            return true;
        }
    }
    return false;
}

static void compare_plan(struct score *score, struct value question,
                         const struct sql_result *got, struct buf *out)
{
    struct value insert_only = value_dict_get(question, "insert_only");
    struct value keys = value_dict_get(question, "upsert_keys");
    if (!value_is(insert_only, VALUE_BOOL)) {
        return;
    }
    score->changes++;
    if (got->changes && got->insert_only == value_is_true(insert_only, false)) {
        score->changes_right++;
    } else {
        buf_adds(out, "  insert_only differs\n");
    }
    bool same = got->upsert_key_count == value_list_count(keys);
    for (size_t i = 0; same && i < value_list_count(keys); i++) {
        same = has_key(got, value_list_at(keys, i));
    }
    score->keys++;
    score->keys_right += same;
    if (!same) {
        buf_adds(out, "  upsert keys differ\n");
    }
}

static void compare(struct session *session, struct value question, struct arena *arena,
                    struct score *score, struct buf *out)
{
    struct err err = {0};
    struct sql_result result = {0};
    bool wants_error = value_is_str(value_dict_get(question, "error"));
    bool failed = type_question(session, question, arena, &result, &err) < 0;
    struct value columns = value_dict_get(question, "columns");
    score->questions++;
    if (failed && !wants_error) {
        score->refused++;
        score->columns += value_list_count(columns);
        buf_addf(out, "  refused: %s\n", err.msg);
    } else if (!failed && wants_error) {
        score->accepted++;
        buf_adds(out, "  accepted\n");
    } else if (!failed) {
        compare_columns(score, arena, columns, &result, out);
        compare_plan(score, question, &result, out);
    }
    if (out->len > 0) {
        const char *id = value_cstr(value_dict_get(question, "id"), "?");
        printf("%s: %s\n%s", id, value_cstr(value_dict_get(question, "query"), ""),
               buf_str(out));
    }
}

static double percent(size_t part, size_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 100.0;
}

static int report(const struct score *s)
{
    double right = percent(s->right, s->columns);
    double wrong = percent(s->wrong, s->columns);
    double refused = percent(s->refused, s->questions);
    printf(
        "%zu questions, %zu columns: %.2f %% right, %.2f %% wrong, %.2f %% unknown\n",
        s->questions, s->columns, right, wrong, percent(s->unknown, s->columns));
    printf(
        "refused wrongly %zu, accepted wrongly %zu; insert_only right %.2f %%, upsert "
        "keys right %.2f %%\n",
        s->refused, s->accepted, percent(s->changes_right, s->changes),
        percent(s->keys_right, s->keys));
    return right < 99.0 || wrong > 0.5 || refused > 0.2;
}

int main(int argc, char **argv)
{
    bool comparing = argc > 1 && str_eq(argv[1], "--compare");
    struct score score = {0};
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
        if (comparing) {
            compare(&session, question, &arena, &score, &out);
        } else {
            answer(&session, question, &arena, &out);
            puts(buf_str(&out));
        }
    }
    if (comparing) {
        status = report(&score) || status;
    }
    sql_memory_free(session.memory);
    free(session.key);
    free(line);
    arena_fini(&arena);
    buf_fini(&out);
    return status;
}
