/* Files of macros and generic tests: cut into blocks, each a macro. */
#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "jinja/jinja.h"

static const char *const macro_tags[] = {"macro", "materialization", "test",
                                         "data_test", NULL};
static const char *const test_tags[] = {"test", "data_test", NULL};

/* The word of a materialization's head behind `adapter=`, or "default". */
static char *materialization_adapter(struct arena *arena,
                                     const struct jinja_block *block)
{
    const char *end = block->body;
    const char *p = block->text;

    for (; p + 7 < end; p++) {
        if (memcmp(p, "adapter", 7) != 0) {
            continue;
        }
        p += 7;
        p += strspn(p, " \t\n=");
        if (p < end && (*p == '\'' || *p == '"')) {
            const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
            if (close != NULL) {
                return arena_strndup(arena, p + 1, (size_t)(close - p - 1));
            }
        }
    }
    return arena_strdup(arena, "default");
}

static void set_name(struct loader *loader, struct macro *macro,
                     const struct jinja_block *block)
{
    struct arena *arena = loader->arena;

    macro->kind = MACRO_PLAIN;
    macro->name = arena_strdup(arena, block->name);
    if (str_eq(block->tag, "materialization")) {
        macro->kind = MACRO_MATERIALIZATION;
        macro->name = arena_printf(arena, "materialization_%s_%s", block->name,
                                   materialization_adapter(arena, block));
        macro->supported_languages = value_list_new(arena, 1);
        value_list_push(macro->supported_languages, value_str("sql"));
    } else if (!str_eq(block->tag, "macro")) {
        macro->kind = MACRO_TEST;
        macro->name = arena_printf(arena, "test_%s", block->name);
    }
}

static struct value default_docs(struct arena *arena)
{
    struct value docs = value_dict_new(arena, 2);

    value_dict_put(docs, "show", value_bool(true));
    value_dict_put(docs, "node_color", value_none());
    return docs;
}

static void duplicate_macro(struct loader *loader, const struct macro *macro,
                            const struct macro *other)
{
    loader_fail(loader, macro->file, macro->line, 0,
                arena_printf(loader->arena,
                             "rename or remove one of them; the other is at %s:%d",
                             other->file->shown, other->line),
                "dbt found two macros named \"%s\" in the project \"%s\"", macro->name,
                macro->package->name);
}

static void add_macro(struct loader *loader, struct project_file *file,
                      const struct jinja_block *block)
{
    struct project *project = loader->project;
    struct macro *macro = arena_new(loader->arena, struct macro);

    macro->package = file->package;
    macro->file = file;
    macro->text = arena_strndup(loader->arena, block->text, block->len);
    macro->len = block->len;
    macro->offset = block->offset;
    macro->line = block->line;
    macro->description = "";
    macro->arguments = value_list_new(loader->arena, 0);
    macro->meta = value_dict_new(loader->arena, 0);
    macro->docs = default_docs(loader->arena);
    macro->supported_languages = value_none();
    set_name(loader, macro, block);
    macro->unique_id =
        arena_printf(loader->arena, "macro.%s.%s", macro->package->name, macro->name);
    if (macro->name[0] == '\0') {
        loader_fail(loader, file, macro->line, 0, NULL, "a %s block has no name",
                    block->tag);
        return;
    }
    const struct macro *other = map_get(&macro->package->macros, macro->name);
    if (other != NULL) {
        duplicate_macro(loader, macro, other);
        return;
    }
    map_put(&macro->package->macros, macro->name, macro);
    map_put(&project->macros_by_id, macro->unique_id, macro);
    if (!macro->package->is_builtin &&
        (str_eq(macro->name, "ref") || str_eq(macro->name, "source") ||
         str_eq(macro->name, "config") || str_eq(macro->name, "var"))) {
        loader->bans_static = true;
    }
}

