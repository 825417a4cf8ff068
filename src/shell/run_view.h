/*
 * Runs on the screen: one redrawn line per node on a terminal, one line per change
 * elsewhere, one JSON object per event with --json.
 */
#ifndef SHELL_RUN_VIEW_H
#define SHELL_RUN_VIEW_H

#include "run/run.h"

struct shell;
struct run_view;

struct run_view *run_view_new(struct shell *shell, size_t total);
void run_view_free(struct run_view *view);
/* Functions that show what happens; valid as long as the view. */
const struct run_listener *run_view_listener(struct run_view *view);

/* Failures in full, what keeps running, and the closing count. */
void run_view_summary(struct shell *shell, const struct run_report *report);

#endif
