#include "config.h"

#include "shell/query.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "flink/catalog.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "sql/scan.h"
#include "sql/type.h"

#define WORDS_MAX 8

#define STATEMENT_NAME  "client.statement-name"
#define SERVICE_ACCOUNT "client.service-account"
#define RESULTS_TIMEOUT "client.results-timeout"

/* The first tokens of a statement. */
struct head {
    struct sql_token tokens[WORDS_MAX];
    size_t count; /* tokens of the whole statement, at most WORDS_MAX + 1 */
};

static void read_head(const char *sql, struct head *head)
{
    struct sql_scanner scanner;

    sql_scan_init(&scanner, sql, strlen(sql));
    head->count = 0;
    for (;;) {
        struct sql_token token = sql_scan_next(&scanner);
        if (token.kind == SQL_TOKEN_END || head->count == WORDS_MAX) {
            head->count += token.kind != SQL_TOKEN_END;
            return;
        }
        head->tokens[head->count++] = token;
    }
}

static bool word_at(const struct head *head, const char *sql, size_t at,
                    const char *word)
{
    return at < head->count && at < WORDS_MAX &&
           sql_token_is(&head->tokens[at], sql, word);
}

/* A name or string without its quotes. */
static char *token_text(struct arena *arena, const char *sql,
                        const struct sql_token *token)
{
    const char *from = sql + token->start;
    size_t len = token->end - token->start;
    bool quoted = token->kind == SQL_TOKEN_QUOTED || token->kind == SQL_TOKEN_STRING;
    char *out = arena_alloc(arena, len + 1);
    size_t n = 0;

    for (size_t i = quoted ? 1 : 0; i + (quoted ? 1 : 0) < len; i++) {
        out[n++] = from[i];
        if (quoted && from[i] == from[0]) {
            i++;
        }
    }
    out[n] = '\0';
    return out;
}

static int show_properties(struct shell *shell)
{
    static const struct format_column columns[] = {{"key", FORMAT_TEXT},
                                                   {"value", FORMAT_TEXT}};
    struct print_table *table = print_table_begin(&shell->print, columns, 2, NULL);
    struct value properties = session_properties(shell);
    const struct value_pair *pair;
    size_t at = 0;

    while ((pair = value_dict_next(properties, &at)) != NULL) {
        const char *texts[] = {value_cstr(pair->key, ""), value_cstr(pair->value, "")};
        print_table_texts(table, texts, 2);
    }
    print_table_end(table, NULL);
    return 0;
}

/* The settings that are for the shell. */
static int check_client_property(const char *key, const char *value, struct err *err)
{
    char *end;

    if (str_eq(key, STATEMENT_NAME) && !flink_name_valid(value)) {
        err_set(err, ERR_USAGE, "\"%s\" can't be the name of a statement", value);
        err_hint(err,
                 "names have lower case letters, digits, '-' and '.', at most 100");
        return -1;
    }
    if (str_eq(key, RESULTS_TIMEOUT) &&
        (strtol(value, &end, 10) <= 0 || *end != '\0' || strlen(value) > 12)) {
        return err_set(err, ERR_USAGE, "%s: \"%s\" is no number of milliseconds", key,
                       value);
    }
    return 0;
}

static int set_property(struct shell *shell, const char *key, const char *value,
                        struct err *err)
{
    if (str_eq(key, "sql.current-database")) {
        session_use_database(shell, value);
    } else if (str_eq(key, "sql.current-catalog")) {
        return session_use_environment(shell, value, err);
    } else if (check_client_property(key, value, err) != 0) {
        return -1;
    } else {
        session_set_property(shell, key, value);
    }
    print_note(&shell->print, "SET");
    return 0;
}

static int run_set(struct shell *shell, const char *sql, const struct head *head,
                   struct arena *arena, struct err *err)
{
    const struct sql_token *tokens = head->tokens;

    if (head->count == 1) {
        return show_properties(shell);
    }
    if (head->count == 4 && tokens[1].kind == SQL_TOKEN_STRING && tokens[2].op == '=' &&
        tokens[3].kind == SQL_TOKEN_STRING) {
        return set_property(shell, token_text(arena, sql, &tokens[1]),
                            token_text(arena, sql, &tokens[3]), err);
    }
    err_set(err, ERR_SQL, "SET needs a key and a value in single quotes");
    err_hint(err, "SET 'sql.state-ttl' = '1 h'; — \\set sets a variable of the shell");
    return -1;
}

