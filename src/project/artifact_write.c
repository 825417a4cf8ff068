/* target/manifest.json, version 12 of dbt's schema. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "project/artifact_internal.h"
#include "project/select_internal.h"

static void put(struct value dict, const char *key, struct value v)
{
    value_dict_put(dict, key, v);
}
static struct value manifest_metadata(const struct project *project,
                                      struct arena *arena)
{
    static const char *const parts[] = {"database", "schema", "identifier"};
    struct value dict =
        artifact_metadata(project, ARTIFACT_SCHEMA "manifest/v12.json", arena);
    struct value quoting = value_dict_new(arena, 4);
    struct value given = value_dict_get(project->package->config, "quoting");

    for (size_t i = 0; i < 3; i++) {
        put(quoting, parts[i],
            value_bool(value_is_true(value_dict_get(given, parts[i]), true)));
    }
    put(quoting, "column", value_none());
    put(dict, "project_name", value_str(project->name));
    put(dict, "project_id",
        value_str(project_md5(arena, project->name, strlen(project->name))));
    put(dict, "user_id", value_none());
    put(dict, "send_anonymous_usage_stats", value_bool(false));
    put(dict, "adapter_type", value_str("confluent"));
    put(dict, "quoting", quoting);
    put(dict, "run_started_at", value_str(artifact_time(arena, project->started_at)));
    return dict;
}
static bool in_section(const struct node *node, enum node_type type)
{
    if (type != NODE_MODEL) {
        return node->type == type;
    }
    return node->type != NODE_SOURCE && node->type != NODE_EXPOSURE &&
           node->type != NODE_UNIT_TEST;
}

/* NODE_MODEL stands for everything that has a body. */
static void write_nodes(struct writing *w, const char *key, enum node_type type)
{
    writing_open(w, key);
    for (size_t i = 0; type == NODE_MODEL && i < w->project->dropped.count; i++) {
        const struct node *node = w->project->dropped.items[i];
        struct value dict = artifact_node(w->project, node, NULL, &w->arena);
        struct value config = value_clone(&w->arena, node->config);
        put(config, "enabled", value_bool(false));
        put(dict, "config", config);
        writing_entry(w, node->unique_id, dict);
    }
    for (size_t i = 0; i < w->project->node_count; i++) {
        const struct node *node = w->project->nodes[i];
        struct artifact_compiled compiled = {0};
        if (!in_section(node, type)) {
            continue;
        }
        bool known = w->compiled != NULL && w->compiled(w->context, node, &compiled);
        writing_entry(
            w, node->unique_id,
            artifact_node(w->project, node, known ? &compiled : NULL, &w->arena));
    }
    writing_close(w);
}

static void write_macros(struct writing *w)
{
    writing_open(w, "macros");
    for (size_t i = 0; i < w->project->macro_count; i++) {
        const struct macro *macro = w->project->macros[i];
        writing_entry(w, macro->unique_id,
                      artifact_macro(w->project, macro, &w->arena));
    }
    writing_close(w);
}

static void write_docs(struct writing *w)
{
    writing_open(w, "docs");
    for (size_t i = 0; i < w->project->docs_by_id.count; i++) {
        const struct doc *doc = w->project->docs_by_id.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 7);
        const char *below = strchr(doc->file->path, '/');
        put(dict, "name", value_str(doc->name));
        put(dict, "resource_type", value_str("doc"));
        put(dict, "package_name", value_str(doc->package->name));
        put(dict, "path", value_str(below != NULL ? below + 1 : doc->file->path));
        put(dict, "original_file_path", value_str(doc->file->path));
        put(dict, "unique_id", value_str(doc->unique_id));
        put(dict, "block_contents", value_str(doc->contents));
        writing_entry(w, doc->unique_id, dict);
    }
    writing_close(w);
}

