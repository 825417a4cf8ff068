#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/path.h"
#include "base/str.h"

static void put_all(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, e->key, e->value);
    }
}

/* The text of tests/fixtures/NAME.csv or .sql; undefined after an error. */
static struct value read_fixture(const struct properties *p, const struct entry *entry,
                                 const char *name, const char *format)
{
    struct loader *loader = p->loader;
    struct value paths = package_paths(loader, p->package, "test-paths");
    char *wanted = arena_printf(loader->arena, "%s.%s", name,
                                str_eq(format, "sql") ? "sql" : "csv");

    for (size_t i = 0; i < value_list_count(paths); i++) {
        struct err err = {0};
        const char *dir =
            arena_printf(loader->arena, "%s/fixtures", value_list_at(paths, i).as.s);
        const struct found_list *list = project_walk(loader, p->package, dir, &err);
        for (size_t k = 0; list != NULL && k < list->count; k++) {
            if (!str_eq(path_base(list->items[k].relative), wanted)) {
                continue;
            }
            struct project_file *file = project_read_file(
                loader, p->package,
                arena_printf(loader->arena, "%s/%s", dir, list->items[k].relative),
                true, &err);
            if (file != NULL) {
                const char *text = file->text;
                size_t len = file->len;
                project_strip(&text, &len);
                return value_copy_str_n(loader->arena, text, len);
            }
        }
        loader_error(loader, &err);
    }
    entry_fail(p, entry, NULL, "fixtures are files in tests/fixtures/",
               "File not found for fixture '%s' in unit tests in %s", name,
               p->file->path);
    return value_undefined();
}

static bool has_null(struct value row)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(row, &at)) != NULL;) {
        if (e->value.type == VALUE_NONE) {
            return true;
        }
    }
    return false;
}

/* The first row without nulls changes places with the first row, as in dbt. */
static struct value promoted(struct arena *arena, struct value rows)
{
    size_t count = value_list_count(rows);
    struct value out = value_list_new(arena, count);
    size_t full = 0;

    while (full < count && has_null(value_list_at(rows, full))) {
        full++;
    }
    for (size_t i = 0; i < count; i++) {
        size_t from = full == count ? i : i == 0 ? full : i == full ? 0 : i;
        value_list_push(out, value_list_at(rows, from));
    }
    return out;
}

/* {input, rows, format, fixture}, with the fixture's text as rows. */
static int read_rows(const struct properties *p, const struct entry *entry,
                     struct value given, bool is_input, struct value *out)
{
    struct arena *arena = p->loader->arena;
    struct value format = value_dict_get(given, "format");
    struct value fixture = value_dict_get(given, "fixture");
    struct value rows = value_dict_get(given, "rows");
    const char *name = value_cstr(format, "dict");

    if (given.type != VALUE_DICT ||
        (is_input && value_dict_get(given, "input").type != VALUE_STRING)) {
        return entry_fail(
            p, entry, is_input ? "given" : "expect", NULL,
            "an input of unit test '%s' is not a mapping with 'input' and "
            "'rows'",
            entry->name);
    }
    if (!str_eq(name, "dict") && !str_eq(name, "csv") && !str_eq(name, "sql")) {
        return entry_fail(p, entry, is_input ? "given" : "expect", NULL,
                          "'%s' is not one of ['csv', 'dict', 'sql']", name);
    }
    if (fixture.type == VALUE_STRING) {
        rows = read_fixture(p, entry, fixture.as.s, name);
        if (rows.type == VALUE_UNDEFINED) {
            return -1;
        }
    }
    bool fits = str_eq(name, "dict")
                    ? rows.type == VALUE_LIST || (is_input && value_is_null(rows))
                    : rows.type == VALUE_STRING;
    if (!fits) {
        return entry_fail(p, entry, is_input ? "given" : "expect", NULL,
                          "Unit test %s has %s rows which do not match format %s",
                          entry->name, is_input ? "input" : "expected", name);
    }
    if (rows.type == VALUE_LIST) {
        rows = promoted(arena, rows);
    }
    *out = value_dict_new(arena, 4);
    if (is_input) {
        value_dict_put(*out, "input", value_dict_get(given, "input"));
    }
    value_dict_put(*out, "rows", value_is_null(rows) ? value_none() : rows);
    value_dict_put(*out, "format", value_copy_str(arena, name));
    value_dict_put(*out, "fixture", value_is_null(fixture) ? value_none() : fixture);
    return 0;
}

/* Python's repr of a given or expected fixture. */
static void repr_fixture(const char *class, struct value fixture, struct buf *out)
{
    const char *format = value_cstr(value_dict_get(fixture, "format"), "");
    struct value input = value_dict_get(fixture, "input");

    buf_addf(out, "%s(", class);
    if (input.type != VALUE_UNDEFINED) {
        buf_adds(out, "input=");
        project_python_repr(input, out);
        buf_adds(out, ", ");
    }
    buf_adds(out, "rows=");
    project_python_repr(value_dict_get(fixture, "rows"), out);
    buf_addf(out, ", format=<UnitTestFormat.%s: '%s'>, fixture=",
             str_eq(format, "csv")   ? "CSV"
             : str_eq(format, "sql") ? "SQL"
                                     : "Dict",
             format);
    project_python_repr(value_dict_get(fixture, "fixture"), out);
    buf_addc(out, ')');
}

