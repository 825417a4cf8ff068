/* Entry of the inference: errors, tables and views, statements. */
#include "config.h"

#include "sql/infer.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/infer_impl.h"
#include "sql/parse.h"

void *infer_error(struct infer *in, struct sql_span at, const char *fmt, ...)
{
    va_list ap;
    if (in->quiet || in->err->code != ERR_NONE) {
        return NULL;
    }
    va_start(ap, fmt);
    err_vset(in->err, ERR_SQL, fmt, ap);
    va_end(ap);
    if (in->text) {
        err_at_offset(in->err, "", in->text, in->len, at.start);
    }
    return NULL;
}

void infer_refuse(struct infer *in, const char *fmt, ...)
{
    va_list ap;
    if (in->plan_error) {
        return;
    }
    va_start(ap, fmt);
    in->plan_error = arena_vprintf(in->arena, fmt, ap);
    va_end(ap);
}

bool infer_enter(struct infer *in, struct sql_span at)
{
    if (in->depth >= INFER_MAX_DEPTH) {
        infer_error(in, at, "statement is nested too deep");
        return false;
    }
    in->depth++;
    return true;
}

void infer_leave(struct infer *in)
{
    in->depth--;
}

static bool same_part(const char *a, const char *b)
{
    return a == b || text_eq(a, b);
}

static bool same_table(const struct sql_table *a, const struct sql_table *b)
{
    return same_part(a->name, b->name) && same_part(a->database, b->database) &&
           same_part(a->catalog, b->catalog);
}

/* Notes that a table is read; its place among those. */
static size_t infer_read(struct infer *in, const struct sql_table *table)
{
    for (size_t i = 0; i < in->read_count; i++) {
        if (same_table(in->reads[i], table)) {
            return i;
        }
    }
    if (in->read_count == in->read_cap) {
        size_t cap = in->read_cap ? in->read_cap * 2 : 4;
        in->reads =
            arena_realloc(in->arena, in->reads, in->read_cap * sizeof *in->reads,
                          cap * sizeof *in->reads);
        in->rels = arena_realloc(in->arena, in->rels, in->read_cap * sizeof *in->rels,
                                 cap * sizeof *in->rels);
        in->read_cap = cap;
    }
    in->rels[in->read_count] = NULL;
    in->reads[in->read_count] = table;
    return in->read_count++;
}

/* The columns of a view whose catalog knows only its query. */
static struct rel *view_rel(struct infer *in, const struct sql_table *table)
{
    struct sql_query *query;
    struct err err = {0};
    struct infer inner = {.arena = in->arena,
                          .catalog = in->catalog,
                          .flags = in->flags,
                          .err = &err,
                          .text = table->query,
                          .len = strlen(table->query),
                          .depth = in->depth + 20};
    struct rel *rel = NULL;
    if (inner.depth < INFER_MAX_DEPTH &&
        sql_parse_query(in->arena, inner.text, inner.len, &query, &err) == 0) {
        rel = infer_query(&inner, query, NULL);
    }
    if (!rel) {
        rel = rel_new(in, 0);
        rel->unknown = true;
    }
    return rel;
}

static void declared_keys(struct infer *in, struct rel *rel,
                          const struct sql_table *table)
{
    rel->keys_known = true;
    for (size_t i = 0; i < table->upsert_key_count; i++) {
        rel_add_key(in, rel, table->upsert_keys[i].columns,
                    table->upsert_keys[i].count);
    }
    if (table->upsert_key_count == 0 && table->primary_key_count > 0) {
        rel_add_key(in, rel, table->primary_key, table->primary_key_count);
    }
}

static struct rel *make_rel(struct infer *in, const struct sql_table *table)
{
    if (table->columns_unknown && table->query) {
        return view_rel(in, table);
    }
    struct rel *rel = rel_new(in, table->column_count);
    struct sql_source *sources =
        arena_array(in->arena, struct sql_source, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        sources[i] = (struct sql_source){table, column->name};
        const struct sql_type *type = column->type;
        if (!type->time_attr && text_eq(table->watermark_column, column->name)) {
            type = sql_type_time_attr(in->arena, type, SQL_TIME_ROWTIME);
        }
        rel->columns[i] = (struct rel_column){.name = column->name,
                                              .type = type,
                                              .sources = &sources[i],
                                              .source_count = 1,
                                              .hidden = column->hidden};
    }
    rel->unknown = table->columns_unknown;
    rel->changes = table->changes;
    if (!rel->changes && !table->columns_unknown) {
        rel->changes =
            table->primary_key_count ? SQL_CHANGES_RETRACT : SQL_CHANGES_APPEND;
    } else if (rel->changes && rel->changes != SQL_CHANGES_APPEND &&
               table->kind != SQL_TABLE_VIEW) {
        rel->changes = SQL_CHANGES_RETRACT;
    }
    rel->bounded = table->bounded;
    declared_keys(in, rel, table);
    return rel;
}

