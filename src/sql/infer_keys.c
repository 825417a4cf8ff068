/* What a SELECT does to the changes and upsert keys of its rows. */
#include "config.h"

#include "sql/infer_select.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* A key of FROM as positions of the output, in all ways that doubled columns allow. */
static void add_mapped_key(struct selecting *s, const struct sql_key *key)
{
    size_t mapped[64] = {0};
    size_t other[64] = {0};
    bool doubled = false;
    if (key->count > 64) {
        return;
    }
    for (size_t i = 0; i < key->count; i++) {
        mapped[i] = other[i] = SQL_NO_COLUMN;
        for (size_t c = 0; c < s->out->count; c++) {
            if (s->origins[c] != key->columns[i]) {
                continue;
            }
            if (mapped[i] == SQL_NO_COLUMN) {
                mapped[i] = other[i] = c;
            } else {
                other[i] = c;
                doubled = true;
            }
        }
        if (mapped[i] == SQL_NO_COLUMN) {
            return;
        }
    }
    rel_add_key(s->in, s->out, mapped, key->count);
    if (doubled) {
        rel_add_key(s->in, s->out, other, key->count);
    }
}

static bool lossless(const struct sql_type *from, const struct sql_type *to)
{
    if (sql_type_is_integer(from) && sql_type_is_integer(to)) {
        return from->root <= to->root;
    }
    if (sql_type_is_char(to) && to->precision == SQL_TYPE_MAX_LENGTH) {
        return sql_type_is_integer(from) || sql_type_is_char(from);
    }
    return from->root == to->root && from->precision <= to->precision &&
           from->scale <= to->scale;
}

/* CAST of a key column to a wider type keeps the key. */
static void cast_origins(struct selecting *s)
{
    struct view view = {.in = s->in, .scope = &s->scope};
    for (size_t c = 0; c < s->out->count; c++) {
        const struct sql_expr *expr = s->exprs[c];
        if (s->origins[c] != SQL_NO_COLUMN || !expr || expr->kind != SQL_EXPR_CAST) {
            continue;
        }
        size_t at = scope_position(&view, expr->args[0]);
        const struct sql_type *from =
            at == SQL_NO_COLUMN ? NULL : infer_expr(&view, expr->args[0]);
        if (from && lossless(from, s->out->columns[c].type)) {
            s->origins[c] = at;
        }
    }
}

/* Aggregates that the planner takes apart into others. */
static bool is_composed(const struct sql_expr *expr)
{
    const char *name = expr_is_aggregate(expr) ? expr->name.parts[0].text : "";
    if (strncasecmp(name, "STDDEV", 6) == 0 || strncasecmp(name, "VAR", 3) == 0) {
        return true;
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i] && is_composed(expr->args[i])) {
            return true;
        }
    }
    return false;
}

/* Without GROUP BY there is one row; the planner knows it while an aggregate is plain.
 */
static bool has_plain_aggregate(const struct selecting *s)
{
    bool composed = false;
    for (size_t i = 0; i < s->out->count; i++) {
        composed = composed || (s->exprs[i] && is_composed(s->exprs[i]));
    }
    for (size_t i = 0; i < s->out->count; i++) {
        const struct sql_expr *expr = s->exprs[i];
        if (!expr || !expr_is_aggregate(expr) || is_composed(expr)) {
            continue;
        }
        const char *name = expr->name.parts[0].text;
        if (!composed || (!str_ieq(name, "AVG") && !str_ieq(name, "SUM"))) {
            return true;
        }
    }
    return false;
}

static const struct rel_column *joined_column(const struct scope *scope, size_t at)
{
    for (size_t i = 0; at != SQL_NO_COLUMN && i < scope->count; i++) {
        const struct space *space = &scope->spaces[i];
        if (at >= space->offset && at - space->offset < space->rel->count) {
            return &space->rel->columns[at - space->offset];
        }
    }
    return NULL;
}

