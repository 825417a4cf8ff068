#include "config.h"

#include "sandbox/execute.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "sandbox/execute_impl.h"
#include "sql/parse.h"

static void xlate_init(struct xlate *x, struct sandbox *sandbox, struct arena *arena,
                       const struct statement *st)
{
    *x = (struct xlate){
        .sandbox = sandbox,
        .arena = arena,
        .context = {st->catalog, st->database},
        .seed = st->id,
        .start = st->started != 0 ? st->started : sandbox_now(sandbox),
        .now = sandbox_now(sandbox),
    };
    x->batch = st->mode != NULL && strcmp(st->mode, "BATCH") == 0;
    zone_of(st->properties, x->now, &x->zone);
    buf_init(&x->with, EXECUTE_MAX_SQL);
}

/* Local timestamps are shown in the session's time zone. */
static const char *in_zone(const struct xlate *x, const struct xquery *query)
{
    struct buf sql = BUF_INIT;
    if (x->zone == 0) {
        return query->sql;
    }
    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < query->count; i++) {
        const struct sql_type *type = query->columns[i].type;
        bool local = type != NULL && type->root == SQL_TYPE_TIMESTAMP_LTZ;
        buf_addf(&sql, "c%zu", i);
        if (local) {
            buf_addf(&sql, "+%lld AS c%zu", (long long)x->zone, i);
        }
        buf_adds(&sql, ", ");
    }
    buf_addf(&sql, "a FROM (%s)", query->sql);
    const char *text = arena_strdup(x->arena, buf_str(&sql));
    buf_fini(&sql);
    return text;
}

static void warn(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 const struct xlate *x)
{
    const char *message =
        arena_printf(arena,
                     "The sandbox produces no rows for this statement: it can't "
                     "execute %s.",
                     x->reason != NULL ? x->reason : "it");
    statement_warn(st, arena, sandbox_now(sandbox), "MODERATE", "SANDBOX_NO_ROWS",
                   message);
}

/* Prepares "WITH … SELECT …"; NULL with `reason` when SQLite can't. */
static sqlite3_stmt *prepare(struct xlate *x, const char *sql)
{
    sqlite3_stmt *row = NULL;
    const char *all = arena_printf(x->arena, "%s %s", buf_str(&x->with), sql);
    if (x->with.overflow ||
        sqlite3_prepare_v2(x->sandbox->db.handle, all, -1, &row, NULL) != SQLITE_OK) {
        xlate_fail(x, "the query (%s)", sqlite3_errmsg(x->sandbox->db.handle));
        sqlite3_finalize(row);
        return NULL;
    }
    return row;
}

static const struct sql_type *type_at(const struct sql_result *result, size_t at)
{
    return at < result->column_count ? result->columns[at].type : sql_type_unknown();
}

/* The next row as JSON in `out`; 1, 0 at the end, -1 with the reason. */
static int next_row(struct xlate *x, sqlite3_stmt *row, const struct sql_result *result,
                    size_t count, struct buf *out)
{
    int rc = sqlite3_step(row);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE
                   ? 0
                   : xlate_fail(x, "%s", sqlite3_errmsg(x->sandbox->db.handle));
    }
    buf_reset(out);
    buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        cell_write(row, (int)i, type_at(result, i), out);
    }
    buf_addc(out, ']');
    return 1;
}

static int add_result(struct sandbox *sandbox, const struct statement *st, int64_t seq,
                      int op, const char *row, struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT INTO result_row(statement, seq, op, row) VALUES (?,?,?,?)",
                  "iins", st->id, seq, op, row);
}

/* Rows that are there now, once and for all. 1 with `reason` when it fails. */
static int store_result(struct xlate *x, const struct statement *st, const char *sql,
                        const struct sql_result *result, size_t count, struct err *err)
{
    struct buf text = BUF_INIT;
    sqlite3_stmt *row = prepare(x, sql);
    int64_t seq = 0;
    int rc = row != NULL ? 1 : -1;
    while (rc == 1 && seq < EXECUTE_MAX_RESULT) {
        rc = next_row(x, row, result, count, &text);
        if (rc == 1 && add_result(x->sandbox, st, seq++, 0, buf_str(&text), err) != 0) {
            rc = -2;
        }
    }
    sqlite3_finalize(row);
    buf_fini(&text);
    return rc == -2 ? -1 : rc < 0 ? 1 : 0;
}

