/*
 * Writing SQL: identifiers, strings, types, and DDL in the form of SHOW CREATE TABLE.
 */
#ifndef SQL_RENDER_H
#define SQL_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/ast.h"

struct buf;

/* `name` in back quotes, those inside it doubled. */
void sql_quote_identifier(struct buf *out, const char *name, size_t len);
/* 'text', quotes inside it doubled. */
void sql_quote_string(struct buf *out, const char *text, size_t len);
/* Whether a name needs no back quotes: letters, digits, `_`, and no reserved word. */
bool sql_is_plain_identifier(const char *name, size_t len);
/* `cat`.`db`.`t` */
void sql_render_name(struct buf *out, const struct sql_name *name);
/*
 * A type as it was written, in Flink's spelling: STRING, DECIMAL(10, 2),
 * ROW<`a` INT NOT NULL>. NOT NULL follows when it was written. (Serializable text of a
 * resolved type: sql_type_render().)
 */
void sql_render_type_spec(struct buf *out, const struct sql_type_spec *type);

/* What SHOW CREATE TABLE prints that the tree of CREATE TABLE doesn't hold itself. */
struct sql_render_options {
    const char *catalog;  /* put before a name of fewer parts; may be NULL */
    const char *database; /* likewise */
};

/*
 * CREATE TABLE, CREATE MATERIALIZED TABLE as Flink's SHOW CREATE TABLE prints them:
 * full quoted name, one element a line, types in serializable form, options sorted by
 * key. `text` is what `def` was parsed from: expressions and queries are copied from
 * it. A primary key without a name is called PK_<columns> as Confluent Cloud does.
 */
void sql_render_table(struct buf *out, const char *text,
                      const struct sql_table_def *def,
                      const struct sql_render_options *options);
/* CREATE VIEW `cat`.`db`.`v` (…) AS query, as SHOW CREATE VIEW prints it. */
void sql_render_view(struct buf *out, const char *text, const struct sql_view_def *def,
                     const struct sql_render_options *options);

#endif
