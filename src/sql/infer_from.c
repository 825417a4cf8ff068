/* FROM: tables, subqueries, joins, UNNEST, table functions. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* What is gathered while FROM is walked. */
struct joined {
    unsigned changes;
    bool known; /* changes are known */
    bool bounded;
    bool soft_keys;
    bool session;
    const struct sql_expr_list *session_keys;
    struct sql_key keys[INFER_MAX_KEYS]; /* positions in the joined row */
    size_t key_count;
    bool keys_known;
    size_t first; /* of this part: spaces … */
    size_t start; /* … and columns */
};

static struct cte *find_cte(struct infer *in, const struct sql_name *name)
{
    for (struct cte *cte = in->ctes; name->count == 1 && cte; cte = cte->next) {
        if (text_eq(cte->name, name->parts[0].text)) {
            return cte;
        }
    }
    return NULL;
}

/* AS t (a, b): new names. */
static struct rel *alias_columns(struct infer *in, struct rel *rel,
                                 const struct sql_from *from)
{
    if (from->columns.count == 0) {
        return rel;
    }
    if (!rel->unknown && rel->count != from->columns.count) {
        return infer_error(in, from->columns.items[0].at,
                           "list of column aliases must have same degree as table; "
                           "table has %zu columns, whereas alias list has %zu columns",
                           rel->count, from->columns.count);
    }
    size_t count = from->columns.count;
    struct rel *copy = rel_new(in, count);
    rel_copy_changes(copy, rel);
    for (size_t i = 0; i < count; i++) {
        if (i < rel->count) {
            copy->columns[i] = rel->columns[i];
        } else {
            copy->columns[i].type = sql_type_unknown();
        }
        copy->columns[i].name = from->columns.items[i].text;
    }
    return copy;
}

static void part_of(struct joined *out, const struct rel *rel,
                    const struct scope *scope, size_t offset)
{
    *out = (struct joined){.changes = rel->changes,
                           .known = rel->changes != 0,
                           .bounded = rel->bounded,
                           .soft_keys = rel->soft_keys,
                           .session = rel->session,
                           .session_keys = rel->session_keys,
                           .keys_known = rel->keys_known,
                           .first = scope->count - 1,
                           .start = offset};
    out->key_count = rel->key_count;
    memcpy(out->keys, rel->keys, sizeof out->keys);
}

/* Shifts keys of a relation to its place in the joined row. */
static void shift_keys(struct infer *in, struct joined *part, size_t offset)
{
    for (size_t i = 0; i < part->key_count && offset > 0; i++) {
        const struct sql_key *key = &part->keys[i];
        size_t *columns = arena_array(in->arena, size_t, key->count + 1);
        for (size_t k = 0; k < key->count; k++) {
            columns[k] = key->columns[k] + offset;
        }
        part->keys[i].columns = columns;
    }
}

static int add_space(struct infer *in, struct scope *scope, const struct sql_from *from,
                     const struct sql_table *table, struct rel *rel, struct joined *out)
{
    const char *alias = from->alias.text ? from->alias.text
                        : table          ? table->name
                                         : NULL;
    size_t offset = scope->width;
    rel = rel ? alias_columns(in, rel, from) : NULL;
    if (!rel) {
        return -1;
    }
    if (offset + rel->count > INFER_MAX_COLUMNS) {
        infer_error(in, from->at, "too many columns");
        return -1;
    }
    for (size_t i = 0; alias && i < scope->count; i++) {
        if (text_eq(scope->spaces[i].alias, alias)) {
            infer_error(in, from->at, "duplicate relation name '%s' in FROM clause",
                        alias);
            return -1;
        }
    }
    scope_add(in, scope, alias, from->alias.text ? NULL : table, rel);
    part_of(out, rel, scope, offset);
    shift_keys(in, out, offset);
    return 0;
}

static int from_table(struct infer *in, struct scope *scope,
                      const struct sql_from *from, struct joined *out)
{
    struct cte *cte = find_cte(in, &from->table);
    struct view view = {.in = in, .scope = scope, .clause = "FOR SYSTEM_TIME"};
    if (from->system_time && !infer_expr(&view, from->system_time)) {
        return -1;
    }
    if (cte) {
        struct sql_from named = *from;
        if (!named.alias.text) {
            named.alias.text = cte->name;
        }
        return add_space(in, scope, &named, NULL, cte->rel, out);
    }
    const struct sql_table *table = infer_lookup(in, &from->table);
    if (!table) {
        return -1;
    }
    return add_space(in, scope, from, table, infer_table_rel(in, table), out);
}

