/* The terminal: reads lines with readline and hands them to shell_exec(). */
#ifndef REPL_REPL_H
#define REPL_REPL_H

struct shell;

/* Until \q or the end of input. */
void repl_run(struct shell *shell);

#endif
