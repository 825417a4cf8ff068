#include "config.h"

#include "shell/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define COMMANDS_MAX 200

static const struct cmd_option select_options[] = {
    {"--select", "-s", "SELECTOR...", "nodes to work on"},
    {"--exclude", NULL, "SELECTOR...", "nodes to leave out"},
    {"--selector", NULL, "NAME", "a selector of selectors.yml"},
    {"--resource-type", NULL, "TYPE...", "only nodes of these types"},
    {"--exclude-resource-type", NULL, "TYPE...", "no nodes of these types"},
    {"--indirect-selection", NULL, "MODE",
     "tests that come along: eager, cautious, buildable or empty"},
    {NULL, NULL, NULL, NULL},
};

const struct cmd *const *cmd_all(size_t *count)
{
    static const struct cmd *const tables[] = {
        cmd_models_table,  cmd_project_table, cmd_edit_table,   cmd_change_table,
        cmd_refresh_table, cmd_query_table,   cmd_ps_table,     cmd_cloud_table,
        cmd_catalog_table, cmd_where_table,   cmd_help_table,   cmd_output_table,
        cmd_file_table,    cmd_shell_table,   cmd_branch_table,
    };
    static const struct cmd *all[COMMANDS_MAX];
    static size_t total;
    static bool known;

    for (size_t t = 0; !known && t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (const struct cmd *cmd = tables[t]; cmd->name != NULL; cmd++) {
            if (total < COMMANDS_MAX) {
                all[total++] = cmd;
            }
        }
    }
    known = true;
    *count = total;
    return all;
}

static bool has_word(const char *words, const char *name, size_t len)
{
    for (const char *at = words; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, " ");
        if (n == len && strncmp(at, name, len) == 0) {
            return true;
        }
        at += n + strspn(at + n, " ");
    }
    return false;
}

static const struct cmd *find_exactly(const char *name, size_t len)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);

    for (size_t i = 0; i < count; i++) {
        if (str_eq_n(name, len, all[i]->name) || has_word(all[i]->aliases, name, len)) {
            return all[i];
        }
    }
    return NULL;
}

const struct cmd *cmd_find(const char *name, size_t len)
{
    const struct cmd *cmd = find_exactly(name, len);

    if (cmd == NULL && len > 1 && name[len - 1] == '+') {
        cmd = find_exactly(name, len - 1);
    }
    return cmd;
}

const char *cmd_nearest(const char *name)
{
    const char *names[COMMANDS_MAX];
    size_t count;
    const struct cmd *const *all = cmd_all(&count);

    for (size_t i = 0; i < count; i++) {
        names[i] = all[i]->name;
    }
    return str_nearest(name, names, count);
}

const struct cmd_option *cmd_option_at(const struct cmd *cmd, size_t index)
{
    const struct cmd_option *own = cmd->options;

    for (; own != NULL && own->name != NULL; own++) {
        if (index-- == 0) {
            return own;
        }
    }
    if ((cmd->flags & CMD_SELECT) != 0) {
        size_t total = sizeof(select_options) / sizeof(select_options[0]) - 1;
        return index < total ? &select_options[index] : NULL;
    }
    return NULL;
}

static const struct cmd_option *find_option(const struct cmd *cmd, const char *word,
                                            size_t len)
{
    const struct cmd_option *option;

    for (size_t i = 0; (option = cmd_option_at(cmd, i)) != NULL; i++) {
        if (str_eq_n(word, len, option->name) ||
            (option->letter != NULL && str_eq_n(word, len, option->letter))) {
            return option;
        }
    }
    return NULL;
}

static int unknown_option(const struct cmd *cmd, const char *word, struct err *err)
{
    const char *names[64];
    size_t count = 0;
    const struct cmd_option *option;
    const char *near;

    while (count < 64 && (option = cmd_option_at(cmd, count)) != NULL) {
        names[count++] = option->name;
    }
    near = str_nearest(word, names, count);
    for (size_t i = 0; i < count; i++) {
        near = str_starts(names[i], word) ? names[i] : near;
    }
    err_set(err, ERR_USAGE, "\\%s: unknown option \"%s\"", cmd->name, word);
    if (str_eq(word, "--json")) {
        err_hint(err, "\\pset format jsonl switches to JSON for all commands");
    } else if (near != NULL) {
        err_hint(err, "did you mean %s? \\? %s shows all options", near, cmd->name);
    } else {
        err_hint(err, "\\? %s shows its options", cmd->name);
    }
    return -1;
}

