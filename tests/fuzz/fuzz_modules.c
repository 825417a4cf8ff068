/*
 * libFuzzer target: modules.re and modules.datetime over any pattern, replacement and
 * text, which the bytes hold one after the other, with NUL bytes between.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compile/datetime.h"
#include "jinja/jinja.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const templates[] = {
    "{{ re.findall(p, s, 2) }}{{ re.split(p, s) }}",
    "{{ re.sub(p, q, s) }}",
    "{% for m in re.finditer(p, s) %}{{ m }}{{ m.groups() }}{{ m.span(1) }}"
    "{{ m.lastindex }}{{ m.groupdict() }}{{ m.expand(q) }}{% endfor %}",
    "{% set c = re.compile(p) %}{{ c }}{{ c.groupindex }}{{ c.search(s, 1, 3) }}"
    "{{ c.fullmatch(s) }}",
    "{{ dt.datetime.strptime(s, p) }}",
    "{{ dt.datetime.fromisoformat(s).strftime(p) }}",
    "{{ dt.time.fromisoformat(s).isoformat(p) }}",
};
#define COUNT (sizeof(templates) / sizeof(templates[0]))

static struct jinja_env *env;
static struct arena parsed;
static struct jinja_template *compiled[COUNT];

static void start(void)
{
    struct jinja_config config = {
        .limits = {.output = 1 << 20, .memory = 32 << 20, .steps = 20000, .depth = 50}};
    struct err err = {0};

    env = jinja_env_new(&config);
    for (size_t i = 0; i < COUNT; i++) {
        if (jinja_parse(env, templates[i], strlen(templates[i]), "f", 1, &parsed,
                        &compiled[i], &err) != 0) {
            abort();
        }
    }
}

/* The text up to the next NUL byte. */
static struct value take(struct arena *arena, const uint8_t **data, size_t *size)
{
    const uint8_t *end = memchr(*data, 0, *size);
    size_t len = end != NULL ? (size_t)(end - *data) : *size;
    struct value v = value_copy_str_n(arena, (const char *)*data, len);

    *data += len + (end != NULL);
    *size -= len + (end != NULL);
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buf out = BUF_INIT;

    if (env == NULL) {
        start();
    }
    struct value names = value_dict_new(&arena, 5);
    value_dict_put(names, "re", re_module(&arena));
    value_dict_put(names, "dt", datetime_module(&arena));
    value_dict_put(names, "p", take(&arena, &data, &size));
    value_dict_put(names, "q", take(&arena, &data, &size));
    value_dict_put(names, "s", take(&arena, &data, &size));
    struct jinja_scope scope = jinja_scope_dict(names, NULL);
    struct jinja_options options = {.scope = &scope, .arena = &arena};
    for (size_t i = 0; i < COUNT; i++) {
        struct err err = {0};
        buf_reset(&out);
        if (jinja_render(compiled[i], &options, &out, &err) != 0 &&
            err.code == ERR_NONE) {
            abort();
        }
    }
    buf_fini(&out);
    arena_fini(&arena);
    return 0;
}
