#include "config.h"

#include "shell/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { /* long options without a letter */
       OPT_PROFILES_DIR = 256,
       OPT_PROFILE,
       OPT_TARGET,
       OPT_VARS,
       OPT_THREADS,
       OPT_SANDBOX,
       OPT_ENDPOINT,
       OPT_CSV,
       OPT_JSON,
       OPT_COLOR,
       OPT_HELP
};

static const struct option long_options[] = {
    {"command", required_argument, NULL, 'c'},
    {"file", required_argument, NULL, 'f'},
    {"project-dir", required_argument, NULL, 'C'},
    {"profiles-dir", required_argument, NULL, OPT_PROFILES_DIR},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"target", required_argument, NULL, OPT_TARGET},
    {"vars", required_argument, NULL, OPT_VARS},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"sandbox", optional_argument, NULL, OPT_SANDBOX},
    {"endpoint", required_argument, NULL, OPT_ENDPOINT},
    {"set", required_argument, NULL, 'v'},
    {"variable", required_argument, NULL, 'v'},
    {"no-rc", no_argument, NULL, 'X'},
    {"quiet", no_argument, NULL, 'q'},
    {"echo", no_argument, NULL, 'e'},
    {"echo-all", no_argument, NULL, 'a'},
    {"list", no_argument, NULL, 'l'},
    {"no-align", no_argument, NULL, 'A'},
    {"tuples-only", no_argument, NULL, 't'},
    {"expanded", no_argument, NULL, 'x'},
    {"field-separator", required_argument, NULL, 'F'},
    {"csv", no_argument, NULL, OPT_CSV},
    {"html", no_argument, NULL, 'H'},
    {"json", no_argument, NULL, OPT_JSON},
    {"pset", required_argument, NULL, 'P'},
    {"output", required_argument, NULL, 'o'},
    {"yes", no_argument, NULL, 'y'},
    {"color", required_argument, NULL, OPT_COLOR},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const char *const *options_names(void)
{
    static const char *names[sizeof(long_options) / sizeof(long_options[0])];

    for (size_t i = 0; long_options[i].name != NULL; i++) {
        names[i] = long_options[i].name;
    }
    return names;
}

const char *shell_usage(void)
{
    return "Usage: cflowsh [OPTION]... [-c COMMAND]... [-f FILE]...\n"
           "A shell for streaming dbt projects on Confluent Cloud for Apache Flink.\n"
           "\n"
           "Input (neither -c nor -f: standard input; on a terminal you are asked):\n"
           "  -c, --command TEXT        run TEXT, a backslash command or SQL\n"
           "  -f, --file FILE           run the commands of FILE; '-' is standard "
           "input\n"
           "  -l, --list                list the environments, as -c '\\l'\n"
           "  -v, --set NAME=VALUE      set a variable\n"
           "  -X, --no-rc               read no start-up files\n"
           "\n"
           "Project and connection:\n"
           "  -C, --project-dir DIR     the project; else the nearest one above here\n"
           "      --profiles-dir DIR    where profiles.yml is\n"
           "      --profile NAME        profile to use\n"
           "      --target NAME         target of the profile\n"
           "      --vars YAML           variables of the project\n"
           "      --threads N           nodes worked on at once\n"
           "      --sandbox[=FILE]      use a sandbox of this program instead of the "
           "cloud;\n"
           "                            its state is in target/sandbox.db or FILE\n"
           "      --endpoint URL        REST endpoint instead of the profile's\n"
           "\n"
           "Output:\n"
           "  -A, --no-align            unaligned output\n"
           "  -t, --tuples-only         rows only\n"
           "  -x, --expanded            expanded output\n"
           "  -F, --field-separator SEP separator of unaligned output\n"
           "      --csv                 comma-separated values\n"
           "  -H, --html                HTML tables\n"
           "      --json                one JSON object per line\n"
           "  -P, --pset NAME=VALUE     as \\pset\n"
           "  -o, --output FILE         results to FILE, or to '|COMMAND'\n"
           "  -q, --quiet               no notes\n"
           "  -e, -a, --echo            repeat commands on standard output\n"
           "      --color=WHEN          auto, always or never\n"
           "\n"
           "  -y, --yes                 answer yes to every question\n"
           "  -V, --version             print the version\n"
           "  -?, --help                print this help\n"
           "\n"
           "Exit status: 0 all went well; 1 a command, statement, model or test "
           "failed;\n"
           "2 could not start (usage, project, credentials, connection); 130 "
           "interrupted.\n"
           "In the shell, \\? lists the commands.\n";
}

static int add(const char **list, size_t *count, const char *text, struct err *err)
{
    if (*count >= OPTIONS_MAX) {
        return err_set(err, ERR_LIMIT, "more than %d options of a kind", OPTIONS_MAX);
    }
    list[(*count)++] = text;
    return 0;
}

static int add_input(struct options *options, bool file, const char *text,
                     struct err *err)
{
    if (options->input_count >= OPTIONS_MAX) {
        return err_set(err, ERR_LIMIT, "more than %d inputs", OPTIONS_MAX);
    }
    options->inputs[options->input_count++] = (struct options_input){file, text};
    return 0;
}

static int set_color(struct options *options, const char *text, struct err *err)
{
    static const char *const names[] = {"auto", "always", "never"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], text) == 0) {
            options->shell.color = (enum term_color_mode)i;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "--color is auto, always or never, not \"%s\"",
                   text);
}

static int set_threads(struct options *options, const char *text, struct err *err)
{
    char *end;
    long threads = strtol(text, &end, 10);

    if (end == text || *end != '\0' || threads < 1 || threads > 1000) {
        return err_set(err, ERR_USAGE,
                       "--threads is a number from 1 to 1000, not \"%s\"", text);
    }
    options->shell.threads = (int)threads;
    return 0;
}

