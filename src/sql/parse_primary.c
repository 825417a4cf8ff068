#include "config.h"

#include "sql/parser.h"

#include <string.h>

/* Parentheses and what they may hold. */

struct sql_expr *sql_p_scalar(struct parser *p, struct sql_query *query)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_SUBQUERY, query->at.start);

    expr->query = query;
    expr->parentheses = true;
    sql_p_close(p, expr);
    expr->at = query->at;
    expr->outer = sql_p_span(p, expr->outer.start);
    return expr;
}

/* `expr` was the first of a list in parentheses. */
static struct sql_expr *row_list(struct parser *p, struct sql_expr *expr)
{
    struct sql_expr *row = sql_p_expr_new(p, SQL_EXPR_ROW, expr->outer.start);

    sql_p_arg(p, row, expr);
    while (sql_p_accept(p, ',')) {
        sql_p_arg(p, row, sql_p_expr(p));
    }
    return sql_p_close(p, row);
}

struct sql_inner sql_p_parenthesis(struct parser *p)
{
    struct sql_inner inner;
    uint32_t start = sql_p_start(p);

    sql_p_expect(p, '(');
    inner = sql_p_inner(p);
    if (sql_p_is(p, ',')) {
        if (inner.query != NULL) {
            inner.expr = sql_p_scalar(p, inner.query);
            inner.query = NULL;
        }
        inner.expr = row_list(p, inner.expr);
    }
    sql_p_expect(p, ')');
    if (inner.query != NULL) {
        inner.query->parentheses = true;
    } else {
        inner.expr->parentheses = true;
        inner.expr->outer = sql_p_span(p, start);
    }
    return inner;
}

/* What began with a parenthesis. */
static struct sql_inner inner_parenthesis(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_inner inner = sql_p_parenthesis(p);

    if (inner.query != NULL && sql_p_at_query_tail(p)) {
        inner.query = sql_p_query_tail(p, inner.query);
    }
    if (inner.query != NULL) {
        if (!sql_p_at_operator(p)) {
            return inner;
        }
        inner.expr = sql_p_scalar(p, inner.query);
        inner.expr->outer = sql_p_span(p, start);
        inner.query = NULL;
    }
    inner.expr = sql_p_operators(p, sql_p_postfix(p, inner.expr), 0);
    return inner;
}

struct sql_inner sql_p_inner(struct parser *p)
{
    struct sql_inner inner = {0};

    if (!sql_p_enter(p)) {
        inner.expr = sql_p_expr_new(p, SQL_EXPR_NULL, sql_p_start(p));
    } else if (sql_p_is(p, '(')) {
        inner = inner_parenthesis(p);
    } else if (sql_p_starts_query(p, 0)) {
        inner.query = sql_p_query(p);
    } else {
        inner.expr = sql_p_expr(p);
    }
    sql_p_leave(p);
    return inner;
}

/* Literals. */

static struct sql_expr *string_literal(struct parser *p, enum sql_expr_kind kind,
                                       uint32_t start)
{
    struct sql_expr *expr = sql_p_expr_new(p, kind, start);

    expr->text = sql_p_string(p, &expr->text_len);
    return sql_p_close(p, expr);
}

static struct sql_expr *token_literal(struct parser *p, enum sql_expr_kind kind)
{
    const struct code_token *token = sql_p_at(p, 0);
    struct sql_expr *expr = sql_p_expr_new(p, kind, token->start);
    size_t skip = kind == SQL_EXPR_BINARY ? 2 : 0;
    size_t tail = kind == SQL_EXPR_BINARY ? 1 : 0;

    if (token->code >= KEYWORD_BASE) {
        expr->text = sql_keyword_text(token->code);
        expr->text_len = strlen(expr->text);
    } else {
        expr->text_len = token->end - token->start - skip - tail;
        expr->text =
            arena_strndup(p->arena, p->text + token->start + skip, expr->text_len);
    }
    sql_p_take(p);
    return sql_p_close(p, expr);
}

/* DATE '…', TIME '…', TIMESTAMP [WITH LOCAL TIME ZONE] '…'; NULL when it is none. */
static struct sql_expr *typed_literal(struct parser *p)
{
    static const struct {
        int code;
        enum sql_expr_kind kind;
    } kinds[] = {{KW_DATE, SQL_EXPR_DATE},
                 {KW_TIME, SQL_EXPR_TIME},
                 {KW_TIMESTAMP, SQL_EXPR_TIMESTAMP}};
    uint32_t start = sql_p_start(p);
    struct sql_expr *expr;

