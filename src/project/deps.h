/* Installing packages: packages.yml or dependencies.yml → package-lock.yml →
 * dbt_packages. */
#ifndef PROJECT_DEPS_H
#define PROJECT_DEPS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "project/project.h"

struct deps_options {
    const struct project_options *project;
    const struct project_hooks *hooks; /* renders Jinja in packages.yml; may be NULL */
    bool upgrade;   /* resolve again although the lock file is up to date */
    bool lock_only; /* write package-lock.yml, install nothing */
    /*
     * GET of a URL into `out`, for packages from the hub: https, or http when
     * DBT_PACKAGE_HUB_URL is; NULL when there is no network: those are refused then.
     * ERR_CONNECTION, ERR_NOT_FOUND …
     */
    int (*fetch)(void *context, const char *url, struct buf *out, struct err *err);
    void (*report)(void *context, const char *line); /* progress; may be NULL */
    void *context;
};

/*
 * Installs what the project asks for, and what those packages ask for: local folders as
 * links, git repositories through the git program, hub packages through `fetch` and
 * tar. The install path is replaced only when everything was fetched. -1 with at least
 * one error in `errors`. As `dbt deps` of dbt 1.11.
 */
int project_deps(const struct deps_options *options, struct err_list *errors);

#endif
