/* Function calls: arguments against the signatures, and what comes out. */
#include "config.h"

#include "sql/infer_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* One call while it is typed. */
struct call {
    struct view *view;
    struct arena *arena;
    const struct sql_expr *expr;
    const struct sql_builtin *fn;
    const struct sql_type **types; /* of the arguments */
    size_t count;
    bool unknown;  /* an argument's type is unknown */
    bool nullable; /* an argument is nullable */
};

static bool is_hashable(const struct sql_type *type)
{
    return sql_type_is_numeric(type) || sql_type_is_char(type) ||
           sql_type_is_datetime(type) || type->root == SQL_TYPE_BOOLEAN;
}

static bool integer_up_to(const struct sql_type *type, enum sql_type_root root)
{
    return (sql_type_is_integer(type) && type->root <= root) ||
           sql_type_is_interval(type);
}

static bool is_collection(const struct sql_type *type)
{
    return type->root == SQL_TYPE_ARRAY || type->root == SQL_TYPE_MAP ||
           type->root == SQL_TYPE_MULTISET;
}

/* Whether an argument fits a letter of a signature; see struct sql_builtin. */
static bool letter_fits(char letter, const struct sql_type *type, bool flink)
{
    if (type->root == SQL_TYPE_UNKNOWN || letter == 'X') {
        return true;
    }
    if (type->root == SQL_TYPE_NULL) {
        return flink && letter != 'A' && letter != 'M' && letter != 'Z';
    }
    switch (letter) {
    case 'x':
        return type->root != SQL_TYPE_SYMBOL;
    case 'N':
        return sql_type_is_numeric(type);
    case 'E':
        return sql_type_is_exact(type);
    case 'I':
        return sql_type_is_integer(type);
    case 'C':
        return sql_type_is_char(type);
    case 'Y':
        return sql_type_is_binary(type);
    case 'S':
        return sql_type_is_char(type) || sql_type_is_binary(type);
    case 'O':
        return type->root == SQL_TYPE_BOOLEAN;
    case 'D':
        return sql_type_is_datetime(type) || sql_type_is_interval(type);
    case 'T':
        return sql_type_is_timestamp(type);
    case 'A':
        return type->root == SQL_TYPE_ARRAY;
    case 'M':
        return type->root == SQL_TYPE_MAP;
    case 'Z':
        return is_collection(type);
    case 'B':
        return type->root == SQL_TYPE_BITMAP;
    case 'J':
        return sql_type_is_interval(type);
    case 'K':
        return type->root == SQL_TYPE_SYMBOL;
    case 'V':
        return type->root == SQL_TYPE_VARIANT;
    case 'H':
        return is_hashable(type);
    case 'i':
        return integer_up_to(type, SQL_TYPE_INT);
    case 'b':
        return integer_up_to(type, SQL_TYPE_BIGINT);
    case 'n':
        return sql_type_is_numeric(type) || sql_type_is_char(type);
    default:
        return false;
    }
}

/*
 * Matches one signature that ends at '|' or the end. Returns 2 when it fits, 1 when
 * only the number of arguments does, 0 else.
 */
static int signature_fits(const struct call *call, const char *args)
{
    bool flink = call->fn->flags & SQL_FN_FLINK;
    bool fits = true;
    size_t i = 0;
    while (*args && *args != '|') {
        bool repeat = args[1] == '+';
        if (i >= call->count) {
            return 0;
        }
        do {
            fits = fits && letter_fits(*args, call->types[i], flink);
            i++;
        } while (repeat && i < call->count);
        args += repeat ? 2 : 1;
    }
    if (i != call->count) {
        return 0;
    }
    return fits ? 2 : 1;
}

static const struct sql_type *wrong_arguments(struct call *call, bool count)
{
    struct infer *in = call->view->in;
    const char *name = call->fn->name;
    if (count) {
        return infer_error(in, call->expr->at,
                           "invalid number of arguments to function '%s'", name);
    }
    const char *list = "";
    for (size_t i = 0; i < call->count && i < 8; i++) {
        const struct sql_type *type = call->types[i];
        if (type->root == SQL_TYPE_NULL && !(call->fn->flags & SQL_FN_FLINK)) {
            return infer_error(in, call->expr->args[i]->at, "illegal use of 'NULL'");
        }
        list =
            arena_printf(call->arena, "%s%s<%s>", list, i ? ", " : "",
                         sql_type_text(call->arena, type, SQL_TYPE_FORM_SERIAL, false));
    }
    return infer_error(in, call->expr->at,
                       "cannot apply '%s' to arguments of type '%s(%s)'", name, name,
                       list);
}

static int check_arguments(struct call *call)
{
    const char *args = call->fn->args;
    int best = 0;
    if (!args) {
        return 0;
    }
    for (;;) {
        int fit = signature_fits(call, args);
        best = fit > best ? fit : best;
        args = strchr(args, '|');
        if (best == 2 || !args) {
            break;
        }
        args++;
    }
    if (best < 2) {
        wrong_arguments(call, best == 0);
        return -1;
    }
    return 0;
}

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
        return sql_type_new(call->arena, SQL_TYPE_DECIMAL, SQL_TYPE_MAX_DECIMAL,
                            type->scale, type->nullable);
    }
    int value = atoi(digits->text);
    return sql_type_round(call->arena, type, minus ? -value : value);
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

