#include "config.h"

#include "sql/parser.h"

/* SELECT, VALUES, TABLE, WITH, set operations, ORDER BY and LIMIT. */

static void raise(uint16_t *height, uint16_t below)
{
    if (below >= *height) {
        *height = (uint16_t)(below + 1);
    }
}

static void raise_expr(uint16_t *height, const struct sql_expr *expr)
{
    if (expr != NULL) {
        raise(height, expr->height);
    }
}

static struct sql_query *close_query(struct parser *p, struct sql_query *query)
{
    query->at = sql_p_span(p, query->at.start);
    if (query->height > 1000) {
        sql_p_doubt(p, "the query is too long", NULL);
    }
    return query;
}

static struct sql_query *new_query(struct parser *p, enum sql_query_kind kind,
                                   uint32_t start)
{
    struct sql_query *query = arena_new(p->arena, struct sql_query);

    query->kind = kind;
    query->at.start = query->at.end = start;
    return query;
}

bool sql_p_starts_query(const struct parser *p, size_t ahead)
{
    switch (sql_p_code(p, ahead)) {
    case KW_SELECT:
    case KW_VALUES:
    case KW_WITH:
        return true;
    case KW_TABLE:
    case KW_VALUE:
        return sql_p_is_ident(p, ahead + 1) || sql_p_code(p, ahead + 1) == '(';
    default:
        return false;
    }
}

bool sql_p_opens_query(const struct parser *p)
{
    size_t ahead = 0;

    while (sql_p_code(p, ahead) == '(') {
        ahead++;
    }
    return sql_p_starts_query(p, ahead);
}

bool sql_p_at_query_tail(const struct parser *p)
{
    switch (sql_p_code(p, 0)) {
    case KW_UNION:
    case KW_INTERSECT:
    case KW_EXCEPT:
    case KW_MINUS:
    case KW_ORDER:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_FETCH:
        return true;
    default:
        return false;
    }
}

/* SELECT. */

