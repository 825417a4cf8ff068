#include "config.h"

#include "shell/sandbox_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"

#define NAME    "cflowsh-sandbox"
#define WAIT_MS 10000

/* The directory that this program was started from, "" when that can't be told. */
static const char *own_dir(struct arena *arena, const char *program)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (len > 0) {
        path[len] = '\0';
        return path_dir(arena, path);
    }
    return program != NULL && strchr(program, '/') != NULL ? path_dir(arena, program)
                                                           : "";
}

static const char *find_program(struct arena *arena, const char *program)
{
    const char *named = getenv("CFLOWSH_SANDBOX");
    const char *dir = own_dir(arena, program);
    const char *places[3];

    if (named != NULL && named[0] != '\0') {
        return named;
    }
    places[0] = path_join(arena, dir, NAME);
    places[1] = path_join(arena, dir, "../libexec/cflowsh/" NAME);
    places[2] = path_join(arena, dir, "../libexec/" NAME);
    for (size_t i = 0; i < 3 && dir[0] != '\0'; i++) {
        if (access(places[i], X_OK) == 0) {
            return places[i];
        }
    }
    return NAME;
}

static void run_child(const char *file, char *const *argv, int out, int life)
{
    int null = open("/dev/null", O_RDWR);

    setpgid(0, 0);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    dup2(life, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (null > STDERR_FILENO) {
        close(null);
    }
    execvp(file, argv);
    _exit(127);
}

/* Reads the line that says where the child listens. */
static int read_endpoint(struct sandbox_child *child, int fd, struct err *err)
{
    char text[1024];
    size_t len = 0;
    int64_t end = clock_now_ms(&clock_system) + WAIT_MS;

    while (len + 1 < sizeof(text)) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int64_t rest = end - clock_now_ms(&clock_system);
        ssize_t n;
        const char *port;
        if (rest <= 0) {
            return err_set(err, ERR_CONNECTION, "the sandbox did not start in %d s",
                           WAIT_MS / 1000);
        }
        if (poll(&poll_fd, 1, (int)rest) < 0 && errno != EINTR) {
            return err_set_errno(err, ERR_CONNECTION, "sandbox");
        }
        n = (poll_fd.revents & (POLLIN | POLLHUP)) != 0
                ? read(fd, text + len, sizeof(text) - len - 1)
                : -1;
        if (n == 0) {
            err_set(err, ERR_CONNECTION, "the sandbox did not start");
            err_hint(err, "is " NAME " installed beside cflowsh? --sandbox=FILE uses "
                          "another state file");
            return -1;
        }
        len += n > 0 ? (size_t)n : 0;
        text[len] = '\0';
        port = strstr(text, " port ");
        if (port != NULL && strchr(port, '\n') != NULL) {
            snprintf(child->endpoint, sizeof(child->endpoint), "http://127.0.0.1:%d",
                     atoi(port + 6));
            return 0;
        }
    }
    return err_set(err, ERR_CONNECTION, "the sandbox did not say where it listens");
}

static char *const *arguments(struct arena *arena, const char *file, const char *state,
                              const char *organization,
                              const struct sandbox_place *places, size_t count)
{
    char **argv = arena_array(arena, char *, count * 3 + 10);
    size_t n = 0;

    argv[n++] = arena_strdup(arena, file);
    argv[n++] = arena_strdup(arena, "--port=0");
    argv[n++] = arena_strdup(arena, "--until-eof");
    argv[n++] = arena_printf(arena, "--state=%s", state);
    argv[n++] = arena_printf(arena, "--organization=%s", organization);
    for (size_t i = 0; i < count; i++) {
        const struct sandbox_place *place = &places[i];
        if (i == 0 || !str_eq(place->environment, places[i - 1].environment)) {
            argv[n++] = arena_printf(arena, "--environment=%s", place->environment);
        }
        argv[n++] = arena_printf(arena, "--database=%s", place->database);
        if (place->pool != NULL) {
            argv[n++] = arena_printf(arena, "--compute-pool=%s=10000", place->pool);
        }
    }
    argv[n] = NULL;
    return argv;
}

int sandbox_child_start(struct sandbox_child *child, const char *program,
                        const char *state, const char *organization,
                        const struct sandbox_place *places, size_t place_count,
                        struct err *err)
{
    struct arena arena = {0};
    const char *file = find_program(&arena, program);
    char *const *argv =
        arguments(&arena, file, state, organization, places, place_count);
    int out[2] = {-1, -1};
    int life[2] = {-1, -1};
    int result;

    *child = (struct sandbox_child){.lifeline = -1};
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(life, O_CLOEXEC) != 0) {
        arena_fini(&arena);
        return err_set_errno(err, ERR_IO, "pipe");
    }
    fflush(NULL);
    child->pid = fork();
    if (child->pid == 0) {
        run_child(file, argv, out[1], life[0]);
    }
    close(out[1]);
    close(life[0]);
    child->lifeline = life[1];
    result = child->pid > 0 ? read_endpoint(child, out[0], err)
                            : err_set_errno(err, ERR_IO, "fork");
    close(out[0]);
    if (result != 0) {
        sandbox_child_stop(child);
    }
    arena_fini(&arena);
    return result;
}

void sandbox_child_stop(struct sandbox_child *child)
{
    if (child->lifeline >= 0) {
        close(child->lifeline);
    }
    if (child->pid > 0) {
        kill(child->pid, SIGTERM);
        waitpid(child->pid, NULL, 0);
    }
    *child = (struct sandbox_child){.lifeline = -1};
}