static int usage_error(const struct cmd *cmd, const char *what, struct err *err)
{
    err_set(err, ERR_USAGE, "\\%s: %s", cmd->name, what);
    err_hint(err, "usage: \\%s%s%s", cmd->name, cmd->usage[0] != '\0' ? " " : "",
             cmd->usage);
    return -1;
}

static void give(struct cmd_call *call, const struct cmd_option *option,
                 const char *value)
{
    call->given[call->given_count++] = (struct cmd_given){option, value};
}

/* One option at words[*at]; moves *at to its last word. */
static int parse_option(const struct cmd *cmd, const char **words, size_t count,
                        size_t *at, struct cmd_call *call, struct err *err)
{
    const char *word = words[*at];
    size_t len = word[1] == '-' ? strcspn(word, "=") : strlen(word);
    const struct cmd_option *option = find_option(cmd, word, len);

    if (option == NULL) {
        return unknown_option(cmd, word, err);
    }
    if (option->argument == NULL) {
        if (word[len] == '=') {
            return err_set(err, ERR_USAGE, "\\%s: option %s takes no value", cmd->name,
                           option->name);
        }
        give(call, option, NULL);
        return 0;
    }
    if (word[len] == '=') {
        give(call, option, word + len + 1);
        return 0;
    }
    if (*at + 1 >= count) {
        return err_set(err, ERR_USAGE, "\\%s: option %s needs a value: %s", cmd->name,
                       option->name, option->argument);
    }
    give(call, option, words[++*at]);
    while (str_ends(option->argument, "...") && *at + 1 < count &&
           words[*at + 1][0] != '-') {
        give(call, option, words[++*at]);
    }
    return 0;
}

int cmd_parse(const struct cmd *cmd, const char **words, size_t count,
              struct cmd_call *call, struct err *err)
{
    bool options = cmd_option_at(cmd, 0) != NULL;

    call->cmd = cmd;
    call->argc = 0;
    call->argv = arena_array(call->arena, const char *, count + 1);
    call->given_count = 0;
    call->given = arena_array(call->arena, struct cmd_given, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            if (parse_option(cmd, words, count, &i, call, err) != 0) {
                return -1;
            }
        } else {
            call->argv[call->argc++] = word;
        }
    }
    if (call->argc < (size_t)cmd->min) {
        return usage_error(cmd, "missing argument", err);
    }
    if (cmd->max >= 0 && call->argc > (size_t)cmd->max) {
        return usage_error(cmd, "too many arguments", err);
    }
    return 0;
}

const char *cmd_value_next(const struct cmd_call *call, const char *name, size_t *at)
{
    while (*at < call->given_count) {
        const struct cmd_given *given = &call->given[(*at)++];
        if (strcmp(given->option->name, name) == 0) {
            return given->value != NULL ? given->value : "";
        }
    }
    return NULL;
}

bool cmd_has(const struct cmd_call *call, const char *name)
{
    size_t at = 0;

    return cmd_value_next(call, name, &at) != NULL;
}

const char *cmd_value(const struct cmd_call *call, const char *name)
{
    size_t at = 0;
    const char *value = NULL;
    const char *next;

    while ((next = cmd_value_next(call, name, &at)) != NULL) {
        value = next;
    }
    return value;
}

const char *cmd_joined(const struct cmd_call *call, size_t from)
{
    struct buf text = BUF_INIT;
    const char *copy;

    for (size_t i = from; i < call->argc; i++) {
        buf_adds(&text, i > from ? " " : "");
        buf_adds(&text, call->argv[i]);
    }
    copy = arena_strndup(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return copy;
}
