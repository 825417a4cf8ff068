#include "config.h"

#include "project/internal.h"

/* Refs, sources and macros in pre- and post-hooks are the node's, too (dbt renders each
 * hook with the node's parse-time context, once its config is final). */

static int capture_hook(struct loader *loader, struct node *node, struct value hook,
                        struct err *err)
{
    struct project *project = loader->project;
    struct value sql = value_is(hook, VALUE_DICT) ? value_dict_get(hook, "sql") : hook;
    const char *body = node->raw_code;
    size_t len = node->raw_code_len;

    if (!value_is_str(sql) || !project_has_jinja(sql)) {
        return 0;
    }
    node->raw_code = sql.as.s;
    node->raw_code_len = sql.len;
    int status =
        project->hooks->parse_node(project->hooks->context, project, node, err);
    node->raw_code = body;
    node->raw_code_len = len;
    if (status != 0) {
        if (err->file[0] == '\0' && node->file != NULL) {
            err->line = err->column = 0;
            err_at(err, node->file->shown, 0, 0);
        }
        err_wrap(err, "in a hook of %s '%s'", node_type_name(node->type), node->name);
    }
    return status;
}

void project_capture_node_hooks(struct loader *loader)
{
    static const char *const keys[] = {"pre-hook", "post-hook"};
    const struct project_hooks *hooks = loader->project->hooks;

    if (hooks == NULL || hooks->parse_node == NULL) {
        return;
    }
    for (size_t i = 0; i < loader->all.count; i++) {
        struct node *node = loader->all.items[i];
        if (!node->enabled || (node->type != NODE_MODEL && node->type != NODE_SEED &&
                               node->type != NODE_SNAPSHOT)) {
            continue;
        }
        for (size_t k = 0; k < 2; k++) {
            struct value list = node_config(node, keys[k]);
            for (size_t n = 0; n < value_list_count(list); n++) {
                struct err err = {0};
                if (capture_hook(loader, node, value_list_at(list, n), &err) != 0) {
                    loader_error(loader, &err);
                }
            }
        }
    }
}
