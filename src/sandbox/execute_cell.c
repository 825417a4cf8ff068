#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/decimal.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define ZEROS                                                                          \
    "00000000000000000000000000000000000000" /* the most digits of a scale             \
                                              */

void cell_double(double d, bool single, struct buf *out)
{
    char text[40];
    int digits;
    if (isnan(d)) {
        buf_adds(out, "NaN");
        return;
    }
    if (isinf(d)) {
        buf_adds(out, d > 0 ? "Infinity" : "-Infinity");
        return;
    }
    for (digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof(text), "%.*e", digits, d);
        if (single ? (float)strtod(text, NULL) == (float)d : strtod(text, NULL) == d) {
            break;
        }
    }
    snprintf(text, sizeof(text), "%.*e", digits, d);
    char *e = strchr(text, 'e');
    int exponent = e != NULL ? atoi(e + 1) : 0;
    if (d == 0 || (exponent >= -3 && exponent < 7)) {
        int decimals = digits - exponent;
        snprintf(text, sizeof(text), "%.*f", decimals > 1 ? decimals : 1, d);
        size_t len = strlen(text);
        while (len > 2 && text[len - 1] == '0' && text[len - 2] != '.') {
            text[--len] = '\0';
        }
        buf_adds(out, text);
        return;
    }
    size_t len = e != NULL ? (size_t)(e - text) : strlen(text);
    while (len > 3 && text[len - 1] == '0' && text[len - 2] != '.') {
        len--;
    }
    buf_add(out, text, len);
    buf_addf(out, "E%d", exponent);
}

