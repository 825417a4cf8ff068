/* Fetching a package: a local folder, a git repository, a tarball of the hub. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"

int deps_read_name(struct deps *deps, struct dep *dep, struct err *err)
{
    struct loader *loader = deps->loader;
    struct buf text = BUF_INIT;
    struct yaml_doc doc;
    char *path = path_join(loader->arena, dep->fetched, "dbt_project.yml");
    int rc = path_read(path, PROJECT_MAX_FILE, &text, err);

    if (rc == 0) {
        rc = yaml_parse(arena_strndup(loader->arena, buf_str(&text), text.len),
                        text.len, path, loader->arena, &doc, err);
    }
    buf_fini(&text);
    if (rc != 0) {
        return err_wrap(err, "Failed to read package '%s'", dep->key);
    }
    dep->name = value_cstr(value_dict_get(doc.root, "name"), NULL);
    if (dep->name == NULL || dep->name[0] == '\0' || strchr(dep->name, '/') != NULL ||
        dep->name[0] == '.') {
        return err_set(err, ERR_PROJECT, "the package '%s' has no valid name",
                       dep->key);
    }
    return 0;
}

static int fetch_local(struct deps *deps, struct dep *dep, struct err *err)
{
    struct loader *loader = deps->loader;
    char *path = path_join(loader->arena, loader->project->root,
                           path_expand_home(loader->arena, dep->key));
    char *absolute = realpath(path, NULL);

    if (absolute == NULL) {
        err_set(err, ERR_PROJECT, "the local package '%s' does not exist", dep->key);
        err_hint(err, "the path is relative to the project: %s", path);
        return -1;
    }
    dep->fetched = arena_strdup(loader->arena, absolute);
    free(absolute);
    return 0;
}

static bool is_commit(const char *revision)
{
    return strlen(revision) == 40 && strspn(revision, "0123456789abcdef") == 40;
}

static int checkout_commit(const char *dir, const char *commit, struct err *err)
{
    const char *const fetch[] = {"git", "fetch",  "--quiet", "--depth",
                                 "1",   "origin", commit,    NULL};
    const char *const checkout[] = {"git",  "checkout", "--quiet", "--detach",
                                    commit, "--",       NULL};

    return deps_run(dir, fetch, NULL, err) == 0 ? deps_run(dir, checkout, NULL, err)
                                                : -1;
}

static int clone(struct dep *dep, const char *dir, struct err *err)
{
    const char *argv[16];
    size_t n = 0;

    argv[n++] = "git";
    argv[n++] = "clone";
    argv[n++] = "--quiet";
    argv[n++] = "--depth";
    argv[n++] = "1";
    if (dep->revision[0] != '\0' && !is_commit(dep->revision)) {
        argv[n++] = "--branch";
        argv[n++] = dep->revision;
    }
    argv[n++] = "--";
    argv[n++] = dep->key;
    argv[n++] = dir;
    argv[n] = NULL;
    if (dep->revision[0] == '-') {
        return err_set(err, ERR_PROJECT, "'%s' is not a git revision", dep->revision);
    }
    if (deps_run(NULL, argv, NULL, err) != 0) {
        return err_wrap(err, "Error cloning repository %s%s%s", dep->key,
                        dep->revision[0] != '\0' ? " at " : "", dep->revision);
    }
    return is_commit(dep->revision) ? checkout_commit(dir, dep->revision, err) : 0;
}

static int fetch_git(struct deps *deps, struct dep *dep, struct err *err)
{
    struct loader *loader = deps->loader;
    char *dir = arena_printf(loader->arena, "%s/%zu", deps->work, deps->fetches++);
    const char *const head[] = {"git", "rev-parse", "HEAD", NULL};
    struct buf commit = {.max = 256};
    bool pinned = dep->revision[0] != '\0' && !str_eq(dep->revision, "HEAD") &&
                  !str_eq(dep->revision, "main") && !str_eq(dep->revision, "master");

    if (strstr(dep->subdirectory, "..") != NULL) {
        return err_set(err, ERR_PROJECT, "the subdirectory '%s' leaves the repository",
                       dep->subdirectory);
    }
    if (clone(dep, dir, err) != 0 || deps_run(dir, head, &commit, err) != 0) {
        buf_fini(&commit);
        return -1;
    }
    if (!pinned && dep->warn_unpinned) {
        deps_report(deps,
                    "The git package \"%s\" is not pinned, using %s: pin it with "
                    "'revision' for the same result every time",
                    dep->key, buf_str(&commit));
    }
    dep->revision = arena_strdup(loader->arena, buf_str(&commit));
    buf_fini(&commit);
    dep->fetched = dep->subdirectory[0] != '\0'
                       ? path_join(loader->arena, dir, dep->subdirectory)
                       : dir;
    deps_remove(path_join(loader->arena, dir, ".git"));
    return 0;
}

int deps_fetch(struct deps *deps, struct dep *dep, struct err *err)
{
    char *dir;

    switch (dep->kind) {
    case DEP_LOCAL:
        return fetch_local(deps, dep, err);
    case DEP_GIT:
        return fetch_git(deps, dep, err);
    default:
        dir = arena_printf(deps->loader->arena, "%s/%zu", deps->work, deps->fetches++);
        return deps_hub_fetch(deps, dep, dir, err);
    }
}
