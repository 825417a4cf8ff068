#include "config.h"

#include "sql/walk.h"

static void walk_list(const struct sql_visitor *v, const struct sql_expr_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        sql_walk_expr(v, list->items[i]);
    }
}

static void walk_orders(const struct sql_visitor *v, const struct sql_order_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        sql_walk_expr(v, list->items[i].expr);
    }
}

static void walk_window(const struct sql_visitor *v, const struct sql_window *window)
{
    walk_list(v, &window->partition_by);
    walk_orders(v, &window->order_by);
    sql_walk_expr(v, window->lower.offset);
    sql_walk_expr(v, window->upper.offset);
}

static void walk_call(const struct sql_visitor *v, const struct sql_call *call)
{
    walk_orders(v, &call->order_by);
    walk_orders(v, &call->within_group);
    walk_list(v, &call->within_distinct);
    sql_walk_expr(v, call->filter);
    sql_walk_expr(v, call->empty_default);
    sql_walk_expr(v, call->error_default);
    if (call->over != NULL) {
        walk_window(v, call->over);
    }
}

void sql_walk_expr(const struct sql_visitor *visitor, const struct sql_expr *expr)
{
    if (expr == NULL || (visitor->expr != NULL && !visitor->expr(visitor->ctx, expr))) {
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        sql_walk_expr(visitor, expr->args[i]);
    }
    sql_walk_query(visitor, expr->query);
    if (expr->call != NULL) {
        walk_call(visitor, expr->call);
    }
    if (expr->table_arg != NULL) {
        sql_walk_from(visitor, expr->table_arg->input);
        walk_list(visitor, &expr->table_arg->partition_by);
        walk_orders(visitor, &expr->table_arg->order_by);
    }
}

static void walk_groups(const struct sql_visitor *v, const struct sql_group *groups,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        walk_list(v, &groups[i].exprs);
        walk_groups(v, groups[i].children, groups[i].child_count);
    }
}

static void walk_select(const struct sql_visitor *v, const struct sql_select *select)
{
    for (size_t i = 0; i < select->item_count; i++) {
        sql_walk_expr(v, select->items[i].expr);
    }
    sql_walk_from(v, select->from);
    sql_walk_expr(v, select->where);
    walk_groups(v, select->groups, select->group_count);
    sql_walk_expr(v, select->having);
    for (size_t i = 0; i < select->window_count; i++) {
        walk_window(v, &select->windows[i]);
    }
    sql_walk_expr(v, select->qualify);
}

static void walk_ctes(const struct sql_visitor *v, const struct sql_query *query)
{
    for (size_t i = 0; i < query->cte_count; i++) {
        if (v->enter_cte != NULL) {
            v->enter_cte(v->ctx, query, &query->ctes[i]);
        }
        sql_walk_query(v, query->ctes[i].query);
        if (v->leave_cte != NULL) {
            v->leave_cte(v->ctx, query, &query->ctes[i]);
        }
    }
}

void sql_walk_query(const struct sql_visitor *visitor, const struct sql_query *query)
{
    if (query == NULL) {
        return;
    }
    if (visitor->query == NULL || visitor->query(visitor->ctx, query)) {
        walk_ctes(visitor, query);
        if (query->select != NULL) {
            walk_select(visitor, query->select);
        }
        walk_list(visitor, &query->rows);
        for (size_t i = 0; i < query->input_count; i++) {
            sql_walk_query(visitor, query->inputs[i]);
        }
        walk_orders(visitor, &query->order_by);
        sql_walk_expr(visitor, query->limit);
        sql_walk_expr(visitor, query->offset);
    }
    if (visitor->leave_query != NULL) {
        visitor->leave_query(visitor->ctx, query);
    }
}

static void walk_match(const struct sql_visitor *v, const struct sql_match *match)
{
    walk_list(v, &match->partition_by);
    walk_orders(v, &match->order_by);
    for (size_t i = 0; i < match->measure_count; i++) {
        sql_walk_expr(v, match->measures[i].expr);
    }
    sql_walk_expr(v, match->within);
    for (size_t i = 0; i < match->define_count; i++) {
        sql_walk_expr(v, match->defines[i].expr);
    }
}

void sql_walk_from(const struct sql_visitor *visitor, const struct sql_from *from)
{
    if (from == NULL || (visitor->from != NULL && !visitor->from(visitor->ctx, from))) {
        return;
    }
    sql_walk_from(visitor, from->left);
    sql_walk_from(visitor, from->right);
    sql_walk_query(visitor, from->query);
    sql_walk_expr(visitor, from->call);
    walk_list(visitor, &from->exprs);
    sql_walk_expr(visitor, from->system_time);
    sql_walk_expr(visitor, from->on);
    if (from->match != NULL) {
        walk_match(visitor, from->match);
    }
}

static void walk_table_def(const struct sql_visitor *v, const struct sql_table_def *def)
{
    for (size_t i = 0; i < def->column_count; i++) {
        sql_walk_expr(v, def->columns[i].expr);
    }
    for (size_t i = 0; i < def->watermark_count; i++) {
        sql_walk_expr(v, def->watermarks[i].expr);
    }
    sql_walk_query(v, def->query);
}

void sql_walk_statement(const struct sql_visitor *visitor,
                        const struct sql_statement *statement)
{
    sql_walk_query(visitor, statement->query);
    if (statement->insert != NULL) {
        sql_walk_query(visitor, statement->insert->query);
    }
    if (statement->table != NULL) {
        walk_table_def(visitor, statement->table);
    }
    if (statement->view != NULL) {
        sql_walk_query(visitor, statement->view->query);
    }
    if (statement->alter != NULL) {
        if (statement->alter->elements != NULL) {
            walk_table_def(visitor, statement->alter->elements);
        } else {
            sql_walk_query(visitor, statement->alter->query);
        }
    }
    for (size_t i = 0; i < statement->child_count; i++) {
        sql_walk_statement(visitor, statement->children[i]);
    }
}
