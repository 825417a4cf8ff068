/* Columns of a properties file, and the tests that it asks for. */
#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/str.h"

static const char *const constraint_types[] = {"check",       "not_null",    "unique",
                                               "primary_key", "foreign_key", "custom"};

bool properties_constraint_is_valid(struct value c)
{
    const char *type = value_cstr(value_dict_get(c, "type"), "");

    for (size_t i = 0; i < sizeof(constraint_types) / sizeof(constraint_types[0]);
         i++) {
        if (str_eq(type, constraint_types[i])) {
            return true;
        }
    }
    return false;
}

struct value properties_merged(const struct properties *p, struct value a,
                               struct value b)
{
    struct value out =
        value_dict_new(p->loader->arena, value_dict_count(a) + value_dict_count(b));
    const struct value parts[] = {a, b};

    for (size_t i = 0; i < 2; i++) {
        size_t at = 0;
        for (const struct value_pair *e;
             (e = value_dict_next(parts[i], &at)) != NULL;) {
            value_dict_put_value(out, e->key, e->value);
        }
    }
    return out;
}

/* Without duplicates, in the order written. */
static struct value union_tags(const struct properties *p, struct value a,
                               struct value b)
{
    struct arena *arena = p->loader->arena;
    if (value_is_null(a) && value_is_null(b)) {
        return project_empty_list(p->loader);
    }
    struct value out = value_list_new(arena, 2);
    const struct value parts[] = {project_listify(arena, a), project_listify(arena, b)};

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < value_list_count(parts[i]); k++) {
            struct value tag = value_list_at(parts[i], k);
            bool known = false;
            for (size_t n = 0; n < value_list_count(out) && !known; n++) {
                known = value_equal(value_list_at(out, n), tag);
            }
            if (!known) {
                value_list_push(out, tag);
            }
        }
    }
    return out;
}

/* Dicts only; the shared empty one when there is nothing in them. */
static struct value merged_or_empty(const struct properties *p, struct value a,
                                    struct value b)
{
    if (value_dict_count(a) + value_dict_count(b) == 0) {
        return project_empty_dict(p->loader);
    }
    return properties_merged(p, a.type == VALUE_DICT ? a : value_undefined(),
                             b.type == VALUE_DICT ? b : value_undefined());
}

/* {meta, tags}; shared by all columns that have neither. */
static struct value column_config(const struct properties *p,
                                  const struct node_column *column)
{
    struct loader *loader = p->loader;
    bool plain =
        value_dict_count(column->meta) == 0 && value_list_count(column->tags) == 0;

    if (plain && loader->plain_column.type == VALUE_DICT) {
        return loader->plain_column;
    }
    struct value config = value_dict_new(loader->arena, 2);
    value_dict_put(config, "meta", column->meta);
    value_dict_put(config, "tags", column->tags);
    if (plain) {
        loader->plain_column = config;
    }
    return config;
}

static int read_column(const struct properties *p, const struct entry *entry,
                       struct value raw, struct node_column *column)
{
    struct arena *arena = p->loader->arena;
    struct value name = value_dict_get(raw, "name");
    struct value config = value_dict_get(raw, "config");
    struct value quote = value_dict_get(raw, "quote");
    struct value type = value_dict_get(raw, "data_type");

    if (name.type != VALUE_STRING) {
        return entry_fail(p, entry, "columns", "quote the name",
                          "a column of '%s' has no name, or one that is no string",
                          entry->name);
    }
    column->name = name.as.s;
    if (!value_is_null(type) && type.type != VALUE_STRING) {
        return entry_fail(p, entry, "columns", NULL,
                          "the data_type of column '%s' of '%s' is not a string",
                          column->name, entry->name);
    }
    column->data_type = value_cstr(type, NULL);
    column->description = properties_description(p, entry, raw);
    column->doc_blocks = properties_doc_blocks(p, raw);
    column->quote = quote.type == VALUE_BOOL ? quote.as.b : -1;
    struct value constraints = value_dict_get(raw, "constraints");
    column->constraints = value_is_null(constraints)
                              ? project_empty_list(p->loader)
                              : project_listify(arena, constraints);
    column->meta =
        merged_or_empty(p, value_dict_get(raw, "meta"), value_dict_get(config, "meta"));
    column->tags =
        union_tags(p, value_dict_get(raw, "tags"), value_dict_get(config, "tags"));
    column->config = column_config(p, column);
    column->granularity = value_dict_get(raw, "granularity");
    for (size_t i = 0; i < value_list_count(column->constraints); i++) {
        if (!properties_constraint_is_valid(value_list_at(column->constraints, i))) {
            return entry_fail(p, entry, "columns", NULL,
                              "Invalid constraint type on column %s", column->name);
        }
    }
    return 0;
}

