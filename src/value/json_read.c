/* JSON text to values: YAJL's events, put together in an arena. */
#include "config.h"

#include "value/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <yajl/yajl_parse.h>

#include "base/str.h"
#include "base/xmalloc.h"

#define MAX_DEPTH 200

/* A list or dict whose end has not been read. */
struct open {
    struct value value;
    struct value key; /* of the next item of a dict */
};

struct reader {
    struct arena *arena;
    struct value root;
    int depth;
    bool too_deep;
    struct open open[MAX_DEPTH];
};

static int add(struct reader *r, struct value v)
{
    if (r->depth == 0) {
        r->root = v;
    } else if (r->open[r->depth - 1].value.type == VALUE_LIST) {
        value_list_push(r->open[r->depth - 1].value, v);
    } else {
        value_dict_put_value(r->open[r->depth - 1].value, r->open[r->depth - 1].key, v);
    }
    return 1;
}

static int open_container(struct reader *r, struct value container)
{
    if (r->depth == MAX_DEPTH) {
        r->too_deep = true;
        return 0;
    }
    add(r, container);
    r->open[r->depth++] = (struct open){.value = container};
    return 1;
}

static int on_null(void *context)
{
    return add(context, (struct value){.type = VALUE_NONE});
}

static int on_boolean(void *context, int b)
{
    return add(context, (struct value){.type = VALUE_BOOL, .as.b = b != 0});
}

static int on_number(void *context, const char *digits, size_t len)
{
    struct reader *r = context;
    char small[64];
    char *text = small;

    if (len >= sizeof(small)) {
        text = arena_strndup(r->arena, digits, len);
    } else {
        str_copy_n(small, sizeof(small), digits, len);
    }
    if (strpbrk(text, ".eE") != NULL) {
        return add(r, value_float(strtod(text, NULL)));
    }
    errno = 0;
    long long i = strtoll(text, NULL, 10);
    return add(r, errno == 0 ? value_int(i) : value_bigint_parse(r->arena, text, 10));
}

/* YAJL decodes the escape of a lone low surrogate to bytes that are no UTF-8. */
static struct value make_string(struct reader *r, const unsigned char *s, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *copy = arena_strndup(r->arena, (const char *)s, len);
    uint8_t *bad;

    while ((bad = (uint8_t *)u8_check((uint8_t *)copy, len)) != NULL) {
        memcpy(bad, replacement, 3);
    }
    return value_str_n(copy, len);
}

static int on_string(void *context, const unsigned char *s, size_t len)
{
    return add(context, make_string(context, s, len));
}

static int on_key(void *context, const unsigned char *s, size_t len)
{
    struct reader *r = context;

    r->open[r->depth - 1].key = make_string(r, s, len);
    return 1;
}

static int on_start_map(void *context)
{
    struct reader *r = context;

    return open_container(r, value_dict_new(r->arena, 0));
}

static int on_start_array(void *context)
{
    struct reader *r = context;

    return open_container(r, value_list_new(r->arena, 0));
}

static int on_end(void *context)
{
    struct reader *r = context;

    r->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

static void *allocate(void *context, size_t size)
{
    (void)context;
    return xmalloc(size);
}

static void *reallocate(void *context, void *p, size_t size)
{
    (void)context;
    return xrealloc(p, size);
}

static void release(void *context, void *p)
{
    (void)context;
    free(p);
}

static int fail(const char *text, size_t len, size_t at, const char *what,
                const char *message, struct err *err)
{
    int line;
    int column;

    err_locate(text, len, at < len ? at : len, &line, &column);
    return err_set(err, ERR_SERVER, "%s: %.*s at line %d column %d", what,
                   (int)strcspn(message, "\n"), message, line, column);
}

static int fail_parse(yajl_handle yajl, const struct reader *r, const char *text,
                      size_t len, size_t at, const char *what, struct err *err)
{
    if (r->too_deep) {
        return fail(text, len, at, what, "nested too deeply", err);
    }
    unsigned char *message = yajl_get_error(yajl, 0, NULL, 0);
    int rc = fail(text, len, at, what, (const char *)message, err);
    yajl_free_error(yajl, message);
    return rc;
}

int json_parse(const char *text, size_t len, const char *what, struct arena *arena,
               struct value *out, struct err *err)
{
    yajl_alloc_funcs allocator = {allocate, reallocate, release, NULL};
    const uint8_t *bad = u8_check((const uint8_t *)text, len);

    if (bad != NULL) {
        return fail(text, len, (size_t)((const char *)bad - text), what,
                    "not valid UTF-8", err);
    }
    struct reader *r = xmalloc(sizeof(*r));
    r->arena = arena;
    r->depth = 0;
    r->too_deep = false;
    yajl_handle yajl = yajl_alloc(&callbacks, &allocator, r);
    int rc = 0;
    if (yajl_parse(yajl, (const unsigned char *)text, len) != yajl_status_ok) {
        size_t at = yajl_get_bytes_consumed(yajl);
        rc = fail_parse(yajl, r, text, len, at, what, err);
    } else if (yajl_complete_parse(yajl) != yajl_status_ok) {
        rc = fail_parse(yajl, r, text, len, len, what, err);
    } else {
        *out = r->root;
    }
    yajl_free(yajl);
    free(r);
    return rc;
}
