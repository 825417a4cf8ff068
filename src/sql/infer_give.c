/* What functions give: the type of a call from those of its arguments. */
#include "config.h"

#include "sql/infer_call.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

static const struct sql_type *fixed(struct call *call, enum sql_type_root root,
                                    int size)
{
    return sql_type_new(call->arena, root, size, 0, false);
}

/* ROUND and TRUNCATE need to know the digits, a literal. */
static const struct sql_type *give_round(struct call *call)
{
    const struct sql_type *type = call->types[0];
    if (type->root != SQL_TYPE_DECIMAL) {
        return type;
    }
    if (call->count < 2) {
        return sql_type_round(call->arena, type, 0);
    }
    const struct sql_expr *digits = call->expr->args[1];
    bool minus = digits->kind == SQL_EXPR_UNARY && digits->op == SQL_OP_MINUS;
    digits = minus ? digits->args[0] : digits;
    if (digits->kind != SQL_EXPR_NUMBER) {
        return type;
    }
    int value = atoi(digits->text);
    return sql_type_round(call->arena, type, minus ? -value : value);
}

/* As long as both texts together. */
static const struct sql_type *give_overlay(struct call *call)
{
    long long length = (long long)call->types[0]->precision + call->types[1]->precision;
    bool bytes = sql_type_is_binary(call->types[0]);
    return fixed(call, bytes ? SQL_TYPE_VARBINARY : SQL_TYPE_VARCHAR,
                 length > SQL_TYPE_MAX_LENGTH ? SQL_TYPE_MAX_LENGTH : (int)length);
}

static const struct sql_type *give_ceil(struct call *call)
{
    const struct sql_type *type = call->types[0];
    if (type->root == SQL_TYPE_DECIMAL) {
        return sql_type_new(call->arena, SQL_TYPE_DECIMAL, type->precision, 0, false);
    }
    return sql_type_time_attr(call->arena, type, SQL_TIME_NONE);
}

static const struct sql_type *give_if(struct call *call)
{
    const struct sql_type *a = call->types[1];
    const struct sql_type *b = call->types[2];
    if (sql_type_is_numeric(a) ? sql_type_is_numeric(b)
                               : (sql_type_is_char(a) && sql_type_is_char(b)) ||
                                     (sql_type_is_binary(a) && sql_type_is_binary(b))) {
        return sql_type_common(call->arena, a, b);
    }
    bool stamps = sql_type_is_timestamp(a) && sql_type_is_timestamp(b);
    bool simple = a->root == SQL_TYPE_BOOLEAN || sql_type_is_datetime(a);
    return stamps || (simple && a->root == b->root) ? a : NULL;
}

static const struct sql_type *give_merge(struct call *call, size_t from)
{
    const struct sql_type *type = call->types[from];
    for (size_t i = from + 1; type && i < call->count; i++) {
        type = sql_type_merge(call->arena, type, call->types[i]);
    }
    if (type && type->root == SQL_TYPE_NULL) {
        return NULL;
    }
    return type;
}

/* A text that is NOT NULL is left as it is. */
static const struct sql_type *give_ifnull(struct call *call)
{
    const struct sql_type *first = call->types[0];
    const struct sql_type *second = call->types[1];
    bool texts = (sql_type_is_char(first) && sql_type_is_char(second)) ||
                 (sql_type_is_binary(first) && sql_type_is_binary(second));
    return texts && !first->nullable ? first : give_merge(call, 0);
}

static const struct sql_type *give_element(struct call *call)
{
    const struct sql_type *type = call->types[0];
    return type->element && !type->key ? type->element : NULL;
}

/* ARRAY_APPEND, ARRAY_PREPEND: the element becomes nullable with the new one. */
static const struct sql_type *give_array_extend(struct call *call)
{
    const struct sql_type *element = call->types[0]->element;
    const struct sql_type *added = call->types[1];
    if (!sql_type_implicit(added, element) && !sql_type_is_interval(added)) {
        return NULL;
    }
    element =
        sql_type_nullable(call->arena, element, element->nullable || added->nullable);
    return sql_type_array(call->arena, element, false);
}

