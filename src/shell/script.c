#include "config.h"

#include "shell/script.h"

#include <string.h>

#include "base/str.h"
#include "shell/args.h"
#include "shell/vars.h"

#define EXPANSIONS_MAX 1000

void script_init(struct script *script, const char *name)
{
    *script = (struct script){.name = name};
    buf_init(&script->text, SCRIPT_QUERY_MAX);
    buf_init(&script->query, SCRIPT_QUERY_MAX);
    buf_init(&script->previous, SCRIPT_QUERY_MAX);
}

void script_fini(struct script *script)
{
    buf_fini(&script->text);
    buf_fini(&script->query);
    buf_fini(&script->previous);
}

bool script_active(const struct script *script)
{
    enum script_branch branch;

    if (script->branch_count == 0) {
        return true;
    }
    branch = script->branches[script->branch_count - 1];
    return branch == SCRIPT_IF_TRUE || branch == SCRIPT_ELSE_TRUE;
}

enum script_state script_state(const struct script *script)
{
    if (script->lex != SCRIPT_READY) {
        return script->lex;
    }
    if (script->done || !script->has_text) {
        return SCRIPT_READY;
    }
    return script->paren_depth > 0 ? SCRIPT_PAREN : SCRIPT_CONTINUE;
}

void script_reset(struct script *script)
{
    buf_reset(&script->query);
    script->lex = SCRIPT_READY;
    script->paren_depth = 0;
    script->block_words = 0;
    script->case_depth = 0;
    script->has_text = false;
    script->done = false;
}

void script_sent(struct script *script)
{
    buf_reset(&script->previous);
    buf_add(&script->previous, buf_str(&script->query), script->query.len);
    script->done = true;
}

void script_begin_line(struct script *script, const char *line, size_t len)
{
    buf_reset(&script->text);
    buf_add(&script->text, line, len);
    script->at = 0;
    script->expansions = 0;
    script->line++;
}

void script_end_line(struct script *script)
{
    if (script->done) {
        return;
    }
    if (script->has_text || script->lex != SCRIPT_READY) {
        buf_addc(&script->query, '\n');
    }
}

