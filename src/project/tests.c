#include "config.h"

#include "project/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

/* Keys beside a test's arguments that configure it; dbt 1.11's order. */
static const char *const config_keys[] = {
    "severity", "tags",     "enabled",   "where",          "limit",
    "warn_if",  "error_if", "fail_calc", "store_failures", "store_failures_as",
    "meta",     "database", "schema",    "alias"};

struct building {
    struct loader *loader;
    struct arena *scratch; /* for this test only */
    const struct test_request *request;
    const char *name;      /* of the test: not_null */
    const char *namespace; /* or NULL */
    struct value args;     /* dict, shrinks to the macro's arguments */
    struct value config;
    const char *description;
    const char *short_name;
    const char *full_name;
};

static int fail(const struct building *b, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(const struct building *b, const char *hint, const char *fmt, ...)
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
static struct value take(struct value dict, const char *key)
{
    struct value v = value_dict_get(dict, key);

    if (v.type != VALUE_UNDEFINED) {
        value_dict_remove(dict, value_str(key));
    }
    return v;
}

/* ---- the shapes of a test in YAML ---- */

static int split_name(struct building *b, const char *text)
{
    const char *p = text;
    size_t len = 0;

    while (isalnum((unsigned char)p[len]) || p[len] == '_') {
        len++;
    }
    if (len == 0 || isdigit((unsigned char)p[0])) {
        return fail(b, NULL, "Test name string did not match expected pattern: %s",
                    text);
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

static int read_shape(struct building *b, const char **name)
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
        return fail(b, "a test is a name, or a mapping of a name to its arguments",
                    "test must be dict or str, got %s", value_type_name(test));
    }
    if (value_dict_has(test, "test_name")) {
        *name = value_cstr(value_dict_get(test, "test_name"), NULL);
        put_all(b->args, test);
        take(b->args, "test_name");
    } else if (value_dict_count(test) == 1) {
        const struct value_pair *pair = value_dict_next(test, &at);
        *name = value_cstr(pair->key, NULL);
        given = pair->value;
    } else {
        return fail(b, "indent the arguments below the test's name",
                    "test definition dictionary must have exactly one key, got %zu",
                    value_dict_count(test));
    }
    if (*name == NULL) {
        return fail(b, NULL, "test name must be a str");
    }
    if (given.type == VALUE_DICT) {
        put_all(b->args, given);
    } else if (given.type != VALUE_UNDEFINED) {
        return fail(b, "write the arguments as a mapping",
                    "test arguments must be a dict, got %s", value_type_name(given));
    }
    return 0;
}

static char *quoted_column(const struct building *b)
{
    if (b->request->quote_column) {
        return arena_printf(b->loader->arena, "`%s`", b->request->column);
    }
    return arena_strdup(b->loader->arena, b->request->column);
}

static void put_model(struct building *b)
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

static int read_arguments(struct building *b)
{
    bool nested =
        value_is_true(value_dict_get(b->loader->project->flags,
                                     "require_generic_test_arguments_property"),
                      true);
    struct value arguments = value_undefined();

    if (b->request->column != NULL) {
        value_dict_put(b->args, "column_name", value_str(quoted_column(b)));
    }
    if (nested) {
        arguments = take(b->args, "arguments");
    }
    if (arguments.type == VALUE_DICT) {
        put_all(b->args, arguments);
    }
    if (value_dict_has(b->args, "model")) {
        return fail(b, "the model is the one that the test is listed under",
                    "Test arguments include \"model\", which is a reserved argument");
    }
    put_model(b);
    return 0;
}

/* ---- config ---- */

static int put_config(struct building *b, const char *key, struct value v)
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

static int read_config(struct building *b)
{
    struct value given = take(b->args, "config");
    struct value own = value_dict_new(b->scratch, 0);
    size_t at = 0;

    if (!value_is_null(given) && given.type != VALUE_DICT) {
        return fail(b, NULL, "the config of a test must be a mapping");
    }
    put_all(own, given);
    b->config = value_dict_new(b->loader->arena, 0);
    for (size_t i = 0; i < sizeof(config_keys) / sizeof(config_keys[0]); i++) {
        struct value v = take(b->args, config_keys[i]);
        if (!is_falsy(v) && value_dict_has(own, config_keys[i])) {
            return fail(b, "keep the one under 'config'",
                        "Test cannot have the same key at the top-level and in config");
        }
        if (is_falsy(v)) {
            struct value nested = take(own, config_keys[i]);
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

/* ---- names ---- */

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(const struct value_pair *const *)a)->key.as.s,
                  (*(const struct value_pair *const *)b)->key.as.s);
}

/* The pairs by key; string keys only. Ends with NULL. */
static const struct value_pair **sorted(struct arena *arena, struct value dict)
{
    size_t count = 0;
    size_t at = 0;
    const struct value_pair **pairs =
        arena_array(arena, const struct value_pair *, value_dict_count(dict) + 1);

    for (const struct value_pair *e; (e = value_dict_next(dict, &at)) != NULL;) {
        if (e->key.type == VALUE_STRING) {
            pairs[count++] = e;
        }
    }
    if (count > 1) {
        qsort(pairs, count, sizeof(*pairs), compare_keys);
    }
    return pairs;
}

/* Runs of what is no word character become one '_'. */
static void add_clean(struct buf *out, struct value part, bool first)
{
    struct buf text = {.max = 64 * 1024};
    bool gap = false;

    buf_adds(out, first ? "" : "__");
    project_python_str(part, &text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (isalnum((unsigned char)c) || c == '_') {
            buf_addc(out, c);
            gap = false;
        } else if (!gap) {
            buf_addc(out, '_');
            gap = true;
        }
    }
    buf_fini(&text);
}

static void add_flat_args(const struct building *b, struct buf *out)
{
    const struct value_pair **pairs = sorted(b->scratch, b->args);
    bool first = true;

    for (size_t i = 0; pairs[i] != NULL; i++) {
        struct value v = pairs[i]->value;
        size_t at = 0;
        if (str_eq(pairs[i]->key.as.s, "model")) {
            continue;
        }
        if (v.type == VALUE_DICT) {
            for (const struct value_pair *e; (e = value_dict_next(v, &at)) != NULL;) {
                add_clean(out, e->value, first);
                first = false;
            }
        } else if (v.type == VALUE_LIST || v.type == VALUE_TUPLE) {
            for (size_t k = 0; k < value_list_count(v); k++) {
                add_clean(out, value_list_at(v, k), first);
                first = false;
            }
        } else {
            add_clean(out, v, first);
            first = false;
        }
    }
}

static void make_names(struct building *b)
{
    const struct test_request *r = b->request;
    struct arena *arena = b->loader->arena;
    struct buf text = {.max = 256 * 1024};

    if (b->namespace != NULL) {
        buf_addf(&text, "%s_", b->namespace);
    }
    buf_addf(&text, "%s%s_%s", r->table != NULL ? "source_" : "", b->name,
             r->target_name);
    if (r->table != NULL) {
        buf_addf(&text, "_%s", r->table);
    }
    if (!value_is_null(r->version)) {
        buf_addc(&text, '_');
        node_version_text(r->version, &text);
    }
    char *identifier = arena_strdup(b->scratch, buf_str(&text));
    buf_addc(&text, '_');
    add_flat_args(b, &text);
    b->full_name = arena_strdup(arena, buf_str(&text));
    b->short_name = b->full_name;
    if (text.len >= 64) {
        b->short_name = arena_printf(arena, "%.30s_%s", identifier,
                                     project_md5(arena, buf_str(&text), text.len));
    }
    buf_fini(&text);
}

static int read_names(struct building *b)
{
    struct value description = take(b->args, "description");
    struct value name = take(b->args, "name");

    if (project_has_jinja(description)) {
        struct err err = {0};
        if (project_render(b->loader, PROJECT_YAML_DESCRIPTION, b->request->package,
                           description, NULL, &description, &err) != 0) {
            project_locate_yaml(&err, b->request->file, b->request->line, 0);
            loader_error(b->loader, &err);
        }
    }
    b->description = value_cstr(description, "");
    if (name.type == VALUE_UNDEFINED) {
        make_names(b);
        if (b->short_name != b->full_name && !value_dict_has(b->config, "alias")) {
            value_dict_put(b->config, "alias", value_str(b->short_name));
        }
        return 0;
    }
    if (name.type != VALUE_STRING || name.len == 0) {
        return fail(b, "quote the name", "the name of a test must be a string");
    }
    b->short_name = name.as.s;
    b->full_name = name.as.s;
    return 0;
}

/* Keys sorted, scalars as text: what dbt hashes. */
static struct value hashable(struct arena *arena, struct value v, int depth)
{
    if (v.type == VALUE_DICT && depth < 50) {
        const struct value_pair **pairs = sorted(arena, v);
        struct value out = value_dict_new(arena, value_dict_count(v));
        for (size_t i = 0; pairs[i] != NULL; i++) {
            value_dict_put_value(out, pairs[i]->key,
                                 hashable(arena, pairs[i]->value, depth + 1));
        }
        return out;
    }
    if (v.type == VALUE_LIST && depth < 50) {
        struct value out = value_list_new(arena, value_list_count(v));
        for (size_t i = 0; i < value_list_count(v); i++) {
            value_list_push(out, hashable(arena, value_list_at(v, i), depth + 1));
        }
        return out;
    }
    struct buf text = {0};
    project_python_str(v, &text);
    struct value out = value_copy_str_n(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return out;
}

/* The last ten digits of the MD5 of the name and what the test is given. */
static const char *test_hash(const struct building *b)
{
    struct arena arena = {0};
    struct value metadata = value_dict_new(&arena, 3);
    struct buf text = {0};

    value_dict_put(metadata, "kwargs", b->args);
    value_dict_put(metadata, "name", value_str(b->name));
    value_dict_put(metadata, "namespace",
                   b->namespace != NULL ? value_str(b->namespace) : value_none());
    buf_adds(&text, b->full_name);
    project_python_repr(hashable(&arena, metadata, 0), &text);
    const char *digest = project_md5(b->loader->arena, buf_str(&text), text.len);
    buf_fini(&text);
    arena_fini(&arena);
    return digest + 22;
}

/* ---- the node ---- */

static void add_config_text(struct buf *out, struct value config)
{
    size_t at = 0;
    bool first = true;

    if (value_dict_count(config) == 0) {
        return;
    }
    buf_adds(out, "{{ config(");
    for (const struct value_pair *e; (e = value_dict_next(config, &at)) != NULL;) {
        buf_addf(out, "%s%s=", first ? "" : ",", value_cstr(e->key, ""));
        first = false;
        if (e->value.type != VALUE_STRING) {
            project_python_repr(e->value, out);
            continue;
        }
        buf_addc(out, '"');
        for (const char *p = e->value.as.s; *p != '\0'; p++) {
            buf_adds(out, *p == '"' ? "\\" : "");
            buf_addc(out, *p);
        }
        buf_addc(out, '"');
    }
    buf_adds(out, ") }}");
}

static void set_raw_code(const struct building *b, struct node *node)
{
    struct buf text = {0};

    buf_adds(&text, "{{ ");
    if (b->namespace != NULL) {
        buf_addf(&text, "%s.", b->namespace);
    }
    buf_addf(&text, "test_%s(**_dbt_generic_test_kwargs) }}", b->name);
    add_config_text(&text, b->config);
    node->raw_code = arena_strndup(b->loader->arena, buf_str(&text), text.len);
    node->raw_code_len = text.len;
    buf_fini(&text);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int set_tags(const struct building *b, struct node *node)
{
    struct arena *arena = b->loader->arena;
    const struct value lists[] = {
        project_listify(b->scratch, b->request->tags),
        project_listify(b->scratch, value_dict_get(b->config, "tags"))};
    size_t total = value_list_count(lists[0]) + value_list_count(lists[1]);
    size_t count = 0;

    if (total == 0) {
        node->extra_tags = project_empty_list(b->loader);
        return 0;
    }
    const char **names = arena_array(b->scratch, const char *, total);
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < value_list_count(lists[i]); k++) {
            struct value tag = value_list_at(lists[i], k);
            if (tag.type != VALUE_STRING) {
                return fail(b, NULL, "tags must be strings");
            }
            names[count++] = tag.as.s;
        }
    }
    if (count > 1) {
        qsort(names, count, sizeof(*names), compare_strings);
    }
    node->extra_tags = value_list_new(arena, count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(names[i], names[i - 1])) {
            value_list_push(node->extra_tags, value_str(names[i]));
        }
    }
    return 0;
}

