#include "config.h"

#include "shell/query.h"

#include "shell/shell.h"

int query_run(struct shell *shell, const char *sql, struct err *err)
{
    (void)shell;
    return err_set(err, ERR_CONNECTION, "not connected: %.60s", sql);
}
