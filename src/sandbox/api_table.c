/*
 * Materialized tables as resources: …/materialized-tables lists those of an
 * environment, …/databases/{id}/materialized-tables creates, reads, changes and drops
 * one and tells its versions. What changes a table is carried out as the SQL that says
 * the same.
 */
#include "config.h"

#include "sandbox/api_table.h"

#include <string.h>

#include "value/json.h"

/* The table that the route names: 1 found, 0 answered with a 404, -1 `err`. */
static int find_table(struct sandbox *sandbox, const struct http_request *req,
                      const struct route *route, struct http_response *res,
                      struct catalog_relation *out, struct err *err)
{
    int64_t id = db_int(&sandbox->db, 0,
                        "SELECT r.id FROM relation r JOIN database d ON d.id = r.db "
                        "WHERE r.env = ?1 AND (d.id = ?2 OR d.name = ?2) AND r.name = "
                        "?3 AND r.kind = ?4",
                        "sssn", route->environment, route->database, route->name,
                        SQL_TABLE_MATERIALIZED);
    int rc = id != 0 ? catalog_load_id(sandbox, req->arena, id, out, err) : 0;
    if (rc == 0) {
        http_fail(req, res, 404, "not_found", NULL, NULL,
                  "Materialized table resource=%s does not exist", route->name);
    }
    return rc;
}

static int answer(struct sandbox *sandbox, const struct http_request *req,
                  const struct route *route, int status, struct http_response *res,
                  struct err *err)
{
    struct catalog_relation rel;
    int rc = find_table(sandbox, req, route, res, &rel, err);
    if (rc == 1) {
        res->status = status;
        res->location = status == 201 ? table_url(sandbox, req, &rel, "") : NULL;
        rc = table_write(sandbox, req, &rel, &res->body, err);
    }
    return rc;
}

