/* Names of generic tests, and the hash in their unique ids, as dbt 1.11 makes them. */
#include "config.h"

#include "project/generic_test.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(const struct value_pair *const *)a)->key.as.s,
                  (*(const struct value_pair *const *)b)->key.as.s);
}

/* The pairs by key; string keys only. Ends with NULL. */
static const struct value_pair **sorted(struct arena *arena, struct value dict)
{
    size_t count = 0;
    size_t at = 0;
    const struct value_pair **pairs =
        arena_array(arena, const struct value_pair *, value_dict_count(dict) + 1);

    for (const struct value_pair *e; (e = value_dict_next(dict, &at)) != NULL;) {
        if (e->key.type == VALUE_STRING) {
            pairs[count++] = e;
        }
    }
    if (count > 1) {
        qsort(pairs, count, sizeof(*pairs), compare_keys);
    }
    return pairs;
}

/* Runs of what is no word character become one '_'. */
static void add_clean(struct buf *out, struct value part, bool first)
{
    struct buf text = {.max = 64 * 1024};
    bool gap = false;

    buf_adds(out, first ? "" : "__");
    project_python_str(part, &text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (isalnum((unsigned char)c) || c == '_') {
            buf_addc(out, c);
            gap = false;
        } else if (!gap) {
            buf_addc(out, '_');
            gap = true;
        }
    }
    buf_fini(&text);
}

static void add_flat_args(const struct generic_test *b, struct buf *out)
{
    const struct value_pair **pairs = sorted(b->scratch, b->args);
    bool first = true;

    for (size_t i = 0; pairs[i] != NULL; i++) {
        struct value v = pairs[i]->value;
        size_t at = 0;
        if (str_eq(pairs[i]->key.as.s, "model")) {
            continue;
        }
        if (v.type == VALUE_DICT) {
            for (const struct value_pair *e; (e = value_dict_next(v, &at)) != NULL;) {
                add_clean(out, e->value, first);
                first = false;
            }
        } else if (v.type == VALUE_LIST || v.type == VALUE_TUPLE) {
            for (size_t k = 0; k < value_list_count(v); k++) {
                add_clean(out, value_list_at(v, k), first);
                first = false;
            }
        } else {
            add_clean(out, v, first);
            first = false;
        }
    }
}

static void make_names(struct generic_test *b)
{
    const struct test_request *r = b->request;
    struct arena *arena = b->loader->arena;
    struct buf text = {.max = 256 * 1024};

    if (b->namespace != NULL) {
        buf_addf(&text, "%s_", b->namespace);
    }
    buf_addf(&text, "%s%s_%s", r->table != NULL ? "source_" : "", b->name,
             r->target_name);
    if (r->table != NULL) {
        buf_addf(&text, "_%s", r->table);
    }
    if (!value_is_null(r->version)) {
        buf_addc(&text, '_');
        node_version_text(r->version, &text);
    }
    char *identifier = arena_strdup(b->scratch, buf_str(&text));
    buf_addc(&text, '_');
    add_flat_args(b, &text);
    b->full_name = arena_strdup(arena, buf_str(&text));
    b->short_name = b->full_name;
    if (text.len >= 64) {
        b->short_name = arena_printf(arena, "%.30s_%s", identifier,
                                     project_md5(arena, buf_str(&text), text.len));
    }
    buf_fini(&text);
}

int generic_test_name(struct generic_test *b)
{
    struct value description = generic_test_take(b->args, "description");
    struct value name = generic_test_take(b->args, "name");

    if (project_has_jinja(description)) {
        struct err err = {0};
        if (project_render(b->loader, PROJECT_YAML_DESCRIPTION, b->request->package,
                           description, NULL, &description, &err) != 0) {
            project_locate_yaml(&err, b->request->file, b->request->line, 0);
            loader_error(b->loader, &err);
        }
    }
    b->description = value_cstr(description, "");
    if (name.type == VALUE_UNDEFINED) {
        make_names(b);
        if (b->short_name != b->full_name && !value_dict_has(b->config, "alias")) {
            value_dict_put(b->config, "alias", value_str(b->short_name));
        }
        return 0;
    }
    if (name.type != VALUE_STRING || name.len == 0) {
        return generic_test_fail(b, "quote the name",
                                 "the name of a test must be a string");
    }
    b->short_name = name.as.s;
    b->full_name = name.as.s;
    return 0;
}

/* Keys sorted, scalars as text: what dbt hashes. */
static struct value hashable(struct arena *arena, struct value v, int depth)
{
    if (v.type == VALUE_DICT && depth < 50) {
        const struct value_pair **pairs = sorted(arena, v);
        struct value out = value_dict_new(arena, value_dict_count(v));
        for (size_t i = 0; pairs[i] != NULL; i++) {
            value_dict_put_value(out, pairs[i]->key,
                                 hashable(arena, pairs[i]->value, depth + 1));
        }
        return out;
    }
    if (v.type == VALUE_LIST && depth < 50) {
        struct value out = value_list_new(arena, value_list_count(v));
        for (size_t i = 0; i < value_list_count(v); i++) {
            value_list_push(out, hashable(arena, value_list_at(v, i), depth + 1));
        }
        return out;
    }
    struct buf text = {0};
    project_python_str(v, &text);
    struct value out = value_copy_str_n(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return out;
}

/* The last ten digits of the MD5 of the name and what the test is given. */
const char *generic_test_hash(const struct generic_test *b)
{
    struct arena arena = {0};
    struct value metadata = value_dict_new(&arena, 3);
    struct buf text = {0};

    value_dict_put(metadata, "kwargs", b->args);
    value_dict_put(metadata, "name", value_str(b->name));
    value_dict_put(metadata, "namespace",
                   b->namespace != NULL ? value_str(b->namespace) : value_none());
    buf_adds(&text, b->full_name);
    project_python_repr(hashable(&arena, metadata, 0), &text);
    const char *digest = project_md5(b->loader->arena, buf_str(&text), text.len);
    buf_fini(&text);
    arena_fini(&arena);
    return digest + 22;
}
