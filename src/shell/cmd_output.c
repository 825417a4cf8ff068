/* How results look. */
#include "config.h"

#include <string.h>

#include "shell/shell.h"

static const char *word(const char *value)
{
    static const char *const words[][2] = {
        {"on", "on"}, {"off", "off"}, {"auto", "used automatically"}};

    for (size_t i = 0; i < 3; i++) {
        if (strcmp(value, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return value;
}

/* The line that psql prints after a change. */
static void tell(struct shell *shell, const char *name, struct arena *arena)
{
    static const struct {
        const char *name;
        const char *text;
    } texts[] = {
        {"border", "Border style is %s."},
        {"changelog", "Changelog mode is %s."},
        {"columns", "Target width is %s."},
        {"csv_fieldsep", "Field separator for CSV is \"%s\"."},
        {"expanded", "Expanded display is %s."},
        {"fieldsep", "Field separator is %s."},
        {"footer", "Default footer is %s."},
        {"format", "Output format is %s."},
        {"linestyle", "Line style is %s."},
        {"null", "Null display is %s."},
        {"pager", "Pager is %s."},
        {"pager_min_lines", "Pager is used from %s lines on."},
        {"recordsep", "Record separator is %s."},
        {"tableattr", "Table attributes are %s."},
        {"title", "Title is %s."},
        {"tuples_only", "Tuples only is %s."},
    };
    const char *value = print_pset_text(&shell->print, name, arena);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i].name, name) == 0) {
            const char *at = strstr(texts[i].text, "%s");
            print_note(&shell->print, "%.*s%s%s", (int)(at - texts[i].text),
                       texts[i].text, value[0] != '\0' ? word(value) : "unset", at + 2);
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
                   arena_printf(call->arena, "%-16s %s", names[i], value));
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
