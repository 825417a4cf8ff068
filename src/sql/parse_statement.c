#include "config.h"

#include "sql/parser.h"

#include "base/str.h"
#include "sql/parse.h"

/* Which statement it is, and the kinds that have no file of their own. */

static void query_statement(struct parser *p, struct sql_statement *out)
{
    out->kind = SQL_STATEMENT_SELECT;
    p->in_query = true;
    out->query = sql_p_query(p);
}

/* PARTITION (k = 'v', j) of INSERT: values as written. */
static void insert_partition(struct parser *p, struct sql_option_list *list)
{
    list->present = true;
    list->at.start = sql_p_start(p);
    sql_p_expect(p, '(');
    do {
        struct sql_option_def option = {0};
        struct sql_ident key = sql_p_ident(p);

        option.key = key.text;
        option.key_at = key.at;
        if (sql_p_accept(p, '=')) {
            option.value = sql_p_source(p, sql_p_expr(p)->at);
        }
        *SQL_P_PUSH(p, list->items, list->count) = option;
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, ')');
    list->at = sql_p_span(p, list->at.start);
}

/* (a, b.c): the first part of each. */
static struct sql_ident_list insert_columns(struct parser *p)
{
    struct sql_ident_list list = {0};
    struct sql_ident *items = NULL;

    sql_p_expect(p, '(');
    do {
        struct sql_name name = sql_p_name(p);

        *SQL_P_PUSH(p, items, list.count) = name.parts[0];
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, ')');
    list.items = items;
    return list;
}

static void on_conflict(struct parser *p, struct sql_insert *insert)
{
    if (sql_p_accept2(p, KW_ON, KW_CONFLICT)) {
        sql_p_expect(p, KW_DO);
        insert->on_conflict = sql_p_upper(p, 0);
        sql_p_take(p);
    }
}

void sql_p_insert(struct parser *p, struct sql_statement *out)
{
    struct sql_insert *insert = arena_new(p->arena, struct sql_insert);

    out->kind = SQL_STATEMENT_INSERT_INTO;
    out->insert = insert;
    insert->upsert = sql_p_is(p, KW_UPSERT);
    sql_p_take(p);
    if (sql_p_accept(p, KW_OVERWRITE)) {
        insert->kind = SQL_INSERT_OVERWRITE;
        sql_p_accept(p, KW_INTO);
    } else {
        sql_p_expect(p, KW_INTO);
    }
    if (sql_p_is(p, KW_TABLE) && sql_p_is_word(p, 1)) {
        sql_p_take(p);
    }
    insert->target = sql_p_name(p);
    insert->hints = sql_p_hints(p);
    if (sql_p_accept(p, KW_PARTITION)) {
        insert_partition(p, &insert->partition);
    }
    if (sql_p_is(p, '(') && !sql_p_opens_query(p)) {
        insert->has_columns = true;
        insert->columns = insert_columns(p);
    }
    insert->query = sql_p_query(p);
    on_conflict(p, insert);
}

static void add_child(struct parser *p, struct sql_statement *out,
                      struct sql_statement *child)
{
    *SQL_P_PUSH(p, out->children, out->child_count) = child;
}

static struct sql_statement *child_statement(struct parser *p)
{
    struct sql_statement *child = arena_new(p->arena, struct sql_statement);

    child->at.start = sql_p_start(p);
    if (sql_p_enter(p)) {
        sql_p_statement(p, child);
    }
    sql_p_leave(p);
    child->named = child->kind;
    child->at = sql_p_span(p, child->at.start);
    return child;
}

/* STATEMENT SET BEGIN insert; … END, at STATEMENT. */
static void statement_set(struct parser *p, struct sql_statement *out)
{
    out->kind = SQL_STATEMENT_STATEMENT_SET;
    sql_p_take(p);
    sql_p_expect(p, KW_SET);
    sql_p_accept(p, KW_AS);
    sql_p_expect(p, KW_BEGIN);
    while (!sql_p_is(p, KW_END) && !sql_p_is(p, T_END)) {
        if (!sql_p_is(p, KW_INSERT) && !sql_p_is(p, KW_UPSERT)) {
            sql_p_fail(p, "INSERT or END");
            return;
        }
        add_child(p, out, child_statement(p));
        if (!sql_p_is(p, KW_END)) {
            sql_p_expect(p, ';');
        }
    }
    sql_p_expect(p, KW_END);
}

static void execute(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    if (sql_p_is(p, KW_STATEMENT)) {
        statement_set(p, out);
        return;
    }
    if (sql_p_is(p, KW_PLAN)) {
        out->kind = SQL_STATEMENT_EXECUTE_PLAN;
        sql_p_take(p);
        sql_p_string(p, NULL);
        return;
    }
    out->kind = SQL_STATEMENT_EXECUTE;
    add_child(p, out, child_statement(p));
}

/* EXPLAIN [PLAN FOR | ESTIMATED_COST, CHANGELOG_MODE …] statement */
static void describe(struct parser *p, struct sql_statement *out)
{
    if (sql_p_starts_query(p, 1) && sql_p_code(p, 1) != KW_TABLE) {
        out->kind = SQL_STATEMENT_EXPLAIN; /* DESCRIBE SELECT … */
        sql_p_take(p);
        add_child(p, out, child_statement(p));
        return;
    }
    sql_p_describe(p, out);
}