/* ARRAY_CONTAINS and the like: the second argument must fit the element type. */
static bool element_fits(struct call *call)
{
    if (call->count < 2 || call->types[0]->root != SQL_TYPE_ARRAY || !call->fn->args ||
        strncmp(call->fn->args, "AX", 2) != 0) {
        return true;
    }
    return sql_type_implicit(call->types[1], call->types[0]->element) ||
           sql_type_is_interval(call->types[1]);
}

static const struct sql_type *give_map_part(struct call *call)
{
    struct arena *arena = call->arena;
    const struct sql_type *map = call->types[0];
    if (call->fn->gives == SQL_GIVES_MAP_KEYS) {
        return sql_type_array(arena, map->key, false);
    }
    if (call->fn->gives == SQL_GIVES_MAP_VALUES) {
        return sql_type_array(arena, map->element, false);
    }
    struct sql_type_field *fields = arena_array(arena, struct sql_type_field, 2);
    fields[0] = (struct sql_type_field){"key", map->key, NULL};
    fields[1] = (struct sql_type_field){"value", map->element, NULL};
    return sql_type_array(arena, sql_type_row(arena, fields, 2, true), false);
}

static const struct sql_type *give_timestamp_add(struct call *call)
{
    static const char *const days[] = {"DAY",  "WEEK",    "MONTH",  "QUARTER",
                                       "YEAR", "CENTURY", "DECADE", "MILLENNIUM"};
    const struct sql_type *type = call->types[2];
    if (type->root == SQL_TYPE_DATE) {
        const char *unit = call->expr->args[0]->text;
        for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
            if (unit && str_ieq(unit, days[i])) {
                return type;
            }
        }
        return fixed(call, SQL_TYPE_TIMESTAMP, 6);
    }
    return sql_type_time_attr(call->arena, type, SQL_TIME_NONE);
}

static const struct sql_type *give_json(struct call *call)
{
    struct infer *in = call->view->in;
    if (!call->expr->call->returning) {
        return sql_type_string(call->arena, true);
    }
    return sql_type_from_spec(call->arena, call->expr->call->returning, in->err);
}

static const struct sql_type *give_aggregate(struct call *call)
{
    const struct sql_type *type = call->types[0];
    if (type->root != SQL_TYPE_DECIMAL) {
        return type;
    }
    int scale = type->scale;
    if (call->fn->gives == SQL_GIVES_AVG && scale < 6) {
        scale = 6;
    }
    return sql_type_new(call->arena, SQL_TYPE_DECIMAL, SQL_TYPE_MAX_DECIMAL, scale,
                        type->nullable);
}

/* Nullable unless there is a default that isn't; the type stays the first argument's.
 */
static const struct sql_type *give_lag(struct call *call)
{
    const struct sql_type *type =
        sql_type_time_attr(call->arena, call->types[0], SQL_TIME_NONE);
    return sql_type_nullable(call->arena, type,
                             call->count < 3 || call->types[2]->nullable);
}

static const struct sql_type *give_percentile(struct call *call)
{
    const struct sql_type *number = fixed(call, SQL_TYPE_DOUBLE, 0);
    if (call->types[1]->root == SQL_TYPE_ARRAY) {
        return sql_type_array(call->arena, sql_type_nullable(call->arena, number, true),
                              true);
    }
    return number;
}