static struct rel *unnest_one(struct infer *in, const struct sql_type *type,
                              const struct sql_expr *expr, bool ordinality)
{
    const struct sql_type *element = type->element;
    size_t extra = ordinality ? 1 : 0;
    struct rel *rel;
    if (type->root == SQL_TYPE_UNKNOWN) {
        rel = rel_new(in, 0);
        rel->unknown = true;
        return rel;
    }
    if (!element || (type->root != SQL_TYPE_ARRAY && type->root != SQL_TYPE_MAP &&
                     type->root != SQL_TYPE_MULTISET)) {
        return infer_error(in, expr->at,
                           "cannot apply 'UNNEST' to arguments of type 'UNNEST(<%s>)'",
                           sql_type_text(in->arena, type, SQL_TYPE_FORM_SERIAL, false));
    }
    size_t count = 1;
    if (type->key) {
        rel = rel_new(in, 2 + extra);
        rel->columns[0] = (struct rel_column){.name = "KEY", .type = type->key};
        rel->columns[1] = (struct rel_column){.name = "VALUE", .type = element};
        count = 2;
    } else if (element->root == SQL_TYPE_ROW) {
        count = element->field_count;
        rel = rel_new(in, count + extra);
        for (size_t i = 0; i < count; i++) {
            const struct sql_type *field = element->fields[i].type;
            rel->columns[i].name = element->fields[i].name;
            rel->columns[i].type = field;
        }
    } else {
        rel = rel_new(in, 1 + extra);
        rel->columns[0] = (struct rel_column){.name = "EXPR$0", .type = element};
    }
    if (ordinality) {
        rel->columns[count] = (struct rel_column){
            .name = "ORDINALITY",
            .type = sql_type_new(in->arena, SQL_TYPE_INT, 0, 0, false)};
    }
    return rel;
}

static int from_unnest(struct infer *in, struct scope *scope,
                       const struct sql_from *from, struct joined *out)
{
    struct sources sources = {0};
    struct view view = {
        .in = in, .scope = scope, .clause = "UNNEST", .sources = &sources};
    if (from->exprs.count != 1) {
        struct rel *rel = rel_new(in, 0);
        rel->unknown = true;
        return add_space(in, scope, from, NULL, rel, out);
    }
    const struct sql_type *type = infer_typed(&view, from->exprs.items[0]);
    if (!type) {
        return -1;
    }
    struct rel *rel = unnest_one(in, type, from->exprs.items[0], from->with_ordinality);
    if (!rel) {
        return -1;
    }
    for (size_t i = 0; i < rel->count; i++) {
        rel->columns[i].sources = sources.items;
        rel->columns[i].source_count = sources.count;
    }
    rel->changes = SQL_CHANGES_APPEND;
    rel->keys_known = true;
    rel->bounded = true;
    if (add_space(in, scope, from, NULL, rel, out) < 0) {
        return -1;
    }
    bool row = type->element && type->element->root == SQL_TYPE_ROW;
    if (rel->count > 0 && !row && from->alias.text && from->columns.count == 0 &&
        text_eq(rel->columns[0].name, "EXPR$0")) {
        rel->columns[0].name = from->alias.text;
    }
    return 0;
}

static int from_function(struct infer *in, struct scope *scope,
                         const struct sql_from *from, struct joined *out)
{
    struct rel *rel = infer_window_function(in, from->call);
    if (!rel && in->err->code != ERR_NONE) {
        return -1;
    }
    if (!rel) {
        struct view view = {.in = in, .scope = scope, .clause = "FROM"};
        for (size_t i = 0; i < from->call->arg_count; i++) {
            const struct sql_expr *arg = from->call->args[i];
            if (arg->kind != SQL_EXPR_TABLE_ARG && arg->kind != SQL_EXPR_DESCRIPTOR &&
                arg->kind != SQL_EXPR_NAMED_ARG && !infer_expr(&view, arg)) {
                return -1;
            }
        }
        rel = rel_new(in, 0);
        rel->unknown = true;
    }
    return add_space(in, scope, from, NULL, rel, out);
}

