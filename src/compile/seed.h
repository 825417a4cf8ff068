/* Reading seed files; see compile_seed_read() for what the result is. */
#ifndef COMPILE_SEED_H
#define COMPILE_SEED_H

#include "compile/compile.h"

/*
 * Reads and types the CSV file at `path`. `shown` is its name in messages,
 * `column_types` the seed's config (columns named there stay text). Everything is in
 * `arena`. ERR_IO, ERR_LIMIT or ERR_COMPILE with the file and line.
 */
int seed_read(const char *path, const char *shown, char delimiter,
              struct value column_types, struct arena *arena, struct compile_seed *out,
              struct err *err);

/*
 * Reads CSV text as a list of dicts of strings, empty cells as none: fixtures of unit
 * tests. ERR_COMPILE with line.
 */
int seed_parse_rows(const char *text, size_t len, const char *shown,
                    struct arena *arena, struct value *out, struct err *err);

#endif
