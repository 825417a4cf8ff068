#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/parse.h"

void xlate_string(struct buf *out, const char *text)
{
    buf_addc(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buf_addc(out, '\'');
        }
        buf_addc(out, *text);
    }
    buf_addc(out, '\'');
}

static enum sql_type_root root_of(const struct sql_type *type)
{
    return type != NULL ? (enum sql_type_root)type->root : SQL_TYPE_UNKNOWN;
}

static bool is_timestamp(enum sql_type_root root)
{
    return root == SQL_TYPE_TIMESTAMP || root == SQL_TYPE_TIMESTAMP_LTZ ||
           root == SQL_TYPE_TIMESTAMP_TZ;
}

static bool is_integer(enum sql_type_root root)
{
    return root == SQL_TYPE_TINYINT || root == SQL_TYPE_SMALLINT ||
           root == SQL_TYPE_INT || root == SQL_TYPE_BIGINT;
}

static bool is_string(enum sql_type_root root)
{
    return root == SQL_TYPE_CHAR || root == SQL_TYPE_VARCHAR;
}

/* One column of the scope by its name; type and SQL. */
static bool find_column(struct xlate *x, const struct xscope *scope, const char *table,
                        const char *name, const char **sql,
                        const struct sql_type **type)
{
    for (; scope != NULL; scope = scope->outer) {
        for (size_t r = 0; r < scope->count; r++) {
            const struct xrel *rel = scope->rels[r];
            if (table != NULL && (rel->name == NULL || strcmp(rel->name, table) != 0)) {
                continue;
            }
            for (size_t i = 0; i < rel->count; i++) {
                if (strcmp(rel->columns[i].name, name) == 0) {
                    *type = rel->columns[i].type;
                    *sql = rel->exprs != NULL
                               ? rel->exprs[i]
                               : arena_printf(x->arena, "f%d.c%zu", rel->number, i);
                    return true;
                }
            }
        }
    }
    return false;
}

/* r.x.y: fields of a ROW are items of its JSON array. */
static int add_fields(struct xlate *x, const struct sql_name *name, size_t from,
                      const char *sql, const struct sql_type **type, struct buf *out)
{
    for (; from < name->count; from++) {
        const char *field = name->parts[from].text;
        size_t at = 0;
        if (root_of(*type) != SQL_TYPE_ROW) {
            return xlate_fail(x, "the field %s", field);
        }
        while (at < (*type)->field_count &&
               strcmp((*type)->fields[at].name, field) != 0) {
            at++;
        }
        if (at == (*type)->field_count) {
            return xlate_fail(x, "the field %s", field);
        }
        sql = arena_printf(x->arena, "json_extract(%s,'$[%zu]')", sql, at);
        *type = (*type)->fields[at].type;
    }
    buf_adds(out, sql);
    return 0;
}

static int expr_column(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, struct buf *out,
                       const struct sql_type **type)
{
    const struct sql_ident *part = expr->name.parts;
    size_t count = expr->name.count;
    const char *sql;
    for (size_t skip = 0; skip + 1 < count; skip++) {
        if (find_column(x, scope, part[skip].text, part[skip + 1].text, &sql, type)) {
            return add_fields(x, &expr->name, skip + 2, sql, type, out);
        }
    }
    if (find_column(x, scope, NULL, part[0].text, &sql, type)) {
        return add_fields(x, &expr->name, 1, sql, type, out);
    }
    return xlate_fail(x, "the column %s", part[count - 1].text);
}

static int expr_number(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                       const struct sql_type **type)
{
    const char *point = strchr(expr->text, '.');
    bool approximate = strpbrk(expr->text, "eE") != NULL;
    if (approximate) {
        *type = xlate_type(x, SQL_TYPE_DOUBLE);
        buf_adds(out, expr->text);
    } else if (point != NULL) {
        int scale = (int)strlen(point + 1);
        *type = sql_type_new(x->arena, SQL_TYPE_DECIMAL, 38, scale, false);
        buf_adds(out, expr->text);
    } else {
        bool big = strlen(expr->text) > 9;
        *type = xlate_type(x, big ? SQL_TYPE_BIGINT : SQL_TYPE_INT);
        buf_adds(out, expr->text);
    }
    return 0;
}

