#include "config.h"

#include "shell/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "shell/query_local.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "sql/type.h"

const char *query_type_text(struct arena *arena, const char *type)
{
    struct err ignored = {0};
    const struct sql_type *parsed = sql_type_parse(arena, type, strlen(type), &ignored);

    return parsed != NULL ? sql_type_text(arena, parsed, SQL_TYPE_FORM_SUMMARY, false)
                          : type;
}

struct flink_submit query_submit(struct shell *shell, const char *sql,
                                 struct arena *arena)
{
    const char *database = session_database(shell);

    return (struct flink_submit){
        .sql = sql,
        .database = database[0] != '\0' ? database : NULL,
        .properties = session_sent_properties(shell, arena),
        .snapshot = session_snapshot(shell),
        .principal = session_property(shell, SERVICE_ACCOUNT),
    };
}

/* A foreground statement's made-up name says nothing: only the server's words stay. */
static void strip_name(const char *name, struct err *err)
{
    const char *at = strstr(err->msg, name);
    const char *words = at != NULL ? strstr(at, "failed: ") : NULL;

    if (words != NULL) {
        memmove(err->msg, words + 8, strlen(words + 8) + 1);
    }
}

/* While a person waits for a statement to start. */
static void show_phase(void *context, const struct flink_statement *statement)
{
    struct shell *shell = context;
    const struct terminal *term = &shell->print.term_err;

    if (term->redraw && shell->options.interactive) {
        fprintf(stderr, "\r%s%s %s", term->seq_clear_line, statement->phase_text,
                str_eq(statement->scaling_state, "POOL_EXHAUSTED")
                    ? "(the compute pool is exhausted)"
                    : "");
        fflush(stderr);
    }
}

static void clear_phase(struct shell *shell)
{
    const struct terminal *term = &shell->print.term_err;

    if (term->redraw && shell->options.interactive) {
        fprintf(stderr, "\r%s", term->seq_clear_line);
        fflush(stderr);
    }
}

/* Statements that go on by themselves, and are meant to. */
static bool goes_on(const struct flink_statement *statement)
{
    const char *kind = statement->traits.sql_kind;

    return statement->phase != FLINK_PHASE_COMPLETED &&
           (str_starts(kind, "INSERT") || str_starts(kind, "CREATE_TABLE_AS") ||
            str_starts(kind, "STATEMENT_SET") || str_starts(kind, "EXECUTE"));
}

