#include "config.h"

#include "project/properties.h"

#include <string.h>

#include "base/str.h"

/* ---- columns ---- */

static const char *const constraint_types[] = {"check",       "not_null",    "unique",
                                               "primary_key", "foreign_key", "custom"};

static bool valid_constraint(struct value c)
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

static struct value dict_or_empty(const struct properties *p, struct value v)
{
    return v.type == VALUE_DICT ? v : project_empty_dict(p->loader);
}

static struct value merged(const struct properties *p, struct value a, struct value b)
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
    return merged(p, a.type == VALUE_DICT ? a : value_undefined(),
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
        if (!valid_constraint(value_list_at(column->constraints, i))) {
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

/* ---- patches ---- */

int properties_patch(const struct properties *p, const struct entry *entry,
                     struct patch *out)
{
    static const char *const moved[] = {"meta", "docs", "group", "contract", "access"};
    struct value config;

    if (entry_config(p, entry, entry->value, &config) != 0) {
        return -1;
    }
    config = merged(p, config, value_undefined());
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct value v = value_dict_get(entry->value, moved[i]);
        if (v.type == VALUE_UNDEFINED) {
            continue;
        }
        if (value_dict_has(config, moved[i])) {
            return entry_fail(
                p, entry, moved[i],
                "remove the top-level key and define it under 'config' only",
                "In %s: found %s dictionary in 'config' dictionary and as "
                "top-level key.",
                p->file->path, moved[i]);
        }
        value_dict_put(config, moved[i], v);
    }
    *out = (struct patch){.package = p->package,
                          .file = p->file,
                          .doc = p->doc,
                          .key = entry->key,
                          .name = entry->name,
                          .entry = entry->value,
                          .config = config,
                          .line = entry->line};
    return 0;
}

static int check_constraints(const struct properties *p, const struct entry *entry,
                             struct node *node)
{
    struct buf pk = {.max = 512};
    size_t pk_columns = 0;
    bool model_pk = false;

    for (size_t i = 0; i < node->column_count; i++) {
        struct value list = node->columns[i].constraints;
        for (size_t k = 0; k < value_list_count(list); k++) {
            if (str_eq(value_cstr(value_dict_get(value_list_at(list, k), "type"), ""),
                       "primary_key")) {
                buf_addf(&pk, "%s'%s'", pk_columns++ > 0 ? ", " : "",
                         node->columns[i].name);
            }
        }
    }
    for (size_t i = 0; i < value_list_count(node->constraints); i++) {
        struct value c = value_list_at(node->constraints, i);
        model_pk = model_pk ||
                   str_eq(value_cstr(value_dict_get(c, "type"), ""), "primary_key");
        if (!valid_constraint(c)) {
            buf_fini(&pk);
            return entry_fail(
                p, entry, "constraints", NULL,
                "Invalid constraint type on model %s: Type must be one of "
                "['check', 'not_null', 'unique', 'primary_key', "
                "'foreign_key', 'custom']",
                node->name);
        }
    }
    int rc = 0;
    if (pk_columns > 1) {
        rc = entry_fail(
            p, entry, "columns", NULL,
            "Primary key constraint error: (%s)\nFound %zu columns ([%s]) "
            "with primary key constraints defined. Primary keys for multiple "
            "columns must be defined as a model level constraint.",
            node->file->path, pk_columns, buf_str(&pk));
    } else if (pk_columns > 0 && model_pk) {
        rc =
            entry_fail(p, entry, "constraints", NULL,
                       "Primary key constraint error: (%s)\nPrimary key constraints "
                       "defined at the model level and the columns level. Primary keys "
                       "can be defined at the model level or the column level, not "
                       "both.",
                       node->file->path);
    }
    buf_fini(&pk);
    return rc;
}

/* Refs and sources that foreign keys name. */
static void capture_constraints(const struct properties *p, const struct entry *entry,
                                struct node *node)
{
    for (size_t i = 0; i <= node->column_count; i++) {
        struct value list =
            i < node->column_count ? node->columns[i].constraints : node->constraints;
        for (size_t k = 0; k < value_list_count(list); k++) {
            struct value to = value_dict_get(value_list_at(list, k), "to");
            if (to.type == VALUE_STRING &&
                !node_capture_call(p->loader, node, to.as.s)) {
                entry_fail(p, entry, "constraints", NULL,
                           "Invalid 'ref' or 'source' syntax on foreign key constraint "
                           "'to' on model %s: %s.",
                           node->name, to.as.s);
            }
        }
    }
}

/* A date as dbt writes it: with time and zone. */
static struct value full_date(const struct properties *p, struct value date)
{
    struct arena *arena = p->loader->arena;

    if (date.type != VALUE_STRING) {
        return value_none();
    }
    const char *time = strchr(date.as.s, 'T');
    if (time == NULL) {
        return value_str(arena_printf(arena, "%sT00:00:00+00:00", date.as.s));
    }
    return strpbrk(time, "+-Z") != NULL
               ? date
               : value_str(arena_printf(arena, "%s+00:00", date.as.s));
}

int properties_apply(const struct properties *p, const struct entry *entry,
                     struct node *node, const struct patch *patch, struct value columns)
{
    struct err err = {0};

    node->patch_file = p->file;
    node->patch_line = entry->line;
    node->description = properties_description(p, entry, entry->value);
    node->doc_blocks = properties_doc_blocks(p, entry->value);
    if (properties_columns(p, entry, columns, node) != 0) {
        return -1;
    }
    if (node->type == NODE_MODEL) {
        struct value date = value_dict_get(entry->value, "deprecation_date");
        node->constraints = project_listify(
            p->loader->arena, value_dict_get(entry->value, "constraints"));
        node->deprecation_date = full_date(p, date);
        capture_constraints(p, entry, node);
        if (check_constraints(p, entry, node) != 0) {
            return -1;
        }
    }
    if (node_configure(p->loader, node, patch, &err) != 0) {
        project_locate(&err, p->file, entry->line, entry->column);
        loader_error(p->loader, &err);
        return -1;
    }
    config_check_keys(p->loader, node, patch->config, p->file, entry->line);
    if (node->contract_enforced && node->type == NODE_MODEL &&
        node->column_count == 0) {
        return entry_fail(p, entry, NULL, NULL,
                          "Contract enforcement failed for: (%s)\nConstraints must be "
                          "defined in a `yml` schema configuration file like "
                          "`schema.yml`.",
                          node->file->path);
    }
    return 0;
}

/* ---- finding the node of an entry ---- */

static struct node *find_other(const struct properties *p, const char *name,
                               enum node_type type)
{
    const struct node_list *all = &p->loader->all;

    for (size_t i = 0; i < all->count; i++) {
        struct node *node = all->items[i];
        if (node->type == type && node->package == p->package &&
            str_eq(node->name, name) && (node->test == NULL || !node->test->generic)) {
            return node;
        }
    }
    return NULL;
}

static struct node *find_in(const struct map *map, struct arena *arena,
                            const struct package *package, const char *name)
{
    const struct node_list *list =
        map_get(map, project_key(arena, package->name, name, NULL));

    if (list == NULL) {
        list = map_get(map, name);
    }
    return list != NULL ? list->items[0] : NULL;
}

static struct node *find_refable(const struct properties *p, const char *name)
{
    const struct project_index *index = p->loader->project->index;
    struct node *node = find_in(&index->refs, p->loader->arena, p->package, name);

    return node != NULL
               ? node
               : find_in(&index->disabled_refs, p->loader->arena, p->package, name);
}

static int missing_node(const struct properties *p, const struct entry *entry,
                        const char *name)
{
    entry_warn(
        p, entry,
        "Did not find matching node for patch with name '%s' in the '%s' section "
        "of file '%s'",
        name, entry->key, p->file->path);
    return 0;
}

static int check_patched(const struct properties *p, const struct entry *entry,
                         const struct node *node)
{
    if (node->patch_file == NULL) {
        return 0;
    }
    return entry_fail(
        p, entry, NULL,
        arena_printf(p->loader->arena, "remove one of them; the other is at %s:%d",
                     node->patch_file->shown, node->patch_line),
        "dbt found two schema.yml entries for the same resource named %s. "
        "Resources and their associated columns may only be described a "
        "single time.",
        entry->name);
}

static bool wrong_section(const struct properties *p, const struct entry *entry,
                          const struct node *node)
{
    const char *type = node_type_name(node->type);

    if (strncmp(entry->key, type, strlen(type)) == 0 || node->type == NODE_ANALYSIS ||
        node->type == NODE_TEST) {
        return false;
    }
    entry_warn(
        p, entry,
        "'%s' is a %s node, but it is specified in the '%s' section of %s. To fix "
        "this error, place the `%s` entry under the '%ss' key.",
        entry->name, type, entry->key, p->file->path, entry->name, type);
    return true;
}

static int request_tests(const struct properties *p, const struct entry *entry,
                         struct node *node, struct value version, struct value tests,
                         struct value columns)
{
    struct test_request base = {
        .key = entry->key,
        .target = node,
        .target_name = entry->name,
        .version = version,
        .quote_column =
            value_is_true(value_dict_get(entry->value, "quote_columns"), false),
        .line = entry->line,
        .tags = value_undefined()};

    return properties_request_tests(p, entry, tests, columns, &base);
}

/* Seeds, analyses and singular tests; also models without versions. */
int properties_node(const struct properties *p, const struct entry *entry)
{
    struct patch patch;
    struct value tests;
    struct node *node =
        str_eq(entry->key, "analyses")     ? find_other(p, entry->name, NODE_ANALYSIS)
        : str_eq(entry->key, "data_tests") ? find_other(p, entry->name, NODE_TEST)
                                           : find_refable(p, entry->name);
    struct value columns = value_dict_get(entry->value, "columns");

    if (node == NULL) {
        missing_node(p, entry, entry->name);
    } else if (wrong_section(p, entry, node)) {
        return 0;
    } else if (check_patched(p, entry, node) != 0 ||
               properties_patch(p, entry, &patch) != 0 ||
               properties_apply(p, entry, node, &patch, columns) != 0) {
        return -1;
    }
    if (str_eq(entry->key, "analyses") || str_eq(entry->key, "data_tests")) {
        return 0;
    }
    if (properties_tests_of(p, entry, entry->value, &tests) != 0) {
        return -1;
    }
    return request_tests(p, entry, node, value_none(), tests, columns);
}

/* ---- versioned models ---- */

static bool contains(struct value list, const char *name)
{
    if (list.type == VALUE_STRING) {
        return str_eq(list.as.s, name) || str_eq(list.as.s, "all") ||
               str_eq(list.as.s, "*");
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_eq(value_cstr(value_list_at(list, i), ""), name)) {
            return true;
        }
    }
    return false;
}

