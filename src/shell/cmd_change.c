/* Planning and changing. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "shell/plan_view.h"
#include "shell/query.h"
#include "shell/run_plan.h"
#include "shell/select_args.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "value/json.h"

static int exec_plan(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct run_request request = {.command = "run", .select = SELECT_RUN};
    struct plan plan = {0};
    bool all = call->argc == 0 && !cmd_has(call, "--select") &&
               !cmd_has(call, "--selector") && !cmd_has(call, "--exclude");
    const char *out = cmd_value(call, "--out");
    int result;

    request.full_refresh = cmd_has(call, "--full-refresh");
    request.offline = cmd_has(call, "--offline");
    request.orphans = all && !request.offline;
    result = run_plan_make(shell, call, &request, &plan, err);
    if (result == 0) {
        plan_view(shell, &plan, cmd_has(call, "--verbose"));
    }
    if (result == 0 && out != NULL) {
        result = plan_save(&plan, path_expand_home(call->arena, out), err);
        if (result == 0) {
            print_note(&shell->print, "Saved to %s; \\run --plan %s does it.", out,
                       out);
        }
    }
    if (result == 0 && cmd_has(call, "--detailed-exitcode") &&
        plan_has_changes(&plan) && shell->status == 0) {
        shell->status = 2;
    }
    plan_free(&plan);
    return result;
}

static int exec_saved(struct shell *shell, struct cmd_call *call,
                      const struct run_request *request, struct err *err)
{
    const char *path = path_expand_home(call->arena, cmd_value(call, "--plan"));
    struct plan_connection connection;
    struct project *project;
    struct plan plan = {0};
    struct err_list errors = {0};
    int result = -1;

    if (call->argc > 0) {
        return err_set(err, ERR_USAGE,
                       "\\run: --plan FILE and a selector exclude each "
                       "other");
    }
    if (session_project(shell, &project, err) == 0 &&
        session_plan_connection(shell, &connection, err) == 0 &&
        plan_load(path, &plan, err) == 0) {
        result = plan_verify(&plan, project, session_compiler(shell), &connection,
                             &errors) == 0
                     ? run_plan_execute(shell, call, request, &plan, err)
                     : run_plan_report(shell, &errors, err);
    }
    err_list_fini(&errors);
    plan_free(&plan);
    return result;
}

/* A script means what it says; a person is asked before --full-refresh drops. */
static int confirm_drops(struct shell *shell, const struct plan *plan, struct err *err)
{
    size_t dropped = 0;
    char question[128];

    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_action *action = &plan->actions[i];
        if (action->verb == PLAN_REFRESH && !str_eq(action->resource_type, "seed")) {
            print_note(&shell->print, "drops %s", action->relation_text);
            dropped++;
        }
    }
    if (dropped == 0) {
        return 0;
    }
    snprintf(question, sizeof(question), "Drop and recreate %zu relation%s?", dropped,
             dropped == 1 ? "" : "s");
    return shell_confirm(shell, question, err);
}

static int exec_request(struct shell *shell, struct cmd_call *call,
                        struct run_request *request, struct err *err)
{
    struct plan plan = {0};
    int result = run_plan_options(call, request, err);

    if (result == 0 && cmd_has(call, "--plan")) {
        return exec_saved(shell, call, request, err);
    }
    if (result == 0) {
        result = run_plan_make(shell, call, request, &plan, err);
    }
    if (result == 0 && shell->options.interactive) {
        result = confirm_drops(shell, &plan, err);
    }
    if (result == 0) {
        result = run_plan_execute(shell, call, request, &plan, err);
    }
    plan_free(&plan);
    return result;
}

static int exec_run(struct shell *shell, struct cmd_call *call, struct err *err)
{
    static const struct {
        const char *name;
        enum select_command select;
    } kinds[] = {{"run", SELECT_RUN},
                 {"seed", SELECT_SEED},
                 {"test", SELECT_TEST},
                 {"build", SELECT_BUILD}};
    struct run_request request = {0};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, call->name) == 0) {
            request.command = kinds[i].name;
            request.select = kinds[i].select;
        }
    }
    return exec_request(shell, call, &request, err);
}

/*
 * As `dbt retry`: target and variables of the last run, where nothing else was said.
 * Whether that changed the options, and project and connection are to be opened anew.
 */
static int retry_options(struct shell *shell, const struct project *project,
                         struct value args, struct arena *arena, bool *changed,
                         struct err *err)
{
    struct shell_options *options = &shell->options;
    const char *target = value_cstr(value_dict_get(args, "target"), NULL);
    struct value vars = value_dict_get(args, "vars");
    struct buf text = BUF_INIT;
    int result = 0;

    *changed = false;
    if (options->target == NULL && target != NULL &&
        !str_eq(target, project->profile.target_name)) {
        options->target = target;
        *changed = true;
    }
    if (options->vars_yaml == NULL && vars.type == VALUE_DICT &&
        value_dict_count(vars) > 0) {
        result = json_write(vars, 0, &text, err);
        options->vars_yaml = arena_strdup(arena, buf_str(&text));
        *changed = true;
    }
    buf_fini(&text);
    return result;
}

