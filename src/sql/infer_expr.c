/* Types of expressions. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

const struct sql_type *infer_typed(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *type = infer_expr(view, expr);
    if (type && type->root == SQL_TYPE_NULL) {
        return infer_error(view->in, expr->at, "illegal use of 'NULL'");
    }
    return type;
}

int infer_condition(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *type = infer_expr(view, expr);
    if (!type) {
        return -1;
    }
    if (!infer_is_boolean(type)) {
        infer_error(view->in, expr->at, "%s clause must be a condition",
                    view->clause ? view->clause : "WHERE");
        return -1;
    }
    return 0;
}

/* PI without parentheses is the number, unless a column has that name. */
static bool is_pi(struct view *view, const struct sql_expr *expr)
{
    struct column_ref ref;
    if (expr->name.count != 1 || expr->name.parts[0].quoted ||
        !str_ieq(expr->name.parts[0].text, "PI")) {
        return false;
    }
    bool quiet = view->in->quiet;
    view->in->quiet = true;
    int found = scope_find(view, &expr->name, &ref);
    view->in->quiet = quiet;
    return found < 0;
}

static const struct sql_type *infer_column(struct view *view,
                                           const struct sql_expr *expr)
{
    struct column_ref ref;
    if (is_pi(view, expr)) {
        return sql_type_new(view->in->arena, SQL_TYPE_DOUBLE, 0, 0, false);
    }
    if (scope_find(view, &expr->name, &ref) < 0) {
        return NULL;
    }
    if (ref.column) {
        sources_add(view->in, view->sources, ref.column);
    } else if (!ref.space && ref.scope && ref.index < ref.scope->merged_count) {
        const struct merged *merged = &ref.scope->merged[ref.index];
        for (size_t s = 0; s < ref.scope->count; s++) {
            const struct space *space = &ref.scope->spaces[s];
            if (merged->left - space->offset < space->rel->count) {
                sources_add(view->in, view->sources,
                            &space->rel->columns[merged->left - space->offset]);
            }
        }
    }
    if (view->group && !view->in_aggregate && ref.scope == view->scope &&
        ref.type->root != SQL_TYPE_UNKNOWN) {
        return infer_error(view->in, expr->at, "expression '%s' is not being grouped",
                           expr->name.parts[expr->name.count - 1].text);
    }
    if (ref.used > expr->name.count) {
        return ref.type;
    }
    return scope_fields(view->in, ref.type, expr->name.parts + ref.used,
                        expr->name.count - ref.used);
}

static struct rel *subquery(struct view *view, const struct sql_query *query)
{
    struct infer *in = view->in;
    bool semi = in->semi;
    in->semi = false;
    struct rel *rel = infer_query(in, query, view->scope);
    if (rel && !(semi && rel->changes == SQL_CHANGES_APPEND)) {
        in->sub_updates = true;
    }
    return rel;
}

static const struct sql_type *infer_in_query(struct view *view,
                                             const struct sql_expr *expr)
{
    const struct sql_type *value = infer_expr(view, expr->args[0]);
    struct rel *rel = value ? subquery(view, expr->query) : NULL;
    if (!rel) {
        return NULL;
    }
    size_t width = value->root == SQL_TYPE_ROW ? value->field_count : 1;
    if (rel->unknown) {
        return infer_boolean(view, true)->nullable ? sql_type_unknown() : NULL;
    }
    if (rel->count != width) {
        return infer_error(view->in, expr->at,
                           "values passed to IN operator must have compatible types");
    }
    bool nullable = value->nullable;
    for (size_t i = 0; i < width; i++) {
        const struct sql_type *left =
            value->root == SQL_TYPE_ROW ? value->fields[i].type : value;
        nullable = nullable || left->nullable || rel->columns[i].type->nullable;
        if (!sql_type_comparable(left, rel->columns[i].type)) {
            return infer_error(
                view->in, expr->at,
                "values passed to IN operator must have compatible types");
        }
    }
    return infer_boolean(view, nullable);
}

static const struct sql_type *infer_in(struct view *view, const struct sql_expr *expr)
{
    if (expr->query) {
        return infer_in_query(view, expr);
    }
    const struct sql_type *value = infer_expr(view, expr->args[0]);
    const struct sql_type *common = NULL;
    bool nullable = value && infer_may_be_null(expr->args[0], value);
    for (size_t i = 1; value && i < expr->arg_count; i++) {
        const struct sql_type *type = infer_expr(view, expr->args[i]);
        if (!type) {
            return NULL;
        }
        common = common ? sql_type_common(view->in->arena, common, type) : type;
        if (!common || !sql_type_comparable(value, type)) {
            return infer_error(
                view->in, expr->at,
                "values passed to IN operator must have compatible types");
        }
        nullable = nullable || infer_may_be_null(expr->args[i], type);
    }
    return value ? infer_boolean(view, nullable) : NULL;
}

