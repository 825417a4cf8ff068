#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "sandbox/options.h"
#include "sandbox/server.h"

static int write_port(const struct options *options, int port, struct err *err)
{
    char text[16];
    if (options->port_file == NULL) {
        return 0;
    }
    int len = snprintf(text, sizeof(text), "%d\n", port);
    return path_write(options->port_file, text, (size_t)len, 0644, err);
}

static FILE *open_log(const struct options *options, struct err *err)
{
    if (options->log == NULL) {
        return NULL;
    }
    if (strcmp(options->log, "-") == 0) {
        return stderr;
    }
    FILE *log = fopen(options->log, "ae");
    if (log == NULL) {
        err_set_errno(err, ERR_IO, "can't open the log %s", options->log);
    }
    return log;
}

static int serve(struct sandbox *sandbox, const struct options *options,
                 struct err *err)
{
    FILE *log = open_log(options, err);
    struct server *server =
        err->code == ERR_NONE ? server_new(sandbox, options, log, err) : NULL;
    int rc = -1;
    if (server != NULL) {
        int port = server_port(server);
        rc = write_port(options, port, err);
        if (rc == 0) {
            if (!options->quiet) {
                printf("listening on %s port %d\n", options->address, port);
                fflush(stdout);
            }
            rc = server_run(server, options, err);
        }
    }
    server_free(server);
    if (log != NULL && log != stderr) {
        fclose(log);
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct options options;
    struct sandbox sandbox;

    enum options_outcome outcome = options_parse(&options, argc, argv, &err);
    if (outcome == OPTIONS_RUN) {
        if (sandbox_init(&sandbox, &options.settings, &err) == 0) {
            if (options_apply(&options, &sandbox, &err) == 0) {
                serve(&sandbox, &options, &err);
            }
            sandbox_fini(&sandbox);
        }
    }
    options_fini(&options);
    if (err.code != ERR_NONE) {
        err_print(&err, stderr, false);
        return 2;
    }
    return 0;
}
