#include "config.h"

#include "project/deps.h"

#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"
#include "value/json.h"

#define LOCK_FILE    "package-lock.yml"
#define MAX_PACKAGES 500

static int fail(struct deps *deps, struct err *err)
{
    loader_error(deps->loader, err);
    return -1;
}

/* ---- what packages.yml says ---- */

static struct value read_list(struct loader *loader, const char *root,
                              const char **file, struct err *err)
{
    static const char *const names[] = {"packages.yml", "dependencies.yml"};
    struct value found = value_undefined();

    for (size_t i = 0; i < 2; i++) {
        struct buf text = BUF_INIT;
        struct yaml_doc doc = {.root = value_none()};
        char *path = path_join(loader->arena, root, names[i]);
        int rc = path_exists(path) ? path_read(path, PROJECT_MAX_FILE, &text, err) : 0;
        if (rc == 0 && text.len > 0) {
            rc = yaml_parse(arena_strndup(loader->arena, buf_str(&text), text.len),
                            text.len, path, loader->arena, &doc, err);
        }
        buf_fini(&text);
        if (rc != 0) {
            return value_undefined();
        }
        struct value list = value_dict_get(doc.root, "packages");
        if (list.type == VALUE_LIST && value_is_null(found)) {
            found = list;
            *file = path;
        }
    }
    return found;
}

static const char *text_of(struct loader *loader, struct value v)
{
    struct buf text = {.max = 4096};

    if (value_is_null(v)) {
        return "";
    }
    project_python_str(v, &text);
    const char *copy = arena_strdup(loader->arena, buf_str(&text));
    buf_fini(&text);
    return copy;
}

static int read_hub(struct loader *loader, struct dep *dep, struct value spec,
                    struct err *err)
{
    struct value version = value_dict_get(spec, "version");

    if (strchr(dep->key, '/') == NULL) {
        return err_set(err, ERR_PROJECT,
                       "%s was not found in the package index. Packages on the index "
                       "require a namespace, e.g dbt-labs/dbt_utils",
                       dep->key);
    }
    if (value_is_null(version)) {
        return err_set(
            err, ERR_PROJECT,
            "%s is missing the version. When installing from the Hub package "
            "index, version is a required property",
            dep->key);
    }
    struct value list = project_listify(loader->arena, version);
    dep->versions = value_list_new(loader->arena, 2);
    for (size_t i = 0; i < value_list_count(list); i++) {
        value_list_push(dep->versions,
                        value_str(text_of(loader, value_list_at(list, i))));
    }
    dep->prerelease = value_is_true(value_dict_get(spec, "install_prerelease"), false);
    return 0;
}

static struct dep *read_spec(struct loader *loader, struct value spec, struct err *err)
{
    static const char *const keys[] = {"local", "git", "package"};
    struct dep *dep = arena_new(loader->arena, struct dep);

    dep->revision = "";
    dep->subdirectory = "";
    dep->warn_unpinned = value_is_true(value_dict_get(spec, "warn-unpinned"), true);
    for (size_t i = 0; i < 3; i++) {
        struct value v = value_dict_get(spec, keys[i]);
        if (v.type != VALUE_STRING) {
            continue;
        }
        if (v.len == 0) {
            err_set(err, ERR_PROJECT,
                    "A %s package is missing the value. It is a required property.",
                    i == 2 ? "hub" : keys[i]);
            return NULL;
        }
        dep->kind = (enum dep_kind)i;
        dep->key = v.as.s;
        dep->revision = text_of(loader, value_dict_get(spec, "revision"));
        dep->subdirectory = text_of(loader, value_dict_get(spec, "subdirectory"));
        return i == 2 && read_hub(loader, dep, spec, err) != 0 ? NULL : dep;
    }
    err_set(err, ERR_PROJECT,
            "a package of packages.yml is neither local, git nor package%s",
            value_dict_has(spec, "tarball")   ? ": tarballs are not supported"
            : value_dict_has(spec, "private") ? ": private packages need dbt Cloud"
                                              : "");
    return NULL;
}

/* ---- resolving ---- */

static bool same_source(const struct dep *a, const struct dep *b)
{
    size_t n = strlen(a->key);
    size_t m = strlen(b->key);

    if (a->kind != b->kind || !str_eq(a->subdirectory, b->subdirectory)) {
        return false;
    }
    if (a->kind == DEP_GIT) {
        n -= str_ends(a->key, ".git") ? 4 : 0;
        m -= str_ends(b->key, ".git") ? 4 : 0;
    }
    return n == m && memcmp(a->key, b->key, n) == 0;
}

static int read_name(struct deps *deps, struct dep *dep, struct err *err)
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
    char *dir = arena_printf(loader->arena, "%s/%zu", deps->work, deps->count);
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

