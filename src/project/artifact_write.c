#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "project/artifact.h"
#include "project/internal.h"
#include "project/select_internal.h"
#include "value/json.h"

#define ISO_SIZE 40
#define SCHEMA   "https://schemas.getdbt.com/dbt/"

extern char **environ;

/* Microseconds, as Python's isoformat() with a Z. */
static const char *iso(struct arena *arena, double seconds)
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

static void put(struct value dict, const char *key, struct value v)
{
    value_dict_put(dict, key, v);
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
            put(dict, arena_strndup(arena, name, (size_t)(eq - name)),
                value_copy_str(arena, eq + 1));
        }
    }
    return dict;
}

static struct value metadata(const struct project *project, const char *schema,
                             struct arena *arena)
{
    struct value dict = value_dict_new(arena, 16);

    put(dict, "dbt_schema_version", value_str(schema));
    put(dict, "dbt_version", value_str(PROJECT_DBT_VERSION));
    put(dict, "generated_at", value_str(iso(arena, (double)clock_wall_ms() / 1000)));
    put(dict, "invocation_id", value_str(project->invocation_id));
    put(dict, "invocation_started_at", value_str(iso(arena, project->started_at)));
    put(dict, "env", custom_env(arena));
    return dict;
}

static struct value manifest_metadata(const struct project *project,
                                      struct arena *arena)
{
    static const char *const parts[] = {"database", "schema", "identifier"};
    struct value dict = metadata(project, SCHEMA "manifest/v12.json", arena);
    struct value quoting = value_dict_new(arena, 4);
    struct value given = value_dict_get(project->package->config, "quoting");

    for (size_t i = 0; i < 3; i++) {
        put(quoting, parts[i],
            value_bool(value_is_true(value_dict_get(given, parts[i]), true)));
    }
    put(quoting, "column", value_none());
    put(dict, "project_name", value_str(project->name));
    put(dict, "project_id",
        value_str(project_md5(arena, project->name, strlen(project->name))));
    put(dict, "user_id", value_none());
    put(dict, "send_anonymous_usage_stats", value_bool(false));
    put(dict, "adapter_type", value_str("confluent"));
    put(dict, "quoting", quoting);
    put(dict, "run_started_at", value_str(iso(arena, project->started_at)));
    return dict;
}

/* A file that is written piece by piece; every piece's values are forgotten. */
struct writing {
    const struct project *project;
    artifact_compiled_fn compiled;
    void *context;
    struct buf text;
    struct arena arena; /* one piece */
    bool first;         /* of the dict that is open */
    struct err *err;
    int rc;
};

static void write_value(struct writing *w, struct value v)
{
    if (w->rc == 0) {
        w->rc = json_write(v, JSON_PYTHON, &w->text, w->err);
    }
}

static void write_key(struct writing *w, const char *key)
{
    if (!w->first) {
        buf_adds(&w->text, ", ");
    }
    w->first = false;
    json_write_str(key, strlen(key), JSON_PYTHON, &w->text);
    buf_adds(&w->text, ": ");
}

static void open_dict(struct writing *w, const char *key)
{
    write_key(w, key);
    buf_addc(&w->text, '{');
    w->first = true;
}

static void close_dict(struct writing *w)
{
    buf_addc(&w->text, '}');
    w->first = false;
}

static void write_entry(struct writing *w, const char *key, struct value v)
{
    write_key(w, key);
    write_value(w, v);
    arena_reset(&w->arena);
}

static bool in_section(const struct node *node, enum node_type type)
{
    if (type != NODE_MODEL) {
        return node->type == type;
    }
    return node->type != NODE_SOURCE && node->type != NODE_EXPOSURE &&
           node->type != NODE_UNIT_TEST;
}

/* NODE_MODEL stands for everything that has a body. */
static void write_nodes(struct writing *w, const char *key, enum node_type type)
{
    open_dict(w, key);
    for (size_t i = 0; type == NODE_MODEL && i < w->project->dropped.count; i++) {
        const struct node *node = w->project->dropped.items[i];
        struct value dict = artifact_node(w->project, node, NULL, &w->arena);
        struct value config = value_clone(&w->arena, node->config);
        put(config, "enabled", value_bool(false));
        put(dict, "config", config);
        write_entry(w, node->unique_id, dict);
    }
    for (size_t i = 0; i < w->project->node_count; i++) {
        const struct node *node = w->project->nodes[i];
        struct artifact_compiled compiled = {0};
        if (!in_section(node, type)) {
            continue;
        }
        bool known = w->compiled != NULL && w->compiled(w->context, node, &compiled);
        write_entry(
            w, node->unique_id,
            artifact_node(w->project, node, known ? &compiled : NULL, &w->arena));
    }
    close_dict(w);
}

