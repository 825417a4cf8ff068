/* \init: a new project that runs on the sandbox at once. */
#ifndef SHELL_INIT_H
#define SHELL_INIT_H

#include "base/err.h"

struct shell;

/*
 * Writes the files into `dir` (made when missing). Existing files are never touched;
 * ERR_REFUSED when there is a dbt_project.yml already.
 */
int init_project(struct shell *shell, const char *dir, struct err *err);

#endif
