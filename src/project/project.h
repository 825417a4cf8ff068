/*
 * A dbt project as a graph: dbt_project.yml, profiles.yml, packages, models,
 * properties, macros. Loading follows dbt-core 1.11 with dbt-confluent 0.4.1; what it
 * knows of Jinja is how to cut macro files and how to read ref(), source() and config()
 * calls with constant arguments. Everything that needs a rendered template goes through
 * struct project_hooks, which the room compile fills in.
 */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "project/node.h"
#include "project/profile.h"
#include "value/value.h"

/* Command line and environment; NULL or 0 means not given. */
struct project_options {
    const char *project_dir;  /* also DBT_PROJECT_DIR; else the nearest ancestor */
    const char *profiles_dir; /* also DBT_PROFILES_DIR */
    const char *profile;      /* also DBT_PROFILE */
    const char *target;       /* also DBT_TARGET */
    const char *target_path;  /* also DBT_TARGET_PATH */
    const char *vars;         /* YAML dict text */
    const char *endpoint;     /* replaces the profile's */
    int threads;
    bool full_refresh;
    /* For a sandbox or tests: use this profile instead of reading profiles.yml. */
    const struct profile *use_profile;
    bool no_packages; /* \deps: don't load dbt_packages, don't miss them */
    bool no_nodes;    /* dbt_project.yml and profile only */
    bool no_profile;  /* don't look for a profile: \deps, \init */
};

/* The dbt whose behaviour this is: `dbt_version` in Jinja and artifacts. */
#define PROJECT_DBT_VERSION "1.11.16"

enum macro_kind { MACRO_PLAIN, MACRO_MATERIALIZATION, MACRO_TEST };

/* A top-level {% macro %}, {% materialization %} or {% test %} block. */
struct macro {
    enum macro_kind kind;
    const char *unique_id; /* macro.shop.cents_to_euros */
    const char
        *name; /* tests: test_NAME; materializations: materialization_NAME_ADAPTER */
    struct package *package;
    struct project_file *file;
    const char *text; /* the block with its tags, NUL-terminated */
    size_t len;
    size_t offset; /* of the block in its file */
    int line;      /* of the block in its file, from 1 */
    const char *description;
    struct value arguments; /* list of dicts: name, type, description */
    struct value meta;
    struct value docs;
    struct value supported_languages; /* materializations: list; else none */
    struct project_file *patch_file;
    struct macro **uses; /* depends_on.macros; as dbt guesses from its text */
    size_t use_count;
    void *compiled; /* compile: the parsed template, owned by compile */
};

/* A {% docs %} block. */
struct doc {
    const char *unique_id; /* doc.shop.orders */
    const char *name;
    struct package *package;
    struct project_file *file;
    const char *contents;
};

struct group {
    const char *unique_id; /* group.shop.finance */
    const char *name;
    struct package *package;
    struct project_file *file;
    const char *path;   /* of the file, below its resource path */
    struct value owner; /* dict: email, name … */
    struct value config;
    const char *description;
};

/* A dbt project in the graph: the root, an installed package, or a built-in one. */
struct package {
    const char *name;
    const char *version;
    const char *root; /* absolute directory; "" for built-in packages */
    bool is_root;
    bool is_builtin;           /* "dbt", "dbt_confluent" */
    struct project_file *file; /* dbt_project.yml; NULL for built-in packages */
    struct value config; /* dbt_project.yml, rendered; hooks, vars, query-comment raw */
    struct value raw;    /* dbt_project.yml as written */
    const struct yaml_doc *doc; /* positions of `raw` */
    struct value vars;          /* dict */
    struct map macros;          /* name → struct macro */
    struct map docs;            /* name → struct doc */
    uint32_t index;
    void *namespace; /* compile: the package's macros as a Jinja object */
};

struct project {
    struct arena arena; /* lives as long as the project */
    struct project_options options;
    const struct project_hooks *hooks;
    const char *name;
    const char *root;        /* absolute directory */
    const char *target_path; /* absolute directory: root/target */
    struct profile profile;
    struct value cli_vars;      /* dict */
    struct value flags;         /* dict: `flags:` of dbt_project.yml */
    struct value query_comment; /* as written; undefined when not given */
    struct package *package;    /* the root's */
    struct package **packages;  /* root first, then by name, built-in ones last */
    size_t package_count;
    struct map packages_by_name;

    struct node **nodes; /* enabled, by unique id (sorted bytewise) */
    size_t node_count;
    struct map by_id; /* unique_id → struct node, enabled only */
    struct node_list disabled;
    struct node_list dropped; /* tests whose target is missing or disabled */
    struct node **order;      /* topological: (level, unique_id) */

