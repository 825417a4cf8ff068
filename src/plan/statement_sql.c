#include "config.h"

#include "plan/statement_sql.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "sql/lineage.h"
#include "sql/parse.h"

static const char *complete_name(struct arena *arena, const struct sql_name *name,
                                 const char *catalog, const char *database)
{
    const struct sql_ident *p = name->parts;

    switch (name->count) {
    case 1:
        return arena_printf(arena, "%s.%s.%s", catalog, database, p[0].text);
    case 2:
        return arena_printf(arena, "%s.%s.%s", catalog, p[0].text, p[1].text);
    case 3:
        return arena_printf(arena, "%s.%s.%s", p[0].text, p[1].text, p[2].text);
    default:
        return NULL;
    }
}

static const char *query_text(struct arena *arena, const char *sql,
                              const struct sql_query *query)
{
    return query != NULL ? arena_strndup(arena, sql + query->at.start,
                                         query->at.end - query->at.start)
                         : NULL;
}

static void read_reads(const char *sql, const struct sql_statement *statement,
                       const char *catalog, const char *database, struct arena *arena,
                       struct statement_sql *out)
{
    struct sql_lineage lineage;

    (void)sql;
    sql_lineage_of(arena, statement, &lineage);
    out->reads = arena_array(arena, const char *, lineage.read_count + 1);
    for (size_t i = 0; i < lineage.read_count; i++) {
        const char *key =
            complete_name(arena, &lineage.reads[i].name, catalog, database);
        if (key != NULL) {
            out->reads[out->read_count++] = key;
        }
    }
}

void statement_sql_read(const char *sql, const char *catalog, const char *database,
                        struct arena *arena, struct statement_sql *out)
{
    struct sql_statement *statement;
    struct err err = {0};

    *out = (struct statement_sql){0};
    if (sql_parse(arena, sql, strlen(sql), &statement, &err) != 0) {
        return;
    }
    if (statement->insert != NULL) {
        out->insert = true;
        out->target =
            complete_name(arena, &statement->insert->target, catalog, database);
        out->query = query_text(arena, sql, statement->insert->query);
    } else if (statement->table != NULL) {
        out->ddl = true;
        out->target = complete_name(arena, &statement->table->name, catalog, database);
        out->query = query_text(arena, sql, statement->table->query);
    } else if (statement->view != NULL) {
        out->ddl = true;
        out->target = complete_name(arena, &statement->view->name, catalog, database);
        out->query = query_text(arena, sql, statement->view->query);
    } else {
        out->ddl = statement->alter != NULL || statement->object != NULL;
    }
    read_reads(sql, statement, catalog, database, arena, out);
}

static const char *query_state(const struct sql_query *query);

static const char *from_state(const struct sql_from *from)
{
    if (from == NULL) {
        return NULL;
    }
    switch (from->kind) {
    case SQL_FROM_TABLE:
        return from->system_time != NULL ? "a temporal join" : NULL;
    case SQL_FROM_QUERY:
        return query_state(from->query);
    case SQL_FROM_UNNEST:
        return NULL;
    case SQL_FROM_JOIN: {
        const struct sql_from *right = from->right;
        bool expands = right != NULL && (right->kind == SQL_FROM_UNNEST ||
                                         (right->kind == SQL_FROM_FUNCTION &&
                                          right->table_keyword && right->lateral));
        return expands ? from_state(from->left) : "a join";
    }
    case SQL_FROM_MATCH:
        return "MATCH_RECOGNIZE";
    case SQL_FROM_FUNCTION:
        break;
    }
    return "a table function";
}

/* Whether the expression holds an aggregate call, an OVER window or a subquery. */
static const char *expr_state(const struct sql_expr *expr)
{
    static const char *const aggregates[] = {"COUNT",
                                             "SUM",
                                             "MIN",
                                             "MAX",
                                             "AVG",
                                             "LISTAGG",
                                             "COLLECT",
                                             "ARRAY_AGG",
                                             "FIRST_VALUE",
                                             "LAST_VALUE",
                                             "STDDEV_POP",
                                             "STDDEV_SAMP",
                                             "VAR_POP",
                                             "VAR_SAMP",
                                             "STDDEV",
                                             "VARIANCE",
                                             "JSON_OBJECTAGG",
                                             "JSON_ARRAYAGG"};

    if (expr == NULL) {
        return NULL;
    }
    if (expr->query != NULL) {
        return "a subquery";
    }
    if (expr->call != NULL && expr->call->over != NULL) {
        return "an OVER window";
    }
    if (expr->call != NULL && expr->name.count == 1) {
        for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
            if (str_ieq(expr->name.parts[0].text, aggregates[i])) {
                return "an aggregate";
            }
        }
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        const char *state = expr_state(expr->args[i]);
        if (state != NULL) {
            return state;
        }
    }
    return NULL;
}

static const char *select_state(const struct sql_select *select)
{
    if (select->grouped) {
        return "GROUP BY";
    }
    if (select->distinct) {
        return "DISTINCT";
    }
    if (select->having != NULL || select->qualify != NULL) {
        return "an aggregate";
    }
    for (size_t i = 0; i < select->item_count; i++) {
        const char *state = expr_state(select->items[i].expr);
        if (state != NULL) {
            return state;
        }
    }
    const char *state = expr_state(select->where);
    return state != NULL ? state : from_state(select->from);
}

static const char *query_state(const struct sql_query *query)
{
    const char *state = NULL;

    if (query->order_by.count > 0 || query->limit != NULL || query->offset != NULL) {
        return "ORDER BY or LIMIT";
    }
    for (size_t i = 0; i < query->cte_count && state == NULL; i++) {
        state = query_state(query->ctes[i].query);
    }
    if (state == NULL && query->kind == SQL_QUERY_SELECT) {
        state = select_state(query->select);
    }
    if (state == NULL && query->kind == SQL_QUERY_SET &&
        (query->set_op != SQL_UNION || !query->set_all)) {
        state = "a set operation";
    }
    for (size_t i = 0; i < query->input_count && state == NULL; i++) {
        state = query_state(query->inputs[i]);
    }
    return state;
}

const char *statement_sql_state(const char *query)
{
    struct arena arena = {0};
    struct sql_query *tree;
    struct err err = {0};
    const char *state = "SQL that is not understood here";

    if (sql_parse_query(&arena, query, strlen(query), &tree, &err) == 0) {
        state = query_state(tree);
    }
    arena_fini(&arena);
    return state;
}

bool statement_sql_is_no_op(const char *sql)
{
    static const char *const words[] = {
        "", "begin", "commit", "rollback", "start transaction", "begin transaction"};
    size_t len = strlen(sql);

    while (len > 0 && isspace((unsigned char)sql[0])) {
        sql++;
        len--;
    }
    while (len > 0 && (isspace((unsigned char)sql[len - 1]) || sql[len - 1] == ';')) {
        len--;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_ieq_n(sql, len, words[i])) {
            return true;
        }
    }
    return false;
}
