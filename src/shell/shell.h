/*
 * The shell: settings, output, the project and connection at hand, and shell_exec(),
 * which every line goes through: typed, from -c, -f, standard input, \i and rc files.
 */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "shell/cmd.h"
#include "shell/print.h"
#include "shell/script.h"
#include "shell/vars.h"

#define SHELL_NAME        "cflowsh"
#define SHELL_INCLUDE_MAX 20 /* files that include each other */

/* From the command line; strings are borrowed and live as long as the shell. */
struct shell_options {
    const char *project_dir;  /* NULL: nearest ancestor with dbt_project.yml */
    const char *profiles_dir; /* NULL: dbt's rules */
    const char *profile;
    const char *target;
    const char *vars_yaml;
    const char *endpoint;
    const char *sandbox_file; /* "" = target/sandbox.db; NULL: no sandbox */
    const char *program;      /* argv[0], to find the sandbox beside it */
    int threads;              /* 0: the profile's */
    bool yes;
    bool quiet;
    bool interactive; /* a person types */
    enum term_color_mode color;
};

struct names;
struct session; /* project, compiler, connection: session.h */

struct shell {
    struct shell_options options;
    struct vars vars;
    bool vars_busy; /* the project is being loaded for one of them */
    struct print print;
    struct session *session;
    struct names *names;   /* for completion */
    struct script *script; /* input at hand */
    int include_depth;
    int status;  /* exit status: the first failure's */
    int result;  /* exit status of the last command, 0 when it went well */
    bool failed; /* the last command or statement failed */
    bool quit;   /* leave all inputs */
    bool stop;   /* leave all inputs but the terminal: ON_ERROR_STOP */
    bool leave;  /* leave this input: \q in a file */
    bool timing; /* \timing */
    struct err last_error;
    char *query_out; /* \g target for the statement at hand, heap; NULL: none */
    bool query_expanded;
    const char *query_prefix; /* \\gset: of the variables' names; NULL: none */
    char *last_command;       /* heap; what \\watch repeats; NULL: the query */
    /* Set by the REPL; NULL elsewhere. */
    int (*read_answer)(struct shell *shell, const char *question, char *out,
                       size_t size);
    int (*save_history)(struct shell *shell, const char *file, struct err *err);
};

/* Heap; `options` are copied (not their strings). */
struct shell *shell_new(const struct shell_options *options);
void shell_free(struct shell *shell);

/*
 * One line from any input: runs what it completes. Errors are printed here, and only
 * here; they set `failed`, `result` and, unless a person types or ON_ERROR_STOP is off,
 * `stop`. Returns 0, or -1 when the input must not be read on.
 */
int shell_exec(struct shell *shell, struct script *script, const char *line);
/* End of the input: runs an unfinished last statement, complains about an open \if. */
int shell_exec_end(struct shell *shell, struct script *script);

/* A whole text (-c), a file ("-" is standard input), an open stream. */
int shell_exec_text(struct shell *shell, const char *text);
int shell_exec_file(struct shell *shell, const char *path);
int shell_exec_stream(struct shell *shell, FILE *in, const char *name);

/* Absolute directory of the project, "" without one. */
const char *shell_project_root(struct shell *shell);

/* Text of --help. Static. */
const char *shell_usage(void);

/* Writes target/manifest.json, as dbt does; a failure only warns. */
void shell_write_manifest(struct shell *shell);

/* Sends the script's query, as ';' and \g do. */
int shell_run_query(struct shell *shell, struct script *script);

/* Runs the text of one backslash command again (\watch). */
int shell_run_command(struct shell *shell, struct script *script, const char *text);

/* A command's result: it failed, and what it ran has reported that already. */
#define SHELL_QUIET_FAILURE (-2)

/*
 * Books the result of a command or statement: reports the error, sets the statuses, and
 * `stop` where a failure ends the input.
 */
void shell_finish(struct shell *shell, int result, const struct err *err);

/* Prints an error and records it in LAST_ERROR_MESSAGE and friends. */
void shell_report(struct shell *shell, const struct err *err);

/*
 * Asks the terminal for a line of text; -1 and "" where there is no terminal, or after
 * Ctrl-C.
 */
int shell_ask(struct shell *shell, const char *question, char *out, size_t size);

/*
 * Asks a yes/no question on the terminal; --yes answers yes, and without a terminal the
 * answer is no, with a note that says so. ERR_REFUSED when the answer is not yes.
 */
int shell_confirm(struct shell *shell, const char *question, struct err *err);

/* PROMPT1 or PROMPT2 for the state of the script. */
void shell_prompt(struct shell *shell, const struct script *script, struct buf *out);

/*
 * Ctrl-C. The handler counts; whoever waits looks at shell_interrupts and stops.
 * shell_exec() sets it to 0 before each command.
 */
extern volatile sig_atomic_t shell_interrupts;
void shell_catch_interrupts(void);

#endif
