/*
 * An HTTP server in a child process that gives prepared answers, in the order in which
 * requests arrive, and remembers what it was asked.
 */
#ifndef TESTS_CANNED_SERVER_H
#define TESTS_CANNED_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum canned_action {
    CANNED_ANSWER,   /* and keep the connection */
    CANNED_CLOSE,    /* close without an answer: it was lost */
    CANNED_HANG,     /* never answer */
    CANNED_TRUNCATE, /* promise more bytes than are sent, then close */
    CANNED_HUGE      /* 70 MB */
};

struct canned_reply {
    int status;
    const char *headers; /* lines ending in \r\n, or NULL */
    const char *body;    /* or NULL */
    enum canned_action action;
};

#define CANNED_REQUESTS 64

struct canned_request {
    char method[8];
    char path[8192]; /* with the query string */
    char body[4096];
    char agent[64];
    char type[64];
    bool authorized; /* as the right key is */
};

struct canned_seen {
    int count;
    struct canned_request requests[CANNED_REQUESTS];
};

struct canned_server {
    int port;
    int pid;
    char url[64];
    struct canned_seen *seen; /* shared with the child */
};

/* `replies` are copied by the fork; a request beyond them gets a 599. */
void canned_start(struct canned_server *server, const struct canned_reply *replies,
                  size_t count);
void canned_stop(struct canned_server *server);

#endif