/* What psql calls the command tag. */
static void show_tag(struct shell *shell, const struct flink_statement *statement)
{
    char tag[64];

    str_copy(tag, sizeof(tag), statement->traits.sql_kind);
    for (char *at = tag; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
    if (tag[0] == '\0') {
        str_copy(tag, sizeof(tag), statement->phase_text);
    }
    if (goes_on(statement)) {
        print_note(&shell->print, "%s: statement %s is %s", tag, statement->name,
                   statement->phase_text);
    } else {
        print_note(&shell->print, "%s", tag);
    }
}

static int finish_statement(struct shell *shell, struct flink_client *client,
                            const struct flink_statement *statement, long max_rows,
                            struct err *err)
{
    struct result_options options = {.max_rows = max_rows, .sql = statement->sql};

    for (size_t i = 0; i < statement->warning_count; i++) {
        print_warning(&shell->print, "%s", statement->warnings[i].message);
    }
    if (statement->traits.has_schema && shell->query_prefix != NULL) {
        return result_store(shell, client, statement, err);
    }
    if (statement->traits.has_schema && !goes_on(statement)) {
        return result_show(shell, client, statement, &options, err);
    }
    show_tag(shell, statement);
    return 0;
}

/* Deletes without waiting; also after Ctrl-C, whose flag would end the request. */
static void remove_statement(struct shell *shell, struct flink_client *client,
                             const char *name)
{
    struct err err = {0};
    sig_atomic_t interrupts = shell_interrupts;

    shell_interrupts = 0;
    if (flink_statement_delete(client, name, &err) != 0 && err.code != ERR_NOT_FOUND) {
        print_warning(&shell->print, "statement %s was not deleted: %s", name, err.msg);
    }
    if (shell_interrupts == 0) {
        shell_interrupts = interrupts;
    }
}

int query_send(struct shell *shell, const struct flink_submit *given, long max_rows,
               struct err *err)
{
    struct arena arena = {0};
    struct flink_submit submit = *given;
    struct flink_statement statement = {.name = ""};
    struct flink_wait_options wait = {
        .snapshot = submit.snapshot, .progress = show_phase, .context = shell};
    const char *patience = session_property(shell, RESULTS_TIMEOUT);
    struct flink_client *client;
    bool keep = false;
    int result;

    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    if (submit.name == NULL) {
        submit.name = flink_name_new(client, NULL, &arena);
    }
    vars_put(&shell->vars, "LAST_STATEMENT", submit.name);
    wait.timeout_ms = patience != NULL ? atol(patience) : 0;
    result = flink_statement_execute(client, &submit, &wait, &arena, &statement, err);
    clear_phase(shell);
    if (result == 0) {
        keep = goes_on(&statement);
        result = finish_statement(shell, client, &statement, max_rows, err);
    }
    if (!keep && err->code != ERR_CONNECTION && err->code != ERR_CREDENTIALS &&
        err->code != ERR_CONFLICT && err->code != ERR_USAGE) {
        remove_statement(shell, client, submit.name);
    }
    if (result != 0) {
        strip_name(submit.name, err);
        query_explain_error(shell, submit.sql, err);
    }
    arena_fini(&arena);
    return result;
}

/* Where \g and \gx send one result; what was there comes back afterwards. */
struct detour {
    struct print before;
    FILE *out;
    bool program;
};

static int detour_begin(struct shell *shell, struct detour *detour, struct err *err)
{
    const char *where = shell->query_out;

    detour->before = shell->print;
    detour->out = NULL;
    if (shell->query_expanded) {
        shell->print.format.expanded = FORMAT_EXPANDED_ON;
    }
    if (where == NULL) {
        return 0;
    }
    fflush(NULL);
    detour->program = where[0] == '|';
    detour->out = detour->program ? popen(where + 1, "we") : fopen(where, "we");
    if (detour->out == NULL) {
        return err_set_errno(err, ERR_IO, "%s", where);
    }
    shell->print.out = detour->out;
    shell->print.out_failed = false;
    shell->print.out_errno = 0;
    return 0;
}

static int detour_end(struct shell *shell, struct detour *detour, struct err *err)
{
    int result = detour->out != NULL ? print_check(&shell->print, err) : 0;

    if (detour->out != NULL && detour->program) {
        pclose(detour->out);
    } else if (detour->out != NULL) {
        fclose(detour->out);
    }
    shell->print.out = detour->before.out;
    shell->print.out_failed = detour->before.out_failed;
    shell->print.out_errno = detour->before.out_errno;
    shell->print.format.expanded = detour->before.format.expanded;
    return result;
}

/* A name that was SET is for one statement: there can't be two of it. */
static void take_statement_name(struct shell *shell, struct flink_submit *submit,
                                struct arena *arena)
{
    const char *name = session_property(shell, STATEMENT_NAME);

    if (name != NULL) {
        submit->name = arena_strdup(arena, name);
        value_dict_remove(session_properties(shell), value_str(STATEMENT_NAME));
    }
}

int query_run(struct shell *shell, const char *sql, struct err *err)
{
    struct flink_submit submit;
    struct detour detour;
    struct arena arena = {0};
    int result;

    if (query_local(shell, sql, &result, err)) {
        return result;
    }
    result = detour_begin(shell, &detour, err);
    if (result == 0 && session_open(shell, err) == 0) {
        submit = query_submit(shell, sql, &arena);
        take_statement_name(shell, &submit, &arena);
        result = query_send(shell, &submit, vars_number(&shell->vars, "FETCH_COUNT", 0),
                            err);
    } else {
        result = -1;
    }
    if (detour_end(shell, &detour, err) != 0) {
        result = -1;
    }
    arena_fini(&arena);
    return result;
}
