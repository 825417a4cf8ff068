/* INSERT INTO: the query against the sink. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* Columns that can be written, in order. */
struct sink {
    const struct sql_table *table;
    const struct sql_column **columns;
    size_t count;
};

static void sink_of(struct infer *in, const struct sql_table *table, struct sink *out)
{
    out->table = table;
    out->columns =
        arena_array(in->arena, const struct sql_column *, table->column_count + 1);
    out->count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->kind == SQL_COLUMN_COMPUTED || column->is_virtual ||
            column->hidden) {
            continue;
        }
        out->columns[out->count++] = column;
    }
}

/* "[a: INT, b: STRING]" */
static const char *schema_text(struct infer *in, const struct rel *rel,
                               const struct sink *sink)
{
    const char *text = "[";
    size_t count = rel ? rel->count : sink->count;
    for (size_t i = 0; i < count && i < 200; i++) {
        const struct sql_type *type =
            rel ? rel->columns[i].type : sink->columns[i]->type;
        text =
            arena_printf(in->arena, "%s%s%s: %s", text, i ? ", " : "",
                         rel ? rel->columns[i].name : sink->columns[i]->name,
                         sql_type_text(in->arena, type, SQL_TYPE_FORM_SUMMARY, true));
    }
    return arena_printf(in->arena, "%s]", text);
}

static const char *path_text(struct infer *in, const struct sql_table *table,
                             const char *quote)
{
    return arena_printf(in->arena, "%s%s%s.%s%s%s.%s%s%s", quote,
                        table->catalog ? table->catalog : "", quote, quote,
                        table->database ? table->database : "", quote, quote,
                        table->name, quote);
}

static void refuse_schema(struct infer *in, const struct rel *rel,
                          const struct sink *sink, const char *cause)
{
    infer_refuse(in,
                 "Column types of query result and sink for '%s' do not match.\n"
                 "Cause: %s\n\nQuery schema: %s\nSink schema:  %s",
                 path_text(in, sink->table, ""), cause, schema_text(in, rel, sink),
                 schema_text(in, NULL, sink));
}

static void check_sink(struct infer *in, const struct rel *rel, const struct sink *sink)
{
    if (rel->unknown || sink->table->columns_unknown) {
        return;
    }
    if (rel->count != sink->count) {
        refuse_schema(in, rel, sink, "Different number of columns.");
        return;
    }
    for (size_t i = 0; i < rel->count; i++) {
        if (!sql_type_assignable(rel->columns[i].type, sink->columns[i]->type)) {
            refuse_schema(in, rel, sink,
                          arena_printf(in->arena,
                                       "Incompatible types for sink column '%s' at "
                                       "position %zu.",
                                       sink->columns[i]->name, i));
            return;
        }
    }
    if (sink->table->changes == SQL_CHANGES_APPEND && rel->changes &&
        rel->changes != SQL_CHANGES_APPEND) {
        infer_refuse(in, "Table sink '%s' doesn't support consuming update%s changes",
                     path_text(in, sink->table, ""),
                     rel->changes & SQL_CHANGE_DELETE ? " and delete" : "");
    }
}

/* INSERT INTO t (b, a): the query's columns put in the sink's order, NULL for others.
 */
static struct rel *in_sink_order(struct infer *in, const struct sql_insert *insert,
                                 const struct rel *rel, const struct sink *sink)
{
    const struct sql_ident_list *names = &insert->columns;
    if (!rel->unknown && names->count != rel->count) {
        return infer_error(in, insert->target.at,
                           "number of INSERT target columns (%zu) does not equal "
                           "number of source items (%zu)",
                           names->count, rel->count);
    }
    for (size_t n = 0; n < names->count; n++) {
        bool found = sink->table->columns_unknown;
        for (size_t i = 0; i < sink->count && !found; i++) {
            found = text_eq(sink->columns[i]->name, names->items[n].text);
        }
        for (size_t i = 0; i < n; i++) {
            if (text_eq(names->items[i].text, names->items[n].text)) {
                return infer_error(in, names->items[n].at,
                                   "target column '%s' is assigned more than once",
                                   names->items[n].text);
            }
        }
        if (!found) {
            return infer_error(in, names->items[n].at, "unknown target column '%s'",
                               names->items[n].text);
        }
    }
    struct rel *out = rel_new(in, sink->count);
    out->changes = rel->changes;
    out->bounded = rel->bounded;
    out->unknown = rel->unknown;
    out->keys_known = rel->key_count == 0 && rel->keys_known;
    for (size_t i = 0; i < sink->count; i++) {
        size_t n = 0;
        while (n < names->count &&
               !text_eq(names->items[n].text, sink->columns[i]->name)) {
            n++;
        }
        if (n < names->count && n < rel->count) {
            out->columns[i] = rel->columns[n];
            continue;
        }
        if (n == names->count && !sink->columns[i]->type->nullable) {
            return infer_error(in, insert->target.at,
                               "column '%s' has no default value and does not allow "
                               "NULLs",
                               sink->columns[i]->name);
        }
        const struct sql_type *type = sink->columns[i]->type;
        if (type->root == SQL_TYPE_ARRAY) {
            /* The planner's NULL of an array type has elements that are NOT NULL. */
            type = sql_type_array(
                in->arena, sql_type_nullable(in->arena, type->element, false), true);
        }
        out->columns[i].name = arena_printf(in->arena, "EXPR$%zu", i);
        out->columns[i].type = sql_type_time_attr(
            in->arena, sql_type_nullable(in->arena, type, true), SQL_TIME_NONE);
    }
    return out;
}

struct rel *infer_insert(struct infer *in, const struct sql_insert *insert,
                         const struct sql_table **target)
{
    struct sink sink;
    const struct sql_table *table = infer_lookup(in, &insert->target);
    if (!table) {
        return NULL;
    }
    *target = table;
    struct rel *rel = infer_query(in, insert->query, NULL);
    if (!rel) {
        return NULL;
    }
    rel_unique_names(in, rel);
    sink_of(in, table, &sink);
    if (insert->has_columns && !table->columns_unknown) {
        rel = in_sink_order(in, insert, rel, &sink);
    }
    if (rel) {
        check_sink(in, rel, &sink);
    }
    return rel;
}
