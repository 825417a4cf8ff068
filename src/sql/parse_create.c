#include "config.h"

#include "sql/parser.h"

/* CREATE …, DROP …, and what is left of ALTER …'s relatives. */

/* The words between CREATE and what is created. */
struct modifiers {
    bool temporary;
    bool system;
    bool or_replace;
    bool or_alter;
    bool materialized;
};

static struct modifiers modifiers(struct parser *p)
{
    struct modifiers m = {0};

    if (sql_p_accept(p, KW_OR)) {
        m.or_alter = sql_p_accept(p, KW_ALTER);
        if (!m.or_alter) {
            sql_p_expect(p, KW_REPLACE);
            m.or_replace = true;
        }
    }
    m.temporary = sql_p_accept(p, KW_TEMPORARY);
    m.system = m.temporary && sql_p_accept(p, KW_SYSTEM);
    m.materialized = sql_p_accept(p, KW_MATERIALIZED);
    return m;
}

static bool if_not_exists(struct parser *p)
{
    if (!sql_p_accept(p, KW_IF)) {
        return false;
    }
    sql_p_expect(p, KW_NOT);
    sql_p_expect(p, KW_EXISTS);
    return true;
}

static void table(struct parser *p, struct sql_statement *out, struct modifiers m)
{
    struct sql_table_def *def = arena_new(p->arena, struct sql_table_def);

    out->table = def;
    def->temporary = m.temporary;
    def->or_replace = m.or_replace;
    def->or_alter = m.or_alter;
    def->materialized = m.materialized;
    def->if_not_exists = if_not_exists(p);
    def->name = sql_p_name(p);
    if (sql_p_accept(p, '(')) {
        if (sql_p_is(p, ')')) {
            def->has_elements = true;
        } else {
            sql_p_table_elements(p, def);
        }
        sql_p_expect(p, ')');
    }
    sql_p_table_clauses(p, def);
    sql_p_require_types(p, def, def->query != NULL);
    if (m.materialized) {
        out->kind = m.or_alter ? SQL_STATEMENT_CREATE_OR_ALTER_MATERIALIZED_TABLE
                               : SQL_STATEMENT_CREATE_MATERIALIZED_TABLE;
    } else {
        out->kind = def->query != NULL ? SQL_STATEMENT_CREATE_TABLE_AS
                                       : SQL_STATEMENT_CREATE_TABLE;
    }
}

/* ( a COMMENT 'x', b ) */
static void view_columns(struct parser *p, struct sql_view_def *def)
{
    struct sql_table_def columns = {0};

    if (!sql_p_accept(p, '(')) {
        return;
    }
    do {
        sql_p_column(p, &columns);
    } while (sql_p_accept(p, ','));
    sql_p_expect(p, ')');
    def->columns = columns.columns;
    def->column_count = columns.column_count;
}

static void view(struct parser *p, struct sql_statement *out, struct modifiers m)
{
    struct sql_view_def *def = arena_new(p->arena, struct sql_view_def);

    out->kind = SQL_STATEMENT_CREATE_VIEW;
    out->view = def;
    def->temporary = m.temporary;
    def->or_replace = m.or_replace;
    def->or_alter = m.or_alter;
    def->if_not_exists = if_not_exists(p);
    def->name = sql_p_name(p);
    view_columns(p, def);
    if (sql_p_accept(p, KW_COMMENT)) {
        def->comment = sql_p_string(p, NULL);
    }
    if (sql_p_accept(p, KW_WITH)) { /* options: newer servers */
        sql_p_options(p);
    }
    sql_p_expect(p, KW_AS);
    def->query = sql_p_query(p);
}

/* AS 'class' [LANGUAGE l] [USING JAR '…', JAR '…'] [WITH (…)] */
static void function_body(struct parser *p, struct sql_object_def *def)
{
    if (sql_p_accept(p, KW_AS)) {
        def->class_name = sql_p_string(p, NULL);
    }
    if (sql_p_accept(p, KW_LANGUAGE)) {
        def->language = sql_p_upper(p, 0);
        sql_p_take(p);
    }
    if (sql_p_accept(p, KW_USING)) {
        do {
            if (!sql_p_accept(p, KW_JAR) && !sql_p_accept_text(p, "FILE") &&
                !sql_p_accept_text(p, "ARTIFACT")) {
                sql_p_fail(p, "JAR");
            }
            *SQL_P_PUSH(p, def->jars, def->jar_count) = sql_p_string(p, NULL);
        } while (sql_p_accept(p, ','));
    }
}

/* INPUT (a STRING), OUTPUT (b STRING): columns as those of a table. */
static void model_columns(struct parser *p, struct sql_column_def **columns,
                          size_t *count)
{
    struct sql_table_def def = {0};

    sql_p_expect(p, '(');
    sql_p_table_elements(p, &def);
    sql_p_expect(p, ')');
    sql_p_require_types(p, &def, false);
    *columns = def.columns;
    *count = def.column_count;
}

