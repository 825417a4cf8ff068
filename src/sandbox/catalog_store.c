#include "config.h"

#include "sandbox/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/catalog_key.h"

#define MAX_KEYS 16

static const char *read_key(struct arena *arena, const char *at, struct sql_key *key)
{
    size_t cap = strlen(at) / 2 + 1;
    size_t *columns = arena_array(arena, size_t, cap);
    key->columns = columns;
    key->count = 0;
    while (*at != '\0' && *at != ']') {
        char *end;
        unsigned long column = strtoul(at, &end, 10);
        if (end == at) {
            return NULL;
        }
        columns[key->count++] = column;
        at = *end == ',' ? end + 1 : end;
    }
    return *at == ']' ? at + 1 : NULL;
}

void catalog_read_keys(struct arena *arena, const char *text, struct sql_table *table)
{
    struct sql_key *keys = arena_array(arena, struct sql_key, MAX_KEYS);
    size_t count = 0;
    const char *at = text != NULL && text[0] == '[' ? text + 1 : NULL;
    while (at != NULL && *at == '[' && count < MAX_KEYS) {
        at = read_key(arena, at + 1, &keys[count]);
        count += at != NULL ? 1 : 0;
        if (at != NULL && *at == ',') {
            at++;
        }
    }
    table->upsert_keys = keys;
    table->upsert_key_count = count;
}

void catalog_write_keys(const struct sql_key *keys, size_t count, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < count && i < MAX_KEYS; i++) {
        buf_adds(out, i > 0 ? ",[" : "[");
        for (size_t j = 0; j < keys[i].count; j++) {
            buf_addf(out, "%s%zu", j > 0 ? "," : "", keys[i].columns[j]);
        }
        buf_addc(out, ']');
    }
    buf_addc(out, ']');
}

/* 1-based place of a column in a key, 0 when it isn't in. */
static int place_in(const size_t *columns, size_t count, size_t column)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i] == column) {
            return (int)i + 1;
        }
    }
    return 0;
}

static int store_column(struct sandbox *sandbox, const struct catalog_relation *rel,
                        size_t at, struct err *err)
{
    const struct sql_table *table = &rel->table;
    const struct sql_column *column = &table->columns[at];
    struct buf type = BUF_INIT;
    struct buf full = BUF_INIT;
    sql_type_render(&type, column->type, SQL_TYPE_FORM_SUMMARY, true);
    sql_type_render(&full, column->type, SQL_TYPE_FORM_SERIAL, false);
    int rc = db_run(
        &sandbox->db, err,
        "INSERT INTO relation_column(relation, position, name, type, data_type,"
        " full_type, nullable, kind, hidden, is_virtual, metadata_key, expression,"
        " comment, pk, distribution) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?, 0),"
        " nullif(?, 0))",
        "inssssnnnnsssnn", rel->id, (int)at + 1, column->name, buf_str(&type),
        sql_type_root_name((enum sql_type_root)column->type->root), buf_str(&full),
        (int)column->type->nullable, (int)column->kind, (int)column->hidden,
        (int)column->is_virtual, column->metadata_key, column->expression,
        column->comment, place_in(table->primary_key, table->primary_key_count, at),
        place_in(table->distribution, table->distribution_count, at));
    buf_fini(&type);
    buf_fini(&full);
    return rc;
}

static int store_parts(struct sandbox *sandbox, const struct catalog_relation *rel,
                       struct err *err)
{
    for (size_t i = 0; i < rel->table.column_count; i++) {
        if (store_column(sandbox, rel, i, err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < rel->table.option_count; i++) {
        const struct sql_option *option = &rel->table.options[i];
        if (db_run(&sandbox->db, err,
                   "INSERT OR REPLACE INTO relation_option VALUES (?, ?, ?)", "iss",
                   rel->id, option->key, option->value) != 0) {
            return -1;
        }
    }
    return 0;
}

static int clear_parts(struct sandbox *sandbox, int64_t id, struct err *err)
{
    return db_run(&sandbox->db, err, "DELETE FROM relation_column WHERE relation = ?",
                  "i", id) == 0 &&
                   db_run(&sandbox->db, err,
                          "DELETE FROM relation_option WHERE relation = ?", "i",
                          id) == 0
               ? 0
               : -1;
}

/* What a materialized table was in each of its versions. */
static int store_version(struct sandbox *sandbox, const struct catalog_relation *rel,
                         struct err *err)
{
    struct buf statement = BUF_INIT;
    if (rel->table.kind != SQL_TABLE_MATERIALIZED) {
        return 0;
    }
    render_create(rel, &statement);
    int rc = db_run(
        &sandbox->db, err, "INSERT OR IGNORE INTO relation_version VALUES (?, ?, ?, ?)",
        "iisi", rel->id, rel->version, buf_str(&statement), sandbox_now(sandbox));
    buf_fini(&statement);
    return rc;
}

int catalog_store(struct sandbox *sandbox, struct catalog_relation *rel,
                  struct err *err)
{
    const struct sql_table *table = &rel->table;
    struct buf keys = BUF_INIT;
    catalog_write_keys(table->upsert_keys, table->upsert_key_count, &keys);
    if (rel->id == 0) {
        rel->created = sandbox_now(sandbox);
        rel->version = 1;
    }
    int rc = db_run(
        &sandbox->db, err,
        "INSERT INTO relation(id, env, db, name, kind, comment, buckets,"
        " watermark_column, watermark, watermark_hidden, pk_name, query, catalog,"
        " current_db, changes, bounded, upsert, created, busy, busy_until, version)"
        " VALUES (nullif(?, 0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(id) DO UPDATE SET name = excluded.name, kind = excluded.kind,"
        " comment = excluded.comment, buckets = excluded.buckets,"
        " watermark_column = excluded.watermark_column,"
        " watermark = excluded.watermark,"
        " watermark_hidden = excluded.watermark_hidden, pk_name = excluded.pk_name,"
        " query = excluded.query, catalog = excluded.catalog,"
        " current_db = excluded.current_db, changes = excluded.changes,"
        " bounded = excluded.bounded, upsert = excluded.upsert, busy = excluded.busy,"
        " busy_until = excluded.busy_until, version = excluded.version,"
        " created = excluded.created",
        "isssnsnssnssssnnsisii", rel->id, rel->name.env, rel->name.database_id,
        rel->name.name, (int)table->kind, table->comment, table->buckets,
        table->watermark_column, table->watermark_expression,
        (int)rel->watermark_hidden, rel->pk_name, table->query, rel->context.catalog,
        rel->context.database, (int)table->changes, (int)table->bounded, buf_str(&keys),
        rel->created, rel->busy, rel->busy_until, rel->version);
    buf_fini(&keys);
    if (rc != 0) {
        return -1;
    }
    if (rel->id == 0) {
        rel->id = sqlite3_last_insert_rowid(sandbox->db.handle);
    } else if (clear_parts(sandbox, rel->id, err) != 0) {
        return -1;
    }
    return store_parts(sandbox, rel, err) == 0 ? store_version(sandbox, rel, err) : -1;
}