static const struct sql_type *give_simple(struct call *call)
{
    struct arena *arena = call->arena;
    const struct sql_builtin *fn = call->fn;
    switch ((enum sql_gives)fn->gives) {
    case SQL_GIVES_BOOLEAN:
        return fixed(call, SQL_TYPE_BOOLEAN, 0);
    case SQL_GIVES_INT:
        return fixed(call, SQL_TYPE_INT, 0);
    case SQL_GIVES_BIGINT:
        return fixed(call, SQL_TYPE_BIGINT, 0);
    case SQL_GIVES_DOUBLE:
        return fixed(call, SQL_TYPE_DOUBLE, 0);
    case SQL_GIVES_STRING:
        return sql_type_string(arena, false);
    case SQL_GIVES_BYTES:
        return fixed(call, SQL_TYPE_VARBINARY, SQL_TYPE_MAX_LENGTH);
    case SQL_GIVES_CHAR:
        return fixed(call, SQL_TYPE_CHAR, fn->size);
    case SQL_GIVES_VARCHAR:
        return fixed(call, SQL_TYPE_VARCHAR, fn->size);
    case SQL_GIVES_DATE:
        return fixed(call, SQL_TYPE_DATE, 0);
    case SQL_GIVES_TIME:
        return fixed(call, SQL_TYPE_TIME, fn->size);
    case SQL_GIVES_TIMESTAMP:
        return fixed(call, SQL_TYPE_TIMESTAMP, fn->size);
    case SQL_GIVES_LTZ:
        return fixed(call, SQL_TYPE_TIMESTAMP_LTZ, fn->size);
    case SQL_GIVES_VARIANT:
        return fixed(call, SQL_TYPE_VARIANT, 0);
    case SQL_GIVES_BITMAP:
        return fixed(call, SQL_TYPE_BITMAP, 0);
    case SQL_GIVES_STRINGS:
        return sql_type_array(arena, sql_type_string(arena, true), false);
    case SQL_GIVES_INTS:
        return sql_type_array(arena, sql_type_new(arena, SQL_TYPE_INT, 0, 0, true),
                              false);
    case SQL_GIVES_STRING_MAP:
        return sql_type_map(arena, sql_type_string(arena, true),
                            sql_type_string(arena, true), false);
    default:
        return NULL;
    }
}

/* The text of SUBSTRING and its like stands first, that of TRIM(BOTH x FROM y) last. */
static const struct sql_type *text_argument(const struct call *call)
{
    bool last = call->types[0]->root == SQL_TYPE_SYMBOL;
    return call->types[last ? call->count - 1 : 0];
}

/* Types that depend on arguments, none of them unknown. */
static const struct sql_type *give_derived(struct call *call)
{
    struct arena *arena = call->arena;
    const struct sql_type **types = call->types;
    switch ((enum sql_gives)call->fn->gives) {
    case SQL_GIVES_ARG:
        return types[call->fn->size];
    case SQL_GIVES_ARG_VARCHAR:
        return fixed(call, SQL_TYPE_VARCHAR, text_argument(call)->precision);
    case SQL_GIVES_OVERLAY:
        return give_overlay(call);
    case SQL_GIVES_ROUND:
        return give_round(call);
    case SQL_GIVES_CEIL:
        return give_ceil(call);
    case SQL_GIVES_MOD:
        return sql_type_arith(arena, '%', types[0], types[1]);
    case SQL_GIVES_IF:
        return give_if(call);
    case SQL_GIVES_MERGE:
        return give_merge(call, call->fn->args[0] == 'I');
    case SQL_GIVES_IFNULL:
        return give_ifnull(call);
    case SQL_GIVES_NULLIF:
        return sql_type_comparable(types[0], types[1]) ? types[0] : NULL;
    case SQL_GIVES_ELEMENT:
        return give_element(call);
    case SQL_GIVES_ARRAY_MERGE:
        return give_merge(call, 0);
    case SQL_GIVES_ARRAY_EXTEND:
        return give_array_extend(call);
    case SQL_GIVES_MAP_KEYS:
    case SQL_GIVES_MAP_VALUES:
    case SQL_GIVES_MAP_ENTRIES:
        return give_map_part(call);
    case SQL_GIVES_MAP_FROM_ARRAYS:
        return sql_type_map(arena, types[0]->element, types[1]->element, false);
    case SQL_GIVES_TIMESTAMP_ADD:
        return give_timestamp_add(call);
    case SQL_GIVES_SUM:
    case SQL_GIVES_AVG:
        return give_aggregate(call);
    case SQL_GIVES_ARRAY_OF:
        return sql_type_array(arena, types[0], false);
    case SQL_GIVES_MULTISET_OF:
        return sql_type_multiset(arena, types[0], false);
    case SQL_GIVES_PERCENTILE:
        return give_percentile(call);
    case SQL_GIVES_LAG:
        return give_lag(call);
    default:
        return sql_type_unknown();
    }
}

