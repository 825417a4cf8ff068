#include "config.h"

#include "jinja/parse.h"

#include "base/str.h"

static int unary(struct parser *p, bool with_filter, struct node **out);

struct node *parse_binary_node(struct parser *p, enum node_kind kind, char op,
                               struct node *a, struct node *b, int line)
{
    struct node *node = node_new(p, kind, line, a->offset);

    node->op = (uint8_t)op;
    node->as.sub.a = a;
    node->as.sub.b = b;
    return node;
}

/* One level of left-associative operators. */
struct level {
    enum lex_type types[5];
    char ops[5];
    int (*operand)(struct parser *p, struct node **out);
};

static int operators(struct parser *p, const struct level *level, struct node **out)
{
    int line = p->current.line;
    int depth = p->depth;

    if (level->operand(p, out) != 0) {
        return -1;
    }
    for (;;) {
        int i = 0;
        while (level->ops[i] != '\0' && !parse_at(p, level->types[i])) {
            i++;
        }
        if (level->ops[i] == '\0') {
            p->depth = depth;
            return 0;
        }
        struct node *right;
        if (parse_deeper(p) != 0 || parse_advance(p) != 0 ||
            level->operand(p, &right) != 0) {
            return -1;
        }
        *out = parse_binary_node(p, NODE_BINARY, level->ops[i], *out, right, line);
        line = p->current.line;
    }
}

static int unary_operand(struct parser *p, struct node **out)
{
    return unary(p, true, out);
}

static int parse_pow(struct parser *p, struct node **out)
{
    static const struct level level = {{LEX_POW}, {'p'}, unary_operand};

    return operators(p, &level, out);
}

static int parse_math2(struct parser *p, struct node **out)
{
    static const struct level level = {
        {LEX_MUL, LEX_DIV, LEX_FLOORDIV, LEX_MOD}, {'*', '/', 'f', '%'}, parse_pow};

    return operators(p, &level, out);
}

static int parse_concat(struct parser *p, struct node **out)
{
    int line = p->current.line;

    if (parse_math2(p, out) != 0) {
        return -1;
    }
    if (!parse_at(p, LEX_TILDE)) {
        return 0;
    }
    struct node *node = node_new(p, NODE_CONCAT, line, (*out)->offset);
    jinja_node_list_add(p, &node->as.list, *out);
    while (parse_at(p, LEX_TILDE)) {
        struct node *item;
        if (parse_advance(p) != 0 || parse_math2(p, &item) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &node->as.list, item);
    }
    *out = node;
    return 0;
}

static int parse_math1(struct parser *p, struct node **out)
{
    static const struct level level = {{LEX_ADD, LEX_SUB}, {'+', '-'}, parse_concat};

    return operators(p, &level, out);
}

/* The comparison operator at the position, taken: 1/0/-1. */
static int compare_operator(struct parser *p, enum compare_op *op)
{
    static const struct {
        enum lex_type type;
        enum compare_op op;
    } simple[] = {{LEX_EQ, COMPARE_EQ},   {LEX_NE, COMPARE_NE}, {LEX_LT, COMPARE_LT},
                  {LEX_LTEQ, COMPARE_LE}, {LEX_GT, COMPARE_GT}, {LEX_GTEQ, COMPARE_GE}};
    struct lex_token next;

    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (parse_at(p, simple[i].type)) {
            *op = simple[i].op;
            return parse_advance(p) == 0 ? 1 : -1;
        }
    }
    if (parse_at_name(p, "in")) {
        *op = COMPARE_IN;
        return parse_advance(p) == 0 ? 1 : -1;
    }
    if (!parse_at_name(p, "not")) {
        return 0;
    }
    if (parse_peek(p, &next) != 0) {
        return -1;
    }
    if (next.type != LEX_NAME || !str_eq_n(next.s, next.len, "in")) {
        return 0;
    }
    *op = COMPARE_NOT_IN;
    return parse_advance(p) == 0 && parse_advance(p) == 0 ? 1 : -1;
}

