/* The command line. */
#ifndef SHELL_OPTIONS_H
#define SHELL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/shell.h"

struct options_input {
    bool file; /* else a command's text */
    const char *text;
};

#define OPTIONS_MAX 1000

struct options {
    struct shell_options shell;
    struct options_input inputs[OPTIONS_MAX]; /* -c and -f, in order */
    size_t input_count;
    const char *sets[OPTIONS_MAX]; /* NAME=VALUE of -v */
    size_t set_count;
    const char *psets[OPTIONS_MAX]; /* NAME=VALUE of -P and its short forms */
    size_t pset_count;
    const char *output; /* -o */
    bool no_rc;
    bool echo;
    bool show_help;
    bool show_version;
};

/* 0; -1 with ERR_USAGE. `argv` is borrowed. */
int options_parse(struct options *options, int argc, char **argv, struct err *err);

/* Long names of all options, NULL-terminated. Static. */
const char *const *options_names(void);

#endif
