#include "config.h"

#include "repl/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <readline/readline.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "repl/words.h"
#include "shell/names.h"
#include "shell/shell.h"
#include "shell/syntax.h"

#define CANDIDATES_MAX 20000

/* What readline is asking for at the moment. */
static struct {
    struct shell *shell;
    struct script *script;
    char **items; /* heap; readline frees the strings it is given */
    size_t count;
    size_t cap;
    size_t next;
} state;

static void offer(const char *text, const char *word, bool any_case)
{
    size_t len = strlen(word);

    if (state.count >= CANDIDATES_MAX ||
        (any_case ? strncasecmp(text, word, len) : strncmp(text, word, len)) != 0) {
        return;
    }
    if (state.count == state.cap) {
        state.cap = state.cap == 0 ? 64 : state.cap * 2;
        state.items = xreallocarray(state.items, state.cap, sizeof(state.items[0]));
    }
    state.items[state.count++] = xstrdup(text);
}

static char *next_candidate(const char *word, int again)
{
    (void)word;
    (void)again;
    return state.next < state.count ? state.items[state.next++] : NULL;
}

static void offer_commands(const char *word, const char *prefix)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);

    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s%s", prefix, all[i]->name);
        offer(name, word, false);
    }
}

/* The argument of the command at hand before the one at `start`; false: there is none.
 */
static bool argument_before(int start, char *out, size_t size)
{
    const char *line = rl_line_buffer;
    int end = start;
    int from;

    while (end > 0 && line[end - 1] == ' ') {
        end--;
    }
    from = end;
    while (from > 0 && line[from - 1] != ' ') {
        from--;
    }
    str_copy_n(out, size, line + from, (size_t)(end - from));
    return out[0] != '\\' && out[0] != '\0';
}

static void offer_list(const char *const *list, const char *word)
{
    for (; *list != NULL; list++) {
        offer(*list, word, false);
    }
}

static void offer_variables(const char *word, const char *prefix, const char *suffix)
{
    size_t count;
    const struct vars_special *specials = vars_specials(&count);
    char text[256];

    for (size_t i = 0; i < state.shell->vars.count; i++) {
        snprintf(text, sizeof(text), "%s%s%s", prefix,
                 state.shell->vars.entries[i].name, suffix);
        offer(text, word, false);
    }
    for (size_t i = 0; i < count; i++) {
        if (vars_get(&state.shell->vars, specials[i].name) == NULL) {
            snprintf(text, sizeof(text), "%s%s%s", prefix, specials[i].name, suffix);
            offer(text, word, false);
        }
    }
}

/* :name, :'name', :"name" */
static void offer_references(const char *word)
{
    bool quote = word[1] == '\'';
    bool name = word[1] == '"';

    offer_variables(word,
                    quote  ? ":'"
                    : name ? ":\""
                           : ":",
                    quote  ? "'"
                    : name ? "\""
                           : "");
}

static void offer_choices(const char *choices, const char *word)
{
    char text[64];

    while (*choices != '\0') {
        size_t len = strcspn(choices, " ");
        str_copy_n(text, sizeof(text), choices, len);
        offer(text, word, false);
        choices += len + (choices[len] == ' ');
    }
}

static void offer_variable_values(const char *name, const char *word)
{
    size_t count;
    const struct vars_special *specials = vars_specials(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(specials[i].name, name) == 0) {
            offer_choices(specials[i].kind == VARS_BOOL     ? "on off"
                          : specials[i].kind == VARS_CHOICE ? specials[i].choices
                                                            : "",
                          word);
        }
    }
}

static void offer_options(const struct cmd *cmd, const char *word)
{
    const struct cmd_option *option;

    for (size_t i = 0; (option = cmd_option_at(cmd, i)) != NULL; i++) {
        offer(option->name, word, false);
    }
}

