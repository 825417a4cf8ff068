#include "config.h"

#include "sandbox/api.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "value/json.h"

static bool can_resume(const struct statement *st)
{
    static const char *const kinds[] = {"INSERT_INTO", "CREATE_TABLE_AS",
                                        "STATEMENT_SET"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (st->kind != NULL && strcmp(st->kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the change is allowed in this phase. 1 yes, 0 answered. */
static int check_phase(const struct http_request *req, const struct statement *st,
                       const struct api_change *change, struct http_response *res)
{
    bool moves = change->pool != NULL || change->principal != NULL;
    if (st->phase == STATEMENT_DELETING) {
        return http_fail(req, res, 409, "conflict", NULL, NULL,
                         "Statement resource=%s is being deleted", st->name);
    }
    if (moves && st->phase != STATEMENT_STOPPED) {
        return http_fail(req, res, 422, "invalid_configuration", "/spec", NULL,
                         "principal and compute_pool_id can be changed only while the "
                         "statement is stopped");
    }
    if (change->stopped != 0 || !st->stopped) {
        return 1;
    }
    if (st->phase == STATEMENT_STOPPING) {
        return http_fail(req, res, 409, "conflict", "/spec/stopped", NULL,
                         "Statement resource=%s is still stopping", st->name);
    }
    if (!can_resume(st)) {
        return http_fail(req, res, 422, "invalid_configuration", "/spec/stopped", NULL,
                         "only INSERT INTO, CREATE TABLE AS and EXECUTE STATEMENT SET "
                         "statements can be resumed");
    }
    return 1;
}

int api_change(struct sandbox *sandbox, const struct http_request *req,
               struct statement *st, const struct api_change *change,
               struct http_response *res, struct err *err)
{
    if (check_phase(req, st, change, res) == 0) {
        return 0;
    }
    if (change->pool != NULL &&
        db_int(&sandbox->db, 0, "SELECT 1 FROM pool WHERE id = ? AND env = ?", "ss",
               change->pool, st->env) == 0) {
        return http_fail(req, res, 400, "bad_request", "/spec/compute_pool_id", NULL,
                         "logical compute pool=%s not found", change->pool);
    }
    if (sandbox->fault.conflict > 0) {
        sandbox->fault.conflict--;
        return http_fail(req, res, 409, "conflict", "/metadata/resource_version", NULL,
                         "The statement was changed meanwhile: read it and try again");
    }
    st->pool = change->pool != NULL ? change->pool : st->pool;
    st->principal = change->principal != NULL ? change->principal : st->principal;
    st->labels = change->labels != NULL ? change->labels : st->labels;
    int rc;
    if (change->stopped > 0 && !st->stopped) {
        rc = life_stop(sandbox, st, err);
    } else if (change->stopped == 0 && st->stopped && st->phase == STATEMENT_STOPPED) {
        rc = life_resume(sandbox, st, err);
    } else {
        rc = statement_save(sandbox, st, err);
    }
    return rc == 0 ? 1 : -1;
}

/* The JSON of a dict, or NULL when it is none or says the same as `now`. */
static const char *changed_dict(const struct http_request *req, struct value v,
                                const char *now)
{
    struct buf out = BUF_INIT;
    struct err err = {0};
    struct value old;
    const char *text = NULL;
    if (value_is(v, VALUE_DICT) &&
        json_parse(now, strlen(now), "stored", req->arena, &old, &err) == 0 &&
        !value_equal(v, old) && json_write(v, JSON_COMPACT, &out, &err) == 0) {
        text = arena_strdup(req->arena, buf_str(&out));
    }
    buf_fini(&out);
    return text;
}

static const char *changed_text(struct value v, const char *now)
{
    return value_is_str(v) && strcmp(v.as.s, now) != 0 ? v.as.s : NULL;
}

/* What a whole Statement says that differs. 1 fine, 0 answered. */
static int read_change(const struct http_request *req, const struct statement *st,
                       struct value body, struct api_change *out,
                       struct http_response *res)
{
    struct value spec = value_dict_get(body, "spec");
    struct value stopped = value_dict_get(spec, "stopped");
    const char *sql = changed_text(value_dict_get(spec, "statement"), st->sql);
    const char *name = changed_text(value_dict_get(body, "name"), st->name);

    if (sql != NULL || name != NULL ||
        changed_dict(req, value_dict_get(spec, "properties"), st->properties) != NULL) {
        return http_fail(req, res, 422, "invalid_configuration",
                         name != NULL  ? "/name"
                         : sql != NULL ? "/spec/statement"
                                       : "/spec/properties",
                         NULL,
                         "name, statement and properties can't be changed once a "
                         "statement was created");
    }
    *out = (struct api_change){
        .stopped = value_is(stopped, VALUE_BOOL) ? stopped.as.b : -1,
        .pool = changed_text(value_dict_get(spec, "compute_pool_id"), st->pool),
        .principal = changed_text(value_dict_get(spec, "principal"), st->principal),
        .labels = changed_dict(
            req, value_dict_get(value_dict_get(body, "metadata"), "labels"),
            st->labels),
    };
    return 1;
}

/* What PUT must have beside the rest. 1 fine, 0 answered. */
static int check_put(const struct http_request *req, struct http_response *res,
                     struct value body)
{
    struct value metadata = value_dict_get(body, "metadata");
    if (!value_is_str(value_dict_get(metadata, "resource_version"))) {
        return http_fail(req, res, 400, "bad_request", "/metadata/resource_version",
                         NULL, "'resource_version' is required");
    }
    if (!value_is(value_dict_get(value_dict_get(body, "spec"), "stopped"),
                  VALUE_BOOL)) {
        return http_fail(req, res, 400, "bad_request", "/spec/stopped", NULL,
                         "'stopped' is required");
    }
    return 1;
}

int api_put(struct sandbox *sandbox, const struct http_request *req,
            const struct route *route, struct http_response *res, struct err *err)
{
    struct value body;
    struct statement st;
    struct api_change change;

    if (api_body(req, res, &body) == 0 || api_check_statement(req, res, body) == 0 ||
        check_put(req, res, body) == 0) {
        return 0;
    }
    int rc = api_find(sandbox, req, route, res, &st, err);
    if (rc <= 0) {
        return rc;
    }
    const char *version = value_cstr(
        value_dict_get(value_dict_get(body, "metadata"), "resource_version"), "");
    if (strcmp(version, arena_printf(req->arena, "%lld", (long long)st.version)) != 0) {
        return http_fail(req, res, 409, "conflict", "/metadata/resource_version", NULL,
                         "resource_version '%s' is not the current one: read the "
                         "statement and try again",
                         version);
    }
    if (read_change(req, &st, body, &change, res) == 0) {
        return 0;
    }
    rc = api_change(sandbox, req, &st, &change, res, err);
    if (rc == 1) {
        res->status = 202;
        rc = 0;
    }
    return rc;
}

static int bad_patch(const struct http_request *req, struct http_response *res,
                     size_t index, const char *message)
{
    return http_fail(req, res, 422, "invalid_configuration",
                     arena_printf(req->arena, "/%zu", index), NULL,
                     "JSON Patch: operation %zu: %s", index, message);
}

/* Members of one operation. 1 fine, 0 answered. */
static int check_operation(const struct http_request *req, struct http_response *res,
                           struct value op, size_t index)
{
    size_t at = 0;
    const struct value_pair *pair;
    if (!value_is(op, VALUE_DICT)) {
        return bad_patch(req, res, index, "is not an object");
    }
    while ((pair = http_next(op, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        if (strcmp(key, "op") != 0 && strcmp(key, "path") != 0 &&
            strcmp(key, "value") != 0 && strcmp(key, "from") != 0) {
            return bad_patch(req, res, index,
                             arena_printf(req->arena, "unknown field '%s'", key));
        }
    }
    if (!value_is_str(value_dict_get(op, "op")) ||
        !value_is_str(value_dict_get(op, "path"))) {
        return bad_patch(req, res, index, "'op' and 'path' are required");
    }
    return 1;
}

/* TEST: the value must be what the statement has. */
static int test_operation(const struct http_request *req, struct http_response *res,
                          const struct statement *st, const char *path, struct value v,
                          size_t index)
{
    bool same = false;
    if (strcmp(path, "/spec/stopped") == 0) {
        same = value_is(v, VALUE_BOOL) && v.as.b == st->stopped;
    } else if (strcmp(path, "/metadata/resource_version") == 0) {
        same = value_is_str(v) &&
               strcmp(v.as.s,
                      arena_printf(req->arena, "%lld", (long long)st->version)) == 0;
    } else if (strcmp(path, "/spec/compute_pool_id") == 0) {
        same = value_is_str(v) && strcmp(v.as.s, st->pool) == 0;
    } else if (strcmp(path, "/spec/principal") == 0) {
        same = value_is_str(v) && strcmp(v.as.s, st->principal) == 0;
    } else {
        return bad_patch(req, res, index, "this path can't be tested");
    }
    if (!same) {
        return http_fail(req, res, 409, "conflict",
                         arena_printf(req->arena, "/%zu", index), NULL,
                         "JSON Patch: test of '%s' failed", path);
    }
    return 1;
}

static int set_path(const struct http_request *req, struct http_response *res,
                    const struct statement *st, const char *path, struct value v,
                    size_t index, struct api_change *change)
{
    if (strcmp(path, "/spec/stopped") == 0) {
        if (!value_is(v, VALUE_BOOL)) {
            return bad_patch(req, res, index, "'stopped' is not a boolean");
        }
        change->stopped = v.as.b;
    } else if (strcmp(path, "/spec/compute_pool_id") == 0 && value_is_str(v)) {
        change->pool = changed_text(v, st->pool);
    } else if (strcmp(path, "/spec/principal") == 0 && value_is_str(v)) {
        change->principal = changed_text(v, st->principal);
    } else {
        return bad_patch(req, res, index,
                         "only /spec/stopped, /spec/compute_pool_id and "
                         "/spec/principal can be changed");
    }
    return 1;
}

static int patch_one(const struct http_request *req, struct http_response *res,
                     const struct statement *st, struct value op, size_t index,
                     struct api_change *change)
{
    if (check_operation(req, res, op, index) == 0) {
        return 0;
    }
    const char *name = value_cstr(value_dict_get(op, "op"), "");
    const char *path = value_cstr(value_dict_get(op, "path"), "");
    bool set = str_ieq(name, "replace") || str_ieq(name, "add");
    if (!set && !str_ieq(name, "test")) {
        return bad_patch(req, res, index,
                         arena_printf(req->arena, "op '%s' is not supported", name));
    }
    if (value_dict_has(op, "from")) {
        return bad_patch(req, res, index, "unknown field 'from'");
    }
    if (!value_dict_has(op, "value")) {
        return bad_patch(req, res, index, "'value' is required");
    }
    struct value v = value_dict_get(op, "value");
    return set ? set_path(req, res, st, path, v, index, change)
               : test_operation(req, res, st, path, v, index);
}

int api_patch(struct sandbox *sandbox, const struct http_request *req,
              const struct route *route, struct http_response *res, struct err *err)
{
    struct value body;
    struct statement st;
    struct api_change change = {.stopped = -1};

    if (req->content_type != NULL &&
        strncasecmp(req->content_type, "application/json", 16) != 0) {
        return http_fail(req, res, 400, "bad_request", NULL, NULL,
                         "PATCH takes application/json-patch+json");
    }
    if (api_body(req, res, &body) == 0) {
        return 0;
    }
    if (!value_is(body, VALUE_LIST)) {
        return http_fail(req, res, 400, "bad_request", "", NULL,
                         "the body is not a JSON Patch array");
    }
    int rc = api_find(sandbox, req, route, res, &st, err);
    if (rc <= 0) {
        return rc;
    }
    for (size_t i = 0; i < value_list_count(body); i++) {
        if (patch_one(req, res, &st, value_list_at(body, i), i, &change) == 0) {
            return 0;
        }
    }
    rc = api_change(sandbox, req, &st, &change, res, err);
    return rc == 1 ? api_answer(sandbox, req, &st, 200, res) : rc;
}
