/* What the project consists of: \models, \ls, \dag. */
#include "config.h"

#include <langinfo.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "shell/dag.h"
#include "shell/phases.h"
#include "shell/select_args.h"
#include "shell/session.h"
#include "shell/shell.h"

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
    options.unicode =
        shell->print.format.linestyle == FORMAT_UNICODE ||
        (print_to_terminal(&shell->print) && str_eq(nl_langinfo(CODESET), "UTF-8"));
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

static const struct cmd_option models_options[] = {
    {"--output", NULL, "FORM", "one line per node instead: name, path, fqn or json"},
    {"--output-keys", NULL, "KEY...", "keys of --output json"},
    {"--state", NULL, "DIR", "manifest and run results for state: and result:"},
    {"--status", "-S", NULL, "ask the server what runs"},
    {NULL, NULL, NULL, NULL},
};

static const struct cmd_option dag_options_table[] = {
    {"--dot", NULL, NULL, "write Graphviz"},
    {"--mermaid", NULL, NULL, "write Mermaid"},
    {"--status", "-S", NULL, "ask the server what runs"},
    {NULL, NULL, NULL, NULL},
};

#define GROUP "Project"

const struct cmd cmd_models_table[] = {
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
    {.name = "dag",
     .group = GROUP,
     .usage = "[SELECTOR]",
     .summary = "draw what depends on what",
     .max = -1,
     .flags = CMD_SELECT,
     .options = dag_options_table,
     .complete = CMD_COMPLETE_SELECTOR,
     .exec = exec_dag},
    {0},
};
