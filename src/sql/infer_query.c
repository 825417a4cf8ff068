/* Queries: WITH, VALUES, set operations, ORDER BY and LIMIT. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

static const char *const SET_NAMES[] = {"UNION", "INTERSECT", "EXCEPT"};

/* Gives the columns of a relation other names. */
static struct rel *renamed(struct infer *in, struct rel *rel,
                           const struct sql_ident_list *names)
{
    struct rel *copy = arena_new(in->arena, struct rel);
    *copy = *rel;
    copy->sorted = NULL;
    copy->columns = arena_array(in->arena, struct rel_column, rel->count + 1);
    memcpy(copy->columns, rel->columns, rel->count * sizeof *rel->columns);
    for (size_t i = 0; i < rel->count && i < names->count; i++) {
        copy->columns[i].name = names->items[i].text;
    }
    return copy;
}

static int add_cte(struct infer *in, const struct sql_cte *ast, struct scope *parent)
{
    struct cte *cte = arena_new(in->arena, struct cte);
    cte->name = ast->name.text;
    cte->ast = ast;
    cte->rel = infer_query(in, ast->query, parent);
    if (!cte->rel) {
        return -1;
    }
    if (ast->columns.count > 0) {
        if (!cte->rel->unknown && ast->columns.count != cte->rel->count) {
            infer_error(in, ast->name.at,
                        "number of columns must match number of query columns");
            return -1;
        }
        cte->rel = renamed(in, cte->rel, &ast->columns);
    }
    rel_mark_doubles(cte->rel);
    for (size_t i = 0; i < cte->rel->count; i++) {
        if (cte->rel->columns[i].doubled) {
            infer_error(in, ast->name.at,
                        "WITH query has duplicate column name '%s' and no column list",
                        cte->rel->columns[i].name);
            return -1;
        }
    }
    cte->next = in->ctes;
    in->ctes = cte;
    return 0;
}

/* WITH RECURSIVE: the first branch of the union gives names and types. */
static int add_recursive(struct infer *in, const struct sql_cte *ast,
                         struct scope *parent)
{
    const struct sql_query *query = ast->query;
    if (query->kind != SQL_QUERY_SET || query->input_count < 2) {
        return add_cte(in, ast, parent);
    }
    struct cte *saved = in->ctes;
    struct cte *cte = arena_new(in->arena, struct cte);
    cte->name = ast->name.text;
    cte->ast = ast;
    cte->rel = infer_query(in, query->inputs[0], parent);
    if (!cte->rel) {
        return -1;
    }
    cte->rel = renamed(in, cte->rel, &ast->columns);
    cte->next = saved;
    in->ctes = cte;
    infer_refuse(in, "cannot generate a valid execution plan for a recursive query");
    return infer_query(in, query, parent) ? 0 : -1;
}

static struct rel *infer_values(struct infer *in, const struct sql_query *query,
                                struct scope *parent)
{
    struct scope scope = {.parent = parent};
    struct view view = {.in = in, .scope = &scope, .clause = "VALUES"};
    struct rel *rel = NULL;
    for (size_t r = 0; r < query->rows.count; r++) {
        const struct sql_expr *row = query->rows.items[r];
        bool many = row->kind == SQL_EXPR_ROW;
        size_t width = many ? row->arg_count : 1;
        if (r == 0) {
            rel = rel_new(in, width);
        } else if (width != rel->count) {
            return infer_error(
                in, query->at,
                "values passed to VALUES operator must have compatible types");
        }
        for (size_t i = 0; i < width; i++) {
            const struct sql_type *type = infer_typed(&view, many ? row->args[i] : row);
            if (!type) {
                return NULL;
            }
            struct rel_column *column = &rel->columns[i];
            column->type = r ? sql_type_common(in->arena, column->type, type) : type;
            column->name = r ? column->name : arena_printf(in->arena, "EXPR$%zu", i);
            if (!column->type) {
                return infer_error(
                    in, query->at,
                    "values passed to VALUES operator must have compatible types");
            }
        }
    }
    if (!rel) {
        return infer_error(in, query->at, "VALUES needs a row");
    }
    rel->changes = SQL_CHANGES_APPEND;
    rel->keys_known = true;
    rel->bounded = true;
    return rel;
}

