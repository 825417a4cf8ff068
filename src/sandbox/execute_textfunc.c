/* Flink's functions of strings, for SQLite. */
#include "config.h"

#include <ctype.h>
#include <nettle/base64.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define MAX_TEXT ((size_t)1 << 20) /* bytes that LPAD, REPEAT … may make */

static void fl_concat(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    for (int i = 0; i < count; i++) {
        buf_adds(&out, func_text(args[i]));
    }
    func_give(ctx, &out);
}

static void fl_concat_ws(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    bool first = true;
    if (count == 0 || func_null(1, args)) {
        return;
    }
    for (int i = 1; i < count; i++) {
        if (sqlite3_value_type(args[i]) != SQLITE_NULL) {
            buf_adds(&out, first ? "" : func_text(args[0]));
            buf_adds(&out, func_text(args[i]));
            first = false;
        }
    }
    func_give(ctx, &out);
}

/* Bytes of the first `n` characters. */
static size_t prefix(const char *text, int64_t n)
{
    size_t at = 0;
    while (n > 0 && text[at] != '\0') {
        at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80) {
            at++;
        }
        n--;
    }
    return at;
}

static int64_t characters(const char *text)
{
    int64_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

static void pad(sqlite3_context *ctx, int count, sqlite3_value **args, bool left)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    const char *text = func_text(args[0]);
    const char *fill = func_text(args[2]);
    int64_t width = sqlite3_value_int64(args[1]);
    int64_t missing = width - characters(text);
    int64_t size = characters(fill);
    if (width < 0 || width > (int64_t)MAX_TEXT || (missing > 0 && size == 0)) {
        return;
    }
    if (!left) {
        buf_add(&out, text, prefix(text, width));
    }
    for (; missing > 0; missing -= size) {
        buf_add(&out, fill, prefix(fill, missing));
    }
    if (left) {
        buf_add(&out, text, prefix(text, width));
    }
    func_give(ctx, &out);
}

static void fl_lpad(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    pad(ctx, count, args, true);
}

static void fl_rpad(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    pad(ctx, count, args, false);
}

static void fl_left(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (!func_null(count, args)) {
        const char *text = func_text(args[0]);
        sqlite3_result_text(ctx, text, (int)prefix(text, sqlite3_value_int64(args[1])),
                            SQLITE_TRANSIENT);
    }
}

static void fl_right(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (!func_null(count, args)) {
        const char *text = func_text(args[0]);
        int64_t skip = characters(text) - sqlite3_value_int64(args[1]);
        sqlite3_result_text(ctx, text + prefix(text, skip > 0 ? skip : 0), -1,
                            SQLITE_TRANSIENT);
    }
}

static void fl_reverse(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    const char *text = func_text(args[0]);
    size_t end = strlen(text);
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && ((unsigned char)text[start] & 0xc0) == 0x80) {
            start--;
        }
        buf_add(&out, text + start, end - start);
        end = start;
    }
    func_give(ctx, &out);
}

static void fl_repeat(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    buf_init(&out, MAX_TEXT);
    for (int64_t i = sqlite3_value_int64(args[1]); i > 0 && !out.overflow; i--) {
        buf_adds(&out, func_text(args[0]));
        i = out.len == 0 ? 0 : i;
    }
    func_give(ctx, &out);
}

static void fl_initcap(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    bool start = true;
    if (func_null(count, args)) {
        return;
    }
    for (const char *c = func_text(args[0]); *c != '\0'; c++) {
        unsigned char u = (unsigned char)*c;
        buf_addc(&out, (char)(start ? toupper(u) : tolower(u)));
        start = u < 128 && !isalnum(u);
    }
    func_give(ctx, &out);
}

static void fl_split_index(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    const char *at = func_text(args[0]);
    const char *separator = func_text(args[1]);
    size_t len = strlen(separator);
    for (int64_t i = sqlite3_value_int64(args[2]); len > 0; i--) {
        const char *end = strstr(at, separator);
        if (i == 0) {
            sqlite3_result_text(ctx, at, end != NULL ? (int)(end - at) : -1,
                                SQLITE_TRANSIENT);
            return;
        }
        if (end == NULL) {
            return;
        }
        at = end + len;
    }
}

static void give_hex(sqlite3_context *ctx, const uint8_t *digest, size_t size)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < size; i++) {
        buf_addf(&out, "%02x", digest[i]);
    }
    func_give(ctx, &out);
}

/* User data: which hash. */
static void fl_hash(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    const struct nettle_hash *hash = sqlite3_user_data(ctx);
    uint8_t digest[SHA512_DIGEST_SIZE];
    union {
        struct md5_ctx md5;
        struct sha1_ctx sha1;
        struct sha256_ctx sha256;
        struct sha512_ctx sha512;
    } state;
    if (!func_null(count, args)) {
        const char *text = func_text(args[0]);
        hash->init(&state);
        hash->update(&state, strlen(text), (const uint8_t *)text);
        hash->digest(&state, hash->digest_size, digest);
        give_hex(ctx, digest, hash->digest_size);
    }
}

