/* Lineage as text. */
#ifndef SHELL_DAG_H
#define SHELL_DAG_H

#include "base/term.h"
#include "project/node.h"
#include "shell/phases.h"

enum dag_style { DAG_TREE, DAG_DOT, DAG_MERMAID, DAG_JSON };

struct dag_options {
    enum dag_style style;
    bool unicode;
    const struct terminal *term; /* colours; NULL: none */
    const struct phases *phases; /* NULL: not asked */
    struct shell *shell;
};

/*
 * Appends the graph of the nodes. The tree shows each node once with its children;
 * where it comes up again it is only named, with an arrow. Depth is limited. JSON is an
 * object per line.
 */
void dag_write(const struct node_list *list, const struct dag_options *options,
               struct buf *out);

#endif
