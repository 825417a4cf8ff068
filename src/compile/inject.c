/* Ephemeral models as common table expressions in front of a query. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "base/str.h"
#include "sql/scan.h"

/* Whether the text between `from` and `to` names one of the CTEs. */
static bool mentions(const char *text, size_t from, size_t to,
                     const struct compile_cte *ctes, size_t count)
{
    struct sql_scanner scanner;

    sql_scan_init(&scanner, text + from, to - from);
    for (;;) {
        struct sql_token token = sql_scan_next(&scanner);
        if (token.kind == SQL_TOKEN_END) {
            return false;
        }
        if (token.kind != SQL_TOKEN_WORD) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (str_eq_n(text + from + token.start, token.end - token.start,
                         ctes[i].name)) {
                return true;
            }
        }
    }
}

static void add_ctes(const struct compile_cte *ctes, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s %s as (\n", i > 0 ? ", " : "", ctes[i].name);
        buf_adds(out, ctes[i].sql);
        buf_adds(out, "\n)");
    }
}

/* Offset of the first character that is no blank. */
static size_t skip_blanks(const char *text, size_t from, size_t to)
{
    while (from < to && strchr(" \t\n\r\f\v", text[from]) != NULL) {
        from++;
    }
    return from;
}

/* One statement, `text` to `to`, with the CTEs where its query begins. */
static void inject_statement(const char *text, const struct sql_with_place *place,
                             size_t to, const struct compile_cte *ctes, size_t count,
                             struct buf *out)
{
    size_t at = place->insert;

    if (place->has_with) {
        at = skip_blanks(text, at, to); /* as dbt: the blanks stay behind WITH */
        buf_add(out, text, at);
        add_ctes(ctes, count, out);
        buf_adds(out, ", ");
    } else {
        if (place->query == place->statement) {
            at = skip_blanks(text, 0, place->query); /* as dbt: before comments */
        }
        buf_add(out, text, at);
        buf_adds(out, "with");
        add_ctes(ctes, count, out);
        buf_addc(out, ' ');
    }
    buf_add(out, text + at, to - at);
}

void inject_ctes(const char *body, size_t len, const struct compile_cte *ctes,
                 size_t count, struct buf *out)
{
    size_t from = 0, before = out->len;
    bool done = false;

    if (count == 0) {
        buf_add(out, body, len);
        return;
    }
    while (from < len) {
        struct sql_with_place place;
        sql_find_with(body + from, len - from, &place);
        size_t to = place.next > 0 ? place.next : len - from;
        bool only = from == 0 && skip_blanks(body, to, len) == len;
        if (place.query < place.end &&
            (only || mentions(body, from, from + place.end, ctes, count))) {
            inject_statement(body + from, &place, to, ctes, count, out);
            done = true;
        } else {
            buf_add(out, body + from, to);
        }
        from += to;
    }
    if (!done) { /* no query to be seen: in front, as dbt does */
        size_t at = skip_blanks(body, 0, len);
        buf_truncate(out, before);
        buf_add(out, body, at);
        buf_adds(out, "with");
        add_ctes(ctes, count, out);
        buf_addc(out, ' ');
        buf_add(out, body + at, len - at);
    }
}
