/* Packages of the hub: which version fits, its download (dbt 1.11, deps/registry.py).
 */
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

/* Dotted parts: numbers by value and before words; a release after its candidates. */
static int compare_pre(const char *a, const char *b)
{
    if (a[0] == '\0' || b[0] == '\0') {
        return (a[0] == '\0') - (b[0] == '\0');
    }
    while (*a != '\0' && *b != '\0') {
        size_t n = strcspn(a, ".");
        size_t m = strcspn(b, ".");
        bool a_number = n > 0 && strspn(a, "0123456789") >= n;
        bool b_number = m > 0 && strspn(b, "0123456789") >= m;
        if (a_number != b_number) {
            return a_number ? -1 : 1;
        }
        if (a_number && strtol(a, NULL, 10) != strtol(b, NULL, 10)) {
            return strtol(a, NULL, 10) < strtol(b, NULL, 10) ? -1 : 1;
        }
        int order = a_number ? 0 : strncmp(a, b, n > m ? n : m);
        if (order != 0) {
            return order;
        }
        a += n + (a[n] == '.');
        b += m + (b[m] == '.');
    }
    return (*a != '\0') - (*b != '\0');
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

enum op { OP_AT_LEAST, OP_AT_MOST, OP_ABOVE, OP_BELOW, OP_EXACT };

struct bound {
    enum op op;
    struct version version;
};

/* ">=1.0.0"; false when it is no such text. */
static bool parse_bound(const char *text, struct bound *out)
{
    static const char *const operators[] = {">=", "<=", ">", "<", "="};

    out->op = OP_EXACT;
    text += strspn(text, " ");
    for (size_t i = 0; i < 5; i++) {
        if (str_starts(text, operators[i])) {
            out->op = (enum op)i;
            text += strlen(operators[i]);
            break;
        }
    }
    return parse_version(text + strspn(text, " v"), &out->version);
}

static bool satisfies(const struct version *v, const struct bound *bound)
{
    int order = compare(v, &bound->version);

    switch (bound->op) {
    case OP_AT_LEAST:
        return order >= 0;
    case OP_AT_MOST:
        return order <= 0;
    case OP_ABOVE:
        return order > 0;
    case OP_BELOW: /* a candidate of the very version that is too much is no way out */
        return order < 0 &&
               (v->pre[0] == '\0' || bound->version.pre[0] != '\0' ||
                memcmp(v->part, bound->version.part, sizeof(v->part)) != 0);
    default:
        return order == 0;
    }
}

/* Whether some version could satisfy both. */
static bool agree(const struct bound *a, const struct bound *b)
{
    bool a_low = a->op == OP_AT_LEAST || a->op == OP_ABOVE;
    bool b_low = b->op == OP_AT_LEAST || b->op == OP_ABOVE;

    if (a->op == OP_EXACT || b->op == OP_EXACT) {
        return a->op == OP_EXACT ? satisfies(&a->version, b)
                                 : satisfies(&b->version, a);
    }
    if (a_low == b_low) {
        return true;
    }
    int order =
        a_low ? compare(&a->version, &b->version) : compare(&b->version, &a->version);
    bool closed = (a->op == OP_AT_LEAST || a->op == OP_AT_MOST) &&
                  (b->op == OP_AT_LEAST || b->op == OP_AT_MOST);
    return order < 0 || (order == 0 && closed);
}

static void add_texts(struct value list, struct buf *out)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        buf_addf(out, "%s'%s'", i > 0 ? ", " : "",
                 value_cstr(value_list_at(list, i), ""));
    }
}

/* Parses the constraints of the package into `bounds`; they must not contradict. */
static int read_bounds(const struct dep *dep, struct bound *bounds, struct err *err)
{
    struct buf texts = {.max = 1024};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < value_list_count(dep->versions); i++) {
        const char *text = value_cstr(value_list_at(dep->versions, i), "");
        if (!parse_bound(text, &bounds[i])) {
            rc = err_set(err, ERR_PROJECT,
                         "\"%s\" is not a valid semantic version (of package %s)", text,
                         dep->key);
        }
        for (size_t k = 0; rc == 0 && k < i; k++) {
            if (!agree(&bounds[i], &bounds[k])) {
                add_texts(dep->versions, &texts);
                rc = err_set(err, ERR_PROJECT,
                             "Version error for package %s: Could not find a "
                             "satisfactory version from options: [%s]",
                             dep->key, buf_str(&texts));
            }
        }
    }
    buf_fini(&texts);
    return rc;
}

/* Whether the version's require_dbt_version allows the dbt that this program follows.
 */
static bool is_compatible(struct arena *arena, struct value info)
{
    struct value required =
        project_listify(arena, value_dict_get(info, "require_dbt_version"));
    struct version dbt;

    parse_version(PROJECT_DBT_VERSION, &dbt);
    for (size_t i = 0; i < value_list_count(required); i++) {
        struct bound bound;
        const char *text = value_cstr(value_list_at(required, i), "");
        if (text[0] != '\0' && parse_bound(text, &bound) && !satisfies(&dbt, &bound)) {
            return false;
        }
    }
    return true;
}

static int get_json(struct deps *deps, const char *package, struct value *out,
                    struct err *err)
{
    const char *base = getenv("DBT_PACKAGE_HUB_URL");
    struct buf text = BUF_INIT;
    char *url = arena_printf(deps->loader->arena, "%sapi/v1/%s.json",
                             base != NULL && base[0] != '\0' ? base : HUB, package);

