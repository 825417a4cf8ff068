/*
 * Text in, commands out: cuts lines into backslash commands and SQL statements, puts
 * variables in, keeps the query buffer and the \if stack. One struct script per input
 * (terminal, file, -c text); all of them end in shell_exec().
 */
#ifndef SHELL_SCRIPT_H
#define SHELL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum script_state {
    SCRIPT_READY,    /* => */
    SCRIPT_CONTINUE, /* -> */
    SCRIPT_SINGLE,   /* '> inside a string */
    SCRIPT_DOUBLE,   /* "> */
    SCRIPT_BACKTICK, /* `> inside a quoted identifier */
    SCRIPT_COMMENT,  /* *> */
    SCRIPT_PAREN     /* (> */
};

enum script_branch {
    SCRIPT_IF_TRUE,
    SCRIPT_IF_FALSE,   /* not yet true: an \elif may be */
    SCRIPT_IF_IGNORED, /* an outer branch is off, or an earlier branch was taken */
    SCRIPT_ELSE_TRUE,
    SCRIPT_ELSE_FALSE
};

#define SCRIPT_IF_MAX    100
#define SCRIPT_QUERY_MAX ((size_t)4 * 1024 * 1024)

struct script {
    const char *name;      /* for errors: a file, "" for others; borrowed */
    int line;              /* of the line being read, from 1 */
    int query_line;        /* where the query began */
    struct buf text;       /* the line being read, variables put in */
    size_t at;             /* how far it was read */
    int expansions;        /* variables put into this line */
    struct buf query;      /* statement so far */
    struct buf previous;   /* last statement that was sent: for \g and \e */
    enum script_state lex; /* SINGLE, DOUBLE, BACKTICK, COMMENT or READY */
    int paren_depth;
    int block_words; /* how far EXECUTE STATEMENT SET BEGIN was recognised */
    int case_depth;  /* CASE … END inside of such a block */
    bool has_text;   /* the query holds more than blanks and comments */
    bool done;       /* the query was handed out: the next text begins a new one */
    enum script_branch branches[SCRIPT_IF_MAX];
    int branch_count;
};

void script_init(struct script *script, const char *name);
void script_fini(struct script *script);
/* What the next prompt should say. */
enum script_state script_state(const struct script *script);
/* Whether commands are executed, or skipped by \if. */
bool script_active(const struct script *script);
/* Forgets the unfinished statement (Ctrl-C, \r). */
void script_reset(struct script *script);

enum script_item {
    SCRIPT_NONE,    /* the line is used up */
    SCRIPT_SQL,     /* `query` is a statement, without its ';' */
    SCRIPT_COMMAND, /* a backslash command starts at text + at, after the backslash */
    SCRIPT_TOO_LONG /* the statement passed SCRIPT_QUERY_MAX and was dropped */
};

struct vars;
/* Starts a line (without its newline). */
void script_begin_line(struct script *script, const char *line, size_t len);
/* Reads on in the line. Variables are replaced from `vars` in active branches. */
enum script_item script_next(struct script *script, const struct vars *vars);
/* Puts text behind what the query holds, as if it had been typed (\e). */
void script_put(struct script *script, const char *text, size_t len);
/* The line is over: a newline goes into an unfinished statement. */
void script_end_line(struct script *script);
/* The statement at hand was sent: it becomes `previous`. */
void script_sent(struct script *script);

#endif
