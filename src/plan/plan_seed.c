#include "config.h"

#include "plan/planner.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* The API takes 131,072 characters of SQL; dbt's one huge INSERT would pass that soon.
 */
#define CHUNK_BYTES 100000

static bool fits_int(const struct compile_seed *seed, size_t column)
{
    for (size_t row = 0; row < seed->row_count; row++) {
        const char *cell = seed->cells[row * seed->column_count + column];
        if (cell == NULL) {
            continue;
        }
        long long value = strtoll(cell, NULL, 10);
        if (strlen(cell) > 11 || value > INT32_MAX || value < INT32_MIN) {
            return false;
        }
    }
    return true;
}

static const char *column_type(struct planner *planner, const struct compile_seed *seed,
                               size_t index)
{
    const struct compile_seed_column *column = &seed->columns[index];

    if (column->declared != NULL) {
        return column->declared;
    }
    switch (column->type) {
    case COMPILE_SEED_NUMBER:
        if (column->integral) {
            return column->precision > 18  ? "DECIMAL(38, 0)"
                   : fits_int(seed, index) ? "INT"
                                           : "BIGINT";
        }
        return column->precision <= 38 ? arena_printf(planner->arena, "DECIMAL(%d, %d)",
                                                      column->precision, column->scale)
                                       : "DOUBLE";
    case COMPILE_SEED_DATE:
        return "DATE";
    case COMPILE_SEED_DATETIME:
        return "TIMESTAMP(6)";
    case COMPILE_SEED_BOOLEAN:
        return "BOOLEAN";
    case COMPILE_SEED_TEXT:
        break;
    }
    return "STRING";
}

static void add_text(struct buf *sql, const char *text)
{
    buf_addc(sql, '\'');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\'') {
            buf_addc(sql, '\'');
        }
        buf_addc(sql, *p);
    }
    buf_addc(sql, '\'');
}

static bool is_text_type(const char *type)
{
    return str_ieq(type, "STRING") || str_ieq(type, "VARCHAR") || str_ieq(type, "TEXT");
}

static void add_cell(struct buf *sql, const struct compile_seed_column *column,
                     const char *type, const char *cell)
{
    if (cell == NULL) {
        buf_addf(sql, "CAST(NULL AS %s)", type);
        return;
    }
    if (is_text_type(type)) {
        add_text(sql, cell);
        return;
    }
    buf_adds(sql, "CAST(");
    if (column->type == COMPILE_SEED_NUMBER && column->declared == NULL) {
        buf_adds(sql, cell);
    } else {
        add_text(sql, cell);
    }
    buf_addf(sql, " AS %s)", type);
}

static void create_step(struct planner *planner, struct plan_action *action,
                        const struct compile_seed *seed, const char **types)
{
    struct buf sql = BUF_INIT;

    buf_addf(&sql, "CREATE TABLE %s (", action->relation_text);
    for (size_t i = 0; i < seed->column_count; i++) {
        buf_addf(&sql, "%s\n  %s %s", i > 0 ? "," : "",
                 model_quote(planner->arena, seed->columns[i].name), types[i]);
    }
    buf_adds(&sql, "\n)");
    struct step *step = planner_step(planner, action, STEP_STATEMENT, "CREATE TABLE",
                                     arena_strdup(planner->arena, buf_str(&sql)));
    step->delete_when_done = true;
    buf_fini(&sql);
}

static void insert_step(struct planner *planner, struct plan_action *action,
                        struct buf *sql)
{
    struct step *step = planner_step(planner, action, STEP_STATEMENT, "INSERT",
                                     arena_strdup(planner->arena, buf_str(sql)));

    step->delete_when_done = true;
    buf_reset(sql);
}