static const struct sql_type *infer_scalar(struct view *view,
                                           const struct sql_expr *expr)
{
    struct rel *rel = subquery(view, expr->query);
    if (!rel) {
        return NULL;
    }
    if (rel->unknown) {
        return sql_type_unknown();
    }
    if (rel->count != 1) {
        return infer_error(view->in, expr->at,
                           "a subquery used as a value must have one column, not %zu",
                           rel->count);
    }
    sources_add(view->in, view->sources, &rel->columns[0]);
    return sql_type_nullable(view->in->arena, rel->columns[0].type, true);
}

static const struct sql_type *infer_row(struct view *view, const struct sql_expr *expr)
{
    struct arena *arena = view->in->arena;
    struct sql_type_field *fields =
        arena_array(arena, struct sql_type_field, expr->arg_count + 1);
    for (size_t i = 0; i < expr->arg_count; i++) {
        fields[i].name = arena_printf(arena, "EXPR$%zu", i);
        fields[i].type = infer_typed(view, expr->args[i]);
        if (!fields[i].type) {
            return NULL;
        }
    }
    return sql_type_row(arena, fields, expr->arg_count, false);
}

/*
 * The common type of every `step`th argument from `start`; an untyped NULL counts as
 * `null` when that is given.
 */
static const struct sql_type *common_args(struct view *view,
                                          const struct sql_expr *expr, size_t start,
                                          size_t step, const struct sql_type *null)
{
    const struct sql_type *common = NULL;
    for (size_t i = start; i < expr->arg_count; i += step) {
        const struct sql_type *type = infer_expr(view, expr->args[i]);
        if (!type) {
            return NULL;
        }
        if (type->root == SQL_TYPE_NULL && null) {
            type = sql_type_nullable(view->in->arena, null, true);
        }
        common = common ? sql_type_common(view->in->arena, common, type) : type;
        if (!common) {
            return infer_error(view->in, expr->at,
                               "parameters must be of the same type");
        }
    }
    if (common && common->root == SQL_TYPE_NULL) {
        return infer_error(view->in, expr->at, "illegal use of 'NULL'");
    }
    return common ? sql_type_time_attr(view->in->arena, common, SQL_TIME_NONE) : NULL;
}

/* ARRAY(SELECT …) and its like. */
static const struct sql_type *query_collection(struct view *view,
                                               const struct sql_expr *expr)
{
    struct arena *arena = view->in->arena;
    struct rel *rel = subquery(view, expr->query);
    if (!rel) {
        return NULL;
    }
    bool map = expr->kind == SQL_EXPR_MAP;
    if (rel->unknown || rel->count != (map ? 2U : 1U)) {
        return sql_type_unknown();
    }
    const struct sql_type *first = rel->columns[0].type;
    if (map) {
        return sql_type_map(arena, first, rel->columns[1].type, false);
    }
    return expr->kind == SQL_EXPR_ARRAY ? sql_type_array(arena, first, false)
                                        : sql_type_multiset(arena, first, false);
}

static const struct sql_type *infer_collection(struct view *view,
                                               const struct sql_expr *expr)
{
    struct arena *arena = view->in->arena;
    if (expr->query) {
        return query_collection(view, expr);
    }
    if (expr->arg_count == 0) {
        return infer_error(view->in, expr->at, "require at least 1 argument");
    }
    if (expr->kind == SQL_EXPR_MAP) {
        if (expr->arg_count % 2) {
            return infer_error(view->in, expr->at,
                               "map requires an even number of arguments");
        }
        const struct sql_type *key = common_args(view, expr, 0, 2, NULL);
        const struct sql_type *value = key ? common_args(view, expr, 1, 2, key) : NULL;
        return value ? sql_type_map(arena, key, value, false) : NULL;
    }
    const struct sql_type *element = common_args(view, expr, 0, 1, NULL);
    if (!element) {
        return NULL;
    }
    if (element->root == SQL_TYPE_UNKNOWN) {
        return element;
    }
    return expr->kind == SQL_EXPR_ARRAY ? sql_type_array(arena, element, false)
                                        : sql_type_multiset(arena, element, false);
}

static bool key_fits(const struct sql_type *key, const struct sql_type *index)
{
    if (index->root == SQL_TYPE_UNKNOWN || key->root == SQL_TYPE_UNKNOWN) {
        return true;
    }
    return sql_type_is_char(key) == sql_type_is_char(index) &&
           sql_type_comparable(key, index);
}

