#include "config.h"

#include "sandbox/api.h"

#include <string.h>

#include "base/str.h"
#include "sandbox/submit.h"
#include "value/json.h"

int api_find(struct sandbox *sandbox, const struct http_request *req,
             const struct route *route, struct http_response *res,
             struct statement *out, struct err *err)
{
    int rc =
        statement_find(sandbox, req->arena, route->environment, route->name, out, err);
    if (rc == 0) {
        http_fail(req, res, 404, "not_found", NULL, NULL,
                  "Statement resource=%s does not exist", route->name);
    }
    return rc;
}

int api_answer(struct sandbox *sandbox, const struct http_request *req,
               const struct statement *st, int status, struct http_response *res)
{
    res->status = status;
    buf_reset(&res->body);
    statement_write(sandbox, st, req->base, req->arena, &res->body);
    return 0;
}

static const char *self_url(const struct sandbox *sandbox,
                            const struct http_request *req, const struct statement *st)
{
    return arena_printf(
        req->arena, "%s/sql/v1/organizations/%s/environments/%s/statements/%s",
        req->base, sandbox->settings.organization, http_encode(req->arena, st->env),
        http_encode(req->arena, st->name));
}

static const char *dump(struct arena *arena, struct value v, const char *fallback)
{
    struct buf out = BUF_INIT;
    struct err err = {0};
    const char *text = fallback;
    if (value_is(v, VALUE_DICT) && json_write(v, JSON_COMPACT, &out, &err) == 0) {
        text = arena_strdup(arena, buf_str(&out));
    }
    buf_fini(&out);
    return text;
}

/* What a POST must have beyond what any statement body must. 1 fine, 0 answered. */
static int check_required(struct sandbox *sandbox, const struct http_request *req,
                          const struct route *route, struct value body,
                          struct http_response *res)
{
    struct value sql = value_dict_get(value_dict_get(body, "spec"), "statement");
    const char *organization =
        value_cstr(value_dict_get(body, "organization_id"), route->organization);
    const char *environment =
        value_cstr(value_dict_get(body, "environment_id"), route->environment);

    if (!value_is_str(value_dict_get(body, "name"))) {
        return http_fail(req, res, 422, "invalid_configuration", "/name", NULL,
                         "'name' is required");
    }
    if (!value_is(value_dict_get(body, "spec"), VALUE_DICT)) {
        return http_fail(req, res, 422, "invalid_configuration", "/spec", NULL,
                         "'spec' is required");
    }
    if (!value_is_str(sql)) {
        return http_fail(req, res, 422, "invalid_configuration", "/spec/statement",
                         NULL, "'statement' is required");
    }
    if (!str_ieq(organization, sandbox->settings.organization)) {
        return http_fail(req, res, 422, "invalid_configuration", "/organization_id",
                         NULL, "'organization_id' is not that of the path");
    }
    if (strcmp(environment, route->environment) != 0) {
        return http_fail(req, res, 422, "invalid_configuration", "/environment_id",
                         NULL, "'environment_id' is not that of the path");
    }
    return 1;
}

/* Whether a pool is there; any is unless some are configured. */
static bool pool_is_known(struct sandbox *sandbox, const char *env, const char *pool)
{
    return db_int(&sandbox->db, 0, "SELECT 1 FROM pool WHERE id = ? AND env = ?", "ss",
                  pool, env) != 0;
}

static void fill(struct sandbox *sandbox, const struct http_request *req,
                 const struct route *route, struct value body, struct statement *st)
{
    struct value spec = value_dict_get(body, "spec");
    char *uid = arena_alloc(req->arena, 37);
    sandbox_uuid(sandbox, uid);

    *st = (struct statement){
        .env = route->environment,
        .name = value_cstr(value_dict_get(body, "name"), ""),
        .uid = uid,
        .sql = value_cstr(value_dict_get(spec, "statement"), ""),
        .properties = dump(req->arena, value_dict_get(spec, "properties"), "{}"),
        .labels =
            dump(req->arena, value_dict_get(value_dict_get(body, "metadata"), "labels"),
                 "{}"),
        .pool = value_cstr(value_dict_get(spec, "compute_pool_id"), ""),
        .principal = value_cstr(value_dict_get(spec, "principal"), ""),
        .stopped = value_is_true(value_dict_get(spec, "stopped"), false),
        .created = sandbox_now(sandbox),
        .updated = sandbox_now(sandbox),
        .phase = STATEMENT_PENDING,
        .detail = "",
    };
    struct value properties = value_dict_get(spec, "properties");
    st->catalog = value_cstr(value_dict_get(properties, "sql.current-catalog"), NULL);
    st->database = value_cstr(value_dict_get(properties, "sql.current-database"), NULL);
    if (st->pool[0] == '\0') {
        st->pool = sandbox->settings.default_pool;
    }
    if (st->principal[0] == '\0') {
        st->principal = sandbox->settings.principal;
    }
}