static int walk(struct infer *in, struct scope *scope, const struct sql_from *from,
                struct joined *out);

/* The equality conditions of a join as pairs of positions. */
struct pairs {
    size_t left[64];
    size_t right[64];
    size_t count;
};

static void gather_pairs(struct view *view, const struct sql_expr *on, size_t split,
                         struct pairs *pairs)
{
    if (!on) {
        return;
    }
    if (on->kind == SQL_EXPR_LOGIC && on->op == SQL_OP_AND) {
        for (size_t i = 0; i < on->arg_count; i++) {
            gather_pairs(view, on->args[i], split, pairs);
        }
        return;
    }
    if (on->kind != SQL_EXPR_OPERATOR || on->op != SQL_OP_EQ || pairs->count >= 64) {
        return;
    }
    size_t a = scope_position(view, on->args[0]);
    size_t b = scope_position(view, on->args[1]);
    if (a == SQL_NO_COLUMN || b == SQL_NO_COLUMN || (a < split) == (b < split)) {
        return;
    }
    pairs->left[pairs->count] = a < split ? a : b;
    pairs->right[pairs->count] = a < split ? b : a;
    pairs->count++;
}

static bool covers(const size_t *columns, size_t count, const struct joined *part)
{
    for (size_t k = 0; k < part->key_count; k++) {
        size_t hit = 0;
        for (size_t i = 0; i < part->keys[k].count; i++) {
            for (size_t c = 0; c < count; c++) {
                if (columns[c] == part->keys[k].columns[i]) {
                    hit++;
                    break;
                }
            }
        }
        if (hit == part->keys[k].count) {
            return true;
        }
    }
    return false;
}

static void add_key(struct joined *out, const struct sql_key *key)
{
    if (out->key_count < INFER_MAX_KEYS) {
        out->keys[out->key_count++] = *key;
    }
}

/* Upsert keys of a join: a side's keys stay when it meets at most one row. */
static void join_keys(struct infer *in, struct joined *out, const struct joined *left,
                      const struct joined *right, const struct pairs *pairs,
                      enum sql_join_kind kind)
{
    bool left_unique = covers(pairs->left, pairs->count, left);
    bool right_unique = covers(pairs->right, pairs->count, right);
    bool outer_left = kind == SQL_JOIN_LEFT || kind == SQL_JOIN_FULL;
    bool outer_right = kind == SQL_JOIN_RIGHT || kind == SQL_JOIN_FULL;
    out->key_count = 0;
    out->keys_known = left->keys_known && right->keys_known;
    out->soft_keys = left->soft_keys || right->soft_keys;
    if (right_unique && !outer_right) {
        for (size_t i = 0; i < left->key_count; i++) {
            add_key(out, &left->keys[i]);
        }
    }
    if (left_unique && !outer_left) {
        for (size_t i = 0; i < right->key_count; i++) {
            add_key(out, &right->keys[i]);
        }
    }
    for (size_t i = 0; i < left->key_count; i++) {
        for (size_t k = 0; k < right->key_count; k++) {
            const struct sql_key *a = &left->keys[i];
            const struct sql_key *b = &right->keys[k];
            size_t *both = arena_array(in->arena, size_t, a->count + b->count + 1);
            memcpy(both, a->columns, a->count * sizeof *both);
            memcpy(both + a->count, b->columns, b->count * sizeof *both);
            add_key(out, &(struct sql_key){both, a->count + b->count});
        }
    }
}

/* The time attribute that an expression is built on: et, or et - INTERVAL '1' HOUR. */
static size_t time_column(struct view *view, const struct sql_expr *expr)
{
    size_t at = scope_position(view, expr);
    if (at != SQL_NO_COLUMN) {
        for (size_t s = 0; s < view->scope->count; s++) {
            const struct space *space = &view->scope->spaces[s];
            if (at >= space->offset && at - space->offset < space->rel->count &&
                space->rel->columns[at - space->offset].type->time_attr) {
                return at;
            }
        }
        return SQL_NO_COLUMN;
    }
    if (expr->kind == SQL_EXPR_OPERATOR &&
        (expr->op == SQL_OP_PLUS || expr->op == SQL_OP_MINUS)) {
        at = time_column(view, expr->args[0]);
        return at != SQL_NO_COLUMN ? at : time_column(view, expr->args[1]);
    }
    return SQL_NO_COLUMN;
}

