#include "config.h"

#include "sandbox/submit_impl.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
    enum sql_statement_kind kind;
    submit_handler *handler;
} handlers[] = {
    {SQL_STATEMENT_SELECT, submit_select},
    {SQL_STATEMENT_INSERT_INTO, submit_insert},
    {SQL_STATEMENT_STATEMENT_SET, submit_set},
    {SQL_STATEMENT_EXPLAIN, submit_explain},
    {SQL_STATEMENT_CREATE_TABLE, submit_create_table},
    {SQL_STATEMENT_CREATE_TABLE_AS, submit_create_table},
    {SQL_STATEMENT_CREATE_MATERIALIZED_TABLE, submit_create_table},
    {SQL_STATEMENT_CREATE_OR_ALTER_MATERIALIZED_TABLE, submit_create_table},
    {SQL_STATEMENT_CREATE_VIEW, submit_create_view},
    {SQL_STATEMENT_ALTER_TABLE, submit_alter},
    {SQL_STATEMENT_ALTER_VIEW, submit_alter},
    {SQL_STATEMENT_ALTER_MATERIALIZED_TABLE, submit_alter},
    {SQL_STATEMENT_DROP_TABLE, submit_drop},
    {SQL_STATEMENT_DROP_VIEW, submit_drop},
    {SQL_STATEMENT_DROP_MATERIALIZED_TABLE, submit_drop},
    {SQL_STATEMENT_SHOW_CATALOGS, submit_show},
    {SQL_STATEMENT_SHOW_DATABASES, submit_show},
    {SQL_STATEMENT_SHOW_TABLES, submit_show},
    {SQL_STATEMENT_SHOW_VIEWS, submit_show},
    {SQL_STATEMENT_SHOW_MATERIALIZED_TABLES, submit_show},
    {SQL_STATEMENT_SHOW_CURRENT_CATALOG, submit_show},
    {SQL_STATEMENT_SHOW_CURRENT_DATABASE, submit_show},
    {SQL_STATEMENT_SHOW_FUNCTIONS, submit_show},
    {SQL_STATEMENT_SHOW_CONNECTIONS, submit_show},
    {SQL_STATEMENT_SHOW_MODELS, submit_show},
    {SQL_STATEMENT_SHOW_AGENTS, submit_show},
    {SQL_STATEMENT_SHOW_TOOLS, submit_show},
    {SQL_STATEMENT_SHOW_JOBS, submit_show},
    {SQL_STATEMENT_SHOW_CREATE_TABLE, submit_show_create},
    {SQL_STATEMENT_SHOW_CREATE_VIEW, submit_show_create},
    {SQL_STATEMENT_SHOW_CREATE_MATERIALIZED_TABLE, submit_show_create},
    {SQL_STATEMENT_DESCRIBE_TABLE, submit_describe},
};

int submit_refuse(struct submission *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    s->detail = arena_vprintf(s->arena, fmt, ap);
    va_end(ap);
    return 1;
}

const char *const *submit_parts(struct submission *s, const struct sql_name *name)
{
    const char **parts = arena_array(s->arena, const char *, name->count + 1);
    for (size_t i = 0; i < name->count; i++) {
        parts[i] = name->parts[i].text;
    }
    return parts;
}

int submit_refuse_name(struct submission *s, enum catalog_outcome outcome,
                       const struct sql_name *name)
{
    return submit_refuse(s, "%s",
                         catalog_message(s->arena, outcome, &s->context,
                                         submit_parts(s, name), name->count));
}

const char *submit_text(struct submission *s, struct sql_span at)
{
    size_t len = strlen(s->text);
    size_t end = at.end < len ? at.end : len;
    size_t start = at.start < end ? at.start : end;
    return arena_strndup(s->arena, s->text + start, end - start);
}

