#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"

int entry_fail(const struct properties *p, const struct entry *entry, const char *key,
               const char *hint, const char *fmt, ...)
{
    struct err err = {0};
    struct yaml_position at = {entry->line, entry->column};
    va_list ap;

    va_start(ap, fmt);
    err_vset(&err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    if (key != NULL) {
        yaml_key_position(p->doc, entry->raw, key, &at);
    }
    if (!project_list_is_full(p->loader->errors)) {
        project_locate(&err, p->file, at.line, at.column);
    }
    if (hint != NULL) {
        err_hint(&err, "%s", hint);
    }
    loader_error(p->loader, &err);
    return -1;
}

void entry_warn(const struct properties *p, const struct entry *entry, const char *fmt,
                ...)
{
    struct err err = {0};
    va_list ap;

    va_start(ap, fmt);
    err_vset(&err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    if (!project_list_is_full(&p->loader->project->warnings)) {
        project_locate(&err, p->file, entry->line, entry->column);
    }
    err_list_add(&p->loader->project->warnings, &err);
}

static const char *path_key(const struct value *path, size_t i)
{
    return value_cstr(path[i], "");
}

static bool is_late(const char *key)
{
    return str_eq(key, "tests") || str_eq(key, "data_tests") ||
           str_eq(key, "description") || str_eq(key, "loaded_at_query");
}

/* dbt renders these later, or never: tests, descriptions, hooks. */
static bool keep_node(const struct value *path, size_t depth)
{
    if (depth < 1) {
        return false;
    }
    if (is_late(path_key(path, 0)) || (depth == 2 && is_late(path_key(path, 1)))) {
        return true;
    }
    if (depth >= 2 && str_eq(path_key(path, 0), "config") &&
        (str_eq(path_key(path, 1), "pre_hook") ||
         str_eq(path_key(path, 1), "post_hook") ||
         str_eq(path_key(path, 1), "pre-hook") ||
         str_eq(path_key(path, 1), "post-hook") ||
         str_eq(path_key(path, 1), "loaded_at_query"))) {
        return true;
    }
    if (depth >= 3 && str_eq(path_key(path, 0), "columns") &&
        is_late(path_key(path, 2))) {
        return true;
    }
    return depth >= 3 && str_eq(path_key(path, 0), "versions") &&
           (is_late(path_key(path, 2)) || (depth >= 5 && is_late(path_key(path, 4))));
}

static bool keep_source(const struct value *path, size_t depth)
{
    if (depth < 1) {
        return false;
    }
    if (is_late(path_key(path, 0))) {
        return true;
    }
    return depth > 2 && str_eq(path_key(path, 0), "tables") &&
           keep_node(path + 2, depth - 2);
}

static bool keep_macro(const struct value *path, size_t depth)
{
    if (depth > 1 && str_eq(path_key(path, 0), "arguments")) {
        return keep_node(path + 1, depth - 1);
    }
    return keep_node(path, depth);
}

const char *properties_description(const struct properties *p,
                                   const struct entry *entry, struct value of)
{
    struct value text = value_dict_get(of, "description");
    struct err err = {0};

    if (value_is_null(text)) {
        return "";
    }
    if (text.type != VALUE_STRING) {
        entry_fail(p, entry, "description", "quote the text",
                   "the description of '%s' is not a string", entry->name);
        return "";
    }
    if (!project_has_jinja(text)) {
        return text.as.s;
    }
    if (project_render(p->loader, PROJECT_YAML_DESCRIPTION, p->package, text, NULL,
                       &text, &err) != 0) {
        project_locate_yaml(&err, p->file, entry->line, entry->column);
        loader_error(p->loader, &err);
    }
    return value_cstr(text, "");
}

/* The string that starts at `*p` with a quote; moves behind it. NULL when none. */
static char *take_string(struct arena *arena, const char **p)
{
    const char *q = *p + strspn(*p, " \t\n,");
    const char *end = *q == '\'' || *q == '"' ? strchr(q + 1, *q) : NULL;

    if (end == NULL) {
        return NULL;
    }
    *p = end + 1;
    return arena_strndup(arena, q + 1, (size_t)(end - q - 1));
}

struct value properties_doc_blocks(const struct properties *p, struct value of)
{
    struct arena *arena = p->loader->arena;
    struct value text = value_dict_get(of, "description");

    if (text.type != VALUE_STRING || !project_has_jinja(text)) {
        return project_empty_list(p->loader);
    }
    struct value list = value_list_new(arena, 1);
    for (const char *at = text.as.s; (at = strstr(at, "doc(")) != NULL;) {
        at += strlen("doc(");
        char *first = take_string(arena, &at);
        char *second = first != NULL ? take_string(arena, &at) : NULL;
        const struct doc *doc = first == NULL
                                    ? NULL
                                    : project_doc(p->loader->project, p->package,
                                                  second != NULL ? first : NULL,
                                                  second != NULL ? second : first);
        if (doc != NULL) {
            value_list_push(list, value_str(doc->unique_id));
        }
    }
    return list;
}

int entry_config(const struct properties *p, const struct entry *entry, struct value of,
                 struct value *out)
{
    *out = value_dict_get(of, "config");
    if (value_is_null(*out)) {
        *out = value_dict_new(p->loader->arena, 0);
        return 0;
    }
    if (out->type != VALUE_DICT) {
        return entry_fail(p, entry, "config", NULL,
                          "the config of '%s' is not a mapping", entry->name);
    }
    return 0;
}

static const struct section {
    const char *key;
    int (*read)(const struct properties *p, const struct entry *entry);
    project_keep_fn keep;
} sections[] = {
    {"groups", properties_group, keep_node},
    {"macros", properties_macro, keep_macro},
    {"models", properties_model, keep_node},
    {"seeds", properties_node, keep_node},
    {"snapshots", properties_snapshot, keep_node},
    {"analyses", properties_node, keep_node},
    {"data_tests", properties_node, keep_node},
    {"sources", properties_source, keep_source},
    {"exposures", properties_exposure, keep_node},
    {"unit_tests", properties_unit_test, keep_node},
};

static const char *const unsupported[] = {"metrics", "semantic_models", "saved_queries",
                                          "functions"};

static void read_entry(const struct properties *p, const struct section *section,
                       struct value list, size_t index)
{
    struct yaml_position at = {0};
    struct entry entry = {.key = section->key, .raw = value_list_at(list, index)};
    struct err err = {0};

    yaml_item_position(p->doc, list, index, &at);
    entry.line = at.line;
    entry.column = at.column;
    entry.name = "";
    if (entry.raw.type != VALUE_DICT) {
        entry_fail(
            p, &entry, NULL, NULL,
            "The schema file at %s is invalid because a list element for '%s' is "
            "not a dictionary",
            p->file->path, section->key);
        return;
    }
    struct value name = value_dict_get(entry.raw, "name");
    if (name.type == VALUE_UNDEFINED) {
        entry_fail(p, &entry, NULL, NULL,
                   "The schema file at %s is invalid because a list element for '%s' "
                   "does not have a name attribute.",
                   p->file->path, section->key);
        return;
    }
    if (project_render(p->loader, PROJECT_YAML_PROPERTIES, p->package, entry.raw,
                       section->keep, &entry.value, &err) != 0) {
        project_locate_yaml(&err, p->file, at.line, at.column);
        loader_error(p->loader, &err);
        return;
    }
    name = value_dict_get(entry.value, "name");
    if (name.type != VALUE_STRING || name.len == 0) {
        struct buf text = {.max = 256};
        project_python_repr(name, &text);
        entry_fail(p, &entry, "name", "quote the name",
                   "the name of an entry of '%s' is not a string: %s", section->key,
                   buf_str(&text));
        buf_fini(&text);
        return;
    }
    entry.name = name.as.s;
    section->read(p, &entry);
}

static void read_section(const struct properties *p, const struct section *section)
{
    struct value list = value_dict_get(p->doc->root, section->key);
    struct yaml_position at = {0};

    if (list.type == VALUE_UNDEFINED) {
        return;
    }
    if (list.type != VALUE_LIST) {
        if (list.type == VALUE_NONE) {
            return;
        }
        yaml_key_position(p->doc, p->doc->root, section->key, &at);
        loader_fail(
            p->loader, p->file, at.line, at.column, NULL,
            "The schema file at %s is invalid because the value of '%s' is not a "
            "list",
            p->file->path, section->key);
        return;
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        read_entry(p, section, list, i);
    }
}

static void check_keys(const struct properties *p)
{
    const char *known[32];
    size_t count = 0;
    size_t at = 0;

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        known[count++] = sections[i].key;
    }
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        known[count++] = unsupported[i];
    }
    known[count++] = "version";
    for (const struct value_pair *e;
         (e = value_dict_next(p->doc->root, &at)) != NULL;) {
        const char *key = value_cstr(e->key, "");
        struct yaml_position where = {0};
        bool found = false;
        yaml_key_position(p->doc, p->doc->root, key, &where);
        for (size_t i = 0; i < count && !found; i++) {
            found = str_eq(key, known[i]);
        }
        const char *near = found ? NULL : str_nearest(key, known, count);
        if (near != NULL) {
            loader_warn(p->loader, p->file, where.line,
                        "unknown key '%s': did you mean '%s'?", key, near);
        }
        for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
            if (str_eq(key, unsupported[i]) && value_list_count(e->value) > 0) {
                loader_warn(p->loader, p->file, where.line,
                            "'%s' have no meaning on Confluent Cloud for Apache Flink: "
                            "they are left out",
                            key);
            }
        }
    }
}