static bool crosses(size_t a, size_t b, size_t split)
{
    return a != SQL_NO_COLUMN && b != SQL_NO_COLUMN && (a < split) != (b < split);
}

/*
 * Whether a condition bounds the time attributes of both sides against each other: an
 * interval join. Bits: 1 lower bound, 2 upper bound.
 */
static unsigned interval_bounds(struct view *view, const struct sql_expr *on,
                                size_t split)
{
    unsigned bounds = 0;
    if (!on) {
        return 0;
    }
    if (on->kind == SQL_EXPR_LOGIC && on->op == SQL_OP_AND) {
        for (size_t i = 0; i < on->arg_count; i++) {
            bounds |= interval_bounds(view, on->args[i], split);
        }
        return bounds;
    }
    if (on->kind == SQL_EXPR_BETWEEN && !on->negated) {
        size_t x = time_column(view, on->args[0]);
        bounds |= crosses(x, time_column(view, on->args[1]), split) ? 1 : 0;
        bounds |= crosses(x, time_column(view, on->args[2]), split) ? 2 : 0;
        return bounds;
    }
    if (on->kind != SQL_EXPR_OPERATOR || on->op < SQL_OP_EQ || on->op > SQL_OP_GE) {
        return 0;
    }
    size_t a = time_column(view, on->args[0]);
    size_t b = time_column(view, on->args[1]);
    if (!crosses(a, b, split)) {
        return 0;
    }
    if (on->op == SQL_OP_EQ) {
        return 3;
    }
    bool less = on->op == SQL_OP_LT || on->op == SQL_OP_LE;
    return less == (a < split) ? 1 : 2;
}

/* Window join: window_start and window_end of both sides are compared. */
static bool window_join(const struct scope *scope, const struct pairs *pairs)
{
    unsigned seen = 0;
    for (size_t p = 0; p < pairs->count; p++) {
        uint8_t roles[2] = {WINDOW_NONE, WINDOW_NONE};
        for (size_t s = 0; s < scope->count; s++) {
            const struct space *space = &scope->spaces[s];
            size_t at[2] = {pairs->left[p], pairs->right[p]};
            for (size_t k = 0; k < 2; k++) {
                if (at[k] >= space->offset &&
                    at[k] - space->offset < space->rel->count) {
                    roles[k] = space->rel->columns[at[k] - space->offset].role;
                }
            }
        }
        if (roles[0] == roles[1]) {
            seen |= roles[0] == WINDOW_START ? 1U : roles[0] == WINDOW_END ? 2U : 0;
        }
    }
    return seen == 3;
}

static bool is_temporal(const struct sql_from *from)
{
    return from->kind == SQL_FROM_TABLE && from->system_time;
}

static void join_changes(struct view *view, const struct sql_from *from,
                         struct joined *out, const struct joined *left,
                         const struct joined *right, const struct pairs *pairs)
{
    size_t split = right->start;
    out->known = left->known && right->known;
    out->bounded = left->bounded && right->bounded;
    bool append =
        left->changes == SQL_CHANGES_APPEND && right->changes == SQL_CHANGES_APPEND;
    bool outer = from->join == SQL_JOIN_LEFT || from->join == SQL_JOIN_RIGHT ||
                 from->join == SQL_JOIN_FULL;
    if (is_temporal(from->right)) {
        out->known = left->known;
        out->changes = left->changes;
        out->keys_known = left->keys_known;
        return;
    }
    if (from->right->kind == SQL_FROM_UNNEST ||
        from->right->kind == SQL_FROM_FUNCTION) {
        out->changes = left->changes;
        out->known = left->known;
        out->bounded = left->bounded;
        return;
    }
    bool interval = append && interval_bounds(view, from->on, split) == 3;
    bool window = append && window_join(view->scope, pairs);
    if (interval || window) {
        out->changes = SQL_CHANGES_APPEND;
    } else if (append && !outer) {
        out->changes = SQL_CHANGES_APPEND;
    } else {
        out->changes = SQL_CHANGES_RETRACT;
    }
}

