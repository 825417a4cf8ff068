#include "config.h"

#include "shell/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define PROGRAM_OUTPUT_MAX ((size_t)1024 * 1024)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t name_length(const char *text)
{
    size_t len = 0;

    while (text[len] != '\0' && vars_name_ok(text + len, 1)) {
        len++;
    }
    return len;
}

static void add_quoted(struct buf *out, const char *value, char quote)
{
    buf_addc(out, quote);
    for (; *value != '\0'; value++) {
        if (*value == quote) {
            buf_addc(out, quote);
        }
        buf_addc(out, *value);
    }
    buf_addc(out, quote);
}

/* :{?name}: whether it has a value. */
static size_t add_whether(const char *text, const struct vars *vars, struct buf *out)
{
    size_t len = name_length(text + 3);

    if (len == 0 || text[3 + len] != '}') {
        return 0;
    }
    buf_adds(out, vars_get_n(vars, text + 3, len) != NULL ? "TRUE" : "FALSE");
    return 4 + len;
}

size_t args_variable(const char *text, const struct vars *vars, char name_quote,
                     struct buf *out)
{
    char quote = text[1] == '\'' || text[1] == '"' ? text[1] : '\0';
    const char *name = text + (quote != '\0' ? 2 : 1);
    size_t len = name_length(name);
    const char *value;

    if (text[1] == '{' && text[2] == '?') {
        return add_whether(text, vars, out);
    }
    if (len == 0 || (quote != '\0' && name[len] != quote)) {
        return 0;
    }
    value = vars_get_n(vars, name, len);
    if (value == NULL) {
        return 0;
    }
    if (quote == '\0') {
        buf_adds(out, value);
        return 1 + len;
    }
    add_quoted(out, value, quote == '\'' ? '\'' : name_quote);
    return 3 + len;
}

/* In single quotes: C-like escapes, and '' for a quote. */
static size_t add_escape(const char *text, struct buf *out)
{
    static const char letters[] = "ntbrf";
    static const char meanings[] = "\n\t\b\r\f";
    const char *found = text[1] != '\0' ? strchr(letters, text[1]) : NULL;

    if (text[1] == '\0') {
        buf_addc(out, '\\');
        return 1;
    }
    buf_addc(out, found != NULL ? meanings[found - letters] : text[1]);
    return 2;
}

static const char *read_quoted(const char *at, struct buf *out)
{
    char quote = *at++;

    while (*at != '\0') {
        if (*at == quote && at[1] == quote) {
            buf_addc(out, quote);
            at += 2;
        } else if (*at == quote) {
            return at + 1;
        } else if (*at == '\\' && quote == '\'') {
            at += add_escape(at, out);
        } else {
            buf_addc(out, *at++);
        }
    }
    return NULL;
}

static const char *read_program(const char *at, struct buf *out)
{
    const char *end = strchr(at + 1, '`');
    struct buf command = BUF_INIT;
    size_t before = out->len;
    FILE *pipe;
    int c;

    if (end == NULL) {
        return NULL;
    }
    buf_add(&command, at + 1, (size_t)(end - at - 1));
    fflush(NULL);
    pipe = popen(buf_str(&command), "re");
    while (pipe != NULL && (c = getc(pipe)) != EOF) {
        if (out->len - before < PROGRAM_OUTPUT_MAX && c != '\0') {
            buf_addc(out, (char)c);
        }
    }
    if (pipe != NULL) {
        pclose(pipe);
    }
    while (out->len > before && out->data[out->len - 1] == '\n') {
        buf_truncate(out, out->len - 1);
    }
    buf_fini(&command);
    return end + 1;
}

/* Variables in words: only where no name goes before the colon ("tag:nightly"). */
static bool may_refer(const char *start, const char *at)
{
    return at == start || !vars_name_ok(at - 1, 1);
}

static const char *read_word(const char *start, const struct vars *vars,
                             struct buf *out)
{
    const char *at = start;
    const char *free_from = start; /* behind a variable: one more may follow */

    while (at != NULL && *at != '\0' && !is_blank(*at)) {
        size_t used = 0;
        if (*at == ':' && vars != NULL && (at == free_from || may_refer(start, at))) {
            used = args_variable(at, vars, '"', out);
            free_from = at + used;
        }
        if (used > 0) {
            at += used;
        } else if (*at == '\'' || *at == '"') {
            at = read_quoted(at, out);
        } else if (*at == '`' && vars != NULL) {
            at = read_program(at, out);
        } else {
            buf_addc(out, *at++);
        }
    }
    return at;
}

int args_split(const char *text, const struct vars *vars, struct arena *arena,
               struct args *out, struct err *err)
{
    size_t cap = 16;
    struct buf word = BUF_INIT;
    const char *at = text;

    *out = (struct args){.words = arena_array(arena, const char *, cap)};
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at == '\0' || *at == '\\') {
            break;
        }
        buf_reset(&word);
        at = read_word(at, vars, &word);
        if (at == NULL) {
            buf_fini(&word);
            return err_set(err, ERR_USAGE, "unterminated quoted string");
        }
        if (out->count + 2 >= cap) {
            out->words = arena_realloc(arena, out->words, cap * sizeof(out->words[0]),
                                       cap * 2 * sizeof(out->words[0]));
            cap *= 2;
        }
        out->words[out->count++] = arena_strndup(arena, buf_str(&word), word.len);
        if (out->count > ARGS_MAX) {
            buf_fini(&word);
            return err_set(err, ERR_LIMIT, "more than %d words in a command", ARGS_MAX);
        }
    }
    out->words[out->count] = NULL;
    out->rest = at[0] == '\\' && at[1] == '\\' ? at + 2 : at;
    buf_fini(&word);
    return 0;
}
