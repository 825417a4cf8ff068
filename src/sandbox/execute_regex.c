/* Flink's functions of regular expressions, for SQLite. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define MAX_TEXT  ((size_t)1 << 20) /* bytes of a text with replacements */
#define MAX_STEPS 100000            /* of matching */

/* A compiled expression of Java's kind; PCRE2 knows all that is in common use. */
struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

static void regex_free(struct regex *regex)
{
    pcre2_match_context_free(regex->limits);
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
}

static bool regex_compile(struct regex *regex, const char *pattern)
{
    int error;
    PCRE2_SIZE offset;
    *regex = (struct regex){0};
    regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
                                &error, &offset, NULL);
    if (regex->code == NULL) {
        return false;
    }
    regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    if (regex->match == NULL || regex->limits == NULL) {
        regex_free(regex);
        return false;
    }
    pcre2_set_match_limit(regex->limits, MAX_STEPS);
    return true;
}

/* Where the next match is, or NULL; moves `*from` behind it. */
static const PCRE2_SIZE *regex_next(struct regex *regex, const char *text, size_t len,
                                    size_t *from)
{
    if (*from > len || pcre2_match(regex->code, (PCRE2_SPTR)text, len, *from, 0,
                                   regex->match, regex->limits) < 0) {
        return NULL;
    }
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->match);
    *from = at[1];
    if (at[1] == at[0]) {
        do {
            (*from)++;
        } while (*from < len && ((unsigned char)text[*from] & 0xc0) == 0x80);
    }
    return at;
}

static void fl_regexp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    size_t from = 0;
    if (!func_null(count, args) && regex_compile(&regex, func_text(args[1]))) {
        const char *text = func_text(args[0]);
        sqlite3_result_int(ctx, regex_next(&regex, text, strlen(text), &from) != NULL);
        regex_free(&regex);
    }
}

static void fl_regexp_count(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    size_t from = 0;
    int n = 0;
    if (!func_null(count, args) && regex_compile(&regex, func_text(args[1]))) {
        const char *text = func_text(args[0]);
        while (regex_next(&regex, text, strlen(text), &from) != NULL) {
            n++;
        }
        sqlite3_result_int(ctx, n);
        regex_free(&regex);
    }
}

static void fl_regexp_instr(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    size_t from = 0;
    if (!func_null(count, args) && regex_compile(&regex, func_text(args[1]))) {
        const char *text = func_text(args[0]);
        const PCRE2_SIZE *at = regex_next(&regex, text, strlen(text), &from);
        int64_t position = 0;
        for (size_t i = 0; at != NULL && i <= at[0]; i++) {
            position += ((unsigned char)text[i] & 0xc0) != 0x80;
        }
        sqlite3_result_int64(ctx, position);
        regex_free(&regex);
    }
}

/* SIMILAR TO: the whole text, with % and _ of LIKE. */
static void fl_similar(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    struct buf pattern = BUF_INIT;
    size_t from = 0;
    if (func_null(count, args)) {
        return;
    }
    buf_adds(&pattern, "^(?:");
    for (const char *c = func_text(args[1]); *c != '\0'; c++) {
        if (*c == '%' || *c == '_') {
            buf_adds(&pattern, *c == '%' ? ".*" : ".");
        } else {
            buf_addc(&pattern, *c);
        }
    }
    buf_adds(&pattern, ")$");
    if (regex_compile(&regex, buf_str(&pattern))) {
        const char *text = func_text(args[0]);
        sqlite3_result_int(ctx, regex_next(&regex, text, strlen(text), &from) != NULL);
        regex_free(&regex);
    }
    buf_fini(&pattern);
}

/* The group of the expression's match, or NULL. */
static const PCRE2_SIZE *group_of(const struct regex *regex, const PCRE2_SIZE *at,
                                  int group)
{
    bool there = at != NULL && group >= 0 &&
                 (uint32_t)group < pcre2_get_ovector_count(regex->match);
    return there && at[2 * group] != PCRE2_UNSET ? at + 2 * (size_t)group : NULL;
}

static void fl_regexp_extract(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    size_t from = 0;
    if (func_null(count, args) || !regex_compile(&regex, func_text(args[1]))) {
        return;
    }
    const char *text = func_text(args[0]);
    const PCRE2_SIZE *at =
        group_of(&regex, regex_next(&regex, text, strlen(text), &from),
                 count > 2 ? sqlite3_value_int(args[2]) : 0);
    if (at != NULL) {
        sqlite3_result_text(ctx, text + at[0], (int)(at[1] - at[0]), SQLITE_TRANSIENT);
    }
    regex_free(&regex);
}

/* The first group by default, the whole when there are no groups. */
static void fl_regexp_extract_all(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    struct buf out = BUF_INIT;
    size_t from = 0;
    if (func_null(count, args) || !regex_compile(&regex, func_text(args[1]))) {
        return;
    }
    const char *text = func_text(args[0]);
    const PCRE2_SIZE *at;
    buf_addc(&out, '[');
    while ((at = regex_next(&regex, text, strlen(text), &from)) != NULL) {
        at = group_of(&regex, at,
                      count > 2 ? sqlite3_value_int(args[2])
                                : pcre2_get_ovector_count(regex.match) > 1);
        if (at != NULL) {
            buf_adds(&out, out.len > 1 ? "," : "");
            json_write_str(text + at[0], at[1] - at[0], 0, &out);
        }
    }
    buf_addc(&out, ']');
    regex_free(&regex);
    func_give(ctx, &out);
}

static void fl_regexp_replace(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct regex regex;
    if (func_null(count, args) || !regex_compile(&regex, func_text(args[1]))) {
        return;
    }
    PCRE2_SIZE size = MAX_TEXT;
    PCRE2_UCHAR *out = xcalloc(1, MAX_TEXT);
    int rc = pcre2_substitute(regex.code, (PCRE2_SPTR)func_text(args[0]),
                              PCRE2_ZERO_TERMINATED, 0, PCRE2_SUBSTITUTE_GLOBAL,
                              regex.match, regex.limits, (PCRE2_SPTR)func_text(args[2]),
                              PCRE2_ZERO_TERMINATED, out, &size);
    if (rc >= 0) {
        sqlite3_result_text(ctx, (const char *)out, (int)size, SQLITE_TRANSIENT);
    }
    free(out);
    regex_free(&regex);
}

int execute_regex_functions(sqlite3 *handle)
{
    static const struct xfunction functions[] = {
        {"fl_similar", 2, fl_similar},
        {"fl_regexp", 2, fl_regexp},
        {"fl_regexp_count", 2, fl_regexp_count},
        {"fl_regexp_instr", 2, fl_regexp_instr},
        {"fl_regexp_extract", -1, fl_regexp_extract},
        {"fl_regexp_extract_all", -1, fl_regexp_extract_all},
        {"fl_regexp_replace", 3, fl_regexp_replace},
    };
    return execute_add_functions(handle, functions,
                                 sizeof(functions) / sizeof(*functions));
}
