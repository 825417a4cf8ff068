#include "config.h"

#include "sandbox/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/catalog.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum option_id {
    OPT_PORT = 'p',
    OPT_QUIET = 'q',
    OPT_HELP = 256,
    OPT_VERSION,
    OPT_ADDRESS,
    OPT_ALLOW_REMOTE,
    OPT_PORT_FILE,
    OPT_STATE,
    OPT_CONFIG,
    OPT_LOG,
    OPT_ORGANIZATION,
    OPT_ENVIRONMENT,
    OPT_DATABASE,
    OPT_POOL,
    OPT_KEY,
    OPT_PENDING,
    OPT_STOP_DELAY,
    OPT_DELETE_DELAY,
    OPT_TOPIC_DELAY,
    OPT_RESULTS_DELAY,
    OPT_RETENTION,
    OPT_IDLE_TIMEOUT,
    OPT_PAGE_ROWS,
    OPT_SEED,
    OPT_FAULT,
    OPT_FAIL_AT,
    OPT_PARENT_PID,
    OPT_UNTIL_EOF,
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"port-file", required_argument, NULL, OPT_PORT_FILE},
    {"address", required_argument, NULL, OPT_ADDRESS},
    {"allow-remote", no_argument, NULL, OPT_ALLOW_REMOTE},
    {"state", required_argument, NULL, OPT_STATE},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"log", required_argument, NULL, OPT_LOG},
    {"organization", required_argument, NULL, OPT_ORGANIZATION},
    {"environment", required_argument, NULL, OPT_ENVIRONMENT},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"compute-pool", required_argument, NULL, OPT_POOL},
    {"key", required_argument, NULL, OPT_KEY},
    {"pending", required_argument, NULL, OPT_PENDING},
    {"stop-delay", required_argument, NULL, OPT_STOP_DELAY},
    {"delete-delay", required_argument, NULL, OPT_DELETE_DELAY},
    {"topic-delay", required_argument, NULL, OPT_TOPIC_DELAY},
    {"results-delay", required_argument, NULL, OPT_RESULTS_DELAY},
    {"retention", required_argument, NULL, OPT_RETENTION},
    {"idle-timeout", required_argument, NULL, OPT_IDLE_TIMEOUT},
    {"page-rows", required_argument, NULL, OPT_PAGE_ROWS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"fail-at", required_argument, NULL, OPT_FAIL_AT},
    {"parent-pid", required_argument, NULL, OPT_PARENT_PID},
    {"until-eof", no_argument, NULL, OPT_UNTIL_EOF},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "Usage: cflowsh-sandbox [options]\n"
    "Serves the Flink SQL statements API of Confluent Cloud on loopback.\n"
    "\n"
    "  -p, --port N              port to listen on; 0: any (default 8081)\n"
    "      --port-file FILE      write the port into FILE once it is open\n"
    "      --address ADDRESS     numeric address (default 127.0.0.1)\n"
    "      --allow-remote        together with --address: not only loopback\n"
    "      --state FILE          keep the state in FILE (default: in memory)\n"
    "      --config FILE         YAML: environments, keys, faults\n"
    "      --log FILE            every request as a JSON line; '-': stderr\n"
    "      --organization UUID   --environment ID[=NAME]  --database NAME[=ID]\n"
    "      --compute-pool ID[=CFU]  --key KEY:SECRET\n"
    "      --pending MS[-MS]     how long statements are PENDING (default 20-100)\n"
    "      --stop-delay MS  --delete-delay MS  --topic-delay MS  --results-delay MS\n"
    "      --retention SECONDS  --idle-timeout SECONDS  --page-rows N  --seed N\n"
    "      --fault NAME=VALUE    a fault, repeatable; see cflowsh-sandbox(1)\n"
    "      --fail-at N[:before|:after]   cut the connection at the Nth request\n"
    "      --parent-pid PID      end when that process is gone\n"
    "      --until-eof           end when standard input ends\n"
    "  -q, --quiet               print nothing on stdout\n"
    "      --help  --version\n";

struct options_place *options_add(struct options *options, struct options_list *list)
{
    size_t size = sizeof(*list->items);
    list->items = arena_realloc(&options->arena, list->items, list->count * size,
                                (list->count + 1) * size);
    struct options_place *place = &list->items[list->count++];
    *place = (struct options_place){0};
    return place;
}

void options_add_fault(struct options *options, const char *name, const char *value)
{
    size_t size = sizeof(*options->faults);
    options->faults =
        arena_realloc(&options->arena, options->faults, options->fault_count * size,
                      (options->fault_count + 1) * size);
    options->faults[options->fault_count++] = (struct options_fault){name, value};
}

void options_add_key(struct options *options, const char *pair)
{
    struct sandbox_settings *settings = &options->settings;
    const char **keys =
        arena_array(&options->arena, const char *, settings->key_count + 1);
    for (size_t i = 0; i < settings->key_count; i++) {
        keys[i] = settings->keys[i];
    }
    keys[settings->key_count++] = pair;
    settings->keys = keys;
}

