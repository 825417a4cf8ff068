#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "project/select_internal.h"

static const char *const method_names[] = {
#define X(name, text) text,
    SELECT_METHODS(X)
#undef X
};
#define METHOD_COUNT (sizeof(method_names) / sizeof(method_names[0]))

const char *spec_method_name(enum select_method method)
{
    return method_names[method];
}

static struct spec *new_spec(struct selecting *s, enum spec_kind kind)
{
    struct spec *spec = arena_new(s->arena, struct spec);

    spec->kind = kind;
    spec->raw = "";
    spec->criteria.parents_depth = -1;
    spec->criteria.children_depth = -1;
    spec->indirect = SELECT_EAGER;
    return spec;
}

static void add_part(struct selecting *s, struct spec *spec, struct spec *part)
{
    spec->parts = arena_realloc(s->arena, spec->parts, spec->count * sizeof(part),
                                (spec->count + 1) * sizeof(part));
    spec->parts[spec->count++] = part;
}

static int set_method(struct selecting *s, struct criteria *c, const char *text,
                      size_t len)
{
    const char *dot = memchr(text, '.', len);
    size_t n = dot != NULL ? (size_t)(dot - text) : len;

    for (size_t i = 0; i < METHOD_COUNT; i++) {
        if (str_eq_n(text, n, method_names[i])) {
            c->method = (enum select_method)i;
            c->argument =
                dot != NULL ? arena_strndup(s->arena, dot + 1, len - n - 1) : "";
            return 0;
        }
    }
    char *name = arena_strndup(s->arena, text, n);
    const char *near = str_nearest(name, method_names, METHOD_COUNT);
    err_set(s->err, ERR_USAGE, "'%s' is not a valid method name", name);
    if (near != NULL) {
        err_hint(s->err, "did you mean '%s:'?", near);
    }
    return -1;
}

static void default_method(struct criteria *c, const char *value)
{
    size_t len = strlen(value);
    const char *tail = len >= 4 ? value + len - 4 : "";

    c->argument = "";
    if (strchr(value, '/') != NULL) {
        c->method = METHOD_PATH;
    } else if (str_ieq(tail, ".sql") || str_ieq(tail, ".csv") ||
               (len >= 3 && str_ieq(value + len - 3, ".py"))) {
        c->method = METHOD_FILE;
    } else {
        c->method = METHOD_FQN;
    }
}

/* "3+" or "+" at the start: moves `*p`, returns whether it was there. */
static bool take_parents(const char **p, const char *end, long *depth)
{
    const char *q = *p;

    while (q < end && isdigit((unsigned char)*q)) {
        q++;
    }
    if (q >= end || *q != '+') {
        return false;
    }
    *depth = q > *p ? strtol(*p, NULL, 10) : -1;
    *p = q + 1;
    return true;
}

/* "+3" or "+" at the end. */
static bool take_children(const char *p, const char **end, long *depth)
{
    const char *q = *end;

    while (q > p && isdigit((unsigned char)q[-1])) {
        q--;
    }
    if (q <= p || q[-1] != '+') {
        return false;
    }
    *depth = q < *end ? strtol(q, NULL, 10) : -1;
    *end = q - 1;
    return true;
}

static struct spec *parse_criteria(struct selecting *s, const char *text, size_t len)
{
    struct spec *spec = new_spec(s, SPEC_CRITERIA);
    struct criteria *c = &spec->criteria;
    const char *p = text;
    const char *end = text + len;

    spec->raw = arena_strndup(s->arena, text, len);
    spec->indirect = s->options->indirect;
    if (p < end && *p == '@') {
        c->childrens_parents = true;
        p++;
    }
    c->parents = take_parents(&p, end, &c->parents_depth);
    const char *colon = p;
    while (colon < end && (isalnum((unsigned char)*colon) || *colon == '_' ||
                           *colon == '.' || (unsigned char)*colon >= 0x80)) {
        colon++;
    }
    bool has_method = colon > p && colon < end && *colon == ':';
    const char *value = has_method ? colon + 1 : p;
    c->children = take_children(value, &end, &c->children_depth);
    c->value = value_copy_str_n(s->arena, value, (size_t)(end - value));
    if (has_method) {
        if (set_method(s, c, p, (size_t)(colon - p)) != 0) {
            return NULL;
        }
    } else {
        default_method(c, c->value.as.s);
    }
    if (c->children && c->childrens_parents) {
        err_set(s->err, ERR_USAGE,
                "Invalid node spec %s - \"@\" prefix and \"+\" suffix are incompatible",
                spec->raw);
        return NULL;
    }
    return spec;
}