/* The model's columns that the version includes, then its own. */
static struct value version_columns(const struct properties *p, struct value base,
                                    struct value own)
{
    struct value out = value_list_new(p->loader->arena, 8);
    struct value include = value_str("all");
    struct value exclude = value_undefined();

    for (size_t i = 0; i < value_list_count(own); i++) {
        struct value item = value_list_at(own, i);
        if (value_dict_has(item, "include") || value_dict_has(item, "exclude")) {
            struct value given = value_dict_get(item, "include");
            include = given.type != VALUE_UNDEFINED ? given : include;
            exclude = value_dict_get(item, "exclude");
        }
    }
    for (size_t i = 0; i < value_list_count(base); i++) {
        struct value column = value_list_at(base, i);
        const char *name = value_cstr(value_dict_get(column, "name"), "");
        if (contains(include, name) && !contains(exclude, name)) {
            value_list_push(out, column);
        }
    }
    for (size_t i = 0; i < value_list_count(own); i++) {
        if (value_dict_has(value_list_at(own, i), "name")) {
            value_list_push(out, value_list_at(own, i));
        }
    }
    return out;
}

static double version_number(struct value v)
{
    return v.type == VALUE_FLOAT ? v.as.f : v.type == VALUE_INT ? (double)v.as.i : 0;
}

