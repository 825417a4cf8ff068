#include "config.h"

#include "project/properties.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* A value under its name or the adapter's alias for it. */
static struct value get_alias(struct value of, const char *key, const char *alias)
{
    struct value v = value_dict_get(of, key);

    return v.type != VALUE_UNDEFINED ? v : value_dict_get(of, alias);
}

static void put_all(struct value into, struct value from)
{
    size_t at = 0;

    for (const struct value_pair *e; (e = value_dict_next(from, &at)) != NULL;) {
        value_dict_put_value(into, e->key, e->value);
    }
}

static struct value dict_or(struct arena *arena, struct value v)
{
    return v.type == VALUE_DICT ? v : value_dict_new(arena, 0);
}

/* ---- freshness: merged from source, its config, table, its config ---- */

static bool is_time(struct value time)
{
    return !value_is_null(value_dict_get(time, "count")) &&
           !value_is_null(value_dict_get(time, "period"));
}

static bool is_set(struct value threshold)
{
    return is_time(value_dict_get(threshold, "warn_after")) ||
           is_time(value_dict_get(threshold, "error_after"));
}

static struct value full_time(struct arena *arena, struct value time)
{
    struct value out = value_dict_new(arena, 2);
    struct value count = value_dict_get(time, "count");
    struct value period = value_dict_get(time, "period");

    value_dict_put(out, "count", value_is_null(count) ? value_none() : count);
    value_dict_put(out, "period", value_is_null(period) ? value_none() : period);
    return out;
}

/* As a threshold with all its keys; null stays null, nothing becomes the default. */
static struct value full_threshold(struct arena *arena, struct value v)
{
    static const char *const keys[] = {"warn_after", "error_after"};
    struct value out = config_default_freshness(arena);

    if (v.type == VALUE_NONE) {
        return v;
    }
    for (size_t i = 0; i < 2; i++) {
        struct value time = value_dict_get(v, keys[i]);
        if (time.type == VALUE_NONE) {
            value_dict_put(out, keys[i], time);
        } else if (time.type == VALUE_DICT) {
            value_dict_put(out, keys[i], full_time(arena, time));
        }
    }
    struct value filter = value_dict_get(v, "filter");
    if (!value_is_null(filter)) {
        value_dict_put(out, "filter", filter);
    }
    return out;
}

static struct value merge_time(struct value base, struct value update)
{
    if (update.type == VALUE_NONE) {
        return update;
    }
    return is_time(update) ? update : base;
}

static struct value merge_thresholds(struct arena *arena, struct value base,
                                     struct value update)
{
    if (base.type == VALUE_NONE || update.type == VALUE_NONE) {
        return base.type == VALUE_NONE && is_set(update) ? update : value_none();
    }
    struct value out = config_default_freshness(arena);
    value_dict_put(out, "warn_after",
                   merge_time(value_dict_get(base, "warn_after"),
                              value_dict_get(update, "warn_after")));
    value_dict_put(out, "error_after",
                   merge_time(value_dict_get(base, "error_after"),
                              value_dict_get(update, "error_after")));
    struct value filter = value_dict_get(update, "filter");
    value_dict_put(out, "filter",
                   value_is_null(filter) ? value_dict_get(base, "filter") : filter);
    return out;
}

/* ---- one table ---- */

struct source {
    const struct properties *p;
    const struct entry *entry;
    struct value value; /* of the source */
    struct value config;
    struct value table;
    struct value table_config;
};

static struct value first_set(struct value a, struct value b)
{
    return value_is_null(a) ? b : a;
}

static void put_loaded_at(const struct source *s, const char *key, struct value into)
{
    struct value own =
        first_set(value_dict_get(s->table, key), value_dict_get(s->table_config, key));
    bool present = value_dict_has(s->table, key) || !value_is_null(own);
    struct value v = present ? own
                             : first_set(value_dict_get(s->value, key),
                                         value_dict_get(s->config, key));

    value_dict_put(into, key, v.type == VALUE_UNDEFINED ? value_none() : v);
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, without duplicates and what is no string. */
static struct value sorted_tags(struct arena *arena, const struct value *lists,
                                size_t list_count)
{
    const char **names = NULL;
    size_t count = 0;
    struct value out = value_list_new(arena, 2);

    for (size_t i = 0; i < list_count; i++) {
        struct value list = project_listify(arena, lists[i]);
        for (size_t k = 0; k < value_list_count(list); k++) {
            struct value tag = value_list_at(list, k);
            if (tag.type == VALUE_STRING) {
                names = arena_realloc(arena, names, count * sizeof(*names),
                                      (count + 1) * sizeof(*names));
                names[count++] = tag.as.s;
            }
        }
    }
    if (count > 1) {
        qsort(names, count, sizeof(*names), compare_strings);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(names[i], names[i - 1])) {
            value_list_push(out, value_str(names[i]));
        }
    }
    return out;
}

