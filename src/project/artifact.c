#include "config.h"

#include "project/artifact.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "project/internal.h"

/* A dict under construction. */
struct making {
    const struct project *project;
    struct arena *arena;
    struct value dict;
};

static void put(struct making *m, const char *key, struct value v)
{
    value_dict_put(m->dict, key, v.type == VALUE_UNDEFINED ? value_none() : v);
}

static void put_str(struct making *m, const char *key, const char *s)
{
    value_dict_put(m->dict, key, s != NULL ? value_str(s) : value_none());
}

static struct value empty_list(struct making *m)
{
    return value_list_new(m->arena, 0);
}

static struct value strings(struct making *m, const char *const *items, size_t count)
{
    struct value list = value_list_new(m->arena, count);

    for (size_t i = 0; i < count; i++) {
        value_list_push(list, value_str(items[i]));
    }
    return list;
}

static struct value or_empty_dict(struct making *m, struct value v)
{
    return v.type == VALUE_DICT ? v : value_dict_new(m->arena, 0);
}

static struct value or_empty_list(struct making *m, struct value v)
{
    return v.type == VALUE_LIST ? v : empty_list(m);
}

/* ---- parts that nodes share ---- */

struct value artifact_constraint(struct value given, bool of_model, struct arena *arena)
{
    static const char *const keys[] = {"name", "expression"};
    struct value out = value_dict_new(arena, 8);
    struct value unenforced = value_dict_get(given, "warn_unenforced");
    struct value unsupported = value_dict_get(given, "warn_unsupported");
    struct value to = value_dict_get(given, "to");
    struct value to_columns = value_dict_get(given, "to_columns");
    struct value columns = value_dict_get(given, "columns");

    value_dict_put(out, "type", value_dict_get(given, "type"));
    for (size_t i = 0; i < 2; i++) {
        struct value v = value_dict_get(given, keys[i]);
        value_dict_put(out, keys[i], value_is_null(v) ? value_none() : v);
    }
    value_dict_put(out, "warn_unenforced", value_bool(value_is_true(unenforced, true)));
    value_dict_put(out, "warn_unsupported",
                   value_bool(value_is_true(unsupported, true)));
    value_dict_put(out, "to", value_is_null(to) ? value_none() : to);
    value_dict_put(out, "to_columns", project_listify(arena, to_columns));
    if (of_model) {
        value_dict_put(out, "columns", project_listify(arena, columns));
    }
    return out;
}

static struct value constraints(struct making *m, struct value list, bool of_model)
{
    struct value out = value_list_new(m->arena, value_list_count(list));

    for (size_t i = 0; i < value_list_count(list); i++) {
        value_list_push(
            out, artifact_constraint(value_list_at(list, i), of_model, m->arena));
    }
    return out;
}

static struct value column(struct making *m, const struct node_column *c)
{
    struct making own = {m->project, m->arena, value_dict_new(m->arena, 10)};

    put_str(&own, "name", c->name);
    put_str(&own, "description", c->description);
    put(&own, "meta", c->meta);
    put_str(&own, "data_type", c->data_type);
    put(&own, "constraints", constraints(m, c->constraints, false));
    put(&own, "quote", c->quote < 0 ? value_none() : value_bool(c->quote != 0));
    put(&own, "config", c->config);
    put(&own, "tags", c->tags);
    put(&own, "granularity", c->granularity);
    put(&own, "doc_blocks", or_empty_list(m, c->doc_blocks));
    return own.dict;
}

static void put_columns(struct making *m, const struct node *node)
{
    struct value dict = value_dict_new(m->arena, node->column_count);

    for (size_t i = 0; i < node->column_count; i++) {
        value_dict_put(dict, node->columns[i].name, column(m, &node->columns[i]));
    }
    put(m, "columns", dict);
}

static struct value refs(struct making *m, const struct node *node)
{
    struct value list = value_list_new(m->arena, node->ref_count);

    for (size_t i = 0; i < node->ref_count; i++) {
        const struct node_ref *ref = &node->refs[i];
        struct making own = {m->project, m->arena, value_dict_new(m->arena, 3)};
        put_str(&own, "name", ref->name);
        put_str(&own, "package", ref->package);
        put(&own, "version", ref->version);
        value_list_push(list, own.dict);
    }
    return list;
}

