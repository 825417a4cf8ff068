/* Plans on the screen. */
#ifndef SHELL_PLAN_VIEW_H
#define SHELL_PLAN_VIEW_H

#include "plan/plan.h"

struct shell;

/* One line per action and the count; with `verbose` differences and steps too. */
void plan_view(struct shell *shell, const struct plan *plan, bool verbose);

#endif
