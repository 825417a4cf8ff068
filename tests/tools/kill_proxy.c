/*
 * Kills a client in the middle of its work: kill_proxy --to PORT --at N
 * --when before|after|never -- COMMAND ARGS…
 *
 * Listens on a port of its own (%PORT% in ARGS becomes that), starts COMMAND, and hands
 * HTTP requests on to the server at PORT. At the Nth request it kills the command with
 * SIGKILL: before the server sees the request, or after the server has answered it but
 * before the client hears of it. Prints the number of requests that came through.
 *
 * Exit status: 0 when the command was killed, 3 when it ended by itself before.
 */
#include "config.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xmalloc.h"

#define PAIRS 128

/* A client's connection and the one that was made for it. */
struct pair {
    int client;
    int server;
    char *request; /* what the client has sent of the current request */
    size_t len;
};

struct proxy {
    int to;
    int at;
    bool before;
    bool after;
    int listener;
    int port;
    pid_t child;
    int count;
    bool waiting; /* the fatal request is with the server */
    struct pair pairs[PAIRS];
    size_t pair_count;
};

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        perror("kill_proxy: the server");
        exit(2);
    }
    return fd;
}

static void open_listener(struct proxy *proxy)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(proxy->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(proxy->listener, PAIRS) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &len) != 0) {
        perror("kill_proxy");
        exit(2);
    }
    proxy->port = ntohs(address.sin_port);
}

static char *with_port(const char *arg, int port)
{
    const char *mark = strstr(arg, "%PORT%");

    return mark == NULL ? xstrdup(arg)
                        : xasprintf("%.*s%d%s", (int)(mark - arg), arg, port, mark + 6);
}

static void start_child(struct proxy *proxy, char **args)
{
    for (size_t i = 0; args[i] != NULL; i++) {
        args[i] = with_port(args[i], proxy->port);
    }
    proxy->child = fork();
    if (proxy->child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(args[0], args);
        perror(args[0]);
        _exit(127);
    }
}

static void finish(struct proxy *proxy, int status)
{
    printf("%d\n", proxy->count);
    exit(status);
}

static void kill_child(struct proxy *proxy)
{
    kill(proxy->child, SIGKILL);
    waitpid(proxy->child, NULL, 0);
    finish(proxy, 0);
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        data += n;
        len -= (size_t)n;
    }
}

/* Bytes of the request at the start of the buffer, 0 while it is incomplete. */
static size_t request_size(const struct pair *pair)
{
    const char *end = memmem(pair->request, pair->len, "\r\n\r\n", 4);
    size_t body = 0;

    if (end == NULL) {
        return 0;
    }
    size_t head = (size_t)(end - pair->request) + 4;
    for (const char *line = pair->request; line < end;) {
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            body = (size_t)atol(line + 15);
        }
        const char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
        line = next == NULL ? end : next + 2;
    }
    return pair->len >= head + body ? head + body : 0;
}

static void hand_on_requests(struct proxy *proxy, struct pair *pair)
{
    for (size_t size; (size = request_size(pair)) > 0;) {
        bool fatal = ++proxy->count == proxy->at;
        if (fatal && proxy->before) {
            kill_child(proxy);
        }
        if (fatal && proxy->after) {
            proxy->waiting = true;
            pair->client = -1; /* nothing goes back any more */
        }
        send_all(pair->server, pair->request, size);
        memmove(pair->request, pair->request + size, pair->len - size);
        pair->len -= size;
    }
}

static bool from_client(struct proxy *proxy, struct pair *pair)
{
    char data[65536];
    ssize_t n = recv(pair->client, data, sizeof(data), 0);

    if (n <= 0) {
        return false;
    }
    pair->request = xrealloc(pair->request, pair->len + (size_t)n);
    memcpy(pair->request + pair->len, data, (size_t)n);
    pair->len += (size_t)n;
    hand_on_requests(proxy, pair);
    return true;
}

static bool from_server(struct proxy *proxy, struct pair *pair)
{
    char data[65536];
    ssize_t n = recv(pair->server, data, sizeof(data), 0);

    if (pair->client < 0) {
        kill_child(proxy);
    }
    if (n <= 0) {
        return false;
    }
    send_all(pair->client, data, (size_t)n);
    return true;
}

static void drop(struct proxy *proxy, size_t i)
{
    struct pair *pair = &proxy->pairs[i];

    if (pair->client >= 0) {
        close(pair->client);
    }
    close(pair->server);
    free(pair->request);
    *pair = proxy->pairs[--proxy->pair_count];
}

static void accept_one(struct proxy *proxy)
{
    if (proxy->pair_count < PAIRS) {
        int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        proxy->pairs[proxy->pair_count++] =
            (struct pair){.client = client, .server = connect_to(proxy->to)};
    }
}

static void turn(struct proxy *proxy)
{
    struct pollfd fds[2 * PAIRS + 1] = {{.fd = proxy->listener, .events = POLLIN}};
    size_t count = proxy->pair_count;

    for (size_t i = 0; i < count; i++) {
        fds[2 * i + 1] =
            (struct pollfd){.fd = proxy->pairs[i].client, .events = POLLIN};
        fds[2 * i + 2] =
            (struct pollfd){.fd = proxy->pairs[i].server, .events = POLLIN};
    }
    if (poll(fds, (nfds_t)(2 * count + 1), 50) < 0) {
        return;
    }
    for (size_t i = count; i-- > 0;) {
        struct pair *pair = &proxy->pairs[i];
        bool keep = true;
        if (fds[2 * i + 1].revents != 0) {
            keep = from_client(proxy, pair);
        }
        if (keep && fds[2 * i + 2].revents != 0) {
            keep = from_server(proxy, pair);
        }
        if (!keep) {
            drop(proxy, i);
        }
    }
    if (fds[0].revents != 0) {
        accept_one(proxy);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"to", required_argument, NULL, 't'},
                                            {"at", required_argument, NULL, 'a'},
                                            {"when", required_argument, NULL, 'w'},
                                            {NULL, 0, NULL, 0}};
    static struct proxy proxy;

    for (int c; (c = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
        switch (c) {
        case 't':
            proxy.to = atoi(optarg);
            break;
        case 'a':
            proxy.at = atoi(optarg);
            break;
        case 'w':
            proxy.before = strcmp(optarg, "before") == 0;
            proxy.after = strcmp(optarg, "after") == 0;
            break;
        default:
            return 2;
        }
    }
    if (proxy.to == 0 || optind == argc) {
        fprintf(stderr, "usage: kill_proxy --to PORT --at N --when WHEN -- COMMAND\n");
        return 2;
    }
    open_listener(&proxy);
    start_child(&proxy, argv + optind);
    for (;;) {
        int status;
        turn(&proxy);
        if (waitpid(proxy.child, &status, WNOHANG) == proxy.child) {
            finish(&proxy, 3);
        }
    }
}