static void write_macros(struct writing *w)
{
    open_dict(w, "macros");
    for (size_t i = 0; i < w->project->macro_count; i++) {
        const struct macro *macro = w->project->macros[i];
        write_entry(w, macro->unique_id, artifact_macro(w->project, macro, &w->arena));
    }
    close_dict(w);
}

static void write_docs(struct writing *w)
{
    open_dict(w, "docs");
    for (size_t i = 0; i < w->project->docs_by_id.count; i++) {
        const struct doc *doc = w->project->docs_by_id.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 7);
        const char *below = strchr(doc->file->path, '/');
        put(dict, "name", value_str(doc->name));
        put(dict, "resource_type", value_str("doc"));
        put(dict, "package_name", value_str(doc->package->name));
        put(dict, "path", value_str(below != NULL ? below + 1 : doc->file->path));
        put(dict, "original_file_path", value_str(doc->file->path));
        put(dict, "unique_id", value_str(doc->unique_id));
        put(dict, "block_contents", value_str(doc->contents));
        write_entry(w, doc->unique_id, dict);
    }
    close_dict(w);
}

static void write_groups(struct writing *w)
{
    open_dict(w, "groups");
    for (size_t i = 0; i < w->project->groups_by_id.count; i++) {
        const struct group *group = w->project->groups_by_id.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 8);
        put(dict, "name", value_str(group->name));
        put(dict, "resource_type", value_str("group"));
        put(dict, "package_name", value_str(group->package->name));
        put(dict, "path", value_str(group->path));
        put(dict, "original_file_path", value_str(group->file->path));
        put(dict, "unique_id", value_str(group->unique_id));
        put(dict, "owner", group->owner);
        put(dict, "description",
            group->description[0] != '\0' ? value_str(group->description)
                                          : value_none());
        put(dict, "config", group->config);
        write_entry(w, group->unique_id, dict);
    }
    close_dict(w);
}

static void write_disabled(struct writing *w)
{
    open_dict(w, "disabled");
    for (size_t i = 0; i < w->project->disabled.count; i++) {
        const struct node *node = w->project->disabled.items[i];
        struct value list = value_list_new(&w->arena, 1);
        bool again = false;
        for (size_t k = 0; k < i && !again; k++) {
            again = str_eq(w->project->disabled.items[k]->unique_id, node->unique_id);
        }
        for (size_t k = i; !again && k < w->project->disabled.count; k++) {
            const struct node *other = w->project->disabled.items[k];
            if (str_eq(other->unique_id, node->unique_id)) {
                value_list_push(list,
                                artifact_node(w->project, other, NULL, &w->arena));
            }
        }
        if (!again) {
            write_entry(w, node->unique_id, list);
        }
    }
    close_dict(w);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(struct node *const *)a)->unique_id,
                  (*(struct node *const *)b)->unique_id);
}

/* Adds the dropped tests below the node. */
static void add_dropped(struct writing *w, const struct node *node,
                        struct node_list *edges)
{
    const struct node_list *dropped = &w->project->dropped;

    for (size_t i = 0; i < dropped->count; i++) {
        for (size_t k = 0; k < dropped->items[i]->parents.count; k++) {
            if (dropped->items[i]->parents.items[k] == node) {
                node_list_add(&w->arena, edges, dropped->items[i]);
            }
        }
    }
}

static void write_edge_list(struct writing *w, const struct node *node, bool up)
{
    const struct node_list *from = up ? &node->parents : &node->children;
    struct node_list edges = {0};

    for (size_t i = 0; i < from->count; i++) {
        node_list_add(&w->arena, &edges, from->items[i]);
    }
    if (!up) {
        add_dropped(w, node, &edges);
    }
    if (edges.count > 1) {
        qsort(edges.items, edges.count, sizeof(*edges.items), compare_ids);
    }
    struct value list = value_list_new(&w->arena, edges.count);
    for (size_t i = 0; i < edges.count; i++) {
        value_list_push(list, value_str(edges.items[i]->unique_id));
    }
    write_entry(w, node->unique_id, list);
}

