/* Types of operators and predicates. */
#include "config.h"

#include "sql/infer_impl.h"

#include "base/arena.h"
#include "sql/type_rules.h"

const struct sql_type *infer_boolean(struct view *view, bool nullable)
{
    return sql_type_new(view->in->arena, SQL_TYPE_BOOLEAN, 0, 0, nullable);
}

bool infer_is_boolean(const struct sql_type *type)
{
    return type->root == SQL_TYPE_BOOLEAN || type->root == SQL_TYPE_NULL ||
           type->root == SQL_TYPE_UNKNOWN;
}

static const struct sql_type *wrong_operands(struct view *view,
                                             const struct sql_expr *expr,
                                             const struct sql_type *a,
                                             const struct sql_type *b)
{
    static const char *const names[] = {
#define X(name, text) text,
        SQL_OPS(X)
#undef X
    };
    struct arena *arena = view->in->arena;
    const char *left = sql_type_text(arena, a, SQL_TYPE_FORM_SERIAL, false);
    if (!b) {
        return infer_error(view->in, expr->at,
                           "cannot apply '%s' to arguments of type '<%s>'",
                           names[expr->op], left);
    }
    return infer_error(view->in, expr->at,
                       "cannot apply '%s' to arguments of type '<%s> %s <%s>'",
                       names[expr->op], left, names[expr->op],
                       sql_type_text(arena, b, SQL_TYPE_FORM_SERIAL, false));
}

const struct sql_type *infer_unary(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *type = infer_typed(view, expr->args[0]);
    if (!type || type->root == SQL_TYPE_UNKNOWN) {
        return type;
    }
    if (expr->op == SQL_OP_NOT) {
        return type->root == SQL_TYPE_BOOLEAN ? type
                                              : wrong_operands(view, expr, type, NULL);
    }
    return sql_type_is_numeric(type) || sql_type_is_interval(type)
               ? type
               : wrong_operands(view, expr, type, NULL);
}

bool infer_may_be_null(const struct sql_expr *expr, const struct sql_type *type)
{
    bool nullable = type->nullable;
    for (size_t i = 0; expr->kind == SQL_EXPR_ROW && i < type->field_count; i++) {
        nullable = nullable || type->fields[i].type->nullable;
    }
    return nullable;
}

static const struct sql_type *infer_compare(struct view *view,
                                            const struct sql_expr *expr)
{
    const struct sql_type *a = infer_expr(view, expr->args[0]);
    const struct sql_type *b = a ? infer_expr(view, expr->args[1]) : NULL;
    if (!b) {
        return NULL;
    }
    if (!sql_type_comparable(a, b)) {
        return wrong_operands(view, expr, a, b);
    }
    return infer_boolean(view, infer_may_be_null(expr->args[0], a) ||
                                   infer_may_be_null(expr->args[1], b));
}

const struct sql_type *infer_operator(struct view *view, const struct sql_expr *expr)
{
    static const char letters[SQL_OP_COUNT] = {[SQL_OP_PLUS] = '+',
                                               [SQL_OP_MINUS] = '-',
                                               [SQL_OP_TIMES] = '*',
                                               [SQL_OP_DIVIDE] = '/',
                                               [SQL_OP_MODULO] = '%'};
    if (expr->op >= SQL_OP_EQ && expr->op <= SQL_OP_GE) {
        return infer_compare(view, expr);
    }
    const struct sql_type *a = infer_typed(view, expr->args[0]);
    const struct sql_type *b = a ? infer_typed(view, expr->args[1]) : NULL;
    const struct sql_type *type = NULL;
    if (!b) {
        return NULL;
    }
    if (expr->op == SQL_OP_CONCAT) {
        type = sql_type_concat(view->in->arena, a, b);
    } else if (letters[expr->op]) {
        type = sql_type_arith(view->in->arena, letters[expr->op], a, b);
    } else if (expr->op >= SQL_OP_OVERLAPS && expr->op <= SQL_OP_IMMEDIATELY_SUCCEEDS) {
        type = infer_boolean(view, infer_may_be_null(expr->args[0], a) ||
                                       infer_may_be_null(expr->args[1], b));
    } else if (expr->op >= SQL_OP_MEMBER && expr->op <= SQL_OP_MULTISET_EXCEPT_ALL) {
        return infer_error(view->in, expr->at,
                           "no match found for this operator of MULTISET");
    } else {
        return sql_type_unknown();
    }
    return type ? type : wrong_operands(view, expr, a, b);
}

