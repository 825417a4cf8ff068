#include "config.h"

#include "sql/parser.h"

#include <string.h>

/* Binding powers, as Flink's parser (Calcite) has them. */
enum binding {
    BIND_MULTISET = 14,
    BIND_OR = 22,
    BIND_AND = 24,
    BIND_NOT = 26,
    BIND_IS = 28,
    BIND_COMPARE = 30,
    BIND_LIKE = 32,
    BIND_ADD = 40,
    BIND_MULTIPLY = 60,
};

/* Nodes on the longest way down; keeps the recursion of readers bounded. */
#define MAX_HEIGHT 1000

struct sql_expr *sql_p_expr_new(struct parser *p, enum sql_expr_kind kind,
                                uint32_t start)
{
    struct sql_expr *expr = arena_new(p->arena, struct sql_expr);

    expr->kind = kind;
    expr->at.start = expr->at.end = start;
    expr->outer = expr->at;
    return expr;
}

void sql_p_arg(struct parser *p, struct sql_expr *expr, struct sql_expr *arg)
{
    if (arg != NULL && arg->height >= expr->height) {
        expr->height = (uint16_t)(arg->height + 1);
    }
    *SQL_P_PUSH(p, expr->args, expr->arg_count) = arg;
}

struct sql_expr *sql_p_close(struct parser *p, struct sql_expr *expr)
{
    expr->at = sql_p_span(p, expr->at.start);
    expr->outer = expr->at;
    if (expr->query != NULL && expr->query->height >= expr->height) {
        expr->height = (uint16_t)(expr->query->height + 1);
    }
    if (expr->height > MAX_HEIGHT) {
        sql_p_doubt(p, "the expression is too long", NULL);
    }
    return expr;
}

static struct sql_expr *parse(struct parser *p, int min)
{
    return sql_p_operators(p, sql_p_unary(p), min);
}

struct sql_expr *sql_p_expr(struct parser *p)
{
    struct sql_expr *expr;

    if (!sql_p_enter(p)) {
        sql_p_leave(p);
        return sql_p_expr_new(p, SQL_EXPR_NULL, sql_p_start(p));
    }
    expr = parse(p, 0);
    sql_p_leave(p);
    return expr;
}

struct sql_expr *sql_p_unary(struct parser *p)
{
    struct sql_expr *expr;
    enum sql_op op = SQL_OP_NONE;

    if (sql_p_is(p, KW_NOT)) {
        op = SQL_OP_NOT;
    } else if (sql_p_is(p, '-')) {
        op = SQL_OP_MINUS;
    } else if (sql_p_is(p, '+')) {
        op = SQL_OP_PLUS;
    }
    if (op == SQL_OP_NONE) {
        return sql_p_postfix(p, sql_p_primary(p));
    }
    expr = sql_p_expr_new(p, SQL_EXPR_UNARY, sql_p_start(p));
    expr->op = op;
    sql_p_take(p);
    if (sql_p_enter(p)) {
        sql_p_arg(p, expr, op == SQL_OP_NOT ? parse(p, BIND_NOT) : sql_p_unary(p));
    } else {
        sql_p_arg(p, expr, sql_p_expr_new(p, SQL_EXPR_NULL, sql_p_start(p)));
    }
    sql_p_leave(p);
    return sql_p_close(p, expr);
}

struct infix {
    int code;
    enum sql_op op;
    int bind;
};

static const struct infix infixes[] = {
    {'=', SQL_OP_EQ, BIND_COMPARE},
    {'<', SQL_OP_LT, BIND_COMPARE},
    {'>', SQL_OP_GT, BIND_COMPARE},
    {SQL_P_NOT_EQUAL, SQL_OP_NE, BIND_COMPARE},
    {SQL_P_LESS_EQUAL, SQL_OP_LE, BIND_COMPARE},
    {SQL_P_GREATER_EQUAL, SQL_OP_GE, BIND_COMPARE},
    {'+', SQL_OP_PLUS, BIND_ADD},
    {'-', SQL_OP_MINUS, BIND_ADD},
    {'*', SQL_OP_TIMES, BIND_MULTIPLY},
    {'/', SQL_OP_DIVIDE, BIND_MULTIPLY},
    {'%', SQL_OP_MODULO, BIND_MULTIPLY},
    {SQL_P_CONCAT, SQL_OP_CONCAT, BIND_MULTIPLY},
    {KW_OVERLAPS, SQL_OP_OVERLAPS, BIND_COMPARE},
    {KW_CONTAINS, SQL_OP_CONTAINS, BIND_COMPARE},
    {KW_EQUALS, SQL_OP_PERIOD_EQUALS, BIND_COMPARE},
    {KW_PRECEDES, SQL_OP_PRECEDES, BIND_COMPARE},
    {KW_SUCCEEDS, SQL_OP_SUCCEEDS, BIND_COMPARE},
};