static void write_edges(struct writing *w, const char *key, bool up)
{
    open_dict(w, key);
    for (size_t i = 0; i < w->project->node_count; i++) {
        write_edge_list(w, w->project->nodes[i], up);
    }
    for (size_t i = 0; i < w->project->dropped.count; i++) {
        write_edge_list(w, w->project->dropped.items[i], up);
    }
    close_dict(w);
}

static void write_group_map(struct writing *w)
{
    open_dict(w, "group_map");
    for (size_t i = 0; i < w->project->groups_by_id.count; i++) {
        const struct group *group = w->project->groups_by_id.entries[i].value;
        struct value list = value_list_new(&w->arena, 4);
        for (size_t k = 0; k < w->project->node_count; k++) {
            const struct node *node = w->project->nodes[k];
            if (node->group != NULL && str_eq(node->group, group->name)) {
                value_list_push(list, value_str(node->unique_id));
            }
        }
        write_entry(w, group->name, list);
    }
    close_dict(w);
}

/* A word like "2+tag:money" as the dict that it stands for. */
static struct value word_definition(struct writing *w, struct value word)
{
    struct selecting s = {.arena = &w->arena, .err = w->err, .project = w->project};
    struct select_options options = {0};
    struct value dict = value_dict_new(&w->arena, 6);

    s.options = &options;
    const struct spec *spec = spec_from_definition(&s, word, 0);
    if (spec == NULL) {
        return word;
    }
    const struct criteria *c = &spec->criteria;
    const char *method = spec_method_name(c->method);
    if (c->childrens_parents) {
        put(dict, "childrens_parents", value_bool(true));
    }
    if (c->parents) {
        put(dict, "parents", value_bool(true));
    }
    if (c->parents_depth >= 0) {
        put(dict, "parents_depth",
            value_str(arena_printf(&w->arena, "%ld", c->parents_depth)));
    }
    put(dict, "method",
        value_str(c->argument[0] != '\0'
                      ? arena_printf(&w->arena, "%s.%s", method, c->argument)
                      : method));
    put(dict, "value", c->value);
    if (c->children) {
        put(dict, "children", value_bool(true));
    }
    if (c->children_depth >= 0) {
        put(dict, "children_depth",
            value_str(arena_printf(&w->arena, "%ld", c->children_depth)));
    }
    return dict;
}

/* With words, short forms and names of other selectors written out, as dbt does. */
static struct value full_definition(struct writing *w, struct value v, int depth)
{
    static const char *const sets[] = {"union", "intersection", "exclude"};
    size_t at = 0;

    if (v.type == VALUE_STRING) {
        return word_definition(w, v);
    }
    if (v.type != VALUE_DICT || depth > 20) {
        return v;
    }
    const char *method = value_cstr(value_dict_get(v, "method"), "");
    const struct selector *other =
        str_eq(method, "selector") ? map_get(&w->project->selectors,
                                             value_cstr(value_dict_get(v, "value"), ""))
                                   : NULL;
    if (other != NULL) {
        return full_definition(w, other->definition, depth + 1);
    }
    struct value out = value_dict_new(&w->arena, 4);
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        bool is_set =
            str_eq(key, sets[0]) || str_eq(key, sets[1]) || str_eq(key, sets[2]);
        if (!is_set) {
            bool sole = value_dict_count(v) == 1;
            put(out, sole ? "method" : key, sole ? p->key : p->value);
            if (sole) {
                put(out, "value", p->value);
            }
            continue;
        }
        struct value list = value_list_new(&w->arena, 4);
        for (size_t i = 0; i < value_list_count(p->value); i++) {
            value_list_push(list,
                            full_definition(w, value_list_at(p->value, i), depth + 1));
        }
        put(out, key, list);
    }
    return out;
}

static void write_selectors(struct writing *w)
{
    open_dict(w, "selectors");
    for (size_t i = 0; i < w->project->selectors.count; i++) {
        const struct selector *selector = w->project->selectors.entries[i].value;
        struct value dict = value_dict_new(&w->arena, 4);
        put(dict, "name", value_str(selector->name));
        put(dict, "definition", full_definition(w, selector->definition, 0));
        if (selector->description[0] != '\0') {
            put(dict, "description", value_str(selector->description));
        }
        if (selector->is_default) {
            put(dict, "default", value_bool(true));
        }
        write_entry(w, selector->name, dict);
    }
    close_dict(w);
}