static struct properties *read_file(struct loader *loader, struct package *package,
                                    const struct found_file *found)
{
    struct err err = {0};
    struct properties *p = arena_new(loader->arena, struct properties);

    p->loader = loader;
    p->package = package;
    p->relative = found->relative;
    p->doc = arena_new(loader->arena, struct yaml_doc);
    p->file = project_read_file(
        loader, package,
        arena_printf(loader->arena, "%s/%s", found->searched, found->relative), true,
        &err);
    if (p->file == NULL || yaml_parse(p->file->text, p->file->len, p->file->shown,
                                      loader->arena, p->doc, &err) != 0) {
        loader_error(loader, &err);
        return NULL;
    }
    for (const struct yaml_warning *w = p->doc->warnings; w != NULL; w = w->next) {
        loader_warn(loader, p->file, w->at.line, "%s", w->message);
    }
    if (p->doc->root.type == VALUE_NONE) {
        return NULL;
    }
    if (p->doc->root.type != VALUE_DICT) {
        loader_fail(loader, p->file, 1, 0, NULL,
                    "Contents of file '%s' are not valid. Dictionary expected.",
                    p->file->path);
        return NULL;
    }
    check_keys(p);
    return p;
}

struct properties_list {
    struct properties **items;
    size_t count;
    size_t cap;
};

