#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "repl/repl.h"
#include "shell/options.h"
#include "shell/shell.h"

static bool wants_person(const struct options *options)
{
    return options->input_count == 0 && isatty(STDIN_FILENO);
}

/* Splits NAME=VALUE; `value` NULL without '='. In the arena. */
static char *split(struct arena *arena, const char *text, const char **value)
{
    size_t len = strcspn(text, "=");

    *value = text[len] == '=' ? text + len + 1 : NULL;
    return arena_strndup(arena, text, len);
}

static int apply(struct shell *shell, const struct options *options, struct err *err)
{
    struct arena arena = {0};
    int result = 0;

    for (size_t i = 0; i < options->set_count && result == 0; i++) {
        const char *value;
        char *name = split(&arena, options->sets[i], &value);
        result = vars_set(&shell->vars, name, value != NULL ? value : "", err);
    }
    for (size_t i = 0; i < options->pset_count && result == 0; i++) {
        const char *value;
        char *name = split(&arena, options->psets[i], &value);
        result = print_pset(&shell->print, name, value, err);
    }
    if (options->echo) {
        vars_put(&shell->vars, "ECHO", "all");
    }
    if (result == 0 && options->output != NULL) {
        result = print_redirect(&shell->print, options->output, err);
    }
    arena_fini(&arena);
    return result;
}

/* A project's rc file may come from anywhere: it must be the user's own. */
static bool is_safe(struct shell *shell, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return false;
    }
    if (status.st_uid == getuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) {
        return true;
    }
    print_warning(&shell->print,
                  "%s is not read: it must be yours and not writable by others", path);
    return false;
}

static void read_rc(struct shell *shell)
{
    struct arena arena = {0};
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    const char *path = NULL;

    if (config != NULL && config[0] == '/') {
        path = path_join(&arena, config, "cflowsh/cflowshrc");
    } else if (home != NULL && home[0] != '\0') {
        path = path_join(&arena, home, ".config/cflowsh/cflowshrc");
    }
    if (path != NULL && path_exists(path)) {
        shell_exec_file(shell, path);
    }
    if (!shell->stop && !shell->quit && path_exists("./.cflowshrc") &&
        is_safe(shell, "./.cflowshrc")) {
        shell_exec_file(shell, "./.cflowshrc");
    }
    arena_fini(&arena);
}

static void run(struct shell *shell, const struct options *options)
{
    if (wants_person(options)) {
        repl_run(shell);
        return;
    }
    for (size_t i = 0; i < options->input_count; i++) {
        const struct options_input *input = &options->inputs[i];
        int result = input->file ? shell_exec_file(shell, input->text)
                                 : shell_exec_text(shell, input->text);
        if (result != 0) {
            return;
        }
    }
    if (options->input_count == 0) {
        shell_exec_stream(shell, stdin, "<stdin>");
    }
}

/*
 * Standard streams that were closed must not become a file or socket of ours; what is
 * written to them fails.
 */
static void keep_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            _exit(2);
        }
    }
}

static int fail(const struct err *err)
{
    err_print(err, stderr, false);
    return err_exit_status(err->code);
}

int main(int argc, char **argv)
{
    static struct options options;
    struct err err = {0};
    struct shell *shell;
    int status;

    keep_streams();
    setlocale(LC_CTYPE, "");
    if (getenv("CFLOWSH_LOG") != NULL) {
        log_open(getenv("CFLOWSH_LOG"));
    }
    if (options_parse(&options, argc, argv, &err) != 0) {
        return fail(&err);
    }
    if (options.show_help || options.show_version) {
        fputs(options.show_help ? shell_usage() : PACKAGE_STRING "\n", stdout);
        if (fflush(stdout) != 0) {
            err_set_errno(&err, ERR_IO, "the output could not be written");
            return fail(&err);
        }
        return 0;
    }
    shell_catch_interrupts();
    options.shell.interactive = wants_person(&options);
    shell = shell_new(&options.shell);
    if (apply(shell, &options, &err) != 0) {
        shell_free(shell);
        return fail(&err);
    }
    if (!options.no_rc) {
        read_rc(shell);
    }
    if (!shell->stop && !shell->quit) {
        run(shell, &options);
    }
    status = shell->options.interactive ? 0 : shell->status;
    if (print_check(&shell->print, &err) != 0) {
        shell_report(shell, &err);
        status = status != 0 ? status : 1;
    }
    shell_free(shell);
    log_close();
    return status;
}
