#include "config.h"

#include "sql/parser.h"

#include <string.h>

/* Functions whose arguments have a grammar of their own. */

static struct sql_expr *word(struct parser *p)
{
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_KEYWORD, sql_p_start(p));

    if (!sql_p_is_word(p, 0)) {
        sql_p_fail(p, "a word");
    }
    expr->text = sql_p_upper(p, 0);
    expr->text_len = strlen(expr->text);
    sql_p_take(p);
    return sql_p_close(p, expr);
}

static void cast(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    sql_p_expect(p, KW_AS);
    expr->type = sql_p_type(p);
}

static void extract(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, word(p));
    sql_p_expect(p, KW_FROM);
    sql_p_arg(p, expr, sql_p_expr(p));
}

static void trim(struct parser *p, struct sql_expr *expr)
{
    if (sql_p_is(p, ')')) {
        return;
    }
    if (sql_p_is(p, KW_BOTH) || sql_p_is(p, KW_LEADING) || sql_p_is(p, KW_TRAILING)) {
        sql_p_arg(p, expr, word(p));
        if (!sql_p_is(p, KW_FROM)) {
            sql_p_arg(p, expr, sql_p_expr(p));
        }
        if (!sql_p_is(p, ')')) {
            sql_p_expect(p, KW_FROM);
            sql_p_arg(p, expr, sql_p_expr(p));
        }
        return;
    }
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept(p, KW_FROM)) {
        struct sql_expr *both = sql_p_expr_new(p, SQL_EXPR_KEYWORD, sql_p_start(p));
        struct sql_expr *chars = expr->args[0];

        both->text = "BOTH";
        both->text_len = 4;
        expr->arg_count = 0;
        expr->args = NULL;
        sql_p_arg(p, expr, both);
        sql_p_arg(p, expr, chars);
        sql_p_arg(p, expr, sql_p_expr(p));
    }
}

/* a IN b: the operand may not hold an IN of its own. */
static struct sql_expr *operand(struct parser *p)
{
    return sql_p_operators(p, sql_p_unary(p), 33);
}

static void more(struct parser *p, struct sql_expr *expr)
{
    while (sql_p_accept(p, ',')) {
        sql_p_arg(p, expr, sql_p_expr(p));
    }
}

static void position(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, operand(p));
    if (sql_p_accept(p, KW_IN)) {
        sql_p_arg(p, expr, sql_p_expr(p));
        if (sql_p_accept(p, KW_FROM)) {
            sql_p_arg(p, expr, sql_p_expr(p));
        }
    } else {
        sql_p_expect(p, KW_IN);
    }
}

static void substring(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept(p, KW_FROM)) {
        sql_p_arg(p, expr, sql_p_expr(p));
        if (sql_p_accept(p, KW_FOR)) {
            sql_p_arg(p, expr, sql_p_expr(p));
        }
        return;
    }
    more(p, expr);
}

static void overlay(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    sql_p_expect(p, KW_PLACING);
    sql_p_arg(p, expr, sql_p_expr(p));
    sql_p_expect(p, KW_FROM);
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept(p, KW_FOR)) {
        sql_p_arg(p, expr, sql_p_expr(p));
    }
}

static void ceil_floor(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept(p, KW_TO)) {
        sql_p_arg(p, expr, word(p));
    }
    more(p, expr);
}

static void translate(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept(p, KW_USING)) {
        sql_p_arg(p, expr, word(p));
    } else {
        more(p, expr);
    }
}