/* r[1], r['field']: the index must be a literal. */
static const struct sql_type *
row_element(struct view *view, const struct sql_expr *expr, const struct sql_type *row)
{
    const struct sql_expr *index = expr->args[1];
    struct arena *arena = view->in->arena;
    for (size_t i = 0; i < row->field_count; i++) {
        if (index->kind == SQL_EXPR_STRING
                ? text_eq(row->fields[i].name, index->text)
                : index->kind == SQL_EXPR_NUMBER &&
                      text_eq(index->text, arena_printf(arena, "%zu", i + 1))) {
            return sql_type_nullable(arena, row->fields[i].type, true);
        }
    }
    return infer_error(view->in, expr->at, "cannot find this field in the ROW");
}

static const struct sql_type *infer_element(struct view *view,
                                            const struct sql_expr *expr)
{
    struct arena *arena = view->in->arena;
    const struct sql_type *type = infer_typed(view, expr->args[0]);
    const struct sql_type *index = type ? infer_typed(view, expr->args[1]) : NULL;
    if (!index || type->root == SQL_TYPE_UNKNOWN) {
        return index ? type : NULL;
    }
    bool unknown = index->root == SQL_TYPE_UNKNOWN;
    if (type->root == SQL_TYPE_ARRAY && (unknown || sql_type_is_integer(index))) {
        return sql_type_nullable(arena, type->element, true);
    }
    if (type->root == SQL_TYPE_MAP && key_fits(type->key, index)) {
        return sql_type_nullable(arena, type->element, true);
    }
    if (type->root == SQL_TYPE_VARIANT) {
        return sql_type_new(arena, SQL_TYPE_VARIANT, 0, 0, true);
    }
    if (type->root == SQL_TYPE_ROW) {
        return row_element(view, expr, type);
    }
    if (type->root == SQL_TYPE_STRUCTURED) {
        return sql_type_unknown();
    }
    return infer_error(view->in, expr->at,
                       "cannot apply 'ITEM' to arguments of type 'ITEM(<%s>, <%s>)'",
                       sql_type_text(arena, type, SQL_TYPE_FORM_SERIAL, false),
                       sql_type_text(arena, index, SQL_TYPE_FORM_SERIAL, false));
}

static const struct sql_type *infer_field(struct view *view,
                                          const struct sql_expr *expr)
{
    const struct sql_type *type = infer_typed(view, expr->args[0]);
    return type ? scope_fields(view->in, type, expr->name.parts, expr->name.count)
                : NULL;
}

/* CASE: conditions first, then the values' common type. */
static const struct sql_type *infer_case(struct view *view, const struct sql_expr *expr)
{
    struct arena *arena = view->in->arena;
    const struct sql_expr *operand = expr->args[0];
    const struct sql_type *left = NULL;
    const struct sql_type *common = NULL;
    if (operand && !(left = infer_expr(view, operand))) {
        return NULL;
    }
    for (size_t i = 1; i + 1 < expr->arg_count; i += 2) {
        const struct sql_type *when = infer_expr(view, expr->args[i]);
        const struct sql_type *then = when ? infer_expr(view, expr->args[i + 1]) : NULL;
        if (!then) {
            return NULL;
        }
        if (operand ? !sql_type_comparable(left, when) : !infer_is_boolean(when)) {
            return infer_error(view->in, expr->at,
                               operand ? "cannot compare the CASE operand with WHEN"
                                       : "expected a boolean type");
        }
        common = common ? sql_type_common(arena, common, then) : then;
        if (!common) {
            break;
        }
    }
    const struct sql_expr *last = expr->args[expr->arg_count - 1];
    const struct sql_type *other = NULL;
    if (last && !(other = infer_expr(view, last))) {
        return NULL;
    }
    if (common && other) {
        common = sql_type_common(arena, common, other);
    }
    if (!common) {
        return infer_error(view->in, expr->at,
                           "illegal mixing of types in CASE or COALESCE statement");
    }
    if (common->root == SQL_TYPE_NULL) {
        return infer_error(view->in, expr->at,
                           "ELSE clause or at least one THEN clause must be non-NULL");
    }
    return last ? common : sql_type_nullable(arena, common, true);
}

