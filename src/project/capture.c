#include "config.h"

#include "project/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/*
 * Reads bodies whose Jinja is nothing but ref(), source(), config() and var() with
 * constant arguments, `this` and `target.x`: they need no rendering, because nothing in
 * them depends on a value. Everything else is the parse hook's.
 */

struct scan {
    struct loader *loader;
    struct node *node;
    const char *text;
    const char *p;
    const char *end;
    struct arena scratch;
    struct err *err;
    bool config_failed;
};

static void skip_blanks(struct scan *s)
{
    while (s->p < s->end &&
           (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) {
        s->p++;
    }
}

static bool take(struct scan *s, char c)
{
    skip_blanks(s);
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

static size_t word_len(const struct scan *s)
{
    const char *q = s->p;

    if (q < s->end && *q >= '0' && *q <= '9') {
        return 0;
    }
    while (q < s->end && is_word(*q)) {
        q++;
    }
    return (size_t)(q - s->p);
}

static bool read_string(struct scan *s, struct value *out)
{
    char quote = *s->p;
    const char *close = memchr(s->p + 1, quote, (size_t)(s->end - s->p - 1));

    if (close == NULL || memchr(s->p + 1, '\\', (size_t)(close - s->p - 1)) != NULL ||
        memchr(s->p + 1, '\r', (size_t)(close - s->p - 1)) != NULL) {
        return false;
    }
    *out = value_copy_str_n(&s->scratch, s->p + 1, (size_t)(close - s->p - 1));
    s->p = close + 1;
    skip_blanks(s);
    return s->p == s->end || (*s->p != '\'' && *s->p != '"');
}

static bool read_number(struct scan *s, struct value *out)
{
    char text[32];
    size_t n = 0;
    bool is_float = false;

    while (
        s->p < s->end && n + 1 < sizeof(text) &&
        ((*s->p >= '0' && *s->p <= '9') || *s->p == '.' || (n == 0 && *s->p == '-'))) {
        is_float = is_float || *s->p == '.';
        text[n++] = *s->p++;
    }
    text[n] = '\0';
    if (n == 0 || n > 17 || (s->p < s->end && is_word(*s->p)) || text[n - 1] == '.' ||
        text[n - 1] == '-' || text[0] == '.' ||
        (text[0] == '0' && n > 1 && !is_float)) {
        return false;
    }
    char *end;
    *out =
        is_float ? value_float(strtod(text, &end)) : value_int(strtoll(text, &end, 10));
    return *end == '\0';
}

static bool read_word(struct scan *s, struct value *out)
{
    static const struct {
        const char *word;
        struct value value;
    } words[] = {
        {"true", {.type = VALUE_BOOL, .as.b = true}},
        {"True", {.type = VALUE_BOOL, .as.b = true}},
        {"false", {.type = VALUE_BOOL}},
        {"False", {.type = VALUE_BOOL}},
        {"none", {.type = VALUE_NONE}},
        {"None", {.type = VALUE_NONE}},
    };
    size_t len = word_len(s);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_n(s->p, len, words[i].word)) {
            s->p += len;
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

static bool read_literal(struct scan *s, int depth, struct value *out);

static bool read_list(struct scan *s, int depth, struct value *out)
{
    *out = value_list_new(&s->scratch, 4);
    while (!take(s, ']')) {
        struct value item;
        if (!read_literal(s, depth + 1, &item)) {
            return false;
        }
        value_list_push(*out, item);
        if (!take(s, ',')) {
            return take(s, ']');
        }
    }
    return true;
}

static bool read_dict(struct scan *s, int depth, struct value *out)
{
    *out = value_dict_new(&s->scratch, 4);
    while (!take(s, '}')) {
        struct value key;
        struct value item;
        if (!read_literal(s, depth + 1, &key) || key.type != VALUE_STRING ||
            !take(s, ':') || !read_literal(s, depth + 1, &item)) {
            return false;
        }
        value_dict_put_value(*out, key, item);
        if (!take(s, ',')) {
            return take(s, '}');
        }
    }
    return true;
}

static bool read_literal(struct scan *s, int depth, struct value *out)
{
    skip_blanks(s);
    if (s->p >= s->end || depth > 20) {
        return false;
    }
    switch (*s->p) {
    case '\'':
    case '"':
        return read_string(s, out);
    case '[':
        s->p++;
        return read_list(s, depth, out);
    case '{':
        s->p++;
        return read_dict(s, depth, out);
    default:
        return is_word(*s->p) && (*s->p < '0' || *s->p > '9') ? read_word(s, out)
                                                              : read_number(s, out);
    }
}

/* The keyword in front of '=', or NULL when there is none. */
static const char *read_keyword(struct scan *s)
{
    const char *start = s->p;
    size_t len;

    skip_blanks(s);
    len = word_len(s);
    const char *word = s->p;
    s->p += len;
    if (len > 0 && take(s, '=') && s->p < s->end && *s->p != '=') {
        return arena_strndup(&s->scratch, word, len);
    }
    s->p = start;
    return NULL;
}

/* The arguments behind '('; positional ones must come first. */
static bool read_args(struct scan *s, struct value args, struct value kwargs)
{
    while (!take(s, ')')) {
        struct value item;
        const char *keyword = read_keyword(s);
        if ((keyword == NULL && value_dict_count(kwargs) > 0) ||
            !read_literal(s, 0, &item)) {
            return false;
        }
        if (keyword != NULL) {
            if (value_dict_has(kwargs, keyword)) {
                return false;
            }
            value_dict_put(kwargs, keyword, item);
        } else {
            value_list_push(args, item);
        }
        if (!take(s, ',')) {
            return take(s, ')');
        }
    }
    return true;
}

static bool all_strings(struct value args)
{
    for (size_t i = 0; i < value_list_count(args); i++) {
        if (value_list_at(args, i).type != VALUE_STRING) {
            return false;
        }
    }
    return true;
}

static bool do_ref(struct scan *s, struct value args, struct value kwargs,
                   uint32_t offset)
{
    size_t count = value_list_count(args);
    struct value version = value_dict_get(kwargs, "version");
    struct value v = value_dict_get(kwargs, "v");
    size_t known = (version.type != VALUE_UNDEFINED) + (v.type != VALUE_UNDEFINED);

    if (count < 1 || count > 2 || !all_strings(args) || known > 1 ||
        known != value_dict_count(kwargs)) {
        return false;
    }
    if (version.type == VALUE_UNDEFINED) {
        version = v;
    }
    if (version.type == VALUE_LIST || version.type == VALUE_DICT) {
        return false;
    }
    node_add_ref(s->loader->project, s->node,
                 count == 2 ? value_list_at(args, 0).as.s : NULL,
                 value_list_at(args, count - 1).as.s, version, offset);
    return true;
}

static bool do_source(struct scan *s, struct value args, struct value kwargs,
                      uint32_t offset)
{
    if (value_list_count(args) != 2 || !all_strings(args) ||
        value_dict_count(kwargs) > 0) {
        return false;
    }
    for (size_t i = 0; i < s->node->source_count; i++) {
        if (str_eq(s->node->sources[i].source, value_list_at(args, 0).as.s) &&
            str_eq(s->node->sources[i].table, value_list_at(args, 1).as.s)) {
            return true;
        }
    }
    node_add_source(s->loader->project, s->node, value_list_at(args, 0).as.s,
                    value_list_at(args, 1).as.s, offset);
    return true;
}

static bool do_config(struct scan *s, struct value args, struct value kwargs)
{
    struct value opts = kwargs;

    if (value_list_count(args) == 1 && value_dict_count(kwargs) == 0) {
        opts = value_list_at(args, 0);
    } else if (value_list_count(args) != 0) {
        return false;
    }
    if (opts.type != VALUE_DICT) {
        return false;
    }
    if (node_add_config(s->loader->project, s->node, opts, s->err) != 0) {
        s->config_failed = true;
    }
    return true;
}

static bool do_var(struct scan *s, struct value args, struct value kwargs)
{
    size_t count = value_list_count(args);

    (void)s;
    return count >= 1 && count <= 2 && all_strings(args) &&
           value_dict_count(kwargs) == 0;
}

static bool read_call(struct scan *s, const char *name, size_t len, uint32_t offset)
{
    struct value args = value_list_new(&s->scratch, 2);
    struct value kwargs = value_dict_new(&s->scratch, 4);

    if (!take(s, '(') || !read_args(s, args, kwargs)) {
        return false;
    }
    if (str_eq_n(name, len, "ref")) {
        return do_ref(s, args, kwargs, offset);
    }
    if (str_eq_n(name, len, "source")) {
        return do_source(s, args, kwargs, offset);
    }
    if (str_eq_n(name, len, "config")) {
        return do_config(s, args, kwargs);
    }
    return str_eq_n(name, len, "var") && do_var(s, args, kwargs);
}

/* What may stand between the braces of an expression. */
static bool read_expression(struct scan *s)
{
    skip_blanks(s);
    const char *name = s->p;
    size_t len = word_len(s);
    if (len == 0) {
        return false;
    }
    s->p += len;
    if (str_eq_n(name, len, "this")) {
        return true;
    }
    if (str_eq_n(name, len, "target")) {
        if (s->p >= s->end || *s->p != '.') {
            return false;
        }
        s->p++;
        len = word_len(s);
        s->p += len;
        return len > 0;
    }
    return read_call(s, name, len, (uint32_t)(name - s->text));
}

/* Behind "{{": the expression and its "}}". */
static bool read_braces(struct scan *s)
{
    if (s->p < s->end && (*s->p == '-' || *s->p == '+')) {
        s->p++;
    }
    if (!read_expression(s)) {
        return false;
    }
    skip_blanks(s);
    if (s->p < s->end && (*s->p == '-' || *s->p == '+')) {
        s->p++;
    }
    if (s->end - s->p < 2 || s->p[0] != '}' || s->p[1] != '}') {
        return false;
    }
    s->p += 2;
    return true;
}

static bool read_body(struct scan *s)
{
    while ((s->p = memchr(s->p, '{', (size_t)(s->end - s->p))) != NULL) {
        if (s->p + 1 >= s->end) {
            return true;
        }
        char kind = s->p[1];
        if (kind == '%') {
            return false;
        }
        if (kind == '{') {
            s->p += 2;
            if (!read_braces(s)) {
                return false;
            }
        } else if (kind == '#') {
            const char *close = memmem(s->p + 2, (size_t)(s->end - s->p - 2), "#}", 2);
            if (close == NULL) {
                return false;
            }
            s->p = close + 2;
        } else {
            s->p++;
        }
    }
    return true;
}

static void forget(struct node *node)
{
    node->ref_count = 0;
    node->refs = NULL;
    node->source_count = 0;
    node->sources = NULL;
    node->config_call = value_undefined();
    node->unrendered_config_call = value_undefined();
}

bool node_capture_static(struct loader *loader, struct node *node, struct err *err)
{
    struct scan scan = {.loader = loader,
                        .node = node,
                        .text = node->raw_code,
                        .p = node->raw_code,
                        .end = node->raw_code + node->raw_code_len,
                        .err = err};
    bool done = read_body(&scan);

    arena_fini(&scan.scratch);
    if (!done) {
        forget(node);
        err_clear(err);
    }
    return done;
}

bool node_capture_call(struct loader *loader, struct node *node, const char *text)
{
    struct err err = {0};
    struct scan scan = {.loader = loader,
                        .node = node,
                        .text = text,
                        .p = text,
                        .end = text + strlen(text),
                        .err = &err};

    skip_blanks(&scan);
    size_t len = word_len(&scan);
    const char *name = scan.p;
    bool done = str_eq_n(name, len, "ref") || str_eq_n(name, len, "source");
    if (done) {
        scan.p += len;
        done = read_call(&scan, name, len, UINT32_MAX);
        skip_blanks(&scan);
        done = done && scan.p == scan.end;
    }
    arena_fini(&scan.scratch);
    return done;
}

int node_capture(struct loader *loader, struct node *node, struct err *err)
{
    const struct project_hooks *hooks = loader->project->hooks;

    if (!project_has_jinja(value_str_n(node->raw_code, node->raw_code_len))) {
        return 0;
    }
    if (!loader->bans_static && node_capture_static(loader, node, err)) {
        return err->code != ERR_NONE ? -1 : 0;
    }
    if (node_configure_base(loader, node, err) != 0) {
        return -1;
    }
    if (hooks == NULL || hooks->parse_node == NULL) {
        return err_set(err, ERR_COMPILE, "can't render Jinja here");
    }
    return hooks->parse_node(hooks->context, loader->project, node, err);
}