/* Where names that aren't complete belong, as a statement's properties say it. */
static const char *properties_of(const struct http_request *req,
                                 const struct route *route)
{
    struct buf out = BUF_INIT;
    buf_adds(&out, "{\"sql.current-catalog\":");
    json_write_str(route->environment, strlen(route->environment), 0, &out);
    buf_adds(&out, ",\"sql.current-database\":");
    json_write_str(route->database, strlen(route->database), 0, &out);
    buf_addc(&out, '}');
    const char *text = arena_strdup(req->arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

/* Carries SQL out as a statement would that isn't kept. 1 done, 0 answered. */
static int carry_out(struct sandbox *sandbox, const struct http_request *req,
                     const struct route *route, const char *sql,
                     struct http_response *res, struct err *err)
{
    const char *detail = "";
    struct statement st = {
        .env = route->environment,
        .name = arena_printf(req->arena, "materialized-table-%s", route->name),
        .sql = sql,
        .properties = properties_of(req, route),
        .labels = "{}",
        .pool = sandbox->settings.default_pool,
        .principal = sandbox->settings.principal,
        .created = sandbox_now(sandbox),
        .detail = "",
        .catalog = route->environment,
        .database = route->database,
    };
    struct value properties;
    if (json_parse(st.properties, strlen(st.properties), "properties", req->arena,
                   &properties, err) != 0) {
        return -1;
    }
    int rc = api_submit(sandbox, req, &st, properties, &detail, true, err);
    if (rc > 0) {
        bool busy = strstr(detail, "being modified") != NULL;
        bool there = strstr(detail, "already exists") != NULL;
        return http_fail(
            req, res, busy || there ? 409 : 422,
            busy || there ? "conflict" : "invalid_configuration", "/spec", NULL, "%s",
            busy ? "The materialized table has a pending operation" : detail);
    }
    return rc == 0 ? 1 : -1;
}

static int save_extra(struct sandbox *sandbox, const struct http_request *req,
                      const struct route *route, struct value spec, struct err *err)
{
    struct catalog_relation rel;
    struct table_extra old;
    struct http_response ignored = {0};
    int rc = find_table(sandbox, req, route, &ignored, &rel, err);
    buf_fini(&ignored.body);
    if (rc != 1 || table_extra(sandbox, req->arena, &rel, &old, err) != 0) {
        return -1;
    }
    return db_run(&sandbox->db, err,
                  "INSERT OR REPLACE INTO materialized VALUES (?,?,?,?,?,?)", "issnii",
                  rel.id, value_cstr(value_dict_get(spec, "compute_pool_id"), old.pool),
                  value_cstr(value_dict_get(spec, "principal"), old.principal),
                  value_is_true(value_dict_get(spec, "stopped"), old.stopped),
                  old.serial + 1, sandbox_now(sandbox));
}

/* The body's spec, with a query. 1 fine, 0 answered. */
static int read_spec(const struct http_request *req, struct value body,
                     struct http_response *res, struct value *spec)
{
    *spec = value_dict_get(body, "spec");
    const char *query = value_cstr(value_dict_get(*spec, "query"), "");
    if (query[0] == '\0') {
        return http_fail(req, res, 422, "invalid_configuration", "/spec/query", NULL,
                         "'query' is required");
    }
    return 1;
}

int api_table_create(struct sandbox *sandbox, const struct http_request *req,
                     const struct route *route, struct http_response *res,
                     struct err *err)
{
    struct value body;
    struct value spec;
    struct buf sql = BUF_INIT;
    struct route place = *route;
    if (api_body(req, res, &body) == 0 || read_spec(req, body, res, &spec) == 0) {
        return 0;
    }
    place.name = value_cstr(value_dict_get(body, "name"), "");
    if (place.name[0] == '\0') {
        return http_fail(req, res, 422, "invalid_configuration", "/name", NULL,
                         "'name' is required");
    }
    if (db_int(&sandbox->db, 0,
               "SELECT 1 FROM database WHERE env = ?1 AND (id = ?2 OR name = ?2)", "ss",
               route->environment, route->database) == 0) {
        return http_fail(req, res, 404, "not_found", NULL, NULL,
                         "Database resource=%s does not exist", route->database);
    }
    table_create_sql(&sql, place.name, spec);
    int rc = carry_out(sandbox, req, &place, arena_strdup(req->arena, buf_str(&sql)),
                       res, err);
    buf_fini(&sql);
    if (rc != 1) {
        return rc;
    }
    return save_extra(sandbox, req, &place, spec, err) == 0
               ? answer(sandbox, req, &place, 201, res, err)
               : -1;
}

int api_table_get(struct sandbox *sandbox, const struct http_request *req,
                  const struct route *route, struct http_response *res, struct err *err)
{
    return answer(sandbox, req, route, 200, res, err);
}

int api_table_put(struct sandbox *sandbox, const struct http_request *req,
                  const struct route *route, struct http_response *res, struct err *err)
{
    struct value body;
    struct value spec;
    struct catalog_relation rel;
    struct buf sql = BUF_INIT;
    if (api_body(req, res, &body) == 0 || read_spec(req, body, res, &spec) == 0) {
        return 0;
    }
    int rc = find_table(sandbox, req, route, res, &rel, err);
    if (rc != 1) {
        return rc;
    }
    const char *query = value_cstr(value_dict_get(spec, "query"), "");
    if (rel.table.query == NULL || strcmp(query, rel.table.query) != 0) {
        buf_adds(&sql, "CREATE OR ALTER MATERIALIZED TABLE ");
        table_quote(&sql, '`', route->name);
        table_distribution_sql(&sql, &rel.table);
        buf_addf(&sql, " AS %s", query);
        rc = carry_out(sandbox, req, route, arena_strdup(req->arena, buf_str(&sql)),
                       res, err);
        buf_fini(&sql);
    }
    if (rc != 1) {
        return rc;
    }
    return save_extra(sandbox, req, route, spec, err) == 0
               ? answer(sandbox, req, route, 200, res, err)
               : -1;
}

int api_table_delete(struct sandbox *sandbox, const struct http_request *req,
                     const struct route *route, struct http_response *res,
                     struct err *err)
{
    struct catalog_relation rel;
    struct buf sql = BUF_INIT;
    int rc = find_table(sandbox, req, route, res, &rel, err);
    if (rc != 1) {
        return rc;
    }
    buf_adds(&sql, "DROP MATERIALIZED TABLE ");
    table_quote(&sql, '`', route->name);
    rc = carry_out(sandbox, req, route, arena_strdup(req->arena, buf_str(&sql)), res,
                   err);
    buf_fini(&sql);
    if (rc == 1) {
        res->status = 202;
        rc = 0;
    }
    return rc;
}

int api_table_versions(struct sandbox *sandbox, const struct http_request *req,
                       const struct route *route, struct http_response *res,
                       struct err *err)
{
    struct catalog_relation rel;
    int rc = find_table(sandbox, req, route, res, &rel, err);
    if (rc != 1) {
        return rc;
    }
    bool one = route->version != NULL;
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT version, statement, created FROM "
                                 "relation_version WHERE relation = ?1 AND (?2 IS NULL "
                                 "OR version = CAST(?2 AS INTEGER)) ORDER BY version "
                                 "DESC",
                                 "is", rel.id, route->version);
    if (row == NULL) {
        return -1;
    }
    if (!one) {
        buf_adds(&res->body,
                 "{\"api_version\":\"sql/v1\","
                 "\"kind\":\"MaterializedTableVersionList\",\"metadata\":{");
        buf_addf(&res->body, "\"self\":\"%s\"},\"data\":[",
                 table_url(sandbox, req, &rel, "/versions"));
    }
    size_t count = 0;
    for (; sqlite3_step(row) == SQLITE_ROW; count++) {
        buf_adds(&res->body, count > 0 ? "," : "");
        table_write_version(sandbox, req, &rel, row, &res->body);
    }
    sqlite3_reset(row);
    buf_adds(&res->body, one ? "" : "]}");
    if (one && count == 0) {
        return http_fail(req, res, 404, "not_found", NULL, NULL,
                         "Materialized table resource=%s has no version %s",
                         route->name, route->version);
    }
    return 0;
}

int api_tables(struct sandbox *sandbox, const struct http_request *req,
               const struct route *route, struct http_response *res, struct err *err)
{
    struct api_page page;
    int64_t ids[API_PAGE_MAX + 1];
    int count = 0;
    if (api_page(req, res, &page) == 0) {
        return 0;
    }
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT id FROM relation WHERE env = ? AND kind = ? "
                                 "AND (?3 = 0 OR id < ?3) ORDER BY id DESC LIMIT ?",
                                 "snin", route->environment, SQL_TABLE_MATERIALIZED,
                                 page.before, page.size + 1);
    if (row == NULL) {
        return -1;
    }
    while (count <= page.size && sqlite3_step(row) == SQLITE_ROW) {
        ids[count++] = sqlite3_column_int64(row, 0);
    }
    sqlite3_reset(row);
    buf_adds(&res->body,
             "{\"api_version\":\"sql/v1\",\"kind\":\"MaterializedTableList\",");
    buf_adds(&res->body, "\"metadata\":{");
    const char *self = arena_printf(
        req->arena, "%s/sql/v1/organizations/%s/environments/%s/materialized-tables",
        req->base, sandbox->settings.organization,
        http_encode(req->arena, route->environment));
    buf_addf(&res->body, "\"self\":\"%s\"", self);
    if (count > page.size) {
        buf_addf(&res->body, ",\"next\":\"%s?page_size=%d&page_token=s%llx\"", self,
                 page.size, (unsigned long long)ids[page.size - 1]);
    }
    buf_adds(&res->body, "},\"data\":[");
    for (int i = 0; i < count && i < page.size; i++) {
        struct catalog_relation rel;
        buf_adds(&res->body, i > 0 ? "," : "");
        if (catalog_load_id(sandbox, req->arena, ids[i], &rel, err) != 1 ||
            table_write(sandbox, req, &rel, &res->body, err) != 0) {
            return -1;
        }
    }
    buf_adds(&res->body, "]}");
    return 0;
}
