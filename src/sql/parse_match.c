#include "config.h"

#include "sql/parser.h"

/* MATCH_RECOGNIZE ( … ). */

static struct sql_pattern *alternatives(struct parser *p);

static struct sql_pattern *new_pattern(struct parser *p, enum sql_pattern_kind kind)
{
    struct sql_pattern *pattern = arena_new(p->arena, struct sql_pattern);

    pattern->kind = kind;
    pattern->at.start = sql_p_start(p);
    return pattern;
}

static void add_child(struct parser *p, struct sql_pattern *pattern,
                      struct sql_pattern *child)
{
    *SQL_P_PUSH(p, pattern->children, pattern->child_count) = child;
}

static struct sql_pattern *pattern_primary(struct parser *p)
{
    struct sql_pattern *pattern;

    if (sql_p_accept(p, '(')) {
        pattern = alternatives(p);
        sql_p_expect(p, ')');
        return pattern;
    }
    if (sql_p_is(p, '{') && sql_p_code(p, 1) == '-') {
        pattern = new_pattern(p, SQL_PATTERN_EXCLUDE);
        sql_p_take(p);
        sql_p_take(p);
        add_child(p, pattern, alternatives(p));
        sql_p_expect(p, '-');
        sql_p_expect(p, '}');
        return pattern;
    }
    if (sql_p_is(p, KW_PERMUTE) && sql_p_code(p, 1) == '(') {
        pattern = new_pattern(p, SQL_PATTERN_PERMUTE);
        sql_p_take(p);
        sql_p_take(p);
        do {
            add_child(p, pattern, alternatives(p));
        } while (sql_p_accept(p, ','));
        sql_p_expect(p, ')');
        return pattern;
    }
    pattern = new_pattern(p, SQL_PATTERN_VARIABLE);
    pattern->variable = sql_p_ident(p);
    return pattern;
}

static int repetition(struct parser *p)
{
    int64_t value = sql_p_integer(p);

    return value > INT32_MAX ? INT32_MAX : (int)value;
}

/* *, +, ?, {n}, {n,}, {n,m}, {,m} and a ? that makes it reluctant. */
static void quantifier(struct parser *p, struct sql_pattern *pattern)
{
    int min = 0;
    int max = -1;

    if (sql_p_accept(p, '+')) {
        min = 1;
    } else if (sql_p_accept(p, '?')) {
        max = 1;
    } else if (sql_p_is(p, '{') && sql_p_code(p, 1) != '-') {
        sql_p_take(p);
        if (sql_p_is(p, T_INTEGER)) {
            min = max = repetition(p);
        }
        if (sql_p_accept(p, ',')) {
            max = sql_p_is(p, T_INTEGER) ? repetition(p) : -1;
        }
        sql_p_expect(p, '}');
    } else if (!sql_p_accept(p, '*')) {
        return;
    }
    pattern->quantified = true;
    pattern->min = min;
    pattern->max = max;
    pattern->reluctant = sql_p_accept(p, '?');
}

static struct sql_pattern *factor(struct parser *p)
{
    struct sql_pattern *pattern = pattern_primary(p);

    if (pattern->quantified) { /* (A+)*: the inner one keeps its own node */
        struct sql_pattern *outer = new_pattern(p, SQL_PATTERN_SEQUENCE);

        outer->at.start = pattern->at.start;
        quantifier(p, outer);
        if (!outer->quantified) {
            return pattern;
        }
        add_child(p, outer, pattern);
        pattern = outer;
    } else {
        quantifier(p, pattern);
    }
    pattern->at = sql_p_span(p, pattern->at.start);
    return pattern;
}

static bool at_factor(const struct parser *p)
{
    return sql_p_is(p, '(') || sql_p_is(p, '{') || sql_p_is(p, KW_PERMUTE) ||
           (sql_p_is_ident(p, 0) && !sql_p_is_text(p, 0, "$"));
}

static struct sql_pattern *sequence(struct parser *p)
{
    struct sql_pattern *first = factor(p);
    struct sql_pattern *pattern;

    if (!at_factor(p)) {
        return first;
    }
    pattern = new_pattern(p, SQL_PATTERN_SEQUENCE);
    pattern->at.start = first->at.start;
    add_child(p, pattern, first);
    while (at_factor(p)) {
        add_child(p, pattern, factor(p));
    }
    pattern->at = sql_p_span(p, pattern->at.start);
    return pattern;
}

