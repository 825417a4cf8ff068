#include "config.h"

#include "repl/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/history.h"
#include "repl/input.h"
#include "shell/names.h"
#include "shell/session.h"
#include "shell/shell.h"

/* Loads the project, so that its names can be completed and errors are seen early. */
static void greet(struct shell *shell)
{
    struct project *project;
    const struct profile *profile;
    struct err err = {0};
    struct err quiet = {0}; /* without a connection completion knows less */

    print_note(&shell->print, "%s. Type \\? for help, \\q to leave.", PACKAGE_STRING);
    if (session_has_project(shell)) {
        if (session_project(shell, &project, &err) != 0) {
            shell_report(shell, &err);
        } else {
            session_open(shell, &quiet);
        }
    } else if (shell->options.sandbox_file != NULL) {
        session_profile(shell, &profile, &err);
    } else {
        print_note(&shell->print, "No dbt project here. \\init makes one; "
                                  "\"cflowsh --sandbox\" needs no cloud.");
    }
}

/* Whether the end-of-file key is to be ignored this time. */
static bool ignores_eof(struct shell *shell, long *count)
{
    long limit = vars_number(&shell->vars, "IGNOREEOF", 0);

    if (++*count > limit) {
        return false;
    }
    print_note(&shell->print, "Use \"\\q\" to leave %s.", SHELL_NAME);
    return true;
}

static int save_history(struct shell *shell, const char *file, struct err *err)
{
    (void)shell;
    return file != NULL ? history_save(file, err) : history_print(&shell->print);
}

static int read_answer(struct shell *shell, const char *question, char *out,
                       size_t size)
{
    (void)shell;
    return input_answer(question, out, size);
}

/* "help", "quit" and "exit", as psql takes them at the beginning of a line. */
static bool is_plain_word(struct shell *shell, const struct script *script,
                          const char *line)
{
    bool quit = strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0;

    if (!quit && strcmp(line, "help") != 0) {
        return false;
    }
    if (script_state(script) != SCRIPT_READY) {
        print_note(&shell->print,
                   quit ? "Use \\q to leave, \\r to clear the statement."
                        : "Use \\? for help, \\r to clear the statement.");
        return true;
    }
    shell->quit = quit;
    if (!quit) {
        print_note(&shell->print,
                   "Type \\? for the commands, \\h for the syntax of SQL "
                   "statements,\n\\g or a semicolon to send a statement, "
                   "\\q to leave.");
    }
    return true;
}

void repl_run(struct shell *shell)
{
    struct script script;
    struct buf prompt = BUF_INIT;
    long eof_count = 0;

    shell->save_history = save_history;
    shell->read_answer = read_answer;
    script_init(&script, "");
    greet(shell);
    input_start(shell, &script);
    history_start(shell);
    while (!shell->quit) {
        char *line;
        bool interrupted;
        print_resize(&shell->print);
        names_notices(shell);
        shell_prompt(shell, &script, &prompt);
        line = input_line(buf_str(&prompt), &interrupted);
        if (interrupted) {
            script_reset(&script);
            history_drop();
            free(line);
            continue;
        }
        if (line == NULL && ignores_eof(shell, &eof_count)) {
            continue;
        }
        if (line == NULL) {
            printf("\\q\n");
            break;
        }
        eof_count = 0;
        if (is_plain_word(shell, &script, line)) {
            free(line);
            continue;
        }
        input_run(shell, &script, line);
        names_stale(shell);
        free(line);
    }
    script_fini(&script);
    history_finish(shell);
    input_stop();
    buf_fini(&prompt);
}
