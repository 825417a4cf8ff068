#include "config.h"

#include "shell/run_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "shell/run_view.h"
#include "shell/select_args.h"
#include "shell/session.h"
#include "shell/shell.h"

static int select_failed(struct shell *shell, struct cmd_call *call,
                         const struct run_request *request, struct node_list *out,
                         struct err *err)
{
    static const char *const failed[] = {"result:error", "result:fail",
                                         "result:skipped", "result:runtime error"};
    struct select_options options = {
        .command = request->select, .select = failed, .select_count = 4};
    struct artifact_state state;
    struct err_list warnings = {0};
    struct project *project;
    int result;

    if (session_project(shell, &project, err) != 0 ||
        artifact_load_state(project->target_path, call->arena, &state, err) != 0) {
        return -1;
    }
    options.state = &state;
    result = project_select(project, &options, call->arena, out, &warnings, err);
    err_list_fini(&warnings);
    if (result == 0 && out->count == 0) {
        print_note(&shell->print, "Nothing failed or was skipped last time.");
    }
    return result;
}

/* Adds the models that depend on those in the list. */
static void add_downstream(struct node_list *list, struct arena *arena)
{
    struct map seen = {0};

    for (size_t i = 0; i < list->count; i++) {
        map_put(&seen, list->items[i]->unique_id, list->items[i]);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        for (size_t k = 0; k < node->children.count; k++) {
            struct node *child = node->children.items[k];
            if (child->type != NODE_MODEL || map_get(&seen, child->unique_id) != NULL) {
                continue;
            }
            map_put(&seen, child->unique_id, child);
            list->items =
                arena_realloc(arena, list->items, list->count * sizeof(list->items[0]),
                              (list->count + 1) * sizeof(list->items[0]));
            list->items[list->count++] = child;
        }
    }
    list->cap = list->count;
    map_fini(&seen);
}

static int select_nodes(struct shell *shell, struct cmd_call *call,
                        const struct run_request *request, struct node_list *out,
                        struct err *err)
{
    struct project *project;
    int result = 0;

    if (session_project(shell, &project, err) != 0) {
        return -1;
    }
    if (request->retry) {
        result = select_failed(shell, call, request, out, err);
    } else if (!request->nothing) {
        result = select_args(shell, call, request->select, 0, out, err);
    }
    if (result == 0 && request->downstream) {
        add_downstream(out, call->arena);
    }
    if (result == 0) {
        project_sort_run(project, out);
    }
    return result;
}

int run_plan_report(struct shell *shell, struct err_list *errors, struct err *err)
{
    for (size_t i = 0; i + 1 < errors->count; i++) {
        shell_report(shell, &errors->items[i]);
    }
    if (errors->count > 0) {
        *err = errors->items[errors->count - 1];
    } else {
        err_set(err, ERR_INTERNAL, "planning failed");
    }
    err_list_fini(errors);
    return -1;
}

/* A person sees that something happens while the server is asked. */
static void show_planning(struct shell *shell, size_t count, bool begin)
{
    const struct terminal *term = &shell->print.term_err;

    if (!term->redraw || !shell->options.interactive) {
        return;
    }
    if (begin) {
        fprintf(stderr, "planning %zu node%s ...", count, count == 1 ? "" : "s");
    } else {
        fprintf(stderr, "\r%s", term->seq_clear_line);
    }
    fflush(stderr);
}

int run_plan_make(struct shell *shell, struct cmd_call *call,
                  const struct run_request *request, struct plan *plan, struct err *err)
{
    struct plan_connection connection = {0};
    struct compile_options compile = {.which = request->command,
                                      .full_refresh = request->full_refresh};
    struct node_list list = {0};
    struct err_list errors = {0};
    struct project *project;
    struct plan_options options;
    int made;

    if (select_nodes(shell, call, request, &list, err) != 0 ||
        session_project(shell, &project, err) != 0) {
        return -1;
    }
    if (!request->offline && session_plan_connection(shell, &connection, err) != 0) {
        return -1;
    }
    session_compile_options(shell, &compile);
    options = (struct plan_options){
        .command = request->command,
        .nodes = list.items,
        .node_count = list.count,
        .full_refresh = request->full_refresh,
        .offline = request->offline,
        .no_wait = request->no_wait,
        .store_failures = request->store_failures,
        .orphans = request->orphans,
        .prune = request->prune,
        .prune_unlabelled = request->prune_unlabelled,
        .run_id = project->invocation_id,
    };
    show_planning(shell, list.count, true);
    made = plan_make(project, session_compiler(shell), &connection, &options, plan,
                     &errors);
    show_planning(shell, list.count, false);
    if (made != 0) {
        return run_plan_report(shell, &errors, err);
    }
    err_list_fini(&errors);
    return 0;
}

static int threads_of(const struct cmd_call *call, int *threads, struct err *err)
{
    const char *text = cmd_value(call, "--threads");
    char *end;
    long number;

    if (text == NULL) {
        return 0;
    }
    number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > 1000) {
        return err_set(err, ERR_USAGE,
                       "--threads is a number from 1 to 1000, not \"%s\"", text);
    }
    *threads = (int)number;
    return 0;
}

