/* Where one is, and where one could be. */
#include "config.h"

#include <fnmatch.h>
#include <string.h>

#include "base/str.h"
#include "flink/catalog.h"
#include "shell/session.h"
#include "shell/shell.h"

static int exec_environments(struct shell *shell, struct cmd_call *call,
                             struct err *err)
{
    static const struct format_column columns[] = {
        {"name", FORMAT_TEXT}, {"id", FORMAT_TEXT}, {"current", FORMAT_TEXT}};
    bool databases = strcmp(call->name, "dn") == 0;
    struct flink_client *client;
    struct flink_database *items;
    struct print_table *table;
    size_t count;

    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    if ((databases ? flink_databases(client, NULL, call->arena, &items, &count, err)
                   : flink_catalogs(client, call->arena, &items, &count, err)) != 0) {
        return -1;
    }
    table = print_table_begin(&shell->print, columns, 3,
                              databases ? "List of databases" : "List of environments");
    for (size_t i = 0; i < count; i++) {
        const char *name = databases ? items[i].schema : items[i].catalog;
        const char *id = databases ? items[i].schema_id : items[i].catalog_id;
        bool current = databases ? str_eq(name, session_database(shell))
                                 : str_eq(id, session_environment(shell));
        const char *texts[] = {name, id, current ? "*" : ""};
        if (call->argc > 0 && fnmatch(call->argv[0], name, 0) != 0 &&
            fnmatch(call->argv[0], id, 0) != 0) {
            continue;
        }
        print_table_texts(table, texts, 3);
    }
    print_table_end(table, NULL);
    return 0;
}

static int exec_conninfo(struct shell *shell, struct cmd_call *call, struct err *err)
{
    static const struct format_column columns[] = {
        {"project", FORMAT_TEXT},      {"directory", FORMAT_TEXT},
        {"profile", FORMAT_TEXT},      {"target", FORMAT_TEXT},
        {"organization", FORMAT_TEXT}, {"environment", FORMAT_TEXT},
        {"database", FORMAT_TEXT},     {"compute pool", FORMAT_TEXT},
        {"endpoint", FORMAT_TEXT}};
    const struct profile *profile;
    struct flink_client *client = session_client_now(shell);
    enum format_expanded before = shell->print.format.expanded;
    struct print_table *table;

    (void)call;
    if (session_profile(shell, &profile, err) != 0) {
        return -1;
    }
    if (shell->options.sandbox_file != NULL &&
        session_client(shell, &client, err) != 0) {
        return -1;
    }
    const char *texts[] = {
        vars_text(&shell->vars, "PROJECT"),
        shell_project_root(shell),
        profile->name,
        profile->target_name,
        profile->organization_id,
        session_environment(shell),
        session_database(shell),
        profile->compute_pool_id != NULL ? profile->compute_pool_id : "(default)",
        client != NULL ? flink_client_config(client)->endpoint : profile->endpoint,
    };
    shell->print.format.expanded = FORMAT_EXPANDED_ON;
    table = print_table_begin(&shell->print, columns, 9, NULL);
    print_table_texts(table, texts, 9);
    print_table_end(table, "");
    shell->print.format.expanded = before;
    return 0;
}

static int exec_connect(struct shell *shell, struct cmd_call *call, struct err *err)
{
    if (session_set_target(shell, call->argc > 0 ? call->argv[0] : NULL, err) != 0) {
        return -1;
    }
    print_note(&shell->print,
               "You are now at target \"%s\": environment %s, database %s.",
               vars_text(&shell->vars, "TARGET"), session_environment(shell),
               session_database(shell));
    return 0;
}

#define GROUP "Cloud"

const struct cmd cmd_where_table[] = {
    {.name = "l",
     .group = GROUP,
     .usage = "[PATTERN]",
     .summary = "list environments",
     .max = 1,
     .exec = exec_environments},
    {.name = "dn",
     .group = GROUP,
     .usage = "[PATTERN]",
     .summary = "list databases",
     .max = 1,
     .exec = exec_environments},
    {.name = "c",
     .aliases = "connect",
     .group = GROUP,
     .usage = "[TARGET]",
     .summary = "change to another target of the profile",
     .max = 1,
     .complete = CMD_COMPLETE_TARGET,
     .exec = exec_connect},
    {.name = "conninfo",
     .group = GROUP,
     .usage = "",
     .summary = "show where you are",
     .exec = exec_conninfo},
    {0},
};
