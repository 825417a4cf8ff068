/* Entries of nodes in a properties file: config, description, columns, tests. */
#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/str.h"

int properties_patch(const struct properties *p, const struct entry *entry,
                     struct patch *out)
{
    static const char *const moved[] = {"meta", "docs", "group", "contract", "access"};
    struct value config;

    if (entry_config(p, entry, entry->value, &config) != 0) {
        return -1;
    }
    config = properties_merged(p, config, value_undefined());
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct value v = value_dict_get(entry->value, moved[i]);
        if (v.type == VALUE_UNDEFINED) {
            continue;
        }
        if (value_dict_has(config, moved[i])) {
            return entry_fail(
                p, entry, moved[i],
                "remove the top-level key and define it under 'config' only",
                "In %s: found %s dictionary in 'config' dictionary and as "
                "top-level key.",
                p->file->path, moved[i]);
        }
        value_dict_put(config, moved[i], v);
    }
    *out = (struct patch){.package = p->package,
                          .file = p->file,
                          .doc = p->doc,
                          .key = entry->key,
                          .name = entry->name,
                          .entry = entry->value,
                          .config = config,
                          .line = entry->line};
    return 0;
}

static int check_constraints(const struct properties *p, const struct entry *entry,
                             struct node *node)
{
    struct buf pk = {.max = 512};
    size_t pk_columns = 0;
    bool model_pk = false;

    for (size_t i = 0; i < node->column_count; i++) {
        struct value list = node->columns[i].constraints;
        for (size_t k = 0; k < value_list_count(list); k++) {
            if (str_eq(value_cstr(value_dict_get(value_list_at(list, k), "type"), ""),
                       "primary_key")) {
                buf_addf(&pk, "%s'%s'", pk_columns++ > 0 ? ", " : "",
                         node->columns[i].name);
            }
        }
    }
    for (size_t i = 0; i < value_list_count(node->constraints); i++) {
        struct value c = value_list_at(node->constraints, i);
        model_pk = model_pk ||
                   str_eq(value_cstr(value_dict_get(c, "type"), ""), "primary_key");
        if (!properties_constraint_is_valid(c)) {
            buf_fini(&pk);
            return entry_fail(
                p, entry, "constraints", NULL,
                "Invalid constraint type on model %s: Type must be one of "
                "['check', 'not_null', 'unique', 'primary_key', "
                "'foreign_key', 'custom']",
                node->name);
        }
    }
    int rc = 0;
    if (pk_columns > 1) {
        rc = entry_fail(
            p, entry, "columns", NULL,
            "Primary key constraint error: (%s)\nFound %zu columns ([%s]) "
            "with primary key constraints defined. Primary keys for multiple "
            "columns must be defined as a model level constraint.",
            node->file->path, pk_columns, buf_str(&pk));
    } else if (pk_columns > 0 && model_pk) {
        rc =
            entry_fail(p, entry, "constraints", NULL,
                       "Primary key constraint error: (%s)\nPrimary key constraints "
                       "defined at the model level and the columns level. Primary keys "
                       "can be defined at the model level or the column level, not "
                       "both.",
                       node->file->path);
    }
    buf_fini(&pk);
    return rc;
}

/* Refs and sources that foreign keys name. */
static void capture_constraints(const struct properties *p, const struct entry *entry,
                                struct node *node)
{
    for (size_t i = 0; i <= node->column_count; i++) {
        struct value list =
            i < node->column_count ? node->columns[i].constraints : node->constraints;
        for (size_t k = 0; k < value_list_count(list); k++) {
            struct value to = value_dict_get(value_list_at(list, k), "to");
            if (to.type == VALUE_STRING &&
                !node_capture_call(p->loader, node, to.as.s)) {
                entry_fail(p, entry, "constraints", NULL,
                           "Invalid 'ref' or 'source' syntax on foreign key constraint "
                           "'to' on model %s: %s.",
                           node->name, to.as.s);
            }
        }
    }
}

/* A date as dbt writes it: with time and zone. */
static struct value full_date(const struct properties *p, struct value date)
{
    struct arena *arena = p->loader->arena;

    if (date.type != VALUE_STRING) {
        return value_none();
    }
    const char *time = strchr(date.as.s, 'T');
    if (time == NULL) {
        return value_str(arena_printf(arena, "%sT00:00:00+00:00", date.as.s));
    }
    return strpbrk(time, "+-Z") != NULL
               ? date
               : value_str(arena_printf(arena, "%s+00:00", date.as.s));
}

int properties_apply(const struct properties *p, const struct entry *entry,
                     struct node *node, const struct patch *patch, struct value columns)
{
    struct err err = {0};

