#include "config.h"

#include "jinja/lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "base/buf.h"
#include "base/str.h"
#include "jinja/internal.h"
#include "jinja/string_literal.h"

char *lex_normalize(const char *text, size_t len, struct arena *arena, size_t *out_len)
{
    char *copy = arena_alloc(arena, len + 1);
    char *w = copy;

    for (size_t i = 0; i < len;) {
        const char *cr = memchr(text + i, '\r', len - i);
        size_t n = cr != NULL ? (size_t)(cr - text) - i : len - i;
        memcpy(w, text + i, n);
        w += n;
        i += n;
        if (cr != NULL) {
            *w++ = '\n';
            i += i + 1 < len && text[i + 1] == '\n' ? 2 : 1;
        }
    }
    if (w > copy && w[-1] == '\n') {
        w--;
    }
    *w = '\0';
    *out_len = (size_t)(w - copy);
    return copy;
}

void lexer_init(struct lexer *lexer, const char *text, size_t len, enum lex_state state,
                struct arena *arena, struct err *err)
{
    *lexer = (struct lexer){.text = text,
                            .len = len,
                            .line = 1,
                            .state = state,
                            .arena = arena,
                            .err = err};
}

const char *lex_describe_type(enum lex_type type)
{
    static const char *const names[] = {
#define X(name, text) text,
        LEX_TOKENS(X)
#undef X
    };

    return names[type];
}

static int fail(struct lexer *l, int line, const char *message)
{
    err_set(l->err, ERR_COMPILE, "%s", message);
    str_copy(l->err->type, sizeof(l->err->type), "TemplateSyntaxError");
    l->err->line = line;
    return -1;
}

static int count_lines(const char *s, size_t len)
{
    int lines = 0;

    for (const char *end = s + len; (s = memchr(s, '\n', (size_t)(end - s))) != NULL;
         s++) {
        lines++;
    }
    return lines;
}

static bool at(const struct lexer *l, size_t pos, const char *what)
{
    size_t n = strlen(what);

    return l->len - pos >= n && memcmp(l->text + pos, what, n) == 0;
}

/* Bytes of white space at `pos`, as \s of Python's re. */
static size_t space_at(const struct lexer *l, size_t pos)
{
    size_t start = pos;

    while (pos < l->len) {
        ucs4_t c;
        int n = u8_mbtouc(&c, (const uint8_t *)l->text + pos, l->len - pos);
        if (!text_is_space(c)) {
            break;
        }
        pos += (size_t)n;
    }
    return pos - start;
}

static size_t without_trailing_space(const char *s, size_t len)
{
    while (len > 0) {
        size_t start = len - 1;
        while (start > 0 && ((unsigned char)s[start] & 0xc0) == 0x80) {
            start--;
        }
        ucs4_t c;
        u8_mbtouc(&c, (const uint8_t *)s + start, len - start);
        if (!text_is_space(c)) {
            break;
        }
        len = start;
    }
    return len;
}

/* Moves on to `pos`, counting lines. */
static void advance(struct lexer *l, size_t pos)
{
    l->line += count_lines(l->text + l->pos, pos - l->pos);
    l->pos = pos;
}

static struct lex_token token_at(const struct lexer *l, enum lex_type type, size_t len)
{
    return (struct lex_token){.type = type,
                              .line = l->line,
                              .offset = (uint32_t)l->pos,
                              .s = l->text + l->pos,
                              .len = (uint32_t)len};
}

/* If `word` stands at `pos` between white space and a tag end: the offset behind that
 * tag (with what "-%}" strips), else 0. `plus` allows "+%}". */
static size_t keyword_tag_end(const struct lexer *l, size_t pos, const char *word,
                              bool plus)
{
    if (pos < l->len && (l->text[pos] == '-' || l->text[pos] == '+')) {
        pos++;
    }
    pos += space_at(l, pos);
    if (!at(l, pos, word)) {
        return 0;
    }
    pos += strlen(word);
    pos += space_at(l, pos);
    if (at(l, pos, "%}")) {
        return pos + 2;
    }
    if (at(l, pos, "-%}")) {
        return pos + 3 + space_at(l, pos + 3);
    }
    return plus && at(l, pos, "+%}") ? pos + 3 : 0;
}