static struct sql_pattern *alternatives(struct parser *p)
{
    struct sql_pattern *first;
    struct sql_pattern *pattern;

    if (!sql_p_enter(p)) {
        sql_p_leave(p);
        return new_pattern(p, SQL_PATTERN_VARIABLE);
    }
    first = sequence(p);
    pattern = first;
    if (sql_p_is(p, '|')) {
        pattern = new_pattern(p, SQL_PATTERN_ALTERNATIVE);
        pattern->at.start = first->at.start;
        add_child(p, pattern, first);
        while (sql_p_accept(p, '|')) {
            add_child(p, pattern, sequence(p));
        }
        pattern->at = sql_p_span(p, pattern->at.start);
    }
    sql_p_leave(p);
    return pattern;
}

static void rows_per_match(struct parser *p, struct sql_match *match)
{
    if (sql_p_accept2(p, KW_ONE, KW_ROW)) {
        match->rows = SQL_ROWS_ONE;
    } else if (sql_p_accept2(p, KW_ALL, KW_ROWS)) {
        match->rows = SQL_ROWS_ALL;
    } else {
        return;
    }
    sql_p_expect(p, KW_PER);
    sql_p_expect(p, KW_MATCH);
}

static void after_match(struct parser *p, struct sql_match *match)
{
    if (!sql_p_accept(p, KW_AFTER)) {
        return;
    }
    sql_p_expect(p, KW_MATCH);
    sql_p_expect(p, KW_SKIP);
    if (sql_p_accept(p, KW_PAST)) {
        sql_p_expect(p, KW_LAST);
        sql_p_expect(p, KW_ROW);
        match->after = SQL_AFTER_PAST_LAST_ROW;
        return;
    }
    sql_p_expect(p, KW_TO);
    if (sql_p_accept2(p, KW_NEXT, KW_ROW)) {
        match->after = SQL_AFTER_NEXT_ROW;
        return;
    }
    match->after = SQL_AFTER_LAST;
    if (sql_p_accept(p, KW_FIRST)) {
        match->after = SQL_AFTER_FIRST;
    } else {
        sql_p_accept(p, KW_LAST);
    }
    match->after_variable = sql_p_ident(p);
}

static void subsets(struct parser *p, struct sql_match *match)
{
    if (!sql_p_accept(p, KW_SUBSET)) {
        return;
    }
    do {
        struct sql_define subset = {0};

        subset.name = sql_p_ident(p);
        sql_p_expect(p, '=');
        subset.members = sql_p_idents(p);
        *SQL_P_PUSH(p, match->subsets, match->subset_count) = subset;
    } while (sql_p_accept(p, ','));
}

static void defines(struct parser *p, struct sql_match *match)
{
    do {
        struct sql_define define = {0};

        define.name = sql_p_ident(p);
        sql_p_expect(p, KW_AS);
        define.expr = sql_p_expr(p);
        *SQL_P_PUSH(p, match->defines, match->define_count) = define;
    } while (sql_p_accept(p, ','));
}

static void pattern_clause(struct parser *p, struct sql_match *match)
{
    sql_p_expect(p, KW_PATTERN);
    sql_p_expect(p, '(');
    match->strict_start = sql_p_accept(p, '^');
    match->pattern = alternatives(p);
    if (sql_p_is_text(p, 0, "$")) {
        sql_p_take(p);
        match->strict_end = true;
    }
    sql_p_expect(p, ')');
}

void sql_p_match(struct parser *p, struct sql_match *match)
{
    sql_p_expect(p, '(');
    if (sql_p_accept2(p, KW_PARTITION, KW_BY)) {
        match->partition_by = sql_p_expr_list(p);
    }
    if (sql_p_accept2(p, KW_ORDER, KW_BY)) {
        match->order_by = sql_p_order_list(p);
    }
    if (sql_p_accept(p, KW_MEASURES)) {
        match->measures = sql_p_items(p, &match->measure_count);
    }
    rows_per_match(p, match);
    after_match(p, match);
    pattern_clause(p, match);
    if (sql_p_accept(p, KW_WITHIN)) {
        match->within = sql_p_expr(p);
    }
    subsets(p, match);
    sql_p_expect(p, KW_DEFINE);
    defines(p, match);
    sql_p_expect(p, ')');
}
