#include "config.h"

#include <string.h>

#include "sandbox/execute.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

/* Writers: INSERT INTO and CREATE TABLE AS. While one runs, its query is part of the
 * table's content; when it ends, the rows are stored. */

static const char *column_list(struct arena *arena,
                               const struct sql_ident_list *columns)
{
    struct buf out = BUF_INIT;
    if (columns == NULL) {
        return NULL;
    }
    buf_addc(&out, '/');
    for (size_t i = 0; i < columns->count; i++) {
        buf_addf(&out, "%s/", columns->items[i].text);
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void init(struct xlate *x, struct sandbox *sandbox, struct arena *arena)
{
    *x = (struct xlate){.sandbox = sandbox,
                        .arena = arena,
                        .now = sandbox_now(sandbox),
                        .start = sandbox_now(sandbox)};
    buf_init(&x->with, EXECUTE_MAX_SQL);
}

static int insert_row(struct sandbox *sandbox, int64_t relation, int64_t seq,
                      int64_t statement, int64_t at, const char *row, struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT INTO table_row(relation, seq, writer, at, op, row) VALUES"
                  " (?,?,?,?,0,?)",
                  "iiiis", relation, seq, statement, at, row);
}

/* Rows p0, p1, …, a, o of `row` into the table. 1 with `reason` on a user's error. */
static int copy_rows(struct xlate *x, sqlite3_stmt *row,
                     const struct catalog_relation *rel, int64_t statement,
                     struct err *err)
{
    struct buf text = BUF_INIT;
    int columns = sqlite3_column_count(row) - 2;
    int64_t seq =
        db_int(&x->sandbox->db, 0, "SELECT max(seq) FROM table_row WHERE relation = ?",
               "i", rel->id);
    int rc;
    int64_t total = 0;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW && total++ < EXECUTE_MAX_RESULT) {
        buf_reset(&text);
        buf_addc(&text, '[');
        for (int i = 0; i < columns; i++) {
            buf_adds(&text, i > 0 ? "," : "");
            cell_store(row, i, &text);
        }
        buf_addc(&text, ']');
        int64_t at = sqlite3_column_int64(row, columns) / 1000;
        if (insert_row(x->sandbox, rel->id, ++seq, statement, at, buf_str(&text),
                       err)) {
            rc = -1;
            break;
        }
    }
    buf_fini(&text);
    if (rc == -1) {
        return -1;
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
        xlate_fail(x, "%s", sqlite3_errmsg(x->sandbox->db.handle));
        return 1;
    }
    return 0;
}

/* Computes what a writer has written and stores it. 1 with `reason`. */
static int flush(struct xlate *x, sqlite3_stmt *writer, int64_t relation,
                 struct err *err)
{
    struct catalog_relation rel;
    struct buf sql = BUF_INIT;
    sqlite3_stmt *row = NULL;
    int rc = catalog_load_id(x->sandbox, x->arena, relation, &rel, err);
    if (rc <= 0) {
        return rc;
    }
    buf_init(&sql, EXECUTE_MAX_SQL * 4);
    rc = xlate_writer(x, &rel, writer, &sql) == 0 ? 0 : 2;
    if (rc == 0) {
        /* sorted first, so that a table can be read while it is written */
        const char *all = arena_printf(x->arena, "%s SELECT * FROM (%s) ORDER BY a",
                                       buf_str(&x->with), buf_str(&sql));
        if (sqlite3_prepare_v2(x->sandbox->db.handle, all, -1, &row, NULL) !=
            SQLITE_OK) {
            xlate_fail(x, "the query (%s)", sqlite3_errmsg(x->sandbox->db.handle));
            rc = 2;
        } else {
            rc = copy_rows(x, row, &rel, sqlite3_column_int64(writer, 0), err);
        }
        sqlite3_finalize(row);
    }
    buf_fini(&sql);
    return rc;
}

