#include "config.h"

#include "sandbox/submit_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "sandbox/execute.h"

/* Milliseconds until the faker tables that are read have given all their rows. */
static int64_t faker_time(const struct sql_result *result)
{
    int64_t longest = 0;
    for (size_t i = 0; i < result->read_count; i++) {
        const char *rows = catalog_option(result->reads[i], "number-of-rows");
        const char *rate = catalog_option(result->reads[i], "rows-per-second");
        if (rows != NULL) {
            int64_t per_second = rate != NULL ? strtoll(rate, NULL, 10) : 10000;
            int64_t time =
                strtoll(rows, NULL, 10) * 1000 / (per_second > 0 ? per_second : 1);
            longest = time > longest ? time : longest;
        }
    }
    return longest;
}

static bool is_bounded(const struct submission *s, const struct sql_result *result)
{
    const char *mode = value_cstr(
        value_dict_get(s->properties, "sql.tables.scan.bounded.mode"), "unbounded");
    return s->snapshot || result->bounded || !str_ieq(mode, "unbounded");
}

/* When a statement that reads what `result` tells is done; 0: never by itself. */
static int64_t finish_time(const struct submission *s, const struct sql_result *result)
{
    if (!is_bounded(s, result)) {
        return 0;
    }
    return s->snapshot ? 1 : sandbox_now(s->sandbox) + faker_time(result);
}

static bool topic_is_missing(struct submission *s, const struct sql_result *result)
{
    if (s->sandbox->fault.topic_missing <= 0 || s->dry_run) {
        return false;
    }
    for (size_t i = 0; i < result->read_count; i++) {
        if (result->reads[i]->kind == SQL_TABLE_TABLE) {
            s->sandbox->fault.topic_missing--;
            submit_refuse(s,
                          "The table '%s' was found, but its Kafka topic does not "
                          "exist; this may be due to delayed deletion or eventual "
                          "consistency, so try again later",
                          result->reads[i]->name);
            return true;
        }
    }
    return false;
}

/* The first upsert key as JSON array of positions, for a changelog; else NULL. */
static const char *upsert_columns(struct submission *s, const struct sql_result *result)
{
    struct buf out = BUF_INIT;
    const char *text = NULL;
    if (result->upsert_key_count > 0 && result->upsert_keys[0].count > 0) {
        const struct sql_key *key = &result->upsert_keys[0];
        buf_addc(&out, '[');
        for (size_t i = 0; i < key->count; i++) {
            buf_addf(&out, "%s%zu", i > 0 ? "," : "", key->columns[i]);
        }
        buf_addc(&out, ']');
        text = arena_strdup(s->arena, buf_str(&out));
    }
    buf_fini(&out);
    return text;
}

/* A window's rows are told by both of its ends; one alone makes a growing aggregate. */
static void warn_windows(struct submission *s, const struct sql_query *query)
{
    bool start = false;
    bool end = false;
    if (query->kind != SQL_QUERY_SELECT || query->select->from == NULL ||
        query->select->from->kind != SQL_FROM_FUNCTION || !query->select->grouped) {
        return;
    }
    for (size_t g = 0; g < query->select->group_count; g++) {
        const struct sql_expr_list *list = &query->select->groups[g].exprs;
        for (size_t i = 0; i < list->count; i++) {
            const struct sql_name *name = &list->items[i]->name;
            const char *last = name->count > 0 ? name->parts[name->count - 1].text : "";
            start = start || strcmp(last, "window_start") == 0;
            end = end || strcmp(last, "window_end") == 0;
        }
    }
    if (start != end) {
        statement_warn(s->st, s->arena, sandbox_now(s->sandbox), "MODERATE",
                       "MISSING_WINDOW_START_END",
                       "A window aggregation should group by both window_start and "
                       "window_end.");
    }
}

int submit_select(struct submission *s)
{
    struct statement *st = s->st;
    if (submit_reads_information(s->tree->query)) {
        return submit_information(s);
    }
    int rc = submit_infer(s, st->sql, strlen(st->sql), &s->result);
    if (rc != 0) {
        return rc;
    }
    if (topic_is_missing(s, &s->result)) {
        return 1;
    }
    warn_windows(s, s->tree->query);
    submit_result_schema(s, &s->result);
    st->bounded = is_bounded(s, &s->result);
    st->append_only = s->snapshot || s->result.changes == 0 || s->result.insert_only;
    st->upsert = st->append_only ? NULL : upsert_columns(s, &s->result);
    st->finish_at = finish_time(s, &s->result);
    st->source = STATEMENT_SOURCE_STREAM;
    if (s->dry_run) {
        return 0;
    }
    return execute_select(s->sandbox, s->arena, st, s->tree->query, &s->result,
                          s->snapshot, &s->detail, s->err);
}

