#include "config.h"

#include "shell/deps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "value/yaml.h"

static int load_yaml(const char *path, struct arena *arena, struct yaml_doc *doc,
                     struct err *err)
{
    struct buf text = BUF_INIT;
    int result = path_read(path, 0, &text, err);

    if (result == 0) {
        const char *copy = arena_strndup(arena, buf_str(&text), text.len);
        result = yaml_parse(copy, text.len, path, arena, doc, err);
    }
    buf_fini(&text);
    return result;
}

/* Name of the project in a folder, which is what its link is called. */
static const char *package_name(const char *dir, struct arena *arena, struct err *err)
{
    struct yaml_doc doc;
    const char *path = path_join(arena, dir, "dbt_project.yml");
    const char *name;

    if (load_yaml(path, arena, &doc, err) != 0) {
        return NULL;
    }
    name = value_cstr(value_dict_get(doc.root, "name"), NULL);
    if (name == NULL || name[0] == '\0' || strpbrk(name, "/.") != NULL) {
        err_set(err, ERR_PROJECT, "%s has no usable name", path);
        return NULL;
    }
    return name;
}

static int install_local(const char *root, const char *into, const char *local,
                         struct arena *arena, struct err *err)
{
    char *from = realpath(path_join(arena, root, local), NULL);
    const char *name = from != NULL ? package_name(from, arena, err) : NULL;
    const char *link_path = name != NULL ? path_join(arena, into, name) : NULL;
    int result = -1;

    if (from == NULL) {
        err_set_errno(err, ERR_PROJECT, "local package %s", local);
    } else if (name != NULL) {
        struct stat status;
        if (lstat(link_path, &status) == 0 && S_ISLNK(status.st_mode)) {
            unlink(link_path);
        }
        result = symlink(from, link_path) == 0
                     ? 0
                     : err_set_errno(err, ERR_IO, "%s", link_path);
    }
    free(from);
    return result;
}

static int run_git(char *const *argv, struct err *err)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        execvp("git", argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        return err_set_errno(err, ERR_IO, "git");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return err_set(err, ERR_PROJECT, "git could not fetch the package");
    }
    return 0;
}

static int install_git(const char *into, struct value package, struct arena *arena,
                       struct err *err)
{
    const char *url = value_cstr(value_dict_get(package, "git"), "");
    const char *revision = value_cstr(value_dict_get(package, "revision"), NULL);
    const char *part = value_cstr(value_dict_get(package, "subdirectory"), "");
    char *place = arena_printf(arena, "%s/.fetch-XXXXXX", into);
    char *argv[9] = {0};
    size_t n = 0;
    const char *name;

    if (mkdtemp(place) == NULL) {
        return err_set_errno(err, ERR_IO, "%s", place);
    }
    argv[n++] = arena_strdup(arena, "git");
    argv[n++] = arena_strdup(arena, "clone");
    argv[n++] = arena_strdup(arena, "--quiet");
    argv[n++] = arena_strdup(arena, "--depth=1");
    if (revision != NULL) {
        argv[n++] = arena_printf(arena, "--branch=%s", revision);
    }
    argv[n++] = arena_strdup(arena, "--");
    argv[n++] = arena_strdup(arena, url);
    argv[n++] = place;
    if (run_git(argv, err) != 0) {
        err_wrap(err, "%s", url);
        rmdir(place);
        return -1;
    }
    name = package_name(path_join(arena, place, part), arena, err);
    if (name == NULL) {
        return -1;
    }
    if (rename(part[0] != '\0' ? path_join(arena, place, part) : place,
               path_join(arena, into, name)) != 0) {
        err_set_errno(err, ERR_IO, "%s", path_join(arena, into, name));
        err_hint(err, "remove the old one first");
        return -1;
    }
    return 0;
}

static int install_one(struct shell *shell, const char *root, const char *into,
                       struct value package, struct arena *arena, struct err *err)
{
    const char *local = value_cstr(value_dict_get(package, "local"), NULL);
    const char *hub = value_cstr(value_dict_get(package, "package"), NULL);
    const char *git = value_cstr(value_dict_get(package, "git"), NULL);
    int result;

    if (local != NULL) {
        result = install_local(root, into, local, arena, err);
    } else if (git != NULL) {
        result = install_git(into, package, arena, err);
    } else {
        err_set(err, ERR_REFUSED, "package %s: dbt's hub is not asked",
                hub != NULL ? hub : "?");
        err_hint(err, "name its repository instead: - git: URL, revision: TAG; or run "
                      "dbt deps");
        result = -1;
    }
    if (result == 0) {
        print_note(&shell->print, "Installed %s", local != NULL ? local : git);
    }
    return result;
}

int deps_install(struct shell *shell, struct err *err)
{
    static const char *const files[] = {"packages.yml", "dependencies.yml"};
    struct arena arena = {0};
    const char *root = shell_project_root(shell);
    const char *into = path_join(&arena, root, "dbt_packages");
    size_t found = 0;
    int result = root[0] != '\0'
                     ? path_mkdirs(into, err)
                     : err_set(err, ERR_PROJECT, "there is no dbt_project.yml here");

    for (size_t f = 0; f < 2 && result == 0; f++) {
        const char *path = path_join(&arena, root, files[f]);
        struct yaml_doc doc;
        struct value list;
        if (!path_exists(path)) {
            continue;
        }
        result = load_yaml(path, &arena, &doc, err);
        list = result == 0 ? value_dict_get(doc.root, "packages") : value_none();
        for (size_t i = 0; i < value_list_count(list) && result == 0; i++) {
            result =
                install_one(shell, root, into, value_list_at(list, i), &arena, err);
            found++;
        }
    }
    if (result == 0 && found == 0) {
        print_note(&shell->print, "No packages are listed in packages.yml.");
    }
    session_reload(shell);
    arena_fini(&arena);
    return result;
}