static void make_nullable(struct scope *scope, size_t from, size_t to)
{
    for (size_t s = from; s < to; s++) {
        scope->spaces[s].nullable = true;
    }
}

/* The position of a column in one part of the joined row; by name, once. */
static size_t using_column(struct infer *in, struct scope *scope, size_t from,
                           size_t to, const struct sql_ident *name,
                           const struct sql_type **type)
{
    for (size_t m = 0; m < scope->merged_count; m++) {
        size_t at = scope->merged[m].left;
        if (text_eq(scope->merged[m].name, name->text) && from < to &&
            at >= scope->spaces[from].offset && scope->spaces[from].offset == 0) {
            *type = scope->merged[m].type;
            return at;
        }
    }
    for (size_t s = from; s < to; s++) {
        const struct rel *rel = scope->spaces[s].rel;
        for (size_t i = 0; i < rel->count; i++) {
            if (text_eq(rel->columns[i].name, name->text)) {
                *type = scope_type(in, &scope->spaces[s], i);
                return scope->spaces[s].offset + i;
            }
        }
    }
    return SQL_NO_COLUMN;
}

static int merge_column(struct infer *in, struct scope *scope,
                        const struct sql_from *from, const struct joined *left,
                        const struct joined *right, const struct sql_ident *name,
                        struct pairs *pairs)
{
    const struct sql_type *a = NULL;
    const struct sql_type *b = NULL;
    size_t x = using_column(in, scope, left->first, right->first, name, &a);
    size_t y = using_column(in, scope, right->first, scope->count, name, &b);
    if (x == SQL_NO_COLUMN || y == SQL_NO_COLUMN) {
        infer_error(in, name->at, "column '%s' not found in any table", name->text);
        return -1;
    }
    if (pairs->count < 64) {
        pairs->left[pairs->count] = x;
        pairs->right[pairs->count++] = y;
    }
    const struct sql_type *type = from->natural ? sql_type_common(in->arena, a, b) : a;
    bool nullable = from->join == SQL_JOIN_RIGHT  ? b->nullable
                    : from->join == SQL_JOIN_FULL ? true
                                                  : a->nullable;
    if (!type) {
        type = sql_type_unknown();
    }
    type = sql_type_nullable(in->arena, type, nullable);
    for (size_t m = 0; m < scope->merged_count; m++) {
        if (name && text_eq(scope->merged[m].name, name->text) &&
            scope->merged[m].left == x) {
            scope->merged[m].type = type;
            name = NULL;
        }
    }
    scope->merged = arena_realloc(in->arena, scope->merged,
                                  scope->merged_count * sizeof *scope->merged,
                                  (scope->merged_count + 1) * sizeof *scope->merged);
    scope->merged[scope->merged_count++] =
        (struct merged){name ? name->text : NULL, type, x, y};
    return 0;
}