static int expr_time(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                     const struct sql_type **type)
{
    int64_t number = 0;
    bool ok;
    if (expr->kind == SQL_EXPR_DATE) {
        *type = xlate_type(x, SQL_TYPE_DATE);
        ok = time_parse_date(expr->text, &number);
    } else if (expr->kind == SQL_EXPR_TIME) {
        *type = xlate_type(x, SQL_TYPE_TIME);
        ok = time_parse_time(expr->text, &number);
    } else {
        const char *point = strchr(expr->text, '.');
        int precision = point != NULL ? (int)strlen(point + 1) : 0;
        *type = sql_type_new(x->arena,
                             expr->zone == SQL_ZONE_LOCAL ? SQL_TYPE_TIMESTAMP_LTZ
                                                          : SQL_TYPE_TIMESTAMP,
                             precision, 0, false);
        ok = time_parse_timestamp(expr->text, &number);
    }
    buf_addf(out, "%lld", (long long)number);
    return ok ? 0 : xlate_fail(x, "the literal '%s'", expr->text);
}

static const struct {
    const char *unit;
    int64_t us;
    int64_t months;
} units[] = {
    {"SECOND", 1000000, 0},
    {"MINUTE", 60000000, 0},
    {"HOUR", 3600000000LL, 0},
    {"DAY", 86400000000LL, 0},
    {"WEEK", 7 * 86400000000LL, 0},
    {"MONTH", 0, 1},
    {"QUARTER", 0, 3},
    {"YEAR", 0, 12},
};

static int expr_interval(struct xlate *x, const struct sql_expr *expr, struct buf *out,
                         const struct sql_type **type)
{
    const char *text = expr->text;
    int64_t sign = expr->negated ? -1 : 1;
    if (text == NULL || expr->interval.from == NULL) {
        return xlate_fail(x, "an INTERVAL that is no literal");
    }
    if (*text == '-') {
        sign = -sign;
        text++;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(units[i].unit, expr->interval.from) != 0) {
            continue;
        }
        if (units[i].months > 0) {
            int64_t months = strtoll(text, NULL, 10) * units[i].months;
            const char *dash = strchr(text, '-');
            months += expr->interval.to != NULL && dash != NULL
                          ? strtoll(dash + 1, NULL, 10)
                          : 0;
            *type = xlate_type(x, SQL_TYPE_INTERVAL_YEAR_MONTH);
            buf_addf(out, "%lld", (long long)(sign * months));
            return 0;
        }
        double us = 0;
        int64_t unit = units[i].us;
        const char *at = text;
        char *end;
        for (;;) {
            us += strtod(at, &end) * (double)unit;
            if (end == at || *end == '\0') {
                break;
            }
            unit = unit == 86400000000LL ? 3600000000LL : unit / 60;
            at = end + 1;
        }
        *type = xlate_type(x, SQL_TYPE_INTERVAL_DAY_TIME);
        buf_addf(out, "%lld", (long long)sign * (long long)us);
        return 0;
    }
    return xlate_fail(x, "this INTERVAL");
}

static int sub(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               const char **sql, const struct sql_type **type)
{
    struct buf out = BUF_INIT;
    const struct sql_type *ignored = NULL;
    int rc = xlate_expr(x, scope, expr, &out, type != NULL ? type : &ignored);
    *sql = arena_strdup(x->arena, buf_str(&out));
    buf_fini(&out);
    return rc;
}

