/* Versioned models: an entry of `models:` that has `versions:`. */
#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/str.h"

static bool contains(struct value list, const char *name)
{
    if (list.type == VALUE_STRING) {
        return str_eq(list.as.s, name) || str_eq(list.as.s, "all") ||
               str_eq(list.as.s, "*");
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_eq(value_cstr(value_list_at(list, i), ""), name)) {
            return true;
        }
    }
    return false;
}

/* The model's columns that the version includes, then its own. */
static struct value version_columns(const struct properties *p, struct value base,
                                    struct value own)
{
    struct value out = value_list_new(p->loader->arena, 8);
    struct value include = value_str("all");
    struct value exclude = value_undefined();

    for (size_t i = 0; i < value_list_count(own); i++) {
        struct value item = value_list_at(own, i);
        if (value_dict_has(item, "include") || value_dict_has(item, "exclude")) {
            struct value given = value_dict_get(item, "include");
            include = given.type != VALUE_UNDEFINED ? given : include;
            exclude = value_dict_get(item, "exclude");
        }
    }
    for (size_t i = 0; i < value_list_count(base); i++) {
        struct value column = value_list_at(base, i);
        const char *name = value_cstr(value_dict_get(column, "name"), "");
        if (contains(include, name) && !contains(exclude, name)) {
            value_list_push(out, column);
        }
    }
    for (size_t i = 0; i < value_list_count(own); i++) {
        if (value_dict_has(value_list_at(own, i), "name")) {
            value_list_push(out, value_list_at(own, i));
        }
    }
    return out;
}

static double version_number(struct value v)
{
    return v.type == VALUE_FLOAT ? v.as.f : v.type == VALUE_INT ? (double)v.as.i : 0;
}

/* The greatest version: numbers by value, anything else by its text. */
static struct value greatest(struct value versions)
{
    struct value best = value_none();
    bool numeric = true;

    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        numeric = numeric && (v.type == VALUE_INT || v.type == VALUE_FLOAT);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        struct buf a = {.max = 128};
        struct buf b = {.max = 128};
        project_python_str(v, &a);
        project_python_str(best, &b);
        bool better = best.type == VALUE_NONE ||
                      (numeric ? version_number(v) > version_number(best)
                               : strcmp(buf_str(&a), buf_str(&b)) > 0);
        buf_fini(&a);
        buf_fini(&b);
        best = better ? v : best;
    }
    return best;
}

static void rename_version(const struct properties *p, const struct entry *entry,
                           struct node *node, struct value v, struct value latest)
{
    struct arena *arena = p->loader->arena;
    struct buf text = {.max = 128};

    node_version_text(v, &text);
    const char *version = arena_strdup(arena, buf_str(&text));
    buf_fini(&text);
    const char **fqn = arena_array(arena, const char *, node->fqn_count + 1);
    memcpy(fqn, node->fqn, node->fqn_count * sizeof(*fqn));
    fqn[node->fqn_count - 1] = entry->name;
    fqn[node->fqn_count] = version;
    node->fqn = fqn;
    node->fqn_count++;
    node->name = entry->name;
    node->version = v;
    node->latest_version = latest;
    node->unique_id = arena_printf(arena, "model.%s.%s.%s", node->package->name,
                                   entry->name, version);
}

/* Lists are joined, the later one first; as dbt_common's deep_merge(). */
static struct value deep_merged(struct arena *arena, struct value base,
                                struct value own, int depth)
{
    size_t at = 0;

    if (own.type == VALUE_LIST && base.type == VALUE_LIST) {
        struct value list =
            value_list_new(arena, value_list_count(base) + value_list_count(own));
        for (size_t i = 0; i < value_list_count(own); i++) {
            value_list_push(list, value_list_at(own, i));
        }
        for (size_t i = 0; i < value_list_count(base); i++) {
            value_list_push(list, value_list_at(base, i));
        }
        return list;
    }
    if (own.type != VALUE_DICT || base.type != VALUE_DICT || depth > 50) {
        return own;
    }
    struct value out = value_clone(arena, base);
    for (const struct value_pair *e; (e = value_dict_next(own, &at)) != NULL;) {
        struct value v = value_dict_get_value(base, e->key);
        value_dict_put_value(out, e->key,
                             v.type != VALUE_UNDEFINED
                                 ? deep_merged(arena, v, e->value, depth + 1)
                                 : e->value);
    }
    return out;
}

