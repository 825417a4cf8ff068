/* Reading and checking a model's configuration; used by model_config*.c only. */
#ifndef PLAN_MODEL_CONFIG_H
#define PLAN_MODEL_CONFIG_H

#include "plan/model.h"

/* model_config_keys.c: which keys a materialization takes. `ignore` lists the tolerated
 * ones.
 */
int config_check_ignore_list(struct value ignore, struct err *err);
int config_check_supported(const struct node *node, const char *materialization,
                           struct value ignore, struct err *err);
int config_check_unknown(const struct node *node, struct value ignore, struct err *err);

/* model_config_start_mode.c */
int config_read_start_mode(const struct node *node, struct arena *arena,
                           struct model_config *out, struct err *err);

/* A scalar as the text of an option, in `arena`; NULL for lists, dicts and null. */
const char *config_text(struct value v, struct arena *arena);

#endif