static const struct sql_type *wider(struct xlate *x, const struct sql_type *a,
                                    const struct sql_type *b, enum sql_op op)
{
    enum sql_type_root ra = root_of(a);
    enum sql_type_root rb = root_of(b);
    if (ra == SQL_TYPE_DOUBLE || rb == SQL_TYPE_DOUBLE || ra == SQL_TYPE_FLOAT ||
        rb == SQL_TYPE_FLOAT) {
        return xlate_type(x, SQL_TYPE_DOUBLE);
    }
    if (ra == SQL_TYPE_DECIMAL || rb == SQL_TYPE_DECIMAL) {
        int sa = ra == SQL_TYPE_DECIMAL ? a->scale : 0;
        int sb = rb == SQL_TYPE_DECIMAL ? b->scale : 0;
        int scale = op == SQL_OP_TIMES ? sa + sb : op == SQL_OP_DIVIDE ? sa + 6 : sa;
        scale = scale > sb ? scale : sb;
        return sql_type_new(x->arena, SQL_TYPE_DECIMAL, 38, scale > 18 ? 18 : scale,
                            true);
    }
    return ra == SQL_TYPE_BIGINT || !is_integer(rb) ? a : b;
}

/* + and - where a date or a timestamp is one side. */
static bool time_arithmetic(struct xlate *x, enum sql_op op, const char *left,
                            const struct sql_type *lt, const char *right,
                            const struct sql_type *rt, struct buf *out,
                            const struct sql_type **type)
{
    enum sql_type_root l = root_of(lt);
    enum sql_type_root r = root_of(rt);
    const char *sign = op == SQL_OP_MINUS ? "-" : "+";
    if (r == SQL_TYPE_DATE || is_timestamp(r)) {
        if (l == SQL_TYPE_INTERVAL_DAY_TIME || l == SQL_TYPE_INTERVAL_YEAR_MONTH) {
            return time_arithmetic(x, op, right, rt, left, lt, out, type);
        }
        if (op == SQL_OP_MINUS && (l == SQL_TYPE_DATE || is_timestamp(l))) {
            buf_addf(out, "(%s-%s)%s", left, right,
                     l == SQL_TYPE_DATE && r == SQL_TYPE_DATE ? "*86400000000" : "");
            *type = xlate_type(x, SQL_TYPE_INTERVAL_DAY_TIME);
            return true;
        }
        return false;
    }
    if (l != SQL_TYPE_DATE && !is_timestamp(l)) {
        return false;
    }
    *type = lt;
    if (r == SQL_TYPE_INTERVAL_YEAR_MONTH) {
        buf_addf(out, "fl_add_months(%s,%s%s,%d)", left, op == SQL_OP_MINUS ? "-" : "",
                 right, l == SQL_TYPE_DATE);
        return true;
    }
    if (r != SQL_TYPE_INTERVAL_DAY_TIME) {
        return false;
    }
    buf_addf(out, "(%s%s%s%s)", left, sign, right,
             l == SQL_TYPE_DATE ? "/86400000000" : "");
    return true;
}

/* Strings beside dates and timestamps in a comparison are read as such. */
static const char *comparable(struct xlate *x, const char *sql,
                              const struct sql_type *own, const struct sql_type *other)
{
    enum sql_type_root root = root_of(other);
    if (is_string(root_of(own)) &&
        (root == SQL_TYPE_DATE || root == SQL_TYPE_TIME || is_timestamp(root) ||
         is_integer(root) || root == SQL_TYPE_DECIMAL || root == SQL_TYPE_DOUBLE)) {
        struct buf out = BUF_INIT;
        xlate_cast(x, sql, own, other, true, &out);
        sql = arena_strdup(x->arena, buf_str(&out));
        buf_fini(&out);
    }
    if (root == SQL_TYPE_DATE && is_timestamp(root_of(own))) {
        return arena_printf(x->arena, "(%s/86400000000)", sql);
    }
    return sql;
}

