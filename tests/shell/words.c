/*
 * Prints every word that the man page must explain: commands, their options, options of
 * the command line, variables, settings and formats, one per line with its kind.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shell/cmd.h"
#include "shell/options.h"
#include "shell/print.h"
#include "shell/syntax.h"
#include "shell/vars.h"

static void print_words(const char *kind, const char *words)
{
    while (words != NULL && *words != '\0') {
        size_t len = strcspn(words, " ");
        printf("%s %.*s\n", kind, (int)len, words);
        words += len + strspn(words + len, " ");
    }
}

int main(void)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);
    const struct vars_special *specials;
    const struct cmd_option *option;

    for (size_t i = 0; i < count; i++) {
        printf("command %s\n", all[i]->name);
        print_words("alias", all[i]->aliases);
        for (size_t k = 0; (option = cmd_option_at(all[i], k)) != NULL; k++) {
            printf("cmdoption %s %s\n", all[i]->name, option->name);
        }
    }
    specials = vars_specials(&count);
    for (size_t i = 0; i < count; i++) {
        printf("variable %s\n", specials[i].name);
    }
    for (const char *const *name = print_pset_names(); *name != NULL; name++) {
        printf("setting %s\n", *name);
    }
    for (int kind = 0; kind < FORMAT_KIND_COUNT; kind++) {
        printf("format %s\n", format_kind_name((enum format_kind)kind));
    }
    for (const char *const *name = options_names(); *name != NULL; name++) {
        printf("option %s\n", *name);
    }
    return 0;
}
