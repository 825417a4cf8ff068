/* {% docs %} blocks of .md files, and doc() finding them. */
#include "config.h"

#include "project/internal.h"

#include "base/str.h"
#include "jinja/jinja.h"

static const char *const docs_tags[] = {"docs", NULL};

static void add_doc(struct loader *loader, struct project_file *file,
                    const struct jinja_block *block)
{
    struct project *project = loader->project;
    struct doc *doc = arena_new(loader->arena, struct doc);
    struct value body = value_str_n(block->body, block->body_len);
    struct err err = {0};

    if (project_has_jinja(body) &&
        project_render(loader, PROJECT_YAML_DOCS, file->package, body, NULL, &body,
                       &err) != 0) {
        project_locate(&err, file, block->line + (err.line > 0 ? err.line - 1 : 0), 0);
        loader_error(loader, &err);
        return;
    }
    const char *text = body.as.s;
    size_t len = body.len;
    project_strip(&text, &len);
    doc->name = block->name;
    doc->package = file->package;
    doc->file = file;
    doc->contents = arena_strndup(loader->arena, text, len);
    doc->unique_id =
        arena_printf(loader->arena, "doc.%s.%s", file->package->name, doc->name);
    const struct doc *other = map_get(&project->docs_by_id, doc->unique_id);
    if (other != NULL) {
        loader_fail(
            loader, file, block->line, 0,
            arena_printf(loader->arena, "the other one is in %s", other->file->shown),
            "dbt found two docs with the name \"%s\"", doc->name);
        return;
    }
    map_put(&project->docs_by_id, doc->unique_id, doc);
    map_put(&file->package->docs, doc->name, doc);
}

static void read_docs_file(struct loader *loader, struct package *package,
                           const struct found_file *found)
{
    struct jinja_blocks blocks = {0};
    struct err err = {0};
    struct project_file *file = project_read_file(
        loader, package,
        arena_printf(loader->arena, "%s/%s", found->searched, found->relative), true,
        &err);

    if (file == NULL ||
        jinja_extract_blocks(file->text, file->len, file->shown, docs_tags,
                             loader->arena, &blocks, &err) != 0) {
        loader_error(loader, &err);
        return;
    }
    for (size_t i = 0; i < blocks.count; i++) {
        add_doc(loader, file, &blocks.items[i]);
    }
}

void project_load_docs(struct loader *loader)
{
    struct project *project = loader->project;

    for (size_t i = 0; i < project->package_count; i++) {
        struct package *package = project->packages[i];
        if (package->is_builtin) {
            continue;
        }
        struct value paths = package_paths(loader, package, "docs-paths");
        for (size_t k = 0; k < value_list_count(paths); k++) {
            struct err err = {0};
            const struct found_list *list =
                project_walk(loader, package, value_list_at(paths, k).as.s, &err);
            for (size_t n = 0; list != NULL && n < list->count; n++) {
                if (project_file_matches(list->items[n].relative, ".md")) {
                    read_docs_file(loader, package, &list->items[n]);
                }
            }
            loader_error(loader, &err);
        }
    }
}

const struct doc *project_doc(const struct project *project,
                              const struct package *package, const char *in_package,
                              const char *name)
{
    if (in_package != NULL) {
        const struct package *other = project_package(project, in_package);
        return other != NULL ? map_get(&other->docs, name) : NULL;
    }
    const struct doc *doc = map_get(&project->package->docs, name);
    if (doc == NULL && package != NULL) {
        doc = map_get(&package->docs, name);
    }
    for (size_t i = 0; doc == NULL && i < project->package_count; i++) {
        doc = map_get(&project->packages[i]->docs, name);
    }
    return doc;
}
