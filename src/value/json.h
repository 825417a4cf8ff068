/*
 * JSON in and out: read through YAJL, which hands on the digits of a number (rows hold
 * BIGINT and DECIMAL values) and strings with their lengths; written as Python writes
 * it.
 */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include "base/err.h"
#include "value/value.h"

enum json_flags {
    JSON_COMPACT = 0,
    JSON_PYTHON = 1,    /* json.dumps defaults: ", " and ": " separators, ASCII only */
    JSON_SORT_KEYS = 2, /* keys in code point order */
    JSON_INDENT = 4,    /* two blanks a level */
    JSON_ASCII = 8,     /* \uXXXX for what is not ASCII */
};

/*
 * Parses a whole JSON text (RFC 8259, UTF-8, depth at most 200) into `arena`. Integers
 * beyond 64 bits become VALUE_BIGINT, numbers with a fraction or exponent floats.
 * Duplicate keys: the last wins. The escape of a lone surrogate gives '?',
 * U+FFFD or, joined with what follows, some other character, never invalid UTF-8.
 * Errors: ERR_SERVER with `what` and line and column in the message.
 */
int json_parse(const char *text, size_t len, const char *what, struct arena *arena,
               struct value *out, struct err *err);

/*
 * Appends the JSON form. Undefined and objects can't be written: ERR_INTERNAL; depth is
 * at most 200: ERR_LIMIT. NaN and infinities: as Python writes them under JSON_PYTHON,
 * else null.
 * Non-string keys are written as Python writes them (True -> "true", 1 -> "1", None ->
 * "null").
 */
int json_write(struct value v, unsigned flags, struct buf *out, struct err *err);

/* Appends a quoted JSON string. */
void json_write_str(const char *s, size_t len, unsigned flags, struct buf *out);

#endif