/* (a - b) DAY */
const struct sql_type *infer_minus_date(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *a = infer_typed(view, expr->args[0]);
    const struct sql_type *b = a ? infer_typed(view, expr->args[1]) : NULL;
    if (!b) {
        return NULL;
    }
    if (a->root == SQL_TYPE_UNKNOWN || b->root == SQL_TYPE_UNKNOWN) {
        return sql_type_unknown();
    }
    if (!sql_type_is_datetime(a) || !sql_type_is_datetime(b)) {
        return wrong_operands(view, expr, a, b);
    }
    struct sql_expr interval = {.kind = SQL_EXPR_INTERVAL, .interval = expr->interval};
    return sql_type_nullable(view->in->arena, expr_literal(view->in, &interval),
                             a->nullable || b->nullable);
}

const struct sql_type *infer_logic(struct view *view, const struct sql_expr *expr)
{
    bool nullable = false;
    bool unknown = false;
    const struct sql_type *first = NULL;
    for (size_t i = 0; i < expr->arg_count; i++) {
        const struct sql_type *type = infer_expr(view, expr->args[i]);
        if (!type) {
            return NULL;
        }
        if (type->root == SQL_TYPE_NULL) {
            return infer_error(view->in, expr->args[i]->at, "illegal use of 'NULL'");
        }
        if (!infer_is_boolean(type)) {
            return wrong_operands(view, expr, first ? first : type, type);
        }
        first = type;
        unknown = unknown || type->root == SQL_TYPE_UNKNOWN;
        nullable = nullable || type->nullable;
    }
    return unknown ? sql_type_unknown() : infer_boolean(view, nullable);
}

const struct sql_type *infer_is(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *types[2] = {NULL, NULL};
    for (size_t i = 0; i < expr->arg_count && i < 2; i++) {
        types[i] = infer_expr(view, expr->args[i]);
        if (!types[i]) {
            return NULL;
        }
    }
    const struct sql_type *type = types[0];
    bool fits = true;
    switch (expr->op) {
    case SQL_OP_IS_TRUE:
    case SQL_OP_IS_FALSE:
    case SQL_OP_IS_UNKNOWN:
        fits = infer_is_boolean(type);
        break;
    case SQL_OP_IS_JSON:
    case SQL_OP_IS_JSON_OBJECT:
    case SQL_OP_IS_JSON_ARRAY:
    case SQL_OP_IS_JSON_SCALAR:
        fits = sql_type_is_char(type) || type->root == SQL_TYPE_UNKNOWN;
        break;
    case SQL_OP_IS_A_SET:
    case SQL_OP_IS_EMPTY:
        fits = type->root == SQL_TYPE_UNKNOWN;
        break;
    case SQL_OP_IS_DISTINCT:
        fits = types[1] && sql_type_comparable(type, types[1]);
        break;
    default:
        break;
    }
    return fits ? infer_boolean(view, false)
                : wrong_operands(view, expr, type, types[1]);
}

const struct sql_type *infer_like(struct view *view, const struct sql_expr *expr)
{
    bool nullable = false;
    const struct sql_type *first = NULL;
    for (size_t i = 0; i < expr->arg_count; i++) {
        const struct sql_type *type = infer_typed(view, expr->args[i]);
        if (!type) {
            return NULL;
        }
        if (type->root == SQL_TYPE_UNKNOWN) {
            return type;
        }
        first = first ? first : type;
        if (!sql_type_is_char(type)) {
            return wrong_operands(view, expr, first, type);
        }
        nullable = nullable || type->nullable;
    }
    return infer_boolean(view, nullable);
}

const struct sql_type *infer_between(struct view *view, const struct sql_expr *expr)
{
    bool nullable = false;
    const struct sql_type *value = infer_expr(view, expr->args[0]);
    for (size_t i = 1; value && i < expr->arg_count; i++) {
        const struct sql_type *type = infer_expr(view, expr->args[i]);
        if (!type) {
            return NULL;
        }
        if (!sql_type_comparable(value, type)) {
            return infer_error(view->in, expr->at,
                               "cannot apply 'BETWEEN' to these types");
        }
        nullable = nullable || type->nullable;
    }
    return value ? infer_boolean(view, nullable || value->nullable) : NULL;
}

/* A subquery in an expression, and what it does to the rows around it. */