static void write_groups(struct writing *w)
{
    writing_open(w, "groups");
    for (size_t i = 0; i < w->project->groups_by_id.count; i++) {
        const struct group *group = w->project->groups_by_id.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 8);
        put(dict, "name", value_str(group->name));
        put(dict, "resource_type", value_str("group"));
        put(dict, "package_name", value_str(group->package->name));
        put(dict, "path", value_str(group->path));
        put(dict, "original_file_path", value_str(group->file->path));
        put(dict, "unique_id", value_str(group->unique_id));
        put(dict, "owner", group->owner);
        put(dict, "description",
            group->description[0] != '\0' ? value_str(group->description)
                                          : value_none());
        put(dict, "config", group->config);
        writing_entry(w, group->unique_id, dict);
    }
    writing_close(w);
}

static void write_disabled(struct writing *w)
{
    writing_open(w, "disabled");
    for (size_t i = 0; i < w->project->disabled.count; i++) {
        const struct node *node = w->project->disabled.items[i];
        struct value list = value_list_new(&w->arena, 1);
        bool again = false;
        for (size_t k = 0; k < i && !again; k++) {
            again = str_eq(w->project->disabled.items[k]->unique_id, node->unique_id);
        }
        for (size_t k = i; !again && k < w->project->disabled.count; k++) {
            const struct node *other = w->project->disabled.items[k];
            if (str_eq(other->unique_id, node->unique_id)) {
                value_list_push(list,
                                artifact_node(w->project, other, NULL, &w->arena));
            }
        }
        if (!again) {
            writing_entry(w, node->unique_id, list);
        }
    }
    writing_close(w);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(struct node *const *)a)->unique_id,
                  (*(struct node *const *)b)->unique_id);
}

/* Adds the dropped tests below the node. */
static void add_dropped(struct writing *w, const struct node *node,
                        struct node_list *edges)
{
    const struct node_list *dropped = &w->project->dropped;

    for (size_t i = 0; i < dropped->count; i++) {
        for (size_t k = 0; k < dropped->items[i]->parents.count; k++) {
            if (dropped->items[i]->parents.items[k] == node) {
                node_list_add(&w->arena, edges, dropped->items[i]);
            }
        }
    }
}

static void write_edge_list(struct writing *w, const struct node *node, bool up)
{
    const struct node_list *from = up ? &node->parents : &node->children;
    struct node_list edges = {0};

    for (size_t i = 0; i < from->count; i++) {
        node_list_add(&w->arena, &edges, from->items[i]);
    }
    if (!up) {
        add_dropped(w, node, &edges);
    }
    if (edges.count > 1) {
        qsort(edges.items, edges.count, sizeof(*edges.items), compare_ids);
    }
    struct value list = value_list_new(&w->arena, edges.count);
    for (size_t i = 0; i < edges.count; i++) {
        value_list_push(list, value_str(edges.items[i]->unique_id));
    }
    writing_entry(w, node->unique_id, list);
}

static void write_edges(struct writing *w, const char *key, bool up)
{
    writing_open(w, key);
    for (size_t i = 0; i < w->project->node_count; i++) {
        write_edge_list(w, w->project->nodes[i], up);
    }
    for (size_t i = 0; i < w->project->dropped.count; i++) {
        write_edge_list(w, w->project->dropped.items[i], up);
    }
    writing_close(w);
}

static void write_group_map(struct writing *w)
{
    writing_open(w, "group_map");
    for (size_t i = 0; i < w->project->groups_by_id.count; i++) {
        const struct group *group = w->project->groups_by_id.entries[i].value;
        struct value list = value_list_new(&w->arena, 4);
        for (size_t k = 0; k < w->project->node_count; k++) {
            const struct node *node = w->project->nodes[k];
            if (node->group != NULL && str_eq(node->group, group->name)) {
                value_list_push(list, value_str(node->unique_id));
            }
        }
        writing_entry(w, group->name, list);
    }
    writing_close(w);
}

/* A word like "2+tag:money" as the dict that it stands for. */
static struct value word_definition(struct writing *w, struct value word)
{
    struct selecting s = {.arena = &w->arena, .err = w->err, .project = w->project};
    struct select_options options = {0};
    struct value dict = value_dict_new(&w->arena, 6);

