#include "config.h"

#include <ctype.h>
#include <math.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define MAX_TEXT ((int64_t)1 << 20) /* bytes that LPAD, REPEAT … may make */
#define UNUSED   (void)count

static const char *text_of(sqlite3_value *v)
{
    const char *text = (const char *)sqlite3_value_text(v);
    return text != NULL ? text : "";
}

static bool any_null(int count, sqlite3_value **args)
{
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL) {
            return true;
        }
    }
    return false;
}

static void give(sqlite3_context *ctx, struct buf *out)
{
    sqlite3_result_text(ctx, buf_str(out), (int)out->len, SQLITE_TRANSIENT);
    buf_fini(out);
}

/* (a, b, kind): kind 1 integers, 2 decimals, 0 floating point */
static void fl_div(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    int kind = sqlite3_value_int(args[2]);
    if (kind != 0 && sqlite3_value_double(args[1]) == 0) {
        sqlite3_result_error(ctx, "Division by zero", -1);
    } else if (kind == 1) {
        int64_t a = sqlite3_value_int64(args[0]);
        int64_t b = sqlite3_value_int64(args[1]);
        sqlite3_result_int64(ctx, b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b);
    } else {
        sqlite3_result_double(ctx, sqlite3_value_double(args[0]) /
                                       sqlite3_value_double(args[1]));
    }
}

static void fl_mod(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    if (sqlite3_value_double(args[1]) == 0) {
        sqlite3_result_error(ctx, "Division by zero", -1);
    } else if (sqlite3_value_type(args[0]) == SQLITE_INTEGER &&
               sqlite3_value_type(args[1]) == SQLITE_INTEGER) {
        int64_t b = sqlite3_value_int64(args[1]);
        sqlite3_result_int64(ctx, b == -1 ? 0 : sqlite3_value_int64(args[0]) % b);
    } else {
        sqlite3_result_double(
            ctx, fmod(sqlite3_value_double(args[0]), sqlite3_value_double(args[1])));
    }
}

static void round_to(sqlite3_context *ctx, int count, sqlite3_value **args, bool cut)
{
    if (any_null(count, args)) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER) {
        sqlite3_result_int64(ctx, sqlite3_value_int64(args[0]));
        return;
    }
    double scale = pow(10, count > 1 ? sqlite3_value_int(args[1]) : 0);
    double v = sqlite3_value_double(args[0]) * scale;
    sqlite3_result_double(ctx, (cut ? trunc(v) : round(v)) / scale);
}

static void fl_round(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    round_to(ctx, count, args, false);
}

static void fl_truncate(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    round_to(ctx, count, args, true);
}

static void fl_concat(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (any_null(count, args)) {
        return;
    }
    for (int i = 0; i < count; i++) {
        buf_adds(&out, text_of(args[i]));
    }
    give(ctx, &out);
}

static void fl_concat_ws(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    bool first = true;
    if (count == 0 || any_null(1, args)) {
        return;
    }
    for (int i = 1; i < count; i++) {
        if (sqlite3_value_type(args[i]) != SQLITE_NULL) {
            buf_adds(&out, first ? "" : text_of(args[0]));
            buf_adds(&out, text_of(args[i]));
            first = false;
        }
    }
    give(ctx, &out);
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
    if (any_null(count, args)) {
        return;
    }
    const char *text = text_of(args[0]);
    const char *fill = text_of(args[2]);
    int64_t width = sqlite3_value_int64(args[1]);
    int64_t missing = width - characters(text);
    int64_t size = characters(fill);
    if (width < 0 || width > MAX_TEXT || (missing > 0 && size == 0)) {
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
    give(ctx, &out);
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
    if (!any_null(count, args)) {
        const char *text = text_of(args[0]);
        sqlite3_result_text(ctx, text, (int)prefix(text, sqlite3_value_int64(args[1])),
                            SQLITE_TRANSIENT);
    }
}

static void fl_right(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (!any_null(count, args)) {
        const char *text = text_of(args[0]);
        int64_t skip = characters(text) - sqlite3_value_int64(args[1]);
        sqlite3_result_text(ctx, text + prefix(text, skip > 0 ? skip : 0), -1,
                            SQLITE_TRANSIENT);
    }
}

static void fl_reverse(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (any_null(count, args)) {
        return;
    }
    const char *text = text_of(args[0]);
    size_t end = strlen(text);
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && ((unsigned char)text[start] & 0xc0) == 0x80) {
            start--;
        }
        buf_add(&out, text + start, end - start);
        end = start;
    }
    give(ctx, &out);
}

