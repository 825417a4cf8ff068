#include "config.h"

#include "jinja/parse.h"

#include "base/str.h"

/* Dict[str, List[int]]: checked for form only, kept as text without blanks. */
static int parse_type(struct parser *p, struct buf *out)
{
    struct jinja_name name;

    if (parse_expect_name(p, &name) != 0 || parse_deeper(p) != 0) {
        return -1;
    }
    buf_add(out, name.s, name.len);
    if (parse_at(p, LEX_LBRACKET)) {
        bool first = true;
        buf_addc(out, '[');
        if (parse_advance(p) != 0) {
            return -1;
        }
        while (!parse_at(p, LEX_RBRACKET)) {
            if (!first) {
                buf_addc(out, ',');
                if (parse_expect(p, LEX_COMMA) != 0) {
                    return -1;
                }
            }
            if (parse_type(p, out) != 0) {
                return -1;
            }
            first = false;
        }
        buf_addc(out, ']');
        if (parse_advance(p) != 0) {
            return -1;
        }
    }
    p->depth--;
    return 0;
}

static int parse_param_type(struct parser *p, const char **out)
{
    struct buf text = BUF_INIT;
    int rc = parse_type(p, &text);

    *out = arena_strdup(p->arena, buf_str(&text));
    buf_fini(&text);
    return rc;
}

static void add_param(struct parser *p, struct node_macro *macro, struct node *param,
                      const char *type, struct node *fallback)
{
    uint32_t n = macro->params.count;
    struct jinja_macro *info = macro->macro;

    if ((n & (n - 1)) == 0) {
        size_t room = n != 0 ? (size_t)n * 2 : 1;
        info->params = arena_realloc(p->arena, info->params, n * sizeof(*info->params),
                                     room * sizeof(*info->params));
        macro->defaults =
            arena_realloc(p->arena, macro->defaults, n * sizeof(struct node *),
                          room * sizeof(struct node *));
    }
    info->params[n] =
        (struct jinja_macro_param){param->as.name.id.s, type, fallback != NULL};
    info->param_count = n + 1;
    macro->defaults[n] = fallback;
    jinja_node_list_add(p, &macro->params, param);
}

static int parse_param(struct parser *p, struct node_macro *macro, bool typed)
{
    struct node *param = node_new(p, NODE_NAME, p->current.line, p->current.offset);
    struct node *fallback = NULL;
    const char *type = NULL;

    param->as.name.use = NAME_PARAM;
    if (parse_expect_name(p, &param->as.name.id) != 0) {
        return -1;
    }
    if (typed && parse_at(p, LEX_COLON)) {
        if (parse_advance(p) != 0 || parse_param_type(p, &type) != 0) {
            return -1;
        }
    }
    int assign = parse_skip(p, LEX_ASSIGN);
    if (assign < 0 || (assign == 1 && parse_expression(p, true, &fallback) != 0)) {
        return -1;
    }
    if (fallback == NULL && macro->default_count > 0) {
        return parse_fail(p, p->current.line,
                          "non-default argument follows default argument");
    }
    macro->default_count += fallback != NULL;
    add_param(p, macro, param, type, fallback);
    return 0;
}

int parse_signature(struct parser *p, struct node_macro *macro, bool typed)
{
    if (parse_expect(p, LEX_LPAREN) != 0) {
        return -1;
    }
    while (!parse_at(p, LEX_RPAREN)) {
        if ((macro->params.count > 0 && parse_expect(p, LEX_COMMA) != 0) ||
            parse_param(p, macro, typed) != 0) {
            return -1;
        }
    }
    return parse_advance(p);
}

static struct node *macro_new_node(struct parser *p, enum node_kind kind,
                                   struct node_macro **macro)
{
    struct node *node = node_new(p, kind, p->current.line, p->current.offset);
    struct jinja_macro *info = arena_new(p->arena, struct jinja_macro);

    info->template = p->template;
    info->file = p->template->file;
    info->line = node->line + p->template->first_line - 1;
    info->options = value_dict_new(p->arena, 0);
    *macro = arena_new(p->arena, struct node_macro);
    (*macro)->macro = info;
    return node;
}

