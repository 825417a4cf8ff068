/*
 * Load on a sandbox: `sandbox PROGRAM [COUNT [CONNECTIONS [STATE]]]` starts PROGRAM,
 * submits COUNT statements over CONNECTIONS connections, and prints how many a second,
 * and how long the start took.
 */
#include "config.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define P                                                                              \
    "/sql/v1/organizations/00000000-0000-4000-8000-000000000000/environments/"         \
    "env-sandbox/statements"

static pid_t start(const char *program, const char *port_file, const char *state)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (state != NULL) {
            execl(program, program, "-q", "--port", "0", "--port-file", port_file,
                  "--state", state, (char *)NULL);
        } else {
            execl(program, program, "-q", "--port", "0", "--port-file", port_file,
                  (char *)NULL);
        }
        _exit(127);
    }
    return pid;
}

static int read_port(const char *port_file)
{
    for (int i = 0; i < 5000; i++) {
        FILE *file = fopen(port_file, "r");
        int port = 0;
        if (file != NULL) {
            if (fscanf(file, "%d", &port) != 1) {
                port = 0;
            }
            fclose(file);
        }
        if (port > 0) {
            return port;
        }
        usleep(1000);
    }
    return 0;
}

static int open_connection(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        return -1;
    }
    return fd;
}

/* Sends one request and reads its whole reply; the status, or -1. */
static int exchange(int fd, const struct buf *request)
{
    char reply[65536];
    size_t len = 0;
    if (write(fd, request->data, request->len) != (ssize_t)request->len) {
        return -1;
    }
    for (;;) {
        ssize_t got = read(fd, reply + len, sizeof(reply) - 1 - len);
        if (got <= 0) {
            return -1;
        }
        len += (size_t)got;
        reply[len] = '\0';
        const char *end = strstr(reply, "\r\n\r\n");
        const char *size = strstr(reply, "Content-Length: ");
        if (end != NULL && size != NULL &&
            len >= (size_t)(end + 4 - reply) + strtoul(size + 16, NULL, 10)) {
            return atoi(reply + strlen("HTTP/1.1 "));
        }
    }
}

static int submit_all(int port, int worker, int count)
{
    int fd = open_connection(port);
    int failed = fd < 0 ? count : 0;
    for (int i = 0; fd >= 0 && i < count; i++) {
        struct buf body = BUF_INIT;
        struct buf request = BUF_INIT;
        buf_addf(&body,
                 "{\"name\":\"b%d-%d\",\"spec\":{\"statement\":\"SELECT %d AS a\","
                 "\"properties\":{\"sql.current-catalog\":\"env-sandbox\","
                 "\"sql.current-database\":\"main\"}}}",
                 worker, i, i);
        buf_addf(&request,
                 "POST " P " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic "
                 "azpz\r\nContent-Type: application/json\r\nContent-Length: "
                 "%zu\r\n\r\n%s",
                 body.len, body.data);
        failed += exchange(fd, &request) != 201;
        buf_fini(&body);
        buf_fini(&request);
    }
    return failed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    char port_file[64];
    int count = argc > 2 ? atoi(argv[2]) : 5000;
    int workers = argc > 3 ? atoi(argv[3]) : 2;
    int failed = 0;
    if (argc < 2 || count < 1 || workers < 1) {
        fputs("usage: sandbox PROGRAM [COUNT [CONNECTIONS [STATE]]]\n", stderr);
        return 2;
    }
    snprintf(port_file, sizeof(port_file), "/tmp/sandbox-bench-%ld", (long)getpid());
    int64_t began = clock_now_ms(&clock_system);
    pid_t sandbox = start(argv[1], port_file, argc > 4 ? argv[4] : NULL);
    int port = read_port(port_file);
    int64_t ready = clock_now_ms(&clock_system);
    unlink(port_file);
    for (int i = 0; i < workers; i++) {
        if (fork() == 0) {
            _exit(submit_all(port, i, count / workers));
        }
    }
    for (int i = 0; i < workers; i++) {
        int status = 0;
        wait(&status);
        failed += status != 0;
    }
    int64_t end = clock_now_ms(&clock_system);
    kill(sandbox, SIGTERM);
    waitpid(sandbox, NULL, 0);
    int64_t spent = end - ready > 0 ? end - ready : 1;
    printf("start %lld ms, %d statements in %lld ms: %lld per second%s\n",
           (long long)(ready - began), count, (long long)spent,
           (long long)count * 1000 / spent, failed > 0 ? ", some failed" : "");
    return failed > 0 ? 1 : 0;
}
