#include "config.h"

#include "sandbox/api.h"

#include <string.h>

#include "base/str.h"
#include "value/json.h"

/* Lists of the control plane that clients look up, from what the sandbox knows. */
static const struct {
    const char *path;
    const char *version;
    const char *kind;
    const char *item;
    const char *sql; /* id, display name, environment */
} lists[] = {
    {"org/v2/environments", "org/v2", "EnvironmentList", "Environment",
     "SELECT id, name, NULL FROM environment ORDER BY id"},
    {"org/v2/organizations", "org/v2", "OrganizationList", "Organization", NULL},
    {"cmk/v2/clusters", "cmk/v2", "ClusterList", "Cluster",
     "SELECT id, name, env FROM database WHERE ?1 IS NULL OR env = ?1 ORDER BY id"},
    {"fcpm/v2/compute-pools", "fcpm/v2", "ComputePoolList", "ComputePool",
     "SELECT id, id, env FROM pool WHERE ?1 IS NULL OR env = ?1 ORDER BY id"},
};

static void add(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "\"%s\":", name);
    json_write_str(value, strlen(value), 0, out);
}

static void write_item(struct buf *out, size_t list, const char *id, const char *name,
                       const char *env)
{
    buf_adds(out, "{");
    add(out, "api_version", lists[list].version);
    buf_addc(out, ',');
    add(out, "kind", lists[list].item);
    buf_addc(out, ',');
    add(out, "id", id);
    buf_addc(out, ',');
    add(out, "display_name", name);
    if (env != NULL) {
        buf_adds(out, ",\"spec\":{");
        add(out, "display_name", name);
        buf_adds(out, ",\"environment\":{");
        add(out, "id", env);
        buf_adds(out, "}},\"status\":{\"phase\":\"PROVISIONED\"}");
    }
    buf_addc(out, '}');
}

static int write_list(struct sandbox *sandbox, const struct http_request *req,
                      size_t list, struct http_response *res, struct err *err)
{
    const char *env = http_arg(req, "environment");
    buf_adds(&res->body, "{");
    add(&res->body, "api_version", lists[list].version);
    buf_addc(&res->body, ',');
    add(&res->body, "kind", lists[list].kind);
    buf_adds(&res->body, ",\"metadata\":{\"next\":\"\"},\"data\":[");
    if (lists[list].sql == NULL) {
        write_item(&res->body, list, sandbox->settings.organization, "sandbox", NULL);
    } else {
        sqlite3_stmt *row = db_query(&sandbox->db, err, lists[list].sql, "");
        if (row == NULL) {
            return -1;
        }
        if (sqlite3_bind_parameter_count(row) > 0) {
            sqlite3_bind_text(row, 1, env, -1, SQLITE_STATIC);
        }
        for (int i = 0; sqlite3_step(row) == SQLITE_ROW; i++) {
            buf_adds(&res->body, i > 0 ? "," : "");
            write_item(&res->body, list, (const char *)sqlite3_column_text(row, 0),
                       (const char *)sqlite3_column_text(row, 1),
                       (const char *)sqlite3_column_text(row, 2));
        }
        sqlite3_reset(row);
    }
    buf_adds(&res->body, "]}");
    return 0;
}

int api_neighbour(struct sandbox *sandbox, const struct http_request *req,
                  const struct route *route, struct http_response *res, struct err *err)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        if (route->organization == NULL && strcmp(route->name, lists[i].path) == 0) {
            return write_list(sandbox, req, i, res, err);
        }
    }
    return http_fail(req, res, 404, "not_found", NULL, NULL,
                     "The sandbox doesn't serve %s", req->path);
}