    if (sql_p_is(p, KW_TIMESTAMP) && sql_p_code(p, 1) == KW_WITH) {
        enum sql_zone zone = SQL_ZONE_WITH;

        sql_p_take(p);
        sql_p_take(p);
        if (sql_p_accept(p, KW_LOCAL)) {
            zone = SQL_ZONE_LOCAL;
        }
        sql_p_expect(p, KW_TIME);
        sql_p_expect(p, KW_ZONE);
        expr = string_literal(p, SQL_EXPR_TIMESTAMP, start);
        expr->zone = zone;
        return expr;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_is(p, kinds[i].code) && sql_p_code(p, 1) == T_STRING) {
            sql_p_take(p);
            return string_literal(p, kinds[i].kind, start);
        }
    }
    return NULL;
}

/* Takes a unit; NULL when there is none. */
static const char *unit_of(struct parser *p)
{
    static const struct {
        const char *word;
        const char *unit;
    } units[] = {
        {"YEAR", "YEAR"},        {"YEARS", "YEAR"},     {"QUARTER", "QUARTER"},
        {"QUARTERS", "QUARTER"}, {"MONTH", "MONTH"},    {"MONTHS", "MONTH"},
        {"WEEK", "WEEK"},        {"WEEKS", "WEEK"},     {"DAY", "DAY"},
        {"DAYS", "DAY"},         {"HOUR", "HOUR"},      {"HOURS", "HOUR"},
        {"MINUTE", "MINUTE"},    {"MINUTES", "MINUTE"}, {"SECOND", "SECOND"},
        {"SECONDS", "SECOND"},
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (sql_p_accept_text(p, units[i].word)) {
            return units[i].unit;
        }
    }
    return NULL;
}

static int precision(struct parser *p)
{
    int64_t value;

    if (!sql_p_accept(p, '(')) {
        return -1;
    }
    value = sql_p_integer(p);
    return value > 1000 ? 1000 : (int)value;
}

bool sql_p_unit(struct parser *p, struct sql_interval *out)
{
    out->from_precision = out->to_precision = -1;
    out->from = unit_of(p);
    if (out->from == NULL) {
        sql_p_fail(p,
                   "a unit: YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND");
        return false;
    }
    out->from_precision = precision(p);
    if (out->from_precision >= 0) {
        if (sql_p_accept(p, ',')) {
            out->to_precision = (int)(sql_p_integer(p) % 1000);
        }
        sql_p_expect(p, ')');
    }
    if (sql_p_accept(p, KW_TO)) {
        out->to = unit_of(p);
        if (out->to == NULL) {
            sql_p_fail(p, "a unit");
            return false;
        }
        out->to_precision = precision(p);
        if (out->to_precision >= 0) {
            sql_p_expect(p, ')');
        }
    }
    return true;
}

static struct sql_expr *interval(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_INTERVAL, sql_p_start(p));

    sql_p_take(p);
    expr->negated = sql_p_accept(p, '-');
    if (!expr->negated) {
        sql_p_accept(p, '+');
    }
    if (sql_p_is(p, T_STRING)) {
        expr->text = sql_p_string(p, &expr->text_len);
    } else if (sql_p_is(p, KW_INTERVAL)) {
        sql_p_fail(p, "a string");
    } else {
        sql_p_arg(p, expr, sql_p_primary(p));
    }
    sql_p_unit(p, &expr->interval);
    return sql_p_close(p, expr);
}

/* {d '…'}, {t '…'}, {ts '…'}, {fn f(x)}. */
static struct sql_expr *escape_literal(struct parser *p)
{
    struct sql_expr *expr;
    uint32_t start = sql_p_start(p);

    sql_p_take(p);
    if (sql_p_accept_text(p, "d")) {
        expr = string_literal(p, SQL_EXPR_DATE, start);
    } else if (sql_p_accept_text(p, "t")) {
        expr = string_literal(p, SQL_EXPR_TIME, start);
    } else if (sql_p_accept_text(p, "ts")) {
        expr = string_literal(p, SQL_EXPR_TIMESTAMP, start);
    } else if (sql_p_accept_text(p, "fn")) {
        expr = sql_p_expr(p);
    } else {
        sql_p_fail(p, "d, t, ts or fn");
        return sql_p_expr_new(p, SQL_EXPR_NULL, start);
    }
    sql_p_expect(p, '}');
    return expr;
}