static int parse_compare(struct parser *p, struct node **out)
{
    struct node *node = NULL;
    int line = p->current.line;
    int more;
    uint32_t cap = 0;
    enum compare_op op;

    if (parse_math1(p, out) != 0) {
        return -1;
    }
    while ((more = compare_operator(p, &op)) == 1) {
        struct node *operand;
        if (parse_math1(p, &operand) != 0) {
            return -1;
        }
        if (node == NULL) {
            node = node_new(p, NODE_COMPARE, line, (*out)->offset);
            node->as.compare.first = *out;
        }
        if (node->as.compare.count == cap) {
            size_t size = sizeof(struct compare_part);
            uint32_t room = cap != 0 ? cap * 2 : 1;
            node->as.compare.parts = arena_realloc(p->arena, node->as.compare.parts,
                                                   cap * size, room * size);
            cap = room;
        }
        node->as.compare.parts[node->as.compare.count++] =
            (struct compare_part){op, operand};
        line = p->current.line;
        node->line = line;
    }
    if (node != NULL) {
        *out = node;
    }
    return more;
}

static int parse_not(struct parser *p, struct node **out)
{
    if (!parse_at_name(p, "not")) {
        return parse_compare(p, out);
    }
    struct node *node = node_new(p, NODE_NOT, p->current.line, p->current.offset);
    if (parse_deeper(p) != 0 || parse_advance(p) != 0 ||
        parse_not(p, &node->as.sub.a) != 0) {
        return -1;
    }
    p->depth--;
    *out = node;
    return 0;
}

static int logic(struct parser *p, const char *word, enum node_kind kind,
                 int (*operand)(struct parser *p, struct node **out), struct node **out)
{
    int line = p->current.line;
    int depth = p->depth;

    if (operand(p, out) != 0) {
        return -1;
    }
    while (parse_at_name(p, word)) {
        struct node *right;
        if (parse_deeper(p) != 0 || parse_advance(p) != 0 || operand(p, &right) != 0) {
            return -1;
        }
        *out = parse_binary_node(p, kind, '\0', *out, right, line);
        line = p->current.line;
    }
    p->depth = depth;
    return 0;
}

static int parse_and(struct parser *p, struct node **out)
{
    return logic(p, "and", NODE_AND, parse_not, out);
}

static int parse_or(struct parser *p, struct node **out)
{
    return logic(p, "or", NODE_OR, parse_and, out);
}

static int parse_cond(struct parser *p, struct node **out)
{
    int line = p->current.line;
    int depth = p->depth;

    if (parse_or(p, out) != 0) {
        return -1;
    }
    while (parse_at_name(p, "if")) {
        struct node *node = node_new(p, NODE_COND, line, (*out)->offset);
        node->as.sub.b = *out;
        if (parse_deeper(p) != 0 || parse_advance(p) != 0 ||
            parse_or(p, &node->as.sub.a) != 0) {
            return -1;
        }
        int otherwise = parse_skip_name(p, "else");
        if (otherwise < 0 || (otherwise == 1 && parse_cond(p, &node->as.sub.c) != 0)) {
            return -1;
        }
        *out = node;
        line = p->current.line;
    }
    p->depth = depth;
    return 0;
}

int parse_expression(struct parser *p, bool with_cond, struct node **out)
{
    int depth = p->depth;

    if (parse_deeper(p) != 0 ||
        (with_cond ? parse_cond(p, out) : parse_or(p, out)) != 0) {
        return -1;
    }
    p->depth = depth;
    return 0;
}

static bool at_tuple_end(const struct parser *p)
{
    return parse_at(p, LEX_VARIABLE_END) || parse_at(p, LEX_BLOCK_END) ||
           parse_at(p, LEX_RPAREN);
}

