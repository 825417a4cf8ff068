/*
 * Shows what the SQL room makes of its standard input. Cases are separated by lines
 * that hold "%%" alone; so are the answers.
 *
 *   sql_ast tree        the tree of a statement, or what is wrong with it
 *   sql_ast scan        tokens
 *   sql_ast split       pieces of a script and what the text ends inside of
 *   sql_ast with        where CTEs would be put
 *   sql_ast canonical   canonical text
 *   sql_ast lineage     relations read and written
 *   sql_ast render      CREATE statements as SHOW CREATE prints them
 *   sql_ast -0          cases separated by NUL bytes: one line each, "ok KIND",
 *                       "note KIND: …", "unknown KIND: …" or "error: …"
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/canonical.h"
#include "sql/lineage.h"
#include "sql/parse.h"
#include "sql/render.h"
#include "sql/scan.h"
#include "sql/split.h"
#include "sql_dump.h"

static void read_all(struct buf *out)
{
    static char chunk[65536];
    ssize_t n;

    while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
        buf_add(out, chunk, (size_t)n);
    }
}

/* The statement, or NULL after telling what is wrong. */
static struct sql_statement *parse(struct arena *arena, const char *text, size_t len)
{
    struct sql_statement *statement;
    struct err err = {0};

    if (sql_parse(arena, text, len, &statement, &err) != 0) {
        err_print(&err, stdout, false);
        return NULL;
    }
    if (statement->problem != NULL) {
        printf("%s %s\n",
               statement->kind == SQL_STATEMENT_UNKNOWN ? "not understood:"
                                                        : "doubtful:",
               sql_statement_kind_name(statement->named));
        err_print(statement->problem, stdout, false);
    }
    return statement->kind == SQL_STATEMENT_UNKNOWN ? NULL : statement;
}

static void show_tree(struct arena *arena, const char *text, size_t len)
{
    struct sql_statement *statement = parse(arena, text, len);
    struct buf out = BUF_INIT;

    if (statement != NULL) {
        sql_dump_statement(&out, statement);
        printf("%s\n", buf_str(&out));
    }
    buf_fini(&out);
}

static void show_tokens(struct arena *arena, const char *text, size_t len)
{
    struct sql_scanner scanner;
    struct sql_token token;

    (void)arena;
    sql_scan_init(&scanner, text, len);
    do {
        token = sql_scan_next(&scanner);
        printf("%zu-%zu %s: %.*s\n", token.start, token.end,
               sql_token_kind_name(token.kind), (int)(token.end - token.start),
               text + token.start);
    } while (token.kind != SQL_TOKEN_END);
}

static const char *inside_name(enum sql_inside inside)
{
    static const char *const names[] = {
        [SQL_INSIDE_NOTHING] = "nothing", [SQL_INSIDE_STATEMENT] = "statement",
        [SQL_INSIDE_STRING] = "string",   [SQL_INSIDE_QUOTED] = "quoted identifier",
        [SQL_INSIDE_COMMENT] = "comment", [SQL_INSIDE_PARENTHESIS] = "parenthesis",
        [SQL_INSIDE_BLOCK] = "block",     [SQL_COMPLETE] = "complete",
    };

    return names[inside];
}

static void show_pieces(struct arena *arena, const char *text, size_t len)
{
    struct sql_piece piece = {0};

    (void)arena;
    do {
        sql_split_next(text, len, piece.next, &piece);
        printf("%zu-%zu %s%s: %.*s\n", piece.start, piece.end,
               inside_name(piece.inside), piece.empty ? ", empty" : "",
               (int)(piece.end - piece.start), text + piece.start);
    } while (piece.inside == SQL_COMPLETE);
    printf("ends inside: %s\n", inside_name(sql_split_state(text, len)));
}