static int run_reset(struct shell *shell, const char *sql, const struct head *head,
                     struct arena *arena, struct err *err)
{
    if (head->count == 1) {
        session_reset_properties(shell);
    } else if (head->count == 2 && head->tokens[1].kind == SQL_TOKEN_STRING) {
        const char *key = token_text(arena, sql, &head->tokens[1]);
        value_dict_remove(session_properties(shell), value_str(key));
    } else {
        return err_set(err, ERR_SQL, "RESET takes nothing or one key in single quotes");
    }
    print_note(&shell->print, "RESET");
    return 0;
}

/* The id of an environment that is given by id or by name. */
static int find_environment(struct shell *shell, const char *name, struct arena *arena,
                            const char **out, struct err *err)
{
    struct flink_client *client;
    struct flink_database *items;
    size_t count;

    if (session_client(shell, &client, err) != 0 ||
        flink_catalogs(client, arena, &items, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(items[i].catalog_id, name) || str_eq(items[i].catalog, name)) {
            *out = items[i].catalog_id;
            return 0;
        }
    }
    err_set(err, ERR_NOT_FOUND, "a catalog with name or id '%s' cannot be resolved",
            name);
    err_hint(err, "\\l lists the environments that you can see");
    return -1;
}

static int check_database(struct shell *shell, const char *name, struct arena *arena,
                          struct err *err)
{
    struct flink_client *client;
    struct flink_database *items;
    size_t count;

    if (session_client(shell, &client, err) != 0 ||
        flink_databases(client, NULL, arena, &items, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(items[i].schema, name) || str_eq(items[i].schema_id, name)) {
            return 0;
        }
    }
    err_set(err, ERR_NOT_FOUND, "a database with name '%s' does not exist in %s", name,
            session_environment(shell));
    err_hint(err, "\\dn lists the databases");
    return -1;
}

static int run_use(struct shell *shell, const char *sql, const struct head *head,
                   struct arena *arena, struct err *err)
{
    bool catalog = word_at(head, sql, 1, "CATALOG");
    bool both = head->count == 4 && head->tokens[2].op == '.';
    const char *environment = NULL;
    const char *database = NULL;

    if (catalog && head->count == 3) {
        environment = token_text(arena, sql, &head->tokens[2]);
    } else if (both) {
        environment = token_text(arena, sql, &head->tokens[1]);
        database = token_text(arena, sql, &head->tokens[3]);
    } else if (head->count == 2) {
        database = token_text(arena, sql, &head->tokens[1]);
    } else {
        return err_set(err, ERR_SQL, "usage: USE database, USE CATALOG environment");
    }
    if (environment != NULL &&
        (find_environment(shell, environment, arena, &environment, err) != 0 ||
         session_use_environment(shell, environment, err) != 0)) {
        return -1;
    }
    if (database != NULL) {
        if (check_database(shell, database, arena, err) != 0) {
            return -1;
        }
        session_use_database(shell, database);
    }
    print_note(&shell->print, "USE");
    return 0;
}

/* 1: it was one of the shell's own statements, with `result`; 0: it is the server's. */
static int run_local(struct shell *shell, const char *sql, int *result, struct err *err)
{
    static const char *const no_ops[] = {"BEGIN", "COMMIT", "ROLLBACK", "END"};
    struct arena arena = {0};
    struct head head;
    int found = 1;

    read_head(sql, &head);
    *result = 0;
    if (word_at(&head, sql, 0, "SET")) {
        *result = run_set(shell, sql, &head, &arena, err);
    } else if (word_at(&head, sql, 0, "RESET")) {
        *result = run_reset(shell, sql, &head, &arena, err);
    } else if (word_at(&head, sql, 0, "USE")) {
        *result = run_use(shell, sql, &head, &arena, err);
    } else {
        found = 0;
        for (size_t i = 0; i < sizeof(no_ops) / sizeof(no_ops[0]); i++) {
            if (head.count <= 2 && word_at(&head, sql, 0, no_ops[i])) {
                print_note(&shell->print, "%s", no_ops[i]);
                found = 1;
            }
        }
    }
    arena_fini(&arena);
    return found;
}

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
    detour->out = detour->program ? popen(where + 1, "w") : fopen(where, "we");
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

    if (run_local(shell, sql, &result, err)) {
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
