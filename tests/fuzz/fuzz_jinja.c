/*
 * libFuzzer target: parses and renders any bytes with small limits. The first byte
 * picks text, native rendering, or the block extractor.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "jinja/jinja.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context_json[] =
    "{\"n\": 42, \"f\": 2.5, \"s\": \"Hello World\", \"l\": [3, 1, 2], \"t\": true,"
    "\"d\": {\"a\": 1, \"b\": [1, 2]}, \"u\": \"\\u00e9\\u65e5\", \"x\": null}";

static struct jinja_env *env;
static struct arena contexts;
static struct value context;

static void start(void)
{
    struct jinja_config config = {
        .limits = {.output = 1 << 20, .memory = 32 << 20, .steps = 20000, .depth = 50}};
    struct err err = {0};

    env = jinja_env_new(&config);
    if (json_parse(context_json, sizeof(context_json) - 1, "context", &contexts,
                   &context, &err) != 0) {
        abort();
    }
}

static void extract(const char *text, size_t len, struct arena *arena)
{
    static const char *const tags[] = {"macro", "test", "docs", NULL};
    struct jinja_blocks blocks;
    struct jinja_macro *macro;
    struct err err = {0};

    if (jinja_extract_blocks(text, len, "f", tags, arena, &blocks, &err) != 0) {
        return;
    }
    for (size_t i = 0; i < blocks.count; i++) {
        err_clear(&err);
        if (jinja_parse_macro(env, blocks.items[i].text, blocks.items[i].len, "f", 1,
                              arena, &macro, &err) != 0) {
            return;
        }
    }
}

static void render(const char *text, size_t len, bool native, struct arena *arena)
{
    struct jinja_scope scope = jinja_scope_dict(value_clone(arena, context), NULL);
    struct jinja_options options = {.scope = &scope, .arena = arena};
    struct jinja_template *t;
    struct buf out = BUF_INIT;
    struct value v;
    struct err err = {0};

    if (jinja_parse(env, text, len, "f", 1, arena, &t, &err) == 0) {
        int rc = native ? jinja_render_native(t, &options, &v, &err)
                        : jinja_render(t, &options, &out, &err);
        if (rc != 0 && err.code == ERR_NONE) {
            abort();
        }
    }
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    if (env == NULL) {
        start();
    }
    if (size == 0) {
        return 0;
    }
    char *text = malloc(size); /* exactly as long as it is, so that overruns are seen */
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        text[i - 1] = (char)data[i];
    }
    if (data[0] % 4 == 0) {
        extract(text, size - 1, &arena);
    } else {
        render(text, size - 1, data[0] % 4 == 1, &arena);
    }
    free(text);
    arena_fini(&arena);
    return 0;
}
