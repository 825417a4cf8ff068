#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/parse.h"

const struct sql_type *xlate_type(struct xlate *x, enum sql_type_root root)
{
    bool timestamp = root == SQL_TYPE_TIMESTAMP || root == SQL_TYPE_TIMESTAMP_LTZ;
    int precision = timestamp ? 3 : 0;
    if (root == SQL_TYPE_VARCHAR || root == SQL_TYPE_VARBINARY) {
        precision = SQL_TYPE_MAX_LENGTH;
    }
    return sql_type_new(x->arena, root, precision, 0, true);
}

/* A CTE as a subquery, translated where it stands. */
static int from_cte(struct xlate *x, const struct xcte *cte, struct xrel *rel,
                    struct buf *out)
{
    const struct xcte *saved = x->ctes;
    struct xquery query;
    x->ctes = cte->next;
    int rc = xlate_query(x, cte->query, NULL, &query);
    x->ctes = saved;
    if (rc != 0) {
        return -1;
    }
    for (size_t i = 0; i < cte->columns->count && i < query.count; i++) {
        query.columns[i].name = cte->columns->items[i].text;
    }
    rel->columns = query.columns;
    rel->count = query.count;
    buf_addf(out, "(%s)", query.sql);
    return 0;
}

static const struct xcte *find_cte(const struct xlate *x, const struct sql_name *name)
{
    if (name->count != 1) {
        return NULL;
    }
    for (const struct xcte *cte = x->ctes; cte != NULL; cte = cte->next) {
        if (strcmp(cte->name, name->parts[0].text) == 0) {
            return cte;
        }
    }
    return NULL;
}

static int from_table(struct xlate *x, const struct sql_from *from,
                      struct xscope *scope, struct buf *out)
{
    const char *name = from->alias.text != NULL
                           ? from->alias.text
                           : from->table.parts[from->table.count - 1].text;
    struct xrel *rel = xscope_add(x, scope, name);
    const struct xcte *cte = find_cte(x, &from->table);
    rel->as_of = cte == NULL ? from->system_time : NULL;
    int rc = cte != NULL          ? from_cte(x, cte, rel, out)
             : rel->as_of != NULL ? xlate_versions(x, &from->table, rel, out)
                                  : xlate_relation(x, &from->table, rel, out);
    buf_addf(out, " AS f%d", rel->number);
    return rc;
}

static int from_query(struct xlate *x, const struct sql_from *from,
                      struct xscope *scope, struct buf *out)
{
    struct xquery query;
    struct xrel *rel = xscope_add(x, scope, from->alias.text);
    if (from->lateral) {
        return xlate_fail(x, "LATERAL subqueries");
    }
    if (xlate_query(x, from->query, scope->outer, &query) != 0) {
        return -1;
    }
    rel->columns = query.columns;
    rel->count = query.count;
    buf_addf(out, "(%s) AS f%d", query.sql, rel->number);
    return 0;
}

/* CROSS JOIN UNNEST(array): json_each() */
static int from_unnest(struct xlate *x, const struct sql_from *from,
                       struct xscope *scope, struct buf *out)
{
    struct xscope left = *scope;
    const struct sql_type *type = NULL;
    struct xrel *rel = xscope_add(x, scope, from->alias.text);
    if (from->exprs.count != 1) {
        return xlate_fail(x, "UNNEST of several arrays");
    }
    buf_adds(out, "json_each(");
    if (xlate_expr(x, &left, from->exprs.items[0], out, &type) != 0) {
        return -1;
    }
    buf_addf(out, ") AS f%d", rel->number);
    const struct sql_type *item = type != NULL ? type->element : NULL;
    bool row = item != NULL && item->root == SQL_TYPE_ROW;
    bool map = type != NULL && type->root == SQL_TYPE_MAP;
    size_t fields = row ? item->field_count : map ? 2 : 1;
    const char **exprs = arena_array(x->arena, const char *, fields + 1);
    rel->columns = arena_array(x->arena, struct xcolumn, fields + 1);
    for (size_t i = 0; i < fields; i++) {
        exprs[i] = row || map
                       ? arena_printf(x->arena, "json_extract(f%d.value,'$[%zu]')",
                                      rel->number, i)
                       : arena_printf(x->arena, "f%d.value", rel->number);
        rel->columns[i].name = row ? item->fields[i].name : "EXPR$0";
        rel->columns[i].type = row ? item->fields[i].type : item;
    }
    rel->count = fields;
    if (from->with_ordinality) {
        exprs[fields] = arena_printf(x->arena, "(f%d.key+1)", rel->number);
        rel->columns[rel->count++].name = "ORDINALITY";
    }
    rel->exprs = exprs;
    rel->no_moment = true;
    return 0;
}

static void rename_columns(const struct sql_from *from, struct xscope *scope)
{
    struct xrel *rel = scope->rels[scope->count - 1];
    size_t at = 0;
    for (size_t i = 0; i < rel->count && at < from->columns.count; i++) {
        if (!rel->columns[i].hidden) {
            rel->columns[i].name = from->columns.items[at++].text;
        }
    }
}

static const char *join_word(enum sql_join_kind kind)
{
    switch (kind) {
    case SQL_JOIN_COMMA:
    case SQL_JOIN_CROSS:
        return " CROSS JOIN ";
    case SQL_JOIN_INNER:
        return " JOIN ";
    case SQL_JOIN_LEFT:
        return " LEFT JOIN ";
    case SQL_JOIN_RIGHT:
        return " RIGHT JOIN ";
    case SQL_JOIN_FULL:
        return " FULL JOIN ";
    default:
        return NULL;
    }
}

