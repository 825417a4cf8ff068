/* Commands that send the statement that was typed before them. */
#include "config.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "shell/shell.h"

static int exec_go(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct script *script = shell->script;
    bool fresh = script->has_text && !script->done;

    (void)err;
    if (call->query[0] == '\0') {
        return 0;
    }
    if (!fresh) {
        script_reset(script);
        buf_adds(&script->query, call->query);
        script->has_text = true;
    }
    shell->query_out = call->argc > 0 ? xstrdup(cmd_joined(call, 0)) : NULL;
    shell->query_expanded = call->name[1] == 'x';
    shell_run_query(shell, script);
    free(shell->query_out);
    shell->query_out = NULL;
    shell->query_expanded = false;
    return shell->failed ? SHELL_QUIET_FAILURE : 0;
}

#define GROUP "Query"

const struct cmd cmd_query_table[] = {
    {.name = "g",
     .group = GROUP,
     .usage = "[FILE | '|COMMAND']",
     .summary =
         "send the statement; its result goes to the screen, a file or a program",
     .max = -1,
     .flags = CMD_QUERY,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_go},
    {.name = "gx",
     .group = GROUP,
     .usage = "[FILE | '|COMMAND']",
     .summary = "as \\g, with expanded output",
     .max = -1,
     .flags = CMD_QUERY,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_go},
    {0},
};