static struct value sources(struct making *m, const struct node *node)
{
    struct value list = value_list_new(m->arena, node->source_count);

    for (size_t i = 0; i < node->source_count; i++) {
        const char *const parts[] = {node->sources[i].source, node->sources[i].table};
        value_list_push(list, strings(m, parts, 2));
    }
    return list;
}

static void put_depends_on(struct making *m, const struct node *node, bool nodes_too)
{
    struct making own = {m->project, m->arena, value_dict_new(m->arena, 2)};
    struct value macros = value_list_new(m->arena, node->macro_count);
    struct value nodes = value_list_new(m->arena, node->parents.count);

    for (size_t i = 0; i < node->macro_count; i++) {
        value_list_push(macros, value_str(node->macros[i]->unique_id));
    }
    put(&own, "macros", macros);
    for (size_t i = 0; nodes_too && i < node->parents.count; i++) {
        value_list_push(nodes, value_str(node->parents.items[i]->unique_id));
    }
    if (nodes_too) {
        put(&own, "nodes", nodes);
    }
    put(m, "depends_on", own.dict);
}

/* Python's repr of a column's or model's constraints, which dbt hashes. */
static void repr_constraints(struct making *m, struct value list, bool of_model,
                             struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value c =
            artifact_constraint(value_list_at(list, i), of_model, m->arena);
        size_t at = 0;
        buf_addf(out, "%s%sLevelConstraint(", i > 0 ? ", " : "",
                 of_model ? "Model" : "Column");
        for (const struct value_pair *p; (p = value_dict_next(c, &at)) != NULL;) {
            const char *type = value_cstr(p->value, "");
            buf_addf(out, "%s%s=", at > 1 ? ", " : "", p->key.as.s);
            if (str_eq(p->key.as.s, "type")) {
                buf_addf(out, "<ConstraintType.%s: '%s'>", type, type);
            } else {
                project_python_repr(p->value, out);
            }
        }
        buf_addc(out, ')');
    }
    buf_addc(out, ']');
}

static int compare_columns(const void *a, const void *b)
{
    return strcmp((*(const struct node_column *const *)a)->name,
                  (*(const struct node_column *const *)b)->name);
}

struct value artifact_contract_checksum(const struct project *project,
                                        const struct node *node, struct arena *arena)
{
    struct making m = {project, arena, value_undefined()};
    struct buf text = {0};

    if (!node->contract_enforced || node->type != NODE_MODEL) {
        return value_none();
    }
    const struct node_column **columns =
        arena_array(arena, const struct node_column *, node->column_count + 1);
    for (size_t i = 0; i < node->column_count; i++) {
        columns[i] = &node->columns[i];
    }
    if (node->column_count > 1) {
        qsort(columns, node->column_count, sizeof(*columns), compare_columns);
    }
    for (size_t i = 0; i < node->column_count; i++) {
        buf_addf(&text, "|%s%s", columns[i]->name,
                 columns[i]->data_type != NULL ? columns[i]->data_type : "None");
        repr_constraints(&m, columns[i]->constraints, false, &text);
    }
    if (str_eq(node_materialized(node), "table") ||
        str_eq(node_materialized(node), "incremental")) {
        buf_adds(&text, node_materialized(node));
        repr_constraints(&m, node->constraints, true, &text);
    }
    struct value out = value_str(project_sha256(arena, buf_str(&text), text.len));
    buf_fini(&text);
    return out;
}

static void put_contract(struct making *m, const struct node *node)
{
    struct value config = node_config(node, "contract");
    struct making own = {m->project, m->arena, value_dict_new(m->arena, 3)};

    put(&own, "enforced", value_bool(node->contract_enforced));
    put(&own, "alias_types",
        value_bool(value_is_true(value_dict_get(config, "alias_types"), true)));
    put(&own, "checksum", artifact_contract_checksum(m->project, node, m->arena));
    put(m, "contract", own.dict);
}

static void add_once(struct value list, const char *name)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_eq(value_cstr(value_list_at(list, i), ""), name)) {
            return;
        }
    }
    value_list_push(list, value_str(name));
}

