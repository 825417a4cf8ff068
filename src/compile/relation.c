/* Relations as templates see them: dbt-adapters' BaseRelation, back-quoted. */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include "base/str.h"

static const char *const part_names[RELATION_PARTS] = {"database", "schema",
                                                       "identifier"};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- text --------------------------------------------------------------------------
 */

static void render_part(const struct relation *relation, int part, struct buf *out)
{
    const char *quote = relation->is_schema ? "\"" : "`";

    if (relation->quote[part]) {
        buf_addf(out, "%s%s%s", quote, relation->part[part], quote);
    } else {
        buf_adds(out, relation->part[part]);
    }
}

void relation_render(const struct relation *relation, struct buf *out)
{
    const char *dot = "";

    for (int i = 0; i < RELATION_PARTS; i++) {
        if (relation->include[i] && relation->part[i] != NULL) {
            buf_adds(out, dot);
            render_part(relation, i, out);
            dot = ".";
        }
    }
    if (relation->view != NULL) {
        buf_addf(out, "%s%s", dot, relation->view);
    }
}

void relation_text(const struct relation *relation, struct buf *out)
{
    if (!relation->limited) {
        relation_render(relation, out);
        return;
    }
    buf_adds(out, "(select * from ");
    relation_render(relation, out);
    buf_addf(out, " where false limit 0) _dbt_limit_subq_%s",
             relation->part[RELATION_IDENTIFIER]);
}

/* ---- making them
 * --------------------------------------------------------------------- */

static const struct jinja_class relation_class;

struct relation *relation_new(struct arena *arena, const char *database,
                              const char *schema, const char *identifier,
                              const char *type)
{
    struct relation *relation = arena_new(arena, struct relation);

    relation->base.class = &relation_class.base;
    relation->part[RELATION_DATABASE] = database;
    relation->part[RELATION_SCHEMA] = schema;
    relation->part[RELATION_IDENTIFIER] = identifier;
    relation->type = type;
    for (int i = 0; i < RELATION_PARTS; i++) {
        relation->include[i] = true;
        relation->quote[i] = true;
    }
    return relation;
}

static struct relation *copy_relation(struct arena *arena, const struct relation *from)
{
    struct relation *relation = arena_new(arena, struct relation);

    *relation = *from;
    return relation;
}

static void apply_policy(bool policy[RELATION_PARTS], struct value dict)
{
    for (int i = 0; i < RELATION_PARTS; i++) {
        struct value wanted = value_dict_get(dict, part_names[i]);
        if (!value_is_null(wanted)) {
            policy[i] = jinja_truth(wanted);
        }
    }
}

void relation_apply_quoting(struct relation *relation, struct value quoting)
{
    apply_policy(relation->quote, quoting);
}

struct relation *relation_of_node(struct arena *arena, const struct project *project,
                                  const struct node *node)
{
    struct relation *relation =
        relation_new(arena, node->database, node->schema, node->alias, NULL);

    if (node->type == NODE_SOURCE) {
        if (node->source != NULL) {
            relation->part[RELATION_IDENTIFIER] = node->source->identifier;
            relation_apply_quoting(relation, node->source->quoting);
        }
        return relation;
    }
    if (project->package != NULL) {
        relation_apply_quoting(relation,
                               value_dict_get(project->package->config, "quoting"));
    }
    relation_apply_quoting(relation, node_config(node, "quoting"));
    return relation;
}

struct relation *relation_of_ephemeral(struct arena *arena, const char *alias)
{
    struct relation *relation = relation_new(
        arena, NULL, NULL, arena_printf(arena, "__dbt__cte__%s", alias), "cte");

    relation->quote[RELATION_IDENTIFIER] = false;
    return relation;
}

struct value relation_value(struct relation *relation)
{
    return jinja_object_value(&relation->base);
}

struct relation *relation_from(struct value v)
{
    return jinja_is_a(v, &relation_class) ? (struct relation *)v.as.obj : NULL;
}

/* ---- methods
 * -------------------------------------------------------------------------- */

static struct value part_value(const char *part)
{
    return part != NULL ? value_str(part) : value_none();
}

static int want_part(struct jinja_call *call, const char *what, struct value v,
                     const char **out)
{
    if (value_is_null(v)) {
        *out = NULL;
        return 0;
    }
    if (!value_is_str(v)) {
        return jinja_raise(call->run, "TypeError", "%s must be str or None, not %s",
                           what, jinja_type_name(v));
    }
    *out = v.as.s;
    return 0;
}

