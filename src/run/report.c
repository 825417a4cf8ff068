#include "config.h"

#include "run/run.h"

const char *run_status_name(enum run_status status)
{
    static const char *const names[] = {
        [RUN_PENDING] = "pending",   [RUN_RUNNING] = "running",
        [RUN_SUCCESS] = "success",   [RUN_ERROR] = "error",
        [RUN_SKIPPED] = "skipped",   [RUN_PASS] = "pass",
        [RUN_WARN] = "warn",         [RUN_FAIL] = "fail",
        [RUN_NO_CHANGE] = "success", [RUN_INTERRUPTED] = "skipped",
    };

    return names[status];
}

void run_report_free(struct run_report *report)
{
    arena_fini(&report->arena);
    *report = (struct run_report){0};
}
