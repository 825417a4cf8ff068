/*
 * Output: data goes to stdout, a file or a program (\o), through a pager when it is
 * longer than the screen; messages go to stderr. Anything that came from outside is
 * made harmless before a terminal sees it.
 */
#ifndef SHELL_PRINT_H
#define SHELL_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/term.h"
#include "shell/format.h"

enum print_pager { PRINT_PAGER_OFF, PRINT_PAGER_ON, PRINT_PAGER_ALWAYS };

struct print {
    FILE *out;       /* data */
    bool out_opened; /* by \o: close it */
    bool out_program;
    bool out_failed; /* nothing more is written to it */
    int out_errno;   /* why, until print_check() has told it */
    bool quiet;
    bool interactive; /* the pager may be used */
    bool changelog;   /* \pset changelog: streaming results as changes */
    enum print_pager pager;
    int pager_min_lines;
    int columns; /* \pset columns; 0: the screen's width */
    enum term_color_mode color;
    struct terminal term;     /* of stdout */
    struct terminal term_err; /* of stderr */
    struct format_options format;
    char *strings[6]; /* heap, behind the strings of `format` */
};

void print_init(struct print *print, enum term_color_mode color);
void print_fini(struct print *print);
/* After SIGWINCH. */
void print_resize(struct print *print);

/*
 * Flushes the output. -1 with ERR_IO when data could not be written, once for each
 * output; a pipe that nobody reads any more is no error.
 */
int print_check(struct print *print, struct err *err);
/* Notes that writing failed, by errno. */
void print_failed(struct print *print);

/* Data. Control bytes in arguments of %s are the caller's business. */
void print_data(struct print *print, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* One line of foreign text as data, made harmless for a terminal. */
void print_line(struct print *print, const char *text);
/* A long text as data, through the pager where that applies; newlines are kept. */
void print_text(struct print *print, const char *text, size_t len);
/* As print_text() for text of our own making: may hold colours. */
void print_styled(struct print *print, const char *text, size_t len);
/* Message on stderr, with a newline; not with -q. */
void print_note(struct print *print, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* As print_note(), also with -q, after "warning: ". */
void print_warning(struct print *print, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether data is written as JSON (--json, \pset format json or jsonl). */
bool print_is_json(const struct print *print);
/* Whether data goes to a terminal right now. */
bool print_to_terminal(const struct print *print);

/*
 * Sends data elsewhere: "" stdout, "|program" or a file's name. ERR_IO keeps the
 * old place.
 */
int print_redirect(struct print *print, const char *where, struct err *err);

/* \pset; `value` NULL toggles or shows. ERR_USAGE for an unknown name or value. */
int print_pset(struct print *print, const char *name, const char *value,
               struct err *err);
/* Value of a setting as \pset shows it; "" for an unknown one. In `arena`. */
const char *print_pset_text(const struct print *print, const char *name,
                            struct arena *arena);
/* The setting's own name for one of its short names ("x", "C"); the name itself else.
 */
const char *print_pset_name(const char *name);
/* The setting's own name for one of its short names ("x", "C"); the name itself else.
 */
const char *print_pset_name(const char *name);
/* The values that a setting can have, blank-separated; "" where it is any. Static. */
const char *print_pset_choices(const char *name);
/* Names of all settings, NULL-terminated. Static. */
const char *const *print_pset_names(void);

#define PRINT_COLUMNS_MAX 64 /* of print_table_texts() */

/* Streaming table through the pager. `title` NULL: \pset title. */
struct print_table;
struct print_table *print_table_begin(struct print *print,
                                      const struct format_column *columns, size_t count,
                                      const char *title);
/* -1: the reader is gone (pager left, pipe closed); more rows are no use. */
int print_table_row(struct print_table *table, const struct format_cell *cells);
/* Texts instead of cells; NULL is SQL NULL. */
int print_table_texts(struct print_table *table, const char *const *texts,
                      size_t count);
int print_table_flush(struct print_table *table);
/* Frees the table. `footer` NULL: "(N rows)", "" none. */
void print_table_end(struct print_table *table, const char *footer);

#endif
