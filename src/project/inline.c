#include "config.h"

#include "project/internal.h"

#include <string.h>

struct node *project_add_inline(struct project *project, const char *name,
                                const char *raw_code, size_t len, struct err *err)
{
    struct err_list errors = {0};
    struct loader loader = {
        .project = project, .arena = &project->arena, .errors = &errors};
    struct node *node = project_new_node(&loader, NODE_SQL_OPERATION, project->package,
                                         arena_strdup(&project->arena, name));

    node->file = arena_new(&project->arena, struct project_file);
    *node->file = (struct project_file){.path = "from remote system",
                                        .full = "",
                                        .shown = arena_strdup(&project->arena, name),
                                        .checksum = "",
                                        .package = project->package};
    node->raw_code = arena_strndup(&project->arena, raw_code, len);
    node->raw_code_len = len;
    node->file->text = node->raw_code;
    node->file->len = len;
    node->path = arena_printf(&project->arena, "sql/%s", name);
    node_set_fqn(&loader, node, node->path, node->name);
    int rc = node_capture(&loader, node, err);
    if (rc == 0) {
        rc = node_configure(&loader, node, NULL, err);
    }
    node_locate(node, err);
    if (rc == 0) {
        project_resolve(&loader, node, false);
        if (errors.count > 0) {
            *err = errors.items[0];
            rc = -1;
        }
    }
    err_list_fini(&errors);
    return rc == 0 ? node : NULL;
}