static void insert_steps(struct planner *planner, struct plan_action *action,
                         const struct compile_seed *seed, const char **types)
{
    struct buf sql = BUF_INIT;

    for (size_t row = 0; row < seed->row_count; row++) {
        if (sql.len > CHUNK_BYTES) {
            insert_step(planner, action, &sql);
        }
        if (sql.len == 0) {
            buf_addf(&sql, "INSERT INTO %s VALUES\n  (", action->relation_text);
        } else {
            buf_adds(&sql, ",\n  (");
        }
        for (size_t i = 0; i < seed->column_count; i++) {
            buf_adds(&sql, i > 0 ? ", " : "");
            add_cell(&sql, &seed->columns[i], types[i],
                     seed->cells[row * seed->column_count + i]);
        }
        buf_addc(&sql, ')');
    }
    if (sql.len > 0) {
        insert_step(planner, action, &sql);
    }
    buf_fini(&sql);
}

/* ---- what is there already ---- */

static void refuse(struct plan_action *action, const char *reason, const char *error)
{
    action->verb = PLAN_REFUSE;
    action->reason = reason;
    action->error = error;
    action->step_count = 0;
}

/* Whether the statement was the last of a load of the seed. */
static bool is_load(const struct plan_statement *statement,
                    const struct planner_item *item)
{
    return statement->load != NULL && statement->target != NULL &&
           str_eq(statement->target, item->existing->key);
}

static bool was_loaded(struct planner *planner, const struct planner_item *item,
                       const char *digest)
{
    const struct map *all = &planner->observed.by_name;

    for (size_t i = 0; i < all->count; i++) {
        const struct plan_statement *statement = all->entries[i].value;
        if (is_load(statement, item) && statement->state == PLAN_STATEMENT_COMPLETED &&
            str_eq(statement->load, digest)) {
            return true;
        }
    }
    return false;
}

static bool same_columns(const struct planner_item *item,
                         const struct compile_seed *seed, const char **types)
{
    const struct drift_relation *drift = &item->existing->drift;

    if (drift->kind != DRIFT_TABLE || drift->column_count != seed->column_count) {
        return false;
    }
    for (size_t i = 0; i < seed->column_count; i++) {
        if (!str_eq(drift->columns[i].name, seed->columns[i].name) ||
            !drift_type_equal(drift->columns[i].type, types[i])) {
            return false;
        }
    }
    return true;
}

/* A running statement that reads the table, or NULL. */
static const struct plan_statement *find_reader(struct planner *planner,
                                                const struct planner_item *item)
{
    const struct map *all = &planner->observed.by_name;

    for (size_t i = 0; i < all->count; i++) {
        const struct plan_statement *statement = all->entries[i].value;
        bool runs = statement->state == PLAN_STATEMENT_LIVE ||
                    statement->state == PLAN_STATEMENT_DEGRADED;
        for (size_t j = 0; runs && j < statement->read_count; j++) {
            if (str_eq(statement->reads[j], item->existing->key)) {
                return statement;
            }
        }
    }
    return NULL;
}

/* Whether the existing relation must stay as it is; the action says why. */
static bool keeps_existing(struct planner *planner, struct planner_item *item)
{
    struct plan_action *action = item->action;
    struct value configured = node_config(item->node, "full_refresh");
    const struct plan_statement *reader = find_reader(planner, item);
    const char *relation = action->relation_text;

    if (value_is(configured, VALUE_BOOL) && !configured.as.b) {
        refuse(action, "the table exists and full_refresh is false",
               arena_printf(planner->arena,
                            "This adapter (confluent) does not support TRUNCATE. "
                            "Relation: %s.\nYou might need to set `full_refresh` to "
                            "true.",
                            relation));
    } else if (planner_refreshes(planner, item)) {
        return false;
    } else if (item->existing->drift.kind != DRIFT_TABLE) {
        refuse(action, "the relation is not a table",
               arena_printf(planner->arena,
                            "%s exists as a %s; run with --full-refresh to drop it",
                            relation, action_kind_name(item->existing->drift.kind)));
    } else if (reader != NULL) {
        refuse(action, "running statements read the table",
               arena_printf(planner->arena,
                            "the rows of %s can't be told to be those of the file, and "
                            "statement '%s', which runs, reads it\nRun with "
                            "--full-refresh to drop the table and load it again.",
                            relation, reader->name));
    }
    return action->verb == PLAN_REFUSE;
}