/* One word: criteria joined by commas. */
static struct spec *parse_word(struct selecting *s, const char *text, size_t len,
                               bool expect_exists)
{
    struct spec *spec = new_spec(s, SPEC_INTERSECTION);
    const char *end = text + len;

    spec->raw = arena_strndup(s->arena, text, len);
    spec->expect_exists = expect_exists;
    spec->indirect = s->options->indirect;
    for (const char *p = text;;) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        struct spec *part =
            parse_criteria(s, p, (size_t)((comma != NULL ? comma : end) - p));
        if (part == NULL) {
            return NULL;
        }
        add_part(s, spec, part);
        if (comma == NULL) {
            return spec;
        }
        p = comma + 1;
    }
}

struct spec *spec_parse(struct selecting *s, const char *const *texts, size_t count,
                        bool expect_exists)
{
    struct spec *spec = new_spec(s, SPEC_UNION);

    spec->indirect = s->options->indirect;
    for (size_t i = 0; i < count; i++) {
        for (const char *p = texts[i]; p != NULL;) {
            const char *blank = strchr(p, ' ');
            size_t len = blank != NULL ? (size_t)(blank - p) : strlen(p);
            struct spec *word = parse_word(s, p, len, expect_exists);
            if (word == NULL) {
                return NULL;
            }
            add_part(s, spec, word);
            p = blank != NULL ? blank + 1 : NULL;
        }
    }
    return spec;
}

/* ---- selectors.yml ---- */

#define MAX_DEPTH 30