static void fl_repeat(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (any_null(count, args)) {
        return;
    }
    buf_init(&out, (size_t)MAX_TEXT);
    for (int64_t i = sqlite3_value_int64(args[1]); i > 0 && !out.overflow; i--) {
        buf_adds(&out, text_of(args[0]));
        i = out.len == 0 ? 0 : i;
    }
    give(ctx, &out);
}

static void fl_initcap(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    bool start = true;
    if (any_null(count, args)) {
        return;
    }
    for (const char *c = text_of(args[0]); *c != '\0'; c++) {
        unsigned char u = (unsigned char)*c;
        buf_addc(&out, (char)(start ? toupper(u) : tolower(u)));
        start = u < 128 && !isalnum(u);
    }
    give(ctx, &out);
}

static void fl_split_index(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    const char *at = text_of(args[0]);
    const char *separator = text_of(args[1]);
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

/* \d, \w and \s of Java as POSIX has them. */
static void posix_pattern(const char *java, struct buf *out)
{
    for (; *java != '\0'; java++) {
        if (*java != '\\') {
            buf_addc(out, *java);
            continue;
        }
        java++;
        switch (*java) {
        case 'd':
            buf_adds(out, "[0-9]");
            break;
        case 'w':
            buf_adds(out, "[A-Za-z0-9_]");
            break;
        case 's':
            buf_adds(out, "[[:space:]]");
            break;
        case '\0':
            return;
        default:
            buf_addc(out, '\\');
            buf_addc(out, *java);
            break;
        }
    }
}

static bool compile(regex_t *regex, const char *java)
{
    struct buf pattern = BUF_INIT;
    posix_pattern(java, &pattern);
    int rc = strlen(java) < 1000 ? regcomp(regex, buf_str(&pattern), REG_EXTENDED) : 1;
    buf_fini(&pattern);
    return rc == 0;
}

static void fl_regexp(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    regex_t regex;
    if (!any_null(count, args) && compile(&regex, text_of(args[1]))) {
        sqlite3_result_int(ctx, regexec(&regex, text_of(args[0]), 0, NULL, 0) == 0);
        regfree(&regex);
    }
}

static void fl_regexp_extract(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    regex_t regex;
    regmatch_t match[10];
    if (any_null(count, args) || !compile(&regex, text_of(args[1]))) {
        return;
    }
    int group = count > 2 ? sqlite3_value_int(args[2]) : 0;
    const char *text = text_of(args[0]);
    if (group >= 0 && group < 10 && regexec(&regex, text, 10, match, 0) == 0 &&
        match[group].rm_so >= 0) {
        sqlite3_result_text(ctx, text + match[group].rm_so,
                            (int)(match[group].rm_eo - match[group].rm_so),
                            SQLITE_TRANSIENT);
    }
    regfree(&regex);
}

static void fl_regexp_replace(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    regex_t regex;
    regmatch_t match;
    struct buf out = BUF_INIT;
    if (any_null(count, args) || !compile(&regex, text_of(args[1]))) {
        return;
    }
    const char *at = text_of(args[0]);
    int flags = 0;
    while (*at != '\0' && regexec(&regex, at, 1, &match, flags) == 0) {
        buf_add(&out, at, (size_t)match.rm_so);
        buf_adds(&out, text_of(args[2]));
        if (match.rm_eo == match.rm_so) {
            buf_addc(&out, at[match.rm_so]);
            at += match.rm_so + (at[match.rm_so] != '\0' ? 1 : 0);
        } else {
            at += match.rm_eo;
        }
        flags = REG_NOTBOL;
    }
    buf_adds(&out, at);
    regfree(&regex);
    give(ctx, &out);
}

static void give_hex(sqlite3_context *ctx, const uint8_t *digest, size_t size)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < size; i++) {
        buf_addf(&out, "%02x", digest[i]);
    }
    give(ctx, &out);
}

