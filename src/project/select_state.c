#include "config.h"

#include <string.h>

#include "base/str.h"
#include "project/select_internal.h"

/* What is compared is what dbt compares: `old` is a node of the previous manifest. */

static struct value find_old(const struct value manifest, const struct node *node)
{
    static const char *const sections[] = {"nodes", "sources", "exposures",
                                           "unit_tests"};

    for (size_t i = 0; i < 4; i++) {
        struct value old =
            value_dict_get(value_dict_get(manifest, sections[i]), node->unique_id);
        if (old.type == VALUE_DICT) {
            return old;
        }
    }
    return value_undefined();
}

static bool same_text(const char *text, struct value old)
{
    return str_eq(text != NULL ? text : "", value_cstr(old, ""));
}

static bool same_body(const struct node *node, struct value old)
{
    if (node->type == NODE_SEED) {
        struct value sum = value_dict_get(old, "checksum");
        return same_text(node->checksum, value_dict_get(sum, "checksum"));
    }
    return same_text(node->raw_code, value_dict_get(old, "raw_code"));
}

/* Keys whose change doesn't make a config different. */
static bool is_excluded(const char *key)
{
    return str_eq(key, "alias") || str_eq(key, "schema") || str_eq(key, "database") ||
           str_eq(key, "tags") || str_eq(key, "group");
}

static bool is_test_modifier(const char *key)
{
    static const char *const keys[] = {
        "severity", "where",    "limit",          "fail_calc",
        "warn_if",  "error_if", "store_failures", "store_failures_as"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (str_eq(key, keys[i])) {
            return true;
        }
    }
    return false;
}

static bool has_same(struct value a, struct value b, bool test)
{
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(a, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        if (test ? !is_test_modifier(key) : is_excluded(key)) {
            continue;
        }
        struct value other = value_dict_get_value(b, p->key);
        if (other.type == VALUE_UNDEFINED || !value_equal(p->value, other)) {
            return false;
        }
    }
    return true;
}

static bool same_config(const struct node *node, struct value old)
{
    struct value before = value_dict_get(old, "unrendered_config");
    bool test = node->type == NODE_TEST;

    return has_same(node->unrendered_config, before, test) &&
           has_same(before, node->unrendered_config, test);
}

static bool same_fqn(const struct node *node, struct value old)
{
    struct value fqn = value_dict_get(old, "fqn");

    if (value_list_count(fqn) != node->fqn_count) {
        return false;
    }
    for (size_t i = 0; i < node->fqn_count; i++) {
        if (!same_text(node->fqn[i], value_list_at(fqn, i))) {
            return false;
        }
    }
    return true;
}

static bool same_names(const struct node *node, struct value old)
{
    static const char *const keys[] = {"database", "schema", "alias"};
    struct value before = value_dict_get(old, "unrendered_config");

    if (node->type == NODE_SOURCE) {
        return same_text(node->database, value_dict_get(old, "database")) &&
               same_text(node->schema, value_dict_get(old, "schema")) &&
               same_text(node->source->identifier, value_dict_get(old, "identifier"));
    }
    for (size_t i = 0; i < 3; i++) {
        struct value a = value_dict_get(node->unrendered_config, keys[i]);
        struct value b = value_dict_get(before, keys[i]);
        if (value_is_null(a) != value_is_null(b) ||
            (!value_is_null(a) && !value_equal(a, b))) {
            return false;
        }
    }
    return true;
}

static bool same_columns(const struct node *node, struct value old)
{
    struct value columns = value_dict_get(old, "columns");

    if (value_dict_count(columns) != node->column_count) {
        return false;
    }
    for (size_t i = 0; i < node->column_count; i++) {
        struct value column = value_dict_get(columns, node->columns[i].name);
        if (column.type != VALUE_DICT ||
            !same_text(node->columns[i].description,
                       value_dict_get(column, "description"))) {
            return false;
        }
    }
    return true;
}