static int expr_operator(struct xlate *x, const struct xscope *scope,
                         const struct sql_expr *expr, struct buf *out,
                         const struct sql_type **type)
{
    static const char *const words[SQL_OP_COUNT] = {
        [SQL_OP_PLUS] = "+",    [SQL_OP_MINUS] = "-", [SQL_OP_TIMES] = "*",
        [SQL_OP_EQ] = "=",      [SQL_OP_NE] = "<>",   [SQL_OP_LT] = "<",
        [SQL_OP_LE] = "<=",     [SQL_OP_GT] = ">",    [SQL_OP_GE] = ">=",
        [SQL_OP_CONCAT] = "||",
    };
    const char *left;
    const char *right;
    const struct sql_type *lt = NULL;
    const struct sql_type *rt = NULL;
    if (sub(x, scope, expr->args[0], &left, &lt) != 0 ||
        sub(x, scope, expr->args[1], &right, &rt) != 0) {
        return -1;
    }
    if ((expr->op == SQL_OP_PLUS || expr->op == SQL_OP_MINUS) &&
        time_arithmetic(x, expr->op, left, lt, right, rt, out, type)) {
        return 0;
    }
    if (expr->op == SQL_OP_DIVIDE || expr->op == SQL_OP_MODULO) {
        bool ints = is_integer(root_of(lt)) && is_integer(root_of(rt));
        *type = wider(x, lt, rt, expr->op);
        buf_addf(out, "%s(%s,%s,%d)", expr->op == SQL_OP_DIVIDE ? "fl_div" : "fl_mod",
                 left, right,
                 ints                                 ? 1
                 : root_of(*type) == SQL_TYPE_DECIMAL ? 2
                                                      : 0);
        return 0;
    }
    const char *word = words[expr->op];
    if (word == NULL) {
        return xlate_fail(x, "this operator");
    }
    if (expr->op == SQL_OP_CONCAT) {
        *type = xlate_type(x, SQL_TYPE_VARCHAR);
    } else if (expr->op >= SQL_OP_EQ && expr->op <= SQL_OP_GE) {
        *type = xlate_type(x, SQL_TYPE_BOOLEAN);
        left = comparable(x, left, lt, rt);
        right = comparable(x, right, rt, lt);
    } else {
        *type = wider(x, lt, rt, expr->op);
    }
    buf_addf(out, "(%s%s%s)", left, word, right);
    return 0;
}

static int expr_list(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, size_t from, const char *separator,
                     struct buf *out)
{
    for (size_t i = from; i < expr->arg_count; i++) {
        buf_adds(out, i > from ? separator : "");
        if (xlate_expr(x, scope, expr->args[i], out, NULL) != 0) {
            return -1;
        }
    }
    return 0;
}

static int expr_case(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out,
                     const struct sql_type **type)
{
    size_t last = expr->arg_count - 1;
    buf_adds(out, "CASE");
    if (expr->args[0] != NULL) {
        buf_addc(out, ' ');
        if (xlate_expr(x, scope, expr->args[0], out, NULL) != 0) {
            return -1;
        }
    }
    for (size_t i = 1; i < last; i += 2) {
        const struct sql_type *then = NULL;
        buf_adds(out, " WHEN ");
        if (xlate_expr(x, scope, expr->args[i], out, NULL) != 0) {
            return -1;
        }
        buf_adds(out, " THEN ");
        if (xlate_expr(x, scope, expr->args[i + 1], out, &then) != 0) {
            return -1;
        }
        *type = *type == NULL || root_of(*type) == SQL_TYPE_NULL ? then : *type;
    }
    if (expr->args[last] != NULL) {
        const struct sql_type *other = NULL;
        buf_adds(out, " ELSE ");
        if (xlate_expr(x, scope, expr->args[last], out, &other) != 0) {
            return -1;
        }
        *type = *type == NULL || root_of(*type) == SQL_TYPE_NULL ? other : *type;
    }
    buf_adds(out, " END");
    return 0;
}

static int expr_is(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out)
{
    const char *left;
    const char *right;
    const char *not = expr->negated ? "NOT " : "";
    if (sub(x, scope, expr->args[0], &left, NULL) != 0) {
        return -1;
    }
    switch (expr->op) {
    case SQL_OP_IS_NULL:
    case SQL_OP_IS_UNKNOWN:
        buf_addf(out, "(%s IS %sNULL)", left, not );
        return 0;
    case SQL_OP_IS_TRUE:
    case SQL_OP_IS_FALSE:
        buf_addf(out, "(%s IS %s%d)", left, not, expr->op == SQL_OP_IS_TRUE);
        return 0;
    case SQL_OP_IS_DISTINCT:
        if (sub(x, scope, expr->args[1], &right, NULL) != 0) {
            return -1;
        }
        buf_addf(out, "(%s IS %s%s)", left, expr->negated ? "" : "NOT ", right);
        return 0;
    case SQL_OP_IS_JSON:
        buf_addf(out, "(%sjson_valid(%s))", not, left);
        return 0;
    default:
        return xlate_fail(x, "this IS predicate");
    }
}

