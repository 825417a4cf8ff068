/* SELECT: grouping, the select list, what it does to changes and keys. */
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

/* GROUP BY. */

static void add_group_expr(struct selecting *s, struct sql_expr *expr, bool optional)
{
    struct grouping *group = &s->group;
    if (group->count >= INFER_MAX_GROUPS) {
        infer_error(s->in, expr->at, "too many grouping expressions");
        return;
    }
    for (size_t i = 0; i < group->count; i++) {
        if (group->exprs[i] == expr) {
            return;
        }
    }
    group->exprs =
        arena_realloc(s->in->arena, group->exprs, group->count * sizeof *group->exprs,
                      (group->count + 1) * sizeof *group->exprs);
    group->optional =
        arena_realloc(s->in->arena, group->optional, group->count, group->count + 1);
    group->exprs[group->count] = expr;
    group->optional[group->count++] = optional;
}

static void add_group(struct selecting *s, const struct sql_group *item, bool optional)
{
    for (size_t i = 0; i < item->exprs.count; i++) {
        struct sql_expr *expr = item->exprs.items[i];
        if (expr->kind == SQL_EXPR_ROW && !expr->explicit) {
            for (size_t k = 0; k < expr->arg_count; k++) {
                add_group_expr(s, expr->args[k], optional);
            }
        } else {
            add_group_expr(s, expr, optional);
        }
    }
    if (item->kind == SQL_GROUP_EXPRS) {
        return;
    }
    s->group.simple = false;
    bool sets = item->kind == SQL_GROUP_SETS && item->child_count < 2;
    for (size_t i = 0; i < item->child_count; i++) {
        add_group(s, &item->children[i], optional || !sets);
    }
}

/* In GROUPING SETS an expression is optional only when a set lacks it. */
static bool in_every_set(struct view *view, const struct sql_select *select,
                         const struct sql_expr *expr)
{
    for (size_t g = 0; g < select->group_count; g++) {
        const struct sql_group *item = &select->groups[g];
        size_t hits = 0;
        if (item->kind != SQL_GROUP_SETS) {
            continue;
        }
        for (size_t c = 0; c < item->child_count; c++) {
            const struct sql_group *set = &item->children[c];
            for (size_t i = 0; i < set->exprs.count; i++) {
                if (expr_same(view, set->exprs.items[i], expr)) {
                    hits++;
                    break;
                }
            }
        }
        if (item->child_count > 0 && hits == item->child_count) {
            return true;
        }
    }
    return false;
}

static bool is_group_window(const struct sql_expr *expr)
{
    static const char *const names[] = {"TUMBLE", "HOP", "SESSION"};
    if (expr->kind != SQL_EXPR_CALL || expr->name.count != 1 || expr->arg_count < 2) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (str_ieq(expr->name.parts[0].text, names[i])) {
            return true;
        }
    }
    return false;
}

static int type_group_window(struct view *view, struct grouping *group,
                             struct sql_expr *expr)
{
    const struct sql_type *type = infer_typed(view, expr->args[0]);
    if (!type) {
        return -1;
    }
    if (type->root != SQL_TYPE_UNKNOWN && !sql_type_is_timestamp(type)) {
        infer_error(view->in, expr->at, "cannot apply '%s' to arguments of this type",
                    expr->name.parts[0].text);
        return -1;
    }
    group->window = expr;
    group->window_type = sql_type_nullable(view->in->arena, type, false);
    return 0;
}

static int type_groups(struct selecting *s)
{
    struct view view = {.in = s->in, .scope = &s->scope, .clause = "GROUP BY"};
    s->group.simple = true;
    s->group.written = true;
    for (size_t i = 0; i < s->select->group_count; i++) {
        add_group(s, &s->select->groups[i], false);
    }
    for (size_t i = 0; i < s->group.count; i++) {
        struct sql_expr *expr = s->group.exprs[i];
        if (is_group_window(expr)) {
            if (type_group_window(&view, &s->group, expr) < 0) {
                return -1;
            }
        } else if (!infer_expr(&view, expr)) {
            return -1;
        }
        if (s->group.optional[i] && in_every_set(&view, s->select, expr)) {
            s->group.optional[i] = false;
        }
    }
    s->group.keyed = s->group.count > 0;
    s->group.hashes = arena_array(s->in->arena, uint32_t, s->group.count + 1);
    s->group.positions = arena_array(s->in->arena, size_t, s->group.count + 1);
    for (size_t i = 0; i < s->group.count; i++) {
        s->group.hashes[i] = expr_hash(s->group.exprs[i]);
        s->group.positions[i] = scope_position(&view, s->group.exprs[i]);
    }
    return s->in->err->code == ERR_NONE ? 0 : -1;
}

