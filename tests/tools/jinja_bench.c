/*
 * Times a template: jinja_bench TEMPLATE CONTEXT.json SECONDS prints the microseconds
 * that one render of the parsed template takes, those that parsing and rendering take,
 * and the bytes of a render.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/path.h"
#include "jinja/jinja.h"
#include "value/json.h"

struct bench {
    struct jinja_env *env;
    struct buf text;
    struct jinja_scope scope;
    struct jinja_template *parsed;
    struct arena render;
    struct arena parse;
    struct buf out;
};

static void once(struct bench *b, bool parse)
{
    struct err err = {0};
    struct jinja_options options = {.scope = &b->scope, .arena = &b->render};
    struct jinja_template *t = b->parsed;

    if (parse) {
        arena_reset(&b->parse);
        if (jinja_parse(b->env, buf_str(&b->text), b->text.len, "bench", 1, &b->parse,
                        &t, &err) != 0) {
            err_print(&err, stderr, false);
            exit(1);
        }
    }
    buf_reset(&b->out);
    if (jinja_render(t, &options, &b->out, &err) != 0) {
        err_print(&err, stderr, false);
        exit(1);
    }
    arena_reset(&b->render);
}

/* Time of this process alone, so that a busy machine matters less. */
static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure(struct bench *b, bool parse, double seconds)
{
    double start = cpu_seconds();
    long rounds = 0;

    do {
        for (int i = 0; i < 10; i++) {
            once(b, parse);
        }
        rounds += 10;
    } while (cpu_seconds() < start + seconds);
    return (cpu_seconds() - start) * 1e6 / (double)rounds;
}

int main(int argc, char **argv)
{
    struct bench b = {.env = jinja_env_new(NULL)};
    struct buf json = BUF_INIT;
    struct arena arena = {0};
    struct arena templates = {0};
    struct value context;
    struct err err = {0};

    if (argc != 4 || path_read(argv[1], 0, &b.text, &err) != 0 ||
        path_read(argv[2], 0, &json, &err) != 0 ||
        json_parse(buf_str(&json), json.len, argv[2], &arena, &context, &err) != 0 ||
        jinja_parse(b.env, buf_str(&b.text), b.text.len, argv[1], 1, &templates,
                    &b.parsed, &err) != 0) {
        err_print(&err, stderr, false);
        return 1;
    }
    b.scope = jinja_scope_dict(context, NULL);
    once(&b, false);
    double render = measure(&b, false, strtod(argv[3], NULL));
    double both = measure(&b, true, strtod(argv[3], NULL));
    printf("%.3f %.3f %zu\n", render, both, b.out.len);
    arena_fini(&b.render);
    arena_fini(&b.parse);
    arena_fini(&arena);
    arena_fini(&templates);
    buf_fini(&b.out);
    buf_fini(&b.text);
    buf_fini(&json);
    jinja_env_free(b.env);
    return 0;
}
