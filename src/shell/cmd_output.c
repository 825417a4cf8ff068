/* How results look. */
#include "config.h"

#include <string.h>

#include "shell/shell.h"

/* The line that psql prints after a change: by name, and by value where that differs.
 */
static const struct {
    const char *name;
    const char *value; /* NULL: any other */
    const char *text;  /* "%s" stands for the value */
} told[] = {
    {"border", NULL, "Border style is %s."},
    {"changelog", NULL, "Changelog mode is %s."},
    {"columns", "0", "Target width is unset."},
    {"columns", NULL, "Target width is %s."},
    {"csv_fieldsep", NULL, "Field separator for CSV is \"%s\"."},
    {"expanded", "auto", "Expanded display is used automatically."},
    {"expanded", NULL, "Expanded display is %s."},
    {"fieldsep", NULL, "Field separator is \"%s\"."},
    {"footer", NULL, "Default footer is %s."},
    {"format", NULL, "Output format is %s."},
    {"linestyle", NULL, "Line style is %s."},
    {"null", NULL, "Null display is \"%s\"."},
    {"pager", "off", "Pager usage is off."},
    {"pager", "on", "Pager is used for long output."},
    {"pager", "always", "Pager is always used."},
    {"pager_min_lines", NULL, "Pager won't be used for less than %s lines."},
    {"recordsep", "\\n", "Record separator is <newline>."},
    {"recordsep", NULL, "Record separator is \"%s\"."},
    {"tableattr", "", "Table attributes unset."},
    {"tableattr", NULL, "Table attributes are \"%s\"."},
    {"title", "", "Title is unset."},
    {"title", NULL, "Title is \"%s\"."},
    {"tuples_only", NULL, "Tuples only is %s."},
};

static void tell(struct shell *shell, const char *name, struct arena *arena)
{
    const char *value = print_pset_text(&shell->print, name, arena);
    size_t len = strlen(value);

    name = print_pset_name(name);
    if (len > 1 && value[0] == '\'') {
        value = arena_strndup(arena, value + 1, len - 2);
    }
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        if (strcmp(told[i].name, name) == 0 &&
            (told[i].value == NULL || strcmp(told[i].value, value) == 0)) {
            const char *at = strstr(told[i].text, "%s");
            const char *rest = at != NULL ? at + 2 : "";
            int before =
                (int)(at != NULL ? (size_t)(at - told[i].text) : strlen(told[i].text));
            print_note(&shell->print, "%.*s%s%s", before, told[i].text,
                       at != NULL ? value : "", rest);
            return;
        }
    }
}

static int pset(struct shell *shell, const char *name, const char *value,
                struct cmd_call *call, struct err *err)
{
    if (print_pset(&shell->print, name, value, err) != 0) {
        return -1;
    }
    tell(shell, name, call->arena);
    return 0;
}

static int exec_pset(struct shell *shell, struct cmd_call *call, struct err *err)
{
    static const struct format_column columns[] = {{"name", FORMAT_TEXT},
                                                   {"value", FORMAT_TEXT}};
    const char *const *names = print_pset_names();

    if (call->argc > 0) {
        return pset(shell, call->argv[0], call->argc > 1 ? call->argv[1] : NULL, call,
                    err);
    }
    if (print_is_json(&shell->print)) {
        struct print_table *table = print_table_begin(&shell->print, columns, 2, NULL);
        for (size_t i = 0; names[i] != NULL; i++) {
            const char *texts[] = {
                names[i], print_pset_text(&shell->print, names[i], call->arena)};
            print_table_texts(table, texts, 2);
        }
        print_table_end(table, NULL);
        return 0;
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *value = print_pset_text(&shell->print, names[i], call->arena);
        print_line(&shell->print,
                   arena_printf(call->arena, "%-24s %s", names[i], value));
    }
    return 0;
}

static int exec_expanded(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return pset(shell, "expanded", call->argc > 0 ? call->argv[0] : NULL, call, err);
}

static int exec_align(struct shell *shell, struct cmd_call *call, struct err *err)
{
    bool aligned = shell->print.format.kind == FORMAT_ALIGNED;

    return pset(shell, "format", aligned ? "unaligned" : "aligned", call, err);
}

static int exec_html(struct shell *shell, struct cmd_call *call, struct err *err)
{
    bool html = shell->print.format.kind == FORMAT_HTML;

    return pset(shell, "format", html ? "aligned" : "html", call, err);
}

static int exec_attributes(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return pset(shell, "tableattr", call->argc > 0 ? call->argv[0] : "", call, err);
}

static int exec_tuples(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return pset(shell, "tuples_only", call->argc > 0 ? call->argv[0] : NULL, call, err);
}

static int exec_fieldsep(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return pset(shell, "fieldsep", call->argc > 0 ? call->argv[0] : NULL, call, err);
}

static int exec_title(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return pset(shell, "title", call->argc > 0 ? call->argv[0] : "", call, err);
}

static int exec_timing(struct shell *shell, struct cmd_call *call, struct err *err)
{
    if (call->argc == 0) {
        shell->timing = !shell->timing;
    } else if (!vars_parse_bool(call->argv[0], &shell->timing)) {
        return err_set(err, ERR_USAGE,
                       "unrecognized value \"%s\" for \"\\timing\": boolean expected",
                       call->argv[0]);
    }
    print_note(&shell->print, "Timing is %s.", shell->timing ? "on" : "off");
    return 0;
}

#define GROUP "Output"

const struct cmd cmd_output_table[] = {
    {.name = "x",
     .group = GROUP,
     .usage = "[on | off | auto]",
     .summary = "switch expanded output: one line per column",
     .max = 1,
     .complete = CMD_COMPLETE_ONOFF,
     .exec = exec_expanded},
    {.name = "a",
     .group = GROUP,
     .usage = "",
     .summary = "switch between aligned and unaligned output",
     .exec = exec_align},
    {.name = "t",
     .group = GROUP,
     .usage = "[on | off]",
     .summary = "switch headings and footers off and on",
     .max = 1,
     .complete = CMD_COMPLETE_ONOFF,
     .exec = exec_tuples},
    {.name = "f",
     .group = GROUP,
     .usage = "[TEXT]",
     .summary = "set or show the field separator of unaligned output",
     .max = 1,
     .exec = exec_fieldsep},
    {.name = "C",
     .group = GROUP,
     .usage = "[TEXT]",
     .summary = "set or remove the title of tables",
     .max = 1,
     .exec = exec_title},
    {.name = "H",
     .aliases = "html",
     .group = GROUP,
     .usage = "",
     .summary = "switch HTML output on and off",
     .exec = exec_html},
    {.name = "T",
     .group = GROUP,
     .usage = "[TEXT]",
     .summary = "set or remove the attributes of HTML tables",
     .max = 1,
     .exec = exec_attributes},
    {.name = "pset",
     .group = GROUP,
     .usage = "[NAME [VALUE]]",
     .summary = "set or show how tables are written",
     .max = 2,
     .complete = CMD_COMPLETE_PSET,
     .exec = exec_pset},
    {.name = "timing",
     .group = GROUP,
     .usage = "[on | off]",
     .summary = "show how long commands take",
     .max = 1,
     .complete = CMD_COMPLETE_ONOFF,
     .exec = exec_timing},
    {0},
};
