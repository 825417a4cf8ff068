/* A run as JSON: an object per line for everything that happens. */
#ifndef SHELL_RUN_JSON_H
#define SHELL_RUN_JSON_H

#include "run/run.h"

struct shell;

/* Writes to the shell's output, at once. */
struct run_listener run_json_listener(struct shell *shell);
/* The last line: how many ended how. */
void run_json_summary(struct shell *shell, const struct run_report *report);

#endif
