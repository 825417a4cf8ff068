/* The session's own sandbox. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "shell/session_impl.h"
#include "shell/shell.h"

void session_use_sandbox(struct session *session)
{
    struct arena *arena = &session->arena;
    struct value target = value_dict_new(arena, 16);
    int threads = session->shell->options.threads;

    session->own = (struct profile){
        .name = "sandbox",
        .target_name = "sandbox",
        .file = "",
        .type = "confluent",
        .organization_id = SANDBOX_ORGANIZATION,
        .environment_id = SANDBOX_ENVIRONMENT,
        .dbname = SANDBOX_DATABASE,
        .cloud_provider = "",
        .cloud_region = "",
        .endpoint = "http://127.0.0.1:1",
        .statement_name_prefix = "dbt-",
        .statement_label = "dbt-confluent",
        .threads = threads > 0 ? threads : 4,
        .credentials = {.key = "sandbox", .secret = "sandbox"},
    };
    value_dict_put(target, "name", value_str("sandbox"));
    value_dict_put(target, "target_name", value_str("sandbox"));
    value_dict_put(target, "profile_name", value_str("sandbox"));
    value_dict_put(target, "type", value_str("confluent"));
    value_dict_put(target, "schema", value_str(SANDBOX_DATABASE));
    value_dict_put(target, "dbname", value_str(SANDBOX_DATABASE));
    value_dict_put(target, "database", value_str(SANDBOX_ENVIRONMENT));
    value_dict_put(target, "environment_id", value_str(SANDBOX_ENVIRONMENT));
    value_dict_put(target, "organization_id", value_str(SANDBOX_ORGANIZATION));
    value_dict_put(target, "threads", value_int(session->own.threads));
    session->own.target = target;
    session->own_used = true;
}

static int compare_places(const void *a, const void *b)
{
    const struct sandbox_place *left = a;
    const struct sandbox_place *right = b;

    return strcmp(left->environment, right->environment);
}

/* Every database that the project mentions exists in its sandbox. */
static size_t places_of(struct session *session, struct arena *arena,
                        struct sandbox_place **out)
{
    const struct profile *profile = session_profile_of(session);
    struct project *project = NULL;
    struct err ignored = {0};
    size_t count = 1;

    if (session->light != NULL && session->project == NULL) {
        session_project(session->shell, &project, &ignored);
    }
    project = session->project;
    *out = arena_array(arena, struct sandbox_place,
                       1 + (project != NULL ? project->node_count : 0));
    (*out)[0] = (struct sandbox_place){profile->environment_id, profile->dbname,
                                       profile->compute_pool_id};
    for (size_t i = 0; project != NULL && i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        bool known = node->relation_name == NULL || node->schema == NULL ||
                     node->schema[0] == '\0' || node->database == NULL;
        for (size_t k = 0; k < count && !known; k++) {
            known = str_eq((*out)[k].environment, node->database) &&
                    str_eq((*out)[k].database, node->schema);
        }
        if (!known && count < 200) {
            (*out)[count++] =
                (struct sandbox_place){node->database, node->schema, NULL};
        }
    }
    qsort(*out, count, sizeof((*out)[0]), compare_places);
    return count;
}

int session_start_sandbox(struct session *session, struct err *err)
{
    struct shell *shell = session->shell;
    struct arena arena = {0};
    const char *state = shell->options.sandbox_file;
    const char *root = shell_project_root(shell);
    struct sandbox_place *places;
    size_t count;
    int result = 0;

    if (state[0] == '\0') {
        const char *target = session->light != NULL ? session->light->target_path
                                                    : path_join(&arena, root, "target");
        result = path_mkdirs(target, err);
        state = path_join(&arena, target, "sandbox.db");
    }
    if (result == 0) {
        count = places_of(session, &arena, &places);
        result = sandbox_child_start(&session->sandbox, shell->options.program, state,
                                     session_profile_of(session)->organization_id,
                                     places, count, err);
    }
    arena_fini(&arena);
    return result;
}
