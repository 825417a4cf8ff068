#include "config.h"

#include "sandbox/statement.h"

#include <string.h>

#include "sandbox/execute.h"
#include "sandbox/submit.h"

#define SWEEP_BATCH   64
#define POOL_RETRY_MS 200

/* Plans what comes next; 0 ms from now means with the next request. */
static void plan(struct statement *st, enum statement_phase phase, int64_t at)
{
    st->next_phase = phase;
    st->next_at = at > 0 ? at : 1;
}

static void finish(struct sandbox *sandbox, struct statement *st,
                   enum statement_phase phase, int64_t at)
{
    st->phase = phase;
    st->ended = at;
    st->scaling = NULL;
    plan(st, STATEMENT_GONE, at + sandbox->settings.retention);
}

static bool needs_compute(const struct statement *st)
{
    return st->source == STATEMENT_SOURCE_STREAM ||
           st->source == STATEMENT_SOURCE_BATCH || st->relation != 0;
}

static bool pool_is_full(struct sandbox *sandbox, const struct statement *st)
{
    if (!needs_compute(st)) {
        return false;
    }
    if (sandbox->fault.pool_until > sandbox_now(sandbox)) {
        return true;
    }
    int64_t limit = db_int(&sandbox->db, INT64_MAX,
                           "SELECT max_cfu FROM pool WHERE id = ?", "s", st->pool);
    int64_t used = db_int(&sandbox->db, 0,
                          "SELECT count(*) FROM statement WHERE pool = ? AND phase IN"
                          " (?, ?)",
                          "snn", st->pool, STATEMENT_RUNNING, STATEMENT_DEGRADED);
    return used >= limit;
}

/* Takes up faults that were ordered for the next statement. */
static void plan_fault(struct sandbox *sandbox, struct statement *st,
                       struct arena *arena)
{
    struct fault_state *fault = &sandbox->fault;
    int64_t *delay =
        fault->statement_fail > 0 ? &fault->statement_fail : &fault->statement_degrade;
    if (*delay <= 0 || !needs_compute(st)) {
        return;
    }
    plan(st, delay == &fault->statement_fail ? STATEMENT_FAILED : STATEMENT_DEGRADED,
         st->started + *delay);
    st->next_detail = arena_strdup(arena, fault->message[0] != '\0'
                                              ? fault->message
                                              : "The statement failed: injected by the "
                                                "sandbox.");
    *delay = 0;
}

static void enter_running(struct sandbox *sandbox, struct statement *st,
                          struct arena *arena)
{
    st->phase = STATEMENT_RUNNING;
    st->scaling = NULL;
    if (st->started == 0) {
        st->started = st->next_at;
    }
    st->next_at = 0;
    if (st->finish_at != 0) {
        plan(st, STATEMENT_COMPLETED, st->finish_at);
    } else if (st->source == STATEMENT_SOURCE_STREAM) {
        plan(st, STATEMENT_STOPPED, st->started + sandbox->settings.idle_timeout);
        st->next_detail = "Statement stopped: its results were not consumed.";
    }
    plan_fault(sandbox, st, arena);
}

static int fail_now(struct sandbox *sandbox, struct statement *st, int64_t at,
                    struct err *err)
{
    st->detail = st->next_detail != NULL ? st->next_detail : "";
    if (statement_add_exception(sandbox, st->id,
                                "org.apache.flink.runtime.JobException", st->detail,
                                err) != 0) {
        return -1;
    }
    if (st->next_phase == STATEMENT_DEGRADED) {
        st->phase = STATEMENT_DEGRADED;
        st->next_at = 0;
        return 0;
    }
    finish(sandbox, st, STATEMENT_FAILED, at);
    return 0;
}

static void enter_completed(struct sandbox *sandbox, struct statement *st, int64_t at)
{
    if (st->started == 0) {
        st->started = at;
    }
    finish(sandbox, st, STATEMENT_COMPLETED, at);
    if (st->detail[0] == '\0' && st->schema == NULL) {
        st->detail = "Statement completed successfully";
    }
}

/* The change that was planned happens. 0: save; 1: removed, nothing is left to save; 2:
 * only `next_at` changed; -1: `err`. */
static int apply(struct sandbox *sandbox, struct statement *st, struct arena *arena,
                 struct err *err)
{
    int64_t at = st->next_at;
    int rc = 0;