static int merge_natural(struct infer *in, struct scope *scope,
                         const struct sql_from *from, const struct joined *left,
                         const struct joined *right, struct pairs *pairs)
{
    for (size_t s = left->first; s < right->first; s++) {
        const struct rel *rel = scope->spaces[s].rel;
        for (size_t i = 0; i < rel->count; i++) {
            struct sql_ident name = {.text = rel->columns[i].name, .at = from->at};
            const struct sql_type *type = NULL;
            if (using_column(in, scope, right->first, scope->count, &name, &type) !=
                    SQL_NO_COLUMN &&
                merge_column(in, scope, from, left, right, &name, pairs) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int join_condition(struct infer *in, struct scope *scope,
                          const struct sql_from *from, const struct joined *left,
                          const struct joined *right, struct pairs *pairs)
{
    struct view view = {.in = in, .scope = scope, .clause = "ON"};
    for (size_t i = 0; i < from->using_columns.count; i++) {
        if (merge_column(in, scope, from, left, right, &from->using_columns.items[i],
                         pairs) < 0) {
            return -1;
        }
    }
    if (from->natural && merge_natural(in, scope, from, left, right, pairs) < 0) {
        return -1;
    }
    if (!from->on) {
        return 0;
    }
    struct scope narrow = *scope;
    narrow.spaces = scope->spaces + left->first;
    narrow.count = scope->count - left->first;
    view.scope = &narrow;
    if (infer_condition(&view, from->on) < 0) {
        return -1;
    }
    gather_pairs(&view, from->on, right->start, pairs);
    return 0;
}

static int check_join(struct infer *in, const struct sql_from *from)
{
    bool needs = from->join == SQL_JOIN_INNER || from->join == SQL_JOIN_LEFT ||
                 from->join == SQL_JOIN_RIGHT || from->join == SQL_JOIN_FULL;
    bool has = from->on || from->has_using || from->natural;
    if (needs && !has) {
        infer_error(in, from->right->at,
                    "INNER, LEFT, RIGHT or FULL join requires a condition (NATURAL "
                    "keyword or ON or USING clause)");
        return -1;
    }
    if (from->join == SQL_JOIN_CROSS && has) {
        infer_error(in, from->right->at,
                    "cannot specify a condition following CROSS "
                    "JOIN");
        return -1;
    }
    if ((from->join == SQL_JOIN_RIGHT || from->join == SQL_JOIN_FULL) &&
        from->right->kind == SQL_FROM_UNNEST) {
        infer_error(in, from->right->at,
                    "RIGHT and FULL JOIN of UNNEST is not possible");
        return -1;
    }
    return 0;
}

static int from_join(struct infer *in, struct scope *scope, const struct sql_from *from,
                     struct joined *out)
{
    struct joined left = {0};
    struct joined right = {0};
    struct pairs pairs = {.count = 0};
    struct view view = {.in = in, .scope = scope, .clause = "ON"};
    if (walk(in, scope, from->left, &left) < 0 ||
        walk(in, scope, from->right, &right) < 0) {
        return -1;
    }
    if (check_join(in, from) < 0 ||
        join_condition(in, scope, from, &left, &right, &pairs) < 0) {
        return -1;
    }
    *out = left;
    join_keys(in, out, &left, &right, &pairs, from->join);
    join_changes(&view, from, out, &left, &right, &pairs);
    if (from->join == SQL_JOIN_LEFT || from->join == SQL_JOIN_FULL) {
        make_nullable(scope, right.first, scope->count);
    }
    if (from->join == SQL_JOIN_RIGHT || from->join == SQL_JOIN_FULL) {
        make_nullable(scope, left.first, right.first);
    }
    return 0;
}

static int from_query(struct infer *in, struct scope *scope,
                      const struct sql_from *from, struct joined *out)
{
    struct scope *parent = from->lateral ? scope : scope->parent;
    struct rel *rel = infer_query(in, from->query, parent);
    if (rel && from->columns.count == 0) {
        rel_mark_doubles(rel);
    }
    return add_space(in, scope, from, NULL, rel, out);
}

static int from_match(struct infer *in, struct scope *scope,
                      const struct sql_from *from, struct joined *out)
{
    return add_space(in, scope, from, NULL, infer_match(in, scope->parent, from), out);
}

static int walk(struct infer *in, struct scope *scope, const struct sql_from *from,
                struct joined *out)
{
    int result = -1;
    if (!infer_enter(in, from->at)) {
        return -1;
    }
    switch (from->kind) {
    case SQL_FROM_TABLE:
        result = from_table(in, scope, from, out);
        break;
    case SQL_FROM_QUERY:
        result = from_query(in, scope, from, out);
        break;
    case SQL_FROM_FUNCTION:
        result = from_function(in, scope, from, out);
        break;
    case SQL_FROM_UNNEST:
        result = from_unnest(in, scope, from, out);
        break;
    case SQL_FROM_JOIN:
        result = from_join(in, scope, from, out);
        break;
    case SQL_FROM_MATCH:
        result = from_match(in, scope, from, out);
        break;
    }
    infer_leave(in);
    return result;
}

int infer_from(struct infer *in, struct scope *scope, const struct sql_from *from,
               struct rel *joined)
{
    struct joined out = {0};
    if (walk(in, scope, from, &out) < 0) {
        return -1;
    }
    joined->changes = out.known ? out.changes : 0;
    joined->bounded = out.bounded;
    joined->soft_keys = out.soft_keys;
    joined->session = out.session;
    joined->session_keys = out.session_keys;
    joined->keys_known = out.keys_known;
    joined->key_count = out.key_count;
    memcpy(joined->keys, out.keys, sizeof joined->keys);
    return 0;
}