static void write_interval(int64_t value, const struct sql_type *type, struct buf *out)
{
    bool negative = value < 0;
    int64_t v = negative ? -value : value;
    buf_addc(out, negative ? '-' : '+');
    if (type->root == SQL_TYPE_INTERVAL_YEAR_MONTH) {
        buf_addf(out, "%lld-%02lld", (long long)(v / 12), (long long)(v % 12));
        return;
    }
    int64_t ms = v / 1000;
    buf_addf(out, "%lld %02lld:%02lld:%02lld.%03lld", (long long)(ms / 86400000),
             (long long)(ms / 3600000 % 24), (long long)(ms / 60000 % 60),
             (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

/* A number in SQLite as text of its type. */
static void write_number(double d, int64_t i, bool is_int, const struct sql_type *type,
                         struct buf *out)
{
    switch (type->root) {
    case SQL_TYPE_BOOLEAN:
        buf_adds(out, (is_int ? i != 0 : d != 0) ? "TRUE" : "FALSE");
        break;
    case SQL_TYPE_DECIMAL:
        if (is_int) {
            buf_addf(out, "%lld%s%.*s", (long long)i, type->scale > 0 ? "." : "",
                     type->scale, ZEROS);
        } else {
            buf_addf(out, "%.*f", type->scale, d);
        }
        break;
    case SQL_TYPE_FLOAT:
    case SQL_TYPE_DOUBLE:
        cell_double(is_int ? (double)i : d, type->root == SQL_TYPE_FLOAT, out);
        break;
    case SQL_TYPE_DATE:
        time_write_date(i, out);
        break;
    case SQL_TYPE_TIME:
        time_write_time(i, type->precision, out);
        break;
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_TIMESTAMP_TZ:
    case SQL_TYPE_TIMESTAMP_LTZ:
        time_write_timestamp(i, type->precision, out);
        break;
    case SQL_TYPE_INTERVAL_DAY_TIME:
    case SQL_TYPE_INTERVAL_YEAR_MONTH:
        write_interval(i, type, out);
        break;
    case SQL_TYPE_TINYINT:
    case SQL_TYPE_SMALLINT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        buf_addf(out, "%lld", (long long)(is_int ? i : (int64_t)d));
        break;
    default:
        if (is_int) {
            buf_addf(out, "%lld", (long long)i);
        } else {
            cell_double(d, false, out);
        }
        break;
    }
}

static void write_text(const char *text, size_t len, const struct sql_type *type,
                       struct buf *out)
{
    if (type->root == SQL_TYPE_DECIMAL) {
        struct decimal d;
        struct buf number = BUF_INIT;
        decimal_init(&d, 0);
        bool ok = decimal_decode(&d, text) || decimal_parse(&d, text);
        if (ok) {
            decimal_write(&d, type->scale, &number);
            json_write_str(buf_str(&number), number.len, 0, out);
        }
        buf_fini(&number);
        decimal_free(&d);
        if (ok) {
            return;
        }
    }
    json_write_str(text, len, 0, out);
}

static void write_json(struct value v, const struct sql_type *type, struct buf *out);

static void write_items(struct value list, const struct sql_type *type, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        buf_adds(out, i > 0 ? "," : "");
        if (type->root == SQL_TYPE_ROW && i < type->field_count) {
            write_json(item, type->fields[i].type, out);
        } else if (type->root == SQL_TYPE_MAP || type->root == SQL_TYPE_MULTISET) {
            buf_addc(out, '[');
            write_json(value_list_at(item, 0),
                       type->root == SQL_TYPE_MAP ? type->key : type->element, out);
            buf_addc(out, ',');
            write_json(value_list_at(item, 1),
                       type->root == SQL_TYPE_MAP ? type->element : sql_type_unknown(),
                       out);
            buf_addc(out, ']');
        } else {
            write_json(item, type->element != NULL ? type->element : sql_type_unknown(),
                       out);
        }
    }
    buf_addc(out, ']');
}

static void write_json(struct value v, const struct sql_type *type, struct buf *out)
{
    struct buf text = BUF_INIT;
    switch (v.type) {
    case VALUE_LIST:
        write_items(v, type, out);
        break;
    case VALUE_STRING:
        write_text(v.as.s, v.len, type, out);
        break;
    case VALUE_BOOL:
        buf_adds(out, v.as.b ? "\"TRUE\"" : "\"FALSE\"");
        break;
    case VALUE_INT:
    case VALUE_FLOAT:
        write_number(v.type == VALUE_FLOAT ? v.as.f : 0,
                     v.type == VALUE_INT ? v.as.i : 0, v.type == VALUE_INT, type,
                     &text);
        json_write_str(buf_str(&text), text.len, 0, out);
        break;
    default:
        buf_adds(out, "null");
        break;
    }
    buf_fini(&text);
}

static bool is_nested(const struct sql_type *type)
{
    return type->root == SQL_TYPE_ARRAY || type->root == SQL_TYPE_MAP ||
           type->root == SQL_TYPE_MULTISET || type->root == SQL_TYPE_ROW;
}

void cell_write(sqlite3_stmt *row, int column, const struct sql_type *type,
                struct buf *out)
{
    int kind = sqlite3_column_type(row, column);
    struct buf text = BUF_INIT;
    if (kind == SQLITE_NULL) {
        buf_adds(out, "null");
    } else if (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) {
        write_number(sqlite3_column_double(row, column),
                     sqlite3_column_int64(row, column), kind == SQLITE_INTEGER, type,
                     &text);
        json_write_str(buf_str(&text), text.len, 0, out);
    } else {
        const char *s = (const char *)sqlite3_column_text(row, column);
        size_t len = (size_t)sqlite3_column_bytes(row, column);
        struct arena arena = {0};
        struct value v;
        struct err err = {0};
        if (type->root == SQL_TYPE_VARIANT) {
            variant_write(s, out);
        } else if (is_nested(type) &&
                   json_parse(s, len, "cell", &arena, &v, &err) == 0) {
            write_json(v, type, out);
        } else {
            write_text(s, len, type, out);
        }
        arena_fini(&arena);
    }
    buf_fini(&text);
}

void cell_store(sqlite3_stmt *row, int column, struct buf *out)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        buf_adds(out, "null");
        break;
    case SQLITE_INTEGER:
        buf_addf(out, "%lld", (long long)sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        buf_addf(out, "%.17g", sqlite3_column_double(row, column));
        break;
    default:
        json_write_str((const char *)sqlite3_column_text(row, column),
                       (size_t)sqlite3_column_bytes(row, column), 0, out);
        break;
    }
}
