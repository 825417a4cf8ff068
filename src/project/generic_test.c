/* What a properties file says of a generic test: its shape, arguments and config. */
#include "config.h"

#include "project/generic_test.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* Keys beside a test's arguments that configure it; dbt 1.11's order. */
static const char *const config_keys[] = {
    "severity", "tags",     "enabled",   "where",          "limit",
    "warn_if",  "error_if", "fail_calc", "store_failures", "store_failures_as",
    "meta",     "database", "schema",    "alias"};
int generic_test_fail(const struct generic_test *b, const char *hint, const char *fmt,
                      ...)
{
    struct err err = {0};
    va_list ap;

    va_start(ap, fmt);
    err_vset(&err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    err_wrap(&err, "Invalid test config given in %s", b->request->file->path);
    project_locate_yaml(&err, b->request->file, b->request->line, 0);
    if (hint != NULL) {
        err_hint(&err, "%s", hint);
    }
    loader_error(b->loader, &err);
    return -1;
}
static void put_all(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, e->key, e->value);
    }
}
/* Takes a key out of the dict; undefined when it isn't there. */
struct value generic_test_take(struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    if (v.type != VALUE_UNDEFINED) {
        value_dict_remove(dict, value_str(key));
    }
    return v;
}
static int split_name(struct generic_test *b, const char *text)
{
    const char *p = text;
    size_t len = 0;

    while (isalnum((unsigned char)p[len]) || p[len] == '_') {
        len++;
    }
    if (len == 0 || isdigit((unsigned char)p[0])) {
        return generic_test_fail(
            b, NULL, "Test name string did not match expected pattern: %s", text);
    }
    b->name = arena_strndup(b->loader->arena, p, len);
    if (p[len] == '.' && (isalpha((unsigned char)p[len + 1]) || p[len + 1] == '_')) {
        b->namespace = b->name;
        p += len + 1;
        for (len = 0; isalnum((unsigned char)p[len]) || p[len] == '_';) {
            len++;
        }
        b->name = arena_strndup(b->loader->arena, p, len);
    }
    return 0;
}

static int read_shape(struct generic_test *b, const char **name)
{
    struct value test = b->request->test;
    struct value given = value_undefined();
    size_t at = 0;

    b->args = value_dict_new(b->loader->arena, 4);
    if (test.type == VALUE_STRING) {
        *name = test.as.s;
        return 0;
    }
    if (test.type != VALUE_DICT) {
        return generic_test_fail(
            b, "a test is a name, or a mapping of a name to its arguments",
            "test must be dict or str, got %s", value_type_name(test));
    }
    if (value_dict_has(test, "test_name")) {
        *name = value_cstr(value_dict_get(test, "test_name"), NULL);
        put_all(b->args, test);
        generic_test_take(b->args, "test_name");
    } else if (value_dict_count(test) == 1) {
        const struct value_pair *pair = value_dict_next(test, &at);
        *name = value_cstr(pair->key, NULL);
        given = pair->value;
    } else {
        return generic_test_fail(
            b, "indent the arguments below the test's name",
            "test definition dictionary must have exactly one key, got %zu",
            value_dict_count(test));
    }
    if (*name == NULL) {
        return generic_test_fail(b, NULL, "test name must be a str");
    }
    if (given.type == VALUE_DICT) {
        put_all(b->args, given);
    } else if (given.type != VALUE_UNDEFINED) {
        return generic_test_fail(b, "write the arguments as a mapping",
                                 "test arguments must be a dict, got %s",
                                 value_type_name(given));
    }
    return 0;
}

char *generic_test_column(const struct generic_test *b)
{
    if (b->request->quote_column) {
        return arena_printf(b->loader->arena, "`%s`", b->request->column);
    }
    return arena_strdup(b->loader->arena, b->request->column);
}