static int read_number(const char *name, const char *text, int64_t low, int64_t high,
                       int64_t *out, struct err *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number < low || number > high) {
        return err_set(err, ERR_USAGE, "--%s: '%s' is not a number from %lld to %lld",
                       name, text, (long long)low, (long long)high);
    }
    *out = number;
    return 0;
}

/* "100" or "20-100" */
static int read_range(struct options *options, const char *text, struct err *err)
{
    struct sandbox_settings *settings = &options->settings;
    char *copy = arena_strdup(&options->arena, text);
    char *dash = strchr(copy, '-');
    if (dash != NULL) {
        *dash = '\0';
    }
    if (read_number("pending", copy, 0, 86400000, &settings->pending_min, err) != 0 ||
        read_number("pending", dash != NULL ? dash + 1 : copy, settings->pending_min,
                    86400000, &settings->pending_max, err) != 0) {
        return -1;
    }
    return 0;
}

/* Cuts "a=b" in the arena; `*right` is NULL without '='. */
static const char *cut(struct options *options, const char *text, const char **right)
{
    char *left = arena_strdup(&options->arena, text);
    char *equals = strchr(left, '=');
    *right = NULL;
    if (equals != NULL) {
        *equals = '\0';
        *right = equals + 1;
    }
    return left;
}

static const char *last_environment(const struct options *options)
{
    size_t count = options->environments.count;
    return count > 0 ? options->environments.items[count - 1].id : NULL;
}

static int read_place(struct options *options, int option, const char *text,
                      struct err *err)
{
    const char *right;
    const char *left = cut(options, text, &right);
    struct options_place *place;
    int64_t cfu = 50;

    switch (option) {
    case OPT_ENVIRONMENT:
        place = options_add(options, &options->environments);
        place->id = left;
        place->name = right != NULL ? right : left;
        return 0;
    case OPT_DATABASE:
        place = options_add(options, &options->databases);
        place->name = left;
        place->id = right;
        place->env = last_environment(options);
        return 0;
    default:
        place = options_add(options, &options->pools);
        place->id = left;
        place->env = last_environment(options);
        if (right != NULL && read_number("compute-pool", right, 0, 100000, &cfu, err)) {
            return -1;
        }
        place->max_cfu = (int)cfu;
        return 0;
    }
}

static int read_fault(struct options *options, const char *text, struct err *err)
{
    const char *value;
    const char *name = cut(options, text, &value);
    if (value == NULL) {
        return err_set(err, ERR_USAGE, "--fault: '%s' is not NAME=VALUE", text);
    }
    options_add_fault(options, name, value);
    return 0;
}

/* Options whose value is a number of ms, seconds or a count. */
static int read_amount(struct options *options, int option, const char *name,
                       const char *text, struct err *err)
{
    struct sandbox_settings *s = &options->settings;
    const struct {
        int option;
        int64_t *out;
        int64_t scale;
    } amounts[] = {
        {OPT_STOP_DELAY, &s->stop_delay, 1},
        {OPT_DELETE_DELAY, &s->delete_delay, 1},
        {OPT_TOPIC_DELAY, &s->topic_delay, 1},
        {OPT_RESULTS_DELAY, &s->results_delay, 1},
        {OPT_RETENTION, &s->retention, 1000},
        {OPT_IDLE_TIMEOUT, &s->idle_timeout, 1000},
    };
    for (size_t i = 0; i < COUNT(amounts); i++) {
        if (amounts[i].option == option) {
            if (read_number(name, text, 0, 4000000000, amounts[i].out, err) != 0) {
                return -1;
            }
            *amounts[i].out *= amounts[i].scale;
            return 0;
        }
    }
    return err_set(err, ERR_INTERNAL, "option %d", option);
}

static int read_integer(struct options *options, int option, const char *name,
                        const char *text, struct err *err)
{
    int64_t number = 0;
    int64_t high = option == OPT_PORT ? 65535 : INT64_MAX;
    int64_t low = option == OPT_PAGE_ROWS ? 1 : 0;
    if (read_number(name, text, low, option == OPT_PAGE_ROWS ? 100000 : high, &number,
                    err) != 0) {
        return -1;
    }
    switch (option) {
    case OPT_PORT:
        options->port = (int)number;
        break;
    case OPT_PAGE_ROWS:
        options->settings.page_rows = (int)number;
        break;
    case OPT_SEED:
        options->settings.seed = (uint64_t)number;
        break;
    default:
        options->parent_pid = (long)number;
        break;
    }
    return 0;
}

static int read_text(struct options *options, int option, const char *text,
                     struct err *err)
{
    switch (option) {
    case OPT_ADDRESS:
        options->address = text;
        return 0;
    case OPT_PORT_FILE:
        options->port_file = text;
        return 0;
    case OPT_STATE:
        options->settings.state = text;
        return 0;
    case OPT_LOG:
        options->log = text;
        return 0;
    case OPT_ORGANIZATION:
        options->settings.organization = text;
        return 0;
    case OPT_FAIL_AT:
        options_add_fault(options, "fail-at", text);
        return 0;
    case OPT_KEY:
        if (strchr(text, ':') == NULL) {
            return err_set(err, ERR_USAGE, "--key takes KEY:SECRET");
        }
        options_add_key(options, text);
        return 0;
    default:
        return options_read_config(options, text, err);
    }
}