/* The next "{{", "{%" or "{#" from `pos`; `len` when there is none. */
static size_t find_tag(const struct lexer *l, size_t pos)
{
    while (pos + 1 < l->len) {
        const char *p = memchr(l->text + pos, '{', l->len - pos - 1);
        if (p == NULL) {
            break;
        }
        if (p[1] == '{' || p[1] == '%' || p[1] == '#') {
            return (size_t)(p - l->text);
        }
        pos = (size_t)(p - l->text) + 1;
    }
    return l->len;
}

static int skip_comment(struct lexer *l)
{
    size_t pos = l->pos;

    for (;;) {
        const char *p = pos < l->len ? memchr(l->text + pos, '#', l->len - pos) : NULL;
        if (p == NULL && l->pos == l->len) {
            return 0; /* Jinja misses only what it sees */
        }
        if (p == NULL) {
            return fail(l, l->line, "Missing end of comment tag");
        }
        pos = (size_t)(p - l->text) + 1;
        if (pos < l->len && l->text[pos] == '}') {
            break;
        }
    }
    size_t end = pos + 1;
    if (pos - 1 > l->pos && l->text[pos - 2] == '-') {
        end += space_at(l, end);
    }
    advance(l, end);
    return 0;
}

/* Behind {% raw %}: gives the text up to {% endraw %}; `*found` false when it is empty.
 */
static int raw_text(struct lexer *l, struct lex_token *out, bool *found)
{
    *found = false;
    if (l->pos == l->len) {
        return 0; /* Jinja misses only what it sees */
    }
    for (size_t pos = l->pos;; pos += 2) {
        while (pos < l->len && !at(l, pos, "{%")) {
            const char *p = memchr(l->text + pos + 1, '{', l->len - pos - 1);
            pos = p != NULL ? (size_t)(p - l->text) : l->len;
        }
        if (pos >= l->len) {
            return fail(l, l->line, "Missing end of raw directive");
        }
        size_t end = keyword_tag_end(l, pos + 2, "endraw", true);
        if (end == 0) {
            continue;
        }
        size_t len = pos - l->pos;
        if (l->text[pos + 2] == '-') {
            len = without_trailing_space(l->text + l->pos, len);
        }
        *out = token_at(l, LEX_DATA, len);
        *found = len > 0;
        advance(l, end);
        return 0;
    }
}

/* Outside of tags. Sets `*found` when `out` is a token. */
static int next_in_text(struct lexer *l, struct lex_token *out, bool *found)
{
    size_t tag = find_tag(l, l->pos);
    char sign = tag + 2 < l->len ? l->text[tag + 2] : '\0';
    size_t len = tag - l->pos;

    if (tag < l->len && sign == '-') {
        len = without_trailing_space(l->text + l->pos, len);
    }
    *out = token_at(l, LEX_DATA, len);
    *found = len > 0;
    advance(l, tag);
    if (tag >= l->len) {
        return 0;
    }
    size_t raw_end =
        l->text[tag + 1] == '%' ? keyword_tag_end(l, tag + 2, "raw", false) : 0;
    if (raw_end != 0) {
        advance(l, raw_end);
        if (*found) {
            l->pending.type = LEX_DATA;
            return 0;
        }
        return raw_text(l, out, found);
    }
    size_t begin = 2 + (sign == '-' || sign == '+' ? 1 : 0);
    if (l->text[tag + 1] == '#') {
        advance(l, tag + begin);
        return skip_comment(l);
    }
    bool block = l->text[tag + 1] == '%';
    l->pending = token_at(l, block ? LEX_BLOCK_BEGIN : LEX_VARIABLE_BEGIN, begin);
    l->pos += begin;
    l->state = block ? LEX_IN_BLOCK : LEX_IN_VARIABLE;
    return 0;
}

/* Length of the tag end at the position, or 0. */
static size_t tag_end(const struct lexer *l)
{
    const char *close = l->state == LEX_IN_BLOCK ? "%}" : "}}";

    if (at(l, l->pos, close)) {
        return 2;
    }
    if (l->text[l->pos] == '-' && at(l, l->pos + 1, close)) {
        return 3 + space_at(l, l->pos + 3);
    }
    if (l->text[l->pos] == '+' && l->state == LEX_IN_BLOCK &&
        at(l, l->pos + 1, close)) {
        return 3;
    }
    return 0;
}

static bool digit_of(char c, int base)
{
    if (base == 16) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
               (c >= 'A' && c <= 'F');
    }
    return c >= '0' && c < '0' + base;
}

