/* The urlize filter: links around what looks like a URL or an address. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "jinja/strings.h"
#include "jinja/urlize.h"

static const char http_pattern[] =
    "^((https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})"
    "|([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)"
    "|(https?://)((\\d{1,3}(\\.\\d{1,3}){3})|(\\[([\\da-f]{0,4}:){2}"
    "([\\da-f]{0,4}:?){1,6}])))(?::\\d{1,5})?(?:[/?#]\\S*)?$";
static const char email_pattern[] = "^\\S+@\\w[\\w.-]*\\.\\w+$";

struct links {
    struct jinja_run *run;
    pcre2_code *http;
    pcre2_code *email;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    const struct urlize_options *o;
    struct buf *out;
};

/* White space of ASCII: bytes of other characters are never mistaken for it. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/* Part of the text. */
struct part {
    const char *s;
    size_t len;
};

static pcre2_code *compile(const char *pattern)
{
    int error;
    PCRE2_SIZE offset;

    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                         PCRE2_CASELESS | PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);
}

static bool matches(const struct links *l, const pcre2_code *code, struct part p)
{
    return pcre2_match(code, (PCRE2_SPTR)p.s, p.len, 0, 0, l->match, l->limits) >= 0;
}

static bool starts(struct part p, const char *prefix)
{
    return p.len >= strlen(prefix) && memcmp(p.s, prefix, strlen(prefix)) == 0;
}

static size_t count(struct part p, const char *what)
{
    size_t n = 0;
    const char *at = p.s;
    const char *end = p.s + p.len;

    while (at < end &&
           (at = memmem(at, (size_t)(end - at), what, strlen(what))) != NULL) {
        n++;
        at += strlen(what);
    }
    return n;
}

/* Bytes of opening punctuation at the start. */
static size_t head_length(struct part p)
{
    size_t n = 0;

    while (n < p.len) {
        struct part rest = {p.s + n, p.len - n};
        if (rest.s[0] == '(' || rest.s[0] == '<') {
            n++;
        } else if (starts(rest, "&lt;")) {
            n += 4;
        } else {
            break;
        }
    }
    return n;
}

/* Bytes of closing punctuation at the end. */
static size_t tail_length(struct part p)
{
    size_t n = p.len;

    while (n > 0) {
        if (strchr(")>.,\n", p.s[n - 1]) != NULL) {
            n--;
        } else if (n >= 4 && memcmp(p.s + n - 4, "&gt;", 4) == 0) {
            n -= 4;
        } else {
            break;
        }
    }
    return p.len - n;
}

/* Brackets that the link opened belong to it: takes their ends back from the tail. */
static void balance(struct part *middle, struct part *tail, const char *open,
                    const char *close)
{
    size_t opened = count(*middle, open);
    size_t closed = count(*tail, close);

    if (opened <= count(*middle, close)) {
        return;
    }
    for (size_t i = 0; i < opened && i < closed; i++) {
        const char *at = memmem(tail->s, tail->len, close, strlen(close));
        size_t n = (size_t)(at - tail->s) + strlen(close);
        middle->len += n;
        tail->s += n;
        tail->len -= n;
    }
}

static void put_link(const struct links *l, const char *scheme, struct part target,
                     struct part shown, bool attributes)
{
    size_t cut = shown.len;

    buf_addf(l->out, "<a href=\"%s", scheme);
    buf_add(l->out, target.s, target.len);
    buf_addc(l->out, '"');
    if (attributes) {
        buf_adds(l->out, l->o->attributes);
    }
    buf_addc(l->out, '>');
    if (attributes && l->o->limit >= 0) {
        cut = text_offset(shown.s, shown.len, (size_t)l->o->limit);
    }
    buf_add(l->out, shown.s, cut);
    buf_adds(l->out, cut < shown.len ? "...</a>" : "</a>");
}

static void put_middle(const struct links *l, struct part p)
{
    struct part address = {p.s + 7, p.len > 7 ? p.len - 7 : 0};

    if (matches(l, l->http, p)) {
        bool scheme = starts(p, "https://") || starts(p, "http://");
        put_link(l, scheme ? "" : "https://", p, p, true);
        return;
    }
    if (starts(p, "mailto:") && matches(l, l->email, address)) {
        put_link(l, "", p, address, false);
        return;
    }
    if (memchr(p.s, '@', p.len) != NULL && !starts(p, "www.") && p.s[0] != '@' &&
        memchr(p.s, ':', p.len) == NULL && matches(l, l->email, p)) {
        put_link(l, "mailto:", p, p, false);
        return;
    }
    for (size_t i = 0; i < value_list_count(l->o->schemes); i++) {
        struct value scheme = value_list_at(l->o->schemes, i);
        if (p.len > scheme.len && starts(p, scheme.as.s)) {
            struct links whole = *l;
            struct urlize_options unlimited = *l->o;
            unlimited.limit = -1;
            whole.o = &unlimited;
            put_link(&whole, "", p, p, true);
            return;
        }
    }
    buf_add(l->out, p.s, p.len);
}

static void put_word(const struct links *l, struct part word)
{
    size_t head = head_length(word);
    struct part middle = {word.s + head, word.len - head};
    size_t tail = tail_length(middle);
    struct part rest = {middle.s + middle.len - tail, tail};

    middle.len -= tail;
    balance(&middle, &rest, "(", ")");
    balance(&middle, &rest, "<", ">");
    balance(&middle, &rest, "&lt;", "&gt;");
    buf_add(l->out, word.s, head);
    if (middle.len > 0) {
        put_middle(l, middle);
    }
    buf_add(l->out, rest.s, rest.len);
}

void urlize(struct jinja_run *run, struct value text, const struct urlize_options *o,
            struct buf *out)
{
    struct links l = {.run = run,
                      .http = compile(http_pattern),
                      .email = compile(email_pattern),
                      .limits = pcre2_match_context_create(NULL),
                      .o = o,
                      .out = out};
    size_t at = 0;

    l.match = pcre2_match_data_create(1, NULL);
    pcre2_set_match_limit(l.limits, 100000);
    text = markup_escape(run, text);
    while (at < text.len) {
        size_t start = at;
        while (at < text.len && !is_blank(text.as.s[at])) {
            at++;
        }
        put_word(&l, (struct part){text.as.s + start, at - start});
        start = at;
        while (at < text.len && is_blank(text.as.s[at])) {
            at++;
        }
        buf_add(out, text.as.s + start, at - start);
    }
    pcre2_match_data_free(l.match);
    pcre2_match_context_free(l.limits);
    pcre2_code_free(l.http);
    pcre2_code_free(l.email);
}
