#include "config.h"

#include "canned_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

#define CONNECTIONS 32
#define INPUT_MAX   (1 << 17)

struct connection {
    int fd;
    char *data;
    size_t len;
};

struct child {
    const struct canned_reply *replies;
    size_t count;
    struct canned_seen *seen;
    struct connection connections[CONNECTIONS];
    size_t connection_count;
};

static void header(const char *head, const char *name, char *out, size_t size)
{
    const char *at = strcasestr(head, name);

    out[0] = '\0';
    if (at != NULL) {
        at += strlen(name) + 2;
        str_copy_n(out, size, at, strcspn(at, "\r"));
    }
}

static void remember(struct child *child, const char *head, const char *body,
                     size_t len)
{
    struct canned_request *request = &child->seen->requests[child->seen->count];
    const char *path = strchr(head, ' ') + 1;
    char authorization[128];

    str_copy_n(request->method, sizeof(request->method), head,
               (size_t)(path - head) - 1);
    str_copy_n(request->path, sizeof(request->path), path, strcspn(path, " "));
    str_copy_n(request->body, sizeof(request->body), body, len);
    header(head, "\r\nUser-Agent", request->agent, sizeof(request->agent));
    header(head, "\r\nContent-Type", request->type, sizeof(request->type));
    header(head, "\r\nAuthorization", authorization, sizeof(authorization));
    request->authorized = strcmp(authorization, "Basic a2V5OnMzY3JldC1zM2NyZXQ=") == 0;
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

static void send_huge(int fd)
{
    static char block[1 << 16];

    memset(block, ' ', sizeof(block));
    for (int i = 0; i < 70 * 16; i++) {
        send_all(fd, block, sizeof(block));
    }
}

/* Returns whether the connection stays open. */
static bool answer(struct child *child, int fd)
{
    static const struct canned_reply beyond = {.status = 599};
    size_t n = (size_t)child->seen->count++;
    const struct canned_reply *reply = n < child->count ? &child->replies[n] : &beyond;
    const char *body = reply->body != NULL ? reply->body : "";
    size_t len = strlen(body);
    char head[1024];

    if (reply->action == CANNED_CLOSE) {
        return false;
    }
    if (reply->action == CANNED_HANG) {
        return true;
    }
    if (reply->action == CANNED_TRUNCATE) {
        len += 100;
    }
    if (reply->action == CANNED_HUGE) {
        len = 70 << 20;
    }
    snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n",
             reply->status != 0 ? reply->status : 200, len,
             reply->headers != NULL ? reply->headers : "");
    send_all(fd, head, strlen(head));
    if (reply->action == CANNED_HUGE) {
        send_huge(fd);
    } else {
        send_all(fd, body, strlen(body));
    }
    return reply->action == CANNED_ANSWER;
}

/* Returns false when the connection is to be closed. */
static bool serve(struct child *child, struct connection *connection)
{
    ssize_t n = recv(connection->fd, connection->data + connection->len,
                     INPUT_MAX - 1 - connection->len, 0);
    char length[32];

    if (n <= 0) {
        return false;
    }
    connection->len += (size_t)n;
    connection->data[connection->len] = '\0';
    char *end = strstr(connection->data, "\r\n\r\n");
    if (end == NULL) {
        return true;
    }
    char *body = end + 4;
    header(connection->data, "\r\nContent-Length", length, sizeof(length));
    size_t body_len = (size_t)atol(length);
    if (connection->len < (size_t)(body - connection->data) + body_len) {
        return true;
    }
    if (child->seen->count < CANNED_REQUESTS - 1) {
        remember(child, connection->data, body, body_len);
    }
    connection->len = 0;
    return answer(child, connection->fd);
}

static void drop(struct child *child, size_t i)
{
    close(child->connections[i].fd);
    free(child->connections[i].data);
    child->connections[i] = child->connections[--child->connection_count];
}

static void run_child(struct child *child, int listener)
{
    for (;;) {
        struct pollfd fds[CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
        size_t count = child->connection_count;
        for (size_t i = 0; i < count; i++) {
            fds[i + 1] =
                (struct pollfd){.fd = child->connections[i].fd, .events = POLLIN};
        }
        if (poll(fds, (nfds_t)count + 1, -1) < 0) {
            continue;
        }
        for (size_t i = count; i-- > 0;) {
            if (fds[i + 1].revents != 0 && !serve(child, &child->connections[i])) {
                drop(child, i);
            }
        }
        if (fds[0].revents != 0 && child->connection_count < CONNECTIONS) {
            child->connections[child->connection_count++] =
                (struct connection){accept(listener, NULL, NULL), malloc(INPUT_MAX), 0};
        }
    }
}

void canned_start(struct canned_server *server, const struct canned_reply *replies,
                  size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
        perror("canned server");
        abort();
    }
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", server->port);
    server->seen = mmap(NULL, sizeof(*server->seen), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    server->pid = fork();
    if (server->pid == 0) {
        struct child child = {.replies = replies, .count = count, .seen = server->seen};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_child(&child, listener);
        _exit(0);
    }
    close(listener);
}

void canned_stop(struct canned_server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    munmap(server->seen, sizeof(*server->seen));
}