static int expr_between(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    const char *low;
    const char *high;
    const struct sql_type *type = NULL;
    const struct sql_type *lt = NULL;
    const struct sql_type *ht = NULL;
    if (sub(x, scope, expr->args[0], &value, &type) != 0 ||
        sub(x, scope, expr->args[1], &low, &lt) != 0 ||
        sub(x, scope, expr->args[2], &high, &ht) != 0) {
        return -1;
    }
    low = comparable(x, low, lt, type);
    high = comparable(x, high, ht, type);
    buf_addf(out, "(%s %sBETWEEN %s AND %s)", value, expr->negated ? "NOT " : "", low,
             high);
    return 0;
}

static int expr_in(struct xlate *x, const struct xscope *scope,
                   const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    struct xquery query;
    if (sub(x, scope, expr->args[0], &value, NULL) != 0) {
        return -1;
    }
    buf_addf(out, "(%s %sIN (", value, expr->negated ? "NOT " : "");
    if (expr->query != NULL) {
        if (xlate_query(x, expr->query, scope, &query) != 0) {
            return -1;
        }
        buf_addf(out, "SELECT c0 FROM (%s)", query.sql);
    } else if (expr_list(x, scope, expr, 1, ",", out) != 0) {
        return -1;
    }
    buf_adds(out, "))");
    return 0;
}

static int expr_like(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out)
{
    const char *value;
    const char *pattern;
    const char *escape = NULL;
    if (expr->op != SQL_OP_LIKE && expr->op != SQL_OP_ILIKE) {
        return xlate_fail(x, "SIMILAR TO");
    }
    if (sub(x, scope, expr->args[0], &value, NULL) != 0 ||
        sub(x, scope, expr->args[1], &pattern, NULL) != 0 ||
        (expr->arg_count > 2 && sub(x, scope, expr->args[2], &escape, NULL) != 0)) {
        return -1;
    }
    const char *fold = expr->op == SQL_OP_ILIKE ? "lower" : "";
    buf_addf(out, "(%s(%s) %sLIKE %s(%s)", fold, value, expr->negated ? "NOT " : "",
             fold, pattern);
    if (escape != NULL) {
        buf_addf(out, " ESCAPE %s", escape);
    }
    buf_addc(out, ')');
    return 0;
}

static int expr_query(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, struct buf *out,
                      const struct sql_type **type)
{
    struct xquery query;
    if (xlate_query(x, expr->query, scope, &query) != 0) {
        return -1;
    }
    if (expr->kind == SQL_EXPR_EXISTS) {
        buf_addf(out, "EXISTS (%s)", query.sql);
        *type = xlate_type(x, SQL_TYPE_BOOLEAN);
    } else {
        buf_addf(out, "(SELECT c0 FROM (%s))", query.sql);
        *type = query.count > 0 ? query.columns[0].type : NULL;
    }
    return 0;
}

static const struct sql_type *row_type(struct xlate *x, const struct sql_type **types,
                                       size_t count)
{
    struct sql_type_field *fields =
        arena_array(x->arena, struct sql_type_field, count + 1);
    for (size_t i = 0; i < count; i++) {
        fields[i].name = arena_printf(x->arena, "EXPR$%zu", i);
        fields[i].type = types[i] != NULL ? types[i] : sql_type_unknown();
    }
    return sql_type_row(x->arena, fields, count, false);
}

