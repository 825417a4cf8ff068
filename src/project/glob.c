#include "config.h"

#include "project/glob.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/str.h"
#include "base/xmalloc.h"

static ucs4_t next_char(const char **p)
{
    ucs4_t uc;
    int n = u8_mbtouc(&uc, (const uint8_t *)*p, strlen(*p));

    *p += n > 0 ? n : 1;
    return uc;
}

/*
 * Matches the set at `*p` (behind its '[') against `uc` and moves `*p` behind it. A '['
 * without end is an ordinary character: returns -1 then.
 */
static int match_set(const char **p, ucs4_t uc)
{
    const char *q = *p;
    bool negated = *q == '!';
    bool found = false;

    q += negated;
    const char *close = strchr(*q == ']' ? q + 1 : q, ']');
    if (close == NULL) {
        return -1;
    }
    while (q < close) {
        ucs4_t low = next_char(&q);
        ucs4_t high = low;
        if (q + 1 < close && *q == '-') {
            q++;
            high = next_char(&q);
        }
        found = found || (uc >= low && uc <= high);
    }
    *p = close + 1;
    return found != negated;
}

/* Whether one pattern item at `*p` takes the character at `*t`; moves both. */
static bool match_one(const char **p, const char **t)
{
    ucs4_t uc = next_char(t);

    if (**p == '?') {
        (*p)++;
        return true;
    }
    if (**p == '[') {
        const char *set = *p + 1;
        int rc = match_set(&set, uc);
        if (rc >= 0) {
            *p = set;
            return rc == 1;
        }
    }
    return next_char(p) == uc;
}

bool glob_match(const char *pattern, const char *text)
{
    const char *p = pattern;
    const char *t = text;
    const char *star = NULL;
    const char *star_text = NULL;

    while (*t != '\0') {
        if (*p == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        if (*p != '\0' && match_one(&p, &t)) {
            continue;
        }
        if (star == NULL) {
            return false;
        }
        p = star;
        next_char(&star_text);
        t = star_text;
    }
    while (*p == '*') {
        p++;
    }
    return *p == '\0';
}

#define MAX_PARTS 64

struct parts {
    char *text;
    char *at[MAX_PARTS];
    size_t count;
};

static void split(const char *path, struct parts *out)
{
    out->count = 0;
    out->text = xstrdup(path);
    for (char *p = out->text; p != NULL && out->count < MAX_PARTS;) {
        char *slash = strchr(p, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        if (*p != '\0' && !str_eq(p, ".")) {
            out->at[out->count++] = p;
        }
        p = slash != NULL ? slash + 1 : NULL;
    }
}

/* `is_dir`: the path names a folder, so that a last "**" may stand for it. */
static bool match_parts(char *const *pattern, size_t n, char *const *path, size_t m,
                        bool is_dir)
{
    if (n == 0) {
        return m == 0;
    }
    if (str_eq(pattern[0], "**")) {
        if (n == 1) {
            return is_dir;
        }
        for (size_t skip = 0; skip <= m; skip++) {
            if (match_parts(pattern + 1, n - 1, path + skip, m - skip, is_dir)) {
                return true;
            }
        }
        return false;
    }
    return m > 0 && glob_match(pattern[0], path[0]) &&
           match_parts(pattern + 1, n - 1, path + 1, m - 1, is_dir);
}

static bool match(const char *pattern, const char *path, bool parents)
{
    struct parts a;
    struct parts b;
    bool found = false;
    size_t stars = 0;

    split(pattern, &a);
    split(path, &b);
    for (size_t i = 0; i < a.count; i++) {
        stars += str_eq(a.at[i], "**");
    }
    if (a.count > 0 && stars <= 6) {
        found = match_parts(a.at, a.count, b.at, b.count, false);
        for (size_t n = b.count; parents && !found && n-- > 1;) {
            found = match_parts(a.at, a.count, b.at, n, true);
        }
        found = found || (parents && a.count == 1 && stars == 1);
    }
    free(a.text);
    free(b.text);
    return found;
}

bool glob_match_path(const char *pattern, const char *path)
{
    return match(pattern, path, false);
}

bool glob_match_path_or_parent(const char *pattern, const char *path)
{
    return match(pattern, path, true);
}
