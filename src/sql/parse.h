/*
 * Parser of Flink SQL, as Apache Flink 2.x and Confluent Cloud take it.
 *
 * The server decides what is valid: a statement that this parser doesn't understand is
 * no error but a tree of kind SQL_STATEMENT_UNKNOWN. An error is set only where no
 * server would accept the text: unterminated strings, unbalanced parentheses, a
 * misspelt or missing keyword in a place where nothing else can stand.
 */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include <stddef.h>

#include "sql/ast.h"

struct arena;
struct err;

#define SQL_MAX_TEXT  (64 * 1024 * 1024) /* bytes */
#define SQL_MAX_DEPTH 200                /* nesting of expressions and queries */

/*
 * Parses one statement; a `;` after it is fine, a second statement is not. Everything
 * lives in the arena and keeps no reference to `text`.
 *
 * Returns 0 with a tree. Its kind is SQL_STATEMENT_UNKNOWN when the text wasn't
 * understood: then `problem` tells what the parser stumbled over (Flink's own parser
 * would most likely refuse the text), `named` which kind the first words promise.
 * Text without any token gives SQL_STATEMENT_EMPTY.
 *
 * Returns -1 and sets ERR_SQL with position, what was found, what was expected, and a
 * hint for misspelt words; ERR_LIMIT when the text is longer than SQL_MAX_TEXT.
 */
int sql_parse(struct arena *arena, const char *text, size_t len,
              struct sql_statement **out, struct err *err);

/*
 * As sql_parse() for the part `start` to `end` of a script; positions count from the
 * start of `text`.
 */
int sql_parse_part(struct arena *arena, const char *text, size_t len, size_t start,
                   size_t end, struct sql_statement **out, struct err *err);

/*
 * The ones below take one fragment and are strict: -1 and ERR_SQL for whatever they
 * don't understand.
 */

/* One query: SELECT, WITH, VALUES, TABLE, set operations. */
int sql_parse_query(struct arena *arena, const char *text, size_t len,
                    struct sql_query **out, struct err *err);
/* One expression. */
int sql_parse_expr(struct arena *arena, const char *text, size_t len,
                   struct sql_expr **out, struct err *err);
/* One type as in CAST or a column definition, with NOT NULL. */
int sql_parse_type(struct arena *arena, const char *text, size_t len,
                   struct sql_type_spec **out, struct err *err);
/*
 * What stands between the parentheses of CREATE TABLE: columns, watermark, constraints;
 * the body of a streaming_source model. Fills columns, watermarks and constraints of a
 * definition that has no name.
 */
int sql_parse_table_elements(struct arena *arena, const char *text, size_t len,
                             struct sql_table_def **out, struct err *err);
/* A name of one or more parts: "`env-1`.db.t". */
int sql_parse_name(struct arena *arena, const char *text, size_t len,
                   struct sql_name *out, struct err *err);

/* Name of a kind as the REST API's sql_kind spells it ("INSERT_INTO"); static. */
const char *sql_statement_kind_name(enum sql_statement_kind kind);
/* Whether `word` must be quoted with back quotes to be an identifier in Flink 2.x. */
bool sql_is_reserved(const char *word, size_t len);

#endif