static const struct infix *find_infix(const struct parser *p)
{
    int code = sql_p_code(p, 0);

    for (size_t i = 0; i < sizeof(infixes) / sizeof(infixes[0]); i++) {
        if (infixes[i].code == code) {
            return &infixes[i];
        }
    }
    return NULL;
}

/* A new node around `left`. */
static struct sql_expr *around(struct parser *p, enum sql_expr_kind kind,
                               struct sql_expr *left)
{
    struct sql_expr *expr = sql_p_expr_new(p, kind, left->outer.start);

    sql_p_arg(p, expr, left);
    return expr;
}

/* x = ANY (…): the comparison was taken. */
static struct sql_expr *quantified(struct parser *p, struct sql_expr *left,
                                   enum sql_op op)
{
    struct sql_expr *expr = around(p, SQL_EXPR_QUANTIFIED, left);
    struct sql_inner inner;

    expr->op = op;
    expr->text = sql_p_upper(p, 0);
    expr->text_len = strlen(expr->text);
    sql_p_take(p);
    inner = sql_p_parenthesis(p);
    expr->query = inner.query;
    if (inner.expr != NULL && inner.expr->kind == SQL_EXPR_ROW &&
        !inner.expr->explicit) {
        for (size_t i = 0; i < inner.expr->arg_count; i++) {
            sql_p_arg(p, expr, inner.expr->args[i]);
        }
    } else if (inner.expr != NULL) {
        sql_p_arg(p, expr, inner.expr);
    }
    return sql_p_close(p, expr);
}

static bool at_quantifier(const struct parser *p)
{
    return (sql_p_is(p, KW_ANY) || sql_p_is(p, KW_SOME) || sql_p_is(p, KW_ALL)) &&
           sql_p_code(p, 1) == '(';
}

static struct sql_expr *infix(struct parser *p, struct sql_expr *left,
                              const struct infix *infix)
{
    struct sql_expr *expr;

    if (infix->op == SQL_OP_NE && p->text[sql_p_start(p)] == '!') {
        sql_p_note(p, "'!=' is not an operator of Flink SQL", "write <>");
    }
    sql_p_take(p);
    if (infix->bind == BIND_COMPARE && at_quantifier(p)) {
        return quantified(p, left, infix->op);
    }
    expr = around(p, SQL_EXPR_OPERATOR, left);
    expr->op = infix->op;
    sql_p_arg(p, expr, parse(p, infix->bind + 1));
    return sql_p_close(p, expr);
}

/* a AND b AND c is one node. */
static struct sql_expr *logic(struct parser *p, struct sql_expr *left, int code)
{
    struct sql_expr *expr = around(p, SQL_EXPR_LOGIC, left);

    expr->op = code == KW_AND ? SQL_OP_AND : SQL_OP_OR;
    while (sql_p_accept(p, code)) {
        sql_p_arg(p, expr, parse(p, (code == KW_AND ? BIND_AND : BIND_OR) + 1));
    }
    return sql_p_close(p, expr);
}

static enum sql_op json_kind(struct parser *p)
{
    if (sql_p_accept_text(p, "OBJECT")) {
        return SQL_OP_IS_JSON_OBJECT;
    }
    if (sql_p_accept(p, KW_ARRAY)) {
        return SQL_OP_IS_JSON_ARRAY;
    }
    if (sql_p_accept_text(p, "SCALAR")) {
        return SQL_OP_IS_JSON_SCALAR;
    }
    sql_p_accept(p, KW_VALUE);
    return SQL_OP_IS_JSON;
}

/* What follows IS [NOT]. */
static enum sql_op is_kind(struct parser *p)
{
    static const struct {
        int code;
        enum sql_op op;
    } kinds[] = {
        {KW_NULL, SQL_OP_IS_NULL},         {KW_TRUE, SQL_OP_IS_TRUE},
        {KW_FALSE, SQL_OP_IS_FALSE},       {KW_UNKNOWN, SQL_OP_IS_UNKNOWN},
        {KW_DISTINCT, SQL_OP_IS_DISTINCT}, {KW_EMPTY, SQL_OP_IS_EMPTY},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_accept(p, kinds[i].code)) {
            return kinds[i].op;
        }
    }
    if (sql_p_accept(p, KW_JSON)) {
        return json_kind(p);
    }
    if (sql_p_accept2(p, KW_A, KW_SET)) {
        return SQL_OP_IS_A_SET;
    }
    sql_p_fail(p, "NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM or JSON");
    return SQL_OP_IS_NULL;
}

