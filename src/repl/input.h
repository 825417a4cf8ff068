/* Lines from the terminal through readline. */
#ifndef REPL_INPUT_H
#define REPL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct script;
struct shell;

void input_start(struct shell *shell, struct script *script);
void input_stop(void);
/* Heap; NULL at the end of input. `interrupted`: Ctrl-C cleared the line. */
char *input_line(const char *prompt, bool *interrupted);
/* Runs what was read: a paste may hold several lines. */
void input_run(struct shell *shell, struct script *script, const char *text);
/* Asks a question outside of the history. 0, or -1 at the end of input. */
int input_answer(const char *question, char *out, size_t size);

#endif