    struct macro **macros; /* all, in order of unique id */
    size_t macro_count;
    struct map macros_by_id;
    struct map docs_by_id;
    struct map groups_by_id;
    struct map selectors; /* name → struct selector; see select.h */

    struct err_list warnings;
    double started_at;           /* seconds since 1970, UTC */
    char invocation_id[40];      /* UUID */
    int64_t load_us;             /* how long loading took, microseconds */
    struct project_index *index; /* look-up tables of this room */
    void *host;                  /* compile: its per-project state */
};

/* A source file that the program brings along: macros of "dbt" and "dbt_confluent". */
struct project_builtin {
    const char *package;
    const char *path;
    const char *text;
};

enum project_yaml { /* whose context a YAML text is rendered with */
                    PROJECT_YAML_PROFILES,
                    PROJECT_YAML_PACKAGES,
                    PROJECT_YAML_PROJECT,     /* dbt_project.yml, selectors.yml */
                    PROJECT_YAML_PROPERTIES,  /* schema.yml */
                    PROJECT_YAML_DESCRIPTION, /* as PROPERTIES, and doc(); as text */
                    PROJECT_YAML_DOCS         /* a docs block: no names; as text */
};

enum project_name { PROJECT_DATABASE, PROJECT_SCHEMA, PROJECT_ALIAS };

/*
 * What project asks of compile. `context` is handed to each. All may be called while
 * the project is being loaded: `project->profile` is empty for PROJECT_YAML_PROFILES,
 * `packages` and macros are complete for parse_node and generate_name.
 */
struct project_hooks {
    void *context;
    const struct project_builtin *builtins;
    size_t builtin_count;

    /*
     * Renders node->raw_code (a generic test's too: node->test says which macro and
     * arguments) with dbt's parse-time context and records what it meets through
     * node_add_ref(), node_add_source(), node_add_config(), node_add_macro(). The text
     * itself is thrown away. Only called when the body needs it: bodies with nothing
     * but constant ref/source/config calls are read by project itself. node->config
     * holds the config without the node's own config() calls. Errors: ERR_COMPILE,
     * located in raw_code (line and column within it, no file); project adds the rest.
     */
    int (*parse_node)(void *context, struct project *project, struct node *node,
                      struct err *err);

    /*
     * Parses a macro of the project or a package, so that its syntax errors are found
     * when loading, and fills in macro->uses; may keep the result in macro->compiled.
     * All macros are known by then. May be NULL. The text's first line is line
     * macro->line of macro->file->shown.
     */
    int (*parse_macro)(void *context, struct project *project, struct macro *macro,
                       struct err *err);

    /*
     * Renders `text` (a string that holds Jinja) natively, as dbt renders YAML: a sole
     * expression keeps its type (not where `where` says "as text"). `package` is whose
     * vars count; NULL for profiles. The result is in `arena`. env_var() of secrets is
     * allowed for PROFILES and PACKAGES only. Errors: ERR_PROJECT or ERR_COMPILE;
     * project adds file and line.
     */
    int (*render_yaml)(void *context, struct project *project, enum project_yaml where,
                       struct package *package, struct value text, struct arena *arena,
                       struct value *out, struct err *err);

    /*
     * Calls the macro (a user's generate_database_name, generate_schema_name or
     * generate_alias_name) with custom_*_name = `custom` (none or a string) and the
     * node. Not called for the defaults. `out` gets the stripped text, in the project's
     * arena.
     */
    int (*generate_name)(void *context, struct project *project,
                         enum project_name which, struct macro *macro,
                         struct node *node, struct value custom, const char **out,
                         struct err *err);

    /*
     * Frees what the room keeps in node->compiled, node->parsed, macro->compiled,
     * package->namespace and project->host. May be NULL.
     */
    void (*release)(void *context, struct project *project);
};

/*
 * Loads a project. All errors that can be told apart are reported at once, up to
 * ERR_LIST_MAX: returns NULL then. Warnings are in project->warnings. `hooks` must
 * outlive the project; NULL will do for projects without Jinja that needs rendering.
 * The profile is part of the project: a missing one is an error.
 */
struct project *project_load(const struct project_options *options,
                             const struct project_hooks *hooks,
                             struct err_list *errors);
void project_free(struct project *project);

/*
 * Whether a file of the project was added, removed or changed since it was loaded (by
 * mtime and size). Cheap: a stat per file and directory.
 */
bool project_changed(const struct project *project);

