#include "config.h"

#include <string.h>

#include "base/str.h"
#include "project/internal.h"
#include "project/select.h"
#include "value/json.h"

static const char *const default_keys[] = {
    "alias",  "name",          "package_name", "depends_on",         "tags",
    "config", "resource_type", "source_name",  "original_file_path", "unique_id"};

static void add_fqn(const struct node *node, struct buf *out)
{
    for (size_t i = 0; i < node->fqn_count; i++) {
        buf_addf(out, "%s%s", i > 0 ? "." : "", node->fqn[i]);
    }
}

static void add_version(const struct node *node, char separator, struct buf *out)
{
    if (!value_is_null(node->version)) {
        buf_addc(out, separator);
        node_version_text(node->version, out);
    }
}

static void add_selector(const struct node *node, struct buf *out)
{
    switch (node->type) {
    case NODE_SOURCE:
        buf_addf(out, "source:%s.%s.%s", node->package->name, node->source->source_name,
                 node->name);
        break;
    case NODE_EXPOSURE:
        buf_addf(out, "exposure:%s.%s", node->package->name, node->name);
        break;
    case NODE_UNIT_TEST:
        buf_addf(out, "unit_test:%s.%s", node->package->name, node->name);
        add_version(node, '_', out);
        break;
    default:
        add_fqn(node, out);
        break;
    }
}

static void add_name(const struct node *node, struct buf *out)
{
    if (node->type == NODE_SOURCE) {
        buf_addf(out, "%s.", node->source->source_name);
    }
    buf_adds(out, node->name);
    if (node->type == NODE_MODEL) {
        add_version(node, '.', out);
    } else if (node->type == NODE_UNIT_TEST) {
        add_version(node, '_', out);
    }
}

/* The keys in the order of the node, or of `keys` when they were asked for. */
static struct value pick(struct value dict, const char *const *keys, size_t count,
                         bool given, struct arena *arena)
{
    struct value out = value_dict_new(arena, count);
    size_t at = 0;

    for (size_t i = 0; given && i < count; i++) {
        struct value v = dict;
        for (const char *p = keys[i]; *p != '\0';) {
            size_t n = strcspn(p, ".");
            v = value_dict_get_n(v, p, n);
            p += n + (p[n] == '.');
        }
        bool nested = strchr(keys[i], '.') != NULL;
        if (nested ? !value_is_null(v) : v.type != VALUE_UNDEFINED) {
            value_dict_put(out, keys[i], v);
        }
    }
    for (const struct value_pair *p;
         !given && (p = value_dict_next(dict, &at)) != NULL;) {
        for (size_t i = 0; i < count; i++) {
            if (str_eq(value_cstr(p->key, ""), keys[i])) {
                value_dict_put_value(out, p->key, p->value);
            }
        }
    }
    return out;
}

int project_ls_line(const struct project *project, const struct node *node,
                    enum select_output output, const char *const *keys,
                    size_t key_count, struct buf *out, struct err *err)
{
    struct arena arena = {0};
    int rc = 0;

    switch (output) {
    case SELECT_OUT_SELECTOR:
        add_selector(node, out);
        break;
    case SELECT_OUT_NAME:
        add_name(node, out);
        break;
    case SELECT_OUT_PATH:
        buf_adds(out, node->file->path);
        break;
    case SELECT_OUT_JSON: {
        size_t count = sizeof(default_keys) / sizeof(default_keys[0]);
        struct value dict = artifact_node(project, node, NULL, &arena);
        dict = keys != NULL ? pick(dict, keys, key_count, true, &arena)
                            : pick(dict, default_keys, count, false, &arena);
        rc = json_write(dict, JSON_PYTHON, out, err);
        break;
    }
    }
    arena_fini(&arena);
    return rc;
}
