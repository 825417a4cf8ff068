/* Variables, echoing, the system and leaving. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "shell/session.h"
#include "shell/shell.h"

/* All variables, and the special ones that have a default. */
static int list_variables(struct shell *shell, struct cmd_call *call)
{
    static const struct format_column columns[] = {{"name", FORMAT_TEXT},
                                                   {"value", FORMAT_TEXT}};
    const struct vars *vars = &shell->vars;
    struct print_table *table = print_is_json(&shell->print)
                                    ? print_table_begin(&shell->print, columns, 2, NULL)
                                    : NULL;
    size_t special_count;
    const struct vars_special *special = vars_specials(&special_count);
    size_t i = 0;
    size_t k = 0;

    while (i < vars->count || k < special_count) {
        int order = i == vars->count ? 1
                    : k == special_count
                        ? -1
                        : strcmp(vars->entries[i].name, special[k].name);
        const char *texts[] = {order <= 0 ? vars->entries[i].name : special[k].name,
                               order <= 0 ? vars->entries[i].value
                                          : special[k].fallback};
        bool shown = order <= 0 || texts[1][0] != '\0';
        if (shown && table != NULL) {
            print_table_texts(table, texts, 2);
        } else if (shown) {
            print_line(&shell->print,
                       arena_printf(call->arena, "%s = '%s'", texts[0], texts[1]));
        }
        i += order <= 0;
        k += order >= 0;
    }
    if (table != NULL) {
        print_table_end(table, NULL);
    }
    return 0;
}

static int exec_set(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct buf value = BUF_INIT;
    int result;

    if (call->argc == 0) {
        return list_variables(shell, call);
    }
    for (size_t i = 1; i < call->argc; i++) {
        buf_adds(&value, call->argv[i]);
    }
    result = vars_set(&shell->vars, call->argv[0], buf_str(&value), err);
    shell->print.quiet = vars_bool(&shell->vars, "QUIET", false);
    buf_fini(&value);
    return result;
}

static int exec_unset(struct shell *shell, struct cmd_call *call, struct err *err)
{
    int result = 0;

    for (size_t i = 0; i < call->argc && result == 0; i++) {
        result = vars_unset(&shell->vars, call->argv[i], err);
    }
    shell->print.quiet = vars_bool(&shell->vars, "QUIET", false);
    return result;
}

static const char *echo_text(const struct cmd_call *call)
{
    bool bare = call->argc > 0 && strcmp(call->argv[0], "-n") == 0;
    const char *text = cmd_joined(call, bare ? 1 : 0);

    return bare ? text : arena_printf(call->arena, "%s\n", text);
}

static int exec_echo(struct shell *shell, struct cmd_call *call, struct err *err)
{
    bool echo = strcmp(call->name, "echo") == 0;

    if (echo && shell->print.out != stdout) {
        fputs(echo_text(call), stdout);
        if (fflush(stdout) != 0 && errno != EPIPE) {
            return err_set_errno(err, ERR_IO, "standard output");
        }
    } else if (echo || strcmp(call->name, "qecho") == 0) {
        print_data(&shell->print, "%s", echo_text(call));
    } else {
        fflush(shell->print.out);
        fputs(echo_text(call), stderr);
    }
    return 0;
}

static int exec_shell(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *program = getenv("SHELL");
    const char *text = call->argc > 0    ? call->argv[0]
                       : program != NULL ? program
                                         : "/bin/sh";
    int status;
    int code;

    (void)err;
    fflush(NULL);
    status = system(text);
    code = status == -1          ? 127
           : WIFEXITED(status)   ? WEXITSTATUS(status)
           : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                 : 1;
    vars_put(&shell->vars, "SHELL_ERROR", code == 0 ? "false" : "true");
    vars_put(&shell->vars, "SHELL_EXIT_CODE", arena_printf(call->arena, "%d", code));
    return 0;
}

static int exec_cd(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *home = getenv("HOME");
    const char *dir =
        call->argc > 0 ? path_expand_home(call->arena, call->argv[0]) : home;

    if (dir == NULL) {
        return err_set(err, ERR_USAGE, "\\cd: HOME is not set");
    }
    if (chdir(dir) != 0) {
        return err_set_errno(err, ERR_IO, "\\cd: %s", dir);
    }
    session_look_again(shell);
    return 0;
}

