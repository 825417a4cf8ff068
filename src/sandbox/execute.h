/* Rows: what statements read and write, computed by SQLite as of now. */
#ifndef SANDBOX_EXECUTE_H
#define SANDBOX_EXECUTE_H

#include "sandbox/statement.h"

/* A statement starts to run, or runs again. */
int execute_attach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err);
/* A statement ends or stops: what it has written so far stays in its table. */
int execute_detach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err);
/* Appends the changes since the last call to the statement's result rows. */
int execute_poll(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 struct err *err);

#endif
