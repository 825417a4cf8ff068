/* Completion: commands, their options and arguments, SQL words, names of the project
   and of the catalog. What it needs is at hand or cached: it never waits for the
   server. */
#ifndef REPL_COMPLETE_H
#define REPL_COMPLETE_H

struct script;
struct shell;

void complete_start(struct shell *shell, struct script *script);
void complete_stop(void);

#endif
