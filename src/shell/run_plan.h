/* From a command to a plan, and from a plan to a run with its artifacts. */
#ifndef SHELL_RUN_PLAN_H
#define SHELL_RUN_PLAN_H

#include "plan/plan.h"
#include "project/select.h"
#include "shell/cmd.h"

struct run_request {
    const char *command; /* "run", "seed", "test", "build", "refresh", "prune" */
    enum select_command select;
    bool nothing;    /* no nodes: \prune */
    bool retry;      /* what failed or was skipped last time */
    bool downstream; /* models that depend on the selected ones too */
    bool full_refresh;
    bool offline;
    bool no_wait;
    bool fail_fast;
    bool store_failures;
    bool orphans;
    bool prune;
    bool prune_unlabelled;
    int threads; /* 0: the profile's */
};

/* Options that these commands share. */
#define RUN_OPTIONS                                                                    \
    {"--fail-fast", "-x", NULL, "after the first failure start nothing new"},          \
        {"--threads", NULL, "N", "nodes worked on at once"},                           \
    {                                                                                  \
        "--state", NULL, "DIR", "manifest and run results for state: and result:"      \
    }

/* The options of the command into the request. ERR_USAGE for a bad number. */
int run_plan_options(struct cmd_call *call, struct run_request *request,
                     struct err *err);
/* Selects and plans; `plan` is freed by the caller in any case. */
int run_plan_make(struct shell *shell, struct cmd_call *call,
                  const struct run_request *request, struct plan *plan,
                  struct err *err);
/* Reports all but the last, which becomes `err`; frees the list. Returns -1. */
int run_plan_report(struct shell *shell, struct err_list *errors, struct err *err);
/* Executes, shows, writes manifest.json and run_results.json. */
int run_plan_execute(struct shell *shell, struct cmd_call *call,
                     const struct run_request *request, const struct plan *plan,
                     struct err *err);

#endif
