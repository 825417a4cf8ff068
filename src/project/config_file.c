#include "config.h"

#include "project/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

#define PROJECT_FILE "dbt_project.yml"

static const char *const known_keys[] = {
    "name",
    "config-version",
    "version",
    "project-root",
    "source-paths",
    "model-paths",
    "macro-paths",
    "data-paths",
    "seed-paths",
    "test-paths",
    "analysis-paths",
    "docs-paths",
    "asset-paths",
    "function-paths",
    "target-path",
    "snapshot-paths",
    "clean-targets",
    "profile",
    "log-path",
    "packages-install-path",
    "quoting",
    "on-run-start",
    "on-run-end",
    "require-dbt-version",
    "dispatch",
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "sources",
    "tests",
    "data_tests",
    "unit_tests",
    "metrics",
    "semantic-models",
    "saved-queries",
    "exposures",
    "functions",
    "vars",
    "packages",
    "query-comment",
    "restrict-access",
    "dbt-cloud",
    "flags",
    "project_root",
};

static const char *const reserved_names[] = {
    "_sql_results",
    "adapter",
    "api",
    "column",
    "config",
    "context",
    "database",
    "env",
    "env_var",
    "exceptions",
    "execute",
    "flags",
    "fromjson",
    "fromyaml",
    "graph",
    "invocation_id",
    "load_agate_table",
    "load_result",
    "log",
    "model",
    "modules",
    "post_hooks",
    "pre_hooks",
    "ref",
    "render",
    "return",
    "run_started_at",
    "schema",
    "source",
    "sql",
    "sql_now",
    "store_result",
    "store_raw_result",
    "target",
    "this",
    "tojson",
    "toyaml",
    "try_or_compiler_error",
    "var",
    "write",
};

enum shape { SHAPE_ANY, SHAPE_STR, SHAPE_STR_LIST, SHAPE_DICT, SHAPE_LIST };

/* What a key must be when it is not null. */
static const struct {
    const char *key;
    enum shape shape;
} shapes[] = {
    {"name", SHAPE_STR},
    {"profile", SHAPE_STR},
    {"target-path", SHAPE_STR},
    {"packages-install-path", SHAPE_STR},
    {"model-paths", SHAPE_STR_LIST},
    {"macro-paths", SHAPE_STR_LIST},
    {"seed-paths", SHAPE_STR_LIST},
    {"test-paths", SHAPE_STR_LIST},
    {"analysis-paths", SHAPE_STR_LIST},
    {"docs-paths", SHAPE_STR_LIST},
    {"snapshot-paths", SHAPE_STR_LIST},
    {"function-paths", SHAPE_STR_LIST},
    {"asset-paths", SHAPE_STR_LIST},
    {"clean-targets", SHAPE_STR_LIST},
    {"on-run-start", SHAPE_STR_LIST},
    {"on-run-end", SHAPE_STR_LIST},
    {"models", SHAPE_DICT},
    {"seeds", SHAPE_DICT},
    {"snapshots", SHAPE_DICT},
    {"analyses", SHAPE_DICT},
    {"sources", SHAPE_DICT},
    {"tests", SHAPE_DICT},
    {"data_tests", SHAPE_DICT},
    {"unit_tests", SHAPE_DICT},
    {"exposures", SHAPE_DICT},
    {"vars", SHAPE_DICT},
    {"quoting", SHAPE_DICT},
    {"flags", SHAPE_DICT},
    {"dispatch", SHAPE_LIST},
};

char *project_find_root(struct arena *arena, const char *dir)
{
    char *here = realpath(dir != NULL ? dir : ".", NULL);

    if (here == NULL) {
        return NULL;
    }
    char *path = arena_strdup(arena, here);
    free(here);
    for (;;) {
        if (path_exists(path_join(arena, path, PROJECT_FILE))) {
            return path;
        }
        char *slash = strrchr(path, '/');
        if (slash == NULL || path[1] == '\0') {
            return NULL;
        }
        slash[slash == path ? 1 : 0] = '\0';
    }
}

/* What a key of dbt_project.yml must not be rendered for, yet. */
static bool keep_raw(const struct value *path, size_t depth)
{
    static const char *const raw[] = {"on-run-start", "on-run-end", "query-comment",
                                      "vars"};

    if (depth == 0 || path[0].type != VALUE_STRING) {
        return false;
    }
    for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
        if (str_eq(path[0].as.s, raw[i])) {
            return true;
        }
    }
    bool has_hooks = str_eq(path[0].as.s, "models") || str_eq(path[0].as.s, "seeds") ||
                     str_eq(path[0].as.s, "snapshots");
    for (size_t i = 1; has_hooks && i < depth; i++) {
        const char *key = value_cstr(path[i], "");
        key += *key == '+';
        if (str_eq(key, "pre-hook") || str_eq(key, "post-hook") ||
            str_eq(key, "pre_hook") || str_eq(key, "post_hook")) {
            return true;
        }
    }
    return false;
}