static bool contains(struct value list, const char *name)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_eq(value_cstr(value_list_at(list, i), ""), name)) {
            return true;
        }
    }
    return false;
}

/* The columns that the tests say are unique, or not null. */
static void tested_columns(const struct node *node, const struct node_list *tests,
                           struct value unique, struct value not_null)
{
    for (size_t i = 0; i < tests->count; i++) {
        const struct node_test *test = tests->items[i]->test;
        if (test == NULL || !test->generic || test->attached_node != node) {
            continue;
        }
        struct value name = value_dict_get(test->kwargs, "column_name");
        struct value names = value_dict_get(test->kwargs, "combination_of_columns");
        bool is_unique = str_eq(test->test_name, "unique") ||
                         str_eq(test->test_name, "unique_combination_of_columns");
        if (name.type == VALUE_STRING) {
            if (is_unique || str_eq(test->test_name, "not_null")) {
                add_once(is_unique ? unique : not_null, name.as.s);
            }
            continue;
        }
        for (size_t k = 0; is_unique && k < value_list_count(names); k++) {
            add_once(unique, value_cstr(value_list_at(names, k), ""));
        }
    }
}

static bool is_primary_key(struct value constraint)
{
    return str_eq(value_cstr(value_dict_get(constraint, "type"), ""), "primary_key");
}

/* dbt's guess: constraints, else columns tested unique and not null, else unique. */
static struct value primary_key(struct making *m, const struct node *node)
{
    struct value unique = empty_list(m);
    struct value not_null = empty_list(m);
    struct value both = empty_list(m);
    struct value ignored = empty_list(m);

    for (size_t i = 0; i < value_list_count(node->constraints); i++) {
        struct value c = value_list_at(node->constraints, i);
        if (is_primary_key(c)) {
            return project_listify(m->arena, value_dict_get(c, "columns"));
        }
    }
    for (size_t i = 0; i < node->column_count; i++) {
        struct value list = node->columns[i].constraints;
        for (size_t k = 0; k < value_list_count(list); k++) {
            if (is_primary_key(value_list_at(list, k))) {
                return strings(m, &node->columns[i].name, 1);
            }
        }
    }
    tested_columns(node, &node->children, unique, not_null);
    bool enabled = value_list_count(unique) > 0;
    tested_columns(node, &m->project->disabled, enabled ? ignored : unique, not_null);
    for (size_t i = 0; i < value_list_count(not_null); i++) {
        const char *name = value_list_at(not_null, i).as.s;
        if (contains(unique, name)) {
            value_list_push(both, value_str(name));
        }
    }
    return value_list_count(both) > 0 ? both : unique;
}

static const char *patch_path(struct making *m, const struct node *node)
{
    if (node->patch_file == NULL || (node->test != NULL && node->test->generic)) {
        return NULL;
    }
    return arena_printf(m->arena, "%s://%s", node->patch_file->package->name,
                        node->patch_file->path);
}

/* ---- each kind ---- */

static void put_names(struct making *m, const struct node *node)
{
    put_str(m, "name", node->name);
    put_str(m, "resource_type", node_type_name(node->type));
    put_str(m, "package_name", node->package->name);
    put_str(m, "path", node->path);
    put_str(m, "original_file_path", node->file->path);
    put_str(m, "unique_id", node->unique_id);
    put(m, "fqn", strings(m, node->fqn, node->fqn_count));
}

static void put_compiled(struct making *m, const struct artifact_compiled *compiled)
{
    if (compiled == NULL) {
        put(m, "compiled_path", value_none());
        return;
    }
    put_str(m, "compiled_path", compiled->path);
    put(m, "compiled", value_bool(true));
    put_str(m, "compiled_code", compiled->code);
    put(m, "extra_ctes_injected", value_bool(true));
    put(m, "extra_ctes", or_empty_list(m, compiled->extra_ctes));
}