static const char **name_parts(struct infer *in, const struct sql_name *name)
{
    const char **parts = arena_array(in->arena, const char *, name->count + 1);
    for (size_t i = 0; i < name->count; i++) {
        parts[i] = name->parts[i].text;
    }
    return parts;
}

struct nearest_table {
    const char *names[200];
    size_t count;
};

static void note_table(void *arg, const char *name)
{
    struct nearest_table *near = arg;
    if (near->count < 200) {
        near->names[near->count++] = name;
    }
}

static void suggest_table(struct infer *in, const char *word)
{
    struct nearest_table near = {.count = 0};
    for (const struct cte *cte = in->ctes; cte; cte = cte->next) {
        note_table(&near, cte->name);
    }
    if (in->catalog && in->catalog->each_table) {
        in->catalog->each_table(in->catalog->ctx, note_table, &near);
    }
    const char *found = str_nearest(word, near.names, near.count);
    if (found) {
        err_hint(in->err, "did you mean '%s'?", found);
    }
}

const struct sql_table *infer_lookup(struct infer *in, const struct sql_name *name)
{
    struct sql_table *table = arena_new(in->arena, struct sql_table);
    const char **parts = name_parts(in, name);
    int found = 0;
    if (in->catalog && in->catalog->find_table && name->count <= 3) {
        found = in->catalog->find_table(in->catalog->ctx, parts, name->count, table,
                                        in->err);
    }
    if (found < 0) {
        if (in->text) {
            err_at_offset(in->err, "", in->text, in->len, name->at.start);
        }
        return NULL;
    }
    if (found > 0) {
        return table;
    }
    const char *last = parts[name->count - 1];
    if (!(in->flags & SQL_INFER_UNKNOWN_TABLES)) {
        infer_error(in, name->at, "object '%s' not found", last);
        suggest_table(in, last);
        return NULL;
    }
    memset(table, 0, sizeof *table);
    table->name = last;
    table->database = name->count > 1 ? parts[name->count - 2] : NULL;
    table->catalog = name->count > 2 ? parts[0] : NULL;
    if (!table->database && in->catalog) {
        table->database = in->catalog->current_database;
    }
    if (!table->catalog && in->catalog) {
        table->catalog = in->catalog->current_catalog;
    }
    table->columns_unknown = true;
    return table;
}

struct rel *infer_table_rel(struct infer *in, const struct sql_table *table)
{
    size_t at = infer_read(in, table);
    if (!in->rels[at]) {
        struct rel *rel = make_rel(in, table);
        in->rels[at] = rel;
    }
    return in->rels[at];
}

struct rel *infer_table(struct infer *in, const struct sql_name *name)
{
    const struct sql_table *table = infer_lookup(in, name);
    if (!table) {
        return NULL;
    }
    return infer_table_rel(in, table);
}

/* Statements. */

static void publish(struct infer *in, const struct rel *rel, struct sql_result *out)
{
    out->columns = arena_array(in->arena, struct sql_result_column, rel->count + 1);
    out->column_count = rel->count;
    out->columns_known = !rel->unknown;
    for (size_t i = 0; i < rel->count; i++) {
        const struct rel_column *column = &rel->columns[i];
        out->columns[i] =
            (struct sql_result_column){.name = column->name,
                                       .type = column->type,
                                       .hidden = column->hidden,
                                       .sources = column->sources,
                                       .source_count = column->source_count};
    }
    out->changes = rel->changes;
    out->insert_only = rel->changes == SQL_CHANGES_APPEND;
    out->upsert_keys = rel->keys;
    out->upsert_key_count = rel->key_count;
    out->upsert_keys_known = rel->keys_known && rel->changes != 0;
    out->bounded = rel->bounded;
}

