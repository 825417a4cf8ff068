/* \deps: hands what the project room needs to install packages. */
#ifndef SHELL_DEPS_H
#define SHELL_DEPS_H

#include <stdbool.h>

#include "base/err.h"
#include "project/project.h"

struct shell;

/*
 * Installs the packages of the project that `options` describe. Packages of dbt's hub
 * are fetched with the curl program. All errors but the last are reported.
 */
int deps_install(struct shell *shell, const struct project_options *options,
                 bool upgrade, bool lock_only, struct err *err);

#endif
