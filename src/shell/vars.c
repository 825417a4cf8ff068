#include "config.h"

#include "shell/vars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"

static const struct vars_special specials[] = {
    {"COMP_KEYWORD_CASE", VARS_CHOICE, "preserve-upper",
     "lower upper preserve-lower preserve-upper", "case of completed SQL keywords"},
    {"DATABASE", VARS_READONLY, "", NULL, "current database (Kafka cluster)"},
    {"ECHO", VARS_CHOICE, "none", "none all queries errors",
     "what is repeated on standard output: none, all, queries, errors"},
    {"ENVIRONMENT", VARS_READONLY, "", NULL, "current environment (catalog)"},
    {"ERROR", VARS_READONLY, "false", NULL, "whether the last command failed"},
    {"FETCH_COUNT", VARS_NUMBER, "0", NULL,
     "rows after which a result is cut; 0 for no limit"},
    {"HISTCONTROL", VARS_CHOICE, "none", "none ignorespace ignoredups ignoreboth",
     "lines that are left out of the history"},
    {"HISTFILE", VARS_TEXT, "", NULL, "file of the history"},
    {"HISTSIZE", VARS_NUMBER, "2000", NULL, "entries kept in the history"},
    {"IGNOREEOF", VARS_NUMBER, "0", NULL, "end-of-file keys that are ignored"},
    {"LAST_ERROR", VARS_READONLY, "", NULL, "code of the last error"},
    {"LAST_ERROR_MESSAGE", VARS_READONLY, "", NULL, "text of the last error"},
    {"LAST_STATEMENT", VARS_READONLY, "", NULL, "name of the last statement sent"},
    {"ON_ERROR_STOP", VARS_BOOL, "", NULL,
     "whether a failure ends a script; unset: only where nobody types"},
    {"PROJECT", VARS_READONLY, "", NULL, "name of the project"},
    {"PROMPT1", VARS_TEXT, "%/%R%# ", NULL, "prompt for a new command"},
    {"PROMPT2", VARS_TEXT, "%/%R%# ", NULL, "prompt inside of a statement"},
    {"QUIET", VARS_BOOL, "off", NULL, "no notes, as with -q"},
    {"ROW_COUNT", VARS_READONLY, "0", NULL, "rows of the last result"},
    {"SHELL_ERROR", VARS_READONLY, "false", NULL, "whether the last \\! failed"},
    {"SHELL_EXIT_CODE", VARS_READONLY, "0", NULL, "exit status of the last \\!"},
    {"STREAM_TIMEOUT", VARS_NUMBER, "10", NULL,
     "seconds without a new row that end a streaming result where nobody watches"},
    {"TARGET", VARS_READONLY, "", NULL, "target of the profile"},
    {"VERBOSITY", VARS_CHOICE, "default", "default terse verbose",
     "how much of an error is shown"},
    {"VERSION", VARS_READONLY, PACKAGE_STRING, NULL, "name and version of the program"},
};

const struct vars_special *vars_specials(size_t *count)
{
    *count = sizeof(specials) / sizeof(specials[0]);
    return specials;
}

static const struct vars_special *find_special(const char *name)
{
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (strcmp(specials[i].name, name) == 0) {
            return &specials[i];
        }
    }
    return NULL;
}

void vars_fini(struct vars *vars)
{
    for (size_t i = 0; i < vars->count; i++) {
        free(vars->entries[i].name);
        free(vars->entries[i].value);
    }
    free(vars->entries);
    *vars = (struct vars){0};
}

bool vars_name_ok(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!(c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
              ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))) {
            return false;
        }
    }
    return len > 0;
}

/* Index of the name, or of the place where it belongs. */
static size_t lookup(const struct vars *vars, const char *name, size_t len, bool *found)
{
    size_t low = 0;
    size_t high = vars->count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = vars->entries[middle].name;
        int order = strncmp(other, name, len);
        if (order == 0 && other[len] != '\0') {
            order = 1;
        }
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Has a read-only variable's value found, once somebody wants it. */
static void find_missing(const struct vars *vars, const char *name, size_t len)
{
    size_t count = sizeof(specials) / sizeof(specials[0]);

    if (vars->missing == NULL || *vars->busy) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (specials[i].kind == VARS_READONLY && strlen(specials[i].name) == len &&
            memcmp(specials[i].name, name, len) == 0) {
            *vars->busy = true;
            vars->missing(vars->context, specials[i].name);
            *vars->busy = false;
        }
    }
}

const char *vars_get_n(const struct vars *vars, const char *name, size_t len)
{
    bool found;
    size_t at = lookup(vars, name, len, &found);

    if (!found) {
        find_missing(vars, name, len);
        at = lookup(vars, name, len, &found);
    }
    return found ? vars->entries[at].value : NULL;
}