/* The documented text for a table that isn't there, with its place. */
static int refuse_missing(struct submission *s, const struct err *wrong)
{
    const struct catalog_view *view = &s->view;
    const char *message = catalog_message(s->arena, view->missing, &s->context,
                                          view->missing_parts, view->missing_count);
    size_t width = 0;
    for (size_t i = 0; i < view->missing_count; i++) {
        width += strlen(view->missing_parts[i]) + (i > 0 ? 1 : 0);
    }
    int column = wrong->column > 0 ? wrong->column : 1;
    return submit_refuse(s,
                         "SQL validation failed. Error from line %d, column %d to line "
                         "%d, column %d.\n\nCaused by: %s",
                         wrong->line > 0 ? wrong->line : 1, column,
                         wrong->line > 0 ? wrong->line : 1,
                         column + (int)(width > 0 ? width - 1 : 0), message);
}

int submit_infer(struct submission *s, const char *text, size_t len,
                 struct sql_result *result)
{
    struct err wrong = {0};
    struct sql_infer_options options = {.catalog = &s->view.sql,
                                        .flags = SQL_INFER_UNKNOWN_FUNCTIONS |
                                                 SQL_INFER_NO_LINEAGE};
    s->view.missing = CATALOG_FOUND;
    if (sql_infer(s->arena, text, len, &options, result, &wrong) != 0) {
        if (wrong.code == ERR_INTERNAL) {
            *s->err = wrong;
            return -1;
        }
        if (s->view.missing != CATALOG_FOUND && str_starts(wrong.msg, "object '")) {
            return refuse_missing(s, &wrong);
        }
        wrong.msg[0] = (char)toupper((unsigned char)wrong.msg[0]);
        if (wrong.line > 0) {
            return submit_refuse(s,
                                 "SQL validation failed. Error at or near line %d, "
                                 "column %d.\n\nCaused by: %s",
                                 wrong.line, wrong.column, wrong.msg);
        }
        return submit_refuse(s, "SQL validation failed.\n\nCaused by: %s", wrong.msg);
    }
    return result->plan_error != NULL ? submit_refuse(s, "%s", result->plan_error) : 0;
}

int submit_resolve(struct submission *s, const struct sql_name *name,
                   struct catalog_name *out)
{
    enum catalog_outcome outcome = catalog_resolve(
        s->sandbox, s->arena, &s->context, submit_parts(s, name), name->count, out);
    return outcome == CATALOG_FOUND ? 0 : submit_refuse_name(s, outcome, name);
}

int submit_load(struct submission *s, const struct sql_name *name,
                struct catalog_relation *out, bool *found)
{
    struct catalog_name full;
    int rc = submit_resolve(s, name, &full);
    if (rc != 0) {
        return rc;
    }
    rc = catalog_load(s->sandbox, s->arena, &full, out, s->err);
    if (rc < 0) {
        return -1;
    }
    *found = rc > 0;
    if (!*found) {
        *out = (struct catalog_relation){.name = full};
    }
    return 0;
}

int submit_check_writable(struct submission *s, const struct catalog_name *name,
                          const struct catalog_relation *relation)
{
    if (name->read_only || name->database_id == NULL) {
        return submit_refuse(s, "Catalog '%s' or database '%s' is read-only.",
                             name->env_name, name->database);
    }
    if (relation == NULL) {
        return 0;
    }
    if (s->sandbox->fault.being_modified > 0 && !s->dry_run) {
        s->sandbox->fault.being_modified--;
        return submit_refuse(s, "Materialized table is currently being modified by "
                                "statement: sandbox-fault");
    }
    if (relation->busy != NULL && relation->busy_until > sandbox_now(s->sandbox)) {
        return submit_refuse(s,
                             "Materialized table is currently being modified by "
                             "statement: %s",
                             relation->busy);
    }
    return 0;
}

void submit_columns(struct submission *s, const char *const *names, size_t count)
{
    struct buf out = BUF_INIT;
    buf_adds(&out, "{\"columns\":[");
    for (size_t i = 0; i < count; i++) {
        buf_adds(&out, i > 0 ? ",{\"name\":" : "{\"name\":");
        json_write_str(names[i], strlen(names[i]), 0, &out);
        buf_addf(&out,
                 ",\"type\":{\"type\":\"VARCHAR\",\"nullable\":true,\"length\":%d}}",
                 SQL_TYPE_MAX_LENGTH);
    }
    buf_adds(&out, "]}");
    s->st->schema = arena_strdup(s->arena, buf_str(&out));
    buf_fini(&out);
    s->st->bounded = true;
    s->st->append_only = true;
    s->st->source = STATEMENT_SOURCE_ROWS;
    s->st->finish_at = 1;
}