/* include() and quote(): copies with a changed policy. */
static int change_policy(struct jinja_call *call, size_t offset, struct value *out)
{
    static const struct jinja_param params[] = {{"database", JINJA_OPTIONAL},
                                                {"schema", JINJA_OPTIONAL},
                                                {"identifier", JINJA_OPTIONAL}};
    struct relation *relation = copy_relation(call->arena, call->context);
    bool *policy = (bool *)((char *)relation + offset);
    struct value args[3];

    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    for (int i = 0; i < RELATION_PARTS; i++) {
        if (!value_is_null(args[i])) {
            policy[i] = jinja_truth(args[i]);
        }
    }
    *out = relation_value(relation);
    return 0;
}

static int call_include(struct jinja_call *call, struct value *out)
{
    return change_policy(call, offsetof(struct relation, include), out);
}

static int call_quote(struct jinja_call *call, struct value *out)
{
    return change_policy(call, offsetof(struct relation, quote), out);
}

static int set_path(struct jinja_call *call, struct relation *relation,
                    struct value path)
{
    for (int i = 0; i < RELATION_PARTS; i++) {
        if (value_dict_has(path, part_names[i]) &&
            want_part(call, part_names[i], value_dict_get(path, part_names[i]),
                      &relation->part[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static struct value keyword(const struct jinja_call *call, const char *name)
{
    for (size_t i = 0; i < call->kwarg_count; i++) {
        if (strcmp(value_cstr(call->kwargs[i].name, ""), name) == 0) {
            return call->kwargs[i].value;
        }
    }
    return value_undefined();
}

/* incorporate(path={…}, type=…) */
static int call_incorporate(struct jinja_call *call, struct value *out)
{
    struct relation *relation = copy_relation(call->arena, call->context);
    struct value type = keyword(call, "type");

    if (set_path(call, relation, keyword(call, "path")) != 0 ||
        (!value_is(type, VALUE_UNDEFINED) &&
         want_part(call, "type", type, &relation->type) != 0)) {
        return -1;
    }
    relation_apply_quoting(relation, keyword(call, "quote_policy"));
    apply_policy(relation->include, keyword(call, "include_policy"));
    *out = relation_value(relation);
    return 0;
}

static int call_replace_path(struct jinja_call *call, struct value *out)
{
    struct relation *relation = copy_relation(call->arena, call->context);

    for (int i = 0; i < RELATION_PARTS; i++) {
        struct value part = keyword(call, part_names[i]);
        if (!value_is(part, VALUE_UNDEFINED) &&
            want_part(call, part_names[i], part, &relation->part[i]) != 0) {
            return -1;
        }
    }
    *out = relation_value(relation);
    return 0;
}

static int call_without_identifier(struct jinja_call *call, struct value *out)
{
    struct relation *relation = copy_relation(call->arena, call->context);

    relation->part[RELATION_IDENTIFIER] = NULL;
    relation->include[RELATION_IDENTIFIER] = false;
    *out = relation_value(relation);
    return 0;
}

static int call_information_schema(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"view_name", JINJA_OPTIONAL}};
    struct relation *relation = copy_relation(call->arena, call->context);
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    relation->part[RELATION_SCHEMA] = NULL;
    relation->part[RELATION_IDENTIFIER] = "INFORMATION_SCHEMA";
    relation->include[RELATION_DATABASE] = relation->part[RELATION_DATABASE] != NULL;
    relation->include[RELATION_IDENTIFIER] = true;
    relation->quote[RELATION_IDENTIFIER] = false;
    relation->type = "view";
    relation->is_schema = true;
    relation->view = value_cstr(arg, NULL);
    *out = relation_value(relation);
    return 0;
}

static int call_render(struct jinja_call *call, struct value *out)
{
    struct buf text = BUF_INIT;

    relation_render(call->context, &text);
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}

static int call_quoted(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"identifier", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "`%s`", arg.as.s));
    return 0;
}

/* get('metadata') is what dbt_utils asks; everything else is an attribute. */
static int call_get(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"key", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (value_is_str(args[0]) && strcmp(args[0].as.s, "metadata") == 0) {
        *out = value_dict_new(call->arena, 1);
        value_dict_put(*out, "type", value_str("ConfluentRelation"));
        return 0;
    }
    struct value self = relation_value(call->context);
    if (value_is_str(args[0]) &&
        jinja_getattr(call->run, self, args[0].as.s, out) != 0) {
        return -1;
    }
    if (value_is(*out, VALUE_UNDEFINED)) {
        *out = jinja_is_missing(args[1]) ? value_none() : args[1];
    }
    return 0;
}

static int call_matches(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"database", JINJA_OPTIONAL},
                                                {"schema", JINJA_OPTIONAL},
                                                {"identifier", JINJA_OPTIONAL}};
    const struct relation *relation = call->context;
    struct value args[3];
    bool any = false, same = true;

    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    for (int i = 0; i < RELATION_PARTS; i++) {
        if (!value_is_null(args[i])) {
            any = true;
            same = same && value_is_str(args[i]) &&
                   same_text(relation->part[i], args[i].as.s);
        }
    }
    if (!any) {
        return jinja_raise(call->run, "DbtRuntimeError",
                           "Tried to match relation, but no search path was passed!");
    }
    *out = value_bool(same);
    return 0;
}