/* Descriptions count only as far as they are written to the database. */
static bool same_descriptions(const struct node *node, struct value old)
{
    struct value docs = node_config(node, "persist_docs");

    if (value_is_true(value_dict_get(docs, "relation"), false) &&
        !same_text(node->description, value_dict_get(old, "description"))) {
        return false;
    }
    return !value_is_true(value_dict_get(docs, "columns"), false) ||
           same_columns(node, old);
}

static bool same_contract(struct selecting *s, const struct node *node,
                          struct value old)
{
    struct value contract = value_dict_get(old, "contract");
    bool before = value_is_true(value_dict_get(contract, "enforced"), false);

    if (node->type != NODE_MODEL || (!before && !node->contract_enforced)) {
        return true;
    }
    struct value now = artifact_contract_checksum(s->project, node, s->arena);
    return before == node->contract_enforced &&
           value_equal(now, value_dict_get(contract, "checksum"));
}

static bool same_exposure(const struct node *node, struct value old)
{
    const struct node_exposure *exposure = node->exposure;
    struct value nodes = value_dict_get(value_dict_get(old, "depends_on"), "nodes");
    bool same = value_list_count(nodes) == node->parents.count;

    for (size_t i = 0; i < node->parents.count && same; i++) {
        bool found = false;
        for (size_t k = 0; k < value_list_count(nodes) && !found; k++) {
            found =
                same_text(node->parents.items[i]->unique_id, value_list_at(nodes, k));
        }
        same = found;
    }
    return same && same_fqn(node, old) && same_config(node, old) &&
           same_text(exposure->type, value_dict_get(old, "type")) &&
           value_equal(exposure->owner, value_dict_get(old, "owner")) &&
           same_text(exposure->url, value_dict_get(old, "url")) &&
           same_text(exposure->label, value_dict_get(old, "label")) &&
           same_text(exposure->maturity, value_dict_get(old, "maturity")) &&
           same_text(node->description, value_dict_get(old, "description"));
}

static bool same_contents(struct selecting *s, const struct node *node,
                          struct value old)
{
    switch (node->type) {
    case NODE_EXPOSURE:
        return same_exposure(node, old);
    case NODE_UNIT_TEST:
        return same_text(node->checksum, value_dict_get(old, "checksum"));
    case NODE_SOURCE:
        return same_names(node, old) && same_fqn(node, old) && same_config(node, old) &&
               same_text(node->source->loader, value_dict_get(old, "loader"));
    case NODE_TEST:
        if (node->test != NULL && node->test->generic) {
            return same_config(node, old) && same_fqn(node, old);
        }
        break;
    default:
        break;
    }
    return same_body(node, old) && same_config(node, old) &&
           same_descriptions(node, old) && same_fqn(node, old) &&
           same_names(node, old) && same_contract(s, node, old);
}

/* ---- macros ---- */

/* A macro counts as changed when its text did, or that of a macro that it calls. */
static bool macro_changed(struct selecting *s, const struct macro *macro, int depth)
{
    if (map_get(&s->changed_macros, macro->unique_id) != NULL) {
        return true;
    }
    for (size_t i = 0; i < macro->use_count && depth < 50; i++) {
        if (macro_changed(s, macro->uses[i], depth + 1)) {
            return true;
        }
    }
    return false;
}

/* Macros that come with the program are the same by definition. */
static void find_changed_macros(struct selecting *s, struct value manifest)
{
    struct value old = value_dict_get(manifest, "macros");

    s->macros_known = true;
    for (size_t i = 0; i < s->project->macro_count; i++) {
        struct macro *macro = s->project->macros[i];
        struct value before = value_dict_get(old, macro->unique_id);
        if (!macro->package->is_builtin &&
            !same_text(macro->text, value_dict_get(before, "macro_sql"))) {
            map_put(&s->changed_macros, macro->unique_id, macro);
        }
    }
}