static bool all_strings(struct value list)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (value_list_at(list, i).type != VALUE_STRING) {
            return false;
        }
    }
    return true;
}

static bool has_shape(struct value v, enum shape shape)
{
    switch (shape) {
    case SHAPE_ANY:
        return true;
    case SHAPE_STR:
        return v.type == VALUE_STRING;
    case SHAPE_STR_LIST:
        return v.type == VALUE_STRING || (v.type == VALUE_LIST && all_strings(v));
    case SHAPE_DICT:
        return v.type == VALUE_DICT;
    case SHAPE_LIST:
        return v.type == VALUE_LIST;
    }
    return false;
}

static const char *shape_name(enum shape shape)
{
    static const char *const names[] = {"a value", "a string", "a list of strings",
                                        "a mapping", "a list"};

    return names[shape];
}

static int fail_key(struct loader *loader, const struct project_file *file,
                    const struct yaml_doc *doc, const char *key, const char *hint,
                    const char *message)
{
    struct yaml_position at = {0};

    yaml_key_position(doc, doc->root, key, &at);
    return loader_fail(loader, file, at.line, at.column, hint, "%s", message);
}

static void check_known(struct loader *loader, const struct project_file *file,
                        const struct yaml_doc *doc)
{
    size_t at = 0;
    size_t count = sizeof(known_keys) / sizeof(known_keys[0]);

    for (const struct value_pair *p; (p = value_dict_next(doc->root, &at)) != NULL;) {
        const char *key = value_cstr(p->key, NULL);
        bool known = false;
        if (key == NULL) {
            loader_fail(loader, file, 0, 0, "quote the key",
                        "a key of " PROJECT_FILE " is not a string");
            continue;
        }
        for (size_t i = 0; i < count && !known; i++) {
            known = str_eq(key, known_keys[i]);
        }
        if (!known) {
            const char *near = str_nearest(key, known_keys, count);
            char *hint = near != NULL
                             ? arena_printf(loader->arena, "did you mean '%s'?", near)
                             : NULL;
            fail_key(loader, file, doc, key, hint,
                     arena_printf(loader->arena,
                                  "Additional properties are not allowed ('%s' was "
                                  "unexpected)",
                                  key));
        }
    }
}

static void check_shapes(struct loader *loader, const struct project_file *file,
                         const struct yaml_doc *doc, struct value config)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct value v = value_dict_get(config, shapes[i].key);
        if (!value_is_null(v) && !has_shape(v, shapes[i].shape)) {
            fail_key(loader, file, doc, shapes[i].key, NULL,
                     arena_printf(loader->arena, "'%s' must be %s, not %s",
                                  shapes[i].key, shape_name(shapes[i].shape),
                                  value_type_name(v)));
        }
    }
}

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_' && (unsigned char)*name < 0x80) {
        return false;
    }
    for (const char *p = name; *p != '\0'; p++) {
        if (!isalnum((unsigned char)*p) && *p != '_' && (unsigned char)*p < 0x80) {
            return false;
        }
    }
    return true;
}

static int check_name(struct loader *loader, const struct project_file *file,
                      const struct yaml_doc *doc)
{
    struct value name = value_dict_get(doc->root, "name");

    if (value_is_null(name)) {
        return loader_fail(loader, file, 1, 0, "add a line like: name: my_project",
                           "Required \"name\" field not present in project");
    }
    if (name.type != VALUE_STRING) {
        return fail_key(loader, file, doc, "name", "quote the name",
                        arena_printf(loader->arena, "'name' must be a string, not %s",
                                     value_type_name(name)));
    }
    if (!is_identifier(name.as.s)) {
        return fail_key(loader, file, doc, "name",
                        "use letters, digits and underscores only",
                        arena_printf(loader->arena,
                                     "'%s' is not a valid project name (it must match "
                                     "^[^\\d\\W]\\w*$)",
                                     name.as.s));
    }
    for (size_t i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++) {
        if (str_eq(name.as.s, reserved_names[i])) {
            return fail_key(loader, file, doc, "name", NULL,
                            arena_printf(loader->arena,
                                         "Invalid project name: %s is a reserved word",
                                         name.as.s));
        }
    }
    return 0;
}

static void check_dispatch(struct loader *loader, const struct project_file *file,
                           const struct yaml_doc *doc, struct value config)
{
    struct value dispatch = value_dict_get(config, "dispatch");

    for (size_t i = 0; i < value_list_count(dispatch); i++) {
        struct value entry = value_list_at(dispatch, i);
        if (!value_dict_has(entry, "macro_namespace") ||
            value_dict_get(entry, "search_order").type != VALUE_LIST) {
            struct buf text = {.max = 1024};
            project_python_repr(entry, &text);
            fail_key(loader, file, doc, "dispatch",
                     "an entry has macro_namespace and a list search_order",
                     arena_printf(loader->arena, "Invalid project dispatch config: %s",
                                  buf_str(&text)));
            buf_fini(&text);
        }
    }
}