static const struct sql_type *infer_cast(struct view *view, const struct sql_expr *expr)
{
    struct infer *in = view->in;
    const struct sql_type *from = infer_expr(view, expr->args[0]);
    if (!from) {
        return NULL;
    }
    const struct sql_type *to = sql_type_from_spec(in->arena, expr->type, in->err);
    if (!to) {
        if (in->text) {
            err_at_offset(in->err, "", in->text, in->len, expr->type->at.start);
        }
        return NULL;
    }
    bool literal = expr_is_literal(expr->args[0]);
    bool range = expr->type->unit_to && sql_type_is_numeric(from);
    if (!sql_type_castable(from, to) || range ||
        (literal && sql_type_is_numeric(from) && sql_type_is_timestamp(to))) {
        return infer_error(in, expr->at,
                           "cast function cannot convert value of type %s to type %s",
                           sql_type_text(in->arena, from, SQL_TYPE_FORM_SERIAL, false),
                           sql_type_text(in->arena, to, SQL_TYPE_FORM_SERIAL, false));
    }
    if (from->root == SQL_TYPE_UNKNOWN) {
        return expr->kind == SQL_EXPR_TRY_CAST ? sql_type_nullable(in->arena, to, true)
                                               : from;
    }
    bool nullable = expr->kind == SQL_EXPR_TRY_CAST || from->nullable;
    return sql_type_nullable(in->arena, to, nullable);
}

/* A grouping expression's type when `expr` is one of them. */
static const struct sql_type *grouped_type(struct view *view,
                                           const struct sql_expr *expr)
{
    const struct grouping *group = view->group;
    bool column = expr->kind == SQL_EXPR_COLUMN;
    size_t at = column ? scope_position(view, expr) : SQL_NO_COLUMN;
    uint32_t hash = expr_hash(expr);
    for (size_t i = 0; i < group->count; i++) {
        bool place = at != SQL_NO_COLUMN && at == group->positions[i];
        if (place ||
            (hash == group->hashes[i] && expr_same(view, expr, group->exprs[i]))) {
            struct view inner = *view;
            inner.group = NULL;
            const struct sql_type *type = infer_expr(&inner, expr);
            return type && group->optional[i]
                       ? sql_type_nullable(view->in->arena, type, true)
                       : type;
        }
    }
    return NULL;
}

static const struct sql_type *infer_kind(struct view *view, const struct sql_expr *expr)
{
    switch (expr->kind) {
    case SQL_EXPR_COLUMN:
        return infer_column(view, expr);
    case SQL_EXPR_CALL:
        return infer_call(view, expr);
    case SQL_EXPR_CAST:
    case SQL_EXPR_TRY_CAST:
        return infer_cast(view, expr);
    case SQL_EXPR_CASE:
        return infer_case(view, expr);
    case SQL_EXPR_UNARY:
        return infer_unary(view, expr);
    case SQL_EXPR_OPERATOR:
        return infer_operator(view, expr);
    case SQL_EXPR_MINUS_DATE:
        return infer_minus_date(view, expr);
    case SQL_EXPR_LOGIC:
        return infer_logic(view, expr);
    case SQL_EXPR_IS:
        return infer_is(view, expr);
    case SQL_EXPR_BETWEEN:
        return infer_between(view, expr);
    case SQL_EXPR_LIKE:
        return infer_like(view, expr);
    case SQL_EXPR_IN:
    case SQL_EXPR_QUANTIFIED:
        return infer_in(view, expr);
    case SQL_EXPR_EXISTS:
    case SQL_EXPR_UNIQUE:
        return subquery(view, expr->query) ? infer_boolean(view, false) : NULL;
    case SQL_EXPR_SUBQUERY:
        return infer_scalar(view, expr);
    case SQL_EXPR_ROW:
        return infer_row(view, expr);
    case SQL_EXPR_ARRAY:
    case SQL_EXPR_MAP:
    case SQL_EXPR_MULTISET:
        return infer_collection(view, expr);
    case SQL_EXPR_ELEMENT:
        return infer_element(view, expr);
    case SQL_EXPR_FIELD:
        return infer_field(view, expr);
    case SQL_EXPR_NAMED_ARG:
        return infer_expr(view, expr->args[0]);
    case SQL_EXPR_KEYWORD:
        return sql_type_new(view->in->arena, SQL_TYPE_SYMBOL, 0, 0, false);
    default:
        return expr_literal(view->in, expr);
    }
}

const struct sql_type *infer_expr(struct view *view, const struct sql_expr *expr)
{
    const struct sql_type *type = NULL;
    if (!infer_enter(view->in, expr->at)) {
        return NULL;
    }
    if (view->group && !view->in_aggregate && view->group->count > 0) {
        type = grouped_type(view, expr);
    }
    if (!type && view->in->err->code == ERR_NONE) {
        type = infer_kind(view, expr);
    }
    infer_leave(view->in);
    return type;
}