static int savepoint(struct sandbox *sandbox, const char *command, struct err *err)
{
    return db_run(&sandbox->db, err, command, "");
}

int api_submit(struct sandbox *sandbox, const struct http_request *req,
               struct statement *st, struct value properties, const char **detail,
               bool keep, struct err *err)
{
    if (savepoint(sandbox, "SAVEPOINT submit", err) != 0) {
        return -1;
    }
    int rc = submit_statement(sandbox, req->arena, st, properties, detail, err);
    if (rc < 0) {
        return -1;
    }
    if ((rc > 0 || !keep) && savepoint(sandbox, "ROLLBACK TO submit", err) != 0) {
        return -1;
    }
    return savepoint(sandbox, "RELEASE submit", err) == 0 ? rc : -1;
}

static void refuse(struct sandbox *sandbox, struct statement *st, const char *detail)
{
    st->phase = STATEMENT_FAILED;
    st->detail = detail;
    st->kind = NULL;
    st->upsert = NULL;
    st->schema = NULL;
    st->relation = 0;
    st->resource = NULL;
    st->source = STATEMENT_SOURCE_NONE;
    st->finish_at = 0;
    st->ended = sandbox_now(sandbox);
    st->next_phase = STATEMENT_GONE;
    st->next_at = st->ended + sandbox->settings.retention;
}

/* Checks only: nothing is stored, the answer is there at once. */
static int dry_run(struct sandbox *sandbox, const struct http_request *req,
                   struct statement *st, struct value properties,
                   struct http_response *res, struct err *err)
{
    const char *detail = "";
    int rc = api_submit(sandbox, req, st, properties, &detail, false, err);
    if (rc < 0) {
        return -1;
    }
    if (rc > 0) {
        refuse(sandbox, st, detail);
    } else {
        st->phase = STATEMENT_COMPLETED;
    }
    st->uid = "";
    return api_answer(sandbox, req, st, 201, res);
}

static int submit(struct sandbox *sandbox, const struct http_request *req,
                  struct statement *st, struct value properties, struct err *err)
{
    const char *detail = "";
    if (statement_insert(sandbox, st, err) != 0) {
        return -1;
    }
    int rc = api_submit(sandbox, req, st, properties, &detail, true, err);
    if (rc < 0) {
        return -1;
    }
    if (rc == 0) {
        return life_start(sandbox, st, err);
    }
    refuse(sandbox, st, detail);
    if (statement_add_exception(sandbox, st->id,
                                "io.confluent.flink.table.service.ServiceException",
                                detail, err) != 0) {
        return -1;
    }
    return statement_save(sandbox, st, err);
}

static bool is_set(struct value v)
{
    return value_is_true(v, false) || (value_is_str(v) && str_ieq(v.as.s, "true"));
}

int api_create(struct sandbox *sandbox, const struct http_request *req,
               const struct route *route, struct http_response *res, struct err *err)
{
    struct value body;
    struct statement st;

    if (api_body(req, res, &body) == 0 || api_check_statement(req, res, body) == 0 ||
        check_required(sandbox, req, route, body, res) == 0) {
        return 0;
    }
    fill(sandbox, req, route, body, &st);
    if (!pool_is_known(sandbox, st.env, st.pool)) {
        return http_fail(req, res, 400, "bad_request", "/spec/compute_pool_id", NULL,
                         "logical compute pool=%s not found", st.pool);
    }
    struct value properties =
        value_dict_get(value_dict_get(body, "spec"), "properties");
    if (is_set(value_dict_get(properties, "sql.dry-run"))) {
        return dry_run(sandbox, req, &st, properties, res, err);
    }
    struct statement other;
    int rc = statement_find(sandbox, req->arena, st.env, st.name, &other, err);
    if (rc < 0) {
        return -1;
    }
    const char *self = self_url(sandbox, req, &st);
    if (rc > 0) {
        res->location = self;
        return http_fail(req, res, 409, "resource_already_exists", "/name", NULL,
                         "Statement resource=%s already exists", st.name);
    }
    if (submit(sandbox, req, &st, properties, err) != 0) {
        return -1;
    }
    res->location = self;
    return api_answer(sandbox, req, &st, 201, res);
}

int api_get(struct sandbox *sandbox, const struct http_request *req,
            const struct route *route, struct http_response *res, struct err *err)
{
    struct statement st;
    int rc = api_find(sandbox, req, route, res, &st, err);
    return rc <= 0 ? rc : api_answer(sandbox, req, &st, 200, res);
}

int api_delete(struct sandbox *sandbox, const struct http_request *req,
               const struct route *route, struct http_response *res, struct err *err)
{
    struct statement st;
    int rc = api_find(sandbox, req, route, res, &st, err);
    if (rc <= 0) {
        return rc;
    }
    res->status = 202;
    return st.phase == STATEMENT_DELETING ? 0 : life_delete(sandbox, &st, err);
}
