/* What follows an operand: .name, [key], (arguments), |filter and `is test`. */
#include "config.h"

#include "jinja/parse.h"

#include "base/str.h"

static bool at_slice_end(const struct parser *p)
{
    return parse_at(p, LEX_RBRACKET) || parse_at(p, LEX_COMMA);
}

/* [start:stop:step], or a plain key. */
static int subscribed(struct parser *p, struct node **out)
{
    struct node *slice = node_new(p, NODE_SLICE, p->current.line, p->current.offset);

    if (!parse_at(p, LEX_COLON)) {
        if (parse_expression(p, true, &slice->as.sub.b) != 0) {
            return -1;
        }
        if (!parse_at(p, LEX_COLON)) {
            *out = slice->as.sub.b;
            return 0;
        }
    }
    if (parse_advance(p) != 0) {
        return -1;
    }
    if (!parse_at(p, LEX_COLON) && !at_slice_end(p) &&
        parse_expression(p, true, &slice->as.sub.c) != 0) {
        return -1;
    }
    if (parse_at(p, LEX_COLON)) {
        if (parse_advance(p) != 0 ||
            (!at_slice_end(p) && parse_expression(p, true, &slice->as.sub.d) != 0)) {
            return -1;
        }
    }
    *out = slice;
    return 0;
}

static int bracket_subscript(struct parser *p, struct node *object, int line,
                             struct node **out)
{
    struct node *keys = node_new(p, NODE_TUPLE, line, p->current.offset);

    while (!parse_at(p, LEX_RBRACKET)) {
        struct node *key;
        if ((keys->as.list.count > 0 && parse_expect(p, LEX_COMMA) != 0) ||
            subscribed(p, &key) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &keys->as.list, key);
    }
    if (parse_expect(p, LEX_RBRACKET) != 0) {
        return -1;
    }
    struct node *key = keys->as.list.count == 1 ? keys->as.list.items[0] : keys;
    if (key->kind == NODE_SLICE) {
        key->as.sub.a = object;
        *out = key;
        return 0;
    }
    *out = parse_binary_node(p, NODE_GETITEM, '\0', object, key, line);
    return 0;
}

static int subscript(struct parser *p, struct node *object, struct node **out)
{
    int line = p->current.line;

    if (parse_at(p, LEX_LBRACKET)) {
        return parse_advance(p) != 0 ? -1 : bracket_subscript(p, object, line, out);
    }
    if (parse_advance(p) != 0) {
        return -1;
    }
    struct lex_token token = p->current;
    if (parse_advance(p) != 0) {
        return -1;
    }
    if (token.type == LEX_NAME) {
        struct node *node = node_new(p, NODE_GETATTR, line, token.offset);
        node->as.attr.object = object;
        node->as.attr.name = parse_name_of(p, &token);
        node->as.attr.id = (int)attr_find(token.s, token.len);
        *out = node;
        return 0;
    }
    if (token.type != LEX_INTEGER) {
        return parse_fail(p, token.line, "expected name or number");
    }
    struct node *key = node_new(p, NODE_CONST, token.line, token.offset);
    key->as.value = token.value;
    *out = parse_binary_node(p, NODE_GETITEM, '\0', object, key, line);
    return 0;
}

static int one_call_arg(struct parser *p, struct node_args *args, uint32_t *cap,
                        int line)
{
    static const char bad[] = "invalid syntax for function call expression";
    struct lex_token next;
    struct node *value;

    if (parse_at(p, LEX_MUL)) {
        if (args->dyn_args != NULL || args->dyn_kwargs != NULL) {
            return parse_fail(p, line, "%s", bad);
        }
        return parse_advance(p) != 0 ? -1 : parse_expression(p, true, &args->dyn_args);
    }
    if (parse_at(p, LEX_POW)) {
        if (args->dyn_kwargs != NULL) {
            return parse_fail(p, line, "%s", bad);
        }
        return parse_advance(p) != 0 ? -1
                                     : parse_expression(p, true, &args->dyn_kwargs);
    }
    bool keyword = false;
    if (parse_at(p, LEX_NAME)) {
        if (parse_peek(p, &next) != 0) {
            return -1;
        }
        keyword = next.type == LEX_ASSIGN;
    }
    if (!keyword) {
        if (args->dyn_args != NULL || args->dyn_kwargs != NULL ||
            args->kwarg_count != 0) {
            return parse_fail(p, line, "%s", bad);
        }
        if (parse_expression(p, true, &value) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &args->positional, value);
        return 0;
    }
    if (args->dyn_kwargs != NULL) {
        return parse_fail(p, line, "%s", bad);
    }
    struct jinja_name name = parse_name_of(p, &p->current);
    if (parse_advance(p) != 0 || parse_advance(p) != 0 ||
        parse_expression(p, true, &value) != 0) {
        return -1;
    }
    if (args->kwarg_count == *cap) {
        uint32_t room = *cap != 0 ? *cap * 2 : 2;
        args->kwargs =
            arena_realloc(p->arena, args->kwargs, *cap * sizeof(struct node_kwarg),
                          room * sizeof(struct node_kwarg));
        *cap = room;
    }
    args->kwargs[args->kwarg_count++] =
        (struct node_kwarg){value_str_n(name.s, name.len), value};
    return 0;
}

