/* package-lock.yml: what was chosen, and the hash of what was asked for. */
#include "config.h"

#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/deps_internal.h"
#include "value/json.h"

#define LOCK_FILE "package-lock.yml"

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
const char *deps_lock_hash(struct deps *deps, struct value raw, struct value rendered)
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

int deps_write_lock(struct deps *deps, const char *hash, struct err *err)
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
struct value deps_read_lock(struct deps *deps, const char *hash)
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
