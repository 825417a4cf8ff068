#include "config.h"

#include "sandbox/api.h"

#include <string.h>

#include "sandbox/count.h"
#include "value/json.h"

/* A fault's value in JSON as the text that an option would give. */
static const char *fault_text(struct arena *arena, struct value v)
{
    if (value_is_str(v)) {
        return v.as.s;
    }
    if (value_is(v, VALUE_INT)) {
        return arena_printf(arena, "%lld", (long long)v.as.i);
    }
    if (value_is(v, VALUE_FLOAT)) {
        return arena_printf(arena, "%.17g", v.as.f);
    }
    return "";
}

static int set_faults(struct sandbox *sandbox, const struct http_request *req,
                      struct http_response *res)
{
    struct value body;
    struct err wrong = {0};
    size_t at = 0;
    const struct value_pair *pair;

    if (api_body(req, res, &body) == 0) {
        return 0;
    }
    if (!value_is(body, VALUE_DICT)) {
        return http_fail(req, res, 400, "bad_request", "", NULL,
                         "the body is not a JSON object");
    }
    while ((pair = http_next(body, &at)) != NULL) {
        const char *name = value_cstr(pair->key, "");
        if (fault_set(&sandbox->fault, name, fault_text(req->arena, pair->value),
                      sandbox_now(sandbox), &wrong) != 0) {
            return http_fail(req, res, 422, "invalid_configuration",
                             arena_printf(req->arena, "/%s", name), NULL, "%s",
                             wrong.msg);
        }
    }
    return 1;
}

static int control_faults(struct sandbox *sandbox, const struct http_request *req,
                          struct http_response *res)
{
    if (strcmp(req->method, "DELETE") == 0) {
        fault_init(&sandbox->fault, sandbox->settings.seed);
    } else if (strcmp(req->method, "GET") != 0 && set_faults(sandbox, req, res) == 0) {
        return 0;
    }
    fault_write(&sandbox->fault, &res->body);
    return 0;
}

static int control_requests(struct sandbox *sandbox, const struct http_request *req,
                            struct http_response *res)
{
    if (strcmp(req->method, "DELETE") == 0) {
        memset(sandbox->counts, 0, sizeof(*sandbox->counts));
    }
    count_write(sandbox->counts, &res->body);
    return 0;
}

int api_control(struct sandbox *sandbox, const struct http_request *req,
                const struct route *route, struct http_response *res, struct err *err)
{
    (void)err;
    if (strcmp(route->name, "faults") == 0) {
        return control_faults(sandbox, req, res);
    }
    if (strcmp(route->name, "requests") == 0) {
        return control_requests(sandbox, req, res);
    }
    if (strcmp(route->name, "health") == 0) {
        buf_adds(&res->body, "{\"status\":\"ok\"}");
        return 0;
    }
    return http_fail(req, res, 404, "not_found", NULL, NULL,
                     "There is nothing at /sandbox/%s", route->name);
}
