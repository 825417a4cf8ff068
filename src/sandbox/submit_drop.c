#include "config.h"

#include "sandbox/submit_impl.h"

static bool kind_fits(enum sql_statement_kind statement, enum sql_table_kind kind)
{
    switch (statement) {
    case SQL_STATEMENT_DROP_VIEW:
        return kind == SQL_TABLE_VIEW;
    case SQL_STATEMENT_DROP_MATERIALIZED_TABLE:
        return kind == SQL_TABLE_MATERIALIZED;
    default:
        return kind == SQL_TABLE_TABLE || kind == SQL_TABLE_MATERIALIZED;
    }
}

static const char *kind_word(enum sql_statement_kind statement)
{
    switch (statement) {
    case SQL_STATEMENT_DROP_VIEW:
        return "View";
    case SQL_STATEMENT_DROP_MATERIALIZED_TABLE:
        return "Materialized table";
    default:
        return "Table";
    }
}

/* The Kafka topic goes later than the table. */
static int keep_topic(struct submission *s, const struct catalog_relation *rel)
{
    int64_t delay = s->sandbox->settings.topic_delay;
    if (delay <= 0 || rel->table.kind == SQL_TABLE_VIEW) {
        return 0;
    }
    return db_run(&s->sandbox->db, s->err,
                  "INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?, ?)", "sssni",
                  rel->name.env, rel->name.database_id, rel->name.name,
                  rel->table.buckets, sandbox_now(s->sandbox) + delay);
}

int submit_drop(struct submission *s)
{
    const struct sql_object_def *def = s->tree->object;
    struct catalog_relation rel;
    bool found = false;
    int rc = submit_load(s, &def->name, &rel, &found);

    submit_ddl_traits(s);
    if (rc != 0) {
        return rc;
    }
    if (found && !kind_fits(s->tree->kind, rel.table.kind)) {
        if (s->tree->kind == SQL_STATEMENT_DROP_TABLE && def->if_exists) {
            return 0;
        }
        found = false;
    }
    if (!found && def->if_exists) {
        return 0;
    }
    if (!found) {
        return submit_refuse(s, "%s with identifier '`%s`.`%s`.`%s`' does not exist.",
                             kind_word(s->tree->kind), rel.name.env_name,
                             rel.name.database, rel.name.name);
    }
    rc = submit_check_writable(s, &rel.name, &rel);
    if (rc == 0) {
        rc = keep_topic(s, &rel);
    }
    if (rel.table.kind == SQL_TABLE_MATERIALIZED) {
        s->st->resource =
            arena_printf(s->arena, "%s/%s", rel.name.database_id, rel.name.name);
    }
    return rc == 0 ? catalog_drop(s->sandbox, rel.id, s->err) : rc;
}
