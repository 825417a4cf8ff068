#include "config.h"

#include "project/internal.h"
#include "project/select_internal.h"

#include "base/path.h"
#include "base/str.h"

#define FILE_NAME "selectors.yml"

/* dbt refuses the file when one of its definitions makes no sense. */
static void check_definition(struct loader *loader, const struct project_file *file,
                             const struct selector *selector,
                             const struct yaml_position *at)
{
    const struct select_options options = {0};
    struct err err = {0};
    struct selecting s = {.project = loader->project,
                          .options = &options,
                          .arena = loader->arena,
                          .err = &err};

    if (spec_from_definition(&s, selector->definition, 0) == NULL) {
        err.code = ERR_PROJECT;
        err.file[0] = '\0';
        project_locate_yaml(&err, file, at->line, at->column);
        loader_error(loader, &err);
    }
}

static void add_selector(struct loader *loader, const struct project_file *file,
                         const struct yaml_doc *doc, struct value list, size_t index)
{
    struct project *project = loader->project;
    struct value entry = value_list_at(list, index);
    struct value name = value_dict_get(entry, "name");
    struct yaml_position at = {0};

    yaml_item_position(doc, list, index, &at);
    if (name.type != VALUE_STRING || !value_dict_has(entry, "definition")) {
        loader_fail(loader, file, at.line, at.column, NULL,
                    "a selector needs a 'name' and a 'definition'");
        return;
    }
    struct selector *selector = arena_new(loader->arena, struct selector);
    selector->name = name.as.s;
    selector->description = value_cstr(value_dict_get(entry, "description"), "");
    selector->is_default = value_is_true(value_dict_get(entry, "default"), false);
    selector->definition = value_dict_get(entry, "definition");
    if (selector->is_default && project_default_selector(project) != NULL) {
        loader_fail(loader, file, at.line, at.column, NULL,
                    "Found multiple selectors with `default: true`: '%s' and '%s'",
                    project_default_selector(project)->name, selector->name);
        return;
    }
    map_put(&project->selectors, selector->name, selector);
    check_definition(loader, file, selector, &at);
}

void project_load_selectors(struct loader *loader)
{
    struct project *project = loader->project;
    struct err err = {0};
    struct yaml_doc doc;
    struct value rendered;

    if (!path_exists(path_join(loader->arena, project->root, FILE_NAME))) {
        return;
    }
    struct project_file *file =
        project_read_file(loader, project->package, FILE_NAME, true, &err);
    if (file == NULL ||
        yaml_parse(file->text, file->len, file->shown, loader->arena, &doc, &err) !=
            0 ||
        project_render(loader, PROJECT_YAML_PROJECT, project->package, doc.root, NULL,
                       &rendered, &err) != 0) {
        if (file != NULL) {
            project_locate_yaml(&err, file, 1, 0);
        }
        loader_error(loader, &err);
        return;
    }
    struct value list = value_dict_get(rendered, "selectors");
    if (list.type != VALUE_LIST) {
        loader_fail(loader, file, 1, 0, NULL,
                    "the file needs a list under the key 'selectors'");
        return;
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        add_selector(loader, file, &doc, list, i);
    }
}

const struct selector *project_default_selector(const struct project *project)
{
    for (size_t i = 0; i < project->selectors.count; i++) {
        const struct selector *selector = project->selectors.entries[i].value;
        if (selector->is_default) {
            return selector;
        }
    }
    return NULL;
}
