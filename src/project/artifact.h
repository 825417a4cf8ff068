/* target/manifest.json (v12) and run_results.json (v6), out and back in. */
#ifndef PROJECT_ARTIFACT_H
#define PROJECT_ARTIFACT_H

#include "project/project.h"

/*
 * The node as manifest.json holds it, in `arena`: also what `model` and `graph.nodes`
 * are in Jinja. Compiled fields are there when `compiled` is not NULL.
 */
struct artifact_compiled {
    const char *code; /* with CTEs injected */
    const char *path; /* compiled_path: relative to the project, "target/compiled/…" */
    struct value extra_ctes; /* list of {id, sql} */
};
struct value artifact_node(const struct project *project, const struct node *node,
                           const struct artifact_compiled *compiled,
                           struct arena *arena);
struct value artifact_macro(const struct project *project, const struct macro *macro,
                            struct arena *arena);

/* Says what is known of a node's compilation, or returns false. */
typedef bool (*artifact_compiled_fn)(void *context, const struct node *node,
                                     struct artifact_compiled *out);

/* Writes target/manifest.json through a temporary file. `compiled` may be NULL. */
int artifact_write_manifest(const struct project *project,
                            artifact_compiled_fn compiled, void *context,
                            struct err *err);

enum artifact_status {
    ARTIFACT_SUCCESS,
    ARTIFACT_ERROR,
    ARTIFACT_SKIPPED,
    ARTIFACT_PASS,
    ARTIFACT_FAIL,
    ARTIFACT_WARN,
    ARTIFACT_NO_OP,
    ARTIFACT_PARTIAL,
    ARTIFACT_RUNTIME_ERROR
};

struct artifact_result {
    const struct node *node;
    enum artifact_status status;
    int64_t compile_started_ms; /* wall clock, since 1970; 0: no such timing entry */
    int64_t compile_ended_ms;
    int64_t execute_started_ms;
    int64_t execute_ended_ms;
    const char *thread_id;         /* "Thread-1 (worker)", "main" for hooks */
    const char *message;           /* NULL: null */
    int64_t failures;              /* -1: null */
    struct value adapter_response; /* dict, or undefined for {} */
    const char *compiled_code;     /* NULL when not compiled */
    const char *relation_name;
};

struct artifact_run {
    const char *which; /* "run", "test", "build", "seed", "compile" */
    struct value args; /* dict: select, exclude, vars …; merged over the common ones */
    double elapsed;    /* seconds */
    const struct artifact_result *results;
    size_t count;
};
int artifact_write_run_results(const struct project *project,
                               const struct artifact_run *run, struct err *err);

/* "success", "error", "runtime error" …; static. */
const char *artifact_status_name(enum artifact_status status);

/* A previous manifest and run_results, for state: and result: and for retry. */
struct artifact_state {
    struct value manifest;    /* undefined when there is none */
    struct value run_results; /* undefined when there is none */
};
/*
 * Reads what is there of `dir`/manifest.json and `dir`/run_results.json. A missing
 * manifest is no error here (state: asks for it). Unreadable or not JSON: ERR_PROJECT.
 */
int artifact_load_state(const char *dir, struct arena *arena,
                        struct artifact_state *out, struct err *err);

#endif
