/* What runs for which node, from one listing of the project's statements. */
#ifndef SHELL_PHASES_H
#define SHELL_PHASES_H

#include "base/map.h"
#include "flink/statement.h"
#include "project/node.h"

struct shell;

struct phases {
    struct flink_statement *statements;
    size_t count;
    struct map by_name; /* heap inside: phases_fini() */
};

int phases_load(struct phases *phases, struct shell *shell, struct arena *arena,
                struct err *err);
void phases_fini(struct phases *phases);
/* The statement that keeps the node running, or NULL. */
const struct flink_statement *phases_find(const struct phases *phases,
                                          struct shell *shell, const struct node *node);
/* Its phase, "" when there is none. */
const char *phases_text(const struct phases *phases, struct shell *shell,
                        const struct node *node);
/* How long ago a time of the server's was ("1m5s"), "" for none. In `arena`. */
const char *phases_age(const char *created, struct arena *arena);

#endif