static void write_empty(struct writing *w, const char *key)
{
    open_dict(w, key);
    close_dict(w);
}

static int save(struct writing *w, const char *name)
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

int artifact_write_manifest(const struct project *project,
                            artifact_compiled_fn compiled, void *context,
                            struct err *err)
{
    struct writing w = {.project = project,
                        .compiled = compiled,
                        .context = context,
                        .first = true,
                        .err = err};

    buf_init(&w.text, (size_t)1024 * 1024 * 1024);
    buf_addc(&w.text, '{');
    write_entry(&w, "metadata", manifest_metadata(project, &w.arena));
    write_nodes(&w, "nodes", NODE_MODEL);
    write_nodes(&w, "sources", NODE_SOURCE);
    write_macros(&w);
    write_docs(&w);
    write_nodes(&w, "exposures", NODE_EXPOSURE);
    write_empty(&w, "metrics");
    write_groups(&w);
    write_selectors(&w);
    write_disabled(&w);
    write_edges(&w, "parent_map", true);
    write_edges(&w, "child_map", false);
    write_group_map(&w);
    write_empty(&w, "saved_queries");
    write_empty(&w, "semantic_models");
    write_nodes(&w, "unit_tests", NODE_UNIT_TEST);
    write_empty(&w, "functions");
    buf_addc(&w.text, '}');
    return save(&w, "manifest.json");
}

/* ---- run_results.json ---- */

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
    put(dict, "name", value_str(name));
    put(dict, "started_at", value_str(iso(arena, (double)from / 1000)));
    put(dict, "completed_at", value_str(iso(arena, (double)to / 1000)));
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
    put(dict, "status", value_str(artifact_status_name(r->status)));
    put(dict, "timing", timing);
    put(dict, "thread_id", value_str(r->thread_id != NULL ? r->thread_id : "main"));
    put(dict, "execution_time",
        value_float(to > from ? (double)(to - from) / 1000 : 0));
    put(dict, "adapter_response",
        r->adapter_response.type == VALUE_DICT ? r->adapter_response
                                               : value_dict_new(arena, 0));
    put(dict, "message", text_or_none(r->message));
    put(dict, "failures", r->failures >= 0 ? value_int(r->failures) : value_none());
    put(dict, "unique_id", value_str(r->node->unique_id));
    put(dict, "compiled",
        r->node->type == NODE_SEED ? value_none()
                                   : value_bool(r->compiled_code != NULL));
    put(dict, "compiled_code", text_or_none(r->compiled_code));
    put(dict, "relation_name", text_or_none(r->relation_name));
    put(dict, "batch_results", value_none());
    return dict;
}

static struct value run_args(const struct project *project,
                             const struct artifact_run *run, struct arena *arena)
{
    const struct project_options *o = &project->options;
    struct value dict = value_dict_new(arena, 16);
    size_t at = 0;

    put(dict, "which", value_str(run->which));
    put(dict, "invocation_command",
        value_str(arena_printf(arena, "cflowsh %s", run->which)));
    put(dict, "project_dir", value_str(project->root));
    put(dict, "target", value_str(project->profile.target_name));
    put(dict, "profile", value_str(project->profile.name));
    put(dict, "vars", project->cli_vars);
    put(dict, "select", value_list_new(arena, 0));
    put(dict, "exclude", value_list_new(arena, 0));
    put(dict, "full_refresh", value_bool(o->full_refresh));
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
    write_entry(&w, "metadata",
                metadata(project, SCHEMA "run-results/v6.json", &w.arena));
    write_key(&w, "results");
    buf_addc(&w.text, '[');
    for (size_t i = 0; i < run->count; i++) {
        buf_adds(&w.text, i > 0 ? ", " : "");
        write_value(&w, result(&run->results[i], &w.arena));
        arena_reset(&w.arena);
    }
    buf_addc(&w.text, ']');
    write_entry(&w, "elapsed_time", value_float(run->elapsed));
    write_entry(&w, "args", run_args(project, run, &w.arena));
    buf_addc(&w.text, '}');
    return save(&w, "run_results.json");
}

/* ---- reading them back ---- */

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
