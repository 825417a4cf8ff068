/*
 * YAML 1.1 as PyYAML's SafeLoader reads it (yes/no/on/off booleans, octal 010, base 60,
 * merge keys, anchors, dates as ISO text). The only user of libyaml.
 */
#ifndef VALUE_YAML_H
#define VALUE_YAML_H

#include "base/err.h"
#include "value/value.h"

/* Positions of the values of a document, so that later errors can point at them. */
struct yaml_positions;

struct yaml_position {
    int line;   /* from 1 */
    int column; /* from 1 */
};

struct yaml_warning {
    struct yaml_position at;
    const char *message; /* in the arena: a duplicate key, for example */
    struct yaml_warning *next;
};

struct yaml_doc {
    struct value root; /* none for an empty document */
    struct yaml_positions *positions;
    struct yaml_warning *warnings;
};

/*
 * Parses one document. Depth at most 100, aliases may not expand beyond a ceiling (no
 * billion laughs). Errors: ERR_PROJECT with file, line, column and the line for the
 * caret.
 */
int yaml_parse(const char *text, size_t len, const char *file, struct arena *arena,
               struct yaml_doc *out, struct err *err);

/* Position of the value under `key` of this dict, or of an item of this list. False
 * when unknown. For dicts the position is the key's, `yaml_value_position` the value's.
 */
bool yaml_key_position(const struct yaml_doc *doc, struct value dict, const char *key,
                       struct yaml_position *out);
bool yaml_value_position(const struct yaml_doc *doc, struct value dict, const char *key,
                         struct yaml_position *out);
bool yaml_item_position(const struct yaml_doc *doc, struct value list, size_t index,
                        struct yaml_position *out);

/* Appends block-style YAML as PyYAML's safe_dump(sort_keys=…) writes it. */
int yaml_write(struct value v, bool sort_keys, struct buf *out, struct err *err);

#endif
