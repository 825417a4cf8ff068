/* What drops: \refresh and \prune. Both list, ask, and do. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "shell/plan_view.h"
#include "shell/run_plan.h"
#include "shell/session.h"
#include "shell/shell.h"

/* What is to become of running statements that read what is dropped. */
enum readers {
    READERS_UNDECIDED,
    READERS_KEPT,
    READERS_REFRESHED /* the models downstream are refreshed too */
};

static void list_losses(struct shell *shell, const struct plan *plan,
                        const struct plan_reader *readers, size_t count)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->actions[i].verb == PLAN_REFRESH) {
            print_note(&shell->print, "drops %s", plan->actions[i].relation_text);
        }
    }
    for (size_t i = 0; i < count; i++) {
        print_note(&shell->print, "  read by running statement %s%s%s%s%s",
                   readers[i].statement, readers[i].model[0] != '\0' ? " of " : "",
                   readers[i].model,
                   readers[i].writes[0] != '\0' ? ", which writes " : "",
                   readers[i].writes);
    }
}

/* Nobody but the user decides about the readers: a script has to say it. */
static int ask_about_readers(struct shell *shell, size_t count, enum readers *choice,
                             struct err *err)
{
    char answer[64];

    if (shell->options.yes || !shell->options.interactive) {
        err_set(err, ERR_REFUSED, "%zu running statement%s read what would be dropped",
                count, count == 1 ? "" : "s");
        err_hint(err, "--downstream refreshes the models that read it too, "
                      "--keep-readers leaves them as they are");
        return -1;
    }
    shell_ask(shell,
              "Refresh the models that read it too (r), keep the readers as they are "
              "(k), or cancel (c)? [r/k/C] ",
              answer, sizeof(answer));
    if (str_ieq(answer, "r") || str_ieq(answer, "refresh")) {
        *choice = READERS_REFRESHED;
    } else if (str_ieq(answer, "k") || str_ieq(answer, "keep")) {
        *choice = READERS_KEPT;
    } else {
        return err_set(err, ERR_REFUSED, "not confirmed: nothing was changed");
    }
    return 0;
}

/*
 * What a refresh would hurt: listed, and asked about. The choice may be made here; when
 * it turns to READERS_REFRESHED, nothing else was asked: the plan has to be made anew.
 */
static int confirm_refresh(struct shell *shell, struct cmd_call *call,
                           const struct plan *plan, enum readers *choice,
                           struct err *err)
{
    struct plan_connection connection;
    struct project *project;
    struct plan_reader *readers;
    size_t count = 0;
    size_t dropped = plan->verb_counts[PLAN_REFRESH];
    char question[128];

    if (session_project(shell, &project, err) != 0 ||
        session_plan_connection(shell, &connection, err) != 0 ||
        plan_blast_radius(plan, project, &connection, call->arena, &readers, &count,
                          err) != 0) {
        return -1;
    }
    list_losses(shell, plan, readers, count);
    if (count > 0 && *choice == READERS_UNDECIDED) {
        if (ask_about_readers(shell, count, choice, err) != 0) {
            return -1;
        }
        if (*choice == READERS_REFRESHED) {
            return 0;
        }
    }
    if (dropped == 0) {
        return 0;
    }
    snprintf(question, sizeof(question), "Drop and recreate %zu relation%s?", dropped,
             dropped == 1 ? "" : "s");
    return shell_confirm(shell, question, err);
}

/* Plans, shows the plan and asks. */
static int plan_refresh(struct shell *shell, struct cmd_call *call,
                        struct run_request *request, enum readers *choice,
                        struct plan *plan, struct err *err)
{
    request->downstream = *choice == READERS_REFRESHED;
    if (run_plan_make(shell, call, request, plan, err) != 0) {
        return -1;
    }
    if (!print_is_json(&shell->print)) {
        plan_view(shell, plan, false);
    }
    return confirm_refresh(shell, call, plan, choice, err);
}

static int exec_refresh(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct run_request request = {
        .command = "refresh", .select = SELECT_RUN, .full_refresh = true};
    enum readers given = cmd_has(call, "--downstream")     ? READERS_REFRESHED
                         : cmd_has(call, "--keep-readers") ? READERS_KEPT
                                                           : READERS_UNDECIDED;
    enum readers choice = given;
    struct plan plan = {0};
    int result;

    if (call->argc == 0 && !cmd_has(call, "--select") && !cmd_has(call, "--selector")) {
        err_set(err, ERR_USAGE, "\\refresh: which models?");
        err_hint(err, "usage: \\refresh SELECTOR; \\refresh '*' means all of them");
        return -1;
    }
    if (cmd_has(call, "--downstream") && cmd_has(call, "--keep-readers")) {
        return err_set(err, ERR_USAGE,
                       "\\refresh: --downstream and --keep-readers exclude each other");
    }
    result = run_plan_options(call, &request, err);
    if (result == 0) {
        result = plan_refresh(shell, call, &request, &choice, &plan, err);
    }
    if (result == 0 && choice == READERS_REFRESHED && given != choice) {
        plan_free(&plan);
        result = plan_refresh(shell, call, &request, &choice, &plan, err);
    }
    if (result == 0) {
        result = run_plan_execute(shell, call, &request, &plan, err);
    }
    plan_free(&plan);
    return result;
}

static int exec_prune(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct run_request request = {.command = "prune",
                                  .nothing = true,
                                  .orphans = true,
                                  .prune = true,
                                  .prune_unlabelled = cmd_has(call, "--unlabelled")};
    struct plan plan = {0};
    char question[128];
    int result = run_plan_make(shell, call, &request, &plan, err);

    if (result == 0) {
        plan_view(shell, &plan, cmd_has(call, "--verbose"));
    }
    if (result == 0 && plan.verb_counts[PLAN_DROP] > 0) {
        snprintf(question, sizeof(question), "Drop %zu?", plan.verb_counts[PLAN_DROP]);
        result = shell_confirm(shell, question, err);
        if (result == 0) {
            result = run_plan_execute(shell, call, &request, &plan, err);
        }
    }
    plan_free(&plan);
    return result;
}

static const struct cmd_option refresh_options_table[] = {
    {"--downstream", NULL, NULL, "refresh the models that read them too"},
    {"--keep-readers", NULL, NULL, "leave running statements that read them alone"},
    {"--no-wait", NULL, NULL, "don't wait until INSERTs run"},
    RUN_OPTIONS,
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option prune_options_table[] = {
    {"--unlabelled", NULL, NULL, "also what only has a name like the project's"},
    {"--verbose", "-v", NULL, "show steps and their SQL"},
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Change"

const struct cmd cmd_refresh_table[] = {
    {.name = "refresh",
     .group = GROUP,
     .usage = "SELECTOR",
     .summary = "drop and recreate, after showing what that hurts",
     .max = -1,
     .flags = CMD_SELECT,
     .options = refresh_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_refresh},
    {.name = "prune",
     .group = GROUP,
     .usage = "",
     .summary = "drop what the project made and no longer has, after asking",
     .max = 0,
     .options = prune_options_table,
     .exec = exec_prune},
    {0},
};