static void repr_fields(const char *class, struct value dict, const char *const *keys,
                        size_t count, struct buf *out)
{
    if (dict.type != VALUE_DICT) {
        buf_adds(out, "None");
        return;
    }
    buf_addf(out, "%s(", class);
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s=", i > 0 ? ", " : "", keys[i]);
        project_python_repr(value_dict_get(dict, keys[i]), out);
    }
    buf_addc(out, ')');
}

/* sha256 of what state:modified compares. */
static const char *unit_checksum(struct arena *arena, const struct node_unit_test *unit)
{
    static const char *const versions[] = {"include", "exclude"};
    static const char *const overrides[] = {"macros", "vars", "env_vars"};
    struct buf text = {0};

    buf_addf(&text, "%s-", unit->model);
    repr_fields("UnitTestNodeVersions", unit->versions, versions, 2, &text);
    buf_adds(&text, "-[");
    for (size_t i = 0; i < value_list_count(unit->given); i++) {
        buf_adds(&text, i > 0 ? ", " : "");
        repr_fixture("UnitTestInputFixture", value_list_at(unit->given, i), &text);
    }
    buf_adds(&text, "]-");
    repr_fixture("UnitTestOutputFixture", unit->expect, &text);
    buf_addc(&text, '-');
    repr_fields("UnitTestOverrides", unit->overrides, overrides, 3, &text);
    for (size_t i = 0; i < value_list_count(unit->given); i++) {
        struct value given = value_list_at(unit->given, i);
        if (!value_is_null(value_dict_get(given, "fixture"))) {
            buf_addc(&text, '-');
            project_python_str(value_dict_get(given, "rows"), &text);
        }
    }
    const char *sum = project_sha256(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return sum;
}

static int set_unit_test(const struct properties *p, const struct entry *entry,
                         struct node *node, const char *model)
{
    struct arena *arena = p->loader->arena;
    struct node_unit_test *unit = arena_new(arena, struct node_unit_test);
    struct value given = value_dict_get(entry->value, "given");
    struct value overrides = value_dict_get(entry->value, "overrides");

    node->unit_test = unit;
    unit->model = model;
    unit->given = value_list_new(arena, value_list_count(given));
    if (!value_is_null(given) && given.type != VALUE_LIST) {
        return entry_fail(p, entry, "given", NULL, "'given' of '%s' is not a list",
                          entry->name);
    }
    for (size_t i = 0; i < value_list_count(given); i++) {
        struct value rows;
        if (read_rows(p, entry, value_list_at(given, i), true, &rows) != 0) {
            return -1;
        }
        value_list_push(unit->given, rows);
    }
    if (read_rows(p, entry, value_dict_get(entry->value, "expect"), false,
                  &unit->expect) != 0) {
        return -1;
    }
    unit->overrides = value_none();
    if (overrides.type == VALUE_DICT) {
        unit->overrides = value_dict_new(arena, 3);
        value_dict_put(unit->overrides, "macros", value_dict_new(arena, 0));
        value_dict_put(unit->overrides, "vars", value_dict_new(arena, 0));
        value_dict_put(unit->overrides, "env_vars", value_dict_new(arena, 0));
        put_all(unit->overrides, overrides);
    }
    unit->versions = value_dict_get(entry->value, "versions");
    node->checksum = unit_checksum(arena, unit);
    return 0;
}

int properties_unit_test(const struct properties *p, const struct entry *entry)
{
    struct loader *loader = p->loader;
    struct value model = value_dict_get(entry->value, "model");
    struct patch patch = {.package = p->package};
    struct err err = {0};

    if (model.type != VALUE_STRING) {
        return entry_fail(
            p, entry, NULL, NULL,
            "Invalid unit_tests config given in %s: 'model' is a required "
            "property of unit test '%s'",
            p->file->path, entry->name);
    }
    struct node *node =
        project_new_node(loader, NODE_UNIT_TEST, p->package, entry->name);
    node->unique_id = arena_printf(loader->arena, "unit_test.%s.%s.%s",
                                   p->package->name, model.as.s, entry->name);
    node->file = p->file;
    node->path = p->relative;
    node->patch_line = entry->line;
    node->description = properties_description(p, entry, entry->value);
    node_set_fqn(loader, node, p->relative, model.as.s);
    const char **fqn = arena_array(loader->arena, const char *, node->fqn_count + 1);
    memcpy(fqn, node->fqn, node->fqn_count * sizeof(*fqn));
    fqn[node->fqn_count++] = entry->name;
    node->fqn = fqn;
    if (entry_config(p, entry, entry->value, &patch.config) != 0 ||
        set_unit_test(p, entry, node, model.as.s) != 0) {
        return -1;
    }
    if (node_configure(loader, node, &patch, &err) != 0) {
        project_locate(&err, p->file, entry->line, 0);
        loader_error(loader, &err);
        return -1;
    }
    return 0;
}