static const struct {
    const char *name;
    jinja_function function;
} methods[] = {
    {"get", call_get},
    {"include", call_include},
    {"incorporate", call_incorporate},
    {"information_schema", call_information_schema},
    {"information_schema_only", call_information_schema},
    {"matches", call_matches},
    {"quote", call_quote},
    {"quoted", call_quoted},
    {"render", call_render},
    {"replace_path", call_replace_path},
    {"without_identifier", call_without_identifier},
};

static const struct {
    const char *name;
    const char *type;
} type_names[] =
    {
        {"CTE", "cte"},
        {"External", "external"},
        {"MaterializedView", "materialized_view"},
        {"Table", "table"},
        {"View", "view"},
},
  type_checks[] = {
      {"is_cte", "cte"},
      {"is_materialized_view", "materialized_view"},
      {"is_table", "table"},
      {"is_view", "view"},
};

static struct value policy_value(struct arena *arena, const bool policy[])
{
    struct value dict = value_dict_new(arena, RELATION_PARTS);

    for (int i = 0; i < RELATION_PARTS; i++) {
        value_dict_put(dict, part_names[i], value_bool(policy[i]));
    }
    return dict;
}

static bool find_field(const struct relation *relation, struct arena *arena,
                       const char *name, struct value *out)
{
    for (int i = 0; i < RELATION_PARTS; i++) {
        if (strcmp(name, part_names[i]) == 0) {
            *out = part_value(relation->part[i]);
            return true;
        }
    }
    if (strcmp(name, "name") == 0 || strcmp(name, "table") == 0) {
        *out = part_value(relation->part[RELATION_IDENTIFIER]);
    } else if (strcmp(name, "type") == 0) {
        *out = part_value(relation->type);
    } else if (strcmp(name, "dbt_created") == 0 ||
               strcmp(name, "can_be_renamed") == 0 ||
               strcmp(name, "can_be_replaced") == 0) {
        *out = value_bool(false);
    } else if (strcmp(name, "limit") == 0) {
        *out = relation->limited ? value_int(0) : value_none();
    } else if (strcmp(name, "quote_character") == 0) {
        *out = value_str("`");
    } else if (strcmp(name, "quote_policy") == 0) {
        *out =
            record_value(arena, &record_policy, policy_value(arena, relation->quote));
    } else if (strcmp(name, "include_policy") == 0) {
        *out =
            record_value(arena, &record_policy, policy_value(arena, relation->include));
    } else if (strcmp(name, "path") == 0) {
        struct value dict = value_dict_new(arena, RELATION_PARTS);
        for (int i = 0; i < RELATION_PARTS; i++) {
            value_dict_put(dict, part_names[i], part_value(relation->part[i]));
        }
        *out = record_value(arena, &record_path, dict);
    } else {
        return false;
    }
    return true;
}

static bool find_type_name(const char *name, struct value *out)
{
    for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        if (strcmp(name, type_names[i].name) == 0) {
            *out = value_str(type_names[i].type);
            return true;
        }
    }
    return false;
}