static bool macros_changed(struct selecting *s, const struct node *node,
                           struct value manifest)
{
    if (!s->macros_known) {
        find_changed_macros(s, manifest);
    }
    if (s->changed_macros.count == 0) {
        return false;
    }
    for (size_t i = 0; i < node->macro_count; i++) {
        if (macro_changed(s, node->macros[i], 0)) {
            return true;
        }
    }
    return false;
}

/* ---- the method ---- */

#define STATE_CHECKS(X)                                                                \
    X(NEW, "new")                                                                      \
    X(OLD, "old")                                                                      \
    X(MODIFIED, "modified")                                                            \
    X(UNMODIFIED, "unmodified")                                                        \
    X(BODY, "modified.body")                                                           \
    X(CONFIGS, "modified.configs")                                                     \
    X(DESCRIPTIONS, "modified.persisted_descriptions")                                 \
    X(RELATION, "modified.relation")                                                   \
    X(MACROS, "modified.macros")                                                       \
    X(CONTRACT, "modified.contract")

enum state_check {
#define X(name, text) CHECK_##name,
    STATE_CHECKS(X)
#undef X
};

static const char *const check_names[] = {
#define X(name, text) text,
    STATE_CHECKS(X)
#undef X
};
#define CHECK_COUNT (sizeof(check_names) / sizeof(check_names[0]))

static int find_check(struct selecting *s, const char *value)
{
    struct buf names = {.max = 1024};

    for (size_t i = 0; i < CHECK_COUNT; i++) {
        if (str_eq(value, check_names[i])) {
            buf_fini(&names);
            return (int)i;
        }
        buf_addf(&names, "%s'%s'", i > 0 ? ", " : "", check_names[i]);
    }
    err_set(s->err, ERR_USAGE,
            "Got an invalid selector \"%s\", expected one of \"[%s]\"", value,
            buf_str(&names));
    buf_fini(&names);
    return -1;
}

static bool has_body(const struct node *node)
{
    return node->type != NODE_SOURCE && node->type != NODE_EXPOSURE &&
           node->type != NODE_UNIT_TEST;
}

static bool is_modified(struct selecting *s, const struct node *node, struct value old,
                        struct value manifest)
{
    return old.type == VALUE_UNDEFINED || !same_contents(s, node, old) ||
           macros_changed(s, node, manifest);
}

int state_match(struct selecting *s, const char *value, const struct node *node)
{
    const struct artifact_state *state = s->options->state;

    if (state == NULL || state->manifest.type != VALUE_DICT) {
        err_set(s->err, ERR_USAGE,
                "Got a state selector method, but no comparison manifest");
        err_hint(s->err, "give --state DIR with the manifest.json to compare with");
        return -1;
    }
    int check = find_check(s, value);
    if (check < 0) {
        return -1;
    }
    struct value old = find_old(state->manifest, node);
    bool missing = old.type == VALUE_UNDEFINED;
    switch ((enum state_check)check) {
    case CHECK_NEW:
        return missing;
    case CHECK_OLD:
        return !missing;
    case CHECK_MODIFIED:
        return is_modified(s, node, old, state->manifest);
    case CHECK_UNMODIFIED:
        return !is_modified(s, node, old, state->manifest);
    case CHECK_BODY:
        return has_body(node) && (missing || !same_body(node, old));
    case CHECK_CONFIGS:
        return node->type != NODE_UNIT_TEST && (missing || !same_config(node, old));
    case CHECK_DESCRIPTIONS:
        return has_body(node) && (missing || !same_descriptions(node, old));
    case CHECK_RELATION:
        return (has_body(node) || node->type == NODE_SOURCE) &&
               (missing || !same_names(node, old));
    case CHECK_MACROS:
        return macros_changed(s, node, state->manifest);
    case CHECK_CONTRACT:
        return node->type == NODE_MODEL && (missing || !same_contract(s, node, old));
    }
    return 0;
}