enum project_refreshed {
    PROJECT_SAME,      /* no file changed */
    PROJECT_REFRESHED, /* bodies of models changed; node->compiled is cleared there */
    PROJECT_STALE      /* more than that: free the project and load it again */
};

/*
 * Takes in edits of model bodies that leave config, refs, sources and macros as they
 * are. Much faster than loading; everything else is PROJECT_STALE (errors too: loading
 * will tell them).
 */
enum project_refreshed project_refresh(struct project *project);

/* The nearest directory at or above `dir` with a dbt_project.yml, or NULL. */
char *project_find_root(struct arena *arena, const char *dir);

/* NULL when there is none. */
struct node *project_node(const struct project *project, const char *unique_id);
struct package *project_package(const struct project *project, const char *name);

/*
 * Every node with that name (or alias, or unique id, or "name.v2"), best first: for
 * commands that take one NAME. Returns how many there are; NULL items when none.
 */
size_t project_find(const struct project *project, const char *name,
                    struct arena *arena, struct node ***items);

enum project_found {
    PROJECT_FOUND,
    PROJECT_MISSING,
    PROJECT_IS_DISABLED,
    PROJECT_AMBIGUOUS
};

/*
 * Resolves ref(): `package` may be NULL; `version` none for the latest. `from` is the
 * package that asks. Sets `*out` when found.
 */
enum project_found project_ref(const struct project *project,
                               const struct package *from, const char *package,
                               const char *name, struct value version,
                               struct node **out);
enum project_found project_source(const struct project *project,
                                  const struct package *from, const char *source,
                                  const char *table, struct node **out);

/* Sets file, line, column and source line of an error about this ref of the node. */
void project_locate_ref(const struct node *node, const struct node_ref *ref,
                        struct err *err);

/* dbt's message for a ref or source that isn't there, with a suggestion as hint. */
int project_ref_error(const struct project *project, const struct node *node,
                      const struct node_ref *ref, enum project_found found,
                      struct err *err);
int project_source_error(const struct project *project, const struct node *node,
                         const struct node_source_ref *ref, enum project_found found,
                         struct err *err);

/*
 * var() for code of `package`: command line > root's vars.PACKAGE > root's own > the
 * package's scoped > its own. Undefined when nowhere. Not rendered.
 */
struct value project_var(const struct project *project, const struct package *package,
                         const char *name);
/* All vars that `package` sees, as one dict in `arena`. */
struct value project_vars(const struct project *project, const struct package *package,
                          struct arena *arena);

/*
 * A macro by its bare name, as code of `package` sees it: the package's own, the
 * root's, dbt_confluent's, dbt's. NULL when there is none.
 */
struct macro *project_macro(const struct project *project,
                            const struct package *package, const char *name);
/* A macro of one package: `dbt_utils.star`; "dbt" also finds dbt_confluent's. */
struct macro *project_package_macro(const struct project *project, const char *package,
                                    const char *name);
/*
 * As dbt's MacroResolver guesses what a call in a macro's text means: the package that
 * is named (or the macro's own), root, any other package, dbt_confluent, dbt.
 */
struct macro *project_macro_anywhere(const struct project *project, const char *package,
                                     const char *name);
/*
 * adapter.dispatch(name, namespace): the packages of the project's `dispatch` search
 * order (or root and the namespace; or everything when it is no package), in each
 * confluent__NAME then default__NAME. `package` is whose code asks; NULL for a guess
 * from a macro's text. Sets dbt's error when there is none: ERR_COMPILE.
 */
struct macro *project_dispatch(const struct project *project,
                               const struct package *package, const char *name,
                               const char *namespace, struct err *err);
/* materialization_NAME_confluent or …_default, root before core; NULL when none. */
struct macro *project_materialization(const struct project *project, const char *name);

/* A docs block as doc('name') or doc('package', 'name') finds it; NULL when none. */
const struct doc *project_doc(const struct project *project,
                              const struct package *package, const char *in_package,
                              const char *name);

/*
 * Adds a node that is in no file (\eval, SQL with Jinja, an analysis of one's own):
 * type SQL_OPERATION, not part of the graph. `raw_code` is copied. It is parsed and its
 * refs resolved. NULL with err set.
 */
struct node *project_add_inline(struct project *project, const char *name,
                                const char *raw_code, size_t len, struct err *err);

/*
 * The relation's text: database, schema and identifier in backquotes, parts left out
 * by `quoting` unquoted. In the arena.
 */
char *project_relation_name(struct arena *arena, const char *database,
                            const char *schema, const char *identifier,
                            struct value quoting);

#endif
