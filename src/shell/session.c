#include "config.h"

#include "shell/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/connect.h"
#include "shell/deps.h"
#include "shell/names.h"
#include "shell/session_impl.h"
#include "shell/shell.h"

struct session *session_new(struct shell *shell)
{
    struct session *session = xcalloc(1, sizeof(*session));

    session->shell = shell;
    session->sandbox.lifeline = -1;
    session->properties = value_dict_new(&session->arena, 8);
    connect_init(&session->connection, shell);
    return session;
}

static void drop_project(struct session *session)
{
    names_project_gone(session->shell);
    if (session->project != NULL) {
        project_free(session->project);
        compile_free(session->compiler);
    }
    session->project = NULL;
    session->compiler = NULL;
}

static void drop_profile(struct session *session)
{
    names_forget(session->shell);
    flink_client_free(session->client);
    session->client = NULL;
    if (session->light != NULL) {
        project_free(session->light);
        compile_free(session->light_compiler);
    }
    session->light = NULL;
    session->light_compiler = NULL;
    session->ready = false;
    session->own_used = false;
}

void session_free(struct session *session)
{
    drop_project(session);
    drop_profile(session);
    sandbox_child_stop(&session->sandbox);
    arena_fini(&session->arena);
    free(session->root);
    free(session);
}

const char *shell_project_root(struct shell *shell)
{
    struct session *session = shell->session;
    struct arena arena = {0};
    const char *dir = shell->options.project_dir;
    const char *env = getenv("DBT_PROJECT_DIR");
    char *root;
    char *cwd;

    if (session->root != NULL) {
        return session->root;
    }
    dir = dir != NULL ? dir : env;
    if (dir != NULL) {
        root = path_exists(path_join(&arena, dir, "dbt_project.yml"))
                   ? realpath(dir, NULL)
                   : NULL;
        session->root = root != NULL ? root : xstrdup("");
    } else {
        cwd = getcwd(NULL, 0);
        root = cwd != NULL ? project_find_root(&arena, cwd) : NULL;
        session->root = xstrdup(root != NULL ? root : "");
        free(cwd);
    }
    arena_fini(&arena);
    return session->root;
}

void session_look_again(struct shell *shell)
{
    struct session *session = shell->session;
    const struct profile *profile;
    struct err ignored = {0};

    if (session->root == NULL || session->root[0] != '\0') {
        return;
    }
    free(session->root);
    session->root = NULL;
    if (shell_project_root(shell)[0] != '\0') {
        drop_project(session);
        drop_profile(session);
        sandbox_child_stop(&session->sandbox);
        session_profile(shell, &profile, &ignored); /* sets PROJECT and its like */
    }
}

bool session_has_project(struct shell *shell)
{
    return shell->options.project_dir != NULL || shell_project_root(shell)[0] != '\0';
}

/* All but the last are shown; the last becomes the command's error. */
static int fail_with(struct shell *shell, struct err_list *errors, struct err *err)
{
    for (size_t i = 0; i + 1 < errors->count; i++) {
        shell_report(shell, &errors->items[i]);
    }
    if (errors->dropped > 0) {
        print_note(&shell->print, "… and %zu more", errors->dropped);
    }
    if (errors->count > 0) {
        *err = errors->items[errors->count - 1];
    } else {
        err_set(err, ERR_PROJECT, "the project can't be loaded");
    }
    err_list_fini(errors);
    return -1;
}

static struct project_options project_options(const struct session *session)
{
    const struct shell_options *from = &session->shell->options;

    return (struct project_options){
        .project_dir = from->project_dir,
        .profiles_dir = from->profiles_dir,
        .profile = from->profile,
        .target = session->target != NULL ? session->target : from->target,
        .vars = from->vars_yaml,
        .endpoint = from->endpoint,
        .threads = from->threads,
        .use_profile = session->own_used ? &session->own : NULL,
    };
}

static struct compiler *new_compiler(struct session *session)
{
    struct compile_options options = {.connection = &session->connection};

    return compile_new(&options);
}

