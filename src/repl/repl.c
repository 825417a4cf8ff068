#include "config.h"

#include "repl/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/history.h"
#include "repl/input.h"
#include "shell/shell.h"

static void greet(struct shell *shell)
{
    print_note(&shell->print, "%s. Type \\? for help, \\q to leave.", PACKAGE_STRING);
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

void repl_run(struct shell *shell)
{
    struct script script;
    struct buf prompt = BUF_INIT;
    long eof_count = 0;

    shell->save_history = save_history;
    shell->read_answer = read_answer;
    script_init(&script, "");
    input_start(shell, &script);
    history_start(shell);
    greet(shell);
    while (!shell->quit) {
        char *line;
        bool interrupted;
        print_resize(&shell->print);
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
        input_run(shell, &script, line);
        free(line);
    }
    script_fini(&script);
    history_finish(shell);
    input_stop();
    buf_fini(&prompt);
}
