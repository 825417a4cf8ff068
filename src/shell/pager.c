#include "config.h"

#include "shell/pager.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "shell/print.h"
#include "shell/shell.h"

static const char *program(void)
{
    static const char *const names[] = {"CFLOWSH_PAGER", "PAGER"};

    for (size_t i = 0; i < 2; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL) {
            return value;
        }
    }
    return "command -v less >/dev/null && exec less || exec more";
}

void pager_init(struct pager *pager, struct print *print)
{
    const char *term = getenv("TERM");
    bool dumb = term == NULL || term[0] == '\0' || str_eq(term, "dumb");

    *pager = (struct pager){.print = print};
    pager->plain = print->pager == PRINT_PAGER_OFF || !print->interactive ||
                   !print_to_terminal(print) || program()[0] == '\0' ||
                   (dumb && getenv("PAGER") == NULL && getenv("CFLOWSH_PAGER") == NULL);
}

static int write_plain(struct pager *pager, const char *data, size_t len)
{
    struct print *print = pager->print;

    if (print->out_failed || fwrite(data, 1, len, print->out) != len) {
        print_failed(print);
        return -1;
    }
    return 0;
}

/* What less is to do, unless the user has said so. */
static void set_options(const struct pager *pager)
{
    static bool ours;

    ours |= getenv("LESS") == NULL;
    if (ours) {
        /* F leaves at once when all fits, but what is cut at the right does not */
        setenv("LESS", pager->wide ? "RSXMK" : "FRSXMK", 1);
    }
}

static void start(struct pager *pager)
{
    set_options(pager);
    fflush(NULL);
    pager->pipe = popen(program(), "we");
    if (pager->pipe == NULL) {
        pager->plain = true;
        write_plain(pager, buf_str(&pager->kept), pager->kept.len);
    } else {
        signal(SIGINT, SIG_IGN);
        fwrite(pager->kept.data, 1, pager->kept.len, pager->pipe);
    }
    buf_reset(&pager->kept);
}

static bool is_long(const struct pager *pager)
{
    size_t limit = (size_t)pager->print->term.height;

    if (pager->print->pager == PRINT_PAGER_ALWAYS) {
        return pager->lines > 0;
    }
    if (pager->print->pager_min_lines > 0) {
        limit = (size_t)pager->print->pager_min_lines;
    }
    return pager->wide || pager->lines >= limit;
}

/* Counts the lines that were completed since, and looks for one that is too wide. */
static void measure(struct pager *pager)
{
    const char *text = buf_str(&pager->kept);
    const char *end;

    while ((end = strchr(text + pager->measured, '\n')) != NULL) {
        size_t at = (size_t)(end - text);
        size_t width = str_width(text + pager->measured, at - pager->measured);
        pager->wide |= pager->table && width > (size_t)pager->print->term.width;
        pager->measured = at + 1;
        pager->lines++;
    }
}

int pager_write(struct pager *pager, const char *data, size_t len)
{
    if (pager->failed) {
        return -1;
    }
    if (pager->plain) {
        pager->failed = write_plain(pager, data, len) != 0;
    } else if (pager->pipe != NULL) {
        pager->failed = fwrite(data, 1, len, pager->pipe) != len;
    } else {
        buf_add(&pager->kept, data, len);
        measure(pager);
        if (is_long(pager)) {
            start(pager);
        }
    }
    return pager->failed ? -1 : 0;
}

int pager_flush(struct pager *pager)
{
    if (pager->pipe != NULL) {
        pager->failed |= fflush(pager->pipe) != 0;
    } else if (!pager->plain) {
        pager->plain = true;
        pager->failed |= write_plain(pager, buf_str(&pager->kept), pager->kept.len);
        buf_reset(&pager->kept);
    }
    if (pager->plain && fflush(pager->print->out) != 0) {
        print_failed(pager->print);
        pager->failed = true;
    }
    return pager->failed ? -1 : 0;
}

void pager_fini(struct pager *pager)
{
    if (pager->pipe != NULL) {
        pclose(pager->pipe);
        shell_catch_interrupts();
    } else if (pager->kept.len > 0) {
        write_plain(pager, pager->kept.data, pager->kept.len);
    }
    buf_fini(&pager->kept);
    *pager = (struct pager){0};
}