static void show_with(struct arena *arena, const char *text, size_t len)
{
    struct sql_with_place place;

    (void)arena;
    sql_find_with(text, len, &place);
    printf("statement %zu, query %zu, end %zu%s%s\n", place.statement, place.query,
           place.end, place.has_with ? ", WITH" : "",
           place.recursive ? " RECURSIVE" : "");
    printf("%.*s|HERE|%.*s\n", (int)place.insert, text, (int)(len - place.insert),
           text + place.insert);
}

static void show_canonical(struct arena *arena, const char *text, size_t len)
{
    struct buf out = BUF_INIT;

    (void)arena;
    if (sql_canonical(text, len, &out) != 0) {
        puts("none");
    } else {
        printf("%s\n", buf_str(&out));
    }
    buf_fini(&out);
}

static void show_relations(const char *label, const struct sql_relation *list,
                           size_t count)
{
    struct buf out = BUF_INIT;

    for (size_t i = 0; i < count; i++) {
        buf_addf(&out, "%s %u-%u ", label, list[i].name.at.start, list[i].name.at.end);
        sql_render_name(&out, &list[i].name);
        buf_addc(&out, '\n');
    }
    fputs(buf_str(&out), stdout);
    buf_fini(&out);
}

static void show_lineage(struct arena *arena, const char *text, size_t len)
{
    struct sql_statement *statement = parse(arena, text, len);
    struct sql_lineage lineage;

    if (statement != NULL) {
        sql_lineage_of(arena, statement, &lineage);
        show_relations("reads", lineage.reads, lineage.read_count);
        show_relations("writes", lineage.writes, lineage.write_count);
        printf("mentions %zu\n", lineage.mention_count);
    }
}

static void show_ddl(struct arena *arena, const char *text, size_t len)
{
    static const struct sql_render_options options = {"cat", "db"};
    struct sql_statement *statement = parse(arena, text, len);
    struct buf out = BUF_INIT;

    if (statement != NULL && statement->table != NULL) {
        sql_render_table(&out, text, statement->table, &options);
    } else if (statement != NULL && statement->view != NULL) {
        sql_render_view(&out, text, statement->view, &options);
    }
    printf("%s\n", buf_str(&out));
    buf_fini(&out);
}

static void show_summary(struct arena *arena, const char *text, size_t len)
{
    struct sql_statement *statement;
    struct err err = {0};

    if (sql_parse(arena, text, len, &statement, &err) != 0) {
        printf("error: %s (%d:%d) %s\n", err.msg, err.line, err.column, err.hint);
        return;
    }
    if (statement->problem == NULL) {
        printf("ok %s\n", sql_statement_kind_name(statement->kind));
        return;
    }
    printf("%s %s: %s (%d:%d) %s\n",
           statement->kind == SQL_STATEMENT_UNKNOWN ? "unknown" : "note",
           sql_statement_kind_name(statement->named), statement->problem->msg,
           statement->problem->line, statement->problem->column,
           statement->problem->hint);
}

typedef void show_fn(struct arena *arena, const char *text, size_t len);

static void each_case(const char *text, size_t len, const char *separator,
                      size_t separator_len, show_fn *show)
{
    struct arena arena = {0};
    size_t at = 0;

    while (at < len) {
        const char *end = memmem(text + at, len - at, separator, separator_len);
        size_t stop = end == NULL ? len : (size_t)(end - text);

        arena_reset(&arena);
        show(&arena, text + at, stop - at);
        if (separator_len > 1) {
            puts("%%");
        }
        at = stop + separator_len;
    }
    arena_fini(&arena);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        show_fn *show;
    } modes[] = {
        {"tree", show_tree},  {"scan", show_tokens},         {"split", show_pieces},
        {"with", show_with},  {"canonical", show_canonical}, {"lineage", show_lineage},
        {"render", show_ddl}, {"-0", show_summary},
    };
    struct buf text = BUF_INIT;
    int status = 2;

    read_all(&text);
    for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            bool lines = modes[i].show != show_summary;

            each_case(buf_str(&text), text.len, lines ? "\n%%\n" : "", lines ? 4 : 1,
                      modes[i].show);
            status = 0;
        }
    }
    buf_fini(&text);
    return status;
}
