#include "config.h"

#include "jinja/parse.h"

#include <stdio.h>
#include <unistr.h>

#include "base/str.h"

int parse_fail_type(struct parser *p, const char *type, int line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(p->err, ERR_COMPILE, fmt, ap);
    va_end(ap);
    str_copy(p->err->type, sizeof(p->err->type), type);
    p->err->line = line;
    return -1;
}

int parse_fail(struct parser *p, int line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(p->err, ERR_COMPILE, fmt, ap);
    va_end(ap);
    str_copy(p->err->type, sizeof(p->err->type), "TemplateSyntaxError");
    p->err->line = line;
    return -1;
}

int parse_advance(struct parser *p)
{
    int line = p->current.line;

    if (p->peeked) {
        p->current = p->next;
        p->peeked = false;
    } else if (lexer_next(&p->lexer, &p->current) != 0) {
        return -1;
    }
    if (p->current.type == LEX_EOF) {
        p->current.line = line; /* Jinja has the end where the last token was */
    }
    return 0;
}

int parse_peek(struct parser *p, struct lex_token *out)
{
    if (!p->peeked) {
        if (lexer_next(&p->lexer, &p->next) != 0) {
            return -1;
        }
        p->peeked = true;
    }
    *out = p->next;
    return 0;
}

bool parse_at(const struct parser *p, enum lex_type type)
{
    return p->current.type == type;
}

bool parse_at_name(const struct parser *p, const char *name)
{
    return p->current.type == LEX_NAME && str_eq_n(p->current.s, p->current.len, name);
}

int parse_skip(struct parser *p, enum lex_type type)
{
    if (!parse_at(p, type)) {
        return 0;
    }
    return parse_advance(p) == 0 ? 1 : -1;
}

int parse_skip_name(struct parser *p, const char *name)
{
    if (!parse_at_name(p, name)) {
        return 0;
    }
    return parse_advance(p) == 0 ? 1 : -1;
}

const char *parse_describe(struct parser *p, const struct lex_token *token)
{
    return token->type == LEX_NAME ? arena_strndup(p->arena, token->s, token->len)
                                   : lex_describe_type(token->type);
}

static int unexpected(struct parser *p, const char *expected)
{
    if (parse_at(p, LEX_EOF)) {
        return parse_fail(p, p->current.line,
                          "unexpected end of template, expected '%s'.", expected);
    }
    return parse_fail(p, p->current.line, "expected token '%s', got '%s'", expected,
                      parse_describe(p, &p->current));
}

int parse_expect(struct parser *p, enum lex_type type)
{
    return parse_at(p, type) ? parse_advance(p)
                             : unexpected(p, lex_describe_type(type));
}

int parse_expect_word(struct parser *p, const char *word)
{
    return parse_at_name(p, word) ? parse_advance(p) : unexpected(p, word);
}

int parse_expect_name(struct parser *p, struct jinja_name *out)
{
    if (parse_at(p, LEX_NAME)) {
        *out = parse_name_of(p, &p->current);
    }
    return parse_expect(p, LEX_NAME);
}

int parse_deeper(struct parser *p)
{
    if (++p->depth > PARSE_MAX_DEPTH) {
        return parse_fail(p, p->current.line, "template is nested too deeply");
    }
    return 0;
}

struct node *node_new(struct parser *p, enum node_kind kind, int line, uint32_t offset)
{
    struct node *node = arena_new(p->arena, struct node);

    node->kind = (uint8_t)kind;
    node->line = line;
    node->offset = offset;
    return node;
}

void jinja_node_list_add(struct parser *p, struct node_list *list, struct node *node)
{
    uint32_t n = list->count;

    if ((n & (n - 1)) == 0) { /* room doubles at powers of two */
        list->items =
            arena_realloc(p->arena, list->items, n * sizeof(struct node *),
                          (n != 0 ? (size_t)n * 2 : 1) * sizeof(struct node *));
    }
    list->items[list->count++] = node;
}

struct jinja_name parse_name_of(struct parser *p, const struct lex_token *token)
{
    return (struct jinja_name){arena_strndup(p->arena, token->s, token->len),
                               token->len, map_hash(token->s, token->len)};
}