static int check_name(struct deps *deps, const struct dep *dep, struct err *err)
{
    for (size_t i = 0; i < deps->count; i++) {
        if (deps->items[i] != dep && deps->items[i]->name != NULL &&
            str_eq(deps->items[i]->name, dep->name)) {
            return err_set(
                err, ERR_PROJECT,
                "Found duplicate project \"%s\". This occurs when a dependency "
                "has the same project name as some other dependency.",
                dep->name);
        }
    }
    if (str_eq(dep->name, deps->loader->project->name)) {
        return err_set(err, ERR_PROJECT,
                       "Found a dependency with the same name as the root project "
                       "\"%s\". Package names must be unique in a project.",
                       dep->name);
    }
    return 0;
}

static int add_specs(struct deps *deps, struct value list, struct err *err);

static int fetch(struct deps *deps, struct dep *dep, struct err *err)
{
    const char *file = NULL;
    struct value more = value_undefined();
    int rc = dep->kind == DEP_LOCAL ? fetch_local(deps, dep, err)
             : dep->kind == DEP_GIT ? fetch_git(deps, dep, err)
                                    : deps_hub_resolve(deps, dep, &more, err);

    if (rc == 0 && dep->kind == DEP_HUB) {
        char *dir =
            arena_printf(deps->loader->arena, "%s/%zu", deps->work, deps->count);
        rc = deps_hub_fetch(deps, dep, dir, err);
    }
    if (rc != 0 || read_name(deps, dep, err) != 0 || check_name(deps, dep, err) != 0) {
        return -1;
    }
    if (deps->locked) {
        return 0;
    }
    if (dep->kind != DEP_HUB) {
        more = read_list(deps->loader, dep->fetched, &file, err);
    }
    return err->code == ERR_NONE ? add_specs(deps, more, err) : -1;
}

static int add_dep(struct deps *deps, struct dep *dep, struct err *err)
{
    struct loader *loader = deps->loader;

    for (size_t i = 0; i < deps->count; i++) {
        const struct dep *other = deps->items[i];
        if (!same_source(other, dep)) {
            continue;
        }
        if (dep->kind == DEP_GIT && dep->revision[0] != '\0' &&
            !str_eq(other->asked, dep->revision)) {
            return err_set(err, ERR_PROJECT,
                           "git dependencies should contain exactly one version. %s "
                           "contains: {'%s', '%s'}",
                           dep->key, other->asked, dep->revision);
        }
        return 0;
    }
    if (deps->count == MAX_PACKAGES) {
        return err_set(err, ERR_LIMIT, "more than %d packages", MAX_PACKAGES);
    }
    dep->asked = dep->revision;
    deps->items = arena_realloc(loader->arena, deps->items, deps->count * sizeof(dep),
                                (deps->count + 1) * sizeof(dep));
    deps->items[deps->count++] = dep;
    deps_report(deps, "Installing %s", dep->key);
    return fetch(deps, dep, err);
}