static int expr_collection(struct xlate *x, const struct xscope *scope,
                           const struct sql_expr *expr, struct buf *out,
                           const struct sql_type **type)
{
    const struct sql_type **types =
        arena_array(x->arena, const struct sql_type *, expr->arg_count + 2);
    if (expr->query != NULL) {
        return xlate_fail(x, "a collection of a query");
    }
    bool map = expr->kind == SQL_EXPR_MAP;
    buf_adds(out, "json_array(");
    for (size_t i = 0; i < expr->arg_count; i++) {
        const char *sql;
        if (sub(x, scope, expr->args[i], &sql, &types[i]) != 0) {
            return -1;
        }
        enum sql_type_root root = root_of(types[i]);
        bool nested = root == SQL_TYPE_ARRAY || root == SQL_TYPE_MAP ||
                      root == SQL_TYPE_ROW || root == SQL_TYPE_MULTISET;
        buf_adds(out, i > 0 ? "," : "");
        buf_adds(out, map && i % 2 == 0 ? "json_array(" : "");
        buf_addf(out, nested ? "json(%s)" : "%s", sql);
        buf_adds(out, map && i % 2 == 1 ? ")" : "");
    }
    buf_addc(out, ')');
    const struct sql_type *first = types[0] != NULL ? types[0] : sql_type_unknown();
    const struct sql_type *second = types[1] != NULL ? types[1] : sql_type_unknown();
    *type = map ? sql_type_map(x->arena, first, second, false)
            : expr->kind == SQL_EXPR_ARRAY ? sql_type_array(x->arena, first, false)
                                           : row_type(x, types, expr->arg_count);
    return 0;
}

static int expr_element(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, struct buf *out,
                        const struct sql_type **type)
{
    const char *collection;
    const char *index;
    const struct sql_type *ct = NULL;
    if (sub(x, scope, expr->args[0], &collection, &ct) != 0 ||
        sub(x, scope, expr->args[1], &index, NULL) != 0) {
        return -1;
    }
    if (root_of(ct) == SQL_TYPE_MAP) {
        buf_addf(out,
                 "(SELECT json_extract(value,'$[1]') FROM json_each(%s) WHERE "
                 "json_extract(value,'$[0]') = %s)",
                 collection, index);
    } else {
        buf_addf(out, "json_extract(%s,'$['||(%s-1)||']')", collection, index);
    }
    *type = ct != NULL ? ct->element : NULL;
    return 0;
}

static int expr_cast(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out,
                     const struct sql_type **type)
{
    const char *value;
    const struct sql_type *from = NULL;
    struct err wrong = {0};
    if (sub(x, scope, expr->args[0], &value, &from) != 0) {
        return -1;
    }
    *type = sql_type_from_spec(x->arena, expr->type, &wrong);
    if (*type == NULL) {
        return xlate_fail(x, "this CAST");
    }
    return xlate_cast(x, value, from, *type, expr->kind == SQL_EXPR_TRY_CAST, out);
}

int xlate_cast(struct xlate *x, const char *sql, const struct sql_type *from,
               const struct sql_type *to, bool safe, struct buf *out)
{
    (void)x;
    enum sql_type_root f = root_of(from);
    enum sql_type_root t = root_of(to);
    const char *name = safe ? "fl_try_cast" : "fl_cast";
    if (t == SQL_TYPE_UNKNOWN || f == SQL_TYPE_NULL ||
        (f == t && !is_string(t) && t != SQL_TYPE_DECIMAL)) {
        buf_adds(out, sql);
    } else {
        buf_addf(out, "%s(%s,%d,%d,%d,%d,%d)", name, sql, (int)f,
                 from != NULL ? from->precision : 0, (int)t, to->precision, to->scale);
    }
    return 0;
}

static int expr_simple(struct xlate *x, const struct xscope *scope,
                       const struct sql_expr *expr, struct buf *out,
                       const struct sql_type **type)
{
    switch (expr->kind) {
    case SQL_EXPR_NULL:
        buf_adds(out, "NULL");
        *type = xlate_type(x, SQL_TYPE_NULL);
        return 0;
    case SQL_EXPR_BOOLEAN:
        buf_adds(out, expr->text[0] == 'T' ? "1" : expr->text[0] == 'F' ? "0" : "NULL");
        *type = xlate_type(x, SQL_TYPE_BOOLEAN);
        return 0;
    case SQL_EXPR_NUMBER:
        return expr_number(x, expr, out, type);
    case SQL_EXPR_STRING:
        xlate_string(out, expr->text);
        *type =
            sql_type_new(x->arena, SQL_TYPE_CHAR, (int)strlen(expr->text), 0, false);
        return 0;
    case SQL_EXPR_BINARY:
        buf_addf(out, "'x''%s'''", expr->text);
        *type = xlate_type(x, SQL_TYPE_VARBINARY);
        return 0;
    case SQL_EXPR_DATE:
    case SQL_EXPR_TIME:
    case SQL_EXPR_TIMESTAMP:
        return expr_time(x, expr, out, type);
    case SQL_EXPR_INTERVAL:
        return expr_interval(x, expr, out, type);
    case SQL_EXPR_COLUMN:
        return expr_column(x, scope, expr, out, type);
    default:
        return xlate_fail(x, "an expression of this kind");
    }
}

