/* What the files behind modules.re share. */
#ifndef COMPILE_REGEX_H
#define COMPILE_REGEX_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "jinja/jinja.h"

/* Python's numbers: re.I and so on. */
enum regex_flag {
    REGEX_IGNORECASE = 2,
    REGEX_LOCALE = 4,
    REGEX_MULTILINE = 8,
    REGEX_DOTALL = 16,
    REGEX_UNICODE = 32,
    REGEX_VERBOSE = 64,
    REGEX_ASCII = 256
};

#define REGEX_MAX_GROUPS 256

/* What a pattern says beside its text. */
struct regex_syntax {
    struct value names; /* dict: name → group */
    size_t count;       /* groups, with the whole match as 0 */
    unsigned flags;     /* enum regex_flag, those in the pattern included */
    uint16_t close_order[REGEX_MAX_GROUPS]; /* from 1; 0 = not closed */
    size_t condition;                       /* highest group of a (?(n)…) */
    size_t condition_at;                    /* where, in bytes */
};

/*
 * Writes a Python pattern as PCRE2 takes it with UTF, and without PCRE2_EXTENDED.
 * Raises re.error with Python's message.
 */
int regex_translate(struct jinja_run *run, struct value pattern, unsigned flags,
                    struct regex_syntax *out, struct buf *text);
/* Raises re.error about the place `at` in `text`, NUL-terminated. Returns -1. */
int regex_error(struct jinja_run *run, const char *text, const char *at,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A compiled pattern: also what re.compile() gives. Lives in the render's arena, but
 * for `code`, which regex_close() frees. */
struct pattern {
    struct value_object base;
    struct value text;
    struct regex_syntax syntax;
    pcre2_code *code; /* NULL between calls */
};

/* What a match found: re.Match. In the arena. */
struct match {
    struct value_object base;
    struct pattern *pattern;
    struct value subject;
    size_t count;
    size_t *spans; /* bytes: start and end, PCRE2_UNSET when a group took no part */
    size_t from;   /* pos and endpos, in bytes */
    size_t to;
};

struct value match_new(struct arena *arena, struct pattern *pattern,
                       struct value subject, const size_t *spans, size_t from,
                       size_t to);
/* The text of a group, or `fallback`. */
struct value match_group(struct arena *arena, const struct match *match, size_t group,
                         struct value fallback);
/* The value of `pattern`, which match_new() and match.re give. */
struct value pattern_value(struct pattern *pattern);

/*
 * Appends a replacement text with its groups filled in: \1, \g<1>, \g<name>, \n. Raises
 * re.error, or IndexError for names that are not there.
 */
int match_expand(struct jinja_run *run, const struct match *match, struct value text,
                 struct buf *out);

#endif