static void skip_rest(struct parser *p, struct sql_object_def *def)
{
    def->body.start = sql_p_start(p);
    while (!sql_p_is(p, T_END) && !sql_p_is(p, ';')) {
        sql_p_skip(p);
    }
    def->body = sql_p_span(p, def->body.start);
}

/*
 * The clauses that smaller things have in common, in any order; the rest is the
 * server's.
 */
static void object_clauses(struct parser *p, struct sql_object_def *def)
{
    for (;;) {
        if (sql_p_accept(p, KW_COMMENT)) {
            def->comment = sql_p_string(p, NULL);
        } else if (sql_p_accept(p, KW_WITH)) {
            def->options = sql_p_options(p);
        } else if (sql_p_is(p, KW_INPUT) && sql_p_code(p, 1) == '(') {
            sql_p_take(p);
            model_columns(p, &def->inputs, &def->input_count);
        } else if (sql_p_is(p, KW_OUTPUT) && sql_p_code(p, 1) == '(') {
            sql_p_take(p);
            model_columns(p, &def->outputs, &def->output_count);
        } else {
            return;
        }
    }
}

struct object_word {
    int word;
    enum sql_statement_kind create;
    enum sql_statement_kind drop;
};

static const struct object_word object_words[] = {
    {KW_FUNCTION, SQL_STATEMENT_CREATE_FUNCTION, SQL_STATEMENT_DROP_FUNCTION},
    {KW_MODEL, SQL_STATEMENT_CREATE_MODEL, SQL_STATEMENT_DROP_MODEL},
    {KW_CONNECTION, SQL_STATEMENT_CREATE_CONNECTION, SQL_STATEMENT_DROP_CONNECTION},
    {KW_AGENT, SQL_STATEMENT_CREATE_AGENT, SQL_STATEMENT_DROP_AGENT},
    {KW_TOOL, SQL_STATEMENT_CREATE_TOOL, SQL_STATEMENT_DROP_TOOL},
    {KW_CATALOG, SQL_STATEMENT_CREATE_CATALOG, SQL_STATEMENT_DROP_CATALOG},
    {KW_DATABASE, SQL_STATEMENT_CREATE_DATABASE, SQL_STATEMENT_DROP_DATABASE},
    {KW_TABLE, SQL_STATEMENT_CREATE_TABLE, SQL_STATEMENT_DROP_TABLE},
    {KW_VIEW, SQL_STATEMENT_CREATE_VIEW, SQL_STATEMENT_DROP_VIEW},
};

static const struct object_word *object_word(struct parser *p)
{
    for (size_t i = 0; i < sizeof(object_words) / sizeof(object_words[0]); i++) {
        if (sql_p_accept(p, object_words[i].word)) {
            return &object_words[i];
        }
    }
    return NULL;
}

static void object(struct parser *p, struct sql_statement *out, struct modifiers m,
                   enum sql_statement_kind kind)
{
    struct sql_object_def *def = arena_new(p->arena, struct sql_object_def);

    out->kind = kind;
    out->object = def;
    def->temporary = m.temporary;
    def->system = m.system;
    def->or_replace = m.or_replace;
    def->or_alter = m.or_alter;
    def->if_exists = if_not_exists(p);
    def->name = sql_p_name(p);
    if (kind == SQL_STATEMENT_CREATE_FUNCTION) {
        function_body(p, def);
    }
    object_clauses(p, def);
    skip_rest(p, def);
}

void sql_p_create(struct parser *p, struct sql_statement *out)
{
    struct modifiers m;
    const struct object_word *word;

    sql_p_take(p);
    m = modifiers(p);
    word = object_word(p);
    if (word == NULL) {
        sql_p_fail(p, "TABLE, VIEW, MATERIALIZED TABLE, FUNCTION, MODEL, CONNECTION, "
                      "AGENT or TOOL");
        return;
    }
    if (word->word == KW_TABLE) {
        table(p, out, m);
    } else if (word->word == KW_VIEW) {
        view(p, out, m);
    } else {
        object(p, out, m, word->create);
    }
}

void sql_p_drop(struct parser *p, struct sql_statement *out)
{
    struct modifiers m;
    const struct object_word *word;

    sql_p_take(p);
    m = modifiers(p);
    word = object_word(p);
    if (word == NULL) {
        sql_p_fail(p, "TABLE, VIEW, MATERIALIZED TABLE, FUNCTION, MODEL, CONNECTION, "
                      "AGENT or TOOL");
        return;
    }
    out->kind = m.materialized ? SQL_STATEMENT_DROP_MATERIALIZED_TABLE : word->drop;
    out->object = arena_new(p->arena, struct sql_object_def);
    out->object->temporary = m.temporary;
    out->object->system = m.system;
    if (sql_p_accept(p, KW_IF)) {
        sql_p_expect(p, KW_EXISTS);
        out->object->if_exists = true;
    }
    out->object->name = sql_p_name(p);
    if (!sql_p_accept(p, KW_RESTRICT)) {
        out->object->cascade = sql_p_accept(p, KW_CASCADE);
    }
}
