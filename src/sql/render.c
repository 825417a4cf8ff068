#include "config.h"

#include "sql/render.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sql/keyword.h"

static void quote(struct buf *out, const char *text, size_t len, char quote)
{
    buf_addc(out, quote);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == quote) {
            buf_addc(out, quote);
        }
        buf_addc(out, text[i]);
    }
    buf_addc(out, quote);
}

void sql_quote_identifier(struct buf *out, const char *name, size_t len)
{
    quote(out, name, len, '`');
}

void sql_quote_string(struct buf *out, const char *text, size_t len)
{
    quote(out, text, len, '\'');
}

bool sql_is_plain_identifier(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return len > 0 && !sql_keyword_is(sql_keyword_find(name, len), KEYWORD_RESERVED);
}

static void add_ident(struct buf *out, const char *text)
{
    sql_quote_identifier(out, text, strlen(text));
}

static void add_string(struct buf *out, const char *text)
{
    sql_quote_string(out, text, strlen(text));
}

void sql_render_name(struct buf *out, const struct sql_name *name)
{
    for (size_t i = 0; i < name->count; i++) {
        if (i > 0) {
            buf_addc(out, '.');
        }
        add_ident(out, name->parts[i].text);
    }
}

static void full_name(struct buf *out, const struct sql_name *name,
                      const struct sql_render_options *options)
{
    if (options != NULL && name->count < 3 && options->catalog != NULL) {
        add_ident(out, options->catalog);
        buf_addc(out, '.');
    }
    if (options != NULL && name->count < 2 && options->database != NULL) {
        add_ident(out, options->database);
        buf_addc(out, '.');
    }
    sql_render_name(out, name);
}

/* Types. */

static void type_args(struct buf *out, const struct sql_type_spec *type)
{
    for (size_t i = 0; i < type->arg_count; i++) {
        buf_addf(out, "%s%lld", i == 0 ? "(" : ", ", (long long)type->args[i]);
    }
    if (type->arg_count > 0) {
        buf_addc(out, ')');
    }
}

static void type_fields(struct buf *out, const struct sql_type_spec *type)
{
    const char *comma = "";

    buf_addc(out, '<');
    for (size_t i = 0; i < type->string_count; i++) {
        buf_adds(out, comma);
        add_string(out, type->strings[i]);
        comma = ", ";
    }
    for (size_t i = 0; i < type->field_count; i++) {
        buf_adds(out, comma);
        add_ident(out, type->fields[i].name.text);
        buf_addc(out, ' ');
        sql_render_type_spec(out, type->fields[i].type);
        if (type->fields[i].comment != NULL) {
            buf_addc(out, ' ');
            add_string(out, type->fields[i].comment);
        }
        comma = ", ";
    }
    buf_addc(out, '>');
}

static void type_interval(struct buf *out, const struct sql_type_spec *type)
{
    buf_addf(out, " %s", type->unit_from);
    if (type->arg_count > 0 && type->args[0] >= 0) {
        buf_addf(out, "(%lld)", (long long)type->args[0]);
    }
    if (type->unit_to != NULL) {
        buf_addf(out, " TO %s", type->unit_to);
        if (type->arg_count > 1 && type->args[1] >= 0) {
            buf_addf(out, "(%lld)", (long long)type->args[1]);
        }
    }
}

static void type_rest(struct buf *out, const struct sql_type_spec *type)
{
    if (type->unit_from != NULL) {
        type_interval(out, type);
    } else if (type->element_count > 0) {
        for (size_t i = 0; i < type->element_count; i++) {
            buf_adds(out, i == 0 ? "<" : ", ");
            sql_render_type_spec(out, type->elements[i]);
        }
        buf_addc(out, '>');
    } else if (strcmp(type->name, "ROW") == 0 ||
               strcmp(type->name, "STRUCTURED") == 0) {
        type_fields(out, type);
    } else if (type->string_count > 0) {
        for (size_t i = 0; i < type->string_count; i++) {
            buf_adds(out, i == 0 ? "(" : ", ");
            add_string(out, type->strings[i]);
        }
        buf_addc(out, ')');
    } else {
        type_args(out, type);
    }
}

