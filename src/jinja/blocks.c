/* Finds the top-level blocks of a file without parsing it, as dbt's block lexer does.
 */
#include "config.h"

#include "jinja/jinja.h"

#include <string.h>

#include "base/str.h"
#include "jinja/internal.h"

struct tag {
    const char *type;
    size_t type_len;
    const char *name;
    size_t name_len;
    size_t start;
    size_t end;
};

struct scanner {
    const char *text;
    size_t len;
    size_t pos;
    const char *file;
    struct err *err;
};

static int fail_at(struct scanner *s, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail_at(struct scanner *s, size_t offset, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(s->err, ERR_COMPILE, fmt, ap);
    va_end(ap);
    err_at_offset(s->err, s->file, s->text, s->len, offset);
    return -1;
}

/* The scanner came to the end while it looked for `expected`. */
static int fail_eof(struct scanner *s, size_t from, const char *expected)
{
    size_t left = s->len - from;

    return fail_at(s, from, "unexpected EOF, expected %s, got \"%.*s\"", expected,
                   left < 40 ? (int)left : 40, s->text + from);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           (c >= '0' && c <= '9');
}

static size_t skip_blanks(const struct scanner *s, size_t at)
{
    while (at < s->len && is_blank(s->text[at])) {
        at++;
    }
    return at;
}

static size_t skip_name(const struct scanner *s, size_t at)
{
    if (at < s->len && s->text[at] >= '0' && s->text[at] <= '9') {
        return at;
    }
    while (at < s->len && is_name(s->text[at])) {
        at++;
    }
    return at;
}

static bool here(const struct scanner *s, size_t at, const char *what)
{
    size_t n = strlen(what);

    return s->len - at >= n && memcmp(s->text + at, what, n) == 0;
}

static size_t find(const struct scanner *s, size_t at, const char *what)
{
    const char *p =
        at < s->len ? memmem(s->text + at, s->len - at, what, strlen(what)) : NULL;

    return p != NULL ? (size_t)(p - s->text) : s->len;
}

/* Behind the string literal that opens at `at`, or 0 when it is not closed. */
static size_t string_end(const struct scanner *s, size_t at)
{
    char quote = s->text[at++];

    while (at < s->len && s->text[at] != quote) {
        at += s->text[at] == '\\' ? 2 : 1;
    }
    return at < s->len ? at + 1 : 0;
}

/* From `at` to behind `close`, not looking into strings; 0 with the error set. */
static size_t close_end(struct scanner *s, size_t at, const char *close,
                        const char *what)
{
    size_t start = at;

    while (at < s->len && !here(s, at, close)) {
        if (s->text[at] != '\'' && s->text[at] != '"') {
            at++;
            continue;
        }
        at = string_end(s, at);
        if (at == 0) {
            fail_eof(s, start, "string");
            return 0;
        }
    }
    if (at >= s->len) {
        fail_eof(s, start, what);
        return 0;
    }
    return at + strlen(close);
}

/* Behind "%}", with the white space that "-%}" takes. */
static size_t strip_right(const struct scanner *s, size_t end)
{
    return end >= 3 && s->text[end - 3] == '-' ? skip_blanks(s, end) : end;
}

/* Behind {% WORD %} at `at`, or 0. */
static size_t bare_tag_end(const struct scanner *s, size_t at, const char *word)
{
    at = skip_blanks(s, at + 2 + (here(s, at + 2, "-") ? 1 : 0));
    if (!here(s, at, word)) {
        return 0;
    }
    at = skip_blanks(s, at + strlen(word));
    if (here(s, at, "-%}")) {
        return skip_blanks(s, at + 3);
    }
    return here(s, at, "%}") ? at + 2 : 0;
}

static size_t raw_end(struct scanner *s, size_t at)
{
    size_t end = bare_tag_end(s, at, "raw");

    for (size_t p = end; end != 0 && p < s->len; p += 2) {
        p = find(s, p, "{%");
        size_t behind = p < s->len ? bare_tag_end(s, p, "endraw") : 0;
        if (behind != 0) {
            return behind;
        }
    }
    fail_eof(s, at, "{% raw %}...{% endraw %}");
    return 0;
}

/* The tag that opens at `at`: 1, 0 when it is none, -1. */
static int read_tag(struct scanner *s, size_t at, struct tag *tag)
{
    bool strip = here(s, at + 2, "-");
    size_t type = skip_blanks(s, at + 2 + (strip ? 1 : 0));
    size_t type_end = skip_name(s, type);

    if (type_end == type) {
        return 0;
    }
    size_t name = skip_blanks(s, type_end);
    size_t name_end = name > type_end ? skip_name(s, name) : name;
    *tag = (struct tag){.type = s->text + type,
                        .type_len = type_end - type,
                        .name = s->text + name,
                        .name_len = name_end - name,
                        .start = at};
    while (strip && tag->start > s->pos && is_blank(s->text[tag->start - 1])) {
        tag->start--;
    }
    if (str_eq_n(tag->type, tag->type_len, "raw")) {
        tag->end = raw_end(s, at);
    } else {
        size_t end = close_end(s, name_end, "%}", "tag close (\"%}\")");
        tag->end = end != 0 ? strip_right(s, end) : 0;
    }
    if (tag->end == 0) {
        return -1;
    }
    s->pos = tag->end;
    return 1;
}

/* The next tag; comments and expressions are passed over. 1/0/-1. */
static int next_tag(struct scanner *s, struct tag *tag)
{
    size_t at = s->pos;

    while ((at = find(s, at, "{")) < s->len) {
        if (here(s, at, "{#")) {
            size_t end = find(s, at + 2, "#}");
            if (end == s->len) {
                return fail_eof(s, at + 2, "#}");
            }
            at = s->pos = end + 2;
        } else if (here(s, at, "{{")) {
            at = close_end(s, at + 2, "}}", "}}");
            if (at == 0) {
                return -1;
            }
            s->pos = at;
        } else if (here(s, at, "{%")) {
            int found = read_tag(s, at, tag);
            if (found != 0) {
                return found;
            }
            at += 2;
        } else {
            at++;
        }
    }
    return 0;
}

#define MAX_NESTING 1000

struct blocks {
    struct scanner scanner;
    const char *const *tags;
    struct arena *arena;
    struct jinja_blocks *out;
    size_t cap;
    bool is_for[MAX_NESTING]; /* open if and for tags */
    int depth;
    struct tag current;
    bool open;
};

static bool is_wanted(const struct blocks *b, const struct tag *tag)
{
    for (const char *const *t = b->tags; *t != NULL; t++) {
        if (str_eq_n(tag->type, tag->type_len, *t)) {
            return true;
        }
    }
    return false;
}

static int control_flow(struct blocks *b, const struct tag *tag)
{
    bool is_for = str_eq_n(tag->type, tag->type_len, "for");
    bool ends_for = str_eq_n(tag->type, tag->type_len, "endfor");

    if (is_for || str_eq_n(tag->type, tag->type_len, "if")) {
        if (b->depth == MAX_NESTING) {
            return fail_at(&b->scanner, tag->start, "blocks are nested too deeply");
        }
        b->is_for[b->depth++] = is_for;
        return 0;
    }
    if (!ends_for && !str_eq_n(tag->type, tag->type_len, "endif")) {
        return 0;
    }
    if (b->depth == 0) {
        return fail_at(&b->scanner, tag->start,
                       "Got an unexpected control flow end tag, got %s but never saw a"
                       " preceeding %s",
                       ends_for ? "endfor" : "endif", ends_for ? "for" : "if");
    }
    if (b->is_for[--b->depth] != ends_for) {
        return fail_at(&b->scanner, tag->start,
                       "Got an unexpected control flow end tag, got %s but expected %s"
                       " next",
                       ends_for ? "endfor" : "endif", ends_for ? "endif" : "endfor");
    }
    return 0;
}

static int open_block(struct blocks *b, const struct tag *tag)
{
    if (b->depth > 0) {
        return fail_at(&b->scanner, tag->start,
                       "Got a block definition inside control flow. All dbt block"
                       " definitions must be at the top level");
    }
    if (b->open) {
        return fail_at(&b->scanner, tag->start,
                       "Got nested tags: %.*s (started in line %d) did not have a"
                       " matching {%% end%.*s %%} before a following %.*s was found",
                       (int)b->current.type_len, b->current.type, 0,
                       (int)b->current.type_len, b->current.type, (int)tag->type_len,
                       tag->type);
    }
    b->current = *tag;
    b->open = true;
    return 0;
}

static void close_block(struct blocks *b, const struct tag *tag)
{
    const struct scanner *s = &b->scanner;
    struct jinja_block block = {
        .tag = arena_strndup(b->arena, b->current.type, b->current.type_len),
        .name = arena_strndup(b->arena, b->current.name, b->current.name_len),
        .text = s->text + b->current.start,
        .len = tag->end - b->current.start,
        .body = s->text + b->current.end,
        .body_len = tag->start - b->current.end,
        .offset = b->current.start};
    int column;

    err_locate(s->text, s->len, block.offset, &block.line, &column);
    if (b->out->count == b->cap) {
        size_t cap = b->cap != 0 ? b->cap * 2 : 8;
        b->out->items = arena_realloc(b->arena, b->out->items, b->cap * sizeof(block),
                                      cap * sizeof(block));
        b->cap = cap;
    }
    b->out->items[b->out->count++] = block;
    b->open = false;
}

static bool ends_current(const struct blocks *b, const struct tag *tag)
{
    return b->open && tag->type_len == b->current.type_len + 3 &&
           memcmp(tag->type, "end", 3) == 0 &&
           memcmp(tag->type + 3, b->current.type, b->current.type_len) == 0;
}

int jinja_extract_blocks(const char *text, size_t len, const char *file,
                         const char *const *tags, struct arena *arena,
                         struct jinja_blocks *out, struct err *err)
{
    struct blocks b = {.scanner = {.text = text, .len = len, .file = file, .err = err},
                       .tags = tags,
                       .arena = arena,
                       .out = out};
    struct tag tag;
    int more;

    *out = (struct jinja_blocks){0};
    while ((more = next_tag(&b.scanner, &tag)) > 0) {
        if (control_flow(&b, &tag) != 0) {
            return -1;
        }
        if (is_wanted(&b, &tag)) {
            if (open_block(&b, &tag) != 0) {
                return -1;
            }
        } else if (ends_current(&b, &tag)) {
            close_block(&b, &tag);
        }
    }
    if (more == 0 && b.open) {
        return fail_at(&b.scanner, b.current.start,
                       "Reached EOF without finding a close tag for %.*s",
                       (int)b.current.type_len, b.current.type);
    }
    return more;
}