/* All writers of a statement, or the active ones. */
static int flush_all(struct sandbox *sandbox, struct arena *arena, int64_t statement,
                     bool final, const char **reason, struct err *err)
{
    struct xlate x;
    sqlite3_stmt *row = NULL;
    const char *sql = "SELECT " XLATE_WRITER_COLUMNS
                      ", relation, id FROM writer WHERE statement = ? AND active = 1";
    if (sqlite3_prepare_v2(sandbox->db.handle, sql, -1, &row, NULL) != SQLITE_OK) {
        return err_set(err, ERR_INTERNAL, "%s", sqlite3_errmsg(sandbox->db.handle));
    }
    sqlite3_bind_int64(row, 1, statement);
    int rc = 0;
    while (rc == 0 && sqlite3_step(row) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(row, 8);
        init(&x, sandbox, arena);
        x.snapshot = final;
        x.batch = final;
        rc = db_run(&sandbox->db, err, "UPDATE writer SET active = 2 WHERE id = ?", "i",
                    id);
        if (rc == 0) {
            rc = flush(&x, row, sqlite3_column_int64(row, 7), err);
        }
        buf_fini(&x.with);
        if (rc > 0 && reason != NULL) {
            *reason = x.reason;
        }
    }
    sqlite3_finalize(row);
    if (rc >= 0 &&
        db_run(&sandbox->db, err, "UPDATE writer SET active = 0 WHERE statement = ?",
               "i", statement) != 0) {
        rc = -1;
    }
    return rc;
}

static int add_writer(struct sandbox *sandbox, struct arena *arena,
                      const struct statement *st, const struct execute_write *write,
                      int64_t start, bool active, struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT INTO writer(statement, relation, query, columns, started,"
                  " catalog, db, active, offsets) VALUES (?,?,?,?,?,?,?,?,?)",
                  "iississns", st->id, write->target->id, write->text,
                  column_list(arena, write->columns), start, st->catalog, st->database,
                  (int)active, write->offsets);
}

static void warn(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 const char *reason)
{
    statement_warn(st, arena, sandbox_now(sandbox), "MODERATE", "SANDBOX_NO_ROWS",
                   arena_printf(arena,
                                "The sandbox produces no rows for this statement: it "
                                "can't execute %s.",
                                reason != NULL ? reason : "it"));
}

int execute_start_write(struct sandbox *sandbox, struct arena *arena,
                        struct statement *st, const struct execute_write *write,
                        const char **detail, struct err *err)
{
    struct xlate x;
    struct xquery out;
    int64_t now = sandbox_now(sandbox);
    bool at_once = write->finish_at != 0 && write->finish_at <= now;

    if (add_writer(sandbox, arena, st, write, now, at_once, err) != 0) {
        return -1;
    }
    if (at_once) {
        const char *reason = NULL;
        int rc = flush_all(sandbox, arena, st->id, true, &reason, err);
        if (rc == 1) {
            *detail = reason;
            return 1;
        }
        if (rc == 2) {
            warn(sandbox, arena, st, reason);
        }
        return rc < 0 ? -1 : 0;
    }
    init(&x, sandbox, arena);
    x.context = (struct catalog_context){st->catalog, st->database};
    if (xlate_query(&x, write->query, NULL, &out) != 0) {
        warn(sandbox, arena, st, x.reason);
    }
    buf_fini(&x.with);
    return 0;
}

int execute_keep(struct sandbox *sandbox, struct arena *arena,
                 const struct catalog_relation *relation, struct err *err)
{
    struct xlate x;
    struct xrel rel = {0};
    struct buf name = BUF_INIT;
    struct buf sql = BUF_INIT;
    sqlite3_stmt *row = NULL;
    int rc = 0;
    init(&x, sandbox, arena);
    if (xlate_relation_id(&x, relation->id, &rel, &name) == 0) {
        buf_addf(&sql, "%s SELECT ", buf_str(&x.with));
        for (size_t i = 0; i < relation->table.column_count; i++) {
            if (relation->table.columns[i].kind == SQL_COLUMN_PHYSICAL) {
                buf_addf(&sql, "c%zu, ", i);
            }
        }
        buf_addf(&sql, "a, 0 AS o FROM %s ORDER BY a", buf_str(&name));
        if (sqlite3_prepare_v2(sandbox->db.handle, buf_str(&sql), -1, &row, NULL) ==
            SQLITE_OK) {
            rc = copy_rows(&x, row, relation, 0, err) < 0 ? -1 : 0;
        }
        sqlite3_finalize(row);
    }
    buf_fini(&sql);
    buf_fini(&name);
    buf_fini(&x.with);
    return rc;
}

