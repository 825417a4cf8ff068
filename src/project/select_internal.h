/* A parsed selection, and what evaluating it needs. */
#ifndef PROJECT_SELECT_INTERNAL_H
#define PROJECT_SELECT_INTERNAL_H

#include "project/internal.h"
#include "project/select.h"

#define SELECT_METHODS(X)                                                              \
    X(FQN, "fqn")                                                                      \
    X(TAG, "tag")                                                                      \
    X(GROUP, "group")                                                                  \
    X(ACCESS, "access")                                                                \
    X(SOURCE, "source")                                                                \
    X(PATH, "path")                                                                    \
    X(FILE, "file")                                                                    \
    X(PACKAGE, "package")                                                              \
    X(CONFIG, "config")                                                                \
    X(TEST_NAME, "test_name")                                                          \
    X(TEST_TYPE, "test_type")                                                          \
    X(RESOURCE_TYPE, "resource_type")                                                  \
    X(STATE, "state")                                                                  \
    X(EXPOSURE, "exposure")                                                            \
    X(METRIC, "metric")                                                                \
    X(RESULT, "result")                                                                \
    X(SOURCE_STATUS, "source_status")                                                  \
    X(VERSION, "version")                                                              \
    X(SEMANTIC_MODEL, "semantic_model")                                                \
    X(SAVED_QUERY, "saved_query")                                                      \
    X(UNIT_TEST, "unit_test")

enum select_method {
#define X(name, text) METHOD_##name,
    SELECT_METHODS(X)
#undef X
};

struct criteria {
    enum select_method method;
    const char *argument; /* "materialized" of config.materialized; "" */
    struct value value;   /* a string, but for selectors.yml */
    bool childrens_parents;
    bool parents;
    bool children;
    long parents_depth; /* -1: any */
    long children_depth;
};

enum spec_kind { SPEC_CRITERIA, SPEC_UNION, SPEC_INTERSECTION, SPEC_DIFFERENCE };

struct spec {
    enum spec_kind kind;
    struct criteria criteria;
    struct spec **parts;
    size_t count;
    bool expect_exists; /* warn when nothing matches */
    const char *raw;
    enum select_indirect indirect;
};

/* Bits by node index. */
struct bits {
    uint64_t *words;
    size_t count; /* words */
};

struct selecting {
    const struct project *project;
    const struct select_options *options;
    struct arena *arena;
    struct err_list *warnings;
    struct err *err;
    int nesting;               /* of selectors that name selectors */
    bool macros_known;         /* state: */
    struct value statuses;     /* result: unique id → status; undefined until asked */
    struct map changed_macros; /* state: unique id → itself */
};

/* "a b,c": a union of intersections. NULL with err set. */
struct spec *spec_parse(struct selecting *s, const char *const *texts, size_t count,
                        bool expect_exists);
/* Of selectors.yml. `depth` limits selectors that name each other. */
struct spec *spec_from_definition(struct selecting *s, struct value definition,
                                  int depth);
/* "fqn", "tag" …; static. */
const char *spec_method_name(enum select_method method);
struct spec *spec_of_selector(struct selecting *s, const char *name);

/* Whether the method takes the node: 1, 0, or -1 with err set. */
int method_match(struct selecting *s, const struct criteria *criteria,
                 const struct node *node);
/* state:VALUE for one node: 1, 0, or -1 with err set. */
int state_match(struct selecting *s, const char *value, const struct node *node);

static inline bool bits_has(const struct bits *bits, size_t i)
{
    return (bits->words[i / 64] >> (i % 64) & 1) != 0;
}

static inline void bits_add(struct bits *bits, size_t i)
{
    bits->words[i / 64] |= (uint64_t)1 << (i % 64);
}

#endif
