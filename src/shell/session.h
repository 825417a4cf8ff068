/* The project and the connection at hand; both are opened when first needed. */
#ifndef SHELL_SESSION_H
#define SHELL_SESSION_H

#include "base/err.h"

struct shell;
struct session;

struct session *session_new(struct shell *shell);
void session_free(struct session *session);

#endif
