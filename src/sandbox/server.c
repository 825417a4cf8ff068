#include "config.h"

#include "sandbox/server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmalloc.h"
#include "sandbox/connection.h"

#define MAX_CONNECTIONS 4000
#define OTHER_FILES     64 /* that are open beside connections */
#define IDLE_SECONDS    120
#define PARENT_POLL_MS  500
#define DRAIN_MS        2000

struct server {
    struct MHD_Daemon *daemon;
    struct connection_context context;
    int port;
};

/* As many as there may be open files, which are made as many as are allowed. */
static unsigned connection_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 512;
    }
    rlim_t wanted = MAX_CONNECTIONS + OTHER_FILES;
    wanted = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (limit.rlim_cur < wanted) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = wanted;
        limit.rlim_cur = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? wanted : before;
    }
    rlim_t files = limit.rlim_cur < wanted ? limit.rlim_cur : wanted;
    return files > 2 * OTHER_FILES ? (unsigned)files - OTHER_FILES : OTHER_FILES;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *in6 = (const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static int read_address(const struct options *options, struct sockaddr_storage *out,
                        struct err *err)
{
    struct sockaddr_in *in = (void *)out;
    struct sockaddr_in6 *in6 = (void *)out;

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, options->address, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)options->port);
    } else if (inet_pton(AF_INET6, options->address, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)options->port);
    } else {
        return err_set(err, ERR_USAGE, "'%s' is not a numeric address",
                       options->address);
    }
    if (!is_loopback(out) && !options->allow_remote) {
        err_set(err, ERR_USAGE, "%s is not a loopback address", options->address);
        err_hint(err,
                 "the sandbox takes any key: say --allow-remote too if the network "
                 "shall reach it");
        return -1;
    }
    return 0;
}

static void write_base(struct server *server, const struct options *options)
{
    const char *format =
        strchr(options->address, ':') != NULL ? "http://[%s]:%d" : "http://%s:%d";
    snprintf(server->context.base, sizeof(server->context.base), format,
             options->address, server->port);
}

struct server *server_new(struct sandbox *sandbox, const struct options *options,
                          FILE *log, struct err *err)
{
    struct sockaddr_storage address;
    if (read_address(options, &address, err) != 0) {
        return NULL;
    }
    struct server *server = xcalloc(1, sizeof(*server));
    server->context.sandbox = sandbox;
    server->context.log = log;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    if (address.ss_family == AF_INET6) {
        flags |= MHD_USE_IPv6;
    }
    server->daemon = MHD_start_daemon(
        flags, (uint16_t)options->port, NULL, NULL, connection_handle, &server->context,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_NOTIFY_COMPLETED, connection_done, &server->context,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_UNESCAPE_CALLBACK,
        connection_unescape, NULL, MHD_OPTION_END);
    if (server->daemon == NULL) {
        err_set_errno(err, ERR_CONNECTION, "can't listen on %s port %d",
                      options->address, options->port);
        free(server);
        return NULL;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info != NULL ? info->port : options->port;
    write_base(server, options);
    return server;
}

void server_free(struct server *server)
{
    if (server != NULL) {
        connection_resume_due(&server->context, INT64_MAX);
        MHD_stop_daemon(server->daemon);
        free(server);
    }
}

int server_port(const struct server *server)
{
    return server->port;
}

static int open_signals(struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return err_set_errno(err, ERR_INTERNAL, "sigprocmask");
    }
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : err_set_errno(err, ERR_INTERNAL, "signalfd");
}

static int wait_ms(struct server *server, const struct options *options)
{
    MHD_UNSIGNED_LONG_LONG own = 0;
    int64_t wait = 60000;
    int64_t due = connection_next_due(&server->context);
    if (MHD_get_timeout(server->daemon, &own) == MHD_YES && (int64_t)own < wait) {
        wait = (int64_t)own;
    }
    if (due >= 0) {
        int64_t rest = due - clock_now_ms(&clock_system);
        wait = rest < wait ? rest : wait;
    }
    if (options->parent_pid != 0 && wait > PARENT_POLL_MS) {
        wait = PARENT_POLL_MS;
    }
    return wait > 0 ? (int)wait : 0;
}

static bool input_ended(int fd)
{
    char bytes[256];
    ssize_t got = read(fd, bytes, sizeof(bytes));
    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

static bool parent_is_gone(const struct options *options)
{
    return options->parent_pid != 0 && kill((pid_t)options->parent_pid, 0) != 0 &&
           errno == ESRCH;
}

/* Answers what is under way, accepts nothing more. */
static void drain(struct server *server)
{
    int listener = MHD_quiesce_daemon(server->daemon);
    int64_t end = clock_now_ms(&clock_system) + DRAIN_MS;
    while (server->context.active > 0 && clock_now_ms(&clock_system) < end) {
        connection_resume_due(&server->context, INT64_MAX);
        MHD_run_wait(server->daemon, 20);
    }
    if (listener >= 0) {
        close(listener);
    }
}

int server_run(struct server *server, const struct options *options, struct err *err)
{
    int signals = open_signals(err);
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (signals < 0 || info == NULL) {
        return err_set(err, ERR_INTERNAL, "no event loop");
    }
    struct pollfd fds[] = {
        {.fd = info->epoll_fd, .events = POLLIN},
        {.fd = signals, .events = POLLIN},
        {.fd = options->until_eof ? STDIN_FILENO : -1, .events = POLLIN},
    };
    for (;;) {
        int ready = poll(fds, 3, wait_ms(server, options));
        if (ready < 0 && errno != EINTR) {
            close(signals);
            return err_set_errno(err, ERR_INTERNAL, "poll");
        }
        if (ready > 0 && ((fds[1].revents & POLLIN) != 0 ||
                          (fds[2].revents != 0 && input_ended(STDIN_FILENO)))) {
            break;
        }
        if (parent_is_gone(options)) {
            break;
        }
        connection_resume_due(&server->context, clock_now_ms(&clock_system));
        MHD_run(server->daemon);
    }
    drain(server);
    close(signals);
    return 0;
}