static void descriptor(struct parser *p, struct sql_expr *expr)
{
    while (!sql_p_is(p, ')')) {
        struct sql_expr *column = sql_p_expr_new(p, SQL_EXPR_COLUMN, sql_p_start(p));

        column->name = sql_p_name(p);
        sql_p_arg(p, expr, sql_p_close(p, column));
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
}

/* JSON functions. */

static void json_value_expr(struct parser *p, struct sql_expr *expr)
{
    sql_p_arg(p, expr, sql_p_expr(p));
    if (sql_p_accept2(p, KW_FORMAT, KW_JSON) && sql_p_accept(p, KW_ENCODING)) {
        sql_p_ident(p);
    }
}

static void json_nulls(struct parser *p, struct sql_call *call)
{
    const char *what = NULL;

    if (sql_p_is(p, KW_NULL) && sql_p_code(p, 1) == KW_ON) {
        what = "NULL";
    } else if (sql_p_is_text(p, 0, "ABSENT") && sql_p_code(p, 1) == KW_ON) {
        what = "ABSENT";
    }
    if (what != NULL) {
        sql_p_take(p);
        sql_p_take(p);
        sql_p_expect(p, KW_NULL);
        call->on_null = what;
    }
}

/* [KEY] k VALUE v, k : v */
static void json_pair(struct parser *p, struct sql_expr *expr)
{
    if (sql_p_is(p, KW_KEY) && sql_p_code(p, 1) != KW_VALUE &&
        sql_p_code(p, 1) != ':') {
        sql_p_take(p);
    }
    sql_p_arg(p, expr, sql_p_expr(p));
    if (!sql_p_accept(p, KW_VALUE)) {
        sql_p_expect(p, ':');
    }
    json_value_expr(p, expr);
}

static void json_object(struct parser *p, struct sql_expr *expr)
{
    json_nulls(p, expr->call);
    if (sql_p_is(p, ')')) {
        return;
    }
    do {
        json_pair(p, expr);
    } while (sql_p_accept(p, ','));
    json_nulls(p, expr->call);
}

static void json_array(struct parser *p, struct sql_expr *expr)
{
    json_nulls(p, expr->call);
    if (sql_p_is(p, ')')) {
        return;
    }
    do {
        json_value_expr(p, expr);
    } while (sql_p_accept(p, ','));
    if (sql_p_accept2(p, KW_ORDER, KW_BY)) {
        expr->call->order_by = sql_p_order_list(p);
    }
    json_nulls(p, expr->call);
}

/* NULL, ERROR, EMPTY [ARRAY|OBJECT], TRUE …, DEFAULT expr; NULL when it is none. */
static const char *json_behaviour(struct parser *p, struct sql_expr **value)
{
    static const char *const words[] = {"NULL", "ERROR", "TRUE", "FALSE", "UNKNOWN"};

    if (sql_p_accept(p, KW_DEFAULT)) {
        *value = sql_p_expr(p);
        return "DEFAULT";
    }
    if (sql_p_accept(p, KW_EMPTY)) {
        if (sql_p_accept(p, KW_ARRAY)) {
            return "EMPTY ARRAY";
        }
        return sql_p_accept_text(p, "OBJECT") ? "EMPTY OBJECT" : "EMPTY";
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sql_p_accept_text(p, words[i])) {
            return words[i];
        }
    }
    return NULL;
}

/* WITH [UN]CONDITIONAL [ARRAY] WRAPPER, WITHOUT [ARRAY] WRAPPER */
static void json_wrapper(struct parser *p, struct sql_call *call)
{
    if (sql_p_accept(p, KW_WITHOUT)) {
        call->wrapper = "WITHOUT";
    } else if (sql_p_accept(p, KW_WITH)) {
        call->wrapper = "WITH UNCONDITIONAL";
        if (sql_p_accept_text(p, "CONDITIONAL")) {
            call->wrapper = "WITH CONDITIONAL";
        } else {
            sql_p_accept_text(p, "UNCONDITIONAL");
        }
    } else {
        return;
    }
    sql_p_accept(p, KW_ARRAY);
    if (!sql_p_accept_text(p, "WRAPPER")) {
        sql_p_fail(p, "WRAPPER");
    }
}

static void json_path(struct parser *p, struct sql_expr *expr)
{
    struct sql_call *call = expr->call;

    json_value_expr(p, expr);
    while (sql_p_accept(p, ',')) {
        sql_p_arg(p, expr, sql_p_expr(p));
    }
    if (sql_p_accept(p, KW_RETURNING)) {
        call->returning = sql_p_type(p);
    }
    json_wrapper(p, call);
    for (;;) {
        struct sql_expr *value = NULL;
        const char *what = json_behaviour(p, &value);

        if (what == NULL) {
            return;
        }
        sql_p_expect(p, KW_ON);
        if (sql_p_accept(p, KW_EMPTY)) {
            call->on_empty = what;
            call->empty_default = value;
        } else if (sql_p_accept(p, KW_ERROR)) {
            call->on_error = what;
            call->error_default = value;
        } else {
            sql_p_fail(p, "EMPTY or ERROR");
        }
    }
}

struct special {
    int code;
    enum sql_expr_kind kind;
    void (*arguments)(struct parser *p, struct sql_expr *expr);
};

static const struct special specials[] = {
    {KW_CAST, SQL_EXPR_CAST, cast},
    {KW_CEIL, SQL_EXPR_CALL, ceil_floor},
    {KW_CEILING, SQL_EXPR_CALL, ceil_floor},
    {KW_CONVERT, SQL_EXPR_CALL, translate},
    {KW_DESCRIPTOR, SQL_EXPR_DESCRIPTOR, descriptor},
    {KW_EXTRACT, SQL_EXPR_CALL, extract},
    {KW_FLOOR, SQL_EXPR_CALL, ceil_floor},
    {KW_JSON_ARRAY, SQL_EXPR_CALL, json_array},
    {KW_JSON_ARRAYAGG, SQL_EXPR_CALL, json_array},
    {KW_JSON_EXISTS, SQL_EXPR_CALL, json_path},
    {KW_JSON_OBJECT, SQL_EXPR_CALL, json_object},
    {KW_JSON_OBJECTAGG, SQL_EXPR_CALL, json_object},
    {KW_JSON_QUERY, SQL_EXPR_CALL, json_path},
    {KW_JSON_VALUE, SQL_EXPR_CALL, json_path},
    {KW_OVERLAY, SQL_EXPR_CALL, overlay},
    {KW_POSITION, SQL_EXPR_CALL, position},
    {KW_SAFE_CAST, SQL_EXPR_TRY_CAST, cast},
    {KW_SUBSTRING, SQL_EXPR_CALL, substring},
    {KW_TRANSLATE, SQL_EXPR_CALL, translate},
    {KW_TRIM, SQL_EXPR_CALL, trim},
    {KW_TRY_CAST, SQL_EXPR_TRY_CAST, cast},
};

