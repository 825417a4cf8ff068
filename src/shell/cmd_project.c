/* What the project says: sources, SQL, packages, validity. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "shell/init.h"
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

static const struct cmd_option deps_options_table[] = {
    {"--upgrade", NULL, NULL, "look for newer versions than package-lock.yml names"},
    {"--lock", NULL, NULL, "write package-lock.yml and install nothing"},
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Project"

const struct cmd cmd_project_table[] = {
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
