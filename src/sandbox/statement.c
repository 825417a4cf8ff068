#include "config.h"

#include "sandbox/statement.h"

#include <string.h>

#include "base/clock.h"
#include "value/json.h"

static const char *const phase_names[] = {
#define X(name) #name,
    STATEMENT_PHASES(X)
#undef X
};

const char *statement_phase_name(enum statement_phase phase)
{
    return phase < STATEMENT_GONE ? phase_names[phase] : "DELETED";
}

bool statement_is_terminal(enum statement_phase phase)
{
    return phase == STATEMENT_COMPLETED || phase == STATEMENT_FAILED ||
           phase == STATEMENT_STOPPED;
}

void statement_read(sqlite3_stmt *row, struct arena *arena, struct statement *out)
{
    int at = 0;
    out->id = sqlite3_column_int64(row, at++);
    out->env = db_column(row, at++, arena);
    out->name = db_column(row, at++, arena);
    out->uid = db_column(row, at++, arena);
    out->sql = db_column(row, at++, arena);
    out->properties = db_column(row, at++, arena);
    out->labels = db_column(row, at++, arena);
    out->pool = db_column(row, at++, arena);
    out->principal = db_column(row, at++, arena);
    out->stopped = sqlite3_column_int(row, at++) != 0;
    out->mode = db_column(row, at++, arena);
    out->version = sqlite3_column_int64(row, at++);
    out->created = sqlite3_column_int64(row, at++);
    out->updated = sqlite3_column_int64(row, at++);
    out->phase = (enum statement_phase)sqlite3_column_int(row, at++);
    out->detail = db_column(row, at++, arena);
    out->next_phase = (enum statement_phase)sqlite3_column_int(row, at++);
    out->next_at = sqlite3_column_int64(row, at++);
    out->next_detail = db_column(row, at++, arena);
    out->kind = db_column(row, at++, arena);
    out->bounded = sqlite3_column_int(row, at++) != 0;
    out->append_only = sqlite3_column_int(row, at++) != 0;
    out->upsert = db_column(row, at++, arena);
    out->schema = db_column(row, at++, arena);
    out->warnings = db_column(row, at++, arena);
    out->offsets = db_column(row, at++, arena);
    out->offsets_at = sqlite3_column_int64(row, at++);
    out->ended = sqlite3_column_int64(row, at++);
    out->finish_at = sqlite3_column_int64(row, at++);
    out->scaling = db_column(row, at++, arena);
    out->started = sqlite3_column_int64(row, at++);
    out->source = (enum statement_source)sqlite3_column_int(row, at++);
    out->relation = sqlite3_column_int64(row, at++);
    out->catalog = db_column(row, at++, arena);
    out->database = db_column(row, at++, arena);
    out->resource = db_column(row, at++, arena);
}

static int load_row(sqlite3_stmt *row, struct arena *arena, struct statement *out)
{
    if (row == NULL) {
        return -1;
    }
    int found = sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        statement_read(row, arena, out);
    }
    sqlite3_reset(row);
    return found;
}

int statement_find(struct sandbox *sandbox, struct arena *arena, const char *env,
                   const char *name, struct statement *out, struct err *err)
{
    return load_row(db_query(&sandbox->db, err,
                             "SELECT " STATEMENT_COLUMNS
                             " FROM statement WHERE env = ? AND name = ?",
                             "ss", env, name),
                    arena, out);
}

int statement_load(struct sandbox *sandbox, struct arena *arena, int64_t id,
                   struct statement *out, struct err *err)
{
    return load_row(db_query(&sandbox->db, err,
                             "SELECT " STATEMENT_COLUMNS " FROM statement WHERE id = ?",
                             "i", id),
                    arena, out);
}

static int insert_labels(struct sandbox *sandbox, const struct statement *st,
                         struct err *err)
{
    if (strcmp(st->labels, "{}") == 0) {
        return 0;
    }
    return db_run(&sandbox->db, err,
                  "INSERT OR REPLACE INTO statement_label(statement, key, value)"
                  " SELECT ?, key, value FROM json_each(?)",
                  "is", st->id, st->labels);
}