static void tell_variables(struct session *session)
{
    struct vars *vars = &session->shell->vars;
    const struct profile *profile = session_profile_of(session);

    vars_put(vars, "PROJECT", session->light != NULL ? session->light->name : "");
    vars_put(vars, "TARGET", profile->target_name);
    vars_put(vars, "ENVIRONMENT", session_environment(session->shell));
    vars_put(vars, "DATABASE", session_database(session->shell));
}

static void load_light(struct session *session, struct err_list *errors)
{
    struct project_options options = project_options(session);

    options.no_nodes = true;
    session->light_compiler = new_compiler(session);
    session->light =
        project_load(&options, compile_hooks(session->light_compiler), errors);
    if (session->light == NULL) {
        compile_free(session->light_compiler);
        session->light_compiler = NULL;
    }
}

static int no_project(struct err *err)
{
    err_set(err, ERR_PROJECT, "there is no dbt_project.yml here or above");
    err_hint(err, "-C DIR names a project, \\init makes one; --sandbox works without");
    return -1;
}

/* For people who have no profile yet. */
static int hint_profile(struct err *err)
{
    size_t len = strlen(err->hint);

    if (str_starts(err->msg, "Could not find profile")) {
        snprintf(err->hint + len, sizeof(err->hint) - len,
                 "%s--sandbox works without one; \\init writes a commented example",
                 len > 0 ? ";\n" : "");
    }
    return -1;
}

int session_profile(struct shell *shell, const struct profile **out, struct err *err)
{
    struct session *session = shell->session;
    bool sandbox = shell->options.sandbox_file != NULL;
    struct err_list errors = {0};

    if (!session->ready && session_has_project(shell)) {
        load_light(session, &errors);
        if (session->light == NULL && sandbox) {
            struct err_list again = {0};
            session_use_sandbox(session);
            load_light(session, &again);
            err_list_fini(&again);
        }
        if (session->light == NULL) {
            session->own_used = false;
            fail_with(shell, &errors, err);
            return hint_profile(err);
        }
        err_list_fini(&errors);
    } else if (!session->ready && sandbox) {
        session_use_sandbox(session);
    } else if (!session->ready) {
        return no_project(err);
    }
    if (!session->ready) {
        session->ready = true;
        tell_variables(session);
    }
    *out = session_profile_of(session);
    return 0;
}

void session_variable(void *context, const char *name)
{
    static const char *const given[] = {"PROJECT", "TARGET", "ENVIRONMENT", "DATABASE"};
    struct shell *shell = context;
    const struct profile *profile;
    struct err err = {0};

    if (!session_has_project(shell) && shell->options.sandbox_file == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        if (str_eq(given[i], name) && session_profile(shell, &profile, &err) != 0) {
            print_warning(&shell->print, "%s is not known: %s", name, err.msg);
        }
    }
}

/* What loading found to be odd; once per load. */
static void show_warnings(struct shell *shell, const struct project *project)
{
    for (size_t i = 0; i < project->warnings.count; i++) {
        const struct err *warning = &project->warnings.items[i];
        if (warning->file[0] != '\0') {
            print_warning(&shell->print, "%s:%d: %s", warning->file, warning->line,
                          warning->msg);
        } else {
            print_warning(&shell->print, "%s", warning->msg);
        }
    }
}

int session_project(struct shell *shell, struct project **out, struct err *err)
{
    struct session *session = shell->session;
    const struct profile *profile;
    struct project_options options;
    struct err_list errors = {0};

    if (session->project != NULL && project_changed(session->project)) {
        drop_project(session);
    }
    if (session->project == NULL) {
        if (!session_has_project(shell)) {
            return no_project(err);
        }
        if (session_profile(shell, &profile, err) != 0) {
            return -1;
        }
        options = project_options(session);
        session->compiler = new_compiler(session);
        session->project =
            project_load(&options, compile_hooks(session->compiler), &errors);
        if (session->project == NULL) {
            compile_free(session->compiler);
            session->compiler = NULL;
            return fail_with(shell, &errors, err);
        }
        compile_attach(session->compiler, session->project);
        show_warnings(shell, session->project);
        err_list_fini(&errors);
    }
    *out = session->project;
    return 0;
}