static int add_specs(struct deps *deps, struct value list, struct err *err)
{
    struct value rendered = list;

    if (project_has_jinja(list) &&
        project_render(deps->loader, PROJECT_YAML_PACKAGES, NULL, list, NULL, &rendered,
                       err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(rendered); i++) {
        struct dep *dep = read_spec(deps->loader, value_list_at(rendered, i), err);
        if (dep == NULL || add_dep(deps, dep, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- package-lock.yml ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_default(struct value dict, struct value spec, const char *key,
                        struct value fallback)
{
    struct value v = value_dict_get(spec, key);

    value_dict_put(dict, key, v.type != VALUE_UNDEFINED ? v : fallback);
}

/* The package as dbt's contract classes write it: every field, and what was written. */
static struct value hashed_spec(struct arena *arena, struct value spec,
                                struct value raw)
{
    struct value dict = value_dict_new(arena, 8);

    if (value_dict_has(spec, "local")) {
        put_default(dict, spec, "local", value_none());
    } else if (value_dict_has(spec, "git")) {
        put_default(dict, spec, "git", value_none());
        put_default(dict, spec, "revision", value_none());
        put_default(dict, spec, "subdirectory", value_none());
        put_default(dict, spec, "warn-unpinned", value_none());
    } else {
        put_default(dict, spec, "install_prerelease", value_bool(false));
        put_default(dict, spec, "package", value_none());
        put_default(dict, spec, "version", value_none());
    }
    value_dict_put(dict, "unrendered", raw);
    return dict;
}

/* sha1 of the sorted JSON texts of the packages, joined by newlines. */
static const char *lock_hash(struct deps *deps, struct value raw, struct value rendered)
{
    struct arena *arena = deps->loader->arena;
    size_t count = value_list_count(rendered);
    const char **texts = arena_array(arena, const char *, count + 1);
    struct sha1_ctx ctx;
    uint8_t digest[SHA1_DIGEST_SIZE];
    char *hex = arena_alloc(arena, SHA1_DIGEST_SIZE * 2 + 1);

    for (size_t i = 0; i < count; i++) {
        struct err ignored = {0};
        struct buf text = BUF_INIT;
        json_write(
            hashed_spec(arena, value_list_at(rendered, i), value_list_at(raw, i)),
            JSON_PYTHON | JSON_SORT_KEYS, &text, &ignored);
        texts[i] = arena_strdup(arena, buf_str(&text));
        buf_fini(&text);
    }
    if (count > 1) {
        qsort(texts, count, sizeof(*texts), compare_texts);
    }
    sha1_init(&ctx);
    for (size_t i = 0; i < count; i++) {
        sha1_update(&ctx, i > 0 ? 1 : 0, (const uint8_t *)"\n");
        sha1_update(&ctx, strlen(texts[i]), (const uint8_t *)texts[i]);
    }
    sha1_digest(&ctx, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(hex + i * 2, 3, "%02x", digest[i]);
    }
    return hex;
}

static struct value lock_entry(struct arena *arena, const struct dep *dep)
{
    static const char *const keys[] = {"local", "git", "package"};
    struct value dict = value_dict_new(arena, 4);

    value_dict_put(dict, keys[dep->kind], value_str(dep->key));
    value_dict_put(dict, "name", value_str(dep->name));
    if (dep->kind == DEP_GIT) {
        value_dict_put(dict, "revision", value_str(dep->revision));
    }
    if (dep->subdirectory[0] != '\0') {
        value_dict_put(dict, "subdirectory", value_str(dep->subdirectory));
    }
    if (dep->kind == DEP_HUB) {
        value_dict_put(dict, "version", value_str(dep->version));
    }
    return dict;
}

/* One package as YAML, indented below its dash. */
static int write_entry(struct value entry, struct buf *out, struct err *err)
{
    struct buf text = BUF_INIT;
    const char *lead = "  - ";
    int rc = yaml_write(entry, true, &text, err);

    for (const char *p = buf_str(&text); rc == 0 && *p != '\0';) {
        size_t n = strcspn(p, "\n");
        buf_addf(out, "%s%.*s\n", lead, (int)n, p);
        lead = "    ";
        p += n + (p[n] == '\n');
    }
    buf_fini(&text);
    return rc;
}

static int write_lock(struct deps *deps, const char *hash, struct err *err)
{
    struct buf text = BUF_INIT;
    char *path = path_join(deps->loader->arena, deps->loader->project->root, LOCK_FILE);
    int rc = 0;

    buf_adds(&text, "packages:\n");
    for (size_t i = 0; i < deps->count && rc == 0; i++) {
        rc = write_entry(lock_entry(deps->loader->arena, deps->items[i]), &text, err);
    }
    buf_addf(&text, "sha1_hash: %s\n", hash);
    if (rc == 0) {
        rc = path_write(path, buf_str(&text), text.len, 0644, err);
    }
    buf_fini(&text);
    return rc;
}

/* The packages of the lock file when it fits `hash`; undefined else. */
static struct value read_lock(struct deps *deps, const char *hash)
{
    struct loader *loader = deps->loader;
    struct buf text = BUF_INIT;
    struct err ignored = {0};
    struct yaml_doc doc = {.root = value_none()};
    char *path = path_join(loader->arena, loader->project->root, LOCK_FILE);

    if (path_exists(path) && path_read(path, PROJECT_MAX_FILE, &text, &ignored) == 0) {
        yaml_parse(arena_strndup(loader->arena, buf_str(&text), text.len), text.len,
                   path, loader->arena, &doc, &ignored);
    }
    buf_fini(&text);
    const char *old = value_cstr(value_dict_get(doc.root, "sha1_hash"), "");
    return str_eq(old, hash) ? value_dict_get(doc.root, "packages") : value_undefined();
}

/* ---- installing ---- */

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
    const char *hash = lock_hash(deps, raw, rendered);
    struct value locked =
        deps->options->upgrade ? value_undefined() : read_lock(deps, hash);
    deps->locked = locked.type == VALUE_LIST;
    if (make_work(deps, err) != 0 ||
        add_specs(deps, deps->locked ? locked : rendered, err) != 0) {
        return -1;
    }
    return deps->locked ? 0 : write_lock(deps, hash, err);
}

static int run(struct deps *deps)
{
    struct loader *loader = deps->loader;
    struct err err = {0};
    const char *file = NULL;
    struct value list = read_list(loader, loader->project->root, &file, &err);

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