int properties_columns(const struct properties *p, const struct entry *entry,
                       struct value list, struct node *node)
{
    size_t count = value_list_count(list);
    struct map known = {0};
    int rc = 0;

    if (!value_is_null(list) && list.type != VALUE_LIST) {
        return entry_fail(p, entry, "columns", NULL,
                          "the columns of '%s' are not a list", entry->name);
    }
    node->columns = arena_array(p->loader->arena, struct node_column, count + 1);
    node->column_count = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct node_column column = {0};
        struct yaml_position at = {0};
        struct value raw = value_list_at(list, i);
        rc = read_column(p, entry, raw, &column);
        if (rc != 0) {
            break;
        }
        column.line = yaml_key_position(p->doc, raw, "name", &at) ? at.line : 0;
        struct node_column *other = map_get(&known, column.name);
        if (other != NULL) {
            *other = column;
        } else {
            node->columns[node->column_count] = column;
            map_put(&known, column.name, &node->columns[node->column_count++]);
        }
    }
    map_fini(&known);
    return rc;
}

/* ---- tests ---- */

int properties_tests_of(const struct properties *p, const struct entry *entry,
                        struct value of, struct value *out)
{
    struct value tests = value_dict_get(of, "tests");
    struct value data_tests = value_dict_get(of, "data_tests");

    if (value_list_count(tests) > 0 && data_tests.type != VALUE_UNDEFINED) {
        return entry_fail(p, entry, NULL, NULL,
                          "Invalid test config: cannot have both 'tests' and "
                          "'data_tests' defined");
    }
    *out = data_tests.type != VALUE_UNDEFINED ? data_tests : tests;
    if (!value_is_null(*out) && out->type != VALUE_LIST) {
        return entry_fail(p, entry, NULL, NULL, "the tests of '%s' are not a list",
                          entry->name);
    }
    return 0;
}

static void add_requests(const struct properties *p, struct value tests,
                         const struct test_request *base)
{
    struct loader *loader = p->loader;

    for (size_t i = 0; i < value_list_count(tests); i++) {
        struct yaml_position at = {0};
        if (loader->test_count == loader->test_cap) {
            size_t cap = loader->test_cap != 0 ? loader->test_cap * 2 : 64;
            loader->tests =
                arena_realloc(loader->arena, loader->tests,
                              loader->test_cap * sizeof(struct test_request),
                              cap * sizeof(struct test_request));
            loader->test_cap = cap;
        }
        struct test_request *request = &loader->tests[loader->test_count++];
        *request = *base;
        request->package = p->package;
        request->file = p->file;
        request->doc = p->doc;
        request->test = value_list_at(tests, i);
        if (yaml_item_position(p->doc, tests, i, &at)) {
            request->line = at.line;
        }
    }
}

int properties_request_tests(const struct properties *p, const struct entry *entry,
                             struct value tests, struct value columns,
                             const struct test_request *base)
{
    for (size_t i = 0; i < value_list_count(columns); i++) {
        struct value column = value_list_at(columns, i);
        struct value quote = value_dict_get(column, "quote");
        struct value config = value_dict_get(column, "config");
        struct test_request request = *base;
        struct value of_column;
        if (properties_tests_of(p, entry, column, &of_column) != 0) {
            return -1;
        }
        request.column = value_cstr(value_dict_get(column, "name"), "");
        request.quote_column = value_is_true(quote, base->quote_column);
        request.tags = union_tags(p, base->tags,
                                  union_tags(p, value_dict_get(column, "tags"),
                                             value_dict_get(config, "tags")));
        add_requests(p, of_column, &request);
    }
    struct test_request request = *base;
    request.quote_column = false;
    add_requests(p, tests, &request);
    return 0;
}