int execute_select(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   const struct sql_query *query, const struct sql_result *result,
                   bool snapshot, const char **detail, struct err *err)
{
    struct xlate x;
    struct xquery out;
    int rc = 0;
    xlate_init(&x, sandbox, arena, st);
    bool at_once = st->finish_at != 0 && st->finish_at <= x.now;
    x.snapshot = snapshot || at_once;
    if (xlate_query(&x, query, NULL, &out) != 0) {
        warn(sandbox, arena, st, &x);
        st->source = at_once ? STATEMENT_SOURCE_ROWS : STATEMENT_SOURCE_STREAM;
    } else if (at_once) {
        st->source = STATEMENT_SOURCE_ROWS;
        rc = store_result(&x, st, in_zone(&x, &out), result, out.count, err);
        if (rc > 0) {
            *detail = x.reason;
        }
    }
    buf_fini(&x.with);
    return rc;
}

/* What a statement shows now against what it has shown. */

struct shown {
    const char *row;
    int64_t count;  /* how often it is shown */
    int64_t wanted; /* how often it should be */
};

struct state {
    struct arena arena;
    struct map rows; /* text -> struct shown */
    int64_t next_seq;
};

static struct shown *shown_of(struct state *state, const char *row)
{
    struct shown *shown = map_get(&state->rows, row);
    if (shown == NULL) {
        shown = arena_new(&state->arena, struct shown);
        shown->row = arena_strdup(&state->arena, row);
        map_put(&state->rows, shown->row, shown);
    }
    return shown;
}

static int load_state(struct sandbox *sandbox, const struct statement *st,
                      struct state *state, struct err *err)
{
    sqlite3_stmt *row = db_query(&sandbox->db, err,
                                 "SELECT seq, op, row FROM result_row WHERE statement ="
                                 " ? ORDER BY seq",
                                 "i", st->id);
    if (row == NULL) {
        return -1;
    }
    while (sqlite3_step(row) == SQLITE_ROW) {
        int op = sqlite3_column_int(row, 1);
        const char *text = (const char *)sqlite3_column_text(row, 2);
        shown_of(state, text)->count += op == 0 || op == 2 ? 1 : -1;
        state->next_seq = sqlite3_column_int64(row, 0) + 1;
    }
    sqlite3_reset(row);
    return 0;
}

/* The text of the key columns in a row's JSON, so that old and new rows can be paired.
 * Cells are found by counting commas outside of strings and brackets. */
static void key_of(const char *row, const char *columns, struct buf *out)
{
    int depth = 0;
    int cell = 0;
    bool quoted = false;
    bool in_key = false;
    buf_reset(out);
    for (const char *c = row; *c != '\0'; c++) {
        bool edge = !quoted && ((depth == 0 && *c == '[') || (depth == 1 && *c == ','));
        if (*c == '\\' && quoted && c[1] != '\0') {
            if (in_key) {
                buf_add(out, c, 2);
            }
            c++;
            continue;
        }
        if (*c == '"') {
            quoted = !quoted;
        }
        if (!quoted) {
            depth += *c == '[' ? 1 : *c == ']' ? -1 : 0;
        }
        if (edge) {
            char number[16];
            snprintf(number, sizeof(number), "%d", cell++);
            size_t len = strlen(number);
            const char *at = columns;
            in_key = false;
            while ((at = strstr(at, number)) != NULL) {
                bool whole = (at[-1] == '[' || at[-1] == ',') &&
                             (at[len] == ']' || at[len] == ',');
                in_key = in_key || whole;
                at += len;
            }
        }
        if (in_key) {
            buf_addc(out, *c);
        }
    }
}

struct change {
    struct sandbox *sandbox;
    const struct statement *st;
    struct state *state;
    struct map old; /* key -> struct shown of rows that go */
};

static int emit(struct change *change, int op, struct shown *shown, struct err *err)
{
    shown->count += op == 0 || op == 2 ? 1 : -1;
    return add_result(change->sandbox, change->st, change->state->next_seq++, op,
                      shown->row, err);
}

/* The row that a new one takes the place of, or NULL. */
static struct shown *replaced_by(struct change *change, const struct shown *shown,
                                 size_t gone, size_t come, struct buf *key)
{
    if (change->st->upsert == NULL) {
        struct shown *only =
            change->old.count == 1 ? change->old.entries[0].value : NULL;
        return gone == 1 && come == 1 ? only : NULL;
    }
    key_of(shown->row, change->st->upsert, key);
    struct shown *old = map_get_n(&change->old, buf_str(key), key->len);
    return old != NULL && old->count > old->wanted ? old : NULL;
}

static void collect_old(struct change *change, size_t *gone, size_t *come)
{
    struct buf key = BUF_INIT;
    for (size_t i = 0; i < change->state->rows.count; i++) {
        struct shown *shown = change->state->rows.entries[i].value;
        *come += shown->wanted > shown->count ? 1 : 0;
        if (shown->count <= shown->wanted) {
            continue;
        }
        (*gone)++;
        if (change->st->upsert != NULL) {
            key_of(shown->row, change->st->upsert, &key);
        } else {
            buf_reset(&key);
            buf_addf(&key, "%zu", *gone);
        }
        map_put_n(&change->old,
                  arena_strndup(&change->state->arena, buf_str(&key), key.len), key.len,
                  shown);
    }
    buf_fini(&key);
}