/* Constructors. */

/* ARRAY[…], MAP[…], MULTISET[…], or of a query in parentheses; NULL when it is none. */
static struct sql_expr *collection(struct parser *p)
{
    static const struct {
        int code;
        enum sql_expr_kind kind;
    } kinds[] = {{KW_ARRAY, SQL_EXPR_ARRAY},
                 {KW_MAP, SQL_EXPR_MAP},
                 {KW_MULTISET, SQL_EXPR_MULTISET}};
    struct sql_expr *expr = NULL;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_is(p, kinds[i].code) &&
            (sql_p_code(p, 1) == '[' ||
             (sql_p_code(p, 1) == '(' && sql_p_starts_query(p, 2)))) {
            expr = sql_p_expr_new(p, kinds[i].kind, sql_p_start(p));
            break;
        }
    }
    if (expr == NULL) {
        return NULL;
    }
    sql_p_take(p);
    if (sql_p_accept(p, '[')) {
        if (!sql_p_is(p, ']')) {
            do {
                sql_p_arg(p, expr, sql_p_expr(p));
            } while (sql_p_accept(p, ','));
        }
        sql_p_expect(p, ']');
    } else {
        sql_p_take(p);
        expr->query = sql_p_query(p);
        sql_p_expect(p, ')');
    }
    return sql_p_close(p, expr);
}

static struct sql_expr *row(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_ROW, sql_p_start(p));

    expr->explicit = true;
    sql_p_take(p);
    sql_p_expect(p, '(');
    do {
        struct sql_inner inner = sql_p_inner(p);

        sql_p_arg(p, expr,
                  inner.query != NULL ? sql_p_scalar(p, inner.query) : inner.expr);
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, ')');
    return sql_p_close(p, expr);
}

static struct sql_expr *case_expr(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_CASE, sql_p_start(p));
    size_t branches = 0;

    sql_p_take(p);
    sql_p_arg(p, expr, sql_p_is(p, KW_WHEN) ? NULL : sql_p_expr(p));
    while (sql_p_accept(p, KW_WHEN)) {
        struct sql_expr *when = sql_p_expr(p);

        sql_p_arg(p, expr, sql_p_is(p, ',') ? row_list(p, when) : when);
        sql_p_expect(p, KW_THEN);
        sql_p_arg(p, expr, sql_p_expr(p));
        branches++;
    }
    if (branches == 0) {
        sql_p_fail(p, "WHEN");
    }
    sql_p_arg(p, expr, sql_p_accept(p, KW_ELSE) ? sql_p_expr(p) : NULL);
    sql_p_expect(p, KW_END);
    return sql_p_close(p, expr);
}

static struct sql_expr *query_test(struct parser *p, enum sql_expr_kind kind)
{
    struct sql_expr *expr = sql_p_expr_new(p, kind, sql_p_start(p));
    struct sql_inner inner;

    sql_p_take(p);
    inner = sql_p_parenthesis(p);
    if (inner.query == NULL) {
        sql_p_fail(p, "a query");
    }
    expr->query = inner.query;
    return sql_p_close(p, expr);
}

/* Names: columns, stars, calls. */

static struct sql_expr *named(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_expr *expr;
    struct sql_name name = sql_p_name(p);

    if (sql_p_is(p, '(')) {
        p->tokens[p->pos - 1].role = ROLE_FUNCTION;
        return sql_p_call(p, name, start);
    }
    if (sql_p_accept2(p, '.', '*')) {
        expr = sql_p_expr_new(p, SQL_EXPR_STAR, start);
    } else {
        expr = sql_p_expr_new(p, SQL_EXPR_COLUMN, start);
    }
    expr->name = name;
    return sql_p_close(p, expr);
}

static struct sql_expr *simple(struct parser *p, enum sql_expr_kind kind)
{
    struct sql_expr *expr = sql_p_expr_new(p, kind, sql_p_start(p));

    sql_p_take(p);
    return sql_p_close(p, expr);
}

/* (a - b) DAY: the difference of two times as an interval. */
static struct sql_expr *minus_date(struct parser *p, struct sql_expr *inner)
{
    static const int units[] = {KW_YEAR, KW_MONTH,  KW_DAY,
                                KW_HOUR, KW_MINUTE, KW_SECOND};