static bool has_aggregates(const struct sql_select *select)
{
    if (select->grouped || (select->having && expr_has_aggregate(select->having))) {
        return true;
    }
    for (size_t i = 0; i < select->item_count; i++) {
        if (expr_has_aggregate(select->items[i].expr)) {
            return true;
        }
    }
    return select->having != NULL;
}

/* The select list. */

static struct rel_column *add_output(struct selecting *s, size_t origin,
                                     const struct sql_expr *expr)
{
    if (s->out->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        struct arena *arena = s->in->arena;
        s->out->columns =
            arena_realloc(arena, s->out->columns, s->cap * sizeof *s->out->columns,
                          cap * sizeof *s->out->columns);
        s->origins = arena_realloc(arena, s->origins, s->cap * sizeof *s->origins,
                                   cap * sizeof *s->origins);
        s->exprs = arena_realloc(arena, s->exprs, s->cap * sizeof *s->exprs,
                                 cap * sizeof *s->exprs);
        s->cap = cap;
    }
    s->origins[s->out->count] = origin;
    s->exprs[s->out->count] = expr;
    struct rel_column *column = &s->out->columns[s->out->count++];
    memset(column, 0, sizeof *column);
    return column;
}

static bool is_merged_away(const struct scope *scope, size_t at)
{
    for (size_t m = 0; m < scope->merged_count; m++) {
        if (scope->merged[m].left == at || scope->merged[m].right == at) {
            return true;
        }
    }
    return false;
}

static int expand_space(struct selecting *s, const struct space *space, bool all,
                        struct sql_span at)
{
    const struct rel *rel = space->rel;
    s->out->unknown = s->out->unknown || rel->unknown;
    for (size_t i = 0; i < rel->count; i++) {
        size_t position = space->offset + i;
        if (rel->columns[i].hidden || (all && is_merged_away(&s->scope, position))) {
            continue;
        }
        if (s->out->count >= INFER_MAX_COLUMNS) {
            infer_error(s->in, at, "too many columns");
            return -1;
        }
        if (rel->columns[i].doubled) {
            infer_error(s->in, at, "column '%s' is ambiguous", rel->columns[i].name);
            return -1;
        }
        const char *name = unique_name(s->in, &s->names, rel->columns[i].name);
        struct rel_column *column = add_output(s, position, NULL);
        *column = rel->columns[i];
        column->name = name;
        column->type = scope_type(s->in, space, i);
    }
    return 0;
}

static void expand_merged(struct selecting *s)
{
    for (size_t m = 0; m < s->scope.merged_count; m++) {
        const struct merged *merged = &s->scope.merged[m];
        if (!merged->name) {
            continue;
        }
        struct rel_column *column = add_output(s, merged->left, NULL);
        column->name = merged->name;
        column->type = merged->type;
        for (size_t k = 0; k < s->scope.count; k++) {
            const struct space *space = &s->scope.spaces[k];
            if (merged->left >= space->offset &&
                merged->left - space->offset < space->rel->count) {
                const struct rel_column *from =
                    &space->rel->columns[merged->left - space->offset];
                column->sources = from->sources;
                column->source_count = from->source_count;
            }
        }
    }
}

/* The columns of a star come one by one; of a grouped select each must be a key. */
static int check_star_grouped(struct selecting *s, size_t from, struct sql_span at)
{
    for (size_t i = from; s->aggregated && i < s->out->count; i++) {
        bool found = false;
        for (size_t g = 0; g < s->group.count && !found; g++) {
            found = s->group.positions[g] == s->origins[i];
        }
        if (!found) {
            infer_error(s->in, at, "expression '%s' is not being grouped",
                        s->out->columns[i].name);
            return -1;
        }
    }
    return 0;
}

