#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"
#include "value/json.h"

#define HUB "https://hub.getdbt.com/"

/* major.minor.patch[-prerelease]; build metadata is left out of comparisons. */
struct version {
    long part[3];
    char pre[64];
};

static bool parse_version(const char *text, struct version *out)
{
    const char *p = text;

    *out = (struct version){{0}, ""};
    for (int i = 0; i < 3; i++) {
        if (!isdigit((unsigned char)*p)) {
            return false;
        }
        char *end;
        out->part[i] = strtol(p, &end, 10);
        p = end;
        if (i < 2) {
            if (*p != '.') {
                return false;
            }
            p++;
        }
    }
    if (*p == '-') {
        size_t n = strcspn(p + 1, "+");
        str_copy_n(out->pre, sizeof(out->pre), p + 1, n);
        p += n + 1;
    }
    return *p == '\0' || *p == '+';
}

static int compare_pre(const char *a, const char *b)
{
    if (a[0] == '\0' || b[0] == '\0') {
        return (a[0] == '\0') - (b[0] == '\0');
    }
    return strcmp(a, b);
}

static int compare(const struct version *a, const struct version *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->part[i] != b->part[i]) {
            return a->part[i] < b->part[i] ? -1 : 1;
        }
    }
    return compare_pre(a->pre, b->pre);
}

/* Whether the version satisfies one text like ">=1.0.0"; -1 when that is no range. */
static int satisfies(const struct version *v, const char *range)
{
    static const char *const operators[] = {">=", "<=", ">", "<", "="};
    struct version bound;
    size_t op = 4;

    range += strspn(range, " ");
    for (size_t i = 0; i < 5; i++) {
        if (str_starts(range, operators[i])) {
            op = i;
            range += strlen(operators[i]);
            break;
        }
    }
    range += strspn(range, " v");
    if (!parse_version(range, &bound)) {
        return -1;
    }
    int order = compare(v, &bound);
    switch (op) {
    case 0:
        return order >= 0;
    case 1:
        return order <= 0;
    case 2:
        return order > 0;
    case 3:
        return order < 0;
    default:
        return order == 0;
    }
}

static int fits(const struct dep *dep, const struct version *v, struct err *err)
{
    bool wants_pre = dep->prerelease;

    for (size_t i = 0; i < value_list_count(dep->versions); i++) {
        const char *range = value_list_at(dep->versions, i).as.s;
        int rc = satisfies(v, range);
        if (rc < 0) {
            return err_set(err, ERR_PROJECT,
                           "'%s' of package %s is not a valid version", range,
                           dep->key);
        }
        if (rc == 0) {
            return 0;
        }
        wants_pre = wants_pre || strchr(range, '-') != NULL;
    }
    return v->pre[0] == '\0' || wants_pre;
}

static int get_json(struct deps *deps, const char *path, struct value *out,
                    struct err *err)
{
    const char *base = getenv("DBT_PACKAGE_HUB_URL");
    struct buf text = BUF_INIT;
    char *url = arena_printf(deps->loader->arena, "%sapi/v1/%s.json",
                             base != NULL && base[0] != '\0' ? base : HUB, path);

    if (deps->options->fetch == NULL) {
        err_set(err, ERR_CONNECTION, "the package hub can't be reached from here");
        err_hint(err, "install the package from its git repository instead: "
                      "git: https://…, revision: …");
        return -1;
    }
    int rc = deps->options->fetch(deps->options->context, url, &text, err);
    if (rc == 0) {
        rc = json_parse(buf_str(&text), text.len, url, deps->loader->arena, out, err);
    } else {
        err_wrap(err, "the package hub can't be asked for '%s'", path);
        err_hint(err, "a package can also be installed from its git repository");
    }
    buf_fini(&text);
    return rc;
}

int deps_hub_resolve(struct deps *deps, struct dep *dep, struct value *more,
                     struct err *err)
{
    struct value answer;
    struct version best = {{-1, 0, 0}, ""};
    struct value chosen = value_undefined();
    size_t at = 0;

    if (strstr(dep->key, "..") != NULL || strpbrk(dep->key, "?#% ") != NULL) {
        return err_set(err, ERR_PROJECT, "'%s' is not the name of a package", dep->key);
    }
    if (get_json(deps, dep->key, &answer, err) != 0) {
        return -1;
    }
    struct value versions = value_dict_get(answer, "versions");
    for (const struct value_pair *p; (p = value_dict_next(versions, &at)) != NULL;) {
        struct version v;
        const char *text = value_cstr(p->key, "");
        int rc = parse_version(text, &v) ? fits(dep, &v, err) : 0;
        if (rc < 0) {
            return -1;
        }
        if (rc > 0 && compare(&v, &best) > 0) {
            best = v;
            chosen = p->value;
            dep->version = text;
        }
    }
    if (chosen.type != VALUE_DICT) {
        return err_set(err, ERR_PROJECT,
                       "Could not find a matching compatible version for package %s",
                       dep->key);
    }
    dep->tarball = value_cstr(
        value_dict_get(value_dict_get(chosen, "downloads"), "tarball"), NULL);
    *more = value_dict_get(chosen, "packages");
    return dep->tarball != NULL
               ? 0
               : err_set(err, ERR_SERVER, "the hub names no download for %s", dep->key);
}

int deps_hub_fetch(struct deps *deps, struct dep *dep, const char *dir, struct err *err)
{
    struct arena *arena = deps->loader->arena;
    struct buf data = BUF_INIT;
    char *file = arena_printf(arena, "%s.tar.gz", dir);
    const char *const tar[] = {
        "tar", "-xzf", file, "-C", dir, "--strip-components=1", "--no-same-owner",
        NULL};
    int rc =
        str_starts(dep->tarball, "https://")
            ? deps->options->fetch(deps->options->context, dep->tarball, &data, err)
            : err_set(err, ERR_SERVER, "the hub names a download that is not https");

    if (rc == 0) {
        rc = path_mkdirs(dir, err);
    }
    if (rc == 0) {
        rc = path_write(file, buf_str(&data), data.len, 0600, err);
    }
    if (rc == 0) {
        rc = deps_run(NULL, tar, NULL, err);
    }
    buf_fini(&data);
    dep->fetched = dir;
    return rc == 0 ? 0 : err_wrap(err, "can't download %s %s", dep->key, dep->version);
}
