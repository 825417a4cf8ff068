/* Looking macros up: by name, by package, by dispatch, by materialization. */
#include "config.h"

#include "project/internal.h"

#include <stdio.h>

#include "base/str.h"

static struct macro *builtin_macro(const struct project *project, const char *name)
{
    struct macro *found = NULL;

    for (size_t i = 0; i < project->package_count; i++) {
        const struct package *package = project->packages[i];
        if (!package->is_builtin) {
            continue;
        }
        struct macro *macro = map_get(&package->macros, name);
        if (macro != NULL && (found == NULL || !str_eq(package->name, "dbt"))) {
            found = macro;
        }
    }
    return found;
}

struct macro *project_macro(const struct project *project,
                            const struct package *package, const char *name)
{
    struct macro *macro = map_get(&package->macros, name);

    if (macro == NULL && package != project->package) {
        macro = map_get(&project->package->macros, name);
    }
    return macro != NULL ? macro : builtin_macro(project, name);
}

struct macro *project_package_macro(const struct project *project, const char *package,
                                    const char *name)
{
    if (str_eq(package, "dbt")) {
        return builtin_macro(project, name);
    }
    const struct package *in = project_package(project, package);
    return in != NULL ? map_get(&in->macros, name) : NULL;
}

struct macro *project_macro_anywhere(const struct project *project, const char *package,
                                     const char *name)
{
    const struct package *in =
        package != NULL ? project_package(project, package) : NULL;
    struct macro *macro = in != NULL ? map_get(&in->macros, name) : NULL;

    if (macro == NULL) {
        macro = map_get(&project->package->macros, name);
    }
    for (size_t i = project->package_count; i-- > 0 && macro == NULL;) {
        if (!project->packages[i]->is_builtin) {
            macro = map_get(&project->packages[i]->macros, name);
        }
    }
    return macro != NULL ? macro : builtin_macro(project, name);
}

/* Packages that dispatch searches for a namespace: names, in order; none is everything
 * that can be seen. */
static struct value search_order(const struct project *project, const char *namespace,
                                 struct arena *arena)
{
    struct value dispatch = value_dict_get(project->package->config, "dispatch");
    struct value order = value_list_new(arena, 2);

    if (namespace == NULL) {
        value_list_push(order, value_none());
        return order;
    }
    for (size_t i = 0; i < value_list_count(dispatch); i++) {
        struct value entry = value_list_at(dispatch, i);
        if (str_eq(value_cstr(value_dict_get(entry, "macro_namespace"), ""),
                   namespace)) {
            return value_dict_get(entry, "search_order");
        }
    }
    if (project_package(project, namespace) == NULL) {
        value_list_push(order, value_none());
        return order;
    }
    value_list_push(order, value_str(project->name));
    if (!str_eq(namespace, project->name)) {
        value_list_push(order, value_str(namespace));
    }
    return order;
}

static struct macro *in_package(const struct project *project,
                                const struct package *from, const char *package,
                                const char *name)
{
    if (package == NULL) {
        return from != NULL ? project_macro(project, from, name)
                            : project_macro_anywhere(project, NULL, name);
    }
    return project_package_macro(project, package, name);
}

struct macro *project_dispatch(const struct project *project,
                               const struct package *package, const char *name,
                               const char *namespace, struct err *err)
{
    static const char *const prefixes[] = {"confluent", "default"};
    struct arena arena = {0};
    struct buf tried = {.max = 4096};
    struct value order = search_order(project, namespace, &arena);
    struct macro *found = NULL;

    for (size_t i = 0; i < value_list_count(order) && found == NULL; i++) {
        const char *in = value_cstr(value_list_at(order, i), NULL);
        for (size_t k = 0; k < 2 && found == NULL; k++) {
            char *full = arena_printf(&arena, "%s__%s", prefixes[k], name);
            found = in_package(project, package, in, full);
            buf_addf(&tried, "%s'%s%s%s'", tried.len > 0 ? ", " : "",
                     in != NULL ? in : "", in != NULL ? "." : "", full);
        }
    }
    if (found == NULL) {
        err_set(err, ERR_COMPILE,
                "In dispatch: No macro named '%s' found within namespace: '%s'\n"
                "    Searched for: %s",
                name, namespace != NULL ? namespace : "None", buf_str(&tried));
    }
    buf_fini(&tried);
    arena_fini(&arena);
    return found;
}

struct macro *project_materialization(const struct project *project, const char *name)
{
    static const char *const adapters[] = {"confluent", "default"};
    char full[256];

    for (size_t i = 0; i < 2; i++) {
        snprintf(full, sizeof(full), "materialization_%s_%s", name, adapters[i]);
        struct macro *own = map_get(&project->package->macros, full);
        struct macro *core = builtin_macro(project, full);
        if (own != NULL || core != NULL) {
            return own != NULL ? own : core;
        }
    }
    return NULL;
}