static int expand_row(struct selecting *s, struct view *view,
                      const struct sql_expr *expr)
{
    struct sql_expr column = {.kind = SQL_EXPR_COLUMN, .name = expr->name};
    column.at = expr->at;
    struct sources sources = {0};
    view->sources = &sources;
    const struct sql_type *type = infer_expr(view, &column);
    view->sources = NULL;
    if (!type) {
        return -1;
    }
    if (type->root != SQL_TYPE_ROW) {
        s->out->unknown = true;
        return 0;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        struct rel_column *out = add_output(s, SQL_NO_COLUMN, expr);
        const struct sql_type *field = type->fields[i].type;
        out->name = type->fields[i].name;
        out->type =
            type->nullable ? sql_type_nullable(s->in->arena, field, true) : field;
        out->sources = sources.items;
        out->source_count = sources.count;
    }
    return 0;
}

static int add_star(struct selecting *s, struct view *view, const struct sql_expr *expr)
{
    size_t from = s->out->count;
    if (expr->name.count == 0) {
        if (s->scope.count == 0) {
            infer_error(s->in, expr->at, "SELECT * requires a FROM clause");
            return -1;
        }
        expand_merged(s);
        for (size_t i = 0; i < s->scope.count; i++) {
            if (expand_space(s, &s->scope.spaces[i], true, expr->at) < 0) {
                return -1;
            }
        }
    } else {
        struct space *space = scope_space(&s->scope, &expr->name);
        if (!space) {
            return expand_row(s, view, expr);
        }
        if (expand_space(s, space, false, expr->at) < 0) {
            return -1;
        }
    }
    return check_star_grouped(s, from, expr->at);
}

static const char *item_name(struct selecting *s, const struct sql_select_item *item)
{
    const struct sql_expr *expr = item->expr;
    if (item->alias.text) {
        return item->alias.text;
    }
    if (expr->kind == SQL_EXPR_COLUMN) {
        return expr->name.parts[expr->name.count - 1].text;
    }
    if (expr->kind == SQL_EXPR_CALL && expr->call->no_parentheses) {
        return expr->name.parts[0].text;
    }
    return arena_printf(s->in->arena, "EXPR$%zu", s->out->count);
}

static int add_item(struct selecting *s, struct view *view,
                    const struct sql_select_item *item)
{
    struct sources sources = {0};
    if (item->expr->kind == SQL_EXPR_STAR && item->alias.text) {
        infer_error(s->in, item->expr->at, "'*' can't have an alias");
        return -1;
    }
    if (item->expr->kind == SQL_EXPR_STAR) {
        return add_star(s, view, item->expr);
    }
    view->sources = &sources;
    const struct sql_type *type = infer_typed(view, item->expr);
    view->sources = NULL;
    if (!type) {
        return -1;
    }
    struct view plain = {.in = s->in, .scope = &s->scope};
    size_t origin = scope_position(&plain, item->expr);
    const char *name = item_name(s, item);
    if (!map_get(&s->names, name)) {
        map_put(&s->names, name, arena_new(s->in->arena, size_t));
    }
    struct rel_column *column = add_output(s, origin, item->expr);
    column->name = name;
    column->type = type;
    column->sources = sources.items;
    column->source_count = sources.count;
    for (size_t i = 0; origin != SQL_NO_COLUMN && i < s->scope.count; i++) {
        const struct space *space = &s->scope.spaces[i];
        if (origin >= space->offset && origin - space->offset < space->rel->count) {
            column->role = space->rel->columns[origin - space->offset].role;
        }
    }
    return 0;
}

