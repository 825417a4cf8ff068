/* Function calls: arguments against the signatures, and what comes out. */
#include "config.h"

#include "sql/infer_call.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

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

/* Arrays whose elements matter. */
static bool array_fits(char letter, const struct sql_type *type)
{
    if (type->root != SQL_TYPE_ARRAY) {
        return false;
    }
    const struct sql_type *element = type->element;
    if (element->root == SQL_TYPE_UNKNOWN) {
        return true;
    }
    if (letter == 't') {
        return sql_type_is_char(element);
    }
    return letter == 'j' ? integer_up_to(element, SQL_TYPE_INT)
                         : !element->element && !element->field_count;
}

/* Letters of a signature that stand for a family of types … */
static bool (*const FAMILIES['z' + 1])(const struct sql_type *type) = {
    ['N'] = sql_type_is_numeric,   ['E'] = sql_type_is_exact,
    ['I'] = sql_type_is_integer,   ['C'] = sql_type_is_char,
    ['Y'] = sql_type_is_binary,    ['D'] = sql_type_is_datetime,
    ['T'] = sql_type_is_timestamp, ['J'] = sql_type_is_interval,
    ['Z'] = is_collection,         ['H'] = is_hashable,
};

/* … and those for one root. */
static const uint8_t ROOTS['z' + 1] = {
    ['O'] = SQL_TYPE_BOOLEAN, ['A'] = SQL_TYPE_ARRAY,  ['M'] = SQL_TYPE_MAP,
    ['B'] = SQL_TYPE_BITMAP,  ['K'] = SQL_TYPE_SYMBOL, ['V'] = SQL_TYPE_VARIANT,
};

/* Whether an argument fits a letter of a signature; see struct sql_builtin. */
static bool letter_fits(char letter, const struct sql_type *type, bool flink)
{
    if (type->root == SQL_TYPE_UNKNOWN || letter == 'X') {
        return true;
    }
    if (type->root == SQL_TYPE_NULL) {
        return flink && !strchr("AMZtoR", letter);
    }
    if (FAMILIES[(unsigned char)letter]) {
        return FAMILIES[(unsigned char)letter](type);
    }
    switch (letter) {
    case 'x':
        return type->root != SQL_TYPE_SYMBOL;
    case 'S':
        return sql_type_is_char(type) || sql_type_is_binary(type);
    case 'R':
        return type->time_attr == SQL_TIME_ROWTIME;
    case 's':
        return type->root != SQL_TYPE_DATE && type->root != SQL_TYPE_TIME &&
               !sql_type_is_interval(type);
    case 't':
    case 'o':
    case 'j':
        return array_fits(letter, type);
    case 'i':
        return integer_up_to(type, SQL_TYPE_INT);
    case 'b':
        return integer_up_to(type, SQL_TYPE_BIGINT);
    case 'n':
        return sql_type_is_numeric(type) || sql_type_is_char(type);
    default:
        return type->root == ROOTS[(unsigned char)letter];
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

const struct sql_type *call_wrong(struct call *call, bool count)
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
        call_wrong(call, best == 0);
        return -1;
    }
    return 0;
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
    if (over && expr->call->filter) {
        infer_error(view->in, expr->at, "OVER can't be used with FILTER");
        return -1;
    }
    if (over && !(fn->flags & (SQL_FN_OVER | SQL_FN_AGGREGATE))) {
        infer_error(view->in, expr->at, "OVER must be applied to aggregate function");
        return -1;
    }
    if (over && (fn->flags & SQL_FN_OVER) && expr->call->over->unit != SQL_FRAME_NONE) {
        infer_error(view->in, expr->at, "ROWS and RANGE are not allowed with %s",
                    fn->name);
        return -1;
    }
    if (over && !view->aggregates && view->clause) {
        infer_error(view->in, expr->at,
                    "windowed aggregate expression is illegal in %s clause",
                    view->clause);
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
    if (match && expr->call->distinct) {
        infer_error(view->in, expr->at, "DISTINCT is not allowed in MATCH_RECOGNIZE");
        return -1;
    }
    bool moves = str_ieq(fn->name, "PREV") || str_ieq(fn->name, "NEXT");
    if (match && moves && text_eq(view->clause, "MEASURES")) {
        infer_error(view->in, expr->at, "cannot use PREV/NEXT in MEASURES");
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

/* What depends on more than types: literals, keys, a GROUP BY. */
static int check_literals(struct call *call)
{
    struct infer *in = call->view->in;
    const struct sql_expr *expr = call->expr;
    const char *name = call->fn->name;
    if (str_ieq(name, "LISTAGG") && call->count == 2 &&
        !expr_is_literal(expr->args[1])) {
        infer_error(in, expr->at, "argument to function 'LISTAGG' must be a literal");
        return -1;
    }
    for (size_t i = 0; str_ieq(name, "JSON_OBJECT") && i < call->count; i += 2) {
        if (call->types[i]->nullable && call->types[i]->root != SQL_TYPE_UNKNOWN) {
            infer_error(in, expr->at,
                        "a key of JSON_OBJECT must not be NULL, but '%s' can be",
                        sql_type_text(call->arena, call->types[i],
                                      SQL_TYPE_FORM_SUMMARY, false));
            return -1;
        }
    }
    bool grouping = strncmp(name, "GROUP", 5) == 0;
    const struct grouping *group = call->view->group;
    for (size_t i = 0; grouping && group && group->count && i < call->count; i++) {
        bool found = false;
        for (size_t g = 0; g < group->count && !found; g++) {
            found = expr_same(call->view, expr->args[i], group->exprs[g]);
        }
        if (!found) {
            infer_error(in, expr->at, "argument to %s must be a grouped expression",
                        name);
            return -1;
        }
    }
    if (grouping && (!group || (group->count == 0 && !group->written))) {
        infer_error(in, expr->at, "%s operator may only occur in an aggregate query",
                    name);
        return -1;
    }
    return 0;
}

/* IGNORE NULLS and RESPECT NULLS. */
static int check_nulls(struct view *view, const struct sql_expr *expr,
                       const struct sql_builtin *fn)
{
    bool takes = fn->gives == SQL_GIVES_LAG || fn->gives == SQL_GIVES_ARRAY_OF;
    if (takes || expr->call->nulls == SQL_NULLS_TREATMENT_UNSAID) {
        return 0;
    }
    infer_error(view->in, expr->at,
                "cannot specify IGNORE NULLS or RESPECT NULLS following '%s'",
                fn->name);
    return -1;
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
    if (fn && check_nulls(view, expr, fn) < 0) {
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
    if (check_literals(&call) < 0) {
        return NULL;
    }
    if (fn->gives == SQL_GIVES_UNKNOWN && (fn->flags & SQL_FN_WINDOW)) {
        return infer_error(in, expr->at, "%s can only appear in GROUP BY clause",
                           fn->name);
    }
    return call_give(&call);
}