static void fl_md5(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];
    if (!any_null(count, args)) {
        md5_init(&md5);
        md5_update(&md5, strlen(text_of(args[0])), (const uint8_t *)text_of(args[0]));
        md5_digest(&md5, sizeof(digest), digest);
        give_hex(ctx, digest, sizeof(digest));
    }
}

static void fl_sha256(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    if (!any_null(count, args)) {
        sha256_init(&sha);
        sha256_update(&sha, strlen(text_of(args[0])),
                      (const uint8_t *)text_of(args[0]));
        sha256_digest(&sha, sizeof(digest), digest);
        give_hex(ctx, digest, sizeof(digest));
    }
}

/* JSON_VALUE: scalars only, booleans as words. */
static void fl_json_value(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct arena arena = {0};
    struct value v;
    struct err err = {0};
    if (any_null(count, args)) {
        return;
    }
    const char *text = text_of(args[0]);
    const char *path = text_of(args[1]);
    if (json_parse(text, strlen(text), "JSON", &arena, &v, &err) == 0) {
        path += *path == '$' ? 1 : 0;
        while (*path == '.' || *path == '[') {
            size_t len = strcspn(path + 1, ".[]");
            v = *path == '.' ? value_dict_get_n(v, path + 1, len)
                             : value_list_at(v, (size_t)strtoul(path + 1, NULL, 10));
            path += len + 1;
            path += *path == ']' ? 1 : 0;
        }
        if (value_is(v, VALUE_BOOL)) {
            sqlite3_result_text(ctx, v.as.b ? "true" : "false", -1, SQLITE_STATIC);
        } else if (value_is_str(v)) {
            sqlite3_result_text(ctx, v.as.s, (int)v.len, SQLITE_TRANSIENT);
        } else if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
            struct buf out = BUF_INIT;
            json_write(v, 0, &out, &err);
            give(ctx, &out);
        }
    }
    arena_fini(&arena);
}

static void fl_parse_json(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (any_null(count, args)) {
        return;
    }
    if (variant_is_valid(text_of(args[0]))) {
        sqlite3_result_value(ctx, args[0]);
    } else {
        sqlite3_result_error(ctx, "Failed to parse json string", -1);
    }
}

static void fl_try_parse_json(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (!any_null(count, args) && variant_is_valid(text_of(args[0]))) {
        sqlite3_result_value(ctx, args[0]);
    }
}

/* (expression, null rate, seed, index, at ms) */
static void fl_faker(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    UNUSED;
    if (faker_value(text_of(args[0]), sqlite3_value_double(args[1]),
                    (uint64_t)sqlite3_value_int64(args[2]),
                    sqlite3_value_int64(args[3]), sqlite3_value_int64(args[4]), &out)) {
        give(ctx, &out);
    }
    buf_fini(&out);
}

struct moments {
    double sum;
    double square;
    int64_t count;
};

static void moments_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct moments *m = sqlite3_aggregate_context(ctx, sizeof(*m));
    UNUSED;
    if (m != NULL && sqlite3_value_type(args[0]) != SQLITE_NULL) {
        double v = sqlite3_value_double(args[0]);
        m->sum += v;
        m->square += v * v;
        m->count++;
    }
}

/* User data: "p" population, "s" sample; upper case: the root of it. */
static void moments_final(sqlite3_context *ctx)
{
    const struct moments *m = sqlite3_aggregate_context(ctx, 0);
    char kind = *(const char *)sqlite3_user_data(ctx);
    if (m == NULL || m->count < (tolower((unsigned char)kind) == 's' ? 2 : 1)) {
        return;
    }
    double n = (double)m->count;
    double spread = m->square - m->sum * m->sum / n;
    double v =
        (spread > 0 ? spread : 0) / (tolower((unsigned char)kind) == 's' ? n - 1 : n);
    sqlite3_result_double(ctx, isupper((unsigned char)kind) ? sqrt(v) : v);
}

struct kept {
    sqlite3_value *value;
};

static void kept_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct kept *k = sqlite3_aggregate_context(ctx, sizeof(*k));
    bool last = *(const char *)sqlite3_user_data(ctx) == 'l';
    UNUSED;
    if (k != NULL && (last || k->value == NULL)) {
        sqlite3_value_free(k->value);
        k->value = sqlite3_value_dup(args[0]);
    }
}

