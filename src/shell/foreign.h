/*
 * psql's commands that are none of ours: what to type instead, for people whose fingers
 * know psql.
 */
#ifndef SHELL_FOREIGN_H
#define SHELL_FOREIGN_H

#include <stddef.h>

/* The advice for a command by its name, NULL when psql has no such command. Static. */
const char *foreign_advice(const char *name, size_t len);

#endif