/* The greatest version: numbers by value, anything else by its text. */
static struct value greatest(struct value versions)
{
    struct value best = value_none();
    bool numeric = true;

    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        numeric = numeric && (v.type == VALUE_INT || v.type == VALUE_FLOAT);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        struct buf a = {.max = 128};
        struct buf b = {.max = 128};
        project_python_str(v, &a);
        project_python_str(best, &b);
        bool better = best.type == VALUE_NONE ||
                      (numeric ? version_number(v) > version_number(best)
                               : strcmp(buf_str(&a), buf_str(&b)) > 0);
        buf_fini(&a);
        buf_fini(&b);
        best = better ? v : best;
    }
    return best;
}

static void rename_version(const struct properties *p, const struct entry *entry,
                           struct node *node, struct value v, struct value latest)
{
    struct arena *arena = p->loader->arena;
    struct buf text = {.max = 128};

    node_version_text(v, &text);
    const char *version = arena_strdup(arena, buf_str(&text));
    buf_fini(&text);
    const char **fqn = arena_array(arena, const char *, node->fqn_count + 1);
    memcpy(fqn, node->fqn, node->fqn_count * sizeof(*fqn));
    fqn[node->fqn_count - 1] = entry->name;
    fqn[node->fqn_count] = version;
    node->fqn = fqn;
    node->fqn_count++;
    node->name = entry->name;
    node->version = v;
    node->latest_version = latest;
    node->unique_id = arena_printf(arena, "model.%s.%s.%s", node->package->name,
                                   entry->name, version);
}