/* ---- unknown tags and missing ends ---------------------------------------------- */

static bool is_expected(const struct end_tokens *ends, const char *name)
{
    for (; ends != NULL; ends = ends->outer) {
        for (const char *const *end = ends->names; *end != NULL; end++) {
            if (str_eq(*end, name)) {
                return true;
            }
        }
    }
    return false;
}

/* `name` NULL: the text ended. */
static int fail_tag(struct parser *p, const char *name, const struct end_tokens *ends,
                    int line)
{
    struct buf message = BUF_INIT;
    struct buf looking = BUF_INIT;

    for (const char *const *end = ends != NULL ? ends->names : NULL;
         end != NULL && *end != NULL; end++) {
        buf_addf(&looking, "%s'%s'", looking.len > 0 ? " or " : "", *end);
    }
    if (name == NULL) {
        buf_adds(&message, "Unexpected end of template.");
    } else {
        buf_addf(&message, "Encountered unknown tag '%s'.", name);
    }
    if (looking.len > 0 && name != NULL && is_expected(ends, name)) {
        buf_addf(&message,
                 " You probably made a nesting mistake. Jinja is expecting this tag,"
                 " but currently looking for %s.",
                 buf_str(&looking));
    } else if (looking.len > 0) {
        buf_addf(&message, " Jinja was looking for the following tags: %s.",
                 buf_str(&looking));
    }
    if (p->tags != NULL) {
        buf_addf(&message, " The innermost block that needs to be closed is '%s'.",
                 p->tags->name);
    }
    parse_fail(p, line, "%s", buf_str(&message));
    buf_fini(&message);
    buf_fini(&looking);
    return -1;
}

/* ---- blocks of statements ------------------------------------------------------- */

static int parse_statement(struct parser *p, struct node_list *out);

static bool at_end_tag(const struct parser *p, const struct end_tokens *ends)
{
    for (const char *const *end = ends->names; *end != NULL; end++) {
        if (parse_at_name(p, *end)) {
            return true;
        }
    }
    return false;
}

static int add_print(struct parser *p, struct node_list *out)
{
    struct node *value;

    if (parse_advance(p) != 0 ||
        parse_tuple(p, (struct tuple_options){0}, &value) != 0) {
        return -1;
    }
    struct node *node = node_new(p, NODE_PRINT, value->line, value->offset);
    node->as.sub.a = value;
    jinja_node_list_add(p, out, node);
    return parse_expect(p, LEX_VARIABLE_END);
}