static int add_items(struct selecting *s)
{
    struct view view = {.in = s->in,
                        .scope = &s->scope,
                        .group = s->aggregated ? &s->group : NULL,
                        .aggregates = true};
    s->out = rel_new(s->in, 16);
    s->out->count = 0;
    s->cap = 16;
    s->origins = arena_array(s->in->arena, size_t, s->cap);
    s->exprs = arena_array(s->in->arena, const struct sql_expr *, s->cap);
    for (size_t i = 0; i < s->select->item_count; i++) {
        if (add_item(s, &view, &s->select->items[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_selected(struct selecting *s, const struct sql_expr *expr)
{
    struct view view = {.in = s->in, .scope = &s->scope};
    size_t at = scope_position(&view, expr);
    for (size_t i = 0; i < s->out->count; i++) {
        if ((at != SQL_NO_COLUMN && s->origins[i] == at) ||
            (s->exprs[i] && expr_same(&view, s->exprs[i], expr))) {
            return true;
        }
    }
    return s->out->unknown;
}

/* ORDER BY sees the output's names, ordinals, and the input. */
static int check_order(struct selecting *s)
{
    struct view view = {.in = s->in,
                        .scope = &s->scope,
                        .group = s->aggregated ? &s->group : NULL,
                        .aggregates = true,
                        .clause = "ORDER BY"};
    for (size_t i = 0; i < s->query->order_by.count; i++) {
        const struct sql_expr *expr = s->query->order_by.items[i].expr;
        bool named = false;
        for (size_t c = 0; expr->kind == SQL_EXPR_COLUMN && expr->name.count == 1 &&
                           c < s->out->count && !named;
             c++) {
            named = text_eq(s->out->columns[c].name, expr->name.parts[0].text);
        }
        if (named) {
            continue;
        }
        if (expr->kind == SQL_EXPR_NUMBER && !s->out->unknown) {
            long at = atol(expr->text);
            if (at < 1 || (size_t)at > s->out->count) {
                infer_error(s->in, expr->at, "ordinal out of range");
                return -1;
            }
            continue;
        }
        if (!s->aggregated && expr_has_aggregate(expr)) {
            infer_error(s->in, expr->at,
                        "aggregate expression is illegal in ORDER BY clause of "
                        "non-aggregating SELECT");
            return -1;
        }
        if (!infer_expr(&view, expr)) {
            return -1;
        }
        if (s->select->distinct && !is_selected(s, expr)) {
            infer_error(s->in, expr->at,
                        "an expression of ORDER BY is not in the select clause");
            return -1;
        }
    }
    return 0;
}

/* Each part of an AND by itself: IN and EXISTS there keep rows as they are. */
static int check_where(struct view *view, const struct sql_expr *where)
{
    if (where->kind == SQL_EXPR_LOGIC && where->op == SQL_OP_AND) {
        for (size_t i = 0; i < where->arg_count; i++) {
            if (check_where(view, where->args[i]) < 0) {
                return -1;
            }
        }
        return 0;
    }
    bool any = where->kind == SQL_EXPR_QUANTIFIED && where->op == SQL_OP_EQ &&
               !text_eq(where->text, "ALL");
    bool in = where->kind == SQL_EXPR_IN && !where->negated;
    bool exists = where->kind == SQL_EXPR_EXISTS;
    view->in->semi = where->query && (any || in || exists);
    int result = infer_condition(view, where);
    view->in->semi = false;
    return result;
}

static int check_filters(struct selecting *s)
{
    struct view where = {.in = s->in, .scope = &s->scope, .clause = "WHERE"};
    if (s->select->where) {
        if (check_where(&where, s->select->where) < 0) {
            return -1;
        }
        rank_filter(&where, s->select->where, &s->from);
    }
    if (s->select->grouped && type_groups(s) < 0) {
        return -1;
    }
    struct view having = {.in = s->in,
                          .scope = &s->scope,
                          .group = &s->group,
                          .aggregates = true,
                          .clause = "HAVING"};
    return s->select->having ? infer_condition(&having, s->select->having) : 0;
}

struct rel *infer_select(struct infer *in, const struct sql_query *query,
                         struct scope *parent)
{
    const struct sql_select *select = query->select;
    struct selecting s = {.in = in, .query = query, .select = select};
    s.scope.parent = parent;
    s.scope.windows = select->windows;
    s.scope.window_count = select->window_count;
    if (select->from) {
        if (infer_from(in, &s.scope, select->from, &s.from) < 0) {
            return NULL;
        }
    } else {
        s.from.changes = SQL_CHANGES_APPEND;
        s.from.bounded = true;
        s.from.keys_known = true;
    }
    s.aggregated = has_aggregates(select);
    bool outer = in->sub_updates;
    in->sub_updates = false;
    bool failed = check_filters(&s) < 0 || add_items(&s) < 0 || check_order(&s) < 0;
    map_fini(&s.names);
    if (in->sub_updates && s.from.changes) {
        s.from.changes = SQL_CHANGES_RETRACT;
    }
    in->sub_updates = outer;
    if (failed) {
        return NULL;
    }
    s.out->bounded = s.from.bounded;
    s.out->keys_known = s.from.keys_known || s.aggregated;
    s.out->soft_keys = s.from.soft_keys && !s.aggregated;
    if (s.aggregated) {
        select_aggregate_changes(&s);
    } else {
        select_plain_changes(&s);
    }
    if (select->distinct) {
        select_distinct_changes(&s);
    }
    return s.out;
}