static bool in_key(const struct rel *rel, size_t column)
{
    for (size_t i = 0; rel->key_count > 0 && i < rel->keys[0].count; i++) {
        if (rel->keys[0].columns[i] == column) {
            return true;
        }
    }
    return false;
}

static bool is_one_row(const struct sql_query *query)
{
    return query->kind == SQL_QUERY_VALUES && query->rows.count == 1;
}

/*
 * `distinct`: rows on the left are distinct as they are. What a set operation does to
 * changes and keys, after `rel`'s columns are set.
 */
static void set_changes(struct infer *in, struct rel *rel, const struct rel *a,
                        const struct rel *b, const struct sql_query *query,
                        bool distinct)
{
    rel->key_count = 0;
    rel->keys_known = true;
    rel->bounded = a->bounded && b->bounded;
    if (!a->changes || !b->changes) {
        rel->changes = 0;
    } else if (query->set_op == SQL_UNION && query->set_all) {
        rel->changes = a->changes | b->changes;
        return;
    } else if (query->set_op == SQL_UNION) {
        rel->changes = SQL_CHANGE_INSERT | SQL_CHANGE_UPDATE_BEFORE |
                       SQL_CHANGE_UPDATE_AFTER |
                       ((a->changes | b->changes) & SQL_CHANGE_DELETE);
    } else {
        bool unique = distinct && !query->set_all;
        bool append =
            a->changes == SQL_CHANGES_APPEND && b->changes == SQL_CHANGES_APPEND;
        rel->changes = unique && append && query->set_op == SQL_INTERSECT
                           ? SQL_CHANGES_APPEND
                           : SQL_CHANGES_RETRACT;
        if (unique && a->key_count > 0 && a->keys[0].count < rel->count) {
            return;
        }
        if (unique && a->key_count == 0) {
            return;
        }
    }
    if (!query->set_all) {
        size_t *all = arena_array(in->arena, size_t, rel->count + 1);
        for (size_t i = 0; i < rel->count; i++) {
            all[i] = i;
        }
        rel_add_key(in, rel, all, rel->count);
    }
}

static struct rel *infer_set(struct infer *in, const struct sql_query *query,
                             struct scope *parent)
{
    struct rel *rel = NULL;
    for (size_t q = 0; q < query->input_count; q++) {
        struct rel *input = infer_query(in, query->inputs[q], parent);
        if (!input) {
            return NULL;
        }
        if (q == 0) {
            rel = rel_new(in, input->count);
            memcpy(rel->columns, input->columns, input->count * sizeof *rel->columns);
            rel->unknown = input->unknown;
            rel_copy_changes(rel, input);
            continue;
        }
        if (rel->unknown || input->unknown) {
            rel->unknown = true;
            rel->changes = 0;
            continue;
        }
        if (input->count != rel->count) {
            return infer_error(in, query->inputs[q]->at,
                               "column count mismatch in %s: %zu and %zu",
                               SET_NAMES[query->set_op], rel->count, input->count);
        }
        const struct sql_query *first = query->inputs[0];
        bool keyed = rel->key_count > 0 && !rel->soft_keys;
        bool distinct = q == 1 && (keyed || is_one_row(first));
        for (size_t i = 0; i < rel->count; i++) {
            struct rel_column *column = &rel->columns[i];
            struct sources sources = {0};
            sources_add(in, &sources, column);
            sources_add(in, &sources, &input->columns[i]);
            column->sources = sources.items;
            column->source_count = sources.count;
            column->role = WINDOW_NONE;
            const struct sql_type *type =
                sql_type_common(in->arena, column->type, input->columns[i].type);
            if (!type) {
                return infer_error(in, query->at, "type mismatch in column %zu of %s%s",
                                   i + 1, SET_NAMES[query->set_op],
                                   query->set_all ? " ALL" : "");
            }
            if (column->type->time_attr != input->columns[i].type->time_attr) {
                type = sql_type_time_attr(in->arena, type, SQL_TIME_NONE);
            }
            if (in_key(rel, i) && !sql_type_equal(type, column->type, true)) {
                distinct = false;
            }
            column->type = type;
        }
        const struct rel left = *rel;
        set_changes(in, rel, &left, input, query, distinct);
    }
    return rel;
}

