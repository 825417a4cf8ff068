#include "config.h"

#include "shell/session.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "shell/shell.h"

struct session {
    struct shell *shell;
};

struct session *session_new(struct shell *shell)
{
    struct session *session = xcalloc(1, sizeof(*session));

    session->shell = shell;
    return session;
}

void session_free(struct session *session)
{
    free(session);
}

const char *shell_project_root(struct shell *shell)
{
    (void)shell;
    return "";
}
