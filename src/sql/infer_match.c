/* MATCH_RECOGNIZE. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

static struct rel *match_input(struct infer *in, struct scope *parent,
                               const struct sql_from *from)
{
    struct scope scope = {.parent = parent};
    struct rel joined = {0};
    if (infer_from(in, &scope, from, &joined) < 0) {
        return NULL;
    }
    if (scope.count != 1) {
        struct rel *rel = rel_new(in, 0);
        rel->unknown = true;
        return rel;
    }
    struct rel *rel = scope.spaces[0].rel;
    rel->changes = joined.changes;
    return rel;
}

static int check_defines(struct view *view, const struct sql_match *match)
{
    struct view inner = *view;
    inner.clause = "DEFINE";
    for (size_t i = 0; i < match->define_count; i++) {
        if (match->defines[i].expr &&
            infer_condition(&inner, match->defines[i].expr) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < match->order_by.count; i++) {
        if (!infer_expr(&inner, match->order_by.items[i].expr)) {
            return -1;
        }
    }
    return 0;
}

static int add_measures(struct view *view, const struct sql_match *match,
                        struct rel *rel)
{
    for (size_t i = 0; i < match->measure_count; i++) {
        const struct sql_select_item *item = &match->measures[i];
        struct sources sources = {0};
        view->sources = &sources;
        const struct sql_type *type = infer_typed(view, item->expr);
        if (!type) {
            return -1;
        }
        rel->columns[rel->count++] =
            (struct rel_column){.name = item->alias.text ? item->alias.text : "",
                                .type = type,
                                .sources = sources.items,
                                .source_count = sources.count};
    }
    view->sources = NULL;
    return 0;
}

static int add_partition(struct view *view, const struct sql_match *match,
                         struct rel *rel)
{
    for (size_t i = 0; i < match->partition_by.count; i++) {
        const struct sql_expr *expr = match->partition_by.items[i];
        struct sources sources = {0};
        view->sources = &sources;
        const struct sql_type *type = infer_expr(view, expr);
        view->sources = NULL;
        if (!type) {
            return -1;
        }
        const char *name = expr->kind == SQL_EXPR_COLUMN
                               ? expr->name.parts[expr->name.count - 1].text
                               : "";
        rel->columns[rel->count++] = (struct rel_column){.name = name,
                                                         .type = type,
                                                         .sources = sources.items,
                                                         .source_count = sources.count};
    }
    return 0;
}

struct rel *infer_match(struct infer *in, struct scope *parent,
                        const struct sql_from *from)
{
    const struct sql_match *match = from->match;
    struct rel *input = match_input(in, parent, from->left);
    if (!input) {
        return NULL;
    }
    struct match_scope inner = {match, input};
    struct scope scope = {.parent = parent, .match = &inner};
    struct view view = {.in = in, .scope = &scope, .clause = "MEASURES"};
    struct rel *rel = rel_new(in, match->partition_by.count + match->measure_count);
    rel->count = 0;
    if (check_defines(&view, match) < 0 || add_partition(&view, match, rel) < 0 ||
        add_measures(&view, match, rel) < 0) {
        return NULL;
    }
    if (match->rows == SQL_ROWS_ALL) {
        return infer_error(in, from->at, "ALL ROWS PER MATCH is not supported yet");
    }
    rel->changes = SQL_CHANGES_APPEND;
    rel->keys_known = true;
    rel->bounded = input->bounded;
    return rel;
}
