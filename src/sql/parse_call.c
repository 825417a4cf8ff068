#include "config.h"

#include "sql/parser.h"

#include <string.h>

#include "base/str.h"

/* Calls of functions with the usual list of arguments, and what follows them. */

struct sql_expr_list sql_p_expr_list(struct parser *p)
{
    struct sql_expr_list list = {0};

    do {
        struct sql_expr *expr = sql_p_expr(p);

        *SQL_P_PUSH(p, list.items, list.count) = expr;
    } while (sql_p_accept(p, ','));
    return list;
}

static struct sql_order order_item(struct parser *p)
{
    struct sql_order order = {.expr = sql_p_expr(p)};

    if (sql_p_accept(p, KW_DESC)) {
        order.descending = true;
    } else {
        sql_p_accept(p, KW_ASC);
    }
    if (sql_p_accept(p, KW_NULLS)) {
        if (sql_p_accept(p, KW_FIRST)) {
            order.nulls = SQL_NULLS_FIRST;
        } else {
            sql_p_expect(p, KW_LAST);
            order.nulls = SQL_NULLS_LAST;
        }
    }
    return order;
}

struct sql_order_list sql_p_order_list(struct parser *p)
{
    struct sql_order_list list = {0};

    do {
        struct sql_order order = order_item(p);

        *SQL_P_PUSH(p, list.items, list.count) = order;
    } while (sql_p_accept(p, ','));
    return list;
}

/* Windows. */

static struct sql_bound bound(struct parser *p)
{
    struct sql_bound bound = {0};

    if (sql_p_accept2(p, KW_CURRENT, KW_ROW)) {
        bound.kind = SQL_BOUND_CURRENT_ROW;
        return bound;
    }
    if (sql_p_accept(p, KW_UNBOUNDED)) {
        bound.kind = sql_p_is(p, KW_FOLLOWING) ? SQL_BOUND_UNBOUNDED_FOLLOWING
                                               : SQL_BOUND_UNBOUNDED_PRECEDING;
    } else {
        bound.offset = sql_p_expr(p);
        bound.kind =
            sql_p_is(p, KW_FOLLOWING) ? SQL_BOUND_FOLLOWING : SQL_BOUND_PRECEDING;
    }
    if (!sql_p_accept(p, KW_FOLLOWING)) {
        sql_p_expect(p, KW_PRECEDING);
    }
    return bound;
}

static void frame(struct parser *p, struct sql_window *window)
{
    if (sql_p_accept(p, KW_ROWS)) {
        window->unit = SQL_FRAME_ROWS;
    } else if (sql_p_accept(p, KW_RANGE)) {
        window->unit = SQL_FRAME_RANGE;
    } else {
        return;
    }
    if (sql_p_accept(p, KW_BETWEEN)) {
        window->lower = bound(p);
        sql_p_expect(p, KW_AND);
        window->upper = bound(p);
    } else {
        window->lower = bound(p);
    }
    if (sql_p_accept(p, KW_EXCLUDE)) {
        if (sql_p_accept2(p, KW_CURRENT, KW_ROW) || sql_p_accept(p, KW_GROUP) ||
            sql_p_accept_text(p, "TIES")) {
            return;
        }
        sql_p_expect(p, KW_NO);
        sql_p_accept_text(p, "OTHERS");
    }
}

static bool at_window_clause(const struct parser *p)
{
    return sql_p_is(p, KW_PARTITION) || sql_p_is(p, KW_ORDER) || sql_p_is(p, KW_ROWS) ||
           sql_p_is(p, KW_RANGE);
}

struct sql_window *sql_p_window(struct parser *p, struct sql_window *window)
{
    window->at.start = sql_p_start(p);
    sql_p_expect(p, '(');
    if (!sql_p_is(p, ')') && !at_window_clause(p)) {
        window->base = sql_p_ident(p);
    }
    if (sql_p_accept2(p, KW_PARTITION, KW_BY)) {
        window->partition_by = sql_p_expr_list(p);
    }
    if (sql_p_accept2(p, KW_ORDER, KW_BY)) {
        window->order_by = sql_p_order_list(p);
    }
    frame(p, window);
    if (sql_p_accept_text(p, "ALLOW")) {
        sql_p_accept_text(p, "PARTIAL");
    } else if (sql_p_is_text(p, 0, "DISALLOW")) {
        sql_p_take(p);
        sql_p_accept_text(p, "PARTIAL");
    }
    sql_p_expect(p, ')');
    window->at = sql_p_span(p, window->at.start);
    return window;
}

static struct sql_window *over(struct parser *p)
{
    struct sql_window *window = arena_new(p->arena, struct sql_window);

    if (sql_p_is(p, '(')) {
        return sql_p_window(p, window);
    }
    window->at.start = sql_p_start(p);
    window->bare = true;
    window->base = sql_p_ident(p);
    window->at = sql_p_span(p, window->at.start);
    return window;
}

