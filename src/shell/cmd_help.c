/* \? and \h. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "shell/shell.h"
#include "shell/syntax.h"
#include "shell/wrap.h"

static void add_heading(struct buf *out, const char *text)
{
    buf_addf(out, "%s%s\n", out->len > 0 ? "\n" : "", text);
}

/* A word and what it means, in two columns, below each other where it is narrow. */
static void add_entry(struct buf *out, const char *left, const char *text,
                      size_t indent, size_t width)
{
    size_t column = 2 + str_width(left, strlen(left));

    buf_addf(out, "  %s", left);
    if (width < indent + 30) {
        indent = 6;
    }
    if (column + 2 > indent) {
        buf_addc(out, '\n');
        column = 0;
    }
    wrap_words(out, text, column, indent, width);
}

static size_t screen_width(const struct shell *shell)
{
    return print_to_terminal(&shell->print) ? (size_t)shell->print.term.width : 80;
}

static void add_command(struct buf *out, const struct cmd *cmd, size_t width)
{
    char left[80];
    bool select = (cmd->flags & CMD_SELECT) != 0 && cmd->usage[0] == '\0';

    snprintf(left, sizeof(left), "\\%s%s%s", cmd->name,
             cmd->usage[0] != '\0' || select ? " " : "",
             select ? "[SELECTOR]" : cmd->usage);
    add_entry(out, left, cmd->summary, 30, width);
}

static void add_commands(struct buf *out, size_t width)
{
    static const char *const groups[] = {
        "General", "Project", "Change",          "Query",
        "Cloud",   "Output",  "Input and files", "Variables and scripts"};
    size_t count;
    const struct cmd *const *all = cmd_all(&count);

    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        add_heading(out, groups[g]);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(all[i]->group, groups[g]) == 0) {
                add_command(out, all[i], width);
            }
        }
    }
    buf_addc(out, '\n');
    wrap_words(
        out,
        "\\? NAME tells all about one command, \\? variables and \\? options the "
        "rest; \\h shows the syntax of Flink's statements.",
        0, 0, width);
}

static void add_variables(struct buf *out, size_t width)
{
    size_t count;
    const struct vars_special *specials = vars_specials(&count);

    add_heading(out, "Variables with a meaning (\\set NAME VALUE)");
    for (size_t i = 0; i < count; i++) {
        add_entry(out, specials[i].name, specials[i].help, 24, width);
    }
}

static void add_one(struct buf *out, const struct cmd *cmd, size_t width)
{
    const struct cmd_option *option;

    buf_addf(out, "\\%s%s%s\n    %s\n", cmd->name, cmd->usage[0] != '\0' ? " " : "",
             cmd->usage, cmd->summary);
    if (cmd->aliases != NULL) {
        buf_adds(out, "    also:");
        for (const char *at = cmd->aliases; *at != '\0';) {
            size_t len = strcspn(at, " ");
            buf_addf(out, " \\%.*s", (int)len, at);
            at += len + strspn(at + len, " ");
        }
        buf_addc(out, '\n');
    }
    if (cmd->help != NULL) {
        buf_addf(out, "\n%s\n", cmd->help);
    }
    if (cmd_option_at(cmd, 0) != NULL) {
        buf_adds(out, "\nOptions:\n");
    }
    for (size_t i = 0; (option = cmd_option_at(cmd, i)) != NULL; i++) {
        char left[80];
        snprintf(left, sizeof(left), "%s%s%s%s%s",
                 option->letter != NULL ? option->letter : "",
                 option->letter != NULL ? ", " : "", option->name,
                 option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        add_entry(out, left, option->help, 30, width);
    }
}

static int exec_help(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct buf text = BUF_INIT;
    const char *name = call->argc > 0 ? call->argv[0] : "commands";
    const struct cmd *cmd;
    size_t width = screen_width(shell);

    name += name[0] == '\\' && name[1] != '\0';
    cmd = cmd_find(name, strlen(name));
    if (strcmp(name, "variables") == 0) {
        add_variables(&text, width);
    } else if (strcmp(name, "options") == 0) {
        buf_adds(&text, shell_usage());
    } else if (strcmp(name, "commands") == 0) {
        add_commands(&text, width);
    } else if (cmd != NULL) {
        add_one(&text, cmd, width);
    } else {
        const char *near = cmd_nearest(name);
        err_set(err, ERR_USAGE, "\\?: there is no command \\%s", name);
        if (near != NULL) {
            err_hint(err, "did you mean \\%s?", near);
        }
        return -1;
    }
    print_text(&shell->print, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static int exec_syntax(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct buf text = BUF_INIT;
    const char *name = cmd_joined(call, 0);

    if (!syntax_help(name, &text)) {
        buf_fini(&text);
        err_set(err, ERR_USAGE, "\\h: no help for \"%s\"", name);
        err_hint(err, "\\h alone lists the statements");
        return -1;
    }
    print_text(&shell->print, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

const struct cmd cmd_help_table[] = {
    {.name = "?",
     .aliases = "help",
     .group = "General",
     .usage = "[COMMAND | variables | options]",
     .summary = "show all commands, or all about one",
     .max = 1,
     .flags = CMD_RAW,
     .complete = CMD_COMPLETE_COMMAND,
     .exec = exec_help},
    {.name = "h",
     .group = "General",
     .usage = "[STATEMENT]",
     .summary = "show the syntax of Flink's SQL statements",
     .max = -1,
     .complete = CMD_COMPLETE_SYNTAX,
     .exec = exec_syntax},
    {0},
};
