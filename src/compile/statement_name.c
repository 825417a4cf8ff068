#include "config.h"

#include "compile/statement_name.h"

#include <nettle/md5.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unistr.h>

#include "base/buf.h"

#define HASH_DIGITS 6

static void add_hash(struct buf *out, const char *name)
{
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];

    md5_init(&md5);
    md5_update(&md5, strlen(name), (const uint8_t *)name);
    md5_digest(&md5, sizeof(digest), digest);
    buf_addc(out, '-');
    for (int i = 0; i < HASH_DIGITS / 2; i++) {
        buf_addf(out, "%02x", digest[i]);
    }
}

/* Maps every code point outside [a-z0-9-] to '-'; returns whether there was one. */
static bool replace_others(const uint8_t *text, size_t len, struct buf *out)
{
    bool changed = false;

    for (size_t i = 0; i < len;) {
        ucs4_t uc;
        int n = u8_mbtoucr(&uc, text + i, len - i);
        if (n <= 0) {
            n = 1;
            uc = 0xfffd;
        }
        bool plain = (uc >= 'a' && uc <= 'z') || (uc >= '0' && uc <= '9') || uc == '-';
        buf_addc(out, plain ? (char)uc : '-');
        changed = changed || !plain;
        i += (size_t)n;
    }
    return changed;
}

const char *statement_name_sanitise(const char *name, struct arena *arena,
                                    struct err *err)
{
    size_t len = 0;
    struct buf out = BUF_INIT;

    if (name[0] == '\0') {
        err_set(err, ERR_COMPILE, "Statement name cannot be empty");
        return NULL;
    }
    uint8_t *lower =
        u8_tolower((const uint8_t *)name, strlen(name), NULL, NULL, NULL, &len);
    bool changed = lower != NULL
                       ? replace_others(lower, len, &out)
                       : replace_others((const uint8_t *)name, strlen(name), &out);
    free(lower);
    const char *stripped = buf_str(&out);
    while (*stripped == '-') {
        stripped++;
    }
    const char *result = NULL;
    if (*stripped == '\0') {
        err_set(err, ERR_COMPILE,
                "Statement name must contain at least one alphanumeric character: '%s'",
                name);
    } else if (!changed && strlen(stripped) <= STATEMENT_NAME_MAX) {
        result = arena_strdup(arena, stripped);
    } else {
        struct buf hashed = BUF_INIT;
        size_t keep = STATEMENT_NAME_MAX - HASH_DIGITS - 1;
        size_t n = strlen(stripped);
        buf_add(&hashed, stripped, n < keep ? n : keep);
        add_hash(&hashed, name);
        result = arena_strdup(arena, buf_str(&hashed));
        buf_fini(&hashed);
    }
    buf_fini(&out);
    return result;
}

const char *statement_name_make(const char *override, const char *prefix,
                                const char *project, const char *model,
                                const char *suffix, struct arena *arena,
                                struct err *err)
{
    const char *base =
        override != NULL && override[0] != '\0'
            ? arena_printf(arena, "%s%s", override, suffix)
            : arena_printf(arena, "%s%s-%s%s", prefix, project, model, suffix);

    return statement_name_sanitise(base, arena, err);
}