int submit_row(struct submission *s, const char *const *values, size_t count)
{
    struct buf row = BUF_INIT;
    buf_addc(&row, '[');
    for (size_t i = 0; i < count; i++) {
        buf_adds(&row, i > 0 ? "," : "");
        if (values[i] == NULL) {
            buf_adds(&row, "null");
        } else {
            json_write_str(values[i], strlen(values[i]), 0, &row);
        }
    }
    buf_addc(&row, ']');
    int rc = db_run(&s->sandbox->db, s->err,
                    "INSERT INTO result_row(statement, seq, op, row) VALUES (?,?,0,?)",
                    "iis", s->st->id, s->rows++, buf_str(&row));
    buf_fini(&row);
    return rc;
}

void submit_result_schema(struct submission *s, const struct sql_result *result)
{
    struct buf out = BUF_INIT;
    buf_adds(&out, "{\"columns\":[");
    for (size_t i = 0; i < result->column_count; i++) {
        const struct sql_result_column *column = &result->columns[i];
        buf_adds(&out, i > 0 ? ",{\"name\":" : "{\"name\":");
        json_write_str(column->name, strlen(column->name), 0, &out);
        buf_adds(&out, ",\"type\":");
        sql_type_render_json(&out, column->type);
        buf_addc(&out, '}');
    }
    buf_adds(&out, "]}");
    s->st->schema = arena_strdup(s->arena, buf_str(&out));
    buf_fini(&out);
}

void submit_ddl_traits(struct submission *s)
{
    s->st->bounded = true;
    s->st->append_only = true;
    s->st->schema = NULL;
    s->st->source = STATEMENT_SOURCE_NONE;
    s->st->finish_at = 1;
}

static int refuse_syntax(struct submission *s, const struct err *wrong)
{
    if (wrong == NULL || wrong->msg[0] == '\0') {
        return submit_refuse(s, "SQL parse failed. The statement was not understood.");
    }
    if (wrong->line > 0) {
        return submit_refuse(s, "SQL parse failed. %s at line %d, column %d.",
                             wrong->msg, wrong->line, wrong->column);
    }
    return submit_refuse(s, "SQL parse failed. %s", wrong->msg);
}

static int parse(struct submission *s)
{
    struct err wrong = {0};
    if (sql_parse(s->arena, s->text, strlen(s->text), &s->tree, &wrong) != 0) {
        return refuse_syntax(s, &wrong);
    }
    if (s->tree->kind == SQL_STATEMENT_EMPTY) {
        return submit_refuse(s, "SQL parse failed. The statement is empty.");
    }
    if (s->tree->kind == SQL_STATEMENT_UNKNOWN) {
        return refuse_syntax(s, s->tree->problem);
    }
    return 0;
}

static const char *property(const struct submission *s, const char *key)
{
    return value_cstr(value_dict_get(s->properties, key), NULL);
}

static const char *const known_properties[] = {
    "sql.current-catalog",
    "sql.current-database",
    "sql.dry-run",
    "sql.inline-result",
    "sql.local-time-zone",
    "sql.snapshot.mode",
    "sql.snapshot.write-mode",
    "sql.state-ttl",
    "sql.tables.initial-offset-from",
    "sql.tables.scan.bounded.mode",
    "sql.tables.scan.bounded.timestamp-millis",
    "sql.tables.scan.idle-timeout",
    "sql.tables.scan.source-operator-parallelism",
    "sql.tables.scan.startup.mode",
    "sql.tables.scan.startup.specific-offsets",
    "sql.tables.scan.startup.timestamp-millis",
    "sql.tables.scan.watermark-alignment.max-allowed-drift",
};

