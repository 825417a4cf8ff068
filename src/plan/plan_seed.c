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

/* Drops what a former load left; false (refused) when that is not a table. */
static bool drop_existing(struct planner *planner, struct planner_item *item)
{
    struct plan_action *action = item->action;
    struct value configured = node_config(item->node, "full_refresh");

    if (item->existing == NULL) {
        return true;
    }
    if (value_is(configured, VALUE_BOOL) && !configured.as.b) {
        action->verb = PLAN_REFUSE;
        action->reason = "the table exists and full_refresh is false";
        action->error = arena_printf(planner->arena,
                                     "This adapter (confluent) does not support "
                                     "TRUNCATE. Relation: %s.\nYou might need to set "
                                     "`full_refresh` to true.",
                                     action->relation_text);
        return false;
    }
    if (item->existing->drift.kind != DRIFT_TABLE && !planner->options->full_refresh) {
        action->verb = PLAN_REFUSE;
        action->reason = "the relation is not a table";
        action->error = arena_printf(
            planner->arena, "%s exists as a %s; run with --full-refresh to drop it",
            action->relation_text, action_kind_name(item->existing->drift.kind));
        return false;
    }
    bool view = item->existing->drift.kind == DRIFT_VIEW;
    struct step *step =
        planner_step(planner, action, STEP_STATEMENT, view ? "DROP VIEW" : "DROP TABLE",
                     arena_printf(planner->arena, "DROP %s IF EXISTS %s",
                                  view ? "VIEW" : "TABLE", action->relation_text));
    step->hidden = true;
    step->delete_when_done = true;
    step->undo = "the rows come from the seed's file again";
    return true;
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
    if (!drop_existing(planner, item)) {
        return 0;
    }
    create_step(planner, action, &seed, types);
    insert_steps(planner, action, &seed, types);
    return 0;
}
