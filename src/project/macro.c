#include "config.h"

#include "project/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "jinja/jinja.h"

static const char *const macro_tags[] = {"macro", "materialization", "test",
                                         "data_test", NULL};
static const char *const test_tags[] = {"test", "data_test", NULL};
static const char *const docs_tags[] = {"docs", NULL};

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

static void read_blocks(struct loader *loader, struct project_file *file,
                        const char *const *tags)
{
    struct jinja_blocks blocks = {0};
    struct err err = {0};

    if (jinja_extract_blocks(file->text, file->len, file->shown, tags, loader->arena,
                             &blocks, &err) != 0) {
        project_locate(&err, file, 1, 0);
        loader_error(loader, &err);
        return;
    }
    for (size_t i = 0; i < blocks.count; i++) {
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
            project_locate(&err, macro->file, macro->line, 0);
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

/* ---- docs blocks ---- */

static void add_doc(struct loader *loader, struct project_file *file,
                    const struct jinja_block *block)
{
    struct project *project = loader->project;
    struct doc *doc = arena_new(loader->arena, struct doc);
    const char *text = block->body;
    size_t len = block->body_len;

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
            "dbt found two docs with the same name: '%s'", doc->name);
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

/* ---- looking macros up ---- */

static struct macro *builtin_macro(const struct project *project, const char *name)
{
    struct macro *found = NULL;

    for (size_t i = 0; i < project->package_count; i++) {
        const struct package *package = project->packages[i];
        if (!package->is_builtin) {
            continue;
        }
        struct macro *macro = map_get(&package->macros, name);
        if (macro != NULL && (found == NULL || !str_eq(package->name, "dbt"))) {
            found = macro;
        }
    }
    return found;
}

struct macro *project_macro(const struct project *project,
                            const struct package *package, const char *name)
{
    struct macro *macro = map_get(&package->macros, name);

    if (macro == NULL && package != project->package) {
        macro = map_get(&project->package->macros, name);
    }
    return macro != NULL ? macro : builtin_macro(project, name);
}

struct macro *project_package_macro(const struct project *project, const char *package,
                                    const char *name)
{
    if (str_eq(package, "dbt")) {
        return builtin_macro(project, name);
    }
    const struct package *in = project_package(project, package);
    return in != NULL ? map_get(&in->macros, name) : NULL;
}

/* Packages that dispatch searches for a namespace: names, in order. */
static struct value search_order(const struct project *project, const char *namespace,
                                 struct arena *arena)
{
    struct value dispatch = value_dict_get(project->package->config, "dispatch");
    struct value order = value_list_new(arena, 2);

    for (size_t i = 0; i < value_list_count(dispatch); i++) {
        struct value entry = value_list_at(dispatch, i);
        if (str_eq(value_cstr(value_dict_get(entry, "macro_namespace"), ""),
                   namespace)) {
            return value_dict_get(entry, "search_order");
        }
    }
    value_list_push(order, value_str(project->name));
    if (!str_eq(namespace, project->name)) {
        value_list_push(order, value_str(namespace));
    }
    return order;
}

static struct macro *in_package(const struct project *project,
                                const struct package *from, const char *package,
                                const char *name)
{
    if (package == NULL) {
        return project_macro(project, from, name);
    }
    return project_package_macro(project, package, name);
}

struct macro *project_dispatch(const struct project *project,
                               const struct package *package, const char *name,
                               const char *namespace, struct err *err)
{
    static const char *const prefixes[] = {"confluent", "default"};
    struct arena arena = {0};
    struct buf tried = {.max = 4096};
    struct value order = value_list_new(&arena, 1);
    struct macro *found = NULL;

    if (namespace != NULL) {
        order = search_order(project, namespace, &arena);
    } else {
        value_list_push(order, value_none());
    }
    for (size_t i = 0; i < value_list_count(order) && found == NULL; i++) {
        const char *in = value_cstr(value_list_at(order, i), NULL);
        for (size_t k = 0; k < 2 && found == NULL; k++) {
            char *full = arena_printf(&arena, "%s__%s", prefixes[k], name);
            found = in_package(project, package, in, full);
            buf_addf(&tried, "%s'%s%s%s'", tried.len > 0 ? ", " : "",
                     in != NULL ? in : "", in != NULL ? "." : "", full);
        }
    }
    if (found == NULL) {
        err_set(err, ERR_COMPILE,
                "In dispatch: No macro named '%s' found within namespace: '%s'\n"
                "    Searched for: %s",
                name, namespace != NULL ? namespace : "None", buf_str(&tried));
    }
    buf_fini(&tried);
    arena_fini(&arena);
    return found;
}

struct macro *project_materialization(const struct project *project, const char *name)
{
    static const char *const adapters[] = {"confluent", "default"};
    char full[256];

    for (size_t i = 0; i < 2; i++) {
        snprintf(full, sizeof(full), "materialization_%s_%s", name, adapters[i]);
        struct macro *own = map_get(&project->package->macros, full);
        struct macro *core = builtin_macro(project, full);
        if (own != NULL || core != NULL) {
            return own != NULL ? own : core;
        }
    }
    return NULL;
}
