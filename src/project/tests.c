/* Tests, once all that they test is known: generic ones are made, unit tests linked. */
#include "config.h"

#include "project/generic_test.h"

#include "base/str.h"

static void build(struct loader *loader, const struct test_request *request)
{
    struct arena scratch = {0};
    struct generic_test b = {.loader = loader, .scratch = &scratch, .request = request};

    if (generic_test_read(&b) == 0 && generic_test_name(&b) == 0) {
        generic_test_node(&b);
    }
    arena_fini(&scratch);
}

/* ---- unit tests: one per version of the tested model ---- */

static bool wants_version(struct value versions, struct value v)
{
    struct value include = value_dict_get(versions, "include");
    struct value exclude = value_dict_get(versions, "exclude");
    struct value list = value_list_count(exclude) > 0 ? exclude : include;

    if (value_list_count(list) == 0) {
        return true;
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (value_equal(value_list_at(list, i), v)) {
            return value_list_count(exclude) == 0;
        }
    }
    return value_list_count(exclude) > 0;
}

static void add_version(struct loader *loader, struct node *node, struct node *model,
                        bool first)
{
    struct node *own = node;
    struct buf version = {.max = 128};

    if (!first) {
        own = arena_new(loader->arena, struct node);
        *own = *node;
        own->unit_test = arena_new(loader->arena, struct node_unit_test);
        *own->unit_test = *node->unit_test;
        node_list_add(loader->arena, &loader->all, own);
    }
    node_version_text(model->version, &version);
    own->version = model->version;
    own->unit_test->version_text = arena_strdup(loader->arena, buf_str(&version));
    own->unit_test->tested = model;
    own->schema = model->schema;
    own->unique_id =
        arena_printf(loader->arena, "unit_test.%s.%s.%s_%s", own->package->name,
                     own->unit_test->model, own->name, buf_str(&version));
    buf_fini(&version);
}

static void link_unit_test(struct loader *loader, struct node *node)
{
    struct project *project = loader->project;
    struct node *model = NULL;
    enum project_found found =
        project_ref(project, node->package, node->package->name, node->unit_test->model,
                    value_none(), &model);

    if (found == PROJECT_IS_DISABLED) {
        node->enabled = false;
        return;
    }
    if (model == NULL || model->type != NODE_MODEL) {
        loader_fail(loader, node->file, node->patch_line, 0, NULL,
                    "Unable to find model '%s.%s' for unit test '%s' in %s",
                    node->package->name, node->unit_test->model, node->name,
                    node->file->path);
        return;
    }
    node->unit_test->tested = model;
    node->schema = model->schema;
    if (value_is_null(model->version)) {
        return;
    }
    bool first = true;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *other = project->nodes[i];
        if (other->type == NODE_MODEL && other->package == model->package &&
            str_eq(other->name, model->name) &&
            wants_version(node->unit_test->versions, other->version)) {
            add_version(loader, node, other, first);
            first = false;
        }
    }
    if (first) {
        loader_fail(loader, node->file, node->patch_line, 0, NULL,
                    "Unit test '%s' referenced a version of '%s' which was not found.",
                    node->name, model->name);
    }
}

void project_load_tests(struct loader *loader)
{
    size_t count = loader->all.count;

    for (size_t i = 0; i < count; i++) {
        if (loader->all.items[i]->type == NODE_UNIT_TEST &&
            loader->all.items[i]->enabled) {
            link_unit_test(loader, loader->all.items[i]);
        }
    }
    for (size_t i = 0; i < loader->test_count; i++) {
        build(loader, &loader->tests[i]);
    }
}
