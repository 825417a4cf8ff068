/*
 * Backslash commands as data: one static struct cmd beside each function. `\?`,
 * completion, usage errors and the check against the man page come from these tables.
 */
#ifndef SHELL_CMD_H
#define SHELL_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct shell;

/* What completion offers for an argument. */
enum cmd_complete {
    CMD_COMPLETE_NONE,
    CMD_COMPLETE_SELECTOR, /* models, tag:, +name … */
    CMD_COMPLETE_NODE,     /* names of nodes */
    CMD_COMPLETE_RELATION, /* tables and views of the catalog */
    CMD_COMPLETE_STATEMENT,
    CMD_COMPLETE_FILE,
    CMD_COMPLETE_DIRECTORY,
    CMD_COMPLETE_VARIABLE,
    CMD_COMPLETE_PSET,
    CMD_COMPLETE_TARGET,
    CMD_COMPLETE_COMMAND, /* names of commands */
    CMD_COMPLETE_SYNTAX,  /* Flink statements, for \h */
    CMD_COMPLETE_ONOFF
};

enum cmd_flags {
    CMD_SELECT = 1, /* takes dbt's selection options and a SELECTOR */
    CMD_RAW = 2,    /* the rest of the line is one argument */
    CMD_BRANCH = 4, /* \if and its kin: seen also where commands are skipped */
    CMD_QUERY = 8,  /* acts on the query that was typed before it; keeps it */
    CMD_PIPE = 16   /* an argument that begins with '|' is the rest of the line */
};

struct cmd_option {
    const char *name;     /* "--full-refresh" */
    const char *letter;   /* "-f", or NULL */
    const char *argument; /* "FILE", or NULL: it takes none */
    const char *help;
};

/* An option as it was given. */
struct cmd_given {
    const struct cmd_option *option;
    const char *value; /* NULL when the option takes none */
};

/* One call; everything in it lives in `arena`, which is emptied afterwards. */
struct cmd_call {
    const struct cmd *cmd;
    const char *name; /* as typed, without the backslash and a trailing '+' */
    bool plus;        /* `\d+` */
    size_t argc;
    const char **argv;
    size_t given_count;
    struct cmd_given *given;
    const char *query; /* CMD_QUERY: the text before the command, "" for none */
    struct arena *arena;
};

typedef int cmd_exec(struct shell *shell, struct cmd_call *call, struct err *err);

struct cmd {
    const char *name;    /* without the backslash */
    const char *aliases; /* blank-separated, or NULL */
    const char *group;   /* heading in \? */
    const char *usage;   /* arguments, "" for none */
    const char *summary; /* one line, starts with a lower-case verb */
    const char *help;    /* further text for `\? NAME`, or NULL */
    int min;             /* arguments */
    int max;             /* -1: any number */
    unsigned flags;
    const struct cmd_option *options; /* ends with a NULL name; NULL: none */
    enum cmd_complete complete;
    cmd_exec *exec;
};

/* All commands in the order of \?. Static. */
const struct cmd *const *cmd_all(size_t *count);
/* By name or alias; NULL when there is none. A trailing '+' is allowed and ignored. */
const struct cmd *cmd_find(const char *name, size_t len);
/* Nearest name for a misspelt one, or NULL. */
const char *cmd_nearest(const char *name);
/* The `index`th option of a command, selection options included; NULL past the end. */
const struct cmd_option *cmd_option_at(const struct cmd *cmd, size_t index);

/*
 * Sorts words into options and arguments, as getopt_long() permutes ("--" ends the
 * options). ERR_USAGE names the command's usage. `words` are borrowed.
 */
int cmd_parse(const struct cmd *cmd, const char **words, size_t count,
              struct cmd_call *call, struct err *err);

/* Whether the option was given / its last value or NULL. */
bool cmd_has(const struct cmd_call *call, const char *name);
const char *cmd_value(const struct cmd_call *call, const char *name);
/* Next value of a repeatable option: start with `*at` = 0; NULL at the end. */
const char *cmd_value_next(const struct cmd_call *call, const char *name, size_t *at);
/* All arguments joined by blanks; in the call's arena. */
const char *cmd_joined(const struct cmd_call *call, size_t from);

/* Tables of the cmd_*.c files; each ends with a NULL name. */
extern const struct cmd cmd_shell_table[];
extern const struct cmd cmd_output_table[];
extern const struct cmd cmd_file_table[];
extern const struct cmd cmd_project_table[];
extern const struct cmd cmd_change_table[];
extern const struct cmd cmd_cloud_table[];
extern const struct cmd cmd_catalog_table[];
extern const struct cmd cmd_query_table[];
extern const struct cmd cmd_help_table[];
extern const struct cmd cmd_refresh_table[];
extern const struct cmd cmd_where_table[];
extern const struct cmd cmd_ps_table[];
extern const struct cmd cmd_models_table[];
extern const struct cmd cmd_edit_table[];
extern const struct cmd cmd_branch_table[];

#endif
