#include "config.h"

#include "sandbox/route.h"

#include <ctype.h>
#include <nettle/base64.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "sandbox/api.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const names[] = {
#define X(id, name) name,
    ROUTES(X)
#undef X
};

const char *route_name(enum route_id id)
{
    return id < ROUTE_COUNT ? names[id] : "none";
}

/* Takes the segment before the next '/' off `*path`. */
static const char *segment(struct arena *arena, const char **path)
{
    const char *start = *path;
    const char *end = strchr(start, '/');
    if (end == NULL) {
        end = start + strlen(start);
    }
    *path = *end == '/' ? end + 1 : end;
    return arena_strndup(arena, start, (size_t)(end - start));
}

static bool skip(const char **path, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(*path, prefix, len) != 0) {
        return false;
    }
    *path += len;
    return true;
}

static void find_statement_route(const struct http_request *req, const char *path,
                                 struct route *out)
{
    if (*path == '\0') {
        out->id = ROUTE_STATEMENTS;
        return;
    }
    if (*path != '/') {
        return;
    }
    path++;
    if (*path == '\0') {
        out->id = ROUTE_STATEMENTS;
        return;
    }
    out->name = segment(req->arena, &path);
    if (out->name[0] == '\0') {
        return;
    }
    if (*path == '\0') {
        out->id = ROUTE_STATEMENT;
    } else if (strcmp(path, "results") == 0) {
        out->id = ROUTE_RESULTS;
    } else if (strcmp(path, "exceptions") == 0) {
        out->id = ROUTE_EXCEPTIONS;
    }
}

/* {database}/materialized-tables[/{table}[/versions[/{version}]]] */
static void find_table_route(const struct http_request *req, const char *path,
                             struct route *out)
{
    out->database = segment(req->arena, &path);
    if (!skip(&path, "materialized-tables")) {
        return;
    }
    if (*path == '\0') {
        out->id = ROUTE_DATABASE_TABLES;
        return;
    }
    if (*path++ != '/') {
        return;
    }
    out->name = segment(req->arena, &path);
    if (out->name[0] == '\0') {
        return;
    }
    if (*path == '\0') {
        out->id = ROUTE_TABLE;
    } else if (skip(&path, "versions") && (*path == '\0' || *path == '/')) {
        out->id = ROUTE_VERSIONS;
        out->version = *path == '/' ? path + 1 : NULL;
    }
}

void route_find(const struct http_request *req, struct route *out)
{
    static const char *const neighbours[] = {"/org/v2/", "/cmk/v2/", "/fcpm/v2/"};
    const char *path = req->path;

    *out = (struct route){.id = ROUTE_NONE, .name = ""};
    for (size_t i = 0; i < COUNT(neighbours); i++) {
        if (str_starts(path, neighbours[i])) {
            out->id = ROUTE_NEIGHBOUR;
            out->name = path + 1;
            return;
        }
    }
    if (skip(&path, "/sandbox/")) {
        out->id = ROUTE_CONTROL;
        out->name = path;
        return;
    }
    if (!skip(&path, "/sql/v1/organizations/")) {
        return;
    }
    out->organization = segment(req->arena, &path);
    if (!skip(&path, "environments/")) {
        return;
    }
    out->environment = segment(req->arena, &path);
    if (skip(&path, "statements")) {
        find_statement_route(req, path, out);
    } else if (strcmp(path, "materialized-tables") == 0) {
        out->id = ROUTE_TABLES;
    } else if (skip(&path, "databases/")) {
        find_table_route(req, path, out);
    }
}

static const struct {
    enum route_id route;
    const char *method;
    api_handler *handler;
} handlers[] = {
    {ROUTE_STATEMENTS, "GET", api_list},
    {ROUTE_STATEMENTS, "POST", api_create},
    {ROUTE_STATEMENT, "GET", api_get},
    {ROUTE_STATEMENT, "PUT", api_put},
    {ROUTE_STATEMENT, "PATCH", api_patch},
    {ROUTE_STATEMENT, "DELETE", api_delete},
    {ROUTE_RESULTS, "GET", api_results},
    {ROUTE_EXCEPTIONS, "GET", api_exceptions},
    {ROUTE_NEIGHBOUR, "GET", api_neighbour},
    {ROUTE_CONTROL, "GET", api_control},
    {ROUTE_CONTROL, "POST", api_control},
    {ROUTE_CONTROL, "PUT", api_control},
    {ROUTE_CONTROL, "DELETE", api_control},
    {ROUTE_TABLES, "GET", api_tables},
    {ROUTE_DATABASE_TABLES, "POST", api_table_create},
    {ROUTE_TABLE, "GET", api_table_get},
    {ROUTE_TABLE, "PUT", api_table_put},
    {ROUTE_TABLE, "DELETE", api_table_delete},
    {ROUTE_VERSIONS, "GET", api_table_versions},
};

static bool key_is_known(const struct sandbox *sandbox, const char *pair)
{
    bool known = sandbox->settings.key_count == 0;
    for (size_t i = 0; i < sandbox->settings.key_count; i++) {
        known = known || strcmp(sandbox->settings.keys[i], pair) == 0;
    }
    return known;
}

