/*
 * Names that completion offers, as far as they are known without waiting. What the
 * server knows is asked for in the background, while a line is being typed.
 */
#ifndef SHELL_NAMES_H
#define SHELL_NAMES_H

#include <stddef.h>

struct shell;
struct names;

enum shell_names {
    SHELL_NAMES_NODES, /* of the project */
    SHELL_NAMES_TAGS,
    SHELL_NAMES_TARGETS,
    SHELL_NAMES_RELATIONS, /* of the current database */
    SHELL_NAMES_COLUMNS,
    SHELL_NAMES_STATEMENTS,
    SHELL_NAMES_COUNT
};

struct names *names_new(void);
void names_free(struct names *names);

/* How many there are; `out` is borrowed until the next call. */
size_t shell_names(struct shell *shell, enum shell_names which,
                   const char *const **out);

/*
 * To be called while nothing else happens: sends and receives without waiting, begins
 * to ask again when what is known is older than NAMES_AGE_MS.
 */
void names_background(struct shell *shell);
/* Prints what failed in the cloud since the last call. */
void names_notices(struct shell *shell);
/* The connection is about to be closed: answers under way are dropped. */
void names_forget(struct shell *shell);

/* The project is about to be freed: its names are read again from the next one. */
void names_project_gone(struct shell *shell);

/* A line was run: what the server knows may be different now. */
void names_stale(struct shell *shell);

#define NAMES_AGE_MS   15000
#define NAMES_PAUSE_MS 1000

#endif