static int retry_request(struct shell *shell, struct cmd_call *call,
                         const struct project *project, struct value args,
                         struct run_request *request, struct err *err)
{
    struct shell_options before = shell->options;
    struct err ignored = {0}; /* the same profile was open before */
    bool changed;
    int result = retry_options(shell, project, args, call->arena, &changed, err);

    if (result == 0 && changed) {
        result = session_set_target(shell, NULL, err);
    }
    if (result == 0) {
        result = exec_request(shell, call, request, err);
    }
    shell->options = before;
    if (changed) {
        session_set_target(shell, NULL, &ignored);
    }
    return result;
}

static int exec_retry(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct run_request request = {.retry = true};
    struct artifact_state state;
    struct project *project;
    struct value args;
    const char *which;

    if (session_project(shell, &project, err) != 0 ||
        artifact_load_state(project->target_path, call->arena, &state, err) != 0) {
        return -1;
    }
    args = value_dict_get(state.run_results, "args");
    which = value_cstr(value_dict_get(args, "which"), NULL);
    if (which == NULL) {
        err_set(err, ERR_NOT_FOUND, "there is no run to retry");
        err_hint(err, "target/run_results.json tells what failed; \\run writes it");
        return -1;
    }
    request.command = arena_strdup(call->arena, which);
    request.select = str_eq(which, "test")    ? SELECT_TEST
                     : str_eq(which, "seed")  ? SELECT_SEED
                     : str_eq(which, "build") ? SELECT_BUILD
                                              : SELECT_RUN;
    request.full_refresh = value_is_true(value_dict_get(args, "full_refresh"), false);
    return retry_request(shell, call, project, args, &request, err);
}

static int exec_preview(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node *node;
    const struct compiled *compiled;
    struct flink_submit submit;
    long rows = call->argc > 1 ? atol(call->argv[1]) : 10;
    bool whole;

    if (rows < 1) {
        return err_set(err, ERR_USAGE, "\\preview: \"%s\" is no number of rows",
                       call->argv[1]);
    }
    if (select_one(shell, call->argv[0], call->arena, &node, err) != 0) {
        return -1;
    }
    compiled = compile_node(session_compiler(shell), node, err);
    if (compiled == NULL) {
        return -1;
    }
    whole = node->type == NODE_SEED || node->type == NODE_SOURCE ||
            str_eq(node_materialized(node), "streaming_source");
    submit = query_submit(
        shell,
        whole ? arena_printf(call->arena, "SELECT * FROM %s", compiled->relation.text)
              : compiled->sql,
        call->arena);
    submit.compute_pool_id = node_config_str(node, "compute_pool_id", NULL);
    return query_send(shell, &submit, rows, err);
}

static const struct cmd_option plan_options_table[] = {
    {"--full-refresh", "-f", NULL, "as if everything were dropped and recreated"},
    {"--out", NULL, "FILE", "save the plan for \\run --plan"},
    {"--detailed-exitcode", NULL, NULL, "exit status 0: nothing to do, 2: changes"},
    {"--offline", NULL, NULL, "without a server: what a first run would do"},
    {"--verbose", "-v", NULL, "show differences, steps and their SQL"},
    {"--state", NULL, "DIR", "manifest and run results for state: and result:"},
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option run_options_table[] = {
    {"--plan", NULL, "FILE", "do what a saved plan says, if nothing changed since"},
    {"--full-refresh", "-f", NULL, "drop and recreate"},
    {"--no-wait", NULL, NULL, "don't wait until INSERTs run"},
    RUN_OPTIONS,
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option retry_options_table[] = {
    {"--full-refresh", "-f", NULL, "drop and recreate"},
    {"--no-wait", NULL, NULL, "don't wait until INSERTs run"},
    {"--fail-fast", "-x", NULL, "after the first failure start nothing new"},
    {"--threads", NULL, "N", "nodes worked on at once"},
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option test_options_table[] = {
    {"--store-failures", NULL, NULL, "keep failing rows in tables"},
    {"--full-refresh", "-f", NULL, "drop and recreate"},
    RUN_OPTIONS,
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Change"

const struct cmd cmd_change_table[] = {
    {.name = "plan",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "show what \\run would do, and why",
     .max = -1,
     .flags = CMD_SELECT,
     .options = plan_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_plan},
    {.name = "run",
     .group = GROUP,
     .usage = "[SELECTOR | --plan FILE]",
     .summary = "create what is missing, start what has stopped",
     .max = -1,
     .flags = CMD_SELECT,
     .options = run_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_run},
    {.name = "seed",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "load CSV files into tables",
     .max = -1,
     .flags = CMD_SELECT,
     .options = test_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_run},
    {.name = "test",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "run tests",
     .max = -1,
     .flags = CMD_SELECT,
     .options = test_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_run},
    {.name = "build",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "seeds, models and tests in the order of their dependencies",
     .max = -1,
     .flags = CMD_SELECT,
     .options = test_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_run},
    {.name = "retry",
     .group = GROUP,
     .usage = "",
     .summary = "do again what failed or was skipped last time",
     .max = 0,
     .options = retry_options_table,
     .exec = exec_retry},
    {.name = "preview",
     .group = GROUP,
     .usage = "NAME [ROWS]",
     .summary = "run a model's SQL in the foreground and show its first rows",
     .min = 1,
     .max = 2,
     .complete = CMD_COMPLETE_NODE,
     .exec = exec_preview},
    {0},
};
