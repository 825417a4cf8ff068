/* What the two halves of the pattern parser share. */
#ifndef COMPILE_REGEX_PARSER_H
#define COMPILE_REGEX_PARSER_H

#include "base/buf.h"
#include "compile/regex.h"

/* What stands before a quantifier. */
enum last { LAST_NOTHING, LAST_ITEM, LAST_POSITION, LAST_REPEAT };

struct parser {
    struct jinja_run *run;
    const char *start;
    const char *at;
    const char *end;
    bool verbose;
    int depth;
    size_t closed; /* groups that are closed */
    struct regex_syntax *out;
    struct buf *text;
};

#define fail(p, at, ...) regex_error((p)->run, (p)->start, at, __VA_ARGS__)

bool parser_accept(struct parser *p, char c);
/* Bytes of the character at `at`. */
size_t parser_char_size(const struct parser *p, const char *at);
/* All up to a ')' or the end: 0/-1. */
int parser_alternatives(struct parser *p);
/* A back-reference to `group`; `digits` is where its number stands. 0/-1. */
int parser_reference(struct parser *p, const char *start, const char *digits,
                     long group);
/* Behind '('. `*last` becomes what a quantifier would repeat. 0/-1. */
int parser_group(struct parser *p, enum last *last);

#endif