/* Names of several words: what was typed before `word` counts too. */
static void offer_syntax(const char *word, int start)
{
    size_t count;
    const struct syntax *all = syntax_all(&count);
    const char *line = rl_line_buffer;
    int from = start;
    size_t before;

    while (from > 0 && line[from - 1] != '\\') {
        from--;
    }
    from += (int)strcspn(line + from, " ");
    from += (int)strspn(line + from, " ");
    before = from < start ? (size_t)(start - from) : 0;
    for (size_t i = 0; i < count; i++) {
        if (strlen(all[i].name) > before &&
            strncasecmp(all[i].name, line + from, before) == 0) {
            offer(all[i].name + before, word, true);
        }
    }
}

static void offer_names(enum shell_names which, const char *word)
{
    const char *const *names;
    size_t count = shell_names(state.shell, which, &names);

    for (size_t i = 0; i < count; i++) {
        offer(names[i], word, false);
    }
}

/* Selectors have operators in front of a name and may be joined by commas. */
static void offer_selector(const char *word)
{
    static const char *const methods[] = {
        "tag:",   "path:",   "config.", "source:",    "package:", "resource_type:",
        "state:", "result:", "group:",  "test_name:", NULL};
    const char *comma = strrchr(word, ',');
    const char *start = comma != NULL ? comma + 1 : word;
    const char *const *names;
    size_t count = shell_names(state.shell, SHELL_NAMES_NODES, &names);

    start += strspn(start, "+@0123456789");
    for (size_t i = 0; i < count; i++) {
        char text[512];
        snprintf(text, sizeof(text), "%.*s%s", (int)(start - word), word, names[i]);
        offer(text, word, false);
    }
    count = shell_names(state.shell, SHELL_NAMES_TAGS, &names);
    for (size_t i = 0; i < count; i++) {
        char text[512];
        snprintf(text, sizeof(text), "%.*stag:%s", (int)(start - word), word, names[i]);
        offer(text, word, false);
    }
    if (start == word) {
        offer_list(methods, word);
    }
}

/* Candidates for an argument; true when it is a file's name, which readline knows. */
static bool offer_argument(const struct cmd *cmd, const char *word, int start)
{
    static const char *const onoff[] = {"on", "off", "auto", NULL};
    char before[64];

    if (word[0] == ':') {
        offer_references(word);
        return false;
    }
    if (word[0] == '-') {
        offer_options(cmd, word);
        return false;
    }
    switch (cmd->complete) {
    case CMD_COMPLETE_NONE:
        break;
    case CMD_COMPLETE_SELECTOR:
        offer_selector(word);
        break;
    case CMD_COMPLETE_NODE:
        offer_names(SHELL_NAMES_NODES, word);
        break;
    case CMD_COMPLETE_RELATION:
        offer_names(SHELL_NAMES_RELATIONS, word);
        break;
    case CMD_COMPLETE_STATEMENT:
        offer_names(SHELL_NAMES_STATEMENTS, word);
        break;
    case CMD_COMPLETE_TARGET:
        offer_names(SHELL_NAMES_TARGETS, word);
        break;
    case CMD_COMPLETE_FILE:
    case CMD_COMPLETE_DIRECTORY:
        return true;
    case CMD_COMPLETE_VARIABLE:
        if (argument_before(start, before, sizeof(before))) {
            offer_variable_values(before, word);
        } else {
            offer_variables(word, "", "");
        }
        break;
    case CMD_COMPLETE_PSET:
        if (argument_before(start, before, sizeof(before))) {
            offer_choices(print_pset_choices(before), word);
        } else {
            offer_list(print_pset_names(), word);
        }
        break;
    case CMD_COMPLETE_COMMAND:
        offer_commands(word, word[0] == '\\' ? "\\" : "");
        break;
    case CMD_COMPLETE_SYNTAX:
        offer_syntax(word, start);
        break;
    case CMD_COMPLETE_ONOFF:
        offer_list(onoff, word);
        break;
    }
    return false;
}

