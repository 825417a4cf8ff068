/* The embedded sandbox: a child process that serves the REST API on loopback. */
#ifndef SHELL_SANDBOX_CHILD_H
#define SHELL_SANDBOX_CHILD_H

#include <sys/types.h>

#include "base/err.h"

struct sandbox_child {
    pid_t pid;          /* 0: none */
    int lifeline;       /* the child ends when this is closed */
    char endpoint[128]; /* "http://127.0.0.1:8081" */
};

#define SANDBOX_ORGANIZATION "00000000-0000-4000-8000-000000000000"
#define SANDBOX_ENVIRONMENT  "env-sandbox"
#define SANDBOX_DATABASE     "main"

/* A database that has to exist in the sandbox. */
struct sandbox_place {
    const char *environment;
    const char *database;
    const char *pool; /* NULL: none */
};

/*
 * Starts cflowsh-sandbox: $CFLOWSH_SANDBOX, beside the program, in libexec, or in PATH.
 * Waits until it listens (10 s at most). `state` is its file.
 */
int sandbox_child_start(struct sandbox_child *child, const char *program,
                        const char *state, const char *organization,
                        const struct sandbox_place *places, size_t place_count,
                        struct err *err);
void sandbox_child_stop(struct sandbox_child *child);

#endif
