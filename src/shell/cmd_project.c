/* Looking at the project. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "shell/dag.h"
#include "shell/init.h"
#include "shell/phases.h"
#include "shell/query.h"
#include "shell/run_plan.h"
#include "shell/select_args.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "value/json.h"

static bool compiled_of(void *context, const struct node *node,
                        struct artifact_compiled *out)
{
    const struct compiled *compiled = NULL;
    struct err err = {0};

    if (node->compiled != NULL) {
        compiled = compile_node(context, node, &err);
    }
    if (compiled == NULL || compiled->sql_len == 0) {
        return false;
    }
    *out = (struct artifact_compiled){.code = compiled->sql, .path = compiled->path};
    return true;
}

void shell_write_manifest(struct shell *shell)
{
    struct project *project;
    struct err err = {0};

    if (session_project(shell, &project, &err) != 0 ||
        artifact_write_manifest(project, compiled_of, session_compiler(shell), &err) !=
            0) {
        print_warning(&shell->print, "target/manifest.json was not written: %s",
                      err.msg);
    }
}

static const char *joined_tags(struct arena *arena, const struct node *node)
{
    struct buf text = BUF_INIT;
    const char *copy;

    for (size_t i = 0; i < value_list_count(node->tags); i++) {
        buf_addf(&text, "%s%s", i > 0 ? ", " : "",
                 value_cstr(value_list_at(node->tags, i), ""));
    }
    copy = arena_strndup(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return copy;
}

static const char *kind_of(const struct node *node)
{
    const char *materialized = node_materialized(node);

    return node->type == NODE_MODEL && materialized[0] != '\0'
               ? materialized
               : node_type_name(node->type);
}

/* For people: without backquotes, and without the environment one is in. */
static const char *relation_text(struct shell *shell, struct arena *arena,
                                 const struct node *node)
{
    if (node->relation_name == NULL || print_is_json(&shell->print)) {
        return node->relation_name != NULL ? node->relation_name : "";
    }
    if (str_eq(node->database, session_environment(shell))) {
        return arena_printf(arena, "%s.%s", node->schema, node->alias);
    }
    return arena_printf(arena, "%s.%s.%s", node->database, node->schema, node->alias);
}

static int show_nodes(struct shell *shell, struct cmd_call *call,
                      const struct node_list *list, struct err *err)
{
    static const struct format_column with_status[] = {{"name", FORMAT_TEXT},
                                                       {"materialization", FORMAT_TEXT},
                                                       {"status", FORMAT_TEXT},
                                                       {"relation", FORMAT_TEXT},
                                                       {"tags", FORMAT_TEXT}};
    static const struct format_column without[] = {{"name", FORMAT_TEXT},
                                                   {"materialization", FORMAT_TEXT},
                                                   {"relation", FORMAT_TEXT},
                                                   {"tags", FORMAT_TEXT}};
    struct print_table *table;
    struct phases phases = {0};
    bool status = cmd_has(call, "--status") || session_client_now(shell) != NULL;

    if (status && phases_load(&phases, shell, call->arena, err) != 0) {
        return -1;
    }
    table = print_table_begin(&shell->print, status ? with_status : without,
                              status ? 5 : 4, NULL);
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        const char *texts[5] = {node->name, kind_of(node)};
        size_t n = 2;
        if (status) {
            texts[n++] = phases_text(&phases, shell, node);
        }
        texts[n++] = relation_text(shell, call->arena, node);
        texts[n++] = joined_tags(call->arena, node);
        if (print_table_texts(table, texts, n) != 0) {
            break;
        }
    }
    print_table_end(table, NULL);
    phases_fini(&phases);
    return 0;
}

static int output_of(const char *text, enum select_output *out, struct err *err)
{
    static const struct {
        const char *name;
        enum select_output output;
    } names[] = {{"fqn", SELECT_OUT_SELECTOR},
                 {"selector", SELECT_OUT_SELECTOR},
                 {"name", SELECT_OUT_NAME},
                 {"path", SELECT_OUT_PATH},
                 {"json", SELECT_OUT_JSON}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, text) == 0) {
            *out = names[i].output;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "--output is name, path, fqn or json, not \"%s\"",
                   text);
}

static int list_lines(struct shell *shell, struct cmd_call *call,
                      const struct project *project, const struct node_list *list,
                      struct err *err)
{
    enum select_output output = SELECT_OUT_SELECTOR;
    const char **keys = arena_array(call->arena, const char *, call->given_count + 1);
    size_t key_count = 0;
    size_t at = 0;
    const char *key;
    struct buf text = BUF_INIT;
    int result = output_of(cmd_value(call, "--output"), &output, err);

