#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "project/glob.h"
#include "project/select_internal.h"

/* ---- fqn ---- */

static char *join_fqn(const struct node *node, size_t from)
{
    struct buf text = {.max = 64 * 1024};

    for (size_t i = from; i < node->fqn_count; i++) {
        buf_addf(&text, "%s%s", i > from ? "." : "", node->fqn[i]);
    }
    return buf_take(&text);
}

static size_t count_dots(const char *s)
{
    size_t count = 0;

    for (; *s != '\0'; s++) {
        count += *s == '.';
    }
    return count;
}

/* The last two of both, joined by '_', are the same: "orders.v2" is orders_v2. */
static bool is_version_name(const struct node *node, const char *selector)
{
    char own[512];
    char *copy = xstrdup(selector);
    const char *tail = copy;
    size_t dots = count_dots(copy);

    for (char *dot = strchr(copy, '.'); dot != NULL && dots > 1; dots--) {
        tail = dot + 1;
        dot = strchr(tail, '.');
    }
    for (char *p = copy; *p != '\0'; p++) {
        if (*p == '.' && p > tail) {
            *p = '_';
        }
    }
    snprintf(own, sizeof(own), "%s_%s", node->fqn[node->fqn_count - 2],
             node->fqn[node->fqn_count - 1]);
    bool same = str_eq(own, tail);
    free(copy);
    return same;
}

/* Part by part; the first part with a wildcard takes the rest. `flat` is dotted. */
static bool match_flat(const char *flat, const char *selector)
{
    const char *f = flat;
    const char *s = selector;

    if (count_dots(flat) < count_dots(selector)) {
        return false;
    }
    for (;;) {
        size_t n = strcspn(s, ".");
        if (strcspn(s, "*?[]") < n) {
            return glob_match(s, f);
        }
        if (strcspn(f, ".") != n || strncmp(f, s, n) != 0) {
            return false;
        }
        if (s[n] == '\0') {
            return true;
        }
        s += n + 1;
        f += n + 1;
    }
}

static bool match_from(const struct node *node, const char *selector, size_t from)
{
    bool versioned = !value_is_null(node->version) && node->type == NODE_MODEL;
    size_t count = node->fqn_count;
    const char *leaf = node->fqn[versioned && count > 1 ? count - 2 : count - 1];

    if (count <= from) {
        return false;
    }
    if (str_eq(leaf, selector) || (versioned && is_version_name(node, selector))) {
        return true;
    }
    char *flat = join_fqn(node, from);
    bool found = match_flat(flat, selector);
    free(flat);
    return found || (strchr(selector, '.') == NULL &&
                     strpbrk(selector, "*?[]") != NULL && glob_match(selector, leaf));
}

static bool match_fqn(const struct node *node, const char *selector)
{
    return node->type != NODE_SOURCE &&
           (match_from(node, selector, 0) || match_from(node, selector, 1));
}

/* ---- dotted names ---- */

static int invalid(struct selecting *s, const char *what, const char *value,
                   const char *form)
{
    return err_set(s->err, ERR_USAGE,
                   "Invalid %s selector value \"%s\". It must be of the form %s", what,
                   value, form);
}

