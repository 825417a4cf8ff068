/* The command line and the config file of cflowsh-sandbox. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "sandbox/sandbox.h"

struct options_place {
    const char *env; /* environment that a database or pool belongs to */
    const char *id;  /* NULL: made up */
    const char *name;
    int max_cfu; /* of a pool */
};

struct options_list {
    struct options_place *items;
    size_t count;
};

struct options_fault {
    const char *name;
    const char *value;
};

struct options {
    struct arena arena; /* owns all strings */
    struct sandbox_settings settings;
    struct options_list environments;
    struct options_list databases;
    struct options_list pools;
    struct options_fault *faults;
    size_t fault_count;
    const char *address; /* "127.0.0.1" */
    bool allow_remote;
    int port;
    const char *port_file; /* or NULL */
    const char *log;       /* or NULL */
    long parent_pid;       /* 0: none */
    bool until_eof;        /* end when standard input ends */
    bool quiet;
};

enum options_outcome { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_ERROR };

/*
 * Reads the command line (and the file that --config names). OPTIONS_DONE after --help
 * or --version, which print on stdout; OPTIONS_ERROR with `err`.
 */
enum options_outcome options_parse(struct options *options, int argc, char **argv,
                                   struct err *err);
void options_fini(struct options *options);
/* Creates what the options name, and the defaults when they name nothing. */
int options_apply(const struct options *options, struct sandbox *sandbox,
                  struct err *err);

/* config.c: reads the YAML file into the options. Sets ERR_PROJECT or ERR_USAGE. */
int options_read_config(struct options *options, const char *path, struct err *err);
/* Adds to a list; strings are borrowed. */
struct options_place *options_add(struct options *options, struct options_list *list);
void options_add_fault(struct options *options, const char *name, const char *value);
void options_add_key(struct options *options, const char *pair);

#endif