static struct sql_expr *is_test(struct parser *p, struct sql_expr *left)
{
    struct sql_expr *expr = around(p, SQL_EXPR_IS, left);

    sql_p_take(p);
    expr->negated = sql_p_accept(p, KW_NOT);
    expr->op = is_kind(p);
    if (expr->op == SQL_OP_IS_DISTINCT) {
        sql_p_expect(p, KW_FROM);
        sql_p_arg(p, expr, parse(p, BIND_COMPARE + 1));
    }
    return sql_p_close(p, expr);
}

static struct sql_expr *between(struct parser *p, struct sql_expr *left, bool negated)
{
    struct sql_expr *expr = around(p, SQL_EXPR_BETWEEN, left);

    expr->negated = negated;
    sql_p_take(p);
    expr->symmetric = sql_p_accept(p, KW_SYMMETRIC);
    if (!expr->symmetric) {
        sql_p_accept(p, KW_ASYMMETRIC);
    }
    sql_p_arg(p, expr, parse(p, BIND_LIKE + 1));
    sql_p_expect(p, KW_AND);
    sql_p_arg(p, expr, parse(p, BIND_LIKE + 1));
    return sql_p_close(p, expr);
}

static struct sql_expr *like(struct parser *p, struct sql_expr *left, bool negated,
                             enum sql_op op)
{
    struct sql_expr *expr = around(p, SQL_EXPR_LIKE, left);

    expr->negated = negated;
    expr->op = op;
    sql_p_take(p);
    if (op == SQL_OP_SIMILAR) {
        sql_p_expect(p, KW_TO);
    }
    if (sql_p_enter(p)) {
        sql_p_arg(p, expr, parse(p, BIND_LIKE));
    }
    sql_p_leave(p);
    if (sql_p_accept(p, KW_ESCAPE)) {
        sql_p_arg(p, expr, parse(p, BIND_LIKE + 1));
    }
    return sql_p_close(p, expr);
}

static struct sql_expr *in(struct parser *p, struct sql_expr *left, bool negated)
{
    struct sql_expr *expr = around(p, SQL_EXPR_IN, left);
    struct sql_inner inner;

    expr->negated = negated;
    sql_p_take(p);
    sql_p_expect(p, '(');
    inner = sql_p_inner(p);
    if (inner.query != NULL && sql_p_is(p, ')')) {
        expr->query = inner.query;
    } else {
        if (inner.query != NULL) {
            inner.expr = sql_p_scalar(p, inner.query);
        }
        sql_p_arg(p, expr, inner.expr);
        while (sql_p_accept(p, ',')) {
            sql_p_arg(p, expr, sql_p_expr(p));
        }
    }
    sql_p_expect(p, ')');
    return sql_p_close(p, expr);
}

/* [NOT] BETWEEN, IN, LIKE …, with NOT taken; NULL when it is none of them. */
static struct sql_expr *negatable(struct parser *p, struct sql_expr *left, bool negated)
{
    switch (sql_p_code(p, 0)) {
    case KW_BETWEEN:
        return between(p, left, negated);
    case KW_IN:
        return in(p, left, negated);
    case KW_LIKE:
        return like(p, left, negated, SQL_OP_LIKE);
    case KW_ILIKE:
        return like(p, left, negated, SQL_OP_ILIKE);
    case KW_RLIKE:
        return like(p, left, negated, SQL_OP_RLIKE);
    case KW_SIMILAR:
        return like(p, left, negated, SQL_OP_SIMILAR);
    default:
        return NULL;
    }
}

/* The words that negatable() knows, and the one that it doesn't after NOT. */
static bool is_negatable(int code)
{
    return code == KW_BETWEEN || code == KW_IN || code == KW_LIKE || code == KW_ILIKE ||
           code == KW_RLIKE || code == KW_SIMILAR || code == KW_SUBMULTISET;
}

static struct sql_expr *word_operator(struct parser *p, struct sql_expr *left,
                                      enum sql_op op, size_t words, int bind)
{
    struct sql_expr *expr = around(p, SQL_EXPR_OPERATOR, left);

    expr->op = op;
    for (size_t i = 0; i < words; i++) {
        sql_p_take(p);
    }
    sql_p_arg(p, expr, parse(p, bind + 1));
    return sql_p_close(p, expr);
}

