#include "config.h"

#include "sql/type.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

static const char *const TIME_MARKS[] = {"", " *ROWTIME*", " *PROCTIME*"};

/* Names of roots that are written without anything behind. */
static const char *const PLAIN[SQL_TYPE_ROOT_COUNT] = {
    [SQL_TYPE_UNKNOWN] = "unknown",
    [SQL_TYPE_NULL] = "NULL",
    [SQL_TYPE_CHAR] = "CHAR",
    [SQL_TYPE_VARCHAR] = "VARCHAR",
    [SQL_TYPE_BOOLEAN] = "BOOLEAN",
    [SQL_TYPE_BINARY] = "BINARY",
    [SQL_TYPE_VARBINARY] = "VARBINARY",
    [SQL_TYPE_DECIMAL] = "DECIMAL",
    [SQL_TYPE_TINYINT] = "TINYINT",
    [SQL_TYPE_SMALLINT] = "SMALLINT",
    [SQL_TYPE_INT] = "INT",
    [SQL_TYPE_BIGINT] = "BIGINT",
    [SQL_TYPE_FLOAT] = "FLOAT",
    [SQL_TYPE_DOUBLE] = "DOUBLE",
    [SQL_TYPE_DATE] = "DATE",
    [SQL_TYPE_TIME] = "TIME",
    [SQL_TYPE_TIMESTAMP] = "TIMESTAMP",
    [SQL_TYPE_TIMESTAMP_TZ] = "TIMESTAMP",
    [SQL_TYPE_TIMESTAMP_LTZ] = "TIMESTAMP",
    [SQL_TYPE_INTERVAL_YEAR_MONTH] = "INTERVAL MONTH",
    [SQL_TYPE_INTERVAL_DAY_TIME] = "INTERVAL SECOND(3)",
    [SQL_TYPE_ARRAY] = "ARRAY",
    [SQL_TYPE_MULTISET] = "MULTISET",
    [SQL_TYPE_MAP] = "MAP",
    [SQL_TYPE_ROW] = "ROW",
    [SQL_TYPE_STRUCTURED] = "STRUCTURED",
    [SQL_TYPE_RAW] = "RAW",
    [SQL_TYPE_VARIANT] = "VARIANT",
    [SQL_TYPE_BITMAP] = "BITMAP",
    [SQL_TYPE_SYMBOL] = "SYMBOL",
    [SQL_TYPE_DESCRIPTOR] = "DESCRIPTOR",
};

/* Text between quotes of the given kind, with the quote doubled inside. */
static void add_quoted(struct buf *buf, const char *text, char quote)
{
    buf_addc(buf, quote);
    for (const char *p = text; *p; p++) {
        if (*p == quote) {
            buf_addc(buf, quote);
        }
        buf_addc(buf, *p);
    }
    buf_addc(buf, quote);
}

static void render(struct buf *buf, const struct sql_type *type,
                   enum sql_type_form form, bool not_null);

static void render_fields(struct buf *buf, const struct sql_type *type,
                          enum sql_type_form form)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct sql_type_field *field = &type->fields[i];
        if (i > 0) {
            buf_adds(buf, ", ");
        }
        add_quoted(buf, field->name, '`');
        buf_addc(buf, ' ');
        render(buf, field->type, form, true);
        if (field->comment) {
            buf_addc(buf, ' ');
            add_quoted(buf, field->comment, '\'');
        }
    }
}

static void render_composite(struct buf *buf, const struct sql_type *type,
                             enum sql_type_form form)
{
    buf_addc(buf, '<');
    if (type->root == SQL_TYPE_STRUCTURED) {
        add_quoted(buf, type->name ? type->name : "", '\'');
        if (type->field_count) {
            buf_adds(buf, ", ");
        }
    }
    if (type->key) {
        render(buf, type->key, form, true);
        buf_adds(buf, ", ");
    }
    if (type->element) {
        render(buf, type->element, form, true);
    }
    render_fields(buf, type, form);
    buf_addc(buf, '>');
}

/* STRING and BYTES stand for the longest VARCHAR and VARBINARY in summaries. */
static void render_length(struct buf *buf, const struct sql_type *type,
                          enum sql_type_form form)
{
    bool variable = type->root == SQL_TYPE_VARCHAR || type->root == SQL_TYPE_VARBINARY;
    if (variable && form == SQL_TYPE_FORM_SUMMARY &&
        type->precision == SQL_TYPE_MAX_LENGTH) {
        buf_adds(buf, type->root == SQL_TYPE_VARCHAR ? "STRING" : "BYTES");
    } else {
        buf_addf(buf, "%s(%d)", PLAIN[type->root], (int)type->precision);
    }
}

static void render_root(struct buf *buf, const struct sql_type *type,
                        enum sql_type_form form)
{
    switch ((enum sql_type_root)type->root) {
    case SQL_TYPE_CHAR:
    case SQL_TYPE_VARCHAR:
    case SQL_TYPE_BINARY:
    case SQL_TYPE_VARBINARY:
        render_length(buf, type, form);
        break;
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
        buf_addf(buf, "%s(%d)", PLAIN[type->root], (int)type->precision);
        break;
    case SQL_TYPE_TIMESTAMP_TZ:
        buf_addf(buf, "TIMESTAMP(%d) WITH TIME ZONE", (int)type->precision);
        break;
    case SQL_TYPE_TIMESTAMP_LTZ:
        buf_addf(buf,
                 form == SQL_TYPE_FORM_SUMMARY ? "TIMESTAMP_LTZ(%d)"
                                               : "TIMESTAMP(%d) WITH LOCAL TIME ZONE",
                 (int)type->precision);
        break;
    case SQL_TYPE_DECIMAL:
        buf_addf(buf, "DECIMAL(%d, %d)", (int)type->precision, (int)type->scale);
        break;
    case SQL_TYPE_RAW:
        buf_adds(buf, "RAW(");
        add_quoted(buf, type->name ? type->name : "", '\'');
        buf_adds(buf, ", '...')");
        break;
    case SQL_TYPE_ARRAY:
    case SQL_TYPE_MULTISET:
    case SQL_TYPE_MAP:
    case SQL_TYPE_ROW:
    case SQL_TYPE_STRUCTURED:
        buf_adds(buf, PLAIN[type->root]);
        render_composite(buf, type, form);
        break;
    default:
        buf_adds(buf, PLAIN[type->root < SQL_TYPE_ROOT_COUNT ? type->root : 0]);
        break;
    }
}