    while ((key = cmd_value_next(call, "--output-keys", &at)) != NULL) {
        keys[key_count++] = key;
    }
    for (size_t i = 0; i < list->count && result == 0; i++) {
        result = project_ls_line(project, list->items[i], output,
                                 key_count > 0 ? keys : NULL, key_count, &text, err);
        buf_addc(&text, '\n');
    }
    if (result == 0 && text.len > 0) {
        print_text(&shell->print, buf_str(&text), text.len);
    }
    buf_fini(&text);
    return result;
}

static int exec_models(struct shell *shell, struct cmd_call *call, struct err *err)
{
    unsigned types = strcmp(call->name, "ls") == 0
                         ? 0
                         : SELECT_TYPE(NODE_MODEL) | SELECT_TYPE(NODE_SEED) |
                               SELECT_TYPE(NODE_SNAPSHOT);
    struct node_list list = {0};
    struct project *project;

    if (select_args(shell, call, SELECT_LIST, types, &list, err) != 0 ||
        session_project(shell, &project, err) != 0) {
        return -1;
    }
    shell_write_manifest(shell);
    if (cmd_has(call, "--output")) {
        return list_lines(shell, call, project, &list, err);
    }
    return show_nodes(shell, call, &list, err);
}

static int exec_source(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node *node;
    struct buf text = BUF_INIT;

    if (select_one(shell, call->argv[0], call->arena, &node, err) != 0) {
        return -1;
    }
    if (node->file != NULL && node->file->text != NULL) {
        buf_add(&text, node->file->text, node->file->len);
    } else if (node->file != NULL && path_read(node->file->full, 0, &text, err) != 0) {
        return -1;
    }
    print_note(&shell->print, "-- %s",
               node->file != NULL ? node->file->shown : node->unique_id);
    print_text(&shell->print, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static void json_field(struct buf *out, const char *name, const char *value)
{
    buf_adds(out, out->len > 1 ? "," : "");
    json_write_str(name, strlen(name), 0, out);
    buf_addc(out, ':');
    json_write_str(value, strlen(value), 0, out);
}

static void show_compiled(struct shell *shell, const struct compiled *compiled,
                          bool heading)
{
    struct buf text = BUF_INIT;

    if (print_is_json(&shell->print)) {
        buf_addc(&text, '{');
        json_field(&text, "unique_id", compiled->node->unique_id);
        json_field(&text, "name", compiled->node->name);
        json_field(&text, "path", compiled->path != NULL ? compiled->path : "");
        json_field(&text, "sql", compiled->sql);
        buf_addc(&text, '}');
        print_line(&shell->print, buf_str(&text));
    } else {
        if (heading) {
            print_line(&shell->print, "");
            print_data(&shell->print, "-- %s\n", compiled->node->unique_id);
        }
        print_text(&shell->print, compiled->sql, compiled->sql_len);
    }
    buf_fini(&text);
}

static int exec_compile(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node_list list = {0};
    struct err_list errors = {0};
    size_t shown = 0;

    if (select_args(shell, call, SELECT_COMPILE, 0, &list, err) != 0) {
        return -1;
    }
    compile_all(session_compiler(shell), list.items, list.count, &errors);
    for (size_t i = 0; i < list.count; i++) {
        struct err one = {0};
        const struct compiled *compiled =
            compile_node(session_compiler(shell), list.items[i], &one);
        if (compiled == NULL || compiled->sql_len == 0) {
            continue;
        }
        if (compile_write(session_compiler(shell), compiled, &one) != 0) {
            err_list_add(&errors, &one);
        }
        if (call->argc > 0 || call->given_count > 0 || print_is_json(&shell->print)) {
            show_compiled(shell, compiled, list.count > 1);
        }
        shown++;
    }
    shell_write_manifest(shell);
    if (errors.count > 0) {
        return run_plan_report(shell, &errors, err);
    }
    print_note(&shell->print, "%zu node%s compiled to target/compiled", shown,
               shown == 1 ? "" : "s");
    return 0;
}

static int exec_eval(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct project *project;
    struct buf text = BUF_INIT;
    int result;

    if (session_project(shell, &project, err) != 0) {
        return -1;
    }
    result = compile_eval(session_compiler(shell), call->argv[0], strlen(call->argv[0]),
                          &text, err);
    if (result == 0) {
        print_text(&shell->print, buf_str(&text), text.len);
    }
    buf_fini(&text);
    return result;
}

static int exec_dag(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node_list list = {0};
    struct dag_options options = {.style = DAG_TREE};
    struct phases phases = {0};
    struct buf text = BUF_INIT;
    struct project *project;
    unsigned types = SELECT_TYPE(NODE_MODEL) | SELECT_TYPE(NODE_SEED) |
                     SELECT_TYPE(NODE_SNAPSHOT) | SELECT_TYPE(NODE_SOURCE) |
                     SELECT_TYPE(NODE_EXPOSURE);

    if (select_args(shell, call, SELECT_LIST, types, &list, err) != 0 ||
        session_project(shell, &project, err) != 0) {
        return -1;
    }
    if (cmd_has(call, "--dot")) {
        options.style = DAG_DOT;
    } else if (cmd_has(call, "--mermaid")) {
        options.style = DAG_MERMAID;
    } else if (print_is_json(&shell->print)) {
        options.style = DAG_JSON;
    }
    options.unicode = shell->print.format.linestyle == FORMAT_UNICODE ||
                      print_to_terminal(&shell->print);
    options.term = print_to_terminal(&shell->print) ? &shell->print.term : NULL;
    if (cmd_has(call, "--status") || session_client_now(shell) != NULL) {
        if (phases_load(&phases, shell, call->arena, err) != 0) {
            return -1;
        }
        options.phases = &phases;
        options.shell = shell;
    }
    dag_write(&list, &options, &text);
    print_styled(&shell->print, buf_str(&text), text.len);
    phases_fini(&phases);
    buf_fini(&text);
    return 0;
}

static const char *editor(void)
{
    static const char *const names[] = {"CFLOWSH_EDITOR", "EDITOR", "VISUAL"};

    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return "vi";
}

static int run_editor(const char *path, struct arena *arena, struct err *err)
{
    struct buf quoted = BUF_INIT;
    int status;

    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '\'') {
            buf_adds(&quoted, "'\\''");
        } else {
            buf_addc(&quoted, *at);
        }
    }
    fflush(NULL);
    status = system(arena_printf(arena, "%s '%s'", editor(), buf_str(&quoted)));
    buf_fini(&quoted);
    if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
        return err_set(err, ERR_IO, "could not start the editor %s", editor());
    }
    return 0;
}

