/* GROUPING SETS, ROLLUP and CUBE: which keys each set groups by. */
#include "config.h"

#include <string.h>

#include "sandbox/execute_impl.h"

#define MAX_SETS 256
#define MAX_CUBE 8

bool xgroup_has_sets(const struct sql_select *select)
{
    for (size_t g = 0; g < select->group_count; g++) {
        if (select->groups[g].kind != SQL_GROUP_EXPRS) {
            return true;
        }
    }
    return false;
}

struct sets {
    struct xgroup *items;
    size_t count;
};

static struct xgroup join(struct xlate *x, const struct xgroup *a,
                          const struct xgroup *b)
{
    struct xgroup both = {.count = a->count + b->count};
    both.keys = arena_array(x->arena, const struct sql_expr *, both.count + 1);
    if (a->count > 0) {
        memcpy(both.keys, a->keys, a->count * sizeof(*a->keys));
    }
    if (b->count > 0) {
        memcpy(both.keys + a->count, b->keys, b->count * sizeof(*b->keys));
    }
    return both;
}

static struct xgroup of_exprs(struct xlate *x, const struct sql_expr_list *list)
{
    struct xgroup set = {.count = list->count};
    set.keys = arena_array(x->arena, const struct sql_expr *, list->count + 1);
    for (size_t i = 0; i < list->count; i++) {
        set.keys[i] = list->items[i];
    }
    return set;
}

static int expand(struct xlate *x, const struct sql_group *group, int depth,
                  struct sets *out);

/* ROLLUP(a, b): (a, b), (a), (); CUBE: all subsets. `which` has a bit for each child.
 */
static int subset(struct xlate *x, const struct sql_group *group, unsigned which,
                  struct xgroup *out)
{
    *out = (struct xgroup){0};
    for (size_t i = 0; i < group->child_count; i++) {
        if (group->children[i].kind != SQL_GROUP_EXPRS) {
            return xlate_fail(x, "grouping sets inside of ROLLUP or CUBE");
        }
        if (which >> i & 1) {
            struct xgroup keys = of_exprs(x, &group->children[i].exprs);
            *out = join(x, out, &keys);
        }
    }
    return 0;
}

static int expand_subsets(struct xlate *x, const struct sql_group *group,
                          struct sets *out)
{
    bool cube = group->kind == SQL_GROUP_CUBE;
    size_t n = group->child_count;
    if (n > (cube ? MAX_CUBE : 31)) {
        return xlate_fail(x, "a CUBE or ROLLUP of so many keys");
    }
    unsigned all = (1U << n) - 1;
    out->items = arena_array(x->arena, struct xgroup, cube ? (size_t)all + 1 : n + 1);
    for (unsigned which = all;; which = cube ? which - 1 : which >> 1) {
        if (subset(x, group, which, &out->items[out->count++]) != 0) {
            return -1;
        }
        if (which == 0) {
            return 0;
        }
    }
}

static int expand_children(struct xlate *x, const struct sql_group *group, int depth,
                           struct sets *out)
{
    out->items = arena_array(x->arena, struct xgroup, MAX_SETS);
    for (size_t i = 0; i < group->child_count; i++) {
        struct sets inner = {0};
        if (expand(x, &group->children[i], depth + 1, &inner) != 0) {
            return -1;
        }
        for (size_t j = 0; j < inner.count; j++) {
            if (out->count == MAX_SETS) {
                return xlate_fail(x, "so many grouping sets");
            }
            out->items[out->count++] = inner.items[j];
        }
    }
    return 0;
}

static int expand(struct xlate *x, const struct sql_group *group, int depth,
                  struct sets *out)
{
    if (depth > EXECUTE_MAX_DEPTH) {
        return xlate_fail(x, "the query is nested too deeply");
    }
    switch (group->kind) {
    case SQL_GROUP_EXPRS:
        out->items = arena_new(x->arena, struct xgroup);
        out->items[0] = of_exprs(x, &group->exprs);
        out->count = 1;
        return 0;
    case SQL_GROUP_SETS:
        return expand_children(x, group, depth, out);
    default:
        return expand_subsets(x, group, out);
    }
}

int xgroup_sets(struct xlate *x, const struct sql_select *select, struct xgroup **sets,
                size_t *count)
{
    struct sets all = {.items = arena_new(x->arena, struct xgroup), .count = 1};
    for (size_t g = 0; g < select->group_count; g++) {
        struct sets own = {0};
        struct sets product = {0};
        if (expand(x, &select->groups[g], 0, &own) != 0) {
            return -1;
        }
        if (all.count * own.count > MAX_SETS) {
            return xlate_fail(x, "so many grouping sets");
        }
        product.items = arena_array(x->arena, struct xgroup, all.count * own.count + 1);
        for (size_t a = 0; a < all.count; a++) {
            for (size_t b = 0; b < own.count; b++) {
                product.items[product.count++] = join(x, &all.items[a], &own.items[b]);
            }
        }
        all = product;
    }
    *sets = all.items;
    *count = all.count;
    return 0;
}

struct xscope xscope_whole(const struct xscope *scope)
{
    struct xscope whole = scope != NULL ? *scope : (struct xscope){0};
    whole.absent_count = 0;
    return whole;
}

static bool same_name(const struct sql_name *a, const struct sql_name *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->parts[i].text, b->parts[i].text) == 0;
    }
    return same;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether two expressions mean the same; columns by what they stand for. */
static bool same_expr(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *a, const struct sql_expr *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == SQL_EXPR_COLUMN) {
        const char *left;
        const char *right;
        return same_name(&a->name, &b->name) ||
               (xlate_sub(x, scope, a, &left, NULL) == 0 &&
                xlate_sub(x, scope, b, &right, NULL) == 0 && strcmp(left, right) == 0);
    }
    bool same = a->op == b->op && a->negated == b->negated &&
                a->arg_count == b->arg_count && a->query == NULL && b->query == NULL &&
                same_text(a->text, b->text) && same_name(&a->name, &b->name);
    for (size_t i = 0; same && i < a->arg_count; i++) {
        same = same_expr(x, scope, a->args[i], b->args[i]);
    }
    return same;
}

void xgroup_absent(struct xlate *x, const struct xgroup *all, const struct xgroup *set,
                   struct xscope *scope)
{
    const struct sql_expr **absent =
        arena_array(x->arena, const struct sql_expr *, all->count + 1);
    size_t count = 0;
    scope->absent_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool present = false;
        for (size_t j = 0; !present && j < set->count; j++) {
            present = same_expr(x, scope, all->keys[i], set->keys[j]);
        }
        if (!present) {
            absent[count++] = all->keys[i];
        }
    }
    scope->absent = absent;
    scope->absent_count = count;
}

bool xgroup_is_absent(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr)
{
    if (scope == NULL || scope->absent_count == 0) {
        return false;
    }
    const struct xscope whole = xscope_whole(scope);
    for (size_t i = 0; i < scope->absent_count; i++) {
        if (same_expr(x, &whole, scope->absent[i], expr)) {
            return true;
        }
    }
    return false;
}
