/*
 * Which packages, in which versions: breadth first, as dbt 1.11 does
 * (deps/resolver.py). What several packages ask of one is gathered; a choice made early
 * counts for what it asks for in turn, the final one is made when everything is known.
 */
#include "config.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"

#define MAX_PACKAGES 500
#define MAX_ROUNDS   100

/* The packages that one round looks at. */
struct round {
    struct dep **items; /* in the arena */
    size_t count;
};

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

/* Adds what another package asks of `into`. */
static int incorporate(struct dep *into, const struct dep *dep, struct err *err)
{
    if (dep->kind == DEP_GIT && dep->asked[0] != '\0') {
        if (into->asked[0] != '\0' && !str_eq(into->asked, dep->asked)) {
            return err_set(err, ERR_PROJECT,
                           "git dependencies should contain exactly one version. %s "
                           "contains: {'%s', '%s'}",
                           dep->key, into->asked, dep->asked);
        }
        if (into->asked[0] == '\0') {
            into->asked = into->revision = dep->asked;
            into->fetched = NULL;
        }
    }
    for (size_t i = 0; i < value_list_count(dep->versions); i++) {
        value_list_push(into->versions, value_list_at(dep->versions, i));
    }
    into->prerelease = into->prerelease || dep->prerelease;
    return 0;
}

static void append(struct arena *arena, struct dep ***items, size_t *count,
                   struct dep *dep)
{
    *items =
        arena_realloc(arena, *items, *count * sizeof(dep), (*count + 1) * sizeof(dep));
    (*items)[(*count)++] = dep;
}

/* The package as it is known by now; NULL with err set. */
static struct dep *known(struct deps *deps, struct dep *dep, struct err *err)
{
    for (size_t i = 0; i < deps->count; i++) {
        if (same_source(deps->items[i], dep)) {
            return incorporate(deps->items[i], dep, err) == 0 ? deps->items[i] : NULL;
        }
    }
    if (deps->count == MAX_PACKAGES) {
        err_set(err, ERR_LIMIT, "more than %d packages", MAX_PACKAGES);
        return NULL;
    }
    append(deps->loader->arena, &deps->items, &deps->count, dep);
    return dep;
}

static int add_specs(struct deps *deps, struct value list, struct round *round,
                     struct err *err)
{
    struct value rendered = list;

    if (project_has_jinja(list) &&
        project_render(deps->loader, PROJECT_YAML_PACKAGES, NULL, list, NULL, &rendered,
                       err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(rendered); i++) {
        struct dep *dep = deps_read_spec(deps->loader, value_list_at(rendered, i), err);
        if (dep == NULL) {
            return -1;
        }
        append(deps->loader->arena, &round->items, &round->count, dep);
    }
    return 0;
}

/* Chooses what the package is by now; what it asks for goes to `next` if that is new.
 */
static int choose(struct deps *deps, struct dep *dep, struct round *next,
                  struct err *err)
{
    struct value more = value_undefined();

    if (dep->kind == DEP_HUB) {
        const char *before = dep->version;
        if (deps_hub_resolve(deps, dep, &more, err) != 0) {
            return -1;
        }
        if (before != NULL && str_eq(before, dep->version)) {
            return 0;
        }
    } else if (dep->fetched != NULL) {
        return 0;
    } else {
        if (deps_fetch(deps, dep, err) != 0) {
            return -1;
        }
        more = deps_read_list(deps->loader, dep->fetched, err);
    }
    if (err->code != ERR_NONE) {
        return -1;
    }
    return deps->locked ? 0 : add_specs(deps, more, next, err);
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
                       "\"%s\". Package names must be unique in a project. Please "
                       "rename one of these packages.",
                       dep->name);
    }
    return 0;
}

/* With all constraints known: the final versions, fetched and named. */
static int settle(struct deps *deps, struct err *err)
{
    for (size_t i = 0; i < deps->count; i++) {
        struct dep *dep = deps->items[i];
        struct value ignored;
        if (dep->kind == DEP_HUB && deps_hub_resolve(deps, dep, &ignored, err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < deps->count; i++) {
        struct dep *dep = deps->items[i];
        if ((dep->fetched == NULL && deps_fetch(deps, dep, err) != 0) ||
            deps_read_name(deps, dep, err) != 0 || check_name(deps, dep, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int deps_resolve(struct deps *deps, struct value list, struct err *err)
{
    struct round round = {0};

    if (add_specs(deps, list, &round, err) != 0) {
        return -1;
    }
    for (int i = 0; round.count > 0; i++) {
        struct round next = {0};
        if (i == MAX_ROUNDS) {
            return err_set(err, ERR_LIMIT, "packages ask for each other without end");
        }
        for (size_t k = 0; k < round.count; k++) {
            struct dep *dep = known(deps, round.items[k], err);
            if (dep == NULL || choose(deps, dep, &next, err) != 0) {
                return -1;
            }
        }
        round = next;
    }
    return settle(deps, err);
}
