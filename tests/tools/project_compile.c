/*
 * Compiles a project and prints its graph and SQL, for golden files and comparisons
 * with dbt (tests/clients/compile_record.py prints the same of dbt).
 *
 *   project_compile [--write] [--empty] [--quiet] [--time] [--vars YAML] DIR
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "compile/compile.h"
#include "project/project.h"

static void print_list(const char *label, const char *const *items, size_t count)
{
    printf("  %s: ", label);
    for (size_t i = 0; i < count; i++) {
        printf("%s%s", i > 0 ? ", " : "", items[i]);
    }
    puts(count == 0 ? "-" : "");
}

static void print_node(const struct node *node)
{
    const char **items = calloc(node->parents.count + node->macro_count +
                                    node->fqn_count + value_list_count(node->tags) + 1,
                                sizeof *items);
    size_t count = 0;

    printf("%s\n  file: %s\n  fqn: ", node->unique_id,
           node->file != NULL ? node->file->path : "");
    for (size_t i = 0; i < node->fqn_count; i++) {
        printf("%s%s", i > 0 ? "." : "", node->fqn[i]);
    }
    const char *materialized = node->type == NODE_SOURCE ? "" : node_materialized(node);
    printf("\n  materialized: %s\n", materialized[0] != '\0' ? materialized : "-");
    for (size_t i = 0; i < value_list_count(node->tags); i++) {
        items[count++] = value_cstr(value_list_at(node->tags, i), "");
    }
    print_list("tags", items, count);
    printf("  relation: %s\n", node->relation_name != NULL ? node->relation_name : "-");
    count = 0;
    for (size_t i = 0; i < node->parents.count; i++) {
        items[count++] = node->parents.items[i]->unique_id;
    }
    print_list("nodes", items, count);
    count = 0;
    for (size_t i = 0; i < node->macro_count; i++) {
        if (!node->macros[i]->package->is_builtin) {
            items[count++] = node->macros[i]->unique_id;
        }
    }
    print_list("macros", items, count);
    free(items);
}

/* As dbt lays out an error: kind and node, then the message by two blanks. */
static void print_error(const struct err *err)
{
    printf("== error\n%s", err->msg);
    if (err->file[0] != '\0') {
        printf("\n  at %s:%d:%d", err->file, err->line, err->column);
    }
    if (err->trace[0] != '\0') {
        printf("\n%s", err->trace);
    }
    if (err->hint[0] != '\0') {
        printf("\n  hint: %s", err->hint);
    }
    puts("");
}

static void print_errors(struct err_list *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        print_error(&errors->items[i]);
    }
}

static int by_path(const void *a, const void *b)
{
    const struct compiled *const *x = a, *const *y = b;

    return strcmp((*x)->path, (*y)->path);
}

static int by_id(const void *a, const void *b)
{
    const struct node *const *x = a, *const *y = b;

    return strcmp((*x)->unique_id, (*y)->unique_id);
}

/* What the manifest holds after compiling: tests whose target is disabled, too. */
static void print_nodes(const struct project *project)
{
    size_t count = project->node_count + project->dropped.count;
    const struct node **nodes = calloc(count + 1, sizeof *nodes);

    for (size_t i = 0; i < count; i++) {
        nodes[i] = i < project->node_count
                       ? project->nodes[i]
                       : project->dropped.items[i - project->node_count];
    }
    qsort(nodes, count, sizeof *nodes, by_id);
    puts("== nodes");
    for (size_t i = 0; i < count; i++) {
        if (nodes[i]->type != NODE_EXPOSURE && nodes[i]->type != NODE_UNIT_TEST) {
            print_node(nodes[i]);
        }
    }
    free(nodes);
}

static int compile_nodes(struct compiler *compiler, struct project *project, bool write,
                         bool quiet, struct err_list *errors)
{
    const struct compiled **done = calloc(project->node_count + 1, sizeof *done);
    size_t count = 0;

    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        struct err err = {0};
        if (node->type == NODE_SOURCE || node->type == NODE_EXPOSURE ||
            node->type == NODE_UNIT_TEST) {
            continue;
        }
        const struct compiled *compiled = compile_node(compiler, node, &err);
        if (compiled == NULL ||
            (write && compile_write(compiler, compiled, &err) != 0)) {
            err_list_add(errors, &err);
        } else if (compiled->path != NULL && compiled->sql_len > 0) {
            done[count++] = compiled;
        }
    }
    qsort(done, count, sizeof *done, by_path);
    if (!quiet) {
        print_nodes(project);
    }
    for (size_t i = 0; i < count && !quiet; i++) {
        printf("== %s\n", done[i]->path);
        fwrite(done[i]->sql, 1, done[i]->sql_len, stdout);
        puts("");
    }
    free(done);
    return errors->count == 0 ? 0 : 1;
}

static int print_unit_tests(struct compiler *compiler, const struct project *project,
                            struct err_list *errors)
{
    for (size_t i = 0; i < project->node_count; i++) {
        struct compile_unit_test unit;
        struct err err = {0};
        if (project->nodes[i]->type != NODE_UNIT_TEST) {
            continue;
        }
        printf("== %s\n", project->nodes[i]->unique_id);
        if (compile_unit_test(compiler, project->nodes[i], &unit, &err) != 0) {
            err_list_add(errors, &err);
            continue;
        }
        for (size_t k = 0; k < unit.fixture_count; k++) {
            printf("-- %s like %s\n%s\n", unit.fixtures[k].name,
                   unit.fixtures[k].original.text, unit.fixtures[k].sql);
        }
        printf("-- query over %zu columns\n%s\n", unit.column_count, unit.query);
    }
    return errors->count == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct project_options options = {0};
    struct compile_options compile = {.which = "compile"};
    struct err_list errors = {0};
    bool write = false, quiet = false, times = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--write") == 0) {
            write = true;
        } else if (strcmp(argv[i], "--empty") == 0) {
            compile.empty = true;
        } else if (strcmp(argv[i], "--quiet") == 0) {
            quiet = true;
        } else if (strcmp(argv[i], "--time") == 0) {
            times = true;
        } else if (strcmp(argv[i], "--vars") == 0 && i + 1 < argc) {
            options.vars = argv[++i];
        } else {
            options.project_dir = options.profiles_dir = argv[i];
        }
    }
    int64_t start = clock_now_ms(&clock_system);
    struct compiler *compiler = compile_new(&compile);
    struct project *project = project_load(&options, compile_hooks(compiler), &errors);
    int64_t loaded = clock_now_ms(&clock_system);
    int status = 1;
    if (project != NULL) {
        compile_attach(compiler, project);
        status = compile_nodes(compiler, project, write, quiet, &errors);
        if (!quiet) {
            status |= print_unit_tests(compiler, project, &errors);
        }
    }
    if (times) {
        fprintf(stderr, "load %lld ms, compile %lld ms\n", (long long)(loaded - start),
                (long long)(clock_now_ms(&clock_system) - loaded));
    }
    print_errors(&errors);
    err_list_fini(&errors);
    if (project != NULL) {
        project_free(project);
    }
    compile_free(compiler);
    return status;
}