    switch (st->next_phase) {
    case STATEMENT_RUNNING:
    case STATEMENT_COMPLETED:
        if (st->phase == STATEMENT_PENDING && pool_is_full(sandbox, st)) {
            bool known = st->scaling != NULL;
            st->scaling = "POOL_EXHAUSTED";
            st->next_at = sandbox_now(sandbox) + POOL_RETRY_MS;
            return known ? 2 : 0;
        }
        if (st->next_phase == STATEMENT_RUNNING) {
            enter_running(sandbox, st, arena);
            return execute_attach(sandbox, arena, st, err);
        }
        enter_completed(sandbox, st, at);
        break;
    case STATEMENT_DEGRADED:
        return fail_now(sandbox, st, at, err);
    case STATEMENT_FAILED:
        rc = fail_now(sandbox, st, at, err);
        break;
    case STATEMENT_STOPPED:
        if (st->phase == STATEMENT_RUNNING && st->next_detail != NULL) {
            st->detail = st->next_detail;
            st->stopped = true;
        }
        finish(sandbox, st, STATEMENT_STOPPED, at);
        break;
    case STATEMENT_GONE:
        return statement_remove(sandbox, st->id, err) == 0 ? 1 : -1;
    default:
        st->next_at = 0;
        return 0;
    }
    if (rc == 0) {
        rc = execute_detach(sandbox, arena, st, err);
    }
    return rc;
}

static int apply_id(struct sandbox *sandbox, int64_t id, struct err *err)
{
    struct arena arena = {0};
    struct statement st;
    int rc = statement_load(sandbox, &arena, id, &st, err);
    if (rc == 1) {
        rc = apply(sandbox, &st, &arena, err);
        if (rc == 0) {
            rc = statement_save(sandbox, &st, err);
        } else if (rc == 2) {
            rc = db_run(&sandbox->db, err,
                        "UPDATE statement SET next_at = ? WHERE id = ?", "ii",
                        st.next_at, st.id);
        } else if (rc == 1) {
            rc = 0;
        }
    }
    arena_fini(&arena);
    return rc;
}

int life_sweep(struct sandbox *sandbox, struct err *err)
{
    int64_t ids[SWEEP_BATCH];
    int64_t now = sandbox_now(sandbox);
    size_t count;

    do {
        sqlite3_stmt *row = db_query(&sandbox->db, err,
                                     "SELECT id FROM statement WHERE next_at <= ?"
                                     " ORDER BY next_at LIMIT ?",
                                     "in", now, SWEEP_BATCH);
        if (row == NULL) {
            return -1;
        }
        for (count = 0; count < SWEEP_BATCH && sqlite3_step(row) == SQLITE_ROW;) {
            ids[count++] = sqlite3_column_int64(row, 0);
        }
        sqlite3_reset(row);
        bool own = count > 0 && sqlite3_get_autocommit(sandbox->db.handle);
        if (own && db_begin(&sandbox->db, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            if (apply_id(sandbox, ids[i], err) != 0) {
                return -1;
            }
        }
        if (own && db_commit(&sandbox->db, err) != 0) {
            return -1;
        }
    } while (count == SWEEP_BATCH);
    return 0;
}

int life_start(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    int64_t delay = sandbox_random(sandbox, sandbox->settings.pending_min,
                                   sandbox->settings.pending_max);
    int64_t at = sandbox_now(sandbox) + delay;

    st->phase = STATEMENT_PENDING;
    if (st->stopped) {
        st->phase = STATEMENT_STOPPING;
        plan(st, STATEMENT_STOPPED, at);
    } else if (st->finish_at != 0 && st->finish_at <= at) {
        plan(st, STATEMENT_COMPLETED, at);
    } else {
        plan(st, STATEMENT_RUNNING, at);
    }
    return statement_save(sandbox, st, err);
}

int life_stop(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    st->stopped = true;
    if (!statement_is_terminal(st->phase) && st->phase != STATEMENT_STOPPING) {
        st->phase = STATEMENT_STOPPING;
        st->next_detail = NULL;
        plan(st, STATEMENT_STOPPED,
             sandbox_now(sandbox) + sandbox->settings.stop_delay);
    }
    return statement_save(sandbox, st, err);
}

int life_resume(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    st->stopped = false;
    st->ended = 0;
    st->detail = "";
    st->offsets = NULL;
    st->offsets_at = 0;
    return life_start(sandbox, st, err);
}

int life_delete(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    struct arena arena = {0};
    int rc = 0;
    if (!statement_is_terminal(st->phase)) {
        rc = execute_detach(sandbox, &arena, st, err);
    }
    arena_fini(&arena);
    if (rc != 0) {
        return -1;
    }
    st->phase = STATEMENT_DELETING;
    plan(st, STATEMENT_GONE, sandbox_now(sandbox) + sandbox->settings.delete_delay);
    return statement_save(sandbox, st, err);
}

int life_touch(struct sandbox *sandbox, struct statement *st, struct err *err)
{
    if (st->phase != STATEMENT_RUNNING || st->next_phase != STATEMENT_STOPPED ||
        st->next_at == 0) {
        return 0;
    }
    st->next_at = sandbox_now(sandbox) + sandbox->settings.idle_timeout;
    return db_run(&sandbox->db, err, "UPDATE statement SET next_at = ? WHERE id = ?",
                  "ii", st->next_at, st->id);
}
