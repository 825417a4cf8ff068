/* The history: one file per project and user, mode 0600. Statements over several lines
   are one entry; lines that look like they hold a secret are not kept. */
#ifndef REPL_HISTORY_H
#define REPL_HISTORY_H

#include <stdbool.h>

#include "base/err.h"

struct print;
struct shell;

void history_start(struct shell *shell);
/* Collects a line of the entry that is being typed. */
void history_line(const char *line);
/* The entry is complete. */
void history_commit(struct shell *shell);
/* Forgets the lines collected for an entry that was not finished. */
void history_drop(void);
void history_finish(struct shell *shell);
int history_save(const char *file, struct err *err);
int history_print(struct print *print);
/* Whether the text looks like it holds a key, secret, token or password. */
bool history_is_secret(const char *text);

#endif
