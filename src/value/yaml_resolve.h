/* Plain scalars of YAML 1.1 as PyYAML's SafeLoader types them. */
#ifndef VALUE_YAML_RESOLVE_H
#define VALUE_YAML_RESOLVE_H

#include "base/err.h"
#include "value/value.h"

enum yaml_kind {
    YAML_KIND_STR,
    YAML_KIND_NULL,
    YAML_KIND_BOOL,
    YAML_KIND_INT,
    YAML_KIND_FLOAT,
    YAML_KIND_TIMESTAMP,
    YAML_KIND_MERGE, /* "<<" */
    YAML_KIND_VALUE  /* "=" */
};

/* What an untagged plain scalar is; the first of PyYAML's patterns that fits. */
enum yaml_kind yaml_resolve(const char *s, size_t len);

/*
 * The value of a scalar of that kind; strings and timestamps are copied into `arena`
 * (timestamps as Python's isoformat()). A text that the kind can't hold (only with an
 * explicit tag, or an impossible date): ERR_PROJECT without position.
 */
int yaml_construct(enum yaml_kind kind, const char *s, size_t len, struct arena *arena,
                   struct value *out, struct err *err);

#endif
