/* What packages.yml and dependencies.yml ask for. */
#include "config.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"

struct value deps_read_list(struct loader *loader, const char *root, struct err *err)
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

/* ">=1.0.0,<2.0.0" is two constraints. */
static void add_versions(struct loader *loader, struct dep *dep, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        value_list_push(dep->versions,
                        value_str(arena_strndup(loader->arena, text, n)));
        text += n + (text[n] == ',');
    }
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
    for (size_t i = 0; i < value_list_count(list); i++) {
        add_versions(loader, dep, text_of(loader, value_list_at(list, i)));
    }
    dep->prerelease = value_is_true(value_dict_get(spec, "install_prerelease"), false);
    return 0;
}

struct dep *deps_read_spec(struct loader *loader, struct value spec, struct err *err)
{
    static const char *const keys[] = {"local", "git", "package"};
    struct dep *dep = arena_new(loader->arena, struct dep);

    dep->asked = dep->revision = "";
    dep->subdirectory = "";
    dep->versions = value_list_new(loader->arena, 2);
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
        dep->asked = dep->revision = text_of(loader, value_dict_get(spec, "revision"));
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