static void render(struct buf *buf, const struct sql_type *type,
                   enum sql_type_form form, bool not_null)
{
    render_root(buf, type, form);
    if (not_null && !type->nullable) {
        buf_adds(buf, " NOT NULL");
    }
    if (form == SQL_TYPE_FORM_SUMMARY) {
        buf_adds(buf, TIME_MARKS[type->time_attr]);
    }
}

/* Types with parts that Flink can't serialise are written as summaries throughout. */
static bool has_serial_form(const struct sql_type *type)
{
    if (!type) {
        return true;
    }
    switch ((enum sql_type_root)type->root) {
    case SQL_TYPE_CHAR:
    case SQL_TYPE_BINARY:
        return type->precision > 0;
    case SQL_TYPE_INTERVAL_DAY_TIME:
    case SQL_TYPE_INTERVAL_YEAR_MONTH:
        return false;
    default:
        break;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        if (!has_serial_form(type->fields[i].type)) {
            return false;
        }
    }
    return has_serial_form(type->key) && has_serial_form(type->element);
}

void sql_type_render(struct buf *buf, const struct sql_type *type,
                     enum sql_type_form form, bool not_null)
{
    if (form == SQL_TYPE_FORM_SERIAL && !has_serial_form(type)) {
        form = SQL_TYPE_FORM_SUMMARY;
    }
    render(buf, type, form, not_null);
}

const char *sql_type_text(struct arena *arena, const struct sql_type *type,
                          enum sql_type_form form, bool not_null)
{
    struct buf buf = BUF_INIT;
    sql_type_render(&buf, type, form, not_null);
    const char *text = arena_strndup(arena, buf_str(&buf), buf.len);
    buf_fini(&buf);
    return text;
}

static void add_json_string(struct buf *buf, const char *text)
{
    buf_addc(buf, '"');
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            buf_addc(buf, '\\');
            buf_addc(buf, *p);
        } else if (c < 0x20) {
            buf_addf(buf, "\\u%04x", c);
        } else {
            buf_addc(buf, *p);
        }
    }
    buf_addc(buf, '"');
}

static void render_json_fields(struct buf *buf, const struct sql_type *type)
{
    buf_adds(buf, ",\"fields\":[");
    for (size_t i = 0; i < type->field_count; i++) {
        const struct sql_type_field *field = &type->fields[i];
        buf_adds(buf, i > 0 ? ",{\"name\":" : "{\"name\":");
        add_json_string(buf, field->name);
        buf_adds(buf, ",\"field_type\":");
        sql_type_render_json(buf, field->type);
        if (field->comment) {
            buf_adds(buf, ",\"description\":");
            add_json_string(buf, field->comment);
        }
        buf_addc(buf, '}');
    }
    buf_addc(buf, ']');
}

static void render_json_nested(struct buf *buf, const struct sql_type *type)
{
    if (type->key) {
        buf_adds(buf, ",\"key_type\":");
        sql_type_render_json(buf, type->key);
    }
    if (type->element) {
        buf_adds(buf, type->key ? ",\"value_type\":" : ",\"element_type\":");
        sql_type_render_json(buf, type->element);
    }
    if (type->root == SQL_TYPE_ROW || type->root == SQL_TYPE_STRUCTURED) {
        render_json_fields(buf, type);
    }
    if (type->name) {
        buf_adds(buf, ",\"class_name\":");
        add_json_string(buf, type->name);
    }
}

void sql_type_render_json(struct buf *buf, const struct sql_type *type)
{
    buf_addf(buf, "{\"type\":\"%s\",\"nullable\":%s",
             sql_type_rest_name((enum sql_type_root)type->root),
             type->nullable ? "true" : "false");
    switch ((enum sql_type_root)type->root) {
    case SQL_TYPE_CHAR:
    case SQL_TYPE_VARCHAR:
    case SQL_TYPE_BINARY:
    case SQL_TYPE_VARBINARY:
        buf_addf(buf, ",\"length\":%d", (int)type->precision);
        break;
    case SQL_TYPE_DECIMAL:
        buf_addf(buf, ",\"precision\":%d,\"scale\":%d", (int)type->precision,
                 (int)type->scale);
        break;
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_TIMESTAMP_TZ:
    case SQL_TYPE_TIMESTAMP_LTZ:
        buf_addf(buf, ",\"precision\":%d", (int)type->precision);
        break;
    case SQL_TYPE_INTERVAL_YEAR_MONTH:
        buf_adds(buf, ",\"precision\":2,\"resolution\":\"MONTH\"");
        break;
    case SQL_TYPE_INTERVAL_DAY_TIME:
        buf_adds(buf, ",\"precision\":2,\"fractional_precision\":3,"
                      "\"resolution\":\"SECOND\"");
        break;
    default:
        render_json_nested(buf, type);
        break;
    }
    buf_addc(buf, '}');
}
