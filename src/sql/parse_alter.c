#include "config.h"

#include "sql/parser.h"

/* ALTER … */

/* ADD and MODIFY: one element or several in parentheses; a distribution. */
static void elements(struct parser *p, struct sql_alter *alter,
                     enum sql_alter_kind kind)
{
    struct sql_table_def *def = arena_new(p->arena, struct sql_table_def);
    uint32_t start = sql_p_start(p);

    alter->kind = kind;
    alter->elements = def;
    if (sql_p_accept(p, '(')) {
        sql_p_table_elements(p, def);
        sql_p_expect(p, ')');
    } else if (sql_p_accept(p, KW_DISTRIBUTION)) {
        def->distribution.at.start = start;
        sql_p_distribution(p, &def->distribution);
    } else {
        if (sql_p_is(p, KW_COLUMN) && sql_p_is_ident(p, 1)) {
            sql_p_take(p);
        }
        sql_p_table_elements(p, def);
    }
    sql_p_require_types(p, def, false);
}

static struct sql_ident_list one_ident(struct parser *p)
{
    struct sql_ident *ident = arena_new(p->arena, struct sql_ident);

    *ident = sql_p_ident(p);
    return (struct sql_ident_list){ident, 1};
}

static void drop(struct parser *p, struct sql_alter *alter)
{
    if (sql_p_accept2(p, KW_PRIMARY, KW_KEY)) {
        alter->kind = SQL_ALTER_DROP_PRIMARY_KEY;
    } else if (sql_p_accept(p, KW_CONSTRAINT)) {
        alter->kind = SQL_ALTER_DROP_CONSTRAINT;
        alter->names = one_ident(p);
    } else if (sql_p_accept(p, KW_WATERMARK)) {
        alter->kind = SQL_ALTER_DROP_WATERMARK;
    } else if (sql_p_accept(p, KW_DISTRIBUTION)) {
        alter->kind = SQL_ALTER_DROP_DISTRIBUTION;
    } else {
        alter->kind = SQL_ALTER_DROP_COLUMNS;
        if (sql_p_is(p, KW_COLUMN) && sql_p_is_ident(p, 1)) {
            sql_p_take(p);
        }
        alter->names = sql_p_is(p, '(') ? sql_p_idents(p) : one_ident(p);
    }
}

static void rename_action(struct parser *p, struct sql_alter *alter)
{
    alter->kind = SQL_ALTER_RENAME;
    if (!sql_p_is(p, KW_TO)) {
        alter->kind = SQL_ALTER_RENAME_COLUMN;
        if (sql_p_is(p, KW_COLUMN) && sql_p_code(p, 1) != KW_TO) {
            sql_p_take(p);
        }
        alter->names = one_ident(p);
    }
    sql_p_expect(p, KW_TO);
    alter->new_name = sql_p_name(p);
}

/* Only the server knows what this does. */
static void other(struct parser *p, struct sql_alter *alter)
{
    alter->kind = SQL_ALTER_OTHER;
    if (sql_p_is(p, T_END) || sql_p_is(p, ';')) {
        sql_p_fail(p, "what to alter");
    }
    while (!sql_p_is(p, T_END) && !sql_p_is(p, ';')) {
        sql_p_skip(p);
    }
}

static bool redefines(const struct parser *p)
{
    return sql_p_is(p, '(') || sql_p_is(p, KW_COMMENT) || sql_p_is(p, KW_DISTRIBUTED) ||
           sql_p_is(p, KW_WITH) || sql_p_is(p, KW_START_MODE) ||
           sql_p_is(p, KW_FRESHNESS);
}

/* ALTER MATERIALIZED TABLE t [(…)] … AS query */
static void redefine(struct parser *p, struct sql_alter *alter)
{
    struct sql_table_def *def = arena_new(p->arena, struct sql_table_def);

    alter->kind = SQL_ALTER_REDEFINE;
    alter->elements = def;
    def->materialized = true;
    def->name = alter->name;
    if (sql_p_accept(p, '(')) {
        sql_p_table_elements(p, def);
        sql_p_expect(p, ')');
    }
    sql_p_table_clauses(p, def);
    sql_p_require_types(p, def, def->query != NULL);
    alter->query = def->query;
}

/* Partitions, and fields of a column: forms that Confluent Cloud doesn't have. */
static bool is_rare(const struct parser *p)
{
    int second = sql_p_code(p, 1);

    return ((sql_p_is(p, KW_ADD) || sql_p_is(p, KW_DROP)) &&
            (second == KW_PARTITION || second == KW_IF)) ||
           ((sql_p_is(p, KW_DROP) || sql_p_is(p, KW_RENAME)) &&
            sql_p_code(p, 2) == '.');
}

