#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"

/* Types of results: a root, the first argument's, or worked out. */
enum result { RESULT_ROOT, RESULT_ARG0, RESULT_ARG1, RESULT_ELEMENT };

/* Functions that become a call of the same shape. */
static const struct {
    const char *name;
    const char *sql;
    enum result result;
    enum sql_type_root root;
} functions[] = {
    {"UPPER", "upper", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LOWER", "lower", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CHAR_LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"CHARACTER_LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"SUBSTRING", "substr", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SUBSTR", "substr", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REPLACE", "replace", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LTRIM", "ltrim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RTRIM", "rtrim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"BTRIM", "trim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"INSTR", "instr", RESULT_ROOT, SQL_TYPE_INT},
    {"ABS", "abs", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ROUND", "fl_round", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"TRUNCATE", "fl_truncate", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"POWER", "pow", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SQRT", "sqrt", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LN", "ln", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG10", "log10", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG2", "log2", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"EXP", "exp", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SIN", "sin", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"COS", "cos", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"TAN", "tan", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"PI", "pi", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SIGN", "sign", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"COALESCE", "coalesce", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"IFNULL", "ifnull", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"NULLIF", "nullif", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"GREATEST", "max", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"LEAST", "min", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"IF", "iif", RESULT_ARG1, SQL_TYPE_UNKNOWN},
    {"CONCAT", "fl_concat", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CONCAT_WS", "fl_concat_ws", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LPAD", "fl_lpad", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RPAD", "fl_rpad", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LEFT", "fl_left", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RIGHT", "fl_right", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REVERSE", "fl_reverse", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REPEAT", "fl_repeat", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"INITCAP", "fl_initcap", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SPLIT_INDEX", "fl_split_index", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP_REPLACE", "fl_regexp_replace", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP_EXTRACT", "fl_regexp_extract", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP", "fl_regexp", RESULT_ROOT, SQL_TYPE_BOOLEAN},
    {"MD5", "fl_md5", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA256", "fl_sha256", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"ASCII", "unicode", RESULT_ROOT, SQL_TYPE_INT},
    {"CHR", "char", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"JSON_VALUE", "fl_json_value", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"PARSE_JSON", "fl_parse_json", RESULT_ROOT, SQL_TYPE_VARIANT},
    {"TRY_PARSE_JSON", "fl_try_parse_json", RESULT_ROOT, SQL_TYPE_VARIANT},
    {"JSON_QUERY", "json_extract", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CARDINALITY", "json_array_length", RESULT_ROOT, SQL_TYPE_INT},
    {"MOD", "fl_mod", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"UNIX_TIMESTAMP", "fl_unix_timestamp", RESULT_ROOT, SQL_TYPE_BIGINT},
    {"FROM_UNIXTIME", "fl_from_unixtime", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"DATE_FORMAT", "fl_date_format", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"TO_TIMESTAMP", "fl_to_timestamp", RESULT_ROOT, SQL_TYPE_TIMESTAMP},
    {"TO_TIMESTAMP_LTZ", "fl_to_timestamp_ltz", RESULT_ROOT, SQL_TYPE_TIMESTAMP_LTZ},
    {"TO_DATE", "fl_to_date", RESULT_ROOT, SQL_TYPE_DATE},
    {"SOURCE_WATERMARK", "NULL", RESULT_ROOT, SQL_TYPE_TIMESTAMP_LTZ},
};

static const struct {
    const char *name;
    const char *sql;
    enum result result;
    enum sql_type_root root;
} aggregates[] = {
    {"COUNT", "count", RESULT_ROOT, SQL_TYPE_BIGINT},
    {"SUM", "sum", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"MIN", "min", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"MAX", "max", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"AVG", "avg", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"LISTAGG", "group_concat", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"FIRST_VALUE", "fl_first", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"LAST_VALUE", "fl_last", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"COLLECT", "fl_collect", RESULT_ELEMENT, SQL_TYPE_UNKNOWN},
    {"ARRAY_AGG", "json_group_array", RESULT_ELEMENT, SQL_TYPE_UNKNOWN},
    {"STDDEV_POP", "fl_stddev_pop", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"STDDEV_SAMP", "fl_stddev", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"STDDEV", "fl_stddev", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VAR_POP", "fl_var_pop", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VAR_SAMP", "fl_var", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"VARIANCE", "fl_var", RESULT_ROOT, SQL_TYPE_DOUBLE},
};

static const struct {
    const char *name;
    enum sql_type_root root;
} window_functions[] = {
    {"ROW_NUMBER", SQL_TYPE_BIGINT}, {"RANK", SQL_TYPE_BIGINT},
    {"DENSE_RANK", SQL_TYPE_BIGINT}, {"PERCENT_RANK", SQL_TYPE_DOUBLE},
    {"CUME_DIST", SQL_TYPE_DOUBLE},  {"NTILE", SQL_TYPE_BIGINT},
    {"LAG", SQL_TYPE_UNKNOWN},       {"LEAD", SQL_TYPE_UNKNOWN},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *name_of(const struct sql_expr *expr)
{
    return expr->name.count > 0 ? expr->name.parts[expr->name.count - 1].text : "";
}

bool xlate_is_aggregate(const struct sql_expr *expr)
{
    if (expr->kind != SQL_EXPR_CALL || expr->call->over != NULL) {
        return false;
    }
    for (size_t i = 0; i < COUNT(aggregates); i++) {
        if (str_ieq(aggregates[i].name, name_of(expr))) {
            return true;
        }
    }
    return false;
}

bool xlate_has_aggregate(const struct sql_expr *expr)
{
    if (expr == NULL) {
        return false;
    }
    bool has = xlate_is_aggregate(expr);
    for (size_t i = 0; !has && i < expr->arg_count; i++) {
        has = xlate_has_aggregate(expr->args[i]);
    }
    return has;
}

static int add_args(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, struct buf *out,
                    const struct sql_type **first, const struct sql_type **second)
{
    for (size_t i = 0; i < expr->arg_count; i++) {
        const struct sql_type *type = NULL;
        buf_adds(out, i > 0 ? "," : "");
        if (expr->args[i]->kind == SQL_EXPR_STAR) {
            buf_addc(out, '*');
        } else if (xlate_expr(x, scope, expr->args[i], out, &type) != 0) {
            return -1;
        }
        if (i == 0) {
            *first = type;
        } else if (i == 1) {
            *second = type;
        }
    }
    return 0;
}

static int add_orders(struct xlate *x, const struct xscope *scope,
                      const struct sql_order_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        buf_adds(out, i > 0 ? "," : " ORDER BY ");
        if (xlate_expr(x, scope, list->items[i].expr, out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, list->items[i].descending ? " DESC" : "");
    }
    return 0;
}

static int add_bound(struct xlate *x, const struct xscope *scope,
                     const struct sql_bound *bound, struct buf *out)
{
    switch (bound->kind) {
    case SQL_BOUND_UNBOUNDED_PRECEDING:
        buf_adds(out, "UNBOUNDED PRECEDING");
        return 0;
    case SQL_BOUND_UNBOUNDED_FOLLOWING:
        buf_adds(out, "UNBOUNDED FOLLOWING");
        return 0;
    case SQL_BOUND_PRECEDING:
    case SQL_BOUND_FOLLOWING:
        if (xlate_expr(x, scope, bound->offset, out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, bound->kind == SQL_BOUND_PRECEDING ? " PRECEDING" : " FOLLOWING");
        return 0;
    default:
        buf_adds(out, "CURRENT ROW");
        return 0;
    }
}

static int add_over(struct xlate *x, const struct xscope *scope,
                    const struct sql_window *over, struct buf *out)
{
    if (over->bare || over->base.text != NULL) {
        return xlate_fail(x, "a named window");
    }
    buf_adds(out, " OVER (");
    for (size_t i = 0; i < over->partition_by.count; i++) {
        buf_adds(out, i > 0 ? "," : "PARTITION BY ");
        if (xlate_expr(x, scope, over->partition_by.items[i], out, NULL) != 0) {
            return -1;
        }
    }
    if (add_orders(x, scope, &over->order_by, out) != 0) {
        return -1;
    }
    if (over->unit != SQL_FRAME_NONE) {
        buf_adds(out,
                 over->unit == SQL_FRAME_ROWS ? " ROWS BETWEEN " : " RANGE BETWEEN ");
        if (add_bound(x, scope, &over->lower, out) != 0) {
            return -1;
        }
        buf_adds(out, " AND ");
        if (add_bound(x, scope, &over->upper, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, ')');
    return 0;
}

static bool is_integer(const struct sql_type *type)
{
    return type != NULL &&
           (type->root == SQL_TYPE_TINYINT || type->root == SQL_TYPE_SMALLINT ||
            type->root == SQL_TYPE_INT || type->root == SQL_TYPE_BIGINT);
}

static int call_aggregate(struct xlate *x, const struct xscope *scope,
                          const struct sql_expr *expr, size_t at, struct buf *out,
                          const struct sql_type **type)
{
    const struct sql_type *first = NULL;
    const struct sql_type *second = NULL;
    const char *sql = aggregates[at].sql;
    bool over = expr->call->over != NULL;
    struct buf args = BUF_INIT;
    int rc = add_args(x, scope, expr, &args, &first, &second);
    if (over && strcmp(sql, "fl_first") == 0) {
        sql = "first_value";
    } else if (over && strcmp(sql, "fl_last") == 0) {
        sql = "last_value";
    }
    bool average = strcmp(sql, "avg") == 0 && is_integer(first);
    bool list = strcmp(sql, "json_group_array") == 0;
    buf_addf(out, "%s%s(%s%s)", average ? "CAST(" : "", sql,
             expr->call->distinct ? "DISTINCT " : "", buf_str(&args));
    buf_fini(&args);
    if (rc == 0 && (expr->call->filter != NULL || list)) {
        buf_adds(out, expr->call->filter != NULL ? " FILTER (WHERE " : "");
        if (expr->call->filter != NULL) {
            rc = xlate_expr(x, scope, expr->call->filter, out, NULL);
            buf_addc(out, ')');
        }
    }
    if (rc == 0 && over) {
        rc = add_over(x, scope, expr->call->over, out);
    }
    buf_adds(out, average ? " AS INTEGER)" : "");
    *type = aggregates[at].result == RESULT_ROOT ? xlate_type(x, aggregates[at].root)
                                                 : first;
    if (list) {
        *type =
            sql_type_array(x->arena, first != NULL ? first : sql_type_unknown(), true);
    }
    return rc;
}

static int call_window(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, size_t at, struct buf *out,
                       const struct sql_type **type)
{
    const struct sql_type *first = NULL;
    const struct sql_type *second = NULL;
    if (expr->call->over == NULL) {
        return xlate_fail(x, "%s without OVER", window_functions[at].name);
    }
    buf_addf(out, "%s(", window_functions[at].name);
    if (add_args(x, scope, expr, out, &first, &second) != 0) {
        return -1;
    }
    buf_addc(out, ')');
    *type = window_functions[at].root != SQL_TYPE_UNKNOWN
                ? xlate_type(x, window_functions[at].root)
                : first;
    return add_over(x, scope, expr->call->over, out);
}

static int call_plain(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, size_t at, struct buf *out,
                      const struct sql_type **type)
{
    const struct sql_type *first = NULL;
    const struct sql_type *second = NULL;
    if (strcmp(functions[at].sql, "NULL") == 0) {
        buf_adds(out, "NULL");
        return 0;
    }
    buf_addf(out, "%s(", functions[at].sql);
    if (add_args(x, scope, expr, out, &first, &second) != 0) {
        return -1;
    }
    if (strcmp(functions[at].name, "MOD") == 0) {
        buf_adds(out, ",1");
    }
    /* SQLite's want two arguments at least */
    bool one = expr->arg_count == 1 && (strcmp(functions[at].sql, "coalesce") == 0 ||
                                        strcmp(functions[at].sql, "max") == 0 ||
                                        strcmp(functions[at].sql, "min") == 0);
    buf_adds(out, one ? ",NULL)" : ")");
    switch (functions[at].result) {
    case RESULT_ROOT:
        *type = xlate_type(x, functions[at].root);
        break;
    case RESULT_ARG1:
        *type = second;
        break;
    default:
        *type = first != NULL && first->root != SQL_TYPE_NULL ? first : second;
        break;
    }
    return 0;
}

/* EXTRACT, FLOOR and CEIL to a unit, TIMESTAMPDIFF, TIMESTAMPADD, TRIM, POSITION … */

static int arg(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               size_t at, const char **sql, const struct sql_type **type)
{
    struct buf out = BUF_INIT;
    int rc = xlate_expr(x, scope, expr->args[at], &out, type);
    *sql = arena_strdup(x->arena, buf_str(&out));
    buf_fini(&out);
    return rc;
}

static bool is_date(const struct sql_type *type)
{
    return type != NULL && type->root == SQL_TYPE_DATE;
}

static int call_extract(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, const char *unit, size_t at,
                        struct buf *out, const struct sql_type **type)
{
    const char *value;
    const struct sql_type *from = NULL;
    if (arg(x, scope, expr, at, &value, &from) != 0) {
        return -1;
    }
    buf_addf(out, "fl_extract('%s',%s,%d)", unit, value, is_date(from));
    *type = xlate_type(x, SQL_TYPE_BIGINT);
    return 0;
}

static int call_floor(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, bool up, struct buf *out,
                      const struct sql_type **type)
{
    const char *value;
    if (arg(x, scope, expr, 0, &value, type) != 0) {
        return -1;
    }
    if (expr->arg_count == 2 && expr->args[1]->kind == SQL_EXPR_KEYWORD) {
        buf_addf(out, "fl_floor_time(%s,'%s',%d,%d)", value, expr->args[1]->text,
                 is_date(*type), up);
    } else {
        buf_addf(out, "%s(%s)", up ? "ceil" : "floor", value);
    }
    return 0;
}

static int call_timestampdiff(struct xlate *x, const struct xscope *scope,
                              const struct sql_expr *expr, struct buf *out,
                              const struct sql_type **type)
{
    const char *a;
    const char *b;
    const struct sql_type *at = NULL;
    const struct sql_type *bt = NULL;
    if (arg(x, scope, expr, 1, &a, &at) != 0 || arg(x, scope, expr, 2, &b, &bt) != 0) {
        return -1;
    }
    buf_addf(out, "fl_timestampdiff('%s',%s%s,%s%s)", expr->args[0]->text, a,
             is_date(at) ? "*86400000000" : "", b, is_date(bt) ? "*86400000000" : "");
    *type = xlate_type(x, SQL_TYPE_INT);
    return 0;
}

static int call_timestampadd(struct xlate *x, const struct xscope *scope,
                             const struct sql_expr *expr, struct buf *out,
                             const struct sql_type **type)
{
    const char *count;
    const char *value;
    if (arg(x, scope, expr, 1, &count, NULL) != 0 ||
        arg(x, scope, expr, 2, &value, type) != 0) {
        return -1;
    }
    buf_addf(out, "fl_timestampadd('%s',%s,%s,%d)", expr->args[0]->text, count, value,
             is_date(*type));
    return 0;
}

static int call_trim(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    const char *chars = "' '";
    bool word = expr->args[0]->kind == SQL_EXPR_KEYWORD;
    const char *side = word ? expr->args[0]->text : "BOTH";
    if (arg(x, scope, expr, expr->arg_count - 1, &value, NULL) != 0 ||
        (expr->arg_count == 3 && arg(x, scope, expr, 1, &chars, NULL) != 0)) {
        return -1;
    }
    buf_addf(out, "%s(%s,%s)",
             strcmp(side, "LEADING") == 0    ? "ltrim"
             : strcmp(side, "TRAILING") == 0 ? "rtrim"
                                             : "trim",
             value, chars);
    return 0;
}

static int call_now(struct xlate *x, const char *name, struct buf *out,
                    const struct sql_type **type)
{
    bool date = strcmp(name, "CURRENT_DATE") == 0;
    bool time = strcmp(name, "CURRENT_TIME") == 0 || strcmp(name, "LOCALTIME") == 0;
    bool local = strcmp(name, "LOCALTIMESTAMP") == 0;
    int64_t us = x->start * 1000 + (local || date || time ? x->zone : 0);
    *type = xlate_type(x, date    ? SQL_TYPE_DATE
                          : time  ? SQL_TYPE_TIME
                          : local ? SQL_TYPE_TIMESTAMP
                                  : SQL_TYPE_TIMESTAMP_LTZ);
    buf_addf(out, "%lld",
             (long long)(date   ? us / 86400000000LL
                         : time ? us / 1000 % 86400000
                                : us));
    return 0;
}

static int call_special(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, const char *name, struct buf *out,
                        const struct sql_type **type)
{
    static const char *const parts[] = {"YEAR",      "QUARTER",  "MONTH",  "WEEK",
                                        "HOUR",      "MINUTE",   "SECOND", "DAYOFMONTH",
                                        "DAYOFWEEK", "DAYOFYEAR"};
    static const char *const nows[] = {
        "CURRENT_TIMESTAMP", "NOW",       "LOCALTIMESTAMP",        "CURRENT_DATE",
        "CURRENT_TIME",      "LOCALTIME", "CURRENT_ROW_TIMESTAMP", "PROCTIME"};
    for (size_t i = 0; i < COUNT(nows); i++) {
        if (strcmp(nows[i], name) == 0) {
            return call_now(x, name, out, type);
        }
    }
    for (size_t i = 0; i < COUNT(parts) && expr->arg_count == 1; i++) {
        if (strcmp(parts[i], name) == 0) {
            return call_extract(x, scope, expr, name, 0, out, type);
        }
    }
    if (strcmp(name, "EXTRACT") == 0 && expr->arg_count == 2) {
        return call_extract(x, scope, expr, expr->args[0]->text, 1, out, type);
    }
    if ((strcmp(name, "FLOOR") == 0 || strncmp(name, "CEIL", 4) == 0) &&
        expr->arg_count > 0) {
        return call_floor(x, scope, expr, name[0] == 'C', out, type);
    }
    if (strcmp(name, "TIMESTAMPDIFF") == 0 && expr->arg_count == 3) {
        return call_timestampdiff(x, scope, expr, out, type);
    }
    if (strcmp(name, "TIMESTAMPADD") == 0 && expr->arg_count == 3) {
        return call_timestampadd(x, scope, expr, out, type);
    }
    if (strcmp(name, "TRIM") == 0 && expr->arg_count > 0) {
        *type = xlate_type(x, SQL_TYPE_VARCHAR);
        return call_trim(x, scope, expr, out);
    }
    if ((strcmp(name, "POSITION") == 0 || strcmp(name, "LOCATE") == 0) &&
        expr->arg_count == 2) {
        const char *a;
        const char *b;
        if (arg(x, scope, expr, 0, &a, NULL) != 0 ||
            arg(x, scope, expr, 1, &b, NULL) != 0) {
            return -1;
        }
        buf_addf(out, "instr(%s,%s)", b, a);
        *type = xlate_type(x, SQL_TYPE_INT);
        return 0;
    }
    return xlate_fail(x, "the function %s", name);
}

int xlate_call(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               struct buf *out, const struct sql_type **type)
{
    char name[64];
    str_copy(name, sizeof(name), name_of(expr));
    for (char *c = name; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    for (size_t i = 0; i < COUNT(aggregates); i++) {
        if (strcmp(aggregates[i].name, name) == 0) {
            return call_aggregate(x, scope, expr, i, out, type);
        }
    }
    for (size_t i = 0; i < COUNT(window_functions); i++) {
        if (strcmp(window_functions[i].name, name) == 0) {
            return call_window(x, scope, expr, i, out, type);
        }
    }
    for (size_t i = 0; i < COUNT(functions); i++) {
        if (strcmp(functions[i].name, name) == 0) {
            return call_plain(x, scope, expr, i, out, type);
        }
    }
    return call_special(x, scope, expr, name, out, type);
}