static bool is_word(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/*
 * Follows EXECUTE STATEMENT SET BEGIN … END, whose inner statements end with ';' too.
 * block_words counts the words recognised: 4 is inside of the block, 5 after it.
 */
static void see_word(struct script *script, const char *word, size_t len)
{
    static const char *const opening[] = {"EXECUTE", "STATEMENT", "SET", "BEGIN"};
    int at = script->block_words;

    if (at == 4) {
        if (str_ieq_n(word, len, "CASE")) {
            script->case_depth++;
        } else if (str_ieq_n(word, len, "END") && script->case_depth > 0) {
            script->case_depth--;
        } else if (str_ieq_n(word, len, "END")) {
            script->block_words = 5;
        }
        return;
    }
    if (at > 4 || at < 0) {
        return;
    }
    if (str_ieq_n(word, len, opening[at]) ||
        (at == 0 && str_ieq_n(word, len, "EXPLAIN"))) {
        script->block_words++;
    } else {
        script->block_words = -1;
    }
}

static void note_text(struct script *script)
{
    if (!script->has_text) {
        script->has_text = true;
        script->query_line = script->line;
    }
}

/* "::" is an operator. */
static bool is_reference(const struct script *script)
{
    return buf_str(&script->text)[script->at + 1] != ':';
}

/* Puts a variable's value in place of the reference at `at`; false: it is none. */
static bool expand(struct script *script, const struct vars *vars)
{
    const char *text = buf_str(&script->text);
    struct buf line = BUF_INIT;
    size_t used;
    bool ok = false;

    if (vars == NULL || script->expansions >= EXPANSIONS_MAX ||
        !script_active(script)) {
        return false;
    }
    buf_init(&line, SCRIPT_QUERY_MAX);
    buf_add(&line, text, script->at);
    used = args_variable(text + script->at, vars, '`', &line);
    if (used > 0) {
        buf_adds(&line, text + script->at + used);
    }
    if (used > 0 && !line.overflow) {
        buf_fini(&script->text);
        script->text = line;
        line = (struct buf)BUF_INIT;
        script->expansions++;
        ok = true;
    }
    buf_fini(&line);
    return ok;
}

static const char closers[] = {
    [SCRIPT_SINGLE] = '\'', [SCRIPT_DOUBLE] = '"', [SCRIPT_BACKTICK] = '`'};

/* Inside of quotes or a comment: copies up to its end or the end of the line. */
static void read_enclosed(struct script *script)
{
    const char *text = buf_str(&script->text) + script->at;
    const char *end;
    size_t n;

    if (script->lex == SCRIPT_COMMENT) {
        end = strstr(text, "*/");
        n = end != NULL ? (size_t)(end - text) + 2 : strlen(text);
    } else {
        end = strchr(text, closers[script->lex]);
        n = end != NULL ? (size_t)(end - text) + 1 : strlen(text);
    }
    if (end != NULL) {
        script->lex = SCRIPT_READY;
    }
    buf_add(&script->query, text, n);
    script->at += n;
}

/* Copies a comment that starts here; false when none does. */
static bool read_comment(struct script *script)
{
    const char *text = buf_str(&script->text) + script->at;

    if (text[0] == '-' && text[1] == '-') {
        if (script->has_text) {
            buf_adds(&script->query, text);
        }
        script->at = script->text.len;
        return true;
    }
    if (text[0] == '/' && text[1] == '*') {
        buf_add(&script->query, text, 2);
        script->at += 2;
        script->lex = SCRIPT_COMMENT;
        return true;
    }
    return false;
}

static void read_plain(struct script *script)
{
    const char *text = buf_str(&script->text) + script->at;
    size_t n = 1;

    switch (text[0]) {
    case '\'':
        script->lex = SCRIPT_SINGLE;
        break;
    case '"':
        script->lex = SCRIPT_DOUBLE;
        break;
    case '`':
        script->lex = SCRIPT_BACKTICK;
        break;
    case '(':
        script->paren_depth++;
        break;
    case ')':
        script->paren_depth -= script->paren_depth > 0;
        break;
    case ':':
        n += text[1] == ':';
        break;
    default:
        while (is_word(text[0]) && is_word(text[n])) {
            n++;
        }
        if (is_word(text[0])) {
            see_word(script, text, n);
        }
    }
    if (text[0] != ' ' && text[0] != '\t' && text[0] != '\r') {
        note_text(script);
    }
    if (script->has_text) {
        buf_add(&script->query, text, n);
    }
    script->at += n;
}

enum script_item script_next(struct script *script, const struct vars *vars)
{
    if (script->done) {
        script_reset(script);
    }
    if (script->text.overflow) {
        script_reset(script);
        script_begin_line(script, "", 0);
        script->line--;
        return SCRIPT_TOO_LONG;
    }
    while (script->at < script->text.len) {
        char c = buf_str(&script->text)[script->at];
        if (script->query.overflow || script->text.overflow) {
            script_reset(script);
            script->at = script->text.len;
            return SCRIPT_TOO_LONG;
        }
        if (c == '\0') {
            script->at++;
        } else if (script->lex != SCRIPT_READY) {
            read_enclosed(script);
        } else if (read_comment(script) ||
                   (c == ':' && is_reference(script) && expand(script, vars))) {
            continue;
        } else if (c == '\\') {
            script->at++;
            return SCRIPT_COMMAND;
        } else if (c == ';' && script->paren_depth == 0 && script->block_words != 4) {
            script->at++;
            if (script->has_text) {
                return SCRIPT_SQL;
            }
            script_reset(script);
        } else {
            read_plain(script);
        }
    }
    return script->query.overflow ? SCRIPT_TOO_LONG : SCRIPT_NONE;
}

void script_put(struct script *script, const char *text, size_t len)
{
    struct buf rest = BUF_INIT;

    buf_init(&rest, SCRIPT_QUERY_MAX);
    buf_add(&rest, text, len);
    if (script->at < script->text.len) {
        buf_adds(&rest, buf_str(&script->text) + script->at);
    }
    buf_fini(&script->text);
    script->text = rest;
    script->at = 0;
}