static int match_source(struct selecting *s, const struct node *node, const char *value)
{
    char *copy = xstrdup(value);
    char *part[3] = {copy, NULL, NULL};
    size_t count = 1;
    int rc = 0;

    for (char *dot = strchr(copy, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        if (count < 3) {
            *dot = '\0';
            part[count] = dot + 1;
        }
        count++;
    }
    if (count > 3) {
        rc = invalid(s, "source", value,
                     "`source_name`, `source_name.target_name` or "
                     "`package_name.source_name.target_name`");
    } else if (node->type == NODE_SOURCE) {
        const char *package = count == 3 ? part[0] : "*";
        const char *source = count == 3 ? part[1] : part[0];
        const char *table = count == 3 ? part[2] : count == 2 ? part[1] : "*";
        rc = glob_match(package, node->package->name) &&
             glob_match(source, node->source->source_name) &&
             glob_match(table, node->name);
    }
    free(copy);
    return rc;
}

static int match_named(struct selecting *s, const struct node *node,
                       enum node_type type, const char *value)
{
    const char *dot = strchr(value, '.');

    if (dot != NULL && strchr(dot + 1, '.') != NULL) {
        return invalid(s, node_type_name(type), value, "`name` or `package.name`");
    }
    if (node->type != type) {
        return 0;
    }
    if (dot == NULL) {
        return glob_match(value, node->name);
    }
    char *package = xstrndup(value, (size_t)(dot - value));
    int rc =
        glob_match(package, node->package->name) && glob_match(dot + 1, node->name);
    free(package);
    return rc;
}

/* ---- the rest ---- */

static bool match_tag(const struct node *node, const char *value)
{
    for (size_t i = 0; i < value_list_count(node->tags); i++) {
        if (glob_match(value, value_cstr(value_list_at(node->tags, i), ""))) {
            return true;
        }
    }
    return false;
}

/* A file of a package counts only when the project has one of that path, too. */
static bool exists_here(const struct selecting *s, const struct node *node)
{
    char full[4096];

    if (node->package->is_root) {
        return true;
    }
    snprintf(full, sizeof(full), "%s/%s", s->project->root, node->file->path);
    return path_exists(full);
}

static bool match_path(const struct selecting *s, const struct node *node,
                       const char *value)
{
    if (node->patch_file != NULL && glob_match_path(value, node->patch_file->path) &&
        exists_here(s, node)) {
        return true;
    }
    return glob_match_path_or_parent(value, node->file->path) && exists_here(s, node);
}

static bool match_file(const struct node *node, const char *value)
{
    const char *name = path_base(node->file->path);
    const char *ext = strrchr(name, '.');

    if (glob_match(value, name)) {
        return true;
    }
    char *stem = ext != NULL && ext > name ? xstrndup(name, (size_t)(ext - name))
                                           : xstrdup(name);
    bool found = glob_match(value, stem);
    free(stem);
    return found;
}

/* config.a.b: attributes are dict keys; Python spells hooks with '_'. */
static struct value descend(struct value config, const char *path)
{
    struct value v = config;

    for (const char *p = path; *p != '\0';) {
        size_t n = strcspn(p, ".");
        if (str_eq_n(p, n, "pre_hook")) {
            v = value_dict_get(v, "pre-hook");
        } else if (str_eq_n(p, n, "post_hook")) {
            v = value_dict_get(v, "post-hook");
        } else {
            v = value_dict_get_n(v, p, n);
        }
        p += n + (p[n] == '.');
    }
    return v;
}

static bool same_value(struct value have, struct value wanted, bool ignore_case)
{
    struct buf text = {.max = 4096};
    bool same = value_equal(have, wanted) &&
                (have.type == VALUE_BOOL) == (wanted.type == VALUE_BOOL);

    project_python_str(wanted, &text);
    if (have.type == VALUE_BOOL) {
        same = same || str_ieq(buf_str(&text), have.as.b ? "true" : "false");
    } else if (have.type == VALUE_STRING && ignore_case) {
        same = same || str_ieq(buf_str(&text), have.as.s);
    }
    buf_fini(&text);
    return same;
}

static bool match_config(const struct node *node, const struct criteria *c)
{
    bool ignore_case = str_eq(c->argument, "severity");

    if (node->type == NODE_EXPOSURE || node->type == NODE_UNIT_TEST) {
        return false;
    }
    struct value v = descend(node->config, c->argument);
    if (v.type == VALUE_UNDEFINED) {
        return false;
    }
    if (v.type != VALUE_LIST) {
        return same_value(v, c->value, ignore_case);
    }
    for (size_t i = 0; i < value_list_count(v); i++) {
        if (same_value(value_list_at(v, i), c->value, ignore_case)) {
            return true;
        }
    }
    return false;
}

static int match_test_type(struct selecting *s, const struct node *node,
                           const char *value)
{
    bool generic = node->type == NODE_TEST && node->test != NULL && node->test->generic;
    bool singular = node->type == NODE_TEST && !generic;

    if (str_eq(value, "generic") || str_eq(value, "schema")) {
        return generic;
    }
    if (str_eq(value, "singular")) {
        return singular;
    }
    if (str_eq(value, "data")) {
        return generic || singular;
    }
    if (str_eq(value, "unit")) {
        return node->type == NODE_UNIT_TEST;
    }
    return err_set(s->err, ERR_USAGE,
                   "Invalid test type selector %s: expected \"generic\", \"singular\", "
                   "\"unit\", or \"data\"",
                   value);
}

static bool match_test_name(const struct node *node, const char *value)
{
    if (node->type == NODE_UNIT_TEST) {
        return glob_match(value, node->name);
    }
    return node->type == NODE_TEST && node->test != NULL && node->test->generic &&
           glob_match(value, node->test->test_name);
}

static int match_type(struct selecting *s, const struct node *node, const char *value)
{
    static const char *const others[] = {
        "rpc",   "sql operation",  "doc",         "macro",   "metric",
        "group", "semantic_model", "saved_query", "fixture", "function",
    };
    int type = str_eq(value, "data_test") ? -1 : node_type_parse(value);

    if (type >= 0) {
        return (int)node->type == type;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (str_eq(value, others[i])) {
            return 0;
        }
    }
    return err_set(s->err, ERR_USAGE, "Invalid resource_type selector \"%s\"", value);
}

static double number_of(struct value v)
{
    if (v.type == VALUE_STRING) {
        return strtod(v.as.s, NULL);
    }
    return v.type == VALUE_FLOAT ? v.as.f : v.type == VALUE_INT ? (double)v.as.i : 0;
}

/* Numbers by value when both are, else by their text. */
static int compare_versions(struct value a, struct value b)
{
    if (a.type != VALUE_STRING && b.type != VALUE_STRING) {
        double x = number_of(a);
        double y = number_of(b);
        return (x > y) - (x < y);
    }
    struct buf s = {.max = 128};
    struct buf t = {.max = 128};
    project_python_str(a, &s);
    project_python_str(b, &t);
    int order = strcmp(buf_str(&s), buf_str(&t));
    buf_fini(&s);
    buf_fini(&t);
    return order;
}

static int match_version(struct selecting *s, const struct node *node,
                         const char *value)
{
    bool versioned = !value_is_null(node->version);

    if (node->type != NODE_MODEL) {
        return 0;
    }
    int order = versioned ? compare_versions(node->version, node->latest_version) : 0;
    if (str_eq(value, "latest")) {
        return versioned && order == 0;
    }
    if (str_eq(value, "prerelease")) {
        return order > 0;
    }
    if (str_eq(value, "old")) {
        return order < 0;
    }
    if (str_eq(value, "none")) {
        return !versioned;
    }
    return err_set(s->err, ERR_USAGE,
                   "Invalid version type selector %s: expected one of: \"latest\", "
                   "\"prerelease\", \"old\", or \"none\"",
                   value);
}

static bool match_access(const struct node *node, const char *value)
{
    static const char *const names[] = {"private", "protected", "public"};

    return node->type == NODE_MODEL && str_eq(value, names[node->access]);
}

static int match_result(struct selecting *s, const struct node *node, const char *value)
{
    const struct artifact_state *state = s->options->state;
    struct value results = state != NULL ? value_dict_get(state->run_results, "results")
                                         : value_undefined();

    if (results.type != VALUE_LIST) {
        err_set(s->err, ERR_USAGE, "No comparison run_results");
        err_hint(s->err, "give --state DIR with the run_results.json to compare with");
        return -1;
    }
    if (s->statuses.type != VALUE_DICT) {
        s->statuses = value_dict_new(s->arena, value_list_count(results));
        for (size_t i = 0; i < value_list_count(results); i++) {
            struct value result = value_list_at(results, i);
            value_dict_put(s->statuses,
                           value_cstr(value_dict_get(result, "unique_id"), ""),
                           value_dict_get(result, "status"));
        }
    }
    return str_eq(value_cstr(value_dict_get(s->statuses, node->unique_id), "\1"),
                  value);
}

int method_match(struct selecting *s, const struct criteria *c, const struct node *node)
{
    const char *value = value_cstr(c->value, "");

    switch (c->method) {
    case METHOD_FQN:
        return match_fqn(node, value);
    case METHOD_TAG:
        return match_tag(node, value);
    case METHOD_GROUP: {
        const char *group = node_config_str(node, "group", NULL);
        return group != NULL && glob_match(value, group);
    }
    case METHOD_ACCESS:
        return match_access(node, value);
    case METHOD_SOURCE:
        return match_source(s, node, value);
    case METHOD_PATH:
        return match_path(s, node, value);
    case METHOD_FILE:
        return match_file(node, value);
    case METHOD_PACKAGE:
        return glob_match(str_eq(value, "this") ? s->project->name : value,
                          node->package->name);
    case METHOD_CONFIG:
        return match_config(node, c);
    case METHOD_TEST_NAME:
        return match_test_name(node, value);
    case METHOD_TEST_TYPE:
        return match_test_type(s, node, value);
    case METHOD_RESOURCE_TYPE:
        return match_type(s, node, value);
    case METHOD_STATE:
        return state_match(s, value, node);
    case METHOD_EXPOSURE:
        return match_named(s, node, NODE_EXPOSURE, value);
    case METHOD_UNIT_TEST:
        return match_named(s, node, NODE_UNIT_TEST, value);
    case METHOD_RESULT:
        return match_result(s, node, value);
    case METHOD_VERSION:
        return match_version(s, node, value);
    case METHOD_SOURCE_STATUS:
        return err_set(s->err, ERR_REFUSED,
                       "source_status: needs source freshness, which is not measured "
                       "on Confluent Cloud");
    case METHOD_METRIC:
    case METHOD_SEMANTIC_MODEL:
    case METHOD_SAVED_QUERY:
        return 0;
    }
    return 0;
}