static struct spec *bad(struct selecting *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static struct spec *bad(struct selecting *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(s->err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    err_at(s->err, "selectors.yml", 0, 0);
    return NULL;
}

static int parse_indirect(const char *text)
{
    static const char *const names[] = {"eager", "cautious", "buildable", "empty"};

    for (int i = 0; i < 4; i++) {
        if (str_eq(text, names[i])) {
            return i;
        }
    }
    return -1;
}

static long depth_of(struct value v)
{
    if (v.type == VALUE_INT) {
        return (long)v.as.i;
    }
    return v.type == VALUE_STRING && v.len > 0 ? strtol(v.as.s, NULL, 10) : -1;
}

static bool flag_of(struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    return v.type == VALUE_BOOL ? v.as.b : !value_is_null(v);
}

static struct spec *from_method(struct selecting *s, struct value def,
                                const char *method, struct value value)
{
    struct spec *spec = new_spec(s, SPEC_CRITERIA);
    struct criteria *c = &spec->criteria;
    const char *indirect = value_cstr(value_dict_get(def, "indirect_selection"), NULL);

    spec->indirect = s->options->indirect;
    if (indirect != NULL) {
        int mode = parse_indirect(indirect);
        if (mode < 0) {
            return bad(s, "'%s' is not a valid IndirectSelection", indirect);
        }
        spec->indirect = (enum select_indirect)mode;
    }
    c->value = value;
    if (set_method(s, c, method, strlen(method)) != 0) {
        return NULL;
    }
    c->parents = flag_of(def, "parents");
    c->children = flag_of(def, "children");
    c->childrens_parents = flag_of(def, "childrens_parents");
    c->parents_depth = depth_of(value_dict_get(def, "parents_depth"));
    c->children_depth = depth_of(value_dict_get(def, "children_depth"));
    if (c->children && c->childrens_parents) {
        return bad(s, "\"@\" prefix and \"+\" suffix are incompatible");
    }
    return spec;
}

static struct spec *difference(struct selecting *s, struct spec *from,
                               struct spec *without)
{
    struct spec *spec = new_spec(s, SPEC_DIFFERENCE);

    add_part(s, spec, from);
    add_part(s, spec, without);
    return spec;
}

/* The list under `exclude` as one spec. */
static struct spec *exclusions(struct selecting *s, struct value list, int depth)
{
    struct spec *spec = new_spec(s, SPEC_UNION);

    if (list.type != VALUE_LIST) {
        return bad(s, "Invalid value for key \"exclude\". Expected a list.");
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct spec *part = spec_from_definition(s, value_list_at(list, i), depth + 1);
        if (part == NULL) {
            return NULL;
        }
        add_part(s, spec, part);
    }
    return spec;
}

static struct spec *from_set(struct selecting *s, struct value list,
                             enum spec_kind kind, int depth)
{
    struct spec *spec = new_spec(s, kind);
    struct spec *without = NULL;

    if (list.type != VALUE_LIST) {
        return bad(s, "Invalid value for key \"%s\". Expected a list.",
                   kind == SPEC_UNION ? "union" : "intersection");
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        bool excludes = value_dict_has(item, "exclude"); /* whatever else it says */
        if (excludes && without != NULL) {
            return bad(s, "You cannot provide multiple exclude arguments to the same "
                          "selector set operator");
        }
        struct spec *part = excludes
                                ? exclusions(s, value_dict_get(item, "exclude"), depth)
                                : spec_from_definition(s, item, depth + 1);
        if (part == NULL) {
            return NULL;
        }
        if (excludes) {
            without = part;
        } else {
            add_part(s, spec, part);
        }
    }
    return without != NULL ? difference(s, spec, without) : spec;
}

static struct spec *from_dict(struct selecting *s, struct value def, int depth)
{
    struct value method = value_dict_get(def, "method");
    struct value value = value_dict_get(def, "value");
    size_t at = 0;

    if (value_dict_count(def) == 1) {
        const struct value_pair *pair = value_dict_next(def, &at);
        return pair->key.type == VALUE_STRING
                   ? from_method(s, def, pair->key.as.s, pair->value)
                   : bad(s, "Expected definition key to be a \"str\"");
    }
    if (method.type != VALUE_STRING || value.type == VALUE_UNDEFINED) {
        return bad(s, "Expected either 1 key or else \"method\" and \"value\" keys");
    }
    if (str_eq(method.as.s, "selector")) {
        return map_get(&s->project->selectors, value_cstr(value, "")) != NULL
                   ? spec_of_selector(s, value_cstr(value, ""))
                   : bad(s, "Existing selector definition for %s not found.",
                         value_cstr(value, "?"));
    }
    struct spec *spec = from_method(s, def, method.as.s, value);
    struct value exclude = value_dict_get(def, "exclude");
    if (spec == NULL || exclude.type == VALUE_UNDEFINED) {
        return spec;
    }
    struct spec *without = exclusions(s, exclude, depth);
    return without != NULL ? difference(s, spec, without) : NULL;
}

struct spec *spec_from_definition(struct selecting *s, struct value definition,
                                  int depth)
{
    if (depth > MAX_DEPTH) {
        return bad(s, "selectors are nested too deeply");
    }
    if (definition.type == VALUE_STRING) {
        return parse_criteria(s, definition.as.s, definition.len);
    }
    if (definition.type != VALUE_DICT) {
        return bad(s,
                   "Expected to find union, intersection, str or dict, instead found "
                   "%s",
                   value_type_name(definition));
    }
    bool is_union = value_dict_has(definition, "union");
    if (is_union || value_dict_has(definition, "intersection")) {
        if (depth == 0 && value_dict_count(definition) > 1) {
            return bad(s, "Only a single 'union' or 'intersection' key is allowed in a "
                          "root level selector definition");
        }
        return from_set(s,
                        value_dict_get(definition, is_union ? "union" : "intersection"),
                        is_union ? SPEC_UNION : SPEC_INTERSECTION, depth);
    }
    return from_dict(s, definition, depth);
}

struct spec *spec_of_selector(struct selecting *s, const char *name)
{
    const struct selector *selector = map_get(&s->project->selectors, name);

    if (selector == NULL) {
        err_set(s->err, ERR_USAGE,
                "Could not find selector named %s, expected one of the selectors of "
                "selectors.yml",
                name);
        return NULL;
    }
    if (s->nesting > MAX_DEPTH) {
        return bad(s, "selector '%s' refers to itself", name);
    }
    s->nesting++;
    struct spec *spec = spec_from_definition(s, selector->definition, 0);
    s->nesting--;
    return spec;
}
