#include "config.h"

#include "sql/parser.h"

/* SHOW …, DESCRIBE …, USE …, SET, RESET. */

struct show_words {
    int words[4]; /* after SHOW; 0 ends */
    enum sql_statement_kind kind;
    bool names; /* a name follows */
};

static const struct show_words shows[] = {
    {{KW_CATALOGS}, SQL_STATEMENT_SHOW_CATALOGS, false},
    {{KW_CURRENT, KW_CATALOG}, SQL_STATEMENT_SHOW_CURRENT_CATALOG, false},
    {{KW_DATABASES}, SQL_STATEMENT_SHOW_DATABASES, false},
    {{KW_CURRENT, KW_DATABASE}, SQL_STATEMENT_SHOW_CURRENT_DATABASE, false},
    {{KW_TABLES}, SQL_STATEMENT_SHOW_TABLES, false},
    {{KW_MATERIALIZED, KW_TABLES}, SQL_STATEMENT_SHOW_MATERIALIZED_TABLES, false},
    {{KW_VIEWS}, SQL_STATEMENT_SHOW_VIEWS, false},
    {{KW_FUNCTIONS}, SQL_STATEMENT_SHOW_FUNCTIONS, false},
    {{KW_MODELS}, SQL_STATEMENT_SHOW_MODELS, false},
    {{KW_CONNECTIONS}, SQL_STATEMENT_SHOW_CONNECTIONS, false},
    {{KW_AGENTS}, SQL_STATEMENT_SHOW_AGENTS, false},
    {{KW_TOOLS}, SQL_STATEMENT_SHOW_TOOLS, false},
    {{KW_JOBS}, SQL_STATEMENT_SHOW_JOBS, false},
    {{KW_COLUMNS}, SQL_STATEMENT_SHOW_COLUMNS, false},
    {{KW_PARTITIONS}, SQL_STATEMENT_SHOW_PARTITIONS, true},
    {{KW_PROCEDURES}, SQL_STATEMENT_SHOW_PROCEDURES, false},
    {{KW_MODULES}, SQL_STATEMENT_SHOW_MODULES, false},
    {{KW_JARS}, SQL_STATEMENT_SHOW_JARS, false},
    {{KW_CREATE, KW_TABLE}, SQL_STATEMENT_SHOW_CREATE_TABLE, true},
    {{KW_CREATE, KW_MATERIALIZED, KW_TABLE},
     SQL_STATEMENT_SHOW_CREATE_MATERIALIZED_TABLE,
     true},
    {{KW_CREATE, KW_VIEW}, SQL_STATEMENT_SHOW_CREATE_VIEW, true},
    {{KW_CREATE, KW_FUNCTION}, SQL_STATEMENT_SHOW_CREATE_FUNCTION, true},
    {{KW_CREATE, KW_MODEL}, SQL_STATEMENT_SHOW_CREATE_MODEL, true},
    {{KW_CREATE, KW_CONNECTION}, SQL_STATEMENT_SHOW_CREATE_CONNECTION, true},
    {{KW_CREATE, KW_AGENT}, SQL_STATEMENT_SHOW_CREATE_AGENT, true},
    {{KW_CREATE, KW_TOOL}, SQL_STATEMENT_SHOW_CREATE_TOOL, true},
    {{KW_CREATE, KW_CATALOG}, SQL_STATEMENT_SHOW_CREATE_CATALOG, true},
};

