/* Files in and out. */
#include "config.h"

#include <string.h>

#include "base/path.h"
#include "shell/shell.h"

static int exec_include(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *path = path_expand_home(call->arena, call->argv[0]);
    const char *from = shell->script->name;

    if (shell->include_depth >= SHELL_INCLUDE_MAX) {
        return err_set(err, ERR_LIMIT,
                       "\\%s: files include each other more than %d deep", call->name,
                       SHELL_INCLUDE_MAX);
    }
    if (strcmp(call->name, "ir") == 0 && from[0] != '\0' && from[0] != '<') {
        path = path_join(call->arena, path_dir(call->arena, from), path);
    }
    shell->result = 0;
    shell_exec_file(shell, path);
    return shell->result != 0 ? SHELL_QUIET_FAILURE : 0;
}

static int exec_out(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *where = call->argc > 0 ? call->argv[0] : "";

    if (where[0] == '~') {
        where = path_expand_home(call->arena, where);
    }
    return print_redirect(&shell->print, where, err);
}

static int exec_history(struct shell *shell, struct cmd_call *call, struct err *err)
{
    if (shell->save_history == NULL) {
        return err_set(err, ERR_REFUSED, "\\s: there is no history here");
    }
    return shell->save_history(shell, call->argc > 0 ? call->argv[0] : NULL, err);
}

static int exec_reset(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)call;
    (void)err;
    script_reset(shell->script);
    print_note(&shell->print, "Query buffer reset (cleared).");
    return 0;
}

static int exec_print(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)err;
    if (call->query[0] == '\0') {
        print_note(&shell->print, "Query buffer is empty.");
    } else {
        print_line(&shell->print, call->query);
    }
    return 0;
}

static int exec_write(struct shell *shell, struct cmd_call *call, struct err *err)
{
    size_t len = strlen(call->query);
    const char *text;

    while (len > 0 && strchr(" \t\r\n", call->query[len - 1]) != NULL) {
        len--;
    }
    text = arena_printf(call->arena, "%.*s;\n", (int)len, call->query);
    if (len == 0) {
        return err_set(err, ERR_USAGE, "\\w: there is no statement to write");
    }
    (void)shell;
    return path_write(path_expand_home(call->arena, call->argv[0]), text, strlen(text),
                      0666, err);
}

#define GROUP "Input and files"

const struct cmd cmd_file_table[] = {
    {.name = "i",
     .aliases = "include",
     .group = GROUP,
     .usage = "FILE",
     .summary = "run the commands of a file",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_include},
    {.name = "ir",
     .aliases = "include_relative",
     .group = GROUP,
     .usage = "FILE",
     .summary = "as \\i, relative to the file that says so",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_include},
    {.name = "o",
     .aliases = "out",
     .group = GROUP,
     .usage = "[FILE | |COMMAND]",
     .summary = "send results to a file or a program; without one back to the screen",
     .max = 1,
     .flags = CMD_PIPE,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_out},
    {.name = "s",
     .group = GROUP,
     .usage = "[FILE]",
     .summary = "show the history, or save it",
     .max = 1,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_history},
    {.name = "r",
     .aliases = "reset",
     .group = GROUP,
     .usage = "",
     .summary = "forget the statement that is being typed",
     .exec = exec_reset},
    {.name = "p",
     .aliases = "print",
     .group = GROUP,
     .usage = "",
     .summary = "show the statement that is being typed, or the last one",
     .flags = CMD_QUERY,
     .exec = exec_print},
    {.name = "w",
     .aliases = "write",
     .group = GROUP,
     .usage = "FILE",
     .summary = "write that statement to a file",
     .min = 1,
     .max = 1,
     .flags = CMD_QUERY,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_write},
    {0},
};
