/* \if and its kin. */
#include "config.h"

#include "shell/shell.h"

/* Whether the condition of \if or \elif holds. */
static int condition(const struct cmd_call *call, bool *out, struct err *err)
{
    const char *text = cmd_joined(call, 0);

    if (!vars_parse_bool(text, out)) {
        *out = false;
        return err_set(err, ERR_USAGE,
                       "unrecognized value \"%s\" for \"\\%s expression\": "
                       "boolean expected",
                       text, call->name);
    }
    return 0;
}

static int exec_if(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct script *script = shell->script;
    bool active = script_active(script);
    bool holds = false;
    int result = 0;

    if (script->branch_count >= SCRIPT_IF_MAX) {
        return err_set(err, ERR_LIMIT, "\\if: nested more than %d deep", SCRIPT_IF_MAX);
    }
    if (active) {
        result = condition(call, &holds, err);
    }
    script->branches[script->branch_count++] = !active ? SCRIPT_IF_IGNORED
                                               : holds ? SCRIPT_IF_TRUE
                                                       : SCRIPT_IF_FALSE;
    return result;
}

static enum script_branch *top(struct script *script, const char *name, struct err *err)
{
    if (script->branch_count == 0) {
        err_set(err, ERR_USAGE, "\\%s: no matching \\if", name);
        return NULL;
    }
    return &script->branches[script->branch_count - 1];
}

static int exec_elif(struct shell *shell, struct cmd_call *call, struct err *err)
{
    enum script_branch *branch = top(shell->script, "elif", err);
    bool holds = false;
    int result = 0;

    if (branch == NULL) {
        return -1;
    }
    switch (*branch) {
    case SCRIPT_IF_TRUE:
        *branch = SCRIPT_IF_IGNORED;
        break;
    case SCRIPT_IF_FALSE:
        result = condition(call, &holds, err);
        *branch = holds ? SCRIPT_IF_TRUE : SCRIPT_IF_FALSE;
        break;
    case SCRIPT_IF_IGNORED:
        break;
    case SCRIPT_ELSE_TRUE:
    case SCRIPT_ELSE_FALSE:
        return err_set(err, ERR_USAGE, "\\elif: cannot occur after \\else");
    }
    return result;
}

static int exec_else(struct shell *shell, struct cmd_call *call, struct err *err)
{
    enum script_branch *branch = top(shell->script, "else", err);

    (void)call;
    if (branch == NULL) {
        return -1;
    }
    if (*branch == SCRIPT_ELSE_TRUE || *branch == SCRIPT_ELSE_FALSE) {
        return err_set(err, ERR_USAGE, "\\else: cannot occur after \\else");
    }
    *branch = *branch == SCRIPT_IF_FALSE ? SCRIPT_ELSE_TRUE : SCRIPT_ELSE_FALSE;
    return 0;
}

static int exec_endif(struct shell *shell, struct cmd_call *call, struct err *err)
{
    (void)call;
    if (top(shell->script, "endif", err) == NULL) {
        return -1;
    }
    shell->script->branch_count--;
    return 0;
}

#define GROUP "Variables and scripts"

const struct cmd cmd_branch_table[] = {
    {.name = "if",
     .group = GROUP,
     .usage = "EXPRESSION",
     .summary = "run what follows only when the expression is true",
     .max = -1,
     .flags = CMD_BRANCH,
     .exec = exec_if},
    {.name = "elif",
     .group = GROUP,
     .usage = "EXPRESSION",
     .summary = "begin another branch of \\if",
     .max = -1,
     .flags = CMD_BRANCH,
     .exec = exec_elif},
    {.name = "else",
     .group = GROUP,
     .usage = "",
     .summary = "begin the last branch of \\if",
     .flags = CMD_BRANCH,
     .exec = exec_else},
    {.name = "endif",
     .group = GROUP,
     .usage = "",
     .summary = "end the innermost \\if",
     .flags = CMD_BRANCH,
     .exec = exec_endif},
    {0},
};