static void put_test(struct making *m, const struct node *node)
{
    const struct node_test *test = node->test;
    struct making own = {m->project, m->arena, value_dict_new(m->arena, 3)};

    if (test == NULL || !test->generic) {
        return;
    }
    put_str(m, "column_name", test->column_name);
    put_str(m, "file_key_name", test->file_key_name);
    put_str(m, "attached_node",
            test->attached_node != NULL ? test->attached_node->unique_id : NULL);
    put_str(&own, "name", test->test_name);
    put(&own, "kwargs", test->kwargs);
    put_str(&own, "namespace", test->namespace);
    put(m, "test_metadata", own.dict);
}

static void put_model(struct making *m, const struct node *node)
{
    static const char *const access[] = {"private", "protected", "public"};

    put_str(m, "access", access[node->access]);
    put(m, "constraints", constraints(m, node->constraints, true));
    put(m, "version", node->version);
    put(m, "latest_version", node->latest_version);
    put(m, "deprecation_date", node->deprecation_date);
    put(m, "primary_key", primary_key(m, node));
    put(m, "time_spine", value_none());
}

static void put_body(struct making *m, const struct node *node,
                     const struct artifact_compiled *compiled)
{
    put_str(m, "language", node->language);
    put(m, "refs", refs(m, node));
    put(m, "sources", sources(m, node));
    put(m, "metrics", empty_list(m));
    put(m, "functions", empty_list(m));
    put_depends_on(m, node, true);
    put_compiled(m, compiled);
    put_contract(m, node);
    put_test(m, node);
    if (node->type == NODE_MODEL) {
        put_model(m, node);
    } else if (node->type == NODE_OPERATION) {
        put(m, "index", value_int(node->hook_index));
    }
}

static void put_plain(struct making *m, const struct node *node,
                      const struct artifact_compiled *compiled)
{
    struct making sum = {m->project, m->arena, value_dict_new(m->arena, 2)};

    put_str(m, "database", node->database);
    put_str(m, "schema", node->schema);
    put_names(m, node);
    put_str(m, "alias", node->alias);
    put_str(&sum, "name", node->checksum_name);
    put_str(&sum, "checksum", node->checksum);
    put(m, "checksum", sum.dict);
    put(m, "config", or_empty_dict(m, node->config));
    put(m, "tags", or_empty_list(m, node->tags));
    put_str(m, "description", node->description);
    put_columns(m, node);
    put(m, "meta", or_empty_dict(m, node->meta));
    put_str(m, "group", node->group);
    put(m, "docs",
        node->docs.type == VALUE_DICT ? node->docs : artifact_docs(m->arena));
    put_str(m, "patch_path", patch_path(m, node));
    put(m, "build_path", value_none());
    put(m, "unrendered_config", or_empty_dict(m, node->unrendered_config));
    put(m, "created_at", value_float(node->created_at));
    put_str(m, "relation_name", node->relation_name);
    put(m, "raw_code", value_str_n(node->raw_code, node->raw_code_len));
    put(m, "doc_blocks", or_empty_list(m, node->doc_blocks));
    if (node->type == NODE_SEED) {
        put_str(m, "root_path", node->package->root);
        put_depends_on(m, node, false);
    } else {
        put_body(m, node, compiled);
    }
}

static void put_source(struct making *m, const struct node *node)
{
    const struct node_source *source = node->source;

    put_str(m, "database", node->database);
    put_str(m, "schema", node->schema);
    put_names(m, node);
    put_str(m, "source_name", source->source_name);
    put_str(m, "source_description", source->source_description);
    put_str(m, "loader", source->loader);
    put_str(m, "identifier", source->identifier);
    put(m, "quoting", source->quoting);
    put(m, "loaded_at_field", source->loaded_at_field);
    put(m, "loaded_at_query", source->loaded_at_query);
    put(m, "freshness", source->freshness);
    put(m, "external", source->external);
    put_str(m, "description", node->description);
    put_columns(m, node);
    put(m, "meta", or_empty_dict(m, node->meta));
    put(m, "source_meta", source->source_meta);
    put(m, "tags", or_empty_list(m, node->tags));
    put(m, "config", or_empty_dict(m, node->config));
    put(m, "patch_path", value_none());
    put(m, "unrendered_config", or_empty_dict(m, node->unrendered_config));
    put_str(m, "relation_name", node->relation_name);
    put(m, "created_at", value_float(node->created_at));
    put_str(m, "unrendered_database", source->unrendered_database);
    put_str(m, "unrendered_schema", source->unrendered_schema);
    put(m, "doc_blocks", or_empty_list(m, node->doc_blocks));
}

