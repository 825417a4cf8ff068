/* Names that completion offers, as far as they are known without asking anybody. */
#ifndef SHELL_NAMES_H
#define SHELL_NAMES_H

#include <stddef.h>

struct shell;

enum shell_names {
    SHELL_NAMES_NODES, /* of the project */
    SHELL_NAMES_TAGS,
    SHELL_NAMES_TARGETS,
    SHELL_NAMES_RELATIONS, /* of the current database */
    SHELL_NAMES_COLUMNS,
    SHELL_NAMES_STATEMENTS,
    SHELL_NAMES_COUNT
};

/* How many there are; `out` is borrowed until the next call. */
size_t shell_names(struct shell *shell, enum shell_names which,
                   const char *const **out);

#endif