/* The entry of `options` for the name, with its mark; NULL = unknown. */
static const char *find_option(const char *const *options, const char *name)
{
    for (; options != NULL && *options != NULL; options++) {
        bool marked = **options == '=' || **options == '@';
        if (str_eq(*options + (marked ? 1 : 0), name)) {
            return *options;
        }
    }
    return NULL;
}

/* Constants only: what a host can use without rendering. */
static struct value option_value(struct parser *p, const struct node *node)
{
    struct value list;

    if (node->kind == NODE_CONST) {
        return node->as.value;
    }
    if (node->kind != NODE_LIST && node->kind != NODE_TUPLE) {
        return value_none();
    }
    list = value_list_new(p->arena, node->as.list.count);
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        value_list_push(list, option_value(p, node->as.list.items[i]));
    }
    return list;
}

static int parse_options(struct parser *p, const struct jinja_tag *tag,
                         struct node_macro *macro)
{
    struct jinja_name name;

    while (parse_at(p, LEX_COMMA)) {
        int line = p->current.line;
        struct node *value = NULL;
        if (parse_advance(p) != 0) {
            return -1;
        }
        struct node *param = node_new(p, NODE_NAME, line, p->current.offset);
        if (parse_expect_name(p, &name) != 0) {
            return -1;
        }
        const char *option = find_option(tag->options, name.s);
        if (option == NULL) {
            return parse_fail(p, line, "%s '%s' received unknown argument '%s'.",
                              tag->name, macro->macro->name, name.s);
        }
        if (*option != '=' && *option != '@') {
            value_dict_put(macro->macro->options, name.s, value_bool(true));
            continue;
        }
        if (parse_expect(p, LEX_ASSIGN) != 0 ||
            parse_expression(p, true, &value) != 0) {
            return -1;
        }
        value_dict_put(macro->macro->options, name.s, option_value(p, value));
        if (*option == '@') {
            param->as.name.id = name;
            param->as.name.use = NAME_PARAM;
            macro->default_count++;
            add_param(p, macro, param, NULL, value);
        }
    }
    return 0;
}

int parse_macro_tag(struct parser *p, const struct jinja_tag *tag, struct node **out)
{
    struct node_macro *macro;
    struct node *node = macro_new_node(p, NODE_MACRO, &macro);
    const char *prefix = p->env->config.macro_prefix;
    struct jinja_name name;
    int rc = 0;

    node->as.macro = macro;
    *out = node;
    if (parse_advance(p) != 0 || parse_expect_name(p, &name) != 0) {
        return -1;
    }
    macro->macro->name = name.s;
    macro->macro->tag = tag != NULL ? tag->name : "macro";
    if (tag != NULL) {
        name.s = arena_printf(p->arena, "%s_%s", tag->name, name.s);
    }
    if (prefix != NULL) {
        name.s = arena_printf(p->arena, "%s%s", prefix, name.s);
    }
    name.len = (uint32_t)strlen(name.s);
    name.hash = map_hash(name.s, name.len);
    macro->name = name;
    if (p->template->first_macro == NULL) {
        p->template->first_macro = macro;
    }
    if (tag == NULL || tag->form == JINJA_TAG_SIGNATURE) {
        rc = parse_signature(p, macro, p->env->config.typed_params);
    } else if (tag->form == JINJA_TAG_OPTIONS) {
        rc = parse_options(p, tag, macro);
    }
    if (rc != 0) {
        return -1;
    }
    const char *const ends[] = {arena_printf(p->arena, "end%s", macro->macro->tag),
                                NULL};
    return parse_statements(p, ends, true, &macro->body);
}

int parse_call_block(struct parser *p, struct node **out)
{
    static const char *const ends[] = {"endcall", NULL};
    struct node_macro *macro;
    struct node *node = macro_new_node(p, NODE_CALL_BLOCK, &macro);

    node->as.call_block = arena_zalloc(p->arena, sizeof(*node->as.call_block));
    node->as.call_block->body = macro;
    macro->macro->name = "caller";
    macro->macro->tag = "call";
    *out = node;
    if (parse_advance(p) != 0 ||
        (parse_at(p, LEX_LPAREN) && parse_signature(p, macro, false) != 0) ||
        parse_expression(p, true, &node->as.call_block->call) != 0) {
        return -1;
    }
    if (node->as.call_block->call->kind != NODE_CALL) {
        return parse_fail(p, node->line, "expected call");
    }
    return parse_statements(p, ends, true, &macro->body);
}
