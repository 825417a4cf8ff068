#include "config.h"

#include "shell/select_args.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "shell/session.h"
#include "shell/shell.h"

static int types_of(const struct cmd_call *call, const char *option, unsigned *mask,
                    struct err *err)
{
    size_t at = 0;
    const char *value;

    *mask = 0;
    while ((value = cmd_value_next(call, option, &at)) != NULL) {
        int type;
        if (strcmp(value, "all") == 0) {
            *mask = ~0u;
            continue;
        }
        if (strcmp(value, "default") == 0) {
            continue;
        }
        type = node_type_parse(value);
        if (type < 0) {
            err_set(err, ERR_USAGE, "\\%s: unknown resource type \"%s\"", call->name,
                    value);
            err_hint(err, "types are model, seed, snapshot, analysis, test, unit_test, "
                          "source, exposure and all");
            return -1;
        }
        *mask |= SELECT_TYPE(type);
    }
    return 0;
}

static int indirect_of(const struct cmd_call *call, struct select_options *options,
                       struct err *err)
{
    static const char *const names[] = {"eager", "cautious", "buildable", "empty"};
    const char *value = cmd_value(call, "--indirect-selection");

    if (value == NULL) {
        return 0;
    }
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], value) == 0) {
            options->indirect = (enum select_indirect)i;
            options->indirect_given = true;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE,
                   "\\%s: --indirect-selection is eager, cautious, "
                   "buildable or empty, not \"%s\"",
                   call->name, value);
}

static const char **values_of(const struct cmd_call *call, const char *option,
                              bool arguments, size_t *count)
{
    const char **list =
        arena_array(call->arena, const char *, call->given_count + call->argc + 1);
    size_t at = 0;
    const char *value;

    *count = 0;
    while ((value = cmd_value_next(call, option, &at)) != NULL) {
        list[(*count)++] = value;
    }
    for (size_t i = 0; arguments && i < call->argc; i++) {
        list[(*count)++] = call->argv[i];
    }
    return list;
}

static void hint_name(const struct project *project, const struct select_options *from,
                      struct arena *arena, struct print *print)
{
    const char **names = arena_array(arena, const char *, project->node_count + 1);

    for (size_t i = 0; i < project->node_count; i++) {
        names[i] = project->nodes[i]->name;
    }
    for (size_t i = 0; i < from->select_count; i++) {
        const char *near = str_nearest(from->select[i], names, project->node_count);
        if (near != NULL && strcmp(near, from->select[i]) != 0) {
            print_note(print, "hint: did you mean %s?", near);
        }
    }
}

static bool asks_for_state(const struct select_options *options)
{
    for (size_t i = 0; i < options->select_count + options->exclude_count; i++) {
        const char *text = i < options->select_count
                               ? options->select[i]
                               : options->exclude[i - options->select_count];
        if (strstr(text, "state:") != NULL || strstr(text, "result:") != NULL) {
            return true;
        }
    }
    return false;
}

int select_args(struct shell *shell, struct cmd_call *call, enum select_command command,
                unsigned types, struct node_list *out, struct err *err)
{
    struct select_options options = {.command = command};
    struct artifact_state state;
    struct err_list warnings = {0};
    struct project *project;
    const char *state_dir =
        cmd_has(call, "--state") ? cmd_value(call, "--state") : NULL;
    int result;

    if (session_project(shell, &project, err) != 0 ||
        types_of(call, "--resource-type", &options.types, err) != 0 ||
        types_of(call, "--exclude-resource-type", &options.exclude_types, err) != 0 ||
        indirect_of(call, &options, err) != 0) {
        return -1;
    }
    options.types = options.types != 0 ? options.types : types;
    options.select = values_of(call, "--select", true, &options.select_count);
    options.exclude = values_of(call, "--exclude", false, &options.exclude_count);
    options.selector = cmd_value(call, "--selector");
    if (state_dir == NULL && asks_for_state(&options)) {
        state_dir = project->target_path;
    }
    if (state_dir != NULL) {
        if (artifact_load_state(state_dir, call->arena, &state, err) != 0) {
            return -1;
        }
        options.state = &state;
    }
    result = project_select(project, &options, call->arena, out, &warnings, err);
    for (size_t i = 0; i < warnings.count && result == 0; i++) {
        print_warning(&shell->print, "%s", warnings.items[i].msg);
    }
    if (result == 0 && out->count == 0 && warnings.count > 0) {
        hint_name(project, &options, call->arena, &shell->print);
    }
    err_list_fini(&warnings);
    return result;
}

int select_one(struct shell *shell, const char *name, struct arena *arena,
               struct node **out, struct err *err)
{
    struct project *project;
    struct node **found;
    const char **names;
    const char *near;

    if (session_project(shell, &project, err) != 0) {
        return -1;
    }
    if (project_find(project, name, arena, &found) > 0) {
        *out = found[0];
        return 0;
    }
    names = arena_array(arena, const char *, project->node_count + 1);
    for (size_t i = 0; i < project->node_count; i++) {
        names[i] = project->nodes[i]->name;
    }
    near = str_nearest(name, names, project->node_count);
    err_set(err, ERR_NOT_FOUND, "there is nothing named \"%s\" in project %s", name,
            project->name);
    if (near != NULL) {
        err_hint(err, "did you mean %s?", near);
    } else {
        err_hint(err, "\\models lists what there is");
    }
    return -1;
}