static int relation_getattr(struct value_object *self, struct jinja_run *run,
                            const struct jinja_name *name, struct value *out)
{
    struct relation *relation = (struct relation *)self;
    struct arena *arena = jinja_arena(run);

    if (find_field(relation, arena, name->s, out) || find_type_name(name->s, out)) {
        return 1;
    }
    for (size_t i = 0; i < sizeof type_checks / sizeof type_checks[0]; i++) {
        if (strcmp(name->s, type_checks[i].name) == 0) {
            *out = value_bool(same_text(relation->type, type_checks[i].type));
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(name->s, methods[i].name) == 0) {
            *out = jinja_function_value(arena, methods[i].name, methods[i].function,
                                        relation);
            return 1;
        }
    }
    return 0;
}

static int relation_getitem(struct value_object *self, struct jinja_run *run,
                            struct value key, struct value *out)
{
    return value_is_str(key) &&
           find_field((struct relation *)self, jinja_arena(run), key.as.s, out);
}

static int relation_str(struct value_object *self, struct jinja_run *run,
                        struct buf *out)
{
    (void)run;
    relation_text((struct relation *)self, out);
    return 0;
}

static int relation_repr(struct value_object *self, struct jinja_run *run,
                         struct buf *out)
{
    (void)run;
    buf_adds(out, "<ConfluentRelation ");
    relation_render((struct relation *)self, out);
    buf_addc(out, '>');
    return 0;
}

static bool relation_equal(const struct value_object *self, struct value other)
{
    const struct relation *a = (const struct relation *)self;
    const struct relation *b = relation_from(other);

    if (b == NULL || !same_text(a->type, b->type)) {
        return false;
    }
    for (int i = 0; i < RELATION_PARTS; i++) {
        bool same =
            a->part[i] == b->part[i] || (a->part[i] != NULL && b->part[i] != NULL &&
                                         strcmp(a->part[i], b->part[i]) == 0);
        if (!same || a->include[i] != b->include[i] || a->quote[i] != b->quote[i]) {
            return false;
        }
    }
    return a->limited == b->limited;
}

static uint32_t relation_hash(const struct value_object *self)
{
    struct buf text = BUF_INIT;

    relation_render((const struct relation *)self, &text);
    uint32_t hash = map_hash(buf_str(&text), text.len);
    buf_fini(&text);
    return hash;
}

static const struct jinja_class relation_class = {
    .base = {.name = "ConfluentRelation",
             .equal = relation_equal,
             .hash = relation_hash},
    .getattr = relation_getattr,
    .getitem = relation_getitem,
    .str = relation_str,
    .repr = relation_repr,
    .mapping = true, /* dbt_utils asks */
};

/* ---- api.Relation ------------------------------------------------------------------
 */

static int create_relation(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"database", JINJA_OPTIONAL},   {"schema", JINJA_OPTIONAL},
        {"identifier", JINJA_OPTIONAL}, {"type", JINJA_OPTIONAL},
        {"kwargs", JINJA_KWARGS},
    };
    const struct context *context = context_of(call->run);
    struct value args[5];
    struct relation *relation = relation_new(call->arena, NULL, NULL, NULL, NULL);

    if (jinja_args(call, params, 5, args) != 0) {
        return -1;
    }
    for (int i = 0; i < RELATION_PARTS; i++) {
        if (want_part(call, part_names[i], args[i], &relation->part[i]) != 0) {
            return -1;
        }
    }
    if (want_part(call, "type", args[3], &relation->type) != 0) {
        return -1;
    }
    if (context->project->package != NULL) {
        relation_apply_quoting(
            relation, value_dict_get(context->project->package->config, "quoting"));
    }
    relation_apply_quoting(relation, value_dict_get(args[4], "quote_policy"));
    apply_policy(relation->include, value_dict_get(args[4], "include_policy"));
    *out = relation_value(relation);
    return 0;
}

static int call_add_prefix(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "__dbt__cte__%s", arg.as.s));
    return 0;
}

static int class_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    jinja_function function = strcmp(name->s, "create") == 0 ? create_relation
                              : strcmp(name->s, "add_ephemeral_prefix") == 0
                                  ? call_add_prefix
                                  : NULL;

    if (function == NULL) {
        return find_type_name(name->s, out);
    }
    *out = jinja_function_value(jinja_arena(run), name->s, function, self);
    return 1;
}

static const struct jinja_class relation_class_class = {
    .base = {.name = "RelationProxy"},
    .getattr = class_getattr,
    .call = create_relation,
};

struct value relation_class_value(struct arena *arena)
{
    static struct value_object object = {&relation_class_class.base};

    (void)arena;
    return jinja_object_value(&object);
}
