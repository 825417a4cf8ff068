/* target/run_results.json, version 6 of dbt's schema; reading both files back. */
#include "config.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/artifact_internal.h"
#include "value/json.h"

static const char *const status_names[] = {
    "success", "error", "skipped",         "pass",         "fail",
    "warn",    "no-op", "partial success", "runtime error"};

const char *artifact_status_name(enum artifact_status status)
{
    return status_names[status];
}

static void add_timing(struct value list, const char *name, int64_t from, int64_t to,
                       struct arena *arena)
{
    if (from == 0) {
        return;
    }
    struct value dict = value_dict_new(arena, 3);
    value_dict_put(dict, "name", value_str(name));
    value_dict_put(dict, "started_at",
                   value_str(artifact_time(arena, (double)from / 1000)));
    value_dict_put(dict, "completed_at",
                   value_str(artifact_time(arena, (double)to / 1000)));
    value_list_push(list, dict);
}

static struct value text_or_none(const char *s)
{
    return s != NULL ? value_str(s) : value_none();
}

static struct value result(const struct artifact_result *r, struct arena *arena)
{
    struct value dict = value_dict_new(arena, 16);
    struct value timing = value_list_new(arena, 2);
    int64_t from =
        r->compile_started_ms != 0 ? r->compile_started_ms : r->execute_started_ms;
    int64_t to = r->execute_ended_ms != 0 ? r->execute_ended_ms : r->compile_ended_ms;

    add_timing(timing, "compile", r->compile_started_ms, r->compile_ended_ms, arena);
    add_timing(timing, "execute", r->execute_started_ms, r->execute_ended_ms, arena);
    value_dict_put(dict, "status", value_str(artifact_status_name(r->status)));
    value_dict_put(dict, "timing", timing);
    value_dict_put(dict, "thread_id",
                   value_str(r->thread_id != NULL ? r->thread_id : "main"));
    value_dict_put(dict, "execution_time",
                   value_float(to > from ? (double)(to - from) / 1000 : 0));
    value_dict_put(dict, "adapter_response",
                   r->adapter_response.type == VALUE_DICT ? r->adapter_response
                                                          : value_dict_new(arena, 0));
    value_dict_put(dict, "message", text_or_none(r->message));
    value_dict_put(dict, "failures",
                   r->failures >= 0 ? value_int(r->failures) : value_none());
    value_dict_put(dict, "unique_id", value_str(r->node->unique_id));
    value_dict_put(dict, "compiled",
                   r->node->type == NODE_SEED ? value_none()
                                              : value_bool(r->compiled_code != NULL));
    value_dict_put(dict, "compiled_code", text_or_none(r->compiled_code));
    value_dict_put(dict, "relation_name", text_or_none(r->relation_name));
    value_dict_put(dict, "batch_results", value_none());
    return dict;
}

static struct value run_args(const struct project *project,
                             const struct artifact_run *run, struct arena *arena)
{
    const struct project_options *o = &project->options;
    struct value dict = value_dict_new(arena, 16);
    size_t at = 0;

    value_dict_put(dict, "which", value_str(run->which));
    value_dict_put(dict, "invocation_command",
                   value_str(arena_printf(arena, "cflowsh %s", run->which)));
    value_dict_put(dict, "project_dir", value_str(project->root));
    value_dict_put(dict, "target", value_str(project->profile.target_name));
    value_dict_put(dict, "profile", value_str(project->profile.name));
    value_dict_put(dict, "vars", project->cli_vars);
    value_dict_put(dict, "select", value_list_new(arena, 0));
    value_dict_put(dict, "exclude", value_list_new(arena, 0));
    value_dict_put(dict, "full_refresh", value_bool(o->full_refresh));
    for (const struct value_pair *p; (p = value_dict_next(run->args, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, p->value);
    }
    return dict;
}

int artifact_write_run_results(const struct project *project,
                               const struct artifact_run *run, struct err *err)
{
    struct writing w = {.project = project, .first = true, .err = err};

    buf_init(&w.text, (size_t)1024 * 1024 * 1024);
    buf_addc(&w.text, '{');
    writing_entry(
        &w, "metadata",
        artifact_metadata(project, ARTIFACT_SCHEMA "run-results/v6.json", &w.arena));
    writing_key(&w, "results");
    buf_addc(&w.text, '[');
    for (size_t i = 0; i < run->count; i++) {
        buf_adds(&w.text, i > 0 ? ", " : "");
        writing_value(&w, result(&run->results[i], &w.arena));
        arena_reset(&w.arena);
    }
    buf_addc(&w.text, ']');
    writing_entry(&w, "elapsed_time", value_float(run->elapsed));
    writing_entry(&w, "args", run_args(project, run, &w.arena));
    buf_addc(&w.text, '}');
    return writing_save(&w, "run_results.json");
}
static int read_json(const char *dir, const char *name, struct arena *arena,
                     struct value *out, struct err *err)
{
    char *path = path_join(arena, dir, name);
    struct buf text = BUF_INIT;

    *out = value_undefined();
    if (!path_exists(path)) {
        return 0;
    }
    int rc = path_read(path, (size_t)1024 * 1024 * 1024, &text, err);
    if (rc == 0) {
        rc = json_parse(buf_str(&text), text.len, path, arena, out, err);
    }
    buf_fini(&text);
    if (rc != 0) {
        err->code = ERR_PROJECT;
        err_hint(err, "--state names a folder with artifacts of an earlier run");
    }
    return rc;
}

int artifact_load_state(const char *dir, struct arena *arena,
                        struct artifact_state *out, struct err *err)
{
    *out = (struct artifact_state){0};
    if (!path_is_dir(dir)) {
        return err_set(err, ERR_PROJECT, "the state directory '%s' does not exist",
                       dir);
    }
    if (read_json(dir, "manifest.json", arena, &out->manifest, err) != 0) {
        return -1;
    }
    return read_json(dir, "run_results.json", arena, &out->run_results, err);
}
