/* HTTP on loopback: libmicrohttpd on one thread, driven by server_run()'s loop. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include <stdio.h>

#include "sandbox/options.h"

struct server;

/*
 * Binds and listens. Refuses an address that isn't loopback unless `allow_remote`. NULL
 * with ERR_USAGE or ERR_CONNECTION. `log` may be NULL; it is borrowed, as is the rest.
 */
struct server *server_new(struct sandbox *sandbox, const struct options *options,
                          FILE *log, struct err *err);
void server_free(struct server *server);
int server_port(const struct server *server);
/*
 * Serves until SIGTERM or SIGINT, the end of standard input or the end of the parent
 * process, as the options say; requests under way are answered.
 */
int server_run(struct server *server, const struct options *options, struct err *err);

#endif