static void action(struct parser *p, struct sql_alter *alter, bool materialized)
{
    if (is_rare(p)) {
        other(p, alter);
    } else if (sql_p_accept(p, KW_ADD)) {
        elements(p, alter, SQL_ALTER_ADD);
    } else if (sql_p_accept(p, KW_MODIFY)) {
        elements(p, alter, SQL_ALTER_MODIFY);
    } else if (sql_p_accept(p, KW_DROP)) {
        drop(p, alter);
    } else if (sql_p_accept(p, KW_RENAME)) {
        rename_action(p, alter);
    } else if (sql_p_is(p, KW_SET) && sql_p_code(p, 1) == '(') {
        sql_p_take(p);
        alter->kind = SQL_ALTER_SET;
        alter->options = sql_p_options(p);
    } else if (sql_p_is(p, KW_RESET) && sql_p_code(p, 1) == '(') {
        sql_p_take(p);
        alter->kind = SQL_ALTER_RESET;
        alter->options = sql_p_options(p);
    } else if (sql_p_is(p, KW_AS) && sql_p_code(p, 1) != T_STRING) {
        sql_p_take(p);
        alter->kind = SQL_ALTER_AS;
        alter->query = sql_p_query(p);
    } else if (sql_p_accept(p, KW_SUSPEND)) {
        alter->kind = SQL_ALTER_SUSPEND;
    } else if (sql_p_accept(p, KW_RESUME)) {
        alter->kind = SQL_ALTER_RESUME;
        if (sql_p_accept(p, KW_WITH)) {
            alter->options = sql_p_options(p);
        }
    } else if (materialized && redefines(p)) {
        redefine(p, alter);
    } else if (sql_p_is(p, KW_COMMENT) && sql_p_code(p, 1) == T_STRING) {
        sql_p_take(p);
        alter->kind = SQL_ALTER_COMMENT;
        alter->text = sql_p_string(p, NULL);
    } else {
        other(p, alter);
    }
}

static enum sql_statement_kind what(struct parser *p)
{
    static const struct {
        int word;
        enum sql_statement_kind kind;
    } kinds[] = {
        {KW_TABLE, SQL_STATEMENT_ALTER_TABLE},
        {KW_VIEW, SQL_STATEMENT_ALTER_VIEW},
        {KW_FUNCTION, SQL_STATEMENT_ALTER_FUNCTION},
        {KW_MODEL, SQL_STATEMENT_ALTER_MODEL},
        {KW_CONNECTION, SQL_STATEMENT_ALTER_CONNECTION},
        {KW_AGENT, SQL_STATEMENT_ALTER_AGENT},
        {KW_TOOL, SQL_STATEMENT_ALTER_TOOL},
        {KW_CATALOG, SQL_STATEMENT_ALTER_CATALOG},
        {KW_DATABASE, SQL_STATEMENT_ALTER_DATABASE},
    };

    if (sql_p_accept2(p, KW_MATERIALIZED, KW_TABLE)) {
        return SQL_STATEMENT_ALTER_MATERIALIZED_TABLE;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_accept(p, kinds[i].word)) {
            return kinds[i].kind;
        }
    }
    sql_p_fail(p, "TABLE, VIEW, MATERIALIZED TABLE, MODEL, FUNCTION, CONNECTION, AGENT "
                  "or TOOL");
    return SQL_STATEMENT_UNKNOWN;
}

void sql_p_alter(struct parser *p, struct sql_statement *out)
{
    struct sql_alter *alter = arena_new(p->arena, struct sql_alter);
    bool system = false;

    sql_p_take(p);
    alter->temporary = sql_p_accept(p, KW_TEMPORARY);
    system = alter->temporary && sql_p_accept(p, KW_SYSTEM);
    out->kind = what(p);
    if (system && out->kind != SQL_STATEMENT_ALTER_FUNCTION) {
        sql_p_fail(p, "FUNCTION");
    }
    out->alter = alter;
    if (sql_p_accept(p, KW_IF)) {
        sql_p_expect(p, KW_EXISTS);
        alter->if_exists = true;
    }
    alter->name = sql_p_name(p);
    alter->at.start = sql_p_start(p);
    action(p, alter, out->kind == SQL_STATEMENT_ALTER_MATERIALIZED_TABLE);
    alter->at = sql_p_span(p, alter->at.start);
}