/* The word at the parser as a name of one part. */
static struct sql_name word_name(struct parser *p)
{
    const struct code_token *token = sql_p_at(p, 0);
    struct sql_ident *part = arena_new(p->arena, struct sql_ident);
    struct sql_name name = {.parts = part, .count = 1};

    part->at = (struct sql_span){token->start, token->end};
    part->text = sql_p_source(p, part->at);
    name.at = part->at;
    if (sql_p_code(p, 1) == '(') {
        p->tokens[p->pos].role = ROLE_FUNCTION;
    }
    sql_p_take(p);
    return name;
}

static struct sql_expr *special_call(struct parser *p, const struct special *special)
{
    uint32_t start = sql_p_start(p);
    struct sql_name name = word_name(p);
    struct sql_expr *expr = special->kind == SQL_EXPR_CALL
                                ? sql_p_call_new(p, name, start)
                                : sql_p_expr_new(p, special->kind, start);

    sql_p_expect(p, '(');
    special->arguments(p, expr);
    sql_p_expect(p, ')');
    return special->kind == SQL_EXPR_CALL ? sql_p_call_end(p, expr)
                                          : sql_p_close(p, expr);
}

/* CURRENT_TIMESTAMP and others that need no parentheses. */
static struct sql_expr *bare_call(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_expr *expr = sql_p_call_new(p, word_name(p), start);

    expr->call->no_parentheses = true;
    return sql_p_close(p, expr);
}

/* NEXT VALUE FOR s, CURRENT VALUE FOR s: only the server knows sequences. */
static struct sql_expr *sequence(struct parser *p)
{
    uint32_t start = sql_p_start(p);
    struct sql_expr *expr = sql_p_expr_new(p, SQL_EXPR_OPAQUE, start);

    sql_p_take(p);
    sql_p_take(p);
    sql_p_expect(p, KW_FOR);
    sql_p_name(p);
    expr->text = sql_p_source(p, sql_p_span(p, start));
    expr->text_len = strlen(expr->text);
    return sql_p_close(p, expr);
}

/* FINAL f(x), RUNNING f(x) in MATCH_RECOGNIZE. */
static struct sql_expr *final_running(struct parser *p)
{
    struct sql_expr *expr;
    bool final = sql_p_is(p, KW_FINAL);

    sql_p_take(p);
    if (sql_p_is(p, KW_FINAL) || sql_p_is(p, KW_RUNNING)) {
        sql_p_fail(p, "a function");
    }
    expr = sql_p_primary(p);
    if (expr->kind == SQL_EXPR_CALL) {
        expr->call->final = final;
        expr->call->running = !final;
    }
    return expr;
}

bool sql_p_is_special(int code)
{
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (specials[i].code == code) {
            return true;
        }
    }
    return code == KW_CASE || code == KW_ROW || code == KW_EXISTS ||
           code == KW_UNIQUE || code == KW_ARRAY || code == KW_MAP ||
           code == KW_MULTISET;
}

struct sql_expr *sql_p_special(struct parser *p)
{
    int code = sql_p_code(p, 0);
    bool call = sql_p_code(p, 1) == '(';

    if (code < KEYWORD_BASE) {
        return NULL;
    }
    for (size_t i = 0; call && i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (specials[i].code == code) {
            return special_call(p, &specials[i]);
        }
    }
    if ((code == KW_NEXT || code == KW_CURRENT) && sql_p_code(p, 1) == KW_VALUE) {
        return sequence(p);
    }
    if ((code == KW_FINAL || code == KW_RUNNING) && sql_p_is_word(p, 1)) {
        return final_running(p);
    }
    if (!call && sql_keyword_is(code, KEYWORD_BARE)) {
        return bare_call(p);
    }
    if (call && sql_keyword_is(code, KEYWORD_RESERVED) &&
        sql_keyword_is(code, KEYWORD_CALLABLE)) {
        uint32_t start = sql_p_start(p);

        return sql_p_call(p, word_name(p), start);
    }
    return NULL;
}