/* \e alone edits the statement; what comes back is put into the query buffer. */
static int edit_query(struct shell *shell, struct cmd_call *call, struct err *err)
{
    char path[] = "/tmp/cflowsh.XXXXXX.sql";
    int fd = mkstemps(path, 4);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct buf text = BUF_INIT;
    int result = -1;

    if (file == NULL) {
        return err_set_errno(err, ERR_IO, "%s", path);
    }
    fprintf(file, "%s\n", call->query);
    fclose(file);
    if (run_editor(path, call->arena, err) == 0 &&
        path_read(path, SCRIPT_QUERY_MAX, &text, err) == 0) {
        while (text.len > 0 && strchr(" \n\r\t", text.data[text.len - 1]) != NULL) {
            buf_truncate(&text, text.len - 1);
        }
        script_reset(shell->script);
        print_line(&shell->print, buf_str(&text));
        script_put(shell->script, buf_str(&text), text.len);
        result = 0;
    }
    remove(path);
    buf_fini(&text);
    return result;
}

static int exec_edit(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node *node;

    if (call->argc == 0) {
        return edit_query(shell, call, err);
    }
    if (strchr(call->argv[0], '/') != NULL) {
        return run_editor(path_expand_home(call->arena, call->argv[0]), call->arena,
                          err);
    }
    if (select_one(shell, call->argv[0], call->arena, &node, err) != 0) {
        return -1;
    }
    if (node->file == NULL) {
        return err_set(err, ERR_NOT_FOUND, "%s is in no file", node->unique_id);
    }
    return run_editor(node->file->full, call->arena, err);
}

static int exec_reload(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct project *project;

    (void)call;
    session_reload(shell);
    if (session_project(shell, &project, err) != 0) {
        return -1;
    }
    shell_write_manifest(shell);
    print_note(&shell->print, "%s: %zu nodes, %zu macros, %.0f ms", project->name,
               project->node_count, project->macro_count,
               (double)project->load_us / 1000);
    return 0;
}

static int exec_init(struct shell *shell, struct cmd_call *call, struct err *err)
{
    if (init_project(shell, call->argc > 0 ? call->argv[0] : ".", err) != 0) {
        return -1;
    }
    session_look_again(shell);
    return 0;
}

static int exec_deps(struct shell *shell, struct cmd_call *call, struct err *err)
{
    return session_install(shell, cmd_has(call, "--upgrade"), cmd_has(call, "--lock"),
                           err);
}