static int exec_getenv(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *value = getenv(call->argv[1]);

    return value != NULL ? vars_set(&shell->vars, call->argv[0], value, err) : 0;
}

static int exec_setenv(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *name = call->argv[0];
    int result;

    (void)shell;
    if (strchr(name, '=') != NULL || name[0] == '\0') {
        return err_set(err, ERR_USAGE,
                       "\\setenv: environment variable name must not contain \"=\"");
    }
    result = call->argc > 1 ? setenv(name, call->argv[1], 1) : unsetenv(name);
    return result == 0 ? 0 : err_set_errno(err, ERR_IO, "\\setenv: %s", name);
}

static int exec_prompt(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *question = call->argc > 1 ? call->argv[0] : "";
    char answer[4096];

    if (shell_ask(shell, question, answer, sizeof(answer)) != 0) {
        if (shell->read_answer != NULL) {
            return err_set(err, ERR_REFUSED, "\\prompt: not answered, %s is as it was",
                           call->argv[call->argc - 1]);
        }
        err_set(err, ERR_REFUSED, "\\prompt: nobody can be asked here");
        err_hint(err, "-v NAME=VALUE sets a variable from the command line");
        return -1;
    }
    return vars_set(&shell->vars, call->argv[call->argc - 1], answer, err);
}

static int exec_quit(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)call;
    (void)err;
    if (shell->include_depth > 0) {
        shell->leave = true;
    } else {
        shell->quit = true;
    }
    return 0;
}

static int exec_errverbose(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)call;
    (void)err;
    if (shell->last_error.code == ERR_NONE) {
        print_note(&shell->print, "There is no previous error.");
        return 0;
    }
    err_print(&shell->last_error, stderr, shell->print.term_err.color);
    fprintf(stderr, "code: %s\n", err_code_name(shell->last_error.code));
    return 0;
}

#define GROUP "Variables and scripts"

const struct cmd cmd_shell_table[] = {
    {.name = "set",
     .group = GROUP,
     .usage = "[NAME [VALUE...]]",
     .summary = "set a variable; list all of them without a name",
     .max = -1,
     .complete = CMD_COMPLETE_VARIABLE,
     .exec = exec_set},
    {.name = "unset",
     .group = GROUP,
     .usage = "NAME",
     .summary = "remove a variable",
     .min = 1,
     .max = -1,
     .complete = CMD_COMPLETE_VARIABLE,
     .exec = exec_unset},
    {.name = "prompt",
     .group = GROUP,
     .usage = "[TEXT] NAME",
     .summary = "ask the user for a variable's value",
     .min = 1,
     .max = 2,
     .exec = exec_prompt},
    {.name = "getenv",
     .group = GROUP,
     .usage = "NAME ENVVAR",
     .summary = "set a variable to an environment variable's value",
     .min = 2,
     .max = 2,
     .complete = CMD_COMPLETE_VARIABLE,
     .exec = exec_getenv},
    {.name = "setenv",
     .group = GROUP,
     .usage = "ENVVAR [VALUE]",
     .summary = "set or remove an environment variable",
     .min = 1,
     .max = 2,
     .exec = exec_setenv},
    {.name = "echo",
     .group = GROUP,
     .usage = "[-n] [TEXT...]",
     .summary = "write text to standard output",
     .max = -1,
     .exec = exec_echo},
    {.name = "qecho",
     .group = GROUP,
     .usage = "[-n] [TEXT...]",
     .summary = "write text to where results go (\\o)",
     .max = -1,
     .exec = exec_echo},
    {.name = "warn",
     .group = GROUP,
     .usage = "[-n] [TEXT...]",
     .summary = "write text to standard error",
     .max = -1,
     .exec = exec_echo},
    {.name = "!",
     .group = "General",
     .usage = "[COMMAND]",
     .summary = "run a command in the system's shell, or start one",
     .max = 1,
     .flags = CMD_RAW,
     .exec = exec_shell},
    {.name = "cd",
     .group = "General",
     .usage = "[DIR]",
     .summary = "change the working directory",
     .max = 1,
     .complete = CMD_COMPLETE_DIRECTORY,
     .exec = exec_cd},
    {.name = "errverbose",
     .group = "General",
     .usage = "",
     .summary = "show the last error in full",
     .exec = exec_errverbose},
    {.name = "q",
     .aliases = "quit exit",
     .group = "General",
     .usage = "",
     .summary = "leave",
     .exec = exec_quit},
    {0},
};