/* Behind `pos`: digits with single underscores between them. */
static size_t digits(const struct lexer *l, size_t pos, int base, bool leading)
{
    while (pos < l->len) {
        if (digit_of(l->text[pos], base)) {
            pos++;
        } else if (l->text[pos] == '_' && leading && pos + 1 < l->len &&
                   digit_of(l->text[pos + 1], base)) {
            pos += 2;
        } else {
            break;
        }
        leading = true;
    }
    return pos;
}

/* End of the float at the position, or 0. */
static size_t float_end(const struct lexer *l)
{
    size_t pos = digits(l, l->pos, 10, false);
    bool real = false;

    if (pos == l->pos || (l->pos > 0 && l->text[l->pos - 1] == '.')) {
        return 0;
    }
    if (pos + 1 < l->len && l->text[pos] == '.' && digit_of(l->text[pos + 1], 10)) {
        pos = digits(l, pos + 1, 10, false);
        real = true;
    }
    if (pos < l->len && (l->text[pos] == 'e' || l->text[pos] == 'E')) {
        size_t exp = pos + 1;
        if (exp < l->len && (l->text[exp] == '+' || l->text[exp] == '-')) {
            exp++;
        }
        if (exp < l->len && digit_of(l->text[exp], 10)) {
            pos = digits(l, exp, 10, false);
            real = true;
        }
    }
    return real ? pos : 0;
}

static size_t integer_end(const struct lexer *l, int *base)
{
    size_t pos = l->pos;
    char next = pos + 1 < l->len ? (char)(l->text[pos + 1] | 0x20) : '\0';

    *base = 10;
    if (l->text[pos] == '0') {
        int b = next == 'b' ? 2 : next == 'o' ? 8 : next == 'x' ? 16 : 0;
        size_t end = b != 0 ? digits(l, pos + 2, b, true) : 0;
        if (end > pos + 2) {
            *base = b;
            return end;
        }
        pos++;
        while (pos < l->len &&
               (l->text[pos] == '0' || (l->text[pos] == '_' && at(l, pos + 1, "0")))) {
            pos++;
        }
        return pos;
    }
    return digits(l, pos, 10, false);
}

static int number(struct lexer *l, size_t end, int base, bool real,
                  struct lex_token *out)
{
    size_t start = l->pos + (base != 10 ? 2 : 0);
    char *text = arena_alloc(l->arena, end - start + 1);
    size_t n = 0;

    for (size_t i = start; i < end; i++) {
        if (l->text[i] != '_') {
            text[n++] = l->text[i];
        }
    }
    text[n] = '\0';
    *out = token_at(l, real ? LEX_FLOAT : LEX_INTEGER, end - l->pos);
    if (real) {
        out->value = value_float(strtod(text, NULL));
    } else {
        errno = 0;
        long long i = strtoll(text, NULL, base);
        if (errno == 0) {
            out->value = value_int(i);
        } else if (base == 10 && n > 4300) {
            return fail(l, l->line, "integer literal has more than 4300 digits");
        } else {
            out->value = value_bigint_parse(l->arena, text, base);
        }
    }
    l->pos = end;
    return 0;
}

static int name(struct lexer *l, struct lex_token *out)
{
    size_t pos = l->pos;
    bool valid = true;

    while (pos < l->len) {
        unsigned char c = (unsigned char)l->text[pos];
        if (c < 0x80) {
            if (!(c == '_' || digit_of((char)c, 10) ||
                  ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))) {
                break;
            }
            pos++;
            continue;
        }
        ucs4_t uc;
        int n = u8_mbtouc(&uc, (const uint8_t *)l->text + pos, l->len - pos);
        if (!uc_is_general_category_withtable(uc, UC_CATEGORY_MASK_L |
                                                      UC_CATEGORY_MASK_N) &&
            !uc_is_property_xid_continue(uc)) {
            break;
        }
        valid = valid && (pos == l->pos ? uc_is_property_xid_start(uc)
                                        : uc_is_property_xid_continue(uc));
        pos += (size_t)n;
    }
    *out = token_at(l, LEX_NAME, pos - l->pos);
    l->pos = pos;
    return valid ? 0 : fail(l, l->line, "Invalid character in identifier");
}

/* Length of the string literal at the position with its quotes, or 0. */
static size_t string_length(const struct lexer *l)
{
    char quote = l->text[l->pos];
    size_t pos = l->pos + 1;

    while (pos < l->len && l->text[pos] != quote) {
        pos += l->text[pos] == '\\' ? 2 : 1;
    }
    return pos < l->len ? pos + 1 - l->pos : 0;
}

