#include "config.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>
#include <unistr.h>
#include <uniwidth.h>

void str_copy_n(char *dst, size_t size, const char *src, size_t len)
{
    if (size == 0) {
        return;
    }
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)src[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(dst, src, len);
    dst[len] = '\0';
}

void str_copy(char *dst, size_t size, const char *src)
{
    str_copy_n(dst, size, src, strlen(src));
}

bool str_eq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool str_ieq(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);

    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_eq_n(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

bool str_ieq_n(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* Decodes one character; malformed bytes count as one column each. */
static size_t next_char(const char *s, size_t len, int *width)
{
    ucs4_t uc;
    int n = u8_mbtoucr(&uc, (const uint8_t *)s, len);

    if (n <= 0) {
        *width = 1;
        return 1;
    }
    *width = uc_width(uc, "UTF-8");
    if (*width < 0) {
        *width = 0;
    }
    return (size_t)n;
}

size_t str_width(const char *s, size_t len)
{
    size_t total = 0;

    for (size_t i = 0; i < len;) {
        int width;
        i += next_char(s + i, len - i, &width);
        total += (size_t)width;
    }
    return total;
}

size_t str_fit(const char *s, size_t len, size_t columns)
{
    size_t total = 0;
    size_t i = 0;

    while (i < len) {
        int width;
        size_t n = next_char(s + i, len - i, &width);
        if (total + (size_t)width > columns) {
            break;
        }
        total += (size_t)width;
        i += n;
    }
    return i;
}

#define NEAREST_MAX 64

/* Levenshtein distance of two words of at most NEAREST_MAX bytes. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[NEAREST_MAX + 1];

    for (size_t j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) {
                best = row[j] + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            row[j] = best;
        }
    }
    return row[m];
}

const char *str_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t n = strlen(word);
    size_t limit = n <= 3 ? 1 : n / 3 + 1;
    const char *best = NULL;

    if (n == 0 || n > NEAREST_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t m = strlen(candidates[i]);
        if (m > NEAREST_MAX || m + limit < n || n + limit < m) {
            continue;
        }
        size_t d = distance(word, n, candidates[i], m);
        if (d < limit || (d == limit && best == NULL)) {
            limit = d;
            best = candidates[i];
        }
    }
    return best;
}
