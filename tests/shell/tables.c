/*
 * Writes the same few rows in every way that a script of \pset, \echo and two SELECTs
 * asks for: a script that psql understands, too.
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "shell/args.h"
#include "shell/print.h"

static void select_rows(struct print *print, size_t count)
{
    static const struct format_column columns[] = {
        {"id", FORMAT_NUMBER}, {"name", FORMAT_TEXT}, {"a longer name", FORMAT_TEXT}};
    static const char *const rows[][3] = {
        {"1", "a", NULL},
        {"20", "two\nlines", "x|y"},
        {"300", "漢字 \"q\", c", "<b>&"},
        {"-4", "", "\\."},
    };
    struct print_table *table = print_table_begin(print, columns, 3, NULL);

    for (size_t i = 0; i < count; i++) {
        print_table_texts(table, rows[i], 3);
    }
    print_table_end(table, NULL);
}

/* False for a line that is none of the few that are known. */
static bool run_line(struct print *print, const char *line)
{
    struct arena arena = {0};
    struct args args;
    struct err err = {0};
    bool ok = true;

    if (strcmp(line, "SELECT * FROM t;\n") == 0) {
        select_rows(print, 4);
    } else if (strcmp(line, "SELECT * FROM t WHERE false;\n") == 0) {
        select_rows(print, 0);
    } else if (strncmp(line, "\\pset ", 6) == 0 &&
               args_split(line + 6, NULL, &arena, &args, &err) == 0) {
        ok = print_pset(print, args.words[0], args.count > 1 ? args.words[1] : NULL,
                        &err) == 0;
    } else if (strncmp(line, "\\echo ", 6) == 0) {
        fputs(line + 6, print->out);
    } else {
        ok = false;
    }
    arena_fini(&arena);
    return ok;
}

int main(void)
{
    struct print print;
    char line[256];
    int status = 0;

    setlocale(LC_CTYPE, "");
    print_init(&print, TERM_COLOR_NEVER);
    while (status == 0 && fgets(line, sizeof(line), stdin) != NULL) {
        if (!run_line(&print, line)) {
            fprintf(stderr, "not understood: %s", line);
            status = 1;
        }
    }
    print_fini(&print);
    return status;
}
