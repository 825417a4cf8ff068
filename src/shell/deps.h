/* \deps: packages of packages.yml or dependencies.yml into dbt_packages/. */
#ifndef SHELL_DEPS_H
#define SHELL_DEPS_H

#include "base/err.h"

struct shell;

/*
 * Installs local packages (as links) and git packages (with the git program). Packages
 * of dbt's hub are refused with what to write instead.
 */
int deps_install(struct shell *shell, struct err *err);

#endif
