/*
 * Errors: one caller-owned struct, filled by the function that fails.
 *
 * Every fallible function takes `struct err *err` last and returns 0 or -1 (or NULL).
 * The first error wins: err_set() on an error that is already set changes nothing.
 * Only the shell and main.c print errors, through err_print().
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* name, exit status when it ends a command */
#define ERR_CODES(X)                                                                   \
    X(NONE, 0)                                                                         \
    X(USAGE, 2)       /* wrong option, argument or command */                          \
    X(PROJECT, 2)     /* project or profile can't be loaded */                         \
    X(COMPILE, 1)     /* a model, macro or test can't be compiled */                   \
    X(CREDENTIALS, 2) /* 401, or keys missing */                                       \
    X(CONNECTION, 2)  /* the endpoint can't be reached */                              \
    X(SERVER, 1)      /* the server refused or failed a statement */                   \
    X(NOT_FOUND, 1)   /* 404 or nothing of that name */                                \
    X(CONFLICT, 1)    /* 409 */                                                        \
    X(DRIFT, 1)       /* schema or query drift that must not be ignored */             \
    X(REFUSED, 1)     /* unsafe, or not supported on Confluent Cloud */                \
    X(SQL, 1)         /* SQL that can't be scanned, parsed or typed */                 \
    X(IO, 1)          /* file or terminal */                                           \
    X(LIMIT, 1)       /* a ceiling was reached */                                      \
    X(INTERRUPTED, 130)                                                                \
    X(INTERNAL, 1)

enum err_code {
#define X(name, status) ERR_##name,
    ERR_CODES(X)
#undef X
};

struct err {
    enum err_code code;
    int line;         /* 1-based; 0 when there is none */
    int column;       /* 1-based, in characters; 0 when there is none */
    char type[40];    /* for errors of a language: "UndefinedError"; else "" */
    char file[512];   /* path as the user knows it, or "" */
    char source[256]; /* the offending line's text, for the caret, or "" */
    char msg[2048];   /* what failed and why; lower case, no full stop of its own */
    char hint[512];   /* what to do next, or "" */
    char trace[2048]; /* further lines, e.g. a macro call stack, or "" */
};

/* All errors of a pass, up to a ceiling, so that a user sees them at once. */
struct err_list {
    struct err *items; /* heap, owned */
    size_t count;
    size_t max; /* default ERR_LIST_MAX */
    size_t dropped;
};
#define ERR_LIST_MAX 20

/* Clears `err` so that it can be used again. */
void err_clear(struct err *err);

/* Sets code and message unless an error is already set. Always returns -1. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int err_vset(struct err *err, enum err_code code, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* As err_set(), with ": <strerror(errno)>" appended. Always returns -1. */
int err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<context>: " before the message. Returns -1, for `return err_wrap(...)`. */
int err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Says where, unless that is known already. `line` and `column` count from 1. */
void err_at(struct err *err, const char *file, int line, int column);

/*
 * As err_at() for a byte offset into `text`: works out line and column, and copies the
 * line for the caret. Offsets past the end mean the end.
 */
void err_at_offset(struct err *err, const char *file, const char *text, size_t len,
                   size_t offset);

/* Sets the hint unless there is one. */
void err_hint(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Exit status for a code; see ERR_CODES. */
int err_exit_status(enum err_code code);

/* Name of a code, e.g. "COMPILE"; static. */
const char *err_code_name(enum err_code code);

/*
 * Writes the error for people: "error: msg", "  --> file:line:column", the line with a
 * caret, trace and hint. Control bytes are made harmless. `color` for ANSI colours.
 */
void err_print(const struct err *err, FILE *out, bool color);

/* Line and column (from 1, in UTF-8 characters) of a byte offset. */
void err_locate(const char *text, size_t len, size_t offset, int *line, int *column);

/* Adds a copy; past the ceiling only counts. */
void err_list_add(struct err_list *list, const struct err *err);
void err_list_fini(struct err_list *list);

#endif