/* "tests" is the old name of "data_tests"; "source-paths" of "model-paths" … */
static void rename_old_keys(struct value config)
{
    static const struct {
        const char *old;
        const char *now;
    } names[] = {{"tests", "data_tests"},
                 {"source-paths", "model-paths"},
                 {"data-paths", "seed-paths"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct value v = value_dict_get(config, names[i].old);
        if (v.type != VALUE_UNDEFINED && !value_dict_has(config, names[i].now)) {
            value_dict_put(config, names[i].now, v);
        }
    }
}

/* Reads, checks and renders dbt_project.yml of the package. */
int package_read_config(struct loader *loader, struct package *package)
{
    struct err err = {0};
    struct yaml_doc *doc = arena_new(loader->arena, struct yaml_doc);

    package->file = project_read_file(loader, package, PROJECT_FILE, true, &err);
    if (package->file == NULL ||
        yaml_parse(package->file->text, package->file->len, package->file->shown,
                   loader->arena, doc, &err) != 0) {
        loader_error(loader, &err);
        return -1;
    }
    for (const struct yaml_warning *w = doc->warnings; w != NULL; w = w->next) {
        loader_warn(loader, package->file, w->at.line, "%s", w->message);
    }
    if (doc->root.type != VALUE_DICT) {
        return loader_fail(loader, package->file, 1, 0, NULL,
                           PROJECT_FILE " does not parse to a dictionary");
    }
    if (check_name(loader, package->file, doc) != 0) {
        return -1;
    }
    check_known(loader, package->file, doc);
    package->doc = doc;
    package->raw = value_clone(loader->arena, doc->root);
    package->name = value_dict_get(doc->root, "name").as.s;
    return 0;
}

int package_render_config(struct loader *loader, struct package *package)
{
    struct err err = {0};

    if (project_render(loader, PROJECT_YAML_PROJECT, package, package->raw, keep_raw,
                       &package->config, &err) != 0) {
        project_locate_yaml(&err, package->file, 1, 0);
        loader_error(loader, &err);
        return -1;
    }
    if (package->config.as.dict == package->raw.as.dict) {
        package->config = value_clone(loader->arena, package->raw);
    }
    check_shapes(loader, package->file, package->doc, package->config);
    check_dispatch(loader, package->file, package->doc, package->config);
    rename_old_keys(package->config);
    rename_old_keys(package->raw);
    struct value version = value_dict_get(package->config, "version");
    struct buf text = {.max = 256};
    if (!value_is_null(version)) {
        project_python_str(version, &text);
    }
    package->version = arena_strdup(loader->arena, buf_str(&text));
    buf_fini(&text);
    package->vars = value_dict_get(package->config, "vars");
    if (package->vars.type != VALUE_DICT) {
        package->vars = value_dict_new(loader->arena, 0);
    }
    return 0;
}

static const struct {
    const char *key;
    const char *dir;
} default_paths[] = {
    {"model-paths", "models"},       {"seed-paths", "seeds"},
    {"snapshot-paths", "snapshots"}, {"analysis-paths", "analyses"},
    {"macro-paths", "macros"},       {"test-paths", "tests"},
    {"function-paths", "functions"},
};

static void add_paths(struct arena *arena, struct value list, struct value paths)
{
    for (size_t i = 0; i < value_list_count(paths); i++) {
        struct value item = value_list_at(paths, i);
        if (item.type != VALUE_STRING) {
            continue;
        }
        size_t len = item.len;
        const char *s = item.as.s;
        while (len > 1 && s[len - 1] == '/') {
            len--;
        }
        while (len > 2 && s[0] == '.' && s[1] == '/') {
            s += 2;
            len -= 2;
        }
        item = value_copy_str_n(arena, s, len);
        bool known = false;
        for (size_t k = 0; k < value_list_count(list) && !known; k++) {
            known = value_equal(value_list_at(list, k), item);
        }
        if (!known) {
            value_list_push(list, item);
        }
    }
}

/* "all" is every source path; "docs-paths" is those unless it is given. */
struct value package_paths(struct loader *loader, const struct package *package,
                           const char *key)
{
    struct value list = value_list_new(loader->arena, 4);
    struct value given = value_dict_get(package->config, key);
    size_t count = sizeof(default_paths) / sizeof(default_paths[0]);

    if (!value_is_null(given)) {
        add_paths(loader->arena, list, project_listify(loader->arena, given));
        return list;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(key, default_paths[i].key)) {
            value_list_push(list, value_str(default_paths[i].dir));
            return list;
        }
    }
    for (size_t i = 0; i < count; i++) {
        add_paths(loader->arena, list,
                  package_paths(loader, package, default_paths[i].key));
    }
    return list;
}
