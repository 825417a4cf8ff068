/* Commands that send the statement that was typed before them. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "flink/statement.h"
#include "shell/query.h"
#include "shell/session.h"
#include "shell/shell.h"

/* Makes the statement that the command means the script's own. */
static bool take_query(struct shell *shell, const struct cmd_call *call)
{
    struct script *script = shell->script;
    bool fresh = script->has_text && !script->done;

    if (call->query[0] == '\0') {
        return false;
    }
    if (!fresh) {
        script_reset(script);
        buf_adds(&script->query, call->query);
        script->has_text = true;
    }
    return true;
}

static int exec_go(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)err;
    if (!take_query(shell, call)) {
        return 0;
    }
    shell->query_out = call->argc > 0 ? xstrdup(cmd_joined(call, 0)) : NULL;
    shell->query_expanded = strcmp(call->name, "gx") == 0;
    shell_run_query(shell, shell->script);
    free(shell->query_out);
    shell->query_out = NULL;
    shell->query_expanded = false;
    return shell->failed ? SHELL_QUIET_FAILURE : 0;
}

static int exec_gset(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)err;
    if (!take_query(shell, call)) {
        return 0;
    }
    shell->query_prefix = call->argc > 0 ? call->argv[0] : "";
    shell_run_query(shell, shell->script);
    shell->query_prefix = NULL;
    return shell->failed ? SHELL_QUIET_FAILURE : 0;
}

static int exec_gdesc(struct shell *shell, struct cmd_call *call, struct err *err)
{
    static const struct format_column columns[] = {
        {"column", FORMAT_TEXT}, {"type", FORMAT_TEXT}, {"nullable", FORMAT_TEXT}};
    struct flink_dry_run run = {0};
    struct flink_client *client;
    struct print_table *table;

    if (!take_query(shell, call)) {
        return 0;
    }
    script_sent(shell->script);
    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    run.submit = query_submit(shell, call->query, call->arena);
    if (flink_dry_run(client, &run, 1, call->arena, err) != 0) {
        return -1;
    }
    if (!run.valid && !run.unknown) {
        *err = run.err;
        query_explain_error(shell, call->query, err);
        return -1;
    }
    if (run.unknown || run.statement.traits.column_count == 0) {
        print_note(&shell->print, "The statement has no result, or the server does not "
                                  "tell its columns.");
        return 0;
    }
    table = print_table_begin(&shell->print, columns, 3, NULL);
    for (size_t i = 0; i < run.statement.traits.column_count; i++) {
        const struct flink_column *column = &run.statement.traits.columns[i];
        const char *texts[] = {column->name,
                               query_type_text(call->arena, column->type.text),
                               column->type.nullable ? "" : "not null"};
        print_table_texts(table, texts, 3);
    }
    print_table_end(table, NULL);
    return 0;
}

struct watch {
    double seconds;
    long count; /* 0: until Ctrl-C */
};

static int watch_options(const struct cmd_call *call, struct watch *watch,
                         struct err *err)
{
    *watch = (struct watch){.seconds = 2};
    for (size_t i = 0; i < call->argc; i++) {
        const char *word = call->argv[i];
        char *end;
        if (str_starts(word, "c=") || str_starts(word, "count=")) {
            watch->count = strtol(strchr(word, '=') + 1, &end, 10);
            if (*end != '\0' || watch->count < 1) {
                return err_set(err, ERR_USAGE, "\\watch: \"%s\" is no count", word);
            }
            continue;
        }
        if (str_starts(word, "i=") || str_starts(word, "interval=")) {
            word = strchr(word, '=') + 1;
        }
        watch->seconds = strtod(word, &end);
        if (end == word || *end != '\0' || !(watch->seconds >= 0) ||
            watch->seconds > 1e6) {
            return err_set(err, ERR_USAGE, "\\watch: incorrect interval value \"%s\"",
                           word);
        }
    }
    return 0;
}

