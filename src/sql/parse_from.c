#include "config.h"

#include "sql/parser.h"

/* What stands in FROM. */

static void raise(uint16_t *height, uint16_t below)
{
    if (below >= *height) {
        *height = (uint16_t)(below + 1);
    }
}

void sql_p_close_from(struct parser *p, struct sql_from *from)
{
    if (from->query != NULL) {
        raise(&from->height, from->query->height);
    }
    if (from->call != NULL) {
        raise(&from->height, from->call->height);
    }
    if (from->left != NULL) {
        raise(&from->height, from->left->height);
    }
    if (from->right != NULL) {
        raise(&from->height, from->right->height);
    }
    if (from->on != NULL) {
        raise(&from->height, from->on->height);
    }
    for (size_t i = 0; i < from->exprs.count; i++) {
        raise(&from->height, from->exprs.items[i]->height);
    }
    if (from->height > 1000) {
        sql_p_doubt(p, "the query is too long", NULL);
    }
    from->at = sql_p_span(p, from->at.start);
}

static struct sql_from *new_from(struct parser *p, enum sql_from_kind kind,
                                 uint32_t start)
{
    struct sql_from *from = arena_new(p->arena, struct sql_from);

    from->kind = kind;
    from->at.start = from->at.end = start;
    return from;
}

/* [AS] alias [(columns)] */
static void from_alias(struct parser *p, struct sql_from *from)
{
    if (sql_p_is(p, KW_AS) || sql_p_is_ident(p, 0)) {
        from->alias = sql_p_alias(p);
        if (sql_p_is(p, '(')) {
            from->columns = sql_p_idents(p);
        }
    }
}

/* The text of a clause that ends with a parenthesis, and with another one perhaps. */
static const char *opaque_clause(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    size_t depth = 0;

    while (!sql_p_is(p, T_END) && !sql_p_is(p, '(')) {
        sql_p_take(p);
    }
    do {
        if (sql_p_is(p, '(')) {
            depth++;
        } else if (sql_p_is(p, ')')) {
            depth--;
        }
        sql_p_take(p);
    } while (depth > 0 && !sql_p_is(p, T_END));
    return sql_p_source(p, sql_p_span(p, start));
}

static void samples(struct parser *p, struct sql_from *from)
{
    if (sql_p_is(p, KW_TABLESAMPLE)) {
        from->sample = opaque_clause(p);
        if (sql_p_is_text(p, 0, "REPEATABLE")) {
            opaque_clause(p);
        }
    }
}

static void pivots(struct parser *p, struct sql_from *from)
{
    if ((sql_p_is(p, KW_PIVOT) || sql_p_is(p, KW_UNPIVOT))) {
        from->pivot = opaque_clause(p);
    }
}

static struct sql_from *match(struct parser *p, struct sql_from *input)
{
    struct sql_from *from = new_from(p, SQL_FROM_MATCH, input->at.start);

    sql_p_take(p);
    from->left = input;
    from->match = arena_new(p->arena, struct sql_match);
    sql_p_match(p, from->match);
    from_alias(p, from);
    sql_p_close_from(p, from);
    return from;
}

/* Everything that may follow a table or a subquery. */
static struct sql_from *table_tail(struct parser *p, struct sql_from *from)
{
    pivots(p, from);
    if (!sql_p_is(p, KW_MATCH_RECOGNIZE)) {
        from_alias(p, from);
        pivots(p, from);
    }
    sql_p_close_from(p, from);
    if (sql_p_is(p, KW_MATCH_RECOGNIZE)) {
        return match(p, from);
    }
    samples(p, from);
    sql_p_close_from(p, from);
    return from;
}

static struct sql_from *function(struct parser *p, struct sql_from *from)
{
    from->kind = SQL_FROM_FUNCTION;
    from->call = sql_p_primary(p);
    if (from->call->kind != SQL_EXPR_CALL) {
        sql_p_fail(p, "a function");
    }
    if (from->table_keyword) {
        sql_p_expect(p, ')');
    }
    from_alias(p, from);
    sql_p_close_from(p, from);
    return from;
}

static struct sql_from *named(struct parser *p, struct sql_from *from)
{
    size_t ahead = 1;

    while (sql_p_code(p, ahead) == '.') {
        ahead += 2;
    }
    if (sql_p_code(p, ahead) == '(') {
        return function(p, from);
    }
    from->table = sql_p_name(p);
    from->hints = sql_p_hints(p);
    if (sql_p_is(p, KW_FOR)) {
        sql_p_take(p);
        if (!sql_p_accept(p, KW_SYSTEM_TIME)) {
            sql_p_expect(p, KW_SYSTEM_TIME);
        }
        sql_p_expect(p, KW_AS);
        sql_p_expect(p, KW_OF);
        from->system_time = sql_p_expr(p);
        raise(&from->height, from->system_time->height);
    }
    return table_tail(p, from);
}

static struct sql_from *unnest(struct parser *p, struct sql_from *from)
{
    struct sql_inner inner;

