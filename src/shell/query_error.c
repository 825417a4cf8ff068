/* What is added to the server's words about a statement: the place, and what to do. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "shell/names.h"
#include "shell/query.h"
#include "shell/shell.h"
#include "sql/parse.h"

#define NAME_SIZE 256

/* "…line 2, column 9…": the numbers of the first place named. */
static bool find_place(const char *message, int *line, int *column)
{
    const char *at = message;

    while ((at = strstr(at, "line ")) != NULL) {
        if (sscanf(at, "line %d, column %d", line, column) == 2) {
            return true;
        }
        at += 5;
    }
    return false;
}

void query_locate_error(const char *sql, struct err *err)
{
    const char *start = sql;
    int line;
    int column;

    if (err->code == ERR_NONE || err->line > 0 ||
        !find_place(err->msg, &line, &column)) {
        return;
    }
    for (int i = 1; i < line && start != NULL; i++) {
        start = strchr(start, '\n');
        start = start != NULL ? start + 1 : NULL;
    }
    if (start == NULL) {
        return;
    }
    err->line = line;
    err->column = column;
    str_copy_n(err->source, sizeof(err->source), start, strcspn(start, "\n"));
}

/*
 * The parser of ours knows misspelt keywords by name. It is asked only now: what it
 * does not know, the server might.
 */
static void explain_syntax(const char *sql, struct err *err)
{
    struct arena arena = {0};
    struct err ours = {0};
    struct sql_statement *tree;

    if (sql_parse(&arena, sql, strlen(sql), &tree, &ours) != 0 &&
        ours.code == ERR_SQL) {
        if (ours.hint[0] != '\0') {
            err_hint(err, "%s", ours.hint);
        }
        if (err->line == 0 && ours.line > 0) {
            err->line = ours.line;
            err->column = ours.column;
            str_copy(err->source, sizeof(err->source), ours.source);
        }
    }
    arena_fini(&arena);
}

/* The text in quotes behind `before`, where that and then `after` stand in the message.
 */
static bool quoted(const char *message, const char *before, const char *after,
                   char *out)
{
    const char *at = strstr(message, before);
    size_t len;

    if (at == NULL) {
        return false;
    }
    at += strlen(before);
    len = strcspn(at, "'");
    if (at[len] != '\'' || len == 0 || !str_starts(at + len + 1, after)) {
        return false;
    }
    str_copy_n(out, NAME_SIZE, at, len);
    return true;
}

static const char *nearest(struct shell *shell, enum shell_names which,
                           const char *name)
{
    const char *const *names;
    size_t count = shell_names(shell, which, &names);

    return str_nearest(name, names, count);
}

static void explain_names(struct shell *shell, struct err *err)
{
    char name[NAME_SIZE];
    const char *near;

    if (strstr(err->msg, "did you mean") != NULL) {
        return;
    }
    if (quoted(err->msg, "Table (or view) '", " does not exist", name)) {
        near = nearest(shell, SHELL_NAMES_RELATIONS, name);
        near = near != NULL ? near : nearest(shell, SHELL_NAMES_NODES, name);
        if (near != NULL) {
            err_hint(err, "did you mean '%s'? \\d lists the relations", near);
        } else {
            err_hint(err, "\\d lists the relations");
        }
    } else if (quoted(err->msg, "olumn '", " not found in any table", name)) {
        near = nearest(shell, SHELL_NAMES_COLUMNS, name);
        if (near != NULL) {
            err_hint(err, "did you mean '%s'? \\d TABLE lists the columns", near);
        } else {
            err_hint(err, "\\d TABLE lists the columns");
        }
    }
}

void query_explain_error(struct shell *shell, const char *sql, struct err *err)
{
    if (err->code != ERR_SERVER && err->code != ERR_SQL) {
        return;
    }
    query_locate_error(sql, err);
    explain_syntax(sql, err);
    explain_names(shell, err);
}