/* Arguments. */

/* PARTITION BY x | (x, y), ORDER BY x | (x, y DESC) of a table argument. */
static void table_arg_clauses(struct parser *p, struct sql_table_arg *arg)
{
    if (sql_p_accept2(p, KW_PARTITION, KW_BY) ||
        sql_p_accept2(p, KW_DISTRIBUTE, KW_BY)) {
        arg->partitioned = true;
        if (sql_p_accept(p, '(')) {
            if (!sql_p_is(p, ')')) {
                arg->partition_by = sql_p_expr_list(p);
            }
            sql_p_expect(p, ')');
        } else {
            struct sql_expr *expr = sql_p_expr(p);

            *SQL_P_PUSH(p, arg->partition_by.items, arg->partition_by.count) = expr;
        }
    }
    if (sql_p_accept2(p, KW_ORDER, KW_BY)) {
        if (sql_p_accept(p, '(')) {
            arg->order_by = sql_p_order_list(p);
            sql_p_expect(p, ')');
        } else {
            struct sql_order order = order_item(p);

            *SQL_P_PUSH(p, arg->order_by.items, arg->order_by.count) = order;
        }
    }
}

static struct sql_expr *table_arg(struct parser *p, struct sql_from *input,
                                  uint32_t start)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_TABLE_ARG, start);

    expr->table_arg = arena_new(p->arena, struct sql_table_arg);
    expr->table_arg->input = input;
    expr->height = input->height;
    table_arg_clauses(p, expr->table_arg);
    return sql_p_close(p, expr);
}

/* TABLE t or TABLE(query), with its clauses. */
static struct sql_expr *table_word_arg(struct parser *p)
{
    struct sql_from *input = arena_new(p->arena, struct sql_from);
    uint32_t start = sql_p_start(p);

    sql_p_take(p);
    input->at.start = sql_p_start(p);
    if (sql_p_accept(p, '(')) {
        input->kind = SQL_FROM_QUERY;
        input->query = sql_p_query(p);
        sql_p_expect(p, ')');
    } else {
        input->kind = SQL_FROM_TABLE;
        input->table = sql_p_name(p);
        if (sql_p_accept(p, KW_AS)) {
            input->alias = sql_p_ident(p);
        }
    }
    input->at = sql_p_span(p, input->at.start);
    sql_p_close_from(p, input);
    return table_arg(p, input, start);
}

/* A query in parentheses, as table argument when clauses follow it. */
static struct sql_expr *query_arg(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_inner inner = sql_p_inner(p);
    struct sql_from *input;

    if (inner.query == NULL) {
        return inner.expr;
    }
    if (!sql_p_is(p, KW_PARTITION) && !sql_p_is(p, KW_DISTRIBUTE) &&
        !(sql_p_is(p, KW_ORDER) && inner.query->parentheses)) {
        return sql_p_scalar(p, inner.query);
    }
    input = arena_new(p->arena, struct sql_from);
    input->kind = SQL_FROM_QUERY;
    input->query = inner.query;
    input->at = sql_p_span(p, start);
    sql_p_close_from(p, input);
    return table_arg(p, input, start);
}

static struct sql_expr *keyword_arg(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_KEYWORD, sql_p_start(p));

    expr->text = sql_p_upper(p, 0);
    expr->text_len = strlen(expr->text);
    sql_p_take(p);
    return sql_p_close(p, expr);
}

/* HOUR, SECOND … alone: reserved words that name a unit. */
static bool at_unit_arg(const struct parser *p)
{
    int next = sql_p_code(p, 1);

    if (next != ',' && next != ')') {
        return false;
    }
    switch (sql_p_code(p, 0)) {
    case KW_YEAR:
    case KW_MONTH:
    case KW_DAY:
    case KW_HOUR:
    case KW_MINUTE:
    case KW_SECOND:
        return true;
    default:
        return false;
    }
}

static struct sql_expr *model_arg(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_MODEL_ARG, sql_p_start(p));

    sql_p_take(p);
    expr->name = sql_p_name(p);
    return sql_p_close(p, expr);
}

static struct sql_expr *plain_arg(struct parser *p)
{
    if (sql_p_is(p, KW_MODEL) && sql_p_is_ident(p, 1)) {
        return model_arg(p);
    }
    if (sql_p_is(p, KW_TABLE)) {
        return table_word_arg(p);
    }
    if (at_unit_arg(p)) {
        return keyword_arg(p);
    }
    if (sql_p_is(p, '(') || sql_p_starts_query(p, 0)) {
        return query_arg(p);
    }
    return sql_p_expr(p);
}

static struct sql_expr *argument(struct parser *p)
{
    struct sql_expr *expr;

