/* Arguments of generic tests: dbt's _dbt_generic_test_kwargs. */
#include "config.h"

#include "compile/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* dbt: ^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$ */
static bool looks_like_call(const char *s, size_t len)
{
    static const char *const names[] = {"env_var", "ref", "var", "source", "doc"};
    const char *end = s + len;

    while (s < end && isspace((unsigned char)*s)) {
        s++;
    }
    while (end > s && isspace((unsigned char)end[-1])) {
        end--;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i]);
        if ((size_t)(end - s) <= n || memcmp(s, names[i], n) != 0) {
            continue;
        }
        const char *p = s + n;
        while (p < end && isspace((unsigned char)*p)) {
            p++;
        }
        if (p < end && *p == '(' && end - p > 2 && end[-1] == ')' &&
            memchr(s, '\n', (size_t)(end - s)) == NULL) {
            return true;
        }
    }
    return false;
}

static int render_argument(struct context *context, struct jinja_run *run,
                           struct value v, int depth, struct value *out)
{
    struct arena *arena = jinja_arena(run);

    *out = v;
    if (depth > 50) {
        return jinja_raise(run, "RecursionError",
                           "arguments of a test are nested too deeply");
    }
    if (value_is_str(v)) {
        if (looks_like_call(v.as.s, v.len)) {
            v = value_str(arena_printf(arena, "{{ %s }}", v.as.s));
        }
        return context_render_inside(context, run, v.as.s, v.len, true, out);
    }
    if (value_is(v, VALUE_LIST)) {
        *out = value_list_new(arena, value_list_count(v) + 1);
        for (size_t i = 0; i < value_list_count(v); i++) {
            struct value item;
            if (render_argument(context, run, value_list_at(v, i), depth + 1, &item) !=
                0) {
                return -1;
            }
            value_list_push(*out, item);
        }
    } else if (value_is(v, VALUE_DICT)) {
        size_t at = 0;
        const struct value_pair *pair;
        *out = value_dict_new(arena, value_dict_count(v) + 1);
        while ((pair = value_dict_next(v, &at)) != NULL) {
            struct value item;
            bool plain = depth == 0 &&
                         strcmp(value_cstr(pair->key, ""), "column_name") == 0 &&
                         value_is_str(pair->value);
            if (plain) {
                item = pair->value;
            } else if (render_argument(context, run, pair->value, depth + 1, &item) !=
                       0) {
                return -1;
            }
            value_dict_put_value(*out, pair->key, item);
        }
    }
    return 0;
}

int test_arguments(void *data, struct jinja_run *run, struct value *out)
{
    struct context *context = data;

    if (context->node == NULL || context->node->test == NULL ||
        !context->node->test->generic) {
        *out = value_dict_new(jinja_arena(run), 1);
        return 0;
    }
    if (!value_is(context->test_args, VALUE_DICT) &&
        render_argument(context, run, context->node->test->kwargs, 0,
                        &context->test_args) != 0) {
        return -1;
    }
    *out = context->test_args;
    return 0;
}
