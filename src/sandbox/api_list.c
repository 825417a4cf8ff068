#include "config.h"

#include "sandbox/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "value/json.h"

#define PAGE_DEFAULT 10
#define MAX_TOKEN    255
#define MAX_LABELS   8

struct filter {
    struct api_page page;
    const char *pool;
    const char *search;
    const char *keys[MAX_LABELS];
    const char *values[MAX_LABELS];
    size_t label_count;
};

static int bad_argument(const struct http_request *req, struct http_response *res,
                        const char *name, const char *why)
{
    return http_fail(req, res, 400, "invalid_filter", NULL, name, "%s: %s", name, why);
}

static int read_size(const struct http_request *req, struct http_response *res,
                     struct api_page *out)
{
    const char *text = http_arg(req, "page_size");
    out->size = PAGE_DEFAULT;
    if (text == NULL) {
        return 1;
    }
    char *end;
    errno = 0;
    long size = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || size < 1 || size > API_PAGE_MAX) {
        return bad_argument(req, res, "page_size", "is not a number from 1 to 100");
    }
    out->size = (int)size;
    return 1;
}

/* Tokens are "s" and the last id in hex; nobody should know. */
static int read_token(const struct http_request *req, struct http_response *res,
                      struct api_page *out)
{
    const char *text = http_arg(req, "page_token");
    if (text == NULL || text[0] == '\0') {
        return 1;
    }
    char *end;
    errno = 0;
    out->before = text[0] == 's' ? strtoll(text + 1, &end, 16) : 0;
    if (strlen(text) > MAX_TOKEN || out->before <= 0 || *end != '\0' || errno != 0) {
        return bad_argument(req, res, "page_token", "is not a token of this list");
    }
    return 1;
}

int api_page(const struct http_request *req, struct http_response *res,
             struct api_page *out)
{
    *out = (struct api_page){0};
    return read_size(req, res, out) != 0 && read_token(req, res, out) != 0;
}

/* "k=v,k2=v2", "k==v" too. */
static int read_labels(const struct http_request *req, struct http_response *res,
                       struct filter *out)
{
    const char *text = http_arg(req, "label_selector");
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, ",");
        char *pair = arena_strndup(req->arena, text, len);
        char *equals = strchr(pair, '=');
        if (equals == NULL || equals == pair || out->label_count == MAX_LABELS) {
            return bad_argument(req, res, "label_selector", "is not k=v,k2=v2");
        }
        *equals = '\0';
        out->keys[out->label_count] = pair;
        out->values[out->label_count++] = equals + (equals[1] == '=' ? 2 : 1);
        text += len;
        text += *text == ',' ? 1 : 0;
    }
    return 1;
}

static int read_filter(const struct http_request *req, struct http_response *res,
                       struct filter *out)
{
    const char *ordered = http_arg(req, "time_ordered");
    *out = (struct filter){.pool = http_arg(req, "spec.compute_pool_id")};
    if (ordered != NULL && str_ieq(ordered, "true")) {
        out->search = http_arg(req, "statement_name_search_query");
    }
    return api_page(req, res, &out->page) != 0 && read_labels(req, res, out) != 0;
}

/* The query for a filter; texts are bound by bind_filter(). */
static const char *filter_sql(struct arena *arena, const struct filter *filter)
{
    struct buf sql = BUF_INIT;
    buf_adds(&sql, "SELECT " STATEMENT_COLUMNS " FROM statement s WHERE env = ?1"
                   " AND id < ?2");
    if (filter->pool != NULL) {
        buf_adds(&sql, " AND pool = ?4");
    }
    if (filter->search != NULL) {
        buf_adds(&sql, " AND instr(name, ?5) > 0");
    }
    for (size_t i = 0; i < filter->label_count; i++) {
        buf_addf(&sql,
                 " AND id IN (SELECT statement FROM statement_label WHERE key = ?%zu"
                 " AND value = ?%zu)",
                 6 + 2 * i, 7 + 2 * i);
    }
    buf_adds(&sql, " ORDER BY id DESC LIMIT ?3");
    const char *text = arena_strdup(arena, buf_str(&sql));
    buf_fini(&sql);
    return text;
}