/* What tells of the old rows goes first: without it they are loaded anew. */
static void drop_existing(struct planner *planner, struct planner_item *item)
{
    static const char *const kinds[] = {
        [DRIFT_TABLE] = "TABLE",
        [DRIFT_VIEW] = "VIEW",
        [DRIFT_MATERIALIZED_TABLE] = "MATERIALIZED TABLE",
        [DRIFT_EXTERNAL] = "TABLE",
    };
    struct plan_action *action = item->action;
    enum drift_relation_kind kind = item->existing->drift.kind;
    const struct map *all = &planner->observed.by_name;

    for (size_t i = 0; i < all->count; i++) {
        const struct plan_statement *statement = all->entries[i].value;
        if (is_load(statement, item)) {
            struct step *delete =
                planner_step(planner, action, STEP_DELETE, "DELETE STATEMENT", NULL);
            delete->statement_name = statement->name;
            delete->not_found_ok = true;
        }
    }
    struct step *step =
        planner_step(planner, action, STEP_STATEMENT,
                     arena_printf(planner->arena, "DROP %s", kinds[kind]),
                     arena_printf(planner->arena, "DROP %s IF EXISTS %s", kinds[kind],
                                  action->relation_text));
    step->hidden = true;
    step->delete_when_done = true;
    step->undo = kind == DRIFT_TABLE ? "the rows come from the seed's file again" : "";
    if (kind == DRIFT_MATERIALIZED_TABLE) {
        planner_step(planner, action, STEP_WAIT_GONE, "WAIT UNTIL DROPPED", NULL);
    }
}

/* ---- the whole ---- */

/*
 * The steps that load the rows. The last statement stays once it is COMPLETED, with a
 * label that tells which rows were loaded.
 */
static const char *load_steps(struct planner *planner, struct plan_action *action,
                              const struct compile_seed *seed, const char **types)
{
    size_t before = action->step_count;
    char *digest = arena_alloc(planner->arena, PLAN_DIGEST_SIZE);

    create_step(planner, action, seed, types);
    insert_steps(planner, action, seed, types);
    plan_digest_sql(&action->steps[before], action->step_count - before, digest);
    struct step *last = &action->steps[action->step_count - 1];
    last->delete_when_done = false;
    last->labels = value_clone(planner->arena, last->labels);
    value_dict_put(last->labels, PLAN_LABEL_SEED, value_str(digest));
    return digest;
}

int plan_seed(struct planner *planner, struct planner_item *item, struct err *err)
{
    struct compile_seed seed;

    if (compile_seed_read(planner->compiler, item->node, planner->arena, &seed, err) !=
        0) {
        return -1;
    }
    struct plan_action *action = planner_action(planner, item);
    const char **types =
        arena_array(planner->arena, const char *, seed.column_count + 1);
    for (size_t i = 0; i < seed.column_count; i++) {
        types[i] = column_type(planner, &seed, i);
    }
    action->materialization = "seed";
    action->verb = item->existing != NULL ? PLAN_REFRESH : PLAN_CREATE;
    action->reason =
        arena_printf(planner->arena, "%s%zu row%s",
                     item->existing != NULL ? "drop the table, then load " : "load ",
                     seed.row_count, seed.row_count == 1 ? "" : "s");
    const char *digest = load_steps(planner, action, &seed, types);
    if (item->existing == NULL) {
        return 0;
    }
    if (!planner_refreshes(planner, item) && same_columns(item, &seed, types) &&
        was_loaded(planner, item, digest)) {
        action->verb = PLAN_SAME;
        action->reason = "the file was loaded before and has not changed";
        action->step_count = 0;
        return 0;
    }
    if (keeps_existing(planner, item)) {
        return 0;
    }
    action->steps = NULL;
    action->step_count = 0;
    drop_existing(planner, item);
    load_steps(planner, action, &seed, types);
    return 0;
}
