#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "project/deps_internal.h"

#define MAX_OUTPUT (64 * 1024)

void deps_report(const struct deps *deps, const char *fmt, ...)
{
    char line[1024];
    va_list ap;

    if (deps->options->report == NULL) {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    deps->options->report(deps->options->context, line);
}

static void child(const char *dir, const char *const *argv, int out, int messages)
{
    int null = open("/dev/null", O_RDONLY);

    if (null >= 0) {
        dup2(null, 0);
    }
    dup2(out, 1);
    dup2(messages, 2);
    setenv("GIT_TERMINAL_PROMPT", "0", 1);
    setenv("LC_ALL", "C", 1);
    if (dir != NULL && chdir(dir) != 0) {
        _exit(126);
    }
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

static void read_all(int fd, struct buf *out)
{
    char chunk[4096];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
        if (n > 0) {
            buf_add(out, chunk, (size_t)n);
        }
    }
}

/* The last line that isn't empty. */
static const char *last_line(struct buf *text)
{
    while (text->len > 0 && text->data[text->len - 1] == '\n') {
        buf_truncate(text, text->len - 1);
    }
    const char *newline = text->len > 0 ? strrchr(text->data, '\n') : NULL;
    return newline != NULL ? newline + 1 : buf_str(text);
}

/* git's first complaint, without the advice behind it; else the last line. */
static const char *complaint(struct buf *text)
{
    char *fatal = strstr(buf_str(text), "fatal: ");

    if (fatal == NULL) {
        return last_line(text);
    }
    fatal[strcspn(fatal, "\n")] = '\0';
    return fatal;
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int deps_run(const char *dir, const char *const *argv, struct buf *out, struct err *err)
{
    int pipes[2];
    struct buf text = {.max = MAX_OUTPUT};

    if (pipe(pipes) != 0) {
        return err_set_errno(err, ERR_IO, "can't make a pipe");
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        close(pipes[0]);
        close(pipes[1]);
        return err_set_errno(err, ERR_IO, "can't start %s", argv[0]);
    }
    if (pid == 0) {
        close(pipes[0]);
        int null = open("/dev/null", O_WRONLY);
        child(dir, argv, pipes[1], out != NULL && null >= 0 ? null : pipes[1]);
    }
    close(pipes[1]);
    read_all(pipes[0], &text);
    close(pipes[0]);
    int status = wait_for(pid);
    if (status == 127) {
        err_set(err, ERR_IO, "the program %s is not installed", argv[0]);
    } else if (status != 0) {
        err_set(err, ERR_IO, "%s failed: %s", argv[0], complaint(&text));
    } else if (out != NULL) {
        buf_add(out, last_line(&text), strlen(last_line(&text)));
    }
    buf_fini(&text);
    return status == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int deps_remove(const char *path)
{
    if (access(path, F_OK) != 0 && readlink(path, (char[1]){0}, 1) < 0) {
        return 0;
    }
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