int run_plan_options(struct cmd_call *call, struct run_request *request,
                     struct err *err)
{
    request->full_refresh |= cmd_has(call, "--full-refresh");
    request->fail_fast = cmd_has(call, "--fail-fast");
    request->no_wait = cmd_has(call, "--no-wait");
    request->store_failures = cmd_has(call, "--store-failures");
    return threads_of(call, &request->threads, err);
}

static enum artifact_status status_of(const struct run_result *result)
{
    switch (result->status) {
    case RUN_SUCCESS:
    case RUN_NO_CHANGE:
        return ARTIFACT_SUCCESS;
    case RUN_ERROR:
        return ARTIFACT_ERROR;
    case RUN_PASS:
        return ARTIFACT_PASS;
    case RUN_WARN:
        return ARTIFACT_WARN;
    case RUN_FAIL:
        return ARTIFACT_FAIL;
    case RUN_PENDING:
    case RUN_RUNNING:
    case RUN_SKIPPED:
    case RUN_INTERRUPTED:
        break;
    }
    return ARTIFACT_SKIPPED;
}

static struct value args_of(const struct shell *shell, const struct cmd_call *call,
                            const struct run_request *request)
{
    struct value args = value_dict_new(call->arena, 8);
    struct value select = value_list_new(call->arena, call->argc);
    size_t at = 0;
    const char *value;

    for (size_t i = 0; i < call->argc; i++) {
        value_list_push(select, value_str(call->argv[i]));
    }
    while ((value = cmd_value_next(call, "--select", &at)) != NULL) {
        value_list_push(select, value_str(value));
    }
    value_dict_put(args, "select", select);
    value_dict_put(args, "which", value_str(request->command));
    value_dict_put(args, "full_refresh", value_bool(request->full_refresh));
    if (shell->options.target != NULL) {
        value_dict_put(args, "target", value_str(shell->options.target));
    }
    return args;
}

static void write_results(struct shell *shell, struct cmd_call *call,
                          const struct run_request *request,
                          const struct run_report *report)
{
    struct artifact_run run = {.which = request->command,
                               .args = args_of(shell, call, request),
                               .elapsed = report->seconds};
    struct artifact_result *results =
        arena_array(call->arena, struct artifact_result, report->count + 1);
    struct project *project;
    struct err err = {0};

    if (session_project(shell, &project, &err) != 0) {
        return;
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct run_result *from = &report->results[i];
        const struct node *node = project_node(project, from->action->unique_id);
        bool bad = from->status == RUN_ERROR || from->status == RUN_FAIL;
        if (node == NULL) {
            continue;
        }
        results[run.count++] = (struct artifact_result){
            .node = node,
            .status = status_of(from),
            .execute_started_ms = from->started_ms,
            .execute_ended_ms = from->finished_ms,
            .thread_id = arena_printf(call->arena, "Thread-%d (worker)", from->thread),
            .message =
                bad && from->err.code != ERR_NONE ? from->err.msg : from->message,
            .failures = from->has_failures ? (int64_t)from->failures : -1,
            .compiled_code = from->action->compiled_sql,
            .relation_name = from->action->relation_text,
        };
    }
    run.results = results;
    if (artifact_write_run_results(project, &run, &err) != 0) {
        print_warning(&shell->print, "target/run_results.json was not written: %s",
                      err.msg);
    }
}

int run_plan_execute(struct shell *shell, struct cmd_call *call,
                     const struct run_request *request, const struct plan *plan,
                     struct err *err)
{
    struct run_options options = {.fail_fast = request->fail_fast,
                                  .command = request->command,
                                  .interrupts = &shell_interrupts};
    struct run_transport transport;
    struct run_report report = {0};
    struct flink_client *client;
    struct run_view *view;
    struct project *project;
    struct err first = {0};
    int result;

    if (session_project(shell, &project, err) != 0 ||
        session_client(shell, &client, err) != 0) {
        return -1;
    }
    if (plan->count == 0) {
        print_note(&shell->print, "Nothing to do.");
        return 0;
    }
    options.threads =
        request->threads > 0 ? request->threads : project->profile.threads;
    options.run_id = project->invocation_id;
    flink_client_set_interrupt(client, NULL);
    run_transport_flink(client, &transport);
    view = run_view_new(shell, plan->count);
    result = run_execute(plan->actions, plan->count, &options, &transport,
                         run_view_listener(view), &report, &first);
    run_view_free(view);
    flink_client_set_interrupt(client, &shell_interrupts);
    if (report.count > 0) {
        run_view_summary(shell, &report);
        shell_write_manifest(shell);
        write_results(shell, call, request, &report);
    }
    if (result != 0) {
        size_t bad = report.status_counts[RUN_ERROR] + report.status_counts[RUN_FAIL];
        if (bad == 0 || report.interrupted || report.timed_out) {
            *err = first;
        } else {
            shell->result = 1;
        }
    }
    run_report_free(&report);
    return result;
}
