/*
 * Loads a project and prints what it is: for golden files and for comparing with dbt.
 *
 *   project_dump [-C DIR] [--profiles-dir DIR] [--profile N] [--target N] [--vars YAML]
 *                [--target-path DIR] [--state DIR] [--offline] [--manifest]
 * [--run-results]
 *                [--no-list] [--time]
 *                [SELECTION]...
 *   project_dump … --deps [--upgrade]     installs packages
 *   project_dump … --batch FILE    one SELECTION per line, blank-separated words
 *
 * SELECTION: --select E, --exclude E, --selector N, --indirect-selection M,
 * --resource-type T, --exclude-resource-type T, --output O, --output-keys "a b",
 * --command list|compile|run|test|seed|build, --order
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "compile/compile.h"
#include "project/artifact.h"
#include "project/deps.h"
#include "project/select.h"

#define MAX_WORDS 64

struct dump {
    struct project_options options;
    const char *state_dir;
    const char *batch;
    bool offline;
    bool manifest;
    bool run_results; /* every node a success */
    bool time;
    bool no_list;
    bool deps; /* install packages, nothing else */
    bool upgrade;
};

struct query {
    struct select_options select;
    const char *selected[MAX_WORDS];
    const char *excluded[MAX_WORDS];
    const char *keys[MAX_WORDS];
    size_t key_count;
    char *key_text; /* heap: what `keys` point into */
    enum select_output output;
    bool order;
};

static int find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return (int)i;
        }
    }
    return 0;
}

#define FIND(names, name) find(names, sizeof(names) / sizeof(names[0]), name)

/* Splits at blanks, in place. */
static size_t split(char *text, const char **out, size_t max)
{
    size_t count = 0;

    for (char *p = text; *p != '\0' && count < max;) {
        p += strspn(p, " ");
        if (*p == '\0') {
            break;
        }
        out[count++] = p;
        p += strcspn(p, " ");
        if (*p != '\0') {
            *p++ = '\0';
        }
    }
    return count;
}

static bool query_option(struct query *q, const char *name, const char *value)
{
    static const char *const outputs[] = {"selector", "name", "path", "json"};
    static const char *const modes[] = {"eager", "cautious", "buildable", "empty"};
    static const char *const commands[] = {"list", "compile", "run",
                                           "test", "seed",    "build"};

    if (str_eq(name, "--select")) {
        q->selected[q->select.select_count++] = value;
    } else if (str_eq(name, "--exclude")) {
        q->excluded[q->select.exclude_count++] = value;
    } else if (str_eq(name, "--selector")) {
        q->select.selector = value;
    } else if (str_eq(name, "--indirect-selection")) {
        q->select.indirect = (enum select_indirect)FIND(modes, value);
    } else if (str_eq(name, "--resource-type")) {
        q->select.types |= SELECT_TYPE(node_type_parse(value));
    } else if (str_eq(name, "--exclude-resource-type")) {
        q->select.exclude_types |= SELECT_TYPE(node_type_parse(value));
    } else if (str_eq(name, "--output")) {
        q->output = (enum select_output)FIND(outputs, value);
    } else if (str_eq(name, "--output-keys")) {
        free(q->key_text);
        q->key_text = xstrdup(value);
        q->key_count = split(q->key_text, q->keys, MAX_WORDS);
    } else if (str_eq(name, "--command")) {
        q->select.command = (enum select_command)FIND(commands, value);
    } else {
        return false;
    }
    return true;
}

static bool load_option(struct dump *d, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **to;
    } options[] = {
        {"-C", &d->options.project_dir},
        {"--profiles-dir", &d->options.profiles_dir},
        {"--profile", &d->options.profile},
        {"--target", &d->options.target},
        {"--vars", &d->options.vars},
        {"--target-path", &d->options.target_path},
        {"--state", &d->state_dir},
        {"--batch", &d->batch},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (str_eq(name, options[i].name)) {
            *options[i].to = value;
            return true;
        }
    }
    return false;
}

static bool flag(struct dump *d, struct query *q, const char *name)
{
    const struct {
        const char *name;
        bool *to;
    } flags[] = {
        {"--offline", &d->offline},   {"--run-results", &d->run_results},
        {"--manifest", &d->manifest}, {"--time", &d->time},
        {"--no-list", &d->no_list},   {"--deps", &d->deps},
        {"--upgrade", &d->upgrade},   {"--order", &q->order},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (str_eq(name, flags[i].name)) {
            *flags[i].to = true;
            return true;
        }
    }
    return false;
}

static int parse(struct dump *d, struct query *q, const char *const *words,
                 size_t count)
{
    q->select.select = q->selected;
    q->select.exclude = q->excluded;
    for (size_t i = 0; i < count; i++) {
        if (flag(d, q, words[i])) {
            continue;
        }
        if (i + 1 >= count || (!query_option(q, words[i], words[i + 1]) &&
                               !load_option(d, words[i], words[i + 1]))) {
            fprintf(stderr, "project_dump: what is %s?\n", words[i]);
            return -1;
        }
        i++;
    }
    return 0;
}

static void print_errors(const char *kind, const struct err_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        printf("%s", kind);
        err_print(&list->items[i], stdout, false);
    }
}

