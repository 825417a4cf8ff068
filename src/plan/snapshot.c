#include "config.h"

#include "plan/planner.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "value/json.h"

#define SNAPSHOT_FORMAT 1
#define SNAPSHOT_MAX    ((size_t)256 * 1024 * 1024)

static char *snapshot_path(struct planner *planner)
{
    return arena_printf(planner->arena, "%s/cflowsh_observed.json",
                        planner->project->target_path);
}

static struct value text_or_none(const char *text)
{
    return text != NULL ? value_str(text) : value_none();
}

/* ---- writing ---- */

static struct value names_value(struct arena *arena, const char *const *names,
                                size_t count)
{
    struct value list = value_list_new(arena, count);

    for (size_t i = 0; i < count; i++) {
        value_list_push(list, value_str(names[i]));
    }
    return list;
}

static struct value column_value(struct arena *arena, const struct drift_column *column)
{
    struct value dict = value_dict_new(arena, 5);

    value_dict_put(dict, "name", value_str(column->name));
    value_dict_put(dict, "type", text_or_none(column->type));
    value_dict_put(dict, "comment", text_or_none(column->comment));
    value_dict_put(dict, "not_null", value_bool(column->not_null));
    value_dict_put(dict, "physical", value_bool(column->nullability_known));
    return dict;
}

static struct value relation_to_value(struct arena *arena,
                                      const struct plan_relation *relation)
{
    const struct drift_relation *drift = &relation->drift;
    struct value dict = value_dict_new(arena, 16);
    struct value columns = value_list_new(arena, drift->column_count);
    struct value options = value_dict_new(arena, drift->option_count);

    for (size_t i = 0; i < drift->column_count; i++) {
        value_list_push(columns, column_value(arena, &drift->columns[i]));
    }
    for (size_t i = 0; i < drift->option_count; i++) {
        value_dict_put(options, drift->options[i].key,
                       value_str(drift->options[i].value));
    }
    value_dict_put(dict, "database", value_str(relation->name.database));
    value_dict_put(dict, "schema", value_str(relation->name.schema));
    value_dict_put(dict, "identifier", value_str(relation->name.identifier));
    value_dict_put(dict, "kind", value_int(drift->kind));
    value_dict_put(dict, "definition", text_or_none(relation->definition));
    value_dict_put(dict, "columns", columns);
    value_dict_put(dict, "options", options);
    value_dict_put(dict, "distributed", value_bool(drift->distributed));
    value_dict_put(dict, "distribution",
                   names_value(arena, drift->distribution_columns,
                               drift->distribution_column_count));
    value_dict_put(dict, "buckets", value_int(drift->buckets));
    value_dict_put(dict, "primary_key_known", value_bool(drift->primary_key_known));
    value_dict_put(dict, "primary_key",
                   names_value(arena, drift->primary_key, drift->primary_key_count));
    value_dict_put(dict, "watermark_column", text_or_none(drift->watermark_column));
    value_dict_put(dict, "watermark_expression",
                   text_or_none(drift->watermark_expression));
    value_dict_put(dict, "comment", text_or_none(drift->comment));
    return dict;
}

static struct value statement_to_value(struct arena *arena,
                                       const struct plan_statement *statement)
{
    struct value dict = value_dict_new(arena, 10);

    value_dict_put(dict, "name", value_str(statement->name));
    value_dict_put(dict, "state", value_int(statement->state));
    value_dict_put(dict, "phase", text_or_none(statement->phase));
    value_dict_put(dict, "detail", text_or_none(statement->detail));
    value_dict_put(dict, "query", text_or_none(statement->query));
    value_dict_put(dict, "target", text_or_none(statement->target));
    value_dict_put(dict, "project", text_or_none(statement->project));
    value_dict_put(dict, "labelled", value_bool(statement->labelled));
    value_dict_put(dict, "has_offsets", value_bool(statement->has_offsets));
    value_dict_put(dict, "insert", value_bool(statement->insert));
    return dict;
}

void plan_snapshot_save(struct planner *planner)
{
    const struct observed *observed = &planner->observed;
    struct arena arena = {0};
    struct buf out = BUF_INIT;
    struct err err = {0};
    char now[CLOCK_ISO_SIZE];
    struct value root = value_dict_new(&arena, 5);
    struct value relations = value_list_new(&arena, observed->relations.count);
    struct value statements = value_list_new(&arena, observed->by_name.count);

    for (size_t i = 0; i < observed->relations.count; i++) {
        value_list_push(
            relations, relation_to_value(&arena, observed->relations.entries[i].value));
    }
    for (size_t i = 0; i < observed->by_name.count; i++) {
        value_list_push(statements,
                        statement_to_value(&arena, observed->by_name.entries[i].value));
    }
    clock_iso(clock_wall_ms(), now);
    value_dict_put(root, "format", value_int(SNAPSHOT_FORMAT));
    value_dict_put(root, "observed_at", value_str(now));
    value_dict_put(root, "environment", value_str(planner->plan->environment));
    value_dict_put(root, "relations", relations);
    value_dict_put(root, "statements", statements);
    if (json_write(root, JSON_COMPACT, &out, &err) == 0 &&
        path_mkdirs(planner->project->target_path, &err) == 0) {
        path_write(snapshot_path(planner), buf_str(&out), out.len, 0600, &err);
    }
    buf_fini(&out);
    arena_fini(&arena);
}

/* ---- reading: a cache, so whatever does not fit is left out ---- */

static const char *get(struct value dict, const char *key)
{
    return value_cstr(value_dict_get(dict, key), NULL);
}