/* What the file says, as config: dbt 1.11's order of keys. */
static struct value table_config(const struct source *s)
{
    struct arena *arena = s->p->loader->arena;
    struct value out = value_dict_new(arena, 8);
    struct value meta = value_dict_new(arena, 2);
    const struct value tags[] = {
        value_dict_get(s->value, "tags"), value_dict_get(s->config, "tags"),
        value_dict_get(s->table, "tags"), value_dict_get(s->table_config, "tags")};
    const struct value freshness[] = {value_dict_get(s->value, "freshness"),
                                      value_dict_get(s->config, "freshness"),
                                      value_dict_get(s->table, "freshness"),
                                      value_dict_get(s->table_config, "freshness")};

    put_all(out, s->config);
    put_all(out, s->table_config);
    struct value merged = full_threshold(arena, freshness[0]);
    for (size_t i = 1; i < 4; i++) {
        merged = merge_thresholds(arena, merged, full_threshold(arena, freshness[i]));
    }
    if (merged.type == VALUE_NONE || is_set(merged)) {
        value_dict_put(out, "freshness", merged);
    } else {
        value_dict_remove(out, value_str("freshness"));
    }
    put_loaded_at(s, "loaded_at_field", out);
    put_loaded_at(s, "loaded_at_query", out);
    put_all(meta, dict_or(arena, value_dict_get(s->value, "meta")));
    put_all(meta, dict_or(arena, value_dict_get(s->config, "meta")));
    put_all(meta, dict_or(arena, value_dict_get(s->table, "meta")));
    put_all(meta, dict_or(arena, value_dict_get(s->table_config, "meta")));
    value_dict_put(out, "meta", meta);
    value_dict_put(out, "tags", sorted_tags(arena, tags, 4));
    return out;
}

static struct value merged_quoting(const struct source *s)
{
    static const char *const keys[] = {"database", "schema", "identifier", "column"};
    struct value out = value_dict_new(s->p->loader->arena, 4);

    for (size_t i = 0; i < 4; i++) {
        struct value own = value_dict_get(value_dict_get(s->table, "quoting"), keys[i]);
        struct value of = value_dict_get(value_dict_get(s->value, "quoting"), keys[i]);
        struct value v = first_set(own, of);
        value_dict_put(out, keys[i], value_is_null(v) ? value_none() : v);
    }
    return out;
}

/* With all the fields of dbt's ExternalTable; undefined when it is no dict. */
static struct value external_table(struct arena *arena, struct value given)
{
    static const char *const fields[] = {"location", "file_format", "row_format",
                                         "tbl_properties", "partitions"};

    if (given.type != VALUE_DICT) {
        return given;
    }
    struct value out = value_dict_new(arena, 5);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct value v = value_dict_get(given, fields[i]);
        value_dict_put(out, fields[i], value_is_null(v) ? value_none() : v);
    }
    put_all(out, given);
    return out;
}

static int set_source(const struct source *s, struct node *node)
{
    const struct properties *p = s->p;
    struct arena *arena = p->loader->arena;
    struct node_source *source = arena_new(arena, struct node_source);

    node->source = source;
    source->source_name = s->entry->name;
    source->source_description = properties_description(p, s->entry, s->value);
    source->loader = value_cstr(value_dict_get(s->value, "loader"), "");
    source->identifier = value_cstr(value_dict_get(s->table, "identifier"), node->name);
    source->external = external_table(arena, value_dict_get(s->table, "external"));
    source->quoting = merged_quoting(s);
    source->source_meta = value_dict_new(arena, 2);
    put_all(source->source_meta, dict_or(arena, value_dict_get(s->value, "meta")));
    put_all(source->source_meta, dict_or(arena, value_dict_get(s->config, "meta")));
    source->unrendered_database =
        value_cstr(value_dict_get(s->entry->raw, "database"), NULL);
    source->unrendered_schema =
        value_cstr(value_dict_get(s->entry->raw, "schema"), NULL);
    node->database = value_cstr(get_alias(s->value, "database", "environment_id"),
                                p->loader->project->profile.environment_id);
    node->schema = value_cstr(get_alias(s->value, "schema", "dbname"), s->entry->name);
    node->alias = source->identifier;
    node->description = properties_description(p, s->entry, s->table);
    node->doc_blocks = properties_doc_blocks(p, s->table);
    node->relation_name =
        project_relation_name(arena, node->database, node->schema, source->identifier,
                              project_quoting(p->loader, source->quoting));
    return 0;
}

