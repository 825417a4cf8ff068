#include "config.h"

#include "shell/query_local.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "flink/catalog.h"
#include "flink/statement.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "sql/scan.h"

#define WORDS_MAX 8

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

bool query_local(struct shell *shell, const char *sql, int *result, struct err *err)
{
    static const char *const no_ops[] = {"BEGIN", "COMMIT", "ROLLBACK", "END"};
    struct arena arena = {0};
    struct head head;
    bool found = true;

    read_head(sql, &head);
    *result = 0;
    if (word_at(&head, sql, 0, "SET")) {
        *result = run_set(shell, sql, &head, &arena, err);
    } else if (word_at(&head, sql, 0, "RESET")) {
        *result = run_reset(shell, sql, &head, &arena, err);
    } else if (word_at(&head, sql, 0, "USE")) {
        *result = run_use(shell, sql, &head, &arena, err);
    } else {
        found = false;
        for (size_t i = 0; i < sizeof(no_ops) / sizeof(no_ops[0]); i++) {
            if (head.count <= 2 && word_at(&head, sql, 0, no_ops[i])) {
                print_note(&shell->print, "%s", no_ops[i]);
                found = true;
            }
        }
    }
    arena_fini(&arena);
    return found;
}