/* Whether the columns that aren't of the window are those of SESSION's PARTITION BY. */
static bool session_keys(struct selecting *s, const char **others, size_t count)
{
    const struct sql_expr_list *keys = s->from.session_keys;
    size_t hits = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct sql_expr *key = keys->items[i];
        const char *name = key->kind == SQL_EXPR_COLUMN && key->name.count
                               ? key->name.parts[key->name.count - 1].text
                               : NULL;
        for (size_t k = 0; k < count; k++) {
            hits += text_eq(others[k], name);
        }
    }
    return hits == count && count == keys->count;
}

/* Whether start and end of a window are keys of every group: a window aggregation. */
static bool window_grouped(struct selecting *s)
{
    struct view view = {.in = s->in, .scope = &s->scope};
    const char *others[64];
    size_t count = 0;
    unsigned seen = 0;
    for (size_t g = 0; g < s->group.count && g < 64; g++) {
        const struct rel_column *column =
            joined_column(&s->scope, scope_position(&view, s->group.exprs[g]));
        uint8_t role = column ? column->role : WINDOW_NONE;
        if (role == WINDOW_NONE || role == WINDOW_TIME) {
            bool time = role == WINDOW_TIME && !s->from.session_keys;
            others[count] = column ? column->name : "";
            count += !time && role == WINDOW_NONE;
        } else if (!s->group.optional[g]) {
            seen |= role == WINDOW_START ? 1U : 2U;
        }
    }
    return seen == 3 &&
           (!s->from.session || (s->group.simple && session_keys(s, others, count)));
}

static bool any_optional(const struct selecting *s)
{
    for (size_t g = 0; g < s->group.count; g++) {
        if (s->group.optional[g]) {
            return true;
        }
    }
    return false;
}

/* The first and the last output column that is the grouping expression. */
static bool group_outputs(struct selecting *s, const struct sql_expr *expr,
                          size_t *first, size_t *last)
{
    struct view view = {.in = s->in, .scope = &s->scope};
    *first = *last = SQL_NO_COLUMN;
    for (size_t c = 0; c < s->out->count; c++) {
        if (s->exprs[c] ? expr_same(&view, s->exprs[c], expr)
                        : scope_position(&view, expr) == s->origins[c]) {
            *first = *first == SQL_NO_COLUMN ? c : *first;
            *last = c;
        }
    }
    return *first != SQL_NO_COLUMN;
}

/* Of a group window each of its start, end and time makes a key with the others. */
static void window_keys(struct selecting *s, size_t *columns, size_t count)
{
    for (size_t c = 0; c < s->out->count; c++) {
        const struct sql_expr *expr = s->exprs[c];
        const struct sql_builtin *fn =
            expr && expr->kind == SQL_EXPR_CALL && expr->name.count == 1
                ? sql_builtin_find(expr->name.parts[0].text)
                : NULL;
        if (fn && (fn->flags & SQL_FN_WINDOW) &&
            !(str_ends(fn->name, "PROCTIME") &&
              s->group.window_type->time_attr == SQL_TIME_PROCTIME)) {
            columns[count] = c;
            rel_add_key(s->in, s->out, columns, count + 1);
        }
    }
}

static void group_key(struct selecting *s)
{
    size_t first[65] = {0};
    size_t last[65] = {0};
    size_t count = 0;
    bool sets = s->select->grouped && !s->group.simple && any_optional(s);
    if (s->group.count > 64 || sets) {
        return;
    }
    for (size_t g = 0; g < s->group.count; g++) {
        if (s->group.exprs[g] == s->group.window) {
            continue;
        }
        if (!group_outputs(s, s->group.exprs[g], &first[count], &last[count])) {
            return;
        }
        count++;
    }
    if (s->group.window) {
        window_keys(s, first, count);
        return;
    }
    if (count > 0 || has_plain_aggregate(s)) {
        rel_add_key(s->in, s->out, first, count);
        rel_add_key(s->in, s->out, last, count);
    }
}

