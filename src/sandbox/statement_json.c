#include "config.h"

#include "sandbox/statement.h"

#include <string.h>

#include "base/clock.h"
#include "sandbox/http.h"
#include "value/json.h"

void reply_add_str(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "\"%s\":", name);
    json_write_str(value, strlen(value), 0, out);
}

void reply_add_time(struct buf *out, const char *name, int64_t at)
{
    char text[CLOCK_ISO_SIZE];
    clock_iso(at, text);
    buf_addf(out, "\"%s\":\"%s\"", name, text);
}

static void write_metadata(const struct sandbox *sandbox, const struct statement *st,
                           const char *base, struct arena *arena, struct buf *out)
{
    const char *self =
        arena_printf(arena, "%s/sql/v1/organizations/%s/environments/%s/statements/%s",
                     base, sandbox->settings.organization, http_encode(arena, st->env),
                     http_encode(arena, st->name));
    buf_adds(out, "\"metadata\":{");
    reply_add_str(out, "self", self);
    buf_addc(out, ',');
    reply_add_time(out, "created_at", st->created);
    buf_addc(out, ',');
    reply_add_time(out, "updated_at", st->updated);
    buf_addc(out, ',');
    reply_add_str(out, "uid", st->uid);
    buf_addf(out, ",\"resource_version\":\"%lld\",\"labels\":%s}",
             (long long)st->version, st->labels);
}

static void write_spec(const struct statement *st, struct buf *out)
{
    buf_adds(out, "\"spec\":{");
    reply_add_str(out, "statement", st->sql);
    buf_addf(out, ",\"properties\":%s,", st->properties);
    reply_add_str(out, "compute_pool_id", st->pool);
    buf_addc(out, ',');
    reply_add_str(out, "principal", st->principal);
    buf_addf(out, ",\"stopped\":%s", st->stopped ? "true" : "false");
    if (st->mode != NULL) {
        buf_addc(out, ',');
        reply_add_str(out, "execution_mode", st->mode);
    }
    buf_addc(out, '}');
}

static void write_traits(const struct statement *st, struct buf *out)
{
    /* what there isn't is left out: the published schema allows no null */
    if (st->kind == NULL) {
        return;
    }
    buf_addf(out,
             ",\"traits\":{\"sql_kind\":\"%s\",\"is_bounded\":%s,"
             "\"is_append_only\":%s,\"schema\":%s,\"connection_refs\":[]",
             st->kind, st->bounded ? "true" : "false",
             st->append_only ? "true" : "false",
             st->schema != NULL ? st->schema : "{}");
    if (st->upsert != NULL) {
        buf_addf(out, ",\"upsert_columns\":%s", st->upsert);
    }
    buf_addc(out, '}');
}

static void write_end(const struct statement *st, struct buf *out)
{
    if (st->ended == 0) {
        return;
    }
    int64_t ms = st->ended - st->created;
    buf_addc(out, ',');
    reply_add_time(out, "end_time", st->ended);
    buf_addf(out, ",\"duration\":\"PT%lld.%03lldS\"", (long long)(ms / 1000),
             (long long)(ms % 1000));
}

static void write_resource(const struct statement *st, struct buf *out)
{
    const char *slash = st->resource != NULL ? strchr(st->resource, '/') : NULL;
    if (slash == NULL) {
        return;
    }
    buf_adds(out, ",\"affected_resource\":{\"kind\":\"MATERIALIZED_TABLE\",");
    reply_add_str(out, "environment_id", st->env);
    buf_adds(out, ",\"database_id\":");
    json_write_str(st->resource, (size_t)(slash - st->resource), 0, out);
    buf_addc(out, ',');
    reply_add_str(out, "resource_name", slash + 1);
    buf_addc(out, '}');
}

static void write_status(const struct statement *st, struct buf *out)
{
    buf_addf(out, "\"status\":{\"phase\":\"%s\",", statement_phase_name(st->phase));
    reply_add_str(out, "detail", st->detail);
    buf_addf(out,
             ",\"network_kind\":\"PUBLIC\",\"scaling_status\":{"
             "\"scaling_state\":\"%s\",",
             st->scaling != NULL ? st->scaling : "OK");
    reply_add_time(out, "last_updated", st->updated);
    buf_adds(out, "},");
    if (st->offsets != NULL) {
        buf_addf(out, "\"latest_offsets\":%s,", st->offsets);
    }
    if (st->offsets_at != 0) {
        reply_add_time(out, "latest_offsets_timestamp", st->offsets_at);
    } else {
        buf_adds(out, "\"latest_offsets_timestamp\":\"0001-01-01T00:00:00Z\"");
    }
    if (st->warnings != NULL) {
        buf_addf(out, ",\"warnings\":%s", st->warnings);
    }
    write_end(st, out);
    write_resource(st, out);
    write_traits(st, out);
    buf_addc(out, '}');
}

void statement_write(const struct sandbox *sandbox, const struct statement *st,
                     const char *base, struct arena *arena, struct buf *out)
{
    buf_adds(out, "{\"api_version\":\"sql/v1\",\"kind\":\"Statement\",");
    reply_add_str(out, "name", st->name);
    buf_addc(out, ',');
    reply_add_str(out, "organization_id", sandbox->settings.organization);
    buf_addc(out, ',');
    reply_add_str(out, "environment_id", st->env);
    buf_addc(out, ',');
    write_metadata(sandbox, st, base, arena, out);
    buf_addc(out, ',');
    write_spec(st, out);
    buf_addc(out, ',');
    write_status(st, out);
    buf_addc(out, '}');
}
