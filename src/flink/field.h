/* Reading the fields of JSON objects that a server sent, type-checked. */
#ifndef FLINK_FIELD_H
#define FLINK_FIELD_H

#include "base/err.h"
#include "flink/statement.h"
#include "value/value.h"

struct field_reader {
    const char *what; /* for messages: "statement" */
    struct arena *arena;
    struct err *err; /* the first mismatch; later reads still return defaults */
};

/* "" when absent or null, unless `required`. */
const char *field_text(struct field_reader *reader, struct value object,
                       const char *key, bool required);
bool field_bool(struct field_reader *reader, struct value object, const char *key);
/* `fallback` when absent or null. */
int64_t field_int(struct field_reader *reader, struct value object, const char *key,
                  int64_t fallback);
/* Undefined when absent or null. */
struct value field_object(struct field_reader *reader, struct value object,
                          const char *key, bool required);
struct value field_list(struct field_reader *reader, struct value object,
                        const char *key);
/* A map of texts; numbers and booleans become text. */
struct flink_pairs field_pairs(struct field_reader *reader, struct value object,
                               const char *key);

#endif
