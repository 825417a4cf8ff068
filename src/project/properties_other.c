/* Entries of macros, groups, exposures and YAML snapshots in a properties file. */
#include "config.h"

#include "project/properties.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct value sorted_union(const struct properties *p, struct value a,
                                 struct value b);

static struct value dict_or(struct arena *arena, struct value v)
{
    return v.type == VALUE_DICT ? v : value_dict_new(arena, 0);
}

static void put_all(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, e->key, e->value);
    }
}

/* ---- macros ---- */

static struct value read_arguments(const struct properties *p,
                                   const struct entry *entry)
{
    struct value list = value_dict_get(entry->value, "arguments");
    struct value out = value_list_new(p->loader->arena, value_list_count(list));

    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        struct value arg = value_dict_new(p->loader->arena, 3);
        struct value type = value_dict_get(item, "type");
        value_dict_put(arg, "name", value_dict_get(item, "name"));
        value_dict_put(arg, "type", value_is_null(type) ? value_none() : type);
        value_dict_put(arg, "description",
                       value_str(properties_description(p, entry, item)));
        value_list_push(out, arg);
    }
    return out;
}

int properties_macro(const struct properties *p, const struct entry *entry)
{
    struct arena *arena = p->loader->arena;
    struct macro *macro = map_get(&p->package->macros, entry->name);
    struct value config;

    if (macro == NULL) {
        entry_warn(p, entry, "Found patch for macro \"%s\" which was not found",
                   entry->name);
        return 0;
    }
    if (macro->patch_file != NULL) {
        return entry_fail(
            p, entry, NULL,
            arena_printf(arena, "the other one is in %s", macro->patch_file->shown),
            "dbt found two schema.yml entries for the same macro in "
            "package %s named %s.",
            p->package->name, entry->name);
    }
    if (entry_config(p, entry, entry->value, &config) != 0) {
        return -1;
    }
    macro->patch_file = p->file;
    macro->description = properties_description(p, entry, entry->value);
    macro->arguments = read_arguments(p, entry);
    struct value meta = value_dict_new(arena, 2);
    put_all(meta, dict_or(arena, value_dict_get(entry->value, "meta")));
    put_all(meta, dict_or(arena, value_dict_get(config, "meta")));
    macro->meta = meta;
    struct value docs = value_dict_new(arena, 2);
    struct value given = value_dict_get(config, "docs");
    put_all(docs, macro->docs);
    put_all(docs,
            given.type == VALUE_DICT ? given : value_dict_get(entry->value, "docs"));
    macro->docs = docs;
    return 0;
}

/* ---- groups ---- */

int properties_group(const struct properties *p, const struct entry *entry)
{
    struct arena *arena = p->loader->arena;
    struct group *group = arena_new(arena, struct group);
    struct value config;

    if (entry_config(p, entry, entry->value, &config) != 0) {
        return -1;
    }
    group->name = entry->name;
    group->package = p->package;
    group->file = p->file;
    group->description = properties_description(p, entry, entry->value);
    group->config = value_dict_new(arena, 2);
    value_dict_put(group->config, "meta", value_dict_new(arena, 0));
    put_all(group->config, config);
    group->owner = value_dict_get(entry->value, "owner");
    group->path = p->relative;
    group->unique_id =
        arena_printf(arena, "group.%s.%s", p->package->name, entry->name);
    if (group->owner.type != VALUE_DICT) {
        return entry_fail(p, entry, NULL, "add owner: {name: …} or {email: …}",
                          "Invalid groups config given in %s: 'owner' is a required "
                          "property of group '%s'",
                          p->file->path, entry->name);
    }
    struct value owner = value_dict_new(arena, 2);
    value_dict_put(owner, "email", value_none());
    value_dict_put(owner, "name", value_none());
    put_all(owner, group->owner);
    group->owner = owner;
    if (map_get(&p->loader->project->groups_by_id, group->unique_id) != NULL) {
        return entry_fail(p, entry, NULL, NULL,
                          "dbt found two groups with the name \"%s\".", entry->name);
    }
    map_put(&p->loader->project->groups_by_id, group->unique_id, group);
    return 0;
}

/* ---- exposures ---- */

static int check_choice(const struct properties *p, const struct entry *entry,
                        const char *key, const char *const *choices, bool required,
                        const char **out)
{
    struct value v = value_dict_get(entry->value, key);
    struct buf names = {.max = 512};

    *out = value_cstr(v, NULL);
    if (value_is_null(v) && !required) {
        return 0;
    }
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (v.type == VALUE_STRING && str_eq(v.as.s, choices[i])) {
            *out = choices[i];
            buf_fini(&names);
            return 0;
        }
        buf_addf(&names, "%s'%s'", i > 0 ? ", " : "", choices[i]);
    }
    if (v.type == VALUE_UNDEFINED) {
        entry_fail(p, entry, NULL, NULL,
                   "Invalid %s config given in %s: '%s' is a required property of '%s'",
                   entry->key, p->file->path, key, entry->name);
    } else {
        entry_fail(p, entry, key, NULL,
                   "Invalid %s config given in %s: '%s' is not one of [%s]", entry->key,
                   p->file->path, value_cstr(v, "?"), buf_str(&names));
    }
    buf_fini(&names);
    return -1;
}

static int set_exposure(const struct properties *p, const struct entry *entry,
                        struct node *node)
{
    static const char *const types[] = {"dashboard", "notebook",    "analysis",
                                        "ml",        "application", NULL};
    static const char *const maturities[] = {"low", "medium", "high", NULL};
    struct arena *arena = p->loader->arena;
    struct node_exposure *exposure = arena_new(arena, struct node_exposure);
    struct value owner = value_dict_get(entry->value, "owner");

