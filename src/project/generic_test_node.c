/* The node of a generic test: its body, tags, macro, and what it refers to. */
#include "config.h"

#include "project/generic_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static void add_config_text(struct buf *out, struct value config)
{
    size_t at = 0;
    bool first = true;

    if (value_dict_count(config) == 0) {
        return;
    }
    buf_adds(out, "{{ config(");
    for (const struct value_pair *e; (e = value_dict_next(config, &at)) != NULL;) {
        buf_addf(out, "%s%s=", first ? "" : ",", value_cstr(e->key, ""));
        first = false;
        if (e->value.type != VALUE_STRING) {
            project_python_repr(e->value, out);
            continue;
        }
        buf_addc(out, '"');
        for (const char *p = e->value.as.s; *p != '\0'; p++) {
            buf_adds(out, *p == '"' ? "\\" : "");
            buf_addc(out, *p);
        }
        buf_addc(out, '"');
    }
    buf_adds(out, ") }}");
}

static void set_raw_code(const struct generic_test *b, struct node *node)
{
    struct buf text = {0};

    buf_adds(&text, "{{ ");
    if (b->namespace != NULL) {
        buf_addf(&text, "%s.", b->namespace);
    }
    buf_addf(&text, "test_%s(**_dbt_generic_test_kwargs) }}", b->name);
    add_config_text(&text, b->config);
    node->raw_code = arena_strndup(b->loader->arena, buf_str(&text), text.len);
    node->raw_code_len = text.len;
    buf_fini(&text);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int set_tags(const struct generic_test *b, struct node *node)
{
    struct arena *arena = b->loader->arena;
    const struct value lists[] = {
        project_listify(b->scratch, b->request->tags),
        project_listify(b->scratch, value_dict_get(b->config, "tags"))};
    size_t total = value_list_count(lists[0]) + value_list_count(lists[1]);
    size_t count = 0;

    if (total == 0) {
        node->extra_tags = project_empty_list(b->loader);
        return 0;
    }
    const char **names = arena_array(b->scratch, const char *, total);
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < value_list_count(lists[i]); k++) {
            struct value tag = value_list_at(lists[i], k);
            if (tag.type != VALUE_STRING) {
                return generic_test_fail(b, NULL, "tags must be strings");
            }
            names[count++] = tag.as.s;
        }
    }
    if (count > 1) {
        qsort(names, count, sizeof(*names), compare_strings);
    }
    node->extra_tags = value_list_new(arena, count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(names[i], names[i - 1])) {
            value_list_push(node->extra_tags, value_str(names[i]));
        }
    }
    return 0;
}

static void set_test(const struct generic_test *b, struct node *node)
{
    const struct test_request *r = b->request;
    struct arena *arena = b->loader->arena;
    struct node_test *test = arena_new(arena, struct node_test);

    node->test = test;
    test->generic = true;
    test->test_name = b->name;
    test->namespace = b->namespace;
    test->kwargs = b->args;
    test->column_name = r->column != NULL ? generic_test_column(b) : NULL;
    test->file_key_name = arena_printf(arena, "%s.%s", r->key, r->target_name);
    test->attached_node = r->table == NULL ? r->target : NULL;
    test->macro = b->namespace != NULL
                      ? project_package_macro(b->loader->project, b->namespace,
                                              arena_printf(arena, "test_%s", b->name))
                      : project_macro(b->loader->project, r->package,
                                      arena_printf(arena, "test_%s", b->name));
}

/* dbt finds out when the test runs; until then it is a warning. */
static void check_macro(const struct generic_test *b, const struct node *node)
{
    const struct project *project = b->loader->project;
    struct arena *arena = b->loader->arena;
    size_t count = 0;

    if (node->test->macro != NULL || project->hooks == NULL) {
        return;
    }
    const char **names = arena_array(arena, const char *, project->macro_count + 1);
    for (size_t i = 0; i < project->macro_count; i++) {
        if (project->macros[i]->kind == MACRO_TEST) {
            names[count++] = project->macros[i]->name + strlen("test_");
        }
    }
    const char *near = str_nearest(b->name, names, count);
    struct err err = {0};
    err_set(
        &err, ERR_PROJECT,
        "'test_%s' is undefined. This can happen when calling a macro that does not "
        "exist. Check for typos and/or install package dependencies with \"dbt "
        "deps\".",
        b->name);
    if (near != NULL) {
        err_hint(&err, "did you mean '%s'?", near);
    }
    project_locate(&err, b->request->file, b->request->line, 0);
    err_list_add(&b->loader->project->warnings, &err);
}