    if (deps->options->fetch == NULL) {
        err_set(err, ERR_CONNECTION, "the package hub can't be reached from here");
        err_hint(err, "install the package from its git repository instead: "
                      "git: https://…, revision: …");
        return -1;
    }
    int rc = deps->options->fetch(deps->options->context, url, &text, err);
    if (rc == 0) {
        rc = json_parse(buf_str(&text), text.len, url, deps->loader->arena, out, err);
    } else if (err->code == ERR_NOT_FOUND) {
        err_clear(err);
        err_set(err, ERR_PROJECT, "Package %s was not found in the package index",
                package);
    } else {
        err_wrap(err, "the package hub can't be asked for '%s'", package);
        err_hint(err, "a package can also be installed from its git repository");
    }
    buf_fini(&text);
    return rc;
}

static void report_redirect(const struct deps *deps, const struct dep *dep)
{
    const char *namespace =
        value_cstr(value_dict_get(dep->index, "redirectnamespace"), NULL);
    const char *name = value_cstr(value_dict_get(dep->index, "redirectname"), NULL);

    if (namespace != NULL || name != NULL) {
        const char *slash = strchr(dep->key, '/');
        deps_report(
            deps,
            "The package %s is deprecated in favor of %.*s/%s: change it in "
            "packages.yml",
            dep->key,
            namespace != NULL ? (int)strlen(namespace) : (int)(slash - dep->key),
            namespace != NULL ? namespace : dep->key, name != NULL ? name : slash + 1);
    }
}

static int ask(struct deps *deps, struct dep *dep, struct err *err)
{
    if (dep->index.type == VALUE_DICT) {
        return 0;
    }
    if (strstr(dep->key, "..") != NULL || strpbrk(dep->key, "?#% ") != NULL) {
        return err_set(err, ERR_PROJECT, "'%s' is not the name of a package", dep->key);
    }
    if (get_json(deps, dep->key, &dep->index, err) != 0) {
        return -1;
    }
    if (value_dict_get(dep->index, "versions").type != VALUE_DICT) {
        return err_set(err, ERR_SERVER,
                       "the hub's answer for package %s has no 'versions'", dep->key);
    }
    report_redirect(deps, dep);
    return 0;
}

/* dbt's message, with the versions that there are. */
static int no_version(struct deps *deps, const struct dep *dep, bool prerelease,
                      struct err *err)
{
    struct value versions = value_dict_get(dep->index, "versions");
    struct value list = value_list_new(deps->loader->arena, 4);
    struct buf wanted = {.max = 512}, there = {.max = 1024};
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(versions, &at)) != NULL;) {
        struct version v;
        if (parse_version(value_cstr(p->key, ""), &v) &&
            (prerelease || v.pre[0] == '\0') &&
            is_compatible(deps->loader->arena, p->value)) {
            value_list_push(list, p->key);
        }
    }
    add_texts(dep->versions, &wanted);
    add_texts(list, &there);
    err_set(err, ERR_PROJECT,
            "Could not find a matching compatible version for package %s\n"
            "  Requested range: %s\n"
            "  Compatible versions: [%s]",
            dep->key, buf_str(&wanted), buf_str(&there));
    buf_fini(&wanted);
    buf_fini(&there);
    return -1;
}

int deps_hub_resolve(struct deps *deps, struct dep *dep, struct value *more,
                     struct err *err)
{
    struct arena *arena = deps->loader->arena;
    size_t count = value_list_count(dep->versions);
    struct bound *bounds = arena_array(arena, struct bound, count + 1);
    struct version best = {{-1, 0, 0}, ""};
    struct value chosen = value_undefined();
    bool prerelease = dep->prerelease;
    size_t at = 0;

    if (ask(deps, dep, err) != 0 || read_bounds(dep, bounds, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        prerelease = prerelease || bounds[i].version.pre[0] != '\0';
    }
    struct value versions = value_dict_get(dep->index, "versions");
    for (const struct value_pair *p; (p = value_dict_next(versions, &at)) != NULL;) {
        struct version v;
        const char *text = value_cstr(p->key, "");
        bool fits = parse_version(text, &v) && (prerelease || v.pre[0] == '\0') &&
                    is_compatible(arena, p->value);
        for (size_t i = 0; fits && i < count; i++) {
            fits = satisfies(&v, &bounds[i]);
        }
        if (fits && compare(&v, &best) > 0) {
            best = v;
            chosen = p->value;
            dep->version = text;
        }
    }
    if (chosen.type != VALUE_DICT) {
        return no_version(deps, dep, prerelease, err);
    }
    dep->tarball = value_cstr(
        value_dict_get(value_dict_get(chosen, "downloads"), "tarball"), NULL);
    *more = value_dict_get(chosen, "packages");
    return dep->tarball != NULL
               ? 0
               : err_set(err, ERR_SERVER, "the hub names no download for %s", dep->key);
}

/* https, or plain http for a hub of one's own that is reached by it. */
static bool may_download(const char *url)
{
    const char *base = getenv("DBT_PACKAGE_HUB_URL");

    return str_starts(url, "https://") ||
           (base != NULL && str_starts(base, "http://") && str_starts(url, "http://"));
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
        may_download(dep->tarball)
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
