#include "config.h"

#include "sandbox/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/execute.h"
#include "value/json.h"

#define MAX_TOKEN      255
#define MAX_PAGE       ((size_t)4 * 1024 * 1024) /* bytes of rows in a page */
#define MAX_EXCEPTIONS 10

/* Tokens: "r", the statement's id and the next row's number in hex. */
static int read_token(const struct http_request *req, const struct statement *st,
                      struct http_response *res, int64_t *out)
{
    const char *text = http_arg(req, "page_token");
    char *end = NULL;

    *out = 0;
    if (text == NULL || text[0] == '\0') {
        return 1;
    }
    if (strlen(text) <= MAX_TOKEN && text[0] == 'r') {
        errno = 0;
        int64_t id = strtoll(text + 1, &end, 16);
        if (id == st->id && *end == '-') {
            *out = strtoll(end + 1, &end, 16);
            if (*end == '\0' && errno == 0 && *out >= 0) {
                return 1;
            }
        }
    }
    return http_fail(req, res, 400, "invalid_filter", NULL, "page_token",
                     "page_token is not one of this statement");
}

/* Whether results can be read in this phase. 1 yes, 0 answered. */
static int check_ready(struct sandbox *sandbox, const struct http_request *req,
                       const struct statement *st, struct http_response *res)
{
    int64_t ready = st->started + sandbox->settings.results_delay;
    if (st->phase == STATEMENT_FAILED) {
        return http_fail(req, res, 409, "conflict", NULL, NULL,
                         "Statement resource=%s has failed: there are no results",
                         st->name);
    }
    if (st->phase == STATEMENT_PENDING ||
        (st->phase == STATEMENT_RUNNING && ready > sandbox_now(sandbox))) {
        return http_fail(req, res, 409, "conflict", NULL, NULL,
                         "Results of statement resource=%s are not ready yet",
                         st->name);
    }
    return 1;
}

static int64_t write_rows(struct sandbox *sandbox, const struct statement *st,
                          int64_t from, struct buf *out, struct err *err)
{
    int64_t next = from;
    size_t start = out->len;
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT seq, op, row FROM result_row WHERE statement ="
                                 " ? AND seq >= ? ORDER BY seq LIMIT ?",
                                 "iin", st->id, from, sandbox->settings.page_rows);
    if (row == NULL) {
        return -1;
    }
    while (out->len - start < MAX_PAGE && sqlite3_step(row) == SQLITE_ROW) {
        buf_adds(out, next > from ? ",{" : "{");
        if (!st->append_only) {
            buf_addf(out, "\"op\":%d,", sqlite3_column_int(row, 1));
        }
        buf_addf(out, "\"row\":%s}", (const char *)sqlite3_column_text(row, 2));
        next = sqlite3_column_int64(row, 0) + 1;
    }
    sqlite3_reset(row);
    return next;
}

/* Whether a page that ends before row `next` is followed by another one. */
static bool has_more(struct sandbox *sandbox, const struct statement *st, int64_t next)
{
    if (!statement_is_terminal(st->phase) && st->phase != STATEMENT_DELETING) {
        return true;
    }
    return db_int(&sandbox->db, 0,
                  "SELECT 1 FROM result_row WHERE statement = ? AND seq >= ?", "ii",
                  st->id, next) != 0;
}

static void write_metadata(const struct sandbox *sandbox,
                           const struct http_request *req, const struct statement *st,
                           int64_t next, bool more, struct buf *out)
{
    char at[CLOCK_ISO_SIZE];
    const char *url = arena_printf(
        req->arena, "%s/sql/v1/organizations/%s/environments/%s/statements/%s/results",
        req->base, sandbox->settings.organization, http_encode(req->arena, st->env),
        http_encode(req->arena, st->name));
    clock_iso(st->created, at);
    buf_addf(out, "\"metadata\":{\"self\":\"%s\",\"created_at\":\"%s\"", url, at);
    if (more) {
        buf_addf(out, ",\"next\":\"%s?page_token=r%llx-%llx\"", url,
                 (unsigned long long)st->id, (unsigned long long)next);
    } else {
        buf_adds(out, ",\"next\":\"\"");
    }
    buf_addc(out, '}');
}

int api_results(struct sandbox *sandbox, const struct http_request *req,
                const struct route *route, struct http_response *res, struct err *err)
{
    struct statement st;
    int64_t from;
    int rc = api_find(sandbox, req, route, res, &st, err);
    if (rc <= 0) {
        return rc;
    }
    if (read_token(req, &st, res, &from) == 0 ||
        check_ready(sandbox, req, &st, res) == 0) {
        return 0;
    }
    if (life_touch(sandbox, &st, err) != 0) {
        return -1;
    }
    if (st.source == STATEMENT_SOURCE_STREAM && st.phase == STATEMENT_RUNNING &&
        execute_poll(sandbox, req->arena, &st, err) != 0) {
        return -1;
    }
    buf_adds(&res->body, "{\"api_version\":\"sql/v1\",\"kind\":\"StatementResult\","
                         "\"results\":{\"data\":[");
    int64_t next = write_rows(sandbox, &st, from, &res->body, err);
    if (next < 0) {
        return -1;
    }
    buf_adds(&res->body, "]},");
    write_metadata(sandbox, req, &st, next, has_more(sandbox, &st, next), &res->body);
    buf_addc(&res->body, '}');
    return 0;
}

int api_exceptions(struct sandbox *sandbox, const struct http_request *req,
                   const struct route *route, struct http_response *res,
                   struct err *err)
{
    struct statement st;
    char at[CLOCK_ISO_SIZE];
    int rc = api_find(sandbox, req, route, res, &st, err);
    if (rc <= 0) {
        return rc;
    }
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT name, message, at FROM exception WHERE"
                                 " statement = ? ORDER BY id DESC LIMIT ?",
                                 "in", st.id, MAX_EXCEPTIONS);
    if (row == NULL) {
        return -1;
    }
    buf_adds(&res->body, "{\"api_version\":\"sql/v1\",\"kind\":"
                         "\"StatementExceptionList\",\"metadata\":{\"self\":");
    const char *self =
        arena_printf(req->arena,
                     "%s/sql/v1/organizations/%s/environments/%s/statements/%s/"
                     "exceptions",
                     req->base, sandbox->settings.organization,
                     http_encode(req->arena, st.env), http_encode(req->arena, st.name));
    json_write_str(self, strlen(self), 0, &res->body);
    buf_adds(&res->body, "},\"data\":[");
    for (int i = 0; sqlite3_step(row) == SQLITE_ROW; i++) {
        buf_adds(&res->body, i > 0 ? "," : "");
        buf_adds(&res->body, "{\"kind\":\"StatementException\",\"name\":");
        json_write_str((const char *)sqlite3_column_text(row, 0),
                       (size_t)sqlite3_column_bytes(row, 0), 0, &res->body);
        buf_adds(&res->body, ",\"message\":");
        json_write_str((const char *)sqlite3_column_text(row, 1),
                       (size_t)sqlite3_column_bytes(row, 1), 0, &res->body);
        clock_iso(sqlite3_column_int64(row, 2), at);
        buf_addf(&res->body, ",\"timestamp\":\"%s\"}", at);
    }
    sqlite3_reset(row);
    buf_adds(&res->body, "]}");
    return 0;
}
