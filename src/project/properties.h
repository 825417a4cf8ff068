/* One properties file (schema.yml) while it is being read. */
#ifndef PROJECT_PROPERTIES_H
#define PROJECT_PROPERTIES_H

#include "project/internal.h"

struct properties {
    struct loader *loader;
    struct package *package;
    struct project_file *file;
    const char *relative; /* below its resource path: "staging/schema.yml" */
    struct yaml_doc *doc;
};

/* An entry of one of the lists of the file. */
struct entry {
    const char *key;    /* "models" … */
    struct value raw;   /* as written */
    struct value value; /* rendered, but for descriptions, tests and hooks */
    const char *name;
    int line;
    int column;
};

/* One error or warning at the entry. Returns -1. */
int entry_fail(const struct properties *p, const struct entry *entry, const char *key,
               const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void entry_warn(const struct properties *p, const struct entry *entry, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* The description with its doc() calls rendered; "" when there is none. */
const char *properties_description(const struct properties *p,
                                   const struct entry *entry, struct value of);

/* Ids of the docs blocks that the description names, in its order. */
struct value properties_doc_blocks(const struct properties *p, struct value of);

/* The dict under `config`, or undefined; other shapes are an error. */
int entry_config(const struct properties *p, const struct entry *entry, struct value of,
                 struct value *out);

/*
 * Builds the columns of `list` (rendered) into the node; later ones of the same name
 * replace earlier ones.
 */
int properties_columns(const struct properties *p, const struct entry *entry,
                       struct value list, struct node *node);

/* `tests` or `data_tests` of a resource or column; both are an error. */
int properties_tests_of(const struct properties *p, const struct entry *entry,
                        struct value of, struct value *out);

/* The pairs of both; `b` wins. A new dict. */
struct value properties_merged(const struct properties *p, struct value a,
                               struct value b);
/* Whether it is a mapping with a `type` that dbt knows. */
bool properties_constraint_is_valid(struct value constraint);

/* The model, seed … that the name means in the file's package, or NULL. */
struct node *properties_find_refable(const struct properties *p, const char *name);
/* Warns that nothing has the name. Returns 0. */
int properties_missing_node(const struct properties *p, const struct entry *entry,
                            const char *name);
/* A node has one entry only: an error for the second one. */
int properties_check_patched(const struct properties *p, const struct entry *entry,
                             const struct node *node);
/* properties_request_tests() of a node, in that version (or none). */
int properties_request_node_tests(const struct properties *p, const struct entry *entry,
                                  struct node *node, struct value version,
                                  struct value tests, struct value columns);

/*
 * Notes the tests of a resource and its columns for project_load_tests(). `base` says
 * what they are about; its column and test are filled in.
 */
int properties_request_tests(const struct properties *p, const struct entry *entry,
                             struct value tests, struct value columns,
                             const struct test_request *base);

/* The lists of the file, each entry in turn. */
int properties_model(const struct properties *p, const struct entry *entry);
int properties_node(const struct properties *p, const struct entry *entry);
int properties_snapshot(const struct properties *p, const struct entry *entry);
int properties_macro(const struct properties *p, const struct entry *entry);
int properties_source(const struct properties *p, const struct entry *entry);
int properties_exposure(const struct properties *p, const struct entry *entry);
int properties_group(const struct properties *p, const struct entry *entry);
int properties_unit_test(const struct properties *p, const struct entry *entry);

/* Describes and configures `node` by the patch. */
int properties_apply(const struct properties *p, const struct entry *entry,
                     struct node *node, const struct patch *patch,
                     struct value columns);
/* The entry's config with meta, docs, group, contract and access moved in. */
int properties_patch(const struct properties *p, const struct entry *entry,
                     struct patch *out);

#endif
