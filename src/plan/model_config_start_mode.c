#include "config.h"

#include "plan/model_config.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum start_argument { START_NONE, START_OPTIONAL, START_REQUIRED };

static const struct {
    const char *keyword;
    enum start_argument argument;
} start_modes[] = {
    {"FROM_BEGINNING", START_NONE},
    {"FROM_NOW", START_OPTIONAL},
    {"FROM_TIMESTAMP", START_REQUIRED},
    {"RESUME_OR_FROM_BEGINNING", START_NONE},
    {"RESUME_OR_FROM_NOW", START_OPTIONAL},
    {"RESUME_OR_FROM_TIMESTAMP", START_REQUIRED},
};

static int invalid_start_mode(const char *text, struct err *err)
{
    return err_set(
        err, ERR_COMPILE,
        "'%s' is not a valid value for 'start_mode'.\nAccepted forms are: "
        "FROM_BEGINNING, FROM_NOW, FROM_NOW(INTERVAL '<n>' <unit>), "
        "FROM_TIMESTAMP('<timestamp>'), RESUME_OR_FROM_BEGINNING, RESUME_OR_FROM_NOW, "
        "RESUME_OR_FROM_NOW(INTERVAL '<n>' <unit>), "
        "RESUME_OR_FROM_TIMESTAMP('<timestamp>').",
        text);
}

/* Quoted literals, word characters and blanks: nothing that could end the clause. */
static bool safe_argument(const char *arg, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (arg[i] == '\'') {
            for (i++; i < len && arg[i] != '\''; i++) {
            }
            if (i >= len) {
                return false;
            }
        } else if (!isalnum((unsigned char)arg[i]) && arg[i] != '_' && arg[i] != ' ' &&
                   arg[i] != '\t') {
            return false;
        }
    }
    return true;
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && isspace((unsigned char)(*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && isspace((unsigned char)(*text)[*len - 1])) {
        (*len)--;
    }
}

static int render_start_mode(const char *keyword, const char *arg, size_t len,
                             const char *text, struct arena *arena, const char **out,
                             struct err *err)
{
    for (size_t i = 0; i < COUNT(start_modes); i++) {
        if (!str_ieq(start_modes[i].keyword, keyword)) {
            continue;
        }
        const char *name = start_modes[i].keyword;
        if (len == 0 && start_modes[i].argument == START_REQUIRED) {
            return err_set(err, ERR_COMPILE,
                           "'start_mode' %s requires an argument, e.g. %s('...').",
                           name, name);
        }
        if (len > 0 && start_modes[i].argument == START_NONE) {
            return err_set(err, ERR_COMPILE,
                           "'start_mode' %s does not take an argument.", name);
        }
        *out = len > 0 ? arena_printf(arena, "%s(%.*s)", name, (int)len, arg) : name;
        return 0;
    }
    return invalid_start_mode(text, err);
}

int config_read_start_mode(const struct node *node, struct arena *arena,
                           struct model_config *out, struct err *err)
{
    struct value v = node_config(node, "start_mode");

    if (value_is_null(v)) {
        return 0;
    }
    const char *text = config_text(v, arena);
    if (text == NULL) {
        return invalid_start_mode(value_type_name(v), err);
    }
    const char *p = text;
    size_t len = strlen(text);
    trim(&p, &len);
    size_t word = 0;
    while (word < len && (isalpha((unsigned char)p[word]) || p[word] == '_')) {
        word++;
    }
    const char *keyword = arena_strndup(arena, p, word);
    const char *arg = p + word;
    size_t arg_len = len - word;
    trim(&arg, &arg_len);
    if (arg_len > 0) {
        if (arg[0] != '(' || arg[arg_len - 1] != ')' || arg_len < 2) {
            return invalid_start_mode(text, err);
        }
        arg++;
        arg_len -= 2;
        trim(&arg, &arg_len);
        if (str_eq_n(arg, arg_len, "''")) {
            arg_len = 0;
        }
    }
    if (word == 0 || !safe_argument(arg, arg_len)) {
        return invalid_start_mode(text, err);
    }
    return render_start_mode(keyword, arg, arg_len, text, arena, &out->start_mode, err);
}
