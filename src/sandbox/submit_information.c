#include "config.h"

#include "sandbox/submit_impl.h"

#include <string.h>

#include "base/buf.h"
#include "value/json.h"

/* Queries of INFORMATION_SCHEMA: what the cloud allows becomes SQL for SQLite. */

static bool is_information(const struct sql_name *name)
{
    return name->count >= 2 &&
           strcmp(name->parts[name->count - 2].text, "INFORMATION_SCHEMA") == 0;
}

static bool from_reads(const struct sql_from *from)
{
    if (from == NULL) {
        return false;
    }
    return (from->kind == SQL_FROM_TABLE && is_information(&from->table)) ||
           (from->query != NULL && submit_reads_information(from->query)) ||
           from_reads(from->left) || from_reads(from->right);
}

bool submit_reads_information(const struct sql_query *query)
{
    if (query == NULL) {
        return false;
    }
    for (size_t i = 0; i < query->input_count; i++) {
        if (submit_reads_information(query->inputs[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < query->cte_count; i++) {
        if (submit_reads_information(query->ctes[i].query)) {
            return true;
        }
    }
    return query->kind == SQL_QUERY_SELECT && from_reads(query->select->from);
}

static int refuse(struct submission *s, const char *what)
{
    return submit_refuse(s,
                         "%s is not supported in queries of INFORMATION_SCHEMA. "
                         "Supported are projections, aliases, CAST, literals, filters "
                         "with =, <>, IS NULL, IS NOT NULL, AND and OR, and UNION ALL.",
                         what);
}

static void add_quoted(struct buf *out, const char *text, char quote)
{
    buf_addc(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote) {
            buf_addc(out, quote);
        }
        buf_addc(out, *text);
    }
    buf_addc(out, quote);
}

static int add_expr(struct submission *s, const struct sql_expr *expr, struct buf *out);

static int add_pair(struct submission *s, const struct sql_expr *expr,
                    const char *between, struct buf *out)
{
    buf_addc(out, '(');
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_adds(out, i > 0 ? between : "");
        int rc = add_expr(s, expr->args[i], out);
        if (rc != 0) {
            return rc;
        }
    }
    buf_addc(out, ')');
    return 0;
}

static int add_is(struct submission *s, const struct sql_expr *expr, struct buf *out)
{
    if (expr->op != SQL_OP_IS_NULL) {
        return refuse(s, "This predicate");
    }
    buf_addc(out, '(');
    int rc = add_expr(s, expr->args[0], out);
    buf_adds(out, expr->negated ? " IS NOT NULL)" : " IS NULL)");
    return rc;
}

static int add_cast(struct submission *s, const struct sql_expr *expr, struct buf *out)
{
    const char *type =
        expr->type != NULL && expr->type->name != NULL ? expr->type->name : "STRING";
    bool is_int = strstr(type, "INT") != NULL;
    buf_adds(out, "CAST(");
    int rc = add_expr(s, expr->args[0], out);
    buf_adds(out, is_int ? " AS INTEGER)" : " AS TEXT)");
    return rc;
}

static int add_expr(struct submission *s, const struct sql_expr *expr, struct buf *out)
{
    switch (expr->kind) {
    case SQL_EXPR_NULL:
        buf_adds(out, "NULL");
        return 0;
    case SQL_EXPR_NUMBER:
        buf_adds(out, expr->text);
        return 0;
    case SQL_EXPR_BOOLEAN:
        add_quoted(out, expr->text, '\'');
        return 0;
    case SQL_EXPR_STRING:
        add_quoted(out, expr->text, '\'');
        return 0;
    case SQL_EXPR_COLUMN:
        add_quoted(out, expr->name.parts[expr->name.count - 1].text, '"');
        return 0;
    case SQL_EXPR_CAST:
        return add_cast(s, expr, out);
    case SQL_EXPR_LOGIC:
        return add_pair(s, expr, expr->op == SQL_OP_AND ? " AND " : " OR ", out);
    case SQL_EXPR_OPERATOR:
        if (expr->op == SQL_OP_EQ || expr->op == SQL_OP_NE) {
            return add_pair(s, expr, expr->op == SQL_OP_EQ ? " = " : " <> ", out);
        }
        return refuse(s, "This operator");
    case SQL_EXPR_IS:
        return add_is(s, expr, out);
    case SQL_EXPR_CASE:
        return refuse(s, "CASE");
    case SQL_EXPR_CALL:
        return refuse(s, "A function");
    default:
        return refuse(s, "This expression");
    }
}

static void add_star(const struct sql_table *table, struct buf *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        add_quoted(out, table->columns[i].name, '"');
    }
}

