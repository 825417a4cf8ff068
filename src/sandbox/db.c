#include "config.h"

#include "sandbox/db.h"

#include <stdarg.h>
#include <string.h>

#include "sandbox/schema.h"

static int fail(struct db *db, struct err *err, const char *what)
{
    return err_set(err, ERR_INTERNAL, "%s: %s", what, sqlite3_errmsg(db->handle));
}

int db_open(struct db *db, const char *path, struct err *err)
{
    static const char *const pragmas =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "PRAGMA temp_store = MEMORY; PRAGMA case_sensitive_like = ON;";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    *db = (struct db){0};
    if (sqlite3_open_v2(path != NULL ? path : ":memory:", &db->handle, flags, NULL) !=
        SQLITE_OK) {
        err_set(err, ERR_IO, "can't open the state %s: %s", path != NULL ? path : "",
                db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory");
        db_close(db);
        return -1;
    }
    sqlite3_busy_timeout(db->handle, 2000);
    if (sqlite3_exec(db->handle, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db->handle, schema_sql, NULL, NULL, NULL) != SQLITE_OK) {
        err_set(err, ERR_IO, "can't use the state %s: %s", path != NULL ? path : "",
                sqlite3_errmsg(db->handle));
        db_close(db);
        return -1;
    }
    return 0;
}

void db_close(struct db *db)
{
    for (size_t i = 0; i < db->cache.count; i++) {
        sqlite3_finalize(db->cache.entries[i].value);
    }
    map_fini(&db->cache);
    arena_fini(&db->keys);
    sqlite3_close(db->handle);
    db->handle = NULL;
}

static sqlite3_stmt *prepare(struct db *db, const char *sql, struct err *err)
{
    sqlite3_stmt *stmt = map_get(&db->cache, sql);
    if (stmt != NULL) {
        sqlite3_reset(stmt);
        return stmt;
    }
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                           NULL) != SQLITE_OK) {
        fail(db, err, "prepare");
        return NULL;
    }
    map_put(&db->cache, arena_strdup(&db->keys, sql), stmt);
    return stmt;
}

static void bind(sqlite3_stmt *stmt, const char *format, va_list ap)
{
    for (int i = 0; format[i] != '\0'; i++) {
        switch (format[i]) {
        case 'i':
            sqlite3_bind_int64(stmt, i + 1, va_arg(ap, int64_t));
            break;
        case 'n':
            sqlite3_bind_int(stmt, i + 1, va_arg(ap, int));
            break;
        case 'd':
            sqlite3_bind_double(stmt, i + 1, va_arg(ap, double));
            break;
        default:
            sqlite3_bind_text(stmt, i + 1, va_arg(ap, const char *), -1, SQLITE_STATIC);
            break;
        }
    }
}

static sqlite3_stmt *query_v(struct db *db, struct err *err, const char *sql,
                             const char *format, va_list ap)
{
    sqlite3_stmt *stmt = prepare(db, sql, err);
    if (stmt != NULL) {
        bind(stmt, format, ap);
    }
    return stmt;
}

sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql,
                       const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = query_v(db, err, sql, format, ap);
    va_end(ap);
    return stmt;
}

int db_run(struct db *db, struct err *err, const char *sql, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = query_v(db, err, sql, format, ap);
    va_end(ap);
    if (stmt == NULL) {
        return -1;
    }
    int rc;
    do {
        rc = sqlite3_step(stmt);
    } while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE) {
        fail(db, err, "step");
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? 0 : -1;
}

int64_t db_int(struct db *db, int64_t fallback, const char *sql, const char *format,
               ...)
{
    struct err err = {0};
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = query_v(db, &err, sql, format, ap);
    va_end(ap);
    if (stmt == NULL) {
        return fallback;
    }
    if (sqlite3_step(stmt) == SQLITE_ROW &&
        sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
        fallback = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_reset(stmt);
    return fallback;
}

const char *db_text(struct db *db, struct arena *arena, const char *sql,
                    const char *format, ...)
{
    struct err err = {0};
    const char *text = NULL;
    va_list ap;
    va_start(ap, format);
    sqlite3_stmt *stmt = query_v(db, &err, sql, format, ap);
    va_end(ap);
    if (stmt == NULL) {
        return NULL;
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        text = db_column(stmt, 0, arena);
    }
    sqlite3_reset(stmt);
    return text;
}

const char *db_column(sqlite3_stmt *stmt, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    if (text == NULL) {
        return NULL;
    }
    return arena_strndup(arena, text, (size_t)sqlite3_column_bytes(stmt, column));
}

int db_begin(struct db *db, struct err *err)
{
    return db_run(db, err, "BEGIN IMMEDIATE", "");
}

int db_commit(struct db *db, struct err *err)
{
    return db_run(db, err, "COMMIT", "");
}

void db_rollback(struct db *db)
{
    struct err ignored = {0};
    if (!sqlite3_get_autocommit(db->handle)) {
        db_run(db, &ignored, "ROLLBACK", "");
    }
}