static bool matches(const struct parser *p, const int *words, size_t *count)
{
    *count = 0;
    while (*count < 4 && words[*count] != 0) {
        if (sql_p_code(p, *count) != words[*count]) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static const struct show_words *find_show(struct parser *p)
{
    for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
        size_t count;

        if (matches(p, shows[i].words, &count)) {
            for (; count > 0; count--) {
                sql_p_take(p);
            }
            return &shows[i];
        }
    }
    return NULL;
}

/* [FROM|IN name] [[NOT] LIKE|ILIKE 'pattern'], more than once for SHOW COLUMNS. */
static void filters(struct parser *p, struct sql_show *show)
{
    for (;;) {
        if (sql_p_accept(p, KW_FROM) || sql_p_accept(p, KW_IN)) {
            show->from = sql_p_name(p);
        } else if (sql_p_is(p, KW_LIKE) || sql_p_is(p, KW_ILIKE) ||
                   sql_p_is(p, KW_NOT)) {
            show->negated = sql_p_accept(p, KW_NOT);
            show->ilike = sql_p_accept(p, KW_ILIKE);
            if (!show->ilike) {
                sql_p_expect(p, KW_LIKE);
            }
            show->like = sql_p_string(p, NULL);
        } else {
            return;
        }
    }
}

void sql_p_show(struct parser *p, struct sql_statement *out)
{
    struct sql_show *show = arena_new(p->arena, struct sql_show);
    const struct show_words *found;

    sql_p_take(p);
    show->full = sql_p_accept(p, KW_FULL);
    show->user = sql_p_accept(p, KW_USER);
    found = find_show(p);
    if (found == NULL) {
        sql_p_fail(p, "what to show");
        return;
    }
    out->kind = found->kind;
    out->show = show;
    if (found->names) {
        out->object = arena_new(p->arena, struct sql_object_def);
        out->object->name = sql_p_name(p);
        if (found->kind == SQL_STATEMENT_SHOW_PARTITIONS &&
            sql_p_accept(p, KW_PARTITION)) {
            sql_p_parenthesis(p);
        }
        return;
    }
    filters(p, show);
}

void sql_p_describe(struct parser *p, struct sql_statement *out)
{
    static const struct {
        int word;
        enum sql_statement_kind kind;
    } kinds[] = {
        {KW_FUNCTION, SQL_STATEMENT_DESCRIBE_FUNCTION},
        {KW_MODEL, SQL_STATEMENT_DESCRIBE_MODEL},
        {KW_CONNECTION, SQL_STATEMENT_DESCRIBE_CONNECTION},
        {KW_AGENT, SQL_STATEMENT_DESCRIBE_AGENT},
        {KW_TOOL, SQL_STATEMENT_DESCRIBE_TOOL},
        {KW_CATALOG, SQL_STATEMENT_DESCRIBE_CATALOG},
        {KW_DATABASE, SQL_STATEMENT_DESCRIBE_DATABASE},
        {KW_JOB, SQL_STATEMENT_DESCRIBE_JOB},
        {KW_TABLE, SQL_STATEMENT_DESCRIBE_TABLE},
    };

    sql_p_take(p);
    out->kind = SQL_STATEMENT_DESCRIBE_TABLE;
    out->object = arena_new(p->arena, struct sql_object_def);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (sql_p_is(p, kinds[i].word) &&
            (sql_p_is_word(p, 1) || sql_p_code(p, 1) == T_STRING)) {
            sql_p_take(p);
            out->kind = kinds[i].kind;
            break;
        }
    }
    if (sql_p_is(p, KW_EXTENDED) && sql_p_is_word(p, 1)) {
        sql_p_take(p);
        out->object->extended = true;
    }
    if (out->kind == SQL_STATEMENT_DESCRIBE_JOB && sql_p_is(p, T_STRING)) {
        out->object->class_name = sql_p_string(p, NULL);
        return;
    }
    out->object->name = sql_p_name(p);
    if (sql_p_is_ident(p, 0)) { /* DESCRIBE t column */
        out->object->body.start = sql_p_start(p);
        sql_p_name(p);
        out->object->body = sql_p_span(p, out->object->body.start);
    }
}

void sql_p_use(struct parser *p, struct sql_statement *out)
{
    sql_p_take(p);
    out->kind = SQL_STATEMENT_USE;
    out->object = arena_new(p->arena, struct sql_object_def);
    if (sql_p_is(p, KW_MODULES) && sql_p_is_ident(p, 1)) {
        sql_p_take(p);
        out->kind = SQL_STATEMENT_USE_MODULES;
        do {
            out->object->name = sql_p_name(p);
        } while (sql_p_accept(p, ','));
        return;
    }
    if (sql_p_is(p, KW_CATALOG) && sql_p_is_word(p, 1)) {
        sql_p_take(p);
        out->kind = SQL_STATEMENT_USE_CATALOG;
    } else if (sql_p_is(p, KW_DATABASE) && sql_p_is_word(p, 1)) {
        sql_p_take(p);
    }
    out->object->name = sql_p_name(p);
}

/* A string's value, or the text up to a `=`, a `;` or the end. */
static const char *setting_text(struct parser *p, bool key, struct sql_span *at)
{
    const char *text;

    at->start = sql_p_start(p);
    if (sql_p_is(p, T_STRING)) {
        text = sql_p_string(p, NULL);
        *at = sql_p_span(p, at->start);
        return text;
    }
    if (sql_p_is(p, T_END) || sql_p_is(p, ';')) {
        sql_p_fail(p, "a string");
    }
    while (!sql_p_is(p, T_END) && !sql_p_is(p, ';') && !(key && sql_p_is(p, '='))) {
        sql_p_take(p);
    }
    *at = sql_p_span(p, at->start);
    return sql_p_source(p, *at);
}

void sql_p_set(struct parser *p, struct sql_statement *out)
{
    struct sql_setting *setting = arena_new(p->arena, struct sql_setting);

    out->kind = sql_p_is(p, KW_SET) ? SQL_STATEMENT_SET : SQL_STATEMENT_RESET;
    out->setting = setting;
    sql_p_take(p);
    if (sql_p_is(p, T_END) || sql_p_is(p, ';')) {
        return;
    }
    setting->key = setting_text(p, true, &setting->key_at);
    if (out->kind == SQL_STATEMENT_SET) {
        sql_p_expect(p, '=');
        setting->value = setting_text(p, false, &setting->value_at);
    }
}