/* As dbt does, from the file's text without blanks at its ends. */
static void read_blocks(struct loader *loader, struct project_file *file,
                        const char *const *tags)
{
    struct jinja_blocks blocks = {0};
    struct err err = {0};
    const char *text = file->text;
    size_t len = file->len;
    int before = 0;

    project_strip(&text, &len);
    for (const char *p = file->text; p < text; p++) {
        before += *p == '\n';
    }
    if (jinja_extract_blocks(text, len, file->shown, tags, loader->arena, &blocks,
                             &err) != 0) {
        err.line += err.line > 0 ? before : 0;
        project_locate(&err, file, 1, 0);
        loader_error(loader, &err);
        return;
    }
    for (size_t i = 0; i < blocks.count; i++) {
        blocks.items[i].line += before;
        blocks.items[i].offset += (size_t)(text - file->text);
        add_macro(loader, file, &blocks.items[i]);
    }
}

static void read_macro_dir(struct loader *loader, struct package *package,
                           const char *dir, const char *const *tags)
{
    struct err err = {0};
    const struct found_list *list = project_walk(loader, package, dir, &err);

    if (list == NULL) {
        loader_error(loader, &err);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct found_file *found = &list->items[i];
        if (!project_file_matches(found->relative, ".sql")) {
            continue;
        }
        struct project_file *file = project_read_file(
            loader, package,
            arena_printf(loader->arena, "%s/%s", found->searched, found->relative),
            true, &err);
        if (file == NULL) {
            loader_error(loader, &err);
        } else {
            read_blocks(loader, file, tags);
        }
    }
}

static void read_builtins(struct loader *loader)
{
    const struct project_hooks *hooks = loader->project->hooks;

    for (size_t i = 0; hooks != NULL && i < hooks->builtin_count; i++) {
        const struct project_builtin *builtin = &hooks->builtins[i];
        struct project_file *file = arena_new(loader->arena, struct project_file);
        file->path = builtin->path;
        file->full = builtin->path;
        file->shown =
            arena_printf(loader->arena, "%s://%s", builtin->package, builtin->path);
        file->text = builtin->text;
        file->len = strlen(builtin->text);
        file->checksum = "";
        file->package = project_package(loader->project, builtin->package);
        read_blocks(loader, file, macro_tags);
    }
}

static int compare_macros(const void *a, const void *b)
{
    return strcmp((*(struct macro *const *)a)->unique_id,
                  (*(struct macro *const *)b)->unique_id);
}

/* Syntax errors of macros are errors of the project, even when nobody calls them. */
static void check_macros(struct loader *loader)
{
    struct project *project = loader->project;
    const struct project_hooks *hooks = project->hooks;

    if (hooks == NULL || hooks->parse_macro == NULL) {
        return;
    }
    for (size_t i = 0; i < project->macro_count; i++) {
        struct err err = {0};
        struct macro *macro = project->macros[i];
        if (!macro->package->is_builtin &&
            hooks->parse_macro(hooks->context, project, macro, &err) != 0) {
            project_locate(&err, macro->file, err.line > 0 ? err.line : macro->line, 0);
            loader_error(loader, &err);
        }
    }
}

void project_load_macros(struct loader *loader)
{
    struct project *project = loader->project;

    for (size_t i = 0; i < project->package_count; i++) {
        struct package *package = project->packages[i];
        if (package->is_builtin) {
            continue;
        }
        struct value paths = package_paths(loader, package, "macro-paths");
        for (size_t k = 0; k < value_list_count(paths); k++) {
            read_macro_dir(loader, package, value_list_at(paths, k).as.s, macro_tags);
        }
        paths = package_paths(loader, package, "test-paths");
        for (size_t k = 0; k < value_list_count(paths); k++) {
            read_macro_dir(
                loader, package,
                arena_printf(loader->arena, "%s/generic", value_list_at(paths, k).as.s),
                test_tags);
        }
    }
    read_builtins(loader);
    project->macro_count = project->macros_by_id.count;
    project->macros =
        arena_array(loader->arena, struct macro *, project->macro_count + 1);
    for (size_t i = 0; i < project->macro_count; i++) {
        project->macros[i] = project->macros_by_id.entries[i].value;
    }
    if (project->macro_count > 1) {
        qsort(project->macros, project->macro_count, sizeof(struct macro *),
              compare_macros);
    }
    check_macros(loader);
}