struct compiler *session_compiler(struct shell *shell)
{
    return shell->session->compiler;
}

void session_compile_options(struct shell *shell, struct compile_options *options)
{
    struct session *session = shell->session;

    options->connection = &session->connection;
    options->invocation_id = session->project->invocation_id;
    compile_reset(session->compiler, options);
    compile_attach(session->compiler, session->project);
}

void session_reload(struct shell *shell)
{
    drop_project(shell->session);
}

int session_set_target(struct shell *shell, const char *target, struct err *err)
{
    struct session *session = shell->session;
    const char *before = session->target;
    const struct profile *profile;

    drop_project(session);
    drop_profile(session);
    session->database = session->environment = NULL;
    if (target != NULL) {
        session->target = arena_strdup(&session->arena, target);
    }
    if (session_profile(shell, &profile, err) != 0) {
        session->target = before;
        return -1;
    }
    if (target != NULL && session->own_used && !str_eq(target, profile->target_name)) {
        session->target = before;
        err_set(err, ERR_USAGE,
                "there is no target \"%s\": without a profile the "
                "sandbox has only \"%s\"",
                target, profile->target_name);
        err_hint(err, "\\init writes a commented profiles.yml");
        return -1;
    }
    return 0;
}

static int open_client(struct session *session, const struct profile *profile,
                       struct err *err)
{
    struct flink_config config = {
        .endpoint = profile->endpoint,
        .organization_id = profile->organization_id,
        .environment_id = session_environment(session->shell),
        .database = profile->dbname,
        .api_key = profile->credentials.key,
        .api_secret = profile->credentials.secret,
        .compute_pool_id = profile->compute_pool_id,
        .ca_file = getenv("CFLOWSH_CA_FILE"),
    };

    if (session->sandbox.pid > 0) {
        config.endpoint = session->sandbox.endpoint;
        config.api_key = "sandbox";
        config.api_secret = "sandbox";
        config.rate_per_second = config.rate_per_minute = -1;
    } else if (profile_ready(profile, err) != 0) {
        err_hint(err, "profiles.yml names the key of a Flink region; --sandbox works "
                      "without one");
        return -1;
    }
    session->client = flink_client_new(&config, NULL, err);
    if (session->client == NULL) {
        return -1;
    }
    flink_client_set_interrupt(session->client, &shell_interrupts);
    return 0;
}

int session_client(struct shell *shell, struct flink_client **out, struct err *err)
{
    struct session *session = shell->session;
    const struct profile *profile;

    if (session_profile(shell, &profile, err) != 0) {
        return -1;
    }
    if (session->client == NULL) {
        bool sandbox = shell->options.sandbox_file != NULL;
        if (sandbox && session->sandbox.pid == 0 &&
            session_start_sandbox(session, err) != 0) {
            return -1;
        }
        if (open_client(session, profile, err) != 0) {
            return -1;
        }
    }
    *out = session->client;
    return 0;
}

int session_open(struct shell *shell, struct err *err)
{
    struct flink_client *client;

    return session_client(shell, &client, err);
}

struct project *session_project_now(struct shell *shell)
{
    return shell->session->project;
}

struct flink_client *session_client_now(struct shell *shell)
{
    return shell->session->client;
}

int session_plan_connection(struct shell *shell, struct plan_connection *out,
                            struct err *err)
{
    if (session_client(shell, &out->client, err) != 0) {
        return -1;
    }
    out->config = flink_client_config(out->client);
    return 0;
}

int session_install(struct shell *shell, bool upgrade, bool lock_only, struct err *err)
{
    struct session *session = shell->session;
    struct project_options options = project_options(session);
    int result;

    if (!session_has_project(shell)) {
        return no_project(err);
    }
    if (shell->options.sandbox_file != NULL && !session->own_used) {
        session_use_sandbox(session);
        options.use_profile = &session->own;
        session->own_used = false;
    }
    result = deps_install(shell, &options, upgrade, lock_only, err);
    drop_project(session);
    return result;
}
