/* Window table functions: TUMBLE, HOP, CUMULATE, SESSION. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

static const struct sql_expr *unnamed(const struct sql_expr *arg)
{
    return arg->kind == SQL_EXPR_NAMED_ARG ? arg->args[0] : arg;
}

/* The rows that a table argument stands for. */
static struct rel *table_argument(struct infer *in, const struct sql_expr *arg)
{
    struct scope scope = {0};
    struct rel joined = {0};
    if (infer_from(in, &scope, arg->table_arg->input, &joined) < 0) {
        return NULL;
    }
    struct rel *rel = rel_new(in, scope.width);
    size_t at = 0;
    for (size_t s = 0; s < scope.count; s++) {
        const struct rel *part = scope.spaces[s].rel;
        for (size_t i = 0; i < part->count; i++) {
            rel->columns[at++] = part->columns[i];
        }
        rel->unknown = rel->unknown || part->unknown;
    }
    rel_copy_changes(rel, &joined);
    struct view view = {.in = in, .scope = &scope, .clause = "PARTITION BY"};
    for (size_t i = 0; i < arg->table_arg->partition_by.count; i++) {
        if (!infer_expr(&view, arg->table_arg->partition_by.items[i])) {
            return NULL;
        }
    }
    return rel;
}

static const char *descriptor_name(const struct sql_expr *descriptor)
{
    const struct sql_expr *name =
        descriptor->arg_count ? descriptor->args[0] : descriptor;
    return name->name.count ? name->name.parts[name->name.count - 1].text : name->text;
}

/* The time column that DESCRIPTOR names; NULL with an error when it can't be one. */
static const struct sql_type *time_type(struct infer *in, const struct rel *rel,
                                        const struct sql_expr *descriptor)
{
    const struct sql_expr *name =
        descriptor->arg_count ? descriptor->args[0] : descriptor;
    const char *text = descriptor_name(descriptor);
    bool attributes = false;
    for (size_t i = 0; i < rel->count; i++) {
        attributes = attributes || rel->columns[i].type->time_attr;
    }
    for (size_t i = 0; text && i < rel->count; i++) {
        const struct sql_type *type = rel->columns[i].type;
        if (!text_eq(rel->columns[i].name, text)) {
            continue;
        }
        if (type->root == SQL_TYPE_UNKNOWN) {
            return type;
        }
        if (!sql_type_is_timestamp(type)) {
            return infer_error(
                in, name->at,
                "the window function requires the timecol to be "
                "TIMESTAMP or TIMESTAMP_LTZ, but is %s",
                sql_type_text(in->arena, type, SQL_TYPE_FORM_SUMMARY, false));
        }
        if (!type->time_attr && attributes && !text_eq(text, "$rowtime")) {
            return infer_error(
                in, name->at,
                "the window function requires the timecol to be a time attribute type");
        }
        return type;
    }
    if (rel->unknown) {
        return sql_type_unknown();
    }
    return infer_error(in, name->at, "unknown identifier '%s'", text ? text : "");
}

static void add_column(struct rel *rel, const char *name, const struct sql_type *type,
                       enum window_role role)
{
    rel->columns[rel->count++] =
        (struct rel_column){.name = name, .type = type, .role = (uint8_t)role};
}

/* A hidden column is left out unless it is the time column. */
static struct rel *windowed(struct infer *in, const struct rel *input,
                            const struct sql_type *time, const char *shown)
{
    struct rel *rel = rel_new(in, input->count + 3);
    struct arena *arena = in->arena;
    rel_copy_changes(rel, input);
    rel->key_count = 0;
    rel->unknown = input->unknown;
    rel->count = 0;
    for (size_t i = 0; i < input->count; i++) {
        if (input->columns[i].hidden && !text_eq(input->columns[i].name, shown)) {
            continue;
        }
        rel->columns[rel->count] = input->columns[i];
        rel->columns[rel->count].hidden = false;
        rel->columns[rel->count++].role = WINDOW_NONE;
    }
    const struct sql_type *stamp = sql_type_new(arena, SQL_TYPE_TIMESTAMP, 3, 0, false);
    add_column(rel, "window_start", stamp, WINDOW_START);
    add_column(rel, "window_end", stamp, WINDOW_END);
    add_column(rel, "window_time", sql_type_nullable(arena, time, false), WINDOW_TIME);
    return rel;
}

struct rel *infer_window_function(struct infer *in, const struct sql_expr *call)
{
    static const char *const names[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
    const struct sql_expr *table = NULL;
    const struct sql_expr *descriptor = NULL;
    bool known = false;
    for (size_t i = 0; i < 4; i++) {
        known = known ||
                (call->name.count == 1 && str_ieq(call->name.parts[0].text, names[i]));
    }
    if (!known) {
        return NULL;
    }
    size_t spans = 0;
    for (size_t i = 0; i < call->arg_count; i++) {
        const struct sql_expr *arg = unnamed(call->args[i]);
        table = arg->kind == SQL_EXPR_TABLE_ARG ? arg : table;
        descriptor = arg->kind == SQL_EXPR_DESCRIPTOR ? arg : descriptor;
        spans += arg->kind != SQL_EXPR_TABLE_ARG && arg->kind != SQL_EXPR_DESCRIPTOR;
    }
    const char *name = call->name.parts[0].text;
    size_t least = str_ieq(name, "HOP") || str_ieq(name, "CUMULATE") ? 2 : 1;
    if (!table || !descriptor || spans < least) {
        return infer_error(in, call->at, "%s needs a table, DESCRIPTOR(timecol) and %s",
                           name, least == 2 ? "two intervals" : "an interval");
    }
    struct rel *input = table_argument(in, table);
    for (size_t i = 0; input && i < input->count; i++) {
        if (text_eq(input->columns[i].name, "window_start") ||
            text_eq(input->columns[i].name, "window_end") ||
            text_eq(input->columns[i].name, "window_time")) {
            return infer_error(in, table->at, "column '%s' is ambiguous",
                               input->columns[i].name);
        }
    }
    const struct sql_type *time = input ? time_type(in, input, descriptor) : NULL;
    if (!time) {
        return NULL;
    }
    struct rel *rel = windowed(in, input, time, descriptor_name(descriptor));
    rel->session = str_ieq(name, "SESSION");
    rel->session_keys = &table->table_arg->partition_by;
    return rel;
}