    node->exposure = exposure;
    if (check_choice(p, entry, "type", types, true, &exposure->type) != 0 ||
        check_choice(p, entry, "maturity", maturities, false, &exposure->maturity) !=
            0) {
        return -1;
    }
    if (owner.type != VALUE_DICT || (value_is_null(value_dict_get(owner, "name")) &&
                                     value_is_null(value_dict_get(owner, "email")))) {
        return entry_fail(
            p, entry, NULL, "add owner: {name: …} or {email: …}",
            "Invalid exposures config given in %s: exposure '%s' needs an "
            "owner with a name or an email",
            p->file->path, entry->name);
    }
    exposure->owner = value_dict_new(arena, 2);
    value_dict_put(exposure->owner, "email", value_none());
    value_dict_put(exposure->owner, "name", value_none());
    put_all(exposure->owner, owner);
    exposure->url = value_cstr(value_dict_get(entry->value, "url"), NULL);
    exposure->label = value_cstr(value_dict_get(entry->value, "label"), NULL);
    return 0;
}

static int capture_depends(const struct properties *p, const struct entry *entry,
                           struct node *node)
{
    struct value list = value_dict_get(entry->value, "depends_on");

    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        if (item.type != VALUE_STRING ||
            !node_capture_call(p->loader, node, item.as.s)) {
            return entry_fail(
                p, entry, "depends_on",
                "write ref('model') or source('source', 'table')",
                "exposure '%s' depends on something that is neither a ref "
                "nor a source: %s",
                entry->name, value_cstr(item, "?"));
        }
    }
    return 0;
}

static int compare_tags(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->as.s, ((const struct value *)b)->as.s);
}

/* Sorted strings of both, each once. */
static struct value sorted_union(const struct properties *p, struct value a,
                                 struct value b)
{
    struct arena *arena = p->loader->arena;
    const struct value lists[] = {project_listify(arena, a), project_listify(arena, b)};
    struct value out = value_list_new(arena, 4);

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < value_list_count(lists[i]); k++) {
            struct value tag = value_list_at(lists[i], k);
            bool known = tag.type != VALUE_STRING;
            for (size_t n = 0; n < value_list_count(out) && !known; n++) {
                known = value_equal(value_list_at(out, n), tag);
            }
            if (!known) {
                value_list_push(out, tag);
            }
        }
    }
    if (value_list_count(out) > 1) {
        qsort(out.as.list->items, value_list_count(out), sizeof(struct value),
              compare_tags);
    }
    return out;
}

int properties_exposure(const struct properties *p, const struct entry *entry)
{
    struct loader *loader = p->loader;
    struct arena *arena = loader->arena;
    struct node *node =
        project_new_node(loader, NODE_EXPOSURE, p->package, entry->name);
    struct patch patch = {.package = p->package};
    struct err err = {0};

    node->file = p->file;
    node->path = p->relative;
    node->patch_line = entry->line;
    node->patch_file = p->file;
    node->description = properties_description(p, entry, entry->value);
    node_set_fqn(loader, node, p->relative, entry->name);
    if (entry_config(p, entry, entry->value, &patch.config) != 0 ||
        set_exposure(p, entry, node) != 0 || capture_depends(p, entry, node) != 0) {
        return -1;
    }
    if (node_configure(loader, node, &patch, &err) != 0) {
        project_locate(&err, p->file, entry->line, 0);
        loader_error(loader, &err);
        return -1;
    }
    struct value config = value_dict_new(arena, 4);
    struct value meta = value_dict_new(arena, 2);
    put_all(config, node->config);
    put_all(meta, dict_or(arena, value_dict_get(entry->value, "meta")));
    put_all(meta, dict_or(arena, value_dict_get(config, "meta")));
    value_dict_put(config, "tags",
                   sorted_union(p, value_dict_get(entry->value, "tags"),
                                value_dict_get(config, "tags")));
    value_dict_put(config, "meta", meta);
    node->config = config;
    node->tags = value_dict_get(config, "tags");
    node->meta = meta;
    node->patch_file = NULL;
    return 0;
}

/*
 * With `relation`, the snapshot is made here; it is part of the graph, so that what is
 * wrong is said where it is compiled, not as a missing ref.
 */
int properties_snapshot(const struct properties *p, const struct entry *entry)
{
    struct loader *loader = p->loader;
    struct value relation = value_dict_get(entry->value, "relation");
    struct value tests;
    struct patch patch;

    if (relation.type != VALUE_STRING) {
        return properties_node(p, entry);
    }
    struct node *node =
        project_new_node(loader, NODE_SNAPSHOT, p->package, entry->name);
    node->file = p->file;
    node->path = p->relative;
    node->raw_code =
        arena_printf(loader->arena, "select * from {{ %s }}", relation.as.s);
    node->raw_code_len = strlen(node->raw_code);
    node->raw_code_line = entry->line;
    node->checksum = p->file->checksum;
    node_set_fqn(loader, node, p->relative, entry->name);
    node_capture_call(loader, node, relation.as.s);
    struct value columns = value_dict_get(entry->value, "columns");
    if (properties_patch(p, entry, &patch) != 0 ||
        properties_apply(p, entry, node, &patch, columns) != 0 ||
        properties_tests_of(p, entry, entry->value, &tests) != 0) {
        return -1;
    }
    return properties_request_node_tests(p, entry, node, value_none(), tests, columns);
}
