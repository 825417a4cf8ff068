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
    struct value index;  /* hub: its answer, once asked */
    const char *version; /* hub: the chosen one; NULL before */
    const char *tarball; /* hub: URL */
    const char *fetched; /* folder that it was fetched to; NULL before */
};

struct deps {
    struct loader *loader;
    const struct deps_options *options;
    const char *install; /* absolute */
    const char *work;    /* temporary folder inside of `install`'s parent */
    struct dep **items;
    size_t count;
    size_t fetches; /* so far: names folders of `work` */
    bool locked;    /* package-lock.yml says what to install */
};

void deps_report(const struct deps *deps, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs a program in `dir` and waits. `out` gets its standard output, when not NULL. */
int deps_run(const char *dir, const char *const *argv, struct buf *out,
             struct err *err);
int deps_remove(const char *path);

/* The list `packages` of packages.yml or dependencies.yml in `root`; undefined. */
struct value deps_read_list(struct loader *loader, const char *root, struct err *err);
/* One entry of it; in the arena. NULL with err set. */
struct dep *deps_read_spec(struct loader *loader, struct value spec, struct err *err);
/* Fills deps->items with all packages, fetched and named. */
int deps_resolve(struct deps *deps, struct value list, struct err *err);
/* Fetches into the work folder (but local ones) and sets dep->fetched. */
int deps_fetch(struct deps *deps, struct dep *dep, struct err *err);
/* Sets dep->name from the fetched dbt_project.yml. */
int deps_read_name(struct deps *deps, struct dep *dep, struct err *err);

/* dbt's sha1 over the list as written (`raw`) and rendered; in the arena. */
const char *deps_lock_hash(struct deps *deps, struct value raw, struct value rendered);
int deps_write_lock(struct deps *deps, const char *hash, struct err *err);
/* The packages of the lock file when it fits `hash`; undefined else. */
struct value deps_read_lock(struct deps *deps, const char *hash);

/* Chooses the best version that all constraints allow and notes its tarball; what it
 * asks for goes to `more`. Asks the hub once for each package. */
int deps_hub_resolve(struct deps *deps, struct dep *dep, struct value *more,
                     struct err *err);
/* Downloads and unpacks into `dir`. */
int deps_hub_fetch(struct deps *deps, struct dep *dep, const char *dir,
                   struct err *err);

#endif
