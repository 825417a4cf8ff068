#include "config.h"

#include "base/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

struct line {
    const char *text;
    size_t len;
};

struct lines {
    struct line *items;
    size_t count;
};

static void split(const char *text, struct lines *out)
{
    size_t cap = 0;

    *out = (struct lines){0};
    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
        if (out->count == cap) {
            cap = cap != 0 ? cap * 2 : 16;
            out->items = xreallocarray(out->items, cap, sizeof(*out->items));
        }
        out->items[out->count++] = (struct line){text, len};
        text += len + (end != NULL ? 1 : 0);
    }
}

static bool same(const struct line *a, const struct line *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static void emit(diff_fn *fn, void *context, enum diff_kind kind,
                 const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fn(context, kind, lines[i].text, lines[i].len);
    }
}

/*
 * table[i][j] is the length of the longest common subsequence of the lines from i and
 * from j on; walking it from the start gives the script.
 */
static void diff_middle(const struct line *a, size_t n, const struct line *b, size_t m,
                        diff_fn *fn, void *context)
{
    size_t width = m + 1;
    uint16_t *table = xcalloc((n + 1) * width, sizeof(*table));
    size_t i = n;

    while (i-- > 0) {
        for (size_t j = m; j-- > 0;) {
            uint16_t down = table[(i + 1) * width + j];
            uint16_t right = table[i * width + j + 1];
            table[i * width + j] = same(&a[i], &b[j])
                                       ? (uint16_t)(table[(i + 1) * width + j + 1] + 1)
                                       : (down > right ? down : right);
        }
    }
    i = 0;
    size_t j = 0;
    while (i < n && j < m) {
        if (same(&a[i], &b[j])) {
            emit(fn, context, DIFF_SAME, &b[j], 1);
            i++;
            j++;
        } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
            emit(fn, context, DIFF_REMOVED, &a[i++], 1);
        } else {
            emit(fn, context, DIFF_ADDED, &b[j++], 1);
        }
    }
    emit(fn, context, DIFF_REMOVED, &a[i], n - i);
    emit(fn, context, DIFF_ADDED, &b[j], m - j);
    free(table);
}

void diff_lines(const char *before, const char *after, diff_fn *fn, void *context)
{
    struct lines a;
    struct lines b;
    size_t head = 0;
    size_t tail = 0;

    split(before, &a);
    split(after, &b);
    while (head < a.count && head < b.count && same(&a.items[head], &b.items[head])) {
        head++;
    }
    while (tail < a.count - head && tail < b.count - head &&
           same(&a.items[a.count - 1 - tail], &b.items[b.count - 1 - tail])) {
        tail++;
    }
    size_t n = a.count - head - tail;
    size_t m = b.count - head - tail;
    emit(fn, context, DIFF_SAME, a.items, head);
    if (n > DIFF_LINES_MAX || m > DIFF_LINES_MAX) {
        emit(fn, context, DIFF_REMOVED, a.items + head, n);
        emit(fn, context, DIFF_ADDED, b.items + head, m);
    } else if (n + m > 0) {
        diff_middle(a.items + head, n, b.items + head, m, fn, context);
    }
    emit(fn, context, DIFF_SAME, b.items + b.count - tail, tail);
    free(a.items);
    free(b.items);
}
