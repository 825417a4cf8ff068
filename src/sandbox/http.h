/*
 * A request and its reply without a socket: what the route layer takes and gives, so
 * that it can be driven by tests as well as by the server.
 */
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

struct http_arg {
    const char *name;
    const char *value; /* "" when the query string gave none */
};

#define HTTP_MAX_ARGS 32
#define HTTP_MAX_BODY ((size_t)8 * 1024 * 1024)

struct http_request {
    struct arena *arena; /* lives as long as the request */
    const char *method;
    const char *path;         /* decoded */
    const char *base;         /* "http://127.0.0.1:8081" */
    const char *auth;         /* Authorization header, or NULL */
    const char *content_type; /* or NULL */
    const char *request_id;   /* what X-Request-Id answers */
    const char *body;
    size_t body_len;
    struct http_arg args[HTTP_MAX_ARGS];
    size_t arg_count;
};

struct http_response {
    int status;
    struct buf body;          /* JSON, or empty */
    const char *location;     /* or NULL; as all strings here in the request's arena */
    const char *authenticate; /* WWW-Authenticate, or NULL */
    const char *allow;        /* Allow of a 405, or NULL */
    int retry_after;          /* seconds; 0 = no header */
};

/* The value of a query argument, or NULL. */
const char *http_arg(const struct http_request *req, const char *name);
/* As value_dict_next(), for any value: NULL when it is no dict. */
const struct value_pair *http_next(struct value dict, size_t *at);
/* `text` with everything but unreserved characters as %XX; in the arena. */
const char *http_encode(struct arena *arena, const char *text);

/*
 * Answers with the API's error form: {"errors":[{id,status,code,title,detail,source}]}.
 * `pointer` is a JSON pointer into the body, `parameter` a query argument; either may
 * be NULL. Replaces whatever body there was. Always returns 0, for `return
 * http_fail()`.
 */
int http_fail(const struct http_request *req, struct http_response *res, int status,
              const char *code, const char *pointer, const char *parameter,
              const char *fmt, ...) __attribute__((format(printf, 7, 8)));

#endif
