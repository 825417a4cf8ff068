/* dbt's node selection: --select, --exclude, --selector, and what `ls` prints. */
#ifndef PROJECT_SELECT_H
#define PROJECT_SELECT_H

#include "project/artifact.h"
#include "project/project.h"

enum select_indirect {
    SELECT_EAGER, /* tests of any selected node */
    SELECT_CAUTIOUS,
    SELECT_BUILDABLE,
    SELECT_EMPTY
};

/* Which resource types a command works on, before --resource-type narrows them. */
enum select_command {
    SELECT_LIST,    /* everything but operations */
    SELECT_COMPILE, /* models, analyses, tests, snapshots, seeds … */
    SELECT_RUN,     /* models */
    SELECT_TEST,    /* tests and unit tests */
    SELECT_SEED,
    SELECT_BUILD
};

#define SELECT_TYPE(type) (1u << (type))

struct select_options {
    const char *const *select; /* each a dbt expression: "a b" is a union */
    size_t select_count;
    const char *const *exclude;
    size_t exclude_count;
    const char *selector;   /* of selectors.yml, or NULL */
    unsigned types;         /* mask of SELECT_TYPE(); 0 = the command's */
    unsigned exclude_types; /* mask */
    enum select_indirect indirect;
    bool indirect_given;
    enum select_command command;
    const struct artifact_state *state; /* for state:, result:; NULL without */
};

/*
 * Selects nodes into `out` (arena), in the order of unique ids. No match is no error:
 * `warnings` gets dbt's "does not match any enabled nodes". ERR_USAGE for expressions
 * that dbt refuses.
 */
int project_select(const struct project *project, const struct select_options *options,
                   struct arena *arena, struct node_list *out,
                   struct err_list *warnings, struct err *err);

/*
 * Orders a selection for running: (level in the subset's graph, unique id), where the
 * subset keeps transitive edges. In place.
 */
void project_sort_run(const struct project *project, struct node_list *list);

/* A selector of selectors.yml. */
struct selector {
    const char *name;
    const char *description;
    bool is_default;
    struct value definition; /* as written */
};

/* The selector with `default: true`, or NULL. */
const struct selector *project_default_selector(const struct project *project);

enum select_output {
    SELECT_OUT_SELECTOR,
    SELECT_OUT_NAME,
    SELECT_OUT_PATH,
    SELECT_OUT_JSON
};

/*
 * Appends what `dbt ls` prints for one node, without a newline: the dotted fqn, name,
 * path, or JSON with `keys` (NULL: dbt's default keys).
 */
int project_ls_line(const struct project *project, const struct node *node,
                    enum select_output output, const char *const *keys,
                    size_t key_count, struct buf *out, struct err *err);

#endif
