#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/parse.h"
#include "sql/type_rules.h"

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

int xlate_sub(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
              const char **sql, const struct sql_type **type)
{
    struct buf out = BUF_INIT;
    const struct sql_type *ignored = NULL;
    int rc = xlate_expr(x, scope, expr, &out, type != NULL ? type : &ignored);
    *sql = arena_strdup(x->arena, buf_str(&out));
    buf_fini(&out);
    return rc;
}

/* The type that all values of a CASE have. */
static const struct sql_type *case_type(struct xlate *x, const struct sql_type **types,
                                        size_t count)
{
    const struct sql_type *all = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct sql_type *both =
            all == NULL ? types[i] : sql_type_common(x->arena, all, types[i]);
        all = both != NULL ? both : all;
    }
    return all != NULL ? all : sql_type_unknown();
}

static int expr_case(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct buf *out,
                     const struct sql_type **type)
{
    size_t last = expr->arg_count - 1;
    size_t count = 0;
    const struct sql_type *operand = NULL;
    const struct sql_type *when_type;
    const char *when;
    const char **values = arena_array(x->arena, const char *, expr->arg_count);
    const char **whens = arena_array(x->arena, const char *, expr->arg_count);
    const struct sql_type **types =
        arena_array(x->arena, const struct sql_type *, expr->arg_count);
    buf_adds(out, "CASE");
    if (expr->args[0] != NULL) {
        buf_addc(out, ' ');
        if (xlate_expr(x, scope, expr->args[0], out, &operand) != 0) {
            return -1;
        }
    }
    for (size_t i = 1; i < last; i += 2, count++) {
        if (xlate_sub(x, scope, expr->args[i], &when, &when_type) != 0 ||
            xlate_sub(x, scope, expr->args[i + 1], &values[count], &types[count]) !=
                0) {
            return -1;
        }
        whens[count] =
            operand != NULL ? xlate_comparable(x, when, when_type, operand) : when;
    }
    bool other = expr->args[last] != NULL;
    if (other &&
        xlate_sub(x, scope, expr->args[last], &values[count], &types[count]) != 0) {
        return -1;
    }
    *type = case_type(x, types, count + (other ? 1 : 0));
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, " WHEN %s THEN %s", whens[i],
                 xlate_as(x, values[i], types[i], *type));
    }
    if (other) {
        buf_addf(out, " ELSE %s", xlate_as(x, values[count], types[count], *type));
    }
    buf_adds(out, " END");
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
        if (xlate_sub(x, scope, expr->args[i], &sql, &types[i]) != 0) {
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
    if (xlate_sub(x, scope, expr->args[0], &collection, &ct) != 0 ||
        xlate_sub(x, scope, expr->args[1], &index, NULL) != 0) {
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
    if (xlate_sub(x, scope, expr->args[0], &value, &from) != 0) {
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
    bool text = t == SQL_TYPE_CHAR || t == SQL_TYPE_VARCHAR;
    if (t == SQL_TYPE_UNKNOWN || f == SQL_TYPE_NULL ||
        (f == t && !text && t != SQL_TYPE_DECIMAL)) {
        buf_adds(out, sql);
        return 0;
    }
    int digits = from == NULL            ? 0
                 : f == SQL_TYPE_DECIMAL ? from->scale
                                         : from->precision;
    buf_addf(out, "%s(%s,%d,%d,%d,%d,%d)", name, sql, (int)f, digits, (int)t,
             to->precision, to->scale);
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
    case SQL_EXPR_STRING:
        xlate_string(out, expr->text);
        *type =
            sql_type_new(x->arena, SQL_TYPE_CHAR, (int)strlen(expr->text), 0, false);
        return 0;
    case SQL_EXPR_BINARY:
        buf_addf(out, "'x''%s'''", expr->text);
        *type = xlate_type(x, SQL_TYPE_VARBINARY);
        return 0;
    case SQL_EXPR_NUMBER:
    case SQL_EXPR_DATE:
    case SQL_EXPR_TIME:
    case SQL_EXPR_TIMESTAMP:
    case SQL_EXPR_INTERVAL:
        return xlate_literal(x, expr, out, type);
    case SQL_EXPR_COLUMN:
        return expr_column(x, scope, expr, out, type);
    default:
        return xlate_fail(x, "an expression of this kind");
    }
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
        return xlate_unary(x, scope, expr, out, type);
    case SQL_EXPR_OPERATOR:
        return xlate_operator(x, scope, expr, out, type);
    case SQL_EXPR_LOGIC:
    case SQL_EXPR_IS:
    case SQL_EXPR_BETWEEN:
    case SQL_EXPR_LIKE:
    case SQL_EXPR_IN:
        *type = xlate_type(x, SQL_TYPE_BOOLEAN);
        return xlate_predicate(x, scope, expr, out);
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
        return xlate_sub(x, scope, expr->args[0], &value, type) != 0
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
    int rc = 0;
    if (scope != NULL && xgroup_is_absent(x, scope, expr)) {
        const struct xscope whole = xscope_whole(scope);
        struct buf ignored = BUF_INIT;
        rc = expr_any(x, &whole, expr, &ignored, &own);
        buf_fini(&ignored);
        buf_adds(out, "NULL");
    } else {
        rc = expr_any(x, scope, expr, out, &own);
    }
    x->depth--;
    if (type != NULL) {
        *type = own != NULL ? own : sql_type_unknown();
    }
    return rc;
}
