#include "config.h"

#include "jinja/wrap.h"

#include <unictype.h>

#include "base/xmalloc.h"

#include <stdlib.h>

/* A chunk of the line that is not broken if it fits: white space or (part of) a word.
 */
struct chunk {
    const char *s;
    size_t len;
};

struct chunks {
    struct chunk *items; /* heap */
    size_t count;
    size_t cap;
};

static void add_chunk(struct chunks *c, const char *s, size_t len)
{
    if (len == 0) {
        return;
    }
    if (c->count == c->cap) {
        c->cap = c->cap != 0 ? c->cap * 2 : 64;
        c->items = xreallocarray(c->items, c->cap, sizeof(*c->items));
    }
    c->items[c->count++] = (struct chunk){s, len};
}

/* textwrap knows ASCII white space only. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_letter(c) || c == '_' || (c >= '0' && c <= '9');
}

/* Whether a word may be broken behind the hyphen at `at`: letters on both sides. */
static bool breaks_behind(const char *s, size_t len, size_t at)
{
    return at >= 2 && at + 2 < len && is_letter(s[at - 1]) &&
           (is_letter(s[at - 2]) || s[at - 2] == '-') && is_letter(s[at + 1]) &&
           (is_letter(s[at + 2]) || s[at + 2] == '-');
}

/* Splits a word without blanks at its hyphens and em dashes. */
static void split_word(struct chunks *c, const char *s, size_t len)
{
    size_t start = 0;

    for (size_t at = 1; at < len; at++) {
        if (s[at] != '-') {
            continue;
        }
        size_t dashes = strspn(s + at, "-");
        if (dashes >= 2 && at + dashes < len && is_word(s[at + dashes]) &&
            (is_word(s[at - 1]) || strchr("!\"'&.,?", s[at - 1]) != NULL)) {
            add_chunk(c, s + start, at - start);
            add_chunk(c, s + at, dashes);
            start = at + dashes;
            at = start;
        } else if (dashes == 1 && breaks_behind(s, len, at)) {
            add_chunk(c, s + start, at + 1 - start);
            start = at + 1;
        } else {
            at += dashes - 1;
        }
    }
    add_chunk(c, s + start, len - start);
}

static void split_line(struct value line, bool hyphens, struct chunks *c)
{
    size_t at = 0;

    while (at < line.len) {
        size_t start = at;
        bool blank = is_blank(line.as.s[at]);
        while (at < line.len && is_blank(line.as.s[at]) == blank) {
            at++;
        }
        if (blank || !hyphens) {
            add_chunk(c, line.as.s + start, at - start);
        } else {
            split_word(c, line.as.s + start, at - start);
        }
    }
}

static size_t width_of(const struct chunk *c)
{
    return text_length(c->s, c->len);
}

/* Fills one output line from `at`; a word that fits on no line is cut. `*full`: there
 * was no room to begin it, where textwrap keeps the blanks at the end of the line. */
static size_t fill_line(struct chunks *c, size_t at, const struct wrap_options *o,
                        size_t *end, bool *full)
{
    size_t used = 0;
    size_t width = (size_t)o->width;

    while (at < c->count && used + width_of(&c->items[at]) <= width) {
        used += width_of(&c->items[at++]);
    }
    *end = at;
    if (at < c->count && width_of(&c->items[at]) > width) {
        struct chunk *word = &c->items[at];
        size_t room = width > used ? width - used : 0;
        if (o->break_long && room == 0) {
            *full = true;
        } else if (o->break_long) {
            size_t cut = text_offset(word->s, word->len, room);
            if (o->break_hyphens) {
                for (size_t i = cut; i-- > 1;) {
                    if (word->s[i] == '-' && strspn(word->s, "-") < i) {
                        cut = i + 1;
                        break;
                    }
                }
            }
            *end = at;
            word->s += cut;
            word->len -= cut;
            return cut;
        }
        if (!o->break_long && used == 0) {
            *end = at + 1;
        }
    }
    return 0;
}

static bool is_space_chunk(const struct chunk *c)
{
    for (size_t i = 0; i < c->len; i++) {
        if (!is_blank(c->s[i])) {
            return false;
        }
    }
    return true;
}

void wrap_line(struct value line, const struct wrap_options *o, struct value separator,
               struct buf *out)
{
    struct chunks c = {0};
    size_t at = 0;
    bool any = false;

    split_line(line, o->break_hyphens, &c);
    while (at < c.count) {
        if (any && is_space_chunk(&c.items[at])) {
            at++;
            if (at == c.count) {
                break;
            }
        }
        size_t end;
        const char *start = c.items[at].s;
        const char *word = NULL;
        bool full = false;
        size_t cut = fill_line(&c, at, o, &end, &full);
        if (cut > 0) {
            word = c.items[end].s - cut;
        }
        size_t last = end;
        while (cut == 0 && !full && last > at && is_space_chunk(&c.items[last - 1])) {
            last--;
        }
        size_t len = 0;
        if (cut > 0) {
            len = (size_t)(word + cut - start);
        } else if (last > at) {
            len = (size_t)(c.items[last - 1].s + c.items[last - 1].len - start);
        }
        if (len > 0) {
            if (any) {
                buf_add(out, separator.as.s, separator.len);
            }
            buf_add(out, start, len);
            any = true;
        }
        at = end > at || cut > 0 ? end : end + 1;
    }
    free(c.items);
}