static void set_test(const struct building *b, struct node *node)
{
    const struct test_request *r = b->request;
    struct arena *arena = b->loader->arena;
    struct node_test *test = arena_new(arena, struct node_test);

    node->test = test;
    test->generic = true;
    test->test_name = b->name;
    test->namespace = b->namespace;
    test->kwargs = b->args;
    test->column_name = r->column != NULL ? quoted_column(b) : NULL;
    test->file_key_name = arena_printf(arena, "%s.%s", r->key, r->target_name);
    test->attached_node = r->table == NULL ? r->target : NULL;
    test->macro = b->namespace != NULL
                      ? project_package_macro(b->loader->project, b->namespace,
                                              arena_printf(arena, "test_%s", b->name))
                      : project_macro(b->loader->project, r->package,
                                      arena_printf(arena, "test_%s", b->name));
}

/* dbt finds out when the test runs; until then it is a warning. */
static void check_macro(const struct building *b, const struct node *node)
{
    const struct project *project = b->loader->project;
    struct arena *arena = b->loader->arena;
    size_t count = 0;

    if (node->test->macro != NULL || project->hooks == NULL) {
        return;
    }
    const char **names = arena_array(arena, const char *, project->macro_count + 1);
    for (size_t i = 0; i < project->macro_count; i++) {
        if (project->macros[i]->kind == MACRO_TEST) {
            names[count++] = project->macros[i]->name + strlen("test_");
        }
    }
    const char *near = str_nearest(b->name, names, count);
    struct err err = {0};
    err_set(
        &err, ERR_PROJECT,
        "'test_%s' is undefined. This can happen when calling a macro that does not "
        "exist. Check for typos and/or install package dependencies with \"dbt "
        "deps\".",
        b->name);
    if (near != NULL) {
        err_hint(&err, "did you mean '%s'?", near);
    }
    project_locate(&err, b->request->file, b->request->line, 0);
    err_list_add(&b->loader->project->warnings, &err);
}