/* sql.tables.initial-offset-from: the offsets of a statement that was stopped. */
static int read_offsets(struct submission *s, const char **out)
{
    struct statement other;
    const char *name = value_cstr(
        value_dict_get(s->properties, "sql.tables.initial-offset-from"), NULL);
    *out = NULL;
    if (name == NULL) {
        return 0;
    }
    int rc = statement_find(s->sandbox, s->arena, s->st->env, name, &other, s->err);
    if (rc < 0) {
        return -1;
    }
    if (rc == 0 || other.offsets == NULL) {
        return submit_refuse(s,
                             "The statement '%s' that 'sql.tables.initial-offset-from' "
                             "names %s.",
                             name, rc == 0 ? "does not exist" : "has no offsets");
    }
    *out = other.offsets;
    return 0;
}

int submit_write(struct submission *s, const struct catalog_relation *target,
                 const struct sql_ident_list *columns, const struct sql_query *query,
                 const struct sql_result *result)
{
    struct execute_write write = {
        .target = target,
        .columns = columns,
        .query = query,
        .text = submit_text(s, query->at),
        .result = result,
        .finish_at = finish_time(s, result),
        .snapshot = s->snapshot,
    };
    int rc = read_offsets(s, &write.offsets);
    if (rc != 0) {
        return rc;
    }
    if (s->st->relation == 0) {
        s->st->relation = target->id;
    }
    return s->dry_run ? 0
                      : execute_start_write(s->sandbox, s->arena, s->st, &write,
                                            &s->detail, s->err);
}

/* One INSERT INTO, alone or of a statement set. */
static int insert_one(struct submission *s, const struct sql_statement *tree,
                      struct sql_result *result)
{
    struct catalog_relation target;
    bool found = false;
    const char *text = submit_text(s, tree->at);
    const struct sql_insert *insert = tree->insert;

    if (submit_reads_information(insert->query)) {
        return submit_refuse(s, "INSERT INTO statements are not supported for "
                                "INFORMATION_SCHEMA.");
    }
    int rc = submit_load(s, &insert->target, &target, &found);
    if (rc == 0 && !found) {
        rc = submit_refuse_name(s, CATALOG_NO_TABLE, &insert->target);
    }
    if (rc == 0) {
        rc = submit_check_writable(s, &target.name, NULL);
    }
    if (rc != 0) {
        return rc;
    }
    if (target.table.kind == SQL_TABLE_VIEW) {
        return submit_refuse(s, "'%s' is a view and can't be written to.",
                             target.name.name);
    }
    const char *connector = catalog_option(&target.table, "connector");
    if (connector != NULL && strcmp(connector, "faker") == 0) {
        return submit_refuse(s, "Connector 'faker' can only be used as a source. It "
                                "cannot be used as a sink.");
    }
    rc = submit_infer(s, text, strlen(text), result);
    if (rc != 0) {
        return rc;
    }
    return topic_is_missing(s, result)
               ? 1
               : submit_write(s, &target, insert->has_columns ? &insert->columns : NULL,
                              insert->query, result);
}

int submit_insert(struct submission *s)
{
    s->st->source = STATEMENT_SOURCE_NONE;
    int rc = insert_one(s, s->tree, &s->result);
    s->st->append_only = true;
    s->st->bounded = is_bounded(s, &s->result);
    s->st->finish_at = finish_time(s, &s->result);
    return rc;
}

int submit_set(struct submission *s)
{
    bool bounded = true;
    int64_t finish = 1;
    for (size_t i = 0; i < s->tree->child_count; i++) {
        struct sql_result result = {0};
        const struct sql_statement *child = s->tree->children[i];
        if (child->kind != SQL_STATEMENT_INSERT_INTO) {
            return submit_refuse(s,
                                 "Only INSERT INTO is supported in a statement set.");
        }
        int rc = insert_one(s, child, &result);
        if (rc != 0) {
            return rc;
        }
        int64_t own = finish_time(s, &result);
        bounded = bounded && is_bounded(s, &result);
        finish = own == 0 || finish == 0 ? 0 : (own > finish ? own : finish);
    }
    s->st->bounded = bounded;
    s->st->append_only = true;
    s->st->finish_at = finish;
    return 0;
}
