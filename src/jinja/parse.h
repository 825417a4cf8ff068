/* Shared by the two halves of the parser: statements and expressions. */
#ifndef JINJA_PARSE_H
#define JINJA_PARSE_H

#include "jinja/internal.h"
#include "jinja/lex.h"

#define PARSE_MAX_DEPTH 800

/* Ends that a block may have, for messages: names, NULL-terminated. */
struct end_tokens {
    const char *const *names;
    const struct end_tokens *outer;
};

struct tag_stack {
    const char *name;
    const struct tag_stack *outer;
};

struct parser {
    const struct jinja_env *env;
    struct jinja_template *template;
    struct arena *arena;
    struct err *err;
    struct lexer lexer;
    struct lex_token current;
    struct lex_token next;
    bool peeked;
    int depth; /* of the tree */
    const struct end_tokens *ends;
    const struct tag_stack *tags;
};

int parse_fail(struct parser *p, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int parse_fail_type(struct parser *p, const char *type, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int parse_advance(struct parser *p);
int parse_peek(struct parser *p, struct lex_token *out);
/* Takes the token if it is of that type (that name): 1/0/-1. */
int parse_skip(struct parser *p, enum lex_type type);
int parse_skip_name(struct parser *p, const char *name);
int parse_expect(struct parser *p, enum lex_type type);
int parse_expect_name(struct parser *p, struct jinja_name *out);
int parse_expect_word(struct parser *p, const char *word);
bool parse_at(const struct parser *p, enum lex_type type);
bool parse_at_name(const struct parser *p, const char *name);
const char *parse_describe(struct parser *p, const struct lex_token *token);
int parse_deeper(struct parser *p);

struct node *node_new(struct parser *p, enum node_kind kind, int line, uint32_t offset);
void jinja_node_list_add(struct parser *p, struct node_list *list, struct node *node);
struct jinja_name parse_name_of(struct parser *p, const struct lex_token *token);

int parse_expression(struct parser *p, bool with_cond, struct node **out);

struct tuple_options {
    bool simplified; /* names and literals only */
    bool without_cond;
    bool explicit_parentheses;
    bool with_namespace;
};
int parse_tuple(struct parser *p, struct tuple_options options, struct node **out);
int parse_assign_target(struct parser *p, bool with_namespace, struct node **out);
/* The `|name(args)` chain on `operand`; `inline_start` for {% filter name %}. */
int parse_filters(struct parser *p, struct node *operand, bool inline_start,
                  struct node **out);
int parse_call_args(struct parser *p, struct node_args **out);

/* A name or literal; NAME.NAME as a target when `with_namespace`. */
int parse_primary(struct parser *p, bool with_namespace, struct node **out);
/* Attributes, items and calls; then filters and tests: wrap `*out`. */
int parse_postfix(struct parser *p, struct node **out);
int parse_filter_expr(struct parser *p, struct node **out);
struct node *parse_binary_node(struct parser *p, enum node_kind kind, char op,
                               struct node *a, struct node *b, int line);

/* ( … ) of macros and call blocks. */
int parse_signature(struct parser *p, struct node_macro *macro, bool typed);
int parse_macro_tag(struct parser *p, const struct jinja_tag *tag, struct node **out);
int parse_call_block(struct parser *p, struct node **out);
int parse_statements(struct parser *p, const char *const *ends, bool drop,
                     struct node_list *out);

/* Places of names, frames, constant parts; sets line, message and type on failure. */
int template_parse(const struct jinja_env *env, const char *text, size_t len,
                   const char *file, int first_line, bool expression,
                   struct arena *arena, struct jinja_template **out, struct err *err);

int resolve_template(struct jinja_template *template, struct arena *arena,
                     struct err *err);

#endif