const char *vars_get(const struct vars *vars, const char *name)
{
    return vars_get_n(vars, name, strlen(name));
}

const char *vars_text(const struct vars *vars, const char *name)
{
    const char *value = vars_get(vars, name);
    const struct vars_special *special;

    if (value != NULL) {
        return value;
    }
    special = find_special(name);
    return special != NULL ? special->fallback : "";
}

bool vars_bool(const struct vars *vars, const char *name, bool fallback)
{
    bool value = fallback;

    vars_parse_bool(vars_text(vars, name), &value);
    return value;
}

static bool parse_number(const char *text, long *out)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0) {
        return false;
    }
    *out = value;
    return true;
}

long vars_number(const struct vars *vars, const char *name, long fallback)
{
    long value = fallback;

    parse_number(vars_text(vars, name), &value);
    return value;
}

void vars_put(struct vars *vars, const char *name, const char *value)
{
    bool found;
    size_t at = lookup(vars, name, strlen(name), &found);

    if (found) {
        char *copy = xstrdup(value);
        free(vars->entries[at].value);
        vars->entries[at].value = copy;
        return;
    }
    if (vars->count == vars->cap) {
        vars->cap = vars->cap == 0 ? 32 : vars->cap * 2;
        vars->entries =
            xreallocarray(vars->entries, vars->cap, sizeof(vars->entries[0]));
    }
    memmove(&vars->entries[at + 1], &vars->entries[at],
            (vars->count - at) * sizeof(vars->entries[0]));
    vars->entries[at].name = xstrdup(name);
    vars->entries[at].value = xstrdup(value);
    vars->count++;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (const char *at = choices; *at != '\0';) {
        size_t n = strcspn(at, " ");
        if (n == len && strncmp(at, value, n) == 0) {
            return true;
        }
        at += n + strspn(at + n, " ");
    }
    return false;
}

static int check(const struct vars_special *special, const char *value, struct err *err)
{
    bool on;
    long number;

    switch (special->kind) {
    case VARS_READONLY:
        return err_set(err, ERR_USAGE, "variable \"%s\" can't be set", special->name);
    case VARS_BOOL:
        if (!vars_parse_bool(value, &on)) {
            return err_set(err, ERR_USAGE,
                           "unrecognized value \"%s\" for \"%s\": boolean expected",
                           value, special->name);
        }
        return 0;
    case VARS_NUMBER:
        if (!parse_number(value, &number) || number < 0) {
            return err_set(err, ERR_USAGE,
                           "invalid value \"%s\" for \"%s\": number expected", value,
                           special->name);
        }
        return 0;
    case VARS_CHOICE:
        if (!is_choice(special->choices, value)) {
            err_set(err, ERR_USAGE, "unrecognized value \"%s\" for \"%s\"", value,
                    special->name);
            err_hint(err, "available values are: %s", special->choices);
            return -1;
        }
        return 0;
    case VARS_TEXT:
        break;
    }
    return 0;
}

int vars_set(struct vars *vars, const char *name, const char *value, struct err *err)
{
    const struct vars_special *special = find_special(name);

    if (!vars_name_ok(name, strlen(name))) {
        return err_set(err, ERR_USAGE, "invalid variable name: \"%s\"", name);
    }
    if (strlen(value) > VARS_VALUE_MAX ||
        (vars->count >= VARS_MAX && vars_get(vars, name) == NULL)) {
        return err_set(err, ERR_LIMIT, "too many or too long variables");
    }
    if (special != NULL && value[0] == '\0' && special->kind == VARS_BOOL) {
        value = "on";
    }
    if (special != NULL && check(special, value, err) != 0) {
        return -1;
    }
    vars_put(vars, name, value);
    return 0;
}

int vars_unset(struct vars *vars, const char *name, struct err *err)
{
    const struct vars_special *special = find_special(name);
    bool found;
    size_t at = lookup(vars, name, strlen(name), &found);

    if (!vars_name_ok(name, strlen(name))) {
        return err_set(err, ERR_USAGE, "invalid variable name: \"%s\"", name);
    }
    if (special != NULL && special->kind == VARS_READONLY) {
        return err_set(err, ERR_USAGE, "variable \"%s\" can't be unset", name);
    }
    if (found) {
        free(vars->entries[at].name);
        free(vars->entries[at].value);
        memmove(&vars->entries[at], &vars->entries[at + 1],
                (vars->count - at - 1) * sizeof(vars->entries[0]));
        vars->count--;
    }
    return 0;
}

bool vars_parse_bool(const char *text, bool *out)
{
    static const struct {
        const char *word;
        size_t shortest;
        bool value;
    } words[] = {
        {"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
        {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false},
    };
    size_t len = strlen(text);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (len >= words[i].shortest && len <= strlen(words[i].word) &&
            str_ieq_n(words[i].word, len, text)) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}