/* The model's config, with what stands beside it moved in, under the version's. */
static struct value version_config(const struct properties *p,
                                   const struct entry *entry, struct value version,
                                   struct value out)
{
    static const char *const moved[] = {"meta", "docs", "group", "contract", "access"};
    struct value none = project_empty_dict(p->loader);
    struct value given = value_dict_get(entry->value, "config");
    struct value own = value_dict_get(version, "config");
    struct value config =
        properties_merged(p, given.type == VALUE_DICT ? given : none, none);

    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct value v = value_dict_get(out, moved[i]);
        if (!value_is_null(v) && !value_dict_has(config, moved[i])) {
            value_dict_put(config, moved[i], v);
            value_dict_remove(out, value_str(moved[i]));
        }
    }
    return deep_merged(p->loader->arena, config, own.type == VALUE_DICT ? own : none,
                       0);
}

/* What the version says over what the model says; an access beside it counts for
 * nothing in dbt 1.11, as the config's default overrules it. */
static struct value version_entry(const struct properties *p, const struct entry *entry,
                                  struct value version)
{
    static const char *const keys[] = {"description", "docs",  "constraints",
                                       "meta",        "group", "contract"};
    struct value out = properties_merged(p, entry->value, value_undefined());

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct value v = value_dict_get(version, keys[i]);
        if (!value_is_null(v)) {
            value_dict_put(out, keys[i], v);
        }
    }
    value_dict_put(out, "deprecation_date",
                   value_dict_get(version, "deprecation_date"));
    value_dict_put(out, "config", version_config(p, entry, version, out));
    return out;
}

static struct node *find_version(const struct properties *p, const struct entry *entry,
                                 struct value version, bool is_latest,
                                 const char **name)
{
    struct buf text = {.max = 512};
    const char *defined = value_cstr(value_dict_get(version, "defined_in"), NULL);

    if (defined != NULL) {
        buf_adds(&text, defined);
    } else {
        buf_addf(&text, "%s_", entry->name);
        node_version_text(value_dict_get(version, "v"), &text);
    }
    *name = arena_strdup(p->loader->arena, buf_str(&text));
    buf_fini(&text);
    struct node *node = properties_find_refable(p, *name);
    if (node == NULL && is_latest) {
        node = properties_find_refable(p, entry->name);
    }
    return node != NULL && node->type == NODE_MODEL ? node : NULL;
}

static int read_version(const struct properties *p, const struct entry *entry,
                        struct value version, struct value latest)
{
    struct value v = value_dict_get(version, "v");
    const char *name;
    struct entry own = *entry;
    struct patch patch;
    struct value tests;
    struct value columns = version_columns(p, value_dict_get(entry->value, "columns"),
                                           value_dict_get(version, "columns"));

    if (v.type == VALUE_STRING || v.type == VALUE_INT || v.type == VALUE_FLOAT) {
        own.value = version_entry(p, entry, version);
    } else {
        return entry_fail(
            p, entry, "versions", NULL,
            "a version of '%s' has no 'v', or one that is neither a number "
            "nor a string",
            entry->name);
    }
    struct node *node = find_version(p, entry, version, value_equal(v, latest), &name);
    if (node == NULL) {
        return properties_missing_node(p, entry, name);
    }
    if (properties_check_patched(p, entry, node) != 0 ||
        properties_patch(p, &own, &patch) != 0) {
        return -1;
    }
    rename_version(p, entry, node, v, latest);
    if (properties_apply(p, &own, node, &patch, columns) != 0 ||
        properties_tests_of(p, entry, version, &tests) != 0 ||
        (tests.type == VALUE_UNDEFINED &&
         properties_tests_of(p, entry, entry->value, &tests) != 0)) {
        return -1;
    }
    return properties_request_node_tests(p, entry, node, v, tests, columns);
}

int properties_model(const struct properties *p, const struct entry *entry)
{
    struct value versions = value_dict_get(entry->value, "versions");
    struct value latest = value_dict_get(entry->value, "latest_version");
    bool found = false;

    if (value_list_count(versions) == 0) {
        return properties_node(p, entry);
    }
    if (value_is_null(latest)) {
        latest = greatest(versions);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        found = found || value_equal(v, latest);
        for (size_t k = 0; k < i; k++) {
            if (value_equal(v, value_dict_get(value_list_at(versions, k), "v"))) {
                return entry_fail(
                    p, entry, "versions", NULL,
                    "Found duplicate version in versions list of model %s",
                    entry->name);
            }
        }
    }
    if (!found) {
        return entry_fail(p, entry, "latest_version", NULL,
                          "latest_version of model '%s' is not one of its versions",
                          entry->name);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        if (read_version(p, entry, value_list_at(versions, i), latest) != 0) {
            return -1;
        }
    }
    return 0;
}