/* Sleeps in small pieces; false after Ctrl-C. */
static bool wait_seconds(double seconds)
{
    int64_t end = clock_now_ms(&clock_system) + (int64_t)(seconds * 1000);

    while (shell_interrupts == 0) {
        int64_t rest = end - clock_now_ms(&clock_system);
        struct timespec pause = {0, 0};
        if (rest <= 0) {
            return true;
        }
        pause.tv_nsec = (long)(rest > 100 ? 100 : rest) * 1000000;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void watch_heading(struct shell *shell, const struct watch *watch)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[64];

    localtime_r(&now, &tm);
    strftime(text, sizeof(text), "%a %d %b %Y %H:%M:%S", &tm);
    if (!print_is_json(&shell->print) && shell->print.format.kind != FORMAT_CSV) {
        print_data(&shell->print, "%s (every %gs)\n\n", text, watch->seconds);
    }
}

/* Until the count, Ctrl-C, a failure, or nobody reads it any more. */
static void repeat(struct shell *shell, const struct cmd_call *call,
                   const char *command, const struct watch *watch)
{
    for (long round = 1; watch->count == 0 || round <= watch->count; round++) {
        watch_heading(shell, watch);
        if (command != NULL) {
            shell_run_command(shell, shell->script, command);
        } else {
            take_query(shell, call);
            shell_run_query(shell, shell->script);
        }
        fflush(shell->print.out);
        if (shell->failed || shell_interrupts != 0 || shell->print.out_failed ||
            round == watch->count || !wait_seconds(watch->seconds)) {
            break;
        }
    }
}

static int exec_watch(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct script *script = shell->script;
    bool fresh = script->has_text && !script->done;
    const char *command = !fresh && shell->last_command != NULL
                              ? arena_strdup(call->arena, shell->last_command)
                              : NULL;
    enum print_pager pager = shell->print.pager;
    struct watch watch;

    if (watch_options(call, &watch, err) != 0) {
        return -1;
    }
    if (command == NULL && call->query[0] == '\0') {
        return err_set(err, ERR_USAGE, "\\watch: there is nothing to repeat");
    }
    shell->print.pager = PRINT_PAGER_OFF; /* as psql: nobody is there to leave it */
    repeat(shell, call, command, &watch);
    shell->print.pager = pager;
    if (shell_interrupts != 0 && print_to_terminal(&shell->print)) {
        print_data(&shell->print, "\n");
    }
    if (shell_interrupts != 0 && !shell->options.interactive) {
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    }
    return shell->failed ? SHELL_QUIET_FAILURE : 0;
}

#define GROUP "Query"

const struct cmd cmd_query_table[] = {
    {.name = "g",
     .group = GROUP,
     .usage = "[FILE | |COMMAND]",
     .summary = "send the statement; its result may go to a file or program",
     .max = -1,
     .flags = CMD_QUERY | CMD_PIPE,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_go},
    {.name = "gx",
     .group = GROUP,
     .usage = "[FILE | |COMMAND]",
     .summary = "as \\g, with expanded output",
     .max = -1,
     .flags = CMD_QUERY | CMD_PIPE,
     .complete = CMD_COMPLETE_FILE,
     .exec = exec_go},
    {.name = "gdesc",
     .group = GROUP,
     .usage = "",
     .summary = "show the columns of the result without running it",
     .flags = CMD_QUERY,
     .exec = exec_gdesc},
    {.name = "gset",
     .group = GROUP,
     .usage = "[PREFIX]",
     .summary = "send the statement; store its one row in variables",
     .max = 1,
     .flags = CMD_QUERY,
     .exec = exec_gset},
    {.name = "watch",
     .group = GROUP,
     .usage = "[SECONDS] [c=COUNT]",
     .summary = "repeat the statement, or the last command, every 2 s",
     .help = "Ctrl-C ends it, and so does a failure. `\\ps \\watch 5` repeats \\ps.",
     .max = 2,
     .flags = CMD_QUERY,
     .exec = exec_watch},
    {0},
};
