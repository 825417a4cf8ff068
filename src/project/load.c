#include "config.h"

#include "project/project.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "project/internal.h"

#define MAX_WARNINGS 100

const char *project_env(const char *name)
{
    char full[128];

    snprintf(full, sizeof(full), "DBT_ENGINE_%s", name);
    const char *value = getenv(full);
    if (value == NULL || value[0] == '\0') {
        snprintf(full, sizeof(full), "DBT_%s", name);
        value = getenv(full);
    }
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *copy_option(struct arena *arena, const char *s)
{
    return s != NULL ? arena_strdup(arena, s) : NULL;
}

static void copy_options(struct project *project, const struct project_options *from)
{
    struct project_options *to = &project->options;
    struct arena *arena = &project->arena;

    *to = *from;
    to->project_dir = copy_option(arena, from->project_dir);
    to->profiles_dir = copy_option(arena, from->profiles_dir);
    to->profile = copy_option(arena, from->profile);
    to->target = copy_option(arena, from->target);
    to->target_path = copy_option(arena, from->target_path);
    to->vars = copy_option(arena, from->vars);
    to->endpoint = copy_option(arena, from->endpoint);
}

static int parse_vars(struct loader *loader)
{
    struct project *project = loader->project;
    struct err err = {0};
    struct yaml_doc doc;

    project->cli_vars = value_dict_new(loader->arena, 0);
    if (project->options.vars == NULL) {
        return 0;
    }
    if (yaml_parse(project->options.vars, strlen(project->options.vars), "--vars",
                   loader->arena, &doc, &err) != 0) {
        loader_error(loader, &err);
        return -1;
    }
    if (doc.root.type == VALUE_NONE) {
        return 0;
    }
    if (doc.root.type != VALUE_DICT) {
        err_set(&err, ERR_USAGE,
                "The --vars argument must be a YAML dictionary, but was of type %s",
                value_type_name(doc.root));
        err_hint(&err, "for example: --vars '{day: 2026-01-01, limit: 10}'");
        loader_error(loader, &err);
        return -1;
    }
    project->cli_vars = doc.root;
    return 0;
}

static int find_root(struct loader *loader)
{
    struct project *project = loader->project;
    const char *dir = project->options.project_dir;
    struct err err = {0};

    if (dir == NULL) {
        dir = project_env("PROJECT_DIR");
    }
    if (dir != NULL) {
        dir = path_expand_home(loader->arena, dir);
        char *absolute = realpath(dir, NULL);
        if (absolute != NULL) {
            project->root = arena_strdup(loader->arena, absolute);
            free(absolute);
        }
        if (absolute == NULL ||
            !path_exists(path_join(loader->arena, project->root, "dbt_project.yml"))) {
            project->root = NULL;
        }
    } else {
        project->root = project_find_root(loader->arena, ".");
    }
    if (project->root != NULL) {
        return 0;
    }
    err_set(&err, ERR_PROJECT, "No dbt_project.yml found at expected path %s",
            dir != NULL ? path_join(loader->arena, dir, "dbt_project.yml")
                        : "./dbt_project.yml");
    err_hint(&err, "go to the project's folder or give -C DIR; \\init makes a new one");
    loader_error(loader, &err);
    return -1;
}

static void set_target_path(struct loader *loader)
{
    struct project *project = loader->project;
    const char *path = project->options.target_path;

    if (path == NULL) {
        path = project_env("TARGET_PATH");
    }
    if (path == NULL) {
        path = value_cstr(value_dict_get(project->package->config, "target-path"),
                          "target");
    }
    project->target_path = path_join(loader->arena, project->root, path);
}

struct package *project_add_package(struct loader *loader, const char *name)
{
    struct project *project = loader->project;

    if (map_get(&project->packages_by_name, name) != NULL) {
        return NULL;
    }
    struct package *package = arena_new(loader->arena, struct package);
    package->name = name;
    package->version = "";
    package->root = "";
    package->config = value_dict_new(loader->arena, 0);
    package->raw = package->config;
    package->vars = value_dict_new(loader->arena, 0);
    package->index = (uint32_t)project->package_count;
    project->packages =
        arena_realloc(loader->arena, project->packages,
                      project->package_count * sizeof(struct package *),
                      (project->package_count + 1) * sizeof(struct package *));
    project->packages[project->package_count++] = package;
    map_put(&project->packages_by_name, package->name, package);
    return package;
}

int project_load_root(struct loader *loader)
{
    struct project *project = loader->project;
    struct package *package = arena_new(loader->arena, struct package);

    if (parse_vars(loader) != 0 || find_root(loader) != 0) {
        return -1;
    }
    package->name = "";
    package->root = project->root;
    project->package = package;
    if (package_read_config(loader, package) != 0) {
        return -1;
    }
    struct package *added = project_add_package(loader, package->name);
    package->index = added->index;
    package->is_root = true;
    package->version = "";
    package->vars = added->vars;
    *added = *package;
    package->file->package = added;
    project->package = added;
    project->name = added->name;
    if (project->options.use_profile != NULL) {
        project->profile = *project->options.use_profile;
    } else if (!project->options.no_profile && profile_load(loader) != 0) {
        return -1;
    }
    if (package_render_config(loader, added) != 0) {
        return -1;
    }
    project->flags = value_dict_get(added->config, "flags");
    project->query_comment = value_dict_get(added->config, "query-comment");
    set_target_path(loader);
    return 0;
}

static int compare_nodes(const void *a, const void *b)
{
    return strcmp((*(struct node *const *)a)->unique_id,
                  (*(struct node *const *)b)->unique_id);
}

/* dbt 1.11 refuses blanks in what it calls nodes: not in sources, exposures … */
static void check_names(struct loader *loader)
{
    bool refused = value_is_true(
        value_dict_get(loader->project->flags, "require_resource_names_without_spaces"),
        true);

    for (size_t i = 0; i < loader->all.count; i++) {
        const struct node *node = loader->all.items[i];
        if (!node->enabled || strchr(node->name, ' ') == NULL ||
            node->type == NODE_SOURCE || node->type == NODE_EXPOSURE ||
            node->type == NODE_UNIT_TEST) {
            continue;
        }
        if (refused) {
            loader_fail(loader, node->file, node->patch_line, 0, "rename it",
                        "Resource names cannot contain spaces: '%s'", node->unique_id);
        } else {
            loader_warn(loader, node->file, node->patch_line,
                        "Resource names cannot contain spaces: '%s'", node->unique_id);
        }
    }
}

static void load_all(struct loader *loader)
{
    if (project_load_root(loader) != 0 || loader->project->options.no_nodes ||
        project_load_packages(loader) != 0) {
        return;
    }
    project_load_macros(loader);
    project_load_docs(loader);
    project_load_selectors(loader);
    project_load_nodes(loader);
    project_load_properties(loader);
    project_capture_node_hooks(loader);
    project_load_hooks(loader);
    project_index_nodes(loader);
    project_index_refs(loader->project);
    project_load_tests(loader);
    check_names(loader);
    if (loader->errors->count == 0) {
        project_link(loader);
    }
}

/* Sorts what was made into the project's arrays. */
void project_index_nodes(struct loader *loader)
{
    struct project *project = loader->project;
    size_t count = loader->all.count;

    project->nodes = arena_array(loader->arena, struct node *, count + 1);
    project->node_count = 0;
    project->disabled = (struct node_list){0};
    project->dropped = (struct node_list){0};
    for (size_t i = 0; i < count; i++) {
        struct node *node = loader->all.items[i];
        if (node->enabled) {
            project->nodes[project->node_count++] = node;
        } else {
            node_list_add(loader->arena,
                          node->dropped ? &project->dropped : &project->disabled, node);
        }
    }
    if (project->node_count > 1) {
        qsort(project->nodes, project->node_count, sizeof(struct node *),
              compare_nodes);
    }
    map_fini(&project->by_id);
    for (size_t i = 0; i < project->node_count; i++) {
        project->nodes[i]->index = (uint32_t)i;
        map_put(&project->by_id, project->nodes[i]->unique_id, project->nodes[i]);
    }
}

static void set_invocation(struct project *project)
{
    uuid_t uuid;
    struct timespec now;

    uuid_generate(uuid);
    uuid_unparse_lower(uuid, project->invocation_id);
    clock_gettime(CLOCK_REALTIME, &now);
    project->started_at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct project *project_load(const struct project_options *options,
                             const struct project_hooks *hooks, struct err_list *errors)
{
    struct project *project = xcalloc(1, sizeof(*project));
    int64_t start = now_us();

    project->hooks = hooks;
    project->warnings.max = MAX_WARNINGS;
    project->index = arena_new(&project->arena, struct project_index);
    project->flags = value_undefined();
    copy_options(project, options);
    set_invocation(project);
    struct loader loader = {
        .project = project, .arena = &project->arena, .errors = errors};
    load_all(&loader);
    project->index->bans_static = loader.bans_static;
    project->load_us = now_us() - start;
    if (errors->count > 0) {
        project_free(project);
        return NULL;
    }
    return project;
}

void project_free(struct project *project)
{
    if (project == NULL) {
        return;
    }
    if (project->hooks != NULL && project->hooks->release != NULL) {
        project->hooks->release(project->hooks->context, project);
    }
    for (size_t i = 0; i < project->package_count; i++) {
        map_fini(&project->packages[i]->macros);
        map_fini(&project->packages[i]->docs);
    }
    map_fini(&project->packages_by_name);
    map_fini(&project->by_id);
    map_fini(&project->macros_by_id);
    map_fini(&project->docs_by_id);
    map_fini(&project->groups_by_id);
    map_fini(&project->selectors);
    map_fini(&project->index->refs);
    map_fini(&project->index->sources);
    map_fini(&project->index->disabled_refs);
    map_fini(&project->index->disabled_sources);
    map_fini(&project->index->walks);
    map_fini(&project->index->stamps);
    map_fini(&project->index->files);
    map_fini(&project->index->patched);
    map_fini(&project->index->default_configs);
    err_list_fini(&project->warnings);
    arena_fini(&project->arena);
    free(project);
}

bool project_changed(const struct project *project)
{
    const struct map *stamps = &project->index->stamps;

    for (size_t i = 0; i < stamps->count; i++) {
        const struct stamp *stamp = stamps->entries[i].value;
        struct stat st;
        if (stat(stamps->entries[i].key, &st) != 0) {
            return true;
        }
        int64_t mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        if (mtime != stamp->mtime_ns || (!stamp->is_dir && st.st_size != stamp->size)) {
            return true;
        }
    }
    return false;
}

struct node *project_node(const struct project *project, const char *unique_id)
{
    return map_get(&project->by_id, unique_id);
}

struct package *project_package(const struct project *project, const char *name)
{
    return map_get(&project->packages_by_name, name);
}

struct value project_var(const struct project *project, const struct package *package,
                         const char *name)
{
    const struct value scopes[] = {
        project->cli_vars,      value_dict_get(project->package->vars, package->name),
        project->package->vars, value_dict_get(package->vars, package->name),
        package->vars,
    };

    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        struct value v = value_dict_get(scopes[i], name);
        if (v.type != VALUE_UNDEFINED) {
            return v;
        }
    }
    return value_undefined();
}

static void put_all(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, p->key, p->value);
    }
}

struct value project_vars(const struct project *project, const struct package *package,
                          struct arena *arena)
{
    struct value all = value_dict_new(arena, 8);

    put_all(all, package->vars);
    put_all(all, value_dict_get(package->vars, package->name));
    if (package != project->package) {
        put_all(all, project->package->vars);
        put_all(all, value_dict_get(project->package->vars, package->name));
    }
    put_all(all, project->cli_vars);
    return all;
}
