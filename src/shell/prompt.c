#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "shell/shell.h"

static const char marks[] = {
    [SCRIPT_READY] = '=',  [SCRIPT_CONTINUE] = '-', [SCRIPT_SINGLE] = '\'',
    [SCRIPT_DOUBLE] = '"', [SCRIPT_BACKTICK] = '`', [SCRIPT_COMMENT] = '*',
    [SCRIPT_PAREN] = '('};

static const char *project_name(struct shell *shell)
{
    const char *name = vars_text(&shell->vars, "PROJECT");

    return name[0] != '\0' ? name : SHELL_NAME;
}

/* %:name: puts in a variable; returns the bytes used after the colon. */
static size_t add_variable(struct shell *shell, const char *at, struct buf *out)
{
    size_t len = strcspn(at, ":");
    const char *value;

    if (at[len] != ':') {
        return 0;
    }
    value = vars_get_n(&shell->vars, at, len);
    buf_adds(out, value != NULL ? value : "");
    return len + 1;
}

static size_t add_escape(struct shell *shell, const struct script *script,
                         const char *at, struct buf *out)
{
    switch (*at) {
    case '/':
        buf_adds(out, project_name(shell));
        break;
    case 'd':
        buf_adds(out, vars_text(&shell->vars, "DATABASE"));
        break;
    case 'e':
        buf_adds(out, vars_text(&shell->vars, "ENVIRONMENT"));
        break;
    case 't':
        buf_adds(out, vars_text(&shell->vars, "TARGET"));
        break;
    case 'l':
        buf_addf(out, "%d", script->line + 1);
        break;
    case 'R':
        buf_addc(out, script_active(script) ? marks[script_state(script)] : '@');
        break;
    case '#':
        buf_addc(out, '>');
        break;
    case '%':
        buf_addc(out, '%');
        break;
    case '[':
        buf_addc(out, '\001');
        break;
    case ']':
        buf_addc(out, '\002');
        break;
    case ':':
        return 1 + add_variable(shell, at + 1, out);
    case '\0':
        return 0;
    default:
        buf_addc(out, *at);
    }
    return 1;
}

void shell_prompt(struct shell *shell, const struct script *script, struct buf *out)
{
    bool first = script_state(script) == SCRIPT_READY;
    const char *at = vars_text(&shell->vars, first ? "PROMPT1" : "PROMPT2");

    buf_reset(out);
    while (*at != '\0') {
        if (*at == '%') {
            at += 1 + add_escape(shell, script, at + 1, out);
        } else {
            buf_addc(out, *at++);
        }
    }
}