static int configure(const struct source *s, struct node *node)
{
    struct loader *loader = s->p->loader;
    struct patch patch = {.package = s->p->package, .config = table_config(s)};
    struct err err = {0};

    if (node_configure(loader, node, &patch, &err) != 0) {
        project_locate(&err, s->p->file, node->patch_line, 0);
        loader_error(loader, &err);
        return -1;
    }
    struct value config = value_dict_new(loader->arena, 8);
    put_all(config, node->config);
    value_dict_put(config, "tags", value_dict_get(patch.config, "tags"));
    node->config = config;
    node->tags = value_dict_get(config, "tags");
    node->source->freshness = value_dict_get(config, "freshness");
    node->source->loaded_at_field = value_dict_get(config, "loaded_at_field");
    node->source->loaded_at_query = value_dict_get(config, "loaded_at_query");
    return 0;
}

static int request(const struct source *s, struct node *node)
{
    struct value tests;
    const struct value tags[] = {value_dict_get(s->value, "tags"),
                                 value_dict_get(s->table, "tags")};
    struct value quote = first_set(value_dict_get(s->table, "quote_columns"),
                                   value_dict_get(s->value, "quote_columns"));
    struct test_request base = {.key = "sources",
                                .target = node,
                                .target_name = s->entry->name,
                                .table = node->name,
                                .version = value_none(),
                                .quote_column = value_is_true(quote, false),
                                .line = node->patch_line,
                                .tags = sorted_tags(s->p->loader->arena, tags, 2)};

    if (properties_tests_of(s->p, s->entry, s->table, &tests) != 0) {
        return -1;
    }
    return properties_request_tests(s->p, s->entry, tests,
                                    value_dict_get(s->table, "columns"), &base);
}

static int read_table(struct source *s, size_t index)
{
    const struct properties *p = s->p;
    struct arena *arena = p->loader->arena;
    struct value raw = value_dict_get(s->entry->raw, "tables");
    struct value name = value_dict_get(s->table, "name");
    struct yaml_position at = {0};

    if (name.type != VALUE_STRING) {
        return entry_fail(
            p, s->entry, "tables", "quote the name",
            "a table of source '%s' has no name, or one that is no string",
            s->entry->name);
    }
    if (entry_config(p, s->entry, s->table, &s->table_config) != 0) {
        return -1;
    }
    struct node *node = project_new_node(p->loader, NODE_SOURCE, p->package, name.as.s);
    node->unique_id = arena_printf(arena, "source.%s.%s.%s", p->package->name,
                                   s->entry->name, node->name);
    node->file = p->file;
    node->path = p->file->path;
    yaml_item_position(p->doc, raw, index, &at);
    node->patch_line = at.line;
    node_set_fqn(p->loader, node, p->relative, s->entry->name);
    const char **fqn = arena_array(arena, const char *, node->fqn_count + 1);
    memcpy(fqn, node->fqn, node->fqn_count * sizeof(*fqn));
    fqn[node->fqn_count++] = node->name;
    node->fqn = fqn;
    if (set_source(s, node) != 0 ||
        properties_columns(p, s->entry, value_dict_get(s->table, "columns"), node) !=
            0 ||
        configure(s, node) != 0) {
        return -1;
    }
    return request(s, node);
}

int properties_source(const struct properties *p, const struct entry *entry)
{
    struct source s = {.p = p, .entry = entry, .value = entry->value};
    struct value tables = value_dict_get(entry->value, "tables");

    if (value_dict_has(entry->value, "overrides")) {
        entry_warn(p, entry,
                   "'overrides' of source '%s' is left out: override the source in its "
                   "package instead",
                   entry->name);
        return 0;
    }
    if (!value_is_null(tables) && tables.type != VALUE_LIST) {
        return entry_fail(p, entry, "tables", NULL, "the tables of '%s' are not a list",
                          entry->name);
    }
    if (entry_config(p, entry, entry->value, &s.config) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(tables); i++) {
        s.table = value_list_at(tables, i);
        if (read_table(&s, i) != 0) {
            return -1;
        }
    }
    return 0;
}
