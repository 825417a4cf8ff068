#include "config.h"

#include "shell/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/names.h"
#include "shell/session.h"

volatile sig_atomic_t shell_interrupts;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    shell_interrupts++;
}

void shell_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

struct shell *shell_new(const struct shell_options *options)
{
    struct shell *shell = xcalloc(1, sizeof(*shell));

    shell->options = *options;
    print_init(&shell->print, options->color);
    shell->print.quiet = options->quiet;
    shell->print.interactive = options->interactive;
    if (options->quiet) {
        vars_put(&shell->vars, "QUIET", "on");
    }
    shell->names = names_new();
    shell->session = session_new(shell);
    shell->vars.missing = session_variable;
    shell->vars.context = shell;
    shell->vars.busy = &shell->vars_busy;
    return shell;
}

void shell_free(struct shell *shell)
{
    if (shell == NULL) {
        return;
    }
    names_forget(shell);
    session_free(shell->session);
    names_free(shell->names);
    print_fini(&shell->print);
    vars_fini(&shell->vars);
    free(shell->query_out);
    free(shell->last_command);
    free(shell);
}

static bool stops_on_error(const struct shell *shell)
{
    return vars_bool(&shell->vars, "ON_ERROR_STOP", !shell->options.interactive);
}

void shell_report(struct shell *shell, const struct err *err)
{
    struct err shown = *err;
    const char *verbosity = vars_text(&shell->vars, "VERBOSITY");

    shell->last_error = *err;
    vars_put(&shell->vars, "LAST_ERROR", err_code_name(err->code));
    vars_put(&shell->vars, "LAST_ERROR_MESSAGE", err->msg);
    fflush(shell->print.out);
    if (strcmp(verbosity, "terse") == 0) {
        shown.source[0] = shown.trace[0] = shown.hint[0] = '\0';
    }
    if (shown.file[0] == '\0' && shown.line == 0 && shell->script != NULL &&
        shell->script->name[0] != '\0') {
        str_copy(shown.file, sizeof(shown.file), shell->script->name);
        shown.line = shell->script->line;
    }
    err_print(&shown, stderr, shell->print.term_err.color);
    if (strcmp(verbosity, "verbose") == 0) {
        fprintf(stderr, "code: %s\n", err_code_name(err->code));
    }
    fflush(stderr);
}

/* Books the result of a command or statement. */
void shell_finish(struct shell *shell, int result, const struct err *err)
{
    struct err unwritten = {0};

    if (print_check(&shell->print, &unwritten) != 0 && result == 0) {
        result = -1;
        err = &unwritten;
    }
    shell->failed = result != 0;
    vars_put(&shell->vars, "ERROR", shell->failed ? "true" : "false");
    if (result == 0) {
        shell->result = 0;
        return;
    }
    if (err->code != ERR_NONE) {
        shell_report(shell, err);
        shell->result = err_exit_status(err->code);
    } else if (shell->result == 0) {
        shell->result = 1;
    }
    if (shell->status == 0) {
        shell->status = shell->result;
    }
    if (err->code == ERR_INTERRUPTED && !shell->options.interactive) {
        shell->status = shell->result;
        shell->quit = true;
    }
    if (stops_on_error(shell)) {
        shell->stop = true;
    }
}

static int read_line_answer(const char *question, char *out, size_t size)
{
    FILE *terminal = fopen("/dev/tty", "r+e");

    if (terminal == NULL) {
        return -1;
    }
    fputs(question, terminal);
    fflush(terminal);
    if (fgets(out, (int)size, terminal) == NULL) {
        out[0] = '\0';
    }
    fclose(terminal);
    out[strcspn(out, "\r\n")] = '\0';
    return 0;
}

int shell_ask(struct shell *shell, const char *question, char *out, size_t size)
{
    out[0] = '\0';
    fflush(shell->print.out);
    return shell->read_answer != NULL ? shell->read_answer(shell, question, out, size)
                                      : read_line_answer(question, out, size);
}

int shell_confirm(struct shell *shell, const char *question, struct err *err)
{
    char prompt[256];
    char answer[64];

    if (shell->options.yes) {
        return 0;
    }
    if (!shell->options.interactive) {
        err_set(err, ERR_REFUSED, "%.*s: not confirmed", (int)strcspn(question, "?"),
                question);
        err_hint(err, "nobody can be asked here: --yes (-y) answers yes");
        return -1;
    }
    snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
    if (shell_ask(shell, prompt, answer, sizeof(answer)) == 0 &&
        (str_ieq(answer, "y") || str_ieq(answer, "yes"))) {
        return 0;
    }
    return err_set(err, ERR_REFUSED, "not confirmed: nothing was changed");
}
