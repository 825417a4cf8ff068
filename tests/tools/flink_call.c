/*
 * The REST client on the command line, for tests: flink_call [options] COMMAND ARGS…
 *
 *     -e URL  -k KEY  -s SECRET  -n DATABASE  -p POOL  -r PER-SECOND  -t TIMEOUT-MS
 *     create NAME SQL     dry-run SQL         query SQL         exec NAME SQL
 *     get NAME            list [LABEL-KEY]    stop NAME         resume NAME
 *     delete NAME         exceptions NAME     wait-gone NAME    catalog [SCHEMA]
 *     databases           rows NAME
 *
 * Prints "error CODE: message" and ends with 1 when the call fails. The last line on
 * stderr counts requests, retries and 429s.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "flink/catalog.h"

struct tool {
    struct flink_client *client;
    struct arena arena;
    struct err err;
};

static void print_statement(const struct flink_statement *statement)
{
    printf("%s %s %s%s%s\n", statement->name, statement->phase_text,
           statement->traits.known ? statement->traits.sql_kind : "(no traits)",
           statement->detail[0] != '\0' ? " " : "", statement->detail);
}

static void print_rows(const struct flink_rows *rows)
{
    struct buf line = BUF_INIT;

    for (size_t i = 0; i < rows->column_count; i++) {
        printf("%s%s %s", i > 0 ? "|" : "", rows->columns[i].name,
               rows->columns[i].type.text);
    }
    printf("\n");
    for (size_t i = 0; i < rows->count; i++) {
        buf_reset(&line);
        for (size_t j = 0; j < rows->column_count; j++) {
            buf_adds(&line, j > 0 ? "|" : "");
            flink_cell_text(&rows->columns[j].type, rows->rows[i].cells[j], &line);
        }
        printf("%s\n", buf_str(&line));
    }
    printf("(%zu rows%s)\n", rows->count, rows->truncated ? ", cut" : "");
}

static int do_create(struct tool *tool, char **args)
{
    struct flink_submit submit = {.name = args[0], .sql = args[1]};
    struct flink_statement statement;

    if (flink_statement_create(tool->client, &submit, &tool->arena, &statement,
                               &tool->err) != 0) {
        return -1;
    }
    print_statement(&statement);
    return 0;
}

static int do_exec(struct tool *tool, char **args)
{
    struct flink_submit submit = {.name = args[0], .sql = args[1]};
    struct flink_wait_options options = {.wait = FLINK_WAIT_AUTO};
    struct flink_statement statement;

    if (flink_statement_execute(tool->client, &submit, &options, &tool->arena,
                                &statement, &tool->err) != 0) {
        return -1;
    }
    print_statement(&statement);
    return 0;
}

static int do_dry_run(struct tool *tool, char **args)
{
    struct flink_dry_run run = {.submit = {.sql = args[0]}};

    if (flink_dry_run(tool->client, &run, 1, &tool->arena, &tool->err) != 0) {
        return -1;
    }
    if (!run.valid) {
        tool->err = run.err;
        return -1;
    }
    print_statement(&run.statement);
    for (size_t i = 0; i < run.statement.traits.column_count; i++) {
        const struct flink_column *column = &run.statement.traits.columns[i];
        printf("  %s %s%s\n", column->name, column->type.text,
               column->type.nullable ? "" : " NOT NULL");
    }
    return 0;
}

static int do_query(struct tool *tool, char **args)
{
    struct flink_submit submit = {.sql = args[0]};
    struct flink_rows rows;

    if (flink_query(tool->client, &submit, 0, &tool->arena, &rows, &tool->err) != 0) {
        return -1;
    }
    print_rows(&rows);
    return 0;
}

static int do_rows(struct tool *tool, char **args)
{
    struct flink_statement statement;
    struct flink_rows rows;

    if (flink_statement_get(tool->client, args[0], &tool->arena, &statement,
                            &tool->err) != 0 ||
        flink_rows(tool->client, &statement, 0, &tool->arena, &rows, &tool->err) != 0) {
        return -1;
    }
    print_rows(&rows);
    return 0;
}

static int do_get(struct tool *tool, char **args)
{
    struct flink_statement statement;

    if (flink_statement_get(tool->client, args[0], &tool->arena, &statement,
                            &tool->err) != 0) {
        return -1;
    }
    print_statement(&statement);
    return 0;
}

static int do_list(struct tool *tool, char **args)
{
    struct flink_filter filter = {.label_key = args[0]};
    struct flink_statement *statements;
    size_t count;

    if (flink_statement_list(tool->client, &filter, &tool->arena, &statements, &count,
                             &tool->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        print_statement(&statements[i]);
    }
    printf("(%zu statements)\n", count);
    return 0;
}

static int do_stop(struct tool *tool, char **args)
{
    struct flink_wait_options options = {.wait = FLINK_WAIT_STOPPED};
    struct flink_statement statement;

    if (flink_statement_set_stopped(tool->client, args[0], true, &tool->err) != 0 ||
        flink_statement_wait(tool->client, args[0], &options, &tool->arena, &statement,
                             &tool->err) != 0) {
        return -1;
    }
    print_statement(&statement);
    return 0;
}

static int do_resume(struct tool *tool, char **args)
{
    struct flink_wait_options options = {.wait = FLINK_WAIT_RUNNING};
    struct flink_statement statement;

    if (flink_statement_set_stopped(tool->client, args[0], false, &tool->err) != 0 ||
        flink_statement_wait(tool->client, args[0], &options, &tool->arena, &statement,
                             &tool->err) != 0) {
        return -1;
    }
    print_statement(&statement);
    return 0;
}

static int do_delete(struct tool *tool, char **args)
{
    return flink_statement_delete(tool->client, args[0], &tool->err);
}

static int do_wait_gone(struct tool *tool, char **args)
{
    struct flink_wait_options options = {.wait = FLINK_WAIT_GONE};

    return flink_statement_wait(tool->client, args[0], &options, &tool->arena, NULL,
                                &tool->err);
}

static int do_exceptions(struct tool *tool, char **args)
{
    struct flink_exception *items;
    size_t count;

    if (flink_statement_exceptions(tool->client, args[0], &tool->arena, &items, &count,
                                   &tool->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        printf("%s: %s\n", items[i].name, items[i].message);
    }
    return 0;
}

static void print_relation(const struct flink_relation *relation)
{
    printf("%s.%s %s kind=%d buckets=%d key=%zu\n", relation->schema, relation->name,
           relation->type, relation->kind, relation->buckets,
           relation->primary_key_count);
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct flink_catalog_column *column = &relation->columns[i];
        printf("  %d %s %s%s%s%s\n", column->position, column->name, column->type,
               column->nullable ? "" : " NOT NULL", column->hidden ? " hidden" : "",
               column->key > 0 ? " key" : "");
    }
    for (size_t i = 0; i < relation->option_count; i++) {
        printf("  '%s' = '%s'\n", relation->options[i].key, relation->options[i].value);
    }
    if (relation->definition[0] != '\0') {
        printf("  as %s\n", relation->definition);
    }
}

static int do_catalog(struct tool *tool, char **args)
{
    const char *schema = args[0];
    struct flink_catalog_query query = {.schemas = schema != NULL ? &schema : NULL,
                                        .schema_count = schema != NULL};
    struct flink_catalog catalog;

    if (flink_catalog_read(tool->client, &query, &tool->arena, &catalog, &tool->err) !=
        0) {
        return -1;
    }
    printf("keys %s, definitions %s\n", catalog.keys_known ? "known" : "unknown",
           catalog.definitions_known ? "known" : "unknown");
    for (size_t i = 0; i < catalog.schema_count; i++) {
        printf("schema %s\n", catalog.schemas[i]);
    }
    for (size_t i = 0; i < catalog.count; i++) {
        print_relation(&catalog.relations[i]);
    }
    return 0;
}

static int do_databases(struct tool *tool, char **args)
{
    struct flink_database *databases;
    size_t count;

    (void)args;
    if (flink_databases(tool->client, NULL, &tool->arena, &databases, &count,
                        &tool->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        printf("%s (%s) %s (%s)\n", databases[i].catalog, databases[i].catalog_id,
               databases[i].schema, databases[i].schema_id);
    }
    return 0;
}

static const struct {
    const char *name;
    int args;
    int (*run)(struct tool *tool, char **args);
} commands[] = {
    {"create", 2, do_create},       {"exec", 2, do_exec},
    {"dry-run", 1, do_dry_run},     {"query", 1, do_query},
    {"rows", 1, do_rows},           {"get", 1, do_get},
    {"list", 0, do_list},           {"stop", 1, do_stop},
    {"resume", 1, do_resume},       {"delete", 1, do_delete},
    {"wait-gone", 1, do_wait_gone}, {"exceptions", 1, do_exceptions},
    {"catalog", 0, do_catalog},     {"databases", 0, do_databases},
};

static int run(struct tool *tool, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (argc > commands[i].args && strcmp(commands[i].name, argv[0]) == 0) {
            return commands[i].run(tool, argv + 1);
        }
    }
    return err_set(&tool->err, ERR_USAGE, "no such command, or arguments are missing");
}

int main(int argc, char **argv)
{
    struct tool tool = {0};
    struct flink_config config = {
        .organization_id = "00000000-0000-0000-0000-000000000000",
        .environment_id = "env-sandbox",
        .api_key = "key",
        .api_secret = "sandbox-secret",
    };

    if (getenv("CFLOWSH_LOG") != NULL) {
        log_open(getenv("CFLOWSH_LOG"));
    }
    for (int c; (c = getopt(argc, argv, "+e:k:s:n:p:r:t:E:o:")) != -1;) {
        switch (c) {
        case 'e':
            config.endpoint = optarg;
            break;
        case 'E':
            config.environment_id = optarg;
            break;
        case 'o':
            config.organization_id = optarg;
            break;
        case 'k':
            config.api_key = optarg;
            break;
        case 's':
            config.api_secret = optarg;
            break;
        case 'n':
            config.database = optarg;
            break;
        case 'p':
            config.compute_pool_id = optarg;
            break;
        case 'r':
            config.rate_per_second = atoi(optarg);
            break;
        case 't':
            config.request_timeout_ms = atoi(optarg);
            break;
        default:
            return 2;
        }
    }
    tool.client = flink_client_new(&config, NULL, &tool.err);
    int rc = tool.client == NULL ? -1 : run(&tool, argc - optind, argv + optind);
    if (tool.client != NULL) {
        const struct flink_stats *stats = flink_client_stats(tool.client);
        fprintf(stderr, "%zu requests, %zu retries, %zu throttled\n", stats->requests,
                stats->retries, stats->throttled);
    }
    if (rc != 0) {
        printf("error %s: %s\n", err_code_name(tool.err.code), tool.err.msg);
        if (tool.err.hint[0] != '\0') {
            printf("hint: %s\n", tool.err.hint);
        }
    }
    flink_client_free(tool.client);
    arena_fini(&tool.arena);
    return rc != 0;
}