int parse_tuple(struct parser *p, struct tuple_options o, struct node **out)
{
    struct node *tuple = node_new(p, NODE_TUPLE, p->current.line, p->current.offset);
    bool is_tuple = false;

    for (;;) {
        struct node *item;
        if (tuple->as.list.count > 0 && parse_expect(p, LEX_COMMA) != 0) {
            return -1;
        }
        if (at_tuple_end(p)) {
            break;
        }
        int rc = o.simplified ? parse_primary(p, o.with_namespace, &item)
                              : parse_expression(p, !o.without_cond, &item);
        if (rc != 0) {
            return -1;
        }
        jinja_node_list_add(p, &tuple->as.list, item);
        if (!parse_at(p, LEX_COMMA)) {
            break;
        }
        is_tuple = true;
        tuple->line = p->current.line;
    }
    if (!is_tuple && tuple->as.list.count == 1) {
        *out = tuple->as.list.items[0];
        return 0;
    }
    if (!is_tuple && !o.explicit_parentheses) {
        return parse_fail(p, p->current.line, "Expected an expression, got '%s'",
                          parse_describe(p, &p->current));
    }
    *out = tuple;
    return 0;
}

/* Jinja's name of the node's class, for "can't assign to". */
static const char *class_name(const struct node *node)
{
    static const char *const names[] = {
        [NODE_CONST] = "const",     [NODE_NAME] = "name",
        [NODE_NSREF] = "nsref",     [NODE_TUPLE] = "tuple",
        [NODE_LIST] = "list",       [NODE_DICT] = "dict",
        [NODE_COND] = "condexpr",   [NODE_OR] = "or",
        [NODE_AND] = "and",         [NODE_NOT] = "not",
        [NODE_COMPARE] = "compare", [NODE_CONCAT] = "concat",
        [NODE_GETATTR] = "getattr", [NODE_GETITEM] = "getitem",
        [NODE_CALL] = "call",       [NODE_FILTER] = "filter",
        [NODE_TEST] = "test",
    };
    static const struct {
        char op;
        const char *name;
    } ops[] = {{'+', "add"}, {'-', "sub"}, {'*', "mul"},     {'/', "div"},
               {'%', "mod"}, {'p', "pow"}, {'f', "floordiv"}};

    for (size_t i = 0; node->kind == NODE_BINARY && i < sizeof(ops) / sizeof(ops[0]);
         i++) {
        if (ops[i].op == node->op) {
            return ops[i].name;
        }
    }
    if (node->kind == NODE_UNARY) {
        return node->op == '-' ? "neg" : "pos";
    }
    return node->kind <= NODE_TEST && names[node->kind] != NULL ? names[node->kind]
                                                                : "expr";
}

static bool can_assign(struct node *node)
{
    if (node->kind == NODE_NAME) {
        node->as.name.use = NAME_STORE;
        return true;
    }
    if (node->kind != NODE_TUPLE) {
        return node->kind == NODE_NSREF;
    }
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        if (!can_assign(node->as.list.items[i])) {
            return false;
        }
    }
    return true;
}

int parse_assign_target(struct parser *p, bool with_namespace, struct node **out)
{
    struct tuple_options options = {.simplified = true,
                                    .with_namespace = with_namespace};

    if (parse_tuple(p, options, out) != 0) {
        return -1;
    }
    if (!can_assign(*out)) {
        return parse_fail(p, (*out)->line, "can't assign to '%s'", class_name(*out));
    }
    return 0;
}

static int list_items(struct parser *p, struct node *node)
{
    bool first = true;

    while (!parse_at(p, LEX_RBRACKET)) {
        struct node *item;
        if (!first && parse_expect(p, LEX_COMMA) != 0) {
            return -1;
        }
        if (parse_at(p, LEX_RBRACKET)) {
            break;
        }
        if (parse_expression(p, true, &item) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &node->as.list, item);
        first = false;
    }
    return parse_expect(p, LEX_RBRACKET);
}

static int dict_items(struct parser *p, struct node *node)
{
    bool first = true;

    while (!parse_at(p, LEX_RBRACE)) {
        struct node *key;
        struct node *item;
        if (!first && parse_expect(p, LEX_COMMA) != 0) {
            return -1;
        }
        if (parse_at(p, LEX_RBRACE)) {
            break;
        }
        if (parse_expression(p, true, &key) != 0 || parse_expect(p, LEX_COLON) != 0 ||
            parse_expression(p, true, &item) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &node->as.list, key);
        jinja_node_list_add(p, &node->as.list, item);
        first = false;
    }
    return parse_expect(p, LEX_RBRACE);
}

