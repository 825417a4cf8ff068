/* What the files of this room share while a project is being loaded. */
#ifndef PROJECT_INTERNAL_H
#define PROJECT_INTERNAL_H

#include "project/project.h"
#include "value/yaml.h"

#define PROJECT_MAX_FILE  ((size_t)32 * 1024 * 1024)
#define PROJECT_MAX_FILES ((size_t)200 * 1000)

/* A file found below one of a package's paths. */
struct found_file {
    const char *searched; /* "models" */
    const char *relative; /* "staging/orders.sql" */
};

struct found_list {
    struct found_file *items;
    size_t count;
};

/* A properties entry that waits for its node, e.g. an item of `models:`. */
struct patch {
    struct package *package;
    struct project_file *file;
    const struct yaml_doc *doc;
    const char *key; /* "models", "seeds" … */
    const char *name;
    struct value entry;  /* rendered but for descriptions and tests */
    struct value config; /* dict, with meta, docs … moved in; undefined when none */
    struct value raw_config; /* as written */
    int line;
};

/* A test that a properties file asks for. */
struct test_request {
    struct package *package;
    struct project_file *file;
    const struct yaml_doc *doc;
    struct value test; /* string or dict as written */
    int line;
    const char *key;     /* "models", "sources" … */
    struct node *target; /* NULL: the target is missing or disabled */
    const char *target_name;
    const char *table; /* of sources */
    struct value version;
    const char *column; /* NULL: on the whole resource */
    bool quote_column;
    bool disabled;
    struct value tags; /* of the column or resource */
};

struct project_index {
    struct map refs; /* "name", "package\1name", with "\1vVERSION" → struct node_list */
    struct map sources; /* "source\1table", "package\1source\1table" → node_list */
    struct map disabled_refs;
    struct map disabled_sources;
    struct map walks;   /* directory → struct found_list */
    struct map stamps;  /* path → struct stamp */
    struct map files;   /* "package\1path" → struct project_file */
    struct map patched; /* unique id → struct patch */
    struct map default_configs;
    bool bans_static; /* a user's macro is named ref, source or config */
};

struct stamp {
    int64_t mtime_ns;
    int64_t size;
    bool is_dir;
};

struct loader {
    struct project *project;
    struct arena *arena;
    struct err_list *errors;
    struct node_list all; /* enabled and disabled, as they are made */
    struct test_request *tests;
    size_t test_count;
    size_t test_cap;
    struct value empty_list; /* shared; never changed */
    struct value empty_dict;
    struct value plain_column; /* {meta: {}, tags: []} */
    bool bans_static;          /* a user's macro is named ref, source or config */
};

