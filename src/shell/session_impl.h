/* Shared by the session*.c files only. */
#ifndef SHELL_SESSION_IMPL_H
#define SHELL_SESSION_IMPL_H

#include "shell/sandbox_child.h"
#include "shell/session.h"

struct session {
    struct shell *shell;
    struct arena arena; /* lives as long as the shell: names, properties */
    struct compile_connection connection;

    struct compiler *compiler; /* and project: both or none */
    struct project *project;

    struct compiler *light_compiler; /* and light: dbt_project.yml and profile only */
    struct project *light;
    struct profile own; /* without project, or the sandbox's own */
    bool own_used;
    bool ready; /* the profile is known */

    struct flink_client *client;
    struct sandbox_child sandbox;
    const char *target;      /* \c; NULL: the option's */
    const char *database;    /* USE; NULL: the profile's */
    const char *environment; /* USE CATALOG; NULL: the profile's */
    struct value properties; /* dict */
    char *root;              /* heap; NULL: not looked for yet, "" none */
};

/* The profile in use; there is one. */
const struct profile *session_profile_of(const struct session *session);
/* Makes the sandbox's own profile the one in use, for people who have none. */
void session_use_sandbox(struct session *session);
/* Starts the sandbox, with every database that the project mentions. */
int session_start_sandbox(struct session *session, struct err *err);

#endif