static void offer_keyword(const char *keyword, const char *word)
{
    const char *mode = vars_text(&state.shell->vars, "COMP_KEYWORD_CASE");
    size_t len = strlen(word);
    bool typed_lower = len > 0 && islower((unsigned char)word[len - 1]);
    bool typed_upper = len > 0 && isupper((unsigned char)word[len - 1]);
    bool lower = strcmp(mode, "lower") == 0 ||
                 (strcmp(mode, "preserve-lower") == 0 && !typed_upper) ||
                 (strcmp(mode, "preserve-upper") == 0 && typed_lower);
    char text[64];

    str_copy(text, sizeof(text), keyword);
    for (char *at = text; lower && *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    offer(text, word, true);
}

/* The word before the one that is being completed, upper case. */
static void previous_word(int start, char *out, size_t size)
{
    int end = start;
    size_t n = 0;

    while (end > 0 && strchr(" \t\n", rl_line_buffer[end - 1]) != NULL) {
        end--;
    }
    start = end;
    while (start > 0 && strchr(" \t\n(,", rl_line_buffer[start - 1]) == NULL) {
        start--;
    }
    for (; start < end && n + 1 < size; start++) {
        out[n++] = (char)toupper((unsigned char)rl_line_buffer[start]);
    }
    out[n] = '\0';
}

static void offer_sql(const char *word, int start)
{
    static const char *const before_table[] = {
        "FROM", "JOIN", "INTO", "TABLE", "VIEW", "DESCRIBE", "EXTENDED", "EXISTS"};
    char before[64];

    if (word[0] == ':') {
        offer_references(word);
        return;
    }
    previous_word(start, before, sizeof(before));
    for (size_t i = 0; i < sizeof(before_table) / sizeof(before_table[0]); i++) {
        if (strcmp(before, before_table[i]) == 0) {
            offer_names(SHELL_NAMES_RELATIONS, word);
        }
    }
    if (state.count > 0) {
        return;
    }
    for (const char *const *at = words_sql(); *at != NULL; at++) {
        offer_keyword(*at, word);
    }
    if (word[0] != '\0') {
        offer_names(SHELL_NAMES_RELATIONS, word);
        offer_names(SHELL_NAMES_COLUMNS, word);
    }
}

/* The backslash command that the cursor stands in, or NULL. */
static const struct cmd *command_at(int start, bool *is_name)
{
    const char *line = rl_line_buffer;
    int at = start;

    *is_name = false;
    while (at > 0 && line[at - 1] != '\\') {
        at--;
    }
    if (at == 0) {
        return NULL;
    }
    *is_name = at == start;
    return cmd_find(line + at, strcspn(line + at, " \t\\"));
}

static char **complete(const char *word, int start, int end)
{
    bool is_name = false;
    const struct cmd *cmd = command_at(start, &is_name);
    bool files = false;

    (void)end;
    state.count = state.next = 0;
    if (word[0] == '\\' && (start == 0 || rl_line_buffer[start - 1] != '\\')) {
        offer_commands(word, "\\");
    } else if (is_name) {
        offer_commands(word, "");
    } else if (cmd != NULL) {
        files = offer_argument(cmd, word, start);
    } else {
        offer_sql(word, start);
    }
    rl_attempted_completion_over = !files;
    if (files) {
        return NULL;
    }
    if (state.count == 1) {
        size_t len = strlen(state.items[0]);
        rl_completion_append_character =
            strchr(":.", state.items[0][len > 0 ? len - 1 : 0]) != NULL ? '\0' : ' ';
    }
    return rl_completion_matches(word, next_candidate);
}

void complete_start(struct shell *shell, struct script *script)
{
    state.shell = shell;
    state.script = script;
    rl_attempted_completion_function = complete;
    rl_basic_word_break_characters = " \t\n(;`";
    rl_completer_word_break_characters = " \t\n(;`";
    rl_completer_quote_characters = "";
    rl_completion_query_items = 200;
}

void complete_stop(void)
{
    free(state.items);
    state.items = NULL;
    state.count = state.cap = 0;
    rl_attempted_completion_function = NULL;
}