static sqlite3_stmt *filter_query(struct sandbox *sandbox,
                                  const struct http_request *req, const char *env,
                                  const struct filter *filter, struct err *err)
{
    sqlite3_stmt *row =
        db_query(&sandbox->db, err, filter_sql(req->arena, filter), "s", env);
    if (row == NULL) {
        return NULL;
    }
    sqlite3_bind_int64(row, 2,
                       filter->page.before > 0 ? filter->page.before : INT64_MAX);
    sqlite3_bind_int(row, 3, filter->page.size + 1);
    if (filter->pool != NULL) {
        sqlite3_bind_text(row, 4, filter->pool, -1, SQLITE_STATIC);
    }
    if (filter->search != NULL) {
        sqlite3_bind_text(row, 5, filter->search, -1, SQLITE_STATIC);
    }
    for (size_t i = 0; i < filter->label_count; i++) {
        int at = 6 + 2 * (int)i;
        sqlite3_bind_text(row, at, filter->keys[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(row, at + 1, filter->values[i], -1, SQLITE_STATIC);
    }
    return row;
}

/* The list's URL with all arguments but page_token, ready for another one. */
static const char *list_url(const struct sandbox *sandbox,
                            const struct http_request *req, const struct route *route)
{
    struct buf url = BUF_INIT;
    const char *separator = "?";
    buf_addf(&url, "%s/sql/v1/organizations/%s/environments/%s/statements", req->base,
             sandbox->settings.organization,
             http_encode(req->arena, route->environment));
    for (size_t i = 0; i < req->arg_count; i++) {
        if (strcmp(req->args[i].name, "page_token") != 0) {
            buf_addf(&url, "%s%s=%s", separator,
                     http_encode(req->arena, req->args[i].name),
                     http_encode(req->arena, req->args[i].value));
            separator = "&";
        }
    }
    const char *text = arena_strdup(req->arena, buf_str(&url));
    buf_fini(&url);
    return text;
}

static void write_metadata(struct buf *out, const char *url, const char *current,
                           int64_t next)
{
    const char *separator = strchr(url, '?') != NULL ? "&" : "?";
    buf_adds(out, "],\"metadata\":{\"self\":");
    buf_addf(out, "\"%s%s%s%s\",\"first\":\"%s\"", url,
             current != NULL ? separator : "", current != NULL ? "page_token=" : "",
             current != NULL ? current : "", url);
    if (next > 0) {
        buf_addf(out, ",\"next\":\"%s%spage_token=s%llx\"", url, separator,
                 (unsigned long long)next);
    } else {
        buf_adds(out, ",\"next\":\"\"");
    }
    buf_adds(out, "}}");
}

int api_list(struct sandbox *sandbox, const struct http_request *req,
             const struct route *route, struct http_response *res, struct err *err)
{
    struct filter filter;
    struct arena rows = {0};
    int64_t last = 0;
    int count = 0;

    if (read_filter(req, res, &filter) == 0) {
        return 0;
    }
    sqlite3_stmt *row = filter_query(sandbox, req, route->environment, &filter, err);
    if (row == NULL) {
        return -1;
    }
    buf_adds(&res->body, "{\"api_version\":\"sql/v1\",\"kind\":\"StatementList\","
                         "\"data\":[");
    while (count <= filter.page.size && sqlite3_step(row) == SQLITE_ROW) {
        struct statement st;
        if (count++ == filter.page.size) {
            break;
        }
        arena_reset(&rows);
        statement_read(row, &rows, &st);
        last = st.id;
        buf_adds(&res->body, count > 1 ? "," : "");
        statement_write(sandbox, &st, req->base, &rows, &res->body);
    }
    sqlite3_reset(row);
    arena_fini(&rows);
    const char *token = http_arg(req, "page_token");
    write_metadata(&res->body, list_url(sandbox, req, route),
                   token != NULL && token[0] != '\0' ? http_encode(req->arena, token)
                                                     : NULL,
                   count > filter.page.size ? last : 0);
    return 0;
}