    s.options = &options;
    const struct spec *spec = spec_from_definition(&s, word, 0);
    if (spec == NULL) {
        return word;
    }
    const struct criteria *c = &spec->criteria;
    const char *method = spec_method_name(c->method);
    if (c->childrens_parents) {
        put(dict, "childrens_parents", value_bool(true));
    }
    if (c->parents) {
        put(dict, "parents", value_bool(true));
    }
    if (c->parents_depth >= 0) {
        put(dict, "parents_depth",
            value_str(arena_printf(&w->arena, "%ld", c->parents_depth)));
    }
    put(dict, "method",
        value_str(c->argument[0] != '\0'
                      ? arena_printf(&w->arena, "%s.%s", method, c->argument)
                      : method));
    put(dict, "value", c->value);
    if (c->children) {
        put(dict, "children", value_bool(true));
    }
    if (c->children_depth >= 0) {
        put(dict, "children_depth",
            value_str(arena_printf(&w->arena, "%ld", c->children_depth)));
    }
    return dict;
}

/* With words, short forms and names of other selectors written out, as dbt does. */
static struct value full_definition(struct writing *w, struct value v, int depth)
{
    static const char *const sets[] = {"union", "intersection", "exclude"};
    size_t at = 0;

    if (v.type == VALUE_STRING) {
        return word_definition(w, v);
    }
    if (v.type != VALUE_DICT || depth > 20) {
        return v;
    }
    const char *method = value_cstr(value_dict_get(v, "method"), "");
    const struct selector *other =
        str_eq(method, "selector") ? map_get(&w->project->selectors,
                                             value_cstr(value_dict_get(v, "value"), ""))
                                   : NULL;
    if (other != NULL) {
        return full_definition(w, other->definition, depth + 1);
    }
    struct value out = value_dict_new(&w->arena, 4);
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        bool is_set =
            str_eq(key, sets[0]) || str_eq(key, sets[1]) || str_eq(key, sets[2]);
        if (!is_set) {
            bool sole = value_dict_count(v) == 1;
            put(out, sole ? "method" : key, sole ? p->key : p->value);
            if (sole) {
                put(out, "value", p->value);
            }
            continue;
        }
        struct value list = value_list_new(&w->arena, 4);
        for (size_t i = 0; i < value_list_count(p->value); i++) {
            value_list_push(list,
                            full_definition(w, value_list_at(p->value, i), depth + 1));
        }
        put(out, key, list);
    }
    return out;
}

static void write_selectors(struct writing *w)
{
    writing_open(w, "selectors");
    for (size_t i = 0; i < w->project->selectors.count; i++) {
        const struct selector *selector = w->project->selectors.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 4);
        put(dict, "name", value_str(selector->name));
        put(dict, "definition", full_definition(w, selector->definition, 0));
        if (selector->description[0] != '\0') {
            put(dict, "description", value_str(selector->description));
        }
        if (selector->is_default) {
            put(dict, "default", value_bool(true));
        }
        writing_entry(w, selector->name, dict);
    }
    writing_close(w);
}
static void write_empty(struct writing *w, const char *key)
{
    writing_open(w, key);
    writing_close(w);
}
int artifact_write_manifest(const struct project *project,
                            artifact_compiled_fn compiled, void *context,
                            struct err *err)
{
    struct writing w = {.project = project,
                        .compiled = compiled,
                        .context = context,
                        .first = true,
                        .err = err};

    buf_init(&w.text, (size_t)1024 * 1024 * 1024);
    buf_addc(&w.text, '{');
    writing_entry(&w, "metadata", manifest_metadata(project, &w.arena));
    write_nodes(&w, "nodes", NODE_MODEL);
    write_nodes(&w, "sources", NODE_SOURCE);
    write_macros(&w);
    write_docs(&w);
    write_nodes(&w, "exposures", NODE_EXPOSURE);
    write_empty(&w, "metrics");
    write_groups(&w);
    write_selectors(&w);
    write_disabled(&w);
    write_edges(&w, "parent_map", true);
    write_edges(&w, "child_map", false);
    write_group_map(&w);
    write_empty(&w, "saved_queries");
    write_empty(&w, "semantic_models");
    write_nodes(&w, "unit_tests", NODE_UNIT_TEST);
    write_empty(&w, "functions");
    buf_addc(&w.text, '}');
    return writing_save(&w, "manifest.json");
}
