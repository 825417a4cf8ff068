/* From rows of the catalog query to relations; see catalog.c for the rows' shape. */
#ifndef FLINK_CATALOG_DECODE_H
#define FLINK_CATALOG_DECODE_H

#include "flink/catalog.h"

/* Columns of the catalog query: the section, where, ten texts, two integers. */
enum {
    CATALOG_SECTION,
    CATALOG_SCHEMA,
    CATALOG_NAME,
    CATALOG_TEXT,
    CATALOG_NUMBER = CATALOG_TEXT + 10,
    CATALOG_COLUMNS = CATALOG_NUMBER + 2
};

/* Collects rows of one or several queries. */
struct catalog_builder;

/* `names` filter; borrowed while the builder lives. */
struct catalog_builder *catalog_builder_new(struct arena *arena,
                                            const struct flink_catalog_query *query);
void catalog_builder_free(struct catalog_builder *builder);
/* ERR_SERVER when the rows have another shape. Copies. */
int catalog_builder_add(struct catalog_builder *builder, const struct flink_rows *rows,
                        struct err *err);
/* Fills `out`; call once. */
void catalog_builder_finish(struct catalog_builder *builder, struct flink_catalog *out);

#endif
