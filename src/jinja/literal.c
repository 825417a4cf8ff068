/* ast.literal_eval() of Python. */
#include "config.h"

#include "jinja/jinja.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "jinja/string_literal.h"

#define MAX_DEPTH 100

struct reader {
    const char *at;
    const char *end;
    struct arena *arena;
    int depth;
};

static bool read_literal(struct reader *r, struct value *out);

static void skip(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t')) {
        r->at++;
    }
}

static bool take(struct reader *r, char c)
{
    skip(r);
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool read_string(struct reader *r, struct value *out)
{
    char quote = *r->at;
    const char *start = ++r->at;
    const char *problem = NULL;

    while (r->at < r->end && *r->at != quote) {
        if (*r->at == '\n') {
            return false;
        }
        r->at += *r->at == '\\' ? 2 : 1;
    }
    if (r->at >= r->end) {
        return false;
    }
    *out = string_literal(start, (size_t)(r->at - start), r->arena, &problem);
    r->at++;
    return problem == NULL;
}

static bool read_number(struct reader *r, struct value *out)
{
    const char *start = r->at;
    char text[64];
    bool real = false;

    if (*r->at == '-' || *r->at == '+') {
        r->at++;
    }
    const char *digits = r->at;
    while (r->at < r->end && (isdigit((unsigned char)*r->at) || *r->at == '.' ||
                              *r->at == 'e' || *r->at == 'E' ||
                              ((*r->at == '-' || *r->at == '+') && r->at > start &&
                               (r->at[-1] | 0x20) == 'e'))) {
        real = real || !isdigit((unsigned char)*r->at);
        r->at++;
    }
    size_t len = (size_t)(r->at - start);
    if (r->at == digits || len >= sizeof(text) ||
        (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_'))) {
        return false;
    }
    if (!real && *digits == '0' && strspn(digits, "0") < (size_t)(r->at - digits)) {
        return false;
    }
    str_copy_n(text, sizeof(text), start + (*start == '+'), len - (*start == '+'));
    if (!real) {
        *out = value_bigint_parse(r->arena, text, 10);
        return true;
    }
    char *end;
    *out = value_float(strtod(text, &end));
    return *end == '\0';
}

/* Items up to `close`. Sets `*comma` when there was one. */
static bool read_items(struct reader *r, char close, struct value list, bool *comma)
{
    *comma = false;
    while (!take(r, close)) {
        struct value item;
        if (value_list_count(list) > 0 && !*comma) {
            return false;
        }
        if (!read_literal(r, &item)) {
            return false;
        }
        value_list_push(list, item);
        *comma = take(r, ',');
    }
    return true;
}

static bool read_dict(struct reader *r, struct value *out)
{
    bool comma = true;

    *out = value_dict_new(r->arena, 0);
    while (!take(r, '}')) {
        struct value key;
        struct value item;
        if (!comma || !read_literal(r, &key) || !take(r, ':') ||
            !read_literal(r, &item) || !value_hashable(key)) {
            return false;
        }
        value_dict_put_value(*out, key, item);
        comma = take(r, ',');
    }
    return true;
}

static bool read_parenthesis(struct reader *r, struct value *out)
{
    struct value items = value_tuple_new(r->arena, 2);
    bool comma;

    if (!read_items(r, ')', items, &comma)) {
        return false;
    }
    *out = value_list_count(items) == 1 && !comma ? value_list_at(items, 0) : items;
    return true;
}

static bool read_word(struct reader *r, struct value *out)
{
    static const struct {
        const char *word;
        struct value value;
    } words[] = {{"True", {.type = VALUE_BOOL, .as.b = true}},
                 {"False", {.type = VALUE_BOOL}},
                 {"None", {.type = VALUE_NONE}}};

    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i].word);
        if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0 &&
            (r->at + n == r->end ||
             (!isalnum((unsigned char)r->at[n]) && r->at[n] != '_'))) {
            r->at += n;
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

static bool read_one(struct reader *r, struct value *out)
{
    bool comma;

    switch (*r->at) {
    case '\'':
    case '"':
        return read_string(r, out);
    case '[':
        r->at++;
        *out = value_list_new(r->arena, 0);
        return read_items(r, ']', *out, &comma);
    case '{':
        r->at++;
        return read_dict(r, out);
    case '(':
        r->at++;
        return read_parenthesis(r, out);
    default:
        return strchr("+-.0123456789", *r->at) != NULL ? read_number(r, out)
                                                       : read_word(r, out);
    }
}

static bool read_literal(struct reader *r, struct value *out)
{
    skip(r);
    if (r->at >= r->end || *r->at == '\0' || r->depth >= MAX_DEPTH) {
        return false;
    }
    r->depth++;
    bool read = read_one(r, out);
    r->depth--;
    return read;
}

void jinja_literal(struct arena *arena, const char *text, size_t len, struct value *out)
{
    char *copy = arena_strndup(arena, text, len);
    struct reader r = {copy, copy + len, arena, 0};
    struct value v = value_undefined();
    bool comma = false;

    while (r.at < r.end && (*r.at == ' ' || *r.at == '\t')) {
        r.at++;
    }
    bool read = read_literal(&r, &v);
    skip(&r);
    if (read && r.at < r.end && *r.at == ',') { /* a tuple without parentheses */
        struct value tuple = value_tuple_new(arena, 2);
        value_list_push(tuple, v);
        while (read && (comma = take(&r, ','))) {
            skip(&r);
            if (r.at == r.end) {
                break;
            }
            read = read_literal(&r, &v);
            value_list_push(tuple, v);
        }
        v = tuple;
        skip(&r);
    }
    *out = read && r.at == r.end ? v : value_undefined();
}