int execute_attach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err)
{
    (void)arena;
    if (st->relation == 0) {
        return 0;
    }
    if (db_run(&sandbox->db, err,
               "DELETE FROM table_row WHERE writer = ? AND relation IN (SELECT relation"
               " FROM writer WHERE statement = ?)",
               "ii", st->id, st->id) != 0) {
        return -1;
    }
    return db_run(&sandbox->db, err,
                  "UPDATE writer SET active = 1, started = ? WHERE statement = ?", "ii",
                  st->started, st->id);
}

/* Rows that a table has now. */
static int64_t count_rows(struct sandbox *sandbox, struct arena *arena,
                          const struct statement *st, const struct sql_table *table)
{
    struct xlate x;
    struct xrel rel = {0};
    struct buf from = BUF_INIT;
    sqlite3_stmt *row = NULL;
    int64_t count = 0;
    struct sql_ident parts[3] = {
        {.text = table->catalog}, {.text = table->database}, {.text = table->name}};
    struct sql_name name = {.parts = parts, .count = 3};
    init(&x, sandbox, arena);
    x.context = (struct catalog_context){st->catalog, st->database};
    if (xlate_relation(&x, &name, &rel, &from) == 0) {
        const char *sql = arena_printf(arena, "%s SELECT count(*) FROM %s",
                                       buf_str(&x.with), buf_str(&from));
        if (sqlite3_prepare_v2(sandbox->db.handle, sql, -1, &row, NULL) == SQLITE_OK &&
            sqlite3_step(row) == SQLITE_ROW) {
            count = sqlite3_column_int64(row, 0);
        }
        sqlite3_finalize(row);
    }
    buf_fini(&from);
    buf_fini(&x.with);
    return count;
}

/* {"topic":"partition:0,offset:n"} of the tables that the statement reads. */
static const char *offsets_of(struct sandbox *sandbox, struct arena *arena,
                              const struct statement *st)
{
    struct catalog_view view;
    struct sql_result result = {0};
    struct err wrong = {0};
    struct buf out = BUF_INIT;
    struct catalog_context context = {st->catalog, st->database};
    struct sql_infer_options options = {.catalog = &view.sql,
                                        .flags = SQL_INFER_UNKNOWN_FUNCTIONS |
                                                 SQL_INFER_NO_LINEAGE};
    catalog_view_init(&view, sandbox, arena, &context);
    if (sql_infer(arena, st->sql, strlen(st->sql), &options, &result, &wrong) != 0) {
        return "{}";
    }
    buf_addc(&out, '{');
    for (size_t i = 0; i < result.read_count; i++) {
        const struct sql_table *table = result.reads[i];
        const char *connector = catalog_option(table, "connector");
        if (connector == NULL || strcmp(connector, "confluent") != 0) {
            continue;
        }
        int64_t rows = count_rows(sandbox, arena, st, table);
        buf_adds(&out, out.len > 1 ? "," : "");
        json_write_str(table->name, strlen(table->name), 0, &out);
        buf_addf(&out, ":\"partition:0,offset:%lld\"", (long long)rows);
    }
    buf_addc(&out, '}');
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

int execute_detach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err)
{
    bool completed = st->phase == STATEMENT_COMPLETED;
    int rc = 0;
    if (completed && st->source == STATEMENT_SOURCE_STREAM) {
        rc = execute_finish(sandbox, arena, st, err);
    }
    if (rc == 0 && st->relation != 0) {
        rc = flush_all(sandbox, arena, st->id, completed, NULL, err);
    }
    if (st->phase == STATEMENT_STOPPED) {
        st->offsets = offsets_of(sandbox, arena, st);
        st->offsets_at = sandbox_now(sandbox);
    }
    return rc < 0 ? -1 : 0;
}