static bool basic_is_valid(const struct sandbox *sandbox, struct arena *arena,
                           const char *encoded)
{
    struct base64_decode_ctx ctx;
    size_t len = strlen(encoded);
    size_t size = BASE64_DECODE_LENGTH(len);
    uint8_t *pair = arena_zalloc(arena, size + 1);

    base64_decode_init(&ctx);
    if (!base64_decode_update(&ctx, &size, pair, len, encoded) ||
        !base64_decode_final(&ctx)) {
        return false;
    }
    pair[size] = '\0';
    const char *colon = strchr((const char *)pair, ':');
    bool shaped = colon != NULL && colon != (const char *)pair && colon[1] != '\0';
    return shaped && key_is_known(sandbox, (const char *)pair);
}

static bool is_authorized(const struct sandbox *sandbox, const struct http_request *req)
{
    if (req->auth == NULL) {
        return false;
    }
    if (strncasecmp(req->auth, "Basic ", 6) == 0) {
        return basic_is_valid(sandbox, req->arena, req->auth + 6);
    }
    return strncasecmp(req->auth, "Bearer ", 7) == 0 && req->auth[7] != '\0' &&
           sandbox->settings.key_count == 0;
}

static bool is_uuid(const char *text)
{
    size_t i;
    for (i = 0; text[i] != '\0'; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return i == 36;
}

/* 1: go on; 0: answered. */
static int check_place(struct sandbox *sandbox, const struct http_request *req,
                       const struct route *route, struct http_response *res)
{
    if (route->organization == NULL) {
        return 1;
    }
    if (!is_uuid(route->organization)) {
        return http_fail(req, res, 400, "bad_request", NULL, "organization_id",
                         "organization_id '%s' is not a UUID", route->organization);
    }
    if (strcasecmp(route->organization, sandbox->settings.organization) != 0) {
        return http_fail(req, res, 403, "user_unauthorized", NULL, NULL,
                         "The key has no access to organization %s",
                         route->organization);
    }
    if (route->environment == NULL ||
        db_int(&sandbox->db, 0,
               "SELECT 1 FROM environment WHERE id = ? AND NOT read_only", "s",
               route->environment) == 0) {
        return http_fail(req, res, 404, "not_found", NULL, NULL,
                         "Environment resource=%s does not exist",
                         route->environment != NULL ? route->environment : "");
    }
    return 1;
}

static int unknown_method(const struct http_request *req, const struct route *route,
                          struct http_response *res)
{
    struct buf allow = BUF_INIT;
    for (size_t i = 0; i < COUNT(handlers); i++) {
        if (handlers[i].route == route->id) {
            buf_addf(&allow, "%s%s", allow.len > 0 ? ", " : "", handlers[i].method);
        }
    }
    if (allow.len == 0) {
        buf_fini(&allow);
        return http_fail(req, res, 404, "not_found", NULL, NULL,
                         "There is nothing at %s", req->path);
    }
    res->allow = arena_strdup(req->arena, buf_str(&allow));
    buf_fini(&allow);
    return http_fail(req, res, 405, "method_not_allowed", NULL, NULL,
                     "Method %s is not allowed here", req->method);
}

static int call(struct sandbox *sandbox, const struct http_request *req,
                const struct route *route, api_handler *handler,
                struct http_response *res, struct err *err)
{
    bool reads = strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0;
    bool writes = !reads || route->id == ROUTE_RESULTS;
    if (route->id == ROUTE_CONTROL) {
        return handler(sandbox, req, route, res, err);
    }
    if (life_sweep(sandbox, err) != 0) {
        return -1;
    }
    if (!writes) {
        return handler(sandbox, req, route, res, err);
    }
    if (db_begin(&sandbox->db, err) != 0 ||
        handler(sandbox, req, route, res, err) != 0) {
        return -1;
    }
    return db_commit(&sandbox->db, err);
}

int route_handle(struct sandbox *sandbox, const struct http_request *req,
                 const struct route *route, struct http_response *res)
{
    struct err err = {0};
    api_handler *handler = NULL;
    /* HEAD is GET; the server keeps the body back */
    const char *method = strcmp(req->method, "HEAD") == 0 ? "GET" : req->method;

    res->status = 200;
    for (size_t i = 0; i < COUNT(handlers); i++) {
        if (handlers[i].route == route->id && strcmp(handlers[i].method, method) == 0) {
            handler = handlers[i].handler;
        }
    }
    if (route->id != ROUTE_CONTROL && route->id != ROUTE_NONE) {
        if (!is_authorized(sandbox, req)) {
            res->authenticate = "Basic error=\"invalid_key\", error_description=\"The "
                                "API key or secret is not valid\"";
            return http_fail(req, res, 401, "user_unauthenticated", NULL, NULL,
                             "The API key or secret is missing or not valid");
        }
        if (check_place(sandbox, req, route, res) == 0) {
            return 0;
        }
    }
    if (handler == NULL) {
        return unknown_method(req, route, res);
    }
    if (call(sandbox, req, route, handler, res, &err) != 0) {
        db_rollback(&sandbox->db);
        http_fail(req, res, 500, "internal_error", NULL, NULL, "%s", err.msg);
    }
    return 0;
}