static int read_option(struct options *options, int option, const char *name,
                       const char *text, struct err *err)
{
    switch (option) {
    case OPT_ALLOW_REMOTE:
        options->allow_remote = true;
        return 0;
    case OPT_UNTIL_EOF:
        options->until_eof = true;
        return 0;
    case OPT_QUIET:
        options->quiet = true;
        return 0;
    case OPT_PENDING:
        return read_range(options, text, err);
    case OPT_ENVIRONMENT:
    case OPT_DATABASE:
    case OPT_POOL:
        return read_place(options, option, text, err);
    case OPT_FAULT:
        return read_fault(options, text, err);
    case OPT_PORT:
    case OPT_PAGE_ROWS:
    case OPT_SEED:
    case OPT_PARENT_PID:
        return read_integer(options, option, name, text, err);
    case OPT_STOP_DELAY:
    case OPT_DELETE_DELAY:
    case OPT_TOPIC_DELAY:
    case OPT_RESULTS_DELAY:
    case OPT_RETENTION:
    case OPT_IDLE_TIMEOUT:
        return read_amount(options, option, name, text, err);
    default:
        return read_text(options, option, text, err);
    }
}

enum options_outcome options_parse(struct options *options, int argc, char **argv,
                                   struct err *err)
{
    *options = (struct options){.address = "127.0.0.1", .port = 8081};
    sandbox_defaults(&options->settings);
    opterr = 0;
    for (;;) {
        int index = -1;
        int option = getopt_long(argc, argv, ":p:q", long_options, &index);
        if (option == -1) {
            break;
        }
        if (option == '?' || option == ':') {
            err_set(err, ERR_USAGE, "%s: %s",
                    option == ':' ? "value missing" : "unknown option",
                    argv[optind - 1]);
            err_hint(err, "cflowsh-sandbox --help");
            return OPTIONS_ERROR;
        }
        if (option == OPT_HELP || option == OPT_VERSION) {
            fputs(option == OPT_HELP ? usage : "cflowsh-sandbox " PACKAGE_VERSION "\n",
                  stdout);
            return OPTIONS_DONE;
        }
        const char *name = index >= 0 ? long_options[index].name : "port";
        if (read_option(options, option, name, optarg, err) != 0) {
            return OPTIONS_ERROR;
        }
    }
    if (optind < argc) {
        err_set(err, ERR_USAGE, "unexpected argument '%s'", argv[optind]);
        return OPTIONS_ERROR;
    }
    return OPTIONS_RUN;
}

void options_fini(struct options *options)
{
    arena_fini(&options->arena);
}

static int apply_environment(const struct options *options, struct sandbox *sandbox,
                             const struct options_place *env, struct err *err)
{
    bool any_database = false;
    bool any_pool = false;
    if (sandbox_add_environment(sandbox, env->id, env->name, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < options->databases.count; i++) {
        const struct options_place *db = &options->databases.items[i];
        if (db->env == NULL || strcmp(db->env, env->id) == 0) {
            any_database = true;
            if (sandbox_add_database(sandbox, env->id, db->id, db->name, err) != 0) {
                return -1;
            }
        }
    }
    for (size_t i = 0; i < options->pools.count; i++) {
        const struct options_place *pool = &options->pools.items[i];
        if (pool->env == NULL || strcmp(pool->env, env->id) == 0) {
            any_pool = true;
            if (sandbox_add_pool(sandbox, env->id, pool->id, pool->max_cfu, err) != 0) {
                return -1;
            }
        }
    }
    if (!any_database &&
        (sandbox_add_database(sandbox, env->id, NULL, "main", err) ||
         sandbox_add_database(sandbox, env->id, NULL, "analytics", err))) {
        return -1;
    }
    return any_pool ? 0
                    : sandbox_add_pool(sandbox, env->id, "lfcp-sandbox", 10000, err);
}

int options_apply(const struct options *options, struct sandbox *sandbox,
                  struct err *err)
{
    static const struct options_place fallback = {.id = "env-sandbox",
                                                  .name = "sandbox"};
    const struct options_place *envs = options->environments.items;
    size_t count = options->environments.count;

    if (options->pools.count > 0) {
        sandbox->settings.default_pool = options->pools.items[0].id;
    }
    for (size_t i = 0; i < options->fault_count; i++) {
        const struct options_fault *fault = &options->faults[i];
        if (fault_set(&sandbox->fault, fault->name, fault->value, sandbox_now(sandbox),
                      err) != 0) {
            return -1;
        }
    }
    if (db_begin(&sandbox->db, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
        if (apply_environment(options, sandbox, count > 0 ? &envs[i] : &fallback,
                              err)) {
            return -1;
        }
    }
    if (examples_init(sandbox, err) != 0) {
        return -1;
    }
    return db_commit(&sandbox->db, err);
}
