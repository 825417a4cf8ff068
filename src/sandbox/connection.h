/* One HTTP request from its first byte to its last, faults and delays included. */
#ifndef SANDBOX_CONNECTION_H
#define SANDBOX_CONNECTION_H

#include <microhttpd.h>
#include <stdint.h>
#include <stdio.h>

#include "sandbox/sandbox.h"

struct connection_state;

struct connection_context {
    struct sandbox *sandbox;
    FILE *log;
    char base[96];                    /* "http://127.0.0.1:8081" */
    struct connection_state *waiting; /* suspended, until their time has come */
    int active;                       /* requests begun and not yet done */
};

/* Unescapes a path or argument in place; NUL and what isn't UTF-8, which no name has,
 * becomes '?'. For MHD_OPTION_UNESCAPE_CALLBACK. */
size_t connection_unescape(void *cls, struct MHD_Connection *mhd, char *text);

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; `cls` is the context. */
enum MHD_Result connection_handle(void *cls, struct MHD_Connection *mhd,
                                  const char *url, const char *method,
                                  const char *version, const char *data, size_t *size,
                                  void **state);
void connection_done(void *cls, struct MHD_Connection *mhd, void **state,
                     enum MHD_RequestTerminationCode code);

/* Lets go on what was delayed until `now` (clock_system). */
void connection_resume_due(struct connection_context *context, int64_t now);
/* When the next one is due, or -1. */
int64_t connection_next_due(const struct connection_context *context);

#endif