    if (inner->kind != SQL_EXPR_OPERATOR || inner->op != SQL_OP_MINUS) {
        return inner;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (sql_p_is(p, units[i])) {
            inner->kind = SQL_EXPR_MINUS_DATE;
            inner->parentheses = false;
            inner->at.start = inner->outer.start;
            sql_p_unit(p, &inner->interval);
            return sql_p_close(p, inner);
        }
    }
    return inner;
}

struct sql_expr *sql_p_star(struct parser *p)
{
    return simple(p, SQL_EXPR_STAR);
}

static struct sql_expr *parenthesized(struct parser *p)
{
    struct sql_inner inner = sql_p_parenthesis(p);

    return inner.query != NULL ? sql_p_scalar(p, inner.query)
                               : minus_date(p, inner.expr);
}

static struct sql_expr *literal(struct parser *p)
{
    switch (sql_p_code(p, 0)) {
    case T_STRING:
        return string_literal(p, SQL_EXPR_STRING, sql_p_start(p));
    case T_BINARY:
        return token_literal(p, SQL_EXPR_BINARY);
    case T_INTEGER:
    case T_DECIMAL:
    case T_APPROXIMATE:
        return token_literal(p, SQL_EXPR_NUMBER);
    case KW_TRUE:
    case KW_FALSE:
    case KW_UNKNOWN:
        return token_literal(p, SQL_EXPR_BOOLEAN);
    case KW_NULL:
        return simple(p, SQL_EXPR_NULL);
    case KW_INTERVAL:
        return interval(p);
    case '?':
        return simple(p, SQL_EXPR_PARAMETER);
    case '{':
        return escape_literal(p);
    default:
        return typed_literal(p);
    }
}

struct sql_expr *sql_p_primary(struct parser *p)
{
    struct sql_expr *expr = literal(p);

    if (expr == NULL) {
        expr = collection(p);
    }
    if (expr != NULL) {
        return expr;
    }
    switch (sql_p_code(p, 0)) {
    case '(':
        return parenthesized(p);
    case KW_CASE:
        return case_expr(p);
    case KW_ROW:
        return row(p);
    case KW_EXISTS:
        return query_test(p, SQL_EXPR_EXISTS);
    case KW_UNIQUE:
        return query_test(p, SQL_EXPR_UNIQUE);
    case KW_DEFAULT:
        return simple(p, SQL_EXPR_DEFAULT);
    default:
        break;
    }
    expr = sql_p_special(p);
    if (expr != NULL) {
        return expr;
    }
    if (!sql_p_is_ident(p, 0)) {
        sql_p_fail(p, "an expression");
        return sql_p_expr_new(p, SQL_EXPR_NULL, sql_p_start(p));
    }
    return named(p);
}

/* (x).a.b, f(x).a, x[1].a: the path in one node; (x).* too. */
static struct sql_expr *field_path(struct parser *p, struct sql_expr *inner)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_FIELD, inner->outer.start);
    struct sql_ident *parts = NULL;
    uint32_t start = sql_p_at(p, 1)->start;

    sql_p_arg(p, expr, inner);
    while (sql_p_accept(p, '.')) {
        struct sql_ident part = {.text = "*", .at.start = sql_p_start(p)};

        if (sql_p_accept(p, '*')) {
            part.at = sql_p_span(p, part.at.start);
            *SQL_P_PUSH(p, parts, expr->name.count) = part;
            break;
        }
        part = sql_p_ident(p);
        *SQL_P_PUSH(p, parts, expr->name.count) = part;
    }
    expr->name.parts = parts;
    expr->name.at = sql_p_span(p, start);
    return sql_p_close(p, expr);
}

struct sql_expr *sql_p_postfix(struct parser *p, struct sql_expr *expr)
{
    for (;;) {
        if (sql_p_is(p, '[')) {
            struct sql_expr *element =
                sql_p_expr_new(p, SQL_EXPR_ELEMENT, expr->outer.start);

            sql_p_take(p);
            sql_p_arg(p, element, expr);
            sql_p_arg(p, element, sql_p_expr(p));
            sql_p_expect(p, ']');
            expr = sql_p_close(p, element);
        } else if (sql_p_is(p, '.')) {
            expr = field_path(p, expr);
        } else {
            return expr;
        }
    }
}
