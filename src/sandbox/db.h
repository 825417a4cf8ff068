/*
 * SQLite behind a small interface: prepared statements are kept, values are bound by a
 * format string. All of the sandbox's state lives in it: in memory, or in a file (WAL)
 * that survives kill -9.
 */
#ifndef SANDBOX_DB_H
#define SANDBOX_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

struct db {
    sqlite3 *handle;
    struct map cache; /* SQL text -> sqlite3_stmt */
    struct arena keys;
};

/* Opens `path`, or a database in memory when it is NULL, and creates what is missing.
 * Sets ERR_IO. */
int db_open(struct db *db, const char *path, struct err *err);
void db_close(struct db *db);

/*
 * Binds and returns a statement that is ready for sqlite3_step(). `format` has a letter
 * for each parameter: i int64_t, n int, s const char * (NULL allowed), d double. The
 * statement is kept: sqlite3_reset() it when done. Texts must live until then. NULL
 * with ERR_INTERNAL when it can't be prepared.
 */
sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql,
                       const char *format, ...);
/* Runs to the end; 0, or -1 with ERR_INTERNAL. */
int db_run(struct db *db, struct err *err, const char *sql, const char *format, ...);
/* First column of the first row as an integer; `fallback` when there is no row. */
int64_t db_int(struct db *db, int64_t fallback, const char *sql, const char *format,
               ...);
/* First column of the first row in the arena; NULL when there is no row or value. */
const char *db_text(struct db *db, struct arena *arena, const char *sql,
                    const char *format, ...);

/* Column as text copied into the arena; NULL for NULL. */
const char *db_column(sqlite3_stmt *stmt, int column, struct arena *arena);

int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

#endif