/* SPLIT(text, separator): an array; each character for an empty separator. */
static void fl_split(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    const char *at = func_text(args[0]);
    const char *separator = func_text(args[1]);
    size_t len = strlen(separator);
    buf_addc(&out, '[');
    for (bool more = true; more;) {
        size_t step = prefix(at, 1);
        const char *end = len > 0            ? strstr(at, separator)
                          : at[step] != '\0' ? at + step
                                             : NULL;
        size_t size = end != NULL ? (size_t)(end - at) : strlen(at);
        json_write_str(at, size, 0, &out);
        more = end != NULL;
        buf_adds(&out, more ? "," : "");
        at += size + (more ? len : 0);
    }
    buf_addc(&out, ']');
    func_give(ctx, &out);
}

static void fl_to_base64(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    const char *text = func_text(args[0]);
    size_t size = BASE64_ENCODE_RAW_LENGTH(strlen(text));
    char *out = xcalloc(1, size + 1);
    base64_encode_raw(out, strlen(text), (const uint8_t *)text);
    sqlite3_result_text(ctx, out, (int)size, SQLITE_TRANSIENT);
    free(out);
}

static void fl_from_base64(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct base64_decode_ctx state;
    if (func_null(count, args)) {
        return;
    }
    const char *text = func_text(args[0]);
    size_t size = BASE64_DECODE_LENGTH(strlen(text));
    uint8_t *out = xcalloc(1, size + 1);
    base64_decode_init(&state);
    if (base64_decode_update(&state, &size, out, strlen(text), text) &&
        base64_decode_final(&state)) {
        sqlite3_result_text(ctx, (const char *)out, (int)size, SQLITE_TRANSIENT);
    }
    free(out);
}

/* As java.net.URLEncoder: a blank is '+'. */
static void fl_url_encode(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    for (const char *c = func_text(args[0]); *c != '\0'; c++) {
        if (isalnum((unsigned char)*c) || strchr("-_.*", *c) != NULL) {
            buf_addc(&out, *c);
        } else if (*c == ' ') {
            buf_addc(&out, '+');
        } else {
            buf_addf(&out, "%%%02X", (unsigned char)*c);
        }
    }
    func_give(ctx, &out);
}

static void fl_url_decode(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    for (const char *c = func_text(args[0]); *c != '\0'; c++) {
        char hex[3] = {c[1], c[1] != '\0' ? c[2] : '\0', '\0'};
        if (*c == '%' && isxdigit((unsigned char)hex[0]) &&
            isxdigit((unsigned char)hex[1])) {
            buf_addc(&out, (char)strtol(hex, NULL, 16));
            c += 2;
        } else {
            buf_addc(&out, *c == '+' ? ' ' : *c);
        }
    }
    func_give(ctx, &out);
}

static void fl_bin(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    char digits[65];
    char *at = digits + 64;
    uint64_t n = (uint64_t)sqlite3_value_int64(args[0]);
    (void)count;
    *at = '\0';
    do {
        *--at = (char)('0' + (n & 1));
        n >>= 1;
    } while (n != 0);
    sqlite3_result_text(ctx, at, -1, SQLITE_TRANSIENT);
}

static void fl_hex(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    (void)count;
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER) {
        buf_addf(&out, "%llX", (unsigned long long)sqlite3_value_int64(args[0]));
    } else {
        for (const char *c = func_text(args[0]); *c != '\0'; c++) {
            buf_addf(&out, "%02X", (unsigned char)*c);
        }
    }
    func_give(ctx, &out);
}

int execute_text_functions(sqlite3 *handle)
{
    static const struct xfunction functions[] = {
        {"fl_concat", -1, fl_concat},
        {"fl_concat_ws", -1, fl_concat_ws},
        {"fl_lpad", 3, fl_lpad},
        {"fl_rpad", 3, fl_rpad},
        {"fl_left", 2, fl_left},
        {"fl_right", 2, fl_right},
        {"fl_reverse", 1, fl_reverse},
        {"fl_repeat", 2, fl_repeat},
        {"fl_initcap", 1, fl_initcap},
        {"fl_split_index", 3, fl_split_index},
        {"fl_split", 2, fl_split},
        {"fl_to_base64", 1, fl_to_base64},
        {"fl_from_base64", 1, fl_from_base64},
        {"fl_url_encode", 1, fl_url_encode},
        {"fl_url_decode", 1, fl_url_decode},
        {"fl_bin", 1, fl_bin},
        {"fl_hex", 1, fl_hex},
    };
    static const struct {
        const char *name;
        const struct nettle_hash *hash;
    } hashes[] = {
        {"fl_md5", &nettle_md5},       {"fl_sha1", &nettle_sha1},
        {"fl_sha224", &nettle_sha224}, {"fl_sha256", &nettle_sha256},
        {"fl_sha384", &nettle_sha384}, {"fl_sha512", &nettle_sha512},
    };
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int rc = execute_add_functions(handle, functions,
                                   sizeof(functions) / sizeof(*functions));
    for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
        rc |= sqlite3_create_function(handle, hashes[i].name, 1, flags,
                                      (void *)(uintptr_t)hashes[i].hash, fl_hash, NULL,
                                      NULL);
    }
    return rc;
}