    if (sql_p_is(p, '*')) {
        return sql_p_star(p);
    }
    if (!sql_p_is_word(p, 0) || sql_p_code(p, 1) != SQL_P_ARROW) {
        return plain_arg(p);
    }
    expr = sql_p_expr_new(p, SQL_EXPR_NAMED_ARG, sql_p_start(p));
    expr->name = sql_p_name(p);
    sql_p_expect(p, SQL_P_ARROW);
    sql_p_arg(p, expr, plain_arg(p));
    return sql_p_close(p, expr);
}

static bool nulls_treatment(struct parser *p, struct sql_call *call)
{
    if (sql_p_accept2(p, KW_IGNORE, KW_NULLS)) {
        call->nulls = SQL_IGNORE_NULLS;
    } else if (sql_p_accept2(p, KW_RESPECT, KW_NULLS)) {
        call->nulls = SQL_RESPECT_NULLS;
    } else {
        return false;
    }
    return true;
}

/* From the opening parenthesis to the closing one. */
static void arguments(struct parser *p, struct sql_expr *expr)
{
    struct sql_call *call = expr->call;

    sql_p_expect(p, '(');
    call->distinct = sql_p_accept(p, KW_DISTINCT);
    if (call->distinct && sql_p_is(p, '*')) {
        sql_p_fail(p, "an expression");
    }
    call->all = !call->distinct && sql_p_accept(p, KW_ALL);
    if (!sql_p_is(p, ')') || call->distinct) {
        do {
            sql_p_arg(p, expr, argument(p));
        } while (sql_p_accept(p, ','));
    }
    nulls_treatment(p, call);
    if (sql_p_accept2(p, KW_ORDER, KW_BY)) {
        call->order_by = sql_p_order_list(p);
    }
    nulls_treatment(p, call);
    sql_p_expect(p, ')');
}

/* What may follow the closing parenthesis of a call. */
static void call_tail(struct parser *p, struct sql_call *call)
{
    if (sql_p_accept2(p, KW_WITHIN, KW_GROUP)) {
        sql_p_expect(p, '(');
        sql_p_expect(p, KW_ORDER);
        sql_p_expect(p, KW_BY);
        call->within_group = sql_p_order_list(p);
        sql_p_expect(p, ')');
    } else if (sql_p_accept2(p, KW_WITHIN, KW_DISTINCT)) {
        sql_p_expect(p, '(');
        call->within_distinct = sql_p_expr_list(p);
        sql_p_expect(p, ')');
    }
    nulls_treatment(p, call);
    if (sql_p_is(p, KW_FILTER) && sql_p_code(p, 1) == '(') {
        sql_p_take(p);
        sql_p_take(p);
        sql_p_expect(p, KW_WHERE);
        call->filter = sql_p_expr(p);
        sql_p_expect(p, ')');
    }
    nulls_treatment(p, call);
    if (sql_p_accept(p, KW_OVER)) {
        call->over = over(p);
    }
}

static void raise(uint16_t *height, const struct sql_expr *expr)
{
    if (expr != NULL && expr->height >= *height) {
        *height = (uint16_t)(expr->height + 1);
    }
}

/* Heights of what hangs at a call beside its arguments. */
static void call_height(struct sql_expr *expr)
{
    const struct sql_call *call = expr->call;
    const struct sql_order_list *orders[] = {
        &call->order_by, &call->within_group,
        call->over == NULL ? NULL : &call->over->order_by};

    raise(&expr->height, call->filter);
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        for (size_t j = 0; orders[i] != NULL && j < orders[i]->count; j++) {
            raise(&expr->height, orders[i]->items[j].expr);
        }
    }
    for (size_t i = 0; call->over != NULL && i < call->over->partition_by.count; i++) {
        raise(&expr->height, call->over->partition_by.items[i]);
    }
}

struct sql_expr *sql_p_call_end(struct parser *p, struct sql_expr *expr)
{
    call_tail(p, expr->call);
    call_height(expr);
    return sql_p_close(p, expr);
}

struct sql_expr *sql_p_call_new(struct parser *p, struct sql_name name, uint32_t start)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_CALL, start);

    expr->name = name;
    expr->call = arena_new(p->arena, struct sql_call);
    return expr;
}

static bool takes_unit_first(const struct sql_name *name)
{
    static const char *const functions[] = {"TIMESTAMPADD", "TIMESTAMPDIFF"};

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (name->count == 1 && str_ieq(name->parts[0].text, functions[i])) {
            return true;
        }
    }
    return false;
}

struct sql_expr *sql_p_call(struct parser *p, struct sql_name name, uint32_t start)
{
    struct sql_expr *expr = sql_p_call_new(p, name, start);

    if (takes_unit_first(&name) && sql_p_is_word(p, 1) && sql_p_code(p, 2) == ',') {
        sql_p_take(p);
        sql_p_arg(p, expr, keyword_arg(p));
        while (sql_p_accept(p, ',')) {
            sql_p_arg(p, expr, sql_p_expr(p));
        }
        sql_p_expect(p, ')');
    } else {
        arguments(p, expr);
    }
    return sql_p_call_end(p, expr);
}