static bool is_core_test(const struct node *node, const char *name)
{
    const struct macro *macro = node->test->macro;

    return str_eq(node->test->test_name, name) &&
           (macro == NULL ||
            (macro->package->is_builtin && str_eq(macro->package->name, "dbt")));
}

static void capture_model(const struct building *b, struct node *node)
{
    const struct test_request *r = b->request;
    struct project *project = b->loader->project;

    if (r->table != NULL) {
        node_add_source(project, node, r->target_name, r->table, UINT32_MAX);
    } else {
        node_add_ref(project, node, NULL, r->target_name, r->version, UINT32_MAX);
    }
}

/* Arguments of dbt's own tests: whole-string refs and sources only. */
static bool capture_args(const struct building *b, struct node *node)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(b->args, &at)) != NULL;) {
        if (str_eq(value_cstr(e->key, ""), "model")) {
            capture_model(b, node);
        } else if (project_has_jinja(e->value)) {
            return false;
        } else if (e->value.type == VALUE_STRING) {
            node_capture_call(b->loader, node, e->value.as.s);
        }
    }
    return true;
}

static void add_core_macro(const struct building *b, struct node *node,
                           const char *name)
{
    struct macro *macro = project_macro(b->loader->project, b->request->package, name);

    if (macro != NULL) {
        node_add_macro(b->loader->project, node, macro);
    }
}

