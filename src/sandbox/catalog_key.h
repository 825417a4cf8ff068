/* Upsert keys of relations as JSON: "[[0],[1,2]]". */
#ifndef SANDBOX_CATALOG_KEY_H
#define SANDBOX_CATALOG_KEY_H

#include "base/arena.h"
#include "base/buf.h"
#include "sql/catalog.h"

/* Sets the table's upsert keys from the text; NULL and what isn't valid means none. */
void catalog_read_keys(struct arena *arena, const char *text, struct sql_table *table);
/* Appends the form above. */
void catalog_write_keys(const struct sql_key *keys, size_t count, struct buf *out);

#endif