/* Adds the error to the list, unless it is there at the same place, and clears it. */
void loader_error(struct loader *loader, struct err *err);
/* One error with position: `doc` entry at line and column of `file`. */
int loader_fail(struct loader *loader, const struct project_file *file, int line,
                int column, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
void loader_warn(struct loader *loader, const struct project_file *file, int line,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Whether further ones are only counted: no line needs to be found for them then, which
 * takes a walk through the file. */
bool project_list_is_full(const struct err_list *list);
/* Sets the line's text for the caret from the file's text. */
void project_locate(struct err *err, const struct project_file *file, int line,
                    int column);

/* The same for an error of a text inside of a YAML file: its own line means nothing. */
void project_locate_yaml(struct err *err, const struct project_file *file, int line,
                         int column);

/* ---- files ---- */

/* Python's str.strip(): moves both ends inwards. */
void project_strip(const char **text, size_t *len);
/*
 * Reads `root/path` of the package. NULL with err set when it can't be read or isn't
 * UTF-8. Seeds keep no text. Files are read once.
 */
struct project_file *project_read_file(struct loader *loader, struct package *package,
                                       const char *path, bool keep_text,
                                       struct err *err);
/* Files below package->root/`dir` (recursively), sorted, minus .dbtignore's. */
const struct found_list *project_walk(struct loader *loader, struct package *package,
                                      const char *dir, struct err *err);
/* Whether the name ends in `ext` and starts like a resource of dbt's (not . # ~). */
bool project_file_matches(const char *relative, const char *ext);

struct ignore;
struct ignore *ignore_read(struct arena *arena, const char *root);
bool ignore_matches(const struct ignore *ignore, const char *path);

/* ---- values ---- */

bool project_has_jinja(struct value v);
/*
 * Renders every string in `v` that holds Jinja, except where `keep` says so. `path` is
 * the keys from the top. Returns a new value (or `v` itself when nothing changed).
 */
typedef bool (*project_keep_fn)(const struct value *path, size_t depth);
int project_render(struct loader *loader, enum project_yaml where,
                   struct package *package, struct value v, project_keep_fn keep,
                   struct value *out, struct err *err);
/* As a list: a list's items, a scalar as sole item, none as empty. */
struct value project_listify(struct arena *arena, struct value v);
/* Shared by all who have nothing: never to be changed. */
struct value project_empty_list(struct loader *loader);
struct value project_empty_dict(struct loader *loader);
/* Python's str() and repr(). */
void project_python_str(struct value v, struct buf *out);
void project_python_repr(struct value v, struct buf *out);
/* Lower-case hex of the hash. */
char *project_md5(struct arena *arena, const char *data, size_t len);
char *project_sha256(struct arena *arena, const char *data, size_t len);
/* Key of two or three parts for the maps of struct project_index. */
char *project_key(struct arena *arena, const char *a, const char *b, const char *c);
void node_list_add(struct arena *arena, struct node_list *list, struct node *node);

/* ---- steps of loading, in this order; errors go to loader->errors ---- */

int package_read_config(struct loader *loader, struct package *package);
int package_render_config(struct loader *loader, struct package *package);
int project_load_root(struct loader *loader);
/*
 * Finds profiles.yml (--profiles-dir > DBT_PROFILES_DIR > the working directory >
 * ~/.dbt), chooses profile (options > dbt_project.yml) and target (options > rendered
 * `target:` > "default"), renders and checks the chosen output only.
 */
int profile_load(struct loader *loader);
/* The environment variable DBT_ENGINE_`name`, else DBT_`name`; NULL when empty. */
const char *project_env(const char *name);
int project_load_packages(struct loader *loader);
void project_load_macros(struct loader *loader);
void project_load_docs(struct loader *loader);
void project_load_nodes(struct loader *loader);
void project_load_properties(struct loader *loader);
void project_load_tests(struct loader *loader);
void project_load_hooks(struct loader *loader);
void project_capture_node_hooks(struct loader *loader);
void project_index_nodes(struct loader *loader);
void project_index_refs(struct project *project);
/* Resolves the node's refs and sources; `edges`: into the graph. */
void project_resolve(struct loader *loader, struct node *node, bool edges);
void project_link(struct loader *loader);
void project_load_selectors(struct loader *loader);
/* Registers a package; returns NULL when the name is taken. */
struct package *project_add_package(struct loader *loader, const char *name);
/* A path list of dbt_project.yml ("model-paths"), with dbt's default. */
struct value package_paths(struct loader *loader, const struct package *package,
                           const char *key);

/* ---- artifacts ---- */

/* {show: true, node_color: null} */
struct value artifact_docs(struct arena *arena);
/* A constraint with every field that dbt writes. */
struct value artifact_constraint(struct value given, bool of_model,
                                 struct arena *arena);
/* sha256 of an enforced contract's columns, else none. */
struct value artifact_contract_checksum(const struct project *project,
                                        const struct node *node, struct arena *arena);

/* ---- nodes ---- */

struct node *project_new_node(struct loader *loader, enum node_type type,
                              struct package *package, const char *name);
/* raw_code from the file's text. */
void node_set_body(struct loader *loader, struct node *node);
/* fqn from the path below the resource folder and the name. */
void node_set_fqn(struct loader *loader, struct node *node, const char *relative,
                  const char *name);
/* Reads refs, sources and config from the body; by the hook when it must. */
int node_capture(struct loader *loader, struct node *node, struct err *err);
/* Whether `raw` holds only constant calls; then they are recorded. */
bool node_capture_static(struct loader *loader, struct node *node, struct err *err);
/* Computes config, tags, meta, names, relation_name, enabled. `patch` may be NULL. */
int node_configure(struct loader *loader, struct node *node, const struct patch *patch,
                   struct err *err);
/* The config before config() calls and patches, for the parse hook. */
int node_configure_base(struct loader *loader, struct node *node, struct err *err);
/* Merges `from` over `into` by dbt's rules. */
int config_merge(struct arena *arena, struct value into, struct value from,
                 struct err *err);
/*
 * Adds one config() call to the earlier ones, as dbt does before anything else counts:
 * the first is taken as it is, so lists stay what they were written as.
 */
int config_call_merge(struct arena *arena, struct value *into, struct value kwargs,
                      struct err *err);
/* Parses "ref('x')" or "source('a', 'b')" text and records it. False when it is none.
 */
bool node_capture_call(struct loader *loader, struct node *node, const char *text);
int config_mangle_hooks(struct arena *arena, struct value config, struct err *err);
struct value config_default_freshness(struct arena *arena);
int node_set_names(struct loader *loader, struct node *node, struct err *err);
/* The three parts' quoting: `own` (a source's) over the project's over true. */
struct value project_quoting(struct loader *loader, struct value own);
/* A new dict of the fields that nodes of the type have, with dbt's defaults. */
struct value config_defaults(struct arena *arena, enum node_type type);
/* Whether all values have the types that dbt's schemas ask for: ERR_PROJECT. */
int config_validate(const struct node *node, struct value config, struct err *err);
/* Warns about keys of a model's config that look like a misspelling. */
void config_check_keys(struct loader *loader, const struct node *node,
                       struct value config, const struct project_file *file, int line);

#endif
