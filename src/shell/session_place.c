/* Where one is, and the settings that go with statements. */
#include "config.h"

#include "base/str.h"
#include "shell/names.h"
#include "shell/session_impl.h"
#include "shell/shell.h"

#define SNAPSHOT_KEY "sql.snapshot.mode"

const struct profile *session_profile_of(const struct session *session)
{
    return session->own_used ? &session->own : &session->light->profile;
}

const char *session_database(struct shell *shell)
{
    const struct session *session = shell->session;

    if (session->database != NULL) {
        return session->database;
    }
    return session->light != NULL || session->own_used
               ? session_profile_of(session)->dbname
               : "";
}

void session_use_database(struct shell *shell, const char *name)
{
    shell->session->database = arena_strdup(&shell->session->arena, name);
    vars_put(&shell->vars, "DATABASE", name);
}

const char *session_environment(struct shell *shell)
{
    const struct session *session = shell->session;

    if (session->environment != NULL) {
        return session->environment;
    }
    return session->light != NULL || session->own_used
               ? session_profile_of(session)->environment_id
               : "";
}

int session_use_environment(struct shell *shell, const char *id, struct err *err)
{
    struct session *session = shell->session;
    const char *before = session->environment;
    struct flink_client *client;

    names_forget(shell);
    flink_client_free(session->client);
    session->client = NULL;
    session->environment = arena_strdup(&session->arena, id);
    if (session_client(shell, &client, err) != 0) {
        session->environment = before;
        return -1;
    }
    session->database = "";
    vars_put(&shell->vars, "ENVIRONMENT", id);
    vars_put(&shell->vars, "DATABASE", "");
    return 0;
}

const char *session_property(struct shell *shell, const char *key)
{
    return value_cstr(value_dict_get(shell->session->properties, key), NULL);
}

bool session_snapshot(struct shell *shell)
{
    const char *mode = session_property(shell, SNAPSHOT_KEY);

    return mode != NULL && str_eq(mode, "now");
}

struct value session_sent_properties(struct shell *shell, struct arena *arena)
{
    struct value all = shell->session->properties;
    struct value sent = value_dict_new(arena, 8);
    const struct value_pair *pair;
    size_t at = 0;

    while ((pair = value_dict_next(all, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        if (!str_eq(key, SNAPSHOT_KEY) && !str_starts(key, "client.")) {
            value_dict_put_value(sent, value_clone(arena, pair->key),
                                 value_clone(arena, pair->value));
        }
    }
    return sent;
}

void session_set_property(struct shell *shell, const char *key, const char *value)
{
    struct session *session = shell->session;

    value_dict_put(session->properties, arena_strdup(&session->arena, key),
                   value_copy_str(&session->arena, value));
}

void session_reset_properties(struct shell *shell)
{
    shell->session->properties = value_dict_new(&shell->session->arena, 8);
}

struct value session_properties(struct shell *shell)
{
    return shell->session->properties;
}