static bool is_core_test(const struct node *node, const char *name)
{
    const struct macro *macro = node->test->macro;

    return str_eq(node->test->test_name, name) &&
           (macro == NULL ||
            (macro->package->is_builtin && str_eq(macro->package->name, "dbt")));
}

static void capture_model(const struct generic_test *b, struct node *node)
{
    const struct test_request *r = b->request;
    struct project *project = b->loader->project;

    if (r->table != NULL) {
        node_add_source(project, node, r->target_name, r->table, UINT32_MAX);
    } else {
        node_add_ref(project, node, NULL, r->target_name, r->version, UINT32_MAX);
    }
}

/* Arguments of dbt's own tests: whole-string refs and sources only. */
static bool capture_args(const struct generic_test *b, struct node *node)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(b->args, &at)) != NULL;) {
        if (str_eq(value_cstr(e->key, ""), "model")) {
            capture_model(b, node);
        } else if (project_has_jinja(e->value)) {
            return false;
        } else if (e->value.type == VALUE_STRING) {
            node_capture_call(b->loader, node, e->value.as.s);
        }
    }
    return true;
}

static void add_core_macro(const struct generic_test *b, struct node *node,
                           const char *name)
{
    struct macro *macro = project_macro(b->loader->project, b->request->package, name);

    if (macro != NULL) {
        node_add_macro(b->loader->project, node, macro);
    }
}

static int capture(const struct generic_test *b, struct node *node, struct err *err)
{
    const struct project *project = b->loader->project;
    const struct project_hooks *hooks = project->hooks;

    if (node->test->macro != NULL) {
        node_add_macro(b->loader->project, node, node->test->macro);
    }
    if (is_core_test(node, "not_null") || is_core_test(node, "unique")) {
        capture_model(b, node);
        return 0;
    }
    const struct macro *where =
        project_macro(project, b->request->package, "get_where_subquery");
    bool is_core = (is_core_test(node, "accepted_values") ||
                    is_core_test(node, "relationships")) &&
                   (where == NULL || where->package->is_builtin);
    if (is_core || node->test->macro == NULL || hooks == NULL ||
        hooks->parse_node == NULL) {
        if (capture_args(b, node)) {
            add_core_macro(b, node, "get_where_subquery");
            return 0;
        }
        node->ref_count = 0;
        node->source_count = 0;
    }
    if (node_configure_base(b->loader, node, err) != 0) {
        return -1;
    }
    if (hooks == NULL || hooks->parse_node == NULL) {
        return err_set(err, ERR_COMPILE, "can't render Jinja here");
    }
    return hooks->parse_node(hooks->context, b->loader->project, node, err);
}

void generic_test_node(const struct generic_test *b)
{
    const struct test_request *r = b->request;
    struct loader *loader = b->loader;
    struct err err = {0};
    struct node *node = project_new_node(loader, NODE_TEST, r->package, b->full_name);

    node->unique_id = arena_printf(loader->arena, "test.%s.%s.%s", r->package->name,
                                   b->full_name, generic_test_hash(b));
    node->file = r->file;
    node->path = arena_printf(loader->arena, "%s.sql", b->short_name);
    const char *below = strchr(r->file->path, '/');
    node_set_fqn(loader, node, below != NULL ? below + 1 : r->file->path, b->full_name);
    node->patch_line = r->line;
    node->description = b->description;
    node->checksum_name = "none";
    set_raw_code(b, node);
    set_test(b, node);
    check_macro(b, node);
    if (set_tags(b, node) != 0) {
        return;
    }
    node->config_call = b->config;
    node->unrendered_config_call = b->config;
    if (capture(b, node, &err) != 0 || node_configure(loader, node, NULL, &err) != 0) {
        project_locate(&err, r->file, r->line, 0);
        loader_error(loader, &err);
        return;
    }
    if (node->test->attached_node != NULL) {
        node->group = node->test->attached_node->group;
    }
}
