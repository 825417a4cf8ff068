/* How macros reach the server while they are rendered (run_query() and the like). */
#ifndef SHELL_CONNECT_H
#define SHELL_CONNECT_H

#include "compile/compile.h"

struct shell;

void connect_init(struct compile_connection *connection, struct shell *shell);

#endif
