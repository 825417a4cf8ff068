/* Top-N and deduplication: WHERE on a column of ROW_NUMBER(). */
#include "config.h"

#include "sql/infer_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static const struct sql_window *window_of(const struct ranked *in,
                                          const struct sql_expr *call)
{
    const struct sql_window *over = call->call->over;
    for (size_t i = 0; over->base.text && i < in->select->window_count; i++) {
        if (text_eq(in->select->windows[i].name.text, over->base.text)) {
            return &in->select->windows[i];
        }
    }
    return over;
}

static size_t output_of(const struct ranked *in, size_t position)
{
    for (size_t c = 0; position != SQL_NO_COLUMN && c < in->out->count; c++) {
        if (in->origins[c] == position) {
            return c;
        }
    }
    return SQL_NO_COLUMN;
}

static uint8_t role_at(const struct scope *scope, size_t position)
{
    for (size_t s = 0; position != SQL_NO_COLUMN && s < scope->count; s++) {
        const struct space *space = &scope->spaces[s];
        if (position >= space->offset && position - space->offset < space->rel->count) {
            return space->rel->columns[position - space->offset].role;
        }
    }
    return WINDOW_NONE;
}

/* The upsert keys of FROM as positions of the output. */
static void keys_of(const struct ranked *in, struct ranking *ranking)
{
    struct rel mapped = {0};
    for (size_t k = 0; k < in->from->key_count; k++) {
        const struct sql_key *key = &in->from->keys[k];
        size_t columns[64];
        size_t n = 0;
        while (n < key->count && n < 64) {
            columns[n] = output_of(in, key->columns[n]);
            if (columns[n] == SQL_NO_COLUMN) {
                break;
            }
            n++;
        }
        if (n == key->count && n > 0) {
            rel_add_key(in->view->in, &mapped, columns, n);
        }
    }
    struct sql_key *keys =
        arena_array(in->view->in->arena, struct sql_key, mapped.key_count + 1);
    memcpy(keys, mapped.keys, mapped.key_count * sizeof *keys);
    ranking->keys = keys;
    ranking->key_count = mapped.key_count;
}

static void rank_column(const struct ranked *in, const struct sql_expr *call,
                        struct rel_column *column, bool ties)
{
    const struct sql_window *over = window_of(in, call);
    struct ranking *ranking = arena_new(in->view->in->arena, struct ranking);
    size_t count = over->partition_by.count;
    unsigned roles = 0;
    ranking->partition = arena_array(in->view->in->arena, size_t, count + 1);
    ranking->partition_count = count;
    for (size_t i = 0; i < count; i++) {
        size_t at = scope_position(in->view, over->partition_by.items[i]);
        uint8_t role = role_at(in->view->scope, at);
        ranking->partition[i] = output_of(in, at);
        roles |= role == WINDOW_START ? 1U : role == WINDOW_END ? 2U : 0;
    }
    ranking->window = roles == 3;
    ranking->ascending =
        over->order_by.count == 0 || !over->order_by.items[0].descending;
    ranking->append = in->from->changes == SQL_CHANGES_APPEND;
    ranking->ties = ties;
    keys_of(in, ranking);
    column->ranking = ranking;
}

void rank_columns(const struct ranked *in)
{
    static const char *const names[] = {"ROW_NUMBER", "RANK", "DENSE_RANK"};
    for (size_t c = 0; c < in->out->count; c++) {
        const struct sql_expr *expr = in->exprs[c];
        if (!expr || !expr_is_over(expr)) {
            continue;
        }
        for (size_t i = 0; i < 3; i++) {
            if (expr->name.count == 1 && str_ieq(expr->name.parts[0].text, names[i])) {
                rank_column(in, expr, &in->out->columns[c], i > 0);
            }
        }
    }
}

/* A bound on a rank that a condition gives. */
struct bound {
    const struct rel_column *column;
    size_t position; /* of the rank in the joined row */
    size_t offset;   /* of its relation */
    long low;
    long high; /* 0 = none */
};

static bool rank_at(struct view *view, const struct sql_expr *expr, struct bound *out)
{
    size_t at = scope_position(view, expr);
    for (size_t s = 0; at != SQL_NO_COLUMN && s < view->scope->count; s++) {
        const struct space *space = &view->scope->spaces[s];
        if (at < space->offset || at - space->offset >= space->rel->count) {
            continue;
        }
        const struct rel_column *column = &space->rel->columns[at - space->offset];
        if (column->ranking) {
            out->column = column;
            out->position = at;
            out->offset = space->offset;
            return true;
        }
    }
    return false;
}