static int strings(struct parser *p, struct node *node)
{
    node->as.value = p->current.value;
    if (parse_advance(p) != 0) {
        return -1;
    }
    while (parse_at(p, LEX_STRING)) {
        struct value more = p->current.value;
        size_t len = (size_t)node->as.value.len + more.len;
        char *joined = arena_alloc(p->arena, len + 1);
        memcpy(joined, node->as.value.as.s, node->as.value.len);
        memcpy(joined + node->as.value.len, more.as.s, more.len + 1);
        node->as.value = value_str_n(joined, len);
        if (parse_advance(p) != 0) {
            return -1;
        }
    }
    return 0;
}

static int name_or_constant(struct parser *p, bool with_namespace, struct node *node)
{
    static const struct {
        const char *word;
        struct value value;
    } words[] = {
        {"true", {.type = VALUE_BOOL, .as.b = true}},
        {"false", {.type = VALUE_BOOL}},
        {"True", {.type = VALUE_BOOL, .as.b = true}},
        {"False", {.type = VALUE_BOOL}},
        {"none", {.type = VALUE_NONE}},
        {"None", {.type = VALUE_NONE}},
    };
    struct lex_token token = p->current;

    if (parse_advance(p) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_n(token.s, token.len, words[i].word)) {
            node->as.value = words[i].value;
            return 0;
        }
    }
    node->kind = NODE_NAME;
    node->as.name.id = parse_name_of(p, &token);
    if (!with_namespace || !parse_at(p, LEX_DOT)) {
        return 0;
    }
    node->kind = NODE_NSREF;
    return parse_advance(p) != 0 ? -1 : parse_expect_name(p, &node->as.name.attr);
}

int parse_primary(struct parser *p, bool with_namespace, struct node **out)
{
    struct node *node = node_new(p, NODE_CONST, p->current.line, p->current.offset);
    struct tuple_options in_parentheses = {.explicit_parentheses = true};

    *out = node;
    switch (p->current.type) {
    case LEX_NAME:
        return name_or_constant(p, with_namespace, node);
    case LEX_STRING:
        return strings(p, node);
    case LEX_INTEGER:
    case LEX_FLOAT:
        node->as.value = p->current.value;
        return parse_advance(p);
    case LEX_LPAREN:
        if (parse_deeper(p) != 0 || parse_advance(p) != 0 ||
            parse_tuple(p, in_parentheses, out) != 0) {
            return -1;
        }
        p->depth--;
        return parse_expect(p, LEX_RPAREN);
    case LEX_LBRACKET:
        node->kind = NODE_LIST;
        return parse_advance(p) != 0 ? -1 : list_items(p, node);
    case LEX_LBRACE:
        node->kind = NODE_DICT;
        return parse_advance(p) != 0 ? -1 : dict_items(p, node);
    default:
        return parse_fail(p, p->current.line, "unexpected '%s'",
                          parse_describe(p, &p->current));
    }
}

static int unary(struct parser *p, bool with_filter, struct node **out)
{
    int depth = p->depth;

    if (parse_deeper(p) != 0) {
        return -1;
    }
    if (parse_at(p, LEX_SUB) || parse_at(p, LEX_ADD)) {
        struct node *node = node_new(p, NODE_UNARY, p->current.line, p->current.offset);
        node->op = parse_at(p, LEX_SUB) ? '-' : '+';
        if (parse_advance(p) != 0 || unary(p, false, &node->as.sub.a) != 0) {
            return -1;
        }
        *out = node;
    } else if (parse_primary(p, false, out) != 0) {
        return -1;
    }
    if (parse_postfix(p, out) != 0 || (with_filter && parse_filter_expr(p, out) != 0)) {
        return -1;
    }
    p->depth = depth;
    return 0;
}