static const struct sql_type *give_lag(struct call *call)
{
    const struct sql_type *type = call->types[0];
    bool nullable = true;
    if (call->count == 3) {
        const struct sql_type *other = call->types[2];
        if (other->root == SQL_TYPE_NULL) {
            return sql_type_nullable(call->arena, type, true);
        }
        nullable = type->nullable || other->nullable;
        type = sql_type_common(call->arena, type, other);
    }
    return type
               ? sql_type_nullable(call->arena,
                                   sql_type_time_attr(call->arena, type, SQL_TIME_NONE),
                                   nullable)
               : NULL;
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
            return call->nullable;
        }
        if (call->expr->call->filter) {
            return true;
        }
        return call->nullable || (!call->expr->call->over && (!group || !group->keyed));
    default:
        return call->nullable;
    }
}

static const struct sql_type *give(struct call *call)
{
    const struct sql_type *type = give_simple(call);
    if (!type && call->fn->gives == SQL_GIVES_JSON_RETURNING) {
        return give_json(call) ? sql_type_nullable(call->arena, give_json(call), true)
                               : NULL;
    }
    if (!type && call->fn->gives == SQL_GIVES_TIME_ATTR) {
        return call->view->group ? call->view->group->window_type : sql_type_unknown();
    }
    if (!type) {
        if (call->unknown) {
            return sql_type_unknown();
        }
        type = give_derived(call);
    } else if (call->unknown &&
               (call->fn->nulls == SQL_NULL_ARGS || call->fn->nulls == SQL_NULL_FIRST ||
                call->fn->nulls == SQL_NULL_GROUP)) {
        return sql_type_unknown();
    }
    if (!type || !element_fits(call)) {
        wrong_arguments(call, false);
        return NULL;
    }
    if (call->fn->gives == SQL_GIVES_LAG) {
        return type;
    }
    if (str_ends(call->fn->name, "PROCTIME")) {
        type = sql_type_time_attr(call->arena, type, SQL_TIME_PROCTIME);
    }
    return sql_type_nullable(call->arena, type, result_nullable(call));
}

/* Functions of Confluent Cloud that Apache Flink doesn't have. */
static bool is_cloud_function(const char *name)
{
    size_t len = strlen(name);
    return str_ieq_n(name, len > 3 ? 3 : len, "AI_") ||
           str_ieq_n(name, len > 3 ? 3 : len, "ML_") ||
           (len > 11 && str_ieq(name + len - 11, "_SEARCH_AGG")) ||
           str_ieq(name, "VECTOR_SEARCH");
}

static const struct sql_type *user_function(struct view *view,
                                            const struct sql_expr *expr)
{
    struct infer *in = view->in;
    struct sql_function found = {0};
    const char *parts[4];
    size_t count = expr->name.count < 4 ? expr->name.count : 4;
    for (size_t i = 0; i < count; i++) {
        parts[i] = expr->name.parts[i].text;
    }
    int got = 0;
    if (in->catalog && in->catalog->find_function) {
        got =
            in->catalog->find_function(in->catalog->ctx, parts, count, &found, in->err);
    }
    if (got < 0) {
        return NULL;
    }
    if (got > 0) {
        return found.result ? found.result : sql_type_unknown();
    }
    const char *name = parts[count - 1];
    if ((in->flags & SQL_INFER_UNKNOWN_FUNCTIONS) || is_cloud_function(name)) {
        return sql_type_unknown();
    }
    infer_error(in, expr->at, "no match found for function signature %s", name);
    const char *near = in->quiet ? NULL : sql_builtin_nearest(name);
    if (near) {
        err_hint(in->err, "did you mean %s?", near);
    }
    return NULL;
}

/* Where this function may stand. */
static int check_place(struct view *view, const struct sql_expr *expr,
                       const struct sql_builtin *fn)
{
    bool over = expr->call->over;
    if ((fn->flags & SQL_FN_OVER) && !over) {
        infer_error(view->in, expr->at,
                    "OVER clause is necessary for window functions");
        return -1;
    }
    if (over && view->in_over) {
        infer_error(view->in, expr->at, "OVER functions can't be nested");
        return -1;
    }
    bool match = view->scope && view->scope->match;
    if ((fn->flags & SQL_FN_MATCH) && !match) {
        infer_error(view->in, expr->at, "%s may only stand in MATCH_RECOGNIZE",
                    fn->name);
        return -1;
    }
    if (match || over || !(fn->flags & SQL_FN_AGGREGATE)) {
        return 0;
    }
    if (view->in_aggregate) {
        infer_error(view->in, expr->at, "aggregate expressions cannot be nested");
        return -1;
    }
    if (!view->aggregates) {
        infer_error(view->in, expr->at, "aggregate expression is illegal in %s clause",
                    view->clause ? view->clause : "this");
        return -1;
    }
    return 0;
}