/* Upsert keys of the query as positions in the table that it makes. */
static void remap_keys(struct infer *in, const struct sql_table *table,
                       const struct rel *rel, struct sql_result *out)
{
    struct rel *mapped = rel_new(in, 0);
    for (size_t k = 0; rel && k < rel->key_count; k++) {
        size_t columns[64];
        size_t n = 0;
        while (n < rel->keys[k].count && n < 64) {
            const char *name = rel->columns[rel->keys[k].columns[n]].name;
            size_t at = 0;
            while (at < table->column_count &&
                   !text_eq(table->columns[at].name, name)) {
                at++;
            }
            if (at == table->column_count) {
                break;
            }
            columns[n++] = at;
        }
        if (n == rel->keys[k].count) {
            rel_add_key(in, mapped, columns, n);
        }
    }
    out->upsert_keys = mapped->keys;
    out->upsert_key_count = mapped->key_count;
}

static void publish_table(struct infer *in, const struct sql_table *table,
                          const struct rel *rel, struct sql_result *out)
{
    if (rel) {
        publish(in, rel, out);
    }
    struct sql_result_column *columns =
        arena_array(in->arena, struct sql_result_column, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++) {
        columns[i].name = table->columns[i].name;
        columns[i].type = table->columns[i].type;
        columns[i].kind = table->columns[i].kind;
        columns[i].hidden = table->columns[i].hidden;
        for (size_t k = 0; rel && k < rel->count; k++) {
            size_t at = (i + k) % rel->count;
            if (text_eq(rel->columns[at].name, columns[i].name)) {
                columns[i].sources = rel->columns[at].sources;
                columns[i].source_count = rel->columns[at].source_count;
                break;
            }
        }
    }
    remap_keys(in, table, rel, out);
    out->columns = columns;
    out->column_count = table->column_count;
    out->columns_known = !table->columns_unknown;
    out->created = table;
}

static int infer_children(struct infer *in, const struct sql_statement *statement,
                          struct sql_result *out);

static int infer_statement(struct infer *in, const struct sql_statement *statement,
                           struct sql_result *out)
{
    struct rel *rel = NULL;
    const struct sql_table *table = NULL;
    switch (statement->kind) {
    case SQL_STATEMENT_SELECT:
        rel = infer_query(in, statement->query, NULL);
        if (rel) {
            rel_unique_names(in, rel);
            publish(in, rel, out);
        }
        return rel ? 0 : -1;
    case SQL_STATEMENT_INSERT_INTO:
        rel = infer_insert(in, statement->insert, &out->target);
        if (rel) {
            publish(in, rel, out);
        }
        return rel ? 0 : -1;
    case SQL_STATEMENT_CREATE_TABLE:
    case SQL_STATEMENT_CREATE_TABLE_AS:
    case SQL_STATEMENT_CREATE_MATERIALIZED_TABLE:
    case SQL_STATEMENT_CREATE_OR_ALTER_MATERIALIZED_TABLE:
        table = infer_table_def(in, statement->table, &rel);
        break;
    case SQL_STATEMENT_CREATE_VIEW:
        table = infer_view_def(in, statement->view, &rel);
        break;
    case SQL_STATEMENT_EXPLAIN:
    case SQL_STATEMENT_EXECUTE:
    case SQL_STATEMENT_STATEMENT_SET:
        return infer_children(in, statement, out);
    default:
        return 0;
    }
    if (table) {
        publish_table(in, table, rel, out);
    }
    return table ? 0 : -1;
}

static int infer_children(struct infer *in, const struct sql_statement *statement,
                          struct sql_result *out)
{
    for (size_t i = 0; i < statement->child_count; i++) {
        struct sql_result one = {0};
        if (infer_statement(in, statement->children[i], &one) < 0) {
            return -1;
        }
        if (statement->child_count == 1) {
            *out = one;
        }
    }
    return 0;
}

int sql_infer_statement(struct arena *arena, const struct sql_statement *statement,
                        const char *text, size_t len,
                        const struct sql_infer_options *options, struct sql_result *out,
                        struct err *err)
{
    struct infer in = {.arena = arena,
                       .catalog = options ? options->catalog : NULL,
                       .flags = options ? options->flags : 0,
                       .text = text,
                       .len = len,
                       .err = err};
    memset(out, 0, sizeof *out);
    if (err->code != ERR_NONE) {
        return -1;
    }
    int result = infer_statement(&in, statement, out);
    out->problem = statement->problem;
    out->reads = in.reads;
    out->read_count = in.read_count;
    out->plan_error = in.plan_error;
    return result;
}

int sql_infer(struct arena *arena, const char *text, size_t len,
              const struct sql_infer_options *options, struct sql_result *out,
              struct err *err)
{
    struct sql_statement *statement;
    memset(out, 0, sizeof *out);
    if (sql_parse(arena, text, len, &statement, err) < 0) {
        return -1;
    }
    return sql_infer_statement(arena, statement, text, len, options, out, err);
}