static int check_property(struct submission *s, const char *key)
{
    if (str_starts(key, "client.") || str_starts(key, "sql.secrets.")) {
        return 0;
    }
    for (size_t i = 0; i < COUNT(known_properties); i++) {
        if (strcmp(known_properties[i], key) == 0) {
            return 0;
        }
    }
    return submit_refuse(s,
                         "Unsupported configuration options found.\n\nUnsupported "
                         "options:\n\n%s",
                         key);
}

static int check_properties(struct submission *s)
{
    size_t at = 0;
    const struct value_pair *pair;
    while (value_is(s->properties, VALUE_DICT) &&
           (pair = value_dict_next(s->properties, &at)) != NULL) {
        int rc = check_property(s, value_cstr(pair->key, ""));
        if (rc != 0) {
            return rc;
        }
    }
    const char *mode = property(s, "sql.snapshot.mode");
    if (mode != NULL && !str_ieq(mode, "now") && !str_ieq(mode, "off")) {
        return submit_refuse(s, "Invalid value '%s' for option 'sql.snapshot.mode'.",
                             mode);
    }
    s->snapshot = mode != NULL && str_ieq(mode, "now");
    int64_t zone;
    if (!zone_of(s->st->properties, sandbox_now(s->sandbox), &zone)) {
        return submit_refuse(s, "The supplied zone ID '%s' is invalid.",
                             property(s, "sql.local-time-zone"));
    }
    return 0;
}

static int fail_by_fault(struct submission *s)
{
    struct fault_state *fault = &s->sandbox->fault;
    if (fault->submit_fail <= 0 || s->dry_run) {
        return 0;
    }
    fault->submit_fail--;
    return submit_refuse(s, "%s",
                         fault->message[0] != '\0' ? fault->message
                                                   : "Injected by the sandbox.");
}

/* CREATE FUNCTION and the like: accepted, nothing is done. */
static int submit_other(struct submission *s)
{
    switch (s->tree->kind) {
    case SQL_STATEMENT_CREATE_FUNCTION:
    case SQL_STATEMENT_DROP_FUNCTION:
    case SQL_STATEMENT_CREATE_MODEL:
    case SQL_STATEMENT_DROP_MODEL:
    case SQL_STATEMENT_CREATE_CONNECTION:
    case SQL_STATEMENT_DROP_CONNECTION:
    case SQL_STATEMENT_CREATE_AGENT:
    case SQL_STATEMENT_DROP_AGENT:
    case SQL_STATEMENT_CREATE_TOOL:
    case SQL_STATEMENT_DROP_TOOL:
        submit_ddl_traits(s);
        statement_warn(s->st, s->arena, sandbox_now(s->sandbox), "LOW",
                       "SANDBOX_NO_EFFECT",
                       "The sandbox accepts this statement and does nothing.");
        return 0;
    default:
        return submit_refuse(s, "Unsupported statement: %s.",
                             sql_statement_kind_name(s->tree->kind));
    }
}

int submit_statement(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                     struct value properties, const char **detail, struct err *err)
{
    struct submission s = {.sandbox = sandbox,
                           .arena = arena,
                           .st = st,
                           .text = st->sql,
                           .properties = properties,
                           .dry_run = st->id == 0,
                           .err = err};
    s.context.catalog = property(&s, "sql.current-catalog");
    s.context.database = property(&s, "sql.current-database");
    st->catalog = s.context.catalog;
    st->database = s.context.database;
    catalog_view_init(&s.view, sandbox, arena, &s.context);

    int rc = check_properties(&s);
    if (rc == 0) {
        rc = fail_by_fault(&s);
    }
    if (rc == 0) {
        rc = parse(&s);
    }
    if (rc == 0) {
        submit_handler *handler = submit_other;
        st->kind = sql_statement_kind_name(s.tree->kind);
        st->mode = s.snapshot ? "BATCH" : "STREAMING";
        for (size_t i = 0; i < COUNT(handlers); i++) {
            if (handlers[i].kind == s.tree->kind) {
                handler = handlers[i].handler;
            }
        }
        rc = handler(&s);
    }
    *detail = s.detail != NULL ? s.detail : "";
    return rc;
}