void select_aggregate_changes(struct selecting *s)
{
    struct rel *out = s->out;
    bool append = s->from.changes == SQL_CHANGES_APPEND;
    if (!s->from.changes) {
        return;
    }
    if (s->group.window) {
        out->changes = SQL_CHANGES_APPEND;
        group_key(s);
        return;
    }
    if (append && window_grouped(s)) {
        out->changes = SQL_CHANGES_APPEND;
        return;
    }
    out->changes =
        SQL_CHANGE_INSERT | SQL_CHANGE_UPDATE_BEFORE | SQL_CHANGE_UPDATE_AFTER;
    if (!append) {
        out->changes |= SQL_CHANGE_DELETE;
    }
    group_key(s);
}

static bool over_updates(struct selecting *s, const struct sql_expr *expr)
{
    const struct sql_window *over = expr->call->over;
    struct view view = {.in = s->in, .scope = &s->scope};
    const struct sql_order_list *order = &over->order_by;
    for (size_t i = 0; over->base.text && i < s->select->window_count; i++) {
        if (text_eq(s->select->windows[i].name.text, over->base.text) &&
            order->count == 0) {
            order = &s->select->windows[i].order_by;
        }
    }
    if (order->count == 0) {
        return false;
    }
    bool quiet = s->in->quiet;
    s->in->quiet = true;
    const struct sql_type *type = infer_expr(&view, order->items[0].expr);
    s->in->quiet = quiet;
    return !type || type->time_attr == SQL_TIME_NONE;
}

static bool any_over_updates(struct selecting *s, const struct sql_expr *expr)
{
    if (expr_is_over(expr)) {
        return over_updates(s, expr);
    }
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i] && any_over_updates(s, expr->args[i])) {
            return true;
        }
    }
    return false;
}

void select_plain_changes(struct selecting *s)
{
    struct rel *out = s->out;
    bool over = false;
    bool updates = false;
    out->changes = s->from.changes;
    for (size_t i = 0; i < s->select->item_count; i++) {
        const struct sql_expr *expr = s->select->items[i].expr;
        if (expr_has_over(expr)) {
            over = true;
            if (out->changes && any_over_updates(s, expr)) {
                out->changes = SQL_CHANGES_RETRACT;
                updates = true;
            }
        }
    }
    struct view view = {.in = s->in, .scope = &s->scope};
    struct ranked ranked = {.view = &view,
                            .select = s->select,
                            .out = out,
                            .origins = s->origins,
                            .exprs = s->exprs,
                            .from = &s->from};
    if (over) {
        rank_columns(&ranked);
    }
    if (!updates && (!over || s->from.changes != SQL_CHANGES_APPEND)) {
        cast_origins(s);
        for (size_t i = 0; i < s->from.key_count; i++) {
            add_mapped_key(s, &s->from.keys[i]);
        }
    }
}

void select_distinct_changes(struct selecting *s)
{
    struct rel *out = s->out;
    size_t *all = arena_array(s->in->arena, size_t, out->count + 1);
    for (size_t i = 0; i < out->count; i++) {
        all[i] = i;
    }
    unsigned roles = 0;
    const char *others[64];
    size_t count = 0;
    for (size_t i = 0; i < out->count && count < 64; i++) {
        uint8_t role = out->columns[i].role;
        roles |= role == WINDOW_START ? 1U : role == WINDOW_END ? 2U : 0;
        others[count] = out->columns[i].name;
        count += role == WINDOW_NONE;
    }
    if (out->key_count > 0 && !out->soft_keys) {
        return;
    }
    out->soft_keys = false;
    if (roles == 3 && out->changes == SQL_CHANGES_APPEND &&
        (!s->from.session || session_keys(s, others, count))) {
        out->key_count = 0;
        return;
    }
    if (out->changes) {
        out->changes = SQL_CHANGE_INSERT | SQL_CHANGE_UPDATE_BEFORE |
                       SQL_CHANGE_UPDATE_AFTER | (out->changes & SQL_CHANGE_DELETE);
    }
    out->key_count = 0;
    rel_add_key(s->in, out, all, out->count);
}
