/*
 * Shows what the SQL parser makes of its standard input.
 *
 *   sql_ast          a script: each statement's tree
 *   sql_ast -0       statements separated by NUL bytes: one line each, "ok KIND",
 *                    "note KIND: …", "unknown KIND: …" or "error: …"
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/parse.h"

static void read_all(struct buf *out)
{
    char chunk[65536];
    ssize_t n;

    while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
        buf_add(out, chunk, (size_t)n);
    }
}

static void summary(struct arena *arena, const char *text, size_t len)
{
    struct sql_statement *statement;
    struct err err = {0};

    if (sql_parse(arena, text, len, &statement, &err) != 0) {
        printf("error: %s (%d:%d) %s\n", err.msg, err.line, err.column, err.hint);
    } else if (statement->kind == SQL_STATEMENT_UNKNOWN) {
        printf("unknown %s: %s (%d:%d) %s\n", sql_statement_kind_name(statement->named),
               statement->problem->msg, statement->problem->line,
               statement->problem->column, statement->problem->hint);
    } else if (statement->problem != NULL) {
        printf("note %s: %s\n", sql_statement_kind_name(statement->kind),
               statement->problem->msg);
    } else {
        printf("ok %s\n", sql_statement_kind_name(statement->kind));
    }
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct buf text = BUF_INIT;
    const char *at;
    const char *end;

    if (argc != 2 || strcmp(argv[1], "-0") != 0) {
        return 2;
    }
    read_all(&text);
    end = buf_str(&text) + text.len;
    for (at = buf_str(&text); at < end; at += strlen(at) + 1) {
        arena_reset(&arena);
        summary(&arena, at, strlen(at));
    }
    arena_fini(&arena);
    buf_fini(&text);
    return 0;
}