/* Words that mean others; Flink prints those. */
static const char *serial_name(const struct sql_type_spec *type)
{
    static const char *const names[][2] = {
        {"STRING", "VARCHAR(2147483647)"},
        {"BYTES", "VARBINARY(2147483647)"},
        {"INTEGER", "INT"},
        {"DEC", "DECIMAL"},
        {"NUMERIC", "DECIMAL"},
        {"TIMESTAMP_LTZ", "TIMESTAMP"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(type->name, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return type->name;
}

/* The arguments that Flink fills in. */
static void default_args(struct buf *out, const struct sql_type_spec *type)
{
    static const struct {
        const char *name;
        const char *args;
    } defaults[] = {
        {"DECIMAL", "(10, 0)"}, {"DEC", "(10, 0)"}, {"NUMERIC", "(10, 0)"},
        {"TIMESTAMP", "(6)"},   {"TIME", "(0)"},    {"TIMESTAMP_LTZ", "(6)"},
        {"CHAR", "(1)"},        {"VARCHAR", "(1)"}, {"BINARY", "(1)"},
        {"VARBINARY", "(1)"},
    };
    bool decimal = strcmp(serial_name(type), "DECIMAL") == 0;

    if (decimal && type->arg_count == 1) {
        buf_truncate(out, out->len - 1);
        buf_adds(out, ", 0)");
    }
    for (size_t i = 0;
         type->arg_count == 0 && i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (strcmp(type->name, defaults[i].name) == 0) {
            buf_adds(out, defaults[i].args);
        }
    }
}

void sql_render_type_spec(struct buf *out, const struct sql_type_spec *type)
{
    if (type->name == NULL) {
        sql_render_name(out, &type->udt);
    } else {
        buf_adds(out, serial_name(type));
        type_rest(out, type);
        default_args(out, type);
        if (type->zone == SQL_ZONE_LOCAL || strcmp(type->name, "TIMESTAMP_LTZ") == 0) {
            buf_adds(out, " WITH LOCAL TIME ZONE");
        } else if (type->zone == SQL_ZONE_WITH) {
            buf_adds(out, " WITH TIME ZONE");
        }
    }
    if (type->nullability == SQL_NOT_NULL) {
        buf_adds(out, " NOT NULL");
    }
}

/* Tables. */

static void add_source(struct buf *out, const char *text, struct sql_span at)
{
    buf_add(out, text + at.start, at.end - at.start);
}

static void comment(struct buf *out, const char *text)
{
    if (text != NULL) {
        buf_adds(out, " COMMENT ");
        add_string(out, text);
    }
}

static bool is_key_column(const struct sql_table_def *def, const char *name)
{
    for (size_t i = 0; i < def->constraint_count; i++) {
        const struct sql_ident_list *columns = &def->constraints[i].columns;

        for (size_t j = 0; def->constraints[i].primary_key && j < columns->count; j++) {
            if (strcmp(columns->items[j].text, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void column(struct buf *out, const char *text, const struct sql_table_def *def,
                   const struct sql_column_def *column)
{
    add_ident(out, column->name.text);
    if (column->kind == SQL_DEF_COMPUTED) {
        buf_adds(out, " AS ");
        add_source(out, text, column->expr->outer);
    } else if (column->type != NULL) {
        buf_addc(out, ' ');
        sql_render_type_spec(out, column->type);
        if (column->type->nullability != SQL_NOT_NULL &&
            is_key_column(def, column->name.text)) {
            buf_adds(out, " NOT NULL");
        }
    }
    if (column->kind == SQL_DEF_METADATA) {
        buf_adds(out, " METADATA");
        if (column->metadata_key != NULL) {
            buf_adds(out, " FROM ");
            add_string(out, column->metadata_key);
        }
        buf_adds(out, column->is_virtual ? " VIRTUAL" : "");
    }
    comment(out, column->comment);
}

static void ident_list(struct buf *out, const struct sql_ident_list *list)
{
    buf_addc(out, '(');
    for (size_t i = 0; i < list->count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        add_ident(out, list->items[i].text);
    }
    buf_addc(out, ')');
}

static void constraint(struct buf *out, const struct sql_constraint_def *def)
{
    struct buf name = BUF_INIT;

    buf_adds(&name, def->name.text != NULL ? def->name.text
                                           : (def->primary_key ? "PK" : "UK"));
    for (size_t i = 0; def->name.text == NULL && i < def->columns.count; i++) {
        buf_addf(&name, "_%s", def->columns.items[i].text);
    }
    buf_adds(out, "CONSTRAINT ");
    add_ident(out, buf_str(&name));
    buf_adds(out, def->primary_key ? " PRIMARY KEY " : " UNIQUE ");
    ident_list(out, &def->columns);
    buf_adds(out, " NOT ENFORCED");
    buf_fini(&name);
}

static void elements(struct buf *out, const char *text, const struct sql_table_def *def)
{
    const char *comma = "\n  ";

    for (size_t i = 0; i < def->column_count; i++) {
        buf_adds(out, comma);
        column(out, text, def, &def->columns[i]);
        comma = ",\n  ";
    }
    for (size_t i = 0; i < def->watermark_count; i++) {
        buf_adds(out, comma);
        buf_adds(out, "WATERMARK FOR ");
        sql_render_name(out, &def->watermarks[i].column);
        buf_adds(out, " AS ");
        add_source(out, text, def->watermarks[i].expr->outer);
        comma = ",\n  ";
    }
    for (size_t i = 0; i < def->constraint_count; i++) {
        buf_adds(out, comma);
        constraint(out, &def->constraints[i]);
        comma = ",\n  ";
    }
}

static int compare_options(const void *a, const void *b)
{
    const struct sql_option_def *const *x = a;
    const struct sql_option_def *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

static void with_options(struct buf *out, const struct sql_option_list *list)
{
    const struct sql_option_def **sorted;

    if (list->count == 0) {
        return;
    }
    sorted = calloc(list->count, sizeof(const struct sql_option_def *));
    if (sorted == NULL) {
        abort();
    }
    for (size_t i = 0; i < list->count; i++) {
        sorted[i] = &list->items[i];
    }
    qsort(sorted, list->count, sizeof(const struct sql_option_def *), compare_options);
    buf_adds(out, "\nWITH (");
    for (size_t i = 0; i < list->count; i++) {
        buf_adds(out, i == 0 ? "\n  " : ",\n  ");
        add_string(out, sorted[i]->key);
        buf_adds(out, " = ");
        add_string(out, sorted[i]->value != NULL ? sorted[i]->value : "");
    }
    buf_adds(out, "\n)");
    free(sorted);
}

static void distribution(struct buf *out, const struct sql_distribution_def *def)
{
    if (!def->present) {
        return;
    }
    buf_adds(out, "\nDISTRIBUTED");
    if (def->columns.count > 0) {
        buf_addf(out, " BY %s", def->method != NULL ? def->method : "HASH");
        ident_list(out, &def->columns);
    }
    if (def->buckets > 0) {
        buf_addf(out, " INTO %lld BUCKETS", (long long)def->buckets);
    }
}

static void query(struct buf *out, const char *text, const struct sql_query *query)
{
    if (query != NULL) {
        buf_adds(out, "\nAS ");
        add_source(out, text, query->at);
    }
}

void sql_render_table(struct buf *out, const char *text,
                      const struct sql_table_def *def,
                      const struct sql_render_options *options)
{
    buf_adds(out, def->materialized ? "CREATE MATERIALIZED TABLE " : "CREATE TABLE ");
    full_name(out, &def->name, options);
    if (def->has_elements) {
        buf_adds(out, " (");
        elements(out, text, def);
        buf_adds(out, "\n)");
    }
    if (def->comment != NULL) {
        buf_adds(out, "\nCOMMENT ");
        add_string(out, def->comment);
    }
    distribution(out, &def->distribution);
    if (def->partitioned) {
        buf_adds(out, "\nPARTITIONED BY ");
        ident_list(out, &def->partitioned_by);
    }
    with_options(out, &def->options);
    if (def->start_mode.mode != NULL) {
        buf_adds(out, "\nSTART_MODE = ");
        add_source(out, text, def->start_mode.at);
    }
    query(out, text, def->query);
}

void sql_render_view(struct buf *out, const char *text, const struct sql_view_def *def,
                     const struct sql_render_options *options)
{
    buf_adds(out, "CREATE VIEW ");
    full_name(out, &def->name, options);
    for (size_t i = 0; i < def->column_count; i++) {
        buf_adds(out, i == 0 ? " (\n  " : ",\n  ");
        add_ident(out, def->columns[i].name.text);
        comment(out, def->columns[i].comment);
    }
    buf_adds(out, def->column_count > 0 ? "\n)" : "");
    if (def->comment != NULL) {
        buf_adds(out, "\nCOMMENT ");
        add_string(out, def->comment);
    }
    query(out, text, def->query);
}
