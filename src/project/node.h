/*
 * Everything of a project that has a unique id: models, seeds, tests, sources, hooks …
 * One struct for all, so that graph and selection need no cases; what only one type has
 * hangs in a part of its own. Everything lives in the project's arena.
 */
#ifndef PROJECT_NODE_H
#define PROJECT_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "value/value.h"

struct package;
struct project;
struct macro;
struct node;

/* name, dbt's resource_type; the first word of the unique id is the same */
#define NODE_TYPES(X)                                                                  \
    X(MODEL, "model")                                                                  \
    X(SEED, "seed")                                                                    \
    X(SNAPSHOT, "snapshot")                                                            \
    X(ANALYSIS, "analysis")                                                            \
    X(TEST, "test")                                                                    \
    X(OPERATION, "operation")         /* on-run-start, on-run-end */                   \
    X(SQL_OPERATION, "sql_operation") /* made by the shell: \eval, SQL with Jinja */   \
    X(UNIT_TEST, "unit_test")                                                          \
    X(SOURCE, "source")                                                                \
    X(EXPOSURE, "exposure")

enum node_type {
#define X(name, text) NODE_##name,
    NODE_TYPES(X)
#undef X
        NODE_TYPE_COUNT
};

enum node_access { NODE_PRIVATE, NODE_PROTECTED, NODE_PUBLIC };

/* A file of the project as it was read; shared by the nodes that it defines. */
struct project_file {
    const char *path;  /* relative to its package's root: original_file_path */
    const char *full;  /* absolute path */
    const char *shown; /* for messages: relative to the working project */
    const char *text;  /* with CRLF as LF, not stripped; NULL for seeds */
    size_t len;
    const char *checksum; /* sha256 of the stripped text, hex */
    int64_t mtime_ns;
    int64_t size;
    struct package *package;
};

/* A ref() that a body, hook, test or exposure makes. */
struct node_ref {
    const char *package; /* NULL: any */
    const char *name;
    struct value version; /* none, int, float or string */
    uint32_t offset;      /* byte in raw_code; UINT32_MAX when unknown */
    struct node *target;  /* after linking; NULL: missing or disabled */
};

struct node_source_ref {
    const char *source;
    const char *table;
    uint32_t offset;
    struct node *target;
};

struct node_column {
    const char *name;
    const char *data_type;    /* NULL when not declared */
    const char *description;  /* "" */
    struct value doc_blocks;  /* list: ids of the docs blocks that it uses */
    int quote;                /* 1, 0, or -1 when not said */
    struct value constraints; /* list of dicts: type, name, expression, columns … */
    struct value meta;
    struct value tags;
    struct value config; /* dict as dbt 1.11 writes it: {meta, tags} */
    struct value granularity;
    int line; /* in the properties file */
};

/* A data test, generic or singular. */
struct node_test {
    bool generic;
    const char *test_name; /* "not_null" */
    const char *namespace; /* "dbt_utils" or NULL */
    struct value kwargs;   /* dict as test_metadata shows it: model, column_name, … */
    const char *column_name;
    const char *file_key_name;  /* "models.orders" */
    struct node *attached_node; /* the tested node, or NULL */
    struct macro *macro;
};

struct node_unit_test {
    const char *model;
    struct value given;  /* list of dicts: input, rows, format, fixture */
    struct value expect; /* dict: rows, format, fixture */
    struct value overrides;
    struct value versions;
    struct node *tested;      /* after linking */
    const char *version_text; /* of the tested model, or NULL */
};

struct node_source {
    const char *source_name;
    const char *source_description;
    const char *loader;
    const char *identifier;
    const char *unrendered_database; /* as written, or NULL */
    const char *unrendered_schema;
    struct value source_meta;
    struct value external;
    struct value freshness;
    struct value loaded_at_field;
    struct value loaded_at_query;
    struct value quoting; /* dict: of the source itself */
};

struct node_exposure {
    const char *type; /* dashboard, notebook, analysis, ml, application */
    struct value owner;
    const char *maturity;
    const char *url;
    const char *label;
};

struct node_list { /* arrays in the project's arena */
    struct node **items;
    size_t count;
    size_t cap;
};