    node->patch_file = p->file;
    node->patch_line = entry->line;
    node->description = properties_description(p, entry, entry->value);
    node->doc_blocks = properties_doc_blocks(p, entry->value);
    if (properties_columns(p, entry, columns, node) != 0) {
        return -1;
    }
    if (node->type == NODE_MODEL) {
        struct value date = value_dict_get(entry->value, "deprecation_date");
        node->constraints = project_listify(
            p->loader->arena, value_dict_get(entry->value, "constraints"));
        node->deprecation_date = full_date(p, date);
        capture_constraints(p, entry, node);
        if (check_constraints(p, entry, node) != 0) {
            return -1;
        }
    }
    if (node_configure(p->loader, node, patch, &err) != 0) {
        project_locate(&err, p->file, entry->line, entry->column);
        loader_error(p->loader, &err);
        return -1;
    }
    config_check_keys(p->loader, node, patch->config, p->file, entry->line);
    if (node->contract_enforced && node->type == NODE_MODEL &&
        node->column_count == 0) {
        return entry_fail(p, entry, NULL, NULL,
                          "Contract enforcement failed for: (%s)\nConstraints must be "
                          "defined in a `yml` schema configuration file like "
                          "`schema.yml`.",
                          node->file->path);
    }
    return 0;
}

/* ---- finding the node of an entry ---- */

static struct node *find_other(const struct properties *p, const char *name,
                               enum node_type type)
{
    const struct node_list *all = &p->loader->all;

    for (size_t i = 0; i < all->count; i++) {
        struct node *node = all->items[i];
        if (node->type == type && node->package == p->package &&
            str_eq(node->name, name) && (node->test == NULL || !node->test->generic)) {
            return node;
        }
    }
    return NULL;
}

static struct node *find_in(const struct map *map, struct arena *arena,
                            const struct package *package, const char *name)
{
    const struct node_list *list =
        map_get(map, project_key(arena, package->name, name, NULL));

    if (list == NULL) {
        list = map_get(map, name);
    }
    return list != NULL ? list->items[0] : NULL;
}

struct node *properties_find_refable(const struct properties *p, const char *name)
{
    const struct project_index *index = p->loader->project->index;
    struct node *node = find_in(&index->refs, p->loader->arena, p->package, name);

    return node != NULL
               ? node
               : find_in(&index->disabled_refs, p->loader->arena, p->package, name);
}

int properties_missing_node(const struct properties *p, const struct entry *entry,
                            const char *name)
{
    entry_warn(
        p, entry,
        "Did not find matching node for patch with name '%s' in the '%s' section "
        "of file '%s'",
        name, entry->key, p->file->path);
    return 0;
}

int properties_check_patched(const struct properties *p, const struct entry *entry,
                             const struct node *node)
{
    if (node->patch_file == NULL) {
        return 0;
    }
    return entry_fail(
        p, entry, NULL,
        arena_printf(p->loader->arena, "remove one of them; the other is at %s:%d",
                     node->patch_file->shown, node->patch_line),
        "dbt found two schema.yml entries for the same resource named %s. "
        "Resources and their associated columns may only be described a "
        "single time.",
        entry->name);
}

static bool wrong_section(const struct properties *p, const struct entry *entry,
                          const struct node *node)
{
    const char *type = node_type_name(node->type);

    if (strncmp(entry->key, type, strlen(type)) == 0 || node->type == NODE_ANALYSIS ||
        node->type == NODE_TEST) {
        return false;
    }
    entry_warn(
        p, entry,
        "'%s' is a %s node, but it is specified in the '%s' section of %s. To fix "
        "this error, place the `%s` entry under the '%ss' key.",
        entry->name, type, entry->key, p->file->path, entry->name, type);
    return true;
}

int properties_request_node_tests(const struct properties *p, const struct entry *entry,
                                  struct node *node, struct value version,
                                  struct value tests, struct value columns)
{
    struct test_request base = {
        .key = entry->key,
        .target = node,
        .target_name = entry->name,
        .version = version,
        .quote_column =
            value_is_true(value_dict_get(entry->value, "quote_columns"), false),
        .line = entry->line,
        .tags = value_undefined()};

    return properties_request_tests(p, entry, tests, columns, &base);
}

/* Seeds, analyses and singular tests; also models without versions. */
int properties_node(const struct properties *p, const struct entry *entry)
{
    struct patch patch;
    struct value tests;
    struct node *node =
        str_eq(entry->key, "analyses")     ? find_other(p, entry->name, NODE_ANALYSIS)
        : str_eq(entry->key, "data_tests") ? find_other(p, entry->name, NODE_TEST)
                                           : properties_find_refable(p, entry->name);
    struct value columns = value_dict_get(entry->value, "columns");

    if (node == NULL) {
        properties_missing_node(p, entry, entry->name);
    } else if (wrong_section(p, entry, node)) {
        return 0;
    } else if (properties_check_patched(p, entry, node) != 0 ||
               properties_patch(p, entry, &patch) != 0 ||
               properties_apply(p, entry, node, &patch, columns) != 0) {
        return -1;
    }
    if (str_eq(entry->key, "analyses") || str_eq(entry->key, "data_tests")) {
        return 0;
    }
    if (properties_tests_of(p, entry, entry->value, &tests) != 0) {
        return -1;
    }
    return properties_request_node_tests(p, entry, node, value_none(), tests, columns);
}