static void hint_args(struct parser *p, struct sql_hint *hint)
{
    size_t values = 0;

    while (!sql_p_is(p, ')')) {
        struct sql_ident key = {.at.start = sql_p_start(p)};
        const char *value = NULL;

        if (sql_p_is(p, T_STRING)) {
            key.text = sql_p_string(p, NULL);
            key.quoted = true;
        } else if (sql_p_is_ident(p, 0)) {
            key = sql_p_ident(p);
        } else {
            key.text = sql_p_upper(p, 0);
            sql_p_take(p);
        }
        key.at = sql_p_span(p, key.at.start);
        if (sql_p_accept(p, '=')) {
            value = sql_p_string(p, NULL);
        }
        *SQL_P_PUSH(p, hint->keys, hint->count) = key;
        *SQL_P_PUSH(p, hint->values, values) = value;
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
    sql_p_expect(p, ')');
}

struct sql_hint_list sql_p_hints(struct parser *p)
{
    struct sql_hint_list list = {0};

    if (!sql_p_accept(p, T_HINT)) {
        return list;
    }
    do {
        struct sql_hint hint = {.at.start = sql_p_start(p)};

        hint.name = sql_p_ident(p);
        if (sql_p_accept(p, '(')) {
            hint_args(p, &hint);
        }
        hint.at = sql_p_span(p, hint.at.start);
        *SQL_P_PUSH(p, list.items, list.count) = hint;
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, SQL_P_HINT_END);
    return list;
}

static struct sql_ident item_alias(struct parser *p)
{
    struct sql_ident alias = {0};
    const struct code_token *token;
    bool as = sql_p_is(p, KW_AS);

    if (as && sql_p_code(p, 1) >= KEYWORD_BASE && !sql_p_is_ident(p, 1)) {
        sql_p_take(p);
        token = sql_p_at(p, 0);
        sql_p_note(p, "a reserved word can't be a name",
                   arena_printf(p->arena,
                                "%s is a reserved word: as a name it is "
                                "written `%.*s`",
                                sql_keyword_text(token->code),
                                (int)(token->end - token->start),
                                p->text + token->start));
        p->tokens[p->pos].role = ROLE_NAME;
        alias.at = (struct sql_span){token->start, token->end};
        alias.text = sql_p_source(p, alias.at);
        sql_p_take(p);
        return alias;
    }
    return sql_p_alias(p);
}

struct sql_select_item *sql_p_items(struct parser *p, size_t *count)
{
    struct sql_select_item *items = NULL;

    *count = 0;
    do {
        struct sql_select_item item = {0};

        item.expr = sql_p_is(p, '*') ? sql_p_star(p) : sql_p_expr(p);
        item.alias = item_alias(p);
        *SQL_P_PUSH(p, items, *count) = item;
    } while (sql_p_accept(p, ','));
    return items;
}

static struct sql_group group_element(struct parser *p);

static void group_children(struct parser *p, struct sql_group *group)
{
    sql_p_expect(p, '(');
    while (!sql_p_is(p, ')')) {
        struct sql_group child = group_element(p);

        *SQL_P_PUSH(p, group->children, group->child_count) = child;
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
    sql_p_expect(p, ')');
}

/* (a, b) counts as one element; (a) + 1 is an expression. */
static void group_exprs(struct parser *p, struct sql_group *group)
{
    struct sql_expr *expr;

    if (sql_p_accept2(p, '(', ')')) {
        group->parentheses = true;
        return;
    }
    expr = sql_p_expr(p);
    if (expr->kind == SQL_EXPR_ROW && !expr->explicit) {
        group->parentheses = true;
        group->exprs.items = expr->args;
        group->exprs.count = expr->arg_count;
        return;
    }
    group->parentheses = expr->parentheses;
    *SQL_P_PUSH(p, group->exprs.items, group->exprs.count) = expr;
}

static struct sql_group group_element(struct parser *p)
{
    struct sql_group group = {.at.start = sql_p_start(p)};

    if (sql_p_enter(p)) {
        if (sql_p_accept2(p, KW_GROUPING, KW_SETS)) {
            group.kind = SQL_GROUP_SETS;
        } else if (sql_p_is(p, KW_ROLLUP) && sql_p_code(p, 1) == '(') {
            group.kind = SQL_GROUP_ROLLUP;
            sql_p_take(p);
        } else if (sql_p_is(p, KW_CUBE) && sql_p_code(p, 1) == '(') {
            group.kind = SQL_GROUP_CUBE;
            sql_p_take(p);
        }
        if (group.kind == SQL_GROUP_EXPRS) {
            group_exprs(p, &group);
        } else {
            group_children(p, &group);
        }
    }
    sql_p_leave(p);
    group.at = sql_p_span(p, group.at.start);
    return group;
}

static void group_by(struct parser *p, struct sql_select *select)
{
    if (!sql_p_accept(p, KW_GROUP)) {
        return;
    }
    sql_p_expect(p, KW_BY);
    select->grouped = true;
    select->group_distinct = sql_p_accept(p, KW_DISTINCT);
    if (!select->group_distinct) {
        sql_p_accept(p, KW_ALL);
    }
    do {
        struct sql_group group = group_element(p);

        *SQL_P_PUSH(p, select->groups, select->group_count) = group;
    } while (sql_p_accept(p, ','));
}

static void windows(struct parser *p, struct sql_select *select)
{
    if (!sql_p_accept(p, KW_WINDOW)) {
        return;
    }
    do {
        struct sql_window window = {0};

        window.name = sql_p_ident(p);
        sql_p_expect(p, KW_AS);
        sql_p_window(p, &window);
        *SQL_P_PUSH(p, select->windows, select->window_count) = window;
    } while (sql_p_accept(p, ','));
}

static void select_height(struct sql_query *query)
{
    const struct sql_select *select = query->select;

    for (size_t i = 0; i < select->item_count; i++) {
        raise_expr(&query->height, select->items[i].expr);
    }
    if (select->from != NULL) {
        raise(&query->height, select->from->height);
    }
    raise_expr(&query->height, select->where);
    raise_expr(&query->height, select->having);
    raise_expr(&query->height, select->qualify);
    for (size_t i = 0; i < select->group_count; i++) {
        for (size_t j = 0; j < select->groups[i].exprs.count; j++) {
            raise_expr(&query->height, select->groups[i].exprs.items[j]);
        }
    }
}

/* What takes a FROM before it. */
static void select_clauses(struct parser *p, struct sql_select *select)
{
    if (sql_p_accept(p, KW_WHERE)) {
        select->where = sql_p_expr(p);
    }
    group_by(p, select);
    if (sql_p_accept(p, KW_HAVING)) {
        select->having = sql_p_expr(p);
    }
    windows(p, select);
    if (sql_p_accept(p, KW_QUALIFY)) {
        select->qualify = sql_p_expr(p);
    }
    windows(p, select);
}

static struct sql_query *select_query(struct parser *p)
{
    struct sql_query *query = new_query(p, SQL_QUERY_SELECT, sql_p_start(p));
    struct sql_select *select = arena_new(p->arena, struct sql_select);

    query->select = select;
    sql_p_take(p);
    select->hints = sql_p_hints(p);
    if (sql_p_is(p, KW_STREAM) && sql_p_code(p, 1) != '(') {
        select->stream = true;
        sql_p_take(p);
    }
    select->distinct = sql_p_accept(p, KW_DISTINCT);
    select->all = !select->distinct && sql_p_accept(p, KW_ALL);
    select->items = sql_p_items(p, &select->item_count);
    if (sql_p_accept(p, KW_FROM)) {
        select->from = sql_p_from(p);
    }
    if (select->from != NULL) {
        select_clauses(p, select);
    }
    select_height(query);
    return close_query(p, query);
}

static struct sql_query *values_query(struct parser *p)
{
    struct sql_query *query = new_query(p, SQL_QUERY_VALUES, sql_p_start(p));

    sql_p_take(p);
    query->rows = sql_p_expr_list(p);
    for (size_t i = 0; i < query->rows.count; i++) {
        raise_expr(&query->height, query->rows.items[i]);
    }
    return close_query(p, query);
}

static struct sql_query *table_query(struct parser *p)
{
    struct sql_query *query = new_query(p, SQL_QUERY_TABLE, sql_p_start(p));

    sql_p_take(p);
    query->table = sql_p_name(p);
    return close_query(p, query);
}

/* One input of a set operation. */
static struct sql_query *term(struct parser *p)
{
    struct sql_query *query;

    switch (sql_p_code(p, 0)) {
    case KW_SELECT:
        return select_query(p);
    case KW_VALUES:
    case KW_VALUE:
        return values_query(p);
    case KW_TABLE:
        return table_query(p);
    case '(':
        sql_p_take(p);
        query = sql_p_query(p);
        sql_p_expect(p, ')');
        query->parentheses = true;
        return query;
    default:
        sql_p_fail(p, "SELECT, VALUES, WITH or a query in parentheses");
        return new_query(p, SQL_QUERY_VALUES, sql_p_start(p));
    }
}

/* A set operator at the parser and how tightly it binds; 0 when there is none. */
static int set_operator(const struct parser *p, enum sql_set_op *op)
{
    switch (sql_p_code(p, 0)) {
    case KW_UNION:
        *op = SQL_UNION;
        return 1;
    case KW_EXCEPT:
    case KW_MINUS:
        *op = SQL_EXCEPT;
        return 1;
    case KW_INTERSECT:
        *op = SQL_INTERSECT;
        return 2;
    default:
        return 0;
    }
}

static struct sql_query *set_query(struct parser *p, struct sql_query *left, int min);

static struct sql_query *set_operand(struct parser *p, int bind)
{
    return set_query(p, term(p), bind + 1);
}

static void add_input(struct parser *p, struct sql_query *query,
                      struct sql_query *input)
{
    raise(&query->height, input->height);
    *SQL_P_PUSH(p, query->inputs, query->input_count) = input;
}

static struct sql_query *set_query(struct parser *p, struct sql_query *left, int min)
{
    enum sql_set_op op = SQL_UNION;
    int bind = set_operator(p, &op);

    while (bind >= min && bind > 0) {
        bool all;

        if (sql_p_is(p, KW_MINUS)) {
            sql_p_note(p, "MINUS is not an operator of Flink SQL", "write EXCEPT");
        }
        sql_p_take(p);
        all = sql_p_accept(p, KW_ALL);
        if (!all) {
            sql_p_accept(p, KW_DISTINCT);
        }
        if (left->kind != SQL_QUERY_SET || left->parentheses || left->set_op != op ||
            left->set_all != all || left->order_by.count > 0 || left->limit != NULL) {
            struct sql_query *set = new_query(p, SQL_QUERY_SET, left->at.start);

            set->set_op = op;
            set->set_all = all;
            add_input(p, set, left);
            left = set;
        }
        add_input(p, left, set_operand(p, bind));
        close_query(p, left);
        bind = set_operator(p, &op);
    }
    return left;
}

static struct sql_expr *count_expr(struct parser *p)
{
    int code = sql_p_code(p, 0);

    if (code != T_INTEGER && code != T_DECIMAL && code != T_APPROXIMATE &&
        code != '?') {
        sql_p_fail(p, "a number");
    }
    return sql_p_primary(p);
}

static void accept_rows(struct parser *p)
{
    if (!sql_p_accept(p, KW_ROWS)) {
        sql_p_accept(p, KW_ROW);
    }
}

static void limit(struct parser *p, struct sql_query *query)
{
    sql_p_take(p);
    if (sql_p_accept(p, KW_ALL)) {
        return;
    }
    query->limit = count_expr(p);
    if (sql_p_is(p, ',')) {
        sql_p_note(p, "LIMIT takes one number in Flink SQL", "write LIMIT n OFFSET m");
        sql_p_take(p);
        query->offset = query->limit;
        query->limit = count_expr(p);
    }
}

static void offset(struct parser *p, struct sql_query *query)
{
    sql_p_take(p);
    query->offset = count_expr(p);
    accept_rows(p);
    if (sql_p_is(p, KW_LIMIT)) {
        sql_p_note(p, "LIMIT comes before OFFSET in Flink SQL", NULL);
        limit(p, query);
    }
}

static void fetch(struct parser *p, struct sql_query *query)
{
    sql_p_take(p);
    if (!sql_p_accept(p, KW_FIRST)) {
        sql_p_expect(p, KW_NEXT);
    }
    query->limit = count_expr(p);
    accept_rows(p);
    sql_p_expect(p, KW_ONLY);
}

static void order_and_limit(struct parser *p, struct sql_query *query)
{
    if (sql_p_accept(p, KW_ORDER)) {
        sql_p_expect(p, KW_BY);
        query->order_by = sql_p_order_list(p);
        for (size_t i = 0; i < query->order_by.count; i++) {
            raise_expr(&query->height, query->order_by.items[i].expr);
        }
    }
    if (sql_p_is(p, KW_LIMIT)) {
        limit(p, query);
    }
    if (sql_p_is(p, KW_OFFSET)) {
        offset(p, query);
    }
    if (sql_p_is(p, KW_FETCH)) {
        fetch(p, query);
    }
}

static bool has_own_clauses(const struct sql_query *query)
{
    return query->cte_count > 0 || query->order_by.count > 0 || query->limit != NULL ||
           query->offset != NULL;
}

/* `query` so that clauses can be added to it. */
static struct sql_query *open_query(struct parser *p, struct sql_query *query,
                                    uint32_t start)
{
    struct sql_query *outer;

    if (!query->parentheses || !has_own_clauses(query)) {
        query->parentheses = false;
        query->at.start = start;
        return query;
    }
    outer = new_query(p, SQL_QUERY_NESTED, start);
    add_input(p, outer, query);
    return outer;
}

static struct sql_query *tail(struct parser *p, struct sql_query *query, uint32_t start)
{
    query = set_query(p, query, 1);
    if (sql_p_at_query_tail(p)) {
        query = open_query(p, query, start);
        order_and_limit(p, query);
    } else if (query->parentheses) {
        return query;
    }
    return close_query(p, query);
}

struct sql_query *sql_p_query_tail(struct parser *p, struct sql_query *query)
{
    return tail(p, query, query->at.start);
}

static void with(struct parser *p, struct sql_query *out)
{
    sql_p_take(p);
    out->recursive = sql_p_accept(p, KW_RECURSIVE);
    do {
        struct sql_cte cte = {.at.start = sql_p_start(p)};

        cte.name = sql_p_ident(p);
        if (sql_p_is(p, '(')) {
            cte.columns = sql_p_idents(p);
        }
        sql_p_expect(p, KW_AS);
        sql_p_expect(p, '(');
        cte.query = sql_p_query(p);
        sql_p_expect(p, ')');
        cte.at = sql_p_span(p, cte.at.start);
        raise(&out->height, cte.query->height);
        *SQL_P_PUSH(p, out->ctes, out->cte_count) = cte;
    } while (sql_p_accept(p, ','));
}

static struct sql_query *query(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_query *result;
    struct sql_query ctes = {0};

    if (!sql_p_is(p, KW_WITH)) {
        return tail(p, term(p), start);
    }
    with(p, &ctes);
    result = open_query(p, tail(p, term(p), start), start);
    result->ctes = ctes.ctes;
    result->cte_count = ctes.cte_count;
    result->recursive = ctes.recursive;
    raise(&result->height, ctes.height);
    return close_query(p, result);
}

struct sql_query *sql_p_query(struct parser *p)
{
    struct sql_query *result;
    bool in_query = p->in_query;

    p->in_query = true;
    if (sql_p_enter(p)) {
        result = query(p);
    } else {
        result = new_query(p, SQL_QUERY_VALUES, sql_p_start(p));
    }
    sql_p_leave(p);
    p->in_query = in_query;
    return result;
}