int statement_insert(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    st->version = 1;
    if (db_run(&sandbox->db, err,
               "INSERT INTO statement(env, name, uid, sql, properties, labels, pool,"
               " principal, stopped, mode, version, created, updated, phase, detail,"
               " next_phase, source, catalog, db)"
               " VALUES (?,?,?,?,?,?,?,?,?,?,1,?,?,?,?,0,?,?,?)",
               "ssssssssnsiinsnss", st->env, st->name, st->uid, st->sql, st->properties,
               st->labels, st->pool, st->principal, (int)st->stopped, st->mode,
               st->created, st->updated, (int)st->phase, st->detail, (int)st->source,
               st->catalog, st->database) != 0) {
        return -1;
    }
    st->id = sqlite3_last_insert_rowid(sandbox->db.handle);
    return insert_labels(sandbox, st, err);
}

static int update(struct sandbox *sandbox, const struct statement *st, struct err *err)
{
    return db_run(
        &sandbox->db, err,
        "UPDATE statement SET pool = ?, principal = ?, stopped = ?, mode = ?,"
        " version = ?, updated = ?, phase = ?, detail = ?, next_phase = ?,"
        " next_at = nullif(?, 0), next_detail = ?, kind = ?, bounded = ?,"
        " append_only = ?, upsert = ?, schema = ?, warnings = ?, offsets = ?,"
        " offsets_at = ?, ended = ?, finish_at = ?, scaling = ?, started = ?,"
        " source = ?, relation = nullif(?, 0), resource = ?, labels = ? WHERE id = ?",
        "ssnsiinsnissnnssssiiisinissi", st->pool, st->principal, (int)st->stopped,
        st->mode, st->version, st->updated, (int)st->phase, st->detail,
        (int)st->next_phase, st->next_at, st->next_detail, st->kind, (int)st->bounded,
        (int)st->append_only, st->upsert, st->schema, st->warnings, st->offsets,
        st->offsets_at, st->ended, st->finish_at, st->scaling, st->started,
        (int)st->source, st->relation, st->resource, st->labels, st->id);
}

int statement_save(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    st->version++;
    st->updated = sandbox_now(sandbox);
    return update(sandbox, st, err);
}

int statement_remove(struct sandbox *sandbox, int64_t id, struct err *err)
{
    static const char *const deletes[] = {
        "DELETE FROM statement_label WHERE statement = ?",
        "DELETE FROM exception WHERE statement = ?",
        "DELETE FROM result_row WHERE statement = ?",
        "DELETE FROM writer WHERE statement = ?",
        "DELETE FROM statement WHERE id = ?",
    };
    for (size_t i = 0; i < sizeof(deletes) / sizeof(*deletes); i++) {
        if (db_run(&sandbox->db, err, deletes[i], "i", id) != 0) {
            return -1;
        }
    }
    return 0;
}

int statement_add_exception(struct sandbox *sandbox, int64_t id, const char *name,
                            const char *message, struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT INTO exception(statement, name, message, at)"
                  " VALUES (?, ?, ?, ?)",
                  "issi", id, name, message, sandbox_now(sandbox));
}

void statement_warn(struct statement *st, struct arena *arena, int64_t now,
                    const char *severity, const char *reason, const char *message)
{
    struct buf out = BUF_INIT;
    char at[CLOCK_ISO_SIZE];

    clock_iso(now, at);
    if (st->warnings != NULL) {
        buf_add(&out, st->warnings, strlen(st->warnings) - 1);
        buf_addc(&out, ',');
    } else {
        buf_addc(&out, '[');
    }
    buf_addf(&out, "{\"severity\":\"%s\",\"created_at\":\"%s\",\"reason\":\"%s\"",
             severity, at, reason);
    buf_adds(&out, ",\"message\":");
    json_write_str(message, strlen(message), 0, &out);
    buf_adds(&out, "}]");
    st->warnings = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
}