static int exec_validate(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node_list list = {0};
    struct flink_client *client;
    struct flink_dry_run *runs;
    const struct node **nodes;
    size_t count = 0;
    size_t bad = 0;

    if (select_args(shell, call, SELECT_RUN, 0, &list, err) != 0 ||
        session_client(shell, &client, err) != 0) {
        return -1;
    }
    runs = arena_array(call->arena, struct flink_dry_run, list.count + 1);
    nodes = arena_array(call->arena, const struct node *, list.count + 1);
    for (size_t i = 0; i < list.count; i++) {
        const struct compiled *compiled =
            compile_node(session_compiler(shell), list.items[i], err);
        if (compiled == NULL) {
            return -1;
        }
        if (str_eq(node_materialized(list.items[i]), "streaming_source") ||
            node_is_ephemeral(list.items[i]) || compiled->sql_len == 0) {
            continue;
        }
        nodes[count] = list.items[i];
        runs[count].submit = query_submit(shell, compiled->sql, call->arena);
        runs[count++].submit.compute_pool_id =
            node_config_str(list.items[i], "compute_pool_id", NULL);
    }
    if (flink_dry_run(client, runs, count, call->arena, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!runs[i].valid && !runs[i].unknown) {
            query_locate_error(runs[i].submit.sql, &runs[i].err);
            if (nodes[i]->file != NULL) {
                str_copy(runs[i].err.file, sizeof(runs[i].err.file),
                         nodes[i]->file->shown);
                runs[i].err.line = 0;
            }
            err_wrap(&runs[i].err, "%s", nodes[i]->name);
            shell_report(shell, &runs[i].err);
            bad++;
        } else if (runs[i].unknown) {
            print_warning(&shell->print, "%s: the server did not judge it",
                          nodes[i]->name);
        }
    }
    print_note(&shell->print, "%zu of %zu models are valid", count - bad, count);
    if (bad > 0) {
        shell->result = 1;
        return -1;
    }
    return 0;
}

static const struct cmd_option models_options[] = {
    {"--output", NULL, "FORM", "one line per node instead: name, path, fqn or json"},
    {"--output-keys", NULL, "KEY...", "keys of --output json"},
    {"--state", NULL, "DIR", "manifest and run results for state: and result:"},
    {"--status", "-S", NULL, "ask the server what runs"},
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option deps_options_table[] = {
    {"--upgrade", NULL, NULL, "look for newer versions than package-lock.yml names"},
    {"--lock", NULL, NULL, "write package-lock.yml and install nothing"},
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option dag_options_table[] = {
    {"--dot", NULL, NULL, "write Graphviz"},
    {"--mermaid", NULL, NULL, "write Mermaid"},
    {"--status", "-S", NULL, "ask the server what runs"},
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Project"

const struct cmd cmd_project_table[] = {
    {.name = "models",
     .aliases = "m ls",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "list models and seeds; \\ls lists sources and tests too",
     .max = -1,
     .flags = CMD_SELECT,
     .options = models_options,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_models},
    {.name = "sm",
     .group = GROUP,
     .usage = "NAME",
     .summary = "show the source of a model",
     .min = 1,
     .max = 1,
     .complete = CMD_COMPLETE_NODE,
     .exec = exec_source},
    {.name = "compile",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "compile to SQL, show it and write it to target/compiled",
     .max = -1,
     .flags = CMD_SELECT,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_compile},
    {.name = "eval",
     .group = GROUP,
     .usage = "TEXT",
     .summary = "render Jinja in the project's context",
     .min = 1,
     .max = 1,
     .flags = CMD_RAW,
     .exec = exec_eval},
    {.name = "dag",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "draw what depends on what",
     .max = -1,
     .flags = CMD_SELECT,
     .options = dag_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_dag},
    {.name = "e",
     .aliases = "edit",
     .group = GROUP,
     .usage = "[NAME | FILE]",
     .summary = "edit a model's file, or the statement at hand",
     .max = 1,
     .flags = CMD_QUERY,
     .complete = CMD_COMPLETE_NODE,
     .exec = exec_edit},
    {.name = "reload",
     .group = GROUP,
     .usage = "",
     .summary = "load the project again",
     .exec = exec_reload},
    {.name = "init",
     .group = GROUP,
     .usage = "[DIR]",
     .summary = "make a new project that runs on the sandbox at once",
     .max = 1,
     .complete = CMD_COMPLETE_DIRECTORY,
     .exec = exec_init},
    {.name = "deps",
     .group = GROUP,
     .usage = "",
     .summary = "install the packages of packages.yml",
     .options = deps_options_table,
     .exec = exec_deps},
    {.name = "validate",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "let the server check the models' SQL; nothing is changed",
     .max = -1,
     .flags = CMD_SELECT,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_validate},
    {0},
};