static void kept_final(sqlite3_context *ctx)
{
    struct kept *k = sqlite3_aggregate_context(ctx, 0);
    if (k != NULL && k->value != NULL) {
        sqlite3_result_value(ctx, k->value);
        sqlite3_value_free(k->value);
    }
}

/* COLLECT: elements and how often each came, as JSON. */
struct collected {
    struct map counts; /* JSON text -> count as a pointer */
    struct arena arena;
};

static void collect_step(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct collected **slot = sqlite3_aggregate_context(ctx, sizeof(*slot));
    struct buf text = BUF_INIT;
    UNUSED;
    if (slot == NULL) {
        return;
    }
    if (*slot == NULL) {
        *slot = xcalloc(1, sizeof(**slot));
    }
    if (sqlite3_value_type(args[0]) == SQLITE_NULL) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_TEXT) {
        json_write_str(text_of(args[0]), strlen(text_of(args[0])), 0, &text);
    } else {
        buf_adds(&text, text_of(args[0]));
    }
    uintptr_t times = (uintptr_t)map_get(&(*slot)->counts, buf_str(&text));
    const char *key =
        times == 0 ? arena_strdup(&(*slot)->arena, buf_str(&text)) : buf_str(&text);
    map_put(&(*slot)->counts, key, (void *)(times + 1));
    buf_fini(&text);
}

static void collect_final(sqlite3_context *ctx)
{
    struct collected **slot = sqlite3_aggregate_context(ctx, 0);
    struct buf out = BUF_INIT;
    if (slot == NULL || *slot == NULL) {
        return;
    }
    buf_addc(&out, '[');
    for (size_t i = 0; i < (*slot)->counts.count; i++) {
        const struct map_entry *entry = &(*slot)->counts.entries[i];
        buf_addf(&out, "%s[%s,%llu]", i > 0 ? "," : "", entry->key,
                 (unsigned long long)(uintptr_t)entry->value);
    }
    buf_addc(&out, ']');
    map_fini(&(*slot)->counts);
    arena_fini(&(*slot)->arena);
    free(*slot);
    give(ctx, &out);
}

static const struct {
    const char *name;
    int args;
    void (*call)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {
    {"fl_div", 3, fl_div},
    {"fl_mod", 3, fl_mod},
    {"fl_round", -1, fl_round},
    {"fl_truncate", -1, fl_truncate},
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
    {"fl_regexp", 2, fl_regexp},
    {"fl_regexp_extract", -1, fl_regexp_extract},
    {"fl_regexp_replace", 3, fl_regexp_replace},
    {"fl_md5", 1, fl_md5},
    {"fl_sha256", 1, fl_sha256},
    {"fl_json_value", -1, fl_json_value},
    {"fl_parse_json", -1, fl_parse_json},
    {"fl_try_parse_json", -1, fl_try_parse_json},
    {"fl_faker", 5, fl_faker},
};

static const struct {
    const char *name;
    const char *kind;
} spreads[] = {
    {"fl_stddev_pop", "P"},
    {"fl_stddev", "S"},
    {"fl_var_pop", "p"},
    {"fl_var", "s"},
};

int execute_functions(sqlite3 *handle)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int rc = execute_time_functions(handle);
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        rc |= sqlite3_create_function(handle, functions[i].name, functions[i].args,
                                      flags, NULL, functions[i].call, NULL, NULL);
    }
    for (size_t i = 0; i < sizeof(spreads) / sizeof(*spreads); i++) {
        rc |= sqlite3_create_function(handle, spreads[i].name, 1, flags,
                                      (void *)(uintptr_t)spreads[i].kind, NULL,
                                      moments_step, moments_final);
    }
    rc |= sqlite3_create_function(handle, "fl_collect", 1, flags, NULL, NULL,
                                  collect_step, collect_final);
    rc |= sqlite3_create_function(handle, "fl_first", 1, flags, (void *)(uintptr_t) "f",
                                  NULL, kept_step, kept_final);
    rc |= sqlite3_create_function(handle, "fl_last", 1, flags, (void *)(uintptr_t) "l",
                                  NULL, kept_step, kept_final);
    return rc == SQLITE_OK ? 0 : -1;
}