static void add_file(struct loader *loader, struct properties_list *list,
                     struct properties *p)
{
    if (p == NULL) {
        return;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap != 0 ? list->cap * 2 : 16;
        list->items = arena_realloc(loader->arena, list->items, list->cap * sizeof(p),
                                    cap * sizeof(p));
        list->cap = cap;
    }
    list->items[list->count++] = p;
}

static void read_package(struct loader *loader, struct package *package,
                         struct properties_list *list)
{
    struct value paths = package_paths(loader, package, "all");

    for (size_t k = 0; k < value_list_count(paths); k++) {
        struct err err = {0};
        const struct found_list *found =
            project_walk(loader, package, value_list_at(paths, k).as.s, &err);
        for (size_t i = 0; found != NULL && i < found->count; i++) {
            if (project_file_matches(found->items[i].relative, ".yml") ||
                project_file_matches(found->items[i].relative, ".yaml")) {
                add_file(loader, list, read_file(loader, package, &found->items[i]));
            }
        }
        loader_error(loader, &err);
    }
}

static void check_groups(struct loader *loader)
{
    struct project *project = loader->project;
    struct arena *arena = loader->arena;

    for (size_t i = 0; i < loader->all.count; i++) {
        const struct node *node = loader->all.items[i];
        if (node->group == NULL || !node->enabled ||
            map_get(&project->groups_by_id,
                    arena_printf(arena, "group.%s.%s", node->package->name,
                                 node->group)) != NULL) {
            continue;
        }
        struct buf names = {.max = 512};
        for (size_t k = 0; k < project->groups_by_id.count; k++) {
            const struct group *group = project->groups_by_id.entries[k].value;
            buf_addf(&names, "%s'%s'", k > 0 ? ", " : "", group->name);
        }
        loader_fail(loader, node->file, 0, 0, NULL,
                    "Invalid group '%s', expected one of [%s] (in %s)", node->group,
                    buf_str(&names), node->unique_id);
        buf_fini(&names);
    }
}

void project_load_properties(struct loader *loader)
{
    struct project *project = loader->project;
    struct properties_list list = {0};

    for (size_t i = 0; i < project->package_count; i++) {
        if (!project->packages[i]->is_builtin) {
            read_package(loader, project->packages[i], &list);
        }
    }
    project_index_nodes(loader);
    project_index_refs(project);
    for (size_t s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
        for (size_t i = 0; i < list.count; i++) {
            read_section(list.items[i], &sections[s]);
        }
    }
    if (loader->errors->count == 0) {
        check_groups(loader);
    }
}
