/*
 * Variables, as psql's: text by name, set with \set, -v and \gset, read as :name,
 * :'name' and :"name". A few names are special: they have a type, a default and a
 * meaning, and can't be given a value outside of it.
 */
#ifndef SHELL_VARS_H
#define SHELL_VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum vars_kind { VARS_TEXT, VARS_BOOL, VARS_NUMBER, VARS_CHOICE, VARS_READONLY };

/* A special variable. */
struct vars_special {
    const char *name;
    enum vars_kind kind;
    const char *fallback; /* value while unset, "" for none */
    const char *choices;  /* VARS_CHOICE: blank-separated words */
    const char *help;     /* one line */
};

struct vars_entry {
    char *name;  /* heap */
    char *value; /* heap */
};

/*
 * Zeroed is valid and empty. `missing`, if there is one, is called when a read-only
 * variable without value is asked for, and may give it one; not from within itself.
 */
struct vars {
    struct vars_entry *entries; /* heap, sorted by name */
    size_t count;
    size_t cap;
    void (*missing)(void *context, const char *name);
    void *context;
    bool *busy; /* `missing` is at work; borrowed, set with it */
};

#define VARS_MAX       10000
#define VARS_VALUE_MAX ((size_t)4 * 1024 * 1024)

void vars_fini(struct vars *vars);

/* The special variables; `count` receives their number. Static. */
const struct vars_special *vars_specials(size_t *count);

/* Letters, digits, '_' and non-ASCII bytes; not empty. As psql. */
bool vars_name_ok(const char *name, size_t len);

/*
 * The value, or NULL when unset. Borrowed until the variable changes. Special variables
 * that are unset give NULL too; see the typed getters for their defaults.
 */
const char *vars_get(const struct vars *vars, const char *name);
const char *vars_get_n(const struct vars *vars, const char *name, size_t len);
/* The value or the special variable's default. */
const char *vars_text(const struct vars *vars, const char *name);
/* Booleans and numbers of special variables; `fallback` when there is no value. */
bool vars_bool(const struct vars *vars, const char *name, bool fallback);
long vars_number(const struct vars *vars, const char *name, long fallback);

/*
 * Sets a variable. ERR_USAGE for a bad name or a value that a special variable can't
 * take. Read-only names are refused.
 */
int vars_set(struct vars *vars, const char *name, const char *value, struct err *err);
/* As vars_set() without checks, for what the shell reports (LAST_ERROR_MESSAGE …). */
void vars_put(struct vars *vars, const char *name, const char *value);
/* Removes; unknown names are fine. ERR_USAGE for read-only ones. */
int vars_unset(struct vars *vars, const char *name, struct err *err);

/* "on", "true", "yes", "1" …, prefixes allowed as in psql; false when it is neither. */
bool vars_parse_bool(const char *text, bool *out);

#endif