/* Texts of -F need an owner: there is one at most that counts. */
static const char *fieldsep_pset(const char *separator)
{
    static char text[256];

    snprintf(text, sizeof(text), "fieldsep=%s", separator);
    return text;
}

static int set_output(struct options *options, int c, const char *value,
                      struct err *err)
{
    const char **list = options->psets;
    size_t *count = &options->pset_count;

    switch (c) {
    case 'A':
        return add(list, count, "format=unaligned", err);
    case 't':
        return add(list, count, "tuples_only=on", err);
    case 'x':
        return add(list, count, "expanded=on", err);
    case 'F':
        return add(list, count, fieldsep_pset(value), err);
    case 'H':
        return add(list, count, "format=html", err);
    case OPT_CSV:
        return add(list, count, "format=csv", err);
    case OPT_JSON:
        return add(list, count, "format=jsonl", err);
    case 'P':
        return add(list, count, value, err);
    default:
        return 1;
    }
}

static void set_project(struct shell_options *shell, int c, const char *value)
{
    const char **const fields[] = {
        [OPT_PROFILES_DIR - 256] = &shell->profiles_dir,
        [OPT_PROFILE - 256] = &shell->profile,
        [OPT_TARGET - 256] = &shell->target,
        [OPT_VARS - 256] = &shell->vars_yaml,
        [OPT_ENDPOINT - 256] = &shell->endpoint,
    };

    if (c >= 256 && (size_t)(c - 256) < sizeof(fields) / sizeof(fields[0]) &&
        fields[c - 256] != NULL) {
        *fields[c - 256] = value;
    }
}

static int set_one(struct options *options, int c, const char *value, struct err *err)
{
    int result = set_output(options, c, value, err);

    if (result != 1) {
        return result;
    }
    switch (c) {
    case 'c':
        return add_input(options, false, value, err);
    case 'f':
        return add_input(options, true, value, err);
    case 'l':
        return add_input(options, false, "\\l", err);
    case 'C':
        options->shell.project_dir = value;
        return 0;
    case 'v':
        return add(options->sets, &options->set_count, value, err);
    case 'X':
        options->no_rc = true;
        return 0;
    case 'q':
        options->shell.quiet = true;
        return 0;
    case 'a':
    case 'e':
        options->echo = true;
        return 0;
    case 'o':
        options->output = value;
        return 0;
    case 'y':
        options->shell.yes = true;
        return 0;
    case OPT_SANDBOX:
        options->shell.sandbox_file = value != NULL ? value : "";
        return 0;
    case OPT_THREADS:
        return set_threads(options, value, err);
    case OPT_COLOR:
        return set_color(options, value, err);
    case 'V':
        options->show_version = true;
        return 0;
    case OPT_HELP:
        options->show_help = true;
        return 0;
    default:
        set_project(&options->shell, c, value);
        return 0;
    }
}

/* What to do instead of an option of psql's that means nothing here, or NULL. */
static const char *psql_advice(int letter)
{
    static const struct {
        const char *letters;
        const char *advice;
    } all[] = {
        {"hpUdwW",
         "the profile says where to connect: --profile, --target, --endpoint"},
        {"1", "there are no transactions in Flink; the first failure ends a script"},
        {"E", "CFLOWSH_LOG=FILE in the environment logs what is sent"},
        {"RTz0", "-P NAME=VALUE sets recordsep, tableattr and the like"},
        {"L", "-o FILE writes results to a file, -e repeats commands"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strchr(all[i].letters, letter) != NULL) {
            return all[i].advice;
        }
    }
    return NULL;
}

static int bad_option(char **argv, int c, struct err *err)
{
    const char *names[64];
    size_t count = 0;
    const char *word = argv[optind - 1];
    const char *near = NULL;
    const char *advice = NULL;

    if (c == ':') {
        return err_set(err, ERR_USAGE, "option %s needs a value", word);
    }
    for (const struct option *option = long_options; option->name != NULL; option++) {
        names[count++] = option->name;
    }
    if (optopt != 0 && optopt < 256) {
        err_set(err, ERR_USAGE, "unknown option -%c", optopt);
        advice = psql_advice(optopt);
    } else {
        char name[64];
        str_copy_n(name, sizeof(name), word + 2 * str_starts(word, "--"),
                   strcspn(word + 2 * str_starts(word, "--"), "="));
        err_set(err, ERR_USAGE, "unknown or ambiguous option %s", word);
        near = str_nearest(name, names, count);
    }
    if (advice != NULL) {
        err_hint(err, "%s", advice);
    } else if (near != NULL) {
        err_hint(err, "did you mean --%s?", near);
    } else {
        err_hint(err, "--help lists the options");
    }
    return -1;
}

int options_parse(struct options *options, int argc, char **argv, struct err *err)
{
    int c;

    *options = (struct options){0};
    options->shell.program = argv[0];
    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":c:f:C:v:XqeaAtxHF:P:o:ylV", long_options,
                            NULL)) != -1) {
        if (c == '?' && optopt == '?') {
            c = OPT_HELP;
        }
        if (c == '?' || c == ':') {
            return bad_option(argv, c, err);
        }
        if (set_one(options, c, optarg, err) != 0) {
            return -1;
        }
    }
    if (optind < argc) {
        err_set(err, ERR_USAGE, "unexpected argument \"%s\"", argv[optind]);
        err_hint(err,
                 argv[optind][0] == '\\' ? "-c '%s' runs a command"
                                         : "-c TEXT runs a command, -f %s a file",
                 argv[optind]);
        return -1;
    }
    return 0;
}
