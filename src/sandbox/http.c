#include "config.h"

#include "sandbox/http.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "value/json.h"

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Quota Exceeded"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {422, "Validation Failed"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
};

static const char *title_of(int status)
{
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "Error";
}

const char *http_arg(const struct http_request *req, const char *name)
{
    for (size_t i = 0; i < req->arg_count; i++) {
        if (strcmp(req->args[i].name, name) == 0) {
            return req->args[i].value;
        }
    }
    return NULL;
}

const struct value_pair *http_next(struct value dict, size_t *at)
{
    return value_is(dict, VALUE_DICT) ? value_dict_next(dict, at) : NULL;
}

const char *http_encode(struct arena *arena, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, strlen(text) * 3 + 1);
    char *at = out;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c) != NULL) {
            *at++ = (char)c;
        } else {
            *at++ = '%';
            *at++ = hex[c >> 4];
            *at++ = hex[c & 15];
        }
    }
    *at = '\0';
    return out;
}

static void add_member(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "\"%s\":", name);
    json_write_str(value, strlen(value), 0, out);
}

int http_fail(const struct http_request *req, struct http_response *res, int status,
              const char *code, const char *pointer, const char *parameter,
              const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *detail = arena_vprintf(req->arena, fmt, ap);
    va_end(ap);

    if (status == 422 && strcmp(req->method, "PUT") == 0) {
        status = 400; /* PUT is published without a 422 */
        code = "bad_request";
    }
    res->status = status;
    buf_reset(&res->body);
    buf_adds(&res->body, "{\"errors\":[{");
    add_member(&res->body, "id", req->request_id);
    buf_addf(&res->body, ",\"status\":\"%d\",", status);
    add_member(&res->body, "code", code);
    buf_addc(&res->body, ',');
    add_member(&res->body, "title", title_of(status));
    buf_addc(&res->body, ',');
    add_member(&res->body, "detail", detail);
    buf_adds(&res->body, ",\"source\":{");
    if (pointer != NULL) {
        add_member(&res->body, "pointer", pointer);
    }
    if (parameter != NULL) {
        buf_adds(&res->body, pointer != NULL ? "," : "");
        add_member(&res->body, "parameter", parameter);
    }
    buf_adds(&res->body, "}}]}");
    return 0;
}
