/* Materialized tables and their versions as JSON. */
#include "config.h"

#include "sandbox/api_table.h"

#include <string.h>

#include "value/json.h"

int table_extra(struct sandbox *sandbox, struct arena *arena,
                const struct catalog_relation *rel, struct table_extra *out,
                struct err *err)
{
    *out = (struct table_extra){.pool = sandbox->settings.default_pool,
                                .principal = sandbox->settings.principal,
                                .updated = rel->created};
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT pool, principal, stopped, serial, updated "
                                 "FROM materialized WHERE relation = ?",
                                 "i", rel->id);
    if (row == NULL) {
        return -1;
    }
    if (sqlite3_step(row) == SQLITE_ROW) {
        out->pool = db_column(row, 0, arena);
        out->principal = db_column(row, 1, arena);
        out->stopped = sqlite3_column_int(row, 2) != 0;
        out->serial = sqlite3_column_int64(row, 3);
        out->updated = sqlite3_column_int64(row, 4);
    }
    sqlite3_reset(row);
    return 0;
}

const char *table_url(const struct sandbox *sandbox, const struct http_request *req,
                      const struct catalog_relation *rel, const char *rest)
{
    return arena_printf(
        req->arena,
        "%s/sql/v1/organizations/%s/environments/%s/databases/%s/materialized-tables/"
        "%s%s",
        req->base, sandbox->settings.organization,
        http_encode(req->arena, rel->name.env),
        http_encode(req->arena, rel->name.database_id),
        http_encode(req->arena, rel->name.name), rest);
}

static void write_head(const struct sandbox *sandbox, const char *kind,
                       const struct catalog_relation *rel, struct buf *out)
{
    buf_adds(out, "{\"api_version\":\"sql/v1\",");
    reply_add_str(out, "kind", kind);
    buf_addc(out, ',');
    reply_add_str(out, "name", rel->name.name);
    buf_addc(out, ',');
    reply_add_str(out, "organization_id", sandbox->settings.organization);
    buf_addc(out, ',');
    reply_add_str(out, "environment_id", rel->name.env);
    buf_adds(out, ",\"metadata\":{");
}

static void write_columns(const struct sql_table *table, struct buf *out)
{
    static const char *const kinds[] = {[SQL_COLUMN_PHYSICAL] = "Physical",
                                        [SQL_COLUMN_COMPUTED] = "Computed",
                                        [SQL_COLUMN_METADATA] = "Metadata"};
    const char *separator = "";
    buf_adds(out, ",\"columns\":[");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->hidden) {
            continue;
        }
        buf_addf(out, "%s{", separator);
        separator = ",";
        reply_add_str(out, "name", column->name);
        buf_adds(out, ",\"type\":");
        sql_type_render_json(out, column->type);
        buf_addc(out, ',');
        reply_add_str(out, "kind", kinds[column->kind]);
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

static void write_spec(const struct catalog_relation *rel,
                       const struct table_extra *extra, struct buf *out)
{
    buf_adds(out, "\"spec\":{");
    reply_add_str(out, "kafka_cluster_id", rel->name.database_id);
    buf_addc(out, ',');
    reply_add_str(out, "compute_pool_id", extra->pool);
    buf_addc(out, ',');
    reply_add_str(out, "principal", extra->principal);
    buf_addf(out, ",\"stopped\":%s,", extra->stopped ? "true" : "false");
    reply_add_str(out, "query", rel->table.query != NULL ? rel->table.query : "");
    write_columns(&rel->table, out);
    buf_adds(out, ",\"distribution\":{\"column_names\":[");
    for (size_t i = 0; i < rel->table.distribution_count; i++) {
        const char *name = rel->table.columns[rel->table.distribution[i]].name;
        buf_adds(out, i > 0 ? "," : "");
        json_write_str(name, strlen(name), 0, out);
    }
    buf_addf(out, "],\"buckets\":%d},\"table_options\":{", rel->table.buckets);
    for (size_t i = 0; i < rel->table.option_count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        reply_add_str(out, rel->table.options[i].key, rel->table.options[i].value);
    }
    buf_adds(out, "}}");
}

int table_write(struct sandbox *sandbox, const struct http_request *req,
                const struct catalog_relation *rel, struct buf *out, struct err *err)
{
    struct table_extra extra;
    struct buf create = BUF_INIT;
    if (table_extra(sandbox, req->arena, rel, &extra, err) != 0) {
        return -1;
    }
    write_head(sandbox, "MaterializedTable", rel, out);
    reply_add_str(out, "self", table_url(sandbox, req, rel, ""));
    buf_addc(out, ',');
    reply_add_time(out, "created_at", rel->created);
    buf_addc(out, ',');
    reply_add_time(out, "updated_at", extra.updated);
    buf_addf(out,
             ",\"uid\":\"00000000-0000-4000-8000-%012llx\",\"resource_version\":\"%lld"
             "\"},",
             (long long)rel->id, (long long)(rel->version + extra.serial));
    write_spec(rel, &extra, out);
    bool busy = rel->busy != NULL && rel->busy_until > sandbox_now(sandbox);
    buf_addf(out, ",\"status\":{\"phase\":\"%s\",\"detail\":\"\",",
             busy            ? "ALTERING"
             : extra.stopped ? "STOPPED"
                             : "RUNNING");
    buf_addf(out, "\"version\":%lld,\"latest_version\":%lld,", (long long)rel->version,
             (long long)rel->version);
    render_create(rel, &create);
    reply_add_str(out, "creation_statement", buf_str(&create));
    buf_fini(&create);
    buf_adds(out, ",\"warnings\":[]}}");
    return 0;
}

void table_write_version(struct sandbox *sandbox, const struct http_request *req,
                         const struct catalog_relation *rel, sqlite3_stmt *row,
                         struct buf *out)
{
    long long version = sqlite3_column_int64(row, 0);
    write_head(sandbox, "MaterializedTableVersion", rel, out);
    reply_add_str(out, "self",
                  table_url(sandbox, req, rel,
                            arena_printf(req->arena, "/versions/%lld", version)));
    buf_addc(out, ',');
    reply_add_time(out, "created_at", sqlite3_column_int64(row, 2));
    buf_addf(out, "},\"spec\":{\"version\":%lld,", version);
    reply_add_str(out, "statement", (const char *)sqlite3_column_text(row, 1));
    buf_adds(out, ",\"changes\":[]}}");
}