static int capture(const struct building *b, struct node *node, struct err *err)
{
    const struct project *project = b->loader->project;
    const struct project_hooks *hooks = project->hooks;

    if (node->test->macro != NULL) {
        node_add_macro(b->loader->project, node, node->test->macro);
    }
    if (is_core_test(node, "not_null") || is_core_test(node, "unique")) {
        capture_model(b, node);
        return 0;
    }
    const struct macro *where =
        project_macro(project, b->request->package, "get_where_subquery");
    bool is_core = (is_core_test(node, "accepted_values") ||
                    is_core_test(node, "relationships")) &&
                   (where == NULL || where->package->is_builtin);
    if (is_core || node->test->macro == NULL || hooks == NULL ||
        hooks->parse_node == NULL) {
        if (capture_args(b, node)) {
            add_core_macro(b, node, "get_where_subquery");
            return 0;
        }
        node->ref_count = 0;
        node->source_count = 0;
    }
    if (node_configure_base(b->loader, node, err) != 0) {
        return -1;
    }
    if (hooks == NULL || hooks->parse_node == NULL) {
        return err_set(err, ERR_COMPILE, "can't render Jinja here");
    }
    return hooks->parse_node(hooks->context, b->loader->project, node, err);
}

static void make_node(const struct building *b)
{
    const struct test_request *r = b->request;
    struct loader *loader = b->loader;
    struct err err = {0};
    struct node *node = project_new_node(loader, NODE_TEST, r->package, b->full_name);

    node->unique_id = arena_printf(loader->arena, "test.%s.%s.%s", r->package->name,
                                   b->full_name, test_hash(b));
    node->file = r->file;
    node->path = arena_printf(loader->arena, "%s.sql", b->short_name);
    const char *below = strchr(r->file->path, '/');
    node_set_fqn(loader, node, below != NULL ? below + 1 : r->file->path, b->full_name);
    node->patch_line = r->line;
    node->description = b->description;
    node->checksum_name = "none";
    set_raw_code(b, node);
    set_test(b, node);
    check_macro(b, node);
    if (set_tags(b, node) != 0) {
        return;
    }
    node->config_call = b->config;
    node->unrendered_config_call = b->config;
    if (capture(b, node, &err) != 0 || node_configure(loader, node, NULL, &err) != 0) {
        project_locate(&err, r->file, r->line, 0);
        loader_error(loader, &err);
        return;
    }
    if (node->test->attached_node != NULL) {
        node->group = node->test->attached_node->group;
    }
}