static void explain(struct parser *p, struct sql_statement *out)
{
    struct sql_statement *child;
    uint32_t start;

    out->kind = SQL_STATEMENT_EXPLAIN;
    sql_p_take(p);
    start = sql_p_start(p);
    if (sql_p_accept2(p, KW_PLAN, KW_FOR)) {
        out->details = "PLAN FOR";
    } else {
        while (sql_p_is(p, KW_ESTIMATED_COST) || sql_p_is(p, KW_CHANGELOG_MODE) ||
               sql_p_is(p, KW_JSON_EXECUTION_PLAN) || sql_p_is(p, KW_PLAN_ADVICE)) {
            sql_p_take(p);
            out->details = sql_p_source(p, sql_p_span(p, start));
            if (!sql_p_accept(p, ',')) {
                break;
            }
        }
    }
    if (sql_p_is(p, KW_STATEMENT)) {
        child = arena_new(p->arena, struct sql_statement);
        child->at.start = sql_p_start(p);
        statement_set(p, child);
        child->named = child->kind;
        child->at = sql_p_span(p, child->at.start);
    } else {
        child = child_statement(p);
    }
    add_child(p, out, child);
}

static void begin_statement_set(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    sql_p_expect(p, KW_STATEMENT);
    sql_p_expect(p, KW_SET);
    out->kind = SQL_STATEMENT_BEGIN_STATEMENT_SET;
}

static void end(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    out->kind = SQL_STATEMENT_END;
}

/* DELETE FROM t [WHERE …] */
static void delete_from(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    sql_p_expect(p, KW_FROM);
    out->kind = SQL_STATEMENT_DELETE;
    out->object = arena_new(p->arena, struct sql_object_def);
    out->object->name = sql_p_name(p);
    sql_p_alias(p);
    if (sql_p_accept(p, KW_WHERE)) {
        sql_p_expr(p);
    }
}

/* UPDATE t SET a = 1, … [WHERE …] */
static void update(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    out->kind = SQL_STATEMENT_UPDATE;
    out->object = arena_new(p->arena, struct sql_object_def);
    out->object->name = sql_p_name(p);
    if (!sql_p_is(p, KW_SET)) {
        sql_p_alias(p);
    }
    sql_p_expect(p, KW_SET);
    do {
        sql_p_name(p);
        sql_p_expect(p, '=');
        sql_p_expr(p);
    } while (sql_p_accept(p, ','));
    if (sql_p_accept(p, KW_WHERE)) {
        sql_p_expr(p);
    }
}

static void call(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    out->kind = SQL_STATEMENT_CALL;
    out->object = arena_new(p->arena, struct sql_object_def);
    out->object->name = sql_p_name(p);
    sql_p_call(p, out->object->name, out->object->name.at.start);
}

/* The rest is the server's, or the SQL client's. */
static void opaque(struct parser *p, struct sql_statement *out)
{
    static const struct {
        int first;
        int second;
        enum sql_statement_kind kind;
    } kinds[] = {
        {KW_TRUNCATE, KW_TABLE, SQL_STATEMENT_TRUNCATE_TABLE},
        {KW_ANALYZE, KW_TABLE, SQL_STATEMENT_ANALYZE_TABLE},
        {KW_COMPILE, KW_PLAN, SQL_STATEMENT_COMPILE_PLAN},
        {KW_COMPILE, KW_AND, SQL_STATEMENT_COMPILE_PLAN},
        {KW_LOAD, KW_MODULE, SQL_STATEMENT_LOAD_MODULE},
        {KW_UNLOAD, KW_MODULE, SQL_STATEMENT_UNLOAD_MODULE},
        {KW_ADD, KW_JAR, SQL_STATEMENT_ADD_JAR},
        {KW_REMOVE, KW_JAR, SQL_STATEMENT_REMOVE_JAR},
        {KW_STOP, KW_JOB, SQL_STATEMENT_STOP_JOB},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_is(p, kinds[i].first) && sql_p_code(p, 1) == kinds[i].second) {
            out->kind = kinds[i].kind;
        }
    }
    if (out->kind == SQL_STATEMENT_UNKNOWN) {
        sql_p_fail(p, "a statement");
        return;
    }
    sql_p_take(p);
    sql_p_take(p);
    if (out->kind == SQL_STATEMENT_TRUNCATE_TABLE ||
        out->kind == SQL_STATEMENT_ANALYZE_TABLE) {
        out->object = arena_new(p->arena, struct sql_object_def);
        out->object->name = sql_p_name(p);
    }
    while (!sql_p_is(p, T_END)) {
        sql_p_skip(p);
    }
}

static const struct {
    int word;
    void (*parse)(struct parser *p, struct sql_statement *out);
} starts[] = {
    {'(', query_statement},
    {KW_SELECT, query_statement},
    {KW_WITH, query_statement},
    {KW_VALUES, query_statement},
    {KW_VALUE, query_statement},
    {KW_TABLE, query_statement},
    {KW_INSERT, sql_p_insert},
    {KW_UPSERT, sql_p_insert},
    {KW_CREATE, sql_p_create},
    {KW_DROP, sql_p_drop},
    {KW_ALTER, sql_p_alter},
    {KW_SHOW, sql_p_show},
    {KW_DESCRIBE, describe},
    {KW_DESC, describe},
    {KW_EXPLAIN, explain},
    {KW_EXECUTE, execute},
    {KW_USE, sql_p_use},
    {KW_SET, sql_p_set},
    {KW_RESET, sql_p_set},
    {KW_BEGIN, begin_statement_set},
    {KW_END, end},
    {KW_DELETE, delete_from},
    {KW_UPDATE, update},
    {KW_CALL, call},
};

void sql_p_statement(struct parser *p, struct sql_statement *out)
{
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (sql_p_is(p, starts[i].word)) {
            starts[i].parse(p, out);
            return;
        }
    }
    opaque(p, out);
}
