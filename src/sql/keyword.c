#include "config.h"

#include "sql/keyword.h"

#include <string.h>

#include "sql/parse.h"

#define LONGEST 40

struct keyword {
    const char *text;
    unsigned char len;
    unsigned char flags;
};

static const struct keyword keywords[] = {
#define X(name, flags) {#name, sizeof(#name) - 1, flags},
    SQL_KEYWORDS(X)
#undef X
};
#define COUNT (sizeof(keywords) / sizeof(keywords[0]))

int sql_keyword_find(const char *word, size_t len)
{
    char upper[LONGEST];
    size_t low = 0;
    size_t high = COUNT;

    if (len >= LONGEST) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        upper[i] = word[i];
        if (word[i] >= 'a' && word[i] <= 'z') {
            upper[i] = (char)(word[i] - 'a' + 'A');
        }
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct keyword *keyword = &keywords[middle];
        int order =
            memcmp(upper, keyword->text, len < keyword->len ? len : keyword->len);

        if (order == 0 && len == keyword->len) {
            return KEYWORD_BASE + (int)middle;
        }
        if (order < 0 || (order == 0 && len < keyword->len)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

const char *sql_keyword_text(int code)
{
    return keywords[code - KEYWORD_BASE].text;
}

bool sql_keyword_is(int code, enum sql_keyword_flag flag)
{
    return code >= KEYWORD_BASE && (keywords[code - KEYWORD_BASE].flags & flag) != 0;
}

bool sql_is_reserved(const char *word, size_t len)
{
    return sql_keyword_is(sql_keyword_find(word, len), KEYWORD_RESERVED);
}
