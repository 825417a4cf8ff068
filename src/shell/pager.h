/*
 * The pager: output is kept until it is longer than the screen; then $PAGER gets it,
 * else it is written as it is. Only where a person looks at a terminal.
 */
#ifndef SHELL_PAGER_H
#define SHELL_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

struct print;

struct pager {
    struct print *print;
    struct buf kept;
    size_t lines;    /* whole ones */
    size_t measured; /* bytes of `kept` that they take */
    bool table;      /* what does not fit the width needs a pager, too */
    bool wide;       /* a line of the table is wider than the screen */
    FILE *pipe;      /* the running pager, or NULL */
    bool plain;      /* no pager for this output */
    bool failed;
};

void pager_init(struct pager *pager, struct print *print);
/* -1: the reader has left. */
int pager_write(struct pager *pager, const char *data, size_t len);
/* What is kept becomes visible now, without a pager. */
int pager_flush(struct pager *pager);
/* Waits until the pager ends. */
void pager_fini(struct pager *pager);

#endif