static int64_t get_number(struct value dict, const char *key, int64_t max)
{
    struct value v = value_dict_get(dict, key);

    return value_is(v, VALUE_INT) && v.as.i >= 0 && v.as.i <= max ? v.as.i : 0;
}

static const char **get_names(struct arena *arena, struct value dict, const char *key,
                              size_t *count)
{
    struct value list = value_dict_get(dict, key);
    size_t n = value_list_count(list);
    const char **names = arena_array(arena, const char *, n + 1);

    for (size_t i = 0; i < n; i++) {
        names[i] = value_cstr(value_list_at(list, i), "");
    }
    *count = n;
    return names;
}

static void read_columns(struct arena *arena, struct value v,
                         struct drift_relation *out)
{
    struct value list = value_dict_get(v, "columns");
    size_t count = value_list_count(list);
    struct drift_column *columns = arena_array(arena, struct drift_column, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct value c = value_list_at(list, i);
        columns[i] = (struct drift_column){
            .name = value_cstr(value_dict_get(c, "name"), ""),
            .type = get(c, "type"),
            .comment = get(c, "comment"),
            .not_null = value_is_true(value_dict_get(c, "not_null"), false),
            .nullability_known = value_is_true(value_dict_get(c, "physical"), false),
        };
    }
    out->columns = columns;
    out->column_count = count;
    out->columns_known = count > 0;
}

static void read_options(struct arena *arena, struct value v,
                         struct drift_relation *out)
{
    struct value dict = value_dict_get(v, "options");
    struct drift_option *options =
        arena_array(arena, struct drift_option, value_dict_count(dict) + 1);
    size_t at = 0;
    const struct value_pair *pair;

    while ((pair = value_dict_next(dict, &at)) != NULL) {
        options[out->option_count++] = (struct drift_option){
            value_cstr(pair->key, ""), value_cstr(pair->value, "")};
    }
    out->options = options;
}

static void read_relation(struct observed *observed, struct value v)
{
    struct arena *arena = observed->arena;
    struct plan_relation *relation = arena_new(arena, struct plan_relation);
    struct drift_relation *drift = &relation->drift;

    relation->name = (struct step_relation){get(v, "database"), get(v, "schema"),
                                            get(v, "identifier")};
    if (relation->name.database == NULL || relation->name.schema == NULL ||
        relation->name.identifier == NULL) {
        return;
    }
    relation->key = plan_relation_key(arena, &relation->name);
    relation->text =
        arena_printf(arena, "%s.%s.%s", model_quote(arena, relation->name.database),
                     model_quote(arena, relation->name.schema),
                     model_quote(arena, relation->name.identifier));
    relation->definition = get(v, "definition");
    drift->kind = (enum drift_relation_kind)get_number(v, "kind", DRIFT_EXTERNAL);
    read_columns(arena, v, drift);
    read_options(arena, v, drift);
    drift->distributed = value_is_true(value_dict_get(v, "distributed"), false);
    drift->distribution_columns =
        get_names(arena, v, "distribution", &drift->distribution_column_count);
    drift->buckets = (int)get_number(v, "buckets", 1000000);
    drift->primary_key_known =
        value_is_true(value_dict_get(v, "primary_key_known"), false);
    drift->primary_key = get_names(arena, v, "primary_key", &drift->primary_key_count);
    drift->watermark_known = true;
    drift->watermark_column = get(v, "watermark_column");
    drift->watermark_expression = get(v, "watermark_expression");
    drift->comment = get(v, "comment");
    map_put(&observed->relations, relation->key, relation);
}

static void read_statement(struct observed *observed, struct value v)
{
    struct plan_statement *statement =
        arena_new(observed->arena, struct plan_statement);

    *statement = (struct plan_statement){
        .name = get(v, "name"),
        .state =
            (enum plan_statement_state)get_number(v, "state", PLAN_STATEMENT_MOVING),
        .phase = value_cstr(value_dict_get(v, "phase"), ""),
        .detail = value_cstr(value_dict_get(v, "detail"), ""),
        .sql = "",
        .query = get(v, "query"),
        .target = get(v, "target"),
        .project = get(v, "project"),
        .labelled = value_is_true(value_dict_get(v, "labelled"), false),
        .has_offsets = value_is_true(value_dict_get(v, "has_offsets"), false),
        .insert = value_is_true(value_dict_get(v, "insert"), false),
    };
    if (statement->name != NULL) {
        observed_add_statement(observed, statement);
    }
}

bool plan_snapshot_load(struct planner *planner, const char **observed_at)
{
    struct buf text = BUF_INIT;
    struct err err = {0};
    struct value root = value_undefined();
    const char *path = snapshot_path(planner);

    bool ok =
        path_read(path, SNAPSHOT_MAX, &text, &err) == 0 &&
        json_parse(buf_str(&text), text.len, path, planner->arena, &root, &err) == 0 &&
        get_number(root, "format", 1000) == SNAPSHOT_FORMAT &&
        str_eq(value_cstr(value_dict_get(root, "environment"), ""),
               planner->plan->environment);
    buf_fini(&text);
    if (!ok) {
        return false;
    }
    struct value relations = value_dict_get(root, "relations");
    for (size_t i = 0; i < value_list_count(relations); i++) {
        read_relation(&planner->observed, value_list_at(relations, i));
    }
    struct value statements = value_dict_get(root, "statements");
    for (size_t i = 0; i < value_list_count(statements); i++) {
        read_statement(&planner->observed, value_list_at(statements, i));
    }
    *observed_at = value_cstr(value_dict_get(root, "observed_at"), "?");
    return true;
}