static struct sql_expr *multiset(struct parser *p, struct sql_expr *left)
{
    static const struct {
        int code;
        enum sql_op op;
    } kinds[] = {{KW_UNION, SQL_OP_MULTISET_UNION},
                 {KW_INTERSECT, SQL_OP_MULTISET_INTERSECT},
                 {KW_EXCEPT, SQL_OP_MULTISET_EXCEPT}};
    struct sql_expr *expr = around(p, SQL_EXPR_OPERATOR, left);

    sql_p_take(p);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_accept(p, kinds[i].code)) {
            expr->op = kinds[i].op;
        }
    }
    if (sql_p_accept(p, KW_ALL)) {
        expr->op++;
    } else {
        sql_p_accept(p, KW_DISTINCT);
    }
    sql_p_arg(p, expr, parse(p, BIND_MULTISET + 1));
    return sql_p_close(p, expr);
}

/* Operators that begin with a word of two; NULL when there is none. */
static struct sql_expr *rare_operator(struct parser *p, struct sql_expr *left, int min)
{
    int second = sql_p_code(p, 1);

    if (sql_p_is(p, KW_MULTISET) && min <= BIND_MULTISET &&
        (second == KW_UNION || second == KW_INTERSECT || second == KW_EXCEPT)) {
        return multiset(p, left);
    }
    if (min > BIND_COMPARE) {
        return NULL;
    }
    if (sql_p_is(p, KW_MEMBER) && second == KW_OF) {
        return word_operator(p, left, SQL_OP_MEMBER, 2, BIND_COMPARE);
    }
    if (sql_p_is(p, KW_SUBMULTISET)) {
        return word_operator(p, left, SQL_OP_SUBMULTISET, second == KW_OF ? 2 : 1,
                             BIND_COMPARE);
    }
    if (sql_p_is(p, KW_IMMEDIATELY)) {
        if (second == KW_PRECEDES) {
            return word_operator(p, left, SQL_OP_IMMEDIATELY_PRECEDES, 2, BIND_COMPARE);
        }
        return word_operator(p, left, SQL_OP_IMMEDIATELY_SUCCEEDS, 2, BIND_COMPARE);
    }
    return NULL;
}

/* One operator of at least `min` and its right side; NULL when there is none. */
static struct sql_expr *next_operator(struct parser *p, struct sql_expr *left, int min)
{
    const struct infix *found;
    struct sql_expr *expr = NULL;

    switch (sql_p_code(p, 0)) {
    case KW_OR:
        return min <= BIND_OR ? logic(p, left, KW_OR) : NULL;
    case KW_AND:
        return min <= BIND_AND ? logic(p, left, KW_AND) : NULL;
    case KW_IS:
        if (sql_p_code(p, 1) == KW_DISTINCT || sql_p_code(p, 2) == KW_DISTINCT) {
            return min <= BIND_COMPARE ? is_test(p, left) : NULL;
        }
        return min <= BIND_IS ? is_test(p, left) : NULL;
    case KW_NOT:
        if (min > BIND_LIKE || !is_negatable(sql_p_code(p, 1)) ||
            (min > BIND_COMPARE && sql_p_code(p, 1) == KW_SUBMULTISET)) {
            return NULL;
        }
        sql_p_take(p);
        expr = negatable(p, left, true);
        if (expr == NULL) {
            expr = rare_operator(p, left, min);
            expr->negated = true;
        }
        return expr;
    default:
        break;
    }
    if (min <= BIND_LIKE) {
        expr = negatable(p, left, false);
    }
    if (expr == NULL) {
        expr = rare_operator(p, left, min);
    }
    found = expr == NULL ? find_infix(p) : NULL;
    return found != NULL && found->bind >= min ? infix(p, left, found) : expr;
}

struct sql_expr *sql_p_operators(struct parser *p, struct sql_expr *left, int min)
{
    struct sql_expr *next = left;

    while (next != NULL) {
        left = next;
        next = next_operator(p, left, min);
    }
    return left;
}

bool sql_p_at_operator(const struct parser *p)
{
    int code = sql_p_code(p, 0);

    return find_infix(p) != NULL || is_negatable(code) || code == KW_OR ||
           code == KW_AND || code == KW_IS || code == '[' || code == '.' ||
           (code == KW_NOT && is_negatable(sql_p_code(p, 1))) || code == KW_MULTISET ||
           code == KW_MEMBER || code == KW_IMMEDIATELY;
}