/* ORDER BY of a query that is no SELECT: output columns only. */
static int check_order(struct infer *in, const struct sql_query *query, struct rel *rel,
                       struct scope *parent)
{
    struct scope scope = {.parent = parent};
    scope_add(in, &scope, NULL, NULL, rel);
    struct view view = {.in = in, .scope = &scope, .clause = "ORDER BY"};
    for (size_t i = 0; i < query->order_by.count; i++) {
        if (!infer_expr(&view, query->order_by.items[i].expr)) {
            return -1;
        }
    }
    return 0;
}

/* With LIMIT the keys that hold all columns of ORDER BY stay. */
static void keep_ordered_keys(const struct sql_query *query, struct rel *rel)
{
    size_t kept = 0;
    for (size_t k = 0; k < rel->key_count; k++) {
        size_t hits = 0;
        for (size_t o = 0; o < query->order_by.count; o++) {
            const struct sql_expr *expr = query->order_by.items[o].expr;
            for (size_t c = 0; c < rel->keys[k].count; c++) {
                const char *name = rel->columns[rel->keys[k].columns[c]].name;
                hits += expr->kind == SQL_EXPR_COLUMN && expr->name.count > 0 &&
                        text_eq(expr->name.parts[expr->name.count - 1].text, name);
            }
        }
        if (hits == query->order_by.count) {
            rel->keys[kept++] = rel->keys[k];
        }
    }
    rel->key_count = kept;
}

static void limit_changes(const struct sql_query *query, struct rel *rel)
{
    bool limited = query->limit || query->offset;
    if (!rel->changes || (!limited && query->order_by.count == 0)) {
        return;
    }
    if (query->order_by.count > 0) {
        rel->changes = limited ? SQL_CHANGES_RETRACT : SQL_CHANGES_APPEND;
        if (limited) {
            keep_ordered_keys(query, rel);
        }
    }
}

static struct rel *infer_body(struct infer *in, const struct sql_query *query,
                              struct scope *parent)
{
    struct rel *rel = NULL;
    switch (query->kind) {
    case SQL_QUERY_SELECT:
        return infer_select(in, query, parent);
    case SQL_QUERY_VALUES:
        rel = infer_values(in, query, parent);
        break;
    case SQL_QUERY_TABLE:
        rel = infer_table(in, &query->table);
        break;
    case SQL_QUERY_SET:
        rel = infer_set(in, query, parent);
        break;
    case SQL_QUERY_NESTED:
        rel = infer_query(in, query->inputs[0], parent);
        break;
    }
    if (rel && check_order(in, query, rel, parent) < 0) {
        return NULL;
    }
    return rel;
}

struct rel *infer_query(struct infer *in, const struct sql_query *query,
                        struct scope *parent)
{
    struct cte *saved = in->ctes;
    struct rel *rel = NULL;
    bool failed = false;
    if (!infer_enter(in, query->at)) {
        return NULL;
    }
    for (size_t i = 0; i < query->cte_count && !failed; i++) {
        failed = (query->recursive ? add_recursive(in, &query->ctes[i], parent)
                                   : add_cte(in, &query->ctes[i], parent)) < 0;
    }
    if (!failed) {
        rel = infer_body(in, query, parent);
    }
    if (rel) {
        limit_changes(query, rel);
    }
    in->ctes = saved;
    infer_leave(in);
    return rel;
}
