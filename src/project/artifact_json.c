/* Writing the JSON files of target/ piece by piece. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "project/artifact_internal.h"
#include "value/json.h"

extern char **environ;

const char *artifact_time(struct arena *arena, double seconds)
{
    int64_t ms = (int64_t)(seconds * 1000);
    int us = (int)((int64_t)(seconds * 1e6) % 1000);
    char text[CLOCK_ISO_SIZE];

    clock_iso(ms, text);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == 'Z') {
        text[len - 1] = '\0';
    }
    return arena_printf(arena, "%s%03dZ", text, us);
}
/* DBT_ENV_CUSTOM_ENV_NAME=x is recorded as NAME: x. */
static struct value custom_env(struct arena *arena)
{
    static const char prefix[] = "DBT_ENV_CUSTOM_ENV_";
    struct value dict = value_dict_new(arena, 0);

    for (char **e = environ; *e != NULL; e++) {
        const char *eq = strchr(*e, '=');
        if (eq != NULL && str_starts(*e, prefix)) {
            const char *name = *e + strlen(prefix);
            value_dict_put(dict, arena_strndup(arena, name, (size_t)(eq - name)),
                           value_copy_str(arena, eq + 1));
        }
    }
    return dict;
}

struct value artifact_metadata(const struct project *project, const char *schema,
                               struct arena *arena)
{
    struct value dict = value_dict_new(arena, 16);

    value_dict_put(dict, "dbt_schema_version", value_str(schema));
    value_dict_put(dict, "dbt_version", value_str(PROJECT_DBT_VERSION));
    value_dict_put(dict, "generated_at",
                   value_str(artifact_time(arena, (double)clock_wall_ms() / 1000)));
    value_dict_put(dict, "invocation_id", value_str(project->invocation_id));
    value_dict_put(dict, "invocation_started_at",
                   value_str(artifact_time(arena, project->started_at)));
    value_dict_put(dict, "env", custom_env(arena));
    return dict;
}
void writing_value(struct writing *w, struct value v)
{
    if (w->rc == 0) {
        w->rc = json_write(v, JSON_PYTHON, &w->text, w->err);
    }
}

void writing_key(struct writing *w, const char *key)
{
    if (!w->first) {
        buf_adds(&w->text, ", ");
    }
    w->first = false;
    json_write_str(key, strlen(key), JSON_PYTHON, &w->text);
    buf_adds(&w->text, ": ");
}

void writing_open(struct writing *w, const char *key)
{
    writing_key(w, key);
    buf_addc(&w->text, '{');
    w->first = true;
}

void writing_close(struct writing *w)
{
    buf_addc(&w->text, '}');
    w->first = false;
}

void writing_entry(struct writing *w, const char *key, struct value v)
{
    writing_key(w, key);
    writing_value(w, v);
    arena_reset(&w->arena);
}
int writing_save(struct writing *w, const char *name)
{
    struct arena arena = {0};
    char *path = path_join(&arena, w->project->target_path, name);

    if (w->rc == 0 && w->text.overflow) {
        w->rc = err_set(w->err, ERR_LIMIT, "%s would be too large", name);
    }
    if (w->rc == 0) {
        w->rc = path_mkdirs(w->project->target_path, w->err);
    }
    if (w->rc == 0) {
        w->rc = path_write(path, buf_str(&w->text), w->text.len, 0644, w->err);
    }
    arena_fini(&arena);
    arena_fini(&w->arena);
    buf_fini(&w->text);
    return w->rc;
}