static int run_query(const struct project *project, const struct query *q)
{
    struct arena arena = {0};
    struct node_list list;
    struct err_list warnings = {0};
    struct err err = {0};
    struct buf line = BUF_INIT;
    int rc = project_select(project, &q->select, &arena, &list, &warnings, &err);

    print_errors("warning: ", &warnings);
    if (rc == 0 && q->order) {
        project_sort_run(project, &list);
    }
    for (size_t i = 0; rc == 0 && i < list.count; i++) {
        buf_reset(&line);
        rc = project_ls_line(project, list.items[i], q->output,
                             q->key_count > 0 ? q->keys : NULL, q->key_count, &line,
                             &err);
        printf("%s\n", buf_str(&line));
    }
    err_print(&err, stdout, false);
    buf_fini(&line);
    err_list_fini(&warnings);
    arena_fini(&arena);
    return rc;
}

static int run_batch(const struct project *project, struct dump *d,
                     const struct query *base)
{
    char text[4096];
    FILE *file = fopen(d->batch, "r");

    if (file == NULL) {
        perror(d->batch);
        return -1;
    }
    while (fgets(text, sizeof(text), file) != NULL) {
        const char *words[MAX_WORDS];
        struct query q = {.select = {.state = base->select.state}};
        text[strcspn(text, "\n")] = '\0';
        if (text[0] == '\0' || text[0] == '#') {
            continue;
        }
        printf("## %s\n", text);
        size_t count = split(text, words, MAX_WORDS);
        for (size_t i = 0; i < count; i++) {
            for (char *p = (char *)words[i]; *p != '\0'; p++) {
                *p = *p == '~' ? ' ' : *p;
            }
        }
        if (parse(d, &q, words, count) == 0) {
            run_query(project, &q);
        }
        free(q.key_text);
    }
    fclose(file);
    return 0;
}

static int write_results(const struct project *project, struct err *err)
{
    struct artifact_result *results =
        xcalloc(project->node_count + 1, sizeof(*results));
    struct artifact_run run = {.which = "run",
                               .args = value_undefined(),
                               .elapsed = 1.5,
                               .results = results,
                               .count = project->node_count};

    for (size_t i = 0; i < project->node_count; i++) {
        results[i] = (struct artifact_result){.node = project->nodes[i],
                                              .execute_started_ms = 1700000000000,
                                              .execute_ended_ms = 1700000000250,
                                              .thread_id = "Thread-1 (worker)",
                                              .message = "Phase.COMPLETED",
                                              .failures = -1};
    }
    int rc = artifact_write_run_results(project, &run, err);
    free(results);
    return rc;
}

static int use_project(struct project *project, struct dump *d, struct query *q)
{
    struct arena arena = {0};
    struct artifact_state state = {0};
    struct err err = {0};
    int rc = 0;

    if (d->state_dir != NULL) {
        rc = artifact_load_state(d->state_dir, &arena, &state, &err);
        q->select.state = &state;
    }
    if (rc == 0 && d->manifest) {
        rc = artifact_write_manifest(project, NULL, NULL, &err);
    }
    if (rc == 0 && d->run_results) {
        rc = write_results(project, &err);
    }
    err_print(&err, stdout, false);
    if (rc == 0 && d->batch != NULL) {
        rc = run_batch(project, d, q);
    } else if (rc == 0 && !d->no_list) {
        rc = run_query(project, q);
    }
    arena_fini(&arena);
    return rc;
}

static void report(void *context, const char *line)
{
    (void)context;
    printf("%s\n", line);
}

static int install(const struct dump *d)
{
    struct compile_options compile = {.which = "deps"};
    struct compiler *compiler = compile_new(&compile);
    struct deps_options options = {.project = &d->options,
                                   .hooks = compile_hooks(compiler),
                                   .upgrade = d->upgrade,
                                   .report = report};
    struct err_list errors = {0};
    int rc = project_deps(&options, &errors);

    print_errors("", &errors);
    err_list_fini(&errors);
    compile_free(compiler);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct dump d = {0};
    struct query q = {0};
    struct err_list errors = {0};
    struct compile_options options = {.which = "list"};

    if (parse(&d, &q, (const char *const *)argv + 1, (size_t)argc - 1) != 0) {
        return 2;
    }
    if (d.deps) {
        return install(&d);
    }
    struct compiler *compiler = d.offline ? NULL : compile_new(&options);
    struct project *project =
        project_load(&d.options, d.offline ? NULL : compile_hooks(compiler), &errors);
    print_errors("", &errors);
    if (errors.dropped > 0) {
        printf("and %zu more errors\n", errors.dropped);
    }
    err_list_fini(&errors);
    int rc = -1;
    if (project != NULL) {
        print_errors("warning: ", &project->warnings);
        rc = use_project(project, &d, &q);
        if (d.time) {
            struct rusage usage;
            getrusage(RUSAGE_SELF, &usage);
            printf("%zu nodes, %lld us, %zu bytes of arena, %ld kB\n",
                   project->node_count, (long long)project->load_us,
                   project->arena.total, usage.ru_maxrss);
        }
    }
    free(q.key_text);
    project_free(project);
    if (compiler != NULL) {
        compile_free(compiler);
    }
    return rc == 0 ? 0 : 1;
}