static void build(struct loader *loader, const struct test_request *request)
{
    struct arena scratch = {0};
    struct building b = {.loader = loader, .scratch = &scratch, .request = request};
    const char *name = NULL;

    if (read_shape(&b, &name) == 0 && read_arguments(&b) == 0 &&
        split_name(&b, name) == 0 && read_config(&b) == 0 && read_names(&b) == 0) {
        make_node(&b);
    }
    arena_fini(&scratch);
}

/* ---- unit tests: one per version of the tested model ---- */

static bool wants_version(struct value versions, struct value v)
{
    struct value include = value_dict_get(versions, "include");
    struct value exclude = value_dict_get(versions, "exclude");
    struct value list = value_list_count(exclude) > 0 ? exclude : include;

    if (value_list_count(list) == 0) {
        return true;
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (value_equal(value_list_at(list, i), v)) {
            return value_list_count(exclude) == 0;
        }
    }
    return value_list_count(exclude) > 0;
}

static void add_version(struct loader *loader, struct node *node, struct node *model,
                        bool first)
{
    struct node *own = node;
    struct buf version = {.max = 128};

    if (!first) {
        own = arena_new(loader->arena, struct node);
        *own = *node;
        own->unit_test = arena_new(loader->arena, struct node_unit_test);
        *own->unit_test = *node->unit_test;
        node_list_add(loader->arena, &loader->all, own);
    }
    node_version_text(model->version, &version);
    own->version = model->version;
    own->unit_test->version_text = arena_strdup(loader->arena, buf_str(&version));
    own->unit_test->tested = model;
    own->schema = model->schema;
    own->unique_id =
        arena_printf(loader->arena, "unit_test.%s.%s.%s_%s", own->package->name,
                     own->unit_test->model, own->name, buf_str(&version));
    buf_fini(&version);
}

static void link_unit_test(struct loader *loader, struct node *node)
{
    struct project *project = loader->project;
    struct node *model = NULL;
    enum project_found found =
        project_ref(project, node->package, node->package->name, node->unit_test->model,
                    value_none(), &model);

    if (found == PROJECT_IS_DISABLED) {
        node->enabled = false;
        return;
    }
    if (model == NULL || model->type != NODE_MODEL) {
        loader_fail(loader, node->file, node->patch_line, 0, NULL,
                    "Unable to find model '%s.%s' for unit test '%s' in %s",
                    node->package->name, node->unit_test->model, node->name,
                    node->file->path);
        return;
    }
    node->unit_test->tested = model;
    node->schema = model->schema;
    if (value_is_null(model->version)) {
        return;
    }
    bool first = true;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *other = project->nodes[i];
        if (other->type == NODE_MODEL && other->package == model->package &&
            str_eq(other->name, model->name) &&
            wants_version(node->unit_test->versions, other->version)) {
            add_version(loader, node, other, first);
            first = false;
        }
    }
    if (first) {
        loader_fail(loader, node->file, node->patch_line, 0, NULL,
                    "Unit test '%s' referenced a version of '%s' which was not found.",
                    node->name, model->name);
    }
}

void project_load_tests(struct loader *loader)
{
    size_t count = loader->all.count;

    for (size_t i = 0; i < count; i++) {
        if (loader->all.items[i]->type == NODE_UNIT_TEST &&
            loader->all.items[i]->enabled) {
            link_unit_test(loader, loader->all.items[i]);
        }
    }
    for (size_t i = 0; i < loader->test_count; i++) {
        build(loader, &loader->tests[i]);
    }
}