/* Up to one of `ends`, which is then the current token; `ends` NULL: to the end. */
static int subparse(struct parser *p, const struct end_tokens *ends,
                    struct node_list *out)
{
    while (!parse_at(p, LEX_EOF)) {
        if (parse_at(p, LEX_DATA)) {
            struct node *node =
                node_new(p, NODE_DATA, p->current.line, p->current.offset);
            node->as.value = value_str_n(p->current.s, p->current.len);
            jinja_node_list_add(p, out, node);
            if (parse_advance(p) != 0) {
                return -1;
            }
        } else if (parse_at(p, LEX_VARIABLE_BEGIN)) {
            if (add_print(p, out) != 0) {
                return -1;
            }
        } else {
            if (parse_advance(p) != 0) {
                return -1;
            }
            if (ends != NULL && at_end_tag(p, ends)) {
                return 0;
            }
            if (parse_statement(p, out) != 0 || parse_expect(p, LEX_BLOCK_END) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int parse_statements(struct parser *p, const char *const *ends, bool drop,
                     struct node_list *out)
{
    struct end_tokens inner = {ends, p->ends};

    if (parse_skip(p, LEX_COLON) < 0 || parse_expect(p, LEX_BLOCK_END) != 0 ||
        parse_deeper(p) != 0) {
        return -1;
    }
    p->ends = &inner;
    int rc = subparse(p, &inner, out);
    p->ends = inner.outer;
    p->depth--;
    if (rc != 0) {
        return -1;
    }
    if (parse_at(p, LEX_EOF)) {
        return fail_tag(p, NULL, &inner, p->current.line);
    }
    return drop ? parse_advance(p) : 0;
}

/* ---- statements ----------------------------------------------------------------- */

static int parse_if(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    static const char *const endif[] = {"endif", NULL};
    struct node *node = node_new(p, NODE_IF, p->current.line, p->current.offset);
    struct tuple_options no_cond = {.without_cond = true};

    *out = node;
    struct node_if *first = arena_new(p->arena, struct node_if);
    node->as.branch = first;
    if (parse_advance(p) != 0) {
        return -1;
    }
    for (;;) {
        struct node_if *branch = node->as.branch;
        if (parse_tuple(p, no_cond, &branch->test) != 0 ||
            parse_statements(p, ends, false, &branch->body) != 0) {
            return -1;
        }
        bool elif = parse_at_name(p, "elif");
        bool otherwise = parse_at_name(p, "else");
        if (parse_advance(p) != 0) {
            return -1;
        }
        if (!elif) {
            return otherwise ? parse_statements(p, endif, true, &first->otherwise) : 0;
        }
        node = node_new(p, NODE_IF, p->current.line, p->current.offset);
        node->as.branch = arena_new(p->arena, struct node_if);
        branch->elif = node;
    }
}

static int parse_for(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endfor", "else", NULL};
    static const char *const endfor[] = {"endfor", NULL};
    struct node *node = node_new(p, NODE_FOR, p->current.line, p->current.offset);
    struct node_for *loop = arena_new(p->arena, struct node_for);
    struct tuple_options iter = {.without_cond = true};

    node->as.loop = loop;
    *out = node;
    if (parse_advance(p) != 0 || parse_assign_target(p, false, &loop->target) != 0 ||
        parse_expect_word(p, "in") != 0 || parse_tuple(p, iter, &loop->iter) != 0) {
        return -1;
    }
    int filtered = parse_skip_name(p, "if");
    if (filtered < 0 ||
        (filtered == 1 && parse_expression(p, true, &loop->test) != 0)) {
        return -1;
    }
    int recursive = parse_skip_name(p, "recursive");
    loop->recursive = recursive == 1;
    if (recursive < 0 || parse_statements(p, ends, false, &loop->body) != 0) {
        return -1;
    }
    bool otherwise = parse_at_name(p, "else");
    if (parse_advance(p) != 0) {
        return -1;
    }
    return otherwise ? parse_statements(p, endfor, true, &loop->otherwise) : 0;
}

static int parse_set(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endset", NULL};
    struct node *node = node_new(p, NODE_SET, p->current.line, p->current.offset);

    node->as.set = arena_zalloc(p->arena, sizeof(*node->as.set));
    *out = node;
    if (parse_advance(p) != 0 ||
        parse_assign_target(p, true, &node->as.set->target) != 0) {
        return -1;
    }
    int assign = parse_skip(p, LEX_ASSIGN);
    if (assign != 0) {
        return assign < 0
                   ? -1
                   : parse_tuple(p, (struct tuple_options){0}, &node->as.set->value);
    }
    node->kind = NODE_SET_BLOCK;
    if (parse_filters(p, NULL, false, &node->as.set->value) != 0) {
        return -1;
    }
    return parse_statements(p, ends, true, &node->as.set->body);
}

static int parse_with(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endwith", NULL};
    struct node *node = node_new(p, NODE_WITH, p->current.line, p->current.offset);
    struct node *item;

    node->as.with = arena_zalloc(p->arena, sizeof(*node->as.with));
    *out = node;
    if (parse_advance(p) != 0) {
        return -1;
    }
    while (!parse_at(p, LEX_BLOCK_END)) {
        if (node->as.with->targets.count > 0 && parse_expect(p, LEX_COMMA) != 0) {
            return -1;
        }
        if (parse_assign_target(p, false, &item) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &node->as.with->targets, item);
        if (parse_expect(p, LEX_ASSIGN) != 0 || parse_expression(p, true, &item) != 0) {
            return -1;
        }
        jinja_node_list_add(p, &node->as.with->values, item);
    }
    return parse_statements(p, ends, true, &node->as.with->body);
}

static int parse_filter_block(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endfilter", NULL};
    struct node *node =
        node_new(p, NODE_FILTER_BLOCK, p->current.line, p->current.offset);

    node->as.filter_block = arena_zalloc(p->arena, sizeof(*node->as.filter_block));
    *out = node;
    if (parse_advance(p) != 0 ||
        parse_filters(p, NULL, true, &node->as.filter_block->filter) != 0) {
        return -1;
    }
    return parse_statements(p, ends, true, &node->as.filter_block->body);
}

static int parse_autoescape(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endautoescape", NULL};
    struct node *node = node_new(p, NODE_SCOPE, p->current.line, p->current.offset);

    node->as.block = arena_zalloc(p->arena, sizeof(*node->as.block));
    *out = node;
    if (parse_advance(p) != 0 ||
        parse_expression(p, true, &node->as.block->autoescape) != 0) {
        return -1;
    }
    return parse_statements(p, ends, true, &node->as.block->body);
}

static int parse_block(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endblock", NULL};
    struct node *node = node_new(p, NODE_BLOCK, p->current.line, p->current.offset);

    node->as.block = arena_zalloc(p->arena, sizeof(*node->as.block));
    jinja_node_list_add(p, &p->template->blocks, node);
    *out = node;
    if (parse_advance(p) != 0 || parse_expect_name(p, &node->as.block->name) != 0) {
        return -1;
    }
    int scoped = parse_skip_name(p, "scoped");
    node->as.block->scoped = scoped == 1;
    int required = scoped < 0 ? -1 : parse_skip_name(p, "required");
    node->as.block->required = required == 1;
    if (required < 0) {
        return -1;
    }
    if (parse_at(p, LEX_SUB)) {
        return parse_fail(p, p->current.line,
                          "Block names in Jinja have to be valid Python identifiers and"
                          " may not contain hyphens, use an underscore instead.");
    }
    if (parse_statements(p, ends, true, &node->as.block->body) != 0) {
        return -1;
    }
    for (uint32_t i = 0; required == 1 && i < node->as.block->body.count; i++) {
        const struct node *child = node->as.block->body.items[i];
        if (child->kind != NODE_DATA ||
            strspn(child->as.value.as.s, " \t\n\r\f\v") < child->as.value.len) {
            return parse_fail(
                p, p->current.line,
                "Required blocks can only contain comments or whitespace");
        }
    }
    return parse_skip_name(p, node->as.block->name.s) < 0 ? -1 : 0;
}

/* `with context` or `without context`, if it is there. */
static int parse_import_context(struct parser *p, bool *found)
{
    struct lex_token next;

    *found = false;
    if (!parse_at_name(p, "with") && !parse_at_name(p, "without")) {
        return 0;
    }
    if (parse_peek(p, &next) != 0) {
        return -1;
    }
    *found = next.type == LEX_NAME && str_eq_n(next.s, next.len, "context");
    return *found && (parse_advance(p) != 0 || parse_advance(p) != 0) ? -1 : 0;
}

/* a, b as c [with context] */
static int parse_import_names(struct parser *p)
{
    struct jinja_name name;
    bool context = false;

    for (bool first = true;; first = false) {
        if (!first && parse_expect(p, LEX_COMMA) != 0) {
            return -1;
        }
        if (parse_import_context(p, &context) != 0 || context) {
            return context ? 0 : -1;
        }
        int line = p->current.line;
        if (parse_expect_name(p, &name) != 0) {
            return -1;
        }
        if (name.s[0] == '_') {
            return parse_fail_type(
                p, "TemplateAssertionError", line,
                "names starting with an underline can not be imported");
        }
        int alias = parse_skip_name(p, "as");
        if (alias < 0 || (alias == 1 && parse_expect_name(p, &name) != 0) ||
            parse_import_context(p, &context) != 0) {
            return -1;
        }
        if (context || !parse_at(p, LEX_COMMA)) {
            return 0;
        }
    }
}

/* {% include %}, {% import %}, {% from %}, {% extends %}: there is no loader, so they
 * are read and refused when they are reached. */
static int parse_loading(struct parser *p, struct node **out)
{
    bool include = parse_at_name(p, "include");
    bool import = parse_at_name(p, "import");
    bool from = parse_at_name(p, "from");
    struct jinja_name name;
    struct node *template;
    bool context;

    *out = node_new(p, NODE_LOADER, p->current.line, p->current.offset);
    if (parse_advance(p) != 0 || parse_expression(p, true, &template) != 0) {
        return -1;
    }
    if (from) {
        return parse_expect_word(p, "import") == 0 ? parse_import_names(p) : -1;
    }
    if (import &&
        (parse_expect_word(p, "as") != 0 || parse_expect_name(p, &name) != 0)) {
        return -1;
    }
    if (include && parse_at_name(p, "ignore") &&
        (parse_advance(p) != 0 || parse_expect_word(p, "missing") != 0)) {
        return -1;
    }
    return include || import ? parse_import_context(p, &context) : 0;
}

static int parse_do(struct parser *p, struct node **out)
{
    *out = node_new(p, NODE_DO, p->current.line, p->current.offset);
    if (parse_advance(p) != 0) {
        return -1;
    }
    return parse_tuple(p, (struct tuple_options){0}, &(*out)->as.sub.a);
}

static int parse_loop_control(struct parser *p, struct node **out)
{
    *out = node_new(p, parse_at_name(p, "break") ? NODE_BREAK : NODE_CONTINUE,
                    p->current.line, p->current.offset);
    return parse_advance(p);
}

/* {% print a, b %}: several nodes. */
static int parse_print(struct parser *p, struct node_list *out)
{
    bool first = true;

    if (parse_advance(p) != 0) {
        return -1;
    }
    while (!parse_at(p, LEX_BLOCK_END)) {
        struct node *value;
        if ((!first && parse_expect(p, LEX_COMMA) != 0) ||
            parse_expression(p, true, &value) != 0) {
            return -1;
        }
        struct node *node = node_new(p, NODE_PRINT, value->line, value->offset);
        node->as.sub.a = value;
        jinja_node_list_add(p, out, node);
        first = false;
    }
    return 0;
}

static int parse_macro(struct parser *p, struct node **out)
{
    return parse_macro_tag(p, NULL, out);
}

static const struct {
    const char *name;
    int (*parse)(struct parser *p, struct node **out);
} statements[] = {
    {"if", parse_if},
    {"for", parse_for},
    {"set", parse_set},
    {"macro", parse_macro},
    {"call", parse_call_block},
    {"do", parse_do},
    {"filter", parse_filter_block},
    {"with", parse_with},
    {"break", parse_loop_control},
    {"continue", parse_loop_control},
    {"block", parse_block},
    {"autoescape", parse_autoescape},
    {"include", parse_loading},
    {"import", parse_loading},
    {"from", parse_loading},
    {"extends", parse_loading},
};

/* 1 = parsed, 0 = no such tag, -1. */
static int known_statement(struct parser *p, struct node_list *out)
{
    struct node *node;

    if (parse_at_name(p, "print")) {
        return parse_print(p, out) == 0 ? 1 : -1;
    }
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (parse_at_name(p, statements[i].name)) {
            if (statements[i].parse(p, &node) != 0) {
                return -1;
            }
            jinja_node_list_add(p, out, node);
            return 1;
        }
    }
    for (size_t i = 0; i < p->env->config.tag_count; i++) {
        if (parse_at_name(p, p->env->config.tags[i].name)) {
            if (parse_macro_tag(p, &p->env->config.tags[i], &node) != 0) {
                return -1;
            }
            jinja_node_list_add(p, out, node);
            return 1;
        }
    }
    return 0;
}

static int parse_statement(struct parser *p, struct node_list *out)
{
    if (!parse_at(p, LEX_NAME)) {
        return parse_fail(p, p->current.line, "tag name expected");
    }
    int line = p->current.line;
    struct tag_stack inner = {arena_strndup(p->arena, p->current.s, p->current.len),
                              p->tags};
    p->tags = &inner;
    int rc = known_statement(p, out);
    p->tags = inner.outer;
    if (rc == 0) {
        return fail_tag(p, inner.name, p->ends, line);
    }
    return rc > 0 ? 0 : -1;
}

/* ---- templates ------------------------------------------------------------------ */

bool jinja_has_markup(const char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        char a = text[i];
        char b = text[i + 1];
        if ((a == '{' && (b == '{' || b == '%' || b == '#')) ||
            (b == '}' && (a == '}' || a == '%' || a == '#'))) {
            return true;
        }
    }
    return false;
}

/* Line numbers count within the text until here. */
static void place_error(const struct jinja_template *t, struct err *err)
{
    int line = err->line > 0 ? err->line : 1;
    const char *s = t->text;

    for (int i = 1; i < line && s != NULL; i++) {
        s = strchr(s, '\n');
        s = s != NULL ? s + 1 : NULL;
    }
    if (s != NULL) {
        str_copy_n(err->source, sizeof(err->source), s, strcspn(s, "\n"));
    }
    err->line = line + t->first_line - 1;
    str_copy(err->file, sizeof(err->file), t->file);
}

static int check_text(const struct jinja_env *env, const char *text, size_t len,
                      const char *file, struct err *err)
{
    if (len > env->limits.text) {
        err_set(err, ERR_LIMIT, "template is longer than %zu bytes", env->limits.text);
        err_at(err, file, 1, 1);
        return -1;
    }
    const uint8_t *bad = u8_check((const uint8_t *)text, len);
    if (bad != NULL) {
        err_set(err, ERR_COMPILE, "template is not valid UTF-8");
        str_copy(err->type, sizeof(err->type), "UnicodeDecodeError");
        err_at_offset(err, file, text, len, (size_t)((const char *)bad - text));
        return -1;
    }
    return 0;
}

static struct jinja_template *template_new(const struct jinja_env *env,
                                           const char *text, size_t len,
                                           const char *file, int first_line,
                                           struct arena *arena)
{
    struct jinja_template *t = arena_new(arena, struct jinja_template);

    t->env = env;
    t->file = arena_strdup(arena, file != NULL ? file : "<template>");
    t->first_line = first_line;
    t->text = lex_normalize(text, len, arena, &t->len);
    return t;
}

int template_parse(const struct jinja_env *env, const char *text, size_t len,
                   const char *file, int first_line, bool expression,
                   struct arena *arena, struct jinja_template **out, struct err *err)
{
    if (check_text(env, text, len, file, err) != 0) {
        return -1;
    }
    struct jinja_template *t = template_new(env, text, len, file, first_line, arena);
    struct parser p = {.env = env, .template = t, .arena = arena, .err = err};
    struct node *value = NULL;
    lexer_init(&p.lexer, t->text, t->len, expression ? LEX_IN_VARIABLE : LEX_IN_TEXT,
               arena, err);
    p.current.line = 1;
    int rc = parse_advance(&p);
    if (rc == 0 && expression) {
        rc = parse_expression(&p, true, &value);
        if (rc == 0 && !parse_at(&p, LEX_EOF)) {
            rc = parse_fail(&p, p.current.line, "chunk after expression");
        }
    } else if (rc == 0) {
        rc = subparse(&p, NULL, &t->body);
    }
    if (rc == 0 && expression) {
        struct node *node = node_new(&p, NODE_PRINT, value->line, value->offset);
        node->as.sub.a = value;
        jinja_node_list_add(&p, &t->body, node);
    }
    if (rc == 0) {
        rc = resolve_template(t, arena, err);
    }
    if (rc != 0) {
        place_error(t, err);
        return -1;
    }
    *out = t;
    return 0;
}

int jinja_parse(const struct jinja_env *env, const char *text, size_t len,
                const char *file, int first_line, struct arena *arena,
                struct jinja_template **out, struct err *err)
{
    return template_parse(env, text, len, file, first_line, false, arena, out, err);
}