static int check_over(struct view *view, const struct sql_window *over)
{
    struct view inner = *view;
    inner.in_over = true;
    inner.sources = NULL;
    const char *name = over->base.text;
    bool found = !name;
    for (size_t i = 0; name && i < view->scope->window_count; i++) {
        found = found || text_eq(view->scope->windows[i].name.text, name);
    }
    if (!found) {
        infer_error(view->in, over->base.at, "window '%s' not found", name);
        return -1;
    }
    for (size_t i = 0; i < over->partition_by.count; i++) {
        if (!infer_expr(&inner, over->partition_by.items[i])) {
            return -1;
        }
    }
    for (size_t i = 0; i < over->order_by.count; i++) {
        if (!infer_expr(&inner, over->order_by.items[i].expr)) {
            return -1;
        }
    }
    return 0;
}

static int type_arguments(struct call *call)
{
    const struct sql_expr *expr = call->expr;
    struct view inner = *call->view;
    if (!expr->call->over && (call->fn->flags & (SQL_FN_AGGREGATE | SQL_FN_WINDOW))) {
        inner.in_aggregate = true;
    }
    inner.in_over = inner.in_over || expr->call->over;
    if (expr->arg_count == 1 && expr->args[0]->kind == SQL_EXPR_STAR) {
        if (!str_ieq(call->fn->name, "COUNT")) {
            infer_error(call->view->in, expr->at,
                        "unknown identifier '*' in a call of %s", call->fn->name);
            return -1;
        }
        call->types[0] = sql_type_new(call->arena, SQL_TYPE_INT, 0, 0, false);
        return 0;
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        call->types[i] = infer_expr(&inner, expr->args[i]);
        if (!call->types[i]) {
            return -1;
        }
        call->unknown = call->unknown || call->types[i]->root == SQL_TYPE_UNKNOWN;
        call->nullable = call->nullable || call->types[i]->nullable;
    }
    struct view filter = inner;
    filter.in_aggregate = true;
    filter.clause = "FILTER";
    return expr->call->filter ? infer_condition(&filter, expr->call->filter) : 0;
}

static bool valid_unit(const char *unit)
{
    static const char *const units[] = {"CENTURY",
                                        "DAY",
                                        "DECADE",
                                        "DOW",
                                        "DOY",
                                        "EPOCH",
                                        "HOUR",
                                        "ISODOW",
                                        "ISOYEAR",
                                        "MICROSECOND",
                                        "MILLENNIUM",
                                        "MILLISECOND",
                                        "MINUTE",
                                        "MONTH",
                                        "NANOSECOND",
                                        "QUARTER",
                                        "SECOND",
                                        "WEEK",
                                        "YEAR",
                                        "SQL_TSI_DAY",
                                        "SQL_TSI_HOUR",
                                        "SQL_TSI_MINUTE",
                                        "SQL_TSI_MONTH",
                                        "SQL_TSI_QUARTER",
                                        "SQL_TSI_SECOND",
                                        "SQL_TSI_WEEK",
                                        "SQL_TSI_YEAR",
                                        "FRAC_SECOND",
                                        "SQL_TSI_FRAC_SECOND",
                                        "SQL_TSI_MICROSECOND"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (str_ieq(units[i], unit)) {
            return true;
        }
    }
    return false;
}

static int check_units(struct call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        const struct sql_expr *arg = call->expr->args[i];
        bool unit = arg->kind == SQL_EXPR_KEYWORD && call->types[0] &&
                    !str_ieq(call->fn->name, "TRIM");
        if (unit && !valid_unit(arg->text)) {
            infer_error(call->view->in, arg->at, "'%s' is not a valid time frame",
                        arg->text);
            return -1;
        }
    }
    return 0;
}

const struct sql_type *infer_call(struct view *view, const struct sql_expr *expr)
{
    struct infer *in = view->in;
    const char *name = expr->name.parts[expr->name.count - 1].text;
    const struct sql_builtin *fn =
        expr->name.count == 1 ? sql_builtin_find(name) : NULL;
    static const struct sql_builtin other = {.name = "", .flags = 0};
    struct call call = {.view = view,
                        .arena = in->arena,
                        .expr = expr,
                        .fn = fn ? fn : &other,
                        .count = expr->arg_count};
    if (fn && check_place(view, expr, fn) < 0) {
        return NULL;
    }
    if (expr->call->over && check_over(view, expr->call->over) < 0) {
        return NULL;
    }
    call.types = arena_array(in->arena, const struct sql_type *, call.count + 1);
    if (!fn) {
        const struct sql_type *type = user_function(view, expr);
        return type && type_arguments(&call) == 0 ? type : NULL;
    }
    if (type_arguments(&call) < 0 || check_units(&call) < 0 ||
        check_arguments(&call) < 0) {
        return NULL;
    }
    if (fn->flags & SQL_FN_WINDOW && (!view->group || !view->group->window)) {
        return infer_error(in, expr->at,
                           "%s may only stand in a query with GROUP BY "
                           "of a group window",
                           fn->name);
    }
    return give(&call);
}