static int string(struct lexer *l, size_t len, struct lex_token *out)
{
    const char *problem = NULL;

    *out = token_at(l, LEX_STRING, len);
    out->value = string_literal(l->text + l->pos + 1, len - 2, l->arena, &problem);
    if (problem != NULL) {
        return fail(l, l->line, problem);
    }
    advance(l, l->pos + len);
    return 0;
}

static int unexpected(struct lexer *l)
{
    struct buf message = BUF_INIT;
    size_t n = text_char_size((unsigned char)l->text[l->pos]);

    buf_adds(&message, "unexpected char ");
    text_repr(l->text + l->pos, n, &message);
    buf_addf(&message, " at %zu", text_length(l->text, l->pos));
    fail(l, l->line, buf_str(&message));
    buf_fini(&message);
    return -1;
}

static int balance(struct lexer *l, char c)
{
    char message[64];

    switch (c) {
    case '(':
    case '[':
    case '{':
        if (l->depth == LEX_MAX_NESTING) {
            return fail(l, l->line, "too many nested brackets");
        }
        l->closers[l->depth++] = c == '(' ? ')' : c == '[' ? ']' : '}';
        return 0;
    case ')':
    case ']':
    case '}':
        if (l->depth == 0) {
            snprintf(message, sizeof(message), "unexpected '%c'", c);
            return fail(l, l->line, message);
        }
        if (l->closers[--l->depth] != c) {
            snprintf(message, sizeof(message), "unexpected '%c', expected '%c'", c,
                     l->closers[l->depth]);
            return fail(l, l->line, message);
        }
        return 0;
    default:
        return 0;
    }
}

static int operator_token(struct lexer *l, struct lex_token *out)
{
    enum lex_type best = LEX_EOF;
    size_t best_len = 0;

    for (enum lex_type type = LEX_ADD; type <= LEX_SEMICOLON; type++) {
        const char *text = lex_describe_type(type);
        size_t n = strlen(text);
        if (n > best_len && at(l, l->pos, text)) {
            best = type;
            best_len = n;
        }
    }
    if (best_len == 0) {
        return unexpected(l);
    }
    if (balance(l, l->text[l->pos]) != 0) {
        return -1;
    }
    *out = token_at(l, best, best_len);
    l->pos += best_len;
    return 0;
}

static int next_in_tag(struct lexer *l, struct lex_token *out)
{
    advance(l, l->pos + space_at(l, l->pos));
    if (l->pos >= l->len) {
        *out = token_at(l, LEX_EOF, 0);
        return 0;
    }
    size_t end = l->depth == 0 ? tag_end(l) : 0;
    if (end != 0) {
        *out = token_at(l, l->state == LEX_IN_BLOCK ? LEX_BLOCK_END : LEX_VARIABLE_END,
                        end);
        advance(l, l->pos + end);
        l->state = LEX_IN_TEXT;
        return 0;
    }
    unsigned char c = (unsigned char)l->text[l->pos];
    if (digit_of((char)c, 10)) {
        int base = 10;
        end = float_end(l);
        bool real = end != 0;
        if (!real) {
            end = integer_end(l, &base);
        }
        return number(l, end, base, real, out);
    }
    if (c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80) {
        size_t before = l->pos;
        if (name(l, out) != 0) {
            return -1;
        }
        return l->pos > before ? 0 : unexpected(l);
    }
    if (c == '"' || c == '\'') {
        size_t len = string_length(l);
        return len != 0 ? string(l, len, out) : unexpected(l);
    }
    return operator_token(l, out);
}

int lexer_next(struct lexer *l, struct lex_token *out)
{
    bool found = false;

    for (;;) {
        if (l->pending.type == LEX_DATA) {
            l->pending.type = LEX_EOF;
            if (raw_text(l, out, &found) != 0) {
                return -1;
            }
        } else if (l->pending.type != LEX_EOF) {
            *out = l->pending;
            l->pending.type = LEX_EOF;
            return 0;
        } else if (l->state != LEX_IN_TEXT) {
            return next_in_tag(l, out);
        } else if (l->pos >= l->len) {
            *out = token_at(l, LEX_EOF, 0);
            return 0;
        } else if (next_in_text(l, out, &found) != 0) {
            return -1;
        }
        if (found) {
            return 0;
        }
    }
}
