#include "config.h"

#include "repl/input.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

#include "base/str.h"
#include "repl/complete.h"
#include "repl/history.h"
#include "shell/names.h"
#include "shell/shell.h"

static bool cancelled;
static struct shell *at_prompt; /* whose background work is done between keys */

static struct shell *current;

static volatile sig_atomic_t suspends; /* Ctrl-Z */

static void on_suspend(int signal_number)
{
    (void)signal_number;
    suspends = 1;
}

/* Ctrl-Z is ours while readline has the terminal; false where it is ignored. */
static bool catch_suspends(struct sigaction *before)
{
    struct sigaction action = {.sa_handler = on_suspend};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTSTP, NULL, before);
    return before->sa_handler != SIG_IGN && sigaction(SIGTSTP, &action, NULL) == 0;
}

/* Gives the terminal back, stops, and takes up the line again afterwards. */
static void suspend(void)
{
    struct sigaction before;

    suspends = 0;
    rl_deprep_term_function();
    sigaction(SIGTSTP, NULL, &before);
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &before, NULL);
    rl_prep_term_function(1);
    rl_reset_screen_size();
    rl_forced_update_display();
}

/* readline calls this between keys: a Ctrl-C ends the line that is being typed. */
static int look_for_interrupt(void)
{
    if (suspends != 0) {
        suspend();
    }
    if (at_prompt != NULL) {
        names_background(at_prompt);
    }
    if (shell_interrupts != 0 && !cancelled) {
        cancelled = true;
        rl_point = rl_end;
        rl_redisplay();
        fputs("^C", rl_outstream);
        rl_crlf();
        rl_replace_line("", 0);
        rl_on_new_line();
        rl_done = 1;
    }
    return 0;
}

void input_start(struct shell *shell, struct script *script)
{
    current = shell;
    rl_readline_name = "cflowsh";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 1;
    rl_event_hook = look_for_interrupt;
    rl_signal_event_hook = look_for_interrupt;
    rl_set_keyboard_input_timeout(100000);
    rl_initialize();
    complete_start(shell, script);
}

void input_stop(void)
{
    complete_stop();
}

char *input_line(const char *prompt, bool *interrupted)
{
    struct sigaction before;
    bool caught;
    char *line;

    cancelled = false;
    shell_interrupts = suspends = 0;
    at_prompt = current;
    caught = catch_suspends(&before);
    line = readline(prompt);
    if (caught) {
        sigaction(SIGTSTP, &before, NULL);
    }
    at_prompt = NULL;
    *interrupted = cancelled;
    if (cancelled) {
        shell_interrupts = 0;
    }
    return line;
}

void input_run(struct shell *shell, struct script *script, const char *text)
{
    char *copy = strdup(text);
    char *at = copy;

    shell->stop = false;
    while (at != NULL && !shell->quit) {
        char *end = strchr(at, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        history_line(at);
        shell_exec(shell, script, at);
        if (script_state(script) == SCRIPT_READY) {
            history_commit(shell);
        }
        if (shell->stop) {
            break;
        }
        at = end != NULL ? end + 1 : NULL;
    }
    shell->leave = false;
    free(copy);
}

int input_answer(const char *question, char *out, size_t size)
{
    bool interrupted;
    char *line = input_line(question, &interrupted);

    if (line == NULL || interrupted) {
        free(line);
        out[0] = '\0';
        return -1;
    }
    str_copy(out, size, line);
    free(line);
    return 0;
}