/* What the version says over what the model says. */
static struct value version_entry(const struct properties *p, const struct entry *entry,
                                  struct value version)
{
    static const char *const keys[] = {
        "description", "access", "docs", "constraints", "meta", "group", "contract"};
    struct value out = merged(p, entry->value, value_undefined());

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct value v = value_dict_get(version, keys[i]);
        if (!value_is_null(v)) {
            value_dict_put(out, keys[i], v);
        }
    }
    value_dict_put(out, "deprecation_date",
                   value_dict_get(version, "deprecation_date"));
    value_dict_put(out, "config",
                   merged(p, dict_or_empty(p, value_dict_get(entry->value, "config")),
                          dict_or_empty(p, value_dict_get(version, "config"))));
    return out;
}

static struct node *find_version(const struct properties *p, const struct entry *entry,
                                 struct value version, bool is_latest,
                                 const char **name)
{
    struct buf text = {.max = 512};
    const char *defined = value_cstr(value_dict_get(version, "defined_in"), NULL);

    if (defined != NULL) {
        buf_adds(&text, defined);
    } else {
        buf_addf(&text, "%s_", entry->name);
        node_version_text(value_dict_get(version, "v"), &text);
    }
    *name = arena_strdup(p->loader->arena, buf_str(&text));
    buf_fini(&text);
    struct node *node = find_refable(p, *name);
    if (node == NULL && is_latest) {
        node = find_refable(p, entry->name);
    }
    return node != NULL && node->type == NODE_MODEL ? node : NULL;
}

static int read_version(const struct properties *p, const struct entry *entry,
                        struct value version, struct value latest)
{
    struct value v = value_dict_get(version, "v");
    const char *name;
    struct entry own = *entry;
    struct patch patch;
    struct value tests;
    struct value columns = version_columns(p, value_dict_get(entry->value, "columns"),
                                           value_dict_get(version, "columns"));

    if (v.type == VALUE_STRING || v.type == VALUE_INT || v.type == VALUE_FLOAT) {
        own.value = version_entry(p, entry, version);
    } else {
        return entry_fail(
            p, entry, "versions", NULL,
            "a version of '%s' has no 'v', or one that is neither a number "
            "nor a string",
            entry->name);
    }
    struct node *node = find_version(p, entry, version, value_equal(v, latest), &name);
    if (node == NULL) {
        return missing_node(p, entry, name);
    }
    if (check_patched(p, entry, node) != 0 || properties_patch(p, &own, &patch) != 0) {
        return -1;
    }
    rename_version(p, entry, node, v, latest);
    if (properties_apply(p, &own, node, &patch, columns) != 0 ||
        properties_tests_of(p, entry, version, &tests) != 0 ||
        (tests.type == VALUE_UNDEFINED &&
         properties_tests_of(p, entry, entry->value, &tests) != 0)) {
        return -1;
    }
    return request_tests(p, entry, node, v, tests, columns);
}

int properties_model(const struct properties *p, const struct entry *entry)
{
    struct value versions = value_dict_get(entry->value, "versions");
    struct value latest = value_dict_get(entry->value, "latest_version");
    bool found = false;

    if (value_list_count(versions) == 0) {
        return properties_node(p, entry);
    }
    if (value_is_null(latest)) {
        latest = greatest(versions);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        struct value v = value_dict_get(value_list_at(versions, i), "v");
        found = found || value_equal(v, latest);
        for (size_t k = 0; k < i; k++) {
            if (value_equal(v, value_dict_get(value_list_at(versions, k), "v"))) {
                return entry_fail(
                    p, entry, "versions", NULL,
                    "Found duplicate version in versions list of model %s",
                    entry->name);
            }
        }
    }
    if (!found) {
        return entry_fail(p, entry, "latest_version", NULL,
                          "latest_version of model '%s' is not one of its versions",
                          entry->name);
    }
    for (size_t i = 0; i < value_list_count(versions); i++) {
        if (read_version(p, entry, value_list_at(versions, i), latest) != 0) {
            return -1;
        }
    }
    return 0;
}