static void put_exposure(struct making *m, const struct node *node)
{
    const struct node_exposure *exposure = node->exposure;

    put_names(m, node);
    put_str(m, "type", exposure->type);
    put(m, "owner", exposure->owner);
    put_str(m, "description", node->description);
    put_str(m, "label", exposure->label);
    put_str(m, "maturity", exposure->maturity);
    put(m, "meta", or_empty_dict(m, node->meta));
    put(m, "tags", or_empty_list(m, node->tags));
    put(m, "config", or_empty_dict(m, node->config));
    put(m, "unrendered_config", or_empty_dict(m, node->unrendered_config));
    put_str(m, "url", exposure->url);
    put_depends_on(m, node, true);
    put(m, "refs", refs(m, node));
    put(m, "sources", sources(m, node));
    put(m, "metrics", empty_list(m));
    put(m, "created_at", value_float(node->created_at));
}

static void put_unit_test(struct making *m, const struct node *node)
{
    const struct node_unit_test *unit = node->unit_test;

    put_str(m, "model", unit->model);
    put(m, "given", unit->given);
    put(m, "expect", unit->expect);
    put_names(m, node);
    put_str(m, "description", node->description);
    put(m, "overrides", unit->overrides);
    put_depends_on(m, node, true);
    put(m, "config", or_empty_dict(m, node->config));
    put_str(m, "checksum", node->checksum);
    put_str(m, "schema", node->schema);
    put(m, "created_at", value_float(node->created_at));
    put(m, "versions", value_is_null(unit->versions) ? value_none() : unit->versions);
    put(m, "version", node->version);
}

struct value artifact_docs(struct arena *arena)
{
    struct value docs = value_dict_new(arena, 2);

    value_dict_put(docs, "show", value_bool(true));
    value_dict_put(docs, "node_color", value_none());
    return docs;
}

struct value artifact_node(const struct project *project, const struct node *node,
                           const struct artifact_compiled *compiled,
                           struct arena *arena)
{
    struct making m = {project, arena, value_dict_new(arena, 48)};

    switch (node->type) {
    case NODE_SOURCE:
        put_source(&m, node);
        break;
    case NODE_EXPOSURE:
        put_exposure(&m, node);
        break;
    case NODE_UNIT_TEST:
        put_unit_test(&m, node);
        break;
    default:
        put_plain(&m, node, compiled);
        break;
    }
    return m.dict;
}

struct value artifact_macro(const struct project *project, const struct macro *macro,
                            struct arena *arena)
{
    struct making m = {project, arena, value_dict_new(arena, 18)};
    struct making depends = {project, arena, value_dict_new(arena, 1)};
    struct making config = {project, arena, value_dict_new(arena, 2)};
    struct value used = value_list_new(arena, macro->use_count);

    for (size_t i = 0; i < macro->use_count; i++) {
        value_list_push(used, value_str(macro->uses[i]->unique_id));
    }
    put_str(&m, "name", macro->name);
    put_str(&m, "resource_type", "macro");
    put_str(&m, "package_name", macro->package->name);
    put_str(&m, "path", macro->file->path);
    put_str(&m, "original_file_path", macro->file->path);
    put_str(&m, "unique_id", macro->unique_id);
    put(&m, "macro_sql", value_str_n(macro->text, macro->len));
    put(&depends, "macros", used);
    put(&m, "depends_on", depends.dict);
    put_str(&m, "description", macro->description);
    put(&m, "meta", macro->meta);
    put(&m, "docs", macro->docs);
    put(&config, "meta", macro->meta);
    put(&config, "docs", macro->docs);
    put(&m, "config", config.dict);
    put_str(&m, "patch_path",
            macro->patch_file != NULL
                ? arena_printf(arena, "%s://%s", macro->patch_file->package->name,
                               macro->patch_file->path)
                : NULL);
    put(&m, "arguments", macro->arguments);
    put(&m, "created_at", value_float(project->started_at));
    put(&m, "supported_languages", macro->supported_languages);
    return m.dict;
}
