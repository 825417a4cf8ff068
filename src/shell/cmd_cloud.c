/* One statement in the cloud: looking at it, stopping, resuming, deleting. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "flink/statement.h"
#include "shell/phases.h"
#include "shell/query.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "value/json.h"

/* A statement's own name, or the one of the model that is named so. */
static const char *statement_name(struct shell *shell, const char *name,
                                  struct arena *arena)
{
    struct project *project;
    struct node **found;
    struct buf text = BUF_INIT;
    struct err ignored = {0};
    const char *result = name;

    if (session_has_project(shell) && session_project(shell, &project, &ignored) == 0 &&
        project_find(project, name, arena, &found) > 0 &&
        found[0]->type == NODE_MODEL &&
        compile_statement_name(session_compiler(shell), found[0], "", &text,
                               &ignored) == 0) {
        result = arena_strdup(arena, buf_str(&text));
    }
    buf_fini(&text);
    return result;
}

static int get_statement(struct shell *shell, const char *name, struct arena *arena,
                         struct flink_client **client, struct flink_statement *out,
                         struct err *err)
{
    const char *known = statement_name(shell, name, arena);

    if (session_client(shell, client, err) != 0) {
        return -1;
    }
    if (flink_statement_get(*client, known, arena, out, err) != 0) {
        if (err->code == ERR_NOT_FOUND) {
            err_clear(err);
            err_set(err, ERR_NOT_FOUND, "there is no statement \"%s\"", known);
            err_hint(err, "\\ps lists the statements");
        }
        return -1;
    }
    return 0;
}

static const char *pairs_text(struct arena *arena, const struct flink_pairs *pairs)
{
    struct buf text = BUF_INIT;
    const char *copy;

    for (size_t i = 0; i < pairs->count; i++) {
        buf_addf(&text, "%s%s = %s", i > 0 ? "\n" : "", pairs->items[i].key,
                 pairs->items[i].value);
    }
    copy = arena_strndup(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return copy;
}

static const char *warnings_text(struct arena *arena, const struct flink_statement *s)
{
    struct buf text = BUF_INIT;
    const char *copy;

    for (size_t i = 0; i < s->warning_count; i++) {
        buf_addf(&text, "%s%s %s: %s", i > 0 ? "\n" : "", s->warnings[i].severity,
                 s->warnings[i].reason, s->warnings[i].message);
    }
    copy = arena_strndup(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return copy;
}

static int exec_status(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct flink_client *client;
    struct flink_statement s;
    struct format_column columns[20];
    const char *texts[20];
    size_t n = 0;
    struct print_table *table;
    enum format_expanded before = shell->print.format.expanded;

    if (get_statement(shell, call->argv[0], call->arena, &client, &s, err) != 0) {
        return -1;
    }
    if (print_is_json(&shell->print)) {
        struct buf text = BUF_INIT;
        int result = json_write(s.json, JSON_COMPACT, &text, err);
        print_line(&shell->print, buf_str(&text));
        buf_fini(&text);
        return result;
    }
    const struct {
        const char *name;
        const char *text;
    } fields[] = {
        {"name", s.name},
        {"phase", s.phase_text},
        {"detail", s.detail},
        {"kind", s.traits.known ? s.traits.sql_kind : ""},
        {"created", s.created_at},
        {"age", phases_age(s.created_at, call->arena)},
        {"updated", s.updated_at},
        {"ended", s.end_time},
        {"pool", s.compute_pool_id},
        {"principal", s.principal},
        {"scaling", s.scaling_state},
        {"state limit", s.state_limit_state},
        {"warnings", warnings_text(call->arena, &s)},
        {"properties", pairs_text(call->arena, &s.properties)},
        {"labels", pairs_text(call->arena, &s.labels)},
        {"offsets", pairs_text(call->arena, &s.latest_offsets)},
        {"sql", s.sql},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].text[0] != '\0') {
            columns[n] = (struct format_column){fields[i].name, FORMAT_TEXT};
            texts[n++] = fields[i].text;
        }
    }
    shell->print.format.expanded = FORMAT_EXPANDED_ON;
    table = print_table_begin(&shell->print, columns, n, NULL);
    print_table_texts(table, texts, n);
    print_table_end(table, "");
    shell->print.format.expanded = before;
    return 0;
}

static int exec_errors(struct shell *shell, struct cmd_call *call, struct err *err)
{
    static const struct format_column columns[] = {
        {"time", FORMAT_TEXT}, {"name", FORMAT_TEXT}, {"message", FORMAT_TEXT}};
    struct flink_client *client;
    struct flink_statement statement;
    struct flink_exception *items;
    struct print_table *table;
    size_t count;

    if (get_statement(shell, call->argv[0], call->arena, &client, &statement, err) !=
            0 ||
        flink_statement_exceptions(client, statement.name, call->arena, &items, &count,
                                   err) != 0) {
        return -1;
    }
    if (statement.phase == FLINK_PHASE_FAILED && statement.detail[0] != '\0') {
        print_note(&shell->print, "%s is FAILED: %s", statement.name, statement.detail);
    }
    table = print_table_begin(&shell->print, columns, 3, NULL);
    for (size_t i = 0; i < count; i++) {
        const char *texts[] = {items[i].timestamp, items[i].name, items[i].message};
        print_table_texts(table, texts, 3);
    }
    print_table_end(table, NULL);
    return 0;
}