    from->kind = SQL_FROM_UNNEST;
    sql_p_take(p);
    inner = sql_p_parenthesis(p);
    if (inner.query != NULL) {
        inner.expr = sql_p_scalar(p, inner.query);
    }
    if (inner.expr->kind == SQL_EXPR_ROW && !inner.expr->explicit) {
        from->exprs.items = inner.expr->args;
        from->exprs.count = inner.expr->arg_count;
    } else {
        *SQL_P_PUSH(p, from->exprs.items, from->exprs.count) = inner.expr;
    }
    from->with_ordinality = sql_p_accept2(p, KW_WITH, KW_ORDINALITY);
    from_alias(p, from);
    sql_p_close_from(p, from);
    return from;
}

/* A query in parentheses at the parser. */
static struct sql_from *subquery(struct parser *p, struct sql_from *from)
{
    from->kind = SQL_FROM_QUERY;
    sql_p_take(p);
    from->query = sql_p_query(p);
    sql_p_expect(p, ')');
    return table_tail(p, from);
}

/*
 * In parentheses: a query or a join. ((SELECT 1) UNION …) and ((SELECT 1) AS x JOIN …)
 * are told apart by what follows the inner query.
 */
static struct sql_from *parenthesized(struct parser *p, struct sql_from *from)
{
    struct sql_from *inner;

    if (sql_p_starts_query(p, 1)) {
        return subquery(p, from);
    }
    sql_p_take(p);
    inner = sql_p_from(p);
    if (inner->kind == SQL_FROM_QUERY && inner->alias.text == NULL &&
        inner->left == NULL && !inner->lateral) {
        from->kind = SQL_FROM_QUERY;
        inner->query->parentheses = true;
        from->query = inner->query;
        if (sql_p_at_query_tail(p)) {
            from->query = sql_p_query_tail(p, from->query);
        }
        sql_p_expect(p, ')');
        return table_tail(p, from);
    }
    sql_p_expect(p, ')');
    if (inner->kind != SQL_FROM_JOIN) {
        sql_p_note(p, "parentheses in FROM take a query or a join", NULL);
    } else if (sql_p_is(p, KW_AS) || sql_p_is_ident(p, 0)) {
        sql_p_note(p, "a join in parentheses takes no alias", NULL);
        from_alias(p, inner);
    }
    inner->parentheses = true;
    inner->at = sql_p_span(p, from->at.start);
    return inner;
}

static struct sql_from *table_primary(struct parser *p)
{
    struct sql_from *from = new_from(p, SQL_FROM_TABLE, sql_p_start(p));

    from->lateral = sql_p_accept(p, KW_LATERAL);
    switch (sql_p_code(p, 0)) {
    case '(':
        return from->lateral ? subquery(p, from) : parenthesized(p, from);
    case KW_UNNEST:
        return unnest(p, from);
    case KW_TABLE:
        sql_p_take(p);
        sql_p_expect(p, '(');
        sql_p_accept_text(p, "SPECIFIC");
        from->table_keyword = true;
        return function(p, from);
    default:
        break;
    }
    if (!sql_p_is_ident(p, 0)) {
        sql_p_fail(p, "a table, a query in parentheses, TABLE(…), LATERAL or UNNEST");
        return from;
    }
    return named(p, from);
}

struct sql_from *sql_p_table_primary(struct parser *p)
{
    struct sql_from *from;

    if (sql_p_enter(p)) {
        from = table_primary(p);
    } else {
        from = new_from(p, SQL_FROM_TABLE, sql_p_start(p));
    }
    sql_p_leave(p);
    return from;
}

static bool outer_join(struct parser *p, int code)
{
    if (!sql_p_accept(p, code)) {
        return false;
    }
    sql_p_accept(p, KW_OUTER);
    return true;
}

/* Takes the words of a join; false when there is none. */
static bool join_words(struct parser *p, struct sql_from *join)
{
    if (sql_p_accept(p, ',')) {
        join->join = SQL_JOIN_COMMA;
        return true;
    }
    join->join = SQL_JOIN_INNER;
    join->natural = sql_p_accept(p, KW_NATURAL);
    if (sql_p_accept(p, KW_CROSS)) {
        join->join = SQL_JOIN_CROSS;
    } else if (outer_join(p, KW_LEFT)) {
        join->join = SQL_JOIN_LEFT;
    } else if (outer_join(p, KW_RIGHT)) {
        join->join = SQL_JOIN_RIGHT;
    } else if (outer_join(p, KW_FULL)) {
        join->join = SQL_JOIN_FULL;
    } else if (!sql_p_accept(p, KW_INNER) && !join->natural && !sql_p_is(p, KW_JOIN)) {
        return false;
    }
    sql_p_expect(p, KW_JOIN);
    return true;
}

struct sql_from *sql_p_from(struct parser *p)
{
    struct sql_from *left = sql_p_table_primary(p);

    for (;;) {
        struct sql_from words = {0};
        struct sql_from *join;

        if (!join_words(p, &words)) {
            return left;
        }
        join = new_from(p, SQL_FROM_JOIN, left->at.start);
        join->join = words.join;
        join->natural = words.natural;
        join->left = left;
        join->right = sql_p_table_primary(p);
        if (join->join != SQL_JOIN_COMMA && sql_p_accept(p, KW_ON)) {
            join->on = sql_p_expr(p);
        } else if (join->join != SQL_JOIN_COMMA && sql_p_accept(p, KW_USING)) {
            join->has_using = true;
            join->using_columns = sql_p_idents(p);
        }
        sql_p_close_from(p, join);
        left = join;
    }
}