static int find_in(const struct xlate *x, const struct xscope *scope, size_t first,
                   size_t last, const char *name, const char **sql)
{
    for (size_t r = first; r < last; r++) {
        const struct xrel *rel = scope->rels[r];
        for (size_t i = 0; i < rel->count; i++) {
            if (strcmp(rel->columns[i].name, name) == 0) {
                *sql = rel->exprs != NULL
                           ? rel->exprs[i]
                           : arena_printf(x->arena, "f%d.c%zu", rel->number, i);
                rel->columns[i].hidden = rel->columns[i].hidden || first > 0;
                return 0;
            }
        }
    }
    return -1;
}

/* One column of USING or NATURAL: equal on both sides, once in `*`. */
static int add_equal(struct xlate *x, const struct xscope *scope, size_t middle,
                     const char *name, bool first, struct buf *out)
{
    const char *left;
    const char *right;
    if (find_in(x, scope, 0, middle, name, &left) != 0 ||
        find_in(x, scope, middle, scope->count, name, &right) != 0) {
        return xlate_fail(x, "USING (%s)", name);
    }
    buf_addf(out, "%s%s = %s", first ? " ON " : " AND ", left, right);
    return 0;
}

static int add_using(struct xlate *x, const struct sql_from *from,
                     const struct xscope *scope, size_t middle, struct buf *out)
{
    for (size_t i = 0; i < from->using_columns.count; i++) {
        if (add_equal(x, scope, middle, from->using_columns.items[i].text, i == 0,
                      out) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether a relation on the left has a column of that name. */
static bool has_column(const struct xscope *scope, size_t last, const char *name)
{
    for (size_t r = 0; r < last; r++) {
        for (size_t i = 0; i < scope->rels[r]->count; i++) {
            const struct xcolumn *column = &scope->rels[r]->columns[i];
            if (!column->hidden && strcmp(column->name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static int add_natural(struct xlate *x, const struct xscope *scope, size_t middle,
                       struct buf *out)
{
    bool first = true;
    for (size_t r = middle; r < scope->count; r++) {
        for (size_t i = 0; i < scope->rels[r]->count; i++) {
            const struct xcolumn *column = &scope->rels[r]->columns[i];
            if (column->hidden || !has_column(scope, middle, column->name)) {
                continue;
            }
            if (add_equal(x, scope, middle, column->name, first, out) != 0) {
                return -1;
            }
            first = false;
        }
    }
    return 0;
}

/* FOR SYSTEM_TIME AS OF: the version that holds at the time. */
static int add_as_of(struct xlate *x, const struct xscope *scope, size_t middle,
                     struct buf *out)
{
    for (size_t r = middle; r < scope->count; r++) {
        const struct xrel *rel = scope->rels[r];
        const char *time;
        if (rel->as_of == NULL) {
            continue;
        }
        if (xlate_sub(x, scope, rel->as_of, &time, NULL) != 0) {
            return -1;
        }
        buf_addf(out, " AND f%d.v <= %s AND (f%d.w IS NULL OR %s < f%d.w)", rel->number,
                 time, rel->number, time, rel->number);
    }
    return 0;
}

static int from_join(struct xlate *x, const struct sql_from *from, struct xscope *scope,
                     struct buf *out)
{
    const char *word = join_word(from->join);
    if (word == NULL) {
        return xlate_fail(x, "this kind of join");
    }
    if (xlate_from(x, from->left, scope, out) != 0) {
        return -1;
    }
    size_t middle = scope->count;
    buf_adds(out, word);
    bool nested = from->right->kind == SQL_FROM_JOIN;
    buf_adds(out, nested ? "(" : "");
    if (xlate_from(x, from->right, scope, out) != 0) {
        return -1;
    }
    buf_adds(out, nested ? ")" : "");
    if (from->natural) {
        return add_natural(x, scope, middle, out);
    }
    if (from->has_using) {
        return add_using(x, from, scope, middle, out);
    }
    if (from->on != NULL) {
        buf_adds(out, " ON ");
        if (xlate_expr(x, scope, from->on, out, NULL) != 0) {
            return -1;
        }
        return add_as_of(x, scope, middle, out);
    }
    return 0;
}

static int from_function(struct xlate *x, const struct sql_from *from,
                         struct xscope *scope, struct buf *out)
{
    struct xrel *rel = xscope_add(x, scope, from->alias.text);
    if (xlate_window(x, from->call, scope, rel, out) != 0) {
        return -1;
    }
    buf_addf(out, " AS f%d", rel->number);
    return 0;
}

int xlate_from(struct xlate *x, const struct sql_from *from, struct xscope *scope,
               struct buf *out)
{
    int rc;
    if (++x->depth > EXECUTE_MAX_DEPTH) {
        return xlate_fail(x, "the query is nested too deeply");
    }
    switch (from->kind) {
    case SQL_FROM_TABLE:
        rc = from_table(x, from, scope, out);
        break;
    case SQL_FROM_QUERY:
        rc = from_query(x, from, scope, out);
        break;
    case SQL_FROM_JOIN:
        rc = from_join(x, from, scope, out);
        break;
    case SQL_FROM_UNNEST:
        rc = from_unnest(x, from, scope, out);
        break;
    case SQL_FROM_FUNCTION:
        rc = from_function(x, from, scope, out);
        break;
    default:
        rc = xlate_fail(x, "MATCH_RECOGNIZE");
        break;
    }
    if (rc == 0 && from->columns.count > 0) {
        rename_columns(from, scope);
    }
    x->depth--;
    return rc;
}