static const struct sql_window *over_of(const struct call *call)
{
    const struct sql_window *over = call->expr->call->over;
    const struct scope *scope = call->view->scope;
    for (size_t i = 0; over && over->base.text && i < scope->window_count; i++) {
        if (over->unit == SQL_FRAME_NONE &&
            text_eq(scope->windows[i].name.text, over->base.text)) {
            return &scope->windows[i];
        }
    }
    return over;
}

/* Whether OVER has a frame that doesn't begin at the first row: it may be empty. */
static bool bounded_below(const struct call *call)
{
    const struct sql_window *over = over_of(call);
    return over && over->unit != SQL_FRAME_NONE &&
           over->lower.kind != SQL_BOUND_UNBOUNDED_PRECEDING;
}

static bool result_nullable(const struct call *call)
{
    const struct grouping *group = call->view->group;
    bool all = true;
    switch ((enum sql_null_rule)call->fn->nulls) {
    case SQL_NULL_NEVER:
        return false;
    case SQL_NULL_ALWAYS:
        return true;
    case SQL_NULL_FIRST:
        return call->types[0]->nullable;
    case SQL_NULL_ALL:
        for (size_t i = 0; i < call->count; i++) {
            all = all && call->types[i]->nullable;
        }
        return all;
    case SQL_NULL_GROUP:
        if (call->view->scope && call->view->scope->match) {
            return true;
        }
        if (call->expr->call->filter || bounded_below(call)) {
            return true;
        }
        return call->nullable || (!call->expr->call->over && (!group || !group->keyed));
    default:
        return call->nullable;
    }
}

const struct sql_type *call_give(struct call *call)
{
    const struct sql_type *type = give_simple(call);
    if (call->fn->gives == SQL_GIVES_MATCH_ROWTIME) {
        return call->count ? call->types[0]
                           : sql_type_new(call->arena, SQL_TYPE_TIMESTAMP, 3, 0, false);
    }
    if (!type && call->fn->gives == SQL_GIVES_JSON_RETURNING) {
        return give_json(call) ? sql_type_nullable(call->arena, give_json(call), true)
                               : NULL;
    }
    if (!type) {
        if (call->unknown || call->fn->gives == SQL_GIVES_UNKNOWN) {
            return sql_type_unknown();
        }
        type = give_derived(call);
    } else if (call->unknown &&
               (call->fn->nulls == SQL_NULL_ARGS || call->fn->nulls == SQL_NULL_FIRST ||
                call->fn->nulls == SQL_NULL_GROUP)) {
        return sql_type_unknown();
    }
    if (!type || !element_fits(call)) {
        call_wrong(call, false);
        return NULL;
    }
    if (call->fn->gives == SQL_GIVES_LAG || call->fn->nulls == SQL_NULL_ELEMENT) {
        return type;
    }
    if (str_ends(call->fn->name, "PROCTIME") && sql_type_is_timestamp(type)) {
        type = sql_type_time_attr(call->arena, type, SQL_TIME_PROCTIME);
    }
    bool row =
        call->fn->gives == SQL_GIVES_ARRAY_OF && call->types[0]->root == SQL_TYPE_ROW;
    return sql_type_nullable(call->arena, type, row || result_nullable(call));
}
