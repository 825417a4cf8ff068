#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

/* How many packages packages.yml or dependencies.yml asks for; -1 after an error. */
static long count_specified(struct loader *loader, const char **file_name)
{
    static const char *const names[] = {"packages.yml", "dependencies.yml"};
    struct package *root = loader->project->package;
    bool found = false;
    long count = 0;

    *file_name = names[0];
    for (size_t i = 0; i < 2; i++) {
        struct err err = {0};
        struct yaml_doc doc;
        if (!path_exists(path_join(loader->arena, root->root, names[i]))) {
            continue;
        }
        struct project_file *file =
            project_read_file(loader, root, names[i], true, &err);
        if (file == NULL || yaml_parse(file->text, file->len, file->shown,
                                       loader->arena, &doc, &err) != 0) {
            loader_error(loader, &err);
            return -1;
        }
        struct value list = value_dict_get(doc.root, "packages");
        if (list.type == VALUE_UNDEFINED) {
            continue;
        }
        if (found) {
            return loader_fail(loader, file, 1, 0, NULL,
                               "The 'packages' key cannot be specified in both "
                               "packages.yml and dependencies.yml");
        }
        found = true;
        count = (long)value_list_count(list);
        *file_name = names[i];
    }
    return count;
}

/* Directories of the install path, sorted, without those that begin with "__". */
static int list_installed(struct loader *loader, const char *dir, struct path_list *out)
{
    struct err err = {0};
    size_t kept = 0;

    if (!path_is_dir(dir)) {
        return 0;
    }
    if (path_list(dir, loader->arena, out, &err) != 0) {
        loader_error(loader, &err);
        return -1;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!str_starts(out->names[i], "__") &&
            path_is_dir(path_join(loader->arena, dir, out->names[i]))) {
            out->names[kept++] = out->names[i];
        }
    }
    out->count = kept;
    return 0;
}

static void load_package(struct loader *loader, const char *dir)
{
    struct package reading = {.root = dir, .name = dir};

    if (!path_exists(path_join(loader->arena, dir, "dbt_project.yml"))) {
        loader_fail(loader, NULL, 0, 0, "run \\deps to install the packages again",
                    "No dbt_project.yml found at expected path %s/dbt_project.yml",
                    dir);
        return;
    }
    if (package_read_config(loader, &reading) != 0) {
        return;
    }
    struct package *package = project_add_package(loader, reading.name);
    if (package == NULL) {
        loader_fail(loader, reading.file, 0, 0, NULL,
                    "dbt found more than one package with the name \"%s\" included in "
                    "this project. Package names must be unique in a project. Please "
                    "rename one of these packages.",
                    reading.name);
        return;
    }
    reading.index = package->index;
    reading.version = "";
    reading.vars = package->vars;
    reading.file->package = package;
    *package = reading;
    package_render_config(loader, package);
}

static int compare_packages(const void *a, const void *b)
{
    return strcmp((*(struct package *const *)a)->name,
                  (*(struct package *const *)b)->name);
}

static void add_builtins(struct loader *loader)
{
    const struct project_hooks *hooks = loader->project->hooks;

    for (size_t i = 0; hooks != NULL && i < hooks->builtin_count; i++) {
        const char *name = hooks->builtins[i].package;
        struct package *package = project_package(loader->project, name);
        if (package == NULL) {
            package = project_add_package(loader, name);
            package->is_builtin = true;
        } else if (!package->is_builtin) {
            loader_fail(loader, package->file, 0, 0, NULL,
                        "the name \"%s\" belongs to a package that is built in", name);
            return;
        }
    }
}

int project_load_packages(struct loader *loader)
{
    struct project *project = loader->project;
    const char *path =
        value_cstr(value_dict_get(project->package->config, "packages-install-path"),
                   "dbt_packages");
    const char *dir = path_join(loader->arena, project->root, path);
    struct path_list installed = {0};
    const char *file = NULL;

    if (!project->options.no_packages) {
        long specified = count_specified(loader, &file);
        if (specified < 0 || list_installed(loader, dir, &installed) != 0) {
            return -1;
        }
        if ((size_t)specified > installed.count) {
            return loader_fail(
                loader, NULL, 0, 0, "run \\deps",
                "dbt found %ld package(s) specified in %s, but only %zu "
                "package(s) installed in %s. Run \"dbt deps\" to install "
                "package dependencies.",
                specified, file, installed.count, path);
        }
    }
    for (size_t i = 0; i < installed.count; i++) {
        load_package(loader, path_join(loader->arena, dir, installed.names[i]));
    }
    if (project->package_count > 2) {
        qsort(project->packages + 1, project->package_count - 1,
              sizeof(struct package *), compare_packages);
    }
    add_builtins(loader);
    for (size_t i = 0; i < project->package_count; i++) {
        project->packages[i]->index = (uint32_t)i;
    }
    return loader->errors->count > 0 ? -1 : 0;
}