struct node {
    enum node_type type;
    uint32_t index; /* in project->nodes; the order of unique ids after linking */
    bool enabled;
    bool linked;  /* captured and resolved without error */
    bool dropped; /* a test that went out of the graph because what it tests did */
    const char *unique_id;
    const char *name;
    const char *alias;
    const char *database; /* environment id */
    const char *schema;   /* Kafka cluster; "" for exposures and unit tests */
    const char
        *relation_name; /* "`db`.`schema`.`alias`", NULL for ephemerals, tests … */
    struct package *package;
    const char *const *fqn;
    size_t fqn_count;
    const char *path;          /* below its resource path: "staging/orders.sql" */
    const char *language;      /* "sql" */
    struct project_file *file; /* that defines it: original_file_path is file->path */
    const char *raw_code;      /* stripped, NUL-terminated */
    size_t raw_code_len;
    int raw_code_line; /* line of the file where raw_code begins, from 1 */
    const char *checksum;
    const char *checksum_name; /* "sha256", "none" */

    struct value config; /* dict: final, defaults filled in; shared: never change it */
    struct value config_call;       /* dict: merged config() calls; undefined: none */
    struct value unrendered_config; /* dict */
    struct value unrendered_config_call; /* dict: config() arguments as written */
    struct value tags;       /* list: the config's without duplicates, and extra_tags */
    struct value extra_tags; /* list, e.g. ["on-run-start"]; or undefined */
    struct value meta;       /* dict, as in config */

    const char *description;         /* "" */
    struct value doc_blocks;         /* list: ids of the docs blocks that it uses */
    struct project_file *patch_file; /* properties file, or NULL */
    int patch_line;
    struct node_column *columns;
    size_t column_count;
    struct value constraints; /* list of dicts, of the model */
    struct value docs;        /* dict: show, node_color */
    const char *group;        /* NULL */
    enum node_access access;
    struct value version;        /* none without versions */
    struct value latest_version; /* none without versions */
    struct value deprecation_date;
    bool contract_enforced;
    int hook_index; /* operations: which of its list, from 0 */
    double created_at;

    /* captured at parse */
    struct node_ref *refs;
    size_t ref_count;
    struct node_source_ref *sources;
    size_t source_count;
    struct macro **macros; /* depends_on.macros in order of first use */
    size_t macro_count;

    /* graph: direct edges, without duplicates; depends_on.nodes is parents in order */
    struct node_list parents;
    struct node_list children;
    uint32_t level; /* longest path from a root */

    struct node_test *test;
    struct node_unit_test *unit_test;
    struct node_source *source;
    struct node_exposure *exposure;

    /* For the rooms below; project never looks at them. Cleared when a node is parsed.
     */
    void *compiled; /* compile: struct of its own */
    void *planned;  /* plan */
    void *parsed;   /* a parsed template, when a hook wants to keep it */
};

/* dbt's name, e.g. "model"; static. */
const char *node_type_name(enum node_type type);
/* The type of dbt's name, -1 when there is none ("data_test" is "test"). */
int node_type_parse(const char *name);

/* The config's value; undefined when it is not there. */
struct value node_config(const struct node *node, const char *key);
/* The config's string, or `fallback` when it is null or no string. */
const char *node_config_str(const struct node *node, const char *key,
                            const char *fallback);
bool node_config_bool(const struct node *node, const char *key, bool fallback);
/* config.materialized; "" for what has none. */
const char *node_materialized(const struct node *node);
bool node_is_ephemeral(const struct node *node);
/* Column of that name (exact), or NULL. */
const struct node_column *node_column(const struct node *node, const char *name);
/* "v2" style text of the version into `buf` ("" without version). */
void node_version_text(struct value version, struct buf *out);

/*
 * What the parse hook records, in order, duplicates too, as in dbt. Strings are copied.
 * `offset`: byte in raw_code or UINT32_MAX.
 */
void node_add_ref(struct project *project, struct node *node, const char *package,
                  const char *name, struct value version, uint32_t offset);
void node_add_source(struct project *project, struct node *node, const char *source,
                     const char *table, uint32_t offset);
void node_add_macro(struct project *project, struct node *node, struct macro *macro);
/*
 * One config() call: `kwargs` is a dict (cloned). Merges by dbt's rules per key.
 * Errors: pre_hook and pre-hook together, or a value of the wrong shape: ERR_COMPILE.
 */
int node_add_config(struct project *project, struct node *node, struct value kwargs,
                    struct err *err);

/* "Model 'model.shop.orders' (models/orders.sql)", as dbt's messages begin. */
void node_describe(const struct node *node, struct buf *out);

/*
 * Sets file, line, column and source line of an error whose line and column count
 * within raw_code (as jinja reports them), and "model 'orders'" as context.
 */
void node_locate(const struct node *node, struct err *err);

#endif