static long number_of(const struct sql_expr *expr)
{
    return expr->kind == SQL_EXPR_NUMBER ? atol(expr->text) : -1;
}

static void bound_operator(struct view *view, const struct sql_expr *expr,
                           struct bound *out)
{
    static const enum sql_op mirrored[SQL_OP_COUNT] = {[SQL_OP_EQ] = SQL_OP_EQ,
                                                       [SQL_OP_LT] = SQL_OP_GT,
                                                       [SQL_OP_LE] = SQL_OP_GE,
                                                       [SQL_OP_GT] = SQL_OP_LT,
                                                       [SQL_OP_GE] = SQL_OP_LE};
    bool swapped = number_of(expr->args[0]) >= 0;
    const struct sql_expr *side = expr->args[swapped ? 1 : 0];
    long number = number_of(expr->args[swapped ? 0 : 1]);
    enum sql_op op = swapped ? mirrored[expr->op] : expr->op;
    if (number < 0 || !rank_at(view, side, out)) {
        return;
    }
    if (op == SQL_OP_EQ) {
        out->low = out->high = number;
    } else if (op == SQL_OP_LE) {
        out->high = number;
    } else if (op == SQL_OP_LT) {
        out->high = number - 1;
    } else if (op == SQL_OP_GT) {
        out->low = number + 1;
    }
}

static void find_bound(struct view *view, const struct sql_expr *where,
                       struct bound *out)
{
    if (where->kind == SQL_EXPR_LOGIC && where->op == SQL_OP_AND) {
        for (size_t i = 0; i < where->arg_count; i++) {
            find_bound(view, where->args[i], out);
        }
    } else if (where->kind == SQL_EXPR_OPERATOR) {
        bound_operator(view, where, out);
    } else if (where->kind == SQL_EXPR_BETWEEN && !where->negated &&
               number_of(where->args[2]) > 0 && rank_at(view, where->args[0], out)) {
        out->low = number_of(where->args[1]);
        out->high = number_of(where->args[2]);
    }
}

/* A key of the input stays when the partition is a part of it. */
static bool key_covers(const struct sql_key *key, const struct ranking *ranking)
{
    for (size_t i = 0; i < ranking->partition_count; i++) {
        bool found = false;
        for (size_t k = 0; k < key->count && !found; k++) {
            found = key->columns[k] == ranking->partition[i];
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Upsert keys after the filter: the partition alone, or with the number. */
static void rank_keys(struct view *view, const struct bound *bound, bool top,
                      struct rel *from)
{
    const struct ranking *ranking = bound->column->ranking;
    size_t columns[66];
    size_t n = 0;
    if (!top) {
        for (size_t k = 0; k < ranking->key_count; k++) {
            const struct sql_key *key = &ranking->keys[k];
            if (!key_covers(key, ranking)) {
                continue;
            }
            for (n = 0; n < key->count && n < 64; n++) {
                columns[n] = key->columns[n] + bound->offset;
            }
            rel_add_key(view->in, from, columns, n);
        }
    }
    n = 0;
    for (size_t i = 0; i < ranking->partition_count && i < 64; i++) {
        size_t at = ranking->partition[i];
        if (at == SQL_NO_COLUMN) {
            return;
        }
        uint8_t role = role_at(view->scope, at + bound->offset);
        if (!ranking->window || (role != WINDOW_START && role != WINDOW_END)) {
            columns[n++] = at + bound->offset;
        }
    }
    if (!top) {
        columns[n++] = bound->position;
    }
    if (!(top && ranking->window) && !ranking->ties) {
        rel_add_key(view->in, from, columns, n);
    }
}

void rank_filter(struct view *view, const struct sql_expr *where, struct rel *from)
{
    struct bound bound = {.low = 1};
    find_bound(view, where, &bound);
    if (!bound.column || view->scope->count != 1 || !from->changes) {
        return;
    }
    const struct ranking *ranking = bound.column->ranking;
    if (bound.high == 0) {
        infer_refuse(view->in, "Rank end is not specified. Currently rank only support "
                               "TopN, which means the rank end must be specified.");
        return;
    }
    bool top = bound.high == 1 && !ranking->ties;
    bool append = ranking->append && (ranking->window || (top && ranking->ascending));
    from->changes = append ? SQL_CHANGES_APPEND : SQL_CHANGES_RETRACT;
    from->key_count = 0;
    from->soft_keys = true;
    if (bound.low <= 1) {
        rank_keys(view, &bound, top, from);
    }
}