static int check_select(struct submission *s, const struct sql_select *select)
{
    if (select->distinct) {
        return refuse(s, "DISTINCT");
    }
    if (select->grouped || select->having != NULL) {
        return refuse(s, "Aggregation");
    }
    if (select->window_count > 0 || select->qualify != NULL) {
        return refuse(s, "A window");
    }
    if (select->from == NULL || select->from->kind != SQL_FROM_TABLE) {
        return refuse(s, select->from != NULL && select->from->kind == SQL_FROM_JOIN
                             ? "A join"
                             : "A subquery");
    }
    return is_information(&select->from->table)
               ? 0
               : refuse(s, "A table outside of INFORMATION_SCHEMA");
}

static int add_select(struct submission *s, const struct sql_query *query,
                      struct buf *out)
{
    const struct sql_select *select = query->select;
    struct catalog_relation relation;
    bool found = false;
    int rc = check_select(s, select);
    if (rc == 0) {
        rc = submit_load(s, &select->from->table, &relation, &found);
    }
    if (rc == 0 && !found) {
        rc = submit_refuse_name(s, CATALOG_NO_TABLE, &select->from->table);
    }
    buf_adds(out, "SELECT ");
    for (size_t i = 0; rc == 0 && i < select->item_count; i++) {
        const struct sql_expr *expr = select->items[i].expr;
        buf_adds(out, i > 0 ? ", " : "");
        if (expr->kind == SQL_EXPR_STAR) {
            add_star(&relation.table, out);
        } else {
            rc = add_expr(s, expr, out);
        }
    }
    if (rc != 0) {
        return rc;
    }
    buf_addf(out, " FROM is_%s WHERE (_env IS NULL OR _env = ", relation.table.name);
    add_quoted(out, relation.name.env, '\'');
    buf_addc(out, ')');
    if (select->where != NULL) {
        buf_adds(out, " AND ");
        rc = add_expr(s, select->where, out);
    }
    return rc;
}

static int add_query(struct submission *s, const struct sql_query *query,
                     struct buf *out)
{
    if (query->order_by.count > 0) {
        return refuse(s, "ORDER BY");
    }
    if (query->limit != NULL || query->offset != NULL) {
        return refuse(s, "LIMIT");
    }
    if (query->cte_count > 0) {
        return refuse(s, "WITH");
    }
    if (query->kind == SQL_QUERY_SELECT) {
        return add_select(s, query, out);
    }
    if (query->kind != SQL_QUERY_SET || query->set_op != SQL_UNION || !query->set_all) {
        return refuse(s, "This set operation");
    }
    for (size_t i = 0; i < query->input_count; i++) {
        buf_adds(out, i > 0 ? " UNION ALL " : "");
        int rc = add_query(s, query->inputs[i], out);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int copy_rows(struct submission *s, sqlite3_stmt *row)
{
    int count = sqlite3_column_count(row);
    const char **values = arena_array(s->arena, const char *, count + 1);
    int rc;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++) {
            values[i] = (const char *)sqlite3_column_text(row, i);
        }
        if (submit_row(s, values, (size_t)count) != 0) {
            return -1;
        }
    }
    return rc == SQLITE_DONE ? 0
                             : err_set(s->err, ERR_INTERNAL, "%s",
                                       sqlite3_errmsg(s->sandbox->db.handle));
}

int submit_information(struct submission *s)
{
    struct buf sql = BUF_INIT;
    sqlite3_stmt *row = NULL;
    int rc = add_query(s, s->tree->query, &sql);
    if (rc == 0) {
        rc = submit_infer(s, s->st->sql, strlen(s->st->sql), &s->result);
    }
    if (rc == 0) {
        submit_result_schema(s, &s->result);
        s->st->bounded = true;
        s->st->append_only = true;
        s->st->source = STATEMENT_SOURCE_ROWS;
        s->st->finish_at = 1;
        if (sqlite3_prepare_v2(s->sandbox->db.handle, buf_str(&sql), -1, &row, NULL) !=
            SQLITE_OK) {
            rc = err_set(s->err, ERR_INTERNAL, "%s",
                         sqlite3_errmsg(s->sandbox->db.handle));
        } else {
            rc = copy_rows(s, row);
        }
        sqlite3_finalize(row);
    }
    buf_fini(&sql);
    return rc;
}
