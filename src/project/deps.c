/* Installing packages: the steps, and the install path replaced at the end. */
#include "config.h"

#include "project/deps.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"

static int fail(struct deps *deps, struct err *err)
{
    loader_error(deps->loader, err);
    return -1;
}

static int place(struct deps *deps, struct dep *dep, const char *dir, struct err *err)
{
    char *to = path_join(deps->loader->arena, dir, dep->name);

    if (dep->kind == DEP_LOCAL ? symlink(dep->fetched, to) != 0
                               : rename(dep->fetched, to) != 0) {
        return err_set_errno(err, ERR_IO, "can't put the package at %s", to);
    }
    deps_report(deps, "  Installed %s%s%s", dep->name,
                dep->kind == DEP_LOCAL ? " <local @ "
                : dep->kind == DEP_GIT ? " at revision "
                                       : " version ",
                dep->kind == DEP_LOCAL
                    ? arena_printf(deps->loader->arena, "%s>", dep->key)
                : dep->kind == DEP_GIT ? dep->revision
                                       : dep->version);
    return 0;
}

static int install(struct deps *deps, struct err *err)
{
    char *fresh = path_join(deps->loader->arena, deps->work, "fresh");

    if (path_mkdirs(fresh, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < deps->count; i++) {
        if (place(deps, deps->items[i], fresh, err) != 0) {
            return -1;
        }
    }
    if (deps_remove(deps->install) != 0 || rename(fresh, deps->install) != 0) {
        return err_set_errno(err, ERR_IO, "can't replace %s", deps->install);
    }
    return 0;
}

static int make_work(struct deps *deps, struct err *err)
{
    struct arena *arena = deps->loader->arena;
    char *parent = path_dir(arena, deps->install);
    char *work = arena_printf(arena, "%s/.cflowsh-deps-XXXXXX", parent);

    if (path_mkdirs(parent, err) != 0) {
        return -1;
    }
    if (mkdtemp(work) == NULL) {
        return err_set_errno(err, ERR_IO, "can't make a folder in %s", parent);
    }
    deps->work = work;
    return 0;
}

static int resolve(struct deps *deps, struct value raw, struct err *err)
{
    struct value rendered = raw;

    if (project_has_jinja(raw) &&
        project_render(deps->loader, PROJECT_YAML_PACKAGES, NULL, raw, NULL, &rendered,
                       err) != 0) {
        return -1;
    }
    const char *hash = deps_lock_hash(deps, raw, rendered);
    struct value locked =
        deps->options->upgrade ? value_undefined() : deps_read_lock(deps, hash);
    deps->locked = locked.type == VALUE_LIST;
    if (make_work(deps, err) != 0 ||
        deps_resolve(deps, deps->locked ? locked : rendered, err) != 0) {
        return -1;
    }
    return deps->locked ? 0 : deps_write_lock(deps, hash, err);
}

static int run(struct deps *deps)
{
    struct loader *loader = deps->loader;
    struct err err = {0};
    struct value list = deps_read_list(loader, loader->project->root, &err);

    if (err.code != ERR_NONE) {
        return fail(deps, &err);
    }
    if (value_list_count(list) == 0) {
        deps_report(deps, "No packages were found in packages.yml");
        return 0;
    }
    int rc = resolve(deps, list, &err);
    if (rc == 0 && !deps->options->lock_only) {
        rc = install(deps, &err);
    }
    if (deps->work != NULL) {
        deps_remove(deps->work);
    }
    return rc == 0 ? 0 : fail(deps, &err);
}

int project_deps(const struct deps_options *options, struct err_list *errors)
{
    struct project_options load = *options->project;

    load.no_nodes = true;
    load.no_profile = true;
    struct project *project = project_load(&load, options->hooks, errors);
    if (project == NULL) {
        return -1;
    }
    struct loader loader = {
        .project = project, .arena = &project->arena, .errors = errors};
    const char *path =
        value_cstr(value_dict_get(project->package->config, "packages-install-path"),
                   "dbt_packages");
    struct deps deps = {.loader = &loader,
                        .options = options,
                        .install = path_join(&project->arena, project->root, path)};
    int rc = run(&deps);
    project_free(project);
    return rc;
}
