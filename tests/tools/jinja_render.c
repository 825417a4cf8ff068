/*
 * Renders templates: reads JSON lines {"id","source","context"} and writes
 * {"id","output"} or {"id","error":{"type","message","line"}}. With "native": true the
 * result is rendered natively and written as its Python repr. Also linked as
 * dbt_render, with dbt's functions and modules.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jinja/jinja.h"
#include "render_scope.h"
#include "value/json.h"

static int render(const struct jinja_env *env, struct value request,
                  struct arena *arena, struct buf *out, struct err *err)
{
    struct value source = value_dict_get(request, "source");
    struct jinja_scope scope = render_scope(value_dict_get(request, "context"), arena);
    struct jinja_options options = {.scope = &scope, .arena = arena};
    struct jinja_template *template;
    struct value v;

    if (jinja_parse(env, value_cstr(source, ""), source.len, "<template>", 1, arena,
                    &template, err) != 0) {
        return -1;
    }
    if (!value_is_true(value_dict_get(request, "native"), false)) {
        return jinja_render(template, &options, out, err);
    }
    if (jinja_render_native(template, &options, &v, err) != 0) {
        return -1;
    }
    return jinja_repr_text(env, v, arena, out, err);
}

static void write_error(const struct err *err, struct buf *line)
{
    const char *type = err->type[0] != '\0' ? err->type : err_code_name(err->code);

    buf_adds(line, ", \"error\": {\"type\": ");
    json_write_str(type, strlen(type), JSON_PYTHON, line);
    buf_adds(line, ", \"message\": ");
    json_write_str(err->msg, strlen(err->msg), JSON_PYTHON, line);
    if (err->line > 0) {
        buf_addf(line, ", \"line\": %d}", err->line);
    } else {
        buf_adds(line, ", \"line\": null}");
    }
}

static void answer(struct value request, int rc, const struct buf *out,
                   const struct err *err)
{
    struct buf line = BUF_INIT;
    struct err ignored = {0};

    buf_adds(&line, "{\"id\": ");
    if (json_write(value_dict_get(request, "id"), JSON_PYTHON, &line, &ignored) != 0) {
        buf_adds(&line, "null");
    }
    if (rc == 0) {
        buf_adds(&line, ", \"output\": ");
        json_write_str(buf_str(out), out->len, JSON_PYTHON, &line);
    } else {
        write_error(err, &line);
    }
    buf_adds(&line, "}\n");
    fwrite(buf_str(&line), 1, line.len, stdout);
    fflush(stdout);
    buf_fini(&line);
}

int main(void)
{
    struct jinja_env *env = jinja_env_new(NULL);
    struct arena arena = {0};
    struct buf out = BUF_INIT;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int status = 0;

    while ((len = getline(&line, &cap, stdin)) > 0) {
        struct err err = {0};
        struct value request;
        if (json_parse(line, (size_t)len, "request", &arena, &request, &err) != 0) {
            err_print(&err, stderr, false);
            status = 2;
            continue;
        }
        buf_reset(&out);
        int rc = render(env, request, &arena, &out, &err);
        answer(request, rc, &out, &err);
        arena_reset(&arena);
    }
    free(line);
    buf_fini(&out);
    arena_fini(&arena);
    jinja_env_free(env);
    return status;
}
