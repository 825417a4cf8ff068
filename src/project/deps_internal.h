/* Shared by the files of deps. */
#ifndef PROJECT_DEPS_INTERNAL_H
#define PROJECT_DEPS_INTERNAL_H

#include "project/deps.h"
#include "project/internal.h"

enum dep_kind { DEP_LOCAL, DEP_GIT, DEP_HUB };

struct dep {
    enum dep_kind kind;
    const char *key;      /* path, URL or hub name */
    const char *name;     /* of the package's project, once it was fetched */
    const char *revision; /* git: as asked for, then the commit; "" for the default */
    const char *asked;    /* git: the revision as written */
    const char *subdirectory;
    struct value versions; /* hub: list of texts like ">=1.0.0" */
    bool prerelease;
    bool warn_unpinned;
    const char *version; /* hub: the chosen one */
    const char *tarball; /* hub: URL */
    const char *fetched; /* folder that it was fetched to */
};

struct deps {
    struct loader *loader;
    const struct deps_options *options;
    const char *install; /* absolute */
    const char *work;    /* temporary folder inside of `install`'s parent */
    struct dep **items;
    size_t count;
    bool locked; /* package-lock.yml says what to install */
};

void deps_report(const struct deps *deps, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs a program in `dir` and waits. `out` gets its standard output, when not NULL. */
int deps_run(const char *dir, const char *const *argv, struct buf *out,
             struct err *err);
int deps_remove(const char *path);
/* Chooses the version and notes its tarball; more packages go to `more`. */
int deps_hub_resolve(struct deps *deps, struct dep *dep, struct value *more,
                     struct err *err);
/* Downloads and unpacks into `dir`. */
int deps_hub_fetch(struct deps *deps, struct dep *dep, const char *dir,
                   struct err *err);

#endif