int parse_call_args(struct parser *p, struct node_args **out)
{
    struct node_args *args = arena_new(p->arena, struct node_args);
    int line = p->current.line;
    bool require_comma = false;
    uint32_t cap = 0;

    if (parse_expect(p, LEX_LPAREN) != 0) {
        return -1;
    }
    while (!parse_at(p, LEX_RPAREN)) {
        if (require_comma) {
            if (parse_expect(p, LEX_COMMA) != 0) {
                return -1;
            }
            if (parse_at(p, LEX_RPAREN)) {
                break;
            }
        }
        if (one_call_arg(p, args, &cap, line) != 0) {
            return -1;
        }
        require_comma = true;
    }
    *out = args;
    return parse_expect(p, LEX_RPAREN);
}

static int call(struct parser *p, struct node *callee, struct node **out)
{
    struct node *node = node_new(p, NODE_CALL, p->current.line, callee->offset);

    node->as.call.callee = callee;
    *out = node;
    return parse_call_args(p, &node->as.call.args);
}

int parse_postfix(struct parser *p, struct node **out)
{
    for (;;) {
        if (parse_at(p, LEX_DOT) || parse_at(p, LEX_LBRACKET)) {
            if (parse_deeper(p) != 0 || subscript(p, *out, out) != 0) {
                return -1;
            }
        } else if (parse_at(p, LEX_LPAREN)) {
            if (parse_deeper(p) != 0 || call(p, *out, out) != 0) {
                return -1;
            }
        } else {
            return 0;
        }
    }
}

/* name.name.name of filters and tests. */
static int dotted_name(struct parser *p, const char **out)
{
    struct jinja_name name;

    if (parse_expect_name(p, &name) != 0) {
        return -1;
    }
    *out = name.s;
    while (parse_at(p, LEX_DOT)) {
        if (parse_advance(p) != 0 || parse_expect_name(p, &name) != 0) {
            return -1;
        }
        *out = arena_printf(p->arena, "%s.%s", *out, name.s);
    }
    return 0;
}

static int one_filter(struct parser *p, struct node *operand, struct node **out)
{
    struct node *node = node_new(p, NODE_FILTER, p->current.line, p->current.offset);

    node->as.filter.operand = operand;
    if (dotted_name(p, &node->as.filter.name) != 0) {
        return -1;
    }
    if (parse_at(p, LEX_LPAREN)) {
        if (parse_call_args(p, &node->as.filter.args) != 0) {
            return -1;
        }
    } else {
        node->as.filter.args = arena_new(p->arena, struct node_args);
    }
    node->as.filter.builtin = env_filter(p->env, node->as.filter.name);
    *out = node;
    return 0;
}

int parse_filters(struct parser *p, struct node *operand, bool inline_start,
                  struct node **out)
{
    *out = operand;
    while (inline_start || parse_at(p, LEX_PIPE)) {
        if (!inline_start && parse_advance(p) != 0) {
            return -1;
        }
        if (parse_deeper(p) != 0 || one_filter(p, *out, out) != 0) {
            return -1;
        }
        inline_start = false;
    }
    return 0;
}

static bool at_test_argument(const struct parser *p)
{
    switch (p->current.type) {
    case LEX_NAME:
        return !parse_at_name(p, "else") && !parse_at_name(p, "or") &&
               !parse_at_name(p, "and");
    case LEX_STRING:
    case LEX_INTEGER:
    case LEX_FLOAT:
    case LEX_LBRACKET:
    case LEX_LBRACE:
        return true;
    default:
        return false;
    }
}

static int test_args(struct parser *p, struct node *node)
{
    if (parse_at(p, LEX_LPAREN)) {
        return parse_call_args(p, &node->as.filter.args);
    }
    node->as.filter.args = arena_new(p->arena, struct node_args);
    if (!at_test_argument(p)) {
        return 0;
    }
    if (parse_at_name(p, "is")) {
        return parse_fail(p, p->current.line,
                          "You cannot chain multiple tests with is");
    }
    struct node *argument;
    if (parse_primary(p, false, &argument) != 0 || parse_postfix(p, &argument) != 0) {
        return -1;
    }
    jinja_node_list_add(p, &node->as.filter.args->positional, argument);
    return 0;
}

static int test(struct parser *p, struct node *operand, struct node **out)
{
    struct node *node = node_new(p, NODE_TEST, p->current.line, operand->offset);

    if (parse_advance(p) != 0) {
        return -1;
    }
    int negated = parse_skip_name(p, "not");
    if (negated < 0 || dotted_name(p, &node->as.filter.name) != 0) {
        return -1;
    }
    node->op = (uint8_t)negated;
    node->as.filter.operand = operand;
    node->as.filter.builtin = env_test(p->env, node->as.filter.name);
    *out = node;
    return test_args(p, node);
}

int parse_filter_expr(struct parser *p, struct node **out)
{
    for (;;) {
        int rc;
        if (parse_at(p, LEX_PIPE)) {
            rc = parse_filters(p, *out, false, out);
        } else if (parse_at_name(p, "is")) {
            rc = parse_deeper(p) != 0 ? -1 : test(p, *out, out);
        } else if (parse_at(p, LEX_LPAREN)) {
            rc = parse_deeper(p) != 0 ? -1 : call(p, *out, out);
        } else {
            return 0;
        }
        if (rc != 0) {
            return -1;
        }
    }
}
