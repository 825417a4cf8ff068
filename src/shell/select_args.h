/* Selection options of a command to nodes of the project. */
#ifndef SHELL_SELECT_ARGS_H
#define SHELL_SELECT_ARGS_H

#include "project/select.h"
#include "shell/cmd.h"

/*
 * Selects with the command's arguments and options, in the order of unique ids. Loads
 * the project. `types` 0: those of `command`. dbt's warnings are printed. A selector
 * that is a node's name but matches nothing gets a hint with the nearest name.
 */
int select_args(struct shell *shell, struct cmd_call *call, enum select_command command,
                unsigned types, struct node_list *out, struct err *err);

/* The one node that is meant by `name`: ERR_NOT_FOUND with the nearest name. */
int select_one(struct shell *shell, const char *name, struct arena *arena,
               struct node **out, struct err *err);

#endif
