#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/execute_impl.h"
#include "value/json.h"

/* VARIANT values are JSON text inside; outside a tree of [code, value] nodes. */

#define MAX_DEPTH 100

enum variant_code {
    VARIANT_NULL = 0,
    VARIANT_OBJECT = 1,
    VARIANT_ARRAY = 2,
    VARIANT_BOOLEAN = 3,
    VARIANT_TINYINT = 4,
    VARIANT_SMALLINT = 5,
    VARIANT_INT = 6,
    VARIANT_BIGINT = 7,
    VARIANT_DOUBLE = 9,
    VARIANT_DECIMAL = 10,
    VARIANT_STRING = 11,
};

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The end of a JSON string that begins at `at`. */
static const char *string_end(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++) {
        at += *at == '\\' && at[1] != '\0' ? 1 : 0;
    }
    return *at == '"' ? at + 1 : at;
}

static const char *write_number(const char *at, struct buf *out)
{
    size_t len = strspn(at, "+-0123456789.eE");
    int code = VARIANT_BIGINT;
    long long number = strtoll(at, NULL, 10);
    if (strcspn(at, "eE") < len) {
        code = VARIANT_DOUBLE;
    } else if (strcspn(at, ".") < len || len > 19) {
        code = VARIANT_DECIMAL;
    } else if (number >= -128 && number < 128) {
        code = VARIANT_TINYINT;
    } else if (number >= -32768 && number < 32768) {
        code = VARIANT_SMALLINT;
    } else if (number >= -2147483648LL && number < 2147483648LL) {
        code = VARIANT_INT;
    }
    buf_addf(out, "[%d,\"%.*s\"]", code, (int)len, at);
    return at + (len > 0 ? len : 1);
}

static const char *write_node(const char *at, int depth, struct buf *out);

static const char *write_items(const char *at, int depth, struct buf *out)
{
    bool object = *at == '{';
    const char *separator = "";
    buf_addf(out, "[%d,[", object ? VARIANT_OBJECT : VARIANT_ARRAY);
    at = skip_blanks(at + 1);
    while (*at != '\0' && *at != '}' && *at != ']') {
        buf_adds(out, separator);
        separator = ",";
        if (object) {
            const char *end = string_end(at);
            buf_addc(out, '[');
            buf_add(out, at, (size_t)(end - at));
            buf_addc(out, ',');
            at = skip_blanks(end);
            at = skip_blanks(at + (*at == ':' ? 1 : 0));
        }
        at = skip_blanks(write_node(at, depth + 1, out));
        buf_adds(out, object ? "]" : "");
        at = skip_blanks(at + (*at == ',' ? 1 : 0));
    }
    buf_adds(out, "]]");
    return at + (*at != '\0' ? 1 : 0);
}

static const char *write_node(const char *at, int depth, struct buf *out)
{
    at = skip_blanks(at);
    if (depth > MAX_DEPTH || *at == '\0') {
        buf_addf(out, "[%d]", VARIANT_NULL);
        return at + strlen(at);
    }
    if (*at == '{' || *at == '[') {
        return write_items(at, depth, out);
    }
    if (*at == '"') {
        const char *end = string_end(at);
        buf_addf(out, "[%d,%.*s]", VARIANT_STRING, (int)(end - at), at);
        return end;
    }
    if (*at == 't' || *at == 'f') {
        buf_addf(out, "[%d,\"%s\"]", VARIANT_BOOLEAN, *at == 't' ? "TRUE" : "FALSE");
        return at + (*at == 't' ? 4 : 5);
    }
    if (*at == 'n') {
        buf_addf(out, "[%d]", VARIANT_NULL);
        return at + 4;
    }
    return write_number(at, out);
}

bool variant_is_valid(const char *json)
{
    struct arena arena = {0};
    struct value v;
    struct err err = {0};
    bool valid = json_parse(json, strlen(json), "JSON", &arena, &v, &err) == 0;
    arena_fini(&arena);
    return valid;
}

void variant_write(const char *json, struct buf *out)
{
    if (variant_is_valid(json)) {
        write_node(json, 0, out);
    } else {
        buf_adds(out, "null");
    }
}