static void show_change(void *context, const struct flink_statement *statement)
{
    struct shell *shell = context;

    print_note(&shell->print, "%s is %s%s%s", statement->name, statement->phase_text,
               statement->detail[0] != '\0' ? ": " : "", statement->detail);
}

static int wait_for(struct shell *shell, struct flink_client *client, const char *name,
                    enum flink_wait wait, struct err *err)
{
    struct arena arena = {0};
    struct flink_wait_options options = {
        .wait = wait, .progress = show_change, .context = shell};
    int result = flink_statement_wait(client, name, &options, &arena, NULL, err);

    arena_fini(&arena);
    return result;
}

static int change_one(struct shell *shell, struct cmd_call *call, const char *name,
                      struct err *err)
{
    struct flink_client *client;
    struct flink_statement s;
    bool wait = !cmd_has(call, "--no-wait");
    int result;

    if (get_statement(shell, name, call->arena, &client, &s, err) != 0) {
        return -1;
    }
    if (strcmp(call->name, "kill") == 0) {
        const char *question = arena_printf(
            call->arena, "Delete statement %s, which is %s?", s.name, s.phase_text);
        if (shell->options.interactive && !flink_phase_terminal(s.phase) &&
            shell_confirm(shell, question, err) != 0) {
            return -1;
        }
        result = flink_statement_delete(client, s.name, err);
        if (result == 0 && wait) {
            result = wait_for(shell, client, s.name, FLINK_WAIT_GONE, err);
        }
        if (result == 0) {
            print_note(&shell->print, "%s is deleted", s.name);
        }
        return result;
    }
    if (strcmp(call->name, "stop") == 0) {
        if (flink_phase_terminal(s.phase)) {
            print_note(&shell->print, "%s is %s already", s.name, s.phase_text);
            return 0;
        }
        result = flink_statement_set_stopped(client, s.name, true, err);
        return result == 0 && wait
                   ? wait_for(shell, client, s.name, FLINK_WAIT_STOPPED, err)
                   : result;
    }
    if (s.phase == FLINK_PHASE_RUNNING) {
        print_note(&shell->print, "%s is RUNNING already", s.name);
        return 0;
    }
    result = flink_statement_set_stopped(client, s.name, false, err);
    return result == 0 && wait
               ? wait_for(shell, client, s.name, FLINK_WAIT_RUNNING, err)
               : result;
}

static int exec_control(struct shell *shell, struct cmd_call *call, struct err *err)
{
    int result = 0;

    for (size_t i = 0; i < call->argc && result == 0; i++) {
        result = change_one(shell, call, call->argv[i], err);
    }
    return result;
}

static int exec_attach(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct flink_client *client;
    struct flink_statement s;
    struct result_options options = {.max_rows =
                                         vars_number(&shell->vars, "FETCH_COUNT", 0)};
    int result;

    if (get_statement(shell, call->argv[0], call->arena, &client, &s, err) != 0) {
        return -1;
    }
    if (s.traits.has_schema && s.phase != FLINK_PHASE_FAILED) {
        return result_show(shell, client, &s, &options, err);
    }
    if (flink_phase_terminal(s.phase)) {
        show_change(shell, &s);
        return 0;
    }
    result = wait_for(shell, client, s.name, FLINK_WAIT_STOPPED, err);
    if (result != 0 && err->code == ERR_INTERRUPTED && shell->options.interactive) {
        err_clear(err);
        print_note(&shell->print, "%s%s keeps running",
                   print_to_terminal(&shell->print) ? "\n" : "", s.name);
        result = 0;
    }
    return result;
}

static const struct cmd_option wait_options[] = {
    {"--no-wait", NULL, NULL, "return once the server has accepted it"},
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Cloud"

const struct cmd cmd_cloud_table[] = {
    {.name = "status",
     .group = GROUP,
     .usage = "NAME",
     .summary = "show a statement, or a model's, in full",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_status},
    {.name = "errors",
     .group = GROUP,
     .usage = "NAME",
     .summary = "show a statement's latest exceptions",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_errors},
    {.name = "stop",
     .group = GROUP,
     .usage = "NAME...",
     .summary = "stop statements; they can be resumed",
     .min = 1,
     .max = -1,
     .options = wait_options,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_control},
    {.name = "resume",
     .group = GROUP,
     .usage = "NAME...",
     .summary = "resume stopped statements",
     .min = 1,
     .max = -1,
     .options = wait_options,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_control},
    {.name = "kill",
     .group = GROUP,
     .usage = "NAME...",
     .summary = "delete statements",
     .min = 1,
     .max = -1,
     .options = wait_options,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_control},
    {.name = "attach",
     .group = GROUP,
     .usage = "NAME",
     .summary = "follow a statement's results or phase",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_attach},
    {0},
};
