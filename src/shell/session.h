/*
 * The project and the connection at hand. Both are opened when first needed, so that a
 * broken model doesn't keep \ps from working, and no server is needed for \models.
 */
#ifndef SHELL_SESSION_H
#define SHELL_SESSION_H

#include "base/arena.h"
#include "base/err.h"
#include "compile/compile.h"
#include "flink/flink.h"
#include "plan/plan.h"
#include "project/project.h"

struct shell;
struct session;

struct session *session_new(struct shell *shell);
void session_free(struct session *session);

/*
 * The project with all nodes; loaded again when its files have changed. All errors but
 * the last are reported, the last is in `err`. Borrowed until the next call.
 */
int session_project(struct shell *shell, struct project **out, struct err *err);
/* The compiler of session_project(). */
struct compiler *session_compiler(struct shell *shell);
/* Options of what is compiled from now on; the connection is put in. */
void session_compile_options(struct shell *shell, struct compile_options *options);
/* Forgets the project, so that it is loaded again. */
void session_reload(struct shell *shell);
/*
 * Where there was no project, there may be one now (\init, \cd): then everything is
 * opened anew from it when it is needed.
 */
void session_look_again(struct shell *shell);
/* Whether there is a project at all (dbt_project.yml), without loading it. */
bool session_has_project(struct shell *shell);

/*
 * Looks the profile up when a variable that it gives (PROJECT, TARGET, …) is asked for
 * first; `context` is the shell. What fails is shown as a warning.
 */
void session_variable(void *context, const char *name);

/* The profile: from profiles.yml, or the sandbox's. */
int session_profile(struct shell *shell, const struct profile **out, struct err *err);
/* The connection; starts the sandbox where there is to be one. */
int session_client(struct shell *shell, struct flink_client **out, struct err *err);
/* As session_client(), when only its being there matters. */
int session_open(struct shell *shell, struct err *err);
/* \deps: installs the project's packages, then forgets the project. */
int session_install(struct shell *shell, bool upgrade, bool lock_only, struct err *err);
/* The project if it is loaded already, else NULL. */
struct project *session_project_now(struct shell *shell);
/* The connection if there is one already, else NULL. */
struct flink_client *session_client_now(struct shell *shell);
int session_plan_connection(struct shell *shell, struct plan_connection *out,
                            struct err *err);
/* Changes target (NULL: as it is), forgets project and connection. */
int session_set_target(struct shell *shell, const char *target, struct err *err);

/* Current database (Kafka cluster): USE's or the profile's; "" when there is none. */
const char *session_database(struct shell *shell);
void session_use_database(struct shell *shell, const char *name);
/* Current environment id: USE CATALOG's or the profile's. */
const char *session_environment(struct shell *shell);
int session_use_environment(struct shell *shell, const char *id, struct err *err);

/*
 * SET 'key' = 'value': sent with every statement that is typed, except for "client.…",
 * which is meant for the shell.
 */
void session_set_property(struct shell *shell, const char *key, const char *value);
void session_reset_properties(struct shell *shell);
/* Whether sql.snapshot.mode is set to "now"; the client sends that in its own way. */
bool session_snapshot(struct shell *shell);
/* The value of a property, NULL when it isn't set. Borrowed until the next change. */
const char *session_property(struct shell *shell, const char *key);
/* The properties that the server is to see, in `arena`. */
struct value session_sent_properties(struct shell *shell, struct arena *arena);
/* Dict in the session's memory; borrowed until the next change. */
struct value session_properties(struct shell *shell);

#endif