static int expr_boolean(struct xlate *x, const struct xscope *scope,
                        const struct sql_expr *expr, struct buf *out,
                        const struct sql_type **type)
{
    *type = xlate_type(x, SQL_TYPE_BOOLEAN);
    switch (expr->kind) {
    case SQL_EXPR_IS:
        return expr_is(x, scope, expr, out);
    case SQL_EXPR_BETWEEN:
        return expr_between(x, scope, expr, out);
    case SQL_EXPR_LIKE:
        return expr_like(x, scope, expr, out);
    case SQL_EXPR_IN:
        return expr_in(x, scope, expr, out);
    default:
        buf_addc(out, '(');
        if (expr_list(x, scope, expr, 0, expr->op == SQL_OP_AND ? " AND " : " OR ",
                      out) != 0) {
            return -1;
        }
        buf_addc(out, ')');
        return 0;
    }
}

static int expr_unary(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, struct buf *out,
                      const struct sql_type **type)
{
    const char *value;
    if (sub(x, scope, expr->args[0], &value, type) != 0) {
        return -1;
    }
    buf_addf(out, "(%s %s)",
             expr->op == SQL_OP_NOT     ? "NOT"
             : expr->op == SQL_OP_MINUS ? "-"
                                        : "+",
             value);
    return 0;
}

static int expr_any(struct xlate *x, const struct xscope *scope,
                    const struct sql_expr *expr, struct buf *out,
                    const struct sql_type **type)
{
    const char *value;
    switch (expr->kind) {
    case SQL_EXPR_CALL:
        return xlate_call(x, scope, expr, out, type);
    case SQL_EXPR_CAST:
    case SQL_EXPR_TRY_CAST:
        return expr_cast(x, scope, expr, out, type);
    case SQL_EXPR_CASE:
        return expr_case(x, scope, expr, out, type);
    case SQL_EXPR_UNARY:
        return expr_unary(x, scope, expr, out, type);
    case SQL_EXPR_OPERATOR:
        return expr_operator(x, scope, expr, out, type);
    case SQL_EXPR_LOGIC:
    case SQL_EXPR_IS:
    case SQL_EXPR_BETWEEN:
    case SQL_EXPR_LIKE:
    case SQL_EXPR_IN:
        return expr_boolean(x, scope, expr, out, type);
    case SQL_EXPR_EXISTS:
    case SQL_EXPR_SUBQUERY:
        return expr_query(x, scope, expr, out, type);
    case SQL_EXPR_ROW:
    case SQL_EXPR_ARRAY:
    case SQL_EXPR_MAP:
        return expr_collection(x, scope, expr, out, type);
    case SQL_EXPR_ELEMENT:
        return expr_element(x, scope, expr, out, type);
    case SQL_EXPR_FIELD:
        return sub(x, scope, expr->args[0], &value, type) != 0
                   ? -1
                   : add_fields(x, &expr->name, 0, value, type, out);
    default:
        return expr_simple(x, scope, expr, out, type);
    }
}

int xlate_expr(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               struct buf *out, const struct sql_type **type)
{
    const struct sql_type *own = NULL;
    if (++x->depth > 4 * EXECUTE_MAX_DEPTH) {
        return xlate_fail(x, "the expression is nested too deeply");
    }
    int rc = expr_any(x, scope, expr, out, &own);
    x->depth--;
    if (type != NULL) {
        *type = own;
    }
    return rc;
}