static int emit_new(struct change *change, struct shown *shown, size_t gone,
                    size_t come, struct buf *key, struct err *err)
{
    while (shown->wanted > shown->count) {
        struct shown *old = change->st->append_only
                                ? NULL
                                : replaced_by(change, shown, gone, come, key);
        if (old != NULL &&
            (emit(change, 1, old, err) != 0 || emit(change, 2, shown, err) != 0)) {
            return -1;
        }
        if (old == NULL && emit(change, 0, shown, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int emit_changes(struct change *change, struct err *err)
{
    struct buf key = BUF_INIT;
    size_t gone = 0;
    size_t come = 0;
    int rc = 0;
    if (!change->st->append_only) {
        collect_old(change, &gone, &come);
    }
    bool pairs = change->st->upsert != NULL || (gone == 1 && come == 1);
    for (int pass = 0; rc == 0 && pass < 2; pass++) {
        /* what goes comes first, unless it is going to be paired */
        bool removing = pairs ? pass == 1 : pass == 0;
        for (size_t i = 0; rc == 0 && i < change->state->rows.count; i++) {
            struct shown *shown = change->state->rows.entries[i].value;
            if (!removing) {
                rc = emit_new(change, shown, gone, come, &key, err);
                continue;
            }
            while (rc == 0 && !change->st->append_only &&
                   shown->count > shown->wanted) {
                rc = emit(change, 3, shown, err);
            }
        }
    }
    buf_fini(&key);
    map_fini(&change->old);
    return rc;
}

static int fill_wanted(struct xlate *x, const char *sql,
                       const struct sql_result *result, size_t count,
                       struct state *state)
{
    struct buf text = BUF_INIT;
    sqlite3_stmt *row = prepare(x, sql);
    int64_t total = 0;
    int rc = row != NULL ? 1 : -1;
    while (rc == 1 && total++ < EXECUTE_MAX_RESULT) {
        rc = next_row(x, row, result, count, &text);
        if (rc == 1) {
            shown_of(state, buf_str(&text))->wanted++;
        }
    }
    sqlite3_finalize(row);
    buf_fini(&text);
    return rc < 0 ? -1 : 0;
}

/* Shows the difference between what was shown and what there is. */
static int show(struct xlate *x, const struct statement *st,
                const struct sql_query *query, const struct sql_result *result,
                struct err *err)
{
    struct state state = {0};
    struct xquery out;
    int rc = 0;
    if (xlate_query(x, query, NULL, &out) == 0) {
        const char *sql = in_zone(x, &out);
        if (query->order_by.count == 0) {
            sql = arena_printf(x->arena, "SELECT * FROM (%s) ORDER BY a", sql);
        }
        rc = load_state(x->sandbox, st, &state, err);
        if (rc == 0 && fill_wanted(x, sql, result, out.count, &state) == 0) {
            struct change change = {.sandbox = x->sandbox, .st = st, .state = &state};
            rc = emit_changes(&change, err);
        }
    }
    map_fini(&state.rows);
    arena_fini(&state.arena);
    return rc;
}

static int poll_with(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                     bool final, struct err *err)
{
    struct sql_query *query;
    struct sql_result result;
    struct xlate x;
    struct catalog_view view;
    struct err wrong = {0};
    struct catalog_context context = {st->catalog, st->database};
    struct sql_infer_options options = {.catalog = &view.sql,
                                        .flags = SQL_INFER_UNKNOWN_FUNCTIONS |
                                                 SQL_INFER_NO_LINEAGE};

    catalog_view_init(&view, sandbox, arena, &context);
    if (sql_parse_query(arena, st->sql, strlen(st->sql), &query, &wrong) != 0 ||
        sql_infer(arena, st->sql, strlen(st->sql), &options, &result, &wrong) != 0) {
        return 0;
    }
    int rc = 0;
    if (!st->append_only && !final &&
        db_int(&sandbox->db, 0, "SELECT 1 FROM result_row WHERE statement = ?", "i",
               st->id) == 0) {
        /* a changelog starts with what the first rows make */
        xlate_init(&x, sandbox, arena, st);
        x.first = true;
        rc = show(&x, st, query, &result, err);
        buf_fini(&x.with);
    }
    xlate_init(&x, sandbox, arena, st);
    x.snapshot = final;
    if (rc == 0) {
        rc = show(&x, st, query, &result, err);
    }
    buf_fini(&x.with);
    return rc;
}

int execute_poll(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 struct err *err)
{
    return poll_with(sandbox, arena, st, false, err);
}

int execute_finish(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err)
{
    return poll_with(sandbox, arena, st, true, err);
}