static void put_model(struct generic_test *b)
{
    const struct test_request *r = b->request;
    struct arena *arena = b->loader->arena;
    struct buf version = {.max = 128};
    char *model;

    project_python_str(r->version, &version);
    if (r->table != NULL) {
        model = arena_printf(arena, "source('%s', '%s')", r->target_name, r->table);
    } else if (!value_is_null(r->version)) {
        model = arena_printf(arena, "ref('%s', version='%s')", r->target_name,
                             buf_str(&version));
    } else {
        model = arena_printf(arena, "ref('%s')", r->target_name);
    }
    buf_fini(&version);
    value_dict_put(
        b->args, "model",
        value_str(arena_printf(arena, "{{ get_where_subquery(%s) }}", model)));
}

static int read_arguments(struct generic_test *b)
{
    bool nested =
        value_is_true(value_dict_get(b->loader->project->flags,
                                     "require_generic_test_arguments_property"),
                      true);
    struct value arguments = value_undefined();

    if (b->request->column != NULL) {
        value_dict_put(b->args, "column_name", value_str(generic_test_column(b)));
    }
    if (nested) {
        arguments = generic_test_take(b->args, "arguments");
    }
    if (arguments.type == VALUE_DICT) {
        put_all(b->args, arguments);
    }
    if (value_dict_has(b->args, "model")) {
        return generic_test_fail(
            b, "the model is the one that the test is listed under",
            "Test arguments include \"model\", which is a reserved argument");
    }
    put_model(b);
    return 0;
}

/* ---- config ---- */

static int put_config(struct generic_test *b, const char *key, struct value v)
{
    struct err err = {0};

    if (project_has_jinja(v) && v.type == VALUE_STRING) {
        if (project_render(b->loader, PROJECT_YAML_PROPERTIES, b->request->package, v,
                           NULL, &v, &err) != 0) {
            project_locate_yaml(&err, b->request->file, b->request->line, 0);
            loader_error(b->loader, &err);
            return -1;
        }
    }
    if (!value_is_null(v)) {
        value_dict_put(b->config, key, v);
    }
    return 0;
}

static bool is_falsy(struct value v)
{
    return value_is_null(v) || (v.type == VALUE_BOOL && !v.as.b) ||
           (v.type == VALUE_INT && v.as.i == 0) ||
           (v.type == VALUE_STRING && v.len == 0) ||
           (v.type == VALUE_LIST && value_list_count(v) == 0) ||
           (v.type == VALUE_DICT && value_dict_count(v) == 0);
}

static int read_config(struct generic_test *b)
{
    struct value given = generic_test_take(b->args, "config");
    struct value own = value_dict_new(b->scratch, 0);
    size_t at = 0;

    if (!value_is_null(given) && given.type != VALUE_DICT) {
        return generic_test_fail(b, NULL, "the config of a test must be a mapping");
    }
    put_all(own, given);
    b->config = value_dict_new(b->loader->arena, 0);
    for (size_t i = 0; i < sizeof(config_keys) / sizeof(config_keys[0]); i++) {
        struct value v = generic_test_take(b->args, config_keys[i]);
        if (!is_falsy(v) && value_dict_has(own, config_keys[i])) {
            return generic_test_fail(
                b, "keep the one under 'config'",
                "Test cannot have the same key at the top-level and in config");
        }
        if (is_falsy(v)) {
            struct value nested = generic_test_take(own, config_keys[i]);
            v = nested.type != VALUE_UNDEFINED ? nested : v;
        }
        if (put_config(b, config_keys[i], v) != 0) {
            return -1;
        }
    }
    for (const struct value_pair *e; (e = value_dict_next(own, &at)) != NULL;) {
        if (put_config(b, value_cstr(e->key, "?"), e->value) != 0) {
            return -1;
        }
    }
    return 0;
}

int generic_test_read(struct generic_test *b)
{
    const char *name = NULL;

    return read_shape(b, &name) == 0 && read_arguments(b) == 0 &&
                   split_name(b, name) == 0 && read_config(b) == 0
               ? 0
               : -1;
}
